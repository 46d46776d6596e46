//! Keys: what they are, how they are named, and what a dialect says about their life.
//!
//! One file per operation lies beside this one.

mod account;
mod agree;
mod alias;
mod authenticate;
mod bulk;
mod crypt;
mod data_key;
mod data_pair;
pub mod envelope;
mod fit;
mod grant;
mod import;
mod life;
mod list;
mod locate;
mod policy;
mod predefined;
mod protection;
mod public;
mod random;
mod region;
pub mod rotation;
mod sign;
mod tag;
mod told;
mod version;
mod versions;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub use account::{DescribeAccount, OpenAccount};
pub use agree::{DeriveSharedSecret, SharedSecret};
pub use alias::{Alias, AliasEntry, AliasOf, CreateAlias, DeleteAlias, ListAliases, ListKeyAliases, UpdateAlias};
pub use authenticate::{Authenticates, Code, GenerateMac, VerifiedMac, VerifyMac};
pub use bulk::{ListTagsOfMany, TagMany, UntagMany};
pub use crypt::{Ciphertext, Decrypt, Decrypted, Encrypt, Encrypted, Encrypting, ReEncrypt, ReEncrypted};
pub use data_key::{DataKey, DataKeySize, GenerateDataKey, GenerateDataKeyWithoutPlaintext};
pub use data_pair::{
    DataKeyPair, GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext, Pairing, SealedDataKeyPair,
};
pub use fit::{Algorithm, Misuse, Words, usages};
pub(crate) use grant::Leads;
pub use grant::{
    Constraint, CreateGrant, Grant, GrantOf, Granted, ListGrants, ListRetirableGrants, Party, RetireGrant, RevokeGrant,
    Rules as GrantRules, Terms as GrantTerms, Tokens, Which,
};
pub use import::{DeleteMaterial, ImportMaterial, Intent, Lasting, MaterialOf, PrepareImport, Prepared};
pub(crate) use import::{EXPIRY, Expiry};
pub use life::{
    CancelDeletion, Create, Describe, Disable, Enable, Restored, ScheduleDeletion, Scheduled, UpdateDescription,
};
pub(crate) use life::{DELETION, Deletion, coming};
pub use list::{Condition, Keeping, List, Sought};
pub(crate) use locate::key as find;
pub use policy::{ListPolicies, PolicyOf, PutPolicy, ReadPolicy};
pub use predefined::Predefined;
pub use protection::SetDeletionProtection;
pub use public::{GetPublicKey, PublicKey};
pub use random::GenerateRandom;
pub use region::ListRegions;
pub(crate) use rotation::{ByItself, ROTATION};
pub use rotation::{
    DescribeRotation, Imported, ListRotations, Rotate, Rotated, Rotating, Rotation, RotationOf, Schedule, SetRotation,
    Standing, Turn,
};
pub use sign::{MessageForm, Sign, Signature, Signed, Signs, Verified, Verify};
pub use tag::{KeyTags, ListTags, Tag, Untag};
pub use told::{Current, Described, Entry, Protection};
pub use version::{DescribeVersion, ListVersions, VersionOf};
pub use versions::{Version, VersionState, Versions};

use crate::dialect::Law;
use crate::error::{Error, Kind, Noun, Result, StateFlaw};
use crate::once::Once;
use crate::operation::{Authorized, Role};
use crate::policy::{Named, Pins};
use crate::port::Time;
use crate::port::crypto::Handle;
pub use crate::port::crypto::{Agreement, Authentication, Encryption, Signing, Spec, Wrapping};
use crate::tag::Tags;

/// Names and values, not secret, that a ciphertext is bound to.
pub type EncryptionContext = BTreeMap<String, String>;

/// The state of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum State {
    /// Ready for use.
    Enabled,
    /// Switched off.
    Disabled,
    /// Waiting for its deletion.
    PendingDeletion,
    /// Without material.
    PendingImport,
}

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Usage {
    /// Encrypting and decrypting.
    EncryptDecrypt,
    /// Signing and verifying.
    SignVerify,
    /// Making and verifying message authentication codes.
    GenerateVerifyMac,
    /// Agreeing on secrets.
    KeyAgreement,
}

