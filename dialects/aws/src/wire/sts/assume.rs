//! AssumeRole: a session of a role.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::{Flaw, Kind, Noun, Result};
use polykms_core::identity::{Mentioned, PolicyName, assume as op};
use serde_json::{Value, json};

use super::{NO_MFA, Shape, credentials, read};
use crate::resource;
use crate::wire::query::Arguments;

const ARN: &str = r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+";
const WORD: &str = r"[\w+=,.@-]*";

const ROLE_ARN: Shape = Shape { min: 20, max: 2048, pattern: ARN, fits: is_xml };
const SESSION_NAME: Shape = Shape { min: 2, max: 64, pattern: WORD, fits: is_word };
const EXTERNAL_ID: Shape = Shape {
    min: 2,
    max: 1224,
    pattern: r"[\w+=,.@:\/-]*",
    fits: |text| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&byte)),
};
const POLICY: Shape = Shape {
    min: 1,
    max: usize::MAX,
    pattern: r"[\u0009\u000A\u000D\u0020-\u00FF]+",
    fits: |text| text.chars().all(|one| matches!(one, '\t' | '\n' | '\r' | ' '..='\u{ff}')),
};

/// Managed policies that a session may have.
const MOST_POLICIES: usize = 10;
/// Characters that the policies of a session, and the ARNs of managed ones, may have together.
const ROOM: usize = 2048;

fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}

fn is_xml(text: &str) -> bool {
    text.chars().all(|one| matches!(one, '\t' | '\n' | '\r' | '\u{85}') || !one.is_control())
}

/// Starts a session of a role.
pub(crate) struct AssumeRole;

impl Former for AssumeRole {
    type Op = op::AssumeRole;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let arn = fields.required("RoleArn", &ROLE_ARN);
            let session = fields.required("RoleSessionName", &SESSION_NAME);
            let arns = fields.members("PolicyArns", "arn", &ROLE_ARN, MOST_POLICIES)?;
            let policy = fields.optional("Policy", &POLICY);
            let seconds = fields.number("DurationSeconds", 900, 43_200)?;
            let external_id = fields.optional("ExternalId", &EXTERNAL_ID);
            let source_identity = fields.optional("SourceIdentity", &SESSION_NAME);
            for name in ["Tags", "TransitiveTagKeys"] {
                fields.not_built(name, "session tags are not built yet")?;
            }
            for name in ["SerialNumber", "TokenCode"] {
                fields.not_built(name, NO_MFA)?;
            }
            fields.not_built("ProvidedContexts", "contexts of other providers are not built yet")?;
            let (account, path, role) = role(&arn)?;
            let managed = arns.iter().map(|arn| managed(arn)).collect::<Result<_>>()?;
            room(policy.as_deref(), arns.iter().map(String::as_str))?;
            Ok(op::AssumeRole {
                account: Some(account),
                path: Some(path),
                role,
                session,
                seconds,
                policies: policy.into_iter().collect(),
                managed,
                external_id,
                source_identity,
            })
        })
    }

    fn encode(assumed: op::Assumed) -> Result<Payload> {
        let op::Assumed { credentials: issued, account, role_id, role, session, source_identity } = assumed;
        Ok(Payload::Tree(json!({
            "Credentials": credentials(&issued),
            "AssumedRoleUser": {
                "AssumedRoleId": format!("{role_id}:{session}"),
                "Arn": resource::session_arn(&account, &role, &session),
            },
            "SourceIdentity": source_identity,
        })))
    }

    fn echo(arguments: &Payload, answer: Payload) -> Result<Payload> {
        let arguments = Arguments::of(arguments)?;
        let arns = arguments.structures("PolicyArns")?;
        let size = room(arguments.text("Policy"), arns.iter().filter_map(|policy| policy.text("arn")))?;
        match answer {
            Payload::Tree(Value::Object(mut members)) => {
                members.insert("PackedPolicySize".to_owned(), size.map_or(Value::Null, Value::from));
                Ok(Payload::Tree(Value::Object(members)))
            }
            other => Ok(other),
        }
    }
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
fn room<'a>(policy: Option<&'a str>, arns: impl Iterator<Item = &'a str>) -> Result<Option<usize>> {
    let used: usize = policy.into_iter().chain(arns).map(|text| text.chars().count()).sum();
    match used.saturating_mul(100).div_ceil(ROOM) {
        0 => Ok(None),
        percent if percent > 100 => {
            let why = format!("Packed policy consumes {percent}% of allotted space, please use smaller policy.");
            Err(Kind::LimitExceeded(Noun::Policy).verbatim(why))
        }
        percent => Ok(Some(percent)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    const ROLE: &str = "arn:aws:iam::111122223333:role/x/reader";

    fn decoded(more: &[(&str, &str)]) -> Result<op::AssumeRole> {
        let needed = [("RoleArn", ROLE), ("RoleSessionName", "S1")];
        let given = |name: &str| more.iter().any(|(known, _)| *known == name);
        let needed = needed.iter().filter(|(name, _)| !given(name));
        let all = needed.chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        AssumeRole::decode(&Payload::Params(all.collect()))
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
