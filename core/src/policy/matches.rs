//! Which statements are about a question, whatever the layers make of them together.

use super::combine::Kinds;
use super::condition::Truth;
use super::effort::Effort;
use super::evaluate::Evaluation;
use super::model::Policy;
use super::question::{Layer, Layers, Question};
use super::spec::{Effect, Spec};

/// A statement that is about the question, and whose conditions hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// Its layer: identity, boundary or resource.
    pub layer: Layer,
    /// Which policy of the layer it is in.
    pub policy: usize,
    /// Which statement of the policy it is.
    pub statement: usize,
    /// What it says.
    pub effect: Effect,
}

impl Spec {
    /// The matching statements of identity policies, boundary and resource policy.
    #[must_use]
    pub fn matches(&self, question: &Question<'_>, layers: &Layers<'_>) -> Vec<Match> {
        let evaluation = Evaluation::new(self, question, layers, Effort::unbounded());
        let mut found = Vec::new();
        for (layer, policies) in [(Layer::Identity, layers.identity), (Layer::Boundary, layers.boundary)] {
            for (at, named) in policies.unwrap_or_default().iter().enumerate() {
                matches_of(&evaluation, &named.policy, (layer, at), &mut found);
            }
        }
        if let Some(named) = evaluation.attached() {
            matches_of(&evaluation, &named.policy, (Layer::Resource, 0), &mut found);
        }
        found
    }
}

fn matches_of(evaluation: &Evaluation<'_>, document: &Policy, (layer, policy): (Layer, usize), found: &mut Vec<Match>) {
    for statement in evaluation.listed(document) {
        if evaluation.reach(statement) == Kinds::NONE {
            continue;
        }
        let effect = statement.effect;
        match (effect, evaluation.conditions(statement)) {
            (Effect::Allow, Truth::True) | (Effect::Deny, Truth::True | Truth::Unknown) => {
                found.push(Match { layer, policy, statement: statement.at, effect });
            }
            (Effect::Allow, Truth::False | Truth::Unknown) | (Effect::Deny, Truth::False) => {}
        }
    }
}
