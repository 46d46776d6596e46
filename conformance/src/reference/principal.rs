//! Whether a statement names the caller, and in which way.
//!
//! Follows the IAM User Guide ("AWS JSON policy elements: Principal", "NotPrincipal") and the RAM document "Principal".

use serde_json::Value;

use super::{Fault, Request, list, scalar, text};

/// In which way a statement names the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// By its own full name.
    Exact,
    /// As one of everyone.
    Everyone,
    /// As a service.
    Service,
    /// By the role of its session.
    Role,
    /// By the user behind its federated session.
    FederatedUser,
    /// By its account.
    Account,
}

impl Request<'_> {
    /// The ways in which the statement names the caller; none if it does not.
    pub(super) fn principal_kinds(&self, statement: &Value, deny: bool) -> Vec<Kind> {
        if let Some(principal) = statement.get("Principal") {
            return self.element_kinds(principal);
        }
        let Some(excepted) = statement.get("NotPrincipal") else { return Vec::new() };
        let kinds = self.element_kinds(excepted);
        let exempt = if deny { self.exempt(&kinds) } else { !kinds.is_empty() };
        if exempt { Vec::new() } else { vec![Kind::Everyone] }
    }

    /// A Deny spares only who is listed with everything that stands behind it.
    fn exempt(&self, kinds: &[Kind]) -> bool {
        // A caller with a permissions boundary is always hit.
        if self.layers.get("boundary").is_some() {
            return false;
        }
        if kinds.contains(&Kind::Everyone) {
            return true;
        }
        if self.wrong(Fault::ExemptingOneNameIsEnough) {
            return !kinds.is_empty();
        }
        let needed: &[Kind] = match self.who() {
            "iam_user" | "ram_user" | "federated_user" => &[Kind::Exact, Kind::Account],
            "assumed_role" | "ram_role_session" => &[Kind::Exact, Kind::Role, Kind::Account],
            "root" | "account" => &[Kind::Account],
            "service" => &[Kind::Service],
            _ => return false,
        };
        needed.iter().all(|kind| kinds.contains(kind))
    }

    fn element_kinds(&self, principal: &Value) -> Vec<Kind> {
        if principal == "*" {
            return vec![Kind::Everyone];
        }
        let mut kinds = Vec::new();
        for (element, names) in principal.as_object().into_iter().flatten() {
            for name in list(Some(names)) {
                let name = scalar(name);
                match element.as_str() {
                    "AWS" | "RAM" => kinds.extend(self.name_kind(&name)),
                    "Service" if self.who() == "service" && name == text(self.principal, "service") => {
                        kinds.push(Kind::Service);
                    }
                    _ => {}
                }
            }
        }
        kinds
    }

    /// The way in which one name of an account, user, role or session names the caller.
    pub(super) fn name_kind(&self, name: &str) -> Option<Kind> {
        // Among the names of accounts, users and roles, `*` is every caller but a service.
        if name == "*" && self.who() != "service" {
            return Some(Kind::Everyone);
        }
        if ["service", "anonymous"].contains(&self.who()) {
            return None;
        }
        let account = self.account();
        let accounts = if self.alibaba {
            [format!("acs:ram::{account}:root"), format!("acs:ram::{account}:*")]
        } else {
            [format!("arn:aws:iam::{account}:root"), account.to_owned()]
        };
        if accounts.iter().any(|known| known == name) {
            return Some(Kind::Account);
        }
        if name == text(self.principal, "arn") {
            return Some(Kind::Exact);
        }
        let behind = |field| !text(self.principal, field).is_empty() && text(self.principal, field) == name;
        if behind("role_arn") && !self.wrong(Fault::RoleDoesNotCoverItsSessions) {
            return Some(Kind::Role);
        }
        behind("user_arn").then_some(Kind::FederatedUser)
    }
}
