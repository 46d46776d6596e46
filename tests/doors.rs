//! What `serve` refuses to leave open, by the program itself: wherever a setting comes from.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod program;

use program::{OWN, Program, owners};
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
