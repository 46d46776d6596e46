//! The wire: which requests are written in this dialect, what they ask, and how they are answered.
//!
//! Services of the JSON protocol name their operation in the header `X-Amz-Target`, services of the query protocol in the
//! parameters `Action` and `Version`. What no other cloud has (the target, an `AWS4-` signature, the version of an AWS
//! API) makes a request an AWS one; a request that carries the marks of two clouds is claimed by both, and so refused.

pub(crate) mod constraint;
pub(crate) mod field;
pub(crate) mod iam;
pub(crate) mod json;
pub(crate) mod kms;
pub(crate) mod query;
pub(crate) mod sts;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Method, StatusCode};
use polykms_core::dialect::{Envelope, Format, Payload, Reply, Request, Response, Row, Service, Voice};
use polykms_core::error::{Kind, Result};

use crate::errors::Words;
use crate::{catalog, errors, sign};

const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const JSON: &str = "application/x-amz-json-1.1";
/// The header with the encoded message of a denial; no header of AWS.
const ENCODED_MESSAGE: &str = "x-polykms-encoded-authorization-message";

/// The services of the JSON protocol, with what stands before the operation in a target.
const TARGETS: [(&str, &str); 3] =
    [("kms", "TrentService"), ("secretsmanager", "secretsmanager"), ("acm", "CertificateManager")];

/// Whether a service speaks JSON.
pub(crate) fn is_json(service: &Service) -> bool {
    TARGETS.iter().any(|(name, _)| *name == service.name)
}

/// Whether a request is written in this dialect.
pub(crate) fn claims(request: &Request) -> bool {
    let headers = &request.head.headers;
    headers.contains_key(TARGET)
        || headers.get_all(AUTHORIZATION).iter().any(|value| value.as_bytes().starts_with(b"AWS4-"))
        || query::is_presigned(request)
        || query::service(request).is_some()
}

/// How a request wants to be answered.
pub(crate) fn voice(request: &Request) -> Voice {
    let in_format = |service, format| Voice { service, format, dry_run: false };
    if let Some(target) = request.head.headers.get(TARGET) {
        let prefix = target.as_bytes().split(|byte| *byte == b'.').next().unwrap_or_default();
        let known = TARGETS.iter().find(|(_, known)| known.as_bytes() == prefix);
        return in_format(known.map_or("kms", |(name, _)| *name), Format::Json);
    }
    match query::service(request).or_else(|| signed_for(request)) {
        Some(service) if !is_json(service) => in_format(service.name, Format::Xml),
        Some(service) => in_format(service.name, Format::Json),
        None if query::has_action(request) => in_format("sts", Format::Xml),
        None => in_format("kms", Format::Json),
    }
}

/// The service that the scope of the signature names.
fn signed_for(request: &Request) -> Option<&'static Service> {
    let authorization = request.head.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (_, credential) = authorization.split_once("Credential=")?;
    let scope = credential.split([',', ' ']).next()?;
    catalog::service(scope.split('/').nth(3)?)
}

/// Reads a request.
///
/// # Errors
/// [`Kind::UnknownOperation`] for an operation that no service has, [`Kind::Unauthenticated`] for a signature that cannot
/// be read, [`Kind::Unreadable`] for parameters that cannot.
pub(crate) fn read(request: &Request) -> Result<Envelope> {
    match request.header(&TARGET)? {
        Some(target) => read_json(request, target),
        None => read_query(request),
    }
}

fn read_json(request: &Request, target: &str) -> Result<Envelope> {
    let unknown = || Kind::UnknownOperation.because("");
    let (prefix, operation) = target.split_once('.').ok_or_else(unknown)?;
    let (name, _) = TARGETS.iter().find(|(_, known)| *known == prefix).ok_or_else(unknown)?;
    let service = catalog::service(name).ok_or_else(unknown)?;
    let row = service.row(operation).ok_or_else(unknown)?;
    let fits = request.head.method == Method::POST && is_root(request) && is_of_type(request, JSON)?;
    if !fits {
        return Err(unknown());
    }
    envelope(request, service, row, Payload::Json(request.body.clone()))
}

