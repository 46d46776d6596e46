//! Whether the condition block of a statement holds.
//!
//! Follows the IAM User Guide ("IAM JSON policy elements: Condition operators", "Conditions with multiple context keys or
//! values", "IAM policy elements: Variables") and the RAM document "Condition operators".

use std::net::IpAddr;

use base64::Engine as _;
use serde_json::Value;

use super::statement::wild;
use super::{Fault, Request, list, scalar};

/// One element of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// This character.
    Char(char),
    /// Any characters, or none.
    Any,
    /// Any one character.
    One,
}

/// A text without wildcards.
pub(super) fn literal(text: &str) -> Vec<Token> {
    text.chars().map(Token::Char).collect()
}

/// Whether the whole text matches: after each element of the pattern, the places in the text that it can have reached.
pub(super) fn glob(pattern: &[Token], text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    let mut reached = vec![false; characters.len() + 1];
    reached.first_mut().into_iter().for_each(|start| *start = true);
    for token in pattern {
        reached = match token {
            // Every place after the first that was reached.
            Token::Any => reached
                .iter()
                .scan(false, |any, here| {
                    *any |= here;
                    Some(*any)
                })
                .collect(),
            Token::One => step(&reached, &characters, |_| true),
            Token::Char(wanted) => step(&reached, &characters, |have| have == *wanted),
        };
    }
    reached.last().copied().unwrap_or_default()
}

/// The places behind a character that the element takes.
fn step(reached: &[bool], characters: &[char], takes: impl Fn(char) -> bool) -> Vec<bool> {
    let behind = reached.iter().zip(characters).map(|(here, character)| *here && takes(*character));
    std::iter::once(false).chain(behind).collect()
}

/// How an operator treats a set of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    None,
    Every,
    Any,
}

