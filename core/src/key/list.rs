//! Lists of keys, in an order that stays.

use super::{DELETION, Entry, Item, Key, locate};
use crate::due;
use crate::engine::world::KEYS;
use crate::engine::{Search, World};
use crate::error::Result;
use crate::list::{Listed, Paging, page, page_of_all};
use crate::name::below;
use crate::operation::{Authorized, Operation, Role};

/// A condition that a listed key meets.
pub type Filter = fn(&Key, &[String]) -> bool;

/// Lists the keys of the caller's account in the region.
pub struct List {
    /// Which part.
    pub paging: Paging,
    /// Conditions with their values, all of which must hold.
    pub filters: Vec<(Filter, Vec<String>)>,
}

impl Operation for List {
    type Output = Listed<Entry>;
    const NAME: &'static str = "ListKeys";
    const ROLES: &'static [Role] = &[Role::Account];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::Keys)
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Listed<Entry>> {
        let place = allowed.place();
        let prefix = below(&[place.dialect, &place.account, &place.region]);
        let Self { paging, filters } = allowed.op();
        let now = allowed.now();
        let listed: Listed<Key> = if filters.is_empty() {
            let gone = due::subjects(world, DELETION, &prefix, now).await?;
            page_of_all(world, KEYS, &prefix, paging, &gone).await?
        } else {
            let wanted = |key: &Key| !key.is_gone(now) && filters.iter().all(|(filter, values)| filter(key, values));
            page(world, KEYS, &prefix, paging, wanted).await?
        };
        let name = allowed.dialect().law.keys()?.name;
        Ok(listed.map(|Key { id, account, region, .. }| Entry { arn: name(&account, &region, Item::Key(&id)), id }))
    }
}
