//! `policy` of an account: its managed policies, and who has them.

use std::io::Write;
use std::path::{Path, PathBuf};

use polykms_core::holder::Holder;

use super::super::Failure;
use super::{Place, Table, Told, rows};
use crate::Client;
use crate::client::{Kind, Result};

/// Work with the managed policies of an account.
#[derive(Debug, clap::Args)]
pub(crate) struct Managed {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the policies that the account has itself
    List,
    /// Make a policy of a file
    Create(Written),
    /// Put a new version of a policy in force
    Put(Written),
    /// Remove a policy that nobody has
    Delete {
        /// The policy
        name: String,
    },
    /// Give a policy to a user, group or role
    Attach(Given),
    /// Take a policy from a user, group or role
    Detach(Given),
    /// List the policies that a user, group or role has
    Of {
        /// Who: user/NAME, group/NAME or role/NAME
        #[arg(value_parser = holder)]
        holder: Holder,
    },
}

/// A policy and what it says.
#[derive(Debug, clap::Args)]
struct Written {
    /// The policy
    name: String,
    /// The file with its document
    document: PathBuf,
}

/// A policy and who has it.
#[derive(Debug, clap::Args)]
struct Given {
    /// The policy
    name: String,
    /// Who: user/NAME, group/NAME or role/NAME
    #[arg(value_parser = holder)]
    holder: Holder,
}

fn holder(text: &str) -> std::result::Result<Holder, String> {
    match text.split_once('/') {
        Some(("user", name)) => Ok(Holder::User(name.to_owned())),
        Some(("group", name)) => Ok(Holder::Group(name.to_owned())),
        Some(("role", name)) => Ok(Holder::Role(name.to_owned())),
        _ => Err("this is user/NAME, group/NAME or role/NAME".to_owned()),
    }
}

/// A document of a file.
///
/// # Errors
/// [`Kind::Config`] when it cannot be read.
pub(super) fn document(file: &Path) -> Result<String> {
    let unread = |error: std::io::Error| Kind::Config.because(format!("`{}` cannot be read: {error}", file.display()));
    std::fs::read_to_string(file).map_err(unread)
}

impl Managed {
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
        let all = client.policies();
        match self {
            Self::List => {
                let row = |policy: polykms_core::identity::managed_policy::Described| {
                    let attached = policy.attachments.map(|count| count.to_string()).unwrap_or_default();
                    vec![policy.policy.name, format!("v{}", policy.default_version), attached]
                };
                rows(Table::new(&["policy", "version", "attached"]), all.list(), row).await
            }
            Self::Create(Written { name, document: file }) => {
                all.create(name, document(&file)?).await.map(|_| Told::Done)
            }
            Self::Put(Written { name, document: file }) => {
                let version = all.put(name.as_str(), document(&file)?).await?;
                Ok(Table::new(&["version"]).row(vec![format!("v{}", version.number)]).into())
            }
            Self::Delete { name } => Ok(all.delete(name.as_str()).await?.into()),
            Self::Attach(Given { name, holder }) => Ok(all.attach(name.as_str(), holder).await?.into()),
            Self::Detach(Given { name, holder }) => Ok(all.detach(name.as_str(), holder).await?.into()),
            Self::Of { holder } => {
                rows(Table::new(&["policy"]), all.attached(holder), |policy| vec![policy.policy.name]).await
            }
        }
    }
}
