//! Encrypting, decrypting and encrypting anew.

use std::sync::Arc;

use super::life::on_one_key;
use super::{By, EncryptionContext, Loaded, Provenance, Reference, Use, envelope, locate};
use crate::dialect::Dialect;
use crate::engine::{Search, World};
use crate::error::{Error, Kind, Result};
use crate::operation::{Authorized, Operation, Role};
use crate::secret::Plaintext;

/// A ciphertext, with the version that made it already read from its header.
#[derive(Debug, Clone)]
pub struct Ciphertext {
    blob: Vec<u8>,
    /// The key by that version; by none, which no key has, where the bytes are no ciphertext.
    made_by: Reference,
}

impl Ciphertext {
    /// Reads the header of a ciphertext laid out as `layout` says. Bytes that are no ciphertext are kept: whether they
    /// may be told apart is not decided here.
    pub fn of(layout: super::Layout, blob: Vec<u8>) -> Self {
        let version = envelope::version_of(layout, &blob).unwrap_or_default();
        Self { blob, made_by: Reference::version(version) }
    }

    /// The bytes.
    pub fn blob(&self) -> &[u8] {
        &self.blob
    }

    /// The version that made it.
    ///
    /// # Errors
    /// [`Kind::InvalidCiphertext`] when it is none.
    pub fn version(&self) -> Result<&str> {
        match &self.made_by.by {
            By::Version(version) if !version.is_empty() => Ok(version),
            _ => Err(envelope::unopenable()),
        }
    }

    fn names<'a>(&'a self, key: Option<&'a Reference>) -> &'a Reference {
        key.unwrap_or(&self.made_by)
    }
}

/// An operation that makes or opens ciphertexts.
pub trait Encrypting: Operation {
    /// What the ciphertext is bound to that the key of this role makes or opens.
    fn context(&self, role: Role) -> &EncryptionContext;
}

macro_rules! bound_to_one_context {
    ($($operation:ty),*) => {
        $(impl Encrypting for $operation {
            fn context(&self, _: Role) -> &EncryptionContext {
                &self.context
            }
        })*
    };
}
bound_to_one_context!(Encrypt, Decrypt, super::GenerateDataKey);

/// Encrypts a plaintext.
#[derive(Debug)]
pub struct Encrypt {
    /// The key.
    pub key: Reference,
    /// What to encrypt.
    pub plaintext: Plaintext,
    /// What the ciphertext is bound to.
    pub context: EncryptionContext,
    /// Whether to stop short of doing it.
    pub dry_run: bool,
}

/// A ciphertext and what made it.
#[derive(Debug)]
pub struct Encrypted {
    /// What encrypted.
    pub by: Arc<Provenance>,
    /// The ciphertext.
    pub blob: Vec<u8>,
}

impl Operation for Encrypt {
    type Output = Encrypted;
    const NAME: &'static str = "Encrypt";
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Encrypted> {
        let Self { key: _, plaintext, context, dry_run } = allowed.op();
        let key = usable(allowed, Role::Subject)?;
        stop_if(*dry_run)?;
        seal(world, allowed.dialect(), &key, context, plaintext.expose(), world.random()?).await
    }
}

/// Decrypts a ciphertext.
#[derive(Debug)]
pub struct Decrypt {
    /// The ciphertext.
    pub ciphertext: Ciphertext,
    /// The key it must come from; any, when absent.
    pub key: Option<Reference>,
    /// What the ciphertext is bound to.
    pub context: EncryptionContext,
    /// Whether to stop short of doing it.
    pub dry_run: bool,
    /// Whether a dry run stops before it looks at the ciphertext.
    pub ciphertext_ignored: bool,
}

/// A plaintext and what encrypted it.
#[derive(Debug)]
pub struct Decrypted {
    /// What had encrypted.
    pub by: Arc<Provenance>,
    /// The plaintext.
    pub plaintext: Plaintext,
}

impl Operation for Decrypt {
    type Output = Decrypted;
    const NAME: &'static str = "Decrypt";
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::key(search, self.ciphertext.names(self.key.as_ref())).await
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Decrypted> {
        let Self { ciphertext, key: _, context, dry_run, ciphertext_ignored } = allowed.op();
        let key = usable(allowed, Role::Subject)?;
        stop_if(*dry_run && *ciphertext_ignored)?;
        let decrypted = open(world, allowed.dialect(), &key, context, ciphertext).await?;
        stop_if(*dry_run)?;
        Ok(decrypted)
    }
}

