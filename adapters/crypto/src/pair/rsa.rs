//! RSA (RFC 8017): PKCS#1 v1.5 and PSS signatures, OAEP encryption. The public exponent of what is made here is 65537.

use std::sync::Arc;

use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{
    KeyPair, KeySize, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    OaepPublicEncryptingKey, PrivateDecryptingKey,
};
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256,
    RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaParameters, RsaSignatureEncoding, UnparsedPublicKey,
};
use polykms_core::error::{Flaw, Kind, Result};
use polykms_core::port::crypto::{Cipher, Encryption, Handle, Sign, Signable, Signing, Spec};
use polykms_core::secret::{Material, Plaintext};
use zeroize::Zeroizing;

use super::{digested, foreign};
use crate::error::{broken, invalid};

pub(super) fn generate(spec: Spec) -> Result<Material> {
    let size = match spec {
        Spec::Rsa2048 => KeySize::Rsa2048,
        Spec::Rsa3072 => KeySize::Rsa3072,
        Spec::Rsa4096 => KeySize::Rsa4096,
        _ => return Err(foreign()),
    };
    let pair = KeyPair::generate(size).map_err(|_| broken())?;
    let private: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| broken())?;
    Ok(Material::new(private.as_ref().to_vec()))
}

pub(super) fn load(spec: Spec, pkcs8: &[u8]) -> Option<Handle> {
    let pair = KeyPair::from_pkcs8(pkcs8).ok()?;
    if Some(pair.public_modulus_len()) != spec.modulus() {
        return None;
    }
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().ok()?;
    let decrypting = PrivateDecryptingKey::from_pkcs8(pkcs8).ok()?;
    let encrypting = OaepPublicEncryptingKey::new(decrypting.public_key()).ok()?;
    let cipher = Oaep { encrypting, decrypting: OaepPrivateDecryptingKey::new(decrypting).ok()?, spec };
    Some(Handle {
        public: Some(public.as_ref().into()),
        sign: Some(Arc::new(Signer(pair))),
        cipher: Some(Arc::new(cipher)),
        ..Handle::of(spec)
    })
}

struct Signer(KeyPair);

/// A way to sign: its encoding, how it is verified, and its hash.
struct Scheme {
    sign: &'static RsaSignatureEncoding,
    verify: &'static RsaParameters,
    hash: &'static digest::Algorithm,
}

/// The salt of PSS is as long as the digest both ways: the library makes it so, and accepts no other.
fn scheme(algorithm: Signing) -> Result<Scheme> {
    let (sign, verify, hash) = match algorithm {
        Signing::RsaPkcs1Sha256 => (&RSA_PKCS1_SHA256, &RSA_PKCS1_2048_8192_SHA256, &SHA256),
        Signing::RsaPkcs1Sha384 => (&RSA_PKCS1_SHA384, &RSA_PKCS1_2048_8192_SHA384, &SHA384),
        Signing::RsaPkcs1Sha512 => (&RSA_PKCS1_SHA512, &RSA_PKCS1_2048_8192_SHA512, &SHA512),
        Signing::RsaPssSha256 => (&RSA_PSS_SHA256, &RSA_PSS_2048_8192_SHA256, &SHA256),
        Signing::RsaPssSha384 => (&RSA_PSS_SHA384, &RSA_PSS_2048_8192_SHA384, &SHA384),
        Signing::RsaPssSha512 => (&RSA_PSS_SHA512, &RSA_PSS_2048_8192_SHA512, &SHA512),
        Signing::EcdsaSha256 | Signing::EcdsaSha384 | Signing::EcdsaSha512 | Signing::Ed25519 => return Err(foreign()),
    };
    Ok(Scheme { sign, verify, hash })
}

impl Sign for Signer {
    fn sign(&self, algorithm: Signing, signable: Signable<'_>) -> Result<Vec<u8>> {
        let Scheme { sign, verify: _, hash } = scheme(algorithm)?;
        let digest = digested(hash, signable)?;
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0.sign_digest(sign, &digest, &mut signature).map_err(|_| broken())?;
        Ok(signature)
    }

    fn verify(&self, algorithm: Signing, signable: Signable<'_>, signature: &[u8]) -> Result<bool> {
        let Scheme { sign: _, verify, hash } = scheme(algorithm)?;
        let digest = digested(hash, signable)?;
        Ok(UnparsedPublicKey::new(verify, self.0.public_key().as_ref()).verify_digest(&digest, signature).is_ok())
    }
}

struct Oaep {
    encrypting: OaepPublicEncryptingKey,
    decrypting: OaepPrivateDecryptingKey,
    spec: Spec,
}

fn padding(algorithm: Encryption) -> Result<&'static OaepAlgorithm> {
    match algorithm {
        Encryption::OaepSha1 => Ok(&OAEP_SHA1_MGF1SHA1),
        Encryption::OaepSha256 => Ok(&OAEP_SHA256_MGF1SHA256),
        Encryption::Symmetric => Err(foreign()),
    }
}

impl Cipher for Oaep {
    fn encrypt(&self, algorithm: Encryption, plaintext: &[u8]) -> Result<Vec<u8>> {
        let padding = padding(algorithm)?;
        if algorithm.most(self.spec).is_none_or(|most| plaintext.len() > most) {
            return Err(Kind::Invalid(Flaw::Length).because("the plaintext is too long for the key"));
        }
        let mut ciphertext = vec![0; self.encrypting.ciphertext_size()];
        let length = self.encrypting.encrypt(padding, plaintext, &mut ciphertext, None).map_err(|_| broken())?.len();
        ciphertext.truncate(length);
        Ok(ciphertext)
    }

    fn decrypt(&self, algorithm: Encryption, ciphertext: &[u8]) -> Result<Plaintext> {
        let padding = padding(algorithm)?;
        let mut room = Zeroizing::new(vec![0; self.decrypting.min_output_size()]);
        let plaintext = self.decrypting.decrypt(padding, ciphertext, &mut room, None).map_err(|_| invalid())?;
        Ok(Plaintext::new(plaintext.to_vec()))
    }
}
