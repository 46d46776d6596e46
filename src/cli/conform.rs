//! `polykms conform`: a server is judged by the conformance suite, over HTTP alone.
//!
//! Exit status: 0 when nothing was unexpected, 1 when something was, 2 when it could not be run.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::{IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use polykms_conformance::suite::journal::{Journal, Past, Subject};
use polykms_conformance::suite::{self, Access, Known, Need, Neighbour, Outcome, Plan, Report, Settings, Target, plan};
use polykms_core::dialect::Dialect;
use url::Url;

use super::Failure;
use super::start::block_on;

/// Judge a server by the conformance suite.
#[derive(Debug, Args)]
pub(super) struct Conform {
    /// Where the server is: https, or http on this machine
    #[arg(long, value_name = "URL", required_unless_present = "dry_run")]
    target: Option<String>,
    /// What it is to speak
    #[arg(long, value_name = "NAME")]
    dialect: String,
    /// The region that is asked
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Run only this file, folder of files, case or row; may be given several times
    #[arg(long, value_name = "PATH[/ID[ROW]]")]
    only: Vec<String>,
    /// Begin no further case after one that is not as expected
    #[arg(long, conflicts_with_all = ["known", "dry_run"])]
    fail_fast: bool,
    /// How many cases run at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: u16,
    /// Write result.json, junit.xml and report.html into this folder
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// What the target is known to do otherwise (TOML); whatever of it passes is an error
    #[arg(long, value_name = "FILE")]
    known: Option<PathBuf>,
    /// Files of cases of one's own, beside those that come with the program
    #[arg(long, value_name = "FILE")]
    suite: Vec<PathBuf>,
    /// Seconds until everybody knows a new identity
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    settle: u64,
    /// The account that the credentials have to be of; wanted of targets that are not on this machine
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// The profile of somebody who may do everything in another account, for what goes across accounts
    #[arg(long, value_name = "PROFILE")]
    neighbour: Option<String>,
    /// What the target has to have: without it the run fails, instead of skipping cases; may be given several times
    #[arg(long, value_name = "NEED", value_parser = PossibleValuesParser::new(Need::ALL.map(Need::name)).try_map(need))]
    require: Vec<Need>,
    /// Ask only for what changes nothing: for accounts in which nothing may be made
    #[arg(long)]
    read_only: bool,
    /// Write down how everything is undone, and which cases ended
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Go on with the run of the journal: what it left behind is undone first, and what ended is not run again
    #[arg(long, requires = "journal", conflicts_with = "read_only")]
    resume: bool,
    /// Only undo what the run of the journal left behind
    #[arg(long, requires = "journal", conflicts_with_all = ["read_only", "resume", "dry_run"])]
    sweep: bool,
    /// Only list the cases
    #[arg(long)]
    dry_run: bool,
}

