//! The RPC style of Alibaba Cloud OpenAPI, both ways: parameters in, JSON or XML out.
//!
//! Follows the documents "Request structure" and "Responses". Clients of different generations write the same parameter
//! differently, so reading is lenient about form (truths, lists, maps) and strict about content.

use bytes::Bytes;
use http::{Method, Request};
use polykms_core::dialect::message::check::{Broken, Path, Step, check};
use polykms_core::dialect::message::form::{self, Style};
use polykms_core::dialect::message::json::{self, Dates};
use polykms_core::dialect::message::xml::{self, Lists};
use polykms_core::dialect::message::{Kind as ValueKind, Misread, Read, Record, Slots, Structure, Use};
use polykms_core::dialect::{Format, Payload, Protocol, Response, Row, Service, Telling};
use polykms_core::error::{Error, Flaw, Kind, Result};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, Event};

/// The member that every answer has.
const REQUEST_ID: &str = "RequestId";

const STYLE: Style = Style { item: ".", entry: None, json: true, empty_is_absent: true, any_case: true };

/// About how many bytes most answers have.
const ROOM: usize = 512;

/// The protocol of all services.
pub(crate) struct Rpc;

impl Protocol for Rpc {
    fn read<'a>(&self, arguments: &'a Payload, into: &mut dyn Record<'a>) -> Result<()> {
        let Payload::Params(parameters) = arguments else {
            return Err(Kind::Internal.because("the arguments are no parameters"));
        };
        let pairs = parameters.iter().map(|(name, value)| (&**name, &**value));
        let read = form::read(pairs, STYLE, into).map_err(misread)?;
        admit(&read, into)
    }

    fn tell(&self, telling: &Telling<'_>, told: &dyn Structure) -> Result<Bytes> {
        let more = [(REQUEST_ID, telling.request_id)];
        let failed = || Kind::Internal.because("a message cannot be written");
        match telling.voice.format {
            Format::Json => {
                let mut body = Vec::with_capacity(ROOM);
                json::write(&mut body, told, Dates::Text, &more).map_err(|_| failed())?;
                Ok(Bytes::from(body))
            }
            Format::Xml => {
                let mut out = Writer::new(Vec::with_capacity(ROOM));
                let declared = out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
                let root = root(telling.service, telling.row);
                let written = declared
                    .and_then(|()| xml::nested(&mut out, &root, |out| xml::write(out, told, Lists::Repeated, &more)));
                written.map_err(|_| failed())?;
                Ok(Bytes::from(out.into_inner()))
            }
        }
    }

    fn ask(&self, service: &Service, row: &Row, asked: &dyn Structure) -> Result<Request<Bytes>> {
        let mut query = form_urlencoded::Serializer::new(String::from("/?"));
        for (name, value) in form::write(asked, STYLE) {
            query.append_pair(&name, &value);
        }
        let request = Request::builder().method(Method::POST).uri(query.finish());
        let request = request.header("x-acs-action", row.wire()).header("x-acs-version", service.version);
        request.body(Bytes::new()).map_err(|_| Kind::Internal.because("a request cannot be written"))
    }

    fn hear<'a>(&self, _: &Row, response: &'a Response, into: &mut dyn Slots<'a>) -> Result<()> {
        json::read(response.body(), into).map(drop).map_err(|_| Error::from(Kind::Unreadable))
    }
}

/// The root of an answer in XML.
pub(crate) fn root(service: &Service, row: &Row) -> String {
    match service.name {
        "kms" => "KMS".to_owned(),
        _ => [row.wire(), "Response"].concat(),
    }
}

/// Refuses what was read for the first violation, or the first member that is not built.
fn admit(read: &Read, message: &dyn Record<'_>) -> Result<()> {
    let mut first = None;
    check(message.structure(), &mut |violation| {
        first.get_or_insert_with(|| Kind::Invalid(flaw(violation.broken)).about(parameter(violation.path)));
    });
    match (first, read.unbuilt.first()) {
        (Some(error), _) => Err(error),
        (None, Some(member)) => match member.use_ {
            Use::Unbuilt(why) => Err(Kind::Unsupported.because(why).naming(member.name)),
            Use::Built | Use::Ignored(_) => Ok(()),
        },
        (None, None) => Ok(()),
    }
}

fn flaw(broken: Broken) -> Flaw {
    match broken {
        Broken::Missing => Flaw::Missing,
        Broken::Short(_) | Broken::Long(_) => Flaw::Length,
        Broken::Low(_) | Broken::High(_) | Broken::OneOf(..) => Flaw::Value,
        Broken::Pattern(_) => Flaw::Format,
    }
}

/// The parameter that a place in a message belongs to.
fn parameter(path: &Path<'_>) -> &'static str {
    match (path.within, path.step) {
        (Some(within), _) => parameter(within),
        (None, Step::Member(name)) => name,
        (None, Step::Item(_)) => "",
    }
}

/// The refusal of a request that cannot be read as its message.
fn misread(misread: Misread) -> Error {
    let invalid = |flaw, member: &'static str| Kind::Invalid(flaw).about(member);
    match misread {
        Misread::Format => Error::from(Kind::Unreadable),
        Misread::Kind { member, wanted: ValueKind::Flag | ValueKind::Integer, found: _ } => {
            invalid(Flaw::Value, member)
        }
        Misread::Kind { member, .. } | Misread::Twice(member) | Misread::Base64(member) | Misread::Position(member) => {
            invalid(Flaw::Format, member)
        }
    }
}
