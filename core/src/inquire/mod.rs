//! Inquiries: whether somebody could do something, who could, and the least that would have to change; nothing is done.
//!
//! # Invariants
//! - The evaluator, the policies and the condition keys are those that judge requests.
//! - A change is told only after it was tried: with it, the answer is another one.

mod trial;
mod varies;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use trial::{Over, Trial};

use crate::denial::Ruling;
use crate::dialect::{Dialect, Format, Law, OwnedPrincipal, Peer, Row, Service, Voice};
use crate::engine::world::{ACCESS_KEYS, ROLES, USERS};
use crate::engine::{
    Call, Caller, Circumstances, Connection, Engine, Foreseen, Located, Search, Simulated, Situation, asked,
};
use crate::error::{Error, Flaw, Kind, Noun, Result};
use crate::identity::session::Subject;
use crate::identity::{self, Holder, PolicyName};
use crate::key::{self, Reference};
use crate::name::{below, path};
use crate::operation::Role;
use crate::policy::{Facts, KeyName, Open, Reason};
use crate::port::Time;

/// The most principals that are asked about at once.
const MOST_PRINCIPALS: usize = 10_000;
/// The most condition keys of an inquiry.
const MOST_FACTS: usize = 64;
/// The name of a session that nobody has started.
const SESSION: &str = "somebody";

/// A question about somebody's permissions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inquiry {
    /// The dialect.
    pub dialect: String,
    /// The account of whoever asks; the owner's of this engine, or that of the full name, when absent.
    #[serde(default)]
    pub account: Option<String>,
    /// The account where neither the inquiry nor a name says one.
    #[serde(default)]
    pub default_account: Option<String>,
    /// The region; that of requests which name none, when absent.
    #[serde(default)]
    pub region: Option<String>,
    /// Who: `user/NAME`, `role/NAME`, `owner`, or a full name. Nobody in particular, where all are asked about.
    #[serde(default, rename = "as")]
    pub who: Option<String>,
    /// The action, as policies name it.
    pub action: String,
    /// The resource: `key/ID`, `alias/NAME`, `user/NAME`, `role/NAME`, …, a full name, or `*`.
    pub resource: String,
    /// Condition keys of the request, each with its values.
    #[serde(default)]
    pub context: BTreeMap<String, Vec<String>>,
}

/// Whether somebody could do something.
#[derive(Debug, Serialize)]
pub struct Inquired {
    /// The full name of whoever was asked about.
    pub principal: String,
    /// Whether the request would be allowed.
    pub allowed: bool,
    /// Why it would be denied whatever policies say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub barred: Option<String>,
    /// What the policies were asked and what they said.
    pub ruling: Ruling,
    /// Whether there is such a resource, as far as that is known here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exists: Option<bool>,
    /// The circumstances that the request would be taken to come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simulated: Option<Circumstances>,
    /// What would turn the answer, the smallest first; each was tried.
    pub changes: Vec<Change>,
    /// The statements that depend on what the request says, where the answer depends on them.
    pub depends_on: Vec<Open>,
    /// What else the operation needs.
    pub needs: Vec<Need>,
    /// What is to be known of the question: an action that is not known here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What would turn an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// In words.
    pub what: String,
    /// The condition keys that the request would have.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub context: BTreeMap<String, String>,
    /// The document that would have to be added, to the policies of whoever asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<Json>,
}

/// Another permission that an operation needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Need {
    /// The operation.
    pub operation: &'static str,
    /// The action.
    pub action: &'static str,
    /// On what.
    pub on: &'static str,
}

