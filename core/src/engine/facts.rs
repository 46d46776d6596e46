//! Facts: the values of condition keys, each found when a condition asks for it.

use super::Situation;
use crate::dialect::{ContextKey, Law, Row};
use crate::policy::{Context, KeyName, Value};

/// The facts of an operation in its situation.
pub(super) struct Facts<'a, O: 'static> {
    /// What surrounds the operation.
    pub(super) situation: &'a Situation<'a>,
    /// The operation.
    pub(super) op: &'a O,
    /// The keys that every request carries.
    pub(super) everywhere: &'static [ContextKey],
    /// The keys of the operation.
    pub(super) keys: &'static [ContextKey<O>],
    /// The keys that are simulated alone.
    pub(super) simulated: &'static [ContextKey],
}

impl<O> Context for Facts<'_, O> {
    fn named(&self, key: KeyName<'_>) -> Option<Value<'_>> {
        let everywhere = || of_every_request(self.everywhere, key, self.situation);
        let own = || self.keys.iter().find_map(|known| known.value(key, Some(self.op), self.situation));
        everywhere().or_else(own).or_else(|| of_the_circumstances(self.simulated, key, self.situation))
    }
}

/// What can be said of a request before it is made: its arguments say nothing yet.
pub(crate) struct Foreseen<'a> {
    situation: &'a Situation<'a>,
    everywhere: &'static [ContextKey],
    simulated: &'static [ContextKey],
    row: Option<&'static Row>,
}

impl<'a> Foreseen<'a> {
    /// The facts of every request, and those of a row.
    pub(crate) fn new(situation: &'a Situation<'a>, law: &Law, row: Option<&'static Row>) -> Self {
        Self { situation, everywhere: law.context, simulated: law.simulated, row }
    }
}

impl Context for Foreseen<'_> {
    fn named(&self, key: KeyName<'_>) -> Option<Value<'_>> {
        let everywhere = || of_every_request(self.everywhere, key, self.situation);
        everywhere()
            .or_else(|| self.row?.foreseen(key, self.situation))
            .or_else(|| of_the_circumstances(self.simulated, key, self.situation))
    }
}

fn of_every_request<'a>(keys: &'static [ContextKey], key: KeyName<'_>, situation: &Situation<'a>) -> Option<Value<'a>> {
    keys.iter().find_map(|known| known.value(key, None, situation))
}

fn of_the_circumstances<'a>(
    keys: &'static [ContextKey],
    key: KeyName<'_>,
    situation: &Situation<'a>,
) -> Option<Value<'a>> {
    situation.connection.simulated.as_deref()?.value(keys, key, situation)
}
