//! The condition keys of AWS, each with the place its value comes from.
//!
//! Follows "AWS global condition context keys" of the IAM User Guide, "Condition keys for AWS KMS" of the KMS Developer
//! Guide, and the tables of the Service Authorization Reference.
//!
//! # Invariants
//! - A key without a value in the situation is absent: it never becomes an empty text.

use polykms_core::dialect::ContextKey;
use polykms_core::engine::{Located, Principal, Situation};
use polykms_core::key::{Blueprint, EncryptionContext, Origin, Spec, Tags, Usage};
use polykms_core::operation::{Asked, Role};
use polykms_core::policy::Facts;

use crate::resource;

/// The keys that every request carries.
pub(crate) static GLOBAL: &[ContextKey] = &[
    ContextKey { name: "aws:CurrentTime", fill: current_time },
    ContextKey { name: "aws:EpochTime", fill: epoch_time },
    ContextKey { name: "aws:MultiFactorAuthPresent", fill: multi_factor },
    ContextKey { name: "aws:PrincipalAccount", fill: principal_account },
    ContextKey { name: "aws:PrincipalArn", fill: principal_arn },
    ContextKey { name: "aws:PrincipalIsAWSService", fill: principal_is_service },
    ContextKey { name: "aws:PrincipalTag/<key>", fill: principal_tags },
    ContextKey { name: "aws:PrincipalType", fill: principal_type },
    ContextKey { name: "aws:RequestedRegion", fill: requested_region },
    ContextKey { name: "aws:ResourceAccount", fill: resource_account },
    ContextKey { name: "aws:SecureTransport", fill: secure_transport },
    ContextKey { name: "aws:SourceIdentity", fill: source_identity },
    ContextKey { name: "aws:SourceIp", fill: source_ip },
    ContextKey { name: "aws:TokenIssueTime", fill: token_issue_time },
    ContextKey { name: "aws:UserAgent", fill: user_agent },
    ContextKey { name: "aws:ViaAWSService", fill: via_service },
    ContextKey { name: "aws:userid", fill: user_id },
    ContextKey { name: "aws:username", fill: user_name },
];

const RESOURCE_TAG: ContextKey = ContextKey { name: "aws:ResourceTag/<key>", fill: resource_tags };
const REQUEST_TAG: ContextKey = ContextKey { name: "aws:RequestTag/<key>", fill: request_tags };
const TAG_KEYS: ContextKey = ContextKey { name: "aws:TagKeys", fill: tag_keys };

const CALLER_ACCOUNT: ContextKey = ContextKey { name: "kms:CallerAccount", fill: caller_account };
const KEY_SPEC: ContextKey = ContextKey { name: "kms:KeySpec", fill: key_spec };
const KEY_USAGE: ContextKey = ContextKey { name: "kms:KeyUsage", fill: key_usage };
const KEY_ORIGIN: ContextKey = ContextKey { name: "kms:KeyOrigin", fill: key_origin };
const OLD_KEY_SPEC: ContextKey = ContextKey { name: "kms:CustomerMasterKeySpec", fill: old_key_spec };
const OLD_KEY_USAGE: ContextKey = ContextKey { name: "kms:CustomerMasterKeyUsage", fill: old_key_usage };
const MULTI_REGION: ContextKey = ContextKey { name: "kms:MultiRegion", fill: multi_region };
const RESOURCE_ALIASES: ContextKey = ContextKey { name: "kms:ResourceAliases", fill: resource_aliases };
const REQUEST_ALIAS: ContextKey = ContextKey { name: "kms:RequestAlias", fill: request_alias };
const ALGORITHM: ContextKey = ContextKey { name: "kms:EncryptionAlgorithm", fill: algorithm };
const CONTEXT: ContextKey = ContextKey { name: "kms:EncryptionContext:<key>", fill: encryption_context };
const CONTEXT_KEYS: ContextKey = ContextKey { name: "kms:EncryptionContextKeys", fill: encryption_context_keys };
const SAME_KEY: ContextKey = ContextKey { name: "kms:ReEncryptOnSameKey", fill: same_key };
const WINDOW: ContextKey = ContextKey { name: "kms:ScheduleKeyDeletionPendingWindowInDays", fill: window };
const BYPASS: ContextKey = ContextKey { name: "kms:BypassPolicyLockoutSafetyCheck", fill: bypass };

