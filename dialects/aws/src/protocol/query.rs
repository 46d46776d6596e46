//! The query protocol: parameters of a form in, XML out, or JSON where that is asked for; the operation stands in the parameter `Action`.
//!
//! Follows "AWS Query protocol" of Smithy. Lists are written `Name.member.1`, structures `Name.Member`, maps
//! `Name.entry.1.key`.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use polykms_core::dialect::message::form::{self, Style};
use polykms_core::dialect::message::json::{self, Dates};
use polykms_core::dialect::message::plain::Flat;
use polykms_core::dialect::message::xml::{self, Lists};
use polykms_core::dialect::message::{Read, Record, Slots, Structure};
use polykms_core::dialect::{Arguments, Format, Protocol, Response, Row, Service, Telling};
use polykms_core::error::{Error, Kind, Result};
use quick_xml::Writer;

use super::words::{Wording, misread};
use crate::errors::Words;

const STYLE: Style = Style {
    item: ".member.",
    entry: Some(".entry."),
    json: false,
    empty_is_absent: false,
    any_case: false,
    exact: false,
};

/// How values that nobody declared become parameters.
pub(crate) const FLAT: Flat = Flat { item: STYLE.item, json: false };

/// The content type of requests.
pub(crate) const CONTENT: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// What need not be encoded in a form (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// About how many bytes most answers have.
const ROOM: usize = 1024;

/// The namespace of IAM.
pub(crate) const IAM: &str = "https://iam.amazonaws.com/doc/2010-05-08/";
/// The namespace of STS.
pub(crate) const STS: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// The protocol, as one service speaks it.
pub(crate) struct Query {
    /// The namespace of answers.
    pub(crate) namespace: &'static str,
    /// The operations whose result has no members; others without members have no result at all.
    pub(crate) empty_results: &'static [&'static str],
    /// How the service words violations.
    pub(crate) wording: Wording,
}

impl Protocol for Query {
    fn read<'a>(&self, arguments: &'a Arguments<'_>, into: &mut dyn Record<'a>) -> Result<()> {
        let Arguments::Params(parameters) = arguments else {
            return Err(Kind::Internal.because("the arguments are no parameters"));
        };
        let pairs = parameters.iter().map(|(name, value)| (&**name, &**value));
        let read = form::read(pairs, STYLE, into).map_err(misread)?;
        self.wording.admit(&read, into)
    }

    fn check(&self, asked: &dyn Record<'_>) -> Result<()> {
        self.wording.admit(&Read::default(), asked)
    }

    fn tell(&self, telling: &Telling<'_>, told: &dyn Structure) -> Result<Bytes> {
        match telling.voice.format {
            Format::Json => Ok(self.json(telling, told)),
            Format::Xml => self.xml(telling, told),
        }
    }

    fn ask(&self, service: &Service, row: &Row, asked: &dyn Structure) -> Result<Request<Bytes>> {
        let request = Request::builder().method(Method::POST).uri("/").header(CONTENT_TYPE, CONTENT);
        request
            .body(form(service, row, form::write(asked, STYLE)))
            .map_err(|_| Kind::Internal.because("a request cannot be written"))
    }

    fn hear<'a>(&self, row: &Row, response: &'a Response, into: &mut dyn Slots<'a>) -> Result<()> {
        let unreadable = || Error::from(Kind::Unreadable);
        let document = std::str::from_utf8(response.body()).map_err(|_| unreadable())?;
        xml::read(document, &format!("{}Result", row.wire()), Lists::Members, into).map_err(|_| unreadable())
    }
}

/// The form that asks for an operation with these parameters.
pub(crate) fn form(
    service: &Service,
    row: &Row,
    pairs: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>,
) -> Bytes {
    let encoded = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
    let mut body = format!("Action={}&Version={}", row.wire(), service.version);
    for (name, value) in pairs {
        body.extend(["&", &encoded(name.as_ref()), "=", &encoded(value.as_ref())]);
    }
    Bytes::from(body)
}

impl Query {
    fn has_result(&self, row: &Row, told: &dyn Structure) -> bool {
        !told.members().is_empty() || self.empty_results.contains(&row.wire())
    }

