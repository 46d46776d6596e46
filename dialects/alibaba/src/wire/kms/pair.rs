//! Asymmetric keys: GetPublicKey, AsymmetricSign, AsymmetricVerify, AsymmetricEncrypt and AsymmetricDecrypt.
//!
//! Each names the version of the key: key pairs have no primary one. What is signed is a digest. Unlike the operations of
//! symmetric keys, these encrypt the bytes behind the base64 of the plaintext, as OpenSSL does, and a ciphertext has no header.

use std::borrow::Cow;

use pem::{EncodeConfig, LineEnding, Pem};
use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Blob;
use polykms_core::error::{Flaw, Kind, Result};
use polykms_core::key::{
    self, Ciphertext, Decrypted, Encrypted, Encryption, Layout, MessageForm, PublicKey, Signature, Signed, Signing,
    Verified, Words,
};
use polykms_core::secret::Plaintext;

use super::crypt::{ALGORITHMS, told_by};
use super::key_of;
use crate::message::kms::{
    AsymmetricDecryptRequest, AsymmetricDecryptResponse, AsymmetricEncryptRequest, AsymmetricEncryptResponse,
    AsymmetricSignRequest, AsymmetricSignResponse, AsymmetricVerifyRequest, AsymmetricVerifyResponse,
    GetPublicKeyRequest, GetPublicKeyResponse,
};
use crate::resource::{self, key_name};
use crate::wire::{heard, invalid};

/// The ways to sign.
const SIGNING: Words<Signing> =
    Words::new(&[Signing::RsaPssSha256, Signing::RsaPkcs1Sha256, Signing::EcdsaSha256], |way| match way {
        Signing::RsaPssSha256 => "RSA_PSS_SHA_256",
        Signing::RsaPssSha384 => "RSA_PSS_SHA_384",
        Signing::RsaPssSha512 => "RSA_PSS_SHA_512",
        Signing::RsaPkcs1Sha256 => "RSA_PKCS1_SHA_256",
        Signing::RsaPkcs1Sha384 => "RSA_PKCS1_SHA_384",
        Signing::RsaPkcs1Sha512 => "RSA_PKCS1_SHA_512",
        Signing::EcdsaSha256 => "ECDSA_SHA_256",
        Signing::EcdsaSha384 => "ECDSA_SHA_384",
        Signing::EcdsaSha512 => "ECDSA_SHA_512",
        Signing::Ed25519 => "ED25519",
    });

/// The version that a request names.
fn version(text: Option<Cow<'_, str>>) -> Result<Option<String>> {
    let version = resource::identifier(&text.unwrap_or_default());
    version.map(Some).ok_or_else(|| invalid(Flaw::Format, "KeyVersionId"))
}

/// The version to ask for; it has to be named.
fn named(version: &Option<String>) -> Result<Option<Cow<'_, str>>> {
    match version {
        Some(version) => Ok(Some(version.into())),
        None => Err(Kind::Unsupported.because("Alibaba Cloud wants to be told the version of a key pair")),
    }
}

/// The algorithm of a request, by its word.
fn algorithm<T: Copy>(words: Words<T>, word: Option<Cow<'_, str>>) -> Result<T> {
    let unbuilt = || Kind::Unsupported.because("this algorithm is not built yet").naming("Algorithm");
    words.value(&word.unwrap_or_default()).ok_or_else(unbuilt)
}

/// The digest that is signed.
fn digest(way: Option<Cow<'_, str>>, digest: Option<Blob<'_>>) -> Result<Signed> {
    Ok(Signed {
        algorithm: algorithm(SIGNING, way)?,
        form: MessageForm::Digest,
        message: Plaintext::new(digest.unwrap_or_default().into_bytes()),
    })
}

