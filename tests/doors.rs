//! What `serve` refuses to leave open, by the program itself: wherever a setting comes from.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod cloud;
mod program;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cloud::{Cloud, Signer, ask, clouds};
use polykms::core::dialect::Request;
use polykms::core::engine::Engine;
use polykms::{Builder, RootKey, Seed, Settings, Storage};
use program::{OWN, Program, Server, owners};
use serde_json::{Value, json};
use tempfile::TempDir;

const SEED: &str = r#"{"aws": [{"account": "000000000000",
    "users": [{"name": "ann", "access_keys": [{"id": "AKIAEXAMPLEANN000001", "secret": "ann-secret-EXAMPLE"}]}]}]}"#;

fn serve() -> Program {
    Program::new(["serve", "--data-dir", "data"])
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// What `serve` says when it refuses; nothing was made by then.
fn refusal(folder: &TempDir, program: Program) -> String {
    let (status, words) = program.arguments(["--listen", "127.0.0.1:0"]).end(folder.path());
    assert_eq!(status, Some(2), "{words}");
    assert!(!folder.path().join("data").exists(), "{words}");
    words
}

#[test]
fn what_would_leave_a_server_open_is_refused_by_flag_variable_and_file() {
    for (name, value, said) in [
        ("signatures", "ignore", "`serve` verifies every signature"),
        ("authz", "off", "`serve` enforces every policy"),
        ("authz", "audit", "`serve` enforces every policy"),
    ] {
        let folder = folder();
        std::fs::write(folder.path().join("polykms.toml"), format!("{name} = '{value}'")).expect("a file");
        let variable = format!("POLYKMS_{}", name.to_uppercase());
        for program in [
            serve().arguments([format!("--{name}"), value.to_owned()]),
            serve().variable(&variable, value),
            serve().arguments(["--config", "polykms.toml"]),
            serve().arguments([format!("--{name}"), value.to_owned()]).arguments(["--allow-remote"]),
        ] {
            let words = refusal(&folder, program);
            assert!(words.contains(said), "{words}");
        }
    }
}

#[test]
fn credentials_that_everybody_knows_are_refused_by_flag_variable_file_and_seed() {
    let folder = folder();
    let place = |name: &str| folder.path().join(name);
    std::fs::write(place("polykms.toml"), "aws_access_key_id = 'test'\naws_secret_access_key = 'test'")
        .expect("a file");
    std::fs::write(place("seed.yaml"), SEED).expect("a file");
    let flags = ["--alibaba-access-key-id", "LTAIofmine", "--alibaba-access-key-secret", "testsecret"];
    let known = "POLYKMS_AWS_SECRET_ACCESS_KEY";
    for (program, whose) in [
        (serve().arguments(flags), "`alibaba_access_key_id`"),
        (serve().variable("POLYKMS_AWS_ACCESS_KEY_ID", "AKIAOFMINE").variable(known, "test"), "`aws_access_key_id`"),
        (serve().arguments(["--config", "polykms.toml"]), "`aws_access_key_id`"),
        (serve().arguments(["--seed", "seed.yaml"]), "`AKIAEXAMPLEANN000001` of the seed"),
        (owners(serve()).arguments(["--seed", "seed.yaml"]), "`AKIAEXAMPLEANN000001` of the seed"),
    ] {
        let words = refusal(&folder, program);
        assert!(words.contains("everybody knows the secret") && words.contains(whose), "{words}");
        assert!(!words.contains("testsecret") && !words.contains("ann-secret"), "{words}");
    }
}

#[test]
fn kept_credentials_that_everybody_knows_are_refused_and_own_ones_serve() {
    let folder = folder();
    drop(owners(serve()).start(folder.path()));
    let kept = |secret: &str| {
        format!(
            r#"{{"aws": {{"access_key_id": "AKIAOFMINE", "secret_access_key": "{secret}"}},
                "alibaba": {{"access_key_id": "LTAIofmine", "access_key_secret": "{OWN}"}}}}"#
        )
    };
    let place = folder.path().join("data/owner-credentials.json");
    std::fs::write(&place, kept("test")).expect("a file");
    let (status, words) = serve().end(folder.path());
    assert_eq!(status, Some(2), "{words}");
    assert!(words.contains("the access key `AKIAOFMINE` of the AWS owner"), "{words}");
    std::fs::write(&place, kept(OWN)).expect("a file");
    drop(serve().start(folder.path()));
}

