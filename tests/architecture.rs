//! The dependency rule, read from the manifests: core knows nothing of ours, dialects and adapters know only the core,
//! the conformance suite knows the core and what asks over HTTP, and the root knows all; inside the core, files import from
//! their own layer and from below. Of vendors only the dialects know.

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
        ("polykms-generate", BTreeSet::new()),
        ("polykms-crypto", core.clone()),
        ("polykms-envelope", core.clone()),
        ("polykms-host", core.clone()),
        ("polykms-remote", core.clone()),
        ("polykms-store", core.clone()),
        ("polykms-remote", core.clone()),
        ("polykms-server", core.clone()),
        ("polykms-conformance", BTreeSet::from(["polykms-core", "polykms-remote"])),
        (
            "polykms",
            BTreeSet::from([
                "polykms-core",
                "polykms-aws",
                "polykms-alibaba",
                "polykms-crypto",
                "polykms-envelope",
                "polykms-host",
                "polykms-remote",
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

/// Words that belong to one vendor.
const VENDOR_WORDS: &[&str] = &["aws", "alibaba", "aliyun", "amazon", "\"arn:", "\"acs:"];

/// What holds such a word and knows no vendor: the library of cryptography, and the lines that link the dialects.
const NO_VENDORS: &[&str] = &[
    "aws_lc_rs",
    "use polykms_aws as _;",
    "use polykms_alibaba as _;",
    "#[cfg(feature = \"aws\")]",
    "#[cfg(feature = \"alibaba\")]",
];

fn vendor_words(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("tests") {
            vendor_words(&path, found);
        }
        if path.extension().is_none_or(|extension| extension != "rs") || path.to_string_lossy().ends_with("_tests.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("UTF-8");
        // Tests and documentation may give examples; code may not.
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (at, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let said = NO_VENDORS.iter().fold(line.to_lowercase(), |said, harmless| said.replace(harmless, ""));
            if VENDOR_WORDS.iter().any(|word| said.contains(word)) {
                found.push(format!("{}:{}: {}", path.display(), at + 1, line.trim()));
            }
        }
    }
}

#[test]
fn only_the_dialects_know_a_vendor() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["core/src", "src", "adapters"] {
        vendor_words(&root.join(folder), &mut found);
    }
    assert!(found.is_empty(), "vendor words outside the dialects:\n{}", found.join("\n"));
}

#[test]
fn the_search_for_vendor_words_finds_them() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.rs"), "/// AWS\nuse aws_lc_rs as _;\nconst X: &str = \"Aliyun\";\n")
        .expect("a file");
    let mut found = Vec::new();
    vendor_words(folder.path(), &mut found);
    assert!(matches!(&found[..], [line] if line.ends_with(":3: const X: &str = \"Aliyun\";")), "{found:?}");
}

#[test]
fn every_package_follows_the_workspace_lints() {
    for (name, manifest) in manifests() {
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
        assert_eq!(lints, Some(true), "{name} has lints of its own");
    }
}

/// The layers of the core, the lowest first: a file may import from its own and from those below.
const LAYERS: &[&[&str]] = &[
    &["policy", "secret", "tag"],
    &["denial"],
    &["error", "once"],
    &["port"],
    &["holder", "name", "resource"],
    &["dialect", "due", "engine", "operation"],
    &["list"],
    &["identity", "key"],
    &["format", "inquire", "inspect", "seed", "tagged", "testing"],
];

/// What a file imports from above all the same, and why it still has to.
const ABOVE: &[(&str, &str, &str)] = &[
    ("engine/identify.rs", "identity", "callers are read from users and roles here"),
    ("engine/world/caches.rs", "key", "keys that were read are kept here"),
    ("engine/world/mod.rs", "key", "keys that were read are kept here"),
    ("engine/world/sealing.rs", "key", "the material of keys is unsealed here"),
];

/// The modules of the core that a file names, its tests excepted.
fn named_modules(text: &str) -> BTreeSet<&str> {
    let code = text.split_once("#[cfg(test)]").map_or(text, |(code, _)| code);
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut named = BTreeSet::new();
    for rest in lines.flat_map(|line| line.split("crate::").skip(1)) {
        let name = rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next();
        named.extend(name.filter(|name| !name.is_empty()));
        assert!(!rest.starts_with('{'), "an import names one module of the core a line: {rest}");
    }
    named
}

/// The imports of a file that go upward without a reason.
fn upward<'a>(file: &str, text: &'a str) -> Vec<&'a str> {
    let layer = |module: &str| LAYERS.iter().position(|layer| layer.contains(&module));
    let module = file.split(['/', '.']).next().expect("a name");
    let own = layer(module).unwrap_or_else(|| panic!("`{module}` joins the core together with its layer"));
    let excused = |name: &str| ABOVE.iter().any(|(known, module, _)| *known == file && *module == name);
    let above = |name: &&str| layer(name).is_some_and(|layer| layer > own) && !excused(name);
    named_modules(text).into_iter().filter(above).collect()
}

/// Every file of the core below its `src`, with its text.
fn files_of_the_core() -> Vec<(String, String)> {
    fn visit(folder: &Path, below: &str, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = format!("{below}{}", path.file_name().expect("a name").to_str().expect("UTF-8"));
            if path.is_dir() {
                visit(&path, &format!("{name}/"), found);
            } else if name != "lib.rs" && !name.ends_with("_tests.rs") {
                found.push((name, std::fs::read_to_string(&path).expect("a source file")));
            }
        }
    }
    let mut found = Vec::new();
    visit(&Path::new(env!("CARGO_MANIFEST_DIR")).join("core/src"), "", &mut found);
    found
}

#[test]
fn the_files_of_the_core_import_from_their_own_layer_and_from_below() {
    let files = files_of_the_core();
    assert!(files.len() > 80, "{}", files.len());
    for (file, text) in &files {
        assert_eq!(upward(file, text), [""; 0], "{file} imports from above");
    }
    let named = |file: &str| files.iter().find(|(known, _)| known == file).map(|(_, text)| named_modules(text));
    for (file, module, _) in ABOVE {
        assert!(named(file).is_some_and(|named| named.contains(module)), "{file} needs no excuse for `{module}`");
    }
}

#[test]
fn a_planted_import_from_above_is_found() {
    assert_eq!(upward("engine/judge.rs", "use crate::policy::Verdict;\nuse crate::key::Loaded;"), ["key"]);
    assert_eq!(upward("port/store.rs", "fn f() -> crate::engine::World { todo!() }"), ["engine"]);
    assert_eq!(upward("policy/mod.rs", "macro_rules! m { () => { $crate::error::Kind::Internal } }"), ["error"]);
    assert_eq!(upward("key/mod.rs", "use crate::engine::World;\n#[cfg(test)]\nuse crate::seed::Seed;"), [""; 0]);
    assert_eq!(upward("port/mod.rs", "/// As [`World`](crate::engine::World).\nuse crate::error::Kind;"), [""; 0]);
}
