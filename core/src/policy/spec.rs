//! What a dialect says about its policy language, as static data.

use super::combine::Expr;
use super::condition::Operator;
use super::document::{ActionFlaw, Fault, NameFlaw, RefusalCode};
use super::question::Layer;

/// What kind of document a text is meant to be; each kind has its own grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// A policy of a user, group or role.
    Identity,
    /// A policy that stands for itself and is attached to users, groups and roles.
    Managed,
    /// The resource policy of a key.
    Key,
    /// The policy that says who may assume a role.
    Trust,
    /// A policy passed when a session is made.
    Session,
    /// A permissions boundary.
    Boundary,
    /// An organisation policy that binds callers.
    Control,
    /// An organisation policy that binds resources.
    ResourceControl,
    /// The policy of a network endpoint.
    Endpoint,
    /// The resource policy of anything that is not a key.
    Resource,
}

/// The effect of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Gives access.
    Allow,
    /// Takes access away, whatever else is said.
    Deny,
}

/// Whether an element has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// A statement without it is refused.
    Required,
    /// A statement without it is accepted and means every value.
    Implied,
    /// A statement without it is accepted and has no effect.
    Inert,
    /// A statement with it is refused.
    Forbidden,
}

/// What a statement identifier may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identifiers {
    /// ASCII letters and digits.
    Alphanumeric,
    /// ASCII letters, digits and the given characters.
    Also(&'static str),
    /// Anything.
    Free,
}

/// How a resource pattern with too few segments is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShortNames {
    /// The missing segments match everything.
    Padded,
    /// The same, but only if the pattern holds a wildcard; else it matches nothing.
    PaddedIfWild,
    /// It matches nothing.
    Refused,
}

/// The grammar of one kind of document.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// The kind it describes.
    pub kind: DocumentKind,
    /// Whether the document may have an `Id`.
    pub id: bool,
    /// Whether statements name principals.
    pub principal: Presence,
    /// Whether `NotPrincipal` may stand for `Principal`.
    pub not_principal: bool,
    /// The types of principal that may be named; empty for all.
    pub principal_types: &'static [&'static str],
    /// Whether the principal may be everyone.
    pub everyone: bool,
    /// Whether the only principal is everyone.
    pub only_everyone: bool,
    /// How the last segment of a principal's name may begin, accounts aside; empty for anyhow.
    pub principal_names: &'static [&'static str],
    /// Whether identifiers that are never given twice may stand for the names of principals.
    pub principal_ids: bool,
    /// Whether statements name actions.
    pub action: Presence,
    /// Whether `NotAction` may stand for `Action`.
    pub not_action: bool,
    /// Services that actions must belong to, each as `service:`; empty for any.
    pub action_prefixes: &'static [&'static str],
    /// The names that actions must have, or match, in lower case; empty for any.
    pub action_names: &'static [&'static str],
    /// The actions that an Allow can give, as lower-case globs; empty for all.
    pub effective_actions: &'static [&'static str],
    /// Whether statements name resources.
    pub resource: Presence,
    /// Whether `NotResource` may stand for `Resource`.
    pub not_resource: bool,
    /// Whether the only resource is `*`.
    pub only_whole: bool,
    /// How short resource patterns are read.
    pub short_names: ShortNames,
    /// Effects that a statement may have.
    pub effects: &'static [Effect],
    /// Whether the document has to say that it is of the newest version.
    pub newest: bool,
    /// Condition keys in lower case that may not stand here; a slash at the end makes a prefix.
    pub barred_keys: &'static [&'static str],
    /// Condition keys, as lower-case prefixes, that may not be quantified over every value.
    pub never_every: &'static [&'static str],
    /// What a statement identifier may hold.
    pub identifiers: Identifiers,
    /// The most characters a statement identifier may have.
    pub longest_identifier: usize,
}

