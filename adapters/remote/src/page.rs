//! Pages of a server that are no calls of a cloud: nobody signs for them, and nobody is asked but that server.

use std::time::Duration;

use ::http::header::{CONTENT_TYPE, HeaderValue};
use ::http::{Method, Request, StatusCode};
use bytes::Bytes;
use polykms_core::dialect::client::{Kind, Result};
use reqwest::Url;

use super::http::{self, Failure};

const CONNECT: Duration = Duration::from_secs(3);
const WHOLE: Duration = Duration::from_secs(60);
/// The longest page that is read.
const LONGEST: usize = 64 * 1024 * 1024;

/// Reads a page, or posts JSON to it where there is a body: status and text. `roots` is PEM of authorities to trust beside
/// those of the system.
///
/// # Errors
/// [`Kind::Config`] for what is no URL, [`Kind::Transport`], [`Kind::Timeout`] and [`Kind::Unexpected`] when there is no
/// answer, or a too long one.
pub async fn page(url: &str, body: Option<Vec<u8>>, roots: &[u8]) -> Result<(StatusCode, Bytes)> {
    let url: Url = url.parse().map_err(|_| Kind::Config.because("this is no URL"))?;
    let unmade = |_| Kind::Config.because("an HTTP client cannot be made of these settings");
    let client = http::near(&http::tls(roots)?, CONNECT).timeout(WHOLE).build().map_err(unmade)?;
    let target = [url.path(), url.query().map(|_| "?").unwrap_or_default(), url.query().unwrap_or_default()].concat();
    let method = if body.is_some() { Method::POST } else { Method::GET };
    let request = Request::builder().method(method).uri(target);
    let request = request.header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let request = request.body(Bytes::from(body.unwrap_or_default()));
    let request = request.map_err(|_| Kind::Config.because("this is no URL"))?;
    let answer = http::send(&client, &url, request.into(), LONGEST).await.map_err(|failure| match failure {
        Failure::Unconnected => Kind::Transport.because("the server cannot be reached"),
        Failure::Slow => Kind::Timeout.because("the server did not answer in time"),
        Failure::Broken => Kind::Transport.because("the connection broke"),
        Failure::TooLong => Kind::Unexpected.because("the answer is longer than what is read"),
    })?;
    Ok((answer.status(), answer.into_body()))
}
