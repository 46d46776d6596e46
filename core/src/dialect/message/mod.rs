//! Messages: requests and answers, each declared once, for the server, the client, validation and the trail.
//!
//! A message is a plain struct with a field for each member that is built, and a table of [`Member`]s. What reads, writes,
//! checks or shows messages walks the table and reaches the fields through [`Slots`] and [`Structure`], so that it is
//! compiled once and not once a message. The dialects' messages are generated from the vendors' models.
//!
//! # Invariants
//! - Texts are borrowed from the request wherever they can be.
//! - `Debug` never shows a sensitive member, and of bytes their number alone.

pub mod check;
mod complete;
pub mod form;
pub mod json;
pub mod plain;
mod shape;
mod show;
pub mod trail;
mod value;
pub mod xml;

use std::borrow::Cow;

pub use complete::complete;
pub use shape::{ANY, DefaultValue, List, Map, Member, Pattern, Shape, Text, Use};
pub use show::{same, show};
pub use value::{Blob, Pairs};

use crate::port::Time;

/// Declares a message: its name, its table of members, and for each member that is built its place in the table, its
/// field and the type of its value. One whose members borrow nothing says so with `phantom;` at the end. One that has
/// nothing but members of another message, at the same places, says `of` which it has them.
#[macro_export]
macro_rules! message {
    ($(#[$meta:meta])* $vis:vis struct $name:ident = $members:expr; of $whole:ident;) => {
        $(#[$meta])*
        #[derive(Default)]
        $vis struct $name<'a>(
            /// What it has, and may have what is not told.
            $vis $whole<'a>,
        );

        $crate::message!(@structure $name $members;
            (self, at) => match $members.get(at) {
                Some(member) if member.use_.is_read() => $crate::dialect::message::Structure::member(&self.0, at),
                _ => $crate::dialect::message::View::Absent,
            };
            match $members.get(at) {
                Some(member) if member.use_.is_read() => $crate::dialect::message::Slots::slot(&mut self.0, at),
                _ => None,
            });
    };
    ($(#[$meta:meta])* $vis:vis struct $name:ident = $members:expr; $($at:literal $field:ident: $value:ty;)* $($phantom:ident;)?) => {
        $(#[$meta])*
        #[derive(Default)]
        $vis struct $name<'a> {
            $(
                #[doc = concat!("Member ", $at, " of the table.")]
                $vis $field: Option<$value>,
            )*
            $(
                /// It borrows nothing.
                $vis $phantom: std::marker::PhantomData<&'a ()>,
            )?
        }

        $crate::message!(@structure $name $members;
            (self, at) => match at {
                $($at => $crate::dialect::message::Show::view(&self.$field),)*
                _ => $crate::dialect::message::View::Absent,
            };
            match at {
                $($at => Some(&mut self.$field),)*
                _ => None,
            });
    };
    (@structure $name:ident $members:expr; ($self:ident, $at:ident) => $member:expr; $slot:expr) => {
        impl<'a> $crate::dialect::message::Message<'a> for $name<'a> {
            const MEMBERS: &'static [$crate::dialect::message::Member] = $members;
        }

        impl $crate::dialect::message::Structure for $name<'_> {
            fn members(&self) -> &'static [$crate::dialect::message::Member] {
                $members
            }

            fn member(&$self, $at: usize) -> $crate::dialect::message::View<'_> {
                $member
            }
        }

        impl<'a> $crate::dialect::message::Slots<'a> for $name<'a> {
            fn all(&self) -> &'static [$crate::dialect::message::Member] {
                $members
            }

            fn slot(&mut $self, $at: usize) -> Option<&mut dyn $crate::dialect::message::Fill<'a>> {
                $slot
            }
        }

        impl<'a> $crate::dialect::message::Record<'a> for $name<'a> {
            fn structure(&self) -> &dyn $crate::dialect::message::Structure {
                self
            }
        }

        impl $crate::dialect::message::Show for $name<'_> {
            fn view(&self) -> $crate::dialect::message::View<'_> {
                $crate::dialect::message::View::Structure(self)
            }
        }

        impl<'a> $crate::dialect::message::Fill<'a> for $name<'a> {
            fn slots(&mut self) -> Option<&mut dyn $crate::dialect::message::Slots<'a>> {
                Some(self)
            }
        }

        impl std::fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::dialect::message::show(stringify!($name), self, f)
            }
        }
    };
}

/// A request or an answer.
pub trait Message<'a>: Default + Record<'a> {
    /// Its members, in the order of the vendor's model.
    const MEMBERS: &'static [Member];
}

