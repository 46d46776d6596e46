//! GenerateDataKey, GenerateDataKeyWithoutPlaintext and GenerateRandom.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::error::Result;
use polykms_core::key::{self, DataKey, DataKeySize, Encrypted, Spec};
use polykms_core::secret::Plaintext;

use super::{context, key_arn, material, pairs, token_texts, tokens, unsupported};
use crate::message::kms::{
    GenerateDataKeyRequest, GenerateDataKeyResponse, GenerateDataKeyWithoutPlaintextRequest,
    GenerateDataKeyWithoutPlaintextResponse, GenerateRandomRequest, GenerateRandomResponse,
};
use crate::protocol::refused;
use crate::resource;
use crate::wire::heard;

/// How long a data key is to be: by its spec or by a number of bytes.
fn size(number: Option<i64>, spec: Option<Cow<'_, str>>) -> Result<DataKeySize> {
    match (number, spec.as_deref()) {
        (None, Some(word)) => {
            Ok(DataKeySize { number: None, spec: SPECS.into_iter().find(|spec| spec_of(*spec) == word) })
        }
        (Some(bytes), None) => Ok(DataKeySize { number: Some(length_of(bytes)?), spec: None }),
        (None, None) | (Some(_), Some(_)) => Err(refused("Please specify either number of bytes or key spec.")),
    }
}

const SPECS: [Spec; 2] = [Spec::Aes128, Spec::Aes256];

/// What a data key is for: one of [`SPECS`].
fn spec_of(spec: Spec) -> &'static str {
    match spec {
        Spec::Aes128 => "AES_128",
        _ => "AES_256",
    }
}

/// How long a data key is to be, as requests have it.
fn sized<'a>(size: DataKeySize) -> (Option<i64>, Option<Cow<'a, str>>) {
    (size.number.and_then(number_of), size.spec.map(|spec| spec_of(spec).into()))
}

/// A number of bytes that passed its check.
fn length_of(bytes: i64) -> Result<usize> {
    usize::try_from(bytes).map_err(|_| refused("NumberOfBytes is required."))
}

/// A number of bytes as requests have it.
fn number_of(bytes: usize) -> Option<i64> {
    i64::try_from(bytes).ok()
}

/// GenerateDataKey.
pub(crate) struct GenerateDataKey;

impl Wire for GenerateDataKey {
    type Op = key::GenerateDataKey;
    type Ask<'a> = GenerateDataKeyRequest<'a>;
    type Told<'a> = GenerateDataKeyResponse<'a>;

    fn op(ask: GenerateDataKeyRequest<'_>) -> Result<key::GenerateDataKey> {
        let GenerateDataKeyRequest { key_id, encryption_context, number_of_bytes, key_spec, grant_tokens, dry_run } =
            ask;
        let size = size(number_of_bytes, key_spec)?;
        Ok(key::GenerateDataKey {
            key: resource::key(&key_id.unwrap_or_default())?,
            size,
            context: context(encryption_context)?,
            dry_run: dry_run.unwrap_or_default(),
            tokens: tokens(grant_tokens),
        })
    }

    fn told(output: &DataKey) -> Result<GenerateDataKeyResponse<'_>> {
        let DataKey { plaintext, encrypted: Encrypted { by, algorithm: _, blob } } = output;
        Ok(GenerateDataKeyResponse {
            ciphertext_blob: Some(blob.into()),
            plaintext: Some(plaintext.expose().into()),
            key_id: key_arn(by),
            key_material_id: material(by),
        })
    }

    fn ask(op: &key::GenerateDataKey) -> Result<GenerateDataKeyRequest<'_>> {
        let key::GenerateDataKey { key, size, context, dry_run, tokens } = op;
        let (number_of_bytes, key_spec) = sized(*size);
        Ok(GenerateDataKeyRequest {
            key_id: Some(resource::key_name(key)?),
            encryption_context: pairs(context),
            number_of_bytes,
            key_spec,
            dry_run: Some(*dry_run),
            grant_tokens: token_texts(tokens),
        })
    }

    fn output(told: GenerateDataKeyResponse<'_>) -> Result<DataKey> {
        let GenerateDataKeyResponse { ciphertext_blob, plaintext, key_id, key_material_id } = told;
        Ok(DataKey {
            plaintext: Plaintext::new(heard::bytes(plaintext)?),
            encrypted: Encrypted {
                by: heard::made(key_id, key_material_id)?,
                algorithm: None,
                blob: heard::bytes(ciphertext_blob)?,
            },
        })
    }
}

