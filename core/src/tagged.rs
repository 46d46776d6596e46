//! Things of several kinds, found by their tags.

use std::fmt::Write as _;

use jiff::SignedDuration;
use serde::de::DeserializeOwned;

use crate::engine::world::{KEYS, POLICIES};
use crate::engine::{Search, World};
use crate::error::{Cause, Error, Flaw, Kind, Result};
use crate::identity::{self, ManagedPolicy};
use crate::key::{self, Key};
use crate::name::{Place, below, path};
use crate::operation::{Authorized, Operation, Role};
use crate::port::{Space, Time};
use crate::tag::Tags;

/// A kind of thing that has tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// Keys of the region.
    Key,
    /// Managed policies of the account.
    Policy,
}

impl Sort {
    const ALL: [Self; 2] = [Self::Key, Self::Policy];

    /// What it is called where a list stopped.
    const fn word(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Policy => "policy",
        }
    }
}

/// A kind of thing that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Among {
    /// The kind; absent for one that nothing here is of.
    pub sort: Option<Sort>,
    /// What the dialect calls it.
    pub word: String,
}

/// A tag that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct With {
    /// Its name.
    pub name: String,
    /// What its value may be; anything, where none is given.
    pub values: Option<Vec<String>>,
}

impl With {
    /// Whether there is such a tag among these.
    fn holds(&self, tags: &Tags) -> bool {
        let values = self.values.as_deref().filter(|values| !values.is_empty());
        tags.get(&self.name).is_some_and(|own| values.is_none_or(|values| values.contains(own)))
    }
}

/// A thing with its tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    /// Its full name.
    pub name: String,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

/// A part of what was found.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// What is on it.
    pub items: Vec<Tagged>,
    /// Where to go on, if there is more.
    pub next: Option<String>,
}

/// Finds the things of the caller's account that have tags: those that are named, or that meet every condition.
#[derive(Debug)]
pub struct Find {
    /// Their full names.
    pub names: Option<Vec<String>>,
    /// The kinds they are of, one of these; all, when there are none.
    pub among: Option<Vec<Among>>,
    /// Tags that they have, all of these.
    pub with: Option<Vec<With>>,
    /// How many are told at once.
    pub size: Option<usize>,
    /// How many tags are told at once; the first thing is told however many it has.
    pub most_tags: Option<usize>,
    /// Where an earlier part stopped; at the beginning, when it is empty.
    pub marker: Option<String>,
    /// The regions in which what is in no region is told.
    pub homes: &'static [&'static str],
}

/// How many things are told at once where the request does not say.
const USUAL: usize = 50;
/// How many records are read at once.
const BATCH: usize = 128;
/// For how long an answer says where to go on.
const GOES_ON_FOR: SignedDuration = SignedDuration::from_mins(15);

impl Operation for Find {
    type Output = Found;
    const NAME: &'static str = "FindTagged";
    const ROLES: &'static [Role] = &[Role::Account];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        let account = &search.caller().account;
        let name = search.dialect().law.identity()?.name;
        search.add(search.named(account, name(account, search.region(), identity::Item::Everything)));
        Ok(())
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Found> {
        let (op, place) = (allowed.op(), allowed.place());
        op.consistent()?;
        let now = allowed.now();
        let mut part = Part::new(op, world, place, now)?;
        for sort in Sort::ALL.into_iter().filter(|sort| op.asks_for(*sort, place)) {
            match sort {
                Sort::Key => {
                    let name = allowed.dialect().law.keys()?.name;
                    let told = |key: Key| {
                        let own = name(&key.account, &key.region, key::Item::Key(&key.id));
                        (!key.is_gone(now)).then_some((own, key.tags))
                    };
                    let prefix = below(&[place.dialect, &place.account, &place.region]);
                    part.gather(sort, KEYS, &prefix, told).await?;
                }
                Sort::Policy => {
                    let name = allowed.dialect().law.identity()?.name;
                    let told = |policy: ManagedPolicy| {
                        let item = identity::Item::Policy(&policy.path, &policy.name);
                        Some((name(&place.account, &place.region, item), policy.tags))
                    };
                    part.gather(sort, POLICIES, &below(&[place.dialect, &place.account]), told).await?;
                }
            }
        }
        part.finish()
    }
}

impl Find {
    /// Sees to it that things are not named and looked for at once.
    fn consistent(&self) -> Result<()> {
        let Self { names, among, with, size, most_tags, marker, homes: _ } = self;
        let sought = among.is_some() || with.is_some() || size.is_some() || most_tags.is_some();
        match names.is_some() && (sought || marker.as_ref().is_some_and(|marker| !marker.is_empty())) {
            true => Err(Kind::Invalid(Flaw::Value).because("").with_cause(Cause::NamedAndSought)),
            false => Ok(()),
        }
    }

    /// Whether things of a kind may be on the list.
    fn asks_for(&self, sort: Sort, place: &Place) -> bool {
        let among = self.among.as_deref().filter(|among| !among.is_empty());
        among.is_none_or(|among| among.iter().any(|one| one.sort == Some(sort)))
            && (sort == Sort::Key || self.homes.contains(&&*place.region))
    }

    /// Whether a thing is on the list.
    fn finds(&self, name: &str, tags: &Tags) -> bool {
        let named = self.names.as_ref().is_none_or(|names| names.iter().any(|one| one == name));
        named && !tags.is_empty() && self.with.iter().flatten().all(|with| with.holds(tags))
    }

