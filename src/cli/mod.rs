//! The command line: what can be asked of the program, and what it answers to the shell.
//!
//! Exit status: 0 for success, 1 for failure, 2 for wrong usage.

mod banner;
mod catalog;
mod client;
mod completions;
mod logging;
mod owners;
mod policy;
mod ready;
mod serve;
mod start;
mod variables;

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Flags;
use crate::settings::Mode;

/// One key management system that speaks several clouds.
#[derive(Debug, Parser)]
#[command(name = "polykms", version, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve for keeps: a data folder, policies enforced, signatures verified
    Serve(Flags),
    /// Serve an emulator: in memory unless --data-dir is given, with the credentials test/test
    Dev(Flags),
    /// Print what points SDKs and command lines of both clouds at the server
    Env(client::Env),
    /// Run a command with its SDKs pointed at the server
    Exec(client::Exec),
    /// List every operation: what it needs, and whether it is built
    Catalog(catalog::Catalog),
    /// Work with policies
    #[command(subcommand)]
    Policy(Policy),
    /// Print the version
    Version,
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Subcommand)]
enum Policy {
    /// Evaluate policy cases; one JSON line for each, then one for all of them
    Eval {
        /// File of cases, or directory with such files
        #[arg(long, value_name = "PATH")]
        cases: PathBuf,
        /// Print JSON lines, which is the only form there is
        #[arg(long)]
        json: bool,
    },
    /// Explain policy cases: what decided, what came near, what would have to change
    Explain(policy::explain::Explain),
    /// Validate documents as if they were written; one JSON object for each, and status 1 if any is refused
    Check(policy::check::Check),
    /// Look for what is accepted but hardly meant
    Lint(policy::lint::Lint),
    /// Tell why a request was allowed or denied, from the audit trail
    Why(Box<policy::why::Why>),
}

/// Reads the command line and does what it says.
pub(crate) fn run() -> ExitCode {
    let Cli { command } = Cli::parse(); // wrong usage ends here, with status 2
    match obey(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(io::stderr(), "polykms: {failure}");
            failure.status()
        }
    }
}

fn obey(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(flags) => serve::serve(flags, Mode::Serve),
        Command::Dev(flags) => serve::serve(flags, Mode::Dev),
        Command::Env(env) => env.print(),
        Command::Exec(exec) => exec.run(),
        Command::Catalog(catalog) => catalog.print(),
        Command::Policy(Policy::Eval { cases, json: _ }) => policy::evaluate(&cases),
        Command::Policy(Policy::Explain(explain)) => explain.print(),
        Command::Policy(Policy::Check(check)) => check.print(),
        Command::Policy(Policy::Lint(lint)) => lint.print(),
        Command::Policy(Policy::Why(why)) => why.print(),
        Command::Version => print(&format!("polykms {}\n", env!("CARGO_PKG_VERSION"))),
        Command::Completions { shell } => print(&completions::of(shell)?),
    }
}

/// Why the program could not do what it was asked to.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It was asked wrongly.
    Usage(String),
    /// It did not work.
    Failed(String),
}

impl Failure {
    fn status(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Failed(_) => ExitCode::FAILURE,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(why) | Self::Failed(why) => f.write_str(why),
        }
    }
}

impl From<polykms_server::Error> for Failure {
    fn from(error: polykms_server::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<polykms::core::error::Error> for Failure {
    fn from(error: polykms::core::error::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Writes to standard output; a reader that has seen enough is no failure.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Failed(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
