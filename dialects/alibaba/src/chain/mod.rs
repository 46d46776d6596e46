//! Where credentials and settings come from: the chain of the vendor's own SDKs.
//!
//! Follows "Manage access credentials" of the SDK guides and the credential libraries for Go, Python and Java, which agree on the
//! order: environment, OIDC, the configuration of the command line, the credentials file, the instance, a URI. The first that
//! has credentials gives them; one that is set up and broken ends the search.

mod config;
mod ini;
mod metadata;
mod source;
mod sts;

use jiff::Timestamp;
use polykms_core::dialect::client::{Error, Found, Kind, Profile, Result, Surroundings, Wanted, surroundings};
use polykms_core::dialect::row::BoxFuture;
use serde::Deserialize;

use config::Config;
use source::Source;

/// See [`Client::credentials`](polykms_core::dialect::client::Client::credentials).
pub(crate) fn credentials<'a>(
    around: &'a dyn Surroundings,
    wanted: &'a Wanted,
) -> BoxFuture<'a, Result<Option<Found>>> {
    Box::pin(async move {
        let found = found(around, wanted).await?;
        match (found, &wanted.role) {
            (Some(found), Some(role)) => {
                let role = sts::Role {
                    arn: role.arn.clone(),
                    external_id: role.external_id.clone(),
                    ..sts::Role::of_environment(around)
                };
                sts::assume(around, wanted, &role, &found).await.map(Some)
            }
            (found, _) => Ok(found),
        }
    })
}

/// See [`Client::profile`](polykms_core::dialect::client::Client::profile).
pub(crate) fn settings(around: &dyn Surroundings, profile: Option<&str>) -> Result<Profile> {
    let named = named(around, profile);
    let config = Config::read(around)?;
    let region = config.as_ref().and_then(|config| config.profile(named.as_deref()));
    let region = region.and_then(|profile| profile.region_id.clone()).filter(|region| !region.is_empty());
    Ok(Profile { region, ..Profile::default() })
}

/// The profile that somebody named.
fn named(around: &dyn Surroundings, profile: Option<&str>) -> Option<String> {
    profile.map(str::to_owned).or_else(|| around.variable("ALIBABA_CLOUD_PROFILE"))
}

/// Whether a variable is switched on.
fn is_on(around: &dyn Surroundings, name: &str) -> bool {
    around.variable(name).is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

async fn found(around: &dyn Surroundings, wanted: &Wanted) -> Result<Option<Found>> {
    // Whoever names a profile does not mean the variables.
    if wanted.profile.is_none() {
        if let Some(found) = environment(around)? {
            return Ok(Some(found));
        }
        if let Some(found) = sts::oidc_of_environment(around, wanted).await? {
            return Ok(Some(found));
        }
    }
    if let Some(source) = source_of_files(around, wanted.profile.as_deref())? {
        return source.credentials(around, wanted).await.map(Some);
    }
    if let Some(found) = metadata::instance(around, None).await? {
        return Ok(Some(found));
    }
    match around.variable("ALIBABA_CLOUD_CREDENTIALS_URI") {
        Some(uri) => metadata::uri(around, &uri).await.map(Some),
        None => Ok(None),
    }
}

/// What the files of the vendor's tools say: the configuration of the command line, then the credentials file.
fn source_of_files(around: &dyn Surroundings, profile: Option<&str>) -> Result<Option<Source>> {
    let named = named(around, profile);
    let config = Config::read(around)?;
    let ini = ini::read(around)?;
    if let Some(config) = &config
        && config.profile(named.as_deref()).is_some()
        && let Some(source) = config.source(named.as_deref())?
    {
        return Ok(Some(source));
    }
    let section = ini.get(named.as_deref().unwrap_or("default"));
    match (section, &named) {
        (Some(section), _) => ini::source(named.as_deref().unwrap_or("default"), section),
        (None, Some(name)) if config.as_ref().is_none_or(|config| config.profile(Some(name)).is_none()) => {
            Err(Kind::Config.because(format!("there is no profile `{name}`")))
        }
        (None, _) => Ok(None),
    }
}

/// The variables that hold credentials.
fn environment(around: &dyn Surroundings) -> Result<Option<Found>> {
    let first = |names: &[&str]| names.iter().find_map(|name| around.variable(name));
    let variables = crate::client::CLIENT.variables;
    match (first(variables.access_key_id), first(variables.secret)) {
        (None, None) => Ok(None),
        (Some(id), Some(secret)) => Ok(Some(Found::lasting(id, secret).of_session(first(variables.token), None))),
        (None, Some(_)) => Err(unset("ALIBABA_CLOUD_ACCESS_KEY_ID")),
        (Some(_), None) => Err(unset("ALIBABA_CLOUD_ACCESS_KEY_SECRET")),
    }
}

fn unset(name: &str) -> Error {
    Kind::Credentials.because(format!("the environment variable {name} is not set"))
}

/// The text of a file that holds a token, read anew each time.
fn token(around: &dyn Surroundings, path: &str) -> Result<zeroize::Zeroizing<String>> {
    let path = surroundings::path(around, path).unwrap_or_default();
    around.file(&path)?.ok_or_else(|| Kind::Credentials.because(format!("there is no token in {path}")))
}

/// Credentials as services near a machine tell them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Told {
    code: Option<String>,
    access_key_id: Option<String>,
    access_key_secret: Option<String>,
    security_token: Option<String>,
    expiration: Option<Timestamp>,
}

impl Told {
    /// Reads them; `source` is who told them.
    fn read(source: &str, text: &[u8]) -> Result<Found> {
        let unreadable = |_| Kind::Credentials.because(format!("{source} tells no credentials that can be read"));
        let Self { code, access_key_id, access_key_secret, security_token, expiration } =
            serde_json::from_slice(text).map_err(unreadable)?;
        if let Some(code) = code.filter(|code| code != "Success") {
            return Err(Kind::Credentials.because(format!("{source} has no credentials: {code}")));
        }
        let missing = |what| Kind::Credentials.because(format!("{source} tells no {what}"));
        let id = access_key_id.ok_or_else(|| missing("AccessKeyId"))?;
        let secret = access_key_secret.ok_or_else(|| missing("AccessKeySecret"))?;
        Ok(Found::lasting(id, secret).of_session(security_token, expiration))
    }
}

#[cfg(test)]
mod tests;
