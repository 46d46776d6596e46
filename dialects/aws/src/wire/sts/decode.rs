//! DecodeAuthorizationMessage: what a denial rests on.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::Result;
use polykms_core::identity::decode as op;
use serde_json::json;

use super::{Shape, read};

const MESSAGE: Shape = Shape { min: 1, max: 10_240, pattern: "", fits: |_| true };

/// Decodes the encoded message of a denial.
pub(crate) struct DecodeAuthorizationMessage;

impl Former for DecodeAuthorizationMessage {
    type Op = op::DecodeMessage;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| Ok(op::DecodeMessage { encoded: fields.required("EncodedMessage", &MESSAGE) }))
    }

    fn encode(message: String) -> Result<Payload> {
        Ok(Payload::Tree(json!({ "DecodedMessage": message })))
    }
}
