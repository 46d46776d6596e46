//! Signs requests: in the `Authorization` header, or presigned in the query.

use std::time::Duration;

use http::header::{AUTHORIZATION, HOST, HeaderName, HeaderValue};
use http::request::Parts;
use http::uri::{PathAndQuery, Uri};
use polykms_core::dialect::{Credential, Request};
use polykms_core::error::{Flaw, Kind, Result};
use polykms_core::port::Time;

use super::canonical::{SIGNATURE_PARAMETER, canonical_request, payload_hash, query_encoded, string_to_sign};
use super::key::{signature, signing_key};
use super::{ALGORITHM, CONTENT_HEADER, DATE_FORMAT, DATE_HEADER, LONGEST_EXPIRY, TERMINATOR, TOKEN_HEADER};

/// Signs a request with its `Authorization` header, replacing credentials it has; `token` belongs to a session's
/// credential.
///
/// # Errors
/// [`Kind::Invalid`] when the request names no host, or the token or region cannot stand in a header.
pub fn seal(
    request: &mut Request,
    credential: &Credential,
    token: Option<&str>,
    region: &str,
    service: &str,
    now: Time,
) -> Result<()> {
    let stamp = Stamp::new(region, service, now);
    let payload = payload_hash(&request.body);
    let headers = &mut request.head.headers;
    for name in [AUTHORIZATION, TOKEN_HEADER] {
        headers.remove(name);
    }
    headers.insert(DATE_HEADER, value(&DATE_HEADER, &stamp.date)?);
    if let Some(token) = token {
        headers.insert(TOKEN_HEADER, secret_value(&TOKEN_HEADER, token)?);
    }
    if headers.contains_key(CONTENT_HEADER) {
        headers.insert(CONTENT_HEADER, value(&CONTENT_HEADER, &payload)?);
    }
    let signed = signed_headers(&request.head)?;
    let signature = stamp.signature(&request.head, &signed, &payload, credential)?;
    let credential = format!("{}/{}", credential.access_key_id, stamp.scope);
    let text = format!("{ALGORITHM} Credential={credential}, SignedHeaders={signed}, Signature={signature}");
    request.head.headers.insert(AUTHORIZATION, secret_value(&AUTHORIZATION, &text)?);
    Ok(())
}

/// Signs a request in its query, for whoever holds the address to send it until it expires.
///
/// # Errors
/// [`Kind::Invalid`] when the request names no host, or `expires` is not between one second and one week.
pub fn presign(
    request: &mut Request,
    credential: &Credential,
    token: Option<&str>,
    region: &str,
    service: &str,
    now: Time,
    expires: Duration,
) -> Result<()> {
    let seconds = i64::try_from(expires.as_secs()).ok().filter(|seconds| (1..=LONGEST_EXPIRY).contains(seconds));
    let seconds = seconds.ok_or_else(|| Kind::Invalid(Flaw::Value).about("X-Amz-Expires"))?;
    let stamp = Stamp::new(region, service, now);
    let payload = payload_hash(&request.body);
    for name in [AUTHORIZATION, DATE_HEADER, TOKEN_HEADER] {
        request.head.headers.remove(name);
    }
    let signed = signed_headers(&request.head)?;
    let mut parameters = vec![
        ("X-Amz-Algorithm", ALGORITHM.to_owned()),
        ("X-Amz-Credential", format!("{}/{}", credential.access_key_id, stamp.scope)),
        ("X-Amz-Date", stamp.date.clone()),
        ("X-Amz-Expires", seconds.to_string()),
        ("X-Amz-SignedHeaders", signed.clone()),
    ];
    parameters.extend(token.map(|token| ("X-Amz-Security-Token", token.to_owned())));
    let uri = parameters.into_iter().try_fold(request.head.uri.clone(), with_parameter)?;
    request.head.uri = uri.clone();
    let signature = stamp.signature(&request.head, &signed, &payload, credential)?;
    request.head.uri = with_parameter(uri, (SIGNATURE_PARAMETER, signature))?;
    Ok(())
}

/// Whether signers leave a header out, since it belongs to one hop, or proxies and HTTP libraries change it.
///
/// The union of what botocore (`SIGNED_HEADERS_BLACKLIST`), `@smithy/signature-v4` (`ALWAYS_UNSIGNABLE_HEADERS`,
/// `proxy-*`, `sec-*`) and the Rust crate `aws-sigv4` leave out. None of them is `host` or begins with `x-amz-`.
pub fn left_unsigned(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("proxy-") || name.starts_with("sec-") || LEFT_UNSIGNED.contains(&name)
}

const LEFT_UNSIGNED: [&str; 15] = [
    "authorization",
    "cache-control",
    "connection",
    "expect",
    "from",
    "keep-alive",
    "max-forwards",
    "pragma",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
];

/// The date and scope of a signature.
struct Stamp {
    date: String,
    scope: String,
}

impl Stamp {
    fn new(region: &str, service: &str, now: Time) -> Self {
        let scope = format!("{}/{region}/{service}/{TERMINATOR}", now.strftime("%Y%m%d"));
        Self { date: now.strftime(DATE_FORMAT).to_string(), scope }
    }

    fn signature(&self, head: &Parts, signed: &str, payload: &str, credential: &Credential) -> Result<String> {
        let canonical = canonical_request(head, signed, payload)?;
        let key = credential.derived(&self.scope, |secret| signing_key(secret, &self.scope));
        Ok(signature(&key, &string_to_sign(&self.date, &self.scope, &canonical)))
    }
}

/// Every header but those [`left_unsigned`].
fn signed_headers(head: &Parts) -> Result<String> {
    let mut names: Vec<&str> =
        head.headers.keys().filter(|name| !left_unsigned(name)).map(HeaderName::as_str).collect();
    if !names.contains(&HOST.as_str()) {
        head.uri.authority().ok_or_else(|| Kind::Invalid(Flaw::Missing).about(HOST.as_str()))?;
        names.push(HOST.as_str());
    }
    names.sort_unstable();
    Ok(names.join(";"))
}

fn with_parameter(uri: Uri, (name, value): (&'static str, String)) -> Result<Uri> {
    let unusable = || Kind::Invalid(Flaw::Format).about(name);
    let before = uri.query().map_or(String::new(), |query| format!("{query}&"));
    let target = format!("{}?{before}{name}={}", uri.path(), query_encoded(value.as_bytes()));
    let mut parts = uri.into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).map_err(|_| unusable())?);
    Uri::from_parts(parts).map_err(|_| unusable())
}

fn value(name: &HeaderName, text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text).map_err(|_| Kind::Invalid(Flaw::Characters).about(name.as_str()))
}

/// A header value that debug output hides.
fn secret_value(name: &HeaderName, text: &str) -> Result<HeaderValue> {
    let mut value = value(name, text)?;
    value.set_sensitive(true);
    Ok(value)
}
