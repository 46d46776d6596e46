//! Envelopes of any size, sealed and opened while they pass by.

use polykms_core::dialect::client::{Error, Kind, Result};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use zeroize::Zeroizing;

use super::chunk::{CHUNK, COMMITMENT, Chunks, SALT, TAG};
use super::header::FIXED;
use super::{Context, FileKey, Header, Recipients, SUITE, shut};

/// How many chunks are written, and read, at once.
const AT_ONCE: usize = 8;
/// What a body is bound to.
const LABEL: &[u8] = b"polykms.dev/envelope@v1/payload\0";

impl Recipients {
    /// Seals bytes.
    ///
    /// # Errors
    /// Those of the recipients.
    pub async fn seal(&self, context: &Context, detached: bool, plaintext: &[u8]) -> Result<Vec<u8>> {
        let mut sealed = Vec::with_capacity(plaintext.len() + plaintext.len() / 1024 + 1024);
        let mut sealing = self.sealing(context, detached, plaintext.len() as u64, &mut sealed).await?;
        sealing.write(plaintext).await?;
        sealing.finish().await?;
        Ok(sealed)
    }

    /// Opens what was sealed. A detached context is given; of another one, all that is given has to be in it.
    ///
    /// # Errors
    /// [`Kind::Ciphertext`] for whatever does not open; [`Kind::Invalid`] for what is no envelope; those of the recipients
    /// when none of them could be asked.
    pub async fn open(&self, context: &Context, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let mut opening = self.opening(context, sealed).await?;
        let mut whole = Zeroizing::new(Vec::with_capacity(sealed.len()));
        while let Some(more) = opening.next().await? {
            whole.extend_from_slice(more);
        }
        Ok(whole)
    }

    /// Begins an envelope of about so many bytes; it is whole once it was [finished](Sealing::finish).
    ///
    /// # Errors
    /// Those of the recipients and of the writer.
    pub async fn sealing<W: AsyncWrite + Unpin>(
        &self,
        context: &Context,
        detached: bool,
        bytes: u64,
        to: W,
    ) -> Result<Sealing<W>> {
        let (key, recipients) = self.wrapped(context, bytes).await?;
        let mut salt = [0; SALT];
        aws_lc_rs::rand::fill(&mut salt).map_err(|_| Kind::Unavailable.because("the random generator failed"))?;
        let header = Header { context: context.clone(), detached, recipients };
        begin(&header, &key, &salt, context, to).await
    }

    /// Begins to open an envelope.
    ///
    /// # Errors
    /// As [`open`](Self::open), and those of the reader.
    pub async fn opening<R: AsyncRead + Unpin>(&self, context: &Context, mut from: R) -> Result<Opening<R>> {
        let (header, fixed, rest) = header(&mut from).await?;
        let context = if header.detached { context.clone() } else { header.context.clone() };
        let is_it = |key: &FileKey| header.verify(key, &fixed, &rest, &context).is_ok();
        let key = self.unwrapped(&header, &context, is_it).await?;
        let mut head = [0; SALT + COMMITMENT];
        whole(&mut from, &mut head).await?;
        let (salt, commitment) = head.split_at(SALT);
        let salt = salt.try_into().map_err(|_| shut())?;
        let chunks = Chunks::committed(key.expose(), &salt, &bound_to(&context), commitment)?;
        let buffer = Zeroizing::new(vec![0; CHUNK + TAG]);
        Ok(Opening { from, chunks, buffer, state: State::Open })
    }

    /// The header of an envelope for these recipients, in place of one that one of them can open: the body stays. Whoever
    /// has kept the old header opens it still.
    ///
    /// # Errors
    /// As [`open`](Self::open); `from` are the recipients who can open the old one.
    pub async fn rewrap(&self, from: &Self, context: &Context, sealed: &[u8]) -> Result<Vec<u8>> {
        let mut body = sealed;
        let (old, fixed, rest) = header(&mut body).await?;
        let context = if old.detached { context.clone() } else { old.context.clone() };
        let is_it = |key: &FileKey| old.verify(key, &fixed, &rest, &context).is_ok();
        let key = from.unwrapped(&old, &context, is_it).await?;
        let mut recipients = Vec::new();
        for recipient in self.each() {
            let bytes = recipient.wrap(&key, &context).await?;
            recipients.push(super::Wrapped { scheme: recipient.scheme(), key: recipient.name().await?, bytes });
        }
        let new = Header { context: context.clone(), detached: old.detached, recipients };
        Ok([new.encode(&key, &context)?.as_slice(), body].concat())
    }
}

async fn header<R: AsyncRead + Unpin>(from: &mut R) -> Result<(Header, [u8; FIXED], Vec<u8>)> {
    let mut fixed = [0; FIXED];
    whole(from, &mut fixed).await?;
    let mut rest = vec![0; Header::rest(&fixed)?];
    whole(from, &mut rest).await?;
    Ok((Header::decode(&fixed, &rest)?, fixed, rest))
}

fn bound_to(context: &Context) -> [&[u8]; 3] {
    [LABEL, &[SUITE], context.encoded()]
}

