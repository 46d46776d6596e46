//! Patterns against regular expressions.
#![no_main]

use libfuzzer_sys::fuzz_target;
use polykms_fuzz::{LANGUAGES, report};

fuzz_target!(|bytes: &[u8]| report(polykms_conformance::fuzz::patterns(bytes, &*LANGUAGES)));
