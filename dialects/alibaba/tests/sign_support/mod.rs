//! What the tests of signatures share: captured requests, and the question whether a request proves.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::indexing_slicing, reason = "shared by several tests")]

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use polykms_alibaba::params::Params;
use polykms_alibaba::sign;
use polykms_core::dialect::{Claim, Credential, Request};
use polykms_core::error::{Kind, Result};
use polykms_core::port::Time;
use polykms_core::secret::AccessSecret;
use serde_json::Value;

/// The vendor's window.
pub const SKEW: Duration = Duration::from_secs(15 * 60);

/// The captured and documented requests.
pub fn vectors() -> Value {
    serde_json::from_str(include_str!("../vectors/wire.json")).unwrap()
}

/// A request captured from an SDK.
pub struct Captured {
    /// SDK and case.
    pub name: String,
    pub request: Request,
    pub secret: String,
}

pub fn captured() -> Vec<Captured> {
    vectors()["requests"].as_array().unwrap().iter().map(read).collect()
}

fn read(vector: &Value) -> Captured {
    let text = |name: &str| vector[name].as_str().unwrap();
    let headers: Vec<_> = vector["headers"].as_object().unwrap().iter().collect();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    Captured {
        name: format!("{}: {}", text("sdk"), text("case")),
        request: request(text("method"), text("target"), &headers, text("body")),
        secret: text("secret").to_owned(),
    }
}

pub fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let mut head = http::Request::builder().method(method).uri(target);
    for (name, value) in headers {
        head = head.header(*name, *value);
    }
    let (head, ()) = head.body(()).unwrap().into_parts();
    Request { head, body: body.to_owned().into(), peer: IpAddr::V4(Ipv4Addr::LOCALHOST).into(), tls: false }
}

pub fn credential(secret: &str) -> Credential {
    Credential::new("LTAItest".into(), AccessSecret::new(secret.into()))
}

pub fn claim(request: &Request) -> Result<Option<Claim<'_>>> {
    sign::claim(request, &Params::of(request)?)
}

/// Proves a request that carries authentication.
pub fn prove<'r>(request: &'r Request, secret: &str, now: Time) -> Result<Claim<'r>> {
    let claim = claim(request)?.unwrap();
    claim.proof.prove(&credential(secret), now, SKEW)?;
    Ok(claim)
}

/// The kind of refusal of a request that does not prove.
pub fn refusal(request: &Request, secret: &str, now: Time) -> Kind {
    prove(request, secret, now).unwrap_err().kind()
}

/// The date that the request carries.
pub fn date(request: &Request) -> Time {
    let params = Params::of(request).unwrap();
    let date = request.header("x-acs-date").unwrap().or(params.text("Timestamp"));
    date.unwrap().parse().unwrap()
}

/// Replaces the value of a header.
pub fn with_header(request: &Request, name: &'static str, value: &str) -> Request {
    let mut request = request.clone();
    request.head.headers.insert(name, value.parse().unwrap());
    request
}

pub fn without_header(request: &Request, name: &str) -> Request {
    let mut request = request.clone();
    request.head.headers.remove(name);
    request
}

pub fn with_target(request: &Request, target: &str) -> Request {
    let mut request = request.clone();
    request.head.uri = target.parse().unwrap();
    request
}
