//! Rules about who, what and where of one statement.

use super::super::pattern::Glob;
use super::super::principal::Form;
use super::super::spec::{DocumentKind, Effect};
use super::vocabulary::Action;
use super::written::{Element, Principals, Statement, Text};
use super::{Finding, Scope, rules};

pub(super) fn examine(scope: &Scope<'_>, statement: &Statement<'_>, findings: &mut Vec<Finding>) {
    if statement.inert {
        let message = "without both actions and resources the statement has no effect";
        findings.push(rules::INERT_STATEMENT.at(&statement.node, message));
    }
    if let Some(who) = &statement.who {
        principals(scope, statement, who, findings);
    }
    if let Some(actions) = &statement.actions {
        if actions.not && statement.effect == Effect::Allow {
            let message = "the Allow is also for every action of every other service";
            findings.push(rules::NOT_ACTION_ALLOW.at(&actions.node, message));
        }
        for action in &actions.items {
            let meant = scope.words.actions(&action.text);
            existing(scope, action, &meant, findings);
            if !actions.not {
                effective(scope, statement, action, &meant, findings);
                applicable(scope, statement, action, &meant, findings);
                guarded(scope, statement, action, findings);
                escalates(scope, statement, action, findings);
            }
        }
        idle(scope, statement, actions, findings);
        service_keys(scope, statement, actions, findings);
    }
    for resource in statement.resources.iter().flat_map(|resources| &resources.items) {
        let segments = scope.spec.names.segments;
        if resource.text != "*" && resource.text.splitn(segments, ':').count() < segments {
            let message = format!("`{}` has fewer than {segments} segments", resource.text);
            findings.push(rules::SHORT_NAME.at(&resource.node, message));
        }
    }
}

fn principals(scope: &Scope<'_>, statement: &Statement<'_>, who: &Principals<'_>, findings: &mut Vec<Finding>) {
    let allow = statement.effect == Effect::Allow;
    if allow && who.not {
        let message = "the Allow is for everyone in the world but those named";
        findings.push(rules::NOT_PRINCIPAL_ALLOW.at(&who.node, message));
    }
    // The policy of an endpoint is a filter in front of others, and is usually open.
    let open = !who.not && who.everyone() && statement.conditions.is_empty();
    if allow && open && scope.kind != DocumentKind::Endpoint {
        findings.push(rules::ALLOW_EVERYONE.at(&who.node, "the Allow is for everyone in the world, without condition"));
    }
    for (pattern, node) in &who.items {
        if pattern.form == Form::UniqueId {
            let message = format!("`{}` is the identifier of something that is gone", pattern.text);
            findings.push(rules::DELETED_PRINCIPAL.at(node, message));
        }
    }
}

/// Whether there is such an action, as far as the actions of its service are known.
fn existing(scope: &Scope<'_>, action: &Text<'_>, meant: &[&Action], findings: &mut Vec<Finding>) {
    let lower = action.text.to_ascii_lowercase();
    let known = lower.split_once(':').is_some_and(|(service, _)| scope.data.services.contains(&service));
    if !known || !meant.is_empty() {
        return;
    }
    if lower.contains(['*', '?']) {
        let message = format!("`{}` matches no action", action.text);
        return findings.push(rules::NO_ACTION_MATCHED.at(&action.node, message));
    }
    let longer: Vec<_> = scope.words.actions(&format!("{lower}*")).iter().map(|action| action.name).collect();
    let hint = if longer.is_empty() { String::new() } else { format!("; did you mean `{}`?", longer.join("` or `")) };
    let message = format!("there is no action `{}`{hint}", action.text);
    findings.push(rules::UNKNOWN_ACTION.at(&action.node, message));
}

/// Whether a key policy can give the action at all.
fn effective(
    scope: &Scope<'_>,
    statement: &Statement<'_>,
    action: &Text<'_>,
    meant: &[&Action],
    findings: &mut Vec<Finding>,
) {
    if scope.kind != DocumentKind::Key || statement.effect != Effect::Allow || meant.is_empty() {
        return;
    }
    let listed = scope.spec.shape(scope.kind).map_or(&[][..], |shape| shape.effective_actions);
    let inert = |action: &&Action| {
        if listed.is_empty() {
            action.is_plain() && !action.resources.contains(&scope.data.key)
        } else {
            let lower = action.name.to_ascii_lowercase();
            !listed.iter().any(|pattern| Glob::new(pattern).matches(&lower))
        }
    };
    if meant.iter().all(inert) {
        let message = format!("a key policy cannot give `{}`", action.text);
        findings.push(rules::INERT_ACTION.at(&action.node, message));
    }
}

