//! Long lists: no page of any list holds a worker for longer than it may, and others are served beside it.
//!
//! `POLYKMS_LISTED` says how many keys, aliases, users, members of a group and holders of a policy there are; `just lists` takes
//! 100,000 of each, in release.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod cloud;

use std::fmt::Write as _;
use std::future::{Future, poll_fn};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cloud::{Cloud, clouds};
use polykms::core::dialect::Request;
use polykms::core::engine::Engine;
use polykms::core::port::{Change, Expect, Space};
use polykms::{Builder, RootKey, Seed, Settings, Storage};
use polykms_server::{Options, Server};
use serde_json::{Value, json};

/// How long a page may hold a worker: in release, or where nothing is optimised and other tests run beside.
const HELD: Duration = Duration::from_millis(if cfg!(debug_assertions) { 200 } else { 5 });

/// How often each page is asked for; the shortest time counts, for the machine does other things too.
const REPEATED: usize = 5;

fn listed() -> usize {
    std::env::var("POLYKMS_LISTED").map_or(10_000, |text| text.parse().expect("a number"))
}

async fn engine(folder: Option<&std::path::Path>) -> Arc<Engine> {
    let accounts: serde_json::Map<_, _> = clouds()
        .iter()
        .map(|cloud| {
            let owner = json!([{"id": "owner", "secret": "secret"}]);
            let key =
                json!([{"id": cloud::KEY, "region": cloud.region, "aliases": ["alias/known"], "tags": {"a": "b"}}]);
            let document = cloud.policy(&[("Allow", vec!["none:Nothing"])]);
            let account = json!({"account": cloud.account, "owner": owner, "keys": key,
                "policies": [{"name": "policy", "document": document}], "groups": [{"name": "group"}],
                "users": [{"name": "ann", "groups": ["group"], "attached": ["policy"]}]});
            (cloud.dialect.name.to_owned(), json!([account]))
        })
        .collect();
    let seed: Seed = serde_json::from_value(Value::Object(accounts)).expect("a seed");
    let builder = Builder::new().settings(Settings { seed: Some(Arc::new(seed)), ..Settings::default() });
    let builder = match folder {
        None => builder,
        Some(folder) => {
            let root = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=".to_owned();
            builder.storage(Storage::Folder(folder.to_owned())).root_key(RootKey::Text(root.into()))
        }
    };
    let engine = builder.build().await.expect("an engine");
    for cloud in clouds() {
        multiply(&engine, &cloud).await;
    }
    engine
}

/// Makes as many of everything as are wanted, each like the one that is there.
async fn multiply(engine: &Engine, cloud: &Cloud) {
    let store = &engine.world().ports.store;
    let below = polykms::core::name::below(&[cloud.dialect.name, cloud.account]);
    let user: fn(usize) -> String = |at| format!("user{at:08}");
    for (space, field, before, name) in [
        (Space::Key, "id", "", (|at| format!("{at:08}-1111-4111-8111-111111111111")) as fn(usize) -> String),
        (Space::Alias, "name", "", |at| format!("alias/{at:08}")),
        (Space::User, "name", "", user),
        (Space::UserOfGroup, "user", "", user),
        (Space::HolderOfPolicy, "holder", "user/", user),
    ] {
        let pattern = store.scan(space, &below, None, 1).await.expect("records").remove(0);
        let parent = pattern.path.rsplit_once('\u{1f}').expect("a path").0.to_owned();
        let value: Value = serde_json::from_slice(&pattern.body).expect("JSON");
        let made = |at: usize| {
            let mut value = value.clone();
            value[field] = format!("{before}{}", name(at)).into();
            let path = format!("{parent}\u{1f}{}", name(at));
            Change::Put { space, path, expect: Expect::Any, body: value.to_string().into_bytes() }
        };
        for from in (0..listed()).step_by(1000) {
            store.commit((from..listed().min(from + 1000)).map(made).collect()).await.expect("a commit");
        }
    }
}

