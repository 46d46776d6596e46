//! The software backend keeps the contract.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::sync::Arc;

use polykms_crypto::{Keyring, Software};
use polykms_host::OsRandom;

fn open() -> Software {
    Software::new(Keyring::fresh(&OsRandom).unwrap(), Arc::new(OsRandom))
}

polykms_crypto::crypto_contract!(open);
