//! The audit port: where the record of every decision goes before its answer leaves.

use crate::error::Result;

/// Takes finished audit lines; no sink, no answer.
pub trait Audit: Send + Sync + 'static {
    /// Appends one event, a single line of JSON without its line break.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the line could not be handed to the operating system.
    fn append(&self, line: &[u8]) -> Result<()>;

    /// Whether anybody listens; without, no line is rendered.
    fn enabled(&self) -> bool {
        true
    }
}

/// Drops every line; for tests and for embedding without an audit trail.
#[derive(Debug, Default, Clone, Copy)]
pub struct NoAudit;

impl Audit for NoAudit {
    fn append(&self, _: &[u8]) -> Result<()> {
        Ok(())
    }

    fn enabled(&self) -> bool {
        false
    }
}
