//! Aliases: CreateAlias, UpdateAlias, DeleteAlias, ListAliases and ListAliasesByKeyId.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::{Flaw, Kind, Result};
use polykms_core::key::{self, AliasOf, By};
use polykms_core::list::Listed;

use crate::wire::{Arguments, done, echo_page, invalid, listed, object, tree};

/// The beginning of the aliases that belong to services of the vendor.
const RESERVED: &str = "alias/acs";

pub(crate) struct CreateAlias;

impl Former for CreateAlias {
    type Op = key::CreateAlias;

    fn decode(arguments: &Payload) -> Result<key::CreateAlias> {
        let arguments = Arguments::of(arguments)?;
        let (alias, key) = (arguments.alias()?, arguments.key("KeyId")?);
        if alias.starts_with(RESERVED) {
            return Err(invalid(Flaw::Value, "AliasName"));
        }
        if matches!(key.by, By::Alias(_)) {
            return Err(Kind::InvalidAlias.about("KeyId"));
        }
        Ok(key::CreateAlias { alias, key })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

pub(crate) struct UpdateAlias;

impl Former for UpdateAlias {
    type Op = key::UpdateAlias;

    fn decode(arguments: &Payload) -> Result<key::UpdateAlias> {
        let arguments = Arguments::of(arguments)?;
        Ok(key::UpdateAlias { alias: arguments.alias()?, key: arguments.key("KeyId")? })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

pub(crate) struct DeleteAlias;

impl Former for DeleteAlias {
    type Op = key::DeleteAlias;

    fn decode(arguments: &Payload) -> Result<key::DeleteAlias> {
        Ok(key::DeleteAlias { alias: Arguments::of(arguments)?.alias()? })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

pub(crate) struct ListAliases;

impl Former for ListAliases {
    type Op = key::ListAliases;

    fn decode(arguments: &Payload) -> Result<key::ListAliases> {
        Ok(key::ListAliases { key: None, paging: Arguments::of(arguments)?.page()?.into() })
    }

    fn encode(output: Listed<AliasOf>) -> Result<Payload> {
        Ok(aliases(output))
    }

    fn echo(arguments: &Payload, answer: Payload) -> Result<Payload> {
        echo_page(arguments, answer)
    }
}

pub(crate) struct ListAliasesByKeyId;

impl Former for ListAliasesByKeyId {
    type Op = key::ListKeyAliases;

    fn decode(arguments: &Payload) -> Result<key::ListKeyAliases> {
        let arguments = Arguments::of(arguments)?;
        Ok(key::ListKeyAliases { key: arguments.key("KeyId")?, paging: arguments.page()?.into() })
    }

    fn encode(output: Listed<AliasOf>) -> Result<Payload> {
        Ok(aliases(output))
    }

    fn echo(arguments: &Payload, answer: Payload) -> Result<Payload> {
        echo_page(arguments, answer)
    }
}

fn aliases(output: Listed<AliasOf>) -> Payload {
    let Listed { items, next: _, total } = output;
    let told = |AliasOf { arn, name, key_id, created_at: _, updated_at: _ }| {
        object([("AliasArn", arn.into()), ("AliasName", name.into()), ("KeyId", key_id.into())])
    };
    tree([("Aliases", listed("Alias", items.into_iter().map(told))), ("TotalCount", total.into())])
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::tests::{params, shown};

    #[test]
    fn reserved_and_malformed_aliases_are_not_made() {
        let decode = |alias: &str, key: &str| CreateAlias::decode(&params(&[("AliasName", alias), ("KeyId", key)]));
        assert!(decode("alias/mine", "k").is_ok());
        for alias in ["mine", "alias/", "alias/acs/oss", "alias/a b"] {
            assert_eq!(decode(alias, "k").unwrap_err().subject(), Some("AliasName"), "{alias}");
        }
        assert_eq!(decode("alias/mine", "alias/other").unwrap_err().kind(), Kind::InvalidAlias);
    }

    #[test]
    fn a_page_of_aliases_repeats_what_was_asked_for() {
        let created_at = "2026-01-02T03:04:05Z".parse().unwrap();
        let alias = AliasOf {
            arn: "acs:kms:r:1:alias/a".into(),
            name: "alias/a".into(),
            key_id: "k".into(),
            created_at,
            updated_at: created_at,
        };
        let output = Listed { items: vec![alias], next: None, total: 7 };
        let answer = ListAliases::encode(output).unwrap();
        let told = shown(ListAliases::echo(&params(&[("PageNumber", "4"), ("PageSize", "2")]), answer));
        let expected = serde_json::json!({
            "Aliases": {"Alias": [{"AliasArn": "acs:kms:r:1:alias/a", "AliasName": "alias/a", "KeyId": "k"}]},
            "PageNumber": 4, "PageSize": 2, "TotalCount": 7
        });
        assert_eq!(told, expected);
    }
}
