//! Who is in which group and what is attached to whom, in both clouds: what it costs when there are many, and what happens
//! when many change it at once.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod cloud;
mod watched;

use std::sync::{Arc, Barrier};
use std::time::Duration;

use cloud::{Cloud, ask, clouds};
use futures_util::StreamExt as _;
use polykms::Client;
use polykms::core::engine::{Engine, Local};
use polykms::core::name::below;
use polykms::core::port::{Change, Expect, Space, Store};
use polykms_host::ManualClock;
use serde_json::{Value, json};
use watched::{Before, Meanwhile, Watched};

/// How many others a large group or a widely used policy has.
const MANY: usize = 10_000;
/// How many do something at once.
const AT_ONCE: usize = 32;

/// One cloud with an account: `ann` is in the group `few` and has access keys, `plenty` is empty; `policy` allows listing
/// keys, and is attached to nobody.
struct World {
    cloud: Cloud,
    store: Arc<Watched>,
    engine: Arc<Engine>,
    /// Another one on the same store: the two do not wait for each other.
    other: Arc<Engine>,
}

/// What is asked, and by whom.
struct Asked {
    who: &'static str,
    operation: &'static str,
    arguments: Value,
}

fn owner(operation: &'static str, arguments: Value) -> Asked {
    Asked { who: "owner", operation, arguments }
}

