//! Users: CreateUser, GetUser, ListUsers, UpdateUser, DeleteUser.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::Result;
use polykms_core::identity::User;
use polykms_core::identity::user as op;
use polykms_core::list::Listed;
use serde_json::{Value, json};

use super::{NAME_64, NAME_128, NOTHING, PATH, date, list, read, tags};
use crate::resource;

/// Why a boundary is refused and not ignored.
pub(super) const NO_BOUNDARY: &str = "permissions boundaries are not built yet";

/// A user as lists tell it.
pub(super) fn tree(user: &User) -> Value {
    json!({
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.id,
        "Arn": resource::user_arn(&user.account, &user.path, &user.name),
        "CreateDate": date(user.created_at),
    })
}

fn with_tags(user: &User) -> Value {
    let mut tree = tree(user);
    if let Some(members) = tree.as_object_mut() {
        members.insert("Tags".to_owned(), tags(&user.tags));
    }
    tree
}

/// Makes a user.
pub(crate) struct CreateUser;

impl Former for CreateUser {
    type Op = op::CreateUser;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let name = fields.required("UserName", &NAME_64);
            let path = fields.optional("Path", &PATH).unwrap_or_else(|| "/".to_owned());
            fields.not_built("PermissionsBoundary", NO_BOUNDARY)?;
            Ok(op::CreateUser { name, path, profile: op::Profile::default(), tags: fields.tags()? })
        })
    }

    fn encode(user: User) -> Result<Payload> {
        Ok(Payload::Tree(json!({ "User": with_tags(&user) })))
    }
}

/// Tells about a user, or about the caller.
pub(crate) struct GetUser;

impl Former for GetUser {
    type Op = op::DescribeUser;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| Ok(op::DescribeUser { name: fields.optional("UserName", &NAME_128) }))
    }

    fn encode(person: op::Person) -> Result<Payload> {
        let user = match person {
            op::Person::User(user) => with_tags(&user),
            op::Person::Owner(account) => json!({ "UserId": account, "Arn": resource::owner_arn(&account) }),
        };
        Ok(Payload::Tree(json!({ "User": user })))
    }
}

/// Lists the users of the account.
pub(crate) struct ListUsers;

impl Former for ListUsers {
    type Op = op::ListUsers;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let path_prefix = list::prefix(fields);
            Ok(op::ListUsers { paging: list::paging(fields)?, path_prefix })
        })
    }

    fn encode(listed: Listed<User>) -> Result<Payload> {
        Ok(list::answer("Users", listed, tree))
    }
}

/// Gives a user another name or path.
pub(crate) struct UpdateUser;

impl Former for UpdateUser {
    type Op = op::UpdateUser;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            Ok(op::UpdateUser {
                name: fields.required("UserName", &NAME_128),
                new_name: fields.optional("NewUserName", &NAME_64),
                new_path: fields.optional("NewPath", &PATH),
                display_name: None,
                comments: None,
                phone: None,
                email: None,
            })
        })
    }

    fn encode(_: User) -> Result<Payload> {
        Ok(NOTHING)
    }
}

/// Removes a user.
pub(crate) struct DeleteUser;

impl Former for DeleteUser {
    type Op = op::DeleteUser;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| Ok(op::DeleteUser { name: fields.required("UserName", &NAME_128) }))
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}
