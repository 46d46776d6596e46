//! Lists of IAM: which part is wanted, and which part is told.
//!
//! Long lists are cut where they are read. Short ones, of what belongs to one user, group, role or policy, are read as a
//! whole and cut here.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use polykms_core::dialect::Payload;
use polykms_core::error::{Kind, Result};
use polykms_core::list::{Listed, Paging};
use serde_json::{Map, Value};

use super::{Fields, Shape, is_latin};
use crate::wire::query::Arguments;

const MARKER: Shape = Shape {
    min: 1,
    max: 320,
    pattern: r"[\u0020-\u00FF]+",
    fits: |text| is_latin(text) && !text.contains(['\t', '\n', '\r']),
};
const PREFIX: Shape = Shape {
    min: 1,
    max: 512,
    pattern: r"\u002F[\u0021-\u007F]*",
    fits: |text| text.starts_with('/') && text.bytes().all(|byte| matches!(byte, 0x21..=0x7f)),
};

/// Items of a list when nobody says how many.
const USUAL: u32 = 100;
/// The most items of a list.
const MOST: u32 = 1000;

/// The part that is wanted of a long list.
pub(super) fn paging(fields: &mut Fields<'_>) -> Result<Paging> {
    let (marker, limit) = part(fields)?;
    Ok(Paging::Marker { marker, limit })
}

/// Where an earlier list stopped, and how many items are wanted.
pub(super) fn part(fields: &mut Fields<'_>) -> Result<(Option<String>, usize)> {
    let marker = fields.optional("Marker", &MARKER);
    let limit = fields.number("MaxItems", 1, MOST)?.unwrap_or(USUAL);
    Ok((marker, usize::try_from(limit).unwrap_or(usize::MAX)))
}

/// What the paths of listed items begin with.
pub(super) fn prefix(fields: &mut Fields<'_>) -> String {
    fields.optional("PathPrefix", &PREFIX).unwrap_or_else(|| "/".to_owned())
}

/// The answer with one part of a long list.
pub(super) fn answer<T>(name: &str, listed: Listed<T>, item: impl Fn(&T) -> Value) -> Payload {
    let Listed { items, next, total: _ } = listed;
    let mut members = Map::new();
    members.insert(name.to_owned(), items.iter().map(item).collect());
    members.insert("IsTruncated".to_owned(), next.is_some().into());
    members.insert("Marker".to_owned(), next.into());
    Payload::Tree(Value::Object(members))
}

/// Cuts the lists of an answer, one after the other, to the part that the arguments want.
///
/// # Errors
/// [`Kind::InvalidMarker`] for a marker that was not made here.
pub(super) fn cut(arguments: &Payload, answer: Payload, names: &[&str]) -> Result<Payload> {
    let Payload::Tree(Value::Object(mut members)) = answer else {
        return Err(Kind::Internal.because("an answer with a list is no tree"));
    };
    let arguments = Arguments::of(arguments)?;
    let mut items = Vec::new();
    for name in names {
        if let Some(Value::Array(list)) = members.remove(*name) {
            items.extend(list.into_iter().map(|item| (*name, item)));
        }
    }
    let from = arguments.text("Marker").map_or(Ok(0), |marker| after(marker, &items))?;
    let limit = usize::try_from(arguments.number("MaxItems")?.unwrap_or(i64::from(USUAL))).unwrap_or(usize::MAX);
    let to = items.len().min(from.saturating_add(limit));
    let next = items.get(from..to).unwrap_or_default().last().filter(|_| to < items.len());
    let next = next.map(|(_, item)| URL_SAFE_NO_PAD.encode(format!("{}:{}", to - 1, key(item))));
    for name in names {
        members.insert((*name).to_owned(), Value::Array(Vec::new()));
    }
    for (name, item) in items.into_iter().take(to).skip(from) {
        if let Some(Value::Array(list)) = members.get_mut(name) {
            list.push(item);
        }
    }
    members.insert("IsTruncated".to_owned(), next.is_some().into());
    members.insert("Marker".to_owned(), next.into());
    Ok(Payload::Tree(Value::Object(members)))
}

