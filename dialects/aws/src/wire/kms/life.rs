//! CreateKey, DescribeKey, ListKeys, UpdateKeyDescription, EnableKey, DisableKey, ScheduleKeyDeletion and
//! CancelKeyDeletion.

use polykms_core::dialect::{Payload, Wire};
use polykms_core::error::{Kind, Noun, Result};
use polykms_core::key::{self, Blueprint, Described, Key, Origin, Scheduled, Spec, State, Usage};
use polykms_core::list::Listed;
use serde::{Deserialize, Serialize};

use super::{
    OneKey, Page, Rest, any_key, grant_tokens, key_id, listed, material_id, named_key, no_grants, paging, unsupported,
};
use crate::context::{SYMMETRIC_DEFAULT, origin_word, spec_word, usage_word};
use crate::resource::key_arn;
use crate::rules::{KEYS, MAX_KEY_POLICY};
use crate::wire::constraint::{Violation, detect, length, one_of, pattern, range, refused, required};
use crate::wire::json::{Epoch, Flag, List, NOTHING, Number, Object, Text, decode, encode, flag, number, text};
use crate::wire::kms::tag::{TagMember, tag_checks, tags};

/// CreateKey.
pub(crate) struct CreateKey;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateKeyArguments<'a> {
    #[serde(borrow)]
    policy: Option<Text<'a>>,
    #[serde(borrow)]
    description: Option<Text<'a>>,
    #[serde(borrow)]
    key_usage: Option<Text<'a>>,
    #[serde(borrow)]
    customer_master_key_spec: Option<Text<'a>>,
    #[serde(borrow)]
    key_spec: Option<Text<'a>>,
    #[serde(borrow)]
    origin: Option<Text<'a>>,
    #[serde(borrow)]
    custom_key_store_id: Option<Text<'a>>,
    bypass_policy_lockout_safety_check: Option<Flag>,
    #[serde(borrow)]
    tags: Option<List<Object<TagMember<'a>>>>,
    multi_region: Option<Flag>,
    #[serde(borrow)]
    xks_key_id: Option<Text<'a>>,
}

impl Wire for CreateKey {
    type Op = key::Create;

    fn decode(arguments: &Payload) -> Result<key::Create> {
        let arguments: CreateKeyArguments<'_> = decode(arguments)?;
        detect(arguments.checks())?;
        let blueprint = arguments.blueprint()?;
        let CreateKeyArguments { policy, description, bypass_policy_lockout_safety_check, tags: listed, .. } =
            arguments;
        let (tags, tag_keys) = tags(listed.as_ref())?;
        Ok(key::Create {
            blueprint,
            description: text(&description).unwrap_or_default().to_owned(),
            tags,
            tag_keys,
            policy: text(&policy).map(document).transpose()?,
            bypass_lockout_check: bypass_policy_lockout_safety_check.map(|Flag(bypass)| bypass),
        })
    }

    fn encode(output: Described) -> Result<Payload> {
        described(&output.key)
    }
}

/// The key specs there are, and the usages each of them has.
const SPECS: &[(&[&str], &[&str])] = &[
    (&[SYMMETRIC_DEFAULT], &["ENCRYPT_DECRYPT"]),
    (&["HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"], &["GENERATE_VERIFY_MAC"]),
    (&["RSA_2048", "RSA_3072", "RSA_4096"], &["ENCRYPT_DECRYPT", "SIGN_VERIFY"]),
    (&["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"], &["SIGN_VERIFY", "KEY_AGREEMENT"]),
    (&["ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519", "ML_DSA_44", "ML_DSA_65", "ML_DSA_87"], &["SIGN_VERIFY"]),
    (&["SM2"], &["ENCRYPT_DECRYPT", "SIGN_VERIFY", "KEY_AGREEMENT"]),
];

fn usages(spec: &str) -> Option<&'static [&'static str]> {
    SPECS.iter().find(|(specs, _)| specs.contains(&spec)).map(|(_, usages)| *usages)
}

