//! Ways around a signature that have worked elsewhere, each tried here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[allow(dead_code, reason = "each test uses a part of it")]
mod sigv4_support;

use std::time::Duration;

use http::HeaderName;
use polykms_aws::sign;
use polykms_core::error::{AuthFlaw, Error, Kind};
use polykms_core::port::Time;
use proptest::prelude::*;

use sigv4_support::{Checker, SKEW, Wire};

const ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS \
                        Secret Access Key and signing method. Consult the service documentation for details.";
const NOW: &str = "2026-11-24T00:10:00Z";

// T11: headers that are there but not signed.

#[test]
fn t11_an_unsigned_x_amz_header_is_refused() {
    for name in
        ["x-amz-target", "X-Amz-User-Agent", "x-amz-cf-id", "x-amz-security-token", "x-amz-content-sha256", "x-amz-"]
    {
        let signed = sealed(&post("kms").without("x-amz-target"), None);
        for signed in [signed, presigned(&get(), None)] {
            let error = refused(&signed.with(name, "anything"));
            assert!(matches!(error.kind(), Kind::Unauthenticated(AuthFlaw::Mismatch)), "{name}: {error}");
        }
    }
    let error = refused(&sealed(&post("kms"), None).with("x-amz-other", "1"));
    let expected = "There were headers present in the request which were not signed: x-amz-other";
    assert_eq!(error.vendor_message(), Some(expected));
}

#[test]
fn t11_the_host_must_be_signed_and_there_only_once() {
    let signed = sealed(&post("kms"), None);
    let error = refused(&signed.clone().replacing(";host;", ";"));
    let expected = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
    assert_eq!(error.vendor_message(), Some(expected));
    refused(&signed.clone().and("host", "kms.example.test"));
    refused(&signed.clone().without("host"));
    refused(&signed.clone().with("host", "other.example.test"));
    refused(&Wire { target: b"http://other.example.test/".to_vec(), ..signed.clone() });
    accepted(&Wire { target: b"http://kms.example.test/".to_vec(), ..signed });
}

#[test]
fn t11_headers_that_signers_leave_out_may_be_unsigned() {
    let signed = sealed(&post("kms"), None);
    for name in [
        "user-agent",
        "x-amzn-trace-id",
        "expect",
        "connection",
        "te",
        "proxy-connection",
        "sec-fetch-mode",
        "amz-sdk-invocation-id",
        "x-forwarded-for",
        "content-length",
    ] {
        accepted(&signed.clone().with(name, "anything"));
    }
    for name in ["host", "x-amz-date", "x-amz-user-agent", "x-amz-target", "content-type"] {
        assert!(!sign::left_unsigned(&HeaderName::from_static(name)), "{name}");
    }
}

#[test]
fn t11_signed_headers_must_be_listed_in_their_canonical_form() {
    let signed = sealed(&post("kms"), None);
    let listed = "content-type;host;x-amz-date;x-amz-target";
    assert!(signed.header("authorization").unwrap().contains(listed));
    for other in [
        "host;content-type;x-amz-date;x-amz-target",
        "content-type;content-type;host;x-amz-date;x-amz-target",
        "Content-Type;host;x-amz-date;x-amz-target",
    ] {
        let error = refused(&signed.clone().replacing(listed, other));
        assert!(matches!(error.kind(), Kind::Unauthenticated(AuthFlaw::Incomplete)), "{other}: {error}");
    }
    for other in [";content-type;host;x-amz-date;x-amz-target", "content-type;host;x-absent;x-amz-date;x-amz-target"] {
        assert_eq!(refused(&signed.clone().replacing(listed, other)).vendor_message(), Some(MISMATCH));
    }
}

#[test]
fn t11_a_signed_header_that_was_empty_must_not_be_left_out() {
    let signed = sealed(&post("kms").with("x-note", ""), None);
    accepted(&signed);
    refused(&signed.without("x-note"));
}

// T12: several ways of writing the same, and of writing nearly the same.

#[test]
fn t12_what_a_form_reads_as_the_same_is_the_same() {
    let signed = sealed(&query("/?a=x%20y&b=%2F&c="), None);
    for target in ["/?a=x+y&b=%2F&c=", "/?b=%2f&c&a=x%20y", "/?%61=x%20y&&b=/&c=&"] {
        accepted(&Wire { target: target.as_bytes().to_vec(), ..signed.clone() });
    }
}

