//! Clients of a server that misbehaves: nothing hangs, nothing is done twice, and every error says what to do.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use polykms::client::{AccessKeys, Again, Credentials, Error, Kind, Limits, Remote, RemoteBuilder, Static};
use polykms::core::port::Time;
use polykms::core::secret::AccessSecret;
use polykms::{Client, client};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with one request.
#[derive(Clone)]
enum Act {
    /// Answers with these bytes, head and all.
    Say(Vec<u8>),
    /// Ends the connection without a word.
    Hang,
    /// Says these bytes, and no more, and keeps the connection.
    Stall(Vec<u8>),
}

/// A server that does what it was told to, request by request, and keeps what it was asked.
struct Faulty {
    address: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Faulty {
    async fn start(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let (kept, mut acts) = (Arc::clone(&heads), acts.into_iter());
        tokio::spawn(async move {
            let mut stalled = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                while let Some(head) = request(&mut stream).await {
                    kept.lock().expect("the heads").push(head);
                    match acts.next().expect("no more requests than acts") {
                        Act::Say(bytes) => stream.write_all(&bytes).await.expect("an answer"),
                        Act::Hang => break,
                        Act::Stall(bytes) => {
                            stream.write_all(&bytes).await.expect("a part of an answer");
                            stalled.push(stream);
                            break;
                        }
                    }
                    if stalled.len() > 64 {
                        return;
                    }
                }
            }
        });
        Self { address, heads }
    }

    fn client(&self, dialect: &str, settings: impl FnOnce(RemoteBuilder) -> RemoteBuilder) -> Client {
        let registry = polykms::registry().expect("dialects");
        let dialect = registry.dialects().iter().find(|known| known.name == dialect).expect("the dialect");
        let keys = AccessKeys::new("AKIDEXAMPLE", AccessSecret::new("hush".to_owned()));
        let builder = Remote::builder(dialect)
            .environment(false)
            .region(dialect.law.region)
            .endpoint(format!("http://{}", self.address))
            .limits(Limits { attempt: Duration::from_millis(500), call: Duration::from_secs(20), ..Limits::default() })
            .credentials(Static(keys));
        Client::remote(settings(builder).build().expect("a client"))
    }

    fn asked(&self) -> usize {
        self.heads.lock().expect("the heads").len()
    }

    fn head(&self, at: usize) -> String {
        self.heads.lock().expect("the heads")[at].clone()
    }
}

/// Reads one request; its head.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let end = loop {
        let mut more = [0; 4096];
        let read = stream.read(&mut more).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&more[..read]);
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok()).unwrap_or(0);
    let mut missing: usize = length - (bytes.len() - end - 4).min(length);
    while missing > 0 {
        let mut more = [0; 4096];
        missing -= stream.read(&mut more).await.ok()?.min(missing);
    }
    Some(head)
}

