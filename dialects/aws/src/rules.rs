//! The rules of AWS that are not wire format: the life of keys, identifiers, limits, and what a caller learns of a key
//! that is not there.
//!
//! Follows "Key states of AWS KMS keys" and "Quotas" of the KMS Developer Guide, and "IAM identifiers" and "IAM and AWS
//! STS quotas" of the IAM User Guide.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use polykms_core::engine::Situation;
use polykms_core::error::{Kind, Noun, StateFlaw};
use polykms_core::identity::{self, IdKind};
use polykms_core::key::rotation::{Counted, Rotating, Terms};
use polykms_core::key::{self, DataKeyForm, Layout, Spec, State, Usage, Use, envelope};

use crate::wire::kms::words;
use crate::{managed, resource, system};

/// Bytes that a key policy may have.
pub(crate) const MAX_KEY_POLICY: usize = 32_768;
/// Tags that a key, role or policy may have.
pub(crate) const MAX_TAGS: usize = 50;
/// Rotations that may be asked for of a key.
const MAX_ON_DEMAND: usize = 25;
/// How ciphertexts are laid out.
pub(crate) const LAYOUT: Layout = Layout::Committed;

/// The life of keys.
pub(crate) static KEYS: key::Rules = key::Rules {
    name: resource::of_keys,
    named: resource::key,
    admits,
    after_cancel: State::Disabled,
    window_days: 7..=30,
    layout: LAYOUT,
    data_key: DataKeyForm::Raw,
    context_bytes: envelope::framed,
    material: |key, version| Some(crate::wire::kms::material_id(key, version)),
    specs: key::Words::new(&words::SPECS, words::spec_word),
    usages: key::Words::new(&key::Usage::ALL, words::usage_word),
    misused: words::misused,
    mismatch_fails: true,
    default_policy,
    predefined: managed::KEYS,
    predefined_description: managed::description,
    predefined_policy: managed::policy,
    grants: Some(&GRANTS),
    rotation: Terms {
        counted: Counted::FromItself,
        predefined: Some(SignedDuration::from_hours(365 * 24)),
        told: |state| match state {
            State::Enabled | State::Disabled | State::PendingImport => Rotating::On,
            State::PendingDeletion => Rotating::Off,
        },
        pairs: false,
        imports: true,
        max_on_demand: MAX_ON_DEMAND,
        max_versions: usize::MAX,
        rest: SignedDuration::ZERO,
        quiet: SignedDuration::from_mins(20),
    },
    material_lasts: Some(SignedDuration::from_hours(365 * 24)),
    max_tags: MAX_TAGS,
    max_aliases: 50,
    lockout_check: Some("kms:PutKeyPolicy"),
};

/// Grants.
static GRANTS: key::GrantRules = key::GrantRules {
    party: resource::grant_party,
    account: resource::owned_by,
    account_of: resource::account_of,
    of_key: granted,
    create: "CreateGrant",
    most: 50_000,
};

/// The operations that grants may give on keys of a kind ("Grant operations").
fn granted(spec: Spec, usage: Usage) -> &'static [&'static str] {
    match usage {
        Usage::EncryptDecrypt if spec.is_pair() => &[
            "Decrypt",
            "Encrypt",
            "ReEncryptFrom",
            "ReEncryptTo",
            "GetPublicKey",
            "CreateGrant",
            "RetireGrant",
            "DescribeKey",
        ],
        Usage::EncryptDecrypt => &[
            "Decrypt",
            "Encrypt",
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "GenerateDataKeyPair",
            "GenerateDataKeyPairWithoutPlaintext",
            "ReEncryptFrom",
            "ReEncryptTo",
            "CreateGrant",
            "RetireGrant",
            "DescribeKey",
        ],
        Usage::SignVerify => &["Sign", "Verify", "GetPublicKey", "CreateGrant", "RetireGrant", "DescribeKey"],
        Usage::KeyAgreement => &["DeriveSharedSecret", "GetPublicKey", "CreateGrant", "RetireGrant", "DescribeKey"],
        Usage::GenerateVerifyMac => &["GenerateMac", "VerifyMac", "CreateGrant", "RetireGrant", "DescribeKey"],
    }
}

