//! A small world for the tests of operations: ports that keep everything in memory, and a cloud with small limits.
//!
//! Nothing is judged and nothing is sealed here: the tests are about what operations do once they are allowed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::FutureExt as _;

use crate::dialect::front::{AccountForm, Front};
use crate::dialect::message::{Nothing, Record as Message, Slots, Structure};
use crate::dialect::trail::{Places, Trail};
use crate::dialect::{
    Arguments, Dialect, Format, Guard, Law, OwnedPrincipal, Protocol, Response, Row, Service, Telling, Voice,
};
use crate::engine::world::Ports;
use crate::engine::{Call, Caller, Connection, Engine, Principal, Settings, Swept, World};
use crate::error::{Error, Kind, Result, StateFlaw};
use crate::identity::{self, SystemPolicy};
use crate::key::{self, DataKeyForm, Layout, State, Use};
use crate::operation::Operation;
use crate::policy::{LintData, PrincipalKind};
use crate::port::audit::NoAudit;
use crate::port::crypto::{Handle, Pair, Sealed, Seat, Spec, Wrapping};
use crate::port::once::{Nonce, Once};
use crate::port::{Change, Changes, Clock, Crypto, Expect, Head, Random, Record, Space, Store, StoreError, Time};
use crate::secret::{Material, Plaintext};

/// A document that every kind of policy of identities accepts.
pub(crate) const DOCUMENT: &str = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const KEY_POLICY: &str = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#;

/// An engine of its own, with what is asked of it by the owner of one account.
pub(crate) struct TestWorld {
    engine: Engine,
    clock: Arc<Hands>,
}

impl TestWorld {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(Hands(Mutex::new(Time::UNIX_EPOCH)));
        let ports = Ports {
            store: Arc::new(Shelf::default()),
            crypto: Arc::new(Glass),
            once: Arc::new(Forgetful),
            clock: clock.clone(),
            random: Arc::new(Counter::default()),
            audit: Arc::new(NoAudit),
        };
        let registry = crate::dialect::Registry::of(vec![&CLOUD]).unwrap();
        Self { engine: Engine::new(ports, registry, Settings::default()), clock }
    }

    /// Does something as the owner.
    pub(crate) fn run<O: Operation>(&self, op: O) -> Result<O::Output> {
        self.run_as(Principal::Owner, op)
    }

    /// Does something as somebody else.
    pub(crate) fn run_as<O: Operation>(&self, principal: Principal, op: O) -> Result<O::Output> {
        let account: Arc<str> = "1".into();
        let caller = Caller {
            dialect: CLOUD.name,
            partition: "",
            account: account.clone(),
            principal,
            access_key_id: String::new(),
            session: None,
            identity: [].into(),
            sources: [].into(),
            session_policies: None,
            tags: Default::default(),
        };
        let named = (LAW.principal)(&caller);
        let localhost = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
        let (peer, user_agent) = (localhost.into(), "".into());
        let connection = Connection { peer, tls: true, user_agent, referer: None, simulated: None };
        let call = Call {
            dialect: &CLOUD,
            service: &SERVICE,
            row: &ROWS[0],
            voice: Voice { service: "test", format: Format::Json, dry_run: false },
            caller: caller.into(),
            named: named.into(),
            region: "r".into(),
            at: self.clock.now(),
            connection: &connection,
            request_id: "",
            event_id: "",
            kept: false,
        };
        let guard = Guard { demands: &[], context: &[] };
        let nothing = self.engine.parameters(&CLOUD, &Nothing::default());
        let outcome = self.engine.execute(call, op, &guard, nothing, |_, _| Ok(())).now_or_never();
        outcome.expect("nothing waits here")
    }

    /// What it runs on.
    pub(crate) fn world(&self) -> &World {
        self.engine.world()
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, time: jiff::SignedDuration) {
        let mut now = self.clock.0.lock().unwrap();
        *now = now.checked_add(time).unwrap();
    }

    /// Removes the keys whose deletion has come, and says how many.
    pub(crate) fn sweep(&self) -> usize {
        let swept = async {
            self.engine.trust_clock().await.unwrap();
            self.engine.sweep().await.unwrap()
        };
        swept.now_or_never().expect("nothing waits here").done
    }

    /// The same by a clock that nobody vouches for.
    pub(crate) fn sweep_in_doubt(&self) -> Swept {
        self.engine.sweep().now_or_never().expect("nothing waits here").unwrap()
    }
}

