//! The fast path: which statements apply to a question, and what the layers say together.
//!
//! # Invariants
//! - Each layer is evaluated at most once for a question, and only if the combination asks for it.

use std::ops::ControlFlow;

use smallvec::SmallVec;

use super::combine::{Ground, Kinds, Outcome, ResourceClass, Test, value};
use super::condition::Truth;
use super::effort::Effort;
use super::grant;
use super::model::{Policy, Set, Statement};
use super::pattern::{Glob, Name, NamePattern};
use super::principal::exempt;
use super::question::{Layer, Layers, Named, PrincipalKind, Question, Value, Verdict};
use super::spec::{Effect, Spec};

/// Steps that every statement takes.
pub(super) const STATEMENT: usize = 16;

impl Spec {
    /// The verdict on a question, and nothing else. It is a denial where comparing would take too long.
    #[must_use]
    pub fn decide(&self, question: &Question<'_>, layers: &Layers<'_>) -> Verdict {
        self.decided(question, layers).0
    }

    /// How many steps the verdict on a question takes, of [`MOST_STEPS`](super::MOST_STEPS) at the most.
    #[must_use]
    pub fn effort(&self, question: &Question<'_>, layers: &Layers<'_>) -> usize {
        self.decided(question, layers).1
    }

    fn decided(&self, question: &Question<'_>, layers: &Layers<'_>) -> (Verdict, usize) {
        let evaluation = Evaluation::new(self, question, layers, Effort::of_a_decision());
        let verdict = value(&self.combine, &mut Once::new(&evaluation));
        let verdict = if evaluation.effort.is_spent() { Verdict::ImplicitDeny } else { verdict };
        (verdict, evaluation.effort.taken())
    }
}

/// A question with everything that is worked out once.
pub(super) struct Evaluation<'q> {
    pub(super) spec: &'q Spec,
    pub(super) question: &'q Question<'q>,
    pub(super) layers: &'q Layers<'q>,
    /// The action in lower case.
    action: SmallVec<[u8; 64]>,
    resource: Name<'q>,
    account: &'q str,
    pub(super) effort: Effort,
}

impl<'q> Evaluation<'q> {
    pub(super) fn new(spec: &'q Spec, question: &'q Question<'q>, layers: &'q Layers<'q>, effort: Effort) -> Self {
        let resource = Name::new(question.resource, &spec.names);
        let account = question.resource_account.or(resource.part(spec.names.account));
        let account = account.filter(|account| !matches!(*account, "" | "*"));
        let account = account.unwrap_or(question.principal.account);
        let mut action = SmallVec::from_slice(question.action.as_bytes());
        action.make_ascii_lowercase();
        Self { spec, question, layers, action, resource, account, effort }
    }

    /// What a layer says, or `None` if it does not exist.
    fn outcome(&self, layer: Layer) -> Option<Outcome> {
        let layers = self.layers;
        match layer {
            Layer::Identity => layers.identity.map(|policies| self.policies(policies)),
            Layer::Boundary => layers.boundary.map(|policies| self.policies(policies)),
            Layer::Session => layers.session.map(|policies| self.policies(policies)),
            Layer::Endpoint => layers.endpoint.map(|policies| self.policies(policies)),
            Layer::IdentityGroup => layers.identity_group.map(|grouped| {
                let mut outcome = Outcome::default();
                for entry in grouped.iter().filter(|entry| self.in_group(&entry.group)) {
                    self.add(&entry.named.policy, &mut outcome);
                }
                outcome
            }),
            Layer::Control | Layer::ResourceControl => {
                let levels = if layer == Layer::Control { layers.control } else { layers.resource_control };
                levels.map(|levels| {
                    let mut whole = Outcome { deny: false, allow: Kinds::ALL };
                    for level in levels {
                        let outcome = self.policies(&level.policies);
                        whole.deny |= outcome.deny;
                        if outcome.allow == Kinds::NONE {
                            whole.allow = Kinds::NONE;
                        }
                    }
                    if levels.is_empty() { Outcome::default() } else { whole }
                })
            }
            Layer::Resource => self.attached().map(|named| {
                let mut outcome = Outcome::default();
                self.add(&named.policy, &mut outcome);
                outcome
            }),
            Layer::Grants => layers.grants.map(|grants| grant::outcome(self.spec, self.question, grants)),
            Layer::Service => None,
        }
    }

