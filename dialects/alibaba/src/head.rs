//! The head of a request: whether it is of this dialect, how it wants to be answered, and which operation it asks for.
//!
//! Follows the vendor's "Common request parameters" and the headers of its signature method V3.
//!
//! # Invariants
//! - Where a signed header and a parameter both name the operation or its version, they agree; beside a parameter, a
//!   header that is not signed says nothing.
//! - A request that carries a signature of Amazon Web Services is never of this dialect.

use std::borrow::Cow;

use http::Method;
use http::header::AUTHORIZATION;
use polykms_core::dialect::{Arguments, Envelope, Format, Opened, Request, Service, Voice};
use polykms_core::error::{Cause, Flaw, Kind, Result};

use crate::catalog::SERVICES;
use crate::headers::{Header, Headers};
use crate::params::Params;
use crate::{resource, sign};

const ACTION: (Header, &str) = (Header::Action, "Action");
const VERSION: (Header, &str) = (Header::Version, "Version");

/// Parameters of the protocol, which no operation reads. Some hold credentials.
const PROTOCOL: [&str; 13] = [
    "AccessKeyId",
    "Action",
    "BearerToken",
    "Format",
    "RegionId",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureType",
    "SignatureVersion",
    "Timestamp",
    "Version",
];

/// Reads a request, if it is of this dialect: by its signature, its headers or its parameters.
pub(crate) fn open(request: &Request) -> Option<Opened<'_>> {
    let named = &request.head.headers;
    let signature = named.get(AUTHORIZATION).map(http::HeaderValue::as_bytes).unwrap_or_default();
    if signature.starts_with(b"AWS4-") || named.keys().any(|name| name.as_str().starts_with("x-amz-")) {
        return None;
    }
    let (headers, (params, sound)) = (Headers::of(request), Params::read(request));
    let headed = signature.starts_with(b"ACS") || headers.has(ACTION.0) || headers.has(VERSION.0);
    (headed || are_ours(&params))
        .then(|| Opened { voice: voice(&headers, &params), envelope: read(request, &headers, sound.map(|()| params)) })
}

/// Whether the parameters are those of this dialect.
fn are_ours(params: &Params<'_>) -> bool {
    let given = |name| params.text(name).is_some();
    let version = params.text("Version");
    let named = version.is_some_and(|version| service(version).is_some());
    let signed = ["Signature", "SignatureMethod", "SignatureNonce"].into_iter().any(given);
    // Operations of others have an access key among their parameters, too.
    (named || signed || (given("AccessKeyId") && version.is_none()))
        && !params.iter().any(|(name, _)| name.starts_with("X-Amz-"))
}

/// How the request wants to be answered; told even of a request that cannot be read.
fn voice(headers: &Headers<'_>, params: &Params<'_>) -> Voice {
    let header = || headers.text(VERSION.0).ok().flatten();
    let version = params.text("Version").or_else(header).unwrap_or_default();
    let says = |name, word: &str| params.text(name).is_some_and(|value| value.eq_ignore_ascii_case(word));
    Voice {
        service: service(version).map_or("kms", |service| service.name),
        format: if says("Format", "xml") { Format::Xml } else { Format::Json },
        dry_run: says("DryRun", "true"),
    }
}

/// Which operation is asked for, by whom, and with what arguments.
fn read<'r>(request: &'r Request, headers: &Headers<'r>, params: Result<Params<'r>>) -> Result<Envelope<'r>> {
    if !matches!(request.head.method, Method::GET | Method::POST) {
        return Err(Kind::UnknownOperation.about("Method").with_cause(Cause::Method));
    }
    let params = params?;
    let version = agreed(headers, &params, VERSION)?;
    let service = service(version).ok_or_else(|| Kind::UnknownOperation.about("Version").with_cause(Cause::Version))?;
    let action = agreed(headers, &params, ACTION)?;
    let row = service.row(action).ok_or_else(|| Kind::UnknownOperation.about("Action"))?;
    Ok(Envelope {
        service,
        row,
        claim: sign::claimed(request, headers, &params)?,
        region: region(headers, &params)?,
        arguments: arguments(params),
    })
}

