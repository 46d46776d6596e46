//! The software backend: the data path on AWS-LC, the sealing of material at rest on RustCrypto.
//!
//! Wrapped material is `version (1) ‖ N (16) ‖ IV (12) ‖ ciphertext ‖ tag (16)`: AES-256-GCM (NIST SP 800-38D) under a
//! key of its own, derived from the root key and N, so that the root key may wrap without a limit that matters.
//!
//! # Invariants
//! - Every message is wrapped under a fresh key and a fresh IV; a collision takes 224 equal random bits.
//! - Whatever is wrong with a sealed message, the error is the same.

use std::fmt;
use std::sync::Arc;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce as DataNonce, UnboundKey};
use aws_lc_rs::kdf::{KbkdfCtrHmacAlgorithmId, get_kbkdf_ctr_hmac_algorithm, kbkdf_ctr_hmac};
use polykms_core::error::{Error, Kind, Result};
use polykms_core::port::crypto::{NONCE, TAG};
use polykms_core::port::{Crypto, Random};
use polykms_core::secret::{Material, Plaintext};
use zeroize::Zeroizing;

use crate::root::Root;

const VERSION: u8 = 1;
const DIVERSIFIER: usize = 16;
const WRAP_LABEL: &[u8] = b"polykms/wrap";

/// The place and the content of [`Software::check_value`].
const CHECK: &[u8] = b"polykms/check-value";

/// A crypto backend in this process, under one root key.
pub struct Software {
    root: Root,
    random: Arc<dyn Random>,
}

impl Software {
    /// A backend under `root` that draws its nonces from `random`.
    pub fn new(root: Root, random: Arc<dyn Random>) -> Self {
        Self { root, random }
    }

    /// A value to store beside what this root key seals, by which a later start recognises the root key.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the backend fails.
    pub fn check_value(&self) -> Result<Vec<u8>> {
        self.wrap(CHECK, CHECK)
    }

    /// Whether `check_value` was made under this root key; whoever gets an error must not go on.
    ///
    /// # Errors
    /// [`Kind::InvalidCiphertext`] for a value of another root key, and for anything else.
    pub fn verify_check_value(&self, check_value: &[u8]) -> Result<()> {
        self.unwrap(CHECK, check_value).map(|_| ()) // nothing else is ever wrapped for this place
    }

    fn wrapping_cipher(&self, diversifier: &[u8; DIVERSIFIER]) -> Result<Aes256Gcm> {
        let mut key = Zeroizing::new([0; 32]);
        self.derive(self.root.material(), WRAP_LABEL, diversifier, key.as_mut_slice())?;
        Aes256Gcm::new_from_slice(key.as_slice()).map_err(|_| broken())
    }
}

impl fmt::Debug for Software {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Software")
    }
}

impl Crypto for Software {
    fn wrap(&self, aad: &[u8], secret: &[u8]) -> Result<Vec<u8>> {
        let mut diversifier = [0; DIVERSIFIER];
        let mut iv = [0; NONCE];
        self.random.fill(&mut diversifier)?;
        self.random.fill(&mut iv)?;
        let cipher = self.wrapping_cipher(&diversifier)?;
        let sealed = cipher.encrypt(&Nonce::from(iv), Payload { msg: secret, aad }).map_err(|_| broken())?;
        Ok([&[VERSION][..], &diversifier, &iv, &sealed].concat())
    }

    fn unwrap(&self, aad: &[u8], wrapped: &[u8]) -> Result<Material> {
        let Wrapped { diversifier, iv, sealed } = Wrapped::read(wrapped).ok_or_else(invalid)?;
        let cipher = self.wrapping_cipher(diversifier).map_err(|_| invalid())?;
        let secret = cipher.decrypt(&Nonce::from(*iv), Payload { msg: sealed, aad }).map_err(|_| invalid())?;
        Ok(Material::new(secret))
    }

