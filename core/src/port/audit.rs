//! The audit port: where the record of every decision goes before its answer leaves.

use crate::error::Result;

/// Takes finished audit lines; no sink, no answer.
///
/// Taking and settling are two steps, so that one write can serve all requests that are under way.
pub trait Audit: Send + Sync + 'static {
    /// Takes one event, a single line of JSON without its line break.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the line cannot be taken.
    fn append(&self, line: &[u8]) -> Result<Entry>;

    /// Returns once the entry was handed to the operating system, together with all that were taken before it.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when it could not be.
    fn settle(&self, entry: Entry) -> Result<()>;

    /// Whether anybody listens; without, no line is rendered.
    fn enabled(&self) -> bool {
        true
    }
}

/// An event that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[must_use = "an event is on the trail only when it was settled"]
pub struct Entry(
    /// Its number, counted from 1.
    pub u64,
);

/// Drops every line; for tests and for embedding without an audit trail.
#[derive(Debug, Default, Clone, Copy)]
pub struct NoAudit;

impl Audit for NoAudit {
    fn append(&self, _: &[u8]) -> Result<Entry> {
        Ok(Entry(0))
    }

    fn settle(&self, _: Entry) -> Result<()> {
        Ok(())
    }

    fn enabled(&self) -> bool {
        false
    }
}
