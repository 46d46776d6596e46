//! JSON documents with positions: every value knows its place, and no member may appear twice.
//!
//! # Invariants
//! - A document that gets past [`Node::open`] is whole, well-formed JSON of bounded depth.

use std::cell::Cell;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::key::KeyFamily;
use super::spec::DocumentKind;

/// The deepest nesting a document may have.
const DEEPEST: usize = 32;

/// Why a document was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalCode {
    /// It is not JSON.
    Syntax,
    /// It nests too deeply.
    TooDeep,
    /// It holds characters that the dialect does not take.
    Characters,
    /// The dialect has no such document.
    Kind,
    /// A member appears twice.
    DuplicateMember,
    /// An element is not known, or not allowed here.
    UnknownElement,
    /// A required element is missing or empty.
    MissingElement,
    /// Two elements exclude each other.
    ConflictingElements,
    /// A value has the wrong type.
    WrongType,
    /// The version is not known.
    Version,
    /// The effect is not known, or not allowed here.
    Effect,
    /// An action is not well formed, or not allowed here.
    Action,
    /// A resource is not well formed, or not allowed here.
    Resource,
    /// A principal is not well formed, or not allowed here.
    Principal,
    /// A condition operator is not known.
    Operator,
    /// A condition key may not stand in this kind of document.
    BarredKey,
    /// A value is not of the type that its operator compares.
    Operand,
    /// A condition holds for more requests than its author can mean.
    OverlyPermissiveCondition,
    /// A statement identifier is not well formed.
    Identifier,
    /// Two statements have the same identifier.
    DuplicateIdentifier,
}

/// What exactly is at fault, where a dialect has words of its own for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// This element of a statement, missing or not allowed.
    Element(Element),
    /// An action that is well formed, but not allowed here.
    Forbidden,
    /// A condition key of this family.
    Key(KeyFamily),
    /// It is spelled otherwise than in this case.
    Case,
    /// It is of a version of the language that is no longer taken here.
    Old,
    /// The text of an action.
    Action(ActionFlaw),
    /// The full name of a resource.
    Name(NameFlaw),
    /// A principal of the type of this name.
    Principal(&'static str),
}

/// What is wrong with the text of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionFlaw {
    /// It has no service in front, or nothing behind it.
    Unprefixed,
    /// It has more than one colon.
    Colons,
    /// The service has a wildcard.
    Wildcard,
    /// The service has a character that services do not have.
    Service,
}

/// What is wrong with the full name of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameFlaw {
    /// It is no full name.
    Scheme,
    /// There is no such partition.
    Partition,
    /// The service is not told in full.
    Service,
    /// It has a region, though names of its service have none.
    Region,
    /// What is behind the account begins otherwise than in names of its service.
    Beginning,
    /// A segment is empty that may not be, or missing behind one that is.
    Gap,
    /// It is too long, or a variable in it is not closed.
    Pattern,
    /// It is well formed, but not allowed here.
    Forbidden,
}

/// An element of a statement that has an opposite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// Who is meant.
    Principal,
    /// Who is not meant.
    NotPrincipal,
    /// Which actions are meant.
    Action,
    /// Which actions are not meant.
    NotAction,
    /// Which resources are meant.
    Resource,
    /// Which resources are not meant.
    NotResource,
}

impl Element {
    /// The element of this name, as documents spell it.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "Principal" => Some(Self::Principal),
            "NotPrincipal" => Some(Self::NotPrincipal),
            "Action" => Some(Self::Action),
            "NotAction" => Some(Self::NotAction),
            "Resource" => Some(Self::Resource),
            "NotResource" => Some(Self::NotResource),
            _ => None,
        }
    }
}

/// A refused document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub code: RefusalCode,
    /// What exactly is at fault, where it matters.
    pub fault: Option<Fault>,
    /// The text at fault, where it matters.
    pub subject: Option<Box<str>>,
    /// The kind of document, where it was taken for one.
    pub kind: Option<DocumentKind>,
    /// Why, in words.
    pub message: String,
    /// The JSON pointer of the value at fault.
    pub pointer: String,
    /// Its line, from 1.
    pub line: usize,
    /// Its column in characters, from 1.
    pub column: usize,
}

