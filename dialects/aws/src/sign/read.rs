//! Reads the credentials that a request claims, from its `Authorization` header or from a presigned query.
//!
//! Refuses in the order in which AWS does: completeness, date, `host`, algorithm, scope, and then the rest.

use std::borrow::Cow;
use std::ops::Range;

use http::HeaderMap;
use http::header::{AUTHORIZATION, DATE, HOST, HeaderName};
use http::request::Parts;
use jiff::fmt::rfc2822;
use polykms_core::dialect::{Claim, Hex, Request};
use polykms_core::error::Result;
use polykms_core::port::Time;

use super::canonical::{SIGNATURE_PARAMETER, canonical_request, digest, form_decoded, pairs, string_to_sign};
use super::prove::Signed;
use super::{
    ALGORITHM, CONTENT_HEADER, DATE_FORMAT, DATE_HEADER, LONGEST_EXPIRY, STS_URL_SECONDS, TERMINATOR, TOKEN_HEADER,
    refusal,
};

/// A claim together with the region that its scope names.
#[derive(Debug)]
pub struct Claimed<'r> {
    /// Who the request claims to come from.
    pub claim: Claim<'r>,
    /// The region of the scope: well-formed, not necessarily one that exists.
    pub region: Cow<'r, str>,
}

/// Reads the credentials a request claims, from the header or from a presigned query.
///
/// `service` is the signing name of the operation's service: `kms`, `iam`, `sts`. `None` when the request carries no
/// authentication at all.
///
/// # Errors
/// [`Kind::Unauthenticated`](polykms_core::error::Kind::Unauthenticated) with the vendor's message, when the fields of
/// the authentication are incomplete, contradict each other or do not fit the request.
pub fn claim<'r>(request: &'r Request, service: &str) -> Result<Option<Claimed<'r>>> {
    let mut parameters = request.head.uri.query().map(Parameters::of).transpose()?.unwrap_or_default();
    let stated = parameters.content.take();
    let authorization = single(&request.head.headers, &AUTHORIZATION)?;
    let fields = match (authorization, parameters.first()) {
        (None, None) => return Ok(None),
        (Some(_), Some(parameter)) => return Err(refusal::header_and_query(parameter, "Authorization")),
        (Some(authorization), None) => Fields::from_header(authorization, &request.head.headers)?,
        (None, Some(_)) => Fields::from_query(parameters, &request.head.headers)?,
    };
    fields.claimed(request, stated.as_deref(), service).map(Some)
}

/// The fields of an authentication, wherever they stood.
struct Fields<'r> {
    algorithm: Cow<'r, str>,
    credential: Cow<'r, str>,
    signed_headers: Cow<'r, str>,
    signature: Cow<'r, str>,
    date: Cow<'r, str>,
    life: Life<'r>,
    token: Option<Cow<'r, str>>,
}

/// How long a signature lives.
enum Life<'r> {
    /// As long as any date may differ: it stood in a header.
    Header,
    /// As long as the query says, if it says so.
    Query(Option<Cow<'r, str>>),
}

impl Life<'_> {
    /// The seconds after the date, where it is not the usual difference of dates.
    fn seconds(&self, service: &str) -> Result<Option<i64>> {
        match self {
            Self::Header => Ok(None),
            Self::Query(_) if service == "sts" => Ok(Some(STS_URL_SECONDS)),
            Self::Query(expires) => expires.as_deref().map(seconds).transpose(),
        }
    }
}

