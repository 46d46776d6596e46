//! GenerateDataKey, GenerateDataKeyWithoutPlaintext and GenerateRandom.

use polykms_core::dialect::{Payload, Wire};
use polykms_core::error::Result;
use polykms_core::key::{self, DataKey, Encrypted};
use polykms_core::secret::Plaintext;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::crypt::room;
use super::{any_key, grant_tokens, key_id, material_of, no_grants, no_recipient, unsupported};
use crate::wire::constraint::{detect, length, one_of, range, refused};
use crate::wire::json::{Base64, Context, Flag, List, Number, Text, context, decode, encode, flag, number, text};

/// Bytes that are generated at once.
const BYTES: std::ops::RangeInclusive<i64> = 1..=1024;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DataKeyArguments<'a> {
    #[serde(borrow, rename = "KeyId")]
    name: Option<Text<'a>>,
    encryption_context: Option<Context>,
    number_of_bytes: Option<Number>,
    #[serde(borrow)]
    key_spec: Option<Text<'a>>,
    #[serde(borrow, rename = "GrantTokens")]
    tokens: Option<List<Text<'a>>>,
    recipient: Option<IgnoredAny>,
    dry_run: Option<Flag>,
}

impl DataKeyArguments<'_> {
    fn wanted(self) -> Result<key::GenerateDataKey> {
        let Self { name, encryption_context, number_of_bytes, key_spec, tokens, recipient, dry_run } = self;
        let checks = key_id("keyId", &name).into_iter().chain([
            range("numberOfBytes", number(number_of_bytes), BYTES),
            one_of("keySpec", text(&key_spec), &["AES_256", "AES_128"], "AES_256, AES_128"),
        ]);
        detect(checks.chain(grant_tokens(&tokens)))?;
        let bytes = match (number(number_of_bytes), text(&key_spec)) {
            (None, Some("AES_128")) => 16,
            (None, Some(_)) => 32,
            (Some(bytes), None) => length_of(bytes)?,
            (None, None) | (Some(_), Some(_)) => {
                return Err(refused("Please specify either number of bytes or key spec."));
            }
        };
        no_grants(&tokens)?;
        no_recipient(&recipient)?;
        Ok(key::GenerateDataKey {
            key: any_key(&name)?,
            bytes,
            context: context(encryption_context),
            dry_run: flag(dry_run),
        })
    }
}

/// A number of bytes that passed its check.
fn length_of(bytes: i64) -> Result<usize> {
    usize::try_from(bytes).map_err(|_| refused("NumberOfBytes is required."))
}

/// GenerateDataKey.
pub(crate) struct GenerateDataKey;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GenerateDataKeyOutput<'a> {
    ciphertext_blob: Base64<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plaintext: Option<Base64<'a>>,
    key_id: &'a str,
    key_material_id: &'a str,
}

fn written(encrypted: &Encrypted, plaintext: Option<&Plaintext>) -> Result<Payload> {
    let Encrypted { by, blob } = encrypted;
    let output = GenerateDataKeyOutput {
        ciphertext_blob: Base64(blob),
        plaintext: plaintext.map(|plaintext| Base64(plaintext.expose())),
        key_id: &by.arn,
        key_material_id: material_of(by),
    };
    encode(&output, room(blob.len() + plaintext.map_or(0, |plaintext| plaintext.expose().len())))
}

impl Wire for GenerateDataKey {
    type Op = key::GenerateDataKey;

    fn decode(arguments: &Payload) -> Result<key::GenerateDataKey> {
        decode::<DataKeyArguments<'_>>(arguments)?.wanted()
    }

    fn encode(output: DataKey) -> Result<Payload> {
        let DataKey { plaintext, encrypted } = output;
        written(&encrypted, Some(&plaintext))
    }
}

/// GenerateDataKeyWithoutPlaintext.
pub(crate) struct GenerateDataKeyWithoutPlaintext;

impl Wire for GenerateDataKeyWithoutPlaintext {
    type Op = key::GenerateDataKeyWithoutPlaintext;

    fn decode(arguments: &Payload) -> Result<key::GenerateDataKeyWithoutPlaintext> {
        // This operation has no member `Recipient`; what is not a member does not count.
        let arguments = DataKeyArguments { recipient: None, ..decode(arguments)? };
        arguments.wanted().map(key::GenerateDataKeyWithoutPlaintext)
    }

    fn encode(output: Encrypted) -> Result<Payload> {
        written(&output, None)
    }
}

/// GenerateRandom.
pub(crate) struct GenerateRandom;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GenerateRandomArguments<'a> {
    number_of_bytes: Option<Number>,
    #[serde(borrow)]
    custom_key_store_id: Option<Text<'a>>,
    recipient: Option<IgnoredAny>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GenerateRandomOutput<'a> {
    plaintext: Base64<'a>,
}

impl Wire for GenerateRandom {
    type Op = key::GenerateRandom;

    fn decode(arguments: &Payload) -> Result<key::GenerateRandom> {
        let GenerateRandomArguments { number_of_bytes, custom_key_store_id, recipient } = decode(arguments)?;
        detect([
            range("numberOfBytes", number(number_of_bytes), BYTES),
            length("customKeyStoreId", text(&custom_key_store_id), 1..=64),
        ])?;
        let bytes = number(number_of_bytes).ok_or_else(|| refused("NumberOfBytes is required."))?;
        no_recipient(&recipient)?;
        match custom_key_store_id {
            Some(_) => Err(unsupported("Custom key stores are not supported: there is nothing to connect to.")),
            None => Ok(key::GenerateRandom { bytes: length_of(bytes)? }),
        }
    }

    fn encode(output: Plaintext) -> Result<Payload> {
        encode(&GenerateRandomOutput { plaintext: Base64(output.expose()) }, room(output.expose().len()))
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
            assert_eq!(decoded::<GenerateDataKey>(&body(more)).unwrap().bytes, bytes);
            assert_eq!(decoded::<GenerateDataKeyWithoutPlaintext>(&body(more)).unwrap().0.bytes, bytes);
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
        let encrypted = || Encrypted { by: made(), blob: b"sealed".to_vec() };
        let material = material_id(ID, VERSION);
        let open = DataKey { plaintext: Plaintext::new(b"open".to_vec()), encrypted: encrypted() };
        assert_eq!(
            text_of(GenerateDataKey::encode(open)),
            format!(
                r#"{{"CiphertextBlob":"c2VhbGVk","Plaintext":"b3Blbg==","KeyId":"{ARN}","KeyMaterialId":"{material}"}}"#
            )
        );
        assert_eq!(
            text_of(GenerateDataKeyWithoutPlaintext::encode(encrypted())),
            format!(r#"{{"CiphertextBlob":"c2VhbGVk","KeyId":"{ARN}","KeyMaterialId":"{material}"}}"#)
        );
        assert_eq!(text_of(GenerateRandom::encode(Plaintext::new(b"open".to_vec()))), r#"{"Plaintext":"b3Blbg=="}"#);
    }
}
