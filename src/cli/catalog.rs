//! Every operation of every dialect, as the table that routes requests has it.

use std::collections::BTreeSet;
use std::io::Write;

use clap::ValueEnum;
use serde::Serialize;

use super::{Failure, print};
use crate::config::{dialect_names, hint};
use crate::core::dialect::message::{Member, Shape, Use};
use crate::core::dialect::row::{Row, Status};

/// List every operation.
#[derive(Debug, clap::Args)]
pub(crate) struct Catalog {
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[arg(long, value_name = "NAME", help = format!("Only one dialect: {}", dialect_names()))]
    dialect: Option<String>,
    /// Only one service: kms, iam, ram, sts and so on
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// One JSON array
    Json,
}

/// One operation.
#[derive(Debug, Clone, Serialize)]
struct CatalogRow {
    dialect: &'static str,
    service: &'static str,
    operation: &'static str,
    /// The actions that a policy must allow.
    actions: Vec<&'static str>,
    /// The parts that resources play.
    roles: Vec<String>,
    /// The condition keys beside those of every request.
    condition_keys: Vec<&'static str>,
    /// `built`, `open` or `absent`.
    status: &'static str,
    /// Why it is open or absent.
    note: Option<&'static str>,
    /// Parameters that it does not take yet, that it refuses, or that change nothing.
    limits: Vec<Limit>,
}

/// A parameter that an operation does not take, or that changes nothing.
#[derive(Debug, Clone, Serialize)]
struct Limit {
    /// Its name, after those of the structures it is in.
    parameter: String,
    /// `unbuilt`, `refused` or `ignored`.
    status: &'static str,
    /// Why.
    why: &'static str,
}

/// The limits among these members and those below them.
fn limits(members: &'static [Member], within: &str, found: &mut Vec<Limit>) {
    for Member { name, shape, use_, .. } in members {
        let parameter = format!("{within}{name}");
        match use_ {
            Use::Unbuilt(why) => found.push(Limit { parameter, status: "unbuilt", why }),
            Use::Ignored(why) => found.push(Limit { parameter, status: "ignored", why }),
            Use::Refused(why) => found.push(Limit { parameter, status: "refused", why }),
            Use::Former(_) => {}
            Use::Built => limits(below(shape), &format!("{parameter}."), found),
        }
    }
}

fn below(shape: &Shape) -> &'static [Member] {
    match shape {
        Shape::Structure(members) => members,
        Shape::List(list) => below(&list.of),
        Shape::Text(_) | Shape::Blob(..) | Shape::Integer(..) | Shape::Flag | Shape::Time | Shape::Map(_) => &[],
    }
}

impl Catalog {
    /// Prints the operations asked for.
    ///
    /// # Errors
    /// [`Failure::Usage`] for a dialect or service that there is not.
    pub(crate) fn print(self, out: &mut dyn Write) -> Result<(), Failure> {
        let Self { format, dialect, service } = self;
        let rows = only("dialect", rows()?, dialect.as_deref(), |row| row.dialect)?;
        let rows = only("service", rows, service.as_deref(), |row| row.service)?;
        let text = match format {
            Format::Table => table(&rows),
            Format::Json => json(&rows)?,
        };
        print(out, &text)
    }
}

/// The rows of every dialect, ordered by dialect, service and operation.
fn rows() -> Result<Vec<CatalogRow>, Failure> {
    let registry = crate::registry()?;
    let mut rows: Vec<_> = registry
        .dialects()
        .iter()
        .flat_map(|dialect| dialect.services.iter().map(move |service| (dialect.name, service)))
        .flat_map(|(dialect, service)| service.rows.iter().map(move |row| describe(dialect, service.name, row)))
        .collect();
    rows.sort_by_key(|row| (row.dialect, row.service, row.operation));
    Ok(rows)
}

fn describe(dialect: &'static str, service: &'static str, row: &'static Row) -> CatalogRow {
    let mut actions: Vec<_> = row.demands().map(|demand| demand.action).filter(|name| !name.is_empty()).collect();
    actions.dedup();
    let mut without = Vec::new();
    limits(row.asks(), "", &mut without);
    CatalogRow {
        dialect,
        service,
        operation: row.wire(),
        actions,
        roles: row.roles().iter().map(|role| format!("{role:?}").to_lowercase()).collect(),
        condition_keys: row.context().collect(),
        status: match row.status() {
            Status::Built => "built",
            Status::Open => "open",
            Status::Absent => "absent",
        },
        note: row.note(),
        limits: without,
    }
}

