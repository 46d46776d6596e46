//! The query protocol: parameters in, XML out.
//!
//! Follows "AWS Query protocol" of Smithy. Lists are written `Name.member.1`, structures `Name.Member`.
//!
//! # Invariants
//! - Every text that becomes XML holds characters of XML 1.0 alone.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

use bytes::Bytes;
use polykms_core::dialect::Payload;
use polykms_core::error::{Error, Kind, Result};
use quick_xml::Writer;
use quick_xml::events::BytesText;
use serde_json::Value;

use crate::errors::Words;

fn unreadable(message: &'static str) -> Error {
    Kind::Unreadable.verbatim(message)
}

/// The arguments of an operation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arguments<'a>(&'a [(String, String)]);

/// The members of one structure on a list.
#[derive(Debug, Default)]
pub(crate) struct Structure<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Arguments<'a> {
    /// The arguments.
    ///
    /// # Errors
    /// [`Kind::Internal`] when they were not read by this protocol.
    pub(crate) fn of(payload: &'a Payload) -> Result<Self> {
        match payload {
            Payload::Params(parameters) => Ok(Self(parameters)),
            Payload::Json(_) | Payload::Tree(_) | Payload::Written(_) => {
                Err(Kind::Internal.because("the arguments are no parameters"))
            }
        }
    }

    /// The text of a parameter.
    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The whole number of a parameter.
    ///
    /// # Errors
    /// [`Kind::Unreadable`] for a text that is none.
    pub(crate) fn number(&self, name: &str) -> Result<Option<i64>> {
        let parsed = self.text(name).map(str::parse).transpose();
        parsed.map_err(|_| unreadable("STRING_VALUE can not be converted to an Integer"))
    }

    /// The truth of a parameter.
    ///
    /// # Errors
    /// [`Kind::Unreadable`] for a text other than `true` and `false`.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>> {
        let parsed = self.text(name).map(str::parse).transpose();
        parsed.map_err(|_| unreadable("STRING_VALUE can not be converted to a Boolean"))
    }

    /// The structures of a list, in the order of their numbers; a text on a list is the member without a name.
    ///
    /// # Errors
    /// [`Kind::Unreadable`] for a number that is none.
    pub(crate) fn structures(&self, name: &str) -> Result<Vec<Structure<'a>>> {
        let mut items: BTreeMap<u32, Structure<'a>> = BTreeMap::new();
        for (known, value) in self.0 {
            let Some(rest) = known.strip_prefix(name).and_then(|rest| rest.strip_prefix(".member.")) else { continue };
            let (number, member) = rest.split_once('.').unwrap_or((rest, ""));
            items.entry(position(number)?).or_default().0.push((member, value));
        }
        Ok(items.into_values().collect())
    }
}

fn position(text: &str) -> Result<u32> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| unreadable("A list has a member without a number."))
}

impl<'a> Structure<'a> {
    /// The text of a member.
    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// The texts of a list that is a member, in the order of their numbers.
    ///
    /// # Errors
    /// [`Kind::Unreadable`] for a number that is none.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<&'a str>> {
        let mut items = BTreeMap::new();
        for (known, value) in &self.0 {
            let Some(rest) = known.strip_prefix(name).and_then(|rest| rest.strip_prefix(".member.")) else { continue };
            items.insert(position(rest)?, *value);
        }
        Ok(items.into_values().collect())
    }
}

/// Members that are maps: their pairs are entries with a key and a value.
const MAPS: [&str; 1] = ["EvalDecisionDetails"];

/// The XML of an output; an operation without output has no result element.
pub(crate) fn answer(service: &str, operation: &str, output: &Value, request_id: &str) -> Bytes {
    written(|writer| {
        let name = format!("{operation}Response");
        writer.create_element(name).with_attribute(("xmlns", namespace(service))).write_inner_content(|writer| {
            element(writer, &format!("{operation}Result"), output)?;
            writer
                .create_element("ResponseMetadata")
                .write_inner_content(|writer| text(writer, "RequestId", request_id))?;
            Ok(())
        })?;
        Ok(())
    })
}

/// The XML of an error.
pub(crate) fn error(service: &str, words: &Words<'_>, request_id: &str) -> Bytes {
    let Words { status, code, message } = words;
    let side = if *status < 500 { "Sender" } else { "Receiver" };
    written(|writer| {
        let whole = writer.create_element("ErrorResponse").with_attribute(("xmlns", namespace(service)));
        whole.write_inner_content(|writer| {
            writer.create_element("Error").write_inner_content(|writer| {
                text(writer, "Type", side)?;
                text(writer, "Code", code)?;
                if message.is_empty() { Ok(()) } else { text(writer, "Message", message) }
            })?;
            text(writer, "RequestId", request_id)
        })?;
        Ok(())
    })
}

fn namespace(service: &str) -> &'static str {
    match service {
        "iam" => "https://iam.amazonaws.com/doc/2010-05-08/",
        _ => "https://sts.amazonaws.com/doc/2011-06-15/",
    }
}

fn written(write: impl FnOnce(&mut Writer<Vec<u8>>) -> io::Result<()>) -> Bytes {
    let mut writer = Writer::new(Vec::with_capacity(1024));
    // Writing to memory cannot fail.
    match write(&mut writer) {
        Ok(()) => Bytes::from(writer.into_inner()),
        Err(_) => Bytes::new(),
    }
}

