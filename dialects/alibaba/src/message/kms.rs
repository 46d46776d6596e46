//! Messages of `kms`, generated from the vendor's model and `vendor/messages/kms.json`; `just generate` writes them anew.

use std::borrow::Cow;

use polykms_core::dialect::message::{ANY, Blob, DefaultValue, List, Map, Member, Pairs, Shape, Text};
use polykms_core::message;
use polykms_core::port::Time;

message! {
    /// `Alias`.
    pub(crate) struct Alias = ALIAS;
    0 alias_arn: Cow<'a, str>;
    1 alias_name: Cow<'a, str>;
    2 key_id: Cow<'a, str>;
}

const ALIAS: &[Member] = &[
    Member::new("AliasArn", Shape::text(1, ANY)).required(),
    Member::new("AliasName", Shape::text(1, ANY)).required(),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
];

message! {
    /// `Aliases`.
    pub(crate) struct Aliases = ALIASES;
    0 alias: Vec<Alias<'a>>;
}

const ALIASES: &[Member] = &[
    Member::new("Alias", Shape::List(&List::new(Shape::Structure(ALIAS), 0, ANY))).required(),
];

message! {
    /// `AsymmetricDecryptRequest`.
    pub(crate) struct AsymmetricDecryptRequest = ASYMMETRIC_DECRYPT_REQUEST;
    0 algorithm: Cow<'a, str>;
    1 ciphertext_blob: Blob<'a>;
    2 dry_run: bool;
    3 key_id: Cow<'a, str>;
    4 key_version_id: Cow<'a, str>;
}

const ASYMMETRIC_DECRYPT_REQUEST: &[Member] = &[
    Member::new("Algorithm", Shape::one_of(&["RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1", "SM2PKE"])).required(),
    Member::new("CiphertextBlob", Shape::Blob(1, 6144)).required(),
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("KeyVersionId", Shape::text(1, ANY)).required(),
    Member::new("Recipient", Shape::text(0, ANY)).unbuilt("answers for confidential computing are not built"),
];

message! {
    /// `AsymmetricDecryptResponse`.
    pub(crate) struct AsymmetricDecryptResponse = ASYMMETRIC_DECRYPT_RESPONSE;
    1 key_id: Cow<'a, str>;
    2 key_version_id: Cow<'a, str>;
    3 plaintext: Blob<'a>;
}

const ASYMMETRIC_DECRYPT_RESPONSE: &[Member] = &[
    Member::new("CiphertextForRecipient", Shape::text(0, ANY)).unbuilt("answers for confidential computing are not built"),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("KeyVersionId", Shape::text(1, ANY)).required(),
    Member::new("Plaintext", Shape::Blob(0, ANY)).required().sensitive(),
];

message! {
    /// `AsymmetricEncryptRequest`.
    pub(crate) struct AsymmetricEncryptRequest = ASYMMETRIC_ENCRYPT_REQUEST;
    0 algorithm: Cow<'a, str>;
    1 dry_run: bool;
    2 key_id: Cow<'a, str>;
    3 key_version_id: Cow<'a, str>;
    4 plaintext: Blob<'a>;
}

const ASYMMETRIC_ENCRYPT_REQUEST: &[Member] = &[
    Member::new("Algorithm", Shape::one_of(&["RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1", "SM2PKE"])).required(),
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("KeyVersionId", Shape::text(1, ANY)).required(),
    Member::new("Plaintext", Shape::Blob(1, ANY)).required().sensitive(),
];

message! {
    /// `AsymmetricEncryptResponse`.
    pub(crate) struct AsymmetricEncryptResponse = ASYMMETRIC_ENCRYPT_RESPONSE;
    0 ciphertext_blob: Blob<'a>;
    1 key_id: Cow<'a, str>;
    2 key_version_id: Cow<'a, str>;
}

const ASYMMETRIC_ENCRYPT_RESPONSE: &[Member] = &[
    Member::new("CiphertextBlob", Shape::Blob(0, ANY)).required(),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("KeyVersionId", Shape::text(1, ANY)).required(),
];

message! {
    /// `AsymmetricSignRequest`.
    pub(crate) struct AsymmetricSignRequest = ASYMMETRIC_SIGN_REQUEST;
    0 algorithm: Cow<'a, str>;
    1 digest: Blob<'a>;
    2 dry_run: bool;
    3 key_id: Cow<'a, str>;
    4 key_version_id: Cow<'a, str>;
}

const ASYMMETRIC_SIGN_REQUEST: &[Member] = &[
    Member::new("Algorithm", Shape::one_of(&["RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256", "ECDSA_SHA_256", "SM2DSA"])).required(),
    Member::new("Digest", Shape::Blob(1, ANY)).required().sensitive(),
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("KeyVersionId", Shape::text(1, ANY)).required(),
];

message! {
    /// `AsymmetricSignResponse`.
    pub(crate) struct AsymmetricSignResponse = ASYMMETRIC_SIGN_RESPONSE;
    0 key_id: Cow<'a, str>;
    1 key_version_id: Cow<'a, str>;
    2 value: Blob<'a>;
}

const ASYMMETRIC_SIGN_RESPONSE: &[Member] = &[
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("KeyVersionId", Shape::text(1, ANY)).required(),
    Member::new("Value", Shape::Blob(0, ANY)).required(),
];

message! {
    /// `AsymmetricVerifyRequest`.
    pub(crate) struct AsymmetricVerifyRequest = ASYMMETRIC_VERIFY_REQUEST;
    0 algorithm: Cow<'a, str>;
    1 digest: Blob<'a>;
    2 dry_run: bool;
    3 key_id: Cow<'a, str>;
    4 key_version_id: Cow<'a, str>;
    5 value: Blob<'a>;
}

const ASYMMETRIC_VERIFY_REQUEST: &[Member] = &[
    Member::new("Algorithm", Shape::one_of(&["RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256", "ECDSA_SHA_256", "SM2DSA"])).required(),
    Member::new("Digest", Shape::Blob(1, ANY)).required().sensitive(),
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("KeyVersionId", Shape::text(1, ANY)).required(),
    Member::new("Value", Shape::Blob(1, ANY)).required(),
];

