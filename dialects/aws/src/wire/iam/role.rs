//! Roles: CreateRole, GetRole, ListRoles, UpdateRole, UpdateRoleDescription, UpdateAssumeRolePolicy, DeleteRole,
//! ListInstanceProfilesForRole.

use std::convert::Infallible;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::Result;
use polykms_core::identity::role::{self as op, Described};
use polykms_core::list::Listed;

use super::{document, given, heard_document, heard_tags, owned, paging, seconds, tag_list, tags, within, words};
use crate::message::iam::{
    CreateRoleRequest, CreateRoleResponse, CreatedRole, DeleteRoleRequest, GetRoleRequest, GetRoleResponse,
    ListInstanceProfilesForRoleRequest, ListInstanceProfilesForRoleResponse, ListRolesRequest, ListRolesResponse,
    ListedRole, Role, RoleLastUsed, UpdateAssumeRolePolicyRequest, UpdateRoleDescriptionRequest,
    UpdateRoleDescriptionResponse, UpdateRoleRequest,
};
use crate::resource::own_path;
use crate::wire::{heard, list};

/// The quota of characters that a trust policy may have.
const ROOM: (&str, usize) = ("ACLSizePerRole", 2048);

/// A role; lists do not tell its tags, and what makes or changes it not how long its sessions last. When it was last
/// used is not recorded, so that the vendor's answer for a role that was never used is told.
fn told(role: &Described) -> Role<'_> {
    let Described { id, arn, name, path, description, created_at, updated_at: _, trust, max_session_seconds, tags } =
        role;
    Role {
        arn: Some(arn.into()),
        assume_role_policy_document: trust.as_deref().map(document),
        create_date: Some(*created_at),
        description: words(description),
        max_session_duration: max_session_seconds.map(Into::into),
        path: path.as_deref().map(Into::into),
        role_id: Some(id.into()),
        role_last_used: Some(RoleLastUsed::default()),
        role_name: Some(name.into()),
        tags: tags.as_ref().and_then(tag_list),
    }
}

/// The role that an answer tells.
fn heard(role: Role<'_>) -> Result<Described> {
    let Role {
        arn,
        assume_role_policy_document,
        create_date,
        description,
        max_session_duration,
        path,
        role_id,
        role_last_used: _,
        role_name,
        tags,
    } = role;
    Ok(Described {
        id: heard::text(role_id)?,
        arn: heard::text(arn)?,
        name: heard::text(role_name)?,
        path: Some(heard::text(path)?),
        description: given(description),
        created_at: heard::had(create_date)?,
        updated_at: None,
        trust: Some(heard_document(&heard::had(assume_role_policy_document)?)?),
        max_session_seconds: seconds(max_session_duration),
        tags: Some(heard_tags(tags)?),
    })
}

/// Makes a role.
pub(crate) struct CreateRole;

impl Wire for CreateRole {
    type Op = op::CreateRole;
    type Ask<'a> = CreateRoleRequest<'a>;
    type Told<'a> = CreateRoleResponse<'a>;

    fn op(ask: CreateRoleRequest<'_>) -> Result<op::CreateRole> {
        let CreateRoleRequest {
            path: given_path,
            role_name,
            assume_role_policy_document,
            description,
            max_session_duration,
            tags: given_tags,
        } = ask;
        let tags = tags(given_tags)?;
        Ok(op::CreateRole {
            name: owned(role_name),
            path: own_path(owned(given_path))?,
            description: given(description),
            trust: within(ROOM, assume_role_policy_document)?,
            max_session_seconds: seconds(max_session_duration).unwrap_or_default(),
            tags,
        })
    }

    fn told(output: &Described) -> Result<CreateRoleResponse<'_>> {
        Ok(CreateRoleResponse { role: Some(CreatedRole(told(output))) })
    }

    fn ask(op: &op::CreateRole) -> Result<CreateRoleRequest<'_>> {
        let op::CreateRole { name, path, description, trust, max_session_seconds, tags } = op;
        Ok(CreateRoleRequest {
            path: Some(path.into()),
            role_name: Some(name.into()),
            assume_role_policy_document: Some(trust.into()),
            description: description.as_deref().map(Into::into),
            max_session_duration: Some((*max_session_seconds).into()),
            tags: tag_list(tags),
        })
    }

    fn output(told: CreateRoleResponse<'_>) -> Result<Described> {
        let CreateRoleResponse { role } = told;
        heard(heard::had(role)?.0)
    }
}

