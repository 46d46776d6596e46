//! Random cases of Alibaba Cloud.

use serde_json::{Map, Value, json};

use super::condition::{Key, Sort, context};
use super::{Bias, Draw, Target};

const HOME: &str = "1111222233334444";
const AWAY: &str = "5555666677778888";

const ACTIONS: &[&str] = &[
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:AsymmetricSign",
    "kms:AsymmetricDecrypt",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:ScheduleKeyDeletion",
    "kms:ListKeyVersions",
    "kms:GetPublicKey",
    "kms:TagResource",
    "kms:ReEncryptFrom",
];
const OTHERS: &[&str] = &["kms:List*", "kms:DisableKey", "kms:Decrypt", "kms:*Encrypt", "kms:Generate*"];
const OTHERS_ANYWHERE: &[&str] = &["oss:GetObject", "kms:List*", "*", "kms:Decrypt", "ecs:*"];

const KEYS: &[Key] = &[
    ("kms:tag/env", Sort::Text),
    ("kms:tag/Owner", Sort::Text),
    ("kms:EncryptionAlgorithm", Sort::Text),
    ("acs:SourceVpc", Sort::Text),
    ("acs:MFAAge", Sort::Number),
    ("acs:CurrentTime", Sort::Date),
    ("acs:SecureTransport", Sort::Bool),
    ("acs:MFAPresent", Sort::Bool),
    ("acs:SourceIp", Sort::Ip),
    ("acs:VpcSourceIp", Sort::Ip),
    ("acs:TagKeys", Sort::Texts),
];

/// A random case.
pub(super) fn case(draw: &mut Draw<'_>) -> Value {
    let account = if draw.chance(78) { HOME } else { AWAY };
    let user = format!("acs:ram::{account}:user/dev");
    let role = format!("acs:ram::{account}:role/worker");
    let session = format!("acs:ram::{account}:assumed-role/worker/s1");
    let root = format!("acs:ram::{account}:root");
    let (principal, names) = match draw.below(20) {
        0..=9 => (json!({ "type": "ram_user", "arn": user, "account": account }), vec![user]),
        10..=18 => {
            (json!({ "type": "ram_role_session", "arn": session, "role_arn": role, "account": account }), vec![role])
        }
        _ => (json!({ "type": "account", "arn": root, "account": account }), vec![root]),
    };
    let owner = principal.get("type").and_then(Value::as_str) == Some("account");
    let base = format!("acs:kms:cn-hangzhou:{HOME}");
    let (action, resource) = match draw.below(20) {
        0..=11 => (draw.one(ACTIONS), format!("{base}:key/{}", draw.one(&["k1", "k-2"]))),
        12 => ("kms:CreateKey".to_owned(), format!("acs:kms:cn-hangzhou:{account}:key")),
        13 => ("kms:GetSecretValue".to_owned(), format!("acs:kms:cn-hangzhou:{account}:secret/db:1")),
        14 => (draw.one(&["kms:DescribeRegions", "kms:GetRandomPassword", "kms:GetRandomPassword"]), "*".to_owned()),
        15 => ("ram:GetRole".to_owned(), format!("acs:ram:*:{account}:role/app")),
        16 if owner => (draw.one(ACTIONS), format!("{base}:key/k1")),
        _ if owner => ("kms:ListKeys".to_owned(), format!("acs:kms:cn-hangzhou:{account}:key")),
        _ => ("sts:AssumeRole".to_owned(), format!("acs:ram::{HOME}:role/deploy")),
    };
    let mut context = context(draw, KEYS, true);
    if draw.chance(60) {
        context.insert("acs:ResourceGroupId".to_owned(), json!(draw.one(&["rg-a", "rg-a", "rg-b"])));
    }
    let bias = Bias::draw(draw);
    let target =
        Target { alibaba: true, account: account.to_owned(), names, service: None, action, resource, context, bias };
    let layers = layers(draw, &target, owner);
    let mut case = json!({
        "dialect": "alibaba", "principal": principal, "action": target.action, "resource": target.resource,
        "context": target.context, "layers": layers,
    });
    if let Value::Object(case) = &mut case {
        if target.action == "sts:AssumeRole" {
            case.insert("assume_role".to_owned(), json!(true));
        }
        if target.action == "kms:GetSecretValue" && draw.chance(60) {
            let checks = json!([
                { "action": "kms:GetSecretValue", "resource": target.resource },
                { "action": "kms:Decrypt", "resource": format!("acs:kms:cn-hangzhou:{account}:key/k1") },
            ]);
            case.insert("authorizations".to_owned(), checks);
        }
    }
    case
}