message! {
    /// `AsymmetricVerifyResponse`.
    pub(crate) struct AsymmetricVerifyResponse = ASYMMETRIC_VERIFY_RESPONSE;
    0 key_id: Cow<'a, str>;
    1 key_version_id: Cow<'a, str>;
    2 value: bool;
}

const ASYMMETRIC_VERIFY_RESPONSE: &[Member] = &[
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("KeyVersionId", Shape::text(1, ANY)).required(),
    Member::new("Value", Shape::Flag).required(),
];

message! {
    /// `CancelKeyDeletionRequest`.
    pub(crate) struct CancelKeyDeletionRequest = CANCEL_KEY_DELETION_REQUEST;
    0 key_id: Cow<'a, str>;
}

const CANCEL_KEY_DELETION_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, ANY)).required(),
];

message! {
    /// `CreateAliasRequest`.
    pub(crate) struct CreateAliasRequest = CREATE_ALIAS_REQUEST;
    0 alias_name: Cow<'a, str>;
    1 key_id: Cow<'a, str>;
}

const CREATE_ALIAS_REQUEST: &[Member] = &[
    Member::new("AliasName", Shape::text(1, ANY)).required(),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
];

message! {
    /// `CreateKeyRequest`.
    pub(crate) struct CreateKeyRequest = CREATE_KEY_REQUEST;
    0 dkms_instance_id: Cow<'a, str>;
    1 description: Cow<'a, str>;
    2 enable_automatic_rotation: bool;
    3 key_spec: Cow<'a, str>;
    5 key_usage: Cow<'a, str>;
    6 origin: Cow<'a, str>;
    7 policy: Cow<'a, str>;
    8 protection_level: Cow<'a, str>;
    9 rotation_interval: Cow<'a, str>;
    10 tags: Vec<KeyTag<'a>>;
}

const CREATE_KEY_REQUEST: &[Member] = &[
    Member::new("DKMSInstanceId", Shape::text(1, ANY)).refused("there are no dedicated instances"),
    Member::new("Description", Shape::text(0, 8192)).defaults_to(DefaultValue::Text("")),
    Member::new("EnableAutomaticRotation", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("KeySpec", Shape::one_of(&["Aliyun_AES_256", "Aliyun_AES_128", "Aliyun_AES_192", "Aliyun_SM4", "RSA_2048", "RSA_3072", "RSA_4096", "EC_P256", "EC_P256K", "EC_P521", "EC_SM2"])),
    Member::new("KeyStorageMechanism", Shape::text(0, ANY)).unbuilt("there is no hardware to store keys in"),
    Member::new("KeyUsage", Shape::one_of(&["ENCRYPT/DECRYPT", "SIGN/VERIFY"])),
    Member::new("Origin", Shape::one_of(&["Aliyun_KMS", "EXTERNAL"])),
    Member::new("Policy", Shape::text(1, ANY)),
    Member::new("ProtectionLevel", Shape::one_of(&["SOFTWARE", "HSM"])).defaults_to(DefaultValue::Text("SOFTWARE")),
    Member::new("RotationInterval", Shape::text(1, ANY)),
    Member::new("Tags", Shape::List(&List::new(Shape::Structure(KEY_TAG), 0, 20))),
];

message! {
    /// `CreateKeyResponse`.
    pub(crate) struct CreateKeyResponse = CREATE_KEY_RESPONSE;
    0 key_metadata: CreatedKeyMetadata<'a>;
}

const CREATE_KEY_RESPONSE: &[Member] = &[
    Member::new("KeyMetadata", Shape::Structure(CREATED_KEY_METADATA)).required(),
];

message! {
    /// `CreateKeyVersionRequest`.
    pub(crate) struct CreateKeyVersionRequest = CREATE_KEY_VERSION_REQUEST;
    0 key_id: Cow<'a, str>;
}

const CREATE_KEY_VERSION_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, ANY)).required(),
];

message! {
    /// `CreateKeyVersionResponse`.
    pub(crate) struct CreateKeyVersionResponse = CREATE_KEY_VERSION_RESPONSE;
    0 key_version: KeyVersion<'a>;
}

const CREATE_KEY_VERSION_RESPONSE: &[Member] = &[
    Member::new("KeyVersion", Shape::Structure(KEY_VERSION)).required(),
];

message! {
    /// `CreatedKeyMetadata`.
    pub(crate) struct CreatedKeyMetadata = CREATED_KEY_METADATA;
    of KeyMetadata;
}

const CREATED_KEY_METADATA: &[Member] = &[
    Member::new("Arn", Shape::text(1, ANY)).required(),
    Member::new("AutomaticRotation", Shape::one_of(&["Enabled", "Disabled", "Suspended"])).required(),
    Member::new("CreationDate", Shape::Time).required(),
    Member::new("Creator", Shape::text(1, ANY)).required(),
    Member::new("DKMSInstanceId", Shape::text(0, ANY)).unbuilt("there are no dedicated instances"),
    Member::new("DeleteDate", Shape::text(0, ANY)).required(),
    Member::new("DeletionProtection", Shape::text(0, ANY)).unbuilt("DescribeKey alone tells it"),
    Member::new("DeletionProtectionDescription", Shape::text(0, ANY)).unbuilt("DescribeKey alone tells it"),
    Member::new("Description", Shape::text(0, 8192)).required(),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("KeySpec", Shape::one_of(&["Aliyun_AES_256", "RSA_2048", "RSA_3072", "EC_P256", "EC_P256K"])).required(),
    Member::new("KeyState", Shape::one_of(&["Enabled", "Disabled", "PendingDeletion", "PendingImport"])).required(),
    Member::new("KeyUsage", Shape::one_of(&["ENCRYPT/DECRYPT", "SIGN/VERIFY"])).required(),
    Member::new("LastRotationDate", Shape::text(0, ANY)).required(),
    Member::new("MaterialExpireTime", Shape::text(0, ANY)).required(),
    Member::new("NextRotationDate", Shape::text(1, ANY)),
    Member::new("Origin", Shape::one_of(&["Aliyun_KMS", "EXTERNAL"])).required(),
    Member::new("PrimaryKeyVersion", Shape::text(0, ANY)).required(),
    Member::new("ProtectionLevel", Shape::one_of(&["SOFTWARE"])).required(),
    Member::new("RotationInterval", Shape::text(1, ANY)),
];

