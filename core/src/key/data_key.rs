//! Data keys: random bytes, given out in plaintext and under a key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::crypt::{Encrypted, Sealing, seal, stop_if};
use super::envelope::FRESH;
use super::fit::{Algorithm, usable};
use super::life::on_one_key;
use super::{DataKeyForm, Encrypting, Encryption, EncryptionContext, Reference, Spec, Tokens, Usage};
use crate::engine::{Search, World};
use crate::error::{Kind, Result};
use crate::operation::{Authorized, Operation, Role};
use crate::secret::Plaintext;

/// Generates a data key.
#[derive(Debug)]
pub struct GenerateDataKey {
    /// The key to seal it under.
    pub key: Reference,
    /// How long it is to be.
    pub size: DataKeySize,
    /// What the ciphertext is bound to.
    pub context: EncryptionContext,
    /// Whether to stop short of doing it.
    pub dry_run: bool,
    /// Tokens of the grants that let the caller.
    pub tokens: Tokens,
}

/// How long a data key is to be: a number of bytes, which goes before all else, or what an algorithm takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DataKeySize {
    /// So many bytes.
    pub number: Option<usize>,
    /// As many as this takes, of AES.
    pub spec: Option<Spec>,
}

impl DataKeySize {
    /// The length in bytes.
    pub fn bytes(self) -> usize {
        match (self.number, self.spec) {
            (Some(number), _) => number,
            (None, Some(Spec::Aes128)) => 16,
            (None, _) => 32,
        }
    }
}

/// A data key, open and sealed.
#[derive(Debug)]
pub struct DataKey {
    /// The bytes.
    pub plaintext: Plaintext,
    /// The same, sealed.
    pub encrypted: Encrypted,
}

impl Operation for GenerateDataKey {
    type Output = DataKey;
    const NAME: &'static str = "GenerateDataKey";
    on_one_key!(tokens);

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<DataKey> {
        generate(allowed, allowed.op(), world).await
    }
}

/// Generates a data key and gives out only its sealed form.
#[derive(Debug)]
pub struct GenerateDataKeyWithoutPlaintext(
    /// The data key wanted.
    pub GenerateDataKey,
);

impl Operation for GenerateDataKeyWithoutPlaintext {
    type Output = Encrypted;
    const NAME: &'static str = "GenerateDataKeyWithoutPlaintext";
    const ROLES: &'static [Role] = GenerateDataKey::ROLES;

    async fn locate(&self, role: Role, search: &mut Search<'_>) -> Result<()> {
        self.0.locate(role, search).await
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Encrypted> {
        Ok(generate(allowed, &allowed.op().0, world).await?.encrypted)
    }
}

impl Encrypting for GenerateDataKey {
    fn context(&self, _: Role) -> &EncryptionContext {
        &self.context
    }

    fn algorithm(&self, _: Role) -> Encryption {
        Encryption::Symmetric
    }
}

impl Encrypting for GenerateDataKeyWithoutPlaintext {
    fn context(&self, role: Role) -> &EncryptionContext {
        self.0.context(role)
    }

    fn algorithm(&self, role: Role) -> Encryption {
        self.0.algorithm(role)
    }
}

async fn generate<O: Operation>(allowed: &Authorized<O>, wanted: &GenerateDataKey, world: &World) -> Result<DataKey> {
    let GenerateDataKey { key: _, size, context, dry_run, tokens: _ } = wanted;
    let symmetric = Algorithm::Encryption(Encryption::Symmetric);
    let key = usable(allowed, Role::Subject, Usage::EncryptDecrypt, symmetric)?;
    stop_if(*dry_run)?;
    let sealing = Sealing { key: &key, version: None, algorithm: Encryption::Symmetric, context };
    // One draw for the key and for what its sealing needs.
    let mut drawn = Zeroizing::new(vec![0; size.bytes().saturating_add(FRESH)]);
    world.ports.random.fill(&mut drawn)?;
    let Some((plaintext, fresh)) = drawn.split_last_chunk::<FRESH>() else {
        return Err(Kind::Internal.because("there is less than was drawn"));
    };
    let plaintext = Plaintext::new(plaintext.to_vec());
    let encrypted = match allowed.dialect().law.keys()?.data_key {
        DataKeyForm::Raw => seal(world, allowed.dialect(), &sealing, plaintext.expose(), *fresh).await?,
        DataKeyForm::Base64 => {
            let text = Zeroizing::new(STANDARD.encode(plaintext.expose()));
            seal(world, allowed.dialect(), &sealing, text.as_bytes(), *fresh).await?
        }
    };
    Ok(DataKey { plaintext, encrypted })
}
