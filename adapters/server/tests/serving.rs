//! What good clients see: keep-alive, pipelines, TLS, the server's own pages, panics contained, a gentle end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod harness;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use harness::{Running, SLOW, responses};
use polykms_server::Tls;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};

#[test]
fn a_connection_serves_many_requests() {
    let server = Running::start();
    let mut client = server.connect();
    for n in 0..20 {
        client.send(format!("POST /{n} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc").as_bytes());
        client.read_until(&format!("</{n} 3 false>"));
    }
}

#[test]
fn a_pipeline_is_answered_in_order() {
    let server = Running::start();
    let mut pipeline: String = (0..50).map(|n| format!("GET /{n} HTTP/1.1\r\nHost: a\r\n\r\n")).collect();
    pipeline += "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let answers = server.exchange(pipeline.as_bytes());
    assert_eq!(responses(&answers), 51);
    let places: Vec<_> = (0..50).map(|n| answers.find(&format!("</{n} 0 false>")).unwrap()).collect();
    assert!(places.is_sorted());
}

#[test]
fn a_client_that_has_finished_writing_is_still_answered() {
    let server = Running::start();
    let mut client = server.connect();
    client.send(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    client.0.shutdown(Shutdown::Write).unwrap();
    assert!(client.read_to_end().contains("</slow 0 false>"));
}

#[test]
fn a_body_waits_for_its_invitation() {
    let server = Running::start();
    let mut client = server.connect();
    client.send(b"POST /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    client.read_until("HTTP/1.1 100 Continue\r\n\r\n");
    client.send(b"abc");
    client.read_until("</e 3 false>");
    let refused =
        server.exchange(b"POST /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3000000\r\n\r\n");
    assert!(refused.starts_with("HTTP/1.1 413 "), "{refused}");
}

#[test]
fn the_server_tells_its_health() {
    let server = Running::start();
    let answer = server.exchange(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with(r#"{"status":"ok"}"#), "{answer}");
    assert!(answer.contains("Content-Type: application/json"), "{answer}");
    let head = server.exchange(b"HEAD /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200 ") && head.ends_with("\r\n\r\n"), "{head}");
}

#[test]
fn the_clock_moves_only_when_enabled_and_by_a_duration() {
    let post = |body: &str| {
        let head = "POST /_polykms/clock HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length:";
        format!("{head} {}\r\n\r\n{body}", body.len())
    };
    let server = Running::start();
    assert!(server.exchange(post(r#"{"advance":"8d"}"#).as_bytes()).starts_with("HTTP/1.1 404 "));
    let server = Running::with(|options| polykms_server::Options { reset: true, ..options });
    let moved = server.exchange(post(r#"{"advance":"8d 2h"}"#).as_bytes());
    assert!(moved.ends_with(r#"{"status":"1970-01-09T02:00:00Z"}"#), "{moved}");
    for wrong in ["", "{}", r#"{"advance":"soon"}"#, r#"{"advance":8}"#, r#"{"advance":"8d","set":"x"}"#] {
        let refused = server.exchange(post(wrong).as_bytes());
        assert!(refused.starts_with("HTTP/1.1 400 "), "{refused}");
    }
}

#[test]
fn a_reset_exists_only_when_enabled() {
    let post = b"POST /_polykms/reset HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let server = Running::start();
    assert!(server.exchange(post).starts_with("HTTP/1.1 404 "));
    assert_eq!(server.double.resets.load(Ordering::SeqCst), 0);
    let server = Running::with(|options| polykms_server::Options { reset: true, ..options });
    assert!(server.exchange(post).starts_with("HTTP/1.1 200 "));
    assert_eq!(server.double.resets.load(Ordering::SeqCst), 1);
    let alias = b"POST /moto-api/reset HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    assert!(Running::start().exchange(alias).starts_with("HTTP/1.1 404 "));
    assert!(server.exchange(alias).ends_with(r#"{"status":"ok"}"#));
    assert_eq!(server.double.resets.load(Ordering::SeqCst), 2);
    let nothing = server.exchange(b"POST /moto-api/reset-auth HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(nothing.ends_with(r#"{"status":"ok"}"#), "{nothing}");
    assert_eq!(server.double.resets.load(Ordering::SeqCst), 2);
    let get = server.exchange(b"GET /_polykms/reset HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(get.starts_with("HTTP/1.1 404 "), "{get}");
    let other = server.exchange(b"GET /_polykms/state HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(other.starts_with("HTTP/1.1 404 ") && other.contains(r#""code":"NotFound""#), "{other}");
    let page =
        server.exchange(b"POST /_polykms/reset HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\nConnection: close\r\n\r\n");
    assert!(page.starts_with("HTTP/1.1 403 "), "{page}");
    assert_eq!(server.double.resets.load(Ordering::SeqCst), 2);
}

#[test]
fn a_panic_becomes_one_500_and_the_connection_lives() {
    let server = Running::start();
    let mut client = server.connect();
    client.send(b"GET /panic HTTP/1.1\r\nHost: a\r\n\r\n");
    let answer = client.read_until("InternalFailure");
    assert!(answer.starts_with("HTTP/1.1 500 ") && !answer.contains("on purpose"), "{answer}");
    client.send(b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    client.read_until("</next 0 false>");
    assert_eq!(server.handle.counters().panics.load(Ordering::SeqCst), 1);
}

#[test]
fn an_answer_that_was_begun_is_finished_though_its_client_left() {
    let server = Running::start();
    let mut client = server.connect();
    client.send(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    std::thread::sleep(SLOW / 4);
    socket2::SockRef::from(&client.0).set_linger(Some(Duration::ZERO)).unwrap();
    drop(client); // a reset, not a farewell
    std::thread::sleep(SLOW * 2);
    assert_eq!(server.double.finished.load(Ordering::SeqCst), 1);
}

#[test]
fn a_running_request_is_finished_when_the_server_ends() {
    let server = Running::start();
    let mut idle = server.connect();
    idle.send(b"GET /idle HTTP/1.1\r\nHost: a\r\n\r\n");
    idle.read_until("</idle 0 false>");
    let fresh = server.connect();
    let mut client = server.connect();
    client.send(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    std::thread::sleep(SLOW / 4);
    let begun = Instant::now();
    server.handle.drain();
    assert_eq!(idle.read_to_end(), "");
    assert!(begun.elapsed() < SLOW / 2, "the idle connection was kept");
    while TcpStream::connect(server.address).is_ok() {
        assert!(begun.elapsed() < SLOW / 2, "new connections are still taken");
        std::thread::sleep(Duration::from_millis(5)); // the workers close their sockets one after the other
    }
    let answer = client.read_to_end();
    assert!(answer.contains("</slow 0 false>") && answer.contains("Connection: close"), "{answer}");
    drop(fresh);
    server.join().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[test]
fn requests_on_their_way_on_kept_connections_are_answered_when_the_server_ends() {
    let server = Running::start();
    let mut clients: Vec<_> = (0..60).map(|_| server.connect()).collect();
    for client in &mut clients {
        client.send(b"GET /first HTTP/1.1\r\nHost: a\r\n\r\n");
        client.read_until("</first 0 false>");
    }
    // Whole, half here, and not yet connected to anybody.
    for (at, client) in clients.iter_mut().enumerate() {
        client.send(if at % 2 == 0 { b"GET /last HTTP/1.1\r\nHost: a\r\n\r\n" } else { b"GET /last HTTP/1.1\r\nHo" });
    }
    let mut fresh: Vec<_> = (0..10).map(|_| server.connect()).collect();
    for client in &mut fresh {
        client.send(b"GET /last HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    server.handle.drain();
    std::thread::sleep(Duration::from_millis(50));
    for client in clients.iter_mut().skip(1).step_by(2) {
        client.send(b"st: a\r\n\r\n");
    }
    for (at, client) in clients.iter_mut().chain(&mut fresh).enumerate() {
        let answer = client.read_to_end();
        assert!(answer.contains("</last 0 false>"), "{at}: {answer}");
        // Only what was half here is sure to be answered after the end had begun.
        let half = at < 60 && at % 2 == 1;
        assert!(!half || answer.contains("Connection: close"), "{at}: {answer}");
    }
    server.join().unwrap();
}

#[test]
fn draining_has_a_deadline() {
    let server = Running::with(|mut options| {
        options.limits.drain_time = Duration::from_millis(100);
        options
    });
    let mut client = server.connect();
    client.send(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    std::thread::sleep(Duration::from_millis(50));
    let begun = Instant::now();
    server.handle.drain();
    server.join().unwrap();
    assert!(begun.elapsed() < SLOW, "{:?}", begun.elapsed());
}

#[test]
fn the_same_requests_are_served_over_tls() {
    let directory = tempfile::tempdir().unwrap();
    let tls = Tls { listen: "127.0.0.1:0".parse().unwrap(), directory: directory.path().join("tls") };
    let server = Running::with(|options| polykms_server::Options { tls: Some(tls), ..options });
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(directory.path().join("tls/ca.pem")).unwrap()).unwrap();
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    for name in ["localhost", "127.0.0.1", "::1"] {
        let connection =
            rustls::ClientConnection::new(Arc::new(config.clone()), ServerName::try_from(name).unwrap()).unwrap();
        let mut stream = rustls::StreamOwned::new(connection, TcpStream::connect(server.tls.unwrap()).unwrap());
        stream.write_all(b"GET /t HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.ends_with("</t 0 true>"), "{name}: {answer}");
    }
    let mut silent = harness::Client::to(server.tls.unwrap());
    assert_eq!(silent.read_to_end(), "", "a connection without a handshake is kept");
}
