//! The dialect of Alibaba Cloud: Key Management Service, Resource Access Management and Security Token Service.
//!
//! Follows the vendor's RPC style: one path, the operation and its arguments as parameters in the query or in a form, and
//! one of several signatures. The version in a request chooses the service.

pub mod params;
mod policy;
pub mod sign;

mod answer;
mod audit;
mod catalog;
mod chain;
mod client;
mod context;
mod diagnosis;
mod errors;
mod front;
mod head;
mod headers;
mod lint;
mod message;
mod protocol;
mod resource;
mod rules;
mod system;
mod twins;
mod wire;

use std::sync::OnceLock;
use std::time::Duration;

use polykms_core::dialect::{Diagnostics, Dialect, Law, OwnedPrincipal};
use polykms_core::engine::{Caller, Principal, Situation};
use polykms_core::error::{Kind, Noun};
use polykms_core::operation::Role;
use polykms_core::policy::PrincipalKind;

/// The dialect.
pub static DIALECT: Dialect = Dialect {
    name: "alibaba",
    front: &front::FRONT,
    services: catalog::SERVICES,
    open: head::open,
    write: answer::write,
    skew: Duration::from_secs(15 * 60),
    law: &LAW,
    trail: &audit::TRAIL,
    diagnosis: Some(Diagnostics { render: diagnosis::render, always: true, longest: diagnosis::LONGEST }),
    client: Some(&client::CLIENT),
};

inventory::submit! { &DIALECT }

static LAW: Law = Law {
    policy: &policy::SPEC,
    lints: &lint::LINTS,
    twins: &twins::TWINS,
    partition: |_| "",
    principal,
    context: context::GLOBAL,
    simulated: context::SIMULATED,
    nouns: &[&rules::KEYS, &rules::IDENTITY],
    missing,
    // Temporary credentials may do what their policies say; what owners may not do, the operations say.
    barred: |_, _, _| None,
    reserved: |_| false,
    allow_everything: rules::ALLOW_EVERYTHING,
    region: "cn-hangzhou",
    regions: rules::REGIONS,
};

/// The caller in the words of policies; shown to callers as the vendor does, by identifier or as `role:session`.
fn principal(caller: &Caller) -> OwnedPrincipal {
    let named = |relative: &[&str]| resource::told(&caller.account, &relative.concat());
    match &caller.principal {
        Principal::Owner => OwnedPrincipal {
            kind: PrincipalKind::Owner,
            arn: named(&["root"]),
            role_arn: None,
            display: caller.account.to_string(),
            recorded: OnceLock::new(),
        },
        Principal::User { id, name, path: _ } => OwnedPrincipal {
            kind: PrincipalKind::User,
            arn: named(&["user/", name]),
            role_arn: None,
            display: id.clone(),
            recorded: OnceLock::new(),
        },
        Principal::RoleSession { id: _, name, path: _, session } => OwnedPrincipal {
            kind: PrincipalKind::RoleSession,
            arn: named(&["assumed-role/", name, "/", session]),
            role_arn: Some(named(&["role/", name])),
            display: [name, ":", session].concat(),
            recorded: OnceLock::new(),
        },
    }
}

/// Only who would be allowed learns that there is nothing.
fn missing(situation: &Situation<'_>, allowed: bool) -> Kind {
    let by_alias = situation.located.alias.is_some() || situation.located.role == Role::Previous;
    match (allowed, by_alias) {
        (false, _) => Kind::AccessDenied,
        (true, true) => Kind::NotFound(Noun::Alias),
        (true, false) => Kind::NotFound(Noun::Key),
    }
}
