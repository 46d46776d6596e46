//! Messages of `kms`, generated from the vendor's model and `vendor/messages/kms.json`; `just generate` writes them anew.

use std::borrow::Cow;

use polykms_core::dialect::message::{ANY, Blob, DefaultValue, List, Map, Member, Pairs, Shape, Text};
use polykms_core::message;
use polykms_core::port::Time;

use super::pattern;

message! {
    /// `AliasListEntry`.
    pub(crate) struct AliasListEntry = ALIAS_LIST_ENTRY;
    0 alias_name: Cow<'a, str>;
    1 alias_arn: Cow<'a, str>;
    2 target_key_id: Cow<'a, str>;
    3 creation_date: Time;
    4 last_updated_date: Time;
}

const ALIAS_LIST_ENTRY: &[Member] = &[
    Member::new("AliasName", Shape::like(1, 256, &pattern::ALIAS)).required(),
    Member::new("AliasArn", Shape::text(20, 2048)).required(),
    Member::new("TargetKeyId", Shape::text(1, 2048)),
    Member::new("CreationDate", Shape::Time),
    Member::new("LastUpdatedDate", Shape::Time),
];

message! {
    /// `CancelKeyDeletionRequest`.
    pub(crate) struct CancelKeyDeletionRequest = CANCEL_KEY_DELETION_REQUEST;
    0 key_id: Cow<'a, str>;
}

const CANCEL_KEY_DELETION_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
];

message! {
    /// `CancelKeyDeletionResponse`.
    pub(crate) struct CancelKeyDeletionResponse = CANCEL_KEY_DELETION_RESPONSE;
    0 key_id: Cow<'a, str>;
}

const CANCEL_KEY_DELETION_RESPONSE: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
];

message! {
    /// `CreateAliasRequest`.
    pub(crate) struct CreateAliasRequest = CREATE_ALIAS_REQUEST;
    0 alias_name: Cow<'a, str>;
    1 target_key_id: Cow<'a, str>;
}

const CREATE_ALIAS_REQUEST: &[Member] = &[
    Member::new("AliasName", Shape::like(1, 256, &pattern::ALIAS)).required(),
    Member::new("TargetKeyId", Shape::text(1, 2048)).required(),
];

message! {
    /// `CreateGrantRequest`.
    pub(crate) struct CreateGrantRequest = CREATE_GRANT_REQUEST;
    0 key_id: Cow<'a, str>;
    1 grantee_principal: Cow<'a, str>;
    2 retiring_principal: Cow<'a, str>;
    3 operations: Vec<Cow<'a, str>>;
    4 constraints: GrantConstraints<'a>;
    5 grant_tokens: Vec<Cow<'a, str>>;
    6 name: Cow<'a, str>;
    7 dry_run: bool;
}

