//! Simulations: what policies that are given, or those of a user, group or role, would let a caller do.
//!
//! Nothing is done, and nobody is asked for anything but the permission to simulate.
//!
//! # Invariants
//! - The evaluator is the one that judges requests.
//! - The work of one answer is bounded: an answer that would take more stops early and says where to go on.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

use super::Item;
use super::relation::{self, Attachment, torn};
use super::{Held, Holder, ManagedPolicy, Policies, PolicyName, identity_path, locate, mentioned};
use crate::engine::world::{POLICIES, POLICIES_OF_HOLDER, Versioned};
use crate::engine::{Search, World};
use crate::error::{Error, Flaw, Kind, Result};
use crate::key::{By, Key, Loaded, Reference};
use crate::list::{Listed, Paging};
use crate::name::path;
use crate::operation::{Authorized, Operation, Role};
use crate::policy::{
    Attached, Context, DocumentKind, Effect, Extent, Facts, Layer, Layers, Match, Named, Outline, Policy, Predicate,
    Principal, PrincipalKind, Question, Refusal, Value, Verdict,
};

/// How much may be compared for one answer: bytes of policies, for each action and resource, and more often the longer
/// the names are, and the more condition keys and values there are to compare them with.
const MOST_WORK: usize = 8_000_000;
/// The length of a name and the number of values of condition keys that make a comparison twice as long.
const USUAL: usize = 64;
/// The length that makes a value of a condition key count as one more.
const LONG: usize = 4;

/// Simulates policies that are given.
#[derive(Debug)]
pub struct SimulateGiven(pub Simulation);

/// Simulates the policies of a user, group or role, and policies that are given.
#[derive(Debug)]
pub struct SimulateHeld {
    /// Whose policies.
    pub source: Source,
    /// Whether the source is the caller because nobody else was named.
    pub by_itself: bool,
    /// What is simulated.
    pub simulation: Simulation,
}

/// Lists the condition keys of policies that are given.
#[derive(Debug)]
pub struct KeysOfGiven {
    /// The documents.
    pub given: Vec<String>,
}

/// Lists the condition keys of the policies of a user, group or role, and of policies that are given.
#[derive(Debug)]
pub struct KeysOfHeld {
    /// Whose policies.
    pub source: Source,
    /// More documents.
    pub given: Vec<String>,
}

/// A user, group or role by its full name.
#[derive(Debug, Clone)]
pub struct Source {
    /// The account.
    pub account: String,
    /// The path, with both slashes.
    pub path: String,
    /// Who.
    pub holder: Holder,
    /// The full name, as it was said.
    pub named: String,
}

/// What is simulated.
#[derive(Debug)]
pub struct Simulation {
    /// Documents that the caller has, beside those of the source.
    pub given: Vec<String>,
    /// The permissions boundary of the caller.
    pub boundary: Option<String>,
    /// The policy that every resource has, and what kind of document it is.
    pub resource_policy: Option<(DocumentKind, String)>,
    /// The actions.
    pub actions: Vec<String>,
    /// The resources, with each of which every action is simulated.
    pub resources: Vec<Simulated>,
    /// The account of resources whose names do not tell it; the caller's, when absent.
    pub owner: Option<String>,
    /// Who calls; when absent, somebody of the account who has no name.
    pub caller: Option<Asker>,
    /// The condition keys that follow from who calls and that the request does not have itself.
    pub implied: Vec<(String, Value<'static>)>,
    /// The condition keys of the request.
    pub facts: Vec<Fact>,
    /// The scenario that the resources are those of, where one was named.
    pub scenario: Option<String>,
    /// Which part of the actions.
    pub paging: Paging,
}

/// A condition key of a simulated request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: Vec<String>,
    /// What its values are, and whether there may be several, where that is said.
    pub of: Option<(Predicate, bool)>,
}

impl Fact {
    /// What the request has under its name; nothing without a value.
    pub fn value(&self) -> Option<Value<'static>> {
        match (self.of.map_or(self.values.len() > 1, |(_, many)| many), self.values.as_slice()) {
            (true, values) => Some(Value::Many(Cow::Owned(values.to_vec()))),
            (false, values) => values.first().map(|value| value.clone().into()),
        }
    }
}

