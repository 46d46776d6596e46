//! Access keys: CreateAccessKey, UpdateAccessKey, ListAccessKeys and DeleteAccessKey.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::Result;
use polykms_core::identity::access_key::{self, Described, Issued};
use polykms_core::list::{Listed, Paging};
use polykms_core::secret::AccessSecret;

use super::owned;
use crate::message::ram::{
    AccessKey, AccessKeys, CreateAccessKeyRequest, CreateAccessKeyResponse, DeleteAccessKeyRequest, IssuedAccessKey,
    ListAccessKeysRequest, ListAccessKeysResponse, UpdateAccessKeyRequest,
};
use crate::wire::heard;

const ACTIVE: &str = "Active";
const INACTIVE: &str = "Inactive";

/// CreateAccessKey.
pub(crate) struct CreateAccessKey;

impl Wire for CreateAccessKey {
    type Op = access_key::CreateAccessKey;
    type Ask<'a> = CreateAccessKeyRequest<'a>;
    type Told<'a> = CreateAccessKeyResponse<'a>;

    fn op(ask: CreateAccessKeyRequest<'_>) -> Result<access_key::CreateAccessKey> {
        let CreateAccessKeyRequest { user_name } = ask;
        Ok(access_key::CreateAccessKey { user: user_name.map(Cow::into_owned) })
    }

    fn told(output: &Issued) -> Result<CreateAccessKeyResponse<'_>> {
        let Issued { id, secret, user: _, created_at } = output;
        Ok(CreateAccessKeyResponse {
            access_key: Some(IssuedAccessKey {
                access_key_id: Some(id.into()),
                access_key_secret: Some(secret.expose().into()),
                create_date: Some(*created_at),
                status: Some(ACTIVE.into()),
            }),
        })
    }

    fn ask(op: &access_key::CreateAccessKey) -> Result<CreateAccessKeyRequest<'_>> {
        let access_key::CreateAccessKey { user } = op;
        Ok(CreateAccessKeyRequest { user_name: user.as_ref().map(Cow::from) })
    }

    fn output(told: CreateAccessKeyResponse<'_>) -> Result<Issued> {
        let CreateAccessKeyResponse { access_key } = told;
        let IssuedAccessKey { access_key_id, access_key_secret, create_date, status } = heard::had(access_key)?;
        heard::agrees(status, ACTIVE)?;
        Ok(Issued {
            id: heard::text(access_key_id)?,
            secret: AccessSecret::new(heard::text(access_key_secret)?),
            user: None,
            created_at: heard::had(create_date)?,
        })
    }
}

/// UpdateAccessKey.
pub(crate) struct UpdateAccessKey;

impl Wire for UpdateAccessKey {
    type Op = access_key::UpdateAccessKey;
    type Ask<'a> = UpdateAccessKeyRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: UpdateAccessKeyRequest<'_>) -> Result<access_key::UpdateAccessKey> {
        let UpdateAccessKeyRequest { status, user_access_key_id, user_name } = ask;
        let active = status.is_some_and(|status| status == ACTIVE);
        Ok(access_key::UpdateAccessKey { user: user_name.map(Cow::into_owned), id: owned(user_access_key_id), active })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &access_key::UpdateAccessKey) -> Result<UpdateAccessKeyRequest<'_>> {
        let access_key::UpdateAccessKey { user, id, active } = op;
        Ok(UpdateAccessKeyRequest {
            status: Some(status(*active).into()),
            user_access_key_id: Some(id.into()),
            user_name: user.as_ref().map(Cow::from),
        })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// ListAccessKeys.
pub(crate) struct ListAccessKeys;

impl Wire for ListAccessKeys {
    type Op = access_key::ListAccessKeys;
    type Ask<'a> = ListAccessKeysRequest<'a>;
    type Told<'a> = ListAccessKeysResponse<'a>;

    fn op(ask: ListAccessKeysRequest<'_>) -> Result<access_key::ListAccessKeys> {
        let ListAccessKeysRequest { user_name } = ask;
        Ok(access_key::ListAccessKeys { user: user_name.map(Cow::into_owned), paging: Paging::WHOLE })
    }

    fn told(output: &Listed<Described>) -> Result<ListAccessKeysResponse<'_>> {
        let keys = output.items.iter().map(told).collect();
        Ok(ListAccessKeysResponse { access_keys: Some(AccessKeys { access_key: Some(keys) }) })
    }

    fn ask(op: &access_key::ListAccessKeys) -> Result<ListAccessKeysRequest<'_>> {
        let access_key::ListAccessKeys { user, paging: _ } = op;
        Ok(ListAccessKeysRequest { user_name: user.as_ref().map(Cow::from) })
    }

    fn output(told: ListAccessKeysResponse<'_>) -> Result<Listed<Described>> {
        let ListAccessKeysResponse { access_keys } = told;
        heard::whole(heard::had(access_keys)?.access_key, |AccessKey { access_key_id, create_date, status }| {
            let (id, created_at) = (heard::text(access_key_id)?, heard::had(create_date)?);
            Ok(Described { id, user: None, active: is_active(&heard::had(status)?)?, created_at })
        })
    }
}

/// DeleteAccessKey.
pub(crate) struct DeleteAccessKey;

impl Wire for DeleteAccessKey {
    type Op = access_key::DeleteAccessKey;
    type Ask<'a> = DeleteAccessKeyRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: DeleteAccessKeyRequest<'_>) -> Result<access_key::DeleteAccessKey> {
        let DeleteAccessKeyRequest { user_access_key_id, user_name } = ask;
        Ok(access_key::DeleteAccessKey { user: user_name.map(Cow::into_owned), id: owned(user_access_key_id) })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &access_key::DeleteAccessKey) -> Result<DeleteAccessKeyRequest<'_>> {
        let access_key::DeleteAccessKey { user, id } = op;
        let user_name = user.as_ref().map(Cow::from);
        Ok(DeleteAccessKeyRequest { user_access_key_id: Some(id.into()), user_name })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// Whether the status of an answer is that of an active key.
fn is_active(status: &str) -> Result<bool> {
    match status {
        ACTIVE => Ok(true),
        INACTIVE => Ok(false),
        _ => Err(heard::unreadable("a status is not known")),
    }
}

fn status(active: bool) -> &'static str {
    if active { ACTIVE } else { INACTIVE }
}

fn told(key: &Described) -> AccessKey<'_> {
    let Described { id, user: _, active, created_at } = key;
    AccessKey { access_key_id: Some(id.into()), create_date: Some(*created_at), status: Some(status(*active).into()) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::tests::decoded;

    #[test]
    fn a_status_is_one_of_two_words() {
        let update = |status: &str| decoded::<UpdateAccessKey>(&[("UserAccessKeyId", "LTAI1"), ("Status", status)]);
        assert!(update("Active").unwrap().active && !update("Inactive").unwrap().active);
        for status in ["", "active", "On"] {
            assert_eq!(update(status).unwrap_err().subject(), Some("Status"), "{status}");
        }
    }

    #[test]
    fn without_a_name_the_caller_is_meant() {
        assert_eq!(decoded::<CreateAccessKey>(&[]).unwrap().user, None);
        assert_eq!(decoded::<CreateAccessKey>(&[("UserName", "a")]).unwrap().user.as_deref(), Some("a"));
    }
}
