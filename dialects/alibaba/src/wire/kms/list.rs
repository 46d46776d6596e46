//! ListKeys and its filters.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::{Flaw, Result};
use polykms_core::key::{self, Entry, Filter};
use polykms_core::list::Listed;
use serde::Deserialize;

use super::key::{PROTECTION_LEVEL, spec_name, state_name, usage_name};
use crate::wire::{Arguments, echo_page, invalid, listed, object, tree};

/// Filters of one request, and values of one filter.
const MOST: usize = 10;

pub(crate) struct ListKeys;

impl Former for ListKeys {
    type Op = key::List;

    fn decode(arguments: &Payload) -> Result<key::List> {
        let arguments = Arguments::of(arguments)?;
        Ok(key::List { paging: arguments.page()?.into(), filters: filters(arguments)? })
    }

    fn encode(output: Listed<Entry>) -> Result<Payload> {
        let Listed { items, next: _, total } = output;
        let told = |Entry { id, arn }| object([("KeyArn", arn.into()), ("KeyId", id.into())]);
        Ok(tree([("Keys", listed("Key", items.into_iter().map(told))), ("TotalCount", total.into())]))
    }

    fn echo(arguments: &Payload, answer: Payload) -> Result<Payload> {
        echo_page(arguments, answer)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Asked {
    key: String,
    values: Vec<String>,
}

/// All filters must hold; a filter holds when one of its values does.
fn filters(arguments: Arguments<'_>) -> Result<Vec<(Filter, Vec<String>)>> {
    const FILTERS: &str = "Filters";
    let asked: Vec<Asked> = arguments.json(FILTERS)?.unwrap_or_default();
    if asked.len() > MOST {
        return Err(invalid(Flaw::Length, FILTERS));
    }
    let read = |Asked { key, values }| match filter(&key) {
        Some(filter) if (1..=MOST).contains(&values.len()) => Ok((filter, values)),
        Some(_) => Err(invalid(Flaw::Length, FILTERS)),
        None => Err(invalid(Flaw::Value, FILTERS)),
    };
    asked.into_iter().map(read).collect()
}

fn filter(name: &str) -> Option<Filter> {
    Some(match name {
        "KeyState" => |key, values| holds(values, state_name(key.state)),
        "KeySpec" => |key, values| holds(values, spec_name(key.spec)),
        "KeyUsage" => |key, values| holds(values, usage_name(key.usage)),
        "ProtectionLevel" => |_, values| holds(values, PROTECTION_LEVEL),
        // Services of the vendor have no keys here.
        "CreatorType" => |_, values| holds(values, "User"),
        "Creator" => |key, values| holds(values, &key.account),
        // No key is in an instance.
        "DKMSInstanceId" => |_, values| holds(values, ""),
        "KeyId" => |key, values| holds(values, &key.id),
        "AliasName" => |key, values| values.iter().any(|value| key.aliases.contains(value)),
        "TagKey" => |key, values| values.iter().any(|value| key.tags.contains_key(value)),
        "TagValue" => |key, values| key.tags.values().any(|tag| values.contains(tag)),
        _ => return None,
    })
}

fn holds(values: &[String], text: &str) -> bool {
    values.iter().any(|value| value == text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::super::key::tests::key;
    use super::*;
    use crate::wire::tests::{params, shown};

    fn matches(json: &str) -> Result<bool> {
        let list = ListKeys::decode(&params(&[("Filters", json)]))?;
        Ok(list.filters.iter().all(|(filter, values)| filter(&key(), values)))
    }

    #[test]
    fn every_filter_of_the_vendor_is_known() {
        for (name, yes, no) in [
            ("KeyState", "Enabled", "Disabled"),
            ("KeySpec", "Aliyun_AES_256", "RSA_2048"),
            ("KeyUsage", "ENCRYPT/DECRYPT", "SIGN/VERIFY"),
            ("ProtectionLevel", "SOFTWARE", "HSM"),
            ("CreatorType", "User", "Service"),
            ("Creator", "1", "2"),
            ("DKMSInstanceId", "", "kst-x"),
            ("KeyId", "k", "other"),
            ("AliasName", "alias/a", "alias/b"),
            ("TagKey", "Project", "Apollo"),
            ("TagValue", "Apollo", "Project"),
        ] {
            assert!(matches(&format!(r#"[{{"Key":"{name}","Values":["x","{yes}"]}}]"#)).unwrap(), "{name}={yes}");
            assert!(!matches(&format!(r#"[{{"Key":"{name}","Values":["x","{no}"]}}]"#)).unwrap(), "{name}={no}");
        }
    }

    #[test]
    fn all_filters_must_hold() {
        let both =
            |state: &str| format!(r#"[{{"Key":"KeyId","Values":["k"]}},{{"Key":"KeyState","Values":["{state}"]}}]"#);
        assert!(matches(&both("Enabled")).unwrap() && !matches(&both("Disabled")).unwrap());
        assert!(matches("[]").unwrap());
    }

    #[test]
    fn unknown_and_endless_filters_are_refused() {
        let many = |count: usize| vec![r#"{"Key":"KeyId","Values":["k"]}"#; count].join(",");
        assert!(matches(&format!("[{}]", many(10))).is_ok());
        for wrong in [
            "x".to_owned(),
            format!("[{}]", many(11)),
            r#"[{"Key":"Colour","Values":["red"]}]"#.to_owned(),
            r#"[{"Key":"KeyId","Values":[]}]"#.to_owned(),
            r#"[{"Key":"KeyId","Values":["1","2","3","4","5","6","7","8","9","10","11"]}]"#.to_owned(),
            r#"[{"Key":"KeyId"}]"#.to_owned(),
        ] {
            assert_eq!(matches(&wrong).unwrap_err().subject(), Some("Filters"), "{wrong}");
        }
    }

    #[test]
    fn a_page_of_keys_tells_their_names_only() {
        let answer = ListKeys::encode(Listed {
            items: vec![Entry { id: "k".into(), arn: "acs:kms:r:1:key/k".into() }],
            next: None,
            total: 1,
        })
        .unwrap();
        let expected = serde_json::json!({
            "Keys": {"Key": [{"KeyArn": "acs:kms:r:1:key/k", "KeyId": "k"}]},
            "PageNumber": 1, "PageSize": 10, "TotalCount": 1
        });
        assert_eq!(shown(ListKeys::echo(&params(&[]), answer)), expected);
    }
}
