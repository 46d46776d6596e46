//! What hostile or broken clients send, over raw sockets (RFC 9112 sections 6 and 11).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod harness;

use std::io::{Read, Write};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use harness::{Client, Running, responses};
use polykms_server::{Limits, Options};

#[test]
fn a_huge_content_length_is_refused_before_its_body() {
    let server = Running::start();
    let begun = Instant::now();
    let answer = server.exchange(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10737418240\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("Connection: close") && answer.contains(r#""code":"PayloadTooLarge""#), "{answer}");
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_client_that_writes_on_still_reads_its_refusal() {
    let server = Running::start();
    let mut client = server.connect();
    client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4194304\r\n\r\n");
    let part = vec![b'x'; 64 * 1024];
    for _ in 0..64 {
        if client.0.write_all(&part).is_err() {
            break;
        }
    }
    assert!(client.read_until("PayloadTooLarge").starts_with("HTTP/1.1 413 "));
}

#[test]
fn an_endless_chunked_body_is_refused_at_the_cap() {
    let server = Running::start();
    let mut client = server.connect();
    client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    let chunk = [b"10000\r\n".to_vec(), vec![b'x'; 0x10000], b"\r\n".to_vec()].concat();
    let sent = (0..1_000).take_while(|_| client.0.write_all(&chunk).is_ok()).count();
    assert!(sent < 1_000, "the server took {sent} chunks");
    assert_eq!(server.double.finished.load(Ordering::SeqCst), 0);

    let mut client = server.connect();
    client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for _ in 0..17 {
        client.send(&chunk);
    }
    let answer = client.read_until("PayloadTooLarge");
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[test]
fn a_body_of_exactly_the_cap_is_taken() {
    let server = Running::start();
    let body = vec![b'x'; 1024 * 1024];
    let mut client = server.connect();
    client.send(b"POST /cap HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1048576\r\n\r\n");
    client.send(&body);
    assert!(client.read_to_end().contains("</cap 1048576 false>"));
    let mut client = server.connect();
    client.send(b"POST /cap HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send(&[b"100000\r\n", body.as_slice(), b"\r\n0\r\n\r\n"].concat());
    assert!(client.read_to_end().contains("</cap 1048576 false>"));
}

/// Each holds a smuggled `GET /smuggled`; none may answer it, or anything with success.
#[test]
fn ambiguous_framing_is_refused_and_nothing_is_smuggled() {
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    let length = smuggled.len();
    let corpus = [
        (
            "CL.TE",
            format!(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}",
                length + 5
            ),
        ),
        (
            "TE.CL",
            format!(
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n{length:x}\r\n{smuggled}\r\n0\r\n\r\n"
            ),
        ),
        (
            "two lengths, equal",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx".to_owned() + smuggled,
        ),
        (
            "two lengths, different",
            format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: {length}\r\n\r\n{smuggled}"),
        ),
        ("length list", format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0, 0\r\n\r\n{smuggled}")),
        ("signed length", format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +0\r\n\r\n{smuggled}")),
        ("hexadecimal length", format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x0\r\n\r\n{smuggled}")),
        ("negative length", format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n{smuggled}")),
        ("space before the colon", format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 0\r\n\r\n{smuggled}")),
        (
            "unknown coding",
            format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{smuggled}"),
        ),
        (
            "coding list",
            format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n{smuggled}"),
        ),
        (
            "coding with a tab",
            format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n{smuggled}"),
        ),
        (
            "two codings",
            format!(
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{smuggled}"
            ),
        ),
        ("folded header", format!("POST / HTTP/1.1\r\nHost: a\r\nX: y\r\n Content-Length: 0\r\n\r\n{smuggled}")),
        ("folded first header", format!("POST / HTTP/1.1\r\n Host: a\r\n\r\n{smuggled}")),
        ("bare line feed in the request line", format!("GET / HTTP/1.1\nHost: a\r\n\r\n{smuggled}")),
        ("bare line feed after a header", format!("GET / HTTP/1.1\r\nHost: a\n\r\n{smuggled}")),
        ("bare line feed at the end", format!("GET / HTTP/1.1\r\nHost: a\r\n\n{smuggled}")),
        ("bare carriage return", format!("GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n{smuggled}")),
        ("NUL in a header", format!("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n{smuggled}")),
        ("no chunk size", format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\r\n{smuggled}")),
        ("bad chunk size", format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{smuggled}")),
        (
            "overflowing chunk size",
            format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n{smuggled}"),
        ),
        (
            "chunk extension",
            format!(
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\n0\r\n\r\n{smuggled}"
            ),
        ),
        (
            "chunk longer than its size",
            format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxyz\r\n0\r\n\r\n{smuggled}"),
        ),
        (
            "bare line feed after a chunk size",
            format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n{smuggled}"),
        ),
        (
            "trailer",
            format!(
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 3\r\n\r\n{smuggled}"
            ),
        ),
        (
            "coding in HTTP/1.0",
            format!("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}"),
        ),
    ];
    let server = Running::start();
    for (name, message) in &corpus {
        for pieces in [message.len(), 1, 7] {
            let mut client = server.connect();
            for piece in message.as_bytes().chunks(pieces) {
                if client.0.write_all(piece).is_err() {
                    break;
                }
            }
            let answer = client.read_to_end();
            assert!(!answer.contains("/smuggled"), "{name}: {answer}");
            assert!(answer.starts_with("HTTP/1.1 400 ") || answer.starts_with("HTTP/1.0 400 "), "{name}: {answer}");
            assert!(responses(&answer) <= 1, "{name}: {answer}");
        }
    }
    assert_eq!(server.double.finished.load(Ordering::SeqCst), 0);
}

/// The control of the test above: the same client sees both answers when the framing is sound.
#[test]
fn sound_framing_lets_the_second_request_be_answered() {
    let server = Running::start();
    let answer = server.exchange(
        b"POST /one HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n\
          GET /smuggled HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );
    assert!(answer.contains("</one 1 false>") && answer.contains("</smuggled 0 false>"), "{answer}");
}

#[test]
fn a_request_before_the_flaw_is_still_answered() {
    let server = Running::start();
    let answer = server.exchange(b"GET /one HTTP/1.1\r\nHost: a\r\n\r\nGET /two HTTP/1.1\nHost: a\r\n\r\n");
    assert!(answer.contains("</one 0 false>") && answer.contains("HTTP/1.1 400 "), "{answer}");
    assert!(!answer.contains("/two"), "{answer}");
}

#[test]
fn a_slow_head_is_cut_off() {
    let server = Running::start();
    let mut client = server.connect();
    let begun = Instant::now();
    for byte in b"GET / HTTP/1.1\r\nHost: a".iter().cycle() {
        let broken = client.0.write_all(&[*byte]).is_err();
        if broken || begun.elapsed() > Duration::from_secs(5) {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(begun.elapsed() >= Duration::from_millis(280) && begun.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_silent_connection_is_cut_off_and_an_idle_one_lives_longer() {
    let server = Running::start();
    let begun = Instant::now();
    assert_eq!(server.connect().read_to_end(), "");
    let silent = begun.elapsed();
    let mut idle = server.connect();
    idle.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
    idle.read_until("</a 0 false>");
    std::thread::sleep(Duration::from_millis(600));
    idle.send(b"GET /b HTTP/1.1\r\nHost: a\r\n\r\n");
    idle.read_until("</b 0 false>");
    let rested = Instant::now();
    assert_eq!(idle.read_to_end(), "");
    assert!(silent >= Duration::from_millis(280) && silent < Duration::from_millis(800), "{silent:?}");
    assert!(rested.elapsed() >= Duration::from_millis(800) && rested.elapsed() < Duration::from_secs(3));
}

#[test]
fn a_slow_second_head_is_cut_off_too() {
    let server = Running::start();
    let mut client = server.connect();
    client.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HT");
    client.read_until("</a 0 false>");
    let begun = Instant::now();
    assert!(!client.read_to_end().contains("/b"));
    assert!(begun.elapsed() < Duration::from_millis(800), "{:?}", begun.elapsed());
}

#[test]
fn a_slow_body_is_refused() {
    let server = Running::start();
    let answer = server.exchange(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[test]
fn a_client_that_never_reads_is_cut_off() {
    let server = Running::start();
    let mut client = server.connect();
    client.send(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    std::thread::sleep(Duration::from_millis(1_200));
    let mut all = Vec::new();
    let _ = client.0.read_to_end(&mut all);
    assert!(all.len() < 16 * 1024 * 1024, "{} bytes were written", all.len());
}

#[test]
fn compressed_bodies_are_refused_unread() {
    let server = Running::start();
    for coding in ["gzip", "br", "zstd", "identity, gzip", "aws-chunked"] {
        let request =
            format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: {coding}\r\nContent-Length: 5\r\n\r\nhello");
        let answer = server.exchange(request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 415 ") && answer.contains(r#"{"error":{"#), "{coding}: {answer}");
    }
    let plain = b"POST /p HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Encoding: Identity\r\nContent-Length: 5\r\n\r\nhello";
    assert!(server.exchange(plain).contains("</p 5 false>"));
}

#[test]
fn heads_beyond_the_limits_are_refused() {
    let server = Running::start();
    let long = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "a".repeat(70 * 1024));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(200));
    for request in [long, many] {
        let answer = server.exchange(request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
    let mut endless = server.connect();
    endless.send(b"GET / HTTP/1.1\r\nX: ");
    let sent = (0..10_000).take_while(|_| endless.0.write_all(&[b'a'; 4096]).is_ok()).count();
    assert!(sent < 5_000, "{sent}");
}

#[test]
fn connections_beyond_the_cap_are_closed_and_others_go_on() {
    let server = Running::with(|mut options| {
        options.limits.connections = 2;
        options.limits.idle_time = Duration::from_secs(10);
        options
    });
    let mut first = server.connect();
    let mut second = server.connect();
    for client in [&mut first, &mut second] {
        client.send(b"GET /in HTTP/1.1\r\nHost: a\r\n\r\n");
        client.read_until("</in 0 false>");
    }
    let mut third = server.connect();
    let _ = third.0.write_all(b"GET /out HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(third.read_to_end(), "");
    assert_eq!(server.handle.counters().refused.load(Ordering::SeqCst), 1);
    first.send(b"GET /still HTTP/1.1\r\nHost: a\r\n\r\n");
    first.read_until("</still 0 false>");
    drop(second);
    std::thread::sleep(Duration::from_millis(100));
    let mut fourth: Client = server.connect();
    fourth.send(b"GET /again HTTP/1.1\r\nHost: a\r\n\r\n");
    fourth.read_until("</again 0 false>");
}

#[test]
fn a_request_has_exactly_one_host() {
    let server = Running::start();
    for request in ["GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"] {
        let answer = server.exchange(request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("exactly one Host"), "{answer}");
    }
    assert!(server.exchange(b"GET /old HTTP/1.0\r\n\r\n").contains("</old 0 false>"));
}

#[test]
fn methods_that_open_tunnels_are_refused() {
    let server = Running::start();
    for request in ["CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"] {
        let answer = server.exchange(request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
    }
    let http2 = server.exchange(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    assert!(!http2.contains(" 200 "), "{http2}");
}

#[test]
fn bodies_that_stall_hold_no_more_than_one_address_and_all_together_may() {
    let server = Running::with(|options| Options {
        limits: Limits {
            pending: 8 * 1024 * 1024,
            pending_of_peer: 4 * 1024 * 1024,
            body_time: Duration::from_secs(20),
            ..options.limits
        },
        ..options
    });
    let head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n";
    let mut clients: Vec<_> = (0..20).map(|_| server.connect()).collect();
    let part = vec![b'x'; 1000 * 1024];
    for client in &mut clients {
        client.send(head);
        let _ = client.0.write_all(&part); // whoever is refused may have gone
    }
    let refused = |client: &mut Client| {
        client.0.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        let mut answer = [0; 12];
        client.0.read_exact(&mut answer).is_ok_and(|()| answer == *b"HTTP/1.1 429")
    };
    let count = clients.iter_mut().filter_map(|client| refused(client).then_some(())).count();
    assert!((16..20).contains(&count), "{count} of 20 were refused");
    // Small requests need nothing of that, and what is given up is given back.
    assert!(server.exchange(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 200 "));
    drop(clients);
    std::thread::sleep(Duration::from_millis(200));
    let body = vec![b'x'; 1024 * 1024];
    let whole =
        [&b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1048576\r\n\r\n"[..], &body].concat();
    assert!(server.exchange(&whole).starts_with("HTTP/1.1 200 "));
}

#[test]
fn heads_that_stall_are_counted_and_their_connections_end() {
    let server = Running::with(|options| Options {
        limits: Limits { pending_of_peer: 256 * 1024, head_time: Duration::from_secs(20), ..options.limits },
        ..options
    });
    let head = [&b"GET / HTTP/1.1\r\nHost: a\r\nX: "[..], &vec![b'x'; 50 * 1024]].concat();
    let mut clients: Vec<_> = (0..20).map(|_| server.connect()).collect();
    clients.iter_mut().for_each(|client| drop(client.0.write_all(&head)));
    std::thread::sleep(Duration::from_millis(500));
    let ended = |client: &mut Client| {
        client.0.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        !matches!(client.0.read(&mut [0; 64]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
    };
    let count = clients.iter_mut().filter_map(|client| ended(client).then_some(())).count();
    assert!((12..20).contains(&count), "{count} of 20 were ended");
}
