//! Calls of this process: no bytes, no signature, and otherwise the line that every request follows.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, LazyLock};

use super::caller::{Call, Connection};
use super::identify::Identified;
use super::{Engine, Text, ids};
use crate::dialect::row::Anything;
use crate::dialect::{Dialect, Format, Peer, Row, Service, Voice};
use crate::error::Result;

/// Who of this process asks, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// The account.
    pub account: String,
    /// The user, by its name; the owner of the account, when absent.
    pub user: Option<String>,
    /// The region.
    pub region: Arc<str>,
}

/// How calls of this process come.
static CONNECTION: LazyLock<Connection> = LazyLock::new(|| Connection {
    peer: Peer::from(IpAddr::V4(Ipv4Addr::LOCALHOST)),
    tls: true,
    user_agent: Arc::from(concat!("polykms/", env!("CARGO_PKG_VERSION"))),
    referer: None,
    simulated: None,
});

impl Engine {
    /// Makes an operation in this process: it is judged, done and told on the trail as if its request had come.
    ///
    /// # Errors
    /// Those of the operation, of its request's members included.
    pub async fn perform(
        &self,
        dialect: &'static Dialect,
        who: &Local,
        (service, row): (&'static Service, &'static Row),
        op: Anything,
    ) -> Result<Anything> {
        let random = self.world.ports.random.as_ref();
        let (mut request_room, mut event_room) = (ids::ROOM, ids::ROOM);
        let request_id = self.ids.next(random, &mut request_room)?;
        let event_id = self.ids.next(random, &mut event_room)?;
        let Identified { caller, named } = self.local(dialect, who).await?;
        let at = self.world.ports.clock.now();
        let call = Call {
            dialect,
            service,
            row,
            caller,
            named,
            region: Arc::clone(&who.region),
            at,
            connection: &CONNECTION,
            voice: Voice { service: service.name, format: Format::Json, dry_run: false },
            request_id,
            event_id,
            kept: self.keeps(at),
        };
        match (dialect.law.barred)(&call.caller, service, row) {
            Some(error) => self.refused(&call, row.effect(), Text::default(), error).await,
            None => row.perform(self, call, op).await,
        }
    }
}
