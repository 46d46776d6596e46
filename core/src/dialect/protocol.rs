//! The protocol: how a service writes messages into HTTP requests and answers, and reads them there.

use bytes::Bytes;
use http::Request;

use super::message::{Record, Slots, Structure};
use super::{Arguments, Response, Row, Service, Voice};
use crate::error::Result;

/// How the messages of a service travel, both ways: a server reads requests and tells answers, a client asks and hears.
///
/// The name of the operation may stand wherever the protocol has it: in a header, a parameter or the path.
pub trait Protocol: Send + Sync {
    /// Reads the arguments of a request, and checks them.
    ///
    /// # Errors
    /// [`Kind::Unreadable`](crate::error::Kind::Unreadable) for what is not of this protocol,
    /// [`Kind::Invalid`](crate::error::Kind::Invalid) for members that do not fit, each in the vendor's words.
    fn read<'a>(&self, arguments: &'a Arguments<'_>, into: &mut dyn Record<'a>) -> Result<()>;

    /// Checks a request that was made here as one that was [read](Protocol::read).
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::error::Kind::Invalid) for members that do not fit, each in the vendor's words.
    fn check(&self, asked: &dyn Record<'_>) -> Result<()>;

    /// The body of an answer.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when it cannot be written.
    fn tell(&self, telling: &Telling<'_>, told: &dyn Structure) -> Result<Bytes>;

    /// A request to this service, with path, query, headers and body as the protocol has them, not yet signed.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when it cannot be written.
    fn ask(&self, service: &Service, row: &Row, asked: &dyn Structure) -> Result<Request<Bytes>>;

    /// Reads the body of an answer that is no refusal.
    ///
    /// # Errors
    /// [`Kind::Unreadable`](crate::error::Kind::Unreadable) for what is not of this protocol.
    fn hear<'a>(&self, row: &Row, response: &'a Response, into: &mut dyn Slots<'a>) -> Result<()>;
}

/// What an answer is told to.
#[derive(Clone, Copy)]
pub struct Telling<'a> {
    /// The service.
    pub service: &'static Service,
    /// The operation.
    pub row: &'static Row,
    /// How it is to be told.
    pub voice: Voice,
    /// The identifier of the request.
    pub request_id: &'a str,
}
