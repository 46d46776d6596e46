//! The head of a request: whether it is of this dialect, how it wants to be answered, and which operation it asks for.
//!
//! Services of the JSON protocol name their operation in the header `X-Amz-Target`, services of the query protocol in the
//! parameters `Action` and `Version`. What no other cloud has (the target, an `AWS4-` signature, the version of an AWS
//! API) makes a request an AWS one. Other dialects leave requests with an `AWS4-` signature or `x-amz-*` headers to this one,
//! whatever else they carry; an AWS version under another cloud's signature or headers is claimed by both, and so refused.

use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Method};
use polykms_core::dialect::{Arguments, Envelope, Format, Opened, Request, Row, Service, Voice};
use polykms_core::error::{Kind, Result};

use crate::answer::JSON;
use crate::params::{self, Params};
use crate::{accept, catalog, sign};

const TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// The services of the JSON protocol, with what stands before the operation in a target.
const TARGETS: [(&str, &str); 4] = [
    ("kms", "TrentService"),
    ("secretsmanager", "secretsmanager"),
    ("acm", "CertificateManager"),
    ("tagging", "ResourceGroupsTaggingAPI_20170126"),
];

/// Whether a service speaks JSON.
pub(crate) fn is_json(service: &Service) -> bool {
    target(service).is_some()
}

/// What stands before the operation in a target of this service, if it has targets.
pub(crate) fn target(service: &Service) -> Option<&'static str> {
    TARGETS.iter().find(|(name, _)| *name == service.name).map(|(_, target)| *target)
}

/// Reads a request, if it is written in this dialect.
pub(crate) fn open(request: &Request) -> Option<Opened<'_>> {
    match request.head.headers.get(TARGET) {
        Some(target) => Some(Opened { voice: targeted(target), envelope: read_json(request) }),
        None => open_query(request),
    }
}

fn open_query(request: &Request) -> Option<Opened<'_>> {
    let Marks { presigned, action, service } = Marks::of(request);
    let ours = presigned || service.is_some() || is_signed(request);
    ours.then(|| Opened {
        voice: spoken(service.or_else(|| signed_for(request)), action, accept::wanted(&request.head.headers)),
        envelope: read_query(request),
    })
}

/// What the parameters tell without being decoded: none of what is looked for is ever encoded.
#[derive(Default)]
struct Marks {
    /// The query holds a signature.
    presigned: bool,
    /// There is an action.
    action: bool,
    /// The service of the version.
    service: Option<&'static Service>,
}

impl Marks {
    fn of(request: &Request) -> Self {
        const SIGNED: [&str; 3] = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature"];
        let signed = |name: &str| SIGNED.iter().any(|mark| mark.eq_ignore_ascii_case(name));
        let query = params::query(request);
        let mut marks = Self { presigned: params::encoded(query).any(|(name, _)| signed(name)), ..Self::default() };
        for (name, value) in params::encoded(query).chain(params::encoded(params::form(request))) {
            match name {
                "Action" => marks.action = true,
                "Version" => marks.service = marks.service.or_else(|| by_version(value)),
                _ => {}
            }
        }
        marks
    }
}

fn is_signed(request: &Request) -> bool {
    request.head.headers.get_all(AUTHORIZATION).iter().any(|value| value.as_bytes().starts_with(b"AWS4-"))
}

/// The service that the scope of the signature names.
fn signed_for(request: &Request) -> Option<&'static Service> {
    let authorization = request.head.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (_, credential) = authorization.split_once("Credential=")?;
    let scope = credential.split([',', ' ']).next()?;
    catalog::service(scope.split('/').nth(3)?)
}

/// The service of a version, if it speaks the query protocol.
fn by_version(version: &str) -> Option<&'static Service> {
    match version {
        "2010-05-08" => catalog::service("iam"),
        "2011-06-15" => catalog::service("sts"),
        _ => None,
    }
}

fn targeted(target: &HeaderValue) -> Voice {
    let prefix = target.as_bytes().split(|byte| *byte == b'.').next().unwrap_or_default();
    let known = TARGETS.iter().find(|(_, known)| known.as_bytes() == prefix);
    Voice { service: known.map_or("kms", |(name, _)| *name), format: Format::Json, dry_run: false }
}

