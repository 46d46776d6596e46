//! Random messages, drawn from their declarations: every member that is built, within its limits.
//!
//! What a member has to be beyond its declaration stands in `data/messages/draws.json`, by dialect and side, under the name of the
//! member, or under that of the member it is in, of its operation, or of both with it: `Tags.TagKey`, `CreateKey.Policy`,
//! `CreateKey.Tags.TagKey`. In texts, `{n}` is the number of the item on its list and `{word}` a random word; bytes are
//! base64, and a map is an object. Members that have to agree with each other stand together in an object, under the name of
//! the structure's member or of the operation; `null` is a member that is not there. Of a structure with `{"one": true}` one
//! member is there, and no other.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use polykms_core::dialect::message::{Fill, List, Map, Member, Record, Scalar, Shape, Slots, Text, Use};
use serde_json::Value;

use crate::generate::Draw;

/// The most items, entries, characters or bytes more than there have to be.
const MORE: u32 = 4;

/// What members may be, by name.
type Names = BTreeMap<String, Vec<Value>>;

/// What members may be beyond their declarations.
pub struct Hints(BTreeMap<String, BTreeMap<String, Names>>);

/// The side that a message is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Requests. Their lists are never empty: that is as good as no list.
    Ask,
    /// Answers.
    Told,
}

/// How the messages of one operation are drawn.
#[derive(Clone, Copy)]
pub struct Manner<'h> {
    names: Option<&'h Names>,
    side: Side,
    row: &'h str,
    former: bool,
    refused: Option<&'static str>,
    /// How likely members are that do not have to be there, in percent.
    share: Option<usize>,
}

impl Hints {
    /// Those of `data/messages/draws.json`.
    ///
    /// # Errors
    /// That of the JSON.
    pub fn load() -> serde_json::Result<Self> {
        serde_json::from_str(include_str!("../data/messages/draws.json")).map(Self)
    }

    /// How messages of this side of an operation are drawn.
    pub fn manner<'h>(&'h self, dialect: &str, side: Side, row: &'h str) -> Manner<'h> {
        let name = match side {
            Side::Ask => "ask",
            Side::Told => "told",
        };
        let names = self.0.get(dialect).and_then(|sides| sides.get(name));
        Manner { names, side, row, former: false, refused: None, share: None }
    }
}

impl<'h> Manner<'h> {
    /// The same, with the former names of members in place of their names.
    #[must_use]
    pub fn by_former_names(self) -> Self {
        Self { former: true, ..self }
    }

    /// The same, with one more member, which is declared as refused.
    #[must_use]
    pub fn with_refused(self, member: &'static str) -> Self {
        Self { refused: Some(member), ..self }
    }

    /// The same, where members that do not have to be there are so likely, in percent.
    #[must_use]
    pub fn with_share(self, share: usize) -> Self {
        Self { share: Some(share), ..self }
    }

    fn has(&self, draw: &mut Draw<'_>) -> bool {
        match self.share {
            None => draw.below(2) == 0,
            Some(share) => draw.below(100) < share,
        }
    }

    /// Fills a message: what has to be there, and every other member half of the time.
    pub fn fill(&self, into: &mut dyn Record<'static>, draw: &mut Draw<'_>) {
        let place = Place { within: "", item: 0 };
        let together = self.names.and_then(|names| names.get(self.row)).map(Vec::as_slice).unwrap_or_default();
        let together = one_of(together, draw);
        members(into, place, draw, *self, together);
        let refused = into.all().iter().enumerate().find(|(_, member)| Some(member.name) == self.refused);
        if let Some((at, member)) = refused
            && let Some(field) = into.slot(at)
        {
            value(field, member, &member.shape, place, draw, *self);
        }
    }

