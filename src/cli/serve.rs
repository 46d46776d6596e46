//! `serve` and `dev`: from settings to a running server and back.

use std::fs::DirBuilder;
use std::io::Write;
use std::num::NonZeroUsize;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use polykms_host::OsRandom;
use polykms_host::memory::{self, Guarded};
use polykms_server::{Bound, Limits, Options, Server, Tls};
use tempfile::TempDir;
use tokio::signal::unix::{SignalKind, signal};

use super::owners::Owners;
use super::ready::Ready;
use super::{Failure, banner, doors, logging, print, start};
use crate::config::Flags;
use crate::core::engine::{Engine, Swept, Waiting};
use crate::core::inspect::{Depth, Inspection};
use crate::settings::{Mode, Settings};

/// Serve for keeps.
#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    flags: Flags,
    #[command(flatten)]
    consent: Consent,
}

/// What an operator agrees to for one start; no variable and no file can.
#[derive(Debug, Default, Clone, Copy, clap::Args)]
pub(crate) struct Consent {
    /// Take over a data folder that dev made: access keys that everybody knows are removed and told
    #[arg(long)]
    adopt: bool,
    /// Vouch for the clock: what is due by it is deleted at once, however it has jumped
    #[arg(long)]
    trust_clock: bool,
}

impl Serve {
    /// Serves until it is told to end.
    ///
    /// # Errors
    /// As [`run`].
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        run(self.flags, Mode::Serve, self.consent, out)
    }
}

/// Serves until it is told to end.
///
/// # Errors
/// [`Failure::Usage`] for settings that do not fit, [`Failure::Failed`] for whatever does not work.
pub(crate) fn run(flags: Flags, mode: Mode, consent: Consent, out: &mut dyn Write) -> Result<(), Failure> {
    let settings = Settings::of(flags.layered(std::env::vars_os())?, mode)?;
    doors::refuse_settings(&settings)?;
    let seed = start::seed(&settings)?;
    doors::refuse_seed(&settings, &seed)?;
    logging::begin(&settings);
    keep_memory(mode);
    if let Some(folder) = &settings.data_dir {
        make_private(folder)?;
    }
    let certificates = Certificates::of(&settings)?;
    let bound = Server::bind(options(&settings, &certificates))?;
    if let Some(path) = &settings.ready_file {
        forget(path)?; // not before the address is ours: it may be that of a running server
    }
    let owners = Owners::of(&settings, &OsRandom)?;
    doors::refuse_owners(&settings, &owners)?;
    if consent.adopt {
        let removed = start::adopt(&settings)?;
        print(out, &banner::adopted(&removed))?;
    }
    let engine = start::engine(&settings, &owners, seed)?;
    if consent.trust_clock {
        start::block_on(engine.trust_clock())??;
    }
    let ready = Ready::of(&owners, bound.local_addr(), bound.tls_addr().zip(bound.ca_file()));
    let text = banner::of(&settings, &owners, &ready)?;
    look_after(&engine)?;
    answer(bound, engine, &settings, &ready, || print(out, &text))
}

fn answer(
    bound: Bound,
    engine: Arc<Engine>,
    settings: &Settings,
    ready: &Ready,
    tell: impl FnOnce() -> Result<(), Failure>,
) -> Result<(), Failure> {
    let (handle, last) = (bound.handle(), Arc::clone(&engine));
    let mut told = Ok(());
    let served = bound.run_and_tell(engine, || {
        told = tell().and_then(|()| settings.ready_file.as_ref().map_or(Ok(()), |path| ready.write(path)));
        if told.is_err() {
            handle.stop();
        }
    });
    // What the trail has for good by then is not told again by the next start.
    if let Err(error) = start::block_on(last.catch_up())? {
        tracing::error!(%error, "events of changes are left for the next start to tell");
    }
    if let Some(path) = &settings.ready_file {
        forget(path)?;
    }
    told.and(served.map_err(Failure::from))
}

/// Nothing of this process goes to a core file, and nothing of a server's to swap space, as far as the system lets it.
fn keep_memory(mode: Mode) {
    let Guarded { undumped, locked } = memory::guard(mode == Mode::Serve);
    if !undumped {
        tracing::warn!(target: "polykms", "the system does not let go of core dumps of this process");
    }
    if mode == Mode::Serve && !locked {
        tracing::info!(target: "polykms", "the system limits locked memory: secrets may go to swap space");
    }
}

/// How often keys whose deletion has come are looked for; to callers they are gone at their time anyway.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// How many records a start looks at, beside its work; `check` looks at all.
const LOOKED_AT: usize = 10_000;

