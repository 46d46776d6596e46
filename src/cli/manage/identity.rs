//! `identity`: the users, groups, roles and access keys of an account.

use std::io::Write;

use super::super::Failure;
use super::{Place, Table, Told, rows};
use crate::Client;
use crate::client::Result;

/// Work with the users, groups, roles and access keys of an account.
#[derive(Debug, clap::Args)]
pub(crate) struct Identity {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Tell who the credentials belong to
    Whoami,
    /// List all users
    Users,
    /// Make a user
    CreateUser(Named),
    /// Remove a user that has nothing any more
    DeleteUser(Named),
    /// List all groups
    Groups,
    /// Make a group
    CreateGroup(Named),
    /// Remove a group that has nothing any more
    DeleteGroup(Named),
    /// Put a user into a group
    Join(Member),
    /// Take a user out of a group
    Leave(Member),
    /// List all roles
    Roles,
    /// Make a role; the file says who may assume it
    CreateRole {
        #[command(flatten)]
        name: Named,
        /// The file with the trust policy
        #[arg(long, value_name = "FILE")]
        trust: std::path::PathBuf,
    },
    /// Remove a role that has nothing any more
    DeleteRole(Named),
    /// List the access keys of a user
    Keys(Named),
    /// Make an access key for a user; its secret is told this once
    CreateKey(Named),
    /// Remove an access key of a user
    DeleteKey {
        #[command(flatten)]
        user: Named,
        /// The identifier of the access key
        id: String,
    },
}

/// Somebody.
#[derive(Debug, clap::Args)]
struct Named {
    /// The name
    name: String,
}

/// A user and a group.
#[derive(Debug, clap::Args)]
struct Member {
    /// The user
    user: String,
    /// The group
    group: String,
}

impl Identity {
    /// Does what is asked.
    ///
    /// # Errors
    /// [`Failure::Failed`] with what the other side says.
    pub(crate) fn run(self, out: &mut dyn Write) -> std::result::Result<(), Failure> {
        let Self { place, command } = self;
        place.ask(out, |client| command.done(client))
    }
}

impl Command {
    async fn done(self, client: Client) -> Result<Told> {
        let all = client.identities();
        match self {
            Self::Whoami => {
                let who = client.whoami().await?;
                Ok(Table::new(&["account", "id", "name"]).row(vec![who.account, who.id, who.arn]).into())
            }
            Self::Users => rows(Table::new(&["user"]), all.users(), |user| vec![user.name]).await,
            Self::CreateUser(Named { name }) => all.create_user(name).await.map(|_| Told::Done),
            Self::DeleteUser(Named { name }) => Ok(all.delete_user(name).await?.into()),
            Self::Groups => rows(Table::new(&["group"]), all.groups(), |group| vec![group.name]).await,
            Self::CreateGroup(Named { name }) => all.create_group(name).await.map(|_| Told::Done),
            Self::DeleteGroup(Named { name }) => Ok(all.delete_group(name).await?.into()),
            Self::Join(Member { user, group }) => Ok(all.add_to_group(user, group).await?.into()),
            Self::Leave(Member { user, group }) => Ok(all.remove_from_group(user, group).await?.into()),
            Self::Roles => rows(Table::new(&["role", "name"]), all.roles(), |role| vec![role.name, role.arn]).await,
            Self::CreateRole { name: Named { name }, trust } => {
                let trust = super::policy::document(&trust)?;
                all.create_role(name, trust).await.map(|_| Told::Done)
            }
            Self::DeleteRole(Named { name }) => Ok(all.delete_role(name).await?.into()),
            Self::Keys(Named { name }) => {
                let state = |active: bool| if active { "active" } else { "inactive" }.to_owned();
                rows(Table::new(&["id", "state"]), all.access_keys(name), |key| vec![key.id, state(key.active)]).await
            }
            Self::CreateKey(Named { name }) => {
                let key = all.create_access_key(name).await?;
                Ok(Table::new(&["id", "secret"]).row(vec![key.id, key.secret.expose().to_owned()]).into())
            }
            Self::DeleteKey { user: Named { name }, id } => Ok(all.delete_access_key(name, id).await?.into()),
        }
    }
}
