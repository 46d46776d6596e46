//! Decoding the encoded message of a denial, for the account that it is about.

use super::Item;
use super::locate;
use crate::engine::{Search, World};
use crate::error::Result;
use crate::operation::{Authorized, Operation, Role};

/// Decodes the encoded message of a denial.
#[derive(Debug)]
pub struct DecodeMessage {
    /// The message, as the denial carried it.
    pub encoded: String,
}

impl Operation for DecodeMessage {
    type Output = String;
    const NAME: &'static str = "DecodeAuthorizationMessage";
    const ROLES: &'static [Role] = &[Role::Account];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::Everything)
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<String> {
        let place = allowed.place();
        world.decode_message(place.dialect, &place.account, &allowed.op().encoded)
    }
}
