//! `key`, `policy` and `identity`: what a cloud, an emulator or a folder has, by the client that programs use, too.

mod identity;
mod key;
mod policy;
mod table;

use std::future::Future;
use std::io::Write;

use futures_util::TryStreamExt as _;

use super::{Failure, print};
use crate::Client;
use crate::client::{Error, Paged};

pub(crate) use identity::Identity;
pub(crate) use key::Key;
pub(crate) use policy::Managed;
pub(crate) use table::Table;

/// Where, and how it is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Place {
    /// What is asked: aws://REGION, alibaba://REGION, each with ?endpoint=URL for whatever speaks like it, or
    /// embedded:///PATH?dialect=NAME
    #[arg(long, global = true, value_name = "URL", env = "POLYKMS_ENDPOINT")]
    at: Option<String>,
    /// Print JSON, one object a line
    #[arg(long, global = true)]
    json: bool,
}

impl Place {
    /// Asks what is to be asked there, and prints what comes of it.
    fn ask<F>(&self, out: &mut dyn Write, asking: impl FnOnce(Client) -> F) -> Result<(), Failure>
    where
        F: Future<Output = Result<Told, Error>>,
    {
        let missing = || Failure::Usage("say what to ask, with --at or in POLYKMS_ENDPOINT: CLOUD://REGION".to_owned());
        let url = self.at.as_deref().ok_or_else(missing)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::Failed(format!("nothing can be asked: {error}")))?;
        let told = runtime.block_on(async { asking(Client::connect(url).await?).await });
        match told.map_err(failed)? {
            Told::Done => Ok(()),
            Told::Table(table) if self.json => print(out, &table.json()),
            Told::Table(table) => print(out, &table.text()),
            Told::Bytes(bytes) => {
                out.write_all(&bytes).and_then(|()| out.flush()).map_err(|error| Failure::Failed(error.to_string()))
            }
        }
    }
}

/// What comes of a command.
enum Told {
    /// Nothing more than that it was done.
    Done,
    /// Rows.
    Table(Table),
    /// Bytes, as they are.
    Bytes(Vec<u8>),
}

impl From<()> for Told {
    fn from((): ()) -> Self {
        Self::Done
    }
}

impl From<Table> for Told {
    fn from(table: Table) -> Self {
        Self::Table(table)
    }
}

fn failed(error: Error) -> Failure {
    Failure::Failed(error.to_string())
}

/// All of a list, as rows.
async fn rows<T>(table: Table, list: Paged<T>, row: impl Fn(T) -> Vec<String>) -> Result<Told, Error> {
    let rows = list.map_ok(row).try_collect::<Vec<_>>().await?;
    Ok(Told::Table(rows.into_iter().fold(table, Table::row)))
}

/// A pair given as `NAME=VALUE`.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("a pair is NAME=VALUE".to_owned()),
    }
}
