//! Encrypt, Decrypt and ReEncrypt.
//!
//! `DryRunModifiers` is refused: it asks for an authorisation without a ciphertext, and none is given without one here.

use polykms_core::dialect::{Payload, Wire};
use polykms_core::error::Result;
use polykms_core::key::{self, Ciphertext, Decrypted, Encrypted, ReEncrypted, Reference};
use polykms_core::secret::Plaintext;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::{
    KEY_ID, algorithm, any_key, grant_tokens, key_id, material_of, no_grants, no_recipient, symmetric, unsupported,
};
use crate::context::SYMMETRIC_DEFAULT;
use crate::rules::LAYOUT;
use crate::wire::constraint::{Violation, detect, length, required, size};
use crate::wire::json::{Base64, Blob, Context, Flag, List, SecretBlob, Text, context, decode, encode, flag, text};

/// Bytes of a ciphertext.
const CIPHERTEXT: std::ops::RangeInclusive<usize> = 1..=6144;

/// Encrypt.
pub(crate) struct Encrypt;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EncryptArguments<'a> {
    #[serde(borrow, rename = "KeyId")]
    name: Option<Text<'a>>,
    plaintext: Option<SecretBlob>,
    encryption_context: Option<Context>,
    #[serde(borrow, rename = "GrantTokens")]
    tokens: Option<List<Text<'a>>>,
    #[serde(borrow)]
    encryption_algorithm: Option<Text<'a>>,
    dry_run: Option<Flag>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EncryptOutput<'a> {
    ciphertext_blob: Base64<'a>,
    key_id: &'a str,
    encryption_algorithm: &'static str,
}

impl Wire for Encrypt {
    type Op = key::Encrypt;

    fn decode(arguments: &Payload) -> Result<key::Encrypt> {
        let EncryptArguments { name, plaintext, encryption_context, tokens, encryption_algorithm, dry_run } =
            decode(arguments)?;
        let checks = key_id("keyId", &name).into_iter().chain([
            required("plaintext", plaintext.as_ref()),
            size("plaintext", plaintext.as_ref().map(|SecretBlob(bytes)| bytes.expose().len()), 1..=4096),
            algorithm("encryptionAlgorithm", &encryption_algorithm),
        ]);
        detect(checks.chain(grant_tokens(&tokens)))?;
        no_grants(&tokens)?;
        let key = any_key(&name)?;
        symmetric(&encryption_algorithm)?;
        Ok(key::Encrypt {
            key,
            plaintext: plaintext.map_or_else(|| Plaintext::new(Vec::new()), |SecretBlob(bytes)| bytes),
            context: context(encryption_context),
            dry_run: flag(dry_run),
        })
    }

    fn encode(output: Encrypted) -> Result<Payload> {
        let Encrypted { by, blob } = output;
        let output =
            EncryptOutput { ciphertext_blob: Base64(&blob), key_id: &by.arn, encryption_algorithm: SYMMETRIC_DEFAULT };
        encode(&output, room(blob.len()))
    }
}

/// About the bytes of an output with this many bytes in base64.
pub(super) fn room(bytes: usize) -> usize {
    bytes / 3 * 4 + 512
}

/// Decrypt.
pub(crate) struct Decrypt;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DecryptArguments<'a> {
    ciphertext_blob: Option<Blob>,
    encryption_context: Option<Context>,
    #[serde(borrow, rename = "GrantTokens")]
    tokens: Option<List<Text<'a>>>,
    #[serde(borrow, rename = "KeyId")]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    encryption_algorithm: Option<Text<'a>>,
    recipient: Option<IgnoredAny>,
    dry_run: Option<Flag>,
    dry_run_modifiers: Option<IgnoredAny>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DecryptOutput<'a> {
    key_id: &'a str,
    plaintext: Base64<'a>,
    encryption_algorithm: &'static str,
    key_material_id: &'a str,
}

impl Wire for Decrypt {
    type Op = key::Decrypt;

