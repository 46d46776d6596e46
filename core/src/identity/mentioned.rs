//! Whom the principals of policies mean, and whether they are there.

use super::{Account, Role as IdentityRole, User, identity_path};
use crate::dialect::Dialect;
use crate::engine::World;
use crate::engine::world::{ACCOUNTS, ROLES, USERS};
use crate::error::{Kind, Result};
use crate::name::path;
use crate::policy::Policy;

/// Whom a principal in a policy means, as far as it can be looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mentioned<'a> {
    /// A user.
    User {
        /// The account.
        account: &'a str,
        /// The path, with both slashes.
        path: &'a str,
        /// The name.
        name: &'a str,
    },
    /// A role.
    Role {
        /// The account.
        account: &'a str,
        /// The path, with both slashes; any, when absent.
        path: Option<&'a str>,
        /// The name.
        name: &'a str,
    },
    /// Somebody that no record is kept of: the word of the policy is taken.
    Unrecorded,
    /// Nobody: the text is no name.
    Nobody,
}

/// Refuses a policy that names somebody who is not there.
pub(crate) async fn everybody_exists(world: &World, dialect: &'static Dialect, policy: &Policy) -> Result<()> {
    let Some(mentioned) = dialect.law.identity()?.mentioned else { return Ok(()) };
    for text in policy.principals() {
        let exists = match mentioned(text) {
            // Of accounts that are not kept here nothing is known: the word of the policy is taken.
            Mentioned::User { account, .. } | Mentioned::Role { account, .. }
                if !is_kept(world, dialect, account).await? =>
            {
                true
            }
            Mentioned::User { account, path, name } => {
                let at = identity_path(dialect.name, account, name);
                let found = world.read::<User>(USERS, &at).await?;
                found.is_some_and(|user| user.value.path == path && user.value.name == name)
            }
            Mentioned::Role { account, path, name } => {
                let at = identity_path(dialect.name, account, name);
                let found = world.read::<IdentityRole>(ROLES, &at).await?;
                let fits = |role: &IdentityRole| path.is_none_or(|path| role.path == path) && role.name == name;
                found.is_some_and(|role| fits(&role.value))
            }
            Mentioned::Unrecorded => true,
            Mentioned::Nobody => false,
        };
        if !exists {
            return Err(Kind::UnknownPrincipal.about(text));
        }
    }
    Ok(())
}

async fn is_kept(world: &World, dialect: &Dialect, account: &str) -> Result<bool> {
    Ok(world.read::<Account>(ACCOUNTS, &path(&[dialect.name, account])).await?.is_some())
}