impl Shape {
    /// The plainest grammar: no principals, actions and resources required.
    pub const PLAIN: Self = Self {
        kind: DocumentKind::Identity,
        id: false,
        principal: Presence::Forbidden,
        not_principal: false,
        principal_types: &[],
        everyone: true,
        only_everyone: false,
        principal_names: &[],
        principal_ids: true,
        action: Presence::Required,
        not_action: true,
        action_prefixes: &[],
        action_names: &[],
        effective_actions: &[],
        resource: Presence::Required,
        not_resource: true,
        only_whole: false,
        short_names: ShortNames::Padded,
        effects: &[Effect::Allow, Effect::Deny],
        newest: false,
        barred_keys: &[],
        never_every: &[],
        identifiers: Identifiers::Alphanumeric,
        longest_identifier: usize::MAX,
    };

    /// Whether a condition key, in lower case, may not stand in such documents.
    pub(super) fn bars(&self, key: &str) -> bool {
        let family = |barred: &str| barred.ends_with('/') && key.starts_with(barred);
        self.barred_keys.iter().any(|barred| key == *barred || family(barred))
    }
}

/// What a vendor wants of the texts in a document that is written, and in which order it tells what it finds.
#[derive(Debug, Clone, Copy)]
pub struct Forms {
    /// What is wrong with an action.
    pub action: fn(&str) -> Option<Fault>,
    /// What is wrong with a resource other than `*`.
    pub resource: fn(&NameSyntax, &str) -> Option<Fault>,
    /// Whether an account in the name of a principal may be so.
    pub account: fn(&str) -> bool,
    /// Whether the full name of a principal may be so.
    pub principal: fn(&str) -> bool,
    /// Whether what an operator for dates compares may be so.
    pub instant: fn(&str) -> bool,
    /// When a fault is told: those of stage 0 where they are met, others when nothing of an earlier stage is found.
    pub stage: fn(RefusalCode, Option<Fault>) -> u8,
}

impl Forms {
    /// Little is wanted, and the first fault is told.
    pub const LOOSE: Self = Self {
        action: loose_action,
        resource: has_scheme,
        account: |_| true,
        principal: |_| true,
        instant: |_| true,
        stage: |_, _| 0,
    };
}

fn loose_action(text: &str) -> Option<Fault> {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-*?".contains(&byte))
    };
    let whole = text == "*" || text.split_once(':').is_some_and(|(service, name)| part(service) && part(name));
    (!whole).then_some(Fault::Action(ActionFlaw::Unprefixed))
}

/// Whether a resource begins like a full name.
fn has_scheme(names: &NameSyntax, text: &str) -> Option<Fault> {
    let scheme = text.split_once(':').is_some_and(|(scheme, _)| scheme == names.scheme);
    (!scheme).then_some(Fault::Name(NameFlaw::Scheme))
}

/// A language version and what it turns on.
#[derive(Debug, Clone, Copy)]
pub struct Version {
    /// The text of the `Version` element.
    pub text: &'static str,
    /// Whether `${…}` is a variable.
    pub variables: bool,
}

/// How full names are built.
#[derive(Debug, Clone, Copy)]
pub struct NameSyntax {
    /// The first segment of every name.
    pub scheme: &'static str,
    /// The number of segments; the last one may hold colons.
    pub segments: usize,
    /// The index of the segment that holds the service.
    pub service: usize,
    /// The index of the segment that holds the account.
    pub account: usize,
    /// Whether an empty segment of a pattern matches a segment that is `*` in the request.
    pub star_fills_empty: bool,
}

/// What the texts under one type of principal mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalForm {
    /// Accounts, users, roles and sessions.
    Identity,
    /// Services of the vendor.
    Service,
    /// Identity providers.
    Provider,
    /// Something this service never meets.
    Opaque,
}

/// One type of principal, as the document spells it.
#[derive(Debug, Clone, Copy)]
pub struct PrincipalType {
    /// The name inside `Principal`.
    pub element: &'static str,
    /// What its texts mean.
    pub form: PrincipalForm,
}

