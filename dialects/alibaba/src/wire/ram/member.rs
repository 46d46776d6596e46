//! Who is in which group: AddUserToGroup, RemoveUserFromGroup, ListGroupsForUser and ListUsersForGroup.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::Result;
use polykms_core::identity::member::{self, Joined, Member, Members};
use polykms_core::identity::{group, user};
use polykms_core::list::{Listed, Paging};
use polykms_core::tag::Tags;

use super::{ROOT, owned, part, part_of};
use crate::message::ram::{
    AddUserToGroupRequest, GroupOfUser, GroupsOfUser, ListGroupsForUserRequest, ListGroupsForUserResponse,
    ListUsersForGroupRequest, ListUsersForGroupResponse, RemoveUserFromGroupRequest, UserOfGroup, UsersOfGroup,
};
use crate::wire::heard;

/// AddUserToGroup.
pub(crate) struct AddUserToGroup;

impl Wire for AddUserToGroup {
    type Op = member::AddMember;
    type Ask<'a> = AddUserToGroupRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: AddUserToGroupRequest<'_>) -> Result<member::AddMember> {
        let AddUserToGroupRequest { group_name, user_name } = ask;
        Ok(member::AddMember { user: owned(user_name), group: owned(group_name), strict: true })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &member::AddMember) -> Result<AddUserToGroupRequest<'_>> {
        let member::AddMember { user, group, strict: _ } = op;
        Ok(AddUserToGroupRequest { group_name: Some(group.into()), user_name: Some(user.into()) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// RemoveUserFromGroup.
pub(crate) struct RemoveUserFromGroup;

impl Wire for RemoveUserFromGroup {
    type Op = member::RemoveMember;
    type Ask<'a> = RemoveUserFromGroupRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: RemoveUserFromGroupRequest<'_>) -> Result<member::RemoveMember> {
        let RemoveUserFromGroupRequest { group_name, user_name } = ask;
        Ok(member::RemoveMember { user: owned(user_name), group: owned(group_name) })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &member::RemoveMember) -> Result<RemoveUserFromGroupRequest<'_>> {
        let member::RemoveMember { user, group } = op;
        Ok(RemoveUserFromGroupRequest { group_name: Some(group.into()), user_name: Some(user.into()) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// ListGroupsForUser.
pub(crate) struct ListGroupsForUser;

impl Wire for ListGroupsForUser {
    type Op = member::ListGroupsOfUser;
    type Ask<'a> = ListGroupsForUserRequest<'a>;
    type Told<'a> = ListGroupsForUserResponse<'a>;

    fn op(ask: ListGroupsForUserRequest<'_>) -> Result<member::ListGroupsOfUser> {
        let ListGroupsForUserRequest { user_name } = ask;
        Ok(member::ListGroupsOfUser { user: owned(user_name), paging: Paging::WHOLE })
    }

    fn told(output: &Listed<Joined>) -> Result<ListGroupsForUserResponse<'_>> {
        let groups = output.items.iter().map(|Joined { group, at }| GroupOfUser {
            comments: Some((&group.comments).into()),
            group_id: Some((&group.id).into()),
            group_name: Some((&group.name).into()),
            join_date: *at,
        });
        Ok(ListGroupsForUserResponse { groups: Some(GroupsOfUser { group: Some(groups.collect()) }) })
    }

    fn ask(op: &member::ListGroupsOfUser) -> Result<ListGroupsForUserRequest<'_>> {
        let member::ListGroupsOfUser { user, paging: _ } = op;
        Ok(ListGroupsForUserRequest { user_name: Some(user.into()) })
    }

    fn output(told: ListGroupsForUserResponse<'_>) -> Result<Listed<Joined>> {
        let ListGroupsForUserResponse { groups } = told;
        heard::whole(heard::had(groups)?.group, |GroupOfUser { comments, group_id, group_name, join_date }| {
            let (id, name, comments) = (heard::text(group_id)?, heard::text(group_name)?, owned(comments));
            Ok(Joined { group: group::Described { id, comments, ..named_group(name) }, at: join_date })
        })
    }
}

/// ListUsersForGroup.
pub(crate) struct ListUsersForGroup;

impl Wire for ListUsersForGroup {
    type Op = member::ListMembers;
    type Ask<'a> = ListUsersForGroupRequest<'a>;
    type Told<'a> = ListUsersForGroupResponse<'a>;

    fn op(ask: ListUsersForGroupRequest<'_>) -> Result<member::ListMembers> {
        let ListUsersForGroupRequest { group_name, marker, max_items } = ask;
        Ok(member::ListMembers { group: owned(group_name), paging: part(marker, max_items) })
    }

    fn told(output: &Members) -> Result<ListUsersForGroupResponse<'_>> {
        let Members { group: _, users: Listed { items, next, numbered: _ } } = output;
        let users = items.iter().map(|Member { user, joined_at }| UserOfGroup {
            display_name: Some((&user.profile.display_name).into()),
            join_date: *joined_at,
            user_name: Some((&user.name).into()),
        });
        Ok(ListUsersForGroupResponse {
            is_truncated: Some(next.is_some()),
            marker: next.as_ref().map(Cow::from),
            users: Some(UsersOfGroup { user: Some(users.collect()) }),
        })
    }

    fn ask(op: &member::ListMembers) -> Result<ListUsersForGroupRequest<'_>> {
        let member::ListMembers { group, paging } = op;
        let (marker, max_items) = part_of(paging)?;
        Ok(ListUsersForGroupRequest { group_name: Some(group.into()), marker, max_items })
    }

    /// The group is not told.
    fn output(told: ListUsersForGroupResponse<'_>) -> Result<Members> {
        let ListUsersForGroupResponse { is_truncated, marker, users } = told;
        let user = |UserOfGroup { display_name, join_date, user_name }: UserOfGroup<'_>| {
            let profile = user::Profile { display_name: owned(display_name), ..user::Profile::default() };
            Ok(Member { user: named_user(heard::text(user_name)?, profile), joined_at: join_date })
        };
        let users = heard::part(heard::had(users)?.user, is_truncated, marker, user)?;
        Ok(Members { group: named_group(String::new()), users })
    }
}

/// A group of which no more is known than its name.
fn named_group(name: String) -> group::Described {
    let (id, arn, path) = (String::new(), String::new(), ROOT.to_owned());
    group::Described { id, arn, name, path, comments: String::new(), created_at: None, updated_at: None }
}

/// A user of which no more is known than its names.
fn named_user(name: String, profile: user::Profile) -> user::Described {
    let (id, arn, path) = (String::new(), String::new(), ROOT.to_owned());
    user::Described { id, arn, name, path, profile, created_at: None, updated_at: None, tags: Tags::new() }
}
