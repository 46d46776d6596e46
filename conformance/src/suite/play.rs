//! One case under way: its callers, its steps, and what is to be tidied up.

use std::collections::BTreeMap;
use std::fmt;

use http::HeaderMap;
use polykms_core::dialect::client;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::journal::Deed;
use super::matching::{Difference, differences};
use super::model::{Caller, CallerKind, Check, Expect, Raw, Refused, Sign, Step};
use super::plan::Plan;
use super::scope::{Dangling, Scope, at, text_of};
use super::sign::Access;
use super::target::{Target, Who};

/// The most pages that are read of a list.
const PAGES: usize = 1000;
/// What the policies of callers are called.
const POLICY: &str = "p";

/// What came of a request.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    /// It was done, and this was told.
    Told(Value),
    /// It was refused.
    Refused(Refusal),
    /// There is no answer that is understood.
    Lost(String),
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
}

impl From<client::Refusal> for Refusal {
    fn from(refusal: client::Refusal) -> Self {
        Self { status: refusal.status, code: refusal.code, message: refusal.message }
    }
}

impl Said {
    /// It as a value, for people.
    fn shown(&self) -> Value {
        match self {
            Self::Told(told) => json!({"ok": told}),
            Self::Refused(refusal) => json!({"error": refusal}),
            Self::Lost(why) => json!({"lost": why}),
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.shown())
    }
}

/// A step that did not come out as expected.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Failure {
    /// Which step, counted from 1; 0 for what comes before them.
    pub step: usize,
    /// What was asked, and by whom.
    pub request: Value,
    /// What came of it.
    pub answer: Value,
    /// What should have.
    pub expected: Value,
    /// Where they differ.
    pub differences: Vec<String>,
}

/// Why a case cannot go on.
pub(super) enum Stop {
    /// It could not be brought about.
    Broken(String),
    /// A value that the rest needs did not come.
    Failed(Box<Failure>),
}

impl From<Dangling> for Stop {
    fn from(dangling: Dangling) -> Self {
        Self::Broken(dangling.0)
    }
}

/// A case under way.
pub(super) struct Play<'a> {
    target: &'a Target,
    scope: Scope,
    callers: BTreeMap<String, Who>,
    /// What undoes what was done, in the order of the deeds.
    undo: Vec<Deed>,
    failures: Vec<Failure>,
}

impl<'a> Play<'a> {
    pub(super) fn new(target: &'a Target, scope: Scope) -> Self {
        Self { target, scope, callers: BTreeMap::new(), undo: Vec::new(), failures: Vec::new() }
    }

    /// What a case begins with.
    pub(super) fn of(target: &'a Target, plan: &Plan) -> Self {
        let Plan { suite, row, .. } = plan;
        let scope = target.scope().with(suite.lets.clone()).with(row.clone());
        Self::new(target, scope)
    }

    /// Runs a case to its end; what was not as expected, or why it could not be run.
    pub(super) async fn run(mut self, plan: &Plan) -> Result<Vec<Failure>, String> {
        let ended = self.whole(plan).await;
        self.tidy().await;
        match ended {
            Ok(()) => Ok(self.failures),
            Err(Stop::Failed(failure)) => {
                self.failures.push(*failure);
                Ok(self.failures)
            }
            // What went wrong before is the better answer.
            Err(Stop::Broken(_)) if !self.failures.is_empty() => Ok(self.failures),
            Err(Stop::Broken(why)) => Err(why),
        }
    }

    async fn whole(&mut self, plan: &Plan) -> Result<(), Stop> {
        let Plan { suite, case, .. } = plan;
        for (name, caller) in &case.callers {
            self.born(name, caller).await?;
        }
        for name in &case.fixtures {
            let name = self.scope.text(name)?;
            let steps =
                suite.fixtures.get(&name).ok_or_else(|| Stop::Broken(format!("there is no fixture `{name}`")))?;
            self.fixture(&name, steps, super::ADMIN).await?;
        }
        for (name, caller) in &case.callers {
            self.equipped(name, caller).await?;
        }
        if !case.callers.is_empty() && !self.target.settle.is_zero() {
            tokio::time::sleep(self.target.settle).await;
        }
        let service = suite.suite.split('/').nth(1).unwrap_or_default();
        for (at, step) in case.steps.iter().enumerate() {
            self.step(at + 1, step, service).await?;
        }
        Ok(())
    }

