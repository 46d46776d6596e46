//! An operation: one thing a caller can ask for, and the proof that it was allowed.
//!
//! # Invariants
//! - [`Authorized`] is built in `Engine::execute` alone, after every demand was judged; an operation cannot run without it.

use std::future::Future;
use std::sync::Arc;

use crate::dialect::{Dialect, Pairs};
use crate::engine::{Caller, Connection, Located, Search, World};
use crate::error::{Error, Kind, Result};
use crate::holder::PolicyName;
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

/// What the audit trail tells about the arguments of an operation; empty where it has no such argument.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// The encryption context.
    pub encryption_context: Option<&'a Pairs>,
    /// The encryption context of the new ciphertext, where it may differ.
    pub destination_context: Option<&'a Pairs>,
    /// Whether the operation encrypts or decrypts, and so has an algorithm.
    pub encrypts: bool,
    /// Tags to be set.
    pub tags: Option<&'a Tags>,
    /// Names of tags to be set or removed.
    pub tag_keys: Option<&'a [String]>,
    /// What kind of key is to be made.
    pub key: Option<&'a crate::key::Blueprint>,
    /// Days until a deletion.
    pub pending_window_days: Option<u32>,
    /// Whether the lock-out check is to be skipped; only when the caller said so.
    pub bypass_lockout_check: Option<bool>,
    /// The managed policy to be attached or detached.
    pub policy: Option<&'a PolicyName>,
    /// The external identifier of an assumed role.
    pub external_id: Option<&'a str>,
    /// The session name of an assumed role.
    pub session_name: Option<&'a str>,
    /// The identity that is to start a chain of sessions.
    pub source_identity: Option<&'a str>,
}

/// One thing a caller can ask for. One implementation for all dialects.
pub trait Operation: Sized + Send + Sync + 'static {
    /// What comes back.
    type Output: Send + 'static;
    /// The neutral name.
    const NAME: &'static str;
    /// The parts resources play.
    const ROLES: &'static [Role];
    /// Whether the caller becomes what plays the subject, so that the subject's own policy has to trust it.
    const ASSUMES: bool = false;

    /// Finds what plays a role, and adds it to the search; what does not exist too, by its name.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the store fails. That there is none is no error here: the policies are asked first.
    fn locate(&self, role: Role, search: &mut Search<'_>) -> impl Future<Output = Result<()>> + Send;

    /// What the audit trail tells about the arguments.
    fn asked(&self) -> Asked<'_> {
        Asked::default()
    }

    /// Does it.
    ///
    /// # Errors
    /// A [`Kind`] that says what the caller can do; nothing is half done.
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
        Self { op, caller, connection, dialect, place, located, now }
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

    /// Commits changes, if the records that were judged are still what they were.
    ///
    /// # Errors
    /// [`Kind::Conflict`] when they are not, or when another expectation did not hold; nothing was written.
    pub async fn commit(&self, world: &World, changes: Vec<Change>) -> Result<u64> {
        // First of all: a change may be to one of these records itself.
        let judged = self.located.iter().filter_map(|located| located.unchanged.clone());
        world.commit(judged.chain(changes).collect()).await
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
