//! The sealing of material and small secrets at rest, on RustCrypto.
//!
//! What is wrapped is `version (1) ‖ N (16) ‖ IV (12) ‖ ciphertext ‖ tag (16)`: AES-256-GCM (NIST SP 800-38D) under a
//! key of its own, derived from the root key and N, so that the root key may wrap without a limit that matters.
//!
//! # Invariants
//! - Every message is wrapped under a fresh key and a fresh IV; a collision takes 224 equal random bits.
//! - Whatever is wrong with a wrapped secret, the error is the same.

use std::sync::Arc;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use polykms_core::error::Result;
use polykms_core::port::Random;
use polykms_core::port::crypto::NONCE;
use polykms_core::secret::Material;
use zeroize::Zeroizing;

use crate::error::{broken, invalid};
use crate::kdf::derive;
use crate::root::Root;

const VERSION: u8 = 1;
const DIVERSIFIER: usize = 16;
const LABEL: &[u8] = b"polykms/wrap";

/// Wraps and unwraps under one root key.
pub(crate) struct Wrapper {
    root: Root,
    random: Arc<dyn Random>,
}

impl Wrapper {
    pub(crate) fn new(root: Root, random: Arc<dyn Random>) -> Self {
        Self { root, random }
    }

    /// Fresh material of this many bytes.
    pub(crate) fn draw(&self, bytes: usize) -> Result<Material> {
        let mut material = Zeroizing::new(vec![0; bytes]);
        self.random.fill(&mut material)?;
        Ok(Material::new(std::mem::take(&mut material)))
    }

    pub(crate) fn wrap(&self, place: &[u8], secret: &[u8]) -> Result<Vec<u8>> {
        let mut diversifier = [0; DIVERSIFIER];
        let mut iv = [0; NONCE];
        self.random.fill(&mut diversifier)?;
        self.random.fill(&mut iv)?;
        let cipher = self.cipher(&diversifier)?;
        let payload = Payload { msg: secret, aad: place };
        let sealed = cipher.encrypt(&Nonce::from(iv), payload).map_err(|_| broken())?;
        Ok([&[VERSION][..], &diversifier, &iv, &sealed].concat())
    }

    pub(crate) fn unwrap(&self, place: &[u8], wrapped: &[u8]) -> Result<Material> {
        let Wrapped { diversifier, iv, sealed } = Wrapped::read(wrapped).ok_or_else(invalid)?;
        let cipher = self.cipher(diversifier).map_err(|_| invalid())?;
        let payload = Payload { msg: sealed, aad: place };
        let secret = cipher.decrypt(&Nonce::from(*iv), payload).map_err(|_| invalid())?;
        Ok(Material::new(secret))
    }

    fn cipher(&self, diversifier: &[u8; DIVERSIFIER]) -> Result<Aes256Gcm> {
        let mut key = Zeroizing::new([0; 32]);
        derive(self.root.material(), LABEL, diversifier, key.as_mut_slice())?;
        Aes256Gcm::new_from_slice(key.as_slice()).map_err(|_| broken())
    }
}

/// The parts of a wrapped secret.
struct Wrapped<'a> {
    diversifier: &'a [u8; DIVERSIFIER],
    iv: &'a [u8; NONCE],
    sealed: &'a [u8],
}

impl<'a> Wrapped<'a> {
    fn read(wrapped: &'a [u8]) -> Option<Self> {
        let (version, rest) = wrapped.split_first()?;
        let (diversifier, rest) = rest.split_first_chunk()?;
        let (iv, sealed) = rest.split_first_chunk()?;
        (*version == VERSION).then_some(Self { diversifier, iv, sealed })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::Kind;
    use polykms_core::port::crypto::{Aead as _, Spec};
    use polykms_host::OsRandom;

    use super::*;
    use crate::aead::Gcm;

    fn wrapper(root: u8) -> Wrapper {
        Wrapper::new(Root::new(&[root; 32]), Arc::new(OsRandom))
    }

    /// A generator that says the same again and again.
    struct Stuck;

    impl Random for Stuck {
        fn fill(&self, out: &mut [u8]) -> Result<()> {
            out.fill(0x5a);
            Ok(())
        }
    }

    #[test]
    fn a_wrapped_secret_has_the_documented_layout() {
        let root = Root::new(&[7; 32]);
        let wrapped = Wrapper::new(root, Arc::new(Stuck)).wrap(b"place", b"secret").unwrap();
        assert_eq!(wrapped.len(), 1 + 16 + 12 + 6 + 16);
        assert_eq!(wrapped[..29], [&[1][..], &[0x5a; 28]].concat());

        let mut key = [0; 32];
        derive(&Material::new(vec![7; 32]), b"polykms/wrap", &[0x5a; 16], &mut key).unwrap();
        let secret = Gcm::new(Spec::Aes256, &key).unwrap().open(&[0x5a; 12], b"place", &wrapped[29..]).unwrap();
        assert_eq!(secret.expose(), b"secret");
    }

    #[test]
    fn what_another_root_key_wrapped_is_refused() {
        let wrapped = wrapper(1).wrap(b"place", b"secret").unwrap();
        let refusal = wrapper(2).unwrap(b"place", &wrapped).unwrap_err();
        assert_eq!((refusal.kind(), refusal.to_string().as_str()), (Kind::InvalidCiphertext, "InvalidCiphertext"));
    }
}
