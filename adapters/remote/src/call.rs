//! One call: attempts until one of them is answered, as far as time, number and budget allow.

use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;
use polykms_core::dialect::client::{Again, Asked, Attempt, Error, Kind, Options, Outcome, Result, Sealing};
use polykms_core::dialect::{Request, Response, Row, Service};
use polykms_core::error;
use polykms_core::operation::Repeat;
use reqwest::Url;
use tracing::Instrument as _;
use uuid::Uuid;

use super::backoff::{Cause, delay};
use super::credentials::Keys;
use super::http::{Failure, send};
use super::{Limits, Remote};

/// A call under way.
struct Calling<'a> {
    service: &'static Service,
    row: &'static Row,
    place: &'a Url,
    region: &'a str,
    limits: Limits,
    call: String,
    begun: Instant,
    /// Which attempt it is.
    number: u32,
    /// What the last attempt cost.
    cost: Option<u32>,
    waited: Duration,
    /// Whether credentials were renewed, and the clock was followed: each helps once.
    renewed: bool,
    followed: bool,
}

/// What came of an attempt that does not end the call.
enum Next {
    Ended(Error),
    Wait(Cause, Error),
    AtOnce(Error),
}

impl Remote {
    pub(crate) async fn answered(&self, asked: Asked) -> Outcome {
        let Asked { service, row, op, options } = asked;
        let request = row.request(service, op.as_ref());
        drop(op);
        self.called(service, row, options, request, |response| row.output(service, response)).await
    }

    /// Makes a call, and reads its answer.
    pub(crate) async fn called<T>(
        &self,
        service: &'static Service,
        row: &'static Row,
        options: Options,
        request: error::Result<::http::Request<Bytes>>,
        read: impl FnOnce(&Response) -> error::Result<T>,
    ) -> Result<T> {
        let operation = row.wire();
        let span = tracing::debug_span!(
            "polykms.call",
            rpc.system = self.dialect.name,
            rpc.service = service.name,
            rpc.method = operation,
            cloud.region = self.settings.wanted.region,
            attempts = tracing::field::Empty,
            request_id = tracing::field::Empty,
        );
        async {
            let request = request.map_err(|error| unasked(&error))?;
            let (place, region) = self.settings.place(self.client, service)?;
            let limits = self.limits(options);
            let calling = Calling {
                service,
                row,
                place: &place,
                region: &region,
                limits,
                call: Uuid::new_v4().to_string(),
                begun: Instant::now(),
                number: 0,
                cost: None,
                waited: Duration::ZERO,
                renewed: false,
                followed: false,
            };
            let response = self.attempts(calling, request.into()).await?;
            read(&response).map_err(|error| unread(self, service, &error, &response))
        }
        .instrument(span)
        .await
        .map_err(|error| match error.operation() {
            "" => error.of(operation, 0),
            _ => error,
        })
    }

    fn limits(&self, options: Options) -> Limits {
        let limits = self.settings.limits;
        let call = options.timeout.unwrap_or(limits.call);
        Limits { call, attempts: options.attempts.unwrap_or(limits.attempts).max(1), ..limits }
    }

    async fn attempts(&self, mut calling: Calling<'_>, request: Request) -> Result<Response> {
        loop {
            calling.number += 1;
            let next = match self.attempt(&mut calling, request.clone()).await {
                Ok(response) => {
                    self.budget.give(calling.cost);
                    tracing::Span::current().record("attempts", calling.number);
                    return Ok(response);
                }
                Err(next) => next,
            };
            let of_it = |error: Error| error.of(calling.row.wire(), calling.number);
            match next {
                Next::Ended(error) => return Err(of_it(error)),
                Next::AtOnce(error) | Next::Wait(_, error) if calling.number >= calling.limits.attempts => {
                    return Err(of_it(error));
                }
                Next::AtOnce(_) => {}
                Next::Wait(cause, error) => {
                    let Some(cost) = self.budget.take(cause) else {
                        return Err(of_it(error.hinting("too much failed lately for it to be tried again")));
                    };
                    let wish = match error.again() {
                        Again::After(wish) if error.status().is_some() => Some(wish),
                        _ => None,
                    };
                    let wait = delay(cause, calling.number, chance(), wish);
                    if calling.begun.elapsed() + wait >= calling.limits.call {
                        return Err(of_it(error));
                    }
                    tracing::warn!(operation = calling.row.wire(), attempt = calling.number, %error, ?wait, "trying again");
                    tokio::time::sleep(wait).await;
                    calling.cost = Some(cost);
                    calling.waited += wait;
                }
            }
        }
    }

    async fn attempt(&self, calling: &mut Calling<'_>, request: Request) -> std::result::Result<Response, Next> {
        let left = calling.limits.call.saturating_sub(calling.begun.elapsed());
        let getting = tokio::time::timeout(left, self.credentials.good(self.skew.now())).await;
        let keys = match getting {
            Ok(keys) => keys.map_err(Next::Ended)?,
            Err(_) => return Err(Next::Ended(Kind::Timeout.because("no credentials came in time"))),
        };
        let signed_at = self.skew.now();
        let sealed = self.sealed(calling, request, &keys, signed_at).map_err(|error| Next::Ended(unasked(&error)))?;
        let (left, sent_at) = (calling.limits.call.saturating_sub(calling.begun.elapsed()), Instant::now());
        let sending = send(&self.http, calling.place, sealed, calling.limits.answer);
        let response = match tokio::time::timeout(left.min(calling.limits.attempt), sending).await {
            Ok(Ok(response)) => response,
            Ok(Err(failure)) => return Err(unanswered(calling, failure)),
            Err(_) => return Err(unanswered(calling, Failure::Slow)),
        };
        let off = self.skew.learn(response.headers(), signed_at, sent_at.elapsed());
        match response.status().as_u16() {
            200..300 => Ok(response),
            300..400 => Err(Next::Ended(redirected(&response))),
            _ => Err(self.refused(calling, &response, &keys, off)),
        }
    }

