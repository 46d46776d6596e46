//! The two errors of this backend: what does not open, and what fails.

use polykms_core::error::{Error, Kind};

/// The one error for whatever does not open.
pub(crate) fn invalid() -> Error {
    Kind::InvalidCiphertext.because("")
}

/// A library refused what it never should.
pub(crate) fn broken() -> Error {
    Kind::Internal.because("the crypto backend failed")
}
