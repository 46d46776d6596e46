//! The configuration of the vendor's command line.

use polykms_core::dialect::client::{Found, Kind, Result, Surroundings, surroundings};
use serde::Deserialize;

use super::is_on;
use super::source::{Source, left_out, wrong};
use super::sts::{Provider, Role};

/// The configuration.
#[derive(Deserialize)]
pub(super) struct Config {
    #[serde(default)]
    current: String,
    #[serde(default)]
    profiles: Vec<Named>,
}

/// A profile; what is empty is not there.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Named {
    name: String,
    mode: String,
    pub(super) region_id: Option<String>,
    access_key_id: Option<String>,
    access_key_secret: Option<String>,
    sts_token: Option<String>,
    sts_region: Option<String>,
    enable_vpc: bool,
    ram_role_name: Option<String>,
    ram_role_arn: Option<String>,
    ram_session_name: Option<String>,
    role_session_name: Option<String>,
    expired_seconds: Option<i64>,
    policy: Option<String>,
    external_id: Option<String>,
    source_profile: Option<String>,
    oidc_provider_arn: Option<String>,
    oidc_token_file: Option<String>,
    process_command: Option<String>,
    credentials_uri: Option<String>,
}

impl Config {
    /// Reads it; none, where there is none, or it is not to be looked into.
    ///
    /// # Errors
    /// [`Kind::Config`] for one that cannot be read.
    pub(super) fn read(around: &dyn Surroundings) -> Result<Option<Self>> {
        if is_on(around, "ALIBABA_CLOUD_CLI_PROFILE_DISABLED") {
            return Ok(None);
        }
        let set = around.variable("ALIBABA_CLOUD_CONFIG_FILE");
        let path = surroundings::path(around, set.as_deref().unwrap_or("~/.aliyun/config.json"));
        let Some(path) = path else { return Ok(None) };
        let Some(text) = around.file(&path)? else { return Ok(None) };
        let unreadable = |error: serde_json::Error| {
            let (line, column) = (error.line(), error.column());
            Kind::Config.because(format!("{path}, line {line}, column {column}: this is no configuration"))
        };
        serde_json::from_str(&text).map(Some).map_err(unreadable)
    }

    /// The profile of this name, or the current one.
    pub(super) fn profile(&self, name: Option<&str>) -> Option<&Named> {
        let name = name.unwrap_or(&self.current);
        self.profiles.iter().find(|profile| profile.name == name)
    }

    /// Where the credentials of a profile come from; none, where nothing is set.
    pub(super) fn source(&self, name: Option<&str>) -> Result<Option<Source>> {
        let Some(mut profile) = self.profile(name) else { return Ok(None) };
        let (mut roles, mut seen) = (Vec::new(), Vec::new());
        while profile.mode == "ChainableRamRoleArn" {
            if seen.contains(&profile.name.as_str()) {
                return Err(wrong(&profile.name, "leads round in an infinite loop"));
            }
            seen.push(&profile.name);
            roles.push(profile.role()?);
            let next = profile.needed("source_profile", &profile.source_profile)?;
            let missing = || wrong(&profile.name, format!("leads to `{next}`, which is not there"));
            profile = self.profile(Some(next)).ok_or_else(missing)?;
        }
        let Some(first) = profile.source()? else {
            return if roles.is_empty() { Ok(None) } else { Err(wrong(&profile.name, "has no credentials")) };
        };
        Ok(Some(roles.into_iter().rev().fold(first, |with, role| Source::Role(Box::new(with), role))))
    }
}

impl Named {
    fn source(&self) -> Result<Option<Source>> {
        Ok(Some(match self.mode.as_str() {
            // A configuration that nobody has filled in.
            "AK" | "" if set(&self.access_key_id).is_none() && set(&self.access_key_secret).is_none() => {
                return Ok(None);
            }
            "AK" | "" => Source::Keys(self.keys()?),
            "StsToken" => {
                let token = self.needed("sts_token", &self.sts_token)?;
                Source::Keys(self.keys()?.of_session(Some(token), None))
            }
            "RamRoleArn" => Source::Role(Box::new(Source::Keys(self.keys_perhaps_of_session()?)), self.role()?),
            "EcsRamRole" => Source::Instance(set(&self.ram_role_name).map(str::to_owned)),
            "RamRoleArnWithRoleName" => {
                let name = self.needed("ram_role_name", &self.ram_role_name)?;
                Source::Role(Box::new(Source::Instance(Some(name.to_owned()))), self.role()?)
            }
            "OIDC" => Source::Oidc(
                self.role()?,
                Provider {
                    arn: self.needed("oidc_provider_arn", &self.oidc_provider_arn)?.to_owned(),
                    token_file: self.needed("oidc_token_file", &self.oidc_token_file)?.to_owned(),
                },
            ),
            "External" => Source::Program(self.needed("process_command", &self.process_command)?.to_owned()),
            "CredentialsURI" => Source::Uri(self.needed("credentials_uri", &self.credentials_uri)?.to_owned()),
            mode @ ("CloudSSO" | "OAuth" | "RsaKeyPair" | "BearerToken" | "Anonymous") => {
                return Err(left_out(&self.name, mode));
            }
            mode => return Err(wrong(&self.name, format!("has the mode `{mode}`, which is unknown"))),
        }))
    }

    fn keys(&self) -> Result<Found> {
        let id = self.needed("access_key_id", &self.access_key_id)?;
        Ok(Found::lasting(id, self.needed("access_key_secret", &self.access_key_secret)?))
    }

    fn keys_perhaps_of_session(&self) -> Result<Found> {
        Ok(self.keys()?.of_session(set(&self.sts_token), None))
    }

    fn role(&self) -> Result<Role> {
        let session = set(&self.ram_session_name).or_else(|| set(&self.role_session_name));
        Ok(Role {
            arn: self.needed("ram_role_arn", &self.ram_role_arn)?.to_owned(),
            session: session.map(str::to_owned),
            seconds: self.expired_seconds.filter(|seconds| *seconds > 0),
            policy: set(&self.policy).map(str::to_owned),
            external_id: set(&self.external_id).map(str::to_owned),
            region: set(&self.sts_region).map(str::to_owned),
            inside: self.enable_vpc,
        })
    }

    fn needed<'a>(&self, key: &str, value: &'a Option<String>) -> Result<&'a str> {
        set(value).ok_or_else(|| wrong(&self.name, format!("has no {key}")))
    }
}

fn set(value: &Option<String>) -> Option<&str> {
    value.as_deref().filter(|value| !value.is_empty())
}
