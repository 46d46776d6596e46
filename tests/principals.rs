//! Whom stored documents mean: those who were there when they were saved, whatever they are called by now, and no namesake.
//!
//! In AWS; RAM documents nothing of the kind, and names are compared there. And what a session carries on to the next one.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod cloud;
mod watched;

use std::sync::Arc;

use cloud::{Cloud, KEY, OTHER, Signer, ask, clouds, denied};
use polykms::core::dialect::Request;
use polykms::core::engine::Engine;
use polykms::core::inspect::Depth;
use polykms::core::port::Space;
use polykms_host::ManualClock;
use serde_json::{Value, json};
use watched::{Before, Meanwhile, Watched};

/// The access keys of `ann` and `eve` in AWS.
const ANN: &str = "AKIAEXAMPLEANN000001";
const EVE: &str = "AKIAEXAMPLEEVE000001";
/// The account of `eve`, which is kept here too.
const ELSEWHERE: &str = "111111111111";
/// An account that is not kept here.
const FAR: &str = "999999999999";

/// A cloud with an account in it: its owner, the user `ann` with access keys, the user `bob` without, the role `rol` that
/// trusts `ann`, and keys with the usual policy. In AWS another account with the user `eve`, who may use any key.
struct World {
    cloud: Cloud,
    store: Arc<Watched>,
    engine: Arc<Engine>,
}

fn arn(name: &str) -> String {
    format!("arn:aws:iam::000000000000:{name}")
}

fn key_arn(id: &str) -> String {
    format!("arn:aws:kms:us-east-1:000000000000:key/{id}")
}

fn signer(id: &str) -> Signer {
    Signer { id: id.to_owned(), secret: "secret".to_owned(), token: None }
}

/// A statement for the account itself, and others.
fn key_policy(statements: Value) -> String {
    let own = json!({"Effect": "Allow", "Principal": {"AWS": arn("root")}, "Action": "kms:*", "Resource": "*"});
    let others = statements.as_array().expect("statements").iter();
    let all: Vec<_> = std::iter::once(&own).chain(others).collect();
    json!({"Version": "2012-10-17", "Statement": all}).to_string()
}

/// A statement for some principals.
fn describing(effect: &str, element: &str, names: Value) -> Value {
    json!({"Effect": effect, element: {"AWS": names}, "Action": "kms:DescribeKey", "Resource": "*"})
}

