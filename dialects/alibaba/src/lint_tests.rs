//! The lints that matter in this dialect, each on one document that it is about and one that it is not.

use polykms_core::policy::{DocumentKind, LintedDocument, Outcome};

use super::LINTS;
use crate::policy::SPEC;

const KEY: &str = "acs:kms:cn-hangzhou:1000000000000001:key/k1";

fn document(statements: &str) -> String {
    format!(r#"{{"Version":"1","Statement":[{statements}]}}"#)
}

fn codes(kind: DocumentKind, text: &str) -> Vec<&'static str> {
    SPEC.lint(&LINTS, kind, text).iter().map(|finding| finding.code).collect()
}

/// The hit has this finding and no other; the miss has none.
fn tells(kind: DocumentKind, code: &str, hit: &str, miss: &str) {
    assert_eq!(codes(kind, &document(hit)), [code], "{hit}");
    assert_eq!(codes(kind, &document(miss)), Vec::<&str>::new(), "{miss}");
}

fn identity(code: &str, hit: &str, miss: &str) {
    tells(DocumentKind::Identity, code, hit, miss);
}

fn on(action: &str, resource: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}"#)
}

fn when(action: &str, condition: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"*","Condition":{{{condition}}}}}"#)
}

fn names(principal: &str, action: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":{{"RAM":["{principal}"]}},"Action":"{action}","Resource":"*"}}"#)
}

#[test]
fn members_do_not_stand_for_their_collection() {
    identity("ContainerResource", &on("kms:CreateKey", "acs:kms:*:*:key/*"), &on("kms:CreateKey", "acs:kms:*:*:key"));
    identity("ContainerResource", &on("kms:ListKeys", KEY), &on("kms:ListKeys", "acs:kms:*:*:key*"));
    identity("ContainerResource", &on("kms:ListSecrets", "acs:kms:*:*:secret/*"), &on("kms:ListSecrets", "*"));
}

#[test]
fn an_alias_names_no_key() {
    let alias = "acs:kms:cn-hangzhou:1000000000000001:alias/a";
    let both = format!("{},{}", on("kms:DeleteAlias", alias), on("kms:DeleteAlias", KEY));
    identity("AliasForKey", &on("kms:Decrypt", alias), &both);
    identity("AliasAlone", &on("kms:DeleteAlias", alias), &both);
}

#[test]
fn an_action_has_to_meet_its_resources() {
    identity("ResourceMismatch", &on("kms:GetSecretValue", KEY), &on("kms:Decrypt", KEY));
}

