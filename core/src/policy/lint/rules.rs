//! The rules by name, with their severity and what they are about.

use super::super::document::RefusalCode;
use super::Severity::{self, Error, Note, Warning};

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its name, which stays.
    pub code: &'static str,
    /// How bad its findings are.
    pub severity: Severity,
    /// What it is about.
    pub about: &'static str,
}

macro_rules! rules {
    ($($name:ident = $code:literal, $severity:ident, $about:literal;)*) => {
        $(pub(super) const $name: Rule = Rule { code: $code, severity: $severity, about: $about };)*

        /// All rules beside the refusals of the grammar.
        pub const RULES: &[Rule] = &[$($name),*];
    };
}

macro_rules! refusals {
    ($($code:ident, $about:literal;)*) => {
        /// The refusals of the grammar, as rules.
        pub const REFUSALS: &[Rule] = &[$(refusal(RefusalCode::$code)),*];

        /// A refusal as a rule.
        pub(super) const fn refusal(code: RefusalCode) -> Rule {
            match code {
                $(RefusalCode::$code => Rule { code: stringify!($code), severity: Error, about: $about }),*
            }
        }
    };
}

refusals! {
    Syntax, "The document is not JSON.";
    TooDeep, "The document nests too deeply.";
    Characters, "The document holds characters that the vendor does not take.";
    Kind, "The vendor has no such document.";
    DuplicateMember, "A member of an object appears twice.";
    UnknownElement, "An element is not known, or not allowed in this kind of document.";
    MissingElement, "A required element is missing or empty.";
    ConflictingElements, "Two elements exclude each other.";
    WrongType, "A value has the wrong type.";
    Version, "The version is missing or not known.";
    Effect, "The effect is not known, or not allowed in this kind of document.";
    Action, "An action is not well formed, or not allowed in this kind of document.";
    Resource, "A resource is not well formed, or not allowed in this kind of document.";
    Principal, "A principal is not well formed, or not allowed in this kind of document.";
    Operator, "A condition operator is not known.";
    BarredKey, "A condition key may not stand in this kind of document.";
    Operand, "A value is not of the type that its operator compares.";
    OverlyPermissiveCondition, "A condition holds for more requests than its author can mean.";
    Identifier, "A statement identifier is not well formed.";
    DuplicateIdentifier, "Two statements have the same identifier.";
}

