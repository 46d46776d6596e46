//! The condition keys of AWS, each with the place its value comes from.
//!
//! Follows "AWS global condition context keys" of the IAM User Guide, "Condition keys for AWS KMS" of the KMS Developer
//! Guide, and the tables of the Service Authorization Reference.
//!
//! # Invariants
//! - A key without a value in the situation is absent: it never becomes an empty text.

use std::marker::PhantomData;

use polykms_core::dialect::{ContextKey, Pairs};
use polykms_core::engine::{Principal, Situation};
use polykms_core::identity::assume::AssumeRole;
use polykms_core::identity::attachment::Attaching;
use polykms_core::key::{self, Authenticates, Encrypting, Loaded, Pairing, Signs};
use polykms_core::operation::Role;
use polykms_core::policy::Value;
use polykms_core::port::Time;

use crate::resource;
use crate::wire::kms::import::model_word;
use crate::wire::kms::rotation::in_days;
use crate::wire::kms::words::{
    agreement_word, authentication_word, encryption_word, form_word, origin_word, signing_word, spec_word, usage_word,
    wrapping_word,
};

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

/// The keys of requests that come through a private network, or after a second factor.
pub(crate) static SIMULATED: &[ContextKey] = &[
    ContextKey::of("aws:MultiFactorAuthAge", multi_factor_age),
    ContextKey::of("aws:SourceVpc", |situation| situation.vpc().map(Value::from)),
    ContextKey::of("aws:SourceVpce", |situation| situation.vpc_endpoint().map(Value::from)),
    ContextKey::of("aws:VpcSourceIp", |situation| situation.private_address().map(Value::from)),
];

/// The keys of an operation on a key, and more.
macro_rules! of_a_key {
    ($($more:expr),*) => {
        &[
            Keys::CALLER_ACCOUNT,
            Keys::RESOURCE_TAG,
            Keys::KEY_SPEC,
            Keys::KEY_USAGE,
            Keys::KEY_ORIGIN,
            Keys::OLD_KEY_SPEC,
            Keys::OLD_KEY_USAGE,
            Keys::MULTI_REGION,
            Keys::RESOURCE_ALIASES,
            $($more),*
        ]
    };
}

/// The keys of operations that are alike, for each of them: [`Keys::KEY`] in the row of an `O`.
pub(crate) struct Keys<O>(PhantomData<O>);

impl<O: 'static> Keys<O> {
    const RESOURCE_TAG: ContextKey<O> = ContextKey::family("aws:ResourceTag/<key>", resource_tags);
    const REQUEST_TAG: ContextKey<O> = ContextKey::family("aws:RequestTag/<key>", request_tags);
    const IAM_RESOURCE_TAG: ContextKey<O> = ContextKey::family("iam:ResourceTag/<key>", resource_tags);
    const CALLER_ACCOUNT: ContextKey<O> = ContextKey::of("kms:CallerAccount", caller_account);
    const KEY_SPEC: ContextKey<O> = ContextKey::of("kms:KeySpec", key_spec);
    const KEY_USAGE: ContextKey<O> = ContextKey::of("kms:KeyUsage", key_usage);
    const KEY_ORIGIN: ContextKey<O> = ContextKey::of("kms:KeyOrigin", key_origin);
    const OLD_KEY_SPEC: ContextKey<O> = ContextKey::of("kms:CustomerMasterKeySpec", key_spec);
    const OLD_KEY_USAGE: ContextKey<O> = ContextKey::of("kms:CustomerMasterKeyUsage", key_usage);
    const MULTI_REGION: ContextKey<O> = ContextKey::of("kms:MultiRegion", multi_region);
    const RESOURCE_ALIASES: ContextKey<O> = ContextKey::of("kms:ResourceAliases", resource_aliases);
    const FOR_SERVICE: ContextKey<O> = ContextKey::of("kms:GrantIsForAWSResource", |_| Some(false.into()));
    const REQUEST_ALIAS: ContextKey<O> = ContextKey::of("kms:RequestAlias", request_alias);

    /// Operations that manage a key.
    pub(crate) const KEY: &[ContextKey<O>] = of_a_key!();
    /// Operations on grants, none of which a service of the vendor asks for.
    pub(crate) const GRANTED: &[ContextKey<O>] = of_a_key!(Self::FOR_SERVICE);
    /// DescribeKey and GetPublicKey, which take aliases.
    pub(crate) const NAMED: &[ContextKey<O>] = of_a_key!(Self::REQUEST_ALIAS);
    /// Operations on a user or role, which may have tags.
    pub(crate) const TAGGED: &[ContextKey<O>] = &[Self::RESOURCE_TAG, Self::IAM_RESOURCE_TAG];
    /// Operations on a managed policy, which may have tags too.
    pub(crate) const TAGGED_POLICY: &[ContextKey<O>] = &[Self::RESOURCE_TAG];
    /// Operations that make a user, role or managed policy.
    pub(crate) const CREATED: &[ContextKey<O>] = &[Self::REQUEST_TAG, ContextKey::of("aws:TagKeys", tag_keys)];
}

