//! Conditions of one statement that no request can satisfy together.
//!
//! # Invariants
//! - What is told surely never holds; contradictions that need more than two conditions may go unnoticed.

use std::cmp::Ordering;

use super::super::condition::{Atom, Operand, Over, Predicate, Test, Truth};
use super::super::effort::Effort;
use super::super::model;
use super::super::operand::{Decimal, instant};
use super::super::pattern::{Glob, Pattern};
use super::super::question::Facts;
use super::written::{Condition, Statement};
use super::{Finding, Scope, rules};

pub(super) fn examine(
    scope: &Scope<'_>,
    statement: &Statement<'_>,
    compiled: &model::Statement,
    findings: &mut Vec<Finding>,
) {
    let pairs: Vec<_> = statement.conditions.iter().zip(&compiled.when).collect();
    for (at, (condition, atom)) in pairs.iter().enumerate() {
        let earlier = pairs.iter().take(at).filter(|(other, _)| other.lower == condition.lower);
        for (other, other_atom) in earlier {
            let never = absent_and_present(condition, other)
                || absent_and_present(other, condition)
                || differs(scope, atom, other_atom)
                || differs(scope, other_atom, atom)
                || out_of_order(condition, other)
                || out_of_order(other, condition);
            if never {
                let message = format!(
                    "`{}` and `{}` of `{}` never hold together, so the statement never applies",
                    other.operator, condition.operator, condition.key
                );
                findings.push(rules::NEVER_HOLDS.at(&condition.node, message));
                break;
            }
        }
    }
}

/// Whether one condition wants the key to be absent, and the other to be there.
fn absent_and_present(absent: &Condition<'_>, present: &Condition<'_>) -> bool {
    let all = |condition: &Condition<'_>, text: &str| {
        let mut values = condition.values.iter();
        condition.parsed.operator.predicate == Predicate::Absent
            && !condition.values.is_empty()
            && values.all(|value| value.text == text)
    };
    let parsed = present.parsed;
    let wants = match (parsed.operator.predicate, parsed.over) {
        (Predicate::Absent, _) => all(present, "false"),
        (_, Over::Any) => true,
        (_, Over::Every) => false,
        (_, Over::Single) => !parsed.operator.negated && !parsed.if_exists,
    };
    all(absent, "true") && wants
}

/// Whether every text that `equal` asks for fails `other`.
fn differs(scope: &Scope<'_>, equal: &Atom, other: &Atom) -> bool {
    let Test::Compare { predicate: Predicate::Text, negated: false, over: Over::Single, missing: false, operands } =
        &equal.test
    else {
        return false;
    };
    if operands.is_empty() || !is_single(other) {
        return false;
    }
    operands.iter().all(|operand| match operand {
        Operand::Text(Pattern::Fixed(Glob::Exact(text))) => {
            let facts = Facts::new().with(equal.key.text(), text.to_string().into());
            other.truth(&facts, &scope.spec.names, &Effort::unbounded()) == Truth::False
        }
        _ => false,
    })
}

/// Whether a condition depends on one value of its key alone.
fn is_single(atom: &Atom) -> bool {
    let fixed = |operand: &Operand| match operand {
        Operand::Text(pattern) | Operand::AnyCase(pattern) => matches!(pattern, Pattern::Fixed(_)),
        Operand::NameTemplate(_) | Operand::Invalid => false,
        _ => true,
    };
    matches!(&atom.test, Test::Compare { over: Over::Single, operands, .. } if operands.iter().all(fixed))
}

/// Whether everything below the values of `less` is below those of `greater` too.
fn out_of_order(less: &Condition<'_>, greater: &Condition<'_>) -> bool {
    use super::super::condition::Order::{Greater, GreaterOrEqual, Less, LessOrEqual};
    let (below, above) = (less.parsed, greater.parsed);
    if below.over != Over::Single || above.over != Over::Single || below.if_exists && above.if_exists {
        return false;
    }
    let (touching, dates) = match (below.operator.predicate, above.operator.predicate) {
        (Predicate::Number(LessOrEqual), Predicate::Number(GreaterOrEqual)) => (true, false),
        (Predicate::Number(Less | LessOrEqual), Predicate::Number(Greater | GreaterOrEqual)) => (false, false),
        (Predicate::Instant(LessOrEqual), Predicate::Instant(GreaterOrEqual)) => (true, true),
        (Predicate::Instant(Less | LessOrEqual), Predicate::Instant(Greater | GreaterOrEqual)) => (false, true),
        _ => return false,
    };
    let order = |most: &str, least: &str| match dates {
        true => Some(instant(most)?.cmp(&instant(least)?)),
        false => Some(Decimal::parse(most)?.compare(&Decimal::parse(least)?)),
    };
    let apart = |most: &str, least: &str| match order(most, least) {
        Some(Ordering::Less) => true,
        Some(Ordering::Equal) => !touching,
        Some(Ordering::Greater) | None => false,
    };
    let pairs = || less.values.iter().flat_map(|most| greater.values.iter().map(move |least| (most, least)));
    pairs().next().is_some() && pairs().all(|(most, least)| apart(&most.text, &least.text))
}
