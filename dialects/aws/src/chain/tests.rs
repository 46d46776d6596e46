#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use polykms_core::dialect::client::script::Script;
use polykms_core::dialect::client::{Error, Found, Kind, Wanted, WantedRole};
use polykms_core::secret::AccessSecret;

use super::*;

const CONFIG: &str = "/home/u/.aws/config";
const CREDENTIALS: &str = "/home/u/.aws/credentials";
/// What an instance tells of its role.
const OF_INSTANCE: &str = r#"{"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"ASIAI","SecretAccessKey":"i","Token":"ti","Expiration":"2026-01-01T00:00:00Z"}"#;

fn script() -> Script {
    Script::default().with(&[("HOME", "/home/u")])
}

/// The files of a user, configuration and credentials.
fn files(config: &str, credentials: &str) -> Script {
    script().file(CONFIG, config).file(CREDENTIALS, credentials)
}

/// What STS tells of a role.
fn assumed(id: &str) -> String {
    with_result("AssumeRole", id)
}

fn with_result(operation: &str, id: &str) -> String {
    format!(
        "<{operation}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{operation}Result><AssumedRoleUser>\
         <AssumedRoleId>R:s</AssumedRoleId><Arn>arn</Arn></AssumedRoleUser><Credentials><AccessKeyId>{id}</AccessKeyId>\
         <SecretAccessKey>s</SecretAccessKey><SessionToken>t/{id}</SessionToken><Expiration>2026-01-01T00:00:00Z</Expiration>\
         </Credentials><SubjectFromWebIdentityToken>x</SubjectFromWebIdentityToken></{operation}Result></{operation}Response>"
    )
}

fn refusal(code: &str) -> String {
    format!("<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>")
}

fn wanted() -> Wanted {
    Wanted { region: "eu-west-1".to_owned(), ..Wanted::default() }
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
    let around = files("", "[default]\naws_access_key_id = AKF\naws_secret_access_key = s\n[x]\naws_access_key_id = AKX\naws_secret_access_key = s\naws_session_token = tx")
        .with(&[("AWS_ACCESS_KEY_ID", "AKE"), ("AWS_SECRET_ACCESS_KEY", "hush"), ("AWS_SESSION_TOKEN", "te")]);
    assert_eq!(got(&around, &wanted()).await, Some(("AKE".to_owned(), Some("te".to_owned()))));
    assert_eq!(got(&around, &of_profile("x")).await, Some(("AKX".to_owned(), Some("tx".to_owned()))));
    let half = script().with(&[("AWS_ACCESS_KEY_ID", "AKE"), ("AWS_SECRET_ACCESS_KEY", "")]);
    says(&refused(&half, &wanted()).await, "AWS_SECRET_ACCESS_KEY is not set");
    let other_half = script().with(&[("AWS_SECRET_ACCESS_KEY", "hush")]);
    says(&refused(&other_half, &wanted()).await, "AWS_ACCESS_KEY_ID is not set");
}

#[tokio::test]
async fn the_profile_is_the_one_that_is_named() {
    let around = files(
        "[profile x]\nregion = x-1",
        "[default]\naws_access_key_id = AKF\naws_secret_access_key = s\n[x]\naws_access_key_id = AKX\naws_secret_access_key = s",
    );
    assert_eq!(id(&around, &wanted()).await, "AKF");
    let around = around.with(&[("AWS_PROFILE", "x")]);
    assert_eq!(id(&around, &wanted()).await, "AKX");
    says(&refused(&around, &of_profile("gone")).await, "no profile `gone`");
    let half = files("", "[default]\naws_access_key_id = AKF");
    says(&refused(&half, &wanted()).await, "has no aws_secret_access_key");
    says(&refused(&files("[profile x", ""), &wanted()).await, "/home/u/.aws/config, line 1: Profile definition");
}

