//! The client half: endpoints, signatures and refusals of AWS, as its own SDKs have them.
//!
//! Follows "AWS service endpoints" of the General Reference, "Retry behavior" and "Common runtime behavior" of the SDKs and
//! Tools Reference Guide.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use polykms_core::dialect::client::{Attempt, Choice, Client, Kind, Refusal, Sealing, Target, Variables};
use polykms_core::dialect::message::xml::{self, Lists};
use polykms_core::dialect::message::{Member, Shape, plain};
use polykms_core::dialect::{Request, Response, Row, Service};
use polykms_core::error::{Error, Kind as Fault, Result};
use polykms_core::message;
use serde::Deserialize;
use serde_json::Value;

use crate::protocol::{json11, query};
use crate::{chain, errors, head, sign};

/// How services of AWS are asked.
pub(crate) static CLIENT: Client = Client {
    target,
    seal,
    attempt,
    write,
    read,
    refusal,
    told,
    kind,
    is_skewed: |code| SKEWED.contains(&code),
    is_expired: |code| EXPIRED.contains(&code),
    envelope_scheme: 1,
    key_uris: &["aws-kms://", "awskms:///", "awskms://", "awskms:"],
    variables: &Variables {
        access_key_id: &["AWS_ACCESS_KEY_ID"],
        secret: &["AWS_SECRET_ACCESS_KEY"],
        token: &["AWS_SESSION_TOKEN"],
        region: &["AWS_REGION", "AWS_DEFAULT_REGION"],
        endpoint_of,
        endpoint: &["AWS_ENDPOINT_URL"],
    },
    profile: chain::settings,
    credentials: chain::credentials,
};

const INVOCATION: HeaderName = HeaderName::from_static("amz-sdk-invocation-id");
const ATTEMPT: HeaderName = HeaderName::from_static("amz-sdk-request");
/// How long to wait, in milliseconds.
const WAIT: HeaderName = HeaderName::from_static("x-amz-retry-after");
const REQUEST_IDS: [HeaderName; 2] =
    [HeaderName::from_static("x-amzn-requestid"), HeaderName::from_static("x-amz-request-id")];
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// What services answer when the clocks differ.
const SKEWED: &[&str] =
    &["InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", "RequestTimeTooSkewed", "RequestExpired"];
/// What they answer to credentials that have ended.
const EXPIRED: &[&str] = &["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"];
/// What they answer when they are asked too often. KMS and IAM call limits that stay `LimitExceeded`, which other services
/// call what passes: that code is no request to ask again here.
const THROTTLED: &[&str] = &[
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "RequestThrottled",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
];

