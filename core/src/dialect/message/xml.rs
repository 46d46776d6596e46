//! Messages as XML 1.0, both ways.
//!
//! Lists are written as one element with `member` elements in it (AWS) or as the element itself, once for each item
//! (Alibaba Cloud); maps as `entry` elements with `key` and `value`. What differs is [`Lists`].
//!
//! # Invariants
//! - Every text that becomes XML holds characters of XML 1.0 alone.

use std::borrow::Cow;
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use quick_xml::events::{BytesText, Event};
use quick_xml::{Reader, Writer};

use super::{Fill, Misread, Scalar, Shape, Slots, Structure, View};

/// How lists are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lists {
    /// One element, with an element `member` in it for each item.
    Members,
    /// The element itself, once for each item.
    Repeated,
}

/// The writer of a document in memory.
pub type Out = Writer<Vec<u8>>;

/// Writes the members of a message, with texts that are no members of it in the order of their names.
///
/// # Errors
/// That of the writer; a buffer has none.
pub fn write(out: &mut Out, message: &dyn Structure, lists: Lists, more: &[(&str, &str)]) -> io::Result<()> {
    let mut more = more.iter().peekable();
    for (at, member) in message.members().iter().enumerate() {
        while let Some((name, text)) = more.next_if(|(name, _)| *name < member.name) {
            characters(out, name, text)?;
        }
        element(out, member.name, &message.member(at), lists)?;
    }
    more.try_for_each(|(name, text)| characters(out, name, text))
}

fn element(out: &mut Out, name: &str, view: &View<'_>, lists: Lists) -> io::Result<()> {
    match view {
        View::Absent => Ok(()),
        View::Text(text) => characters(out, name, text),
        View::Integer(number) => characters(out, name, &number.to_string()),
        View::Flag(flag) => characters(out, name, if *flag { "true" } else { "false" }),
        View::Time(time) => characters(out, name, &time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        View::Blob(bytes) => characters(out, name, &STANDARD.encode(bytes)),
        View::List(items) => {
            let mut all = (0..items.count()).map(|at| items.item(at));
            match lists {
                Lists::Repeated => all.try_for_each(|item| element(out, name, &item, lists)),
                Lists::Members => {
                    nested(out, name, |out| all.try_for_each(|item| element(out, "member", &item, lists)))
                }
            }
        }
        View::Map(entries) => nested(out, name, |out| {
            (0..entries.count()).filter_map(|at| entries.entry(at)).try_for_each(|(key, value)| {
                nested(out, "entry", |out| {
                    characters(out, "key", key)?;
                    characters(out, "value", value)
                })
            })
        }),
        View::Structure(structure) => nested(out, name, |out| write(out, *structure, lists, &[])),
    }
}

/// Writes an element with elements in it.
///
/// # Errors
/// That of the writer; a buffer has none.
pub fn nested(out: &mut Out, name: &str, write: impl FnOnce(&mut Out) -> io::Result<()>) -> io::Result<()> {
    out.create_element(name).write_inner_content(write)?;
    Ok(())
}

/// Writes an element with a text in it.
///
/// # Errors
/// That of the writer; a buffer has none.
pub fn characters(out: &mut Out, name: &str, text: &str) -> io::Result<()> {
    let text = clean(text);
    out.create_element(name).write_text_content(BytesText::new(&text))?;
    Ok(())
}

/// The text without characters that XML 1.0 does not have (section 2.2).
pub fn clean(text: &str) -> Cow<'_, str> {
    let fits = |character: char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    match text.chars().all(fits) {
        true => Cow::Borrowed(text),
        false => text.chars().map(|character| if fits(character) { character } else { '\u{fffd}' }).collect(),
    }
}

