//! Pins: whom the names in a stored document meant when it was saved.
//!
//! A document keeps the text that was written. Beside it stands who the users and roles in it were, by identifiers that are
//! never given twice: a namesake that comes later is somebody else, and whoever is renamed is still meant.
//!
//! # Invariants
//! - What is pinned is compared by its identifier alone; the text then decides nothing.

use std::collections::BTreeMap;
use std::collections::btree_map::Iter;

use serde::{Deserialize, Serialize};

use super::document::{Node, Refusal};
use super::model::{Policy, Set};
use super::principal::Form;
use super::spec::{PrincipalForm, Spec};

/// The unique identifiers of the users and roles that a document names, by the texts that name them. A text that named
/// nobody has none, and means nobody for ever.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pins(BTreeMap<String, Option<String>>);

impl Pins {
    /// Of a document that names no user and no role that could be looked up.
    pub const NONE: Self = Self(BTreeMap::new());

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Pins a text to an identifier, or to nobody.
    pub fn pin(&mut self, text: impl Into<String>, id: Option<String>) {
        self.0.insert(text.into(), id);
    }

    /// Whom a text means: nothing is known of one that is not pinned.
    #[must_use]
    pub fn of(&self, text: &str) -> Option<Option<&str>> {
        self.0.get(text).map(Option::as_deref)
    }

    /// All texts with their identifiers, in the order of the texts.
    pub fn iter(&self) -> Iter<'_, String, Option<String>> {
        self.0.iter()
    }

    /// All identifiers, in the order of their texts.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.values().filter_map(Option::as_deref)
    }
}

impl Policy {
    /// The same policy, its principals bound to whom they meant.
    #[must_use]
    pub fn pinned(mut self, pins: &Pins) -> Self {
        if pins.is_empty() {
            return self;
        }
        for who in self.statements.iter_mut().filter_map(|statement| statement.who.as_mut()) {
            let (Set::In(patterns) | Set::NotIn(patterns)) = who else { continue };
            for pattern in patterns.iter_mut().filter(|pattern| pattern.is_of_one()) {
                match pins.of(&pattern.text) {
                    Some(Some(id)) => (pattern.form, pattern.text) = (Form::UniqueId, id.into()),
                    Some(None) => pattern.form = Form::Nobody,
                    None => {}
                }
            }
        }
        self
    }
}

impl Spec {
    /// A document with other texts for the users, roles and sessions that it names as principals; what `other` has no text
    /// for stays as it is, and so does every other byte.
    ///
    /// # Errors
    /// A [`Refusal`] if the text cannot be read.
    pub fn with_principals(&self, text: &str, other: impl Fn(&str) -> Option<String>) -> Result<String, Refusal> {
        let mut whole = String::with_capacity(text.len());
        let mut from = 0;
        for node in self.named(&Node::open(text)?)? {
            let (named, span) = (node.string()?, node.span());
            let Some(other) = other(&named).filter(|other| *other != named) else { continue };
            whole.push_str(text.get(from..span.start).unwrap_or_default());
            whole.push_str(&serde_json::Value::from(other).to_string());
            from = span.end;
        }
        whole.push_str(text.get(from..).unwrap_or_default());
        Ok(whole)
    }

