//! Responses: answers as they were written, and refusals as JSON, or as XML where the caller asked for it.
//!
//! Follows the KMS and RAM documents "Responses". The root of a refusal in XML is `KMS` for that service, `Error` for the
//! others.
//!
//! # Invariants
//! - No body is empty: the SDKs take an empty one for a failure.
//! - The fields of a refusal that the SDKs read are texts.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, StatusCode};
use polykms_core::dialect::{Format, Reply, Response, Row, Voice};
use polykms_core::error::Error;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use serde_json::{Map, Value};

use crate::errors::{self, Family, Fault};
use crate::front::FRONT;

const REQUEST_ID: &str = "RequestId";

/// Writes an answer or a refusal.
pub(crate) fn write(voice: &Voice, _: Option<&'static Row>, reply: Reply<'_>) -> Response {
    let Reply { request_id, host, answer } = reply;
    let error = match answer {
        Ok(body) => return response(voice.format, StatusCode::OK, body, request_id),
        Err(error) => error,
    };
    let (status, root, mut fields) = refusal(voice, &error, host);
    fields.insert(REQUEST_ID.to_owned(), request_id.into());
    render(voice.format, status, root, fields, request_id)
}

/// Status, name of the root and fields.
type Written = (StatusCode, &'static str, Map<String, Value>);

fn refusal(voice: &Voice, error: &Error, host: &str) -> Written {
    let family = Family::of(voice.service);
    let fault = if voice.dry_run { errors::dry_run } else { errors::fault };
    let Fault { status, code, message } = fault(family, error);
    let mut fields = Map::new();
    let advice = errors::advice(&code);
    let texts = [("HostId", host), ("Code", &code), ("Message", &message), ("Recommend", &advice)];
    fields.extend(texts.into_iter().map(|(name, text)| (name.to_owned(), text.into())));
    if family == Family::Kms {
        fields.insert("HttpStatus".to_owned(), status.into());
    }
    if let Some(denial) = error.denial() {
        fields.insert("AccessDeniedDetail".to_owned(), errors::access_denied_detail(denial));
    }
    let root = match family {
        Family::Kms => "KMS",
        Family::Ram | Family::Sts => "Error",
    };
    (StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), root, fields)
}

fn render(format: Format, status: StatusCode, root: &str, fields: Map<String, Value>, request_id: &str) -> Response {
    let body = match format {
        Format::Json => Value::Object(fields).to_string().into_bytes(),
        Format::Xml => xml(root, &fields),
    };
    response(format, status, Bytes::from(body), request_id)
}

fn response(format: Format, status: StatusCode, body: Bytes, request_id: &str) -> Response {
    let content_type = match format {
        Format::Json => "application/json;charset=utf-8",
        // The newer SDKs read XML only under exactly this type.
        Format::Xml => "text/xml;charset=utf-8",
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(request_id) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static(FRONT.request_id), request_id);
    }
    response
}

fn xml(root: &str, fields: &Map<String, Value>) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    let written = writer
        .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
        .and_then(|()| element(&mut writer, root, |writer| children(writer, fields)));
    // Writing into memory does not fail.
    written.map(|()| writer.into_inner()).unwrap_or_default()
}

/// The outcome of writing a part of a document.
type Part = std::io::Result<()>;

fn children(writer: &mut Writer<Vec<u8>>, fields: &Map<String, Value>) -> Part {
    fields.iter().try_for_each(|(name, value)| node(writer, name, value))
}

/// A field as an element; a list as one element for each item.
fn node(writer: &mut Writer<Vec<u8>>, name: &str, value: &Value) -> Part {
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| node(writer, name, item)),
        Value::Object(fields) => element(writer, name, |writer| children(writer, fields)),
        Value::String(text) => element(writer, name, |writer| characters(writer, text)),
        Value::Null => element(writer, name, |_| Ok(())),
        Value::Bool(_) | Value::Number(_) => element(writer, name, |writer| characters(writer, &value.to_string())),
    }
}

fn element(writer: &mut Writer<Vec<u8>>, name: &str, inside: impl FnOnce(&mut Writer<Vec<u8>>) -> Part) -> Part {
    writer.write_event(Event::Start(BytesStart::new(name)))?;
    inside(writer)?;
    writer.write_event(Event::End(BytesEnd::new(name)))
}

/// A text; what XML 1.0 cannot hold, not even escaped, is replaced.
fn characters(writer: &mut Writer<Vec<u8>>, text: &str) -> Part {
    let foreign = |character: char| matches!(character, '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    if text.contains(foreign) {
        let text = text.replace(foreign, "\u{fffd}");
        writer.write_event(Event::Text(BytesText::new(&text)))
    } else {
        writer.write_event(Event::Text(BytesText::new(text)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::{Kind, Noun};
    use serde_json::json;

    use super::*;

    fn voice(service: &'static str, format: Format) -> Voice {
        Voice { service, format, dry_run: false }
    }

    fn written(voice: Voice, operation: &str, answer: Result<Bytes, Error>) -> (u16, String, String) {
        let row = crate::catalog::SERVICES.iter().find_map(|service| service.row(operation));
        let response = write(&voice, row, Reply { request_id: "r-1", host: "kms.local", answer });
        let content_type = response.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
        assert_eq!(response.headers()["x-acs-request-id"], "r-1");
        (response.status().as_u16(), content_type, String::from_utf8(response.into_body().to_vec()).unwrap())
    }

    #[test]
    fn answers_go_out_as_they_were_written() {
        let answer = || Ok("body".into());
        let (status, content_type, body) = written(voice("kms", Format::Json), "ListKeys", answer());
        assert_eq!((status, content_type.as_str(), body.as_str()), (200, "application/json;charset=utf-8", "body"));
        let (_, content_type, _) = written(voice("kms", Format::Xml), "ListKeys", answer());
        assert_eq!(content_type, "text/xml;charset=utf-8");
    }

    #[test]
    fn refusals_hold_the_fields_that_the_clients_read() {
        let missing = || Err(Kind::NotFound(Noun::Key).about("arn"));
        let (status, _, body) = written(voice("kms", Format::Json), "DescribeKey", missing());
        let expected = json!({
            "RequestId": "r-1", "HostId": "kms.local", "Code": "Forbidden.KeyNotFound", "HttpStatus": 404,
            "Message": "The specified Key is not found.",
            "Recommend": "https://api.aliyun.com/troubleshoot?q=Forbidden.KeyNotFound"
        });
        assert_eq!((status, serde_json::from_str::<Value>(&body).unwrap()), (404, expected));
        let (_, _, body) = written(voice("sts", Format::Xml), "AssumeRole", Err(Kind::AccessDenied.into()));
        assert!(body.contains("<Error><Code>NoPermission</Code>"), "{body}");
    }
}
