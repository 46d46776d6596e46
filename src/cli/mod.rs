//! The command line: what can be asked of the program, and what it answers to the shell.
//!
//! Exit status: 0 for success, 1 for failure, 2 for wrong usage; `policy translate` has a 2 and a 3 of its own, and `can`
//! answers with 0 and 1 and fails with 2.

mod audit;
mod banner;
mod can;
mod catalog;
mod check;
mod client;
mod completions;
mod conform;
mod doors;
mod logging;
mod manage;
mod moves;
mod owners;
mod policy;
mod reach;
mod ready;
mod record;
mod root;
mod seed;
mod serve;
mod start;
mod store;
mod variables;

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Flags;
use crate::settings::Mode;
use serve::Consent;

/// One key management system that speaks several clouds.
#[derive(Debug, Parser)]
#[command(name = "polykms", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve for keeps: a data folder, policies enforced, signatures verified
    Serve(serve::Serve),
    /// Serve an emulator: in memory unless --data-dir is given, with the credentials test/test
    Dev(Flags),
    /// Print what points SDKs and command lines of both clouds at the server
    Env(client::Env),
    /// Run a command with its SDKs pointed at the server
    Exec(client::Exec),
    /// List every operation: what it needs, and whether it is built
    Catalog(catalog::Catalog),
    /// Work with the keys of an account, wherever it is
    Key(Box<manage::Key>),
    /// Work with the users, groups, roles and access keys of an account, wherever it is
    Identity(Box<manage::Identity>),
    /// Take keys, policies and identities from one place to another, as a plan says
    #[command(subcommand)]
    Move(moves::Move),
    /// Judge a server by the conformance suite: whether it is the service of a cloud
    Conform(Box<conform::Conform>),
    /// Tell whether somebody could do something, and what would turn the answer; status 0 if so, 1 if not, 2 if unknown
    Can(Box<can::Can>),
    /// Tell who could do something, and under which conditions
    WhoCan(Box<can::WhoCan>),
    /// Work with seed files: what is there from the start
    #[command(subcommand)]
    Seed(seed::Seed),
    /// Work with policies
    #[command(subcommand)]
    Policy(Policy),
    /// Work with the audit trail
    #[command(subcommand)]
    Audit(Audit),
    /// Work with the root key that a data folder is kept under
    #[command(subcommand)]
    Root(Root),
    /// Look at every record of a data folder, while no server has it open; status 1 if one cannot be used
    Check(check::Check),
    /// Print the version
    Version,
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Subcommand)]
enum Root {
    /// Put a store under another root key, while no server has it open; nothing in it is made anew
    Rotate(root::Rotate),
}

#[derive(Debug, Subcommand)]
enum Audit {
    /// Find the first line of a trail that was changed, cut or left out
    Verify(audit::Verify),
    /// Print the events that are wanted
    Query(Box<audit::Query>),
    /// Print what the trail of a data folder is verified with, while no server has it open
    PublicKey(audit::Public),
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
        /// A program whose verdicts are judged instead of ours, after `--`: a case on a line, its answer on the next
        #[arg(last = true, value_name = "COMMAND")]
        engine: Vec<OsString>,
    },
    /// Say verdicts on policy cases line by line, as a program does that `eval` judges
    Engine,
    /// Explain policy cases: what decided, what came near, what would have to change
    Explain(policy::explain::Explain),
    /// Validate documents as if they were written; one JSON object for each, and status 1 if any is refused
    Check(policy::check::Check),
    /// Look for what is accepted but hardly meant
    Lint(policy::lint::Lint),
    /// Put documents into the words of another cloud: an Allow may only shrink, a Deny may only grow
    Translate(policy::translate::Translate),
    /// Tell why a request was allowed or denied: of a running emulator, or from the audit trail
    Why(Box<policy::why::Why>),
    /// Work with the managed policies of an account, wherever it is
    Managed(Box<manage::Managed>),
}

