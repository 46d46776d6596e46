//! Documents in the words of the other cloud: the worked examples, forty policies of each cloud, and every policy of the
//! evaluation cases, each with its report, and each asked the same requests on both sides.
//!
//! `UPDATE_GOLDEN=1` writes the reports of the forty anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use polykms_conformance::policy_cases;
use polykms_core::dialect::Dialect;
use polykms_core::dialect::twins::side;
use polykms_core::policy::DocumentKind;
use polykms_core::policy::translate::{Map, Side, Status, Translation, check, translate, within};
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/translate")
}

fn data(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder().join(name)).unwrap()).unwrap()
}

fn dialect(name: &str) -> &'static Dialect {
    if name == "aws" { &polykms_aws::DIALECT } else { &polykms_alibaba::DIALECT }
}

/// The sides of a translation from a cloud to the other.
struct Pair {
    from: Side,
    to: Side,
    map: Map,
}

impl Pair {
    fn from(name: &str) -> Self {
        let other = if name == "aws" { "alibaba" } else { "aws" };
        let map = data("map.json");
        let one_way = |what: &str| -> BTreeMap<String, String> {
            let text = |pair: &Value, side: &str| pair[side].as_str().unwrap().to_owned();
            map[what].as_array().unwrap().iter().map(|pair| (text(pair, name), text(pair, other))).collect()
        };
        let map = Map {
            accounts: one_way("accounts"),
            regions: one_way("regions"),
            keys: one_way("keys"),
            networks: one_way("vpcs"),
            home: Some(map["home"][name].as_str().unwrap().to_owned()),
        };
        Self { from: side(dialect(name)), to: side(dialect(other)), map }
    }

    fn translated(&self, kind: DocumentKind, document: &Value) -> Translation {
        translate(&self.from, &self.to, &self.map, kind, &document.to_string()).unwrap()
    }

    /// As translated, but with a result that somebody meddled with.
    fn meddled(&self, kind: DocumentKind, document: &Value, meddle: impl Fn(&mut Translation)) -> Translation {
        let mut translation = self.translated(kind, document);
        assert_eq!(translation.unannounced, [], "{document}");
        meddle(&mut translation);
        check(&self.from, &self.to, &self.map, kind, &document.to_string(), translation).unwrap()
    }
}

fn kind(name: &Value) -> DocumentKind {
    if name == "identity" { DocumentKind::Identity } else { DocumentKind::Key }
}

fn cloud_of(document: &Value) -> &'static str {
    if document["Version"] == "1" { "alibaba" } else { "aws" }
}

fn statuses(translation: &Translation) -> Value {
    translation.report.iter().map(|entry| json!(entry.status)).collect()
}

fn actions(translation: &Translation) -> Vec<String> {
    let statements = translation.document.iter().flat_map(|document| document["Statement"].as_array().unwrap());
    let texts = statements.filter_map(|statement| statement["Action"].as_array()).flatten();
    texts.map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_worked_examples_come_out_with_their_reports() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for example in data("examples.json").as_array().unwrap() {
        seen.insert(example["example"].as_u64().unwrap());
        let title = format!("{} {}", example["example"], example["title"]);
        let document = &example["document"];
        let pair = Pair::from(cloud_of(document));
        let text = document.to_string();
        let translation = match example.get("boundary") {
            Some(boundary) => within(&pair.from, &pair.to, &pair.map, &text, &boundary.to_string()).unwrap(),
            None => pair.translated(kind(&example["kind"]), document),
        };
        let result = json!(translation.document);
        let told = json!(translation.report);
        let mut fault = |what: &str| wrong.push(format!("{title}: {what}\n{result:#}\n{told:#}"));
        if statuses(&translation) != example["report"] {
            fault("another report");
        }
        if !translation.unannounced.is_empty() || translation.requests == 0 {
            fault(&format!("{:?}", translation.unannounced.first()));
        }
        if example.get("result").is_some_and(|wanted| *wanted != result) {
            fault("another result");
        }
        let statements = result["Statement"].as_array().cloned().unwrap_or_default();
        for wanted in [example.get("guard"), example.get("statement")].into_iter().flatten() {
            if !statements.contains(wanted) {
                fault("a statement is missing");
            }
        }
        let words = |what: &str| example.get(what).map(|list| list.as_array().unwrap().clone()).unwrap_or_default();
        let text = told.to_string();
        if words("says").iter().any(|word| !text.contains(word.as_str().unwrap())) {
            fault("the report does not say why");
        }
        let written = actions(&translation);
        let written = |word: &Value| written.iter().any(|text| word == text);
        if words("lacks").iter().any(&written) || !words("has").iter().all(&written) {
            fault("other actions");
        }
        if let Some(wanted) = example.get("counterexample") {
            let found = translation.report.iter().find_map(|entry| entry.counterexample.as_ref());
            if found.is_none_or(|found| json!(found.context) != *wanted) {
                fault("another counterexample");
            }
        }
    }
    assert_eq!(seen.len(), 15);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn forty_policies_of_each_cloud_come_out_with_their_reports() {
    let mut policies = data("policies.json");
    let pairs = BTreeMap::from([("aws", Pair::from("aws")), ("alibaba", Pair::from("alibaba"))]);
    let (mut wrong, mut counts) = (Vec::new(), BTreeMap::<&str, usize>::new());
    for policy in policies.as_array_mut().unwrap() {
        let cloud = if policy["from"] == "aws" { "aws" } else { "alibaba" };
        *counts.entry(cloud).or_default() += 1;
        let translation = pairs[cloud].translated(kind(&policy["kind"]), &policy["document"]);
        assert_eq!(translation.unannounced, [], "{}", policy["id"]);
        assert!(translation.requests > 20, "{}", policy["id"]);
        for entry in &translation.report {
            assert!(entry.status == Status::Exact || !entry.why.is_empty(), "{}: {entry:?}", policy["id"]);
        }
        let (report, result) = (statuses(&translation), json!(translation.document));
        if policy["report"] != report || policy["result"] != result {
            wrong.push(policy["id"].clone());
        }
        policy["report"] = report;
        policy["result"] = result;
    }
    assert_eq!(counts, BTreeMap::from([("aws", 40), ("alibaba", 40)]));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(folder().join("policies.json"), format!("{policies:#}\n")).unwrap();
    }
    assert!(wrong.is_empty(), "other reports or results: {wrong:?}");
}

