//! Whether a request comes in at all: by the host it was sent to, and by the page that a browser sent it for.
//!
//! Follows the Fetch standard (section 3.2, the `Origin` header; section 3.3, the CORS protocol) and Fetch Metadata Request
//! Headers.
//!
//! # Invariants
//! - What a browser sends for a page comes in only for pages of this server and of allowed origins: a page elsewhere must not
//!   command a server because somebody who looks at it can reach that.
//! - A host is one of this machine, of the settings or of a vendor, or an address: a name that anybody can point at this
//!   machine is none (DNS rebinding). Browsers and administration are not served under vendors' names and foreign addresses.

use std::net::{IpAddr, SocketAddr};

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HOST, HeaderName, HeaderValue, ORIGIN, VARY,
};
use http::request::Parts;
use http::{HeaderMap, Method, Response, StatusCode};

use crate::refusal::Refusal;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const ASKS_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-request-private-network");
const ALLOWS_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-allow-private-network");

/// What is allowed to come in.
#[derive(Debug, Default)]
pub(crate) struct Door {
    hosts: Vec<String>,
    origins: Vec<String>,
}

/// How a request came in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// By itself, or for a page of this server.
    Own,
    /// For a page of this allowed origin.
    Page(HeaderValue),
    /// Only to ask whether a page of this allowed origin may send a request.
    Preflight(HeaderValue),
}

/// What the paths that control the server begin with: its own, and those of another emulator that answer the same.
const CONTROLS: [&str; 2] = ["/_polykms", "/moto-api"];

impl Door {
    /// A door for these hosts and the listening addresses, and for pages of these origins.
    pub(crate) fn new(hosts: Vec<String>, origins: Vec<String>, addresses: impl Iterator<Item = SocketAddr>) -> Self {
        let own = addresses.map(|address| address.ip()).filter(|ip| !ip.is_unspecified()).map(|ip| ip.to_string());
        Self { hosts: hosts.into_iter().chain(own).collect(), origins }
    }

    /// How a request with this head comes in; `vendors` says whether a name is one of a vendor's own.
    ///
    /// # Errors
    /// The refusal to answer with.
    pub(crate) fn admit(&self, head: &Parts, tls: bool, vendors: impl Fn(&str) -> bool) -> Result<Entry, Refusal> {
        let path = head.uri.path();
        if matches!(path, "/healthz" | "/readyz") {
            return Ok(Entry::Own); // nothing that a page could read or change
        }
        let host = host(head)?;
        let browser = is_of_a_browser(&head.headers);
        let strict = browser || CONTROLS.iter().any(|below| path.starts_with(below));
        let admitted = match host.map(name) {
            Some(name) => self.is_ours(name) || (!strict && (address(name).is_some() || vendors(name))),
            None => !strict,
        };
        match (admitted, browser) {
            (false, _) => Err(Refusal::ForeignHost),
            (true, false) => Ok(Entry::Own),
            (true, true) => self.page(head, tls, host.unwrap_or_default()),
        }
    }

    fn is_ours(&self, name: &str) -> bool {
        is_of_this_machine(name) || self.hosts.iter().any(|host| host.eq_ignore_ascii_case(name))
    }

    fn page(&self, head: &Parts, tls: bool, host: &str) -> Result<Entry, Refusal> {
        let mut origins = head.headers.get_all(ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (None, _) if is_same_origin(&head.headers) => Ok(Entry::Own),
            (Some(origin), None) if is_origin_of(origin, tls, host) => Ok(Entry::Own),
            (Some(origin), None) if self.origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()) => {
                let asks = head.method == Method::OPTIONS && head.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
                Ok(if asks { Entry::Preflight(origin.clone()) } else { Entry::Page(origin.clone()) })
            }
            _ => Err(Refusal::ForeignPage),
        }
    }
}

