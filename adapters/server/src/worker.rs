//! One worker: a single-threaded runtime that takes connections from its own sockets and serves them to their end.

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::LocalOptions;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::{JoinSet, spawn_local};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::answer::Answer;
use crate::connection;
use crate::error::Error;
use crate::server::{Phase, Post, Shared};

/// Threads for blocking work that one worker may start.
const BLOCKING_THREADS: usize = 8;
/// How long accepting rests when the system has no more descriptors.
const PAUSE: Duration = Duration::from_millis(20);
/// How many connections are accepted when the server ends.
const MOST_WAITING: usize = 1024;
/// How often a draining worker looks whether the last answers are done.
const LOOK: Duration = Duration::from_millis(5);

/// What a worker minds beside its connections; one of a server minds whatever there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duties {
    /// Nothing.
    None,
    /// Whether whoever answers has failed for good.
    Failures,
    /// That, and the signals that end the process.
    SignalsToo,
}

/// Serves until the phase says otherwise; returns when the worker's connections have ended.
///
/// # Errors
/// [`Error::Runtime`] when the runtime, its sockets or its signals cannot be set up.
pub(crate) fn work<E: Answer>(
    post: Post,
    engine: &Arc<E>,
    shared: &Arc<Shared>,
    duties: Duties,
    ready: impl FnOnce(),
) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build_local(LocalOptions::default())
        .map_err(Error::Runtime)?;
    let outcome = runtime.block_on(serve(post, engine, shared, duties, ready)).map_err(Error::Runtime);
    runtime.shutdown_background();
    outcome
}

async fn serve<E: Answer>(
    post: Post,
    engine: &Arc<E>,
    shared: &Arc<Shared>,
    duties: Duties,
    ready: impl FnOnce(),
) -> io::Result<()> {
    let plain = TcpListener::from_std(post.plain)?;
    let secure = match post.secure {
        Some((socket, acceptor)) => Some((TcpListener::from_std(socket)?, acceptor)),
        None => None,
    };
    if duties == Duties::SignalsToo {
        spawn_local(Signals::new()?.obey(Arc::clone(shared)));
    }
    if duties != Duties::None {
        spawn_local(mind(Arc::clone(engine), Arc::clone(shared)));
    }
    let mut phase = shared.phase.subscribe();
    let mut connections = JoinSet::new();
    ready();
    while *phase.borrow_and_update() == Phase::Running {
        tokio::select! {
            taken = plain.accept() => admit(taken, None, &mut connections, engine, shared).await,
            taken = accept(secure.as_ref()) => {
                let acceptor = secure.as_ref().map(|(_, acceptor)| acceptor.clone());
                admit(taken, acceptor, &mut connections, engine, shared).await;
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            changed = phase.changed() => if changed.is_err() { break },
        }
    }
    // Whoever got through to the system before the sockets are closed is served as well.
    for taken in waiting(&plain) {
        admit(Ok(taken), None, &mut connections, engine, shared).await;
    }
    if let Some((listener, acceptor)) = &secure {
        for taken in waiting(listener) {
            admit(Ok(taken), Some(acceptor.clone()), &mut connections, engine, shared).await;
        }
    }
    drop((plain, secure));
    tokio::select! {
        _ = timeout(shared.limits.drain_time, finish(&mut connections, shared)) => {}
        _ = phase.wait_for(|phase| *phase == Phase::Stopped) => {}
    }
    Ok(())
}

/// The connections that wait to be accepted.
fn waiting(listener: &TcpListener) -> Vec<(TcpStream, SocketAddr)> {
    let mut context = Context::from_waker(Waker::noop());
    let next = || match listener.poll_accept(&mut context) {
        Poll::Ready(Ok(taken)) => Some(taken),
        Poll::Ready(Err(_)) | Poll::Pending => None,
    };
    std::iter::from_fn(next).take(MOST_WAITING).collect()
}

async fn accept(secure: Option<&(TcpListener, TlsAcceptor)>) -> io::Result<(TcpStream, SocketAddr)> {
    match secure {
        Some((listener, _)) => listener.accept().await,
        None => pending().await,
    }
}

async fn admit<E: Answer>(
    taken: io::Result<(TcpStream, SocketAddr)>,
    acceptor: Option<TlsAcceptor>,
    connections: &mut JoinSet<()>,
    engine: &Arc<E>,
    shared: &Arc<Shared>,
) {
    match taken {
        Err(error) => {
            tracing::warn!(target: "polykms::connection", %error, "a connection could not be accepted");
            sleep(PAUSE).await;
        }
        Ok((stream, peer)) => match Place::take(shared) {
            Some(place) => {
                let (engine, shared, phase) = (Arc::clone(engine), Arc::clone(shared), shared.phase.subscribe());
                let address = peer.ip();
                connections.spawn_local(async move {
                    let _place = place;
                    connection::serve(stream, acceptor, address, engine, shared, phase).await;
                });
            }
            None => {
                shared.counters.refused.fetch_add(1, Ordering::Relaxed);
                tracing::debug!(target: "polykms::connection", %peer, "too many connections");
            }
        },
    }
}

/// One of the connections that may be open.
struct Place(Arc<Shared>);

impl Place {
    fn take(shared: &Arc<Shared>) -> Option<Self> {
        let place = Self(Arc::clone(shared)); // given back when dropped, also below
        let before = shared.connections.fetch_add(1, Ordering::Relaxed);
        (before < shared.limits.connections).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Ends the server once whoever answers has failed for good: only a new start mends that.
async fn mind<E: Answer>(engine: Arc<E>, shared: Arc<Shared>) {
    let why = loop {
        sleep(shared.limits.look_time).await;
        if let Some(why) = engine.failure() {
            break why;
        }
    };
    tracing::error!(target: "polykms::server", why, "the server cannot go on and ends");
    let _ = shared.failure.set(why);
    shared.drain();
}

async fn finish(connections: &mut JoinSet<()>, shared: &Shared) {
    while connections.join_next().await.is_some() {}
    while shared.left.load(Ordering::Relaxed) > 0 {
        sleep(LOOK).await;
    }
}

/// The signals that end the server: the first lets running requests finish, the second does not.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn obey(mut self, shared: Arc<Shared>) {
        self.next().await;
        shared.drain();
        self.next().await;
        shared.phase.send_replace(Phase::Stopped);
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