    /// Every text that names a user, role or session, or could, in the order of the document.
    fn named<'t>(&self, root: &Node<'t>) -> Result<Vec<Node<'t>>, Refusal> {
        let mut found = Vec::new();
        let statements = root.object()?.into_iter().filter(|(name, _)| name == "Statement");
        for (_, list) in statements {
            for statement in list.list()? {
                for (name, who) in statement.object()? {
                    if matches!(name.as_str(), "Principal" | "NotPrincipal") && who.is_object() {
                        self.identities(&who, &mut found)?;
                    }
                }
            }
        }
        Ok(found)
    }

    fn identities<'t>(&self, who: &Node<'t>, found: &mut Vec<Node<'t>>) -> Result<(), Refusal> {
        for (element, names) in who.object()? {
            let identities = |known: &super::spec::PrincipalType| {
                known.element == element && matches!(known.form, PrincipalForm::Identity)
            };
            if self.principals.iter().any(identities) {
                found.extend(names.list()?);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::super::example_tests::SPEC;
    use super::super::question::{Principal, PrincipalKind};
    use super::super::{Attached, DocumentKind, Facts, Layers, Named, Question, Verdict};
    use super::*;

    const ANN: &str = "arn:p:iam::1:user/ann";

    fn document(effect: &str, element: &str, names: &str) -> String {
        format!(r#"{{"Statement":[{{"Effect":"{effect}","{element}":{{"ID":{names}}},"Action":"*","Resource":"*"}}]}}"#)
    }

    fn pins(pinned: &[(&str, Option<&str>)]) -> Pins {
        let mut pins = Pins::NONE;
        pinned.iter().for_each(|(text, id)| pins.pin(*text, id.map(str::to_owned)));
        pins
    }

    fn verdict(text: &str, pins: &Pins, arn: &str, id: &str) -> Verdict {
        let policy = SPEC.compile(DocumentKind::Key, text).unwrap().pinned(pins);
        let named = Named { name: "p".into(), policy: policy.into() };
        let principal = Principal {
            kind: PrincipalKind::User,
            account: "1",
            arn,
            role_arn: None,
            user_arn: None,
            service: None,
            unique_id: Some(id),
        };
        let facts = Facts::new();
        let question = Question {
            principal,
            action: "kms:Decrypt",
            resource: "arn:p:kms:r:1:key/k",
            resource_account: Some("1"),
            context: &facts,
            assume_role: false,
            grant_id: None,
        };
        let attached = Attached { attached_to: question.resource, named: &named };
        SPEC.decide(&question, &Layers { identity: Some(&[]), resource: Some(attached), ..Layers::default() })
    }

    #[test]
    fn a_pinned_principal_is_who_it_was_and_no_namesake() {
        let allow = document("Allow", "Principal", &format!(r#""{ANN}""#));
        assert_eq!(verdict(&allow, &Pins::NONE, ANN, "ID2"), Verdict::Allow, "by its name");
        let first = pins(&[(ANN, Some("ID1"))]);
        assert_eq!(verdict(&allow, &first, ANN, "ID1"), Verdict::Allow);
        assert_eq!(verdict(&allow, &first, "arn:p:iam::1:user/new", "ID1"), Verdict::Allow, "renamed");
        assert_eq!(verdict(&allow, &first, ANN, "ID2"), Verdict::ImplicitDeny, "a namesake");
        let nobody = pins(&[(ANN, None)]);
        assert_eq!(verdict(&allow, &nobody, ANN, "ID2"), Verdict::ImplicitDeny);
    }

    #[test]
    fn who_is_denied_is_denied_under_every_name() {
        let deny = document("Deny", "Principal", &format!(r#"["{ANN}"]"#));
        let first = pins(&[(ANN, Some("ID1"))]);
        assert_eq!(verdict(&deny, &first, "arn:p:iam::1:user/new", "ID1"), Verdict::ExplicitDeny);
        assert_eq!(verdict(&deny, &first, ANN, "ID2"), Verdict::ImplicitDeny);
    }

    #[test]
    fn principals_get_other_texts_and_no_byte_beside_them_changes() {
        let text = format!(
            "{{ \"Statement\" : [ {{\"Effect\":\"Allow\",\n\t\"Principal\":{{\"ID\":[ \"arn:p:iam::1:user\\/ann\" ,\"*\", \"{ANN}\"]}}, \
             \"Action\":\"*\",\"Resource\":\"{ANN}\", \"Condition\":{{\"StringEquals\":{{\"x:y\":\"{ANN}\"}}}}}} , \
             {{\"Effect\":\"Deny\",\"NotPrincipal\":{{\"ID\":\"{ANN}\"}},\"Action\":\"*\",\"Resource\":\"*\"}} ] }}"
        );
        let same = SPEC.with_principals(&text, |name| Some(name.to_owned())).unwrap();
        assert_eq!(same, text, "the same names, however they are spelled");
        let other = SPEC.with_principals(&text, |name| (name == ANN).then(|| "a\"b".to_owned())).unwrap();
        let written = text.replacen("\"arn:p:iam::1:user\\/ann\"", r#""a\"b""#, 1);
        let written = written.replacen(&format!("\"{ANN}\"]"), r#""a\"b"]"#, 1);
        let written = written.replacen(&format!("{{\"ID\":\"{ANN}\"}}"), r#"{"ID":"a\"b"}"#, 1);
        assert_eq!(other, written);
        assert_ne!(other, text);
    }
}