fn trust(names: Value, actions: Value) -> String {
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": names}, "Action": actions});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

impl World {
    async fn of(name: &str) -> Self {
        let cloud = clouds().into_iter().find(|cloud| cloud.dialect.name == name).expect("a cloud");
        let trusted = match name {
            "aws" => json!({"AWS": arn("user/ann")}),
            _ => json!({"RAM": [format!("acs:ram::{}:user/ann", cloud.account)]}),
        };
        let trust = json!({"Version": cloud.version,
            "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": trusted}]});
        let may = cloud.policy(&[("Allow", vec!["kms:*", "sts:AssumeRole"])]);
        let key = |id: &str| json!({"id": id, "region": cloud.region});
        let mut accounts = vec![json!({
            "account": cloud.account,
            "owner": [{"id": "owner", "secret": "secret"}],
            "policies": [{"name": "assume", "document": cloud.policy(&[("Allow", vec!["sts:AssumeRole"])])}],
            "users": [{"name": "ann", "access_keys": [{"id": cloud.access_key, "secret": "secret"}]}, {"name": "bob"}],
            "roles": [{"name": "rol", "trust": trust}],
            "keys": [key(KEY), key(OTHER)],
        })];
        if name == "aws" {
            let eve = json!({"name": "eve", "access_keys": [{"id": EVE, "secret": "secret"}], "inline": {"may": may}});
            accounts.push(json!({"account": ELSEWHERE, "users": [eve],
                "owner": [{"id": "elsewhere", "secret": "secret"}]}));
        }
        let store = Arc::new(Watched::default());
        let clock = Arc::new(ManualClock::at(jiff::Timestamp::now()));
        let engine = watched::engine(store.clone(), clock, json!({name: accounts})).await;
        Self { cloud, store, engine }
    }

    fn request(&self, who: &Signer, operation: &str, arguments: &Value) -> Request {
        let services = self.cloud.dialect.services.iter();
        let service = services.clone().find(|service| service.rows.iter().any(|row| row.wire() == operation));
        self.cloud.request_of(service.expect("a service"), operation, arguments, Some(who))
    }

    async fn by(&self, who: &Signer, operation: &str, arguments: Value) -> (u16, String) {
        ask(&self.engine, self.request(who, operation, &arguments)).await
    }

    async fn ok(&self, operation: &str, arguments: Value) -> String {
        self.ok_by(&signer("owner"), operation, arguments).await
    }

    async fn ok_by(&self, who: &Signer, operation: &str, arguments: Value) -> String {
        let (status, body) = self.by(who, operation, arguments.clone()).await;
        assert_eq!(status, 200, "{operation} {arguments}: {body}");
        body
    }

    async fn may(&self, who: &Signer, operation: &str, arguments: Value) -> bool {
        let (status, body) = self.by(who, operation, arguments).await;
        assert!(status == 200 || denied(&body), "{operation}: {body}");
        status == 200
    }

    async fn describes(&self, who: &Signer) -> bool {
        self.may(who, "DescribeKey", json!({"KeyId": key_arn(KEY)})).await
    }

    async fn assumes(&self, who: &Signer, role: &str) -> bool {
        self.may(who, "AssumeRole", json!({"RoleArn": arn(role), "RoleSessionName": "session"})).await
    }

    async fn session(&self, who: &Signer, role: &str, more: Value) -> Signer {
        let mut arguments = json!({"RoleArn": arn(role), "RoleSessionName": "session"});
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Signer::of(&self.ok_by(who, "AssumeRole", arguments).await)
    }

    async fn put(&self, policy: &str) -> (u16, String) {
        self.by(&signer("owner"), "PutKeyPolicy", put(policy)).await
    }

    async fn allow(&self, names: Value) {
        let policy = key_policy(json!([describing("Allow", "Principal", names)]));
        let (status, body) = self.put(&policy).await;
        assert_eq!(status, 200, "{policy}: {body}");
    }

    /// The key's policy as it is told.
    async fn policy(&self) -> String {
        let told = self.ok("GetKeyPolicy", json!({"KeyId": KEY, "PolicyName": "default"})).await;
        let told: Value = serde_json::from_str(&told).expect("JSON");
        told["Policy"].as_str().expect("a policy").to_owned()
    }

    /// The trust policies that an answer tells, decoded.
    async fn trusts(&self, operation: &str, arguments: Value) -> String {
        let body = self.ok(operation, arguments).await;
        let (_, rest) = body.split_once("<AssumeRolePolicyDocument>").expect("a trust policy");
        let text = rest.split('<').next().expect("text");
        percent_encoding::percent_decode_str(text).decode_utf8().expect("text").into_owned()
    }

    async fn id(&self, user: &str) -> String {
        let body = self.ok("GetUser", json!({"UserName": user})).await;
        let (_, rest) = body.split_once("<UserId>").expect("an identifier");
        rest.split('<').next().expect("text").to_owned()
    }

    async fn remove(&self, user: &str, key: Option<&str>) {
        if let Some(key) = key {
            let name = if self.cloud.dialect.name == "aws" { "AccessKeyId" } else { "UserAccessKeyId" };
            self.ok("DeleteAccessKey", json!({"UserName": user, name: key})).await;
        }
        self.ok("DeleteUser", json!({"UserName": user})).await;
    }

    /// Makes a user, and an access key of it.
    async fn make(&self, user: &str) -> Signer {
        self.ok("CreateUser", json!({"UserName": user})).await;
        Signer::of(&self.ok("CreateAccessKey", json!({"UserName": user})).await)
    }

    /// Removes `ann`, and makes another one of this name.
    async fn namesake(&self) -> Signer {
        self.remove("ann", Some(self.cloud.access_key)).await;
        self.make("ann").await
    }

    /// Something that the owner asks for in between, and that has to succeed.
    fn meanwhile(&self, all: &[(&str, Value)]) -> Meanwhile {
        let requests: Vec<_> =
            all.iter().map(|(name, arguments)| self.request(&signer("owner"), name, arguments)).collect();
        let engine = Arc::clone(&self.engine);
        Box::pin(async move {
            for request in requests {
                let (status, body) = ask(&engine, request).await;
                assert_eq!(status, 200, "{body}");
            }
        })
    }
}

fn put(policy: &str) -> Value {
    json!({"KeyId": KEY, "PolicyName": "default", "Policy": policy})
}

