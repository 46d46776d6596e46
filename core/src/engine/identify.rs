//! Identification: a claim becomes a caller, or is refused.
//!
//! Order: access key known → active → date and signature → nonce → token. An unknown access key costs the same work as a
//! known one.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::cache::Found;
use super::caller::{Caller, Principal};
use super::local::Local;
use super::world::{ACCESS_KEYS, META, PRINCIPALS, ROLES, Reading, SESSIONS_SINCE, Sources, USERS};
use super::{Engine, Signatures, World};
use crate::dialect::{Claim, Credential, Dialect, OwnedPrincipal};
use crate::error::{AuthFlaw, Kind, Noun, Result};
use crate::identity::mentioned::bearer_path;
use crate::identity::session::{Subject, Terms};
use crate::identity::{
    self, AccessKey, Bearer, Holder, IdKind, PolicySource, Role, Session, User, UserRef, identity_path,
};
use crate::name::{path, with_path};
use crate::policy::{DocumentKind, Named};
use crate::port::Time;
use crate::port::once::Nonce;
use crate::secret::AccessSecret;
use crate::tag::Tags;

/// Somebody known lately; still known as long as no record has changed that it was read from.
pub(super) struct Known {
    credential: Credential,
    identified: Identified,
    /// Kept, for these end with it.
    sources: Sources,
}

/// Whom a request comes from, before anything was read, and the partition that it is to be named in.
#[derive(Clone, Copy)]
struct Sought<'a> {
    who: Who<'a>,
    partition: &'static str,
}

/// Whom a request comes from.
#[derive(Clone, Copy)]
enum Who<'a> {
    /// Whoever has this access key.
    AccessKey(&'a str),
    /// The session that this access key and token belong to.
    Session(&'a str, &'a str),
    /// Somebody of this process, who needs no credentials: the owner of an account, or a user of it.
    Here(&'a str, Option<&'a str>),
}

impl<'a> Sought<'a> {
    fn of(claim: &'a Claim<'_>, partition: &'static str) -> Self {
        let who = match &claim.token {
            None => Who::AccessKey(&claim.access_key_id),
            Some(token) => Who::Session(&claim.access_key_id, token),
        };
        Self { who, partition }
    }

    /// What tells this one from all others of a dialect.
    fn parts(self) -> [&'a str; 4] {
        let [first, second, third] = match self.who {
            Who::AccessKey(id) => [id, "", ""],
            Who::Session(id, token) => [id, token, ""],
            // No access key has an empty identifier.
            Who::Here(account, user) => ["", account, user.unwrap_or_default()],
        };
        [self.partition, first, second, third]
    }

    /// What an error names this one by.
    fn name(self) -> &'a str {
        match self.who {
            Who::AccessKey(id) | Who::Session(id, _) => id,
            Who::Here(account, user) => user.unwrap_or(account),
        }
    }
}

/// A caller, and the name that policies know it by.
#[derive(Clone)]
pub(super) struct Identified {
    pub(super) caller: Arc<Caller>,
    pub(super) named: Arc<OwnedPrincipal>,
}

impl Known {
    fn new(
        dialect: &'static Dialect,
        account: &str,
        person: Person,
        (id, secret): (String, AccessSecret),
        partition: &'static str,
        reading: Reading<'_>,
    ) -> Self {
        let identified = Identified::of(dialect, caller(dialect, partition, account, person, id.clone()));
        Self { credential: Credential::new(id, secret), identified, sources: reading.finish() }
    }
}

/// How often a caller is read while its records do not fit together.
const READINGS: usize = 4;

impl Identified {
    fn of(dialect: &'static Dialect, caller: Caller) -> Self {
        let named = Arc::new((dialect.law.principal)(&caller));
        Self { caller: Arc::new(caller), named }
    }
}

