//! The audit trail of every row of both catalogs: what was asked, what was answered, what it was about, and no secret.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod cloud;

use std::collections::BTreeSet;
use std::io::BufReader;
use std::path::Path;

use polykms::core::dialect::message::{Member, Shape};
use polykms::core::dialect::row::Status;
use polykms_host::trail::verify::Verification;
use serde_json::Value;

use cloud::{ask, clouds, rows};

/// The events in a file, without the notes of the trail itself.
fn events(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    let events = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    events.filter(|event| event.get("trail").is_none()).collect()
}

/// The names of all members of a form, those inside others too, that are sensitive or are not.
fn names(members: &[Member], sensitive: bool, found: &mut BTreeSet<String>) {
    for member in members {
        if member.sensitive == sensitive {
            found.insert(member.name.to_ascii_lowercase());
        }
        inner(&member.shape, sensitive, found);
    }
}

fn inner(shape: &Shape, sensitive: bool, found: &mut BTreeSet<String>) {
    match shape {
        Shape::Structure(members) => names(members, sensitive, found),
        Shape::List(list) => inner(&list.of, sensitive, found),
        _ => {}
    }
}

/// The names of all members of an object, small, those inside others too.
fn told(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            found.insert(name.to_ascii_lowercase());
            told(value, found);
        }),
        Value::Array(items) => items.iter().for_each(|item| told(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn every_row_tells_its_parameters_its_answer_and_its_resources_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    for cloud in clouds() {
        let mut written = 0;
        for (at, (service, row)) in rows(cloud.dialect, Status::Built).into_iter().enumerate() {
            let name = format!("{}/{} {}", cloud.dialect.name, service.name, row.wire());
            let path = folder.path().join(format!("{}-{at}", cloud.dialect.name));
            let policy = cloud.policy(&[("Allow", vec!["*"])]);
            let engine = cloud.builder(Some(policy), None).audit_file(Some(path.clone())).build().await.unwrap();
            let arguments = cloud.arguments(&engine, service, row.wire()).await.unwrap();
            let (status, body) = ask(&engine, cloud.request(service, row.wire(), &arguments, Some("asker"))).await;
            assert!(status < 500, "{name}: {status} {body}");
            let places = &cloud.dialect.trail.places;
            let events = events(&path);
            let event = events.last().unwrap();
            assert_eq!(event.pointer(places.operation).unwrap(), row.wire(), "{name}");

            let mut parameters = BTreeSet::new();
            told(&event["requestParameters"], &mut parameters);
            let mut secrets = BTreeSet::new();
            names(row.asks(), true, &mut secrets);
            for argument in arguments.as_object().unwrap().keys() {
                let argument = argument.split('.').next().unwrap().to_ascii_lowercase();
                let is_told = parameters.contains(&argument);
                assert_eq!(is_told, !secrets.contains(&argument), "{name} {argument}: {event}");
            }
            let mut elements = BTreeSet::new();
            told(&event["responseElements"], &mut elements);
            names(row.tells(), true, &mut secrets);
            let hidden: Vec<_> = secrets.iter().filter(|secret| elements.contains(*secret)).collect();
            let mut open = BTreeSet::new();
            names(row.asks(), false, &mut open);
            names(row.tells(), false, &mut open);
            assert!(hidden.iter().all(|secret| open.contains(*secret)), "{name} tells {hidden:?}: {event}");

            let writes = event["readOnly"] == false || event["eventRW"] == "Write";
            if writes && (200..300).contains(&status) {
                written += 1;
                let resources = event.pointer(places.resources.0).unwrap();
                let issues = row.operation() == "AssumeRole" || row.operation() == "GetSessionToken";
                assert!(issues || resources.to_string().contains(':'), "{name} names no resource: {event}");
            }
        }
        assert!(written > 20, "{}: {written}", cloud.dialect.name);
    }
}

#[tokio::test]
async fn the_trail_of_a_store_is_vouched_for_by_its_key_over_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let trail = folder.path().join("audit.jsonl");
    let cloud = clouds().remove(0);
    for _ in 0..2 {
        let engine = cloud.builder(None, None).audit_file(Some(trail.clone())).build().await.unwrap();
        let (service, row) = rows(cloud.dialect, Status::Built)[0];
        ask(&engine, cloud.request(service, row.wire(), &serde_json::json!({}), Some("asker"))).await;
        drop(engine);
    }
    let text = std::fs::read_to_string(&trail).unwrap();
    let opened: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    // Each store in memory has a key of its own: the first does not vouch for what the second wrote.
    let key = opened["publicKey"].as_str().unwrap().parse().unwrap();
    let breach = Verification::by(&key).read("audit.jsonl", BufReader::new(text.as_bytes())).unwrap_err();
    assert_eq!(breach.why, "the signature is not of this key");
}
