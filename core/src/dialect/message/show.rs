//! Looking at messages: for people, and for equality.

use std::fmt;

use super::{Entries, Member, Structure, View};

/// Shows a message: sensitive members as `…`, bytes as their number.
///
/// # Errors
/// Those of the formatter.
pub fn show(name: &str, message: &dyn Structure, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut shown = f.debug_struct(name);
    for (at, Member { name, sensitive, .. }) in message.members().iter().enumerate() {
        match message.member(at) {
            View::Absent => {}
            _ if *sensitive => drop(shown.field(name, &format_args!("…"))),
            view => drop(shown.field(name, &view)),
        }
    }
    shown.finish()
}

impl fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("-"),
            Self::Text(text) => text.fmt(f),
            Self::Blob(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Integer(number) => number.fmt(f),
            Self::Flag(flag) => flag.fmt(f),
            Self::Time(time) => time.fmt(f),
            Self::List(items) => f.debug_list().entries((0..items.count()).map(|at| items.item(at))).finish(),
            Self::Map(entries) => {
                f.debug_map().entries((0..entries.count()).filter_map(|at| entries.entry(at))).finish()
            }
            Self::Structure(structure) => show("", *structure, f),
        }
    }
}

/// Whether two messages of one kind say the same. Maps have no order.
pub fn same(one: &dyn Structure, other: &dyn Structure) -> bool {
    (0..one.members().len()).all(|at| equal(&one.member(at), &other.member(at)))
}

fn equal(one: &View<'_>, other: &View<'_>) -> bool {
    match (one, other) {
        (View::Absent, View::Absent) => true,
        (View::Text(one), View::Text(other)) => one == other,
        (View::Blob(one), View::Blob(other)) => one == other,
        (View::Integer(one), View::Integer(other)) => one == other,
        (View::Flag(one), View::Flag(other)) => one == other,
        (View::Time(one), View::Time(other)) => one == other,
        (View::List(one), View::List(other)) => {
            one.count() == other.count() && (0..one.count()).all(|at| equal(&one.item(at), &other.item(at)))
        }
        (View::Map(one), View::Map(other)) => one.count() == other.count() && all_in(*one, *other),
        (View::Structure(one), View::Structure(other)) => same(*one, *other),
        _ => false,
    }
}

/// Whether the other map has every entry, whatever its place.
fn all_in(one: &dyn Entries, other: &dyn Entries) -> bool {
    let has = |entry| (0..other.count()).any(|at| other.entry(at) == Some(entry));
    (0..one.count()).filter_map(|at| one.entry(at)).all(has)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::super::{ANY, Map, Pairs, Shape, Text};
    use super::*;
    use crate::message;

    message! {
        /// A message with a map.
        struct Mapped = MAPPED;
        0 context: Pairs<'a>;
    }

    const MAPPED: &[Member] =
        &[Member::new("Context", Shape::Map(&Map { name: Text::FREE, value: Shape::text(0, ANY), min: 0, max: ANY }))];

    #[test]
    fn maps_are_the_same_whatever_the_order_of_their_entries() {
        let of = |pairs: &[(&'static str, &'static str)]| Mapped {
            context: Some(Pairs(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())),
        };
        assert!(same(&of(&[("a", "1"), ("b", "2")]), &of(&[("b", "2"), ("a", "1")])));
        assert!(!same(&of(&[("a", "1"), ("b", "2")]), &of(&[("b", "1"), ("a", "2")])));
        assert!(!same(&of(&[("a", "1")]), &of(&[("a", "1"), ("b", "2")])));
    }
}
