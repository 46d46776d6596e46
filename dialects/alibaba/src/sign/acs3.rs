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

use base16ct::lower;
use hmac::Hmac;
use http::{HeaderName, HeaderValue};
use polykms_core::dialect::{Claim, Credential, Proof, Request};
use polykms_core::error::{AuthFlaw, Kind, Result};
use polykms_core::port::Time;
use sha2::{Digest, Sha256};
use sm3::Sm3;
use subtle::ConstantTimeEq;

use super::{
    Method, Stamp, access_key_id, authenticate, encode, fresh, given, incomplete, instant, mandatory, mismatch, nonce,
    unsupported,
};
use crate::params::Params;

const AUTHORIZATION: &str = "authorization";
const HOST: &str = "host";
const CONTENT_TYPE: &str = "content-type";
const ACTION: &str = "x-acs-action";
const VERSION: &str = "x-acs-version";
const DATE: &str = "x-acs-date";
const NONCE: &str = "x-acs-signature-nonce";
const TOKEN: &str = "x-acs-security-token";
const ACCESS_KEY_ID: &str = "x-acs-accesskey-id";
const CONTENT_SHA256: &str = "x-acs-content-sha256";
const CONTENT_SM3: &str = "x-acs-content-sm3";

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

    fn hex(self, bytes: &[u8]) -> String {
        match self {
            Self::Sha256 => lower::encode_string(&Sha256::digest(bytes)),
            Self::Sm3 => lower::encode_string(&Sm3::digest(bytes)),
        }
    }

    fn sign(self, credential: &Credential, string_to_sign: &str) -> Result<Vec<u8>> {
        let key = credential.secret.expose().as_bytes();
        match self {
            Self::Sha256 => authenticate::<Hmac<Sha256>>(key, string_to_sign),
            Self::Sm3 => authenticate::<Hmac<Sm3>>(key, string_to_sign),
        }
    }

    /// The header that holds the body's hash. Python keeps the name of the SHA-256 one whatever the hash.
    fn content_header(self, request: &Request) -> Result<&'static str> {
        let own = self == Self::Sm3 && request.header(CONTENT_SM3)?.is_some();
        Ok(if own { CONTENT_SM3 } else { CONTENT_SHA256 })
    }
}

