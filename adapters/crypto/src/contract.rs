//! The contract of the crypto port as functions: every backend passes all of them.
//!
//! [`crypto_contract!`](crate::crypto_contract) makes one test of each rule. A rule that is broken panics.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::HashSet;
use std::sync::Arc;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes128Gcm, Aes256Gcm, KeyInit, Nonce};
use hmac::{Hmac, Mac};
use polykms_core::error::{Flaw, Kind, Result};
use polykms_core::port::Crypto;
use polykms_core::port::crypto::{COMMITMENT, Derived, Encryption, Handle, NONCE, Sealed, Seat, Spec, TAG};
use polykms_core::secret::{Material, Plaintext};
use sha2::Sha256;

mod pairs;

pub use pairs::{
    a_ciphertext_is_one_of_openssl, a_code_fits_its_own_message_alone, a_code_is_that_of_an_independent_implementation,
    a_digest_is_signed_as_its_message, a_pair_of_another_kind_is_refused, a_pair_that_is_given_out_is_taken_in_again,
    a_public_key_is_that_of_openssl, a_shared_secret_is_that_of_openssl, a_signature_fits_its_own_message_alone,
    a_signature_is_that_of_openssl, material_arrives_in_every_wrapping, what_does_not_unwrap_is_refused_in_one_way,
    what_is_encrypted_to_a_public_key_is_decrypted,
};

/// Makes one `#[test]` of each rule; `$open` is a function that returns a backend.
#[macro_export]
macro_rules! crypto_contract {
    ($open:path) => {
        $crate::rules_of_crypto! { tests $open }
    };
}

/// One rule: it panics where the backend breaks it.
pub type Rule = fn(&dyn Crypto);

/// Every rule with its name.
pub const RULES: &[(&str, Rule)] = crate::rules_of_crypto! { table };

/// The one list of the rules.
#[doc(hidden)]
#[macro_export]
macro_rules! rules_of_crypto {
    (@tests $open:path: $($rule:ident),* $(,)?) => {
        $(
            #[test]
            fn $rule() {
                $crate::contract::$rule(&$open());
            }
        )*
    };
    (@table: $($rule:ident),* $(,)?) => {
        &[$((stringify!($rule), $crate::contract::$rule)),*]
    };
    ($($form:tt)*) => {
        $crate::rules_of_crypto! { @$($form)*:
            what_is_sealed_opens_again,
            a_sealed_message_is_that_of_an_independent_implementation,
            a_sealed_message_is_that_of_the_specification,
            a_sealed_message_is_appended,
            every_flipped_bit_of_a_sealed_message_is_refused,
            a_sealed_message_of_another_length_is_refused,
            a_sealed_message_opens_under_its_own_key_nonce_and_aad_only,
            a_derived_key_is_that_of_an_independent_implementation,
            a_derived_key_is_that_of_openssl,
            a_derived_key_depends_on_every_input,
            a_code_is_that_of_an_independent_implementation,
            a_code_fits_its_own_message_alone,
            a_signature_is_that_of_openssl,
            a_signature_fits_its_own_message_alone,
            a_digest_is_signed_as_its_message,
            what_is_encrypted_to_a_public_key_is_decrypted,
            a_ciphertext_is_one_of_openssl,
            a_shared_secret_is_that_of_openssl,
            a_public_key_is_that_of_openssl,
            a_pair_of_another_kind_is_refused,
            a_pair_that_is_given_out_is_taken_in_again,
            a_key_can_do_what_its_spec_says,
            no_two_generated_keys_are_alike,
            material_of_a_wrong_length_is_refused,
            material_arrives_in_every_wrapping,
            what_does_not_unwrap_is_refused_in_one_way,
            material_at_rest_lies_not_bare,
            a_key_loads_in_its_own_seat_only,
            a_key_loads_under_its_own_spec_only,
            every_flipped_bit_of_material_at_rest_is_refused,
            material_at_rest_of_another_length_is_refused,
            what_is_wrapped_is_unwrapped_again,
            no_two_wrappings_are_alike,
            every_flipped_bit_of_a_wrapped_secret_is_refused,
            a_wrapped_secret_of_another_length_is_refused,
            a_wrapped_secret_opens_in_its_own_place_only,
        }
    };
}

