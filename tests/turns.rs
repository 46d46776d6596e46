//! Changes of one thing take turns: nobody is overtaken again and again, and what restricts goes first.
//!
//! `POLYKMS_ROUNDS` says how often each restriction is tried beside the writers; `just rush` tries it more often, in release.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod cloud;
mod program;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use cloud::{Cloud, KEY, OTHER, Signer, ask, clouds};
use polykms::core::dialect::row::Status;
use polykms::core::engine::{Engine, Ports, Settings};
use polykms::core::operation::Effect;
use polykms::core::port::audit::NoAudit;
use polykms::core::port::{Change, Changes, Head, Record, Space, Store, StoreError};
use polykms_crypto::{Keyring, Software};
use polykms_host::{OsRandom, SystemClock};
use polykms_store::{Memory, Nonces};
use program::Program;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

/// How many write at once: threads, and connections of each.
const THREADS: usize = 4;
const WRITERS: usize = 16;

fn rounds() -> usize {
    std::env::var("POLYKMS_ROUNDS").map_or(200, |text| text.parse().expect("a number"))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// One thing that is asked: service, operation and arguments.
type Asked = (&'static str, &'static str, Value);

async fn answered(engine: &Engine, cloud: &Cloud, (service, operation, arguments): &Asked) -> (u16, String) {
    let service = cloud.dialect.services.iter().find(|known| known.name == *service).expect("a service");
    ask(engine, cloud.request(service, operation, arguments, Some("owner"))).await
}

/// Many who change one thing, and somebody who restricts it and undoes that.
struct Rush {
    what: &'static str,
    writers: Vec<Asked>,
    restriction: [Asked; 2],
}

fn rushes(cloud: &Cloud) -> Vec<Rush> {
    let aws = cloud.dialect.name == "aws";
    let people = if aws { "iam" } else { "ram" };
    let (attach, detach) =
        if aws { ("AttachUserPolicy", "DetachUserPolicy") } else { ("AttachPolicyToUser", "DetachPolicyFromUser") };
    let policy = |name: &str| match aws {
        true => json!({"UserName": "ann", "PolicyArn": format!("arn:aws:iam::{}:policy/{name}", cloud.account)}),
        false => json!({"UserName": "ann", "PolicyName": name, "PolicyType": "Custom"}),
    };
    let member = |group: &str| json!({"UserName": "ann", "GroupName": group});
    let access_key = |status: &str| match aws {
        true => json!({"UserName": "ann", "AccessKeyId": cloud.access_key, "Status": status}),
        false => json!({"UserName": "ann", "UserAccessKeyId": cloud.access_key, "Status": status}),
    };
    let switched = || [("kms", "DisableKey", json!({"KeyId": KEY})), ("kms", "EnableKey", json!({"KeyId": KEY}))];
    let alias = |key: &str| match aws {
        true => json!({"AliasName": "alias/known", "TargetKeyId": key}),
        false => json!({"AliasName": "alias/known", "KeyId": key}),
    };
    vec![
        Rush {
            what: "descriptions",
            writers: vec![("kms", "UpdateKeyDescription", json!({"KeyId": KEY, "Description": "one"}))],
            restriction: switched(),
        },
        Rush {
            what: "aliases",
            writers: vec![("kms", "UpdateAlias", alias(OTHER)), ("kms", "UpdateAlias", alias(KEY))],
            restriction: switched(),
        },
        Rush {
            what: "members",
            writers: vec![
                (people, "AddUserToGroup", member("baregrp")),
                (people, "RemoveUserFromGroup", member("baregrp")),
            ],
            restriction: [(people, "RemoveUserFromGroup", member("grp")), (people, "AddUserToGroup", member("grp"))],
        },
        Rush {
            what: "attachments",
            writers: vec![(people, attach, policy("barepol")), (people, detach, policy("barepol"))],
            restriction: [(people, detach, policy("pol")), (people, attach, policy("pol"))],
        },
        Rush {
            what: "access keys",
            writers: vec![(people, "CreateAccessKey", json!({"UserName": "ann"}))],
            restriction: [
                (people, "UpdateAccessKey", access_key("Inactive")),
                (people, "UpdateAccessKey", access_key("Active")),
            ],
        },
    ]
}

/// Writes again and again until told to stop; tells what failed.
async fn write(engine: Arc<Engine>, cloud: Arc<Cloud>, writers: Arc<Vec<Asked>>, state: Arc<State>, first: usize) {
    for at in first.. {
        if state.stopped.load(Ordering::Relaxed) {
            return;
        }
        // What is refused at once gives way to nobody by itself.
        tokio::task::yield_now().await;
        let asked = &writers[at % writers.len()];
        let (status, body) = answered(&engine, &cloud, asked).await;
        state.told(status, &body);
        if asked.1 == "CreateAccessKey" && status == 200 {
            let made = Signer::of(&body).id;
            let named = if asked.0 == "iam" { "AccessKeyId" } else { "UserAccessKeyId" };
            let (status, body) =
                answered(&engine, &cloud, &(asked.0, "DeleteAccessKey", json!({"UserName": "ann", named: made}))).await;
            state.told(status, &body);
        }
    }
}

#[derive(Default)]
struct State {
    stopped: AtomicBool,
    written: AtomicUsize,
    failures: Mutex<Vec<String>>,
}

impl State {
    fn told(&self, status: u16, body: &str) {
        if status == 200 {
            self.written.fetch_add(1, Ordering::Relaxed);
        }
        if status >= 500 {
            self.failures.lock().unwrap().push(format!("{status}: {body}"));
        }
    }
}

/// What became of the restrictions, and of the writers beside them.
fn rush(cloud: Cloud, rush: Rush, rounds: usize) {
    let Rush { what, writers, restriction } = rush;
    let runtime = runtime();
    let (engine, gate) = runtime.block_on(gated(&cloud));
    gate.open.add_permits(Semaphore::MAX_PERMITS / 2);
    let (cloud, writers, state) = (Arc::new(cloud), Arc::new(writers), Arc::new(State::default()));
    let mut refused = Vec::new();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (engine, cloud, writers, state) = (&engine, &cloud, &writers, &state);
            scope.spawn(move || {
                let mut tasks = tokio::task::JoinSet::new();
                let worker = self::runtime();
                for writer in 0..WRITERS {
                    let (writers, state) = (Arc::clone(writers), Arc::clone(state));
                    let first = thread * WRITERS + writer;
                    tasks.spawn_on(write(engine.clone(), cloud.clone(), writers, state, first), worker.handle());
                }
                worker.block_on(async { while tasks.join_next().await.is_some() {} });
            });
        }
        for round in 0..rounds {
            let (status, body) = runtime.block_on(answered(&engine, &cloud, &restriction[round % 2]));
            if status != 200 {
                refused.push(format!("{round}: {status}: {body}"));
            }
        }
        state.stopped.store(true, Ordering::Relaxed);
    });
    let (name, failures) = (cloud.dialect.name, state.failures.lock().unwrap());
    println!("{name}, {what}: {} writes beside {rounds} restrictions", state.written.load(Ordering::Relaxed));
    assert!(refused.is_empty(), "{name}, {what}: {} of {rounds} were refused: {}", refused.len(), refused[0]);
    assert!(failures.is_empty(), "{name}, {what}: {} writes failed: {}", failures.len(), failures[0]);
    assert!(state.written.load(Ordering::Relaxed) > 0, "{name}, {what}: nobody wrote");
}

