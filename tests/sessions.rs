//! What many sessions of one user cost: the policies they have in common are there once.

#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

use bytes::Bytes;
use polykms::core::dialect::{Credential, Request};
use polykms::core::engine::Engine;
use polykms::core::secret::AccessSecret;
use polykms::{Builder, Seed, Settings};
use serde_json::{Value, json};

const ID: &str = "AKIAMANY000000000001";
const POLICIES: usize = 10;
const SESSIONS: usize = 2_000;
/// The most that the sessions may add, in bytes.
const MOST: usize = 40 << 20;

/// A policy of six kilobytes.
fn policy(number: usize) -> Value {
    let statements: Vec<_> = (0..52)
        .map(|at| {
            let resource = format!("arn:aws:kms:*:*:key/{number:08}-{at:04}-4111-8111-111111111111");
            json!({"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": [resource]})
        })
        .collect();
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    assert!((5_700..6_300).contains(&document.to_string().len()), "{}", document.to_string().len());
    document
}

async fn sts(engine: &Engine, credential: &Credential, token: Option<&str>, operation: &str) -> String {
    let request = http::Request::post("/")
        .header("host", "localhost")
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    let (head, ()) = request.body(()).unwrap().into_parts();
    let body = Bytes::from(format!("Action={operation}&Version=2011-06-15"));
    let mut request = Request { head, body, peer: std::net::IpAddr::from([127, 0, 0, 1]).into(), tls: false };
    let now = jiff::Timestamp::now();
    polykms_aws::sign::seal(&mut request, credential, token, "us-east-1", "sts", now).unwrap();
    let response = engine.answer(&request).await;
    assert_eq!(response.status(), 200, "{:?}", response.body());
    String::from_utf8(response.into_body().to_vec()).unwrap()
}

fn within(text: &str, name: &str) -> String {
    let (_, rest) = text.split_once(&format!("<{name}>")).unwrap();
    rest.split_once("</").unwrap().0.to_owned()
}

/// The memory that the process has, in bytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}

#[tokio::test]
async fn two_thousand_sessions_of_one_user_share_its_policies() {
    let policies: Vec<_> = (0..POLICIES).map(|at| json!({"name": format!("p{at}"), "document": policy(at)})).collect();
    let attached: Vec<_> = (0..POLICIES).map(|at| format!("p{at}")).collect();
    let user = json!({"name": "u", "access_keys": [{"id": ID, "secret": "secret"}], "attached": attached});
    let seed = json!({"aws": [{"account": "000000000000", "policies": policies, "users": [user]}]});
    let seed: Seed = serde_json::from_value(seed).unwrap();
    let settings = Settings { seed: Some(seed.into()), ..Settings::default() };
    let engine = Builder::new().settings(settings).build().await.unwrap();
    let user = Credential::new(ID.to_owned(), AccessSecret::new("secret".to_owned()));
    let session = async || {
        let body = sts(&engine, &user, None, "GetSessionToken").await;
        let secret = AccessSecret::new(within(&body, "SecretAccessKey"));
        (Credential::new(within(&body, "AccessKeyId"), secret), within(&body, "SessionToken"))
    };
    let (credential, token) = session().await;
    sts(&engine, &credential, Some(&token), "GetCallerIdentity").await;
    let before = resident();
    for _ in 0..SESSIONS {
        let (credential, token) = session().await;
        sts(&engine, &credential, Some(&token), "GetCallerIdentity").await;
    }
    let added = resident().saturating_sub(before);
    assert!(added <= MOST, "{SESSIONS} sessions added {} KB", added >> 10);
    println!("{SESSIONS} sessions added {} KB", added >> 10);
}
