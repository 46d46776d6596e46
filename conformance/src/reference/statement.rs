//! Which statements of a document match: effect, action, resource, and the two other questions in their own files.
//!
//! Follows the IAM User Guide ("IAM JSON policy elements": Action, NotAction, Resource, NotResource) and the RAM document
//! "Policy structure and syntax".

use serde_json::Value;

use super::condition::{Token, glob, literal};
use super::principal::Kind;
use super::{Fault, Request, list, scalar, text};

/// Where a policy stands; it decides which elements its statements have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Identity,
    ResourceControl,
    Endpoint,
    Key,
    Trust,
    Resource,
}

/// What a group of policies says.
#[derive(Debug, Clone, Default)]
pub(super) struct Said {
    /// Whether a Deny matched.
    pub(super) denies: bool,
    /// The ways in which the principals of matching Allows name the caller.
    pub(super) allowed_by: Vec<Kind>,
}

impl Said {
    pub(super) fn allows(&self) -> bool {
        !self.allowed_by.is_empty()
    }

    pub(super) fn by(&self, kinds: &[Kind]) -> bool {
        self.allowed_by.iter().any(|kind| kinds.contains(kind))
    }
}

/// The actions that mean something in a key policy of Alibaba Cloud.
const ALIBABA_KEY_ACTIONS: &[&str] = &[
    "kms:List*",
    "kms:Describe*",
    "kms:Create*",
    "kms:Enable*",
    "kms:Disable*",
    "kms:Get*",
    "kms:Set*",
    "kms:Update*",
    "kms:Delete*",
    "kms:Cancel*",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:ImportKeyMaterial",
    "kms:ScheduleKeyDeletion",
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "kms:GenerateAndExportDataKey",
    "kms:AsymmetricEncrypt",
    "kms:AsymmetricDecrypt",
];

/// The actions among them that another account may use.
const ALIBABA_USE: &[&str] = &[
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "kms:GenerateAndExportDataKey",
    "kms:AsymmetricEncrypt",
    "kms:AsymmetricDecrypt",
    "kms:DescribeKey",
    "kms:DescribeKeyVersion",
    "kms:ListKeyVersions",
    "kms:ListAliasesByKeyId",
    "kms:TagResource",
];

