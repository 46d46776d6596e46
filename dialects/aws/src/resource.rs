//! The names of AWS: ARNs of resources and principals, and the forms in which requests name keys and aliases.
//!
//! Follows "Amazon Resource Names" of the General Reference and "Key identifiers (KeyId)" of the KMS Developer Guide.
//!
//! # Invariants
//! - Whatever becomes part of a store path was checked here: account, region, key id and alias hold no separator.

use std::sync::OnceLock;

use std::borrow::Cow;

use polykms_core::dialect::OwnedPrincipal;
use polykms_core::engine::{Caller, Principal};
use polykms_core::error::{Error, Flaw, Kind, Noun, Result};
use polykms_core::identity::simulate::Source;
use polykms_core::identity::{self, FullName, Holder, Mentioned, PolicyName};
use polykms_core::key::{self, By, Reference};
use polykms_core::policy::PrincipalKind;

/// The partition that a region is in.
pub(crate) fn partition(region: &str) -> &'static str {
    let starts = |start: &str| region.starts_with(start);
    match region {
        _ if starts("cn-") => "aws-cn",
        _ if starts("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

/// The regions in which services tell about what is in no region: one in each partition.
pub(crate) const HOMES: &[&str] = &["us-east-1", "cn-north-1", "us-gov-west-1"];

/// What every alias begins with.
const ALIAS: &str = "alias/";
/// What the aliases of AWS managed keys begin with.
const ALIAS_OF_AWS: &str = "alias/aws/";

/// The full name of a key or alias; `*` for an operation that concerns no particular one.
pub(crate) fn of_keys(account: &str, region: &str, item: key::Item<'_>) -> String {
    match item {
        key::Item::Everything | key::Item::Keys | key::Item::Aliases => "*".to_owned(),
        key::Item::Key(id) => key_arn(region, account, id),
        key::Item::Alias(name) => format!("arn:{}:kms:{region}:{account}:{name}", partition(region)),
    }
}

/// The full name of an identity; `*` for an operation that concerns no particular one.
pub(crate) fn of_identities(account: &str, region: &str, item: identity::Item<'_>) -> String {
    use identity::Item;
    let home = Home { partition: partition(region), account };
    match item {
        Item::Everything => "*".to_owned(),
        Item::Owner => home.owner(),
        Item::Users => home.of_iam("user", "/", ""),
        Item::User(path, name) | Item::NewUser(path, name) => home.user(path, name),
        Item::Groups => home.of_iam("group", "/", ""),
        Item::Group(path, name) | Item::NewGroup(path, name) => home.group(path, name),
        Item::Roles => home.of_iam("role", "/", ""),
        Item::Role(path, name) | Item::NewRole(path, name) => home.role(path, name),
        Item::Policies => home.of_iam("policy", "/", ""),
        Item::Policy(path, name) | Item::NewPolicy(path, name) => home.policy(path, name),
        Item::SystemPolicy(path, name) => home.of_aws().policy(path, name),
    }
}

/// The ARN of an identity, as it is told in a region.
pub(crate) fn full_name(account: &str, region: &str, name: FullName<'_>) -> String {
    let home = Home { partition: partition(region), account };
    match name {
        FullName::Owner => home.owner(),
        FullName::User(path, name) => home.user(path, name),
        FullName::Group(path, name) => home.group(path, name),
        FullName::Role(path, name) => home.role(path, name),
        FullName::Policy(path, name) => home.policy(path, name),
        FullName::SystemPolicy(path, name) => home.of_aws().policy(path, name),
        FullName::Started(role, session) | FullName::Session(role, session) => home.session(role, session),
    }
}

/// Where identities are: in an account, which is told under the partition of the region that was asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Home<'a> {
    pub(crate) partition: &'a str,
    pub(crate) account: &'a str,
}

impl<'a> Home<'a> {
    /// An account of the partition that most regions are in.
    pub(crate) const fn of(account: &'a str) -> Self {
        Self { partition: "aws", account }
    }

    /// The account of policies that AWS supplies.
    pub(crate) const fn of_aws(self) -> Self {
        Self { account: "aws", ..self }
    }

    fn of_iam(self, kind: &str, path: &str, name: &str) -> String {
        let Self { partition, account } = self;
        format!("arn:{partition}:iam::{account}:{kind}{path}{name}")
    }

    /// The ARN of the owner of the account.
    pub(crate) fn owner(self) -> String {
        self.of_iam("root", "", "")
    }

    /// The ARN of a user.
    pub(crate) fn user(self, path: &str, name: &str) -> String {
        self.of_iam("user", path, name)
    }

    /// The ARN of a group.
    pub(crate) fn group(self, path: &str, name: &str) -> String {
        self.of_iam("group", path, name)
    }

    /// The ARN of a role.
    pub(crate) fn role(self, path: &str, name: &str) -> String {
        self.of_iam("role", path, name)
    }

    /// The ARN of a managed policy.
    pub(crate) fn policy(self, path: &str, name: &str) -> String {
        self.of_iam("policy", path, name)
    }

    /// The ARN of a session of a role.
    pub(crate) fn session(self, role: &str, session: &str) -> String {
        let Self { partition, account } = self;
        format!("arn:{partition}:sts::{account}:assumed-role/{role}/{session}")
    }

    /// The ARN of a managed policy as the caller's arguments name it.
    pub(crate) fn policy_of(self, policy: &'a PolicyName) -> String {
        let home = match policy.system {
            true => self.of_aws(),
            false => Self { account: policy.account.as_deref().unwrap_or(self.account), ..self },
        };
        home.policy(&policy.path, &policy.name)
    }
}

/// The ARN of a key.
pub(crate) fn key_arn(region: &str, account: &str, id: &str) -> String {
    format!("arn:{}:kms:{region}:{account}:key/{id}", partition(region))
}

/// Reads the ARN of a managed policy.
pub(crate) fn managed_policy(text: &str) -> Option<PolicyName> {
    let (account, relative) = Arn::of_iam(text)?;
    let (path, name) = identity(relative, "policy", relative.strip_prefix("policy/")?)?;
    match account {
        "aws" => Some(PolicyName::system(path, name)),
        _ if is_account(account) => {
            Some(PolicyName { account: Some(account.to_owned()), ..PolicyName::custom(path, name) })
        }
        _ => None,
    }
}

/// Where the caller is.
pub(crate) fn home(caller: &Caller) -> Home<'_> {
    Home { partition: caller.partition, account: &caller.account }
}

