//! The condition keys of AWS, each with the place its value comes from.
//!
//! Follows "AWS global condition context keys" of the IAM User Guide, "Condition keys for AWS KMS" of the KMS Developer
//! Guide, and the tables of the Service Authorization Reference.
//!
//! # Invariants
//! - A key without a value in the situation is absent: it never becomes an empty text.

use polykms_core::dialect::ContextKey;
use polykms_core::engine::{Located, Principal, Situation};
use polykms_core::key::{Blueprint, EncryptionContext, Origin, Spec, Usage};
use polykms_core::operation::{Asked, Role};
use polykms_core::policy::Value;
use polykms_core::port::Time;
use polykms_core::tag::Tags;

use crate::resource;

/// The keys that every request carries.
pub(crate) static GLOBAL: &[ContextKey] = &[
    ContextKey::of("aws:CurrentTime", current_time),
    ContextKey::of("aws:EpochTime", epoch_time),
    ContextKey::of("aws:MultiFactorAuthPresent", multi_factor),
    ContextKey::of("aws:PrincipalAccount", principal_account),
    ContextKey::of("aws:PrincipalArn", principal_arn),
    ContextKey::of("aws:PrincipalIsAWSService", principal_is_service),
    ContextKey::family("aws:PrincipalTag/<key>", principal_tags),
    ContextKey::of("aws:PrincipalType", principal_type),
    ContextKey::of("aws:referer", referer),
    ContextKey::of("aws:RequestedRegion", requested_region),
    ContextKey::of("aws:ResourceAccount", resource_account),
    ContextKey::of("aws:SecureTransport", secure_transport),
    ContextKey::of("aws:SourceIdentity", source_identity),
    ContextKey::of("aws:SourceIp", source_ip),
    ContextKey::of("aws:TokenIssueTime", token_issue_time),
    ContextKey::of("aws:UserAgent", user_agent),
    ContextKey::of("aws:ViaAWSService", via_service),
    ContextKey::of("aws:userid", user_id),
    ContextKey::of("aws:username", user_name),
];

const RESOURCE_TAG: ContextKey = ContextKey::family("aws:ResourceTag/<key>", resource_tag);
const REQUEST_TAG: ContextKey = ContextKey::family("aws:RequestTag/<key>", request_tag);
const TAG_KEYS: ContextKey = ContextKey::of("aws:TagKeys", tag_keys);

const CALLER_ACCOUNT: ContextKey = ContextKey::of("kms:CallerAccount", caller_account);
const KEY_SPEC: ContextKey = ContextKey::of("kms:KeySpec", key_spec);
const KEY_USAGE: ContextKey = ContextKey::of("kms:KeyUsage", key_usage);
const KEY_ORIGIN: ContextKey = ContextKey::of("kms:KeyOrigin", key_origin);
const OLD_KEY_SPEC: ContextKey = ContextKey::of("kms:CustomerMasterKeySpec", key_spec);
const OLD_KEY_USAGE: ContextKey = ContextKey::of("kms:CustomerMasterKeyUsage", key_usage);
const MULTI_REGION: ContextKey = ContextKey::of("kms:MultiRegion", multi_region);
const RESOURCE_ALIASES: ContextKey = ContextKey::of("kms:ResourceAliases", resource_aliases);
const REQUEST_ALIAS: ContextKey = ContextKey::of("kms:RequestAlias", request_alias);
const ALGORITHM: ContextKey = ContextKey::of("kms:EncryptionAlgorithm", algorithm);
const CONTEXT: ContextKey = ContextKey::family("kms:EncryptionContext:<key>", encryption_context);
const CONTEXT_KEYS: ContextKey = ContextKey::of("kms:EncryptionContextKeys", encryption_context_keys);
const SAME_KEY: ContextKey = ContextKey::of("kms:ReEncryptOnSameKey", same_key);
const WINDOW: ContextKey = ContextKey::of("kms:ScheduleKeyDeletionPendingWindowInDays", window);
const BYPASS: ContextKey = ContextKey::of("kms:BypassPolicyLockoutSafetyCheck", bypass);

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
        ContextKey, REQUEST_TAG, RESOURCE_TAG, TAG_KEYS, chosen_source_identity, external_id, iam_resource_tag,
        policy_arn, session_name,
    };

    const IAM_RESOURCE_TAG: ContextKey = ContextKey::family("iam:ResourceTag/<key>", iam_resource_tag);
    const POLICY_ARN: ContextKey = ContextKey::of("iam:PolicyARN", policy_arn);
    const EXTERNAL_ID: ContextKey = ContextKey::of("sts:ExternalId", external_id);
    const SESSION_NAME: ContextKey = ContextKey::of("sts:RoleSessionName", session_name);
    const STS_SOURCE_IDENTITY: ContextKey = ContextKey::of("sts:SourceIdentity", chosen_source_identity);

    /// Operations on a user or role, which may have tags.
    pub(crate) const TAGGED: &[ContextKey] = &[RESOURCE_TAG, IAM_RESOURCE_TAG];
    /// Operations on a managed policy, which may have tags too.
    pub(crate) const TAGGED_POLICY: &[ContextKey] = &[RESOURCE_TAG];
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

fn current_time<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    Some(date(situation.now))
}

fn date<'a>(at: Time) -> Value<'a> {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into()
}

fn epoch_time<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    Some(situation.now.as_second().to_string().into())
}

fn multi_factor<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    // Long-term credentials do not carry the key at all.
    situation.caller.session.is_some().then(|| false.into())
}

fn principal_account<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    Some((&*situation.caller.account).into())
}

