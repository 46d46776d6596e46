//! Every row of both catalogs, asked over the wire: unsigned is refused; without a policy it is denied; with exactly the
//! demanded actions it is not; an explicit Deny wins; an absent operation says so.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use polykms::core::dialect::row::Status;
use polykms::core::dialect::{Credential, Dialect, Request, Row, Service};
use polykms::core::engine::Engine;
use polykms::core::secret::AccessSecret;
use serde_json::{Value, json};

const KEY: &str = "11111111-1111-4111-8111-111111111111";
const OTHER: &str = "22222222-2222-4222-8222-222222222222";

/// What one cloud calls things.
struct Cloud {
    dialect: &'static Dialect,
    account: &'static str,
    region: &'static str,
    version: &'static str,
    scheme: &'static str,
    trusted: Value,
    key_policy: Value,
    access_key: &'static str,
}

fn clouds() -> Vec<Cloud> {
    let registry = polykms::registry().expect("dialects");
    vec![
        Cloud {
            dialect: registry.named("aws").expect("linked"),
            account: "000000000000",
            region: "us-east-1",
            version: "2012-10-17",
            scheme: "arn:aws",
            trusted: json!({"AWS": "arn:aws:iam::000000000000:root"}),
            key_policy: json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*",
                "Resource": "*", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}}]}),
            access_key: "AKIAEXAMPLEANN000001",
        },
        Cloud {
            dialect: registry.named("alibaba").expect("linked"),
            account: "1000000000000000",
            region: "cn-hangzhou",
            version: "1",
            scheme: "acs",
            trusted: json!({"RAM": ["acs:ram::1000000000000000:root"]}),
            key_policy: json!({"Version": "1", "Statement": [{"Effect": "Allow", "Action": ["kms:*"],
                "Resource": ["*"], "Principal": {"RAM": ["acs:ram::1000000000000000:root"]}}]}),
            access_key: "LTAIexampleann000001",
        },
    ]
}

impl Cloud {
    fn policy(&self, statements: &[(&str, Vec<&str>)]) -> Value {
        let statements: Vec<_> = statements
            .iter()
            .map(|(effect, actions)| json!({"Effect": effect, "Action": actions, "Resource": "*"}))
            .collect();
        json!({"Version": self.version, "Statement": statements})
    }

