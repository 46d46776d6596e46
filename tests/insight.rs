//! What an emulator shows of its decisions, what somebody could do, and circumstances on demand; in both clouds, and never
//! where it serves for keeps.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod cloud;
mod program;

use std::path::Path;
use std::sync::Arc;

use cloud::{Cloud, KEY, OTHER, Signer, ask, clouds, denied};
use polykms::core::dialect::Request;
use polykms::core::engine::{Circumstances, Engine, Outcome, Wanted};
use polykms::core::inquire::Inquiry;
use polykms::{Authorization, Builder, Seed, Settings};
use program::{Program, Server, owners};
use serde_json::{Value, json};

const SECRET: &str = "secret-of-nobody-else-9f3a";

const EXTERNAL_ID: &str = "external-id-of-theirs";

/// The condition keys of a cloud, by their last words.
fn key(cloud: &Cloud, name: &str) -> String {
    let mfa = if cloud.dialect.name == "aws" { "MultiFactorAuthPresent" } else { "MFAPresent" };
    let prefix = if cloud.dialect.name == "aws" { "aws" } else { "acs" };
    format!("{prefix}:{}", if name == "MFA" { mfa } else { name })
}

fn allow(cloud: &Cloud, condition: &[(&str, &str, &str)]) -> Value {
    let mut statement = json!({"Effect": "Allow", "Action": ["kms:*"], "Resource": ["*"]});
    for (operator, name, value) in condition {
        statement["Condition"][operator][key(cloud, name)] = json!([value]);
    }
    json!({"Version": cloud.version, "Statement": [statement]})
}

/// Everything, but for what a condition denies. A key without a value is as good as one with the wrong value.
fn denying(cloud: &Cloud, operator: &str, name: &str, value: &str) -> Value {
    let mut all = allow(cloud, &[]);
    let if_exists = if cloud.dialect.name == "aws" && operator == "Bool" { "Null" } else { operator };
    let value = if if_exists == "Null" { "true" } else { value };
    let condition = json!({if_exists: {key(cloud, name): [value]}});
    all["Statement"]
        .as_array_mut()
        .unwrap()
        .push(json!({"Effect": "Deny", "Action": ["kms:*"], "Resource": ["*"], "Condition": condition}));
    all
}

