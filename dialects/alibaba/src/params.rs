//! The parameters of a request: query and form body, decoded and merged.
//!
//! Clients put the same parameter in either place (the newer SDKs use the query, `pop-core` the form), so nothing may
//! ask where a parameter stood, except the header signature, which covers the query and the body separately.
//!
//! # Invariants
//! - No name occurs twice, in one place or across both: what is signed is what is read.
//! - Everything is UTF-8; bytes that are not are refused, never replaced.
//! - There are at most [`LIMIT`] parameters.

use std::borrow::Cow;
use std::fmt;

use polykms_core::dialect::Request;
use polykms_core::error::{Kind, Result};

/// The most parameters a request may carry.
pub const LIMIT: usize = 4096;

const FORM: &str = "application/x-www-form-urlencoded";

/// The decoded parameters of a request, ordered by name, and borrowed from it where nothing was encoded.
pub struct Params<'r>(Vec<Param<'r>>);

struct Param<'r> {
    name: Cow<'r, str>,
    value: Cow<'r, str>,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Query,
    Form,
}

impl<'r> Params<'r> {
    /// Reads the query and the form body.
    ///
    /// # Errors
    /// [`Kind::Unreadable`] when a name is given twice, when text is not UTF-8 once decoded, or when there is a body
    /// that is not a form; [`Kind::TooLarge`] for more than [`LIMIT`] parameters.
    pub fn of(request: &'r Request) -> Result<Self> {
        let (params, sound) = Self::read(request);
        sound.map(|()| params)
    }

    /// Reads as much as can be read, so that even a request that is refused is known by it, and says whether that is all.
    pub(crate) fn read(request: &'r Request) -> (Self, Result<()>) {
        let (query, form) = (request.head.uri.query().unwrap_or_default().as_bytes(), form(request));
        let separators = |encoded| memchr::memchr_iter(b'&', encoded).count() + 1;
        let most = separators(query) + form.as_ref().map_or(0, |form| separators(form));
        let mut params = Vec::with_capacity(most.min(LIMIT));
        let query = read(query, Place::Query, &mut params);
        let form = form.and_then(|form| read(form, Place::Form, &mut params));
        params.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        let sound = query.and(form).and_then(|()| unrepeated(&params));
        (Self(params), sound)
    }

    /// The value of a parameter, by its exact name.
    pub fn text(&self, name: &str) -> Option<&str> {
        let place = self.0.binary_search_by(|param| param.name.as_ref().cmp(name)).ok()?;
        self.0.get(place).map(|param| param.value.as_ref())
    }

    /// As [`text`](Params::text), to be kept.
    pub(crate) fn kept(&self, name: &str) -> Option<Cow<'r, str>> {
        let place = self.0.binary_search_by(|param| param.name.as_ref().cmp(name)).ok()?;
        self.0.get(place).map(|param| param.value.clone())
    }

    /// All parameters, ordered by the bytes of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(Param::pair)
    }

    /// The parameters of the query alone, ordered by the bytes of their names.
    pub(crate) fn query(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter(|param| param.place == Place::Query).map(Param::pair)
    }

    /// All parameters, given away in the same order.
    pub(crate) fn into_pairs(self) -> impl Iterator<Item = (Cow<'r, str>, Cow<'r, str>)> {
        self.0.into_iter().map(|Param { name, value, place: _ }| (name, value))
    }
}

/// Shows how many there are: values are key material as often as not.
impl fmt::Debug for Params<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Params({})", self.0.len())
    }
}

impl Param<'_> {
    fn pair(&self) -> (&str, &str) {
        (&self.name, &self.value)
    }
}

/// Refuses a name that stands twice among parameters that are ordered by name.
fn unrepeated(params: &[Param<'_>]) -> Result<()> {
    let twice = params.iter().zip(params.iter().skip(1)).find(|(one, next)| one.name == next.name);
    match twice {
        Some((param, _)) => Err(Kind::Unreadable.because("a parameter is given twice").naming(param.name.as_ref())),
        None => Ok(()),
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

fn read<'r>(encoded: &'r [u8], place: Place, params: &mut Vec<Param<'r>>) -> Result<()> {
    let mut sound = true;
    for pair in encoded.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        if params.len() == LIMIT {
            return Err(Kind::TooLarge.because("there are too many parameters"));
        }
        let end = memchr::memchr(b'=', pair).unwrap_or(pair.len());
        let (name, value) = pair.split_at(end);
        let (name, value) = (decoded(name), decoded(value.get(1..).unwrap_or_default()));
        sound &= name.is_ok() && value.is_ok();
        let (Ok(name) | Err(name), Ok(value) | Err(value)) = (name, value);
        params.push(Param { name, value, place });
    }
    if sound { Ok(()) } else { Err(Kind::Unreadable.because("a parameter is not UTF-8")) }
}

/// A name or value as text; where it is none, what can be read of it is the error.
fn decoded(encoded: &[u8]) -> std::result::Result<Cow<'_, str>, Cow<'_, str>> {
    if memchr::memchr2(b'%', b'+', encoded).is_none() {
        return std::str::from_utf8(encoded).map(Cow::Borrowed).map_err(|_| String::from_utf8_lossy(encoded));
    }
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((byte, after)) = rest.split_first() {
        let escaped = after.first_chunk().filter(|_| *byte == b'%').and_then(escaped);
        rest = if escaped.is_some() { after.get(2..).unwrap_or_default() } else { after };
        bytes.push(escaped.unwrap_or(if *byte == b'+' { b' ' } else { *byte }));
    }
    String::from_utf8(bytes)
        .map(Cow::Owned)
        .map_err(|error| String::from_utf8_lossy(error.as_bytes()).into_owned().into())
}

/// The byte that two hexadecimal digits stand for.
fn escaped(digits: &[u8; 2]) -> Option<u8> {
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let [high, low] = *digits;
    Some(value(high)? << 4 | value(low)?)
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
        let content_type = Some("Application/x-www-form-urlencoded; charset=utf-8");
        let request = request("b=1+2&a=%C3%A9", content_type, b"c=%2B&B=");
        let params = Params::of(&request).unwrap();
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
    fn what_is_not_encoded_is_borrowed() {
        let request = request("A=plain&B=a+b&C=%41", None, b"");
        let params = Params::of(&request).unwrap();
        let borrowed: Vec<_> = params.into_pairs().map(|(_, value)| matches!(value, Cow::Borrowed(_))).collect();
        assert_eq!(borrowed, [true, false, false]);
    }

    #[test]
    fn of_parameters_that_are_refused_the_readable_ones_are_known() {
        let request = request("Format=XML&a=%FF", Some("text/plain"), b"b");
        let (params, sound) = Params::read(&request);
        assert_eq!(params.text("Format"), Some("XML"));
        assert_eq!(sound.unwrap_err().kind(), Kind::Unreadable);
    }

    #[test]
    fn debugging_shows_no_values() {
        assert_eq!(format!("{:?}", Params::of(&request("SecretData=hush", None, b"")).unwrap()), "Params(1)");
    }
}
