//! Whether an answer is what was expected: objects in part, lists as a whole, and matchers where a value is not known.
//!
//! `{$absent: true}` is not there; `{$like: REGEX}` has such a part; `{$one_of: […]}` is any of them; `{$is: KIND}` is of a
//! kind (`string`, `number`, `integer`, `bool`, `list`, `object`, `uuid`, `time`); `{$bytes: N}` and `{$bytes: [MIN, MAX]}`
//! are base64 of so many bytes; `{$near: [VALUE, TOLERANCE]}` is a number or a time (in seconds) that is not far off;
//! `{$contains: X}` has it (a list an item, a text a part; of a list all of them); `{$unordered: […]}` has the same items;
//! `{$exact: {…}}` has no other members; `{$not: X}` is something else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use regex::Regex;
use serde_json::Value;

/// Where an answer is not what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The place in the answer: `KeyMetadata.KeyState`.
    pub place: String,
    /// What is wrong there.
    pub what: String,
}

/// How much of a value is told.
const SHOWN: usize = 200;

/// All differences between what is wanted and what there is; nothing for [`None`] stands there.
pub fn differences(wanted: &Value, found: Option<&Value>, place: &str) -> Vec<Difference> {
    let differs = |what: String| vec![Difference { place: place.to_owned(), what }];
    if let Some((matcher, argument)) = matcher(wanted) {
        return match fits(matcher, argument, found, place) {
            Ok(()) => Vec::new(),
            Err(what) => differs(what),
        };
    }
    match (wanted, found) {
        (Value::Object(members), Some(Value::Object(there))) => members
            .iter()
            .flat_map(|(name, wanted)| differences(wanted, there.get(name), &below(place, name)))
            .collect(),
        (Value::Array(items), Some(Value::Array(there))) if items.len() == there.len() => items
            .iter()
            .zip(there)
            .enumerate()
            .flat_map(|(at, (wanted, found))| differences(wanted, Some(found), &below(place, &at.to_string())))
            .collect(),
        (Value::Number(wanted), Some(Value::Number(found))) if wanted.as_f64() == found.as_f64() => Vec::new(),
        (wanted, Some(found)) if wanted == found => Vec::new(),
        (wanted, found) => differs(format!("{} was expected, {} came", shown(Some(wanted)), shown(found))),
    }
}

fn below(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}

fn matcher(value: &Value) -> Option<(&str, &Value)> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    members.iter().next().filter(|(name, _)| name.starts_with('$')).map(|(name, argument)| (name.as_str(), argument))
}

fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "nothing".to_owned() };
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

fn fits(matcher: &str, argument: &Value, found: Option<&Value>, place: &str) -> Result<(), String> {
    let same = |wanted: &Value, found: &Value| differences(wanted, Some(found), place).is_empty();
    if matcher == "$absent" {
        let wanted = argument.as_bool().unwrap_or(true);
        return match found.filter(|found| !found.is_null()).is_none() == wanted {
            true => Ok(()),
            false if wanted => Err(format!("nothing was expected, {} came", shown(found))),
            false => Err("something was expected, nothing came".to_owned()),
        };
    }
    if matcher == "$not" {
        return match differences(argument, found, place).is_empty() {
            true => Err(format!("something else than {} was expected", shown(Some(argument)))),
            false => Ok(()),
        };
    }
    let there = found.ok_or_else(|| format!("{matcher} {} was expected, nothing came", shown(Some(argument))))?;
    let fits = match (matcher, argument, there) {
        ("$like", Value::String(pattern), Value::String(text)) => {
            Regex::new(pattern).map_err(|error| format!("`{pattern}` is no pattern: {error}"))?.is_match(text)
        }
        ("$one_of", Value::Array(some), there) => some.iter().any(|wanted| same(wanted, there)),
        ("$is", Value::String(kind), there) => is(kind, there)?,
        ("$bytes", wanted, Value::String(text)) => bytes(wanted, text)?,
        ("$near", Value::Array(about), there) => near(about, there)?,
        ("$contains", Value::String(part), Value::String(text)) => text.contains(part.as_str()),
        ("$contains", Value::Array(some), Value::Array(items)) => {
            some.iter().all(|wanted| items.iter().any(|item| same(wanted, item)))
        }
        ("$contains", wanted, Value::Array(items)) => items.iter().any(|item| same(wanted, item)),
        ("$unordered", Value::Array(some), Value::Array(items)) => unordered(some, items, &same),
        ("$exact", Value::Object(members), Value::Object(there)) => {
            same(argument, &Value::Object(there.clone())) && there.keys().all(|name| members.contains_key(name))
        }
        ("$like" | "$one_of" | "$bytes" | "$near" | "$contains" | "$unordered" | "$exact", ..) => false,
        _ => return Err(format!("there is no matcher `{matcher}`")),
    };
    match fits {
        true => Ok(()),
        false => Err(format!("{matcher} {} was expected, {} came", shown(Some(argument)), shown(found))),
    }
}

fn is(kind: &str, value: &Value) -> Result<bool, String> {
    let text = value.as_str();
    Ok(match kind {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "bool" => value.is_boolean(),
        "list" => value.is_array(),
        "object" => value.is_object(),
        "time" => time(value).is_some(),
        "uuid" => text.is_some_and(is_uuid),
        _ => return Err(format!("there is no kind `{kind}`")),
    })
}

fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.chars().all(|letter| letter == '-' || letter.is_ascii_hexdigit())
}

