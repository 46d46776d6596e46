//! Grants: who may use a key for what, beside its policies; made, listed, and ended by those who hold or administer them.
//!
//! # Invariants
//! - A grant means whoever was there when it was made: a namesake that comes later has nothing of it.
//! - A grant counts from the commit that makes it until the one that ends it; a token proves nothing more.
//! - A grant goes with its key.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::life::on_one_key;
use super::{EncryptionContext, Item, Loaded, Reference, Spec, Usage, Use, locate};
use crate::dialect::{Dialect, Hex};
use crate::engine::world::{GRANTS, RETIRABLE_GRANTS, put};
use crate::engine::{GrantFound, Search, World};
use crate::error::{Cause, Error, Flaw, Kind, Noun, Result};
use crate::identity::{FullName, Naming, mentioned};
use crate::list::{Listed, Paging, page};
use crate::name::{below, path};
use crate::operation::{Authorized, Effect, Operation, Role};
use crate::policy::{self, Grants};
use crate::port::{Change, Expect, Time};

/// A grant as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The identifier.
    pub id: String,
    /// The account that owns the key.
    pub account: String,
    /// The region of the key.
    pub region: String,
    /// The identifier of the key.
    pub key: String,
    /// When it was made.
    pub created_at: Time,
    /// The account that made it.
    pub issued_by: String,
    /// What is granted.
    #[serde(flatten)]
    pub terms: Terms,
}

/// Where a grant that somebody may retire is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Leads {
    account: String,
    key: String,
    id: String,
}

/// What a grant gives, to whom, and for what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// What its maker calls it.
    pub name: Option<String>,
    /// Who may use the key.
    pub grantee: Party,
    /// Who may retire the grant.
    pub retiring: Option<Party>,
    /// For what, in the words of the dialect.
    pub operations: Vec<String>,
    /// With which encryption contexts alone.
    pub constraint: Option<Constraint>,
}

/// Somebody whom a grant names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The full name, as it was written.
    pub name: String,
    /// The unique identifier, of a user or role that is kept here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// With which encryption contexts a grant counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Constraint {
    /// With exactly these pairs.
    Equals(EncryptionContext),
    /// With these pairs at least.
    Subset(EncryptionContext),
}

impl Constraint {
    /// The pairs.
    pub fn pairs(&self) -> &EncryptionContext {
        match self {
            Self::Equals(pairs) | Self::Subset(pairs) => pairs,
        }
    }
}

impl From<String> for Party {
    fn from(name: String) -> Self {
        Self { name, id: None }
    }
}

impl Party {
    /// What it is compared by: the identifier, where there is one.
    fn compared(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.name)
    }
}

impl Grant {
    fn path(&self, dialect: &str) -> String {
        path(&[dialect, &self.account, &self.region, &self.key, &self.id])
    }

    /// Where it stands among what somebody may retire.
    fn retirable(&self, dialect: &str) -> Option<String> {
        let retiring = self.terms.retiring.as_ref()?;
        Some(path(&[dialect, &self.region, retiring.compared(), &self.account, &self.key, &self.id]))
    }

    /// The changes that end it, if it is what it was.
    pub(super) fn ended(&self, dialect: &str, expect: Expect) -> Vec<Change> {
        let record = Change::Delete { space: GRANTS, path: self.path(dialect), expect };
        let of = |path| Change::Delete { space: RETIRABLE_GRANTS, path, expect: Expect::Any };
        std::iter::once(record).chain(self.retirable(dialect).map(of)).collect()
    }

    /// The same for the evaluator.
    fn judged(&self, key: &Arc<str>, owner: String) -> policy::Grant {
        let Terms { name: _, grantee, retiring, operations, constraint } = &self.terms;
        let (equals, subset) = match constraint {
            Some(Constraint::Equals(pairs)) => (Some(pairs.clone()), None),
            Some(Constraint::Subset(pairs)) => (None, Some(pairs.clone())),
            None => (None, None),
        };
        policy::Grant {
            id: self.id.as_str().into(),
            key: Arc::clone(key),
            grantee: grantee.compared().into(),
            retiring: retiring.as_ref().map(|party| party.compared().into()),
            issuing_account: owner.into(),
            operations: operations.iter().map(|operation| operation.as_str().into()).collect(),
            equals,
            subset,
        }
    }
}

