//! The Resource Groups Tagging API in one process: signed requests in, answers out, on a store in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod ports;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use jiff::SignedDuration;
use polykms_aws::{DIALECT, sign};
use polykms_core::dialect::{Credential, Registry, Request};
use polykms_core::engine::{Engine, Settings};
use polykms_core::port::audit::NoAudit;
use polykms_core::port::{Clock, Time};
use polykms_core::secret::AccessSecret;
use polykms_core::seed::Seed;
use polykms_host::ManualClock;
use polykms_store::Memory;
use ports::ports;
use serde_json::{Value, json};

const OWNER: &str = "AKIAOWNER00000000001";
const READER: &str = "AKIAREADER0000000001";
const NOBODY: &str = "AKIANOBODY0000000001";
const STRANGER: &str = "AKIASTRANGER00000001";

struct Cloud {
    engine: Engine,
    clock: ManualClock,
}

async fn cloud() -> Cloud {
    let clock = ManualClock::at("2025-06-01T12:00:00Z".parse::<Time>().unwrap());
    let ports = ports(Arc::new(Memory::new()), &clock, Arc::new(NoAudit));
    let engine = Engine::new(ports, Registry::of(vec![&DIALECT]).unwrap(), Settings::default());
    let key = |id: &str| json!([{ "id": id, "secret": format!("secret of {id}") }]);
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "tag:GetResources", "Resource": "*" },
    ] });
    let others = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": ["kms:*", "iam:*", "tag:GetTagKeys"], "Resource": "*" },
    ] });
    let seed: Seed = serde_json::from_value(json!({ "aws": [
        {
            "account": "111122223333",
            "owner": key(OWNER),
            "users": [
                { "name": "reader", "access_keys": key(READER), "inline": { "p": policy } },
                { "name": "nobody", "access_keys": key(NOBODY), "inline": { "p": others } },
            ],
        },
        { "account": "444455556666", "owner": key(STRANGER) },
    ] }))
    .unwrap();
    engine.apply(&seed).await.unwrap();
    Cloud { engine, clock }
}

impl Cloud {
    async fn send(
        &self,
        who: &str,
        region: &str,
        service: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> (u16, String) {
        let mut builder = http::Request::builder().method("POST").uri("/").header("host", "localhost");
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let (head, ()) = builder.body(()).unwrap().into_parts();
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST).into();
        let mut request = Request { head, body: Bytes::from(body), peer, tls: false };
        let credential = Credential::new(who.to_owned(), AccessSecret::new(format!("secret of {who}")));
        sign::seal(&mut request, &credential, None, region, service, self.clock.now()).unwrap();
        let (head, body) = self.engine.answer(&request).await.into_parts();
        (head.status.as_u16(), String::from_utf8(body.to_vec()).unwrap())
    }

    async fn json(&self, who: &str, region: &str, service: &str, target: &str, asked: Value) -> (u16, Value) {
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)];
        let (status, body) = self.send(who, region, service, &headers, asked.to_string()).await;
        (status, serde_json::from_str(&body).unwrap_or(Value::String(body)))
    }

    /// The ARN of a new key.
    async fn key(&self, who: &str, region: &str, tags: &[(&str, &str)]) -> String {
        let tags: Vec<_> = tags.iter().map(|(key, value)| json!({ "TagKey": key, "TagValue": value })).collect();
        let (status, made) = self.json(who, region, "kms", "TrentService.CreateKey", json!({ "Tags": tags })).await;
        assert_eq!(status, 200, "{made}");
        made["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
    }

    /// Does something in IAM.
    async fn iam(&self, query: &str) {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let body = format!("Version=2010-05-08&{query}");
        let (status, body) = self.send(OWNER, "us-east-1", "iam", &headers, body).await;
        assert_eq!(status, 200, "{body}");
    }

    async fn resources_of(&self, who: &str, region: &str, asked: Value) -> (u16, Value) {
        let target = "ResourceGroupsTaggingAPI_20170126.GetResources";
        self.json(who, region, "tagging", target, asked).await
    }

    async fn found(&self, region: &str, asked: Value) -> Value {
        let (status, found) = self.resources_of(READER, region, asked).await;
        assert_eq!(status, 200, "{found}");
        found
    }

    async fn refused(&self, asked: Value) -> (u16, String, String) {
        let (status, body) = self.resources_of(READER, "us-east-1", asked).await;
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        (status, text("__type"), text("message") + &text("Message"))
    }
}

