//! Stores that older formats were written to are opened by today's code: everything in them is there, every key decrypts,
//! what was due before anybody recorded it is done at its time, and who may what is as it was.
//!
//! `data/store_v1` was written by the SDKs of both clouds on a server of that format, `data/store_v2` by signed requests to
//! one of the next, `data/store_v3` by the SDKs again; their `expected.json` say what was answered. Copies are opened, never
//! the originals.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod cloud;
mod watched;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cloud::{Cloud, Signer, ask, clouds};
use polykms::core::engine::Engine;
use polykms::core::engine::world::META;
use polykms::core::error::Result;
use polykms::core::port::{Change, Expect, Space, Store};
use polykms::{Builder, RootKey, Settings, Storage};
use polykms_host::ManualClock;
use polykms_store::Sqlite;
use serde_json::{Value, json};
use watched::Watched;

/// Before anything in the store is due.
const EARLY: &str = "2026-11-30T00:00:00Z";
/// After all that is due in it.
const LATE: &str = "2026-12-06T22:00:00Z";

fn original(format: u32) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/store_v{format}"))
}

fn expected_of(format: u32) -> Value {
    let text = std::fs::read_to_string(original(format).join("expected.json")).expect("what is expected");
    serde_json::from_str(&text).expect("JSON")
}

fn expected() -> Value {
    expected_of(1)
}

fn copy_of(format: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::copy(original(format).join("polykms.db"), folder.path().join("polykms.db")).expect("a copy");
    folder
}

fn copy() -> tempfile::TempDir {
    copy_of(1)
}

async fn open(folder: &Path, clock: &ManualClock) -> Result<Arc<Engine>> {
    open_of(1, folder, clock).await
}

async fn open_of(format: u32, folder: &Path, clock: &ManualClock) -> Result<Arc<Engine>> {
    let root = expected_of(format)["root_key"].as_str().expect("a root key").to_owned();
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
        Self::all_of(1, clouds, engine)
    }

    fn all_of(format: u32, clouds: &'a [Cloud], engine: &'a Engine) -> Vec<Self> {
        let kept = |cloud: &'a Cloud| {
            let expected = expected_of(format);
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
    assert_eq!(engine.sweep().await.expect("a sweep").done, 0);

    clock.set(LATE.parse().expect("a time"));
    for kept in Kept::all(&clouds, &engine) {
        let gone = kept.keys().last().expect("a key")["id"].as_str().unwrap();
        assert!(!kept.ok("kms", "ListKeys", json!({})).await.contains(gone), "gone before the sweep");
    }
    let doubted = engine.sweep().await.expect("a sweep");
    assert_eq!((doubted.done, doubted.waiting.map(|waiting| waiting.due)), (0, Some(2)), "a week has passed at once");
    engine.trust_clock().await.expect("trust");
    assert_eq!(engine.sweep().await.expect("a sweep").done, 2);
    assert_eq!(engine.sweep().await.expect("a sweep").done, 0);
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
    let newer = Change::Put { space: META, path: "format".to_owned(), expect: Expect::Any, body: b"5".to_vec() };
    engine.world().ports.store.commit(vec![newer]).await.expect("a commit");
    drop(engine);
    let refusal = open(folder.path(), &clock(EARLY)).await.err().expect("must be refused");
    assert!(
        refusal.to_string().contains("written by a newer version: it has format 5, this program knows 4"),
        "{refusal}"
    );
}

/// An answer without the identifier of its request.
fn told(body: &str) -> String {
    for (start, end) in [("<RequestId>", "</RequestId>"), ("\"RequestId\":\"", "\"")] {
        if let Some((before, rest)) = body.split_once(start) {
            let (_, after) = rest.split_once(end).expect("an identifier");
            return format!("{before}{start}{end}{after}");
        }
    }
    body.to_owned()
}

/// What each user may do, of what is asked.
async fn may(kept: &Kept<'_>) -> Value {
    let mut may = json!({});
    for (user, key) in kept.expected["users"].as_object().expect("users") {
        let mut allowed = Vec::new();
        for operation in ["ListKeys", "ListAliases", "CreateKey"] {
            let (status, body) = kept.by(&signer(key), "kms", operation, json!({})).await;
            assert!(status == 200 || cloud::denied(&body), "{user} {operation}: {body}");
            allowed.extend((status == 200).then_some(operation));
        }
        may[user] = json!(allowed);
    }
    may
}

