//! Completions for a shell.

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, Failure};

/// The script that teaches a shell the command line.
///
/// # Errors
/// [`Failure::Failed`] when the script is not UTF-8.
pub(crate) fn of(shell: Shell) -> Result<String, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "polykms", &mut script);
    String::from_utf8(script).map_err(|error| Failure::Failed(error.to_string()))
}
