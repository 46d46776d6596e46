//! One side of a translation of documents: the permissions that the rows of a catalog ask for, with what the dialect says
//! of its words.

use super::demand::Plain;
use super::{Dialect, Row};
use crate::operation::Role;
use crate::policy::translate::{Permission, Side};

/// The dialect as a side of a translation.
#[must_use]
pub fn side(dialect: &Dialect) -> Side {
    let rows = dialect.services.iter().flat_map(|service| service.rows);
    let law = dialect.law;
    Side::new(law.policy, law.lints, law.twins, rows.flat_map(permissions))
}

/// What is always asked for, and what never is.
fn permissions(row: &'static Row) -> impl Iterator<Item = Permission> {
    row.demands().filter(|demand| !demand.conditional).map(|Plain { role, action, waived, .. }| {
        let action = waived.is_none().then_some(action);
        Permission { operation: row.operation(), role: part(role), action }
    })
}

const fn part(role: Role) -> &'static str {
    match role {
        Role::Account => "account",
        Role::Subject => "subject",
        Role::Source => "source",
        Role::Destination => "destination",
        Role::Alias => "alias",
        Role::Previous => "previous",
        Role::Policy => "policy",
        Role::Group => "group",
        Role::Renamed => "renamed",
    }
}
