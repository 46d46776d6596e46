//! Keys whose material is never in the core: a backend that hands out references, and takes its time to load them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use polykms_aws::{DIALECT, sign};
use polykms_core::dialect::{Credential, Registry, Request};
use polykms_core::engine::{Engine, Ports, Settings, Signatures};
use polykms_core::error::{Kind, Result, StateFlaw};
use polykms_core::port::audit::NoAudit;
use polykms_core::port::crypto::{Handle, Pair, Sealed, Seat, Spec, Wrapping};
use polykms_core::port::{Change, Crypto, Expect, Space, Store};
use polykms_core::secret::{AccessSecret, Material};
use polykms_crypto::{Keyring, Software};
use polykms_host::{OsRandom, SystemClock};
use polykms_store::{Memory, Nonces};
use serde_json::{Value, json};
use tokio::task::{JoinSet, yield_now};

const ACCOUNT: &str = "111122223333";

/// A device that keeps keys in numbered slots and never gives one out.
struct Device {
    slots: Mutex<HashMap<String, Arc<Handle>>>,
    software: Software,
    loads: AtomicUsize,
    plugged_in: AtomicBool,
}

impl Device {
    fn new() -> Self {
        let software = Software::new(Keyring::fresh(&OsRandom).unwrap(), Arc::new(OsRandom));
        Self { slots: Mutex::default(), software, loads: AtomicUsize::new(0), plugged_in: AtomicBool::new(true) }
    }
}

#[async_trait::async_trait]
impl Crypto for Device {
    async fn generate(&self, spec: Spec, seat: Seat<'_>) -> Result<Sealed> {
        let sealed = self.software.generate(spec, seat).await?;
        let handle = self.software.load(spec, seat, &sealed).await?;
        let mut slots = self.slots.lock().unwrap();
        let reference = format!("slot {}", slots.len());
        slots.insert(reference.clone(), handle);
        Ok(Sealed::Elsewhere { reference })
    }

    async fn import(&self, _: Spec, _: Seat<'_>, _: Material) -> Result<Sealed> {
        Err(Kind::Unsupported.into())
    }

    async fn load(&self, _: Spec, _: Seat<'_>, sealed: &Sealed) -> Result<Arc<Handle>> {
        yield_now().await;
        self.loads.fetch_add(1, Ordering::SeqCst);
        if !self.plugged_in.load(Ordering::SeqCst) {
            return Err(Kind::InvalidState(StateFlaw::Unavailable).because("the device is not plugged in"));
        }
        match sealed {
            Sealed::Elsewhere { reference } => Ok(Arc::clone(&self.slots.lock().unwrap()[reference])),
            Sealed::Here(_) => Err(Kind::InvalidCiphertext.because("")),
        }
    }

    async fn pair(&self, _: Spec) -> Result<Pair> {
        Err(Kind::Unsupported.into())
    }

    async fn receive(&self, _: Material, _: Wrapping, _: Vec<u8>) -> Result<Material> {
        Err(Kind::Unsupported.into())
    }

    fn wrap(&self, place: &[u8], secret: &[u8]) -> Result<Vec<u8>> {
        self.software.wrap(place, secret)
    }

    fn unwrap(&self, place: &[u8], wrapped: &[u8]) -> Result<Material> {
        self.software.unwrap(place, wrapped)
    }
}

struct Cloud {
    engine: Arc<Engine>,
    store: Arc<Memory>,
    device: Arc<Device>,
}

fn cloud() -> Cloud {
    let (store, device) = (Arc::new(Memory::new()), Arc::new(Device::new()));
    let ports = Ports {
        store: Arc::clone(&store) as Arc<dyn Store>,
        crypto: Arc::clone(&device) as Arc<dyn Crypto>,
        once: Arc::new(Nonces::default()),
        clock: Arc::new(SystemClock),
        random: Arc::new(OsRandom),
        audit: Arc::new(NoAudit),
    };
    let settings = Settings { signatures: Signatures::Ignore, ..Settings::default() };
    let engine = Arc::new(Engine::new(ports, Registry::of(vec![&DIALECT]).unwrap(), settings));
    Cloud { engine, store, device }
}

