//! A certificate for this machine, made on the spot: a CA that signs one leaf and is then forgotten.
//!
//! # Invariants
//! - The key of the CA is never written, so a client that trusts `ca.pem` trusts this one leaf and nothing else.
//! - `key.pem` is readable by its owner alone.

use std::fs;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

use crate::error::Error;

/// How long a new certificate is valid, and how long an old one must still be to be used.
const VALIDITY: Duration = Duration::from_secs(397 * 24 * 60 * 60);
const REMAINING: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Clocks that run behind this one accept the certificate too.
const BACKDATED: Duration = Duration::from_secs(60 * 60);

const NAME: &str = "localhost";
const ADDRESSES: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

/// Accepts TLS with the certificate kept in the directory; makes one when there is none that is still valid.
///
/// # Errors
/// [`Error::File`] and [`Error::Certificate`].
pub(crate) fn acceptor(directory: &Path) -> Result<TlsAcceptor, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = match reuse(directory, &provider) {
        Some(config) => config,
        None => {
            Made::new().map_err(|error| Error::Certificate(error.to_string()))?.write(directory)?;
            reuse(directory, &provider)
                .ok_or_else(|| Error::Certificate("the new certificate does not verify".to_owned()))?
        }
    };
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// A server with the files of the directory, if they are all there, belong together and are valid for long enough.
fn reuse(directory: &Path, provider: &Arc<CryptoProvider>) -> Option<ServerConfig> {
    let authority = CertificateDer::from_pem_file(directory.join("ca.pem")).ok()?;
    let leaf = CertificateDer::from_pem_file(directory.join("cert.pem")).ok()?;
    let key = PrivateKeyDer::from_pem_file(directory.join("key.pem")).ok()?;
    verify(authority, &leaf, provider)?;
    let mut config = ServerConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .ok()?
        .with_no_client_auth()
        .with_single_cert(vec![leaf], key)
        .ok()?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Some(config)
}

/// What a client that trusts the CA would check, some days from now.
fn verify(authority: CertificateDer<'_>, leaf: &CertificateDer<'_>, provider: &Arc<CryptoProvider>) -> Option<()> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.into_owned()).ok()?;
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build().ok()?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let names = ADDRESSES.into_iter().map(ServerName::from).chain(ServerName::try_from(NAME));
    for time in [now, now + REMAINING].map(UnixTime::since_unix_epoch) {
        for name in names.clone() {
            verifier.verify_server_cert(leaf, &[], &name, &[], time).ok()?;
        }
    }
    Some(())
}

struct Made {
    authority: String,
    leaf: String,
    key: String,
}

impl Made {
    fn new() -> Result<Self, rcgen::Error> {
        let now = SystemTime::now();
        let valid = |mut params: CertificateParams, name: &str| {
            params.not_before = (now - BACKDATED).into();
            params.not_after = (now + VALIDITY).into();
            params.distinguished_name.push(DnType::CommonName, name);
            params
        };
        let mut authority = valid(CertificateParams::default(), "PolyKMS local CA");
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let authority_key = KeyPair::generate()?;
        let certificate = authority.self_signed(&authority_key)?;
        let issuer = Issuer::new(authority, authority_key);

        let names = ADDRESSES.iter().map(IpAddr::to_string).chain([NAME.to_owned()]).collect::<Vec<_>>();
        let mut leaf = valid(CertificateParams::new(names)?, NAME);
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let leaf = leaf.signed_by(&key, &issuer)?;
        Ok(Self { authority: certificate.pem(), leaf: leaf.pem(), key: key.serialize_pem() })
    }

    fn write(self, directory: &Path) -> Result<(), Error> {
        let Self { authority, leaf, key } = self;
        let failed = |source| Error::File { path: directory.to_path_buf(), source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed)?;
        write(&directory.join("key.pem"), &key, 0o600)?;
        write(&directory.join("cert.pem"), &leaf, 0o644)?;
        write(&directory.join("ca.pem"), &authority, 0o644)
    }
}

/// Writes a file beside its place and moves it there, so that it never exists by halves or with a wider mode.
fn write(path: &Path, text: &str, mode: u32) -> Result<(), Error> {
    let place = || {
        let draft = path.with_extension(format!("{}.new", std::process::id()));
        let _ = fs::remove_file(&draft);
        fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&draft)?.write_all(text.as_bytes())?;
        fs::rename(&draft, path)
    };
    place().map_err(|source| Error::File { path: path.to_path_buf(), source })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_valid_certificate_is_used_again() {
        let directory = tempfile::tempdir().unwrap();
        acceptor(directory.path()).unwrap();
        let first = fs::read(directory.path().join("cert.pem")).unwrap();
        acceptor(directory.path()).unwrap();
        assert_eq!(fs::read(directory.path().join("cert.pem")).unwrap(), first);
    }

    #[test]
    fn the_key_is_readable_by_its_owner_alone() {
        let directory = tempfile::tempdir().unwrap();
        acceptor(&directory.path().join("tls")).unwrap();
        let mode = |name: &str| fs::metadata(directory.path().join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("tls/key.pem"), mode("tls")), (0o600, 0o700));
    }

    #[test]
    fn files_that_do_not_belong_together_are_made_anew() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        acceptor(one.path()).unwrap();
        acceptor(other.path()).unwrap();
        for name in ["ca.pem", "key.pem"] {
            fs::copy(other.path().join(name), one.path().join(name)).unwrap();
            assert!(reuse(one.path(), &Arc::new(aws_lc_rs::default_provider())).is_none(), "{name}");
            acceptor(one.path()).unwrap();
            assert!(reuse(one.path(), &Arc::new(aws_lc_rs::default_provider())).is_some(), "{name}");
        }
    }
}
