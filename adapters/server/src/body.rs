//! A request's body, whole, never longer than the cap.
//!
//! # Invariants
//! - No more than the cap and one read is ever held, and no more room than was announced or [`STEP`] beyond what has come.
//! - What is held beyond one read is counted first.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HOST};
use http::request::Parts;
use http::{HeaderMap, Method, Version};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use crate::options::Limits;
use crate::pending::Share;
use crate::refusal::Refusal;

/// How much room is made at once.
const STEP: usize = 64 * 1024;
/// What the buffer of a connection grows to while a body comes in.
const BUFFER: usize = 80 * 1024;

/// Whether the body of a request with this head is to be read.
///
/// # Errors
/// The refusal to answer with.
pub(crate) fn admit(head: &Parts, limits: &Limits) -> Result<(), Refusal> {
    if matches!(head.method, Method::CONNECT | Method::TRACE) {
        return Err(Refusal::Method);
    }
    if head.version == Version::HTTP_11 && head.headers.get_all(HOST).iter().count() != 1 {
        return Err(Refusal::Host);
    }
    if !is_plain(&head.headers) {
        return Err(Refusal::ContentEncoding);
    }
    if announced(&head.headers) > limits.body as u64 {
        return Err(Refusal::TooLarge);
    }
    Ok(())
}

/// The whole body.
///
/// # Errors
/// The refusal to answer with.
pub(crate) async fn read(body: Incoming, limits: &Limits, share: &mut Share) -> Result<Bytes, Refusal> {
    match body.is_end_stream() {
        true => Ok(Bytes::new()),
        false => in_time(pin!(collect(body, limits.body, share)), limits.body_time).await,
    }
}

/// The body, if it comes in time. It usually came with the head, and then needs no timer.
async fn in_time<F>(mut collecting: Pin<&mut F>, limit: Duration) -> Result<Bytes, Refusal>
where
    F: Future<Output = Result<Bytes, Refusal>>,
{
    match poll_fn(|cx| Poll::Ready(collecting.as_mut().poll(cx))).await {
        Poll::Ready(body) => body,
        Poll::Pending => Box::pin(tokio::time::timeout(limit, collecting)).await.unwrap_or(Err(Refusal::Slow)),
    }
}

fn is_plain(headers: &HeaderMap) -> bool {
    headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .all(|value| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity"))
}

fn announced(headers: &HeaderMap) -> u64 {
    headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0)
}

async fn collect(mut body: Incoming, cap: usize, share: &mut Share) -> Result<Bytes, Refusal> {
    let first = next(&mut body).await?;
    if first.len() > cap {
        return Err(Refusal::TooLarge);
    }
    if body.is_end_stream() {
        return Ok(first); // the usual case: one read, no copy
    }
    // Exact where the length was announced; a chunked body may be as long as any.
    let most = body.size_hint().upper().and_then(|left| usize::try_from(left).ok());
    let most = most.map_or(cap, |left| left.saturating_add(first.len())).min(cap);
    let mut whole = Vec::new();
    let mut more = first;
    while !more.is_empty() {
        if whole.len() + more.len() > cap {
            return Err(Refusal::TooLarge);
        }
        make_room(&mut whole, more.len(), most, share)?;
        whole.extend_from_slice(&more);
        more = next(&mut body).await?;
    }
    Ok(Bytes::from(whole))
}

/// Room for more of a body: a step at once, so that not every read moves what is there, and never beyond the whole.
fn make_room(whole: &mut Vec<u8>, more: usize, most: usize, share: &mut Share) -> Result<(), Refusal> {
    let needed = whole.len() + more;
    if needed > whole.capacity() {
        let room = needed.max((whole.len() + STEP).min(most));
        share.hold(room + BUFFER)?;
        whole.reserve_exact(room - whole.len());
    }
    Ok(())
}

/// The next bytes of the body; none at its end.
async fn next(body: &mut Incoming) -> Result<Bytes, Refusal> {
    while let Some(frame) = body.frame().await {
        match frame.map_err(|_| Refusal::Broken)?.into_data() {
            Ok(data) if data.is_empty() => {}
            Ok(data) => return Ok(data),
            Err(_trailers) => return Err(Refusal::Broken),
        }
    }
    Ok(Bytes::new())
}
