//! AssumeRole: a session of a role.

use polykms_core::dialect::Wire;
use polykms_core::error::{Flaw, Kind, Noun, Result};
use polykms_core::identity::{Mentioned, PolicyName, assume as op};

use super::{credentials, issued};
use crate::message::sts::{AssumeRoleRequest, AssumeRoleResponse, AssumedRoleUser, PolicyDescriptorType};
use crate::resource;
use crate::wire::heard;

/// Characters that the policies of a session, and the ARNs of managed ones, may have together.
const ROOM: usize = 2048;

/// Starts a session of a role.
pub(crate) struct AssumeRole;

impl Wire for AssumeRole {
    type Op = op::AssumeRole;
    type Ask<'a> = AssumeRoleRequest<'a>;
    type Told<'a> = AssumeRoleResponse<'a>;

    fn op(ask: AssumeRoleRequest<'_>) -> Result<op::AssumeRole> {
        let AssumeRoleRequest {
            role_arn,
            role_session_name,
            policy_arns,
            policy,
            duration_seconds,
            external_id,
            source_identity,
        } = ask;
        let (account, path, role) = role(&role_arn.unwrap_or_default())?;
        let arns =
            policy_arns.unwrap_or_default().into_iter().map(|PolicyDescriptorType { arn }| arn.unwrap_or_default());
        let arns: Vec<_> = arns.collect();
        let managed = arns.iter().map(|arn| managed(arn)).collect::<Result<_>>()?;
        let packed_percent = room(policy.as_deref(), arns.iter().map(|arn| &**arn))?;
        Ok(op::AssumeRole {
            account: Some(account),
            path: Some(path),
            role,
            session: role_session_name.unwrap_or_default().into_owned(),
            seconds: duration_seconds.and_then(|seconds| u32::try_from(seconds).ok()),
            policies: policy.map(Into::into).into_iter().collect(),
            managed,
            external_id: external_id.map(Into::into),
            source_identity: source_identity.map(Into::into),
            packed_percent,
        })
    }

    fn told(output: &op::Assumed) -> Result<AssumeRoleResponse<'_>> {
        let op::Assumed { credentials: issued, id, arn, source_identity, packed_percent } = output;
        Ok(AssumeRoleResponse {
            assumed_role_user: Some(AssumedRoleUser { assumed_role_id: Some(id.into()), arn: Some(arn.into()) }),
            credentials: Some(credentials(issued)),
            packed_policy_size: packed_percent.map(i64::from),
            source_identity: source_identity.as_deref().map(Into::into),
        })
    }

    fn ask(op: &op::AssumeRole) -> Result<AssumeRoleRequest<'_>> {
        let op::AssumeRole {
            account,
            path,
            role,
            session,
            seconds,
            policies,
            managed,
            external_id,
            source_identity,
            packed_percent: _,
        } = op;
        let unsupported = |why| Kind::Unsupported.because(why);
        let account = account.as_deref().ok_or_else(|| unsupported("AWS names roles with their account"))?;
        let ([] | [_]) = policies.as_slice() else {
            return Err(unsupported("AWS takes one policy for a session"));
        };
        let descriptor =
            |policy| PolicyDescriptorType { arn: Some(resource::Home::of(account).policy_of(policy).into()) };
        Ok(AssumeRoleRequest {
            role_arn: Some(resource::Home::of(account).role(path.as_deref().unwrap_or("/"), role).into()),
            role_session_name: Some(session.into()),
            policy_arns: (!managed.is_empty()).then(|| managed.iter().map(descriptor).collect()),
            policy: policies.first().map(Into::into),
            duration_seconds: seconds.map(i64::from),
            external_id: external_id.as_deref().map(Into::into),
            source_identity: source_identity.as_deref().map(Into::into),
        })
    }

    fn output(told: AssumeRoleResponse<'_>) -> Result<op::Assumed> {
        let AssumeRoleResponse { assumed_role_user, credentials, packed_policy_size, source_identity } = told;
        let AssumedRoleUser { assumed_role_id, arn } = heard::had(assumed_role_user)?;
        Ok(op::Assumed {
            credentials: issued(credentials)?,
            id: heard::text(assumed_role_id)?,
            arn: heard::text(arn)?,
            source_identity: source_identity.map(Into::into),
            packed_percent: packed_policy_size.map(percent).transpose()?,
        })
    }
}