/// Identities.
pub(crate) static IDENTITY: identity::Rules = identity::Rules {
    name: resource::of_identities,
    id,
    secret,
    system_policies: system::policies,
    max_access_keys: 2,
    max_policy_versions: 5,
    max_groups: 10,
    max_attached: 10,
    max_tags: MAX_TAGS,
    max_inline: [2048, 5120, 10_240],
    min_session_seconds: 900,
    session_key_prefix: SESSION_KEY,
    owner_assumes_roles: false,
    mentioned: Some(resource::mentioned),
    full_name: resource::full_name,
};

/// An identity policy that allows everything.
pub(crate) const ALLOW_EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// The table of key states.
fn admits(wanted: Use, state: State) -> Result<(), StateFlaw> {
    match wanted {
        Use::Read | Use::ChangePolicy | Use::ReleaseAlias | Use::DeleteMaterial => Ok(()),
        Use::Cryptography | Use::Grant | Use::Rotate => match state {
            State::Enabled => Ok(()),
            State::Disabled => Err(StateFlaw::Disabled),
            State::PendingDeletion => Err(StateFlaw::PendingDeletion),
            State::PendingImport => Err(StateFlaw::PendingImport),
        },
        Use::Annotate
        | Use::CreateAlias
        | Use::RetargetAlias
        | Use::ScheduleDeletion
        | Use::PrepareImport
        | Use::Import => match state {
            State::Enabled | State::Disabled | State::PendingImport => Ok(()),
            State::PendingDeletion => Err(StateFlaw::PendingDeletion),
        },
        Use::Toggle => match state {
            State::Enabled | State::Disabled => Ok(()),
            State::PendingDeletion => Err(StateFlaw::PendingDeletion),
            State::PendingImport => Err(StateFlaw::PendingImport),
        },
        Use::CancelDeletion => match state {
            State::PendingDeletion => Ok(()),
            State::Enabled | State::Disabled | State::PendingImport => Err(StateFlaw::NotPendingDeletion),
        },
    }
}

/// A missing key of the own account is not found, whatever the policies say. Of another account's keys, and of those
/// that only a ciphertext leads to, nobody learns more than that access is denied.
pub(crate) fn missing(situation: &Situation<'_>, allowed: bool) -> Kind {
    let Situation { caller, region, located, .. } = situation;
    let foreign = located.account != caller.account;
    if located.resource.is_some() && located.grant.as_ref().is_some_and(|meant| meant.grant.is_none()) {
        return if foreign { Kind::AccessDenied } else { Kind::NotFound(Noun::Grant) };
    }
    match allowed {
        false if foreign || located.by_ciphertext => Kind::AccessDenied,
        true if located.by_ciphertext => Kind::InvalidCiphertext,
        _ if *located.region != **region => Kind::NotFound(Noun::Region),
        _ if resource::is_alias(&located.arn) => Kind::NotFound(Noun::Alias),
        _ => Kind::NotFound(Noun::Key),
    }
}

/// The policy that AWS gives a key that was made without one: the account's IAM policies decide.
pub(crate) fn default_policy(account: &str, region: &str) -> String {
    let partition = resource::partition(region);
    format!(
        r#"{{"Version":"2012-10-17","Id":"key-default-1","Statement":[{{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{{"AWS":"arn:{partition}:iam::{account}:root"}},"Action":"kms:*","Resource":"*"}}]}}"#
    )
}

/// A unique identifier: a prefix that tells its kind, and base32 characters.
/// What the identifiers of temporary access keys begin with.
const SESSION_KEY: &str = "ASIA";

