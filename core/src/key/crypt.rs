//! Encrypting, decrypting and encrypting anew.

use std::sync::Arc;

use super::fit::{Algorithm, Misuse, incapable, usable};
use super::life::on_one_key;
use super::{By, Encryption, EncryptionContext, Loaded, Provenance, Reference, Rules, Tokens, Usage, envelope, locate};
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

    /// How the key of this role makes or opens it.
    fn algorithm(&self, role: Role) -> Encryption;
}

macro_rules! bound_to_one_context {
    ($($operation:ty),*) => {
        $(impl Encrypting for $operation {
            fn context(&self, _: Role) -> &EncryptionContext {
                &self.context
            }

            fn algorithm(&self, _: Role) -> Encryption {
                self.algorithm
            }
        })*
    };
}
bound_to_one_context!(Encrypt, Decrypt);

/// Encrypts a plaintext.
#[derive(Debug)]
pub struct Encrypt {
    /// The key.
    pub key: Reference,
    /// The version of it; the current one, when absent.
    pub version: Option<String>,
    /// How.
    pub algorithm: Encryption,
    /// What to encrypt.
    pub plaintext: Plaintext,
    /// What the ciphertext is bound to.
    pub context: EncryptionContext,
    /// Whether to stop short of doing it.
    pub dry_run: bool,
    /// Tokens of the grants that let the caller.
    pub tokens: Tokens,
}

/// A ciphertext and what made it.
#[derive(Debug)]
pub struct Encrypted {
    /// What encrypted.
    pub by: Arc<Provenance>,
    /// How, where the answer tells it.
    pub algorithm: Option<Encryption>,
    /// The ciphertext.
    pub blob: Vec<u8>,
}

impl Operation for Encrypt {
    type Output = Encrypted;
    const NAME: &'static str = "Encrypt";
    on_one_key!(tokens);

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Encrypted> {
        let Self { key: _, version, algorithm, plaintext, context, dry_run, tokens: _ } = allowed.op();
        let key = encrypting(allowed, Role::Subject)?;
        let sealing = Sealing { key: &key, version: version.as_deref(), algorithm: *algorithm, context };
        sealing.check(allowed.dialect().law.keys()?, plaintext.expose())?;
        stop_if(*dry_run)?;
        seal(world, allowed.dialect(), &sealing, plaintext.expose(), world.random()?).await
    }
}

/// Decrypts a ciphertext.
#[derive(Debug)]
pub struct Decrypt {
    /// The ciphertext.
    pub ciphertext: Ciphertext,
    /// The key it must come from; any, when absent.
    pub key: Option<Reference>,
    /// The version that made it, where the ciphertext does not say so; the current one, when absent.
    pub version: Option<String>,
    /// How it was made.
    pub algorithm: Encryption,
    /// What the ciphertext is bound to.
    pub context: EncryptionContext,
    /// Whether to stop short of doing it.
    pub dry_run: bool,
    /// Whether a dry run stops before it looks at the ciphertext.
    pub ciphertext_ignored: bool,
    /// Tokens of the grants that let the caller.
    pub tokens: Tokens,
}

/// A plaintext and what encrypted it.
#[derive(Debug)]
pub struct Decrypted {
    /// What had encrypted.
    pub by: Arc<Provenance>,
    /// How, where the answer tells it.
    pub algorithm: Option<Encryption>,
    /// The plaintext.
    pub plaintext: Plaintext,
}

