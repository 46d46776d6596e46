//! How AWS is known to those who run a server and point clients at it.
//!
//! Follows "Environment variables" of the AWS SDKs and tools reference guide, which Terraform's provider reads too.

use polykms_core::dialect::front::{AccountForm, Front, Holds};

use crate::sign;

pub(crate) static FRONT: Front = Front {
    title: "AWS",
    request_id: "x-amzn-requestid",
    account: AccountForm::digits(12),
    default_account: "000000000000",
    secret: "secret_access_key",
    known_key: ("test", "test"),
    administrator: "polykms-admin",
    region: sign::is_region,
    access_key_id: sign::is_access_key_id,
    domains: &["amazonaws.com", "amazonaws.com.cn", "amazonaws.eu", "api.aws", "api.amazonwebservices.com.cn"],
    clients: "AWS SDKs and aws",
    variables: &[
        ("AWS_ENDPOINT_URL", Holds::Url),
        ("AWS_ACCESS_KEY_ID", Holds::AccessKeyId),
        ("AWS_SECRET_ACCESS_KEY", Holds::Secret),
        ("AWS_REGION", Holds::Region),
        ("AWS_DEFAULT_REGION", Holds::Region),
    ],
    other_variables: &[
        // The first three stand against a configuration file that says otherwise.
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", Holds::Text("false")),
        ("AWS_USE_DUALSTACK_ENDPOINT", Holds::Text("false")),
        ("AWS_USE_FIPS_ENDPOINT", Holds::Text("false")),
        ("AWS_EC2_METADATA_DISABLED", Holds::Text("true")),
    ],
    trust: &["AWS_CA_BUNDLE"],
    overriding: &[
        "AWS_ACCESS_KEY",
        "AWS_ACCOUNT_ID",
        "AWS_ACCOUNT_ID_ENDPOINT_MODE",
        "AWS_AUTH_SCHEME_PREFERENCE",
        "AWS_BEARER_TOKEN_*",
        "AWS_CONTAINER_*",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_CREDENTIAL_FILE",
        "AWS_DEFAULTS_MODE",
        "AWS_DEFAULT_PROFILE",
        "AWS_EC2_METADATA_SERVICE_*",
        "AWS_ENABLE_ENDPOINT_DISCOVERY",
        "AWS_ENDPOINT_DISCOVERY_ENABLED",
        "AWS_ENDPOINT_URL_*",
        "AWS_METADATA_URL",
        "AWS_PROFILE",
        "AWS_ROLE_ARN",
        "AWS_ROLE_SESSION_NAME",
        "AWS_SECRET_KEY",
        "AWS_SECURITY_TOKEN",
        "AWS_SESSION_TOKEN",
        "AWS_SIGV4A_SIGNING_REGION_SET",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        // What Terraform's provider reads endpoints from, beside those of the SDKs.
        "AWS_DYNAMODB_ENDPOINT",
        "AWS_IAM_ENDPOINT",
        "AWS_S3_ENDPOINT",
        "AWS_STS_ENDPOINT",
        "TF_AWS_*",
    ],
    advice: "aws before 2.13 (1.29) and SDKs of its time do not read AWS_ENDPOINT_URL: give them the endpoint themselves",
    example: "aws kms list-keys",
    imports: crate::import::IMPORTS,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendors_own_endpoints_are_known() {
        for host in [
            "kms.us-east-1.amazonaws.com",
            "KMS-fips.us-gov-west-1.amazonaws.com",
            "iam.amazonaws.com",
            "sts.amazonaws.com",
            "sts.cn-north-1.amazonaws.com.cn",
            "kms.eu-west-1.api.aws",
            "vpce-0a1b.kms.us-east-1.vpce.amazonaws.com",
            "secretsmanager.us-east-1.amazonaws.com",
            "tagging.eu-west-1.amazonaws.com",
        ] {
            assert!(crate::DIALECT.is_endpoint(host), "{host}");
        }
        for host in
            ["amazonaws.com", "kmsamazonaws.com", "s3.amazonaws.com", "kms.evil.example", "kms.amazonaws.com.evil"]
        {
            assert!(!crate::DIALECT.is_endpoint(host), "{host}");
        }
    }

    #[test]
    fn the_default_account_has_the_form_of_one() {
        assert!(FRONT.account.admits(FRONT.default_account));
    }
}