    fn xml(&self, telling: &Telling<'_>, told: &dyn Structure) -> Result<Bytes> {
        let Telling { row, request_id, .. } = telling;
        let mut out = Writer::new(Vec::with_capacity(ROOM));
        let whole = out.create_element(format!("{}Response", row.wire())).with_attribute(("xmlns", self.namespace));
        let written = whole.write_inner_content(|out| {
            if self.has_result(row, told) {
                let result = format!("{}Result", row.wire());
                xml::nested(out, &result, |out| xml::write(out, told, Lists::Members, &[]))?;
            }
            xml::nested(out, "ResponseMetadata", |out| xml::characters(out, "RequestId", request_id))
        });
        match written {
            Ok(out) => Ok(Bytes::from(std::mem::take(out.get_mut()))),
            Err(_) => Err(Kind::Internal.because("a message cannot be written")),
        }
    }

    /// The same members in objects of the same names; dates are seconds since 1970, and there is no namespace.
    fn json(&self, telling: &Telling<'_>, told: &dyn Structure) -> Bytes {
        let Telling { row, request_id, .. } = telling;
        let mut out = Vec::with_capacity(ROOM);
        json::object(&mut out, |whole| {
            whole.object(&format!("{}Response", row.wire()), |response| {
                if self.has_result(row, told) {
                    response.message(&format!("{}Result", row.wire()), told, Dates::Epoch);
                }
                response.object("ResponseMetadata", |metadata| metadata.text("RequestId", request_id));
            });
        });
        Bytes::from(out)
    }
}

/// An error as the format of the answer has it.
pub(crate) fn error(format: Format, service: &str, words: &Words<'_>, request_id: &str) -> Bytes {
    match format {
        Format::Json => json_error(words, request_id),
        Format::Xml => xml_error(service, words, request_id),
    }
}