#[test]
fn t12_what_a_form_reads_otherwise_is_refused() {
    for (signed, changed) in [
        ("/?a=x%2By", "/?a=x+y"),
        ("/?a=x%20y", "/?a=x%2By"),
        ("/?a=%2F", "/?a=%252F"),
        ("/?a=1&a=1", "/?a=1"),
        ("/?a=1&a=2", "/?a=1"),
        ("/?a=1", "/?a=1&a=1"),
        ("/?a=", "/"),
        ("/?a=%26b=1", "/?a=&b=1"),
        ("/?a=b%3Dc", "/?a%3Db=c"),
        ("/?%E1%88%B4=1", "/?%E1%88%B5=1"),
        ("/a%2Fb", "/a/b"),
        ("/a%2fb", "/a%2Fb"),
        ("/a/%2e%2e/b", "/b"),
        ("/a%20b", "/a+b"),
        ("/a%2520b", "/a%20b"),
        ("/A", "/a"),
        ("/a/", "/a"),
    ] {
        let wire = sealed(&query(signed), None);
        accepted(&wire);
        refused(&Wire { target: changed.as_bytes().to_vec(), ..wire });
    }
}

// T13: bodies that the signature does not cover.

#[test]
fn t13_unsigned_payload_is_refused() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for stated in [
        "UNSIGNED-PAYLOAD",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "",
        empty,
        &sign::payload_hash(b"{}").to_uppercase(),
    ] {
        let wire = signed_over(&post("kms").with("x-amz-content-sha256", stated), stated);
        let expected = "The provided 'x-amz-content-sha256' header does not match what was computed.";
        assert_eq!(refused(&wire).vendor_message(), Some(expected), "{stated}");
        let target = format!("/?x-amz-content-sha256={stated}").into_bytes();
        let wire = sealed(&Wire { target, ..post("kms") }, None);
        assert_eq!(refused(&wire).vendor_message(), Some(expected), "{stated}");
    }
}

#[test]
fn t13_a_right_payload_hash_is_accepted_and_the_body_is_always_hashed() {
    let hash = sign::payload_hash(b"{}");
    let signed = sealed(&post("kms").with("x-amz-content-sha256", &hash), None);
    accepted(&signed);
    for body in [&b""[..], b"{} ", b"[]"] {
        refused(&Wire { body: body.to_vec(), ..signed.clone() });
        refused(&Wire { body: body.to_vec(), ..sealed(&post("kms"), None) });
    }
    refused(&Wire { body: b"x".to_vec(), ..presigned(&get(), None) });
    refused(&signed.and("x-amz-content-sha256", &hash));
}

// T14: several credentials in one request.

#[test]
fn t14_header_and_query_together_are_refused() {
    let authorization = sealed(&get(), None).header("authorization").unwrap().to_owned();
    let error = refused(&presigned(&get(), None).with("authorization", &authorization));
    let expected = "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.";
    assert_eq!(error.vendor_message(), Some(expected));
    for name in ["X-Amz-Credential", "x-amz-signature", "X-Amz-Date", "X-Amz-Expires", "%58-Amz-Security-Token"] {
        refused(&sealed(&query(&format!("/?{name}=1")), None));
    }
    for name in ["x-amz-date", "x-amz-security-token"] {
        let wire = presigned(&get(), None).replacing("=host&", &format!("=host%3B{name}&"));
        let wire = presigned_again(&wire.with(name, "20261124T001000Z"), &format!("host;{name}"));
        let error = refused(&wire);
        assert!(error.vendor_message().unwrap().starts_with("Found both 'X-Amz-"), "{error}");
    }
    accepted(&presigned_again(&presigned(&get(), None), "host"));
}

