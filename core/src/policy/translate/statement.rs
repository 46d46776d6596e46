//! One statement in the words of the other side.
//!
//! # Invariants
//! - An Allow may only shrink, a Deny may only grow; where neither can be had, the part is left out and the report says so.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map as Object, Value, json};

use super::super::spec::{DocumentKind, Effect, Presence, Shape};
use super::action::{Chooser, Chosen};
use super::condition::{Comparison, Conditions, Rewriter, Rewritten};
use super::name::{Names, Renamed};
use super::report::{Entry, Status};
use super::side::means;

/// A statement of the result.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) effect: Effect,
    pub(super) who: Option<Vec<String>>,
    pub(super) actions: Chosen,
    pub(super) resources: Option<Vec<String>>,
    pub(super) conditions: Vec<Comparison>,
}

impl Draft {
    /// As JSON; `element` is what the principals stand under.
    pub(super) fn written(&self, element: &str) -> Value {
        let mut object = Object::new();
        let effect = if self.effect == Effect::Allow { "Allow" } else { "Deny" };
        object.insert("Effect".to_owned(), effect.into());
        match self.who.as_deref() {
            Some([one]) if one == "*" => drop(object.insert("Principal".to_owned(), one.clone().into())),
            Some(who) => drop(object.insert("Principal".to_owned(), json!({ element: who }))),
            None => {}
        }
        let action = if self.actions.not { "NotAction" } else { "Action" };
        object.insert(action.to_owned(), json!(self.actions.texts));
        if let Some(resources) = &self.resources {
            object.insert("Resource".to_owned(), json!(resources));
        }
        let mut block: BTreeMap<&str, BTreeMap<&str, &[String]>> = BTreeMap::new();
        for Comparison { operator, key, values } in &self.conditions {
            block.entry(operator).or_default().insert(key, values);
        }
        if !block.is_empty() {
            object.insert("Condition".to_owned(), json!(block));
        }
        Value::Object(object)
    }
}

/// The texts of an element.
pub(super) fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => items.iter().flat_map(|item| texts(Some(item))).collect(),
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Null) | None => Vec::new(),
        Some(other) => vec![other.to_string()],
    }
}

/// The patterns of a statement's actions, and whether they are those that are meant not.
pub(super) fn patterns(statement: &Value) -> (bool, Vec<String>) {
    match statement.get("NotAction") {
        Some(patterns) => (true, texts(Some(patterns))),
        None => (false, texts(statement.get("Action"))),
    }
}

/// The comparisons of a statement.
pub(super) fn comparisons(statement: &Value) -> Vec<Comparison> {
    let Some(Value::Object(block)) = statement.get("Condition") else { return Vec::new() };
    let each = block.iter().filter_map(|(operator, keys)| Some((operator, keys.as_object()?)));
    each.flat_map(|(operator, keys)| {
        keys.iter().map(|(key, values)| Comparison {
            operator: operator.clone(),
            key: key.clone(),
            values: texts(Some(values)),
        })
    })
    .collect()
}

pub(super) struct Translator<'s> {
    pub(super) kind: DocumentKind,
    pub(super) shape: &'static Shape,
    /// The grammar of the source.
    pub(super) source: &'static Shape,
    pub(super) names: &'s Names<'s>,
    pub(super) variables: bool,
}