/// What to ask for to have a digest signed or verified.
fn asked(signed: &Signed) -> Result<(Option<Cow<'_, str>>, Option<Blob<'_>>)> {
    let Signed { algorithm, form, message } = signed;
    match (form, SIGNING.all.contains(algorithm)) {
        (MessageForm::Digest, true) => Ok((Some(SIGNING.word(*algorithm).into()), Some(message.expose().into()))),
        _ => Err(Kind::Unsupported.because("Alibaba Cloud signs digests of SHA-256 alone")),
    }
}

/// What a public key is called in text.
const PUBLIC_KEY: &str = "PUBLIC KEY";

/// A public key as text (RFC 7468).
fn pem(der: &[u8]) -> String {
    let lines = EncodeConfig::new().set_line_ending(LineEnding::LF);
    pem::encode_config(&Pem::new(PUBLIC_KEY, der), lines)
}

/// The bytes of a public key in text.
fn der(text: &str) -> Result<Vec<u8>> {
    let read = pem::parse(text).ok().filter(|read| read.tag() == PUBLIC_KEY);
    read.map(Pem::into_contents).ok_or_else(|| heard::unreadable("the answer has no public key"))
}

/// GetPublicKey.
pub(crate) struct GetPublicKey;

impl Wire for GetPublicKey {
    type Op = key::GetPublicKey;
    type Ask<'a> = GetPublicKeyRequest<'a>;
    type Told<'a> = GetPublicKeyResponse<'a>;

    fn op(ask: GetPublicKeyRequest<'_>) -> Result<key::GetPublicKey> {
        let GetPublicKeyRequest { dry_run, key_id, key_version_id } = ask;
        Ok(key::GetPublicKey {
            key: key_of("KeyId", key_id)?,
            version: version(key_version_id)?,
            dry_run: dry_run.unwrap_or_default(),
            tokens: Default::default(),
        })
    }

    fn told(output: &PublicKey) -> Result<GetPublicKeyResponse<'_>> {
        let PublicKey { by, public, kind: _ } = output;
        let (key_id, key_version_id) = told_by(by);
        Ok(GetPublicKeyResponse { key_id, key_version_id, public_key: Some(pem(public).into()) })
    }

    fn ask(op: &key::GetPublicKey) -> Result<GetPublicKeyRequest<'_>> {
        let key::GetPublicKey { key, version, dry_run, tokens: _ } = op;
        Ok(GetPublicKeyRequest {
            dry_run: Some(*dry_run),
            key_id: Some(key_name(key)?),
            key_version_id: named(version)?,
        })
    }

    fn output(told: GetPublicKeyResponse<'_>) -> Result<PublicKey> {
        let GetPublicKeyResponse { key_id, key_version_id, public_key } = told;
        let public = der(&heard::had(public_key)?)?;
        Ok(PublicKey { by: heard::made(key_id, key_version_id)?, public, kind: None })
    }
}

/// AsymmetricSign.
pub(crate) struct AsymmetricSign;

impl Wire for AsymmetricSign {
    type Op = key::Sign;
    type Ask<'a> = AsymmetricSignRequest<'a>;
    type Told<'a> = AsymmetricSignResponse<'a>;

    fn op(ask: AsymmetricSignRequest<'_>) -> Result<key::Sign> {
        let AsymmetricSignRequest { algorithm, digest: hash, dry_run, key_id, key_version_id } = ask;
        Ok(key::Sign {
            key: key_of("KeyId", key_id)?,
            version: version(key_version_id)?,
            signed: digest(algorithm, hash)?,
            dry_run: dry_run.unwrap_or_default(),
            tokens: Default::default(),
        })
    }

