//! What requests differ in, whoever makes them about whatever.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use super::Asking;
use crate::dialect::Peer;
use crate::engine::{Call, Circumstances, Connection, Foreseen, Located, Simulated, Situation};
use crate::policy::{Context, KeyName};
use crate::tag::Tags;

/// Which condition keys are one way or another with how, when and with what arguments somebody asks.
pub(super) struct Varies<'v> {
    asking: &'v Asking<'v>,
    call: &'v Call<'v>,
    located: &'v Located,
    known: RefCell<HashMap<String, bool>>,
}

impl<'v> Varies<'v> {
    pub(super) fn of(asking: &'v Asking<'v>, call: &'v Call<'v>, located: &'v Located) -> Self {
        Self { asking, call, located, known: RefCell::default() }
    }

    pub(super) fn is_open(&self, key: &str) -> bool {
        if let Some(known) = self.known.borrow().get(key) {
            return *known;
        }
        let open = self.asking.is_asked(key) || self.differs(key);
        self.known.borrow_mut().insert(key.to_owned(), open);
        open
    }

    /// Whether requests of the same caller, about the same resource, have different values.
    fn differs(&self, key: &str) -> bool {
        let name = KeyName::new(key);
        let variable = key.rsplit(['/', ':']).next().unwrap_or_default();
        let tagged = Tags::from([(variable.to_owned(), "some".to_owned())]);
        let mut first = None::<Option<String>>;
        let later = self.asking.now.checked_add(jiff::SignedDuration::from_hours(5000)).unwrap_or(self.asking.now);
        for (at, connection) in various().iter().enumerate() {
            let call = Call { connection, ..self.call.clone() };
            let situation = Situation {
                now: if at == 0 { self.asking.now } else { later },
                tags: if at == 0 { None } else { Some(&tagged) },
                ..self.asking.situation(&call, self.located)
            };
            let value = Foreseen::new(&situation, self.asking.law(), self.asking.row())
                .named(name)
                .map(|value| format!("{value:?}"));
            match &first {
                None => first = Some(value),
                Some(first) if *first != value => return true,
                Some(_) => {}
            }
        }
        false
    }
}

/// Connections that have nothing in common.
fn various() -> [Connection; 3] {
    let public = Circumstances { mfa_age_seconds: Some(7), ..Circumstances::default() };
    let (vpc, endpoint) = (Some("network".to_owned()), Some("endpoint".to_owned()));
    let source_ip = Some(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 7)));
    let private = Circumstances { vpc, vpc_endpoint: endpoint, source_ip, ..Circumstances::default() };
    let simulated = |circumstances| Simulated::of("", circumstances).ok().map(Arc::new);
    let connection = |last: u8, tls: bool, agent: &str, simulated| Connection {
        peer: Peer::from(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last))),
        tls,
        user_agent: agent.into(),
        referer: tls.then(|| Arc::from(agent)),
        simulated,
    };
    [
        connection(1, false, "one", None),
        connection(2, true, "two", simulated(public)),
        connection(3, true, "three", simulated(private)),
    ]
}
