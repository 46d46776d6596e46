//! Which callers a principal in a document means, and in what way.
//!
//! # Invariants
//! - A wildcard is the whole text or no wildcard at all.

use super::combine::Kinds;
use super::question::{Principal, PrincipalKind};
use super::spec::{PrincipalForm, Spec};

/// How a principal's text is to be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Everyone, services included.
    Everyone,
    /// Everyone that is not a service.
    EveryIdentity,
    /// Everyone in an account; the text is the account.
    Account,
    /// The full name of a user, role or session.
    Name,
    /// An identifier that is never given twice.
    UniqueId,
    /// A service.
    Service,
    /// An identity provider.
    Provider,
    /// Nobody this service ever meets.
    Nobody,
}

/// One principal of a document.
#[derive(Debug, Clone)]
pub(super) struct PrincipalPattern {
    pub(super) form: Form,
    pub(super) text: Box<str>,
}

impl PrincipalPattern {
    pub(super) fn new(spec: &Spec, form: PrincipalForm, text: &str) -> Self {
        let (form, text) = match form {
            PrincipalForm::Identity if text == "*" => (Form::EveryIdentity, text),
            PrincipalForm::Identity => identity(spec, text),
            PrincipalForm::Service => (Form::Service, text),
            PrincipalForm::Provider => (Form::Provider, text),
            PrincipalForm::Opaque => (Form::Nobody, text),
        };
        Self { form, text: text.into() }
    }

    pub(super) fn everyone() -> Self {
        Self { form: Form::Everyone, text: "*".into() }
    }

    /// Whether it is the full name or the identifier of one user, role or session.
    pub(super) fn is_of_one(&self) -> bool {
        matches!(self.form, Form::Name | Form::UniqueId)
    }

    pub(super) fn matches(&self, principal: &Principal<'_>) -> Kinds {
        matches(self.form, &self.text, principal)
    }
}

/// Tells accounts, names and identifiers apart.
pub(super) fn identity<'t>(spec: &Spec, text: &'t str) -> (Form, &'t str) {
    if spec.bare_accounts && is_account(text) {
        return (Form::Account, text);
    }
    let mut parts = text.splitn(spec.names.segments, ':');
    if parts.next() != Some(spec.names.scheme) {
        return (Form::UniqueId, text);
    }
    let between = |(before, after): &(&str, &str)| text.strip_prefix(before)?.strip_suffix(after);
    let mut accounts = spec.account_names.iter().filter_map(between).filter(|account| is_account(account));
    match (accounts.next(), text.splitn(spec.names.segments, ':').nth(spec.names.segments - 1)) {
        (Some(account), _) => (Form::Account, account),
        (None, Some(_)) => (Form::Name, text),
        (None, None) => (Form::Nobody, text),
    }
}

fn is_account(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// In which ways `text` means `principal`.
pub(super) fn matches(form: Form, text: &str, principal: &Principal<'_>) -> Kinds {
    let service = principal.kind == PrincipalKind::Service;
    let identity = !service && principal.kind != PrincipalKind::Anonymous;
    match form {
        Form::Everyone => Kinds::EVERYONE,
        Form::EveryIdentity if !service => Kinds::EVERYONE,
        Form::Account if identity && principal.account == text => Kinds::ACCOUNT,
        Form::Name if identity => name(text, principal),
        Form::UniqueId if identity => unique_id(text, principal),
        Form::Service if service && principal.service == Some(text) => Kinds::SERVICE,
        Form::Provider if !service && principal.service == Some(text) => Kinds::SERVICE,
        _ => Kinds::NONE,
    }
}

fn name(text: &str, principal: &Principal<'_>) -> Kinds {
    match principal.kind {
        _ if principal.arn == text => Kinds::EXACT,
        PrincipalKind::RoleSession if principal.role_arn == Some(text) => Kinds::ROLE,
        PrincipalKind::FederatedUser if principal.user_arn == Some(text) => Kinds::USER,
        _ => Kinds::NONE,
    }
}

fn unique_id(text: &str, principal: &Principal<'_>) -> Kinds {
    let Some(id) = principal.unique_id else { return Kinds::NONE };
    // Behind a session stands its role or user, whether or not the session is told too.
    let (owner, session) = id.split_once(':').map_or((id, None), |(owner, session)| (owner, Some(session)));
    match principal.kind {
        PrincipalKind::RoleSession | PrincipalKind::FederatedUser if session.is_some() && id == text => Kinds::EXACT,
        PrincipalKind::RoleSession if owner == text => Kinds::ROLE,
        PrincipalKind::FederatedUser if owner == text => Kinds::USER,
        PrincipalKind::User if id == text => Kinds::EXACT,
        _ => Kinds::NONE,
    }
}

/// Whether a list of exempt principals exempts this one from a Deny.
///
/// A caller is exempt only if every name it acts under is listed: a user with its account, a session with its role
/// and its account. A caller under a boundary is never exempt.
pub(super) fn exempt(listed: &[PrincipalPattern], principal: &Principal<'_>, bounded: bool) -> bool {
    let kinds = listed.iter().fold(Kinds::NONE, |kinds, pattern| kinds.or(pattern.matches(principal)));
    if bounded {
        return false;
    }
    if kinds.meets(Kinds::EVERYONE) {
        return true;
    }
    match principal.kind {
        PrincipalKind::Owner => kinds.meets(Kinds::ACCOUNT),
        PrincipalKind::User | PrincipalKind::FederatedUser => kinds.meets(Kinds::EXACT) && kinds.meets(Kinds::ACCOUNT),
        PrincipalKind::RoleSession => {
            kinds.meets(Kinds::EXACT) && kinds.meets(Kinds::ROLE) && kinds.meets(Kinds::ACCOUNT)
        }
        PrincipalKind::Service => kinds.meets(Kinds::SERVICE),
        PrincipalKind::Anonymous => false,
    }
}
