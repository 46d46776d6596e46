//! The rules of Alibaba Cloud that are neither wire nor policy: the life of keys, identifiers, limits.
//!
//! Follows the KMS documents "Impact of CMK states on API operations", "Encrypt" and "ScheduleKeyDeletion", and the RAM
//! document "Limits".

use jiff::SignedDuration;
use polykms_core::error::{Kind, Noun, StateFlaw};
use polykms_core::identity::{self, IdKind};
use polykms_core::key::rotation::{Counted, Rotating, Terms};
use polykms_core::key::{self, DataKeyForm, EncryptionContext, Layout, State, Use};
use sha2::{Digest, Sha256};

use crate::wire::kms::key::{SPECS, USAGES, misused};
use crate::{resource, system};

/// The days that a deletion may be put off.
pub(crate) const WINDOW_DAYS: std::ops::RangeInclusive<u32> = 7..=366;

/// The regions of the vendor that have the service.
pub(crate) const REGIONS: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-southeast-1",
    "ap-southeast-3",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "cn-beijing",
    "cn-beijing-finance-1",
    "cn-chengdu",
    "cn-fuzhou",
    "cn-guangzhou",
    "cn-hangzhou",
    "cn-hangzhou-finance",
    "cn-heyuan",
    "cn-hongkong",
    "cn-huhehaote",
    "cn-nanjing",
    "cn-qingdao",
    "cn-shanghai",
    "cn-shanghai-finance-1",
    "cn-shenzhen",
    "cn-shenzhen-finance-1",
    "cn-wuhan-lr",
    "cn-wulanchabu",
    "cn-zhangjiakou",
    "eu-central-1",
    "eu-west-1",
    "us-east-1",
    "us-west-1",
];

/// What holds for keys.
pub(crate) static KEYS: key::Rules = key::Rules {
    name: resource::of_keys,
    named: |text| resource::key(text).ok_or_else(|| Kind::NotFound(Noun::Key).about(text)),
    admits,
    after_cancel: State::Enabled,
    window_days: WINDOW_DAYS,
    layout: Layout::Visible,
    data_key: DataKeyForm::Base64,
    context_bytes,
    material: |_, _| None,
    specs: SPECS,
    usages: USAGES,
    misused,
    mismatch_fails: false,
    default_policy,
    predefined: &[],
    predefined_description: |_| String::new(),
    predefined_policy: |_, account, region| default_policy(account, region),
    grants: None,
    rotation: Terms {
        counted: Counted::FromCurrent,
        predefined: None,
        told: |state| match state {
            State::Enabled => Rotating::On,
            State::Disabled | State::PendingDeletion | State::PendingImport => Rotating::Suspended,
        },
        pairs: true,
        imports: false,
        max_on_demand: usize::MAX,
        max_versions: 50,
        rest: SignedDuration::from_hours(7 * 24),
        quiet: SignedDuration::ZERO,
    },
    material_lasts: None,
    max_tags: 20,
    max_aliases: 300,
    lockout_check: None,
};

/// What holds for identities.
pub(crate) static IDENTITY: identity::Rules = identity::Rules {
    name: resource::of_identities,
    id,
    secret,
    system_policies: system::policies,
    max_access_keys: 2,
    max_policy_versions: 5,
    max_groups: 5,
    max_attached: 10,
    max_tags: 20,
    max_inline: [0; 3],
    min_session_seconds: 900,
    session_key_prefix: SESSION_KEY,
    owner_assumes_roles: false,
    mentioned: None,
    full_name: crate::resource::full_name,
};

/// The policy that allows everything.
pub(crate) const ALLOW_EVERYTHING: &str =
    r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

fn admits(wanted: Use, state: State) -> Result<(), StateFlaw> {
    match (wanted, state) {
        (Use::Cryptography | Use::Grant | Use::Rotate, State::Enabled) => Ok(()),
        (Use::Cryptography | Use::Grant | Use::Rotate, State::Disabled) => Err(StateFlaw::Disabled),
        (Use::Cryptography | Use::Grant | Use::Rotate, State::PendingDeletion) => Err(StateFlaw::PendingDeletion),
        (Use::Cryptography | Use::Grant | Use::Rotate, State::PendingImport) => Err(StateFlaw::PendingImport),
        (Use::Read | Use::ReleaseAlias | Use::PrepareImport | Use::DeleteMaterial, _) => Ok(()),
        (Use::Annotate | Use::ChangePolicy | Use::RetargetAlias, State::PendingDeletion) => {
            Err(StateFlaw::PendingDeletion)
        }
        (Use::Annotate | Use::ChangePolicy | Use::RetargetAlias, _) => Ok(()),
        (Use::Toggle, State::Enabled | State::Disabled) => Ok(()),
        (Use::Toggle, State::PendingDeletion | State::PendingImport) => Err(StateFlaw::Transition),
        (Use::ScheduleDeletion | Use::CreateAlias | Use::Import, State::PendingDeletion) => Err(StateFlaw::Transition),
        (Use::ScheduleDeletion | Use::CreateAlias | Use::Import, _) => Ok(()),
        (Use::CancelDeletion, State::PendingDeletion) => Ok(()),
        (Use::CancelDeletion, _) => Err(StateFlaw::NotPendingDeletion),
    }
}

