//! Rules about a document as a whole.
//!
//! # Invariants
//! - A statement is called superfluous only if it surely is; two that say the same in different words may go unnoticed.

use std::collections::BTreeSet;

use super::super::model::{Policy, Set};
use super::super::pattern::Glob;
use super::super::principal::{Form, PrincipalPattern};
use super::super::spec::{DocumentKind, Effect};
use super::vocabulary::Action;
use super::written::{Condition, Document, Element, Principals, Statement};
use super::{Finding, Scope, contradiction, rules};

pub(super) fn examine(scope: &Scope<'_>, document: &Document<'_>, policy: &Policy, findings: &mut Vec<Finding>) {
    if !document.versioned && scope.spec.versions.len() > 1 {
        let message = "the document has no `Version`, so the oldest version of the language applies";
        findings.push(rules::NO_VERSION.at(&document.root, message));
    }
    superfluous(&document.statements, findings);
    if matches!(scope.kind, DocumentKind::Identity | DocumentKind::Session | DocumentKind::Boundary) {
        alias_alone(scope, &document.statements, findings);
        half_allowed(scope, &document.statements, findings);
    }
    for (statement, compiled) in document.statements.iter().zip(&policy.statements) {
        contradiction::examine(scope, statement, compiled, findings);
    }
    if scope.kind == DocumentKind::Key {
        lockout(scope, document, policy, findings);
        foreign(scope, &document.statements, findings);
    }
}

/// The statements that allow something.
fn allowing<'s, 't>(statements: &'s [Statement<'t>]) -> impl Iterator<Item = &'s Statement<'t>> {
    statements.iter().filter(|statement| statement.effect == Effect::Allow && !statement.inert)
}

/// Whether a statement is about an action.
fn is_about(statement: &Statement<'_>, lower: &str) -> bool {
    let Some(actions) = &statement.actions else { return false };
    actions.items.iter().any(|item| Glob::new(&item.text.to_ascii_lowercase()).matches(lower)) != actions.not
}

/// Operations on an alias and a key, where no statement allows them on a key.
fn alias_alone(scope: &Scope<'_>, statements: &[Statement<'_>], findings: &mut Vec<Finding>) {
    let Scope { data, .. } = scope;
    let reaches = |statement: &Statement<'_>, shape: &str| match &statement.resources {
        Some(resources) if !resources.not => resources.items.iter().any(|item| scope.covers(item, shape)),
        _ => true,
    };
    for statement in allowing(statements).filter(|statement| reaches(statement, data.alias)) {
        let Some(actions) = statement.actions.as_ref().filter(|actions| !actions.not) else { continue };
        for item in &actions.items {
            let meant = scope.words.actions(&item.text);
            let both = |action: &&&Action| [data.alias, data.key].iter().all(|shape| action.resources.contains(shape));
            let alone = |action: &&&Action| {
                !allowing(statements).any(|other| is_about(other, action.lower()) && reaches(other, data.key))
            };
            if let Some(action) = meant.iter().filter(both).find(alone) {
                let message = format!("`{}` needs to be allowed on the key that the alias names, too", action.name);
                findings.push(rules::ALIAS_ALONE.at(&item.node, message));
            }
        }
    }
}

/// Actions of one request, of which one alone is allowed.
fn half_allowed(scope: &Scope<'_>, statements: &[Statement<'_>], findings: &mut Vec<Finding>) {
    let is_allowed = |lower: &str| allowing(statements).any(|statement| is_about(statement, lower));
    let both = scope.data.together.iter().flat_map(|(one, other)| [(*one, *other), (*other, *one)]);
    for (given, missing) in both.filter(|(given, missing)| is_allowed(given) && !is_allowed(missing)) {
        let actions = allowing(statements).filter_map(|statement| statement.actions.as_ref());
        let mut items = actions.filter(|actions| !actions.not).flat_map(|actions| &actions.items);
        let item = items.find(|item| Glob::new(&item.text.to_ascii_lowercase()).matches(given));
        let name = scope.words.actions(missing).first().map_or(missing, |action| action.name);
        if let Some(item) = item {
            let message = format!("`{}` serves no request without `{name}`", item.text);
            findings.push(rules::HALF_ALLOWED.at(&item.node, message));
        }
    }
}

