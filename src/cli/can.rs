//! `can` and `who-can`: asks what somebody could do, of a running emulator or of a seed, without doing it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;
use std::sync::Arc;

use serde_json::{Value, json};

use super::client::Target;
use super::policy::told::{Asked, Told};
use super::reach::{Reached, Silent};
use super::ready::Ready;
use super::record::{said, visible};
use super::seed::File;
use super::{Failure, print, start};
use crate::core::dialect::Dialect;
use crate::core::engine::Engine;
use crate::core::inquire::Inquiry;
use crate::core::seed::SeedAccount;
use crate::{Builder, Settings};

/// What is asked about.
#[derive(Debug, clap::Args)]
struct Question {
    /// The cloud, by its name [default: the one that has them]
    #[arg(long, value_name = "NAME")]
    dialect: Option<String>,
    /// The account of names that say none [default: the owner's]
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// The region of names that say none [default: the server's]
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// A condition key of the request, once for each value
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    context: Vec<(String, String)>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// The action: kms:Encrypt
    action: String,
    /// The resource: key/ID, alias/NAME, user/NAME, role/NAME, a full name, or *
    #[arg(default_value = "*")]
    resource: String,
    #[command(flatten)]
    target: Target,
}

/// Tell whether somebody could do something.
#[derive(Debug, clap::Args)]
pub(crate) struct Can {
    /// Who: user/NAME, role/NAME, owner, or a full name
    #[arg(long = "as", value_name = "WHO")]
    who: String,
    #[command(flatten)]
    question: Question,
}

/// Tell who could do something.
#[derive(Debug, clap::Args)]
pub(crate) struct WhoCan {
    #[command(flatten)]
    question: Question,
}

/// The status of a question that has no answer.
const UNKNOWN: u8 = 2;

impl Can {
    /// Prints the answer with its reasons.
    ///
    /// # Errors
    /// [`Failure::Answered`] with 1 when it would be denied; [`Failure::Reported`] with 2 when that cannot be told.
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        let Self { who, question } = self;
        let json = question.json;
        let mut answers = question.asked("can", Some(&who)).map_err(unknown)?;
        preferring_what_exists(&mut answers);
        let (answer, others) = (answers.pop(), answers);
        let (_, answer) = match (answer, others.as_slice()) {
            (Some(answer), []) => answer,
            (Some((last, _)), others) => {
                let names: Vec<&str> = others.iter().map(|(name, _)| *name).chain([last]).collect();
                let names = names.join(" and ");
                return Err(unknown(Failure::Usage(format!("`{who}` is in {names}: say which, with --dialect"))));
            }
            (None, _) => return Err(unknown(Failure::Failed(format!("there is no `{who}`")))),
        };
        let text = if json { answer.to_string() + "\n" } else { visible(&told(&answer).map_err(unknown)?) };
        print(out, &text)?;
        match part(&answer, "allowed").as_bool() {
            Some(true) => Ok(()),
            _ => Err(Failure::Answered(1)),
        }
    }
}

impl WhoCan {
    /// Prints who could.
    ///
    /// # Errors
    /// [`Failure::Reported`] with 2 when that cannot be told.
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        let question = self.question;
        let json = question.json;
        let mut answers = question.asked("who-can", None).map_err(unknown)?;
        preferring_what_exists(&mut answers);
        let text = |(name, answer): &(&str, Value)| match json {
            true => {
                let mut answer = answer.clone();
                if let Value::Object(members) = &mut answer {
                    members.insert("dialect".to_owned(), json!(name));
                }
                answer.to_string() + "\n"
            }
            false => visible(&everybody(name, answer)),
        };
        print(out, &answers.iter().map(text).collect::<String>())
    }
}

fn unknown(failure: Failure) -> Failure {
    match failure {
        Failure::Unread(error) => Failure::Unread(error),
        other => Failure::Reported(UNKNOWN, other.to_string()),
    }
}

