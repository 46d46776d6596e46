//! From a document to statements, with the grammar of its dialect and kind.
//!
//! # Invariants
//! - Writing is strict: what the grammar does not know is refused, with its place.
//! - Reading is lenient towards what an older writer may have let in, and closed: a statement that cannot be read gives
//!   nothing, and denies everything if it is a Deny.

use std::collections::HashSet;

use super::condition::{Atom, Operand, Operator, Over, Predicate, Test};
use super::document::{Element, Fault, Node, Refusal, RefusalCode};
use super::key::{Key, KeyName};
use super::model::{Policy, Set, Statement};
use super::pattern::{Glob, LONGEST_PATTERN, NamePattern};
use super::principal::{Form, PrincipalPattern};
use super::spec::{DocumentKind, Effect, Identifiers, Presence, PrincipalForm, Shape, Spec};

const QUANTIFIERS: [(&str, Over); 2] = [("ForAllValues:", Over::Every), ("ForAnyValue:", Over::Any)];
const IF_EXISTS: &str = "IfExists";

impl Spec {
    /// Compiles a document that is about to be stored, refusing whatever its grammar does not know.
    ///
    /// # Errors
    /// A [`Refusal`] with the place of the first fault. Sizes are the caller's business.
    pub fn compile(&self, kind: DocumentKind, text: &str) -> Result<Policy, Refusal> {
        self.read_as(kind, text, true)
    }

    /// Compiles a document that was accepted elsewhere: what cannot be read gives no access, and denies where it is a
    /// Deny.
    ///
    /// # Errors
    /// A [`Refusal`] only if the text has no statements to read at all.
    pub fn read(&self, kind: DocumentKind, text: &str) -> Result<Policy, Refusal> {
        self.read_as(kind, text, false)
    }

    fn read_as(&self, kind: DocumentKind, text: &str, strict: bool) -> Result<Policy, Refusal> {
        let root = Node::open(text)?;
        let Some(shape) = self.shape(kind) else {
            return Err(root.refuse(RefusalCode::Kind, "there is no such kind of document"));
        };
        Reader { spec: self, shape, strict, variables: false }.document(&root)
    }
}

struct Reader<'s> {
    spec: &'s Spec,
    shape: &'static Shape,
    strict: bool,
    variables: bool,
}

