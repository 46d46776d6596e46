//! From a document to statements, with the grammar of its dialect and kind.
//!
//! # Invariants
//! - Writing is strict: what the grammar does not know is refused, with its place.
//! - Reading is lenient towards what an older writer may have let in, and closed: a statement that cannot be read gives
//!   nothing, and denies everything if it is a Deny.

use std::cell::RefCell;
use std::collections::HashSet;

use super::condition::{Atom, Operand, Operator, Over, Predicate, Test};
use super::document::{ActionFlaw, Element, Fault, NameFlaw, Node, Refusal, RefusalCode};
use super::key::{Key, KeyName};
use super::model::{Policy, Set, Statement};
use super::pattern::{Glob, LONGEST_PATTERN, NamePattern};
use super::principal::{Form, PrincipalPattern};
use super::spec::{DocumentKind, Effect, Identifiers, Presence, PrincipalForm, PrincipalType, Shape, Spec};

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
        let read = || {
            let root = Node::open(text)?;
            let Some(shape) = self.shape(kind) else {
                return Err(root.refuse(RefusalCode::Kind, "there is no such kind of document"));
            };
            Reader { spec: self, shape, strict, variables: false, held: RefCell::new(None) }.document(&root)
        };
        read().map_err(|refusal| refusal.of(kind))
    }
}

