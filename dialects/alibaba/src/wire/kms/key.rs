//! CreateKey and DescribeKey, and the metadata both tell.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::error::{Cause, Error, Flaw, Kind, Noun, Result};
use polykms_core::key::{
    self, Blueprint, Current, Described, Lasting, Maker, Misuse, Origin, Protection, Rotation, Spec, State, Usage,
    Words, usages,
};
use polykms_core::port::Time;

use super::rotation::{self, ROTATING, heard_interval, interval, wanted};
use super::tag::{asked, tags_of};
use super::{key_of, policy};
use crate::message::kms::{
    CreateKeyRequest, CreateKeyResponse, CreatedKeyMetadata, DescribeKeyRequest, DescribeKeyResponse, KeyMetadata,
};
use crate::resource::{self, key_name};
use crate::wire::{date, heard, invalid};

/// Every key is kept in software.
pub(super) const PROTECTION_LEVEL: &str = "SOFTWARE";

pub(super) const STATES: Words<State> =
    Words::new(&[State::Enabled, State::Disabled, State::PendingDeletion, State::PendingImport], |state| match state {
        State::Enabled => "Enabled",
        State::Disabled => "Disabled",
        State::PendingDeletion => "PendingDeletion",
        State::PendingImport => "PendingImport",
    });

pub(crate) const SPECS: Words<Spec> =
    Words::new(&[Spec::Aes256, Spec::Rsa2048, Spec::Rsa3072, Spec::EccP256, Spec::EccP256k1], spec_name);

/// What a key spec is called; those that the vendor does not have are called as it calls their like.
pub(crate) fn spec_name(spec: Spec) -> &'static str {
    match spec {
        Spec::Aes128 => "Aliyun_AES_128",
        Spec::Aes256 => "Aliyun_AES_256",
        Spec::Hmac224 => "HMAC_SHA_224",
        Spec::Hmac256 => "HMAC_SHA_256",
        Spec::Hmac384 => "HMAC_SHA_384",
        Spec::Hmac512 => "HMAC_SHA_512",
        Spec::Rsa2048 => "RSA_2048",
        Spec::Rsa3072 => "RSA_3072",
        Spec::Rsa4096 => "RSA_4096",
        Spec::EccP256 => "EC_P256",
        Spec::EccP384 => "EC_P384",
        Spec::EccP521 => "EC_P521",
        Spec::EccP256k1 => "EC_P256K",
        Spec::Ed25519 => "EC_ED25519",
    }
}

pub(crate) const USAGES: Words<Usage> = Words::new(&[Usage::EncryptDecrypt, Usage::SignVerify], |usage| match usage {
    Usage::EncryptDecrypt => "ENCRYPT/DECRYPT",
    Usage::SignVerify => "SIGN/VERIFY",
    Usage::GenerateVerifyMac => "GENERATE/VERIFY",
    Usage::KeyAgreement => "KEY/AGREEMENT",
});

/// The error of a use that does not fit its key.
pub(crate) fn misused(misuse: &Misuse<'_>) -> Error {
    match misuse {
        Misuse::Usage { .. } | Misuse::Algorithm { .. } => Kind::InvalidUsage.into(),
        Misuse::NoDigest { .. } | Misuse::Digest { .. } => invalid(Flaw::Length, "Digest"),
        Misuse::Plaintext { .. } => invalid(Flaw::Length, "Plaintext"),
        Misuse::Context { .. } => invalid(Flaw::Value, "EncryptionContext"),
        Misuse::NoPublicKey { .. } => Kind::NotApplicable.because("the key has no public key"),
        Misuse::PublicKey => invalid(Flaw::Value, "PublicKey"),
    }
}

const ORIGINS: Words<Origin> = Words::new(&Origin::ALL, |origin| match origin {
    Origin::Generated => "Aliyun_KMS",
    Origin::Imported => "EXTERNAL",
});

/// CreateKey.
pub(crate) struct CreateKey;

impl Wire for CreateKey {
    type Op = key::Create;
    type Ask<'a> = CreateKeyRequest<'a>;
    type Told<'a> = CreateKeyResponse<'a>;

