//! Random contexts, and conditions that are likely to touch them.

use serde_json::{Map, Value, json};

use super::{Draw, Target};

/// What the values of a key look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Text,
    Texts,
    Number,
    Date,
    Bool,
    Ip,
    Name,
    Bytes,
}

/// A condition key.
pub(super) type Key = (&'static str, Sort);

const TEXT: &[&str] = &[
    "finance",
    "Finance",
    "hr",
    "",
    "fin*",
    "f?nance",
    "stra\u{df}e",
    "STRASSE",
    "\u{c9}t",
    "\u{e9}t",
    "*",
    "a:b/c",
    "$",
];
const TEXT_PATTERNS: &[&str] = &["fin*", "*", "?inance", "*n*e", "f*?*e", "?t", "a*c", "", "h?"];
const TEMPLATES: &[&str] = &[
    "${aws:username}",
    "${AWS:UserName}",
    "${aws:PrincipalTag/dept}",
    "${aws:PrincipalTag/dept, 'finance'}",
    "${aws:PrincipalTag/none,'hr'}",
    "${aws:PrincipalTag/none, 'fin*'}",
    "${aws:PrincipalTag/none}",
    "${*}",
    "fin${*}",
    "f${?}nance",
    "${$}",
    "*${aws:PrincipalTag/dept}",
    "${kms:ResourceAliases}",
];
const NUMBERS: &[&str] = &["7", "7.0", "30", "-3", "3.25", "07", "0", "-0", "7.5", "abc", "", "1,0"];
const DATES: &[&str] = &[
    "2029-12-31T23:59:59Z",
    "2030-01-01T00:00:00Z",
    "2030-01-01T08:00:00+08:00",
    "2030-01-01T00:00:00.5Z",
    "2031-06-01T00:00:00Z",
    "2030-01-01T00:00Z",
    "soon",
];
const EPOCHS: &[&str] = &["1893456000", "2030-01-01", "1893455999", "1924992000", "2030", "2031-06", "1893456000.5"];
const BOOLS: &[&str] = &["true", "false", "true", "false", "yes", "TRUE", ""];
const ADDRESSES: &[&str] = &["10.1.2.3", "192.0.2.7", "2001:db8::1", "::ffff:10.1.2.3", "10.1.2.4", "nowhere"];
const BLOCKS: &[&str] = &[
    "10.0.0.0/8",
    "10.1.2.3",
    "10.1.2.3/32",
    "192.0.2.0/24",
    "192.0.2.9/24",
    "0.0.0.0/0",
    "2001:db8::/32",
    "::/0",
    "2001:db8::1",
    "10.0.0.0/33",
    "nowhere/8",
];
const NAMES: &[&str] = &[
    "arn:aws:s3:::my-bucket",
    "arn:aws:s3:::my-bucket/a:b",
    "arn:aws:iam::222233334444:role/app",
    "arn:aws:sns:eu-central-1:222233334444:topic",
    "my-bucket",
];
const NAME_PATTERNS: &[&str] = &[
    "arn:aws:s3:::my-*",
    "arn:*:s3:::my-bucket",
    "arn:aws:*:*:*:*",
    "arn:aws:iam::*:role/app",
    "arn:aws:iam::${aws:PrincipalTag/account}:role/*",
    "arn:aws:s3:::${aws:PrincipalTag/none,'my-bucket'}",
    "arn:aws:s*:::*b",
    "arn:aws:sns:*:222233334444:top?c",
    "arn:aws:s3:*:my-bucket:*:*",
    "${aws:SourceArn}",
    "arn:aws:*:*",
    "*",
];
const BYTES: &[&str] = &["AQID", "AQI=", "aqid", "AQIDBA==", "%%", ""];

const OPERATORS: &[(Sort, &[&str])] = &[
    (
        Sort::Text,
        &[
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
        ],
    ),
    (
        Sort::Number,
        &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
    ),
    (
        Sort::Date,
        &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ],
    ),
    (Sort::Bool, &["Bool"]),
    (Sort::Ip, &["IpAddress", "NotIpAddress"]),
    (Sort::Name, &["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"]),
    (Sort::Bytes, &["BinaryEquals"]),
];

