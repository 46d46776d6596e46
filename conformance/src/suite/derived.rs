//! Cases that the catalog says by itself: of every operation that is built, who may do it and who may not.
//!
//! For each: unsigned it is refused; without a policy it is denied; with the demanded actions, and nothing else, it is done;
//! an explicit Deny wins; with one of several actions missing it is denied; a condition that holds allows it, and one that
//! does not hold does not.

use std::collections::BTreeMap;

use polykms_core::dialect::row::Status;
use polykms_core::dialect::{Dialect, Row, Service};
use serde_json::{Value, json};

use super::files::{World, arguments};
use super::model::{Arguments, Asked, Caller, Case, Confidence, Defaults, Need, Step, Suite};
use super::{NOBODY, Unusable};

/// Who asks in them.
const ASKER: &str = "asker";

/// The derived suites of a dialect, one for each service that says what its rows are asked for.
///
/// # Errors
/// [`Unusable`] when a row that is built has no arguments, or arguments have no row.
pub fn suites(dialect: &Dialect, world: &World) -> Result<Vec<Suite>, Unusable> {
    let mut suites = Vec::new();
    for service in dialect.services {
        let Some(Arguments { lets, fixtures, rows }) = arguments(dialect.name, service.name)? else { continue };
        let place = format!("{}/{}", dialect.name, service.name);
        if let Some(name) = rows.keys().find(|name| service.row(name).is_none()) {
            return Err(Unusable(format!("{place}/arguments has `{name}`, which is no operation")));
        }
        let mut cases = Vec::new();
        for row in service.rows.iter().filter(|row| row.status() != Status::Absent) {
            let asked = rows.get(row.wire());
            let asked = asked.ok_or_else(|| Unusable(format!("{place}/arguments has no `{}`", row.wire())))?;
            cases.extend(Derivation { world, service, row, asked }.cases());
        }
        let source = vec![format!("catalog of {place}: the actions that the vendor lists for each operation")];
        let defaults = Defaults { confidence: Confidence::Documented, source, needs: Vec::new() };
        suites.push(Suite { suite: format!("{place}/rows"), defaults, lets, fixtures, cases });
    }
    Ok(suites)
}

/// What the cases of one row are made of.
struct Derivation<'a> {
    world: &'a World,
    service: &'static Service,
    row: &'static Row,
    asked: &'a Asked,
}

/// A statement: its effect, its actions, and what has to hold.
type Statement<'a> = (&'a str, Vec<String>, Option<Value>);

