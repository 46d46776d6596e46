//! The request signatures of Alibaba Cloud: which one a request carries, sealing and proving.
//!
//! Follows "Request syntax and signature method V2" (here [`Method::V1HmacSha1`], after its `SignatureVersion=1.0`) and
//! "Request syntax and signature method V3" (ACS3). Bearer tokens, ACS4 and the RSA signatures are not built and are
//! refused by name.
//!
//! # Invariants
//! - Sealing and proving share one canonical form for each method.
//! - Nothing that is not covered by the signature chooses the operation, the access key's session or the nonce.
//! - Signed headers and parameters that say the same thing must say the same; two signatures in one request are refused.

mod acs3;
mod v1;

use std::time::Duration;

use hmac::Mac;
use hmac::digest::{InvalidLength, Output};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use polykms_core::dialect::{Claim, Credential, Request};
use polykms_core::error::{AuthFlaw, Error, Kind, Result};
use polykms_core::port::Time;

use subtle::ConstantTimeEq;

use crate::headers::{Header, Headers};
use crate::params::Params;

/// How a request is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// HMAC-SHA1 over the parameters, in the parameter `Signature`.
    V1HmacSha1,
    /// HMAC-SHA256 over method, path, query, headers and body, in the header `Authorization`.
    Acs3Sha256,
    /// As [`Method::Acs3Sha256`], with SM3 in place of SHA-256.
    Acs3Sm3,
}

/// Who the request claims to come from; `None` when it carries no authentication at all.
///
/// Everything but the date's window and the signature itself is checked here.
///
/// # Errors
/// [`Kind::Unauthenticated`] for authentication that is incomplete, contradicts itself or is of a kind not built;
/// [`Kind::Unreadable`] for a doubled header, or when header and parameter name different operations.
pub fn claim<'r>(request: &'r Request, params: &Params<'r>) -> Result<Option<Claim<'r>>> {
    claimed(request, &Headers::of(request), params)
}

/// As [`claim`], of a request whose headers were found.
pub(crate) fn claimed<'r>(
    request: &'r Request,
    headers: &Headers<'r>,
    params: &Params<'r>,
) -> Result<Option<Claim<'r>>> {
    agree(headers, params)?;
    match method_of(headers, params)? {
        Some(Method::V1HmacSha1) => v1::claim(request, params).map(Some),
        Some(Method::Acs3Sha256) => acs3::claim(request, headers, params, acs3::Hash::Sha256).map(Some),
        Some(Method::Acs3Sm3) => acs3::claim(request, headers, params, acs3::Hash::Sm3).map(Some),
        None => Ok(None),
    }
}

/// How the request says it is signed, so that an account may allow some methods only.
///
/// # Errors
/// [`Kind::Unauthenticated`] for a method not built, for two methods at once, and for what is left of one.
pub fn method(request: &Request, params: &Params<'_>) -> Result<Option<Method>> {
    method_of(&Headers::of(request), params)
}

fn method_of(headers: &Headers<'_>, params: &Params<'_>) -> Result<Option<Method>> {
    if bears_token(headers, params)? {
        return Err(unsupported("bearer tokens are not accepted"));
    }
    let given = ["AccessKeyId", "SecurityToken", "Signature"].iter().any(|name| params.text(name).is_some());
    match headers.text(Header::Authorization)? {
        Some(_) if given => Err(incomplete("the request is signed in header and parameters")),
        Some(authorization) => acs3::Hash::of(authorization).map(|hash| Some(hash.method())),
        None if given => v1::supported(params).map(Some),
        None if leftover(headers)? => Err(incomplete("the request names credentials and is not signed")),
        None => Ok(None),
    }
}

/// Signs the request, replacing a header signature it may have already.
///
/// [`Method::V1HmacSha1`] wants `Action` and `Version` as parameters and adds the rest to the query; the others want the
/// headers `host`, `x-acs-action` and `x-acs-version` and sign every header that the SDKs sign. The token is that of
/// temporary credentials; the nonce must be new each time.
///
/// # Errors
/// [`Kind::Unauthenticated`] when one of those is missing, [`Kind::Unreadable`] when the request cannot carry the
/// signature: its parameters are signed already, or the nonce or token cannot stand in a header. After an error the
/// request is of no further use.
pub fn seal(
    request: &mut Request,
    method: Method,
    credential: &Credential,
    token: Option<&str>,
    nonce: &str,
    now: Time,
) -> Result<()> {
    let stamp = Stamp { access_key_id: &credential.access_key_id, token, nonce, date: whole_seconds(now)?.to_string() };
    match method {
        Method::V1HmacSha1 => v1::seal(request, credential, &stamp),
        Method::Acs3Sha256 => acs3::seal(request, acs3::Hash::Sha256, credential, &stamp),
        Method::Acs3Sm3 => acs3::seal(request, acs3::Hash::Sm3, credential, &stamp),
    }
}

