//! The control of the contract: backends with one fault each, which the named rule has to find.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use polykms_core::error::{Kind, Result};
use polykms_core::port::crypto::{NONCE, TAG};
use polykms_core::port::{Crypto, Random};
use polykms_core::secret::{Material, Plaintext};
use polykms_crypto::{Root, Software, contract};
use polykms_host::OsRandom;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    Sound,
    IgnoresAad,
    IgnoresBytesAtTheEnd,
    OpensWithoutATag,
    SaysWhy,
    WrapsWithoutRandomness,
    WrapsForNoPlace,
    DerivesWithoutLength,
    JoinsLabelAndContext,
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
        Self { inner: Software::new(Root::new(&[7; 32]), random), fault }
    }

    fn data_aad<'a>(&self, aad: &'a [u8]) -> &'a [u8] {
        if self.fault == Fault::IgnoresAad { b"" } else { aad }
    }

    fn place<'a>(&self, aad: &'a [u8]) -> &'a [u8] {
        if self.fault == Fault::WrapsForNoPlace { b"" } else { aad }
    }
}

impl Crypto for Faulty {
    fn wrap(&self, aad: &[u8], secret: &[u8]) -> Result<Vec<u8>> {
        self.inner.wrap(self.place(aad), secret)
    }

    fn unwrap(&self, aad: &[u8], wrapped: &[u8]) -> Result<Material> {
        let outcome = self.inner.unwrap(self.place(aad), wrapped);
        match self.fault {
            Fault::SaysWhy if wrapped.len() < 45 => Err(Kind::InvalidCiphertext.because("too short")),
            _ => outcome,
        }
    }

    fn seal(&self, key: &Material, nonce: &[u8; NONCE], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>> {
        self.inner.seal(key, nonce, self.data_aad(aad), plaintext)
    }

    fn open(&self, key: &Material, nonce: &[u8; NONCE], aad: &[u8], sealed: &[u8]) -> Result<Plaintext> {
        let aad = self.data_aad(aad);
        let outcome = self.inner.open(key, nonce, aad, sealed);
        match self.fault {
            Fault::IgnoresBytesAtTheEnd => outcome.or_else(|error| {
                let shorter = sealed.len().checked_sub(1).ok_or(error)?;
                self.inner.open(key, nonce, aad, &sealed[..shorter])
            }),
            Fault::OpensWithoutATag => outcome.or_else(|error| {
                // GCM is a stream: sealing the ciphertext again decrypts it.
                let length = sealed.len().checked_sub(TAG).ok_or(error)?;
                self.inner.seal(key, nonce, aad, &sealed[..length]).map(Plaintext::new)
            }),
            _ => outcome,
        }
    }

    fn derive(&self, key: &Material, label: &[u8], context: &[u8], out: &mut [u8]) -> Result<()> {
        match self.fault {
            Fault::DerivesWithoutLength => {
                let mut longest = vec![0; 8192];
                self.inner.derive(key, label, context, &mut longest)?;
                out.copy_from_slice(&longest[..out.len()]);
                Ok(())
            }
            Fault::JoinsLabelAndContext => self.inner.derive(key, &[label, context].concat(), b"", out),
            _ => self.inner.derive(key, label, context, out),
        }
    }
}

type Rule = fn(&dyn Crypto);

#[test]
fn every_fault_is_found_by_a_rule() {
    let faults: [(Fault, Rule); 10] = [
        (Fault::IgnoresAad, contract::a_sealed_message_opens_under_its_own_key_nonce_and_aad_only),
        (Fault::IgnoresAad, contract::a_sealed_message_is_that_of_an_independent_implementation),
        (Fault::IgnoresBytesAtTheEnd, contract::a_sealed_message_of_another_length_is_refused),
        (Fault::OpensWithoutATag, contract::every_flipped_bit_of_a_sealed_message_is_refused),
        (Fault::SaysWhy, contract::a_wrapped_secret_of_another_length_is_refused),
        (Fault::WrapsWithoutRandomness, contract::no_two_wrappings_are_alike),
        (Fault::WrapsForNoPlace, contract::a_wrapped_secret_opens_in_its_own_place_only),
        (Fault::DerivesWithoutLength, contract::derived_bytes_depend_on_every_input),
        (Fault::DerivesWithoutLength, contract::derived_bytes_are_those_of_openssl),
        (Fault::JoinsLabelAndContext, contract::derived_bytes_depend_on_every_input),
    ];
    for (fault, rule) in faults {
        let fails = |fault| catch_unwind(AssertUnwindSafe(|| rule(&Faulty::new(fault)))).is_err();
        assert!(!fails(Fault::Sound), "the rule for {fault:?} fails without a fault");
        assert!(fails(fault), "{fault:?} was not found");
    }
}
