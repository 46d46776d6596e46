//! The catalog of Key Management Service, version 2016-01-20.
//!
//! Follows the KMS document "Use RAM to control access to resources": which permission each operation needs on what.

use polykms_core::dialect::{Demand, Row};
use polykms_core::operation::Role;

use crate::context::{CRYPTOGRAPHY, KEY};
use crate::wire::kms::{account, alias, bulk, crypt, key, life, list, policy, tag, version};

pub(crate) static ROWS: &[Row] = &[
    // Keys.
    Row::of::<key::CreateKey>("CreateKey", &[Demand::of(Role::Account, "kms:CreateKey")], &[]),
    Row::of::<key::DescribeKey>("DescribeKey", &[Demand::of(Role::Subject, "kms:DescribeKey")], KEY),
    Row::of::<list::ListKeys>("ListKeys", &[Demand::of(Role::Account, "kms:ListKeys")], &[]),
    Row::of::<life::UpdateKeyDescription>(
        "UpdateKeyDescription",
        &[Demand::of(Role::Subject, "kms:UpdateKeyDescription")],
        KEY,
    ),
    Row::of::<life::EnableKey>("EnableKey", &[Demand::of(Role::Subject, "kms:EnableKey")], KEY),
    Row::of::<life::DisableKey>("DisableKey", &[Demand::of(Role::Subject, "kms:DisableKey")], KEY),
    Row::of::<life::ScheduleKeyDeletion>(
        "ScheduleKeyDeletion",
        &[Demand::of(Role::Subject, "kms:ScheduleKeyDeletion")],
        KEY,
    ),
    Row::of::<life::CancelKeyDeletion>("CancelKeyDeletion", &[Demand::of(Role::Subject, "kms:CancelKeyDeletion")], KEY),
    Row::of::<life::SetDeletionProtection>(
        "SetDeletionProtection",
        &[Demand::of(Role::Subject, "kms:SetDeletionProtection")],
        KEY,
    ),
    Row::of::<version::DescribeKeyVersion>(
        "DescribeKeyVersion",
        &[Demand::of(Role::Subject, "kms:DescribeKeyVersion")],
        KEY,
    ),
    Row::of::<version::ListKeyVersions>("ListKeyVersions", &[Demand::of(Role::Subject, "kms:ListKeyVersions")], KEY),
    Row::of::<policy::GetKeyPolicy>("GetKeyPolicy", &[Demand::of(Role::Subject, "kms:GetKeyPolicy")], &[]),
    Row::of::<policy::SetKeyPolicy>("SetKeyPolicy", &[Demand::of(Role::Subject, "kms:SetKeyPolicy")], &[]),
    // Aliases.
    Row::of::<alias::CreateAlias>(
        "CreateAlias",
        &[Demand::of(Role::Alias, "kms:CreateAlias"), Demand::of(Role::Destination, "kms:CreateAlias")],
        &[],
    ),
    Row::of::<alias::UpdateAlias>(
        "UpdateAlias",
        &[
            Demand::of(Role::Alias, "kms:UpdateAlias"),
            Demand::of(Role::Destination, "kms:UpdateAlias"),
            Demand::waived(Role::Previous, "the vendor checks the alias and the new key only"),
        ],
        &[],
    ),
    Row::of::<alias::DeleteAlias>(
        "DeleteAlias",
        &[Demand::of(Role::Alias, "kms:DeleteAlias"), Demand::of(Role::Previous, "kms:DeleteAlias")],
        &[],
    ),
    Row::of::<alias::ListAliases>("ListAliases", &[Demand::of(Role::Account, "kms:ListAliases")], &[]),
    Row::of::<alias::ListAliasesByKeyId>(
        "ListAliasesByKeyId",
        &[Demand::of(Role::Subject, "kms:ListAliasesByKeyId")],
        &[],
    ),
    // Tags.
    Row::of::<tag::TagResource>("TagResource", &[Demand::of(Role::Subject, "kms:TagResource")], &[]),
    Row::of::<tag::UntagResource>("UntagResource", &[Demand::of(Role::Subject, "kms:UntagResource")], &[]),
    Row::of::<tag::ListResourceTags>("ListResourceTags", &[Demand::of(Role::Subject, "kms:ListResourceTags")], &[]),
    Row::of::<bulk::TagResources>("TagResources", &[Demand::of(Role::Subject, "kms:TagResources")], &[]),
    Row::of::<bulk::UntagResources>("UntagResources", &[Demand::of(Role::Subject, "kms:UntagResources")], &[]),
    Row::of::<bulk::ListTagResources>("ListTagResources", &[Demand::of(Role::Subject, "kms:ListTagResources")], &[]),
    // Cryptography.
    Row::of::<crypt::Encrypt>("Encrypt", &[Demand::of(Role::Subject, "kms:Encrypt")], CRYPTOGRAPHY),
    Row::of::<crypt::Decrypt>("Decrypt", &[Demand::of(Role::Subject, "kms:Decrypt")], CRYPTOGRAPHY),
    Row::of::<crypt::ReEncrypt>(
        "ReEncrypt",
        &[Demand::of(Role::Source, "kms:ReEncryptFrom"), Demand::of(Role::Destination, "kms:ReEncryptTo")],
        CRYPTOGRAPHY,
    ),
    Row::of::<crypt::GenerateDataKey>(
        "GenerateDataKey",
        &[Demand::of(Role::Subject, "kms:GenerateDataKey")],
        CRYPTOGRAPHY,
    ),
    Row::of::<crypt::GenerateDataKeyWithoutPlaintext>(
        "GenerateDataKeyWithoutPlaintext",
        &[Demand::of(Role::Subject, "kms:GenerateDataKeyWithoutPlaintext")],
        CRYPTOGRAPHY,
    ),
    // The account and the service.
    Row::of::<account::DescribeAccountKmsStatus>(
        "DescribeAccountKmsStatus",
        &[Demand::of(Role::Account, "kms:DescribeAccountKmsStatus")],
        &[],
    ),
    Row::of::<account::OpenKmsService>("OpenKmsService", &[Demand::of(Role::Account, "kms:OpenKmsService")], &[]),
    Row::open::<account::DescribeRegions>("DescribeRegions", "the vendor asks for authentication only"),
    // Rotation and versions.
    Row::absent("CreateKeyVersion", "key rotation is not built yet"),
    Row::absent("UpdateRotationPolicy", "key rotation is not built yet"),
    // Imported material.
    Row::absent("GetParametersForImport", "the import of key material is not built yet"),
    Row::absent("ImportKeyMaterial", "the import of key material is not built yet"),
    Row::absent("DeleteKeyMaterial", "the import of key material is not built yet"),
    // Asymmetric keys and message authentication codes.
    Row::absent("AsymmetricEncrypt", "asymmetric keys are not built yet"),
    Row::absent("AsymmetricDecrypt", "asymmetric keys are not built yet"),
    Row::absent("AsymmetricSign", "asymmetric keys are not built yet"),
    Row::absent("AsymmetricVerify", "asymmetric keys are not built yet"),
    Row::absent("GetPublicKey", "asymmetric keys are not built yet"),
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
