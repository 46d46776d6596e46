//! What a profile means: its credentials, directly or along a chain of roles, and its region and endpoints.

use std::collections::BTreeSet;

use polykms_core::dialect::client::{Found, Kind, Profile, Result, Surroundings, Wanted};

use super::file::{Files, Section, of_block, property, wrong};
use super::sts::{self, Hop};
use super::{metadata, process};
use crate::catalog::SERVICES;

/// Where the first credentials of a chain come from.
enum Base<'f> {
    /// A profile that has them itself.
    Profile(&'f str, &'f Section),
    /// Another place.
    Source(&'f str),
}

/// The credentials of the profile that is meant; none, when it has none.
pub(super) async fn credentials(around: &dyn Surroundings, wanted: &Wanted) -> Result<Option<Found>> {
    let files = Files::read(around, wanted.profile.as_deref())?;
    if !files.profiles.contains_key(&files.profile) {
        return Ok(None);
    }
    let (hops, base) = chain(&files)?;
    let found = match base {
        Base::Profile(name, section) => own(around, wanted, name, section).await?,
        Base::Source(source) => Some(of_source(around, source).await?),
    };
    let Some(mut found) = found else {
        return match hops.last() {
            None => Ok(None),
            Some(hop) => Err(Kind::Credentials.because(format!("the profile behind `{}` has no credentials", hop.arn))),
        };
    };
    for hop in hops.iter().rev() {
        found = sts::assume(around, wanted, hop, &found).await?;
    }
    Ok(Some(found))
}

/// The roles of a chain, the last to be taken on first, and what is at its end.
fn chain(files: &Files) -> Result<(Vec<Hop>, Base<'_>)> {
    let (mut hops, mut seen) = (Vec::new(), BTreeSet::new());
    let mut name = files.profile.as_str();
    loop {
        let section = files
            .profiles
            .get(name)
            .ok_or_else(|| wrong(&files.profile, format!("leads to `{name}`, which is not there")))?;
        let asked = |key| property(section, key);
        let Some(arn) = asked("role_arn").filter(|_| asked("web_identity_token_file").is_none()) else {
            return Ok((hops, Base::Profile(name, section)));
        };
        // One that leads to itself means its own access key.
        if !seen.insert(name) {
            let lasting = asked("aws_access_key_id").is_some();
            return match asked("source_profile") == Some(name) && lasting {
                true => Ok((hops, Base::Profile(name, section))),
                false => Err(wrong(&files.profile, format!("leads round in an infinite loop, over `{name}`"))),
            };
        }
        hops.push(hop(name, arn, section)?);
        match (asked("source_profile"), asked("credential_source")) {
            (Some(source), None) => name = source,
            (None, Some(source)) => return Ok((hops, Base::Source(source))),
            (Some(_), Some(_)) => return Err(wrong(name, "has both source_profile and credential_source")),
            (None, None) => {
                return Err(wrong(name, "has role_arn, and neither source_profile nor credential_source"));
            }
        }
    }
}

fn hop(profile: &str, arn: &str, section: &Section) -> Result<Hop> {
    let asked = |key| property(section, key).map(str::to_owned);
    if asked("mfa_serial").is_some() {
        let error = wrong(profile, "wants a code of a second factor, which nobody is asked for here");
        return Err(error.hinting(EXPORT));
    }
    let seconds = asked("duration_seconds").map(|text| text.parse::<i64>());
    let seconds = seconds.transpose().map_err(|_| wrong(profile, "has a duration_seconds that is no number"))?;
    Ok(Hop { arn: arn.to_owned(), external_id: asked("external_id"), session: asked("role_session_name"), seconds })
}

/// What to do about credentials that only the vendor's own tool gets.
const EXPORT: &str = "run `aws configure export-credentials --format env` and set what it prints, or give the client credentials of your own";

/// The credentials that a profile has itself.
async fn own(around: &dyn Surroundings, wanted: &Wanted, name: &str, section: &Section) -> Result<Option<Found>> {
    let asked = |key| property(section, key);
    if let Some(token_file) = asked("web_identity_token_file") {
        let arn = asked("role_arn").ok_or_else(|| wrong(name, "has web_identity_token_file and no role_arn"))?;
        return sts::web_identity(around, wanted, arn, asked("role_session_name"), token_file).await.map(Some);
    }
    let left_out = [
        ("sso_account_id", "single sign-on"),
        ("sso_role_name", "single sign-on"),
        ("login_session", "a console login"),
    ];
    if let Some((_, what)) = left_out.iter().find(|(key, _)| asked(key).is_some()) {
        return Err(wrong(name, format!("wants {what}, which is not built here")).hinting(EXPORT));
    }
    if let Some(line) = asked("credential_process") {
        return process::credentials(around, line).await.map(Some);
    }
    match (asked("aws_access_key_id"), asked("aws_secret_access_key")) {
        (None, None) => Ok(None),
        (Some(id), Some(secret)) => Ok(Some(Found::lasting(id, secret).of_session(asked("aws_session_token"), None))),
        (None, Some(_)) => Err(wrong(name, "has no aws_access_key_id")),
        (Some(_), None) => Err(wrong(name, "has no aws_secret_access_key")),
    }
}

async fn of_source(around: &dyn Surroundings, source: &str) -> Result<Found> {
    let found = match source {
        "Environment" => super::environment(around)?,
        "EcsContainer" => metadata::container(around).await?,
        "Ec2InstanceMetadata" => metadata::instance(around).await?,
        _ => return Err(Kind::Config.because(format!("there is no credential_source `{source}`"))),
    };
    let none = || {
        let error = Kind::Credentials.because(format!("the credential_source {source} has no credentials"));
        match source {
            "Ec2InstanceMetadata" => error.hinting(metadata::HOPS),
            _ => error,
        }
    };
    found.ok_or_else(none)
}

/// What the files say beside credentials.
pub(super) fn settings(around: &dyn Surroundings, name: Option<&str>) -> Result<Profile> {
    let files = Files::read(around, name)?;
    let nothing = Section::new();
    let section = files.profiles.get(&files.profile).unwrap_or(&nothing);
    let asked = |key| property(section, key).map(str::to_owned);
    let variable = around.variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    let ignored = variable.or_else(|| asked("ignore_configured_endpoint_urls"));
    let endpoints = match asked("services") {
        None => Vec::new(),
        Some(name) => {
            let services = files.services.get(&name);
            endpoints(
                services
                    .ok_or_else(|| wrong(&files.profile, format!("names services `{name}`, which are not there")))?,
            )
        }
    };
    Ok(Profile {
        region: asked("region"),
        endpoint: asked("endpoint_url"),
        endpoints,
        no_endpoints: ignored.is_some_and(|text| text.eq_ignore_ascii_case("true")),
    })
}

fn endpoints(services: &Section) -> Vec<(&'static str, String)> {
    let key = |service: &'static str| if service == "secretsmanager" { "secrets_manager" } else { service };
    let endpoint = |name| of_block(property(services, key(name))?, "endpoint_url").filter(|url| !url.is_empty());
    let names = SERVICES.iter().map(|service| service.name);
    names.filter_map(|name| Some((name, endpoint(name)?.to_owned()))).collect()
}
