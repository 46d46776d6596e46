//! A third dialect, whole, inside one test file: what it takes to join is this, and nothing in core, adapters or the
//! command line changes.
//!
//! The toy cloud sends `POST /toy/<Operation>` with `who: <id> <secret>` and one `name=value` a line, and answers in
//! the same way.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::borrow::Cow;
use std::io::{Read, Write};
use std::marker::PhantomData;
use std::net::TcpStream;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use bytes::Bytes;
use polykms_core::dialect::front::{AccountForm, Front, Holds};
use polykms_core::dialect::message::check::check;
use polykms_core::dialect::message::form::{self, Style};
use polykms_core::dialect::message::{ANY, Member, Record, Shape, Slots, Structure};
use polykms_core::dialect::trail::{Places, Trail};
use polykms_core::dialect::{
    Arguments, Claim, ContextKey, Credential, Demand, Dialect, Envelope, Format, Guarded, Law, Opened, OwnedPrincipal,
    Proof, Protocol, Registry, Reply, Request, Response, Row, Service, Telling, Voice, Wire,
};
use polykms_core::engine::{Caller, Engine, Principal, Situation};
use polykms_core::error::{AuthFlaw, Flaw, Kind, Noun, Result, StateFlaw};
use polykms_core::identity::{IdKind, Rules as IdentityRules};
use polykms_core::key::{self, DataKeyForm, Layout, Reference, State, Use};
use polykms_core::message;
use polykms_core::operation::Role;
use polykms_core::policy::{
    DocumentKind, Expr, Forms, Kinds, Layer, LintData, NameSyntax, Operator, Predicate, Presence, PrincipalForm,
    PrincipalKind, PrincipalType, Shape as PrincipalShape, Spec, Value, Version,
};
use polykms_core::port::Time;
use polykms_core::secret::Plaintext;

mod lamp;

static TOY: Dialect = Dialect {
    name: "toy",
    front: &FRONT,
    services: &[Service { name: "vault", version: "1", protocol: &Lines, rows: ROWS }],
    open,
    write,
    skew: Duration::from_secs(60),
    law: &LAW,
    trail: &TRAIL,
    diagnosis: None,
    client: None,
};
inventory::submit! { &TOY }

static TRAIL: Trail = Trail {
    parameters: |_, _| {},
    line: |event, line| line.extend(format!("{{\"toy\":\"{}\"}}", event.row.wire()).bytes()),
    error: |error, _| [format!("{:?}", error.kind()), error.why().to_owned()],
    places: Places { event: "/toy", ..Places::NOWHERE },
};

static FRONT: Front = Front {
    title: "Toy",
    request_id: "toy-request",
    account: AccountForm::digits(1),
    default_account: "7",
    secret: "password",
    known_key: ("child", "secret"),
    administrator: "parent",
    region: |_| true,
    access_key_id: |_| true,
    domains: &["toys.example"],
    clients: "Toys",
    variables: &[("TOY_URL", Holds::Url), ("TOY_WHO", Holds::AccessKeyId), ("TOY_PASSWORD", Holds::Secret)],
    other_variables: &[("TOY_ROOM", Holds::Region)],
    trust: &["TOY_TRUST"],
    overriding: &["TOY_GUEST"],
    advice: "shake well before use",
    example: "toy make",
    imports: &[],
};

const ROWS: &[Row] = &[
    Row::of(&Guarded::<Make>("Make", &[Demand::of(Role::Account, "vault:Make")], &[])),
    Row::of(&Guarded::<Lock>("Lock", &[Demand::of(Role::Subject, "vault:Lock")], &[Coloured::KEY])),
    Row::of(&Guarded::<Unlock>("Unlock", &[Demand::of(Role::Subject, "vault:Unlock")], &[Coloured::KEY])),
    Row::of(&Guarded::<lamp::LookAt>(
        "Look",
        &[
            Demand::of(Role::Subject, "vault:Look"),
            Demand::when(Role::Subject, "vault:LookTwice", |look| look.is_twice()),
        ],
        &[lamp::COLOUR, lamp::TWICE],
    )),
    Row::absent("Melt", "there is no furnace"),
];

struct Coloured<O>(PhantomData<O>);

impl<O: 'static> Coloured<O> {
    const KEY: ContextKey<O> = ContextKey::of("vault:colour", colour);
}

