//! Users, groups, roles and access keys.

use polykms_core::holder::Holder;
use polykms_core::identity::access_key::{self, CreateAccessKey, DeleteAccessKey, ListAccessKeys, UpdateAccessKey};
use polykms_core::identity::assume::AssumeRole;
use polykms_core::identity::group::{self, CreateGroup, DeleteGroup, ListGroups};
use polykms_core::identity::inline::{DeleteInline, PutInline, ReadInline};
use polykms_core::identity::member::{AddMember, RemoveMember};
use polykms_core::identity::role::{self, CreateRole, DeleteRole, DescribeRole, ListRoles};
use polykms_core::identity::user::{self, CreateUser, DeleteUser, DescribeUser, ListUsers, Profile};
use polykms_core::tag::Tags;

use super::page::Paged;
use super::{Client, Request};

/// The users, groups, roles and access keys of an account.
#[derive(Debug, Clone)]
pub struct Identities {
    client: Client,
}

/// The path of what has none of its own.
fn root() -> String {
    "/".to_owned()
}

impl Identities {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Makes a user.
    pub fn create_user(&self, name: impl Into<String>) -> Request<CreateUser> {
        let (name, path) = (name.into(), root());
        self.client.request(CreateUser { name, path, profile: Profile::default(), tags: Tags::new() })
    }

    /// What a user is.
    pub fn user(&self, name: impl Into<String>) -> Request<DescribeUser> {
        self.client.request(DescribeUser { name: Some(name.into()) })
    }

    /// All users.
    pub fn users(&self) -> Paged<user::Described> {
        self.client.list(|paging| ListUsers { paging, path_prefix: root() })
    }

    /// Removes a user that has neither access keys, nor policies, nor groups.
    pub fn delete_user(&self, name: impl Into<String>) -> Request<DeleteUser> {
        self.client.request(DeleteUser { name: name.into() })
    }

    /// Makes a group.
    pub fn create_group(&self, name: impl Into<String>) -> Request<CreateGroup> {
        self.client.request(CreateGroup { name: name.into(), path: root(), comments: None })
    }

    /// All groups.
    pub fn groups(&self) -> Paged<group::Described> {
        self.client.list(|paging| ListGroups { paging, path_prefix: root() })
    }

    /// Removes a group that has neither users nor policies.
    pub fn delete_group(&self, name: impl Into<String>) -> Request<DeleteGroup> {
        self.client.request(DeleteGroup { name: name.into() })
    }

    /// Puts a user into a group.
    pub fn add_to_group(&self, user: impl Into<String>, group: impl Into<String>) -> Request<AddMember> {
        self.client.request(AddMember { user: user.into(), group: group.into(), strict: false })
    }

    /// Takes a user out of a group.
    pub fn remove_from_group(&self, user: impl Into<String>, group: impl Into<String>) -> Request<RemoveMember> {
        self.client.request(RemoveMember { user: user.into(), group: group.into() })
    }

    /// Makes a role; the document says who may assume it.
    pub fn create_role(&self, name: impl Into<String>, trust: impl Into<String>) -> Request<CreateRole> {
        self.client.request(CreateRole {
            name: name.into(),
            path: root(),
            description: None,
            trust: trust.into(),
            max_session_seconds: 3600,
            tags: Tags::new(),
        })
    }

    /// What a role is.
    pub fn role(&self, name: impl Into<String>) -> Request<DescribeRole> {
        self.client.request(DescribeRole { name: name.into() })
    }

    /// All roles.
    pub fn roles(&self) -> Paged<role::Described> {
        self.client.list(|paging| ListRoles { paging, path_prefix: root() })
    }

    /// Removes a role that has no policies.
    pub fn delete_role(&self, name: impl Into<String>) -> Request<DeleteRole> {
        self.client.request(DeleteRole { name: name.into() })
    }

    /// Starts a session of a role, by its name and, where it is another's, its account.
    pub fn assume_role(
        &self,
        account: impl Into<String>,
        role: impl Into<String>,
        session: impl Into<String>,
    ) -> Request<AssumeRole> {
        self.client.request(AssumeRole {
            account: Some(account.into()),
            path: Some(root()),
            role: role.into(),
            session: session.into(),
            seconds: None,
            policies: Vec::new(),
            managed: Vec::new(),
            external_id: None,
            source_identity: None,
            packed_percent: None,
        })
    }

    /// Makes an access key; its secret is told this once.
    pub fn create_access_key(&self, user: impl Into<String>) -> Request<CreateAccessKey> {
        self.client.request(CreateAccessKey { user: Some(user.into()) })
    }

    /// The access keys of a user.
    pub fn access_keys(&self, user: impl Into<String>) -> Paged<access_key::Described> {
        let user = user.into();
        self.client.list(move |paging| ListAccessKeys { user: Some(user.clone()), paging })
    }

    /// Switches an access key on or off.
    pub fn set_access_key(
        &self,
        user: impl Into<String>,
        id: impl Into<String>,
        active: bool,
    ) -> Request<UpdateAccessKey> {
        self.client.request(UpdateAccessKey { user: Some(user.into()), id: id.into(), active })
    }

    /// Removes an access key.
    pub fn delete_access_key(&self, user: impl Into<String>, id: impl Into<String>) -> Request<DeleteAccessKey> {
        self.client.request(DeleteAccessKey { user: Some(user.into()), id: id.into() })
    }

    /// Writes a policy inside a user, group or role. AWS alone has those.
    pub fn put_inline_policy(
        &self,
        holder: Holder,
        name: impl Into<String>,
        document: impl Into<String>,
    ) -> Request<PutInline> {
        self.client.request(PutInline { holder, name: name.into(), document: document.into() })
    }

    /// A policy inside a user, group or role.
    pub fn inline_policy(&self, holder: Holder, name: impl Into<String>) -> Request<ReadInline> {
        self.client.request(ReadInline { holder, name: name.into() })
    }

    /// Removes a policy inside a user, group or role.
    pub fn delete_inline_policy(&self, holder: Holder, name: impl Into<String>) -> Request<DeleteInline> {
        self.client.request(DeleteInline { holder, name: name.into() })
    }
}
