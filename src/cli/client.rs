//! `env` and `exec`: pointing other programs at a server.

use std::ffi::OsString;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::owners::Owners;
use super::ready::Ready;
use super::variables::{Changes, Format};
use super::{Failure, print};
use crate::config::{Flags, Layer};
use crate::settings::{Mode, Settings};

/// Which server is meant: that of the ready file, else that of the settings.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Target {
    /// URL of the server [default: as the ready file or --listen says]
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    #[command(flatten)]
    flags: Flags,
}

/// Print what points SDKs and command lines at the server.
#[derive(Debug, clap::Args)]
pub(crate) struct Env {
    /// For which shell or file
    #[arg(long, value_enum, default_value_t = Format::Bash)]
    format: Format,
    #[command(flatten)]
    target: Target,
}

/// Run a command with its SDKs pointed at the server.
#[derive(Debug, clap::Args)]
pub(crate) struct Exec {
    #[command(flatten)]
    target: Target,
    /// The command and its arguments, after --
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

impl Env {
    /// Prints the variables.
    ///
    /// # Errors
    /// As for reading settings and the ready file.
    pub(crate) fn print(self, out: &mut dyn Write) -> Result<(), Failure> {
        let Self { format, target } = self;
        print(out, &format.render(&target.changes()?)?)
    }
}

impl Exec {
    /// Becomes the command; returns only when that fails.
    ///
    /// # Errors
    /// [`Failure::Failed`] when the command cannot be started, else as for reading settings and the ready file.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let Self { target, command } = self;
        let mut command = pointed(&command, target.changes()?)?;
        let error = command.exec();
        Err(Failure::Failed(format!("cannot run `{}`: {error}", command.get_program().display())))
    }
}

fn pointed(command: &[OsString], changes: Changes) -> Result<Command, Failure> {
    let (program, arguments) =
        command.split_first().ok_or_else(|| Failure::Usage("there is no command to run".to_owned()))?;
    let mut child = Command::new(program);
    for name in changes.unset {
        child.env_remove(name);
    }
    child.args(arguments).envs(changes.set);
    Ok(child)
}

impl Target {
    /// Whether the command line itself names an audit trail, or a data folder with one.
    pub(crate) fn names_trail(&self) -> bool {
        self.flags.names_trail()
    }

    /// Whether it names a server.
    pub(crate) fn names_server(&self) -> bool {
        self.endpoint.is_some() || self.flags.names_server()
    }

    /// All settings.
    ///
    /// # Errors
    /// As for reading settings.
    pub(crate) fn layered(self) -> Result<Layer, Failure> {
        self.flags.layered(std::env::vars_os())
    }

    /// The seed that the command line itself names.
    pub(crate) fn seed(&self) -> Option<&Path> {
        self.flags.seed()
    }

    /// How the server is reached, and whether that is by HTTPS.
    ///
    /// # Errors
    /// As for reading settings and the ready file.
    pub(crate) fn ready(self) -> Result<(Ready, bool), Failure> {
        let Self { endpoint, flags } = self;
        let layer = flags.layered(std::env::vars_os())?;
        let tls = layer.tls.unwrap_or(false);
        // As for `dev`: the folder that `serve` keeps credentials in is looked into only where it is named.
        let settings = Settings::of(layer, Mode::Dev)?;
        let ready = match &settings.ready_file {
            Some(path) => Ready::read(path)?,
            None => expected(&settings)?,
        };
        Ok((overridden(ready, endpoint, tls)?, tls))
    }

    fn changes(self) -> Result<Changes, Failure> {
        let (ready, tls) = self.ready()?;
        Changes::of(&ready, tls, &std::env::vars_os().collect())
    }
}

/// How a server with these settings would be reached.
fn expected(settings: &Settings) -> Result<Ready, Failure> {
    let owners = Owners::expected(settings)?;
    let tls = settings.tls.as_ref().map(|tls| (tls.listen, tls.directory.clone().unwrap_or_default().join("ca.pem")));
    Ok(Ready::of(&owners, settings.listen, tls))
}

fn overridden(ready: Ready, endpoint: Option<String>, tls: bool) -> Result<Ready, Failure> {
    let Some(endpoint) = endpoint else { return Ok(ready) };
    let endpoint = endpoint.trim_end_matches('/').to_owned();
    match (endpoint.split_once("://"), tls) {
        (Some(("http", _)), false) => Ok(Ready { endpoint, ..ready }),
        (Some(("https", _)), true) => Ok(Ready { tls_endpoint: Some(endpoint), ..ready }),
        (Some(("https", _)), false) => Ok(Ready { endpoint, ..ready }),
        _ => Err(Failure::Usage(format!("`{endpoint}` is not a URL like http://127.0.0.1:4566"))),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::cli::ready::Caller;
    use crate::cli::ready::tests::sample;
    use crate::config::Layer;

    #[test]
    fn a_command_gets_the_variables_and_loses_what_leads_elsewhere() {
        let used = ["AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_KMS", "AWS_PROFILE", "ALIBABA_CLOUD_ROLE_ARN", "HOME"];
        let used = used.map(|name| (name.into(), "elsewhere".into())).into_iter().collect();
        let changes = Changes::of(&sample(), false, &used).unwrap();
        let script = "echo $AWS_ENDPOINT_URL $ALIBABA_CLOUD_ENDPOINT $1 $NO_PROXY ${AWS_SESSION_TOKEN-unset}";
        let mut command = pointed(&["sh", "-c", script, "sh", "word"].map(OsString::from), changes).unwrap();
        let output = command.output().unwrap();
        let expected = "http://127.0.0.1:4566 127.0.0.1:4566 word 127.0.0.1 unset\n";
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
        let is_removed = |name: &str| command.get_envs().any(|(known, value)| known == name && value.is_none());
        for name in ["AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_KMS", "AWS_PROFILE", "ALIBABA_CLOUD_ROLE_ARN"] {
            assert!(is_removed(name), "{name}");
        }
        assert!(!is_removed("HOME"));
    }

    #[test]
    fn an_endpoint_takes_the_place_of_the_one_that_is_written() {
        let over = |url: &str, tls| overridden(sample(), Some(url.to_owned()), tls);
        assert_eq!(over("http://127.0.0.1:9/", false).unwrap().endpoint, "http://127.0.0.1:9");
        assert_eq!(over("https://a:9", true).unwrap().tls_endpoint.as_deref(), Some("https://a:9"));
        assert!(over("127.0.0.1:9", false).is_err() && over("http://a:9", true).is_err());
    }

    #[test]
    fn without_a_ready_file_the_defaults_are_expected() {
        let settings = Settings::of(Layer::default(), Mode::Dev).unwrap();
        let ready = expected(&settings).unwrap();
        assert_eq!(ready.endpoint, "http://127.0.0.1:4566");
        let known = |caller: &Caller| caller.access_key_id == "test" && caller.secret == "test";
        assert!(ready.callers.len() == 2 && ready.callers.iter().all(known));
    }
}
