//! KMS in one process: signed requests in, answers out, on a store in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod ports;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use polykms_aws::{DIALECT, sign};
use polykms_core::dialect::{Credential, Registry, Request};
use polykms_core::engine::{Authorization, Engine, Settings, Traced};
use polykms_core::error::{Kind, Result};
use polykms_core::port::audit::Mark;
use polykms_core::port::{Audit, Change, Changes, Head, Record, Space, Store, StoreError, Time};
use polykms_core::secret::AccessSecret;
use polykms_core::seed::Seed;
use polykms_host::ManualClock;
use polykms_store::Memory;
use ports::ports;
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";
const OTHER_ACCOUNT: &str = "444455556666";
const REGION: &str = "us-east-1";
const OWNER: &str = "AKIAOWNER00000000001";
const ALICE: &str = "AKIAALICE00000000001";
const BOB: &str = "AKIABOB0000000000001";
const STRANGER: &str = "AKIASTRANGER00000001";

/// Keeps every line, unless it is to fail: from the next event on, or already known to.
#[derive(Default, Clone)]
struct Trail(Arc<Mutex<Vec<String>>>, Arc<Mutex<Hearing>>);

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Hearing {
    #[default]
    Well,
    NoMore,
    KnownToBeBroken,
}

#[async_trait::async_trait]
impl Audit for Trail {
    async fn record(&self, line: &[u8]) -> Result<Mark> {
        if *self.1.lock().unwrap() != Hearing::Well {
            return Err(Kind::Internal.because("deaf"));
        }
        let mut lines = self.0.lock().unwrap();
        lines.push(String::from_utf8(line.to_vec()).unwrap());
        Ok(Mark(lines.len() as u64))
    }

    fn durable(&self) -> Mark {
        Mark(u64::MAX)
    }

    fn ready(&self) -> Result<()> {
        match *self.1.lock().unwrap() {
            Hearing::KnownToBeBroken => Err(Kind::Internal.because("deaf")),
            Hearing::Well | Hearing::NoMore => Ok(()),
        }
    }
}

/// A store in which somebody else is always faster, once that is wanted.
#[derive(Default)]
struct Contended(Memory, AtomicBool);

#[async_trait::async_trait]
impl Store for Contended {
    async fn get(&self, space: Space, path: &str) -> std::result::Result<Option<Record>, StoreError> {
        self.0.get(space, path).await
    }

    async fn get_many(&self, wanted: &[(Space, &str)]) -> std::result::Result<Vec<Option<Record>>, StoreError> {
        self.0.get_many(wanted).await
    }

    async fn scan(
        &self,
        s: Space,
        prefix: &str,
        after: Option<&str>,
        n: usize,
    ) -> std::result::Result<Vec<Record>, StoreError> {
        self.0.scan(s, prefix, after, n).await
    }

    async fn paths(
        &self,
        s: Space,
        prefix: &str,
        after: Option<&str>,
        skip: usize,
        n: usize,
    ) -> std::result::Result<Vec<String>, StoreError> {
        self.0.paths(s, prefix, after, skip, n).await
    }

    async fn count(&self, s: Space, prefix: &str) -> std::result::Result<usize, StoreError> {
        self.0.count(s, prefix).await
    }

    async fn changes(&self, since: Head) -> std::result::Result<Changes, StoreError> {
        self.0.changes(since).await
    }

    async fn commit(&self, changes: Vec<Change>) -> std::result::Result<u64, StoreError> {
        if self.1.load(Ordering::SeqCst) { Err(StoreError::Conflict) } else { self.0.commit(changes).await }
    }

    async fn clear(&self) -> std::result::Result<(), StoreError> {
        self.0.clear().await
    }
}

struct Cloud {
    engine: Engine,
    clock: ManualClock,
    trail: Trail,
}

/// Alice may do what `policy` says; Bob has no policy; the stranger owns another account.
async fn cloud(policy: Value) -> Cloud {
    cloud_on(Arc::new(Memory::new()), Settings::default(), policy).await
}

async fn cloud_on(store: Arc<dyn Store>, settings: Settings, policy: Value) -> Cloud {
    let clock = ManualClock::at("2025-06-01T12:00:00Z".parse::<Time>().unwrap());
    let trail = Trail::default();
    let ports = ports(store, &clock, Arc::new(trail.clone()));
    let engine = Engine::new(ports, Registry::of(vec![&DIALECT]).unwrap(), settings);
    let key = |id: &str| json!([{ "id": id, "secret": secret(id) }]);
    let seed: Seed = serde_json::from_value(json!({ "aws": [
        {
            "account": ACCOUNT,
            "owner": key(OWNER),
            "users": [
                { "name": "alice", "access_keys": key(ALICE), "inline": { "p": policy } },
                { "name": "bob", "access_keys": key(BOB) },
            ],
        },
        { "account": OTHER_ACCOUNT, "owner": key(STRANGER) },
    ] }))
    .unwrap();
    engine.apply(&seed).await.unwrap();
    Cloud { engine, clock, trail }
}

fn nothing() -> Value {
    allow(&["kms:ListKeys"], "*", json!({}))
}

fn allow(actions: &[&str], resource: &str, condition: Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": actions, "Resource": resource, "Condition": condition }
    ] })
}

fn secret(access_key: &str) -> String {
    format!("secret of {access_key}")
}

fn credential(access_key: &str) -> Credential {
    Credential::new(access_key.to_owned(), AccessSecret::new(secret(access_key)))
}

fn request(operation: &str, arguments: &Value) -> Request {
    let builder = http::Request::builder()
        .method("POST")
        .uri("/")
        .header("host", "localhost")
        .header("content-type", "application/x-amz-json-1.1")
        .header("user-agent", "tests")
        .header("x-amz-target", format!("TrentService.{operation}"));
    let (head, ()) = builder.body(()).unwrap().into_parts();
    Request { head, body: Bytes::from(arguments.to_string()), peer: IpAddr::V4(Ipv4Addr::LOCALHOST).into(), tls: false }
}

impl Cloud {
    async fn answer(&self, request: Request) -> (u16, Value) {
        let (head, body) = self.engine.answer(&request).await.into_parts();
        assert!(head.headers.contains_key("x-amzn-requestid"));
        let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
        (head.status.as_u16(), body)
    }

