//! Numbers and dates as policy documents write them.
//!
//! Dates follow the W3C profile of ISO 8601, or are seconds since 1970.

use std::cmp::Ordering;

use jiff::{Timestamp, civil};

const NANOSECONDS: i128 = 1_000_000_000;

/// A decimal number, exact at any length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decimal<'t> {
    negative: bool,
    whole: &'t str,
    fraction: &'t str,
}

impl<'t> Decimal<'t> {
    /// Reads `-?digits(.digits)?` and nothing else.
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) if all_digits(fraction) => (whole, fraction.trim_end_matches('0')),
            Some(_) => return None,
            None => (digits, ""),
        };
        if !all_digits(whole) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self { negative: negative && !zero, whole, fraction })
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.compare_size(other),
            (true, true) => other.compare_size(self),
        }
    }

    fn compare_size(&self, other: &Self) -> Ordering {
        let by_length = self.whole.len().cmp(&other.whole.len());
        by_length.then_with(|| self.whole.cmp(other.whole)).then_with(|| self.fraction.cmp(other.fraction))
    }
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The nanoseconds since 1970 that `text` names; four digits are a year, other numbers are seconds.
pub(super) fn instant(text: &str) -> Option<i128> {
    if all_digits(text.strip_prefix('-').unwrap_or(text)) && text.len() != 4 {
        return text.parse::<i64>().ok().map(|seconds| i128::from(seconds) * NANOSECONDS);
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit() || b"-:.+TZ".contains(&byte)) {
        return None;
    }
    if text.contains('T') {
        return text.parse::<Timestamp>().ok().map(Timestamp::as_nanosecond);
    }
    // A year or a month is its first day.
    let mut date = *b"0000-01-01";
    if !matches!(text.len(), 4 | 7 | 10) {
        return None;
    }
    date.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
    let midnight = std::str::from_utf8(&date).ok()?.parse::<civil::Date>().ok()?.to_datetime(civil::Time::midnight());
    midnight.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp().as_nanosecond())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn order(left: &str, right: &str) -> Ordering {
        Decimal::parse(left).unwrap().compare(&Decimal::parse(right).unwrap())
    }

    #[test]
    fn decimals_compare_by_value_at_any_length() {
        assert!(order("7", "7.0").is_eq() && order("007", "7").is_eq() && order("-0", "0").is_eq());
        assert!(order("9", "10").is_lt() && order("-9", "-10").is_gt() && order("1.05", "1.5").is_lt());
        assert!(order("9007199254740993", "9007199254740992").is_gt() && order("-1", "1").is_lt());
    }

    #[test]
    fn garbage_is_no_number() {
        for text in ["", "-", "10abc", " 7", "7.", ".5", "1e3", "+1", "0x1", "1.2.3", "٣"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_same_instant_in_every_form_is_equal() {
        let new_year = instant("2030-01-01T00:00:00Z").unwrap();
        for text in ["2030-01-01", "2030-01", "2030", "1893456000", "2030-01-01T08:00:00+08:00", "2030-01-01T00:00Z"] {
            assert_eq!(instant(text), Some(new_year), "{text}");
        }
        assert!(instant("2030-01-01T00:00:00.5Z").unwrap() > new_year);
    }

    #[test]
    fn garbage_is_no_date() {
        for text in ["", "2030-13-01", "tomorrow", "2030-01-01T00:00:00", "2030-01-01 00:00:00Z", "2030-1-1"] {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
