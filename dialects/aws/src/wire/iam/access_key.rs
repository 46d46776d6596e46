//! Access keys: CreateAccessKey, UpdateAccessKey, ListAccessKeys, DeleteAccessKey.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::{Kind, Result};
use polykms_core::identity::AccessKey;
use polykms_core::identity::access_key as op;
use serde_json::{Value, json};

use super::{NAME_128, NOTHING, Shape, date, list, read};

const ID: Shape = Shape {
    min: 16,
    max: 128,
    pattern: r"[\w]+",
    fits: |text| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'),
};

fn status(active: bool) -> &'static str {
    if active { "Active" } else { "Inactive" }
}

/// Makes an access key; the only time its secret is told.
pub(crate) struct CreateAccessKey;

impl Former for CreateAccessKey {
    type Op = op::CreateAccessKey;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| Ok(op::CreateAccessKey { user: fields.optional("UserName", &NAME_128) }))
    }

    fn encode(issued: op::Issued) -> Result<Payload> {
        let op::Issued { id, secret, user, created_at } = issued;
        Ok(Payload::Tree(json!({
            "AccessKey": {
                "UserName": user,
                "AccessKeyId": id,
                "Status": status(true),
                "SecretAccessKey": secret.expose(),
                "CreateDate": date(created_at),
            }
        })))
    }
}

/// Switches an access key on or off.
pub(crate) struct UpdateAccessKey;

impl Former for UpdateAccessKey {
    type Op = op::UpdateAccessKey;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let user = fields.optional("UserName", &NAME_128);
            let id = fields.required("AccessKeyId", &ID);
            let status = fields.required_choice("Status", &["Active", "Inactive", "Expired"]);
            // AWS alone lets access keys expire.
            if status == "Expired" {
                return Err(Kind::NotApplicable.verbatim("Status Expired cannot be set."));
            }
            Ok(op::UpdateAccessKey { user, id, active: status == "Active" })
        })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}

/// Lists the access keys of a user.
pub(crate) struct ListAccessKeys;

impl Former for ListAccessKeys {
    type Op = op::ListAccessKeys;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            list::paging(fields)?;
            Ok(op::ListAccessKeys { user: fields.optional("UserName", &NAME_128) })
        })
    }

    fn encode(keys: Vec<AccessKey>) -> Result<Payload> {
        let item = |key: &AccessKey| {
            json!({
                "UserName": key.user.as_ref().map(|user| &user.name),
                "AccessKeyId": key.id,
                "Status": status(key.active),
                "CreateDate": date(key.created_at),
            })
        };
        Ok(Payload::Tree(json!({ "AccessKeyMetadata": keys.iter().map(item).collect::<Vec<Value>>() })))
    }

    fn echo(arguments: &Payload, answer: Payload) -> Result<Payload> {
        list::cut(arguments, answer, &["AccessKeyMetadata"])
    }
}

/// Removes an access key.
pub(crate) struct DeleteAccessKey;

impl Former for DeleteAccessKey {
    type Op = op::DeleteAccessKey;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let user = fields.optional("UserName", &NAME_128);
            Ok(op::DeleteAccessKey { user, id: fields.required("AccessKeyId", &ID) })
        })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}