message! {
    /// `DecryptRequest`.
    pub(crate) struct DecryptRequest = DECRYPT_REQUEST;
    0 ciphertext_blob: Blob<'a>;
    1 dry_run: bool;
    2 encryption_context: Pairs<'a>;
}

const DECRYPT_REQUEST: &[Member] = &[
    Member::new("CiphertextBlob", Shape::Blob(0, ANY)).required(),
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("EncryptionContext", Shape::Map(&Map { name: Text::FREE, value: Shape::text(0, ANY), min: 0, max: ANY })),
    Member::new("Recipient", Shape::text(0, ANY)).unbuilt("answers for confidential computing are not built"),
];

message! {
    /// `DecryptResponse`.
    pub(crate) struct DecryptResponse = DECRYPT_RESPONSE;
    1 key_id: Cow<'a, str>;
    2 key_version_id: Cow<'a, str>;
    3 plaintext: Cow<'a, str>;
}

const DECRYPT_RESPONSE: &[Member] = &[
    Member::new("CiphertextForRecipient", Shape::text(0, ANY)).unbuilt("answers for confidential computing are not built"),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("KeyVersionId", Shape::text(1, ANY)).required(),
    Member::new("Plaintext", Shape::text(1, ANY)).required().sensitive(),
];

message! {
    /// `DeleteAliasRequest`.
    pub(crate) struct DeleteAliasRequest = DELETE_ALIAS_REQUEST;
    0 alias_name: Cow<'a, str>;
}

const DELETE_ALIAS_REQUEST: &[Member] = &[
    Member::new("AliasName", Shape::text(1, ANY)).required(),
];

message! {
    /// `DeleteKeyMaterialRequest`.
    pub(crate) struct DeleteKeyMaterialRequest = DELETE_KEY_MATERIAL_REQUEST;
    0 key_id: Cow<'a, str>;
}

const DELETE_KEY_MATERIAL_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, ANY)).required(),
];

message! {
    /// `DescribeAccountKmsStatusResponse`.
    pub(crate) struct DescribeAccountKmsStatusResponse = DESCRIBE_ACCOUNT_KMS_STATUS_RESPONSE;
    0 account_status: Cow<'a, str>;
}

const DESCRIBE_ACCOUNT_KMS_STATUS_RESPONSE: &[Member] = &[
    Member::new("AccountStatus", Shape::one_of(&["Enabled"])).required(),
];

message! {
    /// `DescribeKeyRequest`.
    pub(crate) struct DescribeKeyRequest = DESCRIBE_KEY_REQUEST;
    0 key_id: Cow<'a, str>;
}

const DESCRIBE_KEY_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, ANY)).required(),
];

message! {
    /// `DescribeKeyResponse`.
    pub(crate) struct DescribeKeyResponse = DESCRIBE_KEY_RESPONSE;
    0 key_metadata: KeyMetadata<'a>;
}

const DESCRIBE_KEY_RESPONSE: &[Member] = &[
    Member::new("KeyMetadata", Shape::Structure(KEY_METADATA)).required(),
];

message! {
    /// `DescribeKeyVersionRequest`.
    pub(crate) struct DescribeKeyVersionRequest = DESCRIBE_KEY_VERSION_REQUEST;
    0 key_id: Cow<'a, str>;
    1 key_version_id: Cow<'a, str>;
}

const DESCRIBE_KEY_VERSION_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("KeyVersionId", Shape::text(1, ANY)).required(),
];

message! {
    /// `DescribeKeyVersionResponse`.
    pub(crate) struct DescribeKeyVersionResponse = DESCRIBE_KEY_VERSION_RESPONSE;
    0 key_version: KeyVersion<'a>;
}

const DESCRIBE_KEY_VERSION_RESPONSE: &[Member] = &[
    Member::new("KeyVersion", Shape::Structure(KEY_VERSION)).required(),
];

message! {
    /// `DescribeRegionsResponse`.
    pub(crate) struct DescribeRegionsResponse = DESCRIBE_REGIONS_RESPONSE;
    0 regions: Regions<'a>;
}

const DESCRIBE_REGIONS_RESPONSE: &[Member] = &[
    Member::new("Regions", Shape::Structure(REGIONS)).required(),
];

message! {
    /// `DisableKeyRequest`.
    pub(crate) struct DisableKeyRequest = DISABLE_KEY_REQUEST;
    0 key_id: Cow<'a, str>;
}

const DISABLE_KEY_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, ANY)).required(),
];

message! {
    /// `EnableKeyRequest`.
    pub(crate) struct EnableKeyRequest = ENABLE_KEY_REQUEST;
    0 key_id: Cow<'a, str>;
}

const ENABLE_KEY_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, ANY)).required(),
];

message! {
    /// `EncryptRequest`.
    pub(crate) struct EncryptRequest = ENCRYPT_REQUEST;
    0 dry_run: bool;
    1 encryption_context: Pairs<'a>;
    2 key_id: Cow<'a, str>;
    3 plaintext: Cow<'a, str>;
}

const ENCRYPT_REQUEST: &[Member] = &[
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("EncryptionContext", Shape::Map(&Map { name: Text::FREE, value: Shape::text(0, ANY), min: 0, max: ANY })),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("Plaintext", Shape::text(1, 8192)).required().sensitive(),
];

message! {
    /// `EncryptResponse`.
    pub(crate) struct EncryptResponse = ENCRYPT_RESPONSE;
    0 ciphertext_blob: Blob<'a>;
    1 key_id: Cow<'a, str>;
    2 key_version_id: Cow<'a, str>;
}

const ENCRYPT_RESPONSE: &[Member] = &[
    Member::new("CiphertextBlob", Shape::Blob(0, ANY)).required(),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("KeyVersionId", Shape::text(1, ANY)).required(),
];