/// GenerateDataKeyWithoutPlaintext.
pub(crate) struct GenerateDataKeyWithoutPlaintext;

impl Wire for GenerateDataKeyWithoutPlaintext {
    type Op = key::GenerateDataKeyWithoutPlaintext;
    type Ask<'a> = GenerateDataKeyWithoutPlaintextRequest<'a>;
    type Told<'a> = GenerateDataKeyWithoutPlaintextResponse<'a>;

    fn op(ask: GenerateDataKeyWithoutPlaintextRequest<'_>) -> Result<key::GenerateDataKeyWithoutPlaintext> {
        let GenerateDataKeyWithoutPlaintextRequest {
            key_id,
            encryption_context,
            key_spec,
            number_of_bytes,
            grant_tokens,
            dry_run,
        } = ask;
        let size = size(number_of_bytes, key_spec)?;
        Ok(key::GenerateDataKeyWithoutPlaintext(key::GenerateDataKey {
            key: resource::key(&key_id.unwrap_or_default())?,
            size,
            context: context(encryption_context)?,
            dry_run: dry_run.unwrap_or_default(),
            tokens: tokens(grant_tokens),
        }))
    }

    fn told(output: &Encrypted) -> Result<GenerateDataKeyWithoutPlaintextResponse<'_>> {
        let Encrypted { by, algorithm: _, blob } = output;
        Ok(GenerateDataKeyWithoutPlaintextResponse {
            ciphertext_blob: Some(blob.into()),
            key_id: key_arn(by),
            key_material_id: material(by),
        })
    }

    fn ask(op: &key::GenerateDataKeyWithoutPlaintext) -> Result<GenerateDataKeyWithoutPlaintextRequest<'_>> {
        let key::GenerateDataKeyWithoutPlaintext(key::GenerateDataKey { key, size, context, dry_run, tokens }) = op;
        let (number_of_bytes, key_spec) = sized(*size);
        Ok(GenerateDataKeyWithoutPlaintextRequest {
            key_id: Some(resource::key_name(key)?),
            encryption_context: pairs(context),
            number_of_bytes,
            key_spec,
            dry_run: Some(*dry_run),
            grant_tokens: token_texts(tokens),
        })
    }

    fn output(told: GenerateDataKeyWithoutPlaintextResponse<'_>) -> Result<Encrypted> {
        let GenerateDataKeyWithoutPlaintextResponse { ciphertext_blob, key_id, key_material_id } = told;
        Ok(Encrypted {
            by: heard::made(key_id, key_material_id)?,
            algorithm: None,
            blob: heard::bytes(ciphertext_blob)?,
        })
    }
}

/// GenerateRandom.
pub(crate) struct GenerateRandom;

impl Wire for GenerateRandom {
    type Op = key::GenerateRandom;
    type Ask<'a> = GenerateRandomRequest<'a>;
    type Told<'a> = GenerateRandomResponse<'a>;

    fn op(ask: GenerateRandomRequest<'_>) -> Result<key::GenerateRandom> {
        let GenerateRandomRequest { number_of_bytes, custom_key_store_id } = ask;
        let bytes = number_of_bytes.ok_or_else(|| refused("NumberOfBytes is required."))?;
        match custom_key_store_id {
            Some(_) => Err(unsupported("Custom key stores are not supported: there is nothing to connect to.")),
            None => Ok(key::GenerateRandom { bytes: length_of(bytes)? }),
        }
    }