fn principal_arn<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    Some(resource::principal_arn(situation.caller).into())
}

fn principal_is_service<'a>(_: &Situation<'a>) -> Option<Value<'a>> {
    Some(false.into())
}

fn principal_tags<'a>(situation: &Situation<'a>, name: &str) -> Option<Value<'a>> {
    Value::of_pair(&situation.caller.tags, name)
}

fn principal_type<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    let kind = match &situation.caller.principal {
        Principal::Owner => "Account",
        Principal::User { .. } => "User",
        Principal::RoleSession { .. } => "AssumedRole",
    };
    Some(kind.into())
}

fn referer<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    situation.connection.referer.as_deref().map(Value::from)
}

fn requested_region<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    Some(situation.region.into())
}

fn resource_account<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    Some((&*situation.located.account).into())
}

fn secure_transport<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    Some(situation.connection.tls.into())
}

fn source_identity<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    let session = situation.caller.session.as_ref()?;
    session.terms.source_identity.as_ref().map(Value::from)
}

fn source_ip<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    Some(situation.connection.peer.as_str().into())
}

fn token_issue_time<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    situation.caller.session.as_ref().map(|session| date(session.terms.issued_at))
}

fn user_agent<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    let agent = &situation.connection.user_agent;
    (!agent.is_empty()).then(|| Value::from(&**agent))
}

fn via_service<'a>(_: &Situation<'a>) -> Option<Value<'a>> {
    Some(false.into())
}

fn user_id<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    Some(resource::principal_id(situation.caller).into())
}

fn user_name<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    match &situation.caller.principal {
        Principal::User { name, .. } => Some(name.into()),
        Principal::Owner | Principal::RoleSession { .. } => None,
    }
}

fn resource_tag<'a>(situation: &Situation<'a>, name: &str) -> Option<Value<'a>> {
    let Located { key, tags, .. } = situation.located;
    Value::of_pair(key.as_ref().map_or(tags, |key| &key.key.tags), name)
}

fn iam_resource_tag<'a>(situation: &Situation<'a>, name: &str) -> Option<Value<'a>> {
    let Located { key, tags, .. } = situation.located;
    if key.is_none() { Value::of_pair(tags, name) } else { None }
}

fn request_tag<'a>(situation: &Situation<'a>, name: &str) -> Option<Value<'a>> {
    situation.asked.tags.and_then(|tags| Value::of_pair(tags, name))
}

fn tag_keys<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    let Asked { tags, tag_keys, .. } = situation.asked;
    // Tags set when something is made are asked for by name too.
    match (tag_keys, tags) {
        (Some(names), _) => (!names.is_empty()).then(|| names.into()),
        (None, Some(tags)) => names(tags),
        (None, None) => None,
    }
}

/// The names of all tags or pairs, if there are any.
fn names<'a>(pairs: &Tags) -> Option<Value<'a>> {
    (!pairs.is_empty()).then(|| pairs.keys().cloned().collect::<Vec<_>>().into())
}

fn caller_account<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    Some((&*situation.caller.account).into())
}

/// What the key is, or is to be.
fn blueprint(situation: &Situation<'_>) -> Option<Blueprint> {
    let of_key = situation.located.key.as_ref().map(|key| {
        let polykms_core::key::Key { spec, usage, origin, .. } = &key.key;
        Blueprint { spec: *spec, usage: *usage, origin: *origin }
    });
    of_key.or_else(|| situation.asked.key.cloned())
}

fn key_spec<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    blueprint(situation).map(|blueprint| spec_word(blueprint.spec).into())
}

fn key_usage<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    blueprint(situation).map(|blueprint| usage_word(blueprint.usage).into())
}

fn key_origin<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    blueprint(situation).map(|blueprint| origin_word(blueprint.origin).into())
}

fn multi_region<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    blueprint(situation).map(|_| false.into())
}

fn resource_aliases<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    let aliases = &situation.located.key.as_ref()?.key.aliases;
    (!aliases.is_empty()).then(|| aliases.iter().cloned().collect::<Vec<_>>().into())
}

fn request_alias<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    situation.located.alias.as_ref().map(Value::from)
}

fn algorithm<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    situation.asked.encrypts.then(|| SYMMETRIC_DEFAULT.into())
}

/// The encryption context of the ciphertext that the judged key makes or opens.
fn context_of<'a>(situation: &Situation<'a>) -> Option<&'a EncryptionContext> {
    match (situation.located.role, situation.asked.destination_context) {
        (Role::Destination, Some(context)) => Some(context),
        _ => situation.asked.encryption_context,
    }
}

fn encryption_context<'a>(situation: &Situation<'a>, name: &str) -> Option<Value<'a>> {
    context_of(situation).and_then(|context| Value::of_pair(context, name))
}

fn encryption_context_keys<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    context_of(situation).and_then(names)
}

fn same_key<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    let playing = |role| situation.all.iter().find(|located| located.role == role).and_then(|one| one.key.as_ref());
    let (source, destination) = (playing(Role::Source)?, playing(Role::Destination)?);
    Some((source.arn == destination.arn).into())
}

fn window<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    situation.asked.pending_window_days.map(|days| days.to_string().into())
}

fn bypass<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    situation.asked.bypass_lockout_check.map(Value::from)
}

fn policy_arn<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    situation.asked.policy.map(|policy| resource::policy_of(policy, &situation.caller.account).into())
}

fn external_id<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    situation.asked.external_id.map(Value::from)
}

fn chosen_source_identity<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    situation.asked.source_identity.map(Value::from)
}

fn session_name<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    situation.asked.session_name.map(Value::from)
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
