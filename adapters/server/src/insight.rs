//! The pages on which an emulator lets itself be looked into: what was decided, where requests are taken to come from, what
//! somebody could do, and what is there. They are below `/_polykms/`, and there are none where nothing controls the server.
//!
//! # Invariants
//! - Where other machines reach the emulator, these pages are for this machine alone: they name people and policies, and
//!   circumstances could be what a policy rests on.

use std::net::IpAddr;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, HeaderValue, ORIGIN};
use http::{Method, StatusCode};
use polykms_core::dialect::{Request, Response};
use polykms_core::engine::{Outcome, Wanted};
use polykms_core::error::{Error, Kind, Result};

use crate::answer::Answer;
use crate::refusal::json;
use crate::server::Shared;
use crate::service::{INTERNAL, NO_BROWSER, failed};

/// One of the pages, by its name below `/_polykms/` and its method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    /// What was decided lately.
    Decisions,
    /// The circumstances that requests are taken to come from.
    Circumstances,
    /// Other circumstances for an access key.
    Simulate,
    /// Whether somebody could do something.
    Can,
    /// Who could.
    WhoCan,
    /// Everything that is there, as a seed.
    Seed,
}

impl Page {
    /// The page that a request is for, if there is one.
    pub(crate) fn of(name: &str, request: &Request, shared: &Shared) -> Option<Self> {
        let page = match (name, &request.head.method) {
            ("decisions", &Method::GET) => Self::Decisions,
            ("circumstances", &Method::GET) => Self::Circumstances,
            ("circumstances", &Method::POST) => Self::Simulate,
            ("can", &Method::POST) => Self::Can,
            ("who-can", &Method::POST) => Self::WhoCan,
            ("seed", &Method::GET) => Self::Seed,
            _ => return None,
        };
        shared.reset.then_some(page)
    }

    /// The page.
    pub(crate) async fn answer<E: Answer>(self, engine: &E, shared: &Shared, request: &Request) -> Response {
        if request.head.headers.contains_key(ORIGIN) {
            return json(StatusCode::FORBIDDEN, NO_BROWSER);
        }
        let (body, query) = (&request.body, request.head.uri.query().unwrap_or_default());
        // Secrets are told to this machine alone, wherever the server can be reached.
        let secrets = self == Self::Seed && query.split('&').any(|pair| pair == "secrets=true");
        if (shared.near || secrets) && !is_near(request.peer.as_str()) {
            return json(
                StatusCode::FORBIDDEN,
                r#"{"error":{"code":"Forbidden","message":"this is told to programs on the server's own machine alone"}}"#,
            );
        }
        let told = match self {
            Self::Decisions => match wanted(query) {
                Ok(wanted) => engine.decisions(&wanted),
                Err(error) => Err(error),
            },
            Self::Circumstances => engine.circumstances(),
            Self::Simulate => engine.simulate(body),
            Self::Can => engine.can(body).await,
            Self::WhoCan => engine.who_can(body).await,
            Self::Seed => engine.export(secrets).await,
        };
        match told {
            Ok(text) => page(StatusCode::OK, text),
            Err(error) => refused(&error),
        }
    }
}

fn is_near(peer: &str) -> bool {
    peer.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// `limit=N`, `id=NAME` and `outcome=NAME`; anything else is refused.
fn wanted(query: &str) -> Result<Wanted> {
    let mut wanted = Wanted::default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let outcome = || Outcome::ALL.into_iter().find(|outcome| outcome.name() == value);
        match name {
            "limit" => wanted.most = Some(value.parse().map_err(|_| unread("`limit` is a number"))?),
            "id" if !value.is_empty() => wanted.called = Some(value.to_owned()),
            "outcome" => {
                let known = "`outcome` is allowed, denied, would_be_denied, failed or unidentified";
                wanted.outcome = Some(outcome().ok_or_else(|| unread(known))?);
            }
            _ => return Err(unread("what is asked for is said by `limit`, `id` and `outcome`")),
        }
    }
    Ok(wanted)
}

fn unread(why: &'static str) -> Error {
    Kind::Unreadable.because(why)
}

fn page(status: StatusCode, text: String) -> Response {
    let mut response = json(status, "");
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    *response.body_mut() = Bytes::from(text);
    response
}

/// What was wrong with what, in words.
fn words(error: &Error) -> String {
    match error.subject() {
        Some(subject) => format!("`{subject}`: {}", error.why()),
        None => error.why().to_owned(),
    }
}

fn refused(error: &Error) -> Response {
    let (status, code) = match error.kind() {
        Kind::Internal => return failed(StatusCode::INTERNAL_SERVER_ERROR, INTERNAL.into(), error.to_string()),
        Kind::NotFound(_) => (StatusCode::NOT_FOUND, "NotFound"),
        _ => (StatusCode::BAD_REQUEST, "BadRequest"),
    };
    let text = serde_json::json!({ "error": { "code": code, "message": words(error) } }).to_string();
    page(status, text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_read_or_refused() {
        let all = wanted("limit=3&id=r-1&outcome=would_be_denied").unwrap();
        assert_eq!(
            (all.most, all.called.as_deref(), all.outcome),
            (Some(3), Some("r-1"), Some(Outcome::WouldBeDenied))
        );
        assert!(wanted("").unwrap().most.is_none());
        for wrong in ["limit=-1", "limit=x", "limit", "id=", "id", "outcome=no", "since=1", "Limit=1"] {
            assert!(wanted(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_loopback_is_near() {
        for near in ["127.0.0.1", "127.9.9.9", "::1"] {
            assert!(is_near(near), "{near}");
        }
        for far in ["192.168.0.1", "172.17.0.1", "::", "0.0.0.0", "", "localhost"] {
            assert!(!is_near(far), "{far}");
        }
    }
}
