//! Users: made, described, changed, listed, removed.

use super::Item;
use super::mentioned::Lasting as _;
use super::{
    FullName, Holder, IdKind, Naming, Policies, User, fresh_id, identity_path, locate, relation, rename, user,
};
use crate::engine::world::{GROUPS_OF_USER, POLICIES_OF_HOLDER, USERS, Versioned, none_below, put};
use crate::engine::{Principal, Search, World};
use crate::error::{Cause, Error, Flaw, Kind, Noun, Result};
use crate::list::{Listed, Paging};
use crate::name::{Place, below};
use crate::operation::{Authorized, Effect, Operation, Role};
use crate::port::{Change, Expect, Time};
use crate::tag::Tags;

/// A user, as callers are told it.
#[derive(Debug, Clone)]
pub struct Described {
    /// The unique identifier, where the answer tells it.
    pub id: Option<String>,
    /// The full name, where the answer tells it.
    pub arn: Option<String>,
    /// The name.
    pub name: String,
    /// The path, with both slashes, where the answer tells it.
    pub path: Option<String>,
    /// What people are told about it, as far as the answer tells it.
    pub profile: Profile,
    /// When it was made, where the answer tells it.
    pub created_at: Option<Time>,
    /// When it was changed last, where the answer tells it.
    pub updated_at: Option<Time>,
    /// Its tags, where the answer tells them.
    pub tags: Option<Tags>,
}

impl User {
    /// What callers are told of it.
    pub(super) fn described(self, naming: Naming<'_>) -> Described {
        let Self {
            id, account, name, path, display_name, comments, phone, email, created_at, updated_at, tags, ..
        } = self;
        let arn = naming.full(&account, FullName::User(&path, &name));
        let (display_name, comments) = (Some(display_name), Some(comments));
        Described {
            id: Some(id),
            arn: Some(arn),
            name,
            path: Some(path),
            profile: Profile { display_name, comments, phone: Some(phone), email: Some(email) },
            created_at: Some(created_at),
            updated_at: Some(updated_at),
            tags: Some(tags),
        }
    }
}

/// Makes a user.
#[derive(Debug)]
pub struct CreateUser {
    /// The name.
    pub name: String,
    /// The path, with both slashes.
    pub path: String,
    /// What people are told about it.
    pub profile: Profile,
    /// Its tags.
    pub tags: Tags,
}

/// What people are told about a user.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    /// The name shown.
    pub display_name: Option<String>,
    /// Words of the administrator.
    pub comments: Option<String>,
    /// The telephone number.
    pub phone: Option<String>,
    /// The mail address.
    pub email: Option<String>,
}

impl Operation for CreateUser {
    type Output = Described;
    const NAME: &'static str = "CreateUser";
    const EFFECT: Effect = Effect::Changes;
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::NewUser(&self.path, &self.name))
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Described> {
        let Self { name, path, profile, tags } = allowed.op();
        let (place, now) = (allowed.place(), allowed.now());
        let record = identity_path(place.dialect, &place.account, name);
        if world.read::<User>(USERS, &record).await?.is_some() {
            return Err(Kind::AlreadyExists(Noun::User).about(name));
        }
        let Profile { display_name, comments, phone, email } = profile.clone();
        let user = User {
            id: fresh_id(world, allowed.dialect(), IdKind::User)?,
            account: place.account.to_string(),
            name: name.clone(),
            path: path.clone(),
            display_name: display_name.unwrap_or_default(),
            comments: comments.unwrap_or_default(),
            phone: phone.unwrap_or_default(),
            email: email.unwrap_or_default(),
            created_at: now,
            updated_at: now,
            tags: tags.clone(),
            policies: Policies::default(),
            access_keys: Default::default(),
        };
        let made = vec![put(USERS, record, Expect::Absent, &user)?, user.leads(place.dialect, Expect::Absent)?];
        let described = user.described(Naming::of(allowed)?);
        allowed.make(described.arn.as_deref().unwrap_or_default(), made);
        Ok(described)
    }
}

/// Tells about a user; about the caller where no name is given.
#[derive(Debug)]
pub struct DescribeUser {
    /// The name.
    pub name: Option<String>,
}

/// A user, or the owner of the account.
#[derive(Debug, Clone)]
pub enum Person {
    /// The owner of the account.
    Owner {
        /// The account.
        account: String,
        /// The full name.
        arn: String,
    },
    /// A user.
    User(Box<Described>),
}

impl Operation for DescribeUser {
    type Output = Person;
    const NAME: &'static str = "GetUser";
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::user_or_caller(search, self.name.as_deref()).await
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Person> {
        match (&allowed.op().name, &allowed.caller().principal) {
            (None, Principal::Owner) => {
                let account = allowed.place().account.to_string();
                let arn = Naming::of(allowed)?.full(&account, FullName::Owner);
                Ok(Person::Owner { account, arn })
            }
            (name, _) => {
                let name = name_or_caller(name.as_deref(), &allowed.caller().principal)?;
                let user = user(world, allowed.place(), name).await?.value;
                Ok(Person::User(Box::new(user.described(Naming::of(allowed)?))))
            }
        }
    }
}