/// The ARNs of an answer, sorted.
fn arns(found: &Value) -> Vec<&str> {
    let list = found["ResourceTagMappingList"].as_array().unwrap();
    let mut arns: Vec<_> = list.iter().map(|one| one["ResourceARN"].as_str().unwrap()).collect();
    arns.sort_unstable();
    arns
}

fn sorted<const N: usize>(mut arns: [&str; N]) -> Vec<&str> {
    arns.sort_unstable();
    arns.to_vec()
}

const POLICY: &str = "arn:aws:iam::111122223333:policy/team/p";

impl Cloud {
    /// Tagged and untagged things of every sort, here and elsewhere.
    async fn filled(&self) -> [String; 3] {
        let red = self.key(OWNER, "us-east-1", &[("team", "red"), ("env", "prod")]).await;
        let blue = self.key(OWNER, "us-east-1", &[("team", "blue"), ("env", "prod")]).await;
        let far = self.key(OWNER, "eu-west-1", &[("team", "red")]).await;
        self.key(OWNER, "us-east-1", &[]).await;
        self.key(STRANGER, "us-east-1", &[("team", "red")]).await;
        let document = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C\
                        %22Action%22%3A%22kms%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D";
        let tag = "Tags.member.1.Key=team&Tags.member.1.Value=red";
        self.iam(&format!("Action=CreatePolicy&PolicyName=p&Path=%2Fteam%2F&PolicyDocument={document}&{tag}")).await;
        self.iam(&format!("Action=CreatePolicy&PolicyName=untagged&PolicyDocument={document}")).await;
        self.iam(&format!("Action=CreateUser&UserName=tagged&{tag}")).await;
        [red, blue, far]
    }
}

#[tokio::test]
async fn tagged_keys_of_the_region_and_tagged_policies_are_found() {
    let cloud = cloud().await;
    let [red, blue, far] = &cloud.filled().await;
    let found = cloud.found("us-east-1", json!({})).await;
    assert_eq!(arns(&found), sorted([red, blue, POLICY]));
    assert_eq!(found["PaginationToken"], "");
    let one = found["ResourceTagMappingList"].as_array().unwrap().iter().find(|one| one["ResourceARN"] == **red);
    let tags = json!([{ "Key": "env", "Value": "prod" }, { "Key": "team", "Value": "red" }]);
    assert_eq!(one.unwrap(), &json!({ "ResourceARN": red, "Tags": tags }));
    // What is in no region is told in one alone.
    assert_eq!(arns(&cloud.found("eu-west-1", json!({})).await), [far]);
    assert_eq!(arns(&cloud.found("ap-south-1", json!({})).await), [""; 0]);
}

