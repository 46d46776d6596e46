//! Versions of keys: described and listed, never their material.

use super::life::on_one_key;
use super::{Reference, Use, Version};
use crate::engine::World;
use crate::error::{Flaw, Kind, Noun, Result};
use crate::list::{Listed, Paging};
use crate::operation::{Authorized, Operation, Role};
use crate::port::Time;

/// A version of a key as it is told to callers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionOf {
    /// The key's identifier.
    pub key_id: String,
    /// The version's identifier.
    pub id: String,
    /// When it was made.
    pub created_at: Time,
}

impl VersionOf {
    pub(super) fn of(key_id: &str, version: &Version) -> Self {
        let Version { id, created_at, .. } = version;
        Self { key_id: key_id.to_owned(), id: id.clone(), created_at: *created_at }
    }
}

/// Tells about a version of a key.
#[derive(Debug)]
pub struct DescribeVersion {
    /// The key.
    pub key: Reference,
    /// The version's identifier.
    pub version: String,
}

impl Operation for DescribeVersion {
    type Output = VersionOf;
    const NAME: &'static str = "DescribeKeyVersion";
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<VersionOf> {
        let key = allowed.key(Role::Subject)?;
        allowed.dialect().law.keys()?.admit(&key, Use::Read)?;
        let version = &allowed.op().version;
        let missing = || Kind::NotFound(Noun::KeyVersion).about(version);
        key.key.versions.find(version).map(|version| VersionOf::of(&key.key.id, version)).ok_or_else(missing)
    }
}

/// Lists the versions of a key, oldest first.
#[derive(Debug)]
pub struct ListVersions {
    /// The key.
    pub key: Reference,
    /// Which part; pages are numbered.
    pub paging: Paging,
}

impl Operation for ListVersions {
    type Output = Listed<VersionOf>;
    const NAME: &'static str = "ListKeyVersions";
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<Listed<VersionOf>> {
        let key = allowed.key(Role::Subject)?;
        allowed.dialect().law.keys()?.admit(&key, Use::Read)?;
        let Paging::Number { page, size } = allowed.op().paging else {
            return Err(Kind::Invalid(Flaw::Value).because("pages of versions are numbered"));
        };
        let skip = page.saturating_sub(1).saturating_mul(size);
        let versions = key.key.versions.iter().skip(skip).take(size);
        let items = versions.map(|version| VersionOf::of(&key.key.id, version)).collect();
        Ok(Listed { items, next: None, numbered: allowed.op().paging.numbered(key.key.versions.len()) })
    }
}