/// The user named, or the caller if it is one.
pub(super) fn name_or_caller<'a>(name: Option<&'a str>, caller: &'a Principal) -> Result<&'a str> {
    match (name, caller) {
        (Some(name), _) => Ok(name),
        (None, Principal::User { name, .. }) => Ok(name),
        (None, Principal::Owner | Principal::RoleSession { .. }) => {
            Err(Kind::Invalid(Flaw::Missing).because("must specify a user name").with_cause(Cause::NoUser))
        }
    }
}

/// Changes a user.
#[derive(Debug)]
pub struct UpdateUser {
    /// The name.
    pub name: String,
    /// The new name.
    pub new_name: Option<String>,
    /// The new path.
    pub new_path: Option<String>,
    /// The new name shown.
    pub display_name: Option<String>,
    /// The new words.
    pub comments: Option<String>,
    /// The new telephone number.
    pub phone: Option<String>,
    /// The new mail address.
    pub email: Option<String>,
}

impl Operation for UpdateUser {
    /// The user as it is now, where the cloud tells that.
    type Output = Option<Described>;
    const NAME: &'static str = "UpdateUser";
    const EFFECT: Effect = Effect::Changes;
    const ROLES: &'static [Role] = &[Role::Subject, Role::Renamed];

    async fn locate(&self, role: Role, search: &mut Search<'_>) -> Result<()> {
        match role {
            Role::Renamed => {
                locate::renamed_user(search, &self.name, self.new_path.as_deref(), self.new_name.as_deref()).await
            }
            _ => locate::user(search, &self.name).await,
        }
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Option<Described>> {
        let Self { name, new_name, new_path, display_name, comments, phone, email } = allowed.op();
        let place = allowed.place();
        let Versioned { value: mut user, rev } = user(world, place, name).await?;
        let old = user.clone();
        for (field, value) in [
            (&mut user.name, new_name),
            (&mut user.path, new_path),
            (&mut user.display_name, display_name),
            (&mut user.comments, comments),
            (&mut user.phone, phone),
            (&mut user.email, email),
        ] {
            if let Some(value) = value {
                field.clone_from(value);
            }
        }
        user.updated_at = allowed.now();
        let renamed = rename::user(world, place, rev, &old, &user).await?;
        let described = user.described(Naming::of(allowed)?);
        allowed.make(described.arn.as_deref().unwrap_or_default(), renamed);
        Ok(Some(described))
    }
}

/// Lists the users of the account.
#[derive(Debug)]
pub struct ListUsers {
    /// Which part.
    pub paging: Paging,
    /// What their paths begin with.
    pub path_prefix: String,
}

impl Operation for ListUsers {
    type Output = Listed<Described>;
    const NAME: &'static str = "ListUsers";
    const ROLES: &'static [Role] = &[Role::Account];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::Users)
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Listed<Described>> {
        let (place, op) = (allowed.place(), allowed.op());
        let prefix = below(&[place.dialect, &place.account]);
        let wanted = |user: &User| user.path.starts_with(&op.path_prefix);
        let listed = crate::list::page(world, USERS, &prefix, &op.paging, wanted).await?;
        let naming = Naming::of(allowed)?;
        Ok(listed.map(|user| user.described(naming)))
    }
}

/// Removes a user that nothing depends on.
#[derive(Debug)]
pub struct DeleteUser {
    /// The name.
    pub name: String,
}

impl Operation for DeleteUser {
    type Output = ();
    const NAME: &'static str = "DeleteUser";
    const EFFECT: Effect = Effect::Restricts;
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::user(search, &self.name).await
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let Place { dialect, account, .. } = allowed.place();
        let Versioned { value: user, rev } = user(world, allowed.place(), &allowed.op().name).await?;
        let attached = relation::policies_of(dialect, account, &Holder::User(user.name.clone()));
        let joined = relation::groups_of(dialect, account, &user.name);
        let left = [
            (world.has_below(POLICIES_OF_HOLDER, &attached).await?, Noun::Attachment),
            (!user.policies.inline.is_empty(), Noun::InlinePolicy),
            (world.has_below(GROUPS_OF_USER, &joined).await?, Noun::Membership),
            (!user.access_keys.is_empty(), Noun::AccessKey),
        ];
        if let Some((_, noun)) = left.into_iter().find(|(left, _)| *left) {
            return Err(Error::from(Kind::DeleteConflict(noun)).of(Noun::User));
        }
        let changes = vec![
            Change::Delete {
                space: USERS,
                path: identity_path(dialect, account, &user.name),
                expect: Expect::Rev(rev),
            },
            user.ends(dialect),
            none_below(POLICIES_OF_HOLDER, attached),
            none_below(GROUPS_OF_USER, joined),
        ];
        allowed.change(changes)
    }
}