/// Whether the action ever meets one of the resources.
fn applicable(
    scope: &Scope<'_>,
    statement: &Statement<'_>,
    action: &Text<'_>,
    meant: &[&Action],
    findings: &mut Vec<Finding>,
) {
    let Some(resources) = statement.resources.as_ref().filter(|resources| !resources.not) else { return };
    let meets = |action: &&Action| resources.items.iter().any(|item| scope.meets(item, action));
    if meant.is_empty() || meant.iter().any(meets) {
        return;
    }
    let foreign = |item: &Text<'_>| meant.iter().find_map(|action| scope.foreign(item, action));
    if let Some(why) = resources.items.iter().find_map(foreign) {
        let message = format!("`{}` never applies to the resources of its statement: {why}", action.text);
        return findings.push(rules::RESOURCE_MISMATCH.at(&action.node, message));
    }
    let alias = |item: &Text<'_>| scope.tail(item).is_some_and(|tail| tail.starts_with(scope.data.alias));
    let keys = meant.iter().all(|action| action.resources.contains(&scope.data.key));
    let whole = meant.iter().all(|action| action.resources.iter().all(|shape| !shape.ends_with('/')));
    let (rule, why) = if keys && resources.items.iter().all(alias) {
        (rules::ALIAS_FOR_KEY, "it is an operation on keys, and an alias names no key here")
    } else if whole {
        (rules::CONTAINER_RESOURCE, "it concerns a collection as a whole and not its members")
    } else {
        (rules::RESOURCE_MISMATCH, "its resources are of another kind")
    };
    let message = format!("`{}` never applies to the resources of its statement: {why}", action.text);
    findings.push(rule.at(&action.node, message));
}

/// Resources that no action meets, beside others that one does, where all actions of their services are known.
fn idle(scope: &Scope<'_>, statement: &Statement<'_>, actions: &Element<'_>, findings: &mut Vec<Finding>) {
    let Some(resources) = statement.resources.as_ref().filter(|resources| !resources.not) else { return };
    let meant: Vec<_> = actions.items.iter().map(|action| scope.words.actions(&action.text)).collect();
    let known = |action: &&&Action| {
        action.lower().split_once(':').is_some_and(|(service, _)| scope.data.services.contains(&service))
    };
    if actions.not || meant.iter().any(|meant| meant.is_empty() || !meant.iter().all(|action| known(&action))) {
        return;
    }
    let met = |item: &&Text<'_>| meant.iter().flatten().any(|action| scope.meets(item, action));
    let (met, unmet): (Vec<_>, Vec<_>) = resources.items.iter().partition(met);
    for item in unmet.into_iter().filter(|_| !met.is_empty()) {
        let message = format!("no action of the statement applies to `{}`", item.text);
        findings.push(rules::IDLE_RESOURCE.at(&item.node, message));
    }
}

impl Scope<'_> {
    /// Whether an action may be on something that a resource pattern matches.
    pub(super) fn meets(&self, resource: &Text<'_>, action: &Action) -> bool {
        let fits = |shape: &&str| self.covers(resource, shape);
        self.foreign(resource, action).is_none() && (!action.is_plain() || action.resources.iter().any(fits))
    }

    /// Why a resource pattern matches nothing that an action is on, if a segment before the last one says so.
    fn foreign(&self, resource: &Text<'_>, action: &Action) -> Option<String> {
        let names = &self.spec.names;
        let segments = segments(&resource.text, names.segments);
        let literal = |at: usize| segments.get(at).filter(|segment| !segment.contains(['*', '?', '$'])).copied();
        if segments.len() < names.segments || action.resources == ["*"] {
            return None;
        }
        let own = action.lower().split_once(':').map_or("", |(service, _)| service);
        let home = self.data.homes.iter().find(|(service, _)| *service == own).map_or(own, |(_, home)| *home);
        // What an action is on besides is its own service's.
        let besides = action.resources.iter().any(|shape| !shape.ends_with('/'));
        let is_foreign = |service: &&str| *service != home && !(besides && *service == own);
        if let Some(service) = literal(names.service).filter(is_foreign) {
            return Some(format!("its resources are of `{home}` and not of `{service}`"));
        }
        // Words stand for the vendor itself, and vendors leave the account out where they mean any.
        let number = |account: &&str| !account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit());
        let wrong = |account: &&str| number(account) && account.len() != self.data.account_digits;
        if let Some(account) = literal(names.account).filter(wrong).filter(|_| self.data.account_digits > 0) {
            return Some(format!("`{account}` is no account"));
        }
        // The region stands between the two.
        let region = literal(names.account.checked_sub(1)?)?;
        match self.data.regionless?.contains(&home) {
            true if !region.is_empty() => Some(format!("names of `{home}` have no region")),
            false if region.is_empty() => Some(format!("names of `{home}` have a region")),
            _ => None,
        }
    }

    /// The last segment of a resource pattern; `None` for one that is short.
    fn tail<'t>(&self, resource: &'t Text<'_>) -> Option<&'t str> {
        segments(&resource.text, self.spec.names.segments).get(self.spec.names.segments.saturating_sub(1)).copied()
    }

    /// Whether a resource pattern may match a resource whose last segment is, or with a slash begins with, `shape`.
    pub(super) fn covers(&self, resource: &Text<'_>, shape: &str) -> bool {
        if resource.text == "*" {
            return true;
        }
        // A colon too many, as the vendors themselves write it now and then, is not what a mismatch is about.
        let Some(tail) = self.tail(resource).map(|tail| tail.trim_start_matches(':')) else { return true };
        if shape == "*" {
            return false;
        }
        let fixed = tail.find(['*', '?', '$']).and_then(|at| tail.get(..at));
        if !shape.ends_with(['/', ':']) {
            return Glob::new(tail).matches(shape) || fixed.is_some() && tail.contains('$');
        }
        match fixed {
            Some(start) => start.starts_with(shape) || shape.starts_with(start),
            None => tail.starts_with(shape),
        }
    }
}

