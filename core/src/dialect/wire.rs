//! How one dialect writes one operation: arguments in, output out; pure.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

use super::Service;
use super::message::form::Pair;
use super::message::{Member, Message};
use super::protocol::Telling;
use crate::error::{Kind, Result};
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

/// Arguments as those rows take them that are without messages.
impl From<&Arguments<'_>> for Payload {
    fn from(arguments: &Arguments<'_>) -> Self {
        let own = |(name, value): &(Cow<'_, str>, Cow<'_, str>)| (name.to_string(), value.to_string());
        match arguments {
            Arguments::Json(document) => Self::Json(document.clone()),
            Arguments::Params(params) => Self::Params(params.iter().map(own).collect()),
        }
    }
}

/// Arguments or outputs between the wire functions of a dialect and its `read` and `write`; the core never looks inside.
#[derive(Clone)]
pub enum Payload {
    /// A JSON document as bytes.
    Json(Bytes),
    /// Decoded parameters, in the order they came.
    Params(Vec<(String, String)>),
    /// A tree, to be written in the format the caller asked for.
    Tree(serde_json::Value),
    /// An answer as it goes out.
    Written(Bytes),
}

/// Shows how much there is: values are plaintext as often as not.
impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(document) => write!(f, "Json({} bytes)", document.len()),
            Self::Params(params) => write!(f, "Params({})", params.len()),
            Self::Tree(_) => f.write_str("Tree"),
            Self::Written(body) => write!(f, "Written({} bytes)", body.len()),
        }
    }
}

/// One operation in one dialect's words, both ways: a server uses [`op`](Wire::op) and [`told`](Wire::told), a client
/// [`ask`](Wire::ask) and [`output`](Wire::output).
///
/// The request has been checked against its members before `op` sees it; what is left to `op` is what no member says.
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
    /// [`Kind::Invalid`] and its like, in the vendor's words.
    fn op(ask: Self::Ask<'_>) -> Result<Self::Op>;

    /// The answer that tells an output.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the vendor has no words for it.
    fn told(output: &<Self::Op as Operation>::Output) -> Result<Self::Told<'_>>;

    /// The request that asks for an operation.
    ///
    /// # Errors
    /// [`Kind::Unsupported`] when the vendor cannot be asked for it.
    fn ask(op: &Self::Op) -> Result<Self::Ask<'_>>;

    /// The output that an answer tells.
    ///
    /// # Errors
    /// [`Kind::Unreadable`] when it is not the answer to such a request.
    fn output(told: Self::Told<'_>) -> Result<<Self::Op as Operation>::Output>;
}

impl<W: Wire> Former for W {
    type Op = W::Op;

    const ASKS: &'static [Member] = <W::Ask<'static> as Message<'static>>::MEMBERS;
    const TELLS: &'static [Member] = <W::Told<'static> as Message<'static>>::MEMBERS;

    fn decode(_: &Payload) -> Result<Self::Op> {
        Err(Kind::Internal.because("a message is read by its protocol"))
    }

    fn encode(_: <Self::Op as Operation>::Output) -> Result<Payload> {
        Err(Kind::Internal.because("a message is written by its protocol"))
    }

    fn read(service: &'static Service, arguments: &Arguments<'_>) -> Result<Self::Op> {
        let mut ask = W::Ask::default();
        service.protocol.read(arguments, &mut ask)?;
        W::op(ask)
    }

    fn write(telling: &Telling<'_>, _: &Arguments<'_>, output: <Self::Op as Operation>::Output) -> Result<Payload> {
        telling.service.protocol.tell(telling, &W::told(&output)?).map(Payload::Written)
    }
}

/// One operation in one dialect's words, without messages.
pub trait Former: 'static {
    /// The neutral operation.
    type Op: Operation;

    /// The members of the request.
    const ASKS: &'static [Member] = &[];
    /// The members of the answer.
    const TELLS: &'static [Member] = &[];

    /// Reads the arguments of a request.
    ///
    /// # Errors
    /// As [`decode`](Former::decode).
    fn read(service: &'static Service, arguments: &Arguments<'_>) -> Result<Self::Op> {
        let _ = service;
        Self::decode(&arguments.into())
    }

    /// Writes the answer to a request.
    ///
    /// # Errors
    /// As [`encode`](Former::encode).
    fn write(
        telling: &Telling<'_>,
        arguments: &Arguments<'_>,
        output: <Self::Op as Operation>::Output,
    ) -> Result<Payload> {
        let _ = telling;
        Self::echo(&arguments.into(), Self::encode(output)?)
    }

    /// Reads the arguments.
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::error::Kind::Invalid) and its like, in the vendor's words.
    fn decode(arguments: &Payload) -> Result<Self::Op>;

    /// Writes the output.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the output cannot be written.
    fn encode(output: <Self::Op as Operation>::Output) -> Result<Payload>;

    /// Adds to a written output what the vendor repeats of the arguments; nothing, unless a dialect says otherwise.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the arguments, read once before, can no longer be read.
    fn echo(arguments: &Payload, answer: Payload) -> Result<Payload> {
        let _ = arguments;
        Ok(answer)
    }
}
