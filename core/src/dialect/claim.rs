//! Credentials as a request claims them, and the proof that the claim is true.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::error::Result;
use crate::port::Time;
use crate::secret::AccessSecret;

/// Who a request claims to come from; borrowed from it where it can be.
pub struct Claim<'r> {
    /// The access key id.
    pub access_key_id: Cow<'r, str>,
    /// The session token, for temporary credentials.
    pub token: Option<Cow<'r, str>>,
    /// The number that may be used once, where the dialect has one.
    pub nonce: Option<Cow<'r, str>>,
    /// Whether the signature rests on a hash function that is to be left behind: SHA-1.
    pub legacy: bool,
    /// The signature, ready to be proven.
    pub proof: Box<dyn Proof + 'r>,
}

impl fmt::Debug for Claim<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claim({})", self.access_key_id)
    }
}

/// A signature together with everything it covers.
pub trait Proof: Send + Sync {
    /// Proves that the signature was made with this credential, not too long from `now`, and tells when it says it was:
    /// it is accepted until `skew` after that.
    ///
    /// # Errors
    /// [`Kind::Unauthenticated`](crate::error::Kind::Unauthenticated), with the flaw.
    fn prove(&self, credential: &Credential, now: Time, skew: Duration) -> Result<Time>;
}

/// An access key with its secret, and the signing key derived from it last.
pub struct Credential {
    /// The access key id.
    pub access_key_id: String,
    /// The secret.
    pub secret: AccessSecret,
    derived: Mutex<Option<Derived>>,
}

/// A signing key and the scope it was derived for.
type Derived = (Arc<str>, Arc<dyn Any + Send + Sync>);

impl Credential {
    /// A credential that has derived nothing yet.
    pub fn new(access_key_id: String, secret: AccessSecret) -> Self {
        Self { access_key_id, secret, derived: Mutex::new(None) }
    }

    /// The signing key for a scope; made only when the scope differs from the last one.
    pub fn derived<K: Send + Sync + 'static>(&self, scope: &str, make: impl FnOnce(&str) -> K) -> Arc<K> {
        let mut slot = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, key)) = slot.as_ref()
            && known.as_ref() == scope
            && let Ok(key) = Arc::clone(key).downcast()
        {
            return key;
        }
        let key = Arc::new(make(self.secret.expose()));
        *slot = Some((Arc::from(scope), Arc::clone(&key) as _));
        key
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({})", self.access_key_id)
    }
}
