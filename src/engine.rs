//! Puts an engine together, from a store, a root key, a clock, a generator and an audit trail.

use std::path::PathBuf;
use std::sync::Arc;

use polykms_core::engine::{Engine, Ports, Settings};
use polykms_core::error::Result;
use polykms_core::name::shown;
use polykms_core::port::audit::NoAudit;
use polykms_core::port::{Audit, Clock, Crypto, Random, Store};
use polykms_crypto::Software;
use polykms_host::trail::{FileAudit, Rotation, Terms};
use polykms_host::{OsRandom, SystemClock};
use polykms_store::{Memory, Nonces, Sqlite};

use crate::{Purpose, RootKey, registry, root, trail};

/// Where records are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Storage {
    /// In memory, gone with the process.
    #[default]
    Memory,
    /// In a folder, in SQLite.
    Folder(PathBuf),
}

/// Puts an engine together.
#[derive(Default)]
pub struct Builder {
    storage: Storage,
    root: RootKey,
    audit: Option<PathBuf>,
    rotation: Rotation,
    clock: Option<Arc<dyn Clock>>,
    purpose: Option<Purpose>,
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

    /// When the file of the audit trail ends and the next one begins; 256 MiB or a day, unless this says otherwise.
    #[must_use]
    pub fn audit_rotation(self, rotation: Rotation) -> Self {
        Self { rotation, ..self }
    }

    /// Another clock than the system's.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock: Some(clock), ..self }
    }

    /// What the store is for: one of another purpose is refused. Where nothing is said, nothing is asked.
    #[must_use]
    pub fn purpose(self, purpose: Purpose) -> Self {
        Self { purpose: Some(purpose), ..self }
    }

    /// How the engine is to behave, and what is there from the start.
    #[must_use]
    pub fn settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// The engine, its store opened and its seed applied. The log tells which access keys of owners went with that.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::core::error::Kind::Internal) when the store cannot be opened, the root key is not the one it was made with or
    /// the store is for something else;
    /// [`Kind::Invalid`](crate::core::error::Kind::Invalid) when the seed cannot be applied.
    pub async fn build(self) -> Result<Arc<Engine>> {
        let Self { storage, root, audit, rotation, clock, purpose, settings } = self;
        let random = OsRandom;
        let store: Arc<dyn Store> = match &storage {
            Storage::Memory => Arc::new(Memory::new()),
            Storage::Folder(folder) => {
                let mut fresh = [0; 16];
                random.fill(&mut fresh)?;
                Arc::new(Sqlite::open(folder, fresh)?)
            }
        };
        root::complete(store.as_ref(), &root, &storage).await?;
        let keyring = root::keyring(store.as_ref(), &root.open(&storage, &random)?, &random).await?;
        let crypto: Arc<dyn Crypto> = Arc::new(Software::new(keyring, Arc::new(random)));
        let audit: Arc<dyn Audit> = match audit {
            None => Arc::new(NoAudit),
            Some(path) => {
                let signer = trail::signer(store.as_ref(), crypto.as_ref(), &random).await?;
                let mut writer = [0; 8];
                random.fill(&mut writer)?;
                let (writer, kept) = (format!("{:016x}", u64::from_be_bytes(writer)), storage != Storage::Memory);
                Arc::new(FileAudit::open(&path, Terms { signer, writer, kept, rotation })?)
            }
        };
        let ports = Ports {
            store,
            crypto,
            once: Arc::new(Nonces::default()),
            clock: clock.unwrap_or_else(|| Arc::new(SystemClock)),
            random: Arc::new(random),
            audit,
        };
        let engine = Engine::new(ports, registry()?, settings);
        engine.world().on_unreadable(|space, path| {
            let record = shown(space, path);
            tracing::error!(target: "polykms", record, "a stored record cannot be read; lists leave it out");
        });
        engine.migrate().await?;
        engine.catch_up().await?;
        if let (Some(purpose), Storage::Folder(_)) = (purpose, &storage) {
            purpose.claim(&engine).await?;
        }
        for removed in engine.sow().await? {
            tracing::warn!(target: "polykms", %removed, "neither the settings nor the seed have it any more: it was removed");
        }
        Ok(Arc::new(engine))
    }
}
