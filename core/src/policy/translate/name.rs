//! The names of things and of callers, in the words of the other side.

use super::super::spec::NameSyntax;
use super::map::Map;
use super::side::Side;
use super::twins::{NameTwin, SESSION};

/// What became of a pattern of resources.
pub(super) enum Renamed {
    /// It means the same.
    Same(Vec<String>),
    /// It means more, and this is why.
    Wider(Vec<String>, String),
    /// A part of it means the same, and this is why the rest does not.
    Part(Vec<String>, String),
    /// It names a collection: the other side's operations on collections are about this.
    Collection(String),
    /// It has no translation.
    Lost(String),
}

struct Parts<'t> {
    service: &'t str,
    region: &'t str,
    account: &'t str,
    rest: &'t str,
}

fn parts<'t>(side: &Side, text: &'t str) -> Option<Parts<'t>> {
    let NameSyntax { scheme, segments, service, account, .. } = side.spec.names;
    let all: Vec<&str> = text.splitn(segments, ':').collect();
    let at = |index: usize| all.get(index).copied();
    let known = at(0) == Some(scheme) && side.twins.partition.is_none_or(|partition| at(1) == Some(partition));
    let region = service.checked_add(1)?;
    known.then_some(Parts {
        service: at(service)?,
        region: at(region)?,
        account: at(account)?,
        rest: at(segments.checked_sub(1)?)?,
    })
}

fn join(side: &Side, twin: &NameTwin, region: &str, account: &str, rest: &str) -> String {
    let scheme = side.spec.names.scheme;
    let head: Vec<&str> = [Some(scheme), side.twins.partition].into_iter().flatten().collect();
    let region = twin.global.unwrap_or(region);
    [&head[..], &[twin.service, region, account, rest]].concat().join(":")
}

pub(super) fn is_wild(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// The names of things.
pub(super) struct Names<'s> {
    pub(super) from: &'s Side,
    pub(super) to: &'s Side,
    pub(super) map: &'s Map,
    /// Whether what the map does not name keeps its name.
    pub(super) lenient: bool,
}

impl Names<'_> {
    /// A pattern of resources in the words of the other side.
    pub(super) fn renamed(&self, pattern: &str) -> Renamed {
        if pattern == "*" {
            return Renamed::Same(vec!["*".to_owned()]);
        }
        let Some(parts) = parts(self.from, pattern) else {
            return Renamed::Lost(format!("`{pattern}` is not a name that could be taken apart"));
        };
        if let Some(collection) = self.collection(&parts) {
            return collection;
        }
        let twins: Vec<_> = self.kinds(&parts).collect();
        if twins.is_empty() {
            return Renamed::Lost(format!("what `{pattern}` names has no twin"));
        }
        let mut whys = Vec::new();
        let mut found = Vec::new();
        for (from, to, id) in twins {
            let mut segment = |known: Result<String, String>| {
                known.unwrap_or_else(|why| {
                    whys.push(why);
                    "*".to_owned()
                })
            };
            let region = match from.global {
                Some(_) => "*".to_owned(),
                None => segment(self.one("region", parts.region, &self.map.regions)),
            };
            let account = segment(self.one("account", parts.account, &self.map.accounts));
            match self.ids(from, to, id) {
                Ok(ids) => {
                    let rests = ids.iter().map(|id| [to.beginning, id].concat());
                    found.extend(rests.map(|rest| join(self.to, to, &region, &account, &rest)));
                }
                Err(why) => {
                    whys.push(why);
                    found.push(join(self.to, to, &region, &account, &[to.beginning, "*"].concat()));
                }
            }
        }
        let collections =
            self.from.twins.collections.iter().any(|twin| twin.service == parts.service && twin.beginning != "*");
        match whys.is_empty() {
            true if parts.rest == "*" && collections => {
                Renamed::Part(found, format!("`{pattern}` means collections too, which are a matter of their own"))
            }
            true => Renamed::Same(found),
            false => Renamed::Wider(found, whys.join("; ")),
        }
    }

    fn collection(&self, parts: &Parts<'_>) -> Option<Renamed> {
        let own = |twin: &&NameTwin| twin.service == parts.service && twin.beginning == parts.rest;
        let from = self.from.twins.collections.iter().find(own)?;
        let to = self.to.twins.collections.iter().find(|twin| twin.concept == from.concept)?;
        if to.beginning == "*" {
            return Some(match parts.region {
                "*" | "" => Renamed::Collection("*".to_owned()),
                region => Renamed::Lost(format!("collections have no names there, and so no region `{region}`")),
            });
        }
        let region = self.one("region", parts.region, &self.map.regions);
        let account = self.one("account", parts.account, &self.map.accounts);
        Some(match (region, account) {
            (Ok(region), Ok(account)) => Renamed::Collection(join(self.to, to, &region, &account, to.beginning)),
            (Err(why), _) | (_, Err(why)) => Renamed::Lost(why),
        })
    }

    /// The kinds of things that a name means, with what stands behind the beginning of its last segment.
    fn kinds<'t>(&self, parts: &Parts<'t>) -> impl Iterator<Item = (&'static NameTwin, &'static NameTwin, &'t str)> {
        let (service, rest) = (parts.service.to_owned(), parts.rest);
        let to = self.to;
        self.from.twins.names.iter().filter(move |twin| twin.service == service).filter_map(move |from| {
            let id = if rest == "*" { "*" } else { rest.strip_prefix(from.beginning)? };
            let to = to.twins.names.iter().find(|twin| twin.concept == from.concept)?;
            Some((from, to, id))
        })
    }

    fn one(
        &self,
        what: &str,
        text: &str,
        known: &std::collections::BTreeMap<String, String>,
    ) -> Result<String, String> {
        match text {
            "" | "*" => Ok("*".to_owned()),
            text => match known.get(text) {
                Some(twin) => Ok(twin.clone()),
                None if self.lenient => Ok(text.to_owned()),
                None if is_wild(text) => Err(format!("the {what} `{text}` is a pattern")),
                None => Err(format!("the map does not name the {what} `{text}`")),
            },
        }
    }

    fn ids(&self, from: &NameTwin, to: &NameTwin, id: &str) -> Result<Vec<String>, String> {
        if from.chosen {
            return self.one("key", id, &self.map.keys).map(|id| vec![id]);
        }
        let plain = match from.added {
            0 => vec![id.to_owned()],
            added => without_added(id, added)?,
        };
        Ok(match to.added {
            0 => plain,
            added => plain.iter().map(|id| with_added(id, added, self.lenient)).collect(),
        })
    }

    /// An account and the kind and name of a caller, in the words of the other side.
    pub(super) fn caller(&self, text: &str) -> Result<String, String> {
        let mut known = self.from.twins.people.iter().filter_map(|person| Some((person, person.parse(text)?)));
        let Some((person, (account, name))) = known.next() else {
            return Err(format!("`{text}` names no user or role"));
        };
        if person.concept == SESSION {
            return Err(format!("`{text}` is one session of a role, which no policy names there"));
        }
        if name.contains('/') {
            return Err(format!("`{text}` has a path, which names do not have there"));
        }
        let to = self.to.person(person.concept).ok_or_else(|| format!("`{text}` has no twin"))?;
        Ok(to.named(&self.account(account)?, name))
    }

    pub(super) fn account(&self, account: &str) -> Result<String, String> {
        let unknown = || format!("the map does not name the account `{account}`");
        self.map.accounts.get(account).cloned().ok_or_else(unknown)
    }
}

