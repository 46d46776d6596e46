//! CreateKey and DescribeKey, and the metadata both tell.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::{Flaw, Kind, Noun, Reason, Result};
use polykms_core::key::{self, Blueprint, Described, Origin, Spec, State, Usage};
use serde_json::{Map, Value};

use super::tag::tags_of;
use crate::wire::{Arguments, date, invalid, tree};

/// The longest description, in characters.
pub(super) const LONGEST_DESCRIPTION: usize = 8192;

/// Every key is kept in software.
pub(super) const PROTECTION_LEVEL: &str = "SOFTWARE";

/// The kinds of key that the vendor has and that are not built.
const OTHER_SPECS: [&str; 10] = [
    "Aliyun_AES_128",
    "Aliyun_AES_192",
    "Aliyun_SM4",
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "EC_P256",
    "EC_P256K",
    "EC_P521",
    "EC_SM2",
];

pub(crate) struct CreateKey;

impl Former for CreateKey {
    type Op = key::Create;

    fn decode(arguments: &Payload) -> Result<key::Create> {
        let arguments = Arguments::of(arguments)?;
        if arguments.flag("EnableAutomaticRotation")? == Some(true) {
            return Err(Kind::Unsupported
                .because("automatic rotation is not built yet")
                .naming("EnableAutomaticRotation"));
        }
        if arguments.text("DKMSInstanceId").is_some() {
            return Err(Kind::NotFound(Noun::Instance).about("DKMSInstanceId"));
        }
        arguments.without("KeyStorageMechanism", "there is no hardware to store keys in")?;
        protection_level(arguments)?;
        let tags = tags_of(arguments)?.unwrap_or_default();
        Ok(key::Create {
            blueprint: blueprint(arguments)?,
            description: arguments.limited("Description", LONGEST_DESCRIPTION)?.unwrap_or_default().to_owned(),
            tag_keys: tags.keys().cloned().collect(),
            tags,
            policy: arguments.policy()?.map(str::to_owned),
            bypass_lockout_check: None,
        })
    }

    fn encode(output: Described) -> Result<Payload> {
        Ok(tree([("KeyMetadata", Value::Object(metadata(&output)))]))
    }
}

/// A promise of hardware is not made where there is none.
fn protection_level(arguments: Arguments<'_>) -> Result<()> {
    match arguments.text("ProtectionLevel") {
        None | Some(PROTECTION_LEVEL) => Ok(()),
        Some("HSM") => Err(Kind::NotApplicable.about("ProtectionLevel").with_reason(Reason::Protection)),
        Some(_) => Err(invalid(Flaw::Value, "ProtectionLevel")),
    }
}

fn blueprint(arguments: Arguments<'_>) -> Result<Blueprint> {
    let spec = match arguments.text("KeySpec") {
        None | Some("Aliyun_AES_256") => Spec::Aes256,
        Some(other) if OTHER_SPECS.contains(&other) => {
            return Err(Kind::Unsupported.because("keys of this kind are not built yet").naming("KeySpec"));
        }
        Some(_) => return Err(invalid(Flaw::Value, "KeySpec")),
    };
    let usage = match arguments.text("KeyUsage") {
        None | Some("ENCRYPT/DECRYPT") => Usage::EncryptDecrypt,
        Some("SIGN/VERIFY") => {
            return Err(Kind::NotApplicable.because("keys of this kind cannot sign").naming("KeyUsage"));
        }
        Some(_) => return Err(invalid(Flaw::Value, "KeyUsage")),
    };
    let origin = match arguments.text("Origin") {
        None | Some("Aliyun_KMS") => Origin::Generated,
        Some("EXTERNAL") => {
            let why = "material cannot be imported yet";
            return Err(Kind::NotApplicable.because(why).naming("Origin").with_reason(Reason::Origin));
        }
        Some(_) => return Err(invalid(Flaw::Value, "Origin")),
    };
    Ok(Blueprint { spec, usage, origin })
}

pub(crate) struct DescribeKey;

impl Former for DescribeKey {
    type Op = key::Describe;

    fn decode(arguments: &Payload) -> Result<key::Describe> {
        Ok(key::Describe { key: Arguments::of(arguments)?.key("KeyId")? })
    }

    fn encode(output: Described) -> Result<Payload> {
        let key = output;
        let mut fields = metadata(&key);
        let protection = if key.deletion_protection.is_some() { "Enabled" } else { "Disabled" };
        fields.insert("DeletionProtection".to_owned(), protection.into());
        if let Some(why) = key.deletion_protection {
            fields.insert("DeletionProtectionDescription".to_owned(), why.into());
        }
        Ok(tree([("KeyMetadata", Value::Object(fields))]))
    }
}

/// What CreateKey and DescribeKey both tell of a key.
fn metadata(key: &Described) -> Map<String, Value> {
    let Described {
        id, arn, account, state, spec, usage, origin, description, created_at, deletion_at, current, ..
    } = key;
    let fields = [
        ("Arn", arn.to_string()),
        ("AutomaticRotation", "Disabled".to_owned()),
        ("CreationDate", date(*created_at)),
        ("Creator", account.clone()),
        ("DeleteDate", deletion_at.map(date).unwrap_or_default()),
        ("Description", description.clone()),
        ("KeyId", id.clone()),
        ("KeySpec", spec_name(*spec).to_owned()),
        ("KeyState", state_name(*state).to_owned()),
        ("KeyUsage", usage_name(*usage).to_owned()),
        ("LastRotationDate", current.as_ref().map(|version| date(version.created_at)).unwrap_or_default()),
        ("MaterialExpireTime", String::new()),
        ("Origin", origin_name(*origin).to_owned()),
        ("PrimaryKeyVersion", current.as_ref().map(|version| version.id.clone()).unwrap_or_default()),
        ("ProtectionLevel", PROTECTION_LEVEL.to_owned()),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect()
}

pub(super) fn state_name(state: State) -> &'static str {
    match state {
        State::Enabled => "Enabled",
        State::Disabled => "Disabled",
        State::PendingDeletion => "PendingDeletion",
        State::PendingImport => "PendingImport",
    }
}

