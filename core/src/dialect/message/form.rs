//! Messages as parameters, both ways: `Name`, `List.1`, `List.1.Member`, `Map.name`.
//!
//! Follows "AWS Query protocol" of Smithy, where lists are written `List.member.1`, and the RPC style of Alibaba Cloud
//! OpenAPI, where they are `List.1` or one JSON document. What differs is a [`Style`].
//!
//! # Invariants
//! - Items are taken in the order of their numbers, whatever the order they come in.
//! - No error repeats a value.

use std::borrow::Cow;
use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::json::{self, Dates};
use super::{Fill, Found, Items, Kind, Member, Misread, Read, Scalar, Shape, Slots, Structure, Text, Use, View};

/// How parameters are written.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// What stands between the name of a list and the number of an item: `.` or `.member.`.
    pub item: &'static str,
    /// What stands between the name of a map and the number of an entry, which then has `key` and `value`; where nothing
    /// does, the name of an entry follows the name of the map.
    pub entry: Option<&'static str>,
    /// Whether lists, maps and structures may be JSON in one parameter; texts in it are nothing but texts.
    pub json: bool,
    /// Whether an empty parameter counts as one that is not there, unless its member is a text that may be empty.
    pub empty_is_absent: bool,
    /// Whether truths may be written in any case.
    pub any_case: bool,
    /// Whether an item may have no parts but those that are declared.
    pub exact: bool,
}

/// A parameter.
pub type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// Reads a message.
///
/// # Errors
/// [`Misread`], with the member that cannot be read.
pub fn read<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
    style: Style,
    into: &mut dyn Slots<'a>,
) -> Result<Read, Misread> {
    let below: Vec<(&'a str, &'a str)> = pairs.collect();
    let mut read = Read::default();
    structure(&below, style, into, "", &mut read)?;
    Ok(read)
}

type Below<'a> = [(&'a str, &'a str)];

fn structure<'a>(
    below: &Below<'a>,
    style: Style,
    slots: &mut dyn Slots<'a>,
    within: &'static str,
    read: &mut Read,
) -> Result<(), Misread> {
    for (at, member) in slots.all().iter().enumerate() {
        let name = if within.is_empty() { member.name } else { within };
        match (member.use_, slots.slot(at)) {
            (use_, Some(field)) if use_.is_read() => value(below, style, member, name, field, read)?,
            (Use::Unbuilt(_), _) if is_given(below, member.name) => read.unbuilt.push(member),
            _ => {}
        }
    }
    Ok(())
}

/// Whether a parameter is there and not empty, or one below it is there.
fn is_given(below: &Below<'_>, name: &str) -> bool {
    below.iter().any(|(known, value)| match known.strip_prefix(name) {
        Some("") => !value.is_empty(),
        Some(rest) => rest.starts_with('.'),
        None => false,
    })
}

/// Reads the value of a member; `within` is the member that messages speak of.
fn value<'a>(
    below: &Below<'a>,
    style: Style,
    member: &'static Member,
    within: &'static str,
    field: &mut dyn Fill<'a>,
    read: &mut Read,
) -> Result<(), Misread> {
    let own = below.iter().find(|(known, _)| *known == member.name).map(|(_, value)| *value);
    let may_be_empty = match &member.shape {
        Shape::Text(Text { min, one_of, .. }) => *min == 0 && (one_of.is_empty() || one_of.contains(&"")),
        _ => false,
    };
    let own = own.filter(|text| !(style.empty_is_absent && text.is_empty()) || may_be_empty);
    match &member.shape {
        Shape::List(_) | Shape::Map(_) | Shape::Structure(_) => {
            let rest = rests(below, member.name);
            match own {
                Some(text) if is_joined(&member.shape, text) => items(text, field),
                Some(text) if style.json && rest.is_empty() => {
                    let wrong = |_| Misread::Kind { member: within, wanted: member.shape.kind(), found: Found::Text };
                    let mut inner = json::read_value(text, member, field).map_err(wrong)?;
                    read.unbuilt.append(&mut inner.unbuilt);
                    Ok(())
                }
                Some(_) if style.json => {
                    Err(Misread::Kind { member: within, wanted: member.shape.kind(), found: Found::Text })
                }
                Some("") if rest.is_empty() => {
                    field.begin();
                    Ok(())
                }
                _ if rest.is_empty() => Ok(()),
                _ => parts(&rest, style, &member.shape, within, field, read),
            }
        }
        shape => own.map_or(Ok(()), |text| set(field, scalar(text, style, shape, within)?)),
    }
}

