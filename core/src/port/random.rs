//! The random port: the one source of unpredictable bytes.

use crate::error::Result;

/// Fills buffers with bytes from a cryptographically secure generator.
pub trait Random: Send + Sync + 'static {
    /// Fills `out`, or fails and leaves it unusable.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the generator fails; the caller must give up.
    fn fill(&self, out: &mut [u8]) -> Result<()>;
}
