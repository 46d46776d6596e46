//! The policies that AWS supplies: some 1,600 documents, packed, and unpacked when the first of them is asked for.
//!
//! `vendor/policies.lzma` is made by `vendor/policies.py` from a package under the Apache licence, of which
//! `vendor/policies.LICENSE` tells. A line is a policy: path, name, the times of its making and of its last change, the
//! version in force, and the document, with tabs between them.
//!
//! # Invariants
//! - The lines are in the order of the names by bytes, and no name stands twice.

use std::borrow::Cow;
use std::io::Read as _;
use std::sync::LazyLock;

use lzma_rust2::LzmaReader;
use polykms_core::identity::SystemPolicy;
use polykms_core::port::Time;

static PACKED: &[u8] = include_bytes!("../vendor/policies.lzma");

/// The most memory that unpacking may take, in KiB.
const ROOM: u32 = 64 * 1024;

/// The policies, in the order of their names.
pub(crate) fn policies() -> &'static [SystemPolicy] {
    static TEXT: LazyLock<String> = LazyLock::new(unpacked);
    static POLICIES: LazyLock<Vec<SystemPolicy>> = LazyLock::new(|| TEXT.lines().filter_map(policy).collect());
    &POLICIES
}

/// The lines. A test holds that they can be read; where they could not, there would be no policies.
fn unpacked() -> String {
    let mut text = String::new();
    let read = LzmaReader::new_mem_limit(PACKED, ROOM, None).and_then(|mut lines| lines.read_to_string(&mut text));
    read.map(|_| text).unwrap_or_default()
}

fn policy(line: &'static str) -> Option<SystemPolicy> {
    let mut parts = line.splitn(6, '\t');
    let (path, name) = (parts.next()?, parts.next()?);
    let (created_at, updated_at) = (time(parts.next()?)?, time(parts.next()?)?);
    let version = parts.next()?.strip_prefix('v')?.parse().ok()?;
    let document = Cow::Borrowed(parts.next()?);
    Some(SystemPolicy { path, name, description: described(name).into(), created_at, updated_at, version, document })
}

fn time(text: &str) -> Option<Time> {
    text.parse().ok()
}

/// What a policy is for, where that is known.
fn described(name: &str) -> &'static str {
    match name {
        "AdministratorAccess" => "Provides full access to AWS services and resources.",
        "AWSKeyManagementServicePowerUser" => "Provides access to AWS Key Management Service (KMS).",
        "IAMFullAccess" => "Provides full access to IAM via the AWS Management Console.",
        "IAMReadOnlyAccess" => "Provides read only access to IAM via the AWS Management Console.",
        _ => "",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::policy::DocumentKind;

    use super::*;
    use crate::policy::SPEC;

    #[test]
    fn every_line_is_a_policy_and_they_are_in_order() {
        let lines = unpacked();
        assert_eq!((lines.lines().count(), policies().len()), (1582, 1582));
        assert!(policies().is_sorted_by(|one, next| one.name < next.name));
        for SystemPolicy { path, name, created_at, updated_at, version, .. } in policies() {
            assert!(path.starts_with('/') && path.ends_with('/') && created_at <= updated_at && *version > 0, "{name}");
        }
    }

    #[test]
    fn every_document_compiles() {
        let refused: Vec<_> = policies()
            .iter()
            .filter_map(|policy| Some((policy.name, SPEC.compile(DocumentKind::Managed, &policy.document).err()?)))
            .collect();
        assert!(refused.is_empty(), "{}: {refused:#?}", refused.len());
    }

    #[test]
    fn some_are_known_by_heart() {
        let found = |name: &str| crate::rules::IDENTITY.system_policy(name);
        let administrator = found("AdministratorAccess").unwrap();
        assert_eq!((administrator.path, administrator.version), ("/", 1));
        assert!(administrator.created_at.to_string().starts_with("2015-02-06"));
        assert_eq!(found("AWS_ConfigRole").map(|policy| policy.path), Some("/service-role/"));
        assert_eq!(found("IAMAuditRootUserCredentials").map(|policy| policy.path), Some("/root-task/"));
        assert!(found("NoSuchPolicy").is_none() && found("").is_none());
    }
}