/// The caller as policies and messages name it.
pub(crate) fn principal(caller: &Caller) -> OwnedPrincipal {
    let home = home(caller);
    let named = |kind, arn: String, role_arn| OwnedPrincipal {
        kind,
        display: arn.clone(),
        arn,
        role_arn,
        recorded: OnceLock::new(),
    };
    match &caller.principal {
        Principal::Owner => named(PrincipalKind::Owner, home.owner(), None),
        Principal::User { id: _, name, path } => named(PrincipalKind::User, home.user(path, name), None),
        Principal::RoleSession { id: _, name, path, session } => {
            named(PrincipalKind::RoleSession, home.session(name, session), Some(home.role(path, name)))
        }
    }
}

/// The ARN that `aws:PrincipalArn` holds: of the role, for a session.
pub(crate) fn principal_arn(caller: &Caller) -> String {
    let OwnedPrincipal { arn, role_arn, .. } = principal(caller);
    role_arn.unwrap_or(arn)
}

/// The unique identifier of the caller: `aws:userid`.
pub(crate) fn principal_id(caller: &Caller) -> String {
    match &caller.principal {
        Principal::Owner => caller.account.to_string(),
        Principal::User { id, .. } => id.clone(),
        Principal::RoleSession { id, session, .. } => format!("{id}:{session}"),
    }
}

/// What an ARN of a partition of [`HOMES`] says.
struct Arn<'a> {
    partition: &'a str,
    service: &'a str,
    region: &'a str,
    account: &'a str,
    relative: &'a str,
}

impl<'a> Arn<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':');
        let mut part = || parts.next();
        let (partition, service, region, account, relative) = (part()?, part()?, part()?, part()?, part()?);
        let is_known = HOMES.iter().any(|home| self::partition(home) == partition);
        is_known.then_some(Self { partition, service, region, account, relative })
    }

    /// Account and the rest of a name of IAM.
    fn of_iam(text: &'a str) -> Option<(&'a str, &'a str)> {
        match Self::read(text)? {
            Self { service: "iam", region: "", account, relative, .. } => Some((account, relative)),
            _ => None,
        }
    }
}

/// The region of an ARN; empty when it has none.
pub(crate) fn region_of(arn: &str) -> &str {
    arn.split(':').nth(3).unwrap_or_default()
}

/// Whether the ARN names something of KMS.
pub(crate) fn is_of_kms(arn: &str) -> bool {
    Arn::read(arn).is_some_and(|arn| arn.service == "kms")
}