#[tokio::test]
async fn a_namesake_has_nothing_of_what_a_key_policy_gave_to_its_predecessor() {
    let world = World::of("aws").await;
    world.allow(json!([arn("user/ann"), arn("user/bob")])).await;
    let (policy, id) = (world.policy().await, world.id("ann").await);
    assert!(world.describes(&signer(ANN)).await);

    let namesake = world.namesake().await;
    assert!(!world.describes(&namesake).await);
    let orphaned = policy.replace(&arn("user/ann"), &id);
    assert_eq!(world.policy().await, orphaned, "the identifier, and not a byte beside it");

    // What is read back now cannot be saved: nobody has that identifier.
    let (status, body) = world.put(&orphaned).await;
    assert_eq!(status, 400, "{body}");
    assert!(body.contains("MalformedPolicyDocumentException"), "{body}");
    assert!(body.contains("Policy contains a statement with one or more invalid principals."), "{body}");
    assert!(!world.describes(&namesake).await);

    // Whoever means the new one says so again.
    let (status, body) = world.put(&policy).await;
    assert_eq!(status, 200, "{body}");
    assert!(world.describes(&namesake).await);
    assert_eq!(world.policy().await, policy);
}

#[tokio::test]
async fn a_namesake_has_nothing_of_what_a_trust_policy_gave_to_its_predecessor() {
    let world = World::of("aws").await;
    let (trusted, id) = (world.trusts("GetRole", json!({"RoleName": "rol"})).await, world.id("ann").await);
    assert!(trusted.contains(&arn("user/ann")), "{trusted}");
    assert!(world.assumes(&signer(ANN), "role/rol").await);

    let namesake = world.namesake().await;
    assert!(!world.assumes(&namesake, "role/rol").await);
    let orphaned = trusted.replace(&arn("user/ann"), &id);
    assert_eq!(world.trusts("GetRole", json!({"RoleName": "rol"})).await, orphaned);
    assert_eq!(world.trusts("ListRoles", json!({})).await, orphaned);

    let update = |document: &str| json!({"RoleName": "rol", "PolicyDocument": document});
    let (status, body) = world.by(&signer("owner"), "UpdateAssumeRolePolicy", update(&orphaned)).await;
    assert_eq!(status, 400, "{body}");
    assert!(body.contains("<Code>MalformedPolicyDocument</Code>"), "{body}");
    let text = body.replace("&quot;", "\"");
    assert!(text.contains(&format!("Invalid principal in policy: \"AWS\":\"{id}\"")), "{body}");
    world.ok("UpdateAssumeRolePolicy", update(&trusted)).await;
    assert!(world.assumes(&namesake, "role/rol").await);
}

#[tokio::test]
async fn a_role_made_anew_is_another_one_for_key_policies_trust_policies_and_its_sessions() {
    let world = World::of("aws").await;
    world.allow(json!(arn("role/rol"))).await;
    let next = trust(json!(arn("role/rol")), json!("sts:AssumeRole"));
    world.ok("CreateRole", json!({"RoleName": "next", "AssumeRolePolicyDocument": next})).await;
    let before = world.session(&signer(ANN), "role/rol", json!({})).await;
    assert!(world.describes(&before).await && world.assumes(&before, "role/next").await);

    let trusted = world.trusts("GetRole", json!({"RoleName": "rol"})).await;
    world.ok("DeleteRole", json!({"RoleName": "rol"})).await;
    world.ok("CreateRole", json!({"RoleName": "rol", "AssumeRolePolicyDocument": trusted})).await;
    let (status, body) = world.by(&before, "GetCallerIdentity", json!({})).await;
    assert_eq!(status, 403, "a session ends with its role: {body}");
    let after = world.session(&signer(ANN), "role/rol", json!({})).await;
    assert!(!world.describes(&after).await && !world.assumes(&after, "role/next").await);
    assert!(world.policy().await.contains("\"AROA"), "{}", world.policy().await);
}

#[tokio::test]
async fn whoever_is_renamed_is_meant_under_the_new_name_and_the_old_one_means_nobody() {
    let world = World::of("aws").await;
    world.allow(json!(arn("user/ann"))).await;
    let policy = world.policy().await;
    let own = Signer::of(&world.ok_by(&signer(ANN), "GetSessionToken", json!({})).await);
    world.ok("UpdateUser", json!({"UserName": "ann", "NewUserName": "anna"})).await;
    assert_eq!(world.policy().await, policy.replace(&arn("user/ann"), &arn("user/anna")));
    world.ok("UpdateUser", json!({"UserName": "anna", "NewPath": "/team/"})).await;
    let told = policy.replace(&arn("user/ann"), &arn("user/team/anna"));
    assert_eq!(world.policy().await, told);
    let role = world.trusts("GetRole", json!({"RoleName": "rol"})).await;
    assert!(role.contains(&arn("user/team/anna")), "{role}");
    let namesake = world.make("ann").await;
    for (who, may) in [(&signer(ANN), true), (&own, true), (&namesake, false)] {
        assert_eq!((world.describes(who).await, world.assumes(who, "role/rol").await), (may, may));
    }
    // What is told can be saved again, and means the same.
    assert_eq!(world.put(&told).await.0, 200);
    assert!(world.describes(&signer(ANN)).await && !world.describes(&namesake).await);
    let inspected = world.engine.inspect(usize::MAX, Depth::Content).await.expect("an inspection");
    assert_eq!(inspected.findings, []);
}

