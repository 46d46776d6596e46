//! Messages that nobody declared: any JSON value, written as parameters and read from XML.
//!
//! Nothing is checked and nothing left out, so that a server can be asked for what it should refuse, and what it tells is
//! seen as it is.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value};

use super::xml::Lists;
use super::{Member, Misread, Shape, xml};

/// How deep elements may lie in each other.
const DEEPEST: usize = 64;

/// How values become parameters.
#[derive(Debug, Clone, Copy)]
pub struct Flat {
    /// What stands between the name of a list and the number of an item.
    pub item: &'static str,
    /// Whether an object that is no item of a list is one text of JSON; otherwise its members are parameters.
    pub json: bool,
}

/// The parameters that the members of an object become, in their order; nothing, for what is no object.
pub fn flat(value: &Value, style: Flat) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        match value {
            Value::Object(_) if style.json => pairs.push((name.clone(), value.to_string())),
            _ => put(name.clone(), value, style, &mut pairs),
        }
    }
    pairs
}

fn put(name: String, value: &Value, style: Flat, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::String(text) => pairs.push((name, text.clone())),
        Value::Bool(_) | Value::Number(_) => pairs.push((name, value.to_string())),
        Value::Array(items) if items.is_empty() => pairs.push((name, String::new())),
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                put(format!("{name}{}{}", style.item, at + 1), item, style, pairs);
            }
        }
        Value::Object(members) => {
            for (member, value) in members {
                put(format!("{name}.{member}"), value, style, pairs);
            }
        }
    }
}

/// The members of the element of this name, wherever it stands in the document; an empty object where there is none.
///
/// The table says which elements are lists, numbers and truths. Of those that it does not have, the elements say it: what
/// has only `member` elements is a list, or what stands there more than once.
///
/// # Errors
/// [`Misread::Format`] when it is no XML, or deeper than anybody writes.
pub fn read(document: &str, root: &str, lists: Lists, members: &[Member]) -> Result<Value, Misread> {
    let mut reader = Reader::from_str(document);
    loop {
        match reader.read_event().map_err(|_| Misread::Format)? {
            Event::Start(start) if start.local_name().as_ref() == root => {
                return Ok(object(node(&mut reader, 0)?.children, lists, members));
            }
            Event::Eof => return Ok(Value::Object(Map::new())),
            _ => {}
        }
    }
}

/// An element as it stands there.
#[derive(Default)]
struct Node {
    text: String,
    children: Vec<(String, Node)>,
}

fn node(reader: &mut Reader<&[u8]>, depth: usize) -> Result<Node, Misread> {
    if depth > DEEPEST {
        return Err(Misread::Format);
    }
    let mut found = Node::default();
    loop {
        match reader.read_event().map_err(|_| Misread::Format)? {
            Event::Start(start) => {
                let name = start.local_name().as_ref().to_owned();
                found.children.push((name, node(reader, depth + 1)?));
            }
            Event::Empty(start) => found.children.push((start.local_name().as_ref().to_owned(), Node::default())),
            Event::Text(part) => found.text.push_str(&part.xml10_content()),
            Event::CData(part) => found.text.push_str(&part.xml10_content()),
            Event::GeneralRef(reference) => found.text.push_str(&xml::resolved(&reference)?),
            Event::End(_) => return Ok(found),
            Event::Eof => return Err(Misread::Format),
            _ => {}
        }
    }
}

fn object(children: Vec<(String, Node)>, lists: Lists, members: &[Member]) -> Value {
    let mut object = Map::new();
    for (name, child) in children {
        let shape = members.iter().find(|member| member.name == name).map(|member| &member.shape);
        match (lists, shape, object.get_mut(&name)) {
            (Lists::Repeated, Some(Shape::List(_)), Some(Value::Array(items))) => items.push(item(child, shape, lists)),
            (Lists::Repeated, Some(Shape::List(_)), _) => {
                object.insert(name, Value::Array(vec![item(child, shape, lists)]));
            }
            (_, None, Some(Value::Array(items))) => items.push(value(child, None, lists)),
            (_, None, Some(first)) => *first = Value::Array(vec![first.take(), value(child, None, lists)]),
            (_, shape, _) => {
                object.insert(name, value(child, shape, lists));
            }
        }
    }
    Value::Object(object)
}

fn item(node: Node, shape: Option<&Shape>, lists: Lists) -> Value {
    match shape {
        Some(Shape::List(list)) => value(node, Some(&list.of), lists),
        shape => value(node, shape, lists),
    }
}

