//! `seed`: what is there from the start, checked, written down from what is there, and taken over from other emulators.

mod check;
mod export;
mod file;
mod import;

use std::io::Write;

use clap::Subcommand;

use super::Failure;
pub(crate) use file::File;

/// Work with seed files.
#[derive(Debug, Subcommand)]
pub(crate) enum Seed {
    /// Look for everything that a start would refuse; status 1 if there is anything
    Check(check::Check),
    /// Print what is there as a seed: of a running `dev`, or of a data folder that no server has open
    Export(Box<export::Export>),
    /// Print the seed of another emulator as one of this program
    Import(import::Import),
}

impl Seed {
    /// Does what is asked.
    ///
    /// # Errors
    /// As the command says.
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        match self {
            Self::Check(check) => check.run(out),
            Self::Export(export) => export.run(out),
            Self::Import(import) => import.run(out),
        }
    }
}
