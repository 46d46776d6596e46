//! Health: whether requests can be answered, found out by doing what they need.

use super::Engine;
use super::world::META;

/// What is sealed and opened again to find out whether that works.
const PROBE: &[u8] = b"health";

impl Engine {
    /// Why requests cannot be answered now: the store, the trail or what unseals is not there.
    pub async fn health(&self) -> Option<String> {
        match self.failure() {
            None => self.unread().await.or_else(|| self.untold()).or_else(|| self.unsealed()),
            why => why,
        }
    }

    fn untold(&self) -> Option<String> {
        self.world.ports.audit.ready().err().map(|error| error.to_string())
    }

    async fn unread(&self) -> Option<String> {
        let read = self.world.ports.store.get(META, "health").await;
        read.err().map(|error| error.to_string())
    }

    fn unsealed(&self) -> Option<String> {
        let crypto = &self.world.ports.crypto;
        let opened = crypto.wrap(PROBE, PROBE).and_then(|sealed| crypto.unwrap(PROBE, &sealed));
        match opened {
            Ok(opened) if opened.expose() == PROBE => None,
            Ok(_) => Some("what was sealed opens as something else".to_owned()),
            Err(error) => Some(format!("nothing can be sealed under the root key: {error}")),
        }
    }
}
