//! Puts documents into the words of another cloud, and tells what became of each statement.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::json;

use super::document::{Kind, dialect, read};
use crate::cli::{Failure, print};
use crate::config::dialect_names;
use crate::core::dialect::twins::side;
use crate::core::policy::DocumentKind;
use crate::core::policy::translate::{Counterexample, Entry, Map, Side, Status, Translation, translate, within};

/// Translate documents. The status is 0 if all that is said means the same, 2 if it was narrowed or rests on an
/// assumption, 3 if something was left out, 1 for failure.
#[derive(Debug, clap::Args)]
pub(crate) struct Translate {
    #[arg(long, value_name = "NAME", help = format!("Whose language they are in: {}", dialect_names()))]
    from: String,
    /// Whose language they are to be in
    #[arg(long, value_name = "NAME")]
    to: String,
    /// What the documents are; by default what they look like
    #[arg(long = "type", value_enum, value_name = "TYPE")]
    kind: Option<Kind>,
    /// Which account, region, key and private network of one cloud is which of the other (JSON)
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// The permissions boundary of the user or role whose policies the documents are, taken into account in each of them
    #[arg(long, value_name = "FILE")]
    boundary: Option<PathBuf>,
    /// Refuse whatever does not mean exactly the same
    #[arg(long)]
    strict: bool,
    /// Print one JSON object for each document, with the report
    #[arg(long)]
    json: bool,
    /// The documents
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Translate {
    /// Prints each document in the words of the other cloud.
    ///
    /// # Errors
    /// [`Failure::Failed`] when a document cannot be read or is refused, when it does not mean the same with `--strict`,
    /// and when source and result differ unannounced; [`Failure::Reported`] when something was narrowed, assumed or left out.
    pub(crate) fn print(self, out: &mut dyn Write) -> Result<(), Failure> {
        let Self { from, to, kind, map, boundary, strict, json, files } = self;
        let [from, to] = [side(dialect(&from)?), side(dialect(&to)?)];
        let map = map.map_or_else(|| Ok(Map::default()), |file| read_map(&file, &from, &to))?;
        let boundary = boundary.as_deref().map(text_of).transpose()?;
        let mut worst = Status::Exact;
        for file in &files {
            let translation = translated(file, (kind, boundary.as_deref()), (&from, &to), &map)?;
            let place = file.display();
            let refused = strict && translation.status() != Status::Exact;
            let mut text = match json {
                true => json!({ "file": place.to_string(), "document": &translation.document, "report": &translation.report,
                    "unannounced": &translation.unannounced, "requests": translation.requests, "status": translation.status() })
                .to_string(),
                false if refused => String::new(),
                false => translation.document.as_ref().map_or_else(String::new, |document| format!("{document:#}")),
            };
            if !text.is_empty() {
                text.push('\n');
            }
            print(out, &text)?;
            if !json {
                tell(&place.to_string(), &translation);
            }
            if !translation.unannounced.is_empty() {
                return Err(Failure::Failed(format!(
                    "the translation of `{place}` differs from it without saying so, which is a mistake of polykms: {}",
                    example(translation.unannounced.first())
                )));
            }
            if refused {
                return Err(Failure::Failed(format!("`{place}` cannot be said exactly")));
            }
            worst = worst.max(translation.status());
        }
        match worst {
            Status::Exact => Ok(()),
            Status::Assumed | Status::WiderDeny | Status::Narrowed => {
                Err(Failure::Reported(2, "not everything means exactly the same".to_owned()))
            }
            Status::Dropped => Err(Failure::Reported(3, "not everything could be said".to_owned())),
        }
    }
}

fn text_of(file: &Path) -> Result<String, Failure> {
    read(file)?.map_err(|finding| Failure::Failed(format!("`{}`: {}", file.display(), finding.message)))
}

fn translated(
    file: &Path,
    (kind, boundary): (Option<Kind>, Option<&str>),
    (from, to): (&Side, &Side),
    map: &Map,
) -> Result<Translation, Failure> {
    let text = text_of(file)?;
    let kind = kind.unwrap_or_else(|| Kind::of(&text)).document();
    let found = match boundary {
        Some(_) if !matches!(kind, DocumentKind::Identity | DocumentKind::Managed) => {
            return Err(Failure::Usage(
                "a permissions boundary bounds the policies of users and roles alone".to_owned(),
            ));
        }
        Some(boundary) => within(from, to, map, &text, boundary),
        None => translate(from, to, map, kind, &text),
    };
    found.map_err(|refusal| Failure::Failed(format!("`{}`: {refusal}", file.display())))
}

/// People read the report beside the document.
fn tell(place: &str, translation: &Translation) {
    let mut text = String::new();
    for Entry { source, status, why, counterexample, .. } in &translation.report {
        let source = if source.is_empty() { "(added)" } else { source };
        let status = json!(status);
        let _ = write!(text, "{place}: {source}: {}", status.as_str().unwrap_or_default());
        if !why.is_empty() {
            let _ = write!(text, ": {}", why.join("; "));
        }
        if counterexample.is_some() {
            let _ = write!(text, " (such as {})", example(counterexample.as_ref()));
        }
        text.push('\n');
    }
    let _ = std::io::stderr().write_all(crate::cli::record::visible(&text).as_bytes());
}

fn example(counterexample: Option<&Counterexample>) -> String {
    let Some(Counterexample {
        principal: [who, _],
        action: [action, twin],
        resource: [name, _],
        context,
        source,
        result,
    }) = counterexample
    else {
        return String::new();
    };
    let context: Vec<String> = context.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let context = if context.is_empty() { "no condition keys".to_owned() } else { context.join(" ") };
    format!("{action}, there {twin}, by {who} on {name} with {context}: {source}, there {result}")
}

/// A file that says which thing of one cloud is which of the other: of each, its name by the name of the dialect.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Mapped {
    accounts: Vec<BTreeMap<String, String>>,
    regions: Vec<BTreeMap<String, String>>,
    keys: Vec<BTreeMap<String, String>>,
    vpcs: Vec<BTreeMap<String, String>>,
    /// The account that the documents belong to.
    home: BTreeMap<String, String>,
}

fn read_map(file: &Path, from: &Side, to: &Side) -> Result<Map, Failure> {
    let place = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::Failed(format!("cannot read the map `{place}`: {error}")))?;
    let Mapped { accounts, regions, keys, vpcs, home } =
        serde_json::from_str(&text).map_err(|error| Failure::Failed(format!("`{place}` is not a map: {error}")))?;
    let one_way = |pairs: Vec<BTreeMap<String, String>>| -> Result<BTreeMap<String, String>, Failure> {
        let mut found = BTreeMap::new();
        for mut pair in pairs {
            let (Some(one), Some(other)) = (pair.remove(from.name()), pair.remove(to.name())) else { continue };
            if found.values().any(|known| *known == other) || found.contains_key(&one) {
                return Err(Failure::Failed(format!("`{place}` names `{one}` or `{other}` twice")));
            }
            found.insert(one, other);
        }
        Ok(found)
    };
    Ok(Map {
        accounts: one_way(accounts)?,
        regions: one_way(regions)?,
        keys: one_way(keys)?,
        networks: one_way(vpcs)?,
        home: home.get(from.name()).cloned(),
    })
}
