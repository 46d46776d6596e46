//! `move`: keys, policies and identities taken from one place to another, as a plan says.

use std::io::Write;
use std::path::PathBuf;

use super::manage::Table;
use super::{Failure, print};
use crate::Client;
use crate::client::Error;
use crate::client::moves::{Outcome, Plan, Thing};

/// Take keys, policies and identities from one place to another. Nothing is changed where they come from.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Move {
    /// Tell what would become of each thing: it maps, narrows or cannot be moved, and why
    Plan(Between),
    /// Do what a plan says, and go on where an earlier run ended
    Run(Between),
}

/// Two places.
#[derive(Debug, clap::Args)]
pub(crate) struct Between {
    /// Where things come from: aws://REGION, alibaba://REGION, each with ?endpoint=URL for whatever speaks like it, or
    /// embedded:///PATH?dialect=NAME
    #[arg(long, value_name = "URL")]
    from: String,
    /// Where they go to
    #[arg(long, value_name = "URL")]
    to: String,
    /// The file with the plan: `plan` writes it, `run` does what it says; without it, `run` makes a plan of its own
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Print JSON: of `plan` the plan, of `run` one object a line
    #[arg(long)]
    json: bool,
}

impl Move {
    /// Plans or moves.
    ///
    /// # Errors
    /// [`Failure::Failed`] with what one side says, and when the plan cannot be read or written.
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::Failed(format!("nothing can be asked: {error}")))?;
        match self {
            Self::Plan(between) => runtime.block_on(between.planned(out)),
            Self::Run(between) => runtime.block_on(between.done(out)),
        }
    }
}

impl Between {
    async fn planned(self, out: &mut dyn Write) -> Result<(), Failure> {
        let (from, to) = self.clients().await?;
        let plan = Plan::of(&from, &to).await.map_err(failed)?;
        let mut json = plan.to_json().map_err(failed)?;
        json.push('\n');
        if let Some(file) = &self.plan {
            let unwritten = |error| Failure::Failed(format!("cannot write `{}`: {error}", file.display()));
            std::fs::write(file, &json).map_err(unwritten)?;
        }
        match self.json {
            true => print(out, &json),
            false => print(out, &table(&plan).text()),
        }
    }

    async fn done(self, out: &mut dyn Write) -> Result<(), Failure> {
        let (from, to) = self.clients().await?;
        let plan = match &self.plan {
            Some(file) => {
                let unread = |error| Failure::Failed(format!("cannot read `{}`: {error}", file.display()));
                Plan::from_json(&std::fs::read_to_string(file).map_err(unread)?).map_err(failed)?
            }
            None => Plan::of(&from, &to).await.map_err(failed)?,
        };
        let mut rows = Table::new(&["thing", "outcome"]);
        let mut told = Vec::new();
        let done = plan.run(&from, &to, |thing, outcome| told.push(row(thing, outcome))).await;
        for row in told {
            rows = rows.row(row);
        }
        let text = if self.json { rows.json() } else { rows.text() };
        print(out, &text)?;
        done.map(drop).map_err(failed)
    }

    async fn clients(&self) -> Result<(Client, Client), Failure> {
        let from = Client::connect(&self.from).await.map_err(failed)?;
        Ok((from, Client::connect(&self.to).await.map_err(failed)?))
    }
}

fn failed(error: Error) -> Failure {
    Failure::Failed(error.to_string())
}

fn row(thing: &Thing, outcome: Outcome) -> Vec<String> {
    let outcome = match outcome {
        Outcome::Made => "made",
        Outcome::There => "there already",
    };
    vec![thing.name.clone(), outcome.to_owned()]
}

fn table(plan: &Plan) -> Table {
    let row = |thing: &Thing| vec![thing.name.clone(), thing.status.to_string(), thing.why.join("; ")];
    plan.things.iter().map(row).fold(Table::new(&["thing", "status", "why"]), Table::row)
}