/// Reads the command line of this process and does what it says.
pub fn run() -> ExitCode {
    match obey(std::env::args_os(), &mut io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Unread(error)) => {
            let _ = error.print();
            Failure::Unread(error).status()
        }
        Err(Failure::Answered(status)) => ExitCode::from(status),
        Err(failure) => {
            let _ = writeln!(io::stderr(), "polykms: {failure}");
            failure.status()
        }
    }
}

/// Does what the arguments say, the first of which is the name of the program, and writes what is to be told. Settings are
/// taken from the environment of this process too; `exec` replaces it, `serve` and `dev` return when they were ended.
///
/// # Errors
/// The [`Failure`] that the shell would be told.
pub fn obey(
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    crate::registry()?; // dialects that contradict each other have no flags
    let Cli { command } = Cli::try_parse_from(arguments).map_err(Failure::Unread)?;
    match command {
        Command::Serve(serve) => serve.run(out),
        Command::Dev(flags) => serve::run(flags, Mode::Dev, Consent::default(), out),
        Command::Env(env) => env.print(out),
        Command::Exec(exec) => exec.run(),
        Command::Catalog(catalog) => catalog.print(out),
        Command::Conform(conform) => conform.run(out),
        Command::Can(can) => can.run(out),
        Command::WhoCan(who) => who.run(out),
        Command::Policy(Policy::Eval { cases, json: _, engine }) => policy::evaluate(&cases, &engine, out),
        Command::Policy(Policy::Engine) => policy::answer(out),
        Command::Policy(Policy::Explain(explain)) => explain.print(out),
        Command::Policy(Policy::Check(check)) => check.print(out),
        Command::Policy(Policy::Lint(lint)) => lint.print(out),
        Command::Policy(Policy::Translate(translate)) => translate.print(out),
        Command::Policy(Policy::Why(why)) => why.print(out),
        Command::Policy(Policy::Managed(managed)) => managed.run(out),
        Command::Key(key) => key.run(out),
        Command::Identity(identity) => identity.run(out),
        Command::Move(moving) => moving.run(out),
        Command::Audit(Audit::Verify(verify)) => verify.run(out),
        Command::Audit(Audit::Query(query)) => query.print(out),
        Command::Audit(Audit::PublicKey(public)) => public.print(out),
        Command::Root(Root::Rotate(rotate)) => rotate.run(out),
        Command::Check(check) => check.run(out),
        Command::Seed(seed) => seed.run(out),
        Command::Version => print(out, &format!("polykms {}\n", env!("CARGO_PKG_VERSION"))),
        Command::Completions { shell } => print(out, &completions::of(shell)?),
    }
}

/// Why the program could not do what it was asked to.
#[derive(Debug)]
pub enum Failure {
    /// The command line could not be read, or asked for help.
    Unread(clap::Error),
    /// It was asked wrongly.
    Usage(String),
    /// It did not work.
    Failed(String),
    /// It worked, with a result that has a status of its own.
    Reported(u8, String),
    /// The same, and everything is said already.
    Answered(u8),
}

impl Failure {
    fn status(&self) -> ExitCode {
        match self {
            Self::Unread(error) => u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from),
            Self::Usage(_) => ExitCode::from(2),
            Self::Failed(_) => ExitCode::FAILURE,
            Self::Reported(status, _) | Self::Answered(status) => ExitCode::from(*status),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unread(error) => error.fmt(f),
            Self::Usage(why) | Self::Failed(why) | Self::Reported(_, why) => f.write_str(why),
            Self::Answered(status) => write!(f, "the status is {status}"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<polykms_server::Error> for Failure {
    fn from(error: polykms_server::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<crate::core::error::Error> for Failure {
    fn from(error: crate::core::error::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Writes the text; a reader that has seen enough is no failure.
fn print(out: &mut dyn Write, text: &str) -> Result<(), Failure> {
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
