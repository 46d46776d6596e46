//! Relations: who is in which group and what is attached to whom, each as one record on either side.
//!
//! # Invariants
//! - Both records are written and removed in one commit, which also writes the record of the user, or of the holder, anew:
//!   those who change the relations of one of them take turns, and what was counted before the commit holds in it.
//! - Of the group, or of the policy, it is only checked that it is still what was judged: any number of relations come and
//!   go there at once. Whoever removes it makes sure that nothing is below it.
//! - A group is meant by its unique identifier: it gets another name without a change to its members.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::managed_policy::HolderKind;
use super::{Group, Holder, PolicyName, identity_path};
use crate::engine::World;
use crate::engine::world::{
    GROUP_NAMES, GROUPS, GROUPS_OF_USER, HOLDERS_OF_POLICY, POLICIES_OF_HOLDER, USERS_OF_GROUP, put,
};
use crate::error::{Error, Kind, Result};
use crate::name::{below, path};
use crate::port::{Change, Expect, Space, Time};

/// The membership of a user in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The user, by name.
    pub user: String,
    /// The group, by unique identifier.
    pub group: String,
    /// When the user joined.
    pub at: Time,
}

/// The attachment of a managed policy to a user, group or role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// To whom.
    pub holder: Holder,
    /// The policy.
    pub policy: PolicyName,
    /// Its place among those of the holder, which are in the order in which they were attached.
    pub number: u32,
    /// When it was attached.
    pub at: Time,
}

/// The present name of a group that is known by its unique identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupName {
    /// The name.
    pub name: String,
}

/// What is stored on two sides.
pub(crate) trait Relation: Serialize + Sized {
    /// Where: on the side that is written with it, and on the other one.
    fn places(&self, dialect: &str, account: &str) -> [(Space, String); 2];

    /// The changes that store it.
    fn added(&self, dialect: &str, account: &str, expect: Expect) -> Result<Vec<Change>> {
        let places = self.places(dialect, account).into_iter();
        places.map(|(space, path)| put(space, path, expect, self)).collect()
    }

    /// The changes that remove it.
    fn removed(&self, dialect: &str, account: &str) -> Vec<Change> {
        let places = self.places(dialect, account).into_iter();
        places.map(|(space, path)| Change::Delete { space, path, expect: Expect::Any }).collect()
    }
}

impl Relation for Membership {
    fn places(&self, dialect: &str, account: &str) -> [(Space, String); 2] {
        let Self { user, group, at: _ } = self;
        [
            (GROUPS_OF_USER, groups_of(dialect, account, user) + group),
            (USERS_OF_GROUP, users_of(dialect, account, group) + user),
        ]
    }
}

impl Relation for Attachment {
    fn places(&self, dialect: &str, account: &str) -> [(Space, String); 2] {
        let Self { holder, policy, number, at: _ } = self;
        [
            (POLICIES_OF_HOLDER, format!("{}{number:010}", policies_of(dialect, account, holder))),
            (HOLDERS_OF_POLICY, place_of_holder(dialect, account, policy, holder)),
        ]
    }
}

/// The prefix of a user's memberships.
pub(crate) fn groups_of(dialect: &str, account: &str, user: &str) -> String {
    below(&[dialect, account, &user.to_ascii_lowercase()])
}

/// The prefix of a group's memberships, in the order of the users' names as they are written.
pub(crate) fn users_of(dialect: &str, account: &str, group: &str) -> String {
    below(&[dialect, account, group])
}

/// The prefix of a holder's attachments, in their order.
pub(crate) fn policies_of(dialect: &str, account: &str, holder: &Holder) -> String {
    below(&[dialect, account, segment(holder.kind()), &holder.name().to_ascii_lowercase()])
}

/// The prefix of a policy's attachments: those to groups, to users, to roles.
pub(crate) fn holders_of(dialect: &str, account: &str, policy: &PolicyName) -> String {
    let whose = if policy.system { "system" } else { "custom" };
    below(&[dialect, account, whose, &policy.name.to_ascii_lowercase()])
}

/// The prefix of a policy's attachments to holders of a kind.
pub(crate) fn holders_of_kind(dialect: &str, account: &str, policy: &PolicyName, kind: HolderKind) -> String {
    holders_of(dialect, account, policy) + &below(&[segment(kind)])
}

fn place_of_holder(dialect: &str, account: &str, policy: &PolicyName, holder: &Holder) -> String {
    let prefix = holders_of_kind(dialect, account, policy, holder.kind());
    // The vendor's policies list their holders as lists of holders do, those of the account by the names as written.
    if policy.system { prefix + &holder.name().to_ascii_lowercase() } else { prefix + holder.name() }
}

/// A kind of holder in paths; numbered, for lists have the kinds in this order.
fn segment(kind: HolderKind) -> &'static str {
    match kind {
        HolderKind::Group => "1-group",
        HolderKind::User => "2-user",
        HolderKind::Role => "3-role",
        HolderKind::Policy(_) => "4-policy",
    }
}

/// The membership of a user in a group, if there is one.
pub(crate) async fn membership(
    world: &World,
    dialect: &str,
    account: &str,
    user: &str,
    group: &str,
) -> Result<Option<Membership>> {
    found(world, USERS_OF_GROUP, users_of(dialect, account, group) + user).await
}

