//! The wrap keys of one store: what everything at rest is sealed under, themselves sealed under the root key.
//!
//! To change the root key, this small ring is sealed anew and no other record is touched. A ring that was renewed wraps
//! under a key of a new generation, which the old root key never sealed, and unwraps what the older ones wrapped.
//!
//! A ring at rest is a 2 and `generation (4) ‖ key (32)` of each key, sealed. A wrapped secret is a 2, the generation and
//! the sealed secret; of generation 0 it is a 1 and the sealed secret.
//!
//! # Invariants
//! - There is a key, and the last one, which wraps, is of the highest generation.
//! - Generation 0 is the root key that a store was made with before there were wrap keys.

use polykms_core::error::Result;
use polykms_core::port::Random;
use polykms_core::secret::Material;
use zeroize::Zeroizing;

use crate::diversified::Diversified;
use crate::error::{broken, invalid};
use crate::root::Root;

/// The first byte of what is sealed under a root key itself.
pub(crate) const EARLIER: u8 = 1;
/// The first byte of what is sealed under a wrap key, and of the ring of them.
const VERSION: u8 = 2;
/// What a root key seals the ring for.
const RING: &[u8] = b"polykms/wrap-keys";
/// What a root key sealed for itself before there were rings.
const CHECK: &[u8] = b"polykms/check-value";
/// Bytes of a generation.
const GENERATION: usize = 4;
/// Bytes of a wrap key.
const KEY: usize = 32;

/// All wrap keys of a store.
#[derive(Debug)]
pub struct Keyring(Vec<WrapKey>);

#[derive(Debug)]
struct WrapKey {
    generation: u32,
    key: Material,
}

impl Keyring {
    /// The ring of a new store.
    ///
    /// # Errors
    /// [`Kind::Internal`](polykms_core::error::Kind::Internal) when `random` fails.
    pub fn fresh(random: &dyn Random) -> Result<Self> {
        Self(Vec::new()).renewed(random)
    }

    /// The ring of a store that was made before there were rings; `check_value` is what it holds to know its root key by.
    ///
    /// # Errors
    /// [`Kind::InvalidCiphertext`](polykms_core::error::Kind::InvalidCiphertext) when that was another root key.
    pub fn succeeding(root: &Root, check_value: &[u8], random: &dyn Random) -> Result<Self> {
        let key = Material::new(root.material().expose().to_vec());
        let ring = Self(vec![WrapKey { generation: 0, key }]);
        ring.unwrap(CHECK, check_value)?; // nothing else was ever wrapped for this place
        ring.renewed(random)
    }

    /// Opens what [`seal`](Keyring::seal) made.
    ///
    /// # Errors
    /// [`Kind::InvalidCiphertext`](polykms_core::error::Kind::InvalidCiphertext) for the ring of another root key, and for
    /// anything else.
    pub fn open(root: &Root, sealed: &[u8]) -> Result<Self> {
        let keys = under(root).open(RING, sealed.strip_prefix(&[VERSION]).ok_or_else(invalid)?)?;
        match keys.expose().as_chunks::<{ GENERATION + KEY }>() {
            ([], _) | (_, [_, ..]) => Err(invalid()),
            (entries, []) => {
                entries.iter().map(|entry| WrapKey::read(entry)).collect::<Option<_>>().map(Self).ok_or_else(invalid)
            }
        }
    }

    /// The ring at rest.
    ///
    /// # Errors
    /// [`Kind::Internal`](polykms_core::error::Kind::Internal) when the backend fails.
    pub fn seal(&self, root: &Root, random: &dyn Random) -> Result<Vec<u8>> {
        // All the room at once: a buffer that grows leaves copies behind.
        let mut keys = Zeroizing::new(Vec::with_capacity(self.0.len().saturating_mul(GENERATION + KEY)));
        for WrapKey { generation, key } in &self.0 {
            keys.extend_from_slice(&generation.to_be_bytes());
            keys.extend_from_slice(key.expose());
        }
        under(root).seal(random, &[VERSION], RING, &keys)
    }

    /// The ring with a fresh key, which wraps from now on.
    ///
    /// # Errors
    /// [`Kind::Internal`](polykms_core::error::Kind::Internal) when `random` fails.
    pub fn renewed(self, random: &dyn Random) -> Result<Self> {
        let Self(mut keys) = self;
        let generation = keys.last().map_or(0, |newest| newest.generation).checked_add(1).ok_or_else(broken)?;
        let mut key = Zeroizing::new(vec![0; KEY]);
        random.fill(&mut key)?;
        keys.push(WrapKey { generation, key: Material::new(std::mem::take(&mut key)) });
        Ok(Self(keys))
    }

    pub(crate) fn wrap(&self, random: &dyn Random, place: &[u8], secret: &[u8]) -> Result<Vec<u8>> {
        let newest = self.0.last().ok_or_else(broken)?;
        let [a, b, c, d] = newest.generation.to_be_bytes();
        newest.diversified().seal(random, &[VERSION, a, b, c, d], place, secret)
    }

