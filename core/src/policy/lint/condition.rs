//! Rules about the conditions of a statement.

use ipnet::IpNet;

use super::super::condition::{Operand, Over, Predicate};
use super::super::principal::Form;
use super::super::spec::Effect;
use super::vocabulary::Key;
use super::written::{Condition, Statement, Text};
use super::{Finding, Scope, rules};

const WILDCARDS: [char; 2] = ['*', '?'];
/// Characters as variables, which stand for themselves.
const ESCAPES: [&str; 3] = ["${*}", "${?}", "${$}"];

pub(super) fn examine(scope: &Scope<'_>, statement: &Statement<'_>, findings: &mut Vec<Finding>) {
    for condition in &statement.conditions {
        key(scope, statement, condition, findings);
        if condition.values.is_empty() {
            let message = format!("`{}` is compared with nothing", condition.key);
            findings.push(rules::NO_OPERAND.at(&condition.node, message));
        }
        every_value(scope, statement, condition, findings);
        second_factor(scope, statement, condition, findings);
        addresses(statement, condition, findings);
        for value in &condition.values {
            operand(scope, condition, value, findings);
        }
    }
    for text in statement.resources.iter().flat_map(|resources| &resources.items) {
        variables(scope, text, findings);
    }
    negated_only(statement, findings);
    user_variables(scope, statement, findings);
}

fn key(scope: &Scope<'_>, statement: &Statement<'_>, condition: &Condition<'_>, findings: &mut Vec<Finding>) {
    let Condition { key, lower, node, .. } = condition;
    let mut prefixes = scope.data.key_prefixes.iter();
    let listed = prefixes.any(|prefix| lower.starts_with(prefix) || !lower.contains(':'));
    match scope.words.key(lower) {
        Some(known) => {
            fitting(condition, known, findings);
            present(scope, statement, condition, findings);
        }
        None if listed => {
            findings.push(rules::UNKNOWN_KEY.at(node, format!("there is no condition key `{key}`")));
        }
        None => {}
    }
}

/// Whether operator and key belong together.
fn fitting(condition: &Condition<'_>, known: &Key, findings: &mut Vec<Finding>) {
    use super::vocabulary::Type;
    let Condition { operator, parsed, key, node, .. } = condition;
    let predicate = parsed.operator.predicate;
    if predicate == Predicate::Absent {
        return;
    }
    if known.many && parsed.over == Over::Single {
        let message =
            format!("`{key}` may hold several values, and then `{operator}` never compares it: use a set operator");
        findings.push(rules::MANY_AS_ONE.at(node, message));
    }
    if !known.many && parsed.over != Over::Single {
        let message = format!("`{key}` holds one value; `{operator}` is for keys of several");
        findings.push(rules::ONE_AS_MANY.at(node, message));
    }
    if !known.is_family() && !known.of.fits(predicate) {
        let message = format!("`{key}` is {}, which `{operator}` does not compare", known.of.word());
        findings.push(rules::OPERATOR_TYPE.at(node, message));
    }
    let text = matches!(predicate, Predicate::Text | Predicate::TextAnyCase | Predicate::Like);
    if known.of == Type::Name && text {
        let message = format!("`{key}` is a full name; `{operator}` does not compare it segment by segment");
        findings.push(rules::NAME_AS_TEXT.at(node, message));
    }
}

/// Whether any action of the statement brings the key, where that is known of all of them.
fn present(scope: &Scope<'_>, statement: &Statement<'_>, condition: &Condition<'_>, findings: &mut Vec<Finding>) {
    let Some(actions) = statement.actions.as_ref().filter(|actions| !actions.not) else { return };
    let service = condition.lower.split_once(':').map_or("", |(service, _)| service);
    let absent = condition.parsed.operator.predicate == Predicate::Absent;
    if absent || !scope.data.services.contains(&service) {
        return;
    }
    let silent = |action: &Text<'_>| {
        let meant = scope.words.actions(&action.text);
        !meant.is_empty()
            && action.text.to_ascii_lowercase().starts_with(&format!("{service}:"))
            && !meant.iter().any(|action| action.may_bring(&condition.lower))
    };
    if !actions.items.is_empty() && actions.items.iter().all(silent) {
        let message = format!("no action of the statement brings `{}`", condition.key);
        findings.push(rules::KEY_NEVER_PRESENT.at(&condition.node, message));
    }
}

