//! Sealing: material at rest, and messages that only the right account may have decoded.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::World;
use crate::error::{Kind, Result};
use crate::key::{Key, Loaded, Version};
use crate::name::path;
use crate::secret::Material;

impl World {
    /// The material of a version of a key, unsealed once.
    ///
    /// # Errors
    /// [`Kind::Internal`] when it cannot be unsealed.
    pub fn material(&self, dialect: &str, key: &Loaded, version: &str) -> Result<Arc<Material>> {
        key.material(version, |sealed| self.unseal(dialect, &key.key, sealed))
    }

    fn unseal(&self, dialect: &str, key: &Key, version: &Version) -> Result<Material> {
        let broken = || Kind::Internal.because("the stored key material cannot be unsealed");
        let wrapped = STANDARD.decode(&version.wrapped).map_err(|_| broken())?;
        self.ports.crypto.unwrap(&seal_place(dialect, key, &version.id), &wrapped).map_err(|_| broken())
    }

    /// Seals material for a version of a key.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the backend fails.
    pub fn seal(&self, dialect: &str, key: &Key, version: &str, material: &Material) -> Result<String> {
        let wrapped = self.ports.crypto.wrap(&seal_place(dialect, key, version), material.expose())?;
        Ok(STANDARD.encode(wrapped))
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

fn seal_place(dialect: &str, key: &Key, version: &str) -> Vec<u8> {
    path(&["material", dialect, &key.account, &key.region, &key.id, version]).into_bytes()
}