/// Users that are named after what their permissions rest on.
fn account(cloud: &Cloud) -> Value {
    let user = |name: &str, policy: Value| json!({"name": name, "inline": {format!("of-{name}"): policy}, "access_keys": [{"id": access_key(name), "secret": SECRET}]});
    let mut careful = allow(cloud, &[]);
    careful["Statement"]
        .as_array_mut()
        .unwrap()
        .push(json!({"Effect": "Deny", "Action": ["kms:Decrypt", "kms:DescribeKey"], "Resource": ["*"]}));
    let trust = json!({"Version": cloud.version,
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": cloud.trusted}]});
    let mut third = trust.clone();
    third["Statement"][0]["Condition"] = json!({"StringEquals": {"sts:ExternalId": [EXTERNAL_ID]}});
    let mut assuming = allow(cloud, &[]);
    assuming["Statement"][0]["Action"] = json!(["sts:AssumeRole"]);
    let account = json!({
        "account": cloud.account,
        "owner": [{"id": access_key("owner"), "secret": SECRET}],
        "users": [
            user("anywhere", allow(cloud, &[])),
            user("office", allow(cloud, &[("IpAddress", "SourceIp", "192.168.0.0/16")])),
            user("network", allow(cloud, &[("StringEquals", "SourceVpc", "vpc-1")])),
            user("inner", allow(cloud, &[("IpAddress", "VpcSourceIp", "10.0.0.0/8")])),
            user("factor", allow(cloud, &[("Bool", "MFA", "true")])),
            user("later", allow(cloud, &[("DateGreaterThan", "CurrentTime", "2090-01-01T00:00:00Z")])),
            user("closed", allow(cloud, &[("Bool", "SecureTransport", "true")])),
            user("both", allow(cloud, &[("IpAddress", "SourceIp", "192.168.0.0/16"), ("Bool", "MFA", "true")])),
            user("careful", careful),
            user("starter", assuming),
            user("guarded", denying(cloud, "Bool", "MFA", "false")),
            user("fenced", denying(cloud, "NotIpAddress", "SourceIp", "10.9.0.0/16")),
            {"name": "nobody", "access_keys": [{"id": access_key("nobody"), "secret": SECRET}]},
        ],
        "roles": [{"name": "rol", "trust": trust, "inline": {"of-rol": allow(cloud, &[("Bool", "MFA", "true")])}},
                  {"name": "idle", "trust": trust}, {"name": "third", "trust": third}],
        "keys": [{"id": KEY, "region": cloud.region, "aliases": ["alias/known"], "tags": {"a": "b"}}],
    });
    json!([if cloud.dialect.name == "aws" { account } else { attached(account) }])
}

/// The same with policies that are attached in place of inline ones, which not every cloud has.
fn attached(mut account: Value) -> Value {
    let mut policies = Vec::new();
    for holders in ["users", "roles"] {
        for holder in account[holders].as_array_mut().unwrap() {
            let Some(Value::Object(inline)) = holder.as_object_mut().unwrap().remove("inline") else { continue };
            holder["attached"] = inline.keys().cloned().collect();
            policies.extend(inline.into_iter().map(|(name, document)| json!({"name": name, "document": document})));
        }
    }
    account["policies"] = policies.into();
    account
}

fn access_key(name: &str) -> String {
    format!("KEYOF{}", name.to_uppercase())
}

fn seed() -> Value {
    clouds()
        .iter()
        .map(|cloud| (cloud.dialect.name.to_owned(), account(cloud)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn signer(name: &str) -> Signer {
    Signer { id: access_key(name), secret: SECRET.to_owned(), token: None }
}

fn request(cloud: &Cloud, service: &str, operation: &str, arguments: &Value, who: &Signer) -> Request {
    let service = cloud.dialect.services.iter().find(|known| known.name == service).expect("a service");
    cloud.request_of(service, operation, arguments, Some(who))
}

fn encrypt(cloud: &Cloud, who: &str) -> Request {
    request(cloud, "kms", "Encrypt", &json!({"KeyId": KEY, "Plaintext": "aGVsbG8="}), &signer(who))
}

async fn engine_with(change: impl FnOnce(&mut Settings)) -> Arc<Engine> {
    let seed: Seed = serde_json::from_value(seed()).expect("a seed");
    let mut settings = Settings { seed: Some(seed.into()), recent: 100, simulates: true, ..Settings::default() };
    change(&mut settings);
    Builder::new().settings(settings).build().await.expect("an engine")
}

fn circumstances(of: Value) -> Circumstances {
    serde_json::from_value(of).expect("circumstances")
}

/// Whose permissions rest on what, and circumstances in which they have them.
fn resting_on() -> Vec<(&'static str, Value)> {
    vec![
        ("office", json!({"source_ip": "192.168.7.7"})),
        ("network", json!({"vpc": "vpc-1"})),
        ("inner", json!({"vpc": "vpc-2", "source_ip": "10.1.2.3"})),
        ("inner", json!({"vpc_endpoint": "vpce-2", "source_ip": "10.1.2.3"})),
        ("factor", json!({"mfa": true})),
        ("factor", json!({"mfa_age_seconds": 60})),
        ("later", json!({"time": "2090-06-01T00:00:00Z"})),
        ("closed", json!({"secure_transport": true})),
        ("both", json!({"source_ip": "192.168.7.7", "mfa": true})),
    ]
}

#[tokio::test]
async fn requests_of_an_access_key_meet_the_conditions_of_its_circumstances_and_of_no_others() {
    let engine = engine_with(|_| ()).await;
    for cloud in clouds() {
        for (who, given) in resting_on() {
            let simulate = |given: Option<Value>| {
                engine.simulate(cloud.dialect, &access_key(who), given.map(circumstances)).expect("taken");
            };
            let admitted = async || {
                let (status, body) = ask(&engine, encrypt(&cloud, who)).await;
                assert!(status == 200 || denied(&body), "{who}: {body}");
                status == 200
            };
            assert!(!admitted().await, "{} {who}", cloud.dialect.name);
            simulate(Some(given.clone()));
            assert!(admitted().await, "{} {who} {given}", cloud.dialect.name);
            assert!(ask(&engine, encrypt(&cloud, "anywhere")).await.0 == 200);
            // Half of what is wanted, and something else, is not enough.
            for other in [json!({}), json!({"source_ip": "203.0.113.9", "mfa": false}), json!({"vpc": "vpc-9"})] {
                simulate(Some(other.clone()));
                assert!(!admitted().await, "{} {who} {other}", cloud.dialect.name);
            }
            simulate(None);
            assert!(!admitted().await, "{} {who}", cloud.dialect.name);
        }
    }
}

#[tokio::test]
async fn what_comes_through_a_private_network_has_no_public_address() {
    let engine = engine_with(|_| ()).await;
    for cloud in clouds() {
        let inside = circumstances(json!({"source_ip": "192.168.7.7", "vpc": "vpc-1"}));
        engine.simulate(cloud.dialect, &access_key("office"), Some(inside)).expect("taken");
        assert!(denied(&ask(&engine, encrypt(&cloud, "office")).await.1), "{}", cloud.dialect.name);
    }
}

#[tokio::test]
async fn condition_keys_of_a_clouds_own_are_simulated_by_their_names_and_none_that_a_request_has_anyway() {
    let engine = engine_with(|_| ()).await;
    for cloud in clouds() {
        let own = key(&cloud, "SourceVpc").replace("SourceVpc", "Whatever/Some");
        let policy = json!({"Version": cloud.version, "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
            "Condition": {"StringEquals": {own.clone(): "thing"}}}]});
        let seed = json!({cloud.dialect.name: [{"account": cloud.account, "users": [{"name": "odd", "inline": {"p": policy},
            "access_keys": [{"id": "KEYOFODD", "secret": SECRET,
                             "circumstances": {"keys": {own: "thing", key(&cloud, "SourceIp"): "192.168.7.7"}}}]}]}]});
        let outcome = engine.apply(&serde_json::from_value(seed).expect("a seed")).await;
        match outcome {
            Ok(()) => assert_eq!(ask(&engine, encrypt(&cloud, "odd")).await.0, 200, "{}", cloud.dialect.name),
            // A cloud may refuse conditions on keys that it does not know.
            Err(error) => assert!(error.to_string().contains("Whatever"), "{error}"),
        }
        let address = json!({"keys": {key(&cloud, "SourceIp"): "192.168.7.7"}});
        engine.simulate(cloud.dialect, &access_key("office"), Some(circumstances(address))).expect("taken");
        assert!(denied(&ask(&engine, encrypt(&cloud, "office")).await.1), "{}", cloud.dialect.name);
    }
}

#[tokio::test]
async fn sessions_come_from_where_the_access_key_comes_from_that_started_them() {
    let engine = engine_with(|_| ()).await;
    for cloud in clouds() {
        let own = if cloud.dialect.name == "aws" { "arn:aws:iam::" } else { "acs:ram::" };
        let role = json!({"RoleArn": format!("{own}{}:role/rol", cloud.account), "RoleSessionName": "s1"});
        let started = async || {
            let (status, body) = ask(&engine, request(&cloud, "sts", "AssumeRole", &role, &signer("starter"))).await;
            assert_eq!(status, 200, "{body}");
            Signer::of(&body)
        };
        let arguments = json!({"KeyId": KEY, "Plaintext": "aGVsbG8="});
        let plain = started().await;
        let factor = Some(circumstances(json!({"mfa": true})));
        engine.simulate(cloud.dialect, &access_key("starter"), factor).expect("taken");
        let session = started().await;
        for (session, status) in [(&plain, false), (&session, true)] {
            let (answered, body) = ask(&engine, request(&cloud, "kms", "Encrypt", &arguments, session)).await;
            assert_eq!(answered == 200, status, "{} {body}", cloud.dialect.name);
        }
        engine.simulate(cloud.dialect, &access_key("starter"), None).expect("taken");
        assert!(denied(&ask(&engine, request(&cloud, "kms", "Encrypt", &arguments, &session)).await.1));
    }
}

#[tokio::test]
async fn an_engine_that_does_not_simulate_takes_no_circumstances_from_anybody() {
    let engine = engine_with(|settings| settings.simulates = false).await;
    for cloud in clouds() {
        for (who, given) in resting_on() {
            assert!(engine.simulate(cloud.dialect, &access_key(who), Some(circumstances(given.clone()))).is_err());
            assert!(denied(&ask(&engine, encrypt(&cloud, who)).await.1), "{who}");
            let seed = json!({cloud.dialect.name: [{"account": cloud.account,
                "owner": [{"id": "KEYOFMORE", "secret": SECRET, "circumstances": given}]}]});
            assert!(engine.apply(&serde_json::from_value(seed).expect("a seed")).await.is_err());
        }
    }
    assert!(engine.simulated().is_empty());
}

#[tokio::test]
async fn a_reset_takes_circumstances_and_memories_away_and_the_seeds_back() {
    let engine = engine_with(|settings| {
        let mut seed = seed();
        seed["aws"][0]["users"][1]["access_keys"][0]["circumstances"] = json!({"source_ip": "192.168.1.1"});
        settings.seed = Some(serde_json::from_value::<Seed>(seed).expect("a seed").into());
    })
    .await;
    let aws = &clouds()[0];
    engine
        .simulate(aws.dialect, &access_key("later"), Some(circumstances(json!({"time": "2091-01-01T00:00:00Z"}))))
        .unwrap();
    assert!(ask(&engine, encrypt(aws, "later")).await.0 == 200 && ask(&engine, encrypt(aws, "office")).await.0 == 200);
    engine.reset().await.expect("reset");
    assert_eq!(engine.recent(&Wanted::default()).as_deref(), Some("[]"));
    assert!(ask(&engine, encrypt(aws, "later")).await.0 != 200 && ask(&engine, encrypt(aws, "office")).await.0 == 200);
}

fn remembered(engine: &Engine, wanted: &Wanted) -> Vec<Value> {
    let told = engine.recent(wanted).expect("something is remembered");
    serde_json::from_str(&told).expect("JSON")
}

#[tokio::test]
async fn every_outcome_is_remembered_with_its_reason_and_nothing_secret() {
    for cloud in clouds() {
        let engine = engine_with(|_| ()).await;
        let plaintext = "aHVzaCBodXNoIHRoaXMgaXMgcGxhaW4=";
        let of = |operation: &str, arguments: Value, who: &Signer| request(&cloud, "kms", operation, &arguments, who);
        let stranger = Signer { id: "KEYOFSTRANGER".to_owned(), secret: SECRET.to_owned(), token: None };
        let forger = Signer { secret: "another-secret-77".to_owned(), ..signer("anywhere") };
        let (status, answer) =
            ask(&engine, of("Encrypt", json!({"KeyId": KEY, "Plaintext": plaintext}), &signer("anywhere"))).await;
        assert_eq!(status, 200, "{answer}");
        for request in [
            of("DescribeKey", json!({"KeyId": KEY}), &signer("careful")),
            of("DescribeKey", json!({"KeyId": KEY}), &signer("nobody")),
            of("DescribeKey", json!({"KeyId": KEY}), &signer("office")),
            of("DescribeKey", json!({"KeyId": OTHER}), &signer("anywhere")),
            of("DescribeKey", json!({"KeyId": KEY}), &stranger),
            of("DescribeKey", json!({"KeyId": KEY}), &forger),
        ] {
            assert_ne!(ask(&engine, request).await.0, 200);
        }
        let all = remembered(&engine, &Wanted::default());
        let told: Vec<(&str, u64)> =
            all.iter().rev().map(|one| (one["outcome"].as_str().unwrap(), one["number"].as_u64().unwrap())).collect();
        let outcomes = ["allowed", "denied", "denied", "denied", "failed", "unidentified", "unidentified"];
        assert_eq!(told, outcomes.into_iter().zip(1..).collect::<Vec<_>>(), "{}", cloud.dialect.name);
        let reason = |at: usize| all[all.len() - at]["reason"].as_str().unwrap_or_default().to_owned();
        assert!(reason(2).starts_with("Deny of") && reason(2).contains("of-careful"), "{}", reason(2));
        assert!(reason(3).starts_with("no Allow of kms:DescribeKey in"), "{}", reason(3));
        let office = reason(4);
        assert!(
            office.contains("192.168.0.0/16") && office.contains("127.0.0.1") && office.contains("SourceIp"),
            "{office}"
        );
        assert_eq!(all[0]["access_key_id"], access_key("anywhere"));
        let text = format!("{all:?}") + &engine.recent(&Wanted::default()).unwrap();
        for secret in [SECRET, "another-secret-77", plaintext, "hush hush"] {
            assert!(!text.contains(secret), "{secret}");
        }
        let blob: Value = serde_json::from_str(&answer).unwrap();
        assert!(!text.contains(blob["CiphertextBlob"].as_str().unwrap()));
    }
}

#[tokio::test]
async fn with_audit_what_would_be_denied_is_done_and_told_as_that() {
    for cloud in clouds() {
        let engine = engine_with(|settings| settings.authorization = Authorization::Audit).await;
        for who in ["nobody", "careful"] {
            let arguments = json!({"KeyId": KEY});
            assert_eq!(ask(&engine, request(&cloud, "kms", "DescribeKey", &arguments, &signer(who))).await.0, 200);
        }
        // A part that is allowed does not hide one that is not: aliases want two permissions.
        let only_alias = format!("{}:kms:{}:{}:alias/*", cloud.scheme, cloud.region, cloud.account);
        let half = json!({"Version": cloud.version,
            "Statement": [{"Effect": "Allow", "Action": "kms:CreateAlias", "Resource": only_alias}]});
        let seed = json!({cloud.dialect.name: [{"account": cloud.account, "users": [{"name": "half", "inline": {"p": half},
            "access_keys": [{"id": access_key("half"), "secret": SECRET}]}]}]});
        engine.apply(&serde_json::from_value(seed).unwrap()).await.expect("applied");
        let alias = json!({"AliasName": "alias/half", "TargetKeyId": KEY, "KeyId": KEY});
        let (status, body) = ask(&engine, request(&cloud, "kms", "CreateAlias", &alias, &signer("half"))).await;
        assert_eq!(status, 200, "{body}");
        for told in remembered(&engine, &Wanted::default()) {
            assert_eq!(told["outcome"], "would_be_denied", "{told}");
            assert!(told["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{told}");
        }
    }
}

#[tokio::test]
async fn memory_is_bounded_and_a_server_remembers_nothing() {
    let aws = &clouds()[0];
    let engine = engine_with(|settings| settings.recent = 5).await;
    for _ in 0..20 {
        ask(&engine, encrypt(aws, "anywhere")).await;
    }
    let numbers: Vec<u64> =
        remembered(&engine, &Wanted::default()).iter().map(|one| one["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [20, 19, 18, 17, 16]);
    let only = Wanted { called: Some("18".to_owned()), outcome: Some(Outcome::Allowed), most: Some(3) };
    assert_eq!(remembered(&engine, &only).len(), 1);
    let server = engine_with(|settings| settings.recent = 0).await;
    let response = server.answer(&encrypt(aws, "anywhere")).await;
    assert!(response.status() == 200 && server.recent(&Wanted::default()).is_none());
    assert!(response.extensions().get::<Arc<polykms::core::engine::Happening>>().is_none());
}

fn inquiry(cloud: &Cloud, who: Option<&str>, action: &str, resource: &str, context: &[(String, &str)]) -> Inquiry {
    let context: serde_json::Map<String, Value> =
        context.iter().map(|(name, value)| (name.clone(), json!([value]))).collect();
    serde_json::from_value(json!({"dialect": cloud.dialect.name, "as": who, "action": action, "resource": resource,
        "default_account": cloud.account, "context": context}))
    .expect("an inquiry")
}

#[tokio::test]
async fn asking_what_somebody_could_do_is_answered_as_doing_it_is() {
    let engine = engine_with(|_| ()).await;
    for cloud in clouds() {
        let users = account(&cloud)[0]["users"].as_array().unwrap().clone();
        for user in users {
            let name = user["name"].as_str().unwrap();
            for (action, operation) in [("kms:Encrypt", "Encrypt"), ("kms:DescribeKey", "DescribeKey")] {
                let arguments = match operation {
                    "Encrypt" => json!({"KeyId": KEY, "Plaintext": "aGVsbG8="}),
                    _ => json!({"KeyId": KEY}),
                };
                let done = ask(&engine, request(&cloud, "kms", operation, &arguments, &signer(name))).await.0 == 200;
                for resource in [format!("key/{KEY}"), "alias/known".to_owned(), KEY.to_owned()] {
                    let who = format!("user/{name}");
                    let told =
                        engine.inquire(&inquiry(&cloud, Some(&who), action, &resource, &[])).await.expect("told");
                    assert_eq!(told.allowed, done, "{} {who} {action} {resource}", cloud.dialect.name);
                    assert_eq!(told.exists, Some(true));
                    assert!(told.allowed == told.changes.is_empty(), "{:?}", told.changes);
                }
            }
        }
    }
}

#[tokio::test]
async fn the_smallest_change_turns_the_answer() {
    let engine = engine_with(|_| ()).await;
    for cloud in clouds() {
        let key_name = format!("key/{KEY}");
        for (who, given) in
            [("office", ("SourceIp", "192.168.0.0")), ("network", ("SourceVpc", "vpc-1")), ("factor", ("MFA", "true"))]
        {
            let who = format!("user/{who}");
            let told = engine.inquire(&inquiry(&cloud, Some(&who), "kms:Encrypt", &key_name, &[])).await.expect("told");
            let change = told.changes.first().expect("a change");
            assert_eq!(change.context.get(&key(&cloud, given.0)).map(String::as_str), Some(given.1), "{change:?}");
            let met = [(key(&cloud, given.0), given.1)];
            assert!(
                engine.inquire(&inquiry(&cloud, Some(&who), "kms:Encrypt", &key_name, &met)).await.unwrap().allowed
            );
        }
        let told = engine.inquire(&inquiry(&cloud, Some("user/nobody"), "kms:encrypt", &key_name, &[])).await.unwrap();
        let document = told.changes[0].document.clone().expect("a document");
        assert_eq!(document["Statement"][0]["Action"], "kms:Encrypt");
        // What is told to be added helps when it is added.
        let seed = json!({cloud.dialect.name: [{"account": cloud.account, "users": [{"name": "helped", "inline": {"p": document}}]}]});
        engine.apply(&serde_json::from_value(seed).unwrap()).await.expect("applied");
        assert!(
            engine.inquire(&inquiry(&cloud, Some("user/helped"), "kms:Encrypt", &key_name, &[])).await.unwrap().allowed
        );
        let first = async |who: &str| {
            engine.inquire(&inquiry(&cloud, Some(who), "kms:Encrypt", &key_name, &[])).await.unwrap().changes.remove(0)
        };
        let avoided = first("user/guarded").await;
        assert_eq!(avoided.context.get(&key(&cloud, "MFA")).map(String::as_str), Some("true"), "{avoided:?}");
        let avoided = first("user/fenced").await;
        assert_eq!(avoided.context.get(&key(&cloud, "SourceIp")).map(String::as_str), Some("10.9.0.0"), "{avoided:?}");
        let told = engine.inquire(&inquiry(&cloud, Some("user/nobody"), "kms:Encyrpt", &key_name, &[])).await.unwrap();
        assert!(told.changes.is_empty(), "of what is no action, nothing is advised: {:?}", told.changes);
        let told = engine.inquire(&inquiry(&cloud, Some("user/careful"), "kms:Decrypt", &key_name, &[])).await.unwrap();
        assert!(
            told.changes[0].what.starts_with("without the Deny of `of-careful` at /Statement/1"),
            "{:?}",
            told.changes
        );
    }
}

#[tokio::test]
async fn somebody_and_something_are_named_in_every_form_and_who_is_not_there_is_said() {
    let engine = engine_with(|_| ()).await;
    for cloud in clouds() {
        let iam = if cloud.dialect.name == "aws" { "arn:aws:iam" } else { "acs:ram" };
        let full = |relative: &str| format!("{iam}::{}:{relative}", cloud.account);
        let key_arn = format!("{}:kms:{}:{}:key/{KEY}", cloud.scheme, cloud.region, cloud.account);
        for who in ["user/anywhere".to_owned(), full("user/anywhere"), "owner".to_owned(), full("root")] {
            let told = engine.inquire(&inquiry(&cloud, Some(&who), "kms:Encrypt", &key_arn, &[])).await.expect("told");
            assert!(told.allowed, "{who}");
        }
        let factor = [(key(&cloud, "MFA"), "true")];
        for who in ["role/rol".to_owned(), full("role/rol")] {
            let asked = async |context: &[(String, &str)]| {
                engine.inquire(&inquiry(&cloud, Some(&who), "kms:Encrypt", &key_arn, context)).await.unwrap().allowed
            };
            assert!(!asked(&[]).await && asked(&factor).await, "{who}");
        }
        for who in
            ["user/none", "role/none", "group/x", "", "user/", "arn:aws:iam::999999999999:user/anywhere", "anywhere"]
        {
            assert!(engine.inquire(&inquiry(&cloud, Some(who), "kms:Encrypt", &key_arn, &[])).await.is_err(), "{who}");
        }
        let gone =
            engine.inquire(&inquiry(&cloud, Some("user/anywhere"), "kms:Encrypt", &format!("key/{OTHER}"), &[])).await;
        assert_eq!(gone.expect("told").exists, Some(false));
        let told = engine.inquire(&inquiry(&cloud, Some("user/anywhere"), "kms:Encyrpt", &key_arn, &[])).await.unwrap();
        assert!(told.note.is_some_and(|note| note.contains("no action that is known")));
        let told =
            engine.inquire(&inquiry(&cloud, Some("user/starter"), "sts:AssumeRole", "role/rol", &[])).await.unwrap();
        assert!(told.allowed, "{:?}", told.ruling);
    }
}

#[tokio::test]
async fn what_is_done_to_nothing_in_particular_is_asked_of_what_requests_ask() {
    let engine = engine_with(|_| ()).await;
    for cloud in clouds() {
        let asked = async |action: &str, resource: &str| {
            let told = engine.inquire(&inquiry(&cloud, Some("user/anywhere"), action, resource, &[])).await?;
            polykms::core::error::Result::Ok(told.ruling.resource)
        };
        for (action, operation) in [("kms:CreateKey", "CreateKey"), ("kms:ListKeys", "ListKeys")] {
            assert_eq!(ask(&engine, request(&cloud, "kms", operation, &json!({}), &signer("anywhere"))).await.0, 200);
            let done = remembered(&engine, &Wanted { most: Some(1), ..Wanted::default() }).remove(0);
            let told = asked(action, "*").await.expect("told");
            assert!(done["decisions"][0]["resource"] == json!(told), "{told} {done}");
        }
        assert!(asked("kms:Encrypt", "*").await.is_err(), "which key is not said");
        let all = format!("{}:kms:{}:{}:key/*", cloud.scheme, cloud.region, cloud.account);
        assert_eq!(asked("kms:Encrypt", "key/*").await.expect("told"), all);
    }
}

#[tokio::test]
async fn who_could_is_told_with_what_has_to_hold() {
    let engine = engine_with(|_| ()).await;
    for cloud in clouds() {
        let told =
            engine.inquire_who(&inquiry(&cloud, None, "kms:Encrypt", &format!("key/{KEY}"), &[])).await.expect("told");
        let find = |name: &str| told.principals.iter().find(|able| able.principal.ends_with(&format!("/{name}")));
        for always in ["anywhere", "careful"] {
            assert!(find(always).is_some_and(|able| able.always && !able.allow_by.is_empty()), "{always}");
        }
        for name in ["office", "network", "inner", "factor", "later", "closed", "both", "rol"] {
            let able = find(name).unwrap_or_else(|| panic!("{} {name}", cloud.dialect.name));
            assert!(!able.always && !able.open.is_empty() && !able.open[0].conditions.is_empty(), "{able:?}");
        }
        for never in ["nobody", "starter", "idle"] {
            assert!(find(never).is_none(), "{never}");
        }
        assert!(told.asked_about >= 13);
        // What is said of the request closes what was open.
        let met = [(key(&cloud, "SourceIp"), "192.168.3.4")];
        let told =
            engine.inquire_who(&inquiry(&cloud, None, "kms:Encrypt", &format!("key/{KEY}"), &met)).await.unwrap();
        assert!(told.principals.iter().any(|able| able.principal.ends_with("/office") && able.always));
        let other = [(key(&cloud, "SourceIp"), "203.0.113.4")];
        let told =
            engine.inquire_who(&inquiry(&cloud, None, "kms:Encrypt", &format!("key/{KEY}"), &other)).await.unwrap();
        assert!(!told.principals.iter().any(|able| able.principal.ends_with("/office")));
    }
}

fn dev(folder: &Path, more: &[&str]) -> Server {
    std::fs::write(folder.join("seed.json"), seed().to_string()).expect("a seed");
    Program::new(["dev", "--seed", "seed.json"]).arguments(more).start(folder)
}

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    Program::new(arguments).end(folder)
}

#[test]
fn dev_tells_each_request_in_a_line_and_explains_the_last() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = dev(folder.path(), &["--audit-file", "audit.jsonl"]);
    for (at, cloud) in clouds().iter().enumerate() {
        assert_eq!(server.send(encrypt(cloud, "anywhere")).0, 200);
        assert_ne!(server.send(encrypt(cloud, "nobody")).0, 200);
        let name = cloud.dialect.name;
        let log = server.log();
        let lines: Vec<&str> = log.lines().filter(|line| line.starts_with('#') && line.contains(name)).collect();
        assert_eq!(lines.len(), 2, "{log}");
        assert!(lines[0].contains("kms Encrypt by") && lines[0].ends_with(": allowed"), "{}", lines[0]);
        assert!(lines[1].contains("DENIED") && lines[1].contains("no Allow of kms:Encrypt in"), "{}", lines[1]);
        assert!(lines[1].contains("user/nobody") && lines[1].contains(KEY), "{}", lines[1]);
        let number = (at * 2 + 2).to_string();
        for id in ["last", "denied", &number] {
            let (status, words) = run(folder.path(), &["policy", "why", id, "--ready-file", "ready.json"]);
            assert_eq!(status, Some(0), "{words}");
            assert!(words.starts_with("DENIED: kms Encrypt by ") && words.contains("to change it: "), "{words}");
        }
        let first = (at * 2 + 1).to_string();
        let endpoint = server.ready["endpoint"].as_str().unwrap();
        let (_, words) = run(folder.path(), &["policy", "why", &first, "--endpoint", endpoint]);
        assert!(words.starts_with("allowed: kms Encrypt by ") && words.contains("allowed by"), "{words}");
        let (_, told) = run(folder.path(), &["policy", "why", "last", "--json", "--ready-file", "ready.json"]);
        let told: Value = serde_json::from_str(&told).expect("JSON");
        assert_eq!(told["outcome"], "DENIED");
        let request = told["request_id"].as_str().unwrap();
        let (status, _) = run(folder.path(), &["policy", "why", request, "--ready-file", "ready.json"]);
        assert_eq!(status, Some(0));
        let (status, words) = run(folder.path(), &["policy", "why", "denied", "--audit-file", "audit.jsonl"]);
        assert!(status == Some(0) && words.starts_with("DENIED: kms Encrypt"), "{words}");
    }
    let (status, words) = run(folder.path(), &["policy", "why", "no-such-request", "--ready-file", "ready.json"]);
    assert!(status == Some(1) && words.contains("no request `no-such-request` is remembered"), "{words}");
    for cloud in clouds() {
        let own = if cloud.dialect.name == "aws" { "arn:aws:iam::" } else { "acs:ram::" };
        let role = json!({"RoleArn": format!("{own}{}:role/third", cloud.account), "RoleSessionName": "s1",
            "ExternalId": "guessed-external-id"});
        assert_ne!(server.send(request(&cloud, "sts", "AssumeRole", &role, &signer("starter"))).0, 200);
    }
    let log = server.log();
    assert_eq!(log.matches("sts AssumeRole by").count(), 2, "{log}");
    for told in [SECRET, EXTERNAL_ID, "guessed-external-id"] {
        assert!(!log.contains(told), "{log}");
    }
}

#[test]
fn advice_is_given_only_where_it_can_be_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = dev(folder.path(), &[]);
    for (cloud, service, operation) in [(&clouds()[0], "iam", "ListUsers"), (&clouds()[1], "ram", "ListUsers")] {
        assert_ne!(server.send(request(cloud, service, operation, &json!({}), &signer("nobody"))).0, 200);
        let (_, words) = run(folder.path(), &["policy", "why", "last", "--ready-file", "ready.json"]);
        assert!(words.contains("to change it: an Allow of"), "{words}");
        assert!(!words.contains(" in resource") && !words.contains("in the resource"), "{words}");
    }
}

#[test]
fn json_logs_have_the_parts_of_the_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = dev(folder.path(), &["--log-format", "json", "--authz", "audit"]);
    for cloud in clouds() {
        assert_eq!(server.send(encrypt(&cloud, "nobody")).0, 200);
        let log = server.log();
        let line = log.lines().rfind(|line| line.contains("\"dialect\"")).unwrap_or_else(|| panic!("{log}"));
        let told: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(
            (&told["dialect"], &told["operation"], &told["outcome"]),
            (&json!(cloud.dialect.name), &json!("Encrypt"), &json!("would_be_denied"))
        );
        for part in ["time", "caller", "resources", "reason", "request_id"] {
            assert!(told[part].as_str().is_some_and(|text| !text.is_empty()), "{part}: {line}");
        }
    }
}

fn body(answer: &str) -> Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)).unwrap_or_default()
}