/// Where the material of a key comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Origin {
    /// It was generated here.
    #[default]
    Generated,
    /// It was made elsewhere and imported.
    Imported,
}

impl Origin {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Generated, Self::Imported];
}

/// Who made a key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Maker {
    /// Somebody of its account, and no service of the vendor.
    #[default]
    Account,
    /// A service of the vendor, for itself.
    Service,
}

impl Maker {
    /// Whether it is somebody of the account, as ever before.
    fn is_account(&self) -> bool {
        *self == Self::Account
    }
}

/// A key as it is stored, its material sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Key {
    /// The identifier.
    pub id: String,
    /// The account that owns it.
    pub account: String,
    /// The region it is in.
    pub region: String,
    /// Its state.
    pub state: State,
    /// What its material is.
    pub spec: Spec,
    /// What it may be used for.
    pub usage: Usage,
    /// Where its material comes from.
    pub origin: Origin,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Maker::is_account")]
    pub maker: Maker,
    /// Words of its owner.
    pub description: String,
    /// When it was made.
    pub created_at: Time,
    /// When it will be deleted, while it waits for that.
    pub deletion_at: Option<Time>,
    /// Why it must not be deleted, in words of its owner; absent while it may be.
    #[serde(default)]
    pub deletion_protection: Option<String>,
    /// How often it rotates by itself; absent while it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation: Option<Schedule>,
    /// Its tags.
    pub tags: Tags,
    /// The aliases that point at it, with their prefix.
    pub aliases: BTreeSet<String>,
    /// Its key policy, as it was written.
    pub policy: String,
    /// Whom its key policy means.
    #[serde(default, skip_serializing_if = "Pins::is_empty")]
    pub pins: Pins,
    /// Its versions, and which of them encrypts.
    pub versions: Versions,
}

impl Key {
    /// Whether its deletion has come.
    pub fn is_gone(&self, now: Time) -> bool {
        self.state == State::PendingDeletion && self.deletion_at.is_some_and(|at| at <= now)
    }
}

/// What a key is to be, before it is made; what is left open is as usual.
#[derive(Debug, Clone, Copy, Default)]
pub struct Blueprint {
    /// What its material is.
    pub spec: Option<Spec>,
    /// What it may be used for.
    pub usage: Option<Usage>,
    /// Where its material comes from.
    pub origin: Option<Origin>,
}

impl Blueprint {
    /// What its material will be.
    pub fn spec(&self) -> Spec {
        self.spec.unwrap_or(Spec::Aes256)
    }

    /// What it will be used for: where nothing is said, to sign, if it can.
    pub fn usage(&self) -> Usage {
        let possible = usages(self.spec());
        let usual = possible.iter().find(|usage| **usage == Usage::SignVerify).or(possible.first());
        self.usage.or(usual.copied()).unwrap_or(Usage::EncryptDecrypt)
    }

    /// Where its material will come from.
    pub fn origin(&self) -> Origin {
        self.origin.unwrap_or_default()
    }
}

/// A key read from the store, its policy compiled, each version made ready for use when it was first needed.
#[derive(Debug)]
pub struct Loaded {
    /// The key.
    pub key: Key,
    /// The revision it was read at.
    pub rev: u64,
    /// Its full name.
    pub arn: Arc<str>,
    /// Its compiled policy; absent when the stored text no longer compiles, which closes the key.
    pub policy: Option<Named>,
    /// What records of the audit trail say of it, rendered for the first of them.
    pub recorded: OnceLock<Box<RawValue>>,
    /// The grants on it.
    pub(crate) held: grant::Held,
    made: Vec<Made>,
    current: Option<usize>,
}

/// What belongs to a version of a key that was read.
#[derive(Debug)]
pub(crate) struct Made {
    /// Its identifier.
    pub(crate) id: String,
    /// What it makes, and made.
    pub(crate) by: Arc<Provenance>,
    /// When it can no longer be used.
    pub(crate) expires_at: Option<Time>,
    /// What it can do.
    pub(crate) handle: Once<Arc<Handle>>,
}