/// Nothing for an empty context, else the SHA-256 of `k1=v1&k2=v2`, sorted by name.
///
/// The form is the vendor's own, so that its tools can open the ciphertexts; names or values that hold `=` or `&` can be
/// split between pairs in more than one way, which the vendor accepts.
fn context_bytes(context: &EncryptionContext) -> Vec<u8> {
    if context.is_empty() {
        return Vec::new();
    }
    let mut hash = Sha256::new();
    for (at, (name, value)) in context.iter().enumerate() {
        if at > 0 {
            hash.update(b"&");
        }
        hash.update(name.as_bytes());
        hash.update(b"=");
        hash.update(value.as_bytes());
    }
    hash.finalize().to_vec()
}

/// The account that owns a key may do everything with it; its users need permission of their own.
fn default_policy(account: &str, _: &str) -> String {
    serde_json::json!({
        "Version": "1",
        "Statement": [{
            "Sid": "kms-default-key-policy",
            "Effect": "Allow",
            "Principal": {"RAM": [crate::resource::told(account, "root")]},
            "Action": ["kms:*"],
            "Resource": ["*"]
        }]
    })
    .to_string()
}

/// What the identifiers of temporary access keys begin with.
const SESSION_KEY: &str = "STS.";

fn id(kind: IdKind, random: &[u8; 32]) -> String {
    match kind {
        IdKind::User | IdKind::Group | IdKind::Role | IdKind::Policy => number(random),
        IdKind::AccessKey => format!("LTAI{}", characters::<20>(random)),
        IdKind::SessionKey => format!("{SESSION_KEY}{}", characters::<25>(random)),
    }
}

fn secret(random: &[u8; 32]) -> String {
    characters::<30>(random)
}

/// Eighteen digits, the first of which is not zero.
fn number(random: &[u8; 32]) -> String {
    const FIRST: u128 = 100_000_000_000_000_000;
    let drawn = random.iter().take(16).fold(0, |sum, byte| sum << 8 | u128::from(*byte));
    (FIRST + drawn % (9 * FIRST)).to_string()
}

/// Letters and digits, one for each random byte.
fn characters<const N: usize>(random: &[u8; 32]) -> String {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let character = |byte: &u8| ALPHABET.get(usize::from(*byte) % ALPHABET.len()).map(|known| char::from(*known));
    random.iter().take(N).filter_map(character).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::policy::DocumentKind;

    use super::*;

    #[test]
    fn the_table_of_states_is_the_vendors() {
        use StateFlaw::{Disabled as Off, NotPendingDeletion, PendingDeletion, PendingImport, Transition};
        let states = [State::Enabled, State::Disabled, State::PendingDeletion, State::PendingImport];
        for (wanted, row) in [
            (Use::Cryptography, [Ok(()), Err(Off), Err(PendingDeletion), Err(PendingImport)]),
            (Use::Grant, [Ok(()), Err(Off), Err(PendingDeletion), Err(PendingImport)]),
            (Use::Rotate, [Ok(()), Err(Off), Err(PendingDeletion), Err(PendingImport)]),
            (Use::Read, [Ok(()); 4]),
            (Use::Annotate, [Ok(()), Ok(()), Err(PendingDeletion), Ok(())]),
            (Use::ChangePolicy, [Ok(()), Ok(()), Err(PendingDeletion), Ok(())]),
            (Use::Toggle, [Ok(()), Ok(()), Err(Transition), Err(Transition)]),
            (Use::ScheduleDeletion, [Ok(()), Ok(()), Err(Transition), Ok(())]),
            (Use::CancelDeletion, [Err(NotPendingDeletion), Err(NotPendingDeletion), Ok(()), Err(NotPendingDeletion)]),
            (Use::CreateAlias, [Ok(()), Ok(()), Err(Transition), Ok(())]),
            (Use::RetargetAlias, [Ok(()), Ok(()), Err(PendingDeletion), Ok(())]),
            (Use::ReleaseAlias, [Ok(()); 4]),
        ] {
            assert_eq!(states.map(|state| admits(wanted, state)), row, "{wanted:?}");
        }
    }

    #[test]
    fn a_context_is_hashed_in_the_vendors_form() {
        let context = |pairs: &[(&str, &str)]| {
            context_bytes(&pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
        };
        assert!(context(&[]).is_empty());
        assert_eq!(context(&[("b", "2"), ("a", "1")]), Sha256::digest(b"a=1&b=2").to_vec());
    }

    #[test]
    fn identifiers_have_the_vendors_form() {
        let random = [0xff; 32];
        for kind in [IdKind::User, IdKind::Group, IdKind::Role] {
            for random in [&random, &[0; 32]] {
                let id = id(kind, random);
                assert!(id.len() == 18 && id.bytes().all(|byte| byte.is_ascii_digit()) && !id.starts_with('0'), "{id}");
            }
        }
        assert!(id(IdKind::AccessKey, &random).starts_with("LTAI") && id(IdKind::AccessKey, &random).len() == 24);
        assert!(id(IdKind::SessionKey, &random).starts_with("STS.") && id(IdKind::SessionKey, &random).len() == 29);
        assert_eq!(secret(&random).len(), 30);
    }

    #[test]
    fn the_policy_of_a_new_key_compiles() {
        let spec = &crate::policy::SPEC;
        assert!(spec.compile(DocumentKind::Key, &default_policy("1000000000000000", "cn-hangzhou")).is_ok());
    }
}
