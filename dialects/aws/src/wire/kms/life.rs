//! CreateKey, DescribeKey, ListKeys, UpdateKeyDescription, EnableKey, DisableKey, ScheduleKeyDeletion and
//! CancelKeyDeletion.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::{Kind, Noun, Result};
use polykms_core::key::rotation::Wanted;
use polykms_core::key::{
    self, Blueprint, Current, Described, Entry, Lasting, Maker, Origin, Reference, Restored, Scheduled, State, Usage,
};
use polykms_core::list::Listed;

use super::import::{heard_lasting, model_word};
use super::tag::{listed, tags};
use super::words::{Algorithms, SPECS, SYMMETRIC_DEFAULT, asked, is_compatible, origin_word, spec_word, usage_word};
use super::{any_key, named_key, token_texts, tokens, unsupported};
use crate::message::kms::{
    CancelKeyDeletionRequest, CancelKeyDeletionResponse, CreateKeyRequest, CreateKeyResponse, DescribeKeyRequest,
    DescribeKeyResponse, DisableKeyRequest, EnableKeyRequest, KeyListEntry, KeyMetadata, ListKeysRequest,
    ListKeysResponse, ScheduleKeyDeletionRequest, ScheduleKeyDeletionResponse, UpdateKeyDescriptionRequest,
};
use crate::protocol::refused;
use crate::resource::{self, key_name};
use crate::rules::{KEYS, MAX_KEY_POLICY};
use crate::wire::heard::{self, had};
use crate::wire::list;

/// CreateKey.
pub(crate) struct CreateKey;

impl Wire for CreateKey {
    type Op = key::Create;
    type Ask<'a> = CreateKeyRequest<'a>;
    type Told<'a> = CreateKeyResponse<'a>;

    fn op(ask: CreateKeyRequest<'_>) -> Result<key::Create> {
        let blueprint = blueprint(&ask)?;
        let CreateKeyRequest { policy, description, bypass_policy_lockout_safety_check, tags: list, .. } = ask;
        let (tags, tag_keys) = tags(list)?;
        Ok(key::Create {
            blueprint,
            description: description.map(Cow::into_owned),
            tags,
            tag_keys,
            rotation: Wanted::NEVER,
            policy: policy.map(document).transpose()?,
            bypass_lockout_check: bypass_policy_lockout_safety_check,
        })
    }

    fn told(output: &Described) -> Result<CreateKeyResponse<'_>> {
        Ok(CreateKeyResponse { key_metadata: Some(metadata(output)) })
    }

    fn ask(op: &key::Create) -> Result<CreateKeyRequest<'_>> {
        let key::Create { blueprint, description, tags, tag_keys: _, rotation, policy, bypass_lockout_check } = op;
        if rotation.on {
            return Err(Kind::Unsupported.because("KMS is asked for the rotation of a key once it is there"));
        }
        let Blueprint { spec, usage, origin: _ } = blueprint;
        Ok(CreateKeyRequest {
            policy: policy.as_deref().map(Cow::from),
            description: description.as_deref().map(Cow::from),
            key_usage: usage.map(|usage| usage_word(usage).into()),
            key_spec: spec.map(|spec| spec_word(spec).into()),
            origin: Some(origin_word(blueprint.origin()).into()),
            multi_region: Some(false),
            bypass_policy_lockout_safety_check: *bypass_lockout_check,
            tags: (!tags.is_empty()).then(|| listed(tags)),
            customer_master_key_spec: None,
            custom_key_store_id: None,
            xks_key_id: None,
        })
    }

    fn output(told: CreateKeyResponse<'_>) -> Result<Described> {
        described(had(told.key_metadata)?)
    }
}