/// A message that is being filled and looked at, whichever it is.
pub trait Record<'a>: Structure + Slots<'a> {
    /// It, to be looked at.
    fn structure(&self) -> &dyn Structure;
}

/// A structure to be looked at.
pub trait Structure {
    /// Its members.
    fn members(&self) -> &'static [Member];

    /// The value of the member at this place of [`members`](Structure::members).
    fn member(&self, at: usize) -> View<'_>;
}

/// A structure to be filled.
pub trait Slots<'a> {
    /// Its members.
    fn all(&self) -> &'static [Member];

    /// Where the value of the member at this place goes; nowhere, for a member that is not built.
    fn slot(&mut self, at: usize) -> Option<&mut dyn Fill<'a>>;
}

/// A value that can be looked at.
pub trait Show {
    /// What it is.
    fn view(&self) -> View<'_>;
}

/// What a value is.
pub enum View<'v> {
    /// Not there.
    Absent,
    /// Characters.
    Text(&'v str),
    /// Bytes.
    Blob(&'v [u8]),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Flag(bool),
    /// An instant.
    Time(Time),
    /// A list.
    List(&'v dyn Items),
    /// A map.
    Map(&'v dyn Entries),
    /// A structure.
    Structure(&'v dyn Structure),
}

/// A list to be looked at.
pub trait Items {
    /// How many items it has.
    fn count(&self) -> usize;

    /// The item at this place.
    fn item(&self, at: usize) -> View<'_>;
}

/// A map to be looked at.
pub trait Entries {
    /// How many entries it has.
    fn count(&self) -> usize;

    /// Name and value of the entry at this place.
    fn entry(&self, at: usize) -> Option<(&str, &str)>;
}

/// A value without parts, as it was read.
#[derive(Debug)]
pub enum Scalar<'a> {
    /// Characters.
    Text(Cow<'a, str>),
    /// Bytes.
    Blob(Vec<u8>),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Flag(bool),
    /// An instant.
    Time(Time),
}

/// A value that can be filled.
pub trait Fill<'a> {
    /// Whether it is there.
    fn is_there(&self) -> bool {
        true
    }

    /// Makes it there, even if nothing follows: an empty list, map or structure.
    fn begin(&mut self) {}

    /// Takes a value without parts; false when it is none of this kind.
    fn set(&mut self, scalar: Scalar<'a>) -> bool {
        let _ = scalar;
        false
    }

    /// The place of the next item, for a list.
    fn push(&mut self) -> Option<&mut dyn Fill<'a>> {
        None
    }

    /// Visits the items that it has, for a list.
    fn each(&mut self, visit: &mut dyn FnMut(&mut dyn Fill<'a>)) {
        let _ = visit;
    }

    /// Takes an entry, for a map; false when it is no map, or has an entry of this name.
    fn enter(&mut self, name: Cow<'a, str>, value: Cow<'a, str>) -> bool {
        let _ = (name, value);
        false
    }

    /// The members, for a structure.
    fn slots(&mut self) -> Option<&mut dyn Slots<'a>> {
        None
    }
}

message! {
    /// A message without members.
    pub struct Nothing = &[];
    phantom;
}

/// Why something could not be read as the message it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misread {
    /// It is not of the format at all.
    Format,
    /// A member stands twice.
    Twice(&'static str),
    /// A value is of another kind than the member it stands for.
    Kind {
        /// The member, or the one it is part of.
        member: &'static str,
        /// What should stand there.
        wanted: Kind,
        /// What stands there.
        found: Found,
    },
    /// A text is not base64.
    Base64(&'static str),
    /// The items of a list are not counted from 1.
    Position(&'static str),
}

/// A kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in `Shape`")]
pub enum Kind {
    Text,
    Blob,
    Integer,
    Flag,
    Time,
    List,
    Map,
    Structure,
}

/// What stands where something else should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the tokens of JSON")]
pub enum Found {
    True,
    False,
    Number,
    Text,
    Null,
    List,
    Object,
}

impl Shape {
    /// The kind of value it is the form of.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::Blob(..) => Kind::Blob,
            Self::Integer(..) => Kind::Integer,
            Self::Flag => Kind::Flag,
            Self::Time => Kind::Time,
            Self::List(_) => Kind::List,
            Self::Map(_) => Kind::Map,
            Self::Structure(_) => Kind::Structure,
        }
    }
}

/// What reading found beside the message itself.
#[derive(Debug, Default)]
pub struct Read {
    /// Members that were given and are not built, in the order they came.
    pub unbuilt: Vec<&'static Member>,
}
