//! The catalog row: an operation of a dialect is declared once, with everything it demands.
//!
//! # Invariants
//! - A row that runs covers every [`Role`] of its operation with a [`Demand`], and demands nothing else.
//! - Unguarded and absent are spelled out, with their reason; [`Row`] has no other constructor.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

use super::Service;
use super::context::ContextKey;
use super::demand::{Demand, Guard, Plain};
use super::message::{Member, Message, Nothing, Structure, complete};
use super::protocol::Telling;
use super::wire::{Arguments, Wire};
use crate::engine::{Call, Engine, Situation};
use crate::error::{Kind, Result};
use crate::operation::{Effect, Operation, Role};
use crate::policy::{KeyName, Value};

mod client;
#[cfg(feature = "mirror")]
mod mirror;

pub use client::Anything;

/// A boxed future, as stored functions need it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

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
    effect: Effect,
    roles: &'static [Role],
    assumes: bool,
    note: Option<&'static str>,
    served: Option<&'static dyn Served>,
}

/// A row that needs permission, as a dialect writes it down for [`Row::of`].
pub struct Guarded<W: Wire>(
    /// The operation's name on the wire.
    pub &'static str,
    /// The permissions needed.
    pub &'static [Demand<W::Op>],
    /// The condition keys filled for this operation, beside those that every request carries.
    pub &'static [ContextKey<W::Op>],
);

impl<W: Wire> Guarded<W> {
    /// Of which nothing is asked.
    const OPEN: &'static Self = &Self("", &[], &[]);

    const fn guard(&self) -> Guard<W::Op> {
        Guard { demands: self.1, context: self.2 }
    }
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Row({}, {:?})", self.wire, self.status())
    }
}

impl Row {
    /// The only way to make a row that needs permission; a role without a demand, a demand without a role, or a
    /// condition key of another operation does not compile.
    pub const fn of<W: Wire>(row: &'static Guarded<W>) -> Self {
        let (guard, roles) = (row.guard(), <W::Op as Operation>::ROLES);
        assert!(!roles.is_empty(), "every operation touches something, if only the account");
        assert!(guard.covers(roles), "a resource this operation touches has no action to authorise it");
        assert!(guard.is_within(roles), "a demand names a role that this operation does not have");
        assert!(guard.is_spelled(), "a demand needs an action, or a reason why it is waived");
        let (operation, effect) = (<W::Op as Operation>::NAME, <W::Op as Operation>::EFFECT);
        let assumes = <W::Op as Operation>::ASSUMES;
        Self { wire: row.0, operation, effect, roles, assumes, note: None, served: Some(row) }
    }

    /// An operation the vendor leaves unguarded; refused for anything that touches a resource.
    pub const fn open<W: Wire>(wire: &'static str, why: &'static str) -> Self {
        let roles = <W::Op as Operation>::ROLES;
        assert!(only_the_account(roles), "an operation on a resource cannot be open");
        let served = Some(Guarded::<W>::OPEN as &dyn Served);
        let (operation, effect) = (<W::Op as Operation>::NAME, <W::Op as Operation>::EFFECT);
        Self { wire, operation, effect, roles, assumes: false, note: Some(why), served }
    }

    /// Known to the vendor, not built here, and said so.
    pub const fn absent(wire: &'static str, why: &'static str) -> Self {
        let (effect, roles) = (Effect::Reads, &[]);
        Self { wire, operation: "", effect, roles, assumes: false, note: Some(why), served: None }
    }

    /// The operation's name on the wire.
    pub const fn wire(&self) -> &'static str {
        self.wire
    }

    /// The neutral operation's name; empty for an absent row.
    pub const fn operation(&self) -> &'static str {
        self.operation
    }

    /// What the operation leaves behind; nothing, for an absent row.
    pub const fn effect(&self) -> Effect {
        self.effect
    }

    /// The parts that resources play in the operation.
    pub const fn roles(&self) -> &'static [Role] {
        self.roles
    }

    /// Whether a role is assumed, so that its trust policy is asked.
    pub(crate) const fn assumes(&self) -> bool {
        self.assumes
    }

    /// Whether a condition key tells what the arguments say.
    pub(crate) fn asks_for(&self, key: KeyName<'_>) -> bool {
        self.served.is_some_and(|served| served.asks_for(key))
    }

    /// The permissions needed.
    pub fn demands(&self) -> impl Iterator<Item = Plain> + use<> {
        let served = self.served;
        (0..).map_while(move |at| served?.demand(at))
    }

    /// The names of the condition keys filled for this operation, beside those that every request carries.
    pub fn context(&self) -> impl Iterator<Item = &'static str> + use<> {
        let served = self.served;
        (0..).map_while(move |at| served?.key(at))
    }

    /// The value that a condition key will have in a situation, as far as the arguments have no part in it.
    pub(crate) fn foreseen<'a>(&self, key: KeyName<'_>, situation: &Situation<'a>) -> Option<Value<'a>> {
        self.served?.foreseen(key, situation)
    }

    /// The members of a request, with those that are not built.
    pub fn asks(&self) -> &'static [Member] {
        self.served.map_or(&[], Served::asks)
    }

    /// The members of an answer, with those that are not built.
    pub fn tells(&self) -> &'static [Member] {
        self.served.map_or(&[], Served::tells)
    }

    /// Why the row is open or absent.
    pub const fn note(&self) -> Option<&'static str> {
        self.note
    }

    /// How far the operation is built.
    pub const fn status(&self) -> Status {
        match (self.served, self.note) {
            (None, _) => Status::Absent,
            (Some(_), Some(_)) => Status::Open,
            (Some(_), None) => Status::Built,
        }
    }

    /// Decodes the arguments, executes the operation and encodes its output.
    ///
    /// # Errors
    /// Whatever decoding or executing says; [`Kind::Absent`] for an absent row.
    pub async fn serve(&'static self, engine: &Engine, call: Call<'_>, arguments: &Arguments<'_>) -> Result<Bytes> {
        match self.served {
            Some(served) => served.serve(engine, call, arguments).await,
            None => {
                let error = Kind::Absent.because(self.note.unwrap_or_default()).naming(self.wire);
                let nothing = engine.parameters(call.dialect, &Nothing::default());
                engine.refused(&call, self.effect, nothing, error).await
            }
        }
    }
}

