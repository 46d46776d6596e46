//! What a client hears: members that an answer has to have, as the core has them.

use std::borrow::Cow;
use std::sync::Arc;

use polykms_core::dialect::message::Blob;
use polykms_core::error::{Error, Kind, Result};
use polykms_core::key::{By, Provenance, Reference};

use crate::resource;

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

/// Which of all these values a word of an answer stands for.
///
/// # Errors
/// As [`had`]; [`Kind::Unsupported`] for a word that stands for none of them.
pub(crate) fn one_of<T: Copy>(all: &[T], word: fn(T) -> &'static str, told: Option<Cow<'_, str>>) -> Result<T> {
    let told = had(told)?;
    let found = all.iter().copied().find(|one| word(*one) == told);
    found.ok_or_else(|| Kind::Unsupported.because("the answer tells of what is not built here").naming(told))
}

/// Sees to it that a member says what else the answer means, or all that there is, if it is there: the vendor's model lets
/// answers do without it.
///
/// # Errors
/// [`Kind::Unsupported`] when it says something else.
pub(crate) fn agrees<T: PartialEq<U>, U>(member: Option<T>, said: U) -> Result<()> {
    match member.is_none_or(|told| told == said) {
        true => Ok(()),
        false => Err(Kind::Unsupported.because("the answer tells of what is not built here")),
    }
}

/// The bytes of a member that the answer has to have.
///
/// # Errors
/// As [`had`].
pub(crate) fn bytes(member: Option<Blob<'_>>) -> Result<Vec<u8>> {
    had(member).map(Blob::into_bytes)
}

/// What made a ciphertext, by the ARN of the key and the name of its material.
///
/// # Errors
/// As [`had`]; [`Kind::Unreadable`] for an ARN of something else.
pub(crate) fn made(key: Option<Cow<'_, str>>, material: Option<Cow<'_, str>>) -> Result<Arc<Provenance>> {
    let arn = had(key)?;
    let Ok(Reference { by: By::Id(key_id), .. }) = resource::key(&arn) else {
        return Err(unreadable("the answer names no key"));
    };
    let material = material.map(Cow::into_owned);
    Ok(Arc::new(Provenance { arn: Some(Arc::from(&*arn)), key_id, version: None, material }))
}
