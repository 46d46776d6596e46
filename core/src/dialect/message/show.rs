//! Looking at messages: for people, and for equality.

use std::fmt;

use super::{Member, Structure, View};

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

/// Whether two messages of one kind say the same.
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
        (View::Map(one), View::Map(other)) => {
            one.count() == other.count() && (0..one.count()).all(|at| one.entry(at) == other.entry(at))
        }
        (View::Structure(one), View::Structure(other)) => same(*one, *other),
        _ => false,
    }
}