fn superfluous(statements: &[Statement<'_>], findings: &mut Vec<Finding>) {
    for (at, statement) in statements.iter().enumerate().filter(|(_, statement)| !statement.inert) {
        let others = || statements.iter().enumerate().filter(|(other_at, other)| *other_at != at && !other.inert);
        let deny = others().find(|(_, other)| {
            let whole = other.effect == Effect::Deny && other.conditions.is_empty();
            statement.effect == Effect::Allow && whole && covers(other, statement)
        });
        if let Some((_, deny)) = deny {
            let message = format!("the Deny `{}` covers this Allow", deny.name);
            findings.push(rules::DENIED_STATEMENT.at(&statement.node, message));
            continue;
        }
        let wider = others().find(|(other_at, other)| {
            other.effect == statement.effect
                && covers(other, statement)
                && (*other_at < at || !covers(statement, other))
        });
        if let Some((_, other)) = wider {
            let same = covers(statement, other);
            let (rule, verb) = if same {
                (rules::DUPLICATE_STATEMENT, "says the same as")
            } else {
                (rules::SHADOWED_STATEMENT, "says nothing beyond")
            };
            findings.push(rule.at(&statement.node, format!("the statement {verb} `{}`", other.name)));
        }
    }
}

/// Whether `wide` surely applies wherever `narrow` does.
pub(super) fn covers(wide: &Statement<'_>, narrow: &Statement<'_>) -> bool {
    let folded = |text: &str| text.to_ascii_lowercase();
    let plain = |text: &str| text.to_owned();
    principals(wide.who.as_ref(), narrow.who.as_ref())
        && elements(wide.actions.as_ref(), narrow.actions.as_ref(), folded, None)
        && elements(wide.resources.as_ref(), narrow.resources.as_ref(), plain, Some(':'))
        && wide.conditions.iter().all(|guard| narrow.conditions.iter().any(|other| follows(guard, other)))
}

/// Whether `wide` surely holds wherever `narrow` does: more values are easier to match, and harder to differ from.
fn follows(wide: &Condition<'_>, narrow: &Condition<'_>) -> bool {
    let values = |condition: &Condition<'_>| -> BTreeSet<String> {
        condition.values.iter().map(|value| value.text.clone()).collect()
    };
    let (many, few) = (values(wide), values(narrow));
    let enough = if wide.parsed.operator.negated { many.is_subset(&few) } else { few.is_subset(&many) };
    wide.operator == narrow.operator && wide.lower == narrow.lower && enough
}

fn principals(wide: Option<&Principals<'_>>, narrow: Option<&Principals<'_>>) -> bool {
    let (wide, narrow) = match (wide, narrow) {
        (None, None) => return true,
        (Some(wide), Some(narrow)) => (wide, narrow),
        _ => return false,
    };
    let has = |who: &Principals<'_>, wanted: &PrincipalPattern| {
        who.items.iter().any(|(pattern, _)| {
            pattern.form == Form::Everyone || pattern.form == wanted.form && pattern.text == wanted.text
        })
    };
    match (wide.not, narrow.not) {
        (false, false) => narrow.items.iter().all(|(pattern, _)| has(wide, pattern)),
        (true, true) => wide.items.iter().all(|(pattern, _)| has(narrow, pattern)),
        _ => false,
    }
}

fn elements(
    wide: Option<&Element<'_>>,
    narrow: Option<&Element<'_>>,
    spelled: impl Fn(&str) -> String,
    border: Option<char>,
) -> bool {
    let (wide, narrow) = match (wide, narrow) {
        (None, None) => return true,
        (Some(wide), Some(narrow)) => (wide, narrow),
        _ => return false,
    };
    let has = |element: &Element<'_>, wanted: &str| {
        element.items.iter().any(|item| includes(&spelled(&item.text), &spelled(wanted), border))
    };
    match (wide.not, narrow.not) {
        (false, false) => narrow.items.iter().all(|item| has(wide, &item.text)),
        (true, true) => wide.items.iter().all(|item| has(narrow, &item.text)),
        (false, true) => wide.items.iter().any(|item| item.text == "*"),
        (true, false) => false,
    }
}

