//! The catalog of Security Token Service, version 2015-04-01.

use polykms_core::dialect::Row;

pub(crate) static ROWS: &[Row] = &[
    Row::absent("AssumeRole", "not built yet"),
    Row::absent("AssumeRoleWithOIDC", "not built yet"),
    Row::absent("AssumeRoleWithSAML", "not built yet"),
    Row::absent("GetCallerIdentity", "not built yet"),
];
