//! An operation: one thing a caller can ask for, and the proof that it was allowed.
//!
//! # Invariants
//! - [`Authorized`] is built in `Engine::execute` alone, after every demand was judged; an operation cannot run without it.
//! - An operation commits nothing itself: what it changes is committed with its event, or not at all.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use crate::dialect::Dialect;
use crate::engine::{Caller, Connection, Located, Search, World};
use crate::error::{Error, Kind, Result};
use crate::name::Place;
use crate::port::{Change, Expect, Time};
use crate::tag::Tags;

/// The part a resource plays in an operation; every part must be authorised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Role {
    /// Nothing but the account.
    Account,
    /// The one thing operated on.
    Subject,
    /// The key that decrypts.
    Source,
    /// The key that encrypts anew, or that an alias will point at.
    Destination,
    /// An alias.
    Alias,
    /// The key that an alias pointed at so far.
    Previous,
    /// A managed policy.
    Policy,
    /// A group of users.
    Group,
    /// The one thing operated on, under the name and path it will have.
    Renamed,
}

/// What an operation leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: it tells, or computes.
    Reads,
    /// Nothing that is stored, but credentials that somebody has from now on.
    Issues,
    /// Records that are not what they were.
    Changes,
    /// The same, and somebody may do less than before, or it is less than before: it goes before ordinary changes of the
    /// same thing that wait already. Whether a policy that is written restricts cannot be seen from it, so each does.
    Restricts,
}

impl Effect {
    /// Whether records are changed.
    pub const fn is_change(self) -> bool {
        matches!(self, Self::Changes | Self::Restricts)
    }
}

/// What becomes of an operation that is made twice, because nobody knows whether it was made once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// The same as of one that is made once, as far as anybody is concerned.
    Harmless,
    /// Something else: another thing is made, or it fails for what it did itself.
    Once,
}

impl Effect {
    /// What becomes of operations that leave this behind, where they do not say.
    const fn repeated(self) -> Repeat {
        match self {
            Self::Reads | Self::Issues => Repeat::Harmless,
            Self::Changes | Self::Restricts => Repeat::Once,
        }
    }
}

/// One thing a caller can ask for. One implementation for all dialects.
pub trait Operation: Sized + Send + Sync + 'static {
    /// What comes back.
    type Output: Send + Sync + 'static;
    /// The neutral name.
    const NAME: &'static str;
    /// The parts resources play.
    const ROLES: &'static [Role];
    /// What it leaves behind; one that changes anything cannot without saying so.
    const EFFECT: Effect = Effect::Reads;
    /// What becomes of it when it is made twice; a client sends it again accordingly.
    const REPEAT: Repeat = Self::EFFECT.repeated();
    /// Whether the caller becomes what plays the subject, so that the subject's own policy has to trust it.
    const ASSUMES: bool = false;

    /// Finds what plays a role, and adds it to the search; what does not exist too, by its name.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the store fails. That there is none is no error here: the policies are asked first.
    fn locate(&self, role: Role, search: &mut Search<'_>) -> impl Future<Output = Result<()>> + Send;

    /// The tags that it sets, which policies may ask about.
    fn tags(&self) -> Option<&Tags> {
        None
    }

    /// Whether it restricts, where that depends on its arguments and on what they name.
    fn restricts(allowed: &Authorized<Self>, world: &World) -> bool {
        let _ = (allowed, world);
        Self::EFFECT == Effect::Restricts
    }

    /// Does it; what it changes is handed to [`Authorized::change`] and [`Authorized::make`].
    ///
    /// # Errors
    /// A [`Kind`] that says what the caller can do; then nothing is changed.
    fn run(allowed: &Authorized<Self>, world: &World) -> impl Future<Output = Result<Self::Output>> + Send;
}

/// Proof that the evaluator allowed exactly this operation on exactly these resources.
pub struct Authorized<O> {
    op: O,
    caller: Arc<Caller>,
    connection: Connection,
    dialect: &'static Dialect,
    place: Place,
    located: Vec<Located>,
    now: Time,
    staged: Mutex<Staged>,
}

/// What an operation is about to change.
#[derive(Debug, Default)]
pub(crate) struct Staged {
    /// The changes.
    pub(crate) changes: Vec<Change>,
    /// The full names of the resources that come to be.
    pub(crate) made: Vec<Arc<str>>,
}

impl<O> Authorized<O> {
    pub(crate) fn new(
        op: O,
        caller: Arc<Caller>,
        connection: Connection,
        dialect: &'static Dialect,
        place: Place,
        located: Vec<Located>,
        now: Time,
    ) -> Self {
        Self { op, caller, connection, dialect, place, located, now, staged: Mutex::default() }
    }

    /// The arguments.
    pub fn op(&self) -> &O {
        &self.op
    }

    pub(crate) fn into_parts(self) -> (O, Vec<Located>) {
        (self.op, self.located)
    }

    /// Who asked.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// How the request came.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The dialect spoken, for its rules.
    pub fn dialect(&self) -> &'static Dialect {
        self.dialect
    }

    /// Everything that was found.
    pub fn all(&self) -> &[Located] {
        &self.located
    }

    /// Where: the caller's dialect and account, the request's region.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// When.
    pub fn now(&self) -> Time {
        self.now
    }

    /// What was found for a role.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the operation has no such role.
    pub fn located(&self, role: Role) -> Result<&Located> {
        self.located
            .iter()
            .find(|located| located.role == role)
            .ok_or_else(|| Kind::Internal.because("the operation has no such role"))
    }

    /// Adds changes, which are committed once the operation has come to its end, if the records that were judged are
    /// still what they were; otherwise the operation is judged and run anew.
    ///
    /// # Errors
    /// [`Kind::Internal`] when one of them makes a resource: that has a name, and is [made](Authorized::make).
    pub fn change(&self, changes: Vec<Change>) -> Result<()> {
        if changes.iter().any(Change::makes_a_resource) {
            return Err(Kind::Internal.because("a resource is made without its name"));
        }
        self.stage(changes, None);
        Ok(())
    }

    /// As [`change`](Authorized::change), for changes by which a resource comes to be: with its full name.
    pub fn make(&self, name: &str, changes: Vec<Change>) {
        self.stage(changes, Some(name.into()));
    }

    fn stage(&self, changes: Vec<Change>, made: Option<Arc<str>>) {
        let mut staged = self.staged.lock().unwrap_or_else(PoisonError::into_inner);
        staged.changes.extend(changes);
        staged.made.extend(made);
    }

    /// That the records which were judged are still what they were.
    pub(crate) fn judged(&self) -> Vec<Change> {
        self.located.iter().filter_map(|located| located.unchanged.clone()).collect()
    }

    /// Everything that is to be changed, taken out; if that is anything, behind what has to hold for it.
    pub(crate) fn staged(&self) -> Staged {
        let staged = std::mem::take(&mut *self.staged.lock().unwrap_or_else(PoisonError::into_inner));
        match staged.changes.is_empty() {
            true => staged,
            // First of all: a change may be to one of the records that were judged.
            false => Staged { changes: self.judged().into_iter().chain(staged.changes).collect(), ..staged },
        }
    }

    /// Refuses a revision of the record playing a role that is not the one judged.
    ///
    /// # Errors
    /// [`Kind::Conflict`]: the operation is to be judged anew.
    pub fn still(&self, role: Role, rev: u64) -> Result<()> {
        match self.located(role)?.unchanged {
            Some(Change::Check { expect: Expect::Rev(judged), .. }) if judged == rev => Ok(()),
            _ => Err(Kind::Conflict.because("the record was changed since it was judged")),
        }
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        kind.because("")
    }
}