    /// A world in which each operation has something to work on, asked by `asker`, who has the given policy.
    async fn engine(&self, policy: Option<Value>) -> Arc<Engine> {
        let harmless = self.policy(&[("Allow", vec!["none:Nothing"])]);
        let trust = json!({"Version": self.version,
            "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": self.trusted}]});
        let inline = policy.map_or_else(|| json!({}), |policy| json!({"asked": policy}));
        let seed = json!({self.dialect.name: [{
            "account": self.account,
            "owner": [{"id": "owner", "secret": "secret"}],
            "policies": [{"name": "pol", "document": harmless}, {"name": "barepol", "document": harmless}],
            "groups": [{"name": "grp", "inline": {"own": harmless}}, {"name": "baregrp"}],
            "users": [
                {"name": "asker", "access_keys": [{"id": "asker", "secret": "secret"}], "inline": inline},
                {"name": "ann", "groups": ["grp"], "attached": ["pol"], "inline": {"own": harmless},
                 "access_keys": [{"id": self.access_key, "secret": "secret"}]},
                {"name": "bare"}],
            "roles": [{"name": "rol", "trust": trust, "inline": {"own": harmless}}, {"name": "barerol", "trust": trust}],
            "keys": [{"id": KEY, "region": self.region, "aliases": ["alias/known"], "tags": {"a": "b"}},
                     {"id": OTHER, "region": self.region}],
        }]});
        let seed = serde_json::from_value(seed).expect("a seed");
        let settings = polykms::Settings { seed, ..Default::default() };
        polykms::Builder::new().settings(settings).build().await.expect("an engine")
    }

    async fn arguments(&self, engine: &Engine, service: &Service, operation: &str) -> Option<Value> {
        let all: Value = serde_json::from_str(include_str!("data/arguments.json")).expect("arguments");
        let arguments = all[format!("{}/{}", self.dialect.name, service.name)].get(operation)?.clone();
        let text = arguments.to_string();
        let blob = if text.contains("$blob") { self.blob(engine).await } else { String::new() };
        let trust = json!({"Version": self.version,
            "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": self.trusted}]});
        let quoted = |value: &Value| Value::from(value.to_string()).to_string().trim_matches('"').to_owned();
        let text = text
            .replace("$key_policy", &quoted(&self.key_policy))
            .replace("$key_arn", &format!("{}:kms:{}:{}:key/{KEY}", self.scheme, self.region, self.account))
            .replace("$key", KEY)
            .replace("$other", OTHER)
            .replace("$policy", &quoted(&self.policy(&[("Allow", vec!["none:Nothing"])])))
            .replace("$trust", &quoted(&trust))
            .replace("$blob", &blob);
        Some(serde_json::from_str(&text).expect("JSON"))
    }

    async fn blob(&self, engine: &Engine) -> String {
        let service = self.dialect.services.iter().find(|service| service.name == "kms").expect("kms");
        let arguments = json!({"KeyId": KEY, "Plaintext": "aGVsbG8="});
        let (status, body) = ask(engine, self.request(service, "Encrypt", &arguments, Some("owner"))).await;
        assert_eq!(status, 200, "{body}");
        let body: Value = serde_json::from_str(&body).expect("JSON");
        body["CiphertextBlob"].as_str().expect("a blob").to_owned()
    }

    fn request(&self, service: &Service, operation: &str, arguments: &Value, who: Option<&str>) -> Request {
        let mut request = match (self.dialect.name, service.name) {
            ("aws", "kms") => post(
                "/",
                &[
                    ("content-type", "application/x-amz-json-1.1".to_owned()),
                    ("x-amz-target", format!("TrentService.{operation}")),
                ],
                arguments.to_string(),
            ),
            ("aws", _) => {
                let mut body = vec![
                    ("Action".to_owned(), operation.to_owned()),
                    ("Version".to_owned(), service.version.to_owned()),
                ];
                body.extend(pairs(arguments));
                post("/", &[("content-type", "application/x-www-form-urlencoded".to_owned())], form(&body))
            }
            _ => post(
                &format!("/?{}", form(&pairs(arguments))),
                &[("x-acs-action", operation.to_owned()), ("x-acs-version", service.version.to_owned())],
                String::new(),
            ),
        };
        let Some(who) = who else { return request };
        let credential = Credential::new(who.to_owned(), AccessSecret::new("secret".to_owned()));
        let now = jiff::Timestamp::now();
        match self.dialect.name {
            "aws" => polykms_aws::sign::seal(&mut request, &credential, None, self.region, service.name, now),
            _ => {
                let nonce = NONCE.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_string();
                let method = polykms_alibaba::sign::Method::Acs3Sha256;
                polykms_alibaba::sign::seal(&mut request, method, &credential, None, &nonce, now)
            }
        }
        .expect("a signature");
        request
    }
}

static NONCE: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);

fn post(target: &str, headers: &[(&str, String)], body: String) -> Request {
    let mut request = http::Request::post(target).header("host", "127.0.0.1:4566");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let (head, ()) = request.body(()).expect("a request").into_parts();
    Request { head, body: Bytes::from(body), peer: [127, 0, 0, 1].into(), tls: false }
}

fn pairs(arguments: &Value) -> Vec<(String, String)> {
    let arguments = arguments.as_object().expect("an object");
    arguments.iter().map(|(name, value)| (name.clone(), value.as_str().expect("text").to_owned())).collect()
}

fn form(pairs: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

async fn ask(engine: &Engine, request: Request) -> (u16, String) {
    let response = engine.answer(request).await;
    (response.status().as_u16(), String::from_utf8_lossy(response.body()).into_owned())
}

fn denied(body: &str) -> bool {
    ["AccessDenied", "Forbidden.NoPermission", "\"NoPermission\""].iter().any(|code| body.contains(code))
}

fn actions(row: &Row) -> Vec<&'static str> {
    row.demands().iter().filter(|demand| demand.waived.is_none()).map(|demand| demand.action).collect()
}

fn rows(dialect: &'static Dialect, status: Status) -> Vec<(&'static Service, &'static Row)> {
    let rows = dialect.services.iter().flat_map(|service| service.rows.iter().map(move |row| (service, row)));
    rows.filter(|(_, row)| row.status() == status).collect()
}