/// A resource of a simulation.
#[derive(Debug)]
pub struct Simulated {
    /// Its full name, or `*`.
    pub name: String,
    /// Whether it stands for all of them.
    pub any: bool,
    /// The account in its name.
    pub account: Option<String>,
    /// The key it is, which may be kept here.
    pub key: Option<Reference>,
    /// The policy it is taken to have when none is given and none is kept here.
    pub presumed: Option<(DocumentKind, String)>,
}

/// The caller of a simulation.
#[derive(Debug)]
pub struct Asker {
    /// What it is.
    pub kind: PrincipalKind,
    /// Its account.
    pub account: String,
    /// Its full name; empty for a session, whose name nobody knows.
    pub arn: String,
    /// The full name of the role behind a session.
    pub role_arn: Option<String>,
}

/// Where a policy comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Origin {
    /// It lives inside a user, group or role; with its name.
    Inline(Holder, String),
    /// It is a managed policy.
    Managed(PolicyName),
    /// It was given; with its number, from 1.
    Given(usize),
    /// It was given as permissions boundary.
    Boundary,
    /// It was given as policy of the resources.
    Resource,
    /// It is the policy of a key that is kept here.
    Key,
    /// It was presumed.
    Presumed,
    /// It gives permissions to the caller, and no more is known than what the answer calls it.
    Called(String),
}

/// A statement that is about an action on a resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Matched {
    /// Its policy.
    pub origin: Origin,
    /// Where it stands there.
    pub extent: Extent,
}

/// What came out for an action.
#[derive(Debug)]
pub struct Evaluated {
    /// The action.
    pub action: String,
    /// What came out for all resources together.
    pub whole: Outcome,
    /// What came out for each resource, in order; absent where none is named.
    pub each: Option<Vec<Outcome>>,
}

/// What came out for an action on a resource, or on all of them.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The full name of the resource, or what the answer has for all of them.
    pub resource: Option<String>,
    /// The verdict; the strictest of all.
    pub verdict: Verdict,
    /// The statements that deny; where none does, those of identity and resource policies that allow. Of all resources,
    /// those behind the strictest verdict, unless nothing decided.
    pub matched: Vec<Matched>,
    /// Condition keys that policies name and the request has not.
    pub missing: Vec<String>,
    /// What each kind of policy says, where the resource belongs to another account than the caller. Of named resources
    /// together it is said in any case, be it nothing.
    pub said: Option<Said>,
    /// Whether the permissions boundary, if there is one, allows it.
    pub within_boundary: Option<bool>,
}

/// What each kind of policy says; of several resources, the strictest verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Said {
    /// The identity policies.
    pub identity: Option<Verdict>,
    /// The boundary.
    pub boundary: Option<Verdict>,
    /// The policy of the resource.
    pub attached: Option<Verdict>,
}

impl Operation for SimulateGiven {
    type Output = Listed<Evaluated>;
    const NAME: &'static str = "SimulateGiven";
    const ROLES: &'static [Role] = &[Role::Account];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::Everything)
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Self::Output> {
        let Self(simulation) = allowed.op();
        simulation.run(allowed, world, Vec::new()).await
    }
}

impl Operation for SimulateHeld {
    type Output = Listed<Evaluated>;
    const NAME: &'static str = "SimulateHeld";
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        self.source.holder.locate(search).await
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Self::Output> {
        let Self { source, by_itself: _, simulation } = allowed.op();
        let held = source.documents(allowed, world).await?;
        simulation.run(allowed, world, held).await
    }
}

impl Operation for KeysOfGiven {
    /// The condition keys.
    type Output = Vec<String>;
    const NAME: &'static str = "ContextKeysOfGiven";
    const ROLES: &'static [Role] = &[Role::Account];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::Everything)
    }

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<Vec<String>> {
        Ok(keys(&given(allowed, &allowed.op().given)?))
    }
}

impl Operation for KeysOfHeld {
    /// The condition keys.
    type Output = Vec<String>;
    const NAME: &'static str = "ContextKeysOfHeld";
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        self.source.holder.locate(search).await
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Vec<String>> {
        let Self { source, given: more } = allowed.op();
        let mut documents = source.documents(allowed, world).await?;
        documents.extend(given(allowed, more)?);
        Ok(keys(&documents))
    }
}

