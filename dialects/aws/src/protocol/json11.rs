//! JSON 1.1: one object in, one object out; the operation stands in a header.
//!
//! Follows "AWS JSON 1.1 protocol" of Smithy.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request};
use polykms_core::dialect::message::json::{self, Dates};
use polykms_core::dialect::message::{Read, Record, Slots, Structure};
use polykms_core::dialect::{Arguments, Protocol, Response, Row, Service, Telling};
use polykms_core::error::{Error, Kind, Result};

use super::words::{Wording, misread};

/// The content type of requests and answers.
pub(crate) const CONTENT: &str = "application/x-amz-json-1.1";
/// The header with the operation.
pub(crate) const TARGET: &str = "x-amz-target";

/// About how many bytes most answers have.
const ROOM: usize = 512;

/// The protocol, as one service speaks it.
pub(crate) struct Json11 {
    /// What stands before the operation in the header.
    pub(crate) target: &'static str,
    /// How the service words violations.
    pub(crate) wording: Wording,
}

impl Protocol for Json11 {
    fn read<'a>(&self, arguments: &'a Arguments<'_>, into: &mut dyn Record<'a>) -> Result<()> {
        let Arguments::Json(body) = arguments else {
            return Err(Kind::Internal.because("the arguments are not JSON"));
        };
        let read = json::read(body, into).map_err(misread)?;
        self.wording.admit(&read, into)
    }

    fn check(&self, asked: &dyn Record<'_>) -> Result<()> {
        self.wording.admit(&Read::default(), asked)
    }

    fn tell(&self, _: &Telling<'_>, told: &dyn Structure) -> Result<Bytes> {
        // An operation without output has no body at all.
        match told.members().is_empty() {
            true => Ok(Bytes::new()),
            false => Ok(written(told)),
        }
    }

    fn ask(&self, _: &Service, row: &Row, asked: &dyn Structure) -> Result<Request<Bytes>> {
        let target = format!("{}.{}", self.target, row.wire());
        let request = Request::builder().method(Method::POST).uri("/").header(CONTENT_TYPE, CONTENT);
        let request = request.header(TARGET, target).body(written(asked));
        request.map_err(|_| Kind::Internal.because("a request cannot be written"))
    }

    fn hear<'a>(&self, _: &Row, response: &'a Response, into: &mut dyn Slots<'a>) -> Result<()> {
        // SDKs take an answer of nothing for one without members.
        let body = Some(&**response.body()).filter(|body| body.trim_ascii() != b"null").unwrap_or_default();
        json::read(body, into).map(drop).map_err(|_| Error::from(Kind::Unreadable))
    }
}

