//! Asks both documents the same requests: every action with a twin, on resources that are named and not named, with values
//! of condition keys that are named, beside those, and absent.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use serde_json::Value as Json;

use super::super::condition::Predicate;
use super::super::document::Refusal;
use super::super::matches::Match;
use super::super::question::{Attached, Facts, Layer, Layers, Named, PrincipalKind, Question, Value, Verdict};
use super::super::spec::{DocumentKind, Effect, Spec};
use super::condition::Rewriter;
use super::map::Map;
use super::name::{Names, Renamed, begins, collection_of, is_wild, name_of};
use super::report::{Counterexample, Entry, Status, Translation};
use super::side::{Side, means};
use super::statement::{comparisons, patterns, texts};
use super::statements;
use super::twins::{CALLER, CALLER_ACCOUNT, Caller, ROLE, SESSION, Values};

/// The most combinations of condition keys that a pair of actions is asked with.
const MOST_CONTEXTS: usize = 48;
/// The most combinations for actions that no statement is about.
const FEW_CONTEXTS: usize = 12;
/// The most values of one condition key.
const MOST_VALUES: usize = 7;

/// A value of a condition key, or that the request does not carry it.
type Chosen = (String, Option<String>);

/// The same request in the words of both sides.
struct Request<'r> {
    actions: [&'static str; 2],
    resources: &'r [String; 2],
    callers: &'r [Caller; 2],
    context: &'r [Chosen],
    /// A condition key that the result's vendor may send although the source's does not.
    doubted: Option<&'r str>,
}

/// Both documents, ready to be asked.
struct Asked<'s> {
    names: &'s Names<'s>,
    kind: DocumentKind,
    documents: [Named; 2],
    everything: [Named; 2],
    /// The boundary of the source, which the result takes into account already.
    bound: Option<Named>,
}

pub(super) fn check(
    from: &Side,
    to: &Side,
    map: &Map,
    (kind, text, boundary): (DocumentKind, &str, Option<&str>),
    translation: Translation,
) -> Result<Translation, Refusal> {
    let Translation { document, mut report, .. } = translation;
    let (mut unannounced, mut requests) = (Vec::new(), 0);
    let result = match &document {
        Some(document) => to.spec.compile(kind, &document.to_string())?,
        None => super::super::model::Policy::new(kind, Box::default()),
    };
    let source = from.spec.compile(kind, text)?;
    let names = Names { from, to, map, lenient: true };
    let named = |policy| Named { name: "".into(), policy: Arc::new(policy) };
    let everything = [everything(from)?, everything(to)?];
    let bound = boundary.map(|text| from.spec.compile(DocumentKind::Boundary, text)).transpose()?;
    let bound = bound.map(named);
    let asked = Asked { names: &names, kind, documents: [named(source), named(result)], everything, bound };
    let json: Vec<Json> =
        [Some(text), boundary].into_iter().flatten().filter_map(|text| serde_json::from_str(text).ok()).collect();
    let statements: Vec<&Json> = json.iter().flat_map(statements).map(|(_, statement)| statement).collect();
    let callers = callers(&names, &statements);
    let contexts = contexts(from, &statements);
    for actions in pairs(from, to) {
        let [action, _] = actions;
        let meant = statements.iter().any(|statement| {
            let (not, patterns) = patterns(statement);
            patterns.iter().any(|pattern| means(pattern, action)) != not
        });
        let few = if meant { contexts.len() } else { contexts.len().min(FEW_CONTEXTS) };
        for resources in asked.resources(&statements, actions) {
            for callers in &callers {
                for context in contexts.iter().take(few) {
                    for doubted in doubts(&names, context) {
                        let request = Request { actions, resources: &resources, callers, context, doubted };
                        requests += 1;
                        asked.compare(&request, &mut report, &mut unannounced);
                    }
                }
            }
        }
    }
    Ok(Translation { document, report, unannounced, requests })
}

/// A policy that allows everything.
fn everything(side: &Side) -> Result<Named, Refusal> {
    let statement = serde_json::json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let text = serde_json::json!({"Version": side.twins.version, "Statement": [statement]}).to_string();
    let policy = Arc::new(side.spec.compile(DocumentKind::Identity, &text)?);
    Ok(Named { name: "".into(), policy })
}

/// Actions that mean the same.
fn pairs(from: &Side, to: &Side) -> Vec<[&'static str; 2]> {
    let twins = |known: &BTreeSet<String>| {
        let shared = known.clone();
        to.actions().filter(move |(_, others)| !shared.is_disjoint(others)).map(|(action, _)| action)
    };
    from.actions().flat_map(|(action, known)| twins(known).map(move |twin| [action, twin])).collect()
}

