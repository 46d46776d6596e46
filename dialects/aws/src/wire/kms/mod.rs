//! The operations of KMS on the wire, and what several of them share.
//!
//! Follows the "AWS Key Management Service API Reference", version 2014-11-01.
//!
//! KMS names every key material by 64 hexadecimal digits and does not say how it makes them. Here they are the SHA-256 of
//! the key's and the version's identifier: they stay the same for as long as the material does, and tell nothing about it.

pub(crate) mod alias;
pub(crate) mod crypt;
pub(crate) mod data_key;
pub(crate) mod life;
pub(crate) mod policy;
pub(crate) mod tag;

use polykms_core::error::{Error, Kind, Result};
use polykms_core::key::{Provenance, Reference};
use polykms_core::list::{Listed, Paging};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::constraint::{Violation, detect, length, one_of, pattern, range, required, texts};
use super::json::{List, Number, Text, number, text};
use crate::context::SYMMETRIC_DEFAULT;
use crate::resource;

/// Characters of a key identifier of any form.
const KEY_ID: std::ops::RangeInclusive<usize> = 1..=2048;

/// The arguments of an operation that only names a key.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneKey<'a> {
    #[serde(borrow)]
    key_id: Option<Text<'a>>,
}

impl OneKey<'_> {
    fn reference(&self) -> Result<Reference> {
        detect(key_id("keyId", &self.key_id))?;
        named_key(&self.key_id)
    }
}

/// The checks of a parameter that names a key and has to be there.
fn key_id(path: &str, member: &Option<Text<'_>>) -> [Violation; 2] {
    [required(path, member.as_ref()), length(path, text(member), KEY_ID)]
}

/// A key named by identifier or ARN, after its checks.
fn named_key(member: &Option<Text<'_>>) -> Result<Reference> {
    resource::key_without_alias(text(member).unwrap_or_default())
}

/// A key named in any form, after its checks.
fn any_key(member: &Option<Text<'_>>) -> Result<Reference> {
    resource::key(text(member).unwrap_or_default())
}

/// The checks of grant tokens.
fn grant_tokens(tokens: &Option<List<Text<'_>>>) -> [Violation; 2] {
    let tokens = tokens.as_ref().map(|List(tokens)| tokens.as_slice()).unwrap_or_default();
    texts("grantTokens", tokens.iter().map(Text::as_str), 10, 1..=8192)
}

/// Refuses every grant token: there are no grants that could have given one.
fn no_grants(tokens: &Option<List<Text<'_>>>) -> Result<()> {
    match tokens {
        Some(List(tokens)) if !tokens.is_empty() => Err(Error::from(Kind::InvalidGrantToken)),
        Some(_) | None => Ok(()),
    }
}

/// Refuses to answer for an enclave.
fn no_recipient(recipient: &Option<IgnoredAny>) -> Result<()> {
    match recipient {
        Some(_) => Err(unsupported("Recipient is not supported: attestation documents are not verified here.")),
        None => Ok(()),
    }
}

fn unsupported(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Kind::Unsupported.verbatim(message)
}

/// The check of an encryption algorithm.
fn algorithm(path: &str, member: &Option<Text<'_>>) -> Violation {
    const KNOWN: [&str; 4] = [SYMMETRIC_DEFAULT, "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"];
    one_of(path, text(member), &KNOWN, "SYMMETRIC_DEFAULT, RSAES_OAEP_SHA_1, RSAES_OAEP_SHA_256, SM2PKE")
}

/// Refuses an algorithm that symmetric keys, the only ones there are, do not have.
fn symmetric(member: &Option<Text<'_>>) -> Result<()> {
    match text(member) {
        None | Some(SYMMETRIC_DEFAULT) => Ok(()),
        Some(other) => {
            let words = format!("Algorithm {other} is incompatible with key spec {SYMMETRIC_DEFAULT}.");
            Err(Kind::InvalidUsage.verbatim(words))
        }
    }
}