    fn op(ask: CreateKeyRequest<'_>) -> Result<key::Create> {
        let CreateKeyRequest {
            dkms_instance_id,
            description,
            enable_automatic_rotation,
            key_spec,
            key_usage,
            origin,
            policy: document,
            protection_level,
            rotation_interval,
            tags,
        } = ask;
        let rotation = wanted(enable_automatic_rotation.unwrap_or_default(), rotation_interval, &rotation::OF_NEW)?;
        if dkms_instance_id.is_some() {
            return Err(Kind::NotFound(Noun::Instance).about("DKMSInstanceId"));
        }
        // A promise of hardware is not made where there is none.
        if protection_level.is_some_and(|level| level != PROTECTION_LEVEL) {
            return Err(Kind::NotApplicable.about("ProtectionLevel").with_cause(Cause::Protection));
        }
        let tags = tags_of(tags)?.unwrap_or_default();
        Ok(key::Create {
            blueprint: blueprint(key_spec, key_usage, origin)?,
            description: description.map(Cow::into_owned),
            tag_keys: tags.keys().cloned().collect(),
            tags,
            rotation,
            policy: policy(document)?,
            bypass_lockout_check: None,
        })
    }

    fn told(output: &Described) -> Result<CreateKeyResponse<'_>> {
        Ok(CreateKeyResponse { key_metadata: Some(CreatedKeyMetadata(metadata(output))) })
    }

    fn ask(op: &key::Create) -> Result<CreateKeyRequest<'_>> {
        // Nobody is kept from locking themselves out.
        let key::Create { blueprint, description, tags, tag_keys: _, rotation, policy, bypass_lockout_check: _ } = op;
        let Blueprint { spec, usage, origin } = *blueprint;
        Ok(CreateKeyRequest {
            dkms_instance_id: None,
            description: description.as_deref().map(Cow::from),
            enable_automatic_rotation: Some(rotation.on),
            key_spec: spec.map(|spec| SPECS.word(spec).into()),
            key_usage: usage.map(|usage| USAGES.word(usage).into()),
            origin: origin.map(|origin| ORIGINS.word(origin).into()),
            policy: policy.as_ref().map(Cow::from),
            protection_level: Some(PROTECTION_LEVEL.into()),
            rotation_interval: rotation.every.map(interval),
            tags: asked(tags),
        })
    }

    fn output(told: CreateKeyResponse<'_>) -> Result<Described> {
        let CreateKeyResponse { key_metadata } = told;
        heard(heard::had(key_metadata)?.0)
    }
}

/// What a key is to be. The vendor has other kinds, which are not built.
fn blueprint(
    spec: Option<Cow<'_, str>>,
    usage: Option<Cow<'_, str>>,
    origin: Option<Cow<'_, str>>,
) -> Result<Blueprint> {
    let no_spec = || Kind::Unsupported.because("keys of this kind are not built yet").naming("KeySpec");
    let no_usage = || Kind::NotApplicable.because("keys of this kind have another usage").naming("KeyUsage");
    let unbuilt = || Kind::Unsupported.because("the import of key pairs is not built yet").naming("Origin");
    let blueprint = Blueprint {
        spec: spec.map(|text| SPECS.value(&text).ok_or_else(no_spec)).transpose()?,
        usage: usage.map(|text| USAGES.value(&text).ok_or_else(no_usage)).transpose()?,
        origin: origin.map(|text| ORIGINS.value(&text).ok_or_else(unbuilt)).transpose()?,
    };
    if blueprint.origin() == Origin::Imported && blueprint.spec().is_pair() {
        return Err(unbuilt());
    }
    match usages(blueprint.spec()).contains(&blueprint.usage()) {
        true => Ok(blueprint),
        false => Err(no_usage()),
    }
}

/// DescribeKey.
pub(crate) struct DescribeKey;

impl Wire for DescribeKey {
    type Op = key::Describe;
    type Ask<'a> = DescribeKeyRequest<'a>;
    type Told<'a> = DescribeKeyResponse<'a>;

