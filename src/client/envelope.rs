//! Envelopes under keys that clients reach.

use std::collections::BTreeMap;

use async_trait::async_trait;
use polykms_core::dialect::client::{Kind, Result};
use polykms_core::secret::Plaintext;
use polykms_envelope::{Cache, Context, FileKey, Opening, Recipient, Recipients, Sealing};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::OnceCell;

use super::{Client, Key};

/// Encrypts data of any size under keys of one or several clouds; each of them opens it.
#[derive(Debug, Clone, Default)]
pub struct Envelope {
    recipients: Recipients,
    context: Context,
    detached: bool,
}

impl Envelope {
    /// One for nobody yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// For a key that a client reaches, too; by any name that [`Client::key`] takes. The first one makes the keys of
    /// bodies, the others encrypt them.
    #[must_use]
    pub fn to(self, client: &Client, key: impl AsRef<str>) -> Self {
        let keeper = Keeper { client: client.clone(), key: client.key(key), name: OnceCell::new() };
        Self { recipients: self.recipients.and(keeper), ..self }
    }

    /// Bound to these pairs, which are not secret, and stand in its header unless they are [detached](Self::detached).
    ///
    /// # Errors
    /// [`Kind::Invalid`] for more than 64 pairs or 4,096 bytes, and for names that begin with `polykms-envelope`.
    pub fn context<N: Into<String>, V: Into<String>>(self, bound: impl IntoIterator<Item = (N, V)>) -> Result<Self> {
        let pairs: BTreeMap<String, String> =
            bound.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Ok(Self { context: Context::new(pairs)?, ..self })
    }

    /// Whose context is not in its header, and has to be given again by whoever opens it.
    #[must_use]
    pub fn detached(self) -> Self {
        Self { detached: true, ..self }
    }

    /// Whose wrapped keys are used for several envelopes, which are then seen to belong together.
    #[must_use]
    pub fn cache(self, cache: Cache) -> Self {
        Self { recipients: self.recipients.cached(cache), ..self }
    }

    /// Of which every key that wrapped is asked to unwrap before anything is sealed.
    #[must_use]
    pub fn verified(self) -> Self {
        Self { recipients: self.recipients.verified(), ..self }
    }

    /// Seals bytes.
    ///
    /// # Errors
    /// Those of the keys.
    pub async fn seal(&self, plaintext: &[u8]) -> Result<Vec<u8>> {
        self.recipients.seal(&self.context, self.detached, plaintext).await
    }

    /// Opens what was sealed for one of these keys.
    ///
    /// # Errors
    /// [`Kind::Ciphertext`] for whatever does not open, [`Kind::Invalid`] for what is no envelope, and those of the keys
    /// when none of them could be asked.
    pub async fn open(&self, sealed: &[u8]) -> Result<Plaintext> {
        let mut opened = self.recipients.open(&self.context, sealed).await?;
        Ok(Plaintext::new(std::mem::take(&mut *opened)))
    }

    /// Begins an envelope of about so many bytes, written to a stream. It is whole once it was
    /// [finished](Sealing::finish).
    ///
    /// # Errors
    /// Those of the keys and of the stream.
    pub async fn sealing<W: AsyncWrite + Unpin>(&self, bytes: u64, to: W) -> Result<Sealing<W>> {
        self.recipients.sealing(&self.context, self.detached, bytes, to).await
    }

    /// Begins to open an envelope that is read from a stream.
    ///
    /// # Errors
    /// As [`open`](Self::open), and those of the stream.
    pub async fn opening<R: AsyncRead + Unpin>(&self, from: R) -> Result<Opening<R>> {
        self.recipients.opening(&self.context, from).await
    }

    /// The same envelope for these keys, in place of others, one of which opens it. Its body stays, and whoever has kept
    /// the old one opens that still.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn rewrap(&self, from: &Self, sealed: &[u8]) -> Result<Vec<u8>> {
        self.recipients.rewrap(&from.recipients, &self.context, sealed).await
    }
}

/// A key of a cloud that keeps keys of bodies.
struct Keeper {
    client: Client,
    key: Key,
    name: OnceCell<String>,
}

impl Keeper {
    fn file_key(plaintext: &Plaintext) -> Result<FileKey> {
        FileKey::new(plaintext.expose())
    }
}

#[async_trait]
impl Recipient for Keeper {
    fn scheme(&self) -> u8 {
        self.client.dialect().client.map_or(0, |client| client.envelope_scheme)
    }

    async fn name(&self) -> Result<String> {
        let named = self.name.get_or_try_init(|| async {
            let described = self.key.describe().await?;
            Ok(described.arn.to_string())
        });
        named.await.cloned()
    }

    async fn generate(&self, context: &Context) -> Result<(FileKey, Vec<u8>)> {
        let made = self.key.data_key().context(context.of_keys()).await?;
        Ok((Self::file_key(&made.plaintext)?, made.encrypted.blob))
    }

    async fn wrap(&self, key: &FileKey, context: &Context) -> Result<Vec<u8>> {
        Ok(self.key.encrypt(key.expose()).context(context.of_keys()).await?.blob)
    }

    async fn unwrap(&self, wrapped: &[u8], context: &Context) -> Result<FileKey> {
        let opened = self.key.decrypt(wrapped).context(context.of_keys()).await?;
        Self::file_key(&opened.plaintext).map_err(|_| Kind::Ciphertext.because("the key of a body has another length"))
    }
}
