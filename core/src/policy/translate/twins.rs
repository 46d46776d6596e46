//! What a dialect says of its words, so that documents can be put into the words of another: neutral names for actions,
//! condition keys and the names of things.

use super::super::question::Principal;
use super::super::spec::DocumentKind;

/// The words of a dialect under neutral names; two dialects are twins where they give the same neutral name.
#[derive(Debug)]
pub struct Twins {
    /// The second segment of names, where they have a partition.
    pub partition: Option<&'static str>,
    /// The version of documents that are written.
    pub version: &'static str,
    /// Actions of operations that are not built, each behind its neutral name; those that are built are in the catalog.
    pub unbuilt: &'static [(&'static str, &'static str)],
    /// Actions that are more, or less, than what a neutral name means.
    pub near: &'static [Near],
    /// Condition keys.
    pub keys: &'static [KeyTwin],
    /// The names of things.
    pub names: &'static [NameTwin],
    /// The names of collections, which some operations are about.
    pub collections: &'static [NameTwin],
    /// The names of callers.
    pub people: &'static [Person],
    /// How an account is named in the policy of a key, and in any other.
    pub account_names: [Person; 2],
    /// Whether identity policies open the keys of their own account, whatever the policies of the keys say.
    pub opens_at_home: bool,
    /// What of a kind of documents is not the same elsewhere.
    pub doubts: &'static [(DocumentKind, &'static str)],
}

impl Twins {
    /// A dialect that says nothing: nothing can be translated.
    pub const NONE: Self = Self {
        partition: None,
        version: "",
        unbuilt: &[],
        near: &[],
        keys: &[],
        names: &[],
        collections: &[],
        people: &[],
        account_names: [Person::NOBODY, Person::NOBODY],
        opens_at_home: false,
        doubts: &[],
    };
}

/// An action that has something to do with what a neutral name means.
#[derive(Debug, Clone, Copy)]
pub struct Near {
    /// The action.
    pub action: &'static str,
    /// The neutral name.
    pub concept: &'static str,
    /// Whether the action allows all that the name means, and more; otherwise a part of it.
    pub covers: bool,
}

/// A condition key under its neutral name.
#[derive(Debug, Clone, Copy)]
pub struct KeyTwin {
    /// The neutral name.
    pub concept: &'static str,
    /// The key; with a star at its end, a family of keys whose names go on as the writer likes.
    pub key: &'static str,
    /// What its values are.
    pub values: Values,
    /// Why it cannot be promised that requests carry it as those of other clouds do.
    pub doubt: Option<&'static str>,
}

/// What the values of a condition key are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// The same everywhere.
    Same,
    /// Private networks, which the map names.
    Network,
    /// Accounts, which the map names.
    Account,
    /// Full names of users and roles.
    Caller,
    /// Words of a vendor, of which these are the same everywhere.
    Only(&'static [&'static str]),
}

/// The names of one kind of thing.
#[derive(Debug, Clone, Copy)]
pub struct NameTwin {
    /// The neutral name of the kind.
    pub concept: &'static str,
    /// The service in its name.
    pub service: &'static str,
    /// How its last segment begins; of a collection, all of it.
    pub beginning: &'static str,
    /// The segment of the region, where the kind has none of its own.
    pub global: Option<&'static str>,
    /// Whether the vendor chooses the identifier, so that the map has to name it.
    pub chosen: bool,
    /// How many characters the vendor adds at the end, behind a hyphen.
    pub added: usize,
}

/// How callers of one kind are named: the account and their own name stand behind these.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    /// The neutral name of the kind.
    pub concept: &'static str,
    /// What stands before the account.
    pub before: &'static str,
    /// What stands between the account and the name.
    pub between: &'static str,
}

impl Person {
    /// Nobody.
    pub const NOBODY: Self = Self { concept: "", before: "", between: "" };

    pub(super) fn named(&self, account: &str, name: &str) -> String {
        [self.before, account, self.between, name].concat()
    }

    /// The account and the name in a text.
    pub fn parse<'t>(&self, text: &'t str) -> Option<(&'t str, &'t str)> {
        text.strip_prefix(self.before)?.split_once(self.between)
    }
}

/// The neutral name of the sessions of roles.
pub(super) const SESSION: &str = "session";
/// The neutral name of roles.
pub(super) const ROLE: &str = "role";
/// The neutral name of the key that holds the caller's name.
pub(super) const CALLER: &str = "caller";
/// The neutral name of the key that holds the caller's account.
pub(super) const CALLER_ACCOUNT: &str = "caller-account";

/// A caller whose name is put together.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) kind: super::super::question::PrincipalKind,
    pub(super) account: String,
    pub(super) name: String,
    pub(super) role: Option<String>,
}

impl Caller {
    /// As questions want it.
    pub(super) fn principal(&self) -> Principal<'_> {
        Principal {
            kind: self.kind,
            account: &self.account,
            arn: &self.name,
            role_arn: self.role.as_deref(),
            user_arn: None,
            service: None,
            unique_id: None,
        }
    }

    /// The name by which policies know it.
    pub(super) fn known(&self) -> &str {
        self.role.as_deref().unwrap_or(&self.name)
    }
}
