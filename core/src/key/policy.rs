//! Key policies: read, written, and checked before they are written.

use super::life::{on_one_key, update};
use super::{Key, Reference, Use};
use crate::dialect::{Dialect, Item, Resource};
use crate::engine::World;
use crate::engine::world::{ACCOUNTS, ROLES, USERS};
use crate::error::{Error, Kind, Noun, Result};
use crate::identity::{self, Account, User, identity_path};
use crate::name::path;
use crate::operation::{Asked, Authorized, Operation, Role, Target};
use crate::policy::{Attached, DocumentKind, Facts, Layers, Named, Policy, Principal, Question, Verdict};

/// Reads the policy of a key.
#[derive(Debug)]
pub struct ReadPolicy {
    /// The key.
    pub key: Reference,
    /// The policy's name.
    pub name: String,
}

/// The policy of a key.
#[derive(Debug)]
pub struct PolicyOf {
    /// Its name.
    pub name: String,
    /// The document, as it was written.
    pub document: String,
}

/// The one name a key policy has.
const DEFAULT: &str = "default";

impl Operation for ReadPolicy {
    type Output = PolicyOf;
    const NAME: &'static str = "GetKeyPolicy";
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<PolicyOf> {
        let key = allowed.key(Role::Subject)?;
        allowed.dialect().law.keys.admit(&key, Use::Read)?;
        named_default(&allowed.op().name)?;
        Ok(PolicyOf { name: DEFAULT.to_owned(), document: key.key.policy.clone() })
    }
}

/// Writes the policy of a key.
#[derive(Debug)]
pub struct PutPolicy {
    /// The key.
    pub key: Reference,
    /// The policy's name.
    pub name: String,
    /// The document.
    pub document: String,
    /// Whether the lock-out check is to be skipped.
    pub bypass_lockout_check: Option<bool>,
}

impl Operation for PutPolicy {
    type Output = ();
    const NAME: &'static str = "PutKeyPolicy";
    on_one_key!();

    fn asked(&self) -> Asked<'_> {
        Asked { bypass_lockout_check: self.bypass_lockout_check, ..Asked::default() }
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let Self { key: _, name, document, bypass_lockout_check } = allowed.op();
        let key = allowed.key(Role::Subject)?;
        allowed.dialect().law.keys.admit(&key, Use::ChangePolicy)?;
        named_default(name)?;
        let written = Key { policy: document.clone(), ..key.key.clone() };
        check(allowed, world, &written, bypass_lockout_check.unwrap_or(false)).await?;
        update(world, allowed.place().dialect, &key, |key| key.policy = written.policy).await.map(drop)
    }
}

/// Lists the names of a key's policies.
#[derive(Debug)]
pub struct ListPolicies {
    /// The key.
    pub key: Reference,
}

impl Operation for ListPolicies {
    /// The names.
    type Output = Vec<String>;
    const NAME: &'static str = "ListKeyPolicies";
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<Vec<String>> {
        let key = allowed.key(Role::Subject)?;
        allowed.dialect().law.keys.admit(&key, Use::Read)?;
        Ok(vec![DEFAULT.to_owned()])
    }
}

/// Whom a principal in a policy means, as far as it can be looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mentioned<'a> {
    /// A user.
    User {
        /// The account.
        account: &'a str,
        /// The path, with both slashes.
        path: &'a str,
        /// The name.
        name: &'a str,
    },
    /// A role.
    Role {
        /// The account.
        account: &'a str,
        /// The path, with both slashes; any, when absent.
        path: Option<&'a str>,
        /// The name.
        name: &'a str,
    },
    /// Somebody that no record is kept of: the word of the policy is taken.
    Unrecorded,
    /// Nobody: the text is no name.
    Nobody,
}

fn named_default(name: &str) -> Result<()> {
    if name == DEFAULT { Ok(()) } else { Err(Kind::NotFound(Noun::KeyPolicy).about(name)) }
}

/// Refuses a policy that is malformed, or that would lock its writer out.
pub(super) async fn check<O: Operation>(
    allowed: &Authorized<O>,
    world: &World,
    key: &Key,
    bypass_lockout_check: bool,
) -> Result<()> {
    let law = allowed.dialect().law;
    let policy = law
        .policy
        .compile(DocumentKind::Key, &key.policy)
        .map_err(|refusal| Kind::MalformedPolicy.because(refusal.to_string()).with_refusal(refusal.code))?;
    everybody_exists(world, allowed.dialect(), &policy).await?;
    let Some(action) = law.keys.lockout_check.filter(|_| !bypass_lockout_check) else { return Ok(()) };
    let caller = allowed.caller();
    let named = (law.principal)(caller);
    let arn = (law.resource)(&Resource { account: &key.account, region: &key.region, item: Item::Key(&key.id) });
    let facts = Facts::default();
    let question = Question {
        principal: Principal {
            kind: named.kind,
            account: &caller.account,
            arn: &named.arn,
            role_arn: named.role_arn.as_deref(),
            user_arn: None,
            service: None,
            unique_id: None,
        },
        action,
        resource: &arn,
        resource_account: Some(&key.account),
        context: &facts,
        assume_role: false,
        grant_id: None,
    };
    // The account's own policies are not asked: a delegation to the account counts for each of its members.
    let all = [everything(law)?];
    let policy = Named { name: DEFAULT.into(), policy: policy.into() };
    let layers = Layers {
        identity: Some(&all),
        resource: Some(Attached { attached_to: &arn, named: &policy }),
        ..Layers::default()
    };
    match law.policy.decide(&question, &layers) {
        Verdict::Allow => Ok(()),
        Verdict::ExplicitDeny | Verdict::ImplicitDeny => Err(Error::from(Kind::PolicyLockout)),
    }
}

/// Refuses a policy that names somebody who is not there.
async fn everybody_exists(world: &World, dialect: &'static Dialect, policy: &Policy) -> Result<()> {
    let Some(mentioned) = dialect.law.keys.mentioned else { return Ok(()) };
    for text in policy.principals() {
        let exists = match mentioned(text) {
            // Of accounts that are not kept here nothing is known: the word of the policy is taken.
            Mentioned::User { account, .. } | Mentioned::Role { account, .. }
                if !is_kept(world, dialect, account).await? =>
            {
                true
            }
            Mentioned::User { account, path, name } => {
                let at = identity_path(dialect.name, account, name);
                let found = world.read::<User>(USERS, &at).await?;
                found.is_some_and(|user| user.value.path == path && user.value.name == name)
            }
            Mentioned::Role { account, path, name } => {
                let at = identity_path(dialect.name, account, name);
                let found = world.read::<identity::Role>(ROLES, &at).await?;
                let fits = |role: &identity::Role| path.is_none_or(|path| role.path == path) && role.name == name;
                found.is_some_and(|role| fits(&role.value))
            }
            Mentioned::Unrecorded => true,
            Mentioned::Nobody => false,
        };
        if !exists {
            return Err(Kind::UnknownPrincipal.about(text));
        }
    }
    Ok(())
}

async fn is_kept(world: &World, dialect: &Dialect, account: &str) -> Result<bool> {
    Ok(world.read::<Account>(ACCOUNTS, &path(&[dialect.name, account])).await?.is_some())
}

fn everything(law: &crate::dialect::Law) -> Result<Named> {
    let policy = law
        .policy
        .compile(DocumentKind::Identity, law.allow_everything)
        .map_err(|_| Kind::Internal.because("the dialect's policy that allows everything does not compile"))?;
    Ok(Named { name: "everything".into(), policy: policy.into() })
}
