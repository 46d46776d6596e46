//! The parameters of a request of the query protocol: query and form body, decoded and merged.
//!
//! # Invariants
//! - No name occurs twice, in one place or across both, but for those of the signature: its reader sees to them.
//! - Everything is UTF-8; bytes that are not are refused, never replaced.
//! - There are at most [`LIMIT`] parameters.

use std::borrow::Cow;
use std::fmt;

use http::Method;
use http::header::CONTENT_TYPE;
use percent_encoding::percent_decode_str;
use polykms_core::dialect::Request;
use polykms_core::error::{Error, Kind, Result};

/// The most parameters a request may carry.
pub(crate) const LIMIT: usize = 4096;

const FORM: &str = "application/x-www-form-urlencoded";

/// The decoded parameters of a request, ordered by name, and borrowed from it where nothing was encoded.
pub(crate) struct Params<'r>(Vec<(Cow<'r, str>, Cow<'r, str>)>);

impl<'r> Params<'r> {
    /// Reads the query and the form body.
    ///
    /// # Errors
    /// [`Kind::Unreadable`] when a name is given twice, when text is not UTF-8 once decoded, or for more than [`LIMIT`]
    /// parameters.
    pub(crate) fn of(request: &'r Request) -> Result<Self> {
        let mut params = Vec::new();
        read(query(request), &mut params)?;
        read(form(request), &mut params)?;
        params.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let mut neighbours = params.iter().zip(params.iter().skip(1));
        if neighbours.any(|((one, _), (next, _))| one == next && !is_of_signature(one)) {
            return Err(unreadable("A parameter must not be given more than once."));
        }
        Ok(Self(params))
    }

    /// The value of a parameter, by its exact name.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let place = self.0.binary_search_by(|(known, _)| known.as_ref().cmp(name)).ok()?;
        self.0.get(place).map(|(_, value)| value.as_ref())
    }

    /// All parameters but those of the signature, ordered by the bytes of their names.
    pub(crate) fn into_pairs(self) -> impl Iterator<Item = (Cow<'r, str>, Cow<'r, str>)> {
        self.0.into_iter().filter(|(name, _)| !is_of_signature(name))
    }
}

/// Shows how many there are: values are secret as often as not.
impl fmt::Debug for Params<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Params({})", self.0.len())
    }
}

/// The query, still encoded.
pub(crate) fn query(request: &Request) -> &str {
    request.head.uri.query().unwrap_or_default()
}

/// The form in the body, still encoded; empty where there is none.
pub(crate) fn form(request: &Request) -> &str {
    let given = request.head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let given = given.split(';').next().unwrap_or_default().trim();
    let is_form = request.head.method == Method::POST && given.eq_ignore_ascii_case(FORM);
    if is_form { std::str::from_utf8(&request.body).unwrap_or_default() } else { "" }
}

/// The pairs of a query or form, still encoded.
pub(crate) fn encoded(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

fn read<'r>(text: &'r str, params: &mut Vec<(Cow<'r, str>, Cow<'r, str>)>) -> Result<()> {
    for (name, value) in encoded(text) {
        if params.len() == LIMIT {
            return Err(unreadable("The request has too many parameters."));
        }
        params.push((decoded(name)?, decoded(value)?));
    }
    Ok(())
}

fn decoded(text: &str) -> Result<Cow<'_, str>> {
    let decoded = match text.contains('+') {
        true => percent_decode_str(&text.replace('+', " ")).decode_utf8().map(|text| Cow::Owned(text.into_owned())),
        false => percent_decode_str(text).decode_utf8(),
    };
    decoded.map_err(|_| unreadable("A parameter is not valid UTF-8."))
}

fn is_of_signature(name: &str) -> bool {
    name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("X-Amz-"))
}

fn unreadable(message: &'static str) -> Error {
    Kind::Unreadable.verbatim(message)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use bytes::Bytes;

    use super::*;

    fn form(target: &str, body: &str) -> Request {
        let builder = http::Request::builder().method("POST").uri(target).header("content-type", FORM);
        let (head, ()) = builder.body(()).unwrap().into_parts();
        let body = Bytes::copy_from_slice(body.as_bytes());
        Request { head, body, peer: IpAddr::V4(Ipv4Addr::LOCALHOST).into(), tls: false }
    }

    #[test]
    fn parameters_come_from_query_and_form_without_the_signature() {
        let request = form("/?Action=A&X-Amz-Signature=s&x-amz-date=d", "Name=a+b%2Bc&Empty=&Bare");
        let params = Params::of(&request).unwrap();
        assert_eq!((params.text("Name"), params.text("Bare"), params.text("None")), (Some("a b+c"), Some(""), None));
        let expected = [("Action", "A"), ("Bare", ""), ("Empty", ""), ("Name", "a b+c")];
        assert!(params.into_pairs().eq(expected.map(|(name, value)| (Cow::Borrowed(name), Cow::Borrowed(value)))));
    }

    #[test]
    fn nothing_is_given_twice() {
        for request in [form("/", "A=1&A=1"), form("/?A=1", "A=2"), form("/", "A=1&%41=2"), form("/", "A=%ff")] {
            assert_eq!(Params::of(&request).unwrap_err().kind(), Kind::Unreadable);
        }
        let many = "a&".repeat(LIMIT + 1);
        assert_eq!(Params::of(&form("/", &many)).unwrap_err().kind(), Kind::Unreadable);
    }

    #[test]
    fn what_is_not_encoded_is_borrowed() {
        let request = form("/", "A=plain&B=a+b&C=%41");
        let params = Params::of(&request).unwrap();
        let borrowed: Vec<_> = params.into_pairs().map(|(_, value)| matches!(value, Cow::Borrowed(_))).collect();
        assert_eq!(borrowed, [true, false, false]);
    }
}
