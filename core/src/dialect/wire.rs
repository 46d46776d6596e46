//! How one dialect writes one operation: arguments in, output out; pure.

use std::fmt;

use bytes::Bytes;

use super::message::Message;
use super::message::form::Pair;
use crate::error::Result;
use crate::operation::Operation;

/// The arguments of a request, borrowed from it where they can be; the core never looks inside.
pub enum Arguments<'r> {
    /// A JSON document as bytes.
    Json(Bytes),
    /// Decoded parameters.
    Params(Vec<Pair<'r>>),
}

/// Shows how much there is: values are plaintext as often as not.
impl fmt::Debug for Arguments<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(document) => write!(f, "Json({} bytes)", document.len()),
            Self::Params(params) => write!(f, "Params({})", params.len()),
        }
    }
}

/// One operation in one dialect's words, both ways: a server uses [`op`](Wire::op) and [`told`](Wire::told), a client
/// [`ask`](Wire::ask) and [`output`](Wire::output).
///
/// The request has been checked against its members, and completed by their defaults, before `op` sees it; what is left to
/// `op` is what no member says. Both directions are each other's inverse: `ask(op(a))` says what `a` says, and
/// `told(output(t))` what `t` says.
pub trait Wire: 'static {
    /// The neutral operation.
    type Op: Operation;
    /// The request.
    type Ask<'a>: Message<'a>;
    /// The answer.
    type Told<'a>: Message<'a>;

    /// The operation that a request asks for.
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::error::Kind::Invalid) and its like, in the vendor's words.
    fn op(ask: Self::Ask<'_>) -> Result<Self::Op>;

    /// The answer that tells an output.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the vendor has no words for it.
    fn told(output: &<Self::Op as Operation>::Output) -> Result<Self::Told<'_>>;

    /// The request that asks for an operation.
    ///
    /// # Errors
    /// [`Kind::Unsupported`](crate::error::Kind::Unsupported) when the vendor cannot be asked for it.
    fn ask(op: &Self::Op) -> Result<Self::Ask<'_>>;

    /// The output that an answer tells.
    ///
    /// # Errors
    /// [`Kind::Unreadable`](crate::error::Kind::Unreadable) when it is not the answer to such a request.
    fn output(told: Self::Told<'_>) -> Result<<Self::Op as Operation>::Output>;
}
