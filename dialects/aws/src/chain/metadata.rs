//! What a container or an instance has beside it: a service that tells its credentials.
//!
//! Follows "Container credential provider" and "IMDS credential provider" of the SDKs and Tools Reference Guide. Only the second
//! version of the instance's service is asked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderValue, Method, StatusCode, Uri};
use polykms_core::dialect::client::{Error, Found, Kind, Reach, Result, Surroundings, surroundings};
use polykms_core::dialect::{Request, Response};
use zeroize::Zeroizing;

use super::Told;

/// Where containers find their service when only a path is named.
const CONTAINER: &str = "http://169.254.170.2";
/// Whom a container may ask: the services of tasks and of pods.
const NEAR_CONTAINER: Reach = Reach::Near {
    addresses: &[
        IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
        IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
        IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)),
    ],
    tls: true,
    connect: Duration::from_secs(2),
    answer: Duration::from_secs(5),
};

const INSTANCE: [&str; 2] = ["http://169.254.169.254", "http://[fd00:ec2::254]"];
const NEAR_INSTANCE: Reach = Reach::Near {
    addresses: &[
        IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
        IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    ],
    tls: false,
    connect: Duration::from_secs(1),
    answer: Duration::from_secs(1),
};
const TOKEN: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token");
const LIFE: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
/// How often an instance is asked that answers with a fault of its own.
const TRIES: u32 = 4;

/// What to look at when an instance does not answer.
pub(super) const HOPS: &str =
    "in a container on an instance, its metadata service answers only where its hop limit is 2 or more";

/// The credentials of a container; none, where the environment names no service for them.
pub(super) async fn container(around: &dyn Surroundings) -> Result<Option<Found>> {
    const SOURCE: &str = "the service beside the container";
    let relative = around.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").map(|path| format!("{CONTAINER}{path}"));
    let Some(url) = relative.or_else(|| around.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")) else {
        return Ok(None);
    };
    let (origin, path) = split(&url)?;
    let mut request = http::Request::builder().method(Method::GET).uri(path);
    if let Some(value) = authorization(around)? {
        request = request.header(AUTHORIZATION, value);
    }
    let response = around.ask(&origin, finished(request)?, NEAR_CONTAINER).await?;
    match response.status() {
        StatusCode::OK => Told::read(SOURCE, response.body())?.found(SOURCE).map(Some),
        status => Err(Kind::Credentials.because(format!("{SOURCE} answers {}", status.as_u16()))),
    }
}

/// What a container shows to its service: what is in a file, which is read anew each time, or in a variable.
fn authorization(around: &dyn Surroundings) -> Result<Option<HeaderValue>> {
    const FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
    const VARIABLE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
    let text = match around.variable(FILE) {
        Some(path) => {
            let path = surroundings::path(around, &path).unwrap_or_default();
            let missing = || Kind::Credentials.because(format!("there is no token in {path}"));
            Some(around.file(&path)?.ok_or_else(missing)?)
        }
        None => around.variable(VARIABLE).map(Zeroizing::new),
    };
    let Some(text) = text else { return Ok(None) };
    let value = HeaderValue::from_str(text.trim_end_matches(['\r', '\n']));
    let mut value =
        value.map_err(|_| Kind::Credentials.because("the token of the container cannot stand in a header"))?;
    value.set_sensitive(true);
    Ok(Some(value))
}

