//! Judging: every demand of the row is put to the policies, each with the facts of its own resource.
//!
//! # Invariants
//! - All demands are judged before anything runs; the first one refused is the answer.
//! - A resource that does not exist passes the policies first; then the dialect's disclosure rule chooses the error.

use std::borrow::Cow;

use super::caller::{Call, Caller, Principal, Situation};
use super::diagnose::denied_by;
use super::facts::Facts;
use super::locate::Located;
use super::{Authorization, Engine, Traced};
use crate::denial::{Denial, Ruling};
use crate::dialect::demand::Plain;
use crate::dialect::{Demand, Guard};
use crate::error::{Error, Kind, Result};
use crate::operation::Operation;
use crate::policy::{Attached, Context, Decision, Grants, Layers, Question, Verdict};
use crate::port::Time;

/// What the policies said of an operation.
pub(super) struct Ruled {
    /// The verdict; `None` for an operation nobody guards.
    pub(super) verdict: Option<Verdict>,
    /// The trace.
    pub(super) rulings: Vec<Ruling>,
    /// What else was asked: it is kept for a while, and not told on the trail.
    pub(super) besides: Vec<Ruling>,
}

impl Ruled {
    /// Nothing was asked.
    pub(super) const NOTHING: Self = Self { verdict: None, rulings: Vec::new(), besides: Vec::new() };
}

/// What the policies said, and the error to answer with unless the operation is allowed.
pub(super) struct Judgement {
    pub(super) ruled: Ruled,
    pub(super) refusal: Option<Error>,
}

impl Engine {
    /// The judgement on an operation.
    pub(super) fn judge<O: Operation>(
        &self,
        call: &Call<'_>,
        op: &O,
        guard: &Guard<O>,
        located: &[Located],
        now: Time,
    ) -> Judgement {
        let mut ruled = Ruled::NOTHING;
        match self.verdict(call, op, guard, located, now, &mut ruled) {
            Ok(verdict) => Judgement { ruled: Ruled { verdict, ..ruled }, refusal: None },
            Err(error) => {
                let verdict = error.denial().map(|denial| denial.decision.verdict);
                Judgement { ruled: Ruled { verdict, ..ruled }, refusal: Some(error) }
            }
        }
    }

    fn verdict<O: Operation>(
        &self,
        call: &Call<'_>,
        op: &O,
        guard: &Guard<O>,
        located: &[Located],
        now: Time,
        ruled: &mut Ruled,
    ) -> Result<Option<Verdict>> {
        let now = call.connection.time(now);
        let mut verdict = None;
        for demand in guard.demands.iter().filter(|demand| demand.applies(op, &call.caller)).map(Demand::plain) {
            for resource in located.iter().filter(|resource| resource.role == demand.role) {
                let situation = Situation {
                    caller: &call.caller,
                    connection: call.connection,
                    region: &call.region,
                    now,
                    tags: op.tags(),
                    located: resource,
                    all: located,
                };
                let law = call.dialect.law;
                let facts = Facts {
                    situation: &situation,
                    op,
                    everywhere: law.context,
                    keys: guard.context,
                    simulated: law.simulated,
                };
                // A denial that is not enforced is told, whatever is allowed after it.
                if let Some(asked) = self.put(call, demand, &facts, ruled)? {
                    verdict = verdict.filter(|before| *before != Verdict::Allow).or(Some(asked));
                }
            }
        }
        Ok(verdict)
    }

    fn put<O: Operation>(
        &self,
        call: &Call<'_>,
        demand: Plain,
        facts: &Facts<'_, O>,
        ruled: &mut Ruled,
    ) -> Result<Option<Verdict>> {
        let situation = facts.situation;
        // Nobody knows whom it denies: what else allows the question does not count.
        if situation.located.resource.as_ref().is_some_and(|resource| resource.is_closed()) {
            return Err(Kind::Internal.because("a stored key policy cannot be read").naming(&*situation.located.arn));
        }
        let (verdict, denial) = match (self.settings.authorization, demand.waived) {
            (Authorization::Off, _) => (Some(Verdict::Allow), None),
            (_, Some(_)) => (None, None),
            (Authorization::Enforce | Authorization::Audit, None) => {
                let (verdict, denial) = self.question(call, demand, facts, ruled);
                (Some(verdict), denial)
            }
        };
        let enforced = self.settings.authorization == Authorization::Enforce;
        if situation.located.missing {
            let allowed = denial.is_none() || !enforced;
            let kind = (call.dialect.law.missing)(situation, allowed);
            let denial = denial.map(|denial| match kind {
                Kind::AccessDenied => self.diagnosed(call, facts, denial),
                _ => denial,
            });
            return Err(missing(kind, situation, denial));
        }
        match denial {
            Some(denial) if enforced => {
                Err(Kind::AccessDenied.because("").with_denial(self.diagnosed(call, facts, denial)))
            }
            _ => Ok(verdict),
        }
    }

