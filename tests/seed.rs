//! Seeds: their schema as documented, the example, and applying them again.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use polykms::core::engine::world::ACCESS_KEYS;
use polykms::core::identity::{Attachment, Group, Holder, Membership};
use polykms::core::port::Space;
use polykms::{Builder, RootKey, Seed, Settings, Storage};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn example() -> Seed {
    let text = std::fs::read_to_string(root().join("examples/seed.yaml")).expect("the example");
    serde_saphyr::from_str(&text).expect("a seed")
}

#[test]
fn the_documented_schema_is_that_of_the_code() {
    let schema = serde_json::to_string_pretty(&schemars::schema_for!(Seed)).expect("JSON") + "\n";
    let path = root().join("docs/seed.schema.json");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &schema).expect("written");
    }
    let documented = std::fs::read_to_string(&path).expect("docs/seed.schema.json");
    assert!(documented == schema, "docs/seed.schema.json is old: run this test with UPDATE_SCHEMA=1");
}

#[tokio::test]
async fn the_example_is_a_seed_and_applying_it_again_changes_nothing() {
    let settings = Settings { seed: Some(example().into()), ..Settings::default() };
    let engine = Builder::new().settings(settings).build().await.expect("an engine");
    let store = &engine.world().ports.store;
    let before = store.scan(Space::Key, "", None, 100).await.expect("keys");
    assert_eq!(before.len(), 2);
    engine.sow().await.expect("applied again");
    assert_eq!(store.scan(Space::Key, "", None, 100).await.expect("keys"), before);
    engine.reset().await.expect("reset");
    let after = store.scan(Space::Key, "", None, 100).await.expect("keys");
    let paths =
        |records: &[polykms::core::port::Record]| records.iter().map(|record| record.path.clone()).collect::<Vec<_>>();
    assert_eq!(paths(&after), paths(&before));
}