impl World {
    async fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for cloud in clouds() {
            let store = Arc::new(Watched::default());
            let clock = Arc::new(ManualClock::at(jiff::Timestamp::now()));
            let document = cloud.policy(&[("Allow", vec!["kms:ListKeys"])]);
            let seed = json!({cloud.dialect.name: [{
                "account": cloud.account,
                "owner": [{"id": "owner", "secret": "secret"}],
                "policies": [{"name": "policy", "document": document}],
                "groups": [{"name": "few"}, {"name": "plenty"}],
                "users": [{"name": "ann", "groups": ["few"], "access_keys": [{"id": "ann", "secret": "secret"}]}],
            }]});
            let engine = watched::engine(store.clone(), clock, seed).await;
            let (ports, dialects) = (engine.world().ports.clone(), polykms::registry().expect("dialects"));
            let other = Arc::new(Engine::new(ports, dialects, polykms::Settings::default()));
            all.push(Self { cloud, store, engine, other });
        }
        all
    }

    fn is_aws(&self) -> bool {
        self.cloud.dialect.name == "aws"
    }

    /// What the vendor calls the limit to groups of a user, and to policies attached to one.
    fn limits(&self) -> (usize, usize) {
        if self.is_aws() { (10, 10) } else { (5, 10) }
    }

    fn request(&self, asked: &Asked) -> polykms::core::dialect::Request {
        let identities = if self.is_aws() { "iam" } else { "ram" };
        let service = if asked.operation == "ListKeys" { "kms" } else { identities };
        let service = self.cloud.dialect.services.iter().find(|known| known.name == service).expect("a service");
        self.cloud.request(service, asked.operation, &asked.arguments, Some(asked.who))
    }

    async fn ask(&self, asked: Asked) -> (u16, String) {
        ask(&self.engine, self.request(&asked)).await
    }

    async fn ok(&self, operation: &'static str, arguments: Value) -> String {
        let told = format!("{operation} {arguments}");
        let (status, body) = self.ask(owner(operation, arguments)).await;
        assert_eq!(status, 200, "{told}: {body}");
        body
    }

    /// Asks for all of it at once, each on a thread of its own.
    fn at_once(&self, all: &[Asked]) -> Vec<(u16, String)> {
        let runtime = || tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let together = Barrier::new(all.len());
        std::thread::scope(|scope| {
            let threads = all.iter().map(|asked| {
                let (request, together) = (self.request(asked), &together);
                scope.spawn(move || {
                    together.wait();
                    runtime().block_on(ask(&self.engine, request))
                })
            });
            let threads: Vec<_> = threads.collect();
            threads.into_iter().map(|thread| thread.join().expect("an answer")).collect()
        })
    }

    /// Something that is asked of the other engine in between, and has to succeed.
    fn meanwhile(&self, all: Vec<Asked>) -> Meanwhile {
        self.meanwhile_of(&self.other, all)
    }

    /// Something that is asked of an engine in between, and has to succeed.
    fn meanwhile_of(&self, engine: &Arc<Engine>, all: Vec<Asked>) -> Meanwhile {
        let (engine, requests) = (Arc::clone(engine), all.iter().map(|asked| self.request(asked)));
        let requests: Vec<_> = requests.collect();
        Box::pin(async move {
            for request in requests {
                let (status, body) = ask(&engine, request).await;
                assert_eq!(status, 200, "{body}");
            }
        })
    }

    fn join(&self, user: &str, group: &str) -> Asked {
        owner("AddUserToGroup", json!({"UserName": user, "GroupName": group}))
    }

    fn leave(&self, user: &str, group: &str) -> Asked {
        owner("RemoveUserFromGroup", json!({"UserName": user, "GroupName": group}))
    }

    fn delete_group(&self, group: &str) -> Asked {
        owner("DeleteGroup", json!({"GroupName": group}))
    }

    fn policy(&self, name: &str) -> Value {
        match self.is_aws() {
            true => json!({"PolicyArn": format!("arn:aws:iam::{}:policy/{name}", self.cloud.account)}),
            false => json!({"PolicyName": name, "PolicyType": "Custom"}),
        }
    }

    fn attach(&self, user: &str, policy: &str) -> Asked {
        let mut arguments = self.policy(policy);
        arguments["UserName"] = user.into();
        owner(if self.is_aws() { "AttachUserPolicy" } else { "AttachPolicyToUser" }, arguments)
    }

    fn detach(&self, user: &str, policy: &str) -> Asked {
        let mut arguments = self.policy(policy);
        arguments["UserName"] = user.into();
        owner(if self.is_aws() { "DetachUserPolicy" } else { "DetachPolicyFromUser" }, arguments)
    }

    fn delete_policy(&self, name: &str) -> Asked {
        let mut arguments = self.policy(name);
        arguments.as_object_mut().expect("an object").remove("PolicyType");
        owner("DeletePolicy", arguments)
    }

    async fn make(&self, what: &'static str, name: &str) {
        let document = self.cloud.policy(&[("Deny", vec!["kms:ListKeys"])]).to_string();
        match what {
            "policy" => self.ok("CreatePolicy", json!({"PolicyName": name, "PolicyDocument": document})).await,
            "group" => self.ok("CreateGroup", json!({"GroupName": name})).await,
            _ => self.ok("CreateUser", json!({"UserName": name})).await,
        };
    }

    async fn members(&self, group: &str) -> String {
        let operation = if self.is_aws() { "GetGroup" } else { "ListUsersForGroup" };
        self.ok(operation, json!({"GroupName": group, "MaxItems": "100"})).await
    }

    async fn may_list(&self, who: &'static str) -> bool {
        let (status, body) = self.ask(Asked { who, operation: "ListKeys", arguments: json!({}) }).await;
        assert!(status == 200 || cloud::denied(&body), "{body}");
        status == 200
    }

    /// Whether an answer says that something is still in use, or that something is not there.
    fn is_conflict(&self, (status, body): &(u16, String)) -> bool {
        *status == 409 && body.contains("DeleteConflict")
    }

    fn is_missing(&self, (status, body): &(u16, String)) -> bool {
        *status == 404 && (body.contains("NoSuchEntity") || body.contains("EntityNotExist"))
    }

    fn is_too_many(&self, (status, body): &(u16, String)) -> bool {
        *status == 409 && body.contains("LimitExceeded")
    }

    /// Writes many relations, each like the one that is there, with other users, whose names follow `before` in `field`.
    async fn multiply(&self, space: Space, field: &str, before: &str) {
        let all = below(&[self.cloud.dialect.name, self.cloud.account]);
        let pattern = self.store.memory.scan(space, &all, None, 1).await.expect("records").remove(0);
        let (parent, _) = pattern.path.rsplit_once('\u{1f}').expect("a path");
        let value: Value = serde_json::from_slice(&pattern.body).expect("JSON");
        let made = (0..MANY).map(|at| {
            let mut value = value.clone();
            value[field] = format!("{before}somebody{at:05}").into();
            let path = format!("{parent}\u{1f}somebody{at:05}");
            Change::Put { space, path, expect: Expect::Absent, body: value.to_string().into_bytes() }
        });
        self.store.memory.commit(made.collect()).await.expect("a commit");
    }

    /// What it costs to do something, in records that are read and bytes that are written.
    async fn cost(&self, asked: Asked) -> (usize, usize) {
        let told = format!("{} {} {}", self.cloud.dialect.name, asked.operation, asked.arguments);
        self.store.cost();
        let (status, body) = self.ask(asked).await;
        assert_eq!(status, 200, "{told}: {body}");
        self.store.cost()
    }
}