fn bytes(wanted: &Value, text: &str) -> Result<bool, String> {
    let (min, max) = match wanted {
        Value::Array(limits) => match limits.as_slice() {
            [min, max] => (min.as_u64(), max.as_u64()),
            _ => (None, None),
        },
        exact => (exact.as_u64(), exact.as_u64()),
    };
    let (Some(min), Some(max)) = (min, max) else { return Err("`$bytes` wants a number, or two".to_owned()) };
    let length = STANDARD.decode(text).ok().map(|bytes| bytes.len() as u64);
    Ok(length.is_some_and(|length| (min..=max).contains(&length)))
}

fn near(about: &[Value], there: &Value) -> Result<bool, String> {
    let [wanted, tolerance] = about else { return Err("`$near` wants a value and a tolerance".to_owned()) };
    let seconds = |value: &Value| value.as_f64().or_else(|| time(value).map(|time| time.as_second() as f64));
    let (Some(wanted), Some(tolerance)) = (seconds(wanted), tolerance.as_f64()) else {
        return Err("`$near` wants a number or a time, and a tolerance".to_owned());
    };
    Ok(seconds(there).is_some_and(|there| (there - wanted).abs() <= tolerance))
}

/// An instant: RFC 3339, or seconds since 1970 that are after 2001.
fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => {
            let seconds = other.as_f64().filter(|seconds| (1e9..1e11).contains(seconds))?;
            #[allow(clippy::cast_possible_truncation, reason = "it lies within these bounds")]
            let seconds = seconds as i64;
            Timestamp::from_second(seconds).ok()
        }
    }
}

fn unordered(some: &[Value], items: &[Value], same: &dyn Fn(&Value, &Value) -> bool) -> bool {
    let mut left: Vec<_> = items.iter().collect();
    some.len() == items.len()
        && some.iter().all(|wanted| match left.iter().position(|item| same(wanted, item)) {
            Some(at) => {
                left.swap_remove(at);
                true
            }
            None => false,
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn places(wanted: &Value, found: &Value) -> Vec<String> {
        differences(wanted, Some(found), "").into_iter().map(|difference| difference.place).collect()
    }

    #[test]
    fn objects_match_in_part_and_lists_as_a_whole() {
        let found = json!({"a": {"b": 1, "c": "x"}, "d": [1, {"e": 2, "f": 3}]});
        for wanted in [json!({}), json!({"a": {"b": 1.0}}), json!({"d": [1, {"e": 2}]})] {
            assert_eq!(places(&wanted, &found), [""; 0], "{wanted}");
        }
        for (wanted, place) in [
            (json!({"a": {"b": 2}}), "a.b"),
            (json!({"a": {"z": null}}), "a.z"),
            (json!({"d": [1]}), "d"),
            (json!({"d": [1, {"e": 3}]}), "d.1.e"),
            (json!({"a": {"b": "1"}}), "a.b"),
        ] {
            assert_eq!(places(&wanted, &found), [place], "{wanted}");
        }
    }

    #[test]
    fn every_matcher_tells_right_from_wrong() {
        let now = Timestamp::now().to_string();
        for (wanted, right, wrong) in [
            (json!({"$like": "^a.c$"}), json!("abc"), json!("abcd")),
            (json!({"$one_of": [1, {"a": 2}]}), json!({"a": 2, "b": 3}), json!(2)),
            (json!({"$is": "string"}), json!(""), json!(1)),
            (json!({"$is": "integer"}), json!(1), json!(1.5)),
            (json!({"$is": "number"}), json!(1.5), json!("1")),
            (json!({"$is": "bool"}), json!(false), json!(0)),
            (json!({"$is": "list"}), json!([]), json!({})),
            (json!({"$is": "object"}), json!({}), json!([])),
            (json!({"$is": "time"}), json!("2026-01-01T00:00:00Z"), json!("2026-01-01")),
            (json!({"$is": "uuid"}), json!("11111111-1111-4111-8111-11111111111a"), json!("11111111")),
            (json!({"$bytes": 2}), json!("YWE="), json!("YQ==")),
            (json!({"$bytes": [1, 2]}), json!("YQ=="), json!("YWFh")),
            (json!({"$near": [now, 60]}), json!(Timestamp::now().as_second()), json!("2020-01-01T00:00:00Z")),
            (json!({"$near": [10, 1]}), json!(11), json!(12)),
            (json!({"$contains": "b"}), json!("abc"), json!("ac")),
            (json!({"$contains": {"a": 1}}), json!([{"a": 1, "b": 2}]), json!([{"a": 2}])),
            (json!({"$contains": [1, 2]}), json!([3, 2, 1]), json!([1, 3])),
            (json!({"$unordered": [1, 2, 2]}), json!([2, 1, 2]), json!([2, 1, 1])),
            (json!({"$exact": {"a": 1}}), json!({"a": 1}), json!({"a": 1, "b": 2})),
            (json!({"$not": {"a": 1}}), json!({"a": 2}), json!({"a": 1, "b": 2})),
            (json!({"a": {"$absent": true}}), json!({}), json!({"a": 1})),
            (json!({"a": {"$absent": false}}), json!({"a": 1}), json!({})),
        ] {
            assert_eq!(places(&wanted, &right), [""; 0], "{wanted} and {right}");
            assert_eq!(places(&wanted, &wrong).len(), 1, "{wanted} and {wrong}");
        }
    }

    #[test]
    fn what_is_no_matcher_never_fits() {
        for wanted in [json!({"$lik": "a"}), json!({"$is": "text"}), json!({"$like": "("}), json!({"$bytes": "1"})] {
            assert_eq!(places(&wanted, &json!("a")).len(), 1, "{wanted}");
        }
    }
}