/// A compiled policy with everything that an answer tells of it.
struct Document {
    origin: Origin,
    named: Named,
    outline: Outline,
    /// Its length in bytes.
    size: usize,
}

impl Document {
    fn of<O>(
        allowed: &Authorized<O>,
        origin: Origin,
        policy: Policy,
        text: &str,
    ) -> std::result::Result<Self, Refusal> {
        let named = Named { name: Arc::from(""), policy: Arc::new(policy) };
        Ok(Self { origin, named, outline: allowed.dialect().law.policy.outline(text)?, size: text.len() })
    }

    /// A document of the arguments.
    fn given<O>(allowed: &Authorized<O>, origin: Origin, kind: DocumentKind, text: &str) -> Result<Self> {
        let compiled = allowed.dialect().law.policy.compile(kind, text);
        let read = compiled.and_then(|policy| Self::of(allowed, origin, policy, text));
        read.map_err(|refusal| Kind::MalformedTrial.refused(refusal))
    }

    /// A document that is kept here; the error names its policy.
    fn kept<O>(allowed: &Authorized<O>, origin: Origin, kind: DocumentKind, name: &str, text: &str) -> Result<Self> {
        let read = allowed.dialect().law.policy.read(kind, text);
        read.and_then(|policy| Self::of(allowed, origin, policy, text)).map_err(|_| unreadable(name))
    }

    /// The policy of a key that is kept here, as it is told: statements stand where they are seen.
    async fn of_key<O>(allowed: &Authorized<O>, world: &World, key: &Loaded) -> Result<Self> {
        let Key { policy, pins, .. } = &key.key;
        let read = allowed.dialect().law.policy.read(DocumentKind::Key, policy);
        let kept = read.and_then(|read| Self::of(allowed, Origin::Key, read.pinned(pins), policy));
        let kept = kept.map_err(|_| unreadable(&key.arn))?;
        let told =
            mentioned::told(world, (allowed.dialect(), &allowed.place().region), &[(policy, pins)]).await?.concat();
        let outline = allowed.dialect().law.policy.outline(&told).map_err(|_| unreadable(&key.arn))?;
        Ok(Self { outline, size: told.len(), ..kept })
    }
}

fn unreadable(name: &str) -> Error {
    Kind::UnreadablePolicy.because("a stored policy cannot be read").naming(name)
}

fn given<O>(allowed: &Authorized<O>, texts: &[String]) -> Result<Vec<Document>> {
    let texts = texts.iter().enumerate();
    texts.map(|(at, text)| Document::given(allowed, Origin::Given(at + 1), DocumentKind::Identity, text)).collect()
}

/// The condition keys of documents, each once.
fn keys<'d>(documents: impl IntoIterator<Item = &'d Document>) -> Vec<String> {
    let mut seen = HashSet::new();
    let keys = documents.into_iter().flat_map(|document| &document.outline.keys);
    keys.filter(|key| seen.insert(key.to_ascii_lowercase())).cloned().collect()
}

impl Source {
    /// All policies: own, attached and, of a user, those of its groups.
    async fn documents<O>(&self, allowed: &Authorized<O>, world: &World) -> Result<Vec<Document>> {
        let place = allowed.place();
        let missing = || Kind::NotFound(self.holder.noun()).about(self.holder.name());
        if *self.account != *place.account {
            return Err(missing());
        }
        let held = Held::read(world, place, &self.holder).await?.value;
        if held.path() != self.path {
            return Err(missing());
        }
        let mut documents = Vec::new();
        collect(allowed, world, &held.holder(), held.policies(), &mut documents).await?;
        if let Held::User(user) = &held {
            for (_, group) in relation::groups(world, place.dialect, &place.account, &user.name).await? {
                collect(allowed, world, &Holder::Group(group.name), &group.policies, &mut documents).await?;
            }
        }
        Ok(documents)
    }
}