/// Decrypts under one key and encrypts under another, without letting the plaintext out.
#[derive(Debug)]
pub struct ReEncrypt {
    /// The ciphertext.
    pub ciphertext: Ciphertext,
    /// The key it must come from; any, when absent.
    pub source: Option<Reference>,
    /// The version it must come from; any, when absent.
    pub source_version: Option<String>,
    /// What the ciphertext is bound to.
    pub source_context: EncryptionContext,
    /// The key to encrypt under.
    pub destination: Reference,
    /// What the new ciphertext is bound to.
    pub destination_context: EncryptionContext,
    /// Whether to stop short of doing it.
    pub dry_run: bool,
    /// Whether a dry run stops before it looks at the ciphertext.
    pub ciphertext_ignored: bool,
}

/// A ciphertext made from another one.
#[derive(Debug)]
pub struct ReEncrypted {
    /// What had encrypted.
    pub source: Arc<Provenance>,
    /// What encrypted, where the answer tells it.
    pub destination: Option<Arc<Provenance>>,
    /// The new ciphertext.
    pub blob: Vec<u8>,
}

impl Operation for ReEncrypt {
    type Output = ReEncrypted;
    const NAME: &'static str = "ReEncrypt";
    const ROLES: &'static [Role] = &[Role::Source, Role::Destination];

    async fn locate(&self, role: Role, search: &mut Search<'_>) -> Result<()> {
        match role {
            Role::Destination => locate::key(search, &self.destination).await,
            _ => locate::key(search, self.ciphertext.names(self.source.as_ref())).await,
        }
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<ReEncrypted> {
        let Self {
            ciphertext, source_version, source_context, destination_context, dry_run, ciphertext_ignored, ..
        } = allowed.op();
        let source = usable(allowed, Role::Source)?;
        let destination = usable(allowed, Role::Destination)?;
        stop_if(*dry_run && *ciphertext_ignored)?;
        if source_version.as_ref().is_some_and(|wanted| ciphertext.version().ok() != Some(wanted)) {
            return Err(Error::from(Kind::IncorrectKey));
        }
        let Decrypted { by, plaintext } = open(world, allowed.dialect(), &source, source_context, ciphertext).await?;
        stop_if(*dry_run)?;
        let Encrypted { by: destination, blob } =
            seal(world, allowed.dialect(), &destination, destination_context, plaintext.expose(), world.random()?)
                .await?;
        Ok(ReEncrypted { source: by, destination: Some(destination), blob })
    }
}

impl Encrypting for ReEncrypt {
    fn context(&self, role: Role) -> &EncryptionContext {
        match role {
            Role::Destination => &self.destination_context,
            _ => &self.source_context,
        }
    }
}

/// The key of a role, if its state lets it be used.
pub(super) fn usable<O: Operation>(allowed: &Authorized<O>, role: Role) -> Result<std::sync::Arc<Loaded>> {
    let key = allowed.key(role)?;
    allowed.dialect().law.keys()?.admit(&key, Use::Cryptography)?;
    Ok(key)
}

/// Encrypts under the current version of a key; `fresh` are unpredictable bytes that nothing else is made of.
pub(super) async fn seal(
    world: &World,
    dialect: &'static Dialect,
    key: &Loaded,
    context: &EncryptionContext,
    plaintext: &[u8],
    fresh: [u8; envelope::FRESH],
) -> Result<Encrypted> {
    let rules = dialect.law.keys()?;
    let made = key.current()?;
    let handle = world.handle(dialect.name, key, made).await?;
    let bound = (rules.context_bytes)(context);
    let blob = envelope::seal(rules.layout, handle, &fresh, &made.id, &bound, plaintext)?;
    Ok(Encrypted { by: Arc::clone(&made.by), blob })
}

async fn open(
    world: &World,
    dialect: &'static Dialect,
    key: &Loaded,
    context: &EncryptionContext,
    ciphertext: &Ciphertext,
) -> Result<Decrypted> {
    let rules = dialect.law.keys()?;
    let version = ciphertext.version()?;
    let made = key.made(version).ok_or(Kind::IncorrectKey)?;
    let handle = world.handle(dialect.name, key, made).await?;
    let bound = (rules.context_bytes)(context);
    let plaintext = envelope::open(rules.layout, handle, &bound, &ciphertext.blob)?;
    Ok(Decrypted { by: Arc::clone(&made.by), plaintext })
}

/// Ends a dry run that would have succeeded.
pub(super) fn stop_if(dry_run: bool) -> Result<()> {
    if dry_run { Err(Error::from(Kind::DryRun)) } else { Ok(()) }
}
