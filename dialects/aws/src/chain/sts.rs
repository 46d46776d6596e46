//! Credentials that STS gives: for a role taken on with other credentials, or with a token of another identity provider.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::CONTENT_TYPE;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use polykms_core::dialect::client::{Error, Found, Kind, Result, Surroundings, Wanted, surroundings};
use polykms_core::dialect::message::xml::{self, Lists};
use polykms_core::dialect::{Response, Row, Service};
use polykms_core::error;

use crate::catalog;
use crate::client::CLIENT;
use crate::message::sts::{AssumeRoleRequest, AssumeRoleResponse, Credentials};

/// A role to take on.
#[derive(Debug, Default)]
pub(super) struct Hop {
    pub(super) arn: String,
    pub(super) external_id: Option<String>,
    pub(super) session: Option<String>,
    pub(super) seconds: Option<i64>,
}

/// How often a token is tried whose issuer STS does not reach.
const TRIES: u32 = 3;

/// Takes a role on.
pub(super) async fn assume(around: &dyn Surroundings, wanted: &Wanted, hop: &Hop, with: &Found) -> Result<Found> {
    let (service, row) = row()?;
    let Hop { arn, external_id, session, seconds } = hop;
    let asked = AssumeRoleRequest {
        role_arn: Some(arn.into()),
        role_session_name: Some(session_name(around, session.as_deref())),
        duration_seconds: *seconds,
        external_id: external_id.as_deref().map(Into::into),
        ..AssumeRoleRequest::default()
    };
    let request = service.protocol.ask(service, row, &asked).map_err(|error| unasked(&error))?;
    let target = (CLIENT.target)(service, &wanted.choice());
    let answer = surroundings::ask(around, &CLIENT, service, target, request, Some(with)).await;
    found(arn, "AssumeRoleResult", &answer.map_err(|error| about(error, arn))?)
}

/// Takes the role on that the environment names, with the token that it names.
pub(super) async fn web_identity_of_environment(around: &dyn Surroundings, wanted: &Wanted) -> Result<Option<Found>> {
    let Some(token_file) = around.variable("AWS_WEB_IDENTITY_TOKEN_FILE") else { return Ok(None) };
    let arn = around.variable("AWS_ROLE_ARN").ok_or_else(|| super::unset("AWS_ROLE_ARN"))?;
    let session = around.variable("AWS_ROLE_SESSION_NAME");
    web_identity(around, wanted, &arn, session.as_deref(), &token_file).await.map(Some)
}

/// Takes a role on with the token in a file, which is read anew each time.
pub(super) async fn web_identity(
    around: &dyn Surroundings,
    wanted: &Wanted,
    arn: &str,
    session: Option<&str>,
    token_file: &str,
) -> Result<Found> {
    let (service, _) = row()?;
    let path = surroundings::path(around, token_file).unwrap_or_default();
    let missing = || Kind::Credentials.because(format!("there is no token in {path}"));
    let token = around.file(&path)?.ok_or_else(missing)?;
    let session = session_name(around, session);
    let pairs = [("RoleArn", arn), ("RoleSessionName", &session), ("WebIdentityToken", token.trim())];
    let mut tries = 0;
    loop {
        tries += 1;
        let request = unsigned(service, "AssumeRoleWithWebIdentity", &pairs)?;
        let target = (CLIENT.target)(service, &wanted.choice());
        match surroundings::ask(around, &CLIENT, service, target, request, None).await {
            Ok(response) => return found(arn, "AssumeRoleWithWebIdentityResult", &response),
            Err(error) if error.vendor_code() == Some("IDPCommunicationError") && tries < TRIES => {
                around.pause(Duration::from_millis(500) * tries).await;
            }
            Err(error) => return Err(about(error, arn)),
        }
    }
}

fn row() -> Result<(&'static Service, &'static Row)> {
    let row = || {
        let service = catalog::service("sts")?;
        Some((service, service.row("AssumeRole")?))
    };
    row().ok_or_else(|| Kind::Unsupported.because("nobody here takes roles on"))
}

/// A request that nobody signs.
fn unsigned(service: &Service, operation: &str, pairs: &[(&str, &str)]) -> Result<http::Request<Bytes>> {
    let mut body = format!("Action={operation}&Version={}", service.version);
    for (name, value) in pairs {
        body.extend(["&", name, "="]);
        body.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
    }
    let request = http::Request::builder().method(Method::POST).uri("/");
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded; charset=utf-8");
    request.body(Bytes::from(body)).map_err(|_| Kind::Config.because("a request for credentials cannot be written"))
}

/// The name of a session: the one that is set, or one that says whose it is and when it began.
fn session_name<'a>(around: &dyn Surroundings, set: Option<&'a str>) -> Cow<'a, str> {
    set.map_or_else(|| format!("polykms-{}", around.now().as_millisecond()).into(), Cow::Borrowed)
}

/// The credentials that an answer tells.
fn found(arn: &str, result: &str, response: &Response) -> Result<Found> {
    let unreadable = || Kind::Unexpected.because(format!("STS tells no credentials of {arn} that can be read"));
    let document = std::str::from_utf8(response.body()).map_err(|_| unreadable())?;
    let mut told = AssumeRoleResponse::default();
    xml::read(document, result, Lists::Members, &mut told).map_err(|_| unreadable())?;
    let Credentials { access_key_id, expiration, secret_access_key, session_token } =
        told.credentials.ok_or_else(unreadable)?;
    let id = access_key_id.ok_or_else(unreadable)?;
    let secret = secret_access_key.ok_or_else(unreadable)?;
    let token = session_token.ok_or_else(unreadable)?;
    Ok(Found::lasting(id, secret).of_session(Some(token), expiration))
}

/// Says what was asked for when it failed.
fn about(error: Error, arn: &str) -> Error {
    match error.hint() {
        Some(_) => error,
        None => error.hinting(format!("it was asked for credentials of the role {arn}")),
    }
}

fn unasked(error: &error::Error) -> Error {
    error.kind().coarse().because(error.to_string())
}