impl CreateKeyArguments<'_> {
    fn checks(&self) -> Vec<Violation> {
        // Both sets as AWS was seen to show them: newer specs and usages are known, but not listed.
        const SPEC_SET: &str = "RSA_2048, ECC_NIST_P384, ECC_NIST_P256, ECC_NIST_P521, HMAC_384, RSA_3072, \
                                ECC_SECG_P256K1, RSA_4096, SYMMETRIC_DEFAULT, HMAC_256, HMAC_224, HMAC_512";
        const USAGE_SET: &str = "ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC";
        const USAGES: [&str; 4] = ["SIGN_VERIFY", "ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"];
        const ORIGINS: [&str; 4] = ["AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"];
        let Self {
            policy,
            description,
            key_usage,
            customer_master_key_spec,
            key_spec,
            origin,
            custom_key_store_id,
            bypass_policy_lockout_safety_check: _,
            tags,
            multi_region: _,
            xks_key_id,
        } = self;
        let known: Vec<&str> = SPECS.iter().flat_map(|(specs, _)| specs.iter().copied()).collect();
        let [policy_length, policy_pattern] = document_checks(text(policy));
        let mut checks = vec![
            policy_length,
            policy_pattern,
            length("description", text(description), 0..=8192),
            one_of("keyUsage", text(key_usage), &USAGES, USAGE_SET),
            one_of("customerMasterKeySpec", text(customer_master_key_spec), &known, SPEC_SET),
            one_of("keySpec", text(key_spec), &known, SPEC_SET),
            one_of("origin", text(origin), &ORIGINS, "AWS_KMS, EXTERNAL, AWS_CLOUDHSM, EXTERNAL_KEY_STORE"),
            length("customKeyStoreId", text(custom_key_store_id), 1..=64),
            length("xksKeyId", text(xks_key_id), 1..=128),
        ];
        checks.extend(tag_checks(tags.as_ref()));
        checks
    }

    /// What the key is to be; whatever is not built is refused by name and never replaced.
    fn blueprint(&self) -> Result<Blueprint> {
        let Self {
            key_usage,
            customer_master_key_spec,
            key_spec,
            origin,
            custom_key_store_id,
            multi_region,
            xks_key_id,
            ..
        } = self;
        let spec = match (text(key_spec), text(customer_master_key_spec)) {
            (Some(_), Some(_)) => {
                return Err(refused(
                    "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is \
                     deprecated.",
                ));
            }
            (Some(spec), None) | (None, Some(spec)) => spec,
            (None, None) => SYMMETRIC_DEFAULT,
        };
        match text(key_usage) {
            None if spec != SYMMETRIC_DEFAULT => {
                return Err(refused(
                    "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
                ));
            }
            Some(usage) if !usages(spec).is_some_and(|usages| usages.contains(&usage)) => {
                return Err(refused(format!("KeyUsage {usage} is not compatible with KeySpec {spec}")));
            }
            None | Some(_) => {}
        }
        if spec != SYMMETRIC_DEFAULT {
            return Err(unsupported(format!("KeySpec {spec} is not supported: only symmetric keys are built.")));
        }
        if let Some(origin) = text(origin).filter(|origin| *origin != "AWS_KMS") {
            return Err(unsupported(format!("Origin {origin} is not supported: key material is generated here.")));
        }
        if flag(*multi_region) {
            return Err(unsupported("MultiRegion is not supported: multi-Region keys are not built."));
        }
        if custom_key_store_id.is_some() || xks_key_id.is_some() {
            return Err(unsupported("Custom key stores are not supported: there is nothing to connect to."));
        }
        Ok(Blueprint { spec: Spec::Aes256, usage: Usage::EncryptDecrypt, origin: Origin::Generated })
    }
}

