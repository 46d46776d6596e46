//! The software backend: keys in this process, on AWS-LC, their material at rest under the wrap keys of a store.
//!
//! # Invariants
//! - Keys are made and taken in on a few threads of their own; to load one, and to use it, takes microseconds.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use async_trait::async_trait;
use polykms_core::error::{Flaw, Kind, Result};
use polykms_core::port::crypto::{Handle, Pair, Sealed, Seat, Spec, Wrapping};
use polykms_core::port::{Crypto, Random};
use polykms_core::secret::{Material, Plaintext};
use zeroize::Zeroizing;

use crate::aead::Gcm;
use crate::error::{broken, invalid};
use crate::hmac::Hmac;
use crate::kdf::Kdf;
use crate::keyring::{self, Keyring};
use crate::pair;
use crate::pool::Pool;
use crate::transport;

/// A crypto backend in this process, for one store.
pub struct Software {
    safe: Arc<Safe>,
    slow: Pool,
}

/// What seals at rest.
struct Safe {
    keyring: Keyring,
    random: Arc<dyn Random>,
}

impl Software {
    /// The backend of the store that `keyring` belongs to; it draws its keys and nonces from `random`.
    pub fn new(keyring: Keyring, random: Arc<dyn Random>) -> Self {
        Self { safe: Arc::new(Safe { keyring, random }), slow: Pool::default() }
    }
}

impl fmt::Debug for Software {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Software")
    }
}

#[async_trait]
impl Crypto for Software {
    async fn generate(&self, spec: Spec, seat: Seat<'_>) -> Result<Sealed> {
        let (safe, place) = (Arc::clone(&self.safe), place(spec, seat));
        let make = move || {
            let material = match length(spec) {
                Some(length) => {
                    let mut material = Zeroizing::new(vec![0; length]);
                    safe.random.fill(&mut material)?;
                    Material::new(std::mem::take(&mut material))
                }
                None => pair::generate(spec)?,
            };
            safe.wrap(&place, material.expose()).map(Sealed::Here)
        };
        self.slow.run(make).await
    }

    async fn import(&self, spec: Spec, seat: Seat<'_>, material: Material) -> Result<Sealed> {
        let (safe, place) = (Arc::clone(&self.safe), place(spec, seat));
        let take = move || {
            let flaw = match lengths(spec) {
                Some(lengths) if !lengths.contains(&material.expose().len()) => Some(Flaw::Length),
                None if pair::load(spec, &material).is_none() => Some(Flaw::Format),
                _ => None,
            };
            match flaw {
                Some(flaw) => Err(Kind::Invalid(flaw).because("the key material is none of its kind")),
                None => safe.wrap(&place, material.expose()).map(Sealed::Here),
            }
        };
        self.slow.run(take).await
    }

    async fn load(&self, spec: Spec, seat: Seat<'_>, sealed: &Sealed) -> Result<Arc<Handle>> {
        let Sealed::Here(wrapped) = sealed else { return Err(invalid()) };
        // Earlier versions did not bind the spec; there was one.
        let place = if wrapped.first() == Some(&keyring::EARLIER) { seat.place() } else { place(spec, seat) };
        let material = self.safe.keyring.unwrap(&place, wrapped)?;
        let handle = match (spec.authentication(), length(spec)) {
            (Some(algorithm), _) => {
                let hmac = Hmac::new(algorithm, material.expose());
                Some(Handle { authenticate: Some(Arc::new(hmac)), ..Handle::of(spec) })
            }
            (None, Some(_)) => Gcm::new(spec, material.expose()).map(|aead| Handle {
                aead: Some(Arc::new(aead)),
                derive: Some(Arc::new(Kdf(material))),
                ..Handle::of(spec)
            }),
            (None, None) => pair::load(spec, &material),
        };
        handle.map(Arc::new).ok_or_else(invalid)
    }

    async fn pair(&self, spec: Spec) -> Result<Pair> {
        let make = move || {
            let private = pair::generate(spec)?;
            let public = pair::load(spec, &private).and_then(|handle| handle.public).ok_or_else(broken)?.to_vec();
            Ok(Pair { private: Plaintext::new(private.expose().to_vec()), public })
        };
        self.slow.run(make).await
    }

    async fn receive(&self, private: Material, wrapping: Wrapping, wrapped: Vec<u8>) -> Result<Material> {
        self.slow.run(move || transport::open(&private, wrapping, &wrapped)).await
    }

    fn wrap(&self, place: &[u8], secret: &[u8]) -> Result<Vec<u8>> {
        self.safe.wrap(place, secret)
    }

    fn unwrap(&self, place: &[u8], wrapped: &[u8]) -> Result<Material> {
        self.safe.keyring.unwrap(place, wrapped)
    }
}

impl Safe {
    fn wrap(&self, place: &[u8], secret: &[u8]) -> Result<Vec<u8>> {
        self.keyring.wrap(self.random.as_ref(), place, secret)
    }
}

