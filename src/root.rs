//! The root key of a store: where it comes from, what is kept under it, and how it is changed.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use polykms_core::engine::world::META;
use polykms_core::error::{Error, Kind, Result};
use polykms_core::port::{Change, Expect, Random, Record, Store};
use polykms_crypto::{Keyring, Root};
use polykms_host::OsRandom;
use polykms_store::Sqlite;
use polykms_store::sqlite::DATABASE;
use zeroize::Zeroizing;

use crate::Storage;

/// Where the root key comes from.
#[derive(Default)]
pub enum RootKey {
    /// A fresh one, gone with the process; for [`Storage::Memory`] alone.
    #[default]
    Fresh,
    /// A file of mode 0600, made on first start.
    File(PathBuf),
    /// 32 bytes in base64.
    Text(Zeroizing<String>),
    /// A passphrase, stretched with Argon2id under a salt that is kept beside the store.
    Passphrase(Zeroizing<String>),
}

/// The record of the wrap keys, sealed under the root key. Stores that were made before there were any hold a constant
/// there instead, sealed under the root key as well; hence the name.
const WRAP_KEYS: &str = "root_check";
/// The file, beside the store, that holds the salt of a passphrase.
const SALT_FILE: &str = "root.salt";

/// Puts the store in a folder under another root key, which must not be in use meanwhile. What is in it stays as it is;
/// what is made from now on cannot be read with the old key.
///
/// # Errors
/// [`Kind::Internal`] when there is no store, `from` is not its root key, or one of the keys cannot be had.
pub async fn rotate_root_key(folder: &Path, from: RootKey, to: RootKey) -> Result<()> {
    let (random, storage) = (OsRandom, Storage::Folder(folder.to_owned()));
    let (store, keyring) = opened(&storage, folder, from, &random).await?;
    let keyring = keyring.renewed(&random)?;
    // Nobody else has the folder.
    keep(&store, &keyring, Expect::Any, &to.open(&storage, &random)?, &random).await
}

/// The store that is in a folder, with its wrap keys.
///
/// # Errors
/// [`Kind::Internal`] when there is none, or this is not its root key.
pub(crate) async fn opened(
    storage: &Storage,
    folder: &Path,
    root: RootKey,
    random: &dyn Random,
) -> Result<(Sqlite, Keyring)> {
    if !folder.join(DATABASE).is_file() {
        return Err(Kind::Internal.because(format!("there is no store in `{}`", folder.display())));
    }
    if let RootKey::File(path) = &root
        && !path.is_file()
    {
        return Err(Kind::Internal.because(format!("there is no root key file `{}`", path.display())));
    }
    let store = Sqlite::open(folder, [0; 16])?; // it is there and has its name
    complete(&store, &root, storage).await?;
    let keyring = keyring(&store, &root.open(storage, random)?, random).await?;
    Ok((store, keyring))
}

/// The wrap keys of a store. A new store gets some, and so does one that was made before there were any.
///
/// # Errors
/// [`Kind::Internal`] when this is not the store's root key.
pub(crate) async fn keyring(store: &dyn Store, root: &Root, random: &dyn Random) -> Result<Keyring> {
    let (keyring, expect) = match store.get(META, WRAP_KEYS).await? {
        None => (Keyring::fresh(random)?, Expect::Absent),
        Some(Record { path: _, rev, body }) => match Keyring::open(root, &body) {
            Ok(keyring) => return Ok(keyring),
            Err(_) => (Keyring::succeeding(root, &body, random).map_err(|_| foreign())?, Expect::Rev(rev)),
        },
    };
    keep(store, &keyring, expect, root, random).await?;
    Ok(keyring)
}

async fn keep(store: &dyn Store, keyring: &Keyring, expect: Expect, root: &Root, random: &dyn Random) -> Result<()> {
    let body = keyring.seal(root, random)?;
    let change = Change::Put { space: META, path: WRAP_KEYS.to_owned(), expect, body };
    Ok(store.commit(vec![change]).await.map(drop)?)
}

fn foreign() -> Error {
    Kind::Internal.because("the root key is not the one this store was made with")
}

/// Refuses to go on without what a store that holds something was made with: a new key or salt would open nothing in it.
///
/// # Errors
/// [`Kind::Internal`] when the store has wrap keys and the file of its root key, or of the salt, is missing.
pub(crate) async fn complete(store: &dyn Store, root: &RootKey, storage: &Storage) -> Result<()> {
    match root.missing(storage) {
        Some(path) if store.get(META, WRAP_KEYS).await?.is_some() => Err(Kind::Internal.because(format!(
            "`{}` is missing, which the store was made with; nothing takes its place",
            path.display()
        ))),
        _ => Ok(()),
    }
}

impl RootKey {
    /// The file that this key needs and that is not there.
    fn missing(&self, storage: &Storage) -> Option<PathBuf> {
        let path = match (self, storage) {
            (Self::File(path), _) => path.clone(),
            (Self::Passphrase(_), Storage::Folder(folder)) => folder.join(SALT_FILE),
            _ => return None,
        };
        (!path.exists()).then_some(path)
    }

    /// The key itself.
    ///
    /// # Errors
    /// [`Kind::Internal`] when it cannot be had, or does not go with the storage.
    pub(crate) fn open(self, storage: &Storage, random: &dyn Random) -> Result<Root> {
        match (self, storage) {
            (Self::Fresh, Storage::Memory) => {
                let mut fresh = Zeroizing::new([0; 32]);
                random.fill(fresh.as_mut_slice())?;
                Ok(Root::new(&fresh))
            }
            (Self::Fresh, Storage::Folder(_)) => {
                Err(Kind::Internal.because("a store that lasts needs a root key that lasts"))
            }
            (Self::File(path), _) => Root::from_file(path, random),
            (Self::Text(text), _) => Root::from_env_value(&text),
            (Self::Passphrase(passphrase), Storage::Folder(folder)) => {
                Root::from_passphrase(&passphrase, &salt(folder, random)?)
            }
            (Self::Passphrase(_), Storage::Memory) => {
                Err(Kind::Internal.because("a passphrase needs a data folder to keep its salt in"))
            }
        }
    }
}

/// The salt kept beside the store; made once. It is not secret.
fn salt(folder: &Path, random: &dyn Random) -> Result<[u8; 16]> {
    let path = folder.join(SALT_FILE);
    let failed = |error: std::io::Error| Kind::Internal.because(format!("the salt file cannot be used: {error}"));
    match std::fs::read(&path) {
        Ok(bytes) => bytes.try_into().map_err(|_| Kind::Internal.because("the salt file does not hold 16 bytes")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut fresh = [0; 16];
            random.fill(&mut fresh)?;
            // Elsewhere first, then under its name: it is whole or absent, and no other one is replaced.
            let mut draft = tempfile::Builder::new().prefix(".root-salt-").tempfile_in(folder).map_err(failed)?;
            draft.write_all(&fresh).and_then(|()| draft.as_file().sync_all()).map_err(failed)?;
            draft.persist_noclobber(&path).map_err(|error| failed(error.error))?;
            std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
            Ok(fresh)
        }
        Err(error) => Err(failed(error)),
    }
}
