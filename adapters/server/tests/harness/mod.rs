//! A running server with a double behind it, and raw sockets to talk to it.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use polykms_core::dialect::{Request, Response};
use polykms_core::error::Result;
use polykms_server::{Answer, Error, Handle, Limits, Options, Server};

/// Answers by path: `/slow` after a while, `/panic` never, anything else with the path and the length of the body.
#[derive(Debug, Default)]
pub struct Double {
    pub finished: AtomicU64,
    pub resets: AtomicU64,
    pub failed: AtomicBool,
}

/// How long `/slow` takes.
pub const SLOW: Duration = Duration::from_millis(400);

impl Answer for Double {
    async fn answer(&self, request: &Request) -> Response {
        match request.head.uri.path() {
            "/panic" => panic!("on purpose"),
            "/slow" => tokio::time::sleep(SLOW).await,
            "/large" => return http::Response::new(Bytes::from(vec![b'x'; 16 * 1024 * 1024])),
            _ => {}
        }
        self.finished.fetch_add(1, Ordering::SeqCst);
        let text = format!("<{} {} {}>", request.head.uri.path(), request.body.len(), request.tls);
        http::Response::new(Bytes::from(text))
    }

    async fn reset(&self) -> Result<()> {
        self.resets.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    async fn advance(&self, step: jiff::SignedDuration) -> Result<jiff::Timestamp> {
        Ok(jiff::Timestamp::UNIX_EPOCH + step)
    }

    fn failure(&self) -> Option<String> {
        self.failed.load(Ordering::SeqCst).then(|| "the disk lied".to_owned())
    }
}

/// A server on a free port, ended when dropped.
pub struct Running {
    pub address: SocketAddr,
    pub tls: Option<SocketAddr>,
    pub handle: Handle,
    pub double: Arc<Double>,
    thread: Option<JoinHandle<std::result::Result<(), Error>>>,
}

impl Running {
    pub fn start() -> Self {
        Self::with(|options| options)
    }

    pub fn with(change: impl FnOnce(Options) -> Options) -> Self {
        let limits = Limits {
            head_time: Duration::from_millis(300),
            body_time: Duration::from_millis(300),
            write_time: Duration::from_millis(300),
            idle_time: Duration::from_millis(900),
            drain_time: Duration::from_secs(2),
            look_time: Duration::from_secs(60),
            ..Limits::default()
        };
        let options = change(Options {
            listen: "127.0.0.1:0".parse().unwrap(),
            threads: NonZeroUsize::new(2).unwrap(),
            hosts: vec!["a".to_owned()],
            signals: false,
            limits,
            ..Options::default()
        });
        let bound = Server::bind(options).unwrap();
        let (address, tls, handle, double) = (bound.local_addr(), bound.tls_addr(), bound.handle(), Arc::default());
        let engine = Arc::clone(&double);
        let (ready, served) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || bound.run_and_tell(engine, move || ready.send(()).unwrap()));
        served.recv_timeout(Duration::from_secs(5)).unwrap();
        Self { address, tls, handle, double, thread: Some(thread) }
    }

    pub fn connect(&self) -> Client {
        Client::to(self.address)
    }

    /// Sends the bytes and reads until the server closes the connection.
    pub fn exchange(&self, bytes: &[u8]) -> String {
        let mut client = self.connect();
        client.send(bytes);
        client.read_to_end()
    }

    pub fn join(mut self) -> std::result::Result<(), Error> {
        self.thread.take().unwrap().join().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.handle.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A raw socket.
pub struct Client(pub TcpStream);

impl Client {
    pub fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(5))).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
    }

    /// Everything until the end of the stream; a reset counts as an end, a silence of five seconds does not.
    pub fn read_to_end(&mut self) -> String {
        let mut all = Vec::new();
        let mut part = [0; 4096];
        loop {
            match self.0.read(&mut part) {
                Ok(0) => break,
                Ok(n) => all.extend_from_slice(&part[..n]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
                Err(error) => panic!("after {:?}: {error}", String::from_utf8_lossy(&all)),
            }
        }
        String::from_utf8(all).unwrap()
    }

    /// Reads until the text has come.
    pub fn read_until(&mut self, text: &str) -> String {
        let mut all = String::new();
        let mut part = [0; 4096];
        while !all.contains(text) {
            let n = self.0.read(&mut part).unwrap();
            assert_ne!(n, 0, "the connection ended after {all:?}");
            all.push_str(std::str::from_utf8(&part[..n]).unwrap());
        }
        all
    }
}

/// How many responses the bytes hold.
pub fn responses(bytes: &str) -> usize {
    bytes.matches("HTTP/1.1 ").count()
}
