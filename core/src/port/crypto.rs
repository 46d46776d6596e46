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
    /// 224 bits for HMAC with SHA-224: [`Authenticate`].
    Hmac224,
    /// 256 bits for HMAC with SHA-256: [`Authenticate`].
    Hmac256,
    /// 384 bits for HMAC with SHA-384: [`Authenticate`].
    Hmac384,
    /// 512 bits for HMAC with SHA-512: [`Authenticate`].
    Hmac512,
    /// A key pair of RSA with a modulus of 2048 bits: [`Sign`], [`Cipher`].
    Rsa2048,
    /// A key pair of RSA with a modulus of 3072 bits: [`Sign`], [`Cipher`].
    Rsa3072,
    /// A key pair of RSA with a modulus of 4096 bits: [`Sign`], [`Cipher`].
    Rsa4096,
    /// A key pair on the curve P-256: [`Sign`], [`Agree`].
    EccP256,
    /// A key pair on the curve P-384: [`Sign`], [`Agree`].
    EccP384,
    /// A key pair on the curve P-521: [`Sign`], [`Agree`].
    EccP521,
    /// A key pair on the curve secp256k1: [`Sign`].
    EccP256k1,
    /// A key pair of Ed25519: [`Sign`].
    Ed25519,
}

impl Spec {
    /// Every one.
    pub const ALL: [Self; 14] = [
        Self::Aes128,
        Self::Aes256,
        Self::Hmac224,
        Self::Hmac256,
        Self::Hmac384,
        Self::Hmac512,
        Self::Rsa2048,
        Self::Rsa3072,
        Self::Rsa4096,
        Self::EccP256,
        Self::EccP384,
        Self::EccP521,
        Self::EccP256k1,
        Self::Ed25519,
    ];

    /// How keys of it encrypt.
    pub fn encryption(self) -> &'static [Encryption] {
        match self {
            Self::Aes128 | Self::Aes256 => &[Encryption::Symmetric],
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[Encryption::OaepSha1, Encryption::OaepSha256],
            _ => &[],
        }
    }

    /// How keys of it sign.
    pub fn signing(self) -> &'static [Signing] {
        match self {
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &Signing::RSA,
            Self::EccP256 | Self::EccP256k1 => &[Signing::EcdsaSha256],
            Self::EccP384 => &[Signing::EcdsaSha384],
            Self::EccP521 => &[Signing::EcdsaSha512],
            Self::Ed25519 => &[Signing::Ed25519],
            _ => &[],
        }
    }

    /// How keys of it authenticate messages.
    pub fn authentication(self) -> Option<Authentication> {
        match self {
            Self::Hmac224 => Some(Authentication::HmacSha224),
            Self::Hmac256 => Some(Authentication::HmacSha256),
            Self::Hmac384 => Some(Authentication::HmacSha384),
            Self::Hmac512 => Some(Authentication::HmacSha512),
            _ => None,
        }
    }

    /// How keys of it agree on secrets.
    pub fn agreement(self) -> Option<Agreement> {
        match self {
            Self::EccP256 | Self::EccP384 | Self::EccP521 => Some(Agreement::Ecdh),
            _ => None,
        }
    }

    /// Bytes of the modulus, of keys of RSA.
    pub fn modulus(self) -> Option<usize> {
        match self {
            Self::Rsa2048 => Some(256),
            Self::Rsa3072 => Some(384),
            Self::Rsa4096 => Some(512),
            _ => None,
        }
    }

    /// Whether it has a public half.
    pub fn is_pair(self) -> bool {
        !matches!(self, Self::Aes128 | Self::Aes256 | Self::Hmac224 | Self::Hmac256 | Self::Hmac384 | Self::Hmac512)
    }
}

/// How a key encrypts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encryption {
    /// With authentication and a context, as the layout of ciphertexts says.
    Symmetric,
    /// RSAES-OAEP (RFC 8017) with SHA-1, also in MGF1, and no label.
    OaepSha1,
    /// RSAES-OAEP with SHA-256, also in MGF1, and no label.
    OaepSha256,
}

impl Encryption {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Symmetric, Self::OaepSha1, Self::OaepSha256];

    /// Bytes that a plaintext may have under a key of this spec, where the algorithm bounds it.
    pub fn most(self, spec: Spec) -> Option<usize> {
        let hash = match self {
            Self::Symmetric => return None,
            Self::OaepSha1 => 20,
            Self::OaepSha256 => 32,
        };
        spec.modulus().and_then(|modulus| modulus.checked_sub(2 * hash + 2))
    }
}

