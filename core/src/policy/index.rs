//! Which statements of a long policy can be about a question, found without looking at the others.
//!
//! A statement is filed under what its actions have in common with an action (the name, the service, nothing) together
//! with what its resources have in common with a name (the whole, the last segment, how that begins, nothing). A question
//! looks into the few places that fit.
//!
//! # Invariants
//! - Every statement that is about a question is among its candidates; a candidate has still to be compared.
//! - The index is as large as the document, not as the product of its lists.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;
use std::ops::{ControlFlow, Range};

use foldhash::fast::FixedState;

use super::model::{Set, Statement};
use super::pattern::{Glob, Name, NamePattern, Pattern};

/// A shorter policy is read through faster than its index.
const SHORTEST: usize = 12;

/// Longer beginnings are filed under this many bytes of theirs.
const LONGEST_BEGINNING: usize = 63;

/// The most places for one statement, if it could do with fewer.
const MOST_PLACES: usize = 64;

/// Places by their hash, each a run of statements.
#[derive(Debug)]
pub(super) struct Index {
    places: HashMap<u64, Range<usize>, FixedState>,
    statements: Box<[usize]>,
    /// Which kinds of place there are, for each kind of action.
    used: [Used; ACTIONS],
}

/// The kinds of action: by name, by service, any.
const ACTIONS: usize = 3;

/// What of a resource leads to a place.
#[derive(Debug, Clone, Copy, Default)]
struct Used {
    any: bool,
    whole: bool,
    last: bool,
    /// The lengths of beginnings, a bit each.
    beginnings: u64,
}

/// What a statement is filed under, for its resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Facet<'s> {
    Any,
    Whole(&'s [u8]),
    Last(&'s [u8]),
    Beginning(&'s [u8]),
}

/// What a statement is filed under, for its actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Deed<'s> {
    Any,
    Service(&'s [u8]),
    Name(&'s [u8]),
}

impl Index {
    /// The index of a policy that is long enough to need one.
    pub(super) fn new(statements: &[Statement]) -> Option<Self> {
        (statements.len() >= SHORTEST).then(|| Self::of(statements))
    }

    fn of(statements: &[Statement]) -> Self {
        let mut filed: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        let mut used = [Used::default(); ACTIONS];
        for (at, statement) in statements.iter().enumerate().filter(|(_, statement)| !statement.inert) {
            let facets = facets(&statement.resources);
            for deed in deeds(&statement.actions, facets.len()) {
                for facet in &facets {
                    filed.entry(place(deed.hash(), facet.hash())).or_default().push(at);
                    if let Some(used) = used.get_mut(deed.kind()) {
                        used.add(facet);
                    }
                }
            }
        }
        let mut all = Vec::new();
        let mut places = HashMap::with_capacity_and_hasher(filed.len(), FixedState::default());
        for (place, found) in filed {
            let start = all.len();
            all.extend(found);
            places.insert(place, start..all.len());
        }
        Self { places, statements: all.into(), used }
    }

    /// Shows the positions of all candidates; one may be shown more than once.
    pub(super) fn candidates(
        &self,
        action: &[u8],
        resource: &Name<'_>,
        mut visitor: impl FnMut(usize) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let last = resource.last().map(str::as_bytes);
        let deeds = [Some(Deed::Name(action)), service(action).map(Deed::Service), Some(Deed::Any)];
        for deed in deeds.into_iter().flatten() {
            let used = self.used.get(deed.kind()).copied().unwrap_or_default();
            let deed = deed.hash();
            let mut look = |facet: Facet<'_>| -> ControlFlow<()> {
                let found = self.places.get(&place(deed, facet.hash()));
                let found = found.and_then(|run| self.statements.get(run.clone())).unwrap_or_default();
                found.iter().try_for_each(|at| visitor(*at))
            };
            if used.any {
                look(Facet::Any)?;
            }
            if used.whole {
                look(Facet::Whole(resource.text().as_bytes()))?;
            }
            let Some(last) = last else { continue };
            if used.last {
                look(Facet::Last(last))?;
            }
            let mut lengths = used.beginnings;
            while lengths != 0 {
                let length = lengths.trailing_zeros() as usize;
                lengths &= lengths - 1;
                let Some(beginning) = last.get(..length) else { break };
                look(Facet::Beginning(beginning))?;
            }
        }
        ControlFlow::Continue(())
    }
}

impl Used {
    fn add(&mut self, facet: &Facet<'_>) {
        match facet {
            Facet::Any => self.any = true,
            Facet::Whole(_) => self.whole = true,
            Facet::Last(_) => self.last = true,
            Facet::Beginning(text) => self.beginnings |= 1 << text.len().min(LONGEST_BEGINNING),
        }
    }
}

impl Facet<'_> {
    fn hash(self) -> u64 {
        match self {
            Facet::Any => 0,
            Facet::Whole(text) => seeded(1, text),
            Facet::Last(text) => seeded(2, text),
            Facet::Beginning(text) => seeded(3, text),
        }
    }
}

impl Deed<'_> {
    const fn kind(self) -> usize {
        match self {
            Deed::Name(_) => 0,
            Deed::Service(_) => 1,
            Deed::Any => 2,
        }
    }

    fn hash(self) -> u64 {
        match self {
            Deed::Any => 0,
            Deed::Service(text) => seeded(4, text),
            Deed::Name(text) => seeded(5, text),
        }
    }
}

