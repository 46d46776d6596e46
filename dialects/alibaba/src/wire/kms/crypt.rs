//! Cryptography: Encrypt, Decrypt, ReEncrypt, GenerateDataKey and GenerateDataKeyWithoutPlaintext.
//!
//! What is encrypted is the text of `Plaintext` as it was sent. It is meant to be base64 and need not be: passwords and PEM
//! are encrypted as they are. A data key is therefore encrypted as the text of its base64, and Decrypt answers the text
//! unchanged.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Blob;
use polykms_core::error::{Flaw, Kind, Result};
use polykms_core::key::{
    self, Ciphertext, DataKey, DataKeySize, Decrypted, Encrypted, Encryption, Layout, Provenance, ReEncrypted, Spec,
    Words,
};
use polykms_core::secret::Plaintext;

use super::{context, key_of, pairs};
use crate::message::kms::{
    DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest, GenerateDataKeyResponse,
    GenerateDataKeyWithoutPlaintextRequest, GenerateDataKeyWithoutPlaintextResponse, ReEncryptRequest,
    ReEncryptResponse,
};
use crate::resource::{self, key_name};
use crate::wire::{heard, invalid, missing};

/// The ways to encrypt.
pub(crate) const ALGORITHMS: Words<Encryption> = Words::new(&Encryption::ALL, |algorithm| match algorithm {
    Encryption::Symmetric => "SYMMETRIC_DEFAULT",
    Encryption::OaepSha1 => "RSAES_OAEP_SHA_1",
    Encryption::OaepSha256 => "RSAES_OAEP_SHA_256",
});

/// The least number of bytes that is too much for a plaintext.
const TOO_LONG: usize = 6144;

/// How many bytes a plaintext has: those behind its base64, or else its own.
fn bytes_behind(text: &[u8]) -> usize {
    let decoded = STANDARD.decode(text).map(Plaintext::new);
    decoded.map_or(text.len(), |bytes| bytes.expose().len())
}

/// Encrypt.
pub(crate) struct Encrypt;

impl Wire for Encrypt {
    type Op = key::Encrypt;
    type Ask<'a> = EncryptRequest<'a>;
    type Told<'a> = EncryptResponse<'a>;

    fn op(ask: EncryptRequest<'_>) -> Result<key::Encrypt> {
        let EncryptRequest { dry_run, encryption_context, key_id, plaintext } = ask;
        let plaintext = Plaintext::new(plaintext.unwrap_or_default().into_owned().into_bytes());
        if bytes_behind(plaintext.expose()) >= TOO_LONG {
            return Err(invalid(Flaw::Length, "Plaintext"));
        }
        Ok(key::Encrypt {
            key: key_of("KeyId", key_id)?,
            version: None,
            algorithm: Encryption::Symmetric,
            plaintext,
            context: context(encryption_context),
            dry_run: dry_run.unwrap_or_default(),
            tokens: Default::default(),
        })
    }

    fn told(output: &Encrypted) -> Result<EncryptResponse<'_>> {
        let Encrypted { by, algorithm: _, blob } = output;
        let (key_id, key_version_id) = told_by(by);
        Ok(EncryptResponse { ciphertext_blob: Some(blob.into()), key_id, key_version_id })
    }

    fn ask(op: &key::Encrypt) -> Result<EncryptRequest<'_>> {
        let key::Encrypt { key, version, algorithm, plaintext, context, dry_run, tokens: _ } = op;
        symmetric(version, *algorithm)?;
        let text = std::str::from_utf8(plaintext.expose());
        let text = text.map_err(|_| Kind::Unsupported.because("Alibaba Cloud encrypts texts alone"))?;
        Ok(EncryptRequest {
            dry_run: Some(*dry_run),
            encryption_context: pairs(context),
            key_id: Some(key_name(key)?),
            plaintext: Some(text.into()),
        })
    }

    fn output(told: EncryptResponse<'_>) -> Result<Encrypted> {
        let EncryptResponse { ciphertext_blob, key_id, key_version_id } = told;
        Ok(Encrypted {
            by: heard::made(key_id, key_version_id)?,
            algorithm: None,
            blob: heard::bytes(ciphertext_blob)?,
        })
    }
}

