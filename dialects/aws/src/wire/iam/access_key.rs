//! Access keys: CreateAccessKey, UpdateAccessKey, ListAccessKeys, DeleteAccessKey.

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::{Kind, Result};
use polykms_core::identity::access_key::{self as op, Described, Issued};
use polykms_core::list::Listed;
use polykms_core::secret::AccessSecret;

use super::{given, owned, paging};
use crate::message::iam::{
    AccessKey, AccessKeyMetadata, CreateAccessKeyRequest, CreateAccessKeyResponse, DeleteAccessKeyRequest,
    ListAccessKeysRequest, ListAccessKeysResponse, UpdateAccessKeyRequest,
};
use crate::wire::{heard, list};

fn status(active: bool) -> &'static str {
    if active { "Active" } else { "Inactive" }
}

/// Makes an access key; the only time its secret is told.
pub(crate) struct CreateAccessKey;

impl Wire for CreateAccessKey {
    type Op = op::CreateAccessKey;
    type Ask<'a> = CreateAccessKeyRequest<'a>;
    type Told<'a> = CreateAccessKeyResponse<'a>;

    fn op(ask: CreateAccessKeyRequest<'_>) -> Result<op::CreateAccessKey> {
        let CreateAccessKeyRequest { user_name } = ask;
        Ok(op::CreateAccessKey { user: given(user_name) })
    }

    fn told(output: &Issued) -> Result<CreateAccessKeyResponse<'_>> {
        let Issued { id, secret, user, created_at } = output;
        let access_key = AccessKey {
            access_key_id: Some(id.into()),
            create_date: Some(*created_at),
            secret_access_key: Some(secret.expose().into()),
            status: Some(status(true).into()),
            user_name: user.as_deref().map(Into::into),
        };
        Ok(CreateAccessKeyResponse { access_key: Some(access_key) })
    }

    fn ask(op: &op::CreateAccessKey) -> Result<CreateAccessKeyRequest<'_>> {
        Ok(CreateAccessKeyRequest { user_name: op.user.as_deref().map(Into::into) })
    }

    fn output(told: CreateAccessKeyResponse<'_>) -> Result<Issued> {
        let CreateAccessKeyResponse { access_key } = told;
        let AccessKey { access_key_id, create_date, secret_access_key, status: told, user_name } =
            heard::had(access_key)?;
        heard::agrees(told, status(true))?;
        Ok(Issued {
            id: heard::text(access_key_id)?,
            secret: AccessSecret::new(heard::text(secret_access_key)?),
            user: given(user_name),
            created_at: heard::had(create_date)?,
        })
    }
}

/// Switches an access key on or off.
pub(crate) struct UpdateAccessKey;

impl Wire for UpdateAccessKey {
    type Op = op::UpdateAccessKey;
    type Ask<'a> = UpdateAccessKeyRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: UpdateAccessKeyRequest<'_>) -> Result<op::UpdateAccessKey> {
        let UpdateAccessKeyRequest { user_name, access_key_id, status } = ask;
        let status = status.unwrap_or_default();
        // AWS alone lets access keys expire.
        if status == "Expired" {
            return Err(Kind::NotApplicable.verbatim("Status Expired cannot be set."));
        }
        Ok(op::UpdateAccessKey { user: given(user_name), id: owned(access_key_id), active: status == "Active" })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &op::UpdateAccessKey) -> Result<UpdateAccessKeyRequest<'_>> {
        let op::UpdateAccessKey { user, id, active } = op;
        Ok(UpdateAccessKeyRequest {
            user_name: user.as_deref().map(Into::into),
            access_key_id: Some(id.into()),
            status: Some(status(*active).into()),
        })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// Lists the access keys of a user.
pub(crate) struct ListAccessKeys;

impl Wire for ListAccessKeys {
    type Op = op::ListAccessKeys;
    type Ask<'a> = ListAccessKeysRequest<'a>;
    type Told<'a> = ListAccessKeysResponse<'a>;

    fn op(ask: ListAccessKeysRequest<'_>) -> Result<op::ListAccessKeys> {
        let ListAccessKeysRequest { user_name, marker, max_items } = ask;
        Ok(op::ListAccessKeys { user: given(user_name), paging: paging(max_items, marker) })
    }

    fn told(output: &Listed<Described>) -> Result<ListAccessKeysResponse<'_>> {
        let Listed { items, next, numbered: _ } = output;
        Ok(ListAccessKeysResponse {
            access_key_metadata: Some(items.iter().map(told).collect()),
            is_truncated: Some(next.is_some()),
            marker: next.as_deref().map(Into::into),
        })
    }

    fn ask(op: &op::ListAccessKeys) -> Result<ListAccessKeysRequest<'_>> {
        let op::ListAccessKeys { user, paging } = op;
        let (max_items, marker) = list::part(paging)?;
        Ok(ListAccessKeysRequest { user_name: user.as_deref().map(Into::into), marker, max_items })
    }

    fn output(told: ListAccessKeysResponse<'_>) -> Result<Listed<Described>> {
        let ListAccessKeysResponse { access_key_metadata, is_truncated, marker } = told;
        list::heard(access_key_metadata, is_truncated, marker, heard)
    }
}

fn told(key: &Described) -> AccessKeyMetadata<'_> {
    let Described { id, user, active, created_at } = key;
    AccessKeyMetadata {
        access_key_id: Some(id.into()),
        create_date: Some(*created_at),
        status: Some(status(*active).into()),
        user_name: user.as_deref().map(Into::into),
    }
}

/// The access key that an answer tells.
fn heard(key: AccessKeyMetadata<'_>) -> Result<Described> {
    let AccessKeyMetadata { access_key_id, create_date, status: told, user_name } = key;
    Ok(Described {
        id: heard::text(access_key_id)?,
        user: given(user_name),
        active: heard::one_of(&[true, false], status, told)?,
        created_at: heard::had(create_date)?,
    })
}

/// Removes an access key.
pub(crate) struct DeleteAccessKey;

impl Wire for DeleteAccessKey {
    type Op = op::DeleteAccessKey;
    type Ask<'a> = DeleteAccessKeyRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: DeleteAccessKeyRequest<'_>) -> Result<op::DeleteAccessKey> {
        let DeleteAccessKeyRequest { user_name, access_key_id } = ask;
        Ok(op::DeleteAccessKey { user: given(user_name), id: owned(access_key_id) })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &op::DeleteAccessKey) -> Result<DeleteAccessKeyRequest<'_>> {
        let op::DeleteAccessKey { user, id } = op;
        Ok(DeleteAccessKeyRequest { user_name: user.as_deref().map(Into::into), access_key_id: Some(id.into()) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}
