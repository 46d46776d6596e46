//! Managed policies: their documents are in the language of the cloud.

use polykms_core::holder::{Holder, PolicyName};
use polykms_core::identity::attachment::{Attach, Attached, Detach, ListAttached};
use polykms_core::identity::managed_policy::{
    CreatePolicy, CreateVersion, DeletePolicy, DescribePolicy, Described, ListPolicies, ListVersions, NumberedVersion,
    Scope, SetDefaultVersion, VersionName,
};
use polykms_core::tag::Tags;

use super::page::{Paged, paged};
use super::{Client, Request};

/// The managed policies of an account.
#[derive(Debug, Clone)]
pub struct Policies {
    client: Client,
}

/// A policy of the account that asks, where none is named.
fn owned(policy: &mut PolicyName, own: &str) {
    policy.account.get_or_insert_with(|| own.to_owned());
}

impl Policies {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Makes one.
    pub fn create(&self, name: impl Into<String>, document: impl Into<String>) -> Request<CreatePolicy> {
        self.client.request(CreatePolicy {
            name: name.into(),
            path: "/".to_owned(),
            description: None,
            document: document.into(),
            tags: Tags::new(),
        })
    }

    /// What it is, and where the cloud tells that at once, what it says.
    pub fn describe(&self, name: impl Into<PolicyName>) -> Request<DescribePolicy> {
        self.client.request(DescribePolicy { policy: name.into() }).of_own_account(|op, own| owned(&mut op.policy, own))
    }

    /// Those that the account has itself.
    pub fn list(&self) -> Paged<Described> {
        let part = |paging| ListPolicies {
            scope: Scope::Custom,
            attached_only: false,
            usage: None,
            paging,
            path_prefix: "/".to_owned(),
        };
        self.client.list(part)
    }

    /// Adds a version that is in force from now on; there may be 5 of them.
    pub fn put(&self, name: impl Into<PolicyName>, document: impl Into<String>) -> Request<CreateVersion> {
        let (policy, document) = (name.into(), document.into());
        self.client
            .request(CreateVersion { policy, document, set_default: true, rotate: false })
            .of_own_account(|op, own| owned(&mut op.policy, own))
    }

    /// Its versions.
    pub fn versions(&self, name: impl Into<PolicyName>) -> Paged<NumberedVersion> {
        let policy = name.into();
        let client = self.client.clone();
        let part = move |paging| {
            let asked = client.request(ListVersions { policy: policy.clone(), paging });
            asked.of_own_account(|op, own| owned(&mut op.policy, own))
        };
        paged(part, |listed| listed)
    }

    /// Puts a version in force.
    pub fn set_default_version(&self, name: impl Into<PolicyName>, version: u32) -> Request<SetDefaultVersion> {
        let version = VersionName::Number(version);
        self.client
            .request(SetDefaultVersion { policy: name.into(), version })
            .of_own_account(|op, own| owned(&mut op.policy, own))
    }

    /// Removes one that nobody has; its other versions have to be gone where the cloud wants that.
    pub fn delete(&self, name: impl Into<PolicyName>) -> Request<DeletePolicy> {
        self.client
            .request(DeletePolicy { policy: name.into(), with_versions: false })
            .of_own_account(|op, own| owned(&mut op.policy, own))
    }

    /// Gives one to a user, group or role.
    pub fn attach(&self, name: impl Into<PolicyName>, to: Holder) -> Request<Attach> {
        self.client
            .request(Attach { holder: to, policy: name.into(), strict: false })
            .of_own_account(|op, own| owned(&mut op.policy, own))
    }

    /// Takes one from a user, group or role.
    pub fn detach(&self, name: impl Into<PolicyName>, from: Holder) -> Request<Detach> {
        self.client
            .request(Detach { holder: from, policy: name.into() })
            .of_own_account(|op, own| owned(&mut op.policy, own))
    }

    /// Those that a user, group or role has.
    pub fn attached(&self, holder: Holder) -> Paged<Attached> {
        let part = move |paging| ListAttached { holder: holder.clone(), path_prefix: "/".to_owned(), paging };
        self.client.list(part)
    }
}
