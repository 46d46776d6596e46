//! What documents are refused, where, and how lenient reading closes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use super::super::example_tests::{KEY, SPEC, facts, named, question};
use super::super::{Attached, DocumentKind, Layers, RefusalCode, Verdict};

fn refused(kind: DocumentKind, text: &str) -> (RefusalCode, String) {
    let refusal = SPEC.compile(kind, text).unwrap_err();
    (refusal.code, refusal.pointer)
}

fn identity(statement: &str) -> (RefusalCode, String) {
    refused(DocumentKind::Identity, &format!(r#"{{"Version":"2","Statement":[{{{statement}}}]}}"#))
}

fn key(statement: &str) -> Result<(), RefusalCode> {
    let text = format!(r#"{{"Version":"2","Id":"x","Statement":{{{statement}}}}}"#);
    SPEC.compile(DocumentKind::Key, &text).map(drop).map_err(|refusal| refusal.code)
}

#[test]
fn duplicate_members_are_refused_at_every_level() {
    let duplicate = RefusalCode::DuplicateMember;
    let top = refused(DocumentKind::Identity, r#"{"Version":"2","Version":"1","Statement":[]}"#);
    assert_eq!(top, (duplicate, "/Version".into()));
    let effect = identity(r#""Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*""#);
    assert_eq!(effect, (duplicate, "/Statement/0/Effect".into()));
    let condition = r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a":"true","A":"false"}}"#;
    assert_eq!(identity(condition), (duplicate, "/Statement/0/Condition/Bool/A".into()));
}

#[test]
fn a_refusal_says_line_and_column() {
    let text = "{\"Version\":\"2\",\n \"Statement\":[{\"Effect\":\"allow\"}]}";
    let refusal = SPEC.compile(DocumentKind::Identity, text).unwrap_err();
    assert_eq!((refusal.code, refusal.line, refusal.column), (RefusalCode::Effect, 2, 25));
}

#[test]
fn every_element_is_checked() {
    let allow = r#""Effect":"Allow","Action":"a:b","Resource":"*""#;
    let cases = [
        (r#""Effect":"Allow","Action":"a:b""#.to_owned(), RefusalCode::MissingElement),
        (r#""Action":"a:b","Resource":"*""#.to_owned(), RefusalCode::MissingElement),
        (format!(r#"{allow},"NotAction":"a:c""#), RefusalCode::ConflictingElements),
        (format!(r#"{allow},"Principal":"*""#), RefusalCode::UnknownElement),
        (format!(r#"{allow},"effect":"Allow""#), RefusalCode::UnknownElement),
        (format!(r#"{allow},"Sid":"a b""#), RefusalCode::Identifier),
        (format!(r#"{allow},"Condition":{{"Sounds":{{"a":"b"}}}}"#), RefusalCode::Operator),
        (format!(r#"{allow},"Condition":{{"NullIfExists":{{"a":"true"}}}}"#), RefusalCode::Operator),
        (format!(r#"{allow},"Condition":{{"Bool":{{"a":{{}}}}}}"#), RefusalCode::WrongType),
        (r#""Effect":"Allow","Action":"a:b","Resource":[]"#.to_owned(), RefusalCode::MissingElement),
        (r#""Effect":"Allow","Action":"b","Resource":"*""#.to_owned(), RefusalCode::Action),
        (r#""Effect":"Allow","Action":" a:b","Resource":"*""#.to_owned(), RefusalCode::Action),
        (r#""Effect":"Allow","Action":3,"Resource":"*""#.to_owned(), RefusalCode::WrongType),
        (r#""Effect":"Allow","Action":"a:b","Resource":"key/x""#.to_owned(), RefusalCode::Resource),
    ];
    for (statement, code) in cases {
        assert_eq!(identity(&statement).0, code, "{statement}");
    }
}

#[test]
fn the_document_itself_is_checked() {
    let statement = r#"{"Sid":"a","Effect":"Allow","Action":"a:b","Resource":"*"}"#;
    let cases = [
        ("[]".to_owned(), RefusalCode::WrongType),
        (r#"{"Version":"3","Statement":[]}"#.to_owned(), RefusalCode::Version),
        (r#"{"Version":2,"Statement":[]}"#.to_owned(), RefusalCode::WrongType),
        (r#"{"Version":"2"}"#.to_owned(), RefusalCode::MissingElement),
        (r#"{"Version":"2","Statement":[]}"#.to_owned(), RefusalCode::MissingElement),
        (format!(r#"{{"Id":"x","Statement":[{statement}]}}"#), RefusalCode::UnknownElement),
        (format!(r#"{{"Statement":[{statement},{statement}]}}"#), RefusalCode::DuplicateIdentifier),
        (format!(r#"{{"Statement":[{statement}]}} "€""#), RefusalCode::Syntax),
        (r#"{"Statement":[{"Sid":"€"}]}"#.to_owned(), RefusalCode::Characters),
    ];
    for (text, code) in cases {
        assert_eq!(refused(DocumentKind::Identity, &text).0, code, "{text}");
    }
    assert_eq!(refused(DocumentKind::Endpoint, "{}").0, RefusalCode::Kind);
}

#[test]
fn resource_policies_have_their_own_grammar() {
    assert_eq!(key(r#""Effect":"Allow","Principal":"*","Action":"kms:*""#), Ok(()));
    assert_eq!(key(r#""Effect":"Allow","Action":"kms:*","Resource":"*""#), Err(RefusalCode::MissingElement));
    let principal = |text: &str| key(&format!(r#""Effect":"Allow","Principal":{text},"Action":"*","Resource":"*""#));
    assert_eq!(principal(r#"{"ID":["1","*","arn:p:iam::1:user/a","AIDAEXAMPLEEXAMPLE12"]}"#), Ok(()));
    for text in
        [r#""x""#, "{}", r#"{"ID":[]}"#, r#"{"Nobody":"*"}"#, r#"{"ID":"arn:p:iam::1:user/*"}"#, r#"{"ID":"x"}"#]
    {
        assert_eq!(principal(text), Err(RefusalCode::Principal).or_else(|code| missing(text, code)), "{text}");
    }
    let every = r#""Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"Pair:x":"y"}}"#;
    assert_eq!(key(every), Err(RefusalCode::OverlyPermissiveCondition));
}

fn missing(text: &str, code: RefusalCode) -> Result<(), RefusalCode> {
    Err(if text.contains("[]") { RefusalCode::MissingElement } else { code })
}

#[test]
fn organisation_policies_have_their_own_grammar() {
    let control = |statement: &str| {
        let text = format!(r#"{{"Statement":{{{statement}}}}}"#);
        SPEC.compile(DocumentKind::ResourceControl, &text).map(drop).map_err(|refusal| refusal.code)
    };
    assert_eq!(control(r#""Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*""#), Ok(()));
    let cases = [
        (r#""Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*""#, RefusalCode::Effect),
        (r#""Effect":"Deny","Principal":{"ID":"1"},"Action":"kms:*","Resource":"*""#, RefusalCode::Principal),
        (r#""Effect":"Deny","Principal":"*","Action":"ec2:*","Resource":"*""#, RefusalCode::Action),
        (r#""Effect":"Deny","Principal":"*","NotAction":"kms:x","Resource":"*""#, RefusalCode::UnknownElement),
        (r#""Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"arn:p:kms:r:1:key/k""#, RefusalCode::Resource),
    ];
    for (statement, code) in cases {
        assert_eq!(control(statement), Err(code), "{statement}");
    }
}

/// The verdict under a key policy of one statement that is read leniently.
fn read(statement: &str) -> Verdict {
    let allow = r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#;
    let text = format!(r#"{{"Version":"2","Statement":[{statement},{allow}]}}"#);
    let named = named("key", SPEC.read(DocumentKind::Key, &text).unwrap());
    let facts = facts(r#"{"a":"1"}"#);
    let layers = Layers { resource: Some(Attached { attached_to: KEY, named: &named }), ..Layers::default() };
    SPEC.decide(&question(&facts), &layers)
}

#[test]
fn lenient_reading_makes_an_unreadable_deny_deny() {
    let deny =
        |rest: &str| format!(r#"{{"Effect":"Deny","Principal":"*","Action":"kms:Decrypt","Resource":"*"{rest}}}"#);
    assert_eq!(read(&deny(r#","Condition":{"Sounds":{"a":"1"}}"#)), Verdict::ExplicitDeny);
    assert_eq!(read(&deny(r#","Condition":{"Sounds":{"a":"1"},"StringEquals":{"a":"2"}}"#)), Verdict::Allow);
    assert_eq!(read(&deny(r#","Surprise":1"#)), Verdict::ExplicitDeny);
    assert_eq!(read(r#"{"Effect":"Deny","Principal":"*","Action":"kms:Decrypt"}"#), Verdict::Allow);
    assert_eq!(read(r#"{"Effect":"deny","Principal":"*","Action":"*","Resource":"*"}"#), Verdict::Allow);
}
