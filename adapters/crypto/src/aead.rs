//! AES-GCM on AWS-LC, whose contexts are cleared when they are freed.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use polykms_core::error::Result;
use polykms_core::port::crypto::{Aead, NONCE, Spec, TAG};
use polykms_core::secret::Plaintext;
use zeroize::Zeroizing;

use crate::error::{broken, invalid};

/// A key of AES-GCM, expanded.
pub(crate) struct Gcm(LessSafeKey);

impl Gcm {
    /// The key of these bytes; none where they are not as many as `spec` has, or it is none of AES.
    pub(crate) fn new(spec: Spec, key: &[u8]) -> Option<Self> {
        let algorithm = match spec {
            Spec::Aes128 => &AES_128_GCM,
            Spec::Aes256 => &AES_256_GCM,
            _ => return None,
        };
        UnboundKey::new(algorithm, key).ok().map(|key| Self(LessSafeKey::new(key)))
    }
}

impl Aead for Gcm {
    fn seal(&self, nonce: &[u8; NONCE], aad: &[u8], plaintext: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let before = out.len();
        out.resize(before.saturating_add(plaintext.len()).saturating_add(TAG), 0);
        let room = out.get_mut(before..).and_then(|room| room.split_at_mut_checked(plaintext.len()));
        let (ciphertext, tag) = room.ok_or_else(broken)?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let sealed = self.0.seal_out_of_place_scatter(nonce, Aad::from(aad), plaintext, ciphertext, &[], tag);
        sealed.map_err(|_| {
            out.truncate(before);
            broken()
        })
    }

    fn open(&self, nonce: &[u8; NONCE], aad: &[u8], sealed: &[u8]) -> Result<Plaintext> {
        let (ciphertext, tag) = sealed.split_last_chunk::<TAG>().ok_or_else(invalid)?;
        // Zeroized also where the tag does not fit: by then the bytes may have been decrypted.
        let mut plaintext = Zeroizing::new(vec![0; ciphertext.len()]);
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = self.0.open_separate_gather(nonce, Aad::from(aad), ciphertext, tag, plaintext.as_mut_slice());
        opened.map_err(|_| invalid())?;
        Ok(Plaintext::new(std::mem::take(&mut plaintext)))
    }
}
