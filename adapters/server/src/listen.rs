//! Listening sockets: one per worker on one address, so that the kernel shares out the connections.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};

use socket2::{Domain, Socket, Type};

use crate::error::Error;

/// Connections that may wait to be accepted, per socket.
const BACKLOG: i32 = 1024;

/// As many sockets as asked for, all on one address; port 0 becomes one free port.
///
/// # Errors
/// [`Error::Remote`] for an address beyond loopback unless allowed, [`Error::Listen`] when the system refuses.
pub(crate) fn listen(
    address: SocketAddr,
    sockets: usize,
    allow_remote: bool,
) -> Result<(SocketAddr, Vec<TcpListener>), Error> {
    if !is_loopback(address.ip()) {
        if !allow_remote {
            return Err(Error::Remote(address));
        }
        tracing::warn!(target: "polykms::server", %address, "LISTENING BEYOND THIS MACHINE: anyone who can reach the address can send requests");
    }
    bind(address, sockets).map_err(|source| Error::Listen { address, source })
}

/// Whether only this machine can reach the address.
fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

fn bind(address: SocketAddr, sockets: usize) -> io::Result<(SocketAddr, Vec<TcpListener>)> {
    // Sockets that share a port would also share it with another server of the same user: ask first, without sharing.
    drop(socket(address, false)?);
    let first = socket(address, true)?;
    let address = first.local_addr()?.as_socket().ok_or(io::ErrorKind::AddrNotAvailable)?;
    let others = (1..sockets).map(|_| socket(address, true));
    let all = std::iter::once(Ok(first)).chain(others).map(|socket| open(socket?)).collect::<io::Result<_>>()?;
    Ok((address, all))
}

fn socket(address: SocketAddr, shared: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM.cloexec(), None)?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(shared)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

fn open(socket: Socket) -> io::Result<TcpListener> {
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn port_zero_becomes_one_port_for_all_sockets() {
        let (at, sockets) = listen(address("127.0.0.1:0"), 3, false).unwrap();
        assert_ne!(at.port(), 0);
        assert!(sockets.iter().all(|socket| socket.local_addr().unwrap() == at));
        assert_eq!(sockets.len(), 3);
    }

    #[test]
    fn a_port_in_use_is_not_shared_with_another_server() {
        let (at, _sockets) = listen(address("127.0.0.1:0"), 2, false).unwrap();
        let refused = listen(at, 2, false).unwrap_err();
        assert!(refused.to_string().contains("another process listens there"), "{refused}");
    }

    #[test]
    fn addresses_beyond_loopback_are_refused() {
        for beyond in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[::ffff:0.0.0.0]:0"] {
            assert!(matches!(listen(address(beyond), 1, false), Err(Error::Remote(_))), "{beyond}");
        }
        assert!(is_loopback("::ffff:127.0.0.1".parse().unwrap()));
    }
}
