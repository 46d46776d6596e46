//! The operations of STS.
//!
//! Follows the "AWS Security Token Service API Reference", version 2011-06-15.

use polykms_core::dialect::{Demand, Guarded, Row};
use polykms_core::operation::Role;

use crate::context::ASSUMED;
use crate::wire::sts::assume::AssumeRole;
use crate::wire::sts::decode::DecodeAuthorizationMessage;
use crate::wire::sts::session::{GetCallerIdentity, GetSessionToken};

const FEDERATION: &str = "federation with other identity providers is not built yet";

/// One row for each operation.
pub(crate) static ROWS: &[Row] = &[
    Row::of(&Guarded::<AssumeRole>(
        "AssumeRole",
        &[
            Demand::of(Role::Subject, "sts:AssumeRole"),
            // Whoever has one carries it on, and needs the permission for every link of the chain.
            Demand::when_by(Role::Subject, "sts:SetSourceIdentity", |op, caller| {
                op.source_identity_by(caller).is_some()
            }),
        ],
        ASSUMED,
    )),
    Row::absent("AssumeRoleWithSAML", FEDERATION),
    Row::absent("AssumeRoleWithWebIdentity", FEDERATION),
    Row::absent("AssumeRoot", "there are no organisations of accounts yet"),
    Row::of(&Guarded::<DecodeAuthorizationMessage>(
        "DecodeAuthorizationMessage",
        &[Demand::of(Role::Account, "sts:DecodeAuthorizationMessage")],
        &[],
    )),
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
