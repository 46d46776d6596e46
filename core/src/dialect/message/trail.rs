//! Messages as the trail tells them: everything but what is sensitive, and of bytes their number.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::{Member, Structure, View};

/// How the names of members are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// As they are declared.
    Declared,
    /// With a small first letter.
    Camel,
}

/// A message to be told.
#[derive(Clone, Copy)]
pub struct Told<'v>(
    /// The message.
    pub &'v dyn Structure,
    /// How the names of its members are written.
    pub Names,
);

impl Told<'_> {
    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.members().next().is_none()
    }

    fn members(&self) -> impl Iterator<Item = (&'static Member, View<'_>)> {
        let Self(structure, _) = self;
        let members = structure.members().iter().enumerate().filter(|(_, member)| !member.sensitive);
        let members = members.map(|(at, member)| (member, structure.member(at)));
        members.filter(|(_, view)| !matches!(view, View::Absent))
    }
}

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(_, names) = *self;
        let mut object = serializer.serialize_map(None)?;
        for (member, view) in self.members() {
            object.serialize_entry(&Name(member.name, names), &Value(&view, names))?;
        }
        object.end()
    }
}

struct Name(&'static str, Names);

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(name, names) = *self;
        match name.split_at_checked(1).filter(|_| names == Names::Camel) {
            Some((first, rest)) => serializer.collect_str(&format_args!("{}{rest}", first.to_ascii_lowercase())),
            None => serializer.serialize_str(name),
        }
    }
}

struct Value<'v>(&'v View<'v>, Names);

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(view, names) = *self;
        match view {
            View::Absent => serializer.serialize_unit(),
            View::Text(text) => serializer.serialize_str(text),
            View::Blob(bytes) => {
                let mut object = serializer.serialize_map(Some(1))?;
                object.serialize_entry("bytes", &bytes.len())?;
                object.end()
            }
            View::Integer(number) => serializer.serialize_i64(*number),
            View::Flag(flag) => serializer.serialize_bool(*flag),
            View::Time(time) => serializer.collect_str(&time.strftime("%Y-%m-%dT%H:%M:%SZ")),
            View::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.count()))?;
                for at in 0..items.count() {
                    list.serialize_element(&Value(&items.item(at), names))?;
                }
                list.end()
            }
            View::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.count()))?;
                for (name, value) in (0..entries.count()).filter_map(|at| entries.entry(at)) {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
            View::Structure(structure) => Told(*structure, names).serialize(serializer),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::borrow::Cow;

    use super::super::{Blob, Pairs, Shape};
    use super::*;
    use crate::message;

    message! {
        /// A message to be told.
        struct Asked = ASKED;
        0 word: Cow<'a, str>;
        1 secret: Cow<'a, str>;
        2 bytes: Blob<'a>;
        3 context: Pairs<'a>;
    }

    const ASKED: &[Member] = &[
        Member::new("Word", Shape::text(0, u32::MAX)),
        Member::new("Secret", Shape::text(0, u32::MAX)).sensitive(),
        Member::new("Bytes", Shape::Blob(0, u32::MAX)),
        Member::new("Context", Shape::Structure(&[])),
    ];

    #[test]
    fn nothing_sensitive_is_told_and_of_bytes_their_number() {
        let context = Pairs(vec![("Big".into(), "1".into())]);
        let (word, secret, bytes) = (Some("w\"".into()), Some("hush".into()), Some(b"hush".as_slice().into()));
        let asked = Asked { word, secret, bytes, context: Some(context) };
        let told = |names| serde_json::to_string(&Told(&asked, names)).unwrap();
        assert_eq!(told(Names::Declared), r#"{"Word":"w\"","Bytes":{"bytes":4},"Context":{"Big":"1"}}"#);
        assert_eq!(told(Names::Camel), r#"{"word":"w\"","bytes":{"bytes":4},"context":{"Big":"1"}}"#);
        let hidden = Asked { secret: Some("hush".into()), ..Asked::default() };
        assert!(Told(&hidden, Names::Camel).is_empty());
    }
}