/// Which version of which key made a ciphertext.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The full name of the key, where the answer tells it.
    pub arn: Option<Arc<str>>,
    /// The key's identifier.
    pub key_id: String,
    /// The version's identifier, where the answer tells it.
    pub version: Option<String>,
    /// What the dialect calls the material, where it has a name of its own.
    pub material: Option<String>,
}

impl Loaded {
    pub(crate) fn new(key: Key, rev: u64, arn: Arc<str>, policy: Option<Named>, rules: &Rules) -> Self {
        let made = |version: &Version| Made {
            id: version.id.clone(),
            by: Arc::new(Provenance {
                arn: Some(Arc::clone(&arn)),
                key_id: key.id.clone(),
                version: Some(version.id.clone()),
                material: rules.material_of(key.spec, &key.id, &version.id),
            }),
            expires_at: version.expires_at,
            handle: Once::new(),
        };
        let made: Vec<Made> = key.versions.iter().map(made).collect();
        let current = key.versions.current().and_then(|current| made.iter().position(|made| made.id == current.id));
        Self { key, rev, arn, policy, recorded: OnceLock::new(), held: grant::Held::default(), made, current }
    }

    /// The same key with the grants on it.
    pub(crate) fn granted(self, held: grant::Held) -> Self {
        Self { held, ..self }
    }

    /// The version that encrypts.
    ///
    /// # Errors
    /// [`Kind::InvalidState`] when there is none.
    pub(crate) fn current(&self) -> Result<&Made> {
        self.current.and_then(|at| self.made.get(at)).ok_or_else(|| self.immaterial())
    }

    /// The version of this identifier, with what belongs to it.
    pub(crate) fn made(&self, id: &str) -> Option<&Made> {
        self.made.iter().find(|made| made.id == id)
    }

    /// The error of a key that is used without material.
    pub(crate) fn immaterial(&self) -> Error {
        Kind::InvalidState(StateFlaw::PendingImport).about(&*self.arn)
    }
}

/// How arguments name a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The account, when a full name was given.
    pub account: Option<String>,
    /// The region, when a full name was given.
    pub region: Option<String>,
    /// The key inside it.
    pub by: By,
}

impl Reference {
    /// A key by its identifier, in the caller's account and region.
    pub fn id(id: impl Into<String>) -> Self {
        Self { account: None, region: None, by: By::Id(id.into()) }
    }

    /// A key by a version of it, in the caller's region.
    pub(crate) fn version(version: String) -> Self {
        Self { account: None, region: None, by: By::Version(version) }
    }

    /// A key by an alias, with its prefix, in the caller's account and region.
    pub fn alias(name: impl Into<String>) -> Self {
        Self { account: None, region: None, by: By::Alias(name.into()) }
    }
}

/// What singles out a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// Its identifier.
    Id(String),
    /// An alias that points at it, with its prefix.
    Alias(String),
    /// The version that made a ciphertext.
    Version(String),
}

/// What operations on keys are about, to be named by a dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item<'a> {
    /// Nothing in particular: the operation concerns everything of the service.
    Everything,
    /// All keys, as a collection.
    Keys,
    /// A key by its identifier.
    Key(&'a str),
    /// All aliases, as a collection.
    Aliases,
    /// An alias, with its prefix.
    Alias(&'a str),
}

/// What an operation does to a key, as the tables of states tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Use {
    /// Encrypts, decrypts or generates.
    Cryptography,
    /// Only reads about it.
    Read,
    /// Changes its description or tags.
    Annotate,
    /// Changes its policy.
    ChangePolicy,
    /// Lets somebody use it.
    Grant,
    /// Tells how to wrap material for it.
    PrepareImport,
    /// Imports material into it.
    Import,
    /// Deletes its imported material.
    DeleteMaterial,
    /// Gives it new material, or has it get some from time to time.
    Rotate,
    /// Switches it on or off.
    Toggle,
    /// Starts the wait for its deletion.
    ScheduleDeletion,
    /// Ends the wait for its deletion.
    CancelDeletion,
    /// Makes an alias that points at it.
    CreateAlias,
    /// Points an existing alias at it.
    RetargetAlias,
    /// Removes an alias that points at it, or points it elsewhere.
    ReleaseAlias,
}