const CREATE_GRANT_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("GranteePrincipal", Shape::like(1, 256, &pattern::PRINCIPAL)).required(),
    Member::new("RetiringPrincipal", Shape::like(1, 256, &pattern::PRINCIPAL)),
    Member::new("Operations", Shape::List(&List::new(Shape::one_of(&["Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo", "Sign", "Verify", "GetPublicKey", "CreateGrant", "RetireGrant", "DescribeKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "GenerateMac", "VerifyMac", "DeriveSharedSecret"]), 0, ANY))).required(),
    Member::new("Constraints", Shape::Structure(GRANT_CONSTRAINTS)),
    Member::new("GrantTokens", Shape::List(&List::new(Shape::text(1, 8192), 0, 10))).sensitive(),
    Member::new("Name", Shape::like(1, 256, &pattern::ALIAS)),
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
];

message! {
    /// `CreateGrantResponse`.
    pub(crate) struct CreateGrantResponse = CREATE_GRANT_RESPONSE;
    0 grant_token: Cow<'a, str>;
    1 grant_id: Cow<'a, str>;
}

const CREATE_GRANT_RESPONSE: &[Member] = &[
    Member::new("GrantToken", Shape::text(1, 8192)).required().sensitive(),
    Member::new("GrantId", Shape::text(1, 128)).required(),
];

message! {
    /// `CreateKeyRequest`.
    pub(crate) struct CreateKeyRequest = CREATE_KEY_REQUEST;
    0 policy: Cow<'a, str>;
    1 description: Cow<'a, str>;
    2 key_usage: Cow<'a, str>;
    3 customer_master_key_spec: Cow<'a, str>;
    4 key_spec: Cow<'a, str>;
    5 origin: Cow<'a, str>;
    6 custom_key_store_id: Cow<'a, str>;
    7 bypass_policy_lockout_safety_check: bool;
    8 tags: Vec<Tag<'a>>;
    9 multi_region: bool;
    10 xks_key_id: Cow<'a, str>;
}

const CREATE_KEY_REQUEST: &[Member] = &[
    Member::new("Policy", Shape::like(1, 131072, &pattern::LATIN)),
    Member::new("Description", Shape::text(0, 8192)).defaults_to(DefaultValue::Text("")),
    Member::new("KeyUsage", Shape::listed(&["SIGN_VERIFY", "ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"], "ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC")),
    Member::new("CustomerMasterKeySpec", Shape::listed(&["RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "SYMMETRIC_DEFAULT", "HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512", "SM2"], "RSA_2048, ECC_NIST_P384, ECC_NIST_P256, ECC_NIST_P521, HMAC_384, RSA_3072, ECC_SECG_P256K1, RSA_4096, SYMMETRIC_DEFAULT, HMAC_256, HMAC_224, HMAC_512")).former("KeySpec"),
    Member::new("KeySpec", Shape::listed(&["RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "SYMMETRIC_DEFAULT", "HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512", "SM2", "ML_DSA_44", "ML_DSA_65", "ML_DSA_87", "ECC_NIST_EDWARDS25519"], "RSA_2048, ECC_NIST_P384, ECC_NIST_P256, ECC_NIST_P521, HMAC_384, RSA_3072, ECC_SECG_P256K1, RSA_4096, SYMMETRIC_DEFAULT, HMAC_256, HMAC_224, HMAC_512")),
    Member::new("Origin", Shape::one_of(&["AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"])).defaults_to(DefaultValue::Text("AWS_KMS")),
    Member::new("CustomKeyStoreId", Shape::text(1, 64)).refused("there are no custom key stores"),
    Member::new("BypassPolicyLockoutSafetyCheck", Shape::Flag),
    Member::new("Tags", Shape::List(&List::new(Shape::Structure(TAG), 0, ANY))),
    Member::new("MultiRegion", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("XksKeyId", Shape::text(1, 128)).refused("there are no custom key stores"),
];

message! {
    /// `CreateKeyResponse`.
    pub(crate) struct CreateKeyResponse = CREATE_KEY_RESPONSE;
    0 key_metadata: KeyMetadata<'a>;
}

const CREATE_KEY_RESPONSE: &[Member] = &[
    Member::new("KeyMetadata", Shape::Structure(KEY_METADATA)).required(),
];

message! {
    /// `DecryptRequest`.
    pub(crate) struct DecryptRequest = DECRYPT_REQUEST;
    0 ciphertext_blob: Blob<'a>;
    1 encryption_context: Pairs<'a>;
    2 grant_tokens: Vec<Cow<'a, str>>;
    3 key_id: Cow<'a, str>;
    4 encryption_algorithm: Cow<'a, str>;
    6 dry_run: bool;
    7 dry_run_modifiers: Vec<Cow<'a, str>>;
}

const DECRYPT_REQUEST: &[Member] = &[
    Member::new("CiphertextBlob", Shape::Blob(1, 6144)),
    Member::new("EncryptionContext", Shape::Map(&Map { name: Text::FREE, value: Shape::text(0, ANY), min: 0, max: ANY })),
    Member::new("GrantTokens", Shape::List(&List::new(Shape::text(1, 8192), 0, 10))).sensitive(),
    Member::new("KeyId", Shape::text(1, 2048)),
    Member::new("EncryptionAlgorithm", Shape::one_of(&["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"])).defaults_to(DefaultValue::Text("SYMMETRIC_DEFAULT")),
    Member::new("Recipient", Shape::text(0, ANY)).unbuilt("attestation documents are not verified here"),
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("DryRunModifiers", Shape::List(&List::new(Shape::one_of(&["IGNORE_CIPHERTEXT"]), 0, ANY))),
];

message! {
    /// `DecryptResponse`.
    pub(crate) struct DecryptResponse = DECRYPT_RESPONSE;
    0 key_id: Cow<'a, str>;
    1 plaintext: Blob<'a>;
    2 encryption_algorithm: Cow<'a, str>;
    4 key_material_id: Cow<'a, str>;
}

const DECRYPT_RESPONSE: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("Plaintext", Shape::Blob(1, 4096)).required().sensitive(),
    Member::new("EncryptionAlgorithm", Shape::one_of(&["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])).required(),
    Member::new("CiphertextForRecipient", Shape::text(0, ANY)).unbuilt("attestation documents are not verified here"),
    Member::new("KeyMaterialId", Shape::like(64, 64, &pattern::HEX)),
];

message! {
    /// `DeleteAliasRequest`.
    pub(crate) struct DeleteAliasRequest = DELETE_ALIAS_REQUEST;
    0 alias_name: Cow<'a, str>;
}

const DELETE_ALIAS_REQUEST: &[Member] = &[
    Member::new("AliasName", Shape::like(1, 256, &pattern::ALIAS)).required(),
];

message! {
    /// `DeleteImportedKeyMaterialRequest`.
    pub(crate) struct DeleteImportedKeyMaterialRequest = DELETE_IMPORTED_KEY_MATERIAL_REQUEST;
    0 key_id: Cow<'a, str>;
    1 key_material_id: Cow<'a, str>;
}

const DELETE_IMPORTED_KEY_MATERIAL_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("KeyMaterialId", Shape::like(64, 64, &pattern::HEX)),
];

message! {
    /// `DeleteImportedKeyMaterialResponse`.
    pub(crate) struct DeleteImportedKeyMaterialResponse = DELETE_IMPORTED_KEY_MATERIAL_RESPONSE;
    0 key_id: Cow<'a, str>;
    1 key_material_id: Cow<'a, str>;
}

const DELETE_IMPORTED_KEY_MATERIAL_RESPONSE: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("KeyMaterialId", Shape::like(0, 64, &pattern::HEX)),
];

message! {
    /// `DeriveSharedSecretRequest`.
    pub(crate) struct DeriveSharedSecretRequest = DERIVE_SHARED_SECRET_REQUEST;
    0 key_id: Cow<'a, str>;
    1 key_agreement_algorithm: Cow<'a, str>;
    2 public_key: Blob<'a>;
    3 grant_tokens: Vec<Cow<'a, str>>;
    4 dry_run: bool;
}

const DERIVE_SHARED_SECRET_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("KeyAgreementAlgorithm", Shape::one_of(&["ECDH"])).required(),
    Member::new("PublicKey", Shape::Blob(1, 8192)).required(),
    Member::new("GrantTokens", Shape::List(&List::new(Shape::text(1, 8192), 0, 10))).sensitive(),
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("Recipient", Shape::text(0, ANY)).unbuilt("attestation documents are not verified here"),
];

message! {
    /// `DeriveSharedSecretResponse`.
    pub(crate) struct DeriveSharedSecretResponse = DERIVE_SHARED_SECRET_RESPONSE;
    0 key_id: Cow<'a, str>;
    1 shared_secret: Blob<'a>;
    3 key_agreement_algorithm: Cow<'a, str>;
    4 key_origin: Cow<'a, str>;
}

const DERIVE_SHARED_SECRET_RESPONSE: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("SharedSecret", Shape::Blob(1, 4096)).required().sensitive(),
    Member::new("CiphertextForRecipient", Shape::text(0, ANY)).unbuilt("attestation documents are not verified here"),
    Member::new("KeyAgreementAlgorithm", Shape::one_of(&["ECDH"])).required(),
    Member::new("KeyOrigin", Shape::one_of(&["AWS_KMS", "EXTERNAL"])).required(),
];

message! {
    /// `DescribeKeyRequest`.
    pub(crate) struct DescribeKeyRequest = DESCRIBE_KEY_REQUEST;
    0 key_id: Cow<'a, str>;
    1 grant_tokens: Vec<Cow<'a, str>>;
}

const DESCRIBE_KEY_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("GrantTokens", Shape::List(&List::new(Shape::text(1, 8192), 0, 10))).sensitive(),
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
    /// `DisableKeyRequest`.
    pub(crate) struct DisableKeyRequest = DISABLE_KEY_REQUEST;
    0 key_id: Cow<'a, str>;
}

const DISABLE_KEY_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
];

message! {
    /// `DisableKeyRotationRequest`.
    pub(crate) struct DisableKeyRotationRequest = DISABLE_KEY_ROTATION_REQUEST;
    0 key_id: Cow<'a, str>;
}

const DISABLE_KEY_ROTATION_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
];

message! {
    /// `EnableKeyRequest`.
    pub(crate) struct EnableKeyRequest = ENABLE_KEY_REQUEST;
    0 key_id: Cow<'a, str>;
}

const ENABLE_KEY_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
];

message! {
    /// `EnableKeyRotationRequest`.
    pub(crate) struct EnableKeyRotationRequest = ENABLE_KEY_ROTATION_REQUEST;
    0 key_id: Cow<'a, str>;
    1 rotation_period_in_days: i64;
}

const ENABLE_KEY_ROTATION_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("RotationPeriodInDays", Shape::Integer(90, 2560)).defaults_to(DefaultValue::Integer(365)),
];

message! {
    /// `EncryptRequest`.
    pub(crate) struct EncryptRequest = ENCRYPT_REQUEST;
    0 key_id: Cow<'a, str>;
    1 plaintext: Blob<'a>;
    2 encryption_context: Pairs<'a>;
    3 grant_tokens: Vec<Cow<'a, str>>;
    4 encryption_algorithm: Cow<'a, str>;
    5 dry_run: bool;
}

const ENCRYPT_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("Plaintext", Shape::Blob(1, 4096)).required().sensitive(),
    Member::new("EncryptionContext", Shape::Map(&Map { name: Text::FREE, value: Shape::text(0, ANY), min: 0, max: ANY })),
    Member::new("GrantTokens", Shape::List(&List::new(Shape::text(1, 8192), 0, 10))).sensitive(),
    Member::new("EncryptionAlgorithm", Shape::one_of(&["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"])).defaults_to(DefaultValue::Text("SYMMETRIC_DEFAULT")),
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
];

message! {
    /// `EncryptResponse`.
    pub(crate) struct EncryptResponse = ENCRYPT_RESPONSE;
    0 ciphertext_blob: Blob<'a>;
    1 key_id: Cow<'a, str>;
    2 encryption_algorithm: Cow<'a, str>;
}

const ENCRYPT_RESPONSE: &[Member] = &[
    Member::new("CiphertextBlob", Shape::Blob(1, 6144)).required(),
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("EncryptionAlgorithm", Shape::one_of(&["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])).required(),
];

message! {
    /// `GenerateDataKeyPairRequest`.
    pub(crate) struct GenerateDataKeyPairRequest = GENERATE_DATA_KEY_PAIR_REQUEST;
    0 encryption_context: Pairs<'a>;
    1 key_id: Cow<'a, str>;
    2 key_pair_spec: Cow<'a, str>;
    3 grant_tokens: Vec<Cow<'a, str>>;
    5 dry_run: bool;
}

const GENERATE_DATA_KEY_PAIR_REQUEST: &[Member] = &[
    Member::new("EncryptionContext", Shape::Map(&Map { name: Text::FREE, value: Shape::text(0, ANY), min: 0, max: ANY })),
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("KeyPairSpec", Shape::one_of(&["RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "SM2", "ECC_NIST_EDWARDS25519"])).required(),
    Member::new("GrantTokens", Shape::List(&List::new(Shape::text(1, 8192), 0, 10))).sensitive(),
    Member::new("Recipient", Shape::text(0, ANY)).unbuilt("attestation documents are not verified here"),
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
];

message! {
    /// `GenerateDataKeyPairResponse`.
    pub(crate) struct GenerateDataKeyPairResponse = GENERATE_DATA_KEY_PAIR_RESPONSE;
    0 private_key_ciphertext_blob: Blob<'a>;
    1 private_key_plaintext: Blob<'a>;
    2 public_key: Blob<'a>;
    3 key_id: Cow<'a, str>;
    4 key_pair_spec: Cow<'a, str>;
    6 key_material_id: Cow<'a, str>;
}

const GENERATE_DATA_KEY_PAIR_RESPONSE: &[Member] = &[
    Member::new("PrivateKeyCiphertextBlob", Shape::Blob(1, 6144)).required(),
    Member::new("PrivateKeyPlaintext", Shape::Blob(1, 4096)).required().sensitive(),
    Member::new("PublicKey", Shape::Blob(1, 8192)).required(),
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("KeyPairSpec", Shape::one_of(&["RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519"])).required(),
    Member::new("CiphertextForRecipient", Shape::text(0, ANY)).unbuilt("attestation documents are not verified here"),
    Member::new("KeyMaterialId", Shape::like(64, 64, &pattern::HEX)).required(),
];

message! {
    /// `GenerateDataKeyPairWithoutPlaintextRequest`.
    pub(crate) struct GenerateDataKeyPairWithoutPlaintextRequest = GENERATE_DATA_KEY_PAIR_WITHOUT_PLAINTEXT_REQUEST;
    0 encryption_context: Pairs<'a>;
    1 key_id: Cow<'a, str>;
    2 key_pair_spec: Cow<'a, str>;
    3 grant_tokens: Vec<Cow<'a, str>>;
    4 dry_run: bool;
}

const GENERATE_DATA_KEY_PAIR_WITHOUT_PLAINTEXT_REQUEST: &[Member] = &[
    Member::new("EncryptionContext", Shape::Map(&Map { name: Text::FREE, value: Shape::text(0, ANY), min: 0, max: ANY })),
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("KeyPairSpec", Shape::one_of(&["RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "SM2", "ECC_NIST_EDWARDS25519"])).required(),
    Member::new("GrantTokens", Shape::List(&List::new(Shape::text(1, 8192), 0, 10))).sensitive(),
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
];

message! {
    /// `GenerateDataKeyPairWithoutPlaintextResponse`.
    pub(crate) struct GenerateDataKeyPairWithoutPlaintextResponse = GENERATE_DATA_KEY_PAIR_WITHOUT_PLAINTEXT_RESPONSE;
    0 private_key_ciphertext_blob: Blob<'a>;
    1 public_key: Blob<'a>;
    2 key_id: Cow<'a, str>;
    3 key_pair_spec: Cow<'a, str>;
    4 key_material_id: Cow<'a, str>;
}

const GENERATE_DATA_KEY_PAIR_WITHOUT_PLAINTEXT_RESPONSE: &[Member] = &[
    Member::new("PrivateKeyCiphertextBlob", Shape::Blob(1, 6144)).required(),
    Member::new("PublicKey", Shape::Blob(1, 8192)).required(),
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("KeyPairSpec", Shape::one_of(&["RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519"])).required(),
    Member::new("KeyMaterialId", Shape::like(64, 64, &pattern::HEX)).required(),
];

message! {
    /// `GenerateDataKeyRequest`.
    pub(crate) struct GenerateDataKeyRequest = GENERATE_DATA_KEY_REQUEST;
    0 key_id: Cow<'a, str>;
    1 encryption_context: Pairs<'a>;
    2 number_of_bytes: i64;
    3 key_spec: Cow<'a, str>;
    4 grant_tokens: Vec<Cow<'a, str>>;
    6 dry_run: bool;
}

const GENERATE_DATA_KEY_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("EncryptionContext", Shape::Map(&Map { name: Text::FREE, value: Shape::text(0, ANY), min: 0, max: ANY })),
    Member::new("NumberOfBytes", Shape::Integer(1, 1024)),
    Member::new("KeySpec", Shape::one_of(&["AES_256", "AES_128"])),
    Member::new("GrantTokens", Shape::List(&List::new(Shape::text(1, 8192), 0, 10))).sensitive(),
    Member::new("Recipient", Shape::text(0, ANY)).unbuilt("attestation documents are not verified here"),
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
];

message! {
    /// `GenerateDataKeyResponse`.
    pub(crate) struct GenerateDataKeyResponse = GENERATE_DATA_KEY_RESPONSE;
    0 ciphertext_blob: Blob<'a>;
    1 plaintext: Blob<'a>;
    2 key_id: Cow<'a, str>;
    4 key_material_id: Cow<'a, str>;
}

const GENERATE_DATA_KEY_RESPONSE: &[Member] = &[
    Member::new("CiphertextBlob", Shape::Blob(1, 6144)).required(),
    Member::new("Plaintext", Shape::Blob(1, 4096)).required().sensitive(),
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("CiphertextForRecipient", Shape::text(0, ANY)).unbuilt("attestation documents are not verified here"),
    Member::new("KeyMaterialId", Shape::like(64, 64, &pattern::HEX)).required(),
];

message! {
    /// `GenerateDataKeyWithoutPlaintextRequest`.
    pub(crate) struct GenerateDataKeyWithoutPlaintextRequest = GENERATE_DATA_KEY_WITHOUT_PLAINTEXT_REQUEST;
    0 key_id: Cow<'a, str>;
    1 encryption_context: Pairs<'a>;
    2 key_spec: Cow<'a, str>;
    3 number_of_bytes: i64;
    4 grant_tokens: Vec<Cow<'a, str>>;
    5 dry_run: bool;
}

const GENERATE_DATA_KEY_WITHOUT_PLAINTEXT_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("EncryptionContext", Shape::Map(&Map { name: Text::FREE, value: Shape::text(0, ANY), min: 0, max: ANY })),
    Member::new("KeySpec", Shape::one_of(&["AES_256", "AES_128"])),
    Member::new("NumberOfBytes", Shape::Integer(1, 1024)),
    Member::new("GrantTokens", Shape::List(&List::new(Shape::text(1, 8192), 0, 10))).sensitive(),
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
];

message! {
    /// `GenerateDataKeyWithoutPlaintextResponse`.
    pub(crate) struct GenerateDataKeyWithoutPlaintextResponse = GENERATE_DATA_KEY_WITHOUT_PLAINTEXT_RESPONSE;
    0 ciphertext_blob: Blob<'a>;
    1 key_id: Cow<'a, str>;
    2 key_material_id: Cow<'a, str>;
}

const GENERATE_DATA_KEY_WITHOUT_PLAINTEXT_RESPONSE: &[Member] = &[
    Member::new("CiphertextBlob", Shape::Blob(1, 6144)).required(),
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("KeyMaterialId", Shape::like(64, 64, &pattern::HEX)).required(),
];

message! {
    /// `GenerateMacRequest`.
    pub(crate) struct GenerateMacRequest = GENERATE_MAC_REQUEST;
    0 message: Blob<'a>;
    1 key_id: Cow<'a, str>;
    2 mac_algorithm: Cow<'a, str>;
    3 grant_tokens: Vec<Cow<'a, str>>;
    4 dry_run: bool;
}

const GENERATE_MAC_REQUEST: &[Member] = &[
    Member::new("Message", Shape::Blob(1, 4096)).required().sensitive(),
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("MacAlgorithm", Shape::listed(&["HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512"], "HMAC_SHA_384, HMAC_SHA_256, HMAC_SHA_224, HMAC_SHA_512")).required(),
    Member::new("GrantTokens", Shape::List(&List::new(Shape::text(1, 8192), 0, 10))).sensitive(),
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
];

message! {
    /// `GenerateMacResponse`.
    pub(crate) struct GenerateMacResponse = GENERATE_MAC_RESPONSE;
    0 mac: Blob<'a>;
    1 mac_algorithm: Cow<'a, str>;
    2 key_id: Cow<'a, str>;
}

const GENERATE_MAC_RESPONSE: &[Member] = &[
    Member::new("Mac", Shape::Blob(1, 6144)).required().sensitive(),
    Member::new("MacAlgorithm", Shape::one_of(&["HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512"])).required(),
    Member::new("KeyId", Shape::text(1, 2048)).required(),
];

message! {
    /// `GenerateRandomRequest`.
    pub(crate) struct GenerateRandomRequest = GENERATE_RANDOM_REQUEST;
    0 number_of_bytes: i64;
    1 custom_key_store_id: Cow<'a, str>;
}

const GENERATE_RANDOM_REQUEST: &[Member] = &[
    Member::new("NumberOfBytes", Shape::Integer(1, 1024)),
    Member::new("CustomKeyStoreId", Shape::text(1, 64)).refused("there are no custom key stores"),
    Member::new("Recipient", Shape::text(0, ANY)).unbuilt("attestation documents are not verified here"),
];

message! {
    /// `GenerateRandomResponse`.
    pub(crate) struct GenerateRandomResponse = GENERATE_RANDOM_RESPONSE;
    0 plaintext: Blob<'a>;
}

const GENERATE_RANDOM_RESPONSE: &[Member] = &[
    Member::new("Plaintext", Shape::Blob(1, 4096)).required().sensitive(),
    Member::new("CiphertextForRecipient", Shape::text(0, ANY)).unbuilt("attestation documents are not verified here"),
];

message! {
    /// `GetKeyPolicyRequest`.
    pub(crate) struct GetKeyPolicyRequest = GET_KEY_POLICY_REQUEST;
    0 key_id: Cow<'a, str>;
    1 policy_name: Cow<'a, str>;
}

const GET_KEY_POLICY_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::WORD)).defaults_to(DefaultValue::Text("default")),
];

message! {
    /// `GetKeyPolicyResponse`.
    pub(crate) struct GetKeyPolicyResponse = GET_KEY_POLICY_RESPONSE;
    0 policy: Cow<'a, str>;
    1 policy_name: Cow<'a, str>;
}

const GET_KEY_POLICY_RESPONSE: &[Member] = &[
    Member::new("Policy", Shape::like(1, 131072, &pattern::LATIN)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::WORD)).required(),
];

message! {
    /// `GetKeyRotationStatusRequest`.
    pub(crate) struct GetKeyRotationStatusRequest = GET_KEY_ROTATION_STATUS_REQUEST;
    0 key_id: Cow<'a, str>;
}

const GET_KEY_ROTATION_STATUS_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
];

message! {
    /// `GetKeyRotationStatusResponse`.
    pub(crate) struct GetKeyRotationStatusResponse = GET_KEY_ROTATION_STATUS_RESPONSE;
    0 key_rotation_enabled: bool;
    1 key_id: Cow<'a, str>;
    2 rotation_period_in_days: i64;
    3 next_rotation_date: Time;
}

const GET_KEY_ROTATION_STATUS_RESPONSE: &[Member] = &[
    Member::new("KeyRotationEnabled", Shape::Flag).required(),
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("RotationPeriodInDays", Shape::Integer(90, 2560)),
    Member::new("NextRotationDate", Shape::Time),
    Member::new("OnDemandRotationStartDate", Shape::text(0, ANY)).unbuilt("a rotation has ended when it is answered"),
];

message! {
    /// `GetParametersForImportRequest`.
    pub(crate) struct GetParametersForImportRequest = GET_PARAMETERS_FOR_IMPORT_REQUEST;
    0 key_id: Cow<'a, str>;
    1 wrapping_algorithm: Cow<'a, str>;
    2 wrapping_key_spec: Cow<'a, str>;
}

const GET_PARAMETERS_FOR_IMPORT_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("WrappingAlgorithm", Shape::one_of(&["RSAES_PKCS1_V1_5", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256", "SM2PKE"])).required(),
    Member::new("WrappingKeySpec", Shape::one_of(&["RSA_2048", "RSA_3072", "RSA_4096", "SM2"])).required(),
];

message! {
    /// `GetParametersForImportResponse`.
    pub(crate) struct GetParametersForImportResponse = GET_PARAMETERS_FOR_IMPORT_RESPONSE;
    0 key_id: Cow<'a, str>;
    1 import_token: Blob<'a>;
    2 public_key: Blob<'a>;
    3 parameters_valid_to: Time;
}

const GET_PARAMETERS_FOR_IMPORT_RESPONSE: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("ImportToken", Shape::Blob(1, 6144)).required().sensitive(),
    Member::new("PublicKey", Shape::Blob(1, 4096)).required().sensitive(),
    Member::new("ParametersValidTo", Shape::Time).required(),
];

message! {
    /// `GetPublicKeyRequest`.
    pub(crate) struct GetPublicKeyRequest = GET_PUBLIC_KEY_REQUEST;
    0 key_id: Cow<'a, str>;
    1 grant_tokens: Vec<Cow<'a, str>>;
}

const GET_PUBLIC_KEY_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("GrantTokens", Shape::List(&List::new(Shape::text(1, 8192), 0, 10))).sensitive(),
];

message! {
    /// `GetPublicKeyResponse`.
    pub(crate) struct GetPublicKeyResponse = GET_PUBLIC_KEY_RESPONSE;
    0 key_id: Cow<'a, str>;
    1 public_key: Blob<'a>;
    2 customer_master_key_spec: Cow<'a, str>;
    3 key_spec: Cow<'a, str>;
    4 key_usage: Cow<'a, str>;
    5 encryption_algorithms: Vec<Cow<'a, str>>;
    6 signing_algorithms: Vec<Cow<'a, str>>;
    7 key_agreement_algorithms: Vec<Cow<'a, str>>;
}

const GET_PUBLIC_KEY_RESPONSE: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("PublicKey", Shape::Blob(1, 8192)).required(),
    Member::new("CustomerMasterKeySpec", Shape::one_of(&["RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519"])).required(),
    Member::new("KeySpec", Shape::one_of(&["RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519"])).required(),
    Member::new("KeyUsage", Shape::one_of(&["SIGN_VERIFY", "ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"])).required(),
    Member::new("EncryptionAlgorithms", Shape::List(&List::new(Shape::one_of(&["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"]), 0, ANY))),
    Member::new("SigningAlgorithms", Shape::List(&List::new(Shape::one_of(&["RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512", "RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512", "ECDSA_SHA_256", "ECDSA_SHA_384", "ECDSA_SHA_512", "SM2DSA", "ML_DSA_SHAKE_256", "ED25519_SHA_512", "ED25519_PH_SHA_512"]), 0, ANY))),
    Member::new("KeyAgreementAlgorithms", Shape::List(&List::new(Shape::one_of(&["ECDH"]), 0, ANY))),
];

message! {
    /// `GrantConstraints`.
    pub(crate) struct GrantConstraints = GRANT_CONSTRAINTS;
    0 encryption_context_subset: Pairs<'a>;
    1 encryption_context_equals: Pairs<'a>;
}

const GRANT_CONSTRAINTS: &[Member] = &[
    Member::new("EncryptionContextSubset", Shape::Map(&Map { name: Text::FREE, value: Shape::text(0, ANY), min: 0, max: ANY })),
    Member::new("EncryptionContextEquals", Shape::Map(&Map { name: Text::FREE, value: Shape::text(0, ANY), min: 0, max: ANY })),
];

message! {
    /// `GrantListEntry`.
    pub(crate) struct GrantListEntry = GRANT_LIST_ENTRY;
    0 key_id: Cow<'a, str>;
    1 grant_id: Cow<'a, str>;
    2 name: Cow<'a, str>;
    3 creation_date: Time;
    4 grantee_principal: Cow<'a, str>;
    5 retiring_principal: Cow<'a, str>;
    6 issuing_account: Cow<'a, str>;
    7 operations: Vec<Cow<'a, str>>;
    8 constraints: GrantConstraints<'a>;
}

const GRANT_LIST_ENTRY: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("GrantId", Shape::text(1, 128)).required(),
    Member::new("Name", Shape::text(0, 256)).required(),
    Member::new("CreationDate", Shape::Time).required(),
    Member::new("GranteePrincipal", Shape::like(1, 256, &pattern::PRINCIPAL)).required(),
    Member::new("RetiringPrincipal", Shape::like(1, 256, &pattern::PRINCIPAL)),
    Member::new("IssuingAccount", Shape::like(1, 256, &pattern::PRINCIPAL)).required(),
    Member::new("Operations", Shape::List(&List::new(Shape::one_of(&["Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo", "Sign", "Verify", "GetPublicKey", "CreateGrant", "RetireGrant", "DescribeKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "GenerateMac", "VerifyMac", "DeriveSharedSecret"]), 0, ANY))).required(),
    Member::new("Constraints", Shape::Structure(GRANT_CONSTRAINTS)),
];

message! {
    /// `ImportKeyMaterialRequest`.
    pub(crate) struct ImportKeyMaterialRequest = IMPORT_KEY_MATERIAL_REQUEST;
    0 key_id: Cow<'a, str>;
    1 import_token: Blob<'a>;
    2 encrypted_key_material: Blob<'a>;
    3 valid_to: Time;
    4 expiration_model: Cow<'a, str>;
    5 import_type: Cow<'a, str>;
    6 key_material_description: Cow<'a, str>;
    7 key_material_id: Cow<'a, str>;
}

const IMPORT_KEY_MATERIAL_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("ImportToken", Shape::Blob(1, 6144)).required().sensitive(),
    Member::new("EncryptedKeyMaterial", Shape::Blob(1, 6144)).required().sensitive(),
    Member::new("ValidTo", Shape::Time),
    Member::new("ExpirationModel", Shape::one_of(&["KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE"])).defaults_to(DefaultValue::Text("KEY_MATERIAL_EXPIRES")),
    Member::new("ImportType", Shape::one_of(&["NEW_KEY_MATERIAL", "EXISTING_KEY_MATERIAL"])),
    Member::new("KeyMaterialDescription", Shape::like(0, 256, &pattern::MATERIAL_DESCRIPTION)),
    Member::new("KeyMaterialId", Shape::like(64, 64, &pattern::HEX)),
];

message! {
    /// `ImportKeyMaterialResponse`.
    pub(crate) struct ImportKeyMaterialResponse = IMPORT_KEY_MATERIAL_RESPONSE;
    0 key_id: Cow<'a, str>;
    1 key_material_id: Cow<'a, str>;
}

const IMPORT_KEY_MATERIAL_RESPONSE: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("KeyMaterialId", Shape::like(64, 64, &pattern::HEX)),
];

message! {
    /// `KeyListEntry`.
    pub(crate) struct KeyListEntry = KEY_LIST_ENTRY;
    0 key_id: Cow<'a, str>;
    1 key_arn: Cow<'a, str>;
}

const KEY_LIST_ENTRY: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("KeyArn", Shape::text(20, 2048)).required(),
];

message! {
    /// `KeyMetadata`.
    pub(crate) struct KeyMetadata = KEY_METADATA;
    0 aws_account_id: Cow<'a, str>;
    1 key_id: Cow<'a, str>;
    2 arn: Cow<'a, str>;
    3 creation_date: Time;
    4 enabled: bool;
    5 description: Cow<'a, str>;
    6 key_usage: Cow<'a, str>;
    7 key_state: Cow<'a, str>;
    8 deletion_date: Time;
    9 valid_to: Time;
    10 origin: Cow<'a, str>;
    13 expiration_model: Cow<'a, str>;
    14 key_manager: Cow<'a, str>;
    15 customer_master_key_spec: Cow<'a, str>;
    16 key_spec: Cow<'a, str>;
    17 encryption_algorithms: Vec<Cow<'a, str>>;
    18 signing_algorithms: Vec<Cow<'a, str>>;
    19 key_agreement_algorithms: Vec<Cow<'a, str>>;
    20 multi_region: bool;
    23 mac_algorithms: Vec<Cow<'a, str>>;
    25 current_key_material_id: Cow<'a, str>;
}

const KEY_METADATA: &[Member] = &[
    Member::new("AWSAccountId", Shape::text(0, ANY)).required(),
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("Arn", Shape::text(20, 2048)).required(),
    Member::new("CreationDate", Shape::Time).required(),
    Member::new("Enabled", Shape::Flag).required(),
    Member::new("Description", Shape::text(0, 8192)).required(),
    Member::new("KeyUsage", Shape::one_of(&["SIGN_VERIFY", "ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"])).required(),
    Member::new("KeyState", Shape::one_of(&["Enabled", "Disabled", "PendingDeletion", "PendingImport"])).required(),
    Member::new("DeletionDate", Shape::Time),
    Member::new("ValidTo", Shape::Time),
    Member::new("Origin", Shape::one_of(&["AWS_KMS", "EXTERNAL"])).required(),
    Member::new("CustomKeyStoreId", Shape::text(0, ANY)).unbuilt("there are no custom key stores"),
    Member::new("CloudHsmClusterId", Shape::text(0, ANY)).unbuilt("there is no HSM cluster"),
    Member::new("ExpirationModel", Shape::one_of(&["KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE"])),
    Member::new("KeyManager", Shape::one_of(&["AWS", "CUSTOMER"])).required(),
    Member::new("CustomerMasterKeySpec", Shape::one_of(&["SYMMETRIC_DEFAULT", "HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512", "RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519"])).required(),
    Member::new("KeySpec", Shape::one_of(&["SYMMETRIC_DEFAULT", "HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512", "RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519"])).required(),
    Member::new("EncryptionAlgorithms", Shape::List(&List::new(Shape::one_of(&["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"]), 0, ANY))),
    Member::new("SigningAlgorithms", Shape::List(&List::new(Shape::one_of(&["RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512", "RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512", "ECDSA_SHA_256", "ECDSA_SHA_384", "ECDSA_SHA_512", "SM2DSA", "ML_DSA_SHAKE_256", "ED25519_SHA_512", "ED25519_PH_SHA_512"]), 0, ANY))),
    Member::new("KeyAgreementAlgorithms", Shape::List(&List::new(Shape::one_of(&["ECDH"]), 0, ANY))),
    Member::new("MultiRegion", Shape::Flag).required(),
    Member::new("MultiRegionConfiguration", Shape::text(0, ANY)).unbuilt("multi-Region keys are not built yet"),
    Member::new("PendingDeletionWindowInDays", Shape::text(0, ANY)).unbuilt("multi-Region keys are not built yet"),
    Member::new("MacAlgorithms", Shape::List(&List::new(Shape::one_of(&["HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512"]), 0, ANY))),
    Member::new("XksKeyConfiguration", Shape::text(0, ANY)).unbuilt("there are no external key stores"),
    Member::new("CurrentKeyMaterialId", Shape::like(64, 64, &pattern::HEX)),
];

message! {
    /// `ListAliasesRequest`.
    pub(crate) struct ListAliasesRequest = LIST_ALIASES_REQUEST;
    0 key_id: Cow<'a, str>;
    1 limit: i64;
    2 marker: Cow<'a, str>;
}

const LIST_ALIASES_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)),
    Member::new("Limit", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(50)),
    Member::new("Marker", Shape::like(1, 1024, &pattern::MARKER)),
];

message! {
    /// `ListAliasesResponse`.
    pub(crate) struct ListAliasesResponse = LIST_ALIASES_RESPONSE;
    0 aliases: Vec<AliasListEntry<'a>>;
    1 next_marker: Cow<'a, str>;
    2 truncated: bool;
}

const LIST_ALIASES_RESPONSE: &[Member] = &[
    Member::new("Aliases", Shape::List(&List::new(Shape::Structure(ALIAS_LIST_ENTRY), 0, ANY))).required(),
    Member::new("NextMarker", Shape::like(1, 1024, &pattern::MARKER)),
    Member::new("Truncated", Shape::Flag).required(),
];

message! {
    /// `ListGrantsRequest`.
    pub(crate) struct ListGrantsRequest = LIST_GRANTS_REQUEST;
    0 limit: i64;
    1 marker: Cow<'a, str>;
    2 key_id: Cow<'a, str>;
    3 grant_id: Cow<'a, str>;
    4 grantee_principal: Cow<'a, str>;
}

const LIST_GRANTS_REQUEST: &[Member] = &[
    Member::new("Limit", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(50)),
    Member::new("Marker", Shape::like(1, 1024, &pattern::MARKER)),
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("GrantId", Shape::text(1, 128)),
    Member::new("GranteePrincipal", Shape::like(1, 256, &pattern::PRINCIPAL)),
];

message! {
    /// `ListGrantsResponse`.
    pub(crate) struct ListGrantsResponse = LIST_GRANTS_RESPONSE;
    0 grants: Vec<GrantListEntry<'a>>;
    1 next_marker: Cow<'a, str>;
    2 truncated: bool;
}

const LIST_GRANTS_RESPONSE: &[Member] = &[
    Member::new("Grants", Shape::List(&List::new(Shape::Structure(GRANT_LIST_ENTRY), 0, ANY))).required(),
    Member::new("NextMarker", Shape::like(1, 1024, &pattern::MARKER)),
    Member::new("Truncated", Shape::Flag).required(),
];

message! {
    /// `ListKeyPoliciesRequest`.
    pub(crate) struct ListKeyPoliciesRequest = LIST_KEY_POLICIES_REQUEST;
    0 key_id: Cow<'a, str>;
    1 limit: i64;
    2 marker: Cow<'a, str>;
}

const LIST_KEY_POLICIES_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("Limit", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
    Member::new("Marker", Shape::like(1, 1024, &pattern::MARKER)).refused("a key has one policy"),
];

message! {
    /// `ListKeyPoliciesResponse`.
    pub(crate) struct ListKeyPoliciesResponse = LIST_KEY_POLICIES_RESPONSE;
    0 policy_names: Vec<Cow<'a, str>>;
    2 truncated: bool;
}

const LIST_KEY_POLICIES_RESPONSE: &[Member] = &[
    Member::new("PolicyNames", Shape::List(&List::new(Shape::like(1, 128, &pattern::WORD), 0, ANY))).required(),
    Member::new("NextMarker", Shape::text(0, ANY)).unbuilt("a key has one policy"),
    Member::new("Truncated", Shape::Flag).required(),
];

message! {
    /// `ListKeyRotationsRequest`.
    pub(crate) struct ListKeyRotationsRequest = LIST_KEY_ROTATIONS_REQUEST;
    0 key_id: Cow<'a, str>;
    1 include_key_material: Cow<'a, str>;
    2 limit: i64;
    3 marker: Cow<'a, str>;
}

const LIST_KEY_ROTATIONS_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("IncludeKeyMaterial", Shape::one_of(&["ALL_KEY_MATERIAL", "ROTATIONS_ONLY"])).defaults_to(DefaultValue::Text("ROTATIONS_ONLY")),
    Member::new("Limit", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
    Member::new("Marker", Shape::like(1, 1024, &pattern::MARKER)),
];

message! {
    /// `ListKeyRotationsResponse`.
    pub(crate) struct ListKeyRotationsResponse = LIST_KEY_ROTATIONS_RESPONSE;
    0 rotations: Vec<RotationsListEntry<'a>>;
    1 next_marker: Cow<'a, str>;
    2 truncated: bool;
}

const LIST_KEY_ROTATIONS_RESPONSE: &[Member] = &[
    Member::new("Rotations", Shape::List(&List::new(Shape::Structure(ROTATIONS_LIST_ENTRY), 0, ANY))).required(),
    Member::new("NextMarker", Shape::like(1, 1024, &pattern::MARKER)),
    Member::new("Truncated", Shape::Flag).required(),
];

message! {
    /// `ListKeysRequest`.
    pub(crate) struct ListKeysRequest = LIST_KEYS_REQUEST;
    0 limit: i64;
    1 marker: Cow<'a, str>;
}

const LIST_KEYS_REQUEST: &[Member] = &[
    Member::new("Limit", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
    Member::new("Marker", Shape::like(1, 1024, &pattern::MARKER)),
];

message! {
    /// `ListKeysResponse`.
    pub(crate) struct ListKeysResponse = LIST_KEYS_RESPONSE;
    0 keys: Vec<KeyListEntry<'a>>;
    1 next_marker: Cow<'a, str>;
    2 truncated: bool;
}

const LIST_KEYS_RESPONSE: &[Member] = &[
    Member::new("Keys", Shape::List(&List::new(Shape::Structure(KEY_LIST_ENTRY), 0, ANY))).required(),
    Member::new("NextMarker", Shape::like(1, 1024, &pattern::MARKER)),
    Member::new("Truncated", Shape::Flag).required(),
];

message! {
    /// `ListResourceTagsRequest`.
    pub(crate) struct ListResourceTagsRequest = LIST_RESOURCE_TAGS_REQUEST;
    0 key_id: Cow<'a, str>;
    1 limit: i64;
    2 marker: Cow<'a, str>;
}

const LIST_RESOURCE_TAGS_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("Limit", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(50)),
    Member::new("Marker", Shape::like(1, 1024, &pattern::MARKER)),
];

message! {
    /// `ListResourceTagsResponse`.
    pub(crate) struct ListResourceTagsResponse = LIST_RESOURCE_TAGS_RESPONSE;
    0 tags: Vec<Tag<'a>>;
    1 next_marker: Cow<'a, str>;
    2 truncated: bool;
}

const LIST_RESOURCE_TAGS_RESPONSE: &[Member] = &[
    Member::new("Tags", Shape::List(&List::new(Shape::Structure(TAG), 0, ANY))).required(),
    Member::new("NextMarker", Shape::like(1, 1024, &pattern::MARKER)),
    Member::new("Truncated", Shape::Flag).required(),
];

message! {
    /// `ListRetirableGrantsRequest`.
    pub(crate) struct ListRetirableGrantsRequest = LIST_RETIRABLE_GRANTS_REQUEST;
    0 limit: i64;
    1 marker: Cow<'a, str>;
    2 retiring_principal: Cow<'a, str>;
}

const LIST_RETIRABLE_GRANTS_REQUEST: &[Member] = &[
    Member::new("Limit", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(50)),
    Member::new("Marker", Shape::like(1, 1024, &pattern::MARKER)),
    Member::new("RetiringPrincipal", Shape::like(1, 256, &pattern::PRINCIPAL)).required(),
];

message! {
    /// `ListRetirableGrantsResponse`.
    pub(crate) struct ListRetirableGrantsResponse = LIST_RETIRABLE_GRANTS_RESPONSE;
    0 grants: Vec<GrantListEntry<'a>>;
    1 next_marker: Cow<'a, str>;
    2 truncated: bool;
}

const LIST_RETIRABLE_GRANTS_RESPONSE: &[Member] = &[
    Member::new("Grants", Shape::List(&List::new(Shape::Structure(GRANT_LIST_ENTRY), 0, ANY))).required(),
    Member::new("NextMarker", Shape::like(1, 1024, &pattern::MARKER)),
    Member::new("Truncated", Shape::Flag).required(),
];

message! {
    /// `PutKeyPolicyRequest`.
    pub(crate) struct PutKeyPolicyRequest = PUT_KEY_POLICY_REQUEST;
    0 key_id: Cow<'a, str>;
    1 policy_name: Cow<'a, str>;
    2 policy: Cow<'a, str>;
    3 bypass_policy_lockout_safety_check: bool;
}

const PUT_KEY_POLICY_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("PolicyName", Shape::like(1, 128, &pattern::WORD)).defaults_to(DefaultValue::Text("default")),
    Member::new("Policy", Shape::like(1, 131072, &pattern::LATIN)).required(),
    Member::new("BypassPolicyLockoutSafetyCheck", Shape::Flag),
];

message! {
    /// `ReEncryptRequest`.
    pub(crate) struct ReEncryptRequest = RE_ENCRYPT_REQUEST;
    0 ciphertext_blob: Blob<'a>;
    1 source_encryption_context: Pairs<'a>;
    2 source_key_id: Cow<'a, str>;
    3 destination_key_id: Cow<'a, str>;
    4 destination_encryption_context: Pairs<'a>;
    5 source_encryption_algorithm: Cow<'a, str>;
    6 destination_encryption_algorithm: Cow<'a, str>;
    7 grant_tokens: Vec<Cow<'a, str>>;
    8 dry_run: bool;
    9 dry_run_modifiers: Vec<Cow<'a, str>>;
}

const RE_ENCRYPT_REQUEST: &[Member] = &[
    Member::new("CiphertextBlob", Shape::Blob(1, 6144)),
    Member::new("SourceEncryptionContext", Shape::Map(&Map { name: Text::FREE, value: Shape::text(0, ANY), min: 0, max: ANY })),
    Member::new("SourceKeyId", Shape::text(1, 2048)),
    Member::new("DestinationKeyId", Shape::text(1, 2048)).required(),
    Member::new("DestinationEncryptionContext", Shape::Map(&Map { name: Text::FREE, value: Shape::text(0, ANY), min: 0, max: ANY })),
    Member::new("SourceEncryptionAlgorithm", Shape::one_of(&["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"])).defaults_to(DefaultValue::Text("SYMMETRIC_DEFAULT")),
    Member::new("DestinationEncryptionAlgorithm", Shape::one_of(&["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"])).defaults_to(DefaultValue::Text("SYMMETRIC_DEFAULT")),
    Member::new("GrantTokens", Shape::List(&List::new(Shape::text(1, 8192), 0, 10))).sensitive(),
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("DryRunModifiers", Shape::List(&List::new(Shape::one_of(&["IGNORE_CIPHERTEXT"]), 0, ANY))),
];

message! {
    /// `ReEncryptResponse`.
    pub(crate) struct ReEncryptResponse = RE_ENCRYPT_RESPONSE;
    0 ciphertext_blob: Blob<'a>;
    1 source_key_id: Cow<'a, str>;
    2 key_id: Cow<'a, str>;
    3 source_encryption_algorithm: Cow<'a, str>;
    4 destination_encryption_algorithm: Cow<'a, str>;
    5 source_key_material_id: Cow<'a, str>;
    6 destination_key_material_id: Cow<'a, str>;
}

const RE_ENCRYPT_RESPONSE: &[Member] = &[
    Member::new("CiphertextBlob", Shape::Blob(1, 6144)).required(),
    Member::new("SourceKeyId", Shape::text(1, 2048)).required(),
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("SourceEncryptionAlgorithm", Shape::one_of(&["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])).required(),
    Member::new("DestinationEncryptionAlgorithm", Shape::one_of(&["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])).required(),
    Member::new("SourceKeyMaterialId", Shape::like(64, 64, &pattern::HEX)),
    Member::new("DestinationKeyMaterialId", Shape::like(64, 64, &pattern::HEX)),
];

message! {
    /// `RetireGrantRequest`.
    pub(crate) struct RetireGrantRequest = RETIRE_GRANT_REQUEST;
    0 grant_token: Cow<'a, str>;
    1 key_id: Cow<'a, str>;
    2 grant_id: Cow<'a, str>;
    3 dry_run: bool;
}

const RETIRE_GRANT_REQUEST: &[Member] = &[
    Member::new("GrantToken", Shape::text(1, 8192)).sensitive(),
    Member::new("KeyId", Shape::text(1, 2048)),
    Member::new("GrantId", Shape::text(1, 128)),
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
];

message! {
    /// `RevokeGrantRequest`.
    pub(crate) struct RevokeGrantRequest = REVOKE_GRANT_REQUEST;
    0 key_id: Cow<'a, str>;
    1 grant_id: Cow<'a, str>;
    2 dry_run: bool;
}

const REVOKE_GRANT_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("GrantId", Shape::text(1, 128)).required(),
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
];

message! {
    /// `RotateKeyOnDemandRequest`.
    pub(crate) struct RotateKeyOnDemandRequest = ROTATE_KEY_ON_DEMAND_REQUEST;
    0 key_id: Cow<'a, str>;
}

const ROTATE_KEY_ON_DEMAND_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
];

message! {
    /// `RotateKeyOnDemandResponse`.
    pub(crate) struct RotateKeyOnDemandResponse = ROTATE_KEY_ON_DEMAND_RESPONSE;
    0 key_id: Cow<'a, str>;
}

const ROTATE_KEY_ON_DEMAND_RESPONSE: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
];

message! {
    /// `RotationsListEntry`.
    pub(crate) struct RotationsListEntry = ROTATIONS_LIST_ENTRY;
    0 key_id: Cow<'a, str>;
    1 key_material_id: Cow<'a, str>;
    2 key_material_description: Cow<'a, str>;
    3 import_state: Cow<'a, str>;
    4 key_material_state: Cow<'a, str>;
    5 expiration_model: Cow<'a, str>;
    6 valid_to: Time;
    7 rotation_date: Time;
    8 rotation_type: Cow<'a, str>;
}

const ROTATIONS_LIST_ENTRY: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("KeyMaterialId", Shape::like(64, 64, &pattern::HEX)).required(),
    Member::new("KeyMaterialDescription", Shape::like(0, 256, &pattern::MATERIAL_DESCRIPTION)),
    Member::new("ImportState", Shape::one_of(&["IMPORTED", "PENDING_IMPORT"])),
    Member::new("KeyMaterialState", Shape::one_of(&["NON_CURRENT", "CURRENT", "PENDING_ROTATION"])).required(),
    Member::new("ExpirationModel", Shape::one_of(&["KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE"])),
    Member::new("ValidTo", Shape::Time),
    Member::new("RotationDate", Shape::Time),
    Member::new("RotationType", Shape::one_of(&["AUTOMATIC", "ON_DEMAND"])),
];

message! {
    /// `ScheduleKeyDeletionRequest`.
    pub(crate) struct ScheduleKeyDeletionRequest = SCHEDULE_KEY_DELETION_REQUEST;
    0 key_id: Cow<'a, str>;
    1 pending_window_in_days: i64;
}

const SCHEDULE_KEY_DELETION_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("PendingWindowInDays", Shape::Integer(1, 365)).defaults_to(DefaultValue::Integer(30)),
];

message! {
    /// `ScheduleKeyDeletionResponse`.
    pub(crate) struct ScheduleKeyDeletionResponse = SCHEDULE_KEY_DELETION_RESPONSE;
    0 key_id: Cow<'a, str>;
    1 deletion_date: Time;
    2 key_state: Cow<'a, str>;
    3 pending_window_in_days: i64;
}

const SCHEDULE_KEY_DELETION_RESPONSE: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("DeletionDate", Shape::Time).required(),
    Member::new("KeyState", Shape::one_of(&["Enabled", "Disabled", "PendingDeletion", "PendingImport"])).required(),
    Member::new("PendingWindowInDays", Shape::Integer(1, 365)).required(),
];

message! {
    /// `SignRequest`.
    pub(crate) struct SignRequest = SIGN_REQUEST;
    0 key_id: Cow<'a, str>;
    1 message: Blob<'a>;
    2 message_type: Cow<'a, str>;
    3 grant_tokens: Vec<Cow<'a, str>>;
    4 signing_algorithm: Cow<'a, str>;
    5 dry_run: bool;
}

const SIGN_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("Message", Shape::Blob(1, 4096)).required().sensitive(),
    Member::new("MessageType", Shape::one_of(&["RAW", "DIGEST", "EXTERNAL_MU"])).defaults_to(DefaultValue::Text("RAW")),
    Member::new("GrantTokens", Shape::List(&List::new(Shape::text(1, 8192), 0, 10))).sensitive(),
    Member::new("SigningAlgorithm", Shape::one_of(&["RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512", "RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512", "ECDSA_SHA_256", "ECDSA_SHA_384", "ECDSA_SHA_512", "SM2DSA", "ML_DSA_SHAKE_256", "ED25519_SHA_512", "ED25519_PH_SHA_512"])).required(),
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
];

