//! What can be said of a question while some condition keys are not known, and what is left to ask.
//!
//! Everything that depends on an unknown key is followed as the set of what it may come to.
//!
//! # Invariants
//! - It is sound: the verdict on every completion of the context is among those it gives. It may give more than there
//!   are, where two conditions depend on the same key.
//! - Without unknown keys it agrees with [`Spec::decide`].

use serde::Serialize;

use super::combine::{Expr, Kinds};
use super::condition::{Atom, Truth};
use super::effort::Effort;
use super::evaluate::Evaluation;
use super::explain::LayerName;
use super::grant::{self, Grant};
use super::key::Key;
use super::model::{Set, Statement};
use super::pattern::NamePattern;
use super::question::{Layer, Layers, Level, Named, Question, Verdict};
use super::spec::{Effect, Spec};

/// The answer to a question of which not every condition key is known.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Partial {
    /// The verdict, whatever the unknown keys are.
    Sure(Verdict),
    /// It depends on the unknown keys.
    Maybe {
        /// The verdicts that may come out.
        among: Vec<Verdict>,
        /// What decides, each statement with the conditions that are still open.
        open: Vec<Open>,
    },
}

impl Partial {
    /// Whether a completion of the context may have this verdict.
    #[must_use]
    pub fn may_be(&self, verdict: Verdict) -> bool {
        match self {
            Self::Sure(only) => *only == verdict,
            Self::Maybe { among, .. } => among.contains(&verdict),
        }
    }
}

/// A statement or a grant of which it is not known whether it applies.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Open {
    /// Its layer.
    pub layer: LayerName,
    /// The policy or the grant.
    pub policy: String,
    /// The statement's identifier, or `#index`.
    pub statement: String,
    /// The statement's JSON pointer; empty for grants.
    pub pointer: String,
    /// Whether it would deny.
    pub denies: bool,
    /// What has to hold for it to apply, as far as that is open.
    pub conditions: Vec<OpenCondition>,
}

/// A condition on a key that is not known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OpenCondition {
    /// The operator as written; `Resource` where a variable stands in the name of a resource.
    pub operator: String,
    /// The condition key.
    pub key: String,
    /// The operands as written.
    pub wanted: serde_json::Value,
}

impl Spec {
    /// The verdict on a question whose context is not known in full.
    ///
    /// `unknown` says of a condition key, in lower case, whether its value is unknown; it may then have any value or none.
    /// Of keys such as tags, of which there is no end, it is asked by name; of the pairs that grants constrain also by
    /// their prefix, and has to say yes if any of them is unknown. The other keys are as the context of the question has
    /// them.
    #[must_use]
    pub fn decide_partially(
        &self,
        question: &Question<'_>,
        layers: &Layers<'_>,
        unknown: impl Fn(&str) -> bool,
    ) -> Partial {
        let evaluation = Evaluation::new(self, question, layers, Effort::unbounded());
        let known = |key: &str| !unknown(&key.to_ascii_lowercase());
        let follower = Follower { evaluation: &evaluation, known: &known };
        let mut open = Vec::new();
        let verdicts = follower.verdicts(&self.combine, &mut open);
        match verdicts.list().as_slice() {
            [only] => Partial::Sure(*only),
            among => Partial::Maybe { among: among.to_vec(), open },
        }
    }
}

/// Which truths are possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Truths(u8);

impl Truths {
    const EACH: [Truth; 3] = [Truth::True, Truth::False, Truth::Unknown];
    const ALL: Self = Self(0b111);

    const fn only(truth: Truth) -> Self {
        Self(1 << truth as u8)
    }

    fn has(self, truth: Truth) -> bool {
        self.0 & Self::only(truth).0 != 0
    }

    fn and(self, other: Self) -> Self {
        let pairs = Self::EACH.into_iter().flat_map(|one| Self::EACH.map(|two| (one, two)));
        let possible = pairs.filter(|(one, two)| self.has(*one) && other.has(*two));
        Self(possible.fold(0, |bits, (one, two)| bits | Self::only(one.and(two)).0))
    }
}