#[test]
fn t14_two_credentials_are_refused() {
    let wire = presigned(&get(), Some("token"));
    accepted_with(&wire, Some("token"));
    let target = String::from_utf8(wire.target.clone()).unwrap();
    for name in [
        "X-Amz-Credential",
        "x-amz-credential",
        "X%2DAmz%2DCredential",
        "X-Amz-Algorithm",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-SignedHeaders",
        "X-Amz-Signature",
        "x-amz-signature",
        "X-Amz-Security-Token",
    ] {
        for target in [format!("{target}&{name}=x"), target.replace("/?", &format!("/?{name}=x&"))] {
            let error = refused(&Wire { target: target.into_bytes(), ..wire.clone() });
            assert!(matches!(error.kind(), Kind::Unauthenticated(AuthFlaw::Incomplete)), "{name}: {error}");
        }
    }
    let wire = sealed(&post("kms"), Some("token"));
    for name in ["authorization", "x-amz-date", "x-amz-security-token"] {
        let value = wire.header(name).unwrap().to_owned();
        refused(&wire.clone().and(name, &value));
    }
    for field in ["Credential", "SignedHeaders", "Signature"] {
        let doubled = format!("{}, {field}=x", wire.header("authorization").unwrap());
        refused(&wire.clone().with("authorization", &doubled));
    }
}

#[test]
fn t14_incomplete_credentials_are_refused_with_all_that_is_lacking() {
    let wire = sealed(&post("kms"), None).with("authorization", "AWS4-HMAC-SHA256 Signature=x").without("x-amz-date");
    let expected = "Authorization header requires 'Credential' parameter. Authorization header requires 'SignedHeaders' \
                    parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. \
                    (Hashed with SHA-256 and encoded with Base64) Authorization=";
    assert!(refused(&wire).vendor_message().unwrap().starts_with(expected));
    let wire = Wire { target: b"/?X-Amz-Signature=1&X-Amz-Date=2".to_vec(), ..get() };
    let expected = "AWS query-string parameters must include 'X-Amz-Algorithm'. AWS query-string parameters must include \
                    'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. Re-examine the \
                    query-string parameters.";
    assert_eq!(refused(&wire).vendor_message(), Some(expected));
    let wire = sealed(&post("kms"), None);
    for broken in ["AWS4-HMAC-SHA256 Credential", "AWS4-HMAC-SHA256 Credential= a/b"] {
        assert!(refused(&wire.clone().with("authorization", broken)).vendor_message().unwrap().contains("equal-sign"));
    }
    assert!(sign::claim(&post("kms").request().unwrap(), "kms").unwrap().is_none());
    assert!(sign::claim(&get().request().unwrap(), "sts").unwrap().is_none());
}

#[test]
fn t14_the_parts_of_the_header_may_be_separated_by_commas_or_spaces() {
    let wire = sealed(&post("kms"), None);
    let authorization = wire.header("authorization").unwrap().to_owned();
    for separator in [",", " ", "  ,\t"] {
        accepted(&wire.clone().with("authorization", &authorization.replace(", ", separator)));
    }
}

// T15: scopes that do not fit.

#[test]
fn t15_a_scope_that_does_not_fit_is_refused_part_by_part() {
    let wire = sealed(&post("kms"), None);
    for (right, wrong, message) in [
        ("/us-east-1/", "/US-EAST-1/", "Credential should be scoped to a valid region, not 'US-EAST-1'."),
        ("/us-east-1/", "//", "Credential should be scoped to a valid region, not ''."),
        ("/us-east-1/", "/us--east/", "Credential should be scoped to a valid region, not 'us--east'."),
        ("/kms/", "/sts/", "Credential should be scoped to correct service: 'kms'."),
        (
            "/aws4_request",
            "/aws5_request",
            "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'.",
        ),
        (
            "/20261124/",
            "/20261123/",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20261123' != \
             '20261124', from '20261124T001000Z'.",
        ),
        (
            "/20261124/us-east-1/kms/aws4_request",
            "/b/c_/d/e",
            "Credential should be scoped to a valid region, not 'c_'. Credential should be scoped to correct service: \
             'kms'. Credential should be scoped with a valid terminator: 'aws4_request', not 'e'. Date in Credential \
             scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: 'b' != '20261124', from \
             '20261124T001000Z'.",
        ),
    ] {
        let error = refused(&wire.clone().replacing(right, wrong));
        assert_eq!(error.vendor_message(), Some(message));
        assert!(matches!(error.kind(), Kind::Unauthenticated(AuthFlaw::Mismatch)), "{error}");
    }
    for (right, wrong) in [("/aws4_request", ""), ("/aws4_request", "/aws4_request/"), ("/us-east-1/", "/")] {
        let error = refused(&wire.clone().replacing(right, wrong));
        assert!(matches!(error.kind(), Kind::Unauthenticated(AuthFlaw::Incomplete)), "{error}");
    }
}

