//! The control of the contract: backends with one fault each, which the named rule has to find.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use async_trait::async_trait;
use polykms_core::error::{Kind, Result};
use polykms_core::port::crypto::{
    Aead, Agree, Authenticate, COMMITMENT, Cipher, Derive, Derived, Encryption, Handle, NONCE, Pair, Sealed, Seat,
    Sign, Signable, Signing, Spec, TAG, Wrapping,
};
use polykms_core::port::{Crypto, Random};
use polykms_core::secret::{Material, Plaintext};
use polykms_crypto::{Keyring, Software, contract};
use polykms_host::OsRandom;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    Sound,
    IgnoresAad,
    IgnoresBytesAtTheEnd,
    OpensWithoutATag,
    OpensToNothing,
    PutsTheTagFirst,
    ClearsTheBuffer,
    CommitsToNothing,
    JoinsLabelAndContext,
    CutsCodes,
    TakesBeginningsOfCodes,
    SwapsWaysToSign,
    VerifiesAnything,
    SignsDigestsAsMessages,
    DecryptsToNothing,
    SwapsHashes,
    AgreesOnTooLittle,
    TellsAnotherPublicKey,
    TakesAnyPair,
    GivesOutTheOthersHalf,
    CannotEncrypt,
    MakesOneKeyOnly,
    TakesAnyLength,
    TakesAnyHash,
    ArrivesShort,
    StoresBare,
    LoadsForAnySeat,
    LoadsAsAnySpec,
    IgnoresTheVersion,
    LoadsMoreThanItIs,
    SaysWhy,
    UnwrapsToNothing,
    WrapsWithoutRandomness,
    WrapsForNoPlace,
}

/// What is to find what.
const FINDINGS: &[(Fault, &str)] = &[
    (Fault::OpensToNothing, "what_is_sealed_opens_again"),
    (Fault::IgnoresAad, "a_sealed_message_is_that_of_an_independent_implementation"),
    (Fault::PutsTheTagFirst, "a_sealed_message_is_that_of_the_specification"),
    (Fault::ClearsTheBuffer, "a_sealed_message_is_appended"),
    (Fault::OpensWithoutATag, "every_flipped_bit_of_a_sealed_message_is_refused"),
    (Fault::IgnoresBytesAtTheEnd, "a_sealed_message_of_another_length_is_refused"),
    (Fault::IgnoresAad, "a_sealed_message_opens_under_its_own_key_nonce_and_aad_only"),
    (Fault::JoinsLabelAndContext, "a_derived_key_is_that_of_an_independent_implementation"),
    (Fault::CommitsToNothing, "a_derived_key_is_that_of_openssl"),
    (Fault::JoinsLabelAndContext, "a_derived_key_depends_on_every_input"),
    (Fault::CommitsToNothing, "a_derived_key_depends_on_every_input"),
    (Fault::CutsCodes, "a_code_is_that_of_an_independent_implementation"),
    (Fault::TakesBeginningsOfCodes, "a_code_fits_its_own_message_alone"),
    (Fault::SwapsWaysToSign, "a_signature_is_that_of_openssl"),
    (Fault::VerifiesAnything, "a_signature_fits_its_own_message_alone"),
    (Fault::SignsDigestsAsMessages, "a_digest_is_signed_as_its_message"),
    (Fault::DecryptsToNothing, "what_is_encrypted_to_a_public_key_is_decrypted"),
    (Fault::SwapsHashes, "a_ciphertext_is_one_of_openssl"),
    (Fault::AgreesOnTooLittle, "a_shared_secret_is_that_of_openssl"),
    (Fault::TellsAnotherPublicKey, "a_public_key_is_that_of_openssl"),
    (Fault::TakesAnyPair, "a_pair_of_another_kind_is_refused"),
    (Fault::GivesOutTheOthersHalf, "a_pair_that_is_given_out_is_taken_in_again"),
    (Fault::CannotEncrypt, "a_key_can_do_what_its_spec_says"),
    (Fault::MakesOneKeyOnly, "no_two_generated_keys_are_alike"),
    (Fault::TakesAnyLength, "material_of_a_wrong_length_is_refused"),
    (Fault::ArrivesShort, "material_arrives_in_every_wrapping"),
    (Fault::TakesAnyHash, "what_does_not_unwrap_is_refused_in_one_way"),
    (Fault::StoresBare, "material_at_rest_lies_not_bare"),
    (Fault::LoadsForAnySeat, "a_key_loads_in_its_own_seat_only"),
    (Fault::LoadsAsAnySpec, "a_key_loads_under_its_own_spec_only"),
    (Fault::IgnoresTheVersion, "every_flipped_bit_of_material_at_rest_is_refused"),
    (Fault::LoadsMoreThanItIs, "material_at_rest_of_another_length_is_refused"),
    (Fault::UnwrapsToNothing, "what_is_wrapped_is_unwrapped_again"),
    (Fault::WrapsWithoutRandomness, "no_two_wrappings_are_alike"),
    (Fault::IgnoresTheVersion, "every_flipped_bit_of_a_wrapped_secret_is_refused"),
    (Fault::SaysWhy, "a_wrapped_secret_of_another_length_is_refused"),
    (Fault::WrapsForNoPlace, "a_wrapped_secret_opens_in_its_own_place_only"),
];