async fn collect<O>(
    allowed: &Authorized<O>,
    world: &World,
    holder: &Holder,
    policies: &Policies,
    documents: &mut Vec<Document>,
) -> Result<()> {
    let (dialect, kind) = (allowed.dialect(), DocumentKind::Identity);
    for (name, text) in &policies.inline {
        documents.push(Document::kept(allowed, Origin::Inline(holder.clone(), name.clone()), kind, name, text)?);
    }
    let attached = relation::policies_of(dialect.name, &allowed.place().account, holder);
    for Attachment { policy, .. } in world.read_below(POLICIES_OF_HOLDER, &attached).await? {
        let origin = Origin::Managed(policy.clone());
        if policy.system {
            let system = dialect.law.identity()?.system_policy(&policy.name).ok_or_else(torn)?;
            documents.push(Document::kept(allowed, origin, kind, system.name, &system.document)?);
            continue;
        }
        let path = identity_path(dialect.name, &allowed.place().account, &policy.name);
        let Versioned { value: managed, .. } = world.read::<ManagedPolicy>(POLICIES, &path).await?.ok_or_else(torn)?;
        let version = managed.versions.get(&managed.default_version).ok_or_else(torn)?;
        documents.push(Document::kept(allowed, origin, kind, &managed.name, &version.document)?);
    }
    Ok(())
}

impl Simulation {
    async fn run<O>(&self, allowed: &Authorized<O>, world: &World, held: Vec<Document>) -> Result<Listed<Evaluated>> {
        let mut identity = held;
        identity.extend(given(allowed, &self.given)?);
        let boundary = |text: &String| Document::given(allowed, Origin::Boundary, DocumentKind::Boundary, text);
        let boundary = self.boundary.as_ref().map(boundary).transpose()?;
        let attached = self.attached(allowed, world).await?;
        let work = self.work(identity.iter().chain(&boundary), &attached);
        if work > MOST_WORK {
            let why = "the policies and resources are too many to be simulated at once";
            return Err(Kind::Invalid(Flaw::Length).because(why));
        }
        let mut facts = Facts::new();
        for (name, value) in self.all_facts() {
            facts.insert(name, value);
        }
        let bench = Bench {
            simulation: self,
            caller_id: self.caller_id(allowed, world).await?,
            allowed,
            named: identity.iter().map(|document| document.named.clone()).collect(),
            limits: boundary.as_ref().map(|boundary| vec![boundary.named.clone()]),
            missing: missing(&facts, &identity, boundary.as_ref(), &attached),
            identity,
            boundary,
            attached,
            facts,
        };
        self.page(allowed, world, &bench, work)
    }

    /// The unique identifier of the caller, or of the role behind it, if it is kept here.
    async fn caller_id<O>(&self, allowed: &Authorized<O>, world: &World) -> Result<Option<String>> {
        let Some(Asker { arn, role_arn, .. }) = &self.caller else { return Ok(None) };
        mentioned::id_of(world, allowed.dialect(), role_arn.as_ref().unwrap_or(arn)).await
    }

    /// The condition keys that follow from who calls, and then those of the request.
    fn all_facts(&self) -> impl Iterator<Item = (&str, Value<'static>)> {
        let implied = self.implied.iter().map(|(name, value)| (name.as_str(), value.clone()));
        implied.chain(self.facts.iter().filter_map(|fact| Some((fact.name.as_str(), fact.value()?))))
    }

    /// The policy of each resource.
    async fn attached<O>(&self, allowed: &Authorized<O>, world: &World) -> Result<Vec<Option<Arc<Document>>>> {
        if let Some((kind, text)) = &self.resource_policy {
            let shared = Arc::new(Document::given(allowed, Origin::Resource, *kind, text)?);
            return Ok(self.resources.iter().map(|_| Some(Arc::clone(&shared))).collect());
        }
        let mut attached = Vec::with_capacity(self.resources.len());
        for resource in &self.resources {
            let document = match kept_policy(allowed, world, resource).await? {
                Some(document) => Some(document),
                None => {
                    let presumed = resource.presumed.as_ref();
                    presumed.map(|(kind, text)| Document::given(allowed, Origin::Presumed, *kind, text)).transpose()?
                }
            };
            attached.push(document.map(Arc::new));
        }
        Ok(attached)
    }

