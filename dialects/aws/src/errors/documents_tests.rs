//! Documents that were given to AWS, with its answers: ours have the same verdicts and texts.

use polykms_core::error::Kind;
use polykms_core::policy::DocumentKind;
use serde_json::Value;

use super::of_identity;
use crate::policy::SPEC;

const RECORDED: &str = include_str!("../../tests/vectors/policy_documents.json");

/// What is answered when a document is written; `None` where it is taken.
fn answer(kind: DocumentKind, text: &str) -> Option<String> {
    let refused = |refusal| Kind::MalformedPolicy.refused(refusal);
    SPEC.compile(kind, text).err().map(refused).map(|error| of_identity(&error).into_owned())
}

#[test]
fn documents_are_answered_as_the_vendor_answered_them() {
    let recorded: Value = serde_json::from_str(RECORDED).unwrap();
    let cases = recorded["cases"].as_array().unwrap();
    let mut differing = Vec::new();
    for case in cases {
        let document = case["document"].as_str().map_or_else(|| case["document"].to_string(), str::to_owned);
        assert_eq!(case["operation"], "CreatePolicy");
        let (ours, theirs) = (answer(DocumentKind::Managed, &document), case["message"].as_str());
        assert_eq!(theirs.is_none(), case["accepted"] == true, "{}", case["id"]);
        if ours.as_deref() != theirs {
            differing.push(format!("{}: {ours:?} instead of {theirs:?}", case["id"]));
        }
    }
    assert_eq!(cases.len(), 129);
    assert_eq!(differing, Vec::<String>::new());
}

fn statement(members: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{{{members}}}]}}"#)
}

