//! The canonical request and the string to sign.
//!
//! Follows "Create a signed AWS API request", with the path encoded once more than on the wire and normalised, as every
//! service but S3 wants it.

use std::borrow::Cow;

use http::header::HOST;
use http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
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
    push_hex(&mut text, Sha256::digest(canonical).into());
    text
}

/// The body's SHA-256 in hex.
pub fn payload_hash(body: &[u8]) -> String {
    hex(Sha256::digest(body).into())
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

/// Thirty-two bytes from lower-case hex.
pub(super) fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let read = (text.len() == 64).then(|| base16ct::lower::decode(text, &mut bytes).ok()).flatten()?.len();
    (read == 32).then_some(bytes)
}

/// Thirty-two bytes in lower-case hex.
pub(super) fn hex(bytes: [u8; 32]) -> String {
    base16ct::lower::encode_string(&bytes)
}

fn push_hex(text: &mut String, bytes: [u8; 32]) {
    let mut digits = [0; 64];
    if let Ok(digits) = base16ct::lower::encode_str(&bytes, &mut digits) {
        text.push_str(digits);
    }
}

fn line(text: &mut Vec<u8>, content: &str) {
    text.extend_from_slice(content.as_bytes());
    text.push(b'\n');
}

/// One line per header name; the values of a repeated header joined by commas, in their order.
fn push_header(text: &mut Vec<u8>, head: &Parts, name: &str) -> Result<()> {
    text.extend_from_slice(name.as_bytes());
    text.push(b':');
    let mut values = head.headers.get_all(name).iter();
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
    fn hex_keeps_leading_zeros() {
        let mut bytes = [0; 32];
        bytes[15] = 0x0a;
        bytes[31] = 0x01;
        assert_eq!(hex(bytes), "0000000000000000000000000000000a00000000000000000000000000000001");
    }

    #[test]
    fn hex_reads_back_what_it_wrote_and_nothing_else() {
        let bytes = std::array::from_fn(|position| (position * 7) as u8);
        let text = hex(bytes);
        assert_eq!(from_hex(&text), Some(bytes));
        let (longer, shorter) = (format!("{text}0"), &text[1..]);
        let (signed, wide) = (format!("+{shorter}"), "é".repeat(32));
        for wrong in [text.to_uppercase().as_str(), &longer, shorter, &signed, &wide, ""] {
            assert_eq!(from_hex(wrong), None, "{wrong}");
        }
    }

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
