//! Sessions: temporary credentials whose token carries, sealed, all that is known of them.
//!
//! # Invariants
//! - A token opens only in the dialect it was made for, and only under the root key of this store.
//! - A session of a role or user that was deleted, or made anew under the same name, is no longer accepted; nor is one of
//!   an owner whose access key is gone. One of a user that was renamed is.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::World;
use crate::error::{AuthFlaw, Kind, Result};
use crate::port::Time;
use crate::secret::AccessSecret;

/// Temporary credentials.
pub struct Session {
    /// The access key id.
    pub access_key_id: String,
    /// The secret.
    pub secret: AccessSecret,
    /// What the token carries beside them.
    pub terms: Terms,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({}, {:?})", self.access_key_id, self.terms)
    }
}

/// Whose session it is, until when, and within which limits.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Terms {
    /// The account.
    pub account: String,
    /// Whose it is.
    pub subject: Subject,
    /// When it began.
    pub issued_at: Time,
    /// When it ends.
    pub expires_at: Time,
    /// The session policies, as they were given.
    pub policies: Vec<String>,
    /// The identity that started the chain of sessions, as its first caller stated it.
    pub source_identity: Option<String>,
    /// For one of an owner: the access key it was started with, and ends with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The access key whose simulated circumstances are its own, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulated_as: Option<String>,
}

/// Whose session it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    /// The account's owner.
    Owner,
    /// A user.
    User {
        /// The unique identifier.
        id: String,
        /// The name.
        name: String,
    },
    /// A role.
    Role {
        /// The unique identifier.
        id: String,
        /// The name.
        name: String,
        /// The name of the session.
        session: String,
    },
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    id: String,
    secret: String,
    terms: Terms,
}

impl Session {
    /// The token that carries this session.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the backend fails.
    pub fn token(&self, world: &World, dialect: &str) -> Result<String> {
        let sealed = Sealed {
            id: self.access_key_id.clone(),
            secret: self.secret.expose().to_owned(),
            terms: self.terms.clone(),
        };
        let text = serde_json::to_vec(&sealed).map_err(|_| Kind::Internal.because("a session cannot be encoded"))?;
        let text = zeroize::Zeroizing::new(text);
        Ok(STANDARD.encode(world.ports.crypto.wrap(&place(dialect), &text)?))
    }

    /// Opens a token; whether the session has ended is not asked here.
    ///
    /// # Errors
    /// [`AuthFlaw::TokenInvalid`] for any text that is not a token made here for this dialect.
    pub fn open(world: &World, dialect: &str, token: &str) -> Result<Self> {
        let wrong = || Kind::Unauthenticated(AuthFlaw::TokenInvalid).because("");
        let wrapped = STANDARD.decode(token).map_err(|_| wrong())?;
        let text = world.ports.crypto.unwrap(&place(dialect), &wrapped).map_err(|_| wrong())?;
        let Sealed { id, secret, terms } = serde_json::from_slice(text.expose()).map_err(|_| wrong())?;
        Ok(Self { access_key_id: id, secret: AccessSecret::new(secret), terms })
    }
}

fn place(dialect: &str) -> Vec<u8> {
    crate::name::path(&["session", dialect]).into_bytes()
}