impl Engine {
    /// The caller behind a claim, as it is named in a partition.
    pub(super) async fn identify(
        &self,
        dialect: &'static Dialect,
        claim: Option<&Claim<'_>>,
        partition: &'static str,
        now: Time,
    ) -> Result<Identified> {
        match (self.settings.signatures, claim) {
            (Signatures::Ignore, claim) => Box::pin(self.presume(dialect, claim, partition)).await,
            (Signatures::Verify, None) => Err(Kind::Unauthenticated(AuthFlaw::Missing).because("")),
            (Signatures::Verify, Some(claim)) if claim.legacy && self.settings.deny_legacy_signatures => {
                Err(Kind::Unauthenticated(AuthFlaw::Method)
                    .because("signatures that rest on SHA-1 are not accepted here"))
            }
            (Signatures::Verify, Some(claim)) => self.verify(dialect, claim, partition, now).await,
        }
    }

    async fn verify(
        &self,
        dialect: &'static Dialect,
        claim: &Claim<'_>,
        partition: &'static str,
        now: Time,
    ) -> Result<Identified> {
        let skew = self.skew(dialect);
        let known = match self.known(dialect, claim, partition).await {
            Ok(known) => known,
            Err(error) => {
                // The same work for an access key that does not exist: its answer must not come sooner.
                let id = claim.access_key_id.clone().into_owned();
                let nobody = Credential::new(id, AccessSecret::new("nobody".to_owned()));
                let _ = claim.proof.prove(&nobody, now, skew);
                return Err(error);
            }
        };
        let signed_at = claim.proof.prove(&known.credential, now, skew)?;
        if let Some(nonce) = &claim.nonce {
            let principal = whose(&known.identified.caller);
            let nonce = Nonce { principal, access_key_id: &claim.access_key_id, text: nonce };
            // Later than this its date refuses the request.
            let until = signed_at.saturating_add(skew).unwrap_or(Time::MAX);
            if !self.world.ports.once.first_time(nonce, now, until).await? {
                return Err(Kind::Unauthenticated(AuthFlaw::Replayed).because(""));
            }
        }
        if let Some(session) = &known.identified.caller.session
            && session.terms.expires_at <= now
        {
            return Err(Kind::Unauthenticated(AuthFlaw::TokenExpired).because(""));
        }
        Ok(known.identified.clone())
    }

    async fn known(&self, dialect: &'static Dialect, claim: &Claim<'_>, partition: &'static str) -> Result<Arc<Known>> {
        self.found(dialect, Sought::of(claim, partition)).await
    }

    async fn found(&self, dialect: &'static Dialect, sought: Sought<'_>) -> Result<Arc<Known>> {
        let [partition, first, second, third] = sought.parts();
        let name = [dialect.name, partition, first, second, third];
        match with_path(&name, |name| self.world.caller(name)) {
            Some(known) => Ok(known),
            None => Box::pin(self.learned(dialect, sought, &path(&name))).await, // seldom: kept out of every request
        }
    }

    async fn learned(&self, dialect: &'static Dialect, sought: Sought<'_>, name: &str) -> Result<Arc<Known>> {
        match self.world.find_caller(name).await {
            Found::Value(known) => Ok(known),
            Found::Missing(place) => {
                let known = self.read_whole(dialect, sought, place.name()).await?;
                Ok(place.fill(known))
            }
        }
    }

    /// Reads a caller's records until they fit together: what was changed between two reads is read anew, and what stays
    /// missing fails the request, for a Deny it may hold must not be lost.
    async fn read_whole(&self, dialect: &'static Dialect, sought: Sought<'_>, name: &Arc<str>) -> Result<Known> {
        let missing = || Kind::Internal.because("a group or policy of the caller is missing");
        let mut last = Err(missing().naming(sought.name()));
        for _ in 0..READINGS {
            let reading = self.world.reading(name);
            let Sought { who, partition } = sought;
            let read = match who {
                Who::AccessKey(id) => self.by_access_key(reading, dialect, id, partition).await,
                Who::Session(id, token) => self.by_token(reading, dialect, (id, token), partition).await,
                Who::Here(account, user) => by_name(reading, dialect, (account, user), partition).await,
            };
            match read {
                Err(error) if error.kind() == Kind::Conflict => {}
                // Whoever is changed without a pause is taken as it was read last.
                Ok(known) if !known.sources.are_unchanged() => last = Ok(known),
                read => return read,
            }
        }
        last
    }

