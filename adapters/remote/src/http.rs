//! One attempt: a request on the wire, and its answer as far as the cap.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use polykms_core::dialect::client::{Kind, Result};
use polykms_core::dialect::{Request, Response};
use reqwest::Url;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use super::Limits;

/// Why an attempt has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No connection came about: nothing was sent.
    Unconnected,
    /// It took too long.
    Slow,
    /// The connection broke, or the answer is none.
    Broken,
    /// The answer is longer than the cap.
    TooLong,
}

/// What speaks HTTP.
///
/// # Errors
/// [`Kind::Config`] when none can be made.
pub(crate) fn client(tls: &ClientConfig, limits: &Limits) -> Result<reqwest::Client> {
    reqwest::Client::builder()
        .use_preconfigured_tls(tls.clone())
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(limits.connect)
        .timeout(limits.attempt)
        .build()
        .map_err(|_| Kind::Config.because("an HTTP client cannot be made of these settings"))
}

/// What will speak to somebody near: not by way of anybody else.
pub(crate) fn near(tls: &ClientConfig, connect: Duration) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .use_preconfigured_tls(tls.clone())
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(connect)
        .pool_max_idle_per_host(0)
}

/// Whom to trust: the authorities of the system and those in this PEM.
///
/// # Errors
/// [`Kind::Config`] when the certificates cannot be read.
pub(crate) fn tls(pem: &[u8]) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let (_, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let unusable = || Kind::Config.because("a root certificate cannot be read");
        roots.add(certificate.map_err(|_| unusable())?).map_err(|_| unusable())?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = versions.map_err(|_| Kind::Config.because("no version of TLS can be spoken"))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// Sends a request to a place, and reads its answer.
///
/// # Errors
/// A [`Failure`], which says whether it may have been sent.
pub(crate) async fn send(
    client: &reqwest::Client,
    place: &Url,
    request: Request,
    cap: usize,
) -> std::result::Result<Response, Failure> {
    let Request { head, body, .. } = request;
    let mut url = place.clone();
    url.set_path(head.uri.path());
    url.set_query(head.uri.query());
    let mut sending = reqwest::Request::new(head.method, url);
    *sending.headers_mut() = head.headers;
    *sending.body_mut() = Some(body.into());
    let answer = client.execute(sending).await.map_err(|error| failure(&error))?;
    whole(answer, cap).await
}

async fn whole(mut answer: reqwest::Response, cap: usize) -> std::result::Result<Response, Failure> {
    let announced = answer.content_length().unwrap_or_default();
    if announced > cap as u64 {
        return Err(Failure::TooLong);
    }
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = answer.status();
    *response.headers_mut() = std::mem::take(answer.headers_mut());
    let mut body = BytesMut::with_capacity(usize::try_from(announced).unwrap_or_default());
    while let Some(more) = answer.chunk().await.map_err(|error| failure(&error))? {
        if body.len() + more.len() > cap {
            return Err(Failure::TooLong);
        }
        body.extend_from_slice(&more);
    }
    *response.body_mut() = body.freeze();
    Ok(response)
}

fn failure(error: &reqwest::Error) -> Failure {
    match error {
        _ if error.is_connect() => Failure::Unconnected,
        _ if error.is_timeout() => Failure::Slow,
        _ => Failure::Broken,
    }
}