fn rush_at(what: &str, rounds: usize) {
    for cloud in clouds() {
        let meant = rushes(&cloud).into_iter().find(|rush| rush.what == what).expect("a rush");
        rush(cloud, meant, rounds);
    }
}

#[test]
fn two_hundred_restrictions_of_a_key_are_done_beside_sixty_four_writers() {
    rush_at("descriptions", rounds());
}

#[test]
fn an_alias_that_is_pointed_to_and_fro_keeps_nobody_from_disabling_its_key() {
    rush_at("aliases", rounds() / 4);
}

#[test]
fn group_joins_keep_nobody_from_removing_a_member() {
    rush_at("members", rounds() / 4);
}

#[test]
fn attachments_keep_nobody_from_detaching_a_policy() {
    rush_at("attachments", rounds() / 4);
}

#[test]
fn the_rotation_of_access_keys_keeps_nobody_from_deactivating_one() {
    rush_at("access keys", rounds() / 4);
}

#[test]
fn sixty_four_connections_on_one_key_are_answered_without_a_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = ["dev", "--data-dir", "data", "--threads", "4", "--seed", "seed.json"];
    let mut seed = serde_json::Map::new();
    for cloud in clouds() {
        let account = json!({"account": cloud.account, "keys": [{"id": KEY, "region": cloud.region}],
            "owner": [{"id": "owner", "secret": "secret"}]});
        seed.insert(cloud.dialect.name.to_owned(), json!([account]));
    }
    std::fs::write(folder.path().join("seed.json"), Value::from(seed).to_string()).expect("a seed");
    let server = Program::new(arguments).start(folder.path());
    for cloud in clouds() {
        let service = cloud.dialect.services.iter().find(|known| known.name == "kms").expect("a service");
        let statuses = std::thread::scope(|scope| {
            let (server, cloud) = (&server, &cloud);
            let connections = (0..THREADS * WRITERS).map(|connection| {
                scope.spawn(move || {
                    let say = |round| format!("{connection} for the {round}th time");
                    let ask = |round| match (connection, round % 2) {
                        (0, 0) => ("DisableKey", json!({"KeyId": KEY})),
                        (0, _) => ("EnableKey", json!({"KeyId": KEY})),
                        _ => ("UpdateKeyDescription", json!({"KeyId": KEY, "Description": say(round)})),
                    };
                    let one = |round| {
                        let (operation, arguments) = ask(round);
                        server.send(cloud.request(service, operation, &arguments, Some("owner"))).0
                    };
                    (0..10).map(one).collect::<Vec<_>>()
                })
            });
            let connections: Vec<_> = connections.collect();
            connections.into_iter().flat_map(|connection| connection.join().expect("answers")).collect::<Vec<_>>()
        });
        assert_eq!(statuses.len(), THREADS * WRITERS * 10);
        assert!(statuses.iter().all(|status| *status == 200), "{}: {statuses:?}", cloud.dialect.name);
    }
    assert_eq!(server.stop().code(), Some(0));
}