/// Of answers of several clouds, those about something that is there.
fn preferring_what_exists(answers: &mut Vec<(&'static str, Value)>) {
    let exists = |answer: &Value| *part(answer, "exists") == json!(true);
    if answers.iter().any(|(_, answer)| exists(answer)) {
        answers.retain(|(_, answer)| exists(answer));
    }
}

impl Question {
    /// The answers, by the names of the dialects that have some.
    fn asked(self, page: &str, who: Option<&str>) -> Result<Vec<(&'static str, Value)>, Failure> {
        let Self { dialect, account, region, context, json: _, action, resource, target } = self;
        let registry = crate::registry()?;
        if let Some(name) = dialect.as_ref().filter(|name| registry.named(name).is_none()) {
            let known: Vec<&str> = registry.dialects().iter().map(|dialect| dialect.name).collect();
            return Err(Failure::Usage(format!("there is no cloud `{name}`; there are {}", known.join(", "))));
        }
        let mut facts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in context {
            facts.entry(name).or_default().push(value);
        }
        let place = Place::of(target)?;
        let wanted = |known: &&'static Dialect| match &dialect {
            Some(name) => known.name == *name,
            None => place.knows(known),
        };
        let (mut answers, mut refusal) = (Vec::new(), None);
        for known in registry.by_title().into_iter().filter(wanted) {
            let home = place.home(known);
            let body = json!({
                "dialect": known.name, "as": who, "action": action, "resource": resource, "context": facts,
                "account": account, "region": region.as_ref().or(home.as_ref().map(|(_, region)| region)),
                "default_account": home.as_ref().map(|(account, _)| account),
            });
            match place.answer(page, &body) {
                Ok(answer) => answers.push((known.name, answer)),
                Err(Silent::Refused(why)) => refusal = Some(why),
                Err(other) => return Err(other.into()),
            }
        }
        match refusal {
            Some(why) if answers.is_empty() => Err(Failure::Failed(why)),
            _ => Ok(answers),
        }
    }
}

/// Where the permissions are that are asked about.
enum Place {
    /// In a running emulator.
    Running(Reached, Ready),
    /// In an engine of this process, with a seed in it, whose first account of each cloud is the one that names without
    /// one are of.
    Seed(Arc<Engine>, BTreeMap<String, String>),
}

impl Place {
    fn of(target: Target) -> Result<Self, Failure> {
        if let Some(path) = target.seed() {
            let seed = File::read(path)?.seed(&[])?;
            let first = |(name, accounts): (&String, &Vec<SeedAccount>)| {
                accounts.first().map(|account| (name.clone(), account.account.clone()))
            };
            let accounts = seed.dialects.iter().filter_map(first).collect();
            let settings =
                Settings { seed: Some(seed.into()), simulates: true, well_known: true, ..Settings::default() };
            return Ok(Self::Seed(start::block_on(Builder::new().settings(settings).build())??, accounts));
        }
        let (ready, tls) = target.ready()?;
        Ok(Self::Running(Reached::of(&ready, tls)?, ready))
    }

    /// Account and region of the owner as whom the server is called.
    fn home(&self, dialect: &Dialect) -> Option<(String, String)> {
        match self {
            Self::Running(_, ready) => {
                let caller = ready.callers.iter().find(|caller| caller.dialect.name == dialect.name)?;
                Some((caller.account.clone(), caller.region.clone()))
            }
            Self::Seed(_, accounts) => {
                let account = accounts.get(dialect.name)?;
                Some((account.clone(), dialect.law.region.to_owned()))
            }
        }
    }

    /// Whether anybody of a dialect is there.
    fn knows(&self, dialect: &Dialect) -> bool {
        match self {
            Self::Running(..) => true,
            Self::Seed(_, accounts) => accounts.contains_key(dialect.name),
        }
    }

    fn answer(&self, page: &str, body: &Value) -> Result<Value, Silent> {
        match self {
            Self::Running(reached, _) => reached.page(page, Some(body)),
            Self::Seed(engine, _) => {
                let failed = |error: serde_json::Error| Silent::Failed(Failure::Failed(error.to_string()));
                let inquiry: Inquiry = serde_json::from_value(body.clone()).map_err(failed)?;
                let refused = |error: crate::core::error::Error| {
                    let subject = error.subject().map(|subject| format!("`{subject}`: ")).unwrap_or_default();
                    Silent::Refused(subject + error.why())
                };
                let answer = start::block_on(async {
                    match page {
                        "can" => engine.inquire(&inquiry).await.map(|told| serde_json::to_value(&told)),
                        _ => engine.inquire_who(&inquiry).await.map(|told| serde_json::to_value(&told)),
                    }
                });
                answer.map_err(Silent::Failed)?.map_err(refused)?.map_err(failed)
            }
        }
    }
}

