//! Identification: a claim becomes a caller, or is refused.
//!
//! Order: access key known → active → date and signature → nonce → token. An unknown access key costs the same work as a
//! known one.

use std::sync::Arc;
use std::time::Duration;

use super::cache::Found;
use super::caller::{Caller, Principal};
use super::world::{ACCESS_KEYS, ROLES, USERS, Versioned};
use super::{Engine, Signatures};
use crate::dialect::{Claim, Credential, Dialect, OwnedPrincipal};
use crate::error::{AuthFlaw, Kind, Result};
use crate::identity::session::Subject;
use crate::identity::{self, AccessKey, Holder, Role, Session, User, UserRef, identity_path};
use crate::name::path;
use crate::policy::{DocumentKind, Named};
use crate::port::Time;
use crate::secret::AccessSecret;
use crate::tag::Tags;

/// Somebody known lately; still known as long as no identity has changed since.
pub(super) struct Known {
    generation: u64,
    credential: Credential,
    identified: Identified,
}

/// A caller, and the name that policies know it by.
#[derive(Clone)]
pub(super) struct Identified {
    pub(super) caller: Arc<Caller>,
    pub(super) named: Arc<OwnedPrincipal>,
}

/// How often a caller is read while its records do not fit together.
const READINGS: usize = 4;

impl Identified {
    fn of(dialect: &'static Dialect, caller: Caller) -> Self {
        let named = Arc::new((dialect.law.principal)(&caller));
        Self { caller: Arc::new(caller), named }
    }
}

/// How many callers are remembered.
pub(super) const CACHED: usize = 4096;

impl Engine {
    /// The caller behind a claim.
    pub(super) async fn identify(
        &self,
        dialect: &'static Dialect,
        claim: Option<&Claim>,
        now: Time,
    ) -> Result<Identified> {
        match (self.settings.signatures, claim) {
            (Signatures::Ignore, claim) => Box::pin(self.presume(dialect, claim)).await,
            (Signatures::Verify, None) => Err(Kind::Unauthenticated(AuthFlaw::Missing).because("")),
            (Signatures::Verify, Some(claim)) => self.verify(dialect, claim, now).await,
        }
    }

    async fn verify(&self, dialect: &'static Dialect, claim: &Claim, now: Time) -> Result<Identified> {
        let skew = self.skew(dialect);
        let known = match self.known(dialect, claim).await {
            Ok(known) => known,
            Err(error) => {
                // The same work for an access key that does not exist: its answer must not come sooner.
                let nobody = Credential::new(claim.access_key_id.clone(), AccessSecret::new("nobody".to_owned()));
                let _ = claim.proof.prove(&nobody, now, skew);
                return Err(error);
            }
        };
        claim.proof.prove(&known.credential, now, skew)?;
        if let Some(nonce) = &claim.nonce
            && !self.nonces.first_time(&claim.access_key_id, nonce, now, skew.saturating_mul(2))
        {
            return Err(Kind::Unauthenticated(AuthFlaw::Replayed).because(""));
        }
        if let Some(session) = &known.identified.caller.session
            && session.terms.expires_at <= now
        {
            return Err(Kind::Unauthenticated(AuthFlaw::TokenExpired).because(""));
        }
        Ok(known.identified.clone())
    }

    async fn known(&self, dialect: &'static Dialect, claim: &Claim) -> Result<Arc<Known>> {
        let name = path(&[dialect.name, &claim.access_key_id, claim.token.as_deref().unwrap_or_default()]);
        // Read before the identities are: a change meanwhile makes what was read count as old.
        let generation = self.world.identities();
        let ticket = match self.known.find(&name) {
            Found::Value(known) if known.generation == generation => return Ok(known),
            Found::Value(_) => {
                self.known.forget(&name);
                self.known.ticket(&name)
            }
            Found::Missing(ticket) => ticket,
        };
        let (credential, caller) = Box::pin(self.read_whole(dialect, claim)).await?; // seldom: kept out of every request
        let known = Known { generation, credential, identified: Identified::of(dialect, caller) };
        Ok(self.known.fill(&name, &ticket, known))
    }

    /// Reads a caller's records until they fit together: what was renamed or removed between two reads is read anew, and
    /// what stays missing fails the request, for a Deny it may hold must not be lost.
    async fn read_whole(&self, dialect: &'static Dialect, claim: &Claim) -> Result<(Credential, Caller)> {
        for _ in 0..READINGS {
            let read = match &claim.token {
                None => self.by_access_key(dialect, &claim.access_key_id).await,
                Some(token) => self.by_token(dialect, &claim.access_key_id, token).await,
            };
            match read {
                Err(error) if error.kind() == Kind::Conflict => {}
                read => return read,
            }
        }
        Err(Kind::Internal.because("a group or policy of the caller is missing").naming(&claim.access_key_id))
    }

    async fn by_access_key(&self, dialect: &'static Dialect, id: &str) -> Result<(Credential, Caller)> {
        let unknown = || Kind::Unauthenticated(AuthFlaw::UnknownAccessKey).about(id);
        let found = self.world.read::<AccessKey>(ACCESS_KEYS, &path(&[dialect.name, id])).await?;
        let AccessKey { id, account, user, wrapped, active, created_at: _ } = found.ok_or_else(unknown)?.value;
        if !active {
            return Err(Kind::Unauthenticated(AuthFlaw::InactiveAccessKey).about(id));
        }
        let secret = identity::access_key::unseal(&self.world, dialect.name, &id, &wrapped)?;
        let subject = match user {
            None => Subject::Owner,
            Some(UserRef { id, name }) => Subject::User { id, name },
        };
        let caller = self
            .caller(dialect, &account, &subject, None, id.clone())
            .await?
            .ok_or_else(|| Kind::Unauthenticated(AuthFlaw::UnknownAccessKey).about(id.clone()))?;
        Ok((Credential::new(id, secret), caller))
    }

