//! The full answer to a question: the verdict, the statements behind it, what blocked, and what came near.
//!
//! The evaluated combination is the explanation: an Allow names the statements on its satisfied paths, an explicit Deny
//! all matching Deny statements, an implicit one the least that would have to change.

use serde::{Serialize, Serializer};

use super::combine::{Expr, FixedRule, Kinds, Trace, trace};
use super::condition::{Atom, Truth};
use super::effort::Effort;
use super::evaluate::{Evaluation, Once, STATEMENT};
use super::grant;
use super::model::{Policy, Statement};
use super::question::{Context, Layer, Layers, Named, Question, Value, Verdict};
use super::spec::{Effect, Spec};

/// A layer with the dialect's word for it; it serializes as the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerName {
    /// The layer.
    pub layer: Layer,
    /// The dialect's word.
    pub word: &'static str,
}

impl Serialize for LayerName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word)
    }
}

/// A statement, a grant or a fixed rule that took part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Its layer.
    pub layer: LayerName,
    /// The policy, grant or rule.
    pub policy: String,
    /// The statement's identifier, or `#index`.
    pub statement: String,
    /// The statement's JSON pointer; empty for grants and fixed rules.
    pub pointer: String,
    /// Which of the policies of its layer it is, counted from 0.
    #[serde(skip)]
    pub place: usize,
}

/// Something that had to allow and did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Blocker {
    /// The layer.
    pub layer: LayerName,
    /// The rule by which the layer had to allow, where there is a name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'static str>,
    /// The level of an organisation that did not allow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
}

/// An Allow statement that was about this caller, action and resource but whose conditions did not hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NearMiss {
    /// The statement.
    #[serde(flatten)]
    pub statement: Reason,
    /// The conditions that did not hold.
    pub failed: Vec<FailedCondition>,
}

/// A condition that did not hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FailedCondition {
    /// The operator as written.
    pub operator: String,
    /// The condition key as written.
    pub key: String,
    /// The operands as written.
    pub policy: serde_json::Value,
    /// The value of the request; null if it has none.
    pub actual: serde_json::Value,
}

impl FailedCondition {
    /// The steps that copying it takes, and writing it down.
    fn cost(&self) -> usize {
        fn of(value: &serde_json::Value) -> usize {
            match value {
                serde_json::Value::String(text) => 64 + 4 * text.len(),
                serde_json::Value::Array(values) => values.iter().map(of).sum(),
                _ => 64,
            }
        }
        of(&self.policy) + of(&self.actual)
    }
}

/// The answer to a question, with its reasons.
///
/// It names the policies of other people: it belongs into an audit record, not into an answer to the caller.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decision {
    /// The verdict.
    pub verdict: Verdict,
    /// What allowed.
    pub allow_by: Vec<Reason>,
    /// What denied.
    pub deny_by: Vec<Reason>,
    /// What would have had to allow.
    pub blocked_by: Vec<Blocker>,
    /// What nearly allowed.
    pub near_miss: Vec<NearMiss>,
}

impl Decision {
    /// The one layer that a denial message may name: of a Deny or a missing Allow, the first in the order control,
    /// resource control, endpoint, resource, boundary, session, identity.
    #[must_use]
    pub fn blamed(&self) -> Layer {
        const ORDER: [Layer; 10] = [
            Layer::Control,
            Layer::ResourceControl,
            Layer::Endpoint,
            Layer::Resource,
            Layer::Boundary,
            Layer::Session,
            Layer::Identity,
            Layer::IdentityGroup,
            Layer::Grants,
            Layer::Service,
        ];
        let denied: Vec<Layer> = self.deny_by.iter().map(|reason| reason.layer.layer).collect();
        let blocked: Vec<Layer> = self.blocked_by.iter().map(|blocker| blocker.layer.layer).collect();
        let among = if denied.is_empty() { blocked } else { denied };
        ORDER.into_iter().find(|layer| among.contains(layer)).unwrap_or(Layer::Identity)
    }
}

