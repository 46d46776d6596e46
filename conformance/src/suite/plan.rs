//! What is run: each case once, or once for each of its rows.

use std::collections::BTreeSet;
use std::sync::Arc;

use polykms_core::dialect::Dialect;
use polykms_core::operation::Effect;
use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::model::{Case, Confidence, Expect, Need, Step, Suite};
use super::scope::Scope;
use super::{ADMIN, NEIGHBOUR, NOBODY, Unusable};

/// One case as it is run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Its whole name: `aws/kms/crypto/limits/plaintext[4097]`.
    pub id: String,
    /// The file that it stands in.
    pub suite: Arc<Suite>,
    /// The case.
    pub case: Arc<Case>,
    /// The values of its row.
    pub row: Map<String, Value>,
}

impl Plan {
    /// How sure the expectation is.
    pub fn confidence(&self) -> Confidence {
        self.case.confidence.unwrap_or(self.suite.defaults.confidence)
    }

    /// Where it comes from.
    pub fn source(&self) -> &[String] {
        if self.case.source.is_empty() { &self.suite.defaults.source } else { &self.case.source }
    }

    /// What the target has to have.
    pub fn needs(&self) -> BTreeSet<Need> {
        let mut needs: BTreeSet<_> = self.suite.defaults.needs.iter().chain(&self.case.needs).copied().collect();
        needs.extend(self.case.steps.iter().filter(|step| step.clock.is_some()).map(|_| Need::Clock));
        needs.extend(self.case.needs_a_neighbour().then_some(Need::Neighbour));
        needs
    }

    /// Whether nothing else may run meanwhile.
    pub fn is_serial(&self) -> bool {
        self.case.serial || self.needs().contains(&Need::Clock)
    }

    /// Whether nothing that it asks for changes anything.
    pub fn is_read_only(&self, dialect: &Dialect) -> bool {
        let Case { callers, fixtures, steps, .. } = &*self.case;
        let scope = Scope::new(String::new()).with(self.suite.lets.clone()).with(self.row.clone());
        let reads = |step: &Step| match (&step.call, &step.check) {
            (Some(call), _) => {
                let row = scope.text(call).ok().and_then(|call| operation(dialect, &call));
                row.is_some_and(|(_, row)| row.effect() == Effect::Reads)
            }
            (None, check) => check.is_some(),
        };
        callers.is_empty() && fixtures.is_empty() && steps.iter().all(reads)
    }

    /// Whether it is the one that a path names, or below it.
    pub fn is_below(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let rest = self.id.strip_prefix(path);
        rest.is_some_and(|rest| rest.is_empty() || path.is_empty() || rest.starts_with(['/', '[']))
    }
}

/// The cases of some suites, in their order.
///
/// # Errors
/// [`Unusable`] for a case that contradicts itself, or names what there is not.
pub fn plans(dialect: &Dialect, suites: Vec<Suite>) -> Result<Vec<Plan>, Unusable> {
    let mut plans = Vec::new();
    for suite in suites {
        check(dialect, &suite)?;
        let suite = Arc::new(suite);
        for case in &suite.cases {
            let case = Arc::new(case.clone());
            let id = format!("{}/{}", suite.suite, case.id);
            let plan = |id, row| Plan { id, suite: Arc::clone(&suite), case: Arc::clone(&case), row };
            if case.rows.is_empty() {
                plans.push(plan(id, Map::new()));
                continue;
            }
            for row in &case.rows {
                let name = row.get("row").and_then(Value::as_str);
                let name = name.ok_or_else(|| Unusable(format!("{id} has a row without a name")))?;
                plans.push(plan(format!("{id}[{name}]"), row.clone()));
            }
        }
    }
    let mut known = BTreeSet::new();
    match plans.iter().find(|plan| !known.insert(plan.id.clone())) {
        Some(twice) => Err(Unusable(format!("{} stands twice", twice.id))),
        None => Ok(plans),
    }
}

/// Names that the runner gives values.
const RESERVED: [&str; 7] = ["it", "account", "region", "in", "out", "now", NEIGHBOUR];

/// Refuses a suite that cannot be run, whatever the target.
fn check(dialect: &Dialect, suite: &Suite) -> Result<(), Unusable> {
    let wrong = |case: &Case, why: String| Err(Unusable(format!("{}/{}: {why}", suite.suite, case.id)));
    let mut named = suite.lets.keys().chain(suite.fixtures.keys());
    if let Some(name) = named.find(|name| RESERVED.contains(&name.as_str())) {
        return Err(Unusable(format!("{}: `{name}` is a name of the runner's own", suite.suite)));
    }
    for case in &suite.cases {
        let mut own = case.callers.keys().chain(case.rows.iter().flat_map(|row| row.keys()));
        if let Some(name) = own.find(|name| RESERVED.contains(&name.as_str())) {
            return wrong(case, format!("`{name}` is a name of the runner's own"));
        }
        if case.source.is_empty() && suite.defaults.source.is_empty() {
            return wrong(case, "it does not say where it comes from".to_owned());
        }
        let is_open = |name: &String| name.contains("${");
        if let Some(name) = case.fixtures.iter().find(|name| !is_open(name) && !suite.fixtures.contains_key(*name)) {
            return wrong(case, format!("there is no fixture `{name}`"));
        }
        let fixtures = case.fixtures.iter().filter_map(|name| suite.fixtures.get(name)).flatten();
        for step in fixtures.chain(&case.steps) {
            if let Err(why) = sound(dialect, case, step) {
                return wrong(case, why);
            }
        }
    }
    Ok(())
}

fn sound(dialect: &Dialect, case: &Case, step: &Step) -> Result<(), String> {
    let Step { call, raw, check, clock, caller, expect, .. } = step;
    let ways = [call.is_some(), raw.is_some(), check.is_some(), clock.is_some()];
    if ways.iter().filter(|is_it| **is_it).count() != 1 {
        return Err("a step is one of call, raw, check and clock".to_owned());
    }
    if let Some(call) = call.as_deref().filter(|call| !call.contains("${")) {
        operation(dialect, call).ok_or_else(|| format!("there is no operation `{call}`"))?;
    }
    if let Some(who) = caller.as_deref().filter(|who| !who.contains("${") && ![ADMIN, NOBODY, NEIGHBOUR].contains(who))
    {
        case.callers.get(who).ok_or_else(|| format!("there is no caller `{who}`"))?;
    }
    match expect {
        Some(Value::String(text)) if text.starts_with("${") => Ok(()),
        Some(value) => Expect::deserialize(value).map(drop).map_err(|error| format!("`expect`: {error}")),
        None => Ok(()),
    }
}

/// The service and the row of `kms.Encrypt`.
pub(super) fn operation(
    dialect: &Dialect,
    name: &str,
) -> Option<(&'static polykms_core::dialect::Service, &'static polykms_core::dialect::Row)> {
    let (service, operation) = name.split_once('.')?;
    let service = dialect.services.iter().find(|known| known.name == service)?;
    Some((service, service.row(operation)?))
}