/// The grants on a key, by whom they are given to: an identifier, a full name, or the number of a whole account.
#[derive(Debug, Default)]
pub(crate) struct Held(HashMap<Box<str>, Vec<policy::Grant>>);

impl Held {
    /// Those that reach somebody, if there are any.
    pub(crate) fn reaching(&self, principal: &policy::Principal<'_>) -> Option<Grants<'_>> {
        if self.0.is_empty() {
            return None;
        }
        let of = |name: Option<&str>| name.and_then(|name| self.0.get(name)).map(Vec::as_slice).unwrap_or_default();
        let names = [principal.unique_id, Some(principal.arn), principal.role_arn.filter(|arn| *arn != principal.arn)];
        let [id, own, role] = names.map(of);
        let grants = Grants::of([id, own, role, of(Some(principal.account))]);
        (!grants.is_empty()).then_some(grants)
    }
}

impl World {
    /// The grants on a key, made ready for the evaluator.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the store fails or a record cannot be read.
    pub(crate) async fn held(&self, dialect: &'static Dialect, key: &super::Key) -> Result<Held> {
        let rules = dialect.law.keys()?;
        let Some(grants) = rules.grants else { return Ok(Held::default()) };
        let place = below(&[dialect.name, &key.account, &key.region, &key.id]);
        let arn: Arc<str> = (rules.name)(&key.account, &key.region, Item::Key(&key.id)).into();
        let mut held = Held::default();
        for grant in self.read_below::<Grant>(GRANTS, &place).await? {
            let judged = grant.judged(&arn, owner(dialect, &grant.region, &grant.issued_by)?);
            let grantee = grant.terms.grantee.compared();
            let whole = (grants.account)(grantee);
            held.0.entry(whole.unwrap_or(grantee).into()).or_default().push(judged);
        }
        Ok(held)
    }

    /// Everything that a key's grants leave when it goes.
    pub(super) async fn grants_ended(&self, dialect: &str, key: &super::Key) -> Result<Vec<Change>> {
        let place = below(&[dialect, &key.account, &key.region, &key.id]);
        let grants = self.read_below::<Grant>(GRANTS, &place).await?;
        Ok(grants.iter().flat_map(|grant| grant.ended(dialect, Expect::Any)).collect())
    }
}

/// The full name of whoever owns an account.
fn owner(dialect: &Dialect, region: &str, account: &str) -> Result<String> {
    Ok(Naming { rules: dialect.law.identity()?, region }.full(account, FullName::Owner))
}

/// What a dialect says about grants.
pub struct Rules {
    /// Whether a text names somebody whom a grant may be given to, and by which full name.
    pub party: fn(&str, region: &str) -> Option<String>,
    /// The account that a full name means as a whole, if it means one.
    pub account: fn(&str) -> Option<&str>,
    /// The account in a full name.
    pub account_of: fn(&str) -> Option<&str>,
    /// The operations that grants on keys of a kind may give.
    pub of_key: fn(Spec, Usage) -> &'static [&'static str],
    /// The operation that makes grants, which no grant may give alone.
    pub create: &'static str,
    /// How many grants a key may have.
    pub most: usize,
}

fn rules(dialect: &'static Dialect) -> Result<&'static Rules> {
    dialect.law.keys()?.grants.ok_or_else(|| Kind::Unsupported.because("the dialect has no grants"))
}

/// Tokens of grants, of which each counts from the start: whether they are any is all that is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tokens(pub Vec<String>);

impl Tokens {
    /// Refuses texts that are no tokens.
    ///
    /// # Errors
    /// [`Kind::InvalidGrantToken`].
    pub(super) fn check(&self, search: &Search<'_>) -> Result<()> {
        self.0.iter().try_for_each(|token| open(search.world(), search.dialect(), token).map(drop))
    }
}

/// Which grant a token is of: account, region, key, grant.
fn open(world: &World, dialect: &Dialect, token: &str) -> Result<[String; 4]> {
    let wrong = || Error::from(Kind::InvalidGrantToken);
    let told = world.open_marker(&token_of(dialect), token).map_err(|_| wrong())?;
    let parts: Vec<String> = told.split(crate::port::store::SEPARATOR).map(str::to_owned).collect();
    parts.try_into().map_err(|_| wrong())
}

fn token_of(dialect: &Dialect) -> String {
    path(&["grant-token", dialect.name])
}

fn token(world: &World, dialect: &Dialect, grant: &Grant) -> Result<String> {
    world.marker(&token_of(dialect), &path(&[&grant.account, &grant.region, &grant.key, &grant.id]))
}

/// Lets somebody use a key.
#[derive(Debug)]
pub struct CreateGrant {
    /// The key.
    pub key: Reference,
    /// What is granted.
    pub terms: Terms,
    /// Tokens of the grants that let the caller.
    pub tokens: Tokens,
    /// Whether to stop short of doing it.
    pub dry_run: bool,
}

/// A grant that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The identifier.
    pub id: String,
    /// A token of it.
    pub token: String,
}