impl<'r> Fields<'r> {
    fn from_header(authorization: &'r str, headers: &'r HeaderMap) -> Result<Self> {
        let mut words = words(authorization);
        let algorithm = words.next().filter(|word| word.starts_with("AWS4-")).ok_or_else(refusal::missing)?;
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for word in words {
            let (name, value) = word.split_once('=').ok_or_else(|| refusal::not_a_pair(authorization))?;
            let slot = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed_headers,
                "Signature" => &mut signature,
                _ => continue,
            };
            fill(slot, value, name)?;
        }
        let date = match single(headers, &DATE_HEADER)? {
            Some(date) => Some(Cow::Borrowed(date)),
            None => single(headers, &DATE)?.map(basic),
        };
        let token = single(headers, &TOKEN_HEADER)?.map(Cow::Borrowed);
        match (credential, signature, signed_headers, date) {
            (Some(credential), Some(signature), Some(signed_headers), Some(date)) => {
                let [algorithm, credential, signed_headers, signature] =
                    [algorithm, credential, signed_headers, signature].map(Cow::Borrowed);
                Ok(Self { algorithm, credential, signed_headers, signature, date, life: Life::Header, token })
            }
            (credential, signature, signed_headers, date) => {
                let lacking = lacking([
                    ("Credential", credential.is_some()),
                    ("Signature", signature.is_some()),
                    ("SignedHeaders", signed_headers.is_some()),
                ]);
                Err(refusal::incomplete_header(&lacking, date.is_some(), authorization))
            }
        }
    }

    fn from_query(parameters: Parameters<'r>, headers: &HeaderMap) -> Result<Self> {
        let Parameters { algorithm, credential, date, expires, signed_headers, signature, token, content: _ } =
            parameters;
        for (header, parameter) in [(DATE_HEADER, "X-Amz-Date"), (TOKEN_HEADER, "X-Amz-Security-Token")] {
            if headers.contains_key(&header) {
                return Err(refusal::header_and_query(parameter, header.as_str()));
            }
        }
        match (algorithm, credential, signature, signed_headers, date) {
            (Some(algorithm), Some(credential), Some(signature), Some(signed_headers), Some(date)) => {
                Ok(Self { algorithm, credential, signed_headers, signature, date, life: Life::Query(expires), token })
            }
            (algorithm, credential, signature, signed_headers, date) => Err(refusal::incomplete_query(&lacking([
                ("X-Amz-Algorithm", algorithm.is_some()),
                ("X-Amz-Credential", credential.is_some()),
                ("X-Amz-Signature", signature.is_some()),
                ("X-Amz-SignedHeaders", signed_headers.is_some()),
                ("X-Amz-Date", date.is_some()),
            ]))),
        }
    }

    fn claimed(self, request: &Request, stated: Option<&str>, service: &str) -> Result<Claimed<'r>> {
        let Self { algorithm, credential, signed_headers, signature, date, life, token } = self;
        let time = moment(&date)?;
        let expires = life.seconds(service)?;
        let headers = &request.head.headers;
        check_signed_headers(headers, &signed_headers)?;
        check_host(&request.head)?;
        if algorithm != ALGORITHM {
            return Err(refusal::algorithm(&algorithm));
        }
        let (access_key_id, scope) =
            split_once(credential, '/').map_err(|credential| refusal::credential_form(&credential))?;
        let region = check_scope(&access_key_id, &scope, &date, service)?;
        check_access_key(&access_key_id)?;
        let signature = Hex::read(&signature).ok_or_else(refusal::mismatch)?;
        let payload = Hex::of(digest(&request.body));
        for stated in [single(headers, &CONTENT_HEADER)?, stated].into_iter().flatten() {
            if stated != payload.as_str() {
                return Err(refusal::content_hash());
            }
        }
        let canonical = canonical_request(&request.head, &signed_headers, payload.as_str())?;
        let to_sign = string_to_sign(&date, &scope, &canonical);
        let region = match &scope {
            Cow::Borrowed(scope) => Cow::Borrowed(scope.get(region).unwrap_or_default()),
            Cow::Owned(scope) => Cow::Owned(scope.get(region).unwrap_or_default().to_owned()),
        };
        let proof = Box::new(Signed { date: time, expires, scope, to_sign, signature });
        Ok(Claimed { claim: Claim { access_key_id, token, nonce: None, legacy: false, proof }, region })
    }
}

