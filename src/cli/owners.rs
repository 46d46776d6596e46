//! The credentials of the accounts' owners: given, kept in the data folder, or made at first start.
//!
//! # Invariants
//! - Secrets that are made have 150 bits or more, and are kept in a file of mode 0600.

use std::path::{Path, PathBuf};

use polykms::core::port::Random;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Failure;
use super::ready::write_private;
use crate::config::Secret;
use crate::settings::{AccessKey, Cloud, Mode, Settings};

/// The name of the file in the data folder.
const FILE: &str = "owner-credentials.json";

/// The credentials of both owners.
pub(crate) struct Owners {
    /// Of the AWS account.
    pub(crate) aws: AccessKey,
    /// Of the Alibaba Cloud account.
    pub(crate) alibaba: AccessKey,
    /// The file that holds them, where they were not all given.
    pub(crate) file: Option<PathBuf>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    aws: KeptAws,
    alibaba: KeptAlibaba,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptAws {
    access_key_id: String,
    secret_access_key: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptAlibaba {
    access_key_id: String,
    access_key_secret: String,
}

impl Owners {
    /// The credentials a server starts with: those given; else, for `dev`, those everybody knows; else those kept in
    /// the data folder, made at first start.
    ///
    /// # Errors
    /// [`Failure::Failed`] when the file cannot be read or written.
    pub(crate) fn of(settings: &Settings, random: &dyn Random) -> Result<Self, Failure> {
        let all_given = settings.aws.owner.is_some() && settings.alibaba.owner.is_some();
        let Some(path) = file(settings).filter(|_| settings.mode == Mode::Serve && !all_given) else {
            return Ok(Self::given_or_test(settings));
        };
        let kept = match Kept::read(&path)? {
            Some(kept) => kept,
            None => Kept::make(random)?.write(&path)?,
        };
        Ok(kept.under(settings, path))
    }

    /// The credentials a running server is expected to have: those given, else those kept in the data folder that the
    /// settings name, else those everybody knows.
    ///
    /// # Errors
    /// [`Failure::Failed`] when the file cannot be read.
    pub(crate) fn expected(settings: &Settings) -> Result<Self, Failure> {
        match file(settings) {
            None => Ok(Self::given_or_test(settings)),
            Some(path) => match Kept::read(&path)? {
                None => Ok(Self::given_or_test(settings)),
                Some(kept) => Ok(kept.under(settings, path)),
            },
        }
    }

    fn given_or_test(settings: &Settings) -> Self {
        let key = |cloud: &Cloud| cloud.owner.clone().unwrap_or_else(AccessKey::test);
        Self { aws: key(&settings.aws), alibaba: key(&settings.alibaba), file: None }
    }
}

fn file(settings: &Settings) -> Option<PathBuf> {
    settings.data_dir.as_ref().map(|folder| folder.join(FILE))
}

impl Kept {
    fn read(path: &Path) -> Result<Option<Self>, Failure> {
        match std::fs::read_to_string(path).map(Zeroizing::new) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::Failed(format!("cannot read `{}`: {error}", path.display()))),
            Ok(text) => serde_json::from_str(&text)
                .map(Some)
                .map_err(|_| Failure::Failed(format!("`{}` does not hold owner credentials", path.display()))),
        }
    }

    /// Credentials of the form that each cloud gives its own.
    fn make(random: &dyn Random) -> Result<Self, Failure> {
        Ok(Self {
            aws: KeptAws {
                access_key_id: format!("AKIA{}", letters::<16>(UPPER, random)?.as_str()),
                secret_access_key: letters::<40>(LOWER, random)?.to_string(),
            },
            alibaba: KeptAlibaba {
                access_key_id: format!("LTAI{}", letters::<20>(UPPER, random)?.as_str()),
                access_key_secret: letters::<30>(LOWER, random)?.to_string(),
            },
        })
    }