/// How a key signs. Signatures of RSA are as long as the modulus, those of ECDSA are DER, those of Ed25519 have 64 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signing {
    /// RSASSA-PKCS1-v1_5 (RFC 8017) with SHA-256.
    RsaPkcs1Sha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RsaPkcs1Sha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaPkcs1Sha512,
    /// RSASSA-PSS (RFC 8017) with SHA-256, also in MGF1, and a salt as long as the digest.
    RsaPssSha256,
    /// RSASSA-PSS with SHA-384.
    RsaPssSha384,
    /// RSASSA-PSS with SHA-512.
    RsaPssSha512,
    /// ECDSA (FIPS 186-5) with SHA-256.
    EcdsaSha256,
    /// ECDSA with SHA-384.
    EcdsaSha384,
    /// ECDSA with SHA-512.
    EcdsaSha512,
    /// Ed25519 (RFC 8032), of the message itself.
    Ed25519,
}

impl Signing {
    const RSA: [Self; 6] = [
        Self::RsaPkcs1Sha256,
        Self::RsaPkcs1Sha384,
        Self::RsaPkcs1Sha512,
        Self::RsaPssSha256,
        Self::RsaPssSha384,
        Self::RsaPssSha512,
    ];

    /// Every one.
    pub const ALL: [Self; 10] = [
        Self::RsaPkcs1Sha256,
        Self::RsaPkcs1Sha384,
        Self::RsaPkcs1Sha512,
        Self::RsaPssSha256,
        Self::RsaPssSha384,
        Self::RsaPssSha512,
        Self::EcdsaSha256,
        Self::EcdsaSha384,
        Self::EcdsaSha512,
        Self::Ed25519,
    ];

    /// Bytes of the digest that is signed; none where only whole messages are.
    pub fn digest(self) -> Option<usize> {
        match self {
            Self::RsaPkcs1Sha256 | Self::RsaPssSha256 | Self::EcdsaSha256 => Some(32),
            Self::RsaPkcs1Sha384 | Self::RsaPssSha384 | Self::EcdsaSha384 => Some(48),
            Self::RsaPkcs1Sha512 | Self::RsaPssSha512 | Self::EcdsaSha512 => Some(64),
            Self::Ed25519 => None,
        }
    }
}

/// How a key authenticates messages: HMAC (RFC 2104), its code not shortened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Authentication {
    /// With SHA-224.
    HmacSha224,
    /// With SHA-256.
    HmacSha256,
    /// With SHA-384.
    HmacSha384,
    /// With SHA-512.
    HmacSha512,
}

impl Authentication {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::HmacSha224, Self::HmacSha256, Self::HmacSha384, Self::HmacSha512];
}

/// How two keys agree on a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Agreement {
    /// Elliptic curve Diffie-Hellman (NIST SP 800-56A): the x-coordinate, as long as the field.
    Ecdh,
}

impl Agreement {
    /// Every one.
    pub const ALL: [Self; 1] = [Self::Ecdh];
}

/// How material is wrapped on its way here, under a pair of RSA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wrapping {
    /// RSAES-OAEP (RFC 8017) with SHA-1, also in MGF1, and no label.
    OaepSha1,
    /// RSAES-OAEP with SHA-256, also in MGF1, and no label.
    OaepSha256,
    /// A fresh AES key of 256 bits as [`OaepSha1`](Self::OaepSha1), and under that the material by AES key wrap with
    /// padding (RFC 5649).
    AesKeyWrapSha1,
    /// The same with [`OaepSha256`](Self::OaepSha256).
    AesKeyWrapSha256,
}

impl Wrapping {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::OaepSha1, Self::OaepSha256, Self::AesKeyWrapSha1, Self::AesKeyWrapSha256];
}

