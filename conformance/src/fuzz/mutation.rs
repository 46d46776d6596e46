//! Cases changed at random places, in the ways in which cases differ from each other.

use serde_json::{Map, Value, json};

use crate::generate::Draw;

/// Words that mean something somewhere.
const WORDS: &[&str] = &[
    "*",
    "",
    "?",
    "${aws:username}",
    "${aws:PrincipalTag/none, 'x'}",
    "${*}",
    "kms:*",
    "kms:Decrypt",
    "kms:CreateGrant",
    "kms:RetireGrant",
    "sts:AssumeRole",
    "Allow",
    "Deny",
    "2012-10-17",
    "2008-10-17",
    "true",
    "false",
    "7",
    "-0.5",
    "2030-01-01T00:00:00Z",
    "2030",
    "10.0.0.0/8",
    "10.1.2.3",
    "::1",
    "AQID",
    "arn:aws:kms:eu-central-1:222233334444:key/k1",
    "arn:aws:iam::222233334444:root",
    "arn:aws:iam::222233334444:user/dev",
    "acs:ram::1111222233334444:user/dev",
    "acs:ram::1111222233334444:*",
    "iam_user",
    "assumed_role",
    "root",
    "service",
    "anonymous",
    "ram_role_session",
];

/// Names of members.
const NAMES: &[&str] = &[
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
    "AWS",
    "Service",
    "RAM",
    "StringEquals",
    "StringNotEquals",
    "StringLikeIfExists",
    "ForAllValues:StringLike",
    "ForAnyValue:StringNotLike",
    "NumericLessThan",
    "DateGreaterThan",
    "Bool",
    "Null",
    "ArnLike",
    "ForAnyValue:ArnNotEquals",
    "IpAddress",
    "NotIpAddressIfExists",
    "BinaryEquals",
    "identity",
    "identity_rg",
    "boundary",
    "session",
    "vpce",
    "resource",
    "role_arn",
    "user_arn",
    "grant_id",
    "assume_role",
    "retiring",
    "constraints",
    "EncryptionContextEquals",
    "EncryptionContextSubset",
    "aws:username",
    "acs:ResourceGroupId",
];

const CHARACTERS: &[&str] = &["*", "?", ":", "/", "$", "{", "}", ",", "'", ".", "-", "0", "a", "A", "\u{e9}", " "];

/// `tree` with one to four changes.
#[must_use]
pub fn mutated(tree: &Value, draw: &mut Draw<'_>) -> Value {
    (0..=draw.below(4)).fold(tree.clone(), |tree, _| changed(tree, draw))
}

fn changed(mut tree: Value, draw: &mut Draw<'_>) -> Value {
    let mut places = Vec::new();
    pointers(&tree, String::new(), &mut places);
    let mut place = || places.get(draw.below(places.len())).cloned().unwrap_or_default();
    let (at, other) = (place(), place());
    let there = tree.pointer(&other).cloned().unwrap_or_default();
    let kind = draw.below(9);
    if let (0 | 1, Some((parent, name))) = (kind, at.rsplit_once('/')) {
        if let Some(parent) = tree.pointer_mut(parent) {
            reshaped(parent, &name.replace("~1", "/").replace("~0", "~"), kind == 0, draw);
        }
        return tree;
    }
    let Some(here) = tree.pointer_mut(&at) else { return tree };
    *here = match (kind, here.take()) {
        (2, _) => there,
        (3, _) => json!(draw.one(WORDS)),
        (4, Value::Array(items)) if items.len() == 1 => items.into_iter().next().unwrap_or_default(),
        (4, value) => json!([value]),
        (5, _) => match draw.below(6) {
            0 => Value::Null,
            1 => json!(true),
            2 => json!(7),
            3 => json!([]),
            4 => json!({}),
            _ => json!(-2.5),
        },
        (6, Value::Array(mut items)) => {
            items.push(there);
            Value::Array(items)
        }
        (_, Value::String(text)) => Value::String(respelled(&text, draw)),
        (_, value) => value,
    };
    tree
}

/// An object or list without a member, or with another name for it.
fn reshaped(parent: &mut Value, name: &str, removed: bool, draw: &mut Draw<'_>) {
    match parent {
        Value::Object(members) => renamed(members, name, (!removed).then(|| draw.one(NAMES))),
        Value::Array(items) => {
            let index = name.parse().unwrap_or(items.len());
            let item = if index < items.len() { items.remove(index) } else { Value::Null };
            if !removed {
                items.insert(draw.below(items.len() + 1), item);
            }
        }
        _ => {}
    }
}

fn renamed(members: &mut Map<String, Value>, name: &str, new: Option<String>) {
    let value = members.remove(name).unwrap_or_default();
    if let Some(new) = new {
        members.insert(new, value);
    }
}

/// One character more, less or another, or other capitals.
fn respelled(text: &str, draw: &mut Draw<'_>) -> String {
    let mut characters: Vec<String> = text.chars().map(String::from).collect();
    let at = draw.below(characters.len() + 1);
    match draw.below(4) {
        0 => characters.insert(at, draw.one(CHARACTERS)),
        1 if at < characters.len() => drop(characters.remove(at)),
        2 => {
            if let Some(character) = characters.get_mut(at) {
                *character = draw.one(CHARACTERS);
            }
        }
        _ => return draw.recase(text.to_owned(), 100),
    }
    characters.concat()
}

fn pointers(tree: &Value, pointer: String, places: &mut Vec<String>) {
    match tree {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, format!("{pointer}/{index}"), places);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                pointers(value, format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), places);
            }
        }
        _ => {}
    }
    places.push(pointer);
}