message! {
    /// `Filter`.
    pub(crate) struct Filter = FILTER;
    0 key: Cow<'a, str>;
    1 values: Vec<Cow<'a, str>>;
}

const FILTER: &[Member] = &[
    Member::new("Key", Shape::one_of(&["KeyState", "KeySpec", "KeyUsage", "ProtectionLevel", "CreatorType", "Creator", "DKMSInstanceId", "KeyId", "AliasName", "TagKey", "TagValue"])),
    Member::new("Values", Shape::List(&List::new(Shape::text(0, ANY), 1, 10))),
];

message! {
    /// `GenerateDataKeyRequest`.
    pub(crate) struct GenerateDataKeyRequest = GENERATE_DATA_KEY_REQUEST;
    0 dry_run: bool;
    1 encryption_context: Pairs<'a>;
    2 key_id: Cow<'a, str>;
    3 key_spec: Cow<'a, str>;
    4 number_of_bytes: i64;
}

const GENERATE_DATA_KEY_REQUEST: &[Member] = &[
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("EncryptionContext", Shape::Map(&Map { name: Text::FREE, value: Shape::text(0, ANY), min: 0, max: ANY })),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("KeySpec", Shape::one_of(&["AES_256", "AES_128"])),
    Member::new("NumberOfBytes", Shape::Integer(1, 1024)),
    Member::new("Recipient", Shape::text(0, ANY)).unbuilt("answers for confidential computing are not built"),
];

message! {
    /// `GenerateDataKeyResponse`.
    pub(crate) struct GenerateDataKeyResponse = GENERATE_DATA_KEY_RESPONSE;
    0 ciphertext_blob: Blob<'a>;
    2 key_id: Cow<'a, str>;
    3 key_version_id: Cow<'a, str>;
    4 plaintext: Blob<'a>;
}

const GENERATE_DATA_KEY_RESPONSE: &[Member] = &[
    Member::new("CiphertextBlob", Shape::Blob(0, ANY)).required(),
    Member::new("CiphertextForRecipient", Shape::text(0, ANY)).unbuilt("answers for confidential computing are not built"),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("KeyVersionId", Shape::text(1, ANY)).required(),
    Member::new("Plaintext", Shape::Blob(0, ANY)).required().sensitive(),
];

message! {
    /// `GenerateDataKeyWithoutPlaintextRequest`.
    pub(crate) struct GenerateDataKeyWithoutPlaintextRequest = GENERATE_DATA_KEY_WITHOUT_PLAINTEXT_REQUEST;
    0 dry_run: bool;
    1 encryption_context: Pairs<'a>;
    2 key_id: Cow<'a, str>;
    3 key_spec: Cow<'a, str>;
    4 number_of_bytes: i64;
}

const GENERATE_DATA_KEY_WITHOUT_PLAINTEXT_REQUEST: &[Member] = &[
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("EncryptionContext", Shape::Map(&Map { name: Text::FREE, value: Shape::text(0, ANY), min: 0, max: ANY })),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("KeySpec", Shape::one_of(&["AES_256", "AES_128"])),
    Member::new("NumberOfBytes", Shape::Integer(1, 1024)),
];

message! {
    /// `GenerateDataKeyWithoutPlaintextResponse`.
    pub(crate) struct GenerateDataKeyWithoutPlaintextResponse = GENERATE_DATA_KEY_WITHOUT_PLAINTEXT_RESPONSE;
    0 ciphertext_blob: Blob<'a>;
    1 key_id: Cow<'a, str>;
    2 key_version_id: Cow<'a, str>;
}

const GENERATE_DATA_KEY_WITHOUT_PLAINTEXT_RESPONSE: &[Member] = &[
    Member::new("CiphertextBlob", Shape::Blob(0, ANY)).required(),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("KeyVersionId", Shape::text(1, ANY)).required(),
];

message! {
    /// `GetKeyPolicyRequest`.
    pub(crate) struct GetKeyPolicyRequest = GET_KEY_POLICY_REQUEST;
    0 key_id: Cow<'a, str>;
    1 policy_name: Cow<'a, str>;
}

const GET_KEY_POLICY_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("PolicyName", Shape::text(1, ANY)).defaults_to(DefaultValue::Text("default")),
];

message! {
    /// `GetKeyPolicyResponse`.
    pub(crate) struct GetKeyPolicyResponse = GET_KEY_POLICY_RESPONSE;
    0 policy: Cow<'a, str>;
}

const GET_KEY_POLICY_RESPONSE: &[Member] = &[
    Member::new("Policy", Shape::text(1, ANY)).required(),
];

message! {
    /// `GetParametersForImportRequest`.
    pub(crate) struct GetParametersForImportRequest = GET_PARAMETERS_FOR_IMPORT_REQUEST;
    0 key_id: Cow<'a, str>;
    1 wrapping_algorithm: Cow<'a, str>;
    2 wrapping_key_spec: Cow<'a, str>;
}