/// A part of the cloud with names, regions and rules of its own.
struct Partition {
    /// Whether a region is one of it, by its beginning.
    prefix: &'static str,
    /// The domain of its endpoints, and of those that are reached by IPv6 too.
    domains: [&'static str; 2],
    /// Where identities are managed: plain, validated, reached by IPv6 too; and the region of the signature.
    iam: [&'static str; 3],
    iam_region: &'static str,
}

/// The partitions; the last one is that of all other regions.
const PARTITIONS: [Partition; 3] = [
    Partition {
        prefix: "cn-",
        domains: ["amazonaws.com.cn", "api.amazonwebservices.com.cn"],
        iam: [
            "iam.cn-north-1.amazonaws.com.cn",
            "iam.cn-north-1.amazonaws.com.cn",
            "iam.global.api.amazonwebservices.com.cn",
        ],
        iam_region: "cn-north-1",
    },
    Partition {
        prefix: "us-gov-",
        domains: ["amazonaws.com", "api.aws"],
        iam: ["iam.us-gov.amazonaws.com", "iam.us-gov.amazonaws.com", "iam.us-gov.api.aws"],
        iam_region: "us-gov-west-1",
    },
    Partition {
        prefix: "",
        domains: ["amazonaws.com", "api.aws"],
        iam: ["iam.amazonaws.com", "iam-fips.amazonaws.com", "iam.global.api.aws"],
        iam_region: "us-east-1",
    },
];

fn target(service: &Service, choice: &Choice<'_>) -> Target {
    let Choice { region, fips, dual_stack, private: _ } = *choice;
    let [china, government, rest] = &PARTITIONS;
    let partition = [china, government].into_iter().find(|it| region.starts_with(it.prefix)).unwrap_or(rest);
    let [plain, both] = partition.domains;
    if service.name == "iam" {
        let [usual, validated, reached_by_both] = partition.iam;
        let host = if fips {
            validated
        } else if dual_stack {
            reached_by_both
        } else {
            usual
        };
        return Target { host: host.to_owned(), region: partition.iam_region.to_owned() };
    }
    // These have no name of their own for it.
    let plainly = (service.name == "sts" && region.starts_with("us-gov-") && !dual_stack)
        || (service.name == "secretsmanager" && dual_stack && partition.prefix.is_empty());
    let fips = if fips && !plainly { "-fips" } else { "" };
    let domain = if dual_stack && !plainly { both } else { plain };
    Target { host: format!("{}{fips}.{region}.{domain}", service.name), region: region.to_owned() }
}

fn seal(request: &mut Request, sealing: &Sealing<'_>) -> Result<()> {
    let Sealing { credential, token, service, region, nonce: _, now } = *sealing;
    sign::seal(request, credential, token, region, service.name, now)
}

fn attempt(headers: &mut HeaderMap, attempt: &Attempt<'_>) {
    let Attempt { call, number, most, waited: _ } = *attempt;
    for (name, text) in [(INVOCATION, call.to_owned()), (ATTEMPT, format!("attempt={number}; max={most}"))] {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    }
}

fn endpoint_of(service: &Service) -> Option<&'static str> {
    Some(match service.name {
        "kms" => "AWS_ENDPOINT_URL_KMS",
        "iam" => "AWS_ENDPOINT_URL_IAM",
        "sts" => "AWS_ENDPOINT_URL_STS",
        "secretsmanager" => "AWS_ENDPOINT_URL_SECRETS_MANAGER",
        "acm" => "AWS_ENDPOINT_URL_ACM",
        "tagging" => "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API",
        _ => return None,
    })
}

fn write(service: &Service, row: &Row, input: &Value) -> Result<http::Request<Bytes>> {
    let request = http::Request::builder().method(Method::POST).uri("/");
    let request = match head::target(service) {
        Some(target) => request
            .header(CONTENT_TYPE, json11::CONTENT)
            .header(json11::TARGET, format!("{target}.{}", row.wire()))
            .body(Bytes::from(input.to_string())),
        None => request.header(CONTENT_TYPE, query::CONTENT).body(query::form(
            service,
            row,
            plain::flat(input, query::FLAT),
        )),
    };
    request.map_err(|_| Fault::Internal.because("a request cannot be written"))
}

fn read(service: &Service, row: &Row, response: &Response) -> Result<Value> {
    let unreadable = || Error::from(Fault::Unreadable);
    if head::is_json(service) {
        return match response.body().is_empty() {
            true => Ok(Value::Object(serde_json::Map::new())),
            false => serde_json::from_slice(response.body()).map_err(|_| unreadable()),
        };
    }
    let document = std::str::from_utf8(response.body()).map_err(|_| unreadable())?;
    let result = format!("{}Result", row.wire());
    plain::read(document, &result, Lists::Members, row.tells()).map_err(|_| unreadable())
}

/// A refusal in JSON.
#[derive(Default, Deserialize)]
struct Json<'a> {
    #[serde(rename = "__type", borrow)]
    code: Option<Cow<'a, str>>,
    #[serde(alias = "Message", borrow)]
    message: Option<Cow<'a, str>>,
}

message! {
    /// A refusal in XML.
    struct Problem = PROBLEM;
    0 code: Cow<'a, str>;
    1 message: Cow<'a, str>;
}

message! {
    /// What is around it.
    struct Around = AROUND;
    0 request_id: Cow<'a, str>;
}

const PROBLEM: &[Member] =
    &[Member::new("Code", Shape::text(0, u32::MAX)), Member::new("Message", Shape::text(0, u32::MAX))];
const AROUND: &[Member] = &[Member::new("RequestId", Shape::text(0, u32::MAX))];

fn refusal(service: &Service, response: &Response) -> Refusal {
    let header = |name: &HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok());
    let (mut code, mut message, around) = match head::is_json(service) {
        true => of_json(response.body()),
        false => of_xml(response.body()),
    };
    if let Some(stated) = header(&ERROR_TYPE) {
        stated.clone_into(&mut code);
    }
    if message.is_empty() && code.is_empty() {
        message = StatusCode::canonical_reason(&response.status()).unwrap_or_default().to_owned();
    }
    let request_id = REQUEST_IDS.iter().find_map(header).map(str::to_owned).or(around);
    let wait = header(&WAIT).and_then(|wait| wait.parse().ok()).map(Duration::from_millis);
    Refusal { status: response.status().as_u16(), code: shortened(&code), message, request_id, wait }
}

