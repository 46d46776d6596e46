//! The engine: the one straight line that every request follows.
//!
//! `answer`: open → identify → decode → execute → encode → write → settle. `execute`: locate → facts → evaluate →
//! run → record. Nothing travels back, and nothing runs before all its parts were judged.

mod cache;
mod caller;
mod diagnose;
mod facts;
mod health;
mod identify;
mod ids;
mod judge;
mod locate;
pub mod session;
mod sweep;
pub mod world;

use std::cell::RefCell;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, REFERER, USER_AGENT};

pub use caller::{Call, Caller, Connection, Event, Principal, Situation};
pub(crate) use facts::Foreseen;
pub use locate::{Located, Search, unchanged};
pub use session::Session;
pub use world::{Caches, Ports, World};

use judge::{Judgement, Ruled};

use crate::dialect::row::BoxFuture;
use crate::dialect::{Dialect, Envelope, Guard, Opened, Registry, Reply, Request, Response, Voice};
use crate::error::{Error, Kind, Result};
use crate::holder::Removed;
use crate::name::Place;
use crate::operation::{Asked, Authorized, Operation, Role};
use crate::port::audit::Entry;
use crate::port::{Change, Expect, Record, Time};

/// What the policies' answer is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Authorization {
    /// A denial is a denial.
    #[default]
    Enforce,
    /// Denials are recorded in the audit trail and then ignored.
    Audit,
    /// Policies are not asked.
    Off,
}

/// What signatures are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Signatures {
    /// They are verified.
    #[default]
    Verify,
    /// Any credentials pass; an access key id of the form of an account names that account's owner.
    Ignore,
}

/// Which decisions are on the audit trail with their whole trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Traced {
    /// Denials; of what was allowed only that it was.
    #[default]
    Denials,
    /// All. It costs a second evaluation of every request that is allowed.
    All,
}

/// How an engine is to behave.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What the policies' answer is worth.
    pub authorization: Authorization,
    /// What signatures are worth.
    pub signatures: Signatures,
    /// Which decisions are on the audit trail with their whole trace.
    pub traced: Traced,
    /// Whether answers name the decision in a header, by the identifier of its audit event.
    pub decision_header: bool,
    /// How wide a signature's date may differ from the clock, by dialect, where it is not the dialect's default.
    pub skew: Vec<(String, Duration)>,
    /// The account that requests without credentials belong to while signatures are ignored, by dialect.
    pub accounts: Vec<(String, String)>,
    /// The region of requests that name none, by dialect.
    pub regions: Vec<(String, String)>,
    /// How much of what was read is kept at hand.
    pub caches: Caches,
    /// What is there from the start and after a reset; nothing, when absent.
    pub seed: Option<Arc<dyn Sow>>,
}

/// Whatever is to be there from the start.
pub trait Sow: std::fmt::Debug + Send + Sync {
    /// Adds what is not there yet, and removes what is not to be there any more: access keys of owners.
    ///
    /// # Errors
    /// [`Kind::Invalid`] naming what cannot be added; then nothing is.
    fn sow<'a>(&'a self, engine: &'a Engine) -> BoxFuture<'a, Result<Vec<Removed>>>;
}

/// How often an operation is tried while others change the same thing.
const ATTEMPTS: usize = 16;

/// What came of an operation. Its event is taken, but not yet on the audit trail: [`Engine::settled`] sees to that before
/// the outcome is told.
#[derive(Debug)]
#[must_use = "the event is on the audit trail only when it was settled"]
pub struct Executed<T> {
    outcome: Result<T>,
    entry: Option<Entry>,
    /// Whether the policies were asked, so that there is an event to name.
    decided: bool,
}

impl<T> Executed<T> {
    /// Refused before there was anything to record.
    pub(crate) fn refused(error: Error) -> Self {
        Self { outcome: Err(error), entry: None, decided: false }
    }

    /// Goes on with the output.
    pub(crate) fn and_then<U>(self, next: impl FnOnce(T) -> Result<U>) -> Executed<U> {
        Executed { outcome: self.outcome.and_then(next), entry: self.entry, decided: self.decided }
    }
}

enum Attempt<O: Operation> {
    Finished(Executed<O::Output>),
    Overtaken(O, Judged),
}

/// What an attempt had found and decided when it was overtaken.
struct Judged {
    located: Vec<Located>,
    ruled: Ruled,
}

/// A whole key management system behind ports.
pub struct Engine {
    world: World,
    registry: Registry,
    settings: Settings,
    ids: ids::Ids,
}

impl Engine {
    /// An engine on these ports, speaking these dialects.
    pub fn new(ports: Ports, registry: Registry, settings: Settings) -> Self {
        Self { world: World::new(ports, settings.caches), registry, settings, ids: ids::Ids::new() }
    }

