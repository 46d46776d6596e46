//! The services of the dialect, each with its whole catalog.
//!
//! # Invariants
//! - The rows are exactly the vendor's own list, `vendor/operations.txt`.

mod acm;
mod iam;
mod kms;
mod secretsmanager;
mod sts;
mod tagging;

use polykms_core::dialect::Service;

use crate::protocol::{self, Json11, Query, Values, Wording};

/// How KMS and its like word violations.
const KMS: Wording = Wording { values: Values::Shown, sets: true, whole_lists: true, names_unbuilt: true };
/// How IAM words violations.
const IAM: Wording = Wording { values: Values::Hidden, sets: false, whole_lists: false, names_unbuilt: false };
/// How STS words violations.
const STS: Wording = Wording { values: Values::Shown, ..IAM };

const fn json(target: &'static str) -> Json11 {
    Json11 { target, wording: KMS }
}

/// The services, by name.
pub(crate) static SERVICES: &[Service] = &[
    Service { name: "acm", version: "2015-12-08", protocol: &json("CertificateManager"), rows: acm::ROWS },
    Service {
        name: "iam",
        version: "2010-05-08",
        protocol: &Query { namespace: protocol::IAM, empty_results: &["UpdateRole"], wording: IAM },
        rows: iam::ROWS,
    },
    Service { name: "kms", version: "2014-11-01", protocol: &json("TrentService"), rows: kms::ROWS },
    Service {
        name: "secretsmanager",
        version: "2017-10-17",
        protocol: &json("secretsmanager"),
        rows: secretsmanager::ROWS,
    },
    Service {
        name: "sts",
        version: "2011-06-15",
        protocol: &Query { namespace: protocol::STS, empty_results: &[], wording: STS },
        rows: sts::ROWS,
    },
    Service {
        name: "tagging",
        version: "2017-01-26",
        protocol: &json("ResourceGroupsTaggingAPI_20170126"),
        rows: tagging::ROWS,
    },
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
