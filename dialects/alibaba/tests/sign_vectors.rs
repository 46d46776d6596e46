//! Requests captured from the official SDKs, and those of the vendor's pages, prove; altered in one place they do not.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod sign_support;

use jiff::ToSpan;
use polykms_alibaba::params::Params;
use polykms_alibaba::sign::{self, Method};
use polykms_core::dialect::Request;
use polykms_core::error::{AuthFlaw, Kind};
use polykms_core::port::Time;
use sign_support::{
    Captured, captured, claim, credential, date, prove, refusal, request, vectors, with_header, with_target,
};

/// The captured requests that are not signed in one of the methods built, and why they are refused.
const NOT_BUILT: [(&str, &str); 2] = [
    (
        "python alibabacloud_kms20160120 3.3.1 / tea_openapi 0.4.6: Encrypt acs4 via signature_version=v4",
        "the signature algorithm is not supported",
    ),
    ("python tea_openapi 0.4.6 bearer credential: Encrypt bearer", "bearer tokens are not accepted"),
];

const ANONYMOUS: &str = "python alibabacloud_sts20150401 1.2.0: AssumeRoleWithOIDC anonymous";

fn signed() -> Vec<Captured> {
    let unsigned =
        |captured: &Captured| captured.name == ANONYMOUS || NOT_BUILT.iter().any(|(name, _)| *name == captured.name);
    captured().into_iter().filter(|captured| !unsigned(captured)).collect()
}

fn method(request: &Request) -> Option<Method> {
    sign::method(request, &Params::of(request).unwrap()).unwrap()
}

fn later(request: &Request) -> Time {
    date(request) + 1.second()
}