/// Who could do something.
#[derive(Debug, Serialize)]
pub struct InquiredWho {
    /// The action.
    pub action: String,
    /// The full name of the resource.
    pub resource: String,
    /// Whether there is such a resource, as far as that is known here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exists: Option<bool>,
    /// Those who could, with what has to hold.
    pub principals: Vec<Able>,
    /// How many were asked about.
    pub asked_about: usize,
    /// What else the operation needs.
    pub needs: Vec<Need>,
    /// What is to be known of the question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Somebody who could do something.
#[derive(Debug, Serialize)]
pub struct Able {
    /// The full name.
    pub principal: String,
    /// Whether it could whatever the request is like.
    pub always: bool,
    /// What allows, where it always could.
    pub allow_by: Vec<Reason>,
    /// The statements that may allow or deny, each with the conditions that are open.
    pub open: Vec<Open>,
}

impl Engine {
    /// Whether somebody could do something.
    ///
    /// # Errors
    /// [`Kind::Unreadable`] for a question that cannot be read, [`Kind::NotFound`] when there is nobody of this name.
    pub async fn inquire(&self, inquiry: &Inquiry) -> Result<Inquired> {
        let asking = Asking::of(self, inquiry)?;
        let (account, subject) = asking.somebody(inquiry.who.as_deref().unwrap_or_default())?;
        let (caller, named) = asking.present(&account, &subject).await?;
        let connection = plain(asking.circumstances(&caller).await?);
        let call = asking.call(&caller, &named, &connection);
        let (located, exists) = asking.locate(&call, &inquiry.resource).await?;
        Ok(asking.put(&call, &located, |trial| trial.answer(exists)))
    }

    /// Who could do something: users, roles and the owners of all accounts here.
    ///
    /// # Errors
    /// As [`inquire`](Engine::inquire).
    pub async fn inquire_who(&self, inquiry: &Inquiry) -> Result<InquiredWho> {
        let asking = Asking::of(self, inquiry)?;
        if inquiry.who.is_some() {
            return Err(unread("everybody is asked about, and nobody in particular"));
        }
        let everybody = asking.everybody().await?;
        let connection = plain(None);
        let (mut principals, mut found) = (Vec::new(), None);
        let asked_about = everybody.len();
        for (account, subject) in everybody {
            let Ok((caller, named)) = asking.present(&account, &subject).await else { continue };
            let call = asking.call(&caller, &named, &connection);
            // Resources of the account that was asked about, whoever asks.
            let (located, _) = match &found {
                Some(found) => found,
                None => {
                    let home = asking.home();
                    let owner = asking.present(&home, &Subject::Owner).await?;
                    let call = asking.call(&owner.0, &owner.1, &connection);
                    found.insert(asking.locate(&call, &inquiry.resource).await?)
                }
            };
            if asking.barred(&call, located).is_some() {
                continue;
            }
            principals.extend(asking.put(&call, located, |trial| trial.able()));
        }
        let (located, exists) = found.ok_or_else(|| unread("there is no account here"))?;
        Ok(InquiredWho {
            action: inquiry.action.clone(),
            resource: located.arn.to_string(),
            exists,
            principals,
            asked_about,
            needs: asking.needs(located.role),
            note: asking.note(),
        })
    }
}

/// An inquiry, read.
struct Asking<'a> {
    engine: &'a Engine,
    inquiry: &'a Inquiry,
    dialect: &'static Dialect,
    region: Arc<str>,
    facts: Facts,
    /// The rows that ask for the action, the one of its own name first.
    rows: Vec<(&'static Service, &'static Row)>,
    /// The first of them, or any row where there is none: it is asked nothing then.
    as_if: (&'static Service, &'static Row),
    now: Time,
}