/// Looks at some of the records once, and from time to time for what is due.
fn look_after(engine: &Arc<Engine>) -> Result<(), Failure> {
    let engine = Arc::downgrade(engine);
    let sweep = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        match runtime.map(|runtime| runtime.block_on(from_time_to_time(&engine))) {
            Ok(Ok(())) => {}
            Ok(Err(error)) | Err(error) => tracing::error!(%error, "nobody looks after what is due"),
        }
    };
    let started = std::thread::Builder::new().name("sweep".to_owned()).stack_size(SWEEP_STACK).spawn(sweep);
    started.map(drop).map_err(|error| Failure::Failed(format!("cannot start a thread: {error}")))
}

/// Inspects once, sweeps from time to time, and has the trail opened anew on SIGHUP, until the engine is gone.
async fn from_time_to_time(engine: &Weak<Engine>) -> std::io::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    let (mut every, mut waiting) = (tokio::time::interval(SWEEP_EVERY), None);
    if let Some(engine) = engine.upgrade() {
        inspect(&engine).await;
    }
    loop {
        let due = tokio::select! {
            _ = every.tick() => true,
            _ = hangup.recv() => false,
        };
        let Some(engine) = engine.upgrade() else { return Ok(()) };
        match due {
            true => waiting = sweep(&engine, waiting).await,
            false => reopen(&engine),
        }
    }
}

async fn inspect(engine: &Engine) {
    match engine.inspect(LOOKED_AT, Depth::Form).await {
        Ok(Inspection { findings, .. }) if findings.is_empty() => {}
        Ok(Inspection { seen, findings }) => {
            let (unreadable, first) = (findings.len(), findings.first().map(ToString::to_string));
            tracing::error!(target: "polykms", unreadable, seen, first, "stored records cannot be read; `polykms check` finds all of them");
        }
        Err(error) => tracing::error!(target: "polykms", %error, "the stored records cannot be looked at"),
    }
}

/// Does what is due, and says what waits for the clock, when that is something else than before.
async fn sweep(engine: &Engine, before: Option<Waiting>) -> Option<Waiting> {
    match engine.sweep().await {
        Ok(Swept { done, waiting }) => {
            if done > 0 {
                tracing::info!(keys = done, "keys were deleted at their time");
            }
            if let Some(Waiting { due, until }) = waiting.filter(|waiting| Some(*waiting) != before) {
                tracing::warn!(target: "polykms", keys = due, %until, "the clock has jumped, or the server did not run for a \
                    while: keys that are due are kept until it has gone well for a day, or for `serve --trust-clock`");
            }
            waiting
        }
        Err(error) => {
            tracing::error!(%error, "due keys could not be deleted");
            before
        }
    }
}

fn reopen(engine: &Engine) {
    match engine.world().ports.audit.reopen() {
        Ok(()) => tracing::info!("the audit trail was opened anew"),
        Err(error) => tracing::error!(%error, "the audit trail could not be opened anew; the old file is written on"),
    }
}

/// Bytes of stack of the sweeping thread.
const SWEEP_STACK: usize = 512 * 1024;

fn options(settings: &Settings, certificates: &Certificates) -> Options {
    Options {
        listen: settings.listen,
        tls: settings.tls.as_ref().map(|tls| Tls { listen: tls.listen, directory: certificates.folder() }),
        threads: settings.threads,
        allow_remote: settings.allow_remote,
        reset: settings.mode == Mode::Dev,
        near: settings.is_remote(),
        hosts: settings.hosts.clone(),
        origins: settings.origins.clone(),
        signals: true,
        limits: limits(settings),
    }
}

fn limits(settings: &Settings) -> Limits {
    let usual = Limits::default();
    Limits {
        pending: settings.pending.map_or(usual.pending, NonZeroUsize::get),
        pending_of_peer: settings.pending_of_address.map_or(usual.pending_of_peer, NonZeroUsize::get),
        ..usual
    }
}

/// Where the files of HTTPS are: in a folder that stays, or in one that goes with the process.
enum Certificates {
    Kept(PathBuf),
    Temporary(TempDir),
}

impl Certificates {
    fn of(settings: &Settings) -> Result<Self, Failure> {
        match &settings.tls {
            Some(tls) if tls.directory.is_none() => tempfile::Builder::new()
                .prefix("polykms-tls-")
                .tempdir()
                .map(Self::Temporary)
                .map_err(|error| Failure::Failed(format!("cannot make a temporary folder: {error}"))),
            tls => Ok(Self::Kept(tls.as_ref().and_then(|tls| tls.directory.clone()).unwrap_or_default())),
        }
    }

    fn folder(&self) -> PathBuf {
        match self {
            Self::Kept(folder) => folder.clone(),
            Self::Temporary(folder) => folder.path().to_path_buf(),
        }
    }
}

fn make_private(folder: &Path) -> Result<(), Failure> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| Failure::Failed(format!("cannot make the folder `{}`: {error}", folder.display())))
}

/// A ready file that is there means that the server is.
fn forget(path: &Path) -> Result<(), Failure> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::Failed(format!("cannot remove `{}`: {error}", path.display())))
        }
        _ => Ok(()),
    }
}