    async fn fixture(&mut self, name: &str, steps: &[Step], owner: &str) -> Result<(), Stop> {
        for step in steps {
            let saved = self.done(step, owner).await.map_err(|why| Stop::Broken(format!("fixture `{name}`: {why}")))?;
            saved.into_iter().for_each(|(as_, value)| self.scope.set_in(name, &as_, value));
        }
        Ok(())
    }

    /// Does what has to succeed, as the owner where nobody is named; what it saves.
    async fn done(&mut self, step: &Step, owner: &str) -> Result<Map<String, Value>, String> {
        let call = self.scope.text(step.call.as_deref().unwrap_or_default()).map_err(|dangling| dangling.0)?;
        let input = self.scope.resolve(&step.input).map_err(|dangling| dangling.0)?;
        let who = self.who(step.caller.as_deref().unwrap_or(owner))?;
        match self.asked(&who, &call, &input).await {
            Said::Told(told) => {
                let save = |(name, place): (&String, &String)| {
                    let found = at(&told, place).cloned();
                    found.map(|found| (name.clone(), found)).ok_or_else(|| format!("{call} does not tell `{place}`"))
                };
                step.save.iter().map(save).collect()
            }
            other => Err(format!("{call}: {other}")),
        }
    }

    async fn asked(&mut self, who: &Who, call: &str, input: &Value) -> Said {
        // Written down before it is done, as far as its input says how: who is killed meanwhile leaves nothing behind.
        let foreseen: Vec<Deed> = self.undoing(who, call, input, None).collect();
        let said = self.target.ask(who, call, input).await;
        match &said {
            Said::Told(told) => {
                let all: Vec<Deed> = self.undoing(who, call, input, Some(told)).collect();
                self.undo.extend(all);
                foreseen.iter().for_each(|deed| self.target.undone(deed));
            }
            Said::Refused(_) => foreseen.iter().for_each(|deed| self.target.undone(deed)),
            // Nobody knows whether it was done.
            Said::Lost(_) => self.undo.extend(foreseen),
        }
        said
    }

