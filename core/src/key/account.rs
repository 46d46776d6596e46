//! Whether an account may have keys at all: it always may.

use crate::dialect::Item;
use crate::engine::World;
use crate::error::{Kind, Noun, Result};
use crate::operation::{Authorized, Operation, Role, Target};

/// Tells whether the account may have keys; it always may.
#[derive(Debug)]
pub struct DescribeAccount;

impl Operation for DescribeAccount {
    type Output = ();
    const NAME: &'static str = "DescribeAccount";
    const ROLES: &'static [Role] = &[Role::Account];

    fn target(&self, _: Role) -> Target<'_> {
        Target::Item(Item::Everything)
    }

    async fn run(_: &Authorized<Self>, _: &World) -> Result<()> {
        Ok(())
    }
}

/// Opens the service for the account; always too late, for it is open from the start.
#[derive(Debug)]
pub struct OpenAccount;

impl Operation for OpenAccount {
    type Output = ();
    const NAME: &'static str = "OpenAccount";
    const ROLES: &'static [Role] = &[Role::Account];

    fn target(&self, _: Role) -> Target<'_> {
        Target::Item(Item::Everything)
    }

    async fn run(_: &Authorized<Self>, _: &World) -> Result<()> {
        Err(Kind::AlreadyExists(Noun::Resource).because("the service is open already"))
    }
}
