//! Groups and who is in them: CreateGroup, GetGroup, ListGroups, UpdateGroup, DeleteGroup, AddUserToGroup, RemoveUserFromGroup,
//! ListGroupsForUser.

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::Result;
use polykms_core::identity::group::{self as op, Described};
use polykms_core::identity::member::{self, Joined, Member, Members};
use polykms_core::list::Listed;

use super::{given, owned, paging, user};
use crate::message::iam::{
    AddUserToGroupRequest, CreateGroupRequest, CreateGroupResponse, DeleteGroupRequest, GetGroupRequest,
    GetGroupResponse, Group, ListGroupsForUserRequest, ListGroupsForUserResponse, ListGroupsRequest,
    ListGroupsResponse, ListedUser, RemoveUserFromGroupRequest, UpdateGroupRequest,
};
use crate::wire::{heard, list};

fn told(group: &Described) -> Group<'_> {
    let Described { id, arn, name, path, comments: _, created_at, updated_at: _ } = group;
    Group {
        arn: arn.as_deref().map(Into::into),
        create_date: *created_at,
        group_id: Some(id.into()),
        group_name: Some(name.into()),
        path: path.as_deref().map(Into::into),
    }
}

/// The group that an answer tells.
fn heard(group: Group<'_>) -> Result<Described> {
    let Group { arn, create_date, group_id, group_name, path } = group;
    Ok(Described {
        id: heard::text(group_id)?,
        arn: Some(heard::text(arn)?),
        name: heard::text(group_name)?,
        path: Some(heard::text(path)?),
        comments: None,
        created_at: Some(heard::had(create_date)?),
        updated_at: None,
    })
}

/// Makes a group.
pub(crate) struct CreateGroup;

impl Wire for CreateGroup {
    type Op = op::CreateGroup;
    type Ask<'a> = CreateGroupRequest<'a>;
    type Told<'a> = CreateGroupResponse<'a>;

    fn op(ask: CreateGroupRequest<'_>) -> Result<op::CreateGroup> {
        let CreateGroupRequest { path: given_path, group_name } = ask;
        Ok(op::CreateGroup { name: owned(group_name), path: owned(given_path), comments: None })
    }

    fn told(output: &Described) -> Result<CreateGroupResponse<'_>> {
        Ok(CreateGroupResponse { group: Some(told(output)) })
    }

    fn ask(op: &op::CreateGroup) -> Result<CreateGroupRequest<'_>> {
        let op::CreateGroup { name, path, comments: _ } = op;
        Ok(CreateGroupRequest { path: Some(path.into()), group_name: Some(name.into()) })
    }

    fn output(told: CreateGroupResponse<'_>) -> Result<Described> {
        let CreateGroupResponse { group } = told;
        heard(heard::had(group)?)
    }
}

/// Tells about a group and the users in it.
pub(crate) struct GetGroup;

impl Wire for GetGroup {
    type Op = member::ListMembers;
    type Ask<'a> = GetGroupRequest<'a>;
    type Told<'a> = GetGroupResponse<'a>;

    fn op(ask: GetGroupRequest<'_>) -> Result<member::ListMembers> {
        let GetGroupRequest { group_name, marker, max_items } = ask;
        Ok(member::ListMembers { group: owned(group_name), paging: paging(max_items, marker) })
    }

    fn told(output: &Members) -> Result<GetGroupResponse<'_>> {
        let Members { group, users: Listed { items, next, numbered: _ } } = output;
        Ok(GetGroupResponse {
            group: group.as_ref().map(told),
            is_truncated: Some(next.is_some()),
            marker: next.as_deref().map(Into::into),
            users: Some(items.iter().map(|member| ListedUser(user::told(&member.user))).collect()),
        })
    }

    fn ask(op: &member::ListMembers) -> Result<GetGroupRequest<'_>> {
        let member::ListMembers { group, paging } = op;
        let (max_items, marker) = list::part(paging)?;
        Ok(GetGroupRequest { group_name: Some(group.into()), marker, max_items })
    }

    fn output(told: GetGroupResponse<'_>) -> Result<Members> {
        let GetGroupResponse { group, is_truncated, marker, users } = told;
        let member = |user| Ok(Member { user: user::listed(user)?, joined_at: None });
        Ok(Members {
            group: Some(heard(heard::had(group)?)?),
            users: list::heard(users, is_truncated, marker, member)?,
        })
    }
}

/// Lists the groups of the account.
pub(crate) struct ListGroups;

impl Wire for ListGroups {
    type Op = op::ListGroups;
    type Ask<'a> = ListGroupsRequest<'a>;
    type Told<'a> = ListGroupsResponse<'a>;

