//! Versions of keys: DescribeKeyVersion and ListKeyVersions.

use polykms_core::dialect::Wire;
use polykms_core::error::{Flaw, Result};
use polykms_core::key::{self, VersionOf};
use polykms_core::list::Listed;

use super::key_of;
use crate::message::kms::{
    DescribeKeyVersionRequest, DescribeKeyVersionResponse, KeyVersion, KeyVersions, ListKeyVersionsRequest,
    ListKeyVersionsResponse,
};
use crate::resource::{self, key_name};
use crate::wire::{Page, heard, invalid, page_of};

/// DescribeKeyVersion.
pub(crate) struct DescribeKeyVersion;

impl Wire for DescribeKeyVersion {
    type Op = key::DescribeVersion;
    type Ask<'a> = DescribeKeyVersionRequest<'a>;
    type Told<'a> = DescribeKeyVersionResponse<'a>;

    fn op(ask: DescribeKeyVersionRequest<'_>) -> Result<key::DescribeVersion> {
        let DescribeKeyVersionRequest { key_id, key_version_id } = ask;
        let version = resource::identifier(&key_version_id.unwrap_or_default());
        Ok(key::DescribeVersion {
            key: key_of("KeyId", key_id)?,
            version: version.ok_or_else(|| invalid(Flaw::Format, "KeyVersionId"))?,
        })
    }

    fn told(output: &VersionOf) -> Result<DescribeKeyVersionResponse<'_>> {
        Ok(DescribeKeyVersionResponse { key_version: Some(told(output)) })
    }

    fn ask(op: &key::DescribeVersion) -> Result<DescribeKeyVersionRequest<'_>> {
        let key::DescribeVersion { key, version } = op;
        Ok(DescribeKeyVersionRequest { key_id: Some(key_name(key)?), key_version_id: Some(version.into()) })
    }

    fn output(told: DescribeKeyVersionResponse<'_>) -> Result<VersionOf> {
        let DescribeKeyVersionResponse { key_version } = told;
        heard(heard::had(key_version)?)
    }
}

/// ListKeyVersions.
pub(crate) struct ListKeyVersions;

impl Wire for ListKeyVersions {
    type Op = key::ListVersions;
    type Ask<'a> = ListKeyVersionsRequest<'a>;
    type Told<'a> = ListKeyVersionsResponse<'a>;

    fn op(ask: ListKeyVersionsRequest<'_>) -> Result<key::ListVersions> {
        let ListKeyVersionsRequest { key_id, page_number, page_size } = ask;
        Ok(key::ListVersions { key: key_of("KeyId", key_id)?, paging: Page::asked(page_number, page_size).into() })
    }

    fn told(output: &Listed<VersionOf>) -> Result<ListKeyVersionsResponse<'_>> {
        let [page_number, page_size, total_count] = page_of(output)?;
        Ok(ListKeyVersionsResponse {
            key_versions: Some(KeyVersions { key_version: Some(output.items.iter().map(told).collect()) }),
            page_number,
            page_size,
            total_count,
        })
    }

    fn ask(op: &key::ListVersions) -> Result<ListKeyVersionsRequest<'_>> {
        let key::ListVersions { key, paging } = op;
        let Page { number, size } = Page::of(paging)?;
        Ok(ListKeyVersionsRequest { key_id: Some(key_name(key)?), page_number: Some(number), page_size: Some(size) })
    }

    fn output(told: ListKeyVersionsResponse<'_>) -> Result<Listed<VersionOf>> {
        let ListKeyVersionsResponse { key_versions, page_number, page_size, total_count } = told;
        let KeyVersions { key_version } = heard::had(key_versions)?;
        heard::page(key_version, [page_number, page_size, total_count], heard)
    }
}

pub(super) fn told(version: &VersionOf) -> KeyVersion<'_> {
    let VersionOf { key_id, id, created_at } = version;
    KeyVersion { creation_date: Some(*created_at), key_id: Some(key_id.into()), key_version_id: Some(id.into()) }
}

pub(super) fn heard(version: KeyVersion<'_>) -> Result<VersionOf> {
    let KeyVersion { creation_date, key_id, key_version_id } = version;
    Ok(VersionOf {
        key_id: heard::text(key_id)?,
        id: heard::text(key_version_id)?,
        created_at: heard::had(creation_date)?,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::list::Numbered;

    use super::*;
    use crate::wire::tests::shown;

    #[test]
    fn versions_are_told_with_their_key() {
        let created_at = "2026-01-02T03:04:05Z".parse().unwrap();
        let version = VersionOf { key_id: "k".into(), id: "v".into(), created_at };
        let one = serde_json::json!({"CreationDate": "2026-01-02T03:04:05Z", "KeyId": "k", "KeyVersionId": "v"});
        assert_eq!(shown::<DescribeKeyVersion>(version.clone()), serde_json::json!({"KeyVersion": one}));
        let output =
            Listed { items: vec![version], next: None, numbered: Some(Numbered { page: 1, size: 10, total: 1 }) };
        let expected = serde_json::json!({
            "KeyVersions": {"KeyVersion": [one]}, "PageNumber": 1, "PageSize": 10, "TotalCount": 1
        });
        assert_eq!(shown::<ListKeyVersions>(output), expected);
    }
}