message! {
    /// `SignResponse`.
    pub(crate) struct SignResponse = SIGN_RESPONSE;
    0 key_id: Cow<'a, str>;
    1 signature: Blob<'a>;
    2 signing_algorithm: Cow<'a, str>;
}

const SIGN_RESPONSE: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("Signature", Shape::Blob(1, 6144)).required(),
    Member::new("SigningAlgorithm", Shape::one_of(&["RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512", "RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512", "ECDSA_SHA_256", "ECDSA_SHA_384", "ECDSA_SHA_512", "ED25519_SHA_512"])).required(),
];

message! {
    /// `Tag`.
    pub(crate) struct Tag = TAG;
    0 tag_key: Cow<'a, str>;
    1 tag_value: Cow<'a, str>;
}

const TAG: &[Member] = &[
    Member::new("TagKey", Shape::text(1, 128)).required(),
    Member::new("TagValue", Shape::text(0, 256)).required(),
];

message! {
    /// `TagResourceRequest`.
    pub(crate) struct TagResourceRequest = TAG_RESOURCE_REQUEST;
    0 key_id: Cow<'a, str>;
    1 tags: Vec<Tag<'a>>;
}

const TAG_RESOURCE_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("Tags", Shape::List(&List::new(Shape::Structure(TAG), 0, ANY))).required(),
];

