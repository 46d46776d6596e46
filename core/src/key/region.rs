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
    /// The regions of the vendor, and the one that was asked, whatever its name.
    type Output = Vec<String>;
    const NAME: &'static str = "ListRegions";
    const ROLES: &'static [Role] = &[Role::Account];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::Everything)
    }

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<Vec<String>> {
        let (known, here) = (allowed.dialect().law.regions, &*allowed.place().region);
        let unknown = (!known.contains(&here)).then_some(here);
        Ok(known.iter().copied().chain(unknown).map(str::to_owned).collect())
    }
}
