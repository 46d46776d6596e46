//! Groups of users: CreateGroup, GetGroup, UpdateGroup, ListGroups and DeleteGroup.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::Result;
use polykms_core::identity::group::{self, Described};
use polykms_core::list::Listed;

use super::{ROOT, owned, part, part_of};
use crate::message::ram::{
    CreateGroupRequest, CreateGroupResponse, CreatedGroup, DeleteGroupRequest, GetGroupRequest, GetGroupResponse,
    Group, Groups, ListGroupsRequest, ListGroupsResponse, UpdateGroupRequest, UpdateGroupResponse,
};
use crate::wire::heard;

/// CreateGroup.
pub(crate) struct CreateGroup;

impl Wire for CreateGroup {
    type Op = group::CreateGroup;
    type Ask<'a> = CreateGroupRequest<'a>;
    type Told<'a> = CreateGroupResponse<'a>;

    fn op(ask: CreateGroupRequest<'_>) -> Result<group::CreateGroup> {
        let CreateGroupRequest { comments, group_name } = ask;
        Ok(group::CreateGroup {
            name: owned(group_name),
            path: ROOT.to_owned(),
            comments: comments.map(Cow::into_owned),
        })
    }

    fn told(output: &Described) -> Result<CreateGroupResponse<'_>> {
        Ok(CreateGroupResponse { group: Some(CreatedGroup(told(output))) })
    }

    fn ask(op: &group::CreateGroup) -> Result<CreateGroupRequest<'_>> {
        // There are no paths.
        let group::CreateGroup { name, path: _, comments } = op;
        Ok(CreateGroupRequest { comments: comments.as_deref().map(Cow::from), group_name: Some(name.into()) })
    }

    fn output(told: CreateGroupResponse<'_>) -> Result<Described> {
        let CreateGroupResponse { group } = told;
        heard(heard::had(group)?.0)
    }
}

/// GetGroup.
pub(crate) struct GetGroup;

impl Wire for GetGroup {
    type Op = group::DescribeGroup;
    type Ask<'a> = GetGroupRequest<'a>;
    type Told<'a> = GetGroupResponse<'a>;

    fn op(ask: GetGroupRequest<'_>) -> Result<group::DescribeGroup> {
        let GetGroupRequest { group_name } = ask;
        Ok(group::DescribeGroup { name: owned(group_name) })
    }

    fn told(output: &Described) -> Result<GetGroupResponse<'_>> {
        Ok(GetGroupResponse { group: Some(told(output)) })
    }

    fn ask(op: &group::DescribeGroup) -> Result<GetGroupRequest<'_>> {
        let group::DescribeGroup { name } = op;
        Ok(GetGroupRequest { group_name: Some(name.into()) })
    }

    fn output(told: GetGroupResponse<'_>) -> Result<Described> {
        let GetGroupResponse { group } = told;
        heard(heard::had(group)?)
    }
}

/// UpdateGroup.
pub(crate) struct UpdateGroup;

impl Wire for UpdateGroup {
    type Op = group::UpdateGroup;
    type Ask<'a> = UpdateGroupRequest<'a>;
    type Told<'a> = UpdateGroupResponse<'a>;

    fn op(ask: UpdateGroupRequest<'_>) -> Result<group::UpdateGroup> {
        let UpdateGroupRequest { group_name, new_comments, new_group_name } = ask;
        Ok(group::UpdateGroup {
            name: owned(group_name),
            new_name: new_group_name.map(Cow::into_owned),
            new_path: None,
            comments: new_comments.map(Cow::into_owned),
        })
    }

    fn told(output: &Option<Described>) -> Result<UpdateGroupResponse<'_>> {
        Ok(UpdateGroupResponse { group: output.as_ref().map(told) })
    }

    fn ask(op: &group::UpdateGroup) -> Result<UpdateGroupRequest<'_>> {
        // There are no paths.
        let group::UpdateGroup { name, new_name, new_path: _, comments } = op;
        Ok(UpdateGroupRequest {
            group_name: Some(name.into()),
            new_comments: comments.as_ref().map(Cow::from),
            new_group_name: new_name.as_ref().map(Cow::from),
        })
    }

    fn output(told: UpdateGroupResponse<'_>) -> Result<Option<Described>> {
        let UpdateGroupResponse { group } = told;
        heard(heard::had(group)?).map(Some)
    }
}

/// ListGroups.
pub(crate) struct ListGroups;

impl Wire for ListGroups {
    type Op = group::ListGroups;
    type Ask<'a> = ListGroupsRequest<'a>;
    type Told<'a> = ListGroupsResponse<'a>;

    fn op(ask: ListGroupsRequest<'_>) -> Result<group::ListGroups> {
        let ListGroupsRequest { marker, max_items } = ask;
        Ok(group::ListGroups { paging: part(marker, max_items), path_prefix: ROOT.to_owned() })
    }

    fn told(output: &Listed<Described>) -> Result<ListGroupsResponse<'_>> {
        let Listed { items, next, numbered: _ } = output;
        Ok(ListGroupsResponse {
            groups: Some(Groups { group: Some(items.iter().map(told).collect()) }),
            is_truncated: Some(next.is_some()),
            marker: next.as_ref().map(Cow::from),
        })
    }

    fn ask(op: &group::ListGroups) -> Result<ListGroupsRequest<'_>> {
        let group::ListGroups { paging, path_prefix: _ } = op;
        let (marker, max_items) = part_of(paging)?;
        Ok(ListGroupsRequest { marker, max_items })
    }

    fn output(told: ListGroupsResponse<'_>) -> Result<Listed<Described>> {
        let ListGroupsResponse { groups, is_truncated, marker } = told;
        heard::part(heard::had(groups)?.group, is_truncated, marker, heard)
    }
}

/// DeleteGroup.
pub(crate) struct DeleteGroup;

impl Wire for DeleteGroup {
    type Op = group::DeleteGroup;
    type Ask<'a> = DeleteGroupRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: DeleteGroupRequest<'_>) -> Result<group::DeleteGroup> {
        let DeleteGroupRequest { group_name } = ask;
        Ok(group::DeleteGroup { name: owned(group_name) })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &group::DeleteGroup) -> Result<DeleteGroupRequest<'_>> {
        let group::DeleteGroup { name } = op;
        Ok(DeleteGroupRequest { group_name: Some(name.into()) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

fn told(group: &Described) -> Group<'_> {
    let Described { id, arn: _, name, path: _, comments, created_at, updated_at } = group;
    Group {
        comments: comments.as_deref().map(Cow::from),
        create_date: *created_at,
        group_id: Some(id.into()),
        group_name: Some(name.into()),
        update_date: *updated_at,
    }
}

/// The group of an answer, which does not tell its full name. There are no paths.
fn heard(group: Group<'_>) -> Result<Described> {
    let Group { comments, create_date, group_id, group_name, update_date } = group;
    Ok(Described {
        id: heard::text(group_id)?,
        arn: None,
        name: heard::text(group_name)?,
        path: None,
        comments: Some(heard::text(comments)?),
        created_at: Some(heard::had(create_date)?),
        updated_at: update_date,
    })
}