    /// The ports, and what was read through them.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The dialects spoken.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Removes everything that is stored, but for what the store says about itself, and applies the seed again.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the store fails.
    pub async fn reset(&self) -> Result<()> {
        let store = &self.world.ports.store;
        let kept = store.scan(world::META, "", None, usize::MAX >> 1).await?;
        let cleared = store.clear().await;
        self.world.forget_all();
        self.world.ports.clock.restore();
        cleared?;
        self.world.ports.once.clear().await?;
        let keep = |Record { path, rev: _, body }| Change::Put { space: world::META, path, expect: Expect::Any, body };
        store.commit(kept.into_iter().map(keep).collect()).await?;
        self.sow().await.map(drop)
    }

    /// Moves the clock, removes what is due by then, and tells the new time.
    ///
    /// # Errors
    /// [`Kind::Unsupported`] when the clock cannot be moved.
    pub async fn advance(&self, step: jiff::SignedDuration) -> Result<Time> {
        if !self.world.ports.clock.advance(step) {
            return Err(Kind::Unsupported.because("this clock cannot be moved"));
        }
        self.sweep().await?;
        Ok(self.world.ports.clock.now())
    }

    /// Why nothing can be written any more, once the store has given up; the process should be ended.
    pub fn failure(&self) -> Option<String> {
        self.world.ports.store.failure()
    }

    /// Adds what the seed of the settings names and is not there yet, and removes the access keys of owners that neither it
    /// names nor one of those made; tells which.
    ///
    /// # Errors
    /// [`Kind::Invalid`] naming the entry that cannot be applied; then nothing is.
    pub async fn sow(&self) -> Result<Vec<Removed>> {
        match &self.settings.seed {
            Some(seed) => seed.sow(self).await,
            None => Ok(Vec::new()),
        }
    }

    /// The region of requests that name none.
    pub fn default_region(&self, dialect: &'static Dialect) -> String {
        self.region(dialect)
    }

    /// Answers one request; every failure is an answer too. What was done is on the audit trail before the answer leaves.
    pub async fn answer(&self, request: &Request) -> Response {
        self.answer_in_turn(request, std::future::ready(())).await
    }

    /// As [`answer`](Engine::answer), but others go first before the event is settled: `turn` comes when they have. One
    /// write then serves the events of all who were ready.
    pub async fn answer_in_turn(&self, request: &Request, turn: impl Future<Output = ()>) -> Response {
        let random = self.world.ports.random.as_ref();
        let (Ok(request_id), Ok(event_id)) = (self.ids.next(random), self.ids.next(random)) else {
            let why = "the random generator failed";
            return faulty(plain(500, why), Some(why.to_owned()));
        };
        let (dialect, Opened { voice, envelope }) = match self.registry.open(request) {
            Ok(opened) => opened,
            Err(error) if error.kind() == Kind::UnknownOperation => return plain(404, error.why()),
            Err(error) => return plain(400, error.why()),
        };
        let host = request.head.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let (row, executed) = match envelope {
            Ok(envelope) => {
                (Some(envelope.row), self.serve(dialect, request, envelope, voice, &request_id, &event_id).await)
            }
            Err(error) => (None, Executed::refused(error)),
        };
        let write = |answer: Result<Bytes>| {
            let why = answer.as_ref().err().map(ToString::to_string);
            faulty((dialect.write)(&voice, row, Reply { request_id: &request_id, host, answer }), why)
        };
        // Written first: nothing is left to do between the trail and the wire.
        let response = write(executed.outcome);
        turn.await;
        match self.settle(executed.entry) {
            Err(error) => write(Err(error)),
            Ok(()) if self.settings.decision_header && executed.decided => naming(event_id, response),
            Ok(()) => response,
        }
    }

    async fn serve(
        &self,
        dialect: &'static Dialect,
        request: &Request,
        envelope: Envelope<'_>,
        voice: Voice,
        request_id: &str,
        event_id: &str,
    ) -> Executed<Bytes> {
        let Envelope { service, row, claim, arguments, region } = envelope;
        let connection = Connection {
            peer: request.peer.clone(),
            tls: request.tls,
            user_agent: request.header(&USER_AGENT).ok().flatten().unwrap_or_default().into(),
            referer: request.header(&REFERER).ok().flatten().map(Arc::from),
        };
        let at = self.world.ports.clock.now();
        let identify::Identified { caller, named } = match self.identify(dialect, claim.as_ref(), at).await {
            Ok(identified) => identified,
            Err(error) => return Executed::refused(error),
        };
        let region = region.unwrap_or_else(|| self.region(dialect).into());
        let call = Call {
            dialect,
            service,
            row,
            caller,
            named,
            region,
            at,
            connection: &connection,
            voice,
            request_id,
            event_id,
        };
        row.serve(self, call, &arguments).await
    }