    async fn call_in(&self, region: &str, who: &str, operation: &str, arguments: Value) -> (u16, Value) {
        let mut request = request(operation, &arguments);
        let now = self.engine.world().ports.clock.now();
        sign::seal(&mut request, &credential(who), None, region, "kms", now).unwrap();
        self.answer(request).await
    }

    async fn call(&self, who: &str, operation: &str, arguments: Value) -> (u16, Value) {
        self.call_in(REGION, who, operation, arguments).await
    }

    async fn ok(&self, who: &str, operation: &str, arguments: Value) -> Value {
        let (status, body) = self.call(who, operation, arguments).await;
        assert_eq!(status, 200, "{operation}: {body}");
        body
    }

    /// Code and message of a refusal.
    async fn refused(&self, who: &str, operation: &str, arguments: Value) -> (String, String) {
        told(self.call(who, operation, arguments).await)
    }

    async fn key(&self) -> String {
        let made = self.ok(OWNER, "CreateKey", json!({})).await;
        made["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned()
    }

    async fn encrypted(&self, key: &str, context: Value) -> Value {
        let arguments = json!({ "KeyId": key, "Plaintext": "aGk=", "EncryptionContext": context });
        self.ok(OWNER, "Encrypt", arguments).await["CiphertextBlob"].clone()
    }
}

fn told((status, body): (u16, Value)) -> (String, String) {
    assert_eq!(status, 400, "{body}");
    let message = body.get("message").or_else(|| body.get("Message")).and_then(Value::as_str).unwrap_or_default();
    (body["__type"].as_str().unwrap().to_owned(), message.to_owned())
}

fn key_arn(id: &str) -> String {
    format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{id}")
}

fn pair(code: &str, message: impl Into<String>) -> (String, String) {
    (code.to_owned(), message.into())
}

const HIDDEN: &str = "because the resource does not exist in this Region, no resource-based policies allow access, or a \
                      resource-based policy explicitly denies access";

#[tokio::test]
async fn a_key_lives_from_its_making_to_its_end() {
    let cloud = cloud(nothing()).await;
    let made =
        cloud.ok(OWNER, "CreateKey", json!({ "Description": "d", "Tags": [{ "TagKey": "a", "TagValue": "1" }] })).await;
    let id = made["KeyMetadata"]["KeyId"].as_str().unwrap();
    assert_eq!(made["KeyMetadata"]["Arn"], key_arn(id));
    assert_eq!(made["KeyMetadata"]["CreationDate"], json!(1_748_779_200.0));
    assert_eq!(cloud.ok(OWNER, "DescribeKey", json!({ "KeyId": id })).await, made);
    assert_eq!(cloud.ok(OWNER, "ListKeys", json!({})).await["Keys"], json!([{ "KeyId": id, "KeyArn": key_arn(id) }]));

    assert_eq!(cloud.ok(OWNER, "CreateAlias", json!({ "AliasName": "alias/a", "TargetKeyId": id })).await, Value::Null);
    let listed = cloud.ok(OWNER, "ListAliases", json!({ "KeyId": id })).await;
    assert_eq!(listed["Aliases"][0]["AliasArn"], format!("arn:aws:kms:{REGION}:{ACCOUNT}:alias/a"));
    let other = cloud.key().await;
    assert_eq!(cloud.ok(OWNER, "ListAliases", json!({ "KeyId": other })).await["Aliases"], json!([]));
    cloud.ok(OWNER, "UpdateAlias", json!({ "AliasName": "alias/a", "TargetKeyId": other })).await;
    assert_eq!(cloud.ok(OWNER, "DescribeKey", json!({ "KeyId": "alias/a" })).await["KeyMetadata"]["KeyId"], *other);

    cloud.ok(OWNER, "TagResource", json!({ "KeyId": id, "Tags": [{ "TagKey": "b", "TagValue": "" }] })).await;
    cloud.ok(OWNER, "UntagResource", json!({ "KeyId": id, "TagKeys": ["a"] })).await;
    let tags = cloud.ok(OWNER, "ListResourceTags", json!({ "KeyId": id })).await;
    assert_eq!(tags, json!({ "Tags": [{ "TagKey": "b", "TagValue": "" }], "Truncated": false }));
    assert_eq!(cloud.ok(OWNER, "ListKeyPolicies", json!({ "KeyId": id })).await["PolicyNames"], json!(["default"]));

    let scheduled = cloud.ok(OWNER, "ScheduleKeyDeletion", json!({ "KeyId": id, "PendingWindowInDays": 7 })).await;
    assert_eq!(scheduled["KeyId"], key_arn(id));
    let pending = pair("KMSInvalidStateException", format!("{} is pending deletion.", key_arn(id)));
    assert_eq!(cloud.refused(OWNER, "EnableKey", json!({ "KeyId": id })).await, pending);
    cloud.clock.advance(jiff::SignedDuration::from_hours(7 * 24));
    let gone = pair("NotFoundException", format!("Key '{}' does not exist", key_arn(id)));
    assert_eq!(cloud.refused(OWNER, "DescribeKey", json!({ "KeyId": id })).await, gone);
    assert_eq!(cloud.refused(OWNER, "ListAliases", json!({ "KeyId": id })).await, gone);
}

#[tokio::test]
async fn what_was_encrypted_opens_with_its_context_alone() {
    let cloud = cloud(nothing()).await;
    let (key, other) = (cloud.key().await, cloud.key().await);
    let blob = cloud.encrypted(&key, json!({ "a": "1", "b": "2" })).await;
    let context = json!({ "b": "2", "a": "1" });
    let opened = cloud.ok(OWNER, "Decrypt", json!({ "CiphertextBlob": blob, "EncryptionContext": context })).await;
    assert_eq!(opened["Plaintext"], "aGk=");
    let described = cloud.ok(OWNER, "DescribeKey", json!({ "KeyId": key })).await;
    assert_eq!(opened["KeyMaterialId"], described["KeyMetadata"]["CurrentKeyMaterialId"]);

    let closed = pair("InvalidCiphertextException", "");
    assert_eq!(cloud.refused(OWNER, "Decrypt", json!({ "CiphertextBlob": blob })).await, closed);
    assert_eq!(cloud.refused(OWNER, "Decrypt", json!({ "CiphertextBlob": "AAAA" })).await, closed);
    assert_eq!(cloud.refused(OWNER, "Decrypt", json!({ "CiphertextBlob": "AAAA", "KeyId": key })).await, closed);
    let incorrect = "The key ID in the request does not identify a CMK that can perform this operation.";
    assert_eq!(
        cloud.refused(OWNER, "Decrypt", json!({ "CiphertextBlob": blob, "KeyId": other })).await,
        pair("IncorrectKeyException", incorrect)
    );
    assert_eq!(
        cloud.refused(OWNER, "Encrypt", json!({ "KeyId": key, "Plaintext": "aGk=", "DryRun": true })).await,
        pair("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.")
    );
    let moved = cloud
        .ok(
            OWNER,
            "ReEncrypt",
            json!({ "CiphertextBlob": blob, "SourceEncryptionContext": context, "DestinationKeyId": other }),
        )
        .await;
    assert_eq!((&moved["SourceKeyId"], &moved["KeyId"]), (&json!(key_arn(&key)), &json!(key_arn(&other))));
    assert_eq!(
        cloud.ok(OWNER, "Decrypt", json!({ "CiphertextBlob": moved["CiphertextBlob"] })).await["Plaintext"],
        "aGk="
    );

    let data_key = cloud.ok(OWNER, "GenerateDataKey", json!({ "KeyId": key, "KeySpec": "AES_128" })).await;
    let opened = cloud.ok(OWNER, "Decrypt", json!({ "CiphertextBlob": data_key["CiphertextBlob"] })).await;
    assert_eq!(opened["Plaintext"], data_key["Plaintext"]);
    cloud.ok(OWNER, "DisableKey", json!({ "KeyId": key })).await;
    assert_eq!(
        cloud.refused(OWNER, "GenerateDataKey", json!({ "KeyId": key, "KeySpec": "AES_256" })).await,
        pair("DisabledException", format!("{} is disabled.", key_arn(&key)))
    );
}

#[tokio::test]
async fn names_that_lead_nowhere_are_answered_in_the_recorded_words() {
    let cloud = cloud(nothing()).await;
    let missing = "12345678-1234-1234-1234-123456789012";
    let does_not = |region: &str| format!("Key 'arn:aws:kms:{region}:{ACCOUNT}:key/{missing}' does not exist");
    let not_found = |text: String| pair("NotFoundException", text);
    // Bob is allowed nothing: of the own account's keys, whether they exist is told before whether they may be used.
    for who in [OWNER, BOB] {
        assert_eq!(cloud.refused(who, "DescribeKey", json!({ "KeyId": missing })).await, not_found(does_not(REGION)));
    }
    let alias = format!("Alias arn:aws:kms:{REGION}:{ACCOUNT}:alias/none is not found.");
    for (operation, arguments) in [
        ("Encrypt", json!({ "KeyId": "alias/none", "Plaintext": "aGk=" })),
        ("DeleteAlias", json!({ "AliasName": "alias/none" })),
    ] {
        assert_eq!(cloud.refused(OWNER, operation, arguments).await, not_found(alias.clone()));
    }
    let key = cloud.key().await;
    let elsewhere = cloud.call_in("eu-west-1", OWNER, "DescribeKey", json!({ "KeyId": key_arn(&key) })).await;
    assert_eq!(told(elsewhere), not_found(format!("Invalid arn {REGION}")));
    let elsewhere = cloud.call_in("eu-west-1", OWNER, "DescribeKey", json!({ "KeyId": missing })).await;
    assert_eq!(told(elsewhere), not_found(does_not("eu-west-1")));
    assert_eq!(
        cloud.refused(OWNER, "ListKeys", json!({ "Marker": "made up" })).await.0,
        "InvalidMarkerException".to_owned()
    );
    assert_eq!(
        cloud.refused(OWNER, "GetKeyPolicy", json!({ "KeyId": key, "PolicyName": "other" })).await,
        not_found("No such policy exists".to_owned())
    );
}

#[tokio::test]
async fn refusals_name_the_caller_the_action_and_the_policy_to_blame() {
    let cloud = cloud(allow(&["kms:CreateAlias", "kms:DescribeKey"], "arn:aws:kms:*:*:alias/*", json!({}))).await;
    let key = cloud.key().await;
    let denied = |who: &str, action: &str, on: &str, why: &str| {
        let text =
            format!("User: arn:aws:iam::{ACCOUNT}:user/{who} is not authorized to perform: {action} on {on} {why}");
        pair("AccessDeniedException", text)
    };
    let no = |action: &str| format!("because no identity-based policy allows the {action} action");
    let on_key = format!("resource: {}", key_arn(&key));
    assert_eq!(
        cloud.refused(BOB, "DescribeKey", json!({ "KeyId": key })).await,
        denied("bob", "kms:DescribeKey", &on_key, &no("kms:DescribeKey"))
    );
    assert_eq!(
        cloud.refused(BOB, "CreateKey", json!({})).await,
        denied("bob", "kms:CreateKey", "resource: *", &no("kms:CreateKey"))
    );
    // The alias alone is not enough.
    assert_eq!(
        cloud.refused(ALICE, "CreateAlias", json!({ "AliasName": "alias/a", "TargetKeyId": key })).await,
        denied("alice", "kms:CreateAlias", &on_key, &no("kms:CreateAlias"))
    );
    let on_alias = format!("resource: arn:aws:kms:{REGION}:{ACCOUNT}:alias/a");
    assert_eq!(
        cloud.refused(BOB, "CreateAlias", json!({ "AliasName": "alias/a", "TargetKeyId": key })).await,
        denied("bob", "kms:CreateAlias", &on_alias, &no("kms:CreateAlias"))
    );
    let blob = cloud.encrypted(&key, json!({})).await;
    let by_ciphertext = "the resource associated with this ciphertext";
    assert_eq!(
        cloud.refused(BOB, "Decrypt", json!({ "CiphertextBlob": blob })).await,
        denied("bob", "kms:Decrypt", by_ciphertext, &no("kms:Decrypt"))
    );
    // A policy that leaves the account out takes its IAM policies their say.
    let closed = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{ACCOUNT}:user/alice") }, "Action": "kms:*", "Resource": "*" },
        { "Effect": "Deny", "Principal": { "AWS": "*" }, "Action": "kms:Encrypt", "Resource": "*" }
    ] });
    let put = json!({ "KeyId": key, "Policy": closed.to_string(), "BypassPolicyLockoutSafetyCheck": true });
    cloud.ok(OWNER, "PutKeyPolicy", put).await;
    assert_eq!(cloud.ok(ALICE, "Decrypt", json!({ "CiphertextBlob": blob })).await["Plaintext"], "aGk=");
    assert_eq!(
        cloud.refused(BOB, "Decrypt", json!({ "CiphertextBlob": blob })).await,
        denied("bob", "kms:Decrypt", by_ciphertext, HIDDEN)
    );
    assert_eq!(
        cloud.refused(BOB, "DescribeKey", json!({ "KeyId": key })).await,
        denied("bob", "kms:DescribeKey", &on_key, "because no resource-based policy allows the kms:DescribeKey action")
    );
    assert_eq!(
        cloud.refused(ALICE, "Encrypt", json!({ "KeyId": key, "Plaintext": "aGk=" })).await,
        denied("alice", "kms:Encrypt", &on_key, "with an explicit deny in a resource-based policy")
    );
}