    fn seal(&self, key: &Material, nonce: &[u8; NONCE], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>> {
        let cipher = data_cipher(key).ok_or_else(|| Kind::Internal.because("the key material has a wrong length"))?;
        let mut sealed = vec![0; plaintext.len().saturating_add(TAG)];
        let (ciphertext, tag) = sealed.split_at_mut_checked(plaintext.len()).ok_or_else(broken)?;
        cipher
            .seal_out_of_place_scatter(
                DataNonce::assume_unique_for_key(*nonce),
                Aad::from(aad),
                plaintext,
                ciphertext,
                &[],
                tag,
            )
            .map_err(|_| broken())?;
        Ok(sealed)
    }

    fn open(&self, key: &Material, nonce: &[u8; NONCE], aad: &[u8], sealed: &[u8]) -> Result<Plaintext> {
        let cipher = data_cipher(key).ok_or_else(invalid)?;
        let (ciphertext, tag) = sealed.split_last_chunk::<TAG>().ok_or_else(invalid)?;
        // Zeroized also where the tag does not fit: by then the bytes may have been decrypted.
        let mut plaintext = Zeroizing::new(vec![0; ciphertext.len()]);
        cipher
            .open_separate_gather(
                DataNonce::assume_unique_for_key(*nonce),
                Aad::from(aad),
                ciphertext,
                tag,
                plaintext.as_mut_slice(),
            )
            .map_err(|_| invalid())?;
        Ok(Plaintext::new(std::mem::take(&mut plaintext)))
    }

    fn derive(&self, key: &Material, label: &[u8], context: &[u8], out: &mut [u8]) -> Result<()> {
        if out.is_empty() {
            return Ok(());
        }
        let too_long = || Kind::Internal.because("more bytes are asked for than can be derived");
        let bits = u32::try_from(out.len()).ok().and_then(|bytes| bytes.checked_mul(8)).ok_or_else(too_long)?;
        let fixed_input = [label, &[0], context, &bits.to_be_bytes()].concat();
        let algorithm = get_kbkdf_ctr_hmac_algorithm(KbkdfCtrHmacAlgorithmId::Sha256).ok_or_else(broken)?;
        kbkdf_ctr_hmac(algorithm, key.expose(), &fixed_input, out).map_err(|_| broken())
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

fn data_cipher(key: &Material) -> Option<LessSafeKey> {
    let key = key.expose();
    let algorithm = match key.len() {
        16 => &AES_128_GCM,
        32 => &AES_256_GCM,
        _ => return None,
    };
    UnboundKey::new(algorithm, key).ok().map(LessSafeKey::new)
}

fn invalid() -> Error {
    Kind::InvalidCiphertext.because("")
}

fn broken() -> Error {
    Kind::Internal.because("the crypto backend failed")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use polykms_host::OsRandom;

    fn software(root: u8) -> Software {
        Software::new(Root::new(&[root; 32]), Arc::new(OsRandom))
    }

    /// A generator that says the same again and again.
    struct Stuck;

    impl Random for Stuck {
        fn fill(&self, out: &mut [u8]) -> Result<()> {
            out.fill(0x5a);
            Ok(())
        }
    }

    struct Broken;

    impl Random for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<()> {
            Err(Kind::Internal.because("no entropy"))
        }
    }

    #[test]
    fn a_wrapped_secret_has_the_documented_layout() {
        let root = Root::new(&[7; 32]);
        let wrapped = Software::new(root, Arc::new(Stuck)).wrap(b"place", b"secret").unwrap();
        assert_eq!(wrapped.len(), 1 + 16 + 12 + 6 + 16);
        assert_eq!(wrapped[..29], [&[1][..], &[0x5a; 28]].concat());

        let mut key = [0; 32];
        software(0).derive(&Material::new(vec![7; 32]), b"polykms/wrap", &[0x5a; 16], &mut key).unwrap();
        let secret = software(0).open(&Material::new(key.to_vec()), &[0x5a; 12], b"place", &wrapped[29..]).unwrap();
        assert_eq!(secret.expose(), b"secret");
    }

    #[test]
    fn without_randomness_nothing_is_wrapped() {
        let software = Software::new(Root::new(&[7; 32]), Arc::new(Broken));
        assert_eq!(software.wrap(b"", b"secret").unwrap_err().kind(), Kind::Internal);
        assert!(software.check_value().is_err());
    }

    #[test]
    fn another_root_key_is_recognised_by_the_check_value() {
        let value = software(1).check_value().unwrap();
        software(1).verify_check_value(&value).unwrap();
        assert_eq!(software(2).verify_check_value(&value).unwrap_err().kind(), Kind::InvalidCiphertext);
        assert!(software(1).verify_check_value(b"").is_err());
        assert!(software(1).verify_check_value(&software(1).wrap(b"elsewhere", CHECK).unwrap()).is_err());
        assert_ne!(value, software(1).check_value().unwrap());
    }

    #[test]
    fn what_another_root_key_wrapped_is_refused() {
        let wrapped = software(1).wrap(b"place", b"secret").unwrap();
        assert_eq!(software(2).unwrap(b"place", &wrapped).unwrap_err().to_string(), "InvalidCiphertext");
    }

    #[test]
    fn more_than_can_be_derived_is_refused() {
        let mut out = vec![0; 1 << 29]; // 2^32 bits; never touched
        let error = software(1).derive(&Material::new(vec![1; 32]), b"", b"", &mut out).unwrap_err();
        assert_eq!(error.kind(), Kind::Internal);
    }

    #[test]
    fn the_backend_does_not_show_its_root_key() {
        assert_eq!(format!("{:?}", software(1)), "Software");
    }
}