fn answer(status: &str, headers: &str, body: &str) -> Act {
    let length = body.len();
    Act::Say(format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n{body}").into_bytes())
}

/// What describes a key, as both clouds tell it.
fn described(dialect: &str) -> Act {
    answer(
        "200 OK",
        "",
        match dialect {
            "aws" => {
                r#"{"KeyMetadata":{"KeyId":"11111111-1111-4111-8111-111111111111","Arn":"arn:aws:kms:us-east-1:111122223333:key/11111111-1111-4111-8111-111111111111","AWSAccountId":"111122223333","CreationDate":1.7e9,"Description":"","Enabled":true,"KeyManager":"CUSTOMER","KeySpec":"SYMMETRIC_DEFAULT","CustomerMasterKeySpec":"SYMMETRIC_DEFAULT","KeyState":"Enabled","KeyUsage":"ENCRYPT_DECRYPT","MultiRegion":false,"Origin":"AWS_KMS","EncryptionAlgorithms":["SYMMETRIC_DEFAULT"]}}"#
            }
            _ => {
                r#"{"KeyMetadata":{"KeyId":"key-hzz11111111-1111","Arn":"acs:kms:cn-hangzhou:1000000000000000:key/key-hzz11111111-1111","Creator":"1000000000000000","CreationDate":"2026-01-01T00:00:00Z","Description":"","KeySpec":"Aliyun_AES_256","KeyState":"Enabled","KeyUsage":"ENCRYPT/DECRYPT","Origin":"Aliyun_KMS","ProtectionLevel":"SOFTWARE","PrimaryKeyVersion":"v","AutomaticRotation":"Disabled","DeletionProtection":"Disabled","DeleteDate":"","MaterialExpireTime":"","LastRotationDate":"2026-01-01T00:00:00Z"},"RequestId":"r"}"#
            }
        },
    )
}

const BOTH: [&str; 2] = ["aws", "alibaba"];

async fn describe(client: &Client) -> client::Result<()> {
    client.key("alias/a").describe().await.map(drop)
}

async fn create(client: &Client) -> Error {
    client.keys().create().await.expect_err("no key was made")
}

#[tokio::test]
async fn what_is_harmless_is_asked_again_until_it_is_answered() {
    for dialect in BOTH {
        let acts =
            vec![Act::Hang, answer("502 Bad Gateway", "content-type: text/html\r\n", "<html>"), described(dialect)];
        let server = Faulty::start(acts).await;
        describe(&server.client(dialect, |it| it)).await.unwrap_or_else(|error| panic!("{dialect}: {error}"));
        assert_eq!(server.asked(), 3);
    }
}

#[tokio::test]
async fn what_makes_something_is_not_asked_again_when_it_may_have_been_done() {
    for dialect in BOTH {
        for act in [
            Act::Hang,
            Act::Stall(Vec::new()),
            Act::Stall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_vec()),
            Act::Say(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\n{\"cut\":".to_vec()),
            answer("500 Internal Server Error", "", "{}"),
            answer("504 Gateway Timeout", "", ""),
            Act::Say(b"no http at all\r\n\r\n".to_vec()),
        ] {
            let truncated = matches!(&act, Act::Say(bytes) if bytes.ends_with(b"\"cut\":"));
            let server =
                Faulty::start(vec![if truncated { Act::Stall(b"HTTP/1.1 200 OK\r\n".to_vec()) } else { act }]).await;
            let error = create(&server.client(dialect, |it| it)).await;
            assert_eq!((error.again(), error.attempts()), (Again::Unknown, 1), "{dialect}: {error}");
            assert!(error.hint().is_some_and(|hint| hint.contains("it may have happened")), "{error}");
            assert_eq!(server.asked(), 1);
        }
    }
}

#[tokio::test]
async fn what_was_not_taken_up_is_asked_again_whatever_it_makes() {
    let throttled = |dialect: &str| match dialect {
        "aws" => answer(
            "400 Bad Request",
            "x-amz-retry-after: 1\r\n",
            r#"{"__type":"ThrottlingException","message":"slow down"}"#,
        ),
        _ => {
            answer("400 Bad Request", "x-acs-retry-after: 1\r\n", r#"{"Code":"Throttling.User","Message":"slow down"}"#)
        }
    };
    for dialect in BOTH {
        let server = Faulty::start(vec![throttled(dialect), throttled(dialect)]).await;
        let client = server.client(dialect, |it| it.limits(Limits { attempts: 2, ..Limits::default() }));
        let error = create(&client).await;
        assert_eq!((error.kind(), error.attempts()), (Kind::Throttled, 2), "{error}");
        assert!(matches!(error.again(), Again::After(_)), "{error}");
        assert_eq!(server.asked(), 2);
    }
    let gone = Faulty { address: "127.0.0.1:1".to_owned(), heads: Arc::default() };
    let error = create(&gone.client("aws", |it| it)).await;
    assert_eq!((error.kind(), error.attempts()), (Kind::Transport, 3), "{error}");
}

#[tokio::test]
async fn every_attempt_is_signed_anew() {
    for (dialect, header) in [("aws", "amz-sdk-request: attempt="), ("alibaba", "x-acs-signature-nonce: ")] {
        let server = Faulty::start(vec![Act::Hang, Act::Hang, described(dialect)]).await;
        describe(&server.client(dialect, |it| it)).await.unwrap();
        let told = |at: usize| {
            let head = server.head(at);
            head.lines().find(|line| line.starts_with(header)).unwrap_or_else(|| panic!("{head}")).to_owned()
        };
        assert!(told(0) != told(1) && told(1) != told(2), "{} {} {}", told(0), told(1), told(2));
    }
}

#[tokio::test]
async fn a_call_ends_in_time_whatever_the_server_does() {
    for stall in
        [Vec::new(), b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n".to_vec(), b"HTTP/1.1 200 OK\r\n".to_vec()]
    {
        let server = Faulty::start(vec![Act::Stall(stall); 8]).await;
        let client = server.client("aws", |it| it);
        let begun = Instant::now();
        let error = client.key("alias/a").describe().timeout(Duration::from_millis(800)).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Timeout, "{error}");
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn no_more_is_read_than_the_cap() {
    let huge = |head: &str| Act::Stall([head.as_bytes(), &vec![b'x'; 100_000]].concat());
    for head in [
        "HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffff\r\n",
        "HTTP/1.1 400 Bad Request\r\ncontent-length: 1000000000000\r\n\r\n",
    ] {
        let server = Faulty::start(vec![huge(head)]).await;
        let client = server.client("aws", |it| it.limits(Limits { answer: 4096, ..Limits::default() }));
        let error = client.key("alias/a").describe().await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unexpected, "{error}");
        assert!(error.message().contains("4096 bytes"), "{error}");
    }
}

#[tokio::test]
async fn answers_that_are_none_are_told_as_such() {
    for dialect in BOTH {
        for body in
            ["", "[]", "nonsense", "{}", r#"{"KeyMetadata":7}"#, r#"{"KeyMetadata":{"KeyId":["x"]}}"#, "<html></html>"]
        {
            let server =
                Faulty::start(vec![answer("200 OK", "x-amzn-requestid: r-7\r\nx-acs-request-id: r-7\r\n", body)]).await;
            let error = describe(&server.client(dialect, |it| it)).await.unwrap_err();
            assert_eq!(error.kind(), Kind::Unexpected, "{dialect} {body}: {error}");
            assert_eq!(error.request_id(), Some("r-7"), "{error}");
        }
        let server = Faulty::start(vec![answer("302 Found", "location: http://169.254.169.254/\r\n", "")]).await;
        let error = describe(&server.client(dialect, |it| it)).await.unwrap_err();
        assert_eq!((error.kind(), server.asked()), (Kind::Unexpected, 1), "{error}");
    }
}

#[tokio::test]
async fn an_answer_of_another_key_is_none() {
    let other = r#"{"CiphertextBlob":"AAAA","KeyId":"arn:aws:kms:us-east-1:111122223333:key/22222222-2222-4222-8222-222222222222","EncryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#;
    let server = Faulty::start(vec![answer("200 OK", "", other)]).await;
    let client = server.client("aws", |it| it);
    let error = client.key("11111111-1111-4111-8111-111111111111").encrypt("x").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unexpected, "{error}");
}

#[tokio::test]
async fn a_clock_that_differs_is_followed_once() {
    let there = std::time::SystemTime::now() + Duration::from_secs(3600);
    let date = format!("date: {}\r\n", httpdate(there));
    let skewed = |dialect: &str| match dialect {
        "aws" => {
            answer("400 Bad Request", &date, r#"{"__type":"InvalidSignatureException","message":"Signature expired"}"#)
        }
        _ => answer("400 Bad Request", &date, r#"{"Code":"InvalidTimeStamp.Expired","Message":"expired"}"#),
    };
    for dialect in BOTH {
        let server = Faulty::start(vec![skewed(dialect), described(dialect)]).await;
        describe(&server.client(dialect, |it| it)).await.unwrap();
        assert_eq!(server.asked(), 2);
        let server = Faulty::start(vec![skewed(dialect), skewed(dialect)]).await;
        let error = describe(&server.client(dialect, |it| it)).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (Kind::Credentials, 2), "{error}");
    }
}

/// A date as HTTP has it (RFC 9110, section 5.6.7).
fn httpdate(time: std::time::SystemTime) -> String {
    let time = Time::try_from(time).expect("a time");
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Credentials that are new each time.
struct Renewed(Arc<Mutex<usize>>);

#[async_trait]
impl Credentials for Renewed {
    async fn load(&self) -> client::Result<Option<AccessKeys>> {
        let mut number = self.0.lock().expect("the number");
        *number += 1;
        let keys = AccessKeys::new(format!("AKID{number}"), AccessSecret::new("hush".to_owned()));
        Ok(Some(keys.of_session(AccessSecret::new("token".to_owned()), None)))
    }

    fn name(&self) -> &str {
        "a test"
    }
}

#[tokio::test]
async fn credentials_that_end_under_way_are_renewed_once() {
    let ended = |dialect: &str| match dialect {
        "aws" => answer("400 Bad Request", "", r#"{"__type":"ExpiredTokenException","message":"ended"}"#),
        _ => answer("400 Bad Request", "", r#"{"Code":"InvalidSecurityToken.Expired","Message":"ended"}"#),
    };
    for dialect in BOTH {
        let number = Arc::<Mutex<usize>>::default();
        let server = Faulty::start(vec![ended(dialect), described(dialect), ended(dialect), ended(dialect)]).await;
        let client = server.client(dialect, |it| it.credentials(Renewed(Arc::clone(&number))));
        describe(&client).await.unwrap();
        assert_eq!(*number.lock().unwrap(), 2);
        assert!(server.head(0).contains("akid1") && server.head(1).contains("akid2"));
        let error = describe(&client).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (Kind::Credentials, 2), "{error}");
    }
}

#[tokio::test]
async fn an_outage_ends_in_errors_at_once() {
    let server = Faulty::start(vec![answer("503 Service Unavailable", "", ""); 200]).await;
    let client = server.client("aws", |it| it);
    let mut single = 0;
    for _ in 0..40 {
        let error = describe(&client).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable, "{error}");
        single += usize::from(error.attempts() == 1);
    }
    assert!(single >= 15, "{single} of 40 calls were sent once only");
}

#[tokio::test]
async fn errors_and_clients_show_no_secrets() {
    let server = Faulty::start(vec![answer("403 Forbidden", "", "")]).await;
    let client = server.client("aws", |it| it);
    let error = client.key("alias/a").encrypt("attack at dawn").attempts(1).await.unwrap_err();
    let shown = format!("{client:?} {error:?} {error}");
    assert!(!shown.contains("hush") && !shown.contains("attack"), "{shown}");
}
