//! How the services of a cloud are to be reached.

use std::sync::Arc;
use std::time::Duration;

use polykms_core::dialect::client::{Choice, Client, Error, Kind, Result, Target};
use polykms_core::dialect::{Dialect, Service};
use reqwest::Url;

use super::credentials::{Environment, Kept, variable};
use super::{Credentials, Remote, address, http};

/// How long things may take, how often they may be tried and how long answers may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Until a connection stands.
    pub connect: Duration,
    /// One attempt.
    pub attempt: Duration,
    /// A call, all attempts and waits included.
    pub call: Duration,
    /// How many attempts a call has.
    pub attempts: u32,
    /// The longest answer, in bytes.
    pub answer: usize,
}

impl Default for Limits {
    /// 3.1 s, 10 s, 30 s, 3 attempts, 4 MiB.
    fn default() -> Self {
        Self {
            connect: Duration::from_millis(3100),
            attempt: Duration::from_secs(10),
            call: Duration::from_secs(30),
            attempts: 3,
            answer: 4 * 1024 * 1024,
        }
    }
}

/// What a client was told.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) region: String,
    pub(crate) limits: Limits,
    endpoint: Option<Url>,
    environment: bool,
    plain: bool,
    fips: bool,
    dual_stack: bool,
    private: bool,
}

/// How the services of a cloud are to be reached.
pub struct Builder {
    dialect: &'static Dialect,
    region: Option<String>,
    endpoint: Option<String>,
    credentials: Option<Box<dyn Credentials>>,
    roots: Vec<u8>,
    limits: Limits,
    environment: bool,
    plain: bool,
    fips: bool,
    dual_stack: bool,
    private: bool,
}

impl Builder {
    pub(crate) fn new(dialect: &'static Dialect) -> Self {
        Self {
            dialect,
            region: None,
            endpoint: None,
            credentials: None,
            roots: Vec::new(),
            limits: Limits::default(),
            environment: true,
            plain: false,
            fips: false,
            dual_stack: false,
            private: false,
        }
    }

    /// The region; that of the environment, unless this says otherwise.
    #[must_use]
    pub fn region(self, region: impl Into<String>) -> Self {
        Self { region: Some(region.into()), ..self }
    }

    /// Where all services are reached: a scheme, a host and perhaps a port. The vendor's own endpoints, or those that the
    /// environment names, unless this says otherwise.
    #[must_use]
    pub fn endpoint(self, endpoint: impl Into<String>) -> Self {
        Self { endpoint: Some(endpoint.into()), ..self }
    }

    /// Where credentials come from; the environment, unless this says otherwise.
    #[must_use]
    pub fn credentials(self, credentials: impl Credentials) -> Self {
        Self { credentials: Some(Box::new(credentials)), ..self }
    }

    /// Certificates of authorities, in PEM, that are trusted beside those of the system.
    #[must_use]
    pub fn roots(self, pem: impl Into<Vec<u8>>) -> Self {
        Self { roots: pem.into(), ..self }
    }

    /// How long things may take, how often they may be tried and how long answers may be.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Whether settings that are not given are looked for in the environment; they are.
    #[must_use]
    pub fn environment(self, environment: bool) -> Self {
        Self { environment, ..self }
    }

    /// Whether an endpoint elsewhere may do without TLS; it may not.
    #[must_use]
    pub fn allow_http(self, plain: bool) -> Self {
        Self { plain, ..self }
    }

    /// Whether the vendor's endpoints are those whose cryptography is validated by FIPS 140.
    #[must_use]
    pub fn fips(self, fips: bool) -> Self {
        Self { fips, ..self }
    }

    /// Whether the vendor's endpoints are those that are reached by IPv6, too.
    #[must_use]
    pub fn dual_stack(self, dual_stack: bool) -> Self {
        Self { dual_stack, ..self }
    }

    /// Whether the vendor's endpoints are those that are reached from inside its network.
    #[must_use]
    pub fn private(self, private: bool) -> Self {
        Self { private, ..self }
    }

    /// The client. Nothing is sent before its first call.
    ///
    /// # Errors
    /// [`Kind::Config`] for settings that cannot be: no region, an endpoint that is none, no root certificates.
    pub fn build(self) -> Result<Remote> {
        let Self {
            dialect,
            region,
            endpoint,
            credentials,
            roots,
            limits,
            environment,
            plain,
            fips,
            dual_stack,
            private,
        } = self;
        let client = dialect.client.ok_or_else(|| Kind::Config.because(format!("nobody asks {dialect:?}")))?;
        let variables = client.variables;
        let found = |names: &[&str]| names.iter().filter(|_| environment).find_map(|name| variable(name));
        let region = region.or_else(|| found(variables.region)).ok_or_else(|| no_region(client))?;
        if !(dialect.front.region)(&region) {
            return Err(Kind::Config.because(format!("`{region}` cannot be a region of {}", dialect.front.title)));
        }
        let endpoint = endpoint.map(|text| address::endpoint(&text, plain)).transpose()?;
        let place = endpoint.as_ref().map_or(region.as_str(), Url::as_str);
        let name = format!("{} at {place}", dialect.name);
        let credentials = credentials.unwrap_or_else(|| Box::new(Environment::new(variables)));
        let settings = Settings { region, limits, endpoint, environment, plain, fips, dual_stack, private };
        Ok(Remote {
            dialect,
            client,
            http: http::client(&roots, &settings.limits)?,
            credentials: Kept::new(credentials),
            settings: Arc::new(settings),
            budget: Arc::default(),
            skew: Arc::default(),
            name,
        })
    }
}

fn no_region(client: &Client) -> Error {
    let names = client.variables.region.join(" or ");
    Kind::Config.because("no region is given").hinting(format!("name one, or set {names}"))
}

impl Settings {
    /// Where a service is reached, and the region that requests to it are signed for.
    ///
    /// # Errors
    /// [`Kind::Config`] when what the environment names is no endpoint.
    pub(crate) fn place(&self, client: &Client, service: &Service) -> Result<(Url, String)> {
        let Self { region, endpoint, fips, dual_stack, private, .. } = self;
        let choice = Choice { region, fips: *fips, dual_stack: *dual_stack, private: *private };
        let Target { host, region } = (client.target)(service, &choice);
        let url = match endpoint {
            Some(endpoint) => endpoint.clone(),
            None => match self.named(client, service) {
                Some(text) => address::endpoint(&text, self.plain)?,
                None => address::endpoint(&format!("https://{host}"), false)?,
            },
        };
        Ok((url, region))
    }

    /// The endpoint that the environment names for a service: a URL, or a host, which is reached by TLS.
    fn named(&self, client: &Client, service: &Service) -> Option<String> {
        let variables = client.variables;
        let own = (variables.endpoint_of)(service).and_then(variable);
        let text = own.or_else(|| variables.endpoint.iter().find_map(|name| variable(name)));
        let text = text.filter(|_| self.environment)?;
        Some(if text.contains("://") { text } else { format!("https://{text}") })
    }
}
