//! CreateAlias, UpdateAlias, DeleteAlias and ListAliases.

use polykms_core::dialect::{Payload, Wire};
use polykms_core::error::Result;
use polykms_core::key::{self, AliasEntry, AliasOf, Reference};
use polykms_core::list::Listed;
use serde::{Deserialize, Serialize};

use super::{KEY_ID, Rest, key_id, listed, named_key, page_checks, paging};
use crate::resource::{is_alias_name, own_alias};
use crate::wire::constraint::{Violation, detect, length, pattern, required};
use crate::wire::json::{Epoch, NOTHING, Number, Text, decode, encode, text};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AliasArguments<'a> {
    #[serde(borrow)]
    alias_name: Option<Text<'a>>,
    #[serde(borrow)]
    target_key_id: Option<Text<'a>>,
}

impl AliasArguments<'_> {
    /// The alias and the key it is to point at.
    fn pointed(&self) -> Result<(String, Reference)> {
        let Self { alias_name, target_key_id } = self;
        detect(alias_checks(alias_name).into_iter().chain(key_id("targetKeyId", target_key_id)))?;
        Ok((own_alias(text(alias_name).unwrap_or_default())?, named_key(target_key_id)?))
    }
}

fn alias_checks(name: &Option<Text<'_>>) -> [Violation; 3] {
    [
        required("aliasName", name.as_ref()),
        length("aliasName", text(name), 1..=256),
        pattern("aliasName", text(name).filter(|name| !name.is_empty()), is_alias_name, "^[a-zA-Z0-9:/_-]+$"),
    ]
}

/// CreateAlias.
pub(crate) struct CreateAlias;

impl Wire for CreateAlias {
    type Op = key::CreateAlias;

    fn decode(arguments: &Payload) -> Result<key::CreateAlias> {
        let (alias, key) = decode::<AliasArguments<'_>>(arguments)?.pointed()?;
        Ok(key::CreateAlias { alias, key })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}

/// UpdateAlias.
pub(crate) struct UpdateAlias;

impl Wire for UpdateAlias {
    type Op = key::UpdateAlias;

    fn decode(arguments: &Payload) -> Result<key::UpdateAlias> {
        let (alias, key) = decode::<AliasArguments<'_>>(arguments)?.pointed()?;
        Ok(key::UpdateAlias { alias, key })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}

/// DeleteAlias.
pub(crate) struct DeleteAlias;

impl Wire for DeleteAlias {
    type Op = key::DeleteAlias;

    fn decode(arguments: &Payload) -> Result<key::DeleteAlias> {
        let AliasArguments { alias_name, target_key_id: _ } = decode(arguments)?;
        detect(alias_checks(&alias_name))?;
        Ok(key::DeleteAlias { alias: own_alias(text(&alias_name).unwrap_or_default())? })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}

/// ListAliases.
pub(crate) struct ListAliases;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListAliasesArguments<'a> {
    #[serde(borrow)]
    key_id: Option<Text<'a>>,
    limit: Option<Number>,
    #[serde(borrow)]
    marker: Option<Text<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListAliasesOutput {
    aliases: Vec<AliasListEntry>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AliasListEntry {
    alias_name: String,
    alias_arn: String,
    target_key_id: String,
    creation_date: Epoch,
    last_updated_date: Epoch,
}

impl Wire for ListAliases {
    type Op = key::ListAliases;

    fn decode(arguments: &Payload) -> Result<key::ListAliases> {
        let ListAliasesArguments { key_id, limit, marker } = decode(arguments)?;
        let key_check = [length("keyId", text(&key_id), KEY_ID)];
        detect(key_check.into_iter().chain(page_checks(limit, &marker)))?;
        let key = match key_id {
            Some(_) => Some(named_key(&key_id)?),
            None => None,
        };
        Ok(key::ListAliases { key, paging: paging(limit, &marker, 50, 100) })
    }

    fn encode(output: Listed<AliasOf>) -> Result<Payload> {
        let (aliases, rest) = listed(output, |AliasOf { arn, entry }| {
            let AliasEntry { name, key_id, created_at, updated_at } = entry;
            AliasListEntry {
                alias_name: name,
                alias_arn: arn,
                target_key_id: key_id,
                creation_date: Epoch(created_at),
                last_updated_date: Epoch(updated_at),
            }
        });
        let room = 320 * aliases.len() + 1024;
        encode(&ListAliasesOutput { aliases, rest }, room)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::{Flaw, Kind, Noun};

    use super::*;
    use crate::wire::kms::tests::{ID, decoded, refused, text_of};

    fn body(alias: &str) -> String {
        format!(r#"{{"AliasName":"{alias}","TargetKeyId":"{ID}"}}"#)
    }

    #[test]
    fn an_alias_points_at_a_key_by_its_identifier() {
        let create = decoded::<CreateAlias>(&body("alias/a:b/c_d-e")).unwrap();
        assert_eq!((create.alias.as_str(), create.key), ("alias/a:b/c_d-e", Reference::id(ID)));
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
        let entry = AliasEntry { name: "alias/a".to_owned(), key_id: ID.to_owned(), created_at: at, updated_at: at };
        let arn = "arn:aws:kms:us-east-1:111122223333:alias/a".to_owned();
        assert_eq!(
            text_of(ListAliases::encode(Listed { items: vec![AliasOf { arn, entry }], next: None, total: 1 })),
            format!(
                r#"{{"Aliases":[{{"AliasName":"alias/a","AliasArn":"arn:aws:kms:us-east-1:111122223333:alias/a","TargetKeyId":"{ID}","CreationDate":1704164645.0,"LastUpdatedDate":1704164645.0}}],"Truncated":false}}"#
            )
        );
    }
}
