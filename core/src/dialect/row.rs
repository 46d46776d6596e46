//! The catalog row: an operation of a dialect is declared once, with everything it demands.
//!
//! # Invariants
//! - A row that runs covers every [`Role`] of its operation with a [`Demand`], and demands nothing else.
//! - Unguarded and absent are spelled out, with their reason; [`Row`] has no other constructor.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;

use super::wire::{Payload, Wire};
use crate::engine::{Call, Engine, Executed, Situation};
use crate::error::Kind;
use crate::operation::{Operation, Role};
use crate::policy::{KeyFamily, KeyName, Value, variable_part};

/// A boxed future, as stored functions need it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A condition key and where its value comes from.
#[derive(Clone, Copy)]
pub struct ContextKey {
    /// The key as the vendor documents it; `<key>` stands for the variable part.
    pub name: &'static str,
    family: KeyFamily,
    source: Source,
}

#[derive(Clone, Copy)]
enum Source {
    One(for<'a> fn(&Situation<'a>) -> Option<Value<'a>>),
    Many(for<'a> fn(&Situation<'a>, &str) -> Option<Value<'a>>),
}

impl std::fmt::Debug for ContextKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl ContextKey {
    /// A key with the function that says its value, if the situation has one.
    pub const fn of(name: &'static str, value: for<'a> fn(&Situation<'a>) -> Option<Value<'a>>) -> Self {
        assert!(variable_part(name) == name.len(), "a key with a variable part is a family");
        Self { name, family: KeyFamily::of(name), source: Source::One(value) }
    }

    /// All keys that begin alike, as `aws:ResourceTag/<key>`; the function is told the variable part.
    pub const fn family(name: &'static str, value: for<'a> fn(&Situation<'a>, &str) -> Option<Value<'a>>) -> Self {
        let (prefix, variable) = name.split_at(variable_part(name));
        assert!(matches!(variable.as_bytes(), b"<key>"), "the variable part of a family is written `<key>`");
        Self { name, family: KeyFamily::of(prefix), source: Source::Many(value) }
    }

    /// The value of `key`, if it is this one and the situation has a value.
    pub(crate) fn value<'a>(&self, key: KeyName<'_>, situation: &Situation<'a>) -> Option<Value<'a>> {
        let prefix = || self.name.split_at_checked(key.prefix().len()).map(|(prefix, _)| prefix);
        if self.family != key.family() || !prefix().is_some_and(|prefix| prefix.eq_ignore_ascii_case(key.prefix())) {
            return None;
        }
        match self.source {
            Source::One(value) => value(situation),
            Source::Many(value) => value(situation, key.variable()),
        }
    }
}

/// The permission that one part of an operation needs.
#[derive(Debug, Clone, Copy)]
pub struct Demand {
    /// The part.
    pub role: Role,
    /// The action as policies name it; empty when the vendor checks nothing here.
    pub action: &'static str,
    /// When the demand applies; always, if absent.
    pub when: Option<fn(&dyn Any) -> bool>,
    /// Why nothing is checked, for a waived role.
    pub waived: Option<&'static str>,
}

impl Demand {
    /// A permission that is always needed.
    pub const fn of(role: Role, action: &'static str) -> Self {
        Self { role, action, when: None, waived: None }
    }

    /// A permission that is needed when `when` says so of the operation.
    pub const fn when(role: Role, action: &'static str, when: fn(&dyn Any) -> bool) -> Self {
        Self { role, action, when: Some(when), waived: None }
    }

    /// A part that the vendor checks nothing for, with the reason.
    pub const fn waived(role: Role, why: &'static str) -> Self {
        Self { role, action: "", when: None, waived: Some(why) }
    }
}

/// How far an operation is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It runs, and needs permission.
    Built,
    /// It runs for everybody who is authenticated.
    Open,
    /// It is not built.
    Absent,
}

/// One line of a dialect's catalog: the single source for routing, authorisation, documentation and tests.
pub struct Row {
    wire: &'static str,
    operation: &'static str,
    roles: &'static [Role],
    demands: &'static [Demand],
    context: &'static [ContextKey],
    note: Option<&'static str>,
    serve: Option<Serve>,
}

type Serve = for<'a> fn(&'a Engine, Call<'a>, &'a Payload) -> BoxFuture<'a, Executed<Payload>>;

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Row({}, {:?})", self.wire, self.status())
    }
}

