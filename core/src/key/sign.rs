//! Signing and verifying.

use std::sync::Arc;

use super::crypt::stop_if;
use super::fit::{Algorithm, Misuse, incapable, usable};
use super::life::on_one_key;
use super::{Provenance, Reference, Rules, Tokens, Usage};
use crate::engine::World;
use crate::error::{Error, Kind, Result};
use crate::operation::{Authorized, Operation, Role};
use crate::port::crypto::{Handle, Signable, Signing};
use crate::secret::Plaintext;

/// What of a message is given to be signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum MessageForm {
    /// The message.
    #[default]
    Whole,
    /// Its digest.
    Digest,
}

impl MessageForm {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Whole, Self::Digest];
}

/// A message and how it is signed.
#[derive(Debug)]
pub struct Signed {
    /// The algorithm.
    pub algorithm: Signing,
    /// What is given of the message.
    pub form: MessageForm,
    /// The message, or its digest.
    pub message: Plaintext,
}

impl Signed {
    fn signable(&self) -> Signable<'_> {
        match self.form {
            MessageForm::Whole => Signable::Message(self.message.expose()),
            MessageForm::Digest => Signable::Digest(self.message.expose()),
        }
    }

    /// Sees to it that a digest is one of the algorithm.
    fn check(&self, rules: &Rules) -> Result<()> {
        let Self { algorithm, form, message } = self;
        match (form, algorithm.digest()) {
            (MessageForm::Whole, _) => Ok(()),
            (MessageForm::Digest, Some(length)) if message.expose().len() == length => Ok(()),
            (MessageForm::Digest, Some(_)) => Err((rules.misused)(&Misuse::Digest { algorithm: *algorithm })),
            (MessageForm::Digest, None) => Err((rules.misused)(&Misuse::NoDigest { algorithm: *algorithm })),
        }
    }
}

/// An operation that signs or verifies.
pub trait Signs: Operation {
    /// What is signed, and how.
    fn signed(&self) -> &Signed;
}

/// Signs a message.
#[derive(Debug)]
pub struct Sign {
    /// The key.
    pub key: Reference,
    /// The version of it; the current one, when absent.
    pub version: Option<String>,
    /// What to sign.
    pub signed: Signed,
    /// Whether to stop short of doing it.
    pub dry_run: bool,
    /// Tokens of the grants that let the caller.
    pub tokens: Tokens,
}

/// A signature and what made it.
#[derive(Debug)]
pub struct Signature {
    /// What signed.
    pub by: Arc<Provenance>,
    /// The algorithm, where the answer tells it.
    pub algorithm: Option<Signing>,
    /// The signature.
    pub signature: Vec<u8>,
}

impl Operation for Sign {
    type Output = Signature;
    const NAME: &'static str = "Sign";
    on_one_key!(tokens);

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Signature> {
        let Self { key: _, version, signed, dry_run, tokens: _ } = allowed.op();
        let (by, signature) = with(allowed, world, version.as_deref(), signed, |handle| {
            stop_if(*dry_run)?;
            capable(handle)?.sign(signed.algorithm, signed.signable())
        })
        .await?;
        Ok(Signature { by, algorithm: Some(signed.algorithm), signature })
    }
}

impl Signs for Sign {
    fn signed(&self) -> &Signed {
        &self.signed
    }
}

/// Verifies a signature.
#[derive(Debug)]
pub struct Verify {
    /// The key.
    pub key: Reference,
    /// The version of it; the current one, when absent.
    pub version: Option<String>,
    /// What was signed.
    pub signed: Signed,
    /// The signature.
    pub signature: Vec<u8>,
    /// Whether to stop short of telling.
    pub dry_run: bool,
    /// Tokens of the grants that let the caller.
    pub tokens: Tokens,
}

/// Whether a signature fits.
#[derive(Debug)]
pub struct Verified {
    /// What had signed.
    pub by: Arc<Provenance>,
    /// The algorithm, where the answer tells it.
    pub algorithm: Option<Signing>,
    /// Whether it does.
    pub fits: bool,
}

impl Operation for Verify {
    type Output = Verified;
    const NAME: &'static str = "Verify";
    on_one_key!(tokens);

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Verified> {
        let Self { key: _, version, signed, signature, dry_run, tokens: _ } = allowed.op();
        let (by, fits) = with(allowed, world, version.as_deref(), signed, |handle| {
            capable(handle)?.verify(signed.algorithm, signed.signable(), signature)
        })
        .await?;
        if !fits && allowed.dialect().law.keys()?.mismatch_fails {
            return Err(Error::from(Kind::InvalidSignature));
        }
        stop_if(*dry_run)?;
        Ok(Verified { by, algorithm: Some(signed.algorithm), fits })
    }
}

impl Signs for Verify {
    fn signed(&self) -> &Signed {
        &self.signed
    }
}

/// What a usable version of the key makes of what is signed.
async fn with<O: Signs, T>(
    allowed: &Authorized<O>,
    world: &World,
    version: Option<&str>,
    signed: &Signed,
    act: impl FnOnce(&Handle) -> Result<T>,
) -> Result<(Arc<Provenance>, T)> {
    let key = usable(allowed, Role::Subject, Usage::SignVerify, Algorithm::Signing(signed.algorithm))?;
    signed.check(allowed.dialect().law.keys()?)?;
    let made = key.wanted(version)?;
    let handle = world.handle(allowed.dialect().name, &key, made).await?;
    Ok((Arc::clone(&made.by), act(handle)?))
}

fn capable(handle: &Handle) -> Result<&dyn crate::port::crypto::Sign> {
    handle.sign.as_deref().ok_or_else(incapable)
}