pub(crate) fn spec_name(spec: Spec) -> &'static str {
    match spec {
        Spec::Aes128 => "Aliyun_AES_128",
        Spec::Aes256 => "Aliyun_AES_256",
    }
}

pub(super) fn usage_name(usage: Usage) -> &'static str {
    match usage {
        Usage::EncryptDecrypt => "ENCRYPT/DECRYPT",
    }
}

fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Generated => "Aliyun_KMS",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
pub(super) mod tests {
    use polykms_core::key::{Current, Key, Version};
    use polykms_core::port::crypto::Sealed;

    use super::*;
    use crate::wire::tests::{params, shown};

    /// A key to tell about.
    pub(in crate::wire::kms) fn key() -> Key {
        let created_at = "2026-01-02T03:04:05Z".parse().unwrap();
        Key {
            id: "k".into(),
            account: "1".into(),
            region: "r".into(),
            state: State::Enabled,
            spec: Spec::Aes256,
            usage: Usage::EncryptDecrypt,
            origin: Origin::Generated,
            description: "words".into(),
            created_at,
            deletion_at: None,
            deletion_protection: None,
            tags: [("Project".to_owned(), "Apollo".to_owned())].into(),
            aliases: ["alias/a".to_owned()].into(),
            policy: String::new(),
            versions: Version::new("v", created_at, Origin::Generated, Sealed::Here(Vec::new())).into(),
        }
    }

    fn described() -> Described {
        let created_at = "2026-01-02T03:04:05Z".parse().unwrap();
        Described {
            id: "k".into(),
            arn: "acs:kms:r:1:key/k".into(),
            account: "1".into(),
            region: "r".into(),
            state: State::Enabled,
            spec: Spec::Aes256,
            usage: Usage::EncryptDecrypt,
            origin: Origin::Generated,
            description: "words".into(),
            created_at,
            deletion_at: None,
            deletion_protection: None,
            current: Some(Current { id: "v".into(), created_at, material: String::new() }),
        }
    }

    #[test]
    fn metadata_has_the_vendors_fields() {
        let told = shown(DescribeKey::encode(described()));
        let expected = serde_json::json!({"KeyMetadata": {
            "Arn": "acs:kms:r:1:key/k", "AutomaticRotation": "Disabled", "CreationDate": "2026-01-02T03:04:05Z",
            "Creator": "1", "DeleteDate": "", "DeletionProtection": "Disabled", "Description": "words", "KeyId": "k",
            "KeySpec": "Aliyun_AES_256", "KeyState": "Enabled", "KeyUsage": "ENCRYPT/DECRYPT",
            "LastRotationDate": "2026-01-02T03:04:05Z", "MaterialExpireTime": "", "Origin": "Aliyun_KMS",
            "PrimaryKeyVersion": "v", "ProtectionLevel": "SOFTWARE"
        }});
        assert_eq!(told, expected);
        let protected = Described { deletion_protection: Some("in use".into()), ..described() };
        let told = shown(DescribeKey::encode(protected));
        assert_eq!(told["KeyMetadata"]["DeletionProtection"], "Enabled");
        assert_eq!(told["KeyMetadata"]["DeletionProtectionDescription"], "in use");
    }

    #[test]
    fn what_is_not_built_is_refused_and_not_ignored() {
        let refusal = |name: &str, value: &str| CreateKey::decode(&params(&[(name, value)])).unwrap_err().kind();
        for (name, value, kind) in [
            ("KeySpec", "RSA_2048", Kind::Unsupported),
            ("KeySpec", "AES_256", Kind::Invalid(Flaw::Value)),
            ("KeyUsage", "SIGN/VERIFY", Kind::NotApplicable),
            ("KeyUsage", "SIGN", Kind::Invalid(Flaw::Value)),
            ("Origin", "EXTERNAL", Kind::NotApplicable),
            ("Origin", "External", Kind::Invalid(Flaw::Value)),
            ("ProtectionLevel", "HSM", Kind::NotApplicable),
            ("EnableAutomaticRotation", "True", Kind::Unsupported),
            ("EnableAutomaticRotation", "yes", Kind::Invalid(Flaw::Value)),
            ("DKMSInstanceId", "kst-x", Kind::NotFound(Noun::Instance)),
            ("Tags", r#"[{"TagKey":""}]"#, Kind::Invalid(Flaw::Value)),
        ] {
            assert_eq!(refusal(name, value), kind, "{name}={value}");
        }
    }

    #[test]
    fn a_key_is_made_as_asked() {
        let made = CreateKey::decode(&params(&[
            ("Description", "words"),
            ("EnableAutomaticRotation", "False"),
            ("KeySpec", "Aliyun_AES_256"),
            ("KeyUsage", "ENCRYPT/DECRYPT"),
            ("Origin", "Aliyun_KMS"),
            ("ProtectionLevel", "SOFTWARE"),
            ("Tags", r#"[{"TagKey":"Project","TagValue":"Apollo"}]"#),
        ]));
        let made = made.unwrap();
        assert_eq!((made.description.as_str(), made.tags.len(), made.policy), ("words", 1, None));
        for none in [&[][..], &[("Tags", "[]")]] {
            assert!(CreateKey::decode(&params(none)).unwrap().tags.is_empty());
        }
    }
}