/// The host that a request was sent to, its port included.
fn host(head: &Parts) -> Result<Option<&str>, Refusal> {
    let given = match head.headers.get(HOST) {
        None => None,
        Some(host) => Some(host.to_str().map_err(|_| Refusal::ForeignHost)?),
    };
    match (head.uri.authority(), given) {
        (Some(target), Some(given)) if !target.as_str().eq_ignore_ascii_case(given) => Err(Refusal::Host),
        (Some(target), None) => Ok(Some(target.as_str())),
        (_, given) => Ok(given),
    }
}

/// A host without its port and final dot.
fn name(host: &str) -> &str {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((literal, _)) => literal,
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    name.strip_suffix('.').unwrap_or(name)
}

fn address(name: &str) -> Option<IpAddr> {
    name.parse().ok()
}

/// Whether everybody who asks for a name gets to this machine: loopback addresses, `localhost` and what is below it
/// (RFC 6761, section 6.3).
fn is_of_this_machine(name: &str) -> bool {
    match address(name) {
        Some(ip) => ip.to_canonical().is_loopback(),
        None => {
            let (below, last) = name.rsplit_once('.').unwrap_or(("below", name));
            !below.is_empty() && last.eq_ignore_ascii_case("localhost")
        }
    }
}

fn is_of_a_browser(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| *name == ORIGIN || name.as_str().starts_with("sec-fetch-"))
}

/// Whether it is said to be for a page of the same origin; no browser leaves the site out where it tells more, but programs
/// with a browser's `fetch` do.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let mut sites = headers.get_all(FETCH_SITE).iter();
    sites.next().is_none_or(|site| site == "same-origin") && sites.next().is_none()
}

fn is_origin_of(origin: &HeaderValue, tls: bool, host: &str) -> bool {
    let scheme = if tls { "https://" } else { "http://" };
    let rest = origin.to_str().ok().and_then(|origin| origin.strip_prefix(scheme));
    rest.is_some_and(|rest| rest.eq_ignore_ascii_case(host))
}

/// The answer to a page that asks whether it may send a request.
pub(crate) fn preflight(head: &Parts, origin: HeaderValue) -> Response<bytes::Bytes> {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NO_CONTENT;
    let asked = &head.headers;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD, POST"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    if let Some(names) = asked.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    if asked.contains_key(ASKS_PRIVATE_NETWORK) {
        headers.insert(ALLOWS_PRIVATE_NETWORK, HeaderValue::from_static("true"));
    }
    shared(response, origin)
}

