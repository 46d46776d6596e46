//! Calls that an engine in this process answers.

use std::sync::Arc;

use polykms_core::dialect::client::{Again, Asked, Error, Kind, Outcome, Transport};
use polykms_core::dialect::row::BoxFuture;
use polykms_core::dialect::{Dialect, Row};
use polykms_core::engine::{Engine, Local};
use polykms_core::error;
use polykms_core::operation::Repeat;
use tokio::time::timeout;

/// An engine in this process, as one of its callers.
pub(super) struct Embedded {
    engine: Arc<Engine>,
    dialect: &'static Dialect,
    who: Local,
    name: String,
}

impl Embedded {
    pub(super) fn new(engine: Arc<Engine>, dialect: &'static Dialect, who: Local) -> Self {
        let name = format!("{} in this process", dialect.name);
        Self { engine, dialect, who, name }
    }
}

/// The error of a call that took too long.
fn late(row: &Row) -> Error {
    let error = Kind::Timeout.because("there was no answer in time").of(row.wire(), 1);
    match row.repeat() {
        Repeat::Harmless => error.again_is(Again::Now),
        Repeat::Once => error.again_is(Again::Unknown),
    }
}

impl Transport for Embedded {
    fn call(&self, asked: Asked) -> BoxFuture<'_, Outcome> {
        Box::pin(async move {
            let Asked { service, row, op, options } = asked;
            let done = self.engine.perform(self.dialect, &self.who, (service, row), op);
            let outcome = match options.timeout {
                None => done.await,
                Some(whole) => timeout(whole, done).await.map_err(|_| late(row))?,
            };
            outcome.map_err(|error| {
                let kind = error.kind().coarse();
                let told = match self.dialect.client {
                    Some(client) if error.kind() != error::Kind::Internal => {
                        kind.refused((client.told)(service, &error))
                    }
                    _ => kind.because(error.to_string()),
                };
                let told = match kind {
                    Kind::Denied => told.hinting("`polykms policy why` explains denials"),
                    _ => told,
                };
                told.of(row.wire(), 1)
            })
        })
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn region(&self) -> Option<&str> {
        Some(&self.who.region)
    }
}
