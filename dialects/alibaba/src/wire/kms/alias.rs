//! Aliases: CreateAlias, UpdateAlias, DeleteAlias, ListAliases and ListAliasesByKeyId.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::{Flaw, Kind, Result};
use polykms_core::key::{self, AliasOf, By};
use polykms_core::list::Listed;

use super::key_of;
use crate::message::kms::{
    Alias, Aliases, CreateAliasRequest, DeleteAliasRequest, ListAliasesByKeyIdRequest, ListAliasesByKeyIdResponse,
    ListAliasesRequest, ListAliasesResponse, UpdateAliasRequest,
};
use crate::resource::{self, key_name};
use crate::wire::{Page, heard, invalid, page_of};

/// The beginning of the aliases that belong to services of the vendor.
const RESERVED: &str = "alias/acs";

const ALIAS_NAME: &str = "AliasName";

/// CreateAlias.
pub(crate) struct CreateAlias;

impl Wire for CreateAlias {
    type Op = key::CreateAlias;
    type Ask<'a> = CreateAliasRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: CreateAliasRequest<'_>) -> Result<key::CreateAlias> {
        let CreateAliasRequest { alias_name, key_id } = ask;
        let (alias, key) = (alias(alias_name)?, key_of("KeyId", key_id)?);
        if alias.starts_with(RESERVED) {
            return Err(invalid(Flaw::Value, ALIAS_NAME));
        }
        if matches!(key.by, By::Alias(_)) {
            return Err(Kind::InvalidAlias.about("KeyId"));
        }
        Ok(key::CreateAlias { alias, key })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::CreateAlias) -> Result<CreateAliasRequest<'_>> {
        let key::CreateAlias { alias, key } = op;
        Ok(CreateAliasRequest { alias_name: Some(alias.into()), key_id: Some(key_name(key)?) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// UpdateAlias.
pub(crate) struct UpdateAlias;

impl Wire for UpdateAlias {
    type Op = key::UpdateAlias;
    type Ask<'a> = UpdateAliasRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: UpdateAliasRequest<'_>) -> Result<key::UpdateAlias> {
        let UpdateAliasRequest { alias_name, key_id } = ask;
        Ok(key::UpdateAlias { alias: alias(alias_name)?, key: key_of("KeyId", key_id)? })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::UpdateAlias) -> Result<UpdateAliasRequest<'_>> {
        let key::UpdateAlias { alias, key } = op;
        Ok(UpdateAliasRequest { alias_name: Some(alias.into()), key_id: Some(key_name(key)?) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// DeleteAlias.
pub(crate) struct DeleteAlias;

impl Wire for DeleteAlias {
    type Op = key::DeleteAlias;
    type Ask<'a> = DeleteAliasRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: DeleteAliasRequest<'_>) -> Result<key::DeleteAlias> {
        let DeleteAliasRequest { alias_name } = ask;
        Ok(key::DeleteAlias { alias: alias(alias_name)? })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::DeleteAlias) -> Result<DeleteAliasRequest<'_>> {
        let key::DeleteAlias { alias } = op;
        Ok(DeleteAliasRequest { alias_name: Some(alias.into()) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// ListAliases.
pub(crate) struct ListAliases;

impl Wire for ListAliases {
    type Op = key::ListAliases;
    type Ask<'a> = ListAliasesRequest<'a>;
    type Told<'a> = ListAliasesResponse<'a>;

    fn op(ask: ListAliasesRequest<'_>) -> Result<key::ListAliases> {
        let ListAliasesRequest { page_number, page_size, phantom: _ } = ask;
        Ok(key::ListAliases { key: None, paging: Page::asked(page_number, page_size).into() })
    }

    fn told(output: &Listed<AliasOf>) -> Result<ListAliasesResponse<'_>> {
        let [page_number, page_size, total_count] = page_of(output)?;
        Ok(ListAliasesResponse { aliases: Some(aliases(&output.items)), page_number, page_size, total_count })
    }

    fn ask(op: &key::ListAliases) -> Result<ListAliasesRequest<'_>> {
        let key::ListAliases { key, paging } = op;
        if key.is_some() {
            return Err(Kind::Unsupported.because("the aliases of one key are another operation of Alibaba Cloud"));
        }
        let Page { number, size } = Page::of(paging)?;
        Ok(ListAliasesRequest { page_number: Some(number), page_size: Some(size), ..ListAliasesRequest::default() })
    }

    fn output(told: ListAliasesResponse<'_>) -> Result<Listed<AliasOf>> {
        let ListAliasesResponse { aliases, page_number, page_size, total_count } = told;
        heard::page(heard::had(aliases)?.alias, [page_number, page_size, total_count], heard)
    }
}

/// ListAliasesByKeyId.
pub(crate) struct ListAliasesByKeyId;

impl Wire for ListAliasesByKeyId {
    type Op = key::ListKeyAliases;
    type Ask<'a> = ListAliasesByKeyIdRequest<'a>;
    type Told<'a> = ListAliasesByKeyIdResponse<'a>;

    fn op(ask: ListAliasesByKeyIdRequest<'_>) -> Result<key::ListKeyAliases> {
        let ListAliasesByKeyIdRequest { key_id, page_number, page_size } = ask;
        Ok(key::ListKeyAliases { key: key_of("KeyId", key_id)?, paging: Page::asked(page_number, page_size).into() })
    }

    fn told(output: &Listed<AliasOf>) -> Result<ListAliasesByKeyIdResponse<'_>> {
        let [page_number, page_size, total_count] = page_of(output)?;
        Ok(ListAliasesByKeyIdResponse { aliases: Some(aliases(&output.items)), page_number, page_size, total_count })
    }

    fn ask(op: &key::ListKeyAliases) -> Result<ListAliasesByKeyIdRequest<'_>> {
        let key::ListKeyAliases { key, paging } = op;
        let Page { number, size } = Page::of(paging)?;
        let key_id = Some(key_name(key)?);
        Ok(ListAliasesByKeyIdRequest { key_id, page_number: Some(number), page_size: Some(size) })
    }

    fn output(told: ListAliasesByKeyIdResponse<'_>) -> Result<Listed<AliasOf>> {
        let ListAliasesByKeyIdResponse { aliases, page_number, page_size, total_count } = told;
        heard::page(heard::had(aliases)?.alias, [page_number, page_size, total_count], heard)
    }
}

/// The alias that `AliasName` gives.
fn alias(name: Option<Cow<'_, str>>) -> Result<String> {
    resource::alias(&name.unwrap_or_default()).ok_or_else(|| invalid(Flaw::Format, ALIAS_NAME))
}

fn aliases(aliases: &[AliasOf]) -> Aliases<'_> {
    Aliases { alias: Some(aliases.iter().map(told).collect()) }
}

fn told(alias: &AliasOf) -> Alias<'_> {
    let AliasOf { arn, name, key_id, created_at: _, updated_at: _ } = alias;
    Alias { alias_arn: Some(arn.into()), alias_name: Some(name.into()), key_id: key_id.as_deref().map(Cow::from) }
}