#[test]
fn an_action_has_to_meet_the_service_and_account_of_its_resources() {
    identity("ResourceMismatch", &on("kms:Encrypt", "acs:ram:*:1000000000000001:key/k"), &on("kms:Encrypt", KEY));
    identity("ResourceMismatch", &on("kms:*", "acs:ram:*:*:*"), &on("kms:*", "acs:kms:*:*:*"));
    identity("ResourceMismatch", &on("kms:Encrypt", "acs:kms:*:1:key/*"), &on("kms:Encrypt", "acs:kms:*:*:key/*"));
    identity(
        "ResourceMismatch",
        &on("sts:AssumeRole", "acs:sts:*:*:role/r"),
        &on("sts:AssumeRole", "acs:ram:*:*:role/r"),
    );
    let two = on("kms:Encrypt", KEY).replace(&format!("\"{KEY}\""), &format!(r#"["{KEY}","acs:ram:*:*:user/*"]"#));
    identity("IdleResource", &two, &two.replace("acs:ram:*:*:user/*", "acs:kms:*:*:*"));
}

#[test]
fn one_request_needs_both_of_its_actions() {
    identity("HalfAllowed", &on("kms:ReEncryptFrom", KEY), &on("kms:ReEncrypt*", KEY));
}

#[test]
fn no_access_key_has_a_second_factor() {
    let deny = |operand: &str| {
        when("kms:ScheduleKeyDeletion", &format!(r#""Bool":{{"acs:MFAPresent":[{operand}]}}"#)).replace("Allow", "Deny")
    };
    identity("AccessKeysDenied", &deny(r#""false""#), &deny(r#""true""#));
    let allow = when("kms:ScheduleKeyDeletion", r#""Bool":{"acs:MFAPresent":["true"]}"#);
    assert_eq!(codes(DocumentKind::Identity, &document(&allow)), [""; 0]);
}

#[test]
fn the_network_of_the_caller_is_known_to_one_service() {
    let condition = r#""StringEquals":{"acs:SourceVpc":"vpc-1"}"#;
    identity("ForeignServiceAction", &when("*", condition), &when("kms:*", condition));
    identity("ForeignServiceAction", &when("k*:Decrypt", condition), &when("kms:Decrypt", condition));
}

#[test]
fn networks_have_no_bits_beyond_their_prefix() {
    let inside = |network: &str| when("kms:*", &format!(r#""IpAddress":{{"acs:SourceIp":"{network}"}}"#));
    identity("HostBits", &inside("192.168.3.4/24"), &inside("192.168.3.0/24"));
}

#[test]
fn unknown_actions_and_keys_are_told() {
    identity("UnknownAction", &on("kms:Sign", "*"), &on("kms:AsymmetricSign", "*"));
    identity("NoActionMatched", &on("kms:Sign*", "*"), &on("kms:Asym*", "*"));
    let tag = |key: &str| when("kms:Decrypt", &format!(r#""StringEquals":{{"{key}":"x"}}"#));
    identity("UnknownKey", &tag("kms:tags/a"), &tag("kms:tag/a"));
    identity("KeyNeverPresent", &tag("kms:tag/a").replace("Decrypt", "CreateKey"), &tag("kms:EncryptionAlgorithm"));
}

#[test]
fn a_key_policy_gives_some_actions_only() {
    let root = "acs:ram::1000000000000001:root";
    tells(DocumentKind::Key, "InertAction", &names(root, "kms:AsymmetricSign"), &names(root, "kms:*"));
}

#[test]
fn other_accounts_are_noted() {
    let home = names("acs:ram::1000000000000001:root", "kms:*");
    let user = |account: &str| format!("{home},{}", names(&format!("acs:ram::{account}:user/u"), "kms:Encrypt"));
    tells(DocumentKind::Key, "ForeignAccount", &user("2000000000000002"), &user("1000000000000001"));
}

#[test]
fn this_language_has_no_variables() {
    let tag = |value: &str| when("kms:Decrypt", &format!(r#""StringEquals":{{"kms:tag/u":"{value}"}}"#));
    identity("VariableIsText", &tag("${acs:PrincipalARN}"), &tag("dev"));
}

#[test]
fn wildcards_belong_to_their_operators() {
    let tag = |operator: &str| when("kms:Decrypt", &format!(r#""{operator}":{{"kms:tag/u":"a*"}}"#));
    identity("WildcardIsText", &tag("StringEquals"), &tag("StringLike"));
}

#[test]
fn negated_conditions_alone_guard_nothing() {
    let vpc = |effect: &str| when("kms:*", r#""StringNotEquals":{"acs:SourceVpc":"vpc-1"}"#).replace("Allow", effect);
    identity("NegatedOnly", &vpc("Allow"), &vpc("Deny"));
}

#[test]
fn superfluous_statements_are_told() {
    let pair = |first: &str, second: &str| format!("{},{}", on(first, KEY), on(second, KEY));
    identity("DuplicateStatement", &pair("kms:Decrypt", "kms:decrypt"), &pair("kms:Decrypt", "kms:Encrypt"));
}

#[test]
fn whoever_writes_the_key_policy_has_everything() {
    let user = "acs:ram::1000000000000001:user/u";
    let write = |action: &str| names(user, action);
    tells(DocumentKind::Key, "PolicyEscalation", &write("kms:SetKeyPolicy"), &write("kms:GetKeyPolicy"));
    identity("PolicyEscalation", &on("kms:Set*", KEY), &on("kms:*", KEY));
}

#[test]
fn a_deny_for_a_group_does_not_count_behind_an_allow_for_the_account() {
    let together = |allow: &str, deny: &str| {
        let (allow, deny) = (document(allow), document(deny));
        let documents = [(false, &allow), (true, &deny)];
        let documents =
            documents.map(|(in_group, text)| LintedDocument { kind: DocumentKind::Identity, in_group, text });
        let findings = SPEC.lint_together(&LINTS, &documents);
        findings.iter().map(|(at, finding)| (*at, finding.code)).collect::<Vec<_>>()
    };
    let deny = on("kms:Decrypt", KEY).replace("Allow", "Deny");
    assert_eq!(together(&on("kms:*", "*"), &deny), [(1, "GroupDenyIdle")]);
    assert_eq!(together(&on("kms:Encrypt", "*"), &deny), []);
    let guarded = when("kms:*", r#""StringEquals":{"kms:tag/a":"b"}"#);
    assert_eq!(together(&guarded, &deny), []);
    assert_eq!(together(&deny, &deny), []);
}

#[test]
fn conditions_that_exclude_each_other_are_told() {
    let tag = |operator: &str, value: &str| {
        when("kms:Decrypt", &format!(r#""StringEquals":{{"kms:tag/a":"x"}},"{operator}":{{"kms:tag/a":"{value}"}}"#))
    };
    identity("NeverHolds", &tag("StringNotEquals", "x"), &tag("StringNotEquals", "y"));
}

#[test]
fn sizes_are_limited() {
    let large = document(&on("kms:*", "*")) + &" ".repeat(6144);
    assert_eq!(codes(DocumentKind::Identity, &large), ["TooLarge"]);
    assert_eq!(Outcome::of(&SPEC.lint(&LINTS, DocumentKind::Identity, &large)), Outcome::Reject);
}

#[test]
fn every_policy_of_the_vendor_is_clean() {
    for policy in crate::system::policies() {
        let expected: &[&str] = match policy.name {
            "PowerUserAccess" => &["NotActionAllow"],
            _ => &[],
        };
        assert_eq!(codes(DocumentKind::Identity, &policy.document), expected, "{}", policy.name);
    }
    let default = (crate::rules::KEYS.default_policy)("1000000000000001", "cn-hangzhou");
    assert_eq!(codes(DocumentKind::Key, &default), Vec::<&str>::new());
}
