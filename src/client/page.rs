//! Lists as streams: the next part is asked for when it is wanted.

use std::collections::VecDeque;
use std::pin::Pin;

use futures_util::Stream;
use futures_util::stream::try_unfold;
use polykms_core::dialect::client::Result;
use polykms_core::list::{Limit, Listed, Paging};
use polykms_core::operation::Operation;

use super::Request;

/// What is on a list, item by item; the first error is the last item.
pub type Paged<T> = Pin<Box<dyn Stream<Item = Result<T>> + Send>>;

/// How many items are asked for at once: no list of either cloud has a smaller limit.
const AT_ONCE: usize = 100;

/// How far a list was read.
struct Reading<T> {
    items: VecDeque<T>,
    next: Option<Paging>,
}

/// The items of a list that an operation tells part by part.
pub(super) fn paged<O: Operation, T: Send + 'static>(
    part: impl Fn(Paging) -> Request<O> + Send + Sync + 'static,
    listed: fn(O::Output) -> Listed<T>,
) -> Paged<T> {
    let reading = Reading { items: VecDeque::new(), next: Some(first_page(&part)) };
    Box::pin(try_unfold((part, reading), move |(part, mut reading)| async move {
        loop {
            if let Some(item) = reading.items.pop_front() {
                return Ok(Some((item, (part, reading))));
            }
            let Some(paging) = reading.next.take() else { return Ok(None) };
            let told = listed(part(paging).await?);
            reading.next = following(&told);
            reading.items = told.items.into();
        }
    }))
}

/// Where a list begins, in the way that the cloud numbers its parts.
fn first_page<O: Operation>(part: impl Fn(Paging) -> Request<O>) -> Paging {
    let (marked, numbered) = (marked(None), Paging::Number { page: 1, size: AT_ONCE });
    match part(marked.clone()).can_be_asked() {
        true => marked,
        false => numbered,
    }
}

fn marked(marker: Option<String>) -> Paging {
    Paging::Marker { marker, limit: Limit::new(AT_ONCE, AT_ONCE) }
}

/// Where to go on after a part, if there is more.
fn following<T>(told: &Listed<T>) -> Option<Paging> {
    match told.numbered {
        Some(at) if at.page.saturating_mul(at.size) < at.total && !told.items.is_empty() => {
            Some(Paging::Number { page: at.page + 1, size: at.size })
        }
        Some(_) => None,
        None => told.next.clone().map(|next| marked(Some(next))),
    }
}