    fn told(output: &Signature) -> Result<AsymmetricSignResponse<'_>> {
        let Signature { by, algorithm: _, signature } = output;
        let (key_id, key_version_id) = told_by(by);
        Ok(AsymmetricSignResponse { key_id, key_version_id, value: Some(signature.into()) })
    }

    fn ask(op: &key::Sign) -> Result<AsymmetricSignRequest<'_>> {
        let key::Sign { key, version, signed, dry_run, tokens: _ } = op;
        let (algorithm, digest) = asked(signed)?;
        Ok(AsymmetricSignRequest {
            algorithm,
            digest,
            dry_run: Some(*dry_run),
            key_id: Some(key_name(key)?),
            key_version_id: named(version)?,
        })
    }

    fn output(told: AsymmetricSignResponse<'_>) -> Result<Signature> {
        let AsymmetricSignResponse { key_id, key_version_id, value } = told;
        let by = heard::made(key_id, key_version_id)?;
        Ok(Signature { by, algorithm: None, signature: heard::bytes(value)? })
    }
}

/// AsymmetricVerify.
pub(crate) struct AsymmetricVerify;

impl Wire for AsymmetricVerify {
    type Op = key::Verify;
    type Ask<'a> = AsymmetricVerifyRequest<'a>;
    type Told<'a> = AsymmetricVerifyResponse<'a>;

    fn op(ask: AsymmetricVerifyRequest<'_>) -> Result<key::Verify> {
        let AsymmetricVerifyRequest { algorithm, digest: hash, dry_run, key_id, key_version_id, value } = ask;
        Ok(key::Verify {
            key: key_of("KeyId", key_id)?,
            version: version(key_version_id)?,
            signed: digest(algorithm, hash)?,
            signature: value.unwrap_or_default().into_bytes(),
            dry_run: dry_run.unwrap_or_default(),
            tokens: Default::default(),
        })
    }

    fn told(output: &Verified) -> Result<AsymmetricVerifyResponse<'_>> {
        let Verified { by, algorithm: _, fits } = output;
        let (key_id, key_version_id) = told_by(by);
        Ok(AsymmetricVerifyResponse { key_id, key_version_id, value: Some(*fits) })
    }

    fn ask(op: &key::Verify) -> Result<AsymmetricVerifyRequest<'_>> {
        let key::Verify { key, version, signed, signature, dry_run, tokens: _ } = op;
        let (algorithm, digest) = asked(signed)?;
        Ok(AsymmetricVerifyRequest {
            algorithm,
            digest,
            dry_run: Some(*dry_run),
            key_id: Some(key_name(key)?),
            key_version_id: named(version)?,
            value: Some(signature.into()),
        })
    }

    fn output(told: AsymmetricVerifyResponse<'_>) -> Result<Verified> {
        let AsymmetricVerifyResponse { key_id, key_version_id, value } = told;
        let by = heard::made(key_id, key_version_id)?;
        Ok(Verified { by, algorithm: None, fits: heard::had(value)? })
    }
}

/// Refuses to ask for what key pairs do not have.
fn asymmetric(algorithm: Encryption, context: &key::EncryptionContext) -> Result<Option<Cow<'static, str>>> {
    match algorithm != Encryption::Symmetric && context.is_empty() {
        true => Ok(Some(ALGORITHMS.word(algorithm).into())),
        false => Err(Kind::Unsupported.because("this operation is one of key pairs")),
    }
}

/// A way to encrypt to a public key.
fn encryption(word: Option<Cow<'_, str>>) -> Result<Encryption> {
    match algorithm(ALGORITHMS, word)? {
        Encryption::Symmetric => Err(invalid(Flaw::Value, "Algorithm")),
        algorithm => Ok(algorithm),
    }
}

/// AsymmetricEncrypt.
pub(crate) struct AsymmetricEncrypt;

impl Wire for AsymmetricEncrypt {
    type Op = key::Encrypt;
    type Ask<'a> = AsymmetricEncryptRequest<'a>;
    type Told<'a> = AsymmetricEncryptResponse<'a>;

    fn op(ask: AsymmetricEncryptRequest<'_>) -> Result<key::Encrypt> {
        let AsymmetricEncryptRequest { algorithm, dry_run, key_id, key_version_id, plaintext } = ask;
        Ok(key::Encrypt {
            key: key_of("KeyId", key_id)?,
            version: version(key_version_id)?,
            algorithm: encryption(algorithm)?,
            plaintext: Plaintext::new(plaintext.unwrap_or_default().into_bytes()),
            context: Default::default(),
            dry_run: dry_run.unwrap_or_default(),
            tokens: Default::default(),
        })
    }