/// Tells about a role.
pub(crate) struct GetRole;

impl Wire for GetRole {
    type Op = op::DescribeRole;
    type Ask<'a> = GetRoleRequest<'a>;
    type Told<'a> = GetRoleResponse<'a>;

    fn op(ask: GetRoleRequest<'_>) -> Result<op::DescribeRole> {
        let GetRoleRequest { role_name } = ask;
        Ok(op::DescribeRole { name: owned(role_name) })
    }

    fn told(output: &Described) -> Result<GetRoleResponse<'_>> {
        Ok(GetRoleResponse { role: Some(told(output)) })
    }

    fn ask(op: &op::DescribeRole) -> Result<GetRoleRequest<'_>> {
        Ok(GetRoleRequest { role_name: Some((&op.name).into()) })
    }

    fn output(told: GetRoleResponse<'_>) -> Result<Described> {
        let GetRoleResponse { role } = told;
        heard(heard::had(role)?)
    }
}

/// Lists the roles of the account.
pub(crate) struct ListRoles;

impl Wire for ListRoles {
    type Op = op::ListRoles;
    type Ask<'a> = ListRolesRequest<'a>;
    type Told<'a> = ListRolesResponse<'a>;

    fn op(ask: ListRolesRequest<'_>) -> Result<op::ListRoles> {
        let ListRolesRequest { path_prefix, marker, max_items } = ask;
        Ok(op::ListRoles { paging: paging(max_items, marker), path_prefix: owned(path_prefix) })
    }

    fn told(output: &Listed<Described>) -> Result<ListRolesResponse<'_>> {
        let Listed { items, next, numbered: _ } = output;
        Ok(ListRolesResponse {
            is_truncated: Some(next.is_some()),
            marker: next.as_deref().map(Into::into),
            roles: Some(items.iter().map(|role| ListedRole(told(role))).collect()),
        })
    }

    fn ask(op: &op::ListRoles) -> Result<ListRolesRequest<'_>> {
        let (max_items, marker) = list::part(&op.paging)?;
        Ok(ListRolesRequest { path_prefix: Some((&op.path_prefix).into()), marker, max_items })
    }

    fn output(told: ListRolesResponse<'_>) -> Result<Listed<Described>> {
        let ListRolesResponse { is_truncated, marker, roles } = told;
        list::heard(roles, is_truncated, marker, |ListedRole(role)| Ok(Described { tags: None, ..heard(role)? }))
    }
}

/// Changes the words about a role and how long its sessions may last.
pub(crate) struct UpdateRole;

impl Wire for UpdateRole {
    type Op = op::UpdateRole;
    type Ask<'a> = UpdateRoleRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: UpdateRoleRequest<'_>) -> Result<op::UpdateRole> {
        let UpdateRoleRequest { role_name, description, max_session_duration } = ask;
        let (name, description) = (owned(role_name), given(description));
        Ok(op::UpdateRole { name, description, trust: None, max_session_seconds: seconds(max_session_duration) })
    }

    fn told(_: &Option<Described>) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &op::UpdateRole) -> Result<UpdateRoleRequest<'_>> {
        let op::UpdateRole { name, description, trust: _, max_session_seconds } = op;
        Ok(UpdateRoleRequest {
            role_name: Some(name.into()),
            description: description.as_deref().map(Into::into),
            max_session_duration: max_session_seconds.map(Into::into),
        })
    }

    fn output(_: Nothing<'_>) -> Result<Option<Described>> {
        Ok(None)
    }
}

/// Changes the words about a role.
pub(crate) struct UpdateRoleDescription;

impl Wire for UpdateRoleDescription {
    type Op = op::UpdateRole;
    type Ask<'a> = UpdateRoleDescriptionRequest<'a>;
    type Told<'a> = UpdateRoleDescriptionResponse<'a>;

    fn op(ask: UpdateRoleDescriptionRequest<'_>) -> Result<op::UpdateRole> {
        let UpdateRoleDescriptionRequest { role_name, description } = ask;
        let (name, description) = (owned(role_name), given(description));
        Ok(op::UpdateRole { name, description, trust: None, max_session_seconds: None })
    }