/// Operators that do not exist.
const UNKNOWN: &[&str] = &["StringMatches", "stringequals", "NumericLike"];

fn pool(sort: Sort) -> &'static [&'static str] {
    match sort {
        Sort::Text | Sort::Texts => TEXT,
        Sort::Number => NUMBERS,
        Sort::Date => DATES,
        Sort::Bool => BOOLS,
        Sort::Ip => ADDRESSES,
        Sort::Name => NAMES,
        Sort::Bytes => BYTES,
    }
}

/// A context that has about half of the keys.
pub(super) fn context(draw: &mut Draw<'_>, keys: &[Key], alibaba: bool) -> Map<String, Value> {
    let mut context = Map::new();
    for (name, sort) in keys {
        if !draw.chance(55) {
            continue;
        }
        let name = draw.recase((*name).to_owned(), 8);
        let several = if *sort == Sort::Texts { draw.chance(92) } else { draw.chance(6) };
        let value = if several {
            let count = draw.below(4);
            Value::from((0..count).map(|_| value(draw, *sort, alibaba)).collect::<Vec<_>>())
        } else {
            json!(value(draw, *sort, alibaba))
        };
        context.insert(name, value);
    }
    context
}

fn value(draw: &mut Draw<'_>, sort: Sort, alibaba: bool) -> String {
    if sort == Sort::Date && !alibaba && draw.chance(40) {
        return draw.one(EPOCHS);
    }
    // Few values, so that they meet.
    let pool = pool(sort);
    let few = if draw.chance(60) { pool.get(..3).unwrap_or(pool) } else { pool };
    draw.one(few)
}

impl Target {
    /// A condition block of one or two operators.
    pub(super) fn condition(&self, draw: &mut Draw<'_>, keys: &[Key], every: bool) -> Value {
        let mut block = Map::new();
        for _ in 0..=draw.below(2) {
            let Some((name, operator, values)) = self.test(draw, keys, every) else { continue };
            let name = draw.recase(name.to_owned(), 8);
            let tests = block.entry(operator).or_insert_with(|| json!({}));
            let known = |tests: &Map<String, Value>| tests.keys().any(|key| key.eq_ignore_ascii_case(&name));
            if let Value::Object(tests) = tests
                && !known(tests)
            {
                tests.insert(name, values);
            }
        }
        Value::Object(block)
    }

    /// A condition block of one operator, which may well have a quantifier or suffix.
    pub(super) fn narrow_condition(&self, draw: &mut Draw<'_>, keys: &[Key]) -> Value {
        let tests = self.dressed_test(draw, keys, true).into_iter();
        tests.map(|(name, operator, values)| (operator, json!({ name: values }))).collect()
    }

    /// A key, an operator and values.
    fn test(&self, draw: &mut Draw<'_>, keys: &[Key], every: bool) -> Option<(&'static str, String, Value)> {
        if draw.chance(25) {
            return self.dressed_test(draw, keys, every);
        }
        let (name, sort) = keys.get(draw.below(keys.len())).copied()?;
        let (operator, values) = self.test_of(draw, name, sort, every);
        Some((name, operator, values))
    }

