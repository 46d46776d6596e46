//! Each lint on one document that it is about and one that it is not.

use polykms_core::policy::{DocumentKind, LINT_REFUSALS, LINT_RULES, LintedDocument, Outcome, Severity};

use super::LINTS;
use crate::policy::SPEC;

const ROOT: &str = r#"{"Sid":"root","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}"#;
const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/k1";

fn document(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

fn codes(kind: DocumentKind, text: &str) -> Vec<&'static str> {
    let findings = SPEC.lint(&LINTS, kind, text);
    for finding in &findings {
        assert!(finding.line > 0 && finding.column > 0);
        let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        assert!(value.is_null() || value.pointer(&finding.pointer).is_some(), "{finding:?}");
    }
    findings.iter().map(|finding| finding.code).collect()
}

/// The hit has this finding and no other; the miss has none.
fn tells(kind: DocumentKind, code: &str, hit: &str, miss: &str) {
    assert_eq!(codes(kind, &document(hit)), [code], "{hit}");
    assert_eq!(codes(kind, &document(miss)), Vec::<&str>::new(), "{miss}");
}

fn identity(code: &str, hit: &str, miss: &str) {
    tells(DocumentKind::Identity, code, hit, miss);
}

/// Statements of a key policy, beside the one that keeps it administrable.
fn key(code: &str, hit: &str, miss: &str) {
    tells(DocumentKind::Key, code, &format!("{ROOT},{hit}"), &format!("{ROOT},{miss}"));
}

fn on_key(effect: &str, condition: &str) -> String {
    format!(r#"{{"Effect":"{effect}","Action":"kms:Decrypt","Resource":"{KEY}","Condition":{{{condition}}}}}"#)
}

fn allow(condition: &str) -> String {
    on_key("Allow", condition)
}

fn deny(condition: &str) -> String {
    on_key("Deny", condition)
}

fn on(action: &str, resource: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}"#)
}

fn to(principal: &str, more: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"kms:Decrypt","Resource":"*"{more}}}"#)
}

const USER: &str = r#"{"AWS":"arn:aws:iam::111122223333:user/dev"}"#;

