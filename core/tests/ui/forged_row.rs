//! A row cannot be written as a literal, around its constructors.

use polykms_core::dialect::Row;
use polykms_core::operation::Effect;

static ROW: Row = Row {
    wire: "Decrypt",
    operation: "Decrypt",
    effect: Effect::Reads,
    roles: &[],
    assumes: false,
    note: None,
    served: None,
};

fn main() {}