message! {
    /// `UntagResourceRequest`.
    pub(crate) struct UntagResourceRequest = UNTAG_RESOURCE_REQUEST;
    0 key_id: Cow<'a, str>;
    1 tag_keys: Vec<Cow<'a, str>>;
}

const UNTAG_RESOURCE_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("TagKeys", Shape::List(&List::new(Shape::text(1, 128), 0, ANY))).required(),
];

message! {
    /// `UpdateAliasRequest`.
    pub(crate) struct UpdateAliasRequest = UPDATE_ALIAS_REQUEST;
    0 alias_name: Cow<'a, str>;
    1 target_key_id: Cow<'a, str>;
}

const UPDATE_ALIAS_REQUEST: &[Member] = &[
    Member::new("AliasName", Shape::like(1, 256, &pattern::ALIAS)).required(),
    Member::new("TargetKeyId", Shape::text(1, 2048)).required(),
];

message! {
    /// `UpdateKeyDescriptionRequest`.
    pub(crate) struct UpdateKeyDescriptionRequest = UPDATE_KEY_DESCRIPTION_REQUEST;
    0 key_id: Cow<'a, str>;
    1 description: Cow<'a, str>;
}

const UPDATE_KEY_DESCRIPTION_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("Description", Shape::text(0, 8192)).required(),
];

