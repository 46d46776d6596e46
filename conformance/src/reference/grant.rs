//! Whether a grant allows the request, or its own retirement.
//!
//! Follows the KMS Developer Guide ("Grants in AWS KMS", "Retiring and revoking grants").

use std::collections::BTreeMap;

use serde_json::Value;

use super::principal::Kind;
use super::{Fault, Request, list, text};

/// The operations that grants know.
const OPERATIONS: &[&str] = &[
    "CreateGrant",
    "Decrypt",
    "DeriveSharedSecret",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GetPublicKey",
    "ReEncryptFrom",
    "ReEncryptTo",
    "RetireGrant",
    "Sign",
    "Verify",
    "VerifyMac",
];

impl Request<'_> {
    fn grants(&self) -> Vec<&Value> {
        list(self.layers.get("grants")).into_iter().filter(|grant| text(grant, "key") == self.resource).collect()
    }

    /// Whether a grant on the key allows the operation.
    pub(super) fn granted(&self, own: bool, limited: bool) -> bool {
        let known = OPERATIONS.iter().find(|known| self.acts(&format!("kms:{known}")));
        let Some(operation) = known.copied() else { return false };
        self.grants().into_iter().any(|grant| {
            self.counts(text(grant, "grantee"), own, limited)
                && (grants_operation(grant, operation) || self.wrong(Fault::GrantsGiveEveryOperation))
                && self.constraints_met(grant, operation)
        })
    }

    /// Whether being named by `name` is enough, given what the caller's account and its limits say.
    fn counts(&self, name: &str, own: bool, limited: bool) -> bool {
        if self.who() == "service" && name == text(self.principal, "service") {
            return true;
        }
        match self.name_kind(name) {
            Some(Kind::Exact | Kind::Role | Kind::Service) => true,
            Some(Kind::FederatedUser) => limited,
            Some(Kind::Account) => own,
            Some(Kind::Everyone) | None => false,
        }
    }

    fn constraints_met(&self, grant: &Value, operation: &str) -> bool {
        if operation == "CreateGrant" && !self.wrong(Fault::ChildGrantsAreFree) && !self.child_operations_granted(grant)
        {
            return false;
        }
        if ["DescribeKey", "RetireGrant"].contains(&operation) || self.wrong(Fault::GrantConstraintsDoNotCount) {
            return true;
        }
        let constraints = grant.get("constraints").unwrap_or(&Value::Null);
        let request = self.encryption_context();
        let equals = pairs(constraints.get("EncryptionContextEquals"));
        let subset = pairs(constraints.get("EncryptionContextSubset"));
        let child = match self.value("kms:GrantConstraintType") {
            Some(Value::String(kind)) => kind.as_str(),
            _ => "",
        };
        if operation == "CreateGrant" && !self.wrong(Fault::ChildGrantsAreFree) {
            // The child's constraint has to be at least as strict: a subset may grow or become equality.
            let strict = ["EncryptionContextEquals", "EncryptionContextSubset"].contains(&child);
            return equals.is_none_or(|pairs| child == "EncryptionContextEquals" && pairs == request)
                && subset.is_none_or(|pairs| strict && contains(&request, &pairs));
        }
        equals.is_none_or(|pairs| pairs == request) && subset.is_none_or(|pairs| contains(&request, &pairs))
    }

    /// A grant made through a grant gives no more operations than its parent.
    fn child_operations_granted(&self, grant: &Value) -> bool {
        match self.value("kms:GrantOperations") {
            Some(Value::Array(operations)) => {
                operations.iter().filter_map(Value::as_str).all(|operation| grants_operation(grant, operation))
            }
            Some(Value::String(operation)) => grants_operation(grant, operation),
            _ => false,
        }
    }

    /// The encryption context of the request, its names in their own case.
    fn encryption_context(&self) -> BTreeMap<String, String> {
        let prefix = "kms:encryptioncontext:";
        let mut pairs = BTreeMap::new();
        for (name, value) in self.context.into_iter().flatten() {
            let Some((head, key)) = name.split_at_checked(prefix.len()) else { continue };
            if head.to_ascii_lowercase() == prefix
                && let Value::String(value) = value
            {
                pairs.insert(key.to_owned(), value.clone());
            }
        }
        pairs
    }

    /// Whether the caller may retire the grant in question.
    pub(super) fn may_retire(&self, own: bool, limited: bool) -> bool {
        if self.wrong(Fault::RetiringNeedsAPolicy) && !own {
            return false;
        }
        self.grants().into_iter().any(|grant| {
            // The account of the key, and the account that issued the grant if it is another one.
            let issuer = self.name_kind(text(grant, "issuing_account")) == Some(Kind::Account);
            let issued = (issuer || self.same_account()) && own;
            self.grant_id.is_none_or(|wanted| wanted == text(grant, "grant_id"))
                && (issued
                    || self.counts(text(grant, "retiring"), own, limited)
                    || (grants_operation(grant, "RetireGrant") && self.counts(text(grant, "grantee"), own, limited)))
        })
    }
}

fn grants_operation(grant: &Value, operation: &str) -> bool {
    list(grant.get("operations")).into_iter().any(|known| known == operation)
}

fn pairs(value: Option<&Value>) -> Option<BTreeMap<String, String>> {
    let pairs = value?.as_object()?;
    Some(pairs.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect())
}

fn contains(all: &BTreeMap<String, String>, some: &BTreeMap<String, String>) -> bool {
    some.iter().all(|(name, value)| all.get(name) == Some(value))
}