/// Whether a text is the items of a list; it may be JSON all the same.
fn is_joined(shape: &Shape, text: &str) -> bool {
    matches!(shape, Shape::List(list) if list.joined) && !text.trim_start().starts_with('[')
}

/// Reads the items of a list that is one text.
fn items<'a>(text: &'a str, field: &mut dyn Fill<'a>) -> Result<(), Misread> {
    text.split(',').try_for_each(|item| {
        let target = field.push().ok_or(Misread::Format)?;
        set(target, Scalar::Text(Cow::Borrowed(item.trim())))
    })
}

/// What stands below a name, without it and its dot.
fn rests<'a>(below: &Below<'a>, name: &str) -> Vec<(&'a str, &'a str)> {
    let rest = |known: &'a str| known.strip_prefix(name)?.strip_prefix('.');
    below.iter().filter_map(|(known, value)| Some((rest(known)?, *value))).collect()
}

/// Reads what has parts from the parameters below its name.
fn parts<'a>(
    rest: &Below<'a>,
    style: Style,
    shape: &'static Shape,
    within: &'static str,
    field: &mut dyn Fill<'a>,
    read: &mut Read,
) -> Result<(), Misread> {
    let format = || Misread::Format;
    match shape {
        Shape::Structure(_) => {
            field.begin();
            structure(rest, style, field.slots().ok_or_else(format)?, within, read)
        }
        Shape::Map(_) => {
            field.begin();
            entries(rest, style, within, field)
        }
        Shape::List(list) => {
            field.begin();
            for item in numbered(rest, style.item, within)? {
                let target = field.push().ok_or_else(format)?;
                match (&list.of, &*item) {
                    (Shape::Structure(members), item) if style.exact && !are_known(item, members) => {
                        return Err(Misread::Position(within));
                    }
                    (Shape::Structure(_) | Shape::List(_) | Shape::Map(_), _) => {
                        parts(&item, style, &list.of, within, target, read)?;
                    }
                    (shape, [("", text)]) => set(target, scalar(text, style, shape, within)?)?,
                    _ => return Err(Misread::Position(within)),
                }
            }
            Ok(())
        }
        _ => Err(format()),
    }
}

/// Whether all parts of an item are members.
fn are_known(item: &Below<'_>, members: &[Member]) -> bool {
    let first = |name: &str| name.split_once('.').map_or(name.len(), |(first, _)| first.len());
    item.iter().all(|(name, _)| members.iter().any(|member| name.get(..first(name)) == Some(member.name)))
}

/// The items below the name of a list, in the order of their numbers.
fn numbered<'a>(rest: &Below<'a>, infix: &str, within: &'static str) -> Result<Vec<Vec<(&'a str, &'a str)>>, Misread> {
    // `.member.1` without its first dot, which is gone already.
    let infix = infix.strip_prefix('.').unwrap_or(infix);
    let mut items: Vec<(NonZeroU32, &'a str, &'a str)> = Vec::with_capacity(rest.len());
    for (known, value) in rest {
        let Some(after) = known.strip_prefix(infix) else { continue };
        let (number, below) = after.split_once('.').unwrap_or((after, ""));
        items.push((number.parse().map_err(|_| Misread::Position(within))?, below, value));
    }
    items.sort_by_key(|(number, ..)| *number);
    let same = items.chunk_by(|one, next| one.0 == next.0);
    Ok(same.map(|item| item.iter().map(|(_, below, value)| (*below, *value)).collect()).collect())
}