impl Request<'_> {
    /// What some policies say together.
    pub(super) fn policies(&self, policies: &[Value], place: Place) -> Said {
        let mut said = Said::default();
        for policy in policies {
            let Some(document) = policy.get("document") else { continue };
            let variables = !self.alibaba && text(document, "Version") == "2012-10-17";
            let variables = variables || (!self.alibaba && self.wrong(Fault::OldVersionsHaveVariables));
            for statement in list(document.get("Statement")) {
                self.hear(statement, place, variables, &mut said);
            }
        }
        said
    }

    fn hear(&self, statement: &Value, place: Place, variables: bool, said: &mut Said) {
        let deny = text(statement, "Effect") == "Deny";
        let kinds = match place {
            Place::Identity => vec![Kind::Exact],
            _ => self.principal_kinds(statement, deny),
        };
        let applies = !kinds.is_empty()
            && self.action_matches(statement)
            && self.resource_matches(statement, place, variables)
            && self.condition_holds(statement, variables, deny);
        if !applies {
            return;
        }
        if deny {
            said.denies = true;
        } else if self.effective(place) {
            said.allowed_by.extend(kinds);
        }
    }

    /// Key policies of Alibaba Cloud give only some actions, and to other accounts only use.
    fn effective(&self, place: Place) -> bool {
        if !self.alibaba || place != Place::Key || self.wrong(Fault::VoidActionsCount) {
            return true;
        }
        let listed = if self.same_account() { ALIBABA_KEY_ACTIONS } else { ALIBABA_USE };
        listed.iter().any(|pattern| self.action_like(pattern))
    }

    fn action_like(&self, pattern: &str) -> bool {
        if self.wrong(Fault::ActionsMindCase) {
            return glob(&wild(pattern), self.action);
        }
        is_action(pattern, self.action)
    }

    fn action_matches(&self, statement: &Value) -> bool {
        let listed = |name: &str| list(statement.get(name)).into_iter().any(|item| self.action_like(&scalar(item)));
        if statement.get("Action").is_some() {
            listed("Action")
        } else if statement.get("NotAction").is_some() {
            listed("NotAction") == self.wrong(Fault::NotActionIsAction)
        } else {
            // A key policy statement without actions is accepted and has no effect.
            false
        }
    }

    fn resource_matches(&self, statement: &Value, place: Place, variables: bool) -> bool {
        let listed = |name: &str| {
            list(statement.get(name)).into_iter().any(|item| self.resource_like(&scalar(item), place, variables))
        };
        if statement.get("Resource").is_some() {
            listed("Resource")
        } else if statement.get("NotResource").is_some() {
            listed("NotResource") == self.wrong(Fault::NotResourceIsResource)
        } else {
            // A trust policy speaks of its own role; a key policy statement without resources has no effect.
            place == Place::Trust
        }
    }

    /// Whether a resource pattern matches, segment by segment.
    fn resource_like(&self, pattern: &str, place: Place, variables: bool) -> bool {
        if pattern == "*" {
            return true;
        }
        let segments = if self.alibaba { 5 } else { 6 };
        if self.wrong(Fault::ResourceWildcardsCrossColons) {
            return glob(&wild(pattern), self.resource);
        }
        let ours: Vec<&str> = self.resource.splitn(segments, ':').collect();
        let mut theirs: Vec<&str> = pattern.splitn(segments, ':').collect();
        if theirs.len() < segments {
            let wildcard = pattern.contains('*') || pattern.contains('?');
            let short = match place {
                Place::ResourceControl => false,
                Place::Identity => true,
                Place::Trust | Place::Endpoint | Place::Key | Place::Resource => wildcard || self.alibaba,
            };
            if !short {
                return false;
            }
            theirs.resize(segments, "*");
        }
        if ours.len() != theirs.len() {
            return false;
        }
        let last = segments - 1;
        ours.iter().zip(theirs).enumerate().all(|(index, (ours, theirs))| {
            if index == last && variables {
                return self.template(theirs).is_some_and(|tokens| glob(&tokens, ours));
            }
            // RAM names leave the region out, requests carry `*` there.
            let any_region = self.alibaba && theirs.is_empty() && *ours == "*";
            any_region || glob(&wild(theirs), ours)
        })
    }

    /// A text with variables put in; `None` if one has no value.
    pub(super) fn template(&self, text: &str) -> Option<Vec<Token>> {
        let mut tokens = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, after)) = after.split_once('}') else { break };
            tokens.extend(wild(before));
            tokens.extend(self.variable(name)?);
            rest = after;
        }
        tokens.extend(wild(rest));
        Some(tokens)
    }

    fn variable(&self, inside: &str) -> Option<Vec<Token>> {
        if ["*", "?", "$"].contains(&inside) {
            return Some(literal(inside));
        }
        let (key, default) = match inside.split_once(',') {
            Some((key, default)) => (key, default.trim().strip_prefix('\'').and_then(|text| text.strip_suffix('\''))),
            None => (inside, None),
        };
        let default = default.filter(|_| !self.wrong(Fault::DefaultsDoNotCount));
        match self.value(key.trim()) {
            Some(Value::Array(_)) | None if self.wrong(Fault::UnknownVariablesAreEmpty) => Some(Vec::new()),
            // The default stands in for a key that is absent; a set of values does not resolve.
            Some(Value::Array(_)) => None,
            None => default.map(literal),
            Some(value) if self.wrong(Fault::VariableValuesArePatterns) => Some(wild(&scalar(value))),
            Some(value) => Some(literal(&scalar(value))),
        }
    }
}

/// Whether an action is like the pattern, whatever the case of its letters.
pub(super) fn is_action(pattern: &str, action: &str) -> bool {
    glob(&wild(&pattern.to_ascii_lowercase()), &action.to_ascii_lowercase())
}

/// A text whose `*` and `?` are wildcards.
pub(super) fn wild(text: &str) -> Vec<Token> {
    let token = |character| match character {
        '*' => Token::Any,
        '?' => Token::One,
        other => Token::Char(other),
    };
    text.chars().map(token).collect()
}