/// A store whose commits wait to be let through, give way to others at the least, and are remembered.
struct Gate {
    memory: Memory,
    open: Semaphore,
    commits: Mutex<Vec<String>>,
}

#[async_trait::async_trait]
impl Store for Gate {
    async fn get(&self, space: Space, path: &str) -> Result<Option<Record>, StoreError> {
        self.memory.get(space, path).await
    }

    async fn get_many(&self, wanted: &[(Space, &str)]) -> Result<Vec<Option<Record>>, StoreError> {
        self.memory.get_many(wanted).await
    }

    async fn scan(
        &self,
        space: Space,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        self.memory.scan(space, prefix, after, limit).await
    }

    async fn paths(
        &self,
        space: Space,
        prefix: &str,
        after: Option<&str>,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        self.memory.paths(space, prefix, after, skip, limit).await
    }

    async fn count(&self, space: Space, prefix: &str) -> Result<usize, StoreError> {
        self.memory.count(space, prefix).await
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<u64, StoreError> {
        tokio::task::yield_now().await;
        self.open.acquire().await.expect("it is never closed").forget();
        let bodies = changes.iter().filter_map(|change| match change {
            Change::Put { body, .. } => Some(String::from_utf8_lossy(body).into_owned()),
            Change::Delete { .. } | Change::Check { .. } => None,
        });
        let written = bodies.collect();
        let revision = self.memory.commit(changes).await?;
        self.commits.lock().unwrap().push(written);
        Ok(revision)
    }

    async fn changes(&self, since: Head) -> Result<Changes, StoreError> {
        self.memory.changes(since).await
    }

    async fn clear(&self) -> Result<(), StoreError> {
        self.memory.clear().await
    }
}

/// An engine of a cloud whose commits wait from now on.
async fn gated(cloud: &Cloud) -> (Arc<Engine>, Arc<Gate>) {
    let gate = Gate { memory: Memory::new(), open: Semaphore::new(1000), commits: Mutex::default() };
    let gate = Arc::new(gate);
    let ports = Ports {
        store: gate.clone(),
        crypto: Arc::new(Software::new(Keyring::fresh(&OsRandom).expect("a key ring"), Arc::new(OsRandom))),
        once: Arc::new(Nonces::default()),
        clock: Arc::new(SystemClock),
        random: Arc::new(OsRandom),
        audit: Arc::new(NoAudit),
    };
    let document = cloud.policy(&[("Allow", vec!["none:Nothing"])]);
    let account = json!({"account": cloud.account, "owner": [{"id": "owner", "secret": "secret"}],
        "keys": [{"id": KEY, "region": cloud.region, "aliases": ["alias/known"]}, {"id": OTHER, "region": cloud.region}],
        "policies": [{"name": "pol", "document": document}, {"name": "barepol", "document": document},
            {"name": "denies", "document": cloud.policy(&[("Deny", vec!["*"])])}],
        "groups": [{"name": "grp"}, {"name": "baregrp"}],
        "users": [{"name": "ann", "groups": ["grp"], "attached": ["pol"],
            "access_keys": [{"id": cloud.access_key, "secret": "secret"}]}]});
    let seed: polykms::Seed = serde_json::from_value(json!({cloud.dialect.name: [account]})).expect("a seed");
    let settings = Settings { seed: Some(seed.into()), ..Settings::default() };
    let engine = Arc::new(Engine::new(ports, polykms::registry().expect("dialects"), settings));
    engine.migrate().await.expect("a migration");
    engine.sow().await.expect("sown");
    gate.open.forget_permits(usize::MAX);
    gate.commits.lock().unwrap().clear();
    (engine, gate)
}

#[tokio::test]
async fn a_restriction_goes_before_all_ordinary_changes_that_wait() {
    for cloud in clouds() {
        let cloud = Arc::new(cloud);
        let (engine, gate) = gated(&cloud).await;
        let mut answers = tokio::task::JoinSet::new();
        let mut start = |operation: &'static str, arguments: Value| {
            let (engine, cloud) = (Arc::clone(&engine), Arc::clone(&cloud));
            answers.spawn(async move { answered(&engine, &cloud, &("kms", operation, arguments)).await.0 });
        };
        for writer in 0..20 {
            start("UpdateKeyDescription", json!({"KeyId": KEY, "Description": format!("of writer {writer}")}));
            tokio::task::yield_now().await;
        }
        start("DisableKey", json!({"KeyId": KEY}));
        tokio::task::yield_now().await;
        // Whoever is being committed already stays before it.
        gate.open.add_permits(1000);
        let statuses = answers.join_all().await;
        assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
        let commits = gate.commits.lock().unwrap();
        let disabled = commits.iter().position(|written| written.contains("Disabled")).expect("it is disabled");
        assert_eq!((commits.len(), disabled), (21, 1), "{}", cloud.dialect.name);
        let order: Vec<_> = commits.iter().filter_map(|written| written.split("of writer ").nth(1)).collect();
        let order: Vec<usize> = order.iter().map(|rest| rest.split('"').next().unwrap().parse().unwrap()).collect();
        let after: Vec<_> = order.iter().skip(2).copied().collect();
        assert_eq!((order[0], after), (0, (1..20).collect::<Vec<_>>()), "{}", cloud.dialect.name);
    }
}

