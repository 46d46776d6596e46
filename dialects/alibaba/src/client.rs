//! The client half: endpoints, signatures and refusals of Alibaba Cloud, as its own SDKs have them.
//!
//! Follows the endpoint lists of the services, "Request syntax and signature method V3" and "Error codes".

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use polykms_core::dialect::client::{Attempt, Choice, Client, Kind, Refusal, Sealing, Target, Variables};
use polykms_core::dialect::message::plain;
use polykms_core::dialect::message::xml::Lists;
use polykms_core::dialect::{Request, Response, Row, Service};
use polykms_core::error::{Error, Flaw, Kind as Fault, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::chain;
use crate::errors::{self, Family};
use crate::front::FRONT;
use crate::protocol;
use crate::sign::{self, Method};

/// How services of Alibaba Cloud are asked.
pub(crate) static CLIENT: Client = Client {
    target,
    seal,
    attempt,
    write,
    read,
    refusal,
    told,
    kind,
    is_skewed: |code| code == "InvalidTimeStamp.Expired",
    is_expired: |code| matches!(code, "InvalidSecurityToken.Expired" | "SecurityTokenExpired"),
    envelope_scheme: 2,
    key_uris: &["alibabakms:///", "alibabakms://", "alibabakms:"],
    variables: &Variables {
        access_key_id: &["ALIBABA_CLOUD_ACCESS_KEY_ID", "ALICLOUD_ACCESS_KEY"],
        secret: &["ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALICLOUD_SECRET_KEY"],
        token: &["ALIBABA_CLOUD_SECURITY_TOKEN", "ALICLOUD_SECURITY_TOKEN"],
        region: &["ALIBABA_CLOUD_REGION_ID", "ALICLOUD_REGION"],
        endpoint_of: |_| None,
        endpoint: &["ALIBABA_CLOUD_ENDPOINT"],
    },
    profile: chain::settings,
    credentials: chain::credentials,
};

/// Which attempt it is, counted from 0, and how long the call waited for it.
const ATTEMPT: HeaderName = HeaderName::from_static("x-acs-retry-attempts");
const WAITED: HeaderName = HeaderName::from_static("x-acs-retry-delay");
/// How long to wait, in milliseconds; whatever carries it asks to be asked less often.
const WAIT: HeaderName = HeaderName::from_static("x-acs-retry-after");

fn target(service: &Service, choice: &Choice<'_>) -> Target {
    let Choice { region, private, fips: _, dual_stack: _ } = *choice;
    let inside = if private { "-vpc" } else { "" };
    let host = match service.name {
        "ram" => "ram.aliyuncs.com".to_owned(),
        name => format!("{name}{inside}.{region}.aliyuncs.com"),
    };
    Target { host, region: region.to_owned() }
}

fn seal(request: &mut Request, sealing: &Sealing<'_>) -> Result<()> {
    let Sealing { credential, token, service: _, region: _, nonce, now } = *sealing;
    if !request.head.headers.contains_key(HOST) {
        let host = request.head.uri.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok());
        let host = host.ok_or_else(|| Fault::Invalid(Flaw::Missing).about(HOST.as_str()))?;
        request.head.headers.insert(HOST, host);
    }
    sign::seal(request, Method::Acs3Sha256, credential, token, nonce, now)
}

fn attempt(headers: &mut HeaderMap, attempt: &Attempt<'_>) {
    let Attempt { call: _, number, most: _, waited } = *attempt;
    if number > 1 {
        headers.insert(ATTEMPT, HeaderValue::from(number - 1));
        headers.insert(WAITED, HeaderValue::from(u64::try_from(waited.as_millis()).unwrap_or(u64::MAX)));
    }
}

fn write(service: &Service, row: &Row, input: &Value) -> Result<http::Request<Bytes>> {
    protocol::request(service, row, plain::flat(input, protocol::FLAT))
}

fn read(service: &Service, row: &Row, response: &Response) -> Result<Value> {
    let unreadable = || Error::from(Fault::Unreadable);
    match response.body().first() {
        Some(b'<') => {
            let document = std::str::from_utf8(response.body()).map_err(|_| unreadable())?;
            let root = protocol::root(service, row);
            plain::read(document, &root, Lists::Repeated, row.tells()).map_err(|_| unreadable())
        }
        _ => serde_json::from_slice(response.body()).map_err(|_| unreadable()),
    }
}

/// A refusal in JSON.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Problem<'a> {
    #[serde(borrow)]
    code: Cow<'a, str>,
    #[serde(borrow)]
    message: Cow<'a, str>,
    #[serde(borrow)]
    request_id: Cow<'a, str>,
}

fn refusal(_: &Service, response: &Response) -> Refusal {
    let header = |name: &HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok());
    let Problem { code, message, request_id } = serde_json::from_slice(response.body()).unwrap_or_default();
    let message = match message.is_empty() && code.is_empty() {
        true => StatusCode::canonical_reason(&response.status()).unwrap_or_default().to_owned(),
        false => message.into_owned(),
    };
    let named = header(&HeaderName::from_static(FRONT.request_id)).unwrap_or_default();
    let request_id = Some(if request_id.is_empty() { named } else { &request_id }).filter(|id| !id.is_empty());
    let wait = header(&WAIT).and_then(|wait| wait.parse().ok()).map(Duration::from_millis);
    let request_id = request_id.map(str::to_owned);
    Refusal { status: response.status().as_u16(), code: code.into_owned(), message, request_id, wait }
}

