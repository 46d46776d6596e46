//! Moves between this process and servers of both clouds over HTTP with their signatures verified: planned, done, done again,
//! cut anywhere and gone on with, and refused when what was planned is no longer there.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod program;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::TryStreamExt as _;
use polykms::Client;
use polykms::client::moves::{Done, MOVED_FROM, MOVING, Plan, Status, Step};
use polykms::client::{AccessKeys, Kind, Remote, Static, Transport};
use polykms::core::dialect::Dialect;
use polykms::core::dialect::client::{Asked, Outcome};
use polykms::core::dialect::row::BoxFuture;
use polykms::core::holder::Holder;
use polykms::core::key::{Spec, State, Usage};
use polykms::core::operation::Repeat;
use polykms::core::secret::AccessSecret;
use program::{OWN, Program, Server, owners};
use tempfile::TempDir;

fn server() -> (TempDir, Server) {
    let folder = tempfile::tempdir().expect("a folder");
    let server = owners(Program::new(["dev"])).start(folder.path());
    (folder, server)
}

fn dialect(name: &str) -> &'static Dialect {
    let registry = polykms::registry().expect("dialects");
    registry.dialects().iter().find(|known| known.name == name).expect("the dialect")
}

fn region(name: &str) -> &'static str {
    if name == "aws" { "us-east-1" } else { "cn-hangzhou" }
}

fn reached(server: &Server, name: &str) -> Remote {
    let keys = AccessKeys::new("OWNEROFTESTS", AccessSecret::new(OWN.to_owned()));
    Remote::builder(dialect(name))
        .environment(false)
        .region(region(name))
        .endpoint(format!("http://{}", server.address()))
        .credentials(Static(keys))
        .build()
        .expect("a client")
}

fn remote(server: &Server, name: &str) -> Client {
    Client::remote(reached(server, name))
}

async fn embedded(name: &str) -> Client {
    Client::connect(&format!("embedded::memory:?dialect={name}")).await.expect("an engine")
}

fn document(name: &str, effect: &str, action: &str, resource: &str) -> String {
    let version = if name == "aws" { "2012-10-17" } else { "1" };
    format!(
        r#"{{"Version":"{version}","Statement":[{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"}}]}}"#
    )
}

/// A few of everything; the identifiers of the keys.
async fn furnished(client: &Client) -> [String; 3] {
    let name = client.dialect().name;
    let (identities, policies) = (client.identities(), client.policies());
    identities.create_user("ann").await.unwrap();
    identities.create_user("bob").await.unwrap();
    identities.create_group("ops").await.unwrap();
    identities.add_to_group("ann", "ops").await.unwrap();
    identities.create_access_key("ann").await.unwrap();
    let account = client.whoami().await.unwrap().account;
    let (element, person, assume) = match name {
        "aws" => ("AWS", format!("arn:aws:iam::{account}:user/ann"), "sts:AssumeRole"),
        _ => ("RAM", format!("acs:ram::{account}:user/ann"), "sts:AssumeRole"),
    };
    let version = if name == "aws" { "2012-10-17" } else { "1" };
    let trust = format!(
        r#"{{"Version":"{version}","Statement":[{{"Effect":"Allow","Action":"{assume}","Principal":{{"{element}":["{person}"]}}}}]}}"#
    );
    identities.create_role("keeper", trust).await.unwrap();

    let one = client.keys().create().with(|op| {
        op.description = Some("of tests".to_owned());
        op.tags.insert("Project".to_owned(), "Apollo".to_owned());
        op.tag_keys.push("Project".to_owned());
    });
    let one = one.await.unwrap();
    let key = client.key(&one.id);
    key.create_alias("backups").await.unwrap();
    key.create_alias("more").await.unwrap();
    key.rotate_every(120).await.unwrap();
    let two = client.keys().create_of(Spec::EccP256, Usage::SignVerify).await.unwrap();
    client.key(&two.id).disable().await.unwrap();
    let gone = client.keys().create().await.unwrap();
    client.key(&gone.id).schedule_deletion(7).await.unwrap();

    policies.create("encrypts", document(name, "Allow", "kms:Encrypt", &one.arn)).await.unwrap();
    policies.create("never", document(name, "Deny", "kms:ScheduleKeyDeletion", "*")).await.unwrap();
    policies.attach("encrypts", Holder::Group("ops".to_owned())).await.unwrap();
    policies.attach("never", Holder::User("bob".to_owned())).await.unwrap();
    policies.attach("encrypts", Holder::Role("keeper".to_owned())).await.unwrap();
    [one.id, two.id, gone.id]
}

/// The keys of a place that were moved there, by what they were moved from.
async fn moved(client: &Client) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let entries: Vec<_> = client.keys().list().try_collect().await.unwrap();
    for entry in entries {
        let tags: Vec<(String, String)> = client.key(&entry.id).tags().try_collect().await.unwrap();
        assert!(!tags.iter().any(|(name, _)| name == MOVING), "{tags:?}");
        found.extend(tags.into_iter().filter(|(name, _)| name == MOVED_FROM).map(|(_, from)| (from, entry.id.clone())));
    }
    found.sort();
    found
}

