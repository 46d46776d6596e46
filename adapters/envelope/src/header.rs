//! What stands before the body: whom it is for, and what it is bound to.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Context as Hashing, SHA512};
use polykms_core::dialect::client::Result;

use super::chunk::expand;
use super::context::counted;
use super::{Context, FileKey, SUITE, malformed, shut};

const MAGIC: [u8; 8] = *b"PKMSENV\x01";
/// What has a fixed length at the beginning.
pub(crate) const FIXED: usize = 14;
pub(crate) const MAC: usize = 32;
/// The longest context and recipients.
pub(crate) const LONGEST: usize = 65_536;
const MOST_RECIPIENTS: usize = 16;
const LONGEST_NAME: usize = 1024;
const LONGEST_WRAPPED: usize = 8192;
const DETACHED: u8 = 1;
const LABEL: &[u8] = b"polykms.dev/envelope@v1/header\0";

/// The key of a body, wrapped for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapped {
    /// How it is unwrapped: 1, by a key of AWS KMS; 2, by one of Alibaba Cloud KMS; 16 and more are private.
    pub scheme: u8,
    /// The full name of the key.
    pub key: String,
    /// The wrapped bytes.
    pub bytes: Vec<u8>,
}

/// Whom an envelope is for, and what it is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// What it is bound to; nothing, where that is detached.
    pub context: Context,
    /// Whether the context has to be given again.
    pub detached: bool,
    /// Whom it is for, in the order in which it was wrapped.
    pub recipients: Vec<Wrapped>,
}

impl Header {
    /// Its one encoding, with what authenticates it; `context` is that of the envelope, detached or not.
    pub(crate) fn encode(&self, key: &FileKey, context: &Context) -> Result<Vec<u8>> {
        let mut bytes = self.plain()?;
        let mac = mac(key, &bytes, self.detached.then_some(context))?;
        bytes.extend_from_slice(&mac);
        Ok(bytes)
    }

    fn plain(&self) -> Result<Vec<u8>> {
        let Self { context, detached, recipients } = self;
        let attached = if *detached { Context::default() } else { context.clone() };
        let mut inner = attached.encoded().to_vec();
        if recipients.is_empty() || recipients.len() > MOST_RECIPIENTS {
            return Err(malformed("an envelope has 1 to 16 recipients"));
        }
        inner.push(u8::try_from(recipients.len()).map_err(|_| malformed("an envelope has 1 to 16 recipients"))?);
        for Wrapped { scheme, key, bytes } in recipients {
            inner.push(*scheme);
            push(&mut inner, key.as_bytes(), LONGEST_NAME)?;
            push(&mut inner, bytes, LONGEST_WRAPPED)?;
        }
        let length = u32::try_from(inner.len()).ok().filter(|_| inner.len() <= LONGEST);
        let length = length.ok_or_else(|| malformed("the header is too long"))?;
        let flags = if *detached { DETACHED } else { 0 };
        Ok([&MAGIC[..], &[SUITE, flags], &length.to_be_bytes(), &inner].concat())
    }

    /// How many bytes follow what has a fixed length, what authenticates the header included.
    ///
    /// # Errors
    /// For what is no envelope of this version and suite, and for one that is longer than the limits.
    pub(crate) fn rest(fixed: &[u8; FIXED]) -> Result<usize> {
        let [magic @ .., suite, flags, a, b, c, d] = fixed;
        if magic != &MAGIC {
            return Err(malformed("this is no envelope, or one of another version"));
        }
        if *suite != SUITE || *flags & !DETACHED != 0 {
            return Err(malformed("the envelope has a suite or flags that are not known"));
        }
        let length = usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).unwrap_or(usize::MAX);
        match length <= LONGEST {
            true => Ok(length + MAC),
            false => Err(malformed("the header is too long")),
        }
    }

    /// Reads a header whose parts have the lengths that they say.
    ///
    /// # Errors
    /// For every encoding but the one there is.
    pub(crate) fn decode(fixed: &[u8; FIXED], rest: &[u8]) -> Result<Self> {
        let inner = rest.len().checked_sub(MAC).and_then(|length| rest.get(..length));
        let inner = inner.ok_or_else(|| malformed("the header is cut off"))?;
        let detached = fixed.get(9) == Some(&DETACHED);
        let (context, rest) = Context::read(inner)?;
        if detached && !context.is_empty() {
            return Err(malformed("a detached context is not in the header"));
        }
        let (count, mut rest) = rest.split_first().ok_or_else(|| malformed("the header is cut off"))?;
        if !(1..=MOST_RECIPIENTS).contains(&usize::from(*count)) {
            return Err(malformed("an envelope has 1 to 16 recipients"));
        }
        let mut recipients = Vec::<Wrapped>::new();
        for _ in 0..*count {
            let (scheme, behind) = rest.split_first().ok_or_else(|| malformed("the header is cut off"))?;
            let (name, behind) = counted(behind, LONGEST_NAME)?;
            let (wrapped, behind) = counted(behind, LONGEST_WRAPPED)?;
            let name = std::str::from_utf8(name).map_err(|_| malformed("the name of a key is not UTF-8"))?;
            if recipients.iter().any(|known| known.scheme == *scheme && known.key == name) {
                return Err(malformed("a recipient stands twice"));
            }
            recipients.push(Wrapped { scheme: *scheme, key: name.to_owned(), bytes: wrapped.to_vec() });
            rest = behind;
        }
        match rest.is_empty() {
            true => Ok(Self { context, detached, recipients }),
            false => Err(malformed("there is something behind the recipients")),
        }
    }

    /// Whether a key is the one that the header was authenticated with.
    ///
    /// # Errors
    /// When it is not.
    pub(crate) fn verify(&self, key: &FileKey, fixed: &[u8; FIXED], rest: &[u8], context: &Context) -> Result<()> {
        let (inner, told) = rest.split_at_checked(rest.len().saturating_sub(MAC)).ok_or_else(shut)?;
        let expected = mac(key, &[fixed, inner].concat(), self.detached.then_some(context))?;
        verify_slices_are_equal(&expected, told).map_err(|_| shut())
    }
}

fn mac(key: &FileKey, header: &[u8], detached: Option<&Context>) -> Result<[u8; MAC]> {
    let mut hash = Hashing::new(&SHA512);
    hash.update(header);
    if let Some(context) = detached {
        hash.update(context.encoded());
    }
    let mut mac = [0; MAC];
    expand(key.expose(), &[LABEL, hash.finish().as_ref()], &mut mac)?;
    Ok(mac)
}

fn push(into: &mut Vec<u8>, bytes: &[u8], most: usize) -> Result<()> {
    let length = u16::try_from(bytes.len()).ok().filter(|_| bytes.len() <= most);
    let length = length.ok_or_else(|| malformed("the name of a key or a wrapped key is too long"))?;
    into.extend_from_slice(&length.to_be_bytes());
    into.extend_from_slice(bytes);
    Ok(())
}
