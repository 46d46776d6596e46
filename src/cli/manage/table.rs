//! Rows under names, for people and for programs.

use serde_json::{Map, Value};

/// Rows under names.
#[derive(Debug)]
pub(crate) struct Table {
    names: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

impl Table {
    /// No rows under these names, in lower case and without blanks.
    pub(crate) fn new(names: &'static [&'static str]) -> Self {
        Self { names, rows: Vec::new() }
    }

    /// The same with one more row.
    pub(crate) fn row(mut self, row: Vec<String>) -> Self {
        self.rows.push(row);
        self
    }

    /// For people: columns as wide as they have to be.
    pub(crate) fn text(&self) -> String {
        let names: Vec<String> = self.names.iter().map(|name| name.to_uppercase()).collect();
        let all: Vec<&Vec<String>> = std::iter::once(&names).chain(&self.rows).collect();
        let width = |column: usize| {
            all.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let line = |row: &Vec<String>| {
            let cells = row.iter().enumerate().map(|(column, cell)| format!("{cell:<width$}", width = width(column)));
            format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
        };
        all.iter().copied().map(line).collect()
    }

    /// For programs: one object a line.
    pub(crate) fn json(&self) -> String {
        let object = |row: &Vec<String>| {
            let members = self.names.iter().zip(row);
            let members: Map<_, _> =
                members.map(|(name, cell)| ((*name).to_owned(), Value::from(cell.as_str()))).collect();
            format!("{}\n", Value::Object(members))
        };
        self.rows.iter().map(object).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_told_to_people_and_to_programs() {
        let table = Table::new(&["id", "state"])
            .row(vec!["a-long-one".into(), "on".into()])
            .row(vec!["b".into(), String::new()]);
        assert_eq!(table.text(), "ID          STATE\na-long-one  on\nb\n");
        assert_eq!(table.json(), "{\"id\":\"a-long-one\",\"state\":\"on\"}\n{\"id\":\"b\",\"state\":\"\"}\n");
    }
}
