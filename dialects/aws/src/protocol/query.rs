//! The query protocol: parameters of a form in, XML out; the operation stands in the parameter `Action`.
//!
//! Follows "AWS Query protocol" of Smithy. Lists are written `Name.member.1`, structures `Name.Member`, maps
//! `Name.entry.1.key`.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use polykms_core::dialect::message::form::{self, Style};
use polykms_core::dialect::message::xml::{self, Lists};
use polykms_core::dialect::message::{Record, Slots, Structure};
use polykms_core::dialect::{Payload, Protocol, Response, Row, Service, Telling};
use polykms_core::error::{Error, Kind, Result};
use quick_xml::Writer;

use super::words::{Wording, misread};

const STYLE: Style =
    Style { item: ".member.", entry: Some(".entry."), json: false, empty_is_absent: false, any_case: false };

/// What need not be encoded in a form (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// About how many bytes most answers have.
const ROOM: usize = 1024;

/// The protocol, as one service speaks it.
pub(crate) struct Query {
    /// The namespace of answers.
    pub(crate) namespace: &'static str,
    /// How the service words violations.
    pub(crate) wording: Wording,
}

impl Protocol for Query {
    fn read<'a>(&self, arguments: &'a Payload, into: &mut dyn Record<'a>) -> Result<()> {
        let Payload::Params(parameters) = arguments else {
            return Err(Kind::Internal.because("the arguments are no parameters"));
        };
        let pairs = parameters.iter().map(|(name, value)| (&**name, &**value));
        let read = form::read(pairs, STYLE, into).map_err(misread)?;
        self.wording.admit(&read, into)
    }

    fn tell(&self, telling: &Telling<'_>, told: &dyn Structure) -> Result<Bytes> {
        let Telling { row, request_id, .. } = telling;
        let mut out = Writer::new(Vec::with_capacity(ROOM));
        let whole = out.create_element(format!("{}Response", row.wire())).with_attribute(("xmlns", self.namespace));
        let written = whole.write_inner_content(|out| {
            // An operation without output has no result element.
            if !told.members().is_empty() {
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

    fn ask(&self, service: &Service, row: &Row, asked: &dyn Structure) -> Result<Request<Bytes>> {
        let encoded = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
        let mut body = format!("Action={}&Version={}", row.wire(), service.version);
        for (name, value) in form::write(asked, STYLE) {
            body.extend(["&", &encoded(&name), "=", &encoded(&value)]);
        }
        let request = Request::builder().method(Method::POST).uri("/");
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded; charset=utf-8");
        request.body(Bytes::from(body)).map_err(|_| Kind::Internal.because("a request cannot be written"))
    }

    fn hear<'a>(&self, row: &Row, response: &'a Response, into: &mut dyn Slots<'a>) -> Result<()> {
        let unreadable = || Error::from(Kind::Unreadable);
        let document = std::str::from_utf8(response.body()).map_err(|_| unreadable())?;
        xml::read(document, &format!("{}Result", row.wire()), Lists::Members, into).map_err(|_| unreadable())
    }
}
