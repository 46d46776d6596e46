//! Key policies: read, written, and checked before they are written.

use std::sync::Arc;

use super::life::{on_one_key, update};
use super::{Item, Key, Reference, Rules, Use};
use crate::dialect::{Dialect, Row};
use crate::engine::{Foreseen, Located, Situation, World};
use crate::error::{Error, Kind, Noun, Result};
use crate::identity::check_document;
use crate::identity::mentioned::{pinned, told};
use crate::key::Loaded;
use crate::operation::{Authorized, Effect, Operation, Repeat, Role};
use crate::policy::{Attached, DocumentKind, Layers, Named, Policy, Question, Verdict};
use crate::port::Change;

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
    /// Its name, where the answer tells it.
    pub name: Option<String>,
    /// The document, as it was written, with whom it means under their present names.
    pub document: String,
}

/// The one name a key policy has.
const DEFAULT: &str = "default";

impl Operation for ReadPolicy {
    type Output = PolicyOf;
    const NAME: &'static str = "GetKeyPolicy";
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<PolicyOf> {
        let key = allowed.key(Role::Subject)?;
        allowed.dialect().law.keys()?.admit(&key, Use::Read)?;
        named_default(&allowed.op().name)?;
        let told =
            told(world, (allowed.dialect(), &allowed.place().region), &[(&key.key.policy, &key.key.pins)]).await?;
        Ok(PolicyOf { name: Some(DEFAULT.to_owned()), document: told.concat() })
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
    const EFFECT: Effect = Effect::Restricts;
    const REPEAT: Repeat = Repeat::Harmless;
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let Self { key: _, name, document, bypass_lockout_check } = allowed.op();
        let key = allowed.key(Role::Subject)?;
        allowed.dialect().law.keys()?.admit(&key, Use::ChangePolicy)?;
        named_default(name)?;
        let written = Key { policy: document.clone(), ..key.key.clone() };
        let (written, there) = check(allowed, world, written, bypass_lockout_check.unwrap_or(false)).await?;
        update(allowed, &key, |key| (key.policy, key.pins) = (written.policy, written.pins))?;
        allowed.change(there)
    }
}

/// Lists the names of a key's policies.
#[derive(Debug)]
pub struct ListPolicies {
    /// The key.
    pub key: Reference,
    /// How many names are told at most; there is one.
    pub limit: usize,
}

impl Operation for ListPolicies {
    /// The names.
    type Output = Vec<String>;
    const NAME: &'static str = "ListKeyPolicies";
    on_one_key!();

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<Vec<String>> {
        let key = allowed.key(Role::Subject)?;
        allowed.dialect().law.keys()?.admit(&key, Use::Read)?;
        Ok(vec![DEFAULT.to_owned()])
    }
}

fn named_default(name: &str) -> Result<()> {
    if name == DEFAULT { Ok(()) } else { Err(Kind::NotFound(Noun::KeyPolicy).about(name)) }
}

/// The key bound to whom its policy means, and what must hold when it is stored.
///
/// # Errors
/// For a policy that is malformed, names somebody who is not there, or would lock its writer out.
pub(super) async fn check<O: Operation>(
    allowed: &Authorized<O>,
    world: &World,
    key: Key,
    bypass_lockout_check: bool,
) -> Result<(Key, Vec<Change>)> {
    let law = allowed.dialect().law;
    let policy = check_document(allowed.dialect(), DocumentKind::Key, &key.policy)?;
    let (pins, there) = pinned(world, allowed.dialect(), &policy).await?;
    let (policy, key) = (policy.pinned(&pins), Key { pins, ..key });
    if let Some(action) = law.keys()?.lockout_check.filter(|_| !bypass_lockout_check) {
        lockout(allowed, &key, policy, action)?;
    }
    Ok((key, there))
}

/// Refuses a policy under which its writer could not call `action` again, in a request like this one.
fn lockout<O: Operation>(allowed: &Authorized<O>, key: &Key, policy: Policy, action: &'static str) -> Result<()> {
    let (dialect, caller) = (allowed.dialect(), allowed.caller());
    let law = dialect.law;
    let named = (law.principal)(caller);
    let rules = law.keys()?;
    let arn = (rules.name)(&key.account, &key.region, Item::Key(&key.id));
    let written = written(key, &arn, rules);
    let situation = Situation {
        caller,
        connection: allowed.connection(),
        region: &key.region,
        now: allowed.connection().time(allowed.now()),
        tags: None,
        located: &written,
        all: std::slice::from_ref(&written),
    };
    let question = Question {
        principal: caller.in_question(&named),
        action,
        resource: &arn,
        resource_account: Some(&key.account),
        context: &Foreseen::new(&situation, law, row_of(dialect, action)),
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

/// The key as the next request will find it.
fn written(key: &Key, arn: &str, rules: &Rules) -> Located {
    Located {
        role: Role::Subject,
        arn: arn.into(),
        account: key.account.as_str().into(),
        region: key.region.as_str().into(),
        resource: Some(Arc::new(Loaded::new(key.clone(), 0, arn.into(), None, rules))),
        grant: None,
        alias: None,
        by_ciphertext: false,
        missing: false,
        unchanged: None,
        unmade: None,
    }
}

/// The row that demands an action.
fn row_of(dialect: &'static Dialect, action: &str) -> Option<&'static Row> {
    let mut rows = dialect.services.iter().flat_map(|service| service.rows);
    rows.find(|row| row.demands().any(|demand| demand.action == action))
}

fn everything(law: &crate::dialect::Law) -> Result<Named> {
    let policy = law
        .policy
        .compile(DocumentKind::Identity, law.allow_everything)
        .map_err(|_| Kind::Internal.because("the dialect's policy that allows everything does not compile"))?;
    Ok(Named { name: "everything".into(), policy: policy.into() })
}
