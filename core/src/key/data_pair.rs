//! Data key pairs: made for callers, their private half given out in plaintext and under a key.

use super::crypt::{Encrypted, Sealing, seal, stop_if};
use super::fit::{Algorithm, usable};
use super::life::on_one_key;
use super::{Encrypting, Encryption, EncryptionContext, Reference, Spec, Tokens, Usage};
use crate::engine::{Search, World};
use crate::error::Result;
use crate::operation::{Authorized, Operation, Role};
use crate::port::crypto::Pair;
use crate::secret::Plaintext;

/// Generates a key pair.
#[derive(Debug)]
pub struct GenerateDataKeyPair {
    /// The key to seal its private half under.
    pub key: Reference,
    /// What it is to be.
    pub spec: Spec,
    /// What the ciphertext is bound to.
    pub context: EncryptionContext,
    /// Whether to stop short of doing it.
    pub dry_run: bool,
    /// Tokens of the grants that let the caller.
    pub tokens: Tokens,
}

/// A key pair, its private half open and sealed.
#[derive(Debug)]
pub struct DataKeyPair {
    /// The private half: PKCS#8 (RFC 5958) in DER.
    pub private: Plaintext,
    /// The rest of it.
    pub sealed: SealedDataKeyPair,
}

/// A key pair, its private half sealed.
#[derive(Debug)]
pub struct SealedDataKeyPair {
    /// What it is.
    pub spec: Spec,
    /// The public half: a `SubjectPublicKeyInfo` (RFC 5280) in DER.
    pub public: Vec<u8>,
    /// The private half, sealed.
    pub encrypted: Encrypted,
}

impl Operation for GenerateDataKeyPair {
    type Output = DataKeyPair;
    const NAME: &'static str = "GenerateDataKeyPair";
    on_one_key!(tokens);

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<DataKeyPair> {
        generate(allowed, allowed.op(), world).await
    }
}

impl Encrypting for GenerateDataKeyPair {
    fn context(&self, _: Role) -> &EncryptionContext {
        &self.context
    }

    fn algorithm(&self, _: Role) -> Encryption {
        Encryption::Symmetric
    }
}

/// Generates a key pair and gives out its private half only sealed.
#[derive(Debug)]
pub struct GenerateDataKeyPairWithoutPlaintext(
    /// The pair wanted.
    pub GenerateDataKeyPair,
);

impl Operation for GenerateDataKeyPairWithoutPlaintext {
    type Output = SealedDataKeyPair;
    const NAME: &'static str = "GenerateDataKeyPairWithoutPlaintext";
    const ROLES: &'static [Role] = GenerateDataKeyPair::ROLES;

    async fn locate(&self, role: Role, search: &mut Search<'_>) -> Result<()> {
        self.0.locate(role, search).await
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<SealedDataKeyPair> {
        Ok(generate(allowed, &allowed.op().0, world).await?.sealed)
    }
}

impl Encrypting for GenerateDataKeyPairWithoutPlaintext {
    fn context(&self, role: Role) -> &EncryptionContext {
        self.0.context(role)
    }

    fn algorithm(&self, role: Role) -> Encryption {
        self.0.algorithm(role)
    }
}

/// An operation that makes key pairs.
pub trait Pairing: Encrypting {
    /// What the pair is to be.
    fn spec(&self) -> Spec;
}

impl Pairing for GenerateDataKeyPair {
    fn spec(&self) -> Spec {
        self.spec
    }
}

impl Pairing for GenerateDataKeyPairWithoutPlaintext {
    fn spec(&self) -> Spec {
        self.0.spec
    }
}

async fn generate<O: Operation>(
    allowed: &Authorized<O>,
    wanted: &GenerateDataKeyPair,
    world: &World,
) -> Result<DataKeyPair> {
    let GenerateDataKeyPair { key: _, spec, context, dry_run, tokens: _ } = wanted;
    let algorithm = Encryption::Symmetric;
    let key = usable(allowed, Role::Subject, Usage::EncryptDecrypt, Algorithm::Encryption(algorithm))?;
    stop_if(*dry_run)?;
    let Pair { private, public } = world.ports.crypto.pair(*spec).await?;
    let sealing = Sealing { key: &key, version: None, algorithm, context };
    let encrypted = seal(world, allowed.dialect(), &sealing, private.expose(), world.random()?).await?;
    Ok(DataKeyPair { private, sealed: SealedDataKeyPair { spec: *spec, public, encrypted } })
}
