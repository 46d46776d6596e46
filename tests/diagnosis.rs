//! Encoded messages of denials: what they tell, to whom, and what becomes of those that were tampered with.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use polykms::core::dialect::{Credential, Request, Response};
use polykms::core::engine::Engine;
use polykms::core::secret::AccessSecret;
use polykms::{Builder, RootKey, Seed, Settings, Storage};
use serde_json::{Value, json};

const KEY: &str = "11111111-1111-4111-8111-111111111111";
const FOREIGN: &str = "22222222-2222-4222-8222-222222222222";
const MESSAGE: &str = "x-polykms-encoded-authorization-message";

/// The words of one cloud.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Cloud {
    Aws,
    Alibaba,
}

use Cloud::{Alibaba, Aws};

impl Cloud {
    fn name(self) -> &'static str {
        if self == Aws { "aws" } else { "alibaba" }
    }

    fn accounts(self) -> [&'static str; 2] {
        match self {
            Aws => ["000000000000", "111122223333"],
            Alibaba => ["1000000000000000", "2000000000000000"],
        }
    }

    fn key_arn(self, account: &str, key: &str) -> String {
        match self {
            Aws => format!("arn:aws:kms:us-east-1:{account}:key/{key}"),
            Alibaba => format!("acs:kms:cn-hangzhou:{account}:key/{key}"),
        }
    }

    fn policy(self, statements: Value) -> Value {
        json!({ "Version": if self == Aws { "2012-10-17" } else { "1" }, "Statement": statements })
    }

    /// An account with a user `ann` who may do all but what is denied, and one whose key is closed to it by name.
    fn seed(self) -> Value {
        let [own, other] = self.accounts();
        let id = |name: &str| json!([{ "id": name, "secret": "secret" }]);
        let all = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
        let named = |sid: &str, mut statement: Value| {
            if self == Aws {
                statement["Sid"] = sid.into();
            }
            statement
        };
        let no = named("NoDecrypt", json!({ "Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*" }));
        let cannot_decode = json!({ "Effect": "Deny", "Action": ["sts:Decode*", "ram:Decode*"], "Resource": "*" });
        let (principal, ann) = match self {
            Aws => (json!({ "AWS": format!("arn:aws:iam::{other}:root") }), format!("arn:aws:iam::{own}:user/ann")),
            Alibaba => (json!({ "RAM": [format!("acs:ram::{other}:root")] }), format!("acs:ram::{own}:user/ann")),
        };
        let denied = if self == Aws { json!({ "AWS": ann }) } else { json!({ "RAM": [ann] }) };
        let closed = self.policy(json!([
            { "Effect": "Allow", "Principal": principal, "Action": ["kms:*"], "Resource": ["*"] },
            { "Sid": "TheirSecret", "Effect": "Deny", "Principal": denied, "Action": ["kms:*"], "Resource": ["*"] },
        ]));
        json!({ self.name(): [
            {
                "account": own,
                "owner": id("owner"),
                "policies": [{ "name": "no", "document": self.policy(json!([no])) }],
                "users": [
                    {"name": "ann", "access_keys": id("ann"), "attached": ["no"],
                     "inline": { "all": self.policy(json!([all, cannot_decode])) }},
                    {"name": "nobody", "access_keys": id("nobody")},
                    {"name": "reader", "access_keys": id("reader"), "inline": { "decode": self.policy(json!([
                        { "Effect": "Allow", "Action": ["sts:DecodeAuthorizationMessage", "ram:DecodeDiagnosticMessage"],
                          "Resource": "*" }])) }},
                ],
                "keys": [{ "id": KEY, "tags": { "Project": "Apollo" } }],
            },
            { "account": other, "owner": id("stranger"),
              "keys": [{ "id": FOREIGN, "tags": { "Project": "Zeus" }, "policy": closed }] },
        ] })
    }

    async fn engine(self, storage: Storage, root: RootKey) -> Arc<Engine> {
        let seed: Seed = serde_json::from_value(self.seed()).unwrap();
        let settings = Settings { seed: Some(seed.into()), decision_header: true, ..Settings::default() };
        Builder::new().storage(storage).root_key(root).settings(settings).build().await.unwrap()
    }

    async fn fresh(self) -> Arc<Engine> {
        self.engine(Storage::Memory, RootKey::Fresh).await
    }

    async fn ask(self, engine: &Engine, who: &str, service: &str, operation: &str, arguments: Value) -> Response {
        let now = jiff::Timestamp::now();
        let credential = Credential::new(who.to_owned(), AccessSecret::new("secret".to_owned()));
        let mut request = match (self, service) {
            (Aws, "kms") => post(
                "/",
                &[
                    ("content-type", "application/x-amz-json-1.1"),
                    ("x-amz-target", &format!("TrentService.{operation}")),
                ],
                arguments.to_string(),
            ),
            (Aws, _) => {
                let version = json!({ "Action": operation, "Version": "2011-06-15" });
                let body = [form(&version), form(&arguments)].join("&");
                post("/", &[("content-type", "application/x-www-form-urlencoded")], body)
            }
            (Alibaba, _) => {
                let version = if service == "kms" { "2016-01-20" } else { "2015-05-01" };
                let headers = [("x-acs-action", operation), ("x-acs-version", version)];
                post(&format!("/?{}", form(&arguments)), &headers, String::new())
            }
        };
        match self {
            Aws => polykms_aws::sign::seal(&mut request, &credential, None, "us-east-1", service, now).unwrap(),
            Alibaba => {
                static NONCE: AtomicU64 = AtomicU64::new(0);
                let nonce = NONCE.fetch_add(1, Ordering::Relaxed).to_string();
                let method = polykms_alibaba::sign::Method::Acs3Sha256;
                polykms_alibaba::sign::seal(&mut request, method, &credential, None, &nonce, now).unwrap();
            }
        }
        engine.answer(&request).await
    }

    /// The message of a denial.
    async fn denied(self, engine: &Engine, who: &str, operation: &str, arguments: Value) -> String {
        let response = self.ask(engine, who, "kms", operation, arguments).await;
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        match self {
            Aws => {
                assert_eq!(body["__type"], "AccessDeniedException", "{body}");
                response.headers()[MESSAGE].to_str().unwrap().to_owned()
            }
            Alibaba => {
                assert_eq!(body["Code"], "Forbidden.NoPermission", "{body}");
                assert!(response.headers().get(MESSAGE).is_none());
                body["AccessDeniedDetail"]["EncodedDiagnosticMessage"].as_str().unwrap().to_owned()
            }
        }
    }

    /// The decoded message, or the code of the refusal.
    async fn decode(self, engine: &Engine, who: &str, message: &str) -> Result<Value, String> {
        let response = match self {
            Aws => {
                let arguments = json!({ "EncodedMessage": message });
                self.ask(engine, who, "sts", "DecodeAuthorizationMessage", arguments).await
            }
            Alibaba => {
                let arguments = json!({ "EncodedDiagnosticMessage": message });
                self.ask(engine, who, "ram", "DecodeDiagnosticMessage", arguments).await
            }
        };
        let body = String::from_utf8(response.body().to_vec()).unwrap();
        let between = |open: &str, close: &str| Some(body.split_once(open)?.1.split_once(close)?.0.to_owned());
        match (self, response.status().as_u16()) {
            (Aws, 200) => {
                let text = between("<DecodedMessage>", "</DecodedMessage>").unwrap();
                Ok(serde_json::from_str(&text.replace("&quot;", "\"").replace("&amp;", "&")).unwrap())
            }
            (Aws, _) => Err(between("<Code>", "</Code>").unwrap()),
            (Alibaba, 200) => Ok(serde_json::from_str::<Value>(&body).unwrap()["DecodedDiagnosticMessage"].clone()),
            (Alibaba, _) => Err(serde_json::from_str::<Value>(&body).unwrap()["Code"].as_str().unwrap().to_owned()),
        }
    }

    /// The one code for whatever is wrong with a message.
    fn wrong(self) -> Result<Value, String> {
        Err(if self == Aws { "InvalidAuthorizationMessageException" } else { "EntityNotExist.DiagnosticMessage" }
            .into())
    }

    fn forbidden(self) -> Result<Value, String> {
        Err(if self == Aws { "AccessDenied" } else { "NoPermission" }.into())
    }

    async fn blob(self, engine: &Engine, who: &str, key: &str, context: Value) -> String {
        let context = if self == Aws { context } else { context.to_string().into() };
        let arguments = json!({ "KeyId": key, "Plaintext": STANDARD.encode("hello"), "EncryptionContext": context });
        let response = self.ask(engine, who, "kms", "Encrypt", arguments).await;
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        body["CiphertextBlob"].as_str().unwrap_or_else(|| panic!("{body}")).to_owned()
    }

    async fn decrypting(self, engine: &Engine, who: &str, context: Value) -> String {
        let blob = self.blob(engine, "owner", KEY, context.clone()).await;
        let context = if self == Aws { context } else { context.to_string().into() };
        self.denied(engine, who, "Decrypt", json!({ "CiphertextBlob": blob, "EncryptionContext": context })).await
    }
}

