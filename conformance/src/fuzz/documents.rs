//! Arbitrary documents: what is accepted when it is written is accepted when it is read, and means the same.

use std::sync::Arc;

use polykms_core::policy::{
    DocumentKind, Facts, Layers, Named, Policy, Principal, PrincipalKind, Question, Refusal, RefusalCode, Spec,
    Value as Fact, Verdict,
};
use serde_json::Value;

use super::Language;

const KINDS: [DocumentKind; 10] = [
    DocumentKind::Identity,
    DocumentKind::Managed,
    DocumentKind::Key,
    DocumentKind::Trust,
    DocumentKind::Session,
    DocumentKind::Boundary,
    DocumentKind::Control,
    DocumentKind::ResourceControl,
    DocumentKind::Endpoint,
    DocumentKind::Resource,
];

/// The most words of a document that become the action or resource of a question.
const MOST_WORDS: usize = 4;

/// Compiles `bytes` as every kind of document of every language.
///
/// # Errors
/// If a document is accepted strictly and not leniently, or means something else then; if the fast path and the
/// explanation disagree about it; or if a refusal names a place that is not there.
pub fn documents(bytes: &[u8], languages: &[Language]) -> Result<(), String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
    for Language { spec, lints, alone } in languages {
        for kind in KINDS {
            let found = |fault: String| format!("{}, {kind:?}: {fault}: {text}", spec.name);
            differing(alone, text, spec.compile(kind, text), spec.read(kind, text)).map_err(found)?;
            for finding in spec.lint(lints, kind, text) {
                if !is_in(text, finding.line) {
                    return Err(found(format!("line {} of a finding is not there", finding.line)));
                }
            }
        }
    }
    Ok(())
}

/// Compares what became of a text when it was compiled strictly and leniently; `alone` answers questions about it.
///
/// # Errors
/// As [`documents`].
pub fn differing(
    alone: &'static Spec,
    text: &str,
    strict: Result<Policy, Refusal>,
    lenient: Result<Policy, Refusal>,
) -> Result<(), String> {
    for refusal in [&strict, &lenient].into_iter().filter_map(|outcome| outcome.as_ref().err()) {
        placed(text, refusal)?;
    }
    match (strict, lenient) {
        (Ok(_), Err(refusal)) => Err(format!("accepted strictly, refused leniently: {refusal}")),
        (Ok(strict), Ok(lenient)) => {
            let (before, after) = (answers(alone, text, strict)?, answers(alone, text, lenient)?);
            if before == after { Ok(()) } else { Err("strict and lenient reading mean different things".to_owned()) }
        }
        (Err(_), Ok(lenient)) => answers(alone, text, lenient).map(drop),
        (Err(_), Err(_)) => Ok(()),
    }
}

/// A refusal has a line of the text, and the pointer of a value in it.
fn placed(text: &str, refusal: &Refusal) -> Result<(), String> {
    let Refusal { code, fault: _, subject: _, kind: _, message, pointer, line, column } = refusal;
    if !is_in(text, *line) || *column == 0 {
        return Err(format!("line {line} column {column} of `{message}` is not there"));
    }
    // A value that stands twice is not in the tree, and a text without a tree has no values.
    let shown = !matches!(code, RefusalCode::DuplicateMember | RefusalCode::Syntax | RefusalCode::TooDeep);
    match serde_json::from_str::<Value>(text) {
        Ok(tree) if shown && tree.pointer(pointer).is_none() => Err(format!("`{pointer}` of `{message}` is not there")),
        _ => Ok(()),
    }
}

fn is_in(text: &str, line: usize) -> bool {
    (1..=text.split('\n').count()).contains(&line)
}

/// What the document says to questions about its own words.
fn answers(alone: &'static Spec, text: &str, policy: Policy) -> Result<Vec<Verdict>, String> {
    let mut words = vec!["kms:Decrypt".to_owned(), "*".to_owned()];
    if let Ok(tree) = serde_json::from_str(text) {
        gather(&tree, &mut words);
    }
    let policies = [Named { name: "document".into(), policy: Arc::new(policy) }];
    let layers = Layers { identity: Some(&policies), ..Layers::default() };
    let context = Facts::new().with("aws:username", Fact::from("dev")).with("acs:SourceIp", Fact::from("10.0.0.1"));
    let mut answers = Vec::new();
    for (action, resource) in words.iter().flat_map(|action| words.iter().map(move |resource| (action, resource))) {
        let question = Question {
            principal: Principal {
                kind: PrincipalKind::User,
                account: "222233334444",
                arn: words.last().map_or("*", String::as_str),
                role_arn: None,
                user_arn: None,
                service: None,
                unique_id: None,
            },
            action,
            resource,
            resource_account: None,
            context: &context,
            assume_role: false,
            grant_id: None,
        };
        let verdict = alone.decide(&question, &layers);
        if alone.explain(&question, &layers).verdict != verdict {
            return Err(format!("the fast path and the explanation disagree on {action} {resource}"));
        }
        answers.push(verdict);
    }
    Ok(answers)
}

/// The strings of a tree.
fn gather(tree: &Value, words: &mut Vec<String>) {
    match tree {
        Value::String(text) if words.len() < MOST_WORDS && !words.contains(text) => words.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| gather(item, words)),
        Value::Object(members) => members.values().for_each(|value| gather(value, words)),
        _ => {}
    }
}