/// Operations of KMS without a key.
pub(crate) const KMS_CALLER: &[ContextKey] = &[CALLER_ACCOUNT];

/// CreateKey.
pub(crate) const KMS_CREATE: &[ContextKey] = &[
    CALLER_ACCOUNT,
    REQUEST_TAG,
    TAG_KEYS,
    KEY_SPEC,
    KEY_USAGE,
    KEY_ORIGIN,
    OLD_KEY_SPEC,
    OLD_KEY_USAGE,
    MULTI_REGION,
    BYPASS,
];

macro_rules! of_a_key {
    ($($more:ident),*) => {
        &[
            CALLER_ACCOUNT,
            RESOURCE_TAG,
            KEY_SPEC,
            KEY_USAGE,
            KEY_ORIGIN,
            OLD_KEY_SPEC,
            OLD_KEY_USAGE,
            MULTI_REGION,
            RESOURCE_ALIASES,
            $($more),*
        ]
    };
}

/// Operations that manage a key.
pub(crate) const KMS_KEY: &[ContextKey] = of_a_key!();
/// DescribeKey, which takes aliases.
pub(crate) const KMS_NAMED: &[ContextKey] = of_a_key!(REQUEST_ALIAS);
/// Operations that encrypt or decrypt.
pub(crate) const KMS_CRYPTO: &[ContextKey] = of_a_key!(REQUEST_ALIAS, ALGORITHM, CONTEXT, CONTEXT_KEYS);
/// ReEncrypt.
pub(crate) const KMS_REENCRYPT: &[ContextKey] = of_a_key!(REQUEST_ALIAS, ALGORITHM, CONTEXT, CONTEXT_KEYS, SAME_KEY);
/// ScheduleKeyDeletion.
pub(crate) const KMS_DELETION: &[ContextKey] = of_a_key!(WINDOW);
/// PutKeyPolicy.
pub(crate) const KMS_POLICY: &[ContextKey] = of_a_key!(BYPASS);
/// TagResource.
pub(crate) const KMS_TAG: &[ContextKey] = of_a_key!(REQUEST_TAG, TAG_KEYS);
/// UntagResource.
pub(crate) const KMS_UNTAG: &[ContextKey] = of_a_key!(TAG_KEYS);

/// The keys of IAM and STS operations.
pub(crate) mod identity {
    use super::{
        ContextKey, REQUEST_TAG, RESOURCE_TAG, TAG_KEYS, chosen_source_identity, external_id, policy_arn,
        resource_tags, session_name,
    };

    const IAM_RESOURCE_TAG: ContextKey = ContextKey { name: "iam:ResourceTag/<key>", fill: resource_tags };
    const POLICY_ARN: ContextKey = ContextKey { name: "iam:PolicyARN", fill: policy_arn };
    const EXTERNAL_ID: ContextKey = ContextKey { name: "sts:ExternalId", fill: external_id };
    const SESSION_NAME: ContextKey = ContextKey { name: "sts:RoleSessionName", fill: session_name };
    const STS_SOURCE_IDENTITY: ContextKey = ContextKey { name: "sts:SourceIdentity", fill: chosen_source_identity };

