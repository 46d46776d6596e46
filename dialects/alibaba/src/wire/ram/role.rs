//! Roles: CreateRole, GetRole, UpdateRole, ListRoles and DeleteRole.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::{Flaw, Kind, Result};
use polykms_core::identity::role::{self, Described};
use polykms_core::list::Listed;

use super::{ROOT, asked_tags, document, heard_tags, owned, part, part_of, tags, told_tags, whatever_tags};
use crate::message::ram::{
    CreateRoleRequest, CreateRoleResponse, CreatedRole, DeleteRoleRequest, FoundRole, GetRoleRequest, GetRoleResponse,
    ListRolesRequest, ListRolesResponse, ListedRole, Role, Roles, UpdateRoleRequest, UpdateRoleResponse, UpdatedRole,
};
use crate::resource;
use crate::wire::{heard, invalid};

/// The longest trust policy of a role, in bytes.
const LONGEST_TRUST: usize = 2048;

/// CreateRole.
pub(crate) struct CreateRole;

impl Wire for CreateRole {
    type Op = role::CreateRole;
    type Ask<'a> = CreateRoleRequest<'a>;
    type Told<'a> = CreateRoleResponse<'a>;

    fn op(ask: CreateRoleRequest<'_>) -> Result<role::CreateRole> {
        let CreateRoleRequest {
            allow_console_login,
            assume_role_policy_document,
            description,
            max_session_duration,
            role_name,
            tag,
        } = ask;
        no_console("AllowConsoleLogin", allow_console_login)?;
        let trust = document("AssumeRolePolicyDocument", assume_role_policy_document, LONGEST_TRUST)?;
        Ok(role::CreateRole {
            name: owned(role_name),
            path: ROOT.to_owned(),
            description: description.map(Cow::into_owned),
            trust: trust.unwrap_or_default(),
            max_session_seconds: seconds("MaxSessionDuration", max_session_duration)?.unwrap_or_default(),
            tags: tags(tag)?,
        })
    }

    fn told(output: &Described) -> Result<CreateRoleResponse<'_>> {
        Ok(CreateRoleResponse { role: Some(CreatedRole(told(output))) })
    }

    fn ask(op: &role::CreateRole) -> Result<CreateRoleRequest<'_>> {
        // There are no paths.
        let role::CreateRole { name, path: _, description, trust, max_session_seconds, tags } = op;
        Ok(CreateRoleRequest {
            allow_console_login: Some(false),
            assume_role_policy_document: Some(trust.into()),
            description: description.as_deref().map(Cow::from),
            max_session_duration: Some(i64::from(*max_session_seconds)),
            role_name: Some(name.into()),
            tag: asked_tags(tags),
        })
    }

    fn output(told: CreateRoleResponse<'_>) -> Result<Described> {
        let CreateRoleResponse { role } = told;
        heard(heard::had(role)?.0)
    }
}

/// GetRole.
pub(crate) struct GetRole;

impl Wire for GetRole {
    type Op = role::DescribeRole;
    type Ask<'a> = GetRoleRequest<'a>;
    type Told<'a> = GetRoleResponse<'a>;

    fn op(ask: GetRoleRequest<'_>) -> Result<role::DescribeRole> {
        let GetRoleRequest { role_name } = ask;
        Ok(role::DescribeRole { name: owned(role_name) })
    }

    fn told(output: &Described) -> Result<GetRoleResponse<'_>> {
        Ok(GetRoleResponse { role: Some(FoundRole(told(output))) })
    }

    fn ask(op: &role::DescribeRole) -> Result<GetRoleRequest<'_>> {
        let role::DescribeRole { name } = op;
        Ok(GetRoleRequest { role_name: Some(name.into()) })
    }

    fn output(told: GetRoleResponse<'_>) -> Result<Described> {
        let GetRoleResponse { role } = told;
        heard(heard::had(role)?.0)
    }
}