    fn hints(&self, within: &str, member: &str) -> &'h [Value] {
        let row = self.row;
        let names = [
            format!("{row}.{within}.{member}"),
            format!("{row}.{member}"),
            format!("{within}.{member}"),
            member.into(),
        ];
        names.iter().find_map(|name| self.names?.get(name)).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Where in a message something is drawn.
#[derive(Clone, Copy)]
struct Place {
    /// The member it is in.
    within: &'static str,
    /// The number of the item it is in, or is.
    item: usize,
}

/// One of these, if there are any.
fn one_of<'v>(values: &'v [Value], draw: &mut Draw<'_>) -> Option<&'v Value> {
    if values.is_empty() { None } else { values.get(draw.below(values.len())) }
}

/// Draws the members of a structure; those that stand `together` are as it says.
fn members(
    into: &mut dyn Slots<'static>,
    place: Place,
    draw: &mut Draw<'_>,
    manner: Manner<'_>,
    together: Option<&Value>,
) {
    let all = into.all();
    for (at, member) in all.iter().enumerate() {
        if let Some(said) = together.and_then(|together| together.get(member.name)) {
            if let Some(field) = into.slot(at) {
                set(field, &member.shape, said, place, draw);
            }
        } else if member.use_ == Use::Built && (member.required || manner.has(draw)) {
            let former = all.iter().position(|other| other.use_ == Use::Former(member.name));
            if let Some(field) = into.slot(former.filter(|_| manner.former).unwrap_or(at)) {
                value(field, member, &member.shape, place, draw, manner);
            }
        }
    }
}

/// Gives a member, or the items of a list, the value that is said; none for `null`.
fn set(field: &mut dyn Fill<'static>, shape: &Shape, said: &Value, place: Place, draw: &mut Draw<'_>) {
    match (shape, said) {
        (_, Value::Null) => {}
        (Shape::List(List { of, .. }), Value::Array(items)) => {
            field.begin();
            for item in items {
                if let Some(target) = field.push() {
                    set(target, of, item, place, draw);
                }
            }
        }
        _ => {
            if let Some(hinted) = hinted(shape, said, place, draw) {
                field.set(hinted);
            }
        }
    }
}

fn value(
    field: &mut dyn Fill<'static>,
    member: &'static Member,
    shape: &Shape,
    place: Place,
    draw: &mut Draw<'_>,
    manner: Manner<'_>,
) {
    let hints = manner.hints(place.within, member.name);
    match shape {
        Shape::List(List { of, min, max, .. }) => {
            field.begin();
            let least = if manner.side == Side::Ask { (*min).max(1) } else { *min };
            let bound = |name| hints.iter().find_map(|hint| hint.get(name)?.as_u64());
            let least = bound("least").and_then(|least| u32::try_from(least).ok()).unwrap_or(least);
            let most = bound("most").and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
            for item in 0..length(least, *max, draw).min(most) {
                if let Some(target) = field.push() {
                    value(target, member, of, Place { item, ..place }, draw, manner);
                }
            }
        }
        Shape::Map(_) if !hints.is_empty() => {
            field.begin();
            for (name, text) in hints.get(draw.below(hints.len())).and_then(Value::as_object).into_iter().flatten() {
                field.enter(Cow::Owned(name.clone()), Cow::Owned(text.as_str().unwrap_or_default().to_owned()));
            }
        }
        Shape::Map(Map { min, max, .. }) => {
            field.begin();
            for at in 0..length((*min).max(1), *max, draw) {
                field.enter(Cow::Owned(format!("name{at}")), Cow::Owned(letters(1 + draw.below(6), draw)));
            }
        }
        Shape::Structure(_) => {
            field.begin();
            let single = hints.iter().any(|hint| hint.get("one").is_some());
            if let Some(slots) = field.slots() {
                let all = slots.all();
                if single && !all.is_empty() {
                    let at = draw.below(all.len());
                    if let (Some(member), Some(slot)) = (all.get(at), slots.slot(at)) {
                        value(slot, member, &member.shape, place, draw, manner);
                    }
                    return;
                }
                let together = one_of(hints, draw);
                members(slots, Place { within: member.name, ..place }, draw, manner, together);
            }
        }
        scalar if hints.iter().all(Value::is_object) => drop(field.set(drawn(scalar, draw))),
        scalar => {
            if let Some(hinted) = hints.get(draw.below(hints.len())).and_then(|hint| hinted(scalar, hint, place, draw))
            {
                field.set(hinted);
            }
        }
    }
}

/// A value without parts, as its declaration has it.
fn drawn(shape: &Shape, draw: &mut Draw<'_>) -> Scalar<'static> {
    match shape {
        Shape::Blob(min, max) => Scalar::Blob(bytes(length(*min, *max, draw), draw)),
        Shape::Integer(min, max) => Scalar::Integer(number(*min, *max, draw)),
        Shape::Flag => Scalar::Flag(draw.below(2) == 0),
        Shape::Time => Scalar::Time(time(draw)),
        Shape::Text(form) => Scalar::Text(text(form, draw)),
        Shape::List(_) | Shape::Map(_) | Shape::Structure(_) => Scalar::Text(Cow::Borrowed("")),
    }
}

/// A value without parts, as a hint has it.
fn hinted(shape: &Shape, hint: &Value, place: Place, draw: &mut Draw<'_>) -> Option<Scalar<'static>> {
    Some(match shape {
        Shape::Blob(..) => Scalar::Blob(STANDARD.decode(hint.as_str()?).ok()?),
        Shape::Integer(..) => Scalar::Integer(hint.as_i64()?),
        Shape::Flag => Scalar::Flag(hint.as_bool()?),
        Shape::Time => Scalar::Time(hint.as_str()?.parse().ok()?),
        _ => {
            let word = letters(6, draw);
            let text = hint.as_str()?.replace("{n}", &(place.item + 1).to_string()).replace("{word}", &word);
            Scalar::Text(Cow::Owned(text))
        }
    })
}

fn text(form: &Text, draw: &mut Draw<'_>) -> Cow<'static, str> {
    let Text { min, max, pattern, one_of, listed: _ } = form;
    if !one_of.is_empty() {
        return Cow::Borrowed(one_of.get(draw.below(one_of.len())).copied().unwrap_or_default());
    }
    let made = letters(length((*min).max(1), *max, draw), draw);
    match pattern {
        Some(pattern) if !(pattern.fits)(&made) => {
            // Digits, paths and hexadecimal digits are what patterns ask for beside words.
            let length = made.len();
            let tries = [made.to_lowercase(), "0".repeat(length), "/".to_owned(), format!("/{made}/"), "v1".to_owned()];
            Cow::Owned(tries.into_iter().find(|text| (pattern.fits)(text)).unwrap_or(made))
        }
        _ => Cow::Owned(made),
    }
}

fn letters(length: usize, draw: &mut Draw<'_>) -> String {
    const LETTERS: &[u8] = b"abcdefXYZ0123456789";
    (0..length).filter_map(|_| LETTERS.get(draw.below(LETTERS.len()))).map(|byte| char::from(*byte)).collect()
}

fn bytes(length: usize, draw: &mut Draw<'_>) -> Vec<u8> {
    (0..length).map(|_| u8::try_from(draw.below(256)).unwrap_or_default()).collect()
}

fn length(min: u32, max: u32, draw: &mut Draw<'_>) -> usize {
    let most = max.min(min.saturating_add(MORE)).max(min);
    let more = usize::try_from(most - min).unwrap_or_default();
    usize::try_from(min).unwrap_or_default() + draw.below(more + 1)
}

/// A number near one of its limits.
fn number(min: i64, max: i64, draw: &mut Draw<'_>) -> i64 {
    let least = min.max(0).min(max);
    let most = max.min(least.saturating_add(40));
    let span = usize::try_from(most - least).unwrap_or_default();
    let step = i64::try_from(draw.below(span + 1)).unwrap_or_default();
    if max < i64::MAX && draw.below(2) == 0 { max.saturating_sub(step) } else { least + step }
}

/// An instant in whole seconds, as the texts of both clouds have it.
fn time(draw: &mut Draw<'_>) -> Timestamp {
    let second = 1_700_000_000 + i64::try_from(draw.below(100_000_000)).unwrap_or_default();
    Timestamp::from_second(second).unwrap_or_default()
}