#[test]
fn t15_another_region_than_the_signed_one_is_refused() {
    let wire = sealed(&post("kms"), None);
    assert_eq!(refused(&wire.clone().replacing("/us-east-1/", "/eu-west-1/")).vendor_message(), Some(MISMATCH));
    accepted(&wire.clone().replacing("AWS4-HMAC-SHA256 Credential", "AWS4-HMAC-SHA256  Credential"));
    let request = wire.request().unwrap();
    let claimed = sign::claim(&request, "kms").unwrap().unwrap();
    assert_eq!(&*claimed.region, "us-east-1");
    assert_eq!(claimed.claim.access_key_id, ID);
}

#[test]
fn t15_an_access_key_of_another_form_is_unknown() {
    for id in ["", "a b", "AKIA%2F", "АКІА", &"A".repeat(129)] {
        let error = refused(&sealed(&post("kms"), None).replacing(&format!("={ID}/"), &format!("={id}/")));
        assert!(matches!(error.kind(), Kind::Unauthenticated(_)), "{id}: {error}");
    }
    let wire = sealed(&post("kms"), None).replacing(ID, "AKIA:OTHER");
    let error = sign::claim(&wire.request().unwrap(), "kms").unwrap_err();
    assert_eq!(error.vendor_message(), Some("The security token included in the request is invalid."));
}

// T16: the edges of time.

#[test]
fn t16_the_skew_is_accepted_at_its_limit_and_refused_one_second_over() {
    let wire = sealed(&post("kms"), None);
    for (now, message) in [
        ("2026-11-24T00:15:00Z", None),
        ("2026-11-24T00:15:00.999Z", None),
        ("2026-11-24T00:05:00Z", None),
        (
            "2026-11-24T00:15:01Z",
            Some(
                "Signature expired: 20261124T001000Z is now earlier than 20261124T001001Z (20261124T001501Z - 5 min.)",
            ),
        ),
        (
            "2026-11-24T00:04:59Z",
            Some(
                "Signature not yet current: 20261124T001000Z is still later than 20261124T000959Z (20261124T000459Z + 5 \
                 min.)",
            ),
        ),
    ] {
        let result = at(now, "kms", None).check(&wire);
        assert_eq!(result.as_ref().err().and_then(Error::vendor_message), message, "{now}");
        if let Err(error) = result {
            assert!(matches!(error.kind(), Kind::Unauthenticated(AuthFlaw::Expired)), "{error}");
        }
    }
}

#[test]
fn t16_a_presigned_request_lives_as_long_as_it_says() {
    let wire = presigned_for("iam", &get(), None);
    for (now, valid) in [
        ("2026-11-24T00:05:00Z", true),
        ("2026-11-24T00:04:59Z", false),
        ("2026-11-24T00:11:30Z", true),
        ("2026-11-24T00:11:31Z", false),
    ] {
        assert_eq!(at(now, "iam", None).check(&wire).is_ok(), valid, "{now}");
    }
    let error = at("2026-11-24T00:11:31Z", "iam", None).check(&wire).unwrap_err();
    let expected =
        "Signature expired: 20261124T001000Z is now earlier than 20261124T001001Z (20261124T001131Z - 90 sec.)";
    assert_eq!(error.vendor_message(), Some(expected));
}

#[test]
fn t16_a_presigned_request_lives_between_a_second_and_a_week() {
    for (given, fits) in [
        ("1", true),
        ("604800", true),
        ("604801", false),
        ("0", false),
        ("-1", false),
        ("+9", false),
        ("%2B9", false),
        ("", false),
        ("1.5", false),
        ("99999999999999999999", false),
        ("%31", true),
    ] {
        let wire = presigned_for("iam", &get(), None).replacing("X-Amz-Expires=90", &format!("X-Amz-Expires={given}"));
        let request = wire.request().unwrap();
        assert_eq!(sign::claim(&request, "iam").is_ok(), fits, "{given}");
    }
    let mut request = get().request().unwrap();
    for seconds in [0, 604_801] {
        let lasting = Duration::from_secs(seconds);
        let sealed = sign::presign(&mut request, &here("iam", None).credential, None, "r", "iam", now(), lasting);
        assert!(sealed.is_err(), "{seconds}");
    }
}