fn percent(number: i64) -> Result<u32> {
    u32::try_from(number).map_err(|_| heard::unreadable("a size is no percentage"))
}

/// The account, path and name of a role.
fn role(arn: &str) -> Result<(String, String, String)> {
    match resource::mentioned(arn) {
        Mentioned::Role { account, path: Some(path), name } => {
            Ok((account.to_owned(), path.to_owned(), name.to_owned()))
        }
        _ => Err(Kind::Invalid(Flaw::Format).verbatim(format!("{arn} is invalid"))),
    }
}

fn managed(arn: &str) -> Result<PolicyName> {
    let wrong = || Kind::Invalid(Flaw::Format).verbatim(format!("{arn} is invalid"));
    resource::managed_policy(arn).ok_or_else(wrong)
}

/// How much of the room for policies of a session is used, in percent; nothing where there are none.
fn room<'a>(policy: Option<&'a str>, arns: impl Iterator<Item = &'a str>) -> Result<Option<u32>> {
    let used: usize = policy.into_iter().chain(arns).map(|text| text.chars().count()).sum();
    match used.saturating_mul(100).div_ceil(ROOM) {
        0 => Ok(None),
        percent if percent > 100 => {
            let why = format!("Packed policy consumes {percent}% of allotted space, please use smaller policy.");
            Err(Kind::LimitExceeded(Noun::Policy).verbatim(why))
        }
        percent => Ok(u32::try_from(percent).ok()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::tests::asked;

    const ROLE: &str = "arn:aws:iam::111122223333:role/x/reader";

    fn decoded(more: &[(&str, &str)]) -> Result<op::AssumeRole> {
        let needed = [("RoleArn", ROLE), ("RoleSessionName", "S1")];
        let given = |name: &str| more.iter().any(|(known, _)| *known == name);
        let needed = needed.iter().filter(|(name, _)| !given(name));
        asked::<AssumeRole>("sts", &needed.chain(more).copied().collect::<Vec<_>>())
    }

    #[test]
    fn a_role_is_named_with_account_path_and_name() {
        let op = decoded(&[("PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/IAMFullAccess")]).unwrap();
        assert_eq!(
            (op.account.as_deref(), op.path.as_deref(), op.role.as_str()),
            (Some("111122223333"), Some("/x/"), "reader")
        );
        assert_eq!(op.managed, [PolicyName::system("/", "IAMFullAccess")]);
    }

    #[test]
    fn what_is_no_role_is_invalid_in_the_recorded_words() {
        for text in ["nothing-valid-in-here", "arn::b:::something/test-role", "arn:aws:iam::111122223333:user/reader"] {
            let error = decoded(&[("RoleArn", text)]).unwrap_err();
            assert_eq!(error.vendor_message(), Some(format!("{text} is invalid").as_str()));
        }
        let error = decoded(&[("RoleSessionName", "Session1:2")]).unwrap_err();
        assert_eq!(
            error.vendor_message(),
            Some(
                "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: \
                 Member must satisfy regular expression pattern: [\\w+=,.@-]*"
            )
        );
    }

    #[test]
    fn limits_that_are_not_built_are_refused() {
        for name in [
            "Tags.member.1.Key",
            "TransitiveTagKeys.member.1",
            "SerialNumber",
            "TokenCode",
            "ProvidedContexts.member.1.ProviderArn",
        ] {
            assert_eq!(decoded(&[(name, "x")]).unwrap_err().kind(), Kind::Unsupported, "{name}");
        }
    }

    #[test]
    fn policies_of_a_session_have_little_room() {
        assert_eq!(room(None, std::iter::empty()).unwrap(), None);
        assert_eq!(room(Some("x"), std::iter::empty()).unwrap(), Some(1));
        let (half, whole, more) = ("x".repeat(1024), "x".repeat(2048), "x".repeat(2049));
        assert_eq!(room(Some(&half), [half.as_str()].into_iter()).unwrap(), Some(100));
        assert_eq!(room(Some(&whole), std::iter::empty()).unwrap(), Some(100));
        assert!(room(Some(&more), std::iter::empty()).is_err());
    }
}
