//! Sealing under a key of which each message gets one of its own, on RustCrypto.
//!
//! What is sealed is `N (16) ‖ IV (12) ‖ ciphertext ‖ tag (16)`: AES-256-GCM (NIST SP 800-38D) under a key that is derived
//! from the lasting one and N, so that the lasting one may seal without a limit that matters.
//!
//! # Invariants
//! - Every message is sealed under a fresh key and a fresh IV; a collision takes 224 equal random bits.
//! - Whatever is wrong with a sealed message, the error is the same.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use polykms_core::error::Result;
use polykms_core::port::Random;
use polykms_core::port::crypto::NONCE;
use polykms_core::secret::Material;
use zeroize::Zeroizing;

use crate::error::{broken, invalid};
use crate::kdf::derive;

const DIVERSIFIER: usize = 16;

/// A lasting key, and what it is used for.
pub(crate) struct Diversified<'a> {
    pub(crate) key: &'a Material,
    pub(crate) label: &'static [u8],
}

impl Diversified<'_> {
    /// Seals `secret` for `place`, behind a `header` that says how it is to be read.
    pub(crate) fn seal(&self, random: &dyn Random, header: &[u8], place: &[u8], secret: &[u8]) -> Result<Vec<u8>> {
        let mut diversifier = [0; DIVERSIFIER];
        let mut iv = [0; NONCE];
        random.fill(&mut diversifier)?;
        random.fill(&mut iv)?;
        let payload = Payload { msg: secret, aad: place };
        let sealed = self.cipher(&diversifier)?.encrypt(&Nonce::from(iv), payload).map_err(|_| broken())?;
        Ok([header, &diversifier, &iv, &sealed].concat())
    }

    /// Opens what [`seal`](Diversified::seal) made for `place`, without its header.
    pub(crate) fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Material> {
        let (diversifier, rest) = sealed.split_first_chunk().ok_or_else(invalid)?;
        let (iv, sealed) = rest.split_first_chunk::<NONCE>().ok_or_else(invalid)?;
        let payload = Payload { msg: sealed, aad: place };
        let secret = self.cipher(diversifier)?.decrypt(&Nonce::from(*iv), payload).map_err(|_| invalid())?;
        Ok(Material::new(secret))
    }

    fn cipher(&self, diversifier: &[u8; DIVERSIFIER]) -> Result<Aes256Gcm> {
        let mut key = Zeroizing::new([0; 32]);
        derive(self.key, self.label, diversifier, key.as_mut_slice())?;
        Aes256Gcm::new_from_slice(key.as_slice()).map_err(|_| broken())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::port::crypto::{Aead as _, Spec};

    use super::*;
    use crate::aead::Gcm;

    /// A generator that says the same again and again.
    struct Stuck;

    impl Random for Stuck {
        fn fill(&self, out: &mut [u8]) -> Result<()> {
            out.fill(0x5a);
            Ok(())
        }
    }

    #[test]
    fn a_sealed_message_has_the_documented_layout() {
        let key = Material::new(vec![7; 32]);
        let lasting = Diversified { key: &key, label: b"polykms/wrap" };
        let sealed = lasting.seal(&Stuck, &[1], b"place", b"secret").unwrap();
        assert_eq!(sealed.len(), 1 + 16 + 12 + 6 + 16);
        assert_eq!(sealed[..29], [&[1][..], &[0x5a; 28]].concat());

        let mut own = [0; 32];
        derive(&key, b"polykms/wrap", &[0x5a; 16], &mut own).unwrap();
        let secret = Gcm::new(Spec::Aes256, &own).unwrap().open(&[0x5a; 12], b"place", &sealed[29..]).unwrap();
        assert_eq!(secret.expose(), b"secret");
        assert_eq!(lasting.open(b"place", &sealed[1..]).unwrap().expose(), b"secret");
    }
}