    fn op(ask: DescribeKeyRequest<'_>) -> Result<key::Describe> {
        let DescribeKeyRequest { key_id } = ask;
        Ok(key::Describe { key: key_of("KeyId", key_id)?, tokens: Default::default() })
    }

    fn told(output: &Described) -> Result<DescribeKeyResponse<'_>> {
        Ok(DescribeKeyResponse { key_metadata: Some(metadata(output)) })
    }

    fn ask(op: &key::Describe) -> Result<DescribeKeyRequest<'_>> {
        let key::Describe { key, tokens: _ } = op;
        Ok(DescribeKeyRequest { key_id: Some(key_name(key)?) })
    }

    fn output(told: DescribeKeyResponse<'_>) -> Result<Described> {
        let DescribeKeyResponse { key_metadata } = told;
        heard(heard::had(key_metadata)?)
    }
}

/// Whether a key must not be deleted.
const PROTECTIONS: Words<bool> = Words::new(&[true, false], |on| if on { "Enabled" } else { "Disabled" });

/// What is told of a key; CreateKey does not tell its protection.
fn metadata(key: &Described) -> KeyMetadata<'_> {
    let Described {
        id,
        arn,
        account,
        region: _,
        state,
        spec,
        usage,
        origin,
        maker: _,
        description,
        created_at,
        deletion_at,
        deletion_protection: protection,
        rotation,
        current,
        lasting,
    } = key;
    let rotated_at = current.as_ref().and_then(|version| version.created_at);
    KeyMetadata {
        arn: Some((&**arn).into()),
        automatic_rotation: rotation.map(|rotation| ROTATING.word(rotation.rotating).into()),
        creation_date: Some(*created_at),
        creator: Some(account.into()),
        delete_date: Some(deletion_at.map(date).unwrap_or_default().into()),
        deletion_protection: protection.as_ref().map(|protection| PROTECTIONS.word(protection.on).into()),
        deletion_protection_description: protection
            .as_ref()
            .and_then(|protection| Some((protection.reason.as_ref()?).into())),
        description: Some(description.into()),
        key_id: Some(id.into()),
        key_spec: Some(SPECS.word(*spec).into()),
        key_state: Some(STATES.word(*state).into()),
        key_usage: Some(USAGES.word(*usage).into()),
        last_rotation_date: Some(rotated_at.map(date).unwrap_or_default().into()),
        material_expire_time: Some(lasting.and_then(Lasting::end).map(date).unwrap_or_default().into()),
        next_rotation_date: rotation.and_then(|rotation| Some(date(rotation.next?).into())),
        origin: Some(ORIGINS.word(*origin).into()),
        // Key pairs have versions, each of which is named when it is used, and none before the others.
        primary_key_version: Some(
            current
                .as_ref()
                .filter(|_| !spec.is_pair())
                .and_then(|version| version.id.as_deref())
                .unwrap_or_default()
                .into(),
        ),
        protection_level: Some(PROTECTION_LEVEL.into()),
        rotation_interval: rotation.and_then(|rotation| Some(interval(rotation.every?))),
    }
}