/// The names under which requests carry the pairs that grants constrain, and the operations grants know.
#[derive(Debug, Clone, Copy)]
pub struct GrantRules {
    /// What stands before an operation in its action.
    pub action_prefix: &'static str,
    /// The operations a grant can give.
    pub operations: &'static [&'static str],
    /// The operations to which constraints do not apply.
    pub unconstrained: &'static [&'static str],
    /// The operation that makes a grant.
    pub create: &'static str,
    /// The operation that retires a grant.
    pub retire: &'static str,
    /// The prefix of the condition keys that hold the pairs of the request.
    pub pairs: &'static str,
    /// The condition key that lists the names of the pairs.
    pub pair_names: &'static str,
    /// The condition key that lists the operations of a grant to be made.
    pub child_operations: &'static str,
    /// The condition key that names the constraint of a grant to be made.
    pub child_constraint: &'static str,
    /// The value of that key for a constraint that wants the same pairs.
    pub equals: &'static str,
    /// The value of that key for a constraint that wants at least the pairs.
    pub subset: &'static str,
}

/// A dialect's policy language.
#[derive(Debug)]
pub struct Spec {
    /// The name of the dialect.
    pub name: &'static str,
    /// The versions of the language, the newest first.
    pub versions: &'static [Version],
    /// Whether a document without `Version` is refused.
    pub version_required: bool,
    /// Whether characters beyond Latin-1 are refused.
    pub latin: bool,
    /// Whether `Statement` may be one object.
    pub single_statement: bool,
    /// Whether numbers and booleans may stand unquoted in conditions.
    pub bare_scalars: bool,
    /// Whether an operator that is not known may stand with no keys.
    pub idle_operators: bool,
    /// Whether two statements of a document may share an identifier.
    pub repeated_identifiers: bool,
    /// What texts have to be.
    pub forms: Forms,
    /// The grammar of each kind of document; without one of their own, managed policies have that of identities.
    pub shapes: &'static [Shape],
    /// The condition operators without prefix and suffix.
    pub operators: &'static [Operator],
    /// Whether operators may be quantified.
    pub quantifiers: bool,
    /// Whether operators may carry the suffix that forgives an absent key.
    pub if_exists: bool,
    /// How full names are built.
    pub names: NameSyntax,
    /// The types of principal.
    pub principals: &'static [PrincipalType],
    /// What stands before and after the account where a principal's name means its account.
    pub account_names: &'static [(&'static str, &'static str)],
    /// Whether a bare account number means the account.
    pub bare_accounts: bool,
    /// The words the dialect uses for layers, where they differ from the common ones.
    pub layer_names: &'static [(Layer, &'static str)],
    /// The condition key that holds the resource group.
    pub group_key: Option<&'static str>,
    /// What grants are, where the dialect has them.
    pub grants: Option<GrantRules>,
    /// How the layers make one verdict.
    pub combine: Expr,
}

impl Spec {
    /// The dialect's word for a layer.
    #[must_use]
    pub fn layer_name(&self, layer: Layer) -> &'static str {
        let own = self.layer_names.iter().find(|(known, _)| *known == layer);
        own.map_or_else(|| common_layer_name(layer), |(_, name)| name)
    }

    pub(super) fn shape(&self, kind: DocumentKind) -> Option<&'static Shape> {
        let own = self.shapes.iter().find(|shape| shape.kind == kind);
        own.or_else(|| (kind == DocumentKind::Managed).then(|| self.shape(DocumentKind::Identity)).flatten())
    }

    /// The version that documents are written in today.
    pub(super) fn newest(&self) -> Option<&'static str> {
        self.versions.first().map(|version| version.text)
    }
}

const fn common_layer_name(layer: Layer) -> &'static str {
    match layer {
        Layer::Identity => "identity",
        Layer::IdentityGroup => "identity_group",
        Layer::Boundary => "boundary",
        Layer::Session => "session",
        Layer::Endpoint => "endpoint",
        Layer::Control => "control",
        Layer::ResourceControl => "resource_control",
        Layer::Resource => "resource",
        Layer::Grants => "grants",
        Layer::Service => "service",
    }
}
