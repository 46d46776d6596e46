//! A policy within a permissions boundary, where the other side has no boundaries: what both allow.

use std::collections::BTreeSet;

use super::super::spec::Effect;
use super::action::Chosen;
use super::report::{Entry, Status};
use super::statement::Draft;

/// What becomes of each statement of a policy within a boundary; the Denies of the boundary are added.
pub(super) fn within(own: Vec<(Entry, Vec<Draft>)>, bounds: Vec<(Entry, Vec<Draft>)>) -> Vec<(Entry, Vec<Draft>)> {
    let (allowed, denied): (Vec<_>, Vec<_>) = bounds.into_iter().partition(|(entry, _)| entry.effect == Effect::Allow);
    let bounded = own.into_iter().map(|(entry, drafts)| match entry.effect {
        Effect::Allow => bounded(entry, &drafts, &allowed),
        Effect::Deny => (entry, drafts),
    });
    let denied = denied.into_iter().map(|(mut entry, drafts)| {
        entry.source.clear();
        entry.note("a Deny of the boundary");
        (entry, drafts)
    });
    bounded.chain(denied).collect()
}

fn bounded(mut entry: Entry, drafts: &[Draft], bounds: &[(Entry, Vec<Draft>)]) -> (Entry, Vec<Draft>) {
    let mut found = Vec::new();
    for (bound, limits) in bounds {
        if bound.status != Status::Exact {
            let why = bound.why.join("; ");
            entry.is(bound.status, format!("of the boundary at {}: {why}", bound.source));
        }
        for (draft, limit) in drafts.iter().flat_map(|draft| limits.iter().map(move |limit| (draft, limit))) {
            let actions: BTreeSet<_> = draft.actions.targets.intersection(&limit.actions.targets).copied().collect();
            if actions.is_empty() {
                continue;
            }
            match meet(draft, limit, actions) {
                Some(draft) => found.push(draft),
                None => {
                    entry.lawful("what the policy and its boundary have in common cannot be written as one statement")
                }
            }
        }
    }
    if found.is_empty() {
        entry.is(Status::Narrowed, "the boundary allows nothing of it that could be said");
    }
    (entry, found)
}

fn meet(draft: &Draft, limit: &Draft, actions: BTreeSet<&'static str>) -> Option<Draft> {
    let whole = |resources: &Option<Vec<String>>| resources.as_ref().is_none_or(|all| all.iter().any(|one| one == "*"));
    let resources = match (whole(&draft.resources), whole(&limit.resources)) {
        (_, true) => draft.resources.clone(),
        (true, false) => limit.resources.clone(),
        (false, false) if draft.resources == limit.resources => draft.resources.clone(),
        (false, false) => return None,
    };
    let mut conditions = draft.conditions.clone();
    for comparison in &limit.conditions {
        let same = |known: &&super::condition::Comparison| {
            known.operator == comparison.operator && known.key.eq_ignore_ascii_case(&comparison.key)
        };
        match conditions.iter().find(same) {
            Some(known) if known == comparison => {}
            Some(_) => return None,
            None => conditions.push(comparison.clone()),
        }
    }
    Some(Draft { effect: Effect::Allow, who: draft.who.clone(), actions: Chosen::only(actions), resources, conditions })
}
