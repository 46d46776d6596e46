//! What must stay closed when something behind the engine is not as it was left: records, groups, root keys.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use bytes::Bytes;
use polykms::core::dialect::{Credential, Request};
use polykms::core::engine::Engine;
use polykms::core::engine::world::{GROUPS, KEYS, POLICIES, USERS};
use polykms::core::port::{Change, Expect, Space};
use polykms::core::secret::AccessSecret;
use polykms::{Builder, RootKey, Seed, Settings, Signatures, Storage};
use serde_json::{Value, json};

const KEY: &str = "11111111-1111-4111-8111-111111111111";
const ACCOUNT: &str = "1000000000000000";

fn policy(effect: &str) -> Value {
    json!({"Version": "1", "Statement": [{"Effect": effect, "Action": "kms:*", "Resource": "*"}]})
}

async fn engine(signatures: Signatures) -> Arc<Engine> {
    let seed = json!({"alibaba": [{
        "account": ACCOUNT,
        "policies": [{"name": "pol", "document": policy("Allow")}, {"name": "never", "document": policy("Deny")}],
        "groups": [{"name": "grp", "inline": {"own": policy("Deny")}}],
        "users": [
            {"name": "ann", "access_keys": [{"id": "ann", "secret": "secret"}], "attached": ["pol"]},
            {"name": "bob", "access_keys": [{"id": "bob", "secret": "secret"}], "attached": ["pol"], "groups": ["grp"]},
            {"name": "cat", "access_keys": [{"id": "cat", "secret": "secret"}], "attached": ["pol", "never"]},
            {"name": "dan", "access_keys": [{"id": "dan", "secret": "secret", "active": false}]}],
        "keys": [{"id": KEY}],
    }]});
    let seed: Seed = serde_json::from_value(seed).unwrap();
    let settings = Settings { seed: Some(seed.into()), signatures, ..Default::default() };
    Builder::new().settings(settings).build().await.unwrap()
}

async fn describe(engine: &Engine, who: &str) -> u16 {
    let target = format!("/?KeyId={KEY}");
    let request = http::Request::post(target)
        .header("host", "127.0.0.1")
        .header("x-acs-action", "DescribeKey")
        .header("x-acs-version", "2016-01-20");
    let (head, ()) = request.body(()).unwrap().into_parts();
    let mut request =
        Request { head, body: Bytes::new(), peer: std::net::IpAddr::from([127, 0, 0, 1]).into(), tls: false };
    let credential = Credential::new(who.to_owned(), AccessSecret::new("secret".to_owned()));
    let nonce = engine.world().uuid().unwrap();
    let method = polykms_alibaba::sign::Method::Acs3Sha256;
    polykms_alibaba::sign::seal(&mut request, method, &credential, None, &nonce, jiff::Timestamp::now()).unwrap();
    engine.answer(&request).await.status().as_u16()
}

/// Changes the only record of a space whose path ends so, behind the engine's back.
async fn meddle(engine: &Engine, space: Space, end: &str, change: impl FnOnce(Value) -> Option<Value>) {
    let store = &engine.world().ports.store;
    let records = store.scan(space, "", None, 100).await.unwrap();
    let found = records.into_iter().find(|record| record.path.ends_with(end)).unwrap();
    let changed = match change(serde_json::from_slice(&found.body).unwrap()) {
        Some(value) => {
            Change::Put { space, path: found.path, expect: Expect::Any, body: value.to_string().into_bytes() }
        }
        None => Change::Delete { space, path: found.path, expect: Expect::Any },
    };
    store.commit(vec![changed]).await.unwrap();
}

#[tokio::test]
async fn a_stored_key_policy_that_cannot_be_read_refuses_what_others_allow() {
    let whole = engine(Signatures::Verify).await;
    assert_eq!(describe(&whole, "ann").await, 200);
    let broken = engine(Signatures::Verify).await;
    meddle(&broken, KEYS, KEY, |mut key| {
        key["policy"] = "no policy".into();
        Some(key)
    })
    .await;
    assert_eq!(describe(&broken, "ann").await, 500);
}

#[tokio::test]
async fn a_denial_does_not_vanish_with_the_group_or_policy_that_holds_it() {
    for (who, space, record) in [("bob", GROUPS, "grp"), ("cat", POLICIES, "never")] {
        let whole = engine(Signatures::Verify).await;
        assert_eq!(describe(&whole, who).await, 403, "{who}");
        let broken = engine(Signatures::Verify).await;
        meddle(&broken, space, record, |_| None).await;
        assert_eq!(describe(&broken, who).await, 500, "{who}");
    }
}

#[tokio::test]
async fn while_signatures_are_ignored_nobody_known_becomes_the_owner() {
    let engine = engine(Signatures::Ignore).await;
    assert_eq!(describe(&engine, "bob").await, 403, "known, and denied");
    assert_ne!(describe(&engine, "dan").await, 200, "switched off");
    assert_eq!(describe(&engine, "STS.anything").await, 404, "a temporary access key is nothing without its token");
    meddle(&engine, USERS, "ann", |mut user| {
        user["policies"]["inline"]["broken"] = "no policy".into();
        Some(user)
    })
    .await;
    assert_eq!(describe(&engine, "ann").await, 500, "cannot be judged");
}

#[tokio::test]
async fn a_store_that_was_reset_still_knows_its_root_key() {
    let folder = tempfile::tempdir().unwrap();
    let open = async |text: &str| {
        let builder = Builder::new().storage(Storage::Folder(folder.path().to_path_buf()));
        builder.root_key(RootKey::Text(text.to_owned().into())).build().await
    };
    let (right, wrong) = (
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", //
        "AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    );
    open(right).await.unwrap().reset().await.unwrap();
    assert!(open(wrong).await.is_err());
    open(right).await.unwrap();
}

#[tokio::test]
async fn a_seed_takes_no_alias_and_no_version_from_what_is_there() {
    let engine = engine(Signatures::Verify).await;
    let seed = |account: &str, id: &str, version: &str| {
        let key = json!({"id": id, "version": version, "aliases": ["alias/one"]});
        serde_json::from_value(json!({"alibaba": [{"account": account, "keys": [key]}]})).unwrap()
    };
    let (first, second) = ("22222222-2222-4222-8222-222222222222", "33333333-3333-4333-8333-333333333333");
    engine.apply(&seed(ACCOUNT, first, first)).await.unwrap();
    engine.apply(&seed(ACCOUNT, second, second)).await.unwrap();
    let store = &engine.world().ports.store;
    let records = store.scan(KEYS, "", None, 100).await.unwrap();
    let aliases = |id: &str| -> Value {
        let found = records.iter().find(|record| record.path.ends_with(id)).unwrap();
        serde_json::from_slice::<Value>(&found.body).unwrap()["aliases"].clone()
    };
    assert_eq!((aliases(first), aliases(second)), (json!(["alias/one"]), json!([])));
    // Ciphertexts are found by their version: it must not lead to the key of somebody else.
    let refused = engine.apply(&seed("2000000000000000", "44444444-4444-4444-8444-444444444444", first)).await;
    assert!(refused.is_err());
}