impl<O: Encrypting> Keys<O> {
    const ALGORITHM: ContextKey<O> = ContextKey::asked("kms:EncryptionAlgorithm", |op, at| {
        Some(encryption_word(op.algorithm(at.located.role)).into())
    });
    const CONTEXT: ContextKey<O> =
        ContextKey::asked_family("kms:EncryptionContext:<key>", |op, at| Some(op.context(at.located.role)));
    const CONTEXT_KEYS: ContextKey<O> =
        ContextKey::asked("kms:EncryptionContextKeys", |op, at| names(op.context(at.located.role)));

    /// Operations that encrypt or decrypt.
    pub(crate) const CRYPTO: &[ContextKey<O>] =
        of_a_key!(Self::REQUEST_ALIAS, Self::ALGORITHM, Self::CONTEXT, Self::CONTEXT_KEYS);
    /// ReEncrypt.
    pub(crate) const REENCRYPT: &[ContextKey<O>] = of_a_key!(
        Self::REQUEST_ALIAS,
        Self::ALGORITHM,
        Self::CONTEXT,
        Self::CONTEXT_KEYS,
        ContextKey::of("kms:ReEncryptOnSameKey", same_key)
    );
}

impl<O: Pairing> Keys<O> {
    /// GenerateDataKeyPair and its twin without plaintext.
    pub(crate) const PAIRING: &[ContextKey<O>] = of_a_key!(
        Self::REQUEST_ALIAS,
        Self::ALGORITHM,
        Self::CONTEXT,
        Self::CONTEXT_KEYS,
        ContextKey::asked("kms:DataKeyPairSpec", |op, _| Some(spec_word(op.spec()).into()))
    );
}

impl<O: Signs> Keys<O> {
    /// Sign and Verify.
    pub(crate) const SIGNING: &[ContextKey<O>] = of_a_key!(
        Self::REQUEST_ALIAS,
        ContextKey::asked("kms:SigningAlgorithm", |op, _| Some(signing_word(op.signed().algorithm).into())),
        ContextKey::asked("kms:MessageType", |op, _| Some(form_word(op.signed().form).into()))
    );
}

impl<O: Authenticates> Keys<O> {
    /// GenerateMac and VerifyMac.
    pub(crate) const MAC: &[ContextKey<O>] = of_a_key!(
        Self::REQUEST_ALIAS,
        ContextKey::asked("kms:MacAlgorithm", |op, _| Some(authentication_word(op.algorithm()).into()))
    );
}

impl<O: Attaching> Keys<O> {
    const POLICY_ARN: ContextKey<O> =
        ContextKey::asked("iam:PolicyARN", |op, at| Some(resource::home(at.caller).policy_of(op.policy()).into()));

    /// Attaching to a user or role, and detaching.
    pub(crate) const ATTACHED: &[ContextKey<O>] = &[Self::RESOURCE_TAG, Self::IAM_RESOURCE_TAG, Self::POLICY_ARN];
    /// Attaching to a group, which has no tags, and detaching.
    pub(crate) const ATTACHED_TO_GROUP: &[ContextKey<O>] = &[Self::POLICY_ARN];
}

