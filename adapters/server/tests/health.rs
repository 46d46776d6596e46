//! Health: whether requests can be answered, now and for good.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod harness;

use std::sync::atomic::Ordering;
use std::time::Duration;

use harness::Running;
use polykms_server::Error;

fn ask(running: &Running, path: &str) -> String {
    running.exchange(format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").as_bytes())
}

#[test]
fn a_server_that_cannot_answer_says_so_and_why() {
    let running = Running::start();
    for (path, well) in [("/healthz", r#"{"status":"ok"}"#), ("/readyz", r#"{"status":"ready"}"#)] {
        let answer = ask(&running, path);
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with(well), "{answer}");
    }
    running.double.failed.store(true, Ordering::SeqCst);
    for path in ["/healthz", "/readyz"] {
        let answer = ask(&running, path);
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
        assert!(answer.ends_with(r#"{"reason":"the disk lied","status":"failed"}"#), "{answer}");
    }
    running.double.failed.store(false, Ordering::SeqCst);
    assert!(ask(&running, "/healthz").starts_with("HTTP/1.1 200 "));
}

#[test]
fn a_failure_that_only_a_new_start_mends_ends_the_server_with_an_error() {
    let running = Running::with(|mut options| {
        options.limits.look_time = Duration::from_millis(20);
        options
    });
    assert!(ask(&running, "/x").contains("</x 0 false>"));
    running.double.failed.store(true, Ordering::SeqCst);
    let Err(Error::Failed(why)) = running.join() else { panic!("it ended well") };
    assert_eq!(why, "the disk lied");
}