#[tokio::test]
async fn of_another_account_nobody_learns_which_keys_it_has() {
    let cloud = cloud(nothing()).await;
    let key = cloud.key().await;
    let blob = cloud.encrypted(&key, json!({})).await;
    let missing = key_arn("12345678-1234-1234-1234-123456789012");
    let denied = |action: &str, on: &str| {
        let who = format!("arn:aws:iam::{OTHER_ACCOUNT}:root");
        pair("AccessDeniedException", format!("User: {who} is not authorized to perform: {action} on {on} {HIDDEN}"))
    };
    for arn in [key_arn(&key), missing] {
        assert_eq!(
            cloud.refused(STRANGER, "DescribeKey", json!({ "KeyId": arn })).await,
            denied("kms:DescribeKey", &format!("resource: {arn}"))
        );
    }
    let mut unknown = base64_of(&blob);
    unknown[10] ^= 1;
    let on = "the resource associated with this ciphertext";
    let unknown =
        json!({ "CiphertextBlob": base64::Engine::encode(&base64::engine::general_purpose::STANDARD, unknown) });
    assert_eq!(cloud.refused(STRANGER, "Decrypt", json!({ "CiphertextBlob": blob })).await, denied("kms:Decrypt", on));
    assert_eq!(cloud.refused(STRANGER, "Decrypt", unknown).await, denied("kms:Decrypt", on));
}