/// Which verdicts are possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Verdicts(u8);

impl Verdicts {
    const EACH: [Verdict; 3] = [Verdict::Allow, Verdict::ExplicitDeny, Verdict::ImplicitDeny];
    const NONE: Self = Self(0);

    const fn only(verdict: Verdict) -> Self {
        Self(1 << verdict as u8)
    }

    const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn has(self, verdict: Verdict) -> bool {
        self.0 & Self::only(verdict).0 != 0
    }

    fn list(self) -> Vec<Verdict> {
        Self::EACH.into_iter().filter(|verdict| self.has(*verdict)).collect()
    }

    /// What may come of one of these and one of those, when the earliest in `order` wins.
    fn strongest(self, other: Self, order: [Verdict; 3]) -> Self {
        let rank = |verdict: Verdict| order.iter().position(|known| *known == verdict);
        let pairs = self.list().into_iter().flat_map(|one| other.list().into_iter().map(move |two| (one, two)));
        pairs.fold(Self::NONE, |all, (one, two)| all.or(Self::only(if rank(one) <= rank(two) { one } else { two })))
    }
}

/// What a layer may say: between what is sure and what is possible.
#[derive(Debug, Clone, Copy, Default)]
struct Outcomes {
    denies: bool,
    may_deny: bool,
    allow: Kinds,
    may_allow: Kinds,
}

impl Outcomes {
    fn add(&mut self, effect: Effect, kinds: Kinds, applies: Applies) {
        match (effect, applies) {
            (_, Applies::No) => {}
            (Effect::Allow, applies) => {
                self.may_allow = self.may_allow.or(kinds);
                if applies == Applies::Yes {
                    self.allow = self.allow.or(kinds);
                }
            }
            (Effect::Deny, applies) => {
                self.may_deny = true;
                self.denies |= applies == Applies::Yes;
            }
        }
    }

    fn verdicts(self, kinds: Kinds) -> Verdicts {
        let mut verdicts = Verdicts::NONE;
        if self.may_deny {
            verdicts = verdicts.or(Verdicts::only(Verdict::ExplicitDeny));
        }
        if !self.denies && self.may_allow.meets(kinds) {
            verdicts = verdicts.or(Verdicts::only(Verdict::Allow));
        }
        if !self.denies && !self.allow.meets(kinds) {
            verdicts = verdicts.or(Verdicts::only(Verdict::ImplicitDeny));
        }
        verdicts
    }
}

/// Whether a statement applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Applies {
    No,
    Maybe,
    Yes,
}

struct Follower<'e, 'q> {
    evaluation: &'e Evaluation<'q>,
    known: &'e dyn Fn(&str) -> bool,
}