    async fn by_token(&self, dialect: &'static Dialect, id: &str, token: &str) -> Result<(Credential, Caller)> {
        let wrong = || Kind::Unauthenticated(AuthFlaw::TokenInvalid).about(id);
        let session = Session::open(&self.world, dialect.name, token)?;
        if session.access_key_id != id {
            return Err(wrong());
        }
        let secret = AccessSecret::new(session.secret.expose().to_owned());
        let terms = session.terms.clone();
        let session = Some(Arc::new(session));
        let caller = self.caller(dialect, &terms.account, &terms.subject, session, id.to_owned()).await?;
        Ok((Credential::new(id.to_owned(), secret), caller.ok_or_else(wrong)?))
    }

    /// The caller with all its policies; nobody when the user or role is gone, or another one has its name now.
    async fn caller(
        &self,
        dialect: &'static Dialect,
        account: &str,
        subject: &Subject,
        session: Option<Arc<Session>>,
        access_key_id: String,
    ) -> Result<Option<Caller>> {
        let (principal, identity, tags) = match subject {
            Subject::Owner => (Principal::Owner, Vec::new(), Tags::new()),
            Subject::User { id, name } => {
                let path = identity_path(dialect.name, account, name);
                let Some(Versioned { value: user, .. }) = self.world.read::<User>(USERS, &path).await? else {
                    return Ok(None);
                };
                if user.id != *id {
                    return Ok(None);
                }
                let holder = Holder::User(user.name.clone());
                let named =
                    identity::policies_of(&self.world, dialect, account, holder, &user.policies, &user.groups).await?;
                (Principal::User { id: user.id, name: user.name, path: user.path }, named, user.tags)
            }
            Subject::Role { id, name, session } => {
                let path = identity_path(dialect.name, account, name);
                let Some(Versioned { value: role, .. }) = self.world.read::<Role>(ROLES, &path).await? else {
                    return Ok(None);
                };
                if role.id != *id {
                    return Ok(None);
                }
                let none = std::collections::BTreeSet::new();
                let holder = Holder::Role(role.name.clone());
                let named = identity::policies_of(&self.world, dialect, account, holder, &role.policies, &none).await?;
                let session = session.clone();
                (Principal::RoleSession { id: role.id, name: role.name, path: role.path, session }, named, role.tags)
            }
        };
        let session_policies = match &session {
            Some(session) if !session.terms.policies.is_empty() => {
                Some(session_policies(dialect, &session.terms.policies)?)
            }
            _ => None,
        };
        let (identity, sources): (Vec<_>, Vec<_>) = identity.into_iter().unzip();
        Ok(Some(Caller {
            dialect: dialect.name,
            account: account.into(),
            principal,
            access_key_id,
            session,
            identity: Arc::from(identity),
            sources: Arc::from(sources),
            session_policies,
            tags,
        }))
    }

    /// The caller while signatures are ignored: whoever the access key names, or the owner of an account.
    async fn presume(&self, dialect: &'static Dialect, claim: Option<&Claim>) -> Result<Identified> {
        if let Some(claim) = claim {
            match self.known(dialect, claim).await {
                Ok(known) => return Ok(known.identified.clone()),
                Err(error) if is_of_nobody(error.kind()) => {}
                Err(error) => return Err(error),
            }
        }
        let id = claim.map(|claim| claim.access_key_id.clone()).unwrap_or_default();
        let account = self.presumed_account(dialect, &id);
        let caller = self.caller(dialect, &account, &Subject::Owner, None, id).await?;
        caller
            .map(|caller| Identified::of(dialect, caller))
            .ok_or_else(|| Kind::Unauthenticated(AuthFlaw::UnknownAccessKey).because(""))
    }

    fn presumed_account(&self, dialect: &'static Dialect, access_key_id: &str) -> String {
        if dialect.front.account.admits(access_key_id) {
            return access_key_id.to_owned();
        }
        let configured = self.settings.accounts.iter().find(|(name, _)| name == dialect.name);
        configured.map(|(_, account)| account.clone()).unwrap_or_default()
    }

    fn skew(&self, dialect: &'static Dialect) -> Duration {
        let configured = self.settings.skew.iter().find(|(name, _)| name == dialect.name);
        configured.map_or(dialect.skew, |(_, skew)| *skew)
    }

    pub(super) fn region(&self, dialect: &'static Dialect) -> String {
        let configured = self.settings.regions.iter().find(|(name, _)| name == dialect.name);
        configured.map_or_else(|| dialect.law.region.to_owned(), |(_, region)| region.clone())
    }
}

/// Whether credentials were refused because nobody here has them; not because of who has them.
fn is_of_nobody(refused: Kind) -> bool {
    matches!(refused, Kind::Unauthenticated(AuthFlaw::UnknownAccessKey | AuthFlaw::TokenInvalid))
}

fn session_policies(dialect: &'static Dialect, documents: &[String]) -> Result<Arc<[Named]>> {
    documents
        .iter()
        .map(|document| {
            let policy = dialect
                .law
                .policy
                .compile(DocumentKind::Session, document)
                .map_err(|_| Kind::Internal.because("a session policy cannot be read"))?;
            Ok(Named { name: Arc::from("session-policy"), policy: Arc::new(policy) })
        })
        .collect()
}