#[tokio::test]
async fn a_store_of_the_second_format_answers_as_it_did() {
    let (folder, clouds) = (copy_of(2), clouds());
    for opened in ["migrated", "as it is"] {
        let engine = open_of(2, folder.path(), &clock(EARLY)).await.expect("an engine");
        for kept in Kept::all_of(2, &clouds, &engine) {
            let answers = kept.expected["answers"].as_array().expect("answers");
            assert!(answers.len() > 20);
            for answer in answers {
                let (operation, arguments) = (answer["operation"].as_str().expect("a name"), &answer["arguments"]);
                let body = kept.ok(kept.identities(), operation, arguments.clone()).await;
                assert_eq!(told(&body), answer["body"].as_str().expect("a body"), "{opened}: {operation} {arguments}");
            }
            assert_eq!(may(&kept).await, kept.expected["may"], "{opened}");
        }
    }
}

#[tokio::test]
async fn what_was_in_use_in_a_store_of_the_second_format_is_in_use_still() {
    let (folder, clouds) = (copy_of(2), clouds());
    let engine = open_of(2, folder.path(), &clock(EARLY)).await.expect("an engine");
    for kept in Kept::all_of(2, &clouds, &engine) {
        let policy = match kept.identities() {
            "iam" => json!({"PolicyArn": "arn:aws:iam::000000000000:policy/x/keeper"}),
            _ => json!({"PolicyName": "keeper"}),
        };
        let (alice, staff, worker) =
            (json!({"UserName": "alice"}), json!({"GroupName": "staff"}), json!({"RoleName": "worker"}));
        for (operation, arguments) in
            [("DeletePolicy", policy), ("DeleteUser", alice), ("DeleteGroup", staff), ("DeleteRole", worker)]
        {
            let (status, body) = kept.by(&kept.owner, kept.identities(), operation, arguments).await;
            assert!(status == 409 && body.contains("DeleteConflict"), "{operation}: {body}");
        }
        let both = json!({"UserName": "zed", "GroupName": "crew"});
        kept.ok(kept.identities(), "RemoveUserFromGroup", both.clone()).await;
        kept.ok(kept.identities(), "AddUserToGroup", both).await;
        assert_eq!(may(&kept).await, kept.expected["may"]);
    }
}

/// What each user may do with the keys and roles of the third format.
async fn may_use(kept: &Kept<'_>) -> Value {
    let mut may = json!({});
    let keys = kept.expected["keys"].as_object().expect("keys");
    for (user, key) in kept.expected["users"].as_object().expect("users") {
        let (user, key) = (user.as_str(), signer(key));
        let mut allowed = Vec::new();
        for (name, id) in keys {
            let arn = format!("arn:aws:kms:us-east-1:000000000000:key/{}", id.as_str().expect("text"));
            allowed.extend(
                is_allowed(kept, &key, "kms", "DescribeKey", json!({"KeyId": arn})).await.then_some(name.as_str()),
            );
        }
        for role in ["x/worker", "chief"] {
            let arguments =
                json!({"RoleArn": format!("arn:aws:iam::000000000000:role/{role}"), "RoleSessionName": "s1"});
            allowed.extend(is_allowed(kept, &key, "sts", "AssumeRole", arguments).await.then_some(role));
        }
        may[user] = json!(allowed);
    }
    may
}

async fn is_allowed(kept: &Kept<'_>, who: &Signer, service: &str, operation: &str, arguments: Value) -> bool {
    let (status, body) = kept.by(who, service, operation, arguments).await;
    assert!(status == 200 || cloud::denied(&body), "{operation}: {body}");
    status == 200
}

#[tokio::test]
async fn a_store_of_the_third_format_answers_as_it_did() {
    let (folder, clouds) = (copy_of(3), clouds());
    for opened in ["migrated", "as it is"] {
        let engine = open_of(3, folder.path(), &clock(EARLY)).await.expect("an engine");
        let kept = Kept::all_of(3, &clouds, &engine);
        let [aws, alibaba] = kept.as_slice() else { panic!("two clouds") };
        for answer in aws.expected["answers"].as_array().expect("answers") {
            let text = |name: &str| answer[name].as_str().expect("text");
            let (operation, arguments) = (text("operation"), &answer["arguments"]);
            let body = aws.ok(text("service"), operation, arguments.clone()).await;
            assert_eq!(told(&body), told(text("body")), "{opened}: {operation} {arguments}");
        }
        assert_eq!(may_use(aws).await, aws.expected["may"], "{opened}");
        let role: Value =
            serde_json::from_str(&alibaba.ok("ram", "GetRole", json!({"RoleName": "worker"})).await).unwrap();
        assert_eq!(role["Role"]["AssumeRolePolicyDocument"], alibaba.expected["trust"], "{opened}");
    }
}