    /// What says where this list goes on is bound to.
    fn list(&self, place: &Place) -> String {
        let mut list = path(&["tagged", place.dialect, &place.account, &place.region]);
        // Writing to a text cannot fail.
        let _ = write!(list, "{:?}{:?}", self.among, self.with);
        list
    }
}

/// A part of the list, while it is gathered.
struct Part<'a> {
    op: &'a Find,
    world: &'a World,
    now: Time,
    list: String,
    /// Where the part before stopped.
    after: Option<Stop>,
    items: Vec<Tagged>,
    tags: usize,
    /// Where the last thing on the list lies.
    last: Option<Stop>,
    /// Whether there are things that have no room.
    more: bool,
}

/// Where a list stopped: behind this record, by what its path has behind the prefix.
struct Stop {
    sort: Sort,
    record: String,
}

impl<'a> Part<'a> {
    fn new(op: &'a Find, world: &'a World, place: &Place, now: Time) -> Result<Self> {
        let list = op.list(place);
        let marker = op.marker.as_deref().filter(|marker| !marker.is_empty());
        let after = marker.map(|marker| Stop::read(&world.open_marker(&list, marker)?, now)).transpose()?;
        Ok(Self { op, world, now, list, after, items: Vec::new(), tags: 0, last: None, more: false })
    }

    /// Takes what has room of the things below a prefix, each told by its name and tags.
    async fn gather<T: DeserializeOwned>(
        &mut self,
        sort: Sort,
        space: Space,
        prefix: &str,
        told: impl Fn(T) -> Option<(String, Tags)>,
    ) -> Result<()> {
        let mut after = match &self.after {
            Some(stop) if stop.sort > sort => return Ok(()),
            Some(stop) if stop.sort == sort => Some(format!("{prefix}{}", stop.record)),
            _ => None,
        };
        while !self.more {
            let batch = self.world.scan::<T>(space, prefix, after.as_deref(), BATCH).await?;
            let ended = batch.len() < BATCH;
            for (path, record) in batch {
                if let Some((name, tags)) = record.and_then(&told).filter(|(name, tags)| self.op.finds(name, tags)) {
                    let record = path.strip_prefix(prefix).unwrap_or(&path).to_owned();
                    self.take(Stop { sort, record }, name, tags);
                }
                after = Some(path);
            }
            if ended {
                break;
            }
        }
        Ok(())
    }

    fn take(&mut self, stop: Stop, name: String, tags: Tags) {
        let size = self.op.size.unwrap_or(USUAL);
        let full = self.items.len() >= size
            || self.op.most_tags.is_some_and(|most| !self.items.is_empty() && self.tags + tags.len() > most);
        self.more |= full;
        if !self.more {
            self.tags += tags.len();
            self.items.push(Tagged { name, tags: tags.into_iter().collect() });
            self.last = Some(stop);
        }
    }

    fn finish(self) -> Result<Found> {
        let Self { world, now, list, items, last, more, .. } = self;
        let last = last.filter(|_| more);
        let next = last.map(|stop| world.marker(&list, &stop.written(now))).transpose()?;
        Ok(Found { items, next })
    }
}

impl Stop {
    fn written(&self, now: Time) -> String {
        let Self { sort, record } = self;
        format!("{now} {} {record}", sort.word())
    }

    fn read(text: &str, now: Time) -> Result<Self> {
        let wrong = || Kind::InvalidMarker.because("the marker was not made for this list");
        let mut parts = text.splitn(3, ' ');
        let (Some(told), Some(word), Some(record)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong());
        };
        let told: Time = told.parse().map_err(|_| wrong())?;
        let sort = Sort::ALL.into_iter().find(|sort| sort.word() == word).ok_or_else(wrong)?;
        match now.duration_since(told) > GOES_ON_FOR {
            true => Err(overdue()),
            false => Ok(Self { sort, record: record.to_owned() }),
        }
    }
}

fn overdue() -> Error {
    Kind::InvalidMarker.because("the marker was made too long ago").with_cause(Cause::Overdue)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
    }

    #[test]
    fn a_tag_is_found_by_its_name_and_one_of_the_values() {
        let own = tags(&[("a", "1"), ("b", "")]);
        let with = |name: &str, values: Option<&[&str]>| With {
            name: name.into(),
            values: values.map(|values| values.iter().map(|value| (*value).into()).collect()),
        };
        for (with, holds) in [
            (with("a", None), true),
            (with("a", Some(&[])), true),
            (with("a", Some(&["2", "1"])), true),
            (with("a", Some(&["2"])), false),
            (with("b", Some(&[""])), true),
            (with("A", None), false),
            (with("c", None), false),
        ] {
            assert_eq!(with.holds(&own), holds, "{with:?}");
        }
    }

    #[test]
    fn a_list_goes_on_for_a_quarter_of_an_hour() {
        let told: Time = "2026-01-02T03:04:05Z".parse().unwrap();
        let text = Stop { sort: Sort::Policy, record: "a b".into() }.written(told);
        let read = |later: i64| Stop::read(&text, told + SignedDuration::from_secs(later));
        let stop = read(900).unwrap_or_else(|error| panic!("{error:?}"));
        assert_eq!((stop.sort, stop.record.as_str()), (Sort::Policy, "a b"));
        assert_eq!(read(901).err().unwrap().cause(), Some(Cause::Overdue));
        for text in ["", "x key r", "2026-01-02T03:04:05Z lamp r", "2026-01-02T03:04:05Z key"] {
            assert_eq!(Stop::read(text, told).err().unwrap().kind(), Kind::InvalidMarker, "{text}");
        }
    }
}
