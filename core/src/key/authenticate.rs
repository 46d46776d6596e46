//! Message authentication codes: made and verified.

use std::sync::Arc;

use super::crypt::stop_if;
use super::fit::{Algorithm, incapable, usable};
use super::life::on_one_key;
use super::{Provenance, Reference, Tokens, Usage};
use crate::engine::World;
use crate::error::{Error, Kind, Result};
use crate::operation::{Authorized, Operation, Role};
use crate::port::crypto::{Authenticate, Authentication};
use crate::secret::Plaintext;

/// An operation that makes or verifies codes.
pub trait Authenticates: Operation {
    /// The algorithm.
    fn algorithm(&self) -> Authentication;
}

/// Makes the code of a message.
#[derive(Debug)]
pub struct GenerateMac {
    /// The key.
    pub key: Reference,
    /// The algorithm.
    pub algorithm: Authentication,
    /// The message.
    pub message: Plaintext,
    /// Whether to stop short of doing it.
    pub dry_run: bool,
    /// Tokens of the grants that let the caller.
    pub tokens: Tokens,
}

/// A code and what made it.
#[derive(Debug)]
pub struct Code {
    /// What made it.
    pub by: Arc<Provenance>,
    /// The algorithm.
    pub algorithm: Authentication,
    /// The code.
    pub code: Vec<u8>,
}

impl Operation for GenerateMac {
    type Output = Code;
    const NAME: &'static str = "GenerateMac";
    on_one_key!(tokens);

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Code> {
        let Self { key: _, algorithm, message, dry_run, tokens: _ } = allowed.op();
        let (by, code) = with(allowed, world, |own| {
            stop_if(*dry_run)?;
            own.code(message.expose())
        })
        .await?;
        Ok(Code { by, algorithm: *algorithm, code })
    }
}

impl Authenticates for GenerateMac {
    fn algorithm(&self) -> Authentication {
        self.algorithm
    }
}

/// Verifies the code of a message.
#[derive(Debug)]
pub struct VerifyMac {
    /// The key.
    pub key: Reference,
    /// The algorithm.
    pub algorithm: Authentication,
    /// The message.
    pub message: Plaintext,
    /// The code.
    pub code: Vec<u8>,
    /// Whether to stop short of telling.
    pub dry_run: bool,
    /// Tokens of the grants that let the caller.
    pub tokens: Tokens,
}

/// Whether a code fits.
#[derive(Debug)]
pub struct VerifiedMac {
    /// What had made it.
    pub by: Arc<Provenance>,
    /// The algorithm.
    pub algorithm: Authentication,
    /// Whether it does.
    pub fits: bool,
}

impl Operation for VerifyMac {
    type Output = VerifiedMac;
    const NAME: &'static str = "VerifyMac";
    on_one_key!(tokens);

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<VerifiedMac> {
        let Self { key: _, algorithm, message, code, dry_run, tokens: _ } = allowed.op();
        let (by, fits) = with(allowed, world, |own| own.verify(message.expose(), code)).await?;
        if !fits && allowed.dialect().law.keys()?.mismatch_fails {
            return Err(Error::from(Kind::InvalidMac));
        }
        stop_if(*dry_run)?;
        Ok(VerifiedMac { by, algorithm: *algorithm, fits })
    }
}

impl Authenticates for VerifyMac {
    fn algorithm(&self) -> Authentication {
        self.algorithm
    }
}

/// What the current version of the key makes of it.
async fn with<O: Authenticates, T>(
    allowed: &Authorized<O>,
    world: &World,
    act: impl FnOnce(&dyn Authenticate) -> Result<T>,
) -> Result<(Arc<Provenance>, T)> {
    let algorithm = Algorithm::Authentication(allowed.op().algorithm());
    let key = usable(allowed, Role::Subject, Usage::GenerateVerifyMac, algorithm)?;
    let made = key.current()?;
    let handle = world.handle(allowed.dialect().name, &key, made).await?;
    let own = handle.authenticate.as_deref().ok_or_else(incapable)?;
    Ok((Arc::clone(&made.by), act(own)?))
}
