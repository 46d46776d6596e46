//! How Alibaba Cloud is known to those who run a server and point clients at it.
//!
//! Follows the default credential chain of the Alibaba Cloud SDKs, and the variables of Terraform's provider.

use polykms_core::dialect::front::{AccountForm, Front, Holds};

use crate::{resource, sign};

pub(crate) static FRONT: Front = Front {
    title: "Alibaba Cloud",
    request_id: "x-acs-request-id",
    account: AccountForm::digits(16),
    default_account: "1000000000000000",
    secret: "access_key_secret",
    known_key: ("test", "test"),
    administrator: "polykms-admin",
    region: resource::is_name,
    access_key_id: sign::is_access_key_id,
    domains: &["aliyuncs.com"],
    clients: "Alibaba Cloud SDKs and aliyun",
    variables: &[
        ("ALIBABA_CLOUD_ENDPOINT", Holds::Address),
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", Holds::AccessKeyId),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", Holds::Secret),
        ("ALIBABA_CLOUD_REGION_ID", Holds::Region),
    ],
    other_variables: &[
        ("ALICLOUD_ACCESS_KEY", Holds::AccessKeyId),
        ("ALICLOUD_SECRET_KEY", Holds::Secret),
        ("ALICLOUD_REGION", Holds::Region),
        ("KMS_ENDPOINT", Holds::Address),
        ("RAM_ENDPOINT", Holds::Address),
        ("STS_ENDPOINT", Holds::Address),
        // What is configured in a file would come first.
        ("ALIBABACLOUD_IGNORE_PROFILE", Holds::Text("TRUE")),
        ("ALIBABA_CLOUD_IGNORE_PROFILE", Holds::Text("TRUE")),
        ("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", Holds::Text("true")),
        ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", Holds::Text("true")),
    ],
    trust: &[],
    overriding: &[
        "ALIBABA_CLOUD_CONFIG_FILE",
        "ALIBABA_CLOUD_CREDENTIALS_FILE",
        "ALIBABA_CLOUD_CREDENTIALS_URI",
        "ALIBABA_CLOUD_ECS_METADATA",
        "ALIBABA_CLOUD_ENDPOINT_*",
        "ALIBABA_CLOUD_OIDC_*",
        "ALIBABA_CLOUD_PROFILE",
        "ALIBABA_CLOUD_ROLE_*",
        "ALIBABA_CLOUD_SECURITY_TOKEN",
        "ALIBABA_CLOUD_STS_REGION",
        "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED",
        // Older names that the command line and Terraform's provider still read.
        "ACCESS_KEY_ID",
        "ACCESS_KEY_SECRET",
        "ALIBABACLOUD_ACCESS_KEY_ID",
        "ALIBABACLOUD_ACCESS_KEY_SECRET",
        "ALIBABACLOUD_PROFILE",
        "ALIBABACLOUD_REGION_ID",
        "ALIBABACLOUD_SECURITY_TOKEN",
        "ALICLOUD_ACCESS_KEY_ID",
        "ALICLOUD_ACCESS_KEY_SECRET",
        "ALICLOUD_ACCOUNT_ID",
        "ALICLOUD_ASSUME_ROLE_*",
        "ALICLOUD_CREDENTIALS_URI",
        "ALICLOUD_ECS_ROLE_NAME",
        "ALICLOUD_PROFILE",
        "ALICLOUD_REGION_ID",
        "ALICLOUD_SECURITY_TOKEN",
        "ALICLOUD_SHARED_CREDENTIALS_FILE",
        "SECURITY_TOKEN",
    ],
    advice: "the SDKs read no endpoint from variables: give them this one and the protocol http; aliyun takes --endpoint and \
             --insecure",
    example: "aliyun kms ListKeys",
    imports: &[],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendors_own_endpoints_are_known() {
        for host in [
            "kms.cn-hangzhou.aliyuncs.com",
            "kms-vpc.cn-hangzhou.aliyuncs.com",
            "ram.aliyuncs.com",
            "sts.aliyuncs.com",
            "kst-hzz12.cryptoservice.kms.aliyuncs.com",
        ] {
            assert!(crate::DIALECT.is_endpoint(host), "{host}");
        }
        for host in ["aliyuncs.com", "oss.aliyuncs.com", "kms.aliyuncs.com.evil"] {
            assert!(!crate::DIALECT.is_endpoint(host), "{host}");
        }
    }

    #[test]
    fn the_default_account_has_the_form_of_one() {
        assert!(FRONT.account.admits(FRONT.default_account));
    }
}
