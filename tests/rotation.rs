//! Keys rotate by themselves over restarts and under load: what was encrypted before, after or meanwhile opens for ever.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use jiff::SignedDuration;
use polykms::client::Kind;
use polykms::core::engine::{Engine, Local};
use polykms::core::key::rotation::Wanted;
use polykms::core::key::{ListVersions, Reference, Rotated, Rotating, VersionOf};
use polykms::core::list::Paging;
use polykms::core::port::Space;
use polykms::{Builder, Client, RootKey, Storage};
use polykms_host::MovedClock;

const DAY: SignedDuration = SignedDuration::from_hours(24);

async fn engine(folder: &Path) -> Arc<Engine> {
    let builder =
        Builder::new().storage(Storage::Folder(folder.join("data"))).root_key(RootKey::File(folder.join("root")));
    builder.clock(Arc::new(MovedClock::default())).build().await.expect("an engine")
}

/// The owner of an account of each cloud.
fn owners(engine: &Arc<Engine>) -> [Client; 2] {
    let registry = polykms::registry().expect("dialects");
    ["aws", "alibaba"].map(|name| {
        let dialect = registry.named(name).expect("linked");
        let account = dialect.front.default_account.to_owned();
        let who = Local { account, user: None, region: dialect.law.region.into() };
        Client::embedded(Arc::clone(engine), dialect, who)
    })
}

async fn versions(client: &Client, id: &str) -> Vec<VersionOf> {
    let paging = Paging::Number { page: 1, size: 100 };
    client.request(ListVersions { key: Reference::id(id), paging }).await.expect("versions").items
}

#[tokio::test]
async fn a_key_rotates_at_its_time_whoever_serves_it_then_and_old_ciphertexts_open() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = engine(folder.path()).await;
    let mut made = Vec::new();
    for client in owners(&first) {
        let id = client.keys().create().await.unwrap().id;
        let key = client.key(&id);
        key.rotate_every(90).await.unwrap();
        let blob = key.encrypt("kept").context([("a", "b")]).await.unwrap();
        made.push((id, blob));
    }
    first.advance(DAY * 89).await.unwrap();
    drop(first);
    // Its clock tells the time of this machine again, so that the 89 days are still to come.
    let second = engine(folder.path()).await;
    second.advance(DAY * 91).await.unwrap();
    let due = second.world().ports.store.paths(Space::Due, "", None, 0, 10).await.unwrap();
    assert_eq!(due.iter().filter(|path| path.contains("\u{1f}rotation\u{1f}")).count(), 2, "{due:?}");
    for (client, (id, blob)) in owners(&second).iter().zip(&made) {
        let key = client.key(id);
        let new = key.encrypt("new").await.unwrap();
        assert_ne!(
            new.by.version.as_ref().or(new.by.material.as_ref()),
            blob.by.version.as_ref().or(blob.by.material.as_ref())
        );
        let opened = key.decrypt(blob.blob.clone()).context([("a", "b")]).await.unwrap();
        assert_eq!(opened.plaintext.expose(), b"kept");
        assert_eq!((&opened.by.version, &opened.by.material), (&blob.by.version, &blob.by.material));
        assert_eq!(key.decrypt(new.blob).await.unwrap().plaintext.expose(), b"new");
    }
}

