//! What is answered where no dialect is asked: the transport's own refusals and the server's own pages.

use bytes::Bytes;
use http::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};

/// Why a request does not reach the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The method is one that no dialect has.
    Method,
    /// There is no `Host` header, or more than one, or the target names another (RFC 9112 section 3.2).
    Host,
    /// The host is not one of this server's.
    ForeignHost,
    /// A browser sent it for a page elsewhere.
    ForeignPage,
    /// The body is longer than the cap.
    TooLarge,
    /// The body is compressed.
    ContentEncoding,
    /// The body did not come in time.
    Slow,
    /// The body ended early, or its framing is wrong.
    Broken,
    /// The address it came from holds too much memory already with requests that are not whole.
    Greedy,
    /// All together do.
    Full,
}

impl Refusal {
    /// The answer; the connection ends with it, since the rest of the body is not read.
    pub(crate) fn response(self) -> Response<Bytes> {
        let (status, body) = match self {
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                r#"{"error":{"code":"MethodNotAllowed","message":"the method is not one that is served"}}"#,
            ),
            Self::Host => (
                StatusCode::BAD_REQUEST,
                r#"{"error":{"code":"BadRequest","message":"exactly one Host header is needed"}}"#,
            ),
            Self::ForeignHost => (
                StatusCode::FORBIDDEN,
                r#"{"error":{"code":"Forbidden","message":"the host is not one of this server's; --allow-host names further ones"}}"#,
            ),
            Self::ForeignPage => (
                StatusCode::FORBIDDEN,
                r#"{"error":{"code":"Forbidden","message":"requests of a browser are answered for pages of this server and of origins that --allow-origin names"}}"#,
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                r#"{"error":{"code":"PayloadTooLarge","message":"the body is longer than is taken"}}"#,
            ),
            Self::ContentEncoding => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                r#"{"error":{"code":"UnsupportedContentEncoding","message":"the body must not be compressed"}}"#,
            ),
            Self::Slow => (
                StatusCode::REQUEST_TIMEOUT,
                r#"{"error":{"code":"RequestTimeout","message":"the body did not come in time"}}"#,
            ),
            Self::Greedy => (
                StatusCode::TOO_MANY_REQUESTS,
                r#"{"error":{"code":"TooManyRequests","message":"too many large requests of this address are under way"}}"#,
            ),
            Self::Full => (
                StatusCode::SERVICE_UNAVAILABLE,
                r#"{"error":{"code":"ServiceUnavailable","message":"too many large requests are under way"}}"#,
            ),
            Self::Broken => {
                (StatusCode::BAD_REQUEST, r#"{"error":{"code":"BadRequest","message":"the body cannot be read"}}"#)
            }
        };
        let mut response = json(status, body);
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        if self == Self::Method {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
        }
        if matches!(self, Self::Greedy | Self::Full) {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// A response with a fixed JSON body.
pub(crate) fn json(status: StatusCode, body: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(body.as_bytes()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
