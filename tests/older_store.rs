//! A store that the first format was written to is opened by today's code: everything in it is there, every key decrypts,
//! and what was due before anybody recorded it is done at its time.
//!
//! `data/store_v1` was written by the SDKs of both clouds on a server of that format; `expected.json` says what they were
//! told. Copies are opened, never the original.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod cloud;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cloud::{Cloud, Signer, ask, clouds};
use polykms::core::engine::Engine;
use polykms::core::engine::world::META;
use polykms::core::error::Result;
use polykms::core::port::{Change, Expect, Space};
use polykms::{Builder, RootKey, Settings, Storage};
use polykms_host::ManualClock;
use serde_json::{Value, json};

/// Before anything in the store is due.
const EARLY: &str = "2026-11-30T00:00:00Z";
/// After all that is due in it.
const LATE: &str = "2026-12-06T22:00:00Z";

fn expected() -> Value {
    serde_json::from_str(include_str!("data/store_v1/expected.json")).expect("JSON")
}

fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/store_v1/polykms.db");
    std::fs::copy(original, folder.path().join("polykms.db")).expect("a copy");
    folder
}

async fn open(folder: &Path, clock: &ManualClock) -> Result<Arc<Engine>> {
    let root = expected()["root_key"].as_str().expect("a root key").to_owned();
    // The clock stands in the year of the store, and the tests sign in theirs.
    let skew = ["aws", "alibaba"].map(|dialect| (dialect.to_owned(), Duration::from_secs(100 * 365 * 24 * 3600)));
    Builder::new()
        .storage(Storage::Folder(folder.to_owned()))
        .root_key(RootKey::Text(root.into()))
        .clock(Arc::new(clock.clone()))
        .settings(Settings { skew: skew.into(), ..Settings::default() })
        .build()
        .await
}

fn clock(at: &str) -> ManualClock {
    ManualClock::at(at.parse().expect("a time"))
}

fn signer(of: &Value) -> Signer {
    let text = |name: &str| of[name].as_str().expect("text").to_owned();
    Signer { id: text("id"), secret: text("secret"), token: None }
}

/// One cloud, the engine that has the store, and what is expected of it.
struct Kept<'a> {
    cloud: &'a Cloud,
    engine: &'a Engine,
    expected: Value,
    owner: Signer,
}

impl<'a> Kept<'a> {
    fn all(clouds: &'a [Cloud], engine: &'a Engine) -> Vec<Self> {
        let kept = |cloud: &'a Cloud| {
            let expected = expected();
            let owner = signer(&expected["owner"][cloud.dialect.name]);
            Self { cloud, engine, expected: expected[cloud.dialect.name].clone(), owner }
        };
        clouds.iter().map(kept).collect()
    }

    async fn by(&self, who: &Signer, service: &str, operation: &str, arguments: Value) -> (u16, String) {
        let service = self.cloud.dialect.services.iter().find(|known| known.name == service).expect("a service");
        ask(self.engine, self.cloud.request_of(service, operation, &arguments, Some(who))).await
    }

    async fn ok(&self, service: &str, operation: &str, arguments: Value) -> String {
        let (status, body) = self.by(&self.owner, service, operation, arguments).await;
        assert_eq!(status, 200, "{operation}: {body}");
        body
    }

    fn keys(&self) -> &Vec<Value> {
        self.expected["keys"].as_array().expect("keys")
    }

    async fn decrypt(&self, key: &Value) -> (u16, String) {
        let context = match self.cloud.dialect.name {
            "aws" => key["context"].clone(),
            _ => Value::from(key["context"].to_string()),
        };
        let arguments = json!({"CiphertextBlob": key["ciphertext"], "EncryptionContext": context});
        self.by(&self.owner, "kms", "Decrypt", arguments).await
    }

    /// The service of identities, and its words.
    fn identities(&self) -> &'static str {
        if self.cloud.dialect.name == "aws" { "iam" } else { "ram" }
    }
}

#[tokio::test]
async fn every_key_of_a_store_of_the_first_format_decrypts() {
    let (folder, clouds) = (copy(), clouds());
    let engine = open(folder.path(), &clock(EARLY)).await.expect("an engine");
    for kept in Kept::all(&clouds, &engine) {
        for key in kept.keys() {
            let id = json!({"KeyId": key["id"]});
            if let Some(state) = key["state"].as_str() {
                assert_ne!(kept.decrypt(key).await.0, 200, "{state}");
                assert!(kept.ok("kms", "DescribeKey", id.clone()).await.contains(state), "{key}");
                if state == "PendingDeletion" {
                    kept.ok("kms", "CancelKeyDeletion", id.clone()).await;
                }
                kept.ok("kms", "EnableKey", id.clone()).await;
            }
            let (status, body) = kept.decrypt(key).await;
            assert!(status == 200 && body.contains(key["plaintext"].as_str().unwrap()), "{key}: {body}");
        }
    }
    let due = engine.world().ports.store.paths(Space::Due, "", None, 0, 10).await.expect("paths");
    assert_eq!(due, Vec::<String>::new(), "what was called off is not due any more");
}

