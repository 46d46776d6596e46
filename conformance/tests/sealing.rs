//! A message is sealed and opened under a loaded key with few allocations, whatever its layout.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::sync::Arc;

use polykms_core::key::{Layout, envelope};
use polykms_core::port::Crypto;
use polykms_core::port::crypto::{Handle, Seat, Spec};
use polykms_crypto::{Keyring, Software};
use polykms_host::OsRandom;

const VERSION: &str = "0d7f3f9e-9f38-4e4c-8a43-6a1d1f1f0b7a";

fn loaded() -> Arc<Handle> {
    let software = Software::new(Keyring::fresh(&OsRandom).unwrap(), Arc::new(OsRandom));
    let seat = Seat { dialect: "toy", account: "1", region: "here", key: "a key", version: VERSION };
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let sealed = software.generate(Spec::Aes256, seat).await.unwrap();
        software.load(Spec::Aes256, seat, &sealed).await.unwrap()
    })
}

/// How often a message is allocated for while it is sealed, and while it is opened.
fn allocations(layout: Layout, key: &Handle) -> [u64; 2] {
    let (context, plaintext) = ([7; 80], [9; 100]);
    let mut blob = Vec::new();
    let sealing = allocation_counter::measure(|| {
        blob = envelope::seal(layout, key, &[5; envelope::FRESH], VERSION, &context, &plaintext).unwrap();
    });
    let opening = allocation_counter::measure(|| {
        assert_eq!(envelope::open(layout, key, &context, &blob).unwrap().expose(), plaintext);
    });
    [sealing.count_total, opening.count_total]
}

#[test]
fn the_visible_layout_allocates_for_its_result_alone() {
    assert_eq!(allocations(Layout::Visible, &loaded()), [1, 1]);
}

/// For the input of the derivation, the derived key, the associated data, and the result.
#[test]
fn the_committed_layout_allocates_four_times() {
    assert_eq!(allocations(Layout::Committed, &loaded()), [4, 4]);
}
