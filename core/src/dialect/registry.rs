//! The registry: which dialects are linked into this program.
//!
//! # Invariants
//! - Loading fails loudly when no dialect is linked or two have the same name; the order is always by name.

use super::{Dialect, Opened, Request};
use crate::error::{Kind, Result};

inventory::collect!(&'static Dialect);

/// The dialects of this program, by name.
#[derive(Clone)]
pub struct Registry(Vec<&'static Dialect>);

impl Registry {
    /// Every dialect that was linked.
    ///
    /// # Errors
    /// [`Kind::Internal`] when there is none, or when two share a name or a service claims an operation twice.
    pub fn load() -> Result<Self> {
        Self::of(inventory::iter::<&'static Dialect>().copied().collect())
    }

    /// The given dialects.
    ///
    /// # Errors
    /// As [`load`](Registry::load).
    pub fn of(mut dialects: Vec<&'static Dialect>) -> Result<Self> {
        dialects.sort_by_key(|dialect| dialect.name);
        if dialects.is_empty() {
            return Err(Kind::Internal.because("no dialect is linked: name each dialect crate with `use … as _`"));
        }
        for (one, next) in dialects.iter().zip(dialects.iter().skip(1)) {
            if one.name == next.name {
                return Err(Kind::Internal.because("two dialects have the same name").naming(one.name));
            }
        }
        for service in dialects.iter().flat_map(|dialect| dialect.services) {
            let mut names: Vec<_> = service.rows.iter().map(super::Row::wire).collect();
            names.sort_unstable();
            if let Some((twice, _)) = names.iter().zip(names.iter().skip(1)).find(|(one, next)| one == next) {
                return Err(Kind::Internal.because("an operation stands twice in a catalog").naming(*twice));
            }
        }
        Ok(Self(dialects))
    }

    /// All dialects, by name.
    pub fn dialects(&self) -> &[&'static Dialect] {
        &self.0
    }

    /// All dialects, in the order in which people are told of them: by title.
    pub fn by_title(&self) -> Vec<&'static Dialect> {
        let mut dialects = self.0.clone();
        dialects.sort_by_key(|dialect| dialect.front.title);
        dialects
    }

    /// The dialect of this name.
    pub fn named(&self, name: &str) -> Option<&'static Dialect> {
        self.0.iter().copied().find(|dialect| dialect.name == name)
    }

    /// The request, read by the one dialect that it is written in.
    ///
    /// # Errors
    /// [`Kind::UnknownOperation`] when it is written in none, [`Kind::Unreadable`] when in two: never "first wins".
    pub fn open<'r>(&self, request: &'r Request) -> Result<(&'static Dialect, Opened<'r>)> {
        let mut readings = self.0.iter().filter_map(|dialect| Some((*dialect, (dialect.open)(request)?)));
        match (readings.next(), readings.next()) {
            (Some(reading), None) => Ok(reading),
            (None, _) => Err(Kind::UnknownOperation.because("the request is written in no dialect known here")),
            (Some(_), Some(_)) => Err(Kind::Unreadable.because("the request is written in two dialects at once")),
        }
    }
}
