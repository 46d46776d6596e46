//! DecodeDiagnosticMessage: what a denial rests on.

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::json::{self, Dates};
use polykms_core::error::{Kind, Result};
use polykms_core::identity::decode::DecodeMessage;

use super::owned;
use crate::message::ram::{DecodeDiagnosticMessageRequest, DecodeDiagnosticMessageResponse, DecodedDiagnosticMessage};
use crate::wire::heard;

/// DecodeDiagnosticMessage.
pub(crate) struct DecodeDiagnosticMessage;

impl Wire for DecodeDiagnosticMessage {
    type Op = DecodeMessage;
    type Ask<'a> = DecodeDiagnosticMessageRequest<'a>;
    type Told<'a> = DecodeDiagnosticMessageResponse<'a>;

    fn op(ask: DecodeDiagnosticMessageRequest<'_>) -> Result<DecodeMessage> {
        let DecodeDiagnosticMessageRequest { encoded_diagnostic_message } = ask;
        Ok(DecodeMessage { encoded: owned(encoded_diagnostic_message) })
    }

    fn told(output: &String) -> Result<DecodeDiagnosticMessageResponse<'_>> {
        let mut decoded = DecodedDiagnosticMessage::default();
        json::read(output.as_bytes(), &mut decoded)
            .map_err(|_| Kind::Internal.because("a message that was sealed here cannot be read"))?;
        Ok(DecodeDiagnosticMessageResponse { decoded_diagnostic_message: Some(decoded) })
    }

    fn ask(op: &DecodeMessage) -> Result<DecodeDiagnosticMessageRequest<'_>> {
        let DecodeMessage { encoded } = op;
        Ok(DecodeDiagnosticMessageRequest { encoded_diagnostic_message: Some(encoded.into()) })
    }

    fn output(told: DecodeDiagnosticMessageResponse<'_>) -> Result<String> {
        let DecodeDiagnosticMessageResponse { decoded_diagnostic_message } = told;
        let mut text = Vec::new();
        json::write(&mut text, &heard::had(decoded_diagnostic_message)?, Dates::Text, &[]);
        String::from_utf8(text).map_err(|_| heard::unreadable("the message is no text"))
    }
}