/// What is to be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signable<'a> {
    /// A message, which is hashed here where the algorithm says so.
    Message(&'a [u8]),
    /// The digest of one.
    Digest(&'a [u8]),
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

    /// Takes a key that was made outside; `material` is the bytes of a symmetric key or of one of HMAC (from
    /// those of its hash up to 128), and the
    /// unencrypted PKCS#8 of the private half of a key pair, in DER.
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

    /// Makes a key pair that is given out at once: nobody's key here, and kept nowhere.
    ///
    /// # Errors
    /// As [`generate`](Crypto::generate).
    async fn pair(&self, spec: Spec) -> Result<Pair>;

    /// Opens material that was wrapped for a pair made by [`pair`](Crypto::pair), whose private half is `private`.
    ///
    /// # Errors
    /// [`Kind::InvalidCiphertext`](crate::error::Kind::InvalidCiphertext), whatever the reason.
    async fn receive(&self, private: Material, wrapping: Wrapping, wrapped: Vec<u8>) -> Result<Material>;

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

/// A key pair that is given out.
#[derive(Debug)]
pub struct Pair {
    /// The private half: unencrypted PKCS#8 (RFC 5958) in DER.
    pub private: Plaintext,
    /// The public half: a `SubjectPublicKeyInfo` (RFC 5280) in DER.
    pub public: Vec<u8>,
}

/// A key ready for use, as what it can do; a field is absent where the key's spec has no such thing.
///
/// A capability to come (to encapsulate; or any of these through a device that must be waited for) is one more small trait
/// and one more field here.
#[derive(Clone)]
pub struct Handle {
    /// What the key is.
    pub spec: Spec,
    /// Encrypts and decrypts.
    pub aead: Option<Arc<dyn Aead>>,
    /// Derives keys for single messages.
    pub derive: Option<Arc<dyn Derive>>,
    /// Authenticates messages.
    pub authenticate: Option<Arc<dyn Authenticate>>,
    /// Signs and verifies.
    pub sign: Option<Arc<dyn Sign>>,
    /// Encrypts with the public half and decrypts with the private one.
    pub cipher: Option<Arc<dyn Cipher>>,
    /// Agrees on secrets.
    pub agree: Option<Arc<dyn Agree>>,
    /// The public half: a `SubjectPublicKeyInfo` (RFC 5280) in DER.
    pub public: Option<Arc<[u8]>>,
}

impl Handle {
    /// A key of this spec that can do nothing yet.
    pub fn of(spec: Spec) -> Self {
        Self { spec, aead: None, derive: None, authenticate: None, sign: None, cipher: None, agree: None, public: None }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { spec, aead, derive, authenticate, sign, cipher, agree, public } = self;
        f.debug_struct("Handle")
            .field("spec", spec)
            .field("aead", &aead.is_some())
            .field("derive", &derive.is_some())
            .field("authenticate", &authenticate.is_some())
            .field("sign", &sign.is_some())
            .field("cipher", &cipher.is_some())
            .field("agree", &agree.is_some())
            .field("public", &public.is_some())
            .finish()
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

/// Authentication of messages, by the one algorithm of the key's spec.
pub trait Authenticate: Send + Sync {
    /// The code of a message.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the backend fails.
    fn code(&self, message: &[u8]) -> Result<Vec<u8>>;

    /// Whether this is the code of a message, compared in constant time.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the backend fails.
    fn verify(&self, message: &[u8], code: &[u8]) -> Result<bool>;
}

/// Signatures, by the algorithms of the key's spec.
pub trait Sign: Send + Sync {
    /// The signature of what is to be signed.
    ///
    /// # Errors
    /// [`Kind::InvalidUsage`](crate::error::Kind::InvalidUsage) for an algorithm of another spec, or a digest where only
    /// messages are signed; [`Kind::Invalid`](crate::error::Kind::Invalid) for a digest of a wrong length;
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the backend fails.
    fn sign(&self, algorithm: Signing, signable: Signable<'_>) -> Result<Vec<u8>>;

    /// Whether this is a signature of what was to be signed; bytes that are none are not.
    ///
    /// # Errors
    /// As [`sign`](Sign::sign).
    fn verify(&self, algorithm: Signing, signable: Signable<'_>, signature: &[u8]) -> Result<bool>;
}

/// Encryption to the public half of a key pair.
pub trait Cipher: Send + Sync {
    /// Encrypts.
    ///
    /// # Errors
    /// [`Kind::InvalidUsage`](crate::error::Kind::InvalidUsage) for an algorithm of another spec;
    /// [`Kind::Invalid`](crate::error::Kind::Invalid) for a plaintext longer than [`Encryption::most`];
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the backend fails.
    fn encrypt(&self, algorithm: Encryption, plaintext: &[u8]) -> Result<Vec<u8>>;

    /// Decrypts.
    ///
    /// # Errors
    /// [`Kind::InvalidUsage`](crate::error::Kind::InvalidUsage) for an algorithm of another spec; otherwise
    /// [`Kind::InvalidCiphertext`](crate::error::Kind::InvalidCiphertext), whatever the reason.
    fn decrypt(&self, algorithm: Encryption, ciphertext: &[u8]) -> Result<Plaintext>;
}

/// Agreement with the owner of another key pair, by the one algorithm of the key's spec.
pub trait Agree: Send + Sync {
    /// The secret that both have, from the public half of the other one: a `SubjectPublicKeyInfo` in DER.
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::error::Kind::Invalid) for what is no public key, or is one of another curve.
    fn agree(&self, public: &[u8]) -> Result<Plaintext>;
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