    fn policies(&self, policies: &[Named]) -> Outcome {
        let mut outcome = Outcome::default();
        for named in policies {
            self.add(&named.policy, &mut outcome);
        }
        outcome
    }

    fn add(&self, policy: &Policy, outcome: &mut Outcome) {
        let _ = self.candidates(policy, |statement| {
            if !self.effort.spend(STATEMENT) {
                return ControlFlow::Break(());
            }
            let kinds = self.reach(statement);
            if kinds == Kinds::NONE {
                return ControlFlow::Continue(());
            }
            match (statement.effect, self.conditions(statement)) {
                (Effect::Allow, Truth::True) => outcome.allow = outcome.allow.or(kinds),
                (Effect::Deny, Truth::True | Truth::Unknown) => {
                    outcome.deny = true;
                    return ControlFlow::Break(());
                }
                (Effect::Allow, Truth::False | Truth::Unknown) | (Effect::Deny, Truth::False) => {}
            }
            ControlFlow::Continue(())
        });
    }

    /// Shows the statements of a policy that can be about the question, in any order, and perhaps one of them twice.
    fn candidates<'p>(
        &self,
        policy: &'p Policy,
        mut visitor: impl FnMut(&'p Statement) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(index) = &policy.index else { return policy.statements.iter().try_for_each(visitor) };
        index.candidates(&self.action, &self.resource, |at| match policy.statements.get(at) {
            Some(statement) => visitor(statement),
            None => ControlFlow::Continue(()),
        })
    }