/// Refuses to ask for what symmetric keys do not have: their ciphertexts say which version made them.
fn symmetric(version: &Option<String>, algorithm: Encryption) -> Result<()> {
    match version.is_none() && algorithm == Encryption::Symmetric {
        true => Ok(()),
        false => Err(Kind::Unsupported.because("this operation is one of symmetric keys")),
    }
}

/// Refuses to ask for a dry run that does not look at the ciphertext.
pub(super) fn looked_at(ciphertext_ignored: bool) -> Result<()> {
    match ciphertext_ignored {
        true => Err(Kind::Unsupported.because("Alibaba Cloud looks at every ciphertext")),
        false => Ok(()),
    }
}

/// Decrypt.
pub(crate) struct Decrypt;

impl Wire for Decrypt {
    type Op = key::Decrypt;
    type Ask<'a> = DecryptRequest<'a>;
    type Told<'a> = DecryptResponse<'a>;

    fn op(ask: DecryptRequest<'_>) -> Result<key::Decrypt> {
        let DecryptRequest { ciphertext_blob, dry_run, encryption_context } = ask;
        Ok(key::Decrypt {
            ciphertext: ciphertext(ciphertext_blob)?,
            key: None,
            version: None,
            algorithm: Encryption::Symmetric,
            context: context(encryption_context),
            dry_run: dry_run.unwrap_or_default(),
            ciphertext_ignored: false,
            tokens: Default::default(),
        })
    }

    fn told(output: &Decrypted) -> Result<DecryptResponse<'_>> {
        let Decrypted { by, algorithm: _, plaintext } = output;
        let text = std::str::from_utf8(plaintext.expose())
            .map_err(|_| Kind::Internal.because("the plaintext of a ciphertext is no text"))?;
        let (key_id, key_version_id) = told_by(by);
        Ok(DecryptResponse { key_id, key_version_id, plaintext: Some(text.into()) })
    }

    fn ask(op: &key::Decrypt) -> Result<DecryptRequest<'_>> {
        let key::Decrypt { ciphertext, key, version, algorithm, context, dry_run, ciphertext_ignored, tokens: _ } = op;
        symmetric(version, *algorithm)?;
        looked_at(*ciphertext_ignored)?;
        match key {
            Some(_) => Err(Kind::Unsupported.because("Alibaba Cloud is not told the key of a ciphertext")),
            None => Ok(DecryptRequest {
                ciphertext_blob: Some(ciphertext.blob().into()),
                dry_run: Some(*dry_run),
                encryption_context: pairs(context),
            }),
        }
    }

    fn output(told: DecryptResponse<'_>) -> Result<Decrypted> {
        let DecryptResponse { key_id, key_version_id, plaintext } = told;
        let plaintext = Plaintext::new(heard::text(plaintext)?.into_bytes());
        Ok(Decrypted { by: heard::made(key_id, key_version_id)?, algorithm: None, plaintext })
    }
}

/// ReEncrypt.
pub(crate) struct ReEncrypt;

impl Wire for ReEncrypt {
    type Op = key::ReEncrypt;
    type Ask<'a> = ReEncryptRequest<'a>;
    type Told<'a> = ReEncryptResponse<'a>;

