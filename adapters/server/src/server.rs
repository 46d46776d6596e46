//! The server: bound to its addresses first, then run until it is told to end.

use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::answer::Answer;
use crate::door::Door;
use crate::error::Error;
use crate::listen::listen;
use crate::options::{Limits, Options};
use crate::pending::Pending;
use crate::worker::Duties;
use crate::{tls, worker};

/// The server, before it is bound.
#[derive(Debug)]
pub struct Server;

impl Server {
    /// Takes the addresses, so that clients can connect, and gets the certificate ready.
    ///
    /// # Errors
    /// [`Error::Remote`] for an address beyond loopback that was not allowed, [`Error::Listen`], [`Error::File`] and
    /// [`Error::Certificate`].
    pub fn bind(options: Options) -> Result<Bound, Error> {
        let Options { listen: address, tls, threads, allow_remote, reset, near, hosts, origins, signals, limits } =
            options;
        raise_descriptor_limit(limits.connections);
        let (local, sockets) = listen(address, threads.get(), allow_remote)?;
        let tls = match tls {
            None => None,
            Some(tls) => {
                let acceptor = tls::acceptor(&tls.directory)?;
                let (local, sockets) = listen(tls.listen, threads.get(), allow_remote)?;
                Some(Secure { local, sockets, acceptor, authority: tls.directory.join("ca.pem") })
            }
        };
        let addresses = std::iter::once(local).chain(tls.as_ref().map(|tls| tls.local));
        let shared = Shared {
            door: Door::new(hosts, origins, addresses),
            pending: Pending::new(limits.pending, limits.pending_of_peer),
            limits,
            reset,
            near,
            signals,
            phase: watch::Sender::new(Phase::Running),
            connections: AtomicUsize::new(0),
            left: AtomicUsize::new(0),
            draining: AtomicBool::new(false),
            failure: OnceLock::new(),
            counters: Counters::default(),
            moved: AtomicI64::new(0),
        };
        Ok(Bound { local, sockets, tls, shared: Arc::new(shared) })
    }
}

/// A server that has its addresses and answers nothing yet.
pub struct Bound {
    local: SocketAddr,
    sockets: Vec<TcpListener>,
    tls: Option<Secure>,
    shared: Arc<Shared>,
}

struct Secure {
    local: SocketAddr,
    sockets: Vec<TcpListener>,
    acceptor: TlsAcceptor,
    authority: PathBuf,
}

impl Bound {
    /// The address of the HTTP listener, its port filled in.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// The address of the HTTPS listener, its port filled in.
    pub fn tls_addr(&self) -> Option<SocketAddr> {
        self.tls.as_ref().map(|tls| tls.local)
    }

    /// The certificate that HTTPS clients are to trust.
    pub fn ca_file(&self) -> Option<PathBuf> {
        self.tls.as_ref().map(|tls| tls.authority.clone())
    }

    /// What tells the running server to end.
    pub fn handle(&self) -> Handle {
        Handle(Arc::clone(&self.shared))
    }

    /// Serves until a signal or a [`Handle`] ends it.
    ///
    /// # Errors
    /// As [`Bound::run_and_tell`].
    pub fn run<E: Answer>(self, engine: Arc<E>) -> Result<(), Error> {
        self.run_and_tell(engine, || {})
    }

    /// Serves until a signal or a [`Handle`] ends it; says so once requests are being answered.
    ///
    /// The calling thread is one of the workers. Running requests are finished, within the limit for draining.
    ///
    /// # Errors
    /// [`Error::Runtime`] when a worker cannot be started, [`Error::Worker`] when one ended by a panic, [`Error::Failed`] when
    /// whoever answers has failed for good.
    pub fn run_and_tell<E: Answer>(self, engine: Arc<E>, ready: impl FnOnce()) -> Result<(), Error> {
        let Self { local: _, sockets, tls, shared } = self;
        let mut posts = posts(sockets, tls).into_iter();
        let own = posts.next().ok_or(Error::Worker)?;
        let others = posts.enumerate().map(|(n, post)| {
            let (engine, shared) = (Arc::clone(&engine), Arc::clone(&shared));
            let name = format!("worker-{}", n + 1);
            thread::Builder::new().name(name).spawn(move || worker::work(post, &engine, &shared, Duties::None, || {}))
        });
        let others: Vec<_> = others.collect();
        let failed = others.iter().any(Result::is_err);
        if failed {
            shared.phase.send_replace(Phase::Stopped);
        }
        let duties = if shared.signals { Duties::SignalsToo } else { Duties::Failures };
        let mut outcome = worker::work(own, &engine, &shared, duties, ready);
        if outcome.is_err() {
            shared.phase.send_replace(Phase::Stopped);
        }
        for other in others {
            let end = other.map_err(Error::Runtime).and_then(|thread| thread.join().unwrap_or(Err(Error::Worker)));
            outcome = outcome.and(end);
        }
        match shared.failure.get() {
            Some(why) => outcome.and(Err(Error::Failed(why.clone()))),
            None => outcome,
        }
    }
}

