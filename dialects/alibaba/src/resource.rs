//! The full names of Alibaba Cloud: `acs:<service>:<region>:<account>:<resource>`, written and read.
//!
//! Follows the RAM authorization tables of KMS, RAM and STS. Containers (`…:key`) and items (`…:key/<id>`) are different
//! names; RAM leaves the region open in what it asks policies (`acs:ram:*:…`) and empty in what it tells callers
//! (`acs:ram::…`).

use std::borrow::Cow;

use polykms_core::error::{Kind, Result};
use polykms_core::identity::{self, FullName};
use polykms_core::key::{self, By, Reference};

/// What every alias begins with.
pub(crate) const ALIAS: &str = "alias/";

/// The longest key or version identifier that is looked up.
const LONGEST_ID: usize = 64;

/// The longest alias, with its prefix.
const LONGEST_ALIAS: usize = 255;

/// The name that policies know a key or alias by.
pub(crate) fn of_keys(account: &str, region: &str, item: key::Item<'_>) -> String {
    let kms = |relative: &str, id: &str| ["acs:kms:", region, ":", account, ":", relative, id].concat();
    match item {
        key::Item::Everything => "*".to_owned(),
        key::Item::Keys => kms("key", ""),
        key::Item::Key(id) => kms("key/", id),
        key::Item::Aliases => kms("alias", ""),
        key::Item::Alias(alias) => kms("", alias),
    }
}

/// The name that policies know an identity by.
pub(crate) fn of_identities(account: &str, _: &str, item: identity::Item<'_>) -> String {
    use identity::Item;
    let ram = |relative: &str, name: &str| ["acs:ram:*:", account, ":", relative, name].concat();
    match item {
        Item::Everything => "*".to_owned(),
        Item::Owner => ram("*", ""),
        Item::Users | Item::NewUser(..) => ram("user/", "*"),
        Item::User(_, name) => ram("user/", name),
        Item::Groups | Item::NewGroup(..) => ram("group/", "*"),
        Item::Group(_, name) => ram("group/", name),
        Item::Roles | Item::NewRole(..) => ram("role/", "*"),
        Item::Role(_, name) => ram("role/", name),
        Item::Policies | Item::NewPolicy(..) => ram("policy/", "*"),
        Item::Policy(_, name) => ram("policy/", name),
        Item::SystemPolicy(_, name) => ["acs:ram:*:system:policy/", name].concat(),
    }
}

/// The name that RAM and STS tell callers: `acs:ram::<account>:<relative>`.
pub(crate) fn told(account: &str, relative: &str) -> String {
    ["acs:ram::", account, ":", relative].concat()
}

/// The full name of an identity.
pub(crate) fn full_name(account: &str, _: &str, name: FullName<'_>) -> String {
    match name {
        FullName::Owner => told(account, "root"),
        FullName::User(_, name) => told(account, &["user/", name].concat()),
        FullName::Group(_, name) => told(account, &["group/", name].concat()),
        FullName::Role(_, name) => told(account, &["role/", name].concat()),
        FullName::Policy(_, name) => told(account, &["policy/", name].concat()),
        FullName::SystemPolicy(_, name) => told("system", &["policy/", name].concat()),
        FullName::Started(role, session) => told(account, &["role/", role, "/", session].concat()),
        FullName::Session(role, session) => told(account, &["assumed-role/", role, "/", session].concat()),
    }
}

/// What a parameter says of a key: an identifier, an alias, or the full name of either.
///
/// `None` for a text that names no key, whatever exists.
pub(crate) fn key(text: &str) -> Option<Reference> {
    match text.strip_prefix("acs:") {
        None => by(text).map(|by| Reference { account: None, region: None, by }),
        Some(rest) => {
            let mut segments = rest.splitn(4, ':');
            let (service, region, account) = (segments.next()?, segments.next()?, segments.next()?);
            let relative = segments.next()?;
            let known = service == "kms" && is_name(region) && is_name(account);
            let by = match relative.strip_prefix("key/") {
                Some(id) => By::Id(identifier(id)?),
                None => By::Alias(alias(relative)?),
            };
            known.then(|| Reference { account: Some(account.to_owned()), region: Some(region.to_owned()), by })
        }
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
        By::Version(_) => return Err(Kind::Unsupported.because("Alibaba Cloud names no key by a version of it")),
    };
    match (account, region) {
        (Some(account), Some(region)) => Ok(format!("acs:kms:{region}:{account}:{item}{id}").into()),
        _ => Ok(id.into()),
    }
}

