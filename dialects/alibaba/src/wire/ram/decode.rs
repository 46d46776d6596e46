//! DecodeDiagnosticMessage: what a denial rests on.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::{Flaw, Kind, Result};
use polykms_core::identity::decode::DecodeMessage;

use crate::diagnosis;
use crate::wire::{Arguments, invalid, tree};

pub(crate) struct DecodeDiagnosticMessage;

const MESSAGE: &str = "EncodedDiagnosticMessage";

impl Former for DecodeDiagnosticMessage {
    type Op = DecodeMessage;

    fn decode(arguments: &Payload) -> Result<DecodeMessage> {
        let encoded = Arguments::of(arguments)?.required(MESSAGE)?;
        match encoded.len() {
            0..=diagnosis::LONGEST => Ok(DecodeMessage { encoded: encoded.to_owned() }),
            _ => Err(invalid(Flaw::Length, MESSAGE)),
        }
    }

    fn encode(message: String) -> Result<Payload> {
        let message = serde_json::from_str(&message);
        let message = message.map_err(|_| Kind::Internal.because("a message that was sealed here cannot be read"))?;
        Ok(tree([("DecodedDiagnosticMessage", message)]))
    }
}