/// CreateKey.
pub(crate) const CREATE: &[ContextKey<key::Create>] = &[
    Keys::CALLER_ACCOUNT,
    Keys::REQUEST_TAG,
    ContextKey::asked("aws:TagKeys", |op, _| given(&op.tag_keys)),
    ContextKey::asked("kms:KeySpec", |op, _| Some(spec_word(op.blueprint.spec()).into())),
    ContextKey::asked("kms:KeyUsage", |op, _| Some(usage_word(op.blueprint.usage()).into())),
    ContextKey::asked("kms:KeyOrigin", |op, _| Some(origin_word(op.blueprint.origin()).into())),
    ContextKey::asked("kms:CustomerMasterKeySpec", |op, _| Some(spec_word(op.blueprint.spec()).into())),
    ContextKey::asked("kms:CustomerMasterKeyUsage", |op, _| Some(usage_word(op.blueprint.usage()).into())),
    ContextKey::of("kms:MultiRegion", |_| Some(false.into())),
    ContextKey::asked(BYPASS, |op, _| op.bypass_lockout_check.map(Value::from)),
];
/// GetParametersForImport.
pub(crate) const WRAPPING: &[ContextKey<key::PrepareImport>] = of_a_key!(
    ContextKey::asked("kms:WrappingAlgorithm", |op, _| Some(wrapping_word(op.wrapping).into())),
    ContextKey::asked("kms:WrappingKeySpec", |op, _| Some(spec_word(op.pair).into()))
);
/// ImportKeyMaterial.
pub(crate) const IMPORT: &[ContextKey<key::ImportMaterial>] = of_a_key!(
    ContextKey::asked("kms:ExpirationModel", |op, _| Some(model_word(op.lasting).into())),
    ContextKey::asked("kms:ValidTo", |op, _| op.lasting.end().map(|at| at.as_second().to_string().into()))
);
/// ScheduleKeyDeletion.
pub(crate) const DELETION: &[ContextKey<key::ScheduleDeletion>] = of_a_key!(ContextKey::asked(
    "kms:ScheduleKeyDeletionPendingWindowInDays",
    |op, _| Some(op.window_days.to_string().into())
));
/// CreateGrant.
pub(crate) const GRANT: &[ContextKey<key::CreateGrant>] = of_a_key!(
    Keys::FOR_SERVICE,
    ContextKey::asked("kms:GrantOperations", |op, _| given(&op.terms.operations)),
    ContextKey::asked("kms:GranteePrincipal", |op, _| Some((&op.terms.grantee.name).into())),
    ContextKey::asked("kms:RetiringPrincipal", |op, _| Some((&op.terms.retiring.as_ref()?.name).into())),
    ContextKey::asked("kms:GrantConstraintType", |op, _| Some(constraint_word(op.terms.constraint.as_ref()?).into())),
    ContextKey::asked_family("kms:EncryptionContext:<key>", |op, _| Some(op.terms.constraint.as_ref()?.pairs())),
    ContextKey::asked("kms:EncryptionContextKeys", |op, _| names(op.terms.constraint.as_ref()?.pairs()))
);
/// RetireGrant: what the grant says that is to end.
pub(crate) const RETIRED: &[ContextKey<key::RetireGrant>] = of_a_key!(
    ContextKey::of("kms:GrantConstraintType", |at| {
        let grant = at.located.grant.as_ref()?.grant.as_deref()?;
        let word = match (&grant.equals, &grant.subset) {
            (Some(_), _) => EQUALS,
            (None, Some(_)) => SUBSET,
            (None, None) => return None,
        };
        Some(word.into())
    }),
    ContextKey::family("kms:EncryptionContext:<key>", constrained),
    ContextKey::of("kms:EncryptionContextKeys", |at| constrained(at).and_then(names))
);
/// EnableKeyRotation.
pub(crate) const ROTATION: &[ContextKey<key::SetRotation>] = of_a_key!(ContextKey::asked(
    "kms:RotationPeriodInDays",
    |op, _| Some(in_days(op.rotation.every?).ok()?.to_string().into())
));
/// DeriveSharedSecret.
pub(crate) const AGREEMENT: &[ContextKey<key::DeriveSharedSecret>] = of_a_key!(
    Keys::REQUEST_ALIAS,
    ContextKey::asked("kms:KeyAgreementAlgorithm", |op, _| Some(agreement_word(op.algorithm).into()))
);
/// PutKeyPolicy.
pub(crate) const POLICY: &[ContextKey<key::PutPolicy>] =
    of_a_key!(ContextKey::asked(BYPASS, |op, _| op.bypass_lockout_check.map(Value::from)));