/// The checks of a key policy as a text.
pub(super) fn document_checks(document: Option<&str>) -> [Violation; 2] {
    let latin =
        |text: &str| text.chars().all(|character| matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{ff}'));
    [length("policy", document, 1..=131_072), pattern("policy", document, latin, r"[\u0009\u000A\u000D\u0020-\u00FF]+")]
}

/// A key policy of a size that may be kept.
pub(super) fn document(text: &str) -> Result<String> {
    if text.len() > MAX_KEY_POLICY {
        let words = format!("The key policy exceeds the maximum size of {MAX_KEY_POLICY} bytes.");
        return Err(Kind::LimitExceeded(Noun::KeyPolicy).verbatim(words));
    }
    Ok(text.to_owned())
}

/// All that is told about a key, in the order of the service model.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct KeyMetadata<'a> {
    #[serde(rename = "AWSAccountId")]
    aws_account_id: &'a str,
    key_id: &'a str,
    arn: String,
    creation_date: Epoch,
    enabled: bool,
    description: &'a str,
    key_usage: &'static str,
    key_state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion_date: Option<Epoch>,
    origin: &'static str,
    key_manager: &'static str,
    customer_master_key_spec: &'static str,
    key_spec: &'static str,
    encryption_algorithms: [&'static str; 1],
    multi_region: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_key_material_id: Option<String>,
}

impl<'a> KeyMetadata<'a> {
    fn of(key: &'a Key) -> Self {
        let Key {
            id,
            account,
            region,
            state,
            spec,
            usage,
            origin,
            description,
            created_at,
            deletion_at,
            deletion_protection: _,
            tags: _,
            aliases: _,
            policy: _,
            versions,
        } = key;
        Self {
            aws_account_id: account,
            key_id: id,
            arn: key_arn(region, account, id),
            creation_date: Epoch(*created_at),
            enabled: *state == State::Enabled,
            description,
            key_usage: usage_word(*usage),
            key_state: state_word(*state),
            deletion_date: deletion_at.map(Epoch),
            origin: origin_word(*origin),
            key_manager: "CUSTOMER",
            customer_master_key_spec: spec_word(*spec),
            key_spec: spec_word(*spec),
            encryption_algorithms: [SYMMETRIC_DEFAULT],
            multi_region: false,
            current_key_material_id: versions.current().map(|version| material_id(id, &version.id)),
        }
    }
}

fn state_word(state: State) -> &'static str {
    match state {
        State::Enabled => "Enabled",
        State::Disabled => "Disabled",
        State::PendingDeletion => "PendingDeletion",
        State::PendingImport => "PendingImport",
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DescribedOutput<'a> {
    key_metadata: KeyMetadata<'a>,
}

fn described(key: &Key) -> Result<Payload> {
    encode(&DescribedOutput { key_metadata: KeyMetadata::of(key) }, 1024)
}

/// DescribeKey.
pub(crate) struct DescribeKey;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeKeyArguments<'a> {
    #[serde(borrow, rename = "KeyId")]
    name: Option<Text<'a>>,
    #[serde(borrow, rename = "GrantTokens")]
    tokens: Option<List<Text<'a>>>,
}

impl Wire for DescribeKey {
    type Op = key::Describe;

    fn decode(arguments: &Payload) -> Result<key::Describe> {
        let DescribeKeyArguments { name, tokens } = decode(arguments)?;
        detect(key_id("keyId", &name).into_iter().chain(grant_tokens(&tokens)))?;
        no_grants(&tokens)?;
        Ok(key::Describe { key: any_key(&name)? })
    }

    fn encode(output: Described) -> Result<Payload> {
        described(&output.key)
    }
}

/// ListKeys.
pub(crate) struct ListKeys;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListKeysOutput {
    keys: Vec<KeyListEntry>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct KeyListEntry {
    key_id: String,
    key_arn: String,
}

impl Wire for ListKeys {
    type Op = key::List;

    fn decode(arguments: &Payload) -> Result<key::List> {
        let page: Page<'_> = decode(arguments)?;
        detect(page.checks())?;
        let Page { limit, marker } = page;
        Ok(key::List { paging: paging(limit, &marker, 100, 1000), filters: Vec::new() })
    }

    fn encode(output: Listed<Key>) -> Result<Payload> {
        let (keys, rest) =
            listed(output, |key| KeyListEntry { key_arn: key_arn(&key.region, &key.account, &key.id), key_id: key.id });
        let room = 160 * keys.len() + 1024;
        encode(&ListKeysOutput { keys, rest }, room)
    }
}

/// UpdateKeyDescription.
pub(crate) struct UpdateKeyDescription;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateKeyDescriptionArguments<'a> {
    #[serde(borrow, rename = "KeyId")]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    description: Option<Text<'a>>,
}

impl Wire for UpdateKeyDescription {
    type Op = key::UpdateDescription;

