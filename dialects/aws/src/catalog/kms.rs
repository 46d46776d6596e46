//! The operations of Key Management Service.
//!
//! Follows the "AWS Key Management Service API Reference", version 2014-11-01, and the table "AWS KMS permissions" of its
//! Developer Guide. ReEncrypt has an action for each of its two keys; the operations on aliases ask about the alias and
//! about every key it points at, before and after.

use polykms_core::dialect::{Demand, Guarded, Row};
use polykms_core::operation::Role;

use crate::context::{self, Keys};
use crate::wire::kms::{alias, crypt, data_key, grant, import, life, mac, pair, policy, rotation, sign, tag};

const NO_STORE: &str = "there is no HSM cluster or external key store to connect to";
const REGIONS: &str = "multi-Region keys are not built yet";
const USAGE: &str = "the last use of a key is not recorded yet";

/// One row for each operation.
pub(crate) static ROWS: &[Row] = &[
    Row::of(&Guarded::<life::CancelKeyDeletion>(
        "CancelKeyDeletion",
        &[Demand::of(Role::Subject, "kms:CancelKeyDeletion")],
        Keys::KEY,
    )),
    Row::absent("ConnectCustomKeyStore", NO_STORE),
    Row::of(&Guarded::<alias::CreateAlias>(
        "CreateAlias",
        &[Demand::of(Role::Alias, "kms:CreateAlias"), Demand::of(Role::Destination, "kms:CreateAlias")],
        Keys::KEY,
    )),
    Row::absent("CreateCustomKeyStore", NO_STORE),
    Row::of(&Guarded::<grant::CreateGrant>(
        "CreateGrant",
        &[Demand::of(Role::Subject, "kms:CreateGrant")],
        context::GRANT,
    )),
    Row::of(&Guarded::<life::CreateKey>(
        "CreateKey",
        &[
            Demand::of(Role::Account, "kms:CreateKey"),
            Demand::when(Role::Account, "kms:TagResource", |op| !op.tags.is_empty()),
        ],
        context::CREATE,
    )),
    Row::of(&Guarded::<crypt::Decrypt>("Decrypt", &[Demand::of(Role::Subject, "kms:Decrypt")], Keys::CRYPTO)),
    Row::of(&Guarded::<alias::DeleteAlias>(
        "DeleteAlias",
        &[Demand::of(Role::Alias, "kms:DeleteAlias"), Demand::of(Role::Previous, "kms:DeleteAlias")],
        Keys::KEY,
    )),
    Row::absent("DeleteCustomKeyStore", NO_STORE),
    Row::of(&Guarded::<import::DeleteImportedKeyMaterial>(
        "DeleteImportedKeyMaterial",
        &[Demand::of(Role::Subject, "kms:DeleteImportedKeyMaterial")],
        Keys::KEY,
    )),
    Row::of(&Guarded::<pair::DeriveSharedSecret>(
        "DeriveSharedSecret",
        &[Demand::of(Role::Subject, "kms:DeriveSharedSecret")],
        context::AGREEMENT,
    )),
    Row::absent("DescribeCustomKeyStores", NO_STORE),
    Row::of(&Guarded::<life::DescribeKey>("DescribeKey", &[Demand::of(Role::Subject, "kms:DescribeKey")], Keys::NAMED)),
    Row::of(&Guarded::<life::DisableKey>("DisableKey", &[Demand::of(Role::Subject, "kms:DisableKey")], Keys::KEY)),
    Row::of(&Guarded::<rotation::DisableKeyRotation>(
        "DisableKeyRotation",
        &[Demand::of(Role::Subject, "kms:DisableKeyRotation")],
        Keys::KEY,
    )),
    Row::absent("DisconnectCustomKeyStore", NO_STORE),
    Row::of(&Guarded::<life::EnableKey>("EnableKey", &[Demand::of(Role::Subject, "kms:EnableKey")], Keys::KEY)),
    Row::of(&Guarded::<rotation::EnableKeyRotation>(
        "EnableKeyRotation",
        &[Demand::of(Role::Subject, "kms:EnableKeyRotation")],
        context::ROTATION,
    )),
    Row::of(&Guarded::<crypt::Encrypt>("Encrypt", &[Demand::of(Role::Subject, "kms:Encrypt")], Keys::CRYPTO)),
    Row::of(&Guarded::<data_key::GenerateDataKey>(
        "GenerateDataKey",
        &[Demand::of(Role::Subject, "kms:GenerateDataKey")],
        Keys::CRYPTO,
    )),
    Row::of(&Guarded::<pair::GenerateDataKeyPair>(
        "GenerateDataKeyPair",
        &[Demand::of(Role::Subject, "kms:GenerateDataKeyPair")],
        Keys::PAIRING,
    )),
    Row::of(&Guarded::<pair::GenerateDataKeyPairWithoutPlaintext>(
        "GenerateDataKeyPairWithoutPlaintext",
        &[Demand::of(Role::Subject, "kms:GenerateDataKeyPairWithoutPlaintext")],
        Keys::PAIRING,
    )),
    Row::of(&Guarded::<data_key::GenerateDataKeyWithoutPlaintext>(
        "GenerateDataKeyWithoutPlaintext",
        &[Demand::of(Role::Subject, "kms:GenerateDataKeyWithoutPlaintext")],
        Keys::CRYPTO,
    )),
    Row::of(&Guarded::<mac::GenerateMac>("GenerateMac", &[Demand::of(Role::Subject, "kms:GenerateMac")], Keys::MAC)),
    Row::of(&Guarded::<data_key::GenerateRandom>(
        "GenerateRandom",
        &[Demand::of(Role::Account, "kms:GenerateRandom")],
        &[],
    )),
    Row::absent("GetKeyLastUsage", USAGE),
    Row::of(&Guarded::<policy::GetKeyPolicy>(
        "GetKeyPolicy",
        &[Demand::of(Role::Subject, "kms:GetKeyPolicy")],
        Keys::KEY,
    )),
    Row::of(&Guarded::<rotation::GetKeyRotationStatus>(
        "GetKeyRotationStatus",
        &[Demand::of(Role::Subject, "kms:GetKeyRotationStatus")],
        Keys::KEY,
    )),
    Row::of(&Guarded::<import::GetParametersForImport>(
        "GetParametersForImport",
        &[Demand::of(Role::Subject, "kms:GetParametersForImport")],
        context::WRAPPING,
    )),
    Row::of(&Guarded::<pair::GetPublicKey>(
        "GetPublicKey",
        &[Demand::of(Role::Subject, "kms:GetPublicKey")],
        Keys::NAMED,
    )),
    Row::of(&Guarded::<import::ImportKeyMaterial>(
        "ImportKeyMaterial",
        &[Demand::of(Role::Subject, "kms:ImportKeyMaterial")],
        context::IMPORT,
    )),
    Row::of(&Guarded::<alias::ListAliases>("ListAliases", &[Demand::of(Role::Account, "kms:ListAliases")], &[])),
    Row::of(&Guarded::<grant::ListGrants>("ListGrants", &[Demand::of(Role::Subject, "kms:ListGrants")], Keys::GRANTED)),
    Row::of(&Guarded::<policy::ListKeyPolicies>(
        "ListKeyPolicies",
        &[Demand::of(Role::Subject, "kms:ListKeyPolicies")],
        Keys::KEY,
    )),
    Row::of(&Guarded::<rotation::ListKeyRotations>(
        "ListKeyRotations",
        &[Demand::of(Role::Subject, "kms:ListKeyRotations")],
        Keys::KEY,
    )),
    Row::of(&Guarded::<life::ListKeys>("ListKeys", &[Demand::of(Role::Account, "kms:ListKeys")], &[])),
    Row::of(&Guarded::<tag::ListResourceTags>(
        "ListResourceTags",
        &[Demand::of(Role::Subject, "kms:ListResourceTags")],
        Keys::KEY,
    )),
    Row::of(&Guarded::<grant::ListRetirableGrants>(
        "ListRetirableGrants",
        &[Demand::of(Role::Account, "kms:ListRetirableGrants")],
        &[],
    )),
    Row::of(&Guarded::<policy::PutKeyPolicy>(
        "PutKeyPolicy",
        &[Demand::of(Role::Subject, "kms:PutKeyPolicy")],
        context::POLICY,
    )),
    Row::of(&Guarded::<crypt::ReEncrypt>(
        "ReEncrypt",
        &[Demand::of(Role::Source, "kms:ReEncryptFrom"), Demand::of(Role::Destination, "kms:ReEncryptTo")],
        Keys::REENCRYPT,
    )),
    Row::absent("ReplicateKey", REGIONS),
    Row::of(&Guarded::<grant::RetireGrant>(
        "RetireGrant",
        &[Demand::of(Role::Subject, "kms:RetireGrant")],
        context::RETIRED,
    )),
    Row::of(&Guarded::<grant::RevokeGrant>(
        "RevokeGrant",
        &[Demand::of(Role::Subject, "kms:RevokeGrant")],
        Keys::GRANTED,
    )),
    Row::of(&Guarded::<rotation::RotateKeyOnDemand>(
        "RotateKeyOnDemand",
        &[Demand::of(Role::Subject, "kms:RotateKeyOnDemand")],
        Keys::KEY,
    )),
    Row::of(&Guarded::<life::ScheduleKeyDeletion>(
        "ScheduleKeyDeletion",
        &[Demand::of(Role::Subject, "kms:ScheduleKeyDeletion")],
        context::DELETION,
    )),
    Row::of(&Guarded::<sign::Sign>("Sign", &[Demand::of(Role::Subject, "kms:Sign")], Keys::SIGNING)),
    Row::of(&Guarded::<tag::TagResource>("TagResource", &[Demand::of(Role::Subject, "kms:TagResource")], context::TAG)),
    Row::of(&Guarded::<tag::UntagResource>(
        "UntagResource",
        &[Demand::of(Role::Subject, "kms:UntagResource")],
        context::UNTAG,
    )),
    Row::of(&Guarded::<alias::UpdateAlias>(
        "UpdateAlias",
        &[
            Demand::of(Role::Alias, "kms:UpdateAlias"),
            Demand::of(Role::Previous, "kms:UpdateAlias"),
            Demand::of(Role::Destination, "kms:UpdateAlias"),
        ],
        Keys::KEY,
    )),
    Row::absent("UpdateCustomKeyStore", NO_STORE),
    Row::of(&Guarded::<life::UpdateKeyDescription>(
        "UpdateKeyDescription",
        &[Demand::of(Role::Subject, "kms:UpdateKeyDescription")],
        Keys::KEY,
    )),
    Row::absent("UpdatePrimaryRegion", REGIONS),
    Row::of(&Guarded::<sign::Verify>("Verify", &[Demand::of(Role::Subject, "kms:Verify")], Keys::SIGNING)),
    Row::of(&Guarded::<mac::VerifyMac>("VerifyMac", &[Demand::of(Role::Subject, "kms:VerifyMac")], Keys::MAC)),
];
