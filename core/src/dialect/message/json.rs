//! Messages as JSON (RFC 8259), both ways: read straight from the text into the fields, written straight from them.
//!
//! What differs between vendors is how dates are written: [`Dates`]. Reading is by the member tables, so there is one reader for all messages.
//!
//! # Invariants
//! - No member may stand twice in an object, and no object may be written as a list.
//! - No error repeats a value.
//! - Unknown members cost no stack, however deep they are.

mod write;

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

pub(super) use write::value as write_value;
pub use write::{Object, object, text, write};

use super::{Fill, Found, Member, Misread, Read, Scalar, Shape, Slots, Use};
use crate::port::Time;

/// How instants are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dates {
    /// Seconds since 1970, with milliseconds as a fraction.
    Epoch,
    /// `YYYY-MM-DDThh:mm:ssZ`.
    Text,
}

/// Reads a message; an empty text has no members.
///
/// # Errors
/// [`Misread`], with the member that cannot be read.
pub fn read<'a>(text: &'a [u8], into: &mut dyn Slots<'a>) -> Result<Read, Misread> {
    if text.is_empty() {
        return Ok(Read::default());
    }
    let notes = Notes::default();
    let whole =
        Value { shape: &Shape::Structure(into.all()), member: "", target: Target::Members(into), notes: &notes };
    notes.finish(from_text(text, whole))
}

/// Reads one value that is JSON inside something else; its texts are nothing but texts.
///
/// # Errors
/// [`Misread`], with the member that cannot be read.
pub(super) fn read_value<'a>(text: &'a str, member: &'static Member, into: &mut dyn Fill<'a>) -> Result<Read, Misread> {
    let notes = Notes { texts_only: true, ..Notes::default() };
    let value = Value { shape: &member.shape, member: member.name, target: Target::Value(into), notes: &notes };
    notes.finish(from_text(text.as_bytes(), value))
}

fn from_text<'a>(text: &'a [u8], value: Value<'_, 'a>) -> serde_json::Result<()> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    value.deserialize(&mut deserializer)?;
    deserializer.end()
}

/// What reading finds on its way.
#[derive(Default)]
struct Notes {
    /// Whether numbers and truths do not count as texts.
    texts_only: bool,
    misread: Cell<Option<Misread>>,
    unbuilt: RefCell<Vec<&'static Member>>,
}

impl Notes {
    fn refuse<E: de::Error>(&self, misread: Misread) -> E {
        self.misread.set(Some(misread));
        E::custom("misread")
    }

    fn finish(&self, outcome: serde_json::Result<()>) -> Result<Read, Misread> {
        match (outcome, self.misread.take()) {
            (Ok(()), _) => Ok(Read { unbuilt: self.unbuilt.take() }),
            (Err(_), Some(misread)) => Err(misread),
            (Err(_), None) => Err(Misread::Format),
        }
    }
}

/// A value that is being read, and where it goes.
struct Value<'s, 'a> {
    shape: &'s Shape,
    member: &'static str,
    target: Target<'s, 'a>,
    notes: &'s Notes,
}

enum Target<'s, 'a> {
    /// The members of a structure.
    Members(&'s mut dyn Slots<'a>),
    /// A value; null leaves it as it is.
    Value(&'s mut dyn Fill<'a>),
    /// The next item of a list.
    Item(&'s mut dyn Fill<'a>),
}

impl<'s, 'a> Value<'s, 'a> {
    fn wrong<E: de::Error>(&self, found: Found) -> E {
        self.notes.refuse(Misread::Kind { member: self.member, wanted: self.shape.kind(), found })
    }

    fn set<E: de::Error>(self, scalar: Scalar<'a>) -> Result<(), E> {
        let taken = match self.target {
            Target::Value(field) => field.set(scalar),
            Target::Item(list) => list.push().is_some_and(|item| item.set(scalar)),
            Target::Members(_) => false,
        };
        if taken { Ok(()) } else { Err(self.notes.refuse(Misread::Format)) }
    }

    fn text<E: de::Error>(self, text: Cow<'a, str>) -> Result<(), E> {
        match self.shape {
            Shape::Text(_) => self.set(Scalar::Text(text)),
            Shape::Blob(..) => match STANDARD.decode(text.as_bytes()) {
                Ok(bytes) => self.set(Scalar::Blob(bytes)),
                Err(_) => Err(self.notes.refuse(Misread::Base64(self.member))),
            },
            Shape::Time => match text.parse() {
                Ok(time) => self.set(Scalar::Time(time)),
                Err(_) => Err(self.wrong(Found::Text)),
            },
            _ => Err(self.wrong(Found::Text)),
        }
    }

