//! The official SDKs of both clouds, unmodified, against the real program: installs them, then runs their suites.
//!
//! The suites are in `tests/sdk`: pytest for boto3, the aws command and both generations of Alibaba Cloud's Python
//! SDKs, and node's own test runner for the JavaScript SDKs; pytest also builds and runs the programs that the documentation
//! has for Go and Java. Their output is printed as it comes.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the suites.
fn suites() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk")
}

/// The folder in which `setup.sh` installs the SDKs.
fn tools() -> PathBuf {
    match std::env::var_os("POLYKMS_SDK_TOOLS") {
        Some(folder) => std::path::absolute(folder).expect("the folder of the tools has a path"),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("target/sdk-tools"),
    }
}

/// Runs a command to its end, with the names that the suites need.
fn run(what: &str, command: &mut Command) {
    let status = command
        .env("POLYKMS_BIN", env!("CARGO_BIN_EXE_polykms"))
        .env("POLYKMS_SDK_TOOLS", tools())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .status();
    match status {
        Ok(status) => assert!(status.success(), "{what} ended with {status}"),
        Err(error) => panic!("{what} does not run: {error}"),
    }
}

/// Installs the SDKs, unless they are there.
fn set_up() {
    run("setup.sh", Command::new("bash").arg(suites().join("setup.sh")));
}

#[test]
fn python_sdks() {
    set_up();
    let python = tools().join("venv/bin/python");
    run("pytest", Command::new(python).args(["-m", "pytest", "-q"]).current_dir(suites().join("python")));
}

#[test]
fn node_sdks() {
    set_up();
    run(
        "node --test",
        Command::new("node").args(["--test", "--test-concurrency=1"]).current_dir(suites().join("node")),
    );
}
