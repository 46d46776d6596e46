//! The evaluator with the tables of AWS, and which documents its grammars take.

use std::collections::BTreeMap;
use std::sync::Arc;

use polykms_core::policy::{
    Attached, Facts, Grant, Grants, Layers, Level, Named, Principal, Question, RefusalCode, Value, Verdict,
};

use super::*;

const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/k1";
const ANYTHING: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
const ACCOUNT: &str = r#"{"AWS":"arn:aws:iam::111122223333:root"}"#;
const USER: &str = r#"{"AWS":"arn:aws:iam::111122223333:user/dev"}"#;
const ROLE: &str = r#"{"AWS":"arn:aws:iam::111122223333:role/path/app"}"#;
const SESSION: &str = r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/app/s1"}"#;

/// A question under construction; every layer is absent until it is given.
struct Scene {
    principal: Principal<'static>,
    action: &'static str,
    resource: &'static str,
    facts: Facts,
    identity: Option<Vec<Named>>,
    boundary: Option<Vec<Named>>,
    session: Option<Vec<Named>>,
    control: Option<Vec<Level>>,
    resource_control: Option<Vec<Level>>,
    key: Option<Named>,
    grants: Option<Vec<Grant>>,
    grant_id: Option<&'static str>,
}

fn policy(kind: DocumentKind, statements: &str) -> Named {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    Named { name: "p".into(), policy: Arc::new(SPEC.read(kind, &text).unwrap()) }
}

fn level(statements: &str) -> Vec<Level> {
    vec![Level { name: "root".into(), policies: vec![policy(DocumentKind::Control, statements)] }]
}

fn allow(principal: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"*","Resource":"*"}}"#)
}

fn deny(principal: &str) -> String {
    format!(r#"{{"Effect":"Deny","Principal":{principal},"Action":"*","Resource":"*"}}"#)
}

fn principal(kind: PrincipalKind, account: &'static str, arn: &'static str) -> Principal<'static> {
    Principal { kind, account, arn, role_arn: None, user_arn: None, service: None, unique_id: None }
}

fn of(principal: Principal<'static>) -> Scene {
    Scene {
        principal,
        action: "kms:Decrypt",
        resource: KEY,
        facts: Facts::new(),
        identity: None,
        boundary: None,
        session: None,
        control: None,
        resource_control: None,
        key: None,
        grants: None,
        grant_id: None,
    }
}

fn user() -> Scene {
    of(principal(PrincipalKind::User, "111122223333", "arn:aws:iam::111122223333:user/dev"))
}

fn foreigner() -> Scene {
    of(principal(PrincipalKind::User, "999988887777", "arn:aws:iam::999988887777:user/ext"))
}

fn root() -> Scene {
    of(principal(PrincipalKind::Owner, "111122223333", "arn:aws:iam::111122223333:root"))
}

fn session() -> Scene {
    of(Principal {
        role_arn: Some("arn:aws:iam::111122223333:role/path/app"),
        unique_id: Some("AROAEXAMPLEEXAMPLE12:s1"),
        ..principal(PrincipalKind::RoleSession, "111122223333", "arn:aws:sts::111122223333:assumed-role/app/s1")
    })
}

fn federated() -> Scene {
    of(Principal {
        user_arn: Some("arn:aws:iam::111122223333:user/dev"),
        ..principal(PrincipalKind::FederatedUser, "111122223333", "arn:aws:sts::111122223333:federated-user/bob")
    })
}

fn service() -> Scene {
    of(Principal { service: Some("ebs.amazonaws.com"), ..principal(PrincipalKind::Service, "", "") })
}

impl Scene {
    fn action(self, action: &'static str) -> Self {
        Self { action, ..self }
    }

    fn on(self, resource: &'static str) -> Self {
        Self { resource, ..self }
    }

    fn fact(mut self, name: &str, value: Value<'static>) -> Self {
        self.facts.insert(name, value);
        self
    }

