//! Keys: one by its name, and all of an account.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use polykms_core::dialect::client::{Kind, Result};
use polykms_core::key::rotation::Wanted;
use polykms_core::key::{
    self, Agreement, AliasOf, Authentication, Blueprint, By, CancelDeletion, Ciphertext, Create, CreateAlias,
    CreateGrant, DataKeyForm, DataKeySize, Decrypt, Decrypted, DeleteAlias, DeleteMaterial, DeriveSharedSecret,
    Describe, DescribeRotation, Disable, Enable, Encrypt, Encryption, GenerateDataKey, GenerateDataKeyPair,
    GenerateDataKeyPairWithoutPlaintext, GenerateDataKeyWithoutPlaintext, GenerateMac, GenerateRandom, GetPublicKey,
    GrantOf, GrantTerms, ImportMaterial, KeyTags, Lasting, List, ListAliases, ListGrants, ListRetirableGrants,
    ListRotations, ListTags, MessageForm, PrepareImport, Provenance, PutPolicy, ReEncrypt, ReadPolicy, Reference,
    RetireGrant, RevokeGrant, Rotate, ScheduleDeletion, SetRotation, Sign, Signed, Signing, Spec, Tag, Turn, Untag,
    UpdateAlias, UpdateDescription, Usage, Verify, VerifyMac, Which, Wrapping,
};
use polykms_core::list::{Listed, Paging};
use polykms_core::operation::Operation;
use polykms_core::secret::Plaintext;
use polykms_core::tag::Tags;

use super::page::{Paged, paged};
use super::{Client, Request};

/// The name of the one policy that a key has, in every cloud.
const POLICY: &str = "default";

/// One key, by a name of it.
#[derive(Debug, Clone)]
pub struct Key {
    client: Client,
    name: String,
}

impl Key {
    pub(super) fn new(client: Client, name: &str) -> Self {
        let uris = client.dialect().client.map_or(&[][..], |client| client.key_uris);
        let name = uris.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
        Self { client, name: name.to_owned() }
    }

    fn ask<O: Operation>(&self, op: impl FnOnce(Reference) -> O) -> Request<O> {
        Request::new(self.client.clone(), self.client.reference(&self.name).map(op))
    }

    /// Encrypts up to 4,096 bytes (AWS) or 6,144 (Alibaba Cloud); more is for a [data key](Key::data_key).
    pub fn encrypt(&self, plaintext: impl AsRef<[u8]>) -> Request<Encrypt> {
        let plaintext = self.client.sealable(plaintext.as_ref());
        let asked = self.ask(|key| Encrypt {
            key,
            version: None,
            algorithm: Encryption::Symmetric,
            plaintext,
            context: Default::default(),
            dry_run: false,
            tokens: Default::default(),
        });
        self.checked(asked, |encrypted| &encrypted.by)
    }

    /// Decrypts what this key encrypted. Whatever is wrong with a ciphertext, the error is the same.
    pub fn decrypt(&self, ciphertext: impl Into<Vec<u8>>) -> Request<Decrypt> {
        let ciphertext = self.client.ciphertext(ciphertext.into());
        let op = self.client.reference(&self.name).and_then(|key| {
            Ok(Decrypt {
                ciphertext: ciphertext?,
                key: Some(key),
                version: None,
                algorithm: Encryption::Symmetric,
                context: Default::default(),
                dry_run: false,
                ciphertext_ignored: false,
                tokens: Default::default(),
            })
        });
        // Where a cloud is not told the key of a ciphertext, its answer tells which it was.
        let op = op.map(|op| match self.client.can_ask(&op) {
            true => op,
            false => Decrypt { key: None, ..op },
        });
        let (client, is_it) = (self.client.clone(), self.is_it());
        Request::new(self.client.clone(), op).finished(move |Decrypted { by, algorithm, plaintext }| {
            is_it(&by)?;
            Ok(Decrypted { by, algorithm, plaintext: client.unsealed(plaintext)? })
        })
    }

    /// Encrypts under another key what this one encrypted; the plaintext never leaves.
    pub fn re_encrypt(&self, ciphertext: impl Into<Vec<u8>>, to: &Self) -> Request<ReEncrypt> {
        let op = self.client.ciphertext(ciphertext.into()).and_then(|ciphertext| {
            Ok(ReEncrypt {
                ciphertext,
                source: Some(self.client.reference(&self.name)?),
                source_version: None,
                source_algorithm: Encryption::Symmetric,
                source_context: Default::default(),
                destination: self.client.reference(&to.name)?,
                destination_algorithm: Encryption::Symmetric,
                destination_context: Default::default(),
                dry_run: false,
                ciphertext_ignored: false,
                tokens: Default::default(),
            })
        });
        Request::new(self.client.clone(), op)
    }

