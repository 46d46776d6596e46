//! Credentials: where they come from, and that they are there when they are needed.
//!
//! # Invariants
//! - They are got once, whoever waits for them.
//! - A failure is never kept as a success, and ended ones are not used.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use polykms_core::dialect::Credential;
use polykms_core::dialect::client::{Error, Kind, Result, Variables};
use polykms_core::secret::AccessSecret;
use tokio::sync::Mutex;

/// Who has less than this left is asked for new ones by whoever comes first; all others go on with the old ones.
const EARLY: SignedDuration = SignedDuration::from_mins(5);
/// Who has less than this left is waited for.
const LATE: SignedDuration = SignedDuration::from_secs(60);

/// An access key, with what temporary ones have more.
#[derive(Clone)]
pub struct Keys {
    credential: Arc<Credential>,
    token: Option<Arc<AccessSecret>>,
    expires_at: Option<Timestamp>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({:?}, until {:?})", self.credential, self.expires_at)
    }
}

impl Keys {
    /// A lasting access key.
    pub fn new(access_key_id: impl Into<String>, secret: AccessSecret) -> Self {
        let credential = Arc::new(Credential::new(access_key_id.into(), secret));
        Self { credential, token: None, expires_at: None }
    }

    /// The same with the token of a session, and when that ends, as far as that is known.
    #[must_use]
    pub fn of_session(self, token: AccessSecret, expires_at: Option<Timestamp>) -> Self {
        Self { token: Some(Arc::new(token)), expires_at, ..self }
    }

    pub(crate) fn credential(&self) -> &Credential {
        &self.credential
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref().map(AccessSecret::expose)
    }

    fn left(&self, now: Timestamp) -> SignedDuration {
        self.expires_at.map_or(SignedDuration::MAX, |end| end.duration_since(now))
    }
}

/// A place where credentials come from.
#[async_trait]
pub trait Credentials: Send + Sync + 'static {
    /// Gets them; nothing, when there are none in this place.
    ///
    /// # Errors
    /// [`Kind::Credentials`] when there should be some and they cannot be got.
    async fn load(&self) -> Result<Option<Keys>>;

    /// What the place is called in errors and logs.
    fn name(&self) -> &str;
}

/// Credentials that are given.
#[derive(Debug)]
pub struct Static(pub Keys);

#[async_trait]
impl Credentials for Static {
    async fn load(&self) -> Result<Option<Keys>> {
        Ok(Some(self.0.clone()))
    }

    fn name(&self) -> &str {
        "the settings"
    }
}

/// The environment variables that the vendor's own clients read.
#[derive(Debug)]
pub struct Environment {
    variables: &'static Variables,
    read: fn(&str) -> Option<String>,
}

impl Environment {
    /// Those of this process.
    pub fn new(variables: &'static Variables) -> Self {
        Self { variables, read: variable }
    }

    fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| (self.read)(name))
    }
}

/// A variable that is set to something.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[async_trait]
impl Credentials for Environment {
    async fn load(&self) -> Result<Option<Keys>> {
        let Variables { access_key_id, secret, token, .. } = self.variables;
        match (self.first(access_key_id), self.first(secret)) {
            (None, None) => Ok(None),
            (Some(id), Some(secret)) => {
                let keys = Keys::new(id, AccessSecret::new(secret));
                Ok(Some(match self.first(token) {
                    Some(token) => keys.of_session(AccessSecret::new(token), None),
                    None => keys,
                }))
            }
            (id, _) => {
                let missing = if id.is_none() { access_key_id } else { secret };
                let missing = missing.first().copied().unwrap_or_default();
                Err(Kind::Credentials.because(format!("the environment variable {missing} is not set")))
            }
        }
    }

    fn name(&self) -> &str {
        "the environment"
    }
}

/// Credentials that are kept until they end.
pub(crate) struct Kept {
    source: Box<dyn Credentials>,
    keys: RwLock<Option<Keys>>,
    getting: Mutex<()>,
}

impl Kept {
    pub(crate) fn new(source: Box<dyn Credentials>) -> Self {
        Self { source, keys: RwLock::new(None), getting: Mutex::new(()) }
    }