#[test]
fn no_policy_of_the_cases_comes_out_different_unannounced() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/policy");
    let pairs = BTreeMap::from([("aws", Pair::from("aws")), ("alibaba", Pair::from("alibaba"))]);
    let (mut seen, mut wrong) = (BTreeSet::new(), Vec::new());
    for file in policy_cases::files(&cases).unwrap() {
        let cases: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        for case in cases["cases"].as_array().unwrap() {
            let cloud = if case["dialect"] == "aws" { "aws" } else { "alibaba" };
            for (layer, kind) in [("identity", DocumentKind::Identity), ("resource", DocumentKind::Key)] {
                let policies = case["layers"][layer].clone();
                let policies = if policies.is_array() { policies } else { json!([policies]) };
                for policy in policies.as_array().unwrap().iter().filter(|policy| policy["document"].is_object()) {
                    let text = policy["document"].to_string();
                    if !seen.insert((cloud, layer, text.clone())) {
                        continue;
                    }
                    let Pair { from, to, map } = &pairs[cloud];
                    // Cases hold documents that no grammar accepts, too.
                    let Ok(translation) = translate(from, to, map, kind, &text) else { continue };
                    if let Some(first) = translation.unannounced.first() {
                        let result = json!(translation.document);
                        wrong.push(format!("{}\n  {text}\n  {result}\n  {first:?}", case["id"]));
                    }
                }
            }
        }
    }
    assert!(seen.len() > 700, "{}", seen.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), seen.len(), wrong.join("\n"));
}

/// What holds an Allow in bounds is taken away, and so on: each broken rule has to be caught.
#[test]
fn the_check_catches_every_broken_rule() {
    let pair = Pair::from("aws");
    let document = |statement: Value| json!({ "Version": "2012-10-17", "Statement": [statement] });
    let bound = json!({ "IpAddress": { "aws:SourceIp": "198.51.100.0/24" } });
    let statement =
        |effect: &str, action: &str| json!({ "Effect": effect, "Action": action, "Resource": "*", "Condition": bound });
    let set = |path: &'static str, value: Value| {
        move |translation: &mut Translation| {
            *translation.document.as_mut().unwrap().pointer_mut(path).unwrap() = value.clone();
        }
    };
    let caught = |statement: Value, meddle: &dyn Fn(&mut Translation)| {
        let found = pair.meddled(DocumentKind::Identity, &document(statement.clone()), meddle);
        assert!(!found.unannounced.is_empty(), "{statement} {:?}", found.document);
    };
    // An Allow without its bound, with an action more, or on more than it was.
    caught(statement("Allow", "kms:Decrypt"), &set("/Statement/0/Condition", json!({})));
    caught(statement("Allow", "kms:*"), &set("/Statement/0/Action", json!(["kms:*"])));
    caught(
        statement("Allow", "kms:Decrypt"),
        &set("/Statement/0/Condition/IpAddress/acs:SourceIp", json!(["0.0.0.0/0"])),
    );
    let mut narrow = statement("Allow", "kms:Decrypt");
    narrow["Resource"] = json!("arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab");
    caught(narrow, &set("/Statement/0/Resource", json!(["*"])));
    // A Deny with an action less, or a bound more; one that is wider and does not say so.
    caught(statement("Deny", "kms:*"), &set("/Statement/0/Action", json!(["kms:Encrypt"])));
    caught(
        statement("Deny", "kms:Decrypt"),
        &set("/Statement/0/Condition/IpAddress/acs:SourceIp", json!(["198.51.100.7/32"])),
    );
    caught(statement("Deny", "kms:Decrypt"), &set("/Statement/0/Condition", json!({})));
    // An Allow that is narrower and does not say so.
    caught(statement("Allow", "kms:*"), &set("/Statement/0/Action", json!(["kms:Encrypt"])));
    // A Deny that is left out.
    let both = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*" }, statement("Deny", "kms:Decrypt")] });
    let found = pair.meddled(DocumentKind::Identity, &both, |translation| {
        translation.document.as_mut().unwrap()["Statement"].as_array_mut().unwrap().truncate(1);
    });
    assert!(!found.unannounced.is_empty());
    // A policy of a key without what keeps the account's own policies out.
    let key = document(json!({ "Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Principal": { "AWS": "arn:aws:iam::111122223333:role/app" } }));
    let found = pair.meddled(DocumentKind::Key, &key, |translation| {
        translation.document.as_mut().unwrap()["Statement"].as_array_mut().unwrap().truncate(1);
    });
    assert!(!found.unannounced.is_empty());
}
