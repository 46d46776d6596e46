//! The contract of the crypto port as functions: every backend passes all of them.
//!
//! [`crypto_contract!`](crate::crypto_contract) makes one test of each rule. A rule that is broken panics.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::HashSet;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes128Gcm, Aes256Gcm, KeyInit, Nonce};
use hmac::{Hmac, Mac};
use polykms_core::error::{Kind, Result};
use polykms_core::port::Crypto;
use polykms_core::port::crypto::{NONCE, TAG};
use polykms_core::secret::Material;
use sha2::Sha256;

/// Makes one `#[test]` of each rule; `$open` is a function that returns a backend.
#[macro_export]
macro_rules! crypto_contract {
    ($open:path) => {
        $crate::crypto_contract! { $open:
            what_is_sealed_opens_again,
            a_sealed_message_is_that_of_an_independent_implementation,
            a_sealed_message_is_that_of_the_specification,
            every_flipped_bit_of_a_sealed_message_is_refused,
            a_sealed_message_of_another_length_is_refused,
            a_sealed_message_opens_under_its_own_key_nonce_and_aad_only,
            material_of_a_wrong_length_is_refused,
            what_is_wrapped_is_unwrapped_again,
            no_two_wrappings_are_alike,
            every_flipped_bit_of_a_wrapped_secret_is_refused,
            a_wrapped_secret_of_another_length_is_refused,
            a_wrapped_secret_opens_in_its_own_place_only,
            derived_bytes_are_those_of_an_independent_implementation,
            derived_bytes_are_those_of_openssl,
            derived_bytes_depend_on_every_input,
        }
    };
    ($open:path: $($rule:ident),* $(,)?) => {
        $(
            #[test]
            fn $rule() {
                $crate::contract::$rule(&$open());
            }
        )*
    };
}

fn random(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    bytes
}

fn key(length: usize) -> Material {
    Material::new(random(length))
}

fn nonce() -> [u8; NONCE] {
    random(NONCE).try_into().unwrap()
}

/// All failures to open look the same, whatever went wrong.
fn require_refusal<T>(outcome: Result<T>, what: &str) {
    let Err(error) = outcome else { panic!("{what} was opened") };
    assert_eq!(error.kind(), Kind::InvalidCiphertext, "{what}");
    assert_eq!((error.why(), error.subject(), error.to_string().as_str()), ("", None, "InvalidCiphertext"), "{what}");
}

fn every_flip(bytes: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    (0..bytes.len() * 8).map(|bit| {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        (bit, flipped)
    })
}

/// Every proper beginning and end, and some longer forms.
fn other_lengths(bytes: &[u8]) -> Vec<Vec<u8>> {
    let beginnings = (0..bytes.len()).map(|length| bytes[..length].to_vec());
    let ends = (1..=bytes.len()).map(|from| bytes[from..].to_vec());
    let longer = [[bytes, &[0]].concat(), [&[0], bytes].concat(), [bytes, bytes].concat(), [bytes, &[0; 16]].concat()];
    beginnings.chain(ends).chain(longer).collect()
}

/// Messages of all small lengths and some large ones, with and without `aad`, with keys of 16 and 32 bytes.
pub fn what_is_sealed_opens_again(crypto: &dyn Crypto) {
    for length in (0..=70).chain([4096, 6144, 65_536, 1 << 20]) {
        for (bits, aad) in [(16, 0), (32, 0), (16, 13), (32, 300)] {
            let (key, nonce, aad, plaintext) = (key(bits), nonce(), random(aad), random(length));
            let sealed = crypto.seal(&key, &nonce, &aad, &plaintext).unwrap();
            assert_eq!(sealed.len(), length + TAG);
            assert!(crypto.open(&key, &nonce, &aad, &sealed).unwrap().expose() == plaintext, "{length} bytes");
        }
    }
}

fn oracle(key: &[u8], nonce: [u8; NONCE], aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let payload = Payload { msg: plaintext, aad };
    match key.len() {
        16 => Aes128Gcm::new_from_slice(key).unwrap().encrypt(&Nonce::from(nonce), payload).unwrap(),
        _ => Aes256Gcm::new_from_slice(key).unwrap().encrypt(&Nonce::from(nonce), payload).unwrap(),
    }
}