    fn sealed(
        &self,
        calling: &Calling<'_>,
        mut request: Request,
        keys: &Keys,
        now: Timestamp,
    ) -> error::Result<Request> {
        let authority = calling.place.as_str().trim_end_matches('/');
        let host = authority.split_once("://").map_or(authority, |(_, host)| host);
        if let Ok(host) = ::http::HeaderValue::from_str(host) {
            request.head.headers.insert(::http::header::HOST, host);
        }
        let agent = ::http::HeaderValue::from_static(AGENT);
        request.head.headers.insert(::http::header::USER_AGENT, agent);
        let attempt = Attempt {
            call: &calling.call,
            number: calling.number,
            most: calling.limits.attempts,
            waited: calling.waited,
        };
        (self.client.attempt)(&mut request.head.headers, &attempt);
        let nonce = Uuid::new_v4().to_string();
        let (service, region) = (calling.service, calling.region);
        let sealing =
            Sealing { credential: keys.credential(), token: keys.token(), service, region, nonce: &nonce, now };
        (self.client.seal)(&mut request, &sealing)?;
        Ok(request)
    }

    /// What a refusal means for the call.
    fn refused(&self, calling: &mut Calling<'_>, response: &Response, keys: &Keys, off: bool) -> Next {
        let refusal = (self.client.refusal)(calling.service, response);
        let kind = (self.client.kind)(calling.service, refusal.status, &refusal.code);
        if let Some(id) = &refusal.request_id {
            tracing::Span::current().record("request_id", id);
        }
        let (skewed, expired) = ((self.client.is_skewed)(&refusal.code), (self.client.is_expired)(&refusal.code));
        let status = refusal.status;
        let error = kind.refused(refusal);
        if skewed && off && !std::mem::replace(&mut calling.followed, true) {
            return Next::AtOnce(error.hinting("the clock of this machine differs from the server's"));
        }
        if expired {
            self.credentials.drop_ended(keys);
            if !std::mem::replace(&mut calling.renewed, true) {
                return Next::AtOnce(error);
            }
        }
        match kind {
            Kind::Throttled => Next::Wait(Cause::Throttled, error),
            Kind::Conflict => Next::Wait(Cause::Passing, error),
            // Nobody took it up.
            Kind::Unavailable if status == 503 => Next::Wait(Cause::Passing, error),
            Kind::Unavailable => uncertain(calling.row, error),
            _ => Next::Ended(error),
        }
    }
}

/// What this program calls itself.
const AGENT: &str = concat!("polykms/", env!("CARGO_PKG_VERSION"));

/// A number between 0 and 1 that nobody can foresee.
pub(crate) fn chance() -> f64 {
    let (high, _) = Uuid::new_v4().as_u64_pair();
    #[allow(clippy::cast_precision_loss, reason = "a part of it is enough")]
    let chance = high as f64 / u64::MAX as f64;
    chance
}

/// An attempt that may have done what was asked: again, if that is the same; otherwise whoever called has to look.
fn uncertain(row: &Row, error: Error) -> Next {
    match row.repeat() {
        Repeat::Harmless => Next::Wait(Cause::Passing, error),
        Repeat::Once => Next::Ended(
            error
                .again_is(Again::Unknown)
                .hinting("it may have happened: look whether it has, before it is made again"),
        ),
    }
}

fn unanswered(calling: &Calling<'_>, failure: Failure) -> Next {
    let place = calling.place.origin().ascii_serialization();
    match failure {
        Failure::Unconnected => {
            let error = Kind::Transport.because(format!("{place} cannot be reached"));
            Next::Wait(Cause::Passing, error.again_is(Again::After(Duration::from_secs(1))))
        }
        Failure::Slow => uncertain(calling.row, Kind::Timeout.because(format!("{place} did not answer in time"))),
        Failure::Broken => uncertain(calling.row, Kind::Transport.because(format!("the connection to {place} broke"))),
        Failure::TooLong => Next::Ended(
            Kind::Unexpected
                .because(format!("{place} answers more than the {} bytes that are read", calling.limits.answer))
                .again_is(again(calling.row)),
        ),
    }
}

/// Whether what was answered in a way that says nothing may be asked again.
fn again(row: &Row) -> Again {
    match row.repeat() {
        Repeat::Harmless => Again::Never,
        Repeat::Once => Again::Unknown,
    }
}

fn redirected(response: &Response) -> Error {
    Kind::Unexpected
        .because(format!("the answer is a redirect ({}), which is not followed", response.status().as_u16()))
        .hinting("look at the endpoint")
}

/// Why there is no request.
pub(crate) fn unasked(error: &error::Error) -> Error {
    error.kind().coarse().because(error.to_string())
}

/// Why an answer is none.
fn unread(remote: &Remote, service: &'static Service, error: &error::Error, response: &Response) -> Error {
    let kind = match error.kind() {
        error::Kind::Unsupported => Kind::Unsupported,
        _ => Kind::Unexpected,
    };
    let mut refusal = (remote.client.refusal)(service, response);
    refusal.message = format!("the answer cannot be read: {error}");
    refusal.code.clear();
    kind.refused(refusal)
}