#[test]
fn every_fault_is_found_by_a_rule() {
    for (fault, name) in FINDINGS {
        let (_, rule) = contract::RULES.iter().find(|(known, _)| known == name).expect("a rule of the contract");
        let fails = |fault| catch_unwind(AssertUnwindSafe(|| rule(&Faulty::new(fault)))).is_err();
        assert!(!fails(Fault::Sound), "{name} fails without a fault");
        assert!(fails(*fault), "{fault:?} was not found");
    }
}

#[test]
fn every_rule_has_a_fault_that_it_finds() {
    let found: BTreeSet<_> = FINDINGS.iter().map(|(_, rule)| *rule).collect();
    assert_eq!(found, contract::RULES.iter().map(|(rule, _)| *rule).collect());
}

struct Faulty {
    inner: Software,
    fault: Fault,
}

struct Stuck;

impl Random for Stuck {
    fn fill(&self, out: &mut [u8]) -> Result<()> {
        out.fill(1);
        Ok(())
    }
}

impl Faulty {
    fn new(fault: Fault) -> Self {
        let random: Arc<dyn Random> =
            if fault == Fault::WrapsWithoutRandomness { Arc::new(Stuck) } else { Arc::new(OsRandom) };
        Self { inner: Software::new(Keyring::fresh(&OsRandom).unwrap(), random), fault }
    }

    fn place<'a>(&self, place: &'a [u8]) -> &'a [u8] {
        if self.fault == Fault::WrapsForNoPlace { b"" } else { place }
    }

    fn seat<'a>(&self, seat: Seat<'a>) -> Seat<'a> {
        match self.fault {
            Fault::LoadsForAnySeat => Seat { dialect: "", account: "", region: "", key: "", version: "" },
            _ => seat,
        }
    }

    fn with_faults(&self, handle: &Handle) -> Handle {
        let fault = self.fault;
        let Handle { spec, aead, derive, authenticate, sign, cipher, agree, public } = handle.clone();
        let aead = aead.filter(|_| fault != Fault::CannotEncrypt);
        Handle {
            spec,
            aead: aead.map(|inner| Arc::new(Half { inner, fault }) as Arc<dyn Aead>),
            derive: derive.map(|inner| Arc::new(Half { inner, fault }) as Arc<dyn Derive>),
            authenticate: authenticate.map(|inner| Arc::new(Half { inner, fault }) as Arc<dyn Authenticate>),
            sign: sign.map(|inner| Arc::new(Half { inner, fault }) as Arc<dyn Sign>),
            cipher: cipher.map(|inner| Arc::new(Half { inner, fault }) as Arc<dyn Cipher>),
            agree: agree.map(|inner| Arc::new(Half { inner, fault }) as Arc<dyn Agree>),
            public: public.map(|public| match fault {
                Fault::TellsAnotherPublicKey => public.iter().rev().copied().collect(),
                _ => public,
            }),
        }
    }
}

#[async_trait]
impl Crypto for Faulty {
    async fn generate(&self, spec: Spec, seat: Seat<'_>) -> Result<Sealed> {
        match self.fault {
            Fault::MakesOneKeyOnly => self.import(spec, seat, Material::new(vec![7; 32])).await,
            _ => self.inner.generate(spec, self.seat(seat)).await,
        }
    }