impl Spec {
    /// The verdict on a question with all its reasons, as far as they can be found in bounded time. It agrees with
    /// [`Spec::decide`].
    #[must_use]
    pub fn explain(&'static self, question: &Question<'_>, layers: &Layers<'_>) -> Decision {
        let evaluation = Evaluation::new(self, question, layers, Effort::of_a_decision());
        let tree = trace(&self.combine, &mut Once::new(&evaluation));
        let teller = Teller { evaluation: &evaluation };
        if evaluation.effort.is_spent() {
            return teller.given_up();
        }
        // The verdict stands; of its reasons those are told that are found in as much time again.
        evaluation.effort.renew();
        let mut decision = Decision {
            verdict: tree.verdict,
            allow_by: Vec::new(),
            deny_by: Vec::new(),
            blocked_by: Vec::new(),
            near_miss: Vec::new(),
        };
        match tree.verdict {
            Verdict::Allow => teller.allowing(&tree, &mut decision.allow_by),
            Verdict::ExplicitDeny => teller.denying(&tree, &mut decision.deny_by),
            Verdict::ImplicitDeny => {
                teller.blocking(&tree, None, &mut decision.blocked_by);
                // A grant is never required: its absence is worth a word only where nothing else could allow.
                let other = |blocker: &Blocker| blocker.layer.layer != Layer::Grants;
                if decision.blocked_by.iter().any(other) {
                    decision.blocked_by.retain(other);
                }
            }
        }
        decision.near_miss = teller.near_misses();
        decision
    }
}

/// The layers that hold statements.
const STATED: [Layer; 8] = [
    Layer::Control,
    Layer::ResourceControl,
    Layer::Endpoint,
    Layer::Resource,
    Layer::Boundary,
    Layer::Session,
    Layer::Identity,
    Layer::IdentityGroup,
];

/// Steps that telling a reason takes, and comparing it with each that was told.
const ADDED: usize = 256;
const COMPARED: usize = 16;

struct Teller<'e, 'q> {
    evaluation: &'e Evaluation<'q>,
}

impl Teller<'_, '_> {
    /// The denial of what would take too long to compare.
    fn given_up(&self) -> Decision {
        let layer = self.layer(Layer::Identity);
        let blocker = Blocker { layer, rule: Some("the policies take too long to compare"), level: None };
        Decision {
            verdict: Verdict::ImplicitDeny,
            allow_by: Vec::new(),
            deny_by: Vec::new(),
            blocked_by: vec![blocker],
            near_miss: Vec::new(),
        }
    }

    /// The reasons on every satisfied path.
    fn allowing(&self, tree: &Trace, reasons: &mut Vec<Reason>) {
        if tree.verdict != Verdict::Allow {
            return;
        }
        match tree.expr {
            Expr::Leaf(layer, kinds) => self.allows(*layer, *kinds, reasons),
            Expr::Optional(layer) => self.allows(*layer, Kinds::ALL, reasons),
            Expr::Allowed(FixedRule { policy, statement }) => reasons.push(Reason {
                layer: self.layer(Layer::Service),
                policy: (*policy).to_owned(),
                statement: (*statement).to_owned(),
                pointer: String::new(),
                place: 0,
            }),
            Expr::Guard(_) | Expr::Refused(_) => {}
            Expr::All(_) | Expr::Any(_) | Expr::First(_) | Expr::If(..) | Expr::Because(..) => {
                for part in &tree.parts {
                    self.allowing(part, reasons);
                }
            }
        }
    }

    fn allows(&self, layer: Layer, kinds: Kinds, reasons: &mut Vec<Reason>) {
        if layer == Layer::Grants {
            return self.grants(kinds, reasons);
        }
        self.each(layer, &mut |place, policy, statement| {
            let applies = statement.effect == Effect::Allow
                && self.evaluation.reach(statement).meets(kinds)
                && self.evaluation.conditions(statement) == Truth::True;
            if applies {
                self.add(reasons, self.reason(layer, place, policy, statement));
            }
        });
    }