impl Row {
    /// The only way to make a row that needs permission; a role without a demand, or a demand without a role, does not
    /// compile.
    pub const fn of<W: Wire>(wire: &'static str, demands: &'static [Demand], context: &'static [ContextKey]) -> Self {
        let roles = <W::Op as Operation>::ROLES;
        assert!(!roles.is_empty(), "every operation touches something, if only the account");
        assert!(covers(demands, roles), "a resource this operation touches has no action to authorise it");
        assert!(needed(demands, roles), "a demand names a role that this operation does not have");
        assert!(spelled(demands), "a demand needs an action, or a reason why it is waived");
        Self {
            wire,
            operation: <W::Op as Operation>::NAME,
            roles,
            demands,
            context,
            note: None,
            serve: Some(serve::<W>),
        }
    }

    /// An operation the vendor leaves unguarded; refused for anything that touches a resource.
    pub const fn open<W: Wire>(wire: &'static str, why: &'static str) -> Self {
        let roles = <W::Op as Operation>::ROLES;
        assert!(only_the_account(roles), "an operation on a resource cannot be open");
        Self {
            wire,
            operation: <W::Op as Operation>::NAME,
            roles,
            demands: &[],
            context: &[],
            note: Some(why),
            serve: Some(serve::<W>),
        }
    }

    /// Known to the vendor, not built here, and said so.
    pub const fn absent(wire: &'static str, why: &'static str) -> Self {
        Self { wire, operation: "", roles: &[], demands: &[], context: &[], note: Some(why), serve: None }
    }

    /// The operation's name on the wire.
    pub const fn wire(&self) -> &'static str {
        self.wire
    }

    /// The neutral operation's name; empty for an absent row.
    pub const fn operation(&self) -> &'static str {
        self.operation
    }

    /// The parts that resources play in the operation.
    pub const fn roles(&self) -> &'static [Role] {
        self.roles
    }

    /// The permissions needed.
    pub const fn demands(&self) -> &'static [Demand] {
        self.demands
    }

    /// The condition keys filled for this operation, beside those that every request carries.
    pub const fn context(&self) -> &'static [ContextKey] {
        self.context
    }

    /// Why the row is open or absent.
    pub const fn note(&self) -> Option<&'static str> {
        self.note
    }

    /// How far the operation is built.
    pub const fn status(&self) -> Status {
        match (self.serve, self.note) {
            (None, _) => Status::Absent,
            (Some(_), Some(_)) => Status::Open,
            (Some(_), None) => Status::Built,
        }
    }

    /// Decodes the arguments, executes the operation and encodes its output.
    ///
    /// The outcome is whatever decoding or executing says; [`Kind::Unsupported`] for an absent row.
    pub async fn serve(&'static self, engine: &Engine, call: Call<'_>, arguments: &Payload) -> Executed<Payload> {
        match self.serve {
            Some(serve) => serve(engine, call, arguments).await,
            None => Executed::refused(Kind::Unsupported.because(self.note.unwrap_or_default()).naming(self.wire)),
        }
    }
}

fn serve<'a, W: Wire>(engine: &'a Engine, call: Call<'a>, arguments: &'a Payload) -> BoxFuture<'a, Executed<Payload>> {
    Box::pin(async move {
        match W::decode(arguments) {
            Ok(op) => engine.execute(call, op).await.and_then(|output| W::echo(arguments, W::encode(output)?)),
            Err(error) => Executed::refused(error),
        }
    })
}

#[allow(clippy::indexing_slicing, reason = "const evaluation: an index out of range does not compile")]
const fn only_the_account(roles: &[Role]) -> bool {
    let mut at = 0;
    while at < roles.len() {
        if roles[at] as u8 != Role::Account as u8 {
            return false;
        }
        at += 1;
    }
    true
}

#[allow(clippy::indexing_slicing, reason = "const evaluation: an index out of range does not compile")]
const fn covers(demands: &[Demand], roles: &[Role]) -> bool {
    let mut role = 0;
    while role < roles.len() {
        let (mut at, mut covered) = (0, false);
        while at < demands.len() {
            covered = covered || (demands[at].role as u8 == roles[role] as u8 && demands[at].when.is_none());
            at += 1;
        }
        if !covered {
            return false;
        }
        role += 1;
    }
    true
}

#[allow(clippy::indexing_slicing, reason = "const evaluation: an index out of range does not compile")]
const fn needed(demands: &[Demand], roles: &[Role]) -> bool {
    let mut at = 0;
    while at < demands.len() {
        let (mut role, mut known) = (0, false);
        while role < roles.len() {
            known = known || demands[at].role as u8 == roles[role] as u8;
            role += 1;
        }
        if !known {
            return false;
        }
        at += 1;
    }
    true
}

#[allow(clippy::indexing_slicing, reason = "const evaluation: an index out of range does not compile")]
const fn spelled(demands: &[Demand]) -> bool {
    let mut at = 0;
    while at < demands.len() {
        if demands[at].action.is_empty() != demands[at].waived.is_some() {
            return false;
        }
        at += 1;
    }
    true
}
