//! The operations of Security Token Service, version 2015-04-01: AssumeRole and GetCallerIdentity.
//!
//! Follows the STS API reference.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::{Flaw, Result};
use polykms_core::identity::assume::{self, Assumed, Identity, IdentityKind, Issued};

use super::{Arguments, date, invalid, missing, object, tree};
use crate::resource;

/// How long a session may last at all, in seconds; the role may allow less.
const SESSION: std::ops::RangeInclusive<u32> = 900..=43_200;

/// The longest policy of a session, in bytes.
const LONGEST_POLICY: usize = 2048;

pub(crate) struct AssumeRole;

impl Former for AssumeRole {
    type Op = assume::AssumeRole;

    fn decode(arguments: &Payload) -> Result<assume::AssumeRole> {
        let arguments = Arguments::of(arguments)?;
        let role = resource::role(arguments.required("RoleArn")?);
        let (account, role) = role.ok_or_else(|| invalid(Flaw::Format, "RoleArn"))?;
        let session = arguments.label("RoleSessionName", 2..=64, ".@_-")?.ok_or_else(|| missing("RoleSessionName"))?;
        let policy = match arguments.text("Policy") {
            Some(text) if text.len() > LONGEST_POLICY => return Err(invalid(Flaw::Length, "Policy")),
            text => text.map(str::to_owned),
        };
        Ok(assume::AssumeRole {
            account: Some(account.to_owned()),
            path: None,
            role: role.to_owned(),
            session,
            seconds: arguments.number("DurationSeconds", SESSION)?,
            policies: policy.into_iter().collect(),
            managed: Vec::new(),
            external_id: arguments.label("ExternalId", 2..=1224, "=,.@:/-_+")?,
            source_identity: arguments.label("SourceIdentity", 2..=64, "=,.@-_")?,
            packed_percent: None,
        })
    }

    fn encode(output: Assumed) -> Result<Payload> {
        let Assumed { credentials, id, arn, source_identity, packed_percent: _ } = output;
        let Issued { access_key_id, secret, token, expires_at } = credentials;
        let credentials = object([
            ("AccessKeyId", access_key_id.into()),
            ("AccessKeySecret", secret.expose().into()),
            ("SecurityToken", token.into()),
            ("Expiration", date(expires_at).into()),
        ]);
        let user = object([("AssumedRoleId", id.into()), ("Arn", arn.into())]);
        let told = [("Credentials", credentials), ("AssumedRoleUser", user)];
        match source_identity {
            None => Ok(tree(told)),
            Some(identity) => {
                let [credentials, user] = told;
                Ok(tree([credentials, user, ("SourceIdentity", identity.into())]))
            }
        }
    }
}

pub(crate) struct GetCallerIdentity;

impl Former for GetCallerIdentity {
    type Op = assume::WhoAmI;

    fn decode(_: &Payload) -> Result<assume::WhoAmI> {
        Ok(assume::WhoAmI)
    }

    fn encode(output: Identity) -> Result<Payload> {
        let Identity { account, kind, id, arn } = output;
        let (kind, of, own) = match kind {
            IdentityKind::Owner => ("Account", "UserId", id.clone()),
            IdentityKind::User => ("RAMUser", "UserId", id.clone()),
            IdentityKind::RoleSession => ("AssumedRoleUser", "RoleId", role_of(&id).to_owned()),
        };
        Ok(tree([
            ("Arn", arn.into()),
            ("IdentityType", kind.into()),
            ("PrincipalId", id.into()),
            (of, own.into()),
            ("AccountId", account.into()),
        ]))
    }
}

/// The identifier of the role behind a session.
fn role_of(id: &str) -> &str {
    id.split_once(':').map_or(id, |(role, _)| role)
}

impl Arguments<'_> {
    /// A text of letters, digits and some other characters.
    fn label(
        self,
        name: &'static str,
        length: std::ops::RangeInclusive<usize>,
        others: &str,
    ) -> Result<Option<String>> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let known = |character: char| character.is_ascii_alphanumeric() || others.contains(character);
        if length.contains(&text.len()) && text.chars().all(known) {
            Ok(Some(text.to_owned()))
        } else {
            Err(invalid(Flaw::Format, name))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::Kind;
    use polykms_core::identity::FullName;
    use polykms_core::secret::AccessSecret;
    use serde_json::json;

    use super::*;
    use crate::wire::tests::{params, shown};

    const ARN: (&str, &str) = ("RoleArn", "acs:ram::1:role/Admin");

    #[test]
    fn a_role_is_named_in_full() {
        let op = AssumeRole::decode(&params(&[ARN, ("RoleSessionName", "me")])).unwrap();
        assert_eq!((op.account.as_deref(), op.role.as_str(), op.session.as_str()), (Some("1"), "Admin", "me"));
        assert!(op.policies.is_empty() && op.seconds.is_none() && op.external_id.is_none());
        for arn in ["", "Admin", "acs:ram::1:user/Admin", "acs:ram::1:role/", "acs:ram::1:role/a/b", "acs:ram:::role/a"]
        {
            let refused = AssumeRole::decode(&params(&[("RoleArn", arn), ("RoleSessionName", "me")])).unwrap_err();
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
            let refused = AssumeRole::decode(&params(&pairs)).unwrap_err();
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
        let full_name = |name| crate::resource::full_name("1", name);
        let told = shown(AssumeRole::encode(Assumed {
            credentials,
            id: "9:me".into(),
            arn: full_name(FullName::Started("Admin", "me")),
            source_identity: None,
            packed_percent: None,
        }));
        assert_eq!(told["AssumedRoleUser"], json!({"Arn": "acs:ram::1:role/Admin/me", "AssumedRoleId": "9:me"}));
        assert_eq!(told["Credentials"]["Expiration"], "2026-01-02T03:04:05Z");
        assert_eq!(told.get("SourceIdentity"), None);
        let arn = full_name(FullName::Session("Admin", "me"));
        let identity = Identity { account: "1".into(), kind: IdentityKind::RoleSession, id: "9:me".into(), arn };
        let told = shown(GetCallerIdentity::encode(identity));
        assert_eq!(told["Arn"], "acs:ram::1:assumed-role/Admin/me");
        assert_eq!((&told["PrincipalId"], &told["RoleId"]), (&json!("9:me"), &json!("9")));
    }

    #[test]
    fn an_owner_is_an_account() {
        let arn = crate::resource::full_name("1", FullName::Owner);
        let identity = Identity { account: "1".into(), kind: IdentityKind::Owner, id: "1".into(), arn };
        let told = shown(GetCallerIdentity::encode(identity));
        let expected = json!({
            "AccountId": "1", "Arn": "acs:ram::1:root", "IdentityType": "Account", "PrincipalId": "1", "UserId": "1"
        });
        assert_eq!(told, expected);
    }
}