const SEAT: Seat<'_> = Seat { dialect: "toy", account: "111122223333", region: "here", key: "a key", version: "1" };

fn random(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    bytes
}

fn nonce() -> [u8; NONCE] {
    random(NONCE).try_into().unwrap()
}

/// Waits for what the port does in its own time.
fn done<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn spec(bytes: usize) -> Spec {
    if bytes == 16 { Spec::Aes128 } else { Spec::Aes256 }
}

/// A key of these bytes, imported and loaded.
fn key(crypto: &dyn Crypto, bytes: &[u8]) -> Arc<Handle> {
    let spec = spec(bytes.len());
    done(async {
        let sealed = crypto.import(spec, SEAT, Material::new(bytes.to_vec())).await.unwrap();
        crypto.load(spec, SEAT, &sealed).await.unwrap()
    })
}

fn seal(key: &Handle, nonce: &[u8; NONCE], aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::new();
    key.aead.as_ref().unwrap().seal(nonce, aad, plaintext, &mut sealed).unwrap();
    sealed
}

fn open(key: &Handle, nonce: &[u8; NONCE], aad: &[u8], sealed: &[u8]) -> Result<Plaintext> {
    key.aead.as_ref().unwrap().open(nonce, aad, sealed)
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
    for (bytes, aad) in [(16, 0), (32, 0), (16, 13), (32, 300)] {
        let key = key(crypto, &random(bytes));
        for length in (0..=70).chain([4096, 6144, 65_536, 1 << 20]) {
            let (nonce, aad, plaintext) = (nonce(), random(aad), random(length));
            let sealed = seal(&key, &nonce, &aad, &plaintext);
            assert_eq!(sealed.len(), length + TAG);
            assert!(open(&key, &nonce, &aad, &sealed).unwrap().expose() == plaintext, "{length} bytes");
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

/// 2,000 random messages under 20 keys are sealed to the same bytes as by RustCrypto, and open what RustCrypto sealed.
pub fn a_sealed_message_is_that_of_an_independent_implementation(crypto: &dyn Crypto) {
    for round in 0..20 {
        let bytes = random(if round % 2 == 0 { 16 } else { 32 });
        let key = key(crypto, &bytes);
        for at in 0..100 {
            let (nonce, aad, plaintext) = (nonce(), random(at % 67), random((at * round) % 259));
            let expected = oracle(&bytes, nonce, &aad, &plaintext);
            assert_eq!(seal(&key, &nonce, &aad, &plaintext), expected);
            assert_eq!(open(&key, &nonce, &aad, &expected).unwrap().expose(), plaintext);
        }
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
        assert_eq!(seal(&key(crypto, &vec![0; bytes]), &[0; NONCE], b"", &vec![0; length]), sealed);
    }
}

/// What is in the buffer before stays there, and what comes after it is the message alone.
pub fn a_sealed_message_is_appended(crypto: &dyn Crypto) {
    let (key, nonce) = (key(crypto, &random(32)), nonce());
    let mut out = b"header".to_vec();
    key.aead.as_ref().unwrap().seal(&nonce, b"aad", b"plaintext", &mut out).unwrap();
    assert_eq!(out, [b"header", &*seal(&key, &nonce, b"aad", b"plaintext")].concat());
}

/// Any single bit of ciphertext or tag that differs is noticed.
pub fn every_flipped_bit_of_a_sealed_message_is_refused(crypto: &dyn Crypto) {
    let (key, nonce) = (key(crypto, &random(32)), nonce());
    for length in [0, 1, 37, 64] {
        let sealed = seal(&key, &nonce, b"aad", &random(length));
        for (bit, flipped) in every_flip(&sealed) {
            require_refusal(open(&key, &nonce, b"aad", &flipped), &format!("bit {bit}"));
        }
    }
}

/// A message cut short anywhere, or made longer, is refused.
pub fn a_sealed_message_of_another_length_is_refused(crypto: &dyn Crypto) {
    let (key, nonce) = (key(crypto, &random(32)), nonce());
    for length in [0, 1, 37, 64] {
        let sealed = seal(&key, &nonce, b"aad", &random(length));
        for other in other_lengths(&sealed) {
            let what = format!("{} of {} bytes", other.len(), sealed.len());
            require_refusal(open(&key, &nonce, b"aad", &other), &what);
        }
    }
}

/// Any bit of key, nonce or `aad` that differs, and any other length of `aad`, is noticed.
pub fn a_sealed_message_opens_under_its_own_key_nonce_and_aad_only(crypto: &dyn Crypto) {
    for bytes in [16, 32] {
        let (material, nonce, aad) = (random(bytes), nonce(), random(40));
        let own = key(crypto, &material);
        let sealed = seal(&own, &nonce, &aad, b"plaintext");
        for (bit, other) in every_flip(&material) {
            require_refusal(open(&key(crypto, &other), &nonce, &aad, &sealed), &format!("key bit {bit}"));
        }
        for (bit, other) in every_flip(&nonce) {
            let other = other.try_into().unwrap();
            require_refusal(open(&own, &other, &aad, &sealed), &format!("nonce bit {bit}"));
        }
        for (bit, other) in every_flip(&aad) {
            require_refusal(open(&own, &nonce, &other, &sealed), &format!("aad bit {bit}"));
        }
        for other in other_lengths(&aad) {
            require_refusal(open(&own, &nonce, &other, &sealed), &format!("aad of {} bytes", other.len()));
        }
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

fn derive(key: &Handle, label: &[u8], context: &[u8]) -> Derived {
    key.derive.as_ref().unwrap().derive(label, context).unwrap()
}

/// What a derived key makes of an empty message: a value that tells it from others.
fn fingerprint(derived: &Derived) -> Vec<u8> {
    let mut sealed = Vec::new();
    derived.aead.seal(&[0; NONCE], b"", b"", &mut sealed).unwrap();
    sealed
}

/// Of 64 bytes by the formula the first half is the key, the other one commits to it.
pub fn a_derived_key_is_that_of_an_independent_implementation(crypto: &dyn Crypto) {
    for bytes in [16, 32] {
        for (label, context) in [(12, 16), (0, 0), (1, 300), (63, 64), (200, 1), (7, 0)] {
            let (material, label, context) = (random(bytes), random(label), random(context));
            let Derived { aead, commitment } = derive(&key(crypto, &material), &label, &context);
            let expected = derived(&material, &label, &context, 32 + COMMITMENT);
            assert_eq!(commitment, expected[32..]);
            let (nonce, aad, plaintext) = (nonce(), random(40), random(100));
            let message = oracle(&expected[..32], nonce, &aad, &plaintext);
            let mut sealed = Vec::new();
            aead.seal(&nonce, &aad, &plaintext, &mut sealed).unwrap();
            assert_eq!(sealed, message);
            assert_eq!(aead.open(&nonce, &aad, &message).unwrap().expose(), plaintext);
        }
    }
}

/// A known answer, calculated by OpenSSL: from a key of the bytes 0 to 31 and a context of 0 to 15.
pub fn a_derived_key_is_that_of_openssl(crypto: &dyn Crypto) {
    let expected = concat!(
        "3bb95014a863443b01a1702deb736e91f0c5b0a72940697a3bca1b54db41279d",
        "2196678185909f67ad4b9032d5637565d0a34e7668bc15fd87a5eae79af560ea",
    );
    let bytes: Vec<u8> = expected.as_bytes().chunks(2).map(hexadecimal).collect();
    let material: Vec<u8> = (0..32).collect();
    let found = derive(&key(crypto, &material), b"polykms/test", &material[..16]);
    assert_eq!(found.commitment, bytes[32..]);
    assert_eq!(fingerprint(&found), oracle(&bytes[..32], [0; NONCE], b"", b""));
}

fn hexadecimal(pair: &[u8]) -> u8 {
    u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()
}

/// Key, label, context and the boundary between the last two all count, for the derived key and for its commitment.
pub fn a_derived_key_depends_on_every_input(crypto: &dyn Crypto) {
    let inputs: [(&[u8], &[u8], &[u8]); 7] = [
        (&[1; 32], b"label", b"context"),
        (&[2; 32], b"label", b"context"),
        (&[1; 16], b"label", b"context"),
        (&[1; 32], b"Label", b"context"),
        (&[1; 32], b"label", b"Context"),
        (&[1; 32], b"labelc", b"ontext"),
        (&[1; 32], b"label", b""),
    ];
    let (mut keys, mut commitments) = (HashSet::new(), HashSet::new());
    for (material, label, context) in inputs {
        let derived = derive(&key(crypto, material), label, context);
        assert!(keys.insert(fingerprint(&derived)), "{label:?} {context:?}");
        assert!(commitments.insert(derived.commitment), "{label:?} {context:?}");
    }
}

fn generated(crypto: &dyn Crypto, spec: Spec) -> Sealed {
    done(crypto.generate(spec, SEAT)).unwrap()
}

fn load(crypto: &dyn Crypto, spec: Spec, seat: Seat<'_>, sealed: &Sealed) -> Result<Arc<Handle>> {
    done(crypto.load(spec, seat, sealed))
}

/// The bytes at rest, where they are here.
fn at_rest(sealed: &Sealed) -> Option<&[u8]> {
    match sealed {
        Sealed::Here(bytes) => Some(bytes),
        Sealed::Elsewhere { .. } => None,
    }
}

/// A generated key says what it is and has the capabilities of its spec; loaded again, it is the same.
pub fn a_key_can_do_what_its_spec_says(crypto: &dyn Crypto) {
    // The longest pairs take seconds to make.
    for spec in Spec::ALL.into_iter().filter(|spec| !matches!(spec, Spec::Rsa3072 | Spec::Rsa4096)) {
        let sealed = generated(crypto, spec);
        let [first, again] = [0, 1].map(|_| load(crypto, spec, SEAT, &sealed).unwrap());
        let Handle { spec: told, aead, derive: _, authenticate, sign, cipher, agree, public } = &*first;
        assert_eq!(*told, spec);
        assert_eq!(aead.is_some(), spec.encryption() == [Encryption::Symmetric], "{spec:?}");
        assert_eq!(authenticate.is_some(), spec.authentication().is_some(), "{spec:?}");
        assert_eq!(sign.is_some(), !spec.signing().is_empty(), "{spec:?}");
        assert_eq!(cipher.is_some(), spec.encryption().contains(&Encryption::OaepSha256), "{spec:?}");
        assert_eq!(agree.is_some(), spec.agreement().is_some(), "{spec:?}");
        assert_eq!(public.is_some(), spec.is_pair(), "{spec:?}");
        assert!(first.public == again.public, "{spec:?}");
        if let (Some(one), Some(two)) = (authenticate, &again.authenticate) {
            assert!(two.verify(b"text", &one.code(b"text").unwrap()).unwrap(), "{spec:?}");
        }
        if aead.is_some() {
            let (nonce, plaintext) = (nonce(), random(50));
            let message = seal(&first, &nonce, b"aad", &plaintext);
            assert_eq!(open(&again, &nonce, b"aad", &message).unwrap().expose(), plaintext);
            assert_eq!(derive(&first, b"label", b"").commitment, derive(&again, b"label", b"").commitment);
        }
    }
}

/// Keys that were made one after the other have nothing in common, nor has what is stored of them.
pub fn no_two_generated_keys_are_alike(crypto: &dyn Crypto) {
    let (mut keys, mut stored) = (HashSet::new(), HashSet::new());
    for _ in 0..100 {
        let sealed = generated(crypto, Spec::Aes256);
        let key = load(crypto, Spec::Aes256, SEAT, &sealed).unwrap();
        assert!(keys.insert(seal(&key, &[0; NONCE], b"", b"")));
        assert!(at_rest(&sealed).is_none_or(|bytes| stored.insert(bytes.to_vec())));
    }
}

/// Only what is as long as its spec says is taken in; keys of HMAC may be longer, up to 128 bytes.
pub fn material_of_a_wrong_length_is_refused(crypto: &dyn Crypto) {
    let specs = [
        (Spec::Aes128, 16),
        (Spec::Aes256, 32),
        (Spec::Hmac224, 28),
        (Spec::Hmac256, 32),
        (Spec::Hmac384, 48),
        (Spec::Hmac512, 64),
    ];
    for (spec, own) in specs {
        for length in [0, 1, 8, 15, 16, 17, 24, 27, 28, 29, 31, 32, 33, 47, 48, 49, 63, 64, 65, 127, 128, 129] {
            let outcome = done(crypto.import(spec, SEAT, Material::new(random(length))));
            let longer = spec.authentication().is_some() && (own..=128).contains(&length);
            match length == own || longer {
                true => assert!(outcome.is_ok(), "{spec:?} of {length} bytes"),
                false => {
                    assert_eq!(outcome.unwrap_err().kind(), Kind::Invalid(Flaw::Length), "{spec:?}, {length} bytes")
                }
            }
        }
    }
}

/// What is stored shows nothing of the material.
pub fn material_at_rest_lies_not_bare(crypto: &dyn Crypto) {
    let material = random(32);
    let sealed = done(crypto.import(Spec::Aes256, SEAT, Material::new(material.clone()))).unwrap();
    if let Some(bytes) = at_rest(&sealed) {
        assert!(!bytes.windows(8).any(|window| material.windows(8).any(|part| part == window)));
    }
}

/// A stored key that was moved to another place does not load.
pub fn a_key_loads_in_its_own_seat_only(crypto: &dyn Crypto) {
    let sealed = generated(crypto, Spec::Aes256);
    assert!(load(crypto, Spec::Aes256, SEAT, &sealed).is_ok());
    let others = [
        Seat { dialect: "toys", ..SEAT },
        Seat { account: "111122223334", ..SEAT },
        Seat { region: "there", ..SEAT },
        Seat { key: "another", ..SEAT },
        Seat { version: "2", ..SEAT },
        Seat { key: SEAT.version, version: SEAT.key, ..SEAT },
        Seat { dialect: "", account: "", region: "", key: "", version: "" },
    ];
    for other in others {
        require_refusal(load(crypto, Spec::Aes256, other, &sealed), &format!("{other:?}"));
    }
}

/// A key does not become another kind of key.
pub fn a_key_loads_under_its_own_spec_only(crypto: &dyn Crypto) {
    for (own, other) in [
        (Spec::Aes128, Spec::Aes256),
        (Spec::Aes256, Spec::Aes128),
        (Spec::Aes256, Spec::Hmac256),
        (Spec::Hmac256, Spec::Hmac512),
        (Spec::EccP256, Spec::EccP256k1),
    ] {
        let sealed = generated(crypto, own);
        assert!(load(crypto, own, SEAT, &sealed).is_ok());
        require_refusal(load(crypto, other, SEAT, &sealed), &format!("{own:?} as {other:?}"));
    }
}

/// Any single bit of the stored form that differs is noticed; and no reference is made up.
pub fn every_flipped_bit_of_material_at_rest_is_refused(crypto: &dyn Crypto) {
    if let Some(bytes) = at_rest(&generated(crypto, Spec::Aes256)) {
        for (bit, flipped) in every_flip(bytes) {
            require_refusal(load(crypto, Spec::Aes256, SEAT, &Sealed::Here(flipped)), &format!("bit {bit}"));
        }
    }
    let nowhere = Sealed::Elsewhere { reference: "nowhere".to_owned() };
    require_refusal(load(crypto, Spec::Aes256, SEAT, &nowhere), "a reference to nothing");
}

/// A stored form cut short anywhere, or made longer, is refused.
pub fn material_at_rest_of_another_length_is_refused(crypto: &dyn Crypto) {
    if let Some(bytes) = at_rest(&generated(crypto, Spec::Aes256)) {
        for other in other_lengths(bytes) {
            let what = format!("{} of {} bytes", other.len(), bytes.len());
            require_refusal(load(crypto, Spec::Aes256, SEAT, &Sealed::Here(other)), &what);
        }
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
