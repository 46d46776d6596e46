//! CreateAlias, UpdateAlias, DeleteAlias and ListAliases.

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::Result;
use polykms_core::key::{self, AliasOf};
use polykms_core::list::Listed;

use super::named_key;
use crate::message::kms::{
    AliasListEntry, CreateAliasRequest, DeleteAliasRequest, ListAliasesRequest, ListAliasesResponse, UpdateAliasRequest,
};
use crate::resource::{key_name, new_alias, own_alias};
use crate::wire::{heard, list};

/// CreateAlias.
pub(crate) struct CreateAlias;

impl Wire for CreateAlias {
    type Op = key::CreateAlias;
    type Ask<'a> = CreateAliasRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: CreateAliasRequest<'_>) -> Result<key::CreateAlias> {
        let CreateAliasRequest { alias_name, target_key_id } = ask;
        Ok(key::CreateAlias { alias: new_alias(&alias_name.unwrap_or_default())?, key: named_key(target_key_id)? })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::CreateAlias) -> Result<CreateAliasRequest<'_>> {
        let key::CreateAlias { alias, key } = op;
        Ok(CreateAliasRequest { alias_name: Some(alias.into()), target_key_id: Some(key_name(key)?) })
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
        let UpdateAliasRequest { alias_name, target_key_id } = ask;
        Ok(key::UpdateAlias { alias: own_alias(&alias_name.unwrap_or_default())?, key: named_key(target_key_id)? })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::UpdateAlias) -> Result<UpdateAliasRequest<'_>> {
        let key::UpdateAlias { alias, key } = op;
        Ok(UpdateAliasRequest { alias_name: Some(alias.into()), target_key_id: Some(key_name(key)?) })
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
        Ok(key::DeleteAlias { alias: own_alias(&alias_name.unwrap_or_default())? })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::DeleteAlias) -> Result<DeleteAliasRequest<'_>> {
        Ok(DeleteAliasRequest { alias_name: Some((&op.alias).into()) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

fn entry(alias: &AliasOf) -> AliasListEntry<'_> {
    let AliasOf { arn, name, key_id, created_at, updated_at } = alias;
    AliasListEntry {
        alias_name: Some(name.into()),
        alias_arn: Some(arn.into()),
        target_key_id: key_id.as_deref().map(Into::into),
        creation_date: *created_at,
        last_updated_date: *updated_at,
    }
}

/// ListAliases.
pub(crate) struct ListAliases;

impl Wire for ListAliases {
    type Op = key::ListAliases;
    type Ask<'a> = ListAliasesRequest<'a>;
    type Told<'a> = ListAliasesResponse<'a>;

    fn op(ask: ListAliasesRequest<'_>) -> Result<key::ListAliases> {
        let ListAliasesRequest { key_id, limit, marker } = ask;
        let key = key_id.map(|key_id| named_key(Some(key_id))).transpose()?;
        Ok(key::ListAliases { key, paging: list::paging(limit, marker, 100) })
    }

    fn told(output: &Listed<AliasOf>) -> Result<ListAliasesResponse<'_>> {
        let Listed { items, next, .. } = output;
        Ok(ListAliasesResponse {
            aliases: Some(items.iter().map(entry).collect()),
            next_marker: next.as_deref().map(Into::into),
            truncated: Some(next.is_some()),
        })
    }

    fn ask(op: &key::ListAliases) -> Result<ListAliasesRequest<'_>> {
        let (limit, marker) = list::part(&op.paging)?;
        Ok(ListAliasesRequest { key_id: op.key.as_ref().map(key_name).transpose()?, limit, marker })
    }

    fn output(told: ListAliasesResponse<'_>) -> Result<Listed<AliasOf>> {
        let ListAliasesResponse { aliases, next_marker, truncated } = told;
        list::heard(aliases, truncated, next_marker, |entry| {
            let AliasListEntry { alias_name, alias_arn, target_key_id, creation_date, last_updated_date } = entry;
            Ok(AliasOf {
                arn: heard::text(alias_arn)?,
                name: heard::text(alias_name)?,
                key_id: target_key_id.map(Into::into),
                created_at: creation_date,
                updated_at: last_updated_date,
            })
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::{Flaw, Kind, Noun};

    use polykms_core::key::Reference;

    use super::*;
    use crate::wire::kms::tests::{ID, decoded, refused, text_of};

    fn body(alias: &str) -> String {
        format!(r#"{{"AliasName":"{alias}","TargetKeyId":"{ID}"}}"#)
    }

    #[test]
    fn an_alias_points_at_a_key_by_its_identifier() {
        let create = decoded::<CreateAlias>(&body("alias/ab/c_d-e")).unwrap();
        assert_eq!((create.alias.as_str(), create.key), ("alias/ab/c_d-e", Reference::id(ID)));
        let at_alias = r#"{"AliasName":"alias/a","TargetKeyId":"alias/b"}"#;
        assert_eq!(refused::<UpdateAlias>(at_alias), (Kind::NotFound(Noun::Key), "Invalid keyId 'alias/b'".to_owned()));
    }

    #[test]
    fn alias_names_are_checked_in_the_recorded_words() {
        let prefix = "Alias must start with the prefix \"alias/\". Please see \
                      https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html";
        assert_eq!(refused::<CreateAlias>(&body("no-prefix")), (Kind::Invalid(Flaw::Format), prefix.to_owned()));
        assert_eq!(refused::<DeleteAlias>(&body("no-prefix")).1, prefix);
        assert_eq!(refused::<CreateAlias>(&body("alias/aws/mine")).0, Kind::InvalidAlias);
        let characters = refused::<CreateAlias>(&body("alias/ä")).1;
        assert!(
            characters.ends_with("Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$"),
            "{characters}"
        );
        assert_eq!(
            refused::<CreateAlias>(&body("alias/my:alias")),
            (Kind::Invalid(Flaw::Characters), "alias/my:alias contains invalid characters for an alias".to_owned())
        );
        let long = refused::<CreateAlias>(&body(&format!("alias/{}", "a".repeat(251)))).1;
        assert!(long.ends_with("Member must have length less than or equal to 256"), "{long}");
        assert!(decoded::<CreateAlias>(&body(&format!("alias/{}", "a".repeat(250)))).is_ok());
        let missing = refused::<CreateAlias>("{}").1;
        assert!(missing.starts_with("2 validation errors detected: Value null at 'aliasName'"), "{missing}");
    }

    #[test]
    fn aliases_are_listed_with_their_arn() {
        assert_eq!(decoded::<ListAliases>("{}").unwrap().key, None);
        let of_key = decoded::<ListAliases>(&format!(r#"{{"KeyId":"{ID}","Limit":3}}"#)).unwrap();
        assert_eq!(of_key.key, Some(Reference::id(ID)));
        let at = "2024-01-02T03:04:05Z".parse().unwrap();
        let alias = AliasOf {
            arn: "arn:aws:kms:us-east-1:111122223333:alias/a".to_owned(),
            name: "alias/a".to_owned(),
            key_id: Some(ID.to_owned()),
            created_at: Some(at),
            updated_at: Some(at),
        };
        assert_eq!(
            text_of::<ListAliases>(Listed { items: vec![alias], next: None, numbered: None }),
            format!(
                r#"{{"Aliases":[{{"AliasName":"alias/a","AliasArn":"arn:aws:kms:us-east-1:111122223333:alias/a","TargetKeyId":"{ID}","CreationDate":1704164645.0,"LastUpdatedDate":1704164645.0}}],"Truncated":false}}"#
            )
        );
    }
}