fn colour<'a>(at: &Situation<'a>) -> Option<Value<'a>> {
    at.located.tags().get("colour").map(Value::from)
}

fn open(request: &Request) -> Option<Opened<'_>> {
    let operation = request.head.uri.path().strip_prefix("/toy/")?;
    let voice = Voice { service: "vault", format: Format::Json, dry_run: false };
    Some(Opened { voice, envelope: read(request, operation) })
}

fn read<'r>(request: &'r Request, name: &str) -> Result<Envelope<'r>> {
    let service = &TOY.services[0];
    let row = service.row(name).ok_or_else(|| Kind::UnknownOperation.about(name))?;
    let claim = request.header("who")?.and_then(|who| who.split_once(' ')).map(|(id, secret)| Claim {
        access_key_id: id.into(),
        token: None,
        nonce: None,
        legacy: false,
        proof: Box::new(Password(secret.to_owned())),
    });
    let text = String::from_utf8_lossy(&request.body);
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    let arguments =
        Arguments::Params(pairs.map(|(name, value)| (name.to_owned().into(), value.to_owned().into())).collect());
    Ok(Envelope { service, row, claim, arguments, region: None })
}

fn write(_: &Voice, _: Option<&'static Row>, reply: Reply<'_>) -> Response {
    let (status, body) = match reply.answer {
        Ok(body) => (200, body),
        Err(error) => match error.kind() {
            Kind::AccessDenied => (403, "refused".into()),
            Kind::Unauthenticated(_) => (401, "who?".into()),
            Kind::NotFound(_) => (404, "nothing".into()),
            Kind::Absent => (501, error.why().to_owned().into()),
            _ => (400, error.to_string().into()),
        },
    };
    let mut response = Response::new(body);
    response.headers_mut().insert(FRONT.request_id, reply.request_id.parse().expect("a header"));
    *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
    response
}

/// The operation in the path, members as lines: both ways.
struct Lines;

const STYLE: Style =
    Style { item: ".", entry: None, json: false, empty_is_absent: false, any_case: false, exact: false };

fn lines(message: &dyn Structure) -> Bytes {
    form::write(message, STYLE).iter().map(|(name, value)| format!("{name}={value}\n")).collect::<String>().into()
}

impl Protocol for Lines {
    fn read<'a>(&self, arguments: &'a Arguments<'_>, into: &mut dyn Record<'a>) -> Result<()> {
        let Arguments::Params(pairs) = arguments else { return Err(Kind::Unreadable.because("")) };
        let pairs = pairs.iter().map(|(name, value)| (&**name, &**value));
        form::read(pairs, STYLE, into).map_err(|_| Kind::Unreadable.because(""))?;
        let mut first = Ok(());
        check(into.structure(), &mut |violation| {
            if first.is_ok() {
                first = Err(Kind::Invalid(Flaw::Missing).about(violation.member.name));
            }
        });
        first
    }

    fn check(&self, _: &dyn Record<'_>) -> Result<()> {
        Ok(())
    }

    fn tell(&self, _: &Telling<'_>, told: &dyn Structure) -> Result<Bytes> {
        Ok(lines(told))
    }

    fn ask(&self, _: &Service, row: &Row, asked: &dyn Structure) -> Result<http::Request<Bytes>> {
        let request = http::Request::post(format!("/toy/{}", row.wire())).body(lines(asked));
        request.map_err(|_| Kind::Internal.because(""))
    }

    fn hear<'a>(&self, _: &Row, response: &'a Response, into: &mut dyn Slots<'a>) -> Result<()> {
        let text = std::str::from_utf8(response.body()).map_err(|_| Kind::Unreadable.because(""))?;
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        form::read(pairs, STYLE, into).map(drop).map_err(|_| Kind::Unreadable.because(""))
    }
}

struct Password(String);

impl Proof for Password {
    fn prove(&self, credential: &Credential, now: Time, _: Duration) -> Result<Time> {
        let equal = credential.secret.expose() == self.0; // a toy: real dialects compare MACs in constant time
        if equal { Ok(now) } else { Err(Kind::Unauthenticated(AuthFlaw::Mismatch).because("")) }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).filter_map(|at| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()).collect()
}

fn made() -> std::sync::Arc<key::Provenance> {
    Arc::default()
}