#[test]
fn an_allow_for_everyone_needs_a_condition() {
    key(
        "AllowEveryone",
        &to(r#""*""#, ""),
        &to(r#""*""#, r#","Condition":{"StringEquals":{"kms:CallerAccount":"111122223333"}}"#),
    );
}

#[test]
fn an_allow_for_all_but_a_few_is_an_allow_for_the_world() {
    let hit = to(USER, "").replace("Principal", "NotPrincipal");
    key("NotPrincipalAllow", &hit, &hit.replace("Allow", "Deny"));
}

#[test]
fn an_allow_of_all_but_a_few_actions_is_noted() {
    let hit = on("kms:Decrypt", "*").replace("Action", "NotAction");
    identity("NotActionAllow", &hit, &hit.replace("Allow", "Deny"));
}

#[test]
fn an_identifier_is_what_a_deleted_principal_leaves() {
    key("DeletedPrincipal", &to(r#"{"AWS":"AIDAEXAMPLEEXAMPLE01"}"#, ""), &to(USER, ""));
}

#[test]
fn a_statement_without_a_resource_is_inert() {
    key("InertStatement", &to(USER, "").replace(r#","Resource":"*""#, ""), &to(USER, ""));
}

#[test]
fn a_key_policy_cannot_give_what_is_not_about_its_key() {
    key("InertAction", &to(USER, "").replace("kms:Decrypt", "kms:CreateKey"), &to(USER, ""));
}

#[test]
fn unknown_actions_are_told() {
    identity("UnknownAction", &on("kms:ReEncrypt", "*"), &on("KMS:reencrypt*", "*"));
    identity("UnknownAction", &on("kms:Decyrpt", "*"), &on("ec2:Anything", "*"));
    identity("NoActionMatched", &on("kms:Decript*", "*"), &on("kms:De*", "*"));
}

#[test]
fn an_unknown_action_comes_with_a_hint() {
    let findings = SPEC.lint(&LINTS, DocumentKind::Identity, &document(&on("kms:ReEncrypt", "*")));
    assert_eq!(
        findings[0].message,
        "there is no action `kms:ReEncrypt`; did you mean `kms:ReEncryptFrom` or `kms:ReEncryptTo`?"
    );
    assert_eq!((findings[0].pointer.as_str(), findings[0].column), ("/Statement/0/Action", 65));
}

#[test]
fn an_alias_names_no_key() {
    let alias = "arn:aws:kms:eu-central-1:111122223333:alias/a";
    let both = format!("{},{}", on("kms:CreateAlias", alias), on("kms:CreateAlias", KEY));
    identity("AliasForKey", &on("kms:Decrypt", alias), &both);
}

#[test]
fn what_concerns_no_resource_is_not_given_on_one() {
    identity("ContainerResource", &on("kms:CreateKey", KEY), &on("kms:CreateKey", "*"));
    identity("ContainerResource", &on("kms:ListKeys", "arn:aws:kms:*:111122223333:key/*"), &on("kms:List*", KEY));
}

#[test]
fn an_action_has_to_meet_its_resources() {
    let secret = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:a-*";
    identity("ResourceMismatch", &on("kms:Decrypt", secret), &on("secretsmanager:GetSecretValue", secret));
}

#[test]
fn an_action_has_to_meet_the_service_account_and_region_of_its_resources() {
    let hit = |action: &str, resource: &str, good: &str| {
        identity("ResourceMismatch", &on(action, resource), &on(action, good))
    };
    hit("kms:Encrypt", "arn:aws:iam::111122223333:role/a", KEY);
    hit("kms:*", "arn:aws:s3:::bucket/key/*", "arn:aws:kms:*:*:key/*");
    hit(
        "kms:Encrypt",
        "arn:aws:kms:eu-central-1:11112222333:key/a",
        "arn:aws:kms:eu-central-1:${aws:PrincipalAccount}:key/a",
    );
    hit("kms:Encrypt", "arn:aws:kms::111122223333:key/a", "arn:aws:kms:*:111122223333:key/a");
    hit("sts:AssumeRole", "arn:aws:sts::111122223333:role/a", "arn:aws:iam::111122223333:role/a");
    identity(
        "Resource",
        &on("sts:AssumeRole", "arn:aws:iam:eu-central-1:111122223333:role/a"),
        &on("sts:AssumeRole", "arn:aws:iam::*:role/a"),
    );
}

#[test]
fn a_resource_meets_an_action_of_its_statement() {
    let pair = |other: &str| on("kms:Encrypt", KEY).replace(&format!("\"{KEY}\""), &format!(r#"["{KEY}","{other}"]"#));
    identity("IdleResource", &pair("arn:aws:kms:*:111122223333:alias/a"), &pair("arn:aws:kms:*:111122223333:key/b"));
    identity("IdleResource", &pair("arn:aws:iam::111122223333:role/b"), &pair("arn:aws:kms:*:*:*"));
}

#[test]
fn an_alias_is_changed_with_its_key() {
    let alias = "arn:aws:kms:eu-central-1:111122223333:alias/a";
    for action in ["kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias", "kms:*Alias"] {
        let both = on(action, alias).replace(&format!("\"{alias}\""), &format!(r#"["{alias}","{KEY}"]"#));
        identity("AliasAlone", &on(action, alias), &both);
        identity("AliasAlone", &on(action, alias), &format!("{},{}", on(action, alias), on(action, KEY)));
    }
    assert_eq!(
        codes(DocumentKind::Identity, &document(&on("kms:DeleteAlias", alias).replace("Allow", "Deny"))),
        [""; 0]
    );
}

#[test]
fn one_request_needs_both_of_its_actions() {
    identity("HalfAllowed", &on("kms:ReEncryptFrom", KEY), &on("kms:ReEncrypt*", KEY));
    identity(
        "HalfAllowed",
        &on("kms:ReEncryptTo", "*"),
        &format!("{},{}", on("kms:ReEncryptTo", "*"), on("kms:ReEncryptFrom", KEY)),
    );
}

#[test]
fn a_short_name_is_told() {
    identity("ShortName", &on("kms:Decrypt", "arn:aws:kms:*"), &on("kms:Decrypt", "arn:aws:kms:*:*:key/*"));
}

#[test]
fn grants_are_made_within_bounds() {
    let grant = |more: &str| to(USER, more).replace("kms:Decrypt", "kms:CreateGrant");
    key("GrantWithoutGuard", &grant(""), &grant(r#","Condition":{"Bool":{"kms:GrantIsForAWSResource":"true"}}"#));
}

#[test]
fn a_condition_over_every_value_needs_one() {
    let every = r#""ForAllValues:StringEquals":{"kms:EncryptionContextKeys":["a"]}"#;
    let null = format!(r#"{every},"Null":{{"kms:EncryptionContextKeys":"false"}}"#);
    identity("EveryValueAbsent", &allow(every), &allow(&null));
    let pair = r#""StringEquals":{"kms:EncryptionContext:a":"b"}"#;
    assert_eq!(codes(DocumentKind::Identity, &document(&allow(&format!("{every},{pair}")))), [""; 0], "it is guarded");
    let grant = on("kms:CreateGrant", "*")
        .replace("}", r#","Condition":{"ForAllValues:StringEquals":{"kms:GrantOperations":["Encrypt"]}}}"#);
    assert_eq!(codes(DocumentKind::Identity, &document(&grant)), [""; 0], "no grant is without operations");
    assert_eq!(codes(DocumentKind::Identity, &document(&deny(every))), Vec::<&str>::new());
}

#[test]
fn negated_conditions_alone_guard_nothing() {
    let negated = r#""StringNotEquals":{"kms:ViaService":"s3.eu-central-1.amazonaws.com"}"#;
    identity("NegatedOnly", &allow(negated), &deny(negated));
}

#[test]
fn a_second_factor_is_asked_of_those_who_cannot_have_one() {
    let bool = r#""Bool":{"aws:MultiFactorAuthPresent":"false"}"#;
    identity("SecondFactorAbsent", &deny(bool), &deny(&bool.replace("Bool\"", "BoolIfExists\"")));
}

#[test]
fn set_operators_are_for_keys_of_several_values() {
    let many = r#""StringEquals":{"kms:EncryptionContextKeys":"a"}"#;
    identity("ManyAsOne", &allow(many), &allow(&many.replace("StringE", "ForAnyValue:StringE")));
    let one = r#""ForAnyValue:StringEquals":{"kms:CallerAccount":"111122223333"}"#;
    identity("OneAsMany", &allow(one), &allow(&one.replace("ForAnyValue:", "")));
}

#[test]
fn condition_keys_are_known_and_come_with_the_action() {
    let pair = |key: &str| format!(r#""StringEquals":{{"{key}":"x"}}"#);
    identity("UnknownKey", &allow(&pair("kms:EncryptionContex:a")), &allow(&pair("kms:encryptioncontext:A")));
    identity("KeyNeverPresent", &allow(&pair("kms:MacAlgorithm")), &allow(&pair("kms:RequestAlias")));
    identity("UnknownKey", &allow(&pair("CallerAccount")), &allow(&pair("kms:CallerAccount")));
}

#[test]
fn keys_that_are_properties_of_the_key_are_barred_from_its_policy() {
    let tagged = |key: &str| to(USER, &format!(r#","Condition":{{"StringEquals":{{"{key}":"x"}}}}"#));
    key("BarredKey", &tagged("aws:ResourceTag/team"), &tagged("aws:RequestTag/team").replace("Decrypt", "TagResource"));
    key("BarredKey", &tagged("kms:ResourceAliases"), &tagged("kms:RequestAlias"));
}

#[test]
fn sessions_of_roles_have_no_user_name() {
    let role = USER.replace("user/dev", "role/dev");
    let condition = r#","Condition":{"StringEquals":{"kms:EncryptionContext:u":"${aws:username}"}}"#;
    key("UserKeyForRole", &to(&role, condition), &to(USER, condition));
}

#[test]
fn an_operator_fits_its_key() {
    identity(
        "OperatorType",
        &allow(r#""StringEquals":{"aws:SourceIp":"10.0.0.1"}"#),
        &allow(r#""IpAddress":{"aws:SourceIp":"10.0.0.1"}"#),
    );
    identity(
        "NameAsText",
        &allow(r#""StringEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/a"}"#),
        &allow(r#""ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/a"}"#),
    );
}

#[test]
fn operands_are_of_the_type_of_the_operator() {
    let date = |value: &str| allow(&format!(r#""DateLessThan":{{"aws:CurrentTime":{value}}}"#));
    identity("Operand", &date(r#""tomorrow""#), &date(r#""2030-01-01T00:00:00Z""#));
    identity("InvalidOperand", &date(r#""2030-01-01T""#), &date(r#""2030-01-01""#));
    identity("NoOperand", &date("[]"), &date("1893456000"));
}

#[test]
fn alias_keys_hold_names() {
    let alias = |value: &str| allow(&format!(r#""StringEquals":{{"kms:RequestAlias":"{value}"}}"#));
    identity("AliasNameInFull", &alias("arn:aws:kms:eu-central-1:111122223333:alias/a"), &alias("alias/a"));
}

#[test]
fn variables_are_variables_where_the_language_has_them() {
    let tag = allow(r#""StringEquals":{"aws:ResourceTag/u":"${aws:username}"}"#);
    assert_eq!(codes(DocumentKind::Identity, &document(&tag)), Vec::<&str>::new());
    assert_eq!(codes(DocumentKind::Identity, &document(&tag).replace("2012", "2008")), ["VariableIsText"]);
    let age = |value: &str| allow(&format!(r#""NumericLessThan":{{"aws:MultiFactorAuthAge":"{value}"}}"#));
    identity("VariableInOperator", &age("${aws:PrincipalTag/age}"), &age("3600"));
    let text = |key: &str| allow(&format!(r#""StringEquals":{{"kms:EncryptionContext:a":"${{{key}}}"}}"#));
    identity("VariableOfMany", &text("aws:CalledVia"), &text("aws:userid"));
}

#[test]
fn negated_networks_of_one_family_let_the_other_in() {
    let outside = |networks: &str| format!(r#""NotIpAddress":{{"aws:SourceIp":[{networks}]}}"#);
    let guarded = |networks: &str| {
        allow(&format!(r#"{},"StringEquals":{{"kms:CallerAccount":"111122223333"}}"#, outside(networks)))
    };
    identity("OldAddressesOnly", &guarded(r#""10.0.0.0/8""#), &guarded(r#""10.0.0.0/8","2001:db8::/32""#));
    let findings = SPEC.lint(&LINTS, DocumentKind::Identity, &document(&deny(&outside(r#""10.0.0.0/8""#))));
    assert_eq!(findings[0].severity, Severity::Note);
    let inside = |network: &str| allow(&format!(r#""IpAddress":{{"aws:SourceIp":"{network}"}}"#));
    identity("HostBits", &inside("10.0.0.1/8"), &inside("10.0.0.0/8"));
}

#[test]
fn wildcards_belong_to_their_operators() {
    let text = |operator: &str, value: &str| allow(&format!(r#""{operator}":{{"kms:EncryptionContext:a":"{value}"}}"#));
    identity("WildcardIsText", &text("StringEquals", "a*"), &text("StringLike", "a*"));
    identity("NoWildcard", &text("StringLike", "a"), &text("StringEquals", "a"));
    assert_eq!(codes(DocumentKind::Identity, &document(&text("StringEquals", "a${*}"))), Vec::<&str>::new());
}

#[test]
fn superfluous_statements_are_told() {
    let pair = |first: String, second: String| format!("{first},{second}");
    let one = || on("kms:Decrypt", KEY);
    identity("DuplicateStatement", &pair(one(), on("KMS:decrypt", KEY)), &pair(one(), on("kms:Encrypt", KEY)));
    identity("ShadowedStatement", &pair(one(), on("kms:D*", "*")), &pair(one(), on("kms:E*", "*")));
    let guarded = allow(r#""StringEquals":{"kms:CallerAccount":"111122223333"}"#);
    identity("ShadowedStatement", &pair(guarded.clone(), one()), &pair(guarded, on("kms:Encrypt", KEY)));
    let denies = |action: &str| on(action, "*").replace("Allow", "Deny");
    identity("DeniedStatement", &pair(one(), denies("kms:*")), &pair(one(), denies("kms:Encrypt")));
}

#[test]
fn more_values_say_no_less() {
    let tag = |operator: &str, values: &str| allow(&format!(r#""{operator}":{{"aws:ResourceTag/a":[{values}]}}"#));
    let pair =
        |operator: &str, first: &str, second: &str| format!("{},{}", tag(operator, first), tag(operator, second));
    let miss = pair("StringEquals", r#""x","y""#, r#""z""#);
    identity("ShadowedStatement", &pair("StringEquals", r#""x""#, r#""x","y""#), &miss);
    let guarded = |values: &str| {
        let differs = format!(r#""StringNotEquals":{{"aws:ResourceTag/a":[{values}]}}"#);
        allow(&format!(r#"{differs},"StringEquals":{{"kms:CallerAccount":"111122223333"}}"#))
    };
    let pair = |first: &str, second: &str| format!("{},{}", guarded(first), guarded(second));
    identity("ShadowedStatement", &pair(r#""x","y""#, r#""x""#), &pair(r#""x""#, r#""z""#));
}

#[test]
fn conditions_that_exclude_each_other_are_told() {
    let both = |first: &str, second: &str| allow(&format!("{first},{second}"));
    let tag = |operator: &str, value: &str| format!(r#""{operator}":{{"aws:ResourceTag/a":{value}}}"#);
    let never =
        |first: &str, second: &str, miss: &str| identity("NeverHolds", &both(first, second), &both(first, miss));
    never(&tag("Null", "true"), &tag("StringEquals", r#""x""#), &tag("StringEqualsIfExists", r#""x""#));
    never(
        &tag("StringEquals", r#"["x","y"]"#),
        &tag("StringNotEquals", r#"["y","x","z"]"#),
        &tag("StringNotEquals", r#""x""#),
    );
    never(&tag("StringEquals", r#""x""#), &tag("StringLike", r#""y*""#), &tag("StringLike", r#""x*""#));
    let age = |operator: &str, value: &str| format!(r#""{operator}":{{"aws:MultiFactorAuthAge":"{value}"}}"#);
    never(&age("NumericLessThan", "60"), &age("NumericGreaterThan", "60"), &age("NumericGreaterThan", "30"));
    never(
        &age("NumericLessThanEquals", "60"),
        &age("NumericGreaterThanEquals", "61"),
        &age("NumericGreaterThanEquals", "60"),
    );
    let time = |operator: &str, value: &str| format!(r#""{operator}":{{"aws:CurrentTime":"{value}"}}"#);
    never(
        &time("DateLessThan", "2030-01-01T00:00:00Z"),
        &time("DateGreaterThan", "2031-01-01T00:00:00Z"),
        &time("DateGreaterThan", "2029-01-01T00:00:00Z"),
    );
}

#[test]
fn whoever_writes_the_key_policy_has_everything() {
    let write = |principal: &str, action: &str| to(principal, "").replace("kms:Decrypt", action);
    key("PolicyEscalation", &write(USER, "kms:PutKeyPolicy"), &write(USER, "kms:GetKeyPolicy"));
    key("PolicyEscalation", &write(USER, "kms:Put*"), &write(USER, "kms:*"));
    identity("PolicyEscalation", &on("kms:PutKeyPolicy", KEY), &on("kms:GetKeyPolicy", KEY));
    let account = write(r#"{"AWS":"111122223333"}"#, "kms:PutKeyPolicy");
    assert_eq!(codes(DocumentKind::Key, &document(&account)), Vec::<&str>::new());
}

#[test]
fn a_delegation_is_used_by_the_policies_of_its_account() {
    let key = document(ROOT);
    let together = |statement: &str| {
        let identity = document(statement);
        let documents = [(DocumentKind::Key, &key), (DocumentKind::Identity, &identity)];
        let documents = documents.map(|(kind, text)| LintedDocument { kind, in_group: false, text });
        let findings = SPEC.lint_together(&LINTS, &documents);
        findings.iter().map(|(at, finding)| (*at, finding.code, finding.pointer.clone())).collect::<Vec<_>>()
    };
    let unused = vec![(0, "UnusedDelegation", "/Statement/0".to_owned())];
    assert_eq!(together(&on("s3:*", "*")), unused);
    assert_eq!(together(&on("kms:ListKeys", "*")), unused);
    assert_eq!(together(&on("kms:Decrypt", "*").replace("Allow", "Deny")), unused);
    assert_eq!(together(&on("kms:*", "arn:aws:kms:*:*:alias/*")), unused);
    for used in [on("kms:Decrypt", KEY), on("kms:*", "*"), on("s3:*", "*").replace("Action", "NotAction")] {
        assert_eq!(together(&used), [], "{used}");
    }
    let alone = [LintedDocument { kind: DocumentKind::Key, in_group: false, text: &key }];
    assert_eq!(SPEC.lint_together(&LINTS, &alone), []);
}

#[test]
fn somebody_has_to_administer_the_key() {
    tells(DocumentKind::Key, "Lockout", &to(USER, ""), ROOT);
    let no_more = r#"{"Effect":"Deny","Principal":"*","Action":"kms:PutKeyPolicy","Resource":"*"}"#;
    key(
        "Lockout",
        no_more,
        &no_more.replace(r#""*","Action""#, r#"{"AWS":"arn:aws:iam::111122223333:user/dev"},"Action""#),
    );
}

#[test]
fn other_accounts_are_noted() {
    let other = USER.replace("111122223333", "999988887777");
    key("ForeignAccount", &to(&other, ""), &to(USER, ""));
}

#[test]
fn a_document_without_a_version_is_noted_and_accepted() {
    let text = format!(r#"{{"Statement":[{}]}}"#, on("kms:Decrypt", KEY));
    assert_eq!(codes(DocumentKind::Identity, &text), ["NoVersion"]);
    assert_eq!(Outcome::of(&SPEC.lint(&LINTS, DocumentKind::Identity, &text)), Outcome::Accept);
}

#[test]
fn sizes_are_counted_as_the_vendor_counts_them() {
    let large = |size: usize| document(ROOT) + &" ".repeat(size - document(ROOT).len());
    assert_eq!(codes(DocumentKind::Key, &large(32_768)), Vec::<&str>::new());
    assert_eq!(codes(DocumentKind::Key, &large(32_769)), ["TooLarge"]);
    let spaced = document(&on("kms:Decrypt", KEY)) + &" ".repeat(7000);
    assert_eq!(codes(DocumentKind::Identity, &spaced), Vec::<&str>::new());
}

#[test]
fn what_the_vendor_refuses_is_an_error_with_its_place() {
    let text = document(&to(USER, r#","Condition":{"ForAllValues:StringEquals":{"kms:EncryptionContext:a":"b"}}"#));
    let findings = SPEC.lint(&LINTS, DocumentKind::Key, &text);
    assert_eq!((findings[0].code, findings[0].severity), ("OverlyPermissiveCondition", Severity::Error));
    assert_eq!(findings[0].pointer, "/Statement/0/Condition/ForAllValues:StringEquals/kms:EncryptionContext:a");
    assert_eq!(Outcome::of(&findings), Outcome::Reject);
    let findings = SPEC.lint(&LINTS, DocumentKind::Key, "{\n \"Version\":\"2012-10-17\",\"Id\":\"\u{20ac}\"}");
    assert_eq!((findings[0].code, findings[0].line, findings[0].column), ("Characters", 2, 31));
}

#[test]
fn groups_are_no_principals() {
    let group = to(&USER.replace("user/dev", "group/dev"), "");
    assert_eq!(codes(DocumentKind::Key, &document(&group)), ["Principal"]);
    assert_eq!(codes(DocumentKind::Key, &document(ROOT)), Vec::<&str>::new());
}

#[test]
fn resource_control_policies_are_for_the_services_that_take_them() {
    let deny = |action: &str| format!(r#"{{"Effect":"Deny","Principal":"*","Action":"{action}","Resource":"*"}}"#);
    tells(DocumentKind::ResourceControl, "Action", &deny("ec2:*"), &deny("dynamodb:*"));
    tells(DocumentKind::ResourceControl, "Action", &deny("*"), &deny("kms:*"));
}

#[test]
fn every_policy_that_comes_with_the_dialect_is_clean() {
    for policy in crate::system::policies() {
        // The vendor's own may be larger than what it takes of others.
        let mut found = SPEC.lint(&LINTS, DocumentKind::Identity, &policy.document);
        found.retain(|finding| finding.code != "TooLarge");
        assert_ne!(Outcome::of(&found), Outcome::Reject, "{}: {found:?}", policy.name);
    }
    let default = (crate::rules::KEYS.default_policy)("111122223333", "us-east-1");
    assert_eq!(codes(DocumentKind::Key, &default), Vec::<&str>::new());
}

#[test]
fn every_rule_has_a_name_of_its_own() {
    let all = || LINT_RULES.iter().chain(LINT_REFUSALS);
    let names: std::collections::BTreeSet<_> = all().map(|rule| rule.code).collect();
    assert_eq!(names.len(), all().count());
}
