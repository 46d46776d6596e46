//! A record that cannot be read: it is named, it closes what it is about and nothing else, and a check finds it.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod cloud;
mod program;

use std::path::Path;
use std::sync::{Arc, Mutex};

use cloud::{Cloud, KEY, OTHER, Signer, ask, clouds};
use polykms::core::engine::Engine;
use polykms::core::engine::ServerFault;
use polykms::core::engine::world::{ACCESS_KEYS, ALIASES, GROUPS, KEYS, POLICIES, ROLES, USERS};
use polykms::core::inspect::Depth;
use polykms::core::port::{Change, Expect, Space, Store};
use polykms_store::Sqlite;
use program::{OWN, Program, owners};
use serde_json::{Value, json};

/// Puts something in place of the record whose path ends so.
async fn spoil(store: &dyn Store, space: Space, end: &str, change: impl FnOnce(Value) -> Vec<u8>) -> String {
    let records = store.scan(space, "", None, 1000).await.expect("records");
    let found = records.into_iter().find(|record| record.path.ends_with(end)).expect("a record");
    let body = change(serde_json::from_slice(&found.body).unwrap_or_default());
    let change = Change::Put { space, path: found.path.clone(), expect: Expect::Any, body };
    store.commit(vec![change]).await.expect("a commit");
    found.path.replace('\u{1f}', "/")
}

fn garbage(_: Value) -> Vec<u8> {
    b"{\"plaintext\": \"hush".to_vec()
}

async fn by_owner(cloud: &Cloud, engine: &Engine, service: &str, operation: &str, arguments: Value) -> (u16, String) {
    let service = cloud.dialect.services.iter().find(|known| known.name == service).expect("a service");
    ask(engine, cloud.request(service, operation, &arguments, Some("owner"))).await
}

#[tokio::test]
async fn one_unreadable_record_closes_no_list_and_is_told_once() {
    for cloud in clouds() {
        let engine = cloud.engine(None).await;
        let store = engine.world().ports.store.as_ref();
        let told = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&told);
        engine.world().on_unreadable(move |space, path| sink.lock().unwrap().push(format!("{space} {path}")));
        let iam = if cloud.dialect.name == "aws" { "iam" } else { "ram" };
        for (space, end) in [(KEYS, KEY), (ALIASES, "alias/known"), (USERS, "\u{1f}bare"), (GROUPS, "baregrp")] {
            spoil(store, space, end, garbage).await;
        }
        spoil(store, ROLES, "barerol", garbage).await;
        spoil(store, POLICIES, "barepol", garbage).await;
        for (service, operation, arguments, left) in [
            ("kms", "ListKeys", json!({}), OTHER),
            ("kms", "ListAliases", json!({}), "RequestId"),
            (iam, "ListUsers", json!({}), "ann"),
            (iam, "ListGroups", json!({}), "grp"),
            (iam, "ListRoles", json!({}), "rol"),
            (iam, "ListPolicies", json!({}), "pol"),
        ] {
            for _ in 0..2 {
                let (status, answer) = by_owner(&cloud, &engine, service, operation, arguments.clone()).await;
                assert_eq!(status, 200, "{operation}: {answer}");
                assert!(answer.contains(left) || operation == "ListAliases", "{operation}: {answer}");
                for gone in [KEY, "alias/known", "baregrp", "barerol", "barepol"] {
                    assert!(!answer.contains(gone), "{operation}: {answer}");
                }
            }
        }
        let told = told.lock().unwrap();
        assert_eq!(told.len(), 6, "{told:?}");
        assert!(told.iter().all(|told| !told.contains("hush")), "{told:?}");
    }
}

#[tokio::test]
async fn what_is_about_it_is_refused_and_says_which_record_it_is_to_the_log_alone() {
    for cloud in clouds() {
        let engine = cloud.engine(None).await;
        let path = spoil(engine.world().ports.store.as_ref(), KEYS, KEY, garbage).await;
        let service = cloud.dialect.services.iter().find(|service| service.name == "kms").expect("kms");
        let request = cloud.request(service, "DescribeKey", &json!({"KeyId": KEY}), Some("owner"));
        let response = engine.answer(&request).await;
        assert_eq!(response.status().as_u16(), 500);
        let ServerFault(cause) = response.extensions().get().expect("a cause");
        assert!(cause.contains("a stored record cannot be read") && cause.contains(&path), "{cause}");
        let body = String::from_utf8_lossy(response.body()).into_owned();
        assert!(!body.contains("record") && !cause.contains("hush"), "{body} {cause}");
    }
}

