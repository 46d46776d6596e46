//! Who holds policies and access keys, and where each policy comes from.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::Noun;

/// Where a policy of a caller comes from.
#[derive(Debug, Clone)]
pub struct PolicySource {
    /// Who holds it: the caller itself, or one of its groups.
    pub holder: Holder,
    /// Its name, when it is a managed policy.
    pub managed: Option<PolicyName>,
    /// The version in force, when it is a managed policy of the account.
    pub version: Option<u32>,
    /// The document as it was written.
    pub document: Arc<str>,
}

/// Who holds policies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// A user by name.
    User(String),
    /// A group by name.
    Group(String),
    /// A role by name.
    Role(String),
}

impl Holder {
    /// What kind of thing it is.
    pub fn noun(&self) -> Noun {
        match self {
            Self::User(_) => Noun::User,
            Self::Group(_) => Noun::Group,
            Self::Role(_) => Noun::Role,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::User(name) | Self::Group(name) | Self::Role(name) => name,
        }
    }
}

impl Serialize for Holder {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let (kind, name) = match self {
            Self::User(name) => ("user", name),
            Self::Group(name) => ("group", name),
            Self::Role(name) => ("role", name),
        };
        serializer.collect_str(&format_args!("{kind}/{name}"))
    }
}

impl<'de> Deserialize<'de> for Holder {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.split_once('/') {
            Some(("user", name)) => Ok(Self::User(name.to_owned())),
            Some(("group", name)) => Ok(Self::Group(name.to_owned())),
            Some(("role", name)) => Ok(Self::Role(name.to_owned())),
            _ => Err(serde::de::Error::custom("no holder of policies")),
        }
    }
}

/// An access key that was removed without having been asked for by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// The dialect's name.
    pub dialect: String,
    /// The account.
    pub account: String,
    /// The user; the owner of the account when absent.
    pub user: Option<String>,
    /// The identifier.
    pub id: String,
}

impl fmt::Display for Removed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { dialect, account, user, id } = self;
        match user {
            Some(user) => write!(f, "access key `{id}` of the user `{user}` ({dialect}, account {account})"),
            None => write!(f, "access key `{id}` of the owner ({dialect}, account {account})"),
        }
    }
}

/// How a managed policy is named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PolicyName {
    /// Whether the vendor supplies it.
    pub system: bool,
    /// The account that owns it, when the arguments name one or an answer tells it; never stored.
    #[serde(skip)]
    pub account: Option<String>,
    /// The path; `/` where the cloud has none.
    pub path: String,
    /// The name.
    pub name: String,
}

/// A managed policy of the account, by its name alone.
impl From<&str> for PolicyName {
    fn from(name: &str) -> Self {
        Self::custom("/", name)
    }
}

impl PolicyName {
    /// A managed policy of the account.
    pub fn custom(path: impl Into<String>, name: impl Into<String>) -> Self {
        Self { system: false, account: None, path: path.into(), name: name.into() }
    }

    /// A policy the vendor supplies.
    pub fn system(path: impl Into<String>, name: impl Into<String>) -> Self {
        Self { system: true, account: None, path: path.into(), name: name.into() }
    }
}
