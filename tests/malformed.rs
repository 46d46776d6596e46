//! Requests that are malformed in ways that nobody thought of, and requests that are sent again: no answer is a failure of
//! the server, and nothing is done twice.
//!
//! `POLYKMS_MALFORMED` says how many there are of each kind; `just malformed` sends more, in release.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod cloud;
mod program;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use cloud::{KEY, ask, clouds};
use fastrand::Rng;
use polykms::core::dialect::Request;
use polykms::core::dialect::row::Status;
use program::Program;
use serde_json::{Value, json};

/// The same every time.
const SEED: u64 = 0x5eed;

fn count() -> usize {
    std::env::var("POLYKMS_MALFORMED").map_or(1500, |text| text.parse().expect("a number"))
}

/// Requests captured from official SDKs, as bytes.
fn captured() -> Vec<Vec<u8>> {
    let files = [
        ("requests", include_str!("../dialects/alibaba/tests/vectors/wire.json")),
        ("vectors", include_str!("../dialects/aws/tests/vectors/botocore_sigv4.json")),
        ("vectors", include_str!("../dialects/aws/tests/vectors/smithy_sigv4.json")),
    ];
    let mut all = Vec::new();
    for (list, text) in files {
        let file: Value = serde_json::from_str(text).expect("JSON");
        all.extend(file[list].as_array().expect("requests").iter().map(bytes));
    }
    all
}

fn bytes(vector: &Value) -> Vec<u8> {
    let text = |name: &str| vector[name].as_str().expect("text");
    let headers: Vec<(&str, &str)> = match &vector["headers"] {
        Value::Object(headers) => headers.iter().map(|(name, value)| (&**name, value.as_str().unwrap())).collect(),
        headers => {
            let pair = |pair: &'_ Value| -> (String, String) {
                (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().unwrap().to_owned())
            };
            let owned: Vec<_> = headers.as_array().unwrap().iter().map(pair).collect();
            return raw(text("method"), text("target"), owned.iter().map(|(a, b)| (&**a, &**b)), text("body"));
        }
    };
    raw(text("method"), text("target"), headers.into_iter(), text("body"))
}

fn raw<'a>(method: &str, target: &str, headers: impl Iterator<Item = (&'a str, &'a str)>, body: &str) -> Vec<u8> {
    let mut head = format!("{method} {target} HTTP/1.1\r\n");
    let own = headers.filter(|(name, _)| !["content-length", "connection"].contains(&name.to_lowercase().as_str()));
    own.for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
    format!("{head}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).into_bytes()
}

/// Bytes with some of them changed, doubled, taken out, or put in from elsewhere.
fn mutated(rng: &mut Rng, bytes: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..rng.usize(1..5) {
        let at = rng.usize(..=bytes.len());
        let end = (at + rng.usize(..64)).min(bytes.len());
        match rng.u8(..7) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let twice = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, twice));
            }
            3 => {
                let other = &others[rng.usize(..others.len())];
                let from = rng.usize(..other.len());
                let part = other[from..(from + rng.usize(..64)).min(other.len())].to_vec();
                drop(bytes.splice(at..end, part));
            }
            4 => {
                let random: Vec<u8> = (0..rng.usize(1..16)).map(|_| rng.u8(..)).collect();
                drop(bytes.splice(at..at, random));
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = rng.u8(..);
                }
            }
        }
    }
    bytes
}

/// Sends bytes, says that there are no more, and reads what comes; the status, if that is an answer.
fn sent(address: &str, bytes: &[u8]) -> Option<u16> {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
    let _ = stream.write_all(bytes).and_then(|()| stream.shutdown(Shutdown::Write)); // who is refused may be cut off
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    std::str::from_utf8(answer.get(9..12)?).ok()?.parse().ok()
}

#[test]
fn no_bytes_make_the_server_fail() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Program::new(["dev"]).start(folder.path());
    let (captured, address, mut rng) = (captured(), server.address(), Rng::with_seed(SEED));
    assert!(captured.len() > 50, "{}", captured.len());
    let mut answered = 0;
    for number in 0..count() {
        let bytes = mutated(&mut rng, &captured[number % captured.len()], &captured);
        let status = sent(&address, &bytes);
        let shown = || String::from_utf8_lossy(&bytes).into_owned();
        assert!(status.is_none_or(|status| (200..500).contains(&status)), "{number}: {status:?} for {}", shown());
        answered += usize::from(status.is_some());
    }
    assert!(answered > count() / 2, "{answered} answers");
    assert!(server.ask("GET", "/healthz", &[]).starts_with("HTTP/1.1 200 "));
    let log = server.log();
    assert!(!log.contains("panic"), "{log}");
}

