//! Attacks on signatures, each named after its row in the project's table of threats.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod sign_support;

use jiff::ToSpan;
use polykms_alibaba::sign::{Method, seal};
use polykms_core::dialect::Request;
use polykms_core::error::{AuthFlaw, Kind};
use polykms_core::port::Time;
use sign_support::{SKEW, claim, credential, prove, refusal, request, with_header, with_target, without_header};

const SECRET: &str = "secret";
const MISMATCH: Kind = Kind::Unauthenticated(AuthFlaw::Mismatch);
const INCOMPLETE: Kind = Kind::Unauthenticated(AuthFlaw::Incomplete);
const MISSING: Kind = Kind::Unauthenticated(AuthFlaw::Missing);
const METHOD: Kind = Kind::Unauthenticated(AuthFlaw::Method);
const HEADER_METHODS: [Method; 2] = [Method::Acs3Sha256, Method::Acs3Sm3];

fn now() -> Time {
    "2026-11-22T12:55:55Z".parse().unwrap()
}

fn sealed_as(method: Method, target: &str, body: &str, token: Option<&str>) -> Request {
    let form = ("content-type", "application/x-www-form-urlencoded");
    let headers = [("host", "kms.example"), ("x-acs-action", "Encrypt"), ("x-acs-version", "2016-01-20"), form];
    let mut request = request("POST", target, &headers, body);
    seal(&mut request, method, &credential(SECRET), token, "n-1", now()).unwrap();
    request
}

/// Signed in its parameters, with these besides.
fn by_parameters(params: &str) -> Request {
    sealed_as(Method::V1HmacSha1, &format!("/?Action=Encrypt&Version=2016-01-20{params}"), "", None)
}

/// Signed in its headers, with these parameters.
fn by_headers(params: &str) -> Request {
    sealed_as(Method::Acs3Sha256, &format!("/?{params}"), "", None)
}

/// The same request with one piece of its target replaced.
fn replaced(request: &Request, from: &str, to: &str) -> Request {
    let target = request.head.uri.to_string();
    assert!(target.contains(from), "{target}");
    with_target(request, &target.replacen(from, to, 1))
}

fn authorization(request: &Request) -> String {
    request.header("authorization").unwrap().unwrap().to_owned()
}

#[test]
fn the_control_proves() {
    assert!(prove(&by_parameters("&KeyId=k"), SECRET, now()).is_ok());
    assert!(prove(&by_headers("KeyId=k"), SECRET, now()).is_ok());
}

#[test]
fn t07_doubled_headers_and_parameters_are_refused() {
    for name in ["host", "authorization", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce"] {
        let mut doubled = by_headers("");
        let value = doubled.head.headers[name].clone();
        doubled.head.headers.append(name, value);
        assert_eq!(refusal(&doubled, SECRET, now()), Kind::Unreadable, "{name}");
    }
    let mut hosts = by_parameters("");
    hosts.head.headers.append("host", "other".parse().unwrap());
    assert_eq!(refusal(&hosts, SECRET, now()), Kind::Unreadable);
    for name in ["Action", "Version", "AccessKeyId", "Signature", "SignatureNonce", "Timestamp", "KeyId"] {
        let signed = by_parameters("&KeyId=k");
        let doubled = with_target(&signed, &format!("{}&{name}=x", signed.head.uri));
        assert_eq!(refusal(&doubled, SECRET, now()), Kind::Unreadable, "{name}");
        let doubled = Request { body: format!("{name}=x").into(), ..signed };
        assert_eq!(refusal(&doubled, SECRET, now()), Kind::Unreadable, "{name} in the form");
    }
}