impl Reader<'_> {
    fn document(mut self, root: &Node<'_>) -> Result<Policy, Refusal> {
        let members = root.object()?;
        if let Some((offset, character)) = self.foreign_character(root) {
            let message = format!("`{character}` is not allowed in a policy");
            return Err(root.refuse_at(offset, RefusalCode::Characters, message));
        }
        let (mut version, mut statements) = (None, None);
        for (name, node) in members {
            match name.as_str() {
                "Version" => version = Some(node),
                "Statement" => statements = Some(node),
                "Id" if self.shape.id => drop(node.string()?),
                _ if self.strict => return Err(unknown(&node, &name)),
                _ => {}
            }
        }
        self.variables = self.version(root, version)?;
        let Some(statements) = statements else {
            return Err(root.refuse(RefusalCode::MissingElement, "the policy has no `Statement`"));
        };
        Ok(Policy::new(self.shape.kind, self.statements(&statements)?))
    }

    fn foreign_character(&self, root: &Node<'_>) -> Option<(usize, char)> {
        let latin = |character: char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{ff}');
        let strict = self.spec.latin && self.strict;
        root.text().char_indices().find(|(_, character)| strict && !latin(*character))
    }

    /// Whether the version of the document has variables.
    fn version(&self, root: &Node<'_>, version: Option<Node<'_>>) -> Result<bool, Refusal> {
        let Some(node) = version else {
            if self.spec.version_required && self.strict {
                return Err(root.refuse(RefusalCode::Version, "the policy has no `Version`"));
            }
            return Ok(false);
        };
        let text = node.string()?;
        match self.spec.versions.iter().find(|known| known.text == text) {
            Some(known) => Ok(known.variables),
            None => Err(node.refuse(RefusalCode::Version, format!("the version `{text}` is not known"))),
        }
    }

    fn statements(&self, node: &Node<'_>) -> Result<Box<[Statement]>, Refusal> {
        if self.strict && !self.spec.single_statement && !node.is_list() {
            return Err(node.wrong_type("a list"));
        }
        let items = node.list()?;
        if self.strict && items.is_empty() {
            return Err(node.refuse(RefusalCode::MissingElement, "the policy has no statement"));
        }
        let mut statements: Vec<Statement> = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let statement = match self.statement(item, index) {
                Ok(statement) => statement,
                Err(refusal) if self.strict => return Err(refusal),
                Err(_) => unreadable(item, index),
            };
            let known = |other: &Statement| other.name == statement.name;
            if self.strict && !self.spec.repeated_identifiers && statements.iter().any(known) {
                let message = format!("the identifier `{}` appears twice", statement.name);
                return Err(item.refuse(RefusalCode::DuplicateIdentifier, message));
            }
            statements.push(statement);
        }
        Ok(statements.into())
    }

    fn statement(&self, node: &Node<'_>, index: usize) -> Result<Statement, Refusal> {
        let mut parts = Parts::default();
        for (name, member) in node.object()? {
            let slot = match name.as_str() {
                "Sid" => &mut parts.sid,
                "Effect" => &mut parts.effect,
                "Principal" => &mut parts.principal,
                "NotPrincipal" => &mut parts.not_principal,
                "Action" => &mut parts.action,
                "NotAction" => &mut parts.not_action,
                "Resource" => &mut parts.resource,
                "NotResource" => &mut parts.not_resource,
                "Condition" => &mut parts.condition,
                _ => return Err(unknown(&member, &name)),
            };
            *slot = Some(member);
        }
        let Parts { sid, effect, principal, not_principal, action, not_action, resource, not_resource, condition } =
            parts;
        let shape = self.shape;
        let name = self.identifier(sid.as_ref(), index)?;
        let effect = self.effect(node, effect)?;
        let action = self.pair(node, "Action", (action, not_action), (shape.action, shape.not_action))?;
        let resource = self.pair(node, "Resource", (resource, not_resource), (shape.resource, shape.not_resource))?;
        let principal =
            self.pair(node, "Principal", (principal, not_principal), (shape.principal, shape.not_principal))?;
        let lacks = |which: &Option<Which<'_>>, presence| {
            which.is_none() && matches!(presence, Presence::Required | Presence::Inert)
        };
        let inert =
            lacks(&action, shape.action) || lacks(&resource, shape.resource) || lacks(&principal, shape.principal);
        Ok(Statement {
            at: index,
            name,
            pointer: node.pointer.as_str().into(),
            effect,
            who: principal.map(|which| self.principals(which)).transpose()?,
            actions: action.map_or(Ok(Set::All), |which| self.actions(which))?,
            resources: resource.map_or(Ok(Set::All), |which| self.resources(which))?,
            when: condition.map_or(Ok(Box::default()), |block| self.conditions(&block))?,
            effective: if effect == Effect::Allow { shape.effective_actions } else { &[] },
            inert,
        })
    }

    fn identifier(&self, sid: Option<&Node<'_>>, index: usize) -> Result<Box<str>, Refusal> {
        let Some(node) = sid else { return Ok(format!("#{index}").into()) };
        let text = node.string()?;
        let allowed = |character: char| match self.shape.identifiers {
            Identifiers::Free => true,
            Identifiers::Alphanumeric => character.is_ascii_alphanumeric(),
            Identifiers::Also(others) => character.is_ascii_alphanumeric() || others.contains(character),
        };
        let short = text.chars().count() <= self.shape.longest_identifier;
        if self.strict && !(short && text.chars().all(allowed)) {
            return Err(node.refuse(RefusalCode::Identifier, format!("the identifier `{text}` is not well formed")));
        }
        Ok(if text.is_empty() { format!("#{index}").into() } else { text.into() })
    }

    fn effect(&self, statement: &Node<'_>, effect: Option<Node<'_>>) -> Result<Effect, Refusal> {
        let Some(node) = effect else {
            return Err(statement.refuse(RefusalCode::MissingElement, "the statement has no `Effect`"));
        };
        let text = node.string()?;
        let effect = match text.as_str() {
            "Allow" => Effect::Allow,
            "Deny" => Effect::Deny,
            _ => return Err(node.refuse(RefusalCode::Effect, format!("the effect `{text}` is not known"))),
        };
        if self.strict && !self.shape.effects.contains(&effect) {
            return Err(node.refuse(RefusalCode::Effect, format!("the effect `{text}` is not allowed here")));
        }
        Ok(effect)
    }

    /// One of an element and its opposite.
    fn pair<'t>(
        &self,
        statement: &Node<'t>,
        name: &str,
        (plain, opposite): (Option<Node<'t>>, Option<Node<'t>>),
        (presence, opposite_allowed): (Presence, bool),
    ) -> Result<Option<Which<'t>>, Refusal> {
        match (plain, opposite) {
            (Some(_), Some(node)) => {
                Err(node
                    .refuse(RefusalCode::ConflictingElements, format!("`{name}` and `Not{name}` exclude each other")))
            }
            (None, Some(node)) if self.strict && !opposite_allowed => Err(unknown(&node, &format!("Not{name}"))),
            (Some(node), None) if self.strict && presence == Presence::Forbidden => Err(unknown(&node, name)),
            (None, None) if self.strict && presence == Presence::Required => {
                let refusal = statement.refuse(RefusalCode::MissingElement, format!("the statement has no `{name}`"));
                Err(refusal.at(Element::named(name).map(Fault::Element)))
            }
            (Some(node), None) => Ok(Some(Which { node, not: false })),
            (None, Some(node)) => Ok(Some(Which { node, not: true })),
            (None, None) => Ok(None),
        }
    }

    fn actions(&self, which: Which<'_>) -> Result<Set<Glob>, Refusal> {
        let mut globs = Vec::new();
        for node in self.items(&which.node)? {
            let text = node.string()?;
            if let Some((message, fault)) = self.action_fault(&text) {
                return Err(node.refuse(RefusalCode::Action, message).at(fault));
            }
            globs.push(Glob::new(&text.to_ascii_lowercase()));
        }
        Ok(which.set(globs))
    }

    fn action_fault(&self, text: &str) -> Option<(String, Option<Fault>)> {
        if text.len() > LONGEST_PATTERN {
            return Some(("the action is too long".to_owned(), None));
        }
        if !self.strict {
            return None;
        }
        let part = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-*?".contains(&byte))
        };
        let whole = text == "*" || text.split_once(':').is_some_and(|(service, name)| part(service) && part(name));
        let lower = text.to_ascii_lowercase();
        let (prefixes, names) = (self.shape.action_prefixes, self.shape.action_names);
        let prefixed = prefixes.is_empty() || prefixes.iter().any(|prefix| lower.starts_with(prefix));
        let glob = Glob::new(&lower);
        let named = names.is_empty() || names.iter().any(|name| glob.matches(name));
        if !whole {
            Some((format!("the action `{text}` is not well formed"), None))
        } else if !prefixed || !named {
            Some((format!("the action `{text}` is not allowed here"), Some(Fault::Forbidden)))
        } else {
            None
        }
    }

    fn resources(&self, which: Which<'_>) -> Result<Set<NamePattern>, Refusal> {
        let mut patterns = Vec::new();
        for node in self.items(&which.node)? {
            let text = node.string()?;
            let scheme = text.split(':').next() == Some(self.spec.names.scheme) && text.contains(':');
            if self.strict && text != "*" && (!scheme || self.shape.only_whole) {
                let message = format!("the resource `{text}` is not well formed, or not allowed here");
                return Err(node.refuse(RefusalCode::Resource, message));
            }
            let parsed = NamePattern::parse(&text, &self.spec.names, self.variables, self.shape.short_names);
            patterns.push(parsed.map_err(|fault| node.refuse(RefusalCode::Resource, fault))?);
        }
        Ok(which.set(patterns))
    }

    /// The items of an element that must not be empty.
    fn items<'t>(&self, node: &Node<'t>) -> Result<Vec<Node<'t>>, Refusal> {
        let items = node.list()?;
        if self.strict && items.is_empty() {
            return Err(node.refuse(RefusalCode::MissingElement, format!("`{}` is empty", node.pointer)));
        }
        Ok(items)
    }

    fn principals(&self, which: Which<'_>) -> Result<Set<PrincipalPattern>, Refusal> {
        let mut patterns = Vec::new();
        if which.node.is_object() {
            for (name, node) in which.node.object()? {
                let Some(kind) = self.spec.principals.iter().find(|kind| kind.element == name) else {
                    return Err(
                        node.refuse(RefusalCode::Principal, format!("the principal type `{name}` is not known"))
                    );
                };
                let types = self.shape.principal_types;
                if self.strict && !types.is_empty() && !types.contains(&name.as_str()) {
                    let message = format!("the principal type `{name}` is not allowed here");
                    return Err(node.refuse(RefusalCode::Principal, message));
                }
                for item in self.items(&node)? {
                    patterns.push(self.principal(&item, kind.form)?);
                }
            }
        } else if which.node.string()? == "*" {
            patterns.push(PrincipalPattern::everyone());
        } else {
            return Err(which.node.refuse(RefusalCode::Principal, "the principal is neither `*` nor an object"));
        }
        let everyone = |pattern: &PrincipalPattern| matches!(pattern.form, Form::Everyone | Form::EveryIdentity);
        let allowed = (self.shape.everyone || !patterns.iter().any(everyone))
            && (!self.shape.only_everyone || patterns.iter().all(everyone));
        if self.strict && (patterns.is_empty() || !allowed) {
            return Err(which.node.refuse(RefusalCode::Principal, "the principal is not allowed here"));
        }
        Ok(which.set(patterns))
    }

    fn principal(&self, node: &Node<'_>, form: PrincipalForm) -> Result<PrincipalPattern, Refusal> {
        let text = node.string()?;
        let pattern = PrincipalPattern::new(self.spec, form, &text);
        let wild = pattern.form != Form::EveryIdentity && pattern.text.contains(['*', '?']);
        let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let fault = match pattern.form {
            Form::Nobody => form == PrincipalForm::Identity,
            Form::UniqueId => !self.shape.principal_ids || text.len() < 16 || !text.bytes().all(plain),
            Form::Name => wild || !self.nameable(&pattern.text),
            _ => text.is_empty() || wild,
        };
        if self.strict && fault {
            return Err(node.refuse(RefusalCode::Principal, format!("the principal `{text}` is not well formed")));
        }
        Ok(pattern)
    }

    /// Whether what a full name is of can be a principal here.
    fn nameable(&self, name: &str) -> bool {
        let last = name.splitn(self.spec.names.segments, ':').last().unwrap_or_default();
        let known = self.shape.principal_names;
        known.is_empty() || known.iter().any(|start| last.strip_prefix(start).is_some_and(|rest| !rest.is_empty()))
    }

    fn conditions(&self, block: &Node<'_>) -> Result<Box<[Atom]>, Refusal> {
        let mut atoms = Vec::new();
        for (operator, keys) in block.object()? {
            let parsed = self.spec.operator(&operator);
            if self.strict && parsed.is_none() {
                let message = format!("the condition operator `{operator}` is not known");
                return Err(keys.refuse(RefusalCode::Operator, message));
            }
            let mut seen = HashSet::new();
            for (key, values) in keys.object()? {
                let lower = key.to_ascii_lowercase();
                if self.strict && self.spec.key_prefixes && !lower.contains(':') {
                    let message = format!("the condition key `{key}` has no service in front");
                    return Err(values.refuse(RefusalCode::KeyWithoutPrefix, message));
                }
                if seen.contains(&lower) {
                    return Err(values.refuse(RefusalCode::DuplicateMember, format!("the key `{key}` appears twice")));
                }
                atoms.push(self.atom(&operator, parsed, &key, &lower, &values)?);
                seen.insert(lower);
            }
        }
        Ok(atoms.into())
    }

    fn atom(
        &self,
        operator: &str,
        parsed: Option<Parsed>,
        key: &str,
        lower: &str,
        values: &Node<'_>,
    ) -> Result<Atom, Refusal> {
        let mut texts = Vec::new();
        for node in values.list()? {
            texts.push(node.scalar(self.spec.bare_scalars || !self.strict)?);
        }
        let test = match parsed {
            None => Test::Unreadable,
            Some(parsed) => {
                let every = parsed.over == Over::Every;
                if every && self.strict && self.shape.never_every.iter().any(|prefix| lower.starts_with(prefix)) {
                    let message = format!("`{operator}` with `{key}` also holds for a request without the key");
                    let fault = Fault::Key(KeyName::new(lower).family());
                    return Err(values.refuse(RefusalCode::OverlyPermissiveCondition, message).at(Some(fault)));
                }
                self.test(parsed, &texts)
            }
        };
        Ok(Atom { operator: operator.into(), key: Key::new(key), written: values.value(), test })
    }

    fn test(&self, parsed: Parsed, texts: &[String]) -> Test {
        let Parsed { operator: Operator { predicate, negated, .. }, over, if_exists } = parsed;
        let operands = texts.iter().map(|text| Operand::parse(predicate, text, self.variables, &self.spec.names));
        let operands: Box<[Operand]> = operands.collect();
        let missing = match over {
            Over::Every => true,
            Over::Any => false,
            Over::Single => negated || if_exists,
        };
        match predicate {
            Predicate::Absent => Test::Absent(operands),
            _ => Test::Compare { predicate, negated, over, missing, operands },
        }
    }
}