    /// A fresh data key of 256 bits, plain and sealed under this key.
    pub fn data_key(&self) -> Request<GenerateDataKey> {
        self.checked(self.ask(data_key), |made| &made.encrypted.by)
    }

    /// A fresh data key of 256 bits, sealed only.
    pub fn sealed_data_key(&self) -> Request<GenerateDataKeyWithoutPlaintext> {
        self.checked(self.ask(|key| GenerateDataKeyWithoutPlaintext(data_key(key))), |made| &made.by)
    }

    /// A fresh key pair, its private half (PKCS #8 in DER) plain and sealed under this key. AWS alone has it.
    pub fn data_key_pair(&self, spec: Spec) -> Request<GenerateDataKeyPair> {
        self.checked(self.ask(|key| data_key_pair(key, spec)), |made| &made.sealed.encrypted.by)
    }

    /// The same, whose private half is sealed only.
    pub fn sealed_data_key_pair(&self, spec: Spec) -> Request<GenerateDataKeyPairWithoutPlaintext> {
        let asked = self.ask(|key| GenerateDataKeyPairWithoutPlaintext(data_key_pair(key, spec)));
        self.checked(asked, |made| &made.encrypted.by)
    }

    /// Signs a message of up to 4,096 bytes. AWS alone does; Alibaba Cloud signs [digests](Self::sign_digest).
    pub fn sign(&self, algorithm: Signing, message: impl AsRef<[u8]>) -> Request<Sign> {
        self.signing(signed(algorithm, MessageForm::Whole, message.as_ref()))
    }

    /// Signs the digest of a message. Alibaba Cloud wants to be told the version of the key:
    /// `.with(|op| op.version = Some(version))`.
    pub fn sign_digest(&self, algorithm: Signing, digest: impl AsRef<[u8]>) -> Request<Sign> {
        self.signing(signed(algorithm, MessageForm::Digest, digest.as_ref()))
    }

    fn signing(&self, signed: Signed) -> Request<Sign> {
        self.checked(
            self.ask(|key| Sign { key, version: None, signed, dry_run: false, tokens: Default::default() }),
            |signature| &signature.by,
        )
    }

    /// Verifies the signature of a message; one that does not fit is an error of the kind [`Kind::Mismatch`].
    pub fn verify(
        &self,
        algorithm: Signing,
        message: impl AsRef<[u8]>,
        signature: impl Into<Vec<u8>>,
    ) -> Request<Verify> {
        self.verifying(signed(algorithm, MessageForm::Whole, message.as_ref()), signature.into())
    }

    /// Verifies the signature of a digest, as [`verify`](Self::verify) does; as for [`sign_digest`](Self::sign_digest),
    /// Alibaba Cloud wants to be told the version.
    pub fn verify_digest(
        &self,
        algorithm: Signing,
        digest: impl AsRef<[u8]>,
        signature: impl Into<Vec<u8>>,
    ) -> Request<Verify> {
        self.verifying(signed(algorithm, MessageForm::Digest, digest.as_ref()), signature.into())
    }

    fn verifying(&self, signed: Signed, signature: Vec<u8>) -> Request<Verify> {
        let asked = self.ask(|key| Verify {
            key,
            version: None,
            signed,
            signature,
            dry_run: false,
            tokens: Default::default(),
        });
        self.fitting(asked, |verified| (&verified.by, verified.fits), "the signature does not fit")
    }

    /// Makes the code that authenticates a message of up to 4,096 bytes. AWS alone has it.
    pub fn mac(&self, algorithm: Authentication, message: impl AsRef<[u8]>) -> Request<GenerateMac> {
        let message = Plaintext::new(message.as_ref().to_vec());
        self.checked(
            self.ask(|key| GenerateMac { key, algorithm, message, dry_run: false, tokens: Default::default() }),
            |code| &code.by,
        )
    }

    /// Verifies such a code; one that does not fit is an error of the kind [`Kind::Mismatch`].
    pub fn verify_mac(
        &self,
        algorithm: Authentication,
        message: impl AsRef<[u8]>,
        code: impl Into<Vec<u8>>,
    ) -> Request<VerifyMac> {
        let (message, code) = (Plaintext::new(message.as_ref().to_vec()), code.into());
        let asked =
            self.ask(|key| VerifyMac { key, algorithm, message, code, dry_run: false, tokens: Default::default() });
        self.fitting(asked, |verified| (&verified.by, verified.fits), "the code does not fit")
    }

