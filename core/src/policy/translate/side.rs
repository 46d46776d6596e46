//! One side of a translation: a dialect's language, what is known of its vendor, and its words under neutral names.

use std::collections::{BTreeMap, BTreeSet};

use super::super::lint::LintData;
use super::super::lint::vocabulary::Vocabulary;
use super::super::pattern::Glob;
use super::super::spec::{DocumentKind, Shape, Spec};
use super::twins::{KeyTwin, Person, Twins};

/// A permission that an operation asks for: the operation's neutral name, the part that the resource plays, and the action.
#[derive(Debug, Clone, Copy)]
pub struct Permission {
    /// The operation's neutral name.
    pub operation: &'static str,
    /// The part the resource plays.
    pub role: &'static str,
    /// The action; `None` where the vendor asks for no permission.
    pub action: Option<&'static str>,
}

/// One side of a translation.
pub struct Side {
    pub(super) spec: &'static Spec,
    pub(super) data: &'static LintData,
    pub(super) twins: &'static Twins,
    pub(super) words: Vocabulary,
    /// What each action means, under neutral names.
    actions: BTreeMap<&'static str, BTreeSet<String>>,
    /// What needs no permission.
    free: BTreeSet<String>,
}

/// Kinds of resources that tell operations of the same name apart.
const KINDS: &[&str] = &["user/", "group/", "role/"];

impl Side {
    /// A side, from what its dialect says and the permissions that the rows of its catalog ask for.
    #[must_use]
    pub fn new(
        spec: &'static Spec,
        data: &'static LintData,
        twins: &'static Twins,
        permissions: impl IntoIterator<Item = Permission>,
    ) -> Self {
        let words = Vocabulary::read(data);
        let (mut bearing, mut free) = (BTreeMap::<String, BTreeSet<&'static str>>::new(), BTreeSet::new());
        for Permission { operation, role, action } in permissions {
            let concept = format!("{operation}/{role}");
            match action {
                Some(action) => drop(bearing.entry(concept).or_default().insert(action)),
                None => drop(free.insert(concept)),
            }
        }
        for (concept, action) in twins.unbuilt {
            bearing.entry((*concept).to_owned()).or_default().insert(action);
        }
        let mut actions = BTreeMap::<&'static str, BTreeSet<String>>::new();
        for (concept, several) in bearing {
            for action in &several {
                let told = if several.len() == 1 { Some(concept.clone()) } else { apart(&words, &concept, action) };
                if let Some(concept) = told {
                    actions.entry(action).or_default().insert(concept);
                }
            }
        }
        Self { spec, data, twins, words, actions, free }
    }

    /// The dialect's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.spec.name
    }

    pub(super) fn shape(&self, kind: DocumentKind) -> Option<&'static Shape> {
        self.spec.shape(kind)
    }

    /// Every action that means something neutral.
    pub(super) fn actions(&self) -> impl Iterator<Item = (&'static str, &BTreeSet<String>)> {
        self.actions.iter().map(|(action, concepts)| (*action, concepts))
    }

    pub(super) fn concepts(&self, action: &str) -> Option<&BTreeSet<String>> {
        self.actions.get(action)
    }

    pub(super) fn needs_nothing(&self, concept: &str) -> bool {
        self.free.contains(concept)
    }

    /// Every action that the vendor has, as far as it is known.
    pub(super) fn every(&self) -> impl Iterator<Item = &'static str> + '_ {
        let listed: BTreeSet<_> =
            self.words.every().map(|action| action.name).chain(self.actions.keys().copied()).collect();
        listed.into_iter()
    }

    /// How the last segments of an action's resources begin.
    pub(super) fn resources(&self, action: &str) -> &[&'static str] {
        self.words.every().find(|known| known.name == action).map_or(&[], |known| &known.resources)
    }

    /// Whether requests for an action may carry a condition key. Keys that no action is listed with are everybody's.
    pub(super) fn carries(&self, action: &str, key: &str) -> bool {
        let lower = key.to_ascii_lowercase();
        let listed = |known: &super::super::lint::vocabulary::Action| known.lists(&lower);
        if !self.words.every().any(listed) {
            return true;
        }
        let service = |text: &str| text.split_once(':').map(|(service, _)| service.to_ascii_lowercase());
        match self.words.every().find(|known| known.name == action) {
            Some(known) => known.lists(&lower) || known.may_bring(&lower) && service(&lower) == service(action),
            None => false,
        }
    }

    /// The twin entry of a condition key, and how its name goes on behind the prefix of its family.
    pub(super) fn key<'t>(&self, key: &'t str) -> Option<(&'static KeyTwin, &'t str)> {
        self.twins.keys.iter().find_map(|twin| match twin.key.strip_suffix('*') {
            Some(prefix) => {
                let (head, rest) = key.split_at_checked(prefix.len())?;
                (head.eq_ignore_ascii_case(prefix) && !rest.is_empty()).then_some((twin, rest))
            }
            None => twin.key.eq_ignore_ascii_case(key).then_some((twin, "")),
        })
    }

    /// The condition key of a neutral name.
    pub(super) fn key_named(&self, concept: &str) -> Option<&'static KeyTwin> {
        self.twins.keys.iter().find(|twin| twin.concept == concept)
    }

    /// What all actions of a statement must begin with, where a condition key asks for it.
    pub(super) fn service_of(&self, key: &str) -> Option<&'static str> {
        let lower = key.to_ascii_lowercase();
        self.data.service_keys.iter().find(|(known, _)| *known == lower).map(|(_, service)| *service)
    }

    pub(super) fn person(&self, concept: &str) -> Option<&'static Person> {
        self.twins.people.iter().find(|person| person.concept == concept)
    }
}

/// The neutral name of one of several actions that an operation has: by what they are about, else by their own name.
fn apart(words: &Vocabulary, concept: &str, action: &str) -> Option<String> {
    let known = words.every().find(|known| known.name == action)?;
    if let Some(kind) = KINDS.iter().find(|kind| known.resources.contains(kind)) {
        return Some(format!("{concept}/{kind}"));
    }
    let (_, part) = concept.split_once('/')?;
    let (_, name) = action.split_once(':')?;
    Some(format!("{name}/{part}"))
}

/// Whether a pattern of actions means an action.
pub(super) fn means(pattern: &str, action: &str) -> bool {
    Glob::new(&pattern.to_ascii_lowercase()).matches(action.to_ascii_lowercase())
}
