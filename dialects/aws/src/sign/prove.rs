//! A signature with everything it covers, ready to be proven.

use std::borrow::Cow;
use std::time::Duration;

use polykms_core::dialect::{Credential, Proof};
use polykms_core::error::Result;
use polykms_core::port::Time;
use subtle::ConstantTimeEq;

use super::key::signing_key;
use super::refusal;

/// What a request was signed with. It has no comparison: [`Signed::prove`] compares in constant time.
pub(super) struct Signed<'r> {
    /// When it was signed.
    pub(super) date: Time,
    /// How many seconds it lives, for a presigned request that says so.
    pub(super) expires: Option<i64>,
    /// `YYYYMMDD/region/service/aws4_request`.
    pub(super) scope: Cow<'r, str>,
    /// What the signature covers.
    pub(super) to_sign: String,
    /// The signature.
    pub(super) signature: [u8; 32],
}

impl Proof for Signed<'_> {
    fn prove(&self, credential: &Credential, now: Time, skew: Duration) -> Result<Time> {
        self.in_time(now, skew)?;
        let key = credential.derived(&self.scope, |secret| signing_key(secret, &self.scope));
        match bool::from(key.mac(&self.to_sign).ct_eq(&self.signature)) {
            true => Ok(self.date),
            false => Err(refusal::mismatch()),
        }
    }
}

impl Signed<'_> {
    /// Whether the date lies in its window, both limits included. Dates have whole seconds, so the clock is cut to them.
    fn in_time(&self, now: Time, skew: Duration) -> Result<()> {
        let skew = i64::try_from(skew.as_secs()).unwrap_or(i64::MAX);
        let life = self.expires.unwrap_or(skew);
        let age = now.as_second().saturating_sub(self.date.as_second());
        if age > life {
            return Err(refusal::expired(self.date, now, life));
        }
        if age < skew.saturating_neg() {
            return Err(refusal::not_yet_current(self.date, now, skew));
        }
        Ok(())
    }
}