macro_rules! one_text {
    ($name:ident $member:literal $field:ident) => {
        message! {
            struct $name = const { &[Member::new($member, Shape::text(0, ANY)).required()] };
            0 $field: Cow<'a, str>;
        }
    };
}
one_text!(MakeRequest "colour" colour);
one_text!(MakeAnswer "key" key);
one_text!(LockAnswer "blob" blob);
one_text!(UnlockRequest "blob" blob);
one_text!(UnlockAnswer "words" words);

message! {
    struct LockRequest = LOCK_REQUEST;
    0 words: Cow<'a, str>;
    1 key: Cow<'a, str>;
}

const LOCK_REQUEST: &[Member] = &[
    Member::new("words", Shape::text(0, ANY)).required().sensitive(),
    Member::new("key", Shape::text(0, ANY)).required(),
];

struct Make;
impl Wire for Make {
    type Op = key::Create;
    type Ask<'a> = MakeRequest<'a>;
    type Told<'a> = MakeAnswer<'a>;
    fn op(ask: MakeRequest<'_>) -> Result<key::Create> {
        Ok(key::Create {
            blueprint: key::Blueprint::default(),
            description: None,
            tags: [("colour".to_owned(), ask.colour.unwrap_or_default().into_owned())].into(),
            tag_keys: vec!["colour".to_owned()],
            rotation: Default::default(),
            policy: None,
            bypass_lockout_check: None,
        })
    }
    fn told(output: &key::Described) -> Result<MakeAnswer<'_>> {
        Ok(MakeAnswer { key: Some((&output.id).into()) })
    }
    fn ask(op: &key::Create) -> Result<MakeRequest<'_>> {
        Ok(MakeRequest { colour: op.tags.get("colour").map(Into::into) })
    }
    fn output(_: MakeAnswer<'_>) -> Result<key::Described> {
        Err(Kind::Unsupported.because("the toy tells too little of a key"))
    }
}

struct Lock;
impl Wire for Lock {
    type Op = key::Encrypt;
    type Ask<'a> = LockRequest<'a>;
    type Told<'a> = LockAnswer<'a>;
    fn op(ask: LockRequest<'_>) -> Result<key::Encrypt> {
        let LockRequest { words, key } = ask;
        let plaintext = Plaintext::new(words.unwrap_or_default().into_owned().into_bytes());
        let key = Reference::id(key.unwrap_or_default());
        Ok(key::Encrypt {
            key,
            version: None,
            algorithm: key::Encryption::Symmetric,
            plaintext,
            context: Default::default(),
            dry_run: false,
            tokens: Default::default(),
        })
    }
    fn told(output: &key::Encrypted) -> Result<LockAnswer<'_>> {
        Ok(LockAnswer { blob: Some(hex(&output.blob).into()) })
    }
    fn ask(op: &key::Encrypt) -> Result<LockRequest<'_>> {
        let key::By::Id(id) = &op.key.by else { return Err(Kind::Unsupported.because("")) };
        let words = Some(String::from_utf8_lossy(op.plaintext.expose()));
        Ok(LockRequest { words, key: Some(id.into()) })
    }
    fn output(told: LockAnswer<'_>) -> Result<key::Encrypted> {
        Ok(key::Encrypted { by: made(), algorithm: None, blob: unhex(&told.blob.unwrap_or_default()) })
    }
}

struct Unlock;
impl Wire for Unlock {
    type Op = key::Decrypt;
    type Ask<'a> = UnlockRequest<'a>;
    type Told<'a> = UnlockAnswer<'a>;
    fn op(ask: UnlockRequest<'_>) -> Result<key::Decrypt> {
        let ciphertext = key::Ciphertext::of(Layout::Committed, unhex(&ask.blob.unwrap_or_default()));
        Ok(key::Decrypt {
            ciphertext,
            key: None,
            version: None,
            algorithm: key::Encryption::Symmetric,
            context: Default::default(),
            dry_run: false,
            ciphertext_ignored: false,
            tokens: Default::default(),
        })
    }
    fn told(output: &key::Decrypted) -> Result<UnlockAnswer<'_>> {
        Ok(UnlockAnswer { words: Some(String::from_utf8_lossy(output.plaintext.expose())) })
    }
    fn ask(op: &key::Decrypt) -> Result<UnlockRequest<'_>> {
        Ok(UnlockRequest { blob: Some(hex(op.ciphertext.blob()).into()) })
    }
    fn output(told: UnlockAnswer<'_>) -> Result<key::Decrypted> {
        let plaintext = Plaintext::new(told.words.unwrap_or_default().into_owned().into_bytes());
        Ok(key::Decrypted { by: made(), algorithm: None, plaintext })
    }
}