fn read_query(request: &Request) -> Result<Envelope> {
    let parameters = query::parameters(request)?;
    let find = |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let (action, version) = (find("Action").unwrap_or_default(), find("Version"));
    let unknown = || {
        let version = version.unwrap_or("NO_VERSION_SPECIFIED");
        Kind::UnknownOperation.verbatim(format!("Could not find operation {action} for version {version}"))
    };
    let service = version.and_then(query::by_version).ok_or_else(unknown)?;
    let row = service.row(action).filter(|_| is_root(request)).ok_or_else(unknown)?;
    envelope(request, service, row, Payload::Params(parameters))
}

fn envelope(request: &Request, service: &'static Service, row: &'static Row, payload: Payload) -> Result<Envelope> {
    let (claim, region) = match sign::claim(request, service.name)? {
        Some(sign::Claimed { claim, region }) => (Some(claim), Some(region)),
        None => (None, None),
    };
    Ok(Envelope { service, row, claim, payload, region })
}

fn is_root(request: &Request) -> bool {
    matches!(request.head.uri.path(), "" | "/")
}

/// Whether the body is of this type; parameters of the type do not count.
fn is_of_type(request: &Request, wanted: &str) -> Result<bool> {
    let given = request.header(&CONTENT_TYPE)?.unwrap_or_default();
    let given = given.split(';').next().unwrap_or_default().trim();
    Ok(given.eq_ignore_ascii_case(wanted))
}

/// Writes an answer.
pub(crate) fn write(voice: &Voice, row: Option<&'static Row>, reply: &Reply<'_>) -> Response {
    let mut response = match voice.format {
        Format::Json => write_json(voice, row, reply),
        Format::Xml => write_query(voice, row, reply),
    };
    let denial = reply.answer.as_ref().err().and_then(|error| error.denial());
    if let Some(Ok(message)) = denial.and_then(|denial| denial.encoded.as_deref()).map(HeaderValue::from_str) {
        response.headers_mut().insert(ENCODED_MESSAGE, message);
    }
    response
}

fn write_json(voice: &Voice, row: Option<&'static Row>, reply: &Reply<'_>) -> Response {
    match &reply.answer {
        Ok(Payload::Json(body)) => response(200, JSON, body.clone(), reply),
        Ok(Payload::Params(_) | Payload::Tree(_)) => {
            json_error(voice, row, reply, &Kind::Internal.because("the output is not JSON"))
        }
        Err(error) => json_error(voice, row, reply, error),
    }
}

fn json_error(
    voice: &Voice,
    row: Option<&'static Row>,
    reply: &Reply<'_>,
    error: &polykms_core::error::Error,
) -> Response {
    let Words { status, code, message } = errors::words(error, voice, row.map_or("", Row::wire));
    // Which spelling KMS itself uses for denials is not documented; SDKs read both.
    let member = if error.kind() == Kind::AccessDenied { "Message" } else { "message" };
    let body = match message.is_empty() {
        true => serde_json::json!({ "__type": code }),
        false => serde_json::json!({ "__type": code, member: message }),
    };
    let mut response = response(status, JSON, Bytes::from(body.to_string()), reply);
    response.headers_mut().insert(ERROR_TYPE, HeaderValue::from_static(code));
    response
}

fn write_query(voice: &Voice, row: Option<&'static Row>, reply: &Reply<'_>) -> Response {
    let (status, body) = match (&reply.answer, row) {
        (Ok(Payload::Tree(tree)), Some(row)) => (200, query::answer(voice.service, row.wire(), tree, reply.request_id)),
        (Ok(_), _) => refusal(voice, row, reply, &Kind::Internal.because("the output is no tree")),
        (Err(error), _) => refusal(voice, row, reply, error),
    };
    response(status, "text/xml", body, reply)
}

fn refusal(
    voice: &Voice,
    row: Option<&'static Row>,
    reply: &Reply<'_>,
    error: &polykms_core::error::Error,
) -> (u16, Bytes) {
    let words = errors::words(error, voice, row.map_or("", Row::wire));
    (words.status, query::error(voice.service, &words, reply.request_id))
}

