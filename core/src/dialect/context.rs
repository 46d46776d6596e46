//! Condition keys: what each is called and where it finds its value.
//!
//! # Invariants
//! - A key that reads the arguments is typed by their operation: in a row of another one it does not compile.

use std::collections::BTreeMap;

use crate::engine::Situation;
use crate::policy::{KeyFamily, KeyName, Value, variable_part};

/// Names with their values, as tags and encryption contexts are.
pub type Pairs = BTreeMap<String, String>;

/// A condition key and where its value comes from: from the situation alone, or also from the arguments of an `O`.
pub struct ContextKey<O: 'static = ()> {
    /// The key as the vendor documents it; `<key>` stands for the variable part.
    pub name: &'static str,
    family: KeyFamily,
    source: Source<O>,
}

enum Source<O> {
    Situation(for<'a> fn(&Situation<'a>) -> Option<Value<'a>>),
    SituationPairs(for<'a> fn(&Situation<'a>) -> Option<&'a Pairs>),
    Asked(for<'a> fn(&'a O, &Situation<'a>) -> Option<Value<'a>>),
    AskedPairs(for<'a> fn(&'a O, &Situation<'a>) -> Option<&'a Pairs>),
}

impl<O> std::fmt::Debug for ContextKey<O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl<O> ContextKey<O> {
    /// A key with the function that says its value, if the situation has one.
    pub const fn of(name: &'static str, value: for<'a> fn(&Situation<'a>) -> Option<Value<'a>>) -> Self {
        Self::single(name, Source::Situation(value))
    }

    /// All keys that begin alike, as `aws:ResourceTag/<key>`: one for each of the pairs.
    pub const fn family(name: &'static str, pairs: for<'a> fn(&Situation<'a>) -> Option<&'a Pairs>) -> Self {
        Self::several(name, Source::SituationPairs(pairs))
    }

    /// As [`of`](ContextKey::of), for a value that the arguments say.
    pub const fn asked(name: &'static str, value: for<'a> fn(&'a O, &Situation<'a>) -> Option<Value<'a>>) -> Self {
        Self::single(name, Source::Asked(value))
    }

    /// As [`family`](ContextKey::family), for pairs that are in the arguments.
    pub const fn asked_family(
        name: &'static str,
        pairs: for<'a> fn(&'a O, &Situation<'a>) -> Option<&'a Pairs>,
    ) -> Self {
        Self::several(name, Source::AskedPairs(pairs))
    }

    const fn single(name: &'static str, source: Source<O>) -> Self {
        assert!(variable_part(name) == name.len(), "a key with a variable part is a family");
        Self { name, family: KeyFamily::of(name), source }
    }

    const fn several(name: &'static str, source: Source<O>) -> Self {
        let (prefix, variable) = name.split_at(variable_part(name));
        assert!(matches!(variable.as_bytes(), b"<key>"), "the variable part of a family is written `<key>`");
        Self { name, family: KeyFamily::of(prefix), source }
    }

    fn is(&self, key: KeyName<'_>) -> bool {
        let prefix = || self.name.split_at_checked(key.prefix().len()).map(|(prefix, _)| prefix);
        self.family == key.family() && prefix().is_some_and(|prefix| prefix.eq_ignore_ascii_case(key.prefix()))
    }

    /// Whether it is `key`, and the arguments say its value.
    pub(crate) fn is_asked(&self, key: KeyName<'_>) -> bool {
        matches!(self.source, Source::Asked(_) | Source::AskedPairs(_)) && self.is(key)
    }

    /// The value of `key`, if it is this one and has a value; without arguments, only what the situation says.
    pub(crate) fn value<'a>(
        &self,
        key: KeyName<'_>,
        op: Option<&'a O>,
        situation: &Situation<'a>,
    ) -> Option<Value<'a>> {
        if !self.is(key) {
            return None;
        }
        match self.source {
            Source::Situation(value) => value(situation),
            Source::Asked(value) => value(op?, situation),
            Source::SituationPairs(pairs) => Value::of_pair(pairs(situation)?, key.variable()),
            Source::AskedPairs(pairs) => Value::of_pair(pairs(op?, situation)?, key.variable()),
        }
    }

    /// Every name that has a value, with it.
    pub(crate) fn values<'a>(&self, op: Option<&'a O>, situation: &Situation<'a>) -> Vec<(String, Value<'a>)> {
        let single = |value: Option<Value<'a>>| value.map(|value| (self.name.to_owned(), value)).into_iter().collect();
        let several = |pairs: Option<&'a Pairs>| {
            let prefix = self.name.strip_suffix("<key>").unwrap_or(self.name);
            let told = |(name, value): (&String, &'a String)| ([prefix, name].concat(), Value::from(value));
            pairs.into_iter().flatten().map(told).collect()
        };
        match self.source {
            Source::Situation(value) => single(value(situation)),
            Source::Asked(value) => single(op.and_then(|op| value(op, situation))),
            Source::SituationPairs(pairs) => several(pairs(situation)),
            Source::AskedPairs(pairs) => several(op.and_then(|op| pairs(op, situation))),
        }
    }
}