impl Refusal {
    /// Tells what exactly is at fault.
    pub(super) fn at(self, fault: Option<Fault>) -> Self {
        Self { fault, ..self }
    }

    /// Tells which text is at fault.
    pub(super) fn on(self, text: &str) -> Self {
        Self { subject: Some(text.into()), ..self }
    }

    /// Tells what kind of document it is about.
    pub(super) fn of(self, kind: DocumentKind) -> Self {
        Self { kind: Some(kind), ..self }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at line {} column {}", self.message, self.line, self.column)
    }
}

impl std::error::Error for Refusal {}

/// A value of a document.
#[derive(Debug, Clone)]
pub(super) struct Node<'t> {
    document: &'t str,
    raw: &'t str,
    pub(super) pointer: String,
}

impl<'t> Node<'t> {
    /// The root of `document`.
    pub(super) fn open(document: &'t str) -> Result<Self, Refusal> {
        let too_deep = Cell::new(false);
        let mut deserializer = serde_json::Deserializer::from_str(document);
        let checked = Depth { left: DEEPEST, too_deep: &too_deep }.deserialize(&mut deserializer);
        if let Err(error) = checked.and_then(|()| deserializer.end()) {
            let code = if too_deep.get() { RefusalCode::TooDeep } else { RefusalCode::Syntax };
            let message = if too_deep.get() {
                format!("the document nests deeper than {DEEPEST} levels")
            } else {
                "the document is not well-formed JSON".to_owned()
            };
            let (line, column) = (error.line().max(1), error.column().max(1));
            let (fault, subject, kind, pointer) = (None, None, None, String::new());
            return Err(Refusal { code, fault, subject, kind, message, pointer, line, column });
        }
        Ok(Self { document, raw: document.trim(), pointer: String::new() })
    }

    fn child(&self, raw: &'t RawValue, step: &str) -> Self {
        let step = step.replace('~', "~0").replace('/', "~1");
        Self { document: self.document, raw: raw.get(), pointer: format!("{}/{step}", self.pointer) }
    }