impl Operation for CreateGrant {
    type Output = Granted;
    const NAME: &'static str = "CreateGrant";
    const EFFECT: Effect = Effect::Changes;
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        self.tokens.check(search)?;
        locate::key(search, &self.key).await
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Granted> {
        let (key, dialect) = (allowed.key(Role::Subject)?, allowed.dialect());
        dialect.law.keys()?.admit(&key, Use::Grant)?;
        let rules = rules(dialect)?;
        let Self { key: _, terms, tokens: _, dry_run } = allowed.op();
        let place = (dialect, &*allowed.place().region);
        let (grantee, there) = met(world, place, rules, &terms.grantee).await?;
        let (retiring, also) = match &terms.retiring {
            Some(party) => met(world, place, rules, party).await.map(|(party, there)| (Some(party), there))?,
            None => (None, None),
        };
        let given = (rules.of_key)(key.key.spec, key.key.usage);
        if let Some(other) = terms.operations.iter().find(|operation| !given.contains(&operation.as_str())) {
            return Err(Kind::Invalid(Flaw::Value).because("a key of this kind does not do it").naming(other));
        }
        if matches!(terms.operations.as_slice(), [only] if only == rules.create) {
            return Err(Kind::Invalid(Flaw::Value).because("").with_cause(Cause::OnlyGrants));
        }
        let mut grant = Grant {
            id: String::new(),
            account: key.key.account.clone(),
            region: key.key.region.clone(),
            key: key.key.id.clone(),
            created_at: allowed.now(),
            issued_by: allowed.caller().account.to_string(),
            terms: Terms { grantee, retiring, ..terms.clone() },
        };
        grant.id = match &grant.terms.name {
            Some(_) => same(&grant)?,
            None => Hex::of(world.random::<32>()?).as_str().to_owned(),
        };
        let place = grant.path(dialect.name);
        let known = world.read::<Grant>(GRANTS, &place).await?.is_some();
        if !known {
            let prefix = below(&[dialect.name, &grant.account, &grant.region, &grant.key]);
            if world.ports.store.count(GRANTS, &prefix).await? >= rules.most {
                return Err(Kind::LimitExceeded(Noun::Grant).about(&*key.arn));
            }
        }
        super::crypt::stop_if(*dry_run)?;
        if !known {
            let mut changes = vec![put(GRANTS, place, Expect::Absent, &grant)?];
            if let Some(path) = grant.retirable(dialect.name) {
                let Grant { account, key, id, .. } = grant.clone();
                changes.push(put(RETIRABLE_GRANTS, path, Expect::Any, &Leads { account, key, id })?);
            }
            changes.extend(there.into_iter().chain(also));
            allowed.change(changes)?;
        }
        Ok(Granted { token: token(world, dialect, &grant)?, id: grant.id })
    }
}

/// The identifier of a grant that has a name: the same for the same grant.
fn same(grant: &Grant) -> Result<String> {
    let Grant { id: _, account, region, key, created_at: _, issued_by, terms } = grant;
    let terms = serde_json::to_string(terms).map_err(|_| Kind::Internal.because("a grant cannot be written"))?;
    let digest: [u8; 32] = Sha256::digest(path(&["grant", account, region, key, issued_by, &terms])).into();
    Ok(Hex::of(digest).as_str().to_owned())
}

