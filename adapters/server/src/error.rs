//! Why a server could not be bound or run.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// A failure to bind or to run the server.
#[derive(Debug)]
pub enum Error {
    /// The address cannot be listened on.
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The address can be reached from other machines, and that was not allowed.
    Remote(SocketAddr),
    /// A file of the TLS directory cannot be read or written.
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The certificate cannot be made or used.
    Certificate(String),
    /// A runtime or a thread cannot be started.
    Runtime(io::Error),
    /// A worker ended by a panic.
    Worker,
    /// Whoever answers has failed for good, for this reason.
    Failed(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { address, source } if source.kind() == io::ErrorKind::AddrInUse => {
                write!(f, "cannot listen on `{address}`: another process listens there")
            }
            Self::Listen { address, source } => write!(f, "cannot listen on `{address}`: {source}"),
            Self::Remote(address) => {
                write!(f, "`{address}` can be reached from other machines, and that is not allowed here")
            }
            Self::File { path, source } => write!(f, "cannot use `{}`: {source}", path.display()),
            Self::Certificate(why) => write!(f, "cannot use the certificate: {why}"),
            Self::Runtime(source) => write!(f, "cannot start a worker: {source}"),
            Self::Worker => f.write_str("a worker stopped unexpectedly"),
            Self::Failed(why) => write!(f, "the server cannot go on: {why}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Listen { source, .. } | Self::File { source, .. } | Self::Runtime(source) => Some(source),
            Self::Remote(_) | Self::Certificate(_) | Self::Worker | Self::Failed(_) => None,
        }
    }
}
