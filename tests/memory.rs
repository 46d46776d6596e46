//! What stays of a process outside of it: no core file, and where the system lets it no page in swap space.

#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod program;

use program::{Program, owners};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The value of a line of `/proc/ID/FILE`.
fn told(id: u32, file: &str, name: &str) -> String {
    let text = std::fs::read_to_string(format!("/proc/{id}/{file}")).expect("a file of the system");
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {text}"));
    line.trim_start_matches(name).trim().to_owned()
}

#[test]
fn a_process_that_is_aborted_leaves_no_core() {
    let limit = getrlimit(Resource::Core);
    let raised = Rlimit { current: limit.maximum, ..limit };
    setrlimit(Resource::Core, raised).expect("a limit that children begin with");
    for command in ["dev", "serve"] {
        let folder = tempfile::tempdir().expect("a folder");
        let server = owners(Program::new([command, "--data-dir", "data"])).start(folder.path());
        assert!(told(server.id(), "limits", "Max core file size").starts_with('0'));
        // The system gives the files of a process that is not to be dumped to its own superuser.
        let status = server.abort();
        use std::os::unix::process::ExitStatusExt;
        assert_eq!((status.signal(), status.core_dumped()), (Some(6), false));
        let names = std::fs::read_dir(folder.path()).expect("a folder").map(|entry| entry.unwrap().file_name());
        let left: Vec<_> = names.filter(|name| name.to_string_lossy().starts_with("core")).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn a_server_locks_its_memory_where_the_system_sets_no_limit_and_says_so_where_it_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = owners(Program::new(["serve", "--data-dir", "data"])).start(folder.path());
    let locked = told(server.id(), "status", "VmLck:");
    let said = server.log().contains("secrets may go to swap space");
    assert_ne!(locked == "0 kB", !said, "{locked}: {}", server.log());
    let folder = tempfile::tempdir().expect("a folder");
    let emulator = Program::new(["dev"]).start(folder.path());
    assert_eq!(told(emulator.id(), "status", "VmLck:"), "0 kB");
}