#[test]
fn t07_an_operation_named_twice_must_be_the_same_one() {
    let signed = by_parameters("");
    // `pop-core` writes headers that the parameter signature does not cover: they say nothing.
    assert!(prove(&with_header(&signed, "x-acs-action", "encrypt"), SECRET, now()).is_ok());
    assert!(prove(&with_header(&signed, "x-acs-version", "2015-05-01"), SECRET, now()).is_ok());
    assert_eq!(refusal(&by_headers("Action=Decrypt"), SECRET, now()), Kind::Unreadable);
    assert!(prove(&by_headers("Action=Encrypt"), SECRET, now()).is_ok());
}

#[test]
fn t07_headers_that_the_parameter_signature_does_not_cover_cannot_name_the_operation() {
    let signed = by_parameters("");
    for (param, name) in [("Action=Encrypt&", "Action"), ("Version=2016-01-20&", "Version")] {
        let refused = claim(&replaced(&signed, param, "")).unwrap_err();
        assert_eq!((refused.kind(), refused.subject()), (MISSING, Some(name)));
        assert_eq!(refused.vendor_message(), Some(format!("{name} is mandatory for this action.").as_str()));
    }
}

#[test]
fn t11_a_header_that_is_read_and_not_signed_is_refused() {
    for method in HEADER_METHODS {
        let signed = sealed_as(method, "/", "SecretData=x", Some("token"));
        let names = [
            "host",
            "content-type",
            "x-acs-accesskey-id",
            "x-acs-action",
            "x-acs-content-sha256",
            "x-acs-date",
            "x-acs-security-token",
            "x-acs-signature-nonce",
            "x-acs-version",
        ];
        for name in names {
            let line = authorization(&signed);
            let unsigned = line.replace(&format!("{name};"), "").replace(&format!(";{name},"), ",");
            assert_ne!(line, unsigned, "{name}");
            let refused = claim(&with_header(&signed, "authorization", &unsigned)).unwrap_err();
            assert_eq!((refused.kind(), refused.subject()), (INCOMPLETE, Some(name)));
        }
    }
}

#[test]
fn t11_headers_that_mean_something_cannot_be_added_or_taken_away_and_retry_headers_can() {
    let signed = by_headers("");
    for name in ["x-acs-security-token", "x-acs-accesskey-id", "x-acs-content-sm3"] {
        assert_eq!(refusal(&with_header(&signed, name, "LTAItest"), SECRET, now()), INCOMPLETE, "{name}");
    }
    for (name, kind, told) in [
        ("host", INCOMPLETE, "host"),
        ("x-acs-content-sha256", INCOMPLETE, "x-acs-content-sha256"),
        ("x-acs-action", MISSING, "Action"),
        ("x-acs-version", MISSING, "Version"),
        ("x-acs-date", MISSING, "Timestamp"),
        ("x-acs-signature-nonce", MISSING, "SignatureNonce"),
    ] {
        let refused = claim(&without_header(&signed, name)).unwrap_err();
        assert_eq!((refused.kind(), refused.subject()), (kind, Some(told)));
    }
    assert!(prove(&with_header(&signed, "x-acs-retry-attempts", "1"), SECRET, now()).is_ok());
}

#[test]
fn t12_spellings_of_the_same_parameters_sign_alike() {
    for signed in [by_parameters("&a=b%20c%2A~%2B&d=&e=%C3%A9"), by_headers("a=b%20c%2A~%2B&d=&e=%C3%A9")] {
        for (from, to) in
            [("%20", "+"), ("%2A", "*"), ("~", "%7E"), ("%C3%A9", "%c3%a9"), ("d=&", "d&"), ("d=&", "&d=&&")]
        {
            assert!(prove(&replaced(&signed, from, to), SECRET, now()).is_ok(), "{from} {to}");
        }
        for (from, to) in
            [("%20", "%2B"), ("%2B", "+"), ("%2A", "%252A"), ("d=&", ""), ("d=", "d=%00"), ("%C3%A9", "e%CC%81")]
        {
            assert_eq!(refusal(&replaced(&signed, from, to), SECRET, now()), MISMATCH, "{from} {to}");
        }
        assert_eq!(refusal(&replaced(&signed, "%C3%A9", "%C3"), SECRET, now()), Kind::Unreadable);
    }
}