message! {
    /// `VerifyMacRequest`.
    pub(crate) struct VerifyMacRequest = VERIFY_MAC_REQUEST;
    0 message: Blob<'a>;
    1 key_id: Cow<'a, str>;
    2 mac_algorithm: Cow<'a, str>;
    3 mac: Blob<'a>;
    4 grant_tokens: Vec<Cow<'a, str>>;
    5 dry_run: bool;
}

const VERIFY_MAC_REQUEST: &[Member] = &[
    Member::new("Message", Shape::Blob(1, 4096)).required().sensitive(),
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("MacAlgorithm", Shape::listed(&["HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512"], "HMAC_SHA_384, HMAC_SHA_256, HMAC_SHA_224, HMAC_SHA_512")).required(),
    Member::new("Mac", Shape::Blob(1, 6144)).required().sensitive(),
    Member::new("GrantTokens", Shape::List(&List::new(Shape::text(1, 8192), 0, 10))).sensitive(),
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
];

message! {
    /// `VerifyMacResponse`.
    pub(crate) struct VerifyMacResponse = VERIFY_MAC_RESPONSE;
    0 key_id: Cow<'a, str>;
    1 mac_valid: bool;
    2 mac_algorithm: Cow<'a, str>;
}

const VERIFY_MAC_RESPONSE: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("MacValid", Shape::Flag).required(),
    Member::new("MacAlgorithm", Shape::one_of(&["HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512"])).required(),
];

