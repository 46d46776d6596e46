//! Every row of both dialects says in both directions the same: requests become operations and requests again, answers
//! outputs and answers again, also through the bytes of their protocols. So do requests captured from the official SDKs, and
//! the answers of an engine.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod cloud;

use std::borrow::Cow;
use std::collections::BTreeSet;

use polykms::core::dialect::message::{ANY, Member, Nothing, Shape};
use polykms::core::dialect::row::Status;
use polykms::core::dialect::{Demand, Dialect, Guarded, Request, Row, Voice, Wire};
use polykms::core::error::{Kind, Result};
use polykms::core::key::{self, Reference};
use polykms::core::message;
use polykms::core::operation::Role;
use polykms_conformance::messages::Hints;
use polykms_conformance::mirror::{Place, faults, faults_of_answer, faults_of_request, format};
use serde_json::{Value, json};

use cloud::clouds;

/// Every row that is built, with its service and dialect.
fn places() -> Vec<Place> {
    let mut places = Vec::new();
    for dialect in polykms::registry().expect("dialects").dialects() {
        for service in dialect.services {
            let built = service.rows.iter().filter(|row| row.status() != Status::Absent);
            places.extend(built.map(|row| Place { dialect, service, row }));
        }
    }
    places
}

fn name(place: Place) -> String {
    format!("{} {} {}", place.dialect.name, place.service.name, place.row.wire())
}

#[test]
fn every_row_says_in_both_directions_the_same() {
    let hints = Hints::load().expect("hints");
    let places = places();
    let found: Vec<_> = places
        .iter()
        .flat_map(|place| faults(*place, &hints).into_iter().map(|why| format!("{}: {why}", name(*place))))
        .collect();
    assert!(found.is_empty(), "{} faults in {} rows:\n{}", found.len(), places.len(), found.join("\n"));
    assert!(places.len() > 150, "{}", places.len());
}

message! {
    /// A request of the control.
    struct Given = GIVEN;
    0 kept: Cow<'a, str>;
    1 lost: Cow<'a, str>;
    2 never: bool;
    3 harmless: bool;
}

const GIVEN: &[Member] = &[
    Member::new("Kept", Shape::text(1, ANY)).required(),
    Member::new("Lost", Shape::text(1, ANY)),
    Member::new("Never", Shape::Flag),
    Member::new("Harmless", Shape::Flag).refused("it is not"),
];

/// A row that loses one member of its requests, refuses another, does not refuse a third, and makes its answers up.
struct Forgetful;

impl Wire for Forgetful {
    type Op = key::UpdateDescription;
    type Ask<'a> = Given<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: Given<'_>) -> Result<key::UpdateDescription> {
        let Given { kept, lost, never, harmless: _ } = ask;
        match never {
            Some(_) => Err(Kind::Unsupported.because("never")),
            None => Ok(key::UpdateDescription {
                key: Reference::id(kept.unwrap_or_default()),
                description: lost.unwrap_or_default().into_owned(),
            }),
        }
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Err(Kind::Internal.because("nothing is told"))
    }

    fn ask(op: &key::UpdateDescription) -> Result<Given<'_>> {
        let kept = match &op.key.by {
            key::By::Id(id) => Some(id.into()),
            _ => None,
        };
        Ok(Given { kept, ..Given::default() })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

#[test]
fn a_row_that_forgets_is_found_out() {
    static ROW: Row = Row::of(&Guarded::<Forgetful>("Forget", &[Demand::of(Role::Subject, "kms:Forget")], &[]));
    let dialect = clouds()[0].dialect;
    let service = &dialect.services[0];
    let found = faults(Place { dialect, service, row: &ROW }, &Hints::load().expect("hints"));
    let has = |start: &str| found.iter().any(|fault| fault.starts_with(start));
    assert!(has("request: Lost: ") && has("request: Never is in none") && has("request: what is written"), "{found:?}");
    assert!(has("request: Harmless is never refused") && has("answer: it cannot be said"), "{found:?}");
    assert!(!has("request: Kept"), "{found:?}");
}

