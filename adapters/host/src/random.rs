//! Random bytes of the AWS-LC generator, which is seeded by the operating system and reseeds after a fork.

use polykms_core::error::{Kind, Result};
use polykms_core::port::Random;

/// The cryptographically secure generator of this machine.
#[derive(Debug, Default, Clone, Copy)]
pub struct OsRandom;

impl Random for OsRandom {
    fn fill(&self, out: &mut [u8]) -> Result<()> {
        aws_lc_rs::rand::fill(out).map_err(|_| Kind::Internal.because("the random generator failed"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_fillings_are_alike() {
        let mut seen = HashSet::new();
        for _ in 0..1000 {
            let mut bytes = [0; 16];
            OsRandom.fill(&mut bytes).unwrap();
            assert!(seen.insert(bytes));
        }
    }

    #[test]
    fn every_byte_is_filled() {
        let mut touched = [false; 100];
        for _ in 0..20 {
            let mut bytes = [0; 100];
            OsRandom.fill(&mut bytes).unwrap();
            touched.iter_mut().zip(bytes).for_each(|(touched, byte)| *touched |= byte != 0);
        }
        assert_eq!(touched, [true; 100]);
        OsRandom.fill(&mut []).unwrap();
    }
}