#[test]
fn t16_without_a_life_a_presigned_request_lives_as_long_as_the_skew() {
    let wire = presigned_without("iam", "X-Amz-Expires");
    assert!(at("2026-11-24T00:15:00Z", "iam", None).check(&wire).is_ok());
    assert!(at("2026-11-24T00:15:01Z", "iam", None).check(&wire).is_err());
}

#[test]
fn t16_a_presigned_request_to_sts_lives_a_quarter_of_an_hour_whatever_it_says() {
    let says = |life: &str| presigned(&get(), None).replacing("&X-Amz-Expires=90", life);
    let said =
        ["60", "0", "1", "900", "86400", "604800", "604801", "soon"].map(|life| format!("&X-Amz-Expires={life}"));
    for life in said.iter().map(String::as_str).chain([""]) {
        let wire = presigned_again(&says(life), "host");
        for (now, valid) in [
            ("2026-11-24T00:05:00Z", true),
            ("2026-11-24T00:04:59Z", false),
            ("2026-11-24T00:24:00Z", true),
            ("2026-11-24T00:25:00Z", true),
            ("2026-11-24T00:25:01Z", false),
        ] {
            assert_eq!(at(now, "sts", None).check(&wire).is_ok(), valid, "{life} at {now}");
        }
        let error = at("2026-11-24T00:25:01Z", "sts", None).check(&wire).unwrap_err();
        let expected =
            "Signature expired: 20261124T001000Z is now earlier than 20261124T001001Z (20261124T002501Z - 15 min.)";
        assert_eq!(error.vendor_message(), Some(expected));
    }
}

#[test]
fn t16_only_one_form_of_date_is_read() {
    for date in [
        "2026-11-24T00:10:00Z",
        "20261124T001000",
        "20261124T001000+0000",
        "20261124T021000+0200",
        "20261124t001000z",
        "20261124T001000.0Z",
        "20261124",
        "1795479000",
        "",
        "20261324T001000Z",
        "20260230T001000Z",
        "20261124T251000Z",
        "20261124T001061Z",
        "２0261124T001000Z",
        "Tue, 24 Nov 2026 00:10:00 GMT",
        "99991231T235959Z",
    ] {
        let error = refused(&sealed(&post("kms"), None).with("x-amz-date", date));
        assert!(matches!(error.kind(), Kind::Unauthenticated(AuthFlaw::DateFormat)), "{date}: {error}");
    }
    let error = refused(&sealed(&post("kms"), None).with("x-amz-date", "201"));
    let expected = "Date must be in ISO-8601 'basic format'. Got '201'. See http://en.wikipedia.org/wiki/ISO_8601";
    assert_eq!(error.vendor_message(), Some(expected));
}

#[test]
fn t16_the_far_future_is_not_yet_current_and_the_far_past_expired() {
    for (date, message) in [("99991229T000000Z", "not yet current"), ("00010101T000000Z", "expired")] {
        let wire =
            sealed(&post("kms"), None).with("x-amz-date", date).replacing("/20261124/", &format!("/{}/", &date[..8]));
        assert!(refused(&wire).vendor_message().unwrap().contains(message));
    }
}

#[test]
fn t16_a_leap_second_counts_as_the_second_before() {
    let time: Time = "2016-12-31T23:59:59Z".parse().unwrap();
    let wire = signed_at(&post("kms").with("x-amz-date", "20161231T235960Z"), "20161231T235960Z");
    let checker = Checker::new(ID, SECRET, None, "kms", time + SKEW);
    checker.check(&wire).unwrap();
    let checker = Checker::new(ID, SECRET, None, "kms", time + SKEW + Duration::from_secs(1));
    assert!(checker.check(&wire).is_err());
}

// T17: replay.

#[test]
fn t17_a_request_carries_no_nonce_so_a_replay_within_the_window_is_proven_again() {
    let wire = sealed(&post("kms"), None);
    let request = wire.request().unwrap();
    let claimed = sign::claim(&request, "kms").unwrap().unwrap();
    assert!(claimed.claim.nonce.is_none());
    let checker = here("kms", None);
    checker.check(&wire).unwrap();
    checker.check(&wire).unwrap();
    assert!(at("2026-11-24T00:15:01Z", "kms", None).check(&wire).is_err());
}