    /// Operations on a user, role or policy, which may have tags.
    pub(crate) const TAGGED: &[ContextKey] = &[RESOURCE_TAG, IAM_RESOURCE_TAG];
    /// Operations that make one.
    pub(crate) const CREATED: &[ContextKey] = &[REQUEST_TAG, TAG_KEYS];
    /// Attaching to a user or role, and detaching.
    pub(crate) const ATTACHED: &[ContextKey] = &[RESOURCE_TAG, IAM_RESOURCE_TAG, POLICY_ARN];
    /// Attaching to a group, which has no tags, and detaching.
    pub(crate) const ATTACHED_TO_GROUP: &[ContextKey] = &[POLICY_ARN];
    /// AssumeRole.
    pub(crate) const ASSUMED: &[ContextKey] =
        &[RESOURCE_TAG, IAM_RESOURCE_TAG, EXTERNAL_ID, SESSION_NAME, STS_SOURCE_IDENTITY];
}

fn current_time(situation: &Situation<'_>, facts: &mut Facts) {
    facts.insert("aws:CurrentTime", situation.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into());
}

fn epoch_time(situation: &Situation<'_>, facts: &mut Facts) {
    facts.insert("aws:EpochTime", situation.now.as_second().to_string().into());
}

fn multi_factor(situation: &Situation<'_>, facts: &mut Facts) {
    // Long-term credentials do not carry the key at all.
    if situation.caller.session.is_some() {
        facts.insert("aws:MultiFactorAuthPresent", false.into());
    }
}

fn principal_account(situation: &Situation<'_>, facts: &mut Facts) {
    facts.insert("aws:PrincipalAccount", situation.caller.account.clone().into());
}

fn principal_arn(situation: &Situation<'_>, facts: &mut Facts) {
    facts.insert("aws:PrincipalArn", resource::principal_arn(situation.caller).into());
}

fn principal_is_service(_: &Situation<'_>, facts: &mut Facts) {
    facts.insert("aws:PrincipalIsAWSService", false.into());
}

fn principal_tags(situation: &Situation<'_>, facts: &mut Facts) {
    tags("aws:PrincipalTag/", &situation.caller.tags, facts);
}

fn principal_type(situation: &Situation<'_>, facts: &mut Facts) {
    let kind = match &situation.caller.principal {
        Principal::Owner => "Account",
        Principal::User { .. } => "User",
        Principal::RoleSession { .. } => "AssumedRole",
    };
    facts.insert("aws:PrincipalType", kind.into());
}

fn requested_region(situation: &Situation<'_>, facts: &mut Facts) {
    facts.insert("aws:RequestedRegion", situation.region.to_owned().into());
}

fn resource_account(situation: &Situation<'_>, facts: &mut Facts) {
    facts.insert("aws:ResourceAccount", situation.located.account.clone().into());
}

fn secure_transport(situation: &Situation<'_>, facts: &mut Facts) {
    facts.insert("aws:SecureTransport", situation.connection.tls.into());
}

fn source_identity(situation: &Situation<'_>, facts: &mut Facts) {
    let session = situation.caller.session.as_ref();
    if let Some(identity) = session.and_then(|session| session.terms.source_identity.clone()) {
        facts.insert("aws:SourceIdentity", identity.into());
    }
}

fn source_ip(situation: &Situation<'_>, facts: &mut Facts) {
    facts.insert("aws:SourceIp", situation.connection.peer.to_canonical().to_string().into());
}

fn token_issue_time(situation: &Situation<'_>, facts: &mut Facts) {
    if let Some(session) = &situation.caller.session {
        let issued = session.terms.issued_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        facts.insert("aws:TokenIssueTime", issued.into());
    }
}

fn user_agent(situation: &Situation<'_>, facts: &mut Facts) {
    if !situation.connection.user_agent.is_empty() {
        facts.insert("aws:UserAgent", situation.connection.user_agent.clone().into());
    }
}

fn via_service(_: &Situation<'_>, facts: &mut Facts) {
    facts.insert("aws:ViaAWSService", false.into());
}