#[tokio::test]
async fn a_large_group_costs_no_more_to_join_to_leave_and_to_rename_than_a_small_one() {
    for world in World::all().await {
        for name in ["bob", "cat"] {
            world.make("user", name).await;
        }
        // Known by now.
        world.ok("ListGroups", json!({})).await;
        let rename = |old: &str, new: &str| owner("UpdateGroup", json!({"GroupName": old, "NewGroupName": new}));
        let small = [
            world.cost(world.join("bob", "few")).await,
            world.cost(rename("few", "wee")).await,
            world.cost(world.leave("bob", "wee")).await,
        ];
        world.multiply(Space::UserOfGroup, "user", "").await;
        let large = [
            world.cost(world.join("cat", "wee")).await,
            world.cost(rename("wee", "few")).await,
            world.cost(world.leave("cat", "few")).await,
        ];
        assert_eq!(small, large, "records read and bytes written");
        assert!(
            small.iter().all(|(read, written)| (1..=16).contains(read) && (1..4096).contains(written)),
            "{small:?}"
        );
        let refusal = world.ask(world.delete_group("few")).await;
        assert!(world.is_conflict(&refusal), "{refusal:?}");
    }
}

#[tokio::test]
async fn a_policy_attached_to_many_costs_no_more_to_attach_and_to_detach_than_one_attached_to_few() {
    for world in World::all().await {
        for name in ["bob", "cat"] {
            world.make("user", name).await;
        }
        world.ok("ListGroups", json!({})).await;
        let (attach, detach) = (world.attach("bob", "policy"), world.detach("bob", "policy"));
        let few = [world.cost(attach).await, world.cost(detach).await];
        world.ask(world.attach("ann", "policy")).await;
        world.multiply(Space::HolderOfPolicy, "holder", "user/").await;
        let (attach, detach) = (world.attach("cat", "policy"), world.detach("cat", "policy"));
        let many = [world.cost(attach).await, world.cost(detach).await];
        assert_eq!(few, many, "records read and bytes written");
        assert!(few.iter().all(|(read, written)| (1..=16).contains(read) && (1..4096).contains(written)), "{few:?}");
        let refusal = world.ask(world.delete_policy("policy")).await;
        assert!(world.is_conflict(&refusal), "{refusal:?}");
    }
}

#[tokio::test]
async fn who_is_in_a_large_group_is_read_from_no_more_records_than_who_is_in_a_small_one() {
    for world in World::all().await {
        let mut policy = world.policy("policy");
        policy["GroupName"] = "few".into();
        world.ok(if world.is_aws() { "AttachGroupPolicy" } else { "AttachPolicyToGroup" }, policy).await;
        let ask = || Asked { who: "ann", operation: "ListKeys", arguments: json!({}) };
        let small = world.cost(ask()).await;
        let known = world.cost(ask()).await;
        world.multiply(Space::UserOfGroup, "user", "").await;
        world.make("user", "bob").await;
        // A group that others join stays known, and one that the caller leaves and joins is read again.
        world.ok("AddUserToGroup", json!({"UserName": "bob", "GroupName": "few"})).await;
        assert_eq!(world.cost(ask()).await, known);
        for asked in [world.leave("ann", "few"), world.join("ann", "few")] {
            assert_eq!(world.ask(asked).await.0, 200);
        }
        assert_eq!(world.cost(ask()).await, small);
        assert!(known.0 < small.0 && small.0 <= 16, "{known:?} {small:?}");
    }
}

#[tokio::test]
async fn many_join_one_group_and_get_one_policy_at_once() {
    for world in World::all().await {
        let names: Vec<_> = (0..AT_ONCE).map(|at| format!("user{at:02}")).collect();
        for name in &names {
            world.make("user", name).await;
        }
        let joins = names.iter().map(|name| world.join(name, "plenty"));
        let attaches = names.iter().map(|name| world.attach(name, "policy"));
        for (status, body) in world.at_once(&joins.chain(attaches).collect::<Vec<_>>()) {
            assert_eq!(status, 200, "{body}");
        }
        let members = world.members("plenty").await;
        let holders = world.ok("ListEntitiesForPolicy", world.policy("policy")).await;
        assert!(names.iter().all(|name| members.contains(name) && holders.contains(name)), "{members} {holders}");
        let policy = world.ok("GetPolicy", world.policy("policy")).await;
        let count = |open: &str, close: &str| policy.contains(&format!("AttachmentCount{open}{AT_ONCE}{close}"));
        assert!(count(">", "<") || count("\":", ","), "{policy}");
    }
}