    fn number<E: de::Error>(self, whole: i64, millis: i64) -> Result<(), E> {
        match self.shape {
            Shape::Integer(..) => self.set(Scalar::Integer(whole)),
            Shape::Time => match Time::from_millisecond(millis) {
                Ok(time) => self.set(Scalar::Time(time)),
                Err(_) => Err(self.wrong(Found::Number)),
            },
            _ => Err(self.wrong(Found::Number)),
        }
    }
}

impl<'a> DeserializeSeed<'a> for Value<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Value<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'a str) -> Result<(), E> {
        self.text(Cow::Borrowed(text))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        self.text(Cow::Owned(text.to_owned()))
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<(), E> {
        match self.shape {
            Shape::Flag => self.set(Scalar::Flag(flag)),
            _ => Err(self.wrong(if flag { Found::True } else { Found::False })),
        }
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<(), E> {
        self.number(number, number.saturating_mul(1000))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<(), E> {
        self.visit_i64(i64::try_from(number).unwrap_or(i64::MAX))
    }

    #[expect(clippy::cast_possible_truncation, reason = "the casts cut off and saturate, which is what is wanted")]
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<(), E> {
        self.number(number as i64, (number * 1000.0).round() as i64)
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        match self.target {
            Target::Value(_) => Ok(()),
            Target::Item(_) | Target::Members(_) => Err(self.wrong(Found::Null)),
        }
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut items: A) -> Result<(), A::Error> {
        let Shape::List(list) = self.shape else { return Err(self.wrong(Found::List)) };
        let field = match self.target {
            Target::Value(field) => field,
            Target::Item(outer) => outer.push().ok_or_else(|| self.notes.refuse(Misread::Format))?,
            Target::Members(_) => return Err(self.notes.refuse(Misread::Format)),
        };
        field.begin();
        loop {
            let item =
                Value { shape: &list.of, member: self.member, target: Target::Item(&mut *field), notes: self.notes };
            if items.next_element_seed(item)?.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'a>>(self, members: A) -> Result<(), A::Error> {
        let kind = self.shape;
        let format = || self.notes.refuse(Misread::Format);
        match (kind, self.target) {
            (Shape::Structure(_), Target::Members(slots)) => structure(slots, self.notes, members),
            (Shape::Structure(_), Target::Value(field)) => {
                field.begin();
                structure(field.slots().ok_or_else(format)?, self.notes, members)
            }
            (Shape::Structure(_), Target::Item(list)) => {
                let item = list.push().ok_or_else(format)?;
                structure(item.slots().ok_or_else(format)?, self.notes, members)
            }
            (Shape::Map(_), Target::Value(field)) => {
                field.begin();
                entries(field, self.member, self.notes, members)
            }
            (shape, _) => Err(self.notes.refuse(Misread::Kind {
                member: self.member,
                wanted: shape.kind(),
                found: Found::Object,
            })),
        }
    }
}

fn structure<'a, A: MapAccess<'a>>(slots: &mut dyn Slots<'a>, notes: &Notes, mut members: A) -> Result<(), A::Error> {
    let all = slots.all();
    let mut seen = 0_u128;
    while let Some(Name(name)) = members.next_key()? {
        let Some((at, member)) = all.iter().enumerate().find(|(_, member)| *member.name == *name) else {
            members.next_value::<IgnoredAny>()?;
            continue;
        };
        let bit = 1_u128.checked_shl(u32::try_from(at).unwrap_or(u32::MAX)).unwrap_or_default();
        if seen & bit != 0 {
            return Err(notes.refuse(Misread::Twice(member.name)));
        }
        seen |= bit;
        match (member.use_, slots.slot(at)) {
            (use_, Some(field)) if use_.is_read() => {
                let target = Target::Value(field);
                members.next_value_seed(Value { shape: &member.shape, member: member.name, target, notes })?;
            }
            (Use::Unbuilt(_), _) => {
                if members.next_value::<Option<IgnoredAny>>()?.is_some() {
                    notes.unbuilt.borrow_mut().push(member);
                }
            }
            _ => drop(members.next_value::<IgnoredAny>()?),
        }
    }
    Ok(())
}

fn entries<'a, A: MapAccess<'a>>(
    field: &mut dyn Fill<'a>,
    member: &'static str,
    notes: &Notes,
    mut members: A,
) -> Result<(), A::Error> {
    while let Some(Name(name)) = members.next_key()? {
        let value = members.next_value_seed(Plain { member, notes })?;
        if !field.enter(name, value) {
            return Err(notes.refuse(Misread::Twice(member)));
        }
    }
    Ok(())
}

/// The name of a member, borrowed unless it holds escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> de::Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Characters;

        impl<'de> Visitor<'de> for Characters {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(Characters)
    }
}

/// A value of a map: a text, or a whole number or truth that counts as its text.
struct Plain<'s> {
    member: &'static str,
    notes: &'s Notes,
}