/// Checks that all is there that was furnished.
async fn arrived(to: &Client, keys: &[String; 3]) {
    let moved = moved(to).await;
    assert_eq!(moved.len(), 2, "{moved:?}");
    let there = |id: &str| moved.iter().find(|(from, _)| from.ends_with(id)).expect("the key").1.clone();
    let one = to.key(there(&keys[0]));
    let told = one.describe().await.unwrap();
    assert_eq!((told.state, &*told.description), (State::Enabled, "of tests"));
    let tags: Vec<(String, String)> = one.tags().try_collect().await.unwrap();
    assert!(tags.contains(&("Project".to_owned(), "Apollo".to_owned())), "{tags:?}");
    for alias in ["alias/backups", "alias/more"] {
        assert_eq!(to.key(alias).describe().await.unwrap().id, there(&keys[0]));
    }
    let every = match told.rotation {
        Some(rotation) => rotation.every,
        None => one.rotation().await.unwrap().rotation.every,
    };
    assert_eq!(every.expect("it rotates").as_hours(), 120 * 24);
    let two = to.key(there(&keys[1])).describe().await.unwrap();
    assert_eq!((two.state, two.spec, two.usage), (State::Disabled, Spec::EccP256, Usage::SignVerify));
    for (holder, policy) in [
        (Holder::Group("ops".to_owned()), "encrypts"),
        (Holder::Role("keeper".to_owned()), "encrypts"),
        (Holder::User("bob".to_owned()), "never"),
    ] {
        let held: Vec<_> = to.policies().attached(holder.clone()).try_collect().await.unwrap();
        let names: Vec<_> = held.iter().map(|held| held.policy.name.as_str()).collect();
        assert_eq!(names, [policy], "{holder:?}");
    }
    let users: Vec<_> = to.identities().users().try_collect().await.unwrap();
    let users: BTreeSet<_> = users.iter().map(|user| user.name.as_str()).collect();
    assert_eq!(users, BTreeSet::from(["ann", "bob"]));
    let role = to.identities().role("keeper").await.unwrap();
    assert!(role.trust.expect("a trust policy").contains("user/ann"));
}

fn problems(plan: &Plan) -> Vec<String> {
    let cannot = plan.things.iter().filter(|thing| thing.status == Status::Cannot);
    cannot.map(|thing| format!("{}: {}", thing.name, thing.why.join("; "))).collect()
}

#[tokio::test]
async fn things_arrive_wherever_they_go_and_once_only() {
    for (from, to) in [("aws", "aws"), ("aws", "alibaba"), ("alibaba", "aws"), ("alibaba", "alibaba")] {
        let (_folder, server) = server();
        let (source, target) = (embedded(from).await, remote(&server, to));
        let keys = furnished(&source).await;
        let plan = Plan::of(&source, &target).await.unwrap();
        let plan = Plan::from_json(&plan.to_json().unwrap()).unwrap();
        let problems = problems(&plan);
        let expected = ["the material of", "the material of", "access keys of user/ann", "it waits for its deletion"];
        assert_eq!(problems.len(), expected.len(), "{from} to {to}: {problems:#?}");
        for expected in expected {
            assert!(problems.iter().any(|problem| problem.contains(expected)), "{from} to {to}: {problems:#?}");
        }
        let steps = plan.things.iter().filter(|thing| thing.step.is_some()).count();
        let done = plan.run(&source, &target, |_, _| {}).await.unwrap();
        assert_eq!(done, Done { made: steps, there: 0 }, "{from} to {to}");
        arrived(&target, &keys).await;
        let again = plan.run(&source, &target, |_, _| {}).await.unwrap();
        assert_eq!(again, Done { made: 0, there: steps }, "{from} to {to}");
        let anew = Plan::of(&source, &target).await.unwrap();
        assert_eq!(anew, plan, "what was moved is no obstacle");
        arrived(&target, &keys).await;
    }
}

#[tokio::test]
async fn things_go_over_http_and_back() {
    let (_folder, one) = server();
    let (_other, two) = server();
    let (there, back) = (remote(&one, "alibaba"), remote(&two, "aws"));
    let start = remote(&one, "aws");
    furnished(&start).await;
    let plan = Plan::of(&start, &there).await.unwrap();
    plan.run(&start, &there, |_, _| {}).await.unwrap();
    let plan = Plan::of(&there, &back).await.unwrap();
    plan.run(&there, &back, |_, _| {}).await.unwrap();
    let first = Plan::of(&start, &there).await.unwrap();
    let made = |plan: &Plan| plan.things.iter().filter(|thing| matches!(thing.step, Some(Step::Key { .. }))).count();
    assert_eq!((made(&first), made(&plan)), (2, 2));
    assert_eq!(moved(&back).await.len(), 2);
    assert_eq!(back.key("alias/backups").describe().await.unwrap().description, "of tests");
}