#[tokio::test]
async fn nobody_gets_beyond_a_limit_however_many_try_at_once() {
    for world in World::all().await {
        let (groups, policies) = world.limits();
        let names: Vec<_> = (0..groups.max(policies) + 4).map(|at| format!("name{at:02}")).collect();
        for name in &names {
            world.make("group", name).await;
            world.make("policy", name).await;
        }
        world.make("user", "bob").await;
        let joins: Vec<_> = names.iter().map(|name| world.join("bob", name)).collect();
        let attaches: Vec<_> = names.iter().map(|name| world.attach("bob", name)).collect();
        for (all, limit) in [(joins, groups), (attaches, policies)] {
            let told = world.at_once(&all);
            assert_eq!(told.iter().filter(|(status, _)| *status == 200).count(), limit, "{told:?}");
            assert_eq!(told.iter().filter(|told| world.is_too_many(told)).count(), names.len() - limit, "{told:?}");
        }
    }
}

#[tokio::test]
async fn what_is_removed_while_somebody_comes_is_either_gone_or_in_use() {
    for world in World::all().await {
        let mut gone = 0;
        for round in 0..AT_ONCE {
            let name = format!("thing{round}");
            for what in ["group", "policy", "user"] {
                world.make(what, &name).await;
            }
            let both = [
                [world.join("ann", &name), world.delete_group(&name)],
                [world.attach(&name, &name), world.delete_policy(&name)],
            ];
            let before = round % 2;
            for mut both in both {
                both.rotate_left(before);
                let mut told = world.at_once(&both);
                told.rotate_left(before);
                let (came, removed) = (&told[0], &told[1]);
                let stayed = came.0 == 200 && world.is_conflict(removed);
                assert!(stayed || (world.is_missing(came) && removed.0 == 200), "{told:?}");
                gone += usize::from(!stayed);
            }
            for asked in [world.leave("ann", &name), world.detach(&name, &name)] {
                world.ask(asked).await;
            }
        }
        println!("{}: {gone} of {} were gone", world.cloud.dialect.name, 2 * AT_ONCE);
    }
}

#[tokio::test]
async fn who_comes_after_a_removal_finds_nothing_and_who_came_before_one_is_in_its_way() {
    for world in World::all().await {
        for what in ["group", "policy", "user"] {
            world.make(what, "one").await;
        }
        let pairs = || {
            [
                (world.join("one", "one"), world.delete_group("one")),
                (world.attach("one", "one"), world.delete_policy("one")),
            ]
        };
        for (come, remove) in pairs() {
            world.store.meddle(Before::Commit, world.meanwhile(vec![come]));
            let told = world.ask(remove).await;
            assert!(world.is_conflict(&told), "{told:?}");
        }
        for asked in [world.leave("one", "one"), world.detach("one", "one")] {
            assert_eq!(world.ask(asked).await.0, 200);
        }
        for (come, remove) in pairs() {
            world.store.meddle(Before::Commit, world.meanwhile(vec![remove]));
            let told = world.ask(come).await;
            assert!(world.is_missing(&told), "{told:?}");
        }
        let remove = owner("DeleteUser", json!({"UserName": "one"}));
        world.store.meddle(Before::Commit, world.meanwhile(vec![world.join("one", "plenty")]));
        let told = world.ask(remove).await;
        assert!(world.is_conflict(&told), "{told:?}");
    }
}

#[tokio::test]
async fn two_joins_that_meet_do_not_stand_in_each_others_way() {
    for world in World::all().await {
        world.make("user", "bob").await;
        world.store.meddle(Before::Commit, world.meanwhile(vec![world.join("bob", "plenty")]));
        world.store.cost();
        assert_eq!(world.ask(world.join("ann", "plenty")).await.0, 200);
        let (_, written) = world.store.cost();
        world.ask(world.leave("ann", "plenty")).await;
        world.ask(world.leave("bob", "plenty")).await;
        let alone = world.cost(world.join("ann", "plenty")).await.1 + world.cost(world.join("bob", "plenty")).await.1;
        assert_eq!(written, alone, "neither was tried again");
    }
}

