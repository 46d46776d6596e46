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

/// The words about imported material.
pub(crate) const MATERIAL_DESCRIPTION: Pattern = Pattern {
    shown: r"^[a-zA-Z0-9:/_\s.-]+$",
    fits: |text| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":/_.- \t\n\x0b\x0c\r".contains(&byte)),
};

/// Text of Latin-1 in one line: markers.
pub(crate) const MARKER_OF_IAM: Pattern = Pattern { shown: r"[\u0020-\u00FF]+", fits: MARKER.fits };

/// The name of a user, group, role or policy.
pub(crate) const NAME: Pattern = Pattern { shown: r"[\w+=,.@-]+", fits: is_name };

/// The name of a session.
pub(crate) const SESSION_NAME: Pattern = Pattern { shown: r"[\w+=,.@-]*", fits: is_name };

/// What the owner of a role asks of third parties.
pub(crate) const EXTERNAL_ID: Pattern = Pattern {
    shown: r"[\w+=,.@:\/-]*",
    fits: |text| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&byte)),
};

/// Somebody whom a grant names.
pub(crate) const PRINCIPAL: Pattern = Pattern { shown: r"^[\w+=,.@:/-]+$", fits: EXTERNAL_ID.fits };

/// An ARN as STS takes it: characters that XML has.
pub(crate) const ARN: Pattern = Pattern {
    shown: r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+",
    fits: |text| text.chars().all(|one| matches!(one, '\t' | '\n' | '\r' | '\u{85}') || !one.is_control()),
};

/// The path of a user, group or role.
pub(crate) const PATH: Pattern = Pattern { shown: r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)", fits: is_path };

/// What the paths of users, groups or roles begin with.
pub(crate) const PATH_PREFIX: Pattern = Pattern {
    shown: r"\u002F[\u0021-\u007F]*",
    fits: |text| text.starts_with('/') && text.bytes().all(|byte| matches!(byte, 0x21..=0x7f)),
};

/// The path of a policy, or what it begins with.
pub(crate) const POLICY_PATH: Pattern = Pattern { shown: r"((/[A-Za-z0-9\.,\+@=_-]+)*)/", fits: is_policy_path };

/// The words about a role.
pub(crate) const DESCRIPTION: Pattern = Pattern {
    shown: r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*",
    fits: |text| text.chars().all(|one| matches!(one, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}')),
};

/// The words about a policy.
pub(crate) const VISIBLE: Pattern =
    Pattern { shown: r"[\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]*", fits: |text| !text.chars().any(char::is_control) };

/// The name of a tag.
pub(crate) const TAG_KEY: Pattern = Pattern { shown: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+", fits: is_tag };

/// The value of a tag.
pub(crate) const TAG_VALUE: Pattern = Pattern { shown: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", fits: is_tag };

/// The identifier of a version of a policy.
pub(crate) const VERSION: Pattern = Pattern { shown: r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?", fits: is_version };

/// Any text.
pub(crate) const ANYTHING: Pattern = Pattern { shown: r"[\s\S]*", fits: |_| true };

fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}

fn is_path(text: &str) -> bool {
    let inner = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    text == "/" || inner.is_some_and(|inner| !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_graphic()))
}

fn is_policy_path(text: &str) -> bool {
    let fits = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".,+@=_-".contains(&byte))
    };
    let inner = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    text == "/" || inner.is_some_and(|inner| inner.split('/').all(fits))
}

fn is_tag(text: &str) -> bool {
    let separator = |character: char| character.is_whitespace() && !character.is_control();
    text.chars().all(|one| one.is_alphanumeric() || separator(one) || "_.:/=+-@".contains(one))
}

fn is_version(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('v') else { return false };
    let (number, tail) = rest.split_once('.').unwrap_or((rest, ""));
    let digits = number.bytes().all(|byte| byte.is_ascii_digit()) && !matches!(number.as_bytes(), [] | [b'0', ..]);
    digits && tail.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths_have_the_form_of_the_vendor() {
        assert!(is_name("a_+=,.@-9") && !is_name("a b") && !is_name("a/b") && !is_name("é") && !is_name("a\u{1f}"));
        for path in ["/", "/a/", "/a/b/", "/*:x/"] {
            assert!(is_path(path), "{path}");
        }
        for path in ["", "a", "/a", "a/", "//", "/a b/", "/\u{7f}/", "/é/"] {
            assert!(!is_path(path), "{path}");
        }
        assert!(is_policy_path("/") && is_policy_path("/a.,+@=_-/b/"));
        assert!(!is_policy_path("//") && !is_policy_path("/a//b/") && !is_policy_path("/a*/") && !is_policy_path("/a"));
    }
}