fn post(target: &str, headers: &[(&str, &str)], body: String) -> Request {
    let mut request = http::Request::post(target).header("host", "127.0.0.1:4566");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (head, ()) = request.body(()).unwrap().into_parts();
    Request { head, body: Bytes::from(body), peer: std::net::IpAddr::from([127, 0, 0, 1]).into(), tls: false }
}

fn form(arguments: &Value) -> String {
    let pairs = arguments.as_object().unwrap().iter();
    let pairs = pairs.map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn values(list: &Value, key: &str, name: &str, values: &str) -> Option<Value> {
    list.as_array().unwrap().iter().find(|item| item[name] == key).map(|item| item[values].clone())
}

#[tokio::test]
async fn aws_tells_who_asked_for_what_under_which_conditions_and_what_denied() {
    let engine = Aws.fresh().await;
    let message = Aws.decrypting(&engine, "ann", json!({ "tenant": "t1" })).await;
    let told = Aws.decode(&engine, "reader", &message).await.unwrap();
    assert_eq!((&told["allowed"], &told["explicitDeny"]), (&json!(false), &json!(true)));
    let id = &told["context"]["principal"]["id"];
    assert_eq!(
        told["matchedStatements"],
        json!({ "items": [{
            "statementId": "NoDecrypt", "effect": "DENY",
            "principals": { "items": [{ "value": id }] }, "principalGroups": { "items": [] },
            "actions": { "items": [{ "value": "kms:Decrypt" }] }, "resources": { "items": [{ "value": "*" }] },
            "conditions": { "items": [] },
        }] })
    );
    assert_eq!(told["failures"], json!({ "items": [] }));
    let context = &told["context"];
    assert_eq!(
        (&context["principal"]["name"], &context["principal"]["arn"], &context["action"]),
        (&json!("ann"), &json!("arn:aws:iam::000000000000:user/ann"), &json!("kms:Decrypt"))
    );
    assert_eq!(context["resource"], Aws.key_arn("000000000000", KEY));
    let condition = |key: &str| values(&context["conditions"]["items"], key, "key", "values");
    for (key, value) in [
        ("kms:EncryptionContext:tenant", "t1"),
        ("aws:ResourceTag/Project", "Apollo"),
        ("aws:username", "ann"),
        ("aws:SourceIp", "127.0.0.1"),
        ("kms:CallerAccount", "000000000000"),
    ] {
        assert_eq!(condition(key), Some(json!({ "items": [{ "value": value }] })), "{key}");
    }

    let message = Aws.denied(&engine, "nobody", "ListKeys", json!({})).await;
    let told = Aws.decode(&engine, "owner", &message).await.unwrap();
    assert_eq!((&told["explicitDeny"], &told["context"]["resource"]), (&json!(false), &json!("*")));
    assert_eq!(told["matchedStatements"], json!({ "items": [] }));
}

#[tokio::test]
async fn alibaba_tells_who_asked_for_what_under_which_conditions_and_which_policies_denied() {
    let engine = Alibaba.fresh().await;
    let message = Alibaba.decrypting(&engine, "ann", json!({ "tenant": "t1" })).await;
    let mut told = Alibaba.decode(&engine, "reader", &message).await.unwrap();
    let conditions = told["AuthConditions"].take();
    for (key, value) in [
        ("acs:SourceIp", "127.0.0.1"),
        ("kms:tag/Project", "Apollo"),
        ("kms:EncryptionContext:tenant", "t1"),
        ("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT"),
    ] {
        assert_eq!(values(&conditions, key, "ConditionKey", "ConditionValues"), Some(json!([value])), "{key}");
    }
    let asker = told["AuthPrincipal"].take();
    assert_eq!(
        (&asker["AuthPrincipalType"], &asker["AuthPrincipalOwnerId"]),
        (&json!("SubUser"), &json!("1000000000000000"))
    );
    assert_eq!(
        told,
        json!({
            "ExplicitDeny": true, "NoPermissionPolicyType": "AccountLevelIdentityBasedPolicy",
            "AuthAction": "kms:Decrypt", "AuthResource": Alibaba.key_arn("1000000000000000", KEY),
            "AuthPrincipal": null, "AuthConditions": null,
            "MatchedPolicies": [{
                "Effect": "Deny", "PolicyIdentifier": "no", "PolicyType": "Custom", "PolicyVersion": "v1",
                "AttachedEntityType": "RamUser", "AttachedScope": "Account",
            }],
        })
    );
    let message = Alibaba.denied(&engine, "nobody", "ListKeys", json!({})).await;
    let told = Alibaba.decode(&engine, "owner", &message).await.unwrap();
    assert_eq!((&told["ExplicitDeny"], &told["MatchedPolicies"]), (&json!(false), &json!([])));
}

#[tokio::test]
async fn only_principals_of_its_account_with_the_permission_have_a_message_decoded() {
    for cloud in [Aws, Alibaba] {
        let engine = cloud.fresh().await;
        let message = cloud.decrypting(&engine, "ann", json!({ "a": "b" })).await;
        assert!(cloud.decode(&engine, "reader", &message).await.is_ok());
        assert_eq!(cloud.decode(&engine, "ann", &message).await, cloud.forbidden());
        assert_eq!(cloud.decode(&engine, "nobody", &message).await, cloud.forbidden());
        assert_eq!(cloud.decode(&engine, "nobody", "anything").await, cloud.forbidden());
        assert_eq!(cloud.decode(&engine, "stranger", &message).await, cloud.wrong());
    }
}

#[tokio::test]
async fn whatever_is_changed_in_a_message_the_error_is_the_same() {
    for cloud in [Aws, Alibaba] {
        let engine = cloud.fresh().await;
        let message = cloud.denied(&engine, "nobody", "ListKeys", json!({})).await;
        let bytes = URL_SAFE_NO_PAD.decode(&message).unwrap();
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            let flipped = URL_SAFE_NO_PAD.encode(flipped);
            assert_eq!(cloud.decode(&engine, "reader", &flipped).await, cloud.wrong(), "{cloud:?} byte {at}");
            let truncated = URL_SAFE_NO_PAD.encode(&bytes[..at]);
            if !truncated.is_empty() {
                assert_eq!(cloud.decode(&engine, "reader", &truncated).await, cloud.wrong(), "{cloud:?} up to {at}");
            }
        }
        for at in 0..message.len() {
            let mut other = message.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            assert_eq!(cloud.decode(&engine, "reader", &other).await, cloud.wrong(), "{cloud:?} character {at}");
        }
        let session = engine.world().encode_message("other", cloud.accounts()[0], "{}").unwrap();
        for text in [format!("{message}A"), format!("{message}="), "é".to_owned(), " ".to_owned(), session] {
            assert_eq!(cloud.decode(&engine, "reader", &text).await, cloud.wrong(), "{text}");
        }
        assert!(cloud.decode(&engine, "reader", &message).await.is_ok());
    }
}