#[tokio::test]
async fn clients_of_both_clouds_rotate_keys_alike() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = engine(folder.path()).await;
    let [aws, alibaba] = owners(&engine);
    let key = aws.key(&aws.keys().create().await.unwrap().id);
    assert!(key.rotate().await.unwrap().arn.is_some());
    key.rotate_every(90).await.unwrap();
    let told = key.rotation().await.unwrap().rotation;
    assert_eq!((told.rotating, told.every), (Rotating::On, Some(DAY * 90)));
    key.rotate_no_more().await.unwrap();
    assert_eq!(key.rotation().await.unwrap().rotation.rotating, Rotating::Off);
    let turns: Vec<_> = key.rotations().try_collect().await.unwrap();
    assert_eq!(turns.iter().map(|turn| turn.rotated).collect::<Vec<_>>(), [None, Some(Rotated::OnDemand)]);
    let odd = key.rotate_every(90).with(|op| op.rotation = Wanted::every(DAY * 90 + SignedDuration::from_secs(1)));
    assert_eq!(odd.await.unwrap_err().kind(), Kind::Unsupported);
    let rotating = aws.keys().create().with(|op| op.rotation = Wanted::every(DAY * 90));
    assert_eq!(rotating.await.unwrap_err().kind(), Kind::Unsupported);

    let made = alibaba.keys().create().with(|op| op.rotation = Wanted::every(DAY * 8)).await.unwrap();
    let told = made.rotation.unwrap();
    assert_eq!((told.rotating, told.every, told.next), (Rotating::On, Some(DAY * 8), Some(made.created_at + DAY * 8)));
    let key = alibaba.key(&made.id);
    key.rotate().await.unwrap_err();
    engine.advance(DAY * 7).await.unwrap();
    let new = key.rotate().await.unwrap().version.unwrap();
    let described = key.describe().await.unwrap();
    assert_eq!(described.current.unwrap().id, Some(new.id.clone()));
    // The next time counts from what was asked for.
    assert!(described.rotation.unwrap().next.unwrap() >= made.created_at + DAY * 15 - SignedDuration::from_secs(1));
    assert_eq!(versions(&alibaba, &made.id).await.last(), Some(&new));
    key.rotate_no_more().await.unwrap();
    assert_eq!(key.describe().await.unwrap().rotation.unwrap().rotating, Rotating::Off);
    key.rotation().await.unwrap_err();
}

#[test]
fn what_is_encrypted_while_a_key_rotates_opens_for_ever_and_no_rotation_is_lost() {
    const ROTATIONS: usize = 12;
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let (engine, id) = runtime().block_on(async {
        let engine = engine(folder.path()).await;
        let [aws, _] = owners(&engine);
        let id = aws.keys().create().await.unwrap().id;
        aws.key(&id).rotate_every(90).await.unwrap();
        (engine, id)
    });
    let on_a_thread = |work: &(dyn Fn(Client) -> Vec<Vec<u8>> + Sync)| work(owners(&engine)[0].clone());
    let (blobs, swept) = std::thread::scope(|scope| {
        let encrypting: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    on_a_thread(&|client| {
                        let key = client.key(&id);
                        runtime().block_on(async {
                            let mut blobs = Vec::new();
                            for _ in 0..200 {
                                blobs.push(key.encrypt("x").await.unwrap().blob);
                            }
                            blobs
                        })
                    })
                })
            })
            .collect();
        let rotating: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    runtime().block_on(async {
                        let key = owners(&engine)[0].key(&id);
                        for _ in 0..ROTATIONS / 2 {
                            // Just before it rotates by itself nobody may ask for it.
                            while let Err(error) = key.rotate().await {
                                assert_eq!(error.kind(), Kind::State, "{error}");
                            }
                        }
                    });
                })
            })
            .collect();
        let sweeping = scope.spawn(|| {
            runtime().block_on(async {
                let (key, mut swept) = (owners(&engine)[0].key(&id), 0);
                for _ in 0..3 {
                    let now = engine.advance(DAY * 90).await.unwrap();
                    // Somebody may have changed the key meanwhile; then it is done the next time.
                    while key.rotation().await.unwrap().rotation.next.unwrap() <= now {
                        engine.sweep().await.unwrap();
                    }
                    swept += 1;
                }
                swept
            })
        });
        rotating.into_iter().for_each(|thread| thread.join().expect("rotated"));
        let blobs: Vec<_> = encrypting.into_iter().flat_map(|thread| thread.join().expect("encrypted")).collect();
        (blobs, sweeping.join().expect("swept"))
    });
    runtime().block_on(async {
        let key = owners(&engine)[0].key(&id);
        for blob in blobs {
            assert_eq!(key.decrypt(blob).await.unwrap().plaintext.expose(), b"x");
        }
        let turns: Vec<_> = key.rotations().try_collect().await.unwrap();
        let of = |kind| turns.iter().filter(|turn| turn.rotated == kind).count();
        assert_eq!([of(None), of(Some(Rotated::OnDemand)), of(Some(Rotated::ByItself))], [1, ROTATIONS, swept]);
    });
}