    fn told(output: &Encrypted) -> Result<AsymmetricEncryptResponse<'_>> {
        let Encrypted { by, algorithm: _, blob } = output;
        let (key_id, key_version_id) = told_by(by);
        Ok(AsymmetricEncryptResponse { ciphertext_blob: Some(blob.into()), key_id, key_version_id })
    }

    fn ask(op: &key::Encrypt) -> Result<AsymmetricEncryptRequest<'_>> {
        let key::Encrypt { key, version, algorithm, plaintext, context, dry_run, tokens: _ } = op;
        Ok(AsymmetricEncryptRequest {
            algorithm: asymmetric(*algorithm, context)?,
            dry_run: Some(*dry_run),
            key_id: Some(key_name(key)?),
            key_version_id: named(version)?,
            plaintext: Some(plaintext.expose().into()),
        })
    }

    fn output(told: AsymmetricEncryptResponse<'_>) -> Result<Encrypted> {
        let AsymmetricEncryptResponse { ciphertext_blob, key_id, key_version_id } = told;
        let by = heard::made(key_id, key_version_id)?;
        Ok(Encrypted { by, algorithm: None, blob: heard::bytes(ciphertext_blob)? })
    }
}

/// AsymmetricDecrypt.
pub(crate) struct AsymmetricDecrypt;

impl Wire for AsymmetricDecrypt {
    type Op = key::Decrypt;
    type Ask<'a> = AsymmetricDecryptRequest<'a>;
    type Told<'a> = AsymmetricDecryptResponse<'a>;

    fn op(ask: AsymmetricDecryptRequest<'_>) -> Result<key::Decrypt> {
        let AsymmetricDecryptRequest { algorithm, ciphertext_blob, dry_run, key_id, key_version_id } = ask;
        Ok(key::Decrypt {
            ciphertext: Ciphertext::of(Layout::Visible, ciphertext_blob.unwrap_or_default().into_bytes()),
            key: Some(key_of("KeyId", key_id)?),
            version: version(key_version_id)?,
            algorithm: encryption(algorithm)?,
            context: Default::default(),
            dry_run: dry_run.unwrap_or_default(),
            tokens: Default::default(),
            ciphertext_ignored: false,
        })
    }

