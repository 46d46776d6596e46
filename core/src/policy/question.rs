//! What an evaluation is asked: who wants to do what to which resource, in which context, under which layers.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::grant::Grants;
use super::key::KeyName;
use super::model::Policy;

/// The answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The request may proceed.
    Allow,
    /// A Deny statement matched.
    ExplicitDeny,
    /// No Deny matched, but something that has to allow did not.
    ImplicitDeny,
}

/// A group of policies that is combined as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// Policies attached to the caller.
    Identity,
    /// Policies attached to the caller for one resource group.
    IdentityGroup,
    /// The caller's permissions boundary.
    Boundary,
    /// Policies passed when the session was made.
    Session,
    /// The policy of the network endpoint the request came through.
    Endpoint,
    /// Organisation policies that bind the caller.
    Control,
    /// Organisation policies that bind the resource.
    ResourceControl,
    /// The policy attached to the resource.
    Resource,
    /// Grants on the key.
    Grants,
    /// A fixed rule of the service.
    Service,
}

impl Layer {
    pub(super) const COUNT: usize = 10;

    pub(super) const fn index(self) -> usize {
        self as usize
    }
}

/// What a caller is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrincipalKind {
    /// The owner of an account, as itself.
    Owner,
    /// A long-lived user.
    User,
    /// A session of a role.
    RoleSession,
    /// A session that a user made for somebody else.
    FederatedUser,
    /// A service of the vendor.
    Service,
    /// Nobody in particular.
    Anonymous,
}

/// The caller.
#[derive(Debug, Clone, Copy)]
pub struct Principal<'a> {
    /// What it is.
    pub kind: PrincipalKind,
    /// The account it belongs to; empty for services and anonymous callers.
    pub account: &'a str,
    /// Its full name; of a session, the name of the session.
    pub arn: &'a str,
    /// The role of a role session.
    pub role_arn: Option<&'a str>,
    /// The user behind a federated session.
    pub user_arn: Option<&'a str>,
    /// The service name, or the identity provider that vouches for the caller.
    pub service: Option<&'a str>,
    /// The identifier that is never given twice; of a session that of its role or user, with the name of the session behind
    /// a colon where it is told.
    pub unique_id: Option<&'a str>,
}

/// One authorisation check.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// Who asks.
    pub principal: Principal<'a>,
    /// The action, as `service:Name`.
    pub action: &'a str,
    /// The full resource name, or `*` for an operation without a resource.
    pub resource: &'a str,
    /// The account that owns the resource, where its name does not say so.
    pub resource_account: Option<&'a str>,
    /// The condition keys of the request.
    pub context: &'a dyn Context,
    /// Whether the rule for assuming a role applies.
    pub assume_role: bool,
    /// The grant that is to be retired.
    pub grant_id: Option<&'a str>,
}

/// The value of a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// A key that has one value.
    One(Cow<'a, str>),
    /// A key that has a set of values, possibly empty.
    Many(Cow<'a, [String]>),
}

impl<'a> Value<'a> {
    /// The value of a tag, or other pair, of this name; if there is none, of one that differs in ASCII case.
    #[must_use]
    pub fn of_pair(pairs: &'a BTreeMap<String, String>, name: &str) -> Option<Self> {
        let near = || pairs.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        pairs.get(name).or_else(near).map(Self::from)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::One(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::One(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::One(Cow::Owned(text))
    }
}

impl From<bool> for Value<'_> {
    fn from(flag: bool) -> Self {
        Self::One(Cow::Borrowed(if flag { "true" } else { "false" }))
    }
}

impl<'a> From<&'a [String]> for Value<'a> {
    fn from(texts: &'a [String]) -> Self {
        Self::Many(Cow::Borrowed(texts))
    }
}

impl From<Vec<String>> for Value<'_> {
    fn from(texts: Vec<String>) -> Self {
        Self::Many(Cow::Owned(texts))
    }
}

/// The condition keys of a request.
pub trait Context {
    /// The value of `key`, whose ASCII case does not count; `None` when the request does not carry it.
    ///
    /// A context with a table of keys finds them by their [`KeyFamily`](super::KeyFamily).
    fn named(&self, key: KeyName<'_>) -> Option<Value<'_>>;

    /// The same by the text of the name.
    fn value(&self, key: &str) -> Option<Value<'_>> {
        self.named(KeyName::new(key))
    }

