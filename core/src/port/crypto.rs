//! The crypto port: keys of every kind as handles that can do things, and the sealing of small secrets at rest.
//!
//! A backend makes and loads keys; what comes of it is a [`Handle`], whose fields are what the key can do. Making and
//! loading may take long, for a key may have to be searched for or asked for elsewhere; using a handle does not wait.
//!
//! # Invariants
//! - Neither the root key nor the material of any key leaves the backend; material may never have been in this process.
//! - What was sealed for one [`Seat`] or place opens in no other.
//! - Every failure to open is the same [`Kind::InvalidCiphertext`](crate::error::Kind::InvalidCiphertext) without detail.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::port::store::SEPARATOR;
use crate::secret::{Material, Plaintext};

/// Bytes of an AES-GCM nonce (NIST SP 800-38D, 8.2.2).
pub const NONCE: usize = 12;
/// Bytes of an AES-GCM tag.
pub const TAG: usize = 16;
/// Bytes that commit to a derived key.
pub const COMMITMENT: usize = 32;

/// What the material of a key is, and so what its handle can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Spec {
    /// 128 bits for AES-GCM: [`Aead`], [`Derive`].
    Aes128,
    /// 256 bits for AES-GCM: [`Aead`], [`Derive`].
    Aes256,
}

/// The place of one version of one key in a store. A backend is made for one store, which its sealing binds besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Seat<'a> {
    /// The dialect's name.
    pub dialect: &'a str,
    /// The account that owns the key.
    pub account: &'a str,
    /// The region it is in.
    pub region: &'a str,
    /// Its identifier.
    pub key: &'a str,
    /// The version's identifier.
    pub version: &'a str,
}

impl Seat<'_> {
    /// The bytes that sealed material is bound to; no two seats share theirs.
    pub fn place(&self) -> Vec<u8> {
        let Self { dialect, account, region, key, version } = self;
        ["material", dialect, account, region, key, version].join(&SEPARATOR.to_string()).into_bytes()
    }
}

/// Key material as a record holds it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Sealed {
    /// Sealed by the backend; in base64 where it is written down.
    Here(#[serde(with = "base64_text")] Vec<u8>),
    /// Not here at all: what the backend finds it by in a device or a service. It is no secret.
    Elsewhere {
        /// The backend's own words.
        reference: String,
    },
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(sealed) => write!(f, "Here({} bytes)", sealed.len()),
            Self::Elsewhere { reference } => write!(f, "Elsewhere({reference:?})"),
        }
    }
}

mod base64_text {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map_err(|_| D::Error::custom("no base64"))
    }
}

/// A cryptographic backend.
///
/// What is async may take seconds and must not hold up the thread that polls it: a backend takes slow work elsewhere.
#[async_trait]
pub trait Crypto: Send + Sync + 'static {
    /// Makes a key of `spec` for `seat` and returns what its record is to hold.
    ///
    /// # Errors
    /// [`Kind::Unsupported`](crate::error::Kind::Unsupported) for a spec that this backend does not make;
    /// [`Kind::Internal`](crate::error::Kind::Internal) when it fails.
    async fn generate(&self, spec: Spec, seat: Seat<'_>) -> Result<Sealed>;

    /// Takes a key that was made outside; for a symmetric key `material` is its bytes.
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::error::Kind::Invalid) when the material is none of `spec`; otherwise as
    /// [`generate`](Crypto::generate).
    async fn import(&self, spec: Spec, seat: Seat<'_>, material: Material) -> Result<Sealed>;

    /// Makes ready for use what [`generate`](Crypto::generate) or [`import`](Crypto::import) returned for `seat`.
    ///
    /// # Errors
    /// [`Kind::InvalidCiphertext`](crate::error::Kind::InvalidCiphertext) for what was not made here, for this seat and
    /// spec; [`Kind::InvalidState`](crate::error::Kind::InvalidState) while the place that has the key cannot be reached.
    async fn load(&self, spec: Spec, seat: Seat<'_>, sealed: &Sealed) -> Result<Arc<Handle>>;

    /// Seals a small secret, such as a token or a marker, for storage or safe conduct; `place` is what it is bound to.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the backend fails.
    fn wrap(&self, place: &[u8], secret: &[u8]) -> Result<Vec<u8>>;

    /// Opens what [`wrap`](Crypto::wrap) sealed for the same place.
    ///
    /// # Errors
    /// [`Kind::InvalidCiphertext`](crate::error::Kind::InvalidCiphertext) for anything that was not sealed here, for this place.
    fn unwrap(&self, place: &[u8], wrapped: &[u8]) -> Result<Material>;
}

/// A key ready for use, as what it can do; a field is absent where the key's spec has no such thing.
///
/// A capability to come (to sign, to authenticate, to agree, to tell a public key; or any of them through a device that
/// must be waited for) is one more small trait and one more field here.
#[derive(Clone)]
pub struct Handle {
    /// What the key is.
    pub spec: Spec,
    /// Encrypts and decrypts.
    pub aead: Option<Arc<dyn Aead>>,
    /// Derives keys for single messages.
    pub derive: Option<Arc<dyn Derive>>,
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { spec, aead, derive } = self;
        let (aead, derive) = (aead.is_some(), derive.is_some());
        f.debug_struct("Handle").field("spec", spec).field("aead", &aead).field("derive", &derive).finish()
    }
}

