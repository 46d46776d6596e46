//! Locating keys: by identifier, by alias, or by the ciphertext that one of their versions made.

use std::sync::Arc;

use super::predefined::{self, Predefined};
use super::{By, Item, Loaded, Reference};
use crate::engine::{GrantFound, Located, Search, Unmade};
use crate::error::Result;
use crate::policy::{Grants, Named, Principal};
use crate::resource::Resource;
use crate::tag::Tags;

impl Resource for Loaded {
    fn tags(&self) -> &Tags {
        &self.key.tags
    }

    fn policy(&self) -> Option<&Named> {
        self.policy.as_ref()
    }

    fn grants(&self, principal: &Principal<'_>) -> Option<Grants<'_>> {
        self.held.reaching(principal)
    }

    fn document(&self) -> Option<&str> {
        Some(&self.key.policy)
    }

    fn is_closed(&self) -> bool {
        self.policy.is_none()
    }
}

/// Something that needs no look-up, in the caller's account and region.
pub(super) fn named(search: &mut Search<'_>, item: Item<'_>) -> Result<()> {
    let account = &search.caller().account;
    let name = (search.dialect().law.keys()?.name)(account, search.region(), item);
    search.add(search.named(account, name));
    Ok(())
}

/// A key by identifier, alias or ciphertext.
pub(crate) async fn key(search: &mut Search<'_>, reference: &Reference) -> Result<()> {
    search.add(found(search, reference).await?);
    Ok(())
}

/// A key, and a grant on it that is meant; the operation ends where there is no such grant.
pub(super) async fn with_grant(
    search: &mut Search<'_>,
    reference: &Reference,
    grant: impl AsyncFnOnce(&Loaded) -> Result<GrantFound>,
) -> Result<()> {
    let mut located = found(search, reference).await?;
    if let Some(key) = located.shared::<Loaded>() {
        let found = grant(&key).await?;
        located.missing = found.grant.is_none();
        located.grant = Some(found);
    }
    search.add(located);
    Ok(())
}

/// The key an alias points at now.
pub(super) async fn pointed_at(search: &mut Search<'_>, alias: &str) -> Result<()> {
    let found = found(search, &Reference::alias(alias)).await?;
    search.add(Located { alias: None, ..found });
    Ok(())
}

async fn found(search: &Search<'_>, reference: &Reference) -> Result<Located> {
    let Reference { account, region, by } = reference;
    let (dialect, world) = (search.dialect(), search.world());
    let mut account = account.as_deref().map_or_else(|| Arc::clone(&search.caller().account), Arc::from);
    // A name of another region names nothing here.
    let elsewhere = region.as_ref().is_some_and(|region| **region != **search.region());
    let region = region.as_deref().map_or_else(|| Arc::clone(search.region()), Arc::from);
    let (target, owner);
    let id: Option<&str> = match by {
        By::Id(id) => Some(id),
        By::Alias(name) => {
            target = world.key_of_alias(dialect.name, &account, &region, name).await?;
            target.as_deref().map(String::as_str)
        }
        By::Version(version) => {
            owner = world.key_of_version(dialect.name, &region, version).await?;
            owner.as_deref().map(|owner| {
                account = Arc::clone(&owner.account);
                &*owner.id
            })
        }
    };
    let key = match id {
        Some(id) if !elsewhere => world.key(dialect, &account, &region, id).await?,
        _ => None,
    };
    // A deletion takes place at its time, whenever the record is swept away.
    let key = match key.filter(|key| !key.key.is_gone(search.now())) {
        // So does the end of imported material.
        Some(key) => Some(world.lapsed(dialect, key, search.now()).await?),
        None => None,
    };
    let rules = dialect.law.keys()?;
    let unmade = match by {
        // Of another account nobody knows whether there is one such.
        By::Alias(alias) if id.is_none() && !elsewhere && account == search.caller().account => {
            let as_it_will_be =
                |known: &Predefined| predefined::unmade(world, dialect, (&account, &region), known, search.now());
            rules.predefined(alias).map(as_it_will_be).transpose()?
        }
        _ => None,
    };
    let key = key.or_else(|| unmade.clone());
    let name = |item| Arc::from((rules.name)(&account, &region, item));
    let arn = match (&key, id, by) {
        (Some(key), _, _) => Arc::clone(&key.arn),
        (None, Some(id), _) => name(Item::Key(id)),
        (None, None, By::Alias(alias)) => name(Item::Alias(alias)),
        (None, None, By::Id(_) | By::Version(_)) => name(Item::Key("*")),
    };
    let alias = match by {
        By::Alias(name) => Some(name.clone()),
        By::Id(_) | By::Version(_) => None,
    };
    let (by_ciphertext, missing) = (matches!(by, By::Version(_)), key.is_none());
    let unmade = unmade.map(|key| key as Arc<dyn Unmade>);
    let resource = key.map(|key| key as Arc<dyn Resource>);
    let named = search.named(&account, arn);
    Ok(Located { region, alias, by_ciphertext, missing, resource, unmade, ..named })
}