#[tokio::test]
async fn a_living_identifier_is_a_principal_and_is_told_as_a_name() {
    let world = World::of("aws").await;
    let id = world.id("ann").await;
    world.allow(json!([id])).await;
    assert!(world.describes(&signer(ANN)).await);
    assert!(world.policy().await.contains(&arn("user/ann")) && !world.policy().await.contains(&id));
    let document = trust(json!(id), json!("sts:AssumeRole"));
    world.ok("CreateRole", json!({"RoleName": "made", "AssumeRolePolicyDocument": document})).await;
    assert!(world.assumes(&signer(ANN), "role/made").await);
    assert!(!world.describes(&world.namesake().await).await);
    assert!(world.policy().await.contains(&id));

    for nobody in [
        "AIDAAAAAAAAAAAAAAAAAA",
        "AROAAAAAAAAAAAAAAAAAA",
        &id,
        &arn("user/none"),
        &arn("user/x/bob"),
        "arn:aws:sts::000000000000:assumed-role/none/session",
    ] {
        let policy = key_policy(json!([describing("Allow", "Principal", json!(nobody))]));
        let (status, body) = world.put(&policy).await;
        assert!(status == 400 && body.contains("one or more invalid principals"), "{nobody}: {body}");
        let document = trust(json!(nobody), json!("sts:AssumeRole"));
        let made = json!({"RoleName": "no", "AssumeRolePolicyDocument": document});
        let (status, body) = world.by(&signer("owner"), "CreateRole", made).await;
        assert!(status == 400 && body.contains("Invalid principal in policy:"), "{nobody}: {body}");
    }
}

#[tokio::test]
async fn a_deny_and_who_is_spared_from_it_go_by_who_they_were_too() {
    let world = World::of("aws").await;
    let everyone = json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"});
    let spared = describing("Deny", "NotPrincipal", json!([arn("root"), arn("user/ann")]));
    assert_eq!(world.put(&key_policy(json!([everyone, spared]))).await.0, 200);
    assert!(world.describes(&signer(ANN)).await);
    world.ok("UpdateUser", json!({"UserName": "ann", "NewUserName": "anna"})).await;
    assert!(world.describes(&signer(ANN)).await, "spared under another name");
    assert!(!world.describes(&world.make("ann").await).await, "a namesake is not");

    let refused = describing("Deny", "Principal", json!(arn("user/anna")));
    assert_eq!(world.put(&key_policy(json!([everyone, refused]))).await.0, 200);
    world.ok("UpdateUser", json!({"UserName": "anna", "NewUserName": "annabel"})).await;
    assert!(!world.describes(&signer(ANN)).await, "denied under another name");
}

#[tokio::test]
async fn accounts_sessions_strangers_conditions_and_resources_stay_text() {
    let world = World::of("aws").await;
    let session = "arn:aws:sts::000000000000:assumed-role/rol/session";
    let names = json!([
        arn("root"),
        session,
        format!("arn:aws:iam::{FAR}:user/ann"),
        format!("arn:aws:iam::{FAR}:role/x"),
        "arn:aws:sts::000000000000:federated-user/ann"
    ]);
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": names}, "Action": "kms:DescribeKey", "Resource": "*",
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": [arn("user/bob")]}}});
    let policy = key_policy(json!([statement]));
    assert_eq!(world.put(&policy).await.0, 200);
    let stored = world.store.memory_records(Space::Key).await;
    assert!(!stored.contains("\"pins\""), "{stored}");
    world.remove("bob", None).await;
    assert_eq!(world.policy().await, policy);
    assert!(world.describes(&world.session(&signer(ANN), "role/rol", json!({})).await).await);
    let trusted = trust(json!(arn("user/ann")), json!("sts:AssumeRole"));
    world.ok("DeleteRole", json!({"RoleName": "rol"})).await;
    world.ok("CreateRole", json!({"RoleName": "rol", "AssumeRolePolicyDocument": trusted})).await;
    let again = world.session(&signer(ANN), "role/rol", json!({})).await;
    assert!(world.describes(&again).await, "the name of a session is a text");
}