/// What stands before a character and what behind it; the whole text, where it does not stand there.
fn split_once(text: Cow<'_, str>, at: char) -> std::result::Result<(Cow<'_, str>, Cow<'_, str>), Cow<'_, str>> {
    match &text {
        Cow::Borrowed(borrowed) => borrowed.split_once(at).map(|(one, other)| (one.into(), other.into())).ok_or(text),
        Cow::Owned(owned) => match owned.split_once(at) {
            Some((one, other)) => Ok((one.to_owned().into(), other.to_owned().into())),
            None => Err(text),
        },
    }
}

/// The parameters of a query that belong to its authentication. Their names are matched in any case, so that no second
/// spelling slips past the check for repetition.
#[derive(Default)]
struct Parameters<'r> {
    algorithm: Option<Cow<'r, str>>,
    credential: Option<Cow<'r, str>>,
    date: Option<Cow<'r, str>>,
    expires: Option<Cow<'r, str>>,
    signed_headers: Option<Cow<'r, str>>,
    signature: Option<Cow<'r, str>>,
    token: Option<Cow<'r, str>>,
    content: Option<Cow<'r, str>>,
}

impl<'r> Parameters<'r> {
    fn of(query: &'r str) -> Result<Self> {
        let mut found = Self::default();
        for (name, value) in pairs(query) {
            let name = text(name).unwrap_or_default();
            let Some((slot, known)) = found.slot(&name) else { continue };
            fill(slot, text(value).ok_or_else(|| refusal::not_text(known))?, known)?;
        }
        Ok(found)
    }

    fn slot(&mut self, name: &str) -> Option<(&mut Option<Cow<'r, str>>, &'static str)> {
        let slots = [
            (&mut self.algorithm, "X-Amz-Algorithm"),
            (&mut self.credential, "X-Amz-Credential"),
            (&mut self.date, "X-Amz-Date"),
            (&mut self.expires, "X-Amz-Expires"),
            (&mut self.signed_headers, "X-Amz-SignedHeaders"),
            (&mut self.signature, SIGNATURE_PARAMETER),
            (&mut self.token, "X-Amz-Security-Token"),
            (&mut self.content, "X-Amz-Content-Sha256"),
        ];
        slots.into_iter().find(|(_, known)| known.eq_ignore_ascii_case(name))
    }

    /// The first parameter that makes a request a presigned one.
    fn first(&self) -> Option<&'static str> {
        let Self { algorithm, credential, date, expires, signed_headers, signature, token, content: _ } = self;
        [
            (algorithm, "X-Amz-Algorithm"),
            (credential, "X-Amz-Credential"),
            (signature, SIGNATURE_PARAMETER),
            (signed_headers, "X-Amz-SignedHeaders"),
            (date, "X-Amz-Date"),
            (expires, "X-Amz-Expires"),
            (token, "X-Amz-Security-Token"),
        ]
        .into_iter()
        .find_map(|(value, name)| value.as_ref().map(|_| name))
    }
}

/// A name or value of a query as text, if it is some.
fn text(raw: &str) -> Option<Cow<'_, str>> {
    match memchr::memchr2(b'%', b'+', raw.as_bytes()) {
        None => Some(Cow::Borrowed(raw)),
        Some(_) => String::from_utf8(form_decoded(raw)).ok().map(Cow::Owned),
    }
}

/// What stands between commas and blanks; no other white space can be in a header.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let ends = memchr::memchr3_iter(b',', b' ', b'\t', text.as_bytes()).chain([text.len()]);
    let words = ends.scan(0, move |from, end| {
        let word = text.get(*from..end);
        *from = end.saturating_add(1);
        word
    });
    words.filter(|word| !word.is_empty())
}

/// A header's value when it is there once.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    match values.next() {
        Some(_) => Err(refusal::repeated(name.as_str())),
        None => std::str::from_utf8(value.as_bytes()).map(Some).map_err(|_| refusal::not_text(name.as_str())),
    }
}

fn fill<T>(slot: &mut Option<T>, value: T, name: &str) -> Result<()> {
    match slot.replace(value) {
        Some(_) => Err(refusal::repeated(name)),
        None => Ok(()),
    }
}

