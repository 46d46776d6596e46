//! A question about permissions as requests would put it, answered, and put again with one thing changed.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::varies::Varies;
use super::{Able, Asking, Change, Inquired};
use crate::engine::{Call, Located, Principal, ruling};
use crate::policy::{
    Context, Decision, DocumentKind, Facts, KeyName, Layer, Layers, Named, Open, OpenCondition, Partial, Question,
    Reason, Spec, Value, Verdict,
};

/// A question as requests would put it, and what it is answered from.
pub(super) struct Trial<'t> {
    pub(super) asking: &'t Asking<'t>,
    pub(super) call: &'t Call<'t>,
    pub(super) located: &'t Located,
    pub(super) question: Question<'t>,
    pub(super) layers: Layers<'t>,
    pub(super) spec: &'static Spec,
}

impl Trial<'_> {
    /// Whether it is allowed, and what would turn that.
    pub(super) fn answer(&self, exists: Option<bool>) -> Inquired {
        let Self { asking, call, located, spec, .. } = *self;
        let decision = spec.explain(&self.question, &self.layers);
        let barred = asking.barred(call, located);
        let allowed = decision.verdict == Verdict::Allow && barred.is_none();
        let depends_on = match self.partially(|key| asking.is_asked(key)) {
            Partial::Maybe { open, .. } => open,
            Partial::Sure(_) => Vec::new(),
        };
        let is_asked = asking.knows_action() && barred.is_none();
        let changes = if allowed || !is_asked { Vec::new() } else { self.changes(&decision) };
        let action = asking.known_action().unwrap_or(&asking.inquiry.action).to_owned();
        Inquired {
            principal: asking.shown(call),
            allowed,
            barred,
            ruling: ruling(action, &call.caller, located, decision),
            exists,
            simulated: call.connection.simulated.as_ref().map(|simulated| simulated.circumstances.clone()),
            changes,
            depends_on,
            needs: asking.needs(located.role),
            note: asking.note(),
        }
    }

    /// Whoever asks, if it could, be it under conditions.
    pub(super) fn able(&self) -> Option<Able> {
        let principal = self.asking.shown(self.call);
        let varies = self.varies();
        match self.partially(|key| varies.is_open(key)) {
            Partial::Sure(Verdict::Allow) => {
                let allow_by = self.spec.explain(&self.question, &self.layers).allow_by;
                Some(Able { principal, always: true, allow_by, open: Vec::new() })
            }
            Partial::Maybe { among, open } if among.contains(&Verdict::Allow) => {
                Some(Able { principal, always: false, allow_by: Vec::new(), open })
            }
            Partial::Sure(_) | Partial::Maybe { .. } => None,
        }
    }

    /// What can be said while these condition keys are open; those that were given are not.
    fn partially(&self, is_open: impl Fn(&str) -> bool) -> Partial {
        let given = |key: &str| self.asking.facts.value(key).is_some();
        self.spec.decide_partially(&self.question, &self.layers, |key| !given(key) && is_open(key))
    }

    fn varies(&self) -> Varies<'_> {
        Varies::of(self.asking, self.call, self.located)
    }

    /// The changes that turn a denial, the smallest first: another request, one more statement, one statement less.
    fn changes(&self, decision: &Decision) -> Vec<Change> {
        let mut changes: Vec<Change> = Vec::new();
        for miss in &decision.near_miss {
            let wanted: Option<BTreeMap<String, String>> = miss
                .failed
                .iter()
                .map(|failed| Some((failed.key.clone(), meeting(&failed.operator, &failed.policy)?)))
                .collect();
            let Some(context) = wanted.filter(|context| !context.is_empty()) else { continue };
            if self.with_context(&context) == Verdict::Allow {
                let what = format!("a request with {}, as `{}` wants it", shown(&context), miss.statement.policy);
                let change = Change { what, context, document: None };
                if !changes.contains(&change) {
                    changes.push(change);
                }
            }
        }
        if decision.verdict == Verdict::ExplicitDeny {
            changes.extend(self.avoiding());
        }
        let (added, grant) = self.grant();
        if let (Some(named), Some(document)) = (&added, &grant)
            && self.with_identity(Some(named), None) == Verdict::Allow
        {
            changes.push(self.adding(document.clone(), ""));
        }
        if decision.verdict == Verdict::ExplicitDeny {
            changes.extend(self.without(&decision.deny_by, added.as_ref(), grant.as_ref()));
        }
        changes
    }

    /// A request that no statement denies, where the denial is one of some requests alone.
    fn avoiding(&self) -> Option<Change> {
        let varies = self.varies();
        let Partial::Maybe { open, .. } = self.partially(|key| varies.is_open(key)) else { return None };
        let mut context = BTreeMap::new();
        let denying: Vec<&Open> = open.iter().filter(|open| open.denies).collect();
        for statement in &denying {
            let other = |condition: &OpenCondition| {
                Some((condition.key.clone(), missing(&condition.operator, &condition.wanted)?))
            };
            context.extend(statement.conditions.iter().find_map(other));
        }
        if context.is_empty() || self.with_context(&context) != Verdict::Allow {
            return None;
        }
        let names: Vec<String> = denying.iter().map(|open| format!("`{}`", open.policy)).collect();
        let what = format!("a request with {}, which {} does not deny", shown(&context), names.join(" and "));
        Some(Change { what, context, document: None })
    }

    fn adding(&self, document: Json, before: &str) -> Change {
        let who = self.asking.shown(self.call);
        let what = format!("{before}a policy of {who} with {}", document.get("Statement").unwrap_or(&Json::Null));
        Change { what, context: BTreeMap::new(), document: Some(document) }
    }

    fn with_context(&self, context: &BTreeMap<String, String>) -> Verdict {
        let mut given = self.asking.facts.clone();
        for (key, value) in context {
            given.insert(key.as_str(), value.clone().into());
        }
        let both = Over { given: &given, below: self.question.context };
        self.spec.decide(&Question { context: &both, ..self.question }, &self.layers)
    }

    /// The verdict with one more identity policy, and with other ones in the place of those that are there.
    fn with_identity(&self, more: Option<&Named>, instead: Option<Vec<Named>>) -> Verdict {
        let mut identity = instead.unwrap_or_else(|| self.layers.identity.unwrap_or_default().to_vec());
        identity.extend(more.cloned());
        self.spec.decide(&self.question, &Layers { identity: Some(&identity), ..self.layers })
    }

    /// The policy that allows this action on this resource and nothing else.
    fn grant(&self) -> (Option<Named>, Option<Json>) {
        // An owner has no policies.
        if self.call.caller.principal == Principal::Owner {
            return (None, None);
        }
        let mut document: Json = serde_json::from_str(self.asking.law().allow_everything).unwrap_or_default();
        let action = self.asking.known_action().unwrap_or(&self.asking.inquiry.action);
        match document.pointer_mut("/Statement/0") {
            Some(Json::Object(statement)) => {
                statement.insert("Action".to_owned(), json!(action));
                statement.insert("Resource".to_owned(), json!(&*self.located.arn));
            }
            _ => return (None, None),
        }
        let policy = self.spec.compile(DocumentKind::Identity, &document.to_string()).ok();
        let named = policy.map(|policy| Named { name: "added".into(), policy: Arc::new(policy) });
        (named, Some(document))
    }

    /// Whether the denial goes with the statements that deny, of the caller's own policies.
    fn without(&self, denying: &[Reason], added: Option<&Named>, grant: Option<&Json>) -> Option<Change> {
        if denying.is_empty() || denying.iter().any(|reason| reason.layer.layer != Layer::Identity) {
            return None;
        }
        let mut identity = self.layers.identity?.to_vec();
        let mut by_policy: HashMap<usize, Vec<&str>> = HashMap::new();
        for reason in denying {
            by_policy.entry(reason.place).or_default().push(&reason.pointer);
        }
        for (place, pointers) in by_policy {
            let source = self.call.caller.sources.get(place)?;
            let mut document: Json = serde_json::from_str(&source.document).ok()?;
            for pointer in pointers {
                *document.pointer_mut(&format!("{pointer}/Effect"))? = json!("Allow");
                // Allowed is what nobody asks for: the statement is as good as gone.
                *document.pointer_mut(&format!("{pointer}/Resource"))? = json!("*");
                let statement = document.pointer_mut(pointer)?.as_object_mut()?;
                statement.remove("NotAction");
                statement.remove("NotResource");
                statement.remove("Condition");
                statement.insert("Action".to_owned(), json!("none:None"));
            }
            let policy = self.spec.compile(DocumentKind::Identity, &document.to_string()).ok()?;
            identity.get_mut(place)?.policy = Arc::new(policy);
        }
        let names: Vec<String> =
            denying.iter().map(|reason| format!("the Deny of `{}` at {}", reason.policy, reason.pointer)).collect();
        let names = names.join(" and ");
        if self.with_identity(None, Some(identity.clone())) == Verdict::Allow {
            return Some(Change { what: format!("without {names}"), context: BTreeMap::new(), document: None });
        }
        let allowed = self.with_identity(added, Some(identity)) == Verdict::Allow;
        grant.filter(|_| allowed).map(|document| self.adding(document.clone(), &format!("without {names}, and with ")))
    }
}

