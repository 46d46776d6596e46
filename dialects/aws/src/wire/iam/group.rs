//! Groups and who is in them: CreateGroup, GetGroup, ListGroups, UpdateGroup, DeleteGroup, AddUserToGroup, RemoveUserFromGroup,
//! ListGroupsForUser.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::Result;
use polykms_core::identity::Group;
use polykms_core::identity::{group as op, member};
use polykms_core::list::Listed;
use polykms_core::port::Time;
use serde_json::{Value, json};

use super::{NAME_128, NOTHING, PATH, date, list, read, user};
use crate::resource;

fn tree(group: &Group) -> Value {
    json!({
        "Path": group.path,
        "GroupName": group.name,
        "GroupId": group.id,
        "Arn": resource::group_arn(&group.account, &group.path, &group.name),
        "CreateDate": date(group.created_at),
    })
}

/// Makes a group.
pub(crate) struct CreateGroup;

impl Former for CreateGroup {
    type Op = op::CreateGroup;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let name = fields.required("GroupName", &NAME_128);
            let path = fields.optional("Path", &PATH).unwrap_or_else(|| "/".to_owned());
            Ok(op::CreateGroup { name, path, comments: String::new() })
        })
    }

    fn encode(group: Group) -> Result<Payload> {
        Ok(Payload::Tree(json!({ "Group": tree(&group) })))
    }
}

/// Tells about a group and the users in it.
pub(crate) struct GetGroup;

impl Former for GetGroup {
    type Op = member::ListMembers;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let (marker, limit) = list::part(fields)?;
            Ok(member::ListMembers { group: fields.required("GroupName", &NAME_128), limit, marker })
        })
    }

    fn encode(members: member::Members) -> Result<Payload> {
        let member::Members { group, users, next } = members;
        let users: Vec<Value> = users.iter().map(|(user, _)| user::tree(user)).collect();
        let (group, more) = (tree(&group), next.is_some());
        Ok(Payload::Tree(json!({ "Group": group, "Users": users, "IsTruncated": more, "Marker": next })))
    }
}

/// Lists the groups of the account.
pub(crate) struct ListGroups;

impl Former for ListGroups {
    type Op = op::ListGroups;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let path_prefix = list::prefix(fields);
            Ok(op::ListGroups { paging: list::paging(fields)?, path_prefix })
        })
    }

    fn encode(listed: Listed<Group>) -> Result<Payload> {
        Ok(list::answer("Groups", listed, tree))
    }
}

/// Gives a group another name or path.
pub(crate) struct UpdateGroup;

impl Former for UpdateGroup {
    type Op = op::UpdateGroup;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            Ok(op::UpdateGroup {
                name: fields.required("GroupName", &NAME_128),
                new_name: fields.optional("NewGroupName", &NAME_128),
                new_path: fields.optional("NewPath", &PATH),
                comments: None,
            })
        })
    }

    fn encode(_: Group) -> Result<Payload> {
        Ok(NOTHING)
    }
}

/// Removes a group.
pub(crate) struct DeleteGroup;

impl Former for DeleteGroup {
    type Op = op::DeleteGroup;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| Ok(op::DeleteGroup { name: fields.required("GroupName", &NAME_128) }))
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}

/// Puts a user into a group.
pub(crate) struct AddUserToGroup;

impl Former for AddUserToGroup {
    type Op = member::AddMember;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let group = fields.required("GroupName", &NAME_128);
            Ok(member::AddMember { user: fields.required("UserName", &NAME_128), group, strict: false })
        })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}

/// Takes a user out of a group.
pub(crate) struct RemoveUserFromGroup;

impl Former for RemoveUserFromGroup {
    type Op = member::RemoveMember;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let group = fields.required("GroupName", &NAME_128);
            Ok(member::RemoveMember { user: fields.required("UserName", &NAME_128), group })
        })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}

/// Lists the groups that a user is in.
pub(crate) struct ListGroupsForUser;

impl Former for ListGroupsForUser {
    type Op = member::ListGroupsOfUser;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            list::paging(fields)?;
            Ok(member::ListGroupsOfUser { user: fields.required("UserName", &NAME_128) })
        })
    }

    fn encode(groups: Vec<(Group, Time)>) -> Result<Payload> {
        let groups: Vec<Value> = groups.iter().map(|(group, _)| tree(group)).collect();
        Ok(Payload::Tree(json!({ "Groups": groups })))
    }

    fn echo(arguments: &Payload, answer: Payload) -> Result<Payload> {
        list::cut(arguments, answer, &["Groups"])
    }
}
