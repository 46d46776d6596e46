//! Temporary credentials: sessions of roles and users; and the question who one is.

use std::fmt;

use super::Item;
use super::attachment::system;
use super::managed_policy::custom;
use super::session::{Subject, Terms};
use super::{FullName, IdKind, Naming, PolicyName, Session, fresh_id, locate};
use crate::dialect::Dialect;
use crate::engine::world::Versioned;
use crate::engine::{Caller, Principal, Search, World};
use crate::error::{Cause, Error, Flaw, Kind, Noun, Result};
use crate::name::Place;
use crate::operation::{Authorized, Effect, Operation, Role};
use crate::policy::DocumentKind;
use crate::port::Time;
use crate::secret::AccessSecret;

/// Starts a session of a role.
#[derive(Debug)]
pub struct AssumeRole {
    /// The account of the role, when it is not the caller's.
    pub account: Option<String>,
    /// The role's path, as the arguments name it; absent where the cloud has none.
    pub path: Option<String>,
    /// The role's name.
    pub role: String,
    /// The name of the session.
    pub session: String,
    /// How long it is to last, in seconds.
    pub seconds: Option<u32>,
    /// Policies that limit it.
    pub policies: Vec<String>,
    /// Managed policies that limit it too, as they are in force now.
    pub managed: Vec<PolicyName>,
    /// What the role's owner asks of third parties.
    pub external_id: Option<String>,
    /// The identity that starts the chain of sessions.
    pub source_identity: Option<String>,
    /// How much of the room for its policies they take, in percent, where the cloud tells that.
    pub packed_percent: Option<u32>,
}

impl AssumeRole {
    /// The source identity that its session will have: the one it names, or the one that the caller's own session carries
    /// on.
    pub fn source_identity_by<'a>(&'a self, caller: &'a Caller) -> Option<&'a str> {
        self.source_identity.as_deref().or_else(|| inherited(caller))
    }
}

/// Temporary credentials.
pub struct Issued {
    /// The access key id.
    pub access_key_id: String,
    /// The secret.
    pub secret: AccessSecret,
    /// The token that goes with them.
    pub token: String,
    /// When they end.
    pub expires_at: Time,
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { access_key_id, secret: _, token: _, expires_at } = self;
        write!(f, "Issued({access_key_id} until {expires_at})")
    }
}

/// A session of a role.
#[derive(Debug)]
pub struct Assumed {
    /// The credentials.
    pub credentials: Issued,
    /// The unique identifier of the role and the name of the session, with a colon between them.
    pub id: String,
    /// The full name of the session.
    pub arn: String,
    /// The identity that started the chain of sessions.
    pub source_identity: Option<String>,
    /// How much of the room for its policies they take, in percent, where the cloud tells that.
    pub packed_percent: Option<u32>,
}

/// How long a session lasts when nobody says, in seconds; also the longest for a session started from a session.
const HOUR: u32 = 3600;

/// The most characters that all policies of a session may have: its token carries them.
const LARGEST_POLICIES: usize = 16_384;

impl Operation for AssumeRole {
    type Output = Assumed;
    const NAME: &'static str = "AssumeRole";
    const EFFECT: Effect = Effect::Issues;
    const ROLES: &'static [Role] = &[Role::Subject];
    const ASSUMES: bool = true;

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::role(search, self.account.as_deref(), self.path.as_deref(), &self.role).await
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Assumed> {
        let Self {
            account,
            path,
            role,
            session,
            seconds,
            policies,
            managed,
            external_id: _,
            source_identity: _,
            packed_percent,
        } = allowed.op();
        let (caller, rules) = (allowed.caller(), allowed.dialect().law.identity()?);
        if caller.principal == Principal::Owner && !rules.owner_assumes_roles {
            let why = "roles may not be assumed by the owner of an account";
            return Err(Kind::AccessDenied.because(why).with_cause(Cause::ByOwner));
        }
        let mut place = allowed.place().clone();
        if let Some(account) = account {
            place.account = account.as_str().into();
        }
        let Versioned { value: role, rev } = super::role(world, &place, role).await?;
        allowed.still(Role::Subject, rev)?;
        if path.as_ref().is_some_and(|path| *path != role.path) {
            return Err(Kind::NotFound(Noun::Role).about(&role.name));
        }
        let seconds = seconds.unwrap_or(HOUR.min(role.max_session_seconds));
        if seconds > role.max_session_seconds {
            let why = "the requested duration exceeds the longest session that this role allows";
            return Err(Kind::Invalid(Flaw::Value).because(why).with_cause(Cause::LongerThanRole));
        }
        if caller.session.is_some() && seconds > HOUR {
            let why = "the requested duration exceeds the hour that a session started from a session may last";
            return Err(Kind::Invalid(Flaw::Value).because(why).with_cause(Cause::LongerThanChain));
        }
        let mut policies = policies.clone();
        for policy in managed {
            policies.push(in_force(allowed.dialect(), world, &place, policy).await?);
        }
        if policies.iter().map(|policy| policy.chars().count()).sum::<usize>() > LARGEST_POLICIES {
            return Err(Kind::LimitExceeded(Noun::Policy).because("the policies of the session are too large"));
        }
        for policy in &policies {
            super::check_document(allowed.dialect(), DocumentKind::Session, policy)?;
        }
        let source_identity = allowed.op().source_identity_by(caller).map(str::to_owned);
        if inherited(caller).is_some_and(|first| source_identity.as_deref() != Some(first)) {
            return Err(Kind::AccessDenied.because("the source identity of a chain of sessions cannot be changed"));
        }
        let subject = Subject::Role { id: role.id.clone(), name: role.name.clone(), session: session.clone() };
        let credentials = issue(allowed, world, &place.account, subject, seconds, &policies, source_identity.clone())?;
        Ok(Assumed {
            credentials,
            id: format!("{}:{session}", role.id),
            arn: Naming::of(allowed)?.full(&place.account, FullName::Started(&role.name, session)),
            source_identity,
            packed_percent: *packed_percent,
        })
    }
}