#[tokio::test]
async fn roles_are_taken_on_along_the_chain_of_profiles() {
    let around = files(
        "[profile one]\nrole_arn = arn:aws:iam::111122223333:role/one\nsource_profile = two\nrole_session_name = me\nexternal_id = 7\nduration_seconds = 900\n\
         [profile two]\nrole_arn = arn:aws:iam::111122223333:role/two\nsource_profile = base",
        "[base]\naws_access_key_id = AKB\naws_secret_access_key = hush",
    )
    .answer(200, assumed("ASIA2"))
    .answer(200, assumed("ASIA1"));
    let found = credentials(&around, &of_profile("one")).await.unwrap().unwrap();
    assert_eq!(found.expires_at, Some("2026-01-01T00:00:00Z".parse().unwrap()));
    assert_eq!(found.credential.access_key_id, "ASIA1");
    let [two, one] = around.asked().try_into().unwrap();
    assert!(two.starts_with("POST https://sts.eu-west-1.amazonaws.com/\n"), "{two}");
    assert!(
        two.contains("Credential=AKB/") && two.contains("RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Ftwo"),
        "{two}"
    );
    assert!(two.contains("RoleSessionName=polykms-1700000000000") && two.contains("host: sts.eu-west-1.amazonaws.com"));
    assert!(one.contains("Credential=ASIA2/") && one.contains("x-amz-security-token: t/ASIA2"), "{one}");
    for part in ["RoleSessionName=me", "ExternalId=7", "DurationSeconds=900", "Action=AssumeRole&Version=2011-06-15"] {
        assert!(one.contains(part), "{part}: {one}");
    }
}

#[tokio::test]
async fn a_profile_that_leads_to_itself_means_its_own_key() {
    let own = "[profile x]\nrole_arn = arn:aws:iam::111122223333:role/x\nsource_profile = x";
    let around = files(own, "[x]\naws_access_key_id = AKX\naws_secret_access_key = s").answer(200, assumed("ASIAX"));
    assert_eq!(id(&around, &of_profile("x")).await, "ASIAX");
    assert!(around.asked()[0].contains("Credential=AKX/"));
    says(&refused(&files(own, ""), &of_profile("x")).await, "infinite loop");
}

#[tokio::test]
async fn chains_that_lead_nowhere_say_why() {
    let role = "[profile x]\nrole_arn = arn:aws:iam::111122223333:role/x\n";
    let ring = format!(
        "{role}source_profile = y\n[profile y]\nrole_arn = arn:aws:iam::111122223333:role/y\nsource_profile = x"
    );
    for (config, part) in [
        (role.to_owned(), "neither source_profile nor credential_source"),
        (format!("{role}source_profile = y\ncredential_source = Environment"), "both source_profile"),
        (format!("{role}source_profile = y"), "leads to `y`, which is not there"),
        (format!("{role}source_profile = y\n[profile y]\nregion = z"), "has no credentials"),
        (format!("{role}credential_source = Elsewhere"), "no credential_source `Elsewhere`"),
        (format!("{role}credential_source = Environment"), "Environment has no credentials"),
        (format!("{role}credential_source = EcsContainer"), "EcsContainer has no credentials"),
        (format!("{role}source_profile = y\nmfa_serial = arn"), "export-credentials"),
        (format!("{role}source_profile = y\nduration_seconds = soon"), "no number"),
        (ring, "infinite loop"),
    ] {
        says(&refused(&files(&config, ""), &of_profile("x")).await, part);
    }
    let around = files(&format!("{role}credential_source = Ec2InstanceMetadata"), "").failure(Kind::Timeout);
    says(&refused(&around, &of_profile("x")).await, "hop limit");
}

#[tokio::test]
async fn the_source_of_a_role_may_be_another_place() {
    let config =
        |source| format!("[profile x]\nrole_arn = arn:aws:iam::111122223333:role/x\ncredential_source = {source}");
    let around = files(&config("Environment"), "")
        .with(&[("AWS_ACCESS_KEY_ID", "AKE"), ("AWS_SECRET_ACCESS_KEY", "s")])
        .answer(200, assumed("ASIAX"));
    assert_eq!(id(&around, &of_profile("x")).await, "ASIAX");
    assert!(around.asked()[0].contains("Credential=AKE/"));
    let around = files(&config("Ec2InstanceMetadata"), "")
        .answer(200, "token")
        .answer(200, "role")
        .answer(200, OF_INSTANCE)
        .answer(200, assumed("ASIAX"));
    assert_eq!(id(&around, &of_profile("x")).await, "ASIAX");
    assert!(around.asked()[3].contains("Credential=ASIAI/"));
}

#[tokio::test]
async fn a_refused_role_says_what_was_asked_for() {
    let around = files("", "[default]\naws_access_key_id = AKF\naws_secret_access_key = hush")
        .answer(403, refusal("AccessDenied"));
    let role = WantedRole { arn: "arn:aws:iam::111122223333:role/r".to_owned(), external_id: Some("e".to_owned()) };
    let error = refused(&around, &Wanted { role: Some(role), ..wanted() }).await;
    assert_eq!((error.kind(), error.vendor_code()), (Kind::Denied, Some("AccessDenied")));
    says(&error, "role/r");
    assert!(around.asked()[0].contains("ExternalId=e"));
}

