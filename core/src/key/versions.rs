//! The versions of a key as they are stored: which of them encrypts, and where the material of each one is.
//!
//! # Invariants
//! - The current version is one of them and bound; without one the key waits for its first material.

use serde::{Deserialize, Serialize};

use super::{Origin, Rotated};
use crate::port::Time;
use crate::port::crypto::Sealed;

/// All versions of a key, oldest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Versions {
    current: Option<String>,
    all: Vec<Version>,
}

/// One version of a key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Version {
    /// The identifier.
    pub id: String,
    /// When it was made.
    pub created_at: Time,
    /// Where its material comes from.
    #[serde(default)]
    pub origin: Origin,
    /// Whether it has ever encrypted.
    #[serde(default)]
    pub state: VersionState,
    /// When its material is gone, where that was agreed.
    #[serde(default)]
    pub expires_at: Option<Time>,
    /// Words of its owner about imported material.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A sealed digest of imported material, which it is known by when it comes again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub print: Option<Sealed>,
    /// What made it, where it is not the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotated: Option<Rotated>,
    /// Its material; absent before it was imported and after it was deleted.
    #[serde(default, alias = "wrapped")]
    pub material: Option<Sealed>,
}

/// Whether a version of a key has ever encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum VersionState {
    /// It encrypts or did so: its material can be brought back, but never be another.
    #[default]
    Bound,
    /// It waits to be current; until then it may go, or get other material.
    Pending,
}

impl Version {
    /// A version that can be used at once and for good.
    pub fn new(id: impl Into<String>, created_at: Time, origin: Origin, material: Sealed) -> Self {
        let (state, material) = (VersionState::Bound, Some(material));
        Self {
            id: id.into(),
            created_at,
            origin,
            state,
            expires_at: None,
            description: None,
            print: None,
            rotated: None,
            material,
        }
    }
}

impl Versions {
    /// The version that encrypts.
    pub fn current(&self) -> Option<&Version> {
        self.current.as_deref().and_then(|id| self.find(id))
    }

    /// The version of this identifier.
    pub fn find(&self, id: &str) -> Option<&Version> {
        self.all.iter().find(|version| version.id == id)
    }

    /// Adds a version, which encrypts from now on.
    pub fn adopt(&mut self, version: Version) {
        self.current = Some(version.id.clone());
        self.all.push(Version { state: VersionState::Bound, ..version });
    }

    /// The version that waits to be current.
    pub fn pending(&self) -> Option<&Version> {
        self.all.iter().find(|version| version.state == VersionState::Pending)
    }

    /// Adds a version that waits to be current.
    pub(super) fn keep_pending(&mut self, version: Version) {
        self.all.push(Version { state: VersionState::Pending, ..version });
    }

    /// Takes the version away that waits to be current.
    pub(super) fn drop_pending(&mut self) {
        self.all.retain(|version| version.state != VersionState::Pending);
    }

    /// The version that waits encrypts from now on.
    pub(super) fn promote(&mut self, rotated: Rotated, now: Time) -> Option<String> {
        let id = self.pending()?.id.clone();
        self.current = Some(id.clone());
        self.change(&id, |version| {
            version.state = VersionState::Bound;
            version.rotated = Some(rotated);
            version.created_at = now;
        });
        Some(id)
    }

    /// Changes the version of this identifier.
    pub(super) fn change(&mut self, id: &str, change: impl FnOnce(&mut Version)) {
        if let Some(version) = self.all.iter_mut().find(|version| version.id == id) {
            change(version);
        }
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> std::slice::Iter<'_, Version> {
        self.all.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether the key can do all it ever could: there is a current version, and no bound one is without its material.
    pub fn are_complete(&self) -> bool {
        let missing = |version: &Version| version.state == VersionState::Bound && version.material.is_none();
        self.current.is_some() && !self.all.iter().any(missing)
    }
}

impl From<Version> for Versions {
    fn from(version: Version) -> Self {
        let mut versions = Self::default();
        versions.adopt(version);
        versions
    }
}

impl<'a> IntoIterator for &'a Versions {
    type Item = &'a Version;
    type IntoIter = std::slice::Iter<'a, Version>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The forms that records have.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Told {
        current: Option<String>,
        all: Vec<Version>,
    },
    /// Up to version 0.1: the last one is current.
    Last(Vec<Version>),
}

impl TryFrom<Stored> for Versions {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let versions = match stored {
            Stored::Told { current, all } => Self { current, all },
            Stored::Last(all) => Self { current: all.last().map(|version| version.id.clone()), all },
        };
        let bound = versions.current().is_some_and(|version| version.state == VersionState::Bound);
        if versions.current.is_none() || bound { Ok(versions) } else { Err("no such version can be current") }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    fn version(id: &str) -> Version {
        Version::new(id, Time::UNIX_EPOCH, Origin::Generated, Sealed::Here(vec![1, 2, 3]))
    }

    fn read(text: &str) -> serde_json::Result<Versions> {
        serde_json::from_str(text)
    }

    #[test]
    fn records_of_the_first_form_are_read_and_their_last_version_is_current() {
        let text = r#"[
            {"id": "a", "created_at": "2026-01-02T03:04:05Z", "wrapped": "AQID"},
            {"id": "b", "created_at": "2026-01-03T03:04:05Z", "wrapped": "BAUG"}
        ]"#;
        let versions = read(text).unwrap();
        assert_eq!(versions.len(), 2);
        let Version { id, created_at, origin, state, expires_at, description, print, rotated, material } =
            versions.current().unwrap();
        assert_eq!((id.as_str(), created_at.to_string().as_str()), ("b", "2026-01-03T03:04:05Z"));
        assert_eq!((*origin, *state, *expires_at), (Origin::Generated, VersionState::Bound, None));
        assert_eq!((rotated, description, print), (&None, &None, &None));
        assert_eq!(*material, Some(Sealed::Here(vec![4, 5, 6])));
        assert_eq!(versions.find("a").unwrap().material, Some(Sealed::Here(vec![1, 2, 3])));
        assert!(read("[]").unwrap().current().is_none());
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut versions = Versions::from(version("a"));
        versions.adopt(Version { rotated: Some(Rotated::OnDemand), ..version("b") });
        versions.all.push(Version { state: VersionState::Pending, material: None, ..version("c") });
        let text = serde_json::to_string(&versions).unwrap();
        let again = read(&text).unwrap();
        assert_eq!(again.current().unwrap().id, "b");
        assert_eq!(serde_json::to_string(&again).unwrap(), text);
    }

    #[test]
    fn a_record_whose_current_version_is_missing_or_pending_is_refused() {
        assert!(read(r#"{"current": "a", "all": []}"#).is_err());
        let pending = r#"{"id": "a", "created_at": "2026-01-02T03:04:05Z", "state": "Pending"}"#;
        assert!(read(&format!(r#"{{"current": "a", "all": [{pending}]}}"#)).is_err());
        assert!(!read(&format!(r#"{{"current": null, "all": [{pending}]}}"#)).unwrap().are_complete());
    }

    #[test]
    fn a_key_is_complete_while_no_bound_version_lacks_its_material() {
        assert!(!Versions::default().are_complete());
        let mut versions = Versions::from(version("a"));
        assert!(versions.are_complete());
        versions.all.push(Version { state: VersionState::Pending, material: None, ..version("b") });
        assert!(versions.are_complete());
        versions.all[0].material = None;
        assert!(!versions.are_complete());
    }
}
