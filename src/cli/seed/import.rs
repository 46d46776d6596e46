//! `seed import`: seeds of other emulators, as their clouds' dialects read them.

use std::io::Write;
use std::path::PathBuf;

use super::export::written;
use crate::Seed;
use crate::cli::{Failure, print};
use crate::core::dialect::Dialect;
use crate::core::dialect::front;
use crate::core::seed::{Exported, SeedAccount, SeedKey};

/// Print the seed of another emulator as one of this program.
#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// The file of the other emulator
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Which emulator it is of [default: the one whose form it has]
    #[arg(long, value_name = "NAME")]
    from: Option<String>,
    /// The account that everything is to be in [default: that of `dev`]
    #[arg(long, value_name = "NUMBER")]
    account: Option<String>,
    /// The region that everything is to be in [default: that of `dev`]
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
}

impl Import {
    /// Prints the seed; what could not be carried over is told in its first lines.
    ///
    /// # Errors
    /// [`Failure::Failed`] when the file cannot be read, or has the form of no emulator.
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        let Self { file, from, account, region } = self;
        let place = file.display();
        let text = std::fs::read_to_string(&file)
            .map_err(|error| Failure::Failed(format!("cannot read `{place}`: {error}")))?;
        let foreign: serde_json::Value = serde_saphyr::from_str(&text)
            .map_err(|error| Failure::Failed(format!("`{place}` is not YAML: {}", error.without_snippet())))?;
        let (dialect, import) = form(from.as_deref(), &foreign)?;
        let account = account.unwrap_or_else(|| dialect.front.default_account.to_owned());
        let region = region.unwrap_or_else(|| dialect.law.region.to_owned());
        let front::Imported { keys, left } = (import.read)(&foreign, &region)
            .map_err(|why| Failure::Failed(format!("`{place}` is not a seed of {}: {why}", import.name)))?;
        let keys = keys.into_iter().map(serde_json::from_value::<SeedKey>).collect::<Result<Vec<_>, _>>();
        let keys =
            keys.map_err(|error| Failure::Failed(format!("`{place}` is not a seed of {}: {error}", import.name)))?;
        let account = SeedAccount { account, keys, ..SeedAccount::default() };
        let seed = Seed { dialects: [(dialect.name.to_owned(), vec![account])].into() };
        print(out, &written(&Exported { seed, left })?)
    }
}

/// The emulator that a file is of.
fn form(
    from: Option<&str>,
    foreign: &serde_json::Value,
) -> Result<(&'static Dialect, &'static front::Import), Failure> {
    let registry = crate::registry()?;
    let imports =
        || registry.dialects().iter().flat_map(|dialect| dialect.front.imports.iter().map(|form| (*dialect, form)));
    let found = match from {
        Some(name) => imports().find(|(_, import)| import.name == name),
        None => imports().find(|(_, import)| (import.looks)(foreign)),
    };
    found.ok_or_else(|| {
        let names: Vec<_> = imports().map(|(_, import)| import.name).collect();
        Failure::Usage(format!("the file is of none of the emulators that are known: {}", names.join(", ")))
    })
}
