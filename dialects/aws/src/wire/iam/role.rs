//! Roles: CreateRole, GetRole, ListRoles, UpdateRole, UpdateRoleDescription, UpdateAssumeRolePolicy, DeleteRole,
//! ListInstanceProfilesForRole.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::Result;
use polykms_core::identity::Role;
use polykms_core::identity::role as op;
use polykms_core::list::Listed;
use serde_json::{Value, json};

use super::user::NO_BOUNDARY;
use super::{DOCUMENT, NAME_64, NOTHING, PATH, Shape, date, document, list, read, tags, within, words};
use crate::resource;

/// Characters that a trust policy may have.
const MOST: usize = 2048;
/// The longest session when nobody says, in seconds; also the least that may be said.
const HOUR: u32 = 3600;
/// The most that may be said.
const HALF_DAY: u32 = 43_200;

const DESCRIPTION: Shape = Shape {
    min: 0,
    max: 1000,
    pattern: r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*",
    fits: |text| text.chars().all(|one| matches!(one, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}')),
};

/// A role as lists tell it.
fn tree(role: &Role) -> Value {
    json!({
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": resource::role_arn(&role.account, &role.path, &role.name),
        "CreateDate": date(role.created_at),
        "AssumeRolePolicyDocument": document(&role.trust),
        "Description": words(&role.description),
        "MaxSessionDuration": role.max_session_seconds,
    })
}

fn answer(role: &Role) -> Payload {
    let mut tree = tree(role);
    if let Some(members) = tree.as_object_mut() {
        members.insert("Tags".to_owned(), tags(&role.tags));
    }
    Payload::Tree(json!({ "Role": tree }))
}

/// Makes a role.
pub(crate) struct CreateRole;

impl Former for CreateRole {
    type Op = op::CreateRole;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let name = fields.required("RoleName", &NAME_64);
            let path = fields.optional("Path", &PATH).unwrap_or_else(|| "/".to_owned());
            let description = fields.optional("Description", &DESCRIPTION).unwrap_or_default();
            let trust = fields.required("AssumeRolePolicyDocument", &DOCUMENT);
            let max_session_seconds = fields.number("MaxSessionDuration", HOUR, HALF_DAY)?.unwrap_or(HOUR);
            fields.not_built("PermissionsBoundary", NO_BOUNDARY)?;
            let tags = fields.tags()?;
            let trust = within("ACLSizePerRole", MOST, trust)?;
            Ok(op::CreateRole { name, path, description, trust, max_session_seconds, tags })
        })
    }

    fn encode(role: Role) -> Result<Payload> {
        Ok(answer(&role))
    }
}

/// Tells about a role.
pub(crate) struct GetRole;

impl Former for GetRole {
    type Op = op::DescribeRole;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| Ok(op::DescribeRole { name: fields.required("RoleName", &NAME_64) }))
    }

    fn encode(role: Role) -> Result<Payload> {
        Ok(answer(&role))
    }
}

/// Lists the roles of the account.
pub(crate) struct ListRoles;

impl Former for ListRoles {
    type Op = op::ListRoles;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let path_prefix = list::prefix(fields);
            Ok(op::ListRoles { paging: list::paging(fields)?, path_prefix })
        })
    }

    fn encode(listed: Listed<Role>) -> Result<Payload> {
        Ok(list::answer("Roles", listed, tree))
    }
}

/// Changes the words about a role and how long its sessions may last.
pub(crate) struct UpdateRole;

impl Former for UpdateRole {
    type Op = op::UpdateRole;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            Ok(op::UpdateRole {
                name: fields.required("RoleName", &NAME_64),
                description: fields.optional("Description", &DESCRIPTION),
                trust: None,
                max_session_seconds: fields.number("MaxSessionDuration", HOUR, HALF_DAY)?,
            })
        })
    }

    fn encode(_: Role) -> Result<Payload> {
        Ok(Payload::Tree(json!({})))
    }
}

/// Changes the words about a role.
pub(crate) struct UpdateRoleDescription;

impl Former for UpdateRoleDescription {
    type Op = op::UpdateRole;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let name = fields.required("RoleName", &NAME_64);
            let description = Some(fields.required("Description", &DESCRIPTION));
            Ok(op::UpdateRole { name, description, trust: None, max_session_seconds: None })
        })
    }

    fn encode(role: Role) -> Result<Payload> {
        Ok(answer(&role))
    }
}

/// Changes who may assume a role.
pub(crate) struct UpdateAssumeRolePolicy;

impl Former for UpdateAssumeRolePolicy {
    type Op = op::UpdateRole;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let name = fields.required("RoleName", &NAME_64);
            let trust = fields.required("PolicyDocument", &DOCUMENT);
            let trust = Some(within("ACLSizePerRole", MOST, trust)?);
            Ok(op::UpdateRole { name, description: None, trust, max_session_seconds: None })
        })
    }

    fn encode(_: Role) -> Result<Payload> {
        Ok(NOTHING)
    }
}

/// Removes a role.
pub(crate) struct DeleteRole;

impl Former for DeleteRole {
    type Op = op::DeleteRole;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| Ok(op::DeleteRole { name: fields.required("RoleName", &NAME_64) }))
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}

/// Lists the instance profiles of a role: there are no machines, and so no profiles.
pub(crate) struct ListInstanceProfilesForRole;

impl Former for ListInstanceProfilesForRole {
    type Op = op::DescribeRole;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            list::paging(fields)?;
            Ok(op::DescribeRole { name: fields.required("RoleName", &NAME_64) })
        })
    }

    fn encode(_: Role) -> Result<Payload> {
        Ok(Payload::Tree(json!({ "InstanceProfiles": [], "IsTruncated": false })))
    }
}