#[test]
fn t12_the_order_and_place_of_parameters_do_not_matter_where_they_are_not_signed() {
    let signed = by_parameters("&KeyId=k&Plaintext=aGk%3D");
    let query = signed.head.uri.query().unwrap().to_owned();
    let reversed = query.rsplit('&').collect::<Vec<_>>().join("&");
    assert!(prove(&with_target(&signed, &format!("/?{reversed}")), SECRET, now()).is_ok());
    let moved = Request { body: query.into(), ..with_target(&signed, "/") };
    assert!(prove(&moved, SECRET, now()).is_ok());
}

#[test]
fn t12_a_parameter_of_a_header_signature_cannot_move_between_query_and_body() {
    let signed = by_headers("KeyId=k");
    let moved = Request { body: "KeyId=k".into(), ..with_target(&signed, "/") };
    assert_eq!(refusal(&moved, SECRET, now()), MISMATCH);
}

#[test]
fn t12_other_paths_than_the_signed_one_are_refused() {
    for signed in [by_parameters("&KeyId=k"), by_headers("KeyId=k")] {
        let query = signed.head.uri.query().unwrap().to_owned();
        for path in ["//", "/./", "/a/../", "/%2F", "/%2f", "/x"] {
            assert_eq!(refusal(&with_target(&signed, &format!("{path}?{query}")), SECRET, now()), MISMATCH, "{path}");
        }
    }
}

#[test]
fn t12_separators_inside_names_and_values_are_not_separators() {
    for signed in [by_parameters("&a=1&b=2"), by_headers("a=1&b=2")] {
        for (from, to) in
            [("a=1&b=2", "a=1%26b%3D2"), ("a=1&b=2", "a%3D1%26b=2"), ("a=1", "a%3D1="), ("a=1&", "%61%3D1=&")]
        {
            assert_eq!(refusal(&replaced(&signed, from, to), SECRET, now()), MISMATCH, "{to}");
        }
    }
    for signed in [by_parameters("&a%3D1%26b=2"), by_headers("a%3D1%26b=2")] {
        assert!(prove(&signed, SECRET, now()).is_ok());
        for to in ["a=1&b=2", "a%253D1%2526b=2"] {
            assert_eq!(refusal(&replaced(&signed, "a%3D1%26b=2", to), SECRET, now()), MISMATCH, "{to}");
        }
    }
}

#[test]
fn t13_the_body_is_always_hashed() {
    for method in HEADER_METHODS {
        let signed = sealed_as(method, "/", "SecretData=x", None);
        assert!(prove(&signed, SECRET, now()).is_ok());
        for hash in ["UNSIGNED-PAYLOAD", "STREAMING-ACS3-HMAC-SHA256-PAYLOAD", "", "0"] {
            let kind = refusal(&with_header(&signed, "x-acs-content-sha256", hash), SECRET, now());
            assert_eq!(kind, if hash.is_empty() { INCOMPLETE } else { MISMATCH }, "{hash}");
        }
        for body in ["SecretData=y", "", "SecretData=x&a=b"] {
            assert_eq!(refusal(&Request { body: body.into(), ..signed.clone() }, SECRET, now()), MISMATCH, "{body}");
        }
        let json = Request { body: "{}".into(), ..with_header(&signed, "content-type", "application/json") };
        assert_eq!(refusal(&json, SECRET, now()), Kind::Unreadable);
    }
}

#[test]
fn t14_two_signatures_in_one_request_are_refused() {
    let twice = sealed_as(Method::Acs3Sha256, &by_parameters("").head.uri.to_string(), "", None);
    assert_eq!(refusal(&twice, SECRET, now()), INCOMPLETE);
    for param in ["Signature=x", "AccessKeyId=LTAItest", "SecurityToken=t", "Signature="] {
        assert_eq!(refusal(&by_headers(param), SECRET, now()), INCOMPLETE, "{param}");
    }
    let in_the_form = sealed_as(Method::Acs3Sha256, "/", "Signature=x", None);
    assert_eq!(refusal(&in_the_form, SECRET, now()), INCOMPLETE);
}