fn user_id(situation: &Situation<'_>, facts: &mut Facts) {
    facts.insert("aws:userid", resource::principal_id(situation.caller).into());
}

fn user_name(situation: &Situation<'_>, facts: &mut Facts) {
    if let Principal::User { name, .. } = &situation.caller.principal {
        facts.insert("aws:username", name.clone().into());
    }
}

fn resource_tags(situation: &Situation<'_>, facts: &mut Facts) {
    let Located { key, tags: own, .. } = situation.located;
    match key {
        Some(key) => tags("aws:ResourceTag/", &key.key.tags, facts),
        None => {
            tags("aws:ResourceTag/", own, facts);
            tags("iam:ResourceTag/", own, facts);
        }
    }
}

fn request_tags(situation: &Situation<'_>, facts: &mut Facts) {
    if let Some(asked) = situation.asked.tags {
        tags("aws:RequestTag/", asked, facts);
    }
}

fn tag_keys(situation: &Situation<'_>, facts: &mut Facts) {
    let Asked { tags, tag_keys, .. } = situation.asked;
    // Tags set when something is made are asked for by name too.
    let names = tag_keys.map(<[String]>::to_vec).or_else(|| tags.map(|tags| tags.keys().cloned().collect()));
    if let Some(names) = names.filter(|names| !names.is_empty()) {
        facts.insert("aws:TagKeys", names.into());
    }
}

fn tags(prefix: &str, tags: &Tags, facts: &mut Facts) {
    for (name, value) in tags {
        facts.insert(format!("{prefix}{name}"), value.clone().into());
    }
}

fn caller_account(situation: &Situation<'_>, facts: &mut Facts) {
    facts.insert("kms:CallerAccount", situation.caller.account.clone().into());
}

/// What the key is, or is to be.
fn blueprint(situation: &Situation<'_>) -> Option<Blueprint> {
    let of_key = situation.located.key.as_ref().map(|key| {
        let polykms_core::key::Key { spec, usage, origin, .. } = &key.key;
        Blueprint { spec: *spec, usage: *usage, origin: *origin }
    });
    of_key.or_else(|| situation.asked.key.cloned())
}

fn key_spec(situation: &Situation<'_>, facts: &mut Facts) {
    spec("kms:KeySpec", situation, facts);
}

fn old_key_spec(situation: &Situation<'_>, facts: &mut Facts) {
    spec("kms:CustomerMasterKeySpec", situation, facts);
}

fn spec(name: &str, situation: &Situation<'_>, facts: &mut Facts) {
    if let Some(blueprint) = blueprint(situation) {
        facts.insert(name, spec_word(blueprint.spec).into());
    }
}

fn key_usage(situation: &Situation<'_>, facts: &mut Facts) {
    usage("kms:KeyUsage", situation, facts);
}

fn old_key_usage(situation: &Situation<'_>, facts: &mut Facts) {
    usage("kms:CustomerMasterKeyUsage", situation, facts);
}

fn usage(name: &str, situation: &Situation<'_>, facts: &mut Facts) {
    if let Some(blueprint) = blueprint(situation) {
        facts.insert(name, usage_word(blueprint.usage).into());
    }
}

fn key_origin(situation: &Situation<'_>, facts: &mut Facts) {
    if let Some(blueprint) = blueprint(situation) {
        facts.insert("kms:KeyOrigin", origin_word(blueprint.origin).into());
    }
}

fn multi_region(situation: &Situation<'_>, facts: &mut Facts) {
    if blueprint(situation).is_some() {
        facts.insert("kms:MultiRegion", false.into());
    }
}

fn resource_aliases(situation: &Situation<'_>, facts: &mut Facts) {
    let aliases = situation.located.key.as_ref().map(|key| &key.key.aliases);
    if let Some(aliases) = aliases.filter(|aliases| !aliases.is_empty()) {
        facts.insert("kms:ResourceAliases", aliases.iter().cloned().collect::<Vec<_>>().into());
    }
}

