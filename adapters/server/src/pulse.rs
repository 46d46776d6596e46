//! What one connection is doing, and since when: the state that its time limits are judged by.
//!
//! One lazy timer per connection reads it, so that a request costs no timer of its own.

use std::cell::Cell;

use tokio::time::Instant;

use crate::options::Limits;

/// The state of one connection, shared by its reader, its service and its timer.
#[derive(Debug)]
pub(crate) struct Pulse {
    head_since: Cell<Option<Instant>>,
    quiet_since: Cell<Instant>,
    blocked_since: Cell<Option<Instant>>,
    amid_head: Cell<bool>,
    running: Cell<u32>,
    refused: Cell<bool>,
    malformed: Cell<Option<&'static str>>,
}

/// What the timer is to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Look again then.
    Again(Instant),
    /// End the connection, for this reason.
    Expired(&'static str),
}

/// A request that is being answered, until it is dropped.
#[derive(Debug)]
pub(crate) struct Running<'a>(&'a Pulse);

impl Pulse {
    /// A connection that was opened now, and owes its first head.
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            head_since: Cell::new(Some(now)),
            quiet_since: Cell::new(now),
            blocked_since: Cell::new(None),
            amid_head: Cell::new(false),
            running: Cell::new(0),
            refused: Cell::new(false),
            malformed: Cell::new(None),
        }
    }

    /// Bytes were read: heads were completed, or one is under way.
    pub(crate) fn read(&self, completed: bool, amid_head: bool) {
        self.amid_head.set(amid_head);
        match (completed, amid_head) {
            (_, true) if completed || self.head_since.get().is_none() => self.head_since.set(Some(Instant::now())),
            (true, false) => self.head_since.set(None),
            _ => {}
        }
    }

    /// Bytes were written, or could not be.
    pub(crate) fn written(&self, blocked: bool) {
        match (blocked, self.blocked_since.get()) {
            (true, None) => self.blocked_since.set(Some(Instant::now())),
            (false, Some(_)) => self.blocked_since.set(None),
            _ => {}
        }
    }

    /// A request begins.
    pub(crate) fn run(&self) -> Running<'_> {
        self.running.set(self.running.get().saturating_add(1));
        Running(self)
    }

    /// The connection ends with an answer that its client may still be writing against.
    pub(crate) fn refuse(&self) {
        self.refused.set(true);
    }

    /// The stream cannot be read as requests any more.
    pub(crate) fn malform(&self, why: &'static str) {
        self.malformed.set(Some(why));
        self.refused.set(true);
    }

    /// Whether the client is to be given time to read the last answer.
    pub(crate) fn refused(&self) -> bool {
        self.refused.get()
    }

    /// Why the stream could not be read.
    pub(crate) fn malformed(&self) -> Option<&'static str> {
        self.malformed.get()
    }

    /// Whether a request is being answered.
    pub(crate) fn is_running(&self) -> bool {
        self.running.get() > 0
    }

    /// Whether nothing would be lost by ending the connection.
    pub(crate) fn is_idle(&self) -> bool {
        self.running.get() == 0 && !self.amid_head.get()
    }

    /// What the timer is to do now.
    pub(crate) fn judge(&self, now: Instant, limits: &Limits) -> Verdict {
        let again = now + limits.head_time;
        let (due, why) = if let Some(since) = self.blocked_since.get() {
            (since + limits.write_time, "the answer was not read in time")
        } else if self.running.get() > 0 {
            return Verdict::Again(again);
        } else if let Some(since) = self.head_since.get() {
            (since + limits.head_time, "the request head did not come in time")
        } else {
            (self.quiet_since.get() + limits.idle_time, "no request came in time")
        };
        if due <= now { Verdict::Expired(why) } else { Verdict::Again(due.min(again)) }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let Self(pulse) = self;
        let now = Instant::now();
        pulse.running.set(pulse.running.get().saturating_sub(1));
        pulse.quiet_since.set(now);
        // A head that arrived meanwhile could not be read: its time begins now.
        pulse.head_since.set(pulse.head_since.get().map(|_| now));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::time::Duration;

    use super::*;

    const LIMITS: Limits = Limits {
        body: 1,
        head: 1,
        fields: 1,
        connections: 1,
        head_time: Duration::from_secs(10),
        pending: 1,
        pending_of_peer: 1,
        body_time: Duration::from_secs(30),
        idle_time: Duration::from_secs(90),
        write_time: Duration::from_secs(30),
        drain_time: Duration::from_secs(10),
        farewell_time: Duration::from_millis(100),
        look_time: Duration::from_secs(1),
    };

    fn after(seconds: u64) -> Instant {
        Instant::now() + Duration::from_secs(seconds)
    }

    #[test]
    fn a_connection_that_sends_nothing_expires_like_a_slow_head() {
        let pulse = Pulse::new(Instant::now());
        assert!(matches!(pulse.judge(after(9), &LIMITS), Verdict::Again(_)));
        assert_eq!(pulse.judge(after(11), &LIMITS), Verdict::Expired("the request head did not come in time"));
    }

    #[test]
    fn a_head_does_not_earn_time_by_dripping() {
        let pulse = Pulse::new(Instant::now());
        pulse.read(false, true);
        assert!(matches!(pulse.judge(after(11), &LIMITS), Verdict::Expired(_)));
    }

    #[test]
    fn an_idle_connection_lives_longer_than_a_slow_head() {
        let pulse = Pulse::new(Instant::now());
        pulse.read(true, false);
        drop(pulse.run());
        assert!(matches!(pulse.judge(after(80), &LIMITS), Verdict::Again(_)));
        assert_eq!(pulse.judge(after(91), &LIMITS), Verdict::Expired("no request came in time"));
    }

    #[test]
    fn a_running_request_does_not_expire() {
        let pulse = Pulse::new(Instant::now());
        let running = pulse.run();
        assert!(matches!(pulse.judge(after(1_000), &LIMITS), Verdict::Again(_)));
        drop(running);
    }

    #[test]
    fn an_unread_answer_expires() {
        let pulse = Pulse::new(Instant::now());
        pulse.read(true, false);
        pulse.written(true);
        assert_eq!(pulse.judge(after(31), &LIMITS), Verdict::Expired("the answer was not read in time"));
    }
}