/// Authenticated encryption: AES-GCM (NIST SP 800-38D) with nonces of [`NONCE`] and tags of [`TAG`] bytes.
pub trait Aead: Send + Sync {
    /// Appends the ciphertext of `plaintext` and its tag to `out`. The caller never repeats a nonce under one key.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the backend fails; `out` is then as it was.
    fn seal(&self, nonce: &[u8; NONCE], aad: &[u8], plaintext: &[u8], out: &mut Vec<u8>) -> Result<()>;

    /// Verifies and decrypts ciphertext and tag.
    ///
    /// # Errors
    /// [`Kind::InvalidCiphertext`](crate::error::Kind::InvalidCiphertext), whatever the reason.
    fn open(&self, nonce: &[u8; NONCE], aad: &[u8], sealed: &[u8]) -> Result<Plaintext>;
}

/// Derivation of keys for single messages: NIST SP 800-108 in counter mode with HMAC-SHA-256, a 32-bit counter before the
/// fixed input `label ‖ 0x00 ‖ context ‖ 512 (32-bit big-endian)`, the length of the output in bits.
pub trait Derive: Send + Sync {
    /// Derives 64 bytes: the key of an AES-256-GCM, and the commitment to it.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the backend fails.
    fn derive(&self, label: &[u8], context: &[u8]) -> Result<Derived>;
}

/// A derived key.
pub struct Derived {
    /// The key.
    pub aead: Box<dyn Aead>,
    /// What tells it from every other key and may be seen: no message opens under two keys where this is compared.
    pub commitment: [u8; COMMITMENT],
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn sealed_material_is_a_text_and_a_reference_is_told_apart_from_it() {
        for (sealed, json) in [
            (Sealed::Here(vec![1, 2, 3]), r#""AQID""#),
            (Sealed::Elsewhere { reference: "slot 1".into() }, r#"{"reference":"slot 1"}"#),
        ] {
            assert_eq!(serde_json::to_string(&sealed).unwrap(), json);
            assert_eq!(serde_json::from_str::<Sealed>(json).unwrap(), sealed);
        }
        assert!(serde_json::from_str::<Sealed>(r#""no base64""#).is_err());
        assert_eq!(format!("{:?}", Sealed::Here(vec![1, 2, 3])), "Here(3 bytes)");
    }

    #[test]
    fn no_two_seats_share_their_place() {
        let seat = Seat { dialect: "d", account: "1", region: "r", key: "k", version: "v" };
        assert_eq!(seat.place(), b"material\x1fd\x1f1\x1fr\x1fk\x1fv");
        let others = [
            Seat { dialect: "D", ..seat },
            Seat { account: "2", ..seat },
            Seat { region: "R", ..seat },
            Seat { key: "K", ..seat },
            Seat { version: "V", ..seat },
        ];
        assert!(others.iter().all(|other| other.place() != seat.place()));
    }
}