    fn op(ask: ReEncryptRequest<'_>) -> Result<key::ReEncrypt> {
        let ReEncryptRequest {
            ciphertext_blob,
            destination_encryption_context,
            destination_key_id,
            dry_run,
            source_encryption_algorithm,
            source_encryption_context,
            source_key_id,
            source_key_version_id,
        } = ask;
        let unbuilt =
            || Kind::Unsupported.because("this algorithm is not built yet").naming("SourceEncryptionAlgorithm");
        let source_algorithm =
            ALGORITHMS.value(&source_encryption_algorithm.unwrap_or_default()).ok_or_else(unbuilt)?;
        let source_version = source_key_version_id.map(Cow::into_owned);
        let ciphertext = match source_algorithm {
            Encryption::Symmetric => {
                let ciphertext = ciphertext(ciphertext_blob)?;
                match &source_version {
                    Some(version) if version != ciphertext.version()? => {
                        return Err(invalid(Flaw::Value, "SourceKeyVersionId"));
                    }
                    _ => ciphertext,
                }
            }
            // A ciphertext of a key pair does not say what made it.
            Encryption::OaepSha1 | Encryption::OaepSha256 => {
                if source_key_id.is_none() {
                    return Err(missing("SourceKeyId"));
                }
                let version =
                    resource::identifier(source_version.as_deref().ok_or_else(|| missing("SourceKeyVersionId"))?);
                version.ok_or_else(|| invalid(Flaw::Format, "SourceKeyVersionId"))?;
                Ciphertext::of(Layout::Visible, ciphertext_blob.unwrap_or_default().into_bytes())
            }
        };
        Ok(key::ReEncrypt {
            ciphertext,
            source: source_key_id.map(|source| key_of("SourceKeyId", Some(source))).transpose()?,
            source_version,
            source_algorithm,
            source_context: context(source_encryption_context),
            destination: key_of("DestinationKeyId", destination_key_id)?,
            destination_algorithm: Encryption::Symmetric,
            destination_context: context(destination_encryption_context),
            dry_run: dry_run.unwrap_or_default(),
            ciphertext_ignored: false,
            tokens: Default::default(),
        })
    }

    /// The identifiers are those of the key that decrypted, as the reference has it.
    fn told(output: &ReEncrypted) -> Result<ReEncryptResponse<'_>> {
        let ReEncrypted { source, destination: _, algorithms: _, blob } = output;
        let (key_id, key_version_id) = told_by(source);
        Ok(ReEncryptResponse { ciphertext_blob: Some(blob.into()), key_id, key_version_id })
    }

    fn ask(op: &key::ReEncrypt) -> Result<ReEncryptRequest<'_>> {
        let key::ReEncrypt {
            ciphertext,
            source,
            source_version,
            source_algorithm,
            source_context,
            destination,
            destination_algorithm,
            destination_context,
            dry_run,
            ciphertext_ignored,
            tokens: _,
        } = op;
        symmetric(&None, *destination_algorithm)?;
        looked_at(*ciphertext_ignored)?;
        Ok(ReEncryptRequest {
            ciphertext_blob: Some(ciphertext.blob().into()),
            destination_encryption_context: pairs(destination_context),
            destination_key_id: Some(key_name(destination)?),
            dry_run: Some(*dry_run),
            source_encryption_context: pairs(source_context),
            source_key_id: source.as_ref().map(key_name).transpose()?,
            source_key_version_id: source_version.as_ref().map(Cow::from),
            source_encryption_algorithm: Some(ALGORITHMS.word(*source_algorithm).into()),
        })
    }

    /// What encrypted is not told.
    fn output(told: ReEncryptResponse<'_>) -> Result<ReEncrypted> {
        let ReEncryptResponse { ciphertext_blob, key_id, key_version_id } = told;
        let source = heard::made(key_id, key_version_id)?;
        Ok(ReEncrypted { source, destination: None, algorithms: None, blob: heard::bytes(ciphertext_blob)? })
    }
}

/// GenerateDataKey.
pub(crate) struct GenerateDataKey;

impl Wire for GenerateDataKey {
    type Op = key::GenerateDataKey;
    type Ask<'a> = GenerateDataKeyRequest<'a>;
    type Told<'a> = GenerateDataKeyResponse<'a>;

    fn op(ask: GenerateDataKeyRequest<'_>) -> Result<key::GenerateDataKey> {
        let GenerateDataKeyRequest { dry_run, encryption_context, key_id, key_spec, number_of_bytes } = ask;
        Ok(key::GenerateDataKey {
            key: key_of("KeyId", key_id)?,
            size: size(number_of_bytes, key_spec)?,
            context: context(encryption_context),
            dry_run: dry_run.unwrap_or_default(),
            tokens: Default::default(),
        })
    }