    fn told(output: &Option<Described>) -> Result<UpdateRoleDescriptionResponse<'_>> {
        Ok(UpdateRoleDescriptionResponse { role: output.as_ref().map(told).map(CreatedRole) })
    }

    fn ask(op: &op::UpdateRole) -> Result<UpdateRoleDescriptionRequest<'_>> {
        let op::UpdateRole { name, description, trust: _, max_session_seconds: _ } = op;
        let description = description.as_deref().map(Into::into);
        Ok(UpdateRoleDescriptionRequest { role_name: Some(name.into()), description })
    }

    fn output(told: UpdateRoleDescriptionResponse<'_>) -> Result<Option<Described>> {
        let UpdateRoleDescriptionResponse { role } = told;
        heard(heard::had(role)?.0).map(Some)
    }
}

/// Changes who may assume a role.
pub(crate) struct UpdateAssumeRolePolicy;

impl Wire for UpdateAssumeRolePolicy {
    type Op = op::UpdateRole;
    type Ask<'a> = UpdateAssumeRolePolicyRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: UpdateAssumeRolePolicyRequest<'_>) -> Result<op::UpdateRole> {
        let UpdateAssumeRolePolicyRequest { role_name, policy_document } = ask;
        let (name, trust) = (owned(role_name), Some(within(ROOM, policy_document)?));
        Ok(op::UpdateRole { name, description: None, trust, max_session_seconds: None })
    }

    fn told(_: &Option<Described>) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &op::UpdateRole) -> Result<UpdateAssumeRolePolicyRequest<'_>> {
        let op::UpdateRole { name, description: _, trust, max_session_seconds: _ } = op;
        let policy_document = trust.as_deref().map(Into::into);
        Ok(UpdateAssumeRolePolicyRequest { role_name: Some(name.into()), policy_document })
    }

    fn output(_: Nothing<'_>) -> Result<Option<Described>> {
        Ok(None)
    }
}

/// Removes a role.
pub(crate) struct DeleteRole;

impl Wire for DeleteRole {
    type Op = op::DeleteRole;
    type Ask<'a> = DeleteRoleRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: DeleteRoleRequest<'_>) -> Result<op::DeleteRole> {
        let DeleteRoleRequest { role_name } = ask;
        Ok(op::DeleteRole { name: owned(role_name) })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &op::DeleteRole) -> Result<DeleteRoleRequest<'_>> {
        Ok(DeleteRoleRequest { role_name: Some((&op.name).into()) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// Lists the instance profiles of a role: there are no machines, and so no profiles.
pub(crate) struct ListInstanceProfilesForRole;

impl Wire for ListInstanceProfilesForRole {
    type Op = op::ListMachines;
    type Ask<'a> = ListInstanceProfilesForRoleRequest<'a>;
    type Told<'a> = ListInstanceProfilesForRoleResponse<'a>;

    fn op(ask: ListInstanceProfilesForRoleRequest<'_>) -> Result<op::ListMachines> {
        let ListInstanceProfilesForRoleRequest { role_name, marker, max_items } = ask;
        Ok(op::ListMachines { name: owned(role_name), paging: paging(max_items, marker) })
    }

    fn told(output: &Listed<Infallible>) -> Result<ListInstanceProfilesForRoleResponse<'_>> {
        let Listed { items: _, next, numbered: _ } = output;
        Ok(ListInstanceProfilesForRoleResponse {
            instance_profiles: Some(Vec::new()),
            is_truncated: Some(next.is_some()),
            marker: next.as_deref().map(Into::into),
        })
    }

    fn ask(op: &op::ListMachines) -> Result<ListInstanceProfilesForRoleRequest<'_>> {
        let op::ListMachines { name, paging } = op;
        let (max_items, marker) = list::part(paging)?;
        Ok(ListInstanceProfilesForRoleRequest { role_name: Some(name.into()), marker, max_items })
    }

    fn output(told: ListInstanceProfilesForRoleResponse<'_>) -> Result<Listed<Infallible>> {
        let ListInstanceProfilesForRoleResponse { instance_profiles, is_truncated, marker } = told;
        list::heard(instance_profiles, is_truncated, marker, |_| {
            Err(heard::unreadable("an instance profile was not expected"))
        })
    }
}