    fn write(self, path: &Path) -> Result<Self, Failure> {
        let text = serde_json::to_string_pretty(&self).map(|text| Zeroizing::new(text + "\n"));
        write_private(path, text.map_err(|error| Failure::Failed(error.to_string()))?.as_bytes())?;
        Ok(self)
    }

    fn under(self, settings: &Settings, path: PathBuf) -> Owners {
        let Self { aws, alibaba } = self;
        let key = |given: &Cloud, id: String, secret: String| {
            given.owner.clone().unwrap_or_else(|| AccessKey { id, secret: Secret::new(secret) })
        };
        Owners {
            aws: key(&settings.aws, aws.access_key_id, aws.secret_access_key),
            alibaba: key(&settings.alibaba, alibaba.access_key_id, alibaba.access_key_secret),
            file: Some(path),
        }
    }
}

/// 32 characters each, so that five bits of a random byte choose one without bias.
const UPPER: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const LOWER: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

fn letters<const N: usize>(alphabet: &[u8; 32], random: &dyn Random) -> Result<Zeroizing<String>, Failure> {
    let mut bytes = Zeroizing::new([0; N]);
    random.fill(bytes.as_mut_slice())?;
    let letter = |byte: &u8| alphabet.get(usize::from(*byte & 31)).copied().map_or('A', char::from);
    Ok(Zeroizing::new(bytes.iter().map(letter).collect()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;
    use crate::config::Layer;

    /// Counts, so that no two secrets are alike.
    struct Counting(AtomicU8);

    impl Random for Counting {
        fn fill(&self, out: &mut [u8]) -> polykms::core::error::Result<()> {
            out.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
            Ok(())
        }
    }

    fn counting() -> Counting {
        Counting(AtomicU8::new(0))
    }

    fn settings(folder: &Path, layer: Layer) -> Settings {
        Settings::of(Layer { data_dir: Some(folder.into()), ..layer }, Mode::Serve).unwrap()
    }

    #[test]
    fn new_credentials_are_kept_privately_and_stay_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path(), Layer::default());
        let first = Owners::of(&settings, &counting()).unwrap();
        let again = Owners::of(&settings, &Counting(AtomicU8::new(77))).unwrap();
        let path = first.file.unwrap();
        assert_eq!(path, folder.path().join("owner-credentials.json"));
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!((first.aws.id.len(), first.aws.secret.expose().len()), (20, 40));
        assert!(first.aws.id.starts_with("AKIA") && first.alibaba.id.starts_with("LTAI"));
        assert_eq!(first.aws.secret.expose(), again.aws.secret.expose());
        assert_eq!(first.alibaba.secret.expose(), again.alibaba.secret.expose());
        assert_ne!(first.aws.secret.expose()[..30], first.alibaba.secret.expose()[..]);
    }

    #[test]
    fn given_credentials_win_over_kept_ones() {
        let folder = tempfile::tempdir().unwrap();
        let layer = Layer {
            aws_access_key_id: Some("mine".to_owned()),
            aws_secret_access_key: Some("secret".parse().unwrap()),
            ..Layer::default()
        };
        let owners = Owners::of(&settings(folder.path(), layer), &counting()).unwrap();
        assert_eq!((owners.aws.id.as_str(), owners.aws.secret.expose()), ("mine", "secret"));
        assert!(owners.alibaba.id.starts_with("LTAI"));
    }

    #[test]
    fn dev_has_the_credentials_everybody_knows_and_keeps_none() {
        let folder = tempfile::tempdir().unwrap();
        let layer = Layer { data_dir: Some(folder.path().into()), ..Layer::default() };
        let owners = Owners::of(&Settings::of(layer, Mode::Dev).unwrap(), &counting()).unwrap();
        assert!(owners.aws.is_test() && owners.alibaba.is_test());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_that_is_something_else_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        std::fs::write(&path, "{}").unwrap();
        assert!(Owners::of(&settings(folder.path(), Layer::default()), &counting()).is_err());
        assert_eq!(std::fs::read_to_string(path).unwrap(), "{}");
    }
}