/// What header and parameter say of the same thing; a request without `Authorization` signs parameters alone.
fn agreed<'a>(headers: &Headers<'a>, params: &'a Params<'_>, names: (Header, &'static str)) -> Result<&'a str> {
    let (header, name) = names;
    let param = params.text(name);
    if let (Some(param), false) = (param, headers.has(Header::Authorization)) {
        return Ok(param);
    }
    match (headers.text(header)?, param) {
        (Some(header), Some(param)) if header != param => {
            Err(Kind::Unreadable.because("header and parameter differ").naming(name))
        }
        (Some(text), _) | (None, Some(text)) => Ok(text),
        (None, None) => Err(sign::mandatory(name)),
    }
}

fn service(version: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.version == version)
}

/// The region by parameter, as the older clients send it, or else by the name of the endpoint, which not every signature
/// covers; one that is another region's is refused.
fn region<'r>(headers: &Headers<'r>, params: &Params<'r>) -> Result<Option<Cow<'r, str>>> {
    let of_host = headers.text(Header::Host)?.and_then(of_endpoint);
    match params.kept("RegionId").filter(|region| !region.is_empty()) {
        None => Ok(of_host.map(Cow::Borrowed)),
        Some(region) if !resource::is_name(&region) => Err(Kind::Invalid(Flaw::Format).about("RegionId")),
        Some(region) if of_host.is_some_and(|of_host| of_host != region) => {
            Err(Kind::Invalid(Flaw::Value).about("RegionId"))
        }
        Some(region) => Ok(Some(region)),
    }
}

/// `kms.<region>.aliyuncs.com`, `kms-vpc.<region>.aliyuncs.com` and their like, and the same below `localhost`, which leads to
/// this machine.
fn of_endpoint(host: &str) -> Option<&str> {
    let host = host.split(':').next()?;
    let host = host.strip_suffix('.').unwrap_or(host);
    let (product, rest) = host.split_once('.')?;
    let below = |domain: &&str| {
        let (region, end) = rest.split_at_checked(rest.len().checked_sub(domain.len())?)?;
        if end.eq_ignore_ascii_case(domain) { region.strip_suffix('.') } else { None }
    };
    let region = ["aliyuncs.com", "localhost"].iter().find_map(below)?;
    let known = ["kms", "kms-vpc", "ram", "sts", "sts-vpc"].iter().any(|known| product.eq_ignore_ascii_case(known));
    (known && !region.contains('.') && resource::is_name(region)).then_some(region)
}

