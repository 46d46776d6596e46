//! Answers and refusals as bytes: JSON or XML, as the protocol of the service has it.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, StatusCode};
use polykms_core::dialect::{Format, Reply, Response, Row, Voice};
use polykms_core::error::{Error, Kind};

use crate::errors::{self, Words};
use crate::front::FRONT;
use crate::protocol::query_error;

/// The type of requests and answers of the JSON protocol.
pub(crate) const JSON: &str = "application/x-amz-json-1.1";
const REQUEST_ID: HeaderName = HeaderName::from_static(FRONT.request_id);
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
/// The header with the encoded message of a denial; no header of AWS.
const ENCODED_MESSAGE: &str = "x-polykms-encoded-authorization-message";

/// Writes an answer.
pub(crate) fn write(voice: &Voice, _: Option<&'static Row>, reply: Reply<'_>) -> Response {
    let Reply { request_id, host: _, answer } = reply;
    let denial = answer.as_ref().err().and_then(|error| error.denial());
    let message = denial.and_then(|denial| HeaderValue::from_str(denial.encoded.as_deref()?).ok());
    let mut response = match is_query(voice.service) {
        false => write_json(voice, answer),
        true => write_query(voice, answer, request_id),
    };
    let headers = response.headers_mut();
    if let Ok(request_id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, request_id);
    }
    if let Some(message) = message {
        headers.insert(ENCODED_MESSAGE, message);
    }
    response
}

/// Whether a service speaks the query protocol, in whatever format it answers.
fn is_query(service: &str) -> bool {
    matches!(service, "iam" | "sts")
}

fn write_json(voice: &Voice, answer: Result<Bytes, Error>) -> Response {
    match answer {
        Ok(body) => response(200, JSON, body),
        Err(error) => json_error(voice, &error),
    }
}

fn json_error(voice: &Voice, error: &Error) -> Response {
    let Words { status, code, message } = errors::words(error, voice.service);
    // Which spelling KMS itself uses for denials is not documented; SDKs read both.
    let member = if error.kind() == Kind::AccessDenied { "Message" } else { "message" };
    let body = match message.is_empty() {
        true => serde_json::json!({ "__type": code }),
        false => serde_json::json!({ "__type": code, member: message }),
    };
    let mut response = response(status, JSON, Bytes::from(body.to_string()));
    response.headers_mut().insert(ERROR_TYPE, HeaderValue::from_static(code));
    response
}

fn write_query(voice: &Voice, answer: Result<Bytes, Error>, request_id: &str) -> Response {
    let (status, body) = match answer {
        Ok(body) => (200, body),
        Err(error) => refusal(voice, &error, request_id),
    };
    let content_type = match voice.format {
        Format::Json => "application/json",
        Format::Xml => "text/xml",
    };
    response(status, content_type, body)
}

fn refusal(voice: &Voice, error: &Error, request_id: &str) -> (u16, Bytes) {
    let words = errors::words(error, voice.service);
    (words.status, query_error(voice.format, voice.service, &words, request_id))
}

fn response(status: u16, content_type: &'static str, body: Bytes) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::dialect::Telling;
    use polykms_core::error::Result;

    use super::*;
    use crate::catalog;
    use crate::message::iam::{ListUsersResponse, ListedUser, User};

    fn answered(
        voice: &Voice,
        row: Option<&'static Row>,
        answer: Result<Bytes>,
    ) -> (u16, Vec<(String, String)>, String) {
        let reply = Reply { request_id: "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE", host: "localhost", answer };
        let (head, body) = write(voice, row, reply).into_parts();
        let headers = head.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        (head.status.as_u16(), headers.collect(), String::from_utf8(body.to_vec()).unwrap())
    }

    #[test]
    fn errors_of_json_services_name_their_code_twice() {
        let voice = Voice { service: "kms", format: Format::Json, dry_run: false };
        let (status, headers, body) = answered(&voice, None, Err(Kind::DryRun.because("")));
        assert_eq!(status, 400);
        assert_eq!(
            body,
            r#"{"__type":"DryRunOperationException","message":"The request would have succeeded, but the DryRun option is set."}"#
        );
        for (name, value) in [
            ("content-type", JSON),
            ("x-amzn-errortype", "DryRunOperationException"),
            ("x-amzn-requestid", "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE"),
        ] {
            assert!(headers.contains(&(name.to_owned(), value.to_owned())), "{headers:?}");
        }
        let (_, _, body) = answered(&voice, None, Err(Kind::InvalidCiphertext.because("")));
        assert_eq!(body, r#"{"__type":"InvalidCiphertextException"}"#);
        let (_, _, body) = answered(&voice, None, Err(Kind::AccessDenied.because("no")));
        assert_eq!(body, r#"{"Message":"no","__type":"AccessDeniedException"}"#);
    }

    #[test]
    fn errors_of_query_services_are_xml() {
        let voice = Voice { service: "iam", format: Format::Xml, dry_run: false };
        let error = Kind::NotFound(polykms_core::error::Noun::User).about("a<b");
        let (status, headers, body) = answered(&voice, None, Err(error));
        assert_eq!(status, 404);
        assert!(headers.contains(&("content-type".to_owned(), "text/xml".to_owned())));
        assert_eq!(
            body,
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>\
             <Code>NoSuchEntity</Code><Message>The user with name a&lt;b cannot be found.</Message></Error>\
             <RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId></ErrorResponse>"
        );
    }

    #[test]
    fn answers_are_written_in_the_format_of_the_service() {
        let voice = Voice { service: "kms", format: Format::Json, dry_run: false };
        let (status, _, body) = answered(&voice, None, Ok(Bytes::new()));
        assert_eq!((status, body.as_str()), (200, ""));
        let voice = Voice { service: "iam", format: Format::Xml, dry_run: false };
        let row = catalog::service("iam").unwrap().row("ListUsers");
        let users = Some(vec![ListedUser(User { user_name: Some("a&b".into()), ..User::default() })]);
        let told = ListUsersResponse { is_truncated: Some(false), users, ..ListUsersResponse::default() };
        let (service, request_id) = (catalog::service("iam").unwrap(), "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE");
        let telling = Telling { service, row: row.unwrap(), voice, request_id };
        let written = service.protocol.tell(&telling, &told).unwrap();
        let (status, _, body) = answered(&voice, row, Ok(written));
        assert_eq!(status, 200);
        assert_eq!(
            body,
            "<ListUsersResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ListUsersResult>\
             <IsTruncated>false</IsTruncated><Users><member><UserName>a&amp;b</UserName></member></Users>\
             </ListUsersResult><ResponseMetadata><RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId>\
             </ResponseMetadata></ListUsersResponse>"
        );
    }
}
