//! Both clouds as tests see them: what they call things, and signed requests to an engine with something in it.

#![allow(dead_code, reason = "each test uses its part")]

use std::sync::Arc;

use bytes::Bytes;
use polykms::core::dialect::row::Status;
use polykms::core::dialect::{Credential, Dialect, Request, Row, Service};
use polykms::core::engine::Engine;
use polykms::core::secret::AccessSecret;
use serde_json::{Value, json};

pub(crate) const KEY: &str = "11111111-1111-4111-8111-111111111111";
pub(crate) const OTHER: &str = "22222222-2222-4222-8222-222222222222";
/// A key that signs.
pub(crate) const SIGNER: &str = "33333333-3333-4333-8333-333333333333";
/// A key that authenticates messages, where the cloud has such.
pub(crate) const AUTHENTICATOR: &str = "44444444-4444-4444-8444-444444444444";
/// A key that encrypts with its public half, where the cloud has operations of their own for that.
pub(crate) const OPENER: &str = "66666666-6666-4666-8666-666666666666";
/// A key that agrees on secrets, where the cloud has such.
pub(crate) const AGREER: &str = "55555555-5555-4555-8555-555555555555";

/// What one cloud calls things.
pub(crate) struct Cloud {
    pub(crate) dialect: &'static Dialect,
    pub(crate) account: &'static str,
    pub(crate) region: &'static str,
    pub(crate) version: &'static str,
    pub(crate) scheme: &'static str,
    pub(crate) trusted: Value,
    pub(crate) key_policy: Value,
    pub(crate) access_key: &'static str,
}

