//! Sealing: keys made and loaded, and messages that only the right account may have decoded.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::World;
use crate::error::{Kind, Result};
use crate::key::{Key, Loaded, Made};
use crate::name::path;
use crate::port::crypto::{Handle, Sealed, Seat};
use crate::secret::Material;

impl World {
    /// Makes material for a version of a key.
    ///
    /// # Errors
    /// Those of [`Crypto::generate`](crate::port::Crypto::generate).
    pub async fn generate(&self, dialect: &str, key: &Key, version: &str) -> Result<Sealed> {
        self.ports.crypto.generate(key.spec, seat(dialect, key, version)).await
    }

    /// Takes material for a version of a key.
    ///
    /// # Errors
    /// Those of [`Crypto::import`](crate::port::Crypto::import).
    pub async fn import(&self, dialect: &str, key: &Key, version: &str, material: Material) -> Result<Sealed> {
        self.ports.crypto.import(key.spec, seat(dialect, key, version), material).await
    }

    /// What a version of a key can do; it is loaded once, and nothing is waited for from then on.
    ///
    /// # Errors
    /// [`Kind::InvalidState`] when its material is not there or has expired, [`Kind::Internal`] when it cannot be unsealed,
    /// and what else [`Crypto::load`](crate::port::Crypto::load) says.
    pub(crate) async fn handle<'k>(&self, dialect: &str, key: &'k Loaded, made: &'k Made) -> Result<&'k Handle> {
        if made.expires_at.is_some_and(|at| at <= self.ports.clock.now()) {
            return Err(key.immaterial());
        }
        match made.handle.get() {
            Some(handle) => Ok(handle),
            None => Ok(Box::pin(made.handle.get_or_make(self.load(dialect, key, &made.id))).await?),
        }
    }

    async fn load(&self, dialect: &str, key: &Loaded, version: &str) -> Result<Arc<Handle>> {
        let found = key.key.versions.find(version).and_then(|version| version.material.as_ref());
        let sealed = found.ok_or_else(|| key.immaterial())?;
        self.loaded(dialect, &key.key, version, sealed).await
    }

    /// What material of a version of a key can do.
    ///
    /// # Errors
    /// [`Kind::Internal`] when it cannot be unsealed, and what else [`Crypto::load`](crate::port::Crypto::load) says.
    pub(crate) async fn loaded(&self, dialect: &str, key: &Key, version: &str, sealed: &Sealed) -> Result<Arc<Handle>> {
        let loaded = self.ports.crypto.load(key.spec, seat(dialect, key, version), sealed).await;
        loaded.map_err(|error| match error.kind() == Kind::InvalidCiphertext {
            true => Kind::Internal.because("the stored key material cannot be unsealed"),
            false => error,
        })
    }

    /// An opaque message that only the account it is about can have decoded.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the backend fails.
    pub fn encode_message(&self, dialect: &str, account: &str, message: &str) -> Result<String> {
        let wrapped = self.ports.crypto.wrap(&message_place(dialect, account), message.as_bytes())?;
        Ok(URL_SAFE_NO_PAD.encode(wrapped))
    }

    /// Decodes a message about this account.
    ///
    /// # Errors
    /// [`Kind::InvalidAuthorizationMessage`], whatever is wrong with it.
    pub fn decode_message(&self, dialect: &str, account: &str, encoded: &str) -> Result<String> {
        let wrong = || Kind::InvalidAuthorizationMessage.because("");
        let wrapped = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| wrong())?;
        let message = self.ports.crypto.unwrap(&message_place(dialect, account), &wrapped).map_err(|_| wrong())?;
        String::from_utf8(message.expose().to_vec()).map_err(|_| wrong())
    }
}

fn message_place(dialect: &str, account: &str) -> Vec<u8> {
    path(&["denial", dialect, account]).into_bytes()
}

fn seat<'a>(dialect: &'a str, key: &'a Key, version: &'a str) -> Seat<'a> {
    Seat { dialect, account: &key.account, region: &key.region, key: &key.id, version }
}
