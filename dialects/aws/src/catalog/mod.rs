//! The services of the dialect, each with its whole catalog.
//!
//! # Invariants
//! - The rows are exactly the vendor's own list, `vendor/operations.txt`.

mod acm;
mod iam;
mod kms;
mod secretsmanager;
mod sts;

use polykms_core::dialect::Service;

/// The services, by name.
pub(crate) static SERVICES: &[Service] = &[
    Service { name: "acm", version: "2015-12-08", rows: acm::ROWS },
    Service { name: "iam", version: "2010-05-08", rows: iam::ROWS },
    Service { name: "kms", version: "2014-11-01", rows: kms::ROWS },
    Service { name: "secretsmanager", version: "2017-10-17", rows: secretsmanager::ROWS },
    Service { name: "sts", version: "2011-06-15", rows: sts::ROWS },
];

/// The service of this name.
pub(crate) fn service(name: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.name == name)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_rows_are_exactly_the_list_of_the_vendor() {
        let listed: Vec<&str> = include_str!("../../vendor/operations.txt").lines().collect();
        let mut rows: Vec<String> = SERVICES
            .iter()
            .flat_map(|service| service.rows.iter().map(|row| format!("{} {}", service.name, row.wire())))
            .collect();
        rows.sort();
        assert_eq!(rows, listed);
    }

    #[test]
    fn whatever_is_absent_says_why() {
        for row in SERVICES.iter().flat_map(|service| service.rows) {
            assert!(row.operation() != "" || row.note().is_some_and(|note| !note.is_empty()), "{row:?}");
        }
    }
}
