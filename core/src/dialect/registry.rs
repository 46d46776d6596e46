//! The registry: which dialects are linked into this program.
//!
//! # Invariants
//! - Loading fails loudly when no dialect is linked or two have the same name; the order is always by name.

use super::{Dialect, Request};
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

    /// The dialect of this name.
    pub fn named(&self, name: &str) -> Option<&'static Dialect> {
        self.0.iter().copied().find(|dialect| dialect.name == name)
    }

    /// The one dialect that the request is written in.
    ///
    /// # Errors
    /// [`Kind::UnknownOperation`] when none claims it, [`Kind::Unreadable`] when two do: never "first wins".
    pub fn claim(&self, request: &Request) -> Result<&'static Dialect> {
        let mut claimants = self.0.iter().copied().filter(|dialect| (dialect.claims)(request));
        match (claimants.next(), claimants.next()) {
            (Some(dialect), None) => Ok(dialect),
            (None, _) => Err(Kind::UnknownOperation.because("the request is written in no dialect known here")),
            (Some(_), Some(_)) => Err(Kind::Unreadable.because("the request is written in two dialects at once")),
        }
    }
}
