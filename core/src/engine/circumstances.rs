//! Circumstances that requests are taken to come from, in an emulator alone: another address, a private network, a second
//! factor, another time.
//!
//! # Invariants
//! - An engine whose settings do not ask for it simulates nothing, whatever a seed or anybody says.
//! - What is simulated is told as such, with each decision and on the audit trail.
//! - It changes what conditions see, and nothing else: neither signatures nor the end of sessions, nor what a request did.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use super::caller::{Caller, Connection, Situation};
use crate::dialect::{ContextKey, Dialect, Peer};
use crate::error::{Flaw, Kind, Result};
use crate::policy::{KeyName, Value};
use crate::port::Time;

/// The most access keys whose requests have circumstances.
const MOST: usize = 1000;
/// The most bytes of one text.
const LONGEST: usize = 256;
/// The most further condition keys, and the most values of one.
const MOST_KEYS: usize = 32;

/// Circumstances that the requests of an access key are taken to come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Circumstances {
    /// The address of whoever asks: in the private network, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_ip: Option<IpAddr>,
    /// The private network that requests come through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc: Option<String>,
    /// The endpoint of the private network that requests come through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_endpoint: Option<String>,
    /// Whether there was a second factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa: Option<bool>,
    /// How many seconds ago there was one; says that there was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa_age_seconds: Option<u64>,
    /// The time that conditions see: 2026-12-24T20:00:00Z.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub time: Option<Time>,
    /// Whether the connection is encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secure_transport: Option<bool>,
    /// Further condition keys, by the names that the cloud has for them, which requests do not have here otherwise.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, Values>,
}

/// What a further condition key has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Values {
    /// One value.
    One(String),
    /// A set of values.
    Many(Vec<String>),
}

/// Circumstances as they are used.
#[derive(Debug, PartialEq, Eq)]
pub struct Simulated {
    /// The access key whose requests have them.
    pub access_key_id: String,
    /// The circumstances.
    pub circumstances: Circumstances,
    address: Option<Peer>,
}

impl Simulated {
    /// The circumstances of an access key.
    ///
    /// # Errors
    /// [`Kind::Invalid`] for texts that are too long, too many keys, and a second factor that was and was not.
    pub fn of(access_key_id: &str, circumstances: Circumstances) -> Result<Self> {
        let wrong = |why: &'static str| Err(Kind::Invalid(Flaw::Value).because(why).naming(access_key_id));
        let Circumstances { source_ip, vpc, vpc_endpoint, mfa, mfa_age_seconds, keys, .. } = &circumstances;
        if mfa_age_seconds.is_some() && *mfa == Some(false) {
            return wrong("circumstances with the age of a second factor have one");
        }
        let fits = |text: &String| (1..=LONGEST).contains(&text.len());
        let all_fit = |values: &Values| match values {
            Values::One(text) => text.len() <= LONGEST,
            Values::Many(texts) => texts.len() <= MOST_KEYS && texts.iter().all(|text| text.len() <= LONGEST),
        };
        let short = [vpc, vpc_endpoint].into_iter().flatten().all(fits) && keys.keys().all(fits);
        if !short || keys.len() > MOST_KEYS || !keys.values().all(all_fit) {
            return wrong("circumstances have texts of 1 to 256 bytes, and at most 32 further keys");
        }
        let address = source_ip.map(Peer::from);
        Ok(Self { access_key_id: access_key_id.to_owned(), circumstances, address })
    }

    fn is_private(&self) -> bool {
        self.circumstances.vpc.is_some() || self.circumstances.vpc_endpoint.is_some()
    }

    /// The value of a key that requests do not have otherwise.
    pub(super) fn value<'a>(
        &'a self,
        simulated: &'static [ContextKey],
        key: KeyName<'_>,
        situation: &Situation<'a>,
    ) -> Option<Value<'a>> {
        let known = || simulated.iter().find_map(|known| known.value(key, None, situation));
        let named = |(name, values): (&'a String, &'a Values)| key.is(name).then(|| values.value());
        known().or_else(|| self.circumstances.keys.iter().find_map(named))
    }

    /// Every key that requests do not have otherwise, with its value.
    pub(super) fn values<'a>(
        &'a self,
        simulated: &'static [ContextKey],
        situation: &Situation<'a>,
    ) -> Vec<(String, Value<'a>)> {
        let known = simulated.iter().flat_map(|key| key.values(None, situation));
        known.chain(self.circumstances.keys.iter().map(|(name, values)| (name.clone(), values.value()))).collect()
    }
}

impl Values {
    fn value(&self) -> Value<'_> {
        match self {
            Self::One(text) => text.into(),
            Self::Many(texts) => texts.as_slice().into(),
        }
    }
}

impl Connection {
    /// The time that conditions see, which is another one where it is simulated.
    pub(crate) fn time(&self, now: Time) -> Time {
        self.simulated.as_ref().and_then(|simulated| simulated.circumstances.time).unwrap_or(now)
    }
}

