//! The AWS dialect of PolyKMS: KMS, IAM and STS as AWS speaks them.
//!
//! # Invariants
//! - Pure and synchronous: no I/O, no clock, no randomness.

mod accept;
mod answer;
mod audit;
mod catalog;
mod chain;
mod client;
mod context;
mod credentials;
mod diagnosis;
mod errors;
mod front;
mod head;
mod import;
mod lint;
mod managed;
mod message;
mod params;
mod policy;
mod protocol;
mod resource;
mod rules;
pub mod sign;
mod system;
mod twins;
mod wire;

use std::time::Duration;

use polykms_core::dialect::{Diagnostics, Dialect, Law};

/// The dialect.
pub static DIALECT: Dialect = Dialect {
    name: "aws",
    front: &front::FRONT,
    services: catalog::SERVICES,
    open: head::open,
    write: answer::write,
    skew: Duration::from_secs(5 * 60),
    law: &LAW,
    trail: &audit::TRAIL,
    // KMS tells no such message: its denials have one, in a header, only where the settings ask for it.
    diagnosis: Some(Diagnostics { render: diagnosis::render, always: false, longest: 8192 }),
    client: Some(&client::CLIENT),
};

static LAW: Law = Law {
    policy: &policy::SPEC,
    lints: &lint::LINTS,
    twins: &twins::TWINS,
    partition: resource::partition,
    principal: resource::principal,
    context: context::GLOBAL,
    simulated: context::SIMULATED,
    nouns: &[&rules::KEYS, &rules::IDENTITY],
    missing: rules::missing,
    barred: credentials::barred,
    reserved: resource::is_reserved,
    allow_everything: rules::ALLOW_EVERYTHING,
    region: "us-east-1",
    regions: &[],
};

inventory::submit! { &DIALECT }