fn only(
    what: &str,
    rows: Vec<CatalogRow>,
    wanted: Option<&str>,
    part: fn(&CatalogRow) -> &'static str,
) -> Result<Vec<CatalogRow>, Failure> {
    let Some(wanted) = wanted else { return Ok(rows) };
    let known: BTreeSet<_> = rows.iter().map(part).collect();
    if !known.contains(wanted) {
        let hint = hint(wanted, known.iter().map(|name| (*name).to_owned()));
        let known = known.into_iter().collect::<Vec<_>>().join(", ");
        return Err(Failure::Usage(format!("there is no {what} `{wanted}` among {known}{hint}")));
    }
    Ok(rows.into_iter().filter(|row| part(row) == wanted).collect())
}

fn json(rows: &[CatalogRow]) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(rows).map_err(|error| Failure::Failed(error.to_string()))?;
    Ok(text + "\n")
}

const TITLES: [&str; 9] =
    ["DIALECT", "SERVICE", "OPERATION", "STATUS", "ACTIONS", "ROLES", "NOTE", "WITHOUT", "CONDITION KEYS"];

fn table(rows: &[CatalogRow]) -> String {
    let titles = TITLES.map(str::to_owned);
    let lines: Vec<_> = std::iter::once(titles).chain(rows.iter().map(cells)).collect();
    let mut widths = [0; TITLES.len()];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    lines.iter().map(|line| aligned(line, &widths)).collect()
}

fn cells(row: &CatalogRow) -> [String; TITLES.len()] {
    let CatalogRow { dialect, service, operation, actions, roles, condition_keys, status, note, limits } = row;
    let without: Vec<&str> = limits.iter().map(|limit| limit.parameter.as_str()).collect();
    [
        (*dialect).to_owned(),
        (*service).to_owned(),
        (*operation).to_owned(),
        (*status).to_owned(),
        actions.join(" "),
        roles.join(" "),
        note.unwrap_or_default().to_owned(),
        without.join(" "),
        condition_keys.join(" "),
    ]
}

fn aligned(line: &[String], widths: &[usize]) -> String {
    let padded: Vec<_> = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
    padded.join("  ").trim_end().to_owned() + "\n"
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn sample() -> Vec<CatalogRow> {
        let row = |dialect, service, operation, status, note| CatalogRow {
            dialect,
            service,
            operation,
            actions: vec!["kms:A", "kms:B"],
            roles: vec!["subject".to_owned()],
            condition_keys: vec![],
            status,
            note,
            limits: vec![Limit { parameter: "Recipient".to_owned(), status: "unbuilt", why: "reasons" }],
        };
        vec![row("aws", "kms", "Decrypt", "built", None), row("alibaba", "ram", "X", "absent", Some("why"))]
    }

    #[test]
    fn a_table_has_aligned_columns_and_no_trailing_space() {
        let table = table(&sample());
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines[0].find("ACTIONS"), lines[1].find("kms:A kms:B"));
        assert_eq!(lines[0].find("NOTE"), lines[2].find("why"));
        assert!(lines.iter().all(|line| line.trim_end() == *line));
    }

    #[test]
    fn json_names_every_column() {
        let rows: Vec<serde_json::Value> = serde_json::from_str(&json(&sample()).unwrap()).unwrap();
        assert_eq!(rows[0]["actions"], serde_json::json!(["kms:A", "kms:B"]));
        assert_eq!(rows[1]["note"], "why");
        assert_eq!(rows[1]["limits"][0]["parameter"], "Recipient");
    }

    #[test]
    fn parameters_that_are_not_taken_are_told_with_their_reason() {
        const INNER: &[Member] = &[Member::new("Deep", Shape::Flag).ignored("it changes nothing")];
        const MEMBERS: &[Member] =
            &[Member::new("A", Shape::Flag).unbuilt("not yet"), Member::new("B", Shape::Structure(INNER))];
        let mut found = Vec::new();
        limits(MEMBERS, "", &mut found);
        let told: Vec<_> = found.iter().map(|limit| (limit.parameter.as_str(), limit.status, limit.why)).collect();
        assert_eq!(told, [("A", "unbuilt", "not yet"), ("B.Deep", "ignored", "it changes nothing")]);
    }

    #[test]
    fn a_dialect_that_there_is_not_is_refused_with_the_nearest() {
        let refused = only("dialect", sample(), Some("alibabba"), |row| row.dialect).unwrap_err().to_string();
        assert_eq!(refused, "there is no dialect `alibabba` among alibaba, aws; did you mean `alibaba`?");
        assert_eq!(only("dialect", sample(), Some("aws"), |row| row.dialect).unwrap().len(), 1);
    }
}
