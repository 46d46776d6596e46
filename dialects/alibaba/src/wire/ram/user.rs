//! Users: CreateUser, GetUser, UpdateUser, ListUsers and DeleteUser.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::{Flaw, Kind, Result};
use polykms_core::identity::user::{self, Described, Person, Profile};
use polykms_core::list::Listed;
use polykms_core::tag::Tags;

use super::{ROOT, owned, part, part_of};
use crate::message::ram::{
    CreateUserRequest, CreateUserResponse, CreatedUser, DeleteUserRequest, GetUserRequest, GetUserResponse,
    ListUsersRequest, ListUsersResponse, UpdateUserRequest, UpdateUserResponse, User, Users,
};
use crate::wire::{heard, invalid};

/// The longest mail address, in characters.
const LONGEST_ADDRESS: usize = 128;

/// The longest telephone number, in characters.
const LONGEST_PHONE: usize = 64;

/// CreateUser.
pub(crate) struct CreateUser;

impl Wire for CreateUser {
    type Op = user::CreateUser;
    type Ask<'a> = CreateUserRequest<'a>;
    type Told<'a> = CreateUserResponse<'a>;

    fn op(ask: CreateUserRequest<'_>) -> Result<user::CreateUser> {
        let CreateUserRequest { comments, display_name, email: address, mobile_phone, user_name } = ask;
        let profile = Profile {
            // The reference of 2021 requires it, the service does not.
            display_name: display_name.map(Cow::into_owned),
            comments: comments.map(Cow::into_owned),
            phone: phone("MobilePhone", mobile_phone)?,
            email: email("Email", address)?,
        };
        Ok(user::CreateUser { name: owned(user_name), path: ROOT.to_owned(), profile, tags: Tags::new() })
    }

    fn told(output: &Described) -> Result<CreateUserResponse<'_>> {
        Ok(CreateUserResponse { user: Some(CreatedUser(told(output))) })
    }

    fn ask(op: &user::CreateUser) -> Result<CreateUserRequest<'_>> {
        // There are neither paths nor tags of users.
        let user::CreateUser { name, path: _, profile, tags: _ } = op;
        let Profile { display_name, comments, phone, email } = profile;
        Ok(CreateUserRequest {
            comments: comments.as_deref().map(Cow::from),
            display_name: display_name.as_deref().map(Cow::from),
            email: email.as_deref().map(Cow::from),
            mobile_phone: phone.as_deref().map(Cow::from),
            user_name: Some(name.into()),
        })
    }

    fn output(told: CreateUserResponse<'_>) -> Result<Described> {
        let CreateUserResponse { user } = told;
        heard(heard::had(user)?.0)
    }
}

/// GetUser.
pub(crate) struct GetUser;

impl Wire for GetUser {
    type Op = user::DescribeUser;
    type Ask<'a> = GetUserRequest<'a>;
    type Told<'a> = GetUserResponse<'a>;

    fn op(ask: GetUserRequest<'_>) -> Result<user::DescribeUser> {
        let GetUserRequest { user_name } = ask;
        Ok(user::DescribeUser { name: user_name.map(Cow::into_owned) })
    }

    fn told(output: &Person) -> Result<GetUserResponse<'_>> {
        match output {
            Person::User(user) => Ok(GetUserResponse { user: Some(told(user)) }),
            Person::Owner { .. } => Err(Kind::Internal.because("an owner was found under the name of a user")),
        }
    }

    fn ask(op: &user::DescribeUser) -> Result<GetUserRequest<'_>> {
        let user::DescribeUser { name } = op;
        let name = name.as_ref().ok_or_else(|| Kind::Unsupported.because("Alibaba Cloud has to be told which user"))?;
        Ok(GetUserRequest { user_name: Some(name.into()) })
    }

    fn output(told: GetUserResponse<'_>) -> Result<Person> {
        let GetUserResponse { user } = told;
        heard(heard::had(user)?).map(|user| Person::User(Box::new(user)))
    }
}