/// 2,000 random messages are sealed to the same bytes as by RustCrypto, and open what RustCrypto sealed.
pub fn a_sealed_message_is_that_of_an_independent_implementation(crypto: &dyn Crypto) {
    for round in 0..2000 {
        let (key, nonce) = (key(if round % 2 == 0 { 16 } else { 32 }), nonce());
        let (aad, plaintext) = (random(round % 67), random(round % 259));
        let expected = oracle(key.expose(), nonce, &aad, &plaintext);
        assert_eq!(crypto.seal(&key, &nonce, &aad, &plaintext).unwrap(), expected);
        assert_eq!(crypto.open(&key, &nonce, &aad, &expected).unwrap().expose(), plaintext);
    }
}

/// Known answers: test cases 1 and 2 (AES-128), 13 and 14 (AES-256) of the GCM specification by McGrew and Viega.
pub fn a_sealed_message_is_that_of_the_specification(crypto: &dyn Crypto) {
    let cases: [(usize, usize, &[u8]); 4] = [
        (16, 0, &0x58e2_fcce_fa7e_3061_367f_1d57_a4e7_455a_u128.to_be_bytes()),
        (
            16,
            16,
            &[
                0x0388_dace_60b6_a392_f328_c2b9_71b2_fe78_u128.to_be_bytes(),
                0xab6e_47d4_2cec_13bd_f53a_67b2_1257_bddf_u128.to_be_bytes(),
            ]
            .concat(),
        ),
        (32, 0, &0x530f_8afb_c745_36b9_a963_b4f1_c4cb_738b_u128.to_be_bytes()),
        (
            32,
            16,
            &[
                0xcea7_403d_4d60_6b6e_074e_c5d3_baf3_9d18_u128.to_be_bytes(),
                0xd0d1_c8a7_9999_6bf0_265b_98b5_d48a_b919_u128.to_be_bytes(),
            ]
            .concat(),
        ),
    ];
    for (bytes, length, sealed) in cases {
        let key = Material::new(vec![0; bytes]);
        assert_eq!(crypto.seal(&key, &[0; NONCE], b"", &vec![0; length]).unwrap(), sealed);
    }
}

/// Any single bit of ciphertext or tag that differs is noticed.
pub fn every_flipped_bit_of_a_sealed_message_is_refused(crypto: &dyn Crypto) {
    for length in [0, 1, 37, 64] {
        let (key, nonce) = (key(32), nonce());
        let sealed = crypto.seal(&key, &nonce, b"aad", &random(length)).unwrap();
        for (bit, flipped) in every_flip(&sealed) {
            require_refusal(crypto.open(&key, &nonce, b"aad", &flipped), &format!("bit {bit}"));
        }
    }
}

/// A message cut short anywhere, or made longer, is refused.
pub fn a_sealed_message_of_another_length_is_refused(crypto: &dyn Crypto) {
    for length in [0, 1, 37, 64] {
        let (key, nonce) = (key(32), nonce());
        let sealed = crypto.seal(&key, &nonce, b"aad", &random(length)).unwrap();
        for other in other_lengths(&sealed) {
            let what = format!("{} of {} bytes", other.len(), sealed.len());
            require_refusal(crypto.open(&key, &nonce, b"aad", &other), &what);
        }
    }
}

/// Any bit of key, nonce or `aad` that differs, and any other length of `aad`, is noticed.
pub fn a_sealed_message_opens_under_its_own_key_nonce_and_aad_only(crypto: &dyn Crypto) {
    for bytes in [16, 32] {
        let (key, nonce, aad) = (key(bytes), nonce(), random(40));
        let sealed = crypto.seal(&key, &nonce, &aad, b"plaintext").unwrap();
        for (bit, other) in every_flip(key.expose()) {
            require_refusal(crypto.open(&Material::new(other), &nonce, &aad, &sealed), &format!("key bit {bit}"));
        }
        for (bit, other) in every_flip(&nonce) {
            let other = other.try_into().unwrap();
            require_refusal(crypto.open(&key, &other, &aad, &sealed), &format!("nonce bit {bit}"));
        }
        for (bit, other) in every_flip(&aad) {
            require_refusal(crypto.open(&key, &nonce, &other, &sealed), &format!("aad bit {bit}"));
        }
        for other in other_lengths(&aad) {
            require_refusal(crypto.open(&key, &nonce, &other, &sealed), &format!("aad of {} bytes", other.len()));
        }
    }
}

/// Only 16 and 32 bytes are keys; to open with anything else fails like every other failure to open.
pub fn material_of_a_wrong_length_is_refused(crypto: &dyn Crypto) {
    let sealed = crypto.seal(&key(32), &[0; NONCE], b"", b"plaintext").unwrap();
    for length in [0, 1, 8, 15, 17, 24, 31, 33, 48, 64] {
        assert_eq!(crypto.seal(&key(length), &[0; NONCE], b"", b"").unwrap_err().kind(), Kind::Internal);
        require_refusal(crypto.open(&key(length), &[0; NONCE], b"", &sealed), &format!("a key of {length} bytes"));
    }
}