    /// How much is compared for one action.
    fn work<'d>(&self, own: impl Iterator<Item = &'d Document>, attached: &[Option<Arc<Document>>]) -> usize {
        let own: usize = own.map(|document| document.size).sum();
        let values: usize = self.all_facts().map(|(_, value)| weight(&value)).sum();
        let on = |(resource, attached): (&Simulated, &Option<Arc<Document>>)| {
            let size = own + attached.as_ref().map_or(0, |document| document.size);
            (1 + size).saturating_mul(1 + (resource.name.len() + values) / USUAL)
        };
        self.resources.iter().zip(attached).map(on).fold(0, usize::saturating_add)
    }

    fn page<O>(
        &self,
        allowed: &Authorized<O>,
        world: &World,
        bench: &Bench<'_, O>,
        work: usize,
    ) -> Result<Listed<Evaluated>> {
        let list = path(&["simulation", allowed.place().dialect, &allowed.place().account]);
        let (from, limit) = match &self.paging {
            Paging::Marker { marker: None, limit } => (0, limit.size()),
            Paging::Marker { marker: Some(marker), limit } => {
                let wrong = |_| Kind::InvalidMarker.because("the marker was not made for this list");
                (world.open_marker(&list, marker)?.parse::<usize>().map_err(wrong)?, limit.size())
            }
            Paging::Number { page, size } => (page.saturating_sub(1).saturating_mul(*size), *size),
        };
        let most = limit.min(MOST_WORK / work.max(1)).max(1);
        let items: Vec<Evaluated> =
            self.actions.iter().skip(from).take(most).map(|action| bench.simulate(action)).collect();
        let next = from.saturating_add(items.len());
        let next = (next < self.actions.len()).then(|| world.marker(&list, &next.to_string())).transpose()?;
        Ok(Listed { items, next, numbered: None })
    }
}

/// For how many values a value of a condition key counts.
fn weight(value: &Value<'_>) -> usize {
    let one = |text: &str| 1 + text.len() / LONG;
    match value {
        Value::One(text) => one(text),
        Value::Many(texts) => 1 + texts.iter().map(|text| one(text)).sum::<usize>(),
    }
}

/// The policy of a key that is kept here. Those of other accounts are not the caller's to learn about.
async fn kept_policy<O>(allowed: &Authorized<O>, world: &World, resource: &Simulated) -> Result<Option<Document>> {
    let place = allowed.place();
    let Some(Reference { account: Some(account), region: Some(region), by: By::Id(id) }) = &resource.key else {
        return Ok(None);
    };
    if **account != *place.account {
        return Ok(None);
    }
    let key = world.key(allowed.dialect(), account, region, id).await?;
    let Some(key) = key.filter(|key| !key.key.is_gone(allowed.now())) else { return Ok(None) };
    Document::of_key(allowed, world, &key).await.map(Some)
}

/// The condition keys that the policies on each resource name and the request has not.
fn missing(
    facts: &Facts,
    identity: &[Document],
    boundary: Option<&Document>,
    attached: &[Option<Arc<Document>>],
) -> Vec<Arc<[String]>> {
    let lacks = |attached: Option<&Document>| -> Arc<[String]> {
        let spoken = attached.filter(|document| document.origin != Origin::Presumed);
        let mut lacking = keys(identity.iter().chain(boundary).chain(spoken));
        lacking.retain(|key| facts.value(key).is_none());
        lacking.into()
    };
    let mut missing: Vec<Arc<[String]>> = Vec::with_capacity(attached.len());
    for (at, document) in attached.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| attached.get(at).zip(missing.last()));
        let again = before.filter(|(before, _)| match (before, document) {
            (Some(before), Some(document)) => Arc::ptr_eq(before, document),
            (None, None) => true,
            _ => false,
        });
        let lacking = again.map_or_else(|| lacks(document.as_deref()), |(_, missing)| Arc::clone(missing));
        missing.push(lacking);
    }
    missing
}

/// Everything that is the same for all actions.
struct Bench<'s, O> {
    simulation: &'s Simulation,
    caller_id: Option<String>,
    allowed: &'s Authorized<O>,
    identity: Vec<Document>,
    named: Vec<Named>,
    boundary: Option<Document>,
    limits: Option<Vec<Named>>,
    attached: Vec<Option<Arc<Document>>>,
    missing: Vec<Arc<[String]>>,
    facts: Facts,
}