fn signer(id: &str, secret: &str) -> Signer {
    Signer { id: id.to_owned(), secret: secret.to_owned(), token: None }
}

fn request(cloud: &Cloud, service: &str, operation: &str, arguments: &Value, who: &Signer) -> Request {
    let service = cloud.dialect.services.iter().find(|known| known.name == service).expect("a service");
    cloud.request_of(service, operation, arguments, Some(who))
}

/// Status and answer to who asks who it is.
fn identity(server: &Server, cloud: &Cloud, who: &Signer) -> (u16, String) {
    server.send(request(cloud, "sts", "GetCallerIdentity", &json!({}), who))
}

fn dev_seed() -> Value {
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": "arn:aws:iam::000000000000:root"}}]});
    let everything =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let users = json!([
        {"name": "ann", "inline": {"all": everything}, "access_keys": [{"id": "AKIAOFANN", "secret": "password"}]},
        {"name": "bob", "inline": {"all": everything}, "access_keys": [{"id": "AKIAOFBOB", "secret": OWN}]}]);
    json!({"aws": [{"account": "000000000000", "users": users, "roles": [{"name": "rol", "trust": trust}]}]})
}

#[test]
fn a_folder_of_dev_serves_only_once_it_was_adopted_and_then_knows_none_of_its_credentials() {
    let (folder, clouds) = (folder(), clouds());
    let (test, bob) = (signer("test", "test"), signer("AKIAOFBOB", OWN));
    std::fs::write(folder.path().join("seed.json"), dev_seed().to_string()).expect("a seed");
    let dev = Program::new(["dev", "--data-dir", "data", "--seed", "seed.json"]).start(folder.path());
    assert!(clouds.iter().all(|cloud| identity(&dev, cloud, &test).0 == 200));
    let made = Signer::of(&dev.send(request(&clouds[0], "iam", "CreateAccessKey", &json!({}), &test)).1);
    let role = json!({"RoleArn": "arn:aws:iam::000000000000:role/rol", "RoleSessionName": "adopted"});
    let session = Signer::of(&dev.send(request(&clouds[0], "sts", "AssumeRole", &role, &bob)).1);
    let owner_session = Signer::of(&dev.send(request(&clouds[0], "sts", "GetSessionToken", &json!({}), &test)).1);
    for known in [&made, &session, &owner_session] {
        assert_eq!(identity(&dev, &clouds[0], known).0, 200);
    }
    assert_eq!(dev.stop().code(), Some(0));

    let (status, words) = owners(serve()).arguments(["--listen", "127.0.0.1:0"]).end(folder.path());
    assert_eq!(status, Some(1), "{words}");
    assert!(words.contains("was made by `dev`") && words.contains("`serve --adopt`"), "{words}");

    let server = owners(serve()).arguments(["--adopt"]).start(folder.path());
    let words = server.log();
    for gone in [
        "access key `test` of the owner (aws, account 000000000000), which everybody knew",
        "access key `test` of the owner (alibaba, account 1000000000000000), which everybody knew",
        "access key `AKIAOFANN` of the user `ann` (aws, account 000000000000), which everybody knew",
    ] {
        assert!(words.contains(gone), "{words}");
    }
    for gone in [&test, &made, &session, &owner_session, &signer("AKIAOFANN", "password")] {
        let (status, answer) = identity(&server, &clouds[0], gone);
        assert_eq!(status, 403, "{answer}");
    }
    assert_ne!(identity(&server, &clouds[1], &test).0, 200);
    for (cloud, who) in [(&clouds[0], &bob), (&clouds[0], &own_owner()), (&clouds[1], &own_owner())] {
        let (status, answer) = identity(&server, cloud, who);
        assert_eq!(status, 200, "{answer}");
    }
    let listed = server.send(request(&clouds[0], "iam", "ListAccessKeys", &json!({"UserName": "ann"}), &bob)).1;
    assert!(listed.contains("ListAccessKeysResult") && !listed.contains("AKIAOFANN"), "{listed}");
    assert_eq!(server.stop().code(), Some(0));

    drop(owners(serve()).start(folder.path()));
    let (status, words) = Program::new(["dev", "--data-dir", "data", "--listen", "127.0.0.1:0"]).end(folder.path());
    assert_eq!(status, Some(1), "{words}");
    assert!(words.contains("is one of `serve`"), "{words}");
}

