//! The RPC style of Alibaba Cloud OpenAPI, both ways: parameters in, JSON or XML out.
//!
//! Follows the documents "Request structure" and "Responses". Clients of different generations write the same parameter
//! differently, so reading is lenient about form (truths, lists, maps) and strict about content.

use bytes::Bytes;
use http::{Method, Request};
use polykms_core::dialect::message::check::{Broken, Path, Step, check};
use polykms_core::dialect::message::form::{self, Pair, Style};
use polykms_core::dialect::message::json::{self, Dates};
use polykms_core::dialect::message::plain::Flat;
use polykms_core::dialect::message::xml::{self, Lists};
use polykms_core::dialect::message::{Kind as ValueKind, Member, Misread, Read, Record, Shape, Slots, Structure, Use};
use polykms_core::dialect::{Arguments, Format, Protocol, Response, Row, Service, Telling};
use polykms_core::error::{Error, Flaw, Kind, Result};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, Event};

/// The member that every answer has.
const REQUEST_ID: &str = "RequestId";

const STYLE: Style = Style { item: ".", entry: None, json: true, empty_is_absent: true, any_case: true, exact: true };

/// How values that nobody declared become parameters.
pub(crate) const FLAT: Flat = Flat { item: STYLE.item, json: true };

/// The longest map, in characters: as JSON, or of its names and values.
const LONGEST_MAP: usize = 8192;

/// About how many bytes most answers have.
const ROOM: usize = 512;

/// The protocol of all services.
pub(crate) struct Rpc;

impl Protocol for Rpc {
    fn read<'a>(&self, arguments: &'a Arguments<'_>, into: &mut dyn Record<'a>) -> Result<()> {
        let Arguments::Params(parameters) = arguments else {
            return Err(Kind::Internal.because("the arguments are no parameters"));
        };
        if let Some(member) = into.all().iter().find(|member| is_too_long(parameters, member)) {
            return Err(Kind::Invalid(Flaw::Length).about(member.name));
        }
        let pairs = parameters.iter().map(|(name, value)| (&**name, &**value));
        let read = form::read(pairs, STYLE, into).map_err(misread)?;
        admit(&read, into)
    }

    fn check(&self, asked: &dyn Record<'_>) -> Result<()> {
        admit(&Read::default(), asked)
    }

    fn tell(&self, telling: &Telling<'_>, told: &dyn Structure) -> Result<Bytes> {
        let more = [(REQUEST_ID, telling.request_id)];
        let failed = || Kind::Internal.because("a message cannot be written");
        match telling.voice.format {
            Format::Json => {
                let mut body = Vec::with_capacity(ROOM);
                json::write(&mut body, told, Dates::Text, &more);
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
        request(service, row, form::write(asked, STYLE))
    }

    fn hear<'a>(&self, _: &Row, response: &'a Response, into: &mut dyn Slots<'a>) -> Result<()> {
        json::read(response.body(), into).map(drop).map_err(|_| Error::from(Kind::Unreadable))
    }
}

/// The request that asks for an operation with these parameters, not yet signed.
pub(crate) fn request(
    service: &Service,
    row: &Row,
    pairs: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>,
) -> Result<Request<Bytes>> {
    let mut query = form_urlencoded::Serializer::for_suffix(String::from("/?"), 2);
    query.extend_pairs(pairs);
    let request = Request::builder().method(Method::POST).uri(query.finish());
    let request = request.header("x-acs-action", row.wire()).header("x-acs-version", service.version);
    request.body(Bytes::new()).map_err(|_| Kind::Internal.because("a request cannot be written"))
}

/// Whether a member is a map that is longer than the vendor takes.
fn is_too_long(parameters: &[Pair<'_>], member: &Member) -> bool {
    let length = |(name, value): &Pair<'_>| match name.strip_prefix(member.name) {
        Some("") => value.chars().count(),
        Some(rest) => rest.strip_prefix('.').map_or(0, |name| name.chars().count() + value.chars().count()),
        None => 0,
    };
    matches!(member.shape, Shape::Map(_)) && parameters.iter().map(length).sum::<usize>() > LONGEST_MAP
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
            _ => Ok(()),
        },
        (None, None) => Ok(()),
    }
}