    /// The same, whose answer has to be of this key, and that it fits.
    fn fitting<O: Operation>(
        &self,
        asked: Request<O>,
        told: fn(&O::Output) -> (&Provenance, bool),
        why: &'static str,
    ) -> Request<O> {
        let is_it = self.is_it();
        asked.finished(move |verified| {
            let (by, fits) = told(&verified);
            is_it(by)?;
            match fits {
                true => Ok(verified),
                false => Err(Kind::Mismatch.because(why)),
            }
        })
    }

    /// The public half of a key pair. Alibaba Cloud wants to be told the version.
    pub fn public_key(&self) -> Request<GetPublicKey> {
        self.checked(
            self.ask(|key| GetPublicKey { key, version: None, dry_run: false, tokens: Default::default() }),
            |public| &public.by,
        )
    }

    /// The secret that this key pair has with another one, by the public half of that one. AWS alone has it.
    pub fn shared_secret(&self, public: impl Into<Vec<u8>>) -> Request<DeriveSharedSecret> {
        let (algorithm, public) = (Agreement::Ecdh, public.into());
        let asked =
            self.ask(|key| DeriveSharedSecret { key, algorithm, public, dry_run: false, tokens: Default::default() });
        self.checked(asked, |secret| &secret.by)
    }

    /// The same, whose answer has to be of this key.
    fn checked<O: Operation>(&self, asked: Request<O>, by: fn(&O::Output) -> &Provenance) -> Request<O> {
        let is_it = self.is_it();
        asked.finished(move |output| is_it(by(&output)).map(|()| output))
    }

    /// Whether an answer is of this key, as far as its name tells: an alias may point at any.
    fn is_it(&self) -> impl FnOnce(&Provenance) -> Result<()> + Send + use<> {
        let id = match self.client.reference(&self.name) {
            Ok(Reference { by: By::Id(id), .. }) => Some(id),
            _ => None,
        };
        move |by| match id.is_none_or(|id| id == by.key_id) {
            true => Ok(()),
            false => Err(Kind::Unexpected.because("the answer is of another key than the one that was asked for")),
        }
    }

    /// What it is, and in which state.
    pub fn describe(&self) -> Request<Describe> {
        self.ask(|key| Describe { key, tokens: Default::default() })
    }

    /// Switches it on.
    pub fn enable(&self) -> Request<Enable> {
        self.ask(|key| Enable { key })
    }

    /// Switches it off.
    pub fn disable(&self) -> Request<Disable> {
        self.ask(|key| Disable { key })
    }

    /// Gives it new material, which encrypts from now on; what it encrypted before still opens. AWS does so 25 times, Alibaba
    /// Cloud no sooner than 7 days after the last time.
    pub fn rotate(&self) -> Request<Rotate> {
        self.ask(|key| Rotate { key })
    }

    /// How to wrap material for it, and under what: a pair of RSA that serves for a day. Of a key that was made to be
    /// given its material.
    pub fn prepare_import(&self, wrapping: Wrapping, pair: Spec) -> Request<PrepareImport> {
        self.ask(|key| PrepareImport { key, wrapping, pair })
    }

    /// Imports material that was wrapped as [`prepare_import`](Self::prepare_import) said, with the token that came along.
    /// Material that the key had before has to be the same.
    pub fn import(
        &self,
        token: impl Into<Vec<u8>>,
        wrapped: impl Into<Vec<u8>>,
        lasting: Lasting,
    ) -> Request<ImportMaterial> {
        let (token, wrapped) = (token.into(), wrapped.into());
        self.ask(|key| ImportMaterial { key, token, wrapped, lasting, intent: None, material: None, description: None })
    }

    /// Deletes its imported material; the key waits then for the same to be imported again.
    pub fn delete_material(&self) -> Request<DeleteMaterial> {
        self.ask(|key| DeleteMaterial { key, material: None })
    }

    /// Has it rotate by itself every so many days, 90 to 2,560 (AWS) or 7 to 730 (Alibaba Cloud).
    pub fn rotate_every(&self, days: u32) -> Request<SetRotation> {
        let every = jiff::SignedDuration::from_hours(i64::from(days) * 24);
        self.ask(|key| SetRotation { key, rotation: Wanted::every(every) })
    }

    /// Has it not rotate by itself any more.
    pub fn rotate_no_more(&self) -> Request<SetRotation> {
        self.ask(|key| SetRotation { key, rotation: Wanted::NEVER })
    }