fn layers(draw: &mut Draw<'_>, target: &Target, owner: bool) -> Value {
    let mut layers = Map::new();
    let mut add = |name: &str, value: Value| layers.insert(name.to_owned(), value);
    let plain = |draw: &mut Draw<'_>| statement(draw, target, Place::Plain);
    let session = target.names.iter().any(|name| name.contains(":role/"));
    if !owner {
        if draw.chance(85) {
            add("identity", target.policies(draw, plain));
        }
        if draw.chance(35) {
            let mut policies = target.policies(draw, plain);
            for policy in policies.as_array_mut().into_iter().flatten() {
                if let Value::Object(policy) = policy {
                    policy.insert("resource_group".to_owned(), json!(draw.one(&["rg-a", "rg-a", "rg-b"])));
                }
            }
            add("identity_rg", policies);
        }
    }
    if session && draw.chance(30) {
        add("session", target.policies(draw, plain));
    }
    let full = json!({ "Version": "1", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] });
    if draw.chance(30) {
        add("control", target.levels(draw, plain, Some(&full)));
    }
    let key = target.resource.contains(":key/");
    let role = target.action.starts_with("sts:");
    if (key && draw.chance(65)) || (role && draw.chance(90)) {
        let place = if key { Place::Key } else { Place::Trust };
        let document = target.document(draw, |draw| statement(draw, target, place));
        let attached = if draw.chance(97) { target.resource.as_str() } else { "acs:kms:cn-hangzhou:1:key/x" };
        add("resource", json!([{ "attached_to": attached, "name": "attached", "document": document }]));
    }
    Value::Object(layers)
}

/// Where a statement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Plain,
    Key,
    Trust,
}

fn statement(draw: &mut Draw<'_>, target: &Target, place: Place) -> Value {
    let mut statement = Map::new();
    statement.insert("Effect".to_owned(), json!(target.effect(draw)));
    if place != Place::Plain {
        let principal = json!({ "RAM": draw.texts(|draw| name(draw, target)) });
        statement.insert("Principal".to_owned(), principal);
    }
    match place {
        Place::Trust => {
            let action = draw.one(&["sts:AssumeRole", "sts:AssumeRole", "sts:*", "STS:assumerole"]);
            statement.insert("Action".to_owned(), json!(action));
        }
        Place::Key => {
            target.actions(draw, &mut statement, OTHERS, false);
            statement.insert("Resource".to_owned(), draw.texts(|_| "*".to_owned()));
        }
        Place::Plain => {
            target.actions(draw, &mut statement, OTHERS_ANYWHERE, true);
            let resources = draw.texts(|draw| resource(draw, target));
            statement.insert("Resource".to_owned(), resources);
        }
    }
    if draw.chance(target.bias.conditions) {
        let condition = target.condition(draw, KEYS, true);
        statement.insert("Condition".to_owned(), condition);
    }
    Value::Object(statement)
}

fn name(draw: &mut Draw<'_>, target: &Target) -> String {
    let own = target.names.first().cloned().unwrap_or_default();
    match draw.below(12) {
        0..=6 if draw.chance(target.bias.hit) => own,
        7 => format!("acs:ram::{}:root", target.account),
        8 => format!("acs:ram::{}:*", target.account),
        9 => "acs:ram::5555666677778888:root".to_owned(),
        _ => draw.one(&["acs:ram::1111222233334444:user/other", "acs:ram::1111222233334444:role/other"]),
    }
}

fn resource(draw: &mut Draw<'_>, target: &Target) -> String {
    if draw.chance(35) {
        return "*".to_owned();
    }
    if !draw.chance(target.bias.hit) {
        return draw.one(&[
            "acs:kms:*:*:key/z*",
            "acs:kms:*:key/k1",
            "acs:kms:*:*:alias/*",
            "acs:oss:*:*:*",
            "acs:*/k1",
        ]);
    }
    let parts: Vec<&str> = target.resource.splitn(5, ':').collect();
    let part = |index: usize| parts.get(index).copied().unwrap_or("*");
    let (service, region, account, rest) = (part(1), part(2), part(3), part(4));
    let head: String = rest.chars().take(3).collect();
    let tail: String = rest.chars().skip(1).collect();
    match draw.below(8) {
        0 | 1 => target.resource.clone(),
        2 => format!("acs:{service}:*:{account}:{rest}"),
        3 => format!("acs:{service}:{region}:*:{head}*"),
        4 => format!("acs:{service}:{region}:{account}:?{tail}"),
        5 => format!("acs:{service}:*:*:*"),
        6 => format!("acs:{service}::{account}:{rest}"),
        _ => format!("acs:{service}:*:*:{head}/*"),
    }
}
