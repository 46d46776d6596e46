//! The dependency rule, read from the manifests: core knows nothing of ours, dialects and adapters know only the core,
//! the conformance suite knows the core, and the root knows all.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Which of our packages each package may depend on, outside its tests.
fn allowed() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let core = BTreeSet::from(["polykms-core"]);
    BTreeMap::from([
        ("polykms-core", BTreeSet::new()),
        ("polykms-aws", core.clone()),
        ("polykms-alibaba", core.clone()),
        ("polykms-crypto", core.clone()),
        ("polykms-host", core.clone()),
        ("polykms-store", core.clone()),
        ("polykms-server", core.clone()),
        ("polykms-conformance", core),
        (
            "polykms",
            BTreeSet::from([
                "polykms-core",
                "polykms-aws",
                "polykms-alibaba",
                "polykms-crypto",
                "polykms-host",
                "polykms-store",
                "polykms-server",
                "polykms-conformance",
            ]),
        ),
    ])
}

/// Crates that do I/O, read clocks or draw randomness, and so have no place in the core or a dialect.
const IMPURE: &[&str] =
    &["tokio", "hyper", "hyper-util", "reqwest", "rusqlite", "getrandom", "rand", "socket2", "aws-lc-rs", "tracing"];

fn manifests() -> BTreeMap<String, toml::Table> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = read(&root.join("Cargo.toml"));
    let members = workspace["workspace"]["members"].as_array().expect("members").clone();
    members
        .iter()
        .map(|member| read(&root.join(member.as_str().expect("a path")).join("Cargo.toml")))
        .map(|manifest| (manifest["package"]["name"].as_str().expect("a name").to_owned(), manifest))
        .collect()
}

fn read(path: &Path) -> toml::Table {
    std::fs::read_to_string(path).expect("a manifest").parse().expect("TOML")
}

fn dependencies(manifest: &toml::Table) -> BTreeSet<String> {
    let names = |section: &str| manifest.get(section).and_then(|section| section.as_table());
    ["dependencies", "build-dependencies"]
        .into_iter()
        .filter_map(names)
        .flat_map(|table| table.keys().cloned())
        .collect()
}

#[test]
fn each_package_depends_only_on_those_it_may() {
    let (manifests, allowed) = (manifests(), allowed());
    assert_eq!(
        manifests.keys().map(String::as_str).collect::<BTreeSet<_>>(),
        allowed.keys().copied().collect(),
        "a package joins the workspace together with its line in the rule"
    );
    for (name, manifest) in &manifests {
        let ours: BTreeSet<_> = dependencies(manifest).into_iter().filter(|name| name.starts_with("polykms")).collect();
        let may = &allowed[name.as_str()];
        let wrong: Vec<_> = ours.iter().filter(|dependency| !may.contains(dependency.as_str())).collect();
        assert!(wrong.is_empty(), "{name} may not depend on {wrong:?}");
    }
}

#[test]
fn the_core_and_the_dialects_depend_on_nothing_that_does_io() {
    for (name, manifest) in manifests() {
        if !matches!(name.as_str(), "polykms-core" | "polykms-aws" | "polykms-alibaba") {
            continue;
        }
        let impure: Vec<_> =
            dependencies(&manifest).into_iter().filter(|dependency| IMPURE.contains(&dependency.as_str())).collect();
        assert!(impure.is_empty(), "{name} may not depend on {impure:?}");
    }
}

#[test]
fn the_core_knows_no_vendor() {
    fn visit(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                visit(&path, found);
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("UTF-8");
            // Tests and documentation may give examples; code may not.
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for (at, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
                let lower = line.to_lowercase();
                if ["aws", "alibaba", "aliyun", "amazon", "\"arn:", "\"acs:"].iter().any(|word| lower.contains(word)) {
                    found.push(format!("{}:{}: {}", path.display(), at + 1, line.trim()));
                }
            }
        }
    }
    let mut found = Vec::new();
    visit(&Path::new(env!("CARGO_MANIFEST_DIR")).join("core/src"), &mut found);
    found.retain(|line| !line.contains("_tests.rs"));
    assert!(found.is_empty(), "vendor words in the core:\n{}", found.join("\n"));
}

#[test]
fn every_package_follows_the_workspace_lints() {
    for (name, manifest) in manifests() {
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
        assert_eq!(lints, Some(true), "{name} has lints of its own");
    }
}