/// A row that runs, whatever its operation.
trait Served: Sync {
    fn demand(&self, at: usize) -> Option<Plain>;

    fn key(&self, at: usize) -> Option<&'static str>;

    fn foreseen<'a>(&self, key: KeyName<'_>, situation: &Situation<'a>) -> Option<Value<'a>>;

    fn asks_for(&self, key: KeyName<'_>) -> bool;

    fn asks(&self) -> &'static [Member];

    fn tells(&self) -> &'static [Member];

    fn asking(&self) -> &dyn client::Asking;

    #[cfg(feature = "mirror")]
    fn mirror(&self) -> &dyn mirror::Mirror;

    fn serve<'a>(
        &'a self,
        engine: &'a Engine,
        call: Call<'a>,
        arguments: &'a Arguments<'a>,
    ) -> BoxFuture<'a, Result<Bytes>>;
}

impl<W: Wire> Served for Guarded<W> {
    fn demand(&self, at: usize) -> Option<Plain> {
        self.1.get(at).map(Demand::plain)
    }

    fn key(&self, at: usize) -> Option<&'static str> {
        self.2.get(at).map(|key| key.name)
    }

    fn foreseen<'a>(&self, key: KeyName<'_>, situation: &Situation<'a>) -> Option<Value<'a>> {
        self.2.iter().find_map(|known| known.value(key, None, situation))
    }

    fn asks_for(&self, key: KeyName<'_>) -> bool {
        self.2.iter().any(|known| known.is_asked(key))
    }

    fn asks(&self) -> &'static [Member] {
        <W::Ask<'static> as Message<'static>>::MEMBERS
    }

    fn tells(&self) -> &'static [Member] {
        <W::Told<'static> as Message<'static>>::MEMBERS
    }

    fn asking(&self) -> &dyn client::Asking {
        self
    }

    #[cfg(feature = "mirror")]
    fn mirror(&self) -> &dyn mirror::Mirror {
        self
    }

    fn serve<'a>(
        &'a self,
        engine: &'a Engine,
        call: Call<'a>,
        arguments: &'a Arguments<'a>,
    ) -> BoxFuture<'a, Result<Bytes>> {
        Box::pin(async move {
            let Call { service, row, voice, request_id, .. } = call;
            let telling = Telling { service, row, voice, request_id };
            let see = |asked: &dyn Structure| engine.parameters(call.dialect, asked);
            let (op, parameters) = service.op_and::<W, _>(arguments, see);
            let output = match op {
                Ok(op) => engine.execute(call, op, &self.guard(), parameters, elements::<W>).await?,
                Err(error) => engine.refused(&call, row.effect(), parameters, error).await?,
            };
            service.protocol.tell(&telling, &W::told(&output)?)
        })
    }
}

impl Service {
    /// The operation that the arguments of a request ask for.
    ///
    /// # Errors
    /// What the protocol or the operation refuses them for.
    pub fn op<W: Wire>(&self, arguments: &Arguments<'_>) -> Result<W::Op> {
        self.op_and::<W, _>(arguments, |_| ()).0
    }

    /// The operation that the arguments of a request ask for, and what somebody makes of the request.
    fn op_and<W: Wire, T>(
        &self,
        arguments: &Arguments<'_>,
        see: impl FnOnce(&dyn Structure) -> T,
    ) -> (Result<W::Op>, T) {
        let mut ask = W::Ask::default();
        let read = self.protocol.read(arguments, &mut ask);
        complete(&mut ask);
        let seen = see(&ask);
        (read.and_then(|()| W::op(ask)), seen)
    }
}

fn elements<W: Wire>(output: &<W::Op as Operation>::Output, see: &mut dyn FnMut(&dyn Structure)) -> Result<()> {
    see(&W::told(output)?);
    Ok(())
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
