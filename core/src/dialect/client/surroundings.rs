//! What is around a client: where its credentials and settings may lie, and whom it may ask for them.
//!
//! Where the vendor's own clients look, and in which order, a dialect says in plain code; whatever touches the world is
//! behind [`Surroundings`], so that a dialect stays pure and every step of it can be tried.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderValue;
use http::header::HOST;
use zeroize::Zeroizing;

use super::{Choice, Client, Error, Kind, Result, Sealing, Target};
use crate::dialect::{Credential, Request, Response, Service};
use crate::port::Time;
use crate::secret::AccessSecret;

/// The process, the machine and the network that a client runs in.
#[async_trait]
pub trait Surroundings: Send + Sync {
    /// An environment variable that is set to something.
    fn variable(&self, name: &str) -> Option<String>;

    /// Whether paths are those of Windows.
    fn is_windows(&self) -> bool;

    /// A small file; none, when there is nothing of this name.
    ///
    /// # Errors
    /// [`Kind::Config`] when it cannot be read, is no file, is too long or is no text.
    fn file(&self, path: &str) -> Result<Option<Zeroizing<String>>>;

    /// Where a service is reached: as the settings of the client have it, or else where the vendor has it.
    ///
    /// # Errors
    /// [`Kind::Config`] for settings that name no endpoint.
    fn place(&self, service: &Service, usual: Target) -> Result<Place>;

    /// Sends a request to an origin (a scheme, a host and perhaps a port), once. No redirect is followed, and what is near is
    /// asked without a proxy.
    ///
    /// # Errors
    /// [`Kind::Config`] for an origin that must not be asked; [`Kind::Transport`] and [`Kind::Timeout`] for one that does
    /// not answer; [`Kind::Unexpected`] for an answer that is too long.
    async fn ask(&self, origin: &str, request: Request, reach: Reach) -> Result<Response>;

    /// Runs a program with its arguments, without a shell; what it printed.
    ///
    /// # Errors
    /// [`Kind::Config`] where programs may not be run; [`Kind::Credentials`] when it fails or takes too long.
    async fn run(&self, words: &[String]) -> Result<Zeroizing<String>>;

    /// Waits.
    async fn pause(&self, length: Duration);

    /// The time.
    fn now(&self) -> Time;

    /// A number that was never used before.
    fn nonce(&self) -> String;
}

/// Where a service is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// A scheme, a host and perhaps a port, without anything behind them.
    pub origin: String,
    /// The region that requests are signed for.
    pub region: String,
}

/// Whom a request may reach, and how long that may take.
#[derive(Debug, Clone, Copy)]
pub enum Reach {
    /// A service of the vendor, by the rules of the client for its own calls.
    Service,
    /// Something beside this machine.
    Near {
        /// The addresses that may be asked without TLS, apart from this machine's own. A name may be asked when all that it
        /// resolves to are among them.
        addresses: &'static [IpAddr],
        /// Whether any address may be asked with TLS.
        tls: bool,
        /// How long it may take until a connection stands.
        connect: Duration,
        /// How long it may take in all.
        answer: Duration,
    },
}

/// What a client wants credentials for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The profile, where the settings of the client name one.
    pub profile: Option<String>,
    /// The role to take on with the credentials that are found.
    pub role: Option<WantedRole>,
    /// The region that the client asks.
    pub region: String,
    /// Whether endpoints are those whose cryptography is validated by FIPS 140.
    pub fips: bool,
    /// Whether endpoints are those that are reached by IPv6, too.
    pub dual_stack: bool,
    /// Whether endpoints are those that are reached from inside the vendor's network.
    pub private: bool,
}

impl Wanted {
    /// Which endpoints are wanted.
    pub fn choice(&self) -> Choice<'_> {
        let Self { region, fips, dual_stack, private, .. } = self;
        Choice { region, fips: *fips, dual_stack: *dual_stack, private: *private }
    }
}