/// The key of an answer. Its region stands in its full name alone.
fn heard(metadata: KeyMetadata<'_>) -> Result<Described> {
    let KeyMetadata {
        arn,
        automatic_rotation,
        creation_date,
        creator,
        delete_date,
        deletion_protection,
        deletion_protection_description,
        description,
        key_id,
        key_spec,
        key_state,
        key_usage,
        last_rotation_date,
        material_expire_time,
        next_rotation_date,
        origin,
        primary_key_version,
        protection_level,
        rotation_interval,
    } = metadata;
    let arn = heard::had(arn)?;
    let rotation = Rotation {
        rotating: heard::word(ROTATING, automatic_rotation)?,
        every: rotation_interval.map(|text| heard_interval(&text)).transpose()?,
        next: next_rotation_date.map(|text| instant(Some(text))).transpose()?.flatten(),
    };
    let (state, origin) = (heard::word(STATES, key_state)?, heard::word(ORIGINS, origin)?);
    let end = instant(material_expire_time)?;
    let is_there = end.is_some() || state != State::PendingImport;
    heard::agrees(protection_level, PROTECTION_LEVEL)?;
    let on = deletion_protection.map(|word| heard::word(PROTECTIONS, Some(word))).transpose()?;
    let reason = deletion_protection_description.map(Cow::into_owned);
    let (id, created_at) = (heard::text(primary_key_version)?, instant(last_rotation_date)?);
    let is_current = !id.is_empty() || created_at.is_some();
    Ok(Described {
        region: heard::had(resource::key(&arn).and_then(|key| key.region))?,
        arn: (&*arn).into(),
        id: heard::text(key_id)?,
        account: heard::text(creator)?,
        state,
        spec: heard::word(SPECS, key_spec)?,
        usage: heard::word(USAGES, key_usage)?,
        origin,
        // Keys of services are another matter.
        maker: Maker::Account,
        description: heard::text(description)?,
        created_at: heard::had(creation_date)?,
        deletion_at: instant(delete_date)?,
        deletion_protection: on.map(|on| Protection { on, reason }),
        rotation: Some(rotation),
        lasting: (origin == Origin::Imported && is_there).then(|| Lasting::until(end)),
        current: is_current.then(|| Current { id: Some(id).filter(|id| !id.is_empty()), created_at, material: None }),
    })
}

