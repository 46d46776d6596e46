//! DecodeAuthorizationMessage: what a denial rests on.

use polykms_core::dialect::Wire;
use polykms_core::error::Result;
use polykms_core::identity::decode as op;

use crate::message::sts::{DecodeAuthorizationMessageRequest, DecodeAuthorizationMessageResponse};
use crate::wire::heard;

/// Decodes the encoded message of a denial.
pub(crate) struct DecodeAuthorizationMessage;

impl Wire for DecodeAuthorizationMessage {
    type Op = op::DecodeMessage;
    type Ask<'a> = DecodeAuthorizationMessageRequest<'a>;
    type Told<'a> = DecodeAuthorizationMessageResponse<'a>;

    fn op(ask: DecodeAuthorizationMessageRequest<'_>) -> Result<op::DecodeMessage> {
        let DecodeAuthorizationMessageRequest { encoded_message } = ask;
        Ok(op::DecodeMessage { encoded: encoded_message.unwrap_or_default().into_owned() })
    }

    fn told(message: &String) -> Result<DecodeAuthorizationMessageResponse<'_>> {
        Ok(DecodeAuthorizationMessageResponse { decoded_message: Some(message.into()) })
    }

    fn ask(op: &op::DecodeMessage) -> Result<DecodeAuthorizationMessageRequest<'_>> {
        Ok(DecodeAuthorizationMessageRequest { encoded_message: Some((&op.encoded).into()) })
    }

    fn output(told: DecodeAuthorizationMessageResponse<'_>) -> Result<String> {
        let DecodeAuthorizationMessageResponse { decoded_message } = told;
        heard::text(decoded_message)
    }
}
