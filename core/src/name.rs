//! Names and places: how records are found.

use std::cell::Cell;
use std::sync::Arc;

use crate::port::store::SEPARATOR;
use crate::port::{Space, Time};

/// Where something lives: keys belong to dialect, account and region; identities to dialect and account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The dialect's name.
    pub dialect: &'static str,
    /// The account's identifier.
    pub account: Arc<str>,
    /// The region's name.
    pub region: Arc<str>,
}

/// Joins segments into a store path.
pub fn path(segments: &[&str]) -> String {
    let mut joined = String::with_capacity(segments.iter().map(|segment| segment.len() + 1).sum());
    join(segments, &mut joined);
    joined
}

/// Joins segments into a store path that is needed no longer than `look` takes, where the last such path stood.
pub(crate) fn with_path<T>(segments: &[&str], look: impl FnOnce(&str) -> T) -> T {
    thread_local! {
        static ROOM: Cell<String> = const { Cell::new(String::new()) };
    }
    let mut joined = ROOM.take();
    joined.clear();
    join(segments, &mut joined);
    let seen = look(&joined);
    joined.shrink_to(LONGEST_KEPT);
    ROOM.set(joined);
    seen
}

/// The most bytes that are kept for the next path.
const LONGEST_KEPT: usize = 1024;

fn join(segments: &[&str], joined: &mut String) {
    for (at, segment) in segments.iter().enumerate() {
        if at > 0 {
            joined.push(SEPARATOR);
        }
        joined.push_str(segment);
    }
}

/// The prefix of all paths below these segments.
pub fn below(segments: &[&str]) -> String {
    let mut prefix = path(segments);
    prefix.push(SEPARATOR);
    prefix
}

/// The path without its last segment.
pub fn above(path: &str) -> &str {
    path.rsplit_once(SEPARATOR).map_or("", |(above, _)| above)
}

/// The first segment of a path.
pub fn first(path: &str) -> &str {
    path.split(SEPARATOR).next().unwrap_or_default()
}

/// The last segment of a path.
pub fn last(path: &str) -> &str {
    path.rsplit(SEPARATOR).next().unwrap_or_default()
}

/// A record's space and path for people: no content, and nothing that steers a terminal.
pub fn shown(space: Space, path: &str) -> String {
    let plain = |letter: char| {
        if letter == SEPARATOR {
            '/'
        } else if letter.is_control() {
            '?'
        } else {
            letter
        }
    };
    format!("{space} `{}`", path.chars().map(plain).collect::<String>())
}

/// A time as a segment of a path: of equal length for all, and sorted as the times are, from the year 0 on.
pub fn moment(at: Time) -> String {
    format!("{at:.9}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_sort_as_the_times_do() {
        let times = [
            "0000-01-01T00:00:00Z",
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05.000000001Z",
            "2026-01-02T03:04:05.1Z",
            "2026-01-02T03:04:06Z",
            "9999-12-30T22:00:00.999999999Z",
        ];
        let moments: Vec<_> = times.iter().map(|time| moment(time.parse().unwrap())).collect();
        assert!(moments.is_sorted() && moments.iter().all(|moment| moment.len() == 30), "{moments:?}");
    }

    #[test]
    fn a_record_is_shown_on_one_line() {
        assert_eq!(shown(Space::Key, &path(&["cloud", "1", "a\nb"])), "key `cloud/1/a?b`");
    }

    #[test]
    fn a_prefix_covers_what_is_below_and_nothing_beside() {
        let prefix = below(&["aws", "1"]);
        assert!(path(&["aws", "1", "k"]).starts_with(&prefix));
        assert!(!path(&["aws", "12", "k"]).starts_with(&prefix));
        assert_eq!(last(&path(&["aws", "1", "k"])), "k");
    }
}