    fn told(output: &Plaintext) -> Result<GenerateRandomResponse<'_>> {
        Ok(GenerateRandomResponse { plaintext: Some(output.expose().into()) })
    }

    fn ask(op: &key::GenerateRandom) -> Result<GenerateRandomRequest<'_>> {
        let key::GenerateRandom { bytes } = op;
        Ok(GenerateRandomRequest { number_of_bytes: number_of(*bytes), ..GenerateRandomRequest::default() })
    }

    fn output(told: GenerateRandomResponse<'_>) -> Result<Plaintext> {
        let GenerateRandomResponse { plaintext } = told;
        heard::bytes(plaintext).map(Plaintext::new)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::{Flaw, Kind};

    use super::*;
    use crate::wire::kms::material_id;
    use crate::wire::kms::tests::{ARN, ID, VERSION, decoded, made, refused, text_of};

    fn body(more: &str) -> String {
        format!(r#"{{"KeyId":"{ID}"{more}}}"#)
    }

    #[test]
    fn a_data_key_has_one_length() {
        for (more, bytes) in [
            (r#","KeySpec":"AES_256""#, 32),
            (r#","KeySpec":"AES_128""#, 16),
            (r#","NumberOfBytes":1"#, 1),
            (r#","NumberOfBytes":1024"#, 1024),
        ] {
            assert_eq!(decoded::<GenerateDataKey>(&body(more)).unwrap().size.bytes(), bytes);
            assert_eq!(decoded::<GenerateDataKeyWithoutPlaintext>(&body(more)).unwrap().0.size.bytes(), bytes);
        }
        for more in ["", r#","KeySpec":"AES_256","NumberOfBytes":32"#] {
            let words = "Please specify either number of bytes or key spec.";
            assert_eq!(refused::<GenerateDataKey>(&body(more)), (Kind::Invalid(Flaw::Value), words.to_owned()));
        }
        for more in [r#","NumberOfBytes":0"#, r#","NumberOfBytes":1025"#, r#","KeySpec":"AES_512""#] {
            assert!(refused::<GenerateDataKey>(&body(more)).1.starts_with("1 validation error detected: Value '"));
        }
        let recipient = r#","KeySpec":"AES_256","Recipient":{}"#;
        assert_eq!(refused::<GenerateDataKey>(&body(recipient)).0, Kind::Unsupported);
        assert!(decoded::<GenerateDataKeyWithoutPlaintext>(&body(recipient)).is_ok());
    }

    #[test]
    fn random_bytes_are_counted_in_the_recorded_words() {
        assert_eq!(decoded::<GenerateRandom>(r#"{"NumberOfBytes":33}"#).unwrap().bytes, 33);
        let start = "1 validation error detected: Value";
        for (body, words) in [
            ("{}", "NumberOfBytes is required.".to_owned()),
            (
                r#"{"NumberOfBytes":0}"#,
                format!(
                    "{start} '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1"
                ),
            ),
            (
                r#"{"NumberOfBytes":1025}"#,
                format!(
                    "{start} '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024"
                ),
            ),
        ] {
            assert_eq!(refused::<GenerateRandom>(body), (Kind::Invalid(Flaw::Value), words));
        }
    }

    #[test]
    fn data_keys_are_written_with_and_without_their_plaintext() {
        let encrypted = || Encrypted { by: made(), algorithm: None, blob: b"sealed".to_vec() };
        let material = material_id(ID, VERSION);
        let open = DataKey { plaintext: Plaintext::new(b"open".to_vec()), encrypted: encrypted() };
        assert_eq!(
            text_of::<GenerateDataKey>(open),
            format!(
                r#"{{"CiphertextBlob":"c2VhbGVk","Plaintext":"b3Blbg==","KeyId":"{ARN}","KeyMaterialId":"{material}"}}"#
            )
        );
        assert_eq!(
            text_of::<GenerateDataKeyWithoutPlaintext>(encrypted()),
            format!(r#"{{"CiphertextBlob":"c2VhbGVk","KeyId":"{ARN}","KeyMaterialId":"{material}"}}"#)
        );
        assert_eq!(text_of::<GenerateRandom>(Plaintext::new(b"open".to_vec())), r#"{"Plaintext":"b3Blbg=="}"#);
    }
}