/// The credentials of an instance; none, where there is no instance, or it has no role.
pub(super) async fn instance(around: &dyn Surroundings) -> Result<Option<Found>> {
    const SOURCE: &str = "the metadata service of the instance";
    let named = |name| around.variable(name).unwrap_or_default();
    if named("AWS_EC2_METADATA_DISABLED").eq_ignore_ascii_case("true") {
        return Ok(None);
    }
    let [usual, by_six] = INSTANCE;
    let by_six = named("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE").eq_ignore_ascii_case("ipv6").then_some(by_six);
    let set = around.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    let (origin, _) = split(set.as_deref().or(by_six).unwrap_or(usual))?;
    let mut metadata = Metadata { around, origin, token: None };
    if let Err(error) = metadata.renew().await {
        return match error.kind() {
            // There is no instance, or none that answers here.
            Kind::Transport | Kind::Timeout => Ok(None),
            _ => Err(error),
        };
    }
    let Some(roles) = metadata.get(ROLES).await? else { return Ok(None) };
    let roles = String::from_utf8_lossy(roles.body());
    let Some(role) = roles.lines().map(str::trim).find(|role| !role.is_empty()) else { return Ok(None) };
    let told = metadata.get(&format!("{ROLES}{role}")).await?;
    let told = told.ok_or_else(|| Kind::Credentials.because(format!("{SOURCE} has none of its role")))?;
    Told::read(SOURCE, told.body())?.found(SOURCE).map(Some)
}

/// The service of an instance, and the token that it gave.
struct Metadata<'a> {
    around: &'a dyn Surroundings,
    origin: String,
    token: Option<HeaderValue>,
}

impl Metadata<'_> {
    /// Gets a token.
    async fn renew(&mut self) -> Result<()> {
        for tried in 1..=TRIES {
            let request = http::Request::builder().method(Method::PUT).uri("/latest/api/token").header(LIFE, "21600");
            let response = self.around.ask(&self.origin, finished(request)?, NEAR_INSTANCE).await?;
            if response.status().is_success() {
                let mut token = HeaderValue::from_bytes(response.body().trim_ascii())
                    .map_err(|_| Kind::Credentials.because("the instance gives no token that can stand in a header"))?;
                token.set_sensitive(true);
                self.token = Some(token);
                return Ok(());
            }
            self.failed(response.status(), tried).await?;
        }
        Err(status(StatusCode::INTERNAL_SERVER_ERROR))
    }

    /// What is behind a path; none, where nothing is.
    async fn get(&mut self, path: &str) -> Result<Option<Response>> {
        for tried in 1..=TRIES {
            let mut request = http::Request::builder().method(Method::GET).uri(path);
            if let Some(token) = &self.token {
                request = request.header(TOKEN, token.clone());
            }
            let response = self.around.ask(&self.origin, finished(request)?, NEAR_INSTANCE).await?;
            match response.status() {
                StatusCode::OK => return Ok(Some(response)),
                StatusCode::NOT_FOUND => return Ok(None),
                StatusCode::UNAUTHORIZED if tried < TRIES => self.renew().await?,
                status => self.failed(status, tried).await?,
            }
        }
        Err(status(StatusCode::INTERNAL_SERVER_ERROR))
    }

    /// Waits after a fault that may pass.
    async fn failed(&self, said: StatusCode, tried: u32) -> Result<()> {
        if !said.is_server_error() || tried == TRIES {
            return Err(status(said));
        }
        self.around.pause(Duration::from_millis(100) * 2_u32.pow(tried)).await;
        Ok(())
    }
}

fn status(status: StatusCode) -> Error {
    Kind::Credentials.because(format!("the metadata service of the instance answers {}", status.as_u16())).hinting(HOPS)
}

fn finished(request: http::request::Builder) -> Result<Request> {
    let request = request.body(Bytes::new());
    request.map(Request::from).map_err(|_| Kind::Config.because("a request for credentials cannot be written"))
}

/// A URL as its origin and what is behind it.
fn split(url: &str) -> Result<(String, String)> {
    let none = || Kind::Config.because(format!("`{url}` is no URL that tells credentials"));
    let uri: Uri = url.parse().map_err(|_| none())?;
    let (scheme, authority) = (uri.scheme_str().ok_or_else(none)?, uri.authority().ok_or_else(none)?);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    Ok((format!("{scheme}://{authority}"), path.to_owned()))
}