    async fn import(&self, spec: Spec, seat: Seat<'_>, material: Material) -> Result<Sealed> {
        let (bare, seat) = (material.expose().to_vec(), self.seat(seat));
        match self.fault {
            Fault::TakesAnyLength => {
                let mut bytes = bare;
                bytes.resize(if spec == Spec::Aes128 { 16 } else { 32 }, 0);
                self.inner.import(spec, seat, Material::new(bytes)).await
            }
            Fault::TakesAnyPair if spec.is_pair() => match self.inner.import(spec, seat, material).await {
                Err(_) => self.inner.generate(Spec::EccP256, seat).await,
                taken => taken,
            },
            Fault::StoresBare => match self.inner.import(spec, seat, material).await? {
                Sealed::Here(bytes) => Ok(Sealed::Here([bytes, bare].concat())),
                elsewhere @ Sealed::Elsewhere { .. } => Ok(elsewhere),
            },
            _ => self.inner.import(spec, seat, material).await,
        }
    }

    async fn load(&self, spec: Spec, seat: Seat<'_>, sealed: &Sealed) -> Result<Arc<Handle>> {
        let seat = self.seat(seat);
        let mut sealed = sealed.clone();
        if let (Fault::IgnoresTheVersion, Sealed::Here(bytes)) = (self.fault, &mut sealed) {
            bytes[0] = 2;
        }
        let mut loaded = self.inner.load(spec, seat, &sealed).await;
        if self.fault == Fault::LoadsAsAnySpec && loaded.is_err() {
            let other = if spec == Spec::Aes128 { Spec::Aes256 } else { Spec::Aes128 };
            loaded = self.inner.load(other, seat, &sealed).await;
        }
        if let (Fault::LoadsMoreThanItIs, Sealed::Here(bytes), Err(_)) = (self.fault, &mut sealed, &loaded) {
            bytes.pop();
            loaded = self.inner.load(spec, seat, &sealed).await;
        }
        loaded.map(|handle| Arc::new(self.with_faults(&handle)))
    }

    async fn pair(&self, spec: Spec) -> Result<Pair> {
        let Pair { private, public } = self.inner.pair(spec).await?;
        match self.fault {
            Fault::GivesOutTheOthersHalf => Ok(Pair { private, public: self.inner.pair(spec).await?.public }),
            _ => Ok(Pair { private, public }),
        }
    }

    async fn receive(&self, private: Material, wrapping: Wrapping, wrapped: Vec<u8>) -> Result<Material> {
        let copy = || Material::new(private.expose().to_vec());
        let outcome = self.inner.receive(copy(), wrapping, wrapped.clone()).await;
        match (self.fault, wrapping, &outcome) {
            (Fault::ArrivesShort, _, Ok(material)) => Ok(Material::new(material.expose()[1..].to_vec())),
            (Fault::TakesAnyHash, Wrapping::OaepSha1, Err(_)) => {
                self.inner.receive(copy(), Wrapping::OaepSha256, wrapped).await
            }
            _ => outcome,
        }
    }

    fn wrap(&self, place: &[u8], secret: &[u8]) -> Result<Vec<u8>> {
        self.inner.wrap(self.place(place), secret)
    }

    fn unwrap(&self, place: &[u8], wrapped: &[u8]) -> Result<Material> {
        let outcome = self.inner.unwrap(self.place(place), wrapped);
        match self.fault {
            Fault::SaysWhy if wrapped.len() < 45 => Err(Kind::InvalidCiphertext.because("too short")),
            Fault::UnwrapsToNothing => outcome.map(|_| Material::new(Vec::new())),
            Fault::IgnoresTheVersion => self.inner.unwrap(place, &[&[2], &wrapped[1..]].concat()),
            _ => outcome,
        }
    }
}

/// A capability with a fault.
struct Half<T> {
    inner: T,
    fault: Fault,
}

impl Aead for Half<Arc<dyn Aead>> {
    fn seal(&self, nonce: &[u8; NONCE], aad: &[u8], plaintext: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let aad = if self.fault == Fault::IgnoresAad { b"" } else { aad };
        if self.fault == Fault::ClearsTheBuffer {
            out.clear();
        }
        let before = out.len();
        self.inner.seal(nonce, aad, plaintext, out)?;
        if self.fault == Fault::PutsTheTagFirst {
            out[before..].rotate_right(TAG);
        }
        Ok(())
    }

