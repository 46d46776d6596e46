//! The keys that AWS keeps for its services in every account and region, with their policies.
//!
//! Follows the KMS Developer Guide ("AWS managed keys", "Default key policy") and the key policies that the guides of the
//! services show.
//!
//! # Invariants
//! - The keys are in the order of their aliases by bytes.

use polykms_core::key::Predefined;

use crate::resource::partition;

const fn key(alias: &'static str, service: &'static str, protects: &'static str, via: &'static str) -> Predefined {
    Predefined { alias, service, protects, via }
}

/// The keys.
pub(crate) const KEYS: &[Predefined] = &[
    key("alias/aws/acm", "ACM", "ACM private keys", "acm"),
    key("alias/aws/backup", "Backup", "Backup data", "backup"),
    key("alias/aws/codecommit", "CodeCommit", "CodeCommit repositories", "codecommit"),
    key("alias/aws/dynamodb", "DynamoDB", "DynamoDB data", "dynamodb"),
    key("alias/aws/ebs", "EBS", "EBS volumes", "ec2"),
    key("alias/aws/ecr", "ECR", "ECR data", "ecr"),
    key("alias/aws/elasticfilesystem", "EFS", "EFS filesystems", "elasticfilesystem"),
    key("alias/aws/es", "Elasticsearch", "Elasticsearch data", "es"),
    key("alias/aws/fsx", "FSx", "FSx resources", "fsx"),
    key("alias/aws/glue", "Glue", "Glue data", "glue"),
    key("alias/aws/kafka", "Kafka", "MSK data", "kafka"),
    key("alias/aws/kinesis", "Kinesis", "Kinesis streams", "kinesis"),
    key("alias/aws/kinesisvideo", "Kinesis Video Streams", "Kinesis Video Streams data", "kinesisvideo"),
    key("alias/aws/lambda", "Lambda", "Lambda functions", "lambda"),
    key("alias/aws/mq", "Amazon MQ", "Amazon MQ data", "mq"),
    key("alias/aws/rds", "RDS", "RDS database volumes", "rds"),
    key("alias/aws/redshift", "Redshift", "Redshift clusters", "redshift"),
    key("alias/aws/s3", "S3", "S3 objects", "s3"),
    key("alias/aws/secretsmanager", "AWS Secrets Manager", "Secrets Manager data", "secretsmanager"),
    key("alias/aws/sns", "SNS", "SNS data", "sns"),
    key("alias/aws/sqs", "SQS", "SQS messages", "sqs"),
    key("alias/aws/ssm", "SSM", "SSM parameters", "ssm"),
    key("alias/aws/workmail", "WorkMail", "WorkMail data", "workmail"),
    key("alias/aws/workspaces", "WorkSpaces", "WorkSpaces volumes", "workspaces"),
    key("alias/aws/xray", "X-Ray", "X-Ray data", "xray"),
];

/// The description of a key.
pub(crate) fn description(key: &Predefined) -> String {
    format!("Default key that protects my {} when no other key is defined", key.protects)
}

/// The policy of a key: whoever may use the service uses the key through it, and the account only looks.
pub(crate) fn policy(key: &Predefined, account: &str, region: &str) -> String {
    let Predefined { alias, service, via, .. } = key;
    let (name, partition) = (alias.rsplit('/').next().unwrap_or_default(), partition(region));
    format!(
        r#"{{"Version":"2012-10-17","Id":"auto-{name}-2","Statement":[{{"Sid":"Allow access through {service} for all principals in the account that are authorized to use {service}","Effect":"Allow","Principal":{{"AWS":"*"}},"Action":["kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*","kms:CreateGrant","kms:DescribeKey"],"Resource":"*","Condition":{{"StringEquals":{{"kms:CallerAccount":"{account}","kms:ViaService":"{via}.{region}.amazonaws.com"}}}}}},{{"Sid":"Allow direct access to key metadata to the account","Effect":"Allow","Principal":{{"AWS":"arn:{partition}:iam::{account}:root"}},"Action":["kms:Describe*","kms:Get*","kms:List*","kms:RevokeGrant"],"Resource":"*"}}]}}"#
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::policy::DocumentKind;

    use super::*;
    use crate::policy::SPEC;

    #[test]
    fn the_keys_are_in_order_and_their_policies_compile() {
        assert!(KEYS.is_sorted_by(|one, next| one.alias < next.alias));
        for key in KEYS {
            assert!(key.alias.starts_with("alias/aws/"), "{}", key.alias);
            SPEC.compile(DocumentKind::Key, &policy(key, "111122223333", "eu-west-1")).expect(key.alias);
        }
    }

    #[test]
    fn the_policy_is_the_one_that_the_vendor_shows() {
        let key = KEYS.iter().find(|key| key.alias == "alias/aws/ebs").unwrap();
        assert_eq!(description(key), "Default key that protects my EBS volumes when no other key is defined");
        let policy: serde_json::Value = serde_json::from_str(&policy(key, "111122223333", "eu-west-1")).unwrap();
        assert_eq!(policy["Id"], "auto-ebs-2");
        let (through, direct) = (&policy["Statement"][0], &policy["Statement"][1]);
        assert_eq!(
            through["Sid"],
            "Allow access through EBS for all principals in the account that are authorized to use EBS"
        );
        assert_eq!(
            through["Condition"]["StringEquals"],
            serde_json::json!({"kms:CallerAccount": "111122223333", "kms:ViaService": "ec2.eu-west-1.amazonaws.com"})
        );
        assert_eq!(direct["Action"], serde_json::json!(["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"]));
    }
}