fn lacking<const N: usize>(parts: [(&'static str, bool); N]) -> Vec<&'static str> {
    parts.into_iter().filter(|(_, there)| !there).map(|(name, _)| name).collect()
}

/// The `Date` header as the string to sign has it, where it has the form of RFC 2822.
fn basic(date: &str) -> Cow<'_, str> {
    match rfc2822::DateTimeParser::new().parse_timestamp(date) {
        Ok(time) => Cow::Owned(time.strftime(DATE_FORMAT).to_string()),
        Err(_) => Cow::Borrowed(date),
    }
}

/// The instant of a date. A leap second counts as the second before it.
fn moment(date: &str) -> Result<Time> {
    let time = is_basic(date).then(|| date.parse().ok()).flatten();
    time.ok_or_else(|| refusal::date_format(date))
}

/// Whether the text has the shape `YYYYMMDDThhmmssZ`.
fn is_basic(text: &str) -> bool {
    text.len() == 16
        && text.bytes().enumerate().all(|(position, byte)| match position {
            8 => byte == b'T',
            15 => byte == b'Z',
            _ => byte.is_ascii_digit(),
        })
}

/// The life of a presigned request, in seconds.
fn seconds(given: &str) -> Result<i64> {
    let digits = given.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = given.parse().ok().filter(|seconds| digits && (1..=LONGEST_EXPIRY).contains(seconds));
    parsed.ok_or_else(|| refusal::expires(given))
}

/// The list has its canonical form, and names `host` and every `x-amz-*` header that is there.
fn check_signed_headers(headers: &HeaderMap, signed: &str) -> Result<()> {
    let names = || signed.split(';');
    if !names().any(|name| name == HOST) {
        return Err(refusal::host_not_signed());
    }
    if signed.bytes().any(|byte| byte.is_ascii_uppercase()) || !names().is_sorted_by(|one, next| one < next) {
        return Err(refusal::signed_headers_form());
    }
    let mut present = headers.keys().map(HeaderName::as_str).filter(|name| name.starts_with("x-amz-"));
    match present.find(|name| !names().any(|signed| signed == *name)) {
        Some(name) => Err(refusal::header_not_signed(name)),
        None => Ok(()),
    }
}

/// There is one `host`: a header that repeats, or another one in the request target, could be read either way.
fn check_host(head: &Parts) -> Result<()> {
    let host = single(&head.headers, &HOST)?;
    match (host, head.uri.authority()) {
        (Some(host), Some(authority)) if host != authority.as_str() => Err(refusal::repeated(HOST.as_str())),
        _ => Ok(()),
    }
}

/// Where the region stands in a scope whose date, service and terminator fit.
fn check_scope(access_key_id: &str, scope: &str, date: &str, right_service: &str) -> Result<Range<usize>> {
    let mut parts = scope.split('/');
    let (Some(day), Some(region), Some(service), Some(terminator), None) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(refusal::credential_form(&[access_key_id, "/", scope].concat()));
    };
    let right_day = date.get(..8).unwrap_or_default();
    if is_region(region) && service == right_service && terminator == TERMINATOR && day == right_day {
        let from = day.len() + 1;
        return Ok(from..from + region.len());
    }
    let complaints = [
        (!is_region(region)).then(|| refusal::region(region)),
        (service != right_service).then(|| refusal::service(right_service)),
        (terminator != TERMINATOR).then(|| refusal::terminator(terminator)),
        (day != right_day).then(|| refusal::scope_date(day, right_day, date)),
    ];
    let complaints: Vec<String> = complaints.into_iter().flatten().collect();
    Err(refusal::scope(&complaints))
}

/// Whether the text could name a region: words of lower-case letters and digits, joined by single hyphens.
pub(crate) fn is_region(text: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9'));
    text.len() <= 32 && text.split('-').all(word)
}

/// Whether the text could be the identifier of an access key.
pub(crate) fn is_access_key_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (1..=128).contains(&text.len()) && text.bytes().all(allowed)
}

/// An identifier of another form cannot have been made here; AWS answers as for one it does not know.
fn check_access_key(id: &str) -> Result<()> {
    match is_access_key_id(id) {
        true => Ok(()),
        false => Err(refusal::unknown_access_key()),
    }
}
