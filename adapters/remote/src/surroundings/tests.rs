#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;
use polykms_core::dialect::client::{Profile, Refusal, Variables};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use super::*;
use crate::{Limits, settings};

/// A cloud of which nothing is asked.
static NOBODY: Client = Client {
    target: |_, choice| Target { host: "h".to_owned(), region: choice.region.to_owned() },
    seal: |_, _| Ok(()),
    attempt: |_, _| {},
    write: |_, _, _| Err(polykms_core::error::Kind::Absent.because("nothing is asked")),
    read: |_, _, _| Err(polykms_core::error::Kind::Absent.because("nothing is told")),
    refusal: |_, _| Refusal::default(),
    told: |_, _| Refusal::default(),
    kind: |_, _, _| Kind::Unexpected,
    is_skewed: |_| false,
    is_expired: |_| false,
    envelope_scheme: 16,
    key_uris: &[],
    variables: &Variables {
        access_key_id: &[],
        secret: &[],
        token: &[],
        region: &[],
        endpoint_of: |_| None,
        endpoint: &[],
    },
    profile: |_, _| Ok(Profile::default()),
    credentials: |_, _| Box::pin(async { Ok(None) }),
};

const BESIDE: &[IpAddr] = &[IpAddr::V4(std::net::Ipv4Addr::new(169, 254, 170, 2))];
const NEAR: Reach = Reach::Near {
    addresses: BESIDE,
    tls: true,
    connect: Duration::from_millis(500),
    answer: Duration::from_millis(500),
};

fn around(programs: bool) -> Around {
    let limits = Limits::default();
    let tls = http::tls(&[]).unwrap();
    let http = http::client(&tls, &limits).unwrap();
    Around { client: &NOBODY, settings: settings::of_tests(limits), http, tls, programs }
}

fn request() -> Request {
    ::http::Request::get("/latest?x=1").body(Bytes::new()).unwrap().into()
}

/// A server on this machine that answers each connection with these bytes and keeps what it heard.
async fn server(answer: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let heard = Arc::<Mutex<Vec<String>>>::default();
    let kept = Arc::clone(&heard);
    tokio::spawn(async move {
        let mut stalled = Vec::new();
        for _ in 0..20 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = vec![0; 4096];
            let read = stream.read(&mut bytes).await.unwrap();
            kept.lock().unwrap().push(String::from_utf8_lossy(&bytes[..read]).into_owned());
            stream.write_all(answer.as_bytes()).await.unwrap();
            stalled.extend(answer.is_empty().then_some(stream));
        }
    });
    (address, heard)
}

#[tokio::test]
async fn what_is_on_this_machine_is_asked() {
    let (address, heard) = server("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\ntoken").await;
    let port = address.rsplit_once(':').unwrap().1;
    for origin in [format!("http://{address}"), format!("http://localhost:{port}")] {
        let response = around(false).ask(&origin, request(), NEAR).await.unwrap();
        assert_eq!(response.body(), "token");
    }
    assert!(heard.lock().unwrap()[0].starts_with("GET /latest?x=1 HTTP/1.1\r\n"));
}

#[tokio::test]
async fn without_tls_nobody_else_is_asked() {
    for origin in [
        "http://10.0.0.1",
        "http://169.254.169.254",
        "http://[::ffff:10.0.0.1]",
        "http://192.0.2.1:80",
        "http://0.0.0.0:1",
        "ftp://127.0.0.1",
        "file://localhost",
    ] {
        let error = around(false).ask(origin, request(), NEAR).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Config, "{origin}: {error}");
        assert!(error.message().contains("must not be asked"), "{error}");
    }
    let strict =
        Reach::Near { addresses: BESIDE, tls: false, connect: Duration::from_secs(1), answer: Duration::from_secs(1) };
    let error = around(false).ask("https://127.0.0.1:1", request(), strict).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Config, "{error}");
}

#[test]
fn a_name_is_near_when_all_its_addresses_are() {
    let near = |addresses: &[&str]| {
        let found: Vec<SocketAddr> = addresses.iter().map(|text| format!("{text}:80").parse().unwrap()).collect();
        are_near(&found, BESIDE)
    };
    assert!(near(&["127.0.0.1", "[::1]", "169.254.170.2", "[::ffff:127.0.0.1]", "[::ffff:169.254.170.2]"]));
    assert!(!near(&["127.0.0.1", "10.0.0.1"]));
    assert!(!near(&["169.254.170.3"]));
    assert!(!near(&[]));
}

#[tokio::test]
async fn redirects_are_not_followed_and_long_or_late_answers_not_waited_for() {
    let (address, heard) = server("HTTP/1.1 302 Found\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n").await;
    let response = around(false).ask(&format!("http://{address}"), request(), NEAR).await.unwrap();
    assert_eq!((response.status().as_u16(), heard.lock().unwrap().len()), (302, 1));

    let (address, _) = server("HTTP/1.1 200 OK\r\ncontent-length: 70000\r\n\r\n").await;
    let error = around(false).ask(&format!("http://{address}"), request(), NEAR).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unexpected, "{error}");

    let (address, _) = server("").await;
    let begun = Instant::now();
    let error = around(false).ask(&format!("http://{address}"), request(), NEAR).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout, "{error}");
    assert!(begun.elapsed() < Duration::from_secs(5));

    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = around(false).ask(&format!("http://{gone}"), request(), NEAR).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Transport, "{error}");
}

#[test]
fn files_are_small_and_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    std::fs::write(path("good"), "text").unwrap();
    std::fs::write(path("long"), vec![b'x'; 1024 * 1024 + 1]).unwrap();
    std::fs::write(path("bytes"), [0xff, 0xfe]).unwrap();
    let file = |name: &str| around(false).file(&path(name));
    assert_eq!(file("good").unwrap().unwrap().as_str(), "text");
    assert!(file("gone").unwrap().is_none());
    assert!(file("good/below").unwrap().is_none());
    for (name, part) in [("long", "longer than 1 MiB"), ("bytes", "no text"), ("", "no file")] {
        let error = file(name).unwrap_err();
        assert!(error.kind() == Kind::Config && error.message().contains(part), "{error}");
    }
    assert!(around(false).file("/dev/zero").is_err(), "it never ends");
}

#[tokio::test]
async fn programs_run_where_that_is_allowed() {
    let run = |programs, line: &str| {
        let words: Vec<String> = ["/bin/sh", "-c", line].map(str::to_owned).into();
        async move { around(programs).run(&words).await }
    };
    assert_eq!(run(true, "echo hello; echo hush >&2").await.unwrap().as_str(), "hello\n");
    let error = run(false, "echo hush").await.unwrap_err();
    assert!(error.kind() == Kind::Config && error.to_string().contains("allow"), "{error}");
    let error = run(true, "echo hush; exit 3").await.unwrap_err();
    assert!(error.kind() == Kind::Credentials && !error.to_string().contains("hush"), "{error}");
    let error = around(true).run(&["/no/such/program".to_owned()]).await.unwrap_err();
    assert!(error.message().contains("does not run"), "{error}");
}

#[tokio::test]
async fn where_nothing_around_is_looked_at_there_is_nothing() {
    let mut around = around(false);
    around.settings.environment = false;
    assert_eq!(around.variable("PATH"), None);
    assert!(Chain { around }.load().await.unwrap().is_none());
}