impl Spec {
    /// The operator behind its prefix and suffix.
    pub(super) fn operator(&self, written: &str) -> Option<Parsed> {
        let quantified = QUANTIFIERS.iter().find_map(|(prefix, over)| Some((written.strip_prefix(prefix)?, *over)));
        let (name, over) = quantified.unwrap_or((written, Over::Single));
        let (base, if_exists) = match name.strip_suffix(IF_EXISTS) {
            Some(base) => (base, true),
            None => (name, false),
        };
        let operator = *self.operators.iter().find(|known| known.name == base)?;
        let dressed = over != Over::Single || if_exists;
        let allowed = (over == Over::Single || self.quantifiers)
            && (!if_exists || self.if_exists)
            && (!dressed || operator.predicate != Predicate::Absent);
        allowed.then_some(Parsed { operator, over, if_exists })
    }
}

/// An operator as a document writes it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parsed {
    pub(super) operator: Operator,
    pub(super) over: Over,
    pub(super) if_exists: bool,
}

/// The members of a statement.
#[derive(Default)]
struct Parts<'t> {
    sid: Option<Node<'t>>,
    effect: Option<Node<'t>>,
    principal: Option<Node<'t>>,
    not_principal: Option<Node<'t>>,
    action: Option<Node<'t>>,
    not_action: Option<Node<'t>>,
    resource: Option<Node<'t>>,
    not_resource: Option<Node<'t>>,
    condition: Option<Node<'t>>,
}

