//! The stream below hyper: what it reads is followed by [`Framing`], and a suspicious byte never reaches hyper.
//!
//! # Invariants
//! - From the first flaw on, hyper reads only [`POISON`]: it answers 400 and ends the connection, and no byte of the
//!   client behind the flaw can become a request.
//! - A head that is not whole is counted as far as it is longer than a buffer; where there is no room, the connection ends.

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::framing::Framing;
use crate::pending::{FREE, Share};
use crate::pulse::Pulse;

/// No HTTP parser takes a NUL, in a head or in a chunk size; the empty line makes it look.
const POISON: &[u8] = b"\0\r\n\r\n";

/// A stream under watch.
#[derive(Debug)]
pub(crate) struct Guard<I> {
    io: I,
    framing: Framing,
    pulse: Rc<Pulse>,
    poison: Option<&'static [u8]>,
    /// The head that is not whole.
    head: Share,
    length: usize,
}

impl<I> Guard<I> {
    pub(crate) fn new(io: I, pulse: Rc<Pulse>, head: Share) -> Self {
        Self { io, framing: Framing::default(), pulse, poison: None, head, length: 0 }
    }

    /// The stream itself.
    pub(crate) fn into_inner(self) -> I {
        self.io
    }

    fn administer(&mut self, poison: &'static [u8], buffer: &mut ReadBuf<'_>) {
        let (now, later) = poison.split_at(poison.len().min(buffer.remaining()));
        buffer.put_slice(now);
        self.poison = Some(later);
    }

    /// Follows what was read; false where there is no room for the head that it belongs to.
    fn follow(&mut self, before: usize, buffer: &mut ReadBuf<'_>) -> bool {
        let heads = self.framing.heads();
        let fresh = buffer.filled().get(before..).unwrap_or_default();
        match self.framing.follow(fresh) {
            Ok(()) => {
                let (completed, amid_head) = (self.framing.heads() > heads, self.framing.amid_head());
                self.pulse.read(completed, amid_head);
                let begun = if completed { 0 } else { self.length };
                self.length = if amid_head { begun + fresh.len() } else { 0 };
                return self.head.hold(self.length.saturating_sub(FREE)).is_ok();
            }
            Err(flaw) => {
                self.pulse.malform(flaw.why);
                buffer.set_filled(before + flaw.at);
                self.administer(POISON, buffer);
            }
        }
        true
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Guard<I> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let guard = self.get_mut();
        if let Some(poison) = guard.poison {
            guard.administer(poison, buffer);
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut guard.io).poll_read(cx, buffer))?;
        match guard.follow(before, buffer) {
            true => Poll::Ready(Ok(())),
            false => Poll::Ready(Err(io::Error::new(io::ErrorKind::OutOfMemory, "too many heads are not whole"))),
        }
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Guard<I> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let guard = self.get_mut();
        let written = Pin::new(&mut guard.io).poll_write(cx, bytes);
        guard.pulse.written(written.is_pending());
        written
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let guard = self.get_mut();
        let written = Pin::new(&mut guard.io).poll_write_vectored(cx, slices);
        guard.pulse.written(written.is_pending());
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let guard = self.get_mut();
        let flushed = Pin::new(&mut guard.io).poll_flush(cx);
        guard.pulse.written(flushed.is_pending());
        flushed
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}