/// An answer that a page of this origin may read.
pub(crate) fn shared<B>(mut response: Response<B>, origin: HeaderValue) -> Response<B> {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
    headers.insert(VARY, HeaderValue::from_static("Origin"));
    response
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn head(target: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = http::Request::get(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn door() -> Door {
        let origins = vec!["http://front.example".to_owned()];
        Door::new(vec!["kms.corp".to_owned()], origins, ["192.0.2.1:80".parse().unwrap()].into_iter())
    }

    fn enters(target: &str, headers: &[(&str, &str)]) -> Result<Entry, Refusal> {
        door().admit(&head(target, headers), false, |name| name == "kms.vendor.example")
    }

    #[test]
    fn hosts_are_known_by_their_name_without_port_brackets_and_final_dot() {
        for host in [
            "127.0.0.1",
            "127.0.0.1:4566",
            "127.8.9.1:1",
            "[::1]:4566",
            "[::ffff:127.0.0.1]",
            "localhost",
            "LOCALHOST.:80",
            "kms.localhost:4566",
            "kms.corp:1",
            "KMS.Corp.",
            "192.0.2.1",
        ] {
            for target in ["/", "/_polykms/reset", "/moto-api/reset-auth"] {
                assert_eq!(enters(target, &[("host", host)]), Ok(Entry::Own), "{host} {target}");
            }
        }
        for host in ["kms.vendor.example", "198.51.100.7:4566", "0.0.0.0:4566", "[2001:db8::1]:80"] {
            assert_eq!(enters("/", &[("host", host)]), Ok(Entry::Own), "{host}");
            assert_eq!(enters("/_polykms/reset", &[("host", host)]), Err(Refusal::ForeignHost), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:4566",
            "localhost.evil.example",
            "notlocalhost",
            ".localhost",
            "user@localhost",
            "127.0.0.1.evil.example",
            "127.1",
            "2130706433",
            "kms.corp.evil.example",
            "",
        ] {
            for target in ["/", "/_polykms/reset", "/_polykms", "/moto-api/reset"] {
                assert_eq!(enters(target, &[("host", host)]), Err(Refusal::ForeignHost), "{host} {target}");
            }
            assert_eq!(enters("/healthz", &[("host", host)]), Ok(Entry::Own));
        }
        assert_eq!(enters("/", &[]), Ok(Entry::Own));
        assert_eq!(enters("/_polykms/reset", &[]), Err(Refusal::ForeignHost));
    }

    #[test]
    fn a_target_with_a_host_of_its_own_agrees_with_the_header() {
        assert_eq!(enters("http://localhost:1/", &[("host", "localhost:1")]), Ok(Entry::Own));
        assert_eq!(enters("http://evil.example/", &[("host", "localhost:1")]), Err(Refusal::Host));
        assert_eq!(enters("http://evil.example/", &[("host", "evil.example")]), Err(Refusal::ForeignHost));
        assert_eq!(enters("http://evil.example/", &[]), Err(Refusal::ForeignHost));
    }

    #[test]
    fn a_page_elsewhere_sends_nothing_in() {
        let host = ("host", "127.0.0.1:4566");
        for headers in [
            &[("origin", "http://evil.example")][..],
            &[("origin", "null")],
            &[("origin", "")],
            &[("origin", "https://127.0.0.1:4566")],
            &[("origin", "http://127.0.0.1")],
            &[("origin", "http://127.0.0.1:45660")],
            &[("origin", "http://front.example.evil.example")],
            &[("origin", "https://front.example")],
            &[("origin", "http://front.example:8080")],
            &[("origin", "http://front.example"), ("origin", "http://front.example")],
            &[("origin", "http://evil.example"), ("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")],
            &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "")],
        ] {
            let headers: Vec<_> = std::iter::once(host).chain(headers.iter().copied()).collect();
            assert_eq!(enters("/?Action=X", &headers), Err(Refusal::ForeignPage), "{headers:?}");
        }
        for host in ["kms.vendor.example", "198.51.100.7", "0.0.0.0:4566", "evil.example:4566"] {
            let origin = format!("http://{host}");
            for page in [("origin", origin.as_str()), ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")] {
                assert_eq!(enters("/", &[("host", host), page]), Err(Refusal::ForeignHost), "{host}");
            }
        }
    }

    #[test]
    fn pages_of_this_server_and_of_allowed_origins_come_in() {
        let host = ("host", "localhost:4566");
        let program = ("sec-fetch-mode", "cors");
        for own in [("origin", "http://localhost:4566"), ("sec-fetch-site", "same-origin"), program] {
            assert_eq!(enters("/", &[host, own]), Ok(Entry::Own), "{own:?}");
        }
        let origin = HeaderValue::from_static("http://front.example");
        let page = [host, ("origin", "http://front.example"), ("sec-fetch-site", "cross-site")];
        assert_eq!(enters("/", &page), Ok(Entry::Page(origin.clone())));
        let mut asks = head("/", &page);
        asks.method = Method::OPTIONS;
        assert_eq!(door().admit(&asks, false, |_| false), Ok(Entry::Page(origin.clone())));
        asks.headers.insert(ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_static("POST"));
        assert_eq!(door().admit(&asks, false, |_| false), Ok(Entry::Preflight(origin)));
        assert_eq!(
            door().admit(&head("/", &[host, ("origin", "https://localhost:4566")]), true, |_| false),
            Ok(Entry::Own)
        );
    }
}