#[tokio::test]
async fn documents_of_the_third_format_mean_those_who_were_there_at_the_first_start() {
    let (folder, clouds) = (copy_of(3), clouds());
    let engine = open_of(3, folder.path(), &clock(EARLY)).await.expect("an engine");
    let kept = Kept::all_of(3, &clouds, &engine);
    let aws = kept.first().expect("AWS");
    let named = json!({"KeyId": aws.expected["keys"]["named"], "PolicyName": "default"});
    let policy = aws.ok("kms", "GetKeyPolicy", named.clone()).await;

    // One is made anew, one whom a policy names and who was gone is made again, one gets another name.
    let key = json!({"UserName": "carol", "AccessKeyId": aws.expected["users"]["carol"]["id"]});
    aws.ok("iam", "DeleteAccessKey", key).await;
    aws.ok("iam", "DeleteUser", json!({"UserName": "carol"})).await;
    let path = json!({"UserName": "alice", "NewUserName": "anna", "NewPath": "/"});
    aws.ok("iam", "UpdateUser", path).await;
    for name in ["carol", "ghost", "alice"] {
        aws.ok("iam", "CreateUser", json!({"UserName": name, "Path": if name == "alice" { "/team/" } else { "/" }}))
            .await;
        let made = Signer::of(&aws.ok("iam", "CreateAccessKey", json!({"UserName": name})).await);
        let arn = format!("arn:aws:kms:us-east-1:000000000000:key/{}", named["KeyId"].as_str().unwrap());
        assert!(!is_allowed(aws, &made, "kms", "DescribeKey", json!({"KeyId": arn.clone()})).await, "{name}");
        let role = json!({"RoleArn": "arn:aws:iam::000000000000:role/x/worker", "RoleSessionName": "s1"});
        assert!(!is_allowed(aws, &made, "sts", "AssumeRole", role.clone()).await, "{name}");
        let before = signer(&aws.expected["users"]["alice"]);
        assert!(is_allowed(aws, &before, "kms", "DescribeKey", json!({"KeyId": arn})).await, "it is she still");
        assert!(is_allowed(aws, &before, "sts", "AssumeRole", role).await, "it is she still");
    }
    let now = aws.ok("kms", "GetKeyPolicy", named).await;
    let escaped = r#"arn:aws:iam::000000000000:user\\/team\\/alice"#;
    assert!(policy.contains(escaped), "{policy}");
    let (before, after) = policy.split_once("arn:aws:iam::000000000000:user/carol").expect("carol");
    let renamed = before.replace(escaped, "arn:aws:iam::000000000000:user/anna");
    let id = now.get(renamed.len()..renamed.len() + 21).expect("an identifier");
    assert!(now.starts_with(&renamed) && id.starts_with("AIDA") && now.ends_with(after), "{now}");
}

#[tokio::test]
async fn a_migration_that_binds_documents_is_cut_off_anywhere_and_goes_on() {
    let folder = copy_of(3);
    let before = everything(&Sqlite::open(folder.path(), [0; 16]).expect("a store")).await;
    let (whole, clock) = (Arc::new(Watched::default()), Arc::new(clock(EARLY)));
    write(&whole.memory, &before).await;
    watched::not_migrated(whole.clone(), clock.clone(), json!({})).migrate().await.expect("a migration");
    let after = everything(&whole.memory).await;
    assert_eq!(after.keys().filter(|(space, _)| *space == Space::Principal).count(), 9);
    let bound = after.values().filter(|body| String::from_utf8_lossy(body).contains("\"pins\":")).count();
    assert_eq!(bound, 4, "two keys and two roles of AWS");
    for commits in 0.. {
        let store = Arc::new(Watched::default());
        write(&store.memory, &before).await;
        store.fail_after(Some(commits));
        let engine = watched::not_migrated(store.clone(), clock.clone(), json!({}));
        if engine.migrate().await.is_ok() {
            assert!(commits > 3, "it is not cut off anywhere");
            break;
        }
        store.fail_after(None);
        watched::not_migrated(store.clone(), clock.clone(), json!({})).migrate().await.expect("a migration");
        assert!(everything(&store.memory).await == after, "cut off after {commits} commits");
    }
}

/// Every space, for copies of whole stores.
const SPACES: [Space; 22] = [
    Space::Meta,
    Space::Key,
    Space::KeyVersion,
    Space::Alias,
    Space::Grant,
    Space::RetirableGrant,
    Space::Account,
    Space::User,
    Space::Group,
    Space::GroupName,
    Space::GroupOfUser,
    Space::UserOfGroup,
    Space::Role,
    Space::Principal,
    Space::Policy,
    Space::PolicyOfHolder,
    Space::HolderOfPolicy,
    Space::AccessKey,
    Space::OwnerKey,
    Space::Due,
    Space::Outbox,
    Space::Lease,
];

