//! Key derivation: NIST SP 800-108 in counter mode with HMAC-SHA-256, on AWS-LC.
//!
//! A 32-bit counter comes before the fixed input `label ‖ 0x00 ‖ context ‖ length in bits (32-bit big-endian)`.

use aws_lc_rs::kdf::{KbkdfCtrHmacAlgorithmId, get_kbkdf_ctr_hmac_algorithm, kbkdf_ctr_hmac};
use polykms_core::error::{Kind, Result};
use polykms_core::port::crypto::{COMMITMENT, Derive, Derived, Spec};
use polykms_core::secret::Material;
use zeroize::Zeroizing;

use crate::aead::Gcm;
use crate::error::broken;

/// Material that keys are derived from.
pub(crate) struct Kdf(pub(crate) Material);

impl Derive for Kdf {
    fn derive(&self, label: &[u8], context: &[u8]) -> Result<Derived> {
        let mut derived = Zeroizing::new([0; 32 + COMMITMENT]);
        derive(&self.0, label, context, derived.as_mut_slice())?;
        let (key, commitment) = derived.split_last_chunk().ok_or_else(broken)?;
        let aead = Gcm::new(Spec::Aes256, key).ok_or_else(broken)?;
        Ok(Derived { aead: Box::new(aead), commitment: *commitment })
    }
}

/// Derives `out.len()` bytes.
///
/// # Errors
/// [`Kind::Internal`] when `out` is too long to be derived.
pub(crate) fn derive(key: &Material, label: &[u8], context: &[u8], out: &mut [u8]) -> Result<()> {
    if out.is_empty() {
        return Ok(());
    }
    let too_long = || Kind::Internal.because("more bytes are asked for than can be derived");
    let bits = u32::try_from(out.len()).ok().and_then(|bytes| bytes.checked_mul(8)).ok_or_else(too_long)?;
    let fixed_input = [label, &[0], context, &bits.to_be_bytes()].concat();
    let algorithm = get_kbkdf_ctr_hmac_algorithm(KbkdfCtrHmacAlgorithmId::Sha256).ok_or_else(broken)?;
    kbkdf_ctr_hmac(algorithm, key.expose(), &fixed_input, out).map_err(|_| broken())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::collections::HashSet;

    use hmac::{Hmac, KeyInit, Mac};
    use polykms_core::port::Random;
    use polykms_host::OsRandom;
    use sha2::Sha256;

    use super::*;

    fn random(length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        OsRandom.fill(&mut bytes).unwrap();
        bytes
    }

    /// SP 800-108 in counter mode, written down once more.
    fn derived(key: &[u8], label: &[u8], context: &[u8], length: usize) -> Vec<u8> {
        let bits = u32::try_from(length * 8).unwrap().to_be_bytes();
        let blocks = (1..=u32::try_from(length.div_ceil(32)).unwrap()).flat_map(|counter| {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
            [&counter.to_be_bytes(), label, &[0], context, &bits].into_iter().for_each(|part| mac.update(part));
            mac.finalize().into_bytes()
        });
        blocks.take(length).collect()
    }

    /// All output lengths up to 130 bytes, and all kinds of input, give the bytes of the formula.
    #[test]
    fn derived_bytes_are_those_of_an_independent_implementation() {
        for length in (0..=130).chain([1000, 4096, 8192]) {
            for (key, label, context) in
                [(32, 12, 16), (16, 0, 0), (1, 1, 300), (64, 63, 64), (65, 200, 1), (300, 7, 0)]
            {
                let (key, label, context) = (random(key), random(label), random(context));
                let mut out = vec![0xaa; length];
                derive(&Material::new(key.clone()), &label, &context, &mut out).unwrap();
                assert_eq!(out, derived(&key, &label, &context, length), "{length} bytes");
            }
        }
    }

    /// A known answer, calculated by OpenSSL: 70 bytes from a key of the bytes 0 to 31 and a context of 0 to 15.
    #[test]
    fn derived_bytes_are_those_of_openssl() {
        let expected = concat!(
            "4744fd489e1659b8df479fbf035291fc0da54b928ebfcba384fd674252a3b853",
            "207ee5823610c346d745d924b7d027d6eb8fb267eae9e1881471ef2ee0e5e3da",
            "ab621c1c76ee",
        );
        let context: Vec<u8> = (0..16).collect();
        let mut out = vec![0; 70];
        derive(&Material::new((0..32).collect()), b"polykms/test", &context, &mut out).unwrap();
        let hexadecimal: String = out.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hexadecimal, expected);
    }

    /// Key, label, context, the boundary between the last two, and the length all count.
    #[test]
    fn derived_bytes_depend_on_every_input() {
        type Input<'a> = (&'a [u8], &'a [u8], &'a [u8], usize);
        let inputs: [Input<'_>; 8] = [
            (&[1; 32], b"label", b"context", 32),
            (&[2; 32], b"label", b"context", 32),
            (&[1; 31], b"label", b"context", 32),
            (&[1; 32], b"Label", b"context", 32),
            (&[1; 32], b"label", b"Context", 32),
            (&[1; 32], b"labelc", b"ontext", 32),
            (&[1; 32], b"label", b"", 32),
            (&[1; 32], b"label", b"context", 64),
        ];
        let mut seen = HashSet::new();
        for (key, label, context, length) in inputs {
            let mut out = vec![0; length];
            derive(&Material::new(key.to_vec()), label, context, &mut out).unwrap();
            assert!(seen.insert(out[..32].to_vec()), "{label:?} {context:?} {length}");
        }
    }

    #[test]
    fn more_than_can_be_derived_is_refused() {
        let mut out = vec![0; 1 << 29]; // 2^32 bits; never touched
        let error = derive(&Material::new(vec![1; 32]), b"", b"", &mut out).unwrap_err();
        assert_eq!(error.kind(), Kind::Internal);
    }
}
