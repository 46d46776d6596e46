//! One request of one connection: read, answered by the engine or by the server itself, logged.
//!
//! # Invariants
//! - An answer that was begun is finished, audit and all, when the client leaves or its connection breaks.
//! - A panic is caught around the answer, so that neither its connection nor its worker ends.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONNECTION, DATE, HeaderValue, ORIGIN};
use http::request::Parts;
use http::{Method, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use jiff::SignedDuration;
use polykms_core::dialect::{Peer, Request, Response};
use polykms_core::engine::{Happening, ServerFault};
use tokio::time::Instant;

use crate::answer::Answer;
use crate::body;
use crate::door::{self, Entry};
use crate::insight::Page;
use crate::pulse::Pulse;
use crate::refusal::{Refusal, json};
use crate::server::Shared;

/// What every request of a connection needs.
pub(crate) struct Service<E> {
    pub(crate) engine: Arc<E>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) pulse: Rc<Pulse>,
    pub(crate) peer: Peer,
    pub(crate) address: IpAddr,
    pub(crate) tls: bool,
}

impl<E: Answer> Service<E> {
    /// Answers one request.
    ///
    /// # Errors
    /// Never.
    pub(crate) async fn call(
        self: Rc<Self>,
        request: hyper::Request<Incoming>,
    ) -> Result<hyper::Response<Full<Bytes>>, Infallible> {
        let begun = Instant::now();
        let _running = self.pulse.run();
        self.shared.counters.requests.fetch_add(1, Ordering::Relaxed);
        let (head, body) = request.into_parts();
        let method = head.method.clone();
        let mut response = match self.enter(head, body).await {
            Ok(response) => response,
            Err(refusal) => {
                self.pulse.refuse();
                refusal.response()
            }
        };
        self.log(&method, &response, begun);
        if self.shared.is_draining() {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if let Some(date) = moved_date(&self.shared) {
            response.headers_mut().insert(DATE, date);
        }
        Ok(response.map(Full::new))
    }

    async fn enter(&self, head: Parts, body: Incoming) -> Result<Response, Refusal> {
        let Shared { limits, door, .. } = self.shared.as_ref();
        body::admit(&head, limits)?;
        let page = match door.admit(&head, self.tls, |host| self.engine.is_endpoint(host))? {
            Entry::Preflight(origin) => return Ok(door::preflight(&head, origin)),
            Entry::Page(origin) => Some(origin),
            Entry::Own => None,
        };
        let mut share = self.shared.pending.share(self.address);
        let body = body::read(body, limits, &mut share).await?;
        let response = self.answer(Request { head, body, peer: self.peer.clone(), tls: self.tls }).await;
        Ok(match page {
            Some(origin) => door::shared(response, origin),
            None => response,
        })
    }

    fn answer(&self, request: Request) -> Begun<E> {
        let (engine, shared) = (Arc::clone(&self.engine), Arc::clone(&self.shared));
        Begun::new(Arc::clone(&self.engine), Arc::clone(&self.shared), async move {
            let answer = pin!(route(engine.as_ref(), &shared, &request));
            without_panic(answer).await.unwrap_or_else(|| {
                shared.counters.panics.fetch_add(1, Ordering::Relaxed);
                failed(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    INTERNAL.into(),
                    "a panic was caught while answering".to_owned(),
                )
            })
        })
    }

    fn log(&self, method: &Method, response: &Response, begun: Instant) {
        let (status, peer) = (response.status().as_u16(), &self.peer);
        if status >= 500 {
            let (latency_us, request_id) = (elapsed(begun), self.engine.request_id(response));
            let cause = cause(response);
            tracing::error!(target: "polykms::request", %method, status, latency_us, %peer, request_id, cause, "answered");
        } else if let Some(happening) = response.extensions().get::<Arc<Happening>>() {
            tell(happening, response, begun);
        } else if tracing::enabled!(target: "polykms::request", tracing::Level::INFO) {
            let (latency_us, request_id) = (elapsed(begun), self.engine.request_id(response));
            tracing::info!(target: "polykms::request", %method, status, latency_us, %peer, request_id, "answered");
        }
    }
}

/// What happened, as a line for people, and as its parts for programs.
fn tell(happening: &Happening, response: &Response, begun: Instant) {
    let Happening { number, request_id, decision_id, time, dialect, service, operation, caller, address, .. } =
        happening;
    let Happening { access_key_id, resources, outcome, code, message, reason, simulated, decisions: _, .. } = happening;
    let (status, latency_us, outcome) = (response.status().as_u16(), elapsed(begun), outcome.name());
    let resources = serde_json::to_string(resources).unwrap_or_default();
    let simulated = simulated.as_ref().and_then(|simulated| serde_json::to_string(simulated).ok());
    tracing::info!(
        target: "polykms::request", number, %time, dialect, service, operation, caller, access_key_id, resources, outcome,
        code, error = message, reason, simulated, status, latency_us, peer = address, request_id, decision_id, "{happening}"
    );
}

/// The date of an answer, where the clock was moved: clients sign by it.
fn moved_date(shared: &Shared) -> Option<HeaderValue> {
    let moved = SignedDuration::from_secs(Some(shared.moved.load(Ordering::Relaxed)).filter(|moved| *moved != 0)?);
    let now = jiff::Timestamp::now().checked_add(moved).ok()?;
    HeaderValue::from_str(&httpdate::fmt_http_date(now.into())).ok()
}

pub(crate) const NO_BROWSER: &str = r#"{"error":{"code":"Forbidden","message":"not from a browser"}}"#;
pub(crate) const INTERNAL: &str =
    r#"{"error":{"code":"InternalFailure","message":"the request failed for an unknown reason"}}"#;

async fn route<E: Answer>(engine: &E, shared: &Shared, request: &Request) -> Response {
    let path = request.head.uri.path();
    match path {
        "/healthz" => return Box::pin(health(engine, request, None)).await,
        "/readyz" => return Box::pin(health(engine, request, Some(shared))).await,
        _ => {}
    }
    // Seldom: kept out of every request.
    match (path.strip_prefix("/_polykms/"), path.strip_prefix("/moto-api/")) {
        (None, None) => engine.answer(request).await,
        (Some(name), _) if let Some(page) = Page::of(name, request, shared) => {
            Box::pin(page.answer(engine, shared, request)).await
        }
        (Some("reset"), _) if controls(shared, request) => Box::pin(reset(engine, shared, request, "reset")).await,
        (Some("clock"), _) if controls(shared, request) => Box::pin(clock(engine, shared, request)).await,
        // What another emulator is asked by the programs that were written for it. Policies are always asked here, so that
        // there is nothing to turn on again.
        (_, Some("reset")) if controls(shared, request) => Box::pin(reset(engine, shared, request, "ok")).await,
        (_, Some("reset-auth")) if controls(shared, request) => {
            Box::pin(control(request, async { Ok("ok".to_owned()) })).await
        }
        _ => json(StatusCode::NOT_FOUND, r#"{"error":{"code":"NotFound","message":"there is nothing here"}}"#),
    }
}

async fn reset<E: Answer>(engine: &E, shared: &Shared, request: &Request, status: &str) -> Response {
    let reset = async {
        engine.reset().await?;
        shared.moved.store(0, Ordering::Relaxed);
        Ok(status.to_owned())
    };
    control(request, reset).await
}

/// Whether requests can be answered, and why not; when asked for readiness, whether they are to be sent here, too.
async fn health<E: Answer>(engine: &E, request: &Request, readiness: Option<&Shared>) -> Response {
    if !matches!(request.head.method, Method::GET | Method::HEAD) {
        return json(
            StatusCode::METHOD_NOT_ALLOWED,
            r#"{"error":{"code":"MethodNotAllowed","message":"only GET is served here"}}"#,
        );
    }
    if let Some(why) = engine.health().await {
        let body = serde_json::json!({ "status": "failed", "reason": why }).to_string();
        return failed(StatusCode::SERVICE_UNAVAILABLE, body.into(), why);
    }
    match readiness {
        None => json(StatusCode::OK, r#"{"status":"ok"}"#),
        Some(shared) if !shared.is_draining() => json(StatusCode::OK, r#"{"status":"ready"}"#),
        Some(_) => {
            let why = "the server is about to end".to_owned();
            failed(StatusCode::SERVICE_UNAVAILABLE, r#"{"status":"draining"}"#.into(), why)
        }
    }
}

/// A failure of the server's own, with the cause for its log.
pub(crate) fn failed(status: StatusCode, body: Bytes, cause: String) -> Response {
    let mut response = json(status, "");
    *response.body_mut() = body;
    response.extensions_mut().insert(ServerFault(cause));
    response
}

fn cause(response: &Response) -> Option<&str> {
    response.extensions().get::<ServerFault>().map(|ServerFault(why)| why.as_str())
}

fn controls(shared: &Shared, request: &Request) -> bool {
    shared.reset && request.head.method == Method::POST
}

/// `{"advance": "8d"}` moves the clock; `90m`, `8d 2h`, `-1h` and ISO 8601 durations are understood.
async fn clock<E: Answer>(engine: &E, shared: &Shared, request: &Request) -> Response {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Move {
        advance: jiff::Span,
    }
    let step = serde_json::from_slice::<Move>(&request.body).ok();
    let step = step.and_then(|step| step.advance.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok());
    match step {
        Some(step) => {
            let advanced = async {
                let now = engine.advance(step).await?;
                let moved = now.duration_since(jiff::Timestamp::now()).as_secs_f64().round();
                #[allow(clippy::cast_possible_truncation, reason = "a clock goes no farther than a hundred years")]
                shared.moved.store(moved as i64, Ordering::Relaxed);
                Ok(now.to_string())
            };
            control(request, advanced).await
        }
        None => json(
            StatusCode::BAD_REQUEST,
            r#"{"error":{"code":"InvalidDuration","message":"the body is {\"advance\": \"8d\"} or the like"}}"#,
        ),
    }
}

async fn control(request: &Request, change: impl Future<Output = polykms_core::error::Result<String>>) -> Response {
    // A browser says where a request comes from; no page of any site may change the state.
    if request.head.headers.contains_key(ORIGIN) {
        return json(StatusCode::FORBIDDEN, NO_BROWSER);
    }
    match change.await {
        Ok(status) => {
            let body = serde_json::json!({ "status": status }).to_string();
            let mut response = json(StatusCode::OK, "");
            *response.body_mut() = body.into();
            response
        }
        Err(error) => failed(StatusCode::INTERNAL_SERVER_ERROR, INTERNAL.into(), error.to_string()),
    }
}

/// The output, or nothing when the future panicked.
async fn without_panic<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Some),
        Err(_) => Poll::Ready(None),
    })
    .await
}

fn elapsed(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// An answer under way; dropped unfinished, it goes on as a task of its own.
struct Begun<E: Answer> {
    engine: Arc<E>,
    future: Option<Pin<Box<dyn Future<Output = Response> + Send>>>,
    shared: Arc<Shared>,
}

impl<E: Answer> Begun<E> {
    fn new(engine: Arc<E>, shared: Arc<Shared>, future: impl Future<Output = Response> + Send + 'static) -> Self {
        Self { engine, future: Some(Box::pin(future)), shared }
    }
}

impl<E: Answer> Future for Begun<E> {
    type Output = Response;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response> {
        let Some(future) = self.future.as_mut() else { return Poll::Pending };
        let poll = future.as_mut().poll(cx);
        if poll.is_ready() {
            self.future = None;
        }
        poll
    }
}

impl<E: Answer> Drop for Begun<E> {
    fn drop(&mut self) {
        let (Some(future), Ok(runtime)) = (self.future.take(), tokio::runtime::Handle::try_current()) else { return };
        let (engine, shared) = (Arc::clone(&self.engine), Arc::clone(&self.shared));
        shared.left.fetch_add(1, Ordering::Relaxed);
        runtime.spawn(async move {
            let response = future.await;
            shared.left.fetch_sub(1, Ordering::Relaxed);
            let (status, request_id) = (response.status().as_u16(), engine.request_id(&response));
            match cause(&response) {
                Some(cause) => {
                    tracing::error!(target: "polykms::request", status, request_id, cause, "answered after the client had left");
                }
                None => tracing::info!(target: "polykms::request", status, request_id, "answered after the client had left"),
            }
        });
    }
}
