//! Where a store is and which key it is under: what every command asks that works on one while no server has it.

use std::path::PathBuf;

use super::start::root_key;
use crate::cli::Failure;
use crate::config::{Flags, Layer};
use crate::settings::{Mode, Settings};

/// A store that no server has open.
#[derive(Debug, clap::Args)]
pub(crate) struct Store {
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

impl Store {
    /// Whether it is said where the store is.
    pub(crate) fn is_named(&self) -> bool {
        self.data_dir.is_some() || self.config.is_some()
    }

    /// The folder, and the root key.
    ///
    /// # Errors
    /// As for reading settings.
    pub(crate) fn found(self) -> Result<(PathBuf, crate::RootKey), Failure> {
        let Self { config, data_dir, root_key_file } = self;
        let layer = Layer { data_dir, root_key_file, ..Layer::default() };
        let settings = Settings::of(Flags::of(config, layer).layered(std::env::vars_os())?, Mode::Serve)?;
        let folder = settings.data_dir.ok_or_else(|| Failure::Usage("say where the store is".to_owned()))?;
        Ok((folder, root_key(&settings.root_key)))
    }
}
