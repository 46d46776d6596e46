//! The file of a trail: opened, looked into for the last line of its chain, and moved away.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::chain::{self, Link};
use super::lines::Fragment;
use super::now;

/// How far from its end a file is searched for the last line of a chain; no line is as long.
const SEARCHED: u64 = 8 * 1024 * 1024;

/// A file that was opened.
pub(super) struct Found {
    pub(super) file: File,
    pub(super) size: u64,
    /// The last line of the chain in it.
    pub(super) after: Option<Link>,
    /// What stands after that line; of a file without a chain, all of it.
    pub(super) fragment: Option<Fragment>,
    /// Whether it is no pipe or device.
    pub(super) regular: bool,
}

/// Opens a file, and makes it (0600) if it is missing.
pub(super) fn open(path: &Path) -> io::Result<Found> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let about = file.metadata()?;
    // A pipe or a terminal has no length: it begins anew.
    let (size, regular) = (about.len(), about.is_file());
    if regular {
        // Two writers would break each other's chain.
        file.try_lock().map_err(|_| io::Error::other("another process writes it"))?;
    }
    let (after, fragment) = if regular && size > 0 { end(&mut file, size)? } else { (None, None) };
    Ok(Found { file, size, after, fragment, regular })
}

/// The last line of a chain, and what stands after it.
fn end(file: &mut File, size: u64) -> io::Result<(Option<Link>, Option<Fragment>)> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(size.saturating_sub(SEARCHED)))?;
    file.by_ref().take(SEARCHED).read_to_end(&mut bytes)?;
    let mut rest = bytes.as_slice();
    let mut found = None;
    while let Some(at) = memchr::memrchr(b'\n', rest) {
        let (before, _) = rest.split_at(at);
        let begins = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        if let Some((_, link)) = before.get(begins..).and_then(chain::parse) {
            found = Some((link, at + 1));
            break;
        }
        rest = before;
    }
    let mut fragment = Fragment::default();
    let Some((link, whole)) = found else {
        file.seek(SeekFrom::Start(0))?;
        io::copy(file, &mut fragment)?;
        return Ok((None, Some(fragment)));
    };
    let left = bytes.get(whole..).filter(|left| !left.is_empty());
    Ok((
        Some(link),
        left.map(|left| {
            fragment.extend(left);
            fragment
        }),
    ))
}

/// Whether a file is the one at a path.
#[cfg(unix)]
pub(super) fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let place = |about: std::fs::Metadata| (about.dev(), about.ino());
    file.metadata().map(place).ok().is_some_and(|here| std::fs::metadata(path).map(place).ok() == Some(here))
}

/// Renames a file so that its path is free; its new name has the time in it.
pub(super) fn move_away(path: &Path) -> io::Result<()> {
    let stamp = now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let name = |more: &str| PathBuf::from(format!("{}.{stamp}{more}", path.display()));
    let mut to = name("");
    for count in 1.. {
        if !to.exists() {
            break;
        }
        to = name(&format!("-{count}"));
    }
    std::fs::rename(path, to)
}