#[test]
fn every_captured_request_of_a_method_built_proves() {
    let signed = signed();
    for Captured { name, request, secret } in &signed {
        let claim = prove(request, secret, later(request)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let token = name.contains("STS") || name.contains("sts-token");
        assert_eq!(claim.access_key_id, if token { "STS.x" } else { "LTAItest" }, "{name}");
        assert_eq!(claim.token.as_deref(), token.then_some("TOK"), "{name}");
        assert!(claim.nonce.is_some_and(|nonce| nonce.len() >= 32), "{name}");
    }
    let count = |wanted| signed.iter().filter(|captured| method(&captured.request) == Some(wanted)).count();
    assert_eq!((count(Method::V1HmacSha1), count(Method::Acs3Sha256), count(Method::Acs3Sm3)), (10, 21, 1));
}

#[test]
fn methods_not_built_are_refused_by_name_and_the_anonymous_request_claims_nothing() {
    let all = captured();
    let find = |name: &str| &all.iter().find(|captured| captured.name == name).unwrap().request;
    for (name, why) in NOT_BUILT {
        let refused = claim(find(name)).unwrap_err();
        assert_eq!((refused.kind(), refused.why()), (Kind::Unauthenticated(AuthFlaw::Method), why), "{name}");
    }
    assert!(claim(find(ANONYMOUS)).unwrap().is_none());
    assert_eq!(all.len(), signed().len() + NOT_BUILT.len() + 1);
}

#[test]
fn a_wrong_secret_is_told_what_the_client_signed() {
    for Captured { name, request, .. } in signed() {
        let refused = prove(&request, "other", later(&request)).unwrap_err();
        assert_eq!(refused.kind(), Kind::Unauthenticated(AuthFlaw::Mismatch), "{name}");
        let message = refused.vendor_message().unwrap();
        let text = message
            .strip_prefix("Specified signature is not matched with our calculation. server string to sign is:")
            .unwrap();
        match method(&request) {
            Some(Method::V1HmacSha1) => {
                assert!(text.starts_with(&format!("{}&%2F&AccessKeyId%3D", request.head.method)))
            }
            Some(Method::Acs3Sha256) => assert!(text.starts_with("ACS3-HMAC-SHA256\n")),
            Some(Method::Acs3Sm3) => assert!(text.starts_with("ACS3-HMAC-SM3\n")),
            None => panic!("{name}"),
        }
    }
}

#[test]
fn the_documented_parameter_signature_proves_and_its_string_to_sign_is_the_documented_one() {
    let vector = &vectors()["doc_vectors"][0];
    let text = |name: &str| vector[name].as_str().unwrap();
    let params = vector["params"].as_object().unwrap().iter();
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(params.map(|(name, value)| (name, value.as_str().unwrap())));
    let target = format!("/?{}", query.append_pair("Signature", text("signature")).finish());
    let documented = request(text("method"), &target, &[], "");
    let claim = prove(&documented, text("secret"), date(&documented)).unwrap();
    assert_eq!((&*claim.access_key_id, claim.nonce), ("testid", None));
    let refused = prove(&documented, "other", date(&documented)).unwrap_err();
    assert!(refused.vendor_message().unwrap().ends_with(&format!("string to sign is:{}", text("string_to_sign"))));
}

#[test]
fn the_documented_header_signature_proves() {
    let vector = &vectors()["doc_vectors"][1];
    let text = |name: &str| vector[name].as_str().unwrap();
    let (id, names, signature) = (text("access_key_id"), text("signed_headers"), text("signature"));
    let authorization = format!("ACS3-HMAC-SHA256 Credential={id},SignedHeaders={names},Signature={signature}");
    let headers = [
        ("host", text("host")),
        ("x-acs-action", text("action")),
        ("x-acs-version", text("version")),
        ("x-acs-date", text("x-acs-date")),
        ("x-acs-signature-nonce", text("x-acs-signature-nonce")),
        ("x-acs-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("authorization", &authorization),
    ];
    let documented = request(text("method"), &format!("/?{}", text("query")), &headers, "");
    assert_eq!(prove(&documented, text("secret"), date(&documented)).unwrap().access_key_id, "YourAccessKeyId");
}

/// Every text that differs from this one in a single character.
fn flips(text: &str) -> Vec<String> {
    let flip = |at: usize| text.chars().enumerate().map(|(i, c)| if i == at { other(c) } else { c }).collect();
    (0..text.chars().count()).map(flip).collect()
}

fn other(character: char) -> char {
    // Of `~` the lowest bit would give a control character, which no header can carry.
    if character == '~' { '|' } else { char::from_u32(u32::from(character) ^ 1).unwrap() }
}

/// Every form that differs from this one in a single character of a name or value.
fn altered_forms(form: &str) -> Vec<String> {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    let mut altered = Vec::new();
    for (at, (name, value)) in pairs.iter().enumerate() {
        let names = flips(name).into_iter().map(|name| (name, value.clone()));
        let values = flips(value).into_iter().map(|value| (name.clone(), value));
        for pair in names.chain(values) {
            let mut pairs = pairs.clone();
            pairs[at] = pair;
            altered.push(form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish());
        }
    }
    altered
}

/// Every request that differs from this one in a single character that the signature covers, or in the signature.
fn altered(request: &Request) -> Vec<(String, Request)> {
    let mut altered = Vec::new();
    for query in altered_forms(request.head.uri.query().unwrap_or_default()) {
        altered.push((format!("query {query}"), with_target(request, &format!("/?{query}"))));
    }
    for body in altered_forms(std::str::from_utf8(&request.body).unwrap()) {
        altered.push((format!("body {body}"), Request { body: body.into(), ..request.clone() }));
    }
    let mut method = request.clone();
    method.head.method = if method.head.method == "GET" { http::Method::POST } else { http::Method::GET };
    altered.push(("method".into(), method));
    if let Some(authorization) = request.header("authorization").unwrap() {
        altered.extend(altered_headers(request, authorization));
    }
    altered
}

fn altered_headers(request: &Request, authorization: &str) -> Vec<(String, Request)> {
    let (algorithm, rest) = authorization.split_once(" Credential=").unwrap();
    let (credential, rest) = rest.split_once(",SignedHeaders=").unwrap();
    let (names, signature) = rest.split_once(",Signature=").unwrap();
    let line = |algorithm: &str, names: &str, signature: &str| {
        format!("{algorithm} Credential={credential},SignedHeaders={names},Signature={signature}")
    };
    let mut lines: Vec<String> = flips(algorithm).iter().map(|algorithm| line(algorithm, names, signature)).collect();
    lines.extend(flips(names).iter().map(|names| line(algorithm, names, signature)));
    lines.extend(flips(signature).iter().map(|signature| line(algorithm, names, signature)));
    let mut altered: Vec<_> =
        lines.into_iter().map(|line| (line.clone(), with_header(request, "authorization", &line))).collect();
    for name in names.split(';') {
        for value in flips(request.header(name).unwrap().unwrap()) {
            let mut changed = request.clone();
            changed.head.headers.insert(http::HeaderName::try_from(name).unwrap(), value.parse().unwrap());
            altered.push((format!("{name}: {value}"), changed));
        }
    }
    altered
}

#[test]
fn a_request_altered_in_any_signed_place_is_refused() {
    let mut tried = 0;
    for Captured { name, request, secret } in signed() {
        let now = later(&request);
        for (what, altered) in altered(&request) {
            tried += 1;
            let verdict = claim(&altered)
                .map(|claim| claim.map(|claim| claim.proof.prove(&credential(&secret), now, sign_support::SKEW)));
            match verdict {
                Err(error) | Ok(Some(Err(error))) => {
                    assert!(
                        matches!(error.kind(), Kind::Unauthenticated(_) | Kind::Unreadable),
                        "{name}: {what}: {error}"
                    );
                }
                Ok(None) => panic!("{name}: {what}: nothing claimed"),
                Ok(Some(Ok(_))) => panic!("{name}: {what}: proven"),
            }
        }
    }
    assert!(tried > 10_000, "{tried}");
}

/// The control of the test above: what the signature does not cover may change.
#[test]
fn a_request_altered_where_it_is_not_signed_still_proves() {
    let node = signed().into_iter().find(|captured| captured.name.starts_with("node @alicloud/ram")).unwrap();
    let altered = with_header(&node.request, "user-agent", "other");
    assert!(prove(&altered, &node.secret, later(&altered)).is_ok());
    let signed_now = with_header(&node.request, "host", "other");
    assert_eq!(refusal(&signed_now, &node.secret, later(&altered)), Kind::Unauthenticated(AuthFlaw::Mismatch));
}

#[test]
fn the_credential_of_a_header_signature_is_what_is_claimed() {
    let node = signed().into_iter().find(|captured| captured.name.starts_with("node @alicloud/ram")).unwrap();
    let line = node.request.header("authorization").unwrap().unwrap().replace("LTAItest", "LTAIother");
    let other = with_header(&node.request, "authorization", &line);
    let claim = claim(&other).unwrap().unwrap();
    assert_eq!(claim.access_key_id, "LTAIother");
}
