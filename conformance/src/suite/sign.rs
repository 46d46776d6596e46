//! Signatures of raw requests, made by nobody else's code: a signer that a server shares would hide the errors of both.
//!
//! Follows "Signature Version 4 signing process" of AWS and "Request syntax and signature method" V2 (signature 1.0) and V3
//! of Alibaba Cloud.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderName, HeaderValue, Request};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::model::{Flip, Scheme, Sign};

/// What need not be encoded (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An access key, and what sessions have more.
#[derive(Clone)]
pub struct Access {
    /// Its identifier.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// The token of a session.
    pub token: Option<String>,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Access({})", self.id)
    }
}

/// A request before it is signed: its parts apart.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The parameters of the query, not encoded.
    pub query: Vec<(String, String)>,
    /// The headers, by their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// Where and when a request is signed for.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The region.
    pub region: &'a str,
    /// The service.
    pub service: &'a str,
    /// The time.
    pub now: Timestamp,
    /// A number that was never used; none, when empty.
    pub nonce: &'a str,
}

impl Draft {
    /// The parameters of a form, encoded.
    pub fn form(pairs: &[(String, String)]) -> String {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        pairs.join("&")
    }

    /// The request as it goes over the wire; nothing, when it cannot.
    pub fn request(self) -> Option<Request<Bytes>> {
        let query = Self::form(&self.query);
        let target = if query.is_empty() { self.path } else { format!("{}?{query}", self.path) };
        let mut request = Request::builder().method(self.method.as_str()).uri(target);
        for (name, value) in &self.headers {
            request = request.header(HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?);
        }
        request.body(Bytes::from(self.body)).ok()
    }

    /// Signs it as it is said.
    #[must_use]
    pub fn signed(self, sign: &Sign, access: &Access, place: Place<'_>) -> Self {
        let mut access = access.clone();
        if sign.flip == Some(Flip::Secret) {
            access.secret = spoilt(&access.secret);
        }
        let spoil = sign.flip == Some(Flip::Signature);
        let mut signed = match sign.scheme {
            Scheme::Sigv4 => self.sigv4(&access, place, spoil),
            Scheme::V1 => self.v1(&access, place, spoil),
            Scheme::Acs3 => self.acs3(&access, place, spoil),
        };
        if sign.flip == Some(Flip::Body) {
            signed.body.push(' ');
        }
        signed
    }

    fn header(&mut self, name: &str, value: &str) {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// All headers in the order of their names, one a line; and their names.
    fn canonical_headers(&self) -> (String, String) {
        let mut headers: Vec<_> = self.headers.iter().map(|(name, value)| (name.as_str(), value.trim())).collect();
        headers.sort_unstable();
        let lines = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        (lines, headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";"))
    }

    fn canonical_query(&self) -> String {
        let mut pairs: Vec<_> = self.query.iter().map(|(name, value)| (encoded(name), encoded(value))).collect();
        pairs.sort();
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    fn canonical(&self) -> (String, String) {
        let (headers, names) = self.canonical_headers();
        let (query, hash) = (self.canonical_query(), hex_hash(self.body.as_bytes()));
        (format!("{}\n{}\n{query}\n{headers}\n{names}\n{hash}", self.method, self.path), names)
    }

    fn sigv4(mut self, access: &Access, place: Place<'_>, spoil: bool) -> Self {
        let Place { region, service, now, nonce: _ } = place;
        let date = now.strftime("%Y%m%dT%H%M%SZ").to_string();
        let day = date.split('T').next().unwrap_or_default().to_owned();
        self.header("x-amz-date", &date);
        if let Some(token) = &access.token {
            self.header("x-amz-security-token", token);
        }
        let (canonical, names) = self.canonical();
        let scope = format!("{day}/{region}/{service}/aws4_request");
        let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex_hash(canonical.as_bytes()));
        let key = format!("AWS4{}", access.secret).into_bytes();
        let key = [&day, region, service, "aws4_request"].into_iter().fold(key, |key, part| hmac_sha256(&key, part));
        let signature = hex(&spoilt_if(spoil, hmac_sha256(&key, &to_sign)));
        let id = &access.id;
        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}");
        self.header("authorization", &authorization);
        self
    }

    fn acs3(mut self, access: &Access, place: Place<'_>, spoil: bool) -> Self {
        self.header("x-acs-date", &place.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        self.header("x-acs-signature-nonce", place.nonce);
        self.header("x-acs-content-sha256", &hex_hash(self.body.as_bytes()));
        if let Some(token) = &access.token {
            self.header("x-acs-security-token", token);
        }
        let (canonical, names) = self.canonical();
        let to_sign = format!("ACS3-HMAC-SHA256\n{}", hex_hash(canonical.as_bytes()));
        let signature = hex(&spoilt_if(spoil, hmac_sha256(access.secret.as_bytes(), &to_sign)));
        let id = &access.id;
        let authorization = format!("ACS3-HMAC-SHA256 Credential={id},SignedHeaders={names},Signature={signature}");
        self.header("authorization", &authorization);
        self
    }

    fn v1(mut self, access: &Access, place: Place<'_>, spoil: bool) -> Self {
        let date = place.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let mut more = vec![
            ("AccessKeyId", access.id.as_str()),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureVersion", "1.0"),
            ("Timestamp", date.as_str()),
        ];
        more.extend(Some(("SignatureNonce", place.nonce)).filter(|(_, nonce)| !nonce.is_empty()));
        more.extend(access.token.as_deref().map(|token| ("SecurityToken", token)));
        self.query.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
        let to_sign = format!("{}&{}&{}", self.method, encoded(&self.path), encoded(&self.canonical_query()));
        let signature = spoilt_if(spoil, hmac_sha1(format!("{}&", access.secret).as_bytes(), &to_sign));
        self.query.push(("Signature".to_owned(), STANDARD.encode(signature)));
        self
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

fn hex_hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104)")]
fn hmac_sha256(key: &[u8], text: &str) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.chain_update(text).finalize().into_bytes().to_vec()
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104)")]
fn hmac_sha1(key: &[u8], text: &str) -> Vec<u8> {
    let mac = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.chain_update(text).finalize().into_bytes().to_vec()
}

