//! The in-memory store keeps the contract.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::sync::Arc;

use polykms_store::Memory;
use polykms_store::contract::Subject;

fn open() -> (Subject, ()) {
    (Arc::new(Memory::new()), ())
}

polykms_store::store_contract!(open);
