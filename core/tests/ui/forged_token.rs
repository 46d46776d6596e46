//! The proof that an operation was allowed cannot be made outside the engine.

use polykms_core::operation::Authorized;

fn forged(op: polykms_core::key::Decrypt) -> Authorized<polykms_core::key::Decrypt> {
    Authorized { op }
}

fn main() {
    let _ = forged;
}
