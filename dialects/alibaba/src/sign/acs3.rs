//! The header signature ACS3: canonical form, sealing and proving.
//!
//! Follows "Request syntax and signature method V3", for `ACS3-HMAC-SHA256` and `ACS3-HMAC-SM3`: lower-case hex of the
//! HMAC, keyed with the secret, over the hash of the canonical request.
//!
//! # Invariants
//! - Sealing and proving share [`canonical_request`]; a vector that covers one covers both.
//! - The headers that say what is asked, by whom, when, of which host and with which body are signed. Other headers
//!   need not be, not even `x-acs-` ones: nothing reads them.
//! - The body hash is calculated, never taken from the request.
//! - No two different requests have the same canonical request. Parameter names are encoded, and left as they are only
//!   where that cannot be taken for an encoded name or for a separator.

use std::time::Duration;

use hmac::digest::InvalidLength;
use hmac::{Hmac, KeyInit};
use http::{HeaderName, HeaderValue};
use polykms_core::dialect::{Claim, Credential, Hex, Proof, Request};
use polykms_core::error::{AuthFlaw, Kind, Result};
use polykms_core::port::Time;
use sha2::{Digest, Sha256};
use sm3::Sm3;

use super::{
    Method, Stamp, access_key_id, authenticate, encode, fresh, given, incomplete, instant, is_given, is_unreserved,
    mandatory, mismatch, nonce, unsupported,
};
use crate::headers::{Header, Headers};
use crate::params::Params;

const AUTHORIZATION: &str = Header::Authorization.name();
const HOST: &str = Header::Host.name();
const CONTENT_TYPE: &str = Header::ContentType.name();
const ACTION: &str = Header::Action.name();
const VERSION: &str = Header::Version.name();
const DATE: &str = Header::Date.name();
const NONCE: &str = Header::Nonce.name();
const TOKEN: &str = Header::Token.name();
const ACCESS_KEY_ID: &str = Header::AccessKeyId.name();
const CONTENT_SHA256: &str = Header::ContentSha256.name();
const CONTENT_SM3: &str = Header::ContentSm3.name();

/// About how many bytes most canonical requests have.
const ROOM: usize = 1024;

/// The hash function of a signature, for the request, the body and the HMAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sm3,
}

impl Hash {
    /// The hash that an `Authorization` header names.
    pub(super) fn of(authorization: &str) -> Result<Self> {
        let algorithm = authorization.split(' ').next();
        [Self::Sha256, Self::Sm3]
            .into_iter()
            .find(|hash| algorithm == Some(hash.algorithm()))
            .ok_or_else(|| unsupported("the signature algorithm is not supported"))
    }

    pub(super) fn method(self) -> Method {
        match self {
            Self::Sha256 => Method::Acs3Sha256,
            Self::Sm3 => Method::Acs3Sm3,
        }
    }

    fn algorithm(self) -> &'static str {
        match self {
            Self::Sha256 => "ACS3-HMAC-SHA256",
            Self::Sm3 => "ACS3-HMAC-SM3",
        }
    }

    fn hex(self, bytes: &[u8]) -> Hex {
        Hex::of(match self {
            Self::Sha256 => Sha256::digest(bytes).into(),
            Self::Sm3 => Sm3::digest(bytes).into(),
        })
    }

    fn sign(self, credential: &Credential, string_to_sign: &str) -> Result<[u8; 32]> {
        let (used, to_sign) = (self.algorithm(), string_to_sign);
        match self {
            Self::Sha256 => authenticate(credential, used, keyed::<Hmac<Sha256>>, to_sign).map(Into::into),
            Self::Sm3 => authenticate(credential, used, keyed::<Hmac<Sm3>>, to_sign).map(Into::into),
        }
    }

    /// The header that holds the body's hash. Python keeps the name of the SHA-256 one whatever the hash.
    fn content_header(self, headers: &Headers<'_>) -> Result<Header> {
        let own = self == Self::Sm3 && headers.text(Header::ContentSm3)?.is_some();
        Ok(if own { Header::ContentSm3 } else { Header::ContentSha256 })
    }
}

