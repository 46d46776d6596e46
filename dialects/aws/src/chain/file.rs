//! The files of the vendor's tools: their places and their format.
//!
//! Follows "Configuration and credential file settings" and "Location of the shared config and credentials files" of the SDKs
//! and Tools Reference Guide, and the cases that the vendor publishes for both (`tests/vectors/profiles`).

use std::collections::BTreeMap;

use polykms_core::dialect::client::{Error, Kind, Result, Surroundings, surroundings};
use zeroize::Zeroizing;

/// The profile that is meant where none is named.
const DEFAULT: &str = "default";

/// The properties of a section; their names are in small letters.
pub(super) type Section = BTreeMap<String, Zeroizing<String>>;

/// Both files, as one.
#[derive(Default)]
pub(super) struct Files {
    /// The profiles by their names.
    pub(super) profiles: BTreeMap<String, Section>,
    /// Endpoints of services by the names of their sections.
    pub(super) services: BTreeMap<String, Section>,
    /// Which profile is meant.
    pub(super) profile: String,
    /// Whether somebody named it.
    pub(super) is_named: bool,
}

impl Files {
    /// Reads them: `profile` is what the settings of the client name.
    ///
    /// # Errors
    /// [`Kind::Config`] for a file that cannot be read, and for a profile that is named and not there.
    pub(super) fn read(around: &dyn Surroundings, profile: Option<&str>) -> Result<Self> {
        let named = profile.map(str::to_owned).or_else(|| around.variable("AWS_PROFILE"));
        let [config, credentials] = places(around);
        let text = |place: &Option<String>| place.as_deref().map_or(Ok(None), |path| around.file(path));
        let mut files = Self::of(
            text(&config)?.map(|text| (config.unwrap_or_default(), text)),
            text(&credentials)?.map(|text| (credentials.unwrap_or_default(), text)),
        )?;
        files.is_named = named.is_some();
        files.profile = named.unwrap_or_else(|| DEFAULT.to_owned());
        match files.is_named && !files.profiles.contains_key(&files.profile) {
            true => Err(Kind::Config.because(format!("there is no profile `{}`", files.profile))),
            false => Ok(files),
        }
    }

    /// Those of these texts, each with the place it was read from.
    fn of(
        config: Option<(String, Zeroizing<String>)>,
        credentials: Option<(String, Zeroizing<String>)>,
    ) -> Result<Self> {
        let mut all = BTreeMap::new();
        for (file, heading) in [(config, heading as Heading), (credentials, credentials_heading as Heading)] {
            let Some((path, text)) = file else { continue };
            let sections = Parser::new(heading)
                .read(&text)
                .map_err(|(line, what)| Kind::Config.because(format!("{path}, line {line}: {what}")))?;
            for (name, section) in sections {
                all.entry(name).or_insert_with(Section::new).extend(section);
            }
        }
        let mut files = Self::default();
        for (name, section) in all {
            match name {
                Name::Profile(name) => drop(files.profiles.insert(name, section)),
                Name::Services(name) => drop(files.services.insert(name, section)),
                // One without its prefix counts where there is no other; by the order of names it comes last.
                Name::Plain => drop(files.profiles.entry(DEFAULT.to_owned()).or_insert(section)),
                Name::Ignored => {}
            }
        }
        Ok(files)
    }
}

/// Where both files are: the configuration, the credentials.
fn places(around: &dyn Surroundings) -> [Option<String>; 2] {
    [("AWS_CONFIG_FILE", "~/.aws/config"), ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")]
        .map(|(variable, usual)| surroundings::path(around, &around.variable(variable).unwrap_or_else(|| usual.into())))
}

/// What a section is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Profile(String),
    Services(String),
    /// The default profile of the configuration, without a prefix.
    Plain,
    /// Nothing that is looked into.
    Ignored,
}

/// What the text between the brackets of a heading names.
type Heading = fn(&str) -> Name;

fn heading(text: &str) -> Name {
    match text.split_once(char::is_whitespace).map(|(prefix, name)| (prefix, name.trim())) {
        Some(("profile", name)) if is_name(name) => Name::Profile(name.to_owned()),
        Some(("services", name)) if is_name(name) => Name::Services(name.to_owned()),
        None if text == DEFAULT => Name::Plain,
        _ => Name::Ignored,
    }
}

fn credentials_heading(text: &str) -> Name {
    if is_name(text) { Name::Profile(text.to_owned()) } else { Name::Ignored }
}

/// Whether a profile or a property can be called so.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-/.%@_:+".contains(letter))
}