    fn told(output: &Decrypted) -> Result<AsymmetricDecryptResponse<'_>> {
        let Decrypted { by, algorithm: _, plaintext } = output;
        let (key_id, key_version_id) = told_by(by);
        Ok(AsymmetricDecryptResponse { key_id, key_version_id, plaintext: Some(plaintext.expose().into()) })
    }

    fn ask(op: &key::Decrypt) -> Result<AsymmetricDecryptRequest<'_>> {
        let key::Decrypt { ciphertext, key, version, algorithm, context, dry_run, ciphertext_ignored, tokens: _ } = op;
        super::crypt::looked_at(*ciphertext_ignored)?;
        let unnamed = || Kind::Unsupported.because("Alibaba Cloud wants to be told the key of a ciphertext");
        Ok(AsymmetricDecryptRequest {
            algorithm: asymmetric(*algorithm, context)?,
            ciphertext_blob: Some(ciphertext.blob().into()),
            dry_run: Some(*dry_run),
            key_id: Some(key_name(key.as_ref().ok_or_else(unnamed)?)?),
            key_version_id: named(version)?,
        })
    }

    fn output(told: AsymmetricDecryptResponse<'_>) -> Result<Decrypted> {
        let AsymmetricDecryptResponse { key_id, key_version_id, plaintext } = told;
        let by = heard::made(key_id, key_version_id)?;
        Ok(Decrypted { by, algorithm: None, plaintext: Plaintext::new(heard::bytes(plaintext)?) })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::tests::{decoded, shown};

    const BEGIN: &str = "-----BEGIN PUBLIC KEY-----\n";
    const END: &str = "-----END PUBLIC KEY-----\n";

    const VERSION: &str = "86a9efd9-3d16-4894-bd4f-1fc43f3f2abf";

    fn made() -> std::sync::Arc<key::Provenance> {
        key::Provenance { key_id: "k".into(), version: Some("v".into()), ..Default::default() }.into()
    }

    fn sign(pairs: &[(&str, &str)]) -> Result<key::Sign> {
        let fixed = [("KeyId", "k"), ("KeyVersionId", VERSION), ("Digest", "AAEC"), ("Algorithm", "ECDSA_SHA_256")];
        let fixed = fixed.into_iter().filter(|(name, _)| pairs.iter().all(|(other, _)| other != name));
        decoded::<AsymmetricSign>(&fixed.chain(pairs.iter().copied()).collect::<Vec<_>>())
    }

    #[test]
    fn a_digest_is_signed_by_a_version() {
        let op = sign(&[]).unwrap();
        assert_eq!((op.version.as_deref(), op.signed.form), (Some(VERSION), MessageForm::Digest));
        assert_eq!(op.signed.message.expose(), [0, 1, 2]);
        for (name, kind) in [("KeyVersionId", Flaw::Missing), ("Digest", Flaw::Missing), ("Algorithm", Flaw::Missing)] {
            let refused = sign(&[(name, "")]).unwrap_err();
            assert_eq!((refused.kind(), refused.subject()), (Kind::Invalid(kind), Some(name)));
        }
        assert_eq!(sign(&[("KeyVersionId", "v v")]).unwrap_err().subject(), Some("KeyVersionId"));
        assert_eq!(sign(&[("Digest", "!")]).unwrap_err().kind(), Kind::Invalid(Flaw::Format));
        assert_eq!(sign(&[("Algorithm", "SM2DSA")]).unwrap_err().kind(), Kind::Unsupported);
        assert!(matches!(sign(&[("Algorithm", "ROT13")]).unwrap_err().kind(), Kind::Invalid(_)));
    }

    #[test]
    fn the_bytes_behind_a_plaintext_are_encrypted() {
        let fixed = [("KeyId", "k"), ("KeyVersionId", VERSION), ("Plaintext", "SGVsbG8=")];
        let ask = |algorithm| decoded::<AsymmetricEncrypt>(&[&fixed[..], &[("Algorithm", algorithm)]].concat());
        let op = ask("RSAES_OAEP_SHA_1").unwrap();
        assert_eq!((op.algorithm, op.plaintext.expose()), (Encryption::OaepSha1, &b"Hello"[..]));
        assert!(ask("SYMMETRIC_DEFAULT").is_err() && ask("SM2PKE").is_err());
    }

    #[test]
    fn answers_name_key_and_version() {
        let told = shown::<AsymmetricSign>(Signature { by: made(), algorithm: None, signature: vec![0, 1, 2] });
        assert_eq!(told, serde_json::json!({"KeyId": "k", "KeyVersionId": "v", "Value": "AAEC"}));
        let told = shown::<AsymmetricVerify>(Verified { by: made(), algorithm: None, fits: false });
        assert_eq!(told, serde_json::json!({"KeyId": "k", "KeyVersionId": "v", "Value": false}));
    }

    #[test]
    fn a_public_key_is_told_in_lines_of_64_characters_and_read_again() {
        for length in [1, 47, 48, 49, 91, 96, 294] {
            let bytes: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect();
            let text = pem(&bytes);
            assert!(text.lines().all(|line| line.len() <= 64), "{text}");
            assert!(text.starts_with(BEGIN) && text.ends_with(&format!("\n{END}")) && !text.contains("\n\n"), "{text}");
            assert_eq!(der(&text).unwrap(), bytes);
        }
        assert!(der("AAEC").is_err() && der(&format!("{BEGIN}!\n{END}")).is_err());
    }
}
