//! A disk that is full, in three layouts: the store on it, the trail on it, both on it. The disk is a file system in memory, in
//! a mount namespace of its own; where the system makes none the test is left out, and says so.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod cloud;
mod program;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cloud::{Cloud, Signer, clouds};
use program::{OWN, Program, Server, owners};
use serde_json::{Value, json};

/// Mounts a small disk, leaves something on it that can be removed later, and becomes the program.
const SMALL: &str = "mount -t tmpfs -o size=3m small small && head -c 1048576 /dev/zero > small/ballast && exec \"$@\"";
const WITHIN: [&str; 6] = ["unshare", "--mount", "--map-root-user", "sh", "-c", SMALL];

/// Whether this system lets the test have a disk.
fn is_possible() -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("small")).expect("a folder");
    let mut command = Command::new(WITHIN[0]);
    command.args(&WITHIN[1..]).args(["sh", "true"]).current_dir(folder.path()).stdout(Stdio::null());
    let possible = command.stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    if !possible {
        eprintln!("LEFT OUT: this system makes no mount namespaces for tests; nothing was tried with a full disk");
        let must = std::env::var_os("POLYKMS_ALL_TESTS").is_some() && rustix::process::geteuid().is_root();
        assert!(!must, "a full disk is to be tried here");
    }
    possible
}

struct Disk {
    server: Server,
    cloud: Cloud,
    trail: PathBuf,
    small: PathBuf,
}

impl Disk {
    fn start(folder: &Path, data: &str, trail: &str) -> Self {
        std::fs::create_dir(folder.join("small")).expect("a folder");
        let arguments =
            ["serve", "--data-dir", data, "--audit-file", trail, "--root-key-file", "root.key", "--threads", "2"];
        let program = owners(Program::new(arguments)).within(WITHIN.into_iter().chain(["sh"]));
        let server = program.start(folder);
        // What only the server sees is there below its root.
        let inside = PathBuf::from(format!("/proc/{}/root{}", server.id(), folder.display()));
        let (trail, small) = (inside.join(trail), inside.join("small"));
        Self { server, cloud: clouds().remove(0), trail, small }
    }

    fn ask(&self, operation: &str, arguments: &Value) -> (u16, Value) {
        let service = self.cloud.dialect.services.iter().find(|service| service.name == "kms").expect("a service");
        let owner = Signer { id: "OWNEROFTESTS".to_owned(), secret: OWN.to_owned(), token: None };
        let (status, body) = self.server.send(self.cloud.request_of(service, operation, arguments, Some(&owner)));
        (status, serde_json::from_str(&body).unwrap_or_default())
    }

    fn make(&self) -> Result<String, u16> {
        let (status, body) = self.ask("CreateKey", &json!({"Description": "x".repeat(8000)}));
        match status {
            200 => Ok(body["KeyMetadata"]["KeyId"].as_str().expect("an identifier").to_owned()),
            status => Err(status),
        }
    }

    /// Makes keys until the disk is full, and some more times.
    fn fill(&self) -> BTreeSet<String> {
        let (mut made, mut refused) = (BTreeSet::new(), 0);
        for _ in 0..2000 {
            match self.make() {
                Ok(id) => drop(made.insert(id)),
                Err(status) => {
                    assert!((500..600).contains(&status), "{status}");
                    refused += 1;
                }
            }
            if refused == 5 {
                return made;
            }
        }
        panic!("the disk is never full: {} keys", made.len());
    }

    /// Every key that is there now.
    fn listed(&self) -> BTreeSet<String> {
        let (status, body) = self.ask("ListKeys", &json!({"Limit": 1000}));
        assert_eq!(status, 200, "{body}");
        body["Keys"].as_array().expect("keys").iter().map(|key| key["KeyId"].as_str().unwrap().to_owned()).collect()
    }

    /// The keys that the trail says were made, with how many events say so.
    fn told(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let text = std::fs::read(&self.trail).expect("a trail");
        for line in String::from_utf8_lossy(&text).lines() {
            let Ok(event) = serde_json::from_str::<Value>(line) else { continue };
            if event["eventName"] == "CreateKey" && event["errorCode"].is_null() {
                let id = event["responseElements"]["keyMetadata"]["keyId"].as_str().expect("an identifier");
                let event = event["eventID"].as_str().expect("an identifier");
                told.entry(id.to_owned()).or_default().insert(event.to_owned());
            }
        }
        told
    }
}

/// Fills the disk, makes room, and holds what is there against what was acknowledged and told.
fn a_full_disk_loses_nothing(data: &str, trail: &str) {
    if !is_possible() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let disk = Disk::start(folder.path(), data, trail);
    let mut made = disk.fill();
    assert!(made.len() > 10, "{}", made.len());
    std::fs::remove_file(disk.small.join("ballast")).expect("room is made");
    let begun = Instant::now();
    let again = loop {
        match disk.make() {
            Ok(id) => break id,
            Err(status) => assert!(begun.elapsed() < Duration::from_secs(20), "{status}:\n{}", disk.server.log()),
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    made.insert(again);
    let kept = disk.listed();
    let lost: Vec<_> = made.difference(&kept).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    // What was behind when there was no room comes later.
    let begun = Instant::now();
    let told = loop {
        let told = disk.told();
        if kept.iter().all(|key| told.contains_key(key)) || begun.elapsed() > Duration::from_secs(10) {
            break told;
        }
        drop(disk.make());
        std::thread::sleep(Duration::from_millis(100));
    };
    let silent: Vec<_> = kept.iter().filter(|key| !told.contains_key(*key)).collect();
    assert!(silent.is_empty(), "kept and not told: {silent:?}");
    let kept = disk.listed();
    let untrue: Vec<_> = told.keys().filter(|key| !kept.contains(*key)).collect();
    assert!(untrue.is_empty(), "told and not kept: {untrue:?}");
    assert!(told.values().all(|events| events.len() == 1), "told under several identifiers");
    assert!(disk.server.ask("GET", "/healthz", &[]).starts_with("HTTP/1.1 200 "));
    assert_eq!(disk.server.stop().code(), Some(0));
}

#[test]
fn nothing_is_lost_or_untold_when_the_disk_of_the_store_is_full() {
    a_full_disk_loses_nothing("small/data", "audit.jsonl");
}

#[test]
fn nothing_is_lost_or_untold_when_the_disk_of_the_trail_is_full() {
    a_full_disk_loses_nothing("data", "small/audit.jsonl");
}

#[test]
fn nothing_is_lost_or_untold_when_store_and_trail_are_on_one_full_disk() {
    a_full_disk_loses_nothing("small/data", "small/data/audit.jsonl");
}