impl Conform {
    pub(super) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        let registry = crate::registry()?;
        let dialect = registry.named(&self.dialect).ok_or_else(|| {
            let names: Vec<_> = registry.dialects().iter().map(|dialect| dialect.name).collect();
            Failure::Usage(format!("there is no dialect `{}` among {}", self.dialect, names.join(", ")))
        })?;
        let plans = self.plans(dialect)?;
        if self.dry_run {
            return list(&plans, out);
        }
        let known = self.known.as_deref().map(known).transpose()?;
        let target = self.target.as_deref().unwrap_or_default();
        let here = is_here(target)?;
        if !here && self.account.is_none() {
            let why = "the target is not on this machine: name the account that may be changed with --account";
            return Err(Failure::Usage(why.to_owned()));
        }
        let (journal, past) = self.journal(dialect)?;
        let settings = Settings {
            dialect,
            url: target.to_owned(),
            region: self.region.clone(),
            access: access(dialect, here)?,
            neighbour: self.neighbour.clone().map(Neighbour::Profile).or_else(|| here.then(|| next_door(dialect))),
            settle: Duration::from_secs(self.settle),
            read_only: self.read_only,
            journal,
        };
        if self.sweep {
            let left = past.left.len();
            block_on(self.swept(settings, past))??;
            return super::print(out, &format!("{left} things undone\n"));
        }
        let report = block_on(self.judge(settings, &plans, past, known.as_ref()))??;
        if let Some(folder) = &self.report {
            write(&report, folder)?;
        }
        super::print(out, &report.table())?;
        match report.is_fine() {
            true => Ok(()),
            false => Err(Failure::Failed("not everything was as expected".to_owned())),
        }
    }

    /// The cases that are wanted.
    fn plans(&self, dialect: &Dialect) -> Result<Vec<Plan>, Failure> {
        let unusable = |error: suite::Unusable| Failure::Usage(error.to_string());
        let world = suite::world(dialect.name).map_err(unusable)?;
        let mut suites = suite::derived::suites(dialect, &world).map_err(unusable)?;
        suites.extend(suite::suites(dialect.name).map_err(unusable)?);
        for file in &self.suite {
            suites.push(suite::read(&file.display().to_string(), &text(file)?).map_err(unusable)?);
        }
        let mut plans = plan::plans(dialect, suites).map_err(unusable)?;
        for path in &self.only {
            if !plans.iter().any(|plan| plan.is_below(path)) {
                return Err(Failure::Usage(format!("`{path}` names no case")));
            }
        }
        plans.retain(|plan| self.only.is_empty() || self.only.iter().any(|path| plan.is_below(path)));
        plans.retain(|plan| !self.read_only || plan.is_read_only(dialect));
        Ok(plans)
    }

    /// The journal of the run, and what it tells of the run until now.
    fn journal(&self, dialect: &Dialect) -> Result<(Option<Journal>, Past), Failure> {
        let Some(file) = &self.journal else { return Ok((None, Past::default())) };
        let target = self.target.clone().unwrap_or_default();
        let subject = Subject { dialect: dialect.name.to_owned(), target };
        let opened = match self.resume || self.sweep {
            true => Journal::resume(file, &subject),
            false => Journal::begin(file, subject).map(|journal| (journal, Past::default())),
        };
        let (journal, past) = opened.map_err(|error| Failure::Usage(format!("`{}`: {error}", file.display())))?;
        Ok((Some(journal), past))
    }

    async fn reached(&self, settings: Settings) -> Result<Target, Failure> {
        let unusable = |error: suite::Unusable| Failure::Usage(error.to_string());
        let world = suite::world(settings.dialect.name).map_err(unusable)?;
        Target::reach(settings, world, self.account.as_deref()).await.map_err(unusable)
    }

    async fn swept(&self, settings: Settings, past: Past) -> Result<(), Failure> {
        self.reached(settings).await?.sweep(&past.left).await;
        Ok(())
    }

    async fn judge(
        &self,
        settings: Settings,
        plans: &[Plan],
        past: Past,
        known: Option<&Known>,
    ) -> Result<Report, Failure> {
        let unusable = |error: suite::Unusable| Failure::Usage(error.to_string());
        let dialect = settings.dialect;
        let target = self.reached(settings).await?;
        target.sweep(&past.left).await;
        if let Some(need) = self.require.iter().find(|need| !target.has.contains(need)) {
            return Err(Failure::Failed(format!("`{}` is required: {}", need.name(), need.lack())));
        }
        let mut ended: BTreeMap<String, Outcome> =
            past.outcomes.into_iter().map(|outcome| (outcome.id.clone(), outcome)).collect();
        let open: Vec<Plan> = plans.iter().filter(|plan| !ended.contains_key(&plan.id)).cloned().collect();
        let (mut watched, mut failed) = (progress(open.len()), false);
        let mut seen = |outcome: &Outcome| {
            watched(outcome);
            // What was not begun did not end.
            if let Some(journal) = target.journal.as_ref().filter(|_| !target.is_stopped()) {
                journal.ended(outcome);
            }
            if self.fail_fast && !outcome.is_fine() {
                failed = true;
                target.stop();
            }
        };
        let outcomes = tokio::select! {
            outcomes = suite::run(&target, &open, usize::from(self.jobs), &mut seen) => outcomes,
            never = stopping(&target) => match never {},
        };
        ended.extend(outcomes.into_iter().map(|outcome| (outcome.id.clone(), outcome)));
        let outcomes = plans.iter().filter_map(|plan| ended.remove(&plan.id)).collect();
        let outcomes = match known {
            Some(known) => known.judge(outcomes).map_err(unusable)?,
            None => outcomes,
        };
        let subject = match known {
            Some(Known { subject, version, .. }) => format!("{subject} {version}").trim().to_owned(),
            None => self.target.clone().unwrap_or_default(),
        };
        if target.is_stopped() && !failed {
            return Err(Failure::Failed("the run was stopped; what it made is undone".to_owned()));
        }
        Ok(Report::new(subject, dialect.name, target.has.iter().copied().collect(), outcomes))
    }
}