fn told(service: &Service, error: &Error) -> Refusal {
    let errors::Fault { status, code, message } = errors::fault(Family::of(service.name), error);
    Refusal { status, code: code.into_owned(), message: message.into_owned(), ..Refusal::default() }
}

fn kind(_: &Service, status: u16, code: &str) -> Kind {
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| code.starts_with(prefix));
    match code {
        "Forbidden.NoPermission" | "NoPermission" | "AccessDeniedError" | "NoPermission.RAM" => Kind::Denied,
        "Rejected.LimitExceeded" => Kind::Limit,
        "Rejected.ResourceExist" | "AliasAlreadyExists" => Kind::Exists,
        "Rejected.UnsupportedOperation" | "UnsupportedOperation" | "InvalidVersion" => Kind::Unsupported,
        "Forbidden.Opened" => Kind::Exists,
        "DryRunOperationError" | "EntityNotExist.DiagnosticMessage" => Kind::Invalid,
        _ if code.contains("Throttling") => Kind::Throttled,
        _ if code.starts_with("ServiceUnavailable") => Kind::Unavailable,
        _ if begins(&["EntityNotExist", "Forbidden."]) && status == 404 => Kind::NotFound,
        _ if begins(&["EntityAlreadyExist"]) => Kind::Exists,
        _ if begins(&["LimitExceeded"]) => Kind::Limit,
        _ if begins(&["DeleteConflict", "Rejected."]) => Kind::State,
        _ if begins(&CREDENTIALS) => Kind::Credentials,
        _ if begins(&["Forbidden"]) => Kind::Denied,
        _ if status == 404 => Kind::Invalid,
        _ => Kind::of_status(status),
    }
}

/// How codes about credentials and signatures begin.
const CREDENTIALS: [&str; 9] = [
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "SignatureNonceUsed",
    "IncompleteSignature",
    "InvalidTimeStamp",
    "InvalidSecurityToken",
    "SecurityTokenExpired",
    "MissingSecurityToken",
    "MissingAccessKeyId",
];

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use bytes::Bytes;
    use polykms_core::dialect::{Format, Reply, Voice};
    use polykms_core::error::{self, AuthFlaw};

    use super::*;
    use crate::catalog::SERVICES;

    /// What a code alone does not tell: services use it for more than one kind.
    fn merged(kind: Fault, code: &str) -> Option<Kind> {
        Some(match (kind, code) {
            // Ciphertexts that do not open are parameters like others.
            (_, code) if code.starts_with("InvalidParameter") => Kind::Invalid,
            (Fault::Unauthenticated(AuthFlaw::Missing), code) if code.starts_with("Missing") => Kind::Invalid,
            (Fault::Unauthenticated(AuthFlaw::Method), "IncompleteSignature") => Kind::Credentials,
            (Fault::InvalidUsage, "Rejected.UnsupportedOperation") => Kind::Unsupported,
            (Fault::Conflict, "ServiceUnavailableTemporary") => Kind::Unavailable,
            _ => return None,
        })
    }

    #[test]
    fn every_kind_of_error_comes_back_as_what_the_caller_can_do() {
        let mut wrong = Vec::new();
        for service in SERVICES {
            let voice = Voice { service: service.name, format: Format::Json, dry_run: false };
            for kind in error::Kind::all() {
                let error = kind.because("a reason").naming("thing");
                let said = told(service, &error);
                let reply = Reply { request_id: "r-1", host: "h", answer: Err(error) };
                let read = refusal(service, &crate::answer::write(&voice, None, reply));
                assert_eq!(Refusal { request_id: Some("r-1".to_owned()), ..said }, read, "{kind:?}");
                let understood = super::kind(service, read.status, &read.code);
                let wanted = merged(kind, &read.code).unwrap_or(kind.coarse());
                if understood != wanted {
                    wrong
                        .push(format!("{kind:?} of {}: {} is {understood:?}, not {wanted:?}", service.name, read.code));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn endpoints_are_those_of_the_vendor() {
        let at = |service: usize, private| {
            let choice = Choice { region: "cn-hangzhou", private, ..Choice::default() };
            target(&SERVICES[service], &choice).host
        };
        assert_eq!([at(0, false), at(0, true)], ["kms.cn-hangzhou.aliyuncs.com", "kms-vpc.cn-hangzhou.aliyuncs.com"]);
        assert_eq!([at(1, false), at(1, true)], ["ram.aliyuncs.com", "ram.aliyuncs.com"]);
        assert_eq!([at(2, false), at(2, true)], ["sts.cn-hangzhou.aliyuncs.com", "sts-vpc.cn-hangzhou.aliyuncs.com"]);
    }

    #[test]
    fn an_answer_that_is_no_refusal_of_the_vendor_is_told_by_its_status() {
        let mut response = Response::new(Bytes::from_static(b"<html>bad gateway</html>"));
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        response.headers_mut().insert(WAIT, HeaderValue::from_static("250"));
        let read = refusal(&SERVICES[0], &response);
        assert_eq!(
            (read.code.as_str(), read.message.as_str(), read.wait),
            ("", "Bad Gateway", Some(Duration::from_millis(250)))
        );
        assert_eq!(super::kind(&SERVICES[0], read.status, &read.code), Kind::Unavailable);
    }
}
