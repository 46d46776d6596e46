//! What the fuzz targets share: the policy languages under test, and what to do with a finding.

use std::sync::LazyLock;

use polykms_conformance::fuzz::{Language, mutated};
use polykms_conformance::generate::Draw;

/// The policy languages of all dialects.
pub static LANGUAGES: LazyLock<[Language; 2]> = LazyLock::new(|| {
    [&polykms_aws::DIALECT.law, &polykms_alibaba::DIALECT.law].map(|law| Language::new(law.policy, law.lints))
});

/// Ends the run with a finding.
///
/// # Panics
/// If there is one.
pub fn report(outcome: Result<(), String>) {
    if let Err(finding) = outcome {
        panic!("{finding}");
    }
}

/// Changes the JSON in `bytes` as a tree, and anything else, now and then JSON as well, as bytes; returns the new size.
pub fn changed(bytes: &mut [u8], size: usize, most: usize, seed: u32) -> usize {
    let mut state = u64::from(seed);
    let mut source = || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        state
    };
    let tree = bytes.get(..size).and_then(|bytes| serde_json::from_slice(bytes).ok()).filter(|_| seed % 8 != 0);
    let text = tree.map(|tree| mutated(&tree, &mut Draw::new(&mut source)).to_string());
    match text.filter(|text| text.len() <= most) {
        Some(text) => {
            bytes[..text.len()].copy_from_slice(text.as_bytes());
            text.len()
        }
        None => libfuzzer_sys::fuzzer_mutate(bytes, size, most),
    }
}