#[tokio::test]
async fn a_message_survives_a_restart_and_no_other_root_key() {
    for cloud in [Aws, Alibaba] {
        let folder = tempfile::tempdir().unwrap();
        let storage = || Storage::Folder(folder.path().to_path_buf());
        let root = |byte: u8| RootKey::Text(STANDARD.encode([byte; 32]).into());
        let engine = cloud.engine(storage(), root(1)).await;
        let message = cloud.denied(&engine, "nobody", "ListKeys", json!({})).await;
        let told = cloud.decode(&engine, "reader", &message).await;
        drop(engine);
        let engine = cloud.engine(storage(), root(1)).await;
        assert!(told.is_ok());
        assert_eq!(cloud.decode(&engine, "reader", &message).await, told);
        let other = cloud.engine(Storage::Memory, root(2)).await;
        assert_eq!(cloud.decode(&other, "reader", &message).await, cloud.wrong());
    }
}

#[tokio::test]
async fn a_message_tells_nothing_of_another_account() {
    for cloud in [Aws, Alibaba] {
        let engine = cloud.fresh().await;
        let [_, other] = cloud.accounts();
        let key = cloud.key_arn(other, FOREIGN);
        let by_name = cloud.denied(&engine, "ann", "DescribeKey", json!({ "KeyId": key })).await;
        let missing = cloud.key_arn(other, "33333333-3333-4333-8333-333333333333");
        let absent = match cloud {
            // A key of another account that does not exist is denied alike.
            Aws => Some(cloud.denied(&engine, "ann", "DescribeKey", json!({ "KeyId": missing })).await),
            Alibaba => None,
        };
        for message in [Some(by_name), absent].into_iter().flatten() {
            let told = cloud.decode(&engine, "owner", &message).await.unwrap();
            let text = told.to_string();
            assert!(!text.contains("TheirSecret") && !text.contains("Zeus"), "{text}");
            if cloud == Aws {
                assert_eq!(told["explicitDeny"], false);
            }
        }
    }
    // Of a ciphertext nobody learns the key, nor whose it is.
    let engine = Aws.fresh().await;
    let blob = Aws.blob(&engine, "stranger", FOREIGN, json!({})).await;
    let message = Aws.denied(&engine, "nobody", "Decrypt", json!({ "CiphertextBlob": blob })).await;
    let told = Aws.decode(&engine, "owner", &message).await.unwrap();
    assert_eq!(told["context"]["resource"], "*");
    assert!(!told.to_string().contains(FOREIGN) && !told.to_string().contains("111122223333"), "{told}");
}