/// UpdateRole.
pub(crate) struct UpdateRole;

impl Wire for UpdateRole {
    type Op = role::UpdateRole;
    type Ask<'a> = UpdateRoleRequest<'a>;
    type Told<'a> = UpdateRoleResponse<'a>;

    fn op(ask: UpdateRoleRequest<'_>) -> Result<role::UpdateRole> {
        let UpdateRoleRequest {
            new_allow_console_login,
            new_assume_role_policy_document,
            new_description,
            new_max_session_duration,
            role_name,
        } = ask;
        no_console("NewAllowConsoleLogin", new_allow_console_login)?;
        Ok(role::UpdateRole {
            name: owned(role_name),
            description: new_description.map(Cow::into_owned),
            trust: document("NewAssumeRolePolicyDocument", new_assume_role_policy_document, LONGEST_TRUST)?,
            max_session_seconds: seconds("NewMaxSessionDuration", new_max_session_duration)?,
        })
    }

    fn told(output: &Option<Described>) -> Result<UpdateRoleResponse<'_>> {
        Ok(UpdateRoleResponse { role: output.as_ref().map(|role| UpdatedRole(told(role))) })
    }

    fn ask(op: &role::UpdateRole) -> Result<UpdateRoleRequest<'_>> {
        let role::UpdateRole { name, description, trust, max_session_seconds } = op;
        Ok(UpdateRoleRequest {
            new_allow_console_login: Some(false),
            new_assume_role_policy_document: trust.as_ref().map(Cow::from),
            new_description: description.as_ref().map(Cow::from),
            new_max_session_duration: max_session_seconds.map(i64::from),
            role_name: Some(name.into()),
        })
    }

    fn output(told: UpdateRoleResponse<'_>) -> Result<Option<Described>> {
        let UpdateRoleResponse { role } = told;
        heard(heard::had(role)?.0).map(Some)
    }
}

/// ListRoles.
pub(crate) struct ListRoles;

impl Wire for ListRoles {
    type Op = role::ListRoles;
    type Ask<'a> = ListRolesRequest<'a>;
    type Told<'a> = ListRolesResponse<'a>;

    fn op(ask: ListRolesRequest<'_>) -> Result<role::ListRoles> {
        let ListRolesRequest { marker, max_items, tag } = ask;
        whatever_tags(tag, "lists of roles by tag are not built")?;
        Ok(role::ListRoles { paging: part(marker, max_items), path_prefix: ROOT.to_owned() })
    }

    fn told(output: &Listed<Described>) -> Result<ListRolesResponse<'_>> {
        let Listed { items, next, numbered: _ } = output;
        let listed = |role| ListedRole(told(role));
        Ok(ListRolesResponse {
            is_truncated: Some(next.is_some()),
            marker: next.as_ref().map(Cow::from),
            roles: Some(Roles { role: Some(items.iter().map(listed).collect()) }),
        })
    }

    fn ask(op: &role::ListRoles) -> Result<ListRolesRequest<'_>> {
        let role::ListRoles { paging, path_prefix: _ } = op;
        let (marker, max_items) = part_of(paging)?;
        Ok(ListRolesRequest { marker, max_items, tag: None })
    }

    fn output(told: ListRolesResponse<'_>) -> Result<Listed<Described>> {
        let ListRolesResponse { is_truncated, marker, roles } = told;
        heard::part(heard::had(roles)?.role, is_truncated, marker, |ListedRole(role)| heard(role))
    }
}

/// DeleteRole.
pub(crate) struct DeleteRole;

