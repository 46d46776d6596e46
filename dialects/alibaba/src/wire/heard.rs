//! What a client hears: members that an answer has to have, as the core has them.

use std::borrow::Cow;
use std::sync::Arc;

use polykms_core::dialect::message::Blob;
use polykms_core::error::{Error, Kind, Result};
use polykms_core::key::{Provenance, Words};
use polykms_core::list::{Listed, Numbered};

/// The value of a member that the answer has to have.
///
/// # Errors
/// [`Kind::Unreadable`] when it is not there.
pub(crate) fn had<T>(member: Option<T>) -> Result<T> {
    member.ok_or_else(|| unreadable("the answer lacks a member"))
}

/// An answer that is none to the request.
pub(crate) fn unreadable(why: &'static str) -> Error {
    Kind::Unreadable.because(why)
}

/// The text of a member that the answer has to have.
///
/// # Errors
/// As [`had`].
pub(crate) fn text(member: Option<Cow<'_, str>>) -> Result<String> {
    had(member).map(Cow::into_owned)
}

/// Sees to it that a member says what else the answer means, or all that there is.
///
/// # Errors
/// As [`had`]; [`Kind::Unsupported`] when it says something else.
pub(crate) fn agrees<T: PartialEq<U>, U>(member: Option<T>, said: U) -> Result<()> {
    match had(member)? == said {
        true => Ok(()),
        false => Err(Kind::Unsupported.because("the answer tells of what is not built here")),
    }
}

/// The value that a member's word stands for.
///
/// # Errors
/// As [`had`], also when the word is not known.
pub(crate) fn word<T: Copy>(words: Words<T>, member: Option<Cow<'_, str>>) -> Result<T> {
    words.value(&had(member)?).ok_or_else(|| unreadable("the answer has a word that is not known"))
}

/// The bytes of a member that the answer has to have.
///
/// # Errors
/// As [`had`].
pub(crate) fn bytes(member: Option<Blob<'_>>) -> Result<Vec<u8>> {
    had(member).map(Blob::into_bytes)
}

/// What made a ciphertext, by the identifiers of key and version.
///
/// # Errors
/// As [`had`].
pub(crate) fn made(key_id: Option<Cow<'_, str>>, version: Option<Cow<'_, str>>) -> Result<Arc<Provenance>> {
    Ok(Arc::new(Provenance { key_id: text(key_id)?, version: Some(text(version)?), ..Provenance::default() }))
}

/// A page of a list, each item as the core has it.
///
/// # Errors
/// As [`had`], and what an item cannot be read for.
pub(crate) fn page<T, U>(
    items: Option<Vec<T>>,
    [number, size, total]: [Option<i64>; 3],
    read: impl FnMut(T) -> Result<U>,
) -> Result<Listed<U>> {
    let whole = |number| usize::try_from(had(number)?).map_err(|_| unreadable("a list has less than nothing"));
    Ok(Listed {
        items: had(items)?.into_iter().map(read).collect::<Result<_>>()?,
        next: None,
        numbered: Some(Numbered { page: whole(number)?, size: whole(size)?, total: whole(total)? }),
    })
}

/// A part of a list, each item as the core has it.
///
/// # Errors
/// What an item cannot be read for; [`Kind::Unreadable`] when the answer says that there is more and not where, or the
/// converse.
pub(crate) fn part<T, U>(
    items: Option<Vec<T>>,
    more: Option<bool>,
    next: Option<Cow<'_, str>>,
    read: impl FnMut(T) -> Result<U>,
) -> Result<Listed<U>> {
    if had(more)? != next.is_some() {
        return Err(unreadable("the answer does not say clearly whether there is more"));
    }
    Ok(Listed { next: next.map(Cow::into_owned), ..whole(items, read)? })
}

/// A whole list, each item as the core has it.
///
/// # Errors
/// As [`had`], and what an item cannot be read for.
pub(crate) fn whole<T, U>(items: Option<Vec<T>>, read: impl FnMut(T) -> Result<U>) -> Result<Listed<U>> {
    let items = had(items)?.into_iter().map(read).collect::<Result<_>>()?;
    Ok(Listed { items, next: None, numbered: None })
}