    fn decode(arguments: &Payload) -> Result<key::Decrypt> {
        let DecryptArguments {
            ciphertext_blob,
            encryption_context,
            tokens,
            name,
            encryption_algorithm,
            recipient,
            dry_run,
            dry_run_modifiers,
        } = decode(arguments)?;
        let checks = ciphertext_checks(ciphertext_blob.as_ref())
            .into_iter()
            .chain([length("keyId", text(&name), KEY_ID), algorithm("encryptionAlgorithm", &encryption_algorithm)]);
        detect(checks.chain(grant_tokens(&tokens)))?;
        no_grants(&tokens)?;
        no_recipient(&recipient)?;
        no_modifiers(&dry_run_modifiers)?;
        let key = optional_key(&name)?;
        symmetric(&encryption_algorithm)?;
        Ok(key::Decrypt {
            ciphertext: ciphertext(ciphertext_blob, key.as_ref())?,
            key,
            context: context(encryption_context),
            dry_run: flag(dry_run),
        })
    }

    fn encode(output: Decrypted) -> Result<Payload> {
        let Decrypted { by, plaintext } = output;
        let output = DecryptOutput {
            key_id: &by.arn,
            plaintext: Base64(plaintext.expose()),
            encryption_algorithm: SYMMETRIC_DEFAULT,
            key_material_id: material_of(&by),
        };
        encode(&output, room(plaintext.expose().len()))
    }
}

fn ciphertext_checks(blob: Option<&Blob>) -> [Violation; 2] {
    [required("ciphertextBlob", blob), size("ciphertextBlob", blob.map(|Blob(bytes)| bytes.len()), CIPHERTEXT)]
}

/// The ciphertext; one that says no version is refused at once when it has to say which key made it.
fn ciphertext(blob: Option<Blob>, key: Option<&Reference>) -> Result<Ciphertext> {
    let Blob(bytes) = blob.unwrap_or_else(|| Blob(Vec::new()));
    let ciphertext = Ciphertext::of(LAYOUT, bytes);
    if key.is_none() {
        ciphertext.version()?;
    }
    Ok(ciphertext)
}

fn optional_key(name: &Option<Text<'_>>) -> Result<Option<Reference>> {
    match name {
        Some(_) => any_key(name).map(Some),
        None => Ok(None),
    }
}

fn no_modifiers(modifiers: &Option<IgnoredAny>) -> Result<()> {
    match modifiers {
        Some(_) => Err(unsupported("DryRunModifiers is not supported: a dry run needs its ciphertext.")),
        None => Ok(()),
    }
}

/// ReEncrypt.
pub(crate) struct ReEncrypt;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReEncryptArguments<'a> {
    ciphertext_blob: Option<Blob>,
    source_encryption_context: Option<Context>,
    #[serde(borrow)]
    source_key_id: Option<Text<'a>>,
    #[serde(borrow)]
    destination_key_id: Option<Text<'a>>,
    destination_encryption_context: Option<Context>,
    #[serde(borrow)]
    source_encryption_algorithm: Option<Text<'a>>,
    #[serde(borrow)]
    destination_encryption_algorithm: Option<Text<'a>>,
    #[serde(borrow, rename = "GrantTokens")]
    tokens: Option<List<Text<'a>>>,
    dry_run: Option<Flag>,
    dry_run_modifiers: Option<IgnoredAny>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ReEncryptOutput<'a> {
    ciphertext_blob: Base64<'a>,
    source_key_id: &'a str,
    key_id: &'a str,
    source_encryption_algorithm: &'static str,
    destination_encryption_algorithm: &'static str,
    source_key_material_id: &'a str,
    destination_key_material_id: &'a str,
}

impl Wire for ReEncrypt {
    type Op = key::ReEncrypt;

