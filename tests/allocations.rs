//! How often a request allocates, from its bytes to those of its answer, the audit trail included: no more than it did.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod cloud;

use cloud::{Cloud, KEY, clouds, form};
use polykms::core::dialect::{Credential, Request};
use polykms::core::engine::Engine;
use polykms::core::secret::AccessSecret;
use polykms_alibaba::sign::Method;
use serde_json::json;

/// A request of Alibaba Cloud, signed by the asker.
fn alibaba(method: Method, operation: &str, arguments: &[(&str, &str)], number: u64) -> Request {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let mut pairs: Vec<_> = arguments.iter().map(own).collect();
    let mut headers = vec![("x-acs-action", operation.to_owned()), ("x-acs-version", "2016-01-20".to_owned())];
    if method == Method::V1HmacSha1 {
        headers.clear();
        pairs.extend([("Action", operation), ("Version", "2016-01-20"), ("Format", "JSON")].iter().map(own));
    }
    let mut request = cloud::post(&format!("/?{}", form(&pairs)), &headers, String::new());
    let credential = Credential::new("asker".to_owned(), AccessSecret::new("secret".to_owned()));
    let nonce = format!("{operation}-{method:?}-{number}");
    polykms_alibaba::sign::seal(&mut request, method, &credential, None, &nonce, jiff::Timestamp::now()).unwrap();
    request
}

/// The fewest allocations of an answered request among several, so that what is only sometimes done is not counted.
fn fewest(runtime: &tokio::runtime::Runtime, engine: &Engine, mut request: impl FnMut(u64) -> Request) -> u64 {
    let counted = (0..20).map(|number| {
        let request = request(number);
        let mut status = 0;
        let counted = allocation_counter::measure(|| {
            runtime.block_on(async { status = engine.answer(&request).await.status().as_u16() });
        });
        assert_eq!(status, 200);
        counted.count_total
    });
    counted.min().unwrap()
}

#[test]
fn requests_allocate_no_more_than_they_did() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut over = Vec::new();
    for cloud in clouds() {
        let name = cloud.dialect.name;
        let engine = runtime.block_on(async {
            let builder = cloud.builder(Some(cloud.policy(&[("Allow", vec!["kms:*"])])), None);
            builder.audit_file(Some(folder.path().join(name))).build().await.unwrap()
        });
        for (what, counted, most) in measured(&cloud, &runtime, &engine) {
            println!("{name} {what}: {counted}");
            if counted > most {
                over.push(format!("{name} {what}: {counted}, at most {most}"));
            }
        }
    }
    assert!(over.is_empty(), "{over:?}");
}

/// What requests of a cloud allocate, with the most that they may.
fn measured(cloud: &Cloud, runtime: &tokio::runtime::Runtime, engine: &Engine) -> Vec<(&'static str, u64, u64)> {
    let blob = runtime.block_on(cloud.blob(engine));
    let decrypt = [("CiphertextBlob", blob.as_str())];
    if cloud.dialect.name == "aws" {
        let service = cloud.dialect.services.iter().find(|service| service.name == "kms").unwrap();
        let sent = |_| cloud.request(service, "Decrypt", &json!({"CiphertextBlob": blob}), Some("asker"));
        return vec![("Decrypt", fewest(runtime, engine, sent), AWS_DECRYPT)];
    }
    let count = |method, operation, arguments: &[(&str, &str)]| {
        fewest(runtime, engine, |number| alibaba(method, operation, arguments, number))
    };
    vec![
        ("Decrypt by ACS3", count(Method::Acs3Sha256, "Decrypt", &decrypt), ACS3_DECRYPT),
        ("Decrypt by V1", count(Method::V1HmacSha1, "Decrypt", &decrypt), V1_DECRYPT),
        ("DescribeKey by ACS3", count(Method::Acs3Sha256, "DescribeKey", &[("KeyId", KEY)]), ACS3_DESCRIBE),
    ]
}

const AWS_DECRYPT: u64 = 22;
const ACS3_DECRYPT: u64 = 26;
const V1_DECRYPT: u64 = 27;
const ACS3_DESCRIBE: u64 = 31;
