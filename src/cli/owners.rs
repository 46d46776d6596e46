//! The credentials of the accounts' owners: given, kept in the data folder, or made at first start.
//!
//! # Invariants
//! - Secrets that are made are those of the dialects, of 150 bits or more, and are kept in a file of mode 0600.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::Failure;
use super::ready::write_private;
use crate::config::Secret;
use crate::core::dialect::Dialect;
use crate::core::identity::IdKind;
use crate::core::port::Random;
use crate::settings::{AccessKey, Cloud, Mode, Settings};

/// The name of the file in the data folder.
const FILE: &str = "owner-credentials.json";
/// What the id of an access key is called in it; what its secret is called, the dialect says.
const ID: &str = "access_key_id";

/// The owners of all accounts.
pub(crate) struct Owners {
    /// One of each cloud, in the order in which people are told of them.
    pub(crate) owners: Vec<Owner>,
    /// The file that holds their credentials, where they were not all given.
    pub(crate) file: Option<PathBuf>,
}

/// The owner of one account.
#[derive(Clone)]
pub(crate) struct Owner {
    /// The account, as it is configured.
    pub(crate) cloud: Cloud,
    /// The access key.
    pub(crate) key: AccessKey,
}

impl Owners {
    /// The credentials a server starts with: those given; else, for `dev`, those everybody knows; else those kept in
    /// the data folder, made at first start.
    ///
    /// # Errors
    /// [`Failure::Failed`] when the file cannot be read or written.
    pub(crate) fn of(settings: &Settings, random: &dyn Random) -> Result<Self, Failure> {
        let all_given = settings.clouds.iter().all(|cloud| cloud.owner.is_some());
        let Some(path) = file(settings).filter(|_| settings.mode == Mode::Serve && !all_given) else {
            return Ok(Self::given_or_known(settings));
        };
        let kept = match Kept::read(&path, settings)? {
            Some(kept) => kept,
            None => Kept::make(settings, random)?.write(&path)?,
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
            None => Ok(Self::given_or_known(settings)),
            Some(path) => match Kept::read(&path, settings)? {
                None => Ok(Self::given_or_known(settings)),
                Some(kept) => Ok(kept.under(settings, path)),
            },
        }
    }

    /// Whether everybody knows all of them.
    pub(crate) fn are_known(&self) -> bool {
        self.owners.iter().all(|Owner { cloud, key }| key.is_known(cloud.dialect))
    }

    fn given_or_known(settings: &Settings) -> Self {
        let owner = |cloud: &Cloud| Owner {
            cloud: cloud.clone(),
            key: cloud.owner.clone().unwrap_or_else(|| AccessKey::known(cloud.dialect)),
        };
        Self { owners: settings.clouds.iter().map(owner).collect(), file: None }
    }
}

fn file(settings: &Settings) -> Option<PathBuf> {
    settings.data_dir.as_ref().map(|folder| folder.join(FILE))
}

