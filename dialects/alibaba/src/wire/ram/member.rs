//! Who is in which group: AddUserToGroup, RemoveUserFromGroup, ListGroupsForUser and ListUsersForGroup.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::Result;
use polykms_core::identity::Group;
use polykms_core::identity::member::{self, Members};
use polykms_core::port::Time;

use super::{PRINCIPAL, Part, part_of};
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
        Ok(member::ListGroupsOfUser { user: Arguments::of(arguments)?.name("UserName", &PRINCIPAL)? })
    }

    fn encode(output: Vec<(Group, Time)>) -> Result<Payload> {
        let told = |(group, joined): (Group, Time)| {
            object([
                ("GroupId", group.id.into()),
                ("GroupName", group.name.into()),
                ("Comments", group.comments.into()),
                ("JoinDate", date(joined).into()),
            ])
        };
        Ok(tree([("Groups", listed("Group", output.into_iter().map(told)))]))
    }
}

pub(crate) struct ListUsersForGroup;

impl Former for ListUsersForGroup {
    type Op = member::ListMembers;

    fn decode(arguments: &Payload) -> Result<member::ListMembers> {
        let arguments = Arguments::of(arguments)?;
        let Part { marker, limit } = arguments.part()?;
        Ok(member::ListMembers { group: arguments.name("GroupName", &PRINCIPAL)?, limit, marker })
    }

    fn encode(output: Members) -> Result<Payload> {
        let Members { group: _, users, next } = output;
        let told = users.into_iter().map(|(user, joined)| {
            object([
                ("UserName", user.name.into()),
                ("DisplayName", user.display_name.into()),
                ("JoinDate", date(joined).into()),
            ])
        });
        Ok(Payload::Tree(part_of("Users", listed("User", told), next)))
    }
}
