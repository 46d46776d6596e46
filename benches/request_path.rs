//! The whole path of a request inside the process (no sockets): claim, signature, policy, cryptography, audit, answer.
//!
//! Run with `cargo bench --bench request_path`. Compare the figures of one run with each other.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use bytes::Bytes;
use polykms::core::dialect::{Credential, Request};
use polykms::core::engine::Engine;
use polykms::core::engine::world::{GROUPS, put};
use polykms::core::identity::identity_path;
use polykms::core::port::{Clock, Expect, Time};
use polykms::core::secret::AccessSecret;
use polykms_alibaba::sign::Method;

fn main() {
    divan::main();
}

const REGION: &str = "us-east-1";
const KEY: &str = "11111111-1111-4111-8111-111111111111";

/// A clock that stands still, so that one signature stays valid.
struct Still(Time);

impl Clock for Still {
    fn now(&self) -> Time {
        self.0
    }
}

struct Bench {
    engine: Arc<Engine>,
    runtime: tokio::runtime::Runtime,
    now: Time,
    _folder: tempfile::TempDir,
}

fn bench() -> Bench {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let now = Time::from_second(1_790_000_000).expect("a time");
    let folder = tempfile::tempdir().expect("a folder");
    let seed: polykms::Seed = serde_json::from_value(seed()).expect("a seed");
    let settings = polykms::Settings { seed: Some(seed.into()), ..Default::default() };
    let builder = polykms::Builder::new()
        .settings(settings)
        .clock(Arc::new(Still(now)))
        .audit_file(Some(folder.path().join("audit.jsonl")));
    let engine = runtime.block_on(builder.build()).expect("an engine");
    Bench { engine, runtime, now, _folder: folder }
}

