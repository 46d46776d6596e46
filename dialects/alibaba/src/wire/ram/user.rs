//! Users: CreateUser, GetUser, UpdateUser, ListUsers and DeleteUser.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::{Flaw, Kind, Result};
use polykms_core::identity::user::{self, Described, Person, Profile};
use polykms_core::list::Listed;
use polykms_core::tag::Tags;
use serde_json::Value;

use super::{LONGEST_COMMENTS, PRINCIPAL, ROOT, part_of};
use crate::wire::{Arguments, date, done, invalid, listed, object, tree};

/// The longest name shown and mail address, in characters.
const LONGEST_SHOWN: usize = 128;

/// The longest telephone number, in characters.
const LONGEST_PHONE: usize = 64;

pub(crate) struct CreateUser;

impl Former for CreateUser {
    type Op = user::CreateUser;

    fn decode(arguments: &Payload) -> Result<user::CreateUser> {
        let arguments = Arguments::of(arguments)?;
        let profile = Profile {
            // The reference of 2021 requires it, the service does not.
            display_name: arguments.words("DisplayName", LONGEST_SHOWN)?.unwrap_or_default(),
            comments: arguments.words("Comments", LONGEST_COMMENTS)?.unwrap_or_default(),
            phone: arguments.phone("MobilePhone")?.unwrap_or_default(),
            email: arguments.email("Email")?.unwrap_or_default(),
        };
        let name = arguments.name("UserName", &PRINCIPAL)?;
        Ok(user::CreateUser { name, path: ROOT.to_owned(), profile, tags: Tags::new() })
    }

    fn encode(output: Described) -> Result<Payload> {
        Ok(tree([("User", told(&output, false))]))
    }
}

pub(crate) struct GetUser;

impl Former for GetUser {
    type Op = user::DescribeUser;

    fn decode(arguments: &Payload) -> Result<user::DescribeUser> {
        let name = Arguments::of(arguments)?.name("UserName", &PRINCIPAL)?;
        Ok(user::DescribeUser { name: Some(name) })
    }

    fn encode(output: Person) -> Result<Payload> {
        match output {
            Person::User(user) => Ok(tree([("User", told(&user, true))])),
            Person::Owner { .. } => Err(Kind::Internal.because("an owner was found under the name of a user")),
        }
    }
}

pub(crate) struct UpdateUser;

impl Former for UpdateUser {
    type Op = user::UpdateUser;

    fn decode(arguments: &Payload) -> Result<user::UpdateUser> {
        let arguments = Arguments::of(arguments)?;
        Ok(user::UpdateUser {
            name: arguments.name("UserName", &PRINCIPAL)?,
            new_name: arguments.optional_name("NewUserName", &PRINCIPAL)?,
            new_path: None,
            display_name: arguments.words("NewDisplayName", LONGEST_SHOWN)?,
            comments: arguments.words("NewComments", LONGEST_COMMENTS)?,
            phone: arguments.phone("NewMobilePhone")?,
            email: arguments.email("NewEmail")?,
        })
    }

    fn encode(output: Option<Described>) -> Result<Payload> {
        Ok(tree([("User", output.map(|user| told(&user, true)).into())]))
    }
}

pub(crate) struct ListUsers;

impl Former for ListUsers {
    type Op = user::ListUsers;

    fn decode(arguments: &Payload) -> Result<user::ListUsers> {
        let paging = Arguments::of(arguments)?.part()?.into();
        Ok(user::ListUsers { paging, path_prefix: ROOT.to_owned() })
    }

    fn encode(output: Listed<Described>) -> Result<Payload> {
        let Listed { items, next, total: _ } = output;
        let users = listed("User", items.iter().map(|user| told(user, true)));
        Ok(Payload::Tree(part_of("Users", users, next)))
    }
}

pub(crate) struct DeleteUser;

impl Former for DeleteUser {
    type Op = user::DeleteUser;

    fn decode(arguments: &Payload) -> Result<user::DeleteUser> {
        Ok(user::DeleteUser { name: Arguments::of(arguments)?.name("UserName", &PRINCIPAL)? })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

impl Arguments<'_> {
    /// A telephone number: `<country>-<number>`; an empty one removes it.
    fn phone(self, name: &'static str) -> Result<Option<String>> {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match self.given(name) {
            None => Ok(None),
            Some("") => Ok(Some(String::new())),
            Some(text) => match text.split_once('-') {
                Some((country, number)) if text.len() <= LONGEST_PHONE && digits(country) && digits(number) => {
                    Ok(Some(text.to_owned()))
                }
                _ => Err(invalid(Flaw::Format, name)),
            },
        }
    }

    /// A mail address; an empty one removes it.
    fn email(self, name: &'static str) -> Result<Option<String>> {
        let plain = |text: &str| !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control());
        match self.given(name) {
            None => Ok(None),
            Some("") => Ok(Some(String::new())),
            Some(text) => match text.rsplit_once('@') {
                Some((local, domain)) if text.chars().count() <= LONGEST_SHOWN && plain(local) && plain(domain) => {
                    Ok(Some(text.to_owned()))
                }
                _ => Err(invalid(Flaw::Format, name)),
            },
        }
    }
}

fn told(user: &Described, updated: bool) -> Value {
    let Described { id, arn: _, name, path: _, profile, created_at, updated_at, tags: _ } = user;
    let Profile { display_name, comments, phone, email } = profile;
    let mut told = object([
        ("UserId", id.as_str().into()),
        ("UserName", name.as_str().into()),
        ("DisplayName", display_name.as_str().into()),
        ("MobilePhone", phone.as_str().into()),
        ("Email", email.as_str().into()),
        ("Comments", comments.as_str().into()),
        ("CreateDate", created_at.map(date).into()),
    ]);
    if let (Some(fields), true) = (told.as_object_mut(), updated) {
        fields.insert("UpdateDate".to_owned(), updated_at.map(date).into());
    }
    told
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::tests::params;

    #[test]
    fn a_user_needs_no_more_than_a_name() {
        let op = CreateUser::decode(&params(&[("UserName", "alice")])).unwrap();
        assert_eq!((op.name.as_str(), op.path.as_str(), op.profile.display_name.as_str()), ("alice", "/", ""));
        assert_eq!(CreateUser::decode(&params(&[])).unwrap_err().subject(), Some("UserName"));
    }

    #[test]
    fn numbers_and_addresses_have_a_form() {
        let create = |name: &str, text: &str| CreateUser::decode(&params(&[("UserName", "a"), (name, text)]));
        assert_eq!(create("MobilePhone", "86-18600008888").unwrap().profile.phone, "86-18600008888");
        assert_eq!(create("Email", "a@example.com").unwrap().profile.email, "a@example.com");
        for (name, text) in [("MobilePhone", "18600008888"), ("MobilePhone", "86-x"), ("Email", "a"), ("Email", "@b")] {
            let refused = create(name, text).unwrap_err();
            assert_eq!((refused.kind(), refused.subject()), (Kind::Invalid(Flaw::Format), Some(name)), "{text}");
        }
    }

    #[test]
    fn what_is_not_given_is_not_changed() {
        let op = UpdateUser::decode(&params(&[("UserName", "a"), ("NewComments", "")])).unwrap();
        assert_eq!((op.new_name, op.display_name, op.comments), (None, None, Some(String::new())));
    }
}