#[tokio::test]
async fn a_user_of_an_account_that_is_nowhere_written_down_is_bound_too() {
    let world = World::of("aws").await;
    // While signatures are ignored, an access key names an account whose owner is meant.
    let store: Arc<dyn polykms::core::port::Store> = world.store.clone();
    let ports = polykms::core::engine::Ports { store, ..world.engine.world().ports.clone() };
    let settings = polykms::core::engine::Settings {
        signatures: polykms::core::engine::Signatures::Ignore,
        ..polykms::core::engine::Settings::default()
    };
    let open = Engine::new(ports, polykms::registry().expect("dialects"), settings);
    let stranger = signer("222222222222");
    let by_stranger = async |operation: &str, arguments: Value| {
        let (status, body) = ask(&open, world.request(&stranger, operation, &arguments)).await;
        assert_eq!(status, 200, "{body}");
        body
    };
    by_stranger("CreateUser", json!({"UserName": "ann"})).await;
    let may = world.cloud.policy(&[("Allow", vec!["kms:*"])]).to_string();
    let own = json!({"UserName": "ann", "PolicyName": "may", "PolicyDocument": may});
    by_stranger("PutUserPolicy", own.clone()).await;
    let key = Signer::of(&by_stranger("CreateAccessKey", json!({"UserName": "ann"})).await);
    world.allow(json!("arn:aws:iam::222222222222:user/ann")).await;
    assert!(world.describes(&key).await);
    by_stranger("DeleteAccessKey", json!({"UserName": "ann", "AccessKeyId": key.id})).await;
    by_stranger("DeleteUserPolicy", json!({"UserName": "ann", "PolicyName": "may"})).await;
    by_stranger("DeleteUser", json!({"UserName": "ann"})).await;
    by_stranger("CreateUser", json!({"UserName": "ann"})).await;
    by_stranger("PutUserPolicy", own).await;
    let namesake = Signer::of(&by_stranger("CreateAccessKey", json!({"UserName": "ann"})).await);
    assert!(!world.describes(&namesake).await);
}

#[tokio::test]
async fn a_role_named_by_a_key_policy_is_still_limited_by_the_policy_of_its_session() {
    let world = World::of("aws").await;
    world.allow(json!(arn("role/rol"))).await;
    let open = world.session(&signer(ANN), "role/rol", json!({})).await;
    assert!(world.describes(&open).await);
    let only = json!({"Policy": world.cloud.policy(&[("Allow", vec!["kms:Encrypt"])]).to_string()});
    let limited = world.session(&signer(ANN), "role/rol", only).await;
    assert!(!world.describes(&limited).await);
}

#[tokio::test]
async fn principals_of_another_account_that_is_kept_here_are_bound_as_well() {
    let world = World::of("aws").await;
    let eve = format!("arn:aws:iam::{ELSEWHERE}:user/eve");
    world.allow(json!(eve)).await;
    assert!(world.describes(&signer(EVE)).await);
    let elsewhere = signer("elsewhere");
    world.ok_by(&elsewhere, "DeleteAccessKey", json!({"UserName": "eve", "AccessKeyId": EVE})).await;
    world.ok_by(&elsewhere, "DeleteUserPolicy", json!({"UserName": "eve", "PolicyName": "may"})).await;
    world.ok_by(&elsewhere, "DeleteUser", json!({"UserName": "eve"})).await;
    world.ok_by(&elsewhere, "CreateUser", json!({"UserName": "eve"})).await;
    let may = world.cloud.policy(&[("Allow", vec!["kms:*"])]).to_string();
    world
        .ok_by(&elsewhere, "PutUserPolicy", json!({"UserName": "eve", "PolicyName": "may", "PolicyDocument": may}))
        .await;
    let namesake = Signer::of(&world.ok_by(&elsewhere, "CreateAccessKey", json!({"UserName": "eve"})).await);
    assert!(!world.describes(&namesake).await);
    assert!(!world.policy().await.contains(&eve));
}