/// The document of a managed policy that is in force now.
async fn in_force(dialect: &Dialect, world: &World, place: &Place, policy: &PolicyName) -> Result<String> {
    let Place { dialect: _, account, region } = place;
    let name = policy.in_full(dialect.law, account, region)?;
    let missing = || Kind::NotFound(Noun::Policy).about(name.as_str());
    if policy.system {
        return Ok(system(dialect, policy).ok_or_else(missing)?.document.clone().into_owned());
    }
    let found = custom(world, place, policy).await.map_err(|error| match error.kind() {
        Kind::NotFound(Noun::Policy) => missing(),
        _ => error,
    })?;
    let found = found.value;
    found.versions.get(&found.default_version).map(|version| version.document.clone()).ok_or_else(missing)
}

fn inherited(caller: &Caller) -> Option<&str> {
    caller.session.as_ref().and_then(|session| session.terms.source_identity.as_deref())
}

fn issue<O: Operation>(
    allowed: &Authorized<O>,
    world: &World,
    account: &str,
    subject: Subject,
    seconds: u32,
    policies: &[String],
    source_identity: Option<String>,
) -> Result<Issued> {
    let (dialect, of_owner) = (allowed.dialect(), subject == Subject::Owner);
    let lasts = jiff::SignedDuration::from_secs(i64::from(seconds));
    let out_of_range = |_| Kind::Internal.because("a date out of range");
    // Tokens tell whole seconds: the session ends when its published end does.
    let issued_at = Time::from_second(allowed.now().as_second()).map_err(out_of_range)?;
    let expires_at = issued_at.checked_add(lasts).map_err(out_of_range)?;
    let terms = Terms {
        account: account.to_owned(),
        subject,
        issued_at,
        expires_at,
        policies: policies.to_vec(),
        source_identity,
        by: allowed.caller().owners_key().filter(|_| of_owner),
        simulated_as: allowed.connection().simulated.as_ref().map(|simulated| simulated.access_key_id.clone()),
    };
    let secret = (dialect.law.identity()?.secret)(&world.random::<32>()?);
    let session = Session {
        access_key_id: fresh_id(world, dialect, IdKind::SessionKey)?,
        secret: AccessSecret::new(secret),
        terms,
    };
    let token = session.token(world, dialect.name)?;
    let Session { access_key_id, secret, terms: Terms { expires_at, .. } } = session;
    Ok(Issued { access_key_id, secret, token, expires_at })
}

/// Starts a session of the calling user or owner itself.
#[derive(Debug)]
pub struct StartSession {
    /// How long it is to last, in seconds.
    pub seconds: Option<u32>,
}

/// How long a user's own session lasts when nobody says, in seconds.
const HALF_DAY: u32 = 43_200;

impl Operation for StartSession {
    type Output = Issued;
    const NAME: &'static str = "GetSessionToken";
    const EFFECT: Effect = Effect::Issues;
    const ROLES: &'static [Role] = &[Role::Account];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::Everything)
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Issued> {
        let caller = allowed.caller();
        if caller.session.is_some() {
            return Err(from_session());
        }
        let (subject, default) = match &caller.principal {
            Principal::Owner => (Subject::Owner, HOUR),
            Principal::User { id, name, path: _ } => (Subject::User { id: id.clone(), name: name.clone() }, HALF_DAY),
            Principal::RoleSession { .. } => return Err(from_session()),
        };
        let mut seconds = allowed.op().seconds.unwrap_or(default);
        if subject == Subject::Owner {
            seconds = seconds.min(HOUR);
        }
        issue(allowed, world, &caller.account, subject, seconds, &[], None)
    }
}

fn from_session() -> Error {
    Kind::AccessDenied.because("a session cannot start another one for itself").with_cause(Cause::FromSession)
}

/// Asks who one is.
#[derive(Debug)]
pub struct WhoAmI;

/// Who one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The account.
    pub account: String,
    /// What one is.
    pub kind: IdentityKind,
    /// The unique identifier: the account of its owner, with the name of the session for a session of a role.
    pub id: String,
    /// The full name.
    pub arn: String,
}

/// What somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityKind {
    /// The owner of the account.
    Owner,
    /// A user.
    User,
    /// A session of a role.
    RoleSession,
}

impl Operation for WhoAmI {
    type Output = Identity;
    const NAME: &'static str = "GetCallerIdentity";
    const ROLES: &'static [Role] = &[Role::Account];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::Everything)
    }

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<Identity> {
        let Caller { account, principal, .. } = allowed.caller();
        let (kind, id, name) = match principal {
            Principal::Owner => (IdentityKind::Owner, account.to_string(), FullName::Owner),
            Principal::User { id, name, path } => (IdentityKind::User, id.clone(), FullName::User(path, name)),
            Principal::RoleSession { id, name, path: _, session } => {
                (IdentityKind::RoleSession, format!("{id}:{session}"), FullName::Session(name, session))
            }
        };
        let arn = Naming::of(allowed)?.full(account, name);
        Ok(Identity { account: account.to_string(), kind, id, arn })
    }
}