fn post(server: &Server, name: &str, text: &str, headers: &str) -> String {
    let (address, length) = (server.address(), text.len());
    let head = format!("POST /_polykms/{name} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}");
    server.exchange(format!("{head}Content-Length: {length}\r\n\r\n{text}").as_bytes())
}

#[test]
fn circumstances_come_by_the_seed_or_the_page_and_are_marked_on_the_trail_and_in_the_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut seed = seed();
    for cloud in clouds() {
        let office = &mut seed[cloud.dialect.name][0]["users"][1]["access_keys"][0];
        office["circumstances"] = json!({"source_ip": "192.168.7.7"});
    }
    std::fs::write(folder.path().join("seed.json"), seed.to_string()).expect("a seed");
    let server = Program::new(["dev", "--seed", "seed.json", "--audit-file", "audit.jsonl"]).start(folder.path());
    for cloud in clouds() {
        assert_eq!(server.send(encrypt(&cloud, "office")).0, 200, "{}", cloud.dialect.name);
        assert_ne!(server.send(encrypt(&cloud, "factor")).0, 200);
    }
    let given = json!({"access_key_id": access_key("factor"), "circumstances": {"mfa": true}});
    let answer = post(&server, "circumstances", &given.to_string(), "");
    assert!(
        answer.starts_with("HTTP/1.1 200") && body(&answer)["circumstances"].as_array().unwrap().len() == 4,
        "{answer}"
    );
    for cloud in clouds() {
        assert_eq!(server.send(encrypt(&cloud, "factor")).0, 200, "{}", cloud.dialect.name);
    }
    let trail = std::fs::read_to_string(folder.path().join("audit.jsonl")).expect("a trail");
    let marked =
        |text: &str| trail.lines().filter(|line| line.contains("\"simulated\":{") && line.contains(text)).count();
    assert_eq!((marked("192.168.7.7"), marked("\"mfa\":true")), (2, 2), "{trail}");
    let log = server.log();
    assert_eq!(log.lines().filter(|line| line.contains("[simulated {")).count(), 4, "{log}");
    let (_, words) = run(folder.path(), &["policy", "why", "last", "--ready-file", "ready.json"]);
    assert!(words.contains("simulated: taken to come from {\"mfa\":true}"), "{words}");
    for wrong in [
        r#"{"access_key_id": "x"#,
        r#"{"circumstances": {}}"#,
        r#"{"access_key_id": "x", "circumstances": {"sourceip": "::1"}}"#,
        r#"{"access_key_id": "x", "circumstances": {"source_ip": "10.0.0.0/8"}}"#,
        r#"{"access_key_id": "x", "dialect": "gcp", "circumstances": {}}"#,
        r#"{"access_key_id": "x", "circumstances": {"mfa": false, "mfa_age_seconds": 1}}"#,
        r#"{"access_key_id": "x y\u0000", "circumstances": {}}"#,
    ] {
        let answer = post(&server, "circumstances", wrong, "");
        assert!(answer.starts_with("HTTP/1.1 400"), "{wrong}: {answer}");
    }
    let gone = post(&server, "circumstances", &json!({"access_key_id": access_key("factor")}).to_string(), "");
    assert!(gone.starts_with("HTTP/1.1 200"), "{gone}");
    assert_ne!(server.send(encrypt(&clouds()[0], "factor")).0, 200);
}