/// Whose fault an error is.
fn side(words: &Words<'_>) -> &'static str {
    if words.status < 500 { "Sender" } else { "Receiver" }
}

/// The JSON of an error.
fn json_error(words: &Words<'_>, request_id: &str) -> Bytes {
    let mut out = Vec::with_capacity(ROOM);
    json::object(&mut out, |whole| {
        whole.object("Error", |error| {
            error.text("Code", words.code);
            if !words.message.is_empty() {
                error.text("Message", &words.message);
            }
            error.text("Type", side(words));
        });
        whole.text("RequestId", request_id);
    });
    Bytes::from(out)
}

/// The XML of an error.
fn xml_error(service: &str, words: &Words<'_>, request_id: &str) -> Bytes {
    let Words { status: _, code, message } = words;
    let namespace = if service == "iam" { IAM } else { STS };
    let mut out = Writer::new(Vec::with_capacity(ROOM));
    let whole = out.create_element("ErrorResponse").with_attribute(("xmlns", namespace));
    let written = whole.write_inner_content(|out| {
        xml::nested(out, "Error", |out| {
            xml::characters(out, "Type", side(words))?;
            xml::characters(out, "Code", code)?;
            if message.is_empty() { Ok(()) } else { xml::characters(out, "Message", message) }
        })?;
        xml::characters(out, "RequestId", request_id)
    });
    // Writing to memory cannot fail.
    written.map_or_else(|_| Bytes::new(), |out| Bytes::from(std::mem::take(out.get_mut())))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::borrow::Cow;

    use polykms_core::dialect::Voice;
    use polykms_core::dialect::message::{Member, Nothing, Pairs, Shape, Text};
    use polykms_core::message;

    use super::*;

    message! {
        /// A message with a text and a map.
        struct Told = TOLD;
        0 b: Cow<'a, str>;
        1 eval_decision_details: Pairs<'a>;
    }

    const TOLD: &[Member] = &[
        Member::new("B", Shape::text(0, 9)),
        Member::new(
            "EvalDecisionDetails",
            Shape::Map(&polykms_core::dialect::message::Map {
                name: Text::FREE,
                value: Shape::text(0, 9),
                min: 0,
                max: 9,
            }),
        ),
    ];

    fn answer(service: &str, operation: &str, told: &dyn Structure) -> String {
        written(Format::Xml, service, operation, told)
    }

    fn written(format: Format, service: &str, operation: &str, told: &dyn Structure) -> String {
        let service = crate::catalog::service(service).unwrap();
        let voice = Voice { service: service.name, format, dry_run: false };
        let telling = Telling { service, row: service.row(operation).unwrap(), voice, request_id: "r" };
        String::from_utf8(service.protocol.tell(&telling, told).unwrap().to_vec()).unwrap()
    }

    #[test]
    fn characters_that_xml_does_not_have_are_replaced() {
        assert_eq!(
            answer("sts", "GetCallerIdentity", &Told { b: Some("<\u{1}&".into()), ..Told::default() }),
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
             <B>&lt;\u{fffd}&amp;</B></GetCallerIdentityResult>\
             <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
        );
    }

    #[test]
    fn a_map_is_written_as_entries() {
        let details = Pairs(vec![("IAM Policy".into(), "allowed".into())]);
        let body = answer("iam", "GetUser", &Told { eval_decision_details: Some(details), ..Told::default() });
        let entry =
            "<EvalDecisionDetails><entry><key>IAM Policy</key><value>allowed</value></entry></EvalDecisionDetails>";
        assert!(body.contains(entry), "{body}");
    }

    #[test]
    fn an_operation_without_output_has_no_result_but_for_one() {
        assert_eq!(
            answer("iam", "DeleteUser", &Nothing::default()),
            "<DeleteUserResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ResponseMetadata>\
             <RequestId>r</RequestId></ResponseMetadata></DeleteUserResponse>"
        );
        assert_eq!(
            answer("iam", "UpdateRole", &Nothing::default()),
            "<UpdateRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><UpdateRoleResult>\
             </UpdateRoleResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></UpdateRoleResponse>"
        );
    }

    #[test]
    fn the_same_answers_are_told_as_json_where_that_is_asked_for() {
        let told = |service, operation, told: &dyn Structure| written(Format::Json, service, operation, told);
        assert_eq!(
            told("sts", "GetCallerIdentity", &Told { b: Some("\"\u{1}".into()), ..Told::default() }),
            r#"{"GetCallerIdentityResponse":{"GetCallerIdentityResult":{"B":"\"\u0001"},"ResponseMetadata":{"RequestId":"r"}}}"#
        );
        assert_eq!(
            told("iam", "DeleteUser", &Nothing::default()),
            r#"{"DeleteUserResponse":{"ResponseMetadata":{"RequestId":"r"}}}"#
        );
        assert_eq!(
            told("iam", "UpdateRole", &Nothing::default()),
            r#"{"UpdateRoleResponse":{"UpdateRoleResult":{},"ResponseMetadata":{"RequestId":"r"}}}"#
        );
        let credentials = crate::message::sts::Credentials {
            expiration: Some(polykms_core::port::Time::from_second(1_626_171_842).unwrap()),
            ..Default::default()
        };
        let response = crate::message::sts::GetSessionTokenResponse { credentials: Some(credentials) };
        let body = told("sts", "GetSessionToken", &response);
        assert!(body.contains(r#"{"Credentials":{"Expiration":1626171842.0}}"#), "{body}");
    }

    #[test]
    fn errors_name_their_side_in_both_formats() {
        let words = |status, code| Words { status, code, message: "a<b".into() };
        let body = |format, status| error(format, "sts", &words(status, "Code"), "r");
        assert_eq!(
            body(Format::Json, 403),
            r#"{"Error":{"Code":"Code","Message":"a<b","Type":"Sender"},"RequestId":"r"}"#
        );
        assert_eq!(
            body(Format::Json, 500),
            r#"{"Error":{"Code":"Code","Message":"a<b","Type":"Receiver"},"RequestId":"r"}"#
        );
        assert_eq!(
            body(Format::Xml, 500),
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Receiver</Type>\
             <Code>Code</Code><Message>a&lt;b</Message></Error><RequestId>r</RequestId></ErrorResponse>"
        );
    }
}
