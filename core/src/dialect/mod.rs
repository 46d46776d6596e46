//! The dialect seam: what one cloud supplies so that the engine can speak it.
//!
//! A dialect is pure and synchronous: names, actions, wire formats, signatures, errors, policy grammar and condition
//! keys. Everything it says stands in one [`Dialect`] value, submitted to the [`registry`].

pub mod claim;
pub mod client;
pub mod context;
pub mod demand;
pub mod diagnosis;
pub mod front;
pub mod hex;
pub mod message;
pub mod protocol;
pub mod registry;
pub mod row;
pub mod trail;
pub mod twins;
pub mod wire;

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, LazyLock, OnceLock};

use bytes::Bytes;
use http::header::AsHeaderName;
use serde_json::value::RawValue;

pub use claim::{Claim, Credential, Proof};
pub use context::{ContextKey, Pairs};
pub use demand::{Demand, Guard};
pub use diagnosis::{Condition, Diagnosis, Matched};
pub use front::Front;
pub use hex::Hex;
pub use protocol::{Protocol, Telling};
pub use registry::Registry;
pub use row::{Guarded, Row};
pub use trail::Trail;
pub use wire::{Arguments, Wire};

use crate::engine::{Caller, Situation};
use crate::error::{Error, Kind, Result};
use crate::policy;

/// A whole HTTP request, its body already read and capped.
#[derive(Clone)]
pub struct Request {
    /// Method, target, version and headers as they came.
    pub head: http::request::Parts,
    /// The body bytes.
    pub body: Bytes,
    /// The address the connection came from.
    pub peer: Peer,
    /// Whether the connection is encrypted.
    pub tls: bool,
}

impl Request {
    /// A header's value when it is there exactly once and is visible ASCII or UTF-8.
    ///
    /// # Errors
    /// [`Kind::Unauthenticated`] is never returned here; a doubled or unreadable header is [`Kind::Unreadable`].
    pub fn header(&self, name: impl AsHeaderName + AsRef<str> + Copy) -> Result<Option<&str>> {
        let mut values = self.head.headers.get_all(name).iter();
        let Some(first) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(Kind::Unreadable.because("a header is given twice").naming(name.as_ref()));
        }
        match std::str::from_utf8(first.as_bytes()) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(Kind::Unreadable.because("a header is not UTF-8").naming(name.as_ref())),
        }
    }
}

/// A request on its way out, whoever it will come from.
impl From<http::Request<Bytes>> for Request {
    fn from(request: http::Request<Bytes>) -> Self {
        static NOBODY: LazyLock<Peer> = LazyLock::new(|| IpAddr::V4(Ipv4Addr::UNSPECIFIED).into());
        let (head, body) = request.into_parts();
        Self { head, body, peer: NOBODY.clone(), tls: true }
    }
}

/// Shows what a log may hold: neither the query, nor headers, nor the body, which hold plaintext and credentials.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { head, body, peer, tls } = self;
        let scheme = if *tls { "https" } else { "http" };
        write!(f, "Request({} {} of {} bytes from {peer} by {scheme})", head.method, head.uri.path(), body.len())
    }
}

/// The address that a connection came from, written once for everybody who asks: IPv4 as such even where it came mapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer(Arc<str>);

impl Peer {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<IpAddr> for Peer {
    fn from(address: IpAddr) -> Self {
        Self(address.to_canonical().to_string().into())
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A whole HTTP response.
pub type Response = http::Response<Bytes>;

/// How a request wants to be answered, known even when nothing else about it could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voice {
    /// The service's name in the dialect, `kms` where nothing says otherwise.
    pub service: &'static str,
    /// The format of the answer.
    pub format: Format,
    /// Whether it was a dry run, for dialects that word all refusals of dry runs alike.
    pub dry_run: bool,
}

/// A format of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON.
    Json,
    /// XML.
    Xml,
}

/// A request that is written in a dialect, its head and its parameters read once.
pub struct Opened<'r> {
    /// How it wants to be answered.
    pub voice: Voice,
    /// What it asks; or why that cannot be read.
    pub envelope: Result<Envelope<'r>>,
}

/// A request as its dialect understood it: which operation, who claims to ask, and with what arguments.
pub struct Envelope<'r> {
    /// The service asked.
    pub service: &'static Service,
    /// The operation asked for.
    pub row: &'static Row,
    /// The credentials to be proven; `None` when the request carries none.
    pub claim: Option<Claim<'r>>,
    /// The arguments.
    pub arguments: Arguments<'r>,
    /// The region the request names, if it names one.
    pub region: Option<Cow<'r, str>>,
}

/// One service of a dialect, with its catalog.
pub struct Service {
    /// The service's name, as in its endpoint: `kms`, `iam`, `sts`.
    pub name: &'static str,
    /// The API version: `2016-01-20`.
    pub version: &'static str,
    /// How its messages travel.
    pub protocol: &'static dyn Protocol,
    /// Every operation of the vendor's list.
    pub rows: &'static [Row],
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Service({} {})", self.name, self.version)
    }
}

impl Service {
    /// The row of an operation by its name on the wire.
    pub fn row(&self, wire: &str) -> Option<&'static Row> {
        self.rows.iter().find(|row| row.wire() == wire)
    }
}