/// Whether the ARN names an alias.
pub(crate) fn is_alias(arn: &str) -> bool {
    arn.splitn(6, ':').nth(5).is_some_and(|name| name.starts_with(ALIAS))
}

/// Whether the ARN names a key.
pub(crate) fn is_key(arn: &str) -> bool {
    is_of_kms(arn) && arn.splitn(6, ':').nth(5).is_some_and(|name| name.starts_with("key/"))
}

/// Whether the ARN names a managed policy.
pub(crate) fn is_policy(arn: &str) -> bool {
    arn.splitn(6, ':').nth(5).is_some_and(|name| name.starts_with("policy/"))
}

/// Reads the name of a key: identifier, ARN, alias or ARN of an alias.
///
/// # Errors
/// [`Kind::NotFound`] for a text that can name no key, [`Kind::InvalidArn`] for an ARN of something else.
pub(crate) fn key(text: &str) -> Result<Reference> {
    if text.starts_with("arn:") {
        return by_arn(text);
    }
    match text.starts_with(ALIAS) {
        true if is_alias_name(text) => Ok(Reference::alias(text)),
        false if is_key_id(text) => Ok(Reference::id(text)),
        _ => Err(no_key(text)),
    }
}

/// The name of a key as a request has it.
///
/// # Errors
/// [`Kind::Unsupported`] for a key that is named by a version of it.
pub(crate) fn key_name(reference: &Reference) -> Result<Cow<'_, str>> {
    let Reference { account, region, by } = reference;
    let (item, id) = match by {
        By::Id(id) => ("key/", id),
        By::Alias(alias) => ("", alias),
        By::Version(_) => return Err(Kind::Unsupported.because("AWS names no key by a version of it")),
    };
    match (account, region) {
        (Some(account), Some(region)) => {
            Ok(format!("arn:{}:kms:{region}:{account}:{item}{id}", partition(region)).into())
        }
        _ => Ok(id.into()),
    }
}

/// Reads the name of a key where aliases are not taken: identifier or ARN.
///
/// # Errors
/// As [`key`]; an alias names no key here.
pub(crate) fn key_without_alias(text: &str) -> Result<Reference> {
    let reference = key(text)?;
    match reference.by {
        By::Id(_) => Ok(reference),
        By::Alias(_) | By::Version(_) => Err(no_key(text)),
    }
}

/// Reads the name of an alias that the caller may make, move or remove.
///
/// # Errors
/// [`Kind::Invalid`] without the prefix, [`Kind::InvalidAlias`] for a name that AWS keeps for itself.
pub(crate) fn own_alias(name: &str) -> Result<String> {
    const PREFIX: &str = "Alias must start with the prefix \"alias/\". Please see \
                          https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html";
    match name.strip_prefix(ALIAS) {
        None | Some("") => Err(Kind::Invalid(Flaw::Format).verbatim(PREFIX)),
        Some(_) if name.starts_with(ALIAS_OF_AWS) => Err(Kind::InvalidAlias.about(name)),
        Some(_) => Ok(name.to_owned()),
    }
}

/// Reads the name of an alias that the caller may make: the pattern of the service model has a colon that names have not.
///
/// # Errors
/// As [`own_alias`], and [`Kind::Invalid`] for other characters.
pub(crate) fn new_alias(name: &str) -> Result<String> {
    let own = own_alias(name)?;
    match own.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte)) {
        true => Ok(own),
        false => {
            let message = format!("{name} contains invalid characters for an alias");
            Err(Kind::Invalid(Flaw::Characters).verbatim(message))
        }
    }
}

/// The paths of roles that are AWS's alone.
const RESERVED: [&str; 2] = ["/aws-service-role/", "/aws-reserved/"];

/// Whether a name is of a role that AWS alone may change.
pub(crate) fn is_reserved(arn: &str) -> bool {
    let relative = arn.splitn(6, ':').nth(5).and_then(|relative| relative.strip_prefix("role"));
    relative.is_some_and(|name| RESERVED.iter().any(|path| name.starts_with(path)))
}

/// The path of a role that the caller may make.
///
/// # Errors
/// [`Kind::NotApplicable`] for one that is AWS's.
pub(crate) fn own_path(path: String) -> Result<String> {
    match RESERVED.iter().find(|reserved| path.starts_with(**reserved)) {
        None => Ok(path),
        Some(reserved) => {
            let message = format!("Path prefix '{reserved}' can only be used for AWS Service linked Roles");
            Err(Kind::NotApplicable.verbatim(message))
        }
    }
}

