//! Just enough of Alibaba Cloud's signatures for requests of KMS: version 1.0 and `ACS3-HMAC-SHA256`.
//!
//! Follows "V3 request body and signature mechanism" and "Request signatures (V1)" of Alibaba Cloud. A nonce is used once: so
//! is every request.
use base64::{engine::general_purpose::STANDARD as B64, Engine};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::sigv4::{amz_date, Creds};

/// How a request is signed.
#[derive(Clone, Copy, PartialEq)]
pub enum Scheme {
    V1,
    Acs3,
}

fn encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    text.bytes().map(|b| if plain(b) { (b as char).to_string() } else { format!("%{b:02X}") }).collect()
}

fn query(mut pairs: Vec<(&str, String)>) -> String {
    pairs.sort();
    pairs.iter().map(|(k, v)| format!("{}={}", encoded(k), encoded(v))).collect::<Vec<_>>().join("&")
}

/// `2026-01-02T03:04:05Z` for a unix time.
fn date(unix: u64) -> String {
    let d = amz_date(unix);
    format!("{}-{}-{}T{}:{}:{}Z", &d[..4], &d[4..6], &d[6..8], &d[9..11], &d[11..13], &d[13..15])
}

/// One complete HTTP/1.1 request, signed.
pub fn request(scheme: Scheme, c: &Creds, host: &str, action: &str, parameters: &[(&str, String)], unix: u64, nonce: &str) -> Vec<u8> {
    let (date, mut pairs) = (date(unix), parameters.to_vec());
    if scheme == Scheme::V1 {
        pairs.extend([
            ("Action", action.to_string()),
            ("Version", "2016-01-20".to_string()),
            ("Format", "JSON".to_string()),
            ("RegionId", c.region.clone()),
            ("AccessKeyId", c.access.clone()),
            ("SignatureMethod", "HMAC-SHA1".to_string()),
            ("SignatureVersion", "1.0".to_string()),
            ("SignatureNonce", nonce.to_string()),
            ("Timestamp", date),
        ]);
        let query = query(pairs);
        let text = format!("POST&%2F&{}", encoded(&query));
        let mut mac = <Hmac<Sha1> as Mac>::new_from_slice(format!("{}&", c.secret).as_bytes()).unwrap();
        mac.update(text.as_bytes());
        let signature = encoded(&B64.encode(mac.finalize().into_bytes()));
        return format!(
            "POST /?{query}&Signature={signature} HTTP/1.1\r\nhost: {host}\r\nuser-agent: kmsload/0.1\r\naccept: application/json\r\ncontent-length: 0\r\n\r\n"
        )
        .into_bytes();
    }
    let (query, empty) = (query(pairs), hex::encode(Sha256::digest(b"")));
    let signed = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";
    let headers = format!(
        "host:{host}\nx-acs-action:{action}\nx-acs-content-sha256:{empty}\nx-acs-date:{date}\nx-acs-signature-nonce:{nonce}\nx-acs-version:2016-01-20\n"
    );
    let canonical = format!("POST\n/\n{query}\n{headers}\n{signed}\n{empty}");
    let text = format!("ACS3-HMAC-SHA256\n{}", hex::encode(Sha256::digest(canonical.as_bytes())));
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(c.secret.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    let signature = hex::encode(mac.finalize().into_bytes());
    format!(
        "POST /?{query} HTTP/1.1\r\nhost: {host}\r\nx-acs-action: {action}\r\nx-acs-content-sha256: {empty}\r\nx-acs-date: {date}\r\nx-acs-signature-nonce: {nonce}\r\nx-acs-version: 2016-01-20\r\nuser-agent: kmsload/0.1\r\naccept: application/json\r\nauthorization: ACS3-HMAC-SHA256 Credential={},SignedHeaders={signed},Signature={signature}\r\ncontent-length: 0\r\n\r\n",
        c.access
    )
    .into_bytes()
}
