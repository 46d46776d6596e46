//! Cryptography: Encrypt, Decrypt, ReEncrypt, GenerateDataKey and GenerateDataKeyWithoutPlaintext.
//!
//! What is encrypted is the text of `Plaintext` as it was sent, which must be base64: the vendor never looks at the bytes
//! behind it. A data key is therefore encrypted as the text of its base64, and Decrypt answers the text unchanged.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use polykms_core::dialect::{Former, Payload};
use polykms_core::error::{Flaw, Kind, Result};
use polykms_core::key::{self, Ciphertext, DataKey, Decrypted, Encrypted, Layout, ReEncrypted};
use polykms_core::secret::Plaintext;

use crate::wire::{Arguments, invalid, tree};

const PLAINTEXT: &str = "Plaintext";
const CIPHERTEXT: &str = "CiphertextBlob";
const CONTEXT: &str = "EncryptionContext";

/// The bytes behind a plaintext are fewer than these.
const PLAINTEXT_LIMIT: usize = 6144;

/// The longest data key, in bytes.
const LONGEST_DATA_KEY: u32 = 1024;

pub(crate) struct Encrypt;

impl Former for Encrypt {
    type Op = key::Encrypt;

    fn decode(arguments: &Payload) -> Result<key::Encrypt> {
        let arguments = Arguments::of(arguments)?;
        Ok(key::Encrypt {
            key: arguments.key("KeyId")?,
            plaintext: plaintext(arguments)?,
            context: arguments.context(CONTEXT)?,
            dry_run: arguments.dry_run()?,
        })
    }

    fn encode(output: Encrypted) -> Result<Payload> {
        Ok(encrypted(output))
    }
}

pub(crate) struct Decrypt;

impl Former for Decrypt {
    type Op = key::Decrypt;

    fn decode(arguments: &Payload) -> Result<key::Decrypt> {
        let arguments = Arguments::of(arguments)?;
        without_recipient(arguments)?;
        Ok(key::Decrypt {
            ciphertext: ciphertext(arguments)?,
            key: None,
            context: arguments.context(CONTEXT)?,
            dry_run: arguments.dry_run()?,
        })
    }

    fn encode(output: Decrypted) -> Result<Payload> {
        let Decrypted { by, plaintext } = output;
        let text = std::str::from_utf8(plaintext.expose())
            .map_err(|_| Kind::Internal.because("the plaintext of a ciphertext is no text"))?;
        Ok(tree([
            ("KeyId", by.key_id.as_str().into()),
            ("KeyVersionId", by.version.as_str().into()),
            (PLAINTEXT, text.into()),
        ]))
    }
}

pub(crate) struct ReEncrypt;

impl Former for ReEncrypt {
    type Op = key::ReEncrypt;

    fn decode(arguments: &Payload) -> Result<key::ReEncrypt> {
        let arguments = Arguments::of(arguments)?;
        let ciphertext = ciphertext(arguments)?;
        if arguments.text("SourceEncryptionAlgorithm").is_some_and(|algorithm| algorithm != "SYMMETRIC_DEFAULT") {
            let why = "asymmetric ciphertexts are not built yet";
            return Err(Kind::Unsupported.because(why).naming("SourceEncryptionAlgorithm"));
        }
        if let Some(version) = arguments.text("SourceKeyVersionId")
            && version != ciphertext.version()?
        {
            return Err(invalid(Flaw::Value, "SourceKeyVersionId"));
        }
        let source = arguments.text("SourceKeyId").map(|_| arguments.key("SourceKeyId")).transpose()?;
        Ok(key::ReEncrypt {
            ciphertext,
            source,
            source_context: arguments.context("SourceEncryptionContext")?,
            destination: arguments.key("DestinationKeyId")?,
            destination_context: arguments.context("DestinationEncryptionContext")?,
            dry_run: arguments.dry_run()?,
        })
    }

    /// The identifiers are those of the key that decrypted, as the reference has it.
    fn encode(output: ReEncrypted) -> Result<Payload> {
        let ReEncrypted { source, encrypted } = output;
        Ok(tree([
            (CIPHERTEXT, STANDARD.encode(encrypted.blob).into()),
            ("KeyId", source.key_id.as_str().into()),
            ("KeyVersionId", source.version.as_str().into()),
        ]))
    }
}

pub(crate) struct GenerateDataKey;