    /// Some that are good at this time.
    ///
    /// # Errors
    /// [`Kind::Credentials`] when there are none, or they cannot be got.
    pub(crate) async fn good(&self, now: Timestamp) -> Result<Keys> {
        match self.kept() {
            Some(keys) if keys.left(now) > EARLY => Ok(keys),
            Some(keys) if keys.left(now) > LATE => match self.getting.try_lock() {
                // The old ones do for a while: that there are no new ones yet is no failure.
                Ok(_first) => Ok(self.get().await.unwrap_or(keys)),
                Err(_) => Ok(keys),
            },
            _ => {
                let _turn = self.getting.lock().await;
                match self.kept() {
                    Some(keys) if keys.left(now) > LATE => Ok(keys),
                    _ => self.get().await,
                }
            }
        }
    }

    /// Drops those that the other side no longer takes, if nobody else did so.
    pub(crate) fn drop_ended(&self, ended: &Keys) {
        let mut kept = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_some_and(|keys| Arc::ptr_eq(&keys.credential, &ended.credential)) {
            *kept = None;
        }
    }

    fn kept(&self) -> Option<Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn get(&self) -> Result<Keys> {
        let none = || -> Error {
            Kind::Credentials
                .because(format!("there are no credentials in {}", self.source.name()))
                .hinting("set them there, or give the client some")
        };
        let keys = self.source.load().await?.ok_or_else(none)?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Some(keys.clone());
        Ok(keys)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    /// Gives keys that live so long, and counts how often.
    struct Source(Arc<AtomicUsize>, SignedDuration);

    #[async_trait]
    impl Credentials for Source {
        async fn load(&self) -> Result<Option<Keys>> {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let number = self.0.fetch_add(1, Ordering::SeqCst);
            let keys = Keys::new(format!("AK{number}"), AccessSecret::new("s".to_owned()));
            Ok(Some(keys.of_session(AccessSecret::new("t".to_owned()), Some(Timestamp::now() + self.1))))
        }

        fn name(&self) -> &str {
            "a test"
        }
    }

    fn kept(life: SignedDuration) -> (Arc<AtomicUsize>, Arc<Kept>) {
        let count = Arc::<AtomicUsize>::default();
        (Arc::clone(&count), Arc::new(Kept::new(Box::new(Source(count, life)))))
    }

    #[tokio::test]
    async fn those_who_wait_get_them_once() {
        let (count, kept) = kept(SignedDuration::from_hours(1));
        let waiting: Vec<_> = (0..20)
            .map(|_| {
                let kept = Arc::clone(&kept);
                tokio::spawn(async move { kept.good(Timestamp::now()).await.unwrap().credential.access_key_id.clone() })
            })
            .collect();
        for waiting in waiting {
            assert_eq!(waiting.await.unwrap(), "AK0");
        }
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn new_ones_are_got_before_the_old_ones_end() {
        let (count, kept) = kept(SignedDuration::from_mins(3));
        kept.good(Timestamp::now()).await.unwrap();
        let again = kept.good(Timestamp::now()).await.unwrap();
        assert_eq!(again.credential.access_key_id, "AK1");
        let (early, late) = (Timestamp::now(), Timestamp::now() + SignedDuration::from_secs(150));
        kept.good(late).await.unwrap();
        assert_eq!(count.load(Ordering::SeqCst), 3, "less than a minute is left at {late}, not at {early}");
    }

    #[tokio::test]
    async fn what_the_other_side_no_longer_takes_is_dropped_once() {
        let (count, kept) = kept(SignedDuration::from_hours(1));
        let old = kept.good(Timestamp::now()).await.unwrap();
        kept.drop_ended(&old);
        kept.good(Timestamp::now()).await.unwrap();
        kept.drop_ended(&old);
        assert_eq!(kept.good(Timestamp::now()).await.unwrap().credential.access_key_id, "AK1");
        assert_eq!(count.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn variables_are_read_as_the_vendors_clients_do() {
        const VARIABLES: &Variables = &Variables {
            access_key_id: &["ID", "OLD_ID"],
            secret: &["SECRET"],
            token: &["TOKEN"],
            region: &[],
            endpoint_of: |_| None,
            endpoint: &[],
        };
        let load = |read| async move { Environment { variables: VARIABLES, read }.load().await };
        let found = load(|name| matches!(name, "OLD_ID" | "SECRET" | "TOKEN").then(|| name.to_lowercase())).await;
        let keys = found.unwrap().unwrap();
        assert_eq!((keys.credential.access_key_id.as_str(), keys.token()), ("old_id", Some("token")));
        assert!(load(|_| None).await.unwrap().is_none());
        let error = load(|name| (name == "ID").then(|| "id".to_owned())).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Credentials);
        assert!(error.message().contains("SECRET"), "{error}");
    }
}
