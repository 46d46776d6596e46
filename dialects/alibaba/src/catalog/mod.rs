//! The catalog: every operation of the vendor's list, service by service.

pub(crate) mod kms;
pub(crate) mod ram;
pub(crate) mod sts;

use polykms_core::dialect::Service;

use crate::protocol::Rpc;

/// The services spoken; the version in a request chooses among them.
pub(crate) static SERVICES: &[Service] = &[
    Service { name: "kms", version: "2016-01-20", protocol: &Rpc, rows: kms::ROWS },
    Service { name: "ram", version: "2015-05-01", protocol: &Rpc, rows: ram::ROWS },
    Service { name: "sts", version: "2015-04-01", protocol: &Rpc, rows: sts::ROWS },
];

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::collections::BTreeSet;

    use polykms_core::dialect::Row;
    use polykms_core::dialect::row::Status;

    use super::*;

    #[test]
    fn the_catalog_is_the_vendors_list() {
        let vendor: BTreeSet<_> =
            include_str!("../../vendor/operations.txt").lines().map(|line| line.split_once(' ').unwrap()).collect();
        let rows = SERVICES.iter().flat_map(|service| service.rows.iter().map(|row| (service.name, row.wire())));
        assert_eq!(rows.clone().collect::<BTreeSet<_>>(), vendor);
        assert_eq!(rows.count(), vendor.len());
    }

    #[test]
    fn every_action_is_named_after_its_operation() {
        for service in SERVICES {
            for row in service.rows.iter().filter(|row| row.status() == Status::Built) {
                for demand in row.demands().filter(|demand| demand.waived.is_none()) {
                    let expected = format!("{}:{}", service.name, row.wire());
                    assert!(demand.action.starts_with(&expected), "{} of {}", demand.action, row.wire());
                }
            }
        }
    }

    #[test]
    fn what_is_absent_says_why() {
        let silent = |row: &&Row| row.status() == Status::Absent && row.note().is_none_or(str::is_empty);
        assert!(!SERVICES.iter().flat_map(|service| service.rows).any(|row| silent(&row)));
    }
}
