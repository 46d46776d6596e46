//! The canonical request and the string to sign.
//!
//! Follows "Create a signed AWS API request", with the path encoded once more than on the wire and normalised, as every
//! service but S3 wants it.

use std::borrow::Cow;

use http::header::HOST;
use http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use polykms_core::dialect::Hex;
use polykms_core::error::Result;
use sha2::{Digest, Sha256};

use super::{ALGORITHM, refusal};

/// The bytes that stay as they are in a query.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// The bytes that stay as they are in a path.
const PATH: &AsciiSet = &QUERY.remove(b'/');

/// The parameter that carries the signature and is therefore not covered by it.
pub(super) const SIGNATURE_PARAMETER: &str = "X-Amz-Signature";

/// The canonical request: what the signature covers, in one form for all ways of writing it.
///
/// `signed` lists the signed headers: lower case, sorted, joined by `;`. `payload` is the body's hash in hex.
///
/// # Errors
/// A mismatch when a signed header is not there: leaving it out must not count as an empty value.
pub fn canonical_request(head: &Parts, signed: &str, payload: &str) -> Result<Vec<u8>> {
    let mut text = Vec::with_capacity(1024);
    line(&mut text, head.method.as_str());
    line(&mut text, &canonical_path(head.uri.path()));
    line(&mut text, &canonical_query(head.uri.query().unwrap_or_default()));
    for name in signed.split(';') {
        push_header(&mut text, head, name)?;
    }
    line(&mut text, "");
    line(&mut text, signed);
    text.extend_from_slice(payload.as_bytes());
    Ok(text)
}

/// The string to sign: the hash of the canonical request together with its date and scope.
pub fn string_to_sign(date: &str, scope: &str, canonical: &[u8]) -> String {
    let mut text = String::with_capacity(160);
    for part in [ALGORITHM, date, scope] {
        text.push_str(part);
        text.push('\n');
    }
    text.push_str(Hex::of(digest(canonical)).as_str());
    text
}

/// The body's SHA-256 in hex.
pub fn payload_hash(body: &[u8]) -> String {
    Hex::of(digest(body)).as_str().to_owned()
}

/// The hash of a body or of a canonical request.
pub(super) fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The path as the signature covers it: normalised as it stands on the wire, then encoded.
pub fn canonical_path(raw: &str) -> Cow<'_, str> {
    if raw == "/" {
        return Cow::Borrowed(raw);
    }
    percent_encode(normalized(raw).as_bytes(), PATH).to_string().into()
}

/// The query as the signature covers it: decoded, encoded anew, sorted by name and then value, without the signature.
pub fn canonical_query(raw: &str) -> String {
    if raw.is_empty() {
        return String::new();
    }
    let mut pairs: Vec<(String, String)> = pairs(raw)
        .map(|(name, value)| (form_decoded(name), form_decoded(value)))
        .filter(|(name, _)| !name.eq_ignore_ascii_case(SIGNATURE_PARAMETER.as_bytes()))
        .map(|(name, value)| (query_encoded(&name), query_encoded(&value)))
        .collect();
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| name + "=" + &value).collect();
    pairs.join("&")
}

/// The pairs of a query, still encoded.
pub(super) fn pairs(raw: &str) -> impl Iterator<Item = (&str, &str)> {
    raw.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// A name or value of a query, decoded as a form field is.
pub(super) fn form_decoded(raw: &str) -> Vec<u8> {
    percent_decode_str(&raw.replace('+', " ")).collect()
}

/// A name or value, encoded as a query wants it.
pub(super) fn query_encoded(plain: &[u8]) -> String {
    percent_encode(plain, QUERY).to_string()
}

fn line(text: &mut Vec<u8>, content: &str) {
    text.extend_from_slice(content.as_bytes());
    text.push(b'\n');
}

/// One line per header name; the values of a repeated header joined by commas, in their order.
fn push_header(text: &mut Vec<u8>, head: &Parts, name: &str) -> Result<()> {
    text.extend_from_slice(name.as_bytes());
    text.push(b':');
    // Walked and not looked up: there are few, and a text that is looked up has to become a name first.
    let mut values = head.headers.iter().filter(|(known, _)| known.as_str() == name).map(|(_, value)| value);
    match (values.next(), head.uri.authority()) {
        (Some(first), _) => push_trimmed(text, first.as_bytes()),
        (None, Some(authority)) if name == HOST => text.extend_from_slice(authority.as_str().as_bytes()),
        (None, _) => return Err(refusal::mismatch()),
    }
    for further in values {
        text.push(b',');
        push_trimmed(text, further.as_bytes());
    }
    text.push(b'\n');
    Ok(())
}

/// The value without space at its ends and with single spaces inside.
fn push_trimmed(text: &mut Vec<u8>, value: &[u8]) {
    if memchr::memchr2(b' ', b'\t', value).is_none() {
        text.extend_from_slice(value);
        return;
    }
    let words = value.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty());
    for (position, word) in words.enumerate() {
        if position > 0 {
            text.push(b' ');
        }
        text.extend_from_slice(word);
    }
}

/// The path without empty and dot segments (RFC 3986, section 5.2.4).
fn normalized(raw: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in raw.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            other => kept.push(other),
        }
    }
    let directory = matches!(raw.rsplit('/').next(), Some("" | "." | ".."));
    let end = if directory && !kept.is_empty() { "/" } else { "" };
    format!("/{}{end}", kept.join("/"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_normalised_before_it_is_encoded() {
        for (raw, canonical) in [
            ("/", "/"),
            ("", "/"),
            ("//", "/"),
            ("/a/b/../..", "/"),
            ("/../a", "/a"),
            ("/a//b/./c/", "/a/b/c/"),
            ("/a/..b", "/a/..b"),
            ("/a/b/..", "/a/"),
            ("/%2e%2e/a", "/%252e%252e/a"),
            ("/a%2Fb", "/a%252Fb"),
            ("/ሴ", "/%E1%88%B4"),
            ("/a b+c", "/a%20b%2Bc"),
        ] {
            assert_eq!(canonical_path(raw), canonical, "{raw}");
        }
    }

    #[test]
    fn a_query_is_sorted_by_encoded_name_and_then_value_with_repetitions_kept() {
        for (raw, canonical) in [
            ("", ""),
            ("b=2&a=2&a=1&a=1", "a=1&a=1&a=2&b=2"),
            ("a-b=1&a=1", "a=1&a-b=1"),
            ("a", "a="),
            ("a=b=c", "a=b%3Dc"),
            ("a=%2f%41&&", "a=%2FA"),
            ("a=x+y&b=x%20y&c=x%2By", "a=x%20y&b=x%20y&c=x%2By"),
            ("%E1%88%B4=1&a=ሴ", "%E1%88%B4=1&a=%E1%88%B4"),
            ("a=%zz&b=%", "a=%25zz&b=%25"),
            ("a=1&X-Amz-Signature=2&x-amz%2Dsignature=3", "a=1"),
        ] {
            assert_eq!(canonical_query(raw), canonical, "{raw}");
        }
    }
}