    fn question<O: Operation>(
        &self,
        call: &Call<'_>,
        demand: Plain,
        facts: &Facts<'_, O>,
        ruled: &mut Ruled,
    ) -> (Verdict, Option<Denial>) {
        let (law, named, situation) = (call.dialect.law, &call.named, facts.situation);
        let (question, layers) = asked(call, demand.action, situation.located, facts, O::ASSUMES);
        match law.policy.decide(&question, &layers) {
            Verdict::Allow => {
                let told = self.settings.traced == Traced::All && self.world.ports.audit.enabled();
                let place = match (told, call.kept) {
                    (true, _) => Some(&mut ruled.rulings),
                    (false, true) => Some(&mut ruled.besides),
                    (false, false) => None,
                };
                if let Some(place) = place {
                    place.push(ruling(
                        demand.action,
                        &call.caller,
                        situation.located,
                        law.policy.explain(&question, &layers),
                    ));
                }
                (Verdict::Allow, None)
            }
            verdict @ (Verdict::ExplicitDeny | Verdict::ImplicitDeny) => {
                let decision = law.policy.explain(&question, &layers);
                if self.world.ports.audit.enabled() || self.recent.is_some() {
                    ruled.rulings.push(ruling(demand.action, &call.caller, situation.located, decision.clone()));
                }
                let denial = Denial {
                    principal: named.display.clone(),
                    account: call.caller.account.to_string(),
                    action: demand.action,
                    resource: situation.located.arn.to_string(),
                    assume_role: question.assume_role,
                    by_ciphertext: situation.located.by_ciphertext,
                    cross_account: situation.located.account != call.caller.account,
                    exists: !(situation.located.missing || question.assume_role && layers.resource.is_none()),
                    denied_by: denied_by(call, &decision.deny_by),
                    encoded: None,
                    decision,
                };
                (verdict, Some(denial))
            }
        }
    }
}

/// The question whether a caller may do something to a resource, and what it is answered from.
pub(crate) fn asked<'a>(
    call: &'a Call<'_>,
    action: &'a str,
    located: &'a Located,
    context: &'a dyn Context,
    assume_role: bool,
) -> (Question<'a>, Layers<'a>) {
    let caller = &call.caller;
    let meant = located.grant.as_ref();
    let question = Question {
        principal: caller.in_question(&call.named),
        action,
        resource: &located.arn,
        resource_account: Some(&located.account),
        context,
        assume_role,
        grant_id: meant.map(|meant| meant.id.as_str()),
    };
    let policy = located.resource.as_ref().and_then(|resource| resource.policy());
    let grants = match meant {
        Some(meant) => meant.grant.as_deref().map(|grant| Grants::from(std::slice::from_ref(grant))),
        None => located.resource.as_ref().and_then(|resource| resource.grants(&question.principal)),
    };
    let layers = Layers {
        identity: Some(&caller.identity),
        session: caller.session_policies.as_deref(),
        resource: policy.map(|named| Attached { attached_to: &located.arn, named }),
        grants,
        ..Layers::default()
    };
    (question, layers)
}

/// What was said of a question whether a caller may do something to a resource.
pub(crate) fn ruling(
    action: impl Into<Cow<'static, str>>,
    caller: &Caller,
    located: &Located,
    decision: Decision,
) -> Ruling {
    let Located { arn, resource, .. } = located;
    let has_policy = resource.as_ref().is_some_and(|resource| resource.policy().is_some());
    Ruling::of(action, arn, decision, (has_policy, caller.principal == Principal::Owner))
}

fn missing(kind: Kind, situation: &Situation<'_>, denial: Option<Denial>) -> Error {
    let meant = situation.located.grant.as_ref().filter(|meant| meant.grant.is_none());
    let error = kind.about(meant.map_or(&*situation.located.arn, |meant| &meant.id));
    match denial {
        Some(denial) => error.with_denial(denial),
        None => error,
    }
}