/// The kind of a refusal, and whose the thing was that it is about.
pub(crate) fn refusal<T>(outcome: Result<T>) -> Kind {
    outcome.err().expect("a refusal").kind()
}

static ROWS: &[Row] = &[Row::absent("Test", "it is no operation of a cloud")];
static SERVICE: Service = Service { name: "test", version: "1", protocol: &Silence, rows: ROWS };

static CLOUD: Dialect = Dialect {
    name: "test",
    front: &Front {
        title: "Test",
        request_id: "x-request-id",
        account: AccountForm::digits(1),
        default_account: "1",
        secret: "secret",
        known_key: ("test", "test"),
        administrator: "administrator",
        region: |_| true,
        access_key_id: |_| true,
        domains: &["cloud.test"],
        clients: "",
        variables: &[],
        other_variables: &[],
        trust: &[],
        overriding: &[],
        advice: "",
        example: "",
        imports: &[],
    },
    services: &[],
    open: |_| None,
    write: |_, _, _| Response::default(),
    skew: std::time::Duration::ZERO,
    law: &LAW,
    trail: &TRAIL,
    diagnosis: None,
    client: None,
};

static TRAIL: Trail = Trail {
    parameters: |_, _| {},
    line: |_, _| {},
    error: |error, _| [String::new(), error.why().to_owned()],
    places: Places::NOWHERE,
};

static LAW: Law = Law {
    policy: &crate::policy::example_tests::SPEC,
    lints: &LintData::NONE,
    twins: &crate::policy::translate::Twins::NONE,
    partition: |_| "",
    principal: |caller| OwnedPrincipal {
        kind: PrincipalKind::Owner,
        arn: format!("owner/{}", caller.account),
        role_arn: None,
        display: String::new(),
        recorded: OnceLock::new(),
    },
    context: &[],
    simulated: &[],
    nouns: &[&KEYS, &IDENTITIES],
    missing: |_, _| Kind::AccessDenied,
    barred: |_, _, _| None,
    reserved: |_| false,
    allow_everything: DOCUMENT,
    region: "r",
    regions: &["r"],
};

/// A key that waits for its deletion is read and called back, one that is switched off is not used; nothing else stands
/// in the way.
fn admits(wanted: Use, state: State) -> std::result::Result<(), StateFlaw> {
    match (state, wanted) {
        (State::PendingDeletion, Use::Read | Use::CancelDeletion | Use::ReleaseAlias) => Ok(()),
        (State::PendingDeletion, _) => Err(StateFlaw::PendingDeletion),
        (_, Use::CancelDeletion) => Err(StateFlaw::NotPendingDeletion),
        (State::Disabled, Use::Cryptography | Use::Rotate) => Err(StateFlaw::Disabled),
        _ => Ok(()),
    }
}

pub(crate) static KEYS: key::Rules = key::Rules {
    name: |account, region, item| format!("{region}/{account}/{item:?}"),
    named: |text| Ok(key::Reference::id(text)),
    admits,
    after_cancel: State::Disabled,
    window_days: 7..=30,
    layout: Layout::Committed,
    data_key: DataKeyForm::Raw,
    context_bytes: |_| Vec::new(),
    default_policy: |_, _| KEY_POLICY.to_owned(),
    material: |_, _| None,
    specs: key::Words::new(&[key::Spec::Aes256], |_| "spec"),
    usages: key::Words::new(&[key::Usage::EncryptDecrypt], |_| "usage"),
    misused: |_| Error::from(Kind::InvalidUsage),
    mismatch_fails: true,
    predefined: &[],
    predefined_description: |_| String::new(),
    predefined_policy: |_, _, _| KEY_POLICY.to_owned(),
    rotation: key::rotation::Terms {
        counted: key::rotation::Counted::FromItself,
        predefined: None,
        told: |state| if state == State::Enabled { key::Rotating::On } else { key::Rotating::Suspended },
        pairs: false,
        imports: false,
        max_on_demand: 3,
        max_versions: usize::MAX,
        rest: jiff::SignedDuration::ZERO,
        quiet: jiff::SignedDuration::from_mins(20),
    },
    grants: Some(&key::GrantRules {
        party: |name, _| Some(name.to_owned()),
        account: |_| None,
        account_of: |_| Some("1"),
        of_key: |_, _| &["CreateGrant", "Decrypt"],
        create: "CreateGrant",
        most: 3,
    }),
    material_lasts: None,
    max_tags: 2,
    max_aliases: 2,
    lockout_check: None,
};