/// Whether somebody could, and why, for people.
fn told(answer: &Value) -> Result<String, Failure> {
    let ruling = part(answer, "ruling");
    let told = Told::deserialized(ruling)?;
    let [principal, action, resource] =
        [said(answer, "/principal"), said(ruling, "/action"), said(ruling, "/resource")];
    let allowed = *part(answer, "allowed") == json!(true);
    let (outcome, may) = if allowed { ("allowed", "may") } else { ("DENIED", "may not") };
    let mut text = format!("{outcome}: {principal} {may} {action} on {resource}\n");
    if *part(answer, "exists") == json!(false) {
        text += "  there is no such resource here: what it would be called decides\n";
    }
    for (place, words) in [("/note", "note"), ("/barred", "whatever policies say")] {
        match said(answer, place) {
            "" => {}
            said => drop(writeln!(text, "  {words}: {said}")),
        }
    }
    if let Some(simulated) = answer.get("simulated") {
        let _ = writeln!(text, "  the request is taken to come from {simulated}");
    }
    text += &Asked { principal, action, resource, told: &told }.reasons();
    let changes = part(answer, "changes").as_array().map(Vec::as_slice).unwrap_or_default();
    for (at, change) in changes.iter().enumerate() {
        let lead = if at == 0 { "smallest change:" } else { "or:" };
        let _ = writeln!(text, "    {lead} {}", said(change, "/what"));
    }
    if !allowed && changes.is_empty() && said(answer, "/barred").is_empty() {
        for change in (Asked { principal, action, resource, told: &told }).changes() {
            let _ = writeln!(text, "    to change it: {change}");
        }
    }
    text += &open("it depends on what the request says", part(answer, "depends_on"));
    text += &needs(answer);
    Ok(text)
}

/// Who could, for people.
fn everybody(dialect: &str, answer: &Value) -> String {
    let [action, resource, note] = ["/action", "/resource", "/note"].map(|place| said(answer, place));
    let principals = part(answer, "principals").as_array().map(Vec::as_slice).unwrap_or_default();
    let (number, of) = (principals.len(), part(answer, "asked_about"));
    let mut text = format!("{dialect}: {number} of {of} may {action} on {resource}\n");
    if *part(answer, "exists") == json!(false) {
        text += "  there is no such resource here: what it would be called decides\n";
    }
    if !note.is_empty() {
        let _ = writeln!(text, "  note: {note}");
    }
    for able in principals {
        let _ = writeln!(text, "  {}", said(able, "/principal"));
        for reason in part(able, "allow_by").as_array().map(Vec::as_slice).unwrap_or_default() {
            let [layer, policy, statement] = ["/layer", "/policy", "/statement"].map(|place| said(reason, place));
            let _ = writeln!(text, "    allowed by {layer} `{policy}`, statement `{statement}`");
        }
        text += &open("under conditions", part(able, "open"));
    }
    text + &needs(answer)
}

/// Statements whose conditions are open.
fn open(title: &str, open: &Value) -> String {
    let Some(open) = open.as_array().filter(|open| !open.is_empty()) else { return String::new() };
    let mut text = format!("    {title}:\n");
    for statement in open {
        let [layer, policy, name] = ["/layer", "/policy", "/statement"].map(|place| said(statement, place));
        let effect = if *part(statement, "denies") == json!(true) { "denied" } else { "allowed" };
        let conditions = part(statement, "conditions").as_array().map(Vec::as_slice).unwrap_or_default();
        let shown: Vec<String> = conditions
            .iter()
            .map(|condition| {
                format!("{} {} {}", said(condition, "/key"), said(condition, "/operator"), part(condition, "wanted"))
            })
            .collect();
        let _ = writeln!(text, "      {effect} by {layer} `{policy}`, statement `{name}`, if {}", shown.join(" and "));
    }
    text
}

fn needs(answer: &Value) -> String {
    let needs = part(answer, "needs").as_array().map(Vec::as_slice).unwrap_or_default();
    let shown = needs.iter().map(|need| {
        let [operation, action, on] = ["/operation", "/action", "/on"].map(|place| said(need, place));
        format!("  {operation} needs {action} on {on}, too\n")
    });
    shown.collect()
}

/// A member of an answer.
fn part<'v>(answer: &'v Value, name: &str) -> &'v Value {
    answer.get(name).unwrap_or(&Value::Null)
}

/// A pair given as `KEY=VALUE`.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("a condition key is given as KEY=VALUE".to_owned()),
    }
}