#[tokio::test]
async fn what_is_left_out_says_what_to_do() {
    for line in ["sso_account_id = 1\nsso_role_name = r", "login_session = arn"] {
        let error = refused(&files(&format!("[default]\n{line}"), ""), &wanted()).await;
        says(&error, "not built here");
        says(&error, "export-credentials");
    }
}

#[tokio::test]
async fn programs_tell_credentials() {
    let config = "[default]\ncredential_process = \"/opt/a b\" --for 'x y'";
    let around = |prints| files(config, "").program(&["/opt/a b", "--for", "x y"], prints);
    let good = around(
        r#"{"Version":1,"AccessKeyId":"AKP","SecretAccessKey":"hush","SessionToken":"tp","Expiration":"2026-01-01T00:00:00Z"}"#,
    );
    assert_eq!(got(&good, &wanted()).await, Some(("AKP".to_owned(), Some("tp".to_owned()))));
    for (prints, part) in [
        (r#"{"Version":2,"AccessKeyId":"AKP","SecretAccessKey":"hush"}"#, "of version 1"),
        (r#"{"Version":1,"AccessKeyId":"AKP"}"#, "no SecretAccessKey"),
        ("hush", "no credentials that can be read"),
    ] {
        says(&refused(&around(prints), &wanted()).await, part);
    }
    says(&refused(&files("[default]\ncredential_process = \"open", ""), &wanted()).await, "no command line");
}

#[tokio::test]
async fn tokens_of_other_providers_are_changed_for_credentials_without_a_signature() {
    let of_environment = || {
        script()
            .with(&[
                ("AWS_WEB_IDENTITY_TOKEN_FILE", "/token"),
                ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/w"),
                ("AWS_ROLE_SESSION_NAME", "pod"),
            ])
            .file("/token", "hush.jwt\n")
    };
    let around = of_environment()
        .answer(400, refusal("IDPCommunicationError"))
        .answer(200, with_result("AssumeRoleWithWebIdentity", "ASIAW"));
    assert_eq!(id(&around, &wanted()).await, "ASIAW");
    let asked = &around.asked()[1];
    assert!(
        !asked.contains("authorization")
            && asked.contains("WebIdentityToken=hush%2Ejwt")
            && asked.contains("RoleSessionName=pod"),
        "{asked}"
    );
    let error = refused(&of_environment().answer(400, refusal("InvalidIdentityToken")), &wanted()).await;
    assert_eq!(error.vendor_code(), Some("InvalidIdentityToken"));
    let no_token = script().with(&[("AWS_WEB_IDENTITY_TOKEN_FILE", "/token"), ("AWS_ROLE_ARN", "arn")]);
    says(&refused(&no_token, &wanted()).await, "no token in /token");
    says(&refused(&script().with(&[("AWS_WEB_IDENTITY_TOKEN_FILE", "/token")]), &wanted()).await, "AWS_ROLE_ARN");
    let of_profile =
        files("[default]\nrole_arn = arn:aws:iam::111122223333:role/p\nweb_identity_token_file = ~/token", "")
            .file("/home/u/token", "jwt")
            .answer(200, with_result("AssumeRoleWithWebIdentity", "ASIAP"));
    assert_eq!(id(&of_profile, &wanted()).await, "ASIAP");
}

#[tokio::test]
async fn containers_are_asked_as_their_variables_say() {
    let told = r#"{"AccessKeyId":"ASIAC","SecretAccessKey":"s","Token":"tc","Expiration":"2026-01-01T00:00:00Z"}"#;
    let relative = script()
        .with(&[
            ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x?y=1"),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://other/"),
        ])
        .answer(200, told);
    assert_eq!(got(&relative, &wanted()).await, Some(("ASIAC".to_owned(), Some("tc".to_owned()))));
    assert!(relative.asked()[0].starts_with("near GET http://169.254.170.2/v2/x?y=1\n"), "{:?}", relative.asked());
    let full = script()
        .with(&[
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "no"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/t"),
        ])
        .file("/t", "from file\n")
        .answer(200, told);
    assert_eq!(id(&full, &wanted()).await, "ASIAC");
    assert!(full.asked()[0].contains("authorization: from file\n"), "{:?}", full.asked());
    let set = |more: &[(&str, &str)]| {
        script().with(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/")]).with(more)
    };
    says(&refused(&set(&[]).answer(500, "hush"), &wanted()).await, "answers 500");
    says(&refused(&set(&[]).failure(Kind::Transport), &wanted()).await, "does not answer");
    says(
        &refused(&set(&[("AWS_CONTAINER_AUTHORIZATION_TOKEN", "a\nhush")]), &wanted()).await,
        "cannot stand in a header",
    );
    says(&refused(&script().with(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "nonsense")]), &wanted()).await, "no URL");
}

