//! The audit port: where the record of every decision goes before its answer leaves.

use async_trait::async_trait;

use crate::error::Result;

/// How far a trail has come: the number of an event on it, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Mark(pub u64);

/// Takes finished audit lines; no sink, no answer.
#[async_trait]
pub trait Audit: Send + Sync + 'static {
    /// Returns once an event was handed to the operating system. Events that are recorded at the same time may share a
    /// write.
    ///
    /// The event is a single line: a JSON object without its line break.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when it could not be.
    async fn record(&self, line: &[u8]) -> Result<Mark>;

    /// Up to which event nothing is lost any more, whatever happens to the machine.
    fn durable(&self) -> Mark;

    /// Returns once nothing is lost any more of what was recorded so far; it may take as long as the disk takes.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when that cannot be had.
    fn secure(&self) -> Result<()> {
        Ok(())
    }

    /// Whether an event could be recorded now. What kept the last one from it is tried again.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) while none could be.
    fn ready(&self) -> Result<()> {
        Ok(())
    }

    /// Goes on in a new place, where the old one was moved away.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when there is none; the old one is gone on with.
    fn reopen(&self) -> Result<()> {
        Ok(())
    }

    /// Why nothing can be recorded any more, once that is so for good.
    fn failure(&self) -> Option<String> {
        None
    }

    /// Whether anybody listens; without, no line is rendered.
    fn enabled(&self) -> bool {
        true
    }
}

/// Drops every line; for tests and for embedding without an audit trail.
#[derive(Debug, Default, Clone, Copy)]
pub struct NoAudit;

#[async_trait]
impl Audit for NoAudit {
    async fn record(&self, _: &[u8]) -> Result<Mark> {
        Ok(Mark(0))
    }

    fn durable(&self) -> Mark {
        Mark(0)
    }

    fn enabled(&self) -> bool {
        false
    }
}