#[test]
fn the_pages_are_behind_the_guard_and_only_where_an_emulator_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = dev(folder.path(), &[]);
    server.send(encrypt(&clouds()[0], "anywhere"));
    let told = body(&server.ask("GET", "/_polykms/decisions?limit=1", &[]));
    assert_eq!(told["decisions"][0]["outcome"], "allowed");
    assert!(!told.to_string().contains(SECRET));
    for query in ["?limit=x", "?id=", "?since=1", "?outcome=none"] {
        assert!(server.ask("GET", &format!("/_polykms/decisions{query}"), &[]).starts_with("HTTP/1.1 400"), "{query}");
    }
    let pages = ["decisions", "circumstances", "seed"];
    for page in pages.map(|page| format!("/_polykms/{page}")) {
        for headers in [
            &[("Host", "evil.example")][..],
            &[("Host", "kms.us-east-1.amazonaws.com")],
            &[("Origin", "http://evil.example")],
            &[("Sec-Fetch-Site", "cross-site")],
            &[("Sec-Fetch-Mode", "cors"), ("Origin", "null")],
        ] {
            assert!(server.ask("GET", &page, headers).starts_with("HTTP/1.1 403"), "{page} {headers:?}");
        }
        assert!(server.ask("DELETE", &page, &[]).starts_with("HTTP/1.1 4"), "{page}");
    }
    for page in ["circumstances", "can", "who-can"] {
        assert!(post(&server, page, "{}", "Origin: http://evil.example\r\n").starts_with("HTTP/1.1 403"), "{page}");
        assert!(server.ask("PUT", &format!("/_polykms/{page}"), &[]).starts_with("HTTP/1.1 4"), "{page}");
    }
    drop(server);
    let serving = tempfile::tempdir().expect("a folder");
    let server = owners(Program::new(["serve", "--data-dir", "data"])).start(serving.path());
    for page in pages {
        assert!(server.ask("GET", &format!("/_polykms/{page}"), &[]).starts_with("HTTP/1.1 404"), "{page}");
    }
    for page in ["circumstances", "can", "who-can"] {
        let given = json!({"access_key_id": "OWNEROFTESTS", "circumstances": {"mfa": true}}).to_string();
        assert!(post(&server, page, &given, "").starts_with("HTTP/1.1 404"), "{page}");
    }
    let (status, words) = run(serving.path(), &["policy", "why", "last", "--ready-file", "ready.json"]);
    assert!(status == Some(1) && words.contains("only under `polykms dev`"), "{words}");
    let (status, words) = run(serving.path(), &["can", "--as", "owner", "kms:Encrypt", "--ready-file", "ready.json"]);
    assert!(status == Some(2) && words.contains("only under `polykms dev`"), "{words}");
}