/// The lists of a cloud: service, operation, arguments.
fn lists(cloud: &Cloud) -> Vec<(&'static str, &'static str, Value)> {
    let last = (listed() / 100).to_string();
    let middle = (listed() / 200).to_string();
    let policy = format!("arn:aws:iam::{}:policy/policy", cloud.account);
    match cloud.dialect.name {
        "aws" => vec![
            ("kms", "ListKeys", json!({})),
            ("kms", "ListKeys", json!({"Limit": 1000})),
            ("kms", "ListAliases", json!({"Limit": 100})),
            ("kms", "ListAliases", json!({"KeyId": cloud::KEY})),
            ("kms", "ListResourceTags", json!({"KeyId": cloud::KEY})),
            ("iam", "ListUsers", json!({"MaxItems": "1000"})),
            ("iam", "ListUsers", json!({"PathPrefix": "/none/"})),
            ("iam", "ListAccessKeys", json!({})),
            ("iam", "ListPolicies", json!({"Scope": "Local"})),
            ("iam", "ListPolicies", json!({"OnlyAttached": "true"})),
            ("iam", "ListEntitiesForPolicy", json!({"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"})),
            ("iam", "ListEntitiesForPolicy", json!({"PolicyArn": policy, "MaxItems": "1000"})),
            ("iam", "ListEntitiesForPolicy", json!({"PolicyArn": policy, "PathPrefix": "/none/"})),
            ("iam", "GetPolicy", json!({"PolicyArn": policy})),
            ("iam", "GetGroup", json!({"GroupName": "group", "MaxItems": "1000"})),
        ],
        _ => vec![
            ("kms", "ListKeys", json!({})),
            ("kms", "ListKeys", json!({"PageNumber": middle, "PageSize": "100"})),
            ("kms", "ListKeys", json!({"PageNumber": last, "PageSize": "100"})),
            ("kms", "ListKeys", json!({"Filters": "[{\"Key\":\"KeyState\",\"Values\":[\"Disabled\"]}]"})),
            ("kms", "ListAliases", json!({"PageNumber": last, "PageSize": "100"})),
            ("kms", "ListAliasesByKeyId", json!({"KeyId": cloud::KEY})),
            ("ram", "ListUsers", json!({"MaxItems": "100"})),
            ("ram", "ListAccessKeys", json!({})),
            ("ram", "ListUsersForGroup", json!({"GroupName": "group", "MaxItems": "1000"})),
            ("ram", "GetPolicy", json!({"PolicyName": "policy", "PolicyType": "Custom"})),
            ("ram", "ListEntitiesForPolicy", json!({"PolicyName": "AdministratorAccess", "PolicyType": "System"})),
        ],
    }
}

fn request(cloud: &Cloud, service: &str, operation: &str, arguments: &Value) -> Request {
    let service = cloud.dialect.services.iter().find(|known| known.name == service).expect("a service");
    cloud.request(service, operation, arguments, Some("owner"))
}

/// Runs a future to its end; tells how long the longest of its turns took, and how long all.
async fn held<T>(future: impl Future<Output = T>) -> (Duration, Duration, T) {
    let (mut future, mut longest, start) = (pin!(future), Duration::ZERO, Instant::now());
    let value = poll_fn(|context| {
        let turn = Instant::now();
        let polled = future.as_mut().poll(context);
        longest = longest.max(turn.elapsed());
        polled
    })
    .await;
    (longest, start.elapsed(), value)
}

/// The longest turn of a page, of the luckiest of several tries, and the whole time.
async fn measured(engine: &Engine, make: impl Fn() -> Request) -> (Duration, Duration, String) {
    let mut best = (Duration::MAX, Duration::MAX, String::new());
    for _ in 0..REPEATED {
        let request = make();
        let (longest, whole, response) = held(engine.answer(&request)).await;
        let body = String::from_utf8_lossy(response.body()).into_owned();
        assert_eq!(response.status(), 200, "{body}");
        best = (best.0.min(longest), best.1.min(whole), body);
    }
    best
}