fn response(status: u16, content_type: &'static str, body: Bytes, reply: &Reply<'_>) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(request_id) = HeaderValue::from_str(reply.request_id) {
        headers.insert(REQUEST_ID, request_id);
    }
    response
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use polykms_core::error::{AuthFlaw, Error};

    use super::*;

    fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Request {
        let mut builder = http::Request::builder().method(method).uri(target);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let (head, ()) = builder.body(()).unwrap().into_parts();
        let body = Bytes::copy_from_slice(body.as_bytes());
        Request { head, body, peer: IpAddr::V4(Ipv4Addr::LOCALHOST).into(), tls: false }
    }

    const TYPE: (&str, &str) = ("content-type", JSON);
    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");

    fn kms(target: &str) -> Request {
        request("POST", "/", &[TYPE, ("x-amz-target", target)], "{}")
    }

    fn refused(request: &Request) -> Error {
        read(request).err().unwrap_or_else(|| panic!("{request:?} was taken"))
    }

    #[test]
    fn requests_of_aws_are_claimed() {
        for (request, service, format) in [
            (kms("TrentService.Encrypt"), "kms", Format::Json),
            (kms("secretsmanager.GetSecretValue"), "secretsmanager", Format::Json),
            (kms("CertificateManager.ListCertificates"), "acm", Format::Json),
            (kms("Nobody.Knows"), "kms", Format::Json),
            (request("GET", "/?Action=GetCallerIdentity&Version=2011-06-15", &[], ""), "sts", Format::Xml),
            (request("POST", "/", &[FORM], "Version=2010-05-08&Action=ListUsers"), "iam", Format::Xml),
            (
                request("GET", "/?Action=GetCallerIdentity&X-Amz-Algorithm=AWS4-HMAC-SHA256", &[], ""),
                "sts",
                Format::Xml,
            ),
            (
                request(
                    "POST",
                    "/",
                    &[("authorization", "AWS4-HMAC-SHA256 Credential=A/2/r/iam/aws4_request, S=1")],
                    "",
                ),
                "iam",
                Format::Xml,
            ),
            (request("POST", "/", &[("authorization", "AWS4-HMAC-SHA256 nonsense")], ""), "kms", Format::Json),
        ] {
            assert!(claims(&request), "{request:?}");
            assert_eq!(voice(&request), Voice { service, format, dry_run: false }, "{request:?}");
        }
    }

    #[test]
    fn requests_of_others_are_not_claimed() {
        for request in [
            request("GET", "/", &[], ""),
            request("GET", "/?Action=ListKeys&Version=2016-01-20&SignatureMethod=HMAC-SHA1&Signature=x", &[], ""),
            request("POST", "/", &[FORM], "Action=AssumeRole&Version=2015-04-01&Signature=x"),
            request("POST", "/", &[("x-acs-action", "ListKeys"), ("authorization", "ACS3-HMAC-SHA256 x")], ""),
            request("POST", "/", &[("content-type", "text/plain")], "Version=2010-05-08"),
            request("GET", "/", &[("x-amz-cf-id", "added by a proxy")], ""),
        ] {
            assert!(!claims(&request), "{request:?}");
        }
    }

    #[test]
    fn a_target_leads_to_its_row() {
        let envelope = read(&kms("TrentService.DescribeKey")).unwrap();
        assert_eq!((envelope.service.name, envelope.row.wire()), ("kms", "DescribeKey"));
        assert!(envelope.claim.is_none() && envelope.region.is_none());
        assert!(matches!(envelope.payload, Payload::Json(body) if body.as_ref() == b"{}"));
    }

    #[test]
    fn what_leads_to_no_row_is_no_operation() {
        let target = ("x-amz-target", "TrentService.ListKeys");
        for request in [
            kms("TrentService.Nothing"),
            kms("TrentService"),
            kms("Trent.ListKeys"),
            kms("TrentService.listkeys"),
            request("GET", "/", &[TYPE, target], ""),
            request("POST", "/keys", &[TYPE, target], "{}"),
            request("POST", "/", &[target], "{}"),
            request("POST", "/", &[("content-type", "application/x-amz-json-1.0"), target], "{}"),
        ] {
            assert_eq!(refused(&request).kind(), Kind::UnknownOperation, "{request:?}");
        }
        let twice = request("POST", "/", &[TYPE, target, target], "{}");
        assert_eq!(refused(&twice).kind(), Kind::Unreadable);
    }

    #[test]
    fn an_action_is_looked_up_in_the_service_of_its_version() {
        let envelope =
            read(&request("POST", "/", &[FORM], "Action=ListUsers&Version=2010-05-08&PathPrefix=%2Fa%2F")).unwrap();
        assert_eq!((envelope.service.name, envelope.row.wire()), ("iam", "ListUsers"));
        assert!(
            matches!(envelope.payload, Payload::Params(pairs) if pairs.contains(&("PathPrefix".into(), "/a/".into())))
        );
        for (query, text) in [
            ("Action=ListUsers", "Could not find operation ListUsers for version NO_VERSION_SPECIFIED"),
            ("Action=ListUsers&Version=2011-06-15", "Could not find operation ListUsers for version 2011-06-15"),
            ("Version=2011-06-15", "Could not find operation  for version 2011-06-15"),
        ] {
            let error = refused(&request("GET", &format!("/?{query}"), &[], ""));
            assert_eq!((error.kind(), error.vendor_message()), (Kind::UnknownOperation, Some(text)));
        }
    }

    #[test]
    fn a_signature_for_another_service_is_refused() {
        let authorization = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20250101/us-east-1/sts/aws4_request, \
                             SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=00";
        let headers = [
            TYPE,
            ("x-amz-target", "TrentService.ListKeys"),
            ("host", "localhost"),
            ("x-amz-date", "20250101T000000Z"),
            ("authorization", authorization),
        ];
        let error = refused(&request("POST", "/", &headers, "{}"));
        assert_eq!(error.kind(), Kind::Unauthenticated(AuthFlaw::Mismatch));
        assert_eq!(error.vendor_message(), Some("Credential should be scoped to correct service: 'kms'."));
    }

    fn answered(
        voice: &Voice,
        row: Option<&'static Row>,
        answer: Result<Payload>,
    ) -> (u16, Vec<(String, String)>, String) {
        let reply = Reply { request_id: "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE", host: "localhost", answer };
        let (head, body) = write(voice, row, &reply).into_parts();
        let headers = head.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        (head.status.as_u16(), headers.collect(), String::from_utf8(body.to_vec()).unwrap())
    }

    #[test]
    fn errors_of_json_services_name_their_code_twice() {
        let voice = Voice { service: "kms", format: Format::Json, dry_run: false };
        let (status, headers, body) = answered(&voice, None, Err(Kind::DryRun.because("")));
        assert_eq!(status, 400);
        assert_eq!(
            body,
            r#"{"__type":"DryRunOperationException","message":"The request would have succeeded, but the DryRun option is set."}"#
        );
        for (name, value) in [
            ("content-type", JSON),
            ("x-amzn-errortype", "DryRunOperationException"),
            ("x-amzn-requestid", "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE"),
        ] {
            assert!(headers.contains(&(name.to_owned(), value.to_owned())), "{headers:?}");
        }
        let (_, _, body) = answered(&voice, None, Err(Kind::InvalidCiphertext.because("")));
        assert_eq!(body, r#"{"__type":"InvalidCiphertextException"}"#);
        let (_, _, body) = answered(&voice, None, Err(Kind::AccessDenied.because("no")));
        assert_eq!(body, r#"{"Message":"no","__type":"AccessDeniedException"}"#);
    }

    #[test]
    fn errors_of_query_services_are_xml() {
        let voice = Voice { service: "iam", format: Format::Xml, dry_run: false };
        let error = Kind::NotFound(polykms_core::error::Noun::User).about("a<b");
        let (status, headers, body) = answered(&voice, None, Err(error));
        assert_eq!(status, 404);
        assert!(headers.contains(&("content-type".to_owned(), "text/xml".to_owned())));
        assert_eq!(
            body,
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>\
             <Code>NoSuchEntity</Code><Message>The user with name a&lt;b cannot be found.</Message></Error>\
             <RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId></ErrorResponse>"
        );
    }

    #[test]
    fn answers_are_written_in_the_format_of_the_service() {
        let voice = Voice { service: "kms", format: Format::Json, dry_run: false };
        let (status, _, body) = answered(&voice, None, Ok(json::NOTHING));
        assert_eq!((status, body.as_str()), (200, ""));
        let voice = Voice { service: "iam", format: Format::Xml, dry_run: false };
        let row = catalog::service("iam").unwrap().row("ListUsers");
        let tree = serde_json::json!({ "Users": [{ "UserName": "a&b" }], "IsTruncated": false });
        let (status, _, body) = answered(&voice, row, Ok(Payload::Tree(tree)));
        assert_eq!(status, 200);
        assert_eq!(
            body,
            "<ListUsersResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ListUsersResult>\
             <IsTruncated>false</IsTruncated><Users><member><UserName>a&amp;b</UserName></member></Users>\
             </ListUsersResult><ResponseMetadata><RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId>\
             </ResponseMetadata></ListUsersResponse>"
        );
    }
}
