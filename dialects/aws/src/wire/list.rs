//! Lists: which part of one a request wants, and which part an answer tells.

use std::borrow::Cow;

use polykms_core::error::{Kind, Result};
use polykms_core::list::{Limit, Listed, Paging};

use super::heard::{had, unreadable};

/// The part of a list that a request wants: as many items as it asks for, but no more than the operation gives.
pub(crate) fn paging(limit: Option<i64>, marker: Option<Cow<'_, str>>, most: usize) -> Paging {
    let asked = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(most);
    Paging::Marker { marker: marker.map(Cow::into_owned), limit: Limit::new(asked, most) }
}

/// The limit and the marker of a request for a part of a list.
///
/// # Errors
/// [`Kind::Unsupported`] for a page by its number.
pub(crate) fn part(paging: &Paging) -> Result<(Option<i64>, Option<Cow<'_, str>>)> {
    match paging {
        Paging::Marker { marker, limit } => Ok((i64::try_from(limit.asked).ok(), marker.as_deref().map(Cow::from))),
        Paging::Number { .. } => Err(Kind::Unsupported.because("AWS has no numbered pages")),
    }
}

/// The part of a list that an answer tells.
///
/// # Errors
/// Those of the items; [`Kind::Unreadable`] when the answer does not say, or not clearly, whether there is more.
pub(crate) fn heard<T, U>(
    items: Option<Vec<T>>,
    more: Option<bool>,
    next: Option<Cow<'_, str>>,
    item: impl FnMut(T) -> Result<U>,
) -> Result<Listed<U>> {
    let items: Vec<U> = had(items)?.into_iter().map(item).collect::<Result<_>>()?;
    Ok(Listed { items, next: going_on(more, next)?, numbered: None })
}

/// Where a list goes on, if there is more. An answer that does not say so has no more, as for the vendor's SDKs.
///
/// # Errors
/// [`Kind::Unreadable`] when the answer says that there is more and not where, or the converse.
pub(crate) fn going_on(more: Option<bool>, next: Option<Cow<'_, str>>) -> Result<Option<String>> {
    match more.unwrap_or_default() == next.is_some() {
        true => Ok(next.map(Cow::into_owned)),
        false => Err(unreadable("the answer does not say clearly whether there is more")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn pages_are_cut_to_what_the_operation_gives() {
        let size = |asked| match paging(Some(asked), None, 100) {
            Paging::Marker { limit, .. } => limit.size(),
            Paging::Number { .. } => panic!("a numbered page"),
        };
        assert_eq!((size(7), size(1000)), (7, 100));
    }
}
