//! The port of numbers used once: a signed request is accepted a single time, by whichever node.
//!
//! # Invariants
//! - A nonce that was accepted is refused until its time has come, for all who share what remembers it.
//! - Where there is no room, only who took more than a fair share of it is refused.

use async_trait::async_trait;

use super::{StoreError, Time};

/// A nonce as a request carries it.
#[derive(Debug, Clone, Copy)]
pub struct Nonce<'a> {
    /// Whose requests share the room there is: an owner's account, or the unique identifier of a user or role.
    pub principal: &'a str,
    /// The access key that signed; a nonce is one of its own.
    pub access_key_id: &'a str,
    /// The nonce.
    pub text: &'a str,
}

/// What remembers nonces.
#[async_trait]
pub trait Once: Send + Sync + 'static {
    /// Remembers a nonce through `until`; false when it is remembered already, or cannot be.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when it cannot be known whether the nonce was used.
    async fn first_time(&self, nonce: Nonce<'_>, now: Time, until: Time) -> Result<bool, StoreError>;

    /// Forgets all nonces.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when they cannot be forgotten.
    async fn clear(&self) -> Result<(), StoreError>;
}
