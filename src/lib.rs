//! PolyKMS: one key management system that speaks several clouds.
//!
//! This crate is the facade: it links the dialects, and its [`Builder`] is the only place where an engine is put
//! together from a store, a root key, a clock, a generator and an audit trail. The command line is [`cli`].

pub mod cli;
mod config;
mod settings;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use polykms_alibaba as _;
use polykms_aws as _;
use polykms_core::dialect::Registry;
use polykms_core::engine::world::META;
use polykms_core::engine::{Engine, Ports};
use polykms_core::error::{Kind, Result};
use polykms_core::port::audit::NoAudit;
use polykms_core::port::{Audit, Change, Clock, Expect, Random, Record, Store};
use polykms_crypto::{Root, Software};
use polykms_host::{FileAudit, OsRandom, SystemClock};
use polykms_store::{Memory, Sqlite};

pub use polykms_core as core;
pub use polykms_core::engine::{Authorization, Settings, Signatures, Traced};
pub use polykms_core::seed::Seed;

/// The dialects linked into this program.
///
/// # Errors
/// [`Kind::Internal`] when none is linked, or two contradict each other.
pub fn registry() -> Result<Registry> {
    Registry::load()
}

/// Where records are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Storage {
    /// In memory, gone with the process.
    #[default]
    Memory,
    /// In a folder, in SQLite.
    Folder(PathBuf),
}

/// Where the root key comes from.
#[derive(Default)]
pub enum RootKey {
    /// A fresh one, gone with the process; for [`Storage::Memory`] alone.
    #[default]
    Fresh,
    /// A file of mode 0600, made on first start.
    File(PathBuf),
    /// 32 bytes in base64.
    Text(zeroize::Zeroizing<String>),
    /// A passphrase, stretched with Argon2id under a salt that is kept beside the store.
    Passphrase(zeroize::Zeroizing<String>),
}

/// Puts an engine together.
#[derive(Default)]
pub struct Builder {
    storage: Storage,
    root: RootKey,
    audit: Option<PathBuf>,
    clock: Option<Arc<dyn Clock>>,
    settings: Settings,
}

impl Builder {
    /// An engine in memory, without an audit trail, with everything enforced.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Where records are kept.
    #[must_use]
    pub fn storage(self, storage: Storage) -> Self {
        Self { storage, ..self }
    }

    /// Where the root key comes from.
    #[must_use]
    pub fn root_key(self, root: RootKey) -> Self {
        Self { root, ..self }
    }

    /// The file that the audit trail is appended to, one line of JSON an event. Where records are kept in a folder, the
    /// trail is on the disk about a second later too.
    #[must_use]
    pub fn audit_file(self, audit: Option<PathBuf>) -> Self {
        Self { audit, ..self }
    }

    /// Another clock than the system's.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock: Some(clock), ..self }
    }

    /// How the engine is to behave, and what is there from the start.
    #[must_use]
    pub fn settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// The engine, its store opened and its seed applied.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the store cannot be opened or the root key is not the one it was made with;
    /// [`Kind::Invalid`] when the seed cannot be applied.
    pub async fn build(self) -> Result<Arc<Engine>> {
        let Self { storage, root, audit, clock, settings } = self;
        let random = OsRandom;
        let store: Arc<dyn Store> = match &storage {
            Storage::Memory => Arc::new(Memory::new()),
            Storage::Folder(folder) => {
                let mut fresh = [0; 16];
                random.fill(&mut fresh)?;
                Arc::new(Sqlite::open(folder, fresh)?)
            }
        };
        let crypto = Software::new(open_root(&storage, root, &random)?, Arc::new(random));
        verify_root(store.as_ref(), &crypto).await?;
        let audit: Arc<dyn Audit> = match (audit, &storage) {
            (None, _) => Arc::new(NoAudit),
            (Some(path), Storage::Memory) => Arc::new(FileAudit::open(&path)?),
            (Some(path), Storage::Folder(_)) => Arc::new(FileAudit::kept(&path)?),
        };
        let ports = Ports {
            store,
            crypto: Arc::new(crypto),
            clock: clock.unwrap_or_else(|| Arc::new(SystemClock)),
            random: Arc::new(random),
            audit,
        };
        let engine = Engine::new(ports, registry()?, settings);
        engine.sow().await?;
        Ok(Arc::new(engine))
    }
}

/// A constant sealed under the root key that the store was made with.
const ROOT_CHECK: &str = "root_check";
/// The file, beside the store, that holds the salt of a passphrase.
const SALT_FILE: &str = "root.salt";

fn open_root(storage: &Storage, root: RootKey, random: &OsRandom) -> Result<Root> {
    match (root, storage) {
        (RootKey::Fresh, Storage::Memory) => {
            let mut fresh = zeroize::Zeroizing::new([0; 32]);
            random.fill(fresh.as_mut_slice())?;
            Ok(Root::new(&fresh))
        }
        (RootKey::Fresh, Storage::Folder(_)) => {
            Err(Kind::Internal.because("a store that lasts needs a root key that lasts"))
        }
        (RootKey::File(path), _) => Root::from_file(path, random),
        (RootKey::Text(text), _) => Root::from_env_value(&text),
        (RootKey::Passphrase(passphrase), Storage::Folder(folder)) => {
            Root::from_passphrase(&passphrase, &salt(folder, random)?)
        }
        (RootKey::Passphrase(_), Storage::Memory) => {
            Err(Kind::Internal.because("a passphrase needs a data folder to keep its salt in"))
        }
    }
}

/// The salt kept beside the store; made once. It is not secret.
fn salt(folder: &Path, random: &OsRandom) -> Result<[u8; 16]> {
    let path = folder.join(SALT_FILE);
    let failed = |error: std::io::Error| Kind::Internal.because(format!("the salt file cannot be used: {error}"));
    match std::fs::read(&path) {
        Ok(bytes) => bytes.try_into().map_err(|_| Kind::Internal.because("the salt file does not hold 16 bytes")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut fresh = [0; 16];
            random.fill(&mut fresh)?;
            let mut file = std::fs::File::create_new(&path).map_err(failed)?;
            file.write_all(&fresh).and_then(|()| file.sync_all()).map_err(failed)?;
            std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
            Ok(fresh)
        }
        Err(error) => Err(failed(error)),
    }
}

/// Refuses a store that was made under another root key.
async fn verify_root(store: &dyn Store, crypto: &Software) -> Result<()> {
    match store.get(META, ROOT_CHECK).await? {
        Some(Record { body, .. }) => crypto
            .verify_check_value(&body)
            .map_err(|_| Kind::Internal.because("the root key is not the one this store was made with")),
        None => {
            let body = crypto.check_value()?;
            let change = Change::Put { space: META, path: ROOT_CHECK.to_owned(), expect: Expect::Absent, body };
            Ok(store.commit(vec![change]).await.map(drop)?)
        }
    }
}
