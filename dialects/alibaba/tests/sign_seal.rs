//! What is sealed here proves here, by every method, with and without a token, from query and form.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod sign_support;

use polykms_alibaba::sign::{Method, seal};
use polykms_core::dialect::Request;
use polykms_core::error::{AuthFlaw, Kind};
use polykms_core::port::Time;
use sign_support::{credential, prove, refusal, request};

const METHODS: [Method; 3] = [Method::V1HmacSha1, Method::Acs3Sha256, Method::Acs3Sm3];
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn now() -> Time {
    "2026-11-22T12:55:55.75Z".parse().unwrap()
}

fn unsealed(query: &str, body: &str) -> Request {
    let host = ("host", "kms.cn-hangzhou.aliyuncs.com:8443");
    let headers = [host, ("x-acs-action", "CreateSecret"), ("x-acs-version", "2016-01-20"), FORM];
    request("POST", &format!("/?Action=CreateSecret&Version=2016-01-20{query}"), &headers, body)
}

#[test]
fn what_is_sealed_proves() {
    for method in METHODS {
        for token in [None, Some("CAIS+/= token")] {
            for (query, body) in
                [("", ""), ("&SecretName=s%2F1&a+b=%2A~%C3%A9", ""), ("&SecretName=s", "SecretData=a+b%26c")]
            {
                let mut request = unsealed(query, body);
                seal(&mut request, method, &credential("secret"), token, "n-1", now()).unwrap();
                let claim = prove(&request, "secret", now()).unwrap();
                assert_eq!(claim.access_key_id, "LTAItest");
                assert_eq!(claim.token.as_deref(), token);
                assert_eq!(claim.nonce.as_deref(), Some("n-1"));
                assert_eq!(refusal(&request, "Secret", now()), Kind::Unauthenticated(AuthFlaw::Mismatch));
            }
        }
    }
}

#[test]
fn a_header_signature_is_replaced_by_a_later_one() {
    let mut request = unsealed("", "");
    seal(&mut request, Method::Acs3Sm3, &credential("one"), Some("token"), "n-1", now()).unwrap();
    seal(&mut request, Method::Acs3Sha256, &credential("two"), None, "n-2", now()).unwrap();
    let claim = prove(&request, "two", now()).unwrap();
    assert_eq!((claim.token, claim.nonce.as_deref()), (None, Some("n-2")));
}

#[test]
fn a_parameter_signature_is_not_added_twice() {
    let mut request = unsealed("", "");
    seal(&mut request, Method::V1HmacSha1, &credential("secret"), None, "n-1", now()).unwrap();
    let refused = seal(&mut request, Method::V1HmacSha1, &credential("secret"), None, "n-2", now()).unwrap_err();
    assert_eq!(refused.kind(), Kind::Unreadable);
}

#[test]
fn a_request_that_names_no_operation_is_not_sealed() {
    for method in METHODS {
        let mut request = request("POST", "/", &[("host", "h")], "");
        let refused = seal(&mut request, method, &credential("secret"), None, "n", now()).unwrap_err();
        assert_eq!(refused.kind(), Kind::Unauthenticated(AuthFlaw::Missing), "{method:?}");
    }
}

#[test]
fn a_nonce_that_no_header_can_carry_is_refused() {
    let refused = seal(&mut unsealed("", ""), Method::Acs3Sha256, &credential("s"), None, "a\nb", now()).unwrap_err();
    assert_eq!((refused.kind(), refused.subject()), (Kind::Unreadable, Some("x-acs-signature-nonce")));
}