/// UpdateUser.
pub(crate) struct UpdateUser;

impl Wire for UpdateUser {
    type Op = user::UpdateUser;
    type Ask<'a> = UpdateUserRequest<'a>;
    type Told<'a> = UpdateUserResponse<'a>;

    fn op(ask: UpdateUserRequest<'_>) -> Result<user::UpdateUser> {
        let UpdateUserRequest { new_comments, new_display_name, new_email, new_mobile_phone, new_user_name, user_name } =
            ask;
        Ok(user::UpdateUser {
            name: owned(user_name),
            new_name: new_user_name.map(Cow::into_owned),
            new_path: None,
            display_name: new_display_name.map(Cow::into_owned),
            comments: new_comments.map(Cow::into_owned),
            phone: phone("NewMobilePhone", new_mobile_phone)?,
            email: email("NewEmail", new_email)?,
        })
    }

    fn told(output: &Option<Described>) -> Result<UpdateUserResponse<'_>> {
        Ok(UpdateUserResponse { user: output.as_ref().map(told) })
    }

    fn ask(op: &user::UpdateUser) -> Result<UpdateUserRequest<'_>> {
        // There are no paths.
        let user::UpdateUser { name, new_name, new_path: _, display_name, comments, phone, email } = op;
        Ok(UpdateUserRequest {
            new_comments: comments.as_ref().map(Cow::from),
            new_display_name: display_name.as_ref().map(Cow::from),
            new_email: email.as_ref().map(Cow::from),
            new_mobile_phone: phone.as_ref().map(Cow::from),
            new_user_name: new_name.as_ref().map(Cow::from),
            user_name: Some(name.into()),
        })
    }

    fn output(told: UpdateUserResponse<'_>) -> Result<Option<Described>> {
        let UpdateUserResponse { user } = told;
        heard(heard::had(user)?).map(Some)
    }
}

/// ListUsers.
pub(crate) struct ListUsers;

impl Wire for ListUsers {
    type Op = user::ListUsers;
    type Ask<'a> = ListUsersRequest<'a>;
    type Told<'a> = ListUsersResponse<'a>;

    fn op(ask: ListUsersRequest<'_>) -> Result<user::ListUsers> {
        let ListUsersRequest { marker, max_items } = ask;
        Ok(user::ListUsers { paging: part(marker, max_items), path_prefix: ROOT.to_owned() })
    }

    fn told(output: &Listed<Described>) -> Result<ListUsersResponse<'_>> {
        let Listed { items, next, numbered: _ } = output;
        Ok(ListUsersResponse {
            is_truncated: Some(next.is_some()),
            marker: next.as_ref().map(Cow::from),
            users: Some(Users { user: Some(items.iter().map(told).collect()) }),
        })
    }

    fn ask(op: &user::ListUsers) -> Result<ListUsersRequest<'_>> {
        let user::ListUsers { paging, path_prefix: _ } = op;
        let (marker, max_items) = part_of(paging)?;
        Ok(ListUsersRequest { marker, max_items })
    }

    fn output(told: ListUsersResponse<'_>) -> Result<Listed<Described>> {
        let ListUsersResponse { is_truncated, marker, users } = told;
        heard::part(heard::had(users)?.user, is_truncated, marker, heard)
    }
}

/// DeleteUser.
pub(crate) struct DeleteUser;

