//! Random cases of AWS.

use serde_json::{Map, Value, json};

use super::condition::{Key, Sort, context};
use super::{Bias, Draw, Target};

const HOME: &str = "222233334444";
const AWAY: &str = "555566667777";

const ACTIONS: &[&str] = &[
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GenerateDataKeyPair",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:Sign",
    "kms:VerifyMac",
    "kms:DeriveSharedSecret",
    "kms:GetPublicKey",
    "kms:DescribeKey",
    "kms:CreateGrant",
    "kms:CreateGrant",
    "kms:ListGrants",
    "kms:RevokeGrant",
    "kms:GetKeyRotationStatus",
    "kms:DisableKey",
    "kms:ScheduleKeyDeletion",
    "kms:PutKeyPolicy",
    "kms:TagResource",
    "kms:GetKeyPolicy",
    "kms:RetireGrant",
    "kms:RetireGrant",
];
const OTHERS: &[&str] = &["s3:GetObject", "kms:List*", "kms:DisableKey", "ec2:*", "kms:Decrypt", "*", "kms:Generate*"];

const KEYS: &[Key] = &[
    ("aws:PrincipalTag/dept", Sort::Text),
    ("aws:ResourceTag/Project", Sort::Text),
    ("kms:EncryptionContext:tenant", Sort::Text),
    ("kms:EncryptionContext:Dept", Sort::Text),
    ("kms:RequestAlias", Sort::Text),
    ("kms:ViaService", Sort::Text),
    ("aws:TagKeys", Sort::Texts),
    ("kms:ResourceAliases", Sort::Texts),
    ("kms:RotationPeriodInDays", Sort::Number),
    ("aws:MultiFactorAuthAge", Sort::Number),
    ("aws:CurrentTime", Sort::Date),
    ("aws:TokenIssueTime", Sort::Date),
    ("aws:SecureTransport", Sort::Bool),
    ("kms:MultiRegion", Sort::Bool),
    ("aws:SourceIp", Sort::Ip),
    ("aws:VpcSourceIp", Sort::Ip),
    ("aws:SourceArn", Sort::Name),
    ("kms:RecipientAttestation:ImageSha384", Sort::Bytes),
];

/// A principal, its account, and the names under which it may be listed.
struct Caller {
    value: Value,
    account: &'static str,
    names: Vec<String>,
}

fn caller(draw: &mut Draw<'_>) -> Caller {
    let account = if draw.chance(80) { HOME } else { AWAY };
    let user = draw.one(&["dev", "team/ops"]);
    let user_arn = format!("arn:aws:iam::{account}:user/{user}");
    let (role, path) = if draw.chance(60) { ("app", "") } else { ("ci", "build/") };
    let path = if draw.chance(12) { "aws-service-role/kms.amazonaws.com/" } else { path };
    let role_arn = format!("arn:aws:iam::{account}:role/{path}{role}");
    let session_arn = format!("arn:aws:sts::{account}:assumed-role/{role}/s1");
    let federated_arn = format!("arn:aws:sts::{account}:federated-user/fed");
    let root_arn = format!("arn:aws:iam::{account}:root");
    let (value, names) = match draw.below(20) {
        0..=6 => (json!({ "type": "iam_user", "arn": user_arn, "account": account }), vec![user_arn]),
        7..=13 => (
            json!({ "type": "assumed_role", "arn": session_arn, "role_arn": role_arn, "account": account }),
            vec![role_arn, session_arn],
        ),
        14 | 15 => (
            json!({ "type": "federated_user", "arn": federated_arn, "user_arn": user_arn, "account": account }),
            vec![federated_arn, user_arn],
        ),
        16 | 17 => (json!({ "type": "root", "arn": root_arn, "account": account }), vec![root_arn]),
        18 => (json!({ "type": "service", "service": "logs.amazonaws.com" }), Vec::new()),
        _ => (json!({ "type": "anonymous" }), Vec::new()),
    };
    Caller { value, account, names }
}