    fn iam(self, statements: &str) -> Self {
        Self { identity: Some(vec![policy(DocumentKind::Identity, statements)]), ..self }
    }

    fn boundary(self, statements: &str) -> Self {
        Self { boundary: Some(vec![policy(DocumentKind::Boundary, statements)]), ..self }
    }

    fn session_policy(self, statements: &str) -> Self {
        Self { session: Some(vec![policy(DocumentKind::Session, statements)]), ..self }
    }

    fn scp(self, statements: &str) -> Self {
        Self { control: Some(level(statements)), ..self }
    }

    fn key(self, statements: &str) -> Self {
        Self { key: Some(policy(DocumentKind::Key, statements)), ..self }
    }

    fn trust(self, statements: &str) -> Self {
        Self { key: Some(policy(DocumentKind::Trust, statements)), ..self }
    }

    fn grant(self, grant: Grant) -> Self {
        Self { grants: Some(vec![grant]), ..self }
    }

    fn is(&self, expected: Verdict) {
        let question = Question {
            principal: self.principal,
            action: self.action,
            resource: self.resource,
            resource_account: None,
            context: &self.facts,
            assume_role: ["sts:AssumeRole", "sts:SetSourceIdentity"].contains(&self.action),
            grant_id: self.grant_id,
        };
        let layers = Layers {
            identity: self.identity.as_deref(),
            boundary: self.boundary.as_deref(),
            session: self.session.as_deref(),
            control: self.control.as_deref(),
            resource_control: self.resource_control.as_deref(),
            resource: self.key.as_ref().map(|named| Attached { attached_to: self.resource, named }),
            grants: self.grants.as_deref().map(Grants::from),
            ..Layers::default()
        };
        let why = SPEC.explain(&question, &layers);
        assert_eq!((SPEC.decide(&question, &layers), why.verdict), (expected, expected), "{why:#?}");
    }

    fn allows(&self) {
        self.is(Verdict::Allow);
    }

    fn denies(&self) {
        self.is(Verdict::ExplicitDeny);
    }

    fn withholds(&self) {
        self.is(Verdict::ImplicitDeny);
    }
}

fn grant(grantee: &str, operations: &[&str]) -> Grant {
    Grant {
        id: "g1".into(),
        key: KEY.into(),
        grantee: grantee.into(),
        retiring: Some("arn:aws:iam::111122223333:role/path/app".into()),
        issuing_account: "111122223333".into(),
        operations: operations.iter().map(|operation| Arc::from(*operation)).collect(),
        equals: None,
        subset: None,
    }
}

fn pairs(name: &str, value: &str) -> Option<BTreeMap<String, String>> {
    Some(BTreeMap::from([(name.to_owned(), value.to_owned())]))
}

