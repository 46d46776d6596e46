//! Who is read again after which change: those whose records were written, and nobody else.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

const ANN: &str = "AKIAANN0000000000001";
const BOB: &str = "AKIABOB0000000000001";

/// A store that counts how often each record is read.
#[derive(Default)]
struct Counted {
    memory: Memory,
    reads: Mutex<HashMap<(Space, String), usize>>,
}

#[async_trait::async_trait]
impl Store for Counted {
    async fn get(&self, space: Space, path: &str) -> Result<Option<Record>, StoreError> {
        self.note(space, path);
        self.memory.get(space, path).await
    }

    async fn scan(&self, s: Space, prefix: &str, after: Option<&str>, n: usize) -> Result<Vec<Record>, StoreError> {
        self.memory.scan(s, prefix, after, n).await
    }

    async fn get_many(&self, wanted: &[(Space, &str)]) -> Result<Vec<Option<Record>>, StoreError> {
        wanted.iter().for_each(|(space, path)| self.note(*space, path));
        self.memory.get_many(wanted).await
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
        self.memory.commit(changes).await
    }

    async fn changes(&self, since: Head) -> Result<Changes, StoreError> {
        self.memory.changes(since).await
    }

    async fn clear(&self) -> Result<(), StoreError> {
        self.memory.clear().await
    }
}

impl Counted {
    fn note(&self, space: Space, path: &str) {
        *self.reads.lock().unwrap().entry((space, path.to_owned())).or_default() += 1;
    }

    fn of(&self, space: Space, segments: &[&str]) -> usize {
        let path = segments.join(&SEPARATOR.to_string());
        self.reads.lock().unwrap().get(&(space, path)).copied().unwrap_or_default()
    }
}

/// Ann is in a group, with a policy attached to her and one to the group; Bob is in no group.
async fn cloud_of_two(store: Arc<dyn Store>) -> Cloud {
    let cloud = cloud_on(store, json!({ "Effect": "Deny", "Action": "none:None", "Resource": "*" })).await;
    let key = |id: &str| json!([{ "id": id, "secret": format!("secret of {id}") }]);
    let read: serde_json::Value = serde_json::from_str(READ).unwrap();
    let seed = json!({ "aws": [{
        "account": "111122223333",
        "policies": [{ "name": "hers", "document": read }, { "name": "theirs", "document": read }],
        "groups": [{ "name": "g", "attached": ["theirs"] }, { "name": "other" }],
        "users": [
            { "name": "ann", "access_keys": key(ANN), "groups": ["g"], "attached": ["hers"], "inline": { "own": read } },
            { "name": "bob", "access_keys": key(BOB), "attached": ["hers"] },
        ],
        "roles": [{ "name": "reader", "path": "/x/", "trust": serde_json::from_str::<serde_json::Value>(TRUST).unwrap() }],
    }] });
    cloud.engine.apply(&serde_json::from_value(seed).unwrap()).await.unwrap();
    cloud
}