struct Reader<'s> {
    spec: &'s Spec,
    shape: &'static Shape,
    strict: bool,
    variables: bool,
    /// The fault that is told where nothing of an earlier stage is found, with its stage.
    held: RefCell<Option<(u8, Refusal)>>,
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
        let statements = self.statements(&statements)?;
        match self.held.into_inner() {
            Some((_, refusal)) => Err(refusal),
            None => Ok(Policy::new(self.shape.kind, statements)),
        }
    }

    /// Ends the reading with a fault, or keeps it for the case that nothing of an earlier stage is found.
    fn tell(&self, refusal: Refusal) -> Result<(), Refusal> {
        let stage = (self.spec.forms.stage)(refusal.code, refusal.fault);
        if stage == 0 || !self.strict {
            return Err(refusal);
        }
        let mut held = self.held.borrow_mut();
        if held.as_ref().is_none_or(|(earlier, _)| stage < *earlier) {
            *held = Some((stage, refusal));
        }
        Ok(())
    }

    fn foreign_character(&self, root: &Node<'_>) -> Option<(usize, char)> {
        let latin = |character: char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{ff}');
        let strict = self.spec.latin && self.strict;
        root.text().char_indices().find(|(_, character)| strict && !latin(*character))
    }

    /// Whether the version of the document has variables.
    fn version(&self, root: &Node<'_>, version: Option<Node<'_>>) -> Result<bool, Refusal> {
        let newest = self.strict && self.shape.newest;
        let Some(node) = version else {
            let refusal = || root.refuse(RefusalCode::Version, "the policy has no `Version`");
            if self.spec.version_required && self.strict {
                return Err(refusal());
            }
            if newest {
                self.tell(refusal().at(Some(Fault::Old)))?;
            }
            return Ok(false);
        };
        let text = node.string()?;
        let Some(known) = self.spec.versions.iter().find(|known| known.text == text) else {
            return Err(node.refuse(RefusalCode::Version, format!("the version `{text}` is not known")));
        };
        if newest && self.spec.newest() != Some(known.text) {
            let refusal = node.refuse(RefusalCode::Version, format!("the version `{text}` is too old here"));
            self.tell(refusal.at(Some(Fault::Old)))?;
        }
        Ok(known.variables)
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
                self.tell(item.refuse(RefusalCode::DuplicateIdentifier, message))?;
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
            self.tell(node.refuse(RefusalCode::Identifier, format!("the identifier `{text}` is not well formed")))?;
        }
        Ok(if text.is_empty() { format!("#{index}").into() } else { text.into() })
    }

    fn effect(&self, statement: &Node<'_>, effect: Option<Node<'_>>) -> Result<Effect, Refusal> {
        let Some(node) = effect else {
            return Err(statement.refuse(RefusalCode::MissingElement, "the statement has no `Effect`"));
        };
        let text = node.string()?;
        let unknown = || node.refuse(RefusalCode::Effect, format!("the effect `{text}` is not known"));
        let effect = match text.as_str() {
            "Allow" => Effect::Allow,
            "Deny" => Effect::Deny,
            _ if text.eq_ignore_ascii_case("Allow") || text.eq_ignore_ascii_case("Deny") => {
                self.tell(unknown().at(Some(Fault::Case)))?;
                Effect::Deny
            }
            _ => return Err(unknown()),
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
                self.tell(refusal.at(Element::named(name).map(Fault::Element)))?;
                Ok(None)
            }
            (Some(node), None) => Ok(Some(Which { node, not: false })),
            (None, Some(node)) => Ok(Some(Which { node, not: true })),
            (None, None) => Ok(None),
        }
    }

    fn actions(&self, which: Which<'_>) -> Result<Set<Glob>, Refusal> {
        let mut globs = Vec::new();
        for node in self.items(&which.node, Some(which.element(Element::Action)))? {
            let text = node.string()?;
            if text.len() > LONGEST_PATTERN {
                return Err(node.refuse(RefusalCode::Action, "the action is too long"));
            }
            if let Some(fault) = self.action_fault(&text) {
                let message = format!("the action `{text}` {}", of_action(fault));
                self.tell(node.refuse(RefusalCode::Action, message).at(Some(fault)).on(&text))?;
            }
            globs.push(Glob::new(&text.to_ascii_lowercase()));
        }
        Ok(which.set(globs))
    }

    fn action_fault(&self, text: &str) -> Option<Fault> {
        if !self.strict {
            return None;
        }
        let allowed = || {
            let lower = text.to_ascii_lowercase();
            let (prefixes, names) = (self.shape.action_prefixes, self.shape.action_names);
            let glob = Glob::new(&lower);
            (prefixes.is_empty() || prefixes.iter().any(|prefix| lower.starts_with(prefix)))
                && (names.is_empty() || names.iter().any(|name| glob.matches(name)))
        };
        (self.spec.forms.action)(text).or_else(|| (!allowed()).then_some(Fault::Forbidden))
    }

    fn resources(&self, which: Which<'_>) -> Result<Set<NamePattern>, Refusal> {
        let mut patterns = Vec::new();
        for node in self.items(&which.node, Some(which.element(Element::Resource)))? {
            let text = node.string()?;
            if let Some(fault) = self.resource_fault(&text) {
                let message = format!("the resource `{text}` {}", of_resource(fault));
                self.tell(node.refuse(RefusalCode::Resource, message).at(Some(fault)).on(&text))?;
                continue;
            }
            let parsed = NamePattern::parse(&text, &self.spec.names, self.variables, self.shape.short_names);
            let refused = |why| node.refuse(RefusalCode::Resource, why).at(Some(Fault::Name(NameFlaw::Pattern)));
            patterns.push(parsed.map_err(refused)?);
        }
        Ok(which.set(patterns))
    }

    fn resource_fault(&self, text: &str) -> Option<Fault> {
        if !self.strict || text == "*" {
            return None;
        }
        let barred = self.shape.only_whole.then_some(Fault::Name(NameFlaw::Forbidden));
        (self.spec.forms.resource)(&self.spec.names, text).or(barred)
    }

    /// The items of an element that must not be empty.
    fn items<'t>(&self, node: &Node<'t>, of: Option<Element>) -> Result<Vec<Node<'t>>, Refusal> {
        let items = node.list()?;
        if self.strict && items.is_empty() {
            let refusal = node.refuse(RefusalCode::MissingElement, format!("`{}` is empty", node.pointer));
            self.tell(refusal.at(of.map(Fault::Element)))?;
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
                    self.tell(node.refuse(RefusalCode::Principal, message))?;
                }
                for item in self.items(&node, None)? {
                    patterns.push(self.principal(&item, kind)?);
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
            self.tell(which.node.refuse(RefusalCode::Principal, "the principal is not allowed here"))?;
        }
        Ok(which.set(patterns))
    }

    fn principal(&self, node: &Node<'_>, kind: &'static PrincipalType) -> Result<PrincipalPattern, Refusal> {
        let text = node.string()?;
        let pattern = PrincipalPattern::new(self.spec, kind.form, &text);
        let wild = pattern.form != Form::EveryIdentity && pattern.text.contains(['*', '?']);
        let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let forms = &self.spec.forms;
        let fault = match pattern.form {
            Form::Nobody => kind.form == PrincipalForm::Identity,
            Form::UniqueId => !self.shape.principal_ids || text.len() < 16 || !text.bytes().all(plain),
            Form::Name => wild || !self.nameable(&pattern.text) || !(forms.principal)(&pattern.text),
            Form::Account => !(forms.account)(&pattern.text),
            _ => text.is_empty() || wild,
        };
        if self.strict && fault {
            let refusal = node.refuse(RefusalCode::Principal, format!("the principal `{text}` is not well formed"));
            self.tell(refusal.at(Some(Fault::Principal(kind.element))).on(&text))?;
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
            let members = keys.object()?;
            let idle = self.spec.idle_operators && members.is_empty();
            if self.strict && parsed.is_none() && !idle {
                let message = format!("the condition operator `{operator}` is not known");
                return Err(keys.refuse(RefusalCode::Operator, message));
            }
            let mut seen = HashSet::new();
            for (key, values) in members {
                let lower = key.to_ascii_lowercase();
                if self.strict && self.shape.bars(&lower) {
                    let message = format!("the condition key `{key}` may not stand in this kind of policy");
                    let fault = Fault::Key(KeyName::new(&lower).family());
                    self.tell(values.refuse(RefusalCode::BarredKey, message).at(Some(fault)).on(&key))?;
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
        let dates = |parsed: &Parsed| matches!(parsed.operator.predicate, Predicate::Instant(_));
        let dated = self.strict && parsed.as_ref().is_some_and(dates);
        for node in values.list()? {
            let text = node.scalar(self.spec.bare_scalars || !self.strict)?;
            if dated && !(self.spec.forms.instant)(&text) {
                let message = format!("`{text}` is no date, which `{operator}` compares");
                self.tell(node.refuse(RefusalCode::Operand, message).on(&text))?;
            }
            texts.push(text);
        }
        let test = match parsed {
            None => Test::Unreadable,
            Some(parsed) => {
                let every = parsed.over == Over::Every;
                if every && self.strict && self.shape.never_every.iter().any(|prefix| lower.starts_with(prefix)) {
                    let message = format!("`{operator}` with `{key}` also holds for a request without the key");
                    let fault = Fault::Key(KeyName::new(lower).family());
                    self.tell(values.refuse(RefusalCode::OverlyPermissiveCondition, message).at(Some(fault)))?;
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
    /// The element, or its opposite.
    fn element(&self, plain: Element) -> Element {
        match plain {
            Element::Action if self.not => Element::NotAction,
            Element::Resource if self.not => Element::NotResource,
            other => other,
        }
    }

    fn set<P>(&self, patterns: Vec<P>) -> Set<P> {
        if self.not { Set::NotIn(patterns.into()) } else { Set::In(patterns.into()) }
    }
}

/// What is wrong with an action, in words.
fn of_action(fault: Fault) -> &'static str {
    match fault {
        Fault::Action(ActionFlaw::Unprefixed) => "is not well formed",
        Fault::Action(ActionFlaw::Colons) => "has more than one colon",
        Fault::Action(ActionFlaw::Wildcard) => "has a wildcard in its service",
        Fault::Action(ActionFlaw::Service) => "has a service that cannot be",
        _ => "is not allowed here",
    }
}

/// What is wrong with a resource, in words.
fn of_resource(fault: Fault) -> &'static str {
    match fault {
        Fault::Name(NameFlaw::Scheme) => "is not well formed",
        Fault::Name(NameFlaw::Partition) => "is in a partition that there is not",
        Fault::Name(NameFlaw::Service) => "does not tell its service in full",
        Fault::Name(NameFlaw::Region) => "has a region, though names of its service have none",
        Fault::Name(NameFlaw::Beginning) => "is of no kind that its service has",
        Fault::Name(NameFlaw::Gap) => "has too few segments, or no service",
        _ => "is not allowed here",
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