#[tokio::test]
async fn whether_a_change_restricts_depends_on_what_it_says() {
    let cloud = Arc::new(clouds().remove(0));
    let attach = |name: &str| {
        (
            "AttachUserPolicy",
            json!({"UserName": "ann", "PolicyArn": format!("arn:aws:iam::{}:policy/{name}", cloud.account)}),
        )
    };
    let switch = |status: &str| {
        ("UpdateAccessKey", json!({"UserName": "ann", "AccessKeyId": cloud.access_key, "Status": status}))
    };
    for ((operation, arguments), first) in [
        (attach("denies"), true),
        (attach("barepol"), false),
        (switch("Inactive"), true),
        (switch("Active"), false),
        (("RemoveUserFromGroup", json!({"UserName": "ann", "GroupName": "grp"})), true),
        (("AddUserToGroup", json!({"UserName": "ann", "GroupName": "baregrp"})), false),
    ] {
        let (engine, gate) = gated(&cloud).await;
        let done = Arc::new(Mutex::new(Vec::new()));
        let mut answers = tokio::task::JoinSet::new();
        let mut start = |operation: &'static str, arguments: Value| {
            let (engine, cloud, done) = (Arc::clone(&engine), Arc::clone(&cloud), Arc::clone(&done));
            answers.spawn(async move {
                let (status, body) = answered(&engine, &cloud, &("iam", operation, arguments)).await;
                assert_eq!(status, 200, "{body}");
                done.lock().unwrap().push(operation);
            });
        };
        for writer in 0..10 {
            start("UpdateUser", json!({"UserName": "ann", "NewPath": format!("/{writer}/")}));
            tokio::task::yield_now().await;
        }
        start(operation, arguments.clone());
        tokio::task::yield_now().await;
        gate.open.add_permits(1000);
        answers.join_all().await;
        let place = done.lock().unwrap().iter().position(|done| *done == operation);
        assert_eq!(place, Some(if first { 1 } else { 10 }), "{operation} {arguments}");
    }
}

