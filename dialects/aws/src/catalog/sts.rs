//! The operations of STS.
//!
//! Follows the "AWS Security Token Service API Reference", version 2011-06-15.

use polykms_core::dialect::Row;

const NOT_BUILT: &str = "not built yet";

/// One row for each operation.
pub(crate) static ROWS: &[Row] = &[
    Row::absent("AssumeRole", NOT_BUILT),
    Row::absent("AssumeRoleWithSAML", NOT_BUILT),
    Row::absent("AssumeRoleWithWebIdentity", NOT_BUILT),
    Row::absent("AssumeRoot", NOT_BUILT),
    Row::absent("DecodeAuthorizationMessage", NOT_BUILT),
    Row::absent("GetAccessKeyInfo", NOT_BUILT),
    Row::absent("GetCallerIdentity", NOT_BUILT),
    Row::absent("GetDelegatedAccessToken", NOT_BUILT),
    Row::absent("GetFederationToken", NOT_BUILT),
    Row::absent("GetSessionToken", NOT_BUILT),
    Row::absent("GetWebIdentityToken", NOT_BUILT),
];