    /// The statements of a policy that can be about the question, in their order.
    pub(super) fn listed<'p>(&self, policy: &'p Policy) -> Vec<&'p Statement> {
        let mut listed = Vec::new();
        let _ = self.candidates(policy, |statement| {
            listed.push(statement);
            ControlFlow::Continue(())
        });
        listed.sort_unstable_by_key(|statement| statement.at);
        listed.dedup_by_key(|statement| statement.at);
        listed
    }

    /// The policy of the resource, if it is about the resource in question.
    pub(super) fn attached(&self) -> Option<&'q Named> {
        let attached = self.layers.resource?;
        (attached.attached_to == self.question.resource).then_some(attached.named)
    }

    pub(super) fn in_group(&self, group: &str) -> bool {
        let key = self.spec.group_key;
        key.and_then(|key| self.question.context.value(key))
            .is_some_and(|value| matches!(value, Value::One(text) if text == group))
    }

    /// In which ways a statement is about the action, caller and resource of the question.
    pub(super) fn reach(&self, statement: &Statement) -> Kinds {
        let kinds = self.reach_of_caller(statement);
        let about = kinds != Kinds::NONE && statement.resources.contains(|name| self.is_about(name));
        if about { kinds } else { Kinds::NONE }
    }

    /// Whether the resource of the question has such a name.
    pub(super) fn is_about(&self, name: &NamePattern) -> bool {
        name.matches(&self.resource, self.question.context, &self.effort)
    }

    /// The same for some values of the variables in the name.
    pub(super) fn could_be_about(&self, name: &NamePattern) -> bool {
        name.could_match(&self.resource)
    }

    /// In which ways a statement is about the action and caller of the question.
    pub(super) fn reach_of_caller(&self, statement: &Statement) -> Kinds {
        if statement.inert || !statement.actions.contains(|glob: &Glob| glob.matches_within(&self.action, &self.effort))
        {
            return Kinds::NONE;
        }
        let effective = statement.effective;
        if !effective.is_empty() && !effective.iter().any(|name| action_matches(name, self.question.action)) {
            return Kinds::NONE;
        }
        self.caller(statement)
    }

    fn caller(&self, statement: &Statement) -> Kinds {
        let principal = &self.question.principal;
        match &statement.who {
            None => Kinds::HOLDER,
            Some(Set::All) => Kinds::EVERYONE,
            Some(Set::In(patterns)) => {
                patterns.iter().fold(Kinds::NONE, |kinds, pattern| kinds.or(pattern.matches(principal)))
            }
            Some(Set::NotIn(patterns)) => {
                let bounded = self.layers.boundary.is_some();
                let spared = match statement.effect {
                    Effect::Deny => exempt(patterns, principal, bounded),
                    Effect::Allow => patterns.iter().any(|pattern| pattern.matches(principal) != Kinds::NONE),
                };
                if spared { Kinds::NONE } else { Kinds::EVERYONE }
            }
        }
    }

    /// Whether all conditions of a statement hold.
    pub(super) fn conditions(&self, statement: &Statement) -> Truth {
        let mut truth = Truth::True;
        for atom in &statement.when {
            truth = truth.and(atom.truth(self.question.context, &self.spec.names, &self.effort));
            if truth == Truth::False {
                break;
            }
        }
        truth
    }

    pub(super) fn holds(&self, test: &Test) -> bool {
        let Question { principal, action, assume_role, .. } = self.question;
        match test {
            Test::SameAccount => principal.account == self.account && !is_stranger(principal.kind),
            Test::Principal(kinds) => kinds.contains(&principal.kind),
            Test::RoleNamed(prefixes) => principal.role_arn.is_some_and(|role| {
                let name = role.split_once(":role/").map_or("", |(_, name)| name);
                prefixes.iter().any(|prefix| begins(name, prefix))
            }),
            Test::Resource(classes) => classes.iter().any(|class| self.is_in(class)),
            Test::Action(names) => names.iter().any(|name| action_matches(name, action)),
            Test::AssumeRole => *assume_role,
            Test::Either(tests) => tests.iter().any(|test| self.holds(test)),
        }
    }

    fn is_in(&self, class: &ResourceClass) -> bool {
        let relative = self.spec.names.segments.checked_sub(1).and_then(|last| self.resource.part(last));
        self.resource.part(self.spec.names.service) == Some(class.service)
            && relative.is_some_and(|relative| relative.starts_with(class.relative))
    }
}

/// Services and anonymous callers belong to no account.
fn is_stranger(kind: PrincipalKind) -> bool {
    matches!(kind, PrincipalKind::Service | PrincipalKind::Anonymous)
}

fn begins(text: &str, prefix: &str) -> bool {
    text.as_bytes().get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()))
}

fn action_matches(name: &str, action: &str) -> bool {
    match name.strip_suffix('*') {
        Some(prefix) => begins(action, prefix),
        None => action.eq_ignore_ascii_case(name),
    }
}

/// The ground of an evaluation, which asks every layer once.
pub(super) struct Once<'e, 'q> {
    evaluation: &'e Evaluation<'q>,
    known: [Option<Option<Outcome>>; Layer::COUNT],
}

impl<'e, 'q> Once<'e, 'q> {
    pub(super) fn new(evaluation: &'e Evaluation<'q>) -> Self {
        Self { evaluation, known: [None; Layer::COUNT] }
    }
}

impl Ground for Once<'_, '_> {
    fn outcome(&mut self, layer: Layer) -> Option<Outcome> {
        match self.known.get_mut(layer.index()) {
            Some(Some(outcome)) => *outcome,
            Some(slot) => *slot.insert(self.evaluation.outcome(layer)),
            None => None,
        }
    }

    fn holds(&self, test: &Test) -> bool {
        self.evaluation.holds(test)
    }
}

#[cfg(test)]
#[path = "evaluate_tests.rs"]
mod tests;