/// How symmetric ciphertexts are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layout {
    /// Derived key per message, key commitment, header as associated data: opaque to callers.
    Committed,
    /// Version identifier in ASCII, nonce, ciphertext, tag: visible to callers by the vendor's contract.
    Visible,
}

/// What bytes a generated data key is sealed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DataKeyForm {
    /// The key itself.
    Raw,
    /// The key in base64.
    Base64,
}

/// What a dialect says about the life of keys.
pub struct Rules {
    /// The full name of what belongs to an account in a region.
    pub name: fn(account: &str, region: &str, item: Item<'_>) -> String,
    /// The key that a text names: its identifier, an alias, or the full name of either.
    pub named: fn(&str) -> Result<Reference>,
    /// Whether a use is possible in a state; the flaw if not.
    pub admits: fn(Use, State) -> std::result::Result<(), StateFlaw>,
    /// The state after a deletion was called off.
    pub after_cancel: State,
    /// Days a deletion may be put off.
    pub window_days: RangeInclusive<u32>,
    /// How ciphertexts are laid out.
    pub layout: Layout,
    /// What a data key is sealed as.
    pub data_key: DataKeyForm,
    /// The associated data of an encryption context.
    pub context_bytes: fn(&EncryptionContext) -> Vec<u8>,
    /// What the material of a version of a symmetric key is called, by the identifiers of both, where it has a name.
    pub material: fn(key: &str, version: &str) -> Option<String>,
    /// The specs that keys are made of.
    pub specs: Words<Spec>,
    /// What they may be used for.
    pub usages: Words<Usage>,
    /// The error of a use that does not fit the key.
    pub misused: fn(&Misuse<'_>) -> Error,
    /// Whether a signature or code that does not fit is an error; otherwise it is an answer.
    pub mismatch_fails: bool,
    /// The policy of a key that was made without one.
    pub default_policy: fn(account: &str, region: &str) -> String,
    /// The keys that the vendor keeps for its services, in the order of their aliases by bytes.
    pub predefined: &'static [Predefined],
    /// The description of such a key.
    pub predefined_description: fn(&Predefined) -> String,
    /// The policy of such a key.
    pub predefined_policy: fn(&Predefined, account: &str, region: &str) -> String,
    /// What grants are, where there are any.
    pub grants: Option<&'static GrantRules>,
    /// How keys get new material.
    pub rotation: rotation::Terms,
    /// How far ahead the end of imported material may be, where that is bounded.
    pub material_lasts: Option<jiff::SignedDuration>,
    /// How many tags a key may have.
    pub max_tags: usize,
    /// How many aliases may point at one key.
    pub max_aliases: usize,
    /// Whether a policy that no longer lets its writer change it is refused.
    pub lockout_check: Option<&'static str>,
}

impl Law {
    /// What is said about keys.
    ///
    /// # Errors
    /// [`Kind::Unsupported`] when nothing is.
    pub fn keys(&self) -> Result<&'static Rules> {
        self.rules()
    }
}

impl Rules {
    /// What the material of a version of a key is called.
    fn material_of(&self, spec: Spec, key: &str, version: &str) -> Option<String> {
        spec.encryption().contains(&Encryption::Symmetric).then(|| (self.material)(key, version)).flatten()
    }

    pub(crate) fn admit(&self, key: &Loaded, wanted: Use) -> Result<()> {
        (self.admits)(wanted, key.key.state).map_err(|flaw| Kind::InvalidState(flaw).about(&*key.arn))
    }
}

impl<O> Authorized<O> {
    /// The key playing a role, as it was judged.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when there is none.
    pub fn key(&self, role: Role) -> Result<Arc<Loaded>> {
        self.located(role)?.shared().ok_or_else(|| Error::from(Kind::NotFound(Noun::Key)))
    }
}