fn written(message: &dyn Structure) -> Bytes {
    let mut body = Vec::with_capacity(ROOM);
    json::write(&mut body, message, Dates::Epoch, &[]);
    Bytes::from(body)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::borrow::Cow;

    use polykms_core::dialect::message::{ANY, Blob, List, Map, Member, Pairs, Shape, Text};
    use polykms_core::message;

    use super::*;

    message! {
        /// A message with a member of each kind.
        struct Toy = TOY;
        0 key_id: Cow<'a, str>;
        1 limit: i64;
        2 dry_run: bool;
        3 plaintext: Blob<'a>;
        4 encryption_context: Pairs<'a>;
        5 tags: Vec<Pair<'a>>;
    }

    const TOY: &[Member] = &[
        Member::new("KeyId", Shape::text(0, ANY)),
        Member::new("Limit", Shape::Integer(i64::MIN, i64::MAX)),
        Member::new("DryRun", Shape::Flag),
        Member::new("Plaintext", Shape::Blob(0, ANY)),
        Member::new(
            "EncryptionContext",
            Shape::Map(&Map { name: Text::FREE, value: Shape::text(0, ANY), min: 0, max: ANY }),
        ),
        Member::new("Tags", Shape::List(&List::new(Shape::Structure(PAIR), 0, ANY))),
        Member::new("Recipient", Shape::text(0, ANY)).unbuilt("nobody receives"),
    ];

    message! {
        /// A structure.
        struct Pair = PAIR;
        0 tag_key: Cow<'a, str>;
    }

    const PAIR: &[Member] = &[Member::new("TagKey", Shape::text(0, ANY))];

    fn json(body: &str) -> Arguments<'static> {
        Arguments::Json(Bytes::copy_from_slice(body.as_bytes()))
    }

    fn decode<'a>(body: &'a Arguments<'_>) -> Result<Toy<'a>> {
        let mut arguments = Toy::default();
        let wording =
            Wording { values: super::super::Values::Shown, sets: true, whole_lists: true, names_unbuilt: true };
        Json11 { target: "Toy", wording }.read(body, &mut arguments)?;
        Ok(arguments)
    }

    fn refusal(body: &str) -> Option<String> {
        let body = json(body);
        let error = decode(&body).err().unwrap_or_else(|| panic!("{body:?} was taken"));
        assert_eq!(error.kind(), Kind::Unreadable);
        error.vendor_message().map(str::to_owned)
    }

    #[test]
    fn members_are_read_and_unknown_ones_ignored() {
        let body = json(
            r#"{"KeyId":"k\u0065y","Limit":7.9,"DryRun":true,"Plaintext":"aGk=","Other":[{"x":1}],
                "EncryptionContext":{"b":"2","a":1,"c":true},"Tags":[{"TagKey":"t"}]}"#,
        );
        let Toy { key_id, limit, dry_run, plaintext, encryption_context, tags } = decode(&body).unwrap();
        assert_eq!(key_id.as_deref(), Some("key"));
        assert_eq!((limit, dry_run), (Some(7), Some(true)));
        assert_eq!(plaintext.unwrap().expose(), b"hi");
        let pairs: std::collections::BTreeMap<_, _> = encryption_context.unwrap().into_owned();
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("a", "1"), ("b", "2"), ("c", "true")]);
        assert_eq!(tags.unwrap()[0].tag_key.as_deref(), Some("t"));
    }

    #[test]
    fn null_and_an_empty_body_are_no_arguments() {
        for body in ["", "{}", r#"{"KeyId":null,"Limit":null,"EncryptionContext":null,"Tags":null,"Recipient":null}"#] {
            let body = json(body);
            let Toy { key_id, limit, dry_run, plaintext, encryption_context, tags } = decode(&body).unwrap();
            assert!(key_id.is_none() && limit.is_none() && dry_run.is_none() && plaintext.is_none());
            assert!(encryption_context.is_none() && tags.is_none());
        }
    }

    #[test]
    fn what_is_not_built_is_refused_by_name() {
        let body = json(r#"{"Recipient":{}}"#);
        let error = decode(&body).unwrap_err();
        assert_eq!(error.kind(), Kind::Unsupported);
        assert_eq!(error.vendor_message(), Some("Recipient is not supported: nobody receives."));
    }

    #[test]
    fn what_is_no_json_is_refused_without_words() {
        for body in ["{", "{}}", "{\"KeyId\":\"\\ud800\"}", "nul", "{\"KeyId\":'a'}", "{\"a\":1,}"] {
            assert_eq!(refusal(body), None, "{body}");
        }
        assert!(decode(&Arguments::Json(Bytes::from_static(b"{\"KeyId\":\"\xff\"}"))).is_err());
    }

    #[test]
    fn values_of_the_wrong_kind_are_refused_without_being_repeated() {
        for (body, words) in [
            (r#"{"KeyId":5}"#, "NUMBER_VALUE can not be converted to a String"),
            (r#"{"KeyId":true}"#, "TRUE_VALUE can not be converted to a String"),
            (r#"{"KeyId":["secret"]}"#, "Start of list found where not expected"),
            (r#"{"KeyId":{}}"#, "Start of structure or map found where not expected."),
            (r#"{"Limit":"secret"}"#, "STRING_VALUE can not be converted to an Integer"),
            (r#"{"DryRun":"true"}"#, "STRING_VALUE can not be converted to a Boolean"),
            (r#"{"Plaintext":"secret!"}"#, "Invalid base64"),
            (r#"{"Plaintext":"aGk"}"#, "Invalid base64"),
            (r#"{"EncryptionContext":{"a":null}}"#, "NULL_VALUE can not be converted to a String"),
            (r#"{"EncryptionContext":{"a":1.5}}"#, "NUMBER_VALUE can not be converted to a String"),
            (r#"{"EncryptionContext":["a"]}"#, "Start of list found where not expected"),
            (r#"{"Tags":"secret"}"#, "STRING_VALUE can not be converted to a List"),
            (r#"{"Tags":[["secret"]]}"#, "Start of list found where not expected"),
            (r#"{"Tags":[null]}"#, "NULL_VALUE can not be converted to an Object"),
            (r#"["secret"]"#, "Start of list found where not expected"),
            (r#""secret""#, "STRING_VALUE can not be converted to an Object"),
            ("null", "NULL_VALUE can not be converted to an Object"),
        ] {
            assert_eq!(refusal(body).as_deref(), Some(words), "{body}");
        }
    }

    #[test]
    fn nothing_may_stand_twice() {
        for body in [
            r#"{"KeyId":"a","KeyId":"a"}"#,
            r#"{"EncryptionContext":{"a":"1","a":"1"}}"#,
            r#"{"EncryptionContext":{"a":"1","\u0061":"2"}}"#,
            r#"{"Tags":[{"TagKey":"a","TagKey":"b"}]}"#,
        ] {
            assert!(refusal(body).unwrap().starts_with("duplicate"), "{body}");
        }
    }

    #[test]
    fn unknown_members_of_any_depth_cost_no_stack() {
        let deep = json(&format!("{{\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000)));
        assert!(decode(&deep).is_ok());
    }
}
