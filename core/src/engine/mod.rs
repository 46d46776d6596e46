//! The engine: the one straight line that every request follows.
//!
//! `answer`: open → identify → decode → execute → encode → write. `execute`: locate → facts → evaluate → run → commit and
//! tell the trail. Nothing travels back, and nothing runs before all its parts were judged.

mod cache;
mod caller;
mod circumstances;
mod diagnose;
mod facts;
mod health;
mod identify;
mod ids;
mod judge;
mod lately;
mod local;
mod locate;
mod recent;
pub mod session;
mod sweep;
mod trail;
mod turns;
mod watch;
pub mod world;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, REFERER, USER_AGENT};

pub use caller::{Call, Caller, Connection, Event, Principal, Situation};
pub use circumstances::{Circumstances, Simulated, Values};
pub(crate) use facts::Foreseen;
pub use local::Local;
pub use locate::{GrantFound, Located, Search, Unmade, unchanged};
pub use recent::{Happening, Outcome, Wanted};
pub use session::Session;
pub use sweep::{Swept, Waiting};
pub use world::{Caches, Ports, World};

use circumstances::Simulations;
use judge::{Judgement, Ruled};
pub(crate) use judge::{asked, ruling};
use recent::Recent;
pub(crate) use trail::{Elements, Text};
use trail::{Happened, Outbox};
use turns::{Turn, Turns};

use crate::dialect::row::BoxFuture;
use crate::dialect::{Dialect, Envelope, Guard, Opened, Registry, Reply, Request, Response, Voice};
use crate::error::{Cause, Error, Flaw, Kind, Result};
use crate::holder::Removed;
use crate::name::Place;
use crate::operation::{Authorized, Operation, Role};
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
    /// Whether credentials that everybody knows are taken, as an emulator does: the number of an account as the access key
    /// of its owner, and the key of an administrator.
    pub well_known: bool,
    /// Whether signatures that rest on SHA-1 are refused.
    pub deny_legacy_signatures: bool,
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
    /// How many requests are kept in memory with what came of them, for whoever develops against this engine: names of
    /// people and policies, of every account. None, for a server.
    pub recent: usize,
    /// Whether requests may be taken to come from circumstances that they do not come from, as in an emulator.
    pub simulates: bool,
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

/// How often an operation is tried while others change the same thing: those of other processes, for in this one they take
/// turns.
const ATTEMPTS: usize = 16;

enum Attempt<O: Operation> {
    Finished(Result<O::Output>),
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
    outbox: Outbox,
    turns: Turns,
    recent: Option<Recent>,
    simulations: Simulations,
}

impl Engine {
    /// An engine on these ports, speaking these dialects.
    pub fn new(ports: Ports, registry: Registry, settings: Settings) -> Self {
        Self {
            world: World::new(ports, settings.caches),
            registry,
            recent: Some(settings.recent).filter(|most| *most > 0).map(Recent::of),
            settings,
            ids: ids::Ids::new(),
            outbox: Outbox::default(),
            turns: Turns::default(),
            simulations: Simulations::default(),
        }
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
        self.catch_up().await?;
        let kept = store.scan(world::META, "", None, usize::MAX >> 1).await?;
        let cleared = store.clear().await;
        self.world.forget_all();
        self.outbox.clear();
        self.simulations.clear();
        if let Some(recent) = &self.recent {
            recent.clear();
        }
        self.world.ports.clock.restore();
        cleared?;
        self.world.ports.once.clear().await?;
        let keep = |Record { path, rev: _, body }| Change::Put { space: world::META, path, expect: Expect::Any, body };
        store.commit(kept.into_iter().map(keep).collect()).await?;
        self.sow().await.map(drop)
    }

    /// Moves the clock, which is believed then, removes what is due, and tells the new time.
    ///
    /// # Errors
    /// [`Kind::Unsupported`] when the clock cannot be moved.
    pub async fn advance(&self, step: jiff::SignedDuration) -> Result<Time> {
        if !self.world.ports.clock.advance(step) {
            return Err(Kind::Unsupported.because("this clock cannot be moved"));
        }
        self.trust_clock().await?;
        self.sweep().await?;
        Ok(self.world.ports.clock.now())
    }

