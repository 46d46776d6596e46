//! `check`: looks at every record of a data folder, while no server has it.

use std::io::Write;

use super::start::block_on;
use super::store::Store;
use super::{Failure, print};
use crate::core::inspect::{Depth, Inspection};
use crate::{Builder, Storage};

/// Where the store is, and which key it is under.
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    #[command(flatten)]
    store: Store,
}

impl Check {
    /// Prints a line for each record that cannot be used as it is, and one for all.
    ///
    /// # Errors
    /// [`Failure::Failed`] when there is such a record, or the store cannot be opened.
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        let (folder, root_key) = self.store.found()?;
        if !folder.join(polykms_store::sqlite::DATABASE).is_file() {
            return Err(Failure::Failed(format!("there is no store in `{}`", folder.display())));
        }
        let builder = Builder::new().storage(Storage::Folder(folder)).root_key(root_key);
        let Inspection { seen, findings } =
            block_on(async { builder.build().await?.inspect(usize::MAX, Depth::Content).await })??;
        let lines: String = findings.iter().map(|finding| format!("{finding}\n")).collect();
        print(out, &format!("{lines}{seen} records, {} that cannot be used\n", findings.len()))?;
        match findings.len() {
            0 => Ok(()),
            count => Err(Failure::Failed(format!("{count} records cannot be used as they are"))),
        }
    }
}
