//! Clocks that are wrong when a server starts: nothing is destroyed by them.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod cloud;

use std::path::Path;
use std::sync::Arc;

use cloud::{Cloud, KEY, ask, clouds};
use polykms::core::engine::Engine;
use polykms::{RootKey, Storage};
use polykms_host::ManualClock;
use serde_json::{Value, json};

const DAY: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

async fn start(cloud: &Cloud, folder: &Path, at: jiff::Timestamp) -> Arc<Engine> {
    let storage = Storage::Folder(folder.join("data"));
    let builder = cloud.builder(None, None).storage(storage).root_key(RootKey::File(folder.join("root.key")));
    builder.clock(Arc::new(ManualClock::at(at))).build().await.expect("an engine")
}

async fn asked(engine: &Engine, cloud: &Cloud, operation: &str, arguments: Value) -> (u16, String) {
    let service = cloud.dialect.services.iter().find(|service| service.name == "kms").expect("a service");
    ask(engine, cloud.request(service, operation, &arguments, Some("owner"))).await
}

#[tokio::test]
async fn a_start_long_after_the_last_one_deletes_nothing() {
    for cloud in clouds() {
        let (folder, now) = (tempfile::tempdir().expect("a folder"), jiff::Timestamp::now());
        let engine = start(&cloud, folder.path(), now).await;
        let days = if cloud.dialect.name == "aws" { json!(7) } else { json!("7") };
        let (status, body) =
            asked(&engine, &cloud, "ScheduleKeyDeletion", json!({"KeyId": KEY, "PendingWindowInDays": days})).await;
        assert_eq!(status, 200, "{body}");
        engine.trust_clock().await.expect("a store");
        drop(engine);

        for again in [now + DAY * 40, now + DAY * 80] {
            let engine = start(&cloud, folder.path(), again).await;
            for _ in 0..2 {
                let swept = engine.sweep().await.expect("a sweep");
                assert_eq!((swept.done, swept.waiting.map(|waiting| waiting.due)), (0, Some(1)));
                assert_eq!(swept.waiting.map(|waiting| waiting.until), Some(again + DAY));
            }
        }

        let engine = start(&cloud, folder.path(), now).await;
        assert_eq!(engine.sweep().await.expect("a sweep"), Default::default());
        let (status, body) = asked(&engine, &cloud, "CancelKeyDeletion", json!({"KeyId": KEY})).await;
        assert_eq!(status, 200, "{body}");
    }
}

#[tokio::test]
async fn who_vouches_for_the_clock_has_what_is_due_done() {
    let (cloud, folder, now) = (clouds().remove(0), tempfile::tempdir().expect("a folder"), jiff::Timestamp::now());
    let engine = start(&cloud, folder.path(), now).await;
    let (status, body) =
        asked(&engine, &cloud, "ScheduleKeyDeletion", json!({"KeyId": KEY, "PendingWindowInDays": 7})).await;
    assert_eq!(status, 200, "{body}");
    drop(engine);
    let engine = start(&cloud, folder.path(), now + DAY * 8).await;
    assert_eq!(engine.sweep().await.expect("a sweep").done, 0);
    engine.trust_clock().await.expect("a store");
    assert_eq!(engine.sweep().await.expect("a sweep").done, 1);
}