impl Operation for Decrypt {
    type Output = Decrypted;
    const NAME: &'static str = "Decrypt";
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        self.tokens.check(search)?;
        locate::key(search, self.ciphertext.names(self.key.as_ref())).await
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Decrypted> {
        let Self { ciphertext, key: _, version, algorithm, context, dry_run, ciphertext_ignored, tokens: _ } =
            allowed.op();
        let key = encrypting(allowed, Role::Subject)?;
        stop_if(*dry_run && *ciphertext_ignored)?;
        let sealing = Sealing { key: &key, version: version.as_deref(), algorithm: *algorithm, context };
        let decrypted = open(world, allowed.dialect(), &sealing, ciphertext).await?;
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
    /// The version it must come from; any, or the current one where the ciphertext does not say so, when absent.
    pub source_version: Option<String>,
    /// How it was made.
    pub source_algorithm: Encryption,
    /// What the ciphertext is bound to.
    pub source_context: EncryptionContext,
    /// The key to encrypt under.
    pub destination: Reference,
    /// How.
    pub destination_algorithm: Encryption,
    /// What the new ciphertext is bound to.
    pub destination_context: EncryptionContext,
    /// Whether to stop short of doing it.
    pub dry_run: bool,
    /// Whether a dry run stops before it looks at the ciphertext.
    pub ciphertext_ignored: bool,
    /// Tokens of the grants that let the caller.
    pub tokens: Tokens,
}

/// A ciphertext made from another one.
#[derive(Debug)]
pub struct ReEncrypted {
    /// What had encrypted.
    pub source: Arc<Provenance>,
    /// What encrypted, where the answer tells it.
    pub destination: Option<Arc<Provenance>>,
    /// How either did, where the answer tells it.
    pub algorithms: Option<[Encryption; 2]>,
    /// The new ciphertext.
    pub blob: Vec<u8>,
}

impl Operation for ReEncrypt {
    type Output = ReEncrypted;
    const NAME: &'static str = "ReEncrypt";
    const ROLES: &'static [Role] = &[Role::Source, Role::Destination];

    async fn locate(&self, role: Role, search: &mut Search<'_>) -> Result<()> {
        self.tokens.check(search)?;
        match role {
            Role::Destination => locate::key(search, &self.destination).await,
            _ => locate::key(search, self.ciphertext.names(self.source.as_ref())).await,
        }
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<ReEncrypted> {
        let Self {
            ciphertext,
            source: _,
            source_version,
            source_algorithm,
            source_context,
            destination: _,
            destination_algorithm,
            destination_context,
            dry_run,
            ciphertext_ignored,
            tokens: _,
        } = allowed.op();
        let source = encrypting(allowed, Role::Source)?;
        let destination = encrypting(allowed, Role::Destination)?;
        stop_if(*dry_run && *ciphertext_ignored)?;
        let (version, algorithm) = (source_version.as_deref(), *source_algorithm);
        if algorithm == Encryption::Symmetric && version.is_some_and(|wanted| ciphertext.version().ok() != Some(wanted))
        {
            return Err(Error::from(Kind::IncorrectKey));
        }
        let dialect = allowed.dialect();
        let from = Sealing { key: &source, version, algorithm, context: source_context };
        let Decrypted { by, algorithm: _, plaintext } = open(world, dialect, &from, ciphertext).await?;
        let (algorithm, context) = (*destination_algorithm, destination_context);
        let to = Sealing { key: &destination, version: None, algorithm, context };
        to.check(dialect.law.keys()?, plaintext.expose())?;
        stop_if(*dry_run)?;
        let Encrypted { by: destination, algorithm: _, blob } =
            seal(world, dialect, &to, plaintext.expose(), world.random()?).await?;
        let algorithms = Some([*source_algorithm, *destination_algorithm]);
        Ok(ReEncrypted { source: by, destination: Some(destination), algorithms, blob })
    }
}

impl Encrypting for ReEncrypt {
    fn context(&self, role: Role) -> &EncryptionContext {
        match role {
            Role::Destination => &self.destination_context,
            _ => &self.source_context,
        }
    }

