//! Encrypt, Decrypt and ReEncrypt.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Blob;
use polykms_core::error::{Error, Flaw, Kind, Result};
use polykms_core::key::{self, Ciphertext, Decrypted, Encrypted, Encryption, ReEncrypted, Reference};
use polykms_core::secret::Plaintext;

use super::words::{asked, encryption_word};
use super::{context, key_arn, material, no_version, pairs, token_texts, tokens};
use crate::message::kms::{
    DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, ReEncryptRequest, ReEncryptResponse,
};
use crate::resource;
use crate::rules::LAYOUT;
use crate::wire::heard;

/// Encrypt.
pub(crate) struct Encrypt;

impl Wire for Encrypt {
    type Op = key::Encrypt;
    type Ask<'a> = EncryptRequest<'a>;
    type Told<'a> = EncryptResponse<'a>;

    fn op(ask: EncryptRequest<'_>) -> Result<key::Encrypt> {
        let EncryptRequest { key_id, plaintext, encryption_context, grant_tokens, encryption_algorithm, dry_run } = ask;
        let key = resource::key(&key_id.unwrap_or_default())?;
        Ok(key::Encrypt {
            key,
            version: None,
            algorithm: algorithm("EncryptionAlgorithm", encryption_algorithm)?,
            plaintext: Plaintext::new(plaintext.unwrap_or_default().into_bytes()),
            context: context(encryption_context)?,
            dry_run: dry_run.unwrap_or_default(),
            tokens: tokens(grant_tokens),
        })
    }

    fn told(output: &Encrypted) -> Result<EncryptResponse<'_>> {
        let Encrypted { by, algorithm, blob } = output;
        Ok(EncryptResponse {
            ciphertext_blob: Some(blob.into()),
            key_id: key_arn(by),
            encryption_algorithm: algorithm.map(|algorithm| encryption_word(algorithm).into()),
        })
    }

    fn ask(op: &key::Encrypt) -> Result<EncryptRequest<'_>> {
        let key::Encrypt { key, version, algorithm, plaintext, context, dry_run, tokens } = op;
        no_version(version)?;
        Ok(EncryptRequest {
            key_id: Some(resource::key_name(key)?),
            plaintext: Some(plaintext.expose().into()),
            encryption_context: pairs(context),
            dry_run: Some(*dry_run),
            encryption_algorithm: Some(encryption_word(*algorithm).into()),
            grant_tokens: token_texts(tokens),
        })
    }

    fn output(told: EncryptResponse<'_>) -> Result<Encrypted> {
        let EncryptResponse { ciphertext_blob, key_id, encryption_algorithm } = told;
        let algorithm = algorithm_heard(encryption_algorithm)?;
        Ok(Encrypted { by: heard::made(key_id, None)?, algorithm, blob: heard::bytes(ciphertext_blob)? })
    }
}

/// Decrypt.
pub(crate) struct Decrypt;

impl Wire for Decrypt {
    type Op = key::Decrypt;
    type Ask<'a> = DecryptRequest<'a>;
    type Told<'a> = DecryptResponse<'a>;

    fn op(ask: DecryptRequest<'_>) -> Result<key::Decrypt> {
        let DecryptRequest {
            ciphertext_blob,
            encryption_context,
            grant_tokens,
            key_id,
            encryption_algorithm,
            dry_run,
            dry_run_modifiers,
        } = ask;
        let key = optional_key(key_id)?;
        let algorithm = algorithm("EncryptionAlgorithm", encryption_algorithm)?;
        let (dry_run, ciphertext_ignored) = (dry_run.unwrap_or_default(), ignores_ciphertext(dry_run_modifiers));
        let look = if dry_run && ciphertext_ignored { Look::Away("KeyId") } else { Look::At };
        Ok(key::Decrypt {
            ciphertext: ciphertext(ciphertext_blob, key.as_ref(), look)?,
            key,
            version: None,
            algorithm,
            context: context(encryption_context)?,
            dry_run,
            ciphertext_ignored,
            tokens: tokens(grant_tokens),
        })
    }

