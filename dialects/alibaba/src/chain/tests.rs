#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use polykms_core::dialect::client::WantedRole;
use polykms_core::dialect::client::script::Script;
use polykms_core::secret::AccessSecret;
use serde_json::{Value, json};

use super::*;

const CONFIG: &str = "/home/u/.aliyun/config.json";
const INI: &str = "/home/u/.alibabacloud/credentials.ini";
/// What an instance tells of its role.
const OF_INSTANCE: &str = r#"{"Code":"Success","AccessKeyId":"STS.I","AccessKeySecret":"i","SecurityToken":"ti","Expiration":"2026-01-01T00:00:00Z","LastUpdated":"2025-12-31T18:00:00Z"}"#;

fn script() -> Script {
    Script::default().with(&[("HOME", "/home/u")])
}

/// A configuration whose current profile is the first of these.
fn config(profiles: Value) -> Script {
    let text = json!({ "current": profiles[0]["name"], "profiles": profiles, "meta_path": "" }).to_string();
    script().file(CONFIG, &text)
}

fn ini(text: &str) -> Script {
    script().file(INI, text)
}

/// What STS tells of a role.
fn assumed(id: &str) -> String {
    json!({
        "RequestId": "r",
        "AssumedRoleUser": { "Arn": "a", "AssumedRoleId": "1:s" },
        "Credentials": { "AccessKeyId": id, "AccessKeySecret": "s", "SecurityToken": format!("t/{id}"), "Expiration": "2026-01-01T00:00:00Z" },
    })
    .to_string()
}

fn wanted() -> Wanted {
    Wanted { region: "cn-hangzhou".to_owned(), ..Wanted::default() }
}

fn of_profile(name: &str) -> Wanted {
    Wanted { profile: Some(name.to_owned()), ..wanted() }
}

async fn got(around: &Script, wanted: &Wanted) -> Option<(String, Option<String>)> {
    let found = credentials(around, wanted).await.unwrap();
    assert_eq!(around.left(), 0, "everything was asked for");
    found.map(|Found { credential, token, .. }| {
        (credential.access_key_id, token.map(|token| AccessSecret::expose(&token).to_owned()))
    })
}

async fn id(around: &Script, wanted: &Wanted) -> String {
    got(around, wanted).await.unwrap().0
}

async fn refused(around: &Script, wanted: &Wanted) -> Error {
    let error = credentials(around, wanted).await.unwrap_err();
    assert!(!error.to_string().contains("hush"), "{error}");
    error
}

fn says(error: &Error, part: &str) {
    assert!(error.to_string().contains(part), "{error}");
}

#[tokio::test]
async fn variables_come_first_unless_a_profile_is_named() {
    let around = config(json!([{ "name": "x", "mode": "AK", "access_key_id": "LTX", "access_key_secret": "hush" }]))
        .with(&[
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTE"),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hush"),
            ("ALIBABA_CLOUD_SECURITY_TOKEN", "te"),
        ]);
    assert_eq!(got(&around, &wanted()).await, Some(("LTE".to_owned(), Some("te".to_owned()))));
    assert_eq!(got(&around, &of_profile("x")).await, Some(("LTX".to_owned(), None)));
    says(
        &refused(&script().with(&[("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTE")]), &wanted()).await,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET is not set",
    );
    says(
        &refused(&script().with(&[("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hush")]), &wanted()).await,
        "ALIBABA_CLOUD_ACCESS_KEY_ID is not set",
    );
}

#[tokio::test]
async fn tokens_of_other_providers_are_changed_for_credentials_without_a_signature() {
    let around = script()
        .with(&[
            ("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/r"),
            ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "acs:ram::1:oidc-provider/p"),
            ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "/token"),
            ("ALIBABA_CLOUD_ROLE_SESSION_NAME", "pod"),
            ("ALIBABA_CLOUD_STS_REGION", "cn-beijing"),
            ("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED", "True"),
        ])
        .file("/token", "hush.jwt\n");
    says(
        &refused(
            &script().with(&[
                ("ALIBABA_CLOUD_ROLE_ARN", "a"),
                ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "b"),
                ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "/t"),
            ]),
            &wanted(),
        )
        .await,
        "no token in /t",
    );
    let around = around.answer(200, assumed("STS.O"));
    assert_eq!(got(&around, &wanted()).await, Some(("STS.O".to_owned(), Some("t/STS.O".to_owned()))));
    let asked = &around.asked()[0];
    assert!(
        asked.starts_with(
            "POST https://sts-vpc.cn-beijing.aliyuncs.com/?Action=AssumeRoleWithOIDC&Format=JSON&Version=2015-04-01&"
        ),
        "{asked}"
    );
    assert!(
        asked.contains("OIDCToken=hush.jwt&RoleSessionName=pod&DurationSeconds=3600")
            && !asked.contains("authorization"),
        "{asked}"
    );
    // Without all three there is nothing to ask for.
    let half = script().with(&[("ALIBABA_CLOUD_ROLE_ARN", "a")]).failure(Kind::Timeout);
    assert_eq!(got(&half, &wanted()).await, None);
}

