//! How to reach a server, as the ready file tells it: one JSON object, there once requests are served.
//!
//! # Invariants
//! - The file holds secrets and is readable by its owner alone; it is never there by halves.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Failure;
use super::owners::{Owner, Owners};
use crate::core::dialect::Dialect;

/// How to reach a server.
#[derive(Clone)]
pub(crate) struct Ready {
    /// The URL for HTTP.
    pub(crate) endpoint: String,
    /// The URL for HTTPS.
    pub(crate) tls_endpoint: Option<String>,
    /// The certificate that HTTPS clients are to trust.
    pub(crate) ca_file: Option<PathBuf>,
    /// As whom to call it, in each cloud; in the order in which people are told of them.
    pub(crate) callers: Vec<Caller>,
}

/// The owner of one account, as whom a server is called.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) dialect: &'static Dialect,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) access_key_id: String,
    pub(crate) secret: String,
}

/// The file: the caller of each dialect stands under its name, the secret under that which its cloud has for it.
#[derive(Serialize, Deserialize)]
struct Written {
    endpoint: String,
    tls_endpoint: Option<String>,
    ca_file: Option<PathBuf>,
    #[serde(flatten)]
    callers: BTreeMap<String, BTreeMap<String, String>>,
}

impl From<&Owner> for Caller {
    fn from(Owner { cloud, key }: &Owner) -> Self {
        Self {
            dialect: cloud.dialect,
            account: cloud.account.clone(),
            region: cloud.region.clone(),
            access_key_id: key.id.clone(),
            secret: key.secret.expose().to_owned(),
        }
    }
}

impl Caller {
    fn written(&self) -> (String, BTreeMap<String, String>) {
        let Self { dialect, account, region, access_key_id, secret } = self;
        let members = [
            ("account", account),
            ("region", region),
            ("access_key_id", access_key_id),
            (dialect.front.secret, secret),
        ];
        (dialect.name.to_owned(), members.map(|(name, text)| (name.to_owned(), text.clone())).into())
    }

    fn read(dialect: &'static Dialect, mut members: BTreeMap<String, String>) -> Option<Self> {
        Some(Self {
            dialect,
            account: members.remove("account")?,
            region: members.remove("region")?,
            access_key_id: members.remove("access_key_id")?,
            secret: members.remove(dialect.front.secret)?,
        })
    }
}

impl Ready {
    /// How a server of these owners is reached at these addresses.
    pub(crate) fn of(owners: &Owners, plain: SocketAddr, tls: Option<(SocketAddr, PathBuf)>) -> Self {
        let (tls_endpoint, ca_file) = tls.map(|(address, file)| (url("https", address), absolute(file))).unzip();
        let callers = owners.owners.iter().map(Caller::from).collect();
        Self { endpoint: url("http", plain), tls_endpoint, ca_file, callers }
    }

    /// Writes the file beside its place and moves it there.
    ///
    /// # Errors
    /// [`Failure::Failed`] when the folder cannot be written to.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        let Self { endpoint, tls_endpoint, ca_file, callers } = self.clone();
        let callers = callers.iter().map(Caller::written).collect();
        let written = Written { endpoint, tls_endpoint, ca_file, callers };
        let text = serde_json::to_string(&written).map_err(|error| Failure::Failed(error.to_string()))? + "\n";
        write_private(path, text.as_bytes())
    }

    /// Reads the file of a running server.
    ///
    /// # Errors
    /// [`Failure::Failed`] when there is none, or it is not a ready file.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let place = path.display();
        let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Failure::Failed(format!("there is no `{place}`; is the server running?")),
            _ => Failure::Failed(format!("cannot read `{place}`: {error}")),
        })?;
        let other = || Failure::Failed(format!("`{place}` is not a ready file"));
        let Written { endpoint, tls_endpoint, ca_file, mut callers } =
            serde_json::from_str(&text).map_err(|_| other())?;
        let caller = |dialect: &'static Dialect| Caller::read(dialect, callers.remove(dialect.name)?);
        let callers = crate::registry()?.by_title().into_iter().map(caller).collect::<Option<_>>();
        Ok(Self { endpoint, tls_endpoint, ca_file, callers: callers.ok_or_else(other)? })
    }
}

/// The URL of an address; one that stands for all addresses is reached by loopback.
fn url(scheme: &str, address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("{scheme}://{}", SocketAddr::new(ip, address.port()))
}

/// The file as seen from any folder.
fn absolute(file: PathBuf) -> PathBuf {
    std::path::absolute(&file).unwrap_or(file)
}

/// Writes a file of mode 0600, whole or not at all.
///
/// # Errors
/// [`Failure::Failed`] when the folder cannot be written to.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let place = || {
        let mut draft = tempfile::Builder::new().prefix(".polykms-").tempfile_in(folder)?; // mode 0600
        draft.write_all(bytes)?;
        draft.as_file().sync_all()?;
        draft.persist(path).map_err(|error| error.error)
    };
    place().map(drop).map_err(|error| Failure::Failed(format!("cannot write `{}`: {error}", path.display())))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
pub(super) mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn caller(dialect: &str, account: &str, region: &str, secret: &str) -> Caller {
        Caller {
            dialect: crate::registry().unwrap().named(dialect).unwrap(),
            account: account.to_owned(),
            region: region.to_owned(),
            access_key_id: "test".to_owned(),
            secret: secret.to_owned(),
        }
    }

    pub(crate) fn sample() -> Ready {
        Ready {
            endpoint: "http://127.0.0.1:4566".to_owned(),
            tls_endpoint: None,
            ca_file: None,
            callers: vec![
                caller("aws", "000000000000", "us-east-1", "it's $a \"test\"\\"),
                caller("alibaba", "1000000000000000", "cn-hangzhou", "test"),
            ],
        }
    }

    #[test]
    fn the_file_is_one_private_json_object_and_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ready.json");
        sample().write(&path).unwrap();
        sample().write(&path).unwrap();
        let first = std::fs::read(&path).unwrap();
        Ready::read(&path).unwrap().write(&path).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), first);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        let value: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert!(value["tls_endpoint"].is_null() && value["ca_file"].is_null());
        assert_eq!(value["aws"]["account"], "000000000000");
        assert_eq!(value["alibaba"]["access_key_secret"], "test");
    }

    #[test]
    fn a_missing_file_is_explained() {
        let refused = Ready::read(Path::new("/nowhere/ready.json")).err().unwrap().to_string();
        assert_eq!(refused, "there is no `/nowhere/ready.json`; is the server running?");
    }

    #[test]
    fn an_address_that_stands_for_all_is_reached_by_loopback() {
        assert_eq!(url("http", "0.0.0.0:80".parse().unwrap()), "http://127.0.0.1:80");
        assert_eq!(url("https", "[::]:1".parse().unwrap()), "https://[::1]:1");
    }
}