/// Whether the pattern `wide` surely matches whatever `narrow` matches: either they are the same, or `wide` ends in its
/// only wildcard, a star that a border does not stop.
fn includes(wide: &str, narrow: &str, border: Option<char>) -> bool {
    if wide == "*" || wide == narrow {
        return true;
    }
    let Some(start) = wide.strip_suffix('*').filter(|start| !start.contains(['*', '?', '$'])) else { return false };
    let Some(rest) = narrow.strip_prefix(start) else { return false };
    border.is_none_or(|border| !rest.contains(border))
}

/// Whether somebody may change the policy, where nothing but the policy itself can allow that.
fn lockout(scope: &Scope<'_>, document: &Document<'_>, policy: &Policy, findings: &mut Vec<Finding>) {
    let Some(mend) = scope.data.mend else { return };
    let lower = mend.to_ascii_lowercase();
    let about = |effect: Effect| {
        let lower = lower.as_str();
        policy.statements.iter().filter(move |statement| {
            statement.effect == effect && !statement.inert && statement.actions.contains(|glob| glob.matches(lower))
        })
    };
    let somebody = |pattern: &PrincipalPattern| {
        matches!(pattern.form, Form::Everyone | Form::EveryIdentity | Form::Account | Form::Name)
    };
    let everyone = |pattern: &PrincipalPattern| matches!(pattern.form, Form::Everyone | Form::EveryIdentity);
    let allowed = about(Effect::Allow).any(|statement| match &statement.who {
        None | Some(Set::All | Set::NotIn(_)) => true,
        Some(Set::In(patterns)) => patterns.iter().any(somebody),
    });
    let denied = about(Effect::Deny).any(|statement| {
        statement.when.is_empty() && matches!(&statement.who, Some(Set::In(patterns)) if patterns.iter().any(everyone))
    });
    if !allowed || denied {
        let message = format!("nobody may call `{mend}`, so the policy can never be changed");
        findings.push(rules::LOCKOUT.at(&document.root, message));
    }
}

/// Principals of accounts other than the one that administers the key, where the document tells which one that is.
fn foreign(scope: &Scope<'_>, statements: &[Statement<'_>], findings: &mut Vec<Finding>) {
    let allows = || statements.iter().filter(|statement| statement.effect == Effect::Allow && !statement.inert);
    let whole = |statement: &&Statement<'_>| {
        let all = |text: &str| text == "*" || text.ends_with(":*");
        statement
            .actions
            .as_ref()
            .is_some_and(|actions| !actions.not && actions.items.iter().any(|item| all(&item.text)))
    };
    let accounts = |statement: &Statement<'_>| -> Vec<String> {
        let items = statement.who.iter().filter(|who| !who.not).flat_map(|who| &who.items);
        items
            .filter(|(pattern, _)| pattern.form == Form::Account)
            .map(|(pattern, _)| pattern.text.to_string())
            .collect()
    };
    let home: BTreeSet<String> = allows().filter(whole).flat_map(accounts).collect();
    if home.is_empty() {
        return;
    }
    for statement in allows().filter(|statement| statement.conditions.is_empty()) {
        let items = statement.who.iter().filter(|who| !who.not).flat_map(|who| &who.items);
        for (pattern, node) in items {
            let account = match pattern.form {
                Form::Account => Some(&*pattern.text),
                Form::Name => pattern.text.splitn(scope.spec.names.segments, ':').nth(scope.spec.names.account),
                _ => None,
            };
            if let Some(account) = account.filter(|account| !home.contains(*account)) {
                let message = format!("the account `{account}` is not the one that administers the key");
                findings.push(rules::FOREIGN_ACCOUNT.at(node, message));
            }
        }
    }
}