pub(crate) fn id(kind: IdKind, random: &[u8; 32]) -> String {
    let (prefix, length) = match kind {
        IdKind::User => ("AIDA", 17),
        IdKind::Group => ("AGPA", 17),
        IdKind::Role => ("AROA", 17),
        IdKind::Policy => ("ANPA", 17),
        IdKind::AccessKey => ("AKIA", 16),
        IdKind::SessionKey => (SESSION_KEY, 16),
    };
    prefix.chars().chain(random.iter().take(length).map(|byte| base32(*byte))).collect()
}

/// The character for the low five bits (RFC 4648, section 6).
fn base32(byte: u8) -> char {
    match byte & 31 {
        letter @ 0..26 => char::from(b'A' + letter),
        digit => char::from(b'2' + (digit - 26)),
    }
}

/// The secret of an access key: 240 bits in 40 characters.
fn secret(random: &[u8; 32]) -> String {
    STANDARD.encode(random.iter().copied().take(30).collect::<Vec<u8>>())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::policy::DocumentKind;

    use super::*;

    const STATES: [State; 4] = [State::Enabled, State::Disabled, State::PendingDeletion, State::PendingImport];

    #[test]
    fn the_table_of_key_states_is_the_one_of_the_vendor() {
        let (disabled, deletion, import, not) = (
            Err(StateFlaw::Disabled),
            Err(StateFlaw::PendingDeletion),
            Err(StateFlaw::PendingImport),
            Err(StateFlaw::NotPendingDeletion),
        );
        for (wanted, outcomes) in [
            (Use::Cryptography, [Ok(()), disabled, deletion, import]),
            (Use::Rotate, [Ok(()), disabled, deletion, import]),
            (Use::Grant, [Ok(()), disabled, deletion, import]),
            (Use::Read, [Ok(()); 4]),
            (Use::ChangePolicy, [Ok(()); 4]),
            (Use::ReleaseAlias, [Ok(()); 4]),
            (Use::Annotate, [Ok(()), Ok(()), deletion, Ok(())]),
            (Use::CreateAlias, [Ok(()), Ok(()), deletion, Ok(())]),
            (Use::RetargetAlias, [Ok(()), Ok(()), deletion, Ok(())]),
            (Use::ScheduleDeletion, [Ok(()), Ok(()), deletion, Ok(())]),
            (Use::Toggle, [Ok(()), Ok(()), deletion, import]),
            (Use::CancelDeletion, [not, not, Ok(()), not]),
            (Use::PrepareImport, [Ok(()), Ok(()), deletion, Ok(())]),
            (Use::Import, [Ok(()), Ok(()), deletion, Ok(())]),
            (Use::DeleteMaterial, [Ok(()); 4]),
        ] {
            assert_eq!(STATES.map(|state| admits(wanted, state)), outcomes, "{wanted:?}");
        }
    }

    #[test]
    fn identifiers_have_the_prefix_and_the_length_of_their_kind() {
        let random = [0xff; 32];
        assert_eq!(id(IdKind::User, &random), format!("AIDA{}", "7".repeat(17)));
        assert_eq!(id(IdKind::AccessKey, &[0; 32]), format!("AKIA{}", "A".repeat(16)));
        assert_eq!(secret(&random).len(), 40);
        assert_eq!((0..32).map(base32).collect::<String>(), "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
    }

    #[test]
    fn every_policy_that_the_rules_make_compiles() {
        crate::policy::SPEC.compile(DocumentKind::Identity, ALLOW_EVERYTHING).unwrap();
        crate::policy::SPEC.compile(DocumentKind::Key, &default_policy("111122223333", "us-east-1")).unwrap();
    }

    #[test]
    fn the_default_policy_is_the_one_of_the_vendor() {
        assert_eq!(
            default_policy("111122223333", "us-east-1"),
            "{\"Version\":\"2012-10-17\",\"Id\":\"key-default-1\",\"Statement\":[{\"Sid\":\"Enable IAM User \
             Permissions\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::111122223333:root\"},\
             \"Action\":\"kms:*\",\"Resource\":\"*\"}]}"
        );
    }
}