/// A key, ready to sign with.
fn keyed<M: KeyInit>(secret: &str) -> std::result::Result<M, InvalidLength> {
    M::new_from_slice(secret.as_bytes())
}

/// Reads the signature headers.
pub(super) fn claim<'r>(
    request: &'r Request,
    headers: &Headers<'r>,
    params: &Params<'_>,
    hash: Hash,
) -> Result<Claim<'r>> {
    let authorization = Authorization::of(headers.text(Header::Authorization)?.unwrap_or_default())?;
    let content_header = hash.content_header(headers)?;
    covered(request, headers, &authorization, content_header)?;
    let credential = access_key_id(authorization.credential)?;
    if headers.text(Header::AccessKeyId)?.is_some_and(|id| id != credential) {
        return Err(incomplete("the access key id is not the one of the signature"));
    }
    let content = hash.hex(&request.body);
    let signed_text = |names| {
        let text = canonical_request(request, params, &authorization, content.as_str(), names);
        text.map(|text| string_to_sign(hash, &text))
    };
    let proof = HeaderSignature {
        hash,
        date: instant(found(headers, Header::Date)?),
        signature: Hex::read(authorization.signature),
        content_matches: found(headers, content_header)? == content.as_str(),
        string_to_sign: signed_text(Names::Encoded)?,
        with_plain_names: plain_names_differ(params).then(|| signed_text(Names::Plain)).transpose()?,
    };
    Ok(Claim {
        access_key_id: credential.into(),
        token: given(headers.text(Header::Token)?).map(Into::into),
        nonce: Some(nonce(found(headers, Header::Nonce)?)?.into()),
        legacy: false,
        proof: Box::new(proof),
    })
}

/// Adds the signature headers.
pub(super) fn seal(request: &mut Request, hash: Hash, credential: &Credential, stamp: &Stamp<'_>) -> Result<()> {
    let Stamp { access_key_id, token, nonce, date } = stamp;
    let content = hash.hex(&request.body);
    for name in [AUTHORIZATION, CONTENT_SM3, TOKEN, ACCESS_KEY_ID] {
        request.head.headers.remove(name);
    }
    put(request, CONTENT_SHA256, content.as_str())?;
    put(request, DATE, date)?;
    put(request, NONCE, nonce)?;
    if let Some(token) = token {
        put(request, TOKEN, token)?;
        put(request, ACCESS_KEY_ID, access_key_id)?;
    }
    for name in [HOST, ACTION, VERSION] {
        required(request, name)?;
    }
    let signed_headers = signed_by_the_sdks(request);
    let draft = Authorization { credential: access_key_id, signed_headers: &signed_headers, signature: "" };
    let canonical = canonical_request(request, &Params::of(request)?, &draft, content.as_str(), Names::Encoded)?;
    let signature = Hex::of(hash.sign(credential, &string_to_sign(hash, &canonical))?);
    let (algorithm, signature) = (hash.algorithm(), signature.as_str());
    let line = format!("{algorithm} Credential={access_key_id},SignedHeaders={signed_headers},Signature={signature}");
    put(request, AUTHORIZATION, &line)
}

struct HeaderSignature {
    hash: Hash,
    date: Option<Time>,
    /// What is not lower-case hex of as many bytes is no signature at all, and matches none.
    signature: Option<[u8; 32]>,
    content_matches: bool,
    string_to_sign: String,
    with_plain_names: Option<String>,
}

impl HeaderSignature {
    fn signs(&self, credential: &Credential, string_to_sign: &str) -> Result<bool> {
        Ok(is_given(self.hash.sign(credential, string_to_sign)?, self.signature))
    }
}

impl Proof for HeaderSignature {
    fn prove(&self, credential: &Credential, now: Time, skew: Duration) -> Result<Time> {
        let date = fresh(self.date, now, skew)?;
        let mut signed = self.signs(credential, &self.string_to_sign)?;
        if let Some(plain) = &self.with_plain_names {
            signed |= self.signs(credential, plain)?;
        }
        if signed && self.content_matches { Ok(date) } else { Err(mismatch(&self.string_to_sign)) }
    }
}