#[tokio::test]
async fn whoever_is_removed_while_a_policy_is_saved_is_nobody_and_whoever_comes_is_the_one_meant() {
    let world = World::of("aws").await;
    let policy = key_policy(json!([describing("Allow", "Principal", json!(arn("user/bob")))]));
    let before = world.policy().await;
    world.store.meddle(Before::Commit, world.meanwhile(&[("DeleteUser", json!({"UserName": "bob"}))]));
    let (status, body) = world.put(&policy).await;
    assert!(status == 400 && body.contains("one or more invalid principals"), "{body}");
    assert_eq!(world.policy().await, before);

    let bob = world.make("bob").await;
    let key = json!({"UserName": "bob", "AccessKeyId": bob.id});
    let anew = [
        ("DeleteAccessKey", key),
        ("DeleteUser", json!({"UserName": "bob"})),
        ("CreateUser", json!({"UserName": "bob"})),
    ];
    world.store.meddle(Before::Commit, world.meanwhile(&anew));
    assert_eq!(world.put(&policy).await.0, 200);
    let bob = Signer::of(&world.ok("CreateAccessKey", json!({"UserName": "bob"})).await);
    assert!(world.describes(&bob).await, "the one who was there in the end");

    let document = trust(json!(arn("user/bob")), json!("sts:AssumeRole"));
    let gone = [
        ("DeleteAccessKey", json!({"UserName": "bob", "AccessKeyId": bob.id})),
        ("DeleteUser", json!({"UserName": "bob"})),
    ];
    world.store.meddle(Before::Commit, world.meanwhile(&gone));
    let (status, body) = world
        .by(&signer("owner"), "CreateRole", json!({"RoleName": "late", "AssumeRolePolicyDocument": document}))
        .await;
    assert!(status == 400 && body.contains("Invalid principal in policy:"), "{body}");
}

#[tokio::test]
async fn a_policy_that_is_bound_costs_no_read_when_it_is_asked() {
    let world = World::of("aws").await;
    world.allow(json!([arn("user/ann"), arn("role/rol")])).await;
    assert!(world.describes(&signer(ANN)).await);
    world.store.cost();
    assert!(world.describes(&signer(ANN)).await);
    assert_eq!(world.store.cost().0, 0, "records read for one more request");
    world.policy().await;
    assert_eq!(world.store.cost().0, 2, "one for each of whom it names");
}

#[tokio::test]
async fn keys_that_share_a_text_do_not_share_whom_it_means() {
    let world = World::of("aws").await;
    let policy = key_policy(json!([describing("Allow", "Principal", json!(arn("user/ann")))]));
    let first = json!({"KeyId": KEY, "PolicyName": "default", "Policy": policy});
    let second = json!({"KeyId": OTHER, "PolicyName": "default", "Policy": policy});
    world.ok("PutKeyPolicy", first).await;
    let namesake = world.namesake().await;
    world.ok("PutKeyPolicy", second).await;
    for (key, may) in [(KEY, false), (OTHER, true), (KEY, false)] {
        assert_eq!(world.may(&namesake, "DescribeKey", json!({"KeyId": key_arn(key)})).await, may, "{key}");
    }
}

#[tokio::test]
async fn the_simulator_knows_a_namesake_from_whom_a_key_policy_means() {
    let world = World::of("aws").await;
    let ann =
        json!({"Effect": "Allow", "Principal": {"AWS": arn("user/ann")}, "Action": "kms:Decrypt", "Resource": "*"});
    assert_eq!(
        world
            .put(
                &json!({"Version": "2012-10-17", "Statement": [ann,
        {"Effect": "Allow", "Principal": {"AWS": arn("root")}, "Action": "kms:Put*", "Resource": "*"}]})
                .to_string()
            )
            .await
            .0,
        200
    );
    let simulate = json!({"PolicySourceArn": arn("user/ann"), "ActionNames.member.1": "kms:Decrypt",
        "ResourceArns.member.1": key_arn(KEY)});
    let decision = async || {
        let body = world.ok("SimulatePrincipalPolicy", simulate.clone()).await;
        body.split_once("<EvalDecision>").unwrap().1.split('<').next().unwrap().to_owned()
    };
    assert_eq!(decision().await, "allowed");
    world.namesake().await;
    assert_eq!(decision().await, "implicitDeny");
}

