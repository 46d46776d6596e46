//! Roles: CreateRole, GetRole, UpdateRole, ListRoles and DeleteRole.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::{Kind, Result};
use polykms_core::identity::role::{self, Described};
use polykms_core::list::Listed;
use serde_json::Value;

use super::{LONGEST_DESCRIPTION, LONGEST_TRUST, PRINCIPAL, ROOT, part_of, told_tags};
use crate::resource;
use crate::wire::{Arguments, date, done, listed, missing, object, tree};

/// How long sessions of a role may last, in seconds.
const SESSION: std::ops::RangeInclusive<u32> = 3600..=43_200;

pub(crate) struct CreateRole;

impl Former for CreateRole {
    type Op = role::CreateRole;

    fn decode(arguments: &Payload) -> Result<role::CreateRole> {
        let arguments = Arguments::of(arguments)?;
        arguments.no_console("AllowConsoleLogin")?;
        let trust = arguments.document("AssumeRolePolicyDocument", LONGEST_TRUST)?;
        Ok(role::CreateRole {
            name: arguments.name("RoleName", &PRINCIPAL)?,
            path: ROOT.to_owned(),
            description: arguments.words("Description", LONGEST_DESCRIPTION)?.unwrap_or_default(),
            trust: trust.ok_or_else(|| missing("AssumeRolePolicyDocument"))?,
            max_session_seconds: arguments.number("MaxSessionDuration", SESSION)?.unwrap_or(*SESSION.start()),
            tags: arguments.tag()?,
        })
    }

    fn encode(output: Described) -> Result<Payload> {
        Ok(tree([("Role", told(&output, &[Extra::Trust]))]))
    }
}

pub(crate) struct GetRole;

impl Former for GetRole {
    type Op = role::DescribeRole;

    fn decode(arguments: &Payload) -> Result<role::DescribeRole> {
        Ok(role::DescribeRole { name: Arguments::of(arguments)?.name("RoleName", &PRINCIPAL)? })
    }

    fn encode(output: Described) -> Result<Payload> {
        Ok(tree([("Role", told(&output, &[Extra::Trust, Extra::Updated, Extra::Principal]))]))
    }
}

pub(crate) struct UpdateRole;

impl Former for UpdateRole {
    type Op = role::UpdateRole;

    fn decode(arguments: &Payload) -> Result<role::UpdateRole> {
        let arguments = Arguments::of(arguments)?;
        arguments.no_console("NewAllowConsoleLogin")?;
        Ok(role::UpdateRole {
            name: arguments.name("RoleName", &PRINCIPAL)?,
            description: arguments.words("NewDescription", LONGEST_DESCRIPTION)?,
            trust: arguments.document("NewAssumeRolePolicyDocument", LONGEST_TRUST)?,
            max_session_seconds: arguments.number("NewMaxSessionDuration", SESSION)?,
        })
    }

    fn encode(output: Option<Described>) -> Result<Payload> {
        Ok(tree([("Role", output.map(|role| told(&role, &[Extra::Trust, Extra::Updated])).into())]))
    }
}

pub(crate) struct ListRoles;

impl Former for ListRoles {
    type Op = role::ListRoles;

    fn decode(arguments: &Payload) -> Result<role::ListRoles> {
        let arguments = Arguments::of(arguments)?;
        arguments.whatever_tags("lists of roles by tag are not built")?;
        Ok(role::ListRoles { paging: arguments.part()?.into(), path_prefix: ROOT.to_owned() })
    }

    fn encode(output: Listed<Described>) -> Result<Payload> {
        let Listed { items, next, total: _ } = output;
        let roles = listed("Role", items.iter().map(|role| told(role, &[Extra::Updated, Extra::Tags])));
        Ok(Payload::Tree(part_of("Roles", roles, next)))
    }
}

pub(crate) struct DeleteRole;

impl Former for DeleteRole {
    type Op = role::DeleteRole;

    fn decode(arguments: &Payload) -> Result<role::DeleteRole> {
        Ok(role::DeleteRole { name: Arguments::of(arguments)?.name("RoleName", &PRINCIPAL)? })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

impl Arguments<'_> {
    /// There is no console to log on to; a role that may not do so is every role here.
    fn no_console(self, name: &'static str) -> Result<()> {
        match self.flag(name)? {
            Some(true) => Err(Kind::Unsupported.because("there is no console to log on to").naming(name)),
            Some(false) | None => Ok(()),
        }
    }
}

/// What only some answers tell of a role.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extra {
    /// Who may assume it.
    Trust,
    /// When it was changed last.
    Updated,
    /// Its tags.
    Tags,
    /// Its name with a domain, and whether it belongs to a service.
    Principal,
}

fn told(role: &Described, extras: &[Extra]) -> Value {
    let Described { id, arn, name, path: _, description, created_at, updated_at, trust, max_session_seconds, tags } =
        role;
    let mut told = object([
        ("RoleId", id.as_str().into()),
        ("RoleName", name.as_str().into()),
        ("Arn", arn.as_str().into()),
        ("Description", description.as_str().into()),
        ("MaxSessionDuration", (*max_session_seconds).into()),
        ("AllowConsoleLogin", false.into()),
        ("CreateDate", date(*created_at).into()),
    ]);
    let Some(fields) = told.as_object_mut() else { return told };
    for extra in extras {
        let (field, value) = match extra {
            Extra::Trust => ("AssumeRolePolicyDocument", trust.as_deref().into()),
            Extra::Updated => ("UpdateDate", updated_at.map(date).into()),
            Extra::Tags => ("Tags", told_tags(tags)),
            Extra::Principal => {
                fields.insert("IsServiceLinkedRole".to_owned(), false.into());
                let account = resource::role(arn).map_or("", |(account, _)| account);
                ("RolePrincipalName", [name, "@role.", account, ".onaliyunservice.com"].concat().into())
            }
        };
        fields.insert(field.to_owned(), value);
    }
    told
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::Flaw;

    use super::*;
    use crate::wire::tests::params;

    fn create(name: &str, value: &str) -> Result<role::CreateRole> {
        CreateRole::decode(&params(&[("RoleName", "r"), ("AssumeRolePolicyDocument", "{}"), (name, value)]))
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
