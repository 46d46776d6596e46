//! Every row of both catalogs, asked over the wire: unsigned is refused; without a policy it is denied; with exactly the
//! demanded actions it is not; an explicit Deny wins; an absent operation says so.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod cloud;

use std::collections::BTreeMap;

use polykms::core::dialect::row::Status;
use serde_json::json;

use cloud::{actions, ask, clouds, denied, rows};

#[tokio::test]
async fn every_row_refuses_the_unsigned() {
    for cloud in clouds() {
        let engine = cloud.engine(None).await;
        let all = cloud.dialect.services.iter().flat_map(|service| service.rows.iter().map(move |row| (service, row)));
        let mut count = 0;
        for (service, row) in all.filter(|(service, _)| !matches!(service.name, "secretsmanager" | "acm")) {
            let (status, body) = ask(&engine, cloud.request(service, row.wire(), &json!({}), None)).await;
            assert!((400..=403).contains(&status), "{} {}: {status} {body}", service.name, row.wire());
            let refused = ["MissingAuthenticationToken", "MissingAccessKeyId"];
            let said = refused.iter().any(|code| body.contains(code));
            assert!(said, "{} {}: {body}", service.name, row.wire());
            count += 1;
        }
        assert!(count > 100, "{count}");
    }
}

#[tokio::test]
async fn every_guarded_row_is_denied_without_a_policy_and_allowed_with_exactly_its_actions() {
    for cloud in clouds() {
        let mut counts = BTreeMap::<&str, usize>::new();
        for (service, row) in rows(cloud.dialect, Status::Built) {
            let name = format!("{}/{} {}", cloud.dialect.name, service.name, row.wire());
            let demanded = actions(row);
            assert!(!demanded.is_empty(), "{name} demands nothing");
            let exactly = cloud.policy(&[("Allow", demanded.clone())]);
            let everything_but = cloud.policy(&[("Allow", vec!["*"]), ("Deny", vec![demanded[0]])]);
            for (policy, is_denied) in [(None, true), (Some(exactly), false), (Some(everything_but), true)] {
                let engine = cloud.engine(policy.clone()).await;
                let arguments = cloud.arguments(&engine, service, row.wire()).await;
                let arguments = arguments.unwrap_or_else(|| panic!("{name} has no line in tests/data/arguments.json"));
                let request = cloud.request(service, row.wire(), &arguments, Some("asker"));
                let (status, body) = ask(&engine, request).await;
                assert_eq!(denied(&body), is_denied, "{name} under {policy:?}: {status} {body}");
                assert!(status < 500, "{name}: {status} {body}");
            }
            *counts.entry(service.name).or_default() += 1;
        }
        println!("{}: {counts:?}", cloud.dialect.name);
    }
}

#[tokio::test]
async fn every_single_demand_is_needed() {
    for cloud in clouds() {
        for (service, row) in rows(cloud.dialect, Status::Built) {
            let mut demanded = actions(row);
            demanded.dedup();
            if demanded.len() < 2 || row.demands().any(|demand| demand.conditional) {
                continue;
            }
            for without in &demanded {
                let rest: Vec<_> = demanded.iter().copied().filter(|action| action != without).collect();
                let engine = cloud.engine(Some(cloud.policy(&[("Allow", rest)]))).await;
                let arguments = cloud.arguments(&engine, service, row.wire()).await.expect("arguments");
                let (status, body) = ask(&engine, cloud.request(service, row.wire(), &arguments, Some("asker"))).await;
                assert!(denied(&body), "{} without {without}: {status} {body}", row.wire());
            }
        }
    }
}

#[tokio::test]
async fn every_open_row_answers_whoever_is_authenticated() {
    for cloud in clouds() {
        let engine = cloud.engine(None).await;
        for (service, row) in rows(cloud.dialect, Status::Open) {
            let (status, body) = ask(&engine, cloud.request(service, row.wire(), &json!({}), Some("asker"))).await;
            assert!(!denied(&body), "{} {}: {status} {body}", service.name, row.wire());
            assert!(status < 500, "{} {}: {status} {body}", service.name, row.wire());
        }
    }
}

#[tokio::test]
async fn every_absent_row_says_that_it_is_not_supported() {
    for cloud in clouds() {
        let engine = cloud.engine(Some(cloud.policy(&[("Allow", vec!["*"])]))).await;
        let mut count = 0;
        for (service, row) in rows(cloud.dialect, Status::Absent) {
            if matches!(service.name, "secretsmanager" | "acm") {
                continue;
            }
            let (status, body) = ask(&engine, cloud.request(service, row.wire(), &json!({}), Some("asker"))).await;
            assert!((400..=501).contains(&status), "{}: {status} {body}", row.wire());
            assert!(body.contains("UnsupportedOperation"), "{} {}: {status} {body}", service.name, row.wire());
            assert!(body.contains(row.wire()), "{} is not named: {body}", row.wire());
            count += 1;
        }
        assert!(count > 50, "{count}");
    }
}
