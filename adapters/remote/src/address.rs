//! Where requests may be sent to.

use std::net::IpAddr;

use polykms_core::dialect::client::{Error, Kind};
use reqwest::Url;

/// An endpoint: a scheme, a host and perhaps a port.
///
/// # Errors
/// [`Kind::Config`] for what is none, and for one without TLS that is not on this machine, unless `plain` allows it.
pub(crate) fn endpoint(text: &str, plain: bool) -> Result<Url, Error> {
    let url =
        Url::parse(text).map_err(|error| Kind::Config.because(format!("the endpoint `{text}` is no URL: {error}")))?;
    let refused =
        |why: &str| Err(Kind::Config.because(format!("the endpoint `{}` {why}", url.origin().ascii_serialization())));
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Kind::Config.because("an endpoint holds no credentials; they are settings of their own"));
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return refused("has more than a scheme, a host and a port");
    }
    match url.scheme() {
        _ if url.host_str().is_none_or(str::is_empty) => refused("names no host"),
        "https" => Ok(url),
        "http" if plain || is_here(&url) => Ok(url),
        "http" => Err(Kind::Config
            .because(format!("the endpoint `{}` is not encrypted", url.origin().ascii_serialization()))
            .hinting("use https, or allow http for this endpoint")),
        _ => refused("is neither https nor http"),
    }
}

/// Whether it is on this machine: an address of the loopback, or `localhost` and what is below it.
fn is_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    match host.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_encrypted_or_here() {
        for good in [
            "https://kms.us-east-1.amazonaws.com",
            "http://127.0.0.1:4566",
            "http://localhost:4566/",
            "http://kms.cn-hangzhou.localhost:1",
            "http://[::1]:4566",
        ] {
            assert!(endpoint(good, false).is_ok(), "{good}");
        }
        for bad in [
            "http://kms.example.com",
            "http://169.254.169.254",
            "http://localhost.evil.example",
            "file:///etc/passwd",
            "https://user:secret@host",
            "https://host/path",
            "https://host/?query",
            "https://",
            "nonsense",
            "",
        ] {
            let error = endpoint(bad, false).unwrap_err();
            assert_eq!(error.kind(), Kind::Config, "{bad}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        assert!(endpoint("http://kms.example.com", true).is_ok());
    }
}
