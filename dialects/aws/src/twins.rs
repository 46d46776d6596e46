//! The words of AWS policies under neutral names, for documents that are put into the words of another cloud.
//!
//! Follows the Service Authorization Reference and the IAM User Guide ("AWS global condition context keys").

use polykms_core::policy::translate::{KeyTwin, NameTwin, Near, Person, Twins, Values};

const fn key(concept: &'static str, key: &'static str, values: Values) -> KeyTwin {
    KeyTwin { concept, key, values, doubt: None }
}

const fn thing(concept: &'static str, service: &'static str, beginning: &'static str) -> NameTwin {
    NameTwin { concept, service, beginning, global: None, chosen: false, added: 0 }
}

const fn identity(concept: &'static str, beginning: &'static str) -> NameTwin {
    NameTwin { global: Some(""), ..thing(concept, "iam", beginning) }
}

const fn near(action: &'static str, concept: &'static str, covers: bool) -> Near {
    Near { action, concept, covers }
}

const fn collection(concept: &'static str, service: &'static str) -> NameTwin {
    thing(concept, service, "*")
}

/// The words of AWS.
pub(crate) static TWINS: Twins = Twins {
    partition: Some("aws"),
    version: "2012-10-17",
    unbuilt: UNBUILT,
    near: &[
        near("kms:GetKeyRotationStatus", "DescribeKey/subject", false),
        near("kms:Encrypt", "AsymmetricEncrypt/subject", true),
        near("kms:Decrypt", "AsymmetricDecrypt/subject", true),
    ],
    keys: &[
        key("source-address", "aws:SourceIp", Values::Same),
        key("source-network", "aws:SourceVpc", Values::Network),
        key("address-in-network", "aws:VpcSourceIp", Values::Same),
        key("time", "aws:CurrentTime", Values::Same),
        key("encrypted-connection", "aws:SecureTransport", Values::Same),
        KeyTwin {
            doubt: Some("absent for access keys of long standing, whatever others do"),
            ..key("second-factor", "aws:MultiFactorAuthPresent", Values::Same)
        },
        key("resource-tag", "aws:ResourceTag/*", Values::Same),
        key("caller", "aws:PrincipalArn", Values::Caller),
        key("caller-account", "aws:PrincipalAccount", Values::Account),
        key(
            "algorithm",
            "kms:EncryptionAlgorithm",
            Values::Only(&["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"]),
        ),
        key("external-id", "sts:ExternalId", Values::Same),
    ],
    names: &[
        NameTwin { chosen: true, ..thing("key", "kms", "key/") },
        thing("alias", "kms", "alias/"),
        NameTwin { added: 6, ..thing("secret", "secretsmanager", "secret:") },
        identity("user", "user/"),
        identity("group", "group/"),
        identity("role", "role/"),
        identity("policy", "policy/"),
    ],
    collections: &[collection("keys", "kms"), collection("aliases", "kms"), collection("secrets", "secretsmanager")],
    people: &[
        Person { concept: "user", before: "arn:aws:iam::", between: ":user/" },
        Person { concept: "role", before: "arn:aws:iam::", between: ":role/" },
        Person { concept: "session", before: "arn:aws:sts::", between: ":assumed-role/" },
    ],
    account_names: [
        Person { concept: "account", before: "arn:aws:iam::", between: ":root" },
        Person { concept: "account", before: "arn:aws:iam::", between: ":root" },
    ],
    opens_at_home: false,
    doubts: &[],
};

/// Operations of which the catalog has no neutral names: they are not built here.
const UNBUILT: &[(&str, &str)] = &[
    ("BatchGetSecretValue/account", "secretsmanager:BatchGetSecretValue"),
    ("DeleteSecret/subject", "secretsmanager:DeleteSecret"),
    ("DescribeSecret/subject", "secretsmanager:DescribeSecret"),
    ("GetRandomPassword/account", "secretsmanager:GetRandomPassword"),
    ("GetSecretPolicy/subject", "secretsmanager:GetResourcePolicy"),
    ("GetSecretValue/subject", "secretsmanager:GetSecretValue"),
    ("ListSecretVersions/subject", "secretsmanager:ListSecretVersionIds"),
    ("ListSecrets/account", "secretsmanager:ListSecrets"),
    ("PutSecretPolicy/subject", "secretsmanager:PutResourcePolicy"),
    ("PutSecretValue/subject", "secretsmanager:PutSecretValue"),
    ("RestoreSecret/subject", "secretsmanager:RestoreSecret"),
    ("RotateSecret/subject", "secretsmanager:RotateSecret"),
    ("UpdateSecret/subject", "secretsmanager:UpdateSecret"),
    ("UpdateSecretVersionStage/subject", "secretsmanager:UpdateSecretVersionStage"),
];