/// What one cloud supplies.
pub struct Dialect {
    /// The dialect's name: `aws`, `alibaba`.
    pub name: &'static str,
    /// What operators and clients know it by.
    pub front: &'static Front,
    /// The services, each with its whole catalog.
    pub services: &'static [Service],
    /// Reads a request; `None` when it is not written in this dialect.
    pub open: fn(&Request) -> Option<Opened<'_>>,
    /// Writes an answer. `row` is absent when the request was not understood so far.
    pub write: fn(&Voice, Option<&'static Row>, Reply<'_>) -> Response,
    /// How wide the signature's date may differ from the clock here.
    pub skew: std::time::Duration,
    /// What the engine has to know of this cloud's rules.
    pub law: &'static Law,
    /// How events are told on the audit trail.
    pub trail: &'static Trail,
    /// How a denial is told to whoever may have its encoded message decoded; absent where there are no such messages.
    pub diagnosis: Option<Diagnostics>,
    /// How its services are asked; absent where nobody does.
    pub client: Option<&'static client::Client>,
}

impl Dialect {
    /// Whether a host is one that the vendor's clients send requests to: `kms.REGION.DOMAIN`, `kms-fips.REGION.DOMAIN`,
    /// `NAME.kms.DOMAIN`.
    pub fn is_endpoint(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let below = |domain: &&str| host.strip_suffix(*domain).and_then(|rest| rest.strip_suffix('.'));
        let of_a_service = |label: &str| {
            let named = |service: &Service| label.strip_prefix(service.name);
            self.services.iter().filter_map(named).any(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        self.front.domains.iter().filter_map(below).any(|labels| labels.split('.').any(of_a_service))
    }
}

impl fmt::Debug for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dialect({})", self.name)
    }
}

/// How a denial is told to whoever may have its encoded message decoded.
#[derive(Debug, Clone, Copy)]
pub struct Diagnostics {
    /// Renders it in the vendor's shape.
    pub render: fn(&Diagnosis<'_>) -> String,
    /// Whether every denial has such a message, and not only where the settings ask for more than the vendor tells.
    pub always: bool,
    /// The most characters that an encoded message may have.
    pub longest: usize,
}

/// What [`Dialect::write`] has to put into bytes.
pub struct Reply<'a> {
    /// The identifier of this request.
    pub request_id: &'a str,
    /// The host the request was sent to.
    pub host: &'a str,
    /// The body of the answer.
    pub answer: std::result::Result<Bytes, Error>,
}

/// The rules of one cloud that are not wire format: names, policy semantics, key life cycle.
pub struct Law {
    /// Policy language, layers and their combination.
    pub policy: &'static policy::Spec,
    /// What the lints know of the vendor.
    pub lints: &'static policy::LintData,
    /// The words of its documents under neutral names.
    pub twins: &'static policy::translate::Twins,
    /// The partition that a region is in, which names of callers tell; empty where the cloud has none.
    pub partition: fn(&str) -> &'static str,
    /// The caller as the policy language names it.
    pub principal: fn(&Caller) -> OwnedPrincipal,
    /// Condition keys that every request carries, whatever its row.
    pub context: &'static [ContextKey],
    /// Condition keys of circumstances that no request comes from here, but where they are simulated.
    pub simulated: &'static [ContextKey],
    /// What is said about each noun: its `Rules`, told apart by their type.
    pub nouns: &'static [&'static (dyn Any + Send + Sync)],
    /// What a caller learns of a key that does not exist, or that it may not see.
    pub missing: fn(&Situation<'_>, allowed: bool) -> Kind,
    /// Why credentials of the caller's kind are never good for an operation, whatever policies say.
    pub barred: fn(&Caller, &Service, &Row) -> Option<Error>,
    /// Whether a thing of this full name is the vendor's own, which nobody else may change, whatever policies say.
    pub reserved: fn(arn: &str) -> bool,
    /// An identity policy that allows everything.
    pub allow_everything: &'static str,
    /// The region of a request that names none, where nothing else is configured.
    pub region: &'static str,
    /// The regions of the vendor, where it tells callers of them.
    pub regions: &'static [&'static str],
}

impl Law {
    /// What is said about a noun, by the type of its rules.
    ///
    /// # Errors
    /// [`Kind::Unsupported`] when nothing is.
    pub fn rules<R: Any>(&self) -> Result<&'static R> {
        let known = self.nouns.iter().find_map(|rules| rules.downcast_ref());
        known.ok_or_else(|| Kind::Unsupported.because("the dialect has no rules for this"))
    }
}

/// A caller in the words of the policy language.
#[derive(Debug, Clone)]
pub struct OwnedPrincipal {
    /// What kind of principal it is.
    pub kind: policy::PrincipalKind,
    /// Its full name: of the session, for a session.
    pub arn: String,
    /// The full name of the role behind a session.
    pub role_arn: Option<String>,
    /// The name used in "not authorized" messages and audit records.
    pub display: String,
    /// What records of the audit trail say of it, rendered for the first of them.
    pub recorded: OnceLock<Box<RawValue>>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn debugging_a_request_shows_nothing_that_a_caller_may_hide() {
        let head = http::Request::post("/path?Plaintext=hush").header("authorization", "hush").body(()).unwrap();
        let (head, ()) = head.into_parts();
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST).into();
        let request = Request { head, body: Bytes::from_static(b"hush"), peer, tls: false };
        assert_eq!(format!("{request:?}"), "Request(POST /path of 4 bytes from 127.0.0.1 by http)");
    }

    #[test]
    fn debugging_a_payload_shows_how_much_it_holds_and_not_what() {
        let shown = |arguments: Arguments<'_>| format!("{arguments:?}");
        assert_eq!(shown(Arguments::Json(Bytes::from_static(b"hush"))), "Json(4 bytes)");
        assert_eq!(shown(Arguments::Params(vec![("Plaintext".into(), "hush".into())])), "Params(1)");
    }
}
