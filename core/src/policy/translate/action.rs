//! Actions in the words of the other side.

use std::collections::BTreeSet;

use super::super::spec::{DocumentKind, Effect, Shape};
use super::report::{Entry, Status};
use super::side::{Side, means};

/// The actions of a statement.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    /// Whether the patterns are those that are meant not.
    pub(super) not: bool,
    /// The texts to be written.
    pub(super) texts: Vec<String>,
    /// The actions of the result that are meant.
    pub(super) targets: BTreeSet<&'static str>,
}

impl Chosen {
    /// These and no others, each by its name.
    pub(super) fn only(targets: BTreeSet<&'static str>) -> Self {
        Self { not: false, texts: targets.iter().map(|target| (*target).to_owned()).collect(), targets }
    }
}

pub(super) struct Chooser<'s> {
    pub(super) from: &'s Side,
    pub(super) to: &'s Side,
    pub(super) shape: &'s Shape,
    /// The grammar of the source.
    pub(super) source: &'s Shape,
    /// Whether the statement only leaves matters to the account's own policies, so that it need allow nothing itself.
    pub(super) delegates: bool,
}

impl Chooser<'_> {
    /// The actions that the patterns, or all but the patterns, mean.
    pub(super) fn choose(&self, not: bool, patterns: &[String], entry: &mut Entry) -> Option<Chosen> {
        let allow = entry.effect == Effect::Allow && !self.delegates;
        let meant = |action: &str| {
            patterns.iter().any(|pattern| means(pattern, action)) != not && !(allow && self.is_void(action))
        };
        let concepts = self.concepts(&meant);
        self.untranslated(not, patterns, &concepts, entry);
        let chosen = match entry.effect {
            Effect::Allow => Chosen::only(self.allowed(&concepts, entry)),
            Effect::Deny if not => self.denied_but(patterns, &meant, entry),
            Effect::Deny => self.denied(patterns, &meant, entry),
        };
        if chosen.targets.is_empty() {
            entry.is(Status::Dropped, "none of its actions has a twin");
            return None;
        }
        Some(chosen)
    }

    fn concepts(&self, meant: &impl Fn(&str) -> bool) -> BTreeSet<&str> {
        self.from
            .actions()
            .filter(|(action, _)| meant(action))
            .flat_map(|(_, known)| known.iter().map(String::as_str))
            .collect()
    }

    /// Tells of actions that are named and have no twin, or one that is not the same.
    fn untranslated(&self, not: bool, patterns: &[String], concepts: &BTreeSet<&str>, entry: &mut Entry) {
        if not || patterns.iter().any(|pattern| pattern == "*") {
            return;
        }
        let there: BTreeSet<&str> = self.to.actions().flat_map(|(_, known)| known.iter().map(String::as_str)).collect();
        let near = |action: &str| self.from.twins.near.iter().any(|near| near.action.eq_ignore_ascii_case(action));
        let has = |action: &str| {
            self.from.concepts(action).is_some_and(|known| known.iter().any(|one| there.contains(one.as_str())))
        };
        let lost: Vec<&str> = self
            .from
            .every()
            .filter(|action| patterns.iter().any(|pattern| means(pattern, action)) && !has(action))
            .collect();
        let Some(first) = lost.first() else { return };
        let more = lost.len().saturating_sub(1);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        entry.note(format!("no operation there is what `{first}`{more} allows"));
        let named = |action: &&&str| patterns.iter().any(|pattern| pattern.eq_ignore_ascii_case(action));
        if entry.effect == Effect::Allow
            && let Some(action) = lost.iter().filter(named).find(|action| near(action))
            && !concepts.is_empty()
        {
            entry.lawful(format!("what `{action}` allows comes there with more"));
        }
    }

    /// Whether the result's kind of document can allow an action.
    fn effective(&self, action: &str) -> bool {
        let shape = self.shape;
        let lower = action.to_ascii_lowercase();
        let prefixed =
            shape.action_prefixes.is_empty() || shape.action_prefixes.iter().any(|prefix| lower.starts_with(prefix));
        let named = shape.action_names.is_empty() || shape.action_names.contains(&lower.as_str());
        let counts =
            shape.effective_actions.is_empty() || shape.effective_actions.iter().any(|glob| means(glob, action));
        prefixed && named && counts && self.may_stand(action)
    }

    /// Whether an Allow of the source's kind of document cannot give an action.
    fn is_void(&self, action: &str) -> bool {
        let counts = self.source.effective_actions;
        !counts.is_empty() && !counts.iter().any(|glob| means(glob, action))
    }

    fn may_stand(&self, action: &str) -> bool {
        let keys = self.shape.kind == DocumentKind::Key && self.to.concepts(action).is_some();
        if keys && !self.to.resources(action).contains(&self.to.data.key) {
            return false;
        }
        let lower = action.to_ascii_lowercase();
        let names = self.shape.action_names;
        let prefixes = self.shape.action_prefixes;
        (prefixes.is_empty() || prefixes.iter().any(|prefix| lower.starts_with(prefix)))
            && (names.is_empty() || names.contains(&lower.as_str()))
    }

    /// Actions that mean nothing but what is allowed.
    fn allowed(&self, concepts: &BTreeSet<&str>, entry: &mut Entry) -> BTreeSet<&'static str> {
        let (mut found, mut void) = (BTreeSet::new(), Vec::new());
        for (action, known) in self.to.actions() {
            if !known.iter().any(|concept| concepts.contains(concept.as_str())) {
                continue;
            }
            let within = |concept: &String| concepts.contains(concept.as_str()) || self.from.needs_nothing(concept);
            if !known.iter().all(within) {
                entry.lawful(format!("`{action}` would allow more than its twin"));
            } else if self.effective(action) || self.delegates && self.may_stand(action) {
                found.insert(action);
            } else if self.may_stand(action) {
                void.push(action);
            }
        }
        if let Some(action) = void.first() {
            entry.lawful(format!("a document of this kind cannot allow `{action}` there"));
        }
        found
    }

    /// Actions that mean anything of what is denied.
    fn touched(
        &self,
        concepts: &BTreeSet<&str>,
        meant: &impl Fn(&str) -> bool,
        entry: &mut Entry,
    ) -> BTreeSet<&'static str> {
        let mut found = BTreeSet::new();
        for (action, known) in self.to.actions() {
            if known.iter().any(|concept| concepts.contains(concept.as_str())) && self.may_stand(action) {
                found.insert(action);
                let beyond =
                    |concept: &&String| !concepts.contains(concept.as_str()) && !self.from.needs_nothing(concept);
                if known.iter().any(|concept| beyond(&concept)) {
                    entry.is(Status::WiderDeny, format!("`{action}` is more than what is denied"));
                }
            }
        }
        // What is denied may be a part of something there, or have something there as a part.
        for near in self.from.twins.near.iter().filter(|near| meant(near.action) && !concepts.contains(near.concept)) {
            for (action, _) in self.to.actions().filter(|(_, known)| known.contains(near.concept)) {
                if !found.insert(action) || near.covers {
                    continue;
                }
                entry.is(Status::WiderDeny, format!("`{}` comes there with more, as `{action}`", near.action));
            }
        }
        for near in self.to.twins.near.iter().filter(|near| concepts.contains(near.concept)) {
            if found.insert(near.action) && near.covers {
                entry.is(Status::WiderDeny, format!("`{}` is more than what is denied", near.action));
            }
        }
        found
    }

    fn denied(&self, patterns: &[String], meant: &impl Fn(&str) -> bool, entry: &mut Entry) -> Chosen {
        let concepts = self.concepts(meant);
        let targets = self.touched(&concepts, meant, entry);
        let (mut texts, mut covered) = (BTreeSet::new(), BTreeSet::new());
        for pattern in patterns.iter().filter(|pattern| super::name::is_wild(pattern)) {
            if let Some(glob) = self.glob(pattern, &targets) {
                covered.extend(self.to.every().filter(|action| means(&glob, action)));
                texts.insert(glob);
            }
        }
        texts.extend(targets.iter().filter(|target| !covered.contains(*target)).map(|target| (*target).to_owned()));
        let beyond: BTreeSet<&str> = covered
            .iter()
            .copied()
            .filter(|action| self.to.concepts(action).is_some() && !targets.contains(action))
            .collect();
        if let Some(first) = beyond.first() {
            entry.note(format!("the pattern also denies `{first}` there, which has a twin that was not denied"));
        }
        entry.beyond.extend(beyond);
        Chosen { not: false, texts: texts.into_iter().collect(), targets }
    }

    /// The same pattern, or that of the one service that the document can be about, if it covers what is to be denied.
    fn glob(&self, pattern: &str, targets: &BTreeSet<&'static str>) -> Option<String> {
        let concepts = self.concepts(&|action: &str| means(pattern, action));
        let wanted: Vec<&&str> = targets
            .iter()
            .filter(|target| {
                self.to.concepts(target).is_some_and(|known| known.iter().any(|one| concepts.contains(one.as_str())))
            })
            .collect();
        let all = self.shape.action_prefixes.iter().map(|prefix| [prefix, "*"].concat());
        let candidates = std::iter::once(pattern.to_owned()).chain(all.filter(|_| pattern == "*"));
        candidates
            .filter(|glob| self.shape.action_prefixes.is_empty() || self.may_stand(glob))
            .find(|glob| !wanted.is_empty() && wanted.iter().all(|action| means(glob, action)))
    }

    /// All but the actions that mean nothing but what is not denied.
    fn denied_but(&self, patterns: &[String], meant: &impl Fn(&str) -> bool, entry: &mut Entry) -> Chosen {
        let spared = self.concepts(&|action: &str| patterns.iter().any(|pattern| means(pattern, action)));
        let spares = |known: &BTreeSet<String>| {
            known.iter().all(|concept| spared.contains(concept.as_str()) || self.from.needs_nothing(concept))
                && known.iter().any(|concept| spared.contains(concept.as_str()))
        };
        let kept: BTreeSet<&'static str> =
            self.to.actions().filter(|(_, known)| spares(known)).map(|(action, _)| action).collect();
        let targets: BTreeSet<&'static str> = self
            .to
            .actions()
            .map(|(action, _)| action)
            .filter(|action| !kept.contains(action) && self.may_stand(action))
            .collect();
        let concepts = self.concepts(meant);
        let whole = |known: &BTreeSet<String>| known.iter().any(|one| concepts.contains(one.as_str()));
        let strange = |action: &&&str| {
            self.to
                .concepts(action)
                .is_some_and(|known| known.iter().any(|one| spared.contains(one.as_str())) || !whole(known))
        };
        let exists = |action: &&&str| self.has_twin(action);
        if let Some(action) = targets.iter().filter(exists).find(strange) {
            entry.is(Status::WiderDeny, format!("`{action}` cannot be spared"));
        }
        if self.shape.not_action {
            let texts: Vec<String> = kept.iter().map(|action| (*action).to_owned()).collect();
            return match texts.is_empty() {
                true => Chosen { not: false, texts: vec!["*".to_owned()], targets },
                false => Chosen { not: true, texts, targets },
            };
        }
        entry.note("there is no `NotAction` in a document of this kind: every other action that is known is denied");
        let every = self.to.every().filter(|action| !kept.contains(action) && self.may_stand(action)).collect();
        Chosen { targets, ..Chosen::only(every) }
    }

    fn has_twin(&self, action: &str) -> bool {
        let there = |concept: &String| self.from.actions().any(|(_, known)| known.contains(concept));
        self.to.concepts(action).is_some_and(|known| known.iter().any(there))
    }
}