#[tokio::test]
async fn who_joins_or_gets_a_policy_is_judged_by_it_from_the_next_request_on() {
    for world in World::all().await {
        assert!(!world.may_list("ann").await);
        for (asked, may) in [
            (world.attach("ann", "policy"), true),
            (world.detach("ann", "policy"), false),
            (world.attach("ann", "policy"), true),
            (owner("CreateGroup", json!({"GroupName": "closed"})), true),
            (world.join("ann", "closed"), true),
        ] {
            let told = world.ask(asked).await;
            assert_eq!(told.0, 200, "{told:?}");
            assert_eq!(world.may_list("ann").await, may);
        }
        world.make("policy", "closed").await;
        let mut closed = world.policy("closed");
        closed["GroupName"] = "closed".into();
        world.ok(if world.is_aws() { "AttachGroupPolicy" } else { "AttachPolicyToGroup" }, closed).await;
        assert!(!world.may_list("ann").await);
        world.ok("UpdateGroup", json!({"GroupName": "closed", "NewGroupName": "shut"})).await;
        assert!(!world.may_list("ann").await);
        assert_eq!(world.ask(world.leave("ann", "shut")).await.0, 200);
        assert!(world.may_list("ann").await);
    }
}

/// While `ann` is read, first something is denied to her, and then allowed by another way: nobody may see the latter alone.
#[tokio::test]
async fn who_is_changed_while_being_read_is_read_anew() {
    for world in World::all().await {
        world.make("policy", "closed").await;
        let mut policy = world.policy("policy");
        policy["GroupName"] = "plenty".into();
        world.ok(if world.is_aws() { "AttachGroupPolicy" } else { "AttachPolicyToGroup" }, policy).await;
        let changes = vec![world.attach("ann", "closed"), world.join("ann", "plenty")];
        world.store.meddle(Before::Scan(Space::GroupOfUser), world.meanwhile_of(&world.engine, changes));
        assert!(!world.may_list("ann").await, "allowed, and the denial before it was not seen");
        assert_eq!(world.ask(world.detach("ann", "closed")).await.0, 200);
        assert!(world.may_list("ann").await, "the changes took place");
    }
}

/// The same for somebody of this process.
#[tokio::test]
async fn who_asks_in_this_process_is_read_anew_too() {
    for world in World::all().await {
        world.make("policy", "closed").await;
        let mut policy = world.policy("policy");
        policy["GroupName"] = "plenty".into();
        world.ok(if world.is_aws() { "AttachGroupPolicy" } else { "AttachPolicyToGroup" }, policy).await;
        let dialect = world.cloud.dialect;
        let account = world.cloud.account.to_owned();
        let ann = Local { account, user: Some("ann".to_owned()), region: dialect.law.region.into() };
        let ann = Client::embedded(Arc::clone(&world.engine), dialect, ann);
        let changes = vec![world.attach("ann", "closed"), world.join("ann", "plenty")];
        world.store.meddle(Before::Scan(Space::GroupOfUser), world.meanwhile_of(&world.engine, changes));
        let told = ann.keys().list().next().await;
        assert!(
            matches!(&told, Some(Err(error)) if error.kind() == polykms::client::Kind::Denied),
            "allowed, and the denial before it was not seen: {told:?}"
        );
        assert_eq!(world.ask(world.detach("ann", "closed")).await.0, 200);
        let told = ann.keys().list().next().await;
        assert!(!matches!(&told, Some(Err(_))), "the changes took place: {told:?}");
    }
}

#[tokio::test]
async fn a_call_of_this_process_ends_in_time_too() {
    for world in World::all().await {
        let dialect = world.cloud.dialect;
        let account = world.cloud.account.to_owned();
        let owner = Local { account, user: None, region: dialect.law.region.into() };
        let owner = Client::embedded(Arc::clone(&world.engine), dialect, owner);
        let forever = || -> Meanwhile { Box::pin(tokio::time::sleep(Duration::from_secs(3600))) };
        world.store.meddle(Before::Commit, forever());
        let late = owner.keys().create().timeout(Duration::from_millis(50)).await.expect_err("no time");
        assert_eq!(late.kind(), polykms::client::Kind::Timeout);
        assert_eq!(late.again(), polykms::client::Again::Unknown, "{late}");
        owner.keys().create().timeout(Duration::from_secs(3600)).await.expect("a key");
    }
}