/// An element or its opposite.
struct Which<'t> {
    node: Node<'t>,
    not: bool,
}

impl Which<'_> {
    fn set<P>(&self, patterns: Vec<P>) -> Set<P> {
        if self.not { Set::NotIn(patterns.into()) } else { Set::In(patterns.into()) }
    }
}

fn unknown(node: &Node<'_>, name: &str) -> Refusal {
    let refusal = node.refuse(RefusalCode::UnknownElement, format!("the element `{name}` is not known here"));
    refusal.at(Element::named(name).map(Fault::Element))
}

/// A statement that cannot be read: as a Deny it denies everything, else it gives nothing.
fn unreadable(node: &Node<'_>, index: usize) -> Statement {
    let says = |(name, value): &(String, Node<'_>)| name == "Effect" && value.string().is_ok_and(|text| text == "Deny");
    let deny = node.object().is_ok_and(|members| members.iter().any(says));
    Statement {
        at: index,
        name: format!("#{index}").into(),
        pointer: node.pointer.as_str().into(),
        effect: if deny { Effect::Deny } else { Effect::Allow },
        who: None,
        actions: Set::All,
        resources: Set::All,
        when: Box::default(),
        effective: &[],
        inert: !deny,
    }
}

#[cfg(test)]
#[path = "compile_tests.rs"]
mod tests;
