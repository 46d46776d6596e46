//! Whether an account may have keys at all: it always may.

use super::Item;
use super::locate;
use crate::engine::{Search, World};
use crate::error::{Kind, Noun, Result};
use crate::operation::{Authorized, Operation, Role};

/// Tells whether the account may have keys; it always may.
#[derive(Debug)]
pub struct DescribeAccount;

impl Operation for DescribeAccount {
    type Output = ();
    const NAME: &'static str = "DescribeAccount";
    const ROLES: &'static [Role] = &[Role::Account];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::Everything)
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

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::Everything)
    }

    async fn run(_: &Authorized<Self>, _: &World) -> Result<()> {
        Err(Kind::AlreadyExists(Noun::Service).because("the service is open already"))
    }
}
