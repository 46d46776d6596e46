//! What carries calls: an engine in this process, or requests to another one.

use std::any::Any;
use std::time::Duration;

use super::Result;
use crate::dialect::row::BoxFuture;
use crate::dialect::{Row, Service};

/// An operation asked for, whichever it is.
pub struct Asked {
    /// The service.
    pub service: &'static Service,
    /// The row.
    pub row: &'static Row,
    /// The operation, of the type that the row has.
    pub op: Box<dyn Any + Send + Sync>,
    /// How it is to be made.
    pub options: Options,
}

/// How a call is to be made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// How long it may take, all attempts and waits included.
    pub timeout: Option<Duration>,
    /// How often it may be sent.
    pub attempts: Option<u32>,
}

/// What came back: of the type that the operation has for its output.
pub type Outcome = Result<Box<dyn Any + Send + Sync>>;

/// Carries calls.
pub trait Transport: Send + Sync + 'static {
    /// Makes a call.
    fn call(&self, asked: Asked) -> BoxFuture<'_, Outcome>;

    /// What it is and where it leads, for logs.
    fn name(&self) -> &str;

    /// The region that is asked, where it is one.
    fn region(&self) -> Option<&str> {
        None
    }
}