fn allow(action: &str, resource: &str) -> String {
    statement(&format!(r#""Effect":"Allow","Action":"{action}","Resource":"{resource}""#))
}

#[test]
fn siblings_of_recorded_documents_are_answered_alike() {
    let cases = [
        (allow("*:Decrypt", "*"), "Action vendors (e.g., aws, ec2, etc.) must not contain wildcards"),
        (allow("k_s:Decrypt", "*"), "Vendor k_s is not valid"),
        (
            allow("kms:*", "arn:aws:k*:us-east-1:111122223333:key/a"),
            "Resource vendor must be fully qualified and cannot contain regexes.",
        ),
        (
            allow("kms:*", "arn:aws-kr:kms:us-east-1:111122223333:key/a:b"),
            "Partition \"aws-kr\" is not valid for resource \"arn:aws-kr:kms:us-east-1:111122223333:key/a:b\".",
        ),
        (
            allow("iam:*", "arn:aws-cn:iam:cn-north-1:111122223333:role/r"),
            "IAM resource arn:aws-cn:iam:cn-north-1:111122223333:role/r cannot contain region information.",
        ),
        (
            statement(r#""Effect":"Allow","NotAction":"kms:*","NotResource":"arn:aws:s3:eu-west-1::b/*""#),
            "Resource arn:aws:s3:eu-west-1::b/* can not contain region information.",
        ),
        (statement(r#""Effect":"Allow","NotAction":[],"Resource":"*""#), "Policy statement must contain actions."),
        (
            statement(r#""Effect":"Allow","Action":"kms:*","NotResource":[]"#),
            "Policy statement must contain resources.",
        ),
        (
            statement(
                r#""Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateLessThanIfExists":{"aws:CurrentTime":["2024-01-01","soon"]}}"#,
            ),
            "The policy failed legacy parsing",
        ),
        (allow("kms:*", "arn:aws:kms::key"), "The policy failed legacy parsing"),
    ];
    for (text, wanted) in &cases {
        assert_eq!(answer(DocumentKind::Managed, text).as_deref(), Some(*wanted), "{text}");
        assert_eq!(answer(DocumentKind::Identity, text).as_deref(), Some(*wanted), "{text}");
    }
}

#[test]
fn what_is_told_of_several_faults_does_not_hang_on_where_they_stand() {
    let faults = [
        (r#""Effect":"Allow","Action":"kms:*","Resource":"*","Surprise":1"#, "Syntax errors in policy."),
        (r#""Effect":"allow","Action":"kms:*","Resource":"*""#, "The policy failed legacy parsing"),
        (
            r#""Sid":"a b","Effect":"Allow","Action":"kms:*","Resource":"*""#,
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression \
             [0-9A-Za-z]*",
        ),
        (r#""Effect":"Allow","Resource":"*""#, "Policy statement must contain actions."),
        (r#""Effect":"Allow","Action":"kms:*""#, "Policy statement must contain resources."),
        (r#""Effect":"Allow","Action":"kms:*","Resource":"x""#, "Resource x must be in ARN format or \"*\"."),
        (r#""Effect":"Allow","Action":"a:b:c","Resource":"*""#, "Actions/Condition can contain only one colon."),
    ];
    for (at, (earlier, wanted)) in faults.iter().enumerate() {
        for (later, _) in faults.iter().skip(at) {
            for pair in [[earlier, later], [later, earlier]] {
                let [first, second] = pair;
                let text = format!(r#"{{"Version":"2012-10-17","Statement":[{{{first}}},{{{second}}}]}}"#);
                let told = answer(DocumentKind::Managed, &text);
                // Two statements with the same identifier are a fault of the same stage.
                assert!(told.as_deref() == Some(*wanted) || first == second, "{text}: {told:?}");
            }
        }
    }
}

#[test]
fn only_managed_policies_have_to_be_of_the_newest_version() {
    let old = allow("kms:*", "*").replace("2012", "2008");
    let none = old.replace(r#""Version":"2008-10-17","#, "");
    for text in [&old, &none] {
        let told = answer(DocumentKind::Managed, text);
        assert_eq!(told.as_deref(), Some("Policy document must be version 2012-10-17 or greater."), "{text}");
        for kind in [DocumentKind::Identity, DocumentKind::Session, DocumentKind::Boundary, DocumentKind::Control] {
            assert_eq!(answer(kind, text), None, "{kind:?}: {text}");
        }
    }
}

#[test]
fn principals_that_cannot_be_are_told_by_their_text() {
    let trust = |principal: &str| {
        let text = statement(&format!(r#""Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole""#));
        answer(DocumentKind::Trust, &text)
    };
    for (element, text) in [
        ("AWS", "11112222333"),
        ("AWS", "1111222233334"),
        ("AWS", "arn:aws:iam::11112222333:root"),
        ("AWS", "arn:aws:iam::1111222233334:user/a"),
        ("AWS", "arn:aws:sts::1111:assumed-role/r/s"),
        ("AWS", "arn:aws:iam::111122223333:group/g"),
        ("Service", "*.amazonaws.com"),
    ] {
        let wanted = format!("Invalid principal in policy: \"{}\":\"{text}\"", element.to_ascii_uppercase());
        assert_eq!(trust(&format!(r#"{{"{element}":"{text}"}}"#)), Some(wanted));
    }
    assert_eq!(trust(r#"{"AWS":["111122223333","arn:aws:iam::111122223333:role/a/b"]}"#), None);
}

#[test]
fn keys_that_a_key_policy_bars_are_taken_everywhere_else() {
    let of = |key: &str, rest: &str| {
        statement(&format!(
            r#""Effect":"Deny",{rest}"Action":"kms:*","Resource":"*","Condition":{{"ForAnyValue:StringLike":{{"{key}":"x"}}}}"#
        ))
    };
    for key in [
        "aws:ResourceTag/team",
        "AWS:resourcetag/a/b",
        "kms:ResourceTag/team",
        "kms:ResourceTag",
        "kms:ResourceAliases",
    ] {
        let text = of(key, r#""Principal":"*","#);
        let error = Kind::MalformedPolicy.refused(SPEC.compile(DocumentKind::Key, &text).unwrap_err());
        assert_eq!(
            super::of_key(&error),
            "These condition keys are not permitted in a key policy: aws:ResourceTag, kms:ResourceTag, \
             kms:ResourceAliases",
            "{key}"
        );
        assert!(SPEC.read(DocumentKind::Key, &text).is_ok(), "{key}");
        assert!(SPEC.compile(DocumentKind::Resource, &text).is_ok(), "{key}");
        assert_eq!(answer(DocumentKind::Managed, &of(key, "")), None, "{key}");
    }
    for key in ["aws:RequestTag/team", "kms:RequestAlias", "aws:ResourceAccount", "kms:ResourceTags"] {
        assert!(SPEC.compile(DocumentKind::Key, &of(key, r#""Principal":"*","#)).is_ok(), "{key}");
    }
}