    /// Why nothing can be done any more, once the store or the trail has given up; the process should be ended.
    pub fn failure(&self) -> Option<String> {
        self.world.ports.store.failure().or_else(|| self.world.ports.audit.failure())
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

    /// The requests that were answered lately, the newest first, as a JSON array; absent where none are kept.
    pub fn recent(&self, wanted: &Wanted) -> Option<String> {
        self.recent.as_ref().map(|recent| recent.told(wanted))
    }

    /// Takes the requests of an access key, and of sessions that are started with it, to come from circumstances; without
    /// any, they come from where they come from.
    ///
    /// # Errors
    /// [`Kind::Unsupported`] where nothing is simulated, [`Kind::Invalid`] for what cannot be.
    pub fn simulate(&self, dialect: &'static Dialect, id: &str, circumstances: Option<Circumstances>) -> Result<()> {
        if !self.settings.simulates {
            return Err(Kind::Unsupported.because("circumstances are simulated in an emulator alone").naming(id));
        }
        if !(dialect.front.access_key_id)(id) {
            return Err(Kind::Invalid(Flaw::Value).because("this cannot be an access key").naming(id));
        }
        self.simulations.put(dialect, id, circumstances)
    }

    /// All circumstances that are simulated, with the dialect of each.
    pub fn simulated(&self) -> Vec<(&'static str, Arc<Simulated>)> {
        self.simulations.all()
    }

    /// The region of requests that name none.
    pub fn default_region(&self, dialect: &'static Dialect) -> String {
        self.region(dialect).to_owned()
    }

    /// Answers one request; every failure is an answer too. What was done is on the audit trail before the answer leaves.
    pub async fn answer(&self, request: &Request) -> Response {
        let random = self.world.ports.random.as_ref();
        let (mut request_room, mut event_room) = (ids::ROOM, ids::ROOM);
        let ids = (self.ids.next(random, &mut request_room), self.ids.next(random, &mut event_room));
        let (Ok(request_id), Ok(event_id)) = ids else {
            let why = "the random generator failed";
            return faulty(plain(500, why), Some(why.to_owned()));
        };
        let (dialect, Opened { voice, envelope }) = match self.registry.open(request) {
            Ok(opened) => opened,
            Err(error) if error.kind() == Kind::UnknownOperation => return plain(404, error.why()),
            Err(error) => return plain(400, error.why()),
        };
        let claimed = self.claimed(&envelope);
        let (row, answer) = match envelope {
            Ok(envelope) => {
                (Some(envelope.row), self.serve(dialect, request, envelope, voice, request_id, event_id).await)
            }
            Err(error) => (None, Err(Unidentified(error))),
        };
        let (decided, answer) = match answer {
            Ok(answer) => (true, answer),
            Err(Unidentified(error)) => {
                self.keep_unidentified(dialect, request, (voice, row, claimed), (request_id, event_id), &error);
                (false, Err(error))
            }
        };
        let host = request.head.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let why = answer.as_ref().err().map(ToString::to_string);
        let mut response = faulty((dialect.write)(&voice, row, Reply { request_id, host, answer }), why);
        if let Some(happening) = self.recent.as_ref().and_then(|recent| recent.of_decision(event_id)) {
            response.extensions_mut().insert(happening);
        }
        match self.settings.decision_header && decided {
            true => naming(event_id, response),
            false => response,
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
    ) -> std::result::Result<Result<Bytes>, Unidentified> {
        let Envelope { service, row, claim, arguments, region } = envelope;
        let at = self.world.ports.clock.now();
        let region = lately::region(region.as_deref().unwrap_or_else(|| self.region(dialect)));
        let partition = (dialect.law.partition)(&region);
        let identify::Identified { caller, named } =
            self.identify(dialect, claim.as_ref(), partition, at).await.map_err(Unidentified)?;
        let connection = Connection {
            peer: request.peer.clone(),
            tls: request.tls,
            user_agent: lately::client(request.header(&USER_AGENT).ok().flatten().unwrap_or_default()),
            referer: request.header(&REFERER).ok().flatten().map(Arc::from),
            simulated: self.simulations.of(&caller),
        };
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
            kept: self.keeps(at),
        };
        Ok(match (dialect.law.barred)(&call.caller, service, row) {
            Some(error) => self.refused(&call, row.effect(), Text::default(), error).await,
            None => row.serve(self, call, &arguments).await,
        })
    }

    /// Judges an operation and, if it is allowed, runs it and commits what it changes; whatever comes out, its event is
    /// on the audit trail.
    ///
    /// # Errors
    /// [`Kind::AccessDenied`] when a policy says so, otherwise whatever the operation says; [`Kind::Internal`] when the
    /// event cannot be told.
    pub(crate) async fn execute<O: Operation>(
        &self,
        call: Call<'_>,
        op: O,
        guard: &Guard<O>,
        parameters: Text,
        elements: Elements<O::Output>,
    ) -> Result<O::Output> {
        self.listened_to().await?;
        let (mut call, mut op, mut attempts, mut turn) = (call, op, 0, self.turns.turn());
        loop {
            attempts += 1;
            match self.attempt(&call, op, guard, (&parameters, elements), &mut turn).await {
                Attempt::Finished(outcome) => return outcome,
                Attempt::Overtaken(again, _) if attempts < ATTEMPTS => {
                    op = again;
                    call.at = self.world.ports.clock.now();
                }
                Attempt::Overtaken(_, Judged { located, ruled }) => {
                    let error = Kind::Conflict.because("the same thing is being changed by too many at once");
                    return self.failed::<O>(&call, &parameters, &located, &ruled, error).await;
                }
            }
        }
    }

    /// Makes what is not there yet, unless somebody else just did.
    async fn make(&self, call: &Call<'_>, located: &[Located], now: Time) -> Result<()> {
        let mut changes = Vec::new();
        for unmade in located.iter().filter_map(|one| one.unmade.as_ref()) {
            changes.extend(unmade.making(&self.world, call.dialect, now).await?);
        }
        match self.world.commit(changes).await {
            Err(error) if error.kind() != Kind::Conflict => Err(error),
            _ => Ok(()),
        }
    }

    /// One try on one snapshot: what was judged is what is changed, or somebody else was faster. Who was overtaken has the
    /// turn in the next try.
    async fn attempt<O: Operation>(
        &self,
        call: &Call<'_>,
        op: O,
        guard: &Guard<O>,
        told: (&[u8], Elements<O::Output>),
        turn: &mut Turn<'_>,
    ) -> Attempt<O> {
        let now = call.at;
        let located = match self.locate(call, &op, now).await {
            Ok(located) => located,
            Err(error) => {
                return Attempt::Finished(self.failed::<O>(call, told.0, &[], &Ruled::NOTHING, error).await);
            }
        };
        let Judgement { ruled, refusal } = self.judge(call, &op, guard, &located, now);
        if let Some(error) = refusal.or_else(|| reserved::<O>(call, &located)) {
            return Attempt::Finished(self.failed::<O>(call, told.0, &located, &ruled, error).await);
        }
        if located.iter().any(|one| one.unmade.is_some()) {
            return match self.make(call, &located, now).await {
                Ok(()) => Attempt::Overtaken(op, Judged { located, ruled }),
                Err(error) => Attempt::Finished(self.failed::<O>(call, told.0, &located, &ruled, error).await),
            };
        }
        let place = Place {
            dialect: call.dialect.name,
            account: Arc::clone(&call.caller.account),
            region: Arc::clone(&call.region),
        };
        let allowed =
            Authorized::new(op, Arc::clone(&call.caller), call.connection.clone(), call.dialect, place, located, now);
        let restricts = || O::restricts(&allowed, &self.world);
        let outcome = match O::run(&allowed, &self.world).await {
            Ok(output) => {
                let staged = allowed.staged();
                match turn.take(&staged.changes, restricts).await {
                    false => self.conclude(call, &allowed, &ruled, staged, &output, told).await.map(|()| output),
                    true => Err(Kind::Conflict.because("somebody else came first")),
                }
            }
            Err(error) => {
                if error.kind() == Kind::Conflict {
                    turn.take(&allowed.judged(), restricts).await;
                }
                Err(error.on(subject(allowed.all())))
            }
        };
        match outcome {
            Ok(output) => Attempt::Finished(Ok(output)),
            Err(error) if error.kind() == Kind::Conflict => {
                let (op, located) = allowed.into_parts();
                Attempt::Overtaken(op, Judged { located, ruled })
            }
            Err(error) => Attempt::Finished(self.failed::<O>(call, told.0, allowed.all(), &ruled, error).await),
        }
    }

    /// The error of an operation that came to nothing, once its event is told.
    async fn failed<O: Operation>(
        &self,
        call: &Call<'_>,
        parameters: &[u8],
        located: &[Located],
        ruled: &Ruled,
        error: Error,
    ) -> Result<O::Output> {
        let event = self.event(call, &Happened::failed(parameters, O::EFFECT, located, ruled, &error));
        self.tell(event).await?;
        Err(error)
    }
}

/// Why nobody is known to have asked: no event tells of it.
struct Unidentified(Error);

/// The full name of what an operation is about: a managed policy, or whatever comes first.
fn subject(located: &[Located]) -> Option<String> {
    let policy = located.iter().find(|located| located.role == Role::Policy);
    policy.or(located.first()).map(|located| located.arn.to_string())
}

/// The header that names the decision.
const DECISION: http::HeaderName = http::HeaderName::from_static("x-polykms-decision-id");

fn naming(decision: &str, mut response: Response) -> Response {
    if let Ok(id) = http::HeaderValue::from_str(decision) {
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

/// Why an operation that was allowed is not done: it would change what is the vendor's own.
fn reserved<O: Operation>(call: &Call<'_>, located: &[Located]) -> Option<Error> {
    let own = |one: &&Located| O::EFFECT.is_change() && !one.missing && (call.dialect.law.reserved)(&one.arn);
    let found = located.iter().find(own)?;
    let error = Kind::NotApplicable.because("only the vendor may change it").with_cause(Cause::Reserved);
    Some(error.naming(&*found.arn))
}
