//! What a server is told: where to listen, and how much of anything it takes.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

/// Where and how to listen.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address for plain HTTP; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The second listener, for HTTPS.
    pub tls: Option<Tls>,
    /// Worker threads, each with its own runtime.
    pub threads: NonZeroUsize,
    /// Whether addresses that other machines can reach may be listened on.
    pub allow_remote: bool,
    /// Whether `POST /_polykms/reset` exists, and the other pages that control an emulator.
    pub reset: bool,
    /// Whether only this machine may ask for what was decided, and say what requests are taken to come from: where others
    /// reach an emulator.
    pub near: bool,
    /// Names and addresses that are this server's, beside those of this machine and those it listens on.
    pub hosts: Vec<String>,
    /// Origins whose pages may send requests, as browsers write them: `http://front.example:8080`.
    pub origins: Vec<String>,
    /// Whether SIGTERM and SIGINT end the server.
    pub signals: bool,
    /// How much of anything is taken.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 4566)),
            tls: None,
            threads: NonZeroUsize::MIN,
            allow_remote: false,
            reset: false,
            near: true,
            hosts: Vec::new(),
            origins: Vec::new(),
            signals: true,
            limits: Limits::default(),
        }
    }
}

/// The HTTPS listener.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The address for HTTPS; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where `ca.pem`, `cert.pem` and `key.pem` are kept, made when missing or no longer valid.
    pub directory: PathBuf,
}

/// Bounds on size, number and time; each has a default that suits signed API calls.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a body.
    pub body: usize,
    /// Bytes of a request line with its headers.
    pub head: usize,
    /// Header fields of a request.
    pub fields: usize,
    /// Open connections of the whole process.
    pub connections: usize,
    /// Bytes of heads and bodies that are not whole yet, or not answered, of the whole process, beside what arrives in one
    /// read; whoever needs more is refused.
    pub pending: usize,
    /// The same for each address that requests come from.
    pub pending_of_peer: usize,
    /// Time from the first byte of a head (or the opening of the connection) to its last.
    pub head_time: Duration,
    /// Time for a whole body.
    pub body_time: Duration,
    /// Time that a connection may rest between two requests.
    pub idle_time: Duration,
    /// Time that a client may leave an answer unread.
    pub write_time: Duration,
    /// Time that running requests are given when the server ends.
    pub drain_time: Duration,
    /// Time that a connection without a request is kept open when the server ends, for one that is on its way.
    pub farewell_time: Duration,
    /// How often it is looked whether whoever answers has failed for good.
    pub look_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 1024 * 1024,
            head: 64 * 1024,
            fields: 100,
            connections: 10_240,
            pending: 128 * 1024 * 1024,
            pending_of_peer: 32 * 1024 * 1024,
            head_time: Duration::from_secs(10),
            body_time: Duration::from_secs(30),
            idle_time: Duration::from_secs(90),
            write_time: Duration::from_secs(30),
            drain_time: Duration::from_secs(10),
            farewell_time: Duration::from_millis(100),
            look_time: Duration::from_secs(1),
        }
    }
}