/// The fields of an `Authorization` header.
struct Authorization<'a> {
    credential: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    fn of(header: &'a str) -> Result<Self> {
        let malformed = || incomplete("the authorization header is malformed");
        let (_, fields) = header.split_once(' ').ok_or_else(malformed)?;
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for field in fields.split(',') {
            let (name, value) = field.trim().split_once('=').ok_or_else(malformed)?;
            let slot = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed_headers,
                "Signature" => &mut signature,
                _ => return Err(malformed()),
            };
            if slot.replace(value).is_some() {
                return Err(malformed());
            }
        }
        match (credential, signed_headers, signature) {
            (Some(credential), Some(signed_headers), Some(signature)) if in_order(signed_headers) => {
                Ok(Self { credential, signed_headers, signature })
            }
            _ => Err(malformed()),
        }
    }

    fn names(&self) -> impl Iterator<Item = &'a str> {
        self.signed_headers.split(';')
    }
}

/// Whether header names are in lower case and in ascending order, none twice.
fn in_order(names: &str) -> bool {
    names.split(';').is_sorted_by(|one, next| one < next) && !names.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Checks that the signature covers every header that is read.
///
/// The vendor's page wants every `x-acs-` header signed. Retries and gateways add some that mean nothing here; those may
/// be unsigned.
fn covered(
    request: &Request,
    headers: &Headers<'_>,
    authorization: &Authorization<'_>,
    content_header: Header,
) -> Result<()> {
    const NEEDED: [Header; 5] = [Header::Host, Header::Action, Header::Version, Header::Date, Header::Nonce];
    const READ: [Header; 4] = [Header::Token, Header::AccessKeyId, Header::ContentSha256, Header::ContentSm3];
    for header in NEEDED.into_iter().chain([content_header]) {
        found(headers, header)?;
    }
    let content_type = (!request.body.is_empty()).then_some(Header::ContentType);
    for header in NEEDED.into_iter().chain(READ).chain(content_type) {
        if headers.has(header) && !authorization.names().any(|signed| signed == header.name()) {
            let unsigned = Kind::Unauthenticated(AuthFlaw::Incomplete).because("a header must be signed");
            return Err(unsigned.naming(header.name()));
        }
    }
    Ok(())
}

/// How parameter names stand in the canonical request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    /// Percent-encoded, as the vendor's page has it.
    Encoded,
    /// As they are, as the Python and Go SDKs have it.
    Plain,
}

/// Whether leaving the names as they are makes a difference, and none that could be misread.
fn plain_names_differ(params: &Params<'_>) -> bool {
    let misread = |byte: u8| byte.is_ascii_control() || matches!(byte, b'%' | b'&' | b'=');
    let names = || params.query().map(|(name, _)| name);
    !names().all(is_unreserved) && !names().flat_map(str::bytes).any(misread)
}

fn canonical_request(
    request: &Request,
    params: &Params<'_>,
    authorization: &Authorization<'_>,
    content: &str,
    names: Names,
) -> Result<String> {
    let mut text = String::with_capacity(ROOM);
    push(&mut text, &[request.head.method.as_str(), "\n", request.head.uri.path(), "\n"]);
    canonical_query(params, names, &mut text);
    text.push('\n');
    for name in authorization.names() {
        push(&mut text, &[name, ":", signed_value(request, name)?.trim(), "\n"]);
    }
    push(&mut text, &["\n", authorization.signed_headers, "\n", content]);
    Ok(text)
}

fn push(text: &mut String, parts: &[&str]) {
    parts.iter().for_each(|part| text.push_str(part));
}

