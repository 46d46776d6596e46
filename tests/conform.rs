//! The program, judged by the conformance suite as any other server: over HTTP, in memory and on a folder.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod program;

use std::collections::BTreeMap;
use std::path::Path;

use polykms::core::dialect::row::Status;
use polykms_conformance::suite::{self, Suite};
use program::{Program, Server};
use serde_json::Value;

/// What the suite says about a server, by its report.
fn judged(server: &Server, dialect: &str, more: &[&str], folder: &Path) -> (Option<i32>, String, Value) {
    let report = folder.join(dialect);
    let target = format!("http://{}", server.address());
    let program = Program::new(["conform", "--target", &target, "--dialect", dialect, "--report"]);
    let (status, words) = program.arguments([report.as_os_str()]).arguments(more).end(folder);
    let told = std::fs::read(report.join("result.json")).unwrap_or_else(|_| panic!("{words}"));
    (status, words, serde_json::from_slice(&told).expect("JSON"))
}

/// Everything that was documented or recorded is as it should be.
fn all_is_well(server: &Server, folder: &Path) {
    for (dialect, least) in [("aws", 1000), ("alibaba", 750)] {
        let (status, words, report) = judged(server, dialect, &[], folder);
        assert_eq!(status, Some(0), "{words}");
        let outcomes = report["outcomes"].as_array().expect("outcomes");
        let sure: Vec<_> = outcomes.iter().filter(|outcome| outcome["confidence"] != "inferred").collect();
        let other: Vec<_> = sure.iter().filter(|outcome| outcome["state"] != "pass").collect();
        assert!(other.is_empty(), "{other:#?}");
        assert!(sure.len() >= least, "{} cases of {dialect}", sure.len());
        for file in ["junit.xml", "report.html"] {
            assert!(folder.join(dialect).join(file).is_file(), "{file}");
        }
    }
}

/// Of all that the suite made, nothing is left but keys that wait for their deletion.
fn nothing_is_left(server: &Server, folder: &Path) {
    let lists = [
        ("aws/iam", "Users", "{Users: []}"),
        ("aws/iam", "Groups", "{Groups: []}"),
        ("aws/iam", "Roles", "{Roles: []}"),
        ("aws/iam", "Policies, with: {Scope: Local}", "{Policies: []}"),
        ("aws/kms", "Aliases", "{Aliases: {$not: {$contains: {AliasName: {$not: {$like: '^alias/aws/'}}}}}}"),
        ("alibaba/ram", "Users", "{Users: {User: []}}"),
        ("alibaba/ram", "Groups", "{Groups: {Group: []}}"),
        ("alibaba/ram", "Roles", "{Roles: {Role: []}}"),
        ("alibaba/ram", "Policies, with: {PolicyType: Custom}", "{Policies: {Policy: []}}"),
        ("alibaba/kms", "Aliases", "{Aliases: {Alias: []}}"),
        (
            "alibaba/kms",
            "Keys, with: {Filters: '[{\"Key\":\"KeyState\",\"Values\":[\"Enabled\"]}]'}",
            "{TotalCount: 0}",
        ),
    ];
    for dialect in ["aws", "alibaba"] {
        let mut own = format!("suite: {dialect}/left/over\ndefaults: {{source: [nobody]}}\ncases:\n");
        for (at, (place, list, told)) in lists.iter().enumerate().filter(|(_, (place, ..))| place.starts_with(dialect))
        {
            let service = place.split('/').nth(1).expect("a service");
            own += &format!(
                "- {{id: l{at}, title: t, steps: [{{call: {service}.List{list}, expect: {{ok: {told}}}}}]}}\n"
            );
        }
        std::fs::write(folder.join("left.yaml"), own).expect("a file");
        let only = format!("{dialect}/left");
        let (status, words, _) = judged(server, dialect, &["--suite", "left.yaml", "--only", &only], folder);
        assert_eq!(status, Some(0), "{words}");
    }
}

#[test]
fn the_program_in_memory_is_what_it_claims_to_be() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Program::new(["dev"]).start(folder.path());
    all_is_well(&server, folder.path());
    nothing_is_left(&server, folder.path());
}

#[test]
fn the_program_on_a_folder_is_what_it_claims_to_be() {
    let folder = tempfile::tempdir().expect("a folder");
    all_is_well(&Program::new(["dev", "--data-dir", "data"]).start(folder.path()), folder.path());
}

