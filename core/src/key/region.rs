//! The regions a caller may use.

use super::Item;
use super::locate;
use crate::engine::{Search, World};
use crate::error::Result;
use crate::operation::{Authorized, Operation, Role};

/// Lists the regions.
#[derive(Debug)]
pub struct ListRegions;

impl Operation for ListRegions {
    /// The region that was asked; the dialect knows the others.
    type Output = String;
    const NAME: &'static str = "ListRegions";
    const ROLES: &'static [Role] = &[Role::Account];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::Everything)
    }

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<String> {
        Ok(allowed.place().region.to_string())
    }
}