#[tokio::test]
async fn every_mode_of_the_configuration_is_got_or_says_why_not() {
    let around = config(json!([
        { "name": "token", "mode": "StsToken", "access_key_id": "STS.K", "access_key_secret": "s", "sts_token": "tk" },
        { "name": "role", "mode": "RamRoleArn", "access_key_id": "LT", "access_key_secret": "hush", "ram_role_arn": "acs:ram::1:role/r", "ram_session_name": "me", "expired_seconds": 900, "external_id": "e", "policy": "{}" },
        { "name": "two", "mode": "ChainableRamRoleArn", "source_profile": "role", "ram_role_arn": "acs:ram::1:role/two", "sts_region": "cn-shanghai" },
    ]))
    .answer(200, assumed("STS.1"))
    .answer(200, assumed("STS.2"));
    let found = credentials(&around, &of_profile("two")).await.unwrap().unwrap();
    assert_eq!((found.credential.access_key_id.as_str(), found.expires_at.is_some()), ("STS.2", true));
    let [one, two] = around.asked().try_into().unwrap();
    assert!(one.starts_with("POST https://sts.aliyuncs.com/?") && one.contains("Credential=LT,"), "{one}");
    for part in [
        "RoleSessionName=me",
        "DurationSeconds=900",
        "ExternalId=e",
        "Policy=%7B%7D",
        "x-acs-action: AssumeRole",
        "x-acs-version: 2015-04-01",
    ] {
        assert!(one.contains(part), "{part}: {one}");
    }
    assert!(two.starts_with("POST https://sts.cn-shanghai.aliyuncs.com/?"), "{two}");
    assert!(two.contains("Credential=STS.1,") && two.contains("x-acs-security-token: t/STS.1"), "{two}");
    assert!(two.contains("RoleSessionName=polykms-1700000000000") && two.contains("DurationSeconds=3600"), "{two}");
    assert_eq!(got(&around, &wanted()).await, Some(("STS.K".to_owned(), Some("tk".to_owned()))));
}

