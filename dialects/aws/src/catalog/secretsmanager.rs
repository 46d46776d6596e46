//! The operations of Secrets Manager.
//!
//! Follows the "AWS Secrets Manager API Reference", version 2017-10-17.

use polykms_core::dialect::Row;

const NOT_BUILT: &str = "not built yet";

/// One row for each operation.
pub(crate) static ROWS: &[Row] = &[
    Row::absent("BatchGetSecretValue", NOT_BUILT),
    Row::absent("CancelRotateSecret", NOT_BUILT),
    Row::absent("CreateSecret", NOT_BUILT),
    Row::absent("DeleteResourcePolicy", NOT_BUILT),
    Row::absent("DeleteSecret", NOT_BUILT),
    Row::absent("DescribeSecret", NOT_BUILT),
    Row::absent("GetRandomPassword", NOT_BUILT),
    Row::absent("GetResourcePolicy", NOT_BUILT),
    Row::absent("GetSecretValue", NOT_BUILT),
    Row::absent("ListSecretVersionIds", NOT_BUILT),
    Row::absent("ListSecrets", NOT_BUILT),
    Row::absent("PutResourcePolicy", NOT_BUILT),
    Row::absent("PutSecretValue", NOT_BUILT),
    Row::absent("RemoveRegionsFromReplication", NOT_BUILT),
    Row::absent("ReplicateSecretToRegions", NOT_BUILT),
    Row::absent("RestoreSecret", NOT_BUILT),
    Row::absent("RotateSecret", NOT_BUILT),
    Row::absent("StopReplicationToReplica", NOT_BUILT),
    Row::absent("TagResource", NOT_BUILT),
    Row::absent("UntagResource", NOT_BUILT),
    Row::absent("UpdateSecret", NOT_BUILT),
    Row::absent("UpdateSecretVersionStage", NOT_BUILT),
    Row::absent("ValidateResourcePolicy", NOT_BUILT),
];