/// What a key is to be; whatever is not built is refused by name and never replaced.
fn blueprint(ask: &CreateKeyRequest<'_>) -> Result<Blueprint> {
    let CreateKeyRequest {
        policy: _,
        description: _,
        key_usage,
        customer_master_key_spec,
        key_spec,
        origin,
        custom_key_store_id,
        bypass_policy_lockout_safety_check: _,
        tags: _,
        multi_region,
        xks_key_id,
    } = ask;
    let given = match (key_spec.as_deref(), customer_master_key_spec.as_deref()) {
        (Some(_), Some(_)) => {
            return Err(refused(
                "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is \
                 deprecated.",
            ));
        }
        (spec, former) => spec.or(former),
    };
    let spec = given.unwrap_or(SYMMETRIC_DEFAULT);
    match key_usage.as_deref() {
        None if spec != SYMMETRIC_DEFAULT => {
            return Err(refused(
                "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
            ));
        }
        Some(usage) if !is_compatible(spec, usage) => {
            return Err(refused(format!("KeyUsage {usage} is not compatible with KeySpec {spec}")));
        }
        None | Some(_) => {}
    }
    let spec = given.map(|spec| asked(&SPECS, spec_word, "KeySpec", Some(spec.into()))).transpose()?;
    let origin = asked(&Origin::ALL, origin_word, "Origin", origin.as_deref().map(Cow::from))?;
    if multi_region.unwrap_or_default() {
        return Err(unsupported("MultiRegion is not supported: multi-Region keys are not built."));
    }
    if custom_key_store_id.is_some() || xks_key_id.is_some() {
        return Err(unsupported("Custom key stores are not supported: there is nothing to connect to."));
    }
    Ok(Blueprint {
        spec,
        usage: Usage::ALL.into_iter().find(|usage| key_usage.as_deref() == Some(usage_word(*usage))),
        origin: Some(origin),
    })
}

/// A key policy of a size that may be kept.
pub(super) fn document(text: Cow<'_, str>) -> Result<String> {
    if text.len() > MAX_KEY_POLICY {
        let words = format!("The key policy exceeds the maximum size of {MAX_KEY_POLICY} bytes.");
        return Err(Kind::LimitExceeded(Noun::KeyPolicy).verbatim(words));
    }
    Ok(text.into_owned())
}

const MAKERS: [Maker; 2] = [Maker::Account, Maker::Service];

/// Who manages a key.
fn maker_word(maker: Maker) -> &'static str {
    match maker {
        Maker::Account => "CUSTOMER",
        Maker::Service => "AWS",
    }
}

/// All that is told about a key.
fn metadata(key: &Described) -> KeyMetadata<'_> {
    let Described {
        id,
        arn,
        account,
        state,
        spec,
        usage,
        origin,
        maker,
        description,
        created_at,
        deletion_at,
        current,
        lasting,
        ..
    } = key;
    let Algorithms { encryption, signing, authentication, agreement } = Algorithms::of(*spec, *usage);
    KeyMetadata {
        aws_account_id: Some(account.into()),
        key_id: Some(id.into()),
        arn: Some((&**arn).into()),
        creation_date: Some(*created_at),
        enabled: Some(*state == State::Enabled),
        description: Some(description.into()),
        key_usage: Some(usage_word(*usage).into()),
        key_state: Some(state_word(*state).into()),
        deletion_date: *deletion_at,
        origin: Some(origin_word(*origin).into()),
        key_manager: Some(maker_word(*maker).into()),
        customer_master_key_spec: Some(spec_word(*spec).into()),
        key_spec: Some(spec_word(*spec).into()),
        encryption_algorithms: encryption,
        signing_algorithms: signing,
        mac_algorithms: authentication,
        key_agreement_algorithms: agreement,
        multi_region: Some(false),
        expiration_model: lasting.map(|lasting| model_word(lasting).into()),
        valid_to: lasting.and_then(Lasting::end),
        current_key_material_id: current.as_ref().and_then(|current| Some(current.material.as_ref()?.into())),
    }
}