#[test]
fn t14_an_authorization_header_names_each_field_once() {
    let signed = by_headers("");
    let line = authorization(&signed);
    for field in [",Credential=LTAIother", ",Signature=00", ",SignedHeaders=host", ",Other=x", ",", ",x"] {
        let changed = with_header(&signed, "authorization", &format!("{line}{field}"));
        assert_eq!(refusal(&changed, SECRET, now()), INCOMPLETE, "{field}");
    }
    for part in ["Credential=LTAItest,", "Signature=", "SignedHeaders=", " "] {
        let changed = with_header(&signed, "authorization", &line.replacen(part, "", 1));
        assert!(matches!(refusal(&changed, SECRET, now()), INCOMPLETE | METHOD), "{part}");
    }
}

#[test]
fn t14_what_is_left_of_a_signature_is_not_an_anonymous_request() {
    let signed = by_parameters("");
    let query = signed.head.uri.query().unwrap().to_owned();
    for name in ["AccessKeyId", "Signature", "SignatureMethod", "SignatureVersion", "Timestamp"] {
        let rest = query.split('&').filter(|pair| !pair.starts_with(&format!("{name}="))).collect::<Vec<_>>().join("&");
        let refused = claim(&with_target(&signed, &format!("/?{rest}"))).unwrap_err();
        assert_eq!((refused.kind(), refused.subject()), (MISSING, Some(name)));
        assert_eq!(refused.vendor_message(), Some(format!("{name} is mandatory for this action.").as_str()));
    }
    let signed = sealed_as(Method::Acs3Sha256, "/", "", Some("token"));
    assert_eq!(refusal(&without_header(&signed, "authorization"), SECRET, now()), INCOMPLETE);
}

#[test]
fn t15_the_access_key_id_header_must_be_that_of_the_signature() {
    let signed = sealed_as(Method::Acs3Sha256, "/", "", Some("token"));
    let other = authorization(&signed).replace("LTAItest", "LTAIother");
    assert_eq!(refusal(&with_header(&signed, "authorization", &other), SECRET, now()), INCOMPLETE);
}

#[test]
fn t16_the_window_ends_exactly_at_its_limit() {
    for signed in [by_parameters(""), by_headers("")] {
        for at in [now() + 900.seconds(), now() - 900.seconds(), now()] {
            assert!(prove(&signed, SECRET, at).is_ok(), "{at}");
        }
        for at in [now() + 901.seconds(), now() - 901.seconds(), now() + 900.seconds() + 1.nanosecond()] {
            let refused = prove(&signed, SECRET, at).unwrap_err();
            assert_eq!(refused.kind(), Kind::Unauthenticated(AuthFlaw::Expired), "{at}");
            assert_eq!(refused.vendor_message(), Some("Specified time stamp or date value is expired."));
        }
    }
}

#[test]
fn t16_dates_of_another_form_or_far_away_are_refused_before_the_signature_is_looked_at() {
    let dates = [
        ("9999-12-30T21:59:59Z", AuthFlaw::Expired),
        ("0001-01-01T00:00:00Z", AuthFlaw::Expired),
        ("9999-12-31T23:59:59Z", AuthFlaw::DateFormat),
        ("2026-11-22T12:55:60Z", AuthFlaw::DateFormat),
        ("2026-11-22T20:55:55+08:00", AuthFlaw::DateFormat),
        ("2026-11-22T12:55:55+00:00", AuthFlaw::DateFormat),
        ("2026-11-22T12:55:55.0Z", AuthFlaw::DateFormat),
        ("2026-11-22 12:55:55", AuthFlaw::DateFormat),
        ("1795352155", AuthFlaw::DateFormat),
        ("Sun, 22 Nov 2026 12:55:55 GMT", AuthFlaw::DateFormat),
    ];
    for (date, flaw) in dates {
        let encoded: String = form_urlencoded::byte_serialize(date.as_bytes()).collect();
        let by_parameters = replaced(&by_parameters(""), "2026-11-22T12%3A55%3A55Z", &encoded);
        for changed in [by_parameters, with_header(&by_headers(""), "x-acs-date", date)] {
            let refused = prove(&changed, SECRET, now()).unwrap_err();
            assert_eq!(refused.kind(), Kind::Unauthenticated(flaw), "{date}");
            if flaw == AuthFlaw::DateFormat {
                let text = "Specified time stamp or date value is not well formatted.";
                assert_eq!(refused.vendor_message(), Some(text));
            }
        }
    }
}

