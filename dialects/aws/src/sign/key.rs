//! The signing key and the signature made with it.
//!
//! Follows "Calculate the signature" of the IAM User Guide.

use hmac::{Hmac, KeyInit, Mac};
use polykms_core::dialect::Hex;
use polykms_core::secret::Material;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The key for one scope: `AWS4` and the secret, drawn through date, region, service and terminator.
///
/// `scope` is `YYYYMMDD/region/service/aws4_request`.
pub fn signing_key(secret: &str, scope: &str) -> SigningKey {
    let start = Material::new([b"AWS4", secret.as_bytes()].concat());
    scope.split('/').fold(SigningKey::of(start.expose()), |key, part| SigningKey::of(&*Zeroizing::new(key.mac(part))))
}

/// The signature of a string to sign, in hex.
pub fn signature(key: &SigningKey, to_sign: &str) -> String {
    Hex::of(key.mac(to_sign)).as_str().to_owned()
}

/// A key of HMAC-SHA256, ready to sign with.
pub struct SigningKey(Hmac<Sha256>);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey")
    }
}

impl SigningKey {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104)")]
    fn of(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes keys of any length"))
    }

    /// HMAC-SHA256.
    pub(super) fn mac(&self, text: &str) -> [u8; 32] {
        self.0.clone().chain_update(text).finalize().into_bytes().into()
    }
}
