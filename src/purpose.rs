//! What a data folder is for: an emulator's, whose credentials everybody knows, never becomes a server's by itself.

use std::path::Path;
use std::sync::Arc;

use polykms_core::dialect::Dialect;
use polykms_core::engine::Engine;
use polykms_core::engine::world::{META, SESSIONS_SINCE, put};
use polykms_core::error::{Error, Kind, Result};
use polykms_core::holder::Removed;
use polykms_core::identity::access_key;
use polykms_core::port::{Change, Clock, Expect, Record};

use crate::{Builder, RootKey, Storage};

/// What a store is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To develop against.
    Dev,
    /// To serve for keeps.
    Serve,
}

/// Where a store says what it is for.
const PLACE: &str = "purpose";

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Serve => "serve",
        }
    }

    /// Takes a store for this purpose: a new one becomes it, and so does one of an earlier version that shows no trace of
    /// another.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the store is for something else.
    pub(crate) async fn claim(self, engine: &Engine) -> Result<()> {
        let found = engine.world().ports.store.get(META, PLACE).await?;
        match found {
            Some(Record { body, .. }) if body == self.name().as_bytes() => Ok(()),
            Some(_) => Err(self.refusal()),
            None if self == Self::Serve && !known(engine).await?.0.is_empty() => Err(self.refusal()),
            None => engine.world().commit(vec![self.mark()]).await.map(drop),
        }
    }

    /// What a store is for, where it says so.
    ///
    /// # Errors
    /// Those of the store.
    #[cfg(feature = "cli")]
    pub(crate) async fn of(engine: &Engine) -> Result<Option<Self>> {
        let found = engine.world().ports.store.get(META, PLACE).await?;
        Ok(found.and_then(|Record { body, .. }| {
            [Self::Dev, Self::Serve].into_iter().find(|known| body == known.name().as_bytes())
        }))
    }

    fn mark(self) -> Change {
        Change::Put { space: META, path: PLACE.to_owned(), expect: Expect::Any, body: self.name().into() }
    }

    fn refusal(self) -> Error {
        Kind::Internal.because(match self {
            Self::Serve => {
                "the data folder was made by `dev`, whose credentials everybody knows; `serve --adopt` removes these and \
                 makes the folder its own"
            }
            Self::Dev => {
                "the data folder is one of `serve`, and everybody knows the credentials of `dev`: give it a folder of its own"
            }
        })
    }
}

/// Makes the store in a folder one to serve from, which nobody may have open meanwhile: access keys that everybody knows
/// are removed, and told; sessions that were started before are known no more. What else was made stays.
///
/// # Errors
/// [`Kind::Internal`] when the store cannot be opened, or one of its access keys cannot be read.
pub async fn adopt(folder: &Path, root: RootKey, clock: Arc<dyn Clock>) -> Result<Vec<Removed>> {
    let storage = Storage::Folder(folder.to_owned());
    let now = clock.now();
    let engine = Builder::new().storage(storage).root_key(root).clock(clock).build().await?;
    let (removed, mut changes) = known(&engine).await?;
    changes.push(put(META, SESSIONS_SINCE.to_owned(), Expect::Any, &now)?);
    changes.push(Purpose::Serve.mark());
    engine.world().commit(changes).await?;
    Ok(removed)
}

/// The access keys that everybody knows.
async fn known(engine: &Engine) -> Result<(Vec<Removed>, Vec<Change>)> {
    let dialect = |name: &str| -> Option<&'static Dialect> { engine.registry().named(name) };
    let known =
        |name: &str, id: &str, secret: &str| dialect(name).is_some_and(|known| known.front.is_known(id, secret));
    access_key::known(engine.world(), known).await
}