#[test]
fn iam_counts_only_where_the_key_policy_delegates() {
    user().iam(ANYTHING).key(&allow(ACCOUNT)).allows();
    user().iam(ANYTHING).key(&allow(r#"{"AWS":"111122223333"}"#)).allows();
    user().iam(ANYTHING).key(&allow(ROLE)).withholds();
    user().iam(ANYTHING).withholds();
    user().key(&allow(ACCOUNT)).withholds();
    user().key(&allow(USER)).allows();
    user().key(&allow(r#""*""#)).allows();
    let describe = format!(r#"{{"Effect":"Allow","Principal":{ACCOUNT},"Action":"kms:Describe*","Resource":"*"}}"#);
    user().iam(ANYTHING).key(&describe).withholds();
}

#[test]
fn a_deny_anywhere_wins() {
    let no = r#"{"Effect":"Deny","Action":"kms:Decrypt","Resource":"*"}"#;
    user().iam(no).key(&allow(USER)).denies();
    user().boundary(no).key(&allow(USER)).denies();
    user().session_policy(no).key(&allow(USER)).denies();
    user().iam(ANYTHING).key(&[allow(ACCOUNT), deny(ACCOUNT)].join(",")).denies();
    user().iam(no).grant(grant("arn:aws:iam::111122223333:user/dev", &["Decrypt"])).denies();
}

#[test]
fn the_root_user_needs_the_key_policy_but_no_iam() {
    root().key(&allow(ACCOUNT)).allows();
    root().key(&allow(USER)).withholds();
    root().action("kms:ListKeys").on("*").allows();
    root().key(&allow(ACCOUNT)).scp(r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#).withholds();
}

#[test]
fn boundary_and_session_policy_limit_by_the_form_of_the_name() {
    let nothing = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
    user().key(&allow(USER)).boundary(nothing).allows();
    session().key(&allow(ROLE)).boundary(nothing).withholds();
    session().key(&allow(ROLE)).session_policy(nothing).withholds();
    session().key(&allow(SESSION)).boundary(nothing).session_policy(nothing).allows();
    session().key(&allow(r#""*""#)).boundary(nothing).allows();
    federated().key(&allow(USER)).boundary(nothing).withholds();
    federated().key(&allow(r#"{"AWS":"arn:aws:sts::111122223333:federated-user/bob"}"#)).boundary(nothing).allows();
    user().iam(ANYTHING).key(&allow(ACCOUNT)).boundary(nothing).withholds();
}

#[test]
fn a_federated_session_without_a_session_policy_has_nothing_from_its_user() {
    federated().iam(ANYTHING).key(&allow(ACCOUNT)).withholds();
    federated().iam(ANYTHING).key(&allow(ACCOUNT)).session_policy(ANYTHING).allows();
}

#[test]
fn another_account_needs_both_sides_and_an_operation_that_crosses() {
    let both = allow(r#"{"AWS":"999988887777"}"#);
    let named = allow(r#"{"AWS":"arn:aws:iam::999988887777:user/ext"}"#);
    foreigner().iam(ANYTHING).key(&both).allows();
    foreigner().key(&both).withholds();
    foreigner().key(&named).withholds();
    foreigner().iam(ANYTHING).key(&named).allows();
    foreigner().iam(ANYTHING).key(&allow(ACCOUNT)).withholds();
    foreigner().iam(ANYTHING).key(&both).action("kms:DisableKey").withholds();
    foreigner().iam(ANYTHING).on("arn:aws:kms:eu-central-1:111122223333:alias/a").withholds();
}

#[test]
fn names_of_roles_sessions_and_services_are_exact() {
    session().key(&allow(ROLE)).allows();
    session().key(&allow(r#"{"AWS":"arn:aws:iam::111122223333:role/app"}"#)).withholds();
    session().key(&allow(r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/app/s2"}"#)).withholds();
    session().key(&allow(r#"{"AWS":"AROAEXAMPLEEXAMPLE12"}"#)).allows();
    user().key(&allow(r#"{"AWS":"AIDAEXAMPLEEXAMPLE12"}"#)).withholds();
    service().key(&allow(r#"{"Service":"ebs.amazonaws.com"}"#)).allows();
    service().key(&allow(r#"{"Service":"ec2.amazonaws.com"}"#)).withholds();
    service().key(&allow(ACCOUNT)).withholds();
}

#[test]
fn not_principal_spares_only_callers_all_of_whose_names_are_listed() {
    let keep = |listed: &str| {
        let deny = format!(r#"{{"Effect":"Deny","NotPrincipal":{{"AWS":{listed}}},"Action":"*","Resource":"*"}}"#);
        [allow(r#""*""#), deny].join(",")
    };
    let listed = r#"["arn:aws:iam::111122223333:user/dev","111122223333"]"#;
    user().key(&keep(listed)).allows();
    user().key(&keep(r#""arn:aws:iam::111122223333:user/dev""#)).denies();
    user().key(&keep(r#""111122223333""#)).denies();
    user().key(&keep(listed)).boundary(ANYTHING).denies();
    root().key(&keep(r#""111122223333""#)).allows();
}

#[test]
fn service_control_policies_bind_grants_but_not_services() {
    let other = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
    user().grant(grant("arn:aws:iam::111122223333:user/dev", &["Decrypt"])).scp(other).withholds();
    service().key(&allow(r#"{"Service":"ebs.amazonaws.com"}"#)).scp(other).allows();
    let linked = "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX";
    let mut linked_session = session();
    linked_session.principal.role_arn = Some(linked);
    linked_session.key(&allow(SESSION)).scp(other).allows();
}

#[test]
fn resource_control_policies_only_deny() {
    let control = |statement: &str| {
        let policies = vec![policy(DocumentKind::ResourceControl, statement)];
        Some(vec![Level { name: "root".into(), policies }])
    };
    let scene = user().key(&allow(USER));
    Scene { resource_control: Some(Vec::new()), ..user().key(&allow(USER)) }.allows();
    Scene { resource_control: control(&deny(r#""*""#)), ..scene }.denies();
}

#[test]
fn grants_give_listed_operations_to_their_grantee() {
    let dev = "arn:aws:iam::111122223333:user/dev";
    user().grant(grant(dev, &["Decrypt"])).allows();
    user().grant(grant(dev, &["Encrypt"])).withholds();
    user().grant(grant(dev, &["Decrypt"])).action("KMS:decrypt").allows();
    user().grant(grant(dev, &["RevokeGrant"])).action("kms:RevokeGrant").withholds();
    user().on("arn:aws:kms:eu-central-1:111122223333:key/k2").grant(grant(dev, &["Decrypt"])).withholds();
    session().grant(grant("arn:aws:iam::111122223333:role/path/app", &["Decrypt"])).allows();
    foreigner().grant(grant("arn:aws:iam::999988887777:user/ext", &["Decrypt"])).allows();
    service().grant(grant("ebs.amazonaws.com", &["Decrypt"])).allows();
}

#[test]
fn constraints_compare_case_for_case() {
    let dev = "arn:aws:iam::111122223333:user/dev";
    let with = |names: &[&str]| {
        let mut scene = user().fact(
            "kms:EncryptionContextKeys",
            Value::from(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()),
        );
        for name in names {
            scene = scene.fact(&format!("kms:EncryptionContext:{name}"), Value::from("IT"));
        }
        scene
    };
    let subset = || Grant { subset: pairs("Department", "IT"), ..grant(dev, &["Decrypt", "DescribeKey"]) };
    let equals = || Grant { equals: pairs("Department", "IT"), ..grant(dev, &["Decrypt"]) };
    with(&["Department"]).grant(subset()).allows();
    with(&["Department", "Team"]).grant(subset()).allows();
    with(&["department"]).grant(subset()).withholds();
    with(&[]).grant(subset()).withholds();
    with(&[]).action("kms:DescribeKey").grant(subset()).allows();
    with(&["Department"]).grant(equals()).allows();
    with(&["Department", "Team"]).grant(equals()).withholds();
    user().fact("kms:EncryptionContext:Department", Value::from("IT")).grant(equals()).allows();
    user().fact("kms:EncryptionContext:Department", Value::from("it")).grant(equals()).withholds();
}

#[test]
fn a_grant_made_under_a_grant_gives_no_more() {
    let parent = Grant {
        subset: pairs("Department", "IT"),
        ..grant("arn:aws:iam::111122223333:user/dev", &["CreateGrant", "Decrypt"])
    };
    let child = |operation: &str, constraint: Option<&'static str>| {
        let mut scene = user().action("kms:CreateGrant").grant(parent.clone());
        scene = scene.fact("kms:GrantOperations", Value::from(vec![operation.to_owned()]));
        scene = scene.fact("kms:EncryptionContext:Department", Value::from("IT"));
        if let Some(constraint) = constraint {
            scene = scene.fact("kms:GrantConstraintType", Value::from(constraint));
        }
        scene
    };
    child("Decrypt", Some("EncryptionContextSubset")).allows();
    child("Decrypt", Some("EncryptionContextEquals")).allows();
    child("Decrypt", None).withholds();
    child("Encrypt", Some("EncryptionContextSubset")).withholds();
    let parent = grant("arn:aws:iam::111122223333:user/dev", &["CreateGrant", "Decrypt"]);
    user().action("kms:CreateGrant").grant(parent).withholds();
}

#[test]
fn a_grant_says_who_may_retire_it() {
    let dev = "arn:aws:iam::111122223333:user/dev";
    let retire = |scene: Scene, operations: &[&str]| scene.action("kms:RetireGrant").grant(grant(dev, operations));
    retire(session(), &["Decrypt"]).allows();
    retire(user(), &["Decrypt"]).withholds();
    retire(user(), &["Decrypt", "RetireGrant"]).allows();
    retire(root(), &["Decrypt"]).allows();
    retire(user(), &["Decrypt"]).iam(ANYTHING).allows();
    retire(foreigner(), &["Decrypt"]).iam(ANYTHING).withholds();
    retire(user(), &["Decrypt"]).key(&allow(USER)).withholds();
    retire(user(), &["Decrypt"]).iam(ANYTHING).on("*").withholds();
    let named = |scene: Scene| Scene { grant_id: Some("g1"), ..retire(scene, &["Decrypt"]).on("*") };
    named(session()).allows();
    named(user()).iam(ANYTHING).allows();
    named(foreigner()).iam(ANYTHING).withholds();
    retire(session(), &["Decrypt"]).key(&deny(r#""*""#)).allows();
    let no = r#"{"Effect":"Deny","Action":"kms:RetireGrant","Resource":"*"}"#;
    retire(session(), &["Decrypt"]).iam(no).denies();
}

#[test]
fn a_trust_policy_names_the_caller_or_leaves_it_to_the_account() {
    let trust = |principal: &str| format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}"#);
    let assume = |scene: Scene| scene.action("sts:AssumeRole").on("arn:aws:iam::111122223333:role/r");
    assume(user()).trust(&trust(USER)).allows();
    assume(user()).trust(&trust(ACCOUNT)).withholds();
    assume(user()).trust(&trust(ACCOUNT)).iam(ANYTHING).allows();
    assume(user()).trust(&trust(ROLE)).iam(ANYTHING).withholds();
    assume(foreigner()).trust(&trust(r#"{"AWS":"arn:aws:iam::999988887777:user/ext"}"#)).withholds();
    assume(foreigner()).trust(&trust(r#"{"AWS":"999988887777"}"#)).iam(ANYTHING).allows();
    assume(service()).trust(&trust(r#"{"Service":"ebs.amazonaws.com"}"#)).allows();
}

#[test]
fn a_session_gives_its_source_identity_on_only_where_both_sides_allow_it() {
    let trust = |principal: &str| {
        format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":["sts:AssumeRole","sts:SetSourceIdentity"]}}"#)
    };
    let assuming = |scene: Scene, action| scene.action(action).on("arn:aws:iam::111122223333:role/r");
    let set = |scene: Scene| assuming(scene, "sts:SetSourceIdentity");
    set(user()).trust(&trust(USER)).allows();
    set(session()).trust(&trust(ROLE)).withholds();
    set(session()).trust(&trust(ROLE)).iam(ANYTHING).allows();
    set(session()).trust(&trust(ACCOUNT)).iam(ANYTHING).allows();
    set(session()).trust(&trust(USER)).iam(ANYTHING).withholds();
    let only_assume = r#"{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}"#;
    set(session()).trust(&trust(ROLE)).iam(ANYTHING).session_policy(only_assume).withholds();
    assuming(session(), "sts:AssumeRole").trust(&trust(ROLE)).allows();
}

#[test]
fn the_identifier_of_a_role_means_its_sessions_as_its_name_does() {
    let key = allow(r#"{"AWS":"AROAEXAMPLEEXAMPLE12"}"#);
    let only_encrypt = r#"{"Effect":"Allow","Action":"kms:Encrypt","Resource":"*"}"#;
    for id in ["AROAEXAMPLEEXAMPLE12", "AROAEXAMPLEEXAMPLE12:s1"] {
        let mut scene = session();
        scene.principal.unique_id = Some(id);
        scene.key(&key).session_policy(only_encrypt).withholds();
        let mut scene = session();
        scene.principal.unique_id = Some(id);
        scene.key(&key).session_policy(ANYTHING).allows();
    }
}

#[test]
fn a_key_policy_statement_without_a_resource_is_accepted_and_inert() {
    let bare = format!(r#"{{"Effect":"Allow","Principal":{USER},"Action":"kms:*"}}"#);
    user().key(&bare).withholds();
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{bare}]}}"#);
    assert!(SPEC.compile(DocumentKind::Key, &text).is_ok());
}

#[test]
fn variables_need_the_newer_version() {
    let condition = r#"{"StringEquals":{"kms:EncryptionContext:u":"${aws:username}"}}"#;
    let allow = |version: &str| {
        let text = format!(
            r#"{{{version}"Statement":{{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{condition}}}}}"#
        );
        let policy = Arc::new(SPEC.compile(DocumentKind::Key, &text).unwrap());
        let scene = user().fact("aws:username", Value::from("dev"));
        let scene = scene.fact("kms:EncryptionContext:U", Value::from("dev"));
        Scene { key: Some(Named { name: "key".into(), policy }), ..scene }
    };
    allow(r#""Version":"2012-10-17","#).allows();
    allow(r#""Version":"2008-10-17","#).withholds();
    allow("").withholds();
}

#[test]
fn an_account_is_its_number_or_its_whole_name() {
    for name in ["arn:aws:s3::111122223333:root", "arn:was:iam::111122223333:root", "arn:aws:iam:r:111122223333:root"] {
        let statement = allow(&format!(r#"{{"AWS":"{name}"}}"#));
        user().iam(ANYTHING).key(&statement).withholds();
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        assert_eq!(SPEC.compile(DocumentKind::Key, &text).unwrap_err().code, RefusalCode::Principal);
    }
}

#[test]
fn an_unconditional_quantifier_is_refused_in_key_policies_only() {
    let condition = r#""Condition":{"ForAllValues:StringEquals":{"kms:encryptionContext:a":"b"}}"#;
    let statement = format!(r#"{{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*",{condition}}}"#);
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
    let refusal = SPEC.compile(DocumentKind::Key, &text).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::OverlyPermissiveCondition);
    assert!(SPEC.compile(DocumentKind::Identity, &text.replace(r#""Principal":"*","#, "")).is_ok());
}

#[test]
fn a_trust_policy_is_about_assuming_roles() {
    let trust = |action: &str| {
        let statement = format!(r#"{{"Effect":"Allow","Principal":{USER},"Action":"{action}"}}"#);
        SPEC.compile(DocumentKind::Trust, &format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#))
    };
    for action in ["sts:AssumeRole", "STS:assumerolewithsaml", "sts:TagSession", "sts:Assume*", "sts:*"] {
        assert!(trust(action).is_ok(), "{action}");
    }
    for action in ["*", "s3:*", "sts:TagSessions", "sts:GetCallerIdentity", "sts:Get*"] {
        assert_eq!(trust(action).unwrap_err().code, RefusalCode::Action, "{action}");
    }
}

#[test]
fn a_condition_key_may_have_no_service_in_front() {
    let with = |key: &str| {
        let condition = format!(r#"{{"StringEquals":{{"{key}":"x"}}}}"#);
        let statement = format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}}}"#);
        SPEC.compile(DocumentKind::Identity, &format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#))
    };
    assert!(with("token.actions.githubusercontent.com:sub").is_ok());
    assert!(with("CallerAccount").is_ok());
}

#[test]
fn some_operations_need_no_permission() {
    user().action("sts:GetCallerIdentity").on("*").iam(&ANYTHING.replace("Allow", "Deny")).allows();
}
