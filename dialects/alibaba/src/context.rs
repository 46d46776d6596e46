//! The condition keys of Alibaba Cloud and where their values come from.
//!
//! Follows the RAM document "Global condition keys" and the KMS document "Custom permission policies".

use polykms_core::dialect::ContextKey;
use polykms_core::engine::{Principal, Situation};
use polykms_core::key::Tags;
use polykms_core::operation::Role;
use polykms_core::policy::{Facts, Value};

use crate::wire::date;

/// The keys that every request carries.
pub(crate) const GLOBAL: &[ContextKey] = &[
    ContextKey { name: "acs:SourceIp", fill: source_ip },
    ContextKey { name: "acs:SecureTransport", fill: secure_transport },
    ContextKey { name: "acs:CurrentTime", fill: current_time },
    ContextKey { name: "acs:MFAPresent", fill: mfa_present },
    ContextKey { name: "acs:PrincipalARN", fill: principal_arn },
    ContextKey { name: "acs:ResourceTag/<key>", fill: resource_tag },
    ContextKey { name: "acs:RequestTag/<key>", fill: request_tag },
];

/// The keys of operations on a key.
pub(crate) const KEY: &[ContextKey] = &[KEY_TAG];

/// The keys of operations that encrypt or decrypt.
pub(crate) const CRYPTOGRAPHY: &[ContextKey] = &[
    KEY_TAG,
    ContextKey { name: "kms:EncryptionAlgorithm", fill: encryption_algorithm },
    ContextKey { name: "kms:EncryptionContext:<key>", fill: encryption_context },
];

/// The keys of the start of a session.
pub(crate) const ASSUME_ROLE: &[ContextKey] = &[ContextKey { name: "sts:ExternalId", fill: external_id }];

const KEY_TAG: ContextKey = ContextKey { name: "kms:tag/<key>", fill: key_tag };

fn source_ip(situation: &Situation<'_>, facts: &mut Facts) {
    facts.insert("acs:SourceIp", Value::from(situation.connection.peer.to_canonical().to_string()));
}

fn secure_transport(situation: &Situation<'_>, facts: &mut Facts) {
    facts.insert("acs:SecureTransport", Value::from(situation.connection.tls));
}

fn current_time(situation: &Situation<'_>, facts: &mut Facts) {
    facts.insert("acs:CurrentTime", Value::from(date(situation.now)));
}

/// No request carries a second factor: access keys have none.
fn mfa_present(_: &Situation<'_>, facts: &mut Facts) {
    facts.insert("acs:MFAPresent", Value::from(false));
}

/// A session counts as its role; the owner has no such key.
fn principal_arn(situation: &Situation<'_>, facts: &mut Facts) {
    let account = &situation.caller.account;
    let relative = match &situation.caller.principal {
        Principal::Owner => return,
        Principal::User { name, .. } => ["user/", name].concat(),
        Principal::RoleSession { name, .. } => ["role/", name].concat(),
    };
    facts.insert("acs:PrincipalARN", Value::from(crate::resource::told(account, &relative)));
}

fn resource_tag(situation: &Situation<'_>, facts: &mut Facts) {
    let located = situation.located;
    tags("acs:ResourceTag/", located.key.as_ref().map_or(&located.tags, |key| &key.key.tags), facts);
}

fn request_tag(situation: &Situation<'_>, facts: &mut Facts) {
    if let Some(asked) = situation.asked.tags {
        tags("acs:RequestTag/", asked, facts);
    }
}

fn key_tag(situation: &Situation<'_>, facts: &mut Facts) {
    if let Some(key) = &situation.located.key {
        tags("kms:tag/", &key.key.tags, facts);
    }
}

fn encryption_algorithm(situation: &Situation<'_>, facts: &mut Facts) {
    if situation.asked.encrypts {
        facts.insert("kms:EncryptionAlgorithm", Value::from("SYMMETRIC_DEFAULT"));
    }
}

/// The context of the ciphertext that the resource opens or makes.
fn encryption_context(situation: &Situation<'_>, facts: &mut Facts) {
    let context = match situation.located.role {
        Role::Destination => situation.asked.destination_context,
        _ => situation.asked.encryption_context,
    };
    if let Some(context) = context {
        tags("kms:EncryptionContext:", context, facts);
    }
}

fn external_id(situation: &Situation<'_>, facts: &mut Facts) {
    if let Some(id) = situation.asked.external_id {
        facts.insert("sts:ExternalId", Value::from(id.to_owned()));
    }
}

fn tags(prefix: &str, pairs: &Tags, facts: &mut Facts) {
    for (name, value) in pairs {
        facts.insert([prefix, name].concat(), Value::from(value.clone()));
    }
}
