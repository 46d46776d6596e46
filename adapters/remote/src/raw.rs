//! Requests that nobody checks: for those who look how the other side takes what it should refuse.

use std::sync::Arc;

use ::http::Request;
use bytes::Bytes;
use jiff::Timestamp;
use polykms_core::dialect::client::{Kind, Options, Result};
use polykms_core::dialect::{Response, Row, Service};
use serde_json::Value;

use super::call::unasked;
use super::credentials::Kept;
use super::http::{Failure, send};
use super::{Credentials, Remote};

impl Remote {
    /// The same services, asked with other credentials. What was learnt of the other side's clock, and what may be spent on
    /// further attempts, they share.
    #[must_use]
    pub fn signing_as(&self, credentials: impl Credentials) -> Self {
        let Self { dialect, client, http, credentials: _, settings, budget, skew, name } = self;
        Self {
            dialect,
            client,
            http: http.clone(),
            credentials: Kept::new(Box::new(credentials)),
            settings: Arc::clone(settings),
            budget: Arc::clone(budget),
            skew: Arc::clone(skew),
            name: name.clone(),
        }
    }

    /// Asks for an operation, built here or not, with an input as it is: JSON in the vendor's own names, bytes as base64.
    /// The answer is told the same way, with members that are not known here.
    ///
    /// # Errors
    /// Those of a call. Nothing is checked before it is sent.
    pub async fn raw(&self, service: &'static Service, row: &'static Row, input: &Value) -> Result<Value> {
        let request = (self.client.write)(service, row, input);
        let read = |response: &Response| (self.client.read)(service, row, response);
        self.called(service, row, Options::default(), request, read).await
    }

    /// The request that [`raw`](Self::raw) would sign and send.
    ///
    /// # Errors
    /// [`Kind::Config`] when the service is reached nowhere, [`Kind::Invalid`] when the input cannot be written.
    pub fn unsigned(&self, service: &'static Service, row: &'static Row, input: &Value) -> Result<Request<Bytes>> {
        (self.client.write)(service, row, input).map_err(|error| unasked(&error))
    }

    /// Sends a request to a service as it is, once, and answers whatever comes back.
    ///
    /// # Errors
    /// [`Kind::Transport`], [`Kind::Timeout`] and [`Kind::Unexpected`] when there is no answer, or a too long one.
    pub async fn send(&self, service: &'static Service, request: Request<Bytes>) -> Result<Response> {
        let (place, _) = self.settings.place(self.client, service)?;
        let answer = send(&self.http, &place, request.into(), self.settings.limits.answer).await;
        answer.map_err(|failure| match failure {
            Failure::Unconnected => Kind::Transport.because("the other side cannot be reached"),
            Failure::Slow => Kind::Timeout.because("the other side did not answer in time"),
            Failure::Broken => Kind::Transport.because("the connection broke"),
            Failure::TooLong => Kind::Unexpected.because("the answer is longer than what is read"),
        })
    }

    /// The time of the other side, as far as it was seen.
    pub fn now(&self) -> Timestamp {
        self.skew.now()
    }
}