#[tokio::test]
async fn everything_in_a_store_of_the_first_format_is_listed() {
    let (folder, clouds) = (copy(), clouds());
    let engine = open(folder.path(), &clock(EARLY)).await.expect("an engine");
    for kept in Kept::all(&clouds, &engine) {
        let keys = kept.ok("kms", "ListKeys", json!({})).await;
        assert!(kept.keys().iter().all(|key| keys.contains(key["id"].as_str().unwrap())), "{keys}");
        let aliases = kept.ok("kms", "ListAliases", json!({})).await;
        for (name, id) in kept.expected["aliases"].as_object().expect("aliases") {
            assert!(aliases.contains(name) && aliases.contains(id.as_str().unwrap()), "{name}: {aliases}");
        }
        let identities = kept.identities();
        for (operation, names) in [("ListUsers", "users"), ("ListGroups", "groups"), ("ListRoles", "roles")] {
            let listed = kept.ok(identities, operation, json!({})).await;
            let names = match &kept.expected[names] {
                Value::Object(named) => named.keys().cloned().collect(),
                names => serde_json::from_value::<Vec<String>>(names.clone()).expect("names"),
            };
            assert!(names.iter().all(|name| listed.contains(name)), "{names:?}: {listed}");
        }
        let policy = match identities {
            "iam" => json!({"PolicyArn": kept.expected["policy_arn"]}),
            _ => json!({"PolicyName": "keeper", "PolicyType": "Custom"}),
        };
        let holders = kept.ok(identities, "ListEntitiesForPolicy", policy).await;
        assert!(["bob", "staff", "worker"].iter().all(|holder| holders.contains(holder)), "{holders}");
        let own = kept.ok(identities, "ListAccessKeys", json!({})).await;
        assert!(own.contains(&kept.owner.id), "{own}");
        for extra in kept.expected["owner_keys"].as_array().into_iter().flatten() {
            assert!(own.contains(extra.as_str().unwrap()), "{extra}: {own}");
        }
        for user in ["alice", "bob"] {
            let user = signer(&kept.expected["users"][user]);
            assert!(!own.contains(&user.id), "{own}");
            let (status, body) = kept.by(&user, "sts", "GetCallerIdentity", json!({})).await;
            assert_eq!(status, 200, "{body}");
        }
    }
}

#[tokio::test]
async fn what_was_due_in_a_store_of_the_first_format_is_done_at_its_time() {
    let (folder, clouds, clock) = (copy(), clouds(), clock(EARLY));
    let engine = open(folder.path(), &clock).await.expect("an engine");
    let due = || engine.world().ports.store.paths(Space::Due, "", None, 0, 10);
    let times = clouds.iter().map(|cloud| expected()[cloud.dialect.name]["due_at"].as_str().unwrap().to_owned());
    let recorded = due().await.expect("paths");
    assert_eq!(recorded.len(), 2);
    assert!(times.into_iter().all(|time| recorded.iter().any(|path| path.starts_with(&time))), "{recorded:?}");
    assert_eq!(engine.sweep().await.expect("a sweep"), 0);

    clock.set(LATE.parse().expect("a time"));
    for kept in Kept::all(&clouds, &engine) {
        let gone = kept.keys().last().expect("a key")["id"].as_str().unwrap();
        assert!(!kept.ok("kms", "ListKeys", json!({})).await.contains(gone), "gone before the sweep");
    }
    assert_eq!(engine.sweep().await.expect("a sweep"), 2);
    assert_eq!(engine.sweep().await.expect("a sweep"), 0);
    assert_eq!(due().await.expect("paths"), Vec::<String>::new());
    for kept in Kept::all(&clouds, &engine) {
        assert_eq!(engine.world().ports.store.count(Space::Key, kept.cloud.dialect.name).await.expect("a count"), 3);
        assert_ne!(kept.decrypt(kept.keys().last().expect("a key")).await.0, 200);
        assert_eq!(kept.decrypt(&kept.keys()[0]).await.0, 200);
    }
}

#[tokio::test]
async fn a_store_of_a_newer_format_is_refused() {
    let folder = copy();
    let engine = open(folder.path(), &clock(EARLY)).await.expect("an engine");
    let newer = Change::Put { space: META, path: "format".to_owned(), expect: Expect::Any, body: b"3".to_vec() };
    engine.world().ports.store.commit(vec![newer]).await.expect("a commit");
    drop(engine);
    let refusal = open(folder.path(), &clock(EARLY)).await.err().expect("must be refused");
    assert!(
        refusal.to_string().contains("written by a newer version: it has format 3, this program knows 2"),
        "{refusal}"
    );
}