    fn grants(&self, kinds: Kinds, reasons: &mut Vec<Reason>) {
        let Evaluation { spec, question, layers, .. } = self.evaluation;
        for grant in layers.grants.unwrap_or_default().iter() {
            if grant::kinds(spec, question, grant).meets(kinds) {
                self.add(
                    reasons,
                    Reason {
                        layer: self.layer(Layer::Grants),
                        policy: grant.id.to_string(),
                        statement: "grant".to_owned(),
                        pointer: String::new(),
                        place: 0,
                    },
                );
            }
        }
    }

    /// Every Deny statement of every layer that denied.
    fn denying(&self, tree: &Trace, reasons: &mut Vec<Reason>) {
        if tree.verdict != Verdict::ExplicitDeny {
            return;
        }
        if let Expr::Leaf(layer, _) | Expr::Optional(layer) | Expr::Guard(layer) = tree.expr {
            self.each(*layer, &mut |place, policy, statement| {
                let applies = statement.effect == Effect::Deny
                    && self.evaluation.reach(statement) != Kinds::NONE
                    && self.evaluation.conditions(statement) != Truth::False;
                if applies {
                    self.add(reasons, self.reason(*layer, place, policy, statement));
                }
            });
        }
        for part in &tree.parts {
            self.denying(part, reasons);
        }
    }

    /// The least that would have to change; of alternatives, those that are already partly satisfied.
    fn blocking(&self, tree: &Trace, rule: Option<&'static str>, blockers: &mut Vec<Blocker>) {
        if tree.verdict != Verdict::ImplicitDeny {
            return;
        }
        match tree.expr {
            Expr::Leaf(layer, _) | Expr::Optional(layer) => {
                let level = self.silent_level(*layer);
                self.add(blockers, Blocker { layer: self.layer(*layer), rule, level });
            }
            Expr::Refused(FixedRule { statement, .. }) => {
                self.add(blockers, Blocker { layer: self.layer(Layer::Service), rule: Some(statement), level: None });
            }
            Expr::Because(rule, _) => tree.parts.iter().for_each(|part| self.blocking(part, Some(rule), blockers)),
            Expr::Any(_) => {
                let begun = tree.parts.iter().any(is_begun);
                for part in tree.parts.iter().filter(|part| !begun || is_begun(part)) {
                    self.blocking(part, rule, blockers);
                }
            }
            Expr::All(_) | Expr::First(_) | Expr::If(..) => {
                tree.parts.iter().for_each(|part| self.blocking(part, rule, blockers));
            }
            Expr::Guard(_) | Expr::Allowed(_) => {}
        }
    }

    /// The first level of an organisation without an Allow.
    fn silent_level(&self, layer: Layer) -> Option<String> {
        let levels = match layer {
            Layer::Control => self.evaluation.layers.control?,
            Layer::ResourceControl => self.evaluation.layers.resource_control?,
            _ => return None,
        };
        let allows = |statement: &Statement| {
            statement.effect == Effect::Allow
                && self.evaluation.reach(statement) != Kinds::NONE
                && self.evaluation.conditions(statement) == Truth::True
        };
        let silent = |named: &Named| !self.evaluation.listed(&named.policy).into_iter().any(allows);
        levels.iter().find(|level| level.policies.iter().all(silent)).map(|level| level.name.to_string())
    }

    fn near_misses(&self) -> Vec<NearMiss> {
        let mut misses = Vec::new();
        for layer in STATED.into_iter().filter(|layer| *layer != Layer::ResourceControl) {
            self.each(layer, &mut |place, policy, statement| {
                let about = statement.effect == Effect::Allow && self.evaluation.reach(statement) != Kinds::NONE;
                if about && self.evaluation.conditions(statement) != Truth::True && !self.evaluation.effort.is_spent() {
                    misses.push(NearMiss {
                        statement: self.reason(layer, place, policy, statement),
                        failed: self.failed(statement),
                    });
                }
            });
        }
        misses
    }