/// A random case.
pub(super) fn case(draw: &mut Draw<'_>) -> Value {
    let Caller { value: principal, account, names } = caller(draw);
    let kind = principal.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let key = format!("arn:aws:kms:eu-central-1:{HOME}:key/{}", draw.one(&["k1", "aa/k2", "k-3"]));
    let (action, resource) = match draw.below(20) {
        0..=14 => (draw.one(ACTIONS), key),
        15 => (draw.one(&["kms:ListKeys", "kms:CreateKey", "kms:GenerateRandom"]), "*".to_owned()),
        16 => ("kms:CreateAlias".to_owned(), format!("arn:aws:kms:eu-central-1:{account}:alias/finance")),
        17 => ("s3:GetObject".to_owned(), "arn:aws:s3:::my-bucket/a:b".to_owned()),
        _ => ("sts:AssumeRole".to_owned(), format!("arn:aws:iam::{HOME}:role/deploy")),
    };
    let mut context = context(draw, KEYS, false);
    if kind == "iam_user" && draw.chance(90) {
        context.insert("aws:username".to_owned(), json!(draw.one(&["finance", "hr", "k1", "*"])));
    }
    pairs(draw, &action, &mut context);
    let service = principal.get("service").and_then(Value::as_str).map(str::to_owned);
    let bias = Bias::draw(draw);
    let target =
        Target { alibaba: false, account: account.to_owned(), names, service, action, resource, context, bias };
    let plain = ["iam_user", "assumed_role"].contains(&kind.as_str());
    let layers = if plain && draw.chance(20) { narrow_layers(draw, &target) } else { layers(draw, &target, &kind) };
    let mut case = json!({
        "dialect": "aws", "principal": principal, "action": target.action, "resource": target.resource,
        "context": target.context, "layers": layers,
    });
    if let Value::Object(case) = &mut case {
        if target.action.starts_with("s3:") {
            let owner = if draw.chance(70) { account } else { AWAY };
            case.insert("resource_account".to_owned(), json!(owner));
        }
        if target.action == "kms:RetireGrant" && draw.chance(95) {
            case.insert("grant_id".to_owned(), json!(draw.one(&["g0", "g0", "g1"])));
        }
        if target.action == "kms:ReEncryptFrom" && draw.chance(30) {
            let other = format!("arn:aws:kms:eu-central-1:{HOME}:key/k9");
            let checks = json!([
                { "action": "kms:ReEncryptFrom", "resource": target.resource },
                { "action": "kms:ReEncryptTo", "resource": if draw.chance(50) { &other } else { &target.resource } },
            ]);
            case.insert("authorizations".to_owned(), checks);
        }
    }
    case
}

/// Lists the names of the encryption context, and what a grant to be made would give.
fn pairs(draw: &mut Draw<'_>, action: &str, context: &mut Map<String, Value>) {
    // A pair is a text, in the case in which the caller wrote it.
    let prefix = "kms:EncryptionContext:";
    context.retain(|name, value| {
        let pair = name.to_ascii_lowercase().starts_with(&prefix.to_ascii_lowercase());
        !pair || (name.starts_with(prefix) && value.is_string())
    });
    let names: Vec<Value> =
        context.keys().filter_map(|name| name.strip_prefix(prefix)).map(|name| json!(name)).collect();
    if !names.is_empty() {
        context.insert("kms:EncryptionContextKeys".to_owned(), Value::Array(names));
    }
    if action == "kms:CreateGrant" {
        let operations = draw.texts(|draw| draw.one(&["Encrypt", "Decrypt", "CreateGrant"]));
        let operations = if operations.is_string() { json!([operations]) } else { operations };
        context.insert("kms:GrantOperations".to_owned(), operations);
        if draw.chance(60) {
            let constraint = draw.one(&["EncryptionContextEquals", "EncryptionContextSubset"]);
            context.insert("kms:GrantConstraintType".to_owned(), json!(constraint));
        }
    }
}

