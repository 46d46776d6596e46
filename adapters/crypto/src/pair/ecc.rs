//! Elliptic curves: ECDSA (FIPS 186-5) with signatures in DER, of which no low `s` is asked, and ECDH (NIST SP 800-56A).

use std::sync::Arc;

use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521};
use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256K1_SHA256_ASN1, ECDSA_P256K1_SHA256_ASN1_SIGNING,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1, ECDSA_P521_SHA512_ASN1_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm, KeyPair as _, ParsedPublicKey,
};
use polykms_core::error::{Error, Flaw, Kind, Result};
use polykms_core::port::crypto::{Agree, Handle, Sign, Signable, Signing, Spec};
use polykms_core::secret::{Material, Plaintext};

use super::{digested, foreign};
use crate::error::broken;

/// What belongs to a curve.
struct Curve {
    sign: &'static EcdsaSigningAlgorithm,
    verify: &'static EcdsaVerificationAlgorithm,
    hash: &'static digest::Algorithm,
    agree: Option<&'static agreement::Algorithm>,
}

fn curve(spec: Spec) -> Option<Curve> {
    let (sign, verify, hash, agree) = match spec {
        Spec::EccP256 => (&ECDSA_P256_SHA256_ASN1_SIGNING, &ECDSA_P256_SHA256_ASN1, &SHA256, Some(&ECDH_P256)),
        Spec::EccP384 => (&ECDSA_P384_SHA384_ASN1_SIGNING, &ECDSA_P384_SHA384_ASN1, &SHA384, Some(&ECDH_P384)),
        Spec::EccP521 => (&ECDSA_P521_SHA512_ASN1_SIGNING, &ECDSA_P521_SHA512_ASN1, &SHA512, Some(&ECDH_P521)),
        Spec::EccP256k1 => (&ECDSA_P256K1_SHA256_ASN1_SIGNING, &ECDSA_P256K1_SHA256_ASN1, &SHA256, None),
        _ => return None,
    };
    Some(Curve { sign, verify, hash, agree })
}

pub(super) fn generate(spec: Spec) -> Result<Material> {
    let Curve { sign, .. } = curve(spec).ok_or_else(foreign)?;
    let pair = EcdsaKeyPair::generate(sign).map_err(|_| broken())?;
    let private = pair.to_pkcs8v1().map_err(|_| broken())?;
    Ok(Material::new(private.as_ref().to_vec()))
}

pub(super) fn load(spec: Spec, pkcs8: &[u8]) -> Option<Handle> {
    let Curve { sign, verify, hash, agree } = curve(spec)?;
    let pair = EcdsaKeyPair::from_pkcs8(sign, pkcs8).ok()?;
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().ok()?;
    let verifying = ParsedPublicKey::new(verify, pair.public_key().as_ref()).ok()?;
    let agree = match agree {
        Some(algorithm) => Some(agreement::PrivateKey::from_private_key_der(algorithm, pkcs8).ok()?),
        None => None,
    };
    Some(Handle {
        public: Some(public.as_ref().into()),
        sign: Some(Arc::new(Ecdsa { pair, verifying, hash, spec })),
        agree: agree.map(|own| Arc::new(Ecdh(own)) as Arc<dyn Agree>),
        ..Handle::of(spec)
    })
}

struct Ecdsa {
    pair: EcdsaKeyPair,
    verifying: ParsedPublicKey,
    hash: &'static digest::Algorithm,
    spec: Spec,
}

impl Ecdsa {
    fn digest(&self, algorithm: Signing, signable: Signable<'_>) -> Result<digest::Digest> {
        match self.spec.signing().contains(&algorithm) {
            true => digested(self.hash, signable),
            false => Err(foreign()),
        }
    }
}

impl Sign for Ecdsa {
    fn sign(&self, algorithm: Signing, signable: Signable<'_>) -> Result<Vec<u8>> {
        let digest = self.digest(algorithm, signable)?;
        let signature = self.pair.sign_digest(&digest).map_err(|_| broken())?;
        Ok(signature.as_ref().to_vec())
    }

    fn verify(&self, algorithm: Signing, signable: Signable<'_>, signature: &[u8]) -> Result<bool> {
        let digest = self.digest(algorithm, signable)?;
        Ok(self.verifying.verify_digest_sig(&digest, signature).is_ok())
    }
}

struct Ecdh(agreement::PrivateKey);

impl Agree for Ecdh {
    fn agree(&self, public: &[u8]) -> Result<Plaintext> {
        let algorithm = self.0.algorithm();
        let other = agreement::UnparsedPublicKey::new(algorithm, public);
        agreement::agree(&self.0, other, no_peer(), |secret| Ok(Plaintext::new(secret.to_vec())))
    }
}

fn no_peer() -> Error {
    Kind::Invalid(Flaw::Value).because("the other key is none of the same curve")
}