impl Derivation<'_> {
    fn cases(&self) -> Vec<Case> {
        let unsigned = self.case("unsigned", "who signs nothing is refused", Need::Signatures, &[]);
        let unsigned = Case { steps: vec![self.step(NOBODY, self.refusal(&self.world.unsigned))], ..unsigned };
        let unsigned = Case { callers: BTreeMap::new(), ..unsigned };
        if self.row.status() == Status::Open {
            let open = self.case("open", "who has no policy may do it all the same", Need::Signatures, &[]);
            return vec![unsigned, self.done(open)];
        }
        let (needed, all) = (self.needed(), vec!["*".to_owned()]);
        let allow = |actions: &[String], condition| ("Allow", actions.to_vec(), condition);
        let case = |id: &str, title: &str, statements: &[Statement<'_>]| self.case(id, title, Need::Authz, statements);
        let first: Vec<_> = needed.first().cloned().into_iter().collect();
        let (named, another) = (Some(self.world.named.clone()), Some(self.world.another.clone()));
        let mut cases = vec![
            unsigned,
            self.denied(case("denied", "who has no policy is denied", &[])),
            self.done(case("allowed", "the demanded actions are enough", &[allow(&needed, None)])),
            self.denied(case("deny-wins", "an explicit Deny wins", &[allow(&all, None), ("Deny", first, None)])),
            self.done(case("named", "a condition that holds allows", &[allow(&needed, named)])),
            self.denied(case("another", "a condition that does not hold allows nothing", &[allow(&needed, another)])),
        ];
        cases.extend(self.incomplete(&needed));
        for (key, value) in &self.asked.context {
            let name = key.replace([':', '/'], "-").to_lowercase();
            let condition = |value: Value| Some(json!({"StringEquals": {key.as_str(): value}}));
            let right = [allow(&needed, condition(value.clone()))];
            let wrong = [allow(&needed, condition(json!("somethingelse")))];
            cases.push(self.done(case(&name, &format!("`{key}` has its value"), &right)));
            let otherwise = case(&format!("{name}-otherwise"), &format!("`{key}` has no other value"), &wrong);
            cases.push(self.denied(otherwise));
        }
        cases
    }

    /// Each of several demands is needed.
    fn incomplete(&self, needed: &[String]) -> Vec<Case> {
        let is_one = needed.len() < 2 || self.row.demands().any(|demand| demand.conditional);
        let missing = needed.iter().filter(|_| !is_one).map(|without| {
            let rest = needed.iter().filter(|action| *action != without).cloned().collect();
            let id = format!("without-{}", without.replace(':', "-").to_lowercase());
            let title = format!("without {without} it is denied");
            self.denied(self.case(&id, &title, Need::Authz, &[("Allow", rest, None)]))
        });
        missing.collect()
    }

    /// The actions that the operation needs, each once.
    fn needed(&self) -> Vec<String> {
        let demands = self.row.demands().filter(|demand| demand.waived.is_none());
        let mut actions: Vec<String> = Vec::new();
        for action in demands.map(|demand| demand.action.to_owned()).chain(self.asked.also.iter().cloned()) {
            if !actions.contains(&action) {
                actions.push(action);
            }
        }
        actions
    }

    fn case(&self, id: &str, title: &str, need: Need, statements: &[Statement<'_>]) -> Case {
        let statement = |(effect, actions, condition): &Statement<'_>| {
            let mut statement = json!({"Effect": effect, "Action": actions, "Resource": "*"});
            if let (Some(condition), Some(members)) = (condition, statement.as_object_mut()) {
                members.insert("Condition".to_owned(), condition.clone());
            }
            statement
        };
        let document = |statements: Vec<Value>| json!({"Version": self.world.version, "Statement": statements});
        let policies = match statements {
            [] => Vec::new(),
            statements => vec![document(statements.iter().map(statement).collect())],
        };
        Case {
            id: format!("{}.{id}", self.row.wire()),
            title: format!("{}: {title}", self.row.wire()),
            confidence: None,
            source: Vec::new(),
            needs: vec![need],
            serial: false,
            rows: Vec::new(),
            fixtures: self.asked.fixtures.clone(),
            callers: BTreeMap::from([(ASKER.to_owned(), Caller { policies, ..Caller::default() })]),
            steps: Vec::new(),
        }
    }

    fn done(&self, case: Case) -> Case {
        let expect = self.asked.expect.clone().unwrap_or_else(|| json!({"ok": {}}));
        Case { steps: vec![self.step(ASKER, expect)], ..case }
    }

    fn denied(&self, case: Case) -> Case {
        let expect = self.asked.denied.clone().unwrap_or_else(|| self.refusal(&self.world.denied));
        Case { steps: vec![self.step(ASKER, expect)], ..case }
    }

    fn step(&self, who: &str, expect: Value) -> Step {
        Step {
            call: Some(format!("{}.{}", self.service.name, self.row.wire())),
            input: self.asked.input.clone(),
            caller: Some(who.to_owned()),
            expect: Some(expect),
            ..Step::default()
        }
    }

    fn refusal(&self, of: &BTreeMap<String, Value>) -> Value {
        json!({"error": of.get(self.service.name).cloned().unwrap_or_else(|| json!({"code": {"$is": "string"}}))})
    }
}