const GET_PARAMETERS_FOR_IMPORT_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("WrappingAlgorithm", Shape::one_of(&["RSAES_PKCS1_V1_5", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"])).required(),
    Member::new("WrappingKeySpec", Shape::one_of(&["RSA_2048", "EC_SM2"])).required(),
];

message! {
    /// `GetParametersForImportResponse`.
    pub(crate) struct GetParametersForImportResponse = GET_PARAMETERS_FOR_IMPORT_RESPONSE;
    0 import_token: Blob<'a>;
    1 key_id: Cow<'a, str>;
    2 public_key: Blob<'a>;
    3 token_expire_time: Time;
}

const GET_PARAMETERS_FOR_IMPORT_RESPONSE: &[Member] = &[
    Member::new("ImportToken", Shape::Blob(0, ANY)).required().sensitive(),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("PublicKey", Shape::Blob(0, ANY)).required(),
    Member::new("TokenExpireTime", Shape::Time).required(),
];

message! {
    /// `GetPublicKeyRequest`.
    pub(crate) struct GetPublicKeyRequest = GET_PUBLIC_KEY_REQUEST;
    0 dry_run: bool;
    1 key_id: Cow<'a, str>;
    2 key_version_id: Cow<'a, str>;
}

const GET_PUBLIC_KEY_REQUEST: &[Member] = &[
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("KeyVersionId", Shape::text(1, ANY)).required(),
];

message! {
    /// `GetPublicKeyResponse`.
    pub(crate) struct GetPublicKeyResponse = GET_PUBLIC_KEY_RESPONSE;
    0 key_id: Cow<'a, str>;
    1 key_version_id: Cow<'a, str>;
    2 public_key: Cow<'a, str>;
}

const GET_PUBLIC_KEY_RESPONSE: &[Member] = &[
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("KeyVersionId", Shape::text(1, ANY)).required(),
    Member::new("PublicKey", Shape::text(1, ANY)).required(),
];

message! {
    /// `ImportKeyMaterialRequest`.
    pub(crate) struct ImportKeyMaterialRequest = IMPORT_KEY_MATERIAL_REQUEST;
    0 encrypted_key_material: Blob<'a>;
    1 import_token: Blob<'a>;
    2 key_id: Cow<'a, str>;
    3 key_material_expire_unix: i64;
}

const IMPORT_KEY_MATERIAL_REQUEST: &[Member] = &[
    Member::new("EncryptedKeyMaterial", Shape::Blob(1, 6144)).required().sensitive(),
    Member::new("ImportToken", Shape::Blob(1, 6144)).required().sensitive(),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("KeyMaterialExpireUnix", Shape::Integer(0, 253402300799)).required(),
];

message! {
    /// `KeyMetadata`.
    pub(crate) struct KeyMetadata = KEY_METADATA;
    0 arn: Cow<'a, str>;
    1 automatic_rotation: Cow<'a, str>;
    2 creation_date: Time;
    3 creator: Cow<'a, str>;
    5 delete_date: Cow<'a, str>;
    6 deletion_protection: Cow<'a, str>;
    7 deletion_protection_description: Cow<'a, str>;
    8 description: Cow<'a, str>;
    9 key_id: Cow<'a, str>;
    10 key_spec: Cow<'a, str>;
    11 key_state: Cow<'a, str>;
    12 key_usage: Cow<'a, str>;
    13 last_rotation_date: Cow<'a, str>;
    14 material_expire_time: Cow<'a, str>;
    15 next_rotation_date: Cow<'a, str>;
    16 origin: Cow<'a, str>;
    17 primary_key_version: Cow<'a, str>;
    18 protection_level: Cow<'a, str>;
    19 rotation_interval: Cow<'a, str>;
}

const KEY_METADATA: &[Member] = &[
    Member::new("Arn", Shape::text(1, ANY)).required(),
    Member::new("AutomaticRotation", Shape::one_of(&["Enabled", "Disabled", "Suspended"])).required(),
    Member::new("CreationDate", Shape::Time).required(),
    Member::new("Creator", Shape::text(1, ANY)).required(),
    Member::new("DKMSInstanceId", Shape::text(0, ANY)).unbuilt("there are no dedicated instances"),
    Member::new("DeleteDate", Shape::text(0, ANY)).required(),
    Member::new("DeletionProtection", Shape::one_of(&["Enabled", "Disabled"])).required(),
    Member::new("DeletionProtectionDescription", Shape::text(0, 1024)),
    Member::new("Description", Shape::text(0, 8192)).required(),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("KeySpec", Shape::one_of(&["Aliyun_AES_256", "RSA_2048", "RSA_3072", "EC_P256", "EC_P256K"])).required(),
    Member::new("KeyState", Shape::one_of(&["Enabled", "Disabled", "PendingDeletion", "PendingImport"])).required(),
    Member::new("KeyUsage", Shape::one_of(&["ENCRYPT/DECRYPT", "SIGN/VERIFY"])).required(),
    Member::new("LastRotationDate", Shape::text(0, ANY)).required(),
    Member::new("MaterialExpireTime", Shape::text(0, ANY)).required(),
    Member::new("NextRotationDate", Shape::text(1, ANY)),
    Member::new("Origin", Shape::one_of(&["Aliyun_KMS", "EXTERNAL"])).required(),
    Member::new("PrimaryKeyVersion", Shape::text(0, ANY)).required(),
    Member::new("ProtectionLevel", Shape::one_of(&["SOFTWARE"])).required(),
    Member::new("RotationInterval", Shape::text(1, ANY)),
];

message! {
    /// `KeyName`.
    pub(crate) struct KeyName = KEY_NAME;
    0 key_arn: Cow<'a, str>;
    1 key_id: Cow<'a, str>;
}

const KEY_NAME: &[Member] = &[
    Member::new("KeyArn", Shape::text(1, ANY)).required(),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
];

message! {
    /// `KeyTag`.
    pub(crate) struct KeyTag = KEY_TAG;
    0 tag_key: Cow<'a, str>;
    1 tag_value: Cow<'a, str>;
}

const KEY_TAG: &[Member] = &[
    Member::new("TagKey", Shape::text(0, ANY)),
    Member::new("TagValue", Shape::text(0, ANY)).defaults_to(DefaultValue::Text("")),
];

message! {
    /// `KeyVersion`.
    pub(crate) struct KeyVersion = KEY_VERSION;
    0 creation_date: Time;
    1 key_id: Cow<'a, str>;
    2 key_version_id: Cow<'a, str>;
}

const KEY_VERSION: &[Member] = &[
    Member::new("CreationDate", Shape::Time).required(),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("KeyVersionId", Shape::text(1, ANY)).required(),
];

message! {
    /// `KeyVersions`.
    pub(crate) struct KeyVersions = KEY_VERSIONS;
    0 key_version: Vec<KeyVersion<'a>>;
}

const KEY_VERSIONS: &[Member] = &[
    Member::new("KeyVersion", Shape::List(&List::new(Shape::Structure(KEY_VERSION), 0, ANY))).required(),
];

message! {
    /// `Keys`.
    pub(crate) struct Keys = KEYS;
    0 key: Vec<KeyName<'a>>;
}

const KEYS: &[Member] = &[
    Member::new("Key", Shape::List(&List::new(Shape::Structure(KEY_NAME), 0, ANY))).required(),
];

message! {
    /// `ListAliasesByKeyIdRequest`.
    pub(crate) struct ListAliasesByKeyIdRequest = LIST_ALIASES_BY_KEY_ID_REQUEST;
    0 key_id: Cow<'a, str>;
    1 page_number: i64;
    2 page_size: i64;
}

const LIST_ALIASES_BY_KEY_ID_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("PageNumber", Shape::Integer(1, 4294967295)).defaults_to(DefaultValue::Integer(1)),
    Member::new("PageSize", Shape::Integer(1, 100)).defaults_to(DefaultValue::Integer(10)),
];

message! {
    /// `ListAliasesByKeyIdResponse`.
    pub(crate) struct ListAliasesByKeyIdResponse = LIST_ALIASES_BY_KEY_ID_RESPONSE;
    0 aliases: Aliases<'a>;
    1 page_number: i64;
    2 page_size: i64;
    3 total_count: i64;
}

const LIST_ALIASES_BY_KEY_ID_RESPONSE: &[Member] = &[
    Member::new("Aliases", Shape::Structure(ALIASES)).required(),
    Member::new("PageNumber", Shape::Integer(1, 4294967295)).required(),
    Member::new("PageSize", Shape::Integer(1, 100)).required(),
    Member::new("TotalCount", Shape::Integer(i64::MIN, i64::MAX)).required(),
];

message! {
    /// `ListAliasesRequest`.
    pub(crate) struct ListAliasesRequest = LIST_ALIASES_REQUEST;
    0 page_number: i64;
    1 page_size: i64;
    phantom;
}

const LIST_ALIASES_REQUEST: &[Member] = &[
    Member::new("PageNumber", Shape::Integer(1, 4294967295)).defaults_to(DefaultValue::Integer(1)),
    Member::new("PageSize", Shape::Integer(1, 100)).defaults_to(DefaultValue::Integer(10)),
];

message! {
    /// `ListAliasesResponse`.
    pub(crate) struct ListAliasesResponse = LIST_ALIASES_RESPONSE;
    0 aliases: Aliases<'a>;
    1 page_number: i64;
    2 page_size: i64;
    3 total_count: i64;
}

const LIST_ALIASES_RESPONSE: &[Member] = &[
    Member::new("Aliases", Shape::Structure(ALIASES)).required(),
    Member::new("PageNumber", Shape::Integer(1, 4294967295)).required(),
    Member::new("PageSize", Shape::Integer(1, 100)).required(),
    Member::new("TotalCount", Shape::Integer(i64::MIN, i64::MAX)).required(),
];

message! {
    /// `ListKeyVersionsRequest`.
    pub(crate) struct ListKeyVersionsRequest = LIST_KEY_VERSIONS_REQUEST;
    0 key_id: Cow<'a, str>;
    1 page_number: i64;
    2 page_size: i64;
}

const LIST_KEY_VERSIONS_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("PageNumber", Shape::Integer(1, 4294967295)).defaults_to(DefaultValue::Integer(1)),
    Member::new("PageSize", Shape::Integer(1, 100)).defaults_to(DefaultValue::Integer(10)),
];

