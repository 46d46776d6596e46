//! The operations of Security Token Service, version 2015-04-01: AssumeRole and GetCallerIdentity.
//!
//! Follows the STS API reference.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::{Flaw, Kind, Result};
use polykms_core::identity::assume::{self, Assumed, Identity, IdentityKind, Issued};
use polykms_core::secret::AccessSecret;

use super::{heard, invalid};
use crate::message::sts::{
    AssumeRoleRequest, AssumeRoleResponse, AssumedRoleUser, Credentials, GetCallerIdentityResponse,
};
use crate::resource;

/// The longest policy of a session, in bytes.
const LONGEST_POLICY: usize = 2048;

/// AssumeRole.
pub(crate) struct AssumeRole;

impl Wire for AssumeRole {
    type Op = assume::AssumeRole;
    type Ask<'a> = AssumeRoleRequest<'a>;
    type Told<'a> = AssumeRoleResponse<'a>;

    fn op(ask: AssumeRoleRequest<'_>) -> Result<assume::AssumeRole> {
        let AssumeRoleRequest { duration_seconds, external_id, policy, role_arn, role_session_name, source_identity } =
            ask;
        let arn = role_arn.unwrap_or_default();
        let (account, role) = resource::role(&arn).ok_or_else(|| invalid(Flaw::Format, "RoleArn"))?;
        let session = label("RoleSessionName", role_session_name, 2..=64, ".@_-")?;
        if policy.as_ref().is_some_and(|policy| policy.len() > LONGEST_POLICY) {
            return Err(invalid(Flaw::Length, "Policy"));
        }
        let seconds = duration_seconds.map(u32::try_from).transpose();
        Ok(assume::AssumeRole {
            account: Some(account.to_owned()),
            path: None,
            role: role.to_owned(),
            session: session.unwrap_or_default(),
            seconds: seconds.map_err(|_| invalid(Flaw::Value, "DurationSeconds"))?,
            policies: policy.map(Cow::into_owned).into_iter().collect(),
            managed: Vec::new(),
            external_id: label("ExternalId", external_id, 2..=1224, "=,.@:/-_+")?,
            source_identity: label("SourceIdentity", source_identity, 2..=64, "=,.@-_")?,
            packed_percent: None,
        })
    }

    fn told(output: &Assumed) -> Result<AssumeRoleResponse<'_>> {
        let Assumed { credentials, id, arn, source_identity, packed_percent: _ } = output;
        let Issued { access_key_id, secret, token, expires_at } = credentials;
        Ok(AssumeRoleResponse {
            assumed_role_user: Some(AssumedRoleUser { arn: Some(arn.into()), assumed_role_id: Some(id.into()) }),
            credentials: Some(Credentials {
                access_key_id: Some(access_key_id.into()),
                access_key_secret: Some(secret.expose().into()),
                expiration: Some(*expires_at),
                security_token: Some(token.into()),
            }),
            source_identity: source_identity.as_ref().map(Cow::from),
        })
    }

    fn ask(op: &assume::AssumeRole) -> Result<AssumeRoleRequest<'_>> {
        // Neither paths nor sizes of sessions are asked about.
        let assume::AssumeRole {
            account,
            path: _,
            role,
            session,
            seconds,
            policies,
            managed,
            external_id,
            source_identity,
            packed_percent: _,
        } = op;
        let (Some(account), [] | [_], []) = (account, policies.as_slice(), managed.as_slice()) else {
            return Err(Kind::Unsupported.because("Alibaba Cloud takes a role in full and one policy at most"));
        };
        Ok(AssumeRoleRequest {
            duration_seconds: seconds.map(i64::from),
            external_id: external_id.as_ref().map(Cow::from),
            policy: policies.first().map(Cow::from),
            role_arn: Some(resource::told(account, &["role/", role].concat()).into()),
            role_session_name: Some(session.into()),
            source_identity: source_identity.as_ref().map(Cow::from),
        })
    }

    fn output(told: AssumeRoleResponse<'_>) -> Result<Assumed> {
        let AssumeRoleResponse { assumed_role_user, credentials, source_identity } = told;
        let AssumedRoleUser { arn, assumed_role_id } = heard::had(assumed_role_user)?;
        let Credentials { access_key_id, access_key_secret, expiration, security_token } = heard::had(credentials)?;
        let credentials = Issued {
            access_key_id: heard::text(access_key_id)?,
            secret: AccessSecret::new(heard::text(access_key_secret)?),
            token: heard::text(security_token)?,
            expires_at: heard::had(expiration)?,
        };
        Ok(Assumed {
            credentials,
            id: heard::text(assumed_role_id)?,
            arn: heard::text(arn)?,
            source_identity: source_identity.map(Cow::into_owned),
            packed_percent: None,
        })
    }
}

/// GetCallerIdentity.
pub(crate) struct GetCallerIdentity;

impl Wire for GetCallerIdentity {
    type Op = assume::WhoAmI;
    type Ask<'a> = Nothing<'a>;
    type Told<'a> = GetCallerIdentityResponse<'a>;

    fn op(_: Nothing<'_>) -> Result<assume::WhoAmI> {
        Ok(assume::WhoAmI)
    }

