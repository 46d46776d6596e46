//! The key that vouches for the audit trail of a store: made once, kept sealed in the store.

use std::sync::Arc;

use polykms_core::engine::world::META;
use polykms_core::error::{Kind, Result};
use polykms_core::port::{Change, Crypto, Expect, Random, Store};
use polykms_host::trail::Signer;
use zeroize::Zeroizing;

/// The record of the key, and what its seal binds it to.
const TRAIL_KEY: &str = "trail_key";

/// Who vouches for the trail of a store.
///
/// # Errors
/// [`Kind::Internal`] when the store fails, or the key in it cannot be unsealed.
pub(crate) async fn signer(store: &dyn Store, crypto: &dyn Crypto, random: &dyn Random) -> Result<Arc<Signer>> {
    let unreadable = || Kind::Internal.because("the key of the audit trail cannot be unsealed");
    let seed = match store.get(META, TRAIL_KEY).await? {
        Some(record) => {
            let seed = crypto.unwrap(TRAIL_KEY.as_bytes(), &record.body).map_err(|_| unreadable())?;
            Zeroizing::new(seed.expose().try_into().map_err(|_| unreadable())?)
        }
        None => {
            let mut seed = Zeroizing::new([0; 32]);
            random.fill(seed.as_mut_slice())?;
            let (path, body) = (TRAIL_KEY.to_owned(), crypto.wrap(TRAIL_KEY.as_bytes(), seed.as_slice())?);
            store.commit(vec![Change::Put { space: META, path, expect: Expect::Absent, body }]).await?;
            seed
        }
    };
    Ok(Arc::new(Signer::of(&seed)?))
}

/// What the trail of the store in a folder is verified with.
///
/// # Errors
/// [`Kind::Internal`] when there is no store, or the root key is not its own.
#[cfg(feature = "cli")]
pub(crate) async fn public_key(
    folder: &std::path::Path,
    root: crate::RootKey,
) -> Result<polykms_host::trail::PublicKey> {
    let (random, storage) = (polykms_host::OsRandom, crate::Storage::Folder(folder.to_owned()));
    let (store, keyring) = crate::root::opened(&storage, folder, root, &random).await?;
    let crypto = polykms_crypto::Software::new(keyring, Arc::new(random));
    Ok(signer(&store, &crypto, &random).await?.public_key().clone())
}
