//! Asks the services of a cloud over HTTP: a transport for every dialect that says how it is asked.
//!
//! Follows the retry behaviour of the AWS SDKs ("standard" mode as of 2026), for every cloud alike; what a cloud has of its
//! own (headers, codes, endpoints, signatures) its dialect says.
//!
//! # Invariants
//! - What may have happened and cannot be made twice is not sent again: its error is [`Again::Unknown`](polykms_core::dialect::client::Again::Unknown).
//! - Each attempt is signed anew, with a time and a nonce of its own.
//! - No redirect is followed, no answer is longer than the cap, no call takes longer than its time.
//! - Without TLS only this machine is asked, unless it is allowed for another.
//! - Neither credentials nor bodies are logged.
//! - Credentials that are not given are looked for where the vendor's own clients look; whoever that has asked is on this
//!   machine or beside it, or has TLS.

mod address;
mod backoff;
mod call;
mod clock;
mod credentials;
mod http;
mod page;
mod raw;
mod settings;
mod surroundings;

pub use credentials::{Credentials, Environment, Keys, Static};
pub use page::page;
pub use settings::{Builder, Limits};

use std::sync::Arc;

use polykms_core::dialect::Dialect;
use polykms_core::dialect::client::{Asked, Client, Outcome, Transport};
use polykms_core::dialect::row::BoxFuture;

use backoff::Budget;
use clock::Skew;
use credentials::Kept;

/// The services of one cloud, as they are reached from here.
pub struct Remote {
    dialect: &'static Dialect,
    client: &'static Client,
    http: reqwest::Client,
    credentials: Kept,
    settings: Arc<settings::Settings>,
    budget: Arc<Budget>,
    skew: Arc<Skew>,
    name: String,
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Remote({})", self.name)
    }
}

impl Remote {
    /// How the services of a cloud are to be reached.
    pub fn builder(dialect: &'static Dialect) -> Builder {
        Builder::new(dialect)
    }

    /// The dialect that is spoken.
    pub fn dialect(&self) -> &'static Dialect {
        self.dialect
    }

    /// The region that is asked.
    pub fn region(&self) -> &str {
        &self.settings.wanted.region
    }
}

impl Transport for Remote {
    fn call(&self, asked: Asked) -> BoxFuture<'_, Outcome> {
        Box::pin(self.answered(asked))
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn region(&self) -> Option<&str> {
        Some(&self.settings.wanted.region)
    }
}