    fn op(ask: ListGroupsRequest<'_>) -> Result<op::ListGroups> {
        let ListGroupsRequest { path_prefix, marker, max_items } = ask;
        Ok(op::ListGroups { paging: paging(max_items, marker), path_prefix: owned(path_prefix) })
    }

    fn told(output: &Listed<Described>) -> Result<ListGroupsResponse<'_>> {
        let Listed { items, next, numbered: _ } = output;
        Ok(ListGroupsResponse {
            groups: Some(items.iter().map(told).collect()),
            is_truncated: Some(next.is_some()),
            marker: next.as_deref().map(Into::into),
        })
    }

    fn ask(op: &op::ListGroups) -> Result<ListGroupsRequest<'_>> {
        let (max_items, marker) = list::part(&op.paging)?;
        Ok(ListGroupsRequest { path_prefix: Some((&op.path_prefix).into()), marker, max_items })
    }

    fn output(told: ListGroupsResponse<'_>) -> Result<Listed<Described>> {
        let ListGroupsResponse { groups, is_truncated, marker } = told;
        list::heard(groups, is_truncated, marker, heard)
    }
}

/// Gives a group another name or path.
pub(crate) struct UpdateGroup;

impl Wire for UpdateGroup {
    type Op = op::UpdateGroup;
    type Ask<'a> = UpdateGroupRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: UpdateGroupRequest<'_>) -> Result<op::UpdateGroup> {
        let UpdateGroupRequest { group_name, new_path, new_group_name } = ask;
        Ok(op::UpdateGroup {
            name: owned(group_name),
            new_name: given(new_group_name),
            new_path: given(new_path),
            comments: None,
        })
    }

    fn told(_: &Option<Described>) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &op::UpdateGroup) -> Result<UpdateGroupRequest<'_>> {
        let op::UpdateGroup { name, new_name, new_path, comments: _ } = op;
        Ok(UpdateGroupRequest {
            group_name: Some(name.into()),
            new_path: new_path.as_deref().map(Into::into),
            new_group_name: new_name.as_deref().map(Into::into),
        })
    }

    fn output(_: Nothing<'_>) -> Result<Option<Described>> {
        Ok(None)
    }
}

/// Removes a group.
pub(crate) struct DeleteGroup;

impl Wire for DeleteGroup {
    type Op = op::DeleteGroup;
    type Ask<'a> = DeleteGroupRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: DeleteGroupRequest<'_>) -> Result<op::DeleteGroup> {
        let DeleteGroupRequest { group_name } = ask;
        Ok(op::DeleteGroup { name: owned(group_name) })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &op::DeleteGroup) -> Result<DeleteGroupRequest<'_>> {
        Ok(DeleteGroupRequest { group_name: Some((&op.name).into()) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// Puts a user into a group.
pub(crate) struct AddUserToGroup;

impl Wire for AddUserToGroup {
    type Op = member::AddMember;
    type Ask<'a> = AddUserToGroupRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: AddUserToGroupRequest<'_>) -> Result<member::AddMember> {
        let AddUserToGroupRequest { group_name, user_name } = ask;
        Ok(member::AddMember { user: owned(user_name), group: owned(group_name), strict: false })
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

/// Takes a user out of a group.
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

/// Lists the groups that a user is in.
pub(crate) struct ListGroupsForUser;

impl Wire for ListGroupsForUser {
    type Op = member::ListGroupsOfUser;
    type Ask<'a> = ListGroupsForUserRequest<'a>;
    type Told<'a> = ListGroupsForUserResponse<'a>;

    fn op(ask: ListGroupsForUserRequest<'_>) -> Result<member::ListGroupsOfUser> {
        let ListGroupsForUserRequest { user_name, marker, max_items } = ask;
        Ok(member::ListGroupsOfUser { user: owned(user_name), paging: paging(max_items, marker) })
    }

    fn told(output: &Listed<Joined>) -> Result<ListGroupsForUserResponse<'_>> {
        let Listed { items, next, numbered: _ } = output;
        Ok(ListGroupsForUserResponse {
            groups: Some(items.iter().map(|joined| told(&joined.group)).collect()),
            is_truncated: Some(next.is_some()),
            marker: next.as_deref().map(Into::into),
        })
    }

    fn ask(op: &member::ListGroupsOfUser) -> Result<ListGroupsForUserRequest<'_>> {
        let member::ListGroupsOfUser { user, paging } = op;
        let (max_items, marker) = list::part(paging)?;
        Ok(ListGroupsForUserRequest { user_name: Some(user.into()), marker, max_items })
    }

    fn output(told: ListGroupsForUserResponse<'_>) -> Result<Listed<Joined>> {
        let ListGroupsForUserResponse { groups, is_truncated, marker } = told;
        list::heard(groups, is_truncated, marker, |group| Ok(Joined { group: heard(group)?, at: None }))
    }
}