impl<'q> Follower<'_, 'q> {
    /// The possible verdicts of an expression; what leaves them open is added.
    fn verdicts(&self, expr: &Expr, open: &mut Vec<Open>) -> Verdicts {
        use Verdict::{Allow, ExplicitDeny, ImplicitDeny};
        match expr {
            Expr::All(parts) => parts.iter().fold(Verdicts::only(Allow), |all, part| {
                all.strongest(self.verdicts(part, open), [ExplicitDeny, ImplicitDeny, Allow])
            }),
            Expr::Any(parts) => parts.iter().fold(Verdicts::only(ImplicitDeny), |all, part| {
                all.strongest(self.verdicts(part, open), [ExplicitDeny, Allow, ImplicitDeny])
            }),
            Expr::First(parts) => {
                let silent = Verdicts::only(ImplicitDeny);
                parts.iter().fold(silent, |said, part| match said.has(ImplicitDeny) {
                    true => Verdicts(said.0 & !silent.0).or(self.verdicts(part, open)),
                    false => said,
                })
            }
            Expr::If(test, yes, no) => self.verdicts(if self.evaluation.holds(test) { yes } else { no }, open),
            Expr::Because(_, inner) => self.verdicts(inner, open),
            Expr::Leaf(layer, kinds) => self.leaf(*layer, *kinds, ImplicitDeny, open),
            Expr::Optional(layer) => self.leaf(*layer, Kinds::ALL, Allow, open),
            Expr::Guard(layer) => {
                let Some(outcomes) = self.outcomes(*layer) else { return Verdicts::only(Allow) };
                let guarded = Outcomes { allow: Kinds::ALL, may_allow: Kinds::ALL, ..outcomes };
                self.noted(*layer, guarded, Kinds::ALL, open)
            }
            Expr::Allowed(_) => Verdicts::only(Allow),
            Expr::Refused(_) => Verdicts::only(ImplicitDeny),
        }
    }

    fn leaf(&self, layer: Layer, kinds: Kinds, absent: Verdict, open: &mut Vec<Open>) -> Verdicts {
        match self.outcomes(layer) {
            None => Verdicts::only(absent),
            Some(outcomes) => self.noted(layer, outcomes, kinds, open),
        }
    }

    /// The verdicts of a layer; if there are several, with the statements that decide.
    fn noted(&self, layer: Layer, outcomes: Outcomes, kinds: Kinds, open: &mut Vec<Open>) -> Verdicts {
        let verdicts = outcomes.verdicts(kinds);
        if verdicts.list().len() > 1 {
            let allows_count = !outcomes.allow.meets(kinds);
            for (reached, statement) in self.open(layer) {
                if (statement.denies || allows_count && reached.meets(kinds)) && !open.contains(&statement) {
                    open.push(statement);
                }
            }
        }
        verdicts
    }

    /// What a layer may say, or `None` if it does not exist.
    fn outcomes(&self, layer: Layer) -> Option<Outcomes> {
        let layers = self.evaluation.layers;
        match layer {
            Layer::Control => layers.control.map(|levels| self.levels(levels)),
            Layer::ResourceControl => layers.resource_control.map(|levels| self.levels(levels)),
            Layer::Grants => layers.grants.map(|grants| {
                let mut outcomes = Outcomes::default();
                for grant in grants.iter() {
                    let (kinds, applies) = self.grant(grant);
                    outcomes.add(Effect::Allow, kinds, applies);
                }
                outcomes
            }),
            Layer::Service => None,
            Layer::Identity
            | Layer::IdentityGroup
            | Layer::Boundary
            | Layer::Session
            | Layer::Endpoint
            | Layer::Resource => self.policies(layer).map(|policies| self.together(&policies)),
        }
    }

    /// The policies of a layer without levels, each with whether it counts at all.
    fn policies(&self, layer: Layer) -> Option<Vec<(&'q Named, Applies)>> {
        let layers = self.evaluation.layers;
        let all = |policies: &'q [Named]| policies.iter().map(|named| (named, Applies::Yes)).collect();
        match layer {
            Layer::Identity => layers.identity.map(all),
            Layer::Boundary => layers.boundary.map(all),
            Layer::Session => layers.session.map(all),
            Layer::Endpoint => layers.endpoint.map(all),
            Layer::Resource => self.evaluation.attached().map(|named| vec![(named, Applies::Yes)]),
            Layer::IdentityGroup => layers.identity_group.map(|grouped| {
                let known = self.evaluation.spec.group_key.is_none_or(self.known);
                let counts = |group: &str| match known {
                    false => Applies::Maybe,
                    true if self.evaluation.in_group(group) => Applies::Yes,
                    true => Applies::No,
                };
                grouped.iter().map(|entry| (&entry.named, counts(&entry.group))).collect()
            }),
            Layer::Control | Layer::ResourceControl | Layer::Grants | Layer::Service => None,
        }
    }

    fn levels(&self, levels: &[Level]) -> Outcomes {
        let mut whole = Outcomes { allow: Kinds::ALL, may_allow: Kinds::ALL, ..Outcomes::default() };
        for level in levels {
            let policies: Vec<(&Named, Applies)> = level.policies.iter().map(|named| (named, Applies::Yes)).collect();
            let outcomes = self.together(&policies);
            whole.denies |= outcomes.denies;
            whole.may_deny |= outcomes.may_deny;
            if outcomes.allow == Kinds::NONE {
                whole.allow = Kinds::NONE;
            }
            if outcomes.may_allow == Kinds::NONE {
                whole.may_allow = Kinds::NONE;
            }
        }
        if levels.is_empty() { Outcomes::default() } else { whole }
    }

    fn together(&self, policies: &[(&Named, Applies)]) -> Outcomes {
        let mut outcomes = Outcomes::default();
        for (named, counts) in policies {
            for statement in self.evaluation.listed(&named.policy) {
                let (kinds, applies) = self.statement(statement);
                outcomes.add(statement.effect, kinds, applies.and(*counts));
            }
        }
        outcomes
    }

    /// In which ways a statement reaches the caller, and whether it applies.
    fn statement(&self, statement: &Statement) -> (Kinds, Applies) {
        let kinds = self.evaluation.reach_of_caller(statement);
        let about = if kinds == Kinds::NONE { Applies::No } else { self.resources(statement) };
        let truths = match about {
            Applies::No => Truths::only(Truth::False),
            Applies::Maybe | Applies::Yes => {
                let atoms = statement.when.iter().map(|atom| self.atom(atom));
                atoms.fold(Truths::only(Truth::True), Truths::and)
            }
        };
        let helps = |truth| match (statement.effect, truth) {
            (_, Truth::True) | (Effect::Deny, Truth::Unknown) => true,
            (_, Truth::False) | (Effect::Allow, Truth::Unknown) => false,
        };
        let (some, all) = Truths::EACH
            .into_iter()
            .filter(|truth| truths.has(*truth))
            .map(helps)
            .fold((false, true), |(some, all), helps| (some || helps, all && helps));
        let holds = match (some, all) {
            (false, _) => Applies::No,
            (true, false) => Applies::Maybe,
            (true, true) => Applies::Yes,
        };
        (kinds, about.and(holds))
    }

    fn resources(&self, statement: &Statement) -> Applies {
        let any = |patterns: &[NamePattern]| {
            let found = patterns.iter().map(|pattern| self.resource(pattern));
            found.fold(Applies::No, |all, one| match (all, one) {
                (Applies::Yes, _) | (_, Applies::Yes) => Applies::Yes,
                (Applies::No, Applies::No) => Applies::No,
                (Applies::Maybe, _) | (_, Applies::Maybe) => Applies::Maybe,
            })
        };
        match &statement.resources {
            Set::All => Applies::Yes,
            Set::In(patterns) => any(patterns),
            Set::NotIn(patterns) => match any(patterns) {
                Applies::No => Applies::Yes,
                Applies::Maybe => Applies::Maybe,
                Applies::Yes => Applies::No,
            },
        }
    }

    fn resource(&self, pattern: &NamePattern) -> Applies {
        if !pattern.keys().all(|key| self.knows(key)) {
            return if self.evaluation.could_be_about(pattern) { Applies::Maybe } else { Applies::No };
        }
        if self.evaluation.is_about(pattern) { Applies::Yes } else { Applies::No }
    }

    fn atom(&self, atom: &Atom) -> Truths {
        if atom.keys().all(|key| self.knows(key)) {
            Truths::only(atom.truth(
                self.evaluation.question.context,
                &self.evaluation.spec.names,
                &self.evaluation.effort,
            ))
        } else {
            Truths::ALL
        }
    }

    fn knows(&self, key: &Key) -> bool {
        (self.known)(key.text())
    }

    fn grant(&self, grant: &Grant) -> (Kinds, Applies) {
        let Evaluation { spec, question, .. } = *self.evaluation;
        let kinds = grant::kinds(spec, question, grant);
        if grant::asks(spec, question, grant).iter().all(|key| (self.known)(key)) {
            return (kinds, if kinds == Kinds::NONE { Applies::No } else { Applies::Yes });
        }
        let at_best = grant::at_best(spec, question, grant);
        (at_best, if at_best == Kinds::NONE { Applies::No } else { Applies::Maybe })
    }

    /// The statements and grants of a layer that may apply or not, each with the ways in which it reaches the caller.
    fn open(&self, layer: Layer) -> Vec<(Kinds, Open)> {
        let layers = self.evaluation.layers;
        let of_levels = |levels: Option<&'q [Level]>| {
            let all = levels.unwrap_or_default().iter().flat_map(|level| &level.policies);
            all.map(|named| (named, Applies::Yes)).collect()
        };
        let policies = match layer {
            Layer::Control => of_levels(layers.control),
            Layer::ResourceControl => of_levels(layers.resource_control),
            Layer::Grants => return self.open_grants(),
            _ => self.policies(layer).unwrap_or_default(),
        };
        let mut open = Vec::new();
        for (named, counts) in policies {
            for statement in self.evaluation.listed(&named.policy) {
                let (kinds, applies) = self.statement(statement);
                if applies.and(counts) == Applies::Maybe {
                    open.push((kinds, self.told(layer, named, statement, counts)));
                }
            }
        }
        open
    }

    fn told(&self, layer: Layer, named: &Named, statement: &Statement, counts: Applies) -> Open {
        let atoms = statement.when.iter().filter(|atom| !atom.keys().all(|key| self.knows(key)));
        let mut conditions: Vec<OpenCondition> = atoms
            .map(|atom| OpenCondition {
                operator: atom.operator.to_string(),
                key: atom.key.text().to_owned(),
                wanted: atom.written.clone(),
            })
            .collect();
        if self.resources(statement) == Applies::Maybe
            && let Set::In(patterns) | Set::NotIn(patterns) = &statement.resources
        {
            let keys = patterns.iter().flat_map(NamePattern::keys).filter(|key| !self.knows(key));
            conditions.extend(keys.map(|key| OpenCondition {
                operator: "Resource".to_owned(),
                key: key.text().to_owned(),
                wanted: serde_json::Value::Null,
            }));
        }
        if counts == Applies::Maybe {
            conditions.push(OpenCondition {
                operator: "ResourceGroup".to_owned(),
                key: self.evaluation.spec.group_key.unwrap_or_default().to_owned(),
                wanted: serde_json::Value::Null,
            });
        }
        Open {
            layer: self.layer(layer),
            policy: named.name.to_string(),
            statement: statement.name.to_string(),
            pointer: statement.pointer.to_string(),
            denies: statement.effect == Effect::Deny,
            conditions,
        }
    }

    fn open_grants(&self) -> Vec<(Kinds, Open)> {
        let Evaluation { spec, question, layers, .. } = *self.evaluation;
        let mut open = Vec::new();
        for grant in layers.grants.unwrap_or_default().iter() {
            let (kinds, applies) = self.grant(grant);
            if applies == Applies::Maybe {
                let keys = grant::asks(spec, question, grant).into_iter().filter(|key| !(self.known)(key));
                let conditions = keys.map(|key| OpenCondition {
                    operator: "GrantConstraints".to_owned(),
                    wanted: grant::wanted(spec, grant, &key).into(),
                    key,
                });
                let told = Open {
                    layer: self.layer(Layer::Grants),
                    policy: grant.id.to_string(),
                    statement: "grant".to_owned(),
                    pointer: String::new(),
                    denies: false,
                    conditions: conditions.collect(),
                };
                open.push((kinds, told));
            }
        }
        open
    }

    fn layer(&self, layer: Layer) -> LayerName {
        LayerName { layer, word: self.evaluation.spec.layer_name(layer) }
    }
}