fn by(text: &str) -> Option<By> {
    if text.starts_with(ALIAS) { alias(text).map(By::Alias) } else { identifier(text).map(By::Id) }
}

/// An alias with its prefix, of at most 255 characters out of letters, digits, `_`, `-` and `/`.
pub(crate) fn alias(text: &str) -> Option<String> {
    let rest = text.strip_prefix(ALIAS)?;
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/');
    let fits = !rest.is_empty() && text.len() <= LONGEST_ALIAS && rest.bytes().all(known);
    fits.then(|| text.to_owned())
}

/// An identifier of a key or version.
pub(crate) fn identifier(text: &str) -> Option<String> {
    is_name(text).then(|| text.to_owned())
}

/// The account and name of a role by its full name: `acs:ram::<account>:role/<name>`.
///
/// The name may be in any case; whether it is another one's is not asked here.
pub(crate) fn role(text: &str) -> Option<(&str, &str)> {
    let (account, name) = text.strip_prefix("acs:ram::")?.split_once(":role/")?;
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let fits = is_name(account) && (1..=LONGEST_ID).contains(&name.len()) && name.bytes().all(known);
    fits.then_some((account, name))
}

/// Whether the text can be an identifier, a region or an account: bounded, of letters, digits and hyphens.
pub(crate) fn is_name(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(known)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn named(item: key::Item<'_>) -> String {
        of_keys("1000000000000000", "cn-hangzhou", item)
    }

    fn identity_named(item: identity::Item<'_>) -> String {
        of_identities("1000000000000000", "cn-hangzhou", item)
    }

    #[test]
    fn containers_and_items_have_different_names() {
        assert_eq!(named(key::Item::Keys), "acs:kms:cn-hangzhou:1000000000000000:key");
        assert_eq!(named(key::Item::Key("k")), "acs:kms:cn-hangzhou:1000000000000000:key/k");
        assert_eq!(named(key::Item::Aliases), "acs:kms:cn-hangzhou:1000000000000000:alias");
        assert_eq!(named(key::Item::Alias("alias/a")), "acs:kms:cn-hangzhou:1000000000000000:alias/a");
        assert_eq!(named(key::Item::Everything), "*");
    }

    #[test]
    fn ram_names_leave_the_region_open() {
        assert_eq!(identity_named(identity::Item::User("/", "u")), "acs:ram:*:1000000000000000:user/u");
        assert_eq!(identity_named(identity::Item::Users), "acs:ram:*:1000000000000000:user/*");
        assert_eq!(identity_named(identity::Item::Owner), "acs:ram:*:1000000000000000:*");
        assert_eq!(identity_named(identity::Item::SystemPolicy("/", "P")), "acs:ram:*:system:policy/P");
        assert_eq!(told("1", "role/r"), "acs:ram::1:role/r");
    }

    #[test]
    fn a_key_is_named_in_four_forms() {
        let full = |by| Reference { account: Some("1".into()), region: Some("r".into()), by };
        assert_eq!(
            key("0b30658a-ed1a-4922-b8f7-a673ca9c0000").unwrap(),
            Reference::id("0b30658a-ed1a-4922-b8f7-a673ca9c0000")
        );
        assert_eq!(key("alias/a/b").unwrap(), Reference::alias("alias/a/b"));
        assert_eq!(key("acs:kms:r:1:key/k").unwrap(), full(By::Id("k".into())));
        assert_eq!(key("acs:kms:r:1:alias/a").unwrap(), full(By::Alias("alias/a".into())));
    }

    #[test]
    fn what_cannot_name_a_key_is_refused() {
        for text in [
            "",
            "a b",
            "a\u{1f}b",
            "alias/",
            "alias/a b",
            "acs:kms:r:1:key/",
            "acs:kms:r:1:key",
            "acs:kms:r::key/k",
            "acs:kms::1:key/k",
            "acs:ram:r:1:key/k",
            "acs:kms:r:1:secret/s",
            "acs:kms:r:1:key/k/v",
            "arn:aws:kms:r:1:key/k",
        ] {
            assert_eq!(key(text), None, "{text:?}");
        }
        assert_eq!(key(&"k".repeat(65)), None);
        assert_eq!(key(&format!("alias/{}", "a".repeat(250))), None);
        assert!(key(&format!("alias/{}", "a".repeat(249))).is_some());
    }
}
