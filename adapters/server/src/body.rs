//! A request's body, whole, never longer than the cap.
//!
//! # Invariants
//! - No more than the cap and one read is ever held.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HOST};
use http::request::Parts;
use http::{HeaderMap, Method, Version};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use crate::options::Limits;
use crate::refusal::Refusal;

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
pub(crate) async fn read(body: Incoming, limits: &Limits) -> Result<Bytes, Refusal> {
    match body.is_end_stream() {
        true => Ok(Bytes::new()),
        false => in_time(pin!(collect(body, limits.body)), limits.body_time).await,
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

async fn collect(mut body: Incoming, cap: usize) -> Result<Bytes, Refusal> {
    let first = next(&mut body).await?;
    if first.len() > cap {
        return Err(Refusal::TooLarge);
    }
    if body.is_end_stream() {
        return Ok(first); // the usual case: one read, no copy
    }
    let mut whole = BytesMut::from(first);
    loop {
        let more = next(&mut body).await?;
        if more.is_empty() {
            return Ok(whole.freeze());
        }
        if whole.len() + more.len() > cap {
            return Err(Refusal::TooLarge);
        }
        whole.extend_from_slice(&more);
    }
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