    async fn by_access_key(
        &self,
        mut reading: Reading<'_>,
        dialect: &'static Dialect,
        id: &str,
        partition: &'static str,
    ) -> Result<Known> {
        let unknown = || Kind::Unauthenticated(AuthFlaw::UnknownAccessKey).about(id);
        let is_temporary = dialect.law.identity().is_ok_and(|rules| id.starts_with(rules.session_key_prefix));
        if is_temporary {
            return Err(Kind::Unauthenticated(AuthFlaw::TokenMissing).about(id));
        }
        let Some(found) = reading.read::<AccessKey>(ACCESS_KEYS, &path(&[dialect.name, id])).await? else {
            let (account, person) = self.well_known(reading.world(), dialect, id)?.ok_or_else(unknown)?;
            let secret = AccessSecret::new(dialect.front.known_key.1.to_owned());
            return Ok(Known::new(dialect, &account, person, (id.to_owned(), secret), partition, reading));
        };
        let AccessKey { id, account, user, wrapped, active, .. } = found.value;
        if !active {
            return Err(Kind::Unauthenticated(AuthFlaw::InactiveAccessKey).about(id));
        }
        let secret = identity::access_key::unseal(reading.world(), dialect.name, &id, &wrapped)?;
        let subject = match user {
            None => Subject::Owner,
            Some(UserRef { id, name }) => Subject::User { id, name },
        };
        let person = Person::read(&mut reading, dialect, &account, &subject).await?.ok_or_else(unknown)?;
        Ok(Known::new(dialect, &account, person, (id, secret), partition, reading))
    }

    /// Whom an access key names that everybody knows, and whose account it is; nobody, unless such keys are taken.
    fn well_known(&self, world: &World, dialect: &'static Dialect, id: &str) -> Result<Option<(String, Person)>> {
        Ok(match self.settings.well_known {
            true if dialect.front.account.admits(id) => Some((id.to_owned(), Person::owner())),
            true if id == dialect.front.administrator => {
                Some((self.presumed_account(dialect, ""), Person::administrator(world, dialect)?))
            }
            _ => None,
        })
    }

    async fn by_token(
        &self,
        mut reading: Reading<'_>,
        dialect: &'static Dialect,
        (id, token): (&str, &str),
        partition: &'static str,
    ) -> Result<Known> {
        let wrong = || Kind::Unauthenticated(AuthFlaw::TokenInvalid).about(id);
        let session = Session::open(reading.world(), dialect.name, token)?;
        if session.access_key_id != id {
            return Err(wrong());
        }
        if !self.stands(&mut reading, dialect, &session.terms).await? {
            return Err(wrong());
        }
        let secret = AccessSecret::new(session.secret.expose().to_owned());
        let Terms { account, subject, policies, .. } = &session.terms;
        let person = match self.well_known_subject(reading.world(), dialect, subject)? {
            Some(person) => person,
            None => Person::read(&mut reading, dialect, account, subject).await?.ok_or_else(wrong)?,
        };
        let caller = Caller {
            session_policies: session_policies(reading.world(), dialect, policies)?,
            ..caller(dialect, partition, account, person, id.to_owned())
        };
        let caller = Caller { session: Some(Arc::new(session)), ..caller };
        let credential = Credential::new(id.to_owned(), secret);
        Ok(Known { credential, identified: Identified::of(dialect, caller), sources: reading.finish() })
    }

