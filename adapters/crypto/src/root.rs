//! The root key, and the places it can come from: a file, an environment value, a passphrase.
//!
//! # Invariants
//! - A root key is 32 bytes, shown by no formatter and zeroized on drop.
//! - A key file is whole or absent: it is written elsewhere, synced, and then given its name.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use polykms_core::error::{Error, Kind, Result};
use polykms_core::port::Random;
use polykms_core::secret::Material;
use zeroize::Zeroizing;

/// Bytes of a root key.
pub const LENGTH: usize = 32;
/// Bytes that a salt for [`Root::from_passphrase`] has at least.
pub const SALT: usize = 16;

/// Characters of a root key in base64.
const TEXT: usize = 44;

/// The key under which everything at rest is sealed.
#[derive(Debug)]
pub struct Root(Material);

impl Root {
    /// Reads the key from a file, and on the first start makes it: a key from `random` in base64, with mode 0600.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the file cannot be read or made, when others than its owner have any rights to it, and
    /// when it does not hold exactly one key.
    pub fn from_file(path: impl AsRef<Path>, random: &dyn Random) -> Result<Self> {
        let path = path.as_ref();
        match read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                create(path, random).map_err(|error| unusable(path, "made", &error))?;
                read(path)
            }
            outcome => outcome,
        }
        .map_err(|error| unusable(path, "read", &error))
        .and_then(|text| parse(&text).ok_or_else(|| malformed(&format!("the root key file `{}`", path.display()))))
    }

    /// Reads the key from the value of an environment variable: 32 bytes in base64.
    ///
    /// # Errors
    /// [`Kind::Internal`] when it is anything else.
    pub fn from_env_value(text: &str) -> Result<Self> {
        parse(text.as_bytes()).ok_or_else(|| malformed("the root key of the environment"))
    }

    /// Derives the key from a passphrase by Argon2id (RFC 9106) with 64 MiB, three passes and four lanes.
    ///
    /// The caller keeps the `salt`, at least [`SALT`] random bytes; the same two inputs give the same key.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the passphrase is empty or the salt too short.
    pub fn from_passphrase(passphrase: &str, salt: &[u8]) -> Result<Self> {
        if passphrase.is_empty() {
            return Err(Kind::Internal.because("the passphrase is empty"));
        }
        if salt.len() < SALT {
            return Err(Kind::Internal.because("the salt of the passphrase is too short"));
        }
        stretch(passphrase.as_bytes(), salt)
            .map(|key| Self::new(&key))
            .map_err(|error| Kind::Internal.because(format!("the passphrase cannot be used: {error}")))
    }

    /// Takes the key's bytes.
    pub fn new(key: &[u8; LENGTH]) -> Self {
        Self(Material::new(key.to_vec()))
    }

    pub(crate) fn material(&self) -> &Material {
        &self.0
    }
}

fn stretch(passphrase: &[u8], salt: &[u8]) -> argon2::Result<Zeroizing<[u8; LENGTH]>> {
    let params = Params::new(64 * 1024, 3, 4, Some(LENGTH))?;
    let mut memory = Zeroizing::new(vec![Block::default(); params.block_count()]);
    let mut key = Zeroizing::new([0; LENGTH]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
        passphrase,
        salt,
        key.as_mut_slice(),
        memory.as_mut_slice(),
    )?;
    Ok(key)
}

/// A key in base64, with or without white space around it.
fn parse(text: &[u8]) -> Option<Root> {
    let text = text.trim_ascii();
    let mut bytes = Zeroizing::new([0; TEXT]);
    let count = STANDARD.decode_slice(text, bytes.as_mut_slice()).ok()?;
    let key: Zeroizing<[u8; LENGTH]> = Zeroizing::new(bytes.get(..count)?.try_into().ok()?);
    Some(Root::new(&key))
}

fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    const ENOUGH: usize = 2 * TEXT;
    let file = File::open(path)?;
    require_private(&file)?;
    // All the room at once: a buffer that grows leaves copies behind.
    let mut text = Zeroizing::new(Vec::with_capacity(ENOUGH));
    file.take(ENOUGH as u64).read_to_end(&mut text)?;
    Ok(text)
}

fn require_private(file: &File) -> io::Result<()> {
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0 {
        return Err(io::Error::other("others than its owner have rights to it; chmod 600 takes them away"));
    }
    Ok(())
}

/// Makes the file, unless another process is faster: then that one's key stays.
fn create(path: &Path, random: &dyn Random) -> io::Result<()> {
    let draft = draft(path, random)?;
    let outcome = write_draft(&draft, random).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome,
    });
    fs::remove_file(&draft).and(outcome)?;
    sync_parent(path)
}

fn write_draft(draft: &Path, random: &dyn Random) -> io::Result<()> {
    let mut key = Zeroizing::new([0; LENGTH]);
    random.fill(key.as_mut_slice()).map_err(io::Error::other)?;
    let mut text = Zeroizing::new([b'\n'; TEXT + 1]);
    STANDARD.encode_slice(key.as_slice(), text.as_mut_slice()).map_err(io::Error::other)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(draft)?;
    file.write_all(text.as_slice())?;
    file.sync_all()
}

