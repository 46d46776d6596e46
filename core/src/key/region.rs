//! The regions a caller may use.

use crate::dialect::Item;
use crate::engine::World;
use crate::error::Result;
use crate::operation::{Authorized, Operation, Role, Target};

/// Lists the regions.
#[derive(Debug)]
pub struct ListRegions;

impl Operation for ListRegions {
    /// The region that was asked; the dialect knows the others.
    type Output = String;
    const NAME: &'static str = "ListRegions";
    const ROLES: &'static [Role] = &[Role::Account];

    fn target(&self, _: Role) -> Target<'_> {
        Target::Item(Item::Everything)
    }

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<String> {
        Ok(allowed.place().region.to_string())
    }
}
