//! Parameters into neutral operations, and outputs into the trees that the vendor's clients expect.
//!
//! Clients of different generations write the same parameter differently, so reading is lenient about form (booleans,
//! lists, maps) and strict about content.

pub(crate) mod kms;
pub(crate) mod ram;
pub(crate) mod sts;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use polykms_core::dialect::Payload;
use polykms_core::error::{Error, Flaw, Kind, Result};
use polykms_core::list::Paging;
use polykms_core::port::Time;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// An item of a numbered list: its texts by field, or one text without.
pub(crate) type Fields<'a> = Vec<(Option<&'a str>, &'a str)>;

/// The parameters of one request.
#[derive(Clone, Copy)]
pub(crate) struct Arguments<'a>(&'a [(String, String)]);

impl<'a> Arguments<'a> {
    pub(crate) fn of(payload: &'a Payload) -> Result<Self> {
        match payload {
            Payload::Params(params) => Ok(Self(params)),
            Payload::Json(_) | Payload::Tree(_) | Payload::Written(_) => {
                Err(Kind::Internal.because("the arguments are no parameters"))
            }
        }
    }

    /// A parameter that was given, even if empty.
    pub(crate) fn given(self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that was given and is not empty.
    pub(crate) fn text(self, name: &str) -> Option<&'a str> {
        self.given(name).filter(|text| !text.is_empty())
    }

