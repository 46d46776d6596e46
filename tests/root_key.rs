//! A store under another root key: what was sealed before still opens, and the old key opens the store no more.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod cloud;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use cloud::{Cloud, KEY, Signer, ask, clouds};
use polykms::core::engine::Engine;
use polykms::core::error::Result;
use polykms::{Builder, RootKey, Seed, Settings, Storage, rotate_root_key};
use polykms_host::ManualClock;
use serde_json::{Value, json};

const FOREIGN: &str = "the root key is not the one this store was made with";

/// The root keys that a store in `folder` has one after the other.
fn root(folder: &Path, at: usize) -> RootKey {
    match at {
        1 => RootKey::Passphrase("correct horse".to_owned().into()),
        _ => RootKey::File(folder.join(format!("{at}.key"))),
    }
}

async fn open(folder: &Path, root: RootKey, settings: Settings) -> Result<Arc<Engine>> {
    // The clock stands in the year of the store that is kept as data, and requests are signed in theirs.
    let skew = ["aws", "alibaba"].map(|dialect| (dialect.to_owned(), Duration::from_secs(100 * 365 * 24 * 3600)));
    let clock = ManualClock::at("2026-11-30T00:00:00Z".parse().expect("a time"));
    Builder::new()
        .storage(Storage::Folder(folder.to_owned()))
        .root_key(root)
        .clock(Arc::new(clock))
        .settings(Settings { skew: skew.into(), ..settings })
        .build()
        .await
}

fn seeded() -> Settings {
    let account = |account: &str, region: &str| {
        let owner = json!([{"id": "owner", "secret": "secret"}]);
        json!([{"account": account, "owner": owner, "keys": [{"id": KEY, "region": region}]}])
    };
    let seed =
        json!({"aws": account("000000000000", "us-east-1"), "alibaba": account("1000000000000000", "cn-hangzhou")});
    let seed: Seed = serde_json::from_value(seed).expect("a seed");
    Settings { seed: Some(seed.into()), ..Settings::default() }
}

async fn decrypted(cloud: &Cloud, engine: &Engine, owner: &Signer, arguments: Value) -> Value {
    let service = cloud.dialect.services.iter().find(|service| service.name == "kms").expect("kms");
    let (status, body) = ask(engine, cloud.request_of(service, "Decrypt", &arguments, Some(owner))).await;
    assert_eq!(status, 200, "{body}");
    serde_json::from_str::<Value>(&body).expect("JSON")["Plaintext"].clone()
}

#[tokio::test]
async fn what_was_encrypted_before_decrypts_under_every_later_root_key_and_the_old_ones_open_nothing() {
    let (folder, clouds) = (tempfile::tempdir().expect("a folder"), clouds());
    let folder = folder.path();
    let owner = Signer { id: "owner".into(), secret: "secret".into(), token: None };
    let engine = open(folder, root(folder, 0), seeded()).await.expect("an engine");
    let mut blobs = [clouds[0].blob(&engine).await, clouds[1].blob(&engine).await];
    drop(engine);
    for at in 0..3 {
        rotate_root_key(folder, root(folder, at), root(folder, at + 1)).await.expect("rotated");
        let refusal = open(folder, root(folder, at), Settings::default()).await.err().expect("refused").to_string();
        assert!(refusal.contains(FOREIGN), "{refusal}");
        let engine = open(folder, root(folder, at + 1), Settings::default()).await.expect("an engine");
        for (cloud, blob) in clouds.iter().zip(&mut blobs) {
            let opened = decrypted(cloud, &engine, &owner, json!({"CiphertextBlob": blob})).await;
            assert_eq!(opened, "aGVsbG8=");
            *blob = cloud.blob(&engine).await;
        }
    }
}

#[tokio::test]
async fn a_store_of_the_first_format_gets_under_another_root_key_too() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/store_v1");
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    std::fs::copy(data.join("polykms.db"), folder.join("polykms.db")).expect("a copy");
    let expected: Value =
        serde_json::from_slice(&std::fs::read(data.join("expected.json")).expect("read")).expect("JSON");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let first = || RootKey::Text(text(&expected["root_key"]).into());

    rotate_root_key(folder, first(), root(folder, 2)).await.expect("rotated");
    assert!(open(folder, first(), Settings::default()).await.is_err());
    let engine = open(folder, root(folder, 2), Settings::default()).await.expect("an engine");
    let cloud = &clouds()[0];
    let of = &expected["owner"]["aws"];
    let owner = Signer { id: text(&of["id"]), secret: text(&of["secret"]), token: None };
    let usable = |key: &&Value| key["state"].is_null();
    for key in expected["aws"]["keys"].as_array().expect("keys").iter().filter(usable) {
        let arguments = json!({"CiphertextBlob": key["ciphertext"], "EncryptionContext": key["context"]});
        assert_eq!(decrypted(cloud, &engine, &owner, arguments).await, key["plaintext"]);
    }
}

/// Status and words of `polykms root rotate`.
fn rotate(folder: &Path, flags: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polykms"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("POLYKMS_")) {
        command.env_remove(name);
    }
    let output = command.args(["root", "rotate"]).args(flags).current_dir(folder).output().expect("run");
    (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[tokio::test]
async fn the_command_line_changes_the_root_key_of_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let data = ["--data-dir", "."];
    let new = ["--new-root-key-file", "new.key"];
    let (status, words) = rotate(folder, &[&data[..], &new].concat());
    assert_eq!((status, words.contains("there is no store")), (Some(1), true), "{words}");
    assert_eq!(std::fs::read_dir(folder).expect("a folder").count(), 0, "nothing was made");

    drop(open(folder, RootKey::File(folder.join("root.key")), seeded()).await.expect("an engine"));
    let (status, words) = rotate(folder, &data);
    assert_eq!((status, words.contains("--new-root-key-file")), (Some(2), true), "{words}");
    let (status, words) = rotate(folder, &[&data[..], &new, &["--root-key-file", "none.key"]].concat());
    assert_eq!((status, words.contains("there is no root key file")), (Some(1), true), "{words}");
    let (status, words) = rotate(folder, &[&data[..], &new].concat());
    assert_eq!((status, words.contains("under the new root key")), (Some(0), true), "{words}");
    let (status, words) = rotate(folder, &[&data[..], &new].concat());
    assert_eq!((status, words.contains(FOREIGN)), (Some(1), true), "{words}");
    open(folder, RootKey::File(folder.join("new.key")), Settings::default()).await.expect("an engine");
}

#[tokio::test]
async fn what_a_store_was_made_with_is_never_made_anew() {
    for (at, name) in [(0, "0.key"), (1, "root.salt")] {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        drop(open(folder, root(folder, at), seeded()).await.expect("an engine"));
        let (file, aside) = (folder.join(name), folder.join("aside"));
        std::fs::rename(&file, &aside).expect("a file");
        let refusal = open(folder, root(folder, at), seeded()).await.err().expect("refused").to_string();
        assert!(refusal.contains("is missing, which the store was made with"), "{refusal}");
        assert!(rotate_root_key(folder, root(folder, at), root(folder, 2)).await.is_err());
        assert!(!file.exists(), "{name} was made anew");
        std::fs::rename(&aside, &file).expect("a file");
        open(folder, root(folder, at), seeded()).await.expect("an engine");
        let drafts = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.unwrap().file_name());
        assert!(!drafts.into_iter().any(|name| name.to_string_lossy().starts_with(".root")), "a draft stays behind");
    }
}
