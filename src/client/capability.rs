//! What a cloud can do, and what of that is built here: derived from its catalog.

use std::any::TypeId;

use polykms_core::dialect::message::Use;
use polykms_core::dialect::row::Status;
use polykms_core::dialect::{Dialect, Row, Service};
use polykms_core::operation::Operation;

/// Whether something can be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Support {
    /// It can.
    Yes,
    /// It can, but for these parameters, each with the reason.
    Limited(Vec<(&'static str, &'static str)>),
    /// It cannot.
    No {
        /// Why.
        why: &'static str,
    },
}

/// What one cloud can do.
#[derive(Debug, Clone, Copy)]
pub struct Capabilities {
    dialect: &'static Dialect,
}

impl Capabilities {
    pub(super) fn of(dialect: &'static Dialect) -> Self {
        Self { dialect }
    }

    /// Whether an operation of the core can be asked for.
    pub fn operation<O: Operation>(&self) -> Support {
        let wanted = TypeId::of::<O>();
        let row = self.rows().map(|(_, row)| row).find(|row| row.op_type() == Some(wanted));
        row.map_or(Support::No { why: "the cloud has nothing like it, or it is not built here" }, supported)
    }

    /// Whether an operation of the vendor can be asked for, by its service and name: `kms`, `Encrypt`. Nothing, for one
    /// that the vendor does not have.
    pub fn named(&self, service: &str, name: &str) -> Option<Support> {
        let rows = self.dialect.services.iter().find(|known| known.name == service)?;
        rows.row(name).map(supported)
    }

    /// Whether policies may ask about a condition key when an operation is judged.
    pub fn condition_key<O: Operation>(&self, key: &str) -> bool {
        let wanted = TypeId::of::<O>();
        let of_all = self.dialect.law.context.iter().map(|known| known.name);
        let of_row = self.rows().filter(|(_, row)| row.op_type() == Some(wanted)).flat_map(|(_, row)| row.context());
        of_all.chain(of_row).any(|known| matches_key(known, key))
    }

    /// How many tags a key may have.
    pub fn max_tags_of_a_key(&self) -> Option<usize> {
        self.dialect.law.keys().ok().map(|rules| rules.max_tags)
    }

    /// How many days a key's deletion may be put off, least and most.
    pub fn deletion_window_days(&self) -> Option<(u32, u32)> {
        self.dialect.law.keys().ok().map(|rules| (*rules.window_days.start(), *rules.window_days.end()))
    }

    /// Every operation of the vendor: service, name, and whether it can be asked for.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &'static str, Support)> + use<> {
        self.rows().map(|(service, row)| (service.name, row.wire(), supported(row)))
    }

    fn rows(&self) -> impl Iterator<Item = (&'static Service, &'static Row)> + use<> {
        self.dialect.services.iter().flat_map(|service| service.rows.iter().map(move |row| (service, row)))
    }
}

fn supported(row: &'static Row) -> Support {
    let unbuilt: Vec<_> = row
        .asks()
        .iter()
        .filter_map(|member| match member.use_ {
            Use::Unbuilt(why) => Some((member.name, why)),
            _ => None,
        })
        .collect();
    match row.status() {
        Status::Absent => Support::No { why: row.note().unwrap_or_default() },
        Status::Built | Status::Open if unbuilt.is_empty() => Support::Yes,
        Status::Built | Status::Open => Support::Limited(unbuilt),
    }
}

/// Whether a condition key is one of those that a name of the catalog stands for: `kms:tag/<key>` for all that begin so.
fn matches_key(known: &str, key: &str) -> bool {
    match known.split_once('<') {
        Some((prefix, _)) => {
            key.len() > prefix.len() && key.get(..prefix.len()).is_some_and(|it| it.eq_ignore_ascii_case(prefix))
        }
        None => known.eq_ignore_ascii_case(key),
    }
}
