//! The operations of STS.
//!
//! Follows the "AWS Security Token Service API Reference", version 2011-06-15.

use std::any::Any;

use polykms_core::dialect::{Demand, Row};
use polykms_core::identity::assume;
use polykms_core::operation::Role;

use crate::context::identity::ASSUMED;
use crate::wire::sts::assume::AssumeRole;
use crate::wire::sts::decode::DecodeAuthorizationMessage;
use crate::wire::sts::session::{GetCallerIdentity, GetSessionToken};

const FEDERATION: &str = "federation with other identity providers is not built yet";

fn has_source_identity(op: &dyn Any) -> bool {
    op.downcast_ref::<assume::AssumeRole>().is_none_or(|op| op.source_identity.is_some())
}

/// One row for each operation.
pub(crate) static ROWS: &[Row] = &[
    Row::of::<AssumeRole>(
        "AssumeRole",
        &[
            Demand::of(Role::Subject, "sts:AssumeRole"),
            Demand::when(Role::Subject, "sts:SetSourceIdentity", has_source_identity),
        ],
        ASSUMED,
    ),
    Row::absent("AssumeRoleWithSAML", FEDERATION),
    Row::absent("AssumeRoleWithWebIdentity", FEDERATION),
    Row::absent("AssumeRoot", "there are no organisations of accounts yet"),
    Row::of::<DecodeAuthorizationMessage>(
        "DecodeAuthorizationMessage",
        &[Demand::of(Role::Account, "sts:DecodeAuthorizationMessage")],
        &[],
    ),
    Row::absent("GetAccessKeyInfo", "not built yet"),
    Row::open::<GetCallerIdentity>("GetCallerIdentity", "the vendor asks for no permission, and no policy can deny it"),
    Row::absent("GetDelegatedAccessToken", "delegation requests are not built yet"),
    Row::absent("GetFederationToken", "sessions of federated users are not built yet"),
    Row::open::<GetSessionToken>(
        "GetSessionToken",
        "the vendor asks for no permission: the session can do what its user can, and no more",
    ),
    Row::absent("GetWebIdentityToken", FEDERATION),
];