/// Lets so many changes pass; of the one behind them the answer is lost, or the request itself.
struct Cut {
    inner: Remote,
    left: AtomicUsize,
    answered: bool,
}

impl Transport for Cut {
    fn call(&self, asked: Asked) -> BoxFuture<'_, Outcome> {
        let reads = ["Describe", "Get", "List"].iter().any(|verb| asked.row.wire().starts_with(verb));
        let lost = || Kind::Transport.because("the connection was lost");
        if reads && asked.row.repeat() == Repeat::Harmless || self.left.load(Ordering::Relaxed) == usize::MAX {
            return self.inner.call(asked);
        }
        match self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)) {
            Ok(_) => self.inner.call(asked),
            Err(_) if self.answered => Box::pin(async move {
                self.inner.call(asked).await?;
                Err(lost())
            }),
            Err(_) => Box::pin(async move { Err(lost()) }),
        }
    }

    fn name(&self) -> &str {
        "a connection that is lost"
    }

    fn region(&self) -> Option<&str> {
        Some(self.inner.region())
    }
}

#[tokio::test]
async fn a_move_that_was_cut_goes_on_where_it_ended() {
    for (from, to) in [("aws", "alibaba"), ("alibaba", "aws")] {
        let source = embedded(from).await;
        let keys = furnished(&source).await;
        let (_folder, server) = server();
        let target = remote(&server, to);
        let plan = Plan::of(&source, &target).await.unwrap();
        let steps = plan.things.iter().filter(|thing| thing.step.is_some()).count();
        // Each run gets one change further, and loses the answer to the next one, or the next one itself, in turns.
        let (mut made, mut runs) = (0, 0);
        loop {
            let cut = Cut { inner: reached(&server, to), left: AtomicUsize::new(1), answered: runs % 2 == 0 };
            let cut = Client::over(target.dialect(), Arc::new(cut));
            runs += 1;
            assert!(runs <= steps + 1, "{from} to {to}: it does not come further");
            let mut now = 0;
            let ended = plan
                .run(&source, &cut, |_, outcome| now += usize::from(outcome == polykms::client::moves::Outcome::Made))
                .await;
            made += now;
            match ended {
                Ok(done) => break assert_eq!(done.made + done.there, steps),
                Err(error) => assert_eq!(error.kind(), Kind::Transport, "{error}"),
            }
        }
        assert!(made < steps && runs > steps / 3, "{made} of {steps} in {runs}");
        arrived(&target, &keys).await;
        let again = plan.run(&source, &target, |_, _| {}).await.unwrap();
        assert_eq!(again, Done { made: 0, there: steps });
    }
}

#[tokio::test]
async fn a_source_that_changed_is_refused_and_so_is_another_place() {
    let (source, target) = (embedded("aws").await, embedded("alibaba").await);
    let keys = furnished(&source).await;
    let plan = Plan::of(&source, &target).await.unwrap();
    source.key(&keys[0]).tag([("Project", "Gemini")]).await.unwrap();
    let error = plan.run(&source, &target, |_, _| {}).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict, "{error}");
    assert!(moved(&target).await.is_empty(), "nothing was made");
    source.key(&keys[0]).tag([("Project", "Apollo")]).await.unwrap();
    assert_eq!(plan.run(&target, &source, |_, _| {}).await.unwrap_err().kind(), Kind::Config);
    plan.run(&source, &target, |_, _| {}).await.unwrap();
    assert_eq!(Plan::of(&source, &source).await.unwrap_err().kind(), Kind::Config);
}

#[tokio::test]
async fn what_is_there_by_another_hand_is_left_alone() {
    for (from, to) in [("aws", "alibaba"), ("alibaba", "aws")] {
        let (source, target) = (embedded(from).await, embedded(to).await);
        furnished(&source).await;
        target.identities().create_user("ann").await.unwrap();
        target.policies().create("never", document(to, "Allow", "kms:*", "*")).await.unwrap();
        let stranger = target.keys().create().await.unwrap();
        target.key(&stranger.id).create_alias("backups").await.unwrap();
        let plan = Plan::of(&source, &target).await.unwrap();
        let problems = problems(&plan);
        for expected in
            ["user/ann: ", "policy/never: ", "alias/backups: ", "role/keeper: ", "policy/never of user/bob: "]
        {
            assert!(problems.iter().any(|problem| problem.starts_with(expected)), "{expected}: {problems:#?}");
        }
        plan.run(&source, &target, |_, _| {}).await.unwrap();
        let held: Vec<_> = target.policies().attached(Holder::User("ann".to_owned())).try_collect().await.unwrap();
        assert!(held.is_empty(), "somebody else's namesake gets nothing");
        assert_eq!(target.key("alias/backups").describe().await.unwrap().id, stranger.id);
    }
}
