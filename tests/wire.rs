//! What is sent for an operation is what the vendors' own SDKs send for it: for every row that is built, with the least members
//! and with all of them.
//!
//! The inputs are drawn from the declarations (`inputs.json`), what botocore and Alibaba Cloud's SDK for Python send for them is
//! captured by `tests/sdk/python/capture_requests.py` (`captured.json`), and where theirs and ours differ, `differences.json`
//! says why. To make both anew: `just wire`.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use http::HeaderValue;
use http::header::{HOST, USER_AGENT};
use polykms::core::dialect::client::{Attempt, Choice, Sealing, Target};
use polykms::core::dialect::message::Use;
use polykms::core::dialect::row::Status;
use polykms::core::dialect::{Credential, Request};
use polykms::core::port::Time;
use polykms::core::secret::AccessSecret;
use polykms_conformance::messages::Hints;
use polykms_conformance::mirror::Place;
use polykms_conformance::wire::{inputs, request};
use serde::Deserialize;
use serde_json::{Value, json};

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

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/wire").join(name)
}

fn read<T: for<'a> Deserialize<'a>>(name: &str) -> T {
    let text = std::fs::read_to_string(file(name)).expect("the file");
    serde_json::from_str(&text).expect("JSON")
}

/// The inputs of all rows, a row a line.
fn drawn() -> String {
    let hints = Hints::load().expect("hints");
    let line = |place: &Place| {
        let inputs = inputs(*place, &hints).expect("JSON");
        assert!(!inputs.is_empty(), "{} takes nothing", place.row.wire());
        let (dialect, service, operation) = (place.dialect.name, place.service.name, place.row.wire());
        json!({ "dialect": dialect, "service": service, "operation": operation, "inputs": inputs }).to_string()
    };
    let lines: Vec<_> = places().iter().map(line).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

#[test]
#[ignore = "writes the inputs anew"]
fn write_inputs() {
    std::fs::write(file("inputs.json"), drawn()).expect("the inputs are written");
}

#[test]
fn the_inputs_are_those_of_the_declarations() {
    let kept = std::fs::read_to_string(file("inputs.json")).expect("the inputs");
    assert!(kept == drawn(), "the declarations have changed: capture the requests anew with `just wire`");
}

/// What was captured.
#[derive(Deserialize)]
struct Captured {
    cases: Vec<Case>,
}

/// One request of an SDK.
#[derive(Deserialize)]
struct Case {
    dialect: String,
    service: String,
    operation: String,
    input: Value,
    request: Value,
}

/// Where the SDKs and the client differ, and why.
#[derive(Deserialize)]
struct Differences {
    values: Vec<Spelling>,
    parts: Vec<Difference>,
}

/// A value of a parameter that an SDK spells in another way.
#[derive(Deserialize)]
struct Spelling {
    dialect: String,
    theirs: String,
    ours: String,
    why: String,
}

/// A part of requests that is another one.
#[derive(Deserialize)]
struct Difference {
    dialect: String,
    /// All of them, where none is named.
    operations: Option<BTreeSet<String>>,
    /// The part of the request, as a pointer into it.
    part: String,
    theirs: Value,
    ours: Value,
    why: String,
}

/// A request, sealed as the client seals its first attempt, in the form of what was captured.
fn sealed(place: Place, input: &Value) -> Value {
    let Place { dialect, service, row } = place;
    let client = dialect.client.expect("a client half");
    let mut request = request(service, row, input.to_string().as_bytes()).expect("a request");
    let choice = Choice { region: dialect.law.region, ..Choice::default() };
    let Target { host, region } = (client.target)(service, &choice);
    request.head.headers.insert(HOST, HeaderValue::from_str(&host).expect("a host"));
    request.head.headers.insert(USER_AGENT, HeaderValue::from_static("polykms"));
    let attempt = Attempt { call: "call", number: 1, most: 3, waited: Duration::ZERO };
    (client.attempt)(&mut request.head.headers, &attempt);
    let credential = Credential::new("AKIDEXAMPLE".to_owned(), AccessSecret::new("secret".to_owned()));
    let (token, nonce, now) = (Some("token/="), "nonce", Time::from_second(1_700_000_000).expect("a time"));
    let sealing = Sealing { credential: &credential, token, service, region: &region, nonce, now };
    (client.seal)(&mut request, &sealing).expect("a seal");
    canonical(&request)
}

fn canonical(request: &Request) -> Value {
    let header = |name: &str| request.head.headers.get(name).map(|value| value.to_str().expect("text").to_owned());
    let body = std::str::from_utf8(&request.body).expect("text");
    let body = match header("content-type").is_some_and(|kind| kind.contains("json")) && !body.is_empty() {
        true => serde_json::from_str(body).expect("JSON"),
        false => pairs(body),
    };
    let chosen = ["accept", "content-type", "x-acs-action", "x-acs-version", "x-amz-target"];
    let headers: BTreeMap<_, _> = chosen.iter().filter_map(|name| Some((*name, header(name)?))).collect();
    let authorization = header("authorization").expect("a signature");
    let (_, signed) = authorization.split_once("SignedHeaders=").expect("signed headers");
    let signed: Vec<_> = signed.split(',').next().unwrap_or_default().split(';').collect();
    json!({
        "method": request.head.method.as_str(),
        "host": header("host"),
        "path": request.head.uri.path(),
        "query": pairs(request.head.uri.query().unwrap_or_default()),
        "headers": headers,
        "signed": signed,
        "body": body,
    })
}

/// The parameters of a query or a form, sorted.
fn pairs(text: &str) -> Value {
    let mut pairs: Vec<_> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
    pairs.sort();
    json!(pairs)
}

/// The parts in which two requests differ, as pointers, with what both have there.
fn differences(at: &str, theirs: &Value, ours: &Value, found: &mut Vec<(String, Value, Value)>) {
    match (theirs, ours) {
        (Value::Object(one), Value::Object(other)) => {
            let names: BTreeSet<_> = one.keys().chain(other.keys()).collect();
            for name in names {
                let part = |of: &serde_json::Map<String, Value>| of.get(name).cloned().unwrap_or(Value::Null);
                differences(&format!("{at}/{name}"), &part(one), &part(other), found);
            }
        }
        // Instants are numbers that one writes with a fraction and the other without.
        (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => {}
        (Value::Array(one), Value::Array(other))
            if at != "/query" && at != "/body" && at != "/signed" && one.len() == other.len() =>
        {
            one.iter()
                .zip(other)
                .enumerate()
                .for_each(|(item, (one, other))| differences(&format!("{at}/{item}"), one, other, found));
        }
        // Of what is sorted, what only one of them has.
        (Value::Array(one), Value::Array(other)) => {
            let missing = |of: &[Value], from: &[Value]| {
                of.iter().filter(|item| !from.contains(item)).cloned().collect::<Vec<_>>()
            };
            let (theirs, ours) = (missing(one, other), missing(other, one));
            if !theirs.is_empty() || !ours.is_empty() {
                found.push((at.to_owned(), json!(theirs), json!(ours)));
            }
        }
        (one, other) if one == other => {}
        (one, other) => found.push((at.to_owned(), one.clone(), other.clone())),
    }
}

/// What an SDK sent, its values spelled as here; which spellings that took.
fn respelled(dialect: &str, mut request: Value, spellings: &[Spelling], used: &mut BTreeSet<String>) -> Value {
    for pair in request["query"].as_array_mut().expect("pairs") {
        let known = spellings.iter().find(|known| known.dialect == dialect && pair[1] == *known.theirs);
        if let Some(Spelling { theirs, ours, .. }) = known {
            pair[1] = json!(ours);
            used.insert(theirs.clone());
        }
    }
    request
}

#[test]
fn every_row_asks_as_the_vendors_sdks_do() {
    let (captured, Differences { values, parts: known }) =
        (read::<Captured>("captured.json"), read("differences.json"));
    let mut spelled = BTreeSet::new();
    let (mut wrong, mut used, mut rows) = (Vec::new(), BTreeSet::new(), BTreeMap::<_, usize>::new());
    let places = places();
    for Case { dialect, service, operation, input, request } in &captured.cases {
        let place = places.iter().find(|place| {
            place.dialect.name == dialect && place.service.name == service && place.row.wire() == operation
        });
        let place = *place.unwrap_or_else(|| panic!("{dialect} {service} {operation} is no row"));
        *rows.entry((dialect, service, operation)).or_default() += 1;
        let mut found = Vec::new();
        let theirs = respelled(dialect, request.clone(), &values, &mut spelled);
        differences("", &theirs, &sealed(place, input), &mut found);
        for (part, theirs, ours) in found {
            let is_it = |known: &Difference| {
                let among = known.operations.as_ref().is_none_or(|operations| operations.contains(operation));
                known.dialect == *dialect && among && known.part == part && known.theirs == theirs && known.ours == ours
            };
            match known.iter().position(is_it) {
                Some(at) => drop(used.insert(at)),
                None => wrong
                    .push(format!("{dialect} {service} {operation} {input}: {part} is {theirs} there and {ours} here")),
            }
        }
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(rows.len(), places.len(), "every row has cases");
    for place in &places {
        let cases = captured.cases.iter().filter(|case| {
            case.dialect == place.dialect.name
                && case.service == place.service.name
                && case.operation == place.row.wire()
        });
        let has = |name: &str| cases.clone().any(|case| case.input.get(name).is_some());
        let read = place.row.asks().iter().filter(|member| member.use_ == Use::Built);
        let missing: Vec<_> = read.map(|member| member.name).filter(|name| !has(name)).collect();
        assert!(missing.is_empty(), "{} has no case with {missing:?}", place.row.wire());
    }
    let unused: Vec<_> =
        known.iter().enumerate().filter(|(at, _)| !used.contains(at)).map(|(_, known)| &known.why).collect();
    assert!(unused.is_empty(), "nothing differs so: {unused:?}");
    assert_eq!(spelled.len(), values.len(), "every spelling is met");
    let reasons = values.iter().map(|known| &known.why).chain(known.iter().map(|known| &known.why));
    assert!(reasons.into_iter().all(|why| why.len() > 20), "each says why");
    println!("{} requests of {} rows", captured.cases.len(), rows.len());
}

#[test]
fn what_differs_is_found() {
    let mut found = Vec::new();
    let one = json!({ "query": [["a", "1"], ["b", "2"]], "body": { "x": 1, "y": [1, 2] }, "method": "POST" });
    let other = json!({ "query": [["a", "1"], ["b", "3"]], "body": { "x": 1.0, "y": [1, 3] }, "method": "GET" });
    differences("", &one, &other, &mut found);
    let parts: Vec<_> = found.iter().map(|(part, ..)| part.as_str()).collect();
    assert_eq!(parts, ["/body/y/1", "/method", "/query"]);
}
