//! How one dialect writes one operation: arguments in, output out; pure.

use std::fmt;

use bytes::Bytes;

use crate::error::Result;
use crate::operation::Operation;

/// Arguments or outputs between the wire functions of a dialect and its `read` and `write`; the core never looks inside.
#[derive(Clone)]
pub enum Payload {
    /// A JSON document as bytes.
    Json(Bytes),
    /// Decoded parameters, in the order they came.
    Params(Vec<(String, String)>),
    /// A tree, to be written in the format the caller asked for.
    Tree(serde_json::Value),
}

/// Shows how much there is: values are plaintext as often as not.
impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(document) => write!(f, "Json({} bytes)", document.len()),
            Self::Params(params) => write!(f, "Params({})", params.len()),
            Self::Tree(_) => f.write_str("Tree"),
        }
    }
}

/// One operation in one dialect's words.
pub trait Wire: 'static {
    /// The neutral operation.
    type Op: Operation;

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