static SYSTEM_POLICIES: [SystemPolicy; 1] = [SystemPolicy {
    path: "/",
    name: "System",
    description: Cow::Borrowed(""),
    created_at: Time::UNIX_EPOCH,
    updated_at: Time::UNIX_EPOCH,
    version: 3,
    document: Cow::Borrowed(DOCUMENT),
}];

static IDENTITIES: identity::Rules = identity::Rules {
    name: |account, _, item| format!("{account}/{item:?}"),
    id: |kind, random| format!("{kind:?}-{}", random[0]),
    session_key_prefix: "SessionKey-",
    secret: |_| "secret".to_owned(),
    system_policies: || &SYSTEM_POLICIES,
    max_access_keys: 2,
    max_policy_versions: 3,
    max_groups: 2,
    max_attached: 2,
    max_tags: 2,
    max_inline: [100, 200, 300],
    min_session_seconds: 900,
    owner_assumes_roles: false,
    mentioned: None,
    full_name: |account, _, name| format!("{account}/{name:?}"),
};

/// Says nothing: no message travels here.
struct Silence;

impl Protocol for Silence {
    fn read<'a>(&self, _: &'a Arguments<'_>, _: &mut dyn Message<'a>) -> Result<()> {
        Err(Error::from(Kind::Unreadable))
    }

    fn check(&self, _: &dyn crate::dialect::message::Record<'_>) -> Result<()> {
        Ok(())
    }

    fn tell(&self, _: &Telling<'_>, _: &dyn Structure) -> Result<Bytes> {
        Ok(Bytes::new())
    }

    fn ask(&self, _: &Service, _: &Row, _: &dyn Structure) -> Result<http::Request<Bytes>> {
        Ok(http::Request::new(Bytes::new()))
    }

    fn hear<'a>(&self, _: &Row, _: &'a Response, _: &mut dyn Slots<'a>) -> Result<()> {
        Err(Error::from(Kind::Unreadable))
    }
}

/// Takes every nonce for a new one.
struct Forgetful;

#[async_trait]
impl Once for Forgetful {
    async fn first_time(&self, _: Nonce<'_>, _: Time, _: Time) -> std::result::Result<bool, StoreError> {
        Ok(true)
    }

    async fn clear(&self) -> std::result::Result<(), StoreError> {
        Ok(())
    }
}

/// A clock that somebody moves.
struct Hands(Mutex<Time>);

impl Clock for Hands {
    fn now(&self) -> Time {
        *self.0.lock().unwrap()
    }
}

/// Random bytes that never repeat: a number, counted up.
#[derive(Default)]
struct Counter(AtomicU64);

impl Random for Counter {
    fn fill(&self, out: &mut [u8]) -> Result<()> {
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        let bytes = number.to_le_bytes();
        out.iter_mut().zip(bytes.iter().cycle()).for_each(|(out, byte)| *out = *byte);
        Ok(())
    }
}

/// Seals nothing: what is wrapped can be seen, with what it is bound to before it.
struct Glass;

#[async_trait]
impl Crypto for Glass {
    async fn generate(&self, _: Spec, seat: Seat<'_>) -> Result<Sealed> {
        Ok(Sealed::Here(seat.place()))
    }

    async fn import(&self, spec: Spec, seat: Seat<'_>, _: Material) -> Result<Sealed> {
        self.generate(spec, seat).await
    }

    async fn load(&self, spec: Spec, seat: Seat<'_>, sealed: &Sealed) -> Result<Arc<Handle>> {
        match *sealed == Sealed::Here(seat.place()) {
            true => Ok(Handle::of(spec).into()),
            false => Err(Error::from(Kind::InvalidCiphertext)),
        }
    }

    async fn pair(&self, _: Spec) -> Result<Pair> {
        Ok(Pair { private: Plaintext::new(Vec::new()), public: Vec::new() })
    }

