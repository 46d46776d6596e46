//! Where HTTP/1.1 messages begin and end, read strictly: a second, suspicious reader beside hyper's own.
//!
//! Follows RFC 9112 sections 2.2, 5.2, 6 and 7. Hyper accepts what the RFC lets a lenient server accept; a key
//! management system has no client that needs leniency, and two readings of one message are how requests are smuggled.
//! # Invariants
//! - Every line of a head ends in CR LF and none continues the one before.
//! - A message has at most one `Content-Length` or one `Transfer-Encoding: chunked`, never both.
//! - A chunk has a size and nothing else: no extension, and no trailer follows the last.

/// How much of a line that is cut across reads is kept; no acceptable framing line is longer.
const KEPT: usize = 128;

/// A byte that makes the message open to two readings.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Flaw {
    /// Its place in the bytes given.
    pub(crate) at: usize,
    /// What is wrong, for a log.
    pub(crate) why: &'static str,
}

/// The position in a stream of requests.
#[derive(Debug, Default)]
pub(crate) struct Framing {
    state: State,
    head: Head,
    cut: Cut,
    heads: u64,
}

#[derive(Debug, Clone, Copy, Default)]
enum State {
    #[default]
    Head,
    Body(u64),
    Size,
    Chunk(u64),
    ChunkEnd,
    Trailer,
}

/// What the head says so far.
#[derive(Debug, Default)]
struct Head {
    begun: bool,
    length: Option<u64>,
    chunked: bool,
}

/// The beginning of a line whose end was not read yet.
#[derive(Debug, Default)]
struct Cut {
    kept: Vec<u8>,
    length: usize,
    last: u8,
}

impl Framing {
    /// Follows the bytes just read.
    ///
    /// # Errors
    /// The first byte that must not be passed on.
    pub(crate) fn follow(&mut self, bytes: &[u8]) -> Result<(), Flaw> {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            at += match self.state {
                State::Body(left) => self.pass(left, rest, State::Body, State::Head),
                State::Chunk(left) => self.pass(left, rest, State::Chunk, State::ChunkEnd),
                State::Head | State::Size | State::ChunkEnd | State::Trailer => self.line(rest, at)?,
            };
        }
        Ok(())
    }

    /// How many heads were complete so far.
    pub(crate) fn heads(&self) -> u64 {
        self.heads
    }

    /// Whether a head has begun and not ended.
    pub(crate) fn amid_head(&self) -> bool {
        matches!(self.state, State::Head) && (self.head.begun || self.cut.length > 0)
    }

    fn pass(&mut self, left: u64, rest: &[u8], same: fn(u64) -> State, next: State) -> usize {
        let passed = usize::try_from(left).map_or(rest.len(), |left| left.min(rest.len()));
        let left = left.saturating_sub(passed as u64);
        self.state = if left == 0 { next } else { same(left) };
        passed
    }

    fn line(&mut self, rest: &[u8], at: usize) -> Result<usize, Flaw> {
        let Some(end) = memchr::memchr(b'\n', rest) else {
            self.cut.extend(rest);
            return Ok(rest.len());
        };
        let tail = rest.get(..end).unwrap_or_default();
        let next = if self.cut.length == 0 {
            tail.strip_suffix(b"\r").ok_or("a line ends without a carriage return").and_then(|line| self.read(line))
        } else {
            let mut cut = std::mem::take(&mut self.cut);
            cut.extend(tail);
            let next = cut.line().and_then(|line| self.read(line));
            self.cut = cut.cleared();
            next
        };
        self.state = next.map_err(|why| Flaw { at: at + end, why })?;
        Ok(end + 1)
    }

    fn read(&mut self, line: &[u8]) -> Result<State, &'static str> {
        match self.state {
            State::Head if !line.is_empty() => self.head.field(line).map(|()| State::Head),
            State::Head if self.head.begun => Ok(self.end_of_head()),
            State::Head => Ok(State::Head),
            State::Size => chunk_size(line),
            State::ChunkEnd if line.is_empty() => Ok(State::Size),
            State::ChunkEnd => Err("a chunk is longer than its size"),
            State::Trailer if line.is_empty() => Ok(State::Head),
            State::Trailer => Err("a trailer field is given"),
            State::Body(_) | State::Chunk(_) => Ok(self.state),
        }
    }

    fn end_of_head(&mut self) -> State {
        self.heads += 1;
        match std::mem::take(&mut self.head) {
            Head { chunked: true, .. } => State::Size,
            Head { length: None | Some(0), .. } => State::Head,
            Head { length: Some(length), .. } => State::Body(length),
        }
    }
}