    /// Shows every single-valued key that begins with `prefix`, without the prefix and in its own case.
    ///
    /// Grants with constraints use it when the request does not list the names of its pairs.
    fn visit(&self, prefix: &str, visitor: &mut dyn FnMut(&str, &str)) {
        let _ = (prefix, visitor);
    }
}

/// A context that owns its values.
#[derive(Debug, Clone, Default)]
pub struct Facts(Vec<(Box<str>, Value<'static>)>);

impl Facts {
    /// An empty context.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key; a key of exactly this spelling is replaced.
    pub fn insert(&mut self, name: impl Into<Box<str>>, value: Value<'static>) {
        let name = name.into();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, slot)) => *slot = value,
            None => self.0.push((name, value)),
        }
    }

    /// The same context with one more key.
    #[must_use]
    pub fn with(mut self, name: impl Into<Box<str>>, value: Value<'static>) -> Self {
        self.insert(name, value);
        self
    }
}

impl Context for Facts {
    fn named(&self, key: KeyName<'_>) -> Option<Value<'_>> {
        let mut near = None;
        for (name, value) in self.0.iter().filter(|(name, _)| key.is(name)) {
            if key.is_exactly(name) {
                return Some(borrowed(value));
            }
            near = near.or(Some(value));
        }
        near.map(borrowed)
    }

    fn visit(&self, prefix: &str, visitor: &mut dyn FnMut(&str, &str)) {
        for (name, value) in &self.0 {
            let Some((head, rest)) = name.split_at_checked(prefix.len()) else { continue };
            if let Value::One(text) = value
                && head.eq_ignore_ascii_case(prefix)
            {
                visitor(rest, text);
            }
        }
    }
}

fn borrowed<'f>(value: &'f Value<'static>) -> Value<'f> {
    match value {
        Value::One(text) => Value::One(Cow::Borrowed(text)),
        Value::Many(texts) => Value::Many(Cow::Borrowed(texts)),
    }
}

/// A policy with the name it is known by.
#[derive(Debug, Clone)]
pub struct Named {
    /// The name that explanations use.
    pub name: Arc<str>,
    /// The compiled document.
    pub policy: Arc<Policy>,
}

/// A policy that counts only for the resources of one group.
#[derive(Debug, Clone)]
pub struct Grouped {
    /// The resource group.
    pub group: Arc<str>,
    /// The policy.
    pub named: Named,
}

/// One level of an organisation; every level has to allow.
#[derive(Debug, Clone)]
pub struct Level {
    /// The name of the level.
    pub name: Arc<str>,
    /// Its policies; one Allow among them is enough for the level.
    pub policies: Vec<Named>,
}

/// A policy attached to a resource.
#[derive(Debug, Clone, Copy)]
pub struct Attached<'a> {
    /// The full name of the resource; the policy speaks only when the question is about it.
    pub attached_to: &'a str,
    /// The policy.
    pub named: &'a Named,
}

/// The policies a question is answered from.
///
/// `None` means that the layer does not exist, an empty slice that it exists and says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Layers<'a> {
    /// The caller's own policies.
    pub identity: Option<&'a [Named]>,
    /// The caller's policies per resource group.
    pub identity_group: Option<&'a [Grouped]>,
    /// The caller's permissions boundary.
    pub boundary: Option<&'a [Named]>,
    /// The session policies.
    pub session: Option<&'a [Named]>,
    /// The policy of the network endpoint.
    pub endpoint: Option<&'a [Named]>,
    /// Organisation policies of the caller's account, one entry for each level.
    pub control: Option<&'a [Level]>,
    /// Organisation policies of the resource's account, one entry for each level.
    pub resource_control: Option<&'a [Level]>,
    /// The policy of the resource, or the trust policy of the role.
    pub resource: Option<Attached<'a>>,
    /// The grants on the key.
    pub grants: Option<Grants<'a>>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_in_any_case_and_its_own_spelling_first() {
        let facts = Facts::new().with("t/A", Value::from("1")).with("t/a", Value::from("2"));
        assert_eq!(facts.value("t/a"), Some(Value::from("2")));
        assert_eq!(facts.value("T/A"), Some(Value::from("1")));
        assert_eq!(facts.value("t/b"), None);
    }

    #[test]
    fn visiting_shows_the_names_as_written() {
        let facts = Facts::new().with("x:C:Dept", Value::from("it")).with("x:D", Value::from("no"));
        let mut seen = Vec::new();
        facts.visit("X:c:", &mut |name, value| seen.push(format!("{name}={value}")));
        assert_eq!(seen, ["Dept=it"]);
    }
}