/// A name beside `path` that nobody else uses.
fn draft(path: &Path, random: &dyn Random) -> io::Result<PathBuf> {
    let mut unique = [0; 8];
    random.fill(&mut unique).map_err(io::Error::other)?;
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(format!(".{:016x}", u64::from_be_bytes(unique)));
    Ok(path.with_file_name(name))
}

fn sync_parent(path: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(()); // elsewhere a directory cannot be opened to be synced
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()
}

fn unusable(path: &Path, what: &str, error: &io::Error) -> Error {
    Kind::Internal.because(format!("the root key file `{}` cannot be {what}: {error}", path.display()))
}

fn malformed(what: &str) -> Error {
    Kind::Internal.because(format!("{what} does not hold 32 bytes in base64"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use polykms_host::OsRandom;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn key() -> Vec<u8> {
        (0..32).collect()
    }

    fn exposed(root: &Root) -> &[u8] {
        root.material().expose()
    }

    #[cfg(unix)]
    fn private(path: &Path, content: impl AsRef<[u8]>) {
        use std::os::unix::fs::PermissionsExt;
        fs::write(path, content).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn the_first_start_makes_a_private_file_and_later_ones_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("root.key");
        let made = Root::from_file(&path, &OsRandom).unwrap();
        assert_eq!(exposed(&made), exposed(&Root::from_file(&path, &OsRandom).unwrap()));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "no draft stays behind");
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!((text.len(), text.ends_with('\n')), (TEXT + 1, true));
        assert_eq!(exposed(&Root::from_env_value(&text).unwrap()), exposed(&made));

        let other = Root::from_file(directory.path().join("other.key"), &OsRandom).unwrap();
        assert_ne!(exposed(&made), exposed(&other));
    }

    #[test]
    fn starts_at_the_same_time_agree_on_one_key() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("root.key");
        let keys: Vec<Vec<u8>> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..16)
                .map(|_| scope.spawn(|| exposed(&Root::from_file(&path, &OsRandom).unwrap()).to_vec()))
                .collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_have_rights_to_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("root.key");
        private(&path, KEY);
        assert_eq!(exposed(&Root::from_file(&path, &OsRandom).unwrap()), key());
        for mode in [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666, 0o777] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = Root::from_file(&path, &OsRandom).unwrap_err();
            assert_eq!(error.kind(), Kind::Internal);
            assert!(error.why().contains("chmod 600"), "{mode:o}: {error}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        Root::from_file(&path, &OsRandom).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_malformed_file_is_refused_and_kept() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("root.key");
        let contents = [
            "",
            "\n",
            "AAEC",
            &KEY[..43],
            &KEY.replace('=', "A"),
            &format!("{KEY}{KEY}"),
            &format!("{KEY}\nmore"),
            &KEY.repeat(100),
            &KEY.replace('8', "9"),
            "not base64 at all, but of the same length..!",
        ];
        for content in contents {
            private(&path, content);
            let error = Root::from_file(&path, &OsRandom).unwrap_err();
            assert!(error.why().ends_with("does not hold 32 bytes in base64"), "{content:?}: {error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
        private(&path, [0xff; 44]);
        assert!(Root::from_file(&path, &OsRandom).is_err());
    }

    #[test]
    fn a_directory_or_a_missing_one_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        assert!(Root::from_file(directory.path(), &OsRandom).is_err());
        assert!(Root::from_file(directory.path().join("missing/root.key"), &OsRandom).is_err());
        assert!(Root::from_file("", &OsRandom).is_err());
    }

    #[test]
    fn a_value_of_the_environment_is_one_key_in_base64() {
        assert_eq!(exposed(&Root::from_env_value(KEY).unwrap()), key());
        assert_eq!(exposed(&Root::from_env_value(&format!(" {KEY}\n")).unwrap()), key());
        for text in ["", "AA==", &KEY[1..], &format!("{KEY}A"), &KEY.repeat(2), "é"] {
            let error = Root::from_env_value(text).unwrap_err();
            assert_eq!(error.kind(), Kind::Internal);
            assert!(text.is_empty() || !error.to_string().contains(text), "the value is a secret");
        }
    }

    /// The known answer was calculated by OpenSSL.
    #[test]
    fn a_passphrase_gives_the_same_key_with_the_same_salt_only() {
        let hexadecimal = |salt: u8| -> String {
            let root = Root::from_passphrase("correct horse", &[salt; SALT]).unwrap();
            exposed(&root).iter().map(|byte| format!("{byte:02x}")).collect()
        };
        let known = "4471256fa58cf203c9c30f88acf8284cb765abf5fdb02f0e300f6bade11793d1";
        assert_eq!(hexadecimal(1), known);
        assert_ne!(hexadecimal(2), known);
    }

    #[test]
    fn an_empty_passphrase_and_a_short_salt_are_refused() {
        assert!(Root::from_passphrase("", &[1; SALT]).is_err());
        assert!(Root::from_passphrase("correct horse", &[1; SALT - 1]).is_err());
    }

    #[test]
    fn a_root_key_does_not_show_itself() {
        assert_eq!(format!("{:?}", Root::from_env_value(KEY).unwrap()), "Root(Material(32 bytes))");
    }
}
