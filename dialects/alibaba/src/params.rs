//! The parameters of a request: query and form body, decoded and merged.
//!
//! Clients put the same parameter in either place (the newer SDKs use the query, `pop-core` the form), so nothing may
//! ask where a parameter stood, except the header signature, which covers the query and the body separately.
//!
//! # Invariants
//! - No name occurs twice, in one place or across both: what is signed is what is read.
//! - Everything is UTF-8; bytes that are not are refused, never replaced.
//! - There are at most [`LIMIT`] parameters.

use std::fmt;

use percent_encoding::percent_decode;
use polykms_core::dialect::Request;
use polykms_core::error::{Kind, Result};

/// The most parameters a request may carry.
pub const LIMIT: usize = 4096;

const FORM: &str = "application/x-www-form-urlencoded";

/// The decoded parameters of a request, ordered by name.
pub struct Params(Vec<Param>);

struct Param {
    name: String,
    value: String,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Query,
    Form,
}

impl Params {
    /// Reads the query and the form body.
    ///
    /// # Errors
    /// [`Kind::Unreadable`] when a name is given twice, when text is not UTF-8 once decoded, or when there is a body
    /// that is not a form; [`Kind::TooLarge`] for more than [`LIMIT`] parameters.
    pub fn of(request: &Request) -> Result<Self> {
        let mut params = Vec::new();
        read(request.head.uri.query().unwrap_or_default().as_bytes(), Place::Query, &mut params)?;
        read(form(request)?, Place::Form, &mut params)?;
        params.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        match params.windows(2).find_map(repeated) {
            Some(name) => Err(Kind::Unreadable.because("a parameter is given twice").naming(name)),
            None => Ok(Self(params)),
        }
    }

    /// The value of a parameter, by its exact name.
    pub fn text(&self, name: &str) -> Option<&str> {
        let place = self.0.binary_search_by(|param| param.name.as_str().cmp(name)).ok()?;
        self.0.get(place).map(|param| param.value.as_str())
    }

    /// All parameters, ordered by the bytes of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(Param::pair)
    }

    /// The parameters of the query alone, ordered by the bytes of their names.
    pub(crate) fn query(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter(|param| param.place == Place::Query).map(Param::pair)
    }
}

/// Shows how many there are: values are key material as often as not.
impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Params({})", self.0.len())
    }
}

impl Param {
    fn pair(&self) -> (&str, &str) {
        (&self.name, &self.value)
    }
}

fn repeated(neighbours: &[Param]) -> Option<&str> {
    match neighbours {
        [one, other] if one.name == other.name => Some(&one.name),
        _ => None,
    }
}

/// The body, which is either absent or a form.
fn form(request: &Request) -> Result<&[u8]> {
    if request.body.is_empty() {
        return Ok(&[]);
    }
    let media_type = request.header("content-type")?.and_then(|value| value.split(';').next()).unwrap_or_default();
    if media_type.trim().eq_ignore_ascii_case(FORM) {
        Ok(&request.body)
    } else {
        Err(Kind::Unreadable.because("the body is not a form"))
    }
}

fn read(encoded: &[u8], place: Place, params: &mut Vec<Param>) -> Result<()> {
    let mut replaced = false;
    for (name, value) in form_urlencoded::parse(encoded) {
        if params.len() == LIMIT {
            return Err(Kind::TooLarge.because("there are too many parameters"));
        }
        replaced |= name.contains(char::REPLACEMENT_CHARACTER) || value.contains(char::REPLACEMENT_CHARACTER);
        params.push(Param { name: name.into_owned(), value: value.into_owned(), place });
    }
    // The form decoder replaces what is not UTF-8. Separators are ASCII, so the whole is UTF-8 exactly when each part is.
    if replaced && percent_decode(encoded).decode_utf8().is_err() {
        return Err(Kind::Unreadable.because("a parameter is not UTF-8"));
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn request(query: &str, content_type: Option<&str>, body: &[u8]) -> Request {
        let mut head = http::Request::post(format!("/?{query}"));
        if let Some(content_type) = content_type {
            head = head.header("content-type", content_type);
        }
        let (head, ()) = head.body(()).unwrap().into_parts();
        Request { head, body: body.to_vec().into(), peer: IpAddr::V4(Ipv4Addr::LOCALHOST).into(), tls: false }
    }

    fn refusal(query: &str, content_type: Option<&str>, body: &[u8]) -> Kind {
        Params::of(&request(query, content_type, body)).unwrap_err().kind()
    }

    #[test]
    fn query_and_form_are_merged_decoded_and_ordered() {
        let params = Params::of(&request(
            "b=1+2&a=%C3%A9",
            Some("Application/x-www-form-urlencoded; charset=utf-8"),
            b"c=%2B&B=",
        ));
        let params = params.unwrap();
        assert_eq!(params.iter().collect::<Vec<_>>(), [("B", ""), ("a", "é"), ("b", "1 2"), ("c", "+")]);
        assert_eq!(params.query().collect::<Vec<_>>(), [("a", "é"), ("b", "1 2")]);
        assert_eq!((params.text("b"), params.text("B"), params.text("d")), (Some("1 2"), Some(""), None));
    }

    #[test]
    fn a_name_given_twice_is_refused_wherever_it_stands() {
        assert_eq!(refusal("a=1&a=1", None, b""), Kind::Unreadable);
        assert_eq!(refusal("a=1&%61=2", None, b""), Kind::Unreadable);
        assert_eq!(refusal("a=1", Some(FORM), b"a=1"), Kind::Unreadable);
        assert!(Params::of(&request("a=1&A=1", None, b"")).is_ok());
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused_and_a_true_replacement_character_is_not() {
        assert_eq!(refusal("a=%FF", None, b""), Kind::Unreadable);
        assert_eq!(refusal("%C3=1&%A9=2", None, b""), Kind::Unreadable);
        assert_eq!(refusal("", Some(FORM), b"a=\xED\xA0\x80"), Kind::Unreadable);
        assert_eq!(Params::of(&request("a=%EF%BF%BD", None, b"")).unwrap().text("a"), Some("\u{FFFD}"));
    }

    #[test]
    fn a_body_that_is_not_a_form_is_refused() {
        assert_eq!(refusal("", Some("application/json"), b"{}"), Kind::Unreadable);
        assert_eq!(refusal("", None, b"a=1"), Kind::Unreadable);
        assert!(Params::of(&request("", Some("application/json"), b"")).is_ok());
    }

    #[test]
    fn the_number_of_parameters_is_bounded() {
        let form = |count: usize| (0..count).map(|i| format!("p{i}=")).collect::<Vec<_>>().join("&");
        assert!(Params::of(&request("", Some(FORM), form(LIMIT).as_bytes())).is_ok());
        assert_eq!(refusal("", Some(FORM), form(LIMIT + 1).as_bytes()), Kind::TooLarge);
        assert_eq!(refusal("q=", Some(FORM), form(LIMIT).as_bytes()), Kind::TooLarge);
    }

    #[test]
    fn debugging_shows_no_values() {
        assert_eq!(format!("{:?}", Params::of(&request("SecretData=hush", None, b"")).unwrap()), "Params(1)");
    }
}