    /// The administrator that everybody knows, where a session is that one's.
    fn well_known_subject(
        &self,
        world: &World,
        dialect: &'static Dialect,
        subject: &Subject,
    ) -> Result<Option<Person>> {
        match subject {
            Subject::User { id, .. } if self.settings.well_known && *id == administrator_id(dialect)? => {
                Person::administrator(world, dialect).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Whether a session was started since the store was closed to strangers, and for one of an owner whether the access
    /// key that it was started with is still there.
    async fn stands(&self, reading: &mut Reading<'_>, dialect: &'static Dialect, terms: &Terms) -> Result<bool> {
        let closed = reading.read::<Time>(META, SESSIONS_SINCE).await?;
        if closed.is_some_and(|closed| terms.issued_at < closed.value) {
            return Ok(false);
        }
        match (&terms.subject, &terms.by) {
            (Subject::Owner, Some(by)) => {
                let found = reading.read::<AccessKey>(ACCESS_KEYS, &path(&[dialect.name, by])).await?;
                let is_numbered = self.settings.well_known && dialect.front.account.admits(by) && *by == terms.account;
                Ok(found
                    .map_or(is_numbered, |found| found.value.user.is_none() && found.value.account == terms.account))
            }
            (Subject::Owner, None) => Ok(false),
            (Subject::User { .. } | Subject::Role { .. }, _) => Ok(true),
        }
    }

    /// The caller while signatures are ignored: whoever the access key names, or the owner of an account.
    async fn presume(
        &self,
        dialect: &'static Dialect,
        claim: Option<&Claim<'_>>,
        partition: &'static str,
    ) -> Result<Identified> {
        if let Some(claim) = claim {
            match self.known(dialect, claim, partition).await {
                Ok(known) => return Ok(known.identified.clone()),
                Err(error) if is_of_nobody(error.kind()) => {}
                Err(error) => return Err(error),
            }
        }
        let id = claim.map(|claim| claim.access_key_id.clone().into_owned()).unwrap_or_default();
        let account = self.presumed_account(dialect, &id);
        Ok(Identified::of(dialect, caller(dialect, partition, &account, Person::owner(), id)))
    }

    fn presumed_account(&self, dialect: &'static Dialect, access_key_id: &str) -> String {
        if dialect.front.account.admits(access_key_id) {
            return access_key_id.to_owned();
        }
        let configured = self.settings.accounts.iter().find(|(name, _)| name == dialect.name);
        configured.map(|(_, account)| account.clone()).unwrap_or_default()
    }

    /// Somebody of this process, who needs no credentials: an owner, or a user.
    pub(super) async fn local(&self, dialect: &'static Dialect, who: &Local) -> Result<Identified> {
        let partition = (dialect.law.partition)(&who.region);
        let who = Who::Here(&who.account, who.user.as_deref());
        let known = self.found(dialect, Sought { who, partition }).await?;
        Ok(known.identified.clone())
    }

    /// Somebody as a caller, without credentials; a role by a session that begins now. Nobody, where there is no such user
    /// or role.
    pub(crate) async fn present(
        &self,
        dialect: &'static Dialect,
        (account, region): (&str, &str),
        subject: &Subject,
        now: Time,
    ) -> Result<Option<(Arc<Caller>, Arc<OwnedPrincipal>)>> {
        let mut reading = self.world.reading(&Arc::from("inquiry"));
        let subject = match subject {
            Subject::User { name, .. } if self.settings.well_known && name == dialect.front.administrator => {
                Some(Subject::User { id: administrator_id(dialect)?, name: name.clone() })
            }
            subject => by_its_name(&mut reading, dialect, account, subject).await?,
        };
        let Some(subject) = subject else { return Ok(None) };
        let person = match self.well_known_subject(reading.world(), dialect, &subject)? {
            Some(person) => Some(person),
            None => Person::read(&mut reading, dialect, account, &subject).await?,
        };
        let Some(person) = person else { return Ok(None) };
        let session = matches!(subject, Subject::Role { .. }).then(|| Session {
            access_key_id: String::new(),
            secret: AccessSecret::new(String::new()),
            terms: Terms {
                account: account.to_owned(),
                subject,
                issued_at: now,
                expires_at: now,
                policies: Vec::new(),
                source_identity: None,
                by: None,
                simulated_as: None,
            },
        });
        let partition = (dialect.law.partition)(region);
        let caller = caller(dialect, partition, account, person, String::new());
        let caller = Caller { session: session.map(Arc::new), ..caller };
        let Identified { caller, named } = Identified::of(dialect, caller);
        Ok(Some((caller, named)))
    }

    fn skew(&self, dialect: &'static Dialect) -> Duration {
        let configured = self.settings.skew.iter().find(|(name, _)| name == dialect.name);
        configured.map_or(dialect.skew, |(_, skew)| *skew)
    }

    pub(super) fn region(&self, dialect: &'static Dialect) -> &str {
        let configured = self.settings.regions.iter().find(|(name, _)| name == dialect.name);
        configured.map_or(dialect.law.region, |(_, region)| region)
    }
}

/// Who a caller's nonces count for, whatever access keys and sessions it has.
fn whose(caller: &Caller) -> &str {
    match &caller.principal {
        Principal::Owner => &caller.account,
        Principal::User { id, .. } | Principal::RoleSession { id, .. } => id,
    }
}

/// Whether credentials were refused because nobody here has them; not because of who has them.
fn is_of_nobody(refused: Kind) -> bool {
    matches!(refused, Kind::Unauthenticated(AuthFlaw::UnknownAccessKey | AuthFlaw::TokenInvalid))
}

/// Who somebody is, and what that somebody may do.
struct Person {
    principal: Principal,
    policies: Vec<(Named, PolicySource)>,
    tags: Tags,
}

impl Person {
    fn owner() -> Self {
        Self { principal: Principal::Owner, policies: Vec::new(), tags: Tags::new() }
    }

    /// An administrator that everybody knows: a user without a record, who may do everything.
    fn administrator(world: &World, dialect: &'static Dialect) -> Result<Self> {
        let (name, law) = (dialect.front.administrator, dialect.law);
        let document = world.document(dialect, DocumentKind::Identity, law.allow_everything);
        let document = document.map_err(|_| Kind::Internal.because("the policy for everything cannot be read"))?;
        let source = PolicySource {
            holder: Holder::User(name.to_owned()),
            managed: None,
            version: None,
            document: document.text,
        };
        let policies = vec![(Named { name: name.into(), policy: document.policy }, source)];
        let principal = Principal::User { id: administrator_id(dialect)?, name: name.to_owned(), path: "/".to_owned() };
        Ok(Self { principal, policies, tags: Tags::new() })
    }

    /// Reads a subject with all its policies; nobody when the user or role is gone, or another one has its name now.
    async fn read(
        reading: &mut Reading<'_>,
        dialect: &'static Dialect,
        account: &str,
        subject: &Subject,
    ) -> Result<Option<Self>> {
        let at = |name: &str| identity_path(dialect.name, account, name);
        match subject {
            Subject::Owner => Ok(Some(Self::owner())),
            Subject::User { id, name } => {
                let Some(user) = user(reading, dialect, account, id, name).await? else { return Ok(None) };
                let holder = Holder::User(user.name.clone());
                let policies = identity::policies_of(reading, dialect, account, holder, &user.policies).await?;
                let principal = Principal::User { id: user.id, name: user.name, path: user.path };
                Ok(Some(Self { principal, policies, tags: user.tags }))
            }
            Subject::Role { id, name, session } => {
                let found = reading.read::<Role>(ROLES, &at(name)).await?;
                let Some(role) = found.map(|found| found.value).filter(|role| role.id == *id) else { return Ok(None) };
                let holder = Holder::Role(role.name.clone());
                let policies = identity::policies_of(reading, dialect, account, holder, &role.policies).await?;
                let session = session.clone();
                let principal = Principal::RoleSession { id: role.id, name: role.name, path: role.path, session };
                Ok(Some(Self { principal, policies, tags: role.tags }))
            }
        }
    }
}

/// A user by its identifier, whatever it is called by now.
async fn user(
    reading: &mut Reading<'_>,
    dialect: &'static Dialect,
    account: &str,
    id: &str,
    name: &str,
) -> Result<Option<User>> {
    let found = reading.read::<User>(USERS, &identity_path(dialect.name, account, name)).await?;
    if let Some(user) = found.map(|found| found.value).filter(|user| user.id == id) {
        return Ok(Some(user));
    }
    let known = reading.read::<Bearer>(PRINCIPALS, &bearer_path(dialect.name, id)).await?;
    let Some(Bearer { name, .. }) = known.map(|known| known.value).filter(|known| known.account == *account) else {
        return Ok(None);
    };
    let found = reading.read::<User>(USERS, &identity_path(dialect.name, account, &name)).await?;
    Ok(found.map(|found| found.value).filter(|user| user.id == id))
}

/// A subject by its name as it is now, whatever identifier is said; nobody, when there is none of this name.
async fn by_its_name(
    reading: &mut Reading<'_>,
    dialect: &'static Dialect,
    account: &str,
    subject: &Subject,
) -> Result<Option<Subject>> {
    let at = |name: &str| identity_path(dialect.name, account, name);
    Ok(match subject {
        Subject::Owner => Some(Subject::Owner),
        Subject::User { name, .. } => {
            let found = reading.read::<User>(USERS, &at(name)).await?;
            found.map(|found| Subject::User { id: found.value.id, name: found.value.name })
        }
        Subject::Role { name, session, .. } => {
            let found = reading.read::<Role>(ROLES, &at(name)).await?;
            found.map(|found| Subject::Role { id: found.value.id, name: found.value.name, session: session.clone() })
        }
    })
}

/// An owner, or a user by its name.
async fn by_name(
    mut reading: Reading<'_>,
    dialect: &'static Dialect,
    (account, user): (&str, Option<&str>),
    partition: &'static str,
) -> Result<Known> {
    let subject = match user {
        None => Subject::Owner,
        Some(name) => {
            let user = Subject::User { id: String::new(), name: name.to_owned() };
            let found = by_its_name(&mut reading, dialect, account, &user).await?;
            found.ok_or_else(|| Kind::NotFound(Noun::User).about(name))?
        }
    };
    let person = Person::read(&mut reading, dialect, account, &subject).await?;
    let person = person.ok_or_else(|| Kind::Conflict.because("the user is being changed"))?;
    Ok(Known::new(dialect, account, person, (String::new(), AccessSecret::new(String::new())), partition, reading))
}

/// The unique identifier of the administrator that everybody knows.
fn administrator_id(dialect: &'static Dialect) -> Result<String> {
    let hash = Sha256::digest(dialect.front.administrator).into();
    Ok((dialect.law.identity()?.id)(IdKind::User, &hash))
}

/// A caller without a session.
fn caller(
    dialect: &'static Dialect,
    partition: &'static str,
    account: &str,
    person: Person,
    access_key_id: String,
) -> Caller {
    let Person { principal, policies, tags } = person;
    let (identity, sources): (Vec<_>, Vec<_>) = policies.into_iter().unzip();
    Caller {
        dialect: dialect.name,
        partition,
        account: account.into(),
        principal,
        access_key_id,
        session: None,
        identity: identity.into(),
        sources: sources.into(),
        session_policies: None,
        tags,
    }
}

/// The policies given when a session was started; nothing when there were none.
fn session_policies(world: &World, dialect: &'static Dialect, documents: &[String]) -> Result<Option<Arc<[Named]>>> {
    let named = |document: &String| {
        let document = world.document(dialect, DocumentKind::Session, document);
        let document = document.map_err(|_| Kind::Internal.because("a session policy cannot be read"))?;
        Ok(Named { name: Arc::from("session-policy"), policy: document.policy })
    };
    match documents {
        [] => Ok(None),
        documents => documents.iter().map(named).collect::<Result<_>>().map(Some),
    }
}