fn entries<'a>(rest: &Below<'a>, style: Style, within: &'static str, field: &mut dyn Fill<'a>) -> Result<(), Misread> {
    let mut enter = |name: &'a str, value: &'a str| match field.enter(Cow::Borrowed(name), Cow::Borrowed(value)) {
        true => Ok(()),
        false => Err(Misread::Twice(within)),
    };
    let Some(infix) = style.entry else {
        return rest.iter().try_for_each(|(name, value)| enter(name, value));
    };
    for entry in numbered(rest, infix, within)? {
        let part = |wanted: &str| entry.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
        let (Some(name), value) = (part("key"), part("value")) else { return Err(Misread::Position(within)) };
        enter(name, value.unwrap_or_default())?;
    }
    Ok(())
}

fn scalar<'a>(text: &'a str, style: Style, shape: &Shape, within: &'static str) -> Result<Scalar<'a>, Misread> {
    let wrong = || Misread::Kind { member: within, wanted: shape.kind(), found: Found::Text };
    match shape.kind() {
        Kind::Text => Ok(Scalar::Text(Cow::Borrowed(text))),
        Kind::Integer => text.parse().map(Scalar::Integer).map_err(|_| wrong()),
        Kind::Flag if style.any_case && text.eq_ignore_ascii_case("true") => Ok(Scalar::Flag(true)),
        Kind::Flag if style.any_case && text.eq_ignore_ascii_case("false") => Ok(Scalar::Flag(false)),
        Kind::Flag => text.parse().map(Scalar::Flag).map_err(|_| wrong()),
        Kind::Time => text.parse().map(Scalar::Time).map_err(|_| wrong()),
        Kind::Blob => STANDARD.decode(text).map(Scalar::Blob).map_err(|_| Misread::Base64(within)),
        Kind::List | Kind::Map | Kind::Structure => Err(wrong()),
    }
}

fn set<'a>(field: &mut dyn Fill<'a>, scalar: Scalar<'a>) -> Result<(), Misread> {
    if field.set(scalar) { Ok(()) } else { Err(Misread::Format) }
}

/// Writes a message.
pub fn write<'v>(message: &'v dyn Structure, style: Style) -> Vec<Pair<'v>> {
    let mut pairs = Vec::new();
    flat(message, style, "", &mut pairs);
    pairs
}

fn flat(structure: &dyn Structure, style: Style, prefix: &str, pairs: &mut Vec<Pair<'_>>) {
    for (at, member) in structure.members().iter().enumerate() {
        let view = structure.member(at);
        let name = || format!("{prefix}{}", member.name);
        match &view {
            View::Absent => {}
            View::List(items) if matches!(member.shape, Shape::List(list) if list.joined) => {
                pairs.push((name().into(), joined(*items).into()));
            }
            View::List(_) if matches!(member.shape, Shape::List(list) if list.numbered) => {
                one(name(), &view, style, pairs);
            }
            View::List(_) | View::Map(_) | View::Structure(_) if style.json && prefix.is_empty() => {
                pairs.push((name().into(), json::write_value(&view, Dates::Text).into()));
            }
            _ => one(name(), &view, style, pairs),
        }
    }
}

/// The texts on a list, as one.
fn joined(items: &dyn Items) -> String {
    let text = |at| match items.item(at) {
        View::Text(text) => text.to_owned(),
        _ => String::new(),
    };
    (0..items.count()).map(text).collect::<Vec<_>>().join(",")
}

