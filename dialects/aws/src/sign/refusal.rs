//! The words in which AWS refuses a signature.
//!
//! The texts are those that AWS services answer with; where AWS echoes an `Authorization` header it does so hashed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use polykms_core::error::{AuthFlaw, Error, Kind};
use polykms_core::port::Time;
use sha2::{Digest, Sha256};

use super::{ALGORITHM, DATE_FORMAT, TERMINATOR};

/// The longest piece of a request that a message repeats.
const ECHO: usize = 256;

fn refused(flaw: AuthFlaw, message: impl Into<String>) -> Error {
    Kind::Unauthenticated(flaw).verbatim(message.into())
}

pub(super) fn mismatch() -> Error {
    Kind::Unauthenticated(AuthFlaw::Mismatch).verbatim(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key \
         and signing method. Consult the service documentation for details.",
    )
}

pub(super) fn missing() -> Error {
    refused(AuthFlaw::Missing, "Request is missing Authentication Token")
}

pub(super) fn unknown_access_key() -> Error {
    refused(AuthFlaw::UnknownAccessKey, "The security token included in the request is invalid.")
}

/// Credentials in the query and in a header at once; `parameter` is the first found.
pub(super) fn header_and_query(parameter: &str, header: &str) -> Error {
    let text = format!("Found both '{parameter}' as a query-string param and '{header}' as HTTP header.");
    refused(AuthFlaw::Mismatch, text)
}

pub(super) fn repeated(what: &str) -> Error {
    refused(AuthFlaw::Incomplete, format!("The request must not contain '{what}' more than once."))
}

pub(super) fn not_text(what: &str) -> Error {
    refused(AuthFlaw::Incomplete, format!("'{what}' must be text."))
}

/// The parts that the `Authorization` header lacks, or the date beside it.
pub(super) fn incomplete_header(lacking: &[&str], dated: bool, authorization: &str) -> Error {
    let mut text: String =
        lacking.iter().map(|name| format!("Authorization header requires '{name}' parameter. ")).collect();
    if !dated {
        text.push_str("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
    }
    text.push_str("(Hashed with SHA-256 and encoded with Base64) Authorization=");
    refused(AuthFlaw::Incomplete, text + &hashed(authorization))
}

pub(super) fn not_a_pair(authorization: &str) -> Error {
    let text = format!(
        "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with \
         Base64): '{}'.",
        hashed(authorization)
    );
    refused(AuthFlaw::Incomplete, text)
}

pub(super) fn incomplete_query(lacking: &[&str]) -> Error {
    let mut text: String =
        lacking.iter().map(|name| format!("AWS query-string parameters must include '{name}'. ")).collect();
    text.push_str("Re-examine the query-string parameters.");
    refused(AuthFlaw::Incomplete, text)
}

pub(super) fn algorithm(given: &str) -> Error {
    let text = format!("Unsupported AWS 'algorithm': '{}' (only {ALGORITHM} for now).", echo(given));
    refused(AuthFlaw::Method, text)
}

pub(super) fn date_format(given: &str) -> Error {
    let text = format!(
        "Date must be in ISO-8601 'basic format'. Got '{}'. See http://en.wikipedia.org/wiki/ISO_8601",
        echo(given)
    );
    refused(AuthFlaw::DateFormat, text)
}

pub(super) fn expires(given: &str) -> Error {
    let text = match given.parse::<u64>() {
        Ok(0) => "X-Amz-Expires must be positive",
        Ok(_) => {
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than \
             604800 seconds"
        }
        Err(_) => "X-Amz-Expires should be a number",
    };
    refused(AuthFlaw::Incomplete, text)
}

pub(super) fn host_not_signed() -> Error {
    refused(AuthFlaw::Mismatch, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
}

pub(super) fn header_not_signed(name: &str) -> Error {
    refused(AuthFlaw::Mismatch, format!("There were headers present in the request which were not signed: {name}"))
}

pub(super) fn signed_headers_form() -> Error {
    refused(AuthFlaw::Incomplete, "SignedHeaders must be in lower case, sorted and without repetition.")
}

pub(super) fn credential_form(given: &str) -> Error {
    let text = format!(
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{}'",
        echo(given)
    );
    refused(AuthFlaw::Incomplete, text)
}

/// Everything that is wrong with a scope, in one message as AWS has it.
pub(super) fn scope(complaints: &[String]) -> Error {
    refused(AuthFlaw::Mismatch, complaints.join(" "))
}

pub(super) fn region(given: &str) -> String {
    format!("Credential should be scoped to a valid region, not '{}'.", echo(given))
}

pub(super) fn service(right: &str) -> String {
    format!("Credential should be scoped to correct service: '{right}'.")
}

pub(super) fn terminator(given: &str) -> String {
    format!("Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{}'.", echo(given))
}

pub(super) fn scope_date(given: &str, day: &str, date: &str) -> String {
    format!(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{day}', \
         from '{date}'.",
        echo(given)
    )
}

pub(super) fn content_hash() -> Error {
    refused(AuthFlaw::Mismatch, "The provided 'x-amz-content-sha256' header does not match what was computed.")
}

pub(super) fn expired(date: Time, now: Time, life: i64) -> Error {
    let text = format!(
        "Signature expired: {} is now earlier than {} ({} - {}.)",
        written(date),
        written(moved(now, life.saturating_neg())),
        written(now),
        span(life)
    );
    refused(AuthFlaw::Expired, text)
}

pub(super) fn not_yet_current(date: Time, now: Time, skew: i64) -> Error {
    let text = format!(
        "Signature not yet current: {} is still later than {} ({} + {}.)",
        written(date),
        written(moved(now, skew)),
        written(now),
        span(skew)
    );
    refused(AuthFlaw::Expired, text)
}

fn hashed(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text))
}

fn written(time: Time) -> String {
    time.strftime(DATE_FORMAT).to_string()
}

fn moved(time: Time, seconds: i64) -> Time {
    Time::from_second(time.as_second().saturating_add(seconds)).unwrap_or(time)
}

fn span(seconds: i64) -> String {
    match seconds % 60 {
        0 => format!("{} min", seconds / 60),
        _ => format!("{seconds} sec"),
    }
}

fn echo(text: &str) -> &str {
    match text.char_indices().nth(ECHO) {
        Some((end, _)) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}
