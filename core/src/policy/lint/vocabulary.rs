//! The actions and condition keys of a vendor, read from its lists.

use super::super::condition::Predicate;
use super::super::pattern::Glob;
use super::LintData;

pub(in crate::policy) struct Vocabulary {
    actions: Vec<Action>,
    keys: Vec<Key>,
}

/// An action; everything in lower case but its name and its resources.
pub(in crate::policy) struct Action {
    pub(in crate::policy) name: &'static str,
    lower: String,
    /// Beginnings of the last segment of its resources; `*` is no resource in particular.
    pub(in crate::policy) resources: Vec<&'static str>,
    /// The condition keys it brings; `None` where that is not known.
    keys: Option<Vec<Wanted>>,
}

impl Action {
    /// Whether its resources are all known.
    pub(in crate::policy) fn is_plain(&self) -> bool {
        !self.resources.contains(&"?")
    }

    /// The name in lower case.
    pub(in crate::policy) fn lower(&self) -> &str {
        &self.lower
    }

    /// Whether the condition key is one of those that it is known to bring.
    pub(in crate::policy) fn lists(&self, key: &str) -> bool {
        self.keys.as_ref().is_some_and(|keys| keys.iter().any(|wanted| wanted.is(key)))
    }

    /// Whether a request for it may have the condition key; yes where that is not known.
    pub(in crate::policy) fn may_bring(&self, key: &str) -> bool {
        self.keys.as_ref().is_none_or(|keys| keys.iter().any(|wanted| wanted.is(key)))
    }
}

/// The type of a condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::policy) enum Type {
    Text,
    Flag,
    Number,
    Date,
    Name,
    Address,
}

impl Type {
    /// Whether an operator fits; a date may also be compared as a number.
    pub(in crate::policy) const fn fits(self, predicate: Predicate) -> bool {
        match predicate {
            Predicate::Absent | Predicate::Bytes => true,
            Predicate::Text | Predicate::TextAnyCase | Predicate::Like | Predicate::Name => {
                matches!(self, Self::Text | Self::Name)
            }
            Predicate::Number(_) => matches!(self, Self::Number | Self::Date),
            Predicate::Instant(_) => matches!(self, Self::Date),
            Predicate::Boolean => matches!(self, Self::Flag),
            Predicate::Network => matches!(self, Self::Address),
        }
    }

    pub(in crate::policy) const fn word(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Flag => "true or false",
            Self::Number => "a number",
            Self::Date => "a date",
            Self::Name => "a full name",
            Self::Address => "an address",
        }
    }
}

/// A condition key or a family of them.
pub(in crate::policy) struct Key {
    wanted: Wanted,
    pub(in crate::policy) of: Type,
    pub(in crate::policy) many: bool,
}

impl Key {
    /// Whether what stands behind the prefix is the writer's own.
    pub(in crate::policy) const fn is_family(&self) -> bool {
        matches!(self.wanted, Wanted::Prefix(_))
    }
}

enum Wanted {
    Whole(String),
    Prefix(String),
}

impl Wanted {
    fn read(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        match lower.strip_suffix('*') {
            Some(prefix) => Self::Prefix(prefix.to_owned()),
            None => Self::Whole(lower),
        }
    }

    fn is(&self, key: &str) -> bool {
        match self {
            Self::Whole(name) => name == key,
            Self::Prefix(prefix) => key.len() > prefix.len() && key.starts_with(prefix),
        }
    }
}

impl Vocabulary {
    pub(in crate::policy) fn read(data: &LintData) -> Self {
        Self {
            actions: lines(data.actions).filter_map(action).collect(),
            keys: lines(data.condition_keys).filter_map(key).collect(),
        }
    }

    /// The actions that a pattern means.
    pub(in crate::policy) fn actions(&self, pattern: &str) -> Vec<&Action> {
        let glob = Glob::new(&pattern.to_ascii_lowercase());
        self.actions.iter().filter(|action| glob.matches(&action.lower)).collect()
    }

    /// All actions.
    pub(in crate::policy) fn every(&self) -> impl Iterator<Item = &Action> {
        self.actions.iter()
    }

    /// A condition key by its name in lower case.
    pub(in crate::policy) fn key(&self, lower: &str) -> Option<&Key> {
        let exact = |key: &&Key| !key.is_family() && key.wanted.is(lower);
        self.keys.iter().find(exact).or_else(|| self.keys.iter().find(|key| key.wanted.is(lower)))
    }
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn action(line: &'static str) -> Option<Action> {
    let mut columns = line.split('\t');
    let name = columns.next()?;
    let resources = columns.next()?.split(' ').collect();
    let keys = columns.next().unwrap_or_default();
    let keys = (keys != "?").then(|| keys.split(' ').filter(|key| !key.is_empty()).map(Wanted::read).collect());
    Some(Action { name, lower: name.to_ascii_lowercase(), resources, keys })
}

fn key(line: &'static str) -> Option<Key> {
    let mut words = line.split(' ');
    let wanted = Wanted::read(words.next()?);
    let of = match words.next()? {
        "bool" => Type::Flag,
        "number" => Type::Number,
        "date" => Type::Date,
        "name" => Type::Name,
        "address" => Type::Address,
        _ => Type::Text,
    };
    Some(Key { wanted, of, many: words.next() == Some("many") })
}
