//! The catalog of Security Token Service, version 2015-04-01.
//!
//! Follows the STS document "AssumeRole": it needs the permission of the caller on the role, and of the role's trust
//! policy.

use polykms_core::dialect::{Demand, Guarded, Row};
use polykms_core::operation::Role;

use crate::context::ASSUME_ROLE;
use crate::wire::sts;

pub(crate) static ROWS: &[Row] = &[
    Row::of(&Guarded::<sts::AssumeRole>("AssumeRole", &[Demand::of(Role::Subject, "sts:AssumeRole")], ASSUME_ROLE)),
    Row::absent("AssumeRoleWithOIDC", "no identity providers are known here"),
    Row::absent("AssumeRoleWithSAML", "no identity providers are known here"),
    Row::open::<sts::GetCallerIdentity>("GetCallerIdentity", "everybody may ask who one is"),
];