fn of_json(body: &[u8]) -> (String, String, Option<String>) {
    let Json { code, message } = serde_json::from_slice(body).unwrap_or_default();
    (code.unwrap_or_default().into_owned(), message.unwrap_or_default().into_owned(), None)
}

fn of_xml(body: &[u8]) -> (String, String, Option<String>) {
    let (mut problem, mut around) = (Problem::default(), Around::default());
    let document = std::str::from_utf8(body).unwrap_or_default();
    let read = xml::read(document, "Error", Lists::Members, &mut problem)
        .and_then(|()| xml::read(document, "ErrorResponse", Lists::Members, &mut around));
    match read {
        Ok(()) => {
            let text = |member: Option<Cow<'_, str>>| member.unwrap_or_default().into_owned();
            (text(problem.code), text(problem.message), around.request_id.map(Cow::into_owned))
        }
        Err(_) => Default::default(),
    }
}

/// A code without the name space before it and the address behind it.
fn shortened(code: &str) -> String {
    let code = code.rsplit_once('#').map_or(code, |(_, code)| code);
    code.split(':').next().unwrap_or_default().to_owned()
}

fn told(service: &Service, error: &Error) -> Refusal {
    let errors::Words { status, code, message } = errors::words(error, service.name);
    Refusal { status, code: code.to_owned(), message: message.into_owned(), ..Refusal::default() }
}

