//! Every kind of error in the words of every service, against a table that was written down.
//!
//! A line is a case, the services that answer it so, and status, code and message.

use std::fmt::Write as _;

use polykms_core::error::Flaw;
use polykms_core::policy::{DocumentKind, Refusal};

use super::*;
use crate::policy::SPEC;

const SERVICES: [&str; 5] = ["kms", "acm", "iam", "sts", "tagging"];
const RESOURCE: &str = "arn:aws:iam::111122223333:policy/x/p";
const USER: &str = "arn:aws:iam::111122223333:user/u";
const GROUP: &str = "arn:aws:iam::111122223333:group/g";
const ROLE: &str = "arn:aws:iam::111122223333:role/r";

/// A case with its name.
type Case = (String, Error);

fn of_kind(kind: Kind) -> [Case; 2] {
    let whole = kind.because("a reason").naming("thing").on(Some(RESOURCE.to_owned()));
    [(format!("{kind:?}"), whole), (format!("{kind:?}, no more"), kind.into())]
}

/// What is told apart beside the kind.
fn special() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut case = |name: String, error: Error, on: &str| cases.push((name, error.on(Some(on.to_owned()))));
    let missing = |noun| Kind::NotFound(noun).about("p");
    case("policy to attach".to_owned(), missing(Noun::Policy).with_cause(Cause::NotAttachable), RESOURCE);
    case("policy to detach".to_owned(), missing(Noun::Policy), RESOURCE);
    case("policy of another".to_owned(), missing(Noun::Policy), ROLE);
    for (holder, noun, arn) in [("user", Noun::User, USER), ("group", Noun::Group, GROUP), ("role", Noun::Role, ROLE)] {
        case(format!("inline policy of a {holder}"), missing(Noun::InlinePolicy).of(noun), arn);
        let full = |what| Kind::LimitExceeded(what).because("a reason").naming("n").of(noun);
        case(format!("room for inline policies of a {holder}"), full(Noun::InlinePolicy), arn);
        case(format!("room for policies of a {holder}"), full(Noun::Attachment), RESOURCE);
    }
    for (name, of) in [
        ("user", Noun::User),
        ("group", Noun::Group),
        ("role", Noun::Role),
        ("policy", Noun::Policy),
        ("policy version", Noun::PolicyVersion),
    ] {
        for noun in Noun::all() {
            case(format!("delete a {name} with {noun:?}"), Error::from(Kind::DeleteConflict(noun)).of(of), USER);
        }
    }
    let given = Kind::MalformedTrial.refused(refusal(DocumentKind::Identity, "{"));
    case("document given to a simulation".to_owned(), given, USER);
    let stored = Kind::UnreadablePolicy.because("a stored policy cannot be read").naming("p");
    case("document stored, read by a simulation".to_owned(), stored, USER);
    for (name, kind, document) in DOCUMENTS {
        case(format!("document: {name}"), malformed(*kind, document), USER);
    }
    for (name, kind, reason) in [
        ("assumed by the owner", Kind::AccessDenied, Cause::ByOwner),
        ("session from a session", Kind::AccessDenied, Cause::FromSession),
        ("a change of a policy of the vendor", Kind::AccessDenied, Cause::ChangesVendors),
        ("the removal of a policy of the vendor", Kind::AccessDenied, Cause::RemovesVendors),
        ("the removal of a version of a policy of the vendor", Kind::AccessDenied, Cause::RemovesVendorsVersion),
        ("a change of a role of the vendor", Kind::NotApplicable, Cause::Reserved),
        ("no imported key", Kind::NotApplicable, Cause::Origin),
        ("an imported key", Kind::NotApplicable, Cause::Imported),
        ("wrapped otherwise", Kind::Invalid(Flaw::Value), Cause::Wrapping),
        ("material for too long", Kind::Invalid(Flaw::Value), Cause::Lasting),
        ("material that does not open", Kind::InvalidCiphertext, Cause::OfMaterial),
        ("longer than the role", Kind::Invalid(Flaw::Value), Cause::LongerThanRole),
        ("longer than the chain", Kind::Invalid(Flaw::Value), Cause::LongerThanChain),
        ("no user named", Kind::Invalid(Flaw::Missing), Cause::NoUser),
        ("a list gone on with too late", Kind::InvalidMarker, Cause::Overdue),
        ("named and sought", Kind::Invalid(Flaw::Value), Cause::NamedAndSought),
    ] {
        case(name.to_owned(), kind.because("a reason").with_cause(reason), USER);
    }
    cases
}

fn refusal(kind: DocumentKind, document: &str) -> Refusal {
    SPEC.compile(kind, document).expect_err(document)
}

fn malformed(kind: DocumentKind, document: &str) -> Error {
    Kind::MalformedPolicy.refused(refusal(kind, document))
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
    ("no effect", DocumentKind::Identity, r#"{"Version":"2012-10-17","Statement":[{"Action":"a:b","Resource":"*"}]}"#),
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
        "a date",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"DateEquals":{"a:x":"soon"}}}]}"#,
    ),
    (
        "a barred key",
        DocumentKind::Key,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*","Condition":{"Null":{"aws:ResourceTag/a":"false"}}}]}"#,
    ),
    (
        "an account of too few digits",
        DocumentKind::Trust,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"1111"},"Action":"sts:AssumeRole"}]}"#,
    ),
    (
        "an action of two colons",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b:c","Resource":"*"}]}"#,
    ),
    (
        "an action of every service",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*:b","Resource":"*"}]}"#,
    ),
    (
        "a service that cannot be",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a a:b","Resource":"*"}]}"#,
    ),
    (
        "a partition",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"arn:x"}]}"#,
    ),
    (
        "a resource of every service",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:*:::x"}]}"#,
    ),
    (
        "a region of identities",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:iam:x::role/r"}]}"#,
    ),
    (
        "a region of buckets",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:s3:x::b"}]}"#,
    ),
    (
        "a kind of identities",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:iam:::b"}]}"#,
    ),
    (
        "a gap in a resource",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"arn:aws::b"}]}"#,
    ),
    (
        "a variable that does not end",
        DocumentKind::Identity,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:s3:::${b"}]}"#,
    ),
    ("no JSON in a trust policy", DocumentKind::Trust, "{"),
    ("the version of a managed policy", DocumentKind::Managed, r#"{"Version":"2020-01-01"}"#),
    (
        "an old version of a managed policy",
        DocumentKind::Managed,
        r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*"}]}"#,
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
        cases.push((format!("document: every {key}"), malformed(DocumentKind::Key, &document)));
    }
    let mut table = String::new();
    for (name, error) in &cases {
        let mut told: Vec<(Words<'_>, Vec<&str>)> = Vec::new();
        for service in SERVICES {
            let words = words(error, service);
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
    let (told, written) = (table(), include_str!("golden.txt"));
    for (told, written) in told.lines().zip(written.lines()) {
        assert_eq!(told, written);
    }
    assert_eq!(told.lines().count(), written.lines().count(), "there are more or fewer cases than were written down");
}