// T18: what a failure tells.

#[test]
fn t18_every_wrong_signature_gets_the_same_answer() {
    let wire = sealed(&post("kms"), None);
    let signature = wire.header("authorization").unwrap().rsplit_once('=').unwrap().1.to_owned();
    for wrong in [
        signature[..63].to_owned(),
        format!("{signature}0"),
        signature.to_uppercase(),
        String::new(),
        "0".repeat(64),
        format!("0x{}", &signature[2..]),
        "é".repeat(32),
    ] {
        assert_eq!(refused(&wire.clone().replacing(&signature, &wrong)).vendor_message(), Some(MISMATCH));
    }
    let other = Checker::new(ID, "another secret", None, "kms", now());
    assert_eq!(other.check(&wire).unwrap_err().vendor_message(), Some(MISMATCH));
}

#[test]
fn t18_no_message_repeats_a_signature_or_a_token() {
    let wire = sealed(&post("kms"), Some("secret-token"));
    let signature = wire.header("authorization").unwrap().rsplit_once('=').unwrap().1.to_owned();
    for wire in [
        wire.clone().replacing("Credential=", "Credential"),
        wire.clone().replacing("Credential=", "Other="),
        wire.clone().replacing("/kms/", "/iam/"),
        wire.clone().with("x-amz-date", "x"),
        wire.clone().without("x-amz-target"),
    ] {
        let message = format!("{:?}", here("kms", Some("secret-token")).check(&wire).unwrap_err());
        assert!(!message.contains(&signature) && !message.contains("secret-token"), "{message}");
    }
    let mut request = post("kms").request().unwrap();
    let credential = here("kms", None).credential;
    sign::seal(&mut request, &credential, Some("secret-token"), "us-east-1", "kms", now()).unwrap();
    let shown = format!("{:?} {credential:?}", request.head.headers);
    assert!(!shown.contains("secret-token") && !shown.contains("Signature=") && !shown.contains(SECRET), "{shown}");
}

// T19: other algorithms.

#[test]
fn t19_other_algorithms_are_refused() {
    for name in
        ["AWS4-HMAC-SHA1", "AWS4-ECDSA-P256-SHA256", "AWS4-HMAC-SHA256-PAYLOAD", "AWS4-none", "AWS4-hmac-sha256"]
    {
        let header = sealed(&post("kms"), None).replacing("AWS4-HMAC-SHA256", name);
        let query = presigned(&get(), None).replacing("AWS4-HMAC-SHA256", name);
        for (wire, service) in [(header, "kms"), (query, "sts")] {
            let error = here(service, None).check(&wire).unwrap_err();
            assert!(matches!(error.kind(), Kind::Unauthenticated(AuthFlaw::Method)), "{name}: {error}");
            let expected = format!("Unsupported AWS 'algorithm': '{name}' (only AWS4-HMAC-SHA256 for now).");
            assert_eq!(error.vendor_message(), Some(expected.as_str()));
        }
    }
}

// T20: signatures for somebody else.

#[test]
fn t20_other_schemes_count_as_no_authentication() {
    for scheme in ["ACS3-HMAC-SHA256", "Basic", "Bearer", "AWS", "aws4-hmac-sha256", ""] {
        let error = refused(&sealed(&post("kms"), None).replacing("AWS4-HMAC-SHA256", scheme));
        assert!(matches!(error.kind(), Kind::Unauthenticated(AuthFlaw::Missing)), "{scheme}: {error}");
        assert_eq!(error.vendor_message(), Some("Request is missing Authentication Token"));
    }
}

#[test]
fn t20_a_signature_for_one_service_is_refused_by_another() {
    let wire = sealed(&post("kms"), None);
    let error = here("iam", None).check(&wire).unwrap_err();
    assert_eq!(error.vendor_message(), Some("Credential should be scoped to correct service: 'iam'."));
    let error = here("iam", None).check(&wire.replacing("/kms/", "/iam/")).unwrap_err();
    assert_eq!(error.vendor_message(), Some(MISMATCH));
}

// T21: session tokens, and requests passed on.