    /// How a deed is undone, as far as its input and what was told of it say, written down.
    fn undoing<'p>(
        &'p self,
        who: &Who,
        call: &str,
        input: &Value,
        told: Option<&Value>,
    ) -> impl Iterator<Item = Deed> + use<'p, 'a> {
        let mut scope = Scope::default();
        scope.set("in", input.clone());
        if let Some(told) = told {
            scope.set("out", told.clone());
        }
        let (steps, neighbour) = (self.target.world.undo.get(call).into_iter().flatten(), who.neighbour);
        steps.filter_map(move |step| {
            let (call, input) = (step.call.clone()?, scope.resolve(&step.input).ok()?);
            Some(self.target.journaled(Deed { number: 0, call, input, neighbour }))
        })
    }

    /// Undoes what was done, the last deed first. What is gone already is nobody's fault.
    pub(super) async fn tidy(&mut self) {
        while let Some(deed) = self.undo.pop() {
            self.target.undo(&deed).await;
        }
    }

    fn who(&self, name: &str) -> Result<Who, String> {
        let standing = || self.target.standing(name);
        self.callers.get(name).cloned().or_else(standing).ok_or_else(|| format!("there is no caller `{name}`"))
    }

    /// Makes somebody without policies, for probes.
    pub(super) async fn probe(&mut self, name: &str, caller: &Caller) -> Result<Who, String> {
        let told = |stop| match stop {
            Stop::Broken(why) => why,
            Stop::Failed(failure) => failure.answer.to_string(),
        };
        self.born(name, caller).await.map_err(told)?;
        self.equipped(name, caller).await.map_err(told)?;
        self.who(name)
    }

    /// Makes a caller, as yet without policies.
    async fn born(&mut self, name: &str, caller: &Caller) -> Result<(), Stop> {
        let world = &self.target.world;
        let trust = match &caller.trust {
            Value::Null => world.trusted.clone(),
            trust => trust.clone(),
        };
        let mut home = self.scope.clone();
        if caller.neighbour {
            home.set("account", self.scope.resolve(&json!("${neighbour.account}"))?);
        }
        let it = json!({"name": self.scope.name(name), "trust": home.resolve(&trust)?.to_string()});
        let steps = match caller.kind {
            CallerKind::User => &world.user,
            CallerKind::Role | CallerKind::Session => &world.role,
        };
        self.scope.set("it", it.clone());
        self.scope.set(name, it);
        self.fixture(name, steps, caller.owner()).await
    }

    /// Gives a caller its policies, and what it signs with.
    async fn equipped(&mut self, name: &str, caller: &Caller) -> Result<(), Stop> {
        let world = &self.target.world;
        let policy = match caller.kind {
            CallerKind::User => &world.user_policy,
            CallerKind::Role | CallerKind::Session => &world.role_policy,
        };
        for (at, document) in caller.policies.iter().enumerate() {
            let document = self.scope.resolve(document)?.to_string();
            let policy_name = self.scope.name(&format!("{name}{POLICY}{at}"));
            let it = json!({"name": self.scope.name(name), "policy": policy_name, "document": document});
            self.scope.set("it", it);
            self.fixture(name, policy, caller.owner()).await?;
        }
        match caller.kind {
            CallerKind::User => self.keyed(name, caller).await,
            CallerKind::Role => Ok(()),
            CallerKind::Session => self.taken(name, caller).await,
        }
    }

    async fn keyed(&mut self, name: &str, caller: &Caller) -> Result<(), Stop> {
        self.scope.set("it", json!({"name": self.scope.name(name)}));
        for step in &self.target.world.access_key {
            let saved = self.done(step, caller.owner()).await.map_err(Stop::Broken)?;
            self.comes(name, caller, saved)?;
        }
        Ok(())
    }

    /// Somebody takes on a role, who is there for that alone.
    async fn taken(&mut self, name: &str, caller: &Caller) -> Result<(), Stop> {
        let world = &self.target.world;
        let taker = format!("{name}taker");
        let may = json!({"Version": world.version,
            "Statement": [{"Effect": "Allow", "Action": world.take, "Resource": "*"}]});
        let who = Caller { policies: vec![may], neighbour: caller.neighbour, ..Caller::default() };
        Box::pin(self.born(&taker, &who)).await?;
        Box::pin(self.equipped(&taker, &who)).await?;
        let it = self.scope.resolve(&json!(format!("${{{name}}}")))?;
        self.scope.set("it", it);
        let mut step = Step { caller: Some(taker), ..world.session.clone() };
        if let (false, Value::Object(input)) = (caller.session.is_null(), &mut step.input) {
            let document = self.scope.resolve(&caller.session)?.to_string();
            input.insert(world.session_policy.clone(), Value::String(document));
        }
        let saved = self.done(&step, caller.owner()).await.map_err(Stop::Broken)?;
        self.comes(name, caller, saved)
    }

    /// A caller has an access key from now on.
    fn comes(&mut self, name: &str, caller: &Caller, saved: Map<String, Value>) -> Result<(), Stop> {
        let text = |member: &str| saved.get(member).and_then(Value::as_str).map(str::to_owned);
        let (Some(id), Some(secret)) = (text("id"), text("secret")) else {
            return Err(Stop::Broken(format!("`{name}` has no access key")));
        };
        self.scope.set_in(name, "access_key", Value::String(id.clone()));
        let who = self.target.caller(Access { id, secret, token: text("token") }, caller.neighbour);
        self.callers.insert(name.to_owned(), who);
        Ok(())
    }

    async fn step(&mut self, number: usize, step: &Step, service: &str) -> Result<(), Stop> {
        self.scope.ahead_by(self.target.ahead());
        if let Some(by) = &step.clock {
            return self.target.advance(by).await.map_err(Stop::Broken);
        }
        if let Some(check) = &step.check {
            return self.checked(number, check);
        }
        let (request, headers, said) = match &step.raw {
            Some(raw) => self.sent(raw, service).await?,
            None => self.called(step).await?,
        };
        if let Said::Lost(why) = &said {
            return Err(Stop::Broken(format!("step {number}: {why}")));
        }
        let expected = match &step.expect {
            Some(expected) => self.scope.resolve(expected)?,
            None => json!({"ok": {}}),
        };
        let expect = Expect::deserialize(&expected).map_err(|error| Stop::Broken(format!("`expect`: {error}")))?;
        let mut differing = compared(&expect, &said, headers.as_ref());
        let missing = self.saved(step, &said);
        if let Some(place) = &missing {
            let what = "nothing came that could be kept".to_owned();
            differing.extend(differing.is_empty().then(|| Difference { place: place.clone(), what }));
        }
        if differing.is_empty() {
            return Ok(());
        }
        let told = differing.into_iter().map(|Difference { place, what }| match place.is_empty() {
            true => what,
            false => format!("{place}: {what}"),
        });
        let failure = Failure {
            step: number,
            request: redacted(&request),
            answer: redacted(&said.shown()),
            expected: redacted(&expected),
            differences: told.collect(),
        };
        match missing {
            Some(_) => Err(Stop::Failed(Box::new(failure))),
            None => {
                self.failures.push(failure);
                Ok(())
            }
        }
    }

    /// Keeps what a step wants kept; the first place where nothing is.
    fn saved(&mut self, step: &Step, said: &Said) -> Option<String> {
        let told = match said {
            Said::Told(told) => Some(told),
            _ => None,
        };
        let mut missing = None;
        for (name, place) in &step.save {
            match told.and_then(|told| at(told, place)) {
                Some(value) => self.scope.set(name, value.clone()),
                None => missing = Some(place.clone()),
            }
        }
        missing
    }

    fn checked(&mut self, number: usize, check: &Check) -> Result<(), Stop> {
        let (left, right, is_equal) = match check {
            Check::Equal(left, right) => (left, right, true),
            Check::Differ(left, right) => (left, right, false),
        };
        let (left, right) = (self.scope.resolve(left)?, self.scope.resolve(right)?);
        let differing = differences(&left, Some(&right), "");
        if differing.is_empty() != is_equal {
            let word = if is_equal { "equal" } else { "differ" };
            self.failures.push(Failure {
                step: number,
                request: json!({"check": word}),
                answer: redacted(&right),
                expected: redacted(&left),
                differences: vec![format!("they were expected to {}", if is_equal { "be equal" } else { "differ" })],
            });
        }
        Ok(())
    }

    async fn called(&mut self, step: &Step) -> Result<(Value, Option<HeaderMap>, Said), Stop> {
        let call = self.scope.text(step.call.as_deref().unwrap_or_default())?;
        let input = self.scope.resolve(&step.input)?;
        let name = self.scope.text(step.caller.as_deref().unwrap_or(super::ADMIN))?;
        let who = self.who(&name).map_err(Stop::Broken)?;
        let said = match &step.pages {
            Some(list) => self.all_pages(&who, &call, &input, list).await,
            None => self.asked(&who, &call, &input).await,
        };
        Ok((json!({"call": call, "as": name, "with": input}), None, said))
    }

    async fn sent(&mut self, raw: &Raw, service: &str) -> Result<(Value, Option<HeaderMap>, Said), Stop> {
        let resolved = |value: &Value| self.scope.resolve(value);
        let raw = Raw {
            service: Some(self.scope.text(raw.service.as_deref().unwrap_or(service))?),
            method: self.scope.text(&raw.method)?,
            path: self.scope.text(&raw.path)?,
            query: resolved(&raw.query)?,
            headers: resolved(&raw.headers)?,
            body: resolved(&raw.body)?,
            sign: resolved(&raw.sign)?,
        };
        let sign = match &raw.sign {
            Value::Null => None,
            said => Some(Sign::deserialize(said).map_err(|error| Stop::Broken(format!("`sign`: {error}")))?),
        };
        let by = sign.as_ref().map(|sign| self.who(&sign.by)).transpose().map_err(Stop::Broken)?;
        let access = by.as_ref().and_then(|who| who.access.as_ref());
        if let (Some(sign), None) = (&sign, access) {
            return Err(Stop::Broken(format!("`{}` has no access key to sign with", sign.by)));
        }
        let (response, said) = self.target.send(&raw, sign.as_ref(), access).await;
        let Raw { method, path, query, headers, body, sign, .. } = raw;
        let shown = json!({"raw": {"method": method, "path": path, "query": query, "headers": headers, "body": body,
            "sign": sign}});
        let headers = response.map(|response| {
            let mut headers = response.headers().clone();
            if let Ok(status) = http::HeaderValue::from_str(response.status().as_str()) {
                headers.insert(STATUS, status);
            }
            headers
        });
        Ok((shown, headers, said))
    }

    /// Asks for a list until there is no more of it; the last answer, with all items on its list.
    async fn all_pages(&mut self, who: &Who, call: &str, input: &Value, list: &str) -> Said {
        let mut input = if input.is_null() { json!({}) } else { input.clone() };
        let mut all = Vec::new();
        for _ in 0..PAGES {
            let mut told = match self.asked(who, call, &input).await {
                Said::Told(told) => told,
                other => return other,
            };
            let items = at(&told, list).and_then(Value::as_array).cloned().unwrap_or_default();
            let more = !items.is_empty() || at(&told, "IsTruncated").is_some() || at(&told, "Truncated").is_some();
            all.extend(items);
            match next(&told, &input, all.len()).filter(|_| more) {
                Some(further) => input = further,
                None => {
                    put(&mut told, list, Value::Array(all));
                    return Said::Told(told);
                }
            }
        }
        Said::Lost(format!("{call} has more than {PAGES} pages"))
    }
}

