//! Ed25519 (RFC 8032), of whole messages.

use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, ParsedPublicKey};
use polykms_core::error::Result;
use polykms_core::port::crypto::{Handle, Sign, Signable, Signing, Spec};
use polykms_core::secret::Material;

use super::foreign;
use crate::error::broken;

pub(super) fn generate() -> Result<Material> {
    let pair = Ed25519KeyPair::generate().map_err(|_| broken())?;
    let private = pair.to_pkcs8v1().map_err(|_| broken())?;
    Ok(Material::new(private.as_ref().to_vec()))
}

pub(super) fn load(pkcs8: &[u8]) -> Option<Handle> {
    let pair = Ed25519KeyPair::from_pkcs8(pkcs8).ok()?;
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().ok()?;
    let verifying = ParsedPublicKey::new(&ED25519, pair.public_key().as_ref()).ok()?;
    Some(Handle {
        public: Some(public.as_ref().into()),
        sign: Some(Arc::new(Eddsa { pair, verifying })),
        ..Handle::of(Spec::Ed25519)
    })
}

struct Eddsa {
    pair: Ed25519KeyPair,
    verifying: ParsedPublicKey,
}

/// The message itself; the digest of one is not signed.
fn message(algorithm: Signing, signable: Signable<'_>) -> Result<&[u8]> {
    match (algorithm, signable) {
        (Signing::Ed25519, Signable::Message(message)) => Ok(message),
        _ => Err(foreign()),
    }
}

impl Sign for Eddsa {
    fn sign(&self, algorithm: Signing, signable: Signable<'_>) -> Result<Vec<u8>> {
        let signature = self.pair.try_sign(message(algorithm, signable)?).map_err(|_| broken())?;
        Ok(signature.as_ref().to_vec())
    }

    fn verify(&self, algorithm: Signing, signable: Signable<'_>, signature: &[u8]) -> Result<bool> {
        Ok(self.verifying.verify_sig(message(algorithm, signable)?, signature).is_ok())
    }
}