#[tokio::test]
async fn a_seed_means_those_who_are_in_it_whatever_the_order_and_nobody_else() {
    let cloud = clouds().into_iter().find(|cloud| cloud.dialect.name == "aws").expect("AWS");
    let policy = key_policy(json!([describing(
        "Allow",
        "Principal",
        json!([arn("role/late"), format!("arn:aws:iam::{ELSEWHERE}:user/eve")])
    )]));
    let policy: Value = serde_json::from_str(&policy).unwrap();
    let trusting: Value =
        serde_json::from_str(&trust(json!(format!("arn:aws:iam::{ELSEWHERE}:user/eve")), json!("sts:AssumeRole")))
            .unwrap();
    let seed = |eve: &str| {
        json!({"aws": [
            {"account": cloud.account, "owner": [{"id": "owner", "secret": "secret"}],
             "keys": [{"id": KEY, "region": cloud.region, "policy": policy}],
             "roles": [{"name": "late", "trust": trusting, "id": "AROALATELATELATELATE1"}]},
            {"account": ELSEWHERE, "users": [{"name": eve, "id": "AIDAEVEEVEEVEEVEEVE11"}]}]})
    };
    let clock = Arc::new(ManualClock::at(jiff::Timestamp::now()));
    let engine = watched::engine(Arc::new(Watched::default()), clock.clone(), seed("eve")).await;
    let keys = engine.world().ports.store.scan(Space::Key, "", None, 10).await.expect("keys");
    let key: Value = serde_json::from_slice(&keys[0].body).expect("JSON");
    let late = arn("role/late");
    assert_eq!(
        key["pins"],
        json!({late: "AROALATELATELATELATE1",
        format!("arn:aws:iam::{ELSEWHERE}:user/eve"): "AIDAEVEEVEEVEEVEEVE11"})
    );
    engine.sow().await.expect("sown again");

    let engine = watched::not_migrated(Arc::new(Watched::default()), clock, seed("nobody"));
    let refusal = engine.sow().await.expect_err("nobody of this name").to_string();
    assert!(refusal.contains("user/eve"), "{refusal}");
}