message! {
    /// `ListKeyVersionsResponse`.
    pub(crate) struct ListKeyVersionsResponse = LIST_KEY_VERSIONS_RESPONSE;
    0 key_versions: KeyVersions<'a>;
    1 page_number: i64;
    2 page_size: i64;
    3 total_count: i64;
}

const LIST_KEY_VERSIONS_RESPONSE: &[Member] = &[
    Member::new("KeyVersions", Shape::Structure(KEY_VERSIONS)).required(),
    Member::new("PageNumber", Shape::Integer(1, 4294967295)).required(),
    Member::new("PageSize", Shape::Integer(1, 100)).required(),
    Member::new("TotalCount", Shape::Integer(i64::MIN, i64::MAX)).required(),
];

message! {
    /// `ListKeysRequest`.
    pub(crate) struct ListKeysRequest = LIST_KEYS_REQUEST;
    0 filters: Vec<Filter<'a>>;
    1 page_number: i64;
    2 page_size: i64;
}

const LIST_KEYS_REQUEST: &[Member] = &[
    Member::new("Filters", Shape::List(&List::new(Shape::Structure(FILTER), 0, 10))),
    Member::new("PageNumber", Shape::Integer(1, 4294967295)).defaults_to(DefaultValue::Integer(1)),
    Member::new("PageSize", Shape::Integer(1, 100)).defaults_to(DefaultValue::Integer(10)),
];

message! {
    /// `ListKeysResponse`.
    pub(crate) struct ListKeysResponse = LIST_KEYS_RESPONSE;
    0 keys: Keys<'a>;
    1 page_number: i64;
    2 page_size: i64;
    3 total_count: i64;
}

const LIST_KEYS_RESPONSE: &[Member] = &[
    Member::new("Keys", Shape::Structure(KEYS)).required(),
    Member::new("PageNumber", Shape::Integer(1, 4294967295)).required(),
    Member::new("PageSize", Shape::Integer(1, 100)).required(),
    Member::new("TotalCount", Shape::Integer(i64::MIN, i64::MAX)).required(),
];

message! {
    /// `ListResourceTagsRequest`.
    pub(crate) struct ListResourceTagsRequest = LIST_RESOURCE_TAGS_REQUEST;
    0 key_id: Cow<'a, str>;
}

const LIST_RESOURCE_TAGS_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, ANY)),
    Member::new("CertificateId", Shape::text(0, ANY)).unbuilt("certificates are not built yet"),
    Member::new("SecretName", Shape::text(0, ANY)).unbuilt("secrets are not built yet"),
];

message! {
    /// `ListResourceTagsResponse`.
    pub(crate) struct ListResourceTagsResponse = LIST_RESOURCE_TAGS_RESPONSE;
    0 tags: TagsOfKey<'a>;
}

const LIST_RESOURCE_TAGS_RESPONSE: &[Member] = &[
    Member::new("Tags", Shape::Structure(TAGS_OF_KEY)).required(),
];

