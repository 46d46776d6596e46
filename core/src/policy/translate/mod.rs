//! Documents in the words of another dialect, closed: an Allow may only shrink, a Deny may only grow.
//!
//! Each statement is rewritten on its own (`statement`), the policy of a key is completed where identity policies do more
//! or less on the other side (`delegation`), and both documents are then asked the same requests (`check`).
//!
//! # Invariants
//! - What a document says in another dialect is never taken from its text alone: actions, condition keys and names go by
//!   neutral names, which the dialects give.
//! - A difference between source and result that the report does not announce is told as a mistake.

mod across;
mod action;
mod boundary;
mod check;
mod condition;
mod delegation;
mod map;
mod name;
mod principal;
mod report;
mod side;
mod statement;
mod twins;

use serde_json::{Value, json};

use super::document::Refusal;
use super::spec::{DocumentKind, Effect, PrincipalForm};
use delegation::Translated;
use name::Names;
use statement::{Draft, Translator};

pub use map::Map;
pub use report::{Counterexample, Entry, Status, Translation};
pub use side::{Permission, Side};
pub use twins::{KeyTwin, NameTwin, Near, Person, Twins, Values};

/// A document in the words of the other side, with what became of each statement, checked.
///
/// # Errors
/// A [`Refusal`] if the source's grammar does not accept the document.
pub fn translate(from: &Side, to: &Side, map: &Map, kind: DocumentKind, text: &str) -> Result<Translation, Refusal> {
    from.spec.compile(kind, text)?;
    let translation = match rewritten(from, to, map, kind, text) {
        Some(all) => assembled(to, all),
        None => unknown(to),
    };
    check::check(from, to, map, (kind, text, None), translation)
}

/// A user's or role's policy in the words of the other side, of which its permissions boundary has taken away what it does
/// not allow; the boundary's own Denies stand behind it.
///
/// # Errors
/// A [`Refusal`] if the source's grammar does not accept one of the documents.
pub fn within(from: &Side, to: &Side, map: &Map, text: &str, boundary: &str) -> Result<Translation, Refusal> {
    from.spec.compile(DocumentKind::Identity, text)?;
    from.spec.compile(DocumentKind::Boundary, boundary)?;
    let both = [text, boundary].map(|text| rewritten(from, to, map, DocumentKind::Identity, text));
    let translation = match both {
        [Some(own), Some(bounds)] => assembled(to, boundary::within(own, bounds)),
        _ => unknown(to),
    };
    check::check(from, to, map, (DocumentKind::Identity, text, Some(boundary)), translation)
}

/// Asks source and result of a translation the same requests, and tells where they differ.
///
/// # Errors
/// A [`Refusal`] if a grammar does not accept its document.
pub fn check(
    from: &Side,
    to: &Side,
    map: &Map,
    kind: DocumentKind,
    text: &str,
    translation: Translation,
) -> Result<Translation, Refusal> {
    check::check(from, to, map, (kind, text, None), translation)
}

/// What becomes of each statement; `None` if the other side has no documents of this kind.
fn rewritten(from: &Side, to: &Side, map: &Map, kind: DocumentKind, text: &str) -> Option<Vec<(Entry, Vec<Draft>)>> {
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    let version = document.get("Version").and_then(Value::as_str);
    let variables = from.spec.versions.iter().any(|known| known.variables && version == Some(known.text));
    let (source, shape) = (from.shape(kind)?, to.shape(kind)?);
    let names = Names { from, to, map, lenient: false };
    let translator = Translator { kind, shape, source, names: &names, variables };
    let mut translated: Vec<Translated<'_>> = statements(&document)
        .map(|(pointer, statement)| {
            let (entry, drafts) = translator.statement(pointer, statement);
            (statement, entry, drafts)
        })
        .collect();
    let mut added = match kind {
        DocumentKind::Key => delegation::complete(&translator, &mut translated),
        _ => Vec::new(),
    };
    for (_, doubt) in to.twins.doubts.iter().filter(|(known, _)| *known == kind) {
        let mut entry = Entry::new(String::new(), Effect::Deny);
        entry.is(Status::Assumed, *doubt);
        added.push((entry, Vec::new()));
    }
    Some(translated.into_iter().map(|(_, entry, drafts)| (entry, drafts)).chain(added).collect())
}

/// Each statement with its place.
fn statements(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    let (list, one) = match document.get("Statement") {
        Some(Value::Array(items)) => (&items[..], None),
        other => (&[][..], other),
    };
    let listed = list.iter().enumerate().map(|(at, item)| (format!("/Statement/{at}"), item));
    listed.chain(one.map(|item| ("/Statement".to_owned(), item)))
}

fn unknown(to: &Side) -> Translation {
    let mut entry = Entry::new(String::new(), Effect::Allow);
    entry.is(Status::Dropped, format!("`{}` has no documents of this kind", to.name()));
    Translation { document: None, report: vec![entry], unannounced: Vec::new(), requests: 0 }
}

fn assembled(to: &Side, all: Vec<(Entry, Vec<Draft>)>) -> Translation {
    let identity = to.spec.principals.iter().find(|known| known.form == PrincipalForm::Identity);
    let element = identity.map_or("", |known| known.element);
    let (mut report, mut written) = (Vec::new(), Vec::new());
    for (mut entry, drafts) in all {
        entry.indices = (written.len()..written.len().saturating_add(drafts.len())).collect();
        entry.result = entry.indices.iter().map(|at| format!("/Statement/{at}")).collect();
        written.extend(drafts.iter().map(|draft| draft.written(element)));
        report.push(entry);
    }
    let document = (!written.is_empty()).then(|| json!({ "Version": to.twins.version, "Statement": written }));
    Translation { document, report, unannounced: Vec::new(), requests: 0 }
}