/// What the material of a key is bound to.
fn place(spec: Spec, seat: Seat<'_>) -> Vec<u8> {
    let spec: &[u8] = match spec {
        Spec::Aes128 => b"AES-128",
        Spec::Aes256 => b"AES-256",
        Spec::Hmac224 => b"HMAC-224",
        Spec::Hmac256 => b"HMAC-256",
        Spec::Hmac384 => b"HMAC-384",
        Spec::Hmac512 => b"HMAC-512",
        Spec::Rsa2048 => b"RSA-2048",
        Spec::Rsa3072 => b"RSA-3072",
        Spec::Rsa4096 => b"RSA-4096",
        Spec::EccP256 => b"P-256",
        Spec::EccP384 => b"P-384",
        Spec::EccP521 => b"P-521",
        Spec::EccP256k1 => b"secp256k1",
        Spec::Ed25519 => b"Ed25519",
    };
    [seat.place().as_slice(), &[0], spec].concat()
}

/// Bytes of the material of a key; of pairs none, whose private halves are not all of one length.
fn length(spec: Spec) -> Option<usize> {
    match spec {
        Spec::Aes128 => Some(16),
        Spec::Hmac224 => Some(28),
        Spec::Aes256 | Spec::Hmac256 => Some(32),
        Spec::Hmac384 => Some(48),
        Spec::Hmac512 => Some(64),
        Spec::Rsa2048
        | Spec::Rsa3072
        | Spec::Rsa4096
        | Spec::EccP256
        | Spec::EccP384
        | Spec::EccP521
        | Spec::EccP256k1
        | Spec::Ed25519 => None,
    }
}

/// Bytes of the longest key of HMAC that is taken in.
const LONGEST_HMAC: usize = 128;

/// Bytes that the material of a key may have that was made outside; of pairs none.
fn lengths(spec: Spec) -> Option<RangeInclusive<usize>> {
    let own = length(spec)?;
    Some(own..=spec.authentication().map_or(own, |_| LONGEST_HMAC))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::{Receiver, channel};

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use polykms_core::port::crypto::Aead as _;
    use polykms_host::OsRandom;

    use super::*;
    use crate::root::Root;

    const SEAT: Seat<'_> = Seat { dialect: "d", account: "1", region: "r", key: "k", version: "v" };

    fn ring() -> Keyring {
        Keyring::fresh(&OsRandom).unwrap()
    }

    struct Broken;

    impl Random for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<()> {
            Err(Kind::Internal.because("no entropy"))
        }
    }

    #[tokio::test]
    async fn without_randomness_nothing_is_made_or_wrapped() {
        let software = Software::new(ring(), Arc::new(Broken));
        assert_eq!(software.wrap(b"", b"secret").unwrap_err().kind(), Kind::Internal);
        assert_eq!(software.generate(Spec::Aes256, SEAT).await.unwrap_err().kind(), Kind::Internal);
        assert!(Keyring::fresh(&Broken).is_err());
    }

    /// A generator that takes until it is told to go on.
    struct Slow(Mutex<Receiver<()>>);

    impl Random for Slow {
        fn fill(&self, out: &mut [u8]) -> Result<()> {
            let _ = self.0.lock().unwrap().recv(); // at once from then on
            OsRandom.fill(out)
        }
    }

    #[tokio::test]
    async fn while_a_key_takes_long_to_make_others_on_the_same_thread_go_on() {
        let (go_on, told) = channel();
        let slow = Arc::new(Software::new(ring(), Arc::new(Slow(Mutex::new(told)))));
        let made = Arc::clone(&slow);
        let made = tokio::spawn(async move { made.generate(Spec::Aes256, SEAT).await });
        // This thread is the only one of its runtime: were it held up, nobody would ever say the word.
        for _ in 0..100 {
            tokio::task::yield_now().await;
            assert!(!made.is_finished());
        }
        drop(go_on);
        let sealed = made.await.unwrap().unwrap();
        assert!(slow.load(Spec::Aes256, SEAT, &sealed).await.is_ok());
    }

    /// Calculated apart from this code: what earlier versions stored under a root key of 32 sevens. First the value that
    /// the root key is known by, then 32 nines for [`SEAT`].
    const CHECK_VALUE: &str =
        "AVxcXFxcXFxcXFxcXFxcXFxdXV1dXV1dXV1dXV24tcExxIcX43Y6NXqMM+jsuc3/hTPWxkwxD+viudU5k16ewA==";
    const STORED: &str =
        "AVpaWlpaWlpaWlpaWlpaWlpbW1tbW1tbW1tbW1tNhM42X3CJ/COcyZdlTB+fmsBmHnF7zGhiDov2Hp5vryvVY/jgAy0a5ZW2PIr2riU=";

    #[tokio::test]
    async fn material_that_was_stored_by_an_earlier_version_is_loaded() {
        let check_value = STANDARD.decode(CHECK_VALUE).unwrap();
        let ring = Keyring::succeeding(&Root::new(&[7; 32]), &check_value, &OsRandom).unwrap();
        let software = Software::new(ring, Arc::new(OsRandom));
        let sealed = Sealed::Here(STANDARD.decode(STORED).unwrap());
        let loaded = software.load(Spec::Aes256, SEAT, &sealed).await.unwrap();
        let [mut ours, mut theirs] = [Vec::new(), Vec::new()];
        loaded.aead.as_ref().unwrap().seal(&[1; 12], b"", b"text", &mut ours).unwrap();
        Gcm::new(Spec::Aes256, &[9; 32]).unwrap().seal(&[1; 12], b"", b"text", &mut theirs).unwrap();
        assert_eq!(ours, theirs);
    }

    #[test]
    fn the_backend_does_not_show_its_keys() {
        assert_eq!(format!("{:?}", Software::new(ring(), Arc::new(OsRandom))), "Software");
    }
}
