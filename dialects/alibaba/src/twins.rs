//! The words of Alibaba Cloud policies under neutral names, for documents that are put into the words of another cloud.
//!
//! Follows the RAM document "Policy elements" and the KMS documents "Use RAM to control access to resources" and "Overview
//! of key policies".

use polykms_core::policy::DocumentKind;
use polykms_core::policy::translate::{KeyTwin, NameTwin, Person, Twins, Values};

const UNSURE: &str = "which requests carry it is not documented";

const fn key(concept: &'static str, key: &'static str, values: Values) -> KeyTwin {
    KeyTwin { concept, key, values, doubt: None }
}

const fn unsure(concept: &'static str, name: &'static str, values: Values) -> KeyTwin {
    KeyTwin { doubt: Some(UNSURE), ..key(concept, name, values) }
}

const fn thing(concept: &'static str, beginning: &'static str) -> NameTwin {
    NameTwin { concept, service: "kms", beginning, global: None, chosen: false, added: 0 }
}

const fn identity(concept: &'static str, beginning: &'static str) -> NameTwin {
    NameTwin { service: "ram", global: Some("*"), ..thing(concept, beginning) }
}

/// The words of Alibaba Cloud.
pub(crate) static TWINS: Twins = Twins {
    partition: None,
    version: "1",
    unbuilt: UNBUILT,
    near: &[],
    keys: &[
        key("source-address", "acs:SourceIp", Values::Same),
        key("source-network", "acs:SourceVpc", Values::Network),
        key("address-in-network", "acs:VpcSourceIp", Values::Same),
        key("time", "acs:CurrentTime", Values::Same),
        unsure("encrypted-connection", "acs:SecureTransport", Values::Same),
        unsure("second-factor", "acs:MFAPresent", Values::Same),
        key("resource-tag", "kms:tag/*", Values::Same),
        unsure("caller", "acs:PrincipalARN", Values::Caller),
        key(
            "algorithm",
            "kms:EncryptionAlgorithm",
            Values::Only(&["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"]),
        ),
        key("external-id", "sts:ExternalId", Values::Same),
    ],
    names: &[
        NameTwin { chosen: true, ..thing("key", "key/") },
        thing("alias", "alias/"),
        thing("secret", "secret/"),
        identity("user", "user/"),
        identity("group", "group/"),
        identity("role", "role/"),
        identity("policy", "policy/"),
    ],
    collections: &[thing("keys", "key"), thing("aliases", "alias"), thing("secrets", "secret")],
    people: &[
        Person { concept: "user", before: "acs:ram::", between: ":user/" },
        Person { concept: "role", before: "acs:ram::", between: ":role/" },
        Person { concept: "session", before: "acs:ram::", between: ":assumed-role/" },
    ],
    account_names: [
        Person { concept: "account", before: "acs:ram::", between: ":*" },
        Person { concept: "account", before: "acs:ram::", between: ":root" },
    ],
    opens_at_home: true,
    doubts: &[(DocumentKind::Control, "control policies bind neither owners of accounts nor the management account")],
};

/// Operations of which the catalog has no neutral names: they are not built here.
const UNBUILT: &[(&str, &str)] = &[
    ("GenerateMac/subject", "kms:GenerateMac"),
    ("VerifyMac/subject", "kms:VerifyMac"),
    ("BatchGetSecretValue/account", "kms:BatchGetSecretValue"),
    ("DeleteSecret/subject", "kms:DeleteSecret"),
    ("DescribeSecret/subject", "kms:DescribeSecret"),
    ("GetRandomPassword/account", "kms:GetRandomPassword"),
    ("GetSecretPolicy/subject", "kms:GetSecretPolicy"),
    ("GetSecretValue/subject", "kms:GetSecretValue"),
    ("ListSecretVersions/subject", "kms:ListSecretVersionIds"),
    ("ListSecrets/account", "kms:ListSecrets"),
    ("PutSecretPolicy/subject", "kms:SetSecretPolicy"),
    ("PutSecretValue/subject", "kms:PutSecretValue"),
    ("RestoreSecret/subject", "kms:RestoreSecret"),
    ("RotateSecret/subject", "kms:RotateSecret"),
    ("UpdateSecret/subject", "kms:UpdateSecret"),
    ("UpdateSecretVersionStage/subject", "kms:UpdateSecretVersionStage"),
];