/// Texts that are somewhere the wrong ones.
fn wrong(rng: &mut Rng, value: &str) -> String {
    let units = [
        "*",
        "/",
        ":",
        "arn:aws:",
        "é",
        "\u{0}",
        "\"",
        "{",
        "}}",
        "\\u0000",
        "-1",
        "99999999999999999999",
        " ",
        "%",
        "${a",
    ];
    let unit = units[rng.usize(..units.len())];
    match rng.u8(..6) {
        0 => String::new(),
        1 => unit.repeat(rng.usize(1..800)),
        2 => value.to_uppercase(),
        3 => value.chars().rev().collect(),
        4 => format!("{value}{unit}"),
        _ => {
            let mut letters: Vec<char> = value.chars().collect();
            if !letters.is_empty() {
                let at = rng.usize(..letters.len());
                letters[at] = unit.chars().next().unwrap();
            }
            letters.into_iter().collect()
        }
    }
}

/// Arguments of which some are not what they ought to be.
fn misled(rng: &mut Rng, arguments: &Value, flat: bool) -> Value {
    let mut arguments = arguments.clone();
    let Some(members) = arguments.as_object_mut() else { return arguments };
    let names: Vec<String> = members.keys().cloned().collect();
    for _ in 0..rng.usize(1..3) {
        let Some(name) = names.get(rng.usize(..=names.len())) else {
            members.insert("Unknown".to_owned(), Value::from("x"));
            continue;
        };
        let before = members.get(name).cloned().unwrap_or_default();
        let text = before.as_str().map_or_else(|| before.to_string(), str::to_owned);
        let after = match rng.u8(..8) {
            0 => {
                members.remove(name);
                continue;
            }
            1 if !flat => Value::Null,
            2 if !flat => json!([before]),
            3 if !flat => json!({"a": before}),
            4 if !flat => Value::from(rng.i64(..)),
            _ => Value::from(wrong(rng, &text)),
        };
        members.insert(name.clone(), after);
    }
    arguments
}

#[tokio::test]
async fn no_signed_arguments_make_the_server_fail() {
    let mut rng = Rng::with_seed(SEED);
    for cloud in clouds() {
        let engine = cloud.engine(None).await;
        let mut rows = Vec::new();
        for (service, row) in cloud::rows(cloud.dialect, Status::Built) {
            if let Some(arguments) = cloud.arguments(&engine, service, row.wire()).await {
                rows.push((service, row, arguments));
            }
        }
        let mut asked = 0;
        for number in 0..count() {
            let (service, row, arguments) = &rows[number % rows.len()];
            let flat = (cloud.dialect.name, service.name) != ("aws", "kms");
            let arguments = misled(&mut rng, arguments, flat);
            let (status, body) = ask(&engine, cloud.request(service, row.wire(), &arguments, Some("owner"))).await;
            assert!((200..500).contains(&status), "{} {arguments}: {status} {body}", row.wire());
            asked += 1;
        }
        assert!(asked > count() / 2, "{asked}");
    }
}

/// A request as bytes, to be sent as often as wanted.
fn kept(request: &Request) -> Vec<u8> {
    let headers = request.head.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
    let body = String::from_utf8(request.body.to_vec()).unwrap();
    raw(request.head.method.as_str(), &request.head.uri.to_string(), headers, &body)
}

#[test]
fn a_request_that_is_sent_again_is_refused_by_its_nonce_and_later_by_its_date_also_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut seed = serde_json::Map::new();
    for cloud in clouds() {
        let account = json!({"account": cloud.account, "keys": [{"id": KEY, "region": cloud.region}],
            "owner": [{"id": "owner", "secret": "secret"}]});
        seed.insert(cloud.dialect.name.to_owned(), json!([account]));
    }
    std::fs::write(folder.path().join("seed.json"), Value::from(seed).to_string()).expect("a seed");
    let skew = ["--aws-skew-seconds", "3", "--alibaba-skew-seconds", "3"];
    let start = || {
        let program = Program::new(["dev", "--data-dir", "data", "--seed", "seed.json"]).arguments(skew);
        program.start(folder.path())
    };
    let server = start();
    let requests: Vec<_> = clouds()
        .into_iter()
        .map(|cloud| {
            let service = cloud.dialect.services.iter().find(|service| service.name == "kms").unwrap();
            let request = cloud.request(service, "DescribeKey", &json!({"KeyId": KEY}), Some("owner"));
            (cloud.dialect.name, kept(&request))
        })
        .collect();
    for (name, request) in &requests {
        assert_eq!(sent(&server.address(), request), Some(200), "{name}");
        // Signature Version 4 has no nonce: within its window a request is proven again.
        let again = sent(&server.address(), request);
        assert_eq!(again == Some(200), *name == "aws", "{name}: {again:?}");
        assert!(again.is_some_and(|status| status < 500), "{name}: {again:?}");
    }
    std::thread::sleep(Duration::from_secs(4));
    let refused = |address: &str, when: &str| {
        for (name, request) in &requests {
            let again = sent(address, request);
            assert!(again.is_some_and(|status| (400..500).contains(&status)), "{name} {when}: {again:?}");
        }
    };
    refused(&server.address(), "after its window");
    assert_eq!(server.stop().code(), Some(0));
    refused(&start().address(), "after a restart");
}
