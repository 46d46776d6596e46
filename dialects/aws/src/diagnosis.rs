//! What DecodeAuthorizationMessage tells of a denial.
//!
//! Follows the example of `decode-authorization-message` in the AWS CLI reference, whose members and order it keeps.

use polykms_core::dialect::{Condition, Diagnosis, Matched};
use polykms_core::engine::Principal;
use polykms_core::policy::Verdict;
use serde::Serialize;
use serde_json::Value;

use crate::resource;

/// It is meant for the owner of the role alone.
const LEFT_OUT: &str = "sts:ExternalId";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    allowed: bool,
    explicit_deny: bool,
    matched_statements: Items<Statement<'a>>,
    failures: Items<()>,
    context: Context<'a>,
}

/// A list as the vendor writes it: inside a member of its own.
#[derive(Serialize)]
struct Items<T> {
    items: Vec<T>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Statement<'a> {
    statement_id: &'a str,
    effect: &'static str,
    principals: Items<Item>,
    principal_groups: Items<Item>,
    actions: Items<Item>,
    resources: Items<Item>,
    conditions: Items<Pair>,
}

#[derive(Serialize)]
struct Item {
    value: String,
}

#[derive(Serialize)]
struct Pair {
    key: String,
    values: Items<Item>,
}

#[derive(Serialize)]
struct Context<'a> {
    principal: Asker<'a>,
    action: &'a str,
    resource: &'a str,
    conditions: Items<Pair>,
}

#[derive(Serialize)]
struct Asker<'a> {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    arn: &'a str,
}

/// The message in clear.
pub(crate) fn render(diagnosis: &Diagnosis<'_>) -> String {
    let Diagnosis { caller, named, denial, resource, hidden, matched, conditions } = *diagnosis;
    let id = resource::principal_id(caller);
    let message = Message {
        allowed: false,
        explicit_deny: match hidden {
            true => !matched.is_empty(),
            false => denial.decision.verdict == Verdict::ExplicitDeny,
        },
        matched_statements: items(matched.iter().map(|matched| statement(matched, &id))),
        failures: items([]),
        context: Context {
            principal: Asker {
                name: match &caller.principal {
                    Principal::User { name, .. } => Some(name),
                    Principal::Owner | Principal::RoleSession { .. } => None,
                },
                arn: &named.arn,
                id: id.clone(),
            },
            action: denial.action,
            resource,
            conditions: items(conditions.iter().filter(|condition| condition.key != LEFT_OUT).map(pair)),
        },
    };
    // A message holds texts and flags: writing it cannot fail.
    serde_json::to_string(&message).unwrap_or_default()
}

fn statement<'a>(matched: &'a Matched<'_>, asker: &str) -> Statement<'a> {
    let member = |name: &str| matched.statement.get(name).unwrap_or(&Value::Null);
    let conditions = member("Condition").as_object().into_iter().flatten();
    let keys = conditions.filter_map(|(_, keys)| keys.as_object()).flatten();
    Statement {
        statement_id: member("Sid").as_str().unwrap_or_default(),
        effect: "DENY",
        principals: items([Item { value: asker.to_owned() }]),
        principal_groups: items([]),
        actions: texts(member("Action")),
        resources: texts(member("Resource")),
        conditions: items(keys.map(|(key, values)| Pair { key: key.clone(), values: texts(values) })),
    }
}

fn pair(condition: &Condition) -> Pair {
    let Condition { key, values } = condition;
    Pair { key: key.clone(), values: items(values.iter().map(|value| Item { value: value.clone() })) }
}

/// One value or many, as documents write them.
fn texts(value: &Value) -> Items<Item> {
    match value {
        Value::Array(values) => items(values.iter().map(item)),
        Value::Null => items([]),
        value => items([item(value)]),
    }
}

fn item(value: &Value) -> Item {
    Item { value: value.as_str().map_or_else(|| value.to_string(), str::to_owned) }
}

fn items<T>(items: impl IntoIterator<Item = T>) -> Items<T> {
    Items { items: items.into_iter().collect() }
}
