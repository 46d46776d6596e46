//! Every kind of error in the words of every service, against a table that was written down.
//!
//! A line is a case, the services that answer it so, and status, code and message. `UPDATE_GOLDEN=1` writes the table
//! anew; whoever does so reads the difference.

use std::fmt::Write as _;
use std::path::Path;

use polykms_core::policy::DocumentKind;

use super::*;
use crate::policy::SPEC;

const SERVICES: [(&str, Format); 4] =
    [("kms", Format::Json), ("acm", Format::Json), ("iam", Format::Xml), ("sts", Format::Xml)];
const RESOURCE: &str = "arn:aws:iam::111122223333:policy/x/p";
const USER: &str = "arn:aws:iam::111122223333:user/u";
const GROUP: &str = "arn:aws:iam::111122223333:group/g";
const ROLE: &str = "arn:aws:iam::111122223333:role/r";

/// A case with its name.
type Case = (String, Error, &'static str);

fn of_kind(kind: Kind) -> [Case; 2] {
    let whole = kind.because("a reason").naming("thing").on(Some(RESOURCE.to_owned()));
    [(format!("{kind:?}"), whole, ""), (format!("{kind:?}, no more"), kind.into(), "")]
}

/// What is told apart beside the kind.
fn special() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut case = |name: String, error: Error, on: &str, operation| {
        cases.push((name, error.on(Some(on.to_owned())), operation));
    };
    let missing = |noun| Kind::NotFound(noun).about("p");
    case("policy to attach".to_owned(), missing(Noun::Policy), RESOURCE, "AttachUserPolicy");
    case("policy to detach".to_owned(), missing(Noun::Policy), RESOURCE, "DetachUserPolicy");
    case("policy of another".to_owned(), missing(Noun::Policy), ROLE, "AssumeRole");
    for (holder, arn, attach) in
        [("user", USER, "AttachUserPolicy"), ("group", GROUP, "AttachGroupPolicy"), ("role", ROLE, "AttachRolePolicy")]
    {
        case(format!("inline policy of a {holder}"), missing(Noun::InlinePolicy), arn, "");
        let full = |noun| Kind::LimitExceeded(noun).because("a reason").naming("n");
        case(format!("room for inline policies of a {holder}"), full(Noun::InlinePolicy), arn, "");
        case(format!("room for policies of a {holder}"), full(Noun::Attachment), RESOURCE, attach);
    }
    for of in ["user", "group", "role", "policy", "policy version"] {
        for noun in Noun::all() {
            case(format!("delete a {of} with {noun:?}"), Kind::DeleteConflict(noun).because("").naming(of), USER, "");
        }
    }
    for operation in ["SimulateCustomPolicy", "GetContextKeysForPrincipalPolicy"] {
        let given = refused(DocumentKind::Identity, "{");
        case(format!("document given to {operation}"), given, USER, operation);
        let stored = Kind::MalformedPolicy.because("a stored policy cannot be read").naming("p");
        case(format!("document stored, read by {operation}"), stored, USER, operation);
    }
    for (name, kind, document) in DOCUMENTS {
        case(format!("document: {name}"), refused(*kind, document), USER, "");
    }
    for (name, error) in [
        ("assumed by the owner", Kind::AccessDenied.because(assume::NOT_BY_OWNER)),
        ("session from a session", Kind::AccessDenied.because(assume::NOT_FROM_SESSION)),
        ("longer than the role", Kind::Invalid(Flaw::Value).because(assume::TOO_LONG_FOR_ROLE).naming("S")),
        ("longer than the chain", Kind::Invalid(Flaw::Value).because(assume::TOO_LONG_FOR_CHAIN).naming("S")),
        ("no user named", Kind::Invalid(Flaw::Missing).because("must specify a user name").naming("UserName")),
    ] {
        case(name.to_owned(), error, USER, "");
    }
    cases
}

