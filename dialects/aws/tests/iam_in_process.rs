//! IAM and STS in one process: signed requests in, XML out, on a store in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "iam_in_process/known.rs"]
mod known;
mod ports;
#[path = "iam_in_process/simulate.rs"]
mod simulate;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use polykms_aws::{DIALECT, sign};
use polykms_core::dialect::{Credential, Registry, Request};
use polykms_core::engine::world::{ROLES, USERS};
use polykms_core::engine::{Engine, Settings};
use polykms_core::port::audit::NoAudit;
use polykms_core::port::store::SEPARATOR;
use polykms_core::port::{Change, Changes, Clock, Expect, Head, Record, Space, Store, StoreError, Time};
use polykms_core::secret::AccessSecret;
use polykms_core::seed::Seed;
use polykms_host::ManualClock;
use polykms_store::Memory;
use ports::ports;
use serde_json::json;

const ADMIN: &str = "AKIAADMIN00000000001";
const MALLORY: &str = "AKIAMALLORY000000001";
const OWNER: &str = "AKIAOWNER00000000001";
const STRANGER: &str = "AKIASTRANGER00000001";
const KEY: &str = "11111111-1111-4111-8111-111111111111";
const FOREIGN_KEY: &str = "22222222-2222-4222-8222-222222222222";
const IAM: &str = "arn:aws:iam::111122223333:";
/// The administrators hold the key; whoever else uses it has to be allowed by the account, and never through `eve`.
const KEY_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[
{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"},
{"Effect":"Deny","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"aws:username":"eve"}}}]}"#;
const READ: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:Get*","Resource":"*"}]}"#;
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole"}]}"#;

struct Cloud {
    engine: Engine,
    clock: ManualClock,
}

/// Credentials, and the session token that belongs to them.
struct Who(Credential, Option<String>);

impl From<&str> for Who {
    fn from(id: &str) -> Self {
        Self(Credential::new(id.to_owned(), AccessSecret::new(format!("secret of {id}"))), None)
    }
}

/// The administrator may do everything; Mallory may do everything that is not denied here.
async fn cloud(denied: serde_json::Value) -> Cloud {
    cloud_on(Arc::new(Memory::new()), denied).await
}

async fn cloud_on(store: Arc<dyn Store>, denied: serde_json::Value) -> Cloud {
    let clock = ManualClock::at("2025-06-01T12:00:00Z".parse::<Time>().unwrap());
    let ports = ports(store, &clock, Arc::new(NoAudit));
    let engine = Engine::new(ports, Registry::of(vec![&DIALECT]).unwrap(), Settings::default());
    let key = |id: &str| json!([{ "id": id, "secret": format!("secret of {id}") }]);
    let allow = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    let policy = json!({ "Version": "2012-10-17", "Statement": [allow, denied] });
    let seed: Seed = serde_json::from_value(json!({ "aws": [
        {
            "account": "111122223333",
            "owner": key(OWNER),
            "users": [
                { "name": "admin", "access_keys": key(ADMIN), "attached": ["system/AdministratorAccess"] },
                { "name": "mallory", "access_keys": key(MALLORY), "inline": { "p": policy } },
            ],
            "keys": [{ "id": KEY, "policy": KEY_POLICY }],
        },
        { "account": "444455556666", "owner": key(STRANGER), "keys": [{ "id": FOREIGN_KEY }] },
    ] }))
    .unwrap();
    engine.apply(&seed).await.unwrap();
    Cloud { engine, clock }
}

async fn open() -> Cloud {
    cloud(json!({ "Effect": "Deny", "Action": "none:None", "Resource": "*" })).await
}

impl Cloud {
    async fn call(&self, who: impl Into<Who>, operation: &str, arguments: &[(&str, &str)]) -> (u16, String) {
        let sts = matches!(operation, "AssumeRole" | "GetCallerIdentity" | "GetSessionToken");
        let (service, version) = if sts { ("sts", "2011-06-15") } else { ("iam", "2010-05-08") };
        let encode =
            |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        let mut body = format!("Action={operation}&Version={version}");
        for (name, value) in arguments {
            body += &format!("&{name}={}", encode(value));
        }
        let builder = http::Request::builder()
            .method("POST")
            .uri("/")
            .header("host", "localhost")
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        let (head, ()) = builder.body(()).unwrap().into_parts();
        let mut request =
            Request { head, body: Bytes::from(body), peer: IpAddr::V4(Ipv4Addr::LOCALHOST).into(), tls: false };
        let Who(credential, token) = who.into();
        sign::seal(&mut request, &credential, token.as_deref(), "us-east-1", service, self.clock.now()).unwrap();
        let (head, body) = self.engine.answer(&request).await.into_parts();
        (head.status.as_u16(), String::from_utf8(body.to_vec()).unwrap())
    }

    async fn ok(&self, who: impl Into<Who>, operation: &str, arguments: &[(&str, &str)]) -> String {
        let (status, body) = self.call(who, operation, arguments).await;
        assert_eq!(status, 200, "{operation}: {body}");
        assert!(body.starts_with(&format!("<{operation}Response xmlns=\"https://")), "{body}");
        body
    }

    async fn refused(&self, who: impl Into<Who>, operation: &str, arguments: &[(&str, &str)]) -> (u16, String, String) {
        let (status, body) = self.call(who, operation, arguments).await;
        (status, within(&body, "Code"), within(&body, "Message"))
    }

    async fn session(&self, who: impl Into<Who>, more: &[(&str, &str)]) -> Who {
        let role = format!("{IAM}role/x/reader");
        let mut arguments = vec![("RoleArn", role.as_str()), ("RoleSessionName", "S1")];
        arguments.extend(more);
        let body = self.ok(who, "AssumeRole", &arguments).await;
        let secret = AccessSecret::new(within(&body, "SecretAccessKey"));
        Who(Credential::new(within(&body, "AccessKeyId"), secret), Some(within(&body, "SessionToken")))
    }
}

/// The text of the first element of this name; empty where there is none.
fn within(body: &str, name: &str) -> String {
    let (_, rest) = body.split_once(&format!("<{name}>")).unwrap_or_default();
    rest.split("</").next().unwrap_or_default().replace("&quot;", "\"").replace("&apos;", "'")
}

fn told(status: u16, code: &str, message: impl Into<String>) -> (u16, String, String) {
    (status, code.to_owned(), message.into())
}

#[tokio::test]
async fn a_user_lives_from_its_making_to_its_end() {
    let cloud = open().await;
    let made = cloud.ok(ADMIN, "CreateUser", &[("UserName", "bob"), ("Path", "/dev/")]).await;
    assert_eq!(within(&made, "Arn"), format!("{IAM}user/dev/bob"));
    assert_eq!(within(&made, "CreateDate"), "2025-06-01T12:00:00Z");
    assert!(within(&made, "UserId").starts_with("AIDA"));
    assert_eq!(
        cloud.refused(ADMIN, "CreateUser", &[("UserName", "Bob")]).await,
        told(409, "EntityAlreadyExists", "User with name Bob already exists.")
    );
    let key = cloud.ok(ADMIN, "CreateAccessKey", &[("UserName", "bob")]).await;
    cloud.ok(ADMIN, "CreateAccessKey", &[("UserName", "bob")]).await;
    assert_eq!(
        cloud.refused(ADMIN, "CreateAccessKey", &[("UserName", "bob")]).await,
        told(409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
    );
    let id = within(&key, "AccessKeyId");
    let bob = || Who(Credential::new(id.clone(), AccessSecret::new(within(&key, "SecretAccessKey"))), None);
    assert_eq!(within(&cloud.ok(bob(), "GetCallerIdentity", &[]).await, "Arn"), format!("{IAM}user/dev/bob"));
    assert_eq!(
        cloud.refused(bob(), "GetUser", &[]).await,
        told(
            403,
            "AccessDenied",
            format!(
                "User: {IAM}user/dev/bob is not authorized to perform: iam:GetUser on resource: {IAM}user/dev/bob because \
                 no identity-based policy allows the iam:GetUser action"
            )
        )
    );
    let switched = [("UserName", "bob"), ("AccessKeyId", id.as_str()), ("Status", "Inactive")];
    cloud.ok(ADMIN, "UpdateAccessKey", &switched).await;
    assert_eq!(cloud.refused(bob(), "GetCallerIdentity", &[]).await.1, "InvalidClientTokenId");
    assert_eq!(
        cloud.refused(ADMIN, "DeleteUser", &[("UserName", "bob")]).await,
        told(409, "DeleteConflict", "Cannot delete entity, must delete access keys first.")
    );
    let listed = cloud.ok(ADMIN, "ListAccessKeys", &[("UserName", "bob"), ("MaxItems", "1")]).await;
    assert_eq!((within(&listed, "IsTruncated").as_str(), listed.matches("<member>").count()), ("true", 1));
    for id in cloud.ok(ADMIN, "ListAccessKeys", &[("UserName", "bob")]).await.split("<AccessKeyId>").skip(1) {
        let id = id.split('<').next().unwrap();
        cloud.ok(ADMIN, "DeleteAccessKey", &[("UserName", "bob"), ("AccessKeyId", id)]).await;
    }
    let gone = cloud.ok(ADMIN, "DeleteUser", &[("UserName", "bob")]).await;
    assert!(!gone.contains("Result"), "{gone}");
    assert_eq!(
        cloud.refused(ADMIN, "GetUser", &[("UserName", "bob")]).await,
        told(404, "NoSuchEntity", "The user with name bob cannot be found.")
    );
}

#[tokio::test]
async fn policies_are_missed_in_the_recorded_words() {
    let cloud = open().await;
    cloud.ok(ADMIN, "CreateRole", &[("RoleName", "reader"), ("AssumeRolePolicyDocument", TRUST)]).await;
    let missing = format!("{IAM}policy/zz123");
    assert_eq!(
        cloud.refused(ADMIN, "AttachRolePolicy", &[("RoleName", "reader"), ("PolicyArn", &missing)]).await,
        told(404, "NoSuchEntity", format!("Policy {missing} does not exist or is not attachable."))
    );
    assert_eq!(
        cloud.refused(ADMIN, "DeletePolicy", &[("PolicyArn", &missing)]).await,
        told(404, "NoSuchEntity", format!("Policy {missing} was not found."))
    );
    assert_eq!(
        cloud.refused(ADMIN, "GetRolePolicy", &[("RoleName", "reader"), ("PolicyName", "p")]).await,
        told(404, "NoSuchEntity", "The role policy with name p cannot be found.")
    );
    let made = cloud.ok(ADMIN, "CreatePolicy", &[("PolicyName", "p"), ("PolicyDocument", READ)]).await;
    let arn = within(&made, "Arn");
    assert_eq!(
        cloud.refused(ADMIN, "GetPolicyVersion", &[("PolicyArn", &arn), ("VersionId", "v9")]).await,
        told(404, "NoSuchEntity", format!("Policy {arn} version v9 does not exist or is not attachable."))
    );
    cloud.ok(ADMIN, "AttachRolePolicy", &[("RoleName", "reader"), ("PolicyArn", &arn)]).await;
    assert_eq!(
        cloud.refused(ADMIN, "DeletePolicy", &[("PolicyArn", &arn)]).await,
        told(409, "DeleteConflict", "Cannot delete a policy attached to entities.")
    );
}

#[tokio::test]
async fn documents_are_refused_in_the_words_of_the_vendor() {
    let cloud = open().await;
    let statement = |text: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{text}]}}"#);
    for (document, message) in [
        ("{nope".to_owned(), "Syntax errors in policy."),
        (READ.replace(r#","Resource":"*""#, ""), "Policy statement must contain resources."),
        (READ.replace("2012-10-17", "2012-10-18"), "The policy must contain a valid version string"),
        (
            statement(r#"{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}"#),
            "Policy document should not specify a principal.",
        ),
        (READ.replace(r#""Action":"iam:Get*","#, ""), "Policy statement must contain actions."),
        (
            READ.replace("iam:Get*", "Get*"),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (
            READ.replace(r#""Resource""#, r#""Condition":{"DateEquals":{"CurrentTime":"now"}},"Resource""#),
            "The policy failed legacy parsing",
        ),
        (
            READ.replace(r#""Effect""#, r#""Sid":"a b","Effect""#),
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
        ),
        (
            statement(&[r#"{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"}"#; 2].join(",")),
            "Statement IDs (SID) in a single policy must be unique.",
        ),
        (READ.replace(r#""Effect""#, r#""Effect":"Deny","Effect""#), "Syntax errors in policy."),
        (statement(r#"{"Effect":"Perhaps","Action":"*","Resource":"*"}"#), "Syntax errors in policy."),
    ] {
        let arguments = [("UserName", "mallory"), ("PolicyName", "q"), ("PolicyDocument", document.as_str())];
        assert_eq!(
            cloud.refused(ADMIN, "PutUserPolicy", &arguments).await,
            told(400, "MalformedPolicyDocument", message),
            "{document}"
        );
    }
    for (document, message) in [
        (TRUST.replace("sts:AssumeRole", "*"), "AssumeRole policy may only specify STS AssumeRole actions."),
        (
            TRUST.replace("sts:AssumeRole", "sts:TagSessions"),
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (TRUST.replace(r#""Action""#, r#""Resource":"*","Action""#), "Has prohibited field Resource"),
        (READ.replace(r#","Resource":"*""#, "").replace("iam:Get*", "sts:*"), "Missing required field Principal"),
    ] {
        let arguments = [("RoleName", "r"), ("AssumeRolePolicyDocument", document.as_str())];
        let refused = cloud.refused(ADMIN, "CreateRole", &arguments).await;
        assert_eq!(refused, told(400, "MalformedPolicyDocument", message), "{document}");
    }
    let much = |size: usize| {
        let id = "s".repeat(size - READ.chars().filter(|one| !one.is_whitespace()).count() - r#""Sid":"","#.len());
        READ.replace(r#""Effect""#, &format!(r#""Sid":"{id}", "Effect""#))
    };
    let quota = |name: &str, most: usize| told(409, "LimitExceeded", format!("Cannot exceed quota for {name}: {most}"));
    let (large, larger) = (much(6144), much(6145));
    cloud.ok(ADMIN, "CreatePolicy", &[("PolicyName", "large"), ("PolicyDocument", &large)]).await;
    let refused = cloud.refused(ADMIN, "CreatePolicy", &[("PolicyName", "larger"), ("PolicyDocument", &larger)]).await;
    assert_eq!(refused, quota("PolicySize", 6144));
    let trust = TRUST.replace(r#""Effect""#, &format!(r#""Sid":"{}","Effect""#, "s".repeat(2048)));
    let arguments = [("RoleName", "r"), ("AssumeRolePolicyDocument", trust.as_str())];
    assert_eq!(cloud.refused(ADMIN, "CreateRole", &arguments).await, quota("ACLSizePerRole", 2048));
    let long = READ.replace(r#""*""#, &format!("[{}]", vec![r#""arn:aws:iam::111122223333:user/a""#; 70].join(",")));
    let arguments = [("UserName", "admin"), ("PolicyName", "q"), ("PolicyDocument", long.as_str())];
    assert_eq!(
        cloud.refused(ADMIN, "PutUserPolicy", &arguments).await,
        told(409, "LimitExceeded", "Maximum policy size of 2048 bytes exceeded for user admin")
    );
}

#[tokio::test]
async fn a_trust_policy_names_only_those_who_are_there() {
    let cloud = open().await;
    let naming = |principal: &str| TRUST.replace("arn:aws:iam::111122223333:root", principal);
    cloud.ok(ADMIN, "CreateRole", &[("RoleName", "reader"), ("AssumeRolePolicyDocument", TRUST)]).await;
    for principal in [
        format!("{IAM}user/nobody"),
        format!("{IAM}user/x/admin"),
        format!("{IAM}role/nobody"),
        "arn:aws:sts::111122223333:assumed-role/nobody/S1".to_owned(),
        "AIDACKCEVSQ6C2EXAMPLE".to_owned(),
    ] {
        let document = naming(&principal);
        let nobody =
            told(400, "MalformedPolicyDocument", format!("Invalid principal in policy: \"AWS\":\"{principal}\""));
        let made = [("RoleName", "r"), ("AssumeRolePolicyDocument", document.as_str())];
        assert_eq!(cloud.refused(ADMIN, "CreateRole", &made).await, nobody);
        let changed = [("RoleName", "reader"), ("PolicyDocument", document.as_str())];
        assert_eq!(cloud.refused(ADMIN, "UpdateAssumeRolePolicy", &changed).await, nobody);
    }
    for principal in
        [format!("{IAM}user/admin"), format!("{IAM}role/reader"), "arn:aws:iam::999988887777:user/x".to_owned()]
    {
        let document = naming(&principal);
        cloud.ok(ADMIN, "UpdateAssumeRolePolicy", &[("RoleName", "reader"), ("PolicyDocument", &document)]).await;
    }
}

#[tokio::test]
async fn a_session_does_what_role_and_session_policies_allow() {
    let cloud = open().await;
    let role = [("RoleName", "reader"), ("Path", "/x/"), ("AssumeRolePolicyDocument", TRUST)];
    cloud.ok(ADMIN, "CreateRole", &role).await;
    let full = ("PolicyArn", "arn:aws:iam::aws:policy/IAMFullAccess");
    cloud.ok(ADMIN, "AttachRolePolicy", &[("RoleName", "reader"), full]).await;
    let who = cloud.ok(cloud.session(ADMIN, &[]).await, "GetCallerIdentity", &[]).await;
    assert_eq!(within(&who, "Arn"), "arn:aws:sts::111122223333:assumed-role/reader/S1");
    assert!(within(&who, "UserId").ends_with(":S1"));
    let user = [("UserName", "x")];
    assert_eq!(cloud.call(cloud.session(ADMIN, &[]).await, "CreateUser", &user).await.0, 200);
    for limit in [("Policy", READ), ("PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/IAMReadOnlyAccess")] {
        let denied = cloud.refused(cloud.session(ADMIN, &[limit]).await, "DeleteUser", &user).await;
        assert!(denied.2.ends_with("because no session policy allows the iam:DeleteUser action"), "{denied:?}");
        assert_eq!(cloud.call(cloud.session(ADMIN, &[limit]).await, "GetUser", &user).await.0, 200);
    }
    assert_eq!(
        cloud.refused(cloud.session(ADMIN, &[]).await, "GetUser", &[]).await,
        told(400, "ValidationError", "Must specify userName when calling with non-User credentials")
    );
    assert_eq!(
        cloud.refused(cloud.session(ADMIN, &[]).await, "GetSessionToken", &[]).await,
        told(403, "AccessDenied", "Cannot call GetSessionToken with session credentials")
    );
}

#[tokio::test]
async fn roles_are_assumed_by_those_alone_who_may() {
    let cloud = open().await;
    let role = [("RoleName", "reader"), ("Path", "/x/"), ("AssumeRolePolicyDocument", TRUST)];
    cloud.ok(ADMIN, "CreateRole", &role).await;
    let arn = format!("{IAM}role/x/reader");
    let elsewhere = format!("{IAM}role/reader");
    let denied = |who: &str, action: &str, arn: &str| {
        told(403, "AccessDenied", format!("User: {who} is not authorized to perform: {action} on resource: {arn}"))
    };
    let admin = format!("{IAM}user/admin");
    let named = |arn| [("RoleArn", arn), ("RoleSessionName", "S1")];
    // A role that is not there is not told from one that is forbidden.
    assert_eq!(
        cloud.refused(ADMIN, "AssumeRole", &named(&elsewhere)).await,
        denied(&admin, "sts:AssumeRole", &elsewhere)
    );
    assert_eq!(
        cloud.refused(STRANGER, "AssumeRole", &named(&arn)).await,
        denied("arn:aws:iam::444455556666:root", "sts:AssumeRole", &arn)
    );
    assert_eq!(
        cloud.refused(OWNER, "AssumeRole", &named(&arn)).await,
        told(403, "AccessDenied", "Roles may not be assumed by root accounts.")
    );
    let long = [("RoleArn", arn.as_str()), ("RoleSessionName", "S1"), ("DurationSeconds", "7200")];
    assert_eq!(
        cloud.refused(ADMIN, "AssumeRole", &long).await,
        told(400, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    );
    // The trust policy says nothing of source identities.
    let named = [("RoleArn", arn.as_str()), ("RoleSessionName", "S1"), ("SourceIdentity", "alice")];
    let (status, _, message) = cloud.refused(ADMIN, "AssumeRole", &named).await;
    assert!(status == 403 && message.contains("sts:SetSourceIdentity"), "{message}");
}

#[tokio::test]
async fn a_denial_holds_however_a_name_is_spelled() {
    let cloud = cloud(json!({
        "Effect": "Deny",
        "Action": "*",
        "Resource": [format!("{IAM}policy/guard"), format!("{IAM}group/Guards"), format!("{IAM}user/admin")]
    }))
    .await;
    cloud.ok(ADMIN, "CreatePolicy", &[("PolicyName", "guard"), ("PolicyDocument", READ)]).await;
    cloud.ok(ADMIN, "CreateGroup", &[("GroupName", "Guards")]).await;
    for (operation, name, value) in [
        ("DeletePolicy", "PolicyArn", format!("{IAM}policy/guard")),
        ("DeletePolicy", "PolicyArn", format!("{IAM}policy/GUARD")),
        ("DeleteGroup", "GroupName", "guards".to_owned()),
        ("CreateAccessKey", "UserName", "ADMIN".to_owned()),
    ] {
        assert_eq!(cloud.refused(MALLORY, operation, &[(name, &value)]).await.1, "AccessDenied", "{operation} {value}");
    }
}

#[tokio::test]
async fn conditions_on_tags_and_attached_policies_are_asked() {
    let condition = json!({ "ForAnyValue:StringEquals": { "aws:TagKeys": "bad" } });
    let tagged =
        cloud(json!({ "Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*", "Condition": condition })).await;
    let with_tag = |name| [("UserName", "x"), ("Tags.member.1.Key", name), ("Tags.member.1.Value", "")];
    assert_eq!(tagged.refused(MALLORY, "CreateUser", &with_tag("bad")).await.1, "AccessDenied");
    tagged.ok(MALLORY, "CreateUser", &with_tag("good")).await;

    let no_tagging = cloud(json!({ "Effect": "Deny", "Action": "iam:TagUser", "Resource": "*" })).await;
    assert_eq!(no_tagging.refused(MALLORY, "CreateUser", &with_tag("good")).await.1, "AccessDenied");
    no_tagging.ok(MALLORY, "CreateUser", &[("UserName", "x")]).await;

    let full = "arn:aws:iam::aws:policy/AdministratorAccess";
    let condition = json!({ "ArnEquals": { "iam:PolicyARN": full } });
    let guarded = cloud(json!({ "Effect": "Deny", "Action": "iam:*", "Resource": "*", "Condition": condition })).await;
    let attach = |arn| [("UserName", "mallory"), ("PolicyArn", arn)];
    assert_eq!(guarded.refused(MALLORY, "AttachUserPolicy", &attach(full)).await.1, "AccessDenied");
    guarded.ok(MALLORY, "AttachUserPolicy", &attach("arn:aws:iam::aws:policy/IAMReadOnlyAccess")).await;
}

#[tokio::test]
async fn what_would_limit_somebody_is_refused_and_not_ignored() {
    let cloud = open().await;
    let boundary = ("PermissionsBoundary", "arn:aws:iam::aws:policy/IAMReadOnlyAccess");
    let trust = ("AssumeRolePolicyDocument", TRUST);
    let arn = format!("{IAM}role/r");
    for (operation, arguments) in [
        ("CreateUser", vec![("UserName", "x"), boundary]),
        ("CreateRole", vec![("RoleName", "x"), trust, boundary]),
        ("AssumeRole", vec![("RoleArn", arn.as_str()), ("RoleSessionName", "S1"), ("Tags.member.1.Key", "a")]),
        ("GetSessionToken", vec![("SerialNumber", "arn:aws:iam::1:mfa/x"), ("TokenCode", "123456")]),
        ("PutUserPermissionsBoundary", vec![("UserName", "x"), boundary]),
    ] {
        assert_eq!(cloud.refused(ADMIN, operation, &arguments).await.1, "UnsupportedOperation", "{operation}");
    }
}

#[tokio::test]
async fn a_new_name_or_path_needs_the_permission_too() {
    let cloud = cloud(json!({
        "Effect": "Deny",
        "Action": ["iam:UpdateUser", "iam:UpdateGroup"],
        "Resource": [format!("{IAM}user/staff/*"), format!("{IAM}group/staff/*"), format!("{IAM}user/root*")]
    }))
    .await;
    cloud.ok(ADMIN, "CreateUser", &[("UserName", "u")]).await;
    cloud.ok(ADMIN, "CreateGroup", &[("GroupName", "g")]).await;
    for (operation, arguments) in [
        ("UpdateUser", &[("UserName", "u"), ("NewPath", "/staff/")]),
        ("UpdateUser", &[("UserName", "u"), ("NewUserName", "rooted")]),
        ("UpdateGroup", &[("GroupName", "g"), ("NewPath", "/staff/")]),
    ] {
        assert_eq!(cloud.refused(MALLORY, operation, arguments).await.1, "AccessDenied", "{arguments:?}");
        cloud.ok(ADMIN, operation, arguments).await;
        cloud.call(ADMIN, operation, &[arguments[0], ("NewPath", "/")]).await;
    }
}

/// A store in which something happens between two reads of one record.
struct Meddled {
    memory: Memory,
    armed: std::sync::Mutex<Option<(Space, usize, Change)>>,
}

#[async_trait::async_trait]
impl Store for Meddled {
    async fn get(&self, space: Space, path: &str) -> Result<Option<Record>, StoreError> {
        let due = {
            let mut armed = self.armed.lock().unwrap();
            match armed.as_mut() {
                Some((watched, 0, _)) if *watched == space => armed.take().map(|(_, _, change)| change),
                Some((watched, left, _)) if *watched == space => {
                    *left -= 1;
                    None
                }
                _ => None,
            }
        };
        if let Some(change) = due {
            self.memory.commit(vec![change]).await?;
        }
        self.memory.get(space, path).await
    }

    async fn get_many(&self, wanted: &[(Space, &str)]) -> Result<Vec<Option<Record>>, StoreError> {
        self.memory.get_many(wanted).await
    }

    async fn scan(&self, s: Space, prefix: &str, after: Option<&str>, n: usize) -> Result<Vec<Record>, StoreError> {
        self.memory.scan(s, prefix, after, n).await
    }

    async fn paths(
        &self,
        s: Space,
        prefix: &str,
        after: Option<&str>,
        skip: usize,
        n: usize,
    ) -> Result<Vec<String>, StoreError> {
        self.memory.paths(s, prefix, after, skip, n).await
    }

    async fn count(&self, s: Space, prefix: &str) -> Result<usize, StoreError> {
        self.memory.count(s, prefix).await
    }

    async fn changes(&self, since: Head) -> Result<Changes, StoreError> {
        self.memory.changes(since).await
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<u64, StoreError> {
        self.memory.commit(changes).await
    }

    async fn clear(&self) -> Result<(), StoreError> {
        self.memory.clear().await
    }
}

/// Mallory may not touch what lies under `/staff/`; what she asks for moves there after she was judged.
#[tokio::test]
async fn what_is_changed_is_what_was_judged_even_when_it_is_replaced_meanwhile() {
    let staff = |kind: &str| format!("{IAM}{kind}/staff/*");
    let store = Arc::new(Meddled { memory: Memory::new(), armed: std::sync::Mutex::new(None) });
    let denied = json!({
        "Effect": "Deny", "Action": "*", "Resource": [staff("user"), staff("role"), staff("group"), staff("policy")]
    });
    let cloud = cloud_on(store.clone(), denied).await;
    cloud.ok(ADMIN, "CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST)]).await;
    cloud.ok(ADMIN, "CreateUser", &[("UserName", "u")]).await;
    for (space, name, operation, arguments) in [
        (ROLES, "r", "UpdateAssumeRolePolicy", vec![("RoleName", "r"), ("PolicyDocument", TRUST)]),
        (ROLES, "r", "DeleteRole", vec![("RoleName", "r")]),
        (ROLES, "r", "AssumeRole", vec![("RoleArn", "arn:aws:iam::111122223333:role/r"), ("RoleSessionName", "S1")]),
        (USERS, "u", "CreateAccessKey", vec![("UserName", "u")]),
        (USERS, "u", "PutUserPolicy", vec![("UserName", "u"), ("PolicyName", "p"), ("PolicyDocument", READ)]),
        (USERS, "u", "DeleteUser", vec![("UserName", "u")]),
    ] {
        let path = ["aws", "111122223333", name].join(&SEPARATOR.to_string());
        let found = store.memory.get(space, &path).await.unwrap().unwrap();
        let mut moved: serde_json::Value = serde_json::from_slice(&found.body).unwrap();
        moved["path"] = "/staff/".into();
        let put = |body: Vec<u8>| Change::Put { space, path: path.clone(), expect: Expect::Any, body };
        cloud.ok(MALLORY, "GetRole", &[("RoleName", "r")]).await; // Mallory is known by now, and not read again
        *store.armed.lock().unwrap() = Some((space, 1, put(moved.to_string().into_bytes())));
        let refused = cloud.refused(MALLORY, operation, &arguments).await;
        assert!(store.armed.lock().unwrap().is_none(), "{operation} reads the record twice");
        assert!(refused.0 >= 400, "{operation}: {refused:?}");
        store.memory.commit(vec![put(found.body)]).await.unwrap();
    }
}

#[tokio::test]
async fn roles_of_aws_are_its_own() {
    let cloud = open().await;
    let own = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "Service": "x.amazonaws.com" }, "Action": "sts:AssumeRole" }
    ] });
    let seed: Seed = serde_json::from_value(json!({ "aws": [{ "account": "111122223333", "roles": [
        { "name": "AWSServiceRoleForX", "path": "/aws-service-role/x.amazonaws.com/", "trust": own },
        { "name": "AWSReservedSSO_a", "path": "/aws-reserved/sso.amazonaws.com/", "trust": own },
        { "name": "ours", "path": "/service-role/", "trust": own },
    ] }] }))
    .unwrap();
    cloud.engine.apply(&seed).await.unwrap();
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}"#;
    let administrator = "arn:aws:iam::aws:policy/AdministratorAccess";
    let changes: &[(&str, &[(&str, &str)])] = &[
        ("UpdateRole", &[("Description", "d")]),
        ("UpdateAssumeRolePolicy", &[("PolicyDocument", TRUST)]),
        ("PutRolePolicy", &[("PolicyName", "p"), ("PolicyDocument", policy)]),
        ("AttachRolePolicy", &[("PolicyArn", administrator)]),
        ("UpdateRoleDescription", &[("Description", "d")]),
        ("DeleteRolePolicy", &[("PolicyName", "p")]),
        ("DetachRolePolicy", &[("PolicyArn", administrator)]),
        ("DeleteRole", &[]),
    ];
    for role in ["AWSServiceRoleForX", "AWSReservedSSO_a"] {
        for (operation, more) in changes {
            let mut arguments = vec![("RoleName", role)];
            arguments.extend(*more);
            let words = format!(
                "Cannot perform the operation on the protected role '{role}' - this role is only modifiable by AWS"
            );
            assert_eq!(cloud.refused(ADMIN, operation, &arguments).await, told(400, "UnmodifiableEntity", words));
        }
        cloud.ok(ADMIN, "GetRole", &[("RoleName", role)]).await;
    }
    cloud.ok(ADMIN, "UpdateRole", &[("RoleName", "ours"), ("Description", "d")]).await;
    for (path, prefix) in
        [("/aws-service-role/x.amazonaws.com/", "/aws-service-role/"), ("/aws-reserved/", "/aws-reserved/")]
    {
        let asked = [("RoleName", "new"), ("Path", path), ("AssumeRolePolicyDocument", TRUST)];
        let words = format!("Path prefix '{prefix}' can only be used for AWS Service linked Roles");
        assert_eq!(cloud.refused(ADMIN, "CreateRole", &asked).await, told(400, "InvalidInput", words));
    }
}

#[tokio::test]
async fn managed_policies_are_of_the_newest_version_and_others_need_not_be() {
    let cloud = open().await;
    let old = r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}"#;
    let words = "Policy document must be version 2012-10-17 or greater.";
    let malformed = || told(400, "MalformedPolicyDocument", words);
    let made = [("PolicyName", "p"), ("PolicyDocument", old)];
    assert_eq!(cloud.refused(ADMIN, "CreatePolicy", &made).await, malformed());
    let new = old.replace("2008", "2012");
    let arn = within(&cloud.ok(ADMIN, "CreatePolicy", &[("PolicyName", "p"), ("PolicyDocument", &new)]).await, "Arn");
    let version = [("PolicyArn", arn.as_str()), ("PolicyDocument", old)];
    assert_eq!(cloud.refused(ADMIN, "CreatePolicyVersion", &version).await, malformed());
    let inline = [("UserName", "mallory"), ("PolicyName", "q"), ("PolicyDocument", old)];
    cloud.ok(ADMIN, "PutUserPolicy", &inline).await;
    let short = [
        ("UserName", "mallory"),
        ("PolicyName", "q"),
        ("PolicyDocument", r#"{"Statement":[{"Effect":"Allow","Action":"*:Decrypt","Resource":"*"}]}"#),
    ];
    assert_eq!(
        cloud.refused(ADMIN, "PutUserPolicy", &short).await,
        told(400, "MalformedPolicyDocument", "Action vendors (e.g., aws, ec2, etc.) must not contain wildcards")
    );
}