/// The key that an answer tells about.
fn described(told: KeyMetadata<'_>) -> Result<Described> {
    let KeyMetadata {
        aws_account_id,
        key_id,
        arn,
        creation_date,
        enabled,
        description,
        key_usage,
        key_state,
        deletion_date,
        origin,
        key_manager,
        customer_master_key_spec,
        key_spec,
        encryption_algorithms,
        signing_algorithms,
        mac_algorithms,
        key_agreement_algorithms,
        multi_region,
        current_key_material_id,
        expiration_model,
        valid_to,
    } = told;
    let arn = had(arn)?;
    let Reference { account: _, region, by: _ } = resource::key(&arn)?;
    let state = heard::one_of(&STATES, state_word, key_state)?;
    heard::agrees(enabled, state == State::Enabled)?;
    heard::agrees(customer_master_key_spec, had(key_spec.as_deref())?)?;
    let spec = heard::one_of(&SPECS, spec_word, key_spec)?;
    let usage = match key_usage {
        // Most keys are for this; the model lets answers do without it.
        None => Usage::EncryptDecrypt,
        told => heard::one_of(&Usage::ALL, usage_word, told)?,
    };
    let Algorithms { encryption, signing, authentication, agreement } = Algorithms::of(spec, usage);
    for (told, known) in [
        (encryption_algorithms, encryption),
        (signing_algorithms, signing),
        (mac_algorithms, authentication),
        (key_agreement_algorithms, agreement),
    ] {
        heard::agrees(told, known.unwrap_or_default())?;
    }
    heard::agrees(multi_region, false)?;
    let material = |material: Cow<'_, str>| Current { id: None, created_at: None, material: Some(material.into()) };
    Ok(Described {
        id: heard::text(key_id)?,
        region: had(region)?,
        account: heard::text(aws_account_id)?,
        state,
        spec,
        usage,
        origin: heard::one_of(&Origin::ALL, origin_word, origin)?,
        maker: heard::one_of(&MAKERS, maker_word, key_manager)?,
        description: heard::text(description)?,
        created_at: had(creation_date)?,
        deletion_at: deletion_date,
        deletion_protection: None,
        rotation: None,
        lasting: heard_lasting(expiration_model, valid_to)?,
        current: current_key_material_id.map(material),
        arn: (&*arn).into(),
    })
}

const STATES: [State; 4] = [State::Enabled, State::Disabled, State::PendingDeletion, State::PendingImport];

fn state_word(state: State) -> &'static str {
    match state {
        State::Enabled => "Enabled",
        State::Disabled => "Disabled",
        State::PendingDeletion => "PendingDeletion",
        State::PendingImport => "PendingImport",
    }
}

/// DescribeKey.
pub(crate) struct DescribeKey;

impl Wire for DescribeKey {
    type Op = key::Describe;
    type Ask<'a> = DescribeKeyRequest<'a>;
    type Told<'a> = DescribeKeyResponse<'a>;

    fn op(ask: DescribeKeyRequest<'_>) -> Result<key::Describe> {
        let DescribeKeyRequest { key_id, grant_tokens } = ask;
        Ok(key::Describe { key: any_key(key_id)?, tokens: tokens(grant_tokens) })
    }

    fn told(output: &Described) -> Result<DescribeKeyResponse<'_>> {
        Ok(DescribeKeyResponse { key_metadata: Some(metadata(output)) })
    }

    fn ask(op: &key::Describe) -> Result<DescribeKeyRequest<'_>> {
        let key::Describe { key, tokens } = op;
        Ok(DescribeKeyRequest { key_id: Some(key_name(key)?), grant_tokens: token_texts(tokens) })
    }

    fn output(told: DescribeKeyResponse<'_>) -> Result<Described> {
        described(had(told.key_metadata)?)
    }
}

/// ListKeys.
pub(crate) struct ListKeys;

impl Wire for ListKeys {
    type Op = key::List;
    type Ask<'a> = ListKeysRequest<'a>;
    type Told<'a> = ListKeysResponse<'a>;

    fn op(ask: ListKeysRequest<'_>) -> Result<key::List> {
        let ListKeysRequest { limit, marker } = ask;
        Ok(key::List { paging: list::paging(limit, marker, 1000), filters: Vec::new() })
    }

    fn told(output: &Listed<Entry>) -> Result<ListKeysResponse<'_>> {
        let Listed { items, next, .. } = output;
        Ok(ListKeysResponse {
            keys: Some(items.iter().map(entry).collect()),
            next_marker: next.as_deref().map(Cow::from),
            truncated: Some(next.is_some()),
        })
    }

    fn ask(op: &key::List) -> Result<ListKeysRequest<'_>> {
        if !op.filters.is_empty() {
            return Err(Kind::Unsupported.because("KMS filters no list of keys"));
        }
        let (limit, marker) = list::part(&op.paging)?;
        Ok(ListKeysRequest { limit, marker })
    }

    fn output(told: ListKeysResponse<'_>) -> Result<Listed<Entry>> {
        let ListKeysResponse { keys, next_marker, truncated } = told;
        list::heard(keys, truncated, next_marker, |KeyListEntry { key_id, key_arn }| {
            Ok(Entry { id: heard::text(key_id)?, arn: heard::text(key_arn)? })
        })
    }
}