#[tokio::test]
async fn every_row_refuses_the_unsigned() {
    for cloud in clouds() {
        let engine = cloud.engine(None).await;
        let all = cloud.dialect.services.iter().flat_map(|service| service.rows.iter().map(move |row| (service, row)));
        let mut count = 0;
        for (service, row) in all.filter(|(service, _)| !matches!(service.name, "secretsmanager" | "acm")) {
            let (status, body) = ask(&engine, cloud.request(service, row.wire(), &json!({}), None)).await;
            assert!((400..=403).contains(&status), "{} {}: {status} {body}", service.name, row.wire());
            let refused = ["MissingAuthenticationToken", "MissingParameter", "IncompleteSignature"];
            let said = refused.iter().any(|code| body.contains(code));
            assert!(said, "{} {}: {body}", service.name, row.wire());
            count += 1;
        }
        assert!(count > 100, "{count}");
    }
}

#[tokio::test]
async fn every_guarded_row_is_denied_without_a_policy_and_allowed_with_exactly_its_actions() {
    for cloud in clouds() {
        let mut counts = BTreeMap::<&str, usize>::new();
        for (service, row) in rows(cloud.dialect, Status::Built) {
            let name = format!("{}/{} {}", cloud.dialect.name, service.name, row.wire());
            let demanded = actions(row);
            assert!(!demanded.is_empty(), "{name} demands nothing");
            let exactly = cloud.policy(&[("Allow", demanded.clone())]);
            let everything_but = cloud.policy(&[("Allow", vec!["*"]), ("Deny", vec![demanded[0]])]);
            for (policy, is_denied) in [(None, true), (Some(exactly), false), (Some(everything_but), true)] {
                let engine = cloud.engine(policy.clone()).await;
                let arguments = cloud.arguments(&engine, service, row.wire()).await;
                let arguments = arguments.unwrap_or_else(|| panic!("{name} has no line in tests/data/arguments.json"));
                let request = cloud.request(service, row.wire(), &arguments, Some("asker"));
                let (status, body) = ask(&engine, request).await;
                assert_eq!(denied(&body), is_denied, "{name} under {policy:?}: {status} {body}");
                assert!(status < 500, "{name}: {status} {body}");
            }
            *counts.entry(service.name).or_default() += 1;
        }
        println!("{}: {counts:?}", cloud.dialect.name);
    }
}

#[tokio::test]
async fn every_single_demand_is_needed() {
    for cloud in clouds() {
        for (service, row) in rows(cloud.dialect, Status::Built) {
            let mut demanded = actions(row);
            demanded.dedup();
            if demanded.len() < 2 || row.demands().iter().any(|demand| demand.when.is_some()) {
                continue;
            }
            for without in &demanded {
                let rest: Vec<_> = demanded.iter().copied().filter(|action| action != without).collect();
                let engine = cloud.engine(Some(cloud.policy(&[("Allow", rest)]))).await;
                let arguments = cloud.arguments(&engine, service, row.wire()).await.expect("arguments");
                let (status, body) = ask(&engine, cloud.request(service, row.wire(), &arguments, Some("asker"))).await;
                assert!(denied(&body), "{} without {without}: {status} {body}", row.wire());
            }
        }
    }
}

#[tokio::test]
async fn every_open_row_answers_whoever_is_authenticated() {
    for cloud in clouds() {
        let engine = cloud.engine(None).await;
        for (service, row) in rows(cloud.dialect, Status::Open) {
            let (status, body) = ask(&engine, cloud.request(service, row.wire(), &json!({}), Some("asker"))).await;
            assert!(!denied(&body), "{} {}: {status} {body}", service.name, row.wire());
            assert!(status < 500, "{} {}: {status} {body}", service.name, row.wire());
        }
    }
}

#[tokio::test]
async fn every_absent_row_says_that_it_is_not_supported() {
    for cloud in clouds() {
        let engine = cloud.engine(Some(cloud.policy(&[("Allow", vec!["*"])]))).await;
        let mut count = 0;
        for (service, row) in rows(cloud.dialect, Status::Absent) {
            if matches!(service.name, "secretsmanager" | "acm") {
                continue;
            }
            let (status, body) = ask(&engine, cloud.request(service, row.wire(), &json!({}), Some("asker"))).await;
            assert!((400..=501).contains(&status), "{}: {status} {body}", row.wire());
            assert!(body.contains("UnsupportedOperation"), "{} {}: {status} {body}", service.name, row.wire());
            assert!(body.contains(row.wire()), "{} is not named: {body}", row.wire());
            count += 1;
        }
        assert!(count > 50, "{count}");
    }
}
