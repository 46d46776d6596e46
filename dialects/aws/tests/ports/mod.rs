//! What an engine of these tests runs on: a store, a clock that is moved by hand, a trail, and crypto with a fresh key ring.

use std::sync::Arc;

use polykms_core::engine::Ports;
use polykms_core::port::{Audit, Store};
use polykms_crypto::{Keyring, Software};
use polykms_host::{ManualClock, OsRandom};
use polykms_store::Nonces;

pub(crate) fn ports(store: Arc<dyn Store>, clock: &ManualClock, audit: Arc<dyn Audit>) -> Ports {
    Ports {
        store,
        crypto: Arc::new(Software::new(Keyring::fresh(&OsRandom).unwrap(), Arc::new(OsRandom))),
        once: Arc::new(Nonces::default()),
        clock: Arc::new(clock.clone()),
        random: Arc::new(OsRandom),
        audit,
    }
}