/// The status of an answer among its headers, under a name that no header can have.
const STATUS: &str = "x-polykms-conformance-status";

/// The input for the next page, if there is one: by marker, or by number.
fn next(told: &Value, input: &Value, so_far: usize) -> Option<Value> {
    let flag = |name: &str| told.get(name).and_then(Value::as_bool);
    let mut input = input.clone();
    match flag("Truncated").or_else(|| flag("IsTruncated")) {
        Some(true) => {
            let marker = ["NextMarker", "Marker"].iter().find_map(|name| told.get(*name))?;
            put(&mut input, "Marker", marker.clone());
        }
        Some(false) => return None,
        None => {
            let total = told.get("TotalCount").and_then(Value::as_u64)?;
            if so_far as u64 >= total {
                return None;
            }
            let page = told.get("PageNumber").and_then(Value::as_u64)?;
            put(&mut input, "PageNumber", json!(page + 1));
        }
    }
    Some(input)
}

/// Puts a value at a path.
fn put(object: &mut Value, path: &str, value: Value) {
    match (object, path.split_once('.')) {
        (Value::Object(members), Some((name, rest))) => {
            put(members.entry(name.to_owned()).or_insert_with(|| json!({})), rest, value);
        }
        (Value::Object(members), None) => {
            members.insert(path.to_owned(), value);
        }
        _ => {}
    }
}

