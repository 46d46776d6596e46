//! Random policy evaluation cases: policies and requests that are likely to meet, in the format of the case files.
//!
//! # Invariants
//! - A case is a pure function of the numbers drawn, so a seed repeats it.
//! - Documents are such as the dialect accepts, except for operators that do not exist, which stored documents may hold.

mod alibaba;
mod aws;
mod condition;

use serde_json::{Map, Value, json};

/// A source of random numbers, and what is made of them.
pub struct Draw<'a>(&'a mut dyn FnMut() -> u64);

impl<'a> Draw<'a> {
    /// Draws from `source`.
    pub fn new(source: &'a mut dyn FnMut() -> u64) -> Self {
        Self(source)
    }

    /// A number below `bound`; zero if there is none.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let number = (self.0)() >> 32;
        usize::try_from(number).unwrap_or_default().checked_rem(bound).unwrap_or_default()
    }

    /// True in so many of a hundred draws.
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of the texts.
    pub(crate) fn one(&mut self, texts: &[&str]) -> String {
        let index = self.below(texts.len());
        texts.get(index).map(|text| (*text).to_owned()).unwrap_or_default()
    }

    /// The same text with other capitals, now and then.
    pub(crate) fn recase(&mut self, text: String, percent: usize) -> String {
        match self.chance(percent) {
            false => text,
            true if self.chance(50) => text.to_ascii_uppercase(),
            true => text.to_ascii_lowercase(),
        }
    }

    /// One to three texts, sometimes written as a single text.
    fn texts(&mut self, mut one: impl FnMut(&mut Self) -> String) -> Value {
        match self.below(6) {
            0..=2 => json!(one(self)),
            3 => json!([one(self)]),
            4 => json!([one(self), one(self)]),
            _ => json!([one(self), one(self), one(self)]),
        }
    }
}

/// How likely the parts of a case are to meet.
#[derive(Debug, Clone, Copy)]
struct Bias {
    /// The chance, in percent, that a statement is about the request.
    hit: usize,
    /// The chance, in percent, that a statement denies.
    deny: usize,
    /// The chance, in percent, that a statement has conditions.
    conditions: usize,
}

impl Bias {
    fn draw(draw: &mut Draw<'_>) -> Self {
        let pick = |draw: &mut Draw<'_>, from: [usize; 4]| from.get(draw.below(4)).copied().unwrap_or_default();
        Self {
            hit: pick(draw, [70, 90, 95, 98]),
            deny: pick(draw, [0, 5, 10, 25]),
            conditions: pick(draw, [10, 30, 50, 80]),
        }
    }
}

/// The parts of a request that statements are aimed at.
struct Target {
    alibaba: bool,
    account: String,
    /// Names under which a resource policy may speak of the caller.
    names: Vec<String>,
    service: Option<String>,
    action: String,
    resource: String,
    context: Map<String, Value>,
    bias: Bias,
}

/// A random case of a dialect.
#[must_use]
pub fn case(dialect: &str, draw: &mut Draw<'_>) -> Value {
    if dialect == "alibaba" { alibaba::case(draw) } else { aws::case(draw) }
}

impl Target {
    /// An action pattern, likely to match.
    fn action(&self, draw: &mut Draw<'_>, others: &[&str]) -> String {
        if !draw.chance(self.bias.hit) {
            return draw.one(others);
        }
        let (service, name) = self.action.split_once(':').unwrap_or_default();
        let head: String = name.chars().take(3).collect();
        let tail: String = name.chars().skip(1).collect();
        match draw.below(10) {
            0..=3 => self.action.clone(),
            4 => draw.recase(self.action.clone(), 100),
            5 => format!("{service}:{head}*"),
            6 => format!("{service}:?{tail}"),
            _ => format!("{service}:*"),
        }
    }

    /// Action or `NotAction`.
    fn actions(&self, draw: &mut Draw<'_>, statement: &mut Map<String, Value>, others: &[&str], negation: bool) {
        if negation && draw.chance(10) {
            let value = draw.texts(|draw| if draw.chance(25) { self.action(draw, others) } else { draw.one(others) });
            statement.insert("NotAction".to_owned(), value);
        } else {
            let value = draw.texts(|draw| self.action(draw, others));
            statement.insert("Action".to_owned(), value);
        }
    }

    /// The policies of a layer.
    fn policies(&self, draw: &mut Draw<'_>, mut statement: impl FnMut(&mut Draw<'_>) -> Value) -> Value {
        let count = [0, 1, 1, 1, 2, 3].get(draw.below(6)).copied().unwrap_or(1);
        (0..count)
            .map(|index| json!({ "name": format!("p{index}"), "document": self.document(draw, &mut statement) }))
            .collect()
    }

    fn document(&self, draw: &mut Draw<'_>, mut statement: impl FnMut(&mut Draw<'_>) -> Value) -> Value {
        // Now and then a long one, as for evaluators that treat long ones differently.
        let count = if draw.chance(2) { 12 + draw.below(20) } else { 1 + draw.below(3) };
        let mut statements: Vec<Value> = (0..count).map(|_| statement(draw)).collect();
        let mut document = Map::new();
        if self.alibaba {
            document.insert("Version".to_owned(), json!("1"));
        } else if draw.chance(90) {
            let version = if draw.chance(90) { "2012-10-17" } else { "2008-10-17" };
            document.insert("Version".to_owned(), json!(version));
        }
        let single = if count == 1 && !self.alibaba && draw.chance(30) { statements.pop() } else { None };
        document.insert("Statement".to_owned(), single.unwrap_or(Value::Array(statements)));
        Value::Object(document)
    }

    /// The levels of an organisation.
    fn levels(
        &self,
        draw: &mut Draw<'_>,
        mut statement: impl FnMut(&mut Draw<'_>) -> Value,
        full: Option<&Value>,
    ) -> Value {
        let count = if draw.chance(4) { 0 } else { 1 + draw.below(3) };
        let mut level = |index: usize| {
            let mut policies = Vec::new();
            if let Some(full) = full
                && draw.chance(75)
            {
                policies.push(json!({ "name": "full", "document": full }));
            }
            if draw.chance(60) {
                policies.push(json!({ "name": "own", "document": self.document(draw, &mut statement) }));
            }
            json!({ "level": format!("level-{index}"), "policies": policies })
        };
        (0..count).map(&mut level).collect()
    }

    fn effect(&self, draw: &mut Draw<'_>) -> &'static str {
        if draw.chance(self.bias.deny) { "Deny" } else { "Allow" }
    }
}