#[tokio::test]
async fn a_seed_that_cannot_be_applied_changes_nothing_and_says_why() {
    let engine = Builder::new().build().await.expect("an engine");
    for (seed, why) in [
        (r#"{"gcp": [{"account": "1"}]}"#, "gcp"),
        (r#"{"aws": [{"account": "x"}]}"#, "x"),
        (r#"{"aws": [{"account": "1", "users": [{"name": "a", "groups": ["none"]}]}]}"#, "none"),
        (r#"{"aws": [{"account": "1", "users": [{"name": "a", "attached": ["none"]}]}]}"#, "none"),
        (r#"{"aws": [{"account": "1", "users": [{"name": "a", "inline": {"p": "{}"}}]}]}"#, "p"),
        (r#"{"aws": [{"account": "1", "keys": [{"id": "x"}]}]}"#, "x"),
        (
            r#"{"aws": [{"account": "1", "keys": [{"id": "0a0a0a0a-0000-4000-8000-000000000001", "material": "AAAA"}]}]}"#,
            "0a0a",
        ),
    ] {
        let seed: Seed = serde_json::from_str(seed).expect("a seed by its form");
        let error = engine.apply(&seed).await.expect_err("refused");
        assert!(error.to_string().contains(why), "{error}");
        for space in [Space::Key, Space::User, Space::Account] {
            assert_eq!(engine.world().ports.store.scan(space, "", None, 10).await.expect("records"), Vec::new());
        }
    }
}

#[tokio::test]
async fn a_seed_that_grew_is_written_on_both_sides() {
    let engine = Builder::new().build().await.expect("an engine");
    let document = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"kms:*","Resource":"*"}]}"#;
    let policies = serde_json::json!([{"name": "p", "document": document}]);
    let seed = |users: &[&str]| {
        let users: Vec<_> =
            users.iter().map(|name| serde_json::json!({"name": name, "groups": ["g"], "attached": ["p"]})).collect();
        let account =
            serde_json::json!({"account": "1", "policies": policies, "groups": [{"name": "g"}], "users": users});
        serde_json::from_value::<Seed>(serde_json::json!({"aws": [account]})).expect("a seed")
    };
    engine.apply(&seed(&["ann"])).await.expect("applied");
    engine.apply(&seed(&["ann", "bob"])).await.expect("applied again");
    for space in [Space::PolicyOfHolder, Space::HolderOfPolicy] {
        let attached = engine.world().read_below::<Attachment>(space, "aws\u{1f}1\u{1f}").await.expect("attachments");
        let holders: Vec<_> = attached.into_iter().map(|attached| (attached.holder, attached.policy.name)).collect();
        assert_eq!(holders, ["ann", "bob"].map(|name| (Holder::User(name.into()), "p".to_owned())));
    }
    let group = engine.world().read::<Group>(Space::Group, "aws\u{1f}1\u{1f}g").await.expect("read").expect("there");
    for space in [Space::GroupOfUser, Space::UserOfGroup] {
        let joined = engine.world().read_below::<Membership>(space, "aws\u{1f}1\u{1f}").await.expect("memberships");
        let joined: Vec<_> = joined.into_iter().map(|joined| (joined.user, joined.group)).collect();
        assert_eq!(joined, ["ann", "bob"].map(|name| (name.to_owned(), group.value.id.clone())));
    }
}

#[tokio::test]
async fn the_secret_of_an_owner_is_the_one_given_last() {
    let folder = tempfile::tempdir().expect("a folder");
    let start = |secret: &'static str| {
        let seed = format!(r#"{{"aws": [{{"account": "1", "owner": [{{"id": "own", "secret": "{secret}"}}]}}]}}"#);
        let seed: Seed = serde_json::from_str(&seed).expect("a seed");
        let settings = Settings { seed: Some(seed.into()), ..Settings::default() };
        Builder::new()
            .storage(Storage::Folder(folder.path().join("data")))
            .root_key(RootKey::File(folder.path().join("root.key")))
            .settings(settings)
            .build()
    };
    let mut revisions = Vec::new();
    for secret in ["one", "one", "two"] {
        let engine = start(secret).await.expect("an engine");
        let store = &engine.world().ports.store;
        revisions.push(store.scan(ACCESS_KEYS, "", None, 10).await.expect("access keys")[0].rev);
        let key = engine.world().read::<polykms::core::identity::AccessKey>(ACCESS_KEYS, "aws\u{1f}own").await;
        let key = key.expect("read").expect("there").value;
        let known = polykms::core::identity::access_key::unseal(engine.world(), "aws", "own", &key.wrapped);
        assert_eq!(known.expect("opened").expose(), secret);
    }
    assert_eq!(revisions[0], revisions[1], "the same secret is not written again");
    assert_ne!(revisions[1], revisions[2]);
}

#[tokio::test]
async fn a_store_does_not_open_under_another_root_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let start = |data: &'static str, key: &'static str| {
        Builder::new()
            .storage(Storage::Folder(folder.path().join(data)))
            .root_key(RootKey::File(folder.path().join(key)))
            .build()
    };
    drop(start("one", "one.key").await.expect("made"));
    let error = start("one", "two.key").await.map(|_| ()).expect_err("no key");
    assert!(error.to_string().contains("is missing"), "{error}");
    drop(start("two", "two.key").await.expect("made"));
    let error = start("one", "two.key").await.map(|_| ()).expect_err("another key");
    assert!(error.to_string().contains("root key"), "{error}");
    drop(start("one", "one.key").await.expect("opens again"));
}

/// Something of everything, in both clouds.
fn everything() -> Seed {
    let allow = |version: &str, action: &str| serde_json::json!({"Version": version, "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]});
    let aws = serde_json::json!({
        "account": "000000000000",
        "policies": [
            {"name": "one", "path": "/p/", "description": "first", "document": allow("2012-10-17", "kms:Encrypt"), "tags": {"a": "b"}},
            {"name": "two", "versions": {"2": allow("2012-10-17", "kms:Encrypt"), "4": allow("2012-10-17", "kms:Decrypt")},
             "default_version": 2},
        ],
        "groups": [{"name": "crew", "path": "/g/", "inline": {"own": allow("2012-10-17", "kms:List*")}, "attached": ["one"]}],
        "users": [
            {"name": "ann", "path": "/u/", "id": "AIDAANNANNANNANNANNA", "groups": ["crew"], "tags": {"c": "d"},
             "attached": ["two", "system/AdministratorAccess"], "inline": {"own": allow("2012-10-17", "kms:List*")},
             "access_keys": [{"id": "AKIAANNANNANNANNANNA", "secret": "hush-hush-1"},
                             {"id": "AKIABNNANNANNANNANNA", "secret": "hush-hush-2", "active": false}]},
        ],
        "roles": [{"name": "pilot", "max_session_seconds": 7200, "description": "flies", "attached": ["one"], "trust": {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::000000000000:user/u/ann"}}],
        }}],
        "keys": [
            {"id": "0a0a0a0a-0000-4000-8000-000000000001", "region": "eu-west-1", "description": "k", "aliases": ["alias/a", "alias/b"],
             "enabled": false, "rotation_days": 90, "tags": {"e": "f"}, "version": "0a0a0a0a-0000-4000-8000-0000000000ff"},
            {"id": "0a0a0a0a-0000-4000-8000-000000000002", "deletion_days": 10},
        ],
    });
    let alibaba = serde_json::json!({
        "account": "1000000000000000",
        "policies": [{"name": "one", "document": allow("1", "kms:Encrypt")}],
        "groups": [{"name": "crew", "comments": "who flies", "attached": ["system/AliyunKMSFullAccess"]}],
        "users": [{"name": "ann", "display_name": "Ann", "comments": "pilot", "email": "ann@example.com", "groups": ["crew"],
                   "attached": ["one"]}],
        "roles": [{"name": "pilot", "trust": {"Version": "1", "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": ["acs:ram::1000000000000000:root"]}}]}}],
        "keys": [{"id": "0a0a0a0a-0000-4000-8000-000000000003", "deletion_protection": "it is needed", "rotation_days": 30}],
    });
    serde_json::from_value(serde_json::json!({"aws": [aws], "alibaba": [alibaba]})).expect("a seed")
}

#[tokio::test]
async fn what_is_exported_is_the_same_when_it_is_sown_anew() {
    use polykms::core::seed::{Exported, Secrets};

    async fn told(seed: &Seed, secrets: Secrets) -> Exported {
        let engine = Builder::new().build().await.expect("an engine");
        engine.apply(seed).await.expect("applied");
        engine.export(secrets).await.expect("exported")
    }

    let scratch = Builder::new().build().await.expect("an engine");
    assert_eq!(everything().faults(&scratch).await.expect("looked at"), []);
    let first = told(&everything(), Secrets::Told).await;
    let scratch = Builder::new().build().await.expect("an engine");
    assert_eq!(first.seed.faults(&scratch).await.expect("looked at"), []);
    let again = told(&first.seed, Secrets::Told).await;
    let json = |exported: &Exported| serde_json::to_value(exported).expect("JSON");
    assert_eq!(json(&first), json(&again));
    let aws = &json(&first)["seed"]["aws"][0];
    assert_eq!(
        (&aws["users"][0]["id"], &aws["policies"][1]["default_version"]),
        (&"AIDAANNANNANNANNANNA".into(), &2.into())
    );
    assert_eq!(aws["users"][0]["access_keys"][0]["secret"], "hush-hush-1");
    assert!(aws["keys"][1]["deletion_at"].is_string() && aws["keys"][0]["enabled"] == false, "{aws}");
    let alibaba = &json(&first)["seed"]["alibaba"][0];
    assert_eq!(alibaba["users"][0]["display_name"], "Ann");
    assert_eq!(alibaba["keys"][0]["deletion_protection"], "it is needed");
    assert_eq!((&alibaba["keys"][0]["rotation_days"], &aws["keys"][0]["rotation_days"]), (&30.into(), &90.into()));

    let kept = json(&told(&everything(), Secrets::Kept).await).to_string();
    assert!(
        !kept.contains("hush") && kept.contains("the access key `AKIAANNANNANNANNANNA` of the user `ann`"),
        "{kept}"
    );
    assert!(!kept.contains("\"material\""), "{kept}");
}

#[tokio::test]
async fn a_key_whose_time_has_come_is_not_sown_and_one_that_waits_is_deleted_at_its_time() {
    let engine = Builder::new().build().await.expect("an engine");
    let seed = |id: &str, field: &str, value: serde_json::Value| {
        let account = serde_json::json!({"account": "000000000000", "keys": [{"id": id, field: value}]});
        serde_json::from_value::<Seed>(serde_json::json!({"aws": [account]})).expect("a seed")
    };
    let past = seed("0a0a0a0a-0000-4000-8000-000000000001", "deletion_at", "2020-01-01T00:00:00Z".into());
    engine.apply(&past).await.expect("applied");
    assert_eq!(engine.world().ports.store.scan(Space::Key, "", None, 10).await.expect("keys"), Vec::new());
    engine.apply(&seed("0a0a0a0a-0000-4000-8000-000000000002", "deletion_days", 7.into())).await.expect("applied");
    assert_eq!(engine.world().ports.store.paths(Space::Due, "", None, 0, 10).await.expect("due").len(), 1);
}