fn entry(key: &Entry) -> KeyListEntry<'_> {
    let Entry { id, arn } = key;
    KeyListEntry { key_id: Some(id.into()), key_arn: Some(arn.into()) }
}

/// UpdateKeyDescription.
pub(crate) struct UpdateKeyDescription;

impl Wire for UpdateKeyDescription {
    type Op = key::UpdateDescription;
    type Ask<'a> = UpdateKeyDescriptionRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: UpdateKeyDescriptionRequest<'_>) -> Result<key::UpdateDescription> {
        let UpdateKeyDescriptionRequest { key_id, description } = ask;
        let description = description.unwrap_or_default().into_owned();
        Ok(key::UpdateDescription { key: named_key(key_id)?, description })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::UpdateDescription) -> Result<UpdateKeyDescriptionRequest<'_>> {
        let key::UpdateDescription { key, description } = op;
        Ok(UpdateKeyDescriptionRequest { key_id: Some(key_name(key)?), description: Some(description.into()) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// EnableKey.
pub(crate) struct EnableKey;

impl Wire for EnableKey {
    type Op = key::Enable;
    type Ask<'a> = EnableKeyRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: EnableKeyRequest<'_>) -> Result<key::Enable> {
        Ok(key::Enable { key: named_key(ask.key_id)? })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::Enable) -> Result<EnableKeyRequest<'_>> {
        Ok(EnableKeyRequest { key_id: Some(key_name(&op.key)?) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// DisableKey.
pub(crate) struct DisableKey;

impl Wire for DisableKey {
    type Op = key::Disable;
    type Ask<'a> = DisableKeyRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: DisableKeyRequest<'_>) -> Result<key::Disable> {
        Ok(key::Disable { key: named_key(ask.key_id)? })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::Disable) -> Result<DisableKeyRequest<'_>> {
        Ok(DisableKeyRequest { key_id: Some(key_name(&op.key)?) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// ScheduleKeyDeletion.
pub(crate) struct ScheduleKeyDeletion;

impl Wire for ScheduleKeyDeletion {
    type Op = key::ScheduleDeletion;
    type Ask<'a> = ScheduleKeyDeletionRequest<'a>;
    type Told<'a> = ScheduleKeyDeletionResponse<'a>;

    fn op(ask: ScheduleKeyDeletionRequest<'_>) -> Result<key::ScheduleDeletion> {
        let ScheduleKeyDeletionRequest { key_id, pending_window_in_days: days } = ask;
        let window = days.and_then(|days| u32::try_from(days).ok()).filter(|days| KEYS.window_days.contains(days));
        let (least, most) = (KEYS.window_days.start(), KEYS.window_days.end());
        let window_days = window
            .ok_or_else(|| refused(format!("PendingWindowInDays must be between {least} and {most}, inclusive.")))?;
        Ok(key::ScheduleDeletion { key: named_key(key_id)?, window_days })
    }

    fn told(output: &Option<Scheduled>) -> Result<ScheduleKeyDeletionResponse<'_>> {
        let Scheduled { arn, state, deletion_at, window_days } = known(output)?;
        Ok(ScheduleKeyDeletionResponse {
            key_id: Some((&**arn).into()),
            deletion_date: Some(*deletion_at),
            key_state: Some(state_word(*state).into()),
            pending_window_in_days: Some(i64::from(*window_days)),
        })
    }

    fn ask(op: &key::ScheduleDeletion) -> Result<ScheduleKeyDeletionRequest<'_>> {
        let key::ScheduleDeletion { key, window_days } = op;
        let pending_window_in_days = Some(i64::from(*window_days));
        Ok(ScheduleKeyDeletionRequest { key_id: Some(key_name(key)?), pending_window_in_days })
    }

    fn output(told: ScheduleKeyDeletionResponse<'_>) -> Result<Option<Scheduled>> {
        let ScheduleKeyDeletionResponse { key_id, deletion_date, key_state, pending_window_in_days } = told;
        Ok(Some(Scheduled {
            arn: (&*had(key_id)?).into(),
            state: heard::one_of(&STATES, state_word, key_state)?,
            deletion_at: had(deletion_date)?,
            window_days: had(pending_window_in_days.and_then(|days| u32::try_from(days).ok()))?,
        }))
    }
}

/// What came of an operation, which AWS always tells.
pub(super) fn known<T>(output: &Option<T>) -> Result<&T> {
    output.as_ref().ok_or_else(|| Kind::Internal.because("nothing is known of what was done"))
}

/// CancelKeyDeletion.
pub(crate) struct CancelKeyDeletion;

impl Wire for CancelKeyDeletion {
    type Op = key::CancelDeletion;
    type Ask<'a> = CancelKeyDeletionRequest<'a>;
    type Told<'a> = CancelKeyDeletionResponse<'a>;

    fn op(ask: CancelKeyDeletionRequest<'_>) -> Result<key::CancelDeletion> {
        Ok(key::CancelDeletion { key: named_key(ask.key_id)? })
    }

    fn told(output: &Option<Restored>) -> Result<CancelKeyDeletionResponse<'_>> {
        let Restored { arn } = known(output)?;
        Ok(CancelKeyDeletionResponse { key_id: Some((&**arn).into()) })
    }

    fn ask(op: &key::CancelDeletion) -> Result<CancelKeyDeletionRequest<'_>> {
        Ok(CancelKeyDeletionRequest { key_id: Some(key_name(&op.key)?) })
    }

    fn output(told: CancelKeyDeletionResponse<'_>) -> Result<Option<Restored>> {
        Ok(Some(Restored { arn: (&*had(told.key_id)?).into() }))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::Flaw;

    use super::*;
    use crate::wire::kms::material_id;
    use crate::wire::kms::tests::{ARN, ID, VERSION, decoded, refused, text_of};

    const INVALID: Kind = Kind::Invalid(Flaw::Value);

    fn key() -> Described {
        let created_at = "2024-01-02T03:04:05.678Z".parse().unwrap();
        Described {
            id: ID.to_owned(),
            arn: ARN.into(),
            account: "111122223333".to_owned(),
            region: "us-east-1".to_owned(),
            state: State::Enabled,
            spec: key::Spec::Aes256,
            usage: Usage::EncryptDecrypt,
            origin: Origin::Generated,
            maker: Maker::Account,
            description: "a \"key\"".to_owned(),
            created_at,
            deletion_at: None,
            deletion_protection: None,
            rotation: None,
            lasting: None,
            current: Some(Current {
                id: Some(VERSION.to_owned()),
                created_at: Some(created_at),
                material: Some(material_id(ID, VERSION)),
            }),
        }
    }

    #[test]
    fn a_key_is_described_with_all_its_members() {
        let material = material_id(ID, VERSION);
        assert_eq!(
            text_of::<CreateKey>(key()),
            format!(
                r#"{{"KeyMetadata":{{"AWSAccountId":"111122223333","KeyId":"{ID}","Arn":"{ARN}","CreationDate":1704164645.678,"Enabled":true,"Description":"a \"key\"","KeyUsage":"ENCRYPT_DECRYPT","KeyState":"Enabled","Origin":"AWS_KMS","KeyManager":"CUSTOMER","CustomerMasterKeySpec":"SYMMETRIC_DEFAULT","KeySpec":"SYMMETRIC_DEFAULT","EncryptionAlgorithms":["SYMMETRIC_DEFAULT"],"MultiRegion":false,"CurrentKeyMaterialId":"{material}"}}}}"#
            )
        );
        let deletion_at = "2024-02-01T00:00:00Z".parse().unwrap();
        let gone = Described { state: State::PendingDeletion, deletion_at: Some(deletion_at), ..key() };
        let text = text_of::<DescribeKey>(gone);
        assert!(
            text.contains(r#""Enabled":false,"#)
                && text.contains(r#""KeyState":"PendingDeletion","DeletionDate":1706745600.0,"#)
        );
        let scheduled = Scheduled { arn: ARN.into(), state: State::PendingDeletion, deletion_at, window_days: 30 };
        assert_eq!(
            text_of::<ScheduleKeyDeletion>(Some(scheduled)),
            format!(
                r#"{{"KeyId":"{ARN}","DeletionDate":1706745600.0,"KeyState":"PendingDeletion","PendingWindowInDays":30}}"#
            )
        );
        assert_eq!(text_of::<CancelKeyDeletion>(Some(Restored { arn: ARN.into() })), format!(r#"{{"KeyId":"{ARN}"}}"#));
    }

    #[test]
    fn keys_are_listed_with_the_way_on() {
        let listed =
            |next| Listed { items: vec![Entry { id: ID.to_owned(), arn: ARN.to_owned() }], next, numbered: None };
        assert_eq!(
            text_of::<ListKeys>(listed(Some("m".to_owned()))),
            format!(r#"{{"Keys":[{{"KeyId":"{ID}","KeyArn":"{ARN}"}}],"NextMarker":"m","Truncated":true}}"#)
        );
        assert!(text_of::<ListKeys>(listed(None)).ends_with(r#"],"Truncated":false}"#));
    }

    #[test]
    fn a_key_is_made_of_its_defaults() {
        let create = decoded::<CreateKey>("{}").unwrap();
        assert!(create.description.as_deref() == Some("") && create.tags.is_empty() && create.policy.is_none());
        assert_eq!(create.bypass_lockout_check, None);
        let create = decoded::<CreateKey>(
            r#"{"Description":"d","KeySpec":"SYMMETRIC_DEFAULT","KeyUsage":"ENCRYPT_DECRYPT","Origin":"AWS_KMS","MultiRegion":false,
                "BypassPolicyLockoutSafetyCheck":false,"Policy":"{}","Tags":[{"TagKey":"a","TagValue":""}]}"#,
        )
        .unwrap();
        assert_eq!((create.description.as_deref(), create.policy.as_deref()), (Some("d"), Some("{}")));
        assert_eq!((create.bypass_lockout_check, create.tag_keys), (Some(false), vec!["a".to_owned()]));
        assert!(decoded::<CreateKey>(r#"{"CustomerMasterKeySpec":"SYMMETRIC_DEFAULT"}"#).is_ok());
    }

    #[test]
    fn values_outside_an_enumeration_are_refused_in_the_recorded_words() {
        for (body, words) in [
            (
                r#"{"KeySpec":"HMAC_random"}"#,
                "1 validation error detected: Value 'HMAC_random' at 'keySpec' failed to satisfy constraint: Member must \
                 satisfy enum value set: [RSA_2048, ECC_NIST_P384, ECC_NIST_P256, ECC_NIST_P521, HMAC_384, RSA_3072, \
                 ECC_SECG_P256K1, RSA_4096, SYMMETRIC_DEFAULT, HMAC_256, HMAC_224, HMAC_512]",
            ),
            (
                r#"{"KeyUsage":"RANDOM"}"#,
                "1 validation error detected: Value 'RANDOM' at 'keyUsage' failed to satisfy constraint: Member must \
                 satisfy enum value set: [ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC]",
            ),
            (
                r#"{"KeySpec":"HMAC_256"}"#,
                "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
            ),
            (
                r#"{"KeySpec":"RSA_2048","KeyUsage":"KEY_AGREEMENT"}"#,
                "KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048",
            ),
        ] {
            assert_eq!(refused::<CreateKey>(body), (INVALID, words.to_owned()));
        }
        let both = r#"{"KeySpec":"SYMMETRIC_DEFAULT","CustomerMasterKeySpec":"SYMMETRIC_DEFAULT"}"#;
        assert_eq!(refused::<CreateKey>(both).0, INVALID);
        let many = refused::<CreateKey>(r#"{"KeyUsage":"x","Origin":"y","CustomKeyStoreId":""}"#).1;
        assert!(many.starts_with("3 validation errors detected: "), "{many}");
    }

    #[test]
    fn keys_that_are_not_built_are_refused_and_not_replaced() {
        for body in [
            r#"{"KeySpec":"SM2","KeyUsage":"SIGN_VERIFY"}"#,
            r#"{"KeySpec":"ML_DSA_44","KeyUsage":"SIGN_VERIFY"}"#,
            r#"{"Origin":"AWS_CLOUDHSM"}"#,
            r#"{"MultiRegion":true}"#,
            r#"{"CustomKeyStoreId":"cks-1"}"#,
            r#"{"XksKeyId":"a"}"#,
        ] {
            let (kind, words) = refused::<CreateKey>(body);
            assert_eq!(kind, Kind::Unsupported, "{body}");
            assert!(words.contains("not supported"), "{words}");
        }
    }

    #[test]
    fn a_policy_is_bounded_in_its_shape_and_in_its_size() {
        let with = |policy: String| serde_json::json!({ "Policy": policy }).to_string();
        assert_eq!(refused::<CreateKey>(&with("x".repeat(131_073))).0, INVALID);
        assert_eq!(refused::<CreateKey>(&with(String::new())).0, INVALID);
        assert_eq!(refused::<CreateKey>(&with("\u{100}".to_owned())).0, INVALID);
        assert_eq!(refused::<CreateKey>(&with("x".repeat(32_769))).0, Kind::LimitExceeded(Noun::KeyPolicy));
        assert!(decoded::<CreateKey>(&with("x".repeat(32_768))).is_ok());
    }

    #[test]
    fn a_missing_key_id_is_named() {
        let null =
            "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null";
        assert_eq!(refused::<DescribeKey>("{}"), (INVALID, null.to_owned()));
        assert_eq!(refused::<EnableKey>("{}"), (INVALID, null.to_owned()));
        assert_eq!(refused::<ScheduleKeyDeletion>("{}"), (INVALID, null.to_owned()));
        let both = refused::<UpdateKeyDescription>("{}").1;
        assert!(both.starts_with("2 validation errors detected: Value null at 'keyId'"), "{both}");
    }

    #[test]
    fn aliases_describe_a_key_but_do_not_manage_it() {
        let body = r#"{"KeyId":"alias/a"}"#;
        assert_eq!(decoded::<DescribeKey>(body).unwrap().key, Reference::alias("alias/a"));
        assert_eq!(refused::<EnableKey>(body), (Kind::NotFound(Noun::Key), "Invalid keyId 'alias/a'".to_owned()));
        let with_token = decoded::<DescribeKey>(r#"{"KeyId":"alias/a","GrantTokens":["t"]}"#).unwrap();
        assert_eq!(with_token.tokens.0, ["t"]);
    }

    #[test]
    fn a_deletion_waits_7_to_30_days_and_30_by_default() {
        let days = |days: &str| format!(r#"{{"KeyId":"{ID}"{days}}}"#);
        assert_eq!(decoded::<ScheduleKeyDeletion>(&days("")).unwrap().window_days, 30);
        assert_eq!(decoded::<ScheduleKeyDeletion>(&days(r#","PendingWindowInDays":7"#)).unwrap().window_days, 7);
        for wrong in ["6", "31", "365"] {
            let (kind, words) = refused::<ScheduleKeyDeletion>(&days(&format!(r#","PendingWindowInDays":{wrong}"#)));
            assert_eq!((kind, words.as_str()), (INVALID, "PendingWindowInDays must be between 7 and 30, inclusive."));
        }
        for wrong in ["0", "-1", "366"] {
            let words = refused::<ScheduleKeyDeletion>(&days(&format!(r#","PendingWindowInDays":{wrong}"#))).1;
            assert!(words.starts_with("1 validation error detected: Value '"), "{words}");
        }
    }

    #[test]
    fn pages_are_checked() {
        for body in [r#"{"Limit":0}"#, r#"{"Limit":1001}"#, r#"{"Marker":""}"#, r#"{"Marker":"\u0000"}"#] {
            assert_eq!(refused::<ListKeys>(body).0, INVALID);
        }
        assert!(decoded::<ListKeys>(r#"{"Limit":1000,"Marker":"m"}"#).is_ok());
    }
}
