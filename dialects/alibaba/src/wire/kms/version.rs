//! Versions of keys: DescribeKeyVersion and ListKeyVersions.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::{Flaw, Result};
use polykms_core::key::{self, VersionOf};
use polykms_core::list::Listed;
use serde_json::Value;

use crate::resource;
use crate::wire::{Arguments, date, echo_page, invalid, listed, object, tree};

const VERSION: &str = "KeyVersionId";

pub(crate) struct DescribeKeyVersion;

impl Former for DescribeKeyVersion {
    type Op = key::DescribeVersion;

    fn decode(arguments: &Payload) -> Result<key::DescribeVersion> {
        let arguments = Arguments::of(arguments)?;
        let version = resource::identifier(arguments.required(VERSION)?);
        Ok(key::DescribeVersion {
            key: arguments.key("KeyId")?,
            version: version.ok_or_else(|| invalid(Flaw::Format, VERSION))?,
        })
    }

    fn encode(output: VersionOf) -> Result<Payload> {
        Ok(tree([("KeyVersion", told(output))]))
    }
}

pub(crate) struct ListKeyVersions;

impl Former for ListKeyVersions {
    type Op = key::ListVersions;

    fn decode(arguments: &Payload) -> Result<key::ListVersions> {
        let arguments = Arguments::of(arguments)?;
        Ok(key::ListVersions { key: arguments.key("KeyId")?, paging: arguments.page()?.into() })
    }

    fn encode(output: Listed<VersionOf>) -> Result<Payload> {
        let Listed { items, next: _, total } = output;
        let versions = listed("KeyVersion", items.into_iter().map(told));
        Ok(tree([("KeyVersions", versions), ("TotalCount", total.into())]))
    }

    fn echo(arguments: &Payload, answer: Payload) -> Result<Payload> {
        echo_page(arguments, answer)
    }
}

fn told(version: VersionOf) -> Value {
    let VersionOf { key_id, id, created_at } = version;
    object([("CreationDate", date(created_at).into()), ("KeyId", key_id.into()), (VERSION, id.into())])
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::tests::{params, shown};

    #[test]
    fn versions_are_told_with_their_key() {
        let created_at = "2026-01-02T03:04:05Z".parse().unwrap();
        let version = VersionOf { key_id: "k".into(), id: "v".into(), created_at };
        let one = serde_json::json!({"CreationDate": "2026-01-02T03:04:05Z", "KeyId": "k", "KeyVersionId": "v"});
        assert_eq!(shown(DescribeKeyVersion::encode(version.clone())), serde_json::json!({"KeyVersion": one}));
        let answer = ListKeyVersions::encode(Listed { items: vec![version], next: None, total: 1 }).unwrap();
        let expected = serde_json::json!({
            "KeyVersions": {"KeyVersion": [one]}, "PageNumber": 1, "PageSize": 10, "TotalCount": 1
        });
        assert_eq!(shown(ListKeyVersions::echo(&params(&[]), answer)), expected);
    }
}