    /// Begins with the operator, so that rare ones with their quantifiers and suffixes are not rare.
    fn dressed_test(&self, draw: &mut Draw<'_>, keys: &[Key], every: bool) -> Option<(&'static str, String, Value)> {
        let known = OPERATORS.iter().filter(|(sort, _)| !(self.alibaba && matches!(sort, Sort::Name | Sort::Bytes)));
        let all: Vec<(Sort, &str)> = known.flat_map(|(sort, names)| names.iter().map(|name| (*sort, *name))).collect();
        let (family, operator) = all.get(draw.below(all.len())).copied()?;
        let fits = |sort: Sort| sort == family || (sort, family) == (Sort::Texts, Sort::Text);
        let mut fitting: Vec<Key> = keys.iter().filter(|(_, sort)| fits(*sort)).copied().collect();
        let present = |(name, _): &Key| self.context.contains_key(*name);
        if draw.chance(60) && fitting.iter().any(present) {
            fitting.retain(present);
        }
        let (name, _) = fitting.get(draw.below(fitting.len())).copied()?;
        let quantifiers: &[&str] = if every { &["ForAllValues:", "ForAnyValue:", ""] } else { &["ForAnyValue:", ""] };
        let suffixes: &[&str] = if self.alibaba { &[""] } else { &["IfExists", ""] };
        let operator = [draw.one(quantifiers).as_str(), operator, draw.one(suffixes).as_str()].concat();
        let values = draw.texts(|draw| self.wanted(draw, name, family));
        Some((name, operator, self.bare(draw, family, values)))
    }

    fn test_of(&self, draw: &mut Draw<'_>, name: &str, sort: Sort, every: bool) -> (String, Value) {
        if draw.chance(1) {
            return (draw.one(UNKNOWN), json!("x"));
        }
        if !self.alibaba && draw.chance(10) {
            let wanted = draw.one(&["true", "false", "true", "false", "yes"]);
            let wanted = if draw.chance(25) { json!([wanted]) } else { json!(wanted) };
            return ("Null".to_owned(), self.bare(draw, Sort::Bool, wanted));
        }
        let mut family = if sort == Sort::Texts { Sort::Text } else { sort };
        if draw.chance(4) {
            family = OPERATORS.get(draw.below(5)).map_or(family, |(sort, _)| *sort);
        }
        let operators = OPERATORS.iter().find(|(sort, _)| *sort == family).map_or(&["Bool"][..], |(_, names)| names);
        let mut operator = draw.one(operators);
        if !self.alibaba && draw.chance(20) {
            operator.push_str("IfExists");
        }
        let quantified = if sort == Sort::Texts { draw.chance(90) } else { draw.chance(8) };
        if quantified {
            let prefix = if every && draw.chance(50) { "ForAllValues" } else { "ForAnyValue" };
            operator = format!("{prefix}:{operator}");
        }
        let values = draw.texts(|draw| self.wanted(draw, name, family));
        (operator, self.bare(draw, family, values))
    }

    /// A value for a policy: often the request's own, else a pattern or another value.
    fn wanted(&self, draw: &mut Draw<'_>, name: &str, family: Sort) -> String {
        let own = self.context.get(name).map(|value| match value {
            Value::Array(values) => values.first().and_then(Value::as_str).unwrap_or_default(),
            value => value.as_str().unwrap_or_default(),
        });
        if let Some(own) = own
            && draw.chance(45)
        {
            return own.to_owned();
        }
        match family {
            Sort::Text | Sort::Texts => match draw.below(3) {
                0 => draw.one(TEXT),
                1 => draw.one(TEXT_PATTERNS),
                _ => draw.one(TEMPLATES),
            },
            Sort::Ip => draw.one(BLOCKS),
            Sort::Name if draw.chance(75) => draw.one(NAME_PATTERNS),
            other => value(draw, other, self.alibaba),
        }
    }

    /// Numbers and booleans may stand unquoted in documents of AWS.
    fn bare(&self, draw: &mut Draw<'_>, family: Sort, values: Value) -> Value {
        if self.alibaba || !draw.chance(20) {
            return values;
        }
        match (family, values.as_str()) {
            (Sort::Bool, Some("true")) => json!(true),
            (Sort::Bool, Some("false")) => json!(false),
            (Sort::Number, Some("7")) => json!(7),
            (Sort::Number, Some("3.25")) => json!(3.25),
            (Sort::Number, Some("-3")) => json!(-3),
            _ => values,
        }
    }
}