/// What a seal says besides the request itself.
struct Stamp<'a> {
    access_key_id: &'a str,
    token: Option<&'a str>,
    nonce: &'a str,
    date: String,
}

/// Refuses a request that has two hosts, or whose signed headers name another operation than its parameters.
///
/// The parameter signature covers no headers: `pop-core` sends `x-acs-action: describeKey` beside `Action=DescribeKey`, and
/// the parameter decides.
fn agree(headers: &Headers<'_>, params: &Params<'_>) -> Result<()> {
    headers.text(Header::Host)?;
    if !headers.has(Header::Authorization) {
        return Ok(());
    }
    for (header, name) in [(Header::Action, "Action"), (Header::Version, "Version")] {
        if let (Some(header), Some(param)) = (headers.text(header)?, params.text(name))
            && header != param
        {
            return Err(Kind::Unreadable.because("header and parameter differ").naming(name));
        }
    }
    Ok(())
}

fn bears_token(headers: &Headers<'_>, params: &Params<'_>) -> Result<bool> {
    // The old SDKs send and sign an empty `SignatureType`.
    Ok(params.text("SignatureType").is_some_and(|kind| !kind.is_empty())
        || params.text("BearerToken").is_some()
        || headers.text(Header::BearerToken)?.is_some()
        || headers.text(Header::IdentityToken)?.is_some())
}

fn leftover(headers: &Headers<'_>) -> Result<bool> {
    Ok(headers.text(Header::AccessKeyId)?.is_some() || headers.text(Header::Token)?.is_some())
}

/// All but `A-Z a-z 0-9 - . _ ~`, as RFC 3986 has it.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes.
fn encode(text: &str, out: &mut String) {
    out.extend(utf8_percent_encode(text, RESERVED));
}

/// Whether a text is its own encoding.
fn is_unreserved(text: &str) -> bool {
    utf8_percent_encode(text, RESERVED).next().is_none_or(|first| first == text)
}

/// As [`encode`], and then once more.
fn encode_twice(text: &str, out: &mut String) {
    for part in utf8_percent_encode(text, RESERVED) {
        match part.strip_prefix('%') {
            Some(digits) => out.extend(["%25", digits]),
            None => out.push_str(part),
        }
    }
}

/// The message authentication code of a text, under the key that `key` makes of the secret for this use of it.
fn authenticate<M>(
    credential: &Credential,
    used: &'static str,
    key: impl FnOnce(&str) -> std::result::Result<M, InvalidLength>,
    text: &str,
) -> Result<Output<M>>
where
    M: Mac + Clone + Send + Sync + 'static,
{
    let keyed = credential.derived(used, |secret| key(secret).ok());
    let keyed = keyed.as_ref().clone().ok_or_else(|| Kind::Internal.because("the secret cannot be a key"))?;
    Ok(keyed.chain_update(text).finalize().into_bytes())
}

/// Whether a code is the one that was given, compared in constant time; one that has another form is not.
fn is_given<const N: usize>(code: [u8; N], given: Option<[u8; N]>) -> bool {
    bool::from(code.as_slice().ct_eq(given.unwrap_or([0; N]).as_slice())) & given.is_some()
}

/// A date of the one form `YYYY-MM-DDThh:mm:ssZ`.
fn instant(text: &str) -> Option<Time> {
    const FORM: &[u8; 20] = b"0000-00-00T00:00:00Z";
    let fits = |(given, form): (&u8, &u8)| if *form == b'0' { given.is_ascii_digit() } else { given == form };
    let formed = text.len() == FORM.len() && text.as_bytes().iter().zip(FORM).all(fits);
    // A leap second would count as the second before it.
    (formed && !text.ends_with(":60Z")).then(|| text.parse().ok()).flatten()
}

