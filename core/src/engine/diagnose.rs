//! Diagnosing: what a denial rests on, sealed for whoever its account allows to have it decoded.
//!
//! # Invariants
//! - It is built for denials alone: what is allowed costs nothing.
//! - Nothing of another account is in it: no statement of its policies, no tag, not whether the resource exists.
//! - It is bounded: values are cut, and what does not fit is left out.

use std::sync::Arc;

use serde_json::Value as Json;

use super::Engine;
use super::caller::{Call, Situation};
use super::facts::Facts;
use super::locate::Located;
use crate::denial::Denial;
use crate::dialect::{Condition, Diagnosis, Diagnostics, Matched};
use crate::operation::Operation;
use crate::policy::{Layer, Reason, Value};

/// The most bytes of one value of a condition key.
const LONGEST_VALUE: usize = 512;
/// The most values of one condition key.
const MOST_VALUES: usize = 32;
/// What sealing adds, and then some.
const SEAL: usize = 64;

impl Engine {
    /// The denial with its encoded message, where it is to have one.
    pub(super) fn diagnosed<O: Operation>(&self, call: &Call<'_>, facts: &Facts<'_, O>, denial: Denial) -> Denial {
        let wanted = |told: &&Diagnostics| told.always || self.settings.decision_header;
        let told = call.dialect.diagnosis.as_ref().filter(wanted);
        // A message that cannot be made does not make the denial any less of one.
        let encoded = told.and_then(|told| self.encoded(told, call, facts, &denial));
        Denial { encoded, ..denial }
    }

    fn encoded<O: Operation>(
        &self,
        told: &Diagnostics,
        call: &Call<'_>,
        facts: &Facts<'_, O>,
        denial: &Denial,
    ) -> Option<String> {
        let situation = facts.situation;
        let hidden = denial.cross_account || !denial.exists;
        let reasons = denial.decision.deny_by.iter().filter(|reason| !hidden || is_own(reason.layer.layer));
        let matched: Vec<Matched<'_>> = reasons.map(|reason| matched(reason, call, situation)).collect();
        let conditions = match hidden {
            true => {
                let situation = Situation { located: &blank(situation.located), all: &[], ..*situation };
                conditions(&Facts { situation: &situation, ..*facts })
            }
            false => conditions(facts),
        };
        let resource = if hidden && denial.by_ciphertext { "*" } else { denial.resource.as_str() };
        let room = (told.longest / 4 * 3).saturating_sub(SEAL);
        let (mut statements, mut facts) = (matched.len(), conditions.len());
        let text = loop {
            let text = (told.render)(&Diagnosis {
                caller: &call.caller,
                named: &call.named,
                denial,
                resource,
                hidden,
                matched: matched.get(..statements)?,
                conditions: conditions.get(..facts)?,
            });
            match (facts, statements) {
                _ if text.len() <= room => break text,
                (0, 0) => return None,
                (0, _) => statements /= 2,
                (_, _) => facts /= 2,
            }
        };
        self.world.encode_message(call.dialect.name, &denial.account, &text).ok()
    }
}

/// Whether a layer belongs to the caller and its account.
fn is_own(layer: Layer) -> bool {
    match layer {
        Layer::Identity | Layer::IdentityGroup | Layer::Boundary | Layer::Session | Layer::Control => true,
        Layer::Endpoint | Layer::ResourceControl | Layer::Resource | Layer::Grants | Layer::Service => false,
    }
}

/// A resource of which nothing is known but what the request said.
fn blank(located: &Located) -> Located {
    let account = if located.by_ciphertext { Arc::from("") } else { Arc::clone(&located.account) };
    Located { account, resource: None, unchanged: None, unmade: None, ..located.clone() }
}

/// A statement that denied, with its text.
fn matched<'a>(reason: &'a Reason, call: &'a Call<'_>, situation: &'a Situation<'_>) -> Matched<'a> {
    let source = match reason.layer.layer {
        Layer::Identity => call.caller.sources.get(reason.place),
        _ => None,
    };
    let session = call.caller.session.as_ref();
    let document = match reason.layer.layer {
        Layer::Identity => source.map(|source| &*source.document),
        Layer::Session => session.and_then(|session| session.terms.policies.get(reason.place)).map(String::as_str),
        Layer::Resource => situation.located.resource.as_ref().and_then(|resource| resource.document()),
        _ => None,
    };
    let document = document.and_then(|text| serde_json::from_str::<Json>(text).ok());
    let statement = document.and_then(|mut document| document.pointer_mut(&reason.pointer).map(Json::take));
    Matched { layer: reason.layer.layer, policy: &reason.policy, source, statement: statement.unwrap_or_default() }
}

/// The full name of the managed policy that denied, if one of the caller's own did.
pub(super) fn denied_by(call: &Call<'_>, reasons: &[Reason]) -> Option<String> {
    let of_caller = reasons.iter().filter(|reason| reason.layer.layer == Layer::Identity);
    let mut sources = of_caller.filter_map(|reason| call.caller.sources.get(reason.place));
    sources.find_map(|source| source.name_of_managed(call.dialect.law, &call.caller.account, &call.region))
}

/// The condition keys that have a value.
fn conditions<O: Operation>(facts: &Facts<'_, O>) -> Vec<Condition> {
    let Facts { situation, op, everywhere, keys, simulated } = *facts;
    let everywhere = everywhere.iter().flat_map(|key| key.values(None, situation));
    let own = keys.iter().flat_map(|key| key.values(Some(op), situation));
    let beside = situation.connection.simulated.as_deref().map(|one| one.values(simulated, situation));
    everywhere
        .chain(own)
        .chain(beside.into_iter().flatten())
        .filter_map(|(key, value)| condition(key, &value))
        .collect()
}

/// A condition key with its values, unless all of them are empty.
fn condition(key: String, value: &Value<'_>) -> Option<Condition> {
    let values = match value {
        Value::One(text) => vec![cut(text)],
        Value::Many(texts) => texts.iter().take(MOST_VALUES).map(|text| cut(text)).collect(),
    };
    values.iter().any(|value| !value.is_empty()).then_some(Condition { key, values })
}

fn cut(text: &str) -> String {
    let end = text.floor_char_boundary(LONGEST_VALUE);
    text.get(..end).unwrap_or_default().to_owned()
}
