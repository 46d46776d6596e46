//! The catalog against the vendors' own lists of operations: nothing is forgotten, nothing is invented.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;

use polykms_core::dialect::row::Status;
use polykms_core::dialect::{Dialect, Registry};

fn registry() -> Registry {
    polykms::registry().expect("dialects")
}

fn vendor_list(dialect: &Dialect) -> BTreeSet<(String, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("dialects").join(dialect.name).join("vendor/operations.txt");
    let text = std::fs::read_to_string(&path).expect("the vendor's list");
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (service, operation) = line.split_once(' ').expect("service and operation");
            (service.to_owned(), operation.trim().to_owned())
        })
        .collect()
}

#[test]
fn the_rows_are_the_vendors_operations() {
    for dialect in registry().dialects() {
        let rows: BTreeSet<_> = dialect
            .services
            .iter()
            .flat_map(|service| service.rows.iter().map(|row| (service.name.to_owned(), row.wire().to_owned())))
            .collect();
        let vendor = vendor_list(dialect);
        assert_eq!(rows.difference(&vendor).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "invented");
        assert_eq!(vendor.difference(&rows).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "forgotten");
    }
}

#[test]
fn both_dialects_and_all_their_services_are_there() {
    let names = |dialect: &str| {
        let registry = registry();
        let dialect = registry.named(dialect).expect("linked");
        dialect.services.iter().map(|service| service.name).collect::<BTreeSet<_>>()
    };
    assert_eq!(names("aws"), BTreeSet::from(["acm", "iam", "kms", "secretsmanager", "sts", "tagging"]));
    assert_eq!(names("alibaba"), BTreeSet::from(["kms", "ram", "sts"]));
}

#[test]
fn what_is_absent_or_open_says_why() {
    for dialect in registry().dialects() {
        for row in dialect.services.iter().flat_map(|service| service.rows) {
            match row.status() {
                Status::Built => assert!(row.note().is_none()),
                Status::Open | Status::Absent => {
                    assert!(row.note().is_some_and(|note| note.len() > 5), "{} says no reason", row.wire());
                }
            }
            for demand in row.demands() {
                let (service, action) = demand.action.split_once(':').unwrap_or_default();
                let spelled = demand.waived.is_some() || (!service.is_empty() && !action.is_empty());
                assert!(spelled, "{} demands `{}`", row.wire(), demand.action);
            }
        }
    }
}

#[test]
fn every_dialect_has_the_rules_of_the_nouns_in_its_catalog() {
    for dialect in registry().dialects() {
        assert!(dialect.law.keys().is_ok() && dialect.law.identity().is_ok(), "{}", dialect.name);
    }
}
