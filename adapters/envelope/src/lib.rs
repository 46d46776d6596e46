//! Envelopes: data of any size, encrypted here under a fresh key that keys of one or several clouds keep.
//!
//! The body is Cobblestone-256 of C2SP, unchanged (<https://c2sp.org/chunked-encryption>); the header before it is ours. All
//! numbers are big-endian.
//!
//! ```text
//! 0    8   magic 50 4B 4D 53 45 4E 56 01: "PKMSENV", version 1
//! 8    1   suite 01: HKDF-Expand-SHA-512, AES-256-GCM, chunks of 16 KiB
//! 9    1   flags: bit 0, the context is detached and has to be given again; no other
//! 10   4   length H of context and recipients, at most 65,536
//! 14   …   context: u16 n ≤ 64, n × (u16 length, name, u16 length, value), names ascending and each once; n = 0 if detached
//!      …   recipients: u8 n, 1 to 16, n × (u8 scheme, u16 length ≤ 1,024, name of the key, u16 length ≤ 8,192, wrapped key)
//! 14+H 32  HKDF-Expand(FK, "polykms.dev/envelope@v1/header" 00 SHA-512(all before, and the context if detached), 32)
//! 46+H …   body: salt 24, commitment 32, chunks; key FK, context "polykms.dev/envelope@v1/payload" 00 suite context
//! ```
//!
//! FK is 32 random bytes, wrapped once for each recipient: by its first one when it is made, by the others as a plaintext.
//! Keys of clouds wrap it bound to the context and the pair `polykms-envelope` = `1`, so that a wrapped key is no ordinary
//! ciphertext and the other way round. There is one encoding of everything; any other is refused.
//!
//! # Invariants
//! - No key is asked because a message names it: only those that the caller has.
//! - Nothing is allocated for what a header announces beyond its limits.
//! - No byte of a chunk is given out before its tag was verified; an end before a short chunk is an error that stays.
//! - After a header was read, everything that does not open is told alike.

mod chunk;
mod context;
mod header;
mod recipient;
mod stream;

pub use context::Context;
pub use header::{Header, Wrapped};
pub use recipient::{Cache, FileKey, Recipient, Recipients};
pub use stream::{Opening, Sealing};

use polykms_core::dialect::client::{Error, Kind};

/// The suite: HKDF-Expand with SHA-512, AES-256-GCM, chunks of 16 KiB.
const SUITE: u8 = 1;

/// An envelope that does not open.
fn shut() -> Error {
    Kind::Ciphertext.because("the envelope does not open")
}

/// Bytes that are no envelope.
fn malformed(why: &'static str) -> Error {
    Kind::Invalid.because(why)
}