#[tokio::test]
async fn an_inspection_finds_every_kind_of_record_that_cannot_be_used() {
    for cloud in clouds() {
        let engine = cloud.engine(None).await;
        let store = engine.world().ports.store.as_ref();
        let whole = engine.inspect(usize::MAX, Depth::Content).await.expect("an inspection");
        assert!(whole.findings.is_empty() && whole.seen > 10, "{whole:?}");
        let with = |name: &'static str, value: Value| {
            move |mut record: Value| {
                record[name] = value;
                record.to_string().into_bytes()
            }
        };
        let mut spoiled = Vec::new();
        for (space, end) in
            [(KEYS, OTHER), (USERS, "\u{1f}bare"), (ACCESS_KEYS, "asker"), (Space::Account, cloud.account)]
        {
            spoiled.push(spoil(store, space, end, garbage).await);
        }
        spoiled.push(spoil(store, Space::UserOfGroup, "\u{1f}ann", with("user", "bob".into())).await);
        spoiled.push(spoil(store, Space::HolderOfPolicy, "\u{1f}ann", with("number", 2.into())).await);
        spoiled.push(spoil(store, Space::GroupName, "", with("name", "nobody".into())).await);
        // What stands on the other side is not what stands here.
        for space in [Space::GroupOfUser, Space::PolicyOfHolder] {
            spoiled.push(store.scan(space, "", None, 1).await.expect("records")[0].path.replace('\u{1f}', "/"));
        }
        let shallow = engine.inspect(usize::MAX, Depth::Form).await.expect("an inspection");
        assert_eq!(shallow.findings.len(), 9, "{shallow:?}");
        let bounded = engine.inspect(2, Depth::Form).await.expect("an inspection");
        assert_eq!(bounded.seen, 2);
        spoiled.push(spoil(store, KEYS, KEY, with("policy", "no policy".into())).await);
        spoiled.push(spoil(store, ROLES, "\u{1f}rol", with("trust", "no policy".into())).await);
        spoiled.push(spoil(store, ACCESS_KEYS, cloud.access_key, with("wrapped", "AAAA".into())).await);
        spoiled.push(
            spoil(store, GROUPS, "\u{1f}grp", with("policies", json!({"inline": {"a": "b"}, "attached": []}))).await,
        );
        let found = engine.inspect(usize::MAX, Depth::Content).await.expect("an inspection").findings;
        let shown: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), spoiled.len(), "{shown:?}");
        for path in spoiled {
            assert!(shown.iter().any(|shown| shown.contains(&format!("`{path}`"))), "{path}: {shown:?}");
        }
    }
}

fn serve() -> Program {
    owners(Program::new(["serve", "--data-dir", "data", "--log-level", "error"]))
}

fn check(folder: &Path) -> (Option<i32>, String) {
    Program::new(["check", "--data-dir", "data"]).end(folder)
}

#[tokio::test]
async fn the_program_names_it_at_its_start_with_each_failure_and_when_it_is_told_to_check() {
    let folder = tempfile::tempdir().expect("a folder");
    let cloud = &clouds()[0];
    let kms = cloud.dialect.services.iter().find(|service| service.name == "kms").expect("kms");
    let owner = Signer { id: "OWNEROFTESTS".to_owned(), secret: OWN.to_owned(), token: None };
    let server = serve().start(folder.path());
    let (_, made) = server.send(cloud.request_of(kms, "CreateKey", &json!({}), Some(&owner)));
    let made: Value = serde_json::from_str(&made).expect("JSON");
    let key = made["KeyMetadata"]["KeyId"].as_str().expect("a key").to_owned();
    let (status, words) = check(folder.path());
    assert_eq!(status, Some(1), "{words}");
    assert!(words.contains("in use by another process"), "{words}");
    assert_eq!(server.stop().code(), Some(0));
    let (status, words) = check(folder.path());
    assert_eq!(status, Some(0), "{words}");
    assert!(words.contains(" records, 0 that cannot be used"), "{words}");

    let store = Sqlite::open(folder.path().join("data"), [0; 16]).expect("a store");
    let path = spoil(&store, KEYS, &key, garbage).await;
    drop(store);
    let server = serve().start(folder.path());
    let request = cloud.request_of(kms, "DescribeKey", &json!({"KeyId": key}), Some(&owner));
    let (status, answer) = server.send(request);
    assert_eq!(status, 500, "{answer}");
    let (status, answer) = server.send(cloud.request_of(kms, "ListKeys", &json!({}), Some(&owner)));
    assert_eq!(status, 200, "{answer}");
    let log = server.log();
    let line = |what: &str| log.lines().find(|line| line.contains(what)).unwrap_or_else(|| panic!("{what}: {log}"));
    assert!(line("`polykms check` finds all of them").contains(&path), "{log}");
    assert!(line("lists leave it out").contains(&path), "{log}");
    let failure = line("status=500");
    assert!(failure.contains(" ERROR ") && failure.contains("request_id=\"") && failure.contains(&path), "{failure}");
    assert_eq!(log.matches("status=500").count(), 1, "{log}");
    assert!(!log.contains("hush") && !log.contains(OWN), "{log}");
    assert_eq!(server.stop().code(), Some(0));
    let (status, words) = check(folder.path());
    assert_eq!(status, Some(1), "{words}");
    assert!(words.contains(&format!("key `{path}`: it cannot be read")), "{words}");
    assert!(words.contains("1 that cannot be used"), "{words}");
}