#[test]
fn t17_the_nonce_is_claimed_signed_and_missing_only_where_the_vendor_lets_it() {
    for signed in [by_parameters(""), by_headers("")] {
        assert_eq!(claim(&signed).unwrap().unwrap().nonce.as_deref(), Some("n-1"));
    }
    assert_eq!(refusal(&replaced(&by_parameters(""), "n-1", "n-2"), SECRET, now()), MISMATCH);
    assert_eq!(refusal(&with_header(&by_headers(""), "x-acs-signature-nonce", "n-2"), SECRET, now()), MISMATCH);
    assert_eq!(refusal(&replaced(&by_parameters(""), "SignatureNonce=n-1&", ""), SECRET, now()), MISMATCH);
    for version in ["2015-05-01", "2015-04-01"] {
        let mut signed = request("POST", &format!("/?Action=ListUsers&Version={version}"), &[], "");
        seal(&mut signed, Method::V1HmacSha1, &credential(SECRET), None, "n-1", now()).unwrap();
        let refused = claim(&replaced(&signed, "SignatureNonce=n-1&", "")).unwrap_err();
        assert_eq!((refused.kind(), refused.subject()), (MISSING, Some("SignatureNonce")));
    }
    let long = format!("SignatureNonce={}", "n".repeat(257));
    assert_eq!(refusal(&replaced(&by_parameters(""), "SignatureNonce=n-1", &long), SECRET, now()), INCOMPLETE);
}

#[test]
fn t18_any_secret_is_tried_and_a_signature_of_another_length_or_alphabet_never_matches() {
    let signed = by_parameters("");
    let signature = signed.head.uri.query().unwrap().rsplit_once("Signature=").unwrap().1.to_owned();
    for other in ["AAAA", "%3D", "*", &format!("{signature}AAAA"), &signature.replace("%3D", "")] {
        assert_eq!(refusal(&replaced(&signed, &signature, other), SECRET, now()), MISMATCH, "{other}");
    }
    let signed = by_headers("");
    let line = authorization(&signed);
    let (head, signature) = line.rsplit_once('=').unwrap();
    for other in ["", "00", "zz", &signature.to_uppercase(), &format!("{signature}00"), &signature[..62]] {
        let changed = with_header(&signed, "authorization", &format!("{head}={other}"));
        assert_eq!(refusal(&changed, SECRET, now()), MISMATCH, "{other}");
    }
    let dummy = credential("");
    let refused = claim(&signed).unwrap().unwrap().proof.prove(&dummy, now(), SKEW).unwrap_err();
    assert_eq!(refused.kind(), MISMATCH);
}

