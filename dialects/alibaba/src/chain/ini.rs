//! The credentials file.
//!
//! The vendor's own clients read it with libraries that differ where a value has `#` in it; here values are never cut.

use std::collections::BTreeMap;

use polykms_core::dialect::client::{Found, Kind, Result, Surroundings, surroundings};
use zeroize::Zeroizing;

use super::source::{Source, left_out, wrong};
use super::sts::{Provider, Role};

/// The properties of a section.
pub(super) type Section = BTreeMap<String, Zeroizing<String>>;

/// The places it may be in; those of the clients for Go, and for Python and Java.
const PLACES: [&str; 2] = ["~/.alibabacloud/credentials", "~/.alibabacloud/credentials.ini"];

/// Reads it: its sections by their names, without those that are switched off.
///
/// # Errors
/// [`Kind::Config`] for one that cannot be read.
pub(super) fn read(around: &dyn Surroundings) -> Result<BTreeMap<String, Section>> {
    let set = around.variable("ALIBABA_CLOUD_CREDENTIALS_FILE");
    let places: Vec<_> = set.as_deref().map_or_else(|| PLACES.to_vec(), |set| vec![set]);
    for place in places {
        let Some(path) = surroundings::path(around, place) else { continue };
        let Some(text) = around.file(&path)? else { continue };
        let mut sections = sections(&text).map_err(|line| {
            Kind::Config.because(format!("{path}, line {line}: this is neither a section nor a property"))
        })?;
        sections
            .retain(|_, section| property(section, "enable").is_none_or(|text| !text.eq_ignore_ascii_case("false")));
        return Ok(sections);
    }
    Ok(BTreeMap::new())
}

/// The sections of a text, or the number of the line that is in none of them, or says nothing.
fn sections(text: &str) -> std::result::Result<BTreeMap<String, Section>, usize> {
    let mut sections = BTreeMap::<String, Section>::new();
    let mut current = None;
    for (at, line) in text.lines().map(str::trim).enumerate() {
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            current = Some(name.trim().to_owned());
            sections.entry(name.trim().to_owned()).or_default();
            continue;
        }
        let property = line.split_once('=').zip(current.as_ref().and_then(|name| sections.get_mut(name)));
        let ((name, value), section) = property.ok_or(at + 1)?;
        section.insert(name.trim().to_lowercase(), Zeroizing::new(value.trim().to_owned()));
    }
    Ok(sections)
}

fn property<'a>(section: &'a Section, name: &str) -> Option<&'a str> {
    section.get(name).map(|value| value.as_str()).filter(|value| !value.is_empty())
}

/// Where the credentials of a section come from; none, where nothing is set.
pub(super) fn source(name: &str, section: &Section) -> Result<Option<Source>> {
    let set = |key| property(section, key);
    let owned = |key| set(key).map(str::to_owned);
    let needed = |key| set(key).ok_or_else(|| wrong(name, format!("has no {key}")));
    let keys = || Ok(Found::lasting(needed("access_key_id")?, needed("access_key_secret")?));
    let role = || {
        Ok(Role {
            arn: needed("role_arn")?.to_owned(),
            session: owned("role_session_name"),
            policy: owned("policy"),
            ..Role::default()
        })
    };
    Ok(Some(match set("type") {
        None if section.keys().all(|key| key == "enable") => return Ok(None),
        None => return Err(wrong(name, "has no type")),
        Some("access_key") => Source::Keys(keys()?),
        Some("ram_role_arn") => Source::Role(Box::new(Source::Keys(keys()?)), role()?),
        Some("ecs_ram_role") => Source::Instance(owned("role_name")),
        Some("oidc_role_arn") => {
            let provider = Provider {
                arn: needed("oidc_provider_arn")?.to_owned(),
                token_file: needed("oidc_token_file_path")?.to_owned(),
            };
            Source::Oidc(role()?, provider)
        }
        Some(kind @ ("rsa_key_pair" | "bearer")) => return Err(left_out(name, kind)),
        Some(kind) => return Err(wrong(name, format!("has the type `{kind}`, which is unknown"))),
    }))
}
