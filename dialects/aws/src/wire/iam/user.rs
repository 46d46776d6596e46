//! Users: CreateUser, GetUser, ListUsers, UpdateUser, DeleteUser.

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::Result;
use polykms_core::identity::user::{self as op, Described, Person, Profile};
use polykms_core::list::Listed;

use super::{given, heard_tags, owned, paging, tag_list, tags};
use crate::message::iam::{
    CreateUserRequest, CreateUserResponse, DeleteUserRequest, FoundUser, GetUserRequest, GetUserResponse,
    ListUsersRequest, ListUsersResponse, ListedUser, UpdateUserRequest, User,
};
use crate::wire::{heard, list};

/// A user; lists do not tell its tags.
pub(super) fn told(user: &Described) -> User<'_> {
    let Described { id, arn, name, path, profile: _, created_at, updated_at: _, tags } = user;
    User {
        arn: arn.as_deref().map(Into::into),
        create_date: *created_at,
        path: path.as_deref().map(Into::into),
        tags: tags.as_ref().and_then(tag_list),
        user_id: id.as_deref().map(Into::into),
        user_name: Some(name.into()),
    }
}

/// The user that an answer tells.
pub(super) fn heard(user: User<'_>) -> Result<Described> {
    let User { arn, create_date, path, tags, user_id, user_name } = user;
    Ok(Described {
        id: Some(heard::text(user_id)?),
        arn: Some(heard::text(arn)?),
        name: heard::text(user_name)?,
        path: Some(heard::text(path)?),
        profile: Profile::default(),
        created_at: Some(heard::had(create_date)?),
        updated_at: None,
        tags: Some(heard_tags(tags)?),
    })
}

/// The user that a list tells.
pub(super) fn listed(ListedUser(user): ListedUser<'_>) -> Result<Described> {
    Ok(Described { tags: None, ..heard(user)? })
}

/// Makes a user.
pub(crate) struct CreateUser;

impl Wire for CreateUser {
    type Op = op::CreateUser;
    type Ask<'a> = CreateUserRequest<'a>;
    type Told<'a> = CreateUserResponse<'a>;

    fn op(ask: CreateUserRequest<'_>) -> Result<op::CreateUser> {
        let CreateUserRequest { path: given_path, user_name, tags: given_tags } = ask;
        let (name, path) = (owned(user_name), owned(given_path));
        Ok(op::CreateUser { name, path, profile: Profile::default(), tags: tags(given_tags)? })
    }

    fn told(output: &Described) -> Result<CreateUserResponse<'_>> {
        Ok(CreateUserResponse { user: Some(told(output)) })
    }

    fn ask(op: &op::CreateUser) -> Result<CreateUserRequest<'_>> {
        let op::CreateUser { name, path, profile: _, tags } = op;
        Ok(CreateUserRequest { path: Some(path.into()), user_name: Some(name.into()), tags: tag_list(tags) })
    }

    fn output(told: CreateUserResponse<'_>) -> Result<Described> {
        let CreateUserResponse { user } = told;
        heard(heard::had(user)?)
    }
}

/// Tells about a user, or about the caller.
pub(crate) struct GetUser;

impl Wire for GetUser {
    type Op = op::DescribeUser;
    type Ask<'a> = GetUserRequest<'a>;
    type Told<'a> = GetUserResponse<'a>;

    fn op(ask: GetUserRequest<'_>) -> Result<op::DescribeUser> {
        let GetUserRequest { user_name } = ask;
        Ok(op::DescribeUser { name: given(user_name) })
    }

    fn told(output: &Person) -> Result<GetUserResponse<'_>> {
        let user = match output {
            Person::User(user) => told(user),
            Person::Owner { account, arn } => {
                User { arn: Some(arn.into()), user_id: Some(account.into()), ..User::default() }
            }
        };
        Ok(GetUserResponse { user: Some(FoundUser(user)) })
    }

    fn ask(op: &op::DescribeUser) -> Result<GetUserRequest<'_>> {
        Ok(GetUserRequest { user_name: op.name.as_deref().map(Into::into) })
    }

    fn output(told: GetUserResponse<'_>) -> Result<Person> {
        let GetUserResponse { user } = told;
        // The owner of an account has no more than an ARN and the account.
        match heard::had(user)?.0 {
            User { arn, create_date: None, path: None, tags: None, user_id, user_name: None } => {
                Ok(Person::Owner { account: heard::text(user_id)?, arn: heard::text(arn)? })
            }
            user => Ok(Person::User(Box::new(heard(user)?))),
        }
    }
}

/// Lists the users of the account.
pub(crate) struct ListUsers;

impl Wire for ListUsers {
    type Op = op::ListUsers;
    type Ask<'a> = ListUsersRequest<'a>;
    type Told<'a> = ListUsersResponse<'a>;

    fn op(ask: ListUsersRequest<'_>) -> Result<op::ListUsers> {
        let ListUsersRequest { path_prefix, marker, max_items } = ask;
        Ok(op::ListUsers { paging: paging(max_items, marker), path_prefix: owned(path_prefix) })
    }

    fn told(output: &Listed<Described>) -> Result<ListUsersResponse<'_>> {
        let Listed { items, next, numbered: _ } = output;
        Ok(ListUsersResponse {
            is_truncated: Some(next.is_some()),
            marker: next.as_deref().map(Into::into),
            users: Some(items.iter().map(|user| ListedUser(told(user))).collect()),
        })
    }

    fn ask(op: &op::ListUsers) -> Result<ListUsersRequest<'_>> {
        let (max_items, marker) = list::part(&op.paging)?;
        Ok(ListUsersRequest { path_prefix: Some((&op.path_prefix).into()), marker, max_items })
    }

    fn output(told: ListUsersResponse<'_>) -> Result<Listed<Described>> {
        let ListUsersResponse { is_truncated, marker, users } = told;
        list::heard(users, is_truncated, marker, listed)
    }
}

/// Gives a user another name or path.
pub(crate) struct UpdateUser;

impl Wire for UpdateUser {
    type Op = op::UpdateUser;
    type Ask<'a> = UpdateUserRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: UpdateUserRequest<'_>) -> Result<op::UpdateUser> {
        let UpdateUserRequest { user_name, new_path, new_user_name } = ask;
        Ok(op::UpdateUser {
            name: owned(user_name),
            new_name: given(new_user_name),
            new_path: given(new_path),
            display_name: None,
            comments: None,
            phone: None,
            email: None,
        })
    }

    fn told(_: &Option<Described>) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &op::UpdateUser) -> Result<UpdateUserRequest<'_>> {
        let op::UpdateUser { name, new_name, new_path, display_name: _, comments: _, phone: _, email: _ } = op;
        Ok(UpdateUserRequest {
            user_name: Some(name.into()),
            new_path: new_path.as_deref().map(Into::into),
            new_user_name: new_name.as_deref().map(Into::into),
        })
    }

    fn output(_: Nothing<'_>) -> Result<Option<Described>> {
        Ok(None)
    }
}

/// Removes a user.
pub(crate) struct DeleteUser;

impl Wire for DeleteUser {
    type Op = op::DeleteUser;
    type Ask<'a> = DeleteUserRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: DeleteUserRequest<'_>) -> Result<op::DeleteUser> {
        let DeleteUserRequest { user_name } = ask;
        Ok(op::DeleteUser { name: owned(user_name) })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &op::DeleteUser) -> Result<DeleteUserRequest<'_>> {
        Ok(DeleteUserRequest { user_name: Some((&op.name).into()) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}
