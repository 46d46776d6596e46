//! Patterns of texts: each as the vendor shows it, with the function that knows it.
//!
//! Follows the RAM document "Limits".

use polykms_core::dialect::message::Pattern;

/// Names of users, groups and roles.
pub(crate) const PRINCIPAL: Pattern =
    Pattern { shown: "[A-Za-z0-9._-]+", fits: |text| text.bytes().all(|byte| is_known(byte, b"._-")) };

/// Names that are given to roles. The roles of the vendor's own services have `_` too, so that it may be asked for.
pub(crate) const NEW_ROLE: Pattern =
    Pattern { shown: "[A-Za-z0-9.-]+", fits: |text| text.bytes().all(|byte| is_known(byte, b".-")) };

/// Names of policies.
pub(crate) const POLICY: Pattern =
    Pattern { shown: "[A-Za-z0-9-]+", fits: |text| text.bytes().all(|byte| is_known(byte, b"-")) };

/// Identifiers of access keys.
pub(crate) const ACCESS_KEY: Pattern =
    Pattern { shown: "[A-Za-z0-9.]+", fits: |text| text.bytes().all(|byte| is_known(byte, b".")) };

fn is_known(byte: u8, others: &[u8]) -> bool {
    byte.is_ascii_alphanumeric() || others.contains(&byte)
}