impl fmt::Debug for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bound").field("local", &self.local).field("tls", &self.tls_addr()).finish_non_exhaustive()
    }
}

/// Where one worker takes its connections from.
pub(crate) struct Post {
    pub(crate) plain: TcpListener,
    pub(crate) secure: Option<(TcpListener, TlsAcceptor)>,
}

fn posts(sockets: Vec<TcpListener>, tls: Option<Secure>) -> Vec<Post> {
    let secure = tls.into_iter().flat_map(|tls| {
        let Secure { local: _, sockets, acceptor, authority: _ } = tls;
        sockets.into_iter().map(move |socket| (socket, acceptor.clone()))
    });
    let secure = secure.map(Some).chain(std::iter::repeat_with(|| None));
    sockets.into_iter().zip(secure).map(|(plain, secure)| Post { plain, secure }).collect()
}

/// Tells a running server to end, and reads its counters.
#[derive(Clone)]
pub struct Handle(Arc<Shared>);

impl Handle {
    /// Ends the server once the running requests are answered, or the time for that is over.
    pub fn drain(&self) {
        self.0.drain();
    }

    /// Ends the server at once.
    pub fn stop(&self) {
        self.0.phase.send_replace(Phase::Stopped);
    }

    /// What was counted so far.
    pub fn counters(&self) -> &Counters {
        &self.0.counters
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Handle").field(&*self.0.phase.borrow()).finish()
    }
}

/// What a server counts.
#[derive(Debug, Default)]
pub struct Counters {
    /// Requests whose head could be read.
    pub requests: AtomicU64,
    /// Panics caught while answering; anything but 0 is a defect.
    pub panics: AtomicU64,
    /// Connections ended because what came could not be read as a request.
    pub malformed: AtomicU64,
    /// Connections refused because too many were open.
    pub refused: AtomicU64,
}

/// How far a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// It takes connections and answers.
    Running,
    /// It only finishes what runs.
    Draining,
    /// It drops everything.
    Stopped,
}

/// What all workers share.
pub(crate) struct Shared {
    pub(crate) door: Door,
    pub(crate) limits: Limits,
    /// What requests that are not answered yet hold.
    pub(crate) pending: Arc<Pending>,
    pub(crate) reset: bool,
    /// Whether only this machine may look behind requests.
    pub(crate) near: bool,
    pub(crate) signals: bool,
    pub(crate) phase: watch::Sender<Phase>,
    pub(crate) connections: AtomicUsize,
    /// Answers that go on though their client has left.
    pub(crate) left: AtomicUsize,
    /// Whether the server is about to end.
    pub(crate) draining: AtomicBool,
    /// Why whoever answers has failed for good.
    pub(crate) failure: OnceLock<String>,
    pub(crate) counters: Counters,
    /// How far the clock of whoever answers was moved, in seconds.
    pub(crate) moved: AtomicI64,
}

impl Shared {
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
        self.phase.send_if_modified(|phase| {
            let running = *phase == Phase::Running;
            *phase = (*phase).max(Phase::Draining);
            running
        });
    }
}

/// Lets the process hold as many connections as it may have, as far as the system's hard limit goes.
fn raise_descriptor_limit(connections: usize) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = connections as u64 + 256;
    let raised = maximum.map_or(wanted, |maximum| wanted.min(maximum));
    if current.is_some_and(|current| current < raised) {
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum });
    }
}