/// TagResource.
pub(crate) const TAG: &[ContextKey<key::Tag>] =
    of_a_key!(Keys::REQUEST_TAG, ContextKey::asked("aws:TagKeys", |op, _| given(&op.tag_keys)));
/// UntagResource.
pub(crate) const UNTAG: &[ContextKey<key::Untag>] =
    of_a_key!(ContextKey::asked("aws:TagKeys", |op, _| given(&op.tag_keys)));
/// AssumeRole.
pub(crate) const ASSUMED: &[ContextKey<AssumeRole>] = &[
    Keys::RESOURCE_TAG,
    Keys::IAM_RESOURCE_TAG,
    ContextKey::asked("sts:ExternalId", |op, _| op.external_id.as_ref().map(Value::from)),
    ContextKey::asked("sts:RoleSessionName", |op, _| Some((&op.session).into())),
    ContextKey::asked("sts:SourceIdentity", |op, at| op.source_identity_by(at.caller).map(Value::from)),
];

/// The words for constraints of grants.
const EQUALS: &str = "EncryptionContextEquals";
const SUBSET: &str = "EncryptionContextSubset";

fn constraint_word(constraint: &key::Constraint) -> &'static str {
    match constraint {
        key::Constraint::Equals(_) => EQUALS,
        key::Constraint::Subset(_) => SUBSET,
    }
}

/// The pairs that the grant wants which is meant.
fn constrained<'a>(situation: &Situation<'a>) -> Option<&'a Pairs> {
    let grant = situation.located.grant.as_ref()?.grant.as_deref()?;
    grant.equals.as_ref().or(grant.subset.as_ref())
}

const BYPASS: &str = "kms:BypassPolicyLockoutSafetyCheck";

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
    match situation.second_factor_age() {
        Some(_) => Some(true.into()),
        // Long-term credentials do not carry the key at all.
        None => situation.caller.session.is_some().then(|| false.into()),
    }
}

fn multi_factor_age<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    situation.second_factor_age().map(|seconds| seconds.to_string().into())
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

fn principal_tags<'a>(situation: &Situation<'a>) -> Option<&'a Pairs> {
    Some(&situation.caller.tags)
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
    Some(situation.is_encrypted().into())
}

fn source_identity<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    let session = situation.caller.session.as_ref()?;
    session.terms.source_identity.as_ref().map(Value::from)
}

fn source_ip<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    situation.public_address().map(Value::from)
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

fn resource_tags<'a>(situation: &Situation<'a>) -> Option<&'a Pairs> {
    Some(situation.located.tags())
}

fn request_tags<'a>(situation: &Situation<'a>) -> Option<&'a Pairs> {
    situation.tags
}

/// Tags set when something is made are asked for by name too.
fn tag_keys<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    situation.tags.and_then(names)
}

/// The names of all tags or pairs, if there are any.
fn names<'a>(pairs: &Pairs) -> Option<Value<'a>> {
    (!pairs.is_empty()).then(|| pairs.keys().cloned().collect::<Vec<_>>().into())
}

/// The names, as they are given, if there are any.
fn given(names: &[String]) -> Option<Value<'_>> {
    (!names.is_empty()).then(|| names.into())
}

fn caller_account<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    Some((&*situation.caller.account).into())
}

fn key_spec<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    situation.located.as_a::<Loaded>().map(|key| spec_word(key.key.spec).into())
}

fn key_usage<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    situation.located.as_a::<Loaded>().map(|key| usage_word(key.key.usage).into())
}

fn key_origin<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    situation.located.as_a::<Loaded>().map(|key| origin_word(key.key.origin).into())
}

fn multi_region<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    situation.located.as_a::<Loaded>().map(|_| false.into())
}

fn resource_aliases<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    let aliases = &situation.located.as_a::<Loaded>()?.key.aliases;
    (!aliases.is_empty()).then(|| aliases.iter().cloned().collect::<Vec<_>>().into())
}

fn request_alias<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    situation.located.alias.as_ref().map(Value::from)
}

fn same_key<'a>(situation: &Situation<'a>) -> Option<Value<'a>> {
    let playing = |role| situation.all.iter().find(|located| located.role == role).and_then(|one| one.as_a::<Loaded>());
    let (source, destination) = (playing(Role::Source)?, playing(Role::Destination)?);
    Some((source.arn == destination.arn).into())
}