/// The signature with one bit the other way round: it is wrong by construction.
fn spoilt_if(spoil: bool, mut signature: Vec<u8>) -> Vec<u8> {
    if let Some(last) = signature.last_mut().filter(|_| spoil) {
        *last ^= 1;
    }
    signature
}

/// Another secret of the same length.
fn spoilt(secret: &str) -> String {
    let mut letters: Vec<_> = secret.chars().collect();
    if let Some(last) = letters.last_mut() {
        *last = if *last == 'a' { 'b' } else { 'a' };
    }
    letters.into_iter().collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    fn access(id: &str, secret: &str) -> Access {
        Access { id: id.to_owned(), secret: secret.to_owned(), token: None }
    }

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn sign(scheme: &str) -> Sign {
        serde_json::from_value(serde_json::json!({"scheme": scheme})).unwrap()
    }

    fn found<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
        &pairs.iter().find(|(known, _)| known == name).unwrap().1
    }

    /// `get-vanilla-query-order-key-case` of the vendor's test suite for Signature Version 4.
    #[test]
    fn signature_version_4_is_that_of_the_vendors_test_suite() {
        let draft = Draft {
            method: "GET".to_owned(),
            path: "/".to_owned(),
            query: owned(&[("Param2", "value2"), ("Param1", "value1")]),
            headers: owned(&[("host", "example.amazonaws.com")]),
            body: String::new(),
        };
        let now = "2015-08-30T12:36:00Z".parse().unwrap();
        let place = Place { region: "us-east-1", service: "service", now, nonce: "" };
        let key = access("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let signed = draft.signed(&sign("sigv4"), &key, place);
        let wanted = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500";
        assert!(found(&signed.headers, "authorization").ends_with(wanted), "{:?}", signed.headers);
    }

    /// The example of "Request syntax and signature method V3".
    #[test]
    fn signature_v3_is_that_of_the_vendors_example() {
        let draft = Draft {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: owned(&[
                ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"),
                ("RegionId", "cn-shanghai"),
            ]),
            headers: owned(&[
                ("host", "ecs.cn-shanghai.aliyuncs.com"),
                ("x-acs-action", "RunInstances"),
                ("x-acs-version", "2014-05-26"),
            ]),
            body: String::new(),
        };
        let now = "2023-10-26T10:22:32Z".parse().unwrap();
        let nonce = "3156853299f313e23d1673dc12e1703d";
        let place = Place { region: "cn-shanghai", service: "ecs", now, nonce };
        let signed = draft.signed(&sign("acs3"), &access("YourAccessKeyId", "YourAccessKeySecret"), place);
        let wanted = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0";
        assert!(found(&signed.headers, "authorization").ends_with(wanted), "{:?}", signed.headers);
    }

    /// The example of "Request syntax" of the key management service, which has no nonce.
    #[test]
    fn signature_1_0_is_that_of_the_vendors_example() {
        let draft = Draft {
            method: "GET".to_owned(),
            path: "/".to_owned(),
            query: owned(&[("Action", "CreateKey"), ("Format", "json"), ("Version", "2016-01-20")]),
            ..Draft::default()
        };
        let place = Place { region: "", service: "", now: "2016-03-28T03:13:08Z".parse().unwrap(), nonce: "" };
        let signed = draft.signed(&sign("v1"), &access("testid", "testsecret"), place);
        assert_eq!(found(&signed.query, "Signature"), "41wk2SSX1GJh7fwnc5eqOfiJPFg=");
    }

    #[test]
    fn what_is_spoilt_is_wrong() {
        let place = Place { region: "r", service: "s", now: Timestamp::UNIX_EPOCH, nonce: "n" };
        for scheme in ["sigv4", "acs3", "v1"] {
            let draft = Draft { method: "POST".to_owned(), path: "/".to_owned(), ..Draft::default() };
            let right = sign(scheme);
            let signed = |sign: &Sign| draft.clone().signed(sign, &access("id", "secret"), place);
            let told = |draft: &Draft| format!("{:?} {:?} {:?}", draft.query, draft.headers, draft.body);
            let wanted = told(&signed(&right));
            for flip in [Flip::Signature, Flip::Secret, Flip::Body] {
                assert_ne!(told(&signed(&Sign { flip: Some(flip), ..right.clone() })), wanted, "{scheme} {flip:?}");
            }
        }
    }
}
