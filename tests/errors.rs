//! Every error that the dialects have words for is made by some code, or stands here with the reason why none makes it.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::path::{Path, PathBuf};

use polykms::core::error::{AuthFlaw, Cause, Flaw, Kind, Noun, StateFlaw};

/// What no code makes yet, and why.
const NEVER_MADE: [(&str, &str); 2] = [
    ("StateFlaw::Unavailable", "no key is kept where it could become out of reach"),
    ("Noun::Resource", "each noun so far has a name of its own"),
];

/// The code of core, dialects and adapters, but for tests, comments, and where errors are declared and get their words.
fn code() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["core/src", "dialects/aws/src", "dialects/alibaba/src", "adapters", "src"] {
        gather(&root.join(folder), &mut files);
    }
    let declared = |path: &PathBuf| {
        path.ends_with("core/src/error.rs") || path.components().any(|part| part.as_os_str() == "errors")
    };
    let text = |path: PathBuf| std::fs::read_to_string(path).expect("UTF-8");
    let files = files.into_iter().filter(|path| !declared(path)).map(text);
    let code = files.flat_map(|text| {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        code.lines().filter(|line| !line.trim_start().starts_with("//")).map(str::to_owned).collect::<Vec<_>>()
    });
    code.collect::<Vec<_>>().join("\n")
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        match path.is_dir() {
            true if name == "tests" => {}
            true => gather(&path, files),
            false if name.ends_with(".rs") && !name.ends_with("_tests.rs") => files.push(path),
            false => {}
        }
    }
}

/// The names of all cases as code spells them: `AuthFlaw::Missing`, `Kind::NotFound`.
fn names() -> Vec<String> {
    fn of<T: std::fmt::Debug>(name: &str, cases: Vec<T>) -> Vec<String> {
        // Of a kind with a flaw or noun, the kind.
        let case = |case: T| format!("{case:?}").split('(').next().map(|case| format!("{name}::{case}"));
        let mut names: Vec<_> = cases.into_iter().filter_map(case).collect();
        names.dedup();
        names
    }
    [
        of("Kind", Kind::all()),
        of("AuthFlaw", AuthFlaw::all()),
        of("Flaw", Flaw::all()),
        of("StateFlaw", StateFlaw::all()),
        of("Noun", Noun::all()),
        of("Cause", Cause::all()),
    ]
    .concat()
}

/// Whether the code spells a name, and not only a longer one, or one that ends so.
fn spells(code: &str, name: &str) -> bool {
    let part = |character: char| character.is_alphanumeric() || character == '_';
    code.match_indices(name).any(|(at, _)| {
        let (before, after) = (code[..at].chars().next_back(), code[at + name.len()..].chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

#[test]
fn every_error_is_made_by_some_code() {
    let code = code();
    let never: Vec<_> = names().into_iter().filter(|name| !spells(&code, name)).collect();
    let said: Vec<_> = NEVER_MADE.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(never, said);
}

#[test]
fn a_name_is_not_found_in_a_longer_one() {
    assert!(spells("Err(Kind::NotFound(noun))", "Kind::NotFound"));
    assert!(!spells("Kind::NotFoundAtAll", "Kind::NotFound"));
    assert!(!spells("IdKind::Role", "Kind::Role"));
}