impl Head {
    fn field(&mut self, line: &[u8]) -> Result<(), &'static str> {
        if !self.begun {
            self.begun = true; // the request line, which hyper reads
            return Ok(());
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            return Err("a header field is folded");
        }
        if let Some(value) = value_of(b"content-length", line) {
            self.content_length(value)
        } else if let Some(value) = value_of(b"transfer-encoding", line) {
            self.transfer_encoding(value)
        } else {
            Ok(())
        }
    }

    fn content_length(&mut self, value: &[u8]) -> Result<(), &'static str> {
        if self.length.is_some() || self.chunked {
            return Err("the length of the body is given twice");
        }
        let length = digits(value, 10).ok_or("the content length is not a number")?;
        self.length = Some(length);
        Ok(())
    }

    fn transfer_encoding(&mut self, value: &[u8]) -> Result<(), &'static str> {
        if self.length.is_some() || self.chunked {
            return Err("the length of the body is given twice");
        }
        if !value.eq_ignore_ascii_case(b"chunked") {
            return Err("the transfer encoding is not `chunked`");
        }
        self.chunked = true;
        Ok(())
    }
}

impl Cut {
    fn extend(&mut self, bytes: &[u8]) {
        let room = KEPT.saturating_sub(self.kept.len()).min(bytes.len());
        self.kept.extend_from_slice(bytes.get(..room).unwrap_or_default());
        self.length += bytes.len();
        self.last = bytes.last().copied().unwrap_or(self.last);
    }

    /// The line without its CR; of a long line only the beginning, which no framing rule can accept as a value.
    fn line(&self) -> Result<&[u8], &'static str> {
        match self.last {
            b'\r' if self.length <= self.kept.len() => Ok(self.kept.strip_suffix(b"\r").unwrap_or(&self.kept)),
            b'\r' if frames(&self.kept) => Err("a framing header is too long"),
            b'\r' => Ok(&self.kept),
            _ => Err("a line ends without a carriage return"),
        }
    }

    fn cleared(mut self) -> Self {
        self.kept.clear();
        Self { kept: self.kept, length: 0, last: 0 }
    }
}

fn frames(line: &[u8]) -> bool {
    value_of(b"content-length", line).or(value_of(b"transfer-encoding", line)).is_some()
}

/// The value of a header line, if it is of this name.
fn value_of<'a>(name: &[u8], line: &'a [u8]) -> Option<&'a [u8]> {
    let (given, rest) = line.split_at_checked(name.len())?;
    let value = rest.strip_prefix(b":").filter(|_| given.eq_ignore_ascii_case(name))?;
    Some(value.trim_ascii())
}

fn chunk_size(line: &[u8]) -> Result<State, &'static str> {
    match digits(line, 16).filter(|_| line.len() <= 8) {
        Some(0) => Ok(State::Trailer),
        Some(size) => Ok(State::Chunk(size)),
        None => Err("a chunk size is not a number alone"),
    }
}