fn layers(draw: &mut Draw<'_>, target: &Target, kind: &str) -> Value {
    let mut layers = Map::new();
    let mut add = |name: &str, value: Value| layers.insert(name.to_owned(), value);
    let stranger = ["service", "anonymous"].contains(&kind);
    let session = ["assumed_role", "federated_user"].contains(&kind);
    let plain = |draw: &mut Draw<'_>| statement(draw, target, Place::Plain);
    if !stranger {
        if draw.chance(90) {
            add("identity", target.policies(draw, plain));
        }
        if kind != "root" && draw.chance(22) {
            add("boundary", target.policies(draw, plain));
        }
        if session && draw.chance(if kind == "federated_user" { 75 } else { 30 }) {
            add("session", target.policies(draw, plain));
        }
    }
    let full = json!({
        "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" },
    });
    if draw.chance(25) {
        add("scp", target.levels(draw, plain, Some(&full)));
    }
    if draw.chance(15) {
        add("rcp", target.levels(draw, |draw| statement(draw, target, Place::ResourceControl), None));
    }
    if draw.chance(15) {
        add("vpce", target.policies(draw, |draw| statement(draw, target, Place::Endpoint)));
    }
    let key = target.resource.contains(":key/");
    let role = target.action.starts_with("sts:");
    if draw.chance(if key || role { 88 } else { 40 }) && !target.resource.contains(":alias/") && target.resource != "*"
    {
        let place = match (key, role) {
            (true, _) => Place::Key,
            (_, true) => Place::Trust,
            _ => Place::Endpoint,
        };
        let document = target.document(draw, |draw| statement(draw, target, place));
        let attached = if draw.chance(97) { target.resource.as_str() } else { "arn:aws:kms:eu-central-1:1:key/x" };
        add("resource", json!([{ "attached_to": attached, "name": "attached", "document": document }]));
    }
    let retiring = target.action == "kms:RetireGrant";
    if key && draw.chance(if retiring { 95 } else { 30 }) {
        add("grants", (0..=draw.below(2)).map(|index| grant(draw, target, index)).collect());
    }
    Value::Object(layers)
}

/// Layers in which little else than one condition of one statement decides.
fn narrow_layers(draw: &mut Draw<'_>, target: &Target) -> Value {
    let everything = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    let mut statement = everything.clone();
    let mut statements = Vec::new();
    if let Value::Object(members) = &mut statement {
        members.insert("Condition".to_owned(), target.narrow_condition(draw, KEYS));
        if draw.chance(30) {
            members.insert("Effect".to_owned(), json!("Deny"));
            statements.push(everything);
        }
    }
    statements.push(statement);
    let document = json!({ "Version": "2012-10-17", "Statement": statements });
    let mut layers = json!({ "identity": [{ "name": "p0", "document": document }] });
    let role = target.action.starts_with("sts:");
    if let Value::Object(layers) = &mut layers
        && (role || target.resource.contains(":key/"))
    {
        let mut statement = json!({ "Effect": "Allow", "Principal": { "AWS": target.account }, "Action": "sts:*" });
        if let (Value::Object(members), false) = (&mut statement, role) {
            members.extend([("Action".to_owned(), json!("*")), ("Resource".to_owned(), json!("*"))]);
        }
        let document = json!({ "Version": "2012-10-17", "Statement": [statement] });
        let attached = json!([{ "attached_to": target.resource, "name": "attached", "document": document }]);
        layers.insert("resource".to_owned(), attached);
    }
    layers
}

/// Where a statement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Plain,
    ResourceControl,
    Endpoint,
    Key,
    Trust,
}