fn one(name: String, view: &View<'_>, style: Style, pairs: &mut Vec<Pair<'_>>) {
    let text = match view {
        View::Absent => return,
        View::Text(text) => (*text).to_owned(),
        View::Integer(number) => number.to_string(),
        View::Flag(flag) => flag.to_string(),
        View::Time(time) => time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        View::Blob(bytes) => STANDARD.encode(bytes),
        View::List(items) if items.count() == 0 => String::new(),
        View::List(items) => {
            for at in 0..items.count() {
                one(format!("{name}{}{}", style.item, at + 1), &items.item(at), style, pairs);
            }
            return;
        }
        View::Map(entries) => {
            for (at, (key, value)) in (0..entries.count()).filter_map(|at| entries.entry(at)).enumerate() {
                match style.entry {
                    None => pairs.push((format!("{name}.{key}").into(), value.to_owned().into())),
                    Some(infix) => {
                        let entry = format!("{name}{infix}{}", at + 1);
                        pairs.push((format!("{entry}.key").into(), key.to_owned().into()));
                        pairs.push((format!("{entry}.value").into(), value.to_owned().into()));
                    }
                }
            }
            return;
        }
        View::Structure(structure) => {
            flat(*structure, Style { json: false, ..style }, &format!("{name}."), pairs);
            return;
        }
    };
    pairs.push((name.into(), text.into()));
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::super::{ANY, List};
    use super::*;
    use crate::message;

    /// As AWS writes parameters.
    const QUERY: Style = Style {
        item: ".member.",
        entry: Some(".entry."),
        json: false,
        empty_is_absent: false,
        any_case: false,
        exact: false,
    };

    message! {
        /// A structure on a list.
        struct Tag = TAG;
        0 key: Cow<'a, str>;
        1 value: Cow<'a, str>;
        2 values: Vec<Cow<'a, str>>;
    }

    message! {
        /// A message with a member of each kind that parameters have.
        struct Whole = WHOLE;
        0 tags: Vec<Tag<'a>>;
        1 arns: Vec<Cow<'a, str>>;
        2 n: i64;
        3 f: bool;
        4 none: Cow<'a, str>;
    }

    const FREE: Shape = Shape::text(0, ANY);
    const TEXTS: Shape = Shape::List(&List::new(FREE, 0, ANY));

    const TAG: &[Member] = &[Member::new("Key", FREE), Member::new("Value", FREE), Member::new("Values", TEXTS)];

    const WHOLE: &[Member] = &[
        Member::new("Tags", Shape::List(&List::new(Shape::Structure(TAG), 0, ANY))),
        Member::new("Arns", TEXTS),
        Member::new("N", Shape::Integer(i64::MIN, i64::MAX)),
        Member::new("F", Shape::Flag),
        Member::new("None", FREE),
    ];

    fn whole(body: &'static str) -> Result<Whole<'static>, Misread> {
        let mut whole = Whole::default();
        let pairs = body.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        read(pairs, QUERY, &mut whole).map(|_| whole)
    }

    #[test]
    fn lists_come_in_the_order_of_their_numbers() {
        let message = whole(
            "Tags.member.10.Key=j&Tags.member.2.Key=b&Tags.member.2.Value=2&Arns.member.2=y&Arns.member.1=x&N=7&F=true",
        );
        let Whole { tags, arns, n, f, none } = message.unwrap();
        let tags = tags.unwrap();
        assert_eq!(
            tags.iter().map(|tag| (tag.key.as_deref(), tag.value.as_deref())).collect::<Vec<_>>(),
            [(Some("b"), Some("2")), (Some("j"), None)]
        );
        assert_eq!(arns.unwrap(), ["x", "y"]);
        assert_eq!((n, f, none), (Some(7), Some(true), None));
        for body in ["Arns.member.0=x", "Arns.member.x=1", "Arns.member.-1=1", "Arns.member.99999999999=1"] {
            assert_eq!(whole(body).unwrap_err(), Misread::Position("Arns"), "{body}");
        }
        assert!(whole("N=true").is_err() && whole("F=7").is_err());
    }

    #[test]
    fn a_structure_may_hold_a_list() {
        let body =
            "Tags.member.1.Values.member.2=b&Tags.member.1.Values.member.1=a&Tags.member.1.Key=n&Tags.member.2.Key=";
        let tags = whole(body).unwrap().tags.unwrap();
        assert_eq!(tags[0].values.as_ref().unwrap(), &["a", "b"]);
        assert!(tags[1].values.is_none());
        assert!(whole("Tags.member.1.Values.member.x=b").is_err());
    }

    #[test]
    fn what_is_written_is_read_again() {
        let body = "Tags.member.1.Key=a&Tags.member.1.Values.member.1=b&Arns.member.1=x&N=-1&F=false&None=";
        let message = whole(body).unwrap();
        let written: Vec<_> = write(&message, QUERY).iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(written.join("&"), body);
    }
}
