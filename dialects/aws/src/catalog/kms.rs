//! The operations of Key Management Service.
//!
//! Follows the "AWS Key Management Service API Reference", version 2014-11-01, and the table "AWS KMS permissions" of its
//! Developer Guide. ReEncrypt has an action for each of its two keys; the operations on aliases ask about the alias and
//! about every key it points at, before and after.

use std::any::Any;

use polykms_core::dialect::{Demand, Row};
use polykms_core::key;
use polykms_core::operation::Role;

use crate::context;
use crate::wire::kms::{alias, crypt, data_key, life, policy, tag};

const NO_STORE: &str = "there is no HSM cluster or external key store to connect to";
const GRANTS: &str = "grants are not built yet";
const ASYMMETRIC: &str = "asymmetric keys are not built yet";
const HMAC: &str = "HMAC keys are not built yet";
const IMPORT: &str = "imported key material is not built yet";
const ROTATION: &str = "rotation is not built yet";
const REGIONS: &str = "multi-Region keys are not built yet";
const USAGE: &str = "the last use of a key is not recorded yet";

/// One row for each operation.
pub(crate) static ROWS: &[Row] = &[
    Row::of::<life::CancelKeyDeletion>(
        "CancelKeyDeletion",
        &[Demand::of(Role::Subject, "kms:CancelKeyDeletion")],
        context::KMS_KEY,
    ),
    Row::absent("ConnectCustomKeyStore", NO_STORE),
    Row::of::<alias::CreateAlias>(
        "CreateAlias",
        &[Demand::of(Role::Alias, "kms:CreateAlias"), Demand::of(Role::Destination, "kms:CreateAlias")],
        context::KMS_KEY,
    ),
    Row::absent("CreateCustomKeyStore", NO_STORE),
    Row::absent("CreateGrant", GRANTS),
    Row::of::<life::CreateKey>(
        "CreateKey",
        &[
            Demand::of(Role::Account, "kms:CreateKey"),
            Demand::when(Role::Account, "kms:TagResource", makes_a_tagged_key),
        ],
        context::KMS_CREATE,
    ),
    Row::of::<crypt::Decrypt>("Decrypt", &[Demand::of(Role::Subject, "kms:Decrypt")], context::KMS_CRYPTO),
    Row::of::<alias::DeleteAlias>(
        "DeleteAlias",
        &[Demand::of(Role::Alias, "kms:DeleteAlias"), Demand::of(Role::Previous, "kms:DeleteAlias")],
        context::KMS_KEY,
    ),
    Row::absent("DeleteCustomKeyStore", NO_STORE),
    Row::absent("DeleteImportedKeyMaterial", IMPORT),
    Row::absent("DeriveSharedSecret", ASYMMETRIC),
    Row::absent("DescribeCustomKeyStores", NO_STORE),
    Row::of::<life::DescribeKey>("DescribeKey", &[Demand::of(Role::Subject, "kms:DescribeKey")], context::KMS_NAMED),
    Row::of::<life::DisableKey>("DisableKey", &[Demand::of(Role::Subject, "kms:DisableKey")], context::KMS_KEY),
    Row::absent("DisableKeyRotation", ROTATION),
    Row::absent("DisconnectCustomKeyStore", NO_STORE),
    Row::of::<life::EnableKey>("EnableKey", &[Demand::of(Role::Subject, "kms:EnableKey")], context::KMS_KEY),
    Row::absent("EnableKeyRotation", ROTATION),
    Row::of::<crypt::Encrypt>("Encrypt", &[Demand::of(Role::Subject, "kms:Encrypt")], context::KMS_CRYPTO),
    Row::of::<data_key::GenerateDataKey>(
        "GenerateDataKey",
        &[Demand::of(Role::Subject, "kms:GenerateDataKey")],
        context::KMS_CRYPTO,
    ),
    Row::absent("GenerateDataKeyPair", ASYMMETRIC),
    Row::absent("GenerateDataKeyPairWithoutPlaintext", ASYMMETRIC),
    Row::of::<data_key::GenerateDataKeyWithoutPlaintext>(
        "GenerateDataKeyWithoutPlaintext",
        &[Demand::of(Role::Subject, "kms:GenerateDataKeyWithoutPlaintext")],
        context::KMS_CRYPTO,
    ),
    Row::absent("GenerateMac", HMAC),
    Row::of::<data_key::GenerateRandom>("GenerateRandom", &[Demand::of(Role::Account, "kms:GenerateRandom")], &[]),
    Row::absent("GetKeyLastUsage", USAGE),
    Row::of::<policy::GetKeyPolicy>("GetKeyPolicy", &[Demand::of(Role::Subject, "kms:GetKeyPolicy")], context::KMS_KEY),
    Row::absent("GetKeyRotationStatus", ROTATION),
    Row::absent("GetParametersForImport", IMPORT),
    Row::absent("GetPublicKey", ASYMMETRIC),
    Row::absent("ImportKeyMaterial", IMPORT),
    Row::of::<alias::ListAliases>("ListAliases", &[Demand::of(Role::Account, "kms:ListAliases")], &[]),
    Row::absent("ListGrants", GRANTS),
    Row::of::<policy::ListKeyPolicies>(
        "ListKeyPolicies",
        &[Demand::of(Role::Subject, "kms:ListKeyPolicies")],
        context::KMS_KEY,
    ),
    Row::absent("ListKeyRotations", ROTATION),
    Row::of::<life::ListKeys>("ListKeys", &[Demand::of(Role::Account, "kms:ListKeys")], &[]),
    Row::of::<tag::ListResourceTags>(
        "ListResourceTags",
        &[Demand::of(Role::Subject, "kms:ListResourceTags")],
        context::KMS_KEY,
    ),
    Row::absent("ListRetirableGrants", GRANTS),
    Row::of::<policy::PutKeyPolicy>(
        "PutKeyPolicy",
        &[Demand::of(Role::Subject, "kms:PutKeyPolicy")],
        context::KMS_POLICY,
    ),
    Row::of::<crypt::ReEncrypt>(
        "ReEncrypt",
        &[Demand::of(Role::Source, "kms:ReEncryptFrom"), Demand::of(Role::Destination, "kms:ReEncryptTo")],
        context::KMS_REENCRYPT,
    ),
    Row::absent("ReplicateKey", REGIONS),
    Row::absent("RetireGrant", GRANTS),
    Row::absent("RevokeGrant", GRANTS),
    Row::absent("RotateKeyOnDemand", ROTATION),
    Row::of::<life::ScheduleKeyDeletion>(
        "ScheduleKeyDeletion",
        &[Demand::of(Role::Subject, "kms:ScheduleKeyDeletion")],
        context::KMS_DELETION,
    ),
    Row::absent("Sign", ASYMMETRIC),
    Row::of::<tag::TagResource>("TagResource", &[Demand::of(Role::Subject, "kms:TagResource")], context::KMS_TAG),
    Row::of::<tag::UntagResource>(
        "UntagResource",
        &[Demand::of(Role::Subject, "kms:UntagResource")],
        context::KMS_UNTAG,
    ),
    Row::of::<alias::UpdateAlias>(
        "UpdateAlias",
        &[
            Demand::of(Role::Alias, "kms:UpdateAlias"),
            Demand::of(Role::Previous, "kms:UpdateAlias"),
            Demand::of(Role::Destination, "kms:UpdateAlias"),
        ],
        context::KMS_KEY,
    ),
    Row::absent("UpdateCustomKeyStore", NO_STORE),
    Row::of::<life::UpdateKeyDescription>(
        "UpdateKeyDescription",
        &[Demand::of(Role::Subject, "kms:UpdateKeyDescription")],
        context::KMS_KEY,
    ),
    Row::absent("UpdatePrimaryRegion", REGIONS),
    Row::absent("Verify", ASYMMETRIC),
    Row::absent("VerifyMac", HMAC),
];

fn makes_a_tagged_key(operation: &dyn Any) -> bool {
    operation.downcast_ref::<key::Create>().is_none_or(|create| !create.tags.is_empty())
}
