//! Lists of keys, in an order that stays.

use super::{DELETION, Entry, Item, Key, Maker, Spec, State, Usage, locate};
use crate::due;
use crate::engine::world::KEYS;
use crate::engine::{Search, World};
use crate::error::Result;
use crate::list::{Listed, Paging, page, page_of_all};
use crate::name::below;
use crate::operation::{Authorized, Operation, Role};

/// A condition that a listed key meets: one of the values is its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The state.
    State(Vec<Sought<State>>),
    /// What the material is.
    Spec(Vec<Sought<Spec>>),
    /// What it may be used for.
    Usage(Vec<Sought<Usage>>),
    /// Where the material is kept.
    Keeping(Vec<Sought<Keeping>>),
    /// Who makes keys such as it.
    Maker(Vec<Sought<Maker>>),
    /// The account that owns it.
    Account(Vec<String>),
    /// The dedicated instance it is in; of a key that is in none, an empty one.
    Instance(Vec<String>),
    /// The identifier.
    Id(Vec<String>),
    /// An alias that points at it, with its prefix.
    Alias(Vec<String>),
    /// The name of a tag it has.
    TagName(Vec<String>),
    /// The value of a tag it has.
    TagValue(Vec<String>),
}

/// A value that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought<T> {
    /// One that keys may have.
    Known(T),
    /// One that no key has, as the dialect writes it.
    Other(String),
}

/// Where the material of a key is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// In software.
    Software,
}

impl Condition {
    /// Whether a key meets it.
    pub fn holds(&self, key: &Key) -> bool {
        match self {
            Self::State(values) => is_sought(values, key.state),
            Self::Spec(values) => is_sought(values, key.spec),
            Self::Usage(values) => is_sought(values, key.usage),
            Self::Keeping(values) => is_sought(values, Keeping::Software),
            Self::Maker(values) => is_sought(values, key.maker),
            Self::Account(values) => values.contains(&key.account),
            Self::Instance(values) => values.iter().any(String::is_empty),
            Self::Id(values) => values.contains(&key.id),
            Self::Alias(values) => values.iter().any(|value| key.aliases.contains(value)),
            Self::TagName(values) => values.iter().any(|value| key.tags.contains_key(value)),
            Self::TagValue(values) => key.tags.values().any(|tag| values.contains(tag)),
        }
    }
}

fn is_sought<T: PartialEq>(values: &[Sought<T>], own: T) -> bool {
    values.contains(&Sought::Known(own))
}

/// Lists the keys of the caller's account in the region.
#[derive(Debug)]
pub struct List {
    /// Which part.
    pub paging: Paging,
    /// Conditions, all of which must hold.
    pub filters: Vec<Condition>,
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
            let wanted = |key: &Key| !key.is_gone(now) && filters.iter().all(|filter| filter.holds(key));
            page(world, KEYS, &prefix, paging, wanted).await?
        };
        let name = allowed.dialect().law.keys()?.name;
        Ok(listed.map(|Key { id, account, region, .. }| Entry { arn: name(&account, &region, Item::Key(&id)), id }))
    }
}