/// An instant that is empty where there is none.
fn instant(text: Option<Cow<'_, str>>) -> Result<Option<Time>> {
    let read =
        |text: Cow<'_, str>| text.parse().map_err(|_| heard::unreadable("the answer has no date where one is due"));
    Some(heard::had(text)?).filter(|text| !text.is_empty()).map(read).transpose()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
pub(super) mod tests {
    use polykms_core::key::{Current, Key, Rotating, Version};
    use polykms_core::port::crypto::Sealed;

    use super::*;
    use crate::wire::tests::{decoded, shown};

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
            maker: Maker::Account,
            description: "words".into(),
            created_at,
            deletion_at: None,
            deletion_protection: None,
            rotation: None,
            tags: [("Project".to_owned(), "Apollo".to_owned())].into(),
            aliases: ["alias/a".to_owned()].into(),
            policy: String::new(),
            pins: Default::default(),
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
            maker: Maker::Account,
            description: "words".into(),
            created_at,
            deletion_at: None,
            deletion_protection: Some(Protection { on: false, reason: None }),
            rotation: Some(Rotation { rotating: Rotating::Off, every: None, next: None }),
            lasting: None,
            current: Some(Current { id: Some("v".into()), created_at: Some(created_at), material: None }),
        }
    }

    #[test]
    fn metadata_has_the_vendors_fields() {
        let told = shown::<DescribeKey>(described());
        let expected = serde_json::json!({"KeyMetadata": {
            "Arn": "acs:kms:r:1:key/k", "AutomaticRotation": "Disabled", "CreationDate": "2026-01-02T03:04:05Z",
            "Creator": "1", "DeleteDate": "", "DeletionProtection": "Disabled", "Description": "words", "KeyId": "k",
            "KeySpec": "Aliyun_AES_256", "KeyState": "Enabled", "KeyUsage": "ENCRYPT/DECRYPT",
            "LastRotationDate": "2026-01-02T03:04:05Z", "MaterialExpireTime": "", "Origin": "Aliyun_KMS",
            "PrimaryKeyVersion": "v", "ProtectionLevel": "SOFTWARE"
        }});
        assert_eq!(told, expected);
        let protection = Protection { on: true, reason: Some("in use".into()) };
        let next = "2026-02-01T03:04:05Z".parse().unwrap();
        let every = jiff::SignedDuration::from_hours(30 * 24);
        let rotation = Rotation { rotating: Rotating::Suspended, every: Some(every), next: Some(next) };
        let protected = Described { deletion_protection: Some(protection), rotation: Some(rotation), ..described() };
        let told = shown::<DescribeKey>(protected);
        assert_eq!(told["KeyMetadata"]["DeletionProtection"], "Enabled");
        assert_eq!(told["KeyMetadata"]["DeletionProtectionDescription"], "in use");
        assert_eq!(told["KeyMetadata"]["AutomaticRotation"], "Suspended");
        assert_eq!(told["KeyMetadata"]["RotationInterval"], "2592000s");
        assert_eq!(told["KeyMetadata"]["NextRotationDate"], "2026-02-01T03:04:05Z");
    }

    #[test]
    fn a_key_pair_signs_where_nothing_else_is_said_and_has_no_primary_version() {
        let made =
            |pairs: &[(&str, &str)]| decoded::<CreateKey>(pairs).map(|op| (op.blueprint.spec(), op.blueprint.usage()));
        assert_eq!(made(&[("KeySpec", "RSA_2048")]).unwrap(), (Spec::Rsa2048, Usage::SignVerify));
        assert_eq!(made(&[("KeySpec", "EC_P256K")]).unwrap(), (Spec::EccP256k1, Usage::SignVerify));
        let encrypts = [("KeySpec", "RSA_3072"), ("KeyUsage", "ENCRYPT/DECRYPT")];
        assert_eq!(made(&encrypts).unwrap(), (Spec::Rsa3072, Usage::EncryptDecrypt));
        let wrong = [("KeySpec", "EC_P256"), ("KeyUsage", "ENCRYPT/DECRYPT")];
        assert_eq!(made(&wrong).unwrap_err().kind(), Kind::NotApplicable);
        let told = shown::<DescribeKey>(Described { spec: Spec::EccP256, usage: Usage::SignVerify, ..described() });
        assert_eq!(
            (&told["KeyMetadata"]["KeySpec"], &told["KeyMetadata"]["KeyUsage"]),
            (&"EC_P256".into(), &"SIGN/VERIFY".into())
        );
        assert_eq!(told["KeyMetadata"]["PrimaryKeyVersion"], "");
    }

    #[test]
    fn what_is_not_built_is_refused_and_not_ignored() {
        let refusal = |name: &str, value: &str| decoded::<CreateKey>(&[(name, value)]).unwrap_err().kind();
        for (name, value, kind) in [
            ("KeySpec", "EC_SM2", Kind::Unsupported),
            ("KeySpec", "AES_256", Kind::Invalid(Flaw::Value)),
            ("KeyUsage", "SIGN/VERIFY", Kind::NotApplicable),
            ("KeyUsage", "SIGN", Kind::Invalid(Flaw::Value)),
            ("Origin", "External", Kind::Invalid(Flaw::Value)),
            ("ProtectionLevel", "HSM", Kind::NotApplicable),
            ("EnableAutomaticRotation", "True", Kind::Invalid(Flaw::Missing)),
            ("EnableAutomaticRotation", "yes", Kind::Invalid(Flaw::Value)),
            ("DKMSInstanceId", "kst-x", Kind::NotFound(Noun::Instance)),
            ("Tags", r#"[{"TagKey":""}]"#, Kind::Invalid(Flaw::Value)),
        ] {
            assert_eq!(refusal(name, value), kind, "{name}={value}");
        }
    }

    #[test]
    fn a_key_is_made_as_asked() {
        let made = decoded::<CreateKey>(&[
            ("Description", "words"),
            ("EnableAutomaticRotation", "False"),
            ("KeySpec", "Aliyun_AES_256"),
            ("KeyUsage", "ENCRYPT/DECRYPT"),
            ("Origin", "Aliyun_KMS"),
            ("ProtectionLevel", "SOFTWARE"),
            ("Tags", r#"[{"TagKey":"Project","TagValue":"Apollo"}]"#),
        ]);
        let made = made.unwrap();
        assert_eq!((made.description.as_deref(), made.tags.len(), made.policy), (Some("words"), 1, None));
        for none in [&[][..], &[("Tags", "[]")]] {
            assert!(decoded::<CreateKey>(none).unwrap().tags.is_empty());
        }
    }
}
