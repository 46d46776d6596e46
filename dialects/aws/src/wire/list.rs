//! Lists: which part of one a request wants, and which part an answer tells.

use std::borrow::Cow;

use polykms_core::error::{Kind, Result};
use polykms_core::list::{Listed, Paging};

/// How many items a page may have: what was asked for, but no more than the operation gives.
pub(crate) fn page_size(limit: Option<i64>, default: usize, most: usize) -> usize {
    limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(default).min(most)
}

/// The part of a list that a request wants.
pub(crate) fn paging(limit: Option<i64>, marker: Option<Cow<'_, str>>, default: usize, most: usize) -> Paging {
    Paging::Marker { marker: marker.map(Cow::into_owned), limit: page_size(limit, default, most) }
}

/// The limit and the marker of a request for a part of a list.
///
/// # Errors
/// [`Kind::Unsupported`] for a page by its number.
pub(crate) fn part(paging: &Paging) -> Result<(Option<i64>, Option<Cow<'_, str>>)> {
    match paging {
        Paging::Marker { marker, limit } => Ok((i64::try_from(*limit).ok(), marker.as_deref().map(Cow::from))),
        Paging::Number { .. } => Err(Kind::Unsupported.because("AWS has no numbered pages")),
    }
}

/// The part of a list that an answer tells.
///
/// # Errors
/// Those of the items.
pub(crate) fn heard<T, U>(
    items: Option<Vec<T>>,
    next: Option<Cow<'_, str>>,
    item: impl FnMut(T) -> Result<U>,
) -> Result<Listed<U>> {
    let items: Vec<U> = items.unwrap_or_default().into_iter().map(item).collect::<Result<_>>()?;
    Ok(Listed { items, next: next.map(Cow::into_owned), numbered: None })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn pages_are_cut_to_what_the_operation_gives() {
        assert_eq!(page_size(None, 50, 100), 50);
        assert_eq!(page_size(Some(7), 50, 100), 7);
        assert_eq!(page_size(Some(1000), 50, 100), 100);
    }
}
