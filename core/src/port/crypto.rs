//! The crypto port: primitives over key material, and the sealing of material at rest under the root key.
//!
//! # Invariants
//! - The root key never leaves the backend.
//! - Every failure to open is the same [`Kind::InvalidCiphertext`](crate::error::Kind::InvalidCiphertext) without detail.

use crate::error::Result;
use crate::secret::{Material, Plaintext};

/// Bytes of an AES-GCM nonce (NIST SP 800-38D, 8.2.2).
pub const NONCE: usize = 12;
/// Bytes of an AES-GCM tag.
pub const TAG: usize = 16;

/// A cryptographic backend.
pub trait Crypto: Send + Sync + 'static {
    /// Seals a secret for storage under the root key; `aad` binds it to its place.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the backend fails.
    fn wrap(&self, aad: &[u8], secret: &[u8]) -> Result<Vec<u8>>;

    /// Opens what [`wrap`](Crypto::wrap) sealed with the same `aad`.
    ///
    /// # Errors
    /// [`Kind::InvalidCiphertext`](crate::error::Kind::InvalidCiphertext) for anything that was not sealed here, for this place.
    fn unwrap(&self, aad: &[u8], wrapped: &[u8]) -> Result<Material>;

    /// Encrypts with AES-256-GCM (or AES-128-GCM for 16 bytes of material) and returns ciphertext and tag.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the material has another length.
    fn seal(&self, key: &Material, nonce: &[u8; NONCE], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>>;

    /// Decrypts and verifies what [`seal`](Crypto::seal) made.
    ///
    /// # Errors
    /// [`Kind::InvalidCiphertext`](crate::error::Kind::InvalidCiphertext), whatever the reason.
    fn open(&self, key: &Material, nonce: &[u8; NONCE], aad: &[u8], sealed: &[u8]) -> Result<Plaintext>;

    /// Derives `out.len()` bytes: NIST SP 800-108 counter mode, HMAC-SHA-256, 32-bit counter before the fixed input
    /// `label ‖ 0x00 ‖ context ‖ length in bits (32-bit big-endian)`.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when `out` is too long to be derived.
    fn derive(&self, key: &Material, label: &[u8], context: &[u8], out: &mut [u8]) -> Result<()>;
}
