//! What Security Token Service says otherwise than Identity and Access Management.
//!
//! Follows the errors of the service model.

use super::FAILURE;
use super::iam::Own;

/// The codes that are this service's own.
pub(super) const OWN: Own = Own { limit: (400, "PackedPolicyTooLarge"), failure: FAILURE };

/// Why a session cannot take so many policies.
pub(super) const PACKED: &str = "Packed policy consumes more than 100% of allotted space, please use smaller policy.";

/// Why a session may not last so long: its role does not allow it.
pub(super) const LONGER_THAN_ROLE: &str =
    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";

/// Why a session may not last so long: it is started from a session.
pub(super) const LONGER_THAN_CHAIN: &str =
    "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining";

/// Why no role may be assumed: the owner of an account asks.
pub(super) const BY_OWNER: &str = "Roles may not be assumed by root accounts.";

/// Why no session may be started: there is one already.
pub(super) const FROM_SESSION: &str = "Cannot call GetSessionToken with session credentials";