fn statement(draw: &mut Draw<'_>, target: &Target, place: Place) -> Value {
    let mut statement = Map::new();
    let control = place == Place::ResourceControl;
    // Resource control policies only deny, so most of them have to miss.
    let missing = control && draw.chance(60);
    let effect = if control { "Deny" } else { target.effect(draw) };
    statement.insert("Effect".to_owned(), json!(effect));
    if control {
        statement.insert("Principal".to_owned(), json!("*"));
    } else if place != Place::Plain {
        principal(draw, target, place, effect, &mut statement);
    }
    if missing {
        statement.insert("Action".to_owned(), json!(draw.one(&["kms:Tag*", "s3:*", "kms:DisableKey"])));
    } else if place == Place::Trust {
        let action = draw.one(&["sts:AssumeRole", "sts:AssumeRole", "sts:*", "STS:assumerole", "sts:TagSession"]);
        statement.insert("Action".to_owned(), json!(action));
    } else if control {
        let value = draw.texts(|draw| target.action(draw, &["kms:DisableKey", "s3:*"]));
        statement.insert("Action".to_owned(), value);
    } else if place != Place::Key || draw.chance(98) {
        target.actions(draw, &mut statement, OTHERS, true);
    }
    if place != Place::Trust && (place != Place::Key || draw.chance(97)) {
        resources(draw, target, place, &mut statement);
    }
    if draw.chance(target.bias.conditions) {
        let condition = target.condition(draw, KEYS, place != Place::Key);
        statement.insert("Condition".to_owned(), condition);
    }
    Value::Object(statement)
}

fn resources(draw: &mut Draw<'_>, target: &Target, place: Place, statement: &mut Map<String, Value>) {
    let pattern = |draw: &mut Draw<'_>| resource(draw, target, place);
    if draw.chance(8) {
        let value = draw.texts(|draw| {
            if draw.chance(30) { pattern(draw) } else { draw.one(&["arn:aws:kms:*:*:key/z*", "arn:aws:s3:::b"]) }
        });
        statement.insert("NotResource".to_owned(), value);
    } else {
        let value = draw.texts(pattern);
        statement.insert("Resource".to_owned(), value);
    }
}

fn resource(draw: &mut Draw<'_>, target: &Target, place: Place) -> String {
    if draw.chance(40) || (place == Place::Key && draw.chance(60)) {
        return "*".to_owned();
    }
    if !draw.chance(target.bias.hit) {
        return draw.one(&[
            "arn:aws:kms:*:*:key/z*",
            "arn:aws:kms:eu-central-1:222233334444:KEY/k1",
            "arn:aws:kms:*:key/k1",
            "arn:aws:*/k1",
            "arn:aws:s3:::my-*:x",
        ]);
    }
    let parts: Vec<&str> = target.resource.splitn(6, ':').collect();
    let part = |index: usize| parts.get(index).copied().unwrap_or("*");
    let (service, region, account, rest) = (part(2), part(3), part(4), part(5));
    let head: String = rest.chars().take(5).collect();
    match draw.below(9) {
        0 | 1 => target.resource.clone(),
        2 => format!("arn:aws:{service}:*:{account}:{rest}"),
        3 => format!("arn:aws:{service}:{region}:*:{head}*"),
        4 => format!("arn:*:{service}:{region}:{account}:?{}", rest.chars().skip(1).collect::<String>()),
        5 => format!(
            "arn:aws:{service}:{region}:{account}:key/${{aws:PrincipalTag/none, '{}'}}",
            rest.replace("key/", "")
        ),
        6 => format!("arn:aws:{service}:{region}:{account}:key/${{aws:username}}"),
        7 => format!("arn:aws:{service}:{}", draw.one(&["*", "*:*", "eu-*"])),
        _ => format!("arn:aws:{service}:*:*:*"),
    }
}

fn principal(draw: &mut Draw<'_>, target: &Target, place: Place, effect: &str, statement: &mut Map<String, Value>) {
    if place != Place::Trust && effect == "Deny" && draw.chance(35) {
        let value = not_principal(draw, target);
        statement.insert("NotPrincipal".to_owned(), value);
        return;
    }
    let home = format!("arn:aws:iam::{HOME}:root");
    let name = |draw: &mut Draw<'_>| {
        let index = draw.below(target.names.len());
        let own = target.names.get(index).cloned();
        match draw.below(10) {
            0..=4 if draw.chance(target.bias.hit) => own.unwrap_or_else(|| home.clone()),
            5..=7 if draw.chance(target.bias.hit) => format!("arn:aws:iam::{}:root", target.account),
            8 => target.account.clone(),
            _ => draw.one(&[
                "arn:aws:iam::222233334444:user/other",
                "arn:aws:iam::222233334444:role/other",
                "arn:aws:iam::222233334444:user/Dev",
                "arn:aws:sts::222233334444:assumed-role/app/s2",
                "AIDAEXAMPLEEXAMPLE",
                "111122223333",
            ]),
        }
    };
    let mut value = match draw.below(12) {
        0 => json!("*"),
        1 => json!({ "AWS": "*" }),
        2 => json!({ "Service": draw.one(&["logs.amazonaws.com", "s3.amazonaws.com"]) }),
        _ => json!({ "AWS": draw.texts(name) }),
    };
    if let Some(service) = &target.service
        && draw.chance(70)
    {
        value = json!({ "Service": [service] });
    }
    statement.insert("Principal".to_owned(), value);
}