#[test]
fn a_server_without_policies_is_told_what_it_lacks_and_not_what_it_fails() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Program::new(["dev", "--authz", "off", "--signatures", "ignore"]).start(folder.path());
    let more = ["--only", "aws/kms/rows", "--only", "aws/kms/signature"];
    let (status, words, report) = judged(&server, "aws", &more, folder.path());
    assert_eq!(status, Some(0), "{words}");
    let outcomes = report["outcomes"].as_array().expect("outcomes");
    assert!(outcomes.len() > 200);
    assert!(outcomes.iter().all(|outcome| outcome["state"]["skip"].is_string()), "{words}");
}

#[test]
fn a_case_that_does_not_hold_fails_unless_that_is_known_and_then_must_not_pass() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Program::new(["dev"]).start(folder.path());
    let own = "suite: aws/kms/own/wrong\ndefaults: {source: [nobody]}\ncases:\n\
               - {id: wrong, title: no key is a pony, steps: [{call: kms.CreateKey, expect: {ok: {KeyMetadata: {KeySpec: PONY}}}}]}\n\
               - {id: right, title: a key is made, steps: [{call: kms.CreateKey}]}\n";
    std::fs::write(folder.path().join("own.yaml"), own).expect("a file");
    let known = |case: &str| {
        let text = format!("subject = \"ours\"\n[[known]]\ncase = \"{case}\"\nreason = \"ponies\"\n");
        std::fs::write(folder.path().join("known.toml"), text).expect("a file");
    };
    let only = ["--suite", "own.yaml", "--only", "aws/kms/own"];
    let (status, words, _) = judged(&server, "aws", &only, folder.path());
    assert_eq!(status, Some(1), "{words}");
    assert!(words.contains("KeyMetadata.KeySpec: \"PONY\" was expected, \"SYMMETRIC_DEFAULT\" came"), "{words}");
    let with_known = [&only[..], &["--known", "known.toml"]].concat();
    for (case, wanted) in [("aws/kms/own/*[wrong]", Some(2)), ("*/wrong/wrong", Some(0)), ("aws/kms/own/*", Some(1))] {
        known(case);
        let (status, words) = {
            let (status, words, _) = judged(&server, "aws", &with_known, folder.path());
            (status, words)
        };
        assert_eq!(status, wanted, "{case}: {words}");
    }
}

#[test]
fn a_run_that_is_to_end_at_the_first_failure_begins_nothing_after_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Program::new(["dev"]).start(folder.path());
    let case = |at: usize, expect: &str| {
        format!("- {{id: c{at}, title: t, steps: [{{call: kms.ListKeys, expect: {expect}}}]}}\n")
    };
    let own = "suite: aws/kms/own/first\ndefaults: {source: [nobody]}\ncases:\n".to_owned()
        + &case(0, "{ok: {Truncated: false}}")
        + &case(1, "{ok: {Truncated: pony}}")
        + &case(2, "{ok: {Truncated: false}}");
    std::fs::write(folder.path().join("own.yaml"), own).expect("a file");
    let more = ["--suite", "own.yaml", "--only", "aws/kms/own", "--jobs", "1"];
    for (first, last) in [(None, "pass"), (Some("--fail-fast"), "the run was stopped")] {
        let more: Vec<_> = more.into_iter().chain(first).collect();
        let (status, words, report) = judged(&server, "aws", &more, folder.path());
        assert_eq!(status, Some(1), "{words}");
        let states: Vec<_> =
            report["outcomes"].as_array().expect("outcomes").iter().map(|case| &case["state"]).collect();
        assert_eq!(states[..2], [&Value::from("pass"), &Value::from("fail")], "{words}");
        assert!(states[2] == last || states[2]["skip"] == last, "{words}");
    }
}

