//! The symmetric ciphertext: per-message key, key commitment and the header as associated data; or the visible layout
//! that a vendor's contract fixes.
//!
//! Committed layout: `magic(4) ‖ version id(16) ‖ N(16) ‖ IV(12) ‖ commitment(32) ‖ ciphertext ‖ tag(16)`, where
//! `K(32) ‖ commitment(32) = KDF(material, "polykms/message", N)` ([`Derive`](crate::port::crypto::Derive)) and the associated data is
//! `magic ‖ version id ‖ N ‖ IV ‖ commitment ‖ encryption context`.
//! Visible layout: `version id(36, ASCII) ‖ IV(12) ‖ ciphertext ‖ tag(16)` under the material itself.
//!
//! # Invariants
//! - Whatever is wrong with a ciphertext, the error is the same.
//! - The commitment is compared, in constant time, before anything is decrypted.

use subtle::ConstantTimeEq;

use super::Layout;
use crate::error::{Error, Kind, Result};
use crate::port::crypto::{COMMITMENT, Derived, Handle, NONCE, TAG};
use crate::secret::Plaintext;

const MAGIC: [u8; 4] = [0x01, 0x02, 0x02, 0x00];
const ID: usize = 16;
const SALT: usize = 16;
const HEADER: usize = MAGIC.len() + ID + SALT + NONCE + COMMITMENT;
const TEXT_ID: usize = 36;
/// How many unpredictable bytes sealing takes.
pub const FRESH: usize = SALT + NONCE;
const LABEL: &[u8] = b"polykms/message";

/// The version that made a ciphertext.
///
/// # Errors
/// [`Kind::InvalidCiphertext`] when the bytes are no ciphertext of this layout.
pub fn version_of(layout: Layout, blob: &[u8]) -> Result<String> {
    match layout {
        Layout::Committed => {
            let rest = blob.strip_prefix(&MAGIC).ok_or_else(unopenable)?;
            let id = rest.first_chunk::<ID>().ok_or_else(unopenable)?;
            if blob.len() < HEADER + TAG {
                return Err(unopenable());
            }
            Ok(uuid::Uuid::from_bytes(*id).hyphenated().to_string())
        }
        Layout::Visible => {
            let id = blob.first_chunk::<TEXT_ID>().ok_or_else(unopenable)?;
            if blob.len() < TEXT_ID + NONCE + TAG {
                return Err(unopenable());
            }
            let text = std::str::from_utf8(id).map_err(|_| unopenable())?;
            let id = uuid::Uuid::try_parse(text).map_err(|_| unopenable())?.hyphenated().to_string();
            if id == text { Ok(id) } else { Err(unopenable()) }
        }
    }
}

/// Encrypts under a version of a key; `fresh` are unpredictable bytes that nothing else is made of.
///
/// # Errors
/// [`Kind::NotApplicable`] for a key that does not encrypt this way, [`Kind::Internal`] when the backend fails.
pub fn seal(
    layout: Layout,
    key: &Handle,
    fresh: &[u8; FRESH],
    version: &str,
    context: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>> {
    match layout {
        Layout::Committed => seal_committed(key, fresh, version, context, plaintext),
        Layout::Visible => seal_visible(key, fresh, version, context, plaintext),
    }
}

/// Decrypts what [`seal`] made with the same key and context.
///
/// # Errors
/// [`Kind::NotApplicable`] for a key that does not encrypt this way, otherwise [`Kind::InvalidCiphertext`], whatever the
/// reason.
pub fn open(layout: Layout, key: &Handle, context: &[u8], blob: &[u8]) -> Result<Plaintext> {
    match layout {
        Layout::Committed => open_committed(key, context, blob),
        Layout::Visible => open_visible(key, context, blob),
    }
}

fn seal_visible(key: &Handle, fresh: &[u8; FRESH], version: &str, context: &[u8], plaintext: &[u8]) -> Result<Vec<u8>> {
    let (_, nonce) = parts(fresh)?;
    let aead = key.aead.as_deref().ok_or_else(incapable)?;
    let mut blob = Vec::with_capacity(version.len() + NONCE + plaintext.len() + TAG);
    blob.extend_from_slice(version.as_bytes());
    blob.extend_from_slice(nonce);
    aead.seal(nonce, context, plaintext, &mut blob)?;
    Ok(blob)
}

fn open_visible(key: &Handle, context: &[u8], blob: &[u8]) -> Result<Plaintext> {
    let aead = key.aead.as_deref().ok_or_else(incapable)?;
    let rest = blob.get(TEXT_ID..).ok_or_else(unopenable)?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE>().ok_or_else(unopenable)?;
    aead.open(nonce, context, sealed).map_err(|_| unopenable())
}

fn seal_committed(
    key: &Handle,
    fresh: &[u8; FRESH],
    version: &str,
    context: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>> {
    let id = uuid::Uuid::try_parse(version).map_err(|_| Kind::Internal.because("a version id is no UUID"))?;
    let (salt, nonce) = parts(fresh)?;
    let Derived { aead, commitment } = key.derive.as_deref().ok_or_else(incapable)?.derive(LABEL, salt)?;
    let mut blob = Vec::with_capacity(HEADER + plaintext.len() + TAG);
    for part in [MAGIC.as_slice(), id.as_bytes(), salt, nonce, &commitment] {
        blob.extend_from_slice(part);
    }
    let bound = [&blob, context].concat();
    aead.seal(nonce, &bound, plaintext, &mut blob)?;
    Ok(blob)
}

fn open_committed(key: &Handle, context: &[u8], blob: &[u8]) -> Result<Plaintext> {
    let (header, sealed) = blob.split_at_checked(HEADER).ok_or_else(unopenable)?;
    let rest = header.get(MAGIC.len() + ID..).ok_or_else(unopenable)?;
    let (salt, rest) = rest.split_first_chunk::<SALT>().ok_or_else(unopenable)?;
    let (nonce, claimed) = rest.split_first_chunk::<NONCE>().ok_or_else(unopenable)?;
    let Derived { aead, commitment } = key.derive.as_deref().ok_or_else(incapable)?.derive(LABEL, salt)?;
    if !bool::from(commitment.as_slice().ct_eq(claimed)) {
        return Err(unopenable());
    }
    aead.open(nonce, &[header, context].concat(), sealed).map_err(|_| unopenable())
}

fn parts(fresh: &[u8; FRESH]) -> Result<(&[u8; SALT], &[u8; NONCE])> {
    let parts = fresh.split_first_chunk::<SALT>().and_then(|(salt, rest)| Some((salt, rest.first_chunk::<NONCE>()?)));
    parts.ok_or_else(|| Kind::Internal.because("there are no bytes for salt and nonce"))
}

fn incapable() -> Error {
    Kind::NotApplicable.because("the key cannot encrypt this way")
}

/// The one error for every ciphertext that does not open.
pub(crate) fn unopenable() -> Error {
    Kind::InvalidCiphertext.because("")
}

/// Length-prefixed pairs, sorted by name: no two contexts share their bytes.
pub fn framed(context: &super::EncryptionContext) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(context.iter().map(|(name, value)| name.len() + value.len() + 8).sum());
    for part in context.iter().flat_map(|(name, value)| [name, value]) {
        bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}
