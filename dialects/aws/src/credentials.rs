//! What credentials of a kind are never good for, whatever policies say.
//!
//! Follows "Compare AWS STS credentials" of the IAM User Guide. What one operation refuses for itself (the owner who assumes a
//! role, a session that starts another for itself) it says itself.

use polykms_core::dialect::{Row, Service};
use polykms_core::engine::{Caller, Principal};
use polykms_core::error::{AuthFlaw, Error, Kind};

/// A kind of credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bearer {
    /// An access key of the owner.
    Owner,
    /// An access key of a user.
    User,
    /// A session that somebody started for itself, without a second factor.
    OwnSession,
    /// A session of a role.
    RoleSession,
}

/// What a kind of credentials is barred from.
struct Bar {
    of: Bearer,
    service: &'static str,
    /// The operations that it may all the same.
    but: &'static [&'static str],
    refusal: fn(&Row) -> Error,
}

const BARS: &[Bar] = &[
    // "You cannot call any IAM API operations unless MFA authentication information is included in the request."
    Bar {
        of: Bearer::OwnSession,
        service: "iam",
        but: &[],
        refusal: |_| Kind::Unauthenticated(AuthFlaw::TokenInvalid).because(""),
    },
    // "You cannot call any AWS STS API operation except AssumeRole or GetCallerIdentity", and those that came later.
    Bar {
        of: Bearer::OwnSession,
        service: "sts",
        but: &[
            "AssumeRole",
            "GetCallerIdentity",
            "GetDelegatedAccessToken",
            "GetScopedCredentials",
            "GetSessionToken", // refuses it with a text of its own
            "GetWebIdentityToken",
        ],
        refusal: |row| Kind::AccessDenied.because(format!("Cannot call {} with session credentials", row.wire())),
    },
];

/// Why the caller's credentials are never good for an operation.
pub(crate) fn barred(caller: &Caller, service: &Service, row: &Row) -> Option<Error> {
    let bearer = match (&caller.principal, &caller.session) {
        (Principal::RoleSession { .. }, _) => Bearer::RoleSession,
        (_, Some(_)) => Bearer::OwnSession,
        (Principal::Owner, None) => Bearer::Owner,
        (Principal::User { .. }, None) => Bearer::User,
    };
    let bars = |bar: &&Bar| bar.of == bearer && bar.service == service.name && !bar.but.contains(&row.wire());
    BARS.iter().find(bars).map(|bar| (bar.refusal)(row))
}