    fn decode(arguments: &Payload) -> Result<key::ReEncrypt> {
        let ReEncryptArguments {
            ciphertext_blob,
            source_encryption_context,
            source_key_id,
            destination_key_id,
            destination_encryption_context,
            source_encryption_algorithm,
            destination_encryption_algorithm,
            tokens,
            dry_run,
            dry_run_modifiers,
        } = decode(arguments)?;
        let checks = ciphertext_checks(ciphertext_blob.as_ref())
            .into_iter()
            .chain([length("sourceKeyId", text(&source_key_id), KEY_ID)])
            .chain(key_id("destinationKeyId", &destination_key_id))
            .chain([
                algorithm("sourceEncryptionAlgorithm", &source_encryption_algorithm),
                algorithm("destinationEncryptionAlgorithm", &destination_encryption_algorithm),
            ]);
        detect(checks.chain(grant_tokens(&tokens)))?;
        no_grants(&tokens)?;
        no_modifiers(&dry_run_modifiers)?;
        let (source, destination) = (optional_key(&source_key_id)?, any_key(&destination_key_id)?);
        symmetric(&source_encryption_algorithm)?;
        symmetric(&destination_encryption_algorithm)?;
        Ok(key::ReEncrypt {
            ciphertext: ciphertext(ciphertext_blob, source.as_ref())?,
            source,
            source_context: context(source_encryption_context),
            destination,
            destination_context: context(destination_encryption_context),
            dry_run: flag(dry_run),
        })
    }

