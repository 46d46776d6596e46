//! The Signature Version 4 test suite of the AWS Common Runtime, stage by stage, and every signed byte of it changed.
//!
//! The cases are read from the sources of the crate `aws-sigv4`, a development dependency that carries them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[allow(dead_code, reason = "each test uses a part of it")]
mod sigv4_support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use polykms_aws::sign;
use polykms_core::port::Time;
use serde_json::Value;

use sigv4_support::{Checker, Wire};

/// Cases, variants and stages that do not hold, and why.
type Exception = (&'static [&'static str], &'static [&'static str], &'static [&'static str], &'static str);

/// What does not apply here; the test asserts that exactly these stages fail.
const EXCEPTIONS: [Exception; 6] = [
    (
        &[
            "get-relative-relative-unnormalized",
            "get-relative-unnormalized",
            "get-slash-dot-slash-unnormalized",
            "get-slash-pointless-dot-unnormalized",
            "get-slash-unnormalized",
            "get-slashes-unnormalized",
        ],
        &["header", "query"],
        &["canonical", "sealed", "proven"],
        "only S3 signs a path without normalising it",
    ),
    (
        &["get-space-normalized", "get-space-unnormalized"],
        &["header", "query"],
        &["canonical", "sealed", "proven"],
        "the signed request has a space in its target, which no request line can carry",
    ),
    (
        &["post-sts-header-after"],
        &["header"],
        &["proven"],
        "the session token is added after signing; here it must be signed when it is there",
    ),
    (
        &["post-sts-header-after"],
        &["query"],
        &["canonical", "proven"],
        "the session token is added after signing; here everything in the query is signed",
    ),
    (
        &["double-encode-path", "double-url-encode"],
        &["query"],
        &["canonical", "to-sign", "signature", "sealed", "proven"],
        "the suite has these cases for the header only",
    ),
    (
        &["double-url-encode"],
        &["header"],
        &["to-sign", "signature"],
        "its string to sign has the hash of another request than its canonical request; the other stages agree",
    ),
];

const STAGES: [&str; 5] = ["canonical", "to-sign", "signature", "sealed", "proven"];
const VARIANTS: [&str; 2] = ["header", "query"];
/// Forty cases were in the suite when it was last read; fewer would mean that they were not found.
const CASES: usize = 40;

#[test]
fn every_stage_of_every_case_holds_except_where_the_table_says_why() {
    let cases = cases();
    assert!(cases.len() >= CASES, "{} cases", cases.len());
    let mut failed = BTreeSet::new();
    let mut held = [0; STAGES.len()];
    for case in &cases {
        for variant in VARIANTS {
            for (position, stage) in STAGES.iter().enumerate() {
                match case.holds(variant, stage) {
                    true => held[position] += 1,
                    false => drop(failed.insert((case.name.as_str(), variant, *stage))),
                }
            }
        }
    }
    let mut expected = BTreeSet::new();
    for (names, variants, stages, why) in EXCEPTIONS {
        println!("does not apply: {names:?} in {variants:?}, stages {stages:?}: {why}");
        for name in names {
            for variant in variants {
                expected.extend(stages.iter().map(|stage| (*name, *variant, *stage)));
            }
        }
    }
    for (stage, held) in STAGES.iter().zip(held) {
        println!("{stage}: {held} of {} hold", cases.len() * VARIANTS.len());
    }
    assert_eq!(failed, expected);
}

#[test]
fn a_change_of_any_signed_byte_is_refused() {
    let (mut total, mut same) = (0, 0);
    for case in cases() {
        for variant in VARIANTS.into_iter().filter(|variant| case.holds(variant, "proven")) {
            let signed = case.signed(variant).unwrap();
            let checker = case.checker();
            let mut refused = 0;
            for changed in changes(&signed, variant) {
                match checker.check(&changed) {
                    Err(_) => refused += 1,
                    Ok(()) => {
                        assert!(means_the_same(&signed, &changed), "{}, {variant}: {changed:?}", case.name);
                        same += 1;
                    }
                }
            }
            assert!(refused >= 100, "{}, {variant}: only {refused} changes", case.name);
            checker.check(&signed).unwrap();
            total += refused;
        }
    }
    println!("{total} changes refused; {same} accepted, since the path normalises to the same");
}

#[test]
fn a_space_in_a_path_is_encoded_as_the_suite_has_it() {
    let case = Case::read(suite().join("get-space-unnormalized"));
    let wire = Wire::parse(&case.file("", "request").unwrap());
    let canonical = case.canonical_text("header").unwrap();
    let path = sign::canonical_path(std::str::from_utf8(&wire.target).unwrap());
    assert_eq!(Some(&*path), canonical.lines().nth(1));
}