/// The names whose full names, with so many random characters behind a hyphen, a pattern means.
fn without_added(pattern: &str, added: usize) -> Result<Vec<String>, String> {
    let fixed = ["-", &"?".repeat(added)].concat();
    if let Some(name) = pattern.strip_suffix(&fixed) {
        return Ok(vec![name.to_owned()]);
    }
    if let Some(open) = pattern.strip_suffix('*') {
        return match open.strip_suffix('-') {
            Some(name) if !name.is_empty() => Ok(vec![name.to_owned(), pattern.to_owned()]),
            _ => Ok(vec![pattern.to_owned()]),
        };
    }
    let whole = pattern.rsplit_once('-').filter(|(_, random)| random.len() == added && !is_wild(random));
    whole
        .map(|(name, _)| vec![name.to_owned()])
        .ok_or_else(|| format!("`{pattern}` has not the {added} characters that the vendor adds to a name"))
}

fn with_added(pattern: &str, added: usize, literal: bool) -> String {
    match pattern {
        "*" if !literal => "*".to_owned(),
        pattern => [pattern, "-", &if literal { "A" } else { "?" }.repeat(added)].concat(),
    }
}

/// Whether a name that stands for itself is of a kind whose last segment begins so.
pub(super) fn begins(side: &Side, name: &str, beginning: &str) -> bool {
    match parts(side, name) {
        Some(parts) => match beginning {
            "*" => false,
            beginning if beginning.ends_with(['/', ':']) => parts.rest.starts_with(beginning),
            beginning => parts.rest == beginning,
        },
        None => name == "*" && beginning == "*",
    }
}

/// The name of a thing.
pub(super) fn name_of(side: &Side, twin: &NameTwin, region: &str, account: &str, id: &str) -> String {
    let added = if twin.added > 0 { ["-", &"A".repeat(twin.added)].concat() } else { String::new() };
    join(side, twin, region, account, &[twin.beginning, id, &added].concat())
}

/// The name of a collection.
pub(super) fn collection_of(side: &Side, twin: &NameTwin, region: &str, account: &str) -> String {
    if twin.beginning == "*" { "*".to_owned() } else { join(side, twin, region, account, twin.beginning) }
}
