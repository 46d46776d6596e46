//! An accepted document as it is written: every text with its place.

use super::super::compile::Parsed;
use super::super::document::{Node, Refusal};
use super::super::principal::{Form, PrincipalPattern};
use super::super::spec::{DocumentKind, Effect, Presence, Spec};

pub(super) struct Document<'t> {
    pub(super) root: Node<'t>,
    /// Whether it names its version.
    pub(super) versioned: bool,
    /// Whether `${…}` is a variable.
    pub(super) variables: bool,
    pub(super) statements: Vec<Statement<'t>>,
}

/// A text with its place.
pub(super) struct Text<'t> {
    pub(super) text: String,
    pub(super) node: Node<'t>,
}

/// The texts of an element, or of its opposite.
pub(super) struct Element<'t> {
    pub(super) not: bool,
    pub(super) node: Node<'t>,
    pub(super) items: Vec<Text<'t>>,
}

pub(super) struct Principals<'t> {
    pub(super) not: bool,
    pub(super) node: Node<'t>,
    pub(super) items: Vec<(PrincipalPattern, Node<'t>)>,
}

impl Principals<'_> {
    pub(super) fn everyone(&self) -> bool {
        self.items.iter().any(|(pattern, _)| matches!(pattern.form, Form::Everyone | Form::EveryIdentity))
    }
}

pub(super) struct Condition<'t> {
    pub(super) operator: String,
    pub(super) parsed: Parsed,
    pub(super) key: String,
    /// The key in lower case.
    pub(super) lower: String,
    pub(super) node: Node<'t>,
    pub(super) values: Vec<Text<'t>>,
}

pub(super) struct Statement<'t> {
    pub(super) node: Node<'t>,
    pub(super) name: String,
    pub(super) effect: Effect,
    pub(super) who: Option<Principals<'t>>,
    pub(super) actions: Option<Element<'t>>,
    pub(super) resources: Option<Element<'t>>,
    pub(super) conditions: Vec<Condition<'t>>,
    /// Whether an element is missing without which it has no effect.
    pub(super) inert: bool,
}

impl<'t> Document<'t> {
    /// Reads a document that its grammar accepts.
    pub(super) fn read(spec: &Spec, kind: DocumentKind, root: &Node<'t>) -> Result<Self, Refusal> {
        let mut document = Self { root: root.clone(), versioned: false, variables: false, statements: Vec::new() };
        for (name, node) in root.object()? {
            match name.as_str() {
                "Version" => {
                    let text = node.string()?;
                    document.versioned = true;
                    document.variables = spec.versions.iter().any(|known| known.text == text && known.variables);
                }
                "Statement" => {
                    for (index, item) in node.list()?.into_iter().enumerate() {
                        document.statements.push(Statement::read(spec, kind, index, item)?);
                    }
                }
                _ => {}
            }
        }
        Ok(document)
    }
}

impl<'t> Statement<'t> {
    fn read(spec: &Spec, kind: DocumentKind, index: usize, node: Node<'t>) -> Result<Self, Refusal> {
        let members = node.object()?;
        let mut statement = Self {
            node,
            name: format!("#{index}"),
            effect: Effect::Allow,
            who: None,
            actions: None,
            resources: None,
            conditions: Vec::new(),
            inert: false,
        };
        for (name, node) in members {
            match name.as_str() {
                "Sid" => statement.name = Some(node.string()?).filter(|sid| !sid.is_empty()).unwrap_or(statement.name),
                "Effect" if node.string()? == "Deny" => statement.effect = Effect::Deny,
                "Principal" | "NotPrincipal" => statement.who = Some(principals(spec, name.starts_with("Not"), node)?),
                "Action" | "NotAction" => statement.actions = Some(element(name.starts_with("Not"), node)?),
                "Resource" | "NotResource" => statement.resources = Some(element(name.starts_with("Not"), node)?),
                "Condition" => statement.conditions = conditions(spec, &node)?,
                _ => {}
            }
        }
        if let Some(shape) = spec.shape(kind) {
            statement.inert = shape.action == Presence::Inert && statement.actions.is_none()
                || shape.resource == Presence::Inert && statement.resources.is_none();
        }
        Ok(statement)
    }
}

fn element(not: bool, node: Node<'_>) -> Result<Element<'_>, Refusal> {
    let mut items = Vec::new();
    for node in node.list()? {
        items.push(Text { text: node.string()?, node });
    }
    Ok(Element { not, node, items })
}

fn principals<'t>(spec: &Spec, not: bool, node: Node<'t>) -> Result<Principals<'t>, Refusal> {
    let mut items = Vec::new();
    if node.is_object() {
        for (name, list) in node.object()? {
            let Some(kind) = spec.principals.iter().find(|kind| kind.element == name) else { continue };
            for item in list.list()? {
                items.push((PrincipalPattern::new(spec, kind.form, &item.string()?), item));
            }
        }
    } else {
        items.push((PrincipalPattern::everyone(), node.clone()));
    }
    Ok(Principals { not, node, items })
}

fn conditions<'t>(spec: &Spec, block: &Node<'t>) -> Result<Vec<Condition<'t>>, Refusal> {
    let mut conditions = Vec::new();
    for (operator, keys) in block.object()? {
        let Some(parsed) = spec.operator(&operator) else { continue };
        for (key, node) in keys.object()? {
            let mut values = Vec::new();
            for node in node.list()? {
                values.push(Text { text: node.scalar(true)?, node });
            }
            let lower = key.to_ascii_lowercase();
            conditions.push(Condition { operator: operator.clone(), parsed, key, lower, node, values });
        }
    }
    Ok(conditions)
}
