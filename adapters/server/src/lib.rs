//! The HTTP server of PolyKMS: bytes in, [`Answer`], bytes out.
//!
//! HTTP/1.1 (RFC 9112) by hyper, one single-threaded runtime per core, each with its own listening socket
//! (`SO_REUSEPORT`), with or without TLS.
//! # Invariants
//! - A body is refused before more than the cap is held in memory; a message whose framing is open to two readings is
//!   refused and its connection ends.
//! - A panic while answering becomes one 500 and one count; the other requests go on.
//! - What a browser sends for a page elsewhere, and what was sent to a host that is none of this server's, is refused.
//! - A request that reached the engine is answered to its end, even when its client has left.
//! - Nothing is logged of a body, a query or a header other than the request id of the answer.

mod answer;
mod body;
mod connection;
mod door;
mod error;
mod framing;
mod guard;
mod insight;
mod listen;
mod options;
mod pending;
mod pulse;
mod refusal;
mod server;
mod service;
mod tls;
mod worker;

pub use answer::Answer;
pub use error::Error;
pub use options::{Limits, Options, Tls};
pub use server::{Bound, Counters, Handle, Server};
