//! `seed export`: what is there, as a seed.

use std::io::Write;
use std::path::PathBuf;

use crate::cli::reach::Reached;
use crate::cli::ready::Ready;
use crate::cli::start::block_on;
use crate::cli::store::Store;
use crate::cli::{Failure, print};
use crate::core::seed::{Exported, Secrets};
use crate::{Builder, Purpose, Storage};

/// Print what is there as a seed.
#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// URL of a running `dev` [default: http://127.0.0.1:4566]
    #[arg(long, value_name = "URL", conflicts_with_all = ["ready_file", "data_dir"])]
    endpoint: Option<String>,
    /// Ready file of a running `dev`
    #[arg(long, value_name = "FILE", conflicts_with = "data_dir")]
    ready_file: Option<PathBuf>,
    #[command(flatten)]
    store: Store,
    /// Tell the secrets of access keys, too; only of what `dev` made
    #[arg(long)]
    secrets: bool,
}

impl Export {
    /// Prints the seed; what it does not say is told in its first lines.
    ///
    /// # Errors
    /// [`Failure::Failed`] when there is no server or no store, and for secrets that are not to be told.
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        let Self { endpoint, ready_file, store, secrets } = self;
        let exported = match (endpoint, ready_file) {
            (None, None) if store.is_named() => of_folder(store, secrets)?,
            (_, Some(file)) => of_server(&Reached::of(&Ready::read(&file)?, false)?, secrets)?,
            (endpoint, None) => {
                of_server(&Reached::at(endpoint.as_deref().unwrap_or("http://127.0.0.1:4566")), secrets)?
            }
        };
        print(out, &written(&exported)?)
    }
}

fn of_server(server: &Reached, secrets: bool) -> Result<Exported, Failure> {
    let told = server.page(&format!("seed?secrets={secrets}"), None)?;
    serde_json::from_value(told).map_err(|_| Failure::Failed("the server does not answer with a seed".to_owned()))
}

fn of_folder(store: Store, secrets: bool) -> Result<Exported, Failure> {
    let (folder, root_key) = store.found()?;
    if !folder.join(polykms_store::sqlite::DATABASE).is_file() {
        return Err(Failure::Failed(format!("there is no store in `{}`", folder.display())));
    }
    let builder = Builder::new().storage(Storage::Folder(folder)).root_key(root_key);
    let engine = block_on(builder.build())??;
    if secrets && block_on(Purpose::of(&engine))?? != Some(Purpose::Dev) {
        return Err(Failure::Failed("secrets are told only of a folder that `dev` made".to_owned()));
    }
    Ok(block_on(engine.export(if secrets { Secrets::Told } else { Secrets::Kept }))??)
}

/// A seed as a file.
pub(super) fn written(exported: &Exported) -> Result<String, Failure> {
    let Exported { seed, left } = exported;
    let text = serde_saphyr::to_string(seed).map_err(|error| Failure::Failed(error.to_string()))?;
    let left: String = left.iter().map(|what| format!("# Left out of {what}\n")).collect();
    Ok(format!("# A seed for `polykms dev --seed FILE`.\n{left}{text}"))
}
