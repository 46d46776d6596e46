//! Canaries: secrets of every kind are planted, and nothing that a server writes holds one: neither its database nor its
//! log, its trail or its temporary files, in no encoding.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod cloud;
mod program;

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cloud::{Cloud, Signer, clouds};
use polykms::core::dialect::Request;
use program::{Program, Server};
use serde_json::{Value, json};

const PLAINTEXT: &[u8] = b"canary-plaintext-8d1f0a63b7c24e59";
const OWNER: &str = "canaryOwnerSecret4f7a91c2d80b36e5";
const SEEDED: &str = "canarySeededSecret0b9e61f84a7d23c5";
const MATERIAL: &[u8; 32] = b"canary-material-5c07e2a94fb18d36";
const PASSPHRASE: &str = "canary passphrase 61d8f03b92ae47c5";
const EXTERNAL_ID: &str = "canary-external-id-7e3b90f1";
const CONTEXT: &str = "no-secret-context-29ca7f10";
const KEY: &str = "11111111-1111-4111-8111-111111111111";

/// What must not be found, by name.
#[derive(Default)]
struct Planted(Vec<(String, Vec<u8>)>);

impl Planted {
    fn add(&mut self, name: &str, secret: impl Into<Vec<u8>>) {
        let secret = secret.into();
        assert!(secret.len() >= 16, "{name} is too short to be told from chance");
        self.0.push((name.to_owned(), secret));
    }

    /// The secrets that stand in these bytes, in any encoding.
    fn found(&self, bytes: &[u8]) -> Vec<&str> {
        let holds = |secret: &Vec<u8>| forms(secret).iter().any(|form| memchr::memmem::find(bytes, form).is_some());
        self.0.iter().filter(|(_, secret)| holds(secret)).map(|(name, _)| name.as_str()).collect()
    }
}

/// A secret as it is, in hexadecimal, in base64 of both alphabets wherever it may begin, and percent-encoded.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let hex = |upper: bool| -> String {
        secret.iter().map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") }).collect()
    };
    let mut forms = vec![secret.to_vec(), hex(false).into_bytes(), hex(true).into_bytes()];
    let numbers = secret.iter().map(u8::to_string).collect::<Vec<_>>();
    forms.extend([numbers.join(",").into_bytes(), numbers.join(", ").into_bytes()]);
    for shift in 0..3 {
        let shifted = [&[0; 2][..shift], secret].concat();
        // Neither the first nor the last group is this secret's alone.
        for text in [STANDARD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)] {
            let inner = text.trim_end_matches('=').get(4..text.len() - 4).expect("a long secret").to_owned();
            forms.push(inner.into_bytes());
        }
    }
    let encoded = |byte: &u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(*byte).to_string(),
        other => format!("%{other:02X}"),
    };
    forms.push(secret.iter().map(encoded).collect::<String>().into_bytes());
    forms
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

fn everything(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut paths = Vec::new();
    files(folder, &mut paths);
    paths.into_iter().filter_map(|path| std::fs::read(&path).ok().map(|bytes| (path, bytes))).collect()
}

/// One cloud of a running server, asked for whatever has to do with secrets.
struct Asked<'a> {
    cloud: &'a Cloud,
    server: &'a Server,
    planted: &'a mut Planted,
}