fn refused(kind: DocumentKind, document: &str) -> Error {
    let refusal = SPEC.compile(kind, document).expect_err(document);
    Kind::MalformedPolicy.because(refusal.to_string()).with_refusal(refusal.code)
}

const OVERLY_PERMISSIVE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
    "Action":"kms:*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"KEY":"x"}}}]}"#;

/// Documents that are refused for a reason of their own each.
const DOCUMENTS: &[(&str, DocumentKind, &str)] = &[
    ("no JSON", DocumentKind::Identity, "{"),
    ("a member twice", DocumentKind::Identity, r#"{"Version":"2012-10-17","Version":"2012-10-17"}"#),
    ("characters", DocumentKind::Identity, "{\"Version\":\"2012-10-17\",\"Id\":\"\u{20ac}\"}"),
    ("version", DocumentKind::Identity, r#"{"Version":"2020-01-01"}"#),
    ("no statement", DocumentKind::Identity, r#"{"Version":"2012-10-17"}"#),
    ("an unknown element", DocumentKind::Identity, r#"{"Version":"2012-10-17","Statement":[{"Effects":"Allow"}]}"#),
    ("a foreign root", DocumentKind::Identity, r#"{"Version":"2012-10-17","Principal":"*"}"#),
    (
        "a principal",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"a:b","Resource":"*"}]}"#,
    ),
    (
        "no principal of some",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotPrincipal":"*","Action":"a:b","Resource":"*"}]}"#,
    ),
    (
        "a resource in a trust policy",
        DocumentKind::Trust,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}]}"#,
    ),
    (
        "all but a resource in a trust policy",
        DocumentKind::Trust,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","NotResource":"*"}]}"#,
    ),
    (
        "no resource",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b"}]}"#,
    ),
    (
        "an empty resource",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":[]}]}"#,
    ),
    (
        "no action",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*"}]}"#,
    ),
    (
        "no effect",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Action":"a:b","Resource":"*"}]}"#,
    ),
    (
        "no principal",
        DocumentKind::Trust,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}"#,
    ),
    (
        "an action of another service",
        DocumentKind::Trust,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject"}]}"#,
    ),
    (
        "an action without service",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"b","Resource":"*"}]}"#,
    ),
    (
        "a resource that is no name",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"x"}]}"#,
    ),
    (
        "an identifier",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"a b","Effect":"Allow","Action":"a:b","Resource":"*"}]}"#,
    ),
    (
        "a condition key without service",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"Bool":{"x":"true"}}}]}"#,
    ),
    (
        "an operator",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"X":{"a:x":"true"}}}]}"#,
    ),
    (
        "an effect",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"allow","Action":"a:b","Resource":"*"}]}"#,
    ),
];

fn table() -> String {
    let mut cases: Vec<Case> = Kind::all().into_iter().flat_map(of_kind).chain(special()).collect();
    for key in ["aws:RequestTag/team", "kms:EncryptionContext:team"] {
        let document = OVERLY_PERMISSIVE.replace("KEY", key);
        cases.push((format!("document: every {key}"), refused(DocumentKind::Key, &document), ""));
    }
    let mut table = String::new();
    for (name, error, operation) in &cases {
        let mut told: Vec<(Words<'_>, Vec<&str>)> = Vec::new();
        for (service, format) in SERVICES {
            let words = words(error, &Voice { service, format, dry_run: false }, operation);
            match told.iter_mut().find(|(known, _)| *known == words) {
                Some((_, services)) => services.push(service),
                None => told.push((words, vec![service])),
            }
        }
        for (Words { status, code, message }, services) in told {
            writeln!(table, "{name} | {} | {status} {code} | {message}", services.join(" ")).unwrap();
        }
    }
    table
}

#[test]
fn every_error_is_told_as_it_was_written_down() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/errors/golden.txt");
    let table = table();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    for (told, line) in table.lines().zip(written.lines()) {
        assert_eq!(told, line);
    }
    assert_eq!(table.len(), written.len(), "there are more or fewer cases than were written down");
}