#[tokio::test]
async fn filters_are_all_met_and_each_by_one_of_its_values() {
    let cloud = cloud().await;
    let [red, blue, _] = &cloud.filled().await;
    for (filters, wanted) in [
        (json!([{ "Key": "team" }]), sorted([red, blue, POLICY])),
        (json!([{ "Key": "team", "Values": [] }]), sorted([red, blue, POLICY])),
        (json!([{ "Key": "team", "Values": ["red"] }]), sorted([red, POLICY])),
        (json!([{ "Key": "team", "Values": ["red", "blue"] }]), sorted([red, blue, POLICY])),
        (json!([{ "Key": "team", "Values": ["red"] }, { "Key": "env" }]), sorted([red])),
        (json!([{ "Key": "team", "Values": ["red"] }, { "Key": "team", "Values": ["blue"] }]), sorted([])),
        (json!([{ "Key": "team", "Values": ["RED"] }]), sorted([])),
        (json!([{ "Key": "Team" }]), sorted([])),
    ] {
        let found = cloud.found("us-east-1", json!({ "TagFilters": filters })).await;
        assert_eq!(arns(&found), wanted, "{filters}");
    }
    for (types, wanted) in [
        (json!(["kms"]), sorted([red, blue])),
        (json!(["kms:key"]), sorted([red, blue])),
        (json!(["iam"]), sorted([POLICY])),
        (json!(["iam:policy", "kms:key"]), sorted([red, blue, POLICY])),
        (json!(["iam:role", "iam:user", "kms:alias", "s3"]), sorted([])),
        (json!([]), sorted([red, blue, POLICY])),
    ] {
        let found = cloud.found("us-east-1", json!({ "ResourceTypeFilters": types })).await;
        assert_eq!(arns(&found), wanted, "{types}");
    }
    let both = json!({ "ResourceTypeFilters": ["kms"], "TagFilters": [{ "Key": "team", "Values": ["blue"] }] });
    assert_eq!(arns(&cloud.found("us-east-1", both).await), [blue]);
}

#[tokio::test]
async fn what_is_named_is_told_as_far_as_it_has_tags_and_is_here() {
    let cloud = cloud().await;
    let [red, _, far] = &cloud.filled().await;
    let user = "arn:aws:iam::111122223333:user/tagged";
    let named = json!({ "ResourceARNList": [red, far, POLICY, user, "arn:aws:s3:::bucket"] });
    assert_eq!(arns(&cloud.found("us-east-1", named).await), sorted([red, POLICY]));
    assert_eq!(arns(&cloud.found("eu-west-1", json!({ "ResourceARNList": [red, far, POLICY] })).await), [far]);
}

#[tokio::test]
async fn a_list_is_told_page_by_page_and_none_is_lost_or_told_twice() {
    let cloud = cloud().await;
    let mut made = vec![POLICY.to_owned()];
    let [red, blue, _] = cloud.filled().await;
    made.extend([red, blue]);
    for _ in 0..4 {
        made.push(cloud.key(OWNER, "us-east-1", &[("team", "red")]).await);
    }
    made.sort();
    for size in [1, 2, 3, 6, 7, 100] {
        let (mut told, mut token, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let asked = json!({ "ResourcesPerPage": size, "PaginationToken": token });
            let found = cloud.found("us-east-1", asked).await;
            told.extend(arns(&found).into_iter().map(str::to_owned));
            pages += 1;
            token = found["PaginationToken"].as_str().unwrap().to_owned();
            if token.is_empty() {
                break;
            }
        }
        told.sort();
        assert_eq!(told, made, "{size}");
        assert_eq!(pages, 7_usize.div_ceil(size), "{size}");
    }
}

#[tokio::test]
async fn a_page_holds_no_more_tags_than_it_may() {
    let cloud = cloud().await;
    let names: Vec<String> = (0..40).map(|number| format!("k{number:02}")).collect();
    let tags: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "v")).collect();
    for _ in 0..5 {
        cloud.key(OWNER, "us-east-1", &tags).await;
    }
    let first = cloud.found("us-east-1", json!({ "TagsPerPage": 100 })).await;
    assert_eq!(arns(&first).len(), 2);
    let again = json!({ "TagsPerPage": 200, "PaginationToken": first["PaginationToken"] });
    let rest = cloud.found("us-east-1", again).await;
    assert_eq!((arns(&rest).len(), &rest["PaginationToken"]), (3, &json!("")));
}