impl<'a> Asking<'a> {
    fn of(engine: &'a Engine, inquiry: &'a Inquiry) -> Result<Self> {
        let dialect = engine.registry().named(&inquiry.dialect);
        let dialect = dialect.ok_or_else(|| unread("there is no such dialect").naming(&inquiry.dialect))?;
        if inquiry.context.len() > MOST_FACTS {
            return Err(unread("a request has fewer condition keys"));
        }
        let service = inquiry.action.split_once(':').map(|(service, name)| (service, name.is_empty()));
        let Some((service, false)) = service else {
            return Err(unread("an action is SERVICE:NAME").naming(&inquiry.action));
        };
        let region = inquiry.region.clone().unwrap_or_else(|| engine.default_region(dialect));
        if !(dialect.front.region)(&region) {
            return Err(unread("there can be no such region").naming(region));
        }
        let facts = inquiry.context.iter().fold(Facts::new(), |facts, (name, values)| {
            facts.with(
                name.as_str(),
                match values.as_slice() {
                    [one] => one.clone().into(),
                    many => many.to_vec().into(),
                },
            )
        });
        let mut rows: Vec<(&'static Service, &'static Row)> = Vec::new();
        for known in dialect.services {
            let asks = |row: &&Row| row.demands().any(|demand| demand.action.eq_ignore_ascii_case(&inquiry.action));
            rows.extend(known.rows.iter().filter(asks).map(|row| (known, row)));
        }
        let own = |(known, row): &(&Service, &Row)| {
            known.name.eq_ignore_ascii_case(service)
                && inquiry.action.split_once(':').is_some_and(|(_, name)| row.wire().eq_ignore_ascii_case(name))
        };
        rows.sort_by_key(|row| !own(row));
        let now = engine.world().ports.clock.now();
        let any = || dialect.services.iter().find_map(|service| Some((service, service.rows.first()?)));
        let as_if = rows.first().copied().or_else(any).ok_or_else(|| unread("there is nothing to ask here"))?;
        Ok(Self { engine, inquiry, dialect, region: region.into(), facts, rows, as_if, now })
    }