/// Where an answer is not as expected.
fn compared(expect: &Expect, said: &Said, headers: Option<&HeaderMap>) -> Vec<Difference> {
    let Expect { ok, status, headers: wanted, error } = expect;
    let mut found = Vec::new();
    let whole = |what: &str| Difference { place: String::new(), what: format!("{what}, {said} came") };
    match (said, ok, error) {
        (Said::Told(told), Some(ok), _) => found.extend(differences(ok, Some(told), "")),
        (Said::Refused(refusal), _, Some(error)) => found.extend(refused(error, refusal)),
        (_, Some(_), _) => found.push(whole("success was expected")),
        (_, _, Some(Refused { code, .. })) => found.push(whole(&format!("the refusal {code} was expected"))),
        _ => {}
    }
    let told = |name: &str| headers.and_then(|headers| headers.get(name)?.to_str().ok());
    let came = match said {
        Said::Refused(refusal) => Some(refusal.status.to_string()),
        _ => told(STATUS).map(str::to_owned),
    };
    if let Some(status) = status.filter(|status| came.as_deref() != Some(status.to_string().as_str())) {
        let came = came.unwrap_or_else(|| "none".to_owned());
        found.push(Difference { place: "status".to_owned(), what: format!("{status} was expected, {came} came") });
    }
    for (name, wanted) in wanted {
        let value = told(name).map(Value::from);
        found.extend(differences(wanted, value.as_ref(), &format!("headers.{name}")));
    }
    found
}

