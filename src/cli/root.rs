//! `root`: the key that everything in a data folder is kept under.

use std::io::Write;
use std::path::PathBuf;

use super::start::{block_on, root_key};
use super::store::Store;
use super::{Failure, print};
use crate::config::Secret;
use crate::rotate_root_key;
use crate::settings;

/// The new key itself, 32 bytes in base64, or the passphrase that it is made of.
const NEW_KEY: &str = "POLYKMS_NEW_ROOT_KEY";
const NEW_PASSPHRASE: &str = "POLYKMS_NEW_PASSPHRASE";

/// Where the store is, which key it is under, and which it is to be under.
#[derive(Debug, clap::Args)]
pub(crate) struct Rotate {
    #[command(flatten)]
    store: Store,
    /// File of the new root key, made when missing; or POLYKMS_NEW_ROOT_KEY, or POLYKMS_NEW_PASSPHRASE
    #[arg(long, value_name = "FILE")]
    new_root_key_file: Option<PathBuf>,
}

impl Rotate {
    /// Puts the store under the new key; no server may have it open.
    ///
    /// # Errors
    /// [`Failure::Usage`] when a key or the folder is not said, [`Failure::Failed`] when the store is not under the first.
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        let Self { store, new_root_key_file } = self;
        let new = settings::root_key(variable(NEW_KEY)?, variable(NEW_PASSPHRASE)?, new_root_key_file, None)?;
        if matches!(new, settings::RootKey::Fresh) {
            return Err(Failure::Usage("say what the new root key is: `--new-root-key-file` is one way".to_owned()));
        }
        let (folder, from) = store.found()?;
        block_on(rotate_root_key(&folder, from, root_key(&new)))??;
        print(
            out,
            &format!("the store in `{}` is under the new root key; start the server with that one\n", folder.display()),
        )
    }
}

fn variable(name: &str) -> Result<Option<Secret>, Failure> {
    let Some(value) = std::env::var_os(name) else { return Ok(None) };
    let text = value.into_string().map_err(|_| Failure::Usage(format!("`{name}` is not UTF-8")))?;
    text.parse().map(Some).map_err(|why| Failure::Usage(format!("`{name}` {why}")))
}