    fn law(&self) -> &'static Law {
        self.dialect.law
    }

    /// The account that names without one are of.
    fn home(&self) -> String {
        let Inquiry { account, default_account, .. } = self.inquiry;
        let own = account.as_ref().or(default_account.as_ref()).cloned();
        own.unwrap_or_else(|| self.dialect.front.default_account.to_owned())
    }

    /// Whom a text names: `user/NAME`, `role/NAME`, `owner`, or the same behind the other parts of a full name.
    fn somebody(&self, text: &str) -> Result<(String, Subject)> {
        let unknown = || unread("somebody is `user/NAME`, `role/NAME`, `owner` or a full name").naming(text);
        let relative = text.rsplit(':').next().unwrap_or_default();
        let account = text.split(':').find(|part| self.dialect.front.account.admits(part) && *part != relative);
        let account = account.map_or_else(|| self.home(), str::to_owned);
        let is_elsewhere = text.contains(':') && !text.split(':').any(|part| part == account);
        if is_elsewhere || !self.dialect.front.account.admits(&account) {
            return Err(unread("this names nobody of any account here").naming(text));
        }
        let (kind, rest) = relative.split_once('/').unwrap_or((relative, ""));
        let last = || rest.rsplit('/').next().filter(|name| !name.is_empty()).map(str::to_owned);
        let subject = match kind {
            "owner" | "root" if rest.is_empty() => Subject::Owner,
            "user" => Subject::User { id: String::new(), name: last().ok_or_else(unknown)? },
            "role" => {
                Subject::Role { id: String::new(), name: last().ok_or_else(unknown)?, session: SESSION.to_owned() }
            }
            "assumed-role" => {
                let (name, session) = rest.split_once('/').ok_or_else(unknown)?;
                Subject::Role { id: String::new(), name: name.to_owned(), session: session.to_owned() }
            }
            _ => return Err(unknown()),
        };
        Ok((account, subject))
    }

    async fn present(&self, account: &str, subject: &Subject) -> Result<(Arc<Caller>, Arc<OwnedPrincipal>)> {
        let found = self.engine.present(self.dialect, (account, &self.region), subject, self.now).await?;
        found.ok_or_else(|| match subject {
            Subject::Owner => Kind::NotFound(Noun::User).because("there is no such account here").naming(account),
            Subject::User { name, .. } => Kind::NotFound(Noun::User).because("there is no such user here").naming(name),
            Subject::Role { name, .. } => Kind::NotFound(Noun::Role).because("there is no such role here").naming(name),
        })
    }

    /// The circumstances that requests of somebody's own access keys are taken to come from.
    async fn circumstances(&self, caller: &Caller) -> Result<Option<Arc<Simulated>>> {
        for (dialect, simulated) in self.engine.simulated() {
            let path = path(&[dialect, &simulated.access_key_id]);
            let found = self.engine.world().read::<identity::AccessKey>(ACCESS_KEYS, &path).await?;
            let is_own = found.is_some_and(|found| {
                let user = found.value.user.as_ref().map(|user| user.id.as_str());
                *found.value.account == *caller.account && user == caller.principal.unique_id()
            });
            if is_own && dialect == self.dialect.name && caller.session.is_none() {
                return Ok(Some(simulated));
            }
        }
        Ok(None)
    }

    /// Everybody of the dialect: the owner of each account, its users and its roles.
    async fn everybody(&self) -> Result<Vec<(String, Subject)>> {
        let (world, prefix) = (self.engine.world(), below(&[self.dialect.name]));
        let users = world.read_below::<identity::User>(USERS, &prefix).await?;
        let roles = world.read_below::<identity::Role>(ROLES, &prefix).await?;
        let mut accounts: BTreeMap<String, Vec<Subject>> = BTreeMap::new();
        accounts.entry(self.home()).or_default();
        for user in users {
            accounts.entry(user.account).or_default().push(Subject::User { id: user.id, name: user.name });
        }
        for role in roles {
            let session = SESSION.to_owned();
            accounts.entry(role.account).or_default().push(Subject::Role { id: role.id, name: role.name, session });
        }
        let all = accounts.into_iter().flat_map(|(account, subjects)| {
            let owner = std::iter::once(Subject::Owner);
            owner.chain(subjects).map(move |subject| (account.clone(), subject)).collect::<Vec<_>>()
        });
        let all: Vec<_> = all.collect();
        match all.len() > MOST_PRINCIPALS {
            true => Err(unread("there are too many users and roles to ask about each of them")),
            false => Ok(all),
        }
    }

    fn call<'c>(&self, caller: &Arc<Caller>, named: &Arc<OwnedPrincipal>, connection: &'c Connection) -> Call<'c> {
        let (service, row) = self.as_if;
        Call {
            dialect: self.dialect,
            service,
            row,
            caller: Arc::clone(caller),
            named: Arc::clone(named),
            region: Arc::clone(&self.region),
            at: self.now,
            connection,
            voice: Voice { service: service.name, format: Format::Json, dry_run: false },
            request_id: "",
            event_id: "",
            kept: false,
        }
    }

    /// The part that the resource plays for the action, where there is a row that asks for it.
    fn roles(&self) -> impl Iterator<Item = Role> {
        let action = &self.inquiry.action;
        self.rows.iter().flat_map(move |(_, row)| {
            row.demands().filter(|demand| demand.action.eq_ignore_ascii_case(action)).map(|demand| demand.role)
        })
    }

    /// The resource that a text names, and whether there is such a one, as far as that is known here.
    async fn locate(&self, call: &Call<'_>, text: &str) -> Result<(Located, Option<bool>)> {
        let relative = text.rsplit(':').next().unwrap_or_default();
        let parts = relative.split_once('/').filter(|(_, rest)| !rest.is_empty());
        let account = text.split(':').find(|part| self.dialect.front.account.admits(part) && *part != relative);
        let path_and_name = |rest: &str| match rest.rsplit_once('/') {
            Some((path, name)) => (format!("/{path}/"), name.to_owned()),
            None => ("/".to_owned(), rest.to_owned()),
        };
        let mut search = Search::of(call, self.engine.world(), self.now);
        let is_alias = self.roles().any(|role| role == Role::Alias);
        match parts {
            Some(("alias", _)) if is_alias => {
                let rules = self.law().keys()?;
                let account = account.unwrap_or(&call.caller.account);
                let name = (rules.name)(account, &self.region, key::Item::Alias(relative));
                let named = search.named(account, name);
                return Ok((Located { role: Role::Alias, ..named }, None));
            }
            Some(("user", rest)) => Holder::User(path_and_name(rest).1).locate_in(&mut search, account).await?,
            Some(("group", rest)) => Holder::Group(path_and_name(rest).1).locate_in(&mut search, account).await?,
            Some(("role", rest)) => Holder::Role(path_and_name(rest).1).locate_in(&mut search, account).await?,
            Some(("policy", rest)) => {
                let (path, name) = path_and_name(rest);
                let custom = PolicyName { account: account.map(str::to_owned), ..PolicyName::custom(path, name) };
                identity::find_policy(&mut search, &custom).await?;
            }
            _ => match self.reference(text, relative) {
                Some(reference) => key::find(&mut search, &reference).await?,
                None => {
                    let own = account.unwrap_or(&call.caller.account).to_owned();
                    let name = self.unread_name(&own, text, relative)?;
                    return Ok((search.named(&own, name), None));
                }
            },
        }
        let located = search.found().into_iter().next();
        let located = located.ok_or_else(|| unread("this names no resource").naming(text))?;
        let exists = located.resource.is_some();
        Ok((located, Some(exists)))
    }

    /// The full name of what is no thing that is kept here: all keys, one kind of things, or a name as it is. An action on
    /// one thing alone wants to know which.
    fn unread_name(&self, account: &str, text: &str, relative: &str) -> Result<String> {
        let of_action = || {
            let lines = self.law().lints.actions.lines().map(|line| line.split('\t'));
            let own = lines.filter_map(|mut parts| Some((parts.next()?, parts.next()?)));
            let mut own = own.filter(|(known, _)| known.eq_ignore_ascii_case(&self.inquiry.action));
            own.next().map(|(_, resources)| resources.split(' ').next().unwrap_or_default())
        };
        let kind = if text == "*" { of_action().unwrap_or(text) } else { text };
        let of_keys = |item| Ok((self.law().keys()?.name)(account, &self.region, item));
        let which =
            || unread("this is done to one thing: say which, as `key/ID` or the like").naming(&self.inquiry.action);
        let all = |item| {
            let name = (self.law().identity()?.name)(account, &self.region, item);
            if name.ends_with('*') { Ok(name) } else { Err(which()) }
        };
        match kind {
            "key" => of_keys(key::Item::Keys),
            "alias" => of_keys(key::Item::Aliases),
            "key/" | "alias/" => Err(which()),
            "user/" => all(identity::Item::Users),
            "group/" => all(identity::Item::Groups),
            "role/" => all(identity::Item::Roles),
            "policy/" => all(identity::Item::Policies),
            _ => match relative.strip_prefix("key/").filter(|_| text == relative) {
                Some(pattern) => of_keys(key::Item::Key(pattern)),
                None => Ok(text.to_owned()),
            },
        }
    }

    /// The key that a text names.
    fn reference(&self, text: &str, relative: &str) -> Option<Reference> {
        if text == "*" || text.contains('*') {
            return None;
        }
        let named = self.law().keys().ok()?.named;
        let own = text == relative;
        match relative.strip_prefix("key/") {
            Some(id) if own => named(id).ok(),
            _ if own && !relative.starts_with("alias/") && uuid::Uuid::try_parse(relative).is_err() => None,
            _ => named(text).ok(),
        }
    }

    /// Why it is denied whatever policies say.
    fn barred(&self, call: &Call<'_>, located: &Located) -> Option<String> {
        let by_rule = || (self.law().barred)(&call.caller, call.service, call.row);
        if let Some(error) = self.row().and_then(|_| by_rule()) {
            return Some(error.to_string());
        }
        let owner = call.caller.principal == crate::engine::Principal::Owner;
        let may = || self.law().identity().is_ok_and(|rules| rules.owner_assumes_roles);
        if self.assumes() && owner && !may() {
            return Some("roles may not be assumed by the owner of an account".to_owned());
        }
        located
            .resource
            .as_ref()
            .filter(|resource| resource.is_closed())
            .map(|_| "its stored policy cannot be read".to_owned())
    }

    fn assumes(&self) -> bool {
        self.row().is_some_and(Row::assumes)
    }

    fn situation<'s>(&'s self, call: &'s Call<'_>, located: &'s Located) -> Situation<'s> {
        Situation {
            caller: &call.caller,
            connection: call.connection,
            region: &self.region,
            now: call.connection.time(self.now),
            tags: None,
            located,
            all: std::slice::from_ref(located),
        }
    }

    /// What comes of the question as requests would put it.
    fn put<T>(&self, call: &Call<'_>, located: &Located, then: impl FnOnce(&Trial<'_>) -> T) -> T {
        let situation = self.situation(call, located);
        let foreseen = Foreseen::new(&situation, self.law(), self.row());
        let context = Over { given: &self.facts, below: &foreseen };
        let (question, layers) = asked(call, &self.inquiry.action, located, &context, self.assumes());
        then(&Trial { asking: self, call, located, question, layers, spec: self.law().policy })
    }

    /// How whoever is asked about is told: a role by itself, whose sessions are many.
    fn shown(&self, call: &Call<'_>) -> String {
        call.named.role_arn.clone().unwrap_or_else(|| call.named.arn.clone())
    }

    /// Whether it is an action of the vendor, be it one that nothing here asks for.
    fn knows_action(&self) -> bool {
        let of_vendor = self.law().lints.actions.lines().filter_map(|line| line.split('\t').next());
        !self.rows.is_empty() || of_vendor.into_iter().any(|known| known.eq_ignore_ascii_case(&self.inquiry.action))
    }

    fn known_action(&self) -> Option<&'static str> {
        let demands = self.rows.iter().flat_map(|(_, row)| row.demands());
        demands.map(|demand| demand.action).find(|action| action.eq_ignore_ascii_case(&self.inquiry.action))
    }

    /// The row that asks for the action, the one of its own name if there are several.
    fn row(&self) -> Option<&'static Row> {
        self.rows.first().map(|(_, row)| *row)
    }

    /// Whether a condition key tells what the arguments of the request say.
    fn is_asked(&self, key: &str) -> bool {
        self.row().is_some_and(|row| row.asks_for(KeyName::new(key)))
    }

    /// What the operation of the action's name needs beside this.
    fn needs(&self, role: Role) -> Vec<Need> {
        let Some(row) = self.row() else { return Vec::new() };
        let own = |action: &str| action.eq_ignore_ascii_case(&self.inquiry.action);
        let alias = role == Role::Alias;
        let other = row.demands().filter(|demand| {
            let same = own(demand.action) && (demand.role == role || !alias && demand.role != Role::Alias);
            !demand.action.is_empty() && !demand.conditional && !same
        });
        other.map(|demand| Need { operation: row.wire(), action: demand.action, on: part(demand.role) }).collect()
    }

    /// What is to be known of an action that no operation here asks for.
    fn note(&self) -> Option<String> {
        if !self.rows.is_empty() {
            return None;
        }
        let action = &self.inquiry.action;
        let wanted = action.to_ascii_lowercase();
        if self.knows_action() {
            return Some(format!(
                "no operation that is built here asks for `{action}`; policies are asked all the same"
            ));
        }
        let operations =
            self.dialect.services.iter().flat_map(|service| service.rows.iter().map(move |row| (service, row)));
        let mut named = operations
            .filter(|(service, row)| format!("{}:{}", service.name, row.wire()).to_ascii_lowercase() == wanted);
        if let Some((_, row)) = named.next() {
            let needed: Vec<&str> = row.demands().map(|demand| demand.action).filter(|it| !it.is_empty()).collect();
            let (wire, needed) = (row.wire(), needed.join(" and "));
            return Some(match needed.is_empty() {
                true => format!("{wire} needs no permission"),
                false => format!("`{action}` is no action: {wire} needs {needed}"),
            });
        }
        Some(format!("`{action}` is no action that is known here"))
    }
}

/// What plays a part, in words.
const fn part(role: Role) -> &'static str {
    match role {
        Role::Account => "the account",
        Role::Subject => "what it is about",
        Role::Source => "the key that decrypts",
        Role::Destination => "the key that is to be used",
        Role::Alias => "the alias",
        Role::Previous => "the key that the alias points at",
        Role::Policy => "the policy",
        Role::Group => "the group",
        Role::Renamed => "the new name",
    }
}

/// A connection of this machine.
fn plain(simulated: Option<Arc<Simulated>>) -> Connection {
    let peer = Peer::from(IpAddr::V4(Ipv4Addr::LOCALHOST));
    Connection { peer, tls: false, user_agent: "".into(), referer: None, simulated }
}

fn unread(why: &'static str) -> Error {
    Kind::Invalid(Flaw::Value).because(why)
}
