//! The signing key and the signature made with it.
//!
//! Follows "Calculate the signature" of the IAM User Guide.

use hmac::{Hmac, KeyInit, Mac};
use polykms_core::secret::Material;
use sha2::Sha256;

use super::canonical::hex;

/// The key for one scope: `AWS4` and the secret, drawn through date, region, service and terminator.
///
/// `scope` is `YYYYMMDD/region/service/aws4_request`.
pub fn signing_key(secret: &str, scope: &str) -> [u8; 32] {
    let start = Material::new([b"AWS4", secret.as_bytes()].concat());
    let mut parts = scope.split('/');
    let first = mac(start.expose(), parts.next().unwrap_or_default());
    parts.fold(first, |key, part| mac(&key, part))
}

/// The signature of a string to sign, in hex.
pub fn signature(key: &[u8; 32], to_sign: &str) -> String {
    hex(mac(key, to_sign))
}

/// HMAC-SHA256.
#[expect(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104)")]
pub(super) fn mac(key: &[u8], text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}
