//! Instants as texts, in whole seconds: `YYYY-MM-DDThh:mm:ssZ`.
//!
//! Follows ISO 8601, extended format, as RFC 3339 has it.

use std::io::Write as _;

use jiff::tz::Offset;

use crate::port::Time;

/// Writes an instant.
pub(super) fn push(out: &mut Vec<u8>, time: Time) {
    let there = Offset::UTC.to_datetime(time);
    let Ok(year @ 0..=9999) = u16::try_from(there.year()) else {
        let _ = write!(out, "{}", time.strftime("%Y-%m-%dT%H:%M:%SZ")); // a buffer takes everything
        return;
    };
    let of = |number: i8| two(u16::from(number.unsigned_abs()));
    let [y, ear] = [two(year / 100), two(year % 100)];
    let [month, day] = [of(there.month()), of(there.day())];
    let [hour, minute, second] = [of(there.hour()), of(there.minute()), of(there.second())];
    for (digits, after) in [(y, ""), (ear, "-"), (month, "-"), (day, "T"), (hour, ":"), (minute, ":"), (second, "Z")] {
        out.extend_from_slice(&digits);
        out.extend_from_slice(after.as_bytes());
    }
}

/// A number below 100 as two digits.
fn two(number: u16) -> [u8; 2] {
    let digit = |number: u16| b'0' + u8::try_from(number % 10).unwrap_or_default();
    [digit(number / 10), digit(number)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_as_their_pattern_says() {
        let days = (-4_000_000..3_900_000_i64).step_by(997);
        for time in days.filter_map(|day| Time::from_second(day * 86_400 + day.rem_euclid(86_399)).ok()) {
            let mut out = Vec::new();
            push(&mut out, time);
            assert_eq!(String::from_utf8(out).ok(), Some(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()));
        }
    }
}