/// Whether the text holds nothing but what an alias may.
pub(crate) fn is_alias_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":/_-".contains(&byte))
}

/// The full name of somebody whom a grant may be given to: an account, also by its number alone, a user, a role, or a
/// session.
pub(crate) fn grant_party(text: &str, region: &str) -> Option<String> {
    if is_account(text) {
        return Some(full_name(text, region, FullName::Owner));
    }
    match mentioned(text) {
        Mentioned::User { .. } | Mentioned::Role { .. } | Mentioned::Unrecorded => Some(text.to_owned()),
        Mentioned::Nobody if owned_by(text).is_some() => Some(text.to_owned()),
        Mentioned::Id(_) | Mentioned::Nobody => None,
    }
}

/// Whom a principal of a policy means.
pub(crate) fn mentioned(text: &str) -> Mentioned<'_> {
    if ["AIDA", "AROA"].iter().any(|kind| text.starts_with(kind)) {
        return Mentioned::Id(text);
    }
    let Some(Arn { service, region: "", account, relative, .. }) = Arn::read(text) else { return Mentioned::Nobody };
    if !is_account(account) {
        return Mentioned::Nobody;
    }
    match (service, relative.split_once('/')) {
        ("iam", Some(("user", rest))) => identity(relative, "user", rest)
            .map_or(Mentioned::Nobody, |(path, name)| Mentioned::User { account, path, name }),
        ("iam", Some(("role", rest))) => identity(relative, "role", rest)
            .map_or(Mentioned::Nobody, |(path, name)| Mentioned::Role { account, path: Some(path), name }),
        ("sts", Some(("assumed-role", rest))) => match rest.split_once('/') {
            Some((name, session)) if is_name(name) && is_name(session) => Mentioned::Role { account, path: None, name },
            _ => Mentioned::Nobody,
        },
        ("sts", Some(("federated-user", name))) if is_name(name) => Mentioned::Unrecorded,
        _ => Mentioned::Nobody,
    }
}

/// Reads the ARN of a user, group or role.
pub(crate) fn source(text: &str) -> Option<Source> {
    let (account, relative) = Arn::of_iam(text)?;
    let (kind, rest) = relative.split_once('/')?;
    let holder: fn(String) -> Holder = match kind {
        "user" => Holder::User,
        "group" => Holder::Group,
        "role" => Holder::Role,
        _ => return None,
    };
    let (path, name) = identity(relative, kind, rest).filter(|_| is_account(account))?;
    Some(Source {
        account: account.to_owned(),
        path: path.to_owned(),
        holder: holder(name.to_owned()),
        named: text.to_owned(),
    })
}

/// The account in the ARN of the owner of an account.
pub(crate) fn owned_by(text: &str) -> Option<&str> {
    let (account, _) = Arn::of_iam(text).filter(|(_, relative)| *relative == "root")?;
    is_account(account).then_some(account)
}

/// The account in an ARN.
pub(crate) fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| is_account(account))
}

/// Path and name of what follows the kind of an identity.
fn identity<'a>(relative: &'a str, kind: &str, rest: &str) -> Option<(&'a str, &'a str)> {
    let path = relative.strip_prefix(kind)?;
    let (_, name) = rest.rsplit_once('/').unwrap_or(("", rest));
    let (path, name) = path.split_at_checked(path.len() - name.len())?;
    (is_name(name) && path.bytes().all(|byte| byte.is_ascii_graphic())).then_some((path, name))
}

/// Whether the text has the form of a name of a user, role or session.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}

fn by_arn(text: &str) -> Result<Reference> {
    let wrong = || Kind::InvalidArn.about(text);
    let Some(Arn { partition: own, service: "kms", region, account, relative }) = Arn::read(text) else {
        return Err(wrong());
    };
    if own != partition(region) || !is_region(region) || !is_account(account) {
        return Err(wrong());
    }
    let by = match relative.strip_prefix("key/") {
        Some(id) if is_key_id(id) => By::Id(id.to_owned()),
        Some(id) => return Err(no_key(id)),
        None if relative.starts_with(ALIAS) && is_alias_name(relative) => By::Alias(relative.to_owned()),
        None => return Err(wrong()),
    };
    Ok(Reference { account: Some(account.to_owned()), region: Some(region.to_owned()), by })
}

fn no_key(text: &str) -> Error {
    Kind::NotFound(Noun::Key).verbatim(format!("Invalid keyId '{text}'"))
}

