//! Condition operators: typed when a document is compiled, three-valued when a request is compared.
//!
//! # Invariants
//! - Nothing in a document is parsed while a request is evaluated.
//! - A value of the wrong type never matches, on either side: a positive operator is false.
//! - What is not known beyond that is [`Truth::Unknown`]: it never makes an Allow apply and never saves from a Deny.

use std::net::IpAddr;

use base64::engine::general_purpose::STANDARD;
use base64::{DecodeSliceError, Engine as _};
use ipnet::IpNet;

use super::effort::Effort;
use super::key::Key;
use super::operand::{Decimal, instant};
use super::pattern::{Glob, Pattern, matches};
use super::question::{Context, Value};
use super::spec::NameSyntax;

/// Whether something is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    True,
    False,
    Unknown,
}

impl Truth {
    const fn of(flag: bool) -> Self {
        if flag { Self::True } else { Self::False }
    }

    const fn negate(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }

    pub(super) const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, Self::True) => Self::True,
            _ => Self::Unknown,
        }
    }

    const fn or(self, other: Self) -> Self {
        self.negate().and(other.negate()).negate()
    }
}

/// An order between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Equal.
    Equal,
    /// Less.
    Less,
    /// Less or equal.
    LessOrEqual,
    /// Greater.
    Greater,
    /// Greater or equal.
    GreaterOrEqual,
}

impl Order {
    fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// What an operator compares, before negation and quantifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Predicate {
    /// Equal text.
    Text,
    /// Equal text but for case.
    TextAnyCase,
    /// Text with wildcards.
    Like,
    /// Full names with wildcards, segment by segment.
    Name,
    /// Decimal numbers.
    Number(Order),
    /// Instants.
    Instant(Order),
    /// Booleans.
    Boolean,
    /// Base64 of equal bytes.
    Bytes,
    /// An address in a network.
    Network,
    /// Whether the key is absent.
    Absent,
}

impl Predicate {
    /// The steps that reading a value takes.
    fn cost(self, text: &str) -> usize {
        match self {
            Self::Text | Self::TextAnyCase | Self::Like | Self::Name | Self::Absent => 0,
            Self::Number(_) | Self::Instant(_) | Self::Boolean | Self::Bytes | Self::Network => 64 + 2 * text.len(),
        }
    }

    /// Whether a text is a value of the kind it compares.
    #[must_use]
    pub fn takes(self, text: &str) -> bool {
        Element::parse(self, text).is_ok()
    }
}

/// A condition operator without prefix and suffix.
#[derive(Debug, Clone, Copy)]
pub struct Operator {
    /// The name in documents.
    pub name: &'static str,
    /// What it compares.
    pub predicate: Predicate,
    /// Whether it wants the opposite.
    pub negated: bool,
}

impl Operator {
    /// An operator that wants the comparison to hold.
    #[must_use]
    pub const fn is(name: &'static str, predicate: Predicate) -> Self {
        Self { name, predicate, negated: false }
    }

    /// An operator that wants the comparison not to hold.
    #[must_use]
    pub const fn not(name: &'static str, predicate: Predicate) -> Self {
        Self { name, predicate, negated: true }
    }
}

/// Over which values of a key an operator speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    Single,
    Any,
    Every,
}

/// A comparison of one key with the operands of a document.
#[derive(Debug, Clone)]
pub(super) struct Atom {
    /// The operator as the document spells it.
    pub(super) operator: Box<str>,
    pub(super) key: Key,
    /// The operands as the document spells them.
    pub(super) written: serde_json::Value,
    pub(super) test: Test,
}

#[derive(Debug, Clone)]
pub(super) enum Test {
    /// The operator is not one of the dialect's.
    Unreadable,
    Absent(Box<[Operand]>),
    Compare {
        predicate: Predicate,
        negated: bool,
        over: Over,
        missing: bool,
        operands: Box<[Operand]>,
    },
}

/// One operand, typed.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    Text(Pattern),
    AnyCase(Pattern),
    Name(Box<[Glob]>),
    AnyName,
    NameTemplate(Pattern),
    Number(Box<str>),
    Instant(i128),
    Boolean(bool),
    /// Bytes have one spelling in base64.
    Bytes(Box<str>),
    Network(IpNet),
    Invalid,
}

impl Operand {
    pub(super) fn parse(predicate: Predicate, text: &str, variables: bool, names: &NameSyntax) -> Self {
        let parsed = match predicate {
            Predicate::Text => Pattern::parse(text, variables, false).ok().map(Self::Text),
            Predicate::TextAnyCase => Pattern::parse(text, variables, false).ok().map(Self::AnyCase),
            Predicate::Like => Pattern::parse(text, variables, true).ok().map(Self::Text),
            Predicate::Name => Pattern::parse(text, variables, true).ok().map(|pattern| match pattern {
                Pattern::Fixed(Glob::Any) => Self::AnyName,
                Pattern::Fixed(_) if !variables || !text.contains("${") => {
                    Self::Name(text.splitn(names.segments, ':').map(Glob::new).collect())
                }
                other => Self::NameTemplate(other),
            }),
            Predicate::Number(_) => Decimal::parse(text).map(|_| Self::Number(text.into())),
            Predicate::Instant(_) => instant(text).map(Self::Instant),
            Predicate::Boolean | Predicate::Absent => boolean(text).map(Self::Boolean),
            Predicate::Bytes => is_base64(text).then(|| Self::Bytes(text.into())),
            Predicate::Network => network(text).map(Self::Network),
        };
        parsed.unwrap_or(Self::Invalid)
    }
}

fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Whether `text` is base64, in the one spelling that its bytes have.
fn is_base64(text: &str) -> bool {
    let mut bytes = [0; 1024];
    match STANDARD.decode_slice(text, &mut bytes) {
        Ok(_) => true,
        Err(DecodeSliceError::OutputSliceTooSmall) => STANDARD.decode(text).is_ok(),
        Err(DecodeSliceError::DecodeError(_)) => false,
    }
}

fn network(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// One value of a request, typed as the operator wants it.
enum Element<'e> {
    Text(&'e str),
    Number(Decimal<'e>),
    Instant(i128),
    Boolean(bool),
    Bytes(&'e str),
    Address(IpAddr),
}

impl<'e> Element<'e> {
    /// `Err` holds the verdict of a negated operator on a value that is not of the wanted type: a number or date that is
    /// none satisfies no operator, while an address that is none is not known to be outside of anything.
    fn parse(predicate: Predicate, text: &'e str) -> Result<Self, Truth> {
        let parsed = match predicate {
            Predicate::Text | Predicate::TextAnyCase | Predicate::Like | Predicate::Name | Predicate::Absent => {
                Some(Self::Text(text))
            }
            Predicate::Number(_) => Decimal::parse(text).map(Self::Number),
            Predicate::Instant(_) => instant(text).map(Self::Instant),
            Predicate::Boolean => boolean(text).map(Self::Boolean),
            Predicate::Bytes => is_base64(text).then_some(Self::Bytes(text)),
            Predicate::Network => return text.parse().map(Self::Address).map_err(|_| Truth::Unknown),
        };
        parsed.ok_or(Truth::False)
    }
}

impl Atom {
    /// The condition keys that it looks up: its own, and those of variables.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        let operands = match &self.test {
            Test::Unreadable => &[],
            Test::Absent(operands) | Test::Compare { operands, .. } => &**operands,
        };
        let patterns = operands.iter().filter_map(|operand| match operand {
            Operand::Text(pattern) | Operand::AnyCase(pattern) | Operand::NameTemplate(pattern) => Some(pattern),
            _ => None,
        });
        std::iter::once(&self.key).chain(patterns.flat_map(Pattern::keys))
    }

    /// Whether the request satisfies this condition.
    pub(super) fn truth(&self, context: &dyn Context, names: &NameSyntax, effort: &Effort) -> Truth {
        match &self.test {
            Test::Unreadable => Truth::Unknown,
            Test::Absent(operands) => {
                let absent = match context.named(self.key.name()) {
                    None => true,
                    Some(Value::Many(values)) => values.is_empty(),
                    Some(Value::One(_)) => false,
                };
                any(operands, effort, |operand| {
                    Truth::of(matches!(operand, Operand::Boolean(wanted) if *wanted == absent))
                })
            }
            Test::Compare { predicate, negated, over, missing, operands } => {
                let compare = Compare { predicate: *predicate, negated: *negated, operands, context, names, effort };
                let value = context.named(self.key.name());
                effort.spend(LOOK_UP + value.as_ref().map_or(0, look_up));
                compare.over(*over, *missing, value)
            }
        }
    }
}

/// Steps that finding a value takes, each of its texts, and each operand.
const LOOK_UP: usize = 160;
const TEXT: usize = 16;
const OPERAND: usize = 8;

fn look_up(value: &Value<'_>) -> usize {
    match value {
        Value::One(_) => 0,
        Value::Many(texts) => TEXT * texts.len(),
    }
}

fn any<T>(items: &[T], effort: &Effort, test: impl Fn(&T) -> Truth) -> Truth {
    let mut truth = Truth::False;
    for item in items {
        if !effort.spend(OPERAND) {
            return Truth::Unknown;
        }
        truth = truth.or(test(item));
        if truth == Truth::True {
            break;
        }
    }
    truth
}

struct Compare<'c> {
    predicate: Predicate,
    negated: bool,
    operands: &'c [Operand],
    context: &'c dyn Context,
    names: &'c NameSyntax,
    effort: &'c Effort,
}