pub(crate) fn clouds() -> Vec<Cloud> {
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

/// An access key, or a session of one.
pub(crate) struct Signer {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
}

impl Signer {
    /// The credentials in the answer of AssumeRole or CreateAccessKey, in XML or JSON.
    pub(crate) fn of(body: &str) -> Self {
        let find = |name: &str| {
            let xml = body.split_once(&format!("<{name}>")).map(|(_, rest)| rest.split('<').next().unwrap().to_owned());
            let json = || {
                body.split_once(&format!("\"{name}\":\"")).map(|(_, rest)| rest.split('"').next().unwrap().to_owned())
            };
            xml.or_else(json)
        };
        let first =
            |names: [&str; 2]| names.into_iter().find_map(find).unwrap_or_else(|| panic!("{names:?} in {body}"));
        Self {
            id: first(["AccessKeyId", "AccessKeyId"]),
            secret: first(["SecretAccessKey", "AccessKeySecret"]),
            token: find("SessionToken").or_else(|| find("SecurityToken")),
        }
    }
}

impl Cloud {
    pub(crate) fn policy(&self, statements: &[(&str, Vec<&str>)]) -> Value {
        let statements: Vec<_> = statements
            .iter()
            .map(|(effect, actions)| json!({"Effect": effect, "Action": actions, "Resource": "*"}))
            .collect();
        json!({"Version": self.version, "Statement": statements})
    }

    /// A world in which each operation has something to work on, asked by `asker`, who has the given policy.
    pub(crate) async fn engine(&self, policy: Option<Value>) -> Arc<Engine> {
        self.engine_with(policy, None).await
    }

    /// The same, in which the role `rol` has a policy as well.
    pub(crate) async fn engine_with(&self, policy: Option<Value>, of_role: Option<Value>) -> Arc<Engine> {
        self.builder(policy, of_role).build().await.expect("an engine")
    }

    /// What such a world is built with.
    pub(crate) fn builder(&self, policy: Option<Value>, of_role: Option<Value>) -> polykms::Builder {
        let harmless = self.policy(&[("Allow", vec!["none:Nothing"])]);
        let of_role = of_role.unwrap_or_else(|| harmless.clone());
        let trust = json!({"Version": self.version,
            "Statement": [{"Effect": "Allow", "Action": "sts:*", "Principal": self.trusted}]});
        let inline = policy.map_or_else(|| json!({}), |policy| json!({"asked": policy}));
        let more = match self.dialect.name {
            "aws" => json!([
                {"id": SIGNER, "spec": "ECC_NIST_P256", "usage": "SIGN_VERIFY"},
                {"id": AUTHENTICATOR, "spec": "HMAC_256"},
                {"id": AGREER, "spec": "ECC_NIST_P256", "usage": "KEY_AGREEMENT"}]),
            _ => json!([
                {"id": SIGNER, "spec": "EC_P256", "usage": "SIGN/VERIFY"},
                {"id": OPENER, "spec": "RSA_2048", "usage": "ENCRYPT/DECRYPT"}]),
        };
        let mut keys = json!([
            {"id": KEY, "region": self.region, "aliases": ["alias/known"], "tags": {"a": "b"}},
            {"id": OTHER, "region": self.region}]);
        keys.as_array_mut().expect("a list").extend(more.as_array().expect("a list").clone());
        let seed = json!({self.dialect.name: [{
            "account": self.account,
            "owner": [{"id": "owner", "secret": "secret"}],
            "policies": [{"name": "pol", "document": harmless}, {"name": "barepol", "document": harmless}],
            "groups": [{"name": "grp", "inline": {"own": harmless}}, {"name": "baregrp"}],
            "users": [
                {"name": "asker", "access_keys": [{"id": "asker", "secret": "secret"}], "inline": inline,
                 "tags": {"team": "red"}},
                {"name": "ann", "tags": {"team": "blue"}, "groups": ["grp"], "attached": ["pol"], "inline": {"own": harmless},
                 "access_keys": [{"id": self.access_key, "secret": "secret"}]},
                {"name": "bare"}],
            "roles": [{"name": "rol", "trust": trust, "inline": {"own": of_role}}, {"name": "barerol", "trust": trust}],
            "keys": keys,
        }]});
        let seed: polykms::Seed = serde_json::from_value(seed).expect("a seed");
        let settings = polykms::Settings { seed: Some(seed.into()), ..Default::default() };
        polykms::Builder::new().settings(settings)
    }

    pub(crate) async fn arguments(&self, engine: &Engine, service: &Service, operation: &str) -> Option<Value> {
        let all: Value = serde_json::from_str(include_str!("../data/arguments.json")).expect("arguments");
        let arguments = all[format!("{}/{}", self.dialect.name, service.name)].get(operation)?.clone();
        let text = arguments.to_string();
        let blob = if text.contains("$blob") { self.blob(engine).await } else { String::new() };
        let signed = match (text.contains("$signature"), self.dialect.name) {
            (true, "aws") => self.made(engine, "Sign", &[("$signer", SIGNER)], "Signature").await,
            (true, _) => self.made(engine, "AsymmetricSign", &[("$signer", SIGNER)], "Value").await,
            (false, _) => String::new(),
        };
        let opened = match text.contains("$for_opener") {
            true => self.made(engine, "AsymmetricEncrypt", &[("$opener", OPENER)], "CiphertextBlob").await,
            false => String::new(),
        };
        let code = match text.contains("$code") {
            true => self.made(engine, "GenerateMac", &[("$authenticator", AUTHENTICATOR)], "Mac").await,
            false => String::new(),
        };
        let external = if text.contains("$external") { self.external(engine).await } else { String::new() };
        let grant = if text.contains("$grant") { self.grant(engine).await } else { String::new() };
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
            .replace("$external", &external)
            .replace("$grant", &grant)
            .replace("$blob", &blob)
            .replace("$signer", SIGNER)
            .replace("$authenticator", AUTHENTICATOR)
            .replace("$agreer", AGREER)
            .replace("$for_opener", &opened)
            .replace("$opener", OPENER)
            .replace("$signature", &signed)
            .replace("$code", &code);
        Some(serde_json::from_str(&text).expect("JSON"))
    }

    /// What an operation of KMS makes of its own arguments.
    async fn made(&self, engine: &Engine, operation: &str, names: &[(&str, &str)], member: &str) -> String {
        let service = self.dialect.services.iter().find(|service| service.name == "kms").expect("kms");
        let all: Value = serde_json::from_str(include_str!("../data/arguments.json")).expect("arguments");
        let text = all[format!("{}/kms", self.dialect.name)][operation].to_string();
        let text = names.iter().fold(text, |text, (name, value)| text.replace(name, value));
        let arguments = serde_json::from_str(&text).expect("JSON");
        let (status, body) = ask(engine, self.request(service, operation, &arguments, Some("owner"))).await;
        assert_eq!(status, 200, "{body}");
        let body: Value = serde_json::from_str(&body).expect("JSON");
        body[member].as_str().expect("a text").to_owned()
    }

    pub(crate) async fn blob(&self, engine: &Engine) -> String {
        let service = self.dialect.services.iter().find(|service| service.name == "kms").expect("kms");
        let arguments = json!({"KeyId": KEY, "Plaintext": "aGVsbG8="});
        let (status, body) = ask(engine, self.request(service, "Encrypt", &arguments, Some("owner"))).await;
        assert_eq!(status, 200, "{body}");
        let body: Value = serde_json::from_str(&body).expect("JSON");
        body["CiphertextBlob"].as_str().expect("a blob").to_owned()
    }

    /// A key whose material is to be imported.
    pub(crate) async fn external(&self, engine: &Engine) -> String {
        let service = self.dialect.services.iter().find(|service| service.name == "kms").expect("kms");
        let tags = match self.dialect.name {
            "aws" => json!([{"TagKey": "a", "TagValue": "b"}]),
            _ => json!(r#"[{"TagKey":"a","TagValue":"b"}]"#),
        };
        let arguments = json!({"Origin": "EXTERNAL", "Tags": tags});
        let (status, body) = ask(engine, self.request(service, "CreateKey", &arguments, Some("owner"))).await;
        assert_eq!(status, 200, "{body}");
        let body: Value = serde_json::from_str(&body).expect("JSON");
        body["KeyMetadata"]["KeyId"].as_str().expect("an identifier").to_owned()
    }

    pub(crate) async fn grant(&self, engine: &Engine) -> String {
        let service = self.dialect.services.iter().find(|service| service.name == "kms").expect("kms");
        let arguments = json!({"KeyId": KEY, "GranteePrincipal": self.account, "Operations": ["Encrypt"]});
        let (status, body) = ask(engine, self.request(service, "CreateGrant", &arguments, Some("owner"))).await;
        assert_eq!(status, 200, "{body}");
        let body: Value = serde_json::from_str(&body).expect("JSON");
        body["GrantId"].as_str().expect("an identifier").to_owned()
    }

    pub(crate) fn request(&self, service: &Service, operation: &str, arguments: &Value, who: Option<&str>) -> Request {
        let signer = who.map(|id| Signer { id: id.to_owned(), secret: "secret".to_owned(), token: None });
        self.request_of(service, operation, arguments, signer.as_ref())
    }

    pub(crate) fn request_of(
        &self,
        service: &Service,
        operation: &str,
        arguments: &Value,
        who: Option<&Signer>,
    ) -> Request {
        let mut request = match (self.dialect.name, service.name) {
            ("aws", name @ ("kms" | "tagging")) => {
                let target = if name == "kms" { "TrentService" } else { "ResourceGroupsTaggingAPI_20170126" };
                post(
                    "/",
                    &[
                        ("content-type", "application/x-amz-json-1.1".to_owned()),
                        ("x-amz-target", format!("{target}.{operation}")),
                    ],
                    arguments.to_string(),
                )
            }
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
        let Some(Signer { id, secret, token }) = who else { return request };
        let credential = Credential::new(id.clone(), AccessSecret::new(secret.clone()));
        let token = token.as_deref();
        let now = jiff::Timestamp::now();
        match self.dialect.name {
            "aws" => polykms_aws::sign::seal(&mut request, &credential, token, self.region, service.name, now),
            _ => {
                let nonce = NONCE.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_string();
                let method = polykms_alibaba::sign::Method::Acs3Sha256;
                polykms_alibaba::sign::seal(&mut request, method, &credential, token, &nonce, now)
            }
        }
        .expect("a signature");
        request
    }
}

pub(crate) static NONCE: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);

pub(crate) fn post(target: &str, headers: &[(&str, String)], body: String) -> Request {
    let mut request = http::Request::post(target).header("host", "127.0.0.1:4566");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let (head, ()) = request.body(()).expect("a request").into_parts();
    Request { head, body: Bytes::from(body), peer: std::net::IpAddr::from([127, 0, 0, 1]).into(), tls: false }
}

pub(crate) fn pairs(arguments: &Value) -> Vec<(String, String)> {
    let arguments = arguments.as_object().expect("an object");
    arguments.iter().map(|(name, value)| (name.clone(), value.as_str().expect("text").to_owned())).collect()
}

pub(crate) fn form(pairs: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

pub(crate) async fn ask(engine: &Engine, request: Request) -> (u16, String) {
    let response = engine.answer(&request).await;
    (response.status().as_u16(), String::from_utf8_lossy(response.body()).into_owned())
}

pub(crate) fn denied(body: &str) -> bool {
    ["AccessDenied", "Forbidden.NoPermission", "\"NoPermission\""].iter().any(|code| body.contains(code))
}

pub(crate) fn actions(row: &Row) -> Vec<&'static str> {
    row.demands().filter(|demand| demand.waived.is_none()).map(|demand| demand.action).collect()
}

pub(crate) fn rows(dialect: &'static Dialect, status: Status) -> Vec<(&'static Service, &'static Row)> {
    let rows = dialect.services.iter().flat_map(|service| service.rows.iter().map(move |row| (service, row)));
    rows.filter(|(_, row)| row.status() == status).collect()
}