    async fn receive(&self, _: Material, _: Wrapping, wrapped: Vec<u8>) -> Result<Material> {
        match wrapped.is_empty() {
            true => Err(Error::from(Kind::InvalidCiphertext)),
            false => Ok(Material::new(wrapped)),
        }
    }

    fn wrap(&self, place: &[u8], secret: &[u8]) -> Result<Vec<u8>> {
        Ok([place, b"|", secret].concat())
    }

    fn unwrap(&self, place: &[u8], wrapped: &[u8]) -> Result<Material> {
        let secret = wrapped.strip_prefix(place).and_then(|rest| rest.strip_prefix(b"|"));
        secret.map(|secret| Material::new(secret.to_vec())).ok_or_else(|| Error::from(Kind::InvalidCiphertext))
    }
}

/// Records in a map.
#[derive(Default)]
struct Shelf(Mutex<Records>);

/// The revision of the last commit, and every record.
type Records = (u64, BTreeMap<(Space, String), Record>);

impl Shelf {
    fn below(&self, space: Space, prefix: &str, after: Option<&str>) -> Vec<Record> {
        let shelf = self.0.lock().unwrap();
        let here = shelf.1.iter().filter(|((of, path), _)| *of == space && path.starts_with(prefix));
        let rest = here.filter(|((_, path), _)| after.is_none_or(|after| path.as_str() > after));
        rest.map(|(_, record)| record.clone()).collect()
    }
}

#[async_trait]
impl Store for Shelf {
    async fn get(&self, space: Space, path: &str) -> std::result::Result<Option<Record>, StoreError> {
        Ok(self.0.lock().unwrap().1.get(&(space, path.to_owned())).cloned())
    }

    async fn get_many(&self, wanted: &[(Space, &str)]) -> std::result::Result<Vec<Option<Record>>, StoreError> {
        let shelf = self.0.lock().unwrap();
        Ok(wanted.iter().map(|(space, path)| shelf.1.get(&(*space, (*path).to_owned())).cloned()).collect())
    }

    async fn scan(
        &self,
        space: Space,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> std::result::Result<Vec<Record>, StoreError> {
        Ok(self.below(space, prefix, after).into_iter().take(limit).collect())
    }

    async fn paths(
        &self,
        space: Space,
        prefix: &str,
        after: Option<&str>,
        skip: usize,
        limit: usize,
    ) -> std::result::Result<Vec<String>, StoreError> {
        let found = self.below(space, prefix, after).into_iter().skip(skip).take(limit);
        Ok(found.map(|record| record.path).collect())
    }

    async fn count(&self, space: Space, prefix: &str) -> std::result::Result<usize, StoreError> {
        Ok(self.below(space, prefix, None).len())
    }

    async fn commit(&self, changes: Vec<Change>) -> std::result::Result<u64, StoreError> {
        let mut shelf = self.0.lock().unwrap();
        let (last, mut records) = (shelf.0 + 1, shelf.1.clone());
        for change in changes {
            let (Change::Put { space, path, expect, .. }
            | Change::Delete { space, path, expect }
            | Change::Check { space, path, expect }) = &change;
            let rev = records.get(&(*space, path.clone())).map(|record| record.rev);
            let holds = match expect {
                Expect::Absent => rev.is_none(),
                Expect::Rev(wanted) => rev == Some(*wanted),
                Expect::NoneBelow => !records.keys().any(|(of, below)| of == space && below.starts_with(path)),
                Expect::Any => true,
            };
            if !holds {
                return Err(StoreError::Conflict);
            }
            match change {
                Change::Put { space, path, body, .. } => {
                    let record = Record { path: path.clone(), rev: last, body };
                    records.insert((space, path), record);
                }
                Change::Delete { space, path, .. } => drop(records.remove(&(space, path))),
                Change::Check { .. } => {}
            }
        }
        *shelf = (last, records);
        Ok(last)
    }

    async fn changes(&self, since: Head) -> std::result::Result<Changes, StoreError> {
        Ok(Changes::TooOld { head: since })
    }

    async fn clear(&self) -> std::result::Result<(), StoreError> {
        self.0.lock().unwrap().1.clear();
        Ok(())
    }
}
