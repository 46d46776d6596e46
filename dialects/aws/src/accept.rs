//! Which format a service of the query protocol is asked to answer in: XML, unless the request wants JSON.
//!
//! Follows RFC 9110, section 12.5.1. EKS tokens and Teleport send `Accept: application/json`; AWS answers JSON to a
//! `Content-Type` of JSON too.

use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE};
use polykms_core::dialect::Format;

/// The format that the headers ask for.
pub(crate) fn wanted(headers: &HeaderMap) -> Format {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut best: Option<(Format, f32)> = None;
    for (format, quality) in accepted.flat_map(|value| value.split(',')).filter_map(range) {
        // Of two that are as welcome, the first stands.
        if quality > best.map_or(0.0, |(_, best)| best) {
            best = Some((format, quality));
        }
    }
    let sent = || headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).and_then(of_type);
    best.map(|(format, _)| format).or_else(sent).unwrap_or(Format::Xml)
}

/// A range of types that names a format, with how welcome it is.
fn range(text: &str) -> Option<(Format, f32)> {
    let quality = |parameter: &str| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim().parse::<f32>().ok())?
    };
    Some((of_type(text)?, text.split(';').skip(1).find_map(quality).unwrap_or(1.0)))
}

/// The format of a type. Wildcards name none: what takes everything gets what it always got.
fn of_type(text: &str) -> Option<Format> {
    let name = text.split(';').next().unwrap_or_default().trim();
    let is = |known: &[&str]| known.iter().any(|known| name.eq_ignore_ascii_case(known));
    if is(&["application/json", "application/x-amz-json-1.0", "application/x-amz-json-1.1"]) {
        return Some(Format::Json);
    }
    is(&["text/xml", "application/xml"]).then_some(Format::Xml)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use http::header::HeaderName;

    use super::*;

    fn asked(headers: &[(HeaderName, &str)]) -> Format {
        wanted(&headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect())
    }

    #[test]
    fn the_most_welcome_of_both_formats_is_chosen() {
        for (accept, format) in [
            ("application/json", Format::Json),
            ("Application/JSON; charset=utf-8", Format::Json),
            ("application/json, text/plain, */*", Format::Json),
            ("application/x-amz-json-1.1", Format::Json),
            ("text/xml;q=0.5, application/json", Format::Json),
            ("text/xml, application/json", Format::Xml),
            ("application/json;q=0.1, application/xml;q=0.9", Format::Xml),
            ("application/json;q=0", Format::Xml),
            ("*/*", Format::Xml),
            ("text/html", Format::Xml),
            ("", Format::Xml),
        ] {
            assert_eq!(asked(&[(ACCEPT, accept)]), format, "{accept}");
        }
    }

    #[test]
    fn without_a_choice_the_type_of_the_request_decides() {
        let json = (CONTENT_TYPE, "application/json");
        assert_eq!(asked(std::slice::from_ref(&json)), Format::Json);
        assert_eq!(asked(&[json.clone(), (ACCEPT, "*/*")]), Format::Json);
        assert_eq!(asked(&[json, (ACCEPT, "text/xml")]), Format::Xml);
        assert_eq!(asked(&[(CONTENT_TYPE, "application/x-www-form-urlencoded")]), Format::Xml);
        assert_eq!(asked(&[]), Format::Xml);
    }
}
