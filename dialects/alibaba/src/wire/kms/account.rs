//! The account and the service: DescribeAccountKmsStatus, OpenKmsService and DescribeRegions.

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::Result;
use polykms_core::key;

use crate::message::kms::{DescribeAccountKmsStatusResponse, DescribeRegionsResponse, Region, Regions};
use crate::wire::heard;

/// The service is open to every account.
const ENABLED: &str = "Enabled";

/// DescribeAccountKmsStatus.
pub(crate) struct DescribeAccountKmsStatus;

impl Wire for DescribeAccountKmsStatus {
    type Op = key::DescribeAccount;
    type Ask<'a> = Nothing<'a>;
    type Told<'a> = DescribeAccountKmsStatusResponse<'a>;

    fn op(_: Nothing<'_>) -> Result<key::DescribeAccount> {
        Ok(key::DescribeAccount)
    }

    fn told((): &()) -> Result<DescribeAccountKmsStatusResponse<'_>> {
        Ok(DescribeAccountKmsStatusResponse { account_status: Some(ENABLED.into()) })
    }

    fn ask(_: &key::DescribeAccount) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn output(told: DescribeAccountKmsStatusResponse<'_>) -> Result<()> {
        let DescribeAccountKmsStatusResponse { account_status } = told;
        heard::agrees(account_status, ENABLED)
    }
}

/// OpenKmsService.
pub(crate) struct OpenKmsService;

impl Wire for OpenKmsService {
    type Op = key::OpenAccount;
    type Ask<'a> = Nothing<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(_: Nothing<'_>) -> Result<key::OpenAccount> {
        Ok(key::OpenAccount)
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(_: &key::OpenAccount) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// DescribeRegions.
pub(crate) struct DescribeRegions;

impl Wire for DescribeRegions {
    type Op = key::ListRegions;
    type Ask<'a> = Nothing<'a>;
    type Told<'a> = DescribeRegionsResponse<'a>;

    fn op(_: Nothing<'_>) -> Result<key::ListRegions> {
        Ok(key::ListRegions)
    }

    fn told(output: &Vec<String>) -> Result<DescribeRegionsResponse<'_>> {
        let regions = output.iter().map(|region| Region { region_id: Some(region.into()) });
        Ok(DescribeRegionsResponse { regions: Some(Regions { region: Some(regions.collect()) }) })
    }

    fn ask(_: &key::ListRegions) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn output(told: DescribeRegionsResponse<'_>) -> Result<Vec<String>> {
        let DescribeRegionsResponse { regions } = told;
        let Regions { region } = heard::had(regions)?;
        heard::had(region)?.into_iter().map(|Region { region_id }| heard::text(region_id)).collect()
    }
}