    fn failed(&self, statement: &Statement) -> Vec<FailedCondition> {
        let context = self.evaluation.question.context;
        let (names, effort) = (&self.evaluation.spec.names, &self.evaluation.effort);
        let failed = statement.when.iter().filter(|atom| atom.truth(context, names, effort) != Truth::True);
        let told = failed.map(|atom| condition(atom, context)).inspect(|told| {
            effort.spend(told.cost());
        });
        told.collect()
    }

    /// Shows every statement of a layer with the place and name of its policy.
    fn each(&self, layer: Layer, visitor: &mut dyn FnMut(usize, &str, &Statement)) {
        let layers = self.evaluation.layers;
        let mut places = 0..;
        let mut policy = |name: &str, policy: &Policy| {
            let place = places.next().unwrap_or_default();
            let listed = self.evaluation.listed(policy).into_iter();
            listed.take_while(|_| self.evaluation.effort.spend(STATEMENT)).for_each(|each| visitor(place, name, each));
        };
        let mut all = |policies: Option<&[Named]>| {
            policies.unwrap_or_default().iter().for_each(|named| policy(&named.name, &named.policy));
        };
        match layer {
            Layer::Identity => all(layers.identity),
            Layer::Boundary => all(layers.boundary),
            Layer::Session => all(layers.session),
            Layer::Endpoint => all(layers.endpoint),
            Layer::Control => {
                layers.control.unwrap_or_default().iter().for_each(|level| all(Some(level.policies.as_slice())));
            }
            Layer::ResourceControl => {
                let levels = layers.resource_control.unwrap_or_default();
                levels.iter().for_each(|level| all(Some(level.policies.as_slice())));
            }
            Layer::IdentityGroup => {
                let grouped = layers.identity_group.unwrap_or_default().iter();
                grouped
                    .filter(|entry| self.evaluation.in_group(&entry.group))
                    .for_each(|entry| policy(&entry.named.name, &entry.named.policy));
            }
            Layer::Resource => {
                if let Some(named) = self.evaluation.attached() {
                    policy(&named.name, &named.policy);
                }
            }
            Layer::Grants | Layer::Service => {}
        }
    }

    fn reason(&self, layer: Layer, place: usize, policy: &str, statement: &Statement) -> Reason {
        Reason {
            layer: self.layer(layer),
            policy: policy.to_owned(),
            statement: statement.name.to_string(),
            pointer: statement.pointer.to_string(),
            place,
        }
    }

    fn add<T: PartialEq>(&self, items: &mut Vec<T>, item: T) {
        if self.evaluation.effort.spend(ADDED + COMPARED * items.len()) && !items.contains(&item) {
            items.push(item);
        }
    }

    fn layer(&self, layer: Layer) -> LayerName {
        LayerName { layer, word: self.evaluation.spec.layer_name(layer) }
    }
}

/// Whether some policy already says yes on this path.
fn is_begun(tree: &Trace) -> bool {
    let here = matches!(tree.expr, Expr::Leaf(..)) && tree.verdict == Verdict::Allow;
    here || tree.parts.iter().any(is_begun)
}

fn condition(atom: &Atom, context: &dyn Context) -> FailedCondition {
    FailedCondition {
        operator: atom.operator.to_string(),
        key: atom.key.text().to_owned(),
        policy: atom.written.clone(),
        actual: match context.named(atom.key.name()) {
            None => serde_json::Value::Null,
            Some(Value::One(text)) => serde_json::Value::String(text.into_owned()),
            Some(Value::Many(texts)) => texts.iter().map(String::as_str).collect(),
        },
    }
}
