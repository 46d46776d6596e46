//! ListKeys and its filters.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::error::{Flaw, Result};
use polykms_core::key::{self, Condition, Entry, Keeping, Maker, Sought, Words};
use polykms_core::list::Listed;

use super::key::{PROTECTION_LEVEL, SPECS, STATES, USAGES};
use crate::message::kms::{Filter, KeyName, Keys, ListKeysRequest, ListKeysResponse};
use crate::wire::{Page, heard, invalid, page_of};

const FILTERS: &str = "Filters";

/// Where the material of keys is kept.
const KEEPINGS: Words<Keeping> = Words::new(&[Keeping::Software], |keeping| match keeping {
    Keeping::Software => PROTECTION_LEVEL,
});

/// Who makes keys.
const MAKERS: Words<Maker> = Words::new(&[Maker::Account, Maker::Service], |maker| match maker {
    Maker::Account => "User",
    Maker::Service => "Service",
});

/// ListKeys.
pub(crate) struct ListKeys;

impl Wire for ListKeys {
    type Op = key::List;
    type Ask<'a> = ListKeysRequest<'a>;
    type Told<'a> = ListKeysResponse<'a>;

    fn op(ask: ListKeysRequest<'_>) -> Result<key::List> {
        let ListKeysRequest { filters, page_number, page_size } = ask;
        let filters = filters.unwrap_or_default().into_iter().map(condition).collect::<Result<_>>()?;
        Ok(key::List { paging: Page::asked(page_number, page_size).into(), filters })
    }

    fn told(output: &Listed<Entry>) -> Result<ListKeysResponse<'_>> {
        let [page_number, page_size, total_count] = page_of(output)?;
        Ok(ListKeysResponse {
            keys: Some(Keys { key: Some(output.items.iter().map(told).collect()) }),
            page_number,
            page_size,
            total_count,
        })
    }

    fn ask(op: &key::List) -> Result<ListKeysRequest<'_>> {
        let key::List { paging, filters } = op;
        let Page { number, size } = Page::of(paging)?;
        Ok(ListKeysRequest {
            filters: (!filters.is_empty()).then(|| filters.iter().map(filter).collect()),
            page_number: Some(number),
            page_size: Some(size),
        })
    }

    fn output(told: ListKeysResponse<'_>) -> Result<Listed<Entry>> {
        let ListKeysResponse { keys, page_number, page_size, total_count } = told;
        let Keys { key } = heard::had(keys)?;
        heard::page(key, [page_number, page_size, total_count], |KeyName { key_arn, key_id }| {
            Ok(Entry { id: heard::text(key_id)?, arn: heard::text(key_arn)? })
        })
    }
}

fn told(key: &Entry) -> KeyName<'_> {
    let Entry { id, arn } = key;
    KeyName { key_arn: Some(arn.into()), key_id: Some(id.into()) }
}

/// The condition of a filter.
fn condition(filter: Filter<'_>) -> Result<Condition> {
    let wrong = || invalid(Flaw::Format, FILTERS);
    let Filter { key, values } = filter;
    let values = values.ok_or_else(wrong)?.into_iter().map(Cow::into_owned).collect();
    Ok(match &*key.ok_or_else(wrong)? {
        "KeyState" => Condition::State(sought(STATES, values)),
        "KeySpec" => Condition::Spec(sought(SPECS, values)),
        "KeyUsage" => Condition::Usage(sought(USAGES, values)),
        "ProtectionLevel" => Condition::Keeping(sought(KEEPINGS, values)),
        "CreatorType" => Condition::Maker(sought(MAKERS, values)),
        "Creator" => Condition::Account(values),
        "DKMSInstanceId" => Condition::Instance(values),
        "KeyId" => Condition::Id(values),
        "AliasName" => Condition::Alias(values),
        "TagKey" => Condition::TagName(values),
        "TagValue" => Condition::TagValue(values),
        _ => return Err(invalid(Flaw::Value, FILTERS)),
    })
}

/// The filter of a condition.
fn filter(condition: &Condition) -> Filter<'_> {
    let (key, values) = match condition {
        Condition::State(values) => ("KeyState", words(STATES, values)),
        Condition::Spec(values) => ("KeySpec", words(SPECS, values)),
        Condition::Usage(values) => ("KeyUsage", words(USAGES, values)),
        Condition::Keeping(values) => ("ProtectionLevel", words(KEEPINGS, values)),
        Condition::Maker(values) => ("CreatorType", words(MAKERS, values)),
        Condition::Account(values) => ("Creator", texts(values)),
        Condition::Instance(values) => ("DKMSInstanceId", texts(values)),
        Condition::Id(values) => ("KeyId", texts(values)),
        Condition::Alias(values) => ("AliasName", texts(values)),
        Condition::TagName(values) => ("TagKey", texts(values)),
        Condition::TagValue(values) => ("TagValue", texts(values)),
    };
    Filter { key: Some(key.into()), values: Some(values) }
}

fn texts(values: &[String]) -> Vec<Cow<'_, str>> {
    values.iter().map(Cow::from).collect()
}

fn sought<T: Copy>(words: Words<T>, values: Vec<String>) -> Vec<Sought<T>> {
    let known = |text: String| words.value(&text).map_or(Sought::Other(text), Sought::Known);
    values.into_iter().map(known).collect()
}

fn words<'a, T: Copy>(words: Words<T>, values: &'a [Sought<T>]) -> Vec<Cow<'a, str>> {
    let text = |value: &'a Sought<T>| match value {
        Sought::Known(value) => Cow::from(words.word(*value)),
        Sought::Other(text) => Cow::from(text),
    };
    values.iter().map(text).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::super::key::tests::key;
    use polykms_core::list::Numbered;

    use super::*;
    use crate::wire::tests::{decoded, shown};

    fn matches(json: &str) -> Result<bool> {
        let list = decoded::<ListKeys>(&[("Filters", json)])?;
        Ok(list.filters.iter().all(|filter| filter.holds(&key())))
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
        let items = vec![Entry { id: "k".into(), arn: "acs:kms:r:1:key/k".into() }];
        let output = Listed { items, next: None, numbered: Some(Numbered { page: 1, size: 10, total: 1 }) };
        let expected = serde_json::json!({
            "Keys": {"Key": [{"KeyArn": "acs:kms:r:1:key/k", "KeyId": "k"}]},
            "PageNumber": 1, "PageSize": 10, "TotalCount": 1
        });
        assert_eq!(shown::<ListKeys>(output), expected);
    }
}
