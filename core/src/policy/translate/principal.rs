//! The principals of a statement in the words of the other side.

use serde_json::Value;

use super::super::principal::{Form, PrincipalPattern};
use super::super::spec::{DocumentKind, Effect, Presence, PrincipalForm};
use super::report::{Entry, Status};
use super::statement::{Translator, texts};

/// The principals; `Some(None)` where documents of the kind have none, `None` if the statement falls.
pub(super) fn translated(
    translator: &Translator<'_>,
    statement: &Value,
    entry: &mut Entry,
) -> Option<Option<Vec<String>>> {
    if translator.shape.principal == Presence::Forbidden {
        return Some(None);
    }
    if statement.get("NotPrincipal").is_some() {
        let why = "everyone but some cannot be said there";
        return match entry.effect {
            Effect::Allow => {
                entry.is(Status::Dropped, why);
                None
            }
            Effect::Deny => {
                entry.is(Status::WiderDeny, why);
                Some(Some(everyone(translator, entry)))
            }
        };
    }
    let mut found = Vec::new();
    for pattern in patterns(translator, statement.get("Principal")) {
        match one(translator, &pattern, entry) {
            Ok(names) => found.extend(names),
            Err(why) => match entry.effect {
                Effect::Allow => entry.lawful(why),
                // Whom it cannot name it cannot deny, so everybody is.
                Effect::Deny => {
                    entry.is(Status::WiderDeny, why);
                    found.extend(everyone(translator, entry));
                }
            },
        }
    }
    found.sort();
    found.dedup();
    if found.is_empty() {
        entry.is(Status::Dropped, "none of its principals has a name there");
        return None;
    }
    Some(Some(found))
}

pub(super) fn patterns(translator: &Translator<'_>, principal: Option<&Value>) -> Vec<PrincipalPattern> {
    let spec = translator.names.from.spec;
    match principal {
        Some(Value::Object(members)) => {
            let form =
                |element: &str| spec.principals.iter().find(|known| known.element == element).map(|known| known.form);
            let each = members
                .iter()
                .map(|(element, names)| (form(element).unwrap_or(PrincipalForm::Opaque), texts(Some(names))));
            each.flat_map(|(form, names)| {
                names.into_iter().map(move |name| PrincipalPattern::new(spec, form, &name)).collect::<Vec<_>>()
            })
            .collect()
        }
        _ => vec![PrincipalPattern::everyone()],
    }
}

fn one(translator: &Translator<'_>, pattern: &PrincipalPattern, entry: &mut Entry) -> Result<Vec<String>, String> {
    let names = translator.names;
    let text = &*pattern.text;
    match pattern.form {
        Form::Everyone | Form::EveryIdentity if translator.shape.everyone => Ok(vec!["*".to_owned()]),
        Form::Everyone | Form::EveryIdentity if entry.effect == Effect::Deny => Ok(everyone(translator, entry)),
        Form::Everyone | Form::EveryIdentity => Err("everyone cannot be named there".to_owned()),
        Form::Account => {
            let account = names.account(text)?;
            if translator.kind == DocumentKind::Key {
                entry.is(
                    Status::Assumed,
                    "no vendor says what a whole account in the policy of a key allows or denies; \
                    taken to leave it to the account's own policies",
                );
            }
            Ok(vec![account_name(translator, &account)])
        }
        Form::Name => names.caller(text).map(|name| vec![name]),
        Form::UniqueId => Err(format!("`{text}` is an identifier, not a name")),
        Form::Service => Err(format!("the service `{text}` has no twin")),
        Form::Provider => Err(format!("the identity provider `{text}` has no twin")),
        Form::Nobody => Err(format!("`{text}` is nobody there")),
    }
}

pub(super) fn account_name(translator: &Translator<'_>, account: &str) -> String {
    let [of_keys, of_others] = &translator.names.to.twins.account_names;
    let person = if translator.kind == DocumentKind::Key { of_keys } else { of_others };
    person.named(account, "")
}

/// Every account that the map names: nobody else has anything from the document.
fn everyone(translator: &Translator<'_>, entry: &mut Entry) -> Vec<String> {
    if translator.shape.everyone {
        return vec!["*".to_owned()];
    }
    entry
        .is(Status::Assumed, "everyone cannot be named there: every account of the map is, which does not bind owners");
    translator.names.map.accounts.values().map(|account| account_name(translator, account)).collect()
}
