//! How far the clock of the other side is from the one here.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{AGE, DATE};
use jiff::{SignedDuration, Timestamp};

/// Clocks that differ by less sign well enough.
const ENOUGH: SignedDuration = SignedDuration::from_mins(4);
/// An answer that took longer says nothing about clocks.
const SLOW: Duration = Duration::from_secs(15 * 60);

/// What was seen last, in milliseconds; what is ahead of the clock here is positive.
#[derive(Debug, Default)]
pub(crate) struct Skew(AtomicI64);

impl Skew {
    /// The time of the other side.
    pub(crate) fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_millis(self.0.load(Ordering::Relaxed));
        let now = Timestamp::now();
        now.checked_add(ahead).unwrap_or(now)
    }

    /// Learns from an answer that came so long after its request; says whether the clock that the request was signed by
    /// was wrong.
    pub(crate) fn learn(&self, headers: &HeaderMap, signed_at: Timestamp, took: Duration) -> bool {
        let Some(there) = told(headers).filter(|_| took <= SLOW) else { return false };
        let midway = Timestamp::now() - SignedDuration::try_from(took / 2).unwrap_or_default();
        let ahead = there.duration_since(midway);
        self.0.store(i64::try_from(ahead.as_millis()).unwrap_or_default(), Ordering::Relaxed);
        there.duration_since(signed_at).abs() > ENOUGH
    }
}

/// What time an answer says it is; one that was kept somewhere on its way does not.
fn told(headers: &HeaderMap) -> Option<Timestamp> {
    let date = headers.get(DATE).filter(|_| !headers.contains_key(AGE))?.to_str().ok()?;
    let since = httpdate::parse_http_date(date).ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Timestamp::from_second(i64::try_from(since.as_secs()).ok()?).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn dated(ahead: i64) -> HeaderMap {
        let time = if ahead < 0 {
            SystemTime::now() - Duration::from_secs(ahead.unsigned_abs())
        } else {
            SystemTime::now() + Duration::from_secs(ahead.unsigned_abs())
        };
        HeaderMap::from_iter([(DATE, HeaderValue::from_str(&httpdate::fmt_http_date(time)).unwrap())])
    }

    #[test]
    fn a_clock_that_is_far_off_is_followed() {
        let skew = Skew::default();
        for ahead in [3600, -3600] {
            assert!(skew.learn(&dated(ahead), Timestamp::now(), Duration::from_millis(20)));
            let off = skew.now().duration_since(Timestamp::now()).as_secs() - ahead;
            assert!(off.abs() <= 2, "{off}");
        }
        assert!(!skew.learn(&dated(30), Timestamp::now(), Duration::from_millis(20)), "that is near enough");
    }

    #[test]
    fn what_was_kept_on_its_way_says_nothing() {
        let skew = Skew::default();
        let mut headers = dated(3600);
        headers.insert(AGE, HeaderValue::from_static("10"));
        assert!(!skew.learn(&headers, Timestamp::now(), Duration::ZERO));
        assert!(!skew.learn(&dated(3600), Timestamp::now(), SLOW + Duration::from_secs(1)));
        assert!(!skew.learn(&HeaderMap::new(), Timestamp::now(), Duration::ZERO));
        assert!(skew.now().duration_since(Timestamp::now()).as_secs().abs() <= 1);
    }
}
