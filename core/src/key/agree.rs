//! Agreement on a secret with the owner of another key pair.

use std::sync::Arc;

use super::crypt::stop_if;
use super::fit::{Algorithm, Misuse, incapable, usable};
use super::life::on_one_key;
use super::{Origin, Provenance, Reference, Tokens, Usage};
use crate::engine::World;
use crate::error::{Kind, Result};
use crate::operation::{Authorized, Operation, Role};
use crate::port::crypto::Agreement;
use crate::secret::Plaintext;

/// Derives the secret that a key pair has with another one.
#[derive(Debug)]
pub struct DeriveSharedSecret {
    /// The key.
    pub key: Reference,
    /// The algorithm.
    pub algorithm: Agreement,
    /// The public half of the other pair: a `SubjectPublicKeyInfo` (RFC 5280) in DER.
    pub public: Vec<u8>,
    /// Whether to stop short of telling.
    pub dry_run: bool,
    /// Tokens of the grants that let the caller.
    pub tokens: Tokens,
}

/// A secret that two have.
#[derive(Debug)]
pub struct SharedSecret {
    /// The pair that is kept here.
    pub by: Arc<Provenance>,
    /// The algorithm.
    pub algorithm: Agreement,
    /// Where its material comes from.
    pub origin: Origin,
    /// The secret.
    pub secret: Plaintext,
}

impl Operation for DeriveSharedSecret {
    type Output = SharedSecret;
    const NAME: &'static str = "DeriveSharedSecret";
    on_one_key!(tokens);

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<SharedSecret> {
        let Self { key: _, algorithm, public, dry_run, tokens: _ } = allowed.op();
        let key = usable(allowed, Role::Subject, Usage::KeyAgreement, Algorithm::Agreement(*algorithm))?;
        let rules = allowed.dialect().law.keys()?;
        let made = key.current()?;
        let handle = world.handle(allowed.dialect().name, &key, made).await?;
        let secret = handle.agree.as_deref().ok_or_else(incapable)?.agree(public);
        let secret = secret.map_err(|error| match error.kind() {
            Kind::Invalid(_) => (rules.misused)(&Misuse::PublicKey),
            _ => error,
        })?;
        stop_if(*dry_run)?;
        Ok(SharedSecret { by: Arc::clone(&made.by), algorithm: *algorithm, origin: key.key.origin, secret })
    }
}
