//! Patterns of texts: each as the vendor shows it, with the function that knows it.
//!
//! Follows the `pattern` traits of the service models, which are matched against the whole text in Java's syntax, where
//! `\w` is ASCII. A test holds each function against its regular expression.

use polykms_core::dialect::message::Pattern;

/// The name of an alias. Of an empty one its length is told alone.
pub(crate) const ALIAS: Pattern = Pattern {
    shown: "^[a-zA-Z0-9:/_-]+$",
    fits: |text| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":/_-".contains(&byte)),
};

/// Text of Latin-1 with tabs and line breaks: policy documents.
pub(crate) const LATIN: Pattern = Pattern {
    shown: r"[\u0009\u000A\u000D\u0020-\u00FF]+",
    fits: |text| text.chars().all(|one| matches!(one, '\t' | '\n' | '\r' | ' '..='\u{ff}')),
};

/// Visible text of Latin-1: markers.
pub(crate) const MARKER: Pattern =
    Pattern { shown: r"[\u0020-\u00FF]*", fits: |text| text.chars().all(|one| matches!(one, ' '..='\u{ff}')) };

/// Letters, digits and underlines.
pub(crate) const WORD: Pattern =
    Pattern { shown: r"[\w]+", fits: |text| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') };

/// Lower-case hexadecimal digits.
pub(crate) const HEX: Pattern =
    Pattern { shown: "^[a-f0-9]+$", fits: |text| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) };
