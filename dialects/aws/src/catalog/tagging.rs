//! The operations of the Resource Groups Tagging API.
//!
//! Follows the "Resource Groups Tagging API Reference", version 2017-01-26.

use polykms_core::dialect::{Demand, Guarded, Row};
use polykms_core::operation::Role;

use crate::wire::tagging::GetResources;

const BY_SERVICES: &str = "tags are set and removed by the services that have the resources";
const NO_POLICIES: &str = "there are no tag policies";
const NOT_BUILT: &str = "not built yet";

/// One row for each operation.
pub(crate) static ROWS: &[Row] = &[
    Row::absent("DescribeReportCreation", NO_POLICIES),
    Row::absent("GetComplianceSummary", NO_POLICIES),
    Row::of(&Guarded::<GetResources>("GetResources", &[Demand::of(Role::Account, "tag:GetResources")], &[])),
    Row::absent("GetTagKeys", NOT_BUILT),
    Row::absent("GetTagValues", NOT_BUILT),
    Row::absent("ListRequiredTags", NO_POLICIES),
    Row::absent("StartReportCreation", NO_POLICIES),
    Row::absent("TagResources", BY_SERVICES),
    Row::absent("UntagResources", BY_SERVICES),
];
