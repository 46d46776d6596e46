//! Cases: the fast path, the explanation and the reference agree.

use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::value::RawValue;

use super::{Language, numbers};
use crate::generate::{self, Draw};
use crate::policy_cases;
use crate::reference::{self, Fault};

/// Judges the case that the numbers in `bytes` make.
///
/// # Errors
/// If the evaluator and the reference differ, or the evaluator and itself.
pub fn drawn(bytes: &[u8], languages: &[Language]) -> Result<(), String> {
    let mut source = numbers(bytes);
    let Some(language) = languages.get(usize::from(source() >> 32 & 1 == 1)) else { return Ok(()) };
    let case = generate::case(language.spec.name, &mut Draw::new(&mut source));
    judged(&case, languages, true, None)
}

/// Judges the case that is written in `bytes`.
///
/// # Errors
/// If the evaluator and the reference differ on a case whose policies could be stored, or the evaluator and itself.
pub fn written(bytes: &[u8], languages: &[Language]) -> Result<(), String> {
    match serde_json::from_slice(bytes) {
        Ok(case) => judged(&case, languages, false, None),
        Err(_) => Ok(()),
    }
}

/// Judges a case; if the reference is not known to `speak` for it, only if there could be such a caller and all policies
/// could be stored. A `fault` of the reference has to be found.
///
/// # Errors
/// As [`written`].
pub fn judged(case: &Value, languages: &[Language], speaks: bool, fault: Option<Fault>) -> Result<(), String> {
    let dialect = case.get("dialect").and_then(Value::as_str).unwrap_or_default();
    let Some(language) = languages.iter().find(|language| language.spec.name == dialect) else { return Ok(()) };
    let Ok(raw) = RawValue::from_string(case.to_string()) else { return Ok(()) };
    let got = match policy_cases::verdict(&raw, language.spec, false) {
        Ok(got) => got,
        Err(message) if message == policy_cases::DISAGREEMENT => return Err(format!("{message}: {case}")),
        Err(_) => return Ok(()),
    };
    let storable = || policy_cases::verdict(&raw, language.spec, true).is_ok();
    let sensible = || is_possible(case, dialect) && lists_its_pairs(case) && gives_what_is_known(case, language);
    if !(speaks || sensible() && storable()) {
        return Ok(());
    }
    let expected = reference::evaluate_with(case, fault).word();
    if got == expected { Ok(()) } else { Err(format!("evaluator {got}, reference {expected}: {case}")) }
}

/// Whether there could be such a caller, under such layers.
fn is_possible(case: &Value, dialect: &str) -> bool {
    let Some(principal) = case.get("principal").and_then(Value::as_object) else { return false };
    let Some(layers) = case.get("layers").and_then(Value::as_object) else { return false };
    let text = |name: &str| principal.get(name).and_then(Value::as_str).unwrap_or_default();
    let (kind, account) = (text("type"), text("account"));
    let mut names: Vec<&str> = principal.keys().map(String::as_str).filter(|name| *name != "type").collect();
    names.sort_unstable();
    let (iam, sts, mut known) = match dialect {
        "alibaba" => ("acs:ram::", "acs:ram::", vec!["control", "resource"]),
        _ => ("arn:aws:iam::", "arn:aws:sts::", vec!["scp", "rcp", "vpce", "resource", "grants"]),
    };
    let is = |name: &str, before: &str, after: &str| {
        let rest = text(name).strip_prefix(before).and_then(|rest| rest.strip_prefix(account));
        rest.and_then(|rest| rest.strip_prefix(after)).is_some_and(|rest| !rest.is_empty() && !rest.contains(':'))
    };
    let named = match kind {
        "service" => return names == ["service"] && layers.keys().all(|layer| known.contains(&layer.as_str())),
        "anonymous" => return names.is_empty() && layers.keys().all(|layer| known.contains(&layer.as_str())),
        "root" | "account" => names == ["account", "arn"] && text("arn") == format!("{iam}{account}:root"),
        "iam_user" | "ram_user" => names == ["account", "arn"] && is("arn", iam, ":user/"),
        "assumed_role" | "ram_role_session" => {
            let session = is("arn", sts, ":assumed-role/") && is("role_arn", iam, ":role/");
            names == ["account", "arn", "role_arn"] && session
        }
        "federated_user" => {
            let session = is("arn", sts, ":federated-user/") && is("user_arn", iam, ":user/");
            names == ["account", "arn", "user_arn"] && session && dialect == "aws"
        }
        _ => false,
    };
    known.extend(["identity", "session"]);
    known.push(if dialect == "alibaba" { "identity_rg" } else { "boundary" });
    let digits = !account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit());
    named && digits && layers.keys().all(|layer| known.contains(&layer.as_str()))
}

/// Whether the names of the encryption context are those of its pairs.
fn lists_its_pairs(case: &Value) -> bool {
    let Some(context) = case.get("context").and_then(Value::as_object) else { return false };
    let (prefix, list) = ("kms:EncryptionContext:", "kms:EncryptionContextKeys");
    let begins =
        |name: &str, prefix: &str| name.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
    let pairs: Vec<(&String, &Value)> = context.iter().filter(|(name, _)| begins(name, prefix)).collect();
    let names: BTreeSet<&str> = pairs.iter().filter_map(|(name, _)| name.strip_prefix(prefix)).collect();
    let lists: Vec<(&String, &Value)> = context.iter().filter(|(name, _)| begins(name, list)).collect();
    let listed: BTreeSet<&str> = match lists.as_slice() {
        [] => names.clone(),
        [(name, Value::Array(items))] if *name == list => items.iter().filter_map(Value::as_str).collect(),
        _ => return false,
    };
    let written = |name: &str| !listed.iter().any(|other| *other != name && other.eq_ignore_ascii_case(name));
    names.len() == pairs.len()
        && pairs.iter().all(|(_, value)| value.is_string())
        && listed == names
        && names.iter().all(|name| written(name))
}

/// Whether the grants, and the grant to be made, give operations that grants can give.
fn gives_what_is_known(case: &Value, language: &Language) -> bool {
    let known = language.spec.grants.map_or(&[][..], |grants| grants.operations);
    let is_known = |operation: &Value| operation.as_str().is_some_and(|operation| known.contains(&operation));
    let context = case.get("context").and_then(Value::as_object);
    let child = context.into_iter().flatten().filter(|(name, _)| name.eq_ignore_ascii_case("kms:GrantOperations"));
    let grants = case.pointer("/layers/grants").and_then(Value::as_array).into_iter().flatten();
    let lists = grants.filter_map(|grant| grant.get("operations")).chain(child.map(|(_, value)| value));
    lists.into_iter().all(|list| list.as_array().is_some_and(|operations| operations.iter().all(is_known)))
}
