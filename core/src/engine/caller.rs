//! Who asks, from where, and what the engine tells a dialect about it.

use std::sync::Arc;

use super::circumstances::Simulated;
use super::locate::Located;
use super::session::Session;
use crate::denial::Ruling;
use crate::dialect::message::Structure;
use crate::dialect::{Dialect, OwnedPrincipal, Peer, Row, Service, Voice};
use crate::error::Error;
use crate::holder::PolicySource;
use crate::operation::Effect;
use crate::policy::{self, Named, Verdict};
use crate::port::Time;
use crate::tag::Tags;

/// Somebody whose credentials were accepted.
#[derive(Debug)]
pub struct Caller {
    /// The dialect the credentials belong to.
    pub dialect: &'static str,
    /// The partition of the region that it asks, which its name tells; empty where the cloud has none.
    pub partition: &'static str,
    /// The account.
    pub account: Arc<str>,
    /// Who it is inside the account.
    pub principal: Principal,
    /// The access key used.
    pub access_key_id: String,
    /// The session, for temporary credentials.
    pub session: Option<Arc<Session>>,
    /// The identity policies: own, attached and of groups.
    pub identity: Arc<[Named]>,
    /// Where each of them comes from, in the same order.
    pub sources: Arc<[PolicySource]>,
    /// The policies given when the session was started; absent when there were none.
    pub session_policies: Option<Arc<[Named]>>,
    /// The tags of the user or role.
    pub tags: Tags,
}

impl Caller {
    /// Who it is in a question to the policies, under the name that they know it by.
    pub(crate) fn in_question<'a>(&'a self, named: &'a OwnedPrincipal) -> policy::Principal<'a> {
        policy::Principal {
            kind: named.kind,
            account: &self.account,
            arn: &named.arn,
            role_arn: named.role_arn.as_deref(),
            user_arn: None,
            service: None,
            unique_id: self.principal.unique_id(),
        }
    }

    /// The access key that an owner has from the settings or has made: the one used, or the one that its session was
    /// started with.
    pub(crate) fn owners_key(&self) -> Option<String> {
        match (&self.principal, &self.session) {
            (Principal::Owner, Some(session)) => session.terms.by.clone(),
            (Principal::Owner, None) => Some(self.access_key_id.clone()),
            _ => None,
        }
    }
}

/// Who somebody is inside an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// The owner of the account.
    Owner,
    /// A user.
    User {
        /// The unique identifier.
        id: String,
        /// The name.
        name: String,
        /// The path, with both slashes.
        path: String,
    },
    /// A role, for the time of a session.
    RoleSession {
        /// The role's unique identifier.
        id: String,
        /// The role's name.
        name: String,
        /// The role's path, with both slashes.
        path: String,
        /// The session's name.
        session: String,
    },
}

impl Principal {
    /// The unique identifier of the user or role.
    pub fn unique_id(&self) -> Option<&str> {
        match self {
            Self::Owner => None,
            Self::User { id, .. } | Self::RoleSession { id, .. } => Some(id),
        }
    }
}

/// How a request reached the server.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The address it came from.
    pub peer: Peer,
    /// Whether it was encrypted.
    pub tls: bool,
    /// What the client calls itself; empty when it does not say.
    pub user_agent: Arc<str>,
    /// The page that the request says it came from.
    pub referer: Option<Arc<str>>,
    /// The circumstances that it is taken to come from; none but in an emulator.
    pub simulated: Option<Arc<Simulated>>,
}

/// One accepted request on its way to the engine.
#[derive(Clone)]
pub struct Call<'a> {
    /// The dialect.
    pub dialect: &'static Dialect,
    /// The service.
    pub service: &'static Service,
    /// The operation's row.
    pub row: &'static Row,
    /// Who asks.
    pub caller: Arc<Caller>,
    /// The same in the words of the policy language.
    pub named: Arc<OwnedPrincipal>,
    /// The region asked.
    pub region: Arc<str>,
    /// When.
    pub at: Time,
    /// How it came.
    pub connection: &'a Connection,
    /// How it wants to be answered.
    pub voice: Voice,
    /// The identifier of the request.
    pub request_id: &'a str,
    /// The identifier of its event on the audit trail.
    pub event_id: &'a str,
    /// Whether it is kept for a while that, and why, it was allowed, where such things are kept.
    pub kept: bool,
}

/// Everything a condition key may be filled from.
pub struct Situation<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// How the request came.
    pub connection: &'a Connection,
    /// The region asked.
    pub region: &'a str,
    /// When.
    pub now: Time,
    /// The tags that the arguments set.
    pub tags: Option<&'a Tags>,
    /// The resource being judged.
    pub located: &'a Located,
    /// All resources of the operation.
    pub all: &'a [Located],
}

/// What happened, for the audit trail.
pub struct Event<'a> {
    /// The identifier of the request.
    pub request_id: &'a str,
    /// The identifier of the event.
    pub event_id: &'a str,
    /// When it happened.
    pub at: Time,
    /// Who asked.
    pub caller: &'a Caller,
    /// The same in the words of the policy language.
    pub named: &'a OwnedPrincipal,
    /// The service.
    pub service: &'static Service,
    /// The operation's row.
    pub row: &'static Row,
    /// The region asked.
    pub region: &'a str,
    /// How the request came.
    pub connection: &'a Connection,
    /// The members of the request, as [`Trail::parameters`](crate::dialect::Trail::parameters) wrote them; empty when it
    /// could not be read, or has more to tell than an event may.
    pub parameters: &'a [u8],
    /// What the operation leaves behind.
    pub effect: Effect,
    /// The resources that were found.
    pub located: &'a [Located],
    /// The full names of the resources that came to be.
    pub made: &'a [Arc<str>],
    /// The verdict; absent for an open operation.
    pub verdict: Option<Verdict>,
    /// The trace: every question that was refused, and those that were allowed where the settings ask for it.
    pub rulings: &'a [Ruling],
    /// The answer, where something was issued or changed.
    pub elements: Option<&'a dyn Structure>,
    /// Why it failed, if it did.
    pub error: Option<&'a Error>,
}