#[test]
fn a_run_that_changes_nothing_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Program::new(["dev", "--audit-file", "trail"]).start(folder.path());
    for dialect in ["aws", "alibaba"] {
        let (status, words, report) = judged(&server, dialect, &["--read-only"], folder.path());
        assert_eq!(status, Some(0), "{words}");
        let outcomes = report["outcomes"].as_array().expect("outcomes");
        let passed = outcomes.iter().filter(|outcome| outcome["state"] == "pass").count();
        assert!(passed >= 20, "{passed} of {} passed", outcomes.len());
    }
    let trail = || std::fs::read_to_string(folder.path().join("trail")).expect("a trail");
    let made = ["CreateKey", "CreateUser", "CreateRole", "CreateAccessKey", "PutUserPolicy", "AssumeRole"];
    let found = |trail: &str| made.iter().filter(|name| trail.contains(&format!(r#""{name}""#))).count();
    assert_eq!(found(&trail()), 0);
    // The control: other runs make somebody.
    nothing_is_left(&server, folder.path());
    assert!(found(&trail()) > 0);
}

#[test]
fn a_run_that_is_killed_is_undone_and_gone_on_with_by_its_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Program::new(["dev"]).start(folder.path());
    let target = format!("http://{}", server.address());
    let journal = folder.path().join("journal");
    let only = ["--only", "aws/iam/users", "--only", "aws/iam/groups", "--jobs", "1"];
    let mut killed = std::process::Command::new(env!("CARGO_BIN_EXE_polykms"))
        .args(["conform", "--target", &target, "--dialect", "aws", "--journal", "journal"])
        .args(only)
        .current_dir(folder.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("the program");
    let written = || std::fs::read_to_string(&journal).unwrap_or_default();
    // In the middle of a case: something is done that is not undone yet, and some cases ended.
    let is_amidst = |text: &str| {
        let count = |kind: &str| text.lines().filter(|line| line.starts_with(&format!(r#"{{"{kind}""#))).count();
        count("ended") >= 5 && count("deed") > count("undone")
    };
    let begun = std::time::Instant::now();
    while !is_amidst(&written()) {
        assert!(begun.elapsed().as_secs() < 60 && killed.try_wait().expect("a state").is_none(), "{}", written());
    }
    killed.kill().expect("killed");
    killed.wait().expect("ended");
    let before = written().lines().filter(|line| line.starts_with(r#"{"ended""#)).count();

    let conform = |more: &[&str]| {
        let program = Program::new(["conform", "--target", &target, "--dialect", "aws", "--journal", "journal"]);
        program.arguments(more).end(folder.path())
    };
    let (status, words) = conform(&only);
    assert_eq!(status, Some(2), "a journal is not begun twice: {words}");
    let (status, words) = conform(&["--sweep"]);
    assert_eq!(status, Some(0), "{words}");
    nothing_is_left(&server, folder.path());

    let (status, words, report) =
        judged(&server, "aws", &[&only[..], &["--journal", "journal", "--resume"]].concat(), folder.path());
    assert_eq!(status, Some(0), "{words}");
    let outcomes = report["outcomes"].as_array().expect("outcomes");
    assert!(outcomes.iter().all(|outcome| outcome["state"] == "pass") && outcomes.len() > before, "{words}");
    let ended = written().lines().filter(|line| line.starts_with(r#"{"ended""#)).count();
    assert_eq!(ended, outcomes.len(), "no case is run twice");
    nothing_is_left(&server, folder.path());
    let (status, words) = conform(&["--sweep"]);
    assert!(status == Some(0) && words.contains("0 things undone"), "{words}");
}

#[test]
fn every_built_row_has_at_least_four_cases() {
    let registry = polykms::registry().expect("dialects");
    let mut all = 0;
    for name in ["aws", "alibaba"] {
        let dialect = registry.named(name).expect("linked");
        let mut suites = suite::derived::suites(dialect, &suite::world(name).expect("a world")).expect("suites");
        suites.extend(suite::suites(name).expect("suites"));
        let plans = suite::plan::plans(dialect, suites).expect("plans");
        all += plans.len();
        let mut calls = BTreeMap::<String, usize>::new();
        for step in plans.iter().flat_map(|plan| &plan.case.steps) {
            *calls.entry(step.call.clone().unwrap_or_default()).or_default() += 1;
        }
        for service in dialect.services {
            for row in service.rows.iter().filter(|row| row.status() == Status::Built) {
                let call = format!("{}.{}", service.name, row.wire());
                assert!(calls.get(&call).is_some_and(|count| *count >= 4), "{call} has too few cases");
            }
        }
    }
    assert!(all >= 1700, "{all}");
}

#[test]
fn the_schema_of_suites_is_that_of_the_code() {
    let schema = serde_json::to_string_pretty(&schemars::schema_for!(Suite)).expect("JSON") + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/suites/schema.json");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &schema).expect("written");
    }
    let documented = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(documented == schema, "conformance/suites/schema.json is old: run this test with UPDATE_SCHEMA=1");
}
