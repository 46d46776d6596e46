//! Access keys: CreateAccessKey, UpdateAccessKey, ListAccessKeys and DeleteAccessKey.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::{Flaw, Result};
use polykms_core::identity::access_key::{self, Described, Issued};
use polykms_core::list::{Listed, Paging};
use serde_json::Value;

use super::{ACCESS_KEY, PRINCIPAL};
use crate::wire::{Arguments, date, done, invalid, listed, object, tree};

const ACTIVE: &str = "Active";
const INACTIVE: &str = "Inactive";

pub(crate) struct CreateAccessKey;

impl Former for CreateAccessKey {
    type Op = access_key::CreateAccessKey;

    fn decode(arguments: &Payload) -> Result<access_key::CreateAccessKey> {
        Ok(access_key::CreateAccessKey { user: Arguments::of(arguments)?.holder_of_key()? })
    }

    fn encode(output: Issued) -> Result<Payload> {
        let Issued { id, secret, user: _, created_at } = output;
        let told = object([
            ("AccessKeyId", id.into()),
            ("AccessKeySecret", secret.expose().into()),
            ("Status", ACTIVE.into()),
            ("CreateDate", date(created_at).into()),
        ]);
        Ok(tree([("AccessKey", told)]))
    }
}

pub(crate) struct UpdateAccessKey;

impl Former for UpdateAccessKey {
    type Op = access_key::UpdateAccessKey;

    fn decode(arguments: &Payload) -> Result<access_key::UpdateAccessKey> {
        let arguments = Arguments::of(arguments)?;
        let active = match arguments.required("Status")? {
            ACTIVE => true,
            INACTIVE => false,
            _ => return Err(invalid(Flaw::Value, "Status")),
        };
        let id = arguments.name("UserAccessKeyId", &ACCESS_KEY)?;
        Ok(access_key::UpdateAccessKey { user: arguments.holder_of_key()?, id, active })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

pub(crate) struct ListAccessKeys;

impl Former for ListAccessKeys {
    type Op = access_key::ListAccessKeys;

    fn decode(arguments: &Payload) -> Result<access_key::ListAccessKeys> {
        Ok(access_key::ListAccessKeys { user: Arguments::of(arguments)?.holder_of_key()?, paging: Paging::WHOLE })
    }

    fn encode(output: Listed<Described>) -> Result<Payload> {
        Ok(tree([("AccessKeys", listed("AccessKey", output.items.iter().map(told)))]))
    }
}

pub(crate) struct DeleteAccessKey;

impl Former for DeleteAccessKey {
    type Op = access_key::DeleteAccessKey;

    fn decode(arguments: &Payload) -> Result<access_key::DeleteAccessKey> {
        let arguments = Arguments::of(arguments)?;
        let id = arguments.name("UserAccessKeyId", &ACCESS_KEY)?;
        Ok(access_key::DeleteAccessKey { user: arguments.holder_of_key()?, id })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

impl Arguments<'_> {
    /// Whose access keys are meant; the caller's, where nothing is said.
    fn holder_of_key(self) -> Result<Option<String>> {
        self.optional_name("UserName", &PRINCIPAL)
    }
}

fn told(key: &Described) -> Value {
    let Described { id, user: _, active, created_at } = key;
    object([
        ("AccessKeyId", id.as_str().into()),
        ("Status", (if *active { ACTIVE } else { INACTIVE }).into()),
        ("CreateDate", date(*created_at).into()),
    ])
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::tests::params;

    #[test]
    fn a_status_is_one_of_two_words() {
        let update =
            |status: &str| UpdateAccessKey::decode(&params(&[("UserAccessKeyId", "LTAI1"), ("Status", status)]));
        assert!(update("Active").unwrap().active && !update("Inactive").unwrap().active);
        for status in ["", "active", "On"] {
            assert_eq!(update(status).unwrap_err().subject(), Some("Status"), "{status}");
        }
    }

    #[test]
    fn without_a_name_the_caller_is_meant() {
        assert_eq!(CreateAccessKey::decode(&params(&[])).unwrap().user, None);
        assert_eq!(CreateAccessKey::decode(&params(&[("UserName", "a")])).unwrap().user.as_deref(), Some("a"));
    }
}