/// Whether the text has the form of a key identifier: a UUID, or `mrk-` and 32 hexadecimal digits.
fn is_key_id(text: &str) -> bool {
    if let Some(digits) = text.strip_prefix("mrk-") {
        return digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether it is the number of an account: twelve digits.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_region(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
    const ACCOUNT: &str = "111122223333";

    fn named(item: key::Item<'_>) -> String {
        of_keys(ACCOUNT, "eu-west-1", item)
    }

    fn identity_named(item: identity::Item<'_>) -> String {
        of_identities(ACCOUNT, "eu-west-1", item)
    }

    #[test]
    fn what_is_written_is_read_back() {
        let whole = |by| Reference { account: Some(ACCOUNT.into()), region: Some("eu-west-1".into()), by };
        assert_eq!(key(&named(key::Item::Key(ID))).unwrap(), whole(By::Id(ID.into())));
        assert_eq!(key(&named(key::Item::Alias("alias/a/b"))).unwrap(), whole(By::Alias("alias/a/b".into())));
        assert_eq!(key(ID).unwrap(), Reference::id(ID));
        assert_eq!(key("alias/a").unwrap(), Reference::alias("alias/a"));
        let multi = format!("mrk-{}", "0".repeat(32));
        assert_eq!(key(&multi).unwrap(), Reference::id(multi.as_str()));
    }

    #[test]
    fn a_text_that_names_no_key_is_said_to_be_none() {
        let long = format!("{ID}0");
        let in_arn = format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/x\u{1f}y");
        let none = ["fake-key-id", "134f2428cec14b25a1ae9048164dba47", "mrk-fake-key-id", "", "alias/\u{1f}", &long];
        for text in none {
            let error = key(text).unwrap_err();
            assert_eq!(error.kind(), Kind::NotFound(Noun::Key));
            assert_eq!(error.vendor_message(), Some(format!("Invalid keyId '{text}'").as_str()));
        }
        assert_eq!(key(&in_arn).unwrap_err().kind(), Kind::NotFound(Noun::Key));
        for text in [
            "arn:aws:iam::111122223333:user/a",
            "arn:aws:kms:eu-west-1:111:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws:kms:eu-west-1:111122223333:other/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws:kms:eu\u{1f}west:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws:kms:EU:111122223333:alias/a",
            "arn:",
        ] {
            assert_eq!(key(text).unwrap_err().kind(), Kind::InvalidArn, "{text}");
        }
    }

    #[test]
    fn an_alias_is_no_name_where_only_identifiers_are_taken() {
        for text in ["alias/a", "arn:aws:kms:eu-west-1:111122223333:alias/a"] {
            let error = key_without_alias(text).unwrap_err();
            assert_eq!(error.vendor_message(), Some(format!("Invalid keyId '{text}'").as_str()));
        }
        assert!(key_without_alias(ID).is_ok());
    }

    #[test]
    fn aliases_need_their_prefix_and_leave_those_of_aws_alone() {
        assert_eq!(own_alias("alias/a").unwrap(), "alias/a");
        assert_eq!(own_alias("alias/awsome").unwrap(), "alias/awsome");
        for text in ["a", "alias/", "ALIAS/a"] {
            let error = own_alias(text).unwrap_err();
            assert_eq!(
                error.vendor_message().unwrap(),
                "Alias must start with the prefix \"alias/\". Please see \
                 https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
            );
        }
        assert_eq!(own_alias("alias/aws/s3").unwrap_err().kind(), Kind::InvalidAlias);
    }

    #[test]
    fn new_aliases_are_letters_digits_and_a_few_signs() {
        assert_eq!(new_alias("alias/a/B_9-").unwrap(), "alias/a/B_9-");
        for text in ["alias/my:alias", "alias/:", "alias/a b", "alias/é"] {
            let error = new_alias(text).unwrap_err();
            assert_eq!(error.vendor_message().unwrap(), format!("{text} contains invalid characters for an alias"));
        }
        assert_eq!(new_alias("alias/aws/x:y").unwrap_err().kind(), Kind::InvalidAlias);
    }

    #[test]
    fn roles_below_the_paths_of_aws_are_its_own() {
        for path in ["/aws-service-role/x.amazonaws.com/", "/aws-reserved/sso.amazonaws.com/", "/aws-reserved/"] {
            let role = identity_named(identity::Item::Role(path, "r"));
            assert!(is_reserved(&role), "{role}");
            assert_eq!(own_path(path.to_owned()).unwrap_err().kind(), Kind::NotApplicable);
        }
        for path in ["/", "/aws-service-roles/", "/service-role/", "/x/aws-reserved/"] {
            assert!(!is_reserved(&identity_named(identity::Item::Role(path, "r"))), "{path}");
            assert_eq!(own_path(path.to_owned()).unwrap(), path);
        }
        assert!(!is_reserved(&identity_named(identity::Item::User("/aws-reserved/", "u"))));
    }

    #[test]
    fn identities_are_named_with_their_path() {
        assert_eq!(identity_named(identity::Item::User("/", "a")), "arn:aws:iam::111122223333:user/a");
        assert_eq!(identity_named(identity::Item::Role("/x/y/", "r")), "arn:aws:iam::111122223333:role/x/y/r");
        assert_eq!(
            identity_named(identity::Item::SystemPolicy("/", "AdministratorAccess")),
            "arn:aws:iam::aws:policy/AdministratorAccess"
        );
        assert_eq!(identity_named(identity::Item::Owner), "arn:aws:iam::111122223333:root");
        assert_eq!(named(key::Item::Keys), "*");
    }

    #[test]
    fn a_principal_of_a_policy_says_what_to_look_up() {
        let user = |path, name| Mentioned::User { account: ACCOUNT, path, name };
        let role = |path, name| Mentioned::Role { account: ACCOUNT, path, name };
        for (text, meant) in [
            ("arn:aws:iam::111122223333:user/a", user("/", "a")),
            ("arn:aws:iam::111122223333:user/x/y/a", user("/x/y/", "a")),
            ("arn:aws:iam::111122223333:role/r", role(Some("/"), "r")),
            ("arn:aws:iam::111122223333:role/x/r", role(Some("/x/"), "r")),
            ("arn:aws:sts::111122223333:assumed-role/r/s", role(None, "r")),
            ("arn:aws:sts::111122223333:federated-user/f", Mentioned::Unrecorded),
            ("arn:aws:iam::111122223333:group/g", Mentioned::Nobody),
            ("arn:aws:iam::111122223333:user/", Mentioned::Nobody),
            ("arn:aws:iam::111122223333:user/a\u{1f}b", Mentioned::Nobody),
            ("arn:aws:iam::11:user/a", Mentioned::Nobody),
            ("AIDACKCEVSQ6C2EXAMPLE", Mentioned::Id("AIDACKCEVSQ6C2EXAMPLE")),
            ("AROACKCEVSQ6C2EXAMPLE", Mentioned::Id("AROACKCEVSQ6C2EXAMPLE")),
            ("AGPACKCEVSQ6C2EXAMPLE", Mentioned::Nobody),
            ("arn:aws:sts::111122223333:assumed-role/r", Mentioned::Nobody),
        ] {
            assert_eq!(mentioned(text), meant, "{text}");
        }
    }

    #[test]
    fn the_arn_of_a_policy_says_whose_it_is() {
        let own =
            |path: &str, name: &str| PolicyName { account: Some(ACCOUNT.into()), ..PolicyName::custom(path, name) };
        for (text, name) in [
            ("arn:aws:iam::111122223333:policy/a", own("/", "a")),
            ("arn:aws:iam::111122223333:policy/x/y/a", own("/x/y/", "a")),
            ("arn:aws:iam::aws:policy/AdministratorAccess", PolicyName::system("/", "AdministratorAccess")),
        ] {
            assert_eq!(managed_policy(text), Some(name), "{text}");
        }
        for text in [
            "arn:aws:iam::111122223333:role/a",
            "arn:aws:iam::111122223333:policy/",
            "arn:aws:iam::111122223333:policya",
            "arn:aws:iam::111122223333:policy/x\u{1f}/a",
            "arn:aws:iam::1:policy/a",
            "arn:aws:s3::111122223333:policy/a",
            "policy/a",
        ] {
            assert_eq!(managed_policy(text), None, "{text}");
        }
    }

    #[test]
    fn arns_are_told_apart() {
        assert!(is_alias("arn:aws:kms:eu-west-1:111122223333:alias/a"));
        assert!(is_key(&named(key::Item::Key(ID))) && !is_alias(&named(key::Item::Key(ID))) && !is_key("*"));
        assert!(is_policy("arn:aws:iam::111122223333:policy/x/p") && !is_policy(&named(key::Item::Key(ID))));
        assert_eq!(region_of(&named(key::Item::Key(ID))), "eu-west-1");
        assert_eq!(region_of("*"), "");
    }
}