fn base64_of(text: &Value) -> Vec<u8> {
    base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text.as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn conditions_see_what_the_request_says_of_each_key() {
    let condition = json!({ "StringEquals": {
        "kms:EncryptionContext:dept": "it",
        "kms:RequestAlias": "alias/a",
        "aws:ResourceTag/project": "apollo",
        "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "aws:username": "alice",
    }, "Bool": { "aws:SecureTransport": "false", "kms:MultiRegion": "false" },
    "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/a" } });
    let cloud = cloud(allow(&["kms:Encrypt", "kms:ReEncrypt*"], "*", condition)).await;
    let key = cloud.key().await;
    cloud.ok(OWNER, "CreateAlias", json!({ "AliasName": "alias/a", "TargetKeyId": key })).await;
    let encrypt =
        |name: &str, dept: &str| json!({ "KeyId": name, "Plaintext": "aGk=", "EncryptionContext": { "Dept": dept } });
    let code = |refusal: (String, String)| refusal.0;
    let denied = "AccessDeniedException";
    assert_eq!(code(cloud.refused(ALICE, "Encrypt", encrypt("alias/a", "it")).await), denied);
    cloud
        .ok(OWNER, "TagResource", json!({ "KeyId": key, "Tags": [{ "TagKey": "project", "TagValue": "apollo" }] }))
        .await;
    let sealed = cloud.ok(ALICE, "Encrypt", encrypt("alias/a", "it")).await["CiphertextBlob"].clone();
    assert_eq!(code(cloud.refused(ALICE, "Encrypt", encrypt("alias/a", "hr")).await), denied);
    assert_eq!(code(cloud.refused(ALICE, "Encrypt", encrypt(&key, "it")).await), denied);
    let again = |dept: &str| {
        json!({
            "CiphertextBlob": sealed,
            "SourceKeyId": "alias/a",
            "SourceEncryptionContext": { "Dept": "it" },
            "DestinationKeyId": "alias/a",
            "DestinationEncryptionContext": { "dept": dept },
        })
    };
    cloud.ok(ALICE, "ReEncrypt", again("it")).await;
    let (code, message) = cloud.refused(ALICE, "ReEncrypt", again("hr")).await;
    assert!(code == denied && message.contains("kms:ReEncryptTo"), "{message}");
}

#[tokio::test]
async fn tags_of_a_new_key_need_a_permission_of_their_own() {
    let cloud = cloud(allow(&["kms:CreateKey"], "*", json!({}))).await;
    cloud.ok(ALICE, "CreateKey", json!({})).await;
    let tagged = json!({ "Tags": [{ "TagKey": "a", "TagValue": "1" }] });
    let (code, message) = cloud.refused(ALICE, "CreateKey", tagged).await;
    assert!(code == "AccessDeniedException" && message.contains("kms:TagResource"), "{message}");
}