impl Asked<'_> {
    fn request(&self, service: &str, operation: &str, arguments: &Value, who: &Signer) -> Request {
        let service = self.cloud.dialect.services.iter().find(|known| known.name == service).expect("a service");
        self.cloud.request_of(service, operation, arguments, Some(who))
    }

    fn ask(&self, service: &str, operation: &str, arguments: Value, who: &Signer) -> String {
        let (status, answer) = self.server.send(self.request(service, operation, &arguments, who));
        assert_eq!(status, 200, "{operation}: {answer}");
        answer
    }

    fn member(answer: &str, name: &str) -> String {
        let answer: Value = serde_json::from_str(answer).expect("JSON");
        answer[name].as_str().unwrap_or_else(|| panic!("{name} in {answer}")).to_owned()
    }

    fn plant(&mut self, name: &str, signer: &Signer) {
        self.planted.add(&format!("{name} secret"), signer.secret.clone());
        if let Some(token) = &signer.token {
            self.planted.add(&format!("{name} token"), token.clone());
        }
    }

    fn keys(&mut self, who: &Signer) {
        let (aws, plaintext) = (self.cloud.dialect.name == "aws", STANDARD.encode(PLAINTEXT));
        let context = || match aws {
            true => json!({"purpose": CONTEXT}),
            false => json!({"purpose": CONTEXT}).to_string().into(),
        };
        let sealed = json!({"KeyId": KEY, "Plaintext": plaintext, "EncryptionContext": context()});
        let blob = Self::member(&self.ask("kms", "Encrypt", sealed, who), "CiphertextBlob");
        let open = json!({"CiphertextBlob": blob, "EncryptionContext": context()});
        assert_eq!(Self::member(&self.ask("kms", "Decrypt", open, who), "Plaintext"), plaintext);
        // Refused ones hold as much as others: a wrong context, a parameter too many, one that is too long.
        for arguments in [
            json!({"CiphertextBlob": blob}),
            json!({"KeyId": KEY, "Plaintext": plaintext, "EncryptionContext": "["}),
            json!({"KeyId": "nothing", "Plaintext": plaintext}),
            json!({"KeyId": KEY, "Plaintext": plaintext.repeat(200)}),
        ] {
            let operation = if arguments["Plaintext"].is_null() { "Decrypt" } else { "Encrypt" };
            assert_ne!(self.server.send(self.request("kms", operation, &arguments, who)).0, 200, "{arguments}");
        }
        let data_key = self.ask("kms", "GenerateDataKey", json!({"KeyId": KEY, "KeySpec": "AES_256"}), who);
        let data_key = STANDARD.decode(Self::member(&data_key, "Plaintext")).expect("base64");
        self.planted.add("data key", data_key);
        if aws {
            let again = json!({"CiphertextBlob": blob, "DestinationKeyId": KEY, "SourceEncryptionContext": context()});
            self.ask("kms", "ReEncrypt", again, who);
            let random = self.ask("kms", "GenerateRandom", json!({"NumberOfBytes": 32}), who);
            self.planted.add("random bytes", STANDARD.decode(Self::member(&random, "Plaintext")).expect("base64"));
        }
    }

    fn identities(&mut self, who: &Signer) -> Signer {
        let aws = self.cloud.dialect.name == "aws";
        let service = if aws { "iam" } else { "ram" };
        self.ask(service, "CreateUser", json!({"UserName": "ann"}), who);
        let made = Signer::of(&self.ask(service, "CreateAccessKey", json!({"UserName": "ann"}), who));
        self.plant("access key", &made);
        let allowed = self.cloud.policy(&[("Allow", vec!["*"])]).to_string();
        if aws {
            self.ask(
                service,
                "PutUserPolicy",
                json!({"UserName": "ann", "PolicyName": "all", "PolicyDocument": allowed}),
                who,
            );
        } else {
            self.ask(service, "CreatePolicy", json!({"PolicyName": "all", "PolicyDocument": allowed}), who);
            let attach = json!({"UserName": "ann", "PolicyName": "all", "PolicyType": "Custom"});
            self.ask(service, "AttachPolicyToUser", attach, who);
        }
        let trust = json!({"Version": self.cloud.version, "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": self.cloud.trusted, "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}}]});
        self.ask(service, "CreateRole", json!({"RoleName": "rol", "AssumeRolePolicyDocument": trust.to_string()}), who);
        made
    }

    fn sessions(&mut self, who: &Signer) -> Signer {
        let aws = self.cloud.dialect.name == "aws";
        let role = match aws {
            true => format!("arn:aws:iam::{}:role/rol", self.cloud.account),
            false => format!("acs:ram::{}:role/rol", self.cloud.account),
        };
        let assume = |id: &str| json!({"RoleArn": role, "RoleSessionName": "session", "ExternalId": id});
        let session = Signer::of(&self.ask("sts", "AssumeRole", assume(EXTERNAL_ID), who));
        self.plant("session", &session);
        self.ask("sts", "GetCallerIdentity", json!({}), &session);
        assert_ne!(self.server.send(self.request("sts", "AssumeRole", &assume("another"), who)).0, 200);
        if aws {
            let own = Signer::of(&self.ask("sts", "GetSessionToken", json!({}), who));
            self.plant("own session", &own);
        }
        session
    }

    /// Requests that are refused before anybody is asked: secrets stand in them too.
    fn unproven(&self, session: &Signer) {
        let plaintext = STANDARD.encode(PLAINTEXT);
        let wrong = Signer { id: "OWNEROFTESTS".to_owned(), secret: "wrong".to_owned(), token: None };
        let other = Signer { id: session.id.clone(), secret: "wrong".to_owned(), token: session.token.clone() };
        for who in [&wrong, &other] {
            let request = self.request("kms", "Encrypt", &json!({"KeyId": KEY, "Plaintext": plaintext}), who);
            assert_ne!(self.server.send(request).0, 200);
        }
        let host = self.server.address();
        for (head, body) in [
            (format!("POST / HTTP/1.1\r\nHost: {host}\r\nX-Amz-Target: TrentService.Encrypt"), plaintext.clone()),
            (
                format!("GET /?Action=Encrypt&Version=2016-01-20&Plaintext={plaintext} HTTP/1.1\r\nHost: {host}"),
                String::new(),
            ),
            (format!("GET /?Plaintext={plaintext} HTTP/1.1\r\nHost: evil.example"), String::new()),
            (format!("POST /{plaintext} HTTP/1.1\r\nHost: {host}\r\nX-Plaintext: {plaintext}"), plaintext.clone()),
            (format!("BREW {plaintext} HTCPCP/1.0\r\nHost: {host}"), String::new()),
        ] {
            let length = body.len();
            self.server
                .exchange(format!("{head}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}").as_bytes());
        }
    }
}

fn seed(clouds: &[Cloud]) -> Value {
    let account = |cloud: &Cloud| {
        let key = json!({"id": KEY, "region": cloud.region, "material": STANDARD.encode(MATERIAL), "aliases": ["alias/told"]});
        let users = json!([{"name": "seeded", "access_keys": [{"id": "SEEDED", "secret": SEEDED}]}]);
        (cloud.dialect.name.to_owned(), json!([{"account": cloud.account, "users": users, "keys": [key]}]))
    };
    clouds.iter().map(account).collect::<serde_json::Map<_, _>>().into()
}

#[test]
fn nothing_that_a_server_writes_holds_a_secret() {
    let (folder, outside) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let clouds = clouds();
    let seeds = outside.path().join("seed.json");
    std::fs::write(&seeds, seed(&clouds).to_string()).expect("a seed");
    let temporary = folder.path().join("tmp");
    std::fs::create_dir(&temporary).expect("a folder");
    let mut program =
        Program::new(["serve", "--data-dir", "data", "--log-level", "trace", "--decision-header", "--tls=true"])
            .arguments(["--tls-listen", "127.0.0.1:0", "--audit-decisions", "all", "--seed"])
            .arguments([seeds])
            .variable("POLYKMS_PASSPHRASE", PASSPHRASE)
            .variable("TMPDIR", temporary.to_str().expect("UTF-8"));
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "ALIBABA_ACCESS_KEY_ID", "ALIBABA_ACCESS_KEY_SECRET"] {
        program =
            program.variable(&format!("POLYKMS_{name}"), if name.ends_with("ID") { "OWNEROFTESTS" } else { OWNER });
    }
    let server = program.start(folder.path());
    // It says how to reach it, the owners' secrets included, on purpose and for its user alone.
    std::fs::remove_file(folder.path().join("ready.json")).expect("a ready file");

    let mut planted = Planted::default();
    planted.add("plaintext", PLAINTEXT);
    planted.add("owner's secret", OWNER);
    planted.add("seeded secret", SEEDED);
    planted.add("seeded material", MATERIAL);
    planted.add("passphrase", PASSPHRASE);
    let owner = Signer { id: "OWNEROFTESTS".to_owned(), secret: OWNER.to_owned(), token: None };
    for cloud in &clouds {
        let mut asked = Asked { cloud, server: &server, planted: &mut planted };
        asked.keys(&owner);
        let ann = asked.identities(&owner);
        let session = asked.sessions(&ann);
        asked.unproven(&session);
    }

    let mut kinds = std::collections::BTreeSet::new();
    let mut look = || {
        for (path, bytes) in everything(folder.path()) {
            let found = planted.found(&bytes);
            assert!(found.is_empty(), "{} holds {found:?}", path.display());
            kinds.insert(path.extension().unwrap_or_default().to_string_lossy().into_owned());
            // What policies demand of third parties is kept with them, and told where the trail says what decided.
            let told = memchr::memmem::find(&bytes, EXTERNAL_ID.as_bytes()).is_some();
            let kept = path.starts_with(folder.path().join("data"));
            assert!(kept || !told, "{} holds the external id", path.display());
        }
    };
    look(); // the log of the database, as a kill would leave it
    assert_eq!(server.stop().code(), Some(0));
    look();
    for kind in ["db", "db-wal", "jsonl", "log"] {
        assert!(kinds.contains(kind), "{kind} was not looked at: {kinds:?}");
    }

    // The control: what is no secret is found where it belongs, so that the search is not blind.
    let all = everything(folder.path());
    let holds = |end: &str, text: &str| {
        let (_, bytes) = all.iter().find(|(path, _)| path.to_string_lossy().ends_with(end)).expect(end);
        memchr::memmem::find(bytes, text.as_bytes()).is_some()
    };
    assert!(holds("polykms.db", "alias/told") && holds("polykms.db", EXTERNAL_ID));
    assert!(holds("audit.jsonl", CONTEXT) && holds("server.log", "answered"));
}

#[test]
fn the_search_finds_a_secret_in_every_encoding() {
    let mut planted = Planted::default();
    planted.add("it", PLAINTEXT);
    let text = String::from_utf8_lossy(PLAINTEXT);
    for written in [
        format!("x{text}y"),
        STANDARD.encode(PLAINTEXT),
        STANDARD.encode(format!("x{text}")),
        URL_SAFE_NO_PAD.encode(format!("xy{text}z")),
        PLAINTEXT.iter().map(|byte| format!("{byte:02x}")).collect(),
        format!("{PLAINTEXT:?}"),
    ] {
        assert_eq!(planted.found(written.as_bytes()), ["it"], "{written}");
    }
    assert!(planted.found(b"canary-plaintext-of-another-kind").is_empty());
}
