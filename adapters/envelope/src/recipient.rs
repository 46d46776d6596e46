//! Whom envelopes are for: keys that wrap the key of a body and unwrap it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use polykms_core::dialect::client::{Error, Kind, Result};
use zeroize::Zeroizing;

use super::{Context, Header, Wrapped, malformed, shut};

/// The key of a body, zeroized when it is dropped.
#[derive(Clone)]
pub struct FileKey(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileKey(32 bytes)")
    }
}

impl FileKey {
    /// The key of these bytes.
    ///
    /// # Errors
    /// When they are not 32.
    pub fn new(bytes: &[u8]) -> Result<Self> {
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| shut())?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// The bytes.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A key that envelopes are for.
#[async_trait]
pub trait Recipient: Send + Sync + 'static {
    /// How it unwraps, as headers have it.
    fn scheme(&self) -> u8;

    /// The full name of the key, as headers have it.
    ///
    /// # Errors
    /// When it cannot be found out.
    async fn name(&self) -> Result<String>;

    /// A fresh key of a body, and the same wrapped.
    ///
    /// # Errors
    /// Those of the key.
    async fn generate(&self, context: &Context) -> Result<(FileKey, Vec<u8>)>;

    /// Wraps the key of a body.
    ///
    /// # Errors
    /// Those of the key.
    async fn wrap(&self, key: &FileKey, context: &Context) -> Result<Vec<u8>>;

    /// Unwraps the key of a body.
    ///
    /// # Errors
    /// Those of the key.
    async fn unwrap(&self, wrapped: &[u8], context: &Context) -> Result<FileKey>;
}

/// For how much a wrapped key may be used again. What was sealed under one is seen to belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cache {
    /// For how long; at most 5 minutes.
    pub age: Duration,
    /// For how many envelopes; at most 1,000.
    pub messages: u64,
    /// For how many bytes; at most 64 GiB.
    pub bytes: u64,
}

impl Cache {
    /// The most there may be of each.
    pub const MOST: Self = Self { age: Duration::from_secs(300), messages: 1000, bytes: 64 << 30 };
    /// For how many contexts keys are kept.
    const CONTEXTS: usize = 100;

    fn within_limits(self) -> Self {
        let most = Self::MOST;
        Self {
            age: self.age.min(most.age),
            messages: self.messages.min(most.messages),
            bytes: self.bytes.min(most.bytes),
        }
    }
}

/// A key that was wrapped lately.
struct Kept {
    key: FileKey,
    recipients: Vec<Wrapped>,
    since: Instant,
    messages: u64,
    bytes: u64,
}

/// All that an envelope is for: whoever has one of them opens it.
#[derive(Clone, Default)]
pub struct Recipients {
    all: Vec<Arc<dyn Recipient>>,
    cache: Option<Cache>,
    kept: Arc<Mutex<HashMap<Vec<u8>, Kept>>>,
    verified: bool,
}

impl std::fmt::Debug for Recipients {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recipients({})", self.all.len())
    }
}

impl Recipients {
    /// These and one more.
    #[must_use]
    pub fn and(mut self, one: impl Recipient) -> Self {
        self.all.push(Arc::new(one));
        self.kept = Arc::default();
        self
    }

    /// The same, whose wrapped keys are used again so far.
    #[must_use]
    pub fn cached(self, cache: Cache) -> Self {
        Self { cache: Some(cache.within_limits()), kept: Arc::default(), ..self }
    }

    /// The same; what each of them wrapped is unwrapped again before anything is sealed.
    #[must_use]
    pub fn verified(self) -> Self {
        Self { verified: true, ..self }
    }

    pub(crate) fn each(&self) -> impl Iterator<Item = &dyn Recipient> {
        self.all.iter().map(AsRef::as_ref)
    }

    /// A key for a body of so many bytes, as far as that is known, and the same wrapped for all of them.
    pub(crate) async fn wrapped(&self, context: &Context, bytes: u64) -> Result<(FileKey, Vec<Wrapped>)> {
        if let Some(kept) = self.kept(context, bytes) {
            return Ok(kept);
        }
        let (first, others) = self.all.split_first().ok_or_else(|| malformed("an envelope has 1 to 16 recipients"))?;
        let (key, bytes_of_first) = first.generate(context).await?;
        let mut wrapped = vec![(first, bytes_of_first)];
        for other in others {
            wrapped.push((other, other.wrap(&key, context).await?));
        }
        let mut recipients = Vec::new();
        for (recipient, bytes) in wrapped {
            if self.verified {
                let again = recipient.unwrap(&bytes, context).await?;
                verify_slices_are_equal(again.expose(), key.expose()).map_err(|_| shut())?;
            }
            recipients.push(Wrapped { scheme: recipient.scheme(), key: recipient.name().await?, bytes });
        }
        self.keep(context, &key, &recipients, bytes);
        Ok((key, recipients))
    }

    fn kept(&self, context: &Context, bytes: u64) -> Option<(FileKey, Vec<Wrapped>)> {
        let limits = self.cache?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, kept| kept.since.elapsed() < limits.age);
        let found = kept.get_mut(context.encoded())?;
        let fits = found.messages < limits.messages && found.bytes.saturating_add(bytes) <= limits.bytes;
        if !fits {
            kept.remove(context.encoded());
            return None;
        }
        found.messages += 1;
        found.bytes += bytes;
        Some((found.key.clone(), found.recipients.clone()))
    }

    fn keep(&self, context: &Context, key: &FileKey, recipients: &[Wrapped], bytes: u64) {
        let Some(limits) = self.cache.filter(|limits| limits.messages > 1 && bytes <= limits.bytes) else { return };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= Cache::CONTEXTS || limits.age.is_zero() {
            kept.clear();
        }
        let (key, recipients) = (key.clone(), recipients.to_vec());
        kept.insert(context.encoded().to_vec(), Kept { key, recipients, since: Instant::now(), messages: 1, bytes });
    }

    /// The key of a body: one of these unwraps it. Each is asked once at most, and none that the header does not name.
    pub(crate) async fn unwrapped(
        &self,
        header: &Header,
        context: &Context,
        is_it: impl Fn(&FileKey) -> bool,
    ) -> Result<FileKey> {
        let mut unreached = None::<Error>;
        for recipient in &self.all {
            let name = match recipient.name().await {
                Ok(name) => name,
                Err(error) => {
                    unreached = Some(error);
                    continue;
                }
            };
            let own = |wrapped: &&Wrapped| wrapped.scheme == recipient.scheme() && wrapped.key == name;
            let Some(wrapped) = header.recipients.iter().find(own) else { continue };
            match recipient.unwrap(&wrapped.bytes, context).await {
                Ok(key) if is_it(&key) => return Ok(key),
                Ok(_) => {}
                Err(error) if matches!(error.kind(), Kind::Ciphertext | Kind::Invalid | Kind::Unexpected) => {}
                Err(error) => unreached = Some(error),
            }
        }
        Err(unreached.unwrap_or_else(shut))
    }
}