#[tokio::test]
async fn key_policies_are_checked_before_they_are_kept() {
    let cloud = cloud(nothing()).await;
    let key = cloud.key().await;
    let naming = |principal: &str, action: &str| {
        let document = json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Principal": { "AWS": principal }, "Action": action, "Resource": "*" }
        ] });
        json!({ "KeyId": key, "Policy": document.to_string() })
    };
    let nobody = "Policy contains a statement with one or more invalid principals.";
    for who in [
        format!("arn:aws:iam::{ACCOUNT}:user/nobody"),
        format!("arn:aws:iam::{ACCOUNT}:user/path/alice"),
        format!("arn:aws:iam::{ACCOUNT}:role/alice"),
        format!("arn:aws:sts::{ACCOUNT}:assumed-role/nobody/session"),
        "AIDACKCEVSQ6C2EXAMPLE".to_owned(),
    ] {
        let refusal = cloud.refused(OWNER, "PutKeyPolicy", naming(&who, "kms:*")).await;
        assert_eq!(refusal, pair("MalformedPolicyDocumentException", nobody), "{who}");
    }
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    assert_eq!(
        cloud.refused(OWNER, "PutKeyPolicy", naming(&root, "kms:Encrypt")).await,
        pair(
            "MalformedPolicyDocumentException",
            "The new key policy will not allow you to update the key policy in the future."
        )
    );
    let when = |condition: Value| {
        let document = json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Principal": { "AWS": root }, "Action": "kms:*", "Resource": "*", "Condition": condition }
        ] });
        json!({ "KeyId": key, "Policy": document.to_string() })
    };
    for (key, own, other) in [
        ("kms:CallerAccount", ACCOUNT, OTHER_ACCOUNT),
        ("kms:KeySpec", "SYMMETRIC_DEFAULT", "RSA_2048"),
        ("aws:PrincipalAccount", ACCOUNT, OTHER_ACCOUNT),
    ] {
        cloud.ok(OWNER, "PutKeyPolicy", when(json!({ "StringEquals": { key: own } }))).await;
        let (code, why) = cloud.refused(OWNER, "PutKeyPolicy", when(json!({ "StringEquals": { key: other } }))).await;
        assert!(code == "MalformedPolicyDocumentException" && why.contains("in the future"), "{key}: {why}");
    }
    for (name, what) in [("kms:EncryptionContext:a", "encryption context"), ("aws:RequestTag/a", "tag")] {
        let put = when(json!({ "ForAllValues:StringEquals": { name: "b" } }));
        let text = format!(
            "OverlyPermissiveCondition: Using the ForAllValues set operator with a single-valued condition key matches \
             requests without the specified {what} or with an unspecified {what}. To fix, remove ForAllValues."
        );
        let refusal = cloud.refused(OWNER, "PutKeyPolicy", put).await;
        assert_eq!(refusal, pair("MalformedPolicyDocumentException", &text));
    }
    let broken = json!({ "KeyId": key, "Policy": "{" });
    assert_eq!(cloud.refused(OWNER, "PutKeyPolicy", broken).await.0, "MalformedPolicyDocumentException");
    cloud.ok(OWNER, "PutKeyPolicy", naming(&root, "kms:*")).await;
}

#[tokio::test]
async fn what_is_not_signed_well_is_refused() {
    let cloud = cloud(nothing()).await;
    let unsigned = told(cloud.answer(request("ListKeys", &json!({}))).await);
    assert_eq!(unsigned, pair("MissingAuthenticationTokenException", "Request is missing Authentication Token"));
    let now = cloud.engine.world().ports.clock.now();
    let mut wrong = request("ListKeys", &json!({}));
    let forged = Credential::new(OWNER.to_owned(), AccessSecret::new("guess".to_owned()));
    sign::seal(&mut wrong, &forged, None, REGION, "kms", now).unwrap();
    assert_eq!(told(cloud.answer(wrong).await).0, "InvalidSignatureException");
    let nobody = cloud.refused("AKIANOBODY0000000001", "ListKeys", json!({})).await;
    assert_eq!(nobody, pair("UnrecognizedClientException", "The security token included in the request is invalid."));
    let mut late = request("ListKeys", &json!({}));
    sign::seal(&mut late, &credential(OWNER), None, REGION, "kms", now).unwrap();
    cloud.clock.advance(jiff::SignedDuration::from_secs(301));
    let (code, message) = told(cloud.answer(late).await);
    assert!(code == "InvalidSignatureException" && message.starts_with("Signature expired: "), "{message}");
}