fn whole_seconds(time: Time) -> Result<Time> {
    Time::from_second(time.as_second()).map_err(|_| Kind::Internal.because("the time is out of range"))
}

/// The date, if it is in the window around the clock; a difference of exactly `skew` is within it.
fn fresh(date: Option<Time>, now: Time, skew: Duration) -> Result<Time> {
    let date = date.ok_or_else(|| {
        Kind::Unauthenticated(AuthFlaw::DateFormat)
            .verbatim("Specified time stamp or date value is not well formatted.")
    })?;
    if now.duration_since(date).unsigned_abs() <= skew {
        Ok(date)
    } else {
        Err(Kind::Unauthenticated(AuthFlaw::Expired).verbatim("Specified time stamp or date value is expired."))
    }
}

/// Whether the text could be the identifier of an access key.
pub(crate) fn is_access_key_id(text: &str) -> bool {
    const LONGEST: usize = 128;
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(known)
}

/// Refuses access key ids that cannot exist, before they reach a store or a log.
fn access_key_id<T: AsRef<str>>(id: T) -> Result<T> {
    if is_access_key_id(id.as_ref()) {
        Ok(id)
    } else {
        Err(Kind::Unauthenticated(AuthFlaw::UnknownAccessKey).verbatim("Specified access key is not found."))
    }
}

/// Bounds what is remembered of a nonce: the SDKs send at most 64 characters.
fn nonce<T: AsRef<str>>(nonce: T) -> Result<T> {
    const LONGEST: usize = 256;
    if nonce.as_ref().len() <= LONGEST { Ok(nonce) } else { Err(incomplete("the signature nonce is too long")) }
}

fn given<T: AsRef<str>>(text: Option<T>) -> Option<T> {
    text.filter(|text| !text.as_ref().is_empty())
}

/// The refusal of a request that lacks a parameter common to all operations.
pub(crate) fn mandatory(name: &'static str) -> Error {
    Kind::Unauthenticated(AuthFlaw::Missing).verbatim(format!("{name} is mandatory for this action.")).naming(name)
}

fn incomplete(why: &'static str) -> Error {
    Kind::Unauthenticated(AuthFlaw::Incomplete).because(why)
}

fn unsupported(why: &'static str) -> Error {
    Kind::Unauthenticated(AuthFlaw::Method).because(why)
}

/// The refusal that the older SDKs take apart: they compare what follows the colon with their own string to sign and
/// then blame the secret, so it must be whole and exact.
///
/// The text therefore holds the caller's parameters, plaintext among them. It is for that caller alone, never for a log.
fn mismatch(string_to_sign: &str) -> Error {
    const PREFIX: &str = "Specified signature is not matched with our calculation. server string to sign is:";
    Kind::Unauthenticated(AuthFlaw::Mismatch).verbatim(format!("{PREFIX}{string_to_sign}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn only_one_form_of_date_is_read() {
        assert_eq!(instant("2026-11-22T12:55:55Z").map(Time::as_second), Some(1_795_352_155));
        for other in [
            "",
            "2026-11-22 12:55:55Z",
            "2026-11-22T12:55:55",
            "2026-11-22T12:55:55z",
            "2026-11-22t12:55:55Z",
            "2026-11-22T12:55:55.000Z",
            "2026-11-22T12:55:55+00:00",
            "2026-11-22T20:55:55+08:00",
            "2026-11-22T12:55:60Z",
            "2026-11-22T12:55Z",
            "20261122T125555Z",
            "2026-11-22T12:55:55Z[UTC]",
            "+002026-11-22T12:55:55Z",
            "2026-02-30T12:55:55Z",
            " 2026-11-22T12:55:55Z",
            "Sun, 22 Nov 2026 12:55:55 GMT",
        ] {
            assert_eq!(instant(other), None, "{other}");
        }
    }

    #[test]
    fn unreserved_characters_stay_and_all_others_are_encoded() {
        let mut out = String::new();
        encode("AZaz09-._~ *+/%é", &mut out);
        assert_eq!(out, "AZaz09-._~%20%2A%2B%2F%25%C3%A9");
        let (mut again, mut twice) = (String::new(), String::new());
        encode(&out, &mut again);
        encode_twice("AZaz09-._~ *+/%é", &mut twice);
        assert_eq!(twice, again);
    }
}