/// Conditions over every value of a key that a request may lack, where nothing else guards the Allow.
fn every_value(scope: &Scope<'_>, statement: &Statement<'_>, condition: &Condition<'_>, findings: &mut Vec<Finding>) {
    let may_lack =
        scope.words.key(&condition.lower).is_some() && !scope.data.always_there.contains(&condition.lower.as_str());
    if statement.effect != Effect::Allow || condition.parsed.over != Over::Every || !may_lack {
        return;
    }
    let requires = |other: &Condition<'_>| match other.parsed.operator.predicate {
        Predicate::Absent => other.values.iter().all(|value| value.text == "false"),
        _ => match other.parsed.over {
            Over::Any => true,
            Over::Every => false,
            Over::Single => !other.parsed.operator.negated && !other.parsed.if_exists,
        },
    };
    if !statement.conditions.iter().any(requires) {
        let (operator, key) = (&condition.operator, &condition.key);
        let message = format!("`{operator}` also holds without any `{key}`: require the key as well");
        findings.push(rules::EVERY_VALUE_ABSENT.at(&condition.node, message));
    }
}

fn second_factor(scope: &Scope<'_>, statement: &Statement<'_>, condition: &Condition<'_>, findings: &mut Vec<Finding>) {
    let parsed = condition.parsed;
    let without = parsed.operator.predicate == Predicate::Boolean
        && condition.values.iter().any(|value| value.text == "false")
        && scope.data.second_factor.contains(&condition.lower.as_str());
    if statement.effect == Effect::Deny && denies_access_keys(scope, condition) {
        let message = format!("`{}` is false for every request that is signed with an access key", condition.key);
        findings.push(rules::ACCESS_KEYS_DENIED.at(&condition.node, message));
    }
    if scope.spec.if_exists && statement.effect == Effect::Deny && without && !parsed.if_exists {
        let message = format!("callers with long-lived credentials have no `{}` and are spared", condition.key);
        findings.push(rules::SECOND_FACTOR_ABSENT.at(&condition.node, message));
    }
}

/// Whether a condition holds for whoever signs with an access key, for want of what such a key never brings.
fn denies_access_keys(scope: &Scope<'_>, condition: &Condition<'_>) -> bool {
    condition.parsed.operator.predicate == Predicate::Boolean
        && condition.values.iter().any(|value| value.text.eq_ignore_ascii_case("false"))
        && scope.data.false_for_access_keys.contains(&condition.lower.as_str())
}

fn addresses(statement: &Statement<'_>, condition: &Condition<'_>, findings: &mut Vec<Finding>) {
    let operator = condition.parsed.operator;
    if operator.predicate != Predicate::Network {
        return;
    }
    let old = |value: &Text<'_>| !value.text.contains(':');
    if operator.negated && !condition.values.is_empty() && condition.values.iter().all(old) {
        let what = if statement.effect == Effect::Allow { "let in" } else { "shut out" };
        let message = format!("every IPv6 address is outside of these networks, and so {what}");
        let mut finding = rules::OLD_ADDRESSES_ONLY.at(&condition.node, message);
        if statement.effect == Effect::Deny {
            finding.severity = super::Severity::Note; // it errs on the safe side
        }
        findings.push(finding);
    }
    for value in &condition.values {
        if let Some(network) = value.text.parse::<IpNet>().ok().filter(|network| *network != network.trunc()) {
            let message = format!("`{network}` has bits beyond its prefix; `{}` is the network", network.trunc());
            findings.push(rules::HOST_BITS.at(&value.node, message));
        }
    }
}

fn operand(scope: &Scope<'_>, condition: &Condition<'_>, value: &Text<'_>, findings: &mut Vec<Finding>) {
    let predicate = condition.parsed.operator.predicate;
    let text = value.text.as_str();
    if has_variable(text) {
        let takes = matches!(predicate, Predicate::Text | Predicate::TextAnyCase | Predicate::Like | Predicate::Name);
        if takes || !scope.variables {
            variables(scope, value, findings);
        } else {
            let message = format!("`{}` takes no variables", condition.operator);
            return findings.push(rules::VARIABLE_IN_OPERATOR.at(&value.node, message));
        }
    }
    if matches!(Operand::parse(predicate, text, scope.variables, &scope.spec.names), Operand::Invalid) {
        let message = format!("`{text}` is nothing that `{}` compares", condition.operator);
        return findings.push(rules::INVALID_OPERAND.at(&value.node, message));
    }
    let bare = without_variables(text);
    match predicate {
        Predicate::Text | Predicate::TextAnyCase if bare.contains(WILDCARDS) => {
            let message = format!("`*` and `?` are plain text under `{}`", condition.operator);
            findings.push(rules::WILDCARD_IS_TEXT.at(&value.node, message));
        }
        Predicate::Like if !bare.contains(WILDCARDS) && !condition.values.iter().any(is_wild) => {
            let message = format!("`{text}` has no wildcard, so `{}` means equality", condition.operator);
            findings.push(rules::NO_WILDCARD.at(&value.node, message));
        }
        _ => {}
    }
    let scheme = text.split_once(':').is_some_and(|(scheme, _)| scheme == scope.spec.names.scheme);
    if scope.data.alias_keys.contains(&condition.lower.as_str()) && scheme {
        let message = format!("`{}` holds names such as `{}…`, never full ones", condition.key, scope.data.alias);
        findings.push(rules::ALIAS_NAME_IN_FULL.at(&value.node, message));
    }
}