static LAW: Law = Law {
    policy: &POLICY,
    lints: &LintData::NONE,
    twins: &polykms_core::policy::translate::Twins::NONE,
    partition: |_| "",
    principal,
    context: &[],
    simulated: &[],
    nouns: &[&KEYS, &IDENTITY, &LAMPS],
    missing: |_, allowed| if allowed { Kind::NotFound(Noun::Key) } else { Kind::AccessDenied },
    barred: |_, _, _| None,
    reserved: |_| false,
    allow_everything: r#"{"Version":"toy","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    region: "here",
    regions: &[],
};

fn principal(caller: &Caller) -> OwnedPrincipal {
    let (kind, name) = match &caller.principal {
        Principal::Owner => (PrincipalKind::Owner, "owner".to_owned()),
        Principal::User { name, .. } => (PrincipalKind::User, format!("user/{name}")),
        Principal::RoleSession { name, .. } => (PrincipalKind::RoleSession, format!("role/{name}")),
    };
    let arn = format!("toy:vault:{}:{name}", caller.account);
    OwnedPrincipal { kind, display: arn.clone(), arn, role_arn: None, recorded: Default::default() }
}

fn name(account: &str, _: &str, item: key::Item<'_>) -> String {
    match item {
        key::Item::Key(id) => format!("toy:vault:{account}:key/{id}"),
        _ => "*".to_owned(),
    }
}

static KEYS: key::Rules = key::Rules {
    name,
    named: |text| Ok(key::Reference::id(text)),
    admits: |_: Use, state| if state == State::Enabled { Ok(()) } else { Err(StateFlaw::Disabled) },
    after_cancel: State::Enabled,
    window_days: 1..=7,
    layout: Layout::Committed,
    data_key: DataKeyForm::Raw,
    context_bytes: key::envelope::framed,
    material: |_, _| None,
    specs: key::Words::new(&[key::Spec::Aes256], |_| "spec"),
    usages: key::Words::new(&[key::Usage::EncryptDecrypt], |_| "usage"),
    misused: |_| Kind::InvalidUsage.into(),
    mismatch_fails: true,
    default_policy: |_, _| {
        r#"{"Version":"toy","Statement":[{"Effect":"Allow","Principal":{"Toy":"7"},"Action":"*","Resource":"*"}]}"#
            .into()
    },
    predefined: &[],
    predefined_description: |_| String::new(),
    predefined_policy: |_, _, _| String::new(),
    rotation: key::rotation::Terms {
        counted: key::rotation::Counted::FromCurrent,
        predefined: None,
        told: |state| if state == State::Enabled { key::Rotating::On } else { key::Rotating::Suspended },
        pairs: false,
        imports: false,
        max_on_demand: 3,
        max_versions: usize::MAX,
        rest: jiff::SignedDuration::ZERO,
        quiet: jiff::SignedDuration::from_mins(20),
    },
    grants: None,
    material_lasts: None,
    max_tags: 1,
    max_aliases: 1,
    lockout_check: None,
};

static LAMPS: lamp::Rules = lamp::Rules { name: |account, lamp| format!("toy:lamp:{account}:{lamp}") };

static IDENTITY: IdentityRules = IdentityRules {
    name: |_, _, _| "*".to_owned(),
    full_name: |_, _, _| String::new(),
    id: |kind: IdKind, random| format!("{kind:?}{}", hex(random.first_chunk::<8>().expect("32 bytes"))),
    session_key_prefix: "temporary-",
    secret: |random| hex(random),
    system_policies: || &[],
    max_access_keys: 2,
    max_policy_versions: 1,
    max_groups: 1,
    max_attached: 1,
    max_tags: 1,
    max_inline: [4096; 3],
    min_session_seconds: 60,
    owner_assumes_roles: false,
    mentioned: None,
};