impl Wire for DeleteRole {
    type Op = role::DeleteRole;
    type Ask<'a> = DeleteRoleRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: DeleteRoleRequest<'_>) -> Result<role::DeleteRole> {
        let DeleteRoleRequest { role_name } = ask;
        Ok(role::DeleteRole { name: owned(role_name) })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &role::DeleteRole) -> Result<DeleteRoleRequest<'_>> {
        let role::DeleteRole { name } = op;
        Ok(DeleteRoleRequest { role_name: Some(name.into()) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// There is no console to log on to; a role that may not do so is every role here.
fn no_console(name: &'static str, console: Option<bool>) -> Result<()> {
    match console {
        Some(true) => Err(Kind::Unsupported.because("there is no console to log on to").naming(name)),
        Some(false) | None => Ok(()),
    }
}

fn seconds(name: &'static str, number: Option<i64>) -> Result<Option<u32>> {
    number.map(|number| u32::try_from(number).map_err(|_| invalid(Flaw::Value, name))).transpose()
}

/// The name of a role as a principal.
fn principal_name(arn: &str, name: &str) -> String {
    let account = resource::role(arn).map_or("", |(account, _)| account);
    [name, "@role.", account, ".onaliyunservice.com"].concat()
}

/// All that answers tell of a role, each of them a part.
fn told(role: &Described) -> Role<'_> {
    let Described { id, arn, name, path: _, description, created_at, updated_at, trust, max_session_seconds, tags } =
        role;
    Role {
        allow_console_login: Some(false),
        arn: Some(arn.into()),
        assume_role_policy_document: trust.as_ref().map(Cow::from),
        create_date: Some(*created_at),
        description: description.as_deref().map(Cow::from),
        is_service_linked_role: Some(false),
        max_session_duration: max_session_seconds.map(i64::from),
        role_id: Some(id.into()),
        role_name: Some(name.into()),
        role_principal_name: Some(principal_name(arn, name).into()),
        tags: tags.as_ref().map(told_tags),
        update_date: *updated_at,
    }
}

fn heard(role: Role<'_>) -> Result<Described> {
    let Role {
        allow_console_login,
        arn,
        assume_role_policy_document,
        create_date,
        description,
        is_service_linked_role,
        max_session_duration,
        role_id,
        role_name,
        role_principal_name,
        tags,
        update_date,
    } = role;
    let (arn, name) = (heard::text(arn)?, heard::text(role_name)?);
    heard::agrees(allow_console_login, false)?;
    heard::agrees(is_service_linked_role.or(Some(false)), false)?;
    if role_principal_name.is_some_and(|principal| principal != principal_name(&arn, &name)) {
        return Err(heard::unreadable("a role is another principal than its name says"));
    }
    Ok(Described {
        id: heard::text(role_id)?,
        arn,
        name,
        path: None,
        description: Some(heard::text(description)?),
        created_at: heard::had(create_date)?,
        updated_at: update_date,
        trust: assume_role_policy_document.map(Cow::into_owned),
        max_session_seconds: Some(heard::had(seconds("MaxSessionDuration", max_session_duration)?)?),
        tags: tags.map(heard_tags).transpose()?,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::tests::decoded;

    fn create(name: &str, value: &str) -> Result<role::CreateRole> {
        decoded::<CreateRole>(&[("RoleName", "r"), ("AssumeRolePolicyDocument", "{}"), (name, value)])
    }

    #[test]
    fn a_session_lasts_from_one_to_twelve_hours() {
        assert_eq!(create("x", "").unwrap().max_session_seconds, 3600);
        assert_eq!(create("MaxSessionDuration", "43200").unwrap().max_session_seconds, 43_200);
        for text in ["3599", "43201", "1h"] {
            let refused = create("MaxSessionDuration", text).unwrap_err();
            assert_eq!((refused.kind(), refused.subject()), (Kind::Invalid(Flaw::Value), Some("MaxSessionDuration")));
        }
    }

    #[test]
    fn a_console_is_refused_and_its_absence_is_not() {
        assert!(create("AllowConsoleLogin", "False").is_ok());
        assert_eq!(create("AllowConsoleLogin", "true").unwrap_err().kind(), Kind::Unsupported);
    }
}