#[tokio::test]
async fn instances_are_asked_with_a_token() {
    let around = script().answer(200, "TOKEN").answer(200, "role\n").answer(200, OF_INSTANCE);
    assert_eq!(got(&around, &wanted()).await, Some(("ASIAI".to_owned(), Some("ti".to_owned()))));
    let [token, role, told] = around.asked().try_into().unwrap();
    assert!(
        token.starts_with(
            "near PUT http://169.254.169.254/latest/api/token\nx-aws-ec2-metadata-token-ttl-seconds: 21600"
        ),
        "{token}"
    );
    assert!(role.contains("/latest/meta-data/iam/security-credentials/\nx-aws-ec2-metadata-token: TOKEN"), "{role}");
    assert!(told.contains("/latest/meta-data/iam/security-credentials/role\n"), "{told}");
}

#[tokio::test]
async fn instances_are_asked_again_for_what_passes_and_for_nothing_else() {
    let around = script()
        .answer(503, "")
        .answer(200, "OLD")
        .answer(401, "")
        .answer(200, "NEW")
        .answer(500, "")
        .answer(200, "role")
        .answer(200, OF_INSTANCE);
    assert_eq!(id(&around, &wanted()).await, "ASIAI");
    assert!(around.asked()[4].contains("token: NEW"));
    for (around, part) in [
        (script().answer(403, ""), "answers 403"),
        (script().answer(200, "T").answer(400, ""), "answers 400"),
        (
            script().answer(200, "T").answer(200, "r").answer(200, r#"{"Code":"AssumeRoleUnauthorizedAccess"}"#),
            "AssumeRoleUnauthorizedAccess",
        ),
        (script().answer(500, "").answer(500, "").answer(500, "").answer(500, ""), "answers 500"),
    ] {
        says(&refused(&around, &wanted()).await, part);
        assert_eq!(around.left(), 0);
    }
}

#[tokio::test]
async fn where_nothing_is_there_is_nothing() {
    assert_eq!(got(&script().failure(Kind::Timeout), &wanted()).await, None);
    assert_eq!(got(&script().failure(Kind::Transport), &wanted()).await, None);
    assert_eq!(got(&script().answer(200, "T").answer(404, ""), &wanted()).await, None);
    assert_eq!(got(&script().with(&[("AWS_EC2_METADATA_DISABLED", "TRUE")]), &wanted()).await, None);
    // A profile with settings alone is no place of credentials.
    assert_eq!(got(&files("[default]\nregion = x-1", "").failure(Kind::Timeout), &wanted()).await, None);
}

#[tokio::test]
async fn the_service_of_instances_may_be_elsewhere() {
    for (variables, start) in [
        (vec![("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6")], "near PUT http://[fd00:ec2::254]/latest"),
        (vec![("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:99/")], "near PUT http://127.0.0.1:99/latest"),
    ] {
        let around = script().with(&variables).failure(Kind::Timeout);
        assert_eq!(got(&around, &wanted()).await, None);
        assert!(around.asked()[0].starts_with(start), "{:?}", around.asked());
    }
}

#[test]
fn profiles_have_regions_and_endpoints() {
    let config = "[default]\nregion = eu-north-1\nendpoint_url = http://all\nservices = s\n\
                  [services s]\nkms =\n  endpoint_url = http://kms\nsecrets_manager =\n  endpoint_url = http://sm\niam =\n  other = x\n";
    let told = settings(&files(config, ""), None).unwrap();
    assert_eq!((told.region.as_deref(), told.endpoint.as_deref()), (Some("eu-north-1"), Some("http://all")));
    assert_eq!(told.endpoints, [("kms", "http://kms".to_owned()), ("secretsmanager", "http://sm".to_owned())]);
    assert!(!told.no_endpoints);
    let ignoring = files(config, "").with(&[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")]);
    assert!(settings(&ignoring, None).unwrap().no_endpoints);
    assert!(settings(&files("[default]\nignore_configured_endpoint_urls = true", ""), None).unwrap().no_endpoints);
    says(&settings(&files("[default]\nservices = gone", ""), None).unwrap_err(), "services `gone`");
    says(&settings(&script(), Some("gone")).unwrap_err(), "no profile `gone`");
    assert_eq!(settings(&script(), None).unwrap(), Profile::default());
}
