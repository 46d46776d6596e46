//! Conditions in the words of the other side.

use super::super::compile::Parsed;
use super::super::condition::{Over, Predicate};
use super::super::spec::{Effect, Shape};
use super::name::{Names, is_wild};
use super::report::{Entry, Status};
use super::twins::{KeyTwin, Values};

/// One comparison of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Comparison {
    pub(super) operator: String,
    pub(super) key: String,
    pub(super) values: Vec<String>,
}

/// A comparison in the words of the other side, with what decides about which actions it can speak.
#[derive(Debug, Clone)]
pub(super) struct Rewritten {
    pub(super) comparison: Comparison,
    /// Whether it wants the opposite, and so holds for requests without the key.
    pub(super) negated: bool,
    /// The key in the words of the source.
    pub(super) source: String,
}

/// The comparisons of a statement.
pub(super) enum Conditions {
    /// Those that are left.
    Kept(Vec<Rewritten>),
    /// One without a translation holds an Allow in bounds.
    Unbounded,
}

pub(super) struct Rewriter<'s> {
    pub(super) names: &'s Names<'s>,
    /// The grammar of what is written, where something is.
    pub(super) shape: Option<&'static Shape>,
    /// Whether `${…}` is a variable in the source.
    pub(super) variables: bool,
}