impl Plain<'_> {
    fn wrong<E: de::Error>(&self, found: Found) -> E {
        self.notes.refuse(Misread::Kind { member: self.member, wanted: super::Kind::Text, found })
    }

    /// The text that something else counts as.
    fn counted<'a, E: de::Error>(&self, found: Found, text: impl Into<Cow<'a, str>>) -> Result<Cow<'a, str>, E> {
        if self.notes.texts_only { Err(self.wrong(found)) } else { Ok(text.into()) }
    }
}

impl<'a> DeserializeSeed<'a> for Plain<'_> {
    type Value = Cow<'a, str>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Plain<'_> {
    type Value = Cow<'a, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        self.counted(Found::Number, number.to_string())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        self.counted(Found::Number, number.to_string())
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Self::Value, E> {
        match flag {
            true => self.counted(Found::True, "true"),
            false => self.counted(Found::False, "false"),
        }
    }

    // A fraction has more than one text: which one was meant cannot be told.
    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Err(self.wrong(Found::Number))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Err(self.wrong(Found::Null))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, _: A) -> Result<Self::Value, A::Error> {
        Err(self.wrong(Found::List))
    }

    fn visit_map<A: MapAccess<'a>>(self, _: A) -> Result<Self::Value, A::Error> {
        Err(self.wrong(Found::Object))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::super::{Blob, Nothing};
    use super::*;
    use crate::dialect::message::Structure;
    use crate::message;

    message! {
        /// A message to be written.
        struct Told = TOLD;
        0 blob: Blob<'a>;
        1 date: Time;
        2 word: Cow<'a, str>;
    }

    const TOLD: &[Member] = &[
        Member::new("Blob", Shape::Blob(0, u32::MAX)),
        Member::new("Date", Shape::Time),
        Member::new("Word", Shape::text(0, u32::MAX)),
    ];

    fn written(message: &dyn Structure, dates: Dates, more: &[(&str, &str)]) -> String {
        let mut out = Vec::new();
        write(&mut out, message, dates, more);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn instants_are_seconds_with_milliseconds_or_text_of_whole_seconds() {
        let at = |text: &str| Told { date: Some(text.parse().unwrap()), ..Told::default() };
        assert_eq!(written(&at("2024-01-02T03:04:05.678912Z"), Dates::Epoch, &[]), r#"{"Date":1704164645.678}"#);
        assert_eq!(written(&at("2024-01-02T03:04:05Z"), Dates::Epoch, &[]), r#"{"Date":1704164645.0}"#);
        assert_eq!(written(&at("2024-01-02T03:04:05.678Z"), Dates::Text, &[]), r#"{"Date":"2024-01-02T03:04:05Z"}"#);
    }

    #[test]
    fn bytes_are_written_in_padded_base64() {
        let told = Told { blob: Some(b"\xfb\xff\xfe\x00".as_slice().into()), ..Told::default() };
        assert_eq!(written(&told, Dates::Epoch, &[]), r#"{"Blob":"+//+AA=="}"#);
    }

    #[test]
    fn what_is_added_stands_in_the_order_of_names() {
        let told = Told { word: Some("w".into()), ..Told::default() };
        let more = [("Aaa", "1"), ("Request", "2"), ("Zzz", "3")];
        assert_eq!(written(&told, Dates::Text, &more), r#"{"Aaa":"1","Request":"2","Word":"w","Zzz":"3"}"#);
        assert_eq!(written(&Nothing::default(), Dates::Text, &[]), "{}");
    }

    #[test]
    fn what_is_written_is_read_again() {
        let told = Told {
            blob: Some(vec![0, 1, 255].into()),
            date: Some("2024-01-02T03:04:05.678Z".parse().unwrap()),
            word: Some("\u{1}\"\\é".into()),
        };
        let text = written(&told, Dates::Epoch, &[]);
        let mut again = Told::default();
        read(text.as_bytes(), &mut again).unwrap();
        assert!(super::super::same(&told, &again), "{again:?}");
    }
}
