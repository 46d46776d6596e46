//! What the fuzz targets do with their bytes; ordinary tests call the same functions.
//!
//! # Invariants
//! - A finding is an `Err` that says what is wrong; bytes that mean nothing are `Ok`.
//! - A body is a pure function of its bytes, so a file repeats a finding.

mod cases;
mod documents;
mod mutation;
mod patterns;

pub use cases::{drawn, judged, written};
pub use documents::{differing, documents};
pub use mutation::mutated;
pub use patterns::patterns;

use polykms_core::policy::{Expr, Kinds, Layer, LintData, Spec};

/// A dialect's policy language, as the bodies use it.
#[derive(Debug, Clone, Copy)]
pub struct Language {
    /// The language.
    pub spec: &'static Spec,
    /// What its lints know.
    pub lints: &'static LintData,
    /// The language with one layer, the policies of the caller, which decide alone.
    pub alone: &'static Spec,
}

impl Language {
    /// Prepares a language; the memory for [`Language::alone`] is never freed.
    #[must_use]
    pub fn new(spec: &'static Spec, lints: &'static LintData) -> Self {
        let combine = Expr::Leaf(Layer::Identity, Kinds::ALL);
        Self { spec, lints, alone: Box::leak(Box::new(Spec { combine, ..*spec })) }
    }
}

/// A source of numbers that follows `bytes`, and goes on pseudo-randomly after their end.
fn numbers(bytes: &[u8]) -> impl FnMut() -> u64 {
    let mut pairs =
        bytes.chunks_exact(2).map(|pair| pair.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)));
    let mut state = bytes.iter().fold(0, |state, byte| scrambled(state ^ u64::from(*byte)));
    let numbers: Vec<u64> = pairs.by_ref().collect();
    let mut numbers = numbers.into_iter();
    move || match numbers.next() {
        // Draws look at the upper half.
        Some(number) => number << 32,
        None => {
            state = scrambled(state);
            state
        }
    }
}

/// The finalizer of SplitMix64 on the next state.
const fn scrambled(state: u64) -> u64 {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}
