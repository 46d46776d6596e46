//! The software backend keeps the contract.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use polykms_crypto::{Root, Software};

fn open() -> Software {
    Software::new(Root::new(&[7; 32]))
}

polykms_crypto::crypto_contract!(open);