/// Where the list goes on after a marker, also when items came or went meanwhile.
fn after(marker: &str, items: &[(&str, Value)]) -> Result<usize> {
    let wrong = || Kind::InvalidMarker.because("the marker was not made for this list");
    let text = URL_SAFE_NO_PAD.decode(marker).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(wrong)?;
    let (at, last) = text.split_once(':').ok_or_else(wrong)?;
    let at: usize = at.parse().map_err(|_| wrong())?;
    if items.get(at).is_some_and(|(_, item)| key(item) == last) {
        return Ok(at + 1);
    }
    let moved = items.iter().position(|(_, item)| key(item) == last);
    Ok(moved.map_or(at.min(items.len()), |at| at + 1))
}

/// What an item of a list is told apart by.
fn key(item: &Value) -> &str {
    const NAMES: [&str; 6] = ["PolicyName", "VersionId", "AccessKeyId", "GroupName", "UserName", "RoleName"];
    let member = || NAMES.iter().find_map(|name| item.get(name)).and_then(Value::as_str);
    item.as_str().or_else(member).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    fn part(marker: Option<&str>, limit: usize, tree: Value, names: &[&str]) -> Result<Value> {
        let mut parameters = vec![("MaxItems".to_owned(), limit.to_string())];
        parameters.extend(marker.map(|marker| ("Marker".to_owned(), marker.to_owned())));
        match cut(&Payload::Params(parameters), Payload::Tree(tree), names)? {
            Payload::Tree(tree) => Ok(tree),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_short_list_is_told_part_by_part() {
        let whole =
            || json!({ "Group": "g", "Users": [{ "UserName": "a" }, { "UserName": "b" }, { "UserName": "c" }] });
        let first = part(None, 2, whole(), &["Users"]).unwrap();
        assert_eq!(first["Users"], json!([{ "UserName": "a" }, { "UserName": "b" }]));
        assert_eq!((&first["Group"], &first["IsTruncated"]), (&json!("g"), &json!(true)));
        let rest = part(first["Marker"].as_str(), 2, whole(), &["Users"]).unwrap();
        assert_eq!(rest["Users"], json!([{ "UserName": "c" }]));
        assert_eq!((&rest["IsTruncated"], &rest["Marker"]), (&json!(false), &Value::Null));
    }

    #[test]
    fn a_part_begins_after_the_last_one_even_when_items_came_or_went() {
        let first = part(None, 2, json!({ "N": ["b", "c", "d"] }), &["N"]).unwrap();
        let marker = first["Marker"].as_str();
        assert_eq!(part(marker, 9, json!({ "N": ["a", "b", "c", "d"] }), &["N"]).unwrap()["N"], json!(["d"]));
        assert_eq!(part(marker, 9, json!({ "N": ["c", "d"] }), &["N"]).unwrap()["N"], json!(["d"]));
        assert_eq!(part(marker, 9, json!({ "N": [] }), &["N"]).unwrap()["N"], json!([]));
    }

    #[test]
    fn several_lists_are_cut_one_after_the_other() {
        let whole = || json!({ "A": [{ "GroupName": "g" }], "B": [{ "UserName": "u" }, { "UserName": "v" }] });
        let first = part(None, 2, whole(), &["A", "B"]).unwrap();
        assert_eq!((first["A"].as_array().unwrap().len(), first["B"].as_array().unwrap().len()), (1, 1));
        let rest = part(first["Marker"].as_str(), 2, whole(), &["A", "B"]).unwrap();
        assert_eq!((&rest["A"], &rest["B"]), (&json!([]), &json!([{ "UserName": "v" }])));
    }

    #[test]
    fn a_marker_made_elsewhere_is_refused() {
        for marker in ["x", "", "eA", "eDp4"] {
            let error = part(Some(marker), 1, json!({ "N": ["a"] }), &["N"]).unwrap_err();
            assert_eq!(error.kind(), Kind::InvalidMarker, "{marker}");
        }
    }
}
