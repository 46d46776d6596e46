//! What guards an operation in a dialect: the permission that each of its parts needs, and what policies may ask about it.

use super::context::ContextKey;
use crate::engine::Caller;
use crate::operation::Role;

/// The permission that one part of an operation needs.
#[derive(Debug)]
pub struct Demand<O: 'static> {
    role: Role,
    action: &'static str,
    when: When<O>,
    waived: Option<&'static str>,
}

/// When a permission is needed.
#[derive(Debug)]
enum When<O> {
    Always,
    Asked(fn(&O) -> bool),
    AskedBy(fn(&O, &Caller) -> bool),
}

impl<O> Demand<O> {
    /// A permission that is always needed; the action as policies name it.
    pub const fn of(role: Role, action: &'static str) -> Self {
        Self { role, action, when: When::Always, waived: None }
    }

    /// A permission that is needed when `when` says so of the operation.
    pub const fn when(role: Role, action: &'static str, when: fn(&O) -> bool) -> Self {
        Self { role, action, when: When::Asked(when), waived: None }
    }

    /// A permission that is needed when `when` says so of the operation and of who asks for it: what a session carries on
    /// needs it too.
    pub const fn when_by(role: Role, action: &'static str, when: fn(&O, &Caller) -> bool) -> Self {
        Self { role, action, when: When::AskedBy(when), waived: None }
    }

    /// A part that the vendor checks nothing for, with the reason.
    pub const fn waived(role: Role, why: &'static str) -> Self {
        Self { role, action: "", when: When::Always, waived: Some(why) }
    }

    /// The same without the type of its operation.
    pub(crate) const fn plain(&self) -> Plain {
        let conditional = !matches!(self.when, When::Always);
        Plain { role: self.role, action: self.action, conditional, waived: self.waived }
    }

    /// Whether it applies to this operation, for this caller.
    pub(crate) fn applies(&self, op: &O, caller: &Caller) -> bool {
        match self.when {
            When::Always => true,
            When::Asked(when) => when(op),
            When::AskedBy(when) => when(op, caller),
        }
    }
}

/// A demand as it is told: whatever the operation, but not when it applies.
#[derive(Debug, Clone, Copy)]
pub struct Plain {
    /// The part.
    pub role: Role,
    /// The action as policies name it; empty when the vendor checks nothing here.
    pub action: &'static str,
    /// Whether it applies to some of these operations only.
    pub conditional: bool,
    /// Why nothing is checked, for a waived role.
    pub waived: Option<&'static str>,
}

/// What guards an operation.
pub struct Guard<O: 'static> {
    /// The permissions needed.
    pub demands: &'static [Demand<O>],
    /// The condition keys filled, beside those that every request carries.
    pub context: &'static [ContextKey<O>],
}

impl<O> Guard<O> {
    /// Whether every role has a demand that always applies.
    #[allow(clippy::indexing_slicing, reason = "const evaluation: an index out of range does not compile")]
    pub(crate) const fn covers(&self, roles: &[Role]) -> bool {
        let mut role = 0;
        while role < roles.len() {
            let (mut at, mut covered) = (0, false);
            while at < self.demands.len() {
                let Plain { role: part, conditional, .. } = self.demands[at].plain();
                covered = covered || (part as u8 == roles[role] as u8 && !conditional);
                at += 1;
            }
            if !covered {
                return false;
            }
            role += 1;
        }
        true
    }

    /// Whether every demand is for one of the roles.
    #[allow(clippy::indexing_slicing, reason = "const evaluation: an index out of range does not compile")]
    pub(crate) const fn is_within(&self, roles: &[Role]) -> bool {
        let mut at = 0;
        while at < self.demands.len() {
            let (mut role, mut known) = (0, false);
            while role < roles.len() {
                known = known || self.demands[at].plain().role as u8 == roles[role] as u8;
                role += 1;
            }
            if !known {
                return false;
            }
            at += 1;
        }
        true
    }

    /// Whether every demand has an action or a reason, and not both.
    #[allow(clippy::indexing_slicing, reason = "const evaluation: an index out of range does not compile")]
    pub(crate) const fn is_spelled(&self) -> bool {
        let mut at = 0;
        while at < self.demands.len() {
            let Plain { action, waived, .. } = self.demands[at].plain();
            if action.is_empty() != waived.is_some() {
                return false;
            }
            at += 1;
        }
        true
    }
}