impl Request<'_> {
    pub(super) fn condition_holds(&self, statement: &Value, variables: bool, deny: bool) -> bool {
        let Some(condition) = statement.get("Condition") else { return true };
        let operators = condition.as_object().into_iter().flatten();
        operators.into_iter().all(|(operator, keys)| {
            let keys = keys.as_object().into_iter().flatten();
            keys.into_iter().all(|(key, values)| self.holds(operator, key, values, variables, deny))
        })
    }

    fn holds(&self, written: &str, key: &str, values: &Value, variables: bool, deny: bool) -> bool {
        let (quantifier, operator) = match written.split_once(':') {
            Some(("ForAllValues", operator)) => (Quantifier::Every, operator),
            Some(("ForAnyValue", operator)) => (Quantifier::Any, operator),
            _ => (Quantifier::None, written),
        };
        let (operator, if_exists) = match operator.strip_suffix("IfExists") {
            Some(operator) => (operator, !self.wrong(Fault::IfExistsDoesNotCount)),
            None => (operator, false),
        };
        let suffixed = written.ends_with("IfExists");
        // RAM has no `IfExists`, and `Null` neither that nor quantifiers.
        let overdressed = match operator {
            "Null" => suffixed || quantifier != Quantifier::None,
            _ => self.alibaba && suffixed,
        };
        let Some((family, negated)) = family(operator, self.alibaba).filter(|_| !overdressed) else {
            // An operator that does not exist: an Allow does not apply, a Deny does.
            return deny || self.wrong(Fault::UnknownOperatorsHold);
        };
        let value = self.value(key);
        let wanted: Vec<String> = list(Some(values)).into_iter().map(scalar).collect();
        if family == Family::Null {
            let absent = value.is_none_or(|value| value.as_array().is_some_and(Vec::is_empty));
            let absent = absent != self.wrong(Fault::NullTestsTheOpposite);
            return wanted.iter().any(|wanted| wanted == if absent { "true" } else { "false" });
        }
        let test = |have: &str| self.element(family, negated, have, &wanted, variables, deny);
        // An empty set of values is no value.
        let Some(value) = value.filter(|value| value.as_array().is_none_or(|values| !values.is_empty())) else {
            return match quantifier {
                Quantifier::Every => !self.wrong(Fault::EveryValueFailsWithoutTheKey),
                Quantifier::Any => self.wrong(Fault::AnyValueHoldsWithoutTheKey),
                Quantifier::None => if_exists || (negated && !self.wrong(Fault::NegatedOperatorsFailWithoutTheKey)),
            };
        };
        let several = value.is_array();
        let elements: Vec<String> = list(Some(value)).into_iter().map(scalar).collect();
        match quantifier {
            // A set of values is never equal to one value.
            Quantifier::None if several => {
                self.wrong(Fault::SeveralValuesNeedNoQuantifier) && elements.iter().any(|have| test(have))
            }
            Quantifier::None => elements.iter().all(|have| test(have)),
            Quantifier::Every if negated && self.wrong(Fault::QuantifiedNegationIsOfTheWhole) => {
                !elements.iter().all(|have| !test(have))
            }
            Quantifier::Every => elements.iter().all(|have| test(have)),
            Quantifier::Any => elements.iter().any(|have| test(have)),
        }
    }

    /// Whether one value of the request stands in the operator's relation to the values of the policy.
    fn element(
        &self,
        family: Family,
        negated: bool,
        have: &str,
        wanted: &[String],
        variables: bool,
        deny: bool,
    ) -> bool {
        if negated && !family.reads(have) {
            // A number or date that is none satisfies nothing; an address that is none saves nobody from a Deny.
            return family == Family::Ip && deny;
        }
        let matched = |wanted: &String| self.related(family, have, wanted, variables);
        if negated && self.wrong(Fault::NegatedValuesAreAlternatives) {
            return wanted.iter().any(|wanted| !matched(wanted));
        }
        if wanted.iter().any(matched) {
            return !negated;
        }
        // A negated operator that cannot read its values gives nothing and saves nobody from a Deny.
        negated && (deny || wanted.iter().all(|wanted| family.reads_wanted(wanted)))
    }

    /// The relation of an operator, never negated.
    fn related(&self, family: Family, have: &str, wanted: &str, variables: bool) -> bool {
        let pattern = || if variables { self.template(wanted) } else { Some(wild(wanted)) };
        match family {
            Family::Equals { any_case } => {
                if self.wrong(Fault::EqualsTakesWildcards) {
                    return pattern().is_some_and(|pattern| glob(&pattern, have));
                }
                let Some(pattern) = pattern() else { return false };
                let wanted: String = pattern.into_iter().map(plain).collect();
                if any_case { lower(&wanted) == lower(have) } else { wanted == have }
            }
            Family::Like => pattern().is_some_and(|pattern| glob(&pattern, have)),
            Family::Arn => pattern().is_some_and(|pattern| self.arn_like(&pattern, have)),
            Family::Number(order) => {
                number(have).zip(number(wanted)).is_some_and(|(have, wanted)| order.of(&have, &wanted))
            }
            Family::Date(order) => date(have).zip(date(wanted)).is_some_and(|(have, wanted)| order.of(&have, &wanted)),
            Family::Bool => have == wanted && (have == "true" || have == "false"),
            Family::Binary => {
                let decode = |text: &str| base64::engine::general_purpose::STANDARD.decode(text).ok();
                decode(have).is_some_and(|have| Some(have) == decode(wanted))
            }
            Family::Ip => in_block(have, wanted),
            Family::Null => false,
        }
    }

    /// Six parts on both sides, each matched alone; the sixth takes the rest. `*` alone is every name.
    fn arn_like(&self, pattern: &[Token], have: &str) -> bool {
        if self.wrong(Fault::ArnWildcardsCrossColons) {
            return glob(pattern, have);
        }
        let theirs: Vec<&[Token]> = pattern.splitn(6, |token| *token == Token::Char(':')).collect();
        let ours: Vec<&str> = have.splitn(6, ':').collect();
        if pattern == [Token::Any] {
            return ours.len() == 6;
        }
        theirs.len() == 6 && ours.len() == 6 && theirs.into_iter().zip(ours).all(|(theirs, ours)| glob(theirs, ours))
    }
}

/// Each character in lower case by itself.
fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