    /// The members of an object, in order.
    pub(super) fn object(&self) -> Result<Vec<(String, Self)>, Refusal> {
        let Ok(Members(members)) = serde_json::from_str::<Members<'t>>(self.raw) else {
            return Err(self.wrong_type("an object"));
        };
        let mut nodes: Vec<(String, Self)> = Vec::with_capacity(members.len());
        for (name, raw) in members {
            let node = self.child(raw, &name);
            if nodes.iter().any(|(known, _)| *known == name) {
                return Err(node.refuse(RefusalCode::DuplicateMember, format!("`{name}` appears twice")));
            }
            nodes.push((name, node));
        }
        Ok(nodes)
    }

    /// The items of a list, or a single value as a list of one.
    pub(super) fn list(&self) -> Result<Vec<Self>, Refusal> {
        if !self.is_list() {
            return Ok(vec![self.clone()]);
        }
        let items: Vec<&'t RawValue> = serde_json::from_str(self.raw).map_err(|_| self.wrong_type("a list"))?;
        Ok(items.into_iter().enumerate().map(|(index, raw)| self.child(raw, &index.to_string())).collect())
    }

    /// The whole document.
    pub(super) fn text(&self) -> &'t str {
        self.document
    }

    pub(super) fn is_list(&self) -> bool {
        self.raw.starts_with('[')
    }

    pub(super) fn is_object(&self) -> bool {
        self.raw.starts_with('{')
    }

    pub(super) fn string(&self) -> Result<String, Refusal> {
        serde_json::from_str(self.raw).map_err(|_| self.wrong_type("a string"))
    }

    /// A string, or with `bare` also a number or boolean in its own spelling.
    pub(super) fn scalar(&self, bare: bool) -> Result<String, Refusal> {
        match self.raw.as_bytes().first() {
            Some(b'"') => self.string(),
            Some(b't' | b'f' | b'-' | b'0'..=b'9') if bare => Ok(self.raw.to_owned()),
            _ => Err(self.wrong_type(if bare { "a string, number or boolean" } else { "a string" })),
        }
    }

    /// The value as it is.
    pub(super) fn value(&self) -> serde_json::Value {
        serde_json::from_str(self.raw).unwrap_or_default()
    }

    pub(super) fn refuse(&self, code: RefusalCode, message: impl Into<String>) -> Refusal {
        self.refuse_at(self.offset(), code, message)
    }

    /// A refusal for the sake of something at an offset of the document.
    pub(super) fn refuse_at(&self, offset: usize, code: RefusalCode, message: impl Into<String>) -> Refusal {
        let (line, column) = self.place_of(offset);
        let (message, pointer) = (message.into(), self.pointer.clone());
        Refusal { code, fault: None, subject: None, kind: None, message, pointer, line, column }
    }

    /// The line and column of this value, from 1.
    pub(super) fn place(&self) -> (usize, usize) {
        self.place_of(self.offset())
    }

    /// Where this value stands in the document, in bytes.
    pub(super) fn span(&self) -> Range<usize> {
        let start = self.offset();
        start..start + self.raw.len()
    }

    fn offset(&self) -> usize {
        self.raw.as_ptr().addr().saturating_sub(self.document.as_ptr().addr())
    }

    fn place_of(&self, offset: usize) -> (usize, usize) {
        let before = self.document.get(..offset).unwrap_or_default();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (before.matches('\n').count() + 1, column)
    }

    pub(super) fn wrong_type(&self, wanted: &str) -> Refusal {
        let what = if self.pointer.is_empty() { "the document".to_owned() } else { format!("`{}`", self.pointer) };
        self.refuse(RefusalCode::WrongType, format!("{what} is not {wanted}"))
    }
}

/// The members of an object with their raw values, duplicates included.
struct Members<'t>(Vec<(String, &'t RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

/// Walks a value and fails below a depth.
#[derive(Clone, Copy)]
struct Depth<'c> {
    left: usize,
    too_deep: &'c Cell<bool>,
}

impl Depth<'_> {
    fn inside<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.left == 0 {
            self.too_deep.set(true);
            return Err(E::custom("nested too deeply"));
        }
        Ok(Self { left: self.left - 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Depth<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Depth<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        while items.next_element_seed(inside)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        while members.next_key::<IgnoredAny>()?.is_some() {
            members.next_value_seed(inside)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn every_value_knows_its_place() {
        let root = Node::open("{\n  \"a/b\": [1,\n    {\"c\": true}]}").unwrap();
        let (_, list) = root.object().unwrap().remove(0);
        let item = list.list().unwrap().remove(1);
        let refusal = item.refuse(RefusalCode::WrongType, "x");
        assert_eq!((refusal.pointer.as_str(), refusal.line, refusal.column), ("/a~1b/1", 3, 5));
    }

    #[test]
    fn a_member_that_appears_twice_is_refused() {
        let refusal = Node::open(r#"{"a":1,"\u0061":2}"#).unwrap().object().unwrap_err();
        assert_eq!((refusal.code, refusal.column), (RefusalCode::DuplicateMember, 17));
    }

    #[test]
    fn depth_is_bounded_and_trailing_text_refused() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Node::open(&nested(32)).is_ok());
        assert_eq!(Node::open(&nested(33)).unwrap_err().code, RefusalCode::TooDeep);
        assert_eq!(Node::open(&nested(5000)).unwrap_err().code, RefusalCode::TooDeep);
        assert_eq!(Node::open("{} {}").unwrap_err().code, RefusalCode::Syntax);
        assert_eq!(Node::open("").unwrap_err().code, RefusalCode::Syntax);
    }
}
