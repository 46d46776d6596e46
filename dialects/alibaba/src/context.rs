//! The condition keys of Alibaba Cloud and where their values come from.
//!
//! Follows the RAM document "Global condition keys" and the KMS document "Custom permission policies".

use std::marker::PhantomData;

use polykms_core::dialect::{ContextKey, Pairs};
use polykms_core::engine::{Principal, Situation};
use polykms_core::identity::assume::AssumeRole;
use polykms_core::identity::role::{CreateRole, UpdateRole};
use polykms_core::key::{Encrypting, Loaded};
use polykms_core::policy::Value;

use crate::wire::date;
use crate::wire::kms::crypt::ALGORITHMS;

/// The keys that every request carries.
pub(crate) const GLOBAL: &[ContextKey] = &[
    ContextKey::of("acs:SourceIp", source_ip),
    ContextKey::of("acs:SecureTransport", secure_transport),
    ContextKey::of("acs:CurrentTime", current_time),
    ContextKey::of("acs:MFAPresent", mfa_present),
    ContextKey::of("acs:PrincipalARN", principal_arn),
    ContextKey::family("acs:ResourceTag/<key>", resource_tags),
    ContextKey::family("acs:RequestTag/<key>", request_tags),
];

/// The keys of requests that come through a private network.
pub(crate) const SIMULATED: &[ContextKey] = &[
    ContextKey::of("acs:SourceVpc", |situation| situation.vpc().map(Value::from)),
    ContextKey::of("acs:VpcSourceIp", |situation| situation.private_address().map(Value::from)),
];

/// The keys of operations that are alike, for each of them: [`Keys::KEY`] in the row of an `O`.
pub(crate) struct Keys<O>(PhantomData<O>);

impl<O: 'static> Keys<O> {
    const KEY_TAG: ContextKey<O> = ContextKey::family("kms:tag/<key>", key_tags);

    /// Operations on a key.
    pub(crate) const KEY: &[ContextKey<O>] = &[Self::KEY_TAG];
}

impl<O: Encrypting> Keys<O> {
    const ALGORITHM: ContextKey<O> = ContextKey::asked("kms:EncryptionAlgorithm", |op, at| {
        Some(ALGORITHMS.word(op.algorithm(at.located.role)).into())
    });

    /// Operations that encrypt with a public key or decrypt with its private half.
    pub(crate) const PAIR: &[ContextKey<O>] = &[Self::KEY_TAG, Self::ALGORITHM];
    /// Operations that encrypt or decrypt with symmetric keys.
    pub(crate) const CRYPTOGRAPHY: &[ContextKey<O>] = &[
        Self::KEY_TAG,
        Self::ALGORITHM,
        ContextKey::asked_family("kms:EncryptionContext:<key>", |op, at| Some(op.context(at.located.role))),
    ];
}

/// The start of a session.
pub(crate) const ASSUME_ROLE: &[ContextKey<AssumeRole>] =
    &[ContextKey::asked("sts:ExternalId", |op, _| op.external_id.as_ref().map(Value::from))];

/// CreateRole: whom the trust policy names.
pub(crate) const CREATE_ROLE: &[ContextKey<CreateRole>] = &[
    ContextKey::asked("ram:TrustedPrincipalTypes", |op, _| trusted::types(&op.trust)),
    ContextKey::asked("ram:ServiceNames", |op, _| trusted::services(&op.trust)),
];
/// UpdateRole: whom a new trust policy names, where there is one.
pub(crate) const UPDATE_ROLE: &[ContextKey<UpdateRole>] = &[
    ContextKey::asked("ram:TrustedPrincipalTypes", |op, _| op.trust.as_deref().and_then(trusted::types)),
    ContextKey::asked("ram:ServiceNames", |op, _| op.trust.as_deref().and_then(trusted::services)),
];

/// Whom a trust policy names. One that cannot be read names nobody; it is refused when it is to be kept.
mod trusted {
    use polykms_core::policy::Value;
    use serde_json::Value as Json;

    /// The kinds of principals, each once: `RAM`, `Service`, `Federated`.
    pub(super) fn types<'a>(trust: &str) -> Option<Value<'a>> {
        distinct(named(trust).into_iter().map(|(kind, _)| kind))
    }

    /// The services, each once.
    pub(super) fn services<'a>(trust: &str) -> Option<Value<'a>> {
        let services = named(trust).into_iter().filter(|(kind, _)| kind == "Service");
        distinct(services.flat_map(|(_, names)| texts(names)))
    }

    /// The principals of all statements, by their kinds.
    fn named(trust: &str) -> Vec<(String, Json)> {
        let document: Json = serde_json::from_str(trust).unwrap_or_default();
        let Some(Json::Array(statements)) = document.get("Statement") else { return Vec::new() };
        let principals = statements.iter().filter_map(|statement| statement.get("Principal")?.as_object());
        principals.flatten().map(|(kind, names)| (kind.clone(), names.clone())).collect()
    }

    fn texts(names: Json) -> Vec<String> {
        let all = match names {
            Json::Array(names) => names,
            one => vec![one],
        };
        all.into_iter().filter_map(|name| name.as_str().map(str::to_owned)).collect()
    }

    fn distinct<'a>(texts: impl Iterator<Item = String>) -> Option<Value<'a>> {
        let mut known: Vec<String> = Vec::new();
        for text in texts {
            if !known.contains(&text) {
                known.push(text);
            }
        }
        (!known.is_empty()).then(|| known.into())
    }

    #[cfg(test)]
    #[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
    mod tests {
        use super::*;

        #[test]
        fn kinds_and_services_are_told_once() {
            let trust = r#"{"Version":"1","Statement":[
                {"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":["ecs.aliyuncs.com","fc.aliyuncs.com"]}},
                {"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"RAM":"acs:ram::1:root","Service":"ecs.aliyuncs.com"}}
            ]}"#;
            let told =
                |names: &[&str]| Some(Value::from(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()));
            assert_eq!(types(trust), told(&["Service", "RAM"]));
            assert_eq!(services(trust), told(&["ecs.aliyuncs.com", "fc.aliyuncs.com"]));
            assert_eq!(services(&trust.replace("Service", "Federated")), None);
            for none in ["", "{", "{}", r#"{"Statement":{}}"#, r#"{"Statement":[{"Principal":"*"}]}"#] {
                assert_eq!((types(none), services(none)), (None, None), "{none}");
            }
        }
    }
}

fn source_ip<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    situation.public_address().map(Value::from)
}

fn secure_transport<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    Some(situation.is_encrypted().into())
}

fn current_time<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    Some(date(situation.now).into())
}

/// No request carries a second factor, unless one is simulated: access keys have none.
fn mfa_present<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    Some(situation.second_factor_age().is_some().into())
}

/// A session counts as its role; the owner has no such key.
fn principal_arn<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    let relative = match &situation.caller.principal {
        Principal::Owner => return None,
        Principal::User { name, .. } => ["user/", name].concat(),
        Principal::RoleSession { name, .. } => ["role/", name].concat(),
    };
    Some(crate::resource::told(&situation.caller.account, &relative).into())
}

fn resource_tags<'a>(situation: &Situation<'a>) -> Option<&'a Pairs> {
    Some(situation.located.tags())
}

fn request_tags<'a>(situation: &Situation<'a>) -> Option<&'a Pairs> {
    situation.tags
}

fn key_tags<'a>(situation: &Situation<'a>) -> Option<&'a Pairs> {
    situation.located.as_a::<Loaded>().map(|key| &key.key.tags)
}
