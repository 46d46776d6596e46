//! The client half of a dialect: where its services are reached, how requests are signed, and what refusals mean.
//!
//! It is as pure as the other half. Whatever sends requests is an adapter, and speaks every dialect alike.

mod failure;
#[cfg(feature = "script")]
pub mod script;
pub mod surroundings;
mod transport;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;

pub use failure::{Again, Error, Kind, Result};
pub use surroundings::{Found, Place, Profile, Reach, Surroundings, Wanted, WantedRole};
pub use transport::{Asked, Options, Outcome, Transport};

use super::row::BoxFuture;
use super::{Credential, Request, Response, Row, Service};
use crate::error;
use crate::port::Time;

/// What one cloud supplies so that its services can be asked.
pub struct Client {
    /// Where a service is reached by the vendor's own rules.
    pub target: fn(&Service, &Choice<'_>) -> Target,
    /// Signs a request, and replaces the signature that it has.
    pub seal: fn(&mut Request, &Sealing<'_>) -> error::Result<()>,
    /// Adds what attempts say about themselves.
    pub attempt: fn(&mut HeaderMap, &Attempt<'_>),
    /// The request that asks for an operation with an input that nobody checks, not yet signed.
    pub write: fn(&Service, &Row, &serde_json::Value) -> error::Result<http::Request<Bytes>>,
    /// What an answer tells that is no refusal, with members that nobody knows.
    pub read: fn(&Service, &Row, &Response) -> error::Result<serde_json::Value>,
    /// Reads an answer that is a refusal.
    pub refusal: fn(&Service, &Response) -> Refusal,
    /// What a refusal is, in the vendor's words, when it is made here.
    pub told: fn(&Service, &error::Error) -> Refusal,
    /// What the caller can do about a refusal: by service, status and code.
    pub kind: fn(&Service, u16, &str) -> Kind,
    /// Whether a refusal says that the clocks differ.
    pub is_skewed: fn(&str) -> bool,
    /// Whether a refusal says that the credentials have ended, so that others may do.
    pub is_expired: fn(&str) -> bool,
    /// How headers of envelopes name it, among the clouds whose keys unwrap.
    pub envelope_scheme: u8,
    /// What other tools write before the name of a key, to make a URI of it; longer ones first.
    pub key_uris: &'static [&'static str],
    /// The environment variables that the vendor's own clients read.
    pub variables: &'static Variables,
    /// What the vendor's files say beside credentials.
    ///
    /// # Errors
    /// [`Kind::Config`] for files that cannot be read, and for a profile that is asked for and is in none of them.
    pub profile: fn(&dyn Surroundings, Option<&str>) -> Result<Profile>,
    /// Looks for credentials where the vendor's own clients do, in their order; none, when there are none anywhere.
    ///
    /// # Errors
    /// [`Kind::Credentials`] for a place that should have some and has not: nobody looks on behind it.
    pub credentials: for<'a> fn(&'a dyn Surroundings, &'a Wanted) -> Finding<'a>,
}

/// Credentials that are looked for; none, when there are none anywhere.
pub type Finding<'a> = BoxFuture<'a, Result<Option<Found>>>;

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

/// Which of a service's endpoints is wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Choice<'a> {
    /// The region.
    pub region: &'a str,
    /// One whose cryptography is validated by FIPS 140.
    pub fips: bool,
    /// One that is reached by IPv6, too.
    pub dual_stack: bool,
    /// One that is reached from inside the vendor's network.
    pub private: bool,
}

/// Where a service is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The host.
    pub host: String,
    /// The region that requests are signed for.
    pub region: String,
}

/// What a request is signed with.
pub struct Sealing<'a> {
    /// The access key.
    pub credential: &'a Credential,
    /// The token of temporary credentials.
    pub token: Option<&'a str>,
    /// The service asked.
    pub service: &'static Service,
    /// The region that the request is signed for.
    pub region: &'a str,
    /// A number that was never used before, a new one for each attempt.
    pub nonce: &'a str,
    /// When.
    pub now: Time,
}

/// Which of how many attempts a request is.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// An identifier that all attempts of one call share.
    pub call: &'a str,
    /// Which it is, counted from 1.
    pub number: u32,
    /// How many there may be.
    pub most: u32,
    /// How long the call waited before it.
    pub waited: Duration,
}

/// A refusal as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The status.
    pub status: u16,
    /// The vendor's code; empty when the answer has none.
    pub code: String,
    /// The vendor's words.
    pub message: String,
    /// What the request is called.
    pub request_id: Option<String>,
    /// How long to wait, where the answer says so.
    pub wait: Option<Duration>,
}

/// Environment variables, each with the names that it goes by, the first of them first.
#[derive(Debug)]
pub struct Variables {
    /// The access key id.
    pub access_key_id: &'static [&'static str],
    /// The secret.
    pub secret: &'static [&'static str],
    /// The token of temporary credentials.
    pub token: &'static [&'static str],
    /// The region.
    pub region: &'static [&'static str],
    /// The endpoint of one service.
    pub endpoint_of: fn(&Service) -> Option<&'static str>,
    /// The endpoint of all of them.
    pub endpoint: &'static [&'static str],
}
