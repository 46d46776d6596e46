//! The operations of KMS on the wire, and what several of them share.
//!
//! Follows the "AWS Key Management Service API Reference", version 2014-11-01.
//!
//! KMS names every key material by 64 hexadecimal digits and does not say how it makes them. Here they are the SHA-256 of
//! the key's and the version's identifier: they stay the same for as long as the material does, and tell nothing about it.

pub(crate) mod alias;
pub(crate) mod crypt;
pub(crate) mod data_key;
pub(crate) mod grant;
pub(crate) mod import;
pub(crate) mod life;
pub(crate) mod mac;
pub(crate) mod pair;
pub(crate) mod policy;
pub(crate) mod rotation;
pub(crate) mod sign;
pub(crate) mod tag;
pub(crate) mod words;

use std::borrow::Cow;

use polykms_core::dialect::Hex;
use polykms_core::dialect::message::Pairs;
use polykms_core::error::{Error, Kind, Result};
use polykms_core::key::{EncryptionContext, Provenance, Reference, Tokens};
use sha2::{Digest, Sha256};

use crate::resource;

/// A key named by identifier or ARN.
fn named_key(name: Option<Cow<'_, str>>) -> Result<Reference> {
    resource::key_without_alias(&name.unwrap_or_default())
}

/// A key named in any form.
fn any_key(name: Option<Cow<'_, str>>) -> Result<Reference> {
    resource::key(&name.unwrap_or_default())
}

/// A text that the request has, if only by default.
fn owned(text: Option<Cow<'_, str>>) -> String {
    text.unwrap_or_default().into_owned()
}

/// The grant tokens of a request.
fn tokens(tokens: Option<Vec<Cow<'_, str>>>) -> Tokens {
    Tokens(tokens.unwrap_or_default().into_iter().map(Cow::into_owned).collect())
}

/// Grant tokens as a request has them; none are left out.
fn token_texts(tokens: &Tokens) -> Option<Vec<Cow<'_, str>>> {
    (!tokens.0.is_empty()).then(|| tokens.0.iter().map(Cow::from).collect())
}

/// Bytes of all names and values of an encryption context; the audit trail repeats them.
const LONGEST_CONTEXT: usize = 8192;

/// The encryption context of a request; none is empty.
fn context(pairs: Option<Pairs<'_>>) -> Result<EncryptionContext> {
    let pairs = pairs.unwrap_or_default();
    match pairs.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() {
        length if length > LONGEST_CONTEXT => Err(Kind::Unreadable.verbatim("the encryption context is too long")),
        _ => Ok(pairs.into_owned()),
    }
}

/// An encryption context as a request has it; an empty one is none.
fn pairs(context: &EncryptionContext) -> Option<Pairs<'_>> {
    (!context.is_empty()).then(|| context.iter().collect())
}

/// The ARN of the key that made a ciphertext, where it is known.
fn key_arn(by: &Provenance) -> Option<Cow<'_, str>> {
    by.arn.as_deref().map(Cow::from)
}

/// The name of the material that made a ciphertext, where it is known.
fn material(by: &Provenance) -> Option<Cow<'_, str>> {
    by.material.as_deref().map(Cow::from)
}

fn unsupported(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Kind::Unsupported.verbatim(message)
}

/// Refuses to ask for a version of a key.
fn no_version(version: &Option<String>) -> Result<()> {
    match version {
        Some(_) => Err(Kind::Unsupported.because("AWS is not told the version of a key")),
        None => Ok(()),
    }
}

/// The identifier of key material.
pub(crate) fn material_id(key_id: &str, version: &str) -> String {
    let mut hash = Sha256::new();
    for part in ["polykms/key-material-id", key_id, version] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    Hex::of(hash.finalize().into()).as_str().to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
pub(crate) mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use polykms_core::dialect::{Arguments, Format, Service, Telling, Voice, Wire};
    use polykms_core::key::Provenance;
    use polykms_core::operation::Operation;

    use super::*;

    pub(crate) const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
    pub(crate) const ARN: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    pub(crate) const VERSION: &str = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f";

    /// What made a ciphertext.
    pub(crate) fn made() -> Arc<Provenance> {
        Arc::new(Provenance {
            arn: Some(ARN.into()),
            key_id: ID.into(),
            version: Some(VERSION.into()),
            material: Some(material_id(ID, VERSION)),
        })
    }

    fn service() -> &'static Service {
        crate::catalog::service("kms").unwrap()
    }

    pub(crate) fn decoded<W: Wire>(body: &str) -> Result<W::Op> {
        let arguments = Arguments::Json(Bytes::copy_from_slice(body.as_bytes()));
        service().op::<W>(&arguments)
    }

    /// Kind and vendor text of a refusal.
    pub(crate) fn refused<W: Wire>(body: &str) -> (Kind, String) {
        let error = decoded::<W>(body).err().unwrap_or_else(|| panic!("{body} was taken"));
        (error.kind(), error.vendor_message().unwrap_or_default().to_owned())
    }

    pub(crate) fn text_of<W: Wire>(output: <W::Op as Operation>::Output) -> String {
        let voice = Voice { service: "kms", format: Format::Json, dry_run: false };
        let telling = Telling { service: service(), row: &service().rows[0], voice, request_id: "r" };
        let body = service().protocol.tell(&telling, &W::told(&output).unwrap()).unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[test]
    fn a_material_identifier_is_64_digits_of_both_identifiers() {
        let one = material_id(ID, VERSION);
        assert!(one.len() == 64 && one.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)));
        assert_eq!(one, material_id(ID, VERSION));
        assert_ne!(one, material_id(VERSION, ID));
    }
}