impl Applies {
    const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            (Self::Maybe, _) | (_, Self::Maybe) => Self::Maybe,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::super::example_tests::{KEY, SPEC, facts, named, question};
    use super::super::{Attached, DocumentKind};
    use super::*;

    /// A key that leaves the matter to the account, and a caller with these statements.
    fn decided(statements: &str, context: &str, unknown: &[&str]) -> Partial {
        let compiled = |kind, statements: &str| {
            named("p", SPEC.compile(kind, &format!(r#"{{"Version":"2","Statement":[{statements}]}}"#)).unwrap())
        };
        let home = r#"{"Effect":"Allow","Principal":{"ID":"1"},"Action":"*","Resource":"*"}"#;
        let (identity, key) = ([compiled(DocumentKind::Identity, statements)], compiled(DocumentKind::Key, home));
        let resource = Some(Attached { attached_to: KEY, named: &key });
        let layers = Layers { identity: Some(&identity), resource, ..Layers::default() };
        SPEC.decide_partially(&question(&facts(context)), &layers, |key| unknown.contains(&key))
    }

    fn open(partial: Partial) -> Vec<(String, Vec<String>)> {
        let Partial::Maybe { open, .. } = partial else { return Vec::new() };
        let keys = |open: Open| open.conditions.into_iter().map(|condition| condition.key).collect();
        open.into_iter().map(|open| (open.statement.clone(), keys(open))).collect()
    }

    const TEAM: &str = r#"{"Sid":"team","Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"a:Team":"blue","a:Tls":"yes"}}}"#;

    #[test]
    fn what_is_left_to_ask_is_the_open_part_of_the_conditions() {
        let partial = decided(TEAM, r#"{"a:Tls":"yes"}"#, &["a:team"]);
        assert!(partial.may_be(Verdict::Allow) && partial.may_be(Verdict::ImplicitDeny));
        assert!(!partial.may_be(Verdict::ExplicitDeny));
        assert_eq!(open(partial), [("team".to_owned(), vec!["a:Team".to_owned()])]);
    }

    #[test]
    fn a_known_condition_that_fails_settles_the_others() {
        assert_eq!(decided(TEAM, r#"{"a:Tls":"no"}"#, &["a:team"]), Partial::Sure(Verdict::ImplicitDeny));
    }

    #[test]
    fn a_statement_that_allows_anyhow_makes_other_allows_idle() {
        let anyhow = r#"{"Effect":"Allow","Action":"kms:*","Resource":"*"}"#;
        assert_eq!(decided(&[TEAM, anyhow].join(","), "{}", &["a:team", "a:tls"]), Partial::Sure(Verdict::Allow));
    }

    #[test]
    fn a_deny_that_may_apply_is_told_and_one_that_does_is_sure() {
        let allow = r#"{"Effect":"Allow","Action":"kms:*","Resource":"*"}"#;
        let deny = |condition: &str| {
            format!(r#"{allow},{{"Sid":"no","Effect":"Deny","Action":"*","Resource":"*"{condition}}}"#)
        };
        let partial = decided(&deny(r#","Condition":{"Bool":{"a:Tls":"false"}}"#), "{}", &["a:tls"]);
        assert!(partial.may_be(Verdict::Allow) && partial.may_be(Verdict::ExplicitDeny));
        assert_eq!(open(partial), [("no".to_owned(), vec!["a:Tls".to_owned()])]);
        assert_eq!(decided(&deny(""), "{}", &["a:tls"]), Partial::Sure(Verdict::ExplicitDeny));
    }

    #[test]
    fn an_unknown_variable_leaves_a_resource_open_only_where_it_could_fit() {
        let of = |name: &str| format!(r#"{{"Effect":"Allow","Action":"*","Resource":"arn:p:kms:r:1:{name}"}}"#);
        let partial = decided(&of("key/${a:name}"), "{}", &["a:name"]);
        assert_eq!(open(partial), [("#0".to_owned(), vec!["a:name".to_owned()])]);
        assert_eq!(decided(&of("alias/${a:name}"), "{}", &["a:name"]), Partial::Sure(Verdict::ImplicitDeny));
    }
}
