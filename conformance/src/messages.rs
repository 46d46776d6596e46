//! Random messages, drawn from their declarations: every member that is built, within its limits.

use std::borrow::Cow;

use jiff::Timestamp;
use polykms_core::dialect::message::{Fill, List, Map, Member, Scalar, Shape, Slots, Text, Use};

use crate::generate::Draw;

/// Texts that a member may be, where its declaration does not say all that it has to look like.
pub type Words<'a> = &'a dyn Fn(&'static str) -> &'static [&'static str];

/// The most items, entries, characters or bytes more than there have to be.
const MORE: u32 = 4;

/// Fills a message: what has to be there, and every other member half of the time.
pub fn fill(into: &mut dyn Slots<'static>, draw: &mut Draw<'_>, words: Words<'_>) {
    for (at, member) in into.all().iter().enumerate() {
        if member.use_ == Use::Built
            && (member.required || draw.below(2) == 0)
            && let Some(field) = into.slot(at)
        {
            value(field, member, &member.shape, draw, words);
        }
    }
}

fn value(field: &mut dyn Fill<'static>, member: &'static Member, shape: &Shape, draw: &mut Draw<'_>, words: Words<'_>) {
    match shape {
        Shape::Text(form) => drop(field.set(Scalar::Text(text(member.name, form, draw, words)))),
        Shape::Blob(min, max) => drop(field.set(Scalar::Blob(bytes(length(*min, *max, draw), draw)))),
        Shape::Integer(min, max) => drop(field.set(Scalar::Integer(number(*min, *max, draw)))),
        Shape::Flag => drop(field.set(Scalar::Flag(draw.below(2) == 0))),
        Shape::Time => drop(field.set(Scalar::Time(time(draw)))),
        Shape::List(List { of, min, max }) => {
            field.begin();
            for _ in 0..length((*min).max(1), *max, draw) {
                if let Some(item) = field.push() {
                    value(item, member, of, draw, words);
                }
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
            if let Some(slots) = field.slots() {
                fill(slots, draw, words);
            }
        }
    }
}

fn text(name: &'static str, form: &Text, draw: &mut Draw<'_>, words: Words<'_>) -> Cow<'static, str> {
    let Text { min, max, pattern, one_of, listed: _ } = form;
    let known = words(name);
    let choice = if known.is_empty() { *one_of } else { known };
    if !choice.is_empty() {
        return Cow::Borrowed(choice.get(draw.below(choice.len())).copied().unwrap_or_default());
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

fn number(min: i64, max: i64, draw: &mut Draw<'_>) -> i64 {
    let least = min.max(0).min(max);
    let most = max.min(least.saturating_add(40));
    let span = usize::try_from(most - least).unwrap_or_default();
    least + i64::try_from(draw.below(span + 1)).unwrap_or_default()
}

/// An instant in whole seconds, as the texts of both clouds have it.
fn time(draw: &mut Draw<'_>) -> Timestamp {
    let second = 1_700_000_000 + i64::try_from(draw.below(100_000_000)).unwrap_or_default();
    Timestamp::from_second(second).unwrap_or_default()
}
