//! Programs that tell credentials.

use polykms_core::dialect::client::{Found, Kind, Result, Surroundings};

use super::Told;

/// What a program tells; its line is split as a shell would split it, and no shell runs it.
pub(super) async fn credentials(around: &dyn Surroundings, line: &str) -> Result<Found> {
    const SOURCE: &str = "the program of credential_process";
    let words = shlex::split(line).filter(|words| !words.is_empty());
    let words = words.ok_or_else(|| Kind::Config.because("credential_process is no command line"))?;
    let told = Told::read(SOURCE, around.run(&words).await?.as_bytes())?;
    match told.version {
        Some(1) => told.found(SOURCE),
        _ => Err(Kind::Credentials.because(format!("{SOURCE} tells no credentials of version 1"))),
    }
}