impl Former for GenerateDataKey {
    type Op = key::GenerateDataKey;

    fn decode(arguments: &Payload) -> Result<key::GenerateDataKey> {
        let arguments = Arguments::of(arguments)?;
        without_recipient(arguments)?;
        data_key(arguments)
    }

    fn encode(output: DataKey) -> Result<Payload> {
        let DataKey { plaintext, encrypted } = output;
        let Encrypted { by, blob } = encrypted;
        Ok(tree([
            (CIPHERTEXT, STANDARD.encode(blob).into()),
            ("KeyId", by.key_id.as_str().into()),
            ("KeyVersionId", by.version.as_str().into()),
            (PLAINTEXT, STANDARD.encode(plaintext.expose()).into()),
        ]))
    }
}

pub(crate) struct GenerateDataKeyWithoutPlaintext;

impl Former for GenerateDataKeyWithoutPlaintext {
    type Op = key::GenerateDataKeyWithoutPlaintext;

    fn decode(arguments: &Payload) -> Result<key::GenerateDataKeyWithoutPlaintext> {
        data_key(Arguments::of(arguments)?).map(key::GenerateDataKeyWithoutPlaintext)
    }

    fn encode(output: Encrypted) -> Result<Payload> {
        Ok(encrypted(output))
    }
}

fn encrypted(output: Encrypted) -> Payload {
    let Encrypted { by, blob } = output;
    tree([
        (CIPHERTEXT, STANDARD.encode(blob).into()),
        ("KeyId", by.key_id.as_str().into()),
        ("KeyVersionId", by.version.as_str().into()),
    ])
}

fn data_key(arguments: Arguments<'_>) -> Result<key::GenerateDataKey> {
    let by_spec = match arguments.text("KeySpec") {
        None | Some("AES_256") => 32,
        Some("AES_128") => 16,
        Some(_) => return Err(invalid(Flaw::Value, "KeySpec")),
    };
    let bytes = arguments.number("NumberOfBytes", 1..=LONGEST_DATA_KEY)?.unwrap_or(by_spec);
    Ok(key::GenerateDataKey {
        key: arguments.key("KeyId")?,
        bytes: usize::try_from(bytes).map_err(|_| invalid(Flaw::Value, "NumberOfBytes"))?,
        context: arguments.context(CONTEXT)?,
        dry_run: arguments.dry_run()?,
    })
}

/// The text, once it is known to be base64 of the right length.
fn plaintext(arguments: Arguments<'_>) -> Result<Plaintext> {
    let text = arguments.required(PLAINTEXT)?;
    // Four characters stand for three bytes: what is longer need not be decoded to be refused.
    if text.len() > PLAINTEXT_LIMIT.div_ceil(3) * 4 {
        return Err(invalid(Flaw::Length, PLAINTEXT));
    }
    let bytes = STANDARD.decode(text).map(Plaintext::new).map_err(|_| invalid(Flaw::Format, PLAINTEXT))?;
    if bytes.expose().len() < PLAINTEXT_LIMIT {
        Ok(Plaintext::new(text.as_bytes().to_vec()))
    } else {
        Err(invalid(Flaw::Length, PLAINTEXT))
    }
}

/// A ciphertext with a header that can be read; whether it opens is found out later.
fn ciphertext(arguments: Arguments<'_>) -> Result<Ciphertext> {
    let blob = STANDARD.decode(arguments.required(CIPHERTEXT)?).map_err(|_| invalid(Flaw::Format, CIPHERTEXT))?;
    let ciphertext = Ciphertext::of(Layout::Visible, blob);
    ciphertext.version()?;
    Ok(ciphertext)
}

