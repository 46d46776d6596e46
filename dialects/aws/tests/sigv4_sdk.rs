//! Requests that SDKs signed, proven here; and signed here again, with the same result.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[allow(dead_code, reason = "each test uses a part of it")]
mod sigv4_support;

use polykms_aws::sign;
use serde_json::Value;

use sigv4_support::{Checker, Wire};

const BOTOCORE: &str = include_str!("vectors/botocore_sigv4.json");
const SMITHY: &str = include_str!("vectors/smithy_sigv4.json");

#[test]
fn requests_signed_by_botocore_are_proven() {
    assert_eq!(proven(BOTOCORE), 17);
}

#[test]
fn requests_signed_by_the_javascript_sdk_are_proven() {
    assert_eq!(proven(SMITHY), 6);
}

#[test]
fn botocore_requests_sealed_here_have_the_same_authorization() {
    let document: Value = serde_json::from_str(BOTOCORE).unwrap();
    let mut sealed = 0;
    for vector in document["vectors"].as_array().unwrap() {
        let wire = wire(vector);
        // After signing, botocore adds headers of its own, and urllib3 adds the length.
        let bare = ["amz-sdk-invocation-id", "amz-sdk-request", "content-length", "authorization"]
            .iter()
            .fold(wire.clone(), |wire, name| wire.without(name));
        let dated = bare.header("x-amz-date").is_some();
        let Some(authorization) = wire.header("authorization").filter(|_| dated) else { continue };
        let checker = checker(&document, vector);
        let mut request = bare.request().unwrap();
        let region = vector["region"].as_str().unwrap();
        let token = checker.token.as_deref();
        sign::seal(&mut request, &checker.credential, token, region, &checker.service, checker.now).unwrap();
        assert_eq!(Wire::from(request).header("authorization"), Some(authorization), "{}", vector["name"]);
        sealed += 1;
    }
    assert_eq!(sealed, 12);
}

fn proven(document: &str) -> usize {
    let document: Value = serde_json::from_str(document).unwrap();
    let vectors = document["vectors"].as_array().unwrap();
    for vector in vectors {
        let (wire, checker) = (wire(vector), checker(&document, vector));
        let request = wire.request().unwrap();
        let claimed = sign::claim(&request, &checker.service).unwrap().unwrap();
        assert_eq!(&*claimed.region, vector["region"].as_str().unwrap());
        checker.check(&wire).unwrap_or_else(|error| panic!("{}: {error}", vector["name"]));
    }
    vectors.len()
}

fn wire(vector: &Value) -> Wire {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let headers = vector["headers"].as_array().unwrap();
    Wire {
        method: text(&vector["method"]),
        target: text(&vector["target"]).into_bytes(),
        headers: headers.iter().map(|pair| (text(&pair[0]), text(&pair[1]).into_bytes())).collect(),
        body: text(&vector["body"]).into_bytes(),
    }
}

fn checker(document: &Value, vector: &Value) -> Checker {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let now = text(&document["now"]).parse().unwrap();
    let (id, secret) = (text(&document["access_key_id"]), text(&document["secret"]));
    Checker::new(&id, &secret, vector["token"].as_str(), &text(&vector["service"]), now)
}