fn plain(token: Token) -> char {
    match token {
        Token::Char(character) => character,
        Token::Any => '*',
        Token::One => '?',
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Equals { any_case: bool },
    Like,
    Arn,
    Number(Order),
    Date(Order),
    Bool,
    Binary,
    Ip,
    Null,
}

impl Family {
    /// Whether a value of the request is of the type that the operator compares.
    fn reads(self, have: &str) -> bool {
        match self {
            Self::Number(_) => number(have).is_some(),
            Self::Date(_) => date(have).is_some(),
            Self::Ip => have.parse::<IpAddr>().is_ok(),
            _ => true,
        }
    }

    /// The same for a value of the policy.
    fn reads_wanted(self, wanted: &str) -> bool {
        match self {
            Self::Ip => block(wanted).is_some(),
            other => other.reads(wanted),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    fn of<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

/// The family of an operator and whether it is negated; `None` if the dialect has no such operator.
fn family(operator: &str, alibaba: bool) -> Option<(Family, bool)> {
    let found = match operator {
        "StringEquals" => (Family::Equals { any_case: false }, false),
        "StringNotEquals" => (Family::Equals { any_case: false }, true),
        "StringEqualsIgnoreCase" => (Family::Equals { any_case: true }, false),
        "StringNotEqualsIgnoreCase" => (Family::Equals { any_case: true }, true),
        "StringLike" => (Family::Like, false),
        "StringNotLike" => (Family::Like, true),
        "NumericEquals" => (Family::Number(Order::Equal), false),
        "NumericNotEquals" => (Family::Number(Order::Equal), true),
        "NumericLessThan" => (Family::Number(Order::Less), false),
        "NumericLessThanEquals" => (Family::Number(Order::LessOrEqual), false),
        "NumericGreaterThan" => (Family::Number(Order::Greater), false),
        "NumericGreaterThanEquals" => (Family::Number(Order::GreaterOrEqual), false),
        "DateEquals" => (Family::Date(Order::Equal), false),
        "DateNotEquals" => (Family::Date(Order::Equal), true),
        "DateLessThan" => (Family::Date(Order::Less), false),
        "DateLessThanEquals" => (Family::Date(Order::LessOrEqual), false),
        "DateGreaterThan" => (Family::Date(Order::Greater), false),
        "DateGreaterThanEquals" => (Family::Date(Order::GreaterOrEqual), false),
        "Bool" => (Family::Bool, false),
        "IpAddress" => (Family::Ip, false),
        "NotIpAddress" => (Family::Ip, true),
        "BinaryEquals" if !alibaba => (Family::Binary, false),
        "ArnEquals" | "ArnLike" if !alibaba => (Family::Arn, false),
        "ArnNotEquals" | "ArnNotLike" if !alibaba => (Family::Arn, true),
        "Null" if !alibaba => (Family::Null, false),
        _ => return None,
    };
    Some(found)
}

/// An integer or decimal in billionths; nothing else is a number.
fn number(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return None,
        None => (digits, ""),
    };
    let all_digits = |text: &str| text.chars().all(|digit| digit.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || fraction.len() > 9 {
        return None;
    }
    let size: i128 = format!("{whole}{fraction:0<9}").parse().ok()?;
    Some(if negative { -size } else { size })
}

/// An instant in nanoseconds since 1970: whole seconds, a date and time with its offset, or a day, month or year.
fn date(text: &str) -> Option<i128> {
    // Four digits are a year.
    if !text.contains('.') && text.len() != 4 && number(text).is_some() {
        return number(text);
    }
    if text.contains('T') {
        return text.parse().ok().map(jiff::Timestamp::as_nanosecond);
    }
    let day = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        10 => text.to_owned(),
        _ => return None,
    };
    format!("{day}T00:00:00Z").parse().ok().map(jiff::Timestamp::as_nanosecond)
}

/// Whether an address lies in a block of its own kind.
fn in_block(address: &str, text: &str) -> bool {
    let Some(((network, length), address)) = block(text).zip(address.parse::<IpAddr>().ok()) else { return false };
    let (ours, theirs, bits) = match (address, network) {
        (IpAddr::V4(ours), IpAddr::V4(theirs)) => (u128::from(u32::from(ours)), u128::from(u32::from(theirs)), 32),
        (IpAddr::V6(ours), IpAddr::V6(theirs)) => (u128::from(ours), u128::from(theirs), 128),
        _ => return false,
    };
    let top = |value: u128| value.checked_shr(bits - length).unwrap_or(0);
    top(ours) == top(theirs)
}

/// A network and the length of its prefix; one address is a block of its own.
fn block(text: &str) -> Option<(IpAddr, u32)> {
    let (network, length) = match text.split_once('/') {
        Some((network, length)) => (network, Some(length)),
        None => (text, None),
    };
    let network: IpAddr = network.parse().ok()?;
    let bits = if network.is_ipv4() { 32 } else { 128 };
    let length = length.map_or(Ok(bits), str::parse).ok()?;
    (length <= bits).then_some((network, length))
}
