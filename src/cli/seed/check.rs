//! `seed check`: everything that is wrong with a seed file, at once.

use std::io::Write;
use std::path::PathBuf;

use super::File;
use crate::cli::{Failure, print};

/// Look for everything that a start would refuse.
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The seed file
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Check {
    /// Prints a line for each fault: the file, its line and column, and why.
    ///
    /// # Errors
    /// [`Failure::Failed`] when there is any, or the file cannot be read.
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        let faults = File::read(&self.file)?.faults(&[])?;
        let lines: String = faults.iter().map(|fault| format!("{fault}\n")).collect();
        print(out, &lines)?;
        match faults.len() {
            0 => print(out, &format!("{}: nothing is wrong\n", self.file.display())),
            1 => Err(Failure::Failed("1 fault".to_owned())),
            count => Err(Failure::Failed(format!("{count} faults"))),
        }
    }
}
