//! How the services of a cloud are to be reached.

use std::sync::Arc;
use std::time::Duration;

use polykms_core::dialect::client::{Client, Error, Kind, Profile, Result, Target, Wanted, WantedRole};
use polykms_core::dialect::{Dialect, Service};
use reqwest::Url;

use super::credentials::{Kept, variable};
use super::surroundings::{Around, Chain};
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
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) wanted: Wanted,
    pub(crate) limits: Limits,
    /// Whether anything around the process is looked at.
    pub(crate) environment: bool,
    endpoint: Option<Url>,
    files: Profile,
    plain: bool,
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
    programs: bool,
    wanted: Wanted,
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
            programs: false,
            wanted: Wanted::default(),
        }
    }

    /// The region; that of the environment or of the profile, unless this says otherwise.
    #[must_use]
    pub fn region(self, region: impl Into<String>) -> Self {
        Self { region: Some(region.into()), ..self }
    }

    /// Where all services are reached: a scheme, a host and perhaps a port. The vendor's own endpoints, or those that the
    /// environment or the profile names, unless this says otherwise.
    #[must_use]
    pub fn endpoint(self, endpoint: impl Into<String>) -> Self {
        Self { endpoint: Some(endpoint.into()), ..self }
    }

    /// The profile of the vendor's own files that credentials and settings come from; the one that the environment names, or
    /// else the vendor's default, unless this says otherwise. With one, variables that hold credentials are not looked at.
    #[must_use]
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.wanted.profile = Some(name.into());
        self
    }

    /// A role to take on with the credentials that are found, by its full name, and what its owner asks of third parties.
    #[must_use]
    pub fn role(mut self, arn: impl Into<String>, external_id: Option<String>) -> Self {
        self.wanted.role = Some(WantedRole { arn: arn.into(), external_id });
        self
    }

    /// Whether a profile may name a program that is run for its credentials; it may not.
    #[must_use]
    pub fn allow_process(self, programs: bool) -> Self {
        Self { programs, ..self }
    }

    /// Where credentials come from; the places where the vendor's own clients look, in their order, unless this says
    /// otherwise.
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

    /// Whether settings and credentials that are not given are looked for around this process: in its environment, in the
    /// vendor's files, beside the machine. They are.
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
    pub fn fips(mut self, fips: bool) -> Self {
        self.wanted.fips = fips;
        self
    }

    /// Whether the vendor's endpoints are those that are reached by IPv6, too.
    #[must_use]
    pub fn dual_stack(mut self, dual_stack: bool) -> Self {
        self.wanted.dual_stack = dual_stack;
        self
    }

    /// Whether the vendor's endpoints are those that are reached from inside its network.
    #[must_use]
    pub fn private(mut self, private: bool) -> Self {
        self.wanted.private = private;
        self
    }

    /// The client. Nothing is sent before its first call.
    ///
    /// # Errors
    /// [`Kind::Config`] for settings that cannot be: no region, an endpoint that is none, no root certificates.
    pub fn build(self) -> Result<Remote> {
        let Self { dialect, region, endpoint, credentials, roots, limits, environment, plain, programs, wanted } = self;
        let client = dialect.client.ok_or_else(|| Kind::Config.because(format!("nobody asks {dialect:?}")))?;
        let all_given = region.is_some() && endpoint.is_some();
        let endpoint = endpoint.map(|text| address::endpoint(&text, plain)).transpose()?;
        let settings = Settings { wanted, limits, environment, endpoint, files: Profile::default(), plain };
        let tls = http::tls(&roots)?;
        let http = http::client(&tls, &limits)?;
        let mut around = Around { client, settings, http, tls, programs };
        if environment && !all_given {
            around.settings.files = (client.profile)(&around, around.settings.wanted.profile.as_deref())?;
        }
        let found = |names: &[&str]| names.iter().filter(|_| environment).find_map(|name| variable(name));
        let region = region.or_else(|| found(client.variables.region)).or_else(|| around.settings.files.region.clone());
        let region = region.ok_or_else(|| no_region(client))?;
        if !(dialect.front.region)(&region) {
            return Err(Kind::Config.because(format!("`{region}` cannot be a region of {}", dialect.front.title)));
        }
        around.settings.wanted.region = region;
        let (settings, http) = (Arc::new(around.settings.clone()), around.http.clone());
        let credentials = credentials.unwrap_or_else(|| Box::new(Chain { around }));
        let place = settings.endpoint.as_ref().map_or(settings.wanted.region.as_str(), Url::as_str);
        let name = format!("{} at {place}", dialect.name);
        Ok(Remote {
            dialect,
            client,
            http,
            credentials: Kept::new(credentials),
            settings,
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
    /// [`Kind::Config`] when what the environment or a file names is no endpoint.
    pub(crate) fn place(&self, client: &Client, service: &Service) -> Result<(Url, String)> {
        self.reached(client, service, (client.target)(service, &self.wanted.choice()))
    }

    /// The same, where the vendor's own endpoint is this one.
    ///
    /// # Errors
    /// [`Kind::Config`] when what the environment or a file names is no endpoint.
    pub(crate) fn reached(&self, client: &Client, service: &Service, usual: Target) -> Result<(Url, String)> {
        let Target { host, region } = usual;
        let url = match &self.endpoint {
            Some(endpoint) => endpoint.clone(),
            None => match self.named(client, service) {
                Some(text) => address::endpoint(&text, self.plain)?,
                None => address::endpoint(&format!("https://{host}"), false)?,
            },
        };
        Ok((url, region))
    }

    /// The endpoint that the environment, or else a file, names for a service: a URL, or a host, which is reached by TLS.
    fn named(&self, client: &Client, service: &Service) -> Option<String> {
        let (variables, files) = (client.variables, &self.files);
        let own = || (variables.endpoint_of)(service).and_then(variable);
        let of_all = || variables.endpoint.iter().find_map(|name| variable(name));
        let of_file = || files.endpoints.iter().find(|(name, _)| *name == service.name).map(|(_, url)| url.clone());
        let text = match self.environment && !files.no_endpoints {
            true => own().or_else(of_all).or_else(of_file).or_else(|| files.endpoint.clone())?,
            false => return None,
        };
        Some(if text.contains("://") { text } else { format!("https://{text}") })
    }
}

/// Settings that name nothing.
#[cfg(test)]
pub(crate) fn of_tests(limits: Limits) -> Settings {
    let (wanted, files) = (Wanted::default(), Profile::default());
    Settings { wanted, limits, environment: true, endpoint: None, files, plain: false }
}