fn request_alias(situation: &Situation<'_>, facts: &mut Facts) {
    if let Some(alias) = &situation.located.alias {
        facts.insert("kms:RequestAlias", alias.clone().into());
    }
}

fn algorithm(situation: &Situation<'_>, facts: &mut Facts) {
    if situation.asked.encrypts {
        facts.insert("kms:EncryptionAlgorithm", SYMMETRIC_DEFAULT.into());
    }
}

/// The encryption context of the ciphertext that the judged key makes or opens.
fn context_of<'a>(situation: &Situation<'a>) -> Option<&'a EncryptionContext> {
    match (situation.located.role, situation.asked.destination_context) {
        (Role::Destination, Some(context)) => Some(context),
        _ => situation.asked.encryption_context,
    }
}

fn encryption_context(situation: &Situation<'_>, facts: &mut Facts) {
    for (name, value) in context_of(situation).into_iter().flatten() {
        facts.insert(format!("kms:EncryptionContext:{name}"), value.clone().into());
    }
}

fn encryption_context_keys(situation: &Situation<'_>, facts: &mut Facts) {
    if let Some(context) = context_of(situation).filter(|context| !context.is_empty()) {
        facts.insert("kms:EncryptionContextKeys", context.keys().cloned().collect::<Vec<_>>().into());
    }
}

fn same_key(situation: &Situation<'_>, facts: &mut Facts) {
    let playing = |role| situation.all.iter().find(|located| located.role == role).and_then(|one| one.key.as_ref());
    if let (Some(source), Some(destination)) = (playing(Role::Source), playing(Role::Destination)) {
        facts.insert("kms:ReEncryptOnSameKey", (source.arn == destination.arn).into());
    }
}

fn window(situation: &Situation<'_>, facts: &mut Facts) {
    if let Some(days) = situation.asked.pending_window_days {
        facts.insert("kms:ScheduleKeyDeletionPendingWindowInDays", days.to_string().into());
    }
}

fn bypass(situation: &Situation<'_>, facts: &mut Facts) {
    if let Some(bypass) = situation.asked.bypass_lockout_check {
        facts.insert("kms:BypassPolicyLockoutSafetyCheck", bypass.into());
    }
}

fn policy_arn(situation: &Situation<'_>, facts: &mut Facts) {
    if let Some(policy) = situation.asked.policy {
        facts.insert("iam:PolicyARN", resource::policy_of(policy, &situation.caller.account).into());
    }
}

fn external_id(situation: &Situation<'_>, facts: &mut Facts) {
    if let Some(id) = situation.asked.external_id {
        facts.insert("sts:ExternalId", id.to_owned().into());
    }
}

fn chosen_source_identity(situation: &Situation<'_>, facts: &mut Facts) {
    if let Some(identity) = situation.asked.source_identity {
        facts.insert("sts:SourceIdentity", identity.to_owned().into());
    }
}

fn session_name(situation: &Situation<'_>, facts: &mut Facts) {
    if let Some(name) = situation.asked.session_name {
        facts.insert("sts:RoleSessionName", name.to_owned().into());
    }
}

/// The one encryption algorithm, and the one key spec, of symmetric keys.
pub(crate) const SYMMETRIC_DEFAULT: &str = "SYMMETRIC_DEFAULT";

/// The word for a key spec.
pub(crate) fn spec_word(spec: Spec) -> &'static str {
    match spec {
        Spec::Aes256 => SYMMETRIC_DEFAULT,
    }
}

/// The word for a key usage.
pub(crate) fn usage_word(usage: Usage) -> &'static str {
    match usage {
        Usage::EncryptDecrypt => "ENCRYPT_DECRYPT",
    }
}

/// The word for an origin of key material.
pub(crate) fn origin_word(origin: Origin) -> &'static str {
    match origin {
        Origin::Generated => "AWS_KMS",
    }
}