message! {
    /// `ListTagResourcesRequest`.
    pub(crate) struct ListTagResourcesRequest = LIST_TAG_RESOURCES_REQUEST;
    1 resource_id: Vec<Cow<'a, str>>;
    2 resource_type: Cow<'a, str>;
}

const LIST_TAG_RESOURCES_REQUEST: &[Member] = &[
    Member::new("NextToken", Shape::text(0, ANY)).ignored("all tags are told at once"),
    Member::new("ResourceId", Shape::List(&List::new(Shape::text(0, ANY), 0, 50).numbered())),
    Member::new("ResourceType", Shape::text(1, ANY)).required(),
    Member::new("Tag", Shape::text(0, ANY)).unbuilt("a search by tag is not built yet"),
];

message! {
    /// `ListTagResourcesResponse`.
    pub(crate) struct ListTagResourcesResponse = LIST_TAG_RESOURCES_RESPONSE;
    1 tag_resources: TagsOfResources<'a>;
}

const LIST_TAG_RESOURCES_RESPONSE: &[Member] = &[
    Member::new("NextToken", Shape::text(0, ANY)).unbuilt("all tags are told at once"),
    Member::new("TagResources", Shape::Structure(TAGS_OF_RESOURCES)).required(),
];

message! {
    /// `ReEncryptRequest`.
    pub(crate) struct ReEncryptRequest = RE_ENCRYPT_REQUEST;
    0 ciphertext_blob: Blob<'a>;
    1 destination_encryption_context: Pairs<'a>;
    2 destination_key_id: Cow<'a, str>;
    3 dry_run: bool;
    4 source_encryption_algorithm: Cow<'a, str>;
    5 source_encryption_context: Pairs<'a>;
    6 source_key_id: Cow<'a, str>;
    7 source_key_version_id: Cow<'a, str>;
}

const RE_ENCRYPT_REQUEST: &[Member] = &[
    Member::new("CiphertextBlob", Shape::Blob(0, ANY)).required(),
    Member::new("DestinationEncryptionContext", Shape::Map(&Map { name: Text::FREE, value: Shape::text(0, ANY), min: 0, max: ANY })),
    Member::new("DestinationKeyId", Shape::text(1, ANY)).required(),
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("SourceEncryptionAlgorithm", Shape::one_of(&["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1", "SM2PKE"])).defaults_to(DefaultValue::Text("SYMMETRIC_DEFAULT")),
    Member::new("SourceEncryptionContext", Shape::Map(&Map { name: Text::FREE, value: Shape::text(0, ANY), min: 0, max: ANY })),
    Member::new("SourceKeyId", Shape::text(1, ANY)),
    Member::new("SourceKeyVersionId", Shape::text(1, ANY)),
];

message! {
    /// `ReEncryptResponse`.
    pub(crate) struct ReEncryptResponse = RE_ENCRYPT_RESPONSE;
    0 ciphertext_blob: Blob<'a>;
    1 key_id: Cow<'a, str>;
    2 key_version_id: Cow<'a, str>;
}

const RE_ENCRYPT_RESPONSE: &[Member] = &[
    Member::new("CiphertextBlob", Shape::Blob(0, ANY)).required(),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("KeyVersionId", Shape::text(1, ANY)).required(),
];

message! {
    /// `Region`.
    pub(crate) struct Region = REGION;
    0 region_id: Cow<'a, str>;
}

const REGION: &[Member] = &[
    Member::new("RegionId", Shape::text(1, ANY)).required(),
];

message! {
    /// `Regions`.
    pub(crate) struct Regions = REGIONS;
    0 region: Vec<Region<'a>>;
}

const REGIONS: &[Member] = &[
    Member::new("Region", Shape::List(&List::new(Shape::Structure(REGION), 0, ANY))).required(),
];

message! {
    /// `ScheduleKeyDeletionRequest`.
    pub(crate) struct ScheduleKeyDeletionRequest = SCHEDULE_KEY_DELETION_REQUEST;
    0 key_id: Cow<'a, str>;
    1 pending_window_in_days: i64;
}

const SCHEDULE_KEY_DELETION_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("PendingWindowInDays", Shape::Integer(7, 366)).required(),
];

message! {
    /// `SetDeletionProtectionRequest`.
    pub(crate) struct SetDeletionProtectionRequest = SET_DELETION_PROTECTION_REQUEST;
    0 deletion_protection_description: Cow<'a, str>;
    1 enable_deletion_protection: bool;
    2 key_id: Cow<'a, str>;
    3 kms_instance_id: Cow<'a, str>;
    4 protected_resource_arn: Cow<'a, str>;
}

const SET_DELETION_PROTECTION_REQUEST: &[Member] = &[
    Member::new("DeletionProtectionDescription", Shape::text(0, 1024)).defaults_to(DefaultValue::Text("")),
    Member::new("EnableDeletionProtection", Shape::Flag).required(),
    Member::new("KeyId", Shape::text(1, ANY)),
    Member::new("KmsInstanceId", Shape::text(1, ANY)).refused("there are no dedicated instances"),
    Member::new("ProtectedResourceArn", Shape::text(1, ANY)).former("KeyId"),
];

message! {
    /// `SetKeyPolicyRequest`.
    pub(crate) struct SetKeyPolicyRequest = SET_KEY_POLICY_REQUEST;
    0 key_id: Cow<'a, str>;
    1 policy: Cow<'a, str>;
    2 policy_name: Cow<'a, str>;
}

const SET_KEY_POLICY_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("Policy", Shape::text(1, ANY)).required(),
    Member::new("PolicyName", Shape::text(1, ANY)).defaults_to(DefaultValue::Text("default")),
];

message! {
    /// `Tag`.
    pub(crate) struct Tag = TAG;
    0 key: Cow<'a, str>;
    1 value: Cow<'a, str>;
}

const TAG: &[Member] = &[
    Member::new("Key", Shape::text(0, ANY)).required(),
    Member::new("Value", Shape::text(0, ANY)).defaults_to(DefaultValue::Text("")),
];

message! {
    /// `TagOfKey`.
    pub(crate) struct TagOfKey = TAG_OF_KEY;
    0 key_id: Cow<'a, str>;
    1 tag_key: Cow<'a, str>;
    2 tag_value: Cow<'a, str>;
}