/// Condition keys of a request that the result's vendor may send although they are absent in the source's; and none.
fn doubts<'c>(names: &Names<'_>, context: &'c [Chosen]) -> Vec<Option<&'c str>> {
    let doubted = |key: &str| {
        let twin = names.from.key(key).map(|(twin, _)| twin);
        let target = twin.and_then(|twin| names.to.key_named(twin.concept));
        [twin, target].into_iter().flatten().any(|twin| twin.doubt.is_some() && twin.values == Values::Same)
    };
    let absent = context.iter().filter(|(_, value)| value.is_none()).map(|(key, _)| key.as_str());
    std::iter::once(None).chain(absent.filter(|key| doubted(key)).map(Some)).collect()
}

impl Asked<'_> {
    fn sides(&self) -> [&Side; 2] {
        [self.names.from, self.names.to]
    }

    /// Resources that are named and not named, of the kinds that both actions are about.
    fn resources(&self, statements: &[&Json], [source, result]: [&'static str; 2]) -> Vec<[String; 2]> {
        let [from, to] = self.sides();
        let of = |side: &Side, action: &str, name: &str| {
            let known = side.resources(action);
            known.is_empty() || known.iter().any(|beginning| begins(side, name, beginning))
        };
        let mut found = match self.kind {
            DocumentKind::Key => Vec::new(),
            _ => self.instances(statements),
        };
        found.extend(self.others());
        if self.kind == DocumentKind::Key {
            found.retain(|[name, _]| begins(from, name, from.data.key));
        }
        found.retain(|[one, other]| of(from, source, one) && of(to, result, other));
        found.dedup();
        found
    }

    /// Names that the patterns of the source mean.
    fn instances(&self, statements: &[&Json]) -> Vec<[String; 2]> {
        let written = statements.iter().flat_map(|statement| {
            ["Resource", "NotResource"].into_iter().flat_map(|element| texts(statement.get(element)))
        });
        let patterns: BTreeSet<String> = written.filter(|pattern| pattern != "*" && !pattern.contains("${")).collect();
        let filled = patterns.iter().flat_map(|pattern| {
            let fills: &[&str] = if is_wild(pattern) { &["AAAAAA", "prod-AAAAAA", "x"] } else { &[""] };
            fills.iter().map(|fill| pattern.replace('?', "A").replace('*', fill))
        });
        filled
            .filter_map(|name| match self.names.renamed(&name) {
                Renamed::Same(twins) => twins.into_iter().next().map(|twin| [name, twin]),
                Renamed::Part(..) | Renamed::Wider(..) | Renamed::Collection(_) | Renamed::Lost(_) => None,
            })
            .collect()
    }

    /// Names that no pattern has in mind.
    fn others(&self) -> Vec<[String; 2]> {
        let [from, to] = self.sides();
        let (account, twin_account) = home(self.names.map);
        let region = self.names.map.regions.iter().next();
        let (region, twin_region) = region.map_or(("here", "here"), |(one, other)| (one.as_str(), other.as_str()));
        let twin = |one: &super::twins::NameTwin, all: &'static [super::twins::NameTwin]| {
            all.iter().find(|other| other.concept == one.concept)
        };
        let names = from.twins.names.iter().filter_map(|one| {
            let other = twin(one, to.twins.names)?;
            Some([name_of(from, one, region, account, "other"), name_of(to, other, twin_region, twin_account, "other")])
        });
        let collections = from.twins.collections.iter().filter_map(|one| {
            let other = twin(one, to.twins.collections)?;
            Some([collection_of(from, one, region, account), collection_of(to, other, twin_region, twin_account)])
        });
        names.chain(collections).collect()
    }

    fn facts(&self, request: &Request<'_>) -> [Facts; 2] {
        let [from, to] = self.sides();
        let rewriter = Rewriter { names: self.names, shape: None, variables: false };
        let (mut one, mut other) = (Facts::new(), Facts::new());
        let [action, twin_action] = request.actions;
        for (key, value) in request.context {
            let Some(value) = value else { continue };
            if from.carries(action, key) {
                one.insert(key.as_str(), Value::from(value.clone()));
            }
            if let Some((twin, told)) = rewriter.told(key, value)
                && to.carries(twin_action, &twin)
            {
                other.insert(twin, Value::from(told));
            }
        }
        if let Some((twin, told)) = request.doubted.and_then(|key| rewriter.told(key, "false")) {
            other.insert(twin, Value::from(told));
        }
        let [here, there] = request.callers;
        for (side, caller, facts) in [(from, here, &mut one), (to, there, &mut other)] {
            let values = [(CALLER, caller.known()), (CALLER_ACCOUNT, &caller.account)];
            for (key, value) in values.iter().filter_map(|(concept, value)| Some((side.key_named(concept)?, value))) {
                facts.insert(key.key, Value::from((*value).to_owned()));
            }
        }
        [one, other]
    }

    /// What each side says, first without and then with a policy of the caller's that allows everything.
    fn compare(&self, request: &Request<'_>, report: &mut [Entry], unannounced: &mut Vec<Counterexample>) {
        let facts = self.facts(request);
        let spoken = self.spoken(request, &facts);
        let hits = spoken.each_ref().map(|spoken| self.matches(spoken));
        let [source_hits, result_hits] = &hits;
        for (at, entry) in report.iter_mut().enumerate() {
            if entry.source.is_empty() || entry.delegates {
                continue;
            }
            let own = |hit: &&Match| hit.layer != Layer::Boundary && hit.statement == at;
            let before = source_hits.iter().any(|hit| own(&hit))
                && (entry.effect == Effect::Deny || self.is_within(source_hits));
            let after = result_hits.iter().any(|hit| entry.indices.contains(&hit.statement));
            if before == after {
                continue;
            }
            let word = |applies: bool| if applies { "applies" } else { "does not apply" };
            let example = counterexample(request, word(before), word(after));
            if is_announced(entry, before, request) {
                if entry.counterexample.is_none() && entry.status != Status::Exact {
                    entry.counterexample = Some(example);
                }
            } else if request.doubted.is_none() {
                unannounced.push(example);
            }
        }
        if request.doubted.is_none() {
            self.verdicts(request, &spoken, &hits, report, unannounced);
        }
        unannounced.truncate(20);
    }

    fn verdicts(
        &self,
        request: &Request<'_>,
        spoken: &[Spoken<'_>; 2],
        hits: &[Vec<Match>; 2],
        report: &mut [Entry],
        unannounced: &mut Vec<Counterexample>,
    ) {
        let together = |hits: &[Match], bounded: bool| {
            let own = |hit: &&Match| hit.layer != Layer::Boundary;
            let allowed = hits.iter().filter(own).any(|hit| hit.effect == Effect::Allow);
            let denied = hits.iter().any(|hit| hit.effect == Effect::Deny);
            allowed && !denied && (!bounded || self.is_within(hits))
        };
        let [source_hits, result_hits] = hits;
        let answers: Vec<[bool; 2]> = match self.kind {
            DocumentKind::Key => {
                [false, true].into_iter().map(|all| spoken.each_ref().map(|spoken| self.allows(spoken, all))).collect()
            }
            _ => vec![[together(source_hits, true), together(result_hits, false)]],
        };
        for [before, after] in answers {
            let left_out =
                || report.iter().any(|entry| entry.effect == Effect::Deny && entry.status == Status::Dropped);
            let said = || report.iter().any(|entry| entry.status > Status::Exact || !entry.beyond.is_empty());
            let word = |allowed: bool| if allowed { "allowed" } else { "denied" };
            let example = || counterexample(request, word(before), word(after));
            match (before, after) {
                (false, true) if !left_out() => unannounced.push(example()),
                (true, false) if !said() => unannounced.push(example()),
                (true, false) => {
                    let silent = |entry: &&mut Entry| {
                        entry.source.is_empty() && entry.status != Status::Exact && entry.counterexample.is_none()
                    };
                    if let Some(entry) = report.iter_mut().find(silent) {
                        entry.counterexample = Some(example());
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether the boundary, if there is one, allows what was asked.
    fn is_within(&self, hits: &[Match]) -> bool {
        let allows = |hit: &Match| hit.layer == Layer::Boundary && hit.effect == Effect::Allow;
        self.bound.is_none() || hits.iter().any(allows)
    }

    fn matches(&self, spoken: &Spoken<'_>) -> Vec<Match> {
        self.ask(spoken, false, |spec, question, layers| spec.matches(question, layers))
    }

    fn allows(&self, spoken: &Spoken<'_>, all: bool) -> bool {
        self.ask(spoken, all, |spec, question, layers| spec.decide(question, layers)) == Verdict::Allow
    }

    fn ask<T>(&self, spoken: &Spoken<'_>, all: bool, asked: impl Fn(&Spec, &Question<'_>, &Layers<'_>) -> T) -> T {
        let Spoken { side, document, everything, bound, caller, action, resource, facts } = spoken;
        let principal = caller.principal();
        let question = Question {
            principal,
            action,
            resource,
            resource_account: None,
            context: *facts,
            assume_role: false,
            grant_id: None,
        };
        let mut layers = Layers::default();
        match self.kind {
            DocumentKind::Key | DocumentKind::Trust | DocumentKind::Resource => {
                layers.identity = Some(if all { std::slice::from_ref(*everything) } else { &[] });
                layers.resource = Some(Attached { attached_to: resource, named: document });
            }
            _ => layers.identity = Some(std::slice::from_ref(*document)),
        }
        layers.boundary = bound.map(std::slice::from_ref);
        asked(side.spec, &question, &layers)
    }

    /// A request in the words of each side.
    fn spoken<'r>(&'r self, request: &'r Request<'_>, facts: &'r [Facts; 2]) -> [Spoken<'r>; 2] {
        let [from, to] = self.sides();
        let [source, result] = &self.documents;
        let [here, there] = &self.everything;
        let [one, other] = request.callers;
        let [action, twin] = request.actions;
        let [resource, name] = request.resources;
        let [before, after] = facts;
        let bound = self.bound.as_ref();
        [
            Spoken {
                side: from,
                document: source,
                everything: here,
                bound,
                caller: one,
                action,
                resource,
                facts: before,
            },
            Spoken {
                side: to,
                document: result,
                everything: there,
                bound: None,
                caller: other,
                action: twin,
                resource: name,
                facts: after,
            },
        ]
    }
}

/// A request in the words of one side, with that side's document.
struct Spoken<'r> {
    side: &'r Side,
    document: &'r Named,
    everything: &'r Named,
    bound: Option<&'r Named>,
    caller: &'r Caller,
    action: &'r str,
    resource: &'r str,
    facts: &'r Facts,
}

/// Whether what became of a statement announces that it applies to fewer requests, or to more, than before.
fn is_announced(entry: &Entry, before: bool, request: &Request<'_>) -> bool {
    let Entry { status, effect, .. } = entry;
    let [_, twin] = request.actions;
    let doubted = request.doubted.is_some() && *status >= Status::Assumed;
    doubted
        || match (effect, before) {
            (Effect::Allow, true) => matches!(status, Status::Narrowed | Status::Dropped),
            (Effect::Allow, false) => false,
            (Effect::Deny, true) => *status == Status::Dropped,
            (Effect::Deny, false) => {
                matches!(status, Status::WiderDeny | Status::Dropped) || entry.beyond.contains(twin)
            }
        }
}

fn counterexample(request: &Request<'_>, source: &'static str, result: &'static str) -> Counterexample {
    let present = request.context.iter().filter_map(|(key, value)| Some((key.clone(), value.clone()?)));
    Counterexample {
        principal: request.callers.each_ref().map(|caller| caller.name.clone()),
        action: request.actions.map(str::to_owned),
        resource: request.resources.clone(),
        context: present.collect(),
        source,
        result,
    }
}

fn home(map: &Map) -> (&str, &str) {
    let first = || map.accounts.iter().next().map(|(from, to)| (from.as_str(), to.as_str()));
    map.home().or_else(first).unwrap_or(("000000000000", "000000000000"))
}

/// Those whom the source names, and somebody else of each account.
fn callers(names: &Names<'_>, statements: &[&Json]) -> Vec<[Caller; 2]> {
    let mut found: BTreeSet<(String, String, String)> = BTreeSet::new();
    let mut texts_of: Vec<String> = Vec::new();
    for statement in statements {
        for element in ["Principal", "NotPrincipal"] {
            if let Some(Json::Object(members)) = statement.get(element) {
                texts_of.extend(members.values().flat_map(|value| texts(Some(value))));
            }
        }
        let of_callers = |key: &str| names.from.key(key).is_some_and(|(twin, _)| twin.values == Values::Caller);
        let compared = comparisons(statement).into_iter().filter(|comparison| of_callers(&comparison.key));
        texts_of.extend(compared.flat_map(|comparison| comparison.values));
    }
    for text in &texts_of {
        let known = names.from.twins.people.iter().find_map(|person| Some((person.concept, person.parse(text)?)));
        if let Some((concept, (account, name))) = known {
            let name = name.replace(['*', '?'], "x");
            found.insert((concept.to_owned(), account.replace('*', "x"), name));
        }
    }
    let accounts = names.map.accounts.keys().cloned().chain([home(names.map).0.to_owned()]);
    found.extend(accounts.map(|account| ("user".to_owned(), account, "somebody".to_owned())));
    let twin = |(concept, account, name): &(String, String, String)| {
        let there = names.map.accounts.get(account).unwrap_or(account);
        Some([caller(names.from, concept, account, name)?, caller(names.to, concept, there, name)?])
    };
    found.iter().filter_map(twin).collect()
}

fn caller(side: &Side, concept: &str, account: &str, name: &str) -> Option<Caller> {
    let session = |name: &str| side.person(SESSION).map(|person| person.named(account, name));
    let role = |name: &str| side.person(ROLE).map(|person| person.named(account, name));
    let (kind, full, role) = match concept {
        SESSION => (PrincipalKind::RoleSession, session(name)?, Some(role(name.split('/').next()?)?)),
        ROLE => (PrincipalKind::RoleSession, session(&[name, "/session"].concat())?, Some(role(name)?)),
        _ => (PrincipalKind::User, side.person(concept)?.named(account, name), None),
    };
    Some(Caller { kind, account: account.to_owned(), name: full, role })
}

/// Values at, beside and without each condition key of the source.
fn contexts(from: &Side, statements: &[&Json]) -> Vec<Vec<Chosen>> {
    let mut keys: BTreeMap<String, (String, BTreeSet<String>)> = BTreeMap::new();
    for comparison in statements.iter().flat_map(|statement| comparisons(statement)) {
        let (_, values) = keys
            .entry(comparison.key.to_ascii_lowercase())
            .or_insert_with(|| (comparison.key.clone(), BTreeSet::new()));
        let predicate = from.spec.operator(&comparison.operator).map(|parsed| parsed.operator.predicate);
        values.extend(comparison.values.iter().flat_map(|value| around(predicate, value)));
    }
    let of_callers = |key: &str| from.key(key).is_some_and(|(twin, _)| matches!(twin.concept, CALLER | CALLER_ACCOUNT));
    let axes: Vec<Vec<Chosen>> = keys
        .into_values()
        .filter(|(key, _)| !of_callers(key))
        .map(|(key, values)| {
            let present = values.into_iter().take(MOST_VALUES).map(Some);
            std::iter::once(None).chain(present).map(|value| (key.clone(), value)).collect()
        })
        .collect();
    let size = axes.iter().fold(1_usize, |size, axis| size.saturating_mul(axis.len()));
    if size <= MOST_CONTEXTS { product(&axes) } else { one_by_one(&axes) }
}

fn product(axes: &[Vec<Chosen>]) -> Vec<Vec<Chosen>> {
    axes.iter().fold(vec![Vec::new()], |contexts, axis| {
        let longer = |context: &Vec<Chosen>| {
            let context = context.clone();
            axis.iter().map(move |chosen| [&context[..], std::slice::from_ref(chosen)].concat()).collect::<Vec<_>>()
        };
        contexts.iter().flat_map(longer).collect()
    })
}

/// Each key with each of its values, among the first values of all others, and among none.
fn one_by_one(axes: &[Vec<Chosen>]) -> Vec<Vec<Chosen>> {
    let base = |rank: usize| -> Vec<Chosen> {
        axes.iter().filter_map(|axis| axis.get(rank.min(axis.len().saturating_sub(1)))).cloned().collect()
    };
    let mut found = vec![base(0), base(1), base(2)];
    for rank in 0..3 {
        for (at, axis) in axes.iter().enumerate() {
            found.extend(axis.iter().map(|chosen| {
                let others = base(rank).into_iter().enumerate();
                others.map(|(place, other)| if place == at { chosen.clone() } else { other }).collect()
            }));
        }
    }
    found.truncate(MOST_CONTEXTS.saturating_mul(2));
    found
}

/// A value that a text of a document means, and values beside it.
fn around(predicate: Option<Predicate>, text: &str) -> Vec<String> {
    let filled = text.replace('?', "A").replace('*', "x");
    match predicate {
        Some(Predicate::Boolean | Predicate::Absent) => vec!["true".to_owned(), "false".to_owned()],
        Some(Predicate::Network) => {
            let whole = text.parse::<IpNet>().map(|network| network.network()).or_else(|_| text.parse::<IpAddr>());
            let own = whole.map_or_else(|_| text.to_owned(), |address| address.to_string());
            vec![own, "203.0.113.250".to_owned(), "2001:db8:ffff::1".to_owned()]
        }
        Some(Predicate::Number(_)) => {
            let beside = text.parse::<i64>().ok().into_iter();
            let beside = beside.flat_map(|number| [number.saturating_sub(1), number.saturating_add(1)]);
            beside.map(|number| number.to_string()).chain([text.to_owned()]).collect()
        }
        Some(Predicate::Instant(_)) => {
            vec![text.to_owned(), "2000-01-01T00:00:00Z".to_owned(), "2100-01-01T00:00:00Z".to_owned()]
        }
        _ => vec![[&filled, "-beside"].concat(), filled.to_ascii_uppercase(), filled],
    }
}
