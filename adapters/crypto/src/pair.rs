//! Key pairs on AWS-LC: RSA, ECDSA and ECDH, Ed25519. Their material is PKCS#8 (RFC 5958) in DER.
//!
//! # Invariants
//! - A pair is taken only as what its spec says: the modulus is as long, the curve is the same.

mod ecc;
mod ed25519;
mod rsa;

use aws_lc_rs::digest::{self, Digest};
use polykms_core::error::{Error, Flaw, Kind, Result};
use polykms_core::port::crypto::{Handle, Signable, Spec};
use polykms_core::secret::Material;

/// Makes a pair. It is drawn from the generator of AWS-LC, which the system's randomness seeds.
///
/// # Errors
/// [`Kind::Internal`] when the library fails, or for a spec that is none of a pair.
pub(crate) fn generate(spec: Spec) -> Result<Material> {
    match spec {
        Spec::Rsa2048 | Spec::Rsa3072 | Spec::Rsa4096 => rsa::generate(spec),
        Spec::Ed25519 => ed25519::generate(),
        _ => ecc::generate(spec),
    }
}

/// What a pair of these bytes can do; nothing, where they are none of `spec`.
pub(crate) fn load(spec: Spec, material: &Material) -> Option<Handle> {
    match spec {
        Spec::Rsa2048 | Spec::Rsa3072 | Spec::Rsa4096 => rsa::load(spec, material.expose()),
        Spec::Ed25519 => ed25519::load(material.expose()),
        _ => ecc::load(spec, material.expose()),
    }
}

/// What is signed, hashed; a digest that was given has to be as long as the algorithm's.
fn digested(algorithm: &'static digest::Algorithm, signable: Signable<'_>) -> Result<Digest> {
    match signable {
        Signable::Message(message) => Ok(digest::digest(algorithm, message)),
        Signable::Digest(bytes) => Digest::import_less_safe(bytes, algorithm)
            .map_err(|_| Kind::Invalid(Flaw::Length).because("the digest has a wrong length")),
    }
}

/// An algorithm that keys of another spec have.
fn foreign() -> Error {
    Kind::InvalidUsage.because("the key does not have this algorithm")
}