    /// Whether it rotates by itself. Of AWS alone; Alibaba Cloud tells it where a key is [described](Self::describe).
    pub fn rotation(&self) -> Request<DescribeRotation> {
        self.ask(|key| DescribeRotation { key })
    }

    /// The material it has had, oldest first. Of AWS alone; Alibaba Cloud tells [versions](polykms_core::key::ListVersions).
    pub fn rotations(&self) -> Paged<Turn> {
        let this = self.clone();
        let part =
            move |paging: Paging| this.ask(|key| ListRotations { key, with_first: true, paging: paging.clone() });
        paged(part, |listed| listed)
    }

    /// Lets somebody use it for these operations, until the grant is ended; [`Request::with`] adds what else there is to say.
    /// AWS alone has grants.
    pub fn grant<O: Into<String>>(
        &self,
        grantee: impl Into<String>,
        operations: impl IntoIterator<Item = O>,
    ) -> Request<CreateGrant> {
        let operations = operations.into_iter().map(Into::into).collect();
        let terms =
            GrantTerms { name: None, grantee: grantee.into().into(), retiring: None, operations, constraint: None };
        self.ask(|key| CreateGrant { key, terms, tokens: Default::default(), dry_run: false })
    }

    /// The grants on it.
    pub fn grants(&self) -> Paged<GrantOf> {
        let this = self.clone();
        let part =
            move |paging: Paging| this.ask(|key| ListGrants { key, id: None, grantee: None, paging: paging.clone() });
        paged(part, |listed| listed)
    }

    /// Ends a grant, as those may who administer the key.
    pub fn revoke_grant(&self, id: impl Into<String>) -> Request<RevokeGrant> {
        let id = id.into();
        self.ask(|key| RevokeGrant { key, id, dry_run: false })
    }

    /// Ends a grant, as those may whom it concerns.
    pub fn retire_grant(&self, id: impl Into<String>) -> Request<RetireGrant> {
        let id = id.into();
        self.ask(|key| RetireGrant { grant: Which::Id { key, id }, dry_run: false })
    }

    /// Has it deleted in so many days, 7 to 30 (AWS) or 7 to 366 (Alibaba Cloud); what it encrypted is lost then.
    pub fn schedule_deletion(&self, window_days: u32) -> Request<ScheduleDeletion> {
        self.ask(|key| ScheduleDeletion { key, window_days })
    }

    /// Has it not deleted after all.
    pub fn cancel_deletion(&self) -> Request<CancelDeletion> {
        self.ask(|key| CancelDeletion { key })
    }

    /// Changes the words about it.
    pub fn set_description(&self, description: impl Into<String>) -> Request<UpdateDescription> {
        let description = description.into();
        self.ask(|key| UpdateDescription { key, description })
    }

    /// Sets tags; others stay.
    pub fn tag<N: Into<String>, V: Into<String>>(&self, tags: impl IntoIterator<Item = (N, V)>) -> Request<Tag> {
        let tags: Tags = tags.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let tag_keys = tags.keys().cloned().collect();
        self.ask(|key| Tag { key, tags, tag_keys })
    }

    /// Removes tags.
    pub fn untag<N: Into<String>>(&self, names: impl IntoIterator<Item = N>) -> Request<Untag> {
        let tag_keys = names.into_iter().map(Into::into).collect();
        self.ask(|key| Untag { key, tag_keys })
    }

    /// Its tags, as names and values.
    pub fn tags(&self) -> Paged<(String, String)> {
        let this = self.clone();
        let part = move |paging: Paging| this.ask(|key| ListTags { key, paging: paging.clone() });
        paged(part, |KeyTags { tags, next, key_id: _ }| Listed { items: tags, next, numbered: None })
    }

    /// Its policy, as it was written.
    pub fn policy(&self) -> Request<ReadPolicy> {
        self.ask(|key| ReadPolicy { key, name: POLICY.to_owned() })
    }

    /// Replaces its policy by a document in the language of this cloud.
    pub fn put_policy(&self, document: impl Into<String>) -> Request<PutPolicy> {
        let document = document.into();
        self.ask(|key| PutPolicy { key, name: POLICY.to_owned(), document, bypass_lockout_check: None })
    }

    /// Makes an alias for it, with or without its prefix `alias/`.
    pub fn create_alias(&self, alias: &str) -> Request<CreateAlias> {
        let alias = prefixed(alias);
        self.ask(|key| CreateAlias { alias, key })
    }

    /// Points an alias at it that pointed at another key.
    pub fn update_alias(&self, alias: &str) -> Request<UpdateAlias> {
        let alias = prefixed(alias);
        self.ask(|key| UpdateAlias { alias, key })
    }
}