/// The operations that restrict, or may.
const RESTRICTING: &[&str] = &[
    "AttachPolicy",
    "CreatePolicyVersion",
    "DeleteAccessKey",
    "DeleteAlias",
    "DeleteGroup",
    "DeleteInlinePolicy",
    "DeletePolicy",
    "DeletePolicyVersion",
    "DeleteRole",
    "DeleteUser",
    "DetachPolicy",
    "DisableKey",
    "PutInlinePolicy",
    "PutKeyPolicy",
    "RemoveUserFromGroup",
    "RetireGrant",
    "RevokeGrant",
    "ScheduleKeyDeletion",
    "SetDefaultPolicyVersion",
    "SetDeletionProtection",
    "UpdateAccessKey",
    "UpdateRole",
];

/// The operations that change something and restrict nobody.
const ORDINARY: &[&str] = &[
    "AddUserToGroup",
    "CancelKeyDeletion",
    "CreateAccessKey",
    "CreateAlias",
    "CreateGrant",
    "CreateGroup",
    "CreateKey",
    "CreatePolicy",
    "CreateRole",
    "CreateUser",
    "DeleteLoginProfile",
    "EnableKey",
    "RotateKey",
    "SetKeyRotation",
    "TagIdentities",
    "TagKey",
    "TagKeys",
    "UnbindMFADevice",
    "UntagIdentities",
    "UntagKey",
    "UntagKeys",
    "UpdateAlias",
    "UpdateGroup",
    "UpdateKeyDescription",
    "UpdatePolicyDescription",
    "UpdateUser",
];

#[test]
fn of_every_operation_that_changes_something_it_is_known_whether_it_restricts() {
    let (mut restricting, mut ordinary) = (BTreeSet::new(), BTreeSet::new());
    for cloud in clouds() {
        for status in [Status::Built, Status::Open] {
            for (_, row) in cloud::rows(cloud.dialect, status) {
                match row.effect() {
                    Effect::Restricts => restricting.insert(row.operation()),
                    Effect::Changes => ordinary.insert(row.operation()),
                    Effect::Reads | Effect::Issues => false,
                };
            }
        }
    }
    assert_eq!(restricting.into_iter().collect::<Vec<_>>(), RESTRICTING);
    assert_eq!(ordinary.into_iter().collect::<Vec<_>>(), ORDINARY);
}