impl<O> Bench<'_, O> {
    fn simulate(&self, action: &str) -> Evaluated {
        let resources = self.simulation.resources.iter().zip(&self.attached).zip(&self.missing);
        let on =
            resources.map(|((resource, attached), missing)| self.on(action, resource, attached.as_deref(), missing));
        let each: Vec<Outcome> = on.collect();
        let named = self.simulation.resources.iter().any(|resource| !resource.any);
        Evaluated { action: action.to_owned(), whole: together(&each, named), each: named.then_some(each) }
    }

    fn on(&self, action: &str, resource: &Simulated, attached: Option<&Document>, missing: &[String]) -> Outcome {
        let Simulation { caller, owner, .. } = self.simulation;
        let home = &*self.allowed.place().account;
        let account = caller.as_ref().map_or(home, |caller| &caller.account);
        let owner = resource.account.as_deref().or(owner.as_deref()).unwrap_or(account);
        let question = Question {
            principal: Principal {
                kind: caller.as_ref().map_or(PrincipalKind::User, |caller| caller.kind),
                account,
                arn: caller.as_ref().map_or("", |caller| &caller.arn),
                role_arn: caller.as_ref().and_then(|caller| caller.role_arn.as_deref()),
                user_arn: None,
                service: None,
                unique_id: self.caller_id.as_deref(),
            },
            action,
            resource: &resource.name,
            resource_account: Some(owner),
            context: &self.facts,
            assume_role: false,
            grant_id: None,
        };
        let layers = Layers {
            identity: Some(&self.named),
            boundary: self.limits.as_deref(),
            resource: attached.map(|one| Attached { attached_to: &resource.name, named: &one.named }),
            ..Layers::default()
        };
        let spec = self.allowed.dialect().law.policy;
        let verdict = spec.decide(&question, &layers);
        let matches = spec.matches(&question, &layers);
        let spoken = attached.filter(|document| document.origin != Origin::Presumed);
        let boundary = self.boundary.as_ref().map(|_| said(&matches, Layer::Boundary));
        let told = Said {
            identity: Some(said(&matches, Layer::Identity)),
            boundary,
            attached: spoken.map(|_| said(&matches, Layer::Resource)),
        };
        Outcome {
            resource: Some(resource.name.clone()),
            verdict,
            matched: self.matched(verdict, &matches, attached),
            missing: missing.to_vec(),
            said: (account != owner).then_some(told),
            within_boundary: boundary.map(|verdict| verdict == Verdict::Allow),
        }
    }

    fn matched(&self, verdict: Verdict, matches: &[Match], attached: Option<&Document>) -> Vec<Matched> {
        let counts = |one: &&Match| match verdict {
            Verdict::ExplicitDeny => one.effect == Effect::Deny,
            Verdict::Allow | Verdict::ImplicitDeny => one.effect == Effect::Allow && one.layer != Layer::Boundary,
        };
        let shown = |one: &Match| {
            let document = match one.layer {
                Layer::Boundary => self.boundary.as_ref(),
                Layer::Resource => attached,
                _ => self.identity.get(one.policy),
            }?;
            let extent = *document.outline.statements.get(one.statement)?;
            (document.origin != Origin::Presumed).then(|| Matched { origin: document.origin.clone(), extent })
        };
        matches.iter().filter(counts).filter_map(shown).collect()
    }
}

/// What came out on all resources together; `named` says that they have names.
fn together(each: &[Outcome], named: bool) -> Outcome {
    let verdict = strictest(each.iter().map(|one| one.verdict)).unwrap_or(Verdict::ImplicitDeny);
    let foreign: Vec<Said> = each.iter().filter_map(|one| one.said).collect();
    let all = |of: fn(&Said) -> Option<Verdict>| strictest(foreign.iter().filter_map(of));
    let said = Said {
        identity: all(|one| one.identity),
        boundary: all(|one| one.boundary),
        attached: all(|one| one.attached),
    };
    let within: Option<Vec<bool>> = each.iter().map(|one| one.within_boundary).collect();
    let decisive = each.iter().filter(|one| one.verdict == verdict && verdict != Verdict::ImplicitDeny);
    Outcome {
        resource: None,
        verdict,
        matched: distinct(decisive.flat_map(|one| &one.matched)),
        missing: distinct(each.iter().flat_map(|one| &one.missing)),
        said: (named || !foreign.is_empty()).then_some(said),
        within_boundary: within.map(|within| within.iter().all(|within| *within)),
    }
}