impl Translator<'_> {
    /// What becomes of a statement, which the grammar accepts.
    pub(super) fn statement(&self, pointer: String, statement: &Value) -> (Entry, Vec<Draft>) {
        let effect = match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => Effect::Allow,
            _ => Effect::Deny,
        };
        let mut entry = Entry::new(pointer, effect);
        let drafts = self.drafts(statement, &mut entry).unwrap_or_default();
        if drafts.is_empty() {
            entry.status = Status::Dropped;
        }
        (entry, drafts)
    }

    fn drafts(&self, statement: &Value, entry: &mut Entry) -> Option<Vec<Draft>> {
        let (from, to) = (self.names.from, self.names.to);
        let who = super::principal::translated(self, statement, entry)?;
        entry.delegates = self.kind == DocumentKind::Key && self.leaves_to_accounts(statement);
        let (not, patterns) = patterns(statement);
        let chosen = Chooser { from, to, shape: self.shape, source: self.source, delegates: entry.delegates }
            .choose(not, &patterns, entry)?;
        let rewriter = Rewriter { names: self.names, shape: Some(self.shape), variables: self.variables };
        let Conditions::Kept(conditions) = rewriter.all(&comparisons(statement), entry) else { return None };
        let resources = self.resources(statement, entry)?;
        let mut drafts = Vec::new();
        for (resources, chosen) in self.about(resources, chosen, entry) {
            drafts.extend(self.bounded(entry, &who, chosen, resources, &conditions));
        }
        if self.kind == DocumentKind::Key && entry.effect == Effect::Allow {
            drafts = drafts.into_iter().flat_map(|draft| super::across::apart(self, entry, draft)).collect();
        }
        if drafts.is_empty() {
            entry.is(Status::Dropped, "nothing is left of it");
        }
        Some(drafts)
    }

    /// Whether an Allow names accounts only.
    pub(super) fn leaves_to_accounts(&self, statement: &Value) -> bool {
        let found = super::principal::patterns(self, statement.get("Principal"));
        statement.get("Effect").and_then(Value::as_str) == Some("Allow")
            && statement.get("NotPrincipal").is_none()
            && found.iter().all(|pattern| pattern.form == super::super::principal::Form::Account)
    }

    /// The resources, and those that are collections; `None` if the statement falls.
    fn resources(&self, statement: &Value, entry: &mut Entry) -> Option<(Option<Vec<String>>, Vec<String>)> {
        if self.shape.resource == Presence::Forbidden || self.kind == DocumentKind::Trust {
            return Some((None, Vec::new()));
        }
        let whole = || Some((Some(vec!["*".to_owned()]), Vec::new()));
        if statement.get("NotResource").is_some() {
            let why = "all resources but some cannot be said there";
            return match entry.effect {
                Effect::Deny => {
                    entry.is(Status::WiderDeny, why);
                    whole()
                }
                Effect::Allow => {
                    entry.is(Status::Dropped, why);
                    None
                }
            };
        }
        let (mut found, mut collections) = (BTreeSet::new(), Vec::new());
        for pattern in texts(statement.get("Resource")) {
            let renamed = match self.variables && pattern.contains("${") {
                true => Renamed::Lost(format!("`{pattern}` holds a variable")),
                false => self.names.renamed(&pattern),
            };
            match (renamed, entry.effect) {
                (Renamed::Same(names), _) => found.extend(names),
                (Renamed::Collection(name), _) => collections.push(name),
                (Renamed::Part(names, why), Effect::Allow) => {
                    entry.lawful(why);
                    found.extend(names);
                }
                (Renamed::Wider(names, why), Effect::Deny) => {
                    entry.is(Status::WiderDeny, why);
                    found.extend(names);
                }
                (Renamed::Part(_, why) | Renamed::Lost(why), Effect::Deny) => {
                    entry.is(Status::WiderDeny, why);
                    found.insert("*".to_owned());
                }
                (Renamed::Wider(_, why) | Renamed::Lost(why), Effect::Allow) => entry.lawful(why),
            }
        }
        if self.shape.only_whole && found.iter().any(|name| name != "*") {
            entry.lawful("a policy of a key is there about this key alone");
            match entry.effect {
                Effect::Deny => return whole(),
                Effect::Allow => found.retain(|name| name == "*"),
            }
        }
        if found.is_empty() && collections.is_empty() {
            entry.is(Status::Dropped, "none of its resources has a name there");
            return None;
        }
        Some((Some(found.into_iter().collect()), collections))
    }

    /// Resources with the actions that are about them: collections have actions of their own.
    fn about(
        &self,
        (resources, collections): (Option<Vec<String>>, Vec<String>),
        chosen: Chosen,
        entry: &mut Entry,
    ) -> Vec<(Option<Vec<String>>, Chosen)> {
        if collections.is_empty() {
            return vec![(resources, chosen)];
        }
        let to = self.names.to;
        let of_collections = |action: &str| {
            let known = to.resources(action);
            !known.is_empty() && known.iter().all(|one| to.twins.collections.iter().any(|twin| twin.beginning == *one))
        };
        let own: BTreeSet<_> = chosen.targets.iter().copied().filter(|action| of_collections(action)).collect();
        let mut found = Vec::new();
        if !own.is_empty() {
            found.push((Some(collections), Chosen::only(own)));
        }
        if resources.as_ref().is_some_and(|resources| !resources.is_empty()) {
            found.push((resources, chosen));
        } else if found.is_empty() {
            entry.is(Status::Dropped, "none of its actions is about a collection there");
        }
        found
    }

    /// Statements whose conditions can be asked of each of their actions.
    fn bounded(
        &self,
        entry: &mut Entry,
        who: &Option<Vec<String>>,
        chosen: Chosen,
        resources: Option<Vec<String>>,
        conditions: &[Rewritten],
    ) -> Vec<Draft> {
        let effect = entry.effect;
        let mut chosen = chosen;
        let mut bounds: Vec<Comparison> = Vec::new();
        let mut drafts = Vec::new();
        for condition in conditions {
            chosen = self.of_service(entry, chosen, condition);
            chosen = self.of_source(entry, chosen, condition, |actions| {
                let (who, resources) = (who.clone(), resources.clone());
                drafts.push(Draft { effect, who, actions, resources, conditions: bounds.clone() });
            });
            let to = self.names.to;
            let without: BTreeSet<&'static str> = chosen
                .targets
                .iter()
                .copied()
                .filter(|action| !to.carries(action, &condition.comparison.key))
                .collect();
            let key = &condition.comparison.key;
            match (effect, condition.negated) {
                _ if without.is_empty() => {}
                (Effect::Allow, _) => {
                    let first = without.first().copied().unwrap_or_default();
                    entry.lawful(format!("requests for `{first}` do not carry `{key}` there"));
                    chosen = Chosen::only(chosen.targets.difference(&without).copied().collect());
                }
                (Effect::Deny, negated) => {
                    let first = without.first().copied().unwrap_or_default();
                    entry.is(Status::WiderDeny, format!("requests for `{first}` do not carry `{key}` there"));
                    if !negated {
                        let actions = Chosen::only(without.clone());
                        let (who, resources) = (who.clone(), resources.clone());
                        drafts.push(Draft { effect, who, actions, resources, conditions: bounds.clone() });
                        chosen = Chosen::only(chosen.targets.difference(&without).copied().collect());
                    }
                }
            }
            bounds.push(condition.comparison.clone());
        }
        if !chosen.texts.is_empty() {
            drafts.push(Draft { effect, who: who.clone(), actions: chosen, resources, conditions: bounds });
        }
        drafts
    }

    /// What becomes of actions whose requests do not carry a condition key in the source: there a comparison never holds,
    /// and its opposite always does.
    fn of_source(
        &self,
        entry: &mut Entry,
        chosen: Chosen,
        condition: &Rewritten,
        unbound: impl FnOnce(Chosen),
    ) -> Chosen {
        let (from, to) = (self.names.from, self.names.to);
        let carried = |action: &&str| {
            let shares = |known: &BTreeSet<String>| to.concepts(action).is_none_or(|wanted| !wanted.is_disjoint(known));
            let mut twins = from.actions().filter(|(_, known)| shares(known)).peekable();
            twins.peek().is_none() || twins.any(|(twin, _)| from.carries(twin, &condition.source))
        };
        let without: BTreeSet<&'static str> =
            chosen.targets.iter().copied().filter(|action| !carried(action)).collect();
        let Some(first) = without.first() else { return chosen };
        let why = format!("requests for the twin of `{first}` do not carry `{}`", condition.source);
        let rest = || Chosen::only(chosen.targets.difference(&without).copied().collect());
        match (entry.effect, condition.negated) {
            (Effect::Allow, false) => rest(),
            (Effect::Deny, true) => {
                let rest = rest();
                unbound(Chosen::only(without));
                rest
            }
            (Effect::Allow, true) | (Effect::Deny, false) => {
                entry.lawful(why);
                chosen
            }
        }
    }

    /// The actions of the one service that a condition key may be used with.
    fn of_service(&self, entry: &mut Entry, chosen: Chosen, condition: &Rewritten) -> Chosen {
        let key = &condition.comparison.key;
        let Some(service) = self.names.to.service_of(key) else { return chosen };
        let inside = |text: &str| text.to_ascii_lowercase().starts_with(service);
        if !chosen.not && chosen.texts.iter().all(|text| inside(text)) {
            return chosen;
        }
        let why = format!("`{key}` goes with actions of `{service}` alone");
        match entry.effect {
            Effect::Allow => entry.lawful(why),
            Effect::Deny => entry.is(Status::Dropped, format!("{why}: the Deny of all other actions is left out")),
        }
        let targets: BTreeSet<_> = chosen.targets.iter().copied().filter(|action| inside(action)).collect();
        let glob = [service, "*"].concat();
        let whole = chosen.texts.iter().any(|text| text == "*")
            && !chosen.not
            && targets.iter().all(|action| means(&glob, action));
        match whole && entry.effect == Effect::Deny {
            true => Chosen { not: false, texts: vec![glob], targets },
            false => Chosen::only(targets),
        }
    }
}
