//! Calls that an engine in this process answers.

use std::sync::Arc;

use polykms_core::dialect::Dialect;
use polykms_core::dialect::client::{Asked, Kind, Outcome, Transport};
use polykms_core::dialect::row::BoxFuture;
use polykms_core::engine::{Engine, Local};
use polykms_core::error;

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

impl Transport for Embedded {
    fn call(&self, asked: Asked) -> BoxFuture<'_, Outcome> {
        Box::pin(async move {
            let Asked { service, row, op, options: _ } = asked;
            let outcome = self.engine.perform(self.dialect, &self.who, (service, row), op).await;
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
}