#[tokio::test]
async fn a_message_is_bounded_and_holds_no_plaintext() {
    for (cloud, longest) in [(Aws, 8192), (Alibaba, 4096)] {
        let engine = cloud.fresh().await;
        let many: serde_json::Map<String, Value> =
            (0..20).map(|number| (format!("name-{number}"), "x".repeat(300).into())).collect();
        let message = cloud.decrypting(&engine, "ann", many.into()).await;
        assert!(message.len() <= longest, "{}", message.len());
        let told = cloud.decode(&engine, "reader", &message).await.unwrap().to_string();
        assert!(told.contains("kms:Decrypt") && told.contains("ann") | (cloud == Alibaba), "{told}");
        let arguments = json!({ "KeyId": KEY, "Plaintext": STANDARD.encode("a very secret text") });
        let message = cloud.denied(&engine, "nobody", "Encrypt", arguments).await;
        let told = cloud.decode(&engine, "owner", &message).await.unwrap().to_string();
        assert!(!told.contains("secret text") && !told.contains(&STANDARD.encode("a very secret text")), "{told}");
    }
}

#[tokio::test]
async fn aws_tells_no_message_unless_it_is_asked_for() {
    let seed: Seed = serde_json::from_value(Aws.seed()).unwrap();
    let settings = Settings { seed: Some(seed.into()), ..Settings::default() };
    let engine = Builder::new().settings(settings).build().await.unwrap();
    let denied = Aws.ask(&engine, "nobody", "kms", "ListKeys", json!({})).await;
    assert_eq!(denied.status(), 400);
    assert!(denied.headers().get(MESSAGE).is_none());
}

#[tokio::test]
async fn what_is_allowed_carries_no_message() {
    for cloud in [Aws, Alibaba] {
        let engine = cloud.fresh().await;
        let allowed = cloud.ask(&engine, "owner", "kms", "ListKeys", json!({})).await;
        assert_eq!(allowed.status(), 200);
        assert!(allowed.headers().get(MESSAGE).is_none());
        assert!(allowed.headers().get("x-polykms-decision-id").is_some());
    }
}
