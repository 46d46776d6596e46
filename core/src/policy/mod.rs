//! The policy evaluator: documents are compiled once, questions are decided in the fast path or explained in full.
//!
//! A dialect describes its language as a static [`Spec`]: grammar, operators, names, and the [`Expr`] by which its layers
//! combine. This module knows no vendor and does no I/O.
//!
//! # Invariants
//! - No JSON is parsed when a question is decided.
//! - [`Spec::decide`] and [`Spec::explain`] give the same verdict.
//! - Whatever cannot be evaluated gives no access, and a Deny that cannot be read denies; a value of the wrong type, in a
//!   policy or a request, never matches a positive operator.

mod combine;
mod compile;
mod condition;
mod document;
mod effort;
mod evaluate;
mod explain;
mod grant;
mod index;
mod key;
mod lint;
mod matches;
mod model;
mod operand;
mod outline;
mod partial;
mod pattern;
mod pins;
mod principal;
mod question;
mod spec;
pub mod translate;

pub use combine::{Expr, FixedRule, Kinds, ResourceClass, Test};
pub use condition::{Operator, Order, Predicate};
pub use document::{ActionFlaw, Element, Fault, NameFlaw, Refusal, RefusalCode};
pub use effort::MOST_STEPS;
pub use explain::{Blocker, Decision, FailedCondition, LayerName, NearMiss, Reason};
pub use grant::{Grant, Grants};
pub(crate) use key::variable_part;
pub use key::{KeyFamily, KeyName};
pub use lint::{
    Finding, GrantGuard, LintData, LintedDocument, Measure, Outcome, REFUSALS as LINT_REFUSALS, RULES as LINT_RULES,
    Rule as LintRule, Severity, SizeLimit,
};
pub use matches::Match;
pub use model::Policy;
pub use outline::{Extent, Outline, Position};
pub use partial::{Open, OpenCondition, Partial};
pub use pins::Pins;
pub use question::{
    Attached, Context, Facts, Grouped, Layer, Layers, Level, Named, Principal, PrincipalKind, Question, Value, Verdict,
};
pub use spec::{
    DocumentKind, Effect, Forms, GrantRules, Identifiers, NameSyntax, Presence, PrincipalForm, PrincipalType, Shape,
    ShortNames, Spec, Version,
};

#[cfg(test)]
pub(crate) mod example_tests;
