//! What the tests of Signature Version 4 share: requests as they stand on the wire, and their checking.

use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use http::request::Parts;
use polykms_aws::sign;
use polykms_core::dialect::{Credential, Request};
use polykms_core::error::{AuthFlaw, Error, Kind};
use polykms_core::port::Time;
use polykms_core::secret::AccessSecret;

/// How far clocks may differ.
pub(crate) const SKEW: Duration = Duration::from_secs(300);

/// A request as it stands on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wire {
    pub(crate) method: String,
    pub(crate) target: Vec<u8>,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Wire {
    pub(crate) fn new(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
        Self { method: method.to_owned(), target: target.as_bytes().to_vec(), headers, body: body.as_bytes().to_vec() }
    }

    /// The request as a server would hand it on; `None` when it would not get that far.
    pub(crate) fn request(&self) -> Option<Request> {
        let mut builder = http::Request::builder().method(self.method.as_str());
        builder = builder.uri(Uri::try_from(self.target.as_slice()).ok()?);
        for (name, value) in &self.headers {
            builder = builder.header(name, value.as_slice());
        }
        let (head, body) = builder.body(Bytes::from(self.body.clone())).ok()?.into_parts();
        Some(Request { head, body, peer: std::net::IpAddr::from([127, 0, 0, 1]).into(), tls: false })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    /// Replaces a header's value, or adds the header.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.and(name, value)
    }

    /// Adds a header, beside those of its name.
    pub(crate) fn and(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.as_bytes().to_vec()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    /// Replaces text in the target and in every header.
    pub(crate) fn replacing(mut self, old: &str, new: &str) -> Self {
        let replaced = |text: &[u8]| String::from_utf8(text.to_vec()).unwrap().replace(old, new).into_bytes();
        self.target = replaced(&self.target);
        for (_, value) in &mut self.headers {
            *value = replaced(value);
        }
        self
    }
}

impl From<Request> for Wire {
    fn from(request: Request) -> Self {
        let Parts { method, uri, headers, .. } = request.head;
        let headers = headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
        let target = uri.to_string().into_bytes();
        Self { method: method.to_string(), target, headers, body: request.body.to_vec() }
    }
}

/// Who checks: what it knows of the one access key there is.
pub(crate) struct Checker {
    pub(crate) credential: Credential,
    pub(crate) token: Option<String>,
    pub(crate) service: String,
    pub(crate) now: Time,
}

impl Checker {
    pub(crate) fn new(id: &str, secret: &str, token: Option<&str>, service: &str, now: Time) -> Self {
        let credential = Credential::new(id.to_owned(), AccessSecret::new(secret.to_owned()));
        Self { credential, token: token.map(str::to_owned), service: service.to_owned(), now }
    }

    /// Reads, looks up and proves, as the engine does.
    pub(crate) fn check(&self, wire: &Wire) -> Result<(), Error> {
        let Some(request) = wire.request() else { return Err(Kind::Unreadable.because("the server refuses it")) };
        let claimed = sign::claim(&request, &self.service)?;
        let claim = claimed.ok_or_else(|| Kind::Unauthenticated(AuthFlaw::Missing).because(""))?.claim;
        if claim.access_key_id != self.credential.access_key_id {
            return Err(Kind::Unauthenticated(AuthFlaw::UnknownAccessKey).because(""));
        }
        if claim.token.as_deref() != self.token.as_deref() {
            return Err(Kind::Unauthenticated(AuthFlaw::TokenInvalid).because(""));
        }
        claim.proof.prove(&self.credential, self.now, SKEW).map(drop)
    }
}
