//! `audit`: what is on the trail, and whether it is all that was.

use std::fs::File;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use polykms_crypto::Software;
use polykms_host::OsRandom;
use polykms_host::trail::PublicKey;
use polykms_host::trail::verify::{Verification, Verified};
use serde_json::json;

use super::record::{self, Record, visible};
use super::start::block_on;
use super::store::Store;
use super::{Failure, print};
use crate::config::Flags;
use crate::settings::{Mode, Settings};
use crate::{RootKey, Storage};

/// Whether anything on the trail was changed, cut or left out.
#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// Files of one trail, the oldest first
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Whose trail it has to be: what `polykms audit public-key` printed, 32 bytes in base64
    #[arg(long, value_name = "KEY")]
    public_key: PublicKey,
    /// The server is running: the trail has no end yet
    #[arg(long)]
    live: bool,
}

impl Verify {
    /// Tells what was found, or the first line that is wrong.
    ///
    /// # Errors
    /// [`Failure::Failed`] when anything is wrong, or cannot be read.
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        let Self { files, public_key, live } = self;
        let mut verification = Verification::by(&public_key);
        for file in &files {
            let name = file.display().to_string();
            let opened = File::open(file).map_err(|error| Failure::Failed(format!("cannot read `{name}`: {error}")))?;
            verification
                .read(&name, BufReader::new(opened))
                .map_err(|breach| Failure::Failed(format!("the trail is broken: {breach}")))?;
        }
        let found = verification.finish();
        print(out, &told(&found))?;
        match found.closed || live {
            true => Ok(()),
            false => Err(Failure::Failed(
                "the trail has no end: its server is running (then say --live), was killed, or lines are cut off"
                    .to_owned(),
            )),
        }
    }
}

fn told(found: &Verified) -> String {
    let Verified { events, signatures, unsealed, closed: _, remarks } = found;
    let remarks: String = remarks.iter().map(|remark| format!("note: {remark}\n")).collect();
    let unsealed = match unsealed {
        0 => String::new(),
        some => format!("no signature vouches for the last {some} yet\n"),
    };
    format!("{remarks}{events} events, vouched for by {signatures} signatures\n{unsealed}")
}

/// What an auditor verifies the trail of a store with.
#[derive(Debug, clap::Args)]
pub(crate) struct Public {
    #[command(flatten)]
    store: Store,
}

impl Public {
    /// Prints the public key; no server may have the store open.
    ///
    /// # Errors
    /// [`Failure::Failed`] when the store cannot be opened.
    pub(crate) fn print(self, out: &mut dyn Write) -> Result<(), Failure> {
        let (folder, root_key) = self.store.found()?;
        let key = block_on(public_key(&folder, root_key))??;
        print(out, &format!("{key}\n"))
    }
}

/// What the trail of the store in a folder is verified with.
async fn public_key(folder: &Path, root: RootKey) -> crate::core::error::Result<PublicKey> {
    let (random, storage) = (OsRandom, Storage::Folder(folder.to_owned()));
    let (store, keyring) = crate::root::opened(&storage, folder, root, &random).await?;
    let crypto = Software::new(keyring, Arc::new(random));
    Ok(crate::trail::signer(&store, &crypto, &random).await?.public_key().clone())
}

/// Which events to print, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Query {
    /// Files of the trail, the oldest first [default: that of the settings, with those moved away from it]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    wanted: Wanted,
    /// The form of what is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    flags: Flags,
}

/// Which events are wanted; all that is said has to hold.
#[derive(Debug, clap::Args)]
struct Wanted {
    /// Who asked: the full name, the name, the access key id, or a part of one
    #[arg(long, value_name = "TEXT")]
    principal: Option<String>,
    /// What it was about: the full name of a key, user, role …, an identifier, or a part of one
    #[arg(long, value_name = "TEXT")]
    resource: Option<String>,
    /// The operation: `CreateKey`, `kms CreateKey`
    #[arg(long, value_name = "NAME")]
    action: Option<String>,
    /// How it ended
    #[arg(long, value_enum)]
    outcome: Option<Outcome>,
    /// Not before: 2026-01-02T03:04:05Z
    #[arg(long, value_name = "TIME")]
    since: Option<Timestamp>,
    /// Before
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Outcome {
    /// It was done.
    Done,
    /// A policy refused it.
    Denied,
    /// It failed for another reason.
    Failed,
}

/// The form of what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A line for people, an event.
    Table,
    /// The records themselves, a line each.
    Json,
}

impl Query {
    /// Prints the events that are wanted.
    ///
    /// # Errors
    /// [`Failure::Failed`] when the trail cannot be read, else as for reading settings.
    pub(crate) fn print(self, out: &mut dyn Write) -> Result<(), Failure> {
        let Self { files, wanted, format, flags } = self;
        let files = match files.is_empty() {
            false => files,
            true => {
                let settings = Settings::of(flags.layered(std::env::vars_os())?, Mode::Serve)?;
                let trail = settings.audit_file.ok_or_else(|| Failure::Usage("there is no audit trail".to_owned()))?;
                record::files(&trail)?
            }
        };
        for file in &files {
            record::each(file, &wanted.words(), |record| {
                if wanted.has(&record) {
                    print(out, &format.of(&record))?;
                }
                Ok(true)
            })?;
        }
        Ok(())
    }
}

impl Wanted {
    /// What every event that is wanted has in it somewhere.
    fn words(&self) -> Vec<&str> {
        let words = [&self.principal, &self.resource].into_iter().flatten();
        words.map(String::as_str).collect()
    }

    fn has(&self, record: &Record) -> bool {
        let part = |wanted: &Option<String>, texts: &[&str]| {
            wanted.as_ref().is_none_or(|wanted| texts.iter().any(|text| text.contains(wanted.as_str())))
        };
        let principal = record.principal();
        let [_, name, account] = record.caller();
        let operation = record.operation();
        let named = |wanted: &String| *wanted == operation || operation.split(' ').next_back() == Some(wanted);
        let time = record.time().parse::<Timestamp>().ok();
        part(&self.principal, &[&principal, name, account, record.access_key()])
            && part(&self.resource, &record.resources())
            && self.action.as_ref().is_none_or(named)
            && self.outcome.is_none_or(|wanted| wanted == Outcome::of(record))
            && self.since.is_none_or(|since| time.is_some_and(|time| time >= since))
            && self.until.is_none_or(|until| time.is_some_and(|time| time < until))
    }
}

impl Outcome {
    fn of(record: &Record) -> Self {
        match (record.error(), record.verdict()) {
            (["", _], _) => Self::Done,
            (_, "explicit_deny" | "implicit_deny") => Self::Denied,
            _ => Self::Failed,
        }
    }
}

impl Format {
    fn of(self, record: &Record) -> String {
        match self {
            Self::Json => format!("{}\n", json!(record.value)),
            Self::Table => {
                let outcome = match record.error() {
                    ["", _] => "done",
                    [code, _] => code,
                };
                let about = record.resources().join(" ");
                let columns =
                    [record.time(), &record.operation(), &record.principal(), outcome, &about, record.event()];
                visible(&columns.join("  ").replace('\n', " ")) + "\n"
            }
        }
    }
}