/// How a request without a target is answered; `wanted` is the format that it asks a service of the query protocol for.
fn spoken(service: Option<&'static Service>, action: bool, wanted: Format) -> Voice {
    let (service, format) = match service {
        Some(service) if is_json(service) => (service.name, Format::Json),
        Some(service) => (service.name, wanted),
        None if action => ("sts", wanted),
        None => ("kms", Format::Json),
    };
    Voice { service, format, dry_run: false }
}

fn read_json(request: &Request) -> Result<Envelope<'_>> {
    let unknown = || Kind::UnknownOperation.because("");
    let (prefix, operation) = request.header(&TARGET)?.and_then(|target| target.split_once('.')).ok_or_else(unknown)?;
    let (name, _) = TARGETS.iter().find(|(_, known)| *known == prefix).ok_or_else(unknown)?;
    let service = catalog::service(name).ok_or_else(unknown)?;
    let row = service.row(operation).ok_or_else(unknown)?;
    let fits = request.head.method == Method::POST && is_root(request) && is_of_type(request, JSON)?;
    if !fits {
        return Err(unknown());
    }
    envelope(request, service, row, Arguments::Json(request.body.clone()))
}

fn read_query(request: &Request) -> Result<Envelope<'_>> {
    if !matches!(request.head.method, Method::GET | Method::POST) {
        return Err(Kind::UnknownOperation.because(""));
    }
    let params = Params::of(request)?;
    let (action, version) = (params.text("Action").unwrap_or_default(), params.text("Version"));
    let unknown = || {
        let version = version.unwrap_or("NO_VERSION_SPECIFIED");
        Kind::UnknownOperation.verbatim(format!("Could not find operation {action} for version {version}"))
    };
    let service = version.and_then(by_version).ok_or_else(unknown)?;
    let row = service.row(action).filter(|_| is_root(request)).ok_or_else(unknown)?;
    envelope(request, service, row, arguments(params))
}

fn arguments(params: Params<'_>) -> Arguments<'_> {
    Arguments::Params(params.into_pairs().collect())
}

fn envelope<'r>(
    request: &'r Request,
    service: &'static Service,
    row: &'static Row,
    arguments: Arguments<'r>,
) -> Result<Envelope<'r>> {
    let (claim, region) = match sign::claim(request, service.name)? {
        Some(sign::Claimed { claim, region }) => (Some(claim), Some(region)),
        None => (None, None),
    };
    Ok(Envelope { service, row, claim, arguments, region })
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use bytes::Bytes;
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

    fn read(request: &Request) -> Result<Envelope<'_>> {
        open(request).map_or_else(|| read_query(request), |opened| opened.envelope)
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
            (kms("ResourceGroupsTaggingAPI_20170126.GetResources"), "tagging", Format::Json),
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
            (
                request("GET", "/?Action=GetCallerIdentity&Version=2011-06-15", &[("accept", "application/json")], ""),
                "sts",
                Format::Json,
            ),
            (
                request("POST", "/", &[FORM, ("accept", "application/json")], "Version=2010-05-08&Action=Nothing"),
                "iam",
                Format::Json,
            ),
            (request("POST", "/", &[("authorization", "AWS4-HMAC-SHA256 nonsense")], ""), "kms", Format::Json),
        ] {
            let opened = open(&request).unwrap_or_else(|| panic!("{request:?} was not claimed"));
            assert_eq!(opened.voice, Voice { service, format, dry_run: false }, "{request:?}");
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
            assert!(open(&request).is_none(), "{request:?}");
        }
    }

    #[test]
    fn a_target_leads_to_its_row() {
        let request = kms("TrentService.DescribeKey");
        let envelope = read(&request).unwrap();
        assert_eq!((envelope.service.name, envelope.row.wire()), ("kms", "DescribeKey"));
        assert!(envelope.claim.is_none() && envelope.region.is_none());
        assert!(matches!(envelope.arguments, Arguments::Json(body) if body.as_ref() == b"{}"));
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
        let listing = request("POST", "/", &[FORM], "Action=ListUsers&Version=2010-05-08&PathPrefix=%2Fa%2F");
        let envelope = read(&listing).unwrap();
        assert_eq!((envelope.service.name, envelope.row.wire()), ("iam", "ListUsers"));
        assert!(
            matches!(envelope.arguments, Arguments::Params(pairs) if pairs.contains(&("PathPrefix".into(), "/a/".into())))
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
}