#[test]
fn serve_refuses_a_seed_with_circumstances_at_its_start() {
    for cloud in clouds() {
        let folder = tempfile::tempdir().expect("a folder");
        for place in ["owner", "users"] {
            let keys = json!([{"id": "KEYOFMINE", "secret": SECRET, "circumstances": {}}]);
            let seed = match place {
                "owner" => json!({cloud.dialect.name: [{"account": cloud.account, "owner": keys}]}),
                _ => {
                    json!({cloud.dialect.name: [{"account": cloud.account, "users": [{"name": "u", "access_keys": keys}]}]})
                }
            };
            std::fs::write(folder.path().join("seed.json"), seed.to_string()).expect("a seed");
            let serve = owners(Program::new(["serve", "--data-dir", "data", "--seed", "seed.json"]));
            let (status, words) = serve.arguments(["--listen", "127.0.0.1:0"]).end(folder.path());
            assert!(status == Some(2) && words.contains("`KEYOFMINE`") && words.contains("`dev` alone"), "{words}");
            assert!(!folder.path().join("data").exists() && !words.contains(SECRET));
        }
    }
}

#[test]
fn can_answers_by_its_status_from_a_server_and_from_a_seed() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = dev(folder.path(), &[]);
    let key_name = format!("key/{KEY}");
    for place in [["--ready-file", "ready.json"], ["--seed", "seed.json"]] {
        for cloud in clouds() {
            let name = cloud.dialect.name;
            let can = |who: &str, more: &[&str]| {
                let mut arguments = vec!["can", "--as", who, "--dialect", name, "kms:Encrypt", &key_name];
                arguments.extend(more);
                arguments.extend(place);
                run(folder.path(), &arguments)
            };
            let (status, words) = can("user/anywhere", &[]);
            assert!(status == Some(0) && words.starts_with("allowed: ") && words.contains("allowed by"), "{words}");
            let (status, words) = can("user/office", &[]);
            assert!(status == Some(1) && words.starts_with("DENIED: "), "{words}");
            assert!(words.contains("smallest change: a request with") && words.contains("=192.168.0.0"), "{words}");
            let context = format!("{}=192.168.9.9", key(&cloud, "SourceIp"));
            assert_eq!(can("user/office", &["--context", &context]).0, Some(0));
            let (status, words) = can("user/none", &[]);
            assert!(status == Some(2) && words.contains("no such user"), "{words}");
            let (status, words) = can("role/rol", &["--json"]);
            let told: Value = serde_json::from_str(&words).expect("JSON");
            assert!(status == Some(1) && told["allowed"] == json!(false) && told["changes"].is_array(), "{words}");
            let mut arguments = vec!["who-can", "kms:Encrypt", &key_name, "--dialect", name];
            arguments.extend(place);
            let (status, words) = run(folder.path(), &arguments);
            assert!(
                status == Some(0) && words.contains("user/anywhere") && words.contains("under conditions:"),
                "{words}"
            );
            assert!(!words.contains("user/nobody"), "{words}");
        }
        let mut arguments = vec!["can", "--as", "user/anywhere", "kms:Encrypt", &key_name];
        arguments.extend(place);
        let (status, words) = run(folder.path(), &arguments);
        assert!(status == Some(2) && words.contains("--dialect"), "{words}");
    }
    drop(server);
    let (status, words) =
        run(folder.path(), &["can", "--as", "owner", "kms:Encrypt", "--endpoint", "http://127.0.0.1:9"]);
    assert!(status == Some(2) && words.contains("nothing answers"), "{words}");
}