/// Condition keys that were given, over those that are there.
pub(super) struct Over<'a> {
    pub(super) given: &'a Facts,
    pub(super) below: &'a dyn Context,
}

impl Context for Over<'_> {
    fn named(&self, key: KeyName<'_>) -> Option<Value<'_>> {
        self.given.named(key).or_else(|| self.below.named(key))
    }

    fn visit(&self, prefix: &str, visitor: &mut dyn FnMut(&str, &str)) {
        self.given.visit(prefix, visitor);
    }
}

fn shown(context: &BTreeMap<String, String>) -> String {
    context.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", ")
}

/// A value that a condition could not hold for, if there is one that can be said; whether it does not, is tried.
fn missing(operator: &str, wanted: &Json) -> Option<String> {
    let plain = operator.rsplit(':').next().unwrap_or_default();
    let first = meeting("", wanted)?;
    match plain {
        _ if plain.starts_with("Bool") => Some((first != "true").to_string()),
        // A key that must not be missing has whatever value; most that are asked for like that are flags.
        "Null" if first == "true" => Some("true".to_owned()),
        _ if plain.contains("Not") || plain.contains("Than") => Some(first),
        _ => None,
    }
}

/// A value that a condition could want, if it wants one that can be said; whether it does, is tried.
fn meeting(operator: &str, wanted: &Json) -> Option<String> {
    if operator.contains("Not") || operator.starts_with("Null") {
        return None;
    }
    let first = match wanted {
        Json::Array(values) => values.first()?,
        one => one,
    };
    let text = match first {
        Json::String(text) => text.clone(),
        Json::Bool(flag) => flag.to_string(),
        Json::Number(number) => number.to_string(),
        _ => return None,
    };
    // A block of addresses is met by its first one; a pattern by itself without what it leaves open.
    let text = match text.split_once('/') {
        Some((address, _)) if address.parse::<IpAddr>().is_ok() => address.to_owned(),
        _ => text.replace('*', ""),
    };
    Some(text)
}