fn element(writer: &mut Writer<Vec<u8>>, name: &str, value: &Value) -> io::Result<()> {
    match value {
        Value::Null => Ok(()),
        Value::Bool(flag) => text(writer, name, &flag.to_string()),
        Value::Number(number) => text(writer, name, &number.to_string()),
        Value::String(content) => text(writer, name, content),
        Value::Array(items) => {
            nested(writer, name, |writer| items.iter().try_for_each(|item| element(writer, "member", item)))
        }
        Value::Object(pairs) if MAPS.contains(&name) => nested(writer, name, |writer| {
            pairs.iter().try_for_each(|(key, value)| {
                nested(writer, "entry", |writer| {
                    text(writer, "key", key)?;
                    element(writer, "value", value)
                })
            })
        }),
        Value::Object(members) => {
            nested(writer, name, |writer| members.iter().try_for_each(|(name, value)| element(writer, name, value)))
        }
    }
}

fn nested(
    writer: &mut Writer<Vec<u8>>,
    name: &str,
    write: impl FnOnce(&mut Writer<Vec<u8>>) -> io::Result<()>,
) -> io::Result<()> {
    writer.create_element(name).write_inner_content(write)?;
    Ok(())
}

fn text(writer: &mut Writer<Vec<u8>>, name: &str, content: &str) -> io::Result<()> {
    let content = clean(content);
    writer.create_element(name).write_text_content(BytesText::new(&content))?;
    Ok(())
}

/// The text without characters that XML 1.0 does not have (section 2.2).
fn clean(text: &str) -> Cow<'_, str> {
    let fits = |character: char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    match text.chars().all(fits) {
        true => Cow::Borrowed(text),
        false => text.chars().map(|character| if fits(character) { character } else { '\u{fffd}' }).collect(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn form(body: &str) -> Payload {
        let pairs = body.split('&').map(|pair| pair.split_once('=').unwrap());
        Payload::Params(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    #[test]
    fn lists_come_in_the_order_of_their_numbers() {
        let payload = form(
            "Tags.member.10.Key=j&Tags.member.2.Key=b&Tags.member.2.Value=2&Arns.member.2=y&Arns.member.1=x&N=7&F=true",
        );
        let arguments = Arguments::of(&payload).unwrap();
        let tags = arguments.structures("Tags").unwrap();
        assert_eq!(
            tags.iter().map(|tag| (tag.text("Key"), tag.text("Value"))).collect::<Vec<_>>(),
            [(Some("b"), Some("2")), (Some("j"), None)]
        );
        let texts: Vec<_> = arguments.structures("Arns").unwrap().iter().map(|item| item.text("")).collect();
        assert_eq!(texts, [Some("x"), Some("y")]);
        assert_eq!((arguments.number("N").unwrap(), arguments.flag("F").unwrap()), (Some(7), Some(true)));
        assert_eq!(arguments.text("None"), None);
        for body in ["L.member.0=x", "L.member.x=1", "L.member.-1=1", "L.member.99999999999=1"] {
            let payload = form(body);
            assert!(Arguments::of(&payload).unwrap().structures("L").is_err(), "{body}");
        }
        assert!(arguments.number("F").is_err() && arguments.flag("N").is_err());
    }

    #[test]
    fn characters_that_xml_does_not_have_are_replaced() {
        assert_eq!(clean("a\0b\u{b}\u{ffff}c\u{1f600}\n"), "a\u{fffd}b\u{fffd}\u{fffd}c\u{1f600}\n");
        let body = answer("sts", "A", &serde_json::json!({ "B": "<\u{1}&" }), "r");
        assert_eq!(
            std::str::from_utf8(&body).unwrap(),
            "<AResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AResult><B>&lt;\u{fffd}&amp;</B></AResult>\
             <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></AResponse>"
        );
    }

    #[test]
    fn a_map_is_written_as_entries() {
        let output = serde_json::json!({ "EvalDecisionDetails": { "IAM Policy": "allowed" } });
        let body = answer("iam", "A", &output, "r");
        let entry =
            "<EvalDecisionDetails><entry><key>IAM Policy</key><value>allowed</value></entry></EvalDecisionDetails>";
        assert!(std::str::from_utf8(&body).unwrap().contains(entry));
    }

    #[test]
    fn a_structure_may_hold_a_list() {
        let payload = form("C.member.1.V.member.2=b&C.member.1.V.member.1=a&C.member.1.N=n&C.member.2.V=");
        let structures = Arguments::of(&payload).unwrap().structures("C").unwrap();
        assert_eq!(structures[0].texts("V").unwrap(), ["a", "b"]);
        assert!(structures[1].texts("V").unwrap().is_empty());
        let payload = form("C.member.1.V.member.x=b");
        assert!(Arguments::of(&payload).unwrap().structures("C").unwrap()[0].texts("V").is_err());
    }

    #[test]
    fn an_operation_without_output_has_no_result() {
        let body = answer("iam", "DeleteUser", &Value::Null, "r");
        assert_eq!(
            std::str::from_utf8(&body).unwrap(),
            "<DeleteUserResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ResponseMetadata>\
             <RequestId>r</RequestId></ResponseMetadata></DeleteUserResponse>"
        );
    }
}