/// A role to take on.
#[derive(Debug, Clone)]
pub struct WantedRole {
    /// Its full name.
    pub arn: String,
    /// What its owner asks of third parties.
    pub external_id: Option<String>,
}

/// What the vendor's files say beside credentials.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// The region.
    pub region: Option<String>,
    /// The endpoint of all services.
    pub endpoint: Option<String>,
    /// The endpoints of single services, by their names.
    pub endpoints: Vec<(&'static str, String)>,
    /// Whether neither files nor variables choose endpoints.
    pub no_endpoints: bool,
}

/// Credentials that were found.
pub struct Found {
    /// The access key.
    pub credential: Credential,
    /// The token of temporary ones.
    pub token: Option<AccessSecret>,
    /// When they end, as far as that is known.
    pub expires_at: Option<Time>,
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Found({:?}, until {:?})", self.credential, self.expires_at)
    }
}

impl Found {
    /// A lasting access key.
    pub fn lasting(access_key_id: impl Into<String>, secret: impl Into<String>) -> Self {
        let credential = Credential::new(access_key_id.into(), AccessSecret::new(secret.into()));
        Self { credential, token: None, expires_at: None }
    }

    /// The same with the token of a session, where there is one, and when that ends, as far as that is known.
    #[must_use]
    pub fn of_session(self, token: Option<impl Into<String>>, expires_at: Option<Time>) -> Self {
        Self { token: token.map(|token| AccessSecret::new(token.into())), expires_at, ..self }
    }
}

/// The folder of the user: what `HOME` names, and on Windows what is named in its place.
pub fn home(around: &dyn Surroundings) -> Option<String> {
    let named = |name| around.variable(name);
    let on_windows = || {
        let both = || Some(named("HOMEDRIVE")? + &named("HOMEPATH")?);
        named("USERPROFILE").or_else(both)
    };
    named("HOME").or_else(|| on_windows().filter(|_| around.is_windows()))
}

/// A path in which `~` stands for the folder of the user, where it is the first part of it.
pub fn path(around: &dyn Surroundings, text: &str) -> Option<String> {
    let Some(rest) = text.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with(['/', '\\'])) else {
        return Some(text.to_owned());
    };
    let path = home(around)? + rest;
    Some(if around.is_windows() { path.replace('/', "\\") } else { path })
}

/// Asks a service where the client reaches it: as whoever the credentials belong to, or as nobody.
///
/// # Errors
/// Those of [`Surroundings::ask`]; the kind that the vendor's code has, for a refusal.
pub async fn ask(
    around: &dyn Surroundings,
    client: &Client,
    service: &'static Service,
    usual: Target,
    request: http::Request<Bytes>,
    with: Option<&Found>,
) -> Result<Response> {
    let Place { origin, region } = around.place(service, usual)?;
    let mut request = Request::from(request);
    let host = origin.split_once("://").map_or(origin.as_str(), |(_, host)| host);
    let host = HeaderValue::from_str(host).map_err(|_| Kind::Config.because(format!("`{origin}` is no endpoint")))?;
    request.head.headers.insert(HOST, host);
    if let Some(Found { credential, token, .. }) = with {
        let (token, nonce) = (token.as_ref().map(AccessSecret::expose), around.nonce());
        let now = around.now();
        let sealing = Sealing { credential, token, service, region: &region, nonce: &nonce, now };
        (client.seal)(&mut request, &sealing).map_err(|error| error.kind().coarse().because(error.to_string()))?;
    }
    let response = around.ask(&origin, request, Reach::Service).await?;
    match response.status().is_success() {
        true => Ok(response),
        false => Err(refused(client, service, &response)),
    }
}

fn refused(client: &Client, service: &Service, response: &Response) -> Error {
    let refusal = (client.refusal)(service, response);
    (client.kind)(service, refusal.status, &refusal.code).refused(refusal)
}