/// Each change flips one bit of one byte of the target, the body, the authorization or a signed header's value; or adds
/// to the body; or removes or repeats such a header.
fn changes(signed: &Wire, variant: &str) -> Vec<Wire> {
    let listed = match variant {
        "header" => between(signed.header("authorization").unwrap(), "SignedHeaders=", ","),
        _ => between(std::str::from_utf8(&signed.target).unwrap(), "X-Amz-SignedHeaders=", "&").replace("%3B", ";"),
    };
    let is_signed =
        |name: &str| listed.split(';').chain(["authorization"]).any(|listed| listed.eq_ignore_ascii_case(name));
    let mut changes = Vec::new();
    for position in 0..signed.target.len() {
        changes.extend(flipped(signed, |wire| &mut wire.target[position]));
    }
    for position in 0..signed.body.len() {
        changes.extend(flipped(signed, |wire| &mut wire.body[position]));
    }
    for (index, (name, value)) in signed.headers.iter().enumerate().filter(|(_, (name, _))| is_signed(name)) {
        for position in 0..value.len() {
            changes.extend(flipped(signed, |wire| &mut wire.headers[index].1[position]));
        }
        changes.push(signed.clone().without(name));
        changes.push(signed.clone().and(name, std::str::from_utf8(value).unwrap()));
    }
    changes.push(Wire { body: [signed.body.as_slice(), b"x"].concat(), ..signed.clone() });
    changes
}

/// The first bit whose flip still leaves a request that a server would hand on.
fn flipped(signed: &Wire, byte: impl Fn(&mut Wire) -> &mut u8) -> Option<Wire> {
    (0..8).find_map(|bit| {
        let mut changed = signed.clone();
        *byte(&mut changed) ^= 1 << bit;
        changed.request().map(|_| changed)
    })
}

fn means_the_same(signed: &Wire, changed: &Wire) -> bool {
    let path = |wire: &Wire| sign::canonical_path(wire.request().unwrap().head.uri.path()).into_owned();
    let query = |wire: &Wire| wire.request().unwrap().head.uri.query().map(str::to_owned);
    let rest = |wire: &Wire| Wire { target: Vec::new(), ..wire.clone() };
    path(signed) == path(changed) && query(signed) == query(changed) && rest(signed) == rest(changed)
}

fn between(text: &str, start: &str, end: &str) -> String {
    text.split(start).nth(1).unwrap().split(end).next().unwrap().trim().to_owned()
}

/// One case, with the circumstances it was signed in.
struct Case {
    directory: PathBuf,
    name: String,
    id: String,
    secret: String,
    token: Option<String>,
    /// Whether the token is signed, as all services but few want it.
    token_signed: bool,
    region: String,
    service: String,
    time: Time,
    expires: Duration,
    sign_body: bool,
}

impl Case {
    fn read(directory: PathBuf) -> Self {
        let name = directory.file_name().unwrap().to_str().unwrap().to_owned();
        let context: Value = match std::fs::read_to_string(directory.join("context.json")) {
            Ok(text) => serde_json::from_str(&text).unwrap(),
            Err(_) => context_of(&name),
        };
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let credentials = &context["credentials"];
        Self {
            id: text(&credentials["access_key_id"]).unwrap(),
            secret: text(&credentials["secret_access_key"]).unwrap(),
            token: text(&credentials["token"]),
            token_signed: !context["omit_session_token"].as_bool().unwrap_or(false),
            region: text(&context["region"]).unwrap(),
            service: text(&context["service"]).unwrap(),
            time: context["timestamp"].as_str().unwrap().parse().unwrap(),
            expires: Duration::from_secs(context["expiration_in_seconds"].as_u64().unwrap()),
            sign_body: context["sign_body"].as_bool().unwrap(),
            directory,
            name,
        }
    }

    fn holds(&self, variant: &str, stage: &str) -> bool {
        let held = match stage {
            "canonical" => self.canonical(variant),
            "to-sign" => self.to_sign(variant),
            "signature" => self.signature(variant),
            "sealed" => self.sealed(variant),
            _ => self.signed(variant).map(|wire| self.checker().check(&wire).is_ok()),
        };
        held.unwrap_or(false)
    }

    fn canonical(&self, variant: &str) -> Option<bool> {
        let expected = self.canonical_text(variant)?;
        let (_, listed) = expected.trim_end().rsplit_once("\n\n")?;
        let (listed, _) = listed.split_once('\n')?;
        let request = self.signed(variant)?.request()?;
        let payload = sign::payload_hash(&request.body);
        let canonical = sign::canonical_request(&request.head, listed, &payload).ok()?;
        Some(canonical == expected.as_bytes())
    }

    fn to_sign(&self, variant: &str) -> Option<bool> {
        let canonical = self.canonical_text(variant)?;
        let made = sign::string_to_sign(&self.date(), &self.scope(), canonical.as_bytes());
        match self.file(variant, "string-to-sign") {
            Some(expected) => Some(made == expected),
            // One case lacks this file; its signature proves the stage.
            None => Some(self.sign(&made) == self.expected_signature(variant)?),
        }
    }

    fn signature(&self, variant: &str) -> Option<bool> {
        let made = sign::string_to_sign(&self.date(), &self.scope(), self.canonical_text(variant)?.as_bytes());
        let to_sign = self.file(variant, "string-to-sign").unwrap_or(made);
        Some(self.sign(&to_sign) == self.expected_signature(variant)?)
    }