/// Lets no further case begin when somebody wants the run to end; what is under way is tidied up.
async fn stopping(target: &Target) -> Infallible {
    if tokio::signal::ctrl_c().await.is_ok() {
        target.stop();
    }
    std::future::pending().await
}

/// Tells a terminal how far it is.
fn progress(all: usize) -> impl FnMut(&Outcome) + Send {
    let (is_watched, mut done) = (std::io::stderr().is_terminal(), 0_usize);
    move |outcome: &Outcome| {
        done += 1;
        if is_watched {
            let end = if done == all { "\n" } else { "" };
            let _ = write!(std::io::stderr(), "\r\x1b[K{done}/{all} {}{end}", outcome.id);
        }
    }
}

fn list(plans: &[Plan], out: &mut dyn Write) -> Result<(), Failure> {
    let lines: String = plans.iter().map(|plan| format!("{}  {}\n", plan.id, plan.case.title)).collect();
    super::print(out, &format!("{lines}{} cases\n", plans.len()))
}

fn text(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| Failure::Usage(format!("`{}`: {error}", file.display())))
}

fn known(file: &Path) -> Result<Known, Failure> {
    toml::from_str(&text(file)?).map_err(|error| Failure::Usage(format!("`{}`: {error}", file.display())))
}

/// Whether a target is on this machine.
fn is_here(target: &str) -> Result<bool, Failure> {
    let url = Url::parse(target).map_err(|error| Failure::Usage(format!("`{target}` is no URL: {error}")))?;
    Ok(match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    })
}

/// The credentials of the environment, as the vendor's own clients read it; those that every emulator knows, on this
/// machine.
fn access(dialect: &Dialect, here: bool) -> Result<Access, Failure> {
    let variables = dialect.client.map(|client| client.variables);
    let first =
        |names: &[&str]| names.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let found = variables.and_then(|known| {
        let (id, secret) = (first(known.access_key_id)?, first(known.secret)?);
        Some(Access { id, secret, token: first(known.token) })
    });
    match found {
        Some(access) => Ok(access),
        None if here => {
            let (id, secret) = dialect.front.known_key;
            Ok(Access { id: id.to_owned(), secret: secret.to_owned(), token: None })
        }
        None => {
            let names = variables.map(|known| [known.access_key_id, known.secret].concat().join(", "));
            Err(Failure::Usage(format!("there are no credentials in the environment: {}", names.unwrap_or_default())))
        }
    }
}

fn need(name: String) -> Result<Need, String> {
    Need::ALL.into_iter().find(|need| need.name() == name).ok_or(name)
}

/// The owner of another account, as emulators know it: its identifier is the access key.
fn next_door(dialect: &Dialect) -> Neighbour {
    let (_, secret) = dialect.front.known_key;
    let id = dialect.front.default_account.replace('0', "9");
    Neighbour::Access(Access { id, secret: secret.to_owned(), token: None })
}

/// Writes the files of a report.
fn write(report: &Report, folder: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::Failed(format!("`{}`: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let json = report.json().map_err(|error| Failure::Failed(error.to_string()))?;
    let junit = suite::report::junit(report).map_err(failed)?;
    let html = suite::report::html(report);
    for (name, bytes) in [("result.json", json.as_bytes()), ("junit.xml", &junit), ("report.html", html.as_bytes())] {
        std::fs::write(folder.join(name), bytes).map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn targets_on_this_machine_are_told_from_others() {
        for here in ["http://127.0.0.1:4566", "https://localhost", "http://kms.localhost:1/", "http://[::1]:2"] {
            assert!(is_here(here).unwrap(), "{here}");
        }
        for there in ["https://kms.example.com", "http://10.0.0.1", "https://localhost.example.com"] {
            assert!(!is_here(there).unwrap(), "{there}");
        }
        assert!(is_here("nonsense").is_err());
    }
}