/// All that is stored, by space and path.
type Records = BTreeMap<(Space, String), Vec<u8>>;

async fn everything(store: &dyn Store) -> Records {
    let mut all = BTreeMap::new();
    for space in SPACES {
        let records = store.scan(space, "", None, usize::MAX >> 1).await.expect("records");
        all.extend(records.into_iter().map(|record| ((space, record.path), record.body)));
    }
    all
}

async fn write(store: &dyn Store, records: &Records) {
    let puts = records.iter().map(|((space, path), body)| Change::Put {
        space: *space,
        path: path.clone(),
        expect: Expect::Any,
        body: body.clone(),
    });
    store.commit(puts.collect()).await.expect("a commit");
}

/// The second format's records of a group with many users: more than is written at once.
fn with_a_large_group(mut records: Records) -> Records {
    let read = |records: &Records, space, path: &str| -> Value {
        serde_json::from_slice(&records[&(space, format!("aws\u{1f}000000000000\u{1f}{path}"))]).expect("JSON")
    };
    let (mut group, user) = (read(&records, Space::Group, "staff"), read(&records, Space::User, "bob"));
    for at in 0..300 {
        let (name, mut user) = (format!("many{at:03}"), user.clone());
        group["members"][&name] = json!("2026-11-30T00:00:00Z");
        (user["name"], user["id"]) = (json!(name), json!(format!("AIDA{at:03}")));
        let path = format!("aws\u{1f}000000000000\u{1f}{name}");
        records.insert((Space::User, path), user.to_string().into_bytes());
    }
    records.insert((Space::Group, "aws\u{1f}000000000000\u{1f}staff".to_owned()), group.to_string().into_bytes());
    records
}

#[tokio::test]
async fn a_migration_that_is_cut_off_anywhere_goes_on_and_loses_and_doubles_nothing() {
    let folder = copy_of(2);
    let before = everything(&Sqlite::open(folder.path(), [0; 16]).expect("a store")).await;
    let before = with_a_large_group(before);
    let (whole, clock) = (Arc::new(Watched::default()), Arc::new(clock(EARLY)));
    write(&whole.memory, &before).await;
    watched::not_migrated(whole.clone(), clock.clone(), json!({})).migrate().await.expect("a migration");
    let after = everything(&whole.memory).await;
    let count = |space| after.keys().filter(|(of, _)| *of == space).count();
    assert_eq!((count(Space::UserOfGroup), count(Space::GroupOfUser)), (310, 310));
    assert_eq!((count(Space::PolicyOfHolder), count(Space::HolderOfPolicy)), (321, 321));
    let text: String = after.values().map(|body| String::from_utf8_lossy(body)).collect();
    assert!(!["\"members\":", "\"groups\":", "\"attached\":", "\"attached_to\":"].iter().any(|old| text.contains(old)));

    for commits in 0.. {
        let store = Arc::new(Watched::default());
        write(&store.memory, &before).await;
        store.fail_after(Some(commits));
        let engine = watched::not_migrated(store.clone(), clock.clone(), json!({}));
        if engine.migrate().await.is_ok() {
            println!("{commits} commits in all");
            assert!(commits > 3, "it is not cut off anywhere");
            break;
        }
        store.fail_after(None);
        watched::not_migrated(store.clone(), clock.clone(), json!({})).migrate().await.expect("a migration");
        assert!(everything(&store.memory).await == after, "cut off after {commits} commits");
    }
}

#[tokio::test]
async fn who_was_refused_for_a_group_that_cannot_be_read_is_refused_after_the_migration_too() {
    let (folder, clouds) = (copy_of(2), clouds());
    let store = Sqlite::open(folder.path(), [0; 16]).expect("a store");
    for place in ["aws\u{1f}000000000000\u{1f}ops", "alibaba\u{1f}1000000000000000\u{1f}ops"] {
        assert!(store.get(Space::Group, place).await.expect("read").is_some());
        let broken =
            Change::Put { space: Space::Group, path: place.to_owned(), expect: Expect::Any, body: b"{".to_vec() };
        store.commit(vec![broken]).await.expect("a commit");
    }
    drop(store);
    let engine = open_of(2, folder.path(), &clock(EARLY)).await.expect("an engine");
    for kept in Kept::all_of(2, &clouds, &engine) {
        for (user, allowed) in [("alice", false), ("Bob", true)] {
            let (status, body) = kept.by(&signer(&kept.expected["users"][user]), "kms", "ListKeys", json!({})).await;
            assert_eq!(status == 200, allowed, "{user}: {body}");
            assert!(allowed || status >= 500, "{user}: {body}");
        }
    }
}