impl Wire for DeleteUser {
    type Op = user::DeleteUser;
    type Ask<'a> = DeleteUserRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: DeleteUserRequest<'_>) -> Result<user::DeleteUser> {
        let DeleteUserRequest { user_name } = ask;
        Ok(user::DeleteUser { name: owned(user_name) })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &user::DeleteUser) -> Result<DeleteUserRequest<'_>> {
        let user::DeleteUser { name } = op;
        Ok(DeleteUserRequest { user_name: Some(name.into()) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// A telephone number: `<country>-<number>`; an empty one removes it.
fn phone(name: &'static str, text: Option<Cow<'_, str>>) -> Result<Option<String>> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = |text: &str| {
        let parts = text.split_once('-');
        text.len() <= LONGEST_PHONE && parts.is_some_and(|(country, number)| digits(country) && digits(number))
    };
    formed(name, text, fits)
}

/// A mail address; an empty one removes it.
fn email(name: &'static str, text: Option<Cow<'_, str>>) -> Result<Option<String>> {
    let plain = |text: &str| !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    let fits = |text: &str| {
        let parts = text.rsplit_once('@');
        text.chars().count() <= LONGEST_ADDRESS && parts.is_some_and(|(local, domain)| plain(local) && plain(domain))
    };
    formed(name, text, fits)
}

/// A text that is empty, or of a form.
fn formed(name: &'static str, text: Option<Cow<'_, str>>, fits: impl Fn(&str) -> bool) -> Result<Option<String>> {
    match text {
        Some(text) if !text.is_empty() && !fits(&text) => Err(invalid(Flaw::Format, name)),
        text => Ok(text.map(Cow::into_owned)),
    }
}

fn told(user: &Described) -> User<'_> {
    let Described { id, arn: _, name, path: _, profile, created_at, updated_at, tags: _ } = user;
    let Profile { display_name, comments, phone, email } = profile;
    User {
        comments: comments.as_deref().map(Cow::from),
        create_date: *created_at,
        display_name: display_name.as_deref().map(Cow::from),
        email: email.as_deref().map(Cow::from),
        mobile_phone: phone.as_deref().map(Cow::from),
        update_date: *updated_at,
        user_id: id.as_deref().map(Cow::from),
        user_name: Some(name.into()),
    }
}

/// The user of an answer, which does not tell its full name. There are neither paths nor tags of users.
fn heard(user: User<'_>) -> Result<Described> {
    let User { comments, create_date, display_name, email, mobile_phone, update_date, user_id, user_name } = user;
    let profile = Profile {
        display_name: Some(heard::text(display_name)?),
        comments: Some(heard::text(comments)?),
        phone: Some(heard::text(mobile_phone)?),
        email: Some(heard::text(email)?),
    };
    Ok(Described {
        id: Some(heard::text(user_id)?),
        arn: None,
        name: heard::text(user_name)?,
        path: None,
        profile,
        created_at: Some(heard::had(create_date)?),
        updated_at: update_date,
        tags: None,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::tests::decoded;

    #[test]
    fn a_user_needs_no_more_than_a_name() {
        let op = decoded::<CreateUser>(&[("UserName", "alice")]).unwrap();
        assert_eq!((op.name.as_str(), op.path.as_str(), op.profile.display_name), ("alice", "/", None));
        assert_eq!(decoded::<CreateUser>(&[]).unwrap_err().subject(), Some("UserName"));
    }

    #[test]
    fn numbers_and_addresses_have_a_form() {
        let create = |name: &str, text: &str| decoded::<CreateUser>(&[("UserName", "a"), (name, text)]);
        assert_eq!(create("MobilePhone", "86-18600008888").unwrap().profile.phone.unwrap(), "86-18600008888");
        assert_eq!(create("Email", "a@example.com").unwrap().profile.email.unwrap(), "a@example.com");
        for (name, text) in [("MobilePhone", "18600008888"), ("MobilePhone", "86-x"), ("Email", "a"), ("Email", "@b")] {
            let refused = create(name, text).unwrap_err();
            assert_eq!((refused.kind(), refused.subject()), (Kind::Invalid(Flaw::Format), Some(name)), "{text}");
        }
    }

    #[test]
    fn what_is_not_given_is_not_changed() {
        let op = decoded::<UpdateUser>(&[("UserName", "a"), ("NewComments", "")]).unwrap();
        assert_eq!((op.new_name, op.display_name, op.comments), (None, None, Some(String::new())));
    }
}
