//! What comes in by the host it was sent to and the page it was sent for, over raw sockets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod harness;

use std::sync::atomic::Ordering;

use harness::Running;
use polykms_server::Options;

fn server() -> Running {
    let origins = vec!["http://front.example".to_owned()];
    Running::with(|options| Options { reset: true, origins, ..options })
}

fn ask(server: &Running, line: &str, headers: &[&str]) -> String {
    server.exchange(format!("{line} HTTP/1.1\r\n{}\r\nConnection: close\r\n\r\n", headers.join("\r\n")).as_bytes())
}

#[test]
fn what_a_page_elsewhere_or_a_foreign_host_sends_is_answered_by_nobody() {
    let server = server();
    for (line, headers) in [
        ("GET /x", &["Host: evil.example"][..]),
        ("GET /x", &["Host: 127.0.0.1", "Origin: http://evil.example"]),
        ("GET /x", &["Host: 127.0.0.1", "Sec-Fetch-Site: cross-site"]),
        ("GET http://evil.example/x", &["Host: evil.example"]),
        ("POST /_polykms/reset", &["Host: evil.example"]),
        ("POST /_polykms/reset", &["Host: 198.51.100.7"]),
        ("POST /_polykms/reset", &["Host: 127.0.0.1", "Sec-Fetch-Site: same-site"]),
        ("POST /_polykms/reset", &["Host: 127.0.0.1", "Origin: http://front.example"]),
        ("POST /_polykms/clock", &["Host: evil.example"]),
        ("POST /moto-api/reset", &["Host: evil.example"]),
        ("POST /moto-api/reset", &["Host: kms.us-east-1.amazonaws.com"]),
        ("POST /moto-api/reset", &["Host: 127.0.0.1", "Origin: http://front.example"]),
        ("OPTIONS /x", &["Host: 127.0.0.1", "Origin: http://evil.example", "Access-Control-Request-Method: POST"]),
    ] {
        let answer = ask(&server, line, headers);
        assert!(answer.starts_with("HTTP/1.1 403 "), "{line} {headers:?}: {answer}");
        let shared = answer.contains("Access-Control-Allow-Origin: http://front.example");
        assert_eq!(shared, headers.contains(&"Origin: http://front.example"), "{answer}");
    }
    assert_eq!(server.double.finished.load(Ordering::SeqCst), 0);
    assert_eq!(server.double.resets.load(Ordering::SeqCst), 0);
    assert!(ask(&server, "GET /healthz", &["Host: evil.example"]).starts_with("HTTP/1.1 200 "));
    assert!(ask(&server, "POST /_polykms/reset", &["Host: localhost"]).starts_with("HTTP/1.1 200 "));
    assert!(ask(&server, "GET /x", &["Host: 198.51.100.7"]).contains("</x 0 false>"));
}

#[test]
fn a_page_of_an_allowed_origin_asks_first_and_reads_its_answer() {
    let server = server();
    let host = format!("Host: {}", server.address);
    let page = [host.as_str(), "Origin: http://front.example", "Sec-Fetch-Site: cross-site"];
    let asks = ["Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization,x-amz-target"];
    let answer = ask(&server, "OPTIONS /x", &[&page[..], &asks[..]].concat());
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    for said in [
        "Access-Control-Allow-Origin: http://front.example\r\n",
        "Access-Control-Allow-Methods: GET, HEAD, POST\r\n",
        "Access-Control-Allow-Headers: authorization,x-amz-target\r\n",
        "Vary: Origin\r\n",
    ] {
        assert!(answer.contains(said), "{said}: {answer}");
    }
    assert_eq!(server.double.finished.load(Ordering::SeqCst), 0);
    let answer = ask(&server, "GET /x", &page);
    assert!(answer.contains("Access-Control-Allow-Origin: http://front.example\r\n"), "{answer}");
    assert!(answer.contains("Access-Control-Expose-Headers: *\r\n") && answer.contains("</x 0 false>"), "{answer}");
    let own = ask(&server, "GET /x", &[host.as_str(), "Sec-Fetch-Site: same-origin"]);
    assert!(own.contains("</x 0 false>") && !own.contains("Access-Control"), "{own}");
}
