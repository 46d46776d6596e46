//! The checks of parameters against their shapes, in the words of AWS.
//!
//! Follows the constraint traits of Smithy and the texts that AWS services answer with. All that is wrong with a request
//! is told at once.

use polykms_core::error::Result;

use crate::protocol::refused;

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

/// A violation that repeats the value.
pub(crate) fn shown(path: &str, value: &str, constraint: &str) -> String {
    let value = match value.char_indices().nth(ECHO) {
        Some((end, _)) => value.get(..end).unwrap_or_default(),
        None => value,
    };
    format!("Value '{value}' at '{path}' failed to satisfy constraint: {constraint}")
}