/// The attachment of a policy to a holder, if there is one.
pub(crate) async fn attachment(
    world: &World,
    dialect: &str,
    account: &str,
    holder: &Holder,
    policy: &PolicyName,
) -> Result<Option<Attachment>> {
    found(world, HOLDERS_OF_POLICY, place_of_holder(dialect, account, policy, holder)).await
}

async fn found<T: DeserializeOwned>(world: &World, space: Space, path: String) -> Result<Option<T>> {
    Ok(world.read(space, &path).await?.map(|found| found.value))
}

/// Where it stands what a group is called.
pub(crate) fn name_path(dialect: &str, account: &str, group: &str) -> String {
    path(&[dialect, account, group])
}

/// The change that stores what a group is called.
pub(crate) fn named(dialect: &str, account: &str, group: &str, name: &str) -> Result<Change> {
    put(GROUP_NAMES, name_path(dialect, account, group), Expect::Any, &GroupName { name: name.to_owned() })
}

/// The memberships of a user, each with its group, in the order of the groups' names.
///
/// # Errors
/// [`Kind::Conflict`] when a group is not there: then the records were not read in one state.
pub(crate) async fn groups(
    world: &World,
    dialect: &str,
    account: &str,
    user: &str,
) -> Result<Vec<(Membership, Group)>> {
    let mut groups = Vec::new();
    for membership in world.read_below::<Membership>(GROUPS_OF_USER, &groups_of(dialect, account, user)).await? {
        let path = name_path(dialect, account, &membership.group);
        let named: Option<GroupName> = found(world, GROUP_NAMES, path).await?;
        let path = identity_path(dialect, account, &named.ok_or_else(torn)?.name);
        let found: Option<Group> = found(world, GROUPS, path).await?;
        let group = found.filter(|group| group.id == membership.group).ok_or_else(torn)?;
        groups.push((membership, group));
    }
    groups.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
    Ok(groups)
}

/// What two records that were not read in one state are told as, so that they are read anew.
pub(crate) fn torn() -> Error {
    Kind::Conflict.because("a group or policy is not there")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::super::managed_policy::Scope;
    use super::*;
    use crate::port::store::SEPARATOR;

    fn attachment(policy: PolicyName, holder: Holder, number: u32) -> Attachment {
        Attachment { holder, policy, number, at: Time::UNIX_EPOCH }
    }

    fn places(relation: &impl Relation) -> [String; 2] {
        relation.places("d", "1").map(|(space, path)| format!("{space}: {}", path.replace(SEPARATOR, "/")))
    }

    #[test]
    fn a_relation_has_one_place_on_either_side() {
        let joined = Membership { user: "Ann".to_owned(), group: "G1".to_owned(), at: Time::UNIX_EPOCH };
        assert_eq!(places(&joined), ["group_of_user: d/1/ann/G1", "user_of_group: d/1/G1/Ann"]);
        let custom = attachment(PolicyName::custom("/x/", "Reads"), Holder::User("Ann".to_owned()), 12);
        let sides = ["policy_of_holder: d/1/2-user/ann/0000000012", "holder_of_policy: d/1/custom/reads/2-user/Ann"];
        assert_eq!(places(&custom), sides);
        let system = attachment(PolicyName::system("/", "Reads"), Holder::Role("Ann".to_owned()), 1);
        let sides = ["policy_of_holder: d/1/3-role/ann/0000000001", "holder_of_policy: d/1/system/reads/3-role/ann"];
        assert_eq!(places(&system), sides);
    }

    #[test]
    fn what_is_scanned_holds_what_is_stored_and_no_more() {
        let stored = |holder: &Holder, policy: &PolicyName| {
            attachment(policy.clone(), holder.clone(), 1).places("d", "1").map(|(_, path)| path)
        };
        let (reads, writes) = (PolicyName::custom("/", "reads"), PolicyName::custom("/", "reads2"));
        let (ann, anna) = (Holder::User("ann".to_owned()), Holder::User("anna".to_owned()));
        let group = Holder::Group("ann".to_owned());
        for (holder, policy) in [(&ann, &writes), (&anna, &reads), (&group, &writes)] {
            let [of_holder, of_policy] = stored(holder, policy);
            assert!(of_holder.starts_with(&policies_of("d", "1", holder)));
            assert!(of_policy.starts_with(&holders_of_kind("d", "1", policy, holder.kind())));
            assert_eq!(of_holder.starts_with(&policies_of("d", "1", &ann)), holder == &ann);
            assert_eq!(of_policy.starts_with(&holders_of("d", "1", &reads)), policy == &reads);
        }
        let none = holders_of_kind("d", "1", &reads, HolderKind::Policy(Scope::All));
        assert!([&ann, &group].iter().all(|holder| !stored(holder, &reads)[1].starts_with(&none)));
    }

    #[test]
    fn numbers_and_kinds_sort_as_lists_have_them() {
        let at = |number, holder: Holder| {
            attachment(PolicyName::custom("/", "p"), holder, number).places("d", "1").map(|(_, path)| path)
        };
        let name = || "n".to_owned();
        let [nine, ten] = [9, 10].map(|number| at(number, Holder::User(name()))[0].clone());
        assert!(nine < ten);
        let kinds = [Holder::Group(name()), Holder::User(name()), Holder::Role(name())];
        assert!(kinds.map(|holder| at(1, holder)[1].clone()).is_sorted());
    }
}
