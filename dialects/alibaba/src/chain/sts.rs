//! Credentials that STS gives: for a role taken on with other credentials, or with a token of another identity provider.

use bytes::Bytes;
use http::Method;
use http::header::CONTENT_TYPE;
use polykms_core::dialect::client::{Error, Found, Kind, Result, Surroundings, Target, Wanted, surroundings};
use polykms_core::dialect::message::json;
use polykms_core::dialect::{Response, Row, Service};

use super::{is_on, token};
use crate::catalog::SERVICES;
use crate::client::CLIENT;
use crate::message::sts::{AssumeRoleRequest, AssumeRoleResponse, Credentials};

/// How long a session lasts where nobody says, in seconds.
const HOUR: i64 = 3600;

/// A role to take on.
#[derive(Debug, Default)]
pub(super) struct Role {
    pub(super) arn: String,
    pub(super) session: Option<String>,
    pub(super) seconds: Option<i64>,
    pub(super) policy: Option<String>,
    pub(super) external_id: Option<String>,
    /// The region whose STS is asked; the central one, where none is set.
    pub(super) region: Option<String>,
    /// Whether that is asked from inside the vendor's network.
    pub(super) inside: bool,
}

/// An identity provider, and where its token is.
pub(super) struct Provider {
    pub(super) arn: String,
    pub(super) token_file: String,
}

impl Role {
    /// What the environment says about all roles.
    pub(super) fn of_environment(around: &dyn Surroundings) -> Self {
        Self {
            session: around.variable("ALIBABA_CLOUD_ROLE_SESSION_NAME"),
            region: around.variable("ALIBABA_CLOUD_STS_REGION"),
            inside: is_on(around, "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED"),
            ..Self::default()
        }
    }

    fn target(&self, wanted: &Wanted) -> Target {
        let inside = if self.inside { "-vpc" } else { "" };
        let host = match &self.region {
            Some(region) => format!("sts{inside}.{region}.aliyuncs.com"),
            None => "sts.aliyuncs.com".to_owned(),
        };
        Target { host, region: self.region.clone().unwrap_or_else(|| wanted.region.clone()) }
    }

    /// The name of a session: the one that is set, or one that says whose it is and when it began.
    fn session(&self, around: &dyn Surroundings) -> String {
        self.session.clone().unwrap_or_else(|| format!("polykms-{}", around.now().as_millisecond()))
    }
}

/// Takes a role on.
pub(super) async fn assume(around: &dyn Surroundings, wanted: &Wanted, role: &Role, with: &Found) -> Result<Found> {
    let (service, row) = row()?;
    let asked = AssumeRoleRequest {
        role_arn: Some((&role.arn).into()),
        role_session_name: Some(role.session(around).into()),
        duration_seconds: Some(role.seconds.unwrap_or(HOUR)),
        policy: role.policy.as_deref().map(Into::into),
        external_id: role.external_id.as_deref().map(Into::into),
        ..AssumeRoleRequest::default()
    };
    let request = service.protocol.ask(service, row, &asked);
    let request = request.map_err(|error| error.kind().coarse().because(error.to_string()))?;
    let answer = surroundings::ask(around, &CLIENT, service, role.target(wanted), request, Some(with)).await;
    found(&role.arn, &answer.map_err(|error| about(error, &role.arn))?)
}

/// Takes the role on that the environment names, with the token that it names.
pub(super) async fn oidc_of_environment(around: &dyn Surroundings, wanted: &Wanted) -> Result<Option<Found>> {
    let named = |name| around.variable(name);
    let all = || {
        let provider = Provider {
            arn: named("ALIBABA_CLOUD_OIDC_PROVIDER_ARN")?,
            token_file: named("ALIBABA_CLOUD_OIDC_TOKEN_FILE")?,
        };
        Some((Role { arn: named("ALIBABA_CLOUD_ROLE_ARN")?, ..Role::of_environment(around) }, provider))
    };
    match all() {
        Some((role, provider)) => oidc(around, wanted, &role, &provider).await.map(Some),
        None => Ok(None),
    }
}

/// Takes a role on with a token of another identity provider.
pub(super) async fn oidc(
    around: &dyn Surroundings,
    wanted: &Wanted,
    role: &Role,
    provider: &Provider,
) -> Result<Found> {
    let (service, _) = row()?;
    let request = unsigned(around, service, role, provider)?;
    let answer = surroundings::ask(around, &CLIENT, service, role.target(wanted), request, None).await;
    found(&role.arn, &answer.map_err(|error| about(error, &role.arn))?)
}

/// The request for that, which nobody signs.
fn unsigned(
    around: &dyn Surroundings,
    service: &Service,
    role: &Role,
    provider: &Provider,
) -> Result<http::Request<Bytes>> {
    let token = token(around, &provider.token_file)?;
    let query = form_urlencoded::Serializer::for_suffix(String::from("/?"), 2)
        .append_pair("Action", "AssumeRoleWithOIDC")
        .append_pair("Format", "JSON")
        .append_pair("Version", service.version)
        .append_pair("Timestamp", &around.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
        .append_pair("SignatureNonce", &around.nonce())
        .finish();
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("RoleArn", &role.arn)
        .append_pair("OIDCProviderArn", &provider.arn)
        .append_pair("OIDCToken", token.trim())
        .append_pair("RoleSessionName", &role.session(around))
        .append_pair("DurationSeconds", &role.seconds.unwrap_or(HOUR).to_string());
    if let Some(policy) = &role.policy {
        form.append_pair("Policy", policy);
    }
    let request = http::Request::builder().method(Method::POST).uri(query);
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(Bytes::from(form.finish()));
    request.map_err(|_| Kind::Config.because("a request for credentials cannot be written"))
}

fn row() -> Result<(&'static Service, &'static Row)> {
    let row = || {
        let service = SERVICES.iter().find(|service| service.name == "sts")?;
        Some((service, service.row("AssumeRole")?))
    };
    row().ok_or_else(|| Kind::Unsupported.because("nobody here takes roles on"))
}

/// The credentials that an answer tells.
fn found(arn: &str, response: &Response) -> Result<Found> {
    let unreadable = || Kind::Unexpected.because(format!("STS tells no credentials of {arn} that can be read"));
    let mut told = AssumeRoleResponse::default();
    json::read(response.body(), &mut told).map_err(|_| unreadable())?;
    let Credentials { access_key_id, access_key_secret, expiration, security_token } =
        told.credentials.ok_or_else(unreadable)?;
    let id = access_key_id.ok_or_else(unreadable)?;
    let secret = access_key_secret.ok_or_else(unreadable)?;
    let token = security_token.ok_or_else(unreadable)?;
    Ok(Found::lasting(id, secret).of_session(Some(token), expiration))
}

/// Says what was asked for when it failed.
fn about(error: Error, arn: &str) -> Error {
    match error.hint() {
        Some(_) => error,
        None => error.hinting(format!("it was asked for credentials of the role {arn}")),
    }
}
