//! What a model says, whichever vendor's it is.

use std::collections::BTreeMap;

/// The messages of one service.
#[derive(Debug, Default)]
pub struct Service {
    /// Its name in the dialect.
    pub name: String,
    /// Request and answer of each operation, by the names of their shapes; nothing where there are no members.
    pub operations: BTreeMap<String, [Option<String>; 2]>,
    /// The structures, messages among them, by name.
    pub shapes: BTreeMap<String, Shape>,
}

/// A structure.
#[derive(Debug, Default, Clone)]
pub struct Shape {
    /// Its members, in the order of the model.
    pub fields: Vec<Field>,
    /// The structure that has the same members, and all of them.
    pub narrows: Option<String>,
}

/// A member.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name on the wire.
    pub name: String,
    /// Its form.
    pub form: Form,
    /// Whether it has to be there.
    pub required: bool,
    /// Whether nobody else may see it.
    pub sensitive: bool,
    /// Why it may be seen, though its name speaks against it.
    pub waived: Option<String>,
    /// Why it is not built.
    pub unbuilt: Option<String>,
    /// Why it may be given and changes nothing.
    pub ignored: Option<String>,
    /// Why operations refuse it in words of their own.
    pub refused: Option<String>,
    /// The member whose former name it is.
    pub former: Option<String>,
    /// The value it has where a request does not have it.
    pub default: Option<serde_json::Value>,
}

/// The form of a value.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "as in the shapes of the core")]
pub enum Form {
    Text { min: Option<u64>, max: Option<u64>, pattern: Option<String>, one_of: Vec<String>, listed: Option<String> },
    Blob { min: Option<u64>, max: Option<u64> },
    Integer { min: Option<i64>, max: Option<i64> },
    Flag,
    Time,
    List { of: Box<Form>, min: Option<u64>, max: Option<u64>, joined: bool, numbered: bool },
    Map { min: Option<u64>, max: Option<u64> },
    Structure(String),
}

impl Form {
    /// A text without limits.
    pub fn text() -> Self {
        Self::Text { min: None, max: None, pattern: None, one_of: Vec::new(), listed: None }
    }

    /// The structure it is, or that stands on it.
    pub fn structure(&self) -> Option<&str> {
        match self {
            Self::Structure(name) => Some(name),
            Self::List { of, .. } => of.structure(),
            _ => None,
        }
    }
}

impl Field {
    /// A member that may be missing.
    pub fn new(name: &str, form: Form) -> Self {
        Self {
            name: name.to_owned(),
            form,
            required: false,
            sensitive: false,
            waived: None,
            unbuilt: None,
            ignored: None,
            refused: None,
            former: None,
            default: None,
        }
    }

    /// Whether it is read, and has a field.
    pub fn is_read(&self) -> bool {
        self.unbuilt.is_none() && self.ignored.is_none()
    }
}

impl Service {
    /// The names of all structures that the messages of these operations are made of.
    pub fn reached(&self) -> Vec<String> {
        self.reached_from(self.operations.values().flatten().flatten())
    }

    /// The names of all structures that stand in answers alone.
    pub fn answers(&self) -> Vec<String> {
        let side =
            |at: usize| self.reached_from(self.operations.values().filter_map(move |both| both.get(at)?.as_ref()));
        let requests = side(0);
        side(1).into_iter().filter(|name| !requests.contains(name)).collect()
    }

    /// The names of all structures that these are made of, and of these.
    pub fn reached_from<'s>(&self, first: impl Iterator<Item = &'s String>) -> Vec<String> {
        let mut found: Vec<String> = first.cloned().collect();
        let mut at = 0;
        while let Some(shape) = found.get(at).and_then(|name| self.shapes.get(name)) {
            for inner in shape.fields.iter().filter(|field| field.is_read()).filter_map(|field| field.form.structure())
            {
                if !found.iter().any(|known| known == inner) {
                    found.push(inner.to_owned());
                }
            }
            at += 1;
        }
        found.sort();
        found.dedup();
        found
    }
}
