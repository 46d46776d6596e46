//! The suite that says whether something is the service of a cloud: cases as data, and the runner that judges any endpoint
//! by them, over HTTP alone.
//!
//! A case is a few operations, with what has to come of each; where that comes from is said with it. Cases that can be
//! derived from the catalog ([`derived`]) are written down nowhere. The format is described in `docs/conformance.md`.

pub mod derived;
mod files;
pub mod journal;
pub mod known;
pub mod matching;
pub mod model;
pub mod plan;
mod play;
pub mod report;
pub mod run;
pub mod scope;
pub mod sign;
pub mod target;

pub use files::{World, arguments, read, suite, suites, world};
pub use journal::Journal;
pub use known::Known;
pub use model::{Case, Confidence, Need, Step, Suite};
pub use plan::Plan;
pub use report::Report;
pub use run::{Outcome, State, run};
pub use sign::Access;
pub use target::{Neighbour, Settings, Target};

use jiff::{SignedDuration, Span, SpanRelativeTo};

/// The owner of the account, whose credentials the runner has.
pub const ADMIN: &str = "admin";
/// Who signs nothing.
pub const NOBODY: &str = "nobody";
/// The owner of another account, where there is one.
pub const NEIGHBOUR: &str = "neighbour";

/// Why nothing can be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable(pub String);

impl std::fmt::Display for Unusable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unusable {}

/// A length of time with its sign: `-16m`, `+8d`; days have 24 hours.
pub(crate) fn duration(text: &str) -> Option<SignedDuration> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("-", rest) => (-1, rest),
        ("+", rest) => (1, rest),
        _ => (1, text),
    };
    let span: Span = rest.parse().ok()?;
    span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?.checked_mul(sign)
}