rules! {
    TOO_LARGE = "TooLarge", Error, "The document is larger than its kind allows.";
    ALLOW_EVERYONE = "AllowEveryone", Warning, "An Allow for everyone has no condition.";
    NOT_PRINCIPAL_ALLOW = "NotPrincipalAllow", Warning, "An Allow is for everyone but those it names.";
    NOT_ACTION_ALLOW = "NotActionAllow", Note, "An Allow is for every action but those it names.";
    DELETED_PRINCIPAL = "DeletedPrincipal", Warning, "A principal is an identifier, which only something deleted leaves behind.";
    INERT_STATEMENT = "InertStatement", Warning, "A statement is accepted but has no effect.";
    INERT_ACTION = "InertAction", Warning, "An action has no effect in this kind of document.";
    UNKNOWN_ACTION = "UnknownAction", Warning, "There is no such action.";
    NO_ACTION_MATCHED = "NoActionMatched", Warning, "A wildcard matches no action.";
    ALIAS_FOR_KEY = "AliasForKey", Warning, "An operation on keys is given on an alias, which names no key here.";
    CONTAINER_RESOURCE = "ContainerResource", Warning, "An operation on a whole collection is given on its members.";
    RESOURCE_MISMATCH = "ResourceMismatch", Warning, "An action never applies to the resources of its statement.";
    IDLE_RESOURCE = "IdleResource", Warning, "A resource meets no action of its statement.";
    ALIAS_ALONE = "AliasAlone", Warning, "An operation on an alias and its key is allowed on the alias alone.";
    HALF_ALLOWED = "HalfAllowed", Warning, "Of two actions that one request needs, one alone is allowed.";
    ACCESS_KEYS_DENIED = "AccessKeysDenied", Warning, "A Deny covers every request that is signed with an access key.";
    SHORT_NAME = "ShortName", Warning, "A resource has fewer segments than a full name.";
    GRANT_WITHOUT_GUARD = "GrantWithoutGuard", Warning, "Making grants is allowed without bounds.";
    FOREIGN_SERVICE_ACTION = "ForeignServiceAction", Warning, "A condition key works only with actions of its service.";
    EVERY_VALUE_ABSENT = "EveryValueAbsent", Warning, "A condition over every value, the only guard of an Allow, also holds for a request without the key.";
    NEGATED_ONLY = "NegatedOnly", Warning, "Only negated conditions, which hold for absent keys, guard an Allow.";
    SECOND_FACTOR_ABSENT = "SecondFactorAbsent", Warning, "A Deny for want of a second factor spares callers that have no such key.";
    MANY_AS_ONE = "ManyAsOne", Warning, "A key of several values is compared without a set operator.";
    ONE_AS_MANY = "OneAsMany", Warning, "A key of one value is compared with a set operator.";
    UNKNOWN_KEY = "UnknownKey", Warning, "There is no such condition key.";
    KEY_NEVER_PRESENT = "KeyNeverPresent", Warning, "No action of the statement brings the condition key.";
    USER_KEY_FOR_ROLE = "UserKeyForRole", Warning, "Only users have a condition key, but the statement is about roles.";
    OPERATOR_TYPE = "OperatorType", Warning, "The operator does not fit the type of the condition key.";
    NAME_AS_TEXT = "NameAsText", Note, "A full name is compared as plain text, where a wildcard crosses segments.";
    INVALID_OPERAND = "InvalidOperand", Warning, "A value is not of the type that its operator compares.";
    NO_OPERAND = "NoOperand", Warning, "A condition has no values.";
    ALIAS_NAME_IN_FULL = "AliasNameInFull", Warning, "A key of alias names is compared with a full name.";
    VARIABLE_IS_TEXT = "VariableIsText", Warning, "What looks like a variable is plain text in this version of the language.";
    VARIABLE_IN_OPERATOR = "VariableInOperator", Warning, "The operator takes no variables.";
    VARIABLE_OF_MANY = "VariableOfMany", Warning, "A variable names a key of several values and never resolves.";
    OLD_ADDRESSES_ONLY = "OldAddressesOnly", Warning, "A negated address condition of IPv4 alone holds for every IPv6 address.";
    HOST_BITS = "HostBits", Warning, "A network has bits set beyond its prefix.";
    WILDCARD_IS_TEXT = "WildcardIsText", Warning, "A wildcard is plain text under this operator.";
    NO_WILDCARD = "NoWildcard", Note, "An operator for wildcards is used without any.";
    NO_VERSION = "NoVersion", Note, "Without a version the oldest one applies.";
    DUPLICATE_STATEMENT = "DuplicateStatement", Warning, "A statement says the same as another.";
    SHADOWED_STATEMENT = "ShadowedStatement", Warning, "A statement says nothing beyond another.";
    DENIED_STATEMENT = "DeniedStatement", Warning, "An Allow never counts, for a Deny covers it.";
    NEVER_HOLDS = "NeverHolds", Warning, "Two conditions of a statement exclude each other, so it never applies.";
    POLICY_ESCALATION = "PolicyEscalation", Note, "Whoever may write the policy of a key may do everything with it.";
    UNUSED_DELEGATION = "UnusedDelegation", Note, "A key policy leaves actions to the policies of its account, none of which allows them.";
    GROUP_DENY_IDLE = "GroupDenyIdle", Warning, "A Deny for one resource group never counts, for a policy of the whole account allows the same.";
    LOCKOUT = "Lockout", Warning, "Nobody may change the policy of the key.";
    FOREIGN_ACCOUNT = "ForeignAccount", Note, "A principal of another account is allowed without condition.";
}
