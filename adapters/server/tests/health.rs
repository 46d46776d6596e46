//! Health, when the store behind the server has failed for good.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod harness;

use std::sync::atomic::Ordering;

use harness::Running;

#[test]
fn a_server_whose_store_has_failed_says_so_and_not_why() {
    let running = Running::start();
    let ask = || running.exchange(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(ask().starts_with("HTTP/1.1 200 "));
    running.double.failed.store(true, Ordering::SeqCst);
    let answer = ask();
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.ends_with(r#"{"status":"failed"}"#), "{answer}");
    assert!(running.exchange(b"GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").contains("</x 0 false>"));
}