async fn begin<W: AsyncWrite + Unpin>(
    header: &Header,
    key: &FileKey,
    salt: &[u8; SALT],
    context: &Context,
    mut to: W,
) -> Result<Sealing<W>> {
    let (chunks, commitment) = Chunks::new(key.expose(), salt, &bound_to(context))?;
    let encoded = header.encode(key, context)?;
    to.write_all(&[&encoded[..], salt, &commitment].concat()).await.map_err(unwritten)?;
    Ok(Sealing { to, chunks, done: Vec::with_capacity(AT_ONCE * (CHUNK + TAG)), from: 0 })
}

/// An envelope that is being written.
pub struct Sealing<W> {
    to: W,
    chunks: Chunks,
    /// Chunks that are sealed, and behind them one that is not.
    done: Vec<u8>,
    /// Where that one begins.
    from: usize,
}

impl<W> std::fmt::Debug for Sealing<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealing")
    }
}

impl<W: AsyncWrite + Unpin> Sealing<W> {
    /// Adds to it.
    ///
    /// # Errors
    /// Those of the writer.
    pub async fn write(&mut self, mut plaintext: &[u8]) -> Result<()> {
        while !plaintext.is_empty() {
            let room = CHUNK - (self.done.len() - self.from);
            let (more, rest) = plaintext.split_at(room.min(plaintext.len()));
            self.done.extend_from_slice(more);
            plaintext = rest;
            if self.done.len() - self.from == CHUNK {
                self.seal()?;
            }
            if self.from >= AT_ONCE * (CHUNK + TAG) {
                self.hand_on().await?;
            }
        }
        Ok(())
    }

    /// Ends it. Without this it is cut off, and does not open.
    ///
    /// # Errors
    /// Those of the writer.
    pub async fn finish(mut self) -> Result<W> {
        self.seal()?;
        self.hand_on().await?;
        self.to.flush().await.map_err(unwritten)?;
        Ok(self.to)
    }

    fn seal(&mut self) -> Result<()> {
        self.chunks.seal(&mut self.done, self.from)?;
        self.from = self.done.len();
        Ok(())
    }

    async fn hand_on(&mut self) -> Result<()> {
        self.to.write_all(&self.done).await.map_err(unwritten)?;
        self.done.clear();
        self.from = 0;
        Ok(())
    }
}

/// How far an envelope was read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Ended,
    Failed,
}

/// An envelope that is being read.
pub struct Opening<R> {
    from: R,
    chunks: Chunks,
    buffer: Zeroizing<Vec<u8>>,
    state: State,
}

impl<R> std::fmt::Debug for Opening<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opening")
    }
}

impl<R: AsyncRead + Unpin> Opening<R> {
    /// The next bytes of it, verified; none at its end. Only who comes to the end knows that nothing was cut off.
    ///
    /// # Errors
    /// [`Kind::Ciphertext`] for whatever does not open, from then on always; those of the reader.
    pub async fn next(&mut self) -> Result<Option<&[u8]>> {
        match self.state {
            State::Ended => return Ok(None),
            State::Failed => return Err(shut()),
            State::Open => {}
        }
        self.state = State::Failed;
        self.buffer.resize(CHUNK + TAG, 0);
        let length = filled(&mut self.from, &mut self.buffer).await?;
        let chunk = self.buffer.get_mut(..length).filter(|chunk| chunk.len() >= TAG).ok_or_else(shut)?;
        let is_last = length < CHUNK + TAG;
        let plain = self.chunks.open(chunk)?;
        self.state = if is_last { State::Ended } else { State::Open };
        Ok(if is_last && plain.is_empty() { None } else { Some(plain) })
    }

    /// Writes all of it; what was written before an error is to be thrown away.
    ///
    /// # Errors
    /// As [`next`](Self::next), and those of the writer.
    pub async fn copy_to<W: AsyncWrite + Unpin>(&mut self, to: &mut W) -> Result<u64> {
        let mut copied = 0;
        while let Some(plain) = self.next().await? {
            to.write_all(plain).await.map_err(unwritten)?;
            copied += plain.len() as u64;
        }
        to.flush().await.map_err(unwritten)?;
        Ok(copied)
    }
}

/// Reads until a buffer is full or there is no more.
async fn filled<R: AsyncRead + Unpin>(from: &mut R, buffer: &mut [u8]) -> Result<usize> {
    let mut length = 0;
    while let Some(room) = buffer.get_mut(length..).filter(|room| !room.is_empty()) {
        match from.read(room).await.map_err(unread)? {
            0 => break,
            more => length += more,
        }
    }
    Ok(length)
}

async fn whole<R: AsyncRead + Unpin>(from: &mut R, buffer: &mut [u8]) -> Result<()> {
    let wanted = buffer.len();
    match filled(from, buffer).await? == wanted {
        true => Ok(()),
        false => Err(super::malformed("the envelope is cut off")),
    }
}

fn unread(error: std::io::Error) -> Error {
    Kind::Transport.because(format!("the envelope cannot be read: {error}"))
}

fn unwritten(error: std::io::Error) -> Error {
    Kind::Transport.because(format!("the envelope cannot be written: {error}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#[path = "stream_tests.rs"]
mod tests;
