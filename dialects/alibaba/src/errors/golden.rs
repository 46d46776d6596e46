//! Every kind of error in the words of every service, against a table that was written down.
//!
//! A line is a case, the services that answer it so, and status, code, message and advice.

use std::fmt::Write as _;

use super::*;

const SERVICES: [&str; 3] = ["kms", "ram", "sts"];

/// A case with its name.
type Case = (String, Error);

fn of_kind(kind: Kind) -> [Case; 2] {
    let whole = kind.because("a reason").naming("Thing").on(Some("acs:kms:r:1:key/k".to_owned()));
    [(format!("{kind:?}"), whole), (format!("{kind:?}, no more"), kind.into())]
}

/// What is told apart beside the kind.
fn special() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut case = |name: String, error: Error| cases.push((name, error));
    for (holder, of) in [("user", Noun::User), ("group", Noun::Group), ("role", Noun::Role)] {
        for noun in [Noun::Attachment, Noun::InlinePolicy] {
            let of_holder = |kind: Kind| kind.about("p").of(of);
            case(format!("no {noun:?} of a {holder}"), of_holder(Kind::NotFound(noun)));
            case(format!("one {noun:?} of a {holder}"), of_holder(Kind::AlreadyExists(noun)));
            case(format!("no room for one more {noun:?} of a {holder}"), of_holder(Kind::LimitExceeded(noun)));
        }
    }
    for (name, of) in [
        ("user", Noun::User),
        ("group", Noun::Group),
        ("role", Noun::Role),
        ("policy", Noun::Policy),
        ("policy version", Noun::PolicyVersion),
    ] {
        for noun in Noun::all() {
            case(format!("delete a {name} with {noun:?}"), Error::from(Kind::DeleteConflict(noun)).of(of));
        }
    }
    let because = |kind: Kind, reason| Error::from(kind).with_cause(reason);
    for (name, error) in [
        ("open twice", Kind::AlreadyExists(Noun::Service).because("the service is open already")),
        ("no instance to make a key in", Kind::NotFound(Noun::Instance).about("DKMSInstanceId")),
        ("no instance", Kind::NotFound(Noun::Instance).about("KmsInstanceId")),
        ("another version", because(Kind::UnknownOperation, Cause::Version)),
        ("another method", because(Kind::UnknownOperation, Cause::Method)),
        ("another action", Kind::UnknownOperation.about("Action")),
        ("origin", because(Kind::NotApplicable, Cause::Origin)),
        ("an imported key", because(Kind::NotApplicable, Cause::Imported)),
        ("wrapped otherwise", because(Kind::Invalid(Flaw::Value), Cause::Wrapping)),
        ("material for too long", because(Kind::Invalid(Flaw::Value), Cause::Lasting)),
        ("material that does not open", because(Kind::InvalidCiphertext, Cause::OfMaterial)),
        ("protection level", because(Kind::NotApplicable, Cause::Protection)),
        ("absent", Kind::Absent.because("secrets are not built yet").naming("CreateSecret")),
        ("absent in part", Kind::Unsupported.because("not built yet").naming("KeySpec")),
        ("assumed by the owner", because(Kind::AccessDenied, Cause::ByOwner)),
        ("session from a session", because(Kind::AccessDenied, Cause::FromSession)),
        ("longer than the role", because(Kind::Invalid(Flaw::Value), Cause::LongerThanRole)),
        ("longer than the chain", because(Kind::Invalid(Flaw::Value), Cause::LongerThanChain)),
        ("no user named", because(Kind::Invalid(Flaw::Missing), Cause::NoUser)),
    ] {
        case(name.to_owned(), error);
    }
    for name in ["Policy", "DurationSeconds"] {
        for flaw in Flaw::all() {
            case(format!("{name} with {flaw:?}"), Kind::Invalid(flaw).about(name));
        }
    }
    cases
}

fn table() -> String {
    let cases: Vec<Case> = Kind::all().into_iter().flat_map(of_kind).chain(special()).collect();
    let mut table = String::new();
    for (name, error) in &cases {
        let mut told: Vec<(String, Vec<String>)> = Vec::new();
        let mut tell = |service: String, Fault { status, code, message }: Fault| {
            let advice = advice(&code);
            let line = format!("{status} {code} | {message} | {advice}");
            match told.iter_mut().find(|(known, _)| *known == line) {
                Some((_, services)) => services.push(service),
                None => told.push((line, vec![service])),
            }
        };
        for service in SERVICES {
            tell(service.to_owned(), fault(Family::of(service), error));
        }
        tell("dry".to_owned(), dry_run(Family::Kms, error));
        for (line, services) in told {
            writeln!(table, "{name} | {} | {line}", services.join(" ")).unwrap();
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