/// The arguments of an operation that lists.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page<'a> {
    limit: Option<Number>,
    #[serde(borrow)]
    marker: Option<Text<'a>>,
}

impl Page<'_> {
    fn checks(&self) -> [Violation; 3] {
        let Self { limit, marker } = self;
        page_checks(*limit, marker)
    }
}

fn page_checks(limit: Option<Number>, marker: &Option<Text<'_>>) -> [Violation; 3] {
    let latin = |text: &str| text.chars().all(|character| ('\u{20}'..='\u{ff}').contains(&character));
    [
        range("limit", number(limit), 1..=1000),
        length("marker", text(marker), 1..=1024),
        pattern("marker", text(marker), latin, r"[\u0020-\u00FF]*"),
    ]
}

/// How many items a page may have: what was asked for, but no more than the operation gives.
fn page_size(limit: Option<Number>, default: usize, most: usize) -> usize {
    number(limit).and_then(|limit| usize::try_from(limit).ok()).unwrap_or(default).min(most)
}

fn paging(limit: Option<Number>, marker: &Option<Text<'_>>, default: usize, most: usize) -> Paging {
    Paging::Marker { marker: text(marker).map(str::to_owned), limit: page_size(limit, default, most) }
}

/// The ends of a list that every listing operation writes.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Rest {
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    truncated: bool,
}

impl Rest {
    fn of(next: Option<String>) -> Self {
        Self { truncated: next.is_some(), next_marker: next }
    }
}

/// The items of a list, each as it is written, and its end.
fn listed<T, U>(listed: Listed<T>, write: impl Fn(T) -> U) -> (Vec<U>, Rest) {
    let Listed { items, next, total: _ } = listed;
    (items.into_iter().map(write).collect(), Rest::of(next))
}

/// The identifier of key material.
fn material_id(key_id: &str, version: &str) -> String {
    let mut hash = Sha256::new();
    for part in ["polykms/key-material-id", key_id, version] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    base16ct::lower::encode_string(&hash.finalize())
}

/// The identifier of the key material that made a ciphertext.
fn material_of(by: &Provenance) -> &str {
    by.material_name.get_or_init(|| material_id(&by.key_id, &by.version))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
pub(crate) mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use polykms_core::dialect::{Payload, Wire};

    use super::*;

    pub(crate) const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
    pub(crate) const ARN: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    pub(crate) const VERSION: &str = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f";

    /// What made a ciphertext.
    pub(crate) fn made() -> Arc<Provenance> {
        Arc::new(Provenance::new(ARN.into(), ID, VERSION))
    }

    pub(crate) fn decoded<W: Wire>(body: &str) -> Result<W::Op> {
        W::decode(&Payload::Json(Bytes::copy_from_slice(body.as_bytes())))
    }

    /// Kind and vendor text of a refusal.
    pub(crate) fn refused<W: Wire>(body: &str) -> (Kind, String) {
        let error = decoded::<W>(body).err().unwrap_or_else(|| panic!("{body} was taken"));
        (error.kind(), error.vendor_message().unwrap_or_default().to_owned())
    }

    pub(crate) fn text_of(payload: Result<Payload>) -> String {
        match payload.unwrap() {
            Payload::Json(body) => String::from_utf8(body.to_vec()).unwrap(),
            other => panic!("{other:?} is no JSON"),
        }
    }

    #[test]
    fn a_material_identifier_is_64_digits_of_both_identifiers() {
        let one = material_id(ID, VERSION);
        assert!(one.len() == 64 && one.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)));
        assert_eq!(one, material_id(ID, VERSION));
        assert_ne!(one, material_id(VERSION, ID));
    }

    #[test]
    fn pages_are_cut_to_what_the_operation_gives() {
        assert_eq!(page_size(None, 50, 100), 50);
        assert_eq!(page_size(Some(Number(7)), 50, 100), 7);
        assert_eq!(page_size(Some(Number(1000)), 50, 100), 100);
    }
}