impl Compare<'_> {
    fn over(&self, over: Over, missing: bool, value: Option<Value<'_>>) -> Truth {
        match (over, value) {
            (_, None) => Truth::of(missing),
            (_, Some(Value::Many(values))) if values.is_empty() => Truth::of(missing),
            (_, Some(Value::One(text))) => self.element(&text),
            // A set without a quantifier has no single value to compare.
            (Over::Single, Some(Value::Many(_))) => Truth::False,
            (Over::Any, Some(Value::Many(values))) => any(&values, self.effort, |text| self.element(text)),
            (Over::Every, Some(Value::Many(values))) => {
                any(&values, self.effort, |text| self.element(text).negate()).negate()
            }
        }
    }

    /// The (possibly negated) operator on one value of the request.
    fn element(&self, text: &str) -> Truth {
        self.effort.spend(self.predicate.cost(text));
        let element = match Element::parse(self.predicate, text) {
            Ok(element) => element,
            Err(truth) if self.negated => return truth,
            Err(_) => return Truth::False,
        };
        let truth = any(self.operands, self.effort, |operand| self.operand(&element, operand));
        match truth {
            truth if self.negated => truth.negate(),
            Truth::Unknown => Truth::False,
            truth => truth,
        }
    }

    fn operand(&self, element: &Element<'_>, operand: &Operand) -> Truth {
        Truth::of(match (element, operand, self.predicate) {
            (Element::Text(text), Operand::Text(Pattern::Template(template)), Predicate::Text) => {
                template.text(self.context, self.effort).is_some_and(|operand| *operand == *text.as_bytes())
            }
            (Element::Text(text), Operand::Text(pattern), _) => pattern.matches(text, self.context, self.effort),
            (Element::Text(text), Operand::AnyCase(pattern), _) => match pattern {
                Pattern::Fixed(Glob::Exact(literal)) => self.same_but_for_case(text, literal),
                Pattern::Fixed(_) => return Truth::Unknown,
                Pattern::Template(template) => template.text(self.context, self.effort).is_some_and(|operand| {
                    std::str::from_utf8(&operand).is_ok_and(|operand| self.same_but_for_case(text, operand))
                }),
            },
            (Element::Text(text), Operand::Name(globs), _) => self.name(text, globs),
            (Element::Text(text), Operand::AnyName, _) => self.is_name(text),
            (Element::Text(text), Operand::NameTemplate(pattern), _) => self.name_template(text, pattern),
            (Element::Number(number), Operand::Number(operand), Predicate::Number(order)) => {
                self.effort.spend(16 + 2 * operand.len());
                match Decimal::parse(operand) {
                    Some(operand) => order.holds(number.compare(&operand)),
                    None => return Truth::Unknown,
                }
            }
            (Element::Instant(instant), Operand::Instant(operand), Predicate::Instant(order)) => {
                order.holds(instant.cmp(operand))
            }
            (Element::Boolean(flag), Operand::Boolean(operand), _) => flag == operand,
            (Element::Bytes(bytes), Operand::Bytes(operand), _) => **bytes == **operand,
            (Element::Address(address), Operand::Network(network), _) => network.contains(address),
            _ => return Truth::Unknown,
        })
    }

    fn same_but_for_case(&self, text: &str, other: &str) -> bool {
        let folded = !(text.is_ascii() && other.is_ascii());
        let steps = if folded { 16 * text.len().min(other.len()) } else { 0 };
        self.effort.spend(8 + steps + (text.len() + other.len()) / 8) && same_but_for_case(text, other)
    }

    fn is_name(&self, text: &str) -> bool {
        self.effort.spend(text.len());
        text.splitn(self.names.segments, ':').count() == self.names.segments
    }

    fn name(&self, text: &str, globs: &[Glob]) -> bool {
        globs.len() == self.names.segments
            && self.is_name(text)
            && globs
                .iter()
                .zip(text.splitn(self.names.segments, ':'))
                .all(|(glob, part)| glob.matches_within(part, self.effort))
    }

    /// Colons that come out of a variable separate segments as well.
    fn name_template(&self, text: &str, pattern: &Pattern) -> bool {
        let spliced;
        let pattern: &[u8] = match pattern {
            Pattern::Fixed(Glob::Wild(pattern)) => pattern,
            Pattern::Fixed(Glob::Exact(text)) => text.as_bytes(),
            Pattern::Fixed(Glob::Any | Glob::Prefix(_)) => return false,
            Pattern::Template(template) => match template.pattern(self.context, self.effort) {
                Some(pattern) => {
                    spliced = pattern;
                    &spliced
                }
                None => return false,
            },
        };
        let segments = || pattern.splitn(self.names.segments, |byte| *byte == b':');
        segments().count() == self.names.segments
            && self.is_name(text)
            && segments()
                .zip(text.splitn(self.names.segments, ':'))
                .all(|(pattern, part)| matches(pattern, part.as_bytes(), self.effort))
    }
}

/// Equal after lower-casing, without normalisation.
fn same_but_for_case(text: &str, other: &str) -> bool {
    text.eq_ignore_ascii_case(other) || (!(text.is_ascii() && other.is_ascii()) && folded(text).eq(folded(other)))
}

#[cfg(test)]
#[path = "condition_tests.rs"]
mod tests;