const TAG_OF_KEY: &[Member] = &[
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("TagKey", Shape::text(1, ANY)).required(),
    Member::new("TagValue", Shape::text(1, ANY)).required(),
];

message! {
    /// `TagOfResource`.
    pub(crate) struct TagOfResource = TAG_OF_RESOURCE;
    0 resource_id: Cow<'a, str>;
    1 resource_type: Cow<'a, str>;
    2 tag_key: Cow<'a, str>;
    3 tag_value: Cow<'a, str>;
}

const TAG_OF_RESOURCE: &[Member] = &[
    Member::new("ResourceId", Shape::text(1, ANY)).required(),
    Member::new("ResourceType", Shape::one_of(&["key"])).required(),
    Member::new("TagKey", Shape::text(1, ANY)).required(),
    Member::new("TagValue", Shape::text(1, ANY)).required(),
];

message! {
    /// `TagResourceRequest`.
    pub(crate) struct TagResourceRequest = TAG_RESOURCE_REQUEST;
    1 key_id: Cow<'a, str>;
    3 tags: Vec<KeyTag<'a>>;
}

const TAG_RESOURCE_REQUEST: &[Member] = &[
    Member::new("CertificateId", Shape::text(0, ANY)).unbuilt("certificates are not built yet"),
    Member::new("KeyId", Shape::text(1, ANY)),
    Member::new("SecretName", Shape::text(0, ANY)).unbuilt("secrets are not built yet"),
    Member::new("Tags", Shape::List(&List::new(Shape::Structure(KEY_TAG), 0, 20))).required(),
];

message! {
    /// `TagResourcesRequest`.
    pub(crate) struct TagResourcesRequest = TAG_RESOURCES_REQUEST;
    0 resource_id: Vec<Cow<'a, str>>;
    1 resource_type: Cow<'a, str>;
    2 tag: Vec<Tag<'a>>;
}

const TAG_RESOURCES_REQUEST: &[Member] = &[
    Member::new("ResourceId", Shape::List(&List::new(Shape::text(0, ANY), 0, 50).numbered())).required(),
    Member::new("ResourceType", Shape::text(1, ANY)).required(),
    Member::new("Tag", Shape::List(&List::new(Shape::Structure(TAG), 0, 20).numbered())).required(),
];

message! {
    /// `TagsOfKey`.
    pub(crate) struct TagsOfKey = TAGS_OF_KEY;
    0 tag: Vec<TagOfKey<'a>>;
}

const TAGS_OF_KEY: &[Member] = &[
    Member::new("Tag", Shape::List(&List::new(Shape::Structure(TAG_OF_KEY), 0, ANY))).required(),
];

message! {
    /// `TagsOfResources`.
    pub(crate) struct TagsOfResources = TAGS_OF_RESOURCES;
    0 tag_resource: Vec<TagOfResource<'a>>;
}

const TAGS_OF_RESOURCES: &[Member] = &[
    Member::new("TagResource", Shape::List(&List::new(Shape::Structure(TAG_OF_RESOURCE), 0, ANY))).required(),
];

message! {
    /// `UntagResourceRequest`.
    pub(crate) struct UntagResourceRequest = UNTAG_RESOURCE_REQUEST;
    1 key_id: Cow<'a, str>;
    3 tag_keys: Vec<Cow<'a, str>>;
}

const UNTAG_RESOURCE_REQUEST: &[Member] = &[
    Member::new("CertificateId", Shape::text(0, ANY)).unbuilt("certificates are not built yet"),
    Member::new("KeyId", Shape::text(1, ANY)),
    Member::new("SecretName", Shape::text(0, ANY)).unbuilt("secrets are not built yet"),
    Member::new("TagKeys", Shape::List(&List::new(Shape::text(0, ANY), 0, ANY).joined())).required(),
];

message! {
    /// `UntagResourcesRequest`.
    pub(crate) struct UntagResourcesRequest = UNTAG_RESOURCES_REQUEST;
    0 all: bool;
    1 resource_id: Vec<Cow<'a, str>>;
    2 resource_type: Cow<'a, str>;
    3 tag_key: Vec<Cow<'a, str>>;
}

const UNTAG_RESOURCES_REQUEST: &[Member] = &[
    Member::new("All", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("ResourceId", Shape::List(&List::new(Shape::text(0, ANY), 0, 50).numbered())).required(),
    Member::new("ResourceType", Shape::text(1, ANY)).required(),
    Member::new("TagKey", Shape::List(&List::new(Shape::text(0, ANY), 0, 20).numbered())),
];

message! {
    /// `UpdateAliasRequest`.
    pub(crate) struct UpdateAliasRequest = UPDATE_ALIAS_REQUEST;
    0 alias_name: Cow<'a, str>;
    1 key_id: Cow<'a, str>;
}

const UPDATE_ALIAS_REQUEST: &[Member] = &[
    Member::new("AliasName", Shape::text(1, ANY)).required(),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
];

message! {
    /// `UpdateKeyDescriptionRequest`.
    pub(crate) struct UpdateKeyDescriptionRequest = UPDATE_KEY_DESCRIPTION_REQUEST;
    0 description: Cow<'a, str>;
    1 key_id: Cow<'a, str>;
}

const UPDATE_KEY_DESCRIPTION_REQUEST: &[Member] = &[
    Member::new("Description", Shape::text(0, 8192)).required(),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
];

message! {
    /// `UpdateRotationPolicyRequest`.
    pub(crate) struct UpdateRotationPolicyRequest = UPDATE_ROTATION_POLICY_REQUEST;
    0 enable_automatic_rotation: bool;
    1 key_id: Cow<'a, str>;
    2 rotation_interval: Cow<'a, str>;
}

const UPDATE_ROTATION_POLICY_REQUEST: &[Member] = &[
    Member::new("EnableAutomaticRotation", Shape::Flag).required(),
    Member::new("KeyId", Shape::text(1, ANY)).required(),
    Member::new("RotationInterval", Shape::text(1, ANY)),
];