    /// A parameter that must be given and must not be empty.
    pub(crate) fn required(self, name: &'static str) -> Result<&'a str> {
        self.text(name).ok_or_else(|| missing(name))
    }

    /// A text of at most so many characters.
    pub(crate) fn limited(self, name: &'static str, longest: usize) -> Result<Option<&'a str>> {
        match self.given(name) {
            Some(text) if text.chars().count() > longest => Err(invalid(Flaw::Length, name)),
            text => Ok(text),
        }
    }

    /// `true` or `false`; Python writes `True` and `False`.
    pub(crate) fn flag(self, name: &'static str) -> Result<Option<bool>> {
        match self.text(name) {
            None => Ok(None),
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(_) => Err(invalid(Flaw::Value, name)),
        }
    }

    /// A whole number in a range.
    pub(crate) fn number(self, name: &'static str, range: RangeInclusive<u32>) -> Result<Option<u32>> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match text.parse() {
            Ok(number) if range.contains(&number) => Ok(Some(number)),
            _ => Err(invalid(Flaw::Value, name)),
        }
    }

    /// A JSON document.
    pub(crate) fn json<T: DeserializeOwned>(self, name: &'static str) -> Result<Option<T>> {
        let read = |text| serde_json::from_str(text).map_err(|_| invalid(Flaw::Format, name));
        self.text(name).map(read).transpose()
    }

    /// A list of texts: `Name.1`, `Name.2`, …, or a JSON array.
    pub(crate) fn list(self, name: &'static str) -> Result<Option<Vec<String>>> {
        let numbered = self.numbered(name)?;
        if numbered.is_empty() {
            return self.json(name);
        }
        let bare = |(field, text): (Option<&str>, &str)| match field {
            None => Ok(text.to_owned()),
            Some(_) => Err(invalid(Flaw::Format, name)),
        };
        let items: Result<Vec<Vec<String>>> =
            numbered.into_values().map(|item| item.into_iter().map(bare).collect()).collect();
        Ok(Some(items?.concat()))
    }

    /// The items of `Name.1`, `Name.2.Field`, … by number, each with its fields.
    pub(crate) fn numbered(self, name: &'static str) -> Result<BTreeMap<u32, Fields<'a>>> {
        let mut items = BTreeMap::<u32, Fields<'a>>::new();
        for (rest, value) in self.below(name) {
            let (number, field) = match rest.split_once('.') {
                Some((number, field)) => (number, Some(field)),
                None => (rest, None),
            };
            let number = number.parse().map_err(|_| invalid(Flaw::Format, name))?;
            items.entry(number).or_default().push((field, value));
        }
        Ok(items)
    }

    /// The parameters `Name.…`, without the name and its dot.
    pub(crate) fn below(self, name: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let rest = move |known: &'a str| known.strip_prefix(name)?.strip_prefix('.');
        self.0.iter().filter_map(move |(known, value)| Some((rest(known)?, value.as_str())))
    }

    /// The page asked for, by number.
    pub(crate) fn page(self) -> Result<Page> {
        let number = self.number("PageNumber", 1..=u32::MAX)?.unwrap_or(1);
        let size = self.number("PageSize", 1..=LARGEST_PAGE)?.unwrap_or(USUAL_PAGE);
        Ok(Page { number, size })
    }
}

const LARGEST_PAGE: u32 = 100;
const USUAL_PAGE: u32 = 10;

/// A page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    number: u32,
    size: u32,
}

impl From<Page> for Paging {
    fn from(page: Page) -> Self {
        let whole = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        Self::Number { page: whole(page.number), size: whole(page.size) }
    }
}

/// A flaw of a parameter.
pub(crate) fn invalid(flaw: Flaw, name: &'static str) -> Error {
    Kind::Invalid(flaw).about(name)
}

/// A parameter that was not given.
pub(crate) fn missing(name: &'static str) -> Error {
    invalid(Flaw::Missing, name)
}

/// The answer that says nothing but that it was done.
pub(crate) fn done() -> Payload {
    Payload::Tree(Value::Object(Map::new()))
}

/// An answer of these fields.
pub(crate) fn tree<const N: usize>(fields: [(&str, Value); N]) -> Payload {
    Payload::Tree(object(fields))
}

/// A node of these fields.
pub(crate) fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A list inside its node: `{"Key": […]}`.
pub(crate) fn listed(item: &str, items: impl Iterator<Item = Value>) -> Value {
    object([(item, Value::Array(items.collect()))])
}

/// Repeats in an answer the page that was asked for.
pub(crate) fn echo_page(arguments: &Payload, answer: Payload) -> Result<Payload> {
    let Page { number, size } = Arguments::of(arguments)?.page()?;
    match answer {
        Payload::Tree(Value::Object(mut fields)) => {
            fields.insert("PageNumber".to_owned(), number.into());
            fields.insert("PageSize".to_owned(), size.into());
            Ok(Payload::Tree(Value::Object(fields)))
        }
        answer => Ok(answer),
    }
}

/// A point in time: `YYYY-MM-DDThh:mm:ssZ`.
pub(crate) fn date(time: Time) -> String {
    Time::from_second(time.as_second()).unwrap_or(time).to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
pub(crate) mod tests {
    use super::*;

    /// Parameters as `read` hands them over.
    pub(crate) fn params(pairs: &[(&str, &str)]) -> Payload {
        Payload::Params(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// The tree of an answer.
    pub(crate) fn shown(answer: Result<Payload>) -> Value {
        match answer.unwrap() {
            Payload::Tree(tree) => tree,
            other => panic!("{other:?} is no tree"),
        }
    }

    #[test]
    fn booleans_are_read_in_the_forms_of_all_clients() {
        let payload = params(&[("a", "true"), ("b", "False"), ("c", ""), ("d", "1")]);
        let arguments = Arguments::of(&payload).unwrap();
        let flags = ["a", "b", "c", "e"].map(|name| arguments.flag(name).unwrap());
        assert_eq!(flags, [Some(true), Some(false), None, None]);
        assert_eq!(arguments.flag("d").unwrap_err().kind(), Kind::Invalid(Flaw::Value));
    }

    #[test]
    fn lists_are_read_numbered_or_as_json() {
        let payload =
            params(&[("R.2", "b"), ("R.10", "c"), ("R.1", "a"), ("J", r#"["x","y"]"#), ("B", "x"), ("N.x", "")]);
        let arguments = Arguments::of(&payload).unwrap();
        assert_eq!(arguments.list("R").unwrap().unwrap(), ["a", "b", "c"]);
        assert_eq!(arguments.list("J").unwrap().unwrap(), ["x", "y"]);
        assert_eq!(arguments.list("none").unwrap(), None);
        assert!(arguments.list("B").is_err() && arguments.list("N").is_err());
    }

    #[test]
    fn pages_are_bounded_and_have_usual_values() {
        let page = |pairs: &[(&str, &str)]| Arguments::of(&params(pairs)).unwrap().page();
        assert_eq!(page(&[]).unwrap(), Page { number: 1, size: 10 });
        assert_eq!(page(&[("PageNumber", "3"), ("PageSize", "100")]).unwrap(), Page { number: 3, size: 100 });
        for wrong in
            [("PageNumber", "0"), ("PageNumber", "-1"), ("PageSize", "0"), ("PageSize", "101"), ("PageSize", "x")]
        {
            let error = page(&[wrong]).unwrap_err();
            assert_eq!((error.kind(), error.subject()), (Kind::Invalid(Flaw::Value), Some(wrong.0)));
        }
    }

    #[test]
    fn dates_are_told_in_whole_seconds() {
        assert_eq!(date("2026-11-22T12:55:55.123456789Z".parse().unwrap()), "2026-11-22T12:55:55Z");
    }
}
