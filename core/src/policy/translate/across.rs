//! Keys of other accounts: which operations on them a policy of a key can allow, each dialect has its own.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;

use super::super::question::{Attached, Facts, Layers, Named, PrincipalKind, Question, Verdict};
use super::super::spec::{DocumentKind, PrincipalForm};
use super::action::Chosen;
use super::name::name_of;
use super::report::Entry;
use super::side::Side;
use super::statement::{Draft, Translator};
use super::twins::Caller;

/// The account of the key, and one that it does not belong to.
const ACCOUNTS: [&str; 2] = ["100000000001", "200000000002"];

/// A statement for the key's own account, and one with less for others.
pub(super) fn apart(translator: &Translator<'_>, entry: &mut Entry, draft: Draft) -> Vec<Draft> {
    let home = translator.names.map.home().map(|(_, home)| home);
    let people = translator.names.to.twins.people.iter().chain(&translator.names.to.twins.account_names);
    let account =
        |name: &str| people.clone().find_map(|person| person.parse(name)).map(|(account, _)| account.to_owned());
    let own = |name: &String| account(name).is_some_and(|account| Some(account.as_str()) == home);
    let (own, others): (Vec<String>, Vec<String>) = draft.who.iter().flatten().cloned().partition(own);
    if others.is_empty() {
        return vec![draft];
    }
    let actions = across(translator, entry, &draft.actions.targets);
    let same = actions == draft.actions.targets;
    if same {
        return vec![draft];
    }
    let with = |who: Vec<String>, actions: Chosen| Draft { who: Some(who), actions, ..draft.clone() };
    let kept = [with(own, draft.actions.clone()), with(others, Chosen::only(actions))];
    let says =
        |draft: &Draft| !draft.actions.targets.is_empty() && draft.who.as_ref().is_some_and(|who| !who.is_empty());
    kept.into_iter().filter(says).collect()
}

/// Those of the actions that both dialects allow on keys of other accounts.
fn across(translator: &Translator<'_>, entry: &mut Entry, targets: &BTreeSet<&'static str>) -> BTreeSet<&'static str> {
    let (from, to) = (translator.names.from, translator.names.to);
    let twins = |action: &str| {
        let shares = |known: &BTreeSet<String>| to.concepts(action).is_some_and(|wanted| !wanted.is_disjoint(known));
        from.actions().filter(move |(_, known)| shares(known)).map(|(action, _)| action).collect::<Vec<_>>()
    };
    let source: BTreeSet<&str> =
        from.actions().map(|(action, _)| action).filter(|action| is_allowed(from, action)).collect();
    let mut found = BTreeSet::new();
    for action in targets {
        match (twins(action).iter().all(|twin| source.contains(twin)), is_allowed(to, action)) {
            (true, true) => drop(found.insert(*action)),
            (true, false) => entry.lawful(format!("`{action}` is not for keys of other accounts there")),
            (false, _) => entry.lawful(format!("`{action}` is not for keys of other accounts in the source")),
        }
    }
    found
}

/// Whether an action is allowed on a key of another account, if all policies allow it.
fn is_allowed(side: &Side, action: &str) -> bool {
    ask(side, action).unwrap_or(false)
}

fn ask(side: &Side, action: &str) -> Option<bool> {
    let [own, other] = ACCOUNTS;
    let user = side.person("user")?.named(other, "somebody");
    let element = side.spec.principals.iter().find(|known| known.form == PrincipalForm::Identity)?.element;
    let statement = json!({ "Effect": "Allow", "Action": action, "Resource": "*" });
    let identity = document(side, DocumentKind::Identity, &statement)?;
    let who = json!({ element: [&user] });
    let statement = json!({ "Effect": "Allow", "Principal": who, "Action": action, "Resource": "*" });
    let key = document(side, DocumentKind::Key, &statement)?;
    let twin = side.twins.names.iter().find(|twin| twin.beginning == side.data.key)?;
    let name = name_of(side, twin, "here", own, "key");
    let caller = Caller { kind: PrincipalKind::User, account: other.to_owned(), name: user, role: None };
    let question = Question {
        principal: caller.principal(),
        action,
        resource: &name,
        resource_account: None,
        context: &Facts::new(),
        assume_role: false,
        grant_id: None,
    };
    let layers = Layers {
        identity: Some(std::slice::from_ref(&identity)),
        resource: Some(Attached { attached_to: &name, named: &key }),
        ..Layers::default()
    };
    Some(side.spec.decide(&question, &layers) == Verdict::Allow)
}

fn document(side: &Side, kind: DocumentKind, statement: &serde_json::Value) -> Option<Named> {
    let text = json!({ "Version": side.twins.version, "Statement": [statement] }).to_string();
    let policy = side.spec.compile(kind, &text).ok()?;
    Some(Named { name: "".into(), policy: Arc::new(policy) })
}
