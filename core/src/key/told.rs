//! What callers are told of keys: plain data without material, that a server makes of its records and a client of an answer.

use std::sync::Arc;

use super::{Item, Key, Lasting, Maker, Origin, Rotation, Spec, State, Usage};
use crate::dialect::Dialect;
use crate::error::Result;
use crate::port::Time;

/// A key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// The identifier.
    pub id: String,
    /// The full name.
    pub arn: Arc<str>,
    /// The account that owns it.
    pub account: String,
    /// The region it is in.
    pub region: String,
    /// Its state.
    pub state: State,
    /// What its material is.
    pub spec: Spec,
    /// What it may be used for.
    pub usage: Usage,
    /// Where its material comes from.
    pub origin: Origin,
    /// Who made it.
    pub maker: Maker,
    /// Words of its owner.
    pub description: String,
    /// When it was made.
    pub created_at: Time,
    /// When it will be deleted, while it waits for that.
    pub deletion_at: Option<Time>,
    /// Whether it must not be deleted, where the answer tells that.
    pub deletion_protection: Option<Protection>,
    /// Whether it rotates by itself, where the answer tells that.
    pub rotation: Option<Rotation>,
    /// How long imported material is there; absent where it was not imported, and while it is not there.
    pub lasting: Option<Lasting>,
    /// The version that encrypts; absent before there was any material.
    pub current: Option<Current>,
}

/// The version of a key that encrypts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// The identifier, where the answer tells it.
    pub id: Option<String>,
    /// When it was made, where the answer tells it.
    pub created_at: Option<Time>,
    /// What the dialect calls the material, where it has a name of its own.
    pub material: Option<String>,
}

/// Whether a key must not be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protection {
    /// It must not.
    pub on: bool,
    /// Why, in words of its owner.
    pub reason: Option<String>,
}

impl Described {
    /// What is told of a key that was read.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the dialect has no keys.
    pub(crate) fn of(dialect: &Dialect, key: &Key) -> Result<Self> {
        let rules = dialect.law.keys()?;
        let Key { id, account, region, state, spec, usage, origin, maker, description, created_at, .. } = key;
        let current = key.versions.current().map(|version| Current {
            id: Some(version.id.clone()),
            created_at: Some(version.created_at),
            material: rules.material_of(*spec, id, &version.id),
        });
        let reason = key.deletion_protection.clone();
        Ok(Self {
            id: id.clone(),
            arn: (rules.name)(account, region, Item::Key(id)).into(),
            account: account.clone(),
            region: region.clone(),
            state: *state,
            spec: *spec,
            usage: *usage,
            origin: *origin,
            maker: *maker,
            description: description.clone(),
            created_at: *created_at,
            deletion_at: key.deletion_at,
            deletion_protection: Some(Protection { on: reason.is_some(), reason }),
            rotation: Some(Rotation::of(&rules.rotation, key)),
            lasting: Lasting::of(key),
            current,
        })
    }
}

/// A key as lists tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The identifier.
    pub id: String,
    /// The full name.
    pub arn: String,
}
