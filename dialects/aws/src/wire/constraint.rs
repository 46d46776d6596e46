//! The checks of parameters against their shapes, in the words of AWS.
//!
//! Follows the constraint traits of Smithy and the texts that AWS services answer with. All that is wrong with a request
//! is told at once.

use std::ops::RangeInclusive;

use polykms_core::error::{Flaw, Kind, Result};

/// The longest piece of a value that a message repeats, in characters.
const ECHO: usize = 8192;

/// What one check found, in words; nothing when the value fits.
pub(crate) type Violation = Option<String>;

/// Refuses a request in which anything was found.
///
/// # Errors
/// [`Kind::Invalid`] with every violation.
pub(crate) fn detect(violations: impl IntoIterator<Item = Violation>) -> Result<()> {
    let found: Vec<String> = violations.into_iter().flatten().collect();
    match found.len() {
        0 => Ok(()),
        1 => Err(refused(format!("1 validation error detected: {}", found.join("; ")))),
        many => Err(refused(format!("{many} validation errors detected: {}", found.join("; ")))),
    }
}

/// An error about parameters that no shape tells, in the vendor's words.
pub(crate) fn refused(message: impl Into<std::borrow::Cow<'static, str>>) -> polykms_core::error::Error {
    Kind::Invalid(Flaw::Value).verbatim(message)
}

/// The parameter must be there.
pub(crate) fn required<T>(path: &str, value: Option<&T>) -> Violation {
    value.is_none().then(|| format!("Value null at '{path}' failed to satisfy constraint: Member must not be null"))
}

/// The text has a length within these bounds.
pub(crate) fn length(path: &str, value: Option<&str>, bounds: RangeInclusive<usize>) -> Violation {
    let text = value?;
    let bound = outside(text.chars().count(), &bounds, "length")?;
    Some(shown(path, text, &bound))
}

/// The bytes, which are not shown, have a length within these bounds.
pub(crate) fn size(path: &str, bytes: Option<usize>, bounds: RangeInclusive<usize>) -> Violation {
    let bound = outside(bytes?, &bounds, "length")?;
    Some(format!("Value at '{path}' failed to satisfy constraint: {bound}"))
}

/// The number lies within these bounds.
pub(crate) fn range(path: &str, value: Option<i64>, bounds: RangeInclusive<i64>) -> Violation {
    let number = value?;
    let bound = outside(number, &bounds, "value")?;
    Some(shown(path, &number.to_string(), &bound))
}

/// The text is one of the known values; `set` is the list as the vendor shows it.
pub(crate) fn one_of(path: &str, value: Option<&str>, known: &[&str], set: &str) -> Violation {
    let text = value.filter(|text| !known.contains(text))?;
    Some(shown(path, text, &format!("Member must satisfy enum value set: [{set}]")))
}

/// The text has the form that `fits` knows and `pattern` shows.
pub(crate) fn pattern(path: &str, value: Option<&str>, fits: fn(&str) -> bool, pattern: &str) -> Violation {
    let text = value.filter(|text| !fits(text))?;
    Some(shown(path, text, &format!("Member must satisfy regular expression pattern: {pattern}")))
}

/// The list is not longer than this, and each text on it has a length within these bounds.
pub(crate) fn texts<'a>(
    path: &str,
    list: impl Iterator<Item = &'a str> + Clone,
    longest: usize,
    bounds: RangeInclusive<usize>,
) -> [Violation; 2] {
    let all = || format!("[{}]", list.clone().collect::<Vec<_>>().join(", "));
    let (min, max) = (bounds.start(), bounds.end());
    let count = list.clone().count() > longest;
    let member = list.clone().any(|text| !bounds.contains(&text.chars().count()));
    [
        count.then(|| shown(path, &all(), &format!("Member must have length less than or equal to {longest}"))),
        member.then(|| {
            let each = format!(
                "Member must satisfy constraint: [Member must have length less than or equal to {max}, Member must have \
                 length greater than or equal to {min}]"
            );
            shown(path, &all(), &each)
        }),
    ]
}

fn outside<T: PartialOrd + std::fmt::Display>(value: T, bounds: &RangeInclusive<T>, what: &str) -> Violation {
    if value < *bounds.start() {
        return Some(format!("Member must have {what} greater than or equal to {}", bounds.start()));
    }
    (value > *bounds.end()).then(|| format!("Member must have {what} less than or equal to {}", bounds.end()))
}

/// A violation that repeats the value.
pub(crate) fn shown(path: &str, value: &str, constraint: &str) -> String {
    let value = match value.char_indices().nth(ECHO) {
        Some((end, _)) => value.get(..end).unwrap_or_default(),
        None => value,
    };
    format!("Value '{value}' at '{path}' failed to satisfy constraint: {constraint}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn text(violations: impl IntoIterator<Item = Violation>) -> String {
        detect(violations).unwrap_err().vendor_message().unwrap().to_owned()
    }

    #[test]
    fn what_fits_is_not_mentioned() {
        let fine = [
            required("a", Some(&"x")),
            length("a", Some("x"), 1..=1),
            length("a", None, 1..=1),
            size("b", Some(1), 1..=2),
            range("c", Some(7), 7..=30),
            one_of("d", Some("A"), &["A"], "A"),
            pattern("e", Some("x"), |_| true, "x"),
        ];
        assert!(detect(fine).is_ok());
        assert!(detect(texts("f", ["a"].into_iter(), 1, 1..=1)).is_ok());
    }

    #[test]
    fn violations_are_told_in_the_words_recorded_from_the_vendor() {
        assert_eq!(
            text([range("numberOfBytes", Some(0), 1..=1024)]),
            "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have \
             value greater than or equal to 1"
        );
        assert_eq!(
            text([range("numberOfBytes", Some(1025), 1..=1024)]),
            "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have \
             value less than or equal to 1024"
        );
        assert_eq!(
            text([size("plaintext", Some(4097), 1..=4096)]),
            "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length \
             less than or equal to 4096"
        );
        assert_eq!(
            text([one_of("keyAgreementAlgorithm", Some("INVALID"), &["ECDH"], "ECDH")]),
            "1 validation error detected: Value 'INVALID' at 'keyAgreementAlgorithm' failed to satisfy constraint: \
             Member must satisfy enum value set: [ECDH]"
        );
        assert_eq!(
            text([pattern("roleSessionName", Some("Session1:2"), |_| false, r"[\w+=,.@-]*")]),
            "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member \
             must satisfy regular expression pattern: [\\w+=,.@-]*"
        );
    }

    #[test]
    fn several_violations_are_told_together() {
        assert_eq!(
            text([required::<&str>("aliasName", None), required::<&str>("targetKeyId", None)]),
            "2 validation errors detected: Value null at 'aliasName' failed to satisfy constraint: Member must not be \
             null; Value null at 'targetKeyId' failed to satisfy constraint: Member must not be null"
        );
    }

    #[test]
    fn a_list_is_shown_as_a_whole() {
        assert_eq!(
            text(texts("grantTokens", ["a", "b"].into_iter(), 1, 1..=8)),
            "1 validation error detected: Value '[a, b]' at 'grantTokens' failed to satisfy constraint: Member must have \
             length less than or equal to 1"
        );
        assert!(text(texts("tagKeys", [""].into_iter(), 9, 1..=128)).contains("'[]' at 'tagKeys'"));
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        assert!(length("a", Some("ééé"), 1..=3).is_none());
        assert!(length("a", Some("éééé"), 1..=3).is_some());
    }
}
