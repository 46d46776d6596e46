//! A row cannot be written as a literal, around its constructors.

use polykms_core::dialect::Row;

static ROW: Row = Row {
    wire: "Decrypt",
    operation: "Decrypt",
    roles: &[],
    note: None,
    served: None,
};

fn main() {}