fn flaw(broken: Broken) -> Flaw {
    match broken {
        Broken::Missing => Flaw::Missing,
        Broken::Short(_) | Broken::Long(_) => Flaw::Length,
        Broken::Low(_) | Broken::High(_) | Broken::OneOf(..) => Flaw::Value,
        // The patterns of the vendor are sets of characters.
        Broken::Pattern(_) => Flaw::Characters,
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::borrow::Cow;

    use polykms_core::dialect::Voice;
    use polykms_core::dialect::message::{ANY, List, Map, Nothing, Pairs, Text};
    use polykms_core::message;

    use super::*;
    use crate::catalog::SERVICES;

    message! {
        /// A request.
        struct Asked = ASKED;
        0 flag: bool;
        1 texts: Vec<Cow<'a, str>>;
        2 tags: Vec<Tag<'a>>;
        3 context: Pairs<'a>;
        4 words: Cow<'a, str>;
        5 name: Cow<'a, str>;
        7 status: Cow<'a, str>;
    }

    const ASKED: &[Member] = &[
        Member::new("Flag", Shape::Flag),
        Member::new("Texts", Shape::List(&List::new(Shape::text(0, ANY), 0, 3))),
        Member::new("Tags", Shape::List(&List::new(Shape::Structure(TAG), 0, ANY))),
        Member::new("Context", Shape::Map(&Map { name: Text::FREE, value: Shape::text(0, ANY), min: 0, max: ANY })),
        Member::new("Words", Shape::text(0, 5)),
        Member::new("Name", Shape::text(1, ANY)),
        Member::new("Group", Shape::text(0, ANY)).unbuilt("nobody is grouped"),
        Member::new("Status", Shape::one_of(&["On", "Off"])),
    ];

    message! {
        /// An item.
        struct Tag = TAG;
        0 key: Cow<'a, str>;
        1 value: Cow<'a, str>;
    }

    const TAG: &[Member] =
        &[Member::new("Key", Shape::text(0, ANY)).required(), Member::new("Value", Shape::text(0, ANY))];

    message! {
        /// An answer.
        struct Told = TOLD;
        0 empty: Keys<'a>;
        1 keys: Keys<'a>;
        2 total_count: i64;
    }

    const TOLD: &[Member] = &[
        Member::new("Empty", Shape::Structure(KEYS)),
        Member::new("Keys", Shape::Structure(KEYS)),
        Member::new("TotalCount", Shape::Integer(0, i64::MAX)),
    ];

    message! {
        /// A list.
        struct Keys = KEYS;
        0 key: Vec<Key<'a>>;
    }

    const KEYS: &[Member] = &[Member::new("Key", Shape::List(&List::new(Shape::Structure(KEY), 0, ANY)))];

    message! {
        /// What is listed.
        struct Key = KEY;
        0 key_id: Cow<'a, str>;
    }

    const KEY: &[Member] = &[Member::new("KeyId", Shape::text(0, ANY))];

    fn told(service: &str, operation: &str, format: Format, told: &dyn Structure) -> String {
        let service = SERVICES.iter().find(|known| known.name == service).unwrap();
        let voice = Voice { service: service.name, format, dry_run: false };
        let telling = Telling { service, row: service.row(operation).unwrap(), voice, request_id: "r-1" };
        String::from_utf8(Rpc.tell(&telling, told).unwrap().to_vec()).unwrap()
    }

    #[test]
    fn answers_are_json_with_the_identifier_of_the_request() {
        assert_eq!(told("kms", "ListKeys", Format::Json, &Nothing::default()), r#"{"RequestId":"r-1"}"#);
    }

    #[test]
    fn answers_in_xml_repeat_an_element_for_each_item() {
        let keys = |ids: &[&'static str]| {
            Some(Keys { key: Some(ids.iter().map(|id| Key { key_id: Some((*id).into()) }).collect()) })
        };
        let answer = Told { empty: keys(&[]), keys: keys(&["a<b", "\u{1}"]), total_count: Some(2) };
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><KMS><Empty></Empty><Keys><Key><KeyId>a&lt;b</KeyId></Key>\
                        <Key><KeyId>\u{fffd}</KeyId></Key></Keys><RequestId>r-1</RequestId><TotalCount>2</TotalCount></KMS>";
        assert_eq!(told("kms", "ListKeys", Format::Xml, &answer), expected);
        let body = told("ram", "GetUser", Format::Xml, &Nothing::default());
        assert!(body.ends_with("<GetUserResponse><RequestId>r-1</RequestId></GetUserResponse>"), "{body}");
    }

    fn arguments(pairs: &[(&'static str, &'static str)]) -> Arguments<'static> {
        Arguments::Params(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
    }

    fn read<'a>(arguments: &'a Arguments<'_>) -> Result<Asked<'a>> {
        let mut asked = Asked::default();
        Rpc.read(arguments, &mut asked).map(|()| asked)
    }

    fn refused(pairs: &[(&'static str, &'static str)]) -> (Kind, String) {
        let arguments = arguments(pairs);
        let error = read(&arguments).err().unwrap_or_else(|| panic!("{pairs:?} was taken"));
        (error.kind(), error.subject().unwrap_or_default().to_owned())
    }

    #[test]
    fn booleans_are_read_in_the_forms_of_all_clients() {
        let flag = |text| read(&arguments(&[("Flag", text)])).map(|asked| asked.flag);
        assert_eq!(["true", "False", ""].map(|text| flag(text).unwrap()), [Some(true), Some(false), None]);
        assert_eq!(refused(&[("Flag", "1")]), (Kind::Invalid(Flaw::Value), "Flag".to_owned()));
    }

    #[test]
    fn lists_are_read_numbered_or_as_json() {
        let texts = |pairs: &[_]| read(&arguments(pairs)).unwrap().texts.map(|texts| texts.join(" "));
        assert_eq!(texts(&[("Texts.2", "b"), ("Texts.10", "c"), ("Texts.1", "a")]).unwrap(), "a b c");
        assert_eq!(texts(&[("Texts", r#"["x","y"]"#)]).unwrap(), "x y");
        assert_eq!(texts(&[]), None);
        for wrong in [("Texts", "x"), ("Texts.x", ""), ("Texts.0", "x")] {
            assert_eq!(refused(&[wrong]), (Kind::Invalid(Flaw::Format), "Texts".to_owned()));
        }
        assert_eq!(refused(&[("Texts", r#"["","","",""]"#)]), (Kind::Invalid(Flaw::Length), "Texts".to_owned()));
    }

    #[test]
    fn items_have_the_parts_that_are_declared_and_no_others() {
        let given = arguments(&[("Tags.1.Key", "a"), ("Tags.1.Value", "1"), ("Tags.2.Key", "")]);
        let tags = read(&given).unwrap().tags.unwrap();
        let tags: Vec<_> = tags.iter().map(|Tag { key, value }| (key.as_deref(), value.as_deref())).collect();
        assert_eq!(tags, [(Some("a"), Some("1")), (Some(""), None)]);
        assert_eq!(refused(&[("Tags.1.Value", "1")]), (Kind::Invalid(Flaw::Missing), "Tags".to_owned()));
        for more in ["Tags.1.Colour", "Tags.1.KeyX", "Tags.1"] {
            assert_eq!(refused(&[("Tags.1.Key", "a"), (more, "")]), (Kind::Invalid(Flaw::Format), "Tags".to_owned()));
        }
    }

    #[test]
    fn texts_of_json_are_texts_and_stand_in_one_place() {
        for wrong in [
            &[("Context", r#"{"a":1}"#)][..],
            &[("Context", r#"{"a":true}"#)],
            &[("Context", r#"{"a":"1"}"#), ("Context.a", "1")],
            &[("Context", r#"{"a":"1","a":"2"}"#)],
        ] {
            assert_eq!(refused(wrong), (Kind::Invalid(Flaw::Format), "Context".to_owned()));
        }
    }

    #[test]
    fn an_empty_parameter_is_none_unless_it_may_be_empty() {
        let given = arguments(&[("Words", ""), ("Name", ""), ("Group", ""), ("Context", ""), ("Status", "")]);
        let asked = read(&given).unwrap();
        assert_eq!((asked.words.as_deref(), asked.name, asked.context), (Some(""), None, None));
        assert_eq!(asked.status, None);
        assert_eq!(refused(&[("Status", "on")]), (Kind::Invalid(Flaw::Value), "Status".to_owned()));
        assert_eq!(refused(&[("Words", "123456")]), (Kind::Invalid(Flaw::Length), "Words".to_owned()));
    }

    #[test]
    fn what_is_not_built_is_refused_after_what_is_wrong() {
        assert_eq!(refused(&[("Group", "g")]), (Kind::Unsupported, "Group".to_owned()));
        assert_eq!(refused(&[("Group.1", "")]), (Kind::Unsupported, "Group".to_owned()));
        assert_eq!(refused(&[("Group", "g"), ("Words", "123456")]).1, "Words");
    }
}