fn is_wild(value: &Text<'_>) -> bool {
    without_variables(&value.text).contains(WILDCARDS)
}

/// The text between its variables.
fn without_variables(text: &str) -> String {
    let mut pieces = text.split("${");
    let mut bare = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        bare.push_str(piece.split_once('}').map_or("", |(_, after)| after));
    }
    bare
}

/// The names of the variables of a text.
fn names(text: &str) -> impl Iterator<Item = String> {
    let inside = text.split("${").skip(1).filter_map(|piece| piece.split_once('}'));
    let names = inside.map(|(inside, _)| inside.split(',').next().unwrap_or_default().trim().to_ascii_lowercase());
    names.filter(|name| !matches!(name.as_str(), "*" | "?" | "$"))
}

fn has_variable(text: &str) -> bool {
    names(text).next().is_some() || ESCAPES.iter().any(|escape| text.contains(escape))
}

/// Whether the variables of a text are variables, and resolve.
fn variables(scope: &Scope<'_>, value: &Text<'_>, findings: &mut Vec<Finding>) {
    if !scope.variables {
        if has_variable(&value.text) {
            let message = format!("`{}` is plain text in this version of the language", value.text);
            findings.push(rules::VARIABLE_IS_TEXT.at(&value.node, message));
        }
        return;
    }
    for name in names(&value.text) {
        if scope.words.key(&name).is_some_and(|key| key.many) {
            let message = format!("`{name}` may hold several values and does not resolve");
            findings.push(rules::VARIABLE_OF_MANY.at(&value.node, message));
        }
    }
}

fn negated_only(statement: &Statement<'_>, findings: &mut Vec<Finding>) {
    let negated = |condition: &Condition<'_>| condition.parsed.operator.negated && condition.parsed.over != Over::Any;
    let guards = &statement.conditions;
    if statement.effect != Effect::Allow || !guards.iter().all(negated) {
        return;
    }
    if let Some(first) = guards.first() {
        let message = format!("the Allow also holds for every request without `{}`", first.key);
        findings.push(rules::NEGATED_ONLY.at(&first.node, message));
    }
}

/// Keys that only users have, in statements that name none but roles.
fn user_variables(scope: &Scope<'_>, statement: &Statement<'_>, findings: &mut Vec<Finding>) {
    let Some(who) = statement.who.as_ref().filter(|who| !who.not && !who.items.is_empty()) else { return };
    let role = |text: &str| {
        let last = text.splitn(scope.spec.names.segments, ':').last().unwrap_or_default();
        last.starts_with("role/") || last.starts_with("assumed-role/")
    };
    if !who.items.iter().all(|(pattern, _)| pattern.form == Form::Name && role(&pattern.text)) {
        return;
    }
    let only = |name: &str| scope.data.user_keys.contains(&name);
    for condition in statement.conditions.iter().filter(|condition| only(&condition.lower)) {
        let message = format!("sessions of roles have no `{}`", condition.key);
        findings.push(rules::USER_KEY_FOR_ROLE.at(&condition.node, message));
    }
    let values = statement.conditions.iter().flat_map(|condition| &condition.values);
    let resources = statement.resources.iter().flat_map(|resources| &resources.items);
    for text in values.chain(resources).filter(|_| scope.variables) {
        if let Some(name) = names(&text.text).find(|name| only(name)) {
            let message = format!("sessions of roles have no `{name}`");
            findings.push(rules::USER_KEY_FOR_ROLE.at(&text.node, message));
        }
    }
}