#[tokio::test]
async fn what_is_not_built_says_so_and_what_does_not_exist_too() {
    let cloud = cloud(nothing()).await;
    assert_eq!(
        cloud.refused(OWNER, "ReplicateKey", json!({})).await,
        pair("UnsupportedOperationException", "ReplicateKey is not supported: multi-Region keys are not built yet")
    );
    assert_eq!(cloud.refused(OWNER, "Nothing", json!({})).await, pair("UnknownOperationException", ""));
    let mut doubled = request("ListKeys", &Value::Null);
    doubled.body = Bytes::from_static(br#"{"Limit":1,"Limit":2}"#);
    let now = cloud.engine.world().ports.clock.now();
    sign::seal(&mut doubled, &credential(OWNER), None, REGION, "kms", now).unwrap();
    assert_eq!(told(cloud.answer(doubled).await).0, "SerializationException");
}

impl Cloud {
    fn hearing(&self, hearing: Hearing) {
        *self.trail.1.lock().unwrap() = hearing;
    }

    async fn records(&self, space: Space) -> usize {
        self.engine.world().ports.store.count(space, "").await.unwrap()
    }

    fn told_of(&self, event: &str) -> usize {
        let quoted = format!("\"eventName\":\"{event}\"");
        self.trail.0.lock().unwrap().iter().filter(|line| line.contains(&quoted)).count()
    }
}

#[tokio::test]
async fn nothing_is_done_while_the_trail_is_known_to_be_broken() {
    let cloud = cloud(nothing()).await;
    cloud.hearing(Hearing::KnownToBeBroken);
    for operation in ["CreateKey", "ListKeys"] {
        assert_eq!(cloud.call(OWNER, operation, json!({})).await.0, 500, "{operation}");
    }
    assert_eq!((cloud.records(Space::Key).await, cloud.records(Space::Outbox).await), (0, 0));
    cloud.hearing(Hearing::Well);
    cloud.key().await;
    assert_eq!((cloud.records(Space::Key).await, cloud.told_of("CreateKey")), (1, 1));
}

#[tokio::test]
async fn a_change_and_its_event_are_one_also_when_the_trail_fails_in_between() {
    let cloud = cloud(nothing()).await;
    cloud.hearing(Hearing::NoMore);
    assert_eq!(cloud.call(OWNER, "ListKeys", json!({})).await.0, 500, "what cannot be told is not answered");
    cloud.key().await;
    assert_eq!((cloud.records(Space::Key).await, cloud.records(Space::Outbox).await), (1, 1));
    assert_eq!(cloud.told_of("CreateKey"), 0);
    assert_eq!(cloud.call(OWNER, "CreateKey", json!({})).await.0, 500, "the event before is not told yet");
    assert_eq!(cloud.records(Space::Key).await, 1);
    cloud.hearing(Hearing::Well);
    cloud.ok(OWNER, "ListKeys", json!({})).await;
    assert_eq!(cloud.told_of("CreateKey"), 1);
}

#[tokio::test]
async fn events_leave_the_outbox_once_the_trail_has_them_for_good() {
    let cloud = cloud(nothing()).await;
    for _ in 0..3 {
        cloud.key().await;
    }
    assert_eq!(cloud.records(Space::Outbox).await, 1, "the next change takes those before along");
    cloud.engine.sweep().await.unwrap();
    assert_eq!((cloud.records(Space::Outbox).await, cloud.told_of("CreateKey")), (0, 3));
    cloud.refused(OWNER, "DisableKey", json!({ "KeyId": "11111111-1111-1111-1111-111111111111" })).await;
    assert_eq!((cloud.records(Space::Outbox).await, cloud.told_of("DisableKey")), (0, 1));
}

#[tokio::test]
async fn what_was_in_the_outbox_when_a_process_ended_is_told_by_the_next() {
    let before = cloud(nothing()).await;
    before.hearing(Hearing::NoMore);
    before.key().await;
    before.hearing(Hearing::Well);
    let ports = before.engine.world().ports.clone();
    let engine = Engine::new(ports, Registry::of(vec![&DIALECT]).unwrap(), Settings::default());
    let after = Cloud { engine, ..before };
    after.engine.catch_up().await.unwrap();
    assert_eq!((after.told_of("CreateKey"), after.records(Space::Outbox).await), (1, 0));
    after.engine.catch_up().await.unwrap();
    assert_eq!(after.told_of("CreateKey"), 1, "what the trail has for good is not told again");
}

#[tokio::test]
async fn what_cannot_be_read_is_on_the_trail_too() {
    let cloud = cloud(nothing()).await;
    cloud.refused(OWNER, "DescribeKey", json!({ "KeyId": "no key" })).await;
    cloud.refused(OWNER, "CreateGrant", json!({})).await;
    assert_eq!((cloud.told_of("DescribeKey"), cloud.told_of("CreateGrant")), (1, 1));
}

#[tokio::test]
async fn every_outcome_is_on_the_trail_and_no_secret_is() {
    let cloud = cloud(nothing()).await;
    let key = cloud.key().await;
    let blob = cloud.encrypted(&key, json!({ "a": "1" })).await;
    cloud.refused(BOB, "Decrypt", json!({ "CiphertextBlob": blob, "EncryptionContext": { "a": "1" } })).await;
    let lines = cloud.trail.0.lock().unwrap().clone();
    let records: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [created, encrypted, denied] = records.as_slice() else { panic!("{records:?}") };
    assert_eq!((&created["eventName"], &created["readOnly"]), (&json!("CreateKey"), &json!(false)));
    assert_eq!(created["requestParameters"], json!({ "description": "", "multiRegion": false, "origin": "AWS_KMS" }));
    assert_eq!(created["responseElements"]["keyMetadata"]["arn"], key_arn(&key));
    assert_eq!(created["resources"], json!([{ "accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": key_arn(&key) }]));
    assert_eq!(encrypted["eventSource"], "kms.amazonaws.com");
    assert_eq!(encrypted["eventTime"], "2025-06-01T12:00:00Z");
    assert_eq!(encrypted["userIdentity"]["type"], "Root");
    assert_eq!(
        encrypted["requestParameters"],
        json!({ "keyId": key, "encryptionContext": { "a": "1" }, "encryptionAlgorithm": "SYMMETRIC_DEFAULT", "dryRun": false })
    );
    assert_eq!(
        encrypted["resources"],
        json!([{ "accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": key_arn(&key) }])
    );
    assert!(encrypted.get("errorCode").is_none() && encrypted.get("additionalEventData").is_none());
    assert_eq!(
        (&denied["errorCode"], &denied["userIdentity"]["userName"]),
        (&json!("AccessDeniedException"), &json!("bob"))
    );
    assert_eq!(denied["additionalEventData"]["decisions"][0]["verdict"], "implicit_deny");
    for line in &lines {
        assert!(
            !line.contains("aGk=") && !line.contains("secret of") && !line.contains(blob.as_str().unwrap()),
            "{line}"
        );
    }
}

#[tokio::test]
async fn answers_name_their_decision_where_that_is_wanted() {
    const DECISION: &str = "x-polykms-decision-id";
    let statement = json!({ "Sid": "All", "Effect": "Allow", "Action": "kms:*", "Resource": "*" });
    let allowed = json!({ "Version": "2012-10-17", "Statement": [statement] });
    let settings = || Settings { decision_header: true, traced: Traced::All, ..Settings::default() };
    let cloud = cloud_on(Arc::new(Memory::new()), settings(), allowed).await;
    let answers = async |cloud: &Cloud, who| {
        let mut request = request("ListKeys", &json!({}));
        let now = cloud.engine.world().ports.clock.now();
        sign::seal(&mut request, &credential(who), None, REGION, "kms", now).unwrap();
        cloud.engine.answer(&request).await.headers().get(DECISION).map(|id| id.to_str().unwrap().to_owned())
    };
    let named = [answers(&cloud, ALICE).await, answers(&cloud, BOB).await].map(Option::unwrap);
    let lines = cloud.trail.0.lock().unwrap().clone();
    let records: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(named, [0, 1].map(|at: usize| records[at]["eventID"].as_str().unwrap().to_owned()));
    let decision = |at: usize| records[at]["additionalEventData"]["decisions"][0].clone();
    assert_eq!(decision(0)["verdict"], "allow");
    assert_eq!(decision(0)["allow_by"][0]["statement"], "All");
    assert_eq!((&decision(1)["verdict"], &decision(1)["action"]), (&json!("implicit_deny"), &json!("kms:ListKeys")));

    // What nobody is known to have asked is not decided.
    let unsigned = cloud.engine.answer(&request("ListKeys", &json!({}))).await;
    assert!(unsigned.headers().get(DECISION).is_none());
    let plain = cloud_on(Arc::new(Memory::new()), Settings::default(), nothing()).await;
    assert_eq!(answers(&plain, BOB).await, None);
}

#[tokio::test]
async fn a_denial_that_is_only_recorded_has_its_trace() {
    let settings = Settings { authorization: Authorization::Audit, ..Settings::default() };
    let cloud = cloud_on(Arc::new(Memory::new()), settings, nothing()).await;
    cloud.ok(BOB, "ListKeys", json!({})).await;
    let record: Value = serde_json::from_str(&cloud.trail.0.lock().unwrap()[0]).unwrap();
    assert_eq!(record["additionalEventData"]["decisions"][0]["verdict"], "implicit_deny");
    assert!(record.get("errorCode").is_none());
}

#[tokio::test]
async fn what_was_given_up_for_being_overtaken_is_on_the_trail_too() {
    let store = Arc::new(Contended::default());
    let cloud = cloud_on(store.clone(), Settings::default(), nothing()).await;
    let key = cloud.key().await;
    let before = cloud.trail.0.lock().unwrap().len();
    store.1.store(true, Ordering::SeqCst);
    let (status, body) = cloud.call(OWNER, "DisableKey", json!({ "KeyId": key })).await;
    assert!(status >= 400, "{body}");
    let lines = cloud.trail.0.lock().unwrap().clone();
    assert_eq!(lines.len(), before + 1, "{lines:?}");
    assert!(lines[before].contains("DisableKey") && lines[before].contains("errorCode"), "{}", lines[before]);
}

/// The policies refuse it anyway; here they are not asked.
#[tokio::test]
async fn an_alias_points_at_keys_of_its_own_account_alone() {
    let settings = Settings { authorization: Authorization::Off, ..Settings::default() };
    let cloud = cloud_on(Arc::new(Memory::new()), settings, nothing()).await;
    let key = cloud.key().await;
    let pointed = json!({ "AliasName": "alias/theirs", "TargetKeyId": key_arn(&key) });
    let refused = cloud.refused(STRANGER, "CreateAlias", pointed.clone()).await;
    assert_eq!(refused.0, "NotFoundException", "{refused:?}");

    let own = cloud.ok(STRANGER, "CreateKey", json!({})).await["KeyMetadata"]["KeyId"].clone();
    cloud.ok(STRANGER, "CreateAlias", json!({ "AliasName": "alias/theirs", "TargetKeyId": own })).await;
    let refused = cloud.refused(STRANGER, "UpdateAlias", pointed).await;
    assert_eq!(refused.0, "NotFoundException", "{refused:?}");
}

/// What a list of aliases says: their names, and whether they point at a key.
fn aliases(listed: &Value) -> Vec<(String, bool)> {
    let of = |alias: &Value| {
        let name = alias["AliasName"].as_str().unwrap();
        assert_eq!(alias["AliasArn"], format!("arn:aws:kms:{REGION}:{ACCOUNT}:{name}"));
        (name.to_owned(), alias.get("TargetKeyId").is_some())
    };
    listed["Aliases"].as_array().unwrap().iter().map(of).collect()
}

#[tokio::test]
async fn keys_of_services_are_there_when_they_are_first_asked_for() {
    let cloud = cloud(allow(&["kms:*"], "*", json!({}))).await;
    let before = aliases(&cloud.ok(OWNER, "ListAliases", json!({})).await);
    assert!(
        before.contains(&("alias/aws/ebs".to_owned(), false)) && before.iter().all(|(_, made)| !made),
        "{before:?}"
    );
    assert_eq!(cloud.ok(OWNER, "ListKeys", json!({})).await["Keys"], json!([]));

    let asked = json!({ "KeyId": "alias/aws/ebs" });
    let described = cloud.ok(ALICE, "DescribeKey", asked.clone()).await;
    let told = &described["KeyMetadata"];
    assert_eq!(told["KeyManager"], "AWS");
    assert_eq!(told["Description"], "Default key that protects my EBS volumes when no other key is defined");
    assert_eq!(
        (&told["KeyState"], &told["Origin"], &told["Enabled"]),
        (&json!("Enabled"), &json!("AWS_KMS"), &json!(true))
    );
    assert!(told["CurrentKeyMaterialId"].is_string(), "{told}");
    assert_eq!(cloud.ok(OWNER, "DescribeKey", asked).await, described);
    let by_arn = json!({ "KeyId": format!("arn:aws:kms:{REGION}:{ACCOUNT}:alias/aws/ebs") });
    assert_eq!(cloud.ok(OWNER, "DescribeKey", by_arn).await, described);
    assert_eq!(cloud.ok(OWNER, "ListKeys", json!({})).await["Keys"][0]["KeyId"], told["KeyId"]);

    cloud.ok(OWNER, "CreateAlias", json!({ "AliasName": "alias/aw", "TargetKeyId": cloud.key().await })).await;
    cloud.ok(OWNER, "CreateAlias", json!({ "AliasName": "alias/z", "TargetKeyId": cloud.key().await })).await;
    let mut wanted: Vec<_> = before.into_iter().map(|(name, _)| (name.clone(), name == "alias/aws/ebs")).collect();
    wanted.extend([("alias/aw".to_owned(), true), ("alias/z".to_owned(), true)]);
    wanted.sort();
    assert_eq!(aliases(&cloud.ok(OWNER, "ListAliases", json!({})).await), wanted);
    for limit in [1, 2, 5, wanted.len(), wanted.len() + 1] {
        let (mut parts, mut marker) = (Vec::new(), Value::Null);
        loop {
            let mut part = json!({ "Limit": limit });
            if !marker.is_null() {
                part["Marker"] = marker;
            }
            let listed = cloud.ok(OWNER, "ListAliases", part).await;
            parts.extend(aliases(&listed));
            marker = listed["NextMarker"].clone();
            assert_eq!(listed["Truncated"], !marker.is_null());
            if marker.is_null() {
                break;
            }
        }
        assert_eq!(parts, wanted, "{limit}");
    }
    let of_key = cloud.ok(OWNER, "ListAliases", json!({ "KeyId": told["KeyId"] })).await;
    assert_eq!(aliases(&of_key), [("alias/aws/ebs".to_owned(), true)]);
}

/// Its policy lets the account look at it, and whoever may use the service use it through that.
#[tokio::test]
async fn keys_of_services_are_not_the_accounts_to_use_or_change() {
    let cloud = cloud(allow(&["kms:*"], "*", json!({}))).await;
    let asked = |operation: &str| match operation {
        "Encrypt" => json!({ "KeyId": "alias/aws/s3", "Plaintext": "aGk=" }),
        _ => json!({ "KeyId": "alias/aws/s3", "KeySpec": "AES_256" }),
    };
    for operation in ["Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"] {
        let (code, message) = cloud.refused(ALICE, operation, asked(operation)).await;
        let why = format!("because no resource-based policy allows the kms:{operation} action");
        assert!(code == "AccessDeniedException" && message.ends_with(&why), "{code}: {message}");
    }
    assert_eq!(
        cloud.ok(OWNER, "ListKeys", json!({})).await["Keys"],
        json!([]),
        "nothing is made for who may not have it"
    );

    let described = cloud.ok(ALICE, "DescribeKey", json!({ "KeyId": "alias/aws/s3" })).await;
    let id = described["KeyMetadata"]["KeyId"].as_str().unwrap();
    let policy = cloud.ok(ALICE, "GetKeyPolicy", json!({ "KeyId": id })).await["Policy"].clone();
    assert!(policy.as_str().unwrap().contains("s3.us-east-1.amazonaws.com"), "{policy}");
    for who in [ALICE, OWNER] {
        for (operation, arguments) in [
            ("Encrypt", json!({ "KeyId": id, "Plaintext": "aGk=" })),
            ("DisableKey", json!({ "KeyId": id })),
            ("EnableKey", json!({ "KeyId": id })),
            ("ScheduleKeyDeletion", json!({ "KeyId": id })),
            ("CancelKeyDeletion", json!({ "KeyId": id })),
            ("UpdateKeyDescription", json!({ "KeyId": id, "Description": "mine" })),
            ("PutKeyPolicy", json!({ "KeyId": id, "PolicyName": "default", "Policy": policy })),
            ("TagResource", json!({ "KeyId": id, "Tags": [{ "TagKey": "a", "TagValue": "b" }] })),
            ("UntagResource", json!({ "KeyId": id, "TagKeys": ["a"] })),
            ("CreateAlias", json!({ "AliasName": "alias/mine", "TargetKeyId": id })),
        ] {
            let (code, message) = cloud.refused(who, operation, arguments).await;
            assert_eq!(code, "AccessDeniedException", "{operation}: {message}");
            assert!(message.contains("no resource-based policy allows"), "{operation}: {message}");
        }
        for (operation, arguments) in [
            ("DeleteAlias", json!({ "AliasName": "alias/aws/s3" })),
            ("UpdateAlias", json!({ "AliasName": "alias/aws/s3", "TargetKeyId": id })),
        ] {
            assert_eq!(cloud.refused(who, operation, arguments).await.0, "InvalidAliasNameException", "{operation}");
        }
    }
    assert_eq!(cloud.ok(OWNER, "DescribeKey", json!({ "KeyId": id })).await, described);
    assert_eq!(cloud.ok(OWNER, "ListResourceTags", json!({ "KeyId": id })).await["Tags"], json!([]));
}

#[tokio::test]
async fn keys_of_services_are_of_one_account_and_region() {
    let cloud = cloud(nothing()).await;
    let named = |region: &str| json!({ "KeyId": format!("arn:aws:kms:{region}:{ACCOUNT}:alias/aws/s3") });
    assert_eq!(
        cloud.refused(ALICE, "DescribeKey", json!({ "KeyId": "alias/aws/s3" })).await.0,
        "AccessDeniedException"
    );
    assert_eq!(cloud.refused(STRANGER, "DescribeKey", named(REGION)).await.0, "AccessDeniedException");
    assert_eq!(cloud.refused(OWNER, "DescribeKey", named("eu-west-1")).await.0, "NotFoundException");
    assert_eq!(cloud.refused(OWNER, "DescribeKey", json!({ "KeyId": "alias/aws/none" })).await.0, "NotFoundException");
    assert_eq!(cloud.ok(OWNER, "ListKeys", json!({})).await["Keys"], json!([]));

    let asked = json!({ "KeyId": "alias/aws/s3" });
    let here = cloud.ok(OWNER, "DescribeKey", asked.clone()).await["KeyMetadata"]["KeyId"].clone();
    let (_, there) = cloud.call_in("eu-west-1", OWNER, "DescribeKey", asked.clone()).await;
    let theirs = cloud.ok(STRANGER, "DescribeKey", asked).await["KeyMetadata"]["KeyId"].clone();
    assert!(here != there["KeyMetadata"]["KeyId"] && here != theirs, "{here}");
}

#[tokio::test]
async fn a_key_of_a_service_is_made_once_whoever_asks_at_the_same_time() {
    let cloud = cloud(nothing()).await;
    let asked = || cloud.ok(OWNER, "DescribeKey", json!({ "KeyId": "alias/aws/rds" }));
    let all = tokio::join!(asked(), asked(), asked(), asked());
    assert!(all.0 == all.1 && all.1 == all.2 && all.2 == all.3, "{all:?}");
    assert_eq!(cloud.ok(OWNER, "ListKeys", json!({})).await["Keys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_policy_of_before_still_counts_though_it_could_not_be_written_now() {
    let store = Arc::new(Memory::new());
    let cloud = cloud_on(store.clone(), Settings::default(), allow(&["kms:*"], "*", json!({}))).await;
    let key = cloud.key().await;
    let tagged = |team: &str| json!({ "KeyId": key, "Tags": [{ "TagKey": "team", "TagValue": team }] });
    cloud.ok(OWNER, "TagResource", tagged("red")).await;
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": ACCOUNT }, "Action": "kms:*", "Resource": "*" },
        { "Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*",
          "Condition": { "StringEquals": { "aws:ResourceTag/team": "red" } } },
    ] });
    let put = json!({ "KeyId": key, "PolicyName": "default", "Policy": policy.to_string() });
    assert_eq!(
        cloud.refused(OWNER, "PutKeyPolicy", put).await,
        pair(
            "MalformedPolicyDocumentException",
            "These condition keys are not permitted in a key policy: aws:ResourceTag, kms:ResourceTag, \
             kms:ResourceAliases"
        )
    );
    let path = ["aws", ACCOUNT, REGION, &key].join(&polykms_core::port::store::SEPARATOR.to_string());
    let kept = store.get(polykms_core::engine::world::KEYS, &path).await.unwrap().unwrap();
    let mut record: Value = serde_json::from_slice(&kept.body).unwrap();
    record["policy"] = json!(policy.to_string());
    let body = record.to_string().into_bytes();
    let expect = polykms_core::port::Expect::Rev(kept.rev);
    let change = Change::Put { space: polykms_core::engine::world::KEYS, path, body, expect };
    cloud.engine.world().commit(vec![change]).await.unwrap();

    let encrypt = json!({ "KeyId": key, "Plaintext": "aGk=" });
    assert_eq!(cloud.refused(ALICE, "Encrypt", encrypt.clone()).await.0, "AccessDeniedException");
    cloud.ok(OWNER, "TagResource", tagged("blue")).await;
    cloud.ok(ALICE, "Encrypt", encrypt).await;
}