    fn sealed(&self, variant: &str) -> Option<bool> {
        let mut wire = Wire::parse(&self.file("", "request")?);
        if self.sign_body && variant == "header" {
            wire = wire.with("x-amz-content-sha256", "to be filled in");
        }
        let mut request = wire.request()?;
        let credential = &self.checker().credential;
        let token = self.token.as_deref().filter(|_| self.token_signed);
        let (region, service) = (&self.region, &self.service);
        match variant {
            "header" => {
                sign::seal(&mut request, credential, token, region, service, self.time).ok()?;
                let expected = self.signed(variant)?;
                Some(Wire::from(request).header("authorization")? == expected.header("authorization")?)
            }
            _ => {
                sign::presign(&mut request, credential, token, region, service, self.time, self.expires).ok()?;
                let signature = between(request.head.uri.query()?, "X-Amz-Signature=", "&");
                let proven = self.checker().check(&Wire::from(request)).is_ok();
                Some(signature == self.expected_signature(variant)? && proven == self.token_signed)
            }
        }
    }

    fn signed(&self, variant: &str) -> Option<Wire> {
        self.file(variant, "signed-request").map(|text| Wire::parse(&text))
    }

    fn expected_signature(&self, variant: &str) -> Option<String> {
        let signed = || Some(between(self.signed(variant)?.header("authorization")?, "Signature=", ","));
        self.file(variant, "signature").or_else(signed)
    }

    /// The canonical request; one case has it for another date than everything else.
    fn canonical_text(&self, variant: &str) -> Option<String> {
        let text = self.file(variant, "canonical-request")?;
        Some(match self.name.as_str() {
            "double-encode-path" => text.replace("20210511T154045Z", &self.date()),
            _ => text,
        })
    }

    fn file(&self, variant: &str, name: &str) -> Option<String> {
        let name = if variant.is_empty() { format!("{name}.txt") } else { format!("{variant}-{name}.txt") };
        std::fs::read_to_string(self.directory.join(name)).ok().map(|text| text.replace("\r\n", "\n"))
    }

    fn sign(&self, to_sign: &str) -> String {
        sign::signature(&sign::signing_key(&self.secret, &self.scope()), to_sign)
    }

    fn date(&self) -> String {
        self.time.strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    fn scope(&self) -> String {
        format!("{}/{}/{}/aws4_request", &self.date()[..8], self.region, self.service)
    }

    fn checker(&self) -> Checker {
        Checker::new(&self.id, &self.secret, self.token.as_deref(), &self.service, self.time)
    }
}

/// The circumstances of the two cases that come without them: as the tests of the crate set them.
fn context_of(name: &str) -> Value {
    let (id, secret, region, service, time) = match name {
        "double-encode-path" => {
            ("ANOTREAL", "notrealrnrELgWzOk3IfjzDKtFBhDby", "us-east-1", "service", "2015-08-30T12:36:00Z")
        }
        "double-url-encode" => {
            ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-2", "lambda", "2021-05-11T15:40:45Z")
        }
        other => panic!("{other} has no circumstances"),
    };
    serde_json::json!({
        "credentials": {"access_key_id": id, "secret_access_key": secret},
        "region": region, "service": service, "timestamp": time, "expiration_in_seconds": 3600, "sign_body": false,
    })
}

impl Wire {
    /// Reads a request of the suite. A header that continues on the next line continues after one space.
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end(), ""));
        let mut lines = head.lines();
        let start = lines.next().unwrap();
        let (method, target) = start.split_once(' ').unwrap();
        let target = target.strip_suffix(" HTTP/1.1").unwrap_or(target);
        let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
        for line in lines {
            match line.strip_prefix(' ') {
                Some(more) => {
                    let (_, value) = headers.last_mut().unwrap();
                    value.extend([b" ", more.as_bytes()].concat());
                }
                None => {
                    let (name, value) = line.split_once(':').unwrap();
                    headers.push((name.to_owned(), value.trim().as_bytes().to_vec()));
                }
            }
        }
        let body = body.trim_end_matches('\n').as_bytes().to_vec();
        Self { method: method.to_owned(), target: target.as_bytes().to_vec(), headers, body }
    }
}

fn cases() -> Vec<Case> {
    let mut directories: Vec<PathBuf> =
        std::fs::read_dir(suite()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    directories.sort();
    directories.into_iter().map(Case::read).collect()
}

/// Where cargo keeps the sources of `aws-sigv4`.
fn suite() -> PathBuf {
    let metadata = metadata(&["--offline"]).or_else(|| metadata(&[])).expect("cargo metadata works");
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "aws-sigv4").expect("aws-sigv4 is a dependency");
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    manifest.with_file_name("aws-signing-test-suite").join("v4")
}

fn metadata(more: &[&str]) -> Option<Value> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let mut command = Command::new(env!("CARGO"));
    command.args(["metadata", "--format-version", "1", "--manifest-path", manifest]).args(more);
    let output = command.output().ok().filter(|output| output.status.success())?;
    serde_json::from_slice(&output.stdout).ok()
}
