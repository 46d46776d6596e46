//! Credentials: where they come from, and that they are there when they are needed.
//!
//! # Invariants
//! - They are got once, whoever waits for them.
//! - A failure is never kept as a success, and ended ones are not used.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use polykms_core::dialect::Credential;
use polykms_core::dialect::client::{Error, Kind, Result, Variables};
use polykms_core::secret::AccessSecret;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::call::chance;

/// Who has less than this left is asked for new ones by whoever comes first; all others go on with the old ones.
const EARLY: Duration = Duration::from_secs(5 * 60);
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

    pub(crate) fn found(credential: Credential, token: Option<AccessSecret>, expires_at: Option<Timestamp>) -> Self {
        Self { credential: Arc::new(credential), token: token.map(Arc::new), expires_at }
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
    state: RwLock<State>,
    getting: Mutex<()>,
}

/// What is kept.
#[derive(Default)]
struct State {
    keys: Option<Keys>,
    /// When new ones are got before they are needed: so long before these end.
    early: SignedDuration,
    failed: Option<Failed>,
}

/// That none were got.
struct Failed {
    error: Error,
    /// How often in a row.
    times: u32,
    /// Until when nobody tries again.
    until: Instant,
}

impl Kept {
    pub(crate) fn new(source: Box<dyn Credentials>) -> Self {
        Self { source, state: RwLock::default(), getting: Mutex::new(()) }
    }

    /// Some that are good at this time.
    ///
    /// # Errors
    /// [`Kind::Credentials`] when there are none, or they cannot be got.
    pub(crate) async fn good(&self, now: Timestamp) -> Result<Keys> {
        match self.kept() {
            Some((keys, early)) if keys.left(now) > early => Ok(keys),
            Some((keys, _)) if keys.left(now) > LATE => match self.getting.try_lock() {
                // The old ones do for a while: that there are no new ones yet is no failure.
                Ok(_first) => Ok(self.get().await.unwrap_or(keys)),
                Err(_) => Ok(keys),
            },
            _ => {
                let _turn = self.getting.lock().await;
                match self.kept() {
                    Some((keys, _)) if keys.left(now) > LATE => Ok(keys),
                    Some((keys, _)) if keys.left(now).is_positive() => Ok(self.get().await.unwrap_or(keys)),
                    _ => self.get().await,
                }
            }
        }
    }

    /// Drops those that the other side no longer takes, if nobody else did so.
    pub(crate) fn drop_ended(&self, ended: &Keys) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.keys.as_ref().is_some_and(|keys| Arc::ptr_eq(&keys.credential, &ended.credential)) {
            state.keys = None;
        }
    }

    fn kept(&self) -> Option<(Keys, SignedDuration)> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.keys.clone().map(|keys| (keys, state.early))
    }

    /// Gets new ones, unless that failed a moment ago.
    async fn get(&self) -> Result<Keys> {
        if let Some(error) = self.failing() {
            return Err(error);
        }
        let none = || -> Error {
            Kind::Credentials
                .because(format!("there are no credentials in {}", self.source.name()))
                .hinting("set them there, or give the client some")
        };
        let got = self.source.load().await.and_then(|keys| keys.ok_or_else(none));
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        match &got {
            Ok(keys) => *state = State { keys: Some(keys.clone()), early: early(chance()), failed: None },
            Err(error) => {
                let times = state.failed.as_ref().map_or(1, |failed| failed.times.saturating_add(1));
                let until = Instant::now() + rest(times, chance());
                state.failed = Some(Failed { error: error.clone(), times, until });
            }
        }
        got
    }

    /// Why nobody tries now.
    fn failing(&self) -> Option<Error> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let failed = state.failed.as_ref().filter(|failed| Instant::now() < failed.until);
        failed.map(|failed| failed.error.clone())
    }
}

/// A length up to a tenth longer or shorter, so that not all clients come at once; `chance` lies between 0 and 1.
fn about(length: Duration, chance: f64) -> Duration {
    length.mul_f64(0.9 + 0.2 * chance.clamp(0.0, 1.0))
}

/// How long before the end new ones are got.
fn early(chance: f64) -> SignedDuration {
    SignedDuration::try_from(about(EARLY, chance)).unwrap_or(LATE)
}

/// How long nobody tries after so many failures in a row: a second, then twice as long each time, a minute at most.
fn rest(times: u32, chance: f64) -> Duration {
    let seconds = 2_u64.saturating_pow(times.saturating_sub(1)).min(60);
    about(Duration::from_secs(seconds), chance)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

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

    /// Has none the first times, then some.
    struct Late(Arc<AtomicUsize>, usize);

    #[async_trait]
    impl Credentials for Late {
        async fn load(&self) -> Result<Option<Keys>> {
            match self.0.fetch_add(1, Ordering::SeqCst) {
                asked if asked < self.1 => Err(Kind::Credentials.because("not yet")),
                _ => Ok(Some(Keys::new("AK", AccessSecret::new("s".to_owned())))),
            }
        }

        fn name(&self) -> &str {
            "a test"
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_that_fails_is_left_alone_for_longer_each_time() {
        let count = Arc::<AtomicUsize>::default();
        let kept = Kept::new(Box::new(Late(Arc::clone(&count), 3)));
        for (failure, wait) in [(1, 1200), (2, 2300), (3, 4500)] {
            let error = kept.good(Timestamp::now()).await.unwrap_err();
            let again = kept.good(Timestamp::now()).await.unwrap_err();
            assert_eq!([error.message(), again.message()], ["not yet"; 2]);
            assert_eq!(count.load(Ordering::SeqCst), failure, "nobody asks at once again");
            tokio::time::advance(Duration::from_millis(wait)).await;
        }
        assert_eq!(kept.good(Timestamp::now()).await.unwrap().credential.access_key_id, "AK");
        assert_eq!(rest(40, 0.5), Duration::from_secs(60));
    }

    #[test]
    fn waits_differ_by_a_tenth_at_most() {
        assert_eq!([0.0, 1.0].map(|chance| rest(4, chance).as_millis()), [7200, 8800]);
        assert_eq!([0.0, 1.0].map(|chance| early(chance).as_secs()), [270, 330]);
    }

    #[tokio::test]
    async fn old_ones_serve_to_their_end_when_there_are_no_new_ones() {
        let kept = Kept::new(Box::new(Late(Arc::default(), 9)));
        let now = Timestamp::now();
        let keys = Keys::new("OLD", AccessSecret::new("s".to_owned()));
        let keys = keys.of_session(AccessSecret::new("t".to_owned()), Some(now + SignedDuration::from_secs(30)));
        kept.state.write().unwrap().keys = Some(keys);
        assert_eq!(kept.good(now).await.unwrap().credential.access_key_id, "OLD");
        assert!(kept.good(now + SignedDuration::from_secs(31)).await.is_err());
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