#[tokio::test]
async fn a_token_is_good_for_its_own_list_for_a_quarter_of_an_hour() {
    let cloud = cloud().await;
    cloud.filled().await;
    let first = cloud.found("us-east-1", json!({ "ResourcesPerPage": 1 })).await;
    let token = first["PaginationToken"].as_str().unwrap();
    let invalid =
        (400, "InvalidParameterException".to_owned(), "The specified PaginationToken is not valid.".to_owned());
    for asked in [
        json!({ "PaginationToken": "nonsense" }),
        json!({ "PaginationToken": token, "TagFilters": [{ "Key": "team" }] }),
        json!({ "PaginationToken": token, "ResourceTypeFilters": ["kms"] }),
    ] {
        assert_eq!(cloud.refused(asked.clone()).await, invalid, "{asked}");
    }
    cloud.clock.advance(SignedDuration::from_secs(15 * 60));
    cloud.found("us-east-1", json!({ "PaginationToken": token })).await;
    cloud.clock.advance(SignedDuration::from_secs(1));
    let late = cloud.refused(json!({ "PaginationToken": token })).await;
    let text = "The specified PaginationToken has expired.";
    assert_eq!(late, (400, "PaginationTokenExpiredException".to_owned(), text.to_owned()));
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_in_the_words_of_the_service() {
    let cloud = cloud().await;
    let arn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    for asked in [
        json!({ "ResourcesPerPage": 0 }),
        json!({ "ResourcesPerPage": 101 }),
        json!({ "TagsPerPage": 99 }),
        json!({ "TagsPerPage": 501 }),
        json!({ "TagFilters": [{ "Values": ["x"] }] }),
        json!({ "TagFilters": [{ "Key": "" }] }),
        json!({ "TagFilters": vec![json!({ "Key": "k" }); 51] }),
        json!({ "TagFilters": [{ "Key": "k", "Values": vec!["v"; 21] }] }),
        json!({ "ResourceTypeFilters": ["KMS"] }),
        json!({ "ResourceARNList": [] }),
        json!({ "ResourceARNList": vec![arn; 101] }),
        json!({ "ResourceARNList": ["alias/a"] }),
        json!({ "ResourceARNList": [arn], "TagFilters": [{ "Key": "k" }] }),
        json!({ "ResourceARNList": [arn], "ResourceTypeFilters": ["kms"] }),
        json!({ "ResourceARNList": [arn], "ResourcesPerPage": 10 }),
        json!({ "ResourceARNList": [arn], "TagsPerPage": 100 }),
        json!({ "ExcludeCompliantResources": true }),
    ] {
        let (status, code, text) = cloud.refused(asked.clone()).await;
        assert_eq!((status, code.as_str()), (400, "InvalidParameterException"), "{asked}");
        assert!(!text.is_empty(), "{asked}");
    }
    let (status, code, text) = cloud.refused(json!({ "IncludeComplianceDetails": true })).await;
    assert_eq!((status, code.as_str()), (400, "UnsupportedOperationException"));
    assert!(text.contains("IncludeComplianceDetails") && text.contains("tag policies"), "{text}");
    cloud.found("us-east-1", json!({ "IncludeComplianceDetails": false, "ExcludeCompliantResources": false })).await;
}

#[tokio::test]
async fn it_takes_its_permission_and_no_other() {
    let cloud = cloud().await;
    let (status, body) = cloud.resources_of(NOBODY, "us-east-1", json!({})).await;
    assert_eq!((status, &body["__type"]), (400, &json!("AccessDeniedException")));
    let text = body.to_string();
    assert!(
        text.contains("user/nobody is not authorized to perform: tag:GetResources because no identity-based"),
        "{text}"
    );
    let target = "ResourceGroupsTaggingAPI_20170126.GetTagKeys";
    let (status, body) = cloud.json(OWNER, "us-east-1", "tagging", target, json!({})).await;
    assert_eq!((status, &body["__type"]), (400, &json!("UnsupportedOperationException")));
}