/// Reads the signature headers.
pub(super) fn claim(request: &Request, params: &Params, hash: Hash) -> Result<Claim> {
    let authorization = Authorization::of(request.header(AUTHORIZATION)?.unwrap_or_default())?;
    let content_header = hash.content_header(request)?;
    covered(request, &authorization, content_header)?;
    let credential = access_key_id(authorization.credential)?;
    if request.header(ACCESS_KEY_ID)?.is_some_and(|id| id != credential) {
        return Err(incomplete("the access key id is not the one of the signature"));
    }
    let content = hash.hex(&request.body);
    let signed_text = |names| {
        canonical_request(request, params, &authorization, &content, names).map(|text| string_to_sign(hash, &text))
    };
    let proof = HeaderSignature {
        hash,
        date: instant(required(request, DATE)?),
        // What is not lower-case hex is no signature at all, and matches none.
        signature: lower::decode_vec(authorization.signature).unwrap_or_default(),
        content_matches: required(request, content_header)? == content,
        string_to_sign: signed_text(Names::Encoded)?,
        with_plain_names: plain_names_differ(params).then(|| signed_text(Names::Plain)).transpose()?,
    };
    Ok(Claim {
        access_key_id: credential,
        token: given(request.header(TOKEN)?).map(str::to_owned),
        nonce: Some(nonce(required(request, NONCE)?)?),
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
    put(request, CONTENT_SHA256, &content)?;
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
    let canonical = canonical_request(request, &Params::of(request)?, &draft, &content, Names::Encoded)?;
    let signature = lower::encode_string(&hash.sign(credential, &string_to_sign(hash, &canonical))?);
    let algorithm = hash.algorithm();
    let line = format!("{algorithm} Credential={access_key_id},SignedHeaders={signed_headers},Signature={signature}");
    put(request, AUTHORIZATION, &line)
}

struct HeaderSignature {
    hash: Hash,
    date: Option<Time>,
    signature: Vec<u8>,
    content_matches: bool,
    string_to_sign: String,
    with_plain_names: Option<String>,
}

impl HeaderSignature {
    fn signs(&self, credential: &Credential, string_to_sign: &str) -> Result<bool> {
        Ok(self.hash.sign(credential, string_to_sign)?.ct_eq(&self.signature).into())
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
fn covered(request: &Request, authorization: &Authorization<'_>, content_header: &'static str) -> Result<()> {
    for name in [HOST, ACTION, VERSION, DATE, NONCE, content_header] {
        required(request, name)?;
    }
    let content_type = (!request.body.is_empty()).then_some(CONTENT_TYPE);
    let read = [HOST, ACTION, VERSION, DATE, NONCE, TOKEN, ACCESS_KEY_ID, CONTENT_SHA256, CONTENT_SM3];
    for name in read.into_iter().chain(content_type) {
        if request.head.headers.contains_key(name) && !authorization.names().any(|signed| signed == name) {
            return Err(Kind::Unauthenticated(AuthFlaw::Incomplete).because("a header must be signed").naming(name));
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
fn plain_names_differ(params: &Params) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    let misread = |byte: u8| byte.is_ascii_control() || matches!(byte, b'%' | b'&' | b'=');
    let names = || params.query().flat_map(|(name, _)| name.bytes());
    !names().all(unreserved) && !names().any(misread)
}

fn canonical_request(
    request: &Request,
    params: &Params,
    authorization: &Authorization<'_>,
    content: &str,
    names: Names,
) -> Result<String> {
    let mut text = format!("{}\n{}\n", request.head.method, request.head.uri.path());
    canonical_query(params, names, &mut text);
    text.push('\n');
    for name in authorization.names() {
        let value = request.header(name)?.ok_or_else(|| incomplete("a signed header is missing"))?;
        text.extend([name, ":", value.trim(), "\n"]);
    }
    text.extend(["\n", authorization.signed_headers, "\n", content]);
    Ok(text)
}

fn canonical_query(params: &Params, names: Names, text: &mut String) {
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
    format!("{}\n{}", hash.algorithm(), hash.hex(canonical_request.as_bytes()))
}

/// The headers that the SDKs sign, of those the request has.
fn signed_by_the_sdks(request: &Request) -> String {
    let signed = |name: &&str| name.starts_with("x-acs-") || matches!(*name, HOST | CONTENT_TYPE);
    let mut names: Vec<&str> = request.head.headers.keys().map(HeaderName::as_str).filter(signed).collect();
    names.sort_unstable();
    names.join(";")
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
        let canonical = canonical_request(&request, &Params::of(&request).unwrap(), &draft, &content, names).unwrap();
        let signature = hash.sign(&credential(), &string_to_sign(hash, &canonical)).unwrap();
        let (algorithm, signature) = (hash.algorithm(), lower::encode_string(&signature));
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
        signed(stamped(query, &[(CONTENT_SHA256, &Hash::Sha256.hex(b""))]), Hash::Sha256, Names::Plain)
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
        put(&mut request, CONTENT_SHA256, &content).unwrap();
        let signed_headers = text("signed_headers");
        let authorization = Authorization { credential: "", signed_headers: &signed_headers, signature: "" };
        let params = Params::of(&request).unwrap();
        let canonical = canonical_request(&request, &params, &authorization, &content, Names::Encoded).unwrap();
        assert_eq!(canonical, text("canonical_request"));
        let credential = Credential::new(text("access_key_id"), AccessSecret::new(text("secret")));
        let signature = Hash::Sha256.sign(&credential, &string_to_sign(Hash::Sha256, &canonical)).unwrap();
        assert_eq!(lower::encode_string(&signature), text("signature"));
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
        let proves = |content: &[(&'static str, &str)]| {
            proven(&signed(stamped("", content), Hash::Sm3, Names::Encoded)).map_err(|refused| refused.kind())
        };
        proves(&[(CONTENT_SM3, &sm3)]).unwrap();
        proves(&[(CONTENT_SHA256, &sm3)]).unwrap();
        proves(&[(CONTENT_SM3, &sm3), (CONTENT_SHA256, &sha256)]).unwrap();
        let mismatch = Err(Kind::Unauthenticated(AuthFlaw::Mismatch));
        assert_eq!(proves(&[(CONTENT_SM3, &sha256)]), mismatch);
        assert_eq!(proves(&[(CONTENT_SHA256, &sha256)]), mismatch);
        assert_eq!(proves(&[(CONTENT_SM3, &sha256), (CONTENT_SHA256, &sm3)]), mismatch);
    }

    #[test]
    fn signed_header_names_are_in_lower_case_ascending_and_unique() {
        assert!(in_order("host;x-acs-action") && in_order("host"));
        for names in ["Host", "x-acs-action;host", "host;host", "host;Host"] {
            assert!(!in_order(names), "{names}");
        }
    }
}