/// The number, when every byte is a digit: signs, spaces and separators are not.
fn digits(value: &[u8], radix: u32) -> Option<u64> {
    let text = std::str::from_utf8(value).ok()?;
    let plain = text.chars().all(|c| c.is_digit(radix));
    plain.then(|| u64::from_str_radix(text, radix).ok())?
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    /// The verdict must not depend on how the bytes were cut into reads.
    fn flaw(bytes: &[u8]) -> Option<&'static str> {
        let whole = Framing::default().follow(bytes).err();
        for size in 1..=bytes.len().min(9) {
            let mut framing = Framing::default();
            let cut = bytes.chunks(size).enumerate().find_map(|(n, part)| {
                framing.follow(part).err().map(|flaw| Flaw { at: flaw.at + n * size, why: flaw.why })
            });
            assert_eq!(cut, whole, "in pieces of {size}");
        }
        whole.map(|flaw| flaw.why)
    }

    fn heads(bytes: &[u8]) -> u64 {
        let mut framing = Framing::default();
        framing.follow(bytes).unwrap();
        framing.heads()
    }

    #[test]
    fn ordinary_messages_pass() {
        assert_eq!(flaw(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"), None);
        assert_eq!(flaw(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n\n\n"), None);
        assert_eq!(flaw(b"POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\na\nb\r\n0\r\n\r\n"), None);
    }

    #[test]
    fn every_request_of_a_pipeline_is_counted() {
        let get = b"GET / HTTP/1.1\r\n\r\n".as_slice();
        let post = b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nGET /".as_slice();
        let chunked = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nGET /\r\n0\r\n\r\n".as_slice();
        assert_eq!(heads(&[get, post, chunked, b"\r\n", get].concat()), 4);
    }

    #[test]
    fn two_lengths_are_refused() {
        let twice = Some("the length of the body is given twice");
        assert_eq!(flaw(b"POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab"), twice);
        assert_eq!(flaw(b"POST / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"), twice);
        assert_eq!(flaw(b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n"), twice);
        assert_eq!(flaw(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"), twice);
    }

    #[test]
    fn lengths_that_are_not_plain_numbers_are_refused() {
        for value in ["+2", "-2", "0x2", "2, 2", "2 2", "", "99999999999999999999999", "\u{0662}"] {
            let message = format!("POST / HTTP/1.1\r\nContent-Length: {value}\r\n\r\n");
            assert_eq!(flaw(message.as_bytes()), Some("the content length is not a number"), "{value}");
        }
    }

    #[test]
    fn other_transfer_encodings_are_refused() {
        for value in ["xchunked", "identity", "gzip, chunked", "chunked, chunked", "\x0bchunked", "chunked;q=1"] {
            let message = format!("POST / HTTP/1.1\r\nTransfer-Encoding: {value}\r\n\r\n");
            assert_eq!(flaw(message.as_bytes()), Some("the transfer encoding is not `chunked`"), "{value:?}");
        }
    }

    #[test]
    fn bare_line_feeds_and_folds_are_refused() {
        let bare = Some("a line ends without a carriage return");
        assert_eq!(flaw(b"GET / HTTP/1.1\nHost: a\r\n\r\n"), bare);
        assert_eq!(flaw(b"GET / HTTP/1.1\r\nHost: a\n\r\n"), bare);
        assert_eq!(flaw(b"GET / HTTP/1.1\r\nHost: a\r\n\n"), bare);
        assert_eq!(flaw(b"GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n"), Some("a header field is folded"));
        assert_eq!(flaw(b"GET / HTTP/1.1\r\nX: a\r\n\tContent-Length: 4\r\n\r\n"), Some("a header field is folded"));
    }

    #[test]
    fn bad_chunks_are_refused() {
        let chunked =
            |rest: &str| flaw(format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{rest}").as_bytes());
        for size in ["", "g", "-1", " 3", "3 ", "0x3", "3;a=b", "000000003"] {
            assert_eq!(chunked(&format!("{size}\r\nabc\r\n")), Some("a chunk size is not a number alone"), "{size}");
        }
        assert_eq!(chunked("3\r\nabcd\r\n0\r\n\r\n"), Some("a chunk is longer than its size"));
        assert_eq!(chunked("3\nabc\r\n"), Some("a line ends without a carriage return"));
        assert_eq!(chunked("0\r\nX: y\r\n\r\n"), Some("a trailer field is given"));
    }

    #[test]
    fn long_lines_cut_across_reads_are_followed() {
        let long = "a".repeat(5_000);
        assert_eq!(flaw(format!("GET /{long} HTTP/1.1\r\nX: {long}\r\n\r\n").as_bytes()), None);
        let padded = format!("POST / HTTP/1.1\r\nContent-Length:{}5\r\n\r\n", " ".repeat(200));
        let mut framing = Framing::default();
        assert!(padded.as_bytes().chunks(7).any(|part| framing.follow(part).is_err()));
    }
}