/// Whom a grant names, and what holds as long as that one is there.
async fn met(
    world: &World,
    (dialect, region): (&'static Dialect, &str),
    rules: &Rules,
    party: &Party,
) -> Result<(Party, Option<Change>)> {
    let nobody = || Kind::UnknownPrincipal.about(&party.name).with_cause(Cause::OfGrant);
    let name = (rules.party)(&party.name, region).ok_or_else(nobody)?;
    if (rules.account)(&name).is_some() {
        return Ok((Party { name, id: None }, None));
    }
    match mentioned::met(world, dialect, &name).await? {
        mentioned::Met::One(id, there) => Ok((Party { name, id: Some(id) }, Some(there))),
        mentioned::Met::Unrecorded => Ok((Party { name, id: None }, None)),
        mentioned::Met::Nobody => Err(nobody()),
    }
}

/// A grant as it is told to callers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantOf {
    /// The key's full name.
    pub key: String,
    /// The identifier.
    pub id: String,
    /// When it was made.
    pub created_at: Time,
    /// The owner of the account that made it, by its full name.
    pub issued_by: String,
    /// What is granted.
    pub terms: Terms,
}

/// Grants under the present names of those they mean; whoever is gone is told by the identifier.
async fn told(
    world: &World,
    (dialect, told_in): (&'static Dialect, &str),
    grants: Listed<Grant>,
) -> Result<Listed<GrantOf>> {
    let parties = |grant: &Grant| [Some(&grant.terms.grantee), grant.terms.retiring.as_ref()].map(|it| it?.id.clone());
    let ids: Vec<String> = grants.items.iter().flat_map(parties).flatten().collect();
    let names = mentioned::names(world, (dialect, told_in), &ids).await?;
    let named = |party: Party| match party.id.as_ref().and_then(|id| names.get(id)) {
        Some(name) => Party::from(name.clone()),
        None => Party::from(party.name),
    };
    let key_name = dialect.law.keys()?.name;
    let Listed { items, next, numbered } = grants;
    let items = items.into_iter().map(|grant| {
        let Grant { id, account, region, key, created_at, issued_by, terms } = grant;
        let Terms { name, grantee, retiring, operations, constraint } = terms;
        let terms = Terms { name, grantee: named(grantee), retiring: retiring.map(named), operations, constraint };
        let key = key_name(&account, &region, Item::Key(&key));
        Ok(GrantOf { key, id, created_at, issued_by: owner(dialect, &region, &issued_by)?, terms })
    });
    Ok(Listed { items: items.collect::<Result<_>>()?, next, numbered })
}

/// Lists the grants on a key.
#[derive(Debug)]
pub struct ListGrants {
    /// The key.
    pub key: Reference,
    /// The identifier of the one that is wanted; all, when absent.
    pub id: Option<String>,
    /// To whom those are given that are wanted; to anybody, when absent.
    pub grantee: Option<String>,
    /// Which part.
    pub paging: Paging,
}

impl Operation for ListGrants {
    type Output = Listed<GrantOf>;
    const NAME: &'static str = "ListGrants";
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Listed<GrantOf>> {
        let (key, dialect) = (allowed.key(Role::Subject)?, allowed.dialect());
        dialect.law.keys()?.admit(&key, Use::Read)?;
        let Self { key: _, id, grantee, paging } = allowed.op();
        let grantee = match grantee {
            Some(name) => Some(sought(world, (dialect, &allowed.place().region), name).await?),
            None => None,
        };
        let super::Key { account, region, id: own, .. } = &key.key;
        let prefix = below(&[dialect.name, account, region, own]);
        let wanted = |grant: &Grant| {
            id.as_ref().is_none_or(|id| *id == grant.id)
                && grantee.as_ref().is_none_or(|grantee| grant.terms.grantee.compared() == grantee)
        };
        told(world, (dialect, region), page(world, GRANTS, &prefix, paging, wanted).await?).await
    }
}

/// What somebody is compared by who is looked for.
async fn sought(world: &World, (dialect, region): (&'static Dialect, &str), name: &str) -> Result<String> {
    let name = (rules(dialect)?.party)(name, region).unwrap_or_else(|| name.to_owned());
    Ok(mentioned::id_of(world, dialect, &name).await?.unwrap_or(name))
}

/// Lists the grants that somebody of the caller's account may retire, on whatever keys of the region.
#[derive(Debug)]
pub struct ListRetirableGrants {
    /// Who may.
    pub retiring: String,
    /// Which part.
    pub paging: Paging,
}

impl Operation for ListRetirableGrants {
    type Output = Listed<GrantOf>;
    const NAME: &'static str = "ListRetirableGrants";
    const ROLES: &'static [Role] = &[Role::Account];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::Keys)
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Listed<GrantOf>> {
        let (dialect, place) = (allowed.dialect(), allowed.place());
        let Self { retiring, paging } = allowed.op();
        let nobody = || Kind::UnknownPrincipal.about(retiring).with_cause(Cause::OfGrant);
        let name = (rules(dialect)?.party)(retiring, &place.region).ok_or_else(nobody)?;
        if (rules(dialect)?.account_of)(&name).is_none_or(|account| *account != *place.account) {
            return Err(nobody());
        }
        let compared = sought(world, (dialect, &place.region), &name).await?;
        let prefix = below(&[dialect.name, &place.region, &compared]);
        let listed = page::<Leads>(world, RETIRABLE_GRANTS, &prefix, paging, |_| true).await?;
        let to = |Leads { account, key, id }: &Leads| path(&[dialect.name, account, &place.region, key, id]);
        let paths: Vec<String> = listed.items.iter().map(to).collect();
        let items = world.read_many::<Grant>(GRANTS, &paths).await?;
        told(world, (dialect, &place.region), Listed { items, next: listed.next, numbered: listed.numbered }).await
    }
}

/// Which grant is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The one of a token.
    Token(String),
    /// One on a key, by its identifier.
    Id {
        /// The key.
        key: Reference,
        /// The grant.
        id: String,
    },
}

/// Ends a grant, as those may whom it concerns.
#[derive(Debug)]
pub struct RetireGrant {
    /// The grant.
    pub grant: Which,
    /// Whether to stop short of doing it.
    pub dry_run: bool,
}

impl Operation for RetireGrant {
    type Output = ();
    const NAME: &'static str = "RetireGrant";
    const EFFECT: Effect = Effect::Restricts;
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        let (key, id) = match &self.grant {
            Which::Id { key, id } => (key.clone(), id.clone()),
            Which::Token(token) => {
                let [account, region, key, id] = open(search.world(), search.dialect(), token)?;
                let (account, region) = (Some(account), Some(region));
                (Reference { account, region, by: super::By::Id(key) }, id)
            }
        };
        let (dialect, world) = (search.dialect(), search.world());
        locate::with_grant(search, &key, async |loaded: &Loaded| {
            let super::Key { account, region, id: own, .. } = &loaded.key;
            let place = path(&[dialect.name, account, region, own, &id]);
            let found = world.read::<Grant>(GRANTS, &place).await?;
            let grant = match &found {
                Some(found) => {
                    Some(found.value.judged(&loaded.arn, owner(dialect, region, &found.value.issued_by)?).into())
                }
                None => None,
            };
            Ok(GrantFound { id: id.clone(), grant })
        })
        .await
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let key = allowed.key(Role::Subject)?;
        let found = allowed.located(Role::Subject)?.grant.as_ref();
        let id = found.map(|found| found.id.as_str()).unwrap_or_default();
        end(allowed, world, &key, id, allowed.op().dry_run).await
    }
}

/// Ends a grant, as those may who administer the key.
#[derive(Debug)]
pub struct RevokeGrant {
    /// The key.
    pub key: Reference,
    /// The identifier of the grant.
    pub id: String,
    /// Whether to stop short of doing it.
    pub dry_run: bool,
}

impl Operation for RevokeGrant {
    type Output = ();
    const NAME: &'static str = "RevokeGrant";
    const EFFECT: Effect = Effect::Restricts;
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let key = allowed.key(Role::Subject)?;
        end(allowed, world, &key, &allowed.op().id, allowed.op().dry_run).await
    }
}

async fn end<O>(allowed: &Authorized<O>, world: &World, key: &Loaded, id: &str, dry_run: bool) -> Result<()> {
    let dialect = allowed.dialect();
    dialect.law.keys()?.admit(key, Use::Read)?;
    let super::Key { account, region, id: own, .. } = &key.key;
    let place = path(&[dialect.name, account, region, own, id]);
    let found = world.read::<Grant>(GRANTS, &place).await?;
    let found = found.ok_or_else(|| Kind::NotFound(Noun::Grant).about(id))?;
    super::crypt::stop_if(dry_run)?;
    allowed.change(found.value.ended(dialect.name, Expect::Rev(found.rev)))
}