#[test]
fn t19_other_methods_are_refused() {
    for method in ["none", "HMAC-SHA256", "hmac-sha1", "RSA-SHA256", "HMAC-SHA1%00"] {
        let changed = replaced(&by_parameters(""), "SignatureMethod=HMAC-SHA1", &format!("SignatureMethod={method}"));
        assert_eq!(refusal(&changed, SECRET, now()), METHOD, "{method}");
    }
    for version in ["2.0", "1", "1.00"] {
        let changed = replaced(&by_parameters(""), "SignatureVersion=1.0", &format!("SignatureVersion={version}"));
        assert_eq!(refusal(&changed, SECRET, now()), METHOD, "{version}");
    }
    let signed = by_headers("");
    for algorithm in ["ACS4-HMAC-SHA256", "ACS3-RSA-SHA256", "ACS3-HMAC-SHA1", "acs3-hmac-sha256", "Bearer", "none", ""]
    {
        let line = authorization(&signed).replace("ACS3-HMAC-SHA256", algorithm);
        assert_eq!(refusal(&with_header(&signed, "authorization", &line), SECRET, now()), METHOD, "{algorithm}");
    }
    // The right algorithm for the wrong hash.
    let line = authorization(&signed).replace("SHA256", "SM3");
    assert_eq!(refusal(&with_header(&signed, "authorization", &line), SECRET, now()), MISMATCH);
}

#[test]
fn t19_bearer_tokens_are_refused_in_every_place() {
    for param in ["&SignatureType=BEARERTOKEN", "&BearerToken=t"] {
        assert_eq!(refusal(&by_parameters(param), SECRET, now()), METHOD, "{param}");
    }
    for name in ["x-acs-bearer-token", "x-acs-zero-trust-idtoken"] {
        let unsigned = request("POST", "/?KeyId=k", &[("host", "h"), (name, "t")], "");
        assert_eq!(claim(&unsigned).unwrap_err().kind(), METHOD, "{name}");
        assert_eq!(refusal(&with_header(&by_headers(""), name, "t"), SECRET, now()), METHOD, "{name}");
    }
    assert!(prove(&by_parameters("&SignatureType="), SECRET, now()).is_ok());
}

#[test]
fn t20_signatures_and_ids_of_another_cloud_are_refused() {
    let line = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/us-east-1/kms/aws4_request, \
                SignedHeaders=host;x-amz-date, Signature=00";
    let foreign =
        request("POST", "/", &[("host", "h"), ("x-amz-date", "20261122T125555Z"), ("authorization", line)], "");
    assert_eq!(claim(&foreign).unwrap_err().kind(), METHOD);
    let scoped = authorization(&by_headers("")).replace("LTAItest", "AKIDEXAMPLE/20261122/us-east-1/kms/aws4_request");
    let refused = claim(&with_header(&by_headers(""), "authorization", &scoped)).unwrap_err();
    assert_eq!(refused.kind(), Kind::Unauthenticated(AuthFlaw::UnknownAccessKey));
    let presigned = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID&X-Amz-Signature=00&Action=Encrypt";
    assert!(claim(&request("GET", presigned, &[("host", "h")], "")).unwrap().is_none());
}

#[test]
fn t21_the_session_token_is_claimed_and_cannot_be_dropped_swapped_or_added() {
    let by_parameters = sealed_as(Method::V1HmacSha1, "/?Action=Encrypt&Version=2016-01-20", "", Some("token"));
    let by_headers = sealed_as(Method::Acs3Sha256, "/", "", Some("token"));
    for signed in [&by_parameters, &by_headers] {
        assert_eq!(prove(signed, SECRET, now()).unwrap().token.as_deref(), Some("token"));
    }
    for to in ["", "&SecurityToken=other", "&SecurityToken="] {
        assert_eq!(refusal(&replaced(&by_parameters, "&SecurityToken=token", to), SECRET, now()), MISMATCH, "{to}");
    }
    assert_eq!(refusal(&with_header(&by_headers, "x-acs-security-token", "other"), SECRET, now()), MISMATCH);
    assert_eq!(refusal(&with_header(&by_headers, "x-acs-security-token", ""), SECRET, now()), MISMATCH);
    assert_eq!(refusal(&without_header(&by_headers, "x-acs-security-token"), SECRET, now()), INCOMPLETE);
    // A token in a header is not the token of a request signed in its parameters.
    let added = with_header(&self::by_parameters(""), "x-acs-security-token", "token");
    assert_eq!(claim(&added).unwrap().unwrap().token, None);
}
