//! Checking messages against their members: every violation at once, as data; the words are the dialect's.
//!
//! Follows the constraint traits of Smithy. Lengths of texts are counted in characters, of bytes in bytes.

use super::{Member, Shape, Structure, Text, View};

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Broken {
    /// It has to be there.
    Missing,
    /// It is shorter than this.
    Short(u32),
    /// It is longer than this.
    Long(u32),
    /// It is less than this.
    Low(i64),
    /// It is more than this.
    High(i64),
    /// It does not look like this.
    Pattern(&'static str),
    /// It is none of these, of which the vendor lists only some where it says so.
    OneOf(&'static [&'static str], Option<&'static str>),
}

/// Where a value stands in a message.
#[derive(Debug, Clone, Copy)]
pub struct Path<'p> {
    /// What it stands in.
    pub within: Option<&'p Path<'p>>,
    /// What it is there.
    pub step: Step,
}

/// A step into a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The member of this name.
    Member(&'static str),
    /// The item of this number, counted from 1.
    Item(usize),
}

/// A value that does not fit.
pub struct Violation<'v> {
    /// Where it stands.
    pub path: &'v Path<'v>,
    /// The member it is, or is part of.
    pub member: &'static Member,
    /// The value.
    pub value: &'v View<'v>,
    /// The form it should have.
    pub shape: &'v Shape,
    /// The list it is on.
    pub list: Option<&'v View<'v>>,
    /// What is wrong with it.
    pub broken: Broken,
}

/// Tells `tell` every violation, in the order of the members.
pub fn check(message: &dyn Structure, tell: &mut dyn FnMut(&Violation<'_>)) {
    structure(message, None, tell);
}

fn structure(message: &dyn Structure, within: Option<&Path<'_>>, tell: &mut dyn FnMut(&Violation<'_>)) {
    for (at, member) in message.members().iter().enumerate() {
        if !member.use_.is_read() {
            continue;
        }
        let path = Path { within, step: Step::Member(member.name) };
        let (value, shape) = (message.member(at), &member.shape);
        let place = Place { path: &path, member, shape, list: None };
        match value {
            View::Absent if member.required => place.tell(&value, Broken::Missing, tell),
            View::Absent => {}
            _ => place.check(&value, tell),
        }
    }
}

/// Where a value stands, and what it should be there.
#[derive(Clone, Copy)]
struct Place<'p> {
    path: &'p Path<'p>,
    member: &'static Member,
    shape: &'p Shape,
    list: Option<&'p View<'p>>,
}

impl Place<'_> {
    fn tell(&self, value: &View<'_>, broken: Broken, tell: &mut dyn FnMut(&Violation<'_>)) {
        let Self { path, member, shape, list } = *self;
        tell(&Violation { path, member, value, shape, list, broken });
    }

    fn check(&self, value: &View<'_>, tell: &mut dyn FnMut(&Violation<'_>)) {
        let mut found = |broken| self.tell(value, broken, tell);
        match (value, self.shape) {
            (View::Text(text), Shape::Text(form)) => self::text(text, form, &mut found),
            (View::Blob(bytes), Shape::Blob(min, max)) => length(bytes.len(), *min, *max, &mut found),
            (View::Integer(number), Shape::Integer(min, _)) if number < min => found(Broken::Low(*min)),
            (View::Integer(number), Shape::Integer(_, max)) if number > max => found(Broken::High(*max)),
            (View::Map(entries), Shape::Map(map)) => length(entries.count(), map.min, map.max, &mut found),
            (View::Structure(inner), Shape::Structure(_)) => structure(*inner, Some(self.path), tell),
            (View::List(items), Shape::List(list)) => {
                length(items.count(), list.min, list.max, &mut found);
                for at in 0..items.count() {
                    let path = Path { within: Some(self.path), step: Step::Item(at + 1) };
                    Place { path: &path, member: self.member, shape: &list.of, list: Some(value) }
                        .check(&items.item(at), tell);
                }
            }
            _ => {}
        }
    }
}

fn text(text: &str, form: &Text, found: &mut dyn FnMut(Broken)) {
    let Text { min, max, pattern, one_of, listed } = form;
    length_of(text, *min, *max, found);
    if let Some(pattern) = pattern
        && !(pattern.fits)(text)
    {
        found(Broken::Pattern(pattern.shown));
    }
    if !one_of.is_empty() && !one_of.contains(&text) {
        found(Broken::OneOf(one_of, *listed));
    }
}

fn length_of(text: &str, min: u32, max: u32, found: &mut dyn FnMut(Broken)) {
    // Characters are counted only where the bytes leave it open.
    let (least, most) = (text.len().div_ceil(4), text.len());
    if least < usize_of(min) || most > usize_of(max) {
        length(text.chars().count(), min, max, found);
    }
}

fn length(length: usize, min: u32, max: u32, found: &mut dyn FnMut(Broken)) {
    if length < usize_of(min) {
        found(Broken::Short(min));
    } else if length > usize_of(max) {
        found(Broken::Long(max));
    }
}

fn usize_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
