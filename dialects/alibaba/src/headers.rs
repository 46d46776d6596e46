//! The headers that this dialect reads, found in one walk over those of a request.

use http::HeaderValue;
use polykms_core::dialect::Request;
use polykms_core::error::{Kind, Result};

/// A header that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Header {
    Host,
    Authorization,
    ContentType,
    Action,
    Version,
    Date,
    Nonce,
    Token,
    AccessKeyId,
    ContentSha256,
    ContentSm3,
    BearerToken,
    IdentityToken,
}

impl Header {
    const ALL: [Self; 13] = [
        Self::Host,
        Self::Authorization,
        Self::ContentType,
        Self::Action,
        Self::Version,
        Self::Date,
        Self::Nonce,
        Self::Token,
        Self::AccessKeyId,
        Self::ContentSha256,
        Self::ContentSm3,
        Self::BearerToken,
        Self::IdentityToken,
    ];

    /// Its name, in lower case.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Authorization => "authorization",
            Self::ContentType => "content-type",
            Self::Action => "x-acs-action",
            Self::Version => "x-acs-version",
            Self::Date => "x-acs-date",
            Self::Nonce => "x-acs-signature-nonce",
            Self::Token => "x-acs-security-token",
            Self::AccessKeyId => "x-acs-accesskey-id",
            Self::ContentSha256 => "x-acs-content-sha256",
            Self::ContentSm3 => "x-acs-content-sm3",
            Self::BearerToken => "x-acs-bearer-token",
            Self::IdentityToken => "x-acs-zero-trust-idtoken",
        }
    }
}

impl Header {
    /// The common parameter that it stands for, where it stands for one.
    pub(crate) const fn parameter(self) -> Option<&'static str> {
        match self {
            Self::Action => Some("Action"),
            Self::Version => Some("Version"),
            Self::Date => Some("Timestamp"),
            Self::Nonce => Some("SignatureNonce"),
            Self::Host
            | Self::Authorization
            | Self::ContentType
            | Self::Token
            | Self::AccessKeyId
            | Self::ContentSha256
            | Self::ContentSm3
            | Self::BearerToken
            | Self::IdentityToken => None,
        }
    }
}

/// The headers of a request.
pub(crate) struct Headers<'r>([Given<'r>; Header::ALL.len()]);

#[derive(Clone, Copy)]
enum Given<'r> {
    Never,
    Once(&'r HeaderValue),
    Again,
}

impl<'r> Headers<'r> {
    pub(crate) fn of(request: &'r Request) -> Self {
        let mut found = [Given::Never; Header::ALL.len()];
        for (name, value) in &request.head.headers {
            let mut slots = Header::ALL.iter().zip(&mut found);
            if let Some((_, slot)) = slots.find(|(known, _)| known.name() == name.as_str()) {
                *slot = match slot {
                    Given::Never => Given::Once(value),
                    Given::Once(_) | Given::Again => Given::Again,
                };
            }
        }
        Self(found)
    }

    /// A header's value when it is there once, and is text.
    ///
    /// # Errors
    /// [`Kind::Unreadable`] for one that is given twice, or is no text.
    pub(crate) fn text(&self, header: Header) -> Result<Option<&'r str>> {
        let unreadable = |why| Kind::Unreadable.because(why).naming(header.name());
        match self.given(header) {
            Given::Never => Ok(None),
            Given::Again => Err(unreadable("a header is given twice")),
            Given::Once(value) => match std::str::from_utf8(value.as_bytes()) {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(unreadable("a header is not UTF-8")),
            },
        }
    }

    /// Whether it is there, once or more often.
    pub(crate) fn has(&self, header: Header) -> bool {
        !matches!(self.given(header), Given::Never)
    }

    fn given(&self, header: Header) -> Given<'r> {
        self.0.get(header as usize).copied().unwrap_or(Given::Never)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &[u8])]) -> Request {
        let mut head = http::Request::post("/");
        for (name, value) in headers {
            head = head.header(*name, *value);
        }
        let (head, ()) = head.body(()).unwrap().into_parts();
        let peer = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST).into();
        Request { head, body: Default::default(), peer, tls: false }
    }

    #[test]
    fn every_header_is_found_and_no_other() {
        for (at, header) in Header::ALL.into_iter().enumerate() {
            assert_eq!(header as usize, at);
            let request = request(&[("x-acs-other", b"o"), (header.name(), b"v")]);
            let headers = Headers::of(&request);
            for asked in Header::ALL {
                assert_eq!(headers.text(asked).unwrap(), (asked == header).then_some("v"));
                assert_eq!(headers.has(asked), asked == header);
            }
        }
    }

    #[test]
    fn what_is_given_twice_or_is_no_text_is_refused_as_any_header_is() {
        let request = request(&[("x-acs-date", b"1"), ("host", b"\xff"), ("x-acs-date", b"1"), ("x-acs-date", b"1")]);
        let headers = Headers::of(&request);
        for header in [Header::Date, Header::Host] {
            let (here, there) = (headers.text(header).unwrap_err(), request.header(header.name()).unwrap_err());
            assert_eq!((here.kind(), here.why(), here.subject()), (there.kind(), there.why(), there.subject()));
            assert!(headers.has(header));
        }
    }
}
