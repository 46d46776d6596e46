//! The suites that come with the program.

use serde::Deserialize;

use super::Unusable;
use super::model::{Arguments, Step, Suite, Undo};

/// A file with its path below `suites`, without the ending.
type File = (&'static str, &'static str);

macro_rules! files {
    ($($path:literal)*) => {
        &[$(($path, include_str!(concat!("../../suites/", $path, ".yaml")))),*]
    };
}

/// The suites.
const SUITES: &[File] = files! {
    "aws/iam/groups/life"
    "aws/iam/policies/life"
    "aws/iam/roles/life"
    "aws/iam/users/life"
    "aws/kms/aliases/life"
    "aws/kms/conditions/decide"
    "aws/kms/crypto/limits"
    "aws/kms/crypto/pairs"
    "aws/kms/crypto/roundtrip"
    "aws/kms/grants/life"
    "aws/kms/grants/use"
    "aws/kms/keys/errors"
    "aws/kms/keys/import"
    "aws/kms/keys/life"
    "aws/kms/keys/listing"
    "aws/kms/keys/rotation"
    "aws/kms/keys/states"
    "aws/kms/policies/accounts"
    "aws/kms/policies/keypolicy"
    "aws/kms/signature/rules"
    "aws/kms/tags/life"
    "aws/sts/sessions/accounts"
    "aws/sts/sessions/assume"
    "aws/tagging/resources/find"
    "alibaba/kms/aliases/life"
    "alibaba/kms/conditions/decide"
    "alibaba/kms/crypto/pairs"
    "alibaba/kms/crypto/roundtrip"
    "alibaba/kms/keys/import"
    "alibaba/kms/keys/life"
    "alibaba/kms/keys/rotation"
    "alibaba/kms/keys/states"
    "alibaba/kms/policies/accounts"
    "alibaba/kms/policies/keypolicy"
    "alibaba/kms/signature/rules"
    "alibaba/kms/tags/life"
    "alibaba/ram/groups/life"
    "alibaba/ram/policies/life"
    "alibaba/ram/roles/life"
    "alibaba/ram/users/life"
    "alibaba/sts/sessions/accounts"
    "alibaba/sts/sessions/assume"
};

/// What the rows of each service are asked for.
const ARGUMENTS: &[File] = files! {
    "aws/iam/arguments"
    "aws/kms/arguments"
    "aws/sts/arguments"
    "aws/tagging/arguments"
    "alibaba/kms/arguments"
    "alibaba/ram/arguments"
    "alibaba/sts/arguments"
};

/// How each cloud makes callers, and undoes what was done.
const WORLDS: &[File] = files! {
    "aws/world"
    "alibaba/world"
};

/// How a cloud is prepared and tidied up.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// The version of policies.
    pub version: String,
    /// Whom a role trusts where it is not said.
    pub trusted: serde_json::Value,
    /// How a refusal looks that is for want of permission, by service.
    pub denied: std::collections::BTreeMap<String, serde_json::Value>,
    /// How one looks that is for want of a signature, by service.
    pub unsigned: std::collections::BTreeMap<String, serde_json::Value>,
    /// A condition that holds for the caller `asker` alone.
    pub named: serde_json::Value,
    /// One that holds for somebody else.
    pub another: serde_json::Value,
    /// What tells who asks; it saves `account`.
    pub identity: Step,
    /// What that tells of the owner of the account.
    pub owner: serde_json::Value,
    /// What reads something and harms nobody, for probes.
    pub harmless: Step,
    /// Makes a user: `${it.name}`.
    pub user: Vec<Step>,
    /// Gives a user a policy: `${it.policy}`, `${it.document}`.
    pub user_policy: Vec<Step>,
    /// Gives a user an access key; it saves `id` and `secret`.
    pub access_key: Vec<Step>,
    /// Makes a role that trusts by `${it.trust}`.
    pub role: Vec<Step>,
    /// Gives a role a policy.
    pub role_policy: Vec<Step>,
    /// Takes on a role; it saves `id`, `secret` and `token`.
    pub session: Step,
    /// The member of that input which holds a policy.
    pub session_policy: String,
    /// The action that it needs.
    pub take: String,
    /// What undoes an operation that succeeded: `${in.…}` is its input, `${out.…}` its output.
    pub undo: Undo,
}

/// All suites of a dialect.
///
/// # Errors
/// [`Unusable`] for a file that is none.
pub fn suites(dialect: &str) -> Result<Vec<Suite>, Unusable> {
    let ours = SUITES.iter().filter(|(path, _)| path.split('/').next() == Some(dialect));
    ours.map(|(path, text)| suite(path, text)).collect()
}

/// A suite, from the text of its file.
///
/// # Errors
/// [`Unusable`] when it is none, or has another path.
pub fn suite(path: &str, text: &str) -> Result<Suite, Unusable> {
    let suite: Suite = read(path, text)?;
    match suite.suite == path {
        true => Ok(suite),
        false => Err(Unusable(format!("{path}.yaml says that it is {}", suite.suite))),
    }
}

/// What the rows of a service are asked for; nothing for a service that has no such file.
///
/// # Errors
/// [`Unusable`] for a file that is none.
pub fn arguments(dialect: &str, service: &str) -> Result<Option<Arguments>, Unusable> {
    let wanted = format!("{dialect}/{service}/arguments");
    let found = ARGUMENTS.iter().find(|(path, _)| *path == wanted);
    found.map(|(path, text)| read(path, text)).transpose()
}

/// How a cloud is prepared and tidied up.
///
/// # Errors
/// [`Unusable`] when nobody said so.
pub fn world(dialect: &str) -> Result<World, Unusable> {
    let wanted = format!("{dialect}/world");
    let (path, text) = WORLDS
        .iter()
        .find(|(path, _)| *path == wanted)
        .ok_or_else(|| Unusable(format!("there are no suites for {dialect}")))?;
    read(path, text)
}

/// Anything, from the text of a file.
///
/// # Errors
/// [`Unusable`] when it is none.
pub fn read<T: for<'de> Deserialize<'de>>(path: &str, text: &str) -> Result<T, Unusable> {
    serde_saphyr::from_str(text).map_err(|error| Unusable(format!("{path}.yaml: {error}")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn below(folder: &Path, found: &mut BTreeSet<String>) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("suites");
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                below(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "yaml") {
                let path = path.strip_prefix(&root).expect("below").with_extension("");
                found.insert(path.to_str().expect("UTF-8").to_owned());
            }
        }
    }

    #[test]
    fn every_file_comes_with_the_program() {
        let mut there = BTreeSet::new();
        below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("suites"), &mut there);
        let known = [SUITES, ARGUMENTS, WORLDS].concat();
        assert_eq!(there, known.iter().map(|(path, _)| (*path).to_owned()).collect());
    }

    #[test]
    fn a_member_that_nobody_knows_is_an_error() {
        let text = "suite: a/b/c\ncases: [{id: x, title: y, step: []}]";
        assert!(suite("a/b/c", text).unwrap_err().to_string().contains("step"));
        assert!(suite("a/b/d", "suite: a/b/c\ncases: []").unwrap_err().to_string().contains("says that it is a/b/c"));
    }
}
