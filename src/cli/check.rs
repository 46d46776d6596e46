//! `check`: looks at every record of a data folder, while no server has it.

use std::io::Write;
use std::path::PathBuf;

use super::start::{block_on, root_key};
use super::{Failure, print};
use crate::config::{Flags, Layer};
use crate::core::inspect::{Depth, Inspection};
use crate::settings::{Mode, Settings};
use crate::{Builder, Storage};

/// Where the store is, and which key it is under.
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// TOML file of the server's settings; also POLYKMS_CONFIG
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of the store [default: ./polykms-data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// File of the root key, or POLYKMS_ROOT_KEY, or POLYKMS_PASSPHRASE [default: DATA_DIR/root.key]
    #[arg(long, value_name = "FILE")]
    root_key_file: Option<PathBuf>,
}

impl Check {
    /// Prints a line for each record that cannot be used as it is, and one for all.
    ///
    /// # Errors
    /// [`Failure::Failed`] when there is such a record, or the store cannot be opened.
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        let Self { config, data_dir, root_key_file } = self;
        let layer = Layer { data_dir, root_key_file, ..Layer::default() };
        let settings = Settings::of(Flags::of(config, layer).layered(std::env::vars_os())?, Mode::Serve)?;
        let folder = settings.data_dir.ok_or_else(|| Failure::Usage("say where the store is".to_owned()))?;
        if !folder.join(polykms_store::sqlite::DATABASE).is_file() {
            return Err(Failure::Failed(format!("there is no store in `{}`", folder.display())));
        }
        let builder = Builder::new().storage(Storage::Folder(folder)).root_key(root_key(&settings.root_key));
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
