//! Where credentials and settings come from: the chain of the vendor's own SDKs.
//!
//! Follows "Credential provider chain" of the AWS SDK for Rust and "Configuration and credential file settings" of the SDKs and
//! Tools Reference Guide: environment, profile, web identity, container, instance. The first that has credentials gives them;
//! one that is set up and broken ends the search.

mod file;
mod metadata;
mod process;
mod profile;
mod sts;

use jiff::Timestamp;
use polykms_core::dialect::client::{Error, Found, Kind, Profile, Result, Surroundings, Wanted};
use polykms_core::dialect::row::BoxFuture;
use serde::Deserialize;

/// See [`Client::credentials`](polykms_core::dialect::client::Client::credentials).
pub(crate) fn credentials<'a>(
    around: &'a dyn Surroundings,
    wanted: &'a Wanted,
) -> BoxFuture<'a, Result<Option<Found>>> {
    Box::pin(async move {
        let found = found(around, wanted).await?;
        match (found, &wanted.role) {
            (Some(found), Some(role)) => {
                let hop =
                    sts::Hop { arn: role.arn.clone(), external_id: role.external_id.clone(), ..Default::default() };
                sts::assume(around, wanted, &hop, &found).await.map(Some)
            }
            (found, _) => Ok(found),
        }
    })
}

/// See [`Client::profile`](polykms_core::dialect::client::Client::profile).
pub(crate) fn settings(around: &dyn Surroundings, name: Option<&str>) -> Result<Profile> {
    profile::settings(around, name)
}

async fn found(around: &dyn Surroundings, wanted: &Wanted) -> Result<Option<Found>> {
    // Whoever names a profile does not mean the variables.
    if wanted.profile.is_none()
        && let Some(found) = environment(around)?
    {
        return Ok(Some(found));
    }
    if let Some(found) = profile::credentials(around, wanted).await? {
        return Ok(Some(found));
    }
    if let Some(found) = sts::web_identity_of_environment(around, wanted).await? {
        return Ok(Some(found));
    }
    if let Some(found) = metadata::container(around).await? {
        return Ok(Some(found));
    }
    metadata::instance(around).await
}

/// The variables that hold credentials.
fn environment(around: &dyn Surroundings) -> Result<Option<Found>> {
    let named = |name| around.variable(name);
    match (named("AWS_ACCESS_KEY_ID"), named("AWS_SECRET_ACCESS_KEY")) {
        (None, None) => Ok(None),
        (Some(id), Some(secret)) => Ok(Some(Found::lasting(id, secret).of_session(named("AWS_SESSION_TOKEN"), None))),
        (None, Some(_)) => Err(unset("AWS_ACCESS_KEY_ID")),
        (Some(_), None) => Err(unset("AWS_SECRET_ACCESS_KEY")),
    }
}

fn unset(name: &str) -> Error {
    Kind::Credentials.because(format!("the environment variable {name} is not set"))
}

/// Credentials as programs and the services beside a machine tell them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Told {
    version: Option<u32>,
    code: Option<String>,
    access_key_id: Option<String>,
    secret_access_key: Option<String>,
    #[serde(alias = "SessionToken")]
    token: Option<String>,
    expiration: Option<Timestamp>,
}

impl Told {
    /// Reads them; `source` is who told them.
    fn read(source: &str, text: &[u8]) -> Result<Self> {
        let unreadable = |_| Kind::Credentials.because(format!("{source} tells no credentials that can be read"));
        serde_json::from_slice(text).map_err(unreadable)
    }

    fn found(self, source: &str) -> Result<Found> {
        let Self { code, access_key_id, secret_access_key, token, expiration, version: _ } = self;
        if let Some(code) = code.filter(|code| code != "Success") {
            return Err(Kind::Credentials.because(format!("{source} has no credentials: {code}")));
        }
        let missing = |what| Kind::Credentials.because(format!("{source} tells no {what}"));
        let id = access_key_id.ok_or_else(|| missing("AccessKeyId"))?;
        let secret = secret_access_key.ok_or_else(|| missing("SecretAccessKey"))?;
        Ok(Found::lasting(id, secret).of_session(token, expiration))
    }
}

#[cfg(test)]
mod tests;