fn arguments(params: Params<'_>) -> Arguments<'_> {
    Arguments::Params(params.into_pairs().filter(|(name, _)| !PROTOCOL.contains(&name.as_ref())).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::net::Ipv4Addr;

    use polykms_core::error::AuthFlaw;

    use super::*;

    fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Request {
        let mut head = http::Request::builder().method(method).uri(target);
        for (name, value) in headers {
            head = head.header(*name, *value);
        }
        let (head, ()) = head.body(()).unwrap().into_parts();
        Request {
            head,
            body: body.to_owned().into(),
            peer: std::net::IpAddr::V4(Ipv4Addr::LOCALHOST).into(),
            tls: false,
        }
    }

    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

    fn read(request: &Request) -> Result<Envelope<'_>> {
        super::read(request, &Headers::of(request), Params::of(request))
    }

    #[test]
    fn requests_are_claimed_by_signature_header_or_parameters() {
        for (target, headers, body) in [
            ("/", &[("authorization", "ACS3-HMAC-SHA256 Credential=a")][..], ""),
            ("/", &[("authorization", "ACS4-HMAC-SHA256 Credential=a")], ""),
            ("/", &[("x-acs-action", "ListKeys")], ""),
            ("/?Action=ListKeys&Version=2016-01-20", &[], ""),
            ("/?Action=ListKeys&Version=2099-01-01&AccessKeyId=a&Signature=b", &[], ""),
            ("/?Action=ListKeys&AccessKeyId=a", &[], ""),
            ("/", &[FORM], "Action=GetUser&Version=2015-05-01"),
        ] {
            assert!(open(&request("POST", target, headers, body)).is_some(), "{target} {headers:?} {body}");
        }
        for (target, headers, body) in [
            ("/", &[("authorization", "AWS4-HMAC-SHA256 Credential=a"), ("x-acs-action", "ListKeys")][..], ""),
            ("/?Action=ListKeys&Version=2016-01-20", &[("x-amz-target", "TrentService.ListKeys")], ""),
            ("/?Action=ListKeys&Version=2016-01-20&X-Amz-Signature=a", &[], ""),
            ("/", &[FORM], "Action=GetUser&Version=2010-05-08"),
            ("/", &[FORM], "Action=DeleteAccessKey&Version=2010-05-08&AccessKeyId=a"),
            ("/", &[FORM], "Action=GetCallerIdentity&Version=2011-06-15"),
            ("/health", &[], ""),
            ("/", &[("content-type", "application/json")], "Version=2016-01-20"),
        ] {
            assert!(open(&request("POST", target, headers, body)).is_none(), "{target} {headers:?} {body}");
        }
    }

    #[test]
    fn the_voice_is_known_before_the_request_is_read() {
        let told = |target: &str, headers: &[(&str, &str)], body: &str| {
            let request = request("POST", target, headers, body);
            let Voice { service, format, dry_run } = voice(&Headers::of(&request), &Params::read(&request).0);
            (service, format, dry_run)
        };
        assert_eq!(told("/?Version=2015-05-01&Format=xml", &[], ""), ("ram", Format::Xml, false));
        assert_eq!(told("/?DryRun=True", &[("x-acs-version", "2015-04-01")], ""), ("sts", Format::Json, true));
        assert_eq!(told("/", &[FORM], "Format=XML&Version=2016-01-20"), ("kms", Format::Xml, false));
        assert_eq!(told("/?Version=%FF", &[], ""), ("kms", Format::Json, false));
    }

    #[test]
    fn the_operation_is_read_from_headers_or_parameters() {
        let row = |target: &str, headers: &[(&str, &str)], body: &str| {
            let request = request("POST", target, headers, body);
            let envelope = read(&request).unwrap();
            (envelope.service.name, envelope.row.wire(), envelope.claim.is_none())
        };
        let both = &[("x-acs-action", "ListKeys"), ("x-acs-version", "2016-01-20")];
        assert_eq!(row("/", both, ""), ("kms", "ListKeys", true));
        assert_eq!(row("/?Action=ListKeys&Version=2016-01-20", both, ""), ("kms", "ListKeys", true));
        let pop = &[("x-acs-action", "describeKey"), ("x-acs-version", "2015-05-01")];
        assert_eq!(row("/?Action=DescribeKey&Version=2016-01-20", pop, ""), ("kms", "DescribeKey", true));
        assert_eq!(row("/?Action=TagResources", &[FORM], "Version=2015-05-01"), ("ram", "TagResources", true));
        assert_eq!(row("/?Action=TagResources&Version=2016-01-20", &[], ""), ("kms", "TagResources", true));
    }

    #[test]
    fn what_cannot_be_an_operation_is_refused() {
        let refusal = |method: &str, target: &str, headers: &[(&str, &str)]| {
            let error = read(&request(method, target, headers, "")).err().unwrap();
            (error.kind(), error.subject().unwrap_or_default().to_owned())
        };
        let unknown = |subject: &str| (Kind::UnknownOperation, subject.to_owned());
        let ok = "/?Action=ListKeys&Version=2016-01-20";
        assert_eq!(refusal("PUT", ok, &[]), unknown("Method"));
        assert_eq!(refusal("GET", "/?Action=ListKeys&Version=2010-05-08", &[]), unknown("Version"));
        assert_eq!(refusal("GET", "/?Action=NoSuch&Version=2016-01-20", &[]), unknown("Action"));
        let missing = |subject: &str| (Kind::Unauthenticated(AuthFlaw::Missing), subject.to_owned());
        assert_eq!(refusal("GET", "/?Version=2016-01-20", &[]), missing("Action"));
        assert_eq!(refusal("GET", "/?Action=ListKeys", &[]), missing("Version"));
        let signed = ("authorization", "ACS3-HMAC-SHA256 Credential=a");
        let differs = |header| refusal("GET", ok, &[signed, header]);
        assert_eq!(differs(("x-acs-action", "CreateKey")), (Kind::Unreadable, "Action".to_owned()));
        assert_eq!(differs(("x-acs-version", "2015-05-01")), (Kind::Unreadable, "Version".to_owned()));
        assert_eq!(refusal("GET", "/?Action=ListKeys&Version=2016-01-20&RegionId=a%1Fb", &[]).1, "RegionId");
    }

    #[test]
    fn the_region_is_that_of_the_parameter_or_the_endpoint() {
        let region = |query: &str, host: &str| {
            let target = format!("/?Action=ListKeys&Version=2016-01-20{query}");
            read(&request("GET", &target, &[("host", host)], "")).unwrap().region.map(Cow::into_owned)
        };
        assert_eq!(region("&RegionId=cn-beijing", "kms.cn-beijing.aliyuncs.com").as_deref(), Some("cn-beijing"));
        assert_eq!(region("&RegionId=cn-beijing", "127.0.0.1:4566").as_deref(), Some("cn-beijing"));
        assert_eq!(region("", "kms.cn-shanghai.aliyuncs.com").as_deref(), Some("cn-shanghai"));
        assert_eq!(region("&RegionId=", "kms-vpc.cn-shanghai.aliyuncs.com:443").as_deref(), Some("cn-shanghai"));
        assert_eq!(region("", "kms.cn-shanghai.localhost:4566").as_deref(), Some("cn-shanghai"));
        assert_eq!(region("", "KMS.cn-shanghai.LOCALHOST.").as_deref(), Some("cn-shanghai"));
        assert_eq!(region("", "sts.cn-beijing.aliyuncs.com").as_deref(), Some("cn-beijing"));
        for host in [
            "127.0.0.1:4566",
            "localhost:4566",
            "kms.localhost",
            "ram.aliyuncs.com",
            "kst-hzz12.cryptoservice.kms.aliyuncs.com",
            "oss.cn-beijing.localhost",
            "kms.cn-beijing.example",
            "kms.a.b.localhost",
        ] {
            assert_eq!(region("", host), None, "{host}");
        }
    }

    #[test]
    fn a_signed_region_and_a_host_of_another_are_refused() {
        let host = ("host", "kms-vpc.cn-shanghai.aliyuncs.com:443");
        let target = "/?Action=ListKeys&Version=2016-01-20&RegionId=cn-beijing";
        let refused = read(&request("GET", target, &[host], "")).err().unwrap();
        assert_eq!((refused.kind(), refused.subject()), (Kind::Invalid(Flaw::Value), Some("RegionId")));
    }

    #[test]
    fn parameters_of_the_protocol_are_no_arguments() {
        let target = "/?Action=DescribeKey&Version=2016-01-20&Format=JSON&KeyId=k&RegionId=cn-beijing";
        let request = request("GET", target, &[], "");
        let Arguments::Params(arguments) = read(&request).unwrap().arguments else {
            panic!("the arguments are parameters")
        };
        assert_eq!(arguments, [("KeyId".into(), "k".into())]);
    }
}