fn strictest(verdicts: impl Iterator<Item = Verdict>) -> Option<Verdict> {
    verdicts.max_by_key(|verdict| match verdict {
        Verdict::Allow => 0,
        Verdict::ImplicitDeny => 1,
        Verdict::ExplicitDeny => 2,
    })
}

/// Every value once, in the order in which they come.
fn distinct<'a, T: Clone + Eq + Hash + 'a>(values: impl Iterator<Item = &'a T>) -> Vec<T> {
    let mut seen = HashSet::new();
    values.filter(|value| seen.insert(*value)).cloned().collect()
}

/// What a layer says by itself.
fn said(matches: &[Match], layer: Layer) -> Verdict {
    let has = |effect| matches.iter().any(|one| one.layer == layer && one.effect == effect);
    match (has(Effect::Deny), has(Effect::Allow)) {
        (true, _) => Verdict::ExplicitDeny,
        (false, true) => Verdict::Allow,
        (false, false) => Verdict::ImplicitDeny,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::policy::Position;

    fn on(verdict: Verdict, line: usize) -> Outcome {
        let extent = Extent { start: Position { line, column: 1 }, end: Position { line, column: 9 } };
        Outcome {
            resource: Some("r".to_owned()),
            verdict,
            matched: vec![Matched { origin: Origin::Given(1), extent }],
            missing: vec!["x".to_owned()],
            said: None,
            within_boundary: Some(verdict == Verdict::Allow),
        }
    }

    #[test]
    fn the_whole_is_as_strict_as_its_strictest_part() {
        let lines = |whole: &Outcome| whole.matched.iter().map(|one| one.extent.start.line).collect::<Vec<_>>();
        let mixed = together(&[on(Verdict::Allow, 1), on(Verdict::ExplicitDeny, 2)], true);
        assert_eq!(
            (mixed.verdict, lines(&mixed), mixed.within_boundary),
            (Verdict::ExplicitDeny, vec![2], Some(false))
        );
        assert_eq!(mixed.missing, ["x"]);
        let silent = together(&[on(Verdict::Allow, 1), on(Verdict::ImplicitDeny, 2)], true);
        assert_eq!((silent.verdict, silent.matched), (Verdict::ImplicitDeny, vec![]));
        let same = together(&[on(Verdict::Allow, 1), on(Verdict::Allow, 1)], true);
        assert_eq!((lines(&same), same.within_boundary), (vec![1], Some(true)));
    }

    #[test]
    fn what_policies_say_of_foreign_resources_is_said_of_the_whole() {
        let said = |identity| Some(Said { identity: Some(identity), boundary: None, attached: None });
        let foreign = |verdict| Outcome { said: said(verdict), ..on(verdict, 1) };
        let both = [foreign(Verdict::Allow), foreign(Verdict::ImplicitDeny), on(Verdict::ExplicitDeny, 2)];
        assert_eq!(together(&both, true).said, said(Verdict::ImplicitDeny));
        assert_eq!(together(&[on(Verdict::Allow, 1)], true).said, Some(Said::default()));
        assert_eq!(together(&[on(Verdict::Allow, 1)], false).said, None);
    }

    #[test]
    fn a_condition_key_has_one_value_or_many() {
        let of = |values: &[&str], of| {
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            Fact { name: "k".to_owned(), values, of }.value()
        };
        let many = |values: &[&str]| {
            Some(Value::Many(values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>().into()))
        };
        assert_eq!(
            (of(&[], None), of(&["a"], None), of(&["a", "b"], None)),
            (None, Some("a".into()), many(&["a", "b"]))
        );
        assert_eq!(of(&["a"], Some((Predicate::Text, true))), many(&["a"]));
        assert_eq!(of(&[], Some((Predicate::Text, true))), many(&[]));
    }
}