/// At most so many segments of a full name; the colons of a variable are its own.
fn segments(text: &str, most: usize) -> Vec<&str> {
    let (mut segments, mut rest) = (Vec::with_capacity(most), text);
    while segments.len() + 1 < most {
        let mut inside = false;
        let mut characters = rest.char_indices();
        let end = characters.find_map(|(at, character)| {
            match character {
                '$' => inside = rest.get(at..).is_some_and(|rest| rest.starts_with("${") && rest.contains('}')),
                '}' => inside = false,
                _ => {}
            }
            (character == ':' && !inside).then_some(at)
        });
        let Some((segment, after)) = end.and_then(|at| rest.split_at_checked(at)) else { break };
        segments.push(segment);
        rest = after.get(1..).unwrap_or_default();
    }
    segments.push(rest);
    segments
}

/// Whether an Allow of making grants keeps them in bounds.
fn guarded(scope: &Scope<'_>, statement: &Statement<'_>, action: &Text<'_>, findings: &mut Vec<Finding>) {
    let Some(guard) = scope.data.grant else { return };
    let lower = action.text.to_ascii_lowercase();
    let guards =
        |key: &str| guard.keys.iter().any(|known| key == *known || known.ends_with(':') && key.starts_with(known));
    // Whoever allows everything has said so; what is looked for is the action by its name.
    let named = lower.trim_end_matches('*').len() >= guard.action.len() - 1 && Glob::new(&lower).matches(guard.action);
    let bounded = statement.conditions.iter().any(|condition| guards(&condition.lower));
    if statement.effect == Effect::Allow && named && !bounded {
        let message =
            format!("`{}` without a condition on what is granted, or by whom, gives the key away", action.text);
        findings.push(rules::GRANT_WITHOUT_GUARD.at(&action.node, message));
    }
}

/// Whether an Allow of writing key policies stands beside others as if it were one of them.
fn escalates(scope: &Scope<'_>, statement: &Statement<'_>, action: &Text<'_>, findings: &mut Vec<Finding>) {
    let Some(rewrite) = scope.data.rewrite else { return };
    let lower = action.text.to_ascii_lowercase();
    let service = rewrite.split_once(':').map_or(0, |(service, _)| service.len() + 1);
    // Whoever allows everything has said so, and the account has to be able to mend the policy.
    let named = lower.trim_end_matches('*').len() > service && Glob::new(&lower).matches(rewrite);
    let account = statement
        .who
        .as_ref()
        .is_some_and(|who| !who.not && who.items.iter().all(|(pattern, _)| pattern.form == Form::Account));
    if statement.effect == Effect::Allow && named && !account && statement.conditions.is_empty() {
        let message =
            format!("`{}` lets the policy of the key be written, and so gives everything else too", action.text);
        findings.push(rules::POLICY_ESCALATION.at(&action.node, message));
    }
}

fn service_keys(scope: &Scope<'_>, statement: &Statement<'_>, actions: &Element<'_>, findings: &mut Vec<Finding>) {
    for condition in &statement.conditions {
        let Some((_, prefix)) = scope.data.service_keys.iter().find(|(key, _)| *key == condition.lower) else {
            continue;
        };
        let foreign = |action: &&Text<'_>| !action.text.to_ascii_lowercase().starts_with(prefix);
        if let Some(action) = actions.items.iter().find(foreign) {
            let message = format!("`{}` works only if every action begins with `{prefix}`", condition.key);
            findings.push(rules::FOREIGN_SERVICE_ACTION.at(&action.node, message));
        }
    }
}
