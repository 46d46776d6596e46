//! What an instance has beside it: a service that tells the credentials of its RAM role; and URIs that tell credentials.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use bytes::Bytes;
use http::header::HeaderName;
use http::{HeaderValue, Method, StatusCode, Uri};
use polykms_core::dialect::client::{Found, Kind, Reach, Result, Surroundings};
use polykms_core::dialect::{Request, Response};

use super::{Told, is_on};

const INSTANCE: &str = "http://100.100.100.200";
const NEAR_INSTANCE: Reach = Reach::Near {
    addresses: &[IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200))],
    tls: false,
    connect: Duration::from_secs(1),
    answer: Duration::from_secs(1),
};
/// Whom a URI may name: this machine and what is beside it, and with TLS anybody.
const NEAR_URI: Reach = Reach::Near {
    addresses: &[
        IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
        IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
        IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
        IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)),
    ],
    tls: true,
    connect: Duration::from_secs(5),
    answer: Duration::from_secs(10),
};
const TOKEN: HeaderName = HeaderName::from_static("x-aliyun-ecs-metadata-token");
const LIFE: HeaderName = HeaderName::from_static("x-aliyun-ecs-metadata-token-ttl-seconds");
const ROLES: &str = "/latest/meta-data/ram/security-credentials/";
const SOURCE: &str = "the metadata service of the instance";

/// The credentials of an instance, by the name of its role where that is known; none, where there is no instance, or it has no
/// role.
pub(super) async fn instance(around: &dyn Surroundings, role: Option<&str>) -> Result<Option<Found>> {
    if is_on(around, "ALIBABA_CLOUD_ECS_METADATA_DISABLED") {
        return Ok(None);
    }
    let named = role.map(str::to_owned).or_else(|| around.variable("ALIBABA_CLOUD_ECS_METADATA"));
    let token = match token(around).await {
        Ok(token) => token,
        // There is no instance, or none that answers here.
        Err(error) if matches!(error.kind(), Kind::Transport | Kind::Timeout) => return Ok(None),
        Err(error) => return Err(error),
    };
    let role = match named {
        Some(role) => role,
        None => match get(around, ROLES, token.as_ref()).await? {
            Some(answer) => String::from_utf8_lossy(answer.body()).into_owned(),
            None => return Ok(None),
        },
    };
    let role = role.trim();
    if role.is_empty() {
        return Ok(None);
    }
    let told = get(around, &format!("{ROLES}{role}"), token.as_ref()).await?;
    let told = told.ok_or_else(|| Kind::Credentials.because(format!("{SOURCE} has none of the role `{role}`")))?;
    Told::read(SOURCE, told.body()).map(Some)
}

/// A token for further questions; none, where the service gives none and may be asked without.
async fn token(around: &dyn Surroundings) -> Result<Option<HeaderValue>> {
    let request = http::Request::builder().method(Method::PUT).uri("/latest/api/token").header(LIFE, "21600");
    let response = around.ask(INSTANCE, finished(request)?, NEAR_INSTANCE).await?;
    if response.status().is_success() {
        let token = HeaderValue::from_bytes(response.body().trim_ascii());
        let mut token = token
            .map_err(|_| Kind::Credentials.because(format!("{SOURCE} gives no token that can stand in a header")))?;
        token.set_sensitive(true);
        return Ok(Some(token));
    }
    match is_on(around, "ALIBABA_CLOUD_IMDSV1_DISABLED") {
        true => {
            Err(Kind::Credentials
                .because(format!("{SOURCE} gives no token and answers {}", response.status().as_u16())))
        }
        false => Ok(None),
    }
}

/// What is behind a path; none, where nothing is.
async fn get(around: &dyn Surroundings, path: &str, token: Option<&HeaderValue>) -> Result<Option<Response>> {
    let mut request = http::Request::builder().method(Method::GET).uri(path);
    if let Some(token) = token {
        request = request.header(TOKEN, token.clone());
    }
    let response = around.ask(INSTANCE, finished(request)?, NEAR_INSTANCE).await?;
    match response.status() {
        StatusCode::OK => Ok(Some(response)),
        StatusCode::NOT_FOUND => Ok(None),
        status => Err(Kind::Credentials.because(format!("{SOURCE} answers {}", status.as_u16()))),
    }
}

/// The credentials that a URI tells.
pub(super) async fn uri(around: &dyn Surroundings, text: &str) -> Result<Found> {
    let none = || Kind::Config.because(format!("`{text}` is no URI that tells credentials"));
    let uri: Uri = text.parse().map_err(|_| none())?;
    let (scheme, authority) = (uri.scheme_str().ok_or_else(none)?, uri.authority().ok_or_else(none)?);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let request = http::Request::builder().method(Method::GET).uri(path);
    let response = around.ask(&format!("{scheme}://{authority}"), finished(request)?, NEAR_URI).await?;
    match response.status() {
        StatusCode::OK => Told::read("the credentials URI", response.body()),
        status => Err(Kind::Credentials.because(format!("the credentials URI answers {}", status.as_u16()))),
    }
}

fn finished(request: http::request::Builder) -> Result<Request> {
    let request = request.body(Bytes::new());
    request.map(Request::from).map_err(|_| Kind::Config.because("a request for credentials cannot be written"))
}
