//! Every kind of error in the words of every service, against a table that was written down.
//!
//! A line is a case, the services that answer it so, and status, code, message and advice. `UPDATE_GOLDEN=1` writes the
//! table anew; whoever does so reads the difference.

use std::fmt::Write as _;
use std::path::Path;

use super::*;

const SERVICES: [&str; 3] = ["kms", "ram", "sts"];

/// A case with its name.
type Case = (String, Error, &'static str);

fn of_kind(kind: Kind) -> [Case; 2] {
    let whole = kind.because("a reason").naming("Thing").on(Some("acs:kms:r:1:key/k".to_owned()));
    [(format!("{kind:?}"), whole, ""), (format!("{kind:?}, no more"), kind.into(), "")]
}

/// What is told apart beside the kind.
fn special() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut case = |name: String, error: Error, operation| cases.push((name, error, operation));
    for (holder, attach, detach) in [
        ("user", "AttachPolicyToUser", "DetachPolicyFromUser"),
        ("group", "AttachPolicyToGroup", "DetachPolicyFromGroup"),
        ("role", "AttachPolicyToRole", "DetachPolicyFromRole"),
    ] {
        for noun in [Noun::Attachment, Noun::InlinePolicy] {
            case(format!("no {noun:?} of a {holder}"), Kind::NotFound(noun).about("p"), detach);
            case(format!("one {noun:?} of a {holder}"), Kind::AlreadyExists(noun).about("p"), attach);
            case(format!("no room for one more {noun:?} of a {holder}"), Kind::LimitExceeded(noun).about("p"), attach);
        }
    }
    for (of, operation) in [
        ("user", "DeleteUser"),
        ("group", "DeleteGroup"),
        ("role", "DeleteRole"),
        ("policy", "DeletePolicy"),
        ("policy version", "DeletePolicyVersion"),
    ] {
        for noun in Noun::all() {
            case(format!("delete a {of} with {noun:?}"), Kind::DeleteConflict(noun).because("").naming(of), operation);
        }
    }
    for (name, error, operation) in [
        ("open twice", Kind::AlreadyExists(Noun::Resource).because("the service is open already"), "OpenKmsService"),
        ("no instance to make a key in", Kind::NotFound(Noun::Resource).about("DKMSInstanceId"), ""),
        ("no instance", Kind::NotFound(Noun::Resource).about("KmsInstanceId"), ""),
        ("another version", Kind::UnknownOperation.about("Version"), ""),
        ("another method", Kind::UnknownOperation.about("Method"), ""),
        ("another action", Kind::UnknownOperation.about("Action"), ""),
        ("origin", Kind::NotApplicable.because("material cannot be imported yet").naming("Origin"), ""),
        ("protection level", Kind::NotApplicable.about("ProtectionLevel"), ""),
        ("absent", Kind::Unsupported.because("secrets are not built yet").naming("CreateSecret"), "CreateSecret"),
        ("absent in part", Kind::Unsupported.because("not built yet").naming("KeySpec"), "CreateKey"),
        ("assumed by the owner", Kind::AccessDenied.because(NOT_BY_OWNER), ""),
        ("session from a session", Kind::AccessDenied.because(assume::NOT_FROM_SESSION), ""),
        (
            "longer than the role",
            Kind::Invalid(Flaw::Value).because(assume::TOO_LONG_FOR_ROLE).naming("DurationSeconds"),
            "",
        ),
        (
            "longer than the chain",
            Kind::Invalid(Flaw::Value).because(assume::TOO_LONG_FOR_CHAIN).naming("DurationSeconds"),
            "",
        ),
        ("no user named", Kind::Invalid(Flaw::Missing).because("must specify a user name").naming("UserName"), ""),
    ] {
        case(name.to_owned(), error, operation);
    }
    for name in ["Policy", "DurationSeconds"] {
        for flaw in Flaw::all() {
            case(format!("{name} with {flaw:?}"), Kind::Invalid(flaw).about(name), "");
        }
    }
    cases
}

fn table() -> String {
    let cases: Vec<Case> = Kind::all().into_iter().flat_map(of_kind).chain(special()).collect();
    let mut table = String::new();
    for (name, error, operation) in &cases {
        let mut told: Vec<(String, Vec<String>)> = Vec::new();
        let mut tell = |service: String, Fault { status, code, message }: Fault| {
            let advice = advice(operation, error, &code);
            let line = format!("{status} {code} | {message} | {advice}");
            match told.iter_mut().find(|(known, _)| *known == line) {
                Some((_, services)) => services.push(service),
                None => told.push((line, vec![service])),
            }
        };
        for service in SERVICES {
            tell(service.to_owned(), fault(Family::of(service), operation, error));
        }
        tell("dry".to_owned(), dry_run(Family::Kms, operation, error));
        for (line, services) in told {
            writeln!(table, "{name} | {} | {line}", services.join(" ")).unwrap();
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
