//! What an envelope is bound to: pairs of texts, not secret, and in one encoding.

use std::collections::BTreeMap;

use polykms_core::dialect::client::Result;

use super::malformed;

/// How many pairs there are at most.
const MOST: usize = 64;
/// How many bytes their encoding has at most.
const LONGEST: usize = 4096;
/// What the names of pairs begin with that are not the caller's.
const RESERVED: &str = "polykms-envelope";

/// What an envelope is bound to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    pairs: BTreeMap<String, String>,
    encoded: Vec<u8>,
}

impl Context {
    /// These pairs.
    ///
    /// # Errors
    /// [`Kind::Invalid`](polykms_core::dialect::client::Kind::Invalid) for more than 64 pairs or 4,096 bytes, and for names
    /// that begin with `polykms-envelope`.
    pub fn new(pairs: BTreeMap<String, String>) -> Result<Self> {
        if pairs.keys().any(|name| name.starts_with(RESERVED)) {
            return Err(malformed("names of a context that begin with `polykms-envelope` are reserved"));
        }
        let encoded = encoded(&pairs)?;
        Ok(Self { pairs, encoded })
    }

    /// The same as keys of clouds are told it.
    pub fn of_keys(&self) -> BTreeMap<String, String> {
        let mut pairs = self.pairs.clone();
        pairs.insert(RESERVED.to_owned(), "1".to_owned());
        pairs
    }

    /// Whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Its one encoding.
    pub(crate) fn encoded(&self) -> &[u8] {
        match self.encoded.is_empty() {
            true => &[0, 0],
            false => &self.encoded,
        }
    }

    /// Reads one, and what stands behind it.
    pub(crate) fn read(bytes: &[u8]) -> Result<(Self, &[u8])> {
        let (count, mut rest) = number(bytes)?;
        if count > MOST {
            return Err(malformed("the context has too many pairs"));
        }
        let mut pairs = BTreeMap::new();
        for _ in 0..count {
            let (name, value);
            (name, rest) = text(rest)?;
            (value, rest) = text(rest)?;
            let ascends = pairs.last_key_value().is_none_or(|(last, _): (&String, &String)| last < &name);
            if !ascends {
                return Err(malformed("the context is not in order"));
            }
            pairs.insert(name, value);
        }
        Self::new(pairs).map(|context| (context, rest))
    }
}

fn encoded(pairs: &BTreeMap<String, String>) -> Result<Vec<u8>> {
    let long = || malformed("the context is too long");
    if pairs.len() > MOST {
        return Err(malformed("the context has too many pairs"));
    }
    let mut bytes = Vec::new();
    bytes.extend_from_slice(&u16::try_from(pairs.len()).map_err(|_| long())?.to_be_bytes());
    for text in pairs.iter().flat_map(|(name, value)| [name, value]) {
        bytes.extend_from_slice(&u16::try_from(text.len()).map_err(|_| long())?.to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    if bytes.len() > LONGEST { Err(long()) } else { Ok(bytes) }
}

/// A number of two bytes, and what stands behind it.
pub(crate) fn number(bytes: &[u8]) -> Result<(usize, &[u8])> {
    let (number, rest) = bytes.split_first_chunk().ok_or_else(|| malformed("the header is cut off"))?;
    Ok((usize::from(u16::from_be_bytes(*number)), rest))
}

/// Bytes behind their number, and what stands behind them.
pub(crate) fn counted(bytes: &[u8], most: usize) -> Result<(&[u8], &[u8])> {
    let (length, rest) = number(bytes)?;
    if length > most {
        return Err(malformed("a part of the header is too long"));
    }
    rest.split_at_checked(length).ok_or_else(|| malformed("the header is cut off"))
}

fn text(bytes: &[u8]) -> Result<(String, &[u8])> {
    let (text, rest) = counted(bytes, LONGEST)?;
    let text = std::str::from_utf8(text).map_err(|_| malformed("the context is not UTF-8"))?;
    Ok((text.to_owned(), rest))
}