    fn told(output: &Decrypted) -> Result<DecryptResponse<'_>> {
        let Decrypted { by, algorithm, plaintext } = output;
        Ok(DecryptResponse {
            key_id: key_arn(by),
            plaintext: Some(plaintext.expose().into()),
            encryption_algorithm: algorithm.map(|algorithm| encryption_word(algorithm).into()),
            key_material_id: material(by),
        })
    }

    fn ask(op: &key::Decrypt) -> Result<DecryptRequest<'_>> {
        let key::Decrypt { ciphertext, key, version, algorithm, context, dry_run, ciphertext_ignored, tokens } = op;
        no_version(version)?;
        Ok(DecryptRequest {
            ciphertext_blob: blob(ciphertext),
            encryption_context: pairs(context),
            key_id: key.as_ref().map(resource::key_name).transpose()?,
            dry_run: Some(*dry_run),
            dry_run_modifiers: modifiers(*ciphertext_ignored),
            encryption_algorithm: Some(encryption_word(*algorithm).into()),
            grant_tokens: token_texts(tokens),
        })
    }

    fn output(told: DecryptResponse<'_>) -> Result<Decrypted> {
        let DecryptResponse { key_id, plaintext, encryption_algorithm, key_material_id } = told;
        let algorithm = algorithm_heard(encryption_algorithm)?;
        let plaintext = Plaintext::new(heard::bytes(plaintext)?);
        Ok(Decrypted { by: heard::made(key_id, key_material_id)?, algorithm, plaintext })
    }
}

/// The algorithm that a request names.
fn algorithm(member: &'static str, word: Option<Cow<'_, str>>) -> Result<Encryption> {
    asked(&Encryption::ALL, encryption_word, member, word)
}

/// The algorithm that an answer tells; an older one may not.
fn algorithm_heard(word: Option<Cow<'_, str>>) -> Result<Option<Encryption>> {
    word.map(|word| heard::one_of(&Encryption::ALL, encryption_word, Some(word))).transpose()
}

/// Whether an operation looks at the ciphertext.
#[derive(Clone, Copy)]
enum Look {
    /// It does.
    At,
    /// It is a dry run that does not, and so wants the member of this name, which names the key.
    Away(&'static str),
}

/// The ciphertext; one that says no version is refused at once when it has to say which key made it. An empty one stands
/// for none.
fn ciphertext(blob: Option<Blob<'_>>, key: Option<&Reference>, look: Look) -> Result<Ciphertext> {
    let is_given = blob.is_some();
    let ciphertext = Ciphertext::of(LAYOUT, blob.unwrap_or_default().into_bytes());
    match (look, key) {
        (Look::At, _) if !is_given => Err(missing("ciphertextBlob")),
        (Look::At, None) => ciphertext.version().map(drop).map(|()| ciphertext),
        (Look::Away(member), None) => {
            let text = format!("{member} is required when DryRunModifiers contains {IGNORE_CIPHERTEXT}.");
            Err(Kind::Invalid(Flaw::Missing).verbatim(text))
        }
        (Look::At | Look::Away(_), Some(_)) => Ok(ciphertext),
    }
}

/// The refusal of a request without a member that it needs, in the words of the constraints.
fn missing(member: &str) -> Error {
    Kind::Invalid(Flaw::Value).verbatim(format!(
        "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
    ))
}

/// The ciphertext as a request has it.
fn blob(ciphertext: &Ciphertext) -> Option<Blob<'_>> {
    let bytes = ciphertext.blob();
    (!bytes.is_empty()).then(|| bytes.into())
}

/// The one modifier of dry runs.
const IGNORE_CIPHERTEXT: &str = "IGNORE_CIPHERTEXT";

fn ignores_ciphertext(modifiers: Option<Vec<Cow<'_, str>>>) -> bool {
    modifiers.is_some_and(|modifiers| modifiers.iter().any(|modifier| modifier == IGNORE_CIPHERTEXT))
}

fn modifiers(ciphertext_ignored: bool) -> Option<Vec<Cow<'static, str>>> {
    ciphertext_ignored.then(|| vec![IGNORE_CIPHERTEXT.into()])
}

