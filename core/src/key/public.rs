//! The public halves of key pairs.

use std::sync::Arc;

use super::fit::{Misuse, incapable};
use super::life::on_one_key;
use super::{Provenance, Reference, Spec, Tokens, Usage, Use};
use crate::engine::World;
use crate::error::Result;
use crate::operation::{Authorized, Operation, Role};

/// Tells the public half of a key pair.
#[derive(Debug)]
pub struct GetPublicKey {
    /// The key.
    pub key: Reference,
    /// The version of it; the current one, when absent.
    pub version: Option<String>,
    /// Whether to stop short of telling.
    pub dry_run: bool,
    /// Tokens of the grants that let the caller.
    pub tokens: Tokens,
}

/// The public half of a key pair.
#[derive(Debug)]
pub struct PublicKey {
    /// What it belongs to.
    pub by: Arc<Provenance>,
    /// A `SubjectPublicKeyInfo` (RFC 5280) in DER.
    pub public: Vec<u8>,
    /// What the pair is and may be used for, where the answer tells it.
    pub kind: Option<(Spec, Usage)>,
}

impl Operation for GetPublicKey {
    type Output = PublicKey;
    const NAME: &'static str = "GetPublicKey";
    on_one_key!(tokens);

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<PublicKey> {
        let Self { key: _, version, dry_run, tokens: _ } = allowed.op();
        let key = allowed.key(Role::Subject)?;
        let rules = allowed.dialect().law.keys()?;
        rules.admit(&key, Use::Cryptography)?;
        if !key.key.spec.is_pair() {
            return Err((rules.misused)(&Misuse::NoPublicKey { arn: &key.arn }));
        }
        let made = key.wanted(version.as_deref())?;
        let handle = world.handle(allowed.dialect().name, &key, made).await?;
        let public = handle.public.as_deref().ok_or_else(incapable)?.to_vec();
        super::crypt::stop_if(*dry_run)?;
        Ok(PublicKey { by: Arc::clone(&made.by), public, kind: Some((key.key.spec, key.key.usage)) })
    }
}