static POLICY: Spec = Spec {
    name: "toy",
    versions: &[Version { text: "toy", variables: false }],
    version_required: true,
    latin: false,
    single_statement: false,
    bare_scalars: false,
    repeated_identifiers: true,
    idle_operators: false,
    forms: Forms::LOOSE,
    shapes: &[
        PrincipalShape::PLAIN,
        PrincipalShape { kind: DocumentKind::Key, principal: Presence::Required, ..PrincipalShape::PLAIN },
    ],
    operators: &[Operator::is("Is", Predicate::Text)],
    quantifiers: false,
    if_exists: false,
    names: NameSyntax { scheme: "toy", segments: 4, service: 1, account: 2, star_fills_empty: false },
    principals: &[PrincipalType { element: "Toy", form: PrincipalForm::Identity }],
    account_names: &[("toy:vault:", ":owner")],
    bare_accounts: true,
    layer_names: &[],
    group_key: None,
    grants: None,
    combine: Expr::Leaf(Layer::Identity, Kinds::ALL),
};

const SEED: &str = r#"{"toy":[{"account":"7","users":[{"name":"ann","access_keys":[{"id":"ann","secret":"s"}],"inline":{"p":
    {"Version":"toy","Statement":[
        {"Effect":"Allow","Action":"vault:Make","Resource":"*"},
        {"Effect":"Allow","Action":"vault:*","Resource":"toy:vault:7:key/*","Condition":{"Is":{"vault:colour":"red"}}},
        {"Effect":"Allow","Action":"vault:Look","Resource":"toy:lamp:7:*","Condition":{"Is":{"lamp:colour":"red"}}},
        {"Effect":"Allow","Action":"vault:Look","Resource":"toy:lamp:7:attic"}
    ]}}}]}]}"#;

async fn ask(engine: &Engine, operation: &str, who: &str, body: &str) -> (u16, String) {
    let request = http::Request::post(format!("/toy/{operation}")).header("who", who).body(()).expect("a request");
    let (head, ()) = request.into_parts();
    let request = Request {
        head,
        body: Bytes::from(body.to_owned()),
        peer: std::net::IpAddr::from([127, 0, 0, 1]).into(),
        tls: false,
    };
    let response = engine.answer(&request).await;
    (response.status().as_u16(), String::from_utf8_lossy(response.body()).into_owned())
}

async fn engine() -> Arc<Engine> {
    let seed: polykms::Seed = serde_json::from_str(SEED).expect("a seed");
    let settings = polykms::Settings { seed: Some(seed.into()), ..Default::default() };
    polykms::Builder::new().settings(settings).build().await.expect("an engine")
}

#[tokio::test]
async fn a_whole_dialect_fits_in_one_file_and_is_served_by_the_same_engine() {
    let engine = engine().await;
    let (status, made) = ask(&engine, "Make", "ann s", "colour=red").await;
    assert_eq!(status, 200, "{made}");
    let key = made.trim().to_owned();
    let (status, locked) = ask(&engine, "Lock", "ann s", &format!("{key}\nwords=hello")).await;
    assert_eq!(status, 200, "{locked}");
    assert_eq!(ask(&engine, "Unlock", "ann s", locked.trim()).await, (200, "words=hello\n".to_owned()));

    let (_, blue) = ask(&engine, "Make", "ann s", "colour=blue").await;
    assert_eq!(ask(&engine, "Lock", "ann s", &format!("{}\nwords=hello", blue.trim())).await.0, 403);
    assert_eq!(ask(&engine, "Lock", "ann wrong", &format!("{key}\nwords=hello")).await.0, 401);
    assert_eq!(ask(&engine, "Lock", "bob s", &format!("{key}\nwords=hello")).await.0, 401);
    assert_eq!(ask(&engine, "Melt", "ann s", "").await, (501, "there is no furnace".to_owned()));
    assert_eq!(ask(&engine, "Sing", "ann s", "").await.0, 400);
}

#[tokio::test]
async fn a_noun_that_the_core_does_not_know_is_found_judged_and_run_like_any_other() {
    let engine = engine().await;
    assert_eq!(ask(&engine, "Look", "ann s", "lamp=desk").await, (200, "colour=red\n".to_owned()));
    assert_eq!(ask(&engine, "Look", "ann s", "lamp=desk\ntwice=yes").await.0, 403);
    assert_eq!(ask(&engine, "Look", "ann s", "lamp=shelf").await.0, 403);
    assert_eq!(ask(&engine, "Look", "ann s", "lamp=cellar").await.0, 403, "the policies come before the cellar");
    assert_eq!(ask(&engine, "Look", "ann s", "lamp=attic").await.0, 404);
}

#[test]
fn a_dialect_that_is_linked_joins_the_registry_beside_the_others() {
    let registry = Registry::load().expect("dialects");
    let names: Vec<_> = registry.dialects().iter().map(|dialect| dialect.name).collect();
    assert_eq!(names, ["alibaba", "aws", "toy"]);
}