/// A user with ten statements, the ninth of which allows what is measured.
fn seed() -> serde_json::Value {
    let statements = |prefix: &str, allowed: serde_json::Value| {
        let mut all: Vec<_> = (0..9)
            .map(|at| serde_json::json!({"Effect": "Allow", "Action": format!("{prefix}:List{at}*"), "Resource": "*"}))
            .collect();
        all.insert(8, allowed);
        all
    };
    let aws = statements(
        "s3",
        serde_json::json!({"Effect": "Allow", "Action": "kms:*", "Resource": "arn:aws:kms:*:*:key/*",
        "Condition": {"StringEquals": {"aws:ResourceTag/Project": "Apollo"}, "IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}}),
    );
    let alibaba = statements(
        "oss",
        serde_json::json!({"Effect": "Allow", "Action": "kms:*", "Resource": "acs:kms:*:*:key/*",
        "Condition": {"StringEquals": {"kms:tag/Project": "Apollo"}, "IpAddress": {"acs:SourceIp": "127.0.0.0/8"}}}),
    );
    let account = |account: &str, version: &str, statements: Vec<serde_json::Value>, region: &str| {
        serde_json::json!([{"account": account,
            "users": [{"name": "bench", "access_keys": [{"id": "BENCH", "secret": "secret"}],
                       "inline": {"ten": {"Version": version, "Statement": statements}}}],
            "keys": [{"id": KEY, "region": region, "tags": {"Project": "Apollo"}}]}])
    };
    serde_json::json!({
        "aws": account("000000000000", "2012-10-17", aws, REGION),
        "alibaba": account("1000000000000000", "1", alibaba, "cn-hangzhou"),
    })
}

fn credential() -> Credential {
    Credential::new("BENCH".to_owned(), AccessSecret::new("secret".to_owned()))
}

impl Bench {
    fn aws(&self, operation: &str, body: String) -> Request {
        let request = http::Request::post("/")
            .header("host", "127.0.0.1:4566")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("TrentService.{operation}"))
            .body(())
            .expect("a request");
        let (head, ()) = request.into_parts();
        let mut request =
            Request { head, body: Bytes::from(body), peer: std::net::IpAddr::from([127, 0, 0, 1]).into(), tls: false };
        polykms_aws::sign::seal(&mut request, &credential(), None, REGION, "kms", self.now).expect("a signature");
        request
    }

    fn alibaba(&self, method: Method, action: &str, query: &str, nonce: u64) -> Request {
        let request = match method {
            Method::V1HmacSha1 => http::Request::post(format!("/?Action={action}&Version=2016-01-20&{query}")),
            Method::Acs3Sha256 | Method::Acs3Sm3 => http::Request::post(format!("/?{query}"))
                .header("x-acs-action", action)
                .header("x-acs-version", "2016-01-20"),
        };
        let request = request.header("host", "127.0.0.1:4566").body(()).expect("a request");
        let (head, ()) = request.into_parts();
        let mut request =
            Request { head, body: Bytes::new(), peer: std::net::IpAddr::from([127, 0, 0, 1]).into(), tls: false };
        let nonce = nonce.to_string();
        polykms_alibaba::sign::seal(&mut request, method, &credential(), None, &nonce, self.now).expect("a signature");
        request
    }

    fn answer(&self, request: Request) -> Bytes {
        let response = self.runtime.block_on(self.engine.answer(&request));
        assert_eq!(response.status(), 200, "{:?}", response.body());
        response.into_body()
    }

    fn change_another_group(&self) {
        let path = identity_path("aws", "000000000000", "others");
        let change = put(GROUPS, path, Expect::Any, &serde_json::Value::Null).expect("a change");
        self.runtime.block_on(self.engine.world().commit(vec![change])).expect("a commit");
    }

    fn blob(&self) -> String {
        let body = self.answer(self.aws("GenerateDataKey", format!(r#"{{"KeyId":"{KEY}","KeySpec":"AES_256"}}"#)));
        let made: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        made["CiphertextBlob"].as_str().expect("a blob").to_owned()
    }
}

#[divan::bench]
fn aws_decrypt(bencher: divan::Bencher<'_, '_>) {
    let bench = bench();
    let request = bench.aws("Decrypt", format!(r#"{{"CiphertextBlob":"{}"}}"#, bench.blob()));
    bencher.with_inputs(|| request.clone()).bench_values(|request| bench.answer(request));
}

#[divan::bench]
fn aws_generate_data_key(bencher: divan::Bencher<'_, '_>) {
    let bench = bench();
    let request = bench.aws("GenerateDataKey", format!(r#"{{"KeyId":"{KEY}","KeySpec":"AES_256"}}"#));
    bencher.with_inputs(|| request.clone()).bench_values(|request| bench.answer(request));
}

#[divan::bench]
fn aws_describe_key(bencher: divan::Bencher<'_, '_>) {
    let bench = bench();
    let request = bench.aws("DescribeKey", format!(r#"{{"KeyId":"{KEY}"}}"#));
    bencher.with_inputs(|| request.clone()).bench_values(|request| bench.answer(request));
}

/// Every so many requests somebody else of the account is changed, which is not measured; 0 is never.
#[divan::bench(args = [0, 10])]
fn aws_describe_key_beside_changes_of_others(bencher: divan::Bencher<'_, '_>, every: u64) {
    let bench = bench();
    let request = bench.aws("DescribeKey", format!(r#"{{"KeyId":"{KEY}"}}"#));
    let asked = std::cell::Cell::new(0_u64);
    bencher
        .with_inputs(|| {
            asked.set(asked.get() + 1);
            if asked.get().is_multiple_of(every) {
                bench.change_another_group();
            }
            request.clone()
        })
        .bench_local_values(|request| bench.answer(request));
}

#[divan::bench]
fn aws_signature_alone(bencher: divan::Bencher<'_, '_>) {
    let bench = bench();
    let request = bench.aws("GenerateDataKey", format!(r#"{{"KeyId":"{KEY}","KeySpec":"AES_256"}}"#));
    let (credential, skew) = (credential(), std::time::Duration::from_secs(300));
    bencher.bench(|| {
        let claimed = polykms_aws::sign::claim(&request, "kms").expect("a claim").expect("credentials");
        claimed.claim.proof.prove(&credential, bench.now, skew).expect("proven");
    });
}

#[divan::bench(args = ["V1", "ACS3"])]
fn alibaba_generate_data_key(bencher: divan::Bencher<'_, '_>, method: &str) {
    let bench = bench();
    let nonce = std::cell::Cell::new(0);
    bencher
        .with_inputs(|| {
            nonce.set(nonce.get() + 1);
            let query = format!("KeyId={KEY}&KeySpec=AES_256");
            let method = if method == "V1" { Method::V1HmacSha1 } else { Method::Acs3Sha256 };
            bench.alibaba(method, "GenerateDataKey", &query, nonce.get())
        })
        .bench_local_values(|request| bench.answer(request));
}

/// The same by the client, in this process: no signature to prove, and otherwise the whole line.
#[divan::bench]
fn client_generate_data_key(bencher: divan::Bencher<'_, '_>) {
    let bench = bench();
    let registry = polykms::registry().expect("dialects");
    let dialect = registry.dialects().iter().find(|dialect| dialect.name == "aws").expect("the dialect");
    let who = polykms::core::engine::Local {
        account: "000000000000".to_owned(),
        user: Some("bench".to_owned()),
        region: REGION.into(),
    };
    let client = polykms::Client::embedded(Arc::clone(&bench.engine), dialect, who);
    let key = client.key(KEY);
    bencher.bench(|| bench.runtime.block_on(async { key.data_key().await.expect("a data key") }));
}

/// An envelope of a mebibyte beside the cipher alone, under a key that wraps nothing.
mod envelope {
    use async_trait::async_trait;
    use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
    use polykms::client::Result;
    use polykms_envelope::{Context, FileKey, Recipient, Recipients};

    const SIZE: usize = 1 << 20;

    struct Plain;

    #[async_trait]
    impl Recipient for Plain {
        fn scheme(&self) -> u8 {
            16
        }

        async fn name(&self) -> Result<String> {
            Ok("plain".to_owned())
        }

        async fn generate(&self, _: &Context) -> Result<(FileKey, Vec<u8>)> {
            Ok((FileKey::new(&[7; 32])?, vec![7; 32]))
        }

        async fn wrap(&self, _: &FileKey, _: &Context) -> Result<Vec<u8>> {
            Ok(vec![7; 32])
        }

        async fn unwrap(&self, wrapped: &[u8], _: &Context) -> Result<FileKey> {
            FileKey::new(wrapped)
        }
    }

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime")
    }

    #[divan::bench]
    fn sealed(bencher: divan::Bencher<'_, '_>) {
        let (runtime, recipients, message) = (runtime(), Recipients::default().and(Plain), vec![1; SIZE]);
        let seal = || runtime.block_on(recipients.seal(&Context::default(), false, &message)).expect("an envelope");
        bencher.counter(divan::counter::BytesCount::new(SIZE)).bench(seal);
    }

    #[divan::bench]
    fn opened(bencher: divan::Bencher<'_, '_>) {
        let (runtime, recipients, message) = (runtime(), Recipients::default().and(Plain), vec![1; SIZE]);
        let sealed = runtime.block_on(recipients.seal(&Context::default(), false, &message)).expect("an envelope");
        let open = || runtime.block_on(recipients.open(&Context::default(), &sealed)).expect("a message");
        bencher.counter(divan::counter::BytesCount::new(SIZE)).bench(open);
    }

    #[divan::bench]
    fn cipher_alone(bencher: divan::Bencher<'_, '_>) {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32]).expect("a key"));
        let message = vec![1; SIZE];
        let seal = |mut message: Vec<u8>| {
            let nonce = Nonce::assume_unique_for_key([1; 12]);
            key.seal_in_place_append_tag(nonce, Aad::empty(), &mut message).expect("a ciphertext");
            message
        };
        bencher.counter(divan::counter::BytesCount::new(SIZE)).with_inputs(|| message.clone()).bench_values(seal);
    }
}