/// The value of a signed header, which is there once. Walked and not looked up: there are few, and a text that is looked
/// up has to become a name first.
fn signed_value<'r>(request: &'r Request, name: &str) -> Result<&'r str> {
    let mut values = request.head.headers.iter().filter(|(known, _)| known.as_str() == name).map(|(_, value)| value);
    let value = values.next().ok_or_else(|| incomplete("a signed header is missing"))?;
    if values.next().is_some() {
        return Err(Kind::Unreadable.because("a header is given twice").naming(name));
    }
    std::str::from_utf8(value.as_bytes()).map_err(|_| Kind::Unreadable.because("a header is not UTF-8").naming(name))
}

fn canonical_query(params: &Params<'_>, names: Names, text: &mut String) {
    for (index, (name, value)) in params.query().enumerate() {
        if index > 0 {
            text.push('&');
        }
        match names {
            Names::Encoded => encode(name, text),
            Names::Plain => text.push_str(name),
        }
        text.push('=');
        encode(value, text);
    }
}

fn string_to_sign(hash: Hash, canonical_request: &str) -> String {
    [hash.algorithm(), "\n", hash.hex(canonical_request.as_bytes()).as_str()].concat()
}

/// The headers that the SDKs sign, of those the request has.
fn signed_by_the_sdks(request: &Request) -> String {
    let signed = |name: &&str| name.starts_with("x-acs-") || matches!(*name, HOST | CONTENT_TYPE);
    let mut names: Vec<&str> = request.head.headers.keys().map(HeaderName::as_str).filter(signed).collect();
    names.sort_unstable();
    names.join(";")
}

fn found<'r>(headers: &Headers<'r>, header: Header) -> Result<&'r str> {
    let missing = || match header.parameter() {
        Some(name) => mandatory(name),
        None => incomplete("a header is missing").naming(header.name()),
    };
    given(headers.text(header)?).ok_or_else(missing)
}

fn required<'a>(request: &'a Request, name: &'static str) -> Result<&'a str> {
    given(request.header(name)?).ok_or_else(|| mandatory(name))
}