fn kind(_: &Service, status: u16, code: &str) -> Kind {
    match code {
        _ if THROTTLED.contains(&code) => Kind::Throttled,
        "AccessDenied" | "AccessDeniedException" => Kind::Denied,
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "TokenRefreshRequired"
        | "AuthFailure"
        | "RequestExpired"
        | "RequestTimeTooSkewed"
        | "InvalidAccessKeyId"
        | "OptInRequired" => Kind::Credentials,
        "NotFoundException" | "NoSuchEntity" | "ResourceNotFoundException" => Kind::NotFound,
        "AlreadyExistsException" | "EntityAlreadyExists" | "ResourceExistsException" => Kind::Exists,
        "KMSInvalidStateException"
        | "DisabledException"
        | "DeleteConflict"
        | "ConflictException"
        | "KeyUnavailableException"
        | "UnmodifiableEntity" => Kind::State,
        "LimitExceeded" | "LimitExceededException" | "PackedPolicyTooLarge" => Kind::Limit,
        "InvalidCiphertextException" | "IncorrectKeyException" => Kind::Ciphertext,
        "KMSInvalidSignatureException" | "KMSInvalidMacException" => Kind::Mismatch,
        "UnsupportedOperation" | "UnsupportedOperationException" => Kind::Unsupported,
        "ConcurrentModification" | "ConcurrentModificationException" => Kind::Conflict,
        "PolicyEvaluation" => Kind::Invalid,
        "RequestTimeout" | "RequestTimeoutException" => Kind::Unavailable,
        _ => Kind::of_status(status),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use bytes::Bytes;
    use polykms_core::dialect::{Format, Reply, Voice};
    use polykms_core::error;

    use super::*;
    use crate::catalog;

    /// What a code alone does not tell: services use it for more than one kind.
    const MERGED: [(&str, &str, Kind); 11] = [
        // The model of KMS has no conflict; SDKs try again.
        ("kms", "DependencyTimeoutException", Kind::Unavailable),
        ("kms", "TagException", Kind::Invalid),
        ("kms", "InvalidKeyUsageException", Kind::Invalid),
        ("kms", "UnsupportedOperationException", Kind::Unsupported),
        ("iam", "ValidationError", Kind::Invalid),
        ("iam", "InvalidInput", Kind::Invalid),
        ("sts", "ValidationError", Kind::Invalid),
        ("sts", "InvalidInput", Kind::Invalid),
        // A signature that is made in another way is one that is not whole.
        ("kms", "IncompleteSignatureException", Kind::Credentials),
        ("iam", "IncompleteSignature", Kind::Credentials),
        ("sts", "IncompleteSignature", Kind::Credentials),
    ];

    #[test]
    fn every_kind_of_error_comes_back_as_what_the_caller_can_do() {
        for service in ["kms", "iam", "sts"].map(|name| catalog::service(name).unwrap()) {
            let format = if head::is_json(service) { Format::Json } else { Format::Xml };
            let voice = Voice { service: service.name, format, dry_run: false };
            for kind in error::Kind::all() {
                let error = kind.because("a reason").naming("thing");
                let said = told(service, &error);
                let reply = Reply { request_id: "r-1", host: "h", answer: Err(error) };
                let read = refusal(service, &crate::answer::write(&voice, None, reply));
                assert_eq!(Refusal { request_id: Some("r-1".to_owned()), ..said.clone() }, read, "{kind:?}");
                let understood = super::kind(service, read.status, &read.code);
                let merged = MERGED.iter().find(|(name, code, _)| *name == service.name && *code == read.code);
                let wanted = merged.map_or(kind.coarse(), |(_, _, kind)| *kind);
                assert_eq!(understood, wanted, "{kind:?} of {}: {}", service.name, read.code);
            }
        }
    }

    #[test]
    fn endpoints_follow_the_rules_of_the_partitions() {
        let at = |service: &str, region: &'static str, fips: bool, dual_stack: bool| {
            let choice = Choice { region, fips, dual_stack, private: false };
            let Target { host, region } = target(catalog::service(service).unwrap(), &choice);
            format!("{host} {region}")
        };
        for (service, region, fips, dual_stack, wanted) in [
            ("kms", "eu-west-1", false, false, "kms.eu-west-1.amazonaws.com eu-west-1"),
            ("kms", "us-east-1", true, false, "kms-fips.us-east-1.amazonaws.com us-east-1"),
            ("kms", "us-east-1", true, true, "kms-fips.us-east-1.api.aws us-east-1"),
            ("kms", "cn-north-1", false, false, "kms.cn-north-1.amazonaws.com.cn cn-north-1"),
            ("kms", "cn-north-1", false, true, "kms.cn-north-1.api.amazonwebservices.com.cn cn-north-1"),
            ("kms", "us-gov-west-1", false, false, "kms.us-gov-west-1.amazonaws.com us-gov-west-1"),
            ("sts", "us-gov-east-1", true, false, "sts.us-gov-east-1.amazonaws.com us-gov-east-1"),
            ("sts", "eu-central-1", false, false, "sts.eu-central-1.amazonaws.com eu-central-1"),
            ("iam", "eu-west-1", false, false, "iam.amazonaws.com us-east-1"),
            ("iam", "eu-west-1", true, false, "iam-fips.amazonaws.com us-east-1"),
            ("iam", "eu-west-1", false, true, "iam.global.api.aws us-east-1"),
            ("iam", "cn-northwest-1", false, false, "iam.cn-north-1.amazonaws.com.cn cn-north-1"),
            ("iam", "us-gov-east-1", false, false, "iam.us-gov.amazonaws.com us-gov-west-1"),
            ("secretsmanager", "eu-west-1", false, true, "secretsmanager.eu-west-1.amazonaws.com eu-west-1"),
        ] {
            assert_eq!(at(service, region, fips, dual_stack), wanted);
        }
    }

    #[test]
    fn refusals_are_read_whatever_stands_around_their_code() {
        let kms = catalog::service("kms").unwrap();
        let read = |body: &'static str, header: Option<&'static str>| {
            let mut response = Response::new(Bytes::from_static(body.as_bytes()));
            *response.status_mut() = StatusCode::BAD_REQUEST;
            if let Some(header) = header {
                response.headers_mut().insert(ERROR_TYPE, HeaderValue::from_static(header));
            }
            let Refusal { code, message, .. } = refusal(kms, &response);
            (code, message)
        };
        for (body, header, code, message) in [
            (r#"{"__type":"FooError","message":"m"}"#, None, "FooError", "m"),
            (r#"{"__type":"aws.protocoltests#FooError"}"#, None, "FooError", ""),
            (r#"{"__type":"aws.protocoltests#FooError:http://internal.amazon.com/"}"#, None, "FooError", ""),
            ("{}", Some("FooError:http://internal.amazon.com/coral/"), "FooError", ""),
            (r#"{"Message":"M"}"#, Some("FooError"), "FooError", "M"),
            ("<html>bad gateway</html>", None, "", "Bad Request"),
            ("", None, "", "Bad Request"),
        ] {
            assert_eq!(read(body, header), (code.to_owned(), message.to_owned()), "{body}");
        }
    }

    #[test]
    fn a_server_may_say_how_long_to_wait() {
        let mut response = Response::new(Bytes::new());
        response.headers_mut().insert(WAIT, HeaderValue::from_static("1500"));
        let read = refusal(catalog::service("kms").unwrap(), &response);
        assert_eq!(read.wait, Some(Duration::from_millis(1500)));
    }
}