#[tokio::test]
async fn whoever_is_in_a_seed_and_was_renamed_is_not_made_again() {
    let world = World::of("aws").await;
    let named = json!({"aws": [{"account": "000000000000", "users": [{"name": "ann", "id": world.id("ann").await}]}]});
    world.ok("UpdateUser", json!({"UserName": "ann", "NewUserName": "anna"})).await;
    let seed: polykms::Seed = serde_json::from_value(named).expect("a seed");
    world.engine.apply(&seed).await.expect("applied");
    assert_eq!(world.by(&signer("owner"), "GetUser", json!({"UserName": "ann"})).await.0, 404);
    let taken = json!({"aws": [{"account": "000000000000", "roles": [{"name": "ann", "id": world.id("anna").await,
        "trust": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": arn("root")}}]}}]}]});
    let seed: polykms::Seed = serde_json::from_value(taken).expect("a seed");
    let refusal = world.engine.apply(&seed).await.expect_err("somebody has this identifier").to_string();
    assert!(refusal.contains("somebody else has this identifier"), "{refusal}");
}

#[tokio::test]
async fn ram_compares_names() {
    let world = World::of("alibaba").await;
    let policy = |user: &str| json!({"PolicyType": "Custom", "PolicyName": "assume", "UserName": user});
    let role = json!({"RoleArn": format!("acs:ram::{}:role/rol", world.cloud.account), "RoleSessionName": "session"});
    let told = world.ok("GetRole", json!({"RoleName": "rol"})).await;
    world.ok("AttachPolicyToUser", policy("ann")).await;
    assert!(world.may(&signer(world.cloud.access_key), "AssumeRole", role.clone()).await);
    world.ok("DetachPolicyFromUser", policy("ann")).await;
    let namesake = world.namesake().await;
    world.ok("AttachPolicyToUser", policy("ann")).await;
    assert!(world.may(&namesake, "AssumeRole", role).await);
    let document =
        |body: &str| serde_json::from_str::<Value>(body).unwrap()["Role"]["AssumeRolePolicyDocument"].clone();
    assert_eq!(document(&world.ok("GetRole", json!({"RoleName": "rol"})).await), document(&told));
}

/// `ann` may become `first` under a source identity, and `first` the role `next` with this trust and this policy of its own.
async fn chain(trusted: Value, own: &[&str]) -> (World, Signer) {
    let world = World::of("aws").await;
    let both = json!(["sts:AssumeRole", "sts:SetSourceIdentity"]);
    let first = trust(json!(arn("user/ann")), both);
    world.ok("CreateRole", json!({"RoleName": "first", "AssumeRolePolicyDocument": first})).await;
    if !own.is_empty() {
        let document = world.cloud.policy(&[("Allow", own.to_vec())]).to_string();
        world.ok("PutRolePolicy", json!({"RoleName": "first", "PolicyName": "own", "PolicyDocument": document})).await;
    }
    let next = trust(json!(arn("role/first")), trusted);
    world.ok("CreateRole", json!({"RoleName": "next", "AssumeRolePolicyDocument": next})).await;
    let session = world.session(&signer(ANN), "role/first", json!({"SourceIdentity": "ann"})).await;
    (world, session)
}

#[tokio::test]
async fn a_source_identity_goes_on_only_with_the_permission_of_both_sides() {
    let (assume, set) = ("sts:AssumeRole", "sts:SetSourceIdentity");
    for (trusted, own, may) in [
        (json!([assume]), vec![assume], false),
        (json!([assume]), vec![assume, set], false),
        (json!([assume, set]), vec![assume], false),
        (json!([assume, set]), vec![], false),
        (json!([assume, set]), vec![assume, set], true),
    ] {
        let (world, session) = chain(trusted.clone(), &own).await;
        assert_eq!(world.assumes(&session, "role/next").await, may, "{trusted} {own:?}");
        let named = json!({"RoleArn": arn("role/next"), "RoleSessionName": "session", "SourceIdentity": "ann"});
        assert_eq!(world.may(&session, "AssumeRole", named).await, may, "named: {trusted} {own:?}");
        // Without one there is nothing to give on.
        let plain = world.session(&signer(ANN), "role/first", json!({})).await;
        assert!(world.assumes(&plain, "role/next").await, "{trusted} {own:?}");
    }
}

#[tokio::test]
async fn policies_see_the_source_identity_that_goes_on() {
    let both = ["sts:AssumeRole", "sts:SetSourceIdentity"];
    let (world, session) = chain(json!(both), &both).await;
    let only = |who: &str| {
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": arn("role/first")}, "Action": both,
            "Condition": {"StringEquals": {"sts:SourceIdentity": who}}});
        let document = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        json!({"RoleName": "next", "PolicyDocument": document})
    };
    for (who, may) in [("ann", true), ("bob", false)] {
        world.ok("UpdateAssumeRolePolicy", only(who)).await;
        assert_eq!(world.assumes(&session, "role/next").await, may, "{who}");
    }
    world.ok("UpdateAssumeRolePolicy", only("ann")).await;
    let body = world.ok_by(&session, "AssumeRole", json!({"RoleArn": arn("role/next"), "RoleSessionName": "s2"})).await;
    assert!(body.contains("<SourceIdentity>ann</SourceIdentity>"), "{body}");
}

#[tokio::test]
async fn nothing_else_of_a_session_goes_on_and_its_policy_bounds_what_it_may_become() {
    let both = ["sts:AssumeRole", "sts:SetSourceIdentity"];
    let (world, _) = chain(json!(both), &both).await;
    // An external identifier is said for each link.
    let partner = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": [arn("user/ann"), arn("role/first")]},
        "Condition": {"StringEquals": {"sts:ExternalId": "ours"}}}]});
    world.ok("CreateRole", json!({"RoleName": "partner", "AssumeRolePolicyDocument": partner.to_string()})).await;
    let partnered = json!({"RoleName": "first", "PolicyDocument": partner.to_string()});
    let trusted = world.trusts("GetRole", json!({"RoleName": "first"})).await;
    world.ok("UpdateAssumeRolePolicy", partnered.clone()).await;
    let session = world.session(&signer(ANN), "role/first", json!({"ExternalId": "ours"})).await;
    assert!(!world.assumes(&session, "role/partner").await);
    // The policy of a session bounds what it may become, and not what it has become.
    world.ok("UpdateAssumeRolePolicy", json!({"RoleName": "first", "PolicyDocument": trusted})).await;
    let policy = |actions: &[&str]| json!({"Policy": world.cloud.policy(&[("Allow", actions.to_vec())]).to_string()});
    let closed = world.session(&signer(ANN), "role/first", policy(&["kms:*"])).await;
    assert!(!world.assumes(&closed, "role/next").await);
    let mut named = policy(&["sts:AssumeRole"]);
    named["SourceIdentity"] = json!("ann");
    let half = world.session(&signer(ANN), "role/first", named).await;
    assert!(!world.assumes(&half, "role/next").await, "the session policy does not allow the source identity");
    world.allow(json!(arn("role/next"))).await;
    let open = world.session(&signer(ANN), "role/first", policy(&["sts:*"])).await;
    let next = world.session(&open, "role/next", json!({})).await;
    assert!(world.describes(&next).await);
}