fn seeded(kind: u64, text: &[u8]) -> u64 {
    FixedState::with_seed(kind).hash_one(text)
}

fn place(deed: u64, facet: u64) -> u64 {
    FixedState::default().hash_one((deed, facet))
}

/// What stands before the colon of an action.
fn service(action: &[u8]) -> Option<&[u8]> {
    let colon = action.iter().position(|byte| *byte == b':')?;
    action.get(..colon)
}

/// What the actions of a statement are filed under; less exactly where the product with its resources would be large.
fn deeds(actions: &Set<Glob>, facets: usize) -> Vec<Deed<'_>> {
    let Set::In(globs) = actions else { return vec![Deed::Any] };
    let named = globs.iter().map(|glob| match glob {
        Glob::Exact(name) => Deed::Name(name.as_bytes()),
        Glob::Any | Glob::Prefix(_) | Glob::Wild(_) => of_service(glob),
    });
    let named = narrowed(named.collect(), Deed::Any);
    if named.len().saturating_mul(facets) <= MOST_PLACES {
        return named;
    }
    let services = narrowed(globs.iter().map(of_service).collect(), Deed::Any);
    if services.len().saturating_mul(facets) <= MOST_PLACES { services } else { vec![Deed::Any] }
}

fn of_service(glob: &Glob) -> Deed<'_> {
    service(glob.beginning()).map_or(Deed::Any, Deed::Service)
}

/// What the resources of a statement are filed under.
fn facets(resources: &Set<NamePattern>) -> Vec<Facet<'_>> {
    let Set::In(patterns) = resources else { return vec![Facet::Any] };
    let facets = patterns.iter().filter_map(|pattern| match pattern {
        NamePattern::Any => Some(Facet::Any),
        NamePattern::Nothing => None,
        NamePattern::Exact(text) => Some(Facet::Whole(text.as_bytes())),
        NamePattern::Segments { tail: Pattern::Fixed(Glob::Exact(text)), .. } => Some(Facet::Last(text.as_bytes())),
        NamePattern::Segments { tail, .. } => match tail.beginning() {
            [] => Some(Facet::Any),
            text => Some(Facet::Beginning(text.get(..LONGEST_BEGINNING).unwrap_or(text))),
        },
    });
    narrowed(facets.collect(), Facet::Any)
}

/// The same without repetitions; what fits everything makes the others needless.
fn narrowed<T: Ord + Copy>(mut found: Vec<T>, any: T) -> Vec<T> {
    if found.contains(&any) {
        return vec![any];
    }
    found.sort_unstable();
    found.dedup();
    found
}