impl Rewriter<'_> {
    /// The comparisons of a statement; what is lost is lost as its effect allows.
    pub(super) fn all(&self, comparisons: &[Comparison], entry: &mut Entry) -> Conditions {
        let mut kept = Vec::new();
        for comparison in comparisons {
            if self.is_implied(comparison, comparisons) {
                entry.note(format!("`Null` of `{}` is implied by what else is asked of it", comparison.key));
                continue;
            }
            match self.one(comparison, entry) {
                Ok(rewritten) => kept.push(rewritten),
                Err(why) if entry.effect == Effect::Deny => {
                    let Comparison { operator, key, .. } = comparison;
                    entry.is(Status::WiderDeny, format!("{why}: the Deny holds whatever `{operator}` says of `{key}`"));
                }
                Err(why) => {
                    entry.is(Status::Dropped, format!("{why}: the Allow would be without this bound"));
                    return Conditions::Unbounded;
                }
            }
        }
        Conditions::Kept(kept)
    }

    /// Whether it only wants a key to be there that another comparison, which needs it, is about.
    fn is_implied(&self, comparison: &Comparison, all: &[Comparison]) -> bool {
        let spec = self.names.from.spec;
        let absent = |one: &Comparison| {
            spec.operator(&one.operator).is_some_and(|parsed| parsed.operator.predicate == Predicate::Absent)
        };
        let needs = |one: &Comparison| {
            let parsed = spec.operator(&one.operator);
            parsed.is_some_and(|Parsed { operator, over, if_exists }| {
                !operator.negated && over == Over::Single && !if_exists && operator.predicate != Predicate::Absent
            })
        };
        let present = comparison.values.iter().all(|value| value == "false");
        absent(comparison)
            && present
            && all.iter().any(|other| needs(other) && other.key.eq_ignore_ascii_case(&comparison.key))
    }

    fn one(&self, comparison: &Comparison, entry: &mut Entry) -> Result<Rewritten, String> {
        let Comparison { operator, key, values } = comparison;
        let (from, to) = (self.names.from, self.names.to);
        let (twin, rest) = from.key(key).ok_or_else(|| format!("`{key}` has no twin"))?;
        let target = to.key_named(twin.concept).ok_or_else(|| format!("`{key}` has no twin"))?;
        let parsed = from.spec.operator(operator).ok_or_else(|| format!("`{operator}` is no operator"))?;
        let name = self.operator(operator, parsed, values)?;
        let negated = parsed.operator.negated;
        let values = self.values(twin, target, negated, values, entry)?;
        for doubt in [twin.doubt, target.doubt].into_iter().flatten() {
            entry.is(Status::Assumed, format!("`{key}`: {doubt}"));
        }
        let key = match target.key.strip_suffix('*') {
            Some(prefix) => [prefix, rest].concat(),
            None => target.key.to_owned(),
        };
        if self.shape.is_some_and(|shape| shape.bars(&key.to_ascii_lowercase())) {
            return Err(format!("`{key}` may not stand in such a policy there"));
        }
        Ok(Rewritten {
            comparison: Comparison { operator: name.to_owned(), key, values },
            negated,
            source: comparison.key.clone(),
        })
    }

    /// The other side's operator that means the same.
    fn operator(&self, written: &str, parsed: Parsed, values: &[String]) -> Result<&'static str, String> {
        let Parsed { operator, over, if_exists } = parsed;
        if over != Over::Single {
            return Err(format!("`{written}` speaks of keys with several values, which have no twins"));
        }
        // A negated comparison holds for an absent key anyway.
        if if_exists && !operator.negated {
            return Err(format!("`{written}` forgives an absent key, which has no twin"));
        }
        let wanted = match operator.predicate {
            Predicate::Name if values.iter().all(|value| !crosses(value)) => Predicate::Like,
            Predicate::Name => return Err(format!("`{written}` compares segment by segment, which has no twin")),
            other => other,
        };
        let same =
            |known: &&super::super::condition::Operator| known.predicate == wanted && known.negated == operator.negated;
        let found = self.names.to.spec.operators.iter().find(same);
        found.map(|known| known.name).ok_or_else(|| format!("`{written}` has no twin"))
    }

    fn values(
        &self,
        twin: &KeyTwin,
        target: &KeyTwin,
        negated: bool,
        values: &[String],
        entry: &mut Entry,
    ) -> Result<Vec<String>, String> {
        let (known, unknown): (Vec<_>, Vec<_>) =
            values.iter().map(|value| self.value(twin, target, value)).partition(Result::is_ok);
        let known: Vec<String> = known.into_iter().flatten().collect();
        let Some(why) = unknown.into_iter().find_map(Result::err) else { return Ok(known) };
        // A shorter list makes a comparison narrower, and its opposite wider.
        let lawful = negated == (entry.effect == Effect::Deny);
        if !lawful || known.is_empty() {
            return Err(why);
        }
        entry.lawful(why);
        Ok(known)
    }

    fn value(&self, twin: &KeyTwin, target: &KeyTwin, value: &str) -> Result<String, String> {
        let variables = self.variables || self.names.to.spec.versions.iter().any(|known| known.variables);
        if variables && value.contains("${") {
            return Err(format!("`{value}` holds a variable, or what would be one there"));
        }
        let map = self.names.map;
        let named = |what: &str, known: &std::collections::BTreeMap<String, String>| match known.get(value) {
            Some(twin) => Ok(twin.clone()),
            None if self.names.lenient => Ok(value.to_owned()),
            None => Err(format!("the map does not name the {what} `{value}`")),
        };
        match twin.values {
            Values::Same => Ok(value.to_owned()),
            Values::Network => named("network", &map.networks),
            Values::Account => named("account", &map.accounts),
            Values::Caller if self.names.lenient => Ok(self.names.caller(value).unwrap_or_else(|_| value.to_owned())),
            Values::Caller => self.names.caller(value),
            Values::Only(words) => {
                let both =
                    words.contains(&value) && matches!(target.values, Values::Only(others) if others.contains(&value));
                both.then(|| value.to_owned()).ok_or_else(|| format!("`{value}` is a word of this vendor alone"))
            }
        }
    }

    /// A value of a request in the words of the other side; the same where it has none.
    pub(super) fn told(&self, key: &str, value: &str) -> Option<(String, String)> {
        let (twin, rest) = self.names.from.key(key)?;
        let target = self.names.to.key_named(twin.concept)?;
        let name = match target.key.strip_suffix('*') {
            Some(prefix) => [prefix, rest].concat(),
            None => target.key.to_owned(),
        };
        let value = self.value(twin, target, value).unwrap_or_else(|_| value.to_owned());
        Some((name, value))
    }
}

/// Whether a wildcard of a full name could run over a colon where wildcards may: in any segment but the last.
fn crosses(value: &str) -> bool {
    value.rsplit_once(':').is_none_or(|(head, _)| is_wild(head))
}