/// Requests captured from official SDKs, by dialect and case.
fn captured() -> Vec<(&'static Dialect, String, Request)> {
    let registry = polykms::registry().expect("dialects");
    let files = [
        ("alibaba", "requests", include_str!("../dialects/alibaba/tests/vectors/wire.json")),
        ("aws", "vectors", include_str!("../dialects/aws/tests/vectors/botocore_sigv4.json")),
        ("aws", "vectors", include_str!("../dialects/aws/tests/vectors/smithy_sigv4.json")),
    ];
    let mut all = Vec::new();
    for (dialect, list, text) in files {
        let dialect = registry.named(dialect).expect("linked");
        let file: Value = serde_json::from_str(text).expect("JSON");
        for vector in file[list].as_array().expect("vectors") {
            let case = vector["case"].as_str().or(vector["name"].as_str()).expect("a name");
            all.push((dialect, case.to_owned(), request(vector)));
        }
    }
    all
}

fn request(vector: &Value) -> Request {
    let text = |name: &str| vector[name].as_str().expect("text");
    let mut head = http::Request::builder().method(text("method")).uri(text("target"));
    let headers: Vec<(&str, &str)> = match &vector["headers"] {
        Value::Object(headers) => headers.iter().map(|(name, value)| (&**name, value.as_str().unwrap())).collect(),
        headers => headers.as_array().unwrap().iter().map(|pair| (text_of(pair, 0), text_of(pair, 1))).collect(),
    };
    for (name, value) in headers {
        head = head.header(name, value);
    }
    let (head, ()) = head.body(()).expect("a request").into_parts();
    let body = text("body").to_owned().into();
    Request { head, body, peer: std::net::IpAddr::from([127, 0, 0, 1]).into(), tls: false }
}

fn text_of(pair: &Value, at: usize) -> &str {
    pair[at].as_str().expect("text")
}

/// Captured requests that are refused, and rightly so.
const REFUSED: [&str; 6] = [
    "AssumeRole: Error(Invalid(Format) `RoleArn`)",
    "Decrypt with Recipient body: Error(Unsupported `Recipient`: answers for confidential computing are not built)",
    "iam list users: Error(Invalid(Value): 1 validation error detected: Value at 'pathPrefix' failed to satisfy constraint: \
     Member must satisfy regular expression pattern: \\u002F[\\u0021-\\u007F]*)",
    "kms custom port and token: Error(NotFound(Key): Invalid keyId '1234')",
    "kms encrypt: Error(Invalid(Value): 1 validation error detected: Value at 'plaintext' failed to satisfy constraint: \
     Member must not be null)",
    "pop-post: Error(Invalid(Format) `RoleSessionName`)",
];

/// The one value that may be spelled in several ways, and is said again in one.
const SPELLED: &str = r#"RotationInterval: "30d" became "2592000s""#;

#[test]
fn captured_requests_are_asked_for_anew() {
    let (mut refused, mut count) = (BTreeSet::new(), 0);
    for (dialect, case, request) in captured() {
        let opened = (dialect.open)(&request).expect("a request of the dialect");
        let Ok(envelope) = opened.envelope else { continue };
        if envelope.row.status() == Status::Absent {
            continue;
        }
        match faults_of_request(dialect, &request) {
            Ok(mut faults) => {
                faults.retain(|fault| fault != SPELLED);
                assert!(faults.is_empty(), "{case}: {faults:?}");
            }
            Err(error) => drop(refused.insert(format!("{case}: {error:?}"))),
        }
        count += 1;
    }
    assert_eq!(refused, REFUSED.into_iter().map(str::to_owned).collect(), "of {count}");
    assert!(count > 40, "{count}");
}

#[tokio::test]
async fn answers_of_an_engine_are_told_anew() {
    let mut count = 0;
    for cloud in clouds() {
        let everything = cloud.policy(&[("Allow", vec!["*"])]);
        for place in places().into_iter().filter(|place| place.dialect.name == cloud.dialect.name) {
            let Place { dialect, service, row } = place;
            let engine = cloud.engine(Some(everything.clone())).await;
            let arguments = cloud.arguments(&engine, service, row.wire()).await.unwrap_or_else(|| json!({}));
            let request = cloud.request(service, row.wire(), &arguments, Some("asker"));
            let response = engine.answer(&request).await;
            if response.status() != 200 {
                continue;
            }
            let id = response.headers()[dialect.front.request_id].to_str().expect("text").to_owned();
            let voice = Voice { service: service.name, format: format(place), dry_run: false };
            let faults = faults_of_answer(place, voice, &id, &response);
            assert_eq!(faults.map_err(|error| format!("{error:?}")), Ok(Vec::new()), "{}", name(place));
            count += 1;
        }
    }
    println!("{count}");
    assert!(count > 140, "{count}");
}
