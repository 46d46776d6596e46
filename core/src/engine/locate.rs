//! Locating: every role of an operation gets the resource that plays it, or the knowledge that there is none.
//!
//! Nothing is refused here for not existing: the policies are asked first.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

use super::Engine;
use super::caller::{Call, Caller};
use super::world::{Versioned, World};
use crate::dialect::Dialect;
use crate::dialect::row::BoxFuture;
use crate::error::{Flaw, Kind, Result};
use crate::operation::{Operation, Role};
use crate::policy::Grant;
use crate::port::{Change, Expect, Space, Time};
use crate::resource::{Resource, UNTAGGED};
use crate::tag::Tags;

/// What was found for a role of an operation.
#[derive(Debug, Clone)]
pub struct Located {
    /// The role.
    pub role: Role,
    /// The full name of the resource.
    pub arn: Arc<str>,
    /// The account that owns it.
    pub account: Arc<str>,
    /// The region it is in.
    pub region: Arc<str>,
    /// The resource, when the role is played by one that exists.
    pub resource: Option<Arc<dyn Resource>>,
    /// The grant on it that is meant, where one is.
    pub grant: Option<GrantFound>,
    /// The alias the arguments used, with its prefix.
    pub alias: Option<String>,
    /// Whether a ciphertext, and not a name, led to it.
    pub by_ciphertext: bool,
    /// Whether the operation ends here, once the policies were asked, because there is none.
    pub missing: bool,
    /// What must still hold of the record, if it was read, when something is changed.
    pub unchanged: Option<Change>,
    /// How the resource is made, where it is told as it will be and is not there yet.
    pub unmade: Option<Arc<dyn Unmade>>,
}

/// A grant that is meant, by its identifier.
#[derive(Debug, Clone)]
pub struct GrantFound {
    /// The identifier.
    pub id: String,
    /// The grant; absent where there is none.
    pub grant: Option<Arc<Grant>>,
}

/// A thing that is not there yet, but made for the first who may have it.
pub trait Unmade: Debug + Send + Sync {
    /// The changes that make it.
    fn making<'a>(
        &'a self,
        world: &'a World,
        dialect: &'static Dialect,
        now: Time,
    ) -> BoxFuture<'a, Result<Vec<Change>>>;
}

impl Located {
    /// The resource, when it is a `T`.
    pub fn as_a<T: Resource>(&self) -> Option<&T> {
        let any: &dyn Any = self.resource.as_deref()?;
        any.downcast_ref()
    }

    /// The resource to keep, when it is a `T`.
    pub fn shared<T: Resource>(&self) -> Option<Arc<T>> {
        let any: Arc<dyn Any + Send + Sync> = self.resource.clone()?;
        any.downcast().ok()
    }

    /// Its tags; none, when it does not exist.
    pub fn tags(&self) -> &Tags {
        self.resource.as_deref().map_or(&UNTAGGED, Resource::tags)
    }
}

/// The search for what plays the roles of an operation, one role after the other.
pub struct Search<'a> {
    call: &'a Call<'a>,
    world: &'a World,
    now: Time,
    role: Role,
    located: Vec<Located>,
}

impl<'a> Search<'a> {
    /// A search of somebody, outside the line that requests follow.
    pub(crate) fn of(call: &'a Call<'a>, world: &'a World, now: Time) -> Self {
        Self { call, world, now, role: Role::Subject, located: Vec::new() }
    }

    /// What was found.
    pub(crate) fn found(self) -> Vec<Located> {
        self.located
    }

    /// What can be reached.
    pub fn world(&self) -> &'a World {
        self.world
    }

    /// The dialect spoken.
    pub fn dialect(&self) -> &'static Dialect {
        self.call.dialect
    }

    /// Who asks.
    pub fn caller(&self) -> &'a Caller {
        &self.call.caller
    }

    /// The region asked.
    pub fn region(&self) -> &'a Arc<str> {
        &self.call.region
    }

    /// When.
    pub fn now(&self) -> Time {
        self.now
    }

    /// A name that belongs to an account, in the region asked, of which nothing more is known.
    pub fn named(&self, account: &str, name: impl Into<Arc<str>>) -> Located {
        let own = &self.call.caller.account;
        Located {
            role: self.role,
            arn: name.into(),
            account: if *account == **own { Arc::clone(own) } else { Arc::from(account) },
            region: Arc::clone(&self.call.region),
            resource: None,
            grant: None,
            alias: None,
            by_ciphertext: false,
            missing: false,
            unchanged: None,
            unmade: None,
        }
    }

    /// Adds something that plays the present role.
    pub fn add(&mut self, located: Located) {
        self.located.push(Located { role: self.role, ..located });
    }
}

impl Engine {
    pub(super) async fn locate<O: Operation>(&self, call: &Call<'_>, op: &O, now: Time) -> Result<Vec<Located>> {
        let located = Vec::with_capacity(O::ROLES.len());
        let mut search = Search { call, world: &self.world, now, role: Role::Account, located };
        for role in O::ROLES {
            let before = search.located.len();
            search.role = *role;
            op.locate(*role, &mut search).await?;
            // Nothing to judge must not be everything allowed.
            if search.located.len() == before {
                return Err(Kind::Invalid(Flaw::Missing).because("no key is named"));
            }
        }
        Ok(search.located)
    }
}

/// What must hold of a record for it to be as it was read.
pub fn unchanged<T>(space: Space, path: &str, read: Option<&Versioned<T>>) -> Option<Change> {
    let expect = read.map_or(Expect::Absent, |read| Expect::Rev(read.rev));
    Some(Change::Check { space, path: path.to_owned(), expect })
}
