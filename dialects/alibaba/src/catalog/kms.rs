//! The catalog of Key Management Service, version 2016-01-20.
//!
//! Follows the KMS document "Use RAM to control access to resources": which permission each operation needs on what.

use polykms_core::dialect::{Demand, Guarded, Row};
use polykms_core::operation::Role;

use crate::context::Keys;
use crate::wire::kms::{account, alias, bulk, crypt, import, key, life, list, pair, policy, rotation, tag, version};

pub(crate) static ROWS: &[Row] = &[
    // Keys.
    Row::of(&Guarded::<key::CreateKey>("CreateKey", &[Demand::of(Role::Account, "kms:CreateKey")], &[])),
    Row::of(&Guarded::<key::DescribeKey>("DescribeKey", &[Demand::of(Role::Subject, "kms:DescribeKey")], Keys::KEY)),
    Row::of(&Guarded::<list::ListKeys>("ListKeys", &[Demand::of(Role::Account, "kms:ListKeys")], &[])),
    Row::of(&Guarded::<life::UpdateKeyDescription>(
        "UpdateKeyDescription",
        &[Demand::of(Role::Subject, "kms:UpdateKeyDescription")],
        Keys::KEY,
    )),
    Row::of(&Guarded::<life::EnableKey>("EnableKey", &[Demand::of(Role::Subject, "kms:EnableKey")], Keys::KEY)),
    Row::of(&Guarded::<life::DisableKey>("DisableKey", &[Demand::of(Role::Subject, "kms:DisableKey")], Keys::KEY)),
    Row::of(&Guarded::<life::ScheduleKeyDeletion>(
        "ScheduleKeyDeletion",
        &[Demand::of(Role::Subject, "kms:ScheduleKeyDeletion")],
        Keys::KEY,
    )),
    Row::of(&Guarded::<life::CancelKeyDeletion>(
        "CancelKeyDeletion",
        &[Demand::of(Role::Subject, "kms:CancelKeyDeletion")],
        Keys::KEY,
    )),
    Row::of(&Guarded::<life::SetDeletionProtection>(
        "SetDeletionProtection",
        &[Demand::of(Role::Subject, "kms:SetDeletionProtection")],
        Keys::KEY,
    )),
    Row::of(&Guarded::<rotation::CreateKeyVersion>(
        "CreateKeyVersion",
        &[Demand::of(Role::Subject, "kms:CreateKeyVersion")],
        Keys::KEY,
    )),
    Row::of(&Guarded::<rotation::UpdateRotationPolicy>(
        "UpdateRotationPolicy",
        &[Demand::of(Role::Subject, "kms:UpdateRotationPolicy")],
        Keys::KEY,
    )),
    Row::of(&Guarded::<version::DescribeKeyVersion>(
        "DescribeKeyVersion",
        &[Demand::of(Role::Subject, "kms:DescribeKeyVersion")],
        Keys::KEY,
    )),
    Row::of(&Guarded::<version::ListKeyVersions>(
        "ListKeyVersions",
        &[Demand::of(Role::Subject, "kms:ListKeyVersions")],
        Keys::KEY,
    )),
    Row::of(&Guarded::<policy::GetKeyPolicy>("GetKeyPolicy", &[Demand::of(Role::Subject, "kms:GetKeyPolicy")], &[])),
    Row::of(&Guarded::<policy::SetKeyPolicy>("SetKeyPolicy", &[Demand::of(Role::Subject, "kms:SetKeyPolicy")], &[])),
    // Aliases.
    Row::of(&Guarded::<alias::CreateAlias>(
        "CreateAlias",
        &[Demand::of(Role::Alias, "kms:CreateAlias"), Demand::of(Role::Destination, "kms:CreateAlias")],
        &[],
    )),
    Row::of(&Guarded::<alias::UpdateAlias>(
        "UpdateAlias",
        &[
            Demand::of(Role::Alias, "kms:UpdateAlias"),
            Demand::of(Role::Destination, "kms:UpdateAlias"),
            Demand::waived(Role::Previous, "the vendor checks the alias and the new key only"),
        ],
        &[],
    )),
    Row::of(&Guarded::<alias::DeleteAlias>(
        "DeleteAlias",
        &[Demand::of(Role::Alias, "kms:DeleteAlias"), Demand::of(Role::Previous, "kms:DeleteAlias")],
        &[],
    )),
    Row::of(&Guarded::<alias::ListAliases>("ListAliases", &[Demand::of(Role::Account, "kms:ListAliases")], &[])),
    Row::of(&Guarded::<alias::ListAliasesByKeyId>(
        "ListAliasesByKeyId",
        &[Demand::of(Role::Subject, "kms:ListAliasesByKeyId")],
        &[],
    )),
    // Tags.
    Row::of(&Guarded::<tag::TagResource>("TagResource", &[Demand::of(Role::Subject, "kms:TagResource")], &[])),
    Row::of(&Guarded::<tag::UntagResource>("UntagResource", &[Demand::of(Role::Subject, "kms:UntagResource")], &[])),
    Row::of(&Guarded::<tag::ListResourceTags>(
        "ListResourceTags",
        &[Demand::of(Role::Subject, "kms:ListResourceTags")],
        &[],
    )),
    Row::of(&Guarded::<bulk::TagResources>("TagResources", &[Demand::of(Role::Subject, "kms:TagResources")], &[])),
    Row::of(&Guarded::<bulk::UntagResources>(
        "UntagResources",
        &[Demand::of(Role::Subject, "kms:UntagResources")],
        &[],
    )),
    Row::of(&Guarded::<bulk::ListTagResources>(
        "ListTagResources",
        &[Demand::of(Role::Subject, "kms:ListTagResources")],
        &[],
    )),
    // Cryptography.
    Row::of(&Guarded::<crypt::Encrypt>("Encrypt", &[Demand::of(Role::Subject, "kms:Encrypt")], Keys::CRYPTOGRAPHY)),
    Row::of(&Guarded::<crypt::Decrypt>("Decrypt", &[Demand::of(Role::Subject, "kms:Decrypt")], Keys::CRYPTOGRAPHY)),
    Row::of(&Guarded::<crypt::ReEncrypt>(
        "ReEncrypt",
        &[Demand::of(Role::Source, "kms:ReEncryptFrom"), Demand::of(Role::Destination, "kms:ReEncryptTo")],
        Keys::CRYPTOGRAPHY,
    )),
    Row::of(&Guarded::<crypt::GenerateDataKey>(
        "GenerateDataKey",
        &[Demand::of(Role::Subject, "kms:GenerateDataKey")],
        Keys::CRYPTOGRAPHY,
    )),
    Row::of(&Guarded::<crypt::GenerateDataKeyWithoutPlaintext>(
        "GenerateDataKeyWithoutPlaintext",
        &[Demand::of(Role::Subject, "kms:GenerateDataKeyWithoutPlaintext")],
        Keys::CRYPTOGRAPHY,
    )),
    // The account and the service.
    Row::of(&Guarded::<account::DescribeAccountKmsStatus>(
        "DescribeAccountKmsStatus",
        &[Demand::of(Role::Account, "kms:DescribeAccountKmsStatus")],
        &[],
    )),
    Row::of(&Guarded::<account::OpenKmsService>(
        "OpenKmsService",
        &[Demand::of(Role::Account, "kms:OpenKmsService")],
        &[],
    )),
    Row::open::<account::DescribeRegions>("DescribeRegions", "the vendor asks for authentication only"),
    // Imported material.
    Row::of(&Guarded::<import::GetParametersForImport>(
        "GetParametersForImport",
        &[Demand::of(Role::Subject, "kms:GetParametersForImport")],
        Keys::KEY,
    )),
    Row::of(&Guarded::<import::ImportKeyMaterial>(
        "ImportKeyMaterial",
        &[Demand::of(Role::Subject, "kms:ImportKeyMaterial")],
        Keys::KEY,
    )),
    Row::of(&Guarded::<import::DeleteKeyMaterial>(
        "DeleteKeyMaterial",
        &[Demand::of(Role::Subject, "kms:DeleteKeyMaterial")],
        Keys::KEY,
    )),
    // Asymmetric keys and message authentication codes.
    Row::of(&Guarded::<pair::AsymmetricEncrypt>(
        "AsymmetricEncrypt",
        &[Demand::of(Role::Subject, "kms:AsymmetricEncrypt")],
        Keys::PAIR,
    )),
    Row::of(&Guarded::<pair::AsymmetricDecrypt>(
        "AsymmetricDecrypt",
        &[Demand::of(Role::Subject, "kms:AsymmetricDecrypt")],
        Keys::PAIR,
    )),
    Row::of(&Guarded::<pair::AsymmetricSign>(
        "AsymmetricSign",
        &[Demand::of(Role::Subject, "kms:AsymmetricSign")],
        Keys::KEY,
    )),
    Row::of(&Guarded::<pair::AsymmetricVerify>(
        "AsymmetricVerify",
        &[Demand::of(Role::Subject, "kms:AsymmetricVerify")],
        Keys::KEY,
    )),
    Row::of(&Guarded::<pair::GetPublicKey>(
        "GetPublicKey",
        &[Demand::of(Role::Subject, "kms:GetPublicKey")],
        Keys::KEY,
    )),
    // Exported data keys.
    Row::absent("ExportDataKey", "the export of data keys is not built yet"),
    Row::absent("GenerateAndExportDataKey", "the export of data keys is not built yet"),
    Row::absent("GenerateMac", "keys for message authentication codes are not built yet"),
    Row::absent("VerifyMac", "keys for message authentication codes are not built yet"),
    Row::absent("GetManagedDataKey", "managed data keys are not built yet"),
    Row::absent("ListManagedDataKeyVersions", "managed data keys are not built yet"),
    // Secrets.
    Row::absent("CreateSecret", "secrets are not built yet"),
    Row::absent("DescribeSecret", "secrets are not built yet"),
    Row::absent("ListSecrets", "secrets are not built yet"),
    Row::absent("UpdateSecret", "secrets are not built yet"),
    Row::absent("DeleteSecret", "secrets are not built yet"),
    Row::absent("RestoreSecret", "secrets are not built yet"),
    Row::absent("PutSecretValue", "secrets are not built yet"),
    Row::absent("GetSecretValue", "secrets are not built yet"),
    Row::absent("BatchGetSecretValue", "secrets are not built yet"),
    Row::absent("ListSecretVersionIds", "secrets are not built yet"),
    Row::absent("UpdateSecretVersionStage", "secrets are not built yet"),
    Row::absent("UpdateSecretRotationPolicy", "secrets are not built yet"),
    Row::absent("RotateSecret", "secrets are not built yet"),
    Row::absent("GetRandomPassword", "secrets are not built yet"),
    Row::absent("SetSecretPolicy", "secrets are not built yet"),
    Row::absent("GetSecretPolicy", "secrets are not built yet"),
    // Certificates.
    Row::absent("CreateCertificate", "certificates are not built yet"),
    Row::absent("UploadCertificate", "certificates are not built yet"),
    Row::absent("GetCertificate", "certificates are not built yet"),
    Row::absent("DescribeCertificate", "certificates are not built yet"),
    Row::absent("UpdateCertificateStatus", "certificates are not built yet"),
    Row::absent("DeleteCertificate", "certificates are not built yet"),
    Row::absent("CertificatePrivateKeySign", "certificates are not built yet"),
    Row::absent("CertificatePublicKeyVerify", "certificates are not built yet"),
    Row::absent("CertificatePublicKeyEncrypt", "certificates are not built yet"),
    Row::absent("CertificatePrivateKeyDecrypt", "certificates are not built yet"),
    // Access points of dedicated instances.
    Row::absent("CreateApplicationAccessPoint", "there is no dedicated instance to give access to"),
    Row::absent("DescribeApplicationAccessPoint", "there is no dedicated instance to give access to"),
    Row::absent("UpdateApplicationAccessPoint", "there is no dedicated instance to give access to"),
    Row::absent("DeleteApplicationAccessPoint", "there is no dedicated instance to give access to"),
    Row::absent("ListApplicationAccessPoints", "there is no dedicated instance to give access to"),
    Row::absent("CreateClientKey", "there is no dedicated instance to give access to"),
    Row::absent("GetClientKey", "there is no dedicated instance to give access to"),
    Row::absent("DeleteClientKey", "there is no dedicated instance to give access to"),
    Row::absent("ListClientKeys", "there is no dedicated instance to give access to"),
    Row::absent("CreateNetworkRule", "there is no dedicated instance to give access to"),
    Row::absent("DescribeNetworkRule", "there is no dedicated instance to give access to"),
    Row::absent("UpdateNetworkRule", "there is no dedicated instance to give access to"),
    Row::absent("DeleteNetworkRule", "there is no dedicated instance to give access to"),
    Row::absent("ListNetworkRules", "there is no dedicated instance to give access to"),
    Row::absent("CreatePolicy", "there is no dedicated instance to give access to"),
    Row::absent("DescribePolicy", "there is no dedicated instance to give access to"),
    Row::absent("UpdatePolicy", "there is no dedicated instance to give access to"),
    Row::absent("DeletePolicy", "there is no dedicated instance to give access to"),
    Row::absent("ListPolicies", "there is no dedicated instance to give access to"),
    // Dedicated instances.
    Row::absent("GetKmsInstance", "there is no dedicated instance"),
    Row::absent("ListKmsInstances", "there is no dedicated instance"),
    Row::absent("GetDefaultKmsInstance", "there is no dedicated instance"),
    Row::absent("GetKmsInstanceQuotaInfos", "there is no dedicated instance"),
    Row::absent("ReleaseKmsInstance", "there is no dedicated instance"),
    Row::absent("ConnectKmsInstance", "there is no VPC to connect to"),
    Row::absent("UpdateKmsInstanceBindVpc", "there is no VPC to bind"),
    Row::absent("GetChallenge", "there is no enclave to challenge"),
    Row::absent("AdvanceEncrypt", "the dedicated gateway is not built yet"),
];
