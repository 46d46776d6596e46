//! The condition keys of Alibaba Cloud and where their values come from.
//!
//! Follows the RAM document "Global condition keys" and the KMS document "Custom permission policies".

use std::marker::PhantomData;

use polykms_core::dialect::{ContextKey, Pairs};
use polykms_core::engine::{Principal, Situation};
use polykms_core::identity::assume::AssumeRole;
use polykms_core::key::{Encrypting, Loaded};
use polykms_core::policy::Value;

use crate::wire::date;

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

/// The keys of operations that are alike, for each of them: [`Keys::KEY`] in the row of an `O`.
pub(crate) struct Keys<O>(PhantomData<O>);

impl<O: 'static> Keys<O> {
    const KEY_TAG: ContextKey<O> = ContextKey::family("kms:tag/<key>", key_tags);

    /// Operations on a key.
    pub(crate) const KEY: &[ContextKey<O>] = &[Self::KEY_TAG];
}

impl<O: Encrypting> Keys<O> {
    /// Operations that encrypt or decrypt.
    pub(crate) const CRYPTOGRAPHY: &[ContextKey<O>] = &[
        Self::KEY_TAG,
        ContextKey::asked("kms:EncryptionAlgorithm", |_, _| Some("SYMMETRIC_DEFAULT".into())),
        ContextKey::asked_family("kms:EncryptionContext:<key>", |op, at| Some(op.context(at.located.role))),
    ];
}

/// The start of a session.
pub(crate) const ASSUME_ROLE: &[ContextKey<AssumeRole>] =
    &[ContextKey::asked("sts:ExternalId", |op, _| op.external_id.as_ref().map(Value::from))];

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

fn resource_tags<'a>(situation: &Situation<'a>) -> Option<&'a Pairs> {
    Some(situation.located.tags())
}

fn request_tags<'a>(situation: &Situation<'a>) -> Option<&'a Pairs> {
    situation.tags
}

fn key_tags<'a>(situation: &Situation<'a>) -> Option<&'a Pairs> {
    situation.located.as_a::<Loaded>().map(|key| &key.key.tags)
}