#[test]
fn t21_a_session_token_must_be_signed() {
    let (header, query) = (sealed(&post("kms"), Some("token")), presigned(&get(), Some("token")));
    for (wire, service) in [(header, "kms"), (query, "sts")] {
        let request = wire.request().unwrap();
        let claimed = sign::claim(&request, service).unwrap().unwrap();
        assert_eq!(claimed.claim.token.as_deref(), Some("token"));
        here(service, Some("token")).check(&wire).unwrap();
        let swapped = wire.clone().replacing("token", "other");
        assert!(here(service, Some("other")).check(&swapped).is_err());
        assert!(here(service, None).check(&wire.clone().without("x-amz-security-token")).is_err());
    }
    let added = sealed(&post("kms"), None).with("x-amz-security-token", "token");
    assert!(here("kms", Some("token")).check(&added).is_err());
    let target = [presigned(&get(), None).target.as_slice(), b"&X-Amz-Security-Token=token"].concat();
    assert!(here("sts", Some("token")).check(&Wire { target, ..get() }).is_err());
}

#[test]
fn t21_a_presigned_identity_cannot_be_passed_on_as_something_else() {
    let wire = presigned(&get().with("x-k8s-aws-id", "cluster"), None);
    accepted(&wire);
    refused(&wire.clone().replacing("GetCallerIdentity", "GetSessionToken"));
    refused(&wire.clone().with("x-k8s-aws-id", "other"));
    refused(&wire.clone().without("x-k8s-aws-id"));
    refused(&wire.clone().with("host", "other.example.test"));
    refused(&Wire { method: "POST".to_owned(), ..wire.clone() });
    refused(&Wire { body: b"Action=AssumeRole".to_vec(), ..wire.clone() });
    refused(&wire.clone().replacing("Action=", "Action=AssumeRole&Action="));
}

#[test]
fn a_request_with_a_date_header_alone_is_dated_by_it() {
    let wire = signed_at(&post("kms").with("date", "Tue, 24 Nov 2026 00:10:00 GMT"), "20261124T001000Z");
    accepted(&wire);
    refused(&wire.clone().with("date", "Tue, 24 Nov 2026 00:10:01 GMT"));
    refused(&wire.with("date", "Mon, 24 Nov 2026 00:10:00 GMT"));
}