    /// Judges an operation and, if it is allowed, runs it; whatever comes out, its event was taken for the audit trail.
    ///
    /// The outcome is [`Kind::AccessDenied`] when a policy says so, otherwise whatever the operation says.
    pub(crate) async fn execute<O: Operation>(&self, call: Call<'_>, op: O, guard: &Guard<O>) -> Executed<O::Output> {
        let (mut call, mut op, mut attempts) = (call, op, 0);
        loop {
            attempts += 1;
            match self.attempt(&call, op, guard).await {
                Attempt::Finished(executed) => return executed,
                Attempt::Overtaken(again, _) if attempts < ATTEMPTS => {
                    op = again;
                    call.at = self.world.ports.clock.now();
                }
                Attempt::Overtaken(op, Judged { located, ruled }) => {
                    let error = Kind::Conflict.because("the same thing is being changed by too many at once");
                    return self.record(&call, &located, op.asked(), &ruled, Err(error));
                }
            }
        }
    }

    /// The outcome, once its event is on the audit trail.
    ///
    /// # Errors
    /// The outcome's own; [`Kind::Internal`] when the event cannot be written.
    pub fn settled<T>(&self, executed: Executed<T>) -> Result<T> {
        self.settle(executed.entry).and(executed.outcome)
    }

    /// One try on one snapshot: what was judged is what is changed, or somebody else was faster.
    async fn attempt<O: Operation>(&self, call: &Call<'_>, op: O, guard: &Guard<O>) -> Attempt<O> {
        let now = call.at;
        let located = match self.locate(call, &op, now).await {
            Ok(located) => located,
            Err(error) => return Attempt::Finished(Executed::refused(error)),
        };
        let Judgement { ruled, refusal } = self.judge(call, &op, guard, &located, now);
        if let Some(error) = refusal {
            return Attempt::Finished(self.record(call, &located, op.asked(), &ruled, Err(error)));
        }
        let place = Place {
            dialect: call.dialect.name,
            account: Arc::clone(&call.caller.account),
            region: Arc::clone(&call.region),
        };
        let allowed =
            Authorized::new(op, Arc::clone(&call.caller), call.connection.clone(), call.dialect, place, located, now);
        let outcome = O::run(&allowed, &self.world).await.map_err(|error| error.on(subject(allowed.all())));
        if outcome.as_ref().is_err_and(|error| error.kind() == Kind::Conflict) {
            let (op, located) = allowed.into_parts();
            return Attempt::Overtaken(op, Judged { located, ruled });
        }
        Attempt::Finished(self.record(call, allowed.all(), allowed.op().asked(), &ruled, outcome))
    }

    /// Takes the event of an outcome for the audit trail; without an event there is no outcome.
    fn record<T>(
        &self,
        call: &Call<'_>,
        located: &[Located],
        asked: Asked<'_>,
        ruled: &Ruled,
        outcome: Result<T>,
    ) -> Executed<T> {
        let audit = &self.world.ports.audit;
        if !audit.enabled() {
            return Executed { outcome, entry: None, decided: true };
        }
        let Call { dialect, service, row, caller, named, region, at, connection, voice: _, request_id, event_id } =
            call;
        let Ruled { verdict, rulings } = ruled;
        let event = Event {
            request_id,
            event_id,
            at: *at,
            caller,
            named,
            service,
            row,
            region,
            connection,
            located,
            asked,
            verdict: *verdict,
            rulings,
            error: outcome.as_ref().err(),
        };
        let appended = LINE.with_borrow_mut(|line| {
            line.clear();
            (dialect.audit)(&event, line);
            let appended = audit.append(line);
            line.clear();
            line.shrink_to(LONGEST_KEPT);
            appended
        });
        match appended {
            Ok(entry) => Executed { outcome, entry: Some(entry), decided: true },
            Err(error) => Executed::refused(error),
        }
    }

    fn settle(&self, entry: Option<Entry>) -> Result<()> {
        entry.map_or(Ok(()), |entry| self.world.ports.audit.settle(entry))
    }
}

/// The full name of what an operation is about: a managed policy, or whatever comes first.
fn subject(located: &[Located]) -> Option<String> {
    let policy = located.iter().find(|located| located.role == Role::Policy);
    policy.or(located.first()).map(|located| located.arn.to_string())
}

/// The most room that is kept for the next event.
const LONGEST_KEPT: usize = 16 * 1024;

thread_local! {
    /// Where events are rendered, one after the other.
    static LINE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The header that names the decision.
const DECISION: http::HeaderName = http::HeaderName::from_static("x-polykms-decision-id");

fn naming(decision: String, mut response: Response) -> Response {
    if let Ok(id) = http::HeaderValue::try_from(decision) {
        response.headers_mut().insert(DECISION, id);
    }
    response
}

/// Why a response is one of the server's own failures: an extension of it, for the log alone. It holds no secret.
#[derive(Debug, Clone)]
pub struct ServerFault(pub String);

fn faulty(mut response: Response, why: Option<String>) -> Response {
    if response.status().is_server_error() {
        response.extensions_mut().insert(ServerFault(why.unwrap_or_default()));
    }
    response
}

fn plain(status: u16, why: &str) -> Response {
    let body = serde_json::json!({ "message": why }).to_string();
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    response
}