fn optional_key(name: Option<Cow<'_, str>>) -> Result<Option<Reference>> {
    name.map(|name| resource::key(&name)).transpose()
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
            source_encryption_context,
            source_key_id,
            destination_key_id,
            destination_encryption_context,
            source_encryption_algorithm,
            destination_encryption_algorithm,
            grant_tokens,
            dry_run,
            dry_run_modifiers,
        } = ask;
        let source = optional_key(source_key_id)?;
        let destination = resource::key(&destination_key_id.unwrap_or_default())?;
        let source_algorithm = algorithm("SourceEncryptionAlgorithm", source_encryption_algorithm)?;
        let destination_algorithm = algorithm("DestinationEncryptionAlgorithm", destination_encryption_algorithm)?;
        let (dry_run, ciphertext_ignored) = (dry_run.unwrap_or_default(), ignores_ciphertext(dry_run_modifiers));
        let look = if dry_run && ciphertext_ignored { Look::Away("SourceKeyId") } else { Look::At };
        Ok(key::ReEncrypt {
            ciphertext: ciphertext(ciphertext_blob, source.as_ref(), look)?,
            source,
            source_version: None,
            source_algorithm,
            source_context: context(source_encryption_context)?,
            destination,
            destination_algorithm,
            destination_context: context(destination_encryption_context)?,
            dry_run,
            ciphertext_ignored,
            tokens: tokens(grant_tokens),
        })
    }

    fn told(output: &ReEncrypted) -> Result<ReEncryptResponse<'_>> {
        let ReEncrypted { source, destination, algorithms, blob } = output;
        let [from, to] = algorithms.map(|both| both.map(encryption_word)).map_or([None; 2], |both| both.map(Some));
        Ok(ReEncryptResponse {
            ciphertext_blob: Some(blob.into()),
            source_key_id: key_arn(source),
            key_id: destination.as_deref().and_then(key_arn),
            source_encryption_algorithm: from.map(Cow::from),
            destination_encryption_algorithm: to.map(Cow::from),
            source_key_material_id: material(source),
            destination_key_material_id: destination.as_deref().and_then(material),
        })
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
            tokens,
        } = op;
        no_version(source_version)?;
        Ok(ReEncryptRequest {
            ciphertext_blob: blob(ciphertext),
            source_encryption_context: pairs(source_context),
            source_key_id: source.as_ref().map(resource::key_name).transpose()?,
            destination_key_id: Some(resource::key_name(destination)?),
            destination_encryption_context: pairs(destination_context),
            dry_run: Some(*dry_run),
            dry_run_modifiers: modifiers(*ciphertext_ignored),
            source_encryption_algorithm: Some(encryption_word(*source_algorithm).into()),
            destination_encryption_algorithm: Some(encryption_word(*destination_algorithm).into()),
            grant_tokens: token_texts(tokens),
        })
    }

    fn output(told: ReEncryptResponse<'_>) -> Result<ReEncrypted> {
        let ReEncryptResponse {
            ciphertext_blob,
            source_key_id,
            key_id,
            source_encryption_algorithm,
            destination_encryption_algorithm,
            source_key_material_id,
            destination_key_material_id,
        } = told;
        let from = algorithm_heard(source_encryption_algorithm)?;
        let to = algorithm_heard(destination_encryption_algorithm)?;
        Ok(ReEncrypted {
            source: heard::made(source_key_id, source_key_material_id)?,
            destination: Some(heard::made(key_id, destination_key_material_id)?),
            algorithms: from.zip(to).map(|(from, to)| [from, to]),
            blob: heard::bytes(ciphertext_blob)?,
        })
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
        let null = |member| {
            format!(
                "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
            )
        };
        assert_eq!(refused::<ReEncrypt>("{}"), (INVALID, null("destinationKeyId")));
        assert_eq!(
            refused::<ReEncrypt>(&format!(r#"{{"DestinationKeyId":"{ID}"}}"#)),
            (INVALID, null("ciphertextBlob"))
        );
        for without in ["", r#""KeyId":"alias/a""#, r#""DryRun":true"#, r#""DryRunModifiers":["IGNORE_CIPHERTEXT"]"#] {
            assert_eq!(refused::<Decrypt>(&format!("{{{without}}}")), (INVALID, null("ciphertextBlob")), "{without}");
        }
    }

    #[test]
    fn the_algorithm_is_one_that_is_built() {
        let body = encrypt(r#","EncryptionAlgorithm":"RSAES_OAEP_SHA_256""#);
        assert_eq!(decoded::<Encrypt>(&body).unwrap().algorithm, Encryption::OaepSha256);
        assert_eq!(decoded::<Encrypt>(&encrypt("")).unwrap().algorithm, Encryption::Symmetric);
        let body = encrypt(r#","EncryptionAlgorithm":"SM2PKE""#);
        let words = "EncryptionAlgorithm SM2PKE is not supported: it is not built.";
        assert_eq!(refused::<Encrypt>(&body), (Kind::Unsupported, words.to_owned()));
        let body = encrypt(r#","EncryptionAlgorithm":"ROT13""#);
        assert!(refused::<Encrypt>(&body).1.contains("Value 'ROT13' at 'encryptionAlgorithm'"));
    }

    #[test]
    fn what_is_not_built_is_refused() {
        assert_eq!(decoded::<Encrypt>(&encrypt(r#","GrantTokens":["t"]"#)).unwrap().tokens.0, ["t"]);
        assert!(decoded::<Encrypt>(&encrypt(r#","GrantTokens":[]"#)).unwrap().tokens.0.is_empty());
        let tokens = vec!["t"; 11];
        let body = encrypt(&format!(r#","GrantTokens":{}"#, serde_json::json!(tokens)));
        assert_eq!(refused::<Encrypt>(&body).0, INVALID);
        let body = format!(r#"{{"CiphertextBlob":"{}","Recipient":{{"AttestationDocument":"AA=="}}}}"#, blob());
        assert_eq!(refused::<Decrypt>(&body).0, Kind::Unsupported);
    }

    #[test]
    fn a_dry_run_that_ignores_the_ciphertext_wants_the_key_instead() {
        let dry = r#""DryRun":true,"DryRunModifiers":["IGNORE_CIPHERTEXT"]"#;
        let decrypt = decoded::<Decrypt>(&format!(r#"{{{dry},"KeyId":"{ID}"}}"#)).unwrap();
        assert!(decrypt.dry_run && decrypt.ciphertext_ignored && decrypt.ciphertext.blob().is_empty());
        let with_junk = decoded::<Decrypt>(&format!(r#"{{{dry},"KeyId":"{ID}","CiphertextBlob":"aGk="}}"#)).unwrap();
        assert_eq!(with_junk.ciphertext.blob(), b"hi");
        let again = format!(r#"{{{dry},"SourceKeyId":"{ID}","DestinationKeyId":"alias/a"}}"#);
        assert!(decoded::<ReEncrypt>(&again).unwrap().ciphertext_ignored);
        let (kind, text) = refused::<Decrypt>(&format!("{{{dry}}}"));
        assert_eq!((kind, text.split(' ').next()), (Kind::Invalid(Flaw::Missing), Some("KeyId")));
        let (_, text) = refused::<ReEncrypt>(&format!(r#"{{{dry},"DestinationKeyId":"alias/a"}}"#));
        assert_eq!(text, "SourceKeyId is required when DryRunModifiers contains IGNORE_CIPHERTEXT.");
        let unknown = r#"{"CiphertextBlob":"aGk=","KeyId":"alias/a","DryRun":true,"DryRunModifiers":["OTHER"]}"#;
        assert_eq!(refused::<Decrypt>(unknown).0, INVALID);
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
        let encrypted = || Encrypted { by: made(), algorithm: Some(Encryption::Symmetric), blob: b"sealed".to_vec() };
        let material = material_id(ID, VERSION);
        assert_eq!(
            text_of::<Encrypt>(encrypted()),
            format!(r#"{{"CiphertextBlob":"c2VhbGVk","KeyId":"{ARN}","EncryptionAlgorithm":"SYMMETRIC_DEFAULT"}}"#)
        );
        let decrypted =
            Decrypted { by: made(), algorithm: Some(Encryption::Symmetric), plaintext: Plaintext::new(b"hi".to_vec()) };
        assert_eq!(
            text_of::<Decrypt>(decrypted),
            format!(
                r#"{{"KeyId":"{ARN}","Plaintext":"aGk=","EncryptionAlgorithm":"SYMMETRIC_DEFAULT","KeyMaterialId":"{material}"}}"#
            )
        );
        let again = ReEncrypted {
            source: made(),
            destination: Some(made()),
            algorithms: Some([Encryption::Symmetric; 2]),
            blob: encrypted().blob,
        };
        assert_eq!(
            text_of::<ReEncrypt>(again),
            format!(
                r#"{{"CiphertextBlob":"c2VhbGVk","SourceKeyId":"{ARN}","KeyId":"{ARN}","SourceEncryptionAlgorithm":"SYMMETRIC_DEFAULT","DestinationEncryptionAlgorithm":"SYMMETRIC_DEFAULT","SourceKeyMaterialId":"{material}","DestinationKeyMaterialId":"{material}"}}"#
            )
        );
    }
}