fn put(request: &mut Request, name: &'static str, value: &str) -> Result<()> {
    let unfit = |_| Kind::Unreadable.because("a value cannot stand in a header").naming(name);
    request.head.headers.insert(name, HeaderValue::from_str(value).map_err(unfit)?);
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use polykms_core::secret::AccessSecret;

    use super::*;
    use crate::sign;

    const NOW: Time = Time::UNIX_EPOCH;
    const SKEW: Duration = Duration::from_secs(900);

    fn request(query: &str) -> Request {
        let head = http::Request::post(format!("/?{query}")).header(HOST, "kms.example");
        let head = head.header(ACTION, "Encrypt").header(VERSION, "2016-01-20");
        let (head, ()) = head.body(()).unwrap().into_parts();
        Request { head, body: Default::default(), peer: IpAddr::V4(Ipv4Addr::LOCALHOST).into(), tls: false }
    }

    fn credential() -> Credential {
        Credential::new("LTAItest".into(), AccessSecret::new("secret".into()))
    }

    fn proven(request: &Request) -> Result<()> {
        let claim = sign::claim(request, &Params::of(request).unwrap()).unwrap().unwrap();
        claim.proof.prove(&credential(), NOW, SKEW).map(drop)
    }

    /// Signs with the headers as they are, and with the names in the query as told.
    fn signed(mut request: Request, hash: Hash, names: Names) -> Request {
        let signed_headers = signed_by_the_sdks(&request);
        let draft = Authorization { credential: "LTAItest", signed_headers: &signed_headers, signature: "" };
        let content = hash.hex(&request.body);
        let params = Params::of(&request).unwrap();
        let canonical = canonical_request(&request, &params, &draft, content.as_str(), names).unwrap();
        let signature = Hex::of(hash.sign(&credential(), &string_to_sign(hash, &canonical)).unwrap());
        let (algorithm, signature) = (hash.algorithm(), signature.as_str());
        let line = format!("{algorithm} Credential=LTAItest,SignedHeaders={signed_headers},Signature={signature}");
        put(&mut request, AUTHORIZATION, &line).unwrap();
        request
    }

    fn stamped(query: &str, content: &[(&'static str, &str)]) -> Request {
        let mut request = request(query);
        for (name, value) in [(DATE, "1970-01-01T00:00:00Z"), (NONCE, "n")].iter().chain(content) {
            put(&mut request, name, value).unwrap();
        }
        request
    }

    /// Signs as the Python and Go SDKs do, which leave the names in the query as they are.
    fn signed_with_plain_names(query: &str) -> Request {
        signed(stamped(query, &[(CONTENT_SHA256, Hash::Sha256.hex(b"").as_str())]), Hash::Sha256, Names::Plain)
    }

    #[test]
    fn the_documented_request_has_the_documented_canonical_form() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/vectors/wire.json")).expect("the vectors are JSON");
        let vector = &vectors["doc_vectors"][1];
        let text = |name: &str| vector[name].as_str().unwrap().to_owned();
        let mut request = request(&text("query"));
        for (name, value) in [(HOST, "host"), (ACTION, "action"), (VERSION, "version"), (DATE, DATE), (NONCE, NONCE)] {
            put(&mut request, name, &text(value)).unwrap();
        }
        let content = Hash::Sha256.hex(b"");
        put(&mut request, CONTENT_SHA256, content.as_str()).unwrap();
        let signed_headers = text("signed_headers");
        let authorization = Authorization { credential: "", signed_headers: &signed_headers, signature: "" };
        let params = Params::of(&request).unwrap();
        let canonical = canonical_request(&request, &params, &authorization, content.as_str(), Names::Encoded).unwrap();
        assert_eq!(canonical, text("canonical_request"));
        let credential = Credential::new(text("access_key_id"), AccessSecret::new(text("secret")));
        let signature = Hash::Sha256.sign(&credential, &string_to_sign(Hash::Sha256, &canonical)).unwrap();
        assert_eq!(Hex::of(signature).as_str(), text("signature"));
    }

    #[test]
    fn names_signed_as_they_are_prove_too() {
        proven(&signed_with_plain_names("ExtendedConfig.CustomData.a%20b=c&KeyId=k")).unwrap();
        proven(&signed_with_plain_names("k%C3%A9%2B=%C3%A9%2B")).unwrap();
    }

    #[test]
    fn names_signed_as_they_are_are_refused_where_they_could_be_misread() {
        for name in ["a%3Db", "a%26b", "a%2525b", "a%0Ab", "a%00b", "a%7Fb"] {
            let refused = proven(&signed_with_plain_names(&format!("{name}=c"))).unwrap_err();
            assert_eq!(refused.kind(), Kind::Unauthenticated(AuthFlaw::Mismatch), "{name}");
        }
    }

    #[test]
    fn the_sm3_hash_of_the_body_stands_in_either_header() {
        let (sm3, sha256) = (Hash::Sm3.hex(b""), Hash::Sha256.hex(b""));
        let (sm3, sha256) = (sm3.as_str(), sha256.as_str());
        let proves = |content: &[(&'static str, &str)]| {
            proven(&signed(stamped("", content), Hash::Sm3, Names::Encoded)).map_err(|refused| refused.kind())
        };
        proves(&[(CONTENT_SM3, sm3)]).unwrap();
        proves(&[(CONTENT_SHA256, sm3)]).unwrap();
        proves(&[(CONTENT_SM3, sm3), (CONTENT_SHA256, sha256)]).unwrap();
        let mismatch = Err(Kind::Unauthenticated(AuthFlaw::Mismatch));
        assert_eq!(proves(&[(CONTENT_SM3, sha256)]), mismatch);
        assert_eq!(proves(&[(CONTENT_SHA256, sha256)]), mismatch);
        assert_eq!(proves(&[(CONTENT_SM3, sha256), (CONTENT_SHA256, sm3)]), mismatch);
    }

    #[test]
    fn signed_header_names_are_in_lower_case_ascending_and_unique() {
        assert!(in_order("host;x-acs-action") && in_order("host"));
        for names in ["Host", "x-acs-action;host", "host;host", "host;Host"] {
            assert!(!in_order(names), "{names}");
        }
    }
}