#[test]
fn two_dialects_of_one_name_do_not_load() {
    assert!(Registry::of(vec![&TOY, &TOY]).is_err());
    assert!(Registry::of(Vec::new()).is_err());
}

/// What the command line says to these arguments.
fn said(arguments: &[&str]) -> String {
    let mut out = Vec::new();
    polykms::cli::obey(["polykms"].iter().chain(arguments), &mut out).unwrap_or_else(|failure| panic!("{failure}"));
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn the_command_line_knows_the_dialect_by_what_the_dialect_says_of_itself() {
    let env = said(&["env", "--format", "github", "--endpoint", "http://127.0.0.1:1"]);
    for line in ["TOY_URL=http://127.0.0.1:1", "TOY_WHO=child", "TOY_PASSWORD=secret", "TOY_ROOM=here"] {
        assert!(env.lines().any(|other| other == line), "{line}\n{env}");
    }
    let given = ["env", "--toy-region=attic", "--toy-access-key-id=ann", "--toy-password=s"];
    assert!(said(&given).contains("unset TOY_GUEST\n") && said(&given).contains("export TOY_ROOM=attic\n"));
    let catalog = said(&["catalog", "--dialect", "toy"]);
    assert!(catalog.lines().any(|line| line.contains("Melt") && line.contains("there is no furnace")), "{catalog}");
    let help = polykms::cli::obey(["polykms", "dev", "--help"], &mut Vec::new()).unwrap_err().to_string();
    assert!(help.contains("The owner's Toy account, 1 digits [default: 7]"), "{help}");
    let wrong = polykms::cli::obey(["polykms", "dev", "--toy-account=77"], &mut Vec::new()).unwrap_err();
    assert_eq!(wrong.to_string(), "`toy_account` is `77`, which is not an account of 1 digits");
}

/// Hands on what is written to it.
struct Told(mpsc::Sender<String>);

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let _ = self.0.send(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// One request by HTTP; the whole answer, head and body.
fn post(address: &str, operation: &str, who: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a server");
    let length = body.len();
    let head = format!(
        "POST /toy/{operation} HTTP/1.1\r\nhost: {address}\r\nwho: {who}\r\nconnection: close\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(head.as_bytes()).expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn the_emulator_serves_the_dialect_over_http_and_says_so_in_its_banner() {
    let folder = tempfile::tempdir().expect("a folder");
    let seed = folder.path().join("seed.yaml");
    std::fs::write(&seed, SEED).expect("a seed");
    let seed = format!("--seed={}", seed.display());
    let (teller, told) = mpsc::channel();
    // It serves until this process ends.
    std::thread::spawn(move || {
        let arguments = ["polykms", "dev", &seed, "--listen=127.0.0.1:0", "--log-level=off", "--threads=1"];
        polykms::cli::obey(arguments, &mut Told(teller)).expect("a server");
    });
    let banner = told.recv_timeout(Duration::from_secs(60)).expect("a banner");
    drop(std::panic::take_hook()); // that of the emulator, which keeps the reasons of panics to itself
    let address = banner.lines().next().and_then(|line| line.split_once("http://")).expect("an address").1;
    let block = format!(
        "Toys:\n  export TOY_URL=http://{address}\n  export TOY_WHO=child\n  export TOY_PASSWORD=secret\n  (shake well \
         before use)\n"
    );
    assert!(banner.contains(&block), "{banner}");

    assert!(
        post(address, "Make", "child secret", "colour=red").starts_with("HTTP/1.1 403 "),
        "the owner has no policy"
    );
    assert!(post(address, "Make", "child wrong", "colour=red").starts_with("HTTP/1.1 401 "));
    let made = post(address, "Make", "ann s", "colour=red");
    assert!(made.starts_with("HTTP/1.1 200 ") && made.contains("\r\nToy-Request: "), "{made}");
    let (_, key) = made.split_once("\r\n\r\n").expect("a body");
    let locked = post(address, "Lock", "ann s", &format!("{}\nwords=hello", key.trim()));
    let (_, blob) = locked.split_once("\r\n\r\n").expect("a body");
    assert!(post(address, "Unlock", "ann s", blob.trim()).ends_with("\r\n\r\nwords=hello\n"), "{locked}");
}