#[tokio::test]
async fn a_change_makes_those_read_again_who_were_made_of_it_and_nobody_else() {
    let store = Arc::new(Counted::default());
    let cloud = cloud_of_two(store.clone()).await;
    let assumed = [("RoleArn", &*format!("{IAM}role/x/reader")), ("RoleSessionName", "S1")];
    let assumed = cloud.ok(ADMIN, "AssumeRole", &assumed).await;
    let session = || {
        let secret = AccessSecret::new(within(&assumed, "SecretAccessKey"));
        Who(Credential::new(within(&assumed, "AccessKeyId"), secret), Some(within(&assumed, "SessionToken")))
    };
    // How often each of the three is read for a request of its own.
    let asked = || async {
        let before = [
            store.of(Space::AccessKey, &["aws", ANN]),
            store.of(Space::AccessKey, &["aws", BOB]),
            store.of(Space::Role, &["aws", "111122223333", "reader"]),
        ];
        cloud.ok(ANN, "GetCallerIdentity", &[]).await;
        cloud.ok(BOB, "GetCallerIdentity", &[]).await;
        cloud.ok(session(), "GetCallerIdentity", &[]).await;
        [
            store.of(Space::AccessKey, &["aws", ANN]) - before[0],
            store.of(Space::AccessKey, &["aws", BOB]) - before[1],
            store.of(Space::Role, &["aws", "111122223333", "reader"]) - before[2],
        ]
    };
    assert_eq!(asked().await, [1, 1, 1], "at first");
    assert_eq!(asked().await, [0, 0, 0], "known by now");
    let (hers, theirs) = (format!("{IAM}policy/hers"), format!("{IAM}policy/theirs"));
    let document = ("PolicyDocument", READ);
    let (nobody, ann, bob, both, role) = ([0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1]);
    for (operation, arguments, read) in [
        ("CreateUser", vec![("UserName", "cat")], nobody),
        ("AddUserToGroup", vec![("UserName", "cat"), ("GroupName", "other")], nobody),
        ("AddUserToGroup", vec![("UserName", "cat"), ("GroupName", "g")], nobody),
        ("AttachUserPolicy", vec![("UserName", "cat"), ("PolicyArn", &hers)], nobody),
        ("AttachUserPolicy", vec![("UserName", "ann"), ("PolicyArn", &theirs)], ann),
        ("AttachGroupPolicy", vec![("GroupName", "g"), ("PolicyArn", &hers)], ann),
        ("DetachGroupPolicy", vec![("GroupName", "g"), ("PolicyArn", &hers)], ann),
        ("UpdateGroup", vec![("GroupName", "g"), ("NewGroupName", "h")], ann),
        ("UpdateGroup", vec![("GroupName", "h"), ("NewGroupName", "g")], ann),
        ("PutGroupPolicy", vec![("GroupName", "other"), ("PolicyName", "p"), document], nobody),
        ("CreateRole", vec![("RoleName", "s"), ("AssumeRolePolicyDocument", TRUST)], nobody),
        ("CreatePolicy", vec![("PolicyName", "p"), document], nobody),
        ("CreateAccessKey", vec![("UserName", "cat")], nobody),
        ("PutUserPolicy", vec![("UserName", "ann"), ("PolicyName", "p"), document], ann),
        ("PutUserPolicy", vec![("UserName", "bob"), ("PolicyName", "p"), document], bob),
        ("PutGroupPolicy", vec![("GroupName", "g"), ("PolicyName", "p"), document], ann),
        ("CreatePolicyVersion", vec![("PolicyArn", &theirs), document, ("SetAsDefault", "true")], ann),
        ("CreatePolicyVersion", vec![("PolicyArn", &hers), document, ("SetAsDefault", "true")], both),
        ("UpdateRole", vec![("RoleName", "reader"), ("Description", "x")], role),
        ("PutRolePolicy", vec![("RoleName", "reader"), ("PolicyName", "p"), document], role),
        (
            "AttachRolePolicy",
            vec![("RoleName", "reader"), ("PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess")],
            role,
        ),
        ("UpdateAccessKey", vec![("UserName", "bob"), ("AccessKeyId", BOB), ("Status", "Active")], bob),
        ("AddUserToGroup", vec![("UserName", "bob"), ("GroupName", "other")], bob),
        ("PutGroupPolicy", vec![("GroupName", "other"), ("PolicyName", "p"), document], bob),
        ("RemoveUserFromGroup", vec![("UserName", "ann"), ("GroupName", "g")], ann),
        ("PutGroupPolicy", vec![("GroupName", "g"), ("PolicyName", "q"), document], nobody),
        ("DetachUserPolicy", vec![("UserName", "bob"), ("PolicyArn", &hers)], bob),
    ] {
        cloud.ok(ADMIN, operation, &arguments).await;
        assert_eq!(asked().await, read, "{operation} {arguments:?}");
        assert_eq!(asked().await, nobody, "{operation}: known again");
    }
}

#[tokio::test]
async fn what_a_conflict_was_about_is_read_again_even_if_it_was_only_checked() {
    let store = Arc::new(Memory::new());
    let cloud = cloud_of_two(store.clone()).await;
    let world = cloud.engine.world();
    let read = async || world.key(&DIALECT, "111122223333", "us-east-1", KEY).await.unwrap().unwrap().rev;
    let (known, space) = (read().await, Space::Key);
    let path = ["aws", "111122223333", "us-east-1", KEY].join(&SEPARATOR.to_string());
    let body = store.get(space, &path).await.unwrap().unwrap().body;
    store.commit(vec![Change::Put { space, path: path.clone(), expect: Expect::Any, body }]).await.unwrap();
    assert_eq!(read().await, known, "at hand");
    assert!(world.commit(vec![Change::Check { space, path, expect: Expect::Rev(known) }]).await.is_err());
    assert_ne!(read().await, known);
}

/// Every answer is judged by what was written before it was asked for, whoever else reads the same user meanwhile.
#[test]
fn a_permission_that_was_taken_away_is_gone_for_the_next_request_however_many_ask_meanwhile() {
    let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    let cloud = runtime().block_on(cloud_of_two(Arc::new(Memory::new())));
    let (cloud, done) = (&cloud, &AtomicBool::new(false));
    let deny = READ.replace("Allow", "Deny");
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(move || {
                runtime().block_on(async {
                    while !done.load(Ordering::Relaxed) {
                        cloud.call(BOB, "GetUser", &[("UserName", "bob")]).await;
                    }
                });
            });
        }
        runtime().block_on(async {
            for round in 0..100 {
                let (document, status) = if round % 2 == 0 { (deny.as_str(), 403) } else { (READ, 200) };
                let arguments = [("UserName", "bob"), ("PolicyName", "own"), ("PolicyDocument", document)];
                cloud.ok(ADMIN, "PutUserPolicy", &arguments).await;
                let answer = cloud.call(BOB, "GetUser", &[("UserName", "bob")]).await;
                assert_eq!(answer.0, status, "round {round}: {}", answer.1);
            }
        });
        done.store(true, Ordering::Relaxed);
    });
}
