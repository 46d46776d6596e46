//! The software backend keeps the contract.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::sync::Arc;

use polykms_crypto::{Root, Software};
use polykms_host::OsRandom;

fn open() -> Software {
    Software::new(Root::new(&[7; 32]), Arc::new(OsRandom))
}

polykms_crypto::crypto_contract!(open);