#[test]
fn sealing_replaces_credentials_that_are_there() {
    let once = sealed(&post("kms"), Some("token"));
    let twice = sealed(&once, None);
    accepted(&twice);
    assert_eq!(twice.header("x-amz-security-token"), None);
    let mut request = once.without("host").request().unwrap();
    assert!(sign::seal(&mut request, &here("kms", None).credential, None, "r", "kms", now()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_a_client_sends_is_accepted_or_panics(
        authorization in "(AWS4-HMAC-SHA256 )?[ -~]{0,80}", date in "[ -~]{0,20}|20261124T001000Z",
        parameters in "[!-~&&[^#<>\"`{}\\\\^|]]{0,60}", name in "[a-z;-]{0,20}",
    ) {
        let credential = format!("Credential={ID}/20261124/us-east-1/kms/aws4_request");
        let whole = format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host;{name}, Signature={authorization}");
        for header in [authorization.as_str(), whole.as_str()] {
            let wire = post("kms").with("authorization", header).with("x-amz-date", &date);
            prop_assert!(here("kms", None).check(&wire).is_err());
        }
        for target in [
            format!("/?{parameters}"),
            format!("/{parameters}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-{credential}&X-Amz-Date=20261124T001000Z\
                     &X-Amz-SignedHeaders=host&X-Amz-Signature={parameters}"),
        ] {
            let wire = Wire { target: target.into_bytes(), ..get() };
            prop_assert!(here("kms", None).check(&wire).is_err());
        }
    }
}

fn now() -> Time {
    NOW.parse().unwrap()
}

fn at(now: &str, service: &str, token: Option<&str>) -> Checker {
    Checker::new(ID, SECRET, token, service, now.parse().unwrap())
}

fn here(service: &str, token: Option<&str>) -> Checker {
    at(NOW, service, token)
}

fn post(service: &str) -> Wire {
    let host = format!("{service}.example.test");
    let headers = [
        ("host", host.as_str()),
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "TrentService.ListKeys"),
    ];
    Wire::new("POST", "/", &headers, "{}")
}

fn get() -> Wire {
    Wire::new("GET", "/?Action=GetCallerIdentity&Version=2011-06-15", &[("host", "sts.example.test")], "")
}

fn query(target: &str) -> Wire {
    Wire { target: target.as_bytes().to_vec(), ..post("kms") }
}

fn sealed(wire: &Wire, token: Option<&str>) -> Wire {
    let mut request = wire.request().unwrap();
    sign::seal(&mut request, &here("kms", None).credential, token, "us-east-1", "kms", now()).unwrap();
    request.into()
}

fn presigned(wire: &Wire, token: Option<&str>) -> Wire {
    presigned_for("sts", wire, token)
}

fn presigned_for(service: &str, wire: &Wire, token: Option<&str>) -> Wire {
    let mut request = wire.request().unwrap();
    let (credential, life) = (here(service, None).credential, Duration::from_secs(90));
    sign::presign(&mut request, &credential, token, "us-east-1", service, now(), life).unwrap();
    request.into()
}

/// A presigned request that lacks a parameter, and whose signature covers just what is left.
fn presigned_without(service: &str, lacking: &str) -> Wire {
    let wire = presigned_for(service, &get(), None);
    let target = String::from_utf8(wire.target.clone()).unwrap();
    let kept: Vec<&str> = target.split('&').filter(|pair| !pair.starts_with(lacking)).collect();
    presigned_again(&Wire { target: kept.join("&").into_bytes(), ..wire }, "host")
}

/// Replaces the signature at the end of a presigned request by the right one for what it has become.
fn presigned_again(wire: &Wire, listed: &str) -> Wire {
    let canonical = sign::canonical_request(&wire.request().unwrap().head, listed, &sign::payload_hash(b"")).unwrap();
    let target = String::from_utf8(wire.target.clone()).unwrap();
    let service = if target.contains("%2Fiam%2F") { "iam" } else { "sts" };
    let scope = format!("20261124/us-east-1/{service}/aws4_request");
    let to_sign = sign::string_to_sign("20261124T001000Z", &scope, &canonical);
    let signature = sign::signature(&sign::signing_key(SECRET, &scope), &to_sign);
    let (unsigned, _) = target.rsplit_once('=').unwrap();
    Wire { target: format!("{unsigned}={signature}").into_bytes(), ..wire.clone() }
}

/// Signs by hand what [`sign::seal`] would not: a payload hash that is not the body's.
fn signed_over(wire: &Wire, payload: &str) -> Wire {
    by_hand(&wire.clone().with("x-amz-date", "20261124T001000Z"), "20261124T001000Z", payload)
}

/// Signs by hand what [`sign::seal`] would not: a request dated in another way.
fn signed_at(wire: &Wire, date: &str) -> Wire {
    by_hand(wire, date, &sign::payload_hash(&wire.body))
}

fn by_hand(wire: &Wire, date: &str, payload: &str) -> Wire {
    let mut names: Vec<&str> = wire.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let listed = names.join(";");
    let canonical = sign::canonical_request(&wire.request().unwrap().head, &listed, payload).unwrap();
    let scope = format!("{}/us-east-1/kms/aws4_request", &date[..8]);
    let signature =
        sign::signature(&sign::signing_key(SECRET, &scope), &sign::string_to_sign(date, &scope, &canonical));
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={ID}/{scope}, SignedHeaders={listed}, Signature={signature}");
    wire.clone().with("authorization", &authorization)
}

/// The service that the request's scope names.
fn service(wire: &Wire) -> &'static str {
    let scope = [wire.target.as_slice(), wire.header("authorization").unwrap_or_default().as_bytes()].concat();
    if String::from_utf8_lossy(&scope).contains("us-east-1%2Fsts") { "sts" } else { "kms" }
}

fn accepted(wire: &Wire) {
    accepted_with(wire, None);
}

fn accepted_with(wire: &Wire, token: Option<&str>) {
    here(service(wire), token).check(wire).unwrap_or_else(|error| panic!("{error}: {wire:?}"));
}

fn refused(wire: &Wire) -> Error {
    let error = here(service(wire), None).check(wire).unwrap_err();
    assert!(matches!(error.kind(), Kind::Unauthenticated(_)), "{error}: {wire:?}");
    error
}