/// What is wrong with which line.
type Wrong = (usize, &'static str);

/// Reads one file line by line.
struct Parser {
    heading: Heading,
    sections: BTreeMap<Name, Section>,
    section: Option<Name>,
    property: Option<Property>,
}

/// The property that was read last.
struct Property {
    /// None for one that is ignored.
    name: Option<String>,
    /// Whether it is a block of properties of its own.
    is_block: bool,
}

impl Parser {
    fn new(heading: Heading) -> Self {
        Self { heading, sections: BTreeMap::new(), section: None, property: None }
    }

    fn read(mut self, text: &str) -> std::result::Result<BTreeMap<Name, Section>, Wrong> {
        for (at, line) in text.lines().enumerate() {
            self.line(line).map_err(|what| (at + 1, what))?;
        }
        Ok(self.sections)
    }

    fn line(&mut self, line: &str) -> std::result::Result<(), &'static str> {
        match line.chars().next() {
            None | Some('#' | ';') => Ok(()),
            Some(_) if line.trim().is_empty() => Ok(()),
            Some('[') => self.begin(line),
            Some(first) if first.is_whitespace() => self.go_on(line.trim()),
            Some(_) => self.define(line),
        }
    }

    fn begin(&mut self, line: &str) -> std::result::Result<(), &'static str> {
        let heading = line.split(['#', ';']).next().unwrap_or_default().trim_end();
        let name = heading.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let name = (self.heading)(name.ok_or("Profile definition must end with ']'")?.trim());
        self.sections.entry(name.clone()).or_default();
        (self.section, self.property) = (Some(name), None);
        Ok(())
    }

    fn define(&mut self, line: &str) -> std::result::Result<(), &'static str> {
        let section = self.section.as_ref().ok_or("Expected a profile definition")?;
        let (name, value) = line.split_once('=').ok_or("Expected an '=' sign defining a property")?;
        let (name, value) = (name.trim().to_lowercase(), without_comment(value));
        if name.is_empty() {
            return Err("Property did not have a name");
        }
        let name = Some(name).filter(|name| is_name(name));
        self.property = Some(Property { name: name.clone(), is_block: value.is_empty() });
        if let (Some(name), Some(properties)) = (name, self.sections.get_mut(section)) {
            properties.insert(name, Zeroizing::new(value.to_owned()));
        }
        Ok(())
    }

    fn go_on(&mut self, value: &str) -> std::result::Result<(), &'static str> {
        let section = self.section.as_ref().ok_or("Expected a profile definition")?;
        let property = self.property.as_ref().ok_or("Expected a property definition, found continuation")?;
        if property.is_block {
            let (name, _) = value.split_once('=').ok_or("Expected an '=' sign defining a sub-property")?;
            if name.trim().is_empty() {
                return Err("Sub-property did not have a name");
            }
        }
        let properties = self.sections.get_mut(section);
        if let Some(known) = property.name.as_ref().and_then(|name| properties?.get_mut(name)) {
            known.push('\n');
            known.push_str(value);
        }
        Ok(())
    }
}

/// A value without the comment behind it, which begins after white space.
fn without_comment(value: &str) -> &str {
    let comment = value.match_indices(['#', ';']).map(|(at, _)| at);
    let begins =
        comment.into_iter().find(|at| value.get(..*at).is_some_and(|before| before.ends_with(char::is_whitespace)));
    begins.and_then(|at| value.get(..at)).unwrap_or(value).trim()
}

/// What a block of properties says under a name.
pub(super) fn of_block<'a>(block: &'a str, name: &str) -> Option<&'a str> {
    let properties = block.lines().filter_map(|line| line.split_once('='));
    let mut said = properties.filter(|(own, _)| own.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim());
    said.next_back()
}

/// A property that says something.
pub(super) fn property<'a>(section: &'a Section, name: &str) -> Option<&'a str> {
    section.get(name).map(|value| value.as_str()).filter(|value| !value.is_empty())
}

/// What is wrong with a profile.
pub(super) fn wrong(profile: &str, why: impl std::fmt::Display) -> Error {
    Kind::Config.because(format!("the profile `{profile}` {why}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use polykms_core::dialect::client::script::Script;

    fn cases(text: &str) -> Vec<Value> {
        serde_json::from_str::<Value>(text).unwrap()["tests"].as_array().unwrap().clone()
    }

    fn told(sections: &BTreeMap<String, Section>) -> Value {
        let of =
            |section: &Section| section.iter().map(|(name, value)| (name.clone(), json!(value.as_str()))).collect();
        sections.iter().map(|(name, section)| (name.clone(), Value::Object(of(section)))).collect()
    }

    #[test]
    fn files_are_read_as_the_vendor_says() {
        let cases = cases(include_str!("../../tests/vectors/profiles/profile-parser-tests.json"));
        assert_eq!(cases.len(), 65);
        for case in cases {
            let text = |name: &str| {
                let text = case["input"][name].as_str()?.to_owned();
                Some((name.to_owned(), Zeroizing::new(text)))
            };
            match (Files::of(text("configFile"), text("credentialsFile")), case["output"]["errorContaining"].as_str()) {
                (Ok(files), None) => {
                    assert_eq!(told(&files.profiles), case["output"]["config"]["profiles"], "{case}");
                }
                (Err(error), Some(part)) => assert!(error.message().contains(part), "{error} {case}"),
                (Ok(files), Some(_)) => panic!("{case} is {}", told(&files.profiles)),
                (Err(error), None) => panic!("{case}: {error}"),
            }
        }
    }

    #[test]
    fn files_are_where_the_vendor_says() {
        let cases = cases(include_str!("../../tests/vectors/profiles/file-location-tests.json"));
        assert_eq!(cases.len(), 9);
        for case in cases {
            let mut around = Script::default().on_windows(case["platform"] == "windows");
            for (name, value) in case["environment"].as_object().unwrap() {
                around.variables.insert(name.clone(), value.as_str().unwrap().to_owned());
            }
            let [config, credentials] = places(&around);
            assert_eq!(config.as_deref(), case["configLocation"].as_str(), "{case}");
            assert_eq!(credentials.as_deref(), case["credentialsLocation"].as_str(), "{case}");
            let profile = around.variables.get("AWS_PROFILE").cloned().unwrap_or_else(|| DEFAULT.to_owned());
            assert_eq!(profile, case["profile"].as_str().unwrap_or(DEFAULT), "{case}");
        }
    }

    #[test]
    fn a_section_of_services_has_blocks() {
        let text = "[services here]\nkms =\n  endpoint_url = http://one\n  Endpoint_URL = http://two\nsts =\n  x = y\n";
        let files = Files::of(Some(("f".to_owned(), Zeroizing::new(text.to_owned()))), None).unwrap();
        let section = &files.services["here"];
        assert_eq!(of_block(&section["kms"], "endpoint_url"), Some("http://two"));
        assert_eq!(of_block(&section["sts"], "endpoint_url"), None);
    }
}