fn signed(algorithm: Signing, form: MessageForm, message: &[u8]) -> Signed {
    Signed { algorithm, form, message: Plaintext::new(message.to_vec()) }
}

fn data_key(key: Reference) -> GenerateDataKey {
    let size = DataKeySize { number: None, spec: Some(key::Spec::Aes256) };
    GenerateDataKey { key, size, context: Default::default(), dry_run: false, tokens: Default::default() }
}

fn data_key_pair(key: Reference, spec: Spec) -> GenerateDataKeyPair {
    GenerateDataKeyPair { key, spec, context: Default::default(), dry_run: false, tokens: Default::default() }
}

fn prefixed(alias: &str) -> key::Alias {
    match alias.starts_with("alias/") {
        true => key::Alias::from(alias.to_owned()),
        false => key::Alias::from(format!("alias/{alias}")),
    }
}

/// The keys of an account in a region.
#[derive(Debug, Clone)]
pub struct Keys {
    client: Client,
}

impl Keys {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Makes a symmetric key that encrypts and decrypts; [`Request::with`] has it be another one.
    pub fn create(&self) -> Request<Create> {
        self.client.request(Create::default())
    }

    /// Makes a key of another kind.
    pub fn create_of(&self, spec: Spec, usage: Usage) -> Request<Create> {
        self.create().with(|op| op.blueprint = Blueprint { spec: Some(spec), usage: Some(usage), origin: None })
    }

    /// All of them, by identifier.
    pub fn list(&self) -> Paged<key::Entry> {
        self.client.list(|paging| List { paging, filters: Vec::new() })
    }

    /// All aliases.
    pub fn aliases(&self) -> Paged<AliasOf> {
        self.client.list(|paging| ListAliases { key: None, paging })
    }

    /// Removes an alias, with or without its prefix; the key stays.
    pub fn delete_alias(&self, alias: &str) -> Request<DeleteAlias> {
        self.client.request(DeleteAlias { alias: prefixed(alias) })
    }

    /// The grants that somebody of the account may retire, by its full name. AWS alone has it.
    pub fn retirable_grants(&self, retiring: impl Into<String>) -> Paged<GrantOf> {
        let retiring = retiring.into();
        self.client.list(move |paging| ListRetirableGrants { retiring: retiring.clone(), paging })
    }

    /// Ends the grant of a token, as those may whom it concerns. AWS alone has it.
    pub fn retire_grant_of(&self, token: impl Into<String>) -> Request<RetireGrant> {
        self.client.request(RetireGrant { grant: Which::Token(token.into()), dry_run: false })
    }

    /// Bytes that nobody can foresee, up to 1,024. AWS alone has it.
    pub fn random(&self, bytes: usize) -> Request<GenerateRandom> {
        self.client.request(GenerateRandom { bytes })
    }
}

impl Client {
    /// The key that a text names, as this cloud reads it.
    fn reference(&self, name: &str) -> Result<Reference> {
        let rules = self.dialect().law.keys().map_err(|error| Kind::Unsupported.because(error.to_string()))?;
        (rules.named)(name).map_err(|error| {
            let about = format!("`{name}` names no key of {}", self.dialect().front.title);
            error.kind().coarse().because(about)
        })
    }

    /// Bytes as they can be encrypted: in base64, where a cloud encrypts texts.
    fn sealable(&self, plaintext: &[u8]) -> Plaintext {
        match self.seals_texts() {
            true => Plaintext::new(BASE64.encode(plaintext).into_bytes()),
            false => Plaintext::new(plaintext.to_vec()),
        }
    }

    /// The bytes of a plaintext that was made [sealable](Self::sealable).
    fn unsealed(&self, plaintext: Plaintext) -> Result<Plaintext> {
        if !self.seals_texts() {
            return Ok(plaintext);
        }
        let foreign = || {
            Kind::Unexpected
                .because("the plaintext is not base64")
                .hinting("it was not encrypted by this client; ask for it with the operation `Decrypt` itself")
        };
        BASE64.decode(plaintext.expose()).map(Plaintext::new).map_err(|_| foreign())
    }

    fn seals_texts(&self) -> bool {
        self.dialect().law.keys().is_ok_and(|rules| rules.data_key == DataKeyForm::Base64)
    }

    fn ciphertext(&self, blob: Vec<u8>) -> Result<Ciphertext> {
        let rules = self.dialect().law.keys().map_err(|error| Kind::Unsupported.because(error.to_string()))?;
        Ok(Ciphertext::of(rules.layout, blob))
    }
}