/// Secrets of all small lengths and some large ones.
pub fn what_is_wrapped_is_unwrapped_again(crypto: &dyn Crypto) {
    for length in (0..=70).chain([256, 4096, 65_536]) {
        let (aad, secret) = (random(length % 50), random(length));
        let wrapped = crypto.wrap(&aad, &secret).unwrap();
        assert!(crypto.unwrap(&aad, &wrapped).unwrap().expose() == secret, "{length} bytes");
        if let Some(start) = secret.get(..8) {
            assert!(!wrapped.windows(8).any(|window| window == start), "{length} bytes lie bare");
        }
    }
}

/// The same secret for the same place is wrapped to different bytes each time, in every part of them.
pub fn no_two_wrappings_are_alike(crypto: &dyn Crypto) {
    let mut seen = HashSet::new();
    for _ in 0..500 {
        let wrapped = crypto.wrap(b"place", b"the same secret!").unwrap();
        assert!(seen.insert(wrapped[wrapped.len() - TAG..].to_vec()));
        assert!(seen.insert(wrapped[wrapped.len() - TAG - 16..wrapped.len() - TAG].to_vec()));
    }
}

/// Any single bit of the stored form that differs is noticed.
pub fn every_flipped_bit_of_a_wrapped_secret_is_refused(crypto: &dyn Crypto) {
    for length in [0, 1, 32] {
        let wrapped = crypto.wrap(b"place", &random(length)).unwrap();
        for (bit, flipped) in every_flip(&wrapped) {
            require_refusal(crypto.unwrap(b"place", &flipped), &format!("bit {bit}"));
        }
    }
}

/// A stored form cut short anywhere, or made longer, is refused.
pub fn a_wrapped_secret_of_another_length_is_refused(crypto: &dyn Crypto) {
    for length in [0, 1, 32] {
        let wrapped = crypto.wrap(b"place", &random(length)).unwrap();
        for other in other_lengths(&wrapped) {
            let what = format!("{} of {} bytes", other.len(), wrapped.len());
            require_refusal(crypto.unwrap(b"place", &other), &what);
        }
    }
}

/// A stored form that was moved to another place does not open.
pub fn a_wrapped_secret_opens_in_its_own_place_only(crypto: &dyn Crypto) {
    let place = random(40);
    let wrapped = crypto.wrap(&place, b"secret").unwrap();
    for (bit, other) in every_flip(&place) {
        require_refusal(crypto.unwrap(&other, &wrapped), &format!("aad bit {bit}"));
    }
    for other in other_lengths(&place) {
        require_refusal(crypto.unwrap(&other, &wrapped), &format!("aad of {} bytes", other.len()));
    }
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
pub fn derived_bytes_are_those_of_an_independent_implementation(crypto: &dyn Crypto) {
    for length in (0..=130).chain([1000, 4096, 8192]) {
        for (key, label, context) in [(32, 12, 16), (16, 0, 0), (1, 1, 300), (64, 63, 64), (65, 200, 1), (300, 7, 0)] {
            let (key, label, context) = (random(key), random(label), random(context));
            let mut out = vec![0xaa; length];
            crypto.derive(&Material::new(key.clone()), &label, &context, &mut out).unwrap();
            assert_eq!(out, derived(&key, &label, &context, length), "{length} bytes");
        }
    }
}

/// A known answer, calculated by OpenSSL: 70 bytes from a key of the bytes 0 to 31 and a context of 0 to 15.
pub fn derived_bytes_are_those_of_openssl(crypto: &dyn Crypto) {
    let expected = concat!(
        "4744fd489e1659b8df479fbf035291fc0da54b928ebfcba384fd674252a3b853",
        "207ee5823610c346d745d924b7d027d6eb8fb267eae9e1881471ef2ee0e5e3da",
        "ab621c1c76ee",
    );
    let context: Vec<u8> = (0..16).collect();
    let mut out = vec![0; 70];
    crypto.derive(&Material::new((0..32).collect()), b"polykms/test", &context, &mut out).unwrap();
    let hexadecimal: String = out.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hexadecimal, expected);
}

/// Key, label, context, the boundary between the last two, and the length all count.
pub fn derived_bytes_depend_on_every_input(crypto: &dyn Crypto) {
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
        crypto.derive(&Material::new(key.to_vec()), label, context, &mut out).unwrap();
        assert!(seen.insert(out[..32].to_vec()), "{label:?} {context:?} {length}");
    }
}
