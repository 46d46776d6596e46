//! Whether identity policies open a key by themselves: what a policy of a key needs, beside its statements, so that they do
//! as much on the other side as they did.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::condition::Predicate;
use super::super::spec::Effect;
use super::action::Chosen;
use super::condition::Comparison;
use super::principal::account_name;
use super::report::{Entry, Status};
use super::side::means;
use super::statement::{Draft, Translator, comparisons, patterns};
use super::twins::CALLER;

/// A statement of the source with what became of it.
pub(super) type Translated<'v> = (&'v Value, Entry, Vec<Draft>);

/// Adds what is needed.
pub(super) fn complete(translator: &Translator<'_>, translated: &mut Vec<Translated<'_>>) -> Vec<(Entry, Vec<Draft>)> {
    let (from, to) = (translator.names.from.twins, translator.names.to.twins);
    match (from.opens_at_home, to.opens_at_home) {
        (false, true) => vec![guard(translator, translated)],
        (true, false) => vec![delegation(translator)],
        _ => Vec::new(),
    }
    .into_iter()
    .flatten()
    .collect()
}

/// Every action on a key that has a twin.
fn on_keys(translator: &Translator<'_>) -> BTreeSet<&'static str> {
    let (from, to) = (translator.names.from, translator.names.to);
    let there: BTreeSet<&String> = from.actions().flat_map(|(_, known)| known).collect();
    let twin = |known: &BTreeSet<String>| known.iter().any(|concept| there.contains(concept));
    to.actions()
        .filter(|(action, known)| twin(known) && to.resources(action).contains(&to.data.key))
        .map(|(action, _)| action)
        .collect()
}

/// The accounts that the key may belong to, in the words of the result.
fn homes(translator: &Translator<'_>) -> Vec<String> {
    let map = translator.names.map;
    match map.home() {
        Some((_, home)) => vec![account_name(translator, home)],
        None => map.accounts.values().map(|account| account_name(translator, account)).collect(),
    }
}

/// Leaves the key to the policies of its account, which open it in the source without being asked to.
fn delegation(translator: &Translator<'_>) -> Option<(Entry, Vec<Draft>)> {
    let mut entry = Entry::new(String::new(), Effect::Allow);
    entry.delegates = true;
    let Some((_, home)) = translator.names.map.home() else {
        entry.is(
            Status::Narrowed,
            "identity policies open the key in the source; the map does not say in which account",
        );
        return Some((entry, Vec::new()));
    };
    entry.note("identity policies open the key in the source whatever its policy says, so it is left to them");
    let draft = Draft {
        effect: Effect::Allow,
        who: Some(vec![account_name(translator, home)]),
        actions: Chosen::only(on_keys(translator)),
        resources: Some(vec!["*".to_owned()]),
        conditions: Vec::new(),
    };
    Some((entry, vec![draft]))
}

/// Denies those whom the policy of the key does not name, where identity policies would open the key to them.
fn guard(translator: &Translator<'_>, translated: &mut [Translated<'_>]) -> Option<(Entry, Vec<Draft>)> {
    let open = delegated(translator, translated);
    let closed: Vec<&'static str> = on_keys(translator).into_iter().filter(|action| !open.contains(action)).collect();
    let mut groups: BTreeMap<Vec<String>, BTreeSet<&'static str>> = BTreeMap::new();
    for action in closed {
        groups.entry(named(translator, translated, action)).or_default().insert(action);
    }
    if groups.is_empty() {
        return None;
    }
    let mut entry = Entry::new(String::new(), Effect::Deny);
    entry.is(
        Status::Assumed,
        "identity policies would open the key to others than those whom its policy names, so the others are denied: that \
         a whole account under a Deny means all of it is not documented, and owners are not bound",
    );
    for (statement, entry, _) in translated.iter_mut().filter(|(_, entry, _)| entry.effect == Effect::Allow) {
        if !comparisons(statement).is_empty() {
            entry.is(
                Status::Narrowed,
                "a bound Allow cannot be told from what identity policies would allow beyond its bounds",
            );
        }
    }
    let to = translator.names.to;
    let operator = to.spec.operators.iter().find(|known| known.predicate == Predicate::Text && known.negated)?;
    let key = to.key_named(CALLER)?.key;
    let whole = groups.len() == 1;
    let drafts = groups.into_iter().map(|(names, actions)| {
        let mut actions = Chosen::only(actions);
        if whole
            && let Some(prefix) = translator.shape.action_prefixes.first()
            && open.is_empty()
        {
            actions.texts = vec![[prefix, "*"].concat()];
        }
        let spared = Comparison { operator: operator.name.to_owned(), key: key.to_owned(), values: names };
        let conditions = if spared.values.is_empty() { Vec::new() } else { vec![spared] };
        let resources = Some(vec!["*".to_owned()]);
        Draft { effect: Effect::Deny, who: Some(homes(translator)), actions, resources, conditions }
    });
    Some((entry, drafts.collect()))
}

/// Whether a statement allows all of an action's meaning without bounds.
fn allows(translator: &Translator<'_>, statement: &Value, action: &str) -> bool {
    let (from, to) = (translator.names.from, translator.names.to);
    let (not, patterns) = patterns(statement);
    let meant = |action: &str| patterns.iter().any(|pattern| means(pattern, action)) != not;
    let concepts: BTreeSet<&String> =
        from.actions().filter(|(action, _)| meant(action)).flat_map(|(_, known)| known).collect();
    comparisons(statement).is_empty()
        && to
            .concepts(action)
            .is_some_and(|known| known.iter().all(|concept| concepts.contains(concept) || from.needs_nothing(concept)))
}

/// The actions that are left to the policies of the account.
fn delegated(translator: &Translator<'_>, translated: &[Translated<'_>]) -> BTreeSet<&'static str> {
    let homes = homes(translator);
    let leaves = |drafts: &[Draft]| {
        drafts.iter().any(|draft| draft.who.as_ref().is_some_and(|who| homes.iter().any(|home| who.contains(home))))
    };
    on_keys(translator)
        .into_iter()
        .filter(|action| {
            translated.iter().any(|(statement, entry, drafts)| {
                entry.effect == Effect::Allow && leaves(drafts) && allows(translator, statement, action)
            })
        })
        .collect()
}

/// Those whom the policy allows an action by name.
fn named(translator: &Translator<'_>, translated: &[Translated<'_>], action: &str) -> Vec<String> {
    let named = translated
        .iter()
        .filter(|(statement, entry, _)| entry.effect == Effect::Allow && allows(translator, statement, action))
        .flat_map(|(_, _, drafts)| drafts.iter().filter_map(|draft| draft.who.as_ref()).flatten());
    let names: BTreeSet<String> = named
        .filter(|name| translator.names.to.twins.people.iter().any(|person| person.parse(name).is_some()))
        .cloned()
        .collect();
    names.into_iter().collect()
}
