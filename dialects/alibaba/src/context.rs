//! The condition keys of Alibaba Cloud and where their values come from.
//!
//! Follows the RAM document "Global condition keys" and the KMS document "Custom permission policies".

use polykms_core::dialect::ContextKey;
use polykms_core::engine::{Principal, Situation};
use polykms_core::operation::Role;
use polykms_core::policy::Value;

use crate::wire::date;

/// The keys that every request carries.
pub(crate) const GLOBAL: &[ContextKey] = &[
    ContextKey::of("acs:SourceIp", source_ip),
    ContextKey::of("acs:SecureTransport", secure_transport),
    ContextKey::of("acs:CurrentTime", current_time),
    ContextKey::of("acs:MFAPresent", mfa_present),
    ContextKey::of("acs:PrincipalARN", principal_arn),
    ContextKey::family("acs:ResourceTag/<key>", resource_tag),
    ContextKey::family("acs:RequestTag/<key>", request_tag),
];

/// The keys of operations on a key.
pub(crate) const KEY: &[ContextKey] = &[KEY_TAG];

/// The keys of operations that encrypt or decrypt.
pub(crate) const CRYPTOGRAPHY: &[ContextKey] = &[
    KEY_TAG,
    ContextKey::of("kms:EncryptionAlgorithm", encryption_algorithm),
    ContextKey::family("kms:EncryptionContext:<key>", encryption_context),
];

/// The keys of the start of a session.
pub(crate) const ASSUME_ROLE: &[ContextKey] = &[ContextKey::of("sts:ExternalId", external_id)];

const KEY_TAG: ContextKey = ContextKey::family("kms:tag/<key>", key_tag);

fn source_ip<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    Some(situation.connection.peer.as_str().into())
}

fn secure_transport<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    Some(situation.connection.tls.into())
}

fn current_time<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    Some(date(situation.now).into())
}

/// No request carries a second factor: access keys have none.
fn mfa_present<'a>(_: &Situation<'a>) -> Option<Value<'a>> {
    Some(false.into())
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

fn resource_tag<'a>(situation: &Situation<'a>, name: &str) -> Option<Value<'a>> {
    let located = situation.located;
    Value::of_pair(located.key.as_ref().map_or(&located.tags, |key| &key.key.tags), name)
}

fn request_tag<'a>(situation: &Situation<'a>, name: &str) -> Option<Value<'a>> {
    situation.asked.tags.and_then(|tags| Value::of_pair(tags, name))
}

fn key_tag<'a>(situation: &Situation<'a>, name: &str) -> Option<Value<'a>> {
    situation.located.key.as_ref().and_then(|key| Value::of_pair(&key.key.tags, name))
}

fn encryption_algorithm<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    situation.asked.encrypts.then(|| "SYMMETRIC_DEFAULT".into())
}

/// The context of the ciphertext that the resource opens or makes.
fn encryption_context<'a>(situation: &Situation<'a>, name: &str) -> Option<Value<'a>> {
    let context = match situation.located.role {
        Role::Destination => situation.asked.destination_context,
        _ => situation.asked.encryption_context,
    };
    context.and_then(|context| Value::of_pair(context, name))
}

fn external_id<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    situation.asked.external_id.map(Value::from)
}
