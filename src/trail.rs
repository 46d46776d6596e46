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
