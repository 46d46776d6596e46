//! The software backend: keys in this process, on AWS-LC, their material at rest under a root key.
//!
//! # Invariants
//! - Keys are made and taken in on a few threads of their own; to load one, and to use it, takes microseconds.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use polykms_core::error::{Flaw, Kind, Result};
use polykms_core::port::crypto::{Handle, Sealed, Seat, Spec};
use polykms_core::port::{Crypto, Random};
use polykms_core::secret::Material;

use crate::aead::Gcm;
use crate::error::invalid;
use crate::kdf::Kdf;
use crate::pool::Pool;
use crate::root::Root;
use crate::wrap::Wrapper;

/// The place and the content of [`Software::check_value`].
const CHECK: &[u8] = b"polykms/check-value";

/// A crypto backend in this process, under one root key.
pub struct Software {
    wrapper: Arc<Wrapper>,
    slow: Pool,
}

impl Software {
    /// A backend under `root` that draws its keys and nonces from `random`.
    pub fn new(root: Root, random: Arc<dyn Random>) -> Self {
        Self { wrapper: Arc::new(Wrapper::new(root, random)), slow: Pool::default() }
    }

    /// A value to store beside what this root key seals, by which a later start recognises the root key.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the backend fails.
    pub fn check_value(&self) -> Result<Vec<u8>> {
        self.wrap(CHECK, CHECK)
    }

    /// Whether `check_value` was made under this root key; whoever gets an error must not go on.
    ///
    /// # Errors
    /// [`Kind::InvalidCiphertext`] for a value of another root key, and for anything else.
    pub fn verify_check_value(&self, check_value: &[u8]) -> Result<()> {
        self.unwrap(CHECK, check_value).map(|_| ()) // nothing else is ever wrapped for this place
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
        let (wrapper, place) = (Arc::clone(&self.wrapper), seat.place());
        let make = move || wrapper.wrap(&place, wrapper.draw(length(spec))?.expose()).map(Sealed::Here);
        self.slow.run(make).await
    }

    async fn import(&self, spec: Spec, seat: Seat<'_>, material: Material) -> Result<Sealed> {
        let (wrapper, place) = (Arc::clone(&self.wrapper), seat.place());
        let take = move || match material.expose().len() == length(spec) {
            true => wrapper.wrap(&place, material.expose()).map(Sealed::Here),
            false => Err(Kind::Invalid(Flaw::Length).because("the key material has a wrong length")),
        };
        self.slow.run(take).await
    }

    async fn load(&self, spec: Spec, seat: Seat<'_>, sealed: &Sealed) -> Result<Arc<Handle>> {
        let Sealed::Here(wrapped) = sealed else { return Err(invalid()) };
        let material = self.wrapper.unwrap(&seat.place(), wrapped)?;
        let aead = Gcm::new(spec, material.expose()).ok_or_else(invalid)?;
        Ok(Arc::new(Handle { spec, aead: Some(Arc::new(aead)), derive: Some(Arc::new(Kdf(material))) }))
    }

    fn wrap(&self, place: &[u8], secret: &[u8]) -> Result<Vec<u8>> {
        self.wrapper.wrap(place, secret)
    }

    fn unwrap(&self, place: &[u8], wrapped: &[u8]) -> Result<Material> {
        self.wrapper.unwrap(place, wrapped)
    }
}

/// Bytes of the material of a key.
fn length(spec: Spec) -> usize {
    match spec {
        Spec::Aes128 => 16,
        Spec::Aes256 => 32,
    }
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

    const SEAT: Seat<'_> = Seat { dialect: "d", account: "1", region: "r", key: "k", version: "v" };

    fn software(root: u8) -> Software {
        Software::new(Root::new(&[root; 32]), Arc::new(OsRandom))
    }

    struct Broken;

    impl Random for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<()> {
            Err(Kind::Internal.because("no entropy"))
        }
    }

    #[tokio::test]
    async fn without_randomness_nothing_is_made_or_wrapped() {
        let software = Software::new(Root::new(&[7; 32]), Arc::new(Broken));
        assert_eq!(software.wrap(b"", b"secret").unwrap_err().kind(), Kind::Internal);
        assert_eq!(software.generate(Spec::Aes256, SEAT).await.unwrap_err().kind(), Kind::Internal);
        assert!(software.check_value().is_err());
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
        let slow = Arc::new(Software::new(Root::new(&[7; 32]), Arc::new(Slow(Mutex::new(told)))));
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

    /// Calculated apart from this code: 32 nines for [`SEAT`] under a root key of 32 sevens, as stores have it.
    const STORED: &str =
        "AVpaWlpaWlpaWlpaWlpaWlpbW1tbW1tbW1tbW1tNhM42X3CJ/COcyZdlTB+fmsBmHnF7zGhiDov2Hp5vryvVY/jgAy0a5ZW2PIr2riU=";

    #[tokio::test]
    async fn material_that_was_stored_by_an_earlier_version_is_loaded() {
        let sealed = Sealed::Here(STANDARD.decode(STORED).unwrap());
        let loaded = software(7).load(Spec::Aes256, SEAT, &sealed).await.unwrap();
        let [mut ours, mut theirs] = [Vec::new(), Vec::new()];
        loaded.aead.as_ref().unwrap().seal(&[1; 12], b"", b"text", &mut ours).unwrap();
        Gcm::new(Spec::Aes256, &[9; 32]).unwrap().seal(&[1; 12], b"", b"text", &mut theirs).unwrap();
        assert_eq!(ours, theirs);
    }

    #[test]
    fn another_root_key_is_recognised_by_the_check_value() {
        let value = software(1).check_value().unwrap();
        software(1).verify_check_value(&value).unwrap();
        assert_eq!(software(2).verify_check_value(&value).unwrap_err().kind(), Kind::InvalidCiphertext);
        assert!(software(1).verify_check_value(b"").is_err());
        assert!(software(1).verify_check_value(&software(1).wrap(b"elsewhere", CHECK).unwrap()).is_err());
        assert_ne!(value, software(1).check_value().unwrap());
    }

    #[test]
    fn the_backend_does_not_show_its_root_key() {
        assert_eq!(format!("{:?}", software(1)), "Software");
    }
}
