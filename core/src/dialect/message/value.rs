//! Values of members: what a field of a message may be.

use std::borrow::Cow;
use std::fmt;

use zeroize::Zeroize;

use super::{Entries, Fill, Items, Scalar, Show, Slots, View};
use crate::port::Time;

/// Bytes, borrowed or owned; what is owned is zeroized on drop. Their text form is their number.
pub struct Blob<'a>(Cow<'a, [u8]>);

impl<'a> Blob<'a> {
    /// The bytes.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as their own, without a copy where they are it already.
    pub fn into_bytes(mut self) -> Vec<u8> {
        std::mem::take(&mut self.0).into_owned()
    }
}

impl Default for Blob<'_> {
    fn default() -> Self {
        Self(Cow::Borrowed(&[]))
    }
}

impl Drop for Blob<'_> {
    fn drop(&mut self) {
        if let Cow::Owned(bytes) = &mut self.0 {
            bytes.zeroize();
        }
    }
}

impl fmt::Debug for Blob<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl<'a> From<&'a [u8]> for Blob<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(Cow::Borrowed(bytes))
    }
}

impl<'a> From<&'a Vec<u8>> for Blob<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self(Cow::Borrowed(bytes))
    }
}

impl From<Vec<u8>> for Blob<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Cow::Owned(bytes))
    }
}

/// Texts by name, in the order they came; each name once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairs<'a>(pub Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Pairs<'a> {
    /// Each name with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }
}

impl<'a, N: AsRef<str>, V: AsRef<str>> FromIterator<(&'a N, &'a V)> for Pairs<'a> {
    fn from_iter<I: IntoIterator<Item = (&'a N, &'a V)>>(pairs: I) -> Self {
        let borrowed = |(name, value): (&'a N, &'a V)| (Cow::Borrowed(name.as_ref()), Cow::Borrowed(value.as_ref()));
        Self(pairs.into_iter().map(borrowed).collect())
    }
}

impl Pairs<'_> {
    /// The pairs as their own, in a collection.
    pub fn into_owned<C: FromIterator<(String, String)>>(self) -> C {
        self.0.into_iter().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
    }
}

impl Show for Cow<'_, str> {
    fn view(&self) -> View<'_> {
        View::Text(self)
    }
}

impl<'a> Fill<'a> for Cow<'a, str> {
    fn set(&mut self, scalar: Scalar<'a>) -> bool {
        let Scalar::Text(text) = scalar else { return false };
        *self = text;
        true
    }
}

impl Show for Blob<'_> {
    fn view(&self) -> View<'_> {
        View::Blob(&self.0)
    }
}

impl<'a> Fill<'a> for Blob<'a> {
    fn set(&mut self, scalar: Scalar<'a>) -> bool {
        let Scalar::Blob(bytes) = scalar else { return false };
        *self = bytes.into();
        true
    }
}

/// A scalar that is a plain Rust value.
macro_rules! plain {
    ($($kind:ident $value:ty),*) => {$(
        impl Show for $value {
            fn view(&self) -> View<'_> {
                View::$kind(*self)
            }
        }

        impl<'a> Fill<'a> for $value {
            fn set(&mut self, scalar: Scalar<'a>) -> bool {
                let Scalar::$kind(value) = scalar else { return false };
                *self = value;
                true
            }
        }
    )*};
}
plain!(Integer i64, Flag bool, Time Time);

impl<T: Show> Show for Vec<T> {
    fn view(&self) -> View<'_> {
        View::List(self)
    }
}

impl<T: Show> Items for Vec<T> {
    fn count(&self) -> usize {
        self.len()
    }

    fn item(&self, at: usize) -> View<'_> {
        self.get(at).map_or(View::Absent, T::view)
    }
}

impl<'a, T: Fill<'a> + Default> Fill<'a> for Vec<T> {
    fn push(&mut self) -> Option<&mut dyn Fill<'a>> {
        self.push(T::default());
        self.last_mut().map(|item| item as _)
    }

    fn each(&mut self, visit: &mut dyn FnMut(&mut dyn Fill<'a>)) {
        self.iter_mut().for_each(|item| visit(item));
    }
}

impl Show for Pairs<'_> {
    fn view(&self) -> View<'_> {
        View::Map(self)
    }
}

impl Entries for Pairs<'_> {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn entry(&self, at: usize) -> Option<(&str, &str)> {
        self.0.get(at).map(|(name, value)| (&**name, &**value))
    }
}

impl<'a> Fill<'a> for Pairs<'a> {
    fn enter(&mut self, name: Cow<'a, str>, value: Cow<'a, str>) -> bool {
        let known = self.0.iter().any(|(known, _)| *known == name);
        if !known {
            self.0.push((name, value));
        }
        !known
    }
}

impl<T: Show> Show for Option<T> {
    fn view(&self) -> View<'_> {
        self.as_ref().map_or(View::Absent, T::view)
    }
}

impl<'a, T: Fill<'a> + Default> Fill<'a> for Option<T> {
    fn is_there(&self) -> bool {
        self.is_some()
    }

    fn begin(&mut self) {
        self.get_or_insert_default();
    }

    fn set(&mut self, scalar: Scalar<'a>) -> bool {
        self.get_or_insert_default().set(scalar)
    }

    fn push(&mut self) -> Option<&mut dyn Fill<'a>> {
        self.get_or_insert_default().push()
    }

    fn each(&mut self, visit: &mut dyn FnMut(&mut dyn Fill<'a>)) {
        if let Some(list) = self {
            list.each(visit);
        }
    }

    fn enter(&mut self, name: Cow<'a, str>, value: Cow<'a, str>) -> bool {
        self.get_or_insert_default().enter(name, value)
    }

    fn slots(&mut self) -> Option<&mut dyn Slots<'a>> {
        self.get_or_insert_default().slots()
    }
}
