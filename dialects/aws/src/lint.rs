//! What the lints know of AWS: actions, condition keys, sizes.
//!
//! Follows the Service Authorization Reference and the quotas of IAM, AWS Organizations and AWS KMS.

use polykms_core::policy::{DocumentKind, GrantGuard, LintData, Measure, SizeLimit};

const fn size(kind: DocumentKind, most: usize, measure: Measure) -> SizeLimit {
    SizeLimit { kind, most, measure }
}

/// What the lints know.
pub(crate) static LINTS: LintData = LintData {
    actions: include_str!("../vendor/actions.txt"),
    condition_keys: include_str!("../vendor/condition_keys.txt"),
    services: &["kms", "secretsmanager", "sts", "acm", "acm-pca", "tag"],
    key_prefixes: &["aws:", "kms:", "secretsmanager:"],
    sizes: &[
        size(DocumentKind::Identity, 6144, Measure::Ink),
        size(DocumentKind::Managed, 6144, Measure::Ink),
        size(DocumentKind::Boundary, 6144, Measure::Ink),
        size(DocumentKind::Session, 2048, Measure::Characters),
        size(DocumentKind::Trust, 2048, Measure::Ink),
        size(DocumentKind::Key, crate::rules::MAX_KEY_POLICY, Measure::Bytes),
        size(DocumentKind::Control, 5120, Measure::Bytes),
        size(DocumentKind::ResourceControl, 5120, Measure::Bytes),
        size(DocumentKind::Endpoint, 20_480, Measure::Ink),
    ],
    second_factor: &["aws:multifactorauthpresent"],
    alias_keys: &["kms:requestalias", "kms:resourcealiases"],
    user_keys: &["aws:username"],
    service_keys: &[],
    mend: Some("kms:PutKeyPolicy"),
    rewrite: Some("kms:putkeypolicy"),
    grant: Some(GrantGuard {
        action: "kms:creategrant",
        keys: &[
            "kms:encryptioncontext:",
            "kms:encryptioncontextkeys",
            "kms:grantconstraintsourcearn",
            "kms:grantconstrainttype",
            "kms:granteeprincipal",
            "kms:granteeserviceprincipal",
            "kms:grantisforawsresource",
            "kms:grantoperations",
            "kms:viaservice",
        ],
    }),
    homes: &[("sts", "iam")],
    regionless: Some(&["iam"]),
    account_digits: 12,
    together: &[("kms:reencryptfrom", "kms:reencryptto")],
    // Long-lived credentials have no such key at all: `SecondFactorAbsent`.
    false_for_access_keys: &[],
    always_there: &["aws:tagkeys", "kms:grantoperations"],
    key: "key/",
    alias: "alias/",
};

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#[path = "lint_tests.rs"]
mod tests;