    fn open(&self, nonce: &[u8; NONCE], aad: &[u8], sealed: &[u8]) -> Result<Plaintext> {
        let aad = if self.fault == Fault::IgnoresAad { b"" } else { aad };
        let outcome = self.inner.open(nonce, aad, sealed);
        match self.fault {
            Fault::OpensToNothing => outcome.map(|_| Plaintext::new(Vec::new())),
            Fault::IgnoresBytesAtTheEnd => outcome.or_else(|error| {
                let shorter = sealed.len().checked_sub(1).ok_or(error)?;
                self.inner.open(nonce, aad, &sealed[..shorter])
            }),
            Fault::OpensWithoutATag => outcome.or_else(|error| {
                // GCM is a stream: sealing the ciphertext again decrypts it.
                let length = sealed.len().checked_sub(TAG).ok_or(error)?;
                let mut opened = Vec::new();
                self.inner.seal(nonce, aad, &sealed[..length], &mut opened)?;
                Ok(Plaintext::new(opened))
            }),
            _ => outcome,
        }
    }
}

impl Derive for Half<Arc<dyn Derive>> {
    fn derive(&self, label: &[u8], context: &[u8]) -> Result<Derived> {
        match self.fault {
            Fault::JoinsLabelAndContext => self.inner.derive(&[label, context].concat(), b""),
            Fault::CommitsToNothing => {
                let Derived { aead, commitment: _ } = self.inner.derive(label, context)?;
                Ok(Derived { aead, commitment: [0; COMMITMENT] })
            }
            _ => self.inner.derive(label, context),
        }
    }
}

impl Authenticate for Half<Arc<dyn Authenticate>> {
    fn code(&self, message: &[u8]) -> Result<Vec<u8>> {
        let mut code = self.inner.code(message)?;
        if self.fault == Fault::CutsCodes {
            code.pop();
        }
        Ok(code)
    }

    fn verify(&self, message: &[u8], code: &[u8]) -> Result<bool> {
        match self.fault {
            Fault::TakesBeginningsOfCodes => Ok(self.inner.code(message)?.starts_with(code)),
            _ => self.inner.verify(message, code),
        }
    }
}

impl Half<Arc<dyn Sign>> {
    fn algorithm(&self, algorithm: Signing) -> Signing {
        match (self.fault, algorithm) {
            (Fault::SwapsWaysToSign, Signing::RsaPssSha256) => Signing::RsaPkcs1Sha256,
            (Fault::SwapsWaysToSign, Signing::RsaPkcs1Sha256) => Signing::RsaPssSha256,
            _ => algorithm,
        }
    }

    fn signable<'a>(&self, signable: Signable<'a>) -> Signable<'a> {
        match (self.fault, signable) {
            (Fault::SignsDigestsAsMessages, Signable::Digest(bytes)) => Signable::Message(bytes),
            _ => signable,
        }
    }
}

impl Sign for Half<Arc<dyn Sign>> {
    fn sign(&self, algorithm: Signing, signable: Signable<'_>) -> Result<Vec<u8>> {
        self.inner.sign(self.algorithm(algorithm), self.signable(signable))
    }

    fn verify(&self, algorithm: Signing, signable: Signable<'_>, signature: &[u8]) -> Result<bool> {
        let outcome = self.inner.verify(self.algorithm(algorithm), self.signable(signable), signature);
        outcome.map(|fits| fits || self.fault == Fault::VerifiesAnything)
    }
}

impl Half<Arc<dyn Cipher>> {
    fn algorithm(&self, algorithm: Encryption) -> Encryption {
        match (self.fault, algorithm) {
            (Fault::SwapsHashes, Encryption::OaepSha1) => Encryption::OaepSha256,
            (Fault::SwapsHashes, Encryption::OaepSha256) => Encryption::OaepSha1,
            _ => algorithm,
        }
    }
}

impl Cipher for Half<Arc<dyn Cipher>> {
    fn encrypt(&self, algorithm: Encryption, plaintext: &[u8]) -> Result<Vec<u8>> {
        self.inner.encrypt(self.algorithm(algorithm), plaintext)
    }

    fn decrypt(&self, algorithm: Encryption, ciphertext: &[u8]) -> Result<Plaintext> {
        let outcome = self.inner.decrypt(self.algorithm(algorithm), ciphertext);
        match self.fault {
            Fault::DecryptsToNothing => outcome.map(|_| Plaintext::new(Vec::new())),
            _ => outcome,
        }
    }
}

impl Agree for Half<Arc<dyn Agree>> {
    fn agree(&self, public: &[u8]) -> Result<Plaintext> {
        let secret = self.inner.agree(public)?;
        match self.fault {
            Fault::AgreesOnTooLittle => Ok(Plaintext::new(secret.expose()[1..].to_vec())),
            _ => Ok(secret),
        }
    }
}