/// The caller with everything behind it, now and then without a part.
fn not_principal(draw: &mut Draw<'_>, target: &Target) -> Value {
    if let Some(service) = &target.service {
        return json!({ "Service": service });
    }
    let mut names = target.names.clone();
    names.push(format!("arn:aws:iam::{}:root", target.account));
    if draw.chance(25) {
        let index = draw.below(names.len());
        names = names.into_iter().enumerate().filter(|(other, _)| *other != index).map(|(_, name)| name).collect();
    }
    if names.is_empty() || draw.chance(5) {
        names.push("arn:aws:iam::222233334444:user/other".to_owned());
    }
    json!({ "AWS": names })
}

fn grant(draw: &mut Draw<'_>, target: &Target, index: usize) -> Value {
    let own = |draw: &mut Draw<'_>| {
        let index = draw.below(target.names.len());
        target.names.get(index).cloned().or_else(|| target.service.clone()).unwrap_or_else(|| "nobody".to_owned())
    };
    let party = |draw: &mut Draw<'_>| match draw.below(10) {
        0..=5 => own(draw),
        6 => format!("arn:aws:iam::{}:root", target.account),
        _ => draw.one(&["arn:aws:iam::222233334444:user/other", "arn:aws:sts::222233334444:assumed-role/app/s2"]),
    };
    let mut operations = vec![draw.one(&["Encrypt", "Decrypt", "CreateGrant", "RetireGrant", "GenerateDataKey"])];
    if draw.chance(75) {
        operations.push(target.action.trim_start_matches("kms:").to_owned());
    }
    if draw.chance(50) {
        operations.extend(["Encrypt", "Decrypt"].map(str::to_owned));
    }
    let key = if draw.chance(93) { target.resource.as_str() } else { "arn:aws:kms:eu-central-1:222233334444:key/k9" };
    let mut grant = json!({
        "grant_id": format!("g{index}"), "key": key, "grantee": party(draw), "operations": operations,
        "issuing_account": if draw.chance(80) { HOME } else { AWAY },
    });
    if let Value::Object(grant) = &mut grant {
        if draw.chance(50) {
            grant.insert("retiring".to_owned(), json!(party(draw)));
        }
        if draw.chance(50) {
            grant.insert("constraints".to_owned(), constraints(draw, target));
        }
    }
    grant
}

/// The pairs of the request, all or some, now and then with other names or values.
fn constraints(draw: &mut Draw<'_>, target: &Target) -> Value {
    let mut pairs = Map::new();
    for (name, value) in &target.context {
        let Some(name) = name.strip_prefix("kms:EncryptionContext:") else { continue };
        match draw.below(10) {
            0 => {}
            1 => {
                pairs.insert(name.to_owned(), json!("other"));
            }
            2 => {
                pairs.insert(name.to_ascii_uppercase(), value.clone());
            }
            _ => {
                pairs.insert(name.to_owned(), value.clone());
            }
        }
    }
    if pairs.is_empty() {
        pairs.insert("tenant".to_owned(), json!("finance"));
    }
    let kind = draw.one(&["EncryptionContextEquals", "EncryptionContextSubset"]);
    Value::Object(Map::from_iter([(kind, Value::Object(pairs))]))
}
