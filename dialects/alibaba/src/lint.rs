//! What the lints know of Alibaba Cloud: actions, condition keys, sizes.
//!
//! Follows the KMS document "Use RAM to control access to KMS resources" and the limits of RAM and Resource Directory.

use polykms_core::policy::{DocumentKind, LintData, Measure, SizeLimit};

const fn size(kind: DocumentKind, most: usize, measure: Measure) -> SizeLimit {
    SizeLimit { kind, most, measure }
}

/// What the lints know.
pub(crate) static LINTS: LintData = LintData {
    actions: include_str!("../vendor/actions.txt"),
    condition_keys: include_str!("../vendor/condition_keys.txt"),
    services: &["kms"],
    key_prefixes: &["kms:"],
    sizes: &[
        size(DocumentKind::Identity, 6144, Measure::Bytes),
        size(DocumentKind::Session, 2048, Measure::Characters),
        size(DocumentKind::Trust, 2048, Measure::Characters),
        size(DocumentKind::Key, 32_768, Measure::Bytes),
        size(DocumentKind::Control, 4096, Measure::Characters),
    ],
    second_factor: &["acs:mfapresent"],
    alias_keys: &[],
    user_keys: &[],
    service_keys: &[("acs:sourcevpc", "kms:"), ("acs:vpcsourceip", "kms:")],
    mend: None,
    rewrite: Some("kms:setkeypolicy"),
    grant: None,
    homes: &[("sts", "ram")],
    regionless: None,
    account_digits: 16,
    together: &[("kms:reencryptfrom", "kms:reencryptto")],
    false_for_access_keys: &["acs:mfapresent"],
    always_there: &["ram:trustedprincipaltypes"],
    key: "key/",
    alias: "alias/",
};

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#[path = "lint_tests.rs"]
mod tests;