    fn algorithm(&self, role: Role) -> Encryption {
        match role {
            Role::Destination => self.destination_algorithm,
            _ => self.source_algorithm,
        }
    }
}

/// The key of a role, if it can be used to encrypt this way.
fn encrypting<O: Encrypting>(allowed: &Authorized<O>, role: Role) -> Result<Arc<Loaded>> {
    let algorithm = Algorithm::Encryption(allowed.op().algorithm(role));
    usable(allowed, role, Usage::EncryptDecrypt, algorithm)
}

/// What makes a ciphertext, or made it.
pub(super) struct Sealing<'a> {
    /// The key.
    pub(super) key: &'a Loaded,
    /// The version of it, where the ciphertext does not say so; the current one, when absent.
    pub(super) version: Option<&'a str>,
    /// How.
    pub(super) algorithm: Encryption,
    /// What the ciphertext is bound to.
    pub(super) context: &'a EncryptionContext,
}

impl Sealing<'_> {
    /// Sees to it that a plaintext can be encrypted this way.
    fn check(&self, rules: &Rules, plaintext: &[u8]) -> Result<()> {
        let (algorithm, spec) = (self.algorithm, self.key.key.spec);
        self.check_context(rules)?;
        match algorithm.most(spec) {
            Some(most) if plaintext.len() > most => Err((rules.misused)(&Misuse::Plaintext { algorithm, spec, most })),
            _ => Ok(()),
        }
    }

    fn check_context(&self, rules: &Rules) -> Result<()> {
        match self.algorithm == Encryption::Symmetric || self.context.is_empty() {
            true => Ok(()),
            false => Err((rules.misused)(&Misuse::Context { algorithm: self.algorithm })),
        }
    }
}

/// Encrypts; `fresh` are unpredictable bytes that nothing else is made of.
pub(super) async fn seal(
    world: &World,
    dialect: &'static Dialect,
    sealing: &Sealing<'_>,
    plaintext: &[u8],
    fresh: [u8; envelope::FRESH],
) -> Result<Encrypted> {
    let Sealing { key, version, algorithm, context } = sealing;
    let rules = dialect.law.keys()?;
    let made = key.wanted(*version)?;
    let handle = world.handle(dialect.name, key, made).await?;
    let blob = match algorithm {
        Encryption::Symmetric => {
            let bound = (rules.context_bytes)(context);
            envelope::seal(rules.layout, handle, &fresh, &made.id, &bound, plaintext)?
        }
        Encryption::OaepSha1 | Encryption::OaepSha256 => {
            handle.cipher.as_deref().ok_or_else(incapable)?.encrypt(*algorithm, plaintext)?
        }
    };
    Ok(Encrypted { by: Arc::clone(&made.by), algorithm: Some(*algorithm), blob })
}

async fn open(
    world: &World,
    dialect: &'static Dialect,
    sealing: &Sealing<'_>,
    ciphertext: &Ciphertext,
) -> Result<Decrypted> {
    let Sealing { key, version, algorithm, context } = sealing;
    let rules = dialect.law.keys()?;
    sealing.check_context(rules)?;
    let made = match algorithm {
        Encryption::Symmetric => key.made(ciphertext.version()?).ok_or(Kind::IncorrectKey)?,
        Encryption::OaepSha1 | Encryption::OaepSha256 => key.wanted(*version)?,
    };
    let handle = world.handle(dialect.name, key, made).await?;
    let plaintext = match algorithm {
        Encryption::Symmetric => {
            let bound = (rules.context_bytes)(context);
            envelope::open(rules.layout, handle, &bound, &ciphertext.blob)?
        }
        Encryption::OaepSha1 | Encryption::OaepSha256 => {
            handle.cipher.as_deref().ok_or_else(incapable)?.decrypt(*algorithm, &ciphertext.blob)?
        }
    };
    Ok(Decrypted { by: Arc::clone(&made.by), algorithm: Some(*algorithm), plaintext })
}

/// Ends a dry run that would have succeeded.
pub(super) fn stop_if(dry_run: bool) -> Result<()> {
    if dry_run { Err(Error::from(Kind::DryRun)) } else { Ok(()) }
}
