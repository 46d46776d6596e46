//! The operations of the services in the vendor's words, and what several of them share.

pub(crate) mod heard;
pub(crate) mod kms;
pub(crate) mod ram;
pub(crate) mod sts;

use polykms_core::error::{Error, Flaw, Kind, Result};
use polykms_core::list::{Listed, Numbered, Paging};
use polykms_core::port::Time;

/// A page of a list, by its number and the size of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) number: i64,
    pub(crate) size: i64,
}

impl Page {
    /// The page that a request asks for, if only by default.
    pub(crate) fn asked(number: Option<i64>, size: Option<i64>) -> Self {
        Self { number: number.unwrap_or_default(), size: size.unwrap_or_default() }
    }

    /// The page that a list is.
    pub(crate) fn of(paging: &Paging) -> Result<Self> {
        let Paging::Number { page, size } = paging else {
            return Err(Kind::Unsupported.because("pages of keys are numbered"));
        };
        let whole = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        Ok(Self { number: whole(*page), size: whole(*size) })
    }
}

/// A page that a list is, with the number of all items.
pub(crate) fn page_of<T>(list: &Listed<T>) -> Result<[Option<i64>; 3]> {
    let numbered = list.numbered.ok_or_else(|| Kind::Internal.because("a page without a number"))?;
    let Numbered { page, size, total } = numbered;
    Ok([page, size, total].map(|number| i64::try_from(number).ok()))
}

impl From<Page> for Paging {
    fn from(page: Page) -> Self {
        let whole = |number: i64| usize::try_from(number).unwrap_or_default();
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

/// A point in time: `YYYY-MM-DDThh:mm:ssZ`.
pub(crate) fn date(time: Time) -> String {
    Time::from_second(time.as_second()).unwrap_or(time).to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
pub(crate) mod tests {
    use polykms_core::dialect::{Arguments, Format, Telling, Voice, Wire};
    use polykms_core::operation::Operation;
    use serde_json::Value;

    use super::*;
    use crate::catalog::SERVICES;
    use crate::wire::kms::alias::ListAliases;

    /// The operation that parameters ask for.
    pub(crate) fn decoded<W: Wire>(pairs: &[(&str, &str)]) -> Result<W::Op> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let arguments = Arguments::Params(pairs.collect());
        SERVICES[0].op::<W>(&arguments)
    }

    /// The answer that tells an output, without the identifier of the request.
    pub(crate) fn shown<W: Wire>(output: <W::Op as Operation>::Output) -> Value {
        let voice = Voice { service: "kms", format: Format::Json, dry_run: false };
        let service = &SERVICES[0];
        let telling = Telling { service, row: &service.rows[0], voice, request_id: "r" };
        let body = service.protocol.tell(&telling, &W::told(&output).unwrap()).unwrap();
        let mut told: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(told.as_object_mut().unwrap().remove("RequestId"), Some("r".into()));
        told
    }

    #[test]
    fn pages_are_bounded_and_have_usual_values() {
        let page = |pairs: &[(&str, &str)]| decoded::<ListAliases>(pairs).map(|list| list.paging);
        assert_eq!(page(&[]).unwrap(), Page { number: 1, size: 10 }.into());
        assert_eq!(page(&[("PageNumber", "3"), ("PageSize", "100")]).unwrap(), Page { number: 3, size: 100 }.into());
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