fn value(node: Node, shape: Option<&Shape>, lists: Lists) -> Value {
    let Node { text, children } = node;
    match shape {
        Some(Shape::List(list)) => children.into_iter().map(|(_, child)| value(child, Some(&list.of), lists)).collect(),
        Some(Shape::Map(_)) => Value::Object(children.into_iter().filter_map(|(_, child)| entry(child)).collect()),
        Some(Shape::Structure(members)) => object(children, lists, members),
        Some(Shape::Integer(..)) => text.parse::<i64>().map_or(Value::String(text), Value::from),
        Some(Shape::Flag) => text.parse::<bool>().map_or(Value::String(text), Value::from),
        Some(Shape::Text(_) | Shape::Blob(..) | Shape::Time) => Value::String(text),
        None if children.is_empty() => Value::String(text),
        None if children.iter().all(|(name, _)| name == "member") => {
            children.into_iter().map(|(_, child)| value(child, None, lists)).collect()
        }
        None => object(children, lists, &[]),
    }
}

/// The name and the value of an entry of a map.
fn entry(node: Node) -> Option<(String, Value)> {
    let (mut key, mut value) = (None, None);
    for (name, child) in node.children {
        match name.as_str() {
            "key" => key = Some(child.text),
            "value" => value = Some(child.text),
            _ => {}
        }
    }
    Some((key?, Value::String(value?)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::dialect::message::List;

    #[test]
    fn values_become_parameters_as_each_cloud_has_them() {
        let asked = json!({"Name": "a", "Most": 7, "Flag": true, "None": null, "Empty": [],
            "Tags": [{"Key": "k", "Value": "v"}], "Map": {"a": "b"}});
        let pairs = |item, json| {
            let pairs = flat(&asked, Flat { item, json });
            let mut pairs: Vec<_> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
            pairs.sort();
            pairs.join("&")
        };
        assert_eq!(
            pairs(".member.", false),
            "Empty=&Flag=true&Map.a=b&Most=7&Name=a&Tags.member.1.Key=k&Tags.member.1.Value=v"
        );
        assert_eq!(pairs(".", true), r#"Empty=&Flag=true&Map={"a":"b"}&Most=7&Name=a&Tags.1.Key=k&Tags.1.Value=v"#);
    }

    const USER: &[Member] = &[Member::new("Name", Shape::text(0, 9))];
    const TOLD: &[Member] = &[
        Member::new("Users", Shape::List(&List::new(Shape::Structure(USER), 0, 9))),
        Member::new("Cut", Shape::Flag),
        Member::new("Count", Shape::Integer(0, 9)),
        Member::new("None", Shape::List(&List::new(Shape::text(0, 9), 0, 9))),
    ];

    #[test]
    fn xml_is_read_by_the_table_and_by_itself_where_there_is_none() {
        let document = "<R><Q><Users><member><Name>a&amp;&#98;</Name><More>x</More></member></Users><Cut>true</Cut>\
                        <Count>2</Count><None></None></Q></R>";
        let users = json!([{"Name": "a&b", "More": "x"}]);
        let read = |members| read(document, "Q", Lists::Members, members).unwrap();
        assert_eq!(read(TOLD), json!({"Users": users, "Cut": true, "Count": 2, "None": []}));
        assert_eq!(read(&[]), json!({"Users": users, "Cut": "true", "Count": "2", "None": ""}));
    }

    #[test]
    fn repeated_elements_are_a_list() {
        let document = "<R><Users><Name>a</Name></Users><Users><Name>b</Name></Users></R>";
        let wanted = json!({"Users": [{"Name": "a"}, {"Name": "b"}]});
        for members in [TOLD, &[]] {
            assert_eq!(read(document, "R", Lists::Repeated, members).unwrap(), wanted);
        }
        let one = read("<R><Users><Name>a</Name></Users></R>", "R", Lists::Repeated, TOLD).unwrap();
        assert_eq!(one, json!({"Users": [{"Name": "a"}]}));
    }

    #[test]
    fn what_is_no_xml_or_too_deep_is_not_read() {
        let deep = format!("<R>{}", "<a>".repeat(100_000));
        for document in [deep.as_str(), "<R><a></R>", "<R>"] {
            assert_eq!(read(document, "R", Lists::Members, &[]), Err(Misread::Format));
        }
    }
}