fn refused(error: &Refused, refusal: &Refusal) -> Vec<Difference> {
    let Refused { code, status, message } = error;
    let mut found = differences(code, Some(&json!(refusal.code)), "code");
    if let Some(status) = status {
        found.extend(differences(status, Some(&json!(refusal.status)), "status"));
    }
    if let Some(message) = message {
        found.extend(differences(message, Some(&json!(refusal.message)), "message"));
    }
    found
}

/// Members whose values nobody else may see.
const SECRETS: [&str; 6] =
    ["SecretAccessKey", "AccessKeySecret", "SessionToken", "SecurityToken", "authorization", "Signature"];
/// The longest text that is shown.
const SHOWN: usize = 512;

/// A value without secrets and without what is too long to be read.
fn redacted(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                let hidden = SECRETS.contains(&name.as_str()) || (name == "Plaintext" && text_of(value).len() > 88);
                (name.clone(), if hidden { json!("(not shown)") } else { redacted(value) })
            })
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(redacted).collect(),
        Value::String(text) => match text.char_indices().nth(SHOWN) {
            Some((at, _)) => format!("{}… ({} bytes)", text.get(..at).unwrap_or_default(), text.len()).into(),
            None => value.clone(),
        },
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_followed_by_marker_and_by_number() {
        let asked = json!({"Limit": 1});
        for (told, so_far, wanted) in [
            (json!({"Truncated": true, "NextMarker": "m"}), 1, Some(json!({"Limit": 1, "Marker": "m"}))),
            (json!({"IsTruncated": true, "Marker": "m"}), 1, Some(json!({"Limit": 1, "Marker": "m"}))),
            (json!({"Truncated": false}), 1, None),
            (json!({"PageNumber": 1, "TotalCount": 3}), 2, Some(json!({"Limit": 1, "PageNumber": 2}))),
            (json!({"PageNumber": 2, "TotalCount": 3}), 3, None),
            (json!({}), 3, None),
        ] {
            assert_eq!(next(&told, &asked, so_far), wanted, "{told}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let shown = redacted(&json!({"Credentials": [{"SecretAccessKey": "hush", "AccessKeyId": "a"}],
            "Plaintext": "x".repeat(100), "Text": "y".repeat(600)}));
        let text = shown.to_string();
        assert!(!text.contains("hush") && !text.contains("xx") && text.contains("(600 bytes)"), "{text}");
    }

    #[test]
    fn what_should_succeed_or_fail_does_so() {
        let expect = |value: Value| Expect::deserialize(value).unwrap_or_default();
        let told = Said::Told(json!({"a": 1}));
        let refused = Said::Refused(Refusal { status: 400, code: "C".to_owned(), message: "m".to_owned() });
        let count = |expected: Value, said: &Said| compared(&expect(expected), said, None).len();
        assert_eq!(count(json!({"ok": {"a": 1}}), &told), 0);
        assert_eq!(count(json!({"ok": {}}), &refused), 1);
        assert_eq!(count(json!({"error": {"code": "C"}}), &told), 1);
        assert_eq!(count(json!({"error": {"code": "C", "status": 400, "message": {"$like": "^m$"}}}), &refused), 0);
        assert_eq!(count(json!({"error": {"code": "D", "status": 403}}), &refused), 2);
        assert_eq!(count(json!({"status": 403}), &refused), 1);
    }
}