    fn decode(arguments: &Payload) -> Result<key::UpdateDescription> {
        let UpdateKeyDescriptionArguments { name, description } = decode(arguments)?;
        let about_text =
            [required("description", description.as_ref()), length("description", text(&description), 0..=8192)];
        detect(key_id("keyId", &name).into_iter().chain(about_text))?;
        let description = text(&description).unwrap_or_default().to_owned();
        Ok(key::UpdateDescription { key: named_key(&name)?, description })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}

/// EnableKey.
pub(crate) struct EnableKey;

impl Wire for EnableKey {
    type Op = key::Enable;

    fn decode(arguments: &Payload) -> Result<key::Enable> {
        Ok(key::Enable { key: decode::<OneKey<'_>>(arguments)?.reference()? })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}

/// DisableKey.
pub(crate) struct DisableKey;

impl Wire for DisableKey {
    type Op = key::Disable;

    fn decode(arguments: &Payload) -> Result<key::Disable> {
        Ok(key::Disable { key: decode::<OneKey<'_>>(arguments)?.reference()? })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}

/// ScheduleKeyDeletion.
pub(crate) struct ScheduleKeyDeletion;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ScheduleKeyDeletionArguments<'a> {
    #[serde(borrow, rename = "KeyId")]
    name: Option<Text<'a>>,
    pending_window_in_days: Option<Number>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ScheduleKeyDeletionOutput {
    key_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion_date: Option<Epoch>,
    key_state: &'static str,
    pending_window_in_days: u32,
}

/// Days a deletion is put off when nothing else was asked for.
const DEFAULT_WINDOW: i64 = 30;

impl Wire for ScheduleKeyDeletion {
    type Op = key::ScheduleDeletion;

    fn decode(arguments: &Payload) -> Result<key::ScheduleDeletion> {
        let ScheduleKeyDeletionArguments { name, pending_window_in_days } = decode(arguments)?;
        let days = number(pending_window_in_days);
        detect(key_id("keyId", &name).into_iter().chain([range("pendingWindowInDays", days, 1..=365)]))?;
        let window = u32::try_from(days.unwrap_or(DEFAULT_WINDOW)).ok().filter(|days| KEYS.window_days.contains(days));
        let (least, most) = (KEYS.window_days.start(), KEYS.window_days.end());
        let window_days = window
            .ok_or_else(|| refused(format!("PendingWindowInDays must be between {least} and {most}, inclusive.")))?;
        Ok(key::ScheduleDeletion { key: named_key(&name)?, window_days })
    }

    fn encode(output: Scheduled) -> Result<Payload> {
        let Scheduled { key, window_days } = output;
        let output = ScheduleKeyDeletionOutput {
            key_id: key_arn(&key.region, &key.account, &key.id),
            deletion_date: key.deletion_at.map(Epoch),
            key_state: state_word(key.state),
            pending_window_in_days: window_days,
        };
        encode(&output, 256)
    }
}

/// CancelKeyDeletion.
pub(crate) struct CancelKeyDeletion;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CancelKeyDeletionOutput {
    key_id: String,
}

impl Wire for CancelKeyDeletion {
    type Op = key::CancelDeletion;

    fn decode(arguments: &Payload) -> Result<key::CancelDeletion> {
        Ok(key::CancelDeletion { key: decode::<OneKey<'_>>(arguments)?.reference()? })
    }

    fn encode(output: Described) -> Result<Payload> {
        let Described { key } = output;
        encode(&CancelKeyDeletionOutput { key_id: key_arn(&key.region, &key.account, &key.id) }, 128)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::Flaw;
    use polykms_core::key::{Reference, Version};
    use polykms_core::port::crypto::Sealed;
    use polykms_core::tag::Tags;

    use super::*;
    use crate::wire::kms::tests::{ARN, ID, VERSION, decoded, refused, text_of};

    const INVALID: Kind = Kind::Invalid(Flaw::Value);

    fn key() -> Key {
        Key {
            id: ID.to_owned(),
            account: "111122223333".to_owned(),
            region: "us-east-1".to_owned(),
            state: State::Enabled,
            spec: Spec::Aes256,
            usage: Usage::EncryptDecrypt,
            origin: Origin::Generated,
            description: "a \"key\"".to_owned(),
            created_at: "2024-01-02T03:04:05.678Z".parse().unwrap(),
            deletion_at: None,
            deletion_protection: None,
            tags: Tags::new(),
            aliases: std::collections::BTreeSet::new(),
            policy: String::new(),
            versions: Version::new(
                VERSION,
                "2024-01-02T03:04:05.678Z".parse().unwrap(),
                Origin::Generated,
                Sealed::Here(Vec::new()),
            )
            .into(),
        }
    }

    #[test]
    fn a_key_is_described_with_all_its_members() {
        let material = material_id(ID, VERSION);
        assert_eq!(
            text_of(CreateKey::encode(Described { key: key() })),
            format!(
                r#"{{"KeyMetadata":{{"AWSAccountId":"111122223333","KeyId":"{ID}","Arn":"{ARN}","CreationDate":1704164645.678,"Enabled":true,"Description":"a \"key\"","KeyUsage":"ENCRYPT_DECRYPT","KeyState":"Enabled","Origin":"AWS_KMS","KeyManager":"CUSTOMER","CustomerMasterKeySpec":"SYMMETRIC_DEFAULT","KeySpec":"SYMMETRIC_DEFAULT","EncryptionAlgorithms":["SYMMETRIC_DEFAULT"],"MultiRegion":false,"CurrentKeyMaterialId":"{material}"}}}}"#
            )
        );
        let gone =
            Key { state: State::PendingDeletion, deletion_at: Some("2024-02-01T00:00:00Z".parse().unwrap()), ..key() };
        let text = text_of(DescribeKey::encode(Described { key: gone.clone() }));
        assert!(
            text.contains(r#""Enabled":false,"#)
                && text.contains(r#""KeyState":"PendingDeletion","DeletionDate":1706745600.0,"#)
        );
        assert_eq!(
            text_of(ScheduleKeyDeletion::encode(Scheduled { key: gone, window_days: 30 })),
            format!(
                r#"{{"KeyId":"{ARN}","DeletionDate":1706745600.0,"KeyState":"PendingDeletion","PendingWindowInDays":30}}"#
            )
        );
        assert_eq!(text_of(CancelKeyDeletion::encode(Described { key: key() })), format!(r#"{{"KeyId":"{ARN}"}}"#));
    }

    #[test]
    fn keys_are_listed_with_the_way_on() {
        let listed = |next| Listed { items: vec![key()], next, total: 1 };
        assert_eq!(
            text_of(ListKeys::encode(listed(Some("m".to_owned())))),
            format!(r#"{{"Keys":[{{"KeyId":"{ID}","KeyArn":"{ARN}"}}],"NextMarker":"m","Truncated":true}}"#)
        );
        assert!(text_of(ListKeys::encode(listed(None))).ends_with(r#"],"Truncated":false}"#));
    }

    #[test]
    fn a_key_is_made_of_its_defaults() {
        let create = decoded::<CreateKey>("{}").unwrap();
        assert!(create.description.is_empty() && create.tags.is_empty() && create.policy.is_none());
        assert_eq!(create.bypass_lockout_check, None);
        let create = decoded::<CreateKey>(
            r#"{"Description":"d","KeySpec":"SYMMETRIC_DEFAULT","KeyUsage":"ENCRYPT_DECRYPT","Origin":"AWS_KMS","MultiRegion":false,
                "BypassPolicyLockoutSafetyCheck":false,"Policy":"{}","Tags":[{"TagKey":"a","TagValue":""}]}"#,
        )
        .unwrap();
        assert_eq!((create.description.as_str(), create.policy.as_deref()), ("d", Some("{}")));
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
            r#"{"KeySpec":"RSA_2048","KeyUsage":"SIGN_VERIFY"}"#,
            r#"{"KeySpec":"ML_DSA_44","KeyUsage":"SIGN_VERIFY"}"#,
            r#"{"Origin":"EXTERNAL"}"#,
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
        assert_eq!(refused::<DescribeKey>(r#"{"KeyId":"alias/a","GrantTokens":["t"]}"#).0, Kind::InvalidGrantToken);
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