    pub(crate) fn unwrap(&self, place: &[u8], wrapped: &[u8]) -> Result<Material> {
        let (generation, sealed) = match wrapped.split_first() {
            Some((&EARLIER, sealed)) => (0, sealed),
            Some((&VERSION, rest)) => {
                let (generation, sealed) = rest.split_first_chunk().ok_or_else(invalid)?;
                (u32::from_be_bytes(*generation), sealed)
            }
            _ => return Err(invalid()),
        };
        let key = self.0.iter().find(|key| key.generation == generation).ok_or_else(invalid)?;
        key.diversified().open(place, sealed)
    }
}

impl WrapKey {
    fn read(entry: &[u8]) -> Option<Self> {
        let (generation, key) = entry.split_first_chunk()?;
        Some(Self { generation: u32::from_be_bytes(*generation), key: Material::new(key.to_vec()) })
    }

    fn diversified(&self) -> Diversified<'_> {
        Diversified { key: &self.key, label: b"polykms/wrap" }
    }
}

fn under(root: &Root) -> Diversified<'_> {
    Diversified { key: root.material(), label: b"polykms/root" }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::Kind;
    use polykms_host::OsRandom;

    use super::*;

    fn root(byte: u8) -> Root {
        Root::new(&[byte; 32])
    }

    fn stored(ring: &Keyring, byte: u8) -> Vec<u8> {
        ring.seal(&root(byte), &OsRandom).unwrap()
    }

    #[test]
    fn a_ring_opens_under_the_root_key_that_sealed_it_alone() {
        let ring = Keyring::fresh(&OsRandom).unwrap();
        let wrapped = ring.wrap(&OsRandom, b"place", b"secret").unwrap();
        assert_eq!(wrapped[..5], [2, 0, 0, 0, 1]);
        let sealed = stored(&ring, 1);
        assert_eq!(Keyring::open(&root(1), &sealed).unwrap().unwrap(b"place", &wrapped).unwrap().expose(), b"secret");
        assert_eq!(Keyring::open(&root(2), &sealed).unwrap_err().kind(), Kind::InvalidCiphertext);
        for at in 0..sealed.len() {
            let mut other = sealed.clone();
            other[at] ^= 1;
            assert!(Keyring::open(&root(1), &other).is_err(), "byte {at}");
            assert!(Keyring::open(&root(1), &sealed[..at]).is_err(), "{at} bytes");
        }
        assert_ne!(sealed, stored(&ring, 1));
    }

    #[test]
    fn a_renewed_ring_under_another_root_key_unwraps_the_old_and_hides_the_new() {
        let ring = Keyring::fresh(&OsRandom).unwrap();
        let old = ring.wrap(&OsRandom, b"place", b"old").unwrap();
        let before = stored(&ring, 1);
        let renewed = Keyring::open(&root(2), &stored(&ring.renewed(&OsRandom).unwrap(), 2)).unwrap();
        let new = renewed.wrap(&OsRandom, b"place", b"new").unwrap();
        assert_eq!(new[..5], [2, 0, 0, 0, 2]);
        assert_eq!(renewed.unwrap(b"place", &old).unwrap().expose(), b"old");
        assert_eq!(renewed.unwrap(b"place", &new).unwrap().expose(), b"new");
        assert!(Keyring::open(&root(1), &before).unwrap().unwrap(b"place", &new).is_err());
    }

    /// What earlier versions stored under a root key of 32 sevens.
    fn earlier(place: &[u8], secret: &[u8]) -> Vec<u8> {
        let key = Material::new(vec![7; 32]);
        Diversified { key: &key, label: b"polykms/wrap" }.seal(&OsRandom, &[EARLIER], place, secret).unwrap()
    }

    #[test]
    fn a_store_that_was_made_without_a_ring_gets_one_that_unwraps_what_is_there() {
        let check_value = earlier(CHECK, CHECK);
        let ring = Keyring::succeeding(&root(7), &check_value, &OsRandom).unwrap();
        assert_eq!(ring.unwrap(b"place", &earlier(b"place", b"old")).unwrap().expose(), b"old");
        assert_eq!(ring.wrap(&OsRandom, b"place", b"new").unwrap()[..5], [2, 0, 0, 0, 1]);
        // And does so under any root key from then on.
        let ring = Keyring::open(&root(8), &stored(&ring, 8)).unwrap();
        assert_eq!(ring.unwrap(b"place", &earlier(b"place", b"old")).unwrap().expose(), b"old");

        assert_eq!(Keyring::succeeding(&root(8), &check_value, &OsRandom).unwrap_err().kind(), Kind::InvalidCiphertext);
        assert!(Keyring::succeeding(&root(7), b"", &OsRandom).is_err());
        assert!(Keyring::succeeding(&root(7), &earlier(b"elsewhere", CHECK), &OsRandom).is_err());
        assert!(Keyring::open(&root(7), &check_value).is_err());
        let fresh = Keyring::fresh(&OsRandom).unwrap();
        assert!(fresh.unwrap(b"place", &earlier(b"place", b"old")).is_err());
    }

    #[test]
    fn a_ring_does_not_show_its_keys() {
        let shown = format!("{:?}", Keyring::fresh(&OsRandom).unwrap());
        assert_eq!(shown, "Keyring([WrapKey { generation: 1, key: Material(32 bytes) }])");
    }
}