/// An alias of an answer, which does not say when it was made.
fn heard(alias: Alias<'_>) -> Result<AliasOf> {
    let Alias { alias_arn, alias_name, key_id } = alias;
    Ok(AliasOf {
        arn: heard::text(alias_arn)?,
        name: heard::text(alias_name)?,
        key_id: Some(heard::text(key_id)?),
        created_at: None,
        updated_at: None,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::list::Numbered;

    use super::*;
    use crate::wire::tests::{decoded, shown};

    #[test]
    fn reserved_and_malformed_aliases_are_not_made() {
        let decode = |alias: &str, key: &str| decoded::<CreateAlias>(&[("AliasName", alias), ("KeyId", key)]);
        assert!(decode("alias/mine", "k").is_ok());
        for alias in ["mine", "alias/", "alias/acs/oss", "alias/a b"] {
            assert_eq!(decode(alias, "k").unwrap_err().subject(), Some("AliasName"), "{alias}");
        }
        assert_eq!(decode("alias/mine", "alias/other").unwrap_err().kind(), Kind::InvalidAlias);
    }

    #[test]
    fn a_page_of_aliases_repeats_what_was_asked_for() {
        let alias = AliasOf {
            arn: "acs:kms:r:1:alias/a".into(),
            name: "alias/a".into(),
            key_id: Some("k".into()),
            created_at: None,
            updated_at: None,
        };
        let output = Listed { items: vec![alias], next: None, numbered: Some(Numbered { page: 4, size: 2, total: 7 }) };
        let told = shown::<ListAliases>(output);
        let expected = serde_json::json!({
            "Aliases": {"Alias": [{"AliasArn": "acs:kms:r:1:alias/a", "AliasName": "alias/a", "KeyId": "k"}]},
            "PageNumber": 4, "PageSize": 2, "TotalCount": 7
        });
        assert_eq!(told, expected);
    }
}