message! {
    /// `VerifyRequest`.
    pub(crate) struct VerifyRequest = VERIFY_REQUEST;
    0 key_id: Cow<'a, str>;
    1 message: Blob<'a>;
    2 message_type: Cow<'a, str>;
    3 signature: Blob<'a>;
    4 signing_algorithm: Cow<'a, str>;
    5 grant_tokens: Vec<Cow<'a, str>>;
    6 dry_run: bool;
}

const VERIFY_REQUEST: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("Message", Shape::Blob(1, 4096)).required().sensitive(),
    Member::new("MessageType", Shape::one_of(&["RAW", "DIGEST", "EXTERNAL_MU"])).defaults_to(DefaultValue::Text("RAW")),
    Member::new("Signature", Shape::Blob(1, 6144)).required(),
    Member::new("SigningAlgorithm", Shape::one_of(&["RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512", "RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512", "ECDSA_SHA_256", "ECDSA_SHA_384", "ECDSA_SHA_512", "SM2DSA", "ML_DSA_SHAKE_256", "ED25519_SHA_512", "ED25519_PH_SHA_512"])).required(),
    Member::new("GrantTokens", Shape::List(&List::new(Shape::text(1, 8192), 0, 10))).sensitive(),
    Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
];

message! {
    /// `VerifyResponse`.
    pub(crate) struct VerifyResponse = VERIFY_RESPONSE;
    0 key_id: Cow<'a, str>;
    1 signature_valid: bool;
    2 signing_algorithm: Cow<'a, str>;
}

const VERIFY_RESPONSE: &[Member] = &[
    Member::new("KeyId", Shape::text(1, 2048)).required(),
    Member::new("SignatureValid", Shape::Flag).required(),
    Member::new("SigningAlgorithm", Shape::one_of(&["RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512", "RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512", "ECDSA_SHA_256", "ECDSA_SHA_384", "ECDSA_SHA_512", "ED25519_SHA_512"])).required(),
];