    fn told(output: &DataKey) -> Result<GenerateDataKeyResponse<'_>> {
        let DataKey { plaintext, encrypted: Encrypted { by, algorithm: _, blob } } = output;
        let (key_id, key_version_id) = told_by(by);
        Ok(GenerateDataKeyResponse {
            ciphertext_blob: Some(blob.into()),
            key_id,
            key_version_id,
            plaintext: Some(plaintext.expose().into()),
        })
    }

    fn ask(op: &key::GenerateDataKey) -> Result<GenerateDataKeyRequest<'_>> {
        let key::GenerateDataKey { key, size, context, dry_run, tokens: _ } = op;
        Ok(GenerateDataKeyRequest {
            dry_run: Some(*dry_run),
            encryption_context: pairs(context),
            key_id: Some(key_name(key)?),
            key_spec: size.spec.map(|spec| DATA_KEYS.word(spec).into()),
            number_of_bytes: size.number.and_then(|number| i64::try_from(number).ok()),
        })
    }

    fn output(told: GenerateDataKeyResponse<'_>) -> Result<DataKey> {
        let GenerateDataKeyResponse { ciphertext_blob, key_id, key_version_id, plaintext } = told;
        let encrypted = Encrypted {
            by: heard::made(key_id, key_version_id)?,
            algorithm: None,
            blob: heard::bytes(ciphertext_blob)?,
        };
        Ok(DataKey { plaintext: Plaintext::new(heard::bytes(plaintext)?), encrypted })
    }
}

/// GenerateDataKeyWithoutPlaintext.
pub(crate) struct GenerateDataKeyWithoutPlaintext;

impl Wire for GenerateDataKeyWithoutPlaintext {
    type Op = key::GenerateDataKeyWithoutPlaintext;
    type Ask<'a> = GenerateDataKeyWithoutPlaintextRequest<'a>;
    type Told<'a> = GenerateDataKeyWithoutPlaintextResponse<'a>;

    fn op(ask: GenerateDataKeyWithoutPlaintextRequest<'_>) -> Result<key::GenerateDataKeyWithoutPlaintext> {
        let GenerateDataKeyWithoutPlaintextRequest { dry_run, encryption_context, key_id, key_spec, number_of_bytes } =
            ask;
        Ok(key::GenerateDataKeyWithoutPlaintext(key::GenerateDataKey {
            key: key_of("KeyId", key_id)?,
            size: size(number_of_bytes, key_spec)?,
            context: context(encryption_context),
            dry_run: dry_run.unwrap_or_default(),
            tokens: Default::default(),
        }))
    }

    fn told(output: &Encrypted) -> Result<GenerateDataKeyWithoutPlaintextResponse<'_>> {
        let Encrypted { by, algorithm: _, blob } = output;
        let (key_id, key_version_id) = told_by(by);
        Ok(GenerateDataKeyWithoutPlaintextResponse { ciphertext_blob: Some(blob.into()), key_id, key_version_id })
    }

    fn ask(op: &key::GenerateDataKeyWithoutPlaintext) -> Result<GenerateDataKeyWithoutPlaintextRequest<'_>> {
        let key::GenerateDataKeyWithoutPlaintext(key::GenerateDataKey { key, size, context, dry_run, tokens: _ }) = op;
        Ok(GenerateDataKeyWithoutPlaintextRequest {
            dry_run: Some(*dry_run),
            encryption_context: pairs(context),
            key_id: Some(key_name(key)?),
            key_spec: size.spec.map(|spec| DATA_KEYS.word(spec).into()),
            number_of_bytes: size.number.and_then(|number| i64::try_from(number).ok()),
        })
    }

    fn output(told: GenerateDataKeyWithoutPlaintextResponse<'_>) -> Result<Encrypted> {
        let GenerateDataKeyWithoutPlaintextResponse { ciphertext_blob, key_id, key_version_id } = told;
        Ok(Encrypted {
            by: heard::made(key_id, key_version_id)?,
            algorithm: None,
            blob: heard::bytes(ciphertext_blob)?,
        })
    }
}