    fn encode(output: ReEncrypted) -> Result<Payload> {
        let ReEncrypted { source, encrypted } = output;
        let Encrypted { by, blob } = encrypted;
        let output = ReEncryptOutput {
            ciphertext_blob: Base64(&blob),
            source_key_id: &source.arn,
            key_id: &by.arn,
            source_encryption_algorithm: SYMMETRIC_DEFAULT,
            destination_encryption_algorithm: SYMMETRIC_DEFAULT,
            source_key_material_id: material_of(&source),
            destination_key_material_id: material_of(&by),
        };
        encode(&output, room(blob.len()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use polykms_core::error::{Flaw, Kind};

    use super::*;
    use crate::wire::kms::material_id;
    use crate::wire::kms::tests::{ARN, ID, VERSION, decoded, made, refused, text_of};

    const INVALID: Kind = Kind::Invalid(Flaw::Value);

    /// Bytes with the header of a ciphertext.
    fn blob() -> String {
        let mut bytes = vec![0x01, 0x02, 0x02, 0x00];
        bytes.resize(200, 7);
        STANDARD.encode(bytes)
    }

    fn encrypt(more: &str) -> String {
        format!(r#"{{"KeyId":"alias/a","Plaintext":"aGk="{more}}}"#)
    }

    #[test]
    fn a_plaintext_is_read_with_its_context() {
        let body = encrypt(r#","EncryptionContext":{"a":"1"},"EncryptionAlgorithm":"SYMMETRIC_DEFAULT","DryRun":true"#);
        let encrypt = decoded::<Encrypt>(&body).unwrap();
        assert_eq!(encrypt.key, Reference::alias("alias/a"));
        assert_eq!(encrypt.plaintext.expose(), b"hi");
        assert_eq!(encrypt.context.get("a").map(String::as_str), Some("1"));
        assert!(encrypt.dry_run);
    }

    #[test]
    fn plaintexts_and_ciphertexts_are_bounded_in_the_recorded_words() {
        let bytes = |count: usize| STANDARD.encode(vec![0; count]);
        let plaintext = |count| format!(r#"{{"KeyId":"{ID}","Plaintext":"{}"}}"#, bytes(count));
        let start = "1 validation error detected: Value at";
        for (count, bound) in [(4097, "less than or equal to 4096"), (0, "greater than or equal to 1")] {
            assert_eq!(
                refused::<Encrypt>(&plaintext(count)),
                (INVALID, format!("{start} 'plaintext' failed to satisfy constraint: Member must have length {bound}"))
            );
        }
        assert!(decoded::<Encrypt>(&plaintext(4096)).is_ok());
        assert_eq!(
            refused::<Decrypt>(&format!(r#"{{"CiphertextBlob":"{}"}}"#, bytes(6145))).1,
            format!(
                "{start} 'ciphertextBlob' failed to satisfy constraint: Member must have length less than or equal to 6144"
            )
        );
        let missing = refused::<ReEncrypt>("{}").1;
        assert!(missing.starts_with("2 validation errors detected: Value null at 'ciphertextBlob'"), "{missing}");
    }

    #[test]
    fn only_the_algorithm_of_symmetric_keys_is_taken() {
        let body = encrypt(r#","EncryptionAlgorithm":"RSAES_OAEP_SHA_256""#);
        let words = "Algorithm RSAES_OAEP_SHA_256 is incompatible with key spec SYMMETRIC_DEFAULT.";
        assert_eq!(refused::<Encrypt>(&body), (Kind::InvalidUsage, words.to_owned()));
        let body = encrypt(r#","EncryptionAlgorithm":"ROT13""#);
        assert!(refused::<Encrypt>(&body).1.contains("Value 'ROT13' at 'encryptionAlgorithm'"));
    }

    #[test]
    fn what_is_not_built_is_refused() {
        assert_eq!(refused::<Encrypt>(&encrypt(r#","GrantTokens":["t"]"#)).0, Kind::InvalidGrantToken);
        assert!(decoded::<Encrypt>(&encrypt(r#","GrantTokens":[]"#)).is_ok());
        let tokens = vec!["t"; 11];
        let body = encrypt(&format!(r#","GrantTokens":{}"#, serde_json::json!(tokens)));
        assert_eq!(refused::<Encrypt>(&body).0, INVALID);
        for more in [r#""Recipient":{"AttestationDocument":"AA=="}"#, r#""DryRunModifiers":["IGNORE_CIPHERTEXT"]"#] {
            let body = format!(r#"{{"CiphertextBlob":"{}",{more}}}"#, blob());
            assert_eq!(refused::<Decrypt>(&body).0, Kind::Unsupported);
        }
    }

    #[test]
    fn a_ciphertext_that_is_none_needs_a_key_to_be_judged_by() {
        let none = r#"{"CiphertextBlob":"aGk="}"#;
        assert_eq!(refused::<Decrypt>(none), (Kind::InvalidCiphertext, String::new()));
        let with_key = format!(r#"{{"CiphertextBlob":"aGk=","KeyId":"{ID}"}}"#);
        assert_eq!(decoded::<Decrypt>(&with_key).unwrap().key, Some(Reference::id(ID)));
        assert!(decoded::<Decrypt>(&format!(r#"{{"CiphertextBlob":"{}"}}"#, blob())).unwrap().key.is_none());
        let again = format!(r#"{{"CiphertextBlob":"aGk=","DestinationKeyId":"{ID}"}}"#);
        assert_eq!(refused::<ReEncrypt>(&again).0, Kind::InvalidCiphertext);
    }

    #[test]
    fn outputs_name_keys_by_their_arn() {
        let encrypted = || Encrypted { by: made(), blob: b"sealed".to_vec() };
        let material = material_id(ID, VERSION);
        assert_eq!(
            text_of(Encrypt::encode(encrypted())),
            format!(r#"{{"CiphertextBlob":"c2VhbGVk","KeyId":"{ARN}","EncryptionAlgorithm":"SYMMETRIC_DEFAULT"}}"#)
        );
        let decrypted = Decrypted { by: made(), plaintext: Plaintext::new(b"hi".to_vec()) };
        assert_eq!(
            text_of(Decrypt::encode(decrypted)),
            format!(
                r#"{{"KeyId":"{ARN}","Plaintext":"aGk=","EncryptionAlgorithm":"SYMMETRIC_DEFAULT","KeyMaterialId":"{material}"}}"#
            )
        );
        let again = ReEncrypted { source: made(), encrypted: encrypted() };
        assert_eq!(
            text_of(ReEncrypt::encode(again)),
            format!(
                r#"{{"CiphertextBlob":"c2VhbGVk","SourceKeyId":"{ARN}","KeyId":"{ARN}","SourceEncryptionAlgorithm":"SYMMETRIC_DEFAULT","DestinationEncryptionAlgorithm":"SYMMETRIC_DEFAULT","SourceKeyMaterialId":"{material}","DestinationKeyMaterialId":"{material}"}}"#
            )
        );
    }
}