/// What conditions see of the way that a request came, be it simulated.
impl<'a> Situation<'a> {
    fn simulated(&self) -> Option<&'a Simulated> {
        self.connection.simulated.as_deref()
    }

    /// The address that the request came from; none that the service would see, where it came through a private network.
    pub fn public_address(&self) -> Option<&'a str> {
        match self.simulated() {
            Some(simulated) if simulated.is_private() => None,
            Some(Simulated { address: Some(address), .. }) => Some(address.as_str()),
            _ => Some(self.connection.peer.as_str()),
        }
    }

    /// The address in the private network that the request came through.
    pub fn private_address(&self) -> Option<&'a str> {
        let simulated = self.simulated().filter(|simulated| simulated.is_private())?;
        simulated.address.as_ref().map(Peer::as_str)
    }

    /// The private network that the request came through.
    pub fn vpc(&self) -> Option<&'a str> {
        self.simulated()?.circumstances.vpc.as_deref()
    }

    /// The endpoint of a private network that the request came through.
    pub fn vpc_endpoint(&self) -> Option<&'a str> {
        self.simulated()?.circumstances.vpc_endpoint.as_deref()
    }

    /// Whether the connection is encrypted.
    pub fn is_encrypted(&self) -> bool {
        let simulated = self.simulated().and_then(|simulated| simulated.circumstances.secure_transport);
        simulated.unwrap_or(self.connection.tls)
    }

    /// How many seconds ago whoever asks showed a second factor; none, where nobody did.
    pub fn second_factor_age(&self) -> Option<u64> {
        let Circumstances { mfa, mfa_age_seconds, .. } = &self.simulated()?.circumstances;
        mfa_age_seconds.or((*mfa == Some(true)).then_some(0))
    }
}

/// The circumstances of access keys, while anything is simulated.
#[derive(Debug, Default)]
pub(super) struct Simulations {
    /// Whether there are any: nothing is looked for otherwise.
    any: AtomicBool,
    of: RwLock<HashMap<(&'static str, String), Arc<Simulated>>>,
}

impl Simulations {
    /// The circumstances of whoever asks: of the access key used, or else of the one that its session was started with.
    pub(super) fn of(&self, caller: &Caller) -> Option<Arc<Simulated>> {
        if !self.any.load(Ordering::Acquire) {
            return None;
        }
        let started = caller.session.as_ref().and_then(|session| session.terms.simulated_as.as_ref());
        let of = self.of.read().unwrap_or_else(PoisonError::into_inner);
        let find = |id: &String| of.get(&(caller.dialect, id.clone())).map(Arc::clone);
        find(&caller.access_key_id).or_else(|| started.and_then(find))
    }

    /// Gives an access key its circumstances; without any, it has none any more.
    ///
    /// # Errors
    /// [`Kind::Invalid`] for circumstances that cannot be, and when too many access keys have some.
    pub(super) fn put(&self, dialect: &'static Dialect, id: &str, circumstances: Option<Circumstances>) -> Result<()> {
        let key = (dialect.name, id.to_owned());
        let simulated = circumstances.map(|circumstances| Simulated::of(id, circumstances)).transpose()?;
        let mut of = self.of.write().unwrap_or_else(PoisonError::into_inner);
        match simulated {
            None => drop(of.remove(&key)),
            Some(_) if of.len() >= MOST && !of.contains_key(&key) => {
                return Err(Kind::Invalid(Flaw::Value).because("too many access keys have circumstances").naming(id));
            }
            Some(simulated) => drop(of.insert(key, Arc::new(simulated))),
        }
        self.any.store(!of.is_empty(), Ordering::Release);
        Ok(())
    }

    /// Nobody has any circumstances any more.
    pub(super) fn clear(&self) {
        self.of.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.any.store(false, Ordering::Release);
    }

    /// All of them, by dialect and access key.
    pub(super) fn all(&self) -> Vec<(&'static str, Arc<Simulated>)> {
        let of = self.of.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = of.iter().map(|((dialect, _), simulated)| (*dialect, Arc::clone(simulated))).collect();
        all.sort_by(|(one, this), (other, that)| (one, &this.access_key_id).cmp(&(other, &that.access_key_id)));
        all
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Simulated> {
        Simulated::of("k", serde_json::from_str(text).unwrap())
    }

    #[test]
    fn circumstances_are_bounded_and_do_not_contradict_themselves() {
        assert!(read(r#"{"source_ip":"192.168.0.9","vpc":"vpc-1","mfa":true,"mfa_age_seconds":9}"#).is_ok());
        let long = "x".repeat(LONGEST + 1);
        let many: BTreeMap<String, &str> = (0..=MOST_KEYS).map(|at| (format!("k:{at}"), "v")).collect();
        for text in [
            r#"{"mfa":false,"mfa_age_seconds":9}"#.to_owned(),
            r#"{"vpc":""}"#.to_owned(),
            format!(r#"{{"vpc_endpoint":"{long}"}}"#),
            format!(r#"{{"keys":{{"{long}":"v"}}}}"#),
            format!(r#"{{"keys":{{"k":["{long}"]}}}}"#),
            serde_json::json!({ "keys": many }).to_string(),
        ] {
            assert!(read(&text).is_err(), "{text}");
        }
        for text in [r#"{"source_ip":"10.0.0.0/8"}"#, r#"{"time":"noon"}"#, r#"{"sourceip":"::1"}"#, r#"{"mfa":"yes"}"#]
        {
            assert!(serde_json::from_str::<Circumstances>(text).is_err(), "{text}");
        }
    }
}