    fn told(output: &Identity) -> Result<GetCallerIdentityResponse<'_>> {
        let Identity { account, kind, id, arn } = output;
        let (role_id, user_id) = ids(*kind, id);
        Ok(GetCallerIdentityResponse {
            account_id: Some(account.into()),
            arn: Some(arn.into()),
            identity_type: Some(kind_name(*kind).into()),
            principal_id: Some(id.into()),
            role_id: role_id.map(Cow::from),
            user_id: user_id.map(Cow::from),
        })
    }

    fn ask(_: &assume::WhoAmI) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn output(told: GetCallerIdentityResponse<'_>) -> Result<Identity> {
        const KINDS: [IdentityKind; 3] = [IdentityKind::Owner, IdentityKind::User, IdentityKind::RoleSession];
        let GetCallerIdentityResponse { account_id, arn, identity_type, principal_id, role_id, user_id } = told;
        let (word, id) = (heard::had(identity_type)?, heard::text(principal_id)?);
        let kind = KINDS.into_iter().find(|kind| kind_name(*kind) == word);
        let kind = kind.ok_or_else(|| heard::unreadable("the caller is of no known kind"))?;
        if (role_id.as_deref(), user_id.as_deref()) != ids(kind, &id) {
            return Err(heard::unreadable("the caller is another one than its identifier says"));
        }
        Ok(Identity { account: heard::text(account_id)?, kind, id, arn: heard::text(arn)? })
    }
}

fn kind_name(kind: IdentityKind) -> &'static str {
    match kind {
        IdentityKind::Owner => "Account",
        IdentityKind::User => "RAMUser",
        IdentityKind::RoleSession => "AssumedRoleUser",
    }
}

/// The identifiers of the role behind a session, and of a user or owner.
fn ids(kind: IdentityKind, id: &str) -> (Option<&str>, Option<&str>) {
    match kind {
        IdentityKind::Owner | IdentityKind::User => (None, Some(id)),
        IdentityKind::RoleSession => (Some(id.split_once(':').map_or(id, |(role, _)| role)), None),
    }
}

/// A text of letters, digits and some other characters.
fn label(
    name: &'static str,
    text: Option<Cow<'_, str>>,
    length: RangeInclusive<usize>,
    others: &str,
) -> Result<Option<String>> {
    let known = |character: char| character.is_ascii_alphanumeric() || others.contains(character);
    match text {
        Some(text) if !length.contains(&text.len()) || !text.chars().all(known) => Err(invalid(Flaw::Format, name)),
        text => Ok(text.map(Cow::into_owned)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::identity::FullName;
    use serde_json::json;

    use super::*;
    use crate::wire::tests::{decoded, shown};

    const ARN: (&str, &str) = ("RoleArn", "acs:ram::1:role/Admin");

    #[test]
    fn a_role_is_named_in_full() {
        let op = decoded::<AssumeRole>(&[ARN, ("RoleSessionName", "me")]).unwrap();
        assert_eq!((op.account.as_deref(), op.role.as_str(), op.session.as_str()), (Some("1"), "Admin", "me"));
        assert!(op.policies.is_empty() && op.seconds.is_none() && op.external_id.is_none());
        for arn in ["", "Admin", "acs:ram::1:user/Admin", "acs:ram::1:role/", "acs:ram::1:role/a/b", "acs:ram:::role/a"]
        {
            let refused = decoded::<AssumeRole>(&[("RoleArn", arn), ("RoleSessionName", "me")]).unwrap_err();
            assert_eq!(refused.subject(), Some("RoleArn"), "{arn}");
        }
    }

    #[test]
    fn every_parameter_has_its_bounds() {
        let long = "x".repeat(2049);
        for (name, text) in [
            ("RoleSessionName", "m"),
            ("RoleSessionName", "a b"),
            ("DurationSeconds", "899"),
            ("DurationSeconds", "43201"),
            ("Policy", long.as_str()),
            ("ExternalId", "x"),
            ("SourceIdentity", "a*b"),
        ] {
            let mut pairs = vec![ARN, (name, text)];
            if name != "RoleSessionName" {
                pairs.push(("RoleSessionName", "me"));
            }
            let refused = decoded::<AssumeRole>(&pairs).unwrap_err();
            assert_eq!(refused.subject(), Some(name), "{text}");
            assert!(matches!(refused.kind(), Kind::Invalid(_)));
        }
    }

    #[test]
    fn a_session_is_named_differently_where_it_starts_and_where_it_asks() {
        let credentials = Issued {
            access_key_id: "STS.1".into(),
            secret: AccessSecret::new("s".into()),
            token: "t".into(),
            expires_at: "2026-01-02T03:04:05Z".parse().unwrap(),
        };
        let full_name = |name| crate::resource::full_name("1", "", name);
        let told = shown::<AssumeRole>(Assumed {
            credentials,
            id: "9:me".into(),
            arn: full_name(FullName::Started("Admin", "me")),
            source_identity: None,
            packed_percent: None,
        });
        assert_eq!(told["AssumedRoleUser"], json!({"Arn": "acs:ram::1:role/Admin/me", "AssumedRoleId": "9:me"}));
        assert_eq!(told["Credentials"]["Expiration"], "2026-01-02T03:04:05Z");
        assert_eq!(told.get("SourceIdentity"), None);
        let arn = full_name(FullName::Session("Admin", "me"));
        let identity = Identity { account: "1".into(), kind: IdentityKind::RoleSession, id: "9:me".into(), arn };
        let told = shown::<GetCallerIdentity>(identity);
        assert_eq!(told["Arn"], "acs:ram::1:assumed-role/Admin/me");
        assert_eq!((&told["PrincipalId"], &told["RoleId"]), (&json!("9:me"), &json!("9")));
    }

    #[test]
    fn an_owner_is_an_account() {
        let arn = crate::resource::full_name("1", "", FullName::Owner);
        let identity = Identity { account: "1".into(), kind: IdentityKind::Owner, id: "1".into(), arn };
        let told = shown::<GetCallerIdentity>(identity);
        let expected = json!({
            "AccountId": "1", "Arn": "acs:ram::1:root", "IdentityType": "Account", "PrincipalId": "1", "UserId": "1"
        });
        assert_eq!(told, expected);
    }
}
