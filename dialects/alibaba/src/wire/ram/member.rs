//! Who is in which group: AddUserToGroup, RemoveUserFromGroup, ListGroupsForUser and ListUsersForGroup.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::Result;
use polykms_core::identity::member::{self, Joined, Member, Members};
use polykms_core::identity::{group, user};
use polykms_core::list::{Listed, Paging};

use super::{owned, part, part_of};
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
            comments: group.comments.as_deref().map(Cow::from),
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
            let (id, name) = (heard::text(group_id)?, heard::text(group_name)?);
            let comments = Some(heard::text(comments)?);
            let (arn, path, created_at, updated_at) = Default::default();
            let group = group::Described { id, arn, name, path, comments, created_at, updated_at };
            Ok(Joined { group, at: Some(heard::had(join_date)?) })
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
            display_name: user.profile.display_name.as_deref().map(Cow::from),
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
            let profile = user::Profile { display_name: Some(heard::text(display_name)?), ..user::Profile::default() };
            let user = named_user(heard::text(user_name)?, profile);
            Ok(Member { user, joined_at: Some(heard::had(join_date)?) })
        };
        let users = heard::part(heard::had(users)?.user, is_truncated, marker, user)?;
        Ok(Members { group: None, users })
    }
}

/// A user of which no more is known than its names.
fn named_user(name: String, profile: user::Profile) -> user::Described {
    let (id, arn, path, created_at, updated_at, tags) = Default::default();
    user::Described { id, arn, name, path, profile, created_at, updated_at, tags }
}