#[tokio::test]
async fn a_configuration_leads_to_instances_programs_providers_and_uris() {
    let one = |profile: Value| config(json!([profile]));
    let around = one(json!({ "name": "x", "mode": "EcsRamRole", "ram_role_name": "named" }))
        .answer(200, "T")
        .answer(200, OF_INSTANCE);
    assert_eq!(id(&around, &wanted()).await, "STS.I");
    assert!(around.asked()[1].contains("/security-credentials/named\n"), "{:?}", around.asked());
    let around = one(json!({ "name": "x", "mode": "RamRoleArnWithRoleName", "ram_role_name": "named", "ram_role_arn": "acs:ram::1:role/r" }))
        .answer(200, "T")
        .answer(200, OF_INSTANCE)
        .answer(200, assumed("STS.R"));
    assert_eq!(id(&around, &wanted()).await, "STS.R");
    let around = one(json!({ "name": "x", "mode": "OIDC", "ram_role_arn": "acs:ram::1:role/r", "oidc_provider_arn": "p", "oidc_token_file": "~/t", "role_session_name": "s" }))
        .file("/home/u/t", "jwt")
        .answer(200, assumed("STS.O"));
    assert_eq!(id(&around, &wanted()).await, "STS.O");
    let around = one(json!({ "name": "x", "mode": "CredentialsURI", "credentials_uri": "http://127.0.0.1:9/x" }))
        .answer(200, OF_INSTANCE);
    assert_eq!(id(&around, &wanted()).await, "STS.I");
    let external = json!({ "name": "x", "mode": "External", "process_command": "/bin/get 'a b'" });
    let printing = |prints: &str| one(external.clone()).program(&["/bin/get", "a b"], prints);
    let around = printing(
        r#"{"mode":"StsToken","access_key_id":"STS.P","access_key_secret":"s","sts_token":"tp","expiration":"2026-01-01T00:00:00Z"}"#,
    );
    assert_eq!(got(&around, &wanted()).await, Some(("STS.P".to_owned(), Some("tp".to_owned()))));
    assert_eq!(id(&printing(r#"{"mode":"AK","access_key_id":"LT","access_key_secret":"s"}"#), &wanted()).await, "LT");
    for prints in [
        "hush",
        r#"{"mode":"StsToken","access_key_id":"STS.P","access_key_secret":"hush"}"#,
        r#"{"mode":"OAuth","access_key_id":"a","access_key_secret":"hush"}"#,
    ] {
        says(&refused(&printing(prints), &wanted()).await, "no credentials that can be read");
    }
}

#[tokio::test]
async fn configurations_that_lead_nowhere_say_why() {
    let chained = |name: &str, source: &str| json!({ "name": name, "mode": "ChainableRamRoleArn", "ram_role_arn": "a", "source_profile": source });
    for (profiles, part) in [
        (json!([{ "name": "x", "mode": "AK", "access_key_id": "LT" }]), "has no access_key_secret"),
        (
            json!([{ "name": "x", "mode": "StsToken", "access_key_id": "LT", "access_key_secret": "hush" }]),
            "has no sts_token",
        ),
        (json!([chained("x", "y"), chained("y", "x")]), "infinite loop"),
        (json!([chained("x", "x")]), "infinite loop"),
        (json!([chained("x", "gone")]), "leads to `gone`"),
        (json!([chained("x", "y"), { "name": "y", "mode": "AK" }]), "has no credentials"),
        (json!([{ "name": "x", "mode": "CloudSSO" }]), "External"),
        (json!([{ "name": "x", "mode": "OAuth" }]), "External"),
        (json!([{ "name": "x", "mode": "RsaKeyPair" }]), "External"),
        (json!([{ "name": "x", "mode": "New" }]), "mode `New`, which is unknown"),
    ] {
        says(&refused(&config(profiles), &wanted()).await, part);
    }
    says(&refused(&script().file(CONFIG, "{\"hush"), &wanted()).await, "this is no configuration");
    let one = || config(json!([{ "name": "x", "mode": "AK", "access_key_id": "LT", "access_key_secret": "hush" }]));
    says(&refused(&one(), &of_profile("gone")).await, "no profile `gone`");
    says(&refused(&one().with(&[("ALIBABA_CLOUD_PROFILE", "gone")]), &wanted()).await, "no profile `gone`");
    let off = one().with(&[("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "TRUE")]).failure(Kind::Transport);
    assert_eq!(got(&off, &wanted()).await, None);
    // One that nobody has filled in is none.
    let fresh = config(json!([{ "name": "default", "mode": "", "access_key_id": "", "access_key_secret": "" }]))
        .failure(Kind::Transport);
    assert_eq!(got(&fresh, &wanted()).await, None);
}

#[tokio::test]
async fn every_type_of_the_credentials_file_is_got_or_says_why_not() {
    let text = "# mine\n[default]\nenable = true\ntype = access_key\naccess_key_id = LT#1\naccess_key_secret = s ; and more\n\
                [role]\ntype=ram_role_arn\naccess_key_id=LT\naccess_key_secret=hush\nrole_arn=acs:ram::1:role/r\n\
                [off]\nenable=false\ntype=access_key\naccess_key_id=LT\naccess_key_secret=hush\n\
                [ecs]\ntype=ecs_ram_role\nrole_name=named\n\
                [oidc]\ntype=oidc_role_arn\nrole_arn=acs:ram::1:role/r\noidc_provider_arn=p\noidc_token_file_path=/t\n\
                [pair]\ntype=rsa_key_pair\n[new]\ntype=new\n[none]\nx=y\n";
    let found = credentials(&ini(text), &wanted()).await.unwrap().unwrap();
    assert_eq!((found.credential.access_key_id.as_str(), found.credential.secret.expose()), ("LT#1", "s ; and more"));
    let around = ini(text).answer(200, assumed("STS.R"));
    assert_eq!(id(&around, &of_profile("role")).await, "STS.R");
    let around = ini(text).answer(200, "T").answer(200, OF_INSTANCE);
    assert_eq!(id(&around, &of_profile("ecs")).await, "STS.I");
    let around = ini(text).file("/t", "jwt").answer(200, assumed("STS.O"));
    assert_eq!(id(&around, &of_profile("oidc")).await, "STS.O");
    for (profile, part) in
        [("off", "no profile `off`"), ("pair", "External"), ("new", "type `new`"), ("none", "has no type")]
    {
        says(&refused(&ini(text), &of_profile(profile)).await, part);
    }
    says(&refused(&ini("hush = x"), &wanted()).await, "line 1");
    says(&refused(&ini("[x]\nhush"), &wanted()).await, "line 2");
    let first = ini(text)
        .file("/home/u/.alibabacloud/credentials", "[default]\ntype=access_key\naccess_key_id=GO\naccess_key_secret=s");
    assert_eq!(id(&first, &wanted()).await, "GO");
    let set = ini(text)
        .with(&[("ALIBABA_CLOUD_CREDENTIALS_FILE", "/mine")])
        .file("/mine", "[default]\ntype=access_key\naccess_key_id=SET\naccess_key_secret=s");
    assert_eq!(id(&set, &wanted()).await, "SET");
}

#[tokio::test]
async fn instances_are_asked_with_a_token_where_they_give_one() {
    let around = script().answer(200, "TOKEN").answer(200, " role \n").answer(200, OF_INSTANCE);
    assert_eq!(got(&around, &wanted()).await, Some(("STS.I".to_owned(), Some("ti".to_owned()))));
    let [token, role, told] = around.asked().try_into().unwrap();
    assert!(
        token.starts_with(
            "near PUT http://100.100.100.200/latest/api/token\nx-aliyun-ecs-metadata-token-ttl-seconds: 21600"
        ),
        "{token}"
    );
    assert!(role.contains("/latest/meta-data/ram/security-credentials/\nx-aliyun-ecs-metadata-token: TOKEN"), "{role}");
    assert!(told.contains("/security-credentials/role\n"), "{told}");
    let older = script().with(&[("ALIBABA_CLOUD_ECS_METADATA", "named")]).answer(404, "").answer(200, OF_INSTANCE);
    assert_eq!(id(&older, &wanted()).await, "STS.I");
    assert!(!older.asked()[1].contains("metadata-token:"), "{:?}", older.asked());
    let strict = || script().with(&[("ALIBABA_CLOUD_IMDSV1_DISABLED", "true")]);
    says(&refused(&strict().answer(404, ""), &wanted()).await, "gives no token");
    says(
        &refused(&script().answer(200, "T").answer(200, "r").answer(200, r#"{"Code":"Failed"}"#), &wanted()).await,
        "no credentials: Failed",
    );
    says(&refused(&script().answer(200, "T").answer(500, ""), &wanted()).await, "answers 500");
    assert_eq!(got(&script().failure(Kind::Timeout), &wanted()).await, None);
    assert_eq!(got(&script().answer(200, "T").answer(404, ""), &wanted()).await, None);
    assert_eq!(got(&script().with(&[("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")]), &wanted()).await, None);
}

#[tokio::test]
async fn a_uri_comes_last() {
    let around = script()
        .with(&[("ALIBABA_CLOUD_CREDENTIALS_URI", "http://127.0.0.1:9/sts?x=1")])
        .failure(Kind::Transport)
        .answer(200, OF_INSTANCE);
    assert_eq!(id(&around, &wanted()).await, "STS.I");
    assert!(around.asked()[1].starts_with("near GET http://127.0.0.1:9/sts?x=1\n"), "{:?}", around.asked());
    let failing = script()
        .with(&[("ALIBABA_CLOUD_CREDENTIALS_URI", "http://127.0.0.1:9/")])
        .failure(Kind::Transport)
        .answer(500, "hush");
    says(&refused(&failing, &wanted()).await, "answers 500");
    let none = script().with(&[("ALIBABA_CLOUD_CREDENTIALS_URI", "nonsense")]).failure(Kind::Transport);
    says(&refused(&none, &wanted()).await, "no URI");
}

#[tokio::test]
async fn a_role_is_taken_on_with_what_is_found() {
    let around = script()
        .with(&[("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTE"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hush")])
        .answer(403, r#"{"Code":"NoPermission","Message":"no","RequestId":"r"}"#);
    let role = WantedRole { arn: "acs:ram::1:role/r".to_owned(), external_id: Some("e".to_owned()) };
    let error = refused(&around, &Wanted { role: Some(role), ..wanted() }).await;
    assert_eq!((error.kind(), error.vendor_code()), (Kind::Denied, Some("NoPermission")));
    says(&error, "role/r");
    assert!(around.asked()[0].contains("ExternalId=e"));
}

#[test]
fn profiles_have_regions() {
    let around =
        config(json!([{ "name": "x", "mode": "AK", "region_id": "cn-beijing" }, { "name": "y", "region_id": "" }]));
    assert_eq!(settings(&around, None).unwrap().region.as_deref(), Some("cn-beijing"));
    assert_eq!(settings(&around, Some("y")).unwrap().region, None);
    assert_eq!(settings(&script(), None).unwrap(), Profile::default());
}