fn without_recipient(arguments: Arguments<'_>) -> Result<()> {
    arguments.without("Recipient", "answers for confidential computing are not built")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::tests::{params, shown};

    fn made(key_id: &str, version: &str) -> std::sync::Arc<key::Provenance> {
        key::Provenance { key_id: key_id.into(), version: version.into(), ..Default::default() }.into()
    }

    fn encrypt(text: &str) -> Result<key::Encrypt> {
        Encrypt::decode(&params(&[("KeyId", "k"), ("Plaintext", text)]))
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
    fn a_plaintext_is_base64_of_fewer_than_6144_bytes() {
        assert!(encrypt(&STANDARD.encode([0; 6143])).is_ok());
        for (text, flaw) in [
            (STANDARD.encode([0; 6144]), Flaw::Length),
            ("A".repeat(100_000), Flaw::Length),
            ("no base64".to_owned(), Flaw::Format),
            ("SGVsbG8".to_owned(), Flaw::Format),
            (String::new(), Flaw::Missing),
        ] {
            let refused = encrypt(&text).unwrap_err();
            assert_eq!((refused.kind(), refused.subject()), (Kind::Invalid(flaw), Some("Plaintext")));
        }
    }

    #[test]
    fn decrypting_answers_the_text_unchanged() {
        let output = Decrypted { by: made("k", "v"), plaintext: Plaintext::new(b"SGVsbG8=".to_vec()) };
        let expected = serde_json::json!({"KeyId": "k", "KeyVersionId": "v", "Plaintext": "SGVsbG8="});
        assert_eq!(shown(Decrypt::encode(output)), expected);
    }

    #[test]
    fn what_has_no_header_is_no_ciphertext() {
        let decode = |blob: &str| Decrypt::decode(&params(&[("CiphertextBlob", blob)]));
        assert_eq!(decode(&blob(VERSION)).unwrap().ciphertext.version().unwrap(), VERSION);
        assert_eq!(decode("AAAA").unwrap_err().kind(), Kind::InvalidCiphertext);
        assert_eq!(decode(&blob(&VERSION.to_uppercase())).unwrap_err().kind(), Kind::InvalidCiphertext);
        assert_eq!(decode("!").unwrap_err().kind(), Kind::Invalid(Flaw::Format));
        assert_eq!(decode("").unwrap_err().kind(), Kind::Invalid(Flaw::Missing));
    }

    #[test]
    fn the_number_of_bytes_goes_before_the_spec() {
        let bytes = |pairs: &[(&str, &str)]| {
            GenerateDataKey::decode(&params(&[&[("KeyId", "k")], pairs].concat())).map(|wanted| wanted.bytes)
        };
        assert_eq!(bytes(&[]).unwrap(), 32);
        assert_eq!(bytes(&[("KeySpec", "AES_128")]).unwrap(), 16);
        assert_eq!(bytes(&[("KeySpec", "AES_256"), ("NumberOfBytes", "1024")]).unwrap(), 1024);
        assert!(bytes(&[("NumberOfBytes", "0")]).is_err() && bytes(&[("NumberOfBytes", "1025")]).is_err());
        assert!(bytes(&[("KeySpec", "AES_192")]).is_err());
    }

    #[test]
    fn data_keys_are_told_in_base64() {
        let encrypted = Encrypted { by: made("k", "v"), blob: vec![1, 2] };
        let output = DataKey { plaintext: Plaintext::new(vec![0; 3]), encrypted };
        let expected =
            serde_json::json!({"CiphertextBlob": "AQI=", "KeyId": "k", "KeyVersionId": "v", "Plaintext": "AAAA"});
        assert_eq!(shown(GenerateDataKey::encode(output)), expected);
    }

    #[test]
    fn encrypting_anew_tells_of_the_key_that_decrypted() {
        let encrypted = Encrypted { by: made("new", "w"), blob: vec![1, 2] };
        let output = ReEncrypted { source: made("old", "v"), encrypted };
        let expected = serde_json::json!({"CiphertextBlob": "AQI=", "KeyId": "old", "KeyVersionId": "v"});
        assert_eq!(shown(ReEncrypt::encode(output)), expected);
    }

    #[test]
    fn the_source_of_encrypting_anew_must_be_the_one_of_the_ciphertext() {
        let decode = |pairs: &[(&str, &str)]| {
            let blob = blob(VERSION);
            let fixed = [("CiphertextBlob", blob.as_str()), ("DestinationKeyId", "k")];
            ReEncrypt::decode(&params(&[&fixed, pairs].concat()))
        };
        assert!(decode(&[("SourceKeyVersionId", VERSION), ("SourceKeyId", "alias/a")]).unwrap().source.is_some());
        assert!(decode(&[]).unwrap().source.is_none());
        assert_eq!(decode(&[("SourceKeyVersionId", "v")]).unwrap_err().subject(), Some("SourceKeyVersionId"));
        let refused = decode(&[("SourceEncryptionAlgorithm", "RSAES_OAEP_SHA_256")]).unwrap_err();
        assert_eq!(refused.kind(), Kind::Unsupported);
    }
}