async fn pages_hold_no_worker(name: &str, engine: &Engine) {
    let mut told = String::new();
    let mut worst = Duration::ZERO;
    for cloud in clouds() {
        for (service, operation, arguments) in lists(&cloud) {
            let (longest, whole, body) = measured(engine, || request(&cloud, service, operation, &arguments)).await;
            worst = worst.max(longest);
            writeln!(
                told,
                "{name} {:8} {operation:22} {longest:>10.1?} of {whole:>10.1?}  {:>7} bytes  {arguments}",
                cloud.dialect.name,
                body.len()
            )
            .unwrap();
            if cloud.dialect.name == "alibaba" && operation == "ListKeys" && arguments.get("Filters").is_none() {
                assert!(body.contains(&format!("\"TotalCount\":{}", listed() + 1)), "{body}");
            }
        }
    }
    println!("longest turn and whole time of each page, {} of each:\n{told}", listed());
    assert!(worst <= HELD, "a page held its worker for {worst:?}:\n{told}");
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

#[test]
fn no_page_of_a_list_in_memory_holds_a_worker() {
    runtime().block_on(async { pages_hold_no_worker("memory", &*engine(None).await).await });
}

#[test]
fn no_page_of_a_list_in_a_folder_holds_a_worker() {
    let folder = tempfile::tempdir().expect("a folder");
    runtime().block_on(async { pages_hold_no_worker("sqlite", &*engine(Some(folder.path())).await).await });
}

fn bytes_of(request: &Request) -> Vec<u8> {
    let mut head = format!("{} {} HTTP/1.1\r\n", request.head.method, request.head.uri);
    for (name, value) in &request.head.headers {
        write!(head, "{name}: {}\r\n", value.to_str().expect("text")).unwrap();
    }
    write!(head, "content-length: {}\r\n\r\n", request.body.len()).unwrap();
    [head.as_bytes(), &request.body].concat()
}

/// One connection that stays.
struct Client(TcpStream);

impl Client {
    fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        Self(stream)
    }

    /// The status of the answer.
    fn ask(&mut self, request: &[u8]) -> String {
        self.0.write_all(request).expect("written");
        let (mut read, mut buffer) = (Vec::new(), [0; 65_536]);
        loop {
            let count = self.0.read(&mut buffer).expect("an answer");
            assert!(count > 0, "the connection was closed");
            read.extend_from_slice(&buffer[..count]);
            let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
            let length: usize = length.expect("a length").trim().parse().expect("a number");
            if read.len() >= end + 4 + length {
                return head.lines().next().unwrap_or_default().to_owned();
            }
        }
    }
}

const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";

/// The median and the 99th percentile of the times that `/healthz` takes.
fn health(address: SocketAddr, count: usize) -> (Duration, Duration) {
    let mut client = Client::to(address);
    let mut times: Vec<_> = (0..count)
        .map(|_| {
            std::thread::sleep(Duration::from_micros(500));
            let start = Instant::now();
            assert!(client.ask(HEALTH).contains("200"));
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    (times[count / 2], times[count * 99 / 100])
}

/// Prints how long `/healthz` takes on a quiet server, and beside a client that lists without a pause, on one worker.
#[test]
#[ignore = "figures for `just lists`, on a machine that has nothing else to do"]
fn healthz_beside_listing() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = runtime().block_on(engine(Some(folder.path())));
    let options = Options { listen: SocketAddr::from(([127, 0, 0, 1], 0)), signals: false, ..Options::default() };
    let bound = Server::bind(options).expect("a server");
    let (address, handle) = (bound.local_addr(), bound.handle());
    let server = std::thread::spawn(move || bound.run(engine));
    let quiet = health(address, 2000);
    let mut worst: f64 = 0.0;
    for cloud in clouds() {
        for (service, operation, arguments) in lists(&cloud) {
            let (ended, pages) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
            let lister = std::thread::spawn({
                let (ended, pages, arguments, name) =
                    (Arc::clone(&ended), Arc::clone(&pages), arguments.clone(), cloud.dialect.name);
                move || {
                    let cloud = clouds().into_iter().find(|cloud| cloud.dialect.name == name).expect("the cloud");
                    let mut client = Client::to(address);
                    while !ended.load(Ordering::Relaxed) {
                        let status = client.ask(&bytes_of(&request(&cloud, service, operation, &arguments)));
                        assert!(status.contains("200"), "{status}");
                        pages.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
            let (median, p99) = health(address, 1000);
            ended.store(true, Ordering::Relaxed);
            lister.join().expect("the lister");
            let ratio = p99.as_secs_f64() / quiet.1.as_secs_f64();
            worst = worst.max(ratio);
            println!(
                "{:8} {operation:22} p50 {median:>9.1?} p99 {p99:>9.1?} {ratio:>5.2} x quiet, {:>5} pages {arguments}",
                cloud.dialect.name,
                pages.load(Ordering::Relaxed)
            );
        }
    }
    println!("quiet: p50 {:?} p99 {:?}; worst ratio {worst:.2}", quiet.0, quiet.1);
    handle.stop();
    server.join().expect("the server").expect("served");
}