fn own_owner() -> Signer {
    signer("OWNEROFTESTS", OWN)
}

async fn engine(folder: &Path, owners: &[&str]) -> Arc<Engine> {
    let owners: Vec<_> = owners.iter().map(|id| json!({"id": id, "secret": OWN})).collect();
    let account = |account: &str| json!([{"account": account, "owner": owners}]);
    let seed = json!({"aws": account("000000000000"), "alibaba": account("1000000000000000")});
    let seed: Seed = serde_json::from_value(seed).expect("a seed");
    Builder::new()
        .storage(Storage::Folder(folder.to_owned()))
        .root_key(RootKey::File(folder.join("root.key")))
        .settings(Settings { seed: Some(seed.into()), ..Settings::default() })
        .build()
        .await
        .expect("an engine")
}

#[tokio::test]
async fn an_owners_key_goes_with_the_settings_that_had_it_and_takes_what_was_made_with_it() {
    for cloud in clouds() {
        let folder = folder();
        let (first, second) = (signer("AKIAFIRST", OWN), signer("AKIASECOND", OWN));
        let iam = if cloud.dialect.name == "aws" { "iam" } else { "ram" };
        let admitted = async |engine: &Engine, who: &Signer| {
            ask(engine, request(&cloud, "sts", "GetCallerIdentity", &json!({}), who)).await.0 == 200
        };
        let made = async |engine: &Engine, by: &Signer| {
            Signer::of(&ask(engine, request(&cloud, iam, "CreateAccessKey", &json!({}), by)).await.1)
        };

        let before = engine(folder.path(), &["AKIAFIRST"]).await;
        let child = made(&before, &first).await;
        drop(before);

        let both = engine(folder.path(), &["AKIAFIRST", "AKIASECOND"]).await;
        for known in [&first, &second, &child] {
            assert!(admitted(&both, known).await, "{}", known.id);
        }
        let mut sessions = Vec::new();
        if iam == "iam" {
            for by in [&first, &child] {
                let answer = ask(&both, request(&cloud, "sts", "GetSessionToken", &json!({}), by)).await.1;
                sessions.push(Signer::of(&answer));
            }
        }
        drop(both);

        let after = engine(folder.path(), &["AKIASECOND"]).await;
        for gone in [&first, &child].into_iter().chain(&sessions) {
            assert!(!admitted(&after, gone).await, "{}", gone.id);
        }
        let others = made(&after, &second).await;
        drop(after);
        let again = engine(folder.path(), &["AKIASECOND"]).await;
        assert!(admitted(&again, &second).await && admitted(&again, &others).await);
    }
}

/// Mebibytes that a process holds in memory.
fn resident(server: &Server) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).expect("a status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches(" kB").parse::<usize>().expect("a number") / 1024
}

#[test]
fn bodies_that_stall_take_no_more_memory_than_one_address_may() {
    let folder = folder();
    let server = Program::new(["dev"]).start(folder.path());
    let before = resident(&server);
    let head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048576\r\n\r\n";
    let part = vec![b'x'; 1000 * 1024];
    let mut clients: Vec<_> = (0..300)
        .map(|_| {
            let mut client = TcpStream::connect(server.address()).expect("a connection");
            client.set_read_timeout(Some(Duration::from_millis(200))).expect("a time limit");
            client.write_all(head).expect("a head");
            let _ = client.write_all(&part); // whoever is refused may have gone
            client
        })
        .collect();
    let refused = |client: &mut TcpStream| {
        let mut answer = [0; 12];
        client.read_exact(&mut answer).is_ok_and(|()| answer == *b"HTTP/1.1 429")
    };
    let count = clients.iter_mut().filter_map(|client| refused(client).then_some(())).count();
    let grown = resident(&server).saturating_sub(before);
    assert!((260..300).contains(&count), "{count} of 300 were refused");
    // What the allocator keeps for later is in it.
    assert!(grown < 256, "{grown} MiB for bodies of one address");
}
