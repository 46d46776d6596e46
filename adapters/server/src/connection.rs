//! One connection, from its handshake to its end, under its time limits.

use std::future::poll_fn;
use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use polykms_core::dialect::Peer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;

use crate::answer::Answer;
use crate::guard::Guard;
use crate::options::Limits;
use crate::pulse::{Pulse, Verdict};
use crate::server::{Phase, Shared};
use crate::service::Service;

/// How long and how much a refused client may go on writing, so that it sees the answer and not a reset.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 8 * 1024 * 1024;

/// Serves a connection until it ends.
pub(crate) async fn serve<E: Answer>(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    address: IpAddr,
    engine: Arc<E>,
    shared: Arc<Shared>,
    phase: watch::Receiver<Phase>,
) {
    let _ = stream.set_nodelay(true);
    match tls {
        None => requests(stream, false, address, engine, shared, phase).await,
        Some(acceptor) => match timeout(shared.limits.head_time, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => requests(stream, true, address, engine, shared, phase).await,
            Ok(Err(error)) => tracing::debug!(target: "polykms::connection", %address, %error, "no TLS handshake"),
            Err(_) => tracing::debug!(target: "polykms::connection", %address, "the TLS handshake took too long"),
        },
    }
}

async fn requests<I, E>(
    io: I,
    tls: bool,
    address: IpAddr,
    engine: Arc<E>,
    shared: Arc<Shared>,
    mut phase: watch::Receiver<Phase>,
) where
    I: AsyncRead + AsyncWrite + Unpin + 'static,
    E: Answer,
{
    let (peer, pulse) = (Peer::from(address), Rc::new(Pulse::new(Instant::now())));
    let head = shared.pending.share(address);
    let service =
        Service { engine, shared: Arc::clone(&shared), pulse: Rc::clone(&pulse), peer: peer.clone(), address, tls };
    let service = Rc::new(service);
    let mut connection = protocol(&shared.limits).serve_connection(
        TokioIo::new(Guard::new(io, Rc::clone(&pulse), head)),
        service_fn(move |request| Box::pin(Rc::clone(&service).call(request))),
    );
    let mut timer = pin!(sleep_until(Instant::now() + shared.limits.head_time));
    let mut draining = false;
    loop {
        tokio::select! {
            biased;
            ended = poll_fn(|cx| connection.poll_without_shutdown(cx)) => {
                report(ended.err().as_ref(), &pulse, &shared, &peer);
                break;
            }
            () = timer.as_mut() => match pulse.judge(Instant::now(), &shared.limits) {
                _ if draining && pulse.is_idle() => break,
                Verdict::Again(later) => timer.as_mut().reset(later),
                Verdict::Expired(why) => {
                    tracing::debug!(target: "polykms::connection", %peer, why, "the connection expired");
                    break;
                }
            },
            changed = phase.wait_for(|phase| *phase != Phase::Running), if !draining => {
                draining = true;
                if changed.is_err() {
                    break;
                }
                match pulse.is_running() {
                    true => std::pin::Pin::new(&mut connection).graceful_shutdown(),
                    // A request may be on its way, or half here, whose client cannot know: its answer ends the connection.
                    false => timer.as_mut().reset(Instant::now() + shared.limits.farewell_time),
                }
            }
        }
    }
    close(connection.into_parts().io.into_inner().into_inner(), pulse.refused()).await;
}

fn protocol(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        // Hyper would hold back an answer, even its last, while anything unread is buffered; nothing is gained otherwise.
        .pipeline_flush(false)
        .writev(false) // small answers: one copy and one write
        .half_close(true)
        .title_case_headers(true) // there are clients that compare bytes
        .header_read_timeout(None) // the pulse keeps time, with one timer for all limits
        .max_headers(limits.fields)
        .max_header_size(limits.head)
        .max_buf_size(limits.head + 16 * 1024);
    builder
}

fn report(error: Option<&hyper::Error>, pulse: &Pulse, shared: &Shared, peer: &Peer) {
    let Some(error) = error else { return };
    if error.is_parse() || pulse.malformed().is_some() {
        pulse.refuse();
        shared.counters.malformed.fetch_add(1, Ordering::Relaxed);
        let why = pulse.malformed().unwrap_or("the request head cannot be read");
        tracing::info!(target: "polykms::request", %peer, why, "malformed");
    } else {
        tracing::debug!(target: "polykms::connection", %peer, %error, "the connection broke");
    }
}

/// Ends the stream; a refused client may read the answer first.
async fn close(mut io: impl AsyncRead + AsyncWrite + Unpin, refused: bool) {
    let farewell = async {
        io.shutdown().await?;
        if refused {
            let mut sink = vec![0; 8 * 1024];
            let mut left = LINGER_BYTES;
            while left > 0 {
                match io.read(&mut sink).await? {
                    0 => break,
                    read => left = left.saturating_sub(read),
                }
            }
        }
        io::Result::Ok(())
    };
    let _ = timeout(LINGER, farewell).await;
}