async fn call(engine: &Engine, operation: &str, arguments: Value) -> (u16, Value) {
    let builder = http::Request::builder()
        .method("POST")
        .uri("/")
        .header("host", "localhost")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("TrentService.{operation}"));
    let (head, ()) = builder.body(()).unwrap().into_parts();
    let body = Bytes::from(arguments.to_string());
    let mut request = Request { head, body, peer: std::net::IpAddr::V4(Ipv4Addr::LOCALHOST).into(), tls: false };
    let credential = Credential::new(ACCOUNT.to_owned(), AccessSecret::new("any".to_owned()));
    sign::seal(&mut request, &credential, None, "us-east-1", "kms", engine.world().ports.clock.now()).unwrap();
    let (head, body) = engine.answer(&request).await.into_parts();
    (head.status.as_u16(), serde_json::from_slice(&body).unwrap())
}

async fn ok(engine: &Engine, operation: &str, arguments: Value) -> Value {
    let (status, body) = call(engine, operation, arguments).await;
    assert_eq!(status, 200, "{operation}: {body}");
    body
}

async fn key(cloud: &Cloud) -> String {
    let made = ok(&cloud.engine, "CreateKey", json!({})).await;
    made["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_key_that_is_elsewhere_encrypts_and_its_record_holds_a_reference_alone() {
    let cloud = cloud();
    let key = key(&cloud).await;
    let stored = cloud.store.scan(Space::Key, "", None, 10).await.unwrap();
    let record: Value = serde_json::from_slice(&stored[0].body).unwrap();
    assert_eq!(record["versions"]["all"][0]["material"], json!({ "reference": "slot 0" }));

    let arguments = json!({ "KeyId": key, "Plaintext": "aGk=", "EncryptionContext": { "a": "1" } });
    let blob = ok(&cloud.engine, "Encrypt", arguments).await["CiphertextBlob"].clone();
    let opened =
        ok(&cloud.engine, "Decrypt", json!({ "CiphertextBlob": blob, "EncryptionContext": { "a": "1" } })).await;
    assert_eq!(opened["Plaintext"], "aGk=");
    let (status, refused) = call(&cloud.engine, "Decrypt", json!({ "CiphertextBlob": blob })).await;
    assert_eq!((status, refused["__type"].as_str().unwrap()), (400, "InvalidCiphertextException"));
}

#[tokio::test]
async fn many_that_need_a_key_at_once_have_it_loaded_once() {
    let cloud = cloud();
    let key = key(&cloud).await;
    let mut askers = JoinSet::new();
    for _ in 0..20 {
        let (engine, arguments) = (Arc::clone(&cloud.engine), json!({ "KeyId": key, "Plaintext": "aGk=" }));
        askers.spawn(async move { ok(&engine, "Encrypt", arguments).await });
    }
    assert_eq!(askers.join_all().await.len(), 20);
    assert_eq!(cloud.device.loads.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_key_that_cannot_be_reached_is_asked_for_again() {
    let cloud = cloud();
    let arguments = json!({ "KeyId": key(&cloud).await, "Plaintext": "aGk=" });
    cloud.device.plugged_in.store(false, Ordering::SeqCst);
    let (status, refused) = call(&cloud.engine, "Encrypt", arguments.clone()).await;
    assert_eq!((status, refused["__type"].as_str().unwrap()), (400, "KMSInvalidStateException"));
    cloud.device.plugged_in.store(true, Ordering::SeqCst);
    ok(&cloud.engine, "Encrypt", arguments).await;
    assert_eq!(cloud.device.loads.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_version_whose_material_is_gone_or_has_expired_encrypts_no_more() {
    for (member, value) in [("material", Value::Null), ("expires_at", json!("2020-01-01T00:00:00Z"))] {
        let cloud = cloud();
        let arguments = json!({ "KeyId": key(&cloud).await, "Plaintext": "aGk=" });
        ok(&cloud.engine, "Encrypt", arguments.clone()).await;
        let stored = cloud.store.scan(Space::Key, "", None, 1).await.unwrap().remove(0);
        let mut record: Value = serde_json::from_slice(&stored.body).unwrap();
        record["versions"]["all"][0][member] = value;
        let (path, body) = (stored.path, serde_json::to_vec(&record).unwrap());
        let change = Change::Put { space: Space::Key, path, expect: Expect::Any, body };
        cloud.engine.world().commit(vec![change]).await.unwrap();
        let (status, refused) = call(&cloud.engine, "Encrypt", arguments).await;
        assert_eq!((status, refused["__type"].as_str().unwrap()), (400, "KMSInvalidStateException"), "{member}");
        assert!(refused["message"].as_str().unwrap().ends_with("is pending import."), "{refused}");
    }
}
