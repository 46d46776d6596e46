//! How to reach a server, as the ready file tells it: one JSON object, there once requests are served.
//!
//! # Invariants
//! - The file holds secrets and is readable by its owner alone; it is never there by halves.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Failure;
use super::owners::Owners;
use crate::settings::Settings;

/// How to reach a server.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ready {
    /// The URL for HTTP.
    pub(crate) endpoint: String,
    /// The URL for HTTPS.
    pub(crate) tls_endpoint: Option<String>,
    /// The certificate that HTTPS clients are to trust.
    pub(crate) ca_file: Option<PathBuf>,
    /// The owner of the AWS account.
    pub(crate) aws: Aws,
    /// The owner of the Alibaba Cloud account.
    pub(crate) alibaba: Alibaba,
}

/// The owner of the AWS account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Aws {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
}

/// The owner of the Alibaba Cloud account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Alibaba {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) access_key_id: String,
    pub(crate) access_key_secret: String,
}

impl Ready {
    /// How a server with these settings is reached at these addresses.
    pub(crate) fn of(
        settings: &Settings,
        owners: &Owners,
        plain: SocketAddr,
        tls: Option<(SocketAddr, PathBuf)>,
    ) -> Self {
        let (tls_endpoint, ca_file) = tls.map(|(address, file)| (url("https", address), absolute(file))).unzip();
        Self {
            endpoint: url("http", plain),
            tls_endpoint,
            ca_file,
            aws: Aws {
                account: settings.aws.account.clone(),
                region: settings.aws.region.clone(),
                access_key_id: owners.aws.id.clone(),
                secret_access_key: owners.aws.secret.expose().to_owned(),
            },
            alibaba: Alibaba {
                account: settings.alibaba.account.clone(),
                region: settings.alibaba.region.clone(),
                access_key_id: owners.alibaba.id.clone(),
                access_key_secret: owners.alibaba.secret.expose().to_owned(),
            },
        }
    }

    /// Writes the file beside its place and moves it there.
    ///
    /// # Errors
    /// [`Failure::Failed`] when the folder cannot be written to.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        let text = serde_json::to_string(self).map_err(|error| Failure::Failed(error.to_string()))? + "\n";
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
        serde_json::from_str(&text).map_err(|_| Failure::Failed(format!("`{place}` is not a ready file")))
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

    pub(crate) fn sample() -> Ready {
        Ready {
            endpoint: "http://127.0.0.1:4566".to_owned(),
            tls_endpoint: None,
            ca_file: None,
            aws: Aws {
                account: "000000000000".to_owned(),
                region: "us-east-1".to_owned(),
                access_key_id: "test".to_owned(),
                secret_access_key: "it's $a \"test\"\\".to_owned(),
            },
            alibaba: Alibaba {
                account: "1000000000000000".to_owned(),
                region: "cn-hangzhou".to_owned(),
                access_key_id: "test".to_owned(),
                access_key_secret: "test".to_owned(),
            },
        }
    }

    #[test]
    fn the_file_is_one_private_json_object_and_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ready.json");
        sample().write(&path).unwrap();
        sample().write(&path).unwrap();
        assert!(Ready::read(&path).unwrap() == sample());
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
