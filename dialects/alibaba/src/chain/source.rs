//! What a profile of either file says where its credentials come from.

use jiff::Timestamp;
use polykms_core::dialect::client::{Error, Found, Kind, Result, Surroundings, Wanted};
use serde::Deserialize;

use super::{metadata, sts};

/// Where credentials come from.
pub(super) enum Source {
    /// They are there.
    Keys(Found),
    /// A role that is taken on with other credentials.
    Role(Box<Self>, sts::Role),
    /// A role that is taken on with a token of another identity provider.
    Oidc(sts::Role, sts::Provider),
    /// The instance, by the name of its role where that is known.
    Instance(Option<String>),
    /// A URI that tells them.
    Uri(String),
    /// A program that prints them.
    Program(String),
}

impl Source {
    /// Gets them.
    pub(super) async fn credentials(self, around: &dyn Surroundings, wanted: &Wanted) -> Result<Found> {
        // The roles of a chain, the last to be taken on first.
        let (mut roles, mut source) = (Vec::new(), self);
        while let Self::Role(with, role) = source {
            roles.push(role);
            source = *with;
        }
        let mut found = source.first(around, wanted).await?;
        for role in roles.iter().rev() {
            found = sts::assume(around, wanted, role, &found).await?;
        }
        Ok(found)
    }

    async fn first(self, around: &dyn Surroundings, wanted: &Wanted) -> Result<Found> {
        match self {
            Self::Keys(found) => Ok(found),
            Self::Oidc(role, provider) => sts::oidc(around, wanted, &role, &provider).await,
            Self::Uri(uri) => metadata::uri(around, &uri).await,
            Self::Program(line) => program(around, &line).await,
            Self::Instance(role) => {
                let found = metadata::instance(around, role.as_deref()).await?;
                found.ok_or_else(|| Kind::Credentials.because("there is no instance here with a RAM role"))
            }
            Self::Role(..) => Err(Kind::Config.because("a role is no first source of credentials")),
        }
    }
}

/// Credentials as programs print them.
#[derive(Deserialize)]
struct Printed {
    mode: String,
    access_key_id: Option<String>,
    access_key_secret: Option<String>,
    sts_token: Option<String>,
    expiration: Option<Timestamp>,
}

/// What a program prints; its line is split as a shell would split it, and no shell runs it.
async fn program(around: &dyn Surroundings, line: &str) -> Result<Found> {
    let words = shlex::split(line).filter(|words| !words.is_empty());
    let words = words.ok_or_else(|| Kind::Config.because("process_command is no command line"))?;
    let unreadable =
        || Kind::Credentials.because("the program of process_command prints no credentials that can be read");
    let printed = around.run(&words).await?;
    let printed: Printed = serde_json::from_str(&printed).map_err(|_| unreadable())?;
    let Printed { mode, access_key_id, access_key_secret, sts_token, expiration } = printed;
    let found = Found::lasting(access_key_id.ok_or_else(unreadable)?, access_key_secret.ok_or_else(unreadable)?);
    match mode.as_str() {
        "AK" => Ok(found.of_session(None::<String>, expiration)),
        "StsToken" => Ok(found.of_session(Some(sts_token.ok_or_else(unreadable)?), expiration)),
        _ => Err(unreadable()),
    }
}

/// What is wrong with a profile.
pub(super) fn wrong(profile: &str, why: impl std::fmt::Display) -> Error {
    Kind::Config.because(format!("the profile `{profile}` {why}"))
}

/// Why a kind of credentials is not got here.
pub(super) fn left_out(profile: &str, what: &str) -> Error {
    wrong(profile, format!("has credentials of the kind {what}, which are not got here"))
        .hinting("use a profile of the mode External with a program that prints them, or give the client credentials of your own")
}