/// What data keys are for.
const DATA_KEYS: Words<Spec> = Words::new(&[Spec::Aes128, Spec::Aes256], |spec| match spec {
    Spec::Aes128 => "AES_128",
    _ => "AES_256",
});

/// How long a data key is to be: by a number of bytes, or else by its spec.
fn size(number: Option<i64>, spec: Option<Cow<'_, str>>) -> Result<DataKeySize> {
    let whole = |number| usize::try_from(number).map_err(|_| invalid(Flaw::Value, "NumberOfBytes"));
    let spec = spec.and_then(|word| DATA_KEYS.value(&word));
    Ok(DataKeySize { number: number.map(whole).transpose()?, spec })
}

/// What made a ciphertext: key and version.
pub(super) fn told_by(by: &Provenance) -> (Option<Cow<'_, str>>, Option<Cow<'_, str>>) {
    let Provenance { arn: _, key_id, version, material: _ } = by;
    (Some(key_id.into()), version.as_ref().map(Cow::from))
}

/// A ciphertext with a header that can be read; whether it opens is found out later.
fn ciphertext(blob: Option<Blob<'_>>) -> Result<Ciphertext> {
    let ciphertext = Ciphertext::of(Layout::Visible, blob.unwrap_or_default().into_bytes());
    ciphertext.version()?;
    Ok(ciphertext)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::tests::{decoded, shown};

    fn made(key_id: &str, version: &str) -> std::sync::Arc<key::Provenance> {
        key::Provenance { key_id: key_id.into(), version: Some(version.into()), ..Default::default() }.into()
    }

    fn encrypt(text: &str) -> Result<key::Encrypt> {
        decoded::<Encrypt>(&[("KeyId", "k"), ("Plaintext", text)])
    }

    fn blob(text: &str) -> String {
        STANDARD.encode([text.as_bytes(), &[0; 28]].concat())
    }

    const VERSION: &str = "86a9efd9-3d16-4894-bd4f-1fc43f3f2abf";

    #[test]
    fn the_text_of_the_plaintext_is_encrypted_and_not_its_bytes() {
        assert_eq!(encrypt("SGVsbG8=").unwrap().plaintext.expose(), b"SGVsbG8=");
    }

    #[test]
    fn any_text_is_encrypted_as_it_is() {
        let pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIE+/==\n-----END RSA PRIVATE KEY-----\n";
        for text in ["no base64", "SGVsbG8", "p@ss w0rd&=%+", pem, r#"{"a":"b"}"#, "密码", "\u{0}\r\n", " SGVsbG8= "]
        {
            assert_eq!(encrypt(text).unwrap().plaintext.expose(), text.as_bytes(), "{text}");
        }
    }

    #[test]
    fn a_plaintext_has_fewer_than_6144_bytes_behind_its_base64_or_of_its_own() {
        for text in [STANDARD.encode([0; 6143]), "-".repeat(6143), "密".repeat(2047)] {
            assert!(encrypt(&text).is_ok(), "{}", text.len());
        }
        for (text, flaw) in [
            (STANDARD.encode([0; 6144]), Flaw::Length),
            ("A".repeat(100_000), Flaw::Length),
            ("-".repeat(6144), Flaw::Length),
            ("密".repeat(2048), Flaw::Length),
            (String::new(), Flaw::Missing),
        ] {
            let refused = encrypt(&text).unwrap_err();
            assert_eq!((refused.kind(), refused.subject()), (Kind::Invalid(flaw), Some("Plaintext")));
        }
    }

    #[test]
    fn decrypting_answers_the_text_unchanged() {
        let output = Decrypted { by: made("k", "v"), algorithm: None, plaintext: Plaintext::new(b"SGVsbG8=".to_vec()) };
        let expected = serde_json::json!({"KeyId": "k", "KeyVersionId": "v", "Plaintext": "SGVsbG8="});
        assert_eq!(shown::<Decrypt>(output), expected);
    }

    #[test]
    fn what_has_no_header_is_no_ciphertext() {
        let decode = |blob: &str| decoded::<Decrypt>(&[("CiphertextBlob", blob)]);
        assert_eq!(decode(&blob(VERSION)).unwrap().ciphertext.version().unwrap(), VERSION);
        assert_eq!(decode("AAAA").unwrap_err().kind(), Kind::InvalidCiphertext);
        assert_eq!(decode(&blob(&VERSION.to_uppercase())).unwrap_err().kind(), Kind::InvalidCiphertext);
        assert_eq!(decode("!").unwrap_err().kind(), Kind::Invalid(Flaw::Format));
        assert_eq!(decode("").unwrap_err().kind(), Kind::Invalid(Flaw::Missing));
    }

    #[test]
    fn the_number_of_bytes_goes_before_the_spec() {
        let bytes = |pairs: &[(&str, &str)]| {
            decoded::<GenerateDataKey>(&[&[("KeyId", "k")], pairs].concat()).map(|wanted| wanted.size.bytes())
        };
        assert_eq!(bytes(&[]).unwrap(), 32);
        assert_eq!(bytes(&[("KeySpec", "AES_128")]).unwrap(), 16);
        assert_eq!(bytes(&[("KeySpec", "AES_256"), ("NumberOfBytes", "1024")]).unwrap(), 1024);
        assert!(bytes(&[("NumberOfBytes", "0")]).is_err() && bytes(&[("NumberOfBytes", "1025")]).is_err());
        assert!(bytes(&[("KeySpec", "AES_192")]).is_err());
    }

    #[test]
    fn data_keys_are_told_in_base64() {
        let encrypted = Encrypted { by: made("k", "v"), algorithm: None, blob: vec![1, 2] };
        let output = DataKey { plaintext: Plaintext::new(vec![0; 3]), encrypted };
        let expected =
            serde_json::json!({"CiphertextBlob": "AQI=", "KeyId": "k", "KeyVersionId": "v", "Plaintext": "AAAA"});
        assert_eq!(shown::<GenerateDataKey>(output), expected);
    }

    #[test]
    fn encrypting_anew_tells_of_the_key_that_decrypted() {
        let output = ReEncrypted {
            source: made("old", "v"),
            destination: Some(made("new", "w")),
            algorithms: None,
            blob: vec![1, 2],
        };
        let expected = serde_json::json!({"CiphertextBlob": "AQI=", "KeyId": "old", "KeyVersionId": "v"});
        assert_eq!(shown::<ReEncrypt>(output), expected);
    }

    #[test]
    fn the_source_of_encrypting_anew_must_be_the_one_of_the_ciphertext() {
        let decode = |pairs: &[(&str, &str)]| {
            let blob = blob(VERSION);
            let fixed = [("CiphertextBlob", blob.as_str()), ("DestinationKeyId", "k")];
            decoded::<ReEncrypt>(&[&fixed, pairs].concat())
        };
        assert!(decode(&[("SourceKeyVersionId", VERSION), ("SourceKeyId", "alias/a")]).unwrap().source.is_some());
        assert!(decode(&[]).unwrap().source.is_none());
        assert_eq!(decode(&[("SourceKeyVersionId", "v")]).unwrap_err().subject(), Some("SourceKeyVersionId"));
        let refused = decode(&[("SourceEncryptionAlgorithm", "SM2PKE")]).unwrap_err();
        assert_eq!(refused.kind(), Kind::Unsupported);
        let pair = [("SourceEncryptionAlgorithm", "RSAES_OAEP_SHA_256"), ("CiphertextBlob", "AAAA")];
        let decode =
            |more: &[(&str, &str)]| decoded::<ReEncrypt>(&[&pair[..], &[("DestinationKeyId", "k")], more].concat());
        assert_eq!(decode(&[]).unwrap_err().subject(), Some("SourceKeyId"));
        assert_eq!(decode(&[("SourceKeyId", "s")]).unwrap_err().subject(), Some("SourceKeyVersionId"));
        let op = decode(&[("SourceKeyId", "s"), ("SourceKeyVersionId", VERSION)]).unwrap();
        assert_eq!((op.source_algorithm, op.source_version.as_deref()), (Encryption::OaepSha256, Some(VERSION)));
    }
}