/// Reads a message from the element of this name, wherever it stands in the document.
///
/// # Errors
/// [`Misread`] when it is no XML, or a value is none of its member's kind.
pub fn read<'a>(document: &str, root: &str, lists: Lists, into: &mut dyn Slots<'a>) -> Result<(), Misread> {
    let mut reader = Reader::from_str(document);
    loop {
        match reader.read_event().map_err(|_| Misread::Format)? {
            Event::Start(start) if start.local_name().as_ref() == root => {
                return structure(&mut reader, lists, into);
            }
            Event::Empty(start) if start.local_name().as_ref() == root => return Ok(()),
            // An operation without output has no such element.
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn structure<'a>(reader: &mut Reader<&[u8]>, lists: Lists, slots: &mut dyn Slots<'a>) -> Result<(), Misread> {
    let all = slots.all();
    while let Some((name, is_empty)) = next(reader)? {
        let known = all.iter().enumerate().find(|(_, member)| member.name == name && member.use_.is_read());
        match known.and_then(|(at, member)| Some((member, slots.slot(at)?))) {
            Some((member, field)) => value(reader, is_empty, &member.shape, member.name, lists, field)?,
            None if is_empty => {}
            None => skip(reader)?,
        }
    }
    Ok(())
}

/// The name of the next element inside this one, and whether it is empty; nothing at its end.
fn next(reader: &mut Reader<&[u8]>) -> Result<Option<(String, bool)>, Misread> {
    loop {
        match reader.read_event().map_err(|_| Misread::Format)? {
            Event::Start(start) => return Ok(Some((start.local_name().as_ref().to_owned(), false))),
            Event::Empty(start) => return Ok(Some((start.local_name().as_ref().to_owned(), true))),
            Event::End(_) => return Ok(None),
            Event::Eof => return Err(Misread::Format),
            _ => {}
        }
    }
}

fn skip(reader: &mut Reader<&[u8]>) -> Result<(), Misread> {
    while let Some((_, is_empty)) = next(reader)? {
        if !is_empty {
            skip(reader)?;
        }
    }
    Ok(())
}

fn value<'a>(
    reader: &mut Reader<&[u8]>,
    is_empty: bool,
    shape: &Shape,
    member: &'static str,
    lists: Lists,
    field: &mut dyn Fill<'a>,
) -> Result<(), Misread> {
    let format = || Misread::Format;
    match shape {
        Shape::List(list) if lists == Lists::Repeated => {
            field.begin();
            value(reader, is_empty, &list.of, member, lists, field.push().ok_or_else(format)?)
        }
        Shape::List(list) => {
            field.begin();
            if is_empty {
                return Ok(());
            }
            while let Some((_, is_empty)) = next(reader)? {
                value(reader, is_empty, &list.of, member, lists, field.push().ok_or_else(format)?)?;
            }
            Ok(())
        }
        Shape::Map(_) => {
            field.begin();
            if is_empty {
                return Ok(());
            }
            while let Some((_, is_empty)) = next(reader)? {
                if !is_empty {
                    entry(reader, member, field)?;
                }
            }
            Ok(())
        }
        Shape::Structure(_) => {
            field.begin();
            let slots = field.slots().ok_or_else(format)?;
            if is_empty { Ok(()) } else { structure(reader, lists, slots) }
        }
        shape => {
            let text = if is_empty { String::new() } else { text(reader)? };
            if field.set(scalar(text, shape, member)?) { Ok(()) } else { Err(format()) }
        }
    }
}

fn entry<'a>(reader: &mut Reader<&[u8]>, member: &'static str, field: &mut dyn Fill<'a>) -> Result<(), Misread> {
    let (mut key, mut value) = (String::new(), String::new());
    while let Some((name, is_empty)) = next(reader)? {
        let content = if is_empty { String::new() } else { text(reader)? };
        match name.as_str() {
            "key" => key = content,
            "value" => value = content,
            _ => {}
        }
    }
    if field.enter(key.into(), value.into()) { Ok(()) } else { Err(Misread::Twice(member)) }
}

/// The characters up to the end of the element.
fn text(reader: &mut Reader<&[u8]>) -> Result<String, Misread> {
    let mut text = String::new();
    loop {
        match reader.read_event().map_err(|_| Misread::Format)? {
            Event::Text(part) => text.push_str(&part.xml10_content()),
            Event::CData(part) => text.push_str(&part.xml10_content()),
            Event::GeneralRef(reference) => text.push_str(&resolved(&reference)?),
            Event::End(_) => return Ok(text),
            Event::Comment(_) | Event::PI(_) => {}
            _ => return Err(Misread::Format),
        }
    }
}

pub(super) fn resolved(reference: &quick_xml::events::BytesRef<'_>) -> Result<String, Misread> {
    if let Some(character) = reference.resolve_char_ref().map_err(|_| Misread::Format)? {
        return Ok(character.to_string());
    }
    let name = reference.xml10_content();
    quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned).ok_or(Misread::Format)
}

fn scalar<'a>(text: String, shape: &Shape, member: &'static str) -> Result<Scalar<'a>, Misread> {
    let wrong = || Misread::Kind { member, wanted: shape.kind(), found: super::Found::Text };
    match shape {
        Shape::Integer(..) => text.parse().map(Scalar::Integer).map_err(|_| wrong()),
        Shape::Flag => text.parse().map(Scalar::Flag).map_err(|_| wrong()),
        Shape::Time => text.parse().map(Scalar::Time).map_err(|_| wrong()),
        Shape::Blob(..) => STANDARD.decode(&text).map(Scalar::Blob).map_err(|_| Misread::Base64(member)),
        Shape::Text(_) | Shape::List(_) | Shape::Map(_) | Shape::Structure(_) => Ok(Scalar::Text(text.into())),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn characters_that_xml_does_not_have_are_replaced() {
        assert_eq!(clean("a\0b\u{b}\u{ffff}c\u{1f600}\n"), "a\u{fffd}b\u{fffd}\u{fffd}c\u{1f600}\n");
    }
}
