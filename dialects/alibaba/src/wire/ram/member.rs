//! Who is in which group: AddUserToGroup, RemoveUserFromGroup, ListGroupsForUser and ListUsersForGroup.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::Result;
use polykms_core::identity::member::{self, Joined, Member, Members};
use polykms_core::list::{Listed, Paging};

use super::{PRINCIPAL, part_of};
use crate::wire::{Arguments, date, done, listed, object, tree};

pub(crate) struct AddUserToGroup;

impl Former for AddUserToGroup {
    type Op = member::AddMember;

    fn decode(arguments: &Payload) -> Result<member::AddMember> {
        let arguments = Arguments::of(arguments)?;
        let user = arguments.name("UserName", &PRINCIPAL)?;
        Ok(member::AddMember { user, group: arguments.name("GroupName", &PRINCIPAL)?, strict: true })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

pub(crate) struct RemoveUserFromGroup;

impl Former for RemoveUserFromGroup {
    type Op = member::RemoveMember;

    fn decode(arguments: &Payload) -> Result<member::RemoveMember> {
        let arguments = Arguments::of(arguments)?;
        let user = arguments.name("UserName", &PRINCIPAL)?;
        Ok(member::RemoveMember { user, group: arguments.name("GroupName", &PRINCIPAL)? })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

pub(crate) struct ListGroupsForUser;

impl Former for ListGroupsForUser {
    type Op = member::ListGroupsOfUser;

    fn decode(arguments: &Payload) -> Result<member::ListGroupsOfUser> {
        let user = Arguments::of(arguments)?.name("UserName", &PRINCIPAL)?;
        Ok(member::ListGroupsOfUser { user, paging: Paging::WHOLE })
    }

    fn encode(output: Listed<Joined>) -> Result<Payload> {
        let told = |Joined { group, at }: Joined| {
            object([
                ("GroupId", group.id.into()),
                ("GroupName", group.name.into()),
                ("Comments", group.comments.into()),
                ("JoinDate", at.map(date).into()),
            ])
        };
        Ok(tree([("Groups", listed("Group", output.items.into_iter().map(told)))]))
    }
}

pub(crate) struct ListUsersForGroup;

impl Former for ListUsersForGroup {
    type Op = member::ListMembers;

    fn decode(arguments: &Payload) -> Result<member::ListMembers> {
        let arguments = Arguments::of(arguments)?;
        let paging = arguments.part()?.into();
        Ok(member::ListMembers { group: arguments.name("GroupName", &PRINCIPAL)?, paging })
    }

    fn encode(output: Members) -> Result<Payload> {
        let Members { group: _, users: Listed { items, next, total: _ } } = output;
        let told = items.into_iter().map(|Member { user, joined_at }| {
            object([
                ("UserName", user.name.into()),
                ("DisplayName", user.profile.display_name.into()),
                ("JoinDate", joined_at.map(date).into()),
            ])
        });
        Ok(Payload::Tree(part_of("Users", listed("User", told), next)))
    }
}
