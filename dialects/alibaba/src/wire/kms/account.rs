//! The account and the service: DescribeAccountKmsStatus, OpenKmsService and DescribeRegions.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::Result;
use polykms_core::key;

use crate::wire::{done, listed, object, tree};

pub(crate) struct DescribeAccountKmsStatus;

impl Former for DescribeAccountKmsStatus {
    type Op = key::DescribeAccount;

    fn decode(_: &Payload) -> Result<key::DescribeAccount> {
        Ok(key::DescribeAccount)
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(tree([("AccountStatus", "Enabled".into())]))
    }
}

pub(crate) struct OpenKmsService;

impl Former for OpenKmsService {
    type Op = key::OpenAccount;

    fn decode(_: &Payload) -> Result<key::OpenAccount> {
        Ok(key::OpenAccount)
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

/// The regions of the vendor that have the service.
const REGIONS: [&str; 30] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-southeast-1",
    "ap-southeast-3",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "cn-beijing",
    "cn-beijing-finance-1",
    "cn-chengdu",
    "cn-fuzhou",
    "cn-guangzhou",
    "cn-hangzhou",
    "cn-hangzhou-finance",
    "cn-heyuan",
    "cn-hongkong",
    "cn-huhehaote",
    "cn-nanjing",
    "cn-qingdao",
    "cn-shanghai",
    "cn-shanghai-finance-1",
    "cn-shenzhen",
    "cn-shenzhen-finance-1",
    "cn-wuhan-lr",
    "cn-wulanchabu",
    "cn-zhangjiakou",
    "eu-central-1",
    "eu-west-1",
    "us-east-1",
    "us-west-1",
];

pub(crate) struct DescribeRegions;

impl Former for DescribeRegions {
    type Op = key::ListRegions;

    fn decode(_: &Payload) -> Result<key::ListRegions> {
        Ok(key::ListRegions)
    }

    /// The regions of the vendor, and the one that was asked, whatever its name.
    fn encode(here: String) -> Result<Payload> {
        let mut regions = REGIONS.to_vec();
        if !regions.contains(&here.as_str()) {
            regions.push(&here);
        }
        let told = regions.into_iter().map(|region| object([("RegionId", region.into())]));
        Ok(tree([("Regions", listed("Region", told))]))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::tests::shown;

    #[test]
    fn the_region_asked_is_among_the_regions_once() {
        let count = |here: &str| {
            let told = shown(DescribeRegions::encode(here.to_owned()));
            let regions = told["Regions"]["Region"].as_array().unwrap().clone();
            (regions.len(), regions.iter().filter(|region| region["RegionId"] == here).count())
        };
        assert_eq!(count("cn-hangzhou"), (30, 1));
        assert_eq!(count("local-1"), (31, 1));
    }
}
