//! Arbitrary texts as documents of every kind and dialect; texts that are JSON are changed as trees.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use polykms_fuzz::{LANGUAGES, changed, report};

fuzz_target!(|bytes: &[u8]| report(polykms_conformance::fuzz::documents(bytes, &*LANGUAGES)));

fuzz_mutator!(|bytes: &mut [u8], size: usize, most: usize, seed: u32| { changed(bytes, size, most, seed) });