/// The access keys of the file, one for each cloud of the settings, in the same order.
struct Kept(Vec<(&'static Dialect, AccessKey)>);

/// The file: by dialect, what its cloud calls id and secret.
type Written = BTreeMap<String, BTreeMap<String, String>>;

impl Kept {
    fn read(path: &Path, settings: &Settings) -> Result<Option<Self>, Failure> {
        match std::fs::read_to_string(path).map(Zeroizing::new) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::Failed(format!("cannot read `{}`: {error}", path.display()))),
            Ok(text) => serde_json::from_str(&text)
                .ok()
                .and_then(|written| Self::of(written, settings))
                .map(Some)
                .ok_or_else(|| Failure::Failed(format!("`{}` does not hold owner credentials", path.display()))),
        }
    }

    /// The keys of exactly the clouds that there are.
    fn of(mut written: Written, settings: &Settings) -> Option<Self> {
        let mut key = |cloud: &Cloud| {
            let mut members = written.remove(cloud.dialect.name)?;
            let key =
                AccessKey { id: members.remove(ID)?, secret: Secret::new(members.remove(cloud.dialect.front.secret)?) };
            members.is_empty().then_some((cloud.dialect, key))
        };
        let keys = settings.clouds.iter().map(&mut key).collect::<Option<Vec<_>>>()?;
        written.is_empty().then_some(Self(keys))
    }

    /// Credentials of the form that each cloud gives its own.
    fn make(settings: &Settings, random: &dyn Random) -> Result<Self, Failure> {
        let key = |cloud: &Cloud| {
            let rules = cloud.dialect.law.identity()?;
            let [mut id, mut secret] = [Zeroizing::new([0; 32]), Zeroizing::new([0; 32])];
            random.fill(id.as_mut_slice())?;
            random.fill(secret.as_mut_slice())?;
            let secret = Secret::new((rules.secret)(&secret));
            Ok((cloud.dialect, AccessKey { id: (rules.id)(IdKind::AccessKey, &id), secret }))
        };
        settings.clouds.iter().map(key).collect::<Result<_, Failure>>().map(Self)
    }

    fn write(self, path: &Path) -> Result<Self, Failure> {
        let members = |(dialect, key): &(&Dialect, AccessKey)| {
            let secret = (dialect.front.secret.to_owned(), key.secret.expose().to_owned());
            (dialect.name.to_owned(), BTreeMap::from([(ID.to_owned(), key.id.clone()), secret]))
        };
        let written: Written = self.0.iter().map(members).collect();
        let text = serde_json::to_string_pretty(&written).map(|text| Zeroizing::new(text + "\n"));
        write_private(path, text.map_err(|error| Failure::Failed(error.to_string()))?.as_bytes())?;
        Ok(self)
    }

    fn under(self, settings: &Settings, path: PathBuf) -> Owners {
        let owner = |(cloud, (_, kept)): (&Cloud, (_, AccessKey))| Owner {
            cloud: cloud.clone(),
            key: cloud.owner.clone().unwrap_or(kept),
        };
        Owners { owners: settings.clouds.iter().zip(self.0).map(owner).collect(), file: Some(path) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;
    use crate::config::{CloudLayer, CloudLayers, Layer};

    /// Counts, so that no two secrets are alike.
    struct Counting(AtomicU8);

    impl Random for Counting {
        fn fill(&self, out: &mut [u8]) -> crate::core::error::Result<()> {
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

    /// The access keys of AWS and Alibaba Cloud.
    fn keys(owners: &Owners) -> [&AccessKey; 2] {
        let [aws, alibaba] = &owners.owners[..] else { panic!("there are two") };
        [&aws.key, &alibaba.key]
    }

    #[test]
    fn new_credentials_are_kept_privately_and_stay_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path(), Layer::default());
        let first = Owners::of(&settings, &counting()).unwrap();
        let again = Owners::of(&settings, &Counting(AtomicU8::new(77))).unwrap();
        let path = first.file.clone().unwrap();
        assert_eq!(path, folder.path().join("owner-credentials.json"));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let ([aws, alibaba], again) = (keys(&first), keys(&again));
        assert_eq!((aws.id.len(), aws.secret.expose().len()), (20, 40));
        assert!(aws.id.starts_with("AKIA") && alibaba.id.starts_with("LTAI"));
        assert_eq!(aws.secret.expose(), again[0].secret.expose());
        assert_eq!(alibaba.secret.expose(), again[1].secret.expose());
        assert_ne!(aws.secret.expose()[..30], alibaba.secret.expose()[..]);
        let written: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        assert_eq!(written["aws"]["secret_access_key"], aws.secret.expose());
        assert_eq!(written["alibaba"]["access_key_secret"], alibaba.secret.expose());
    }

    #[test]
    fn given_credentials_win_over_kept_ones() {
        let folder = tempfile::tempdir().unwrap();
        let mine = CloudLayer {
            access_key_id: Some("mine".to_owned()),
            secret: Some("secret".parse().unwrap()),
            ..CloudLayer::default()
        };
        let layer = Layer { clouds: CloudLayers::default().with("aws", mine), ..Layer::default() };
        let owners = Owners::of(&settings(folder.path(), layer), &counting()).unwrap();
        let [aws, alibaba] = keys(&owners);
        assert_eq!((aws.id.as_str(), aws.secret.expose()), ("mine", "secret"));
        assert!(alibaba.id.starts_with("LTAI"));
    }

    #[test]
    fn dev_has_the_credentials_everybody_knows_and_keeps_none() {
        let folder = tempfile::tempdir().unwrap();
        let layer = Layer { data_dir: Some(folder.path().into()), ..Layer::default() };
        let owners = Owners::of(&Settings::of(layer, Mode::Dev).unwrap(), &counting()).unwrap();
        assert!(owners.are_known());
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
