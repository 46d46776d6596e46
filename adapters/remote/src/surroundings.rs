//! What is around this process, for dialects that look there for credentials and settings.
//!
//! # Invariants
//! - Without TLS only this machine is asked, and those addresses beside it that a dialect names; a name is resolved once, all
//!   its addresses have to be among them, and the connection goes to one of those.
//! - No redirect is followed and no proxy is used on the way to what is near. Everything has a time limit and a cap.
//! - What was read, printed or answered is in no error.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::net::{IpAddr, SocketAddr};
use std::process::Stdio;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use polykms_core::dialect::client::{Client, Error, Found, Kind, Place, Reach, Result, Surroundings, Target};
use polykms_core::dialect::{Request, Response, Service};
use reqwest::Url;
use rustls::ClientConfig;
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use tokio::time::timeout;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::credentials::{Credentials, Keys, variable};
use super::http::{self, Failure, send};
use super::settings::Settings;

/// The longest file that is read, and the most that a program may print, in bytes.
const LONGEST: u64 = 1024 * 1024;
/// How long a program may run.
const PROGRAM: Duration = Duration::from_secs(60);
/// How long an answer with credentials may be, in bytes.
const ANSWER: usize = 64 * 1024;

/// The surroundings of one client.
pub(crate) struct Around {
    pub(crate) client: &'static Client,
    pub(crate) settings: Settings,
    pub(crate) http: reqwest::Client,
    pub(crate) tls: ClientConfig,
    /// Whether programs may be run.
    pub(crate) programs: bool,
}

/// The places where the clients of a vendor look for credentials.
pub(crate) struct Chain {
    pub(crate) around: Around,
}

#[async_trait]
impl Credentials for Chain {
    async fn load(&self) -> Result<Option<Keys>> {
        if !self.around.settings.environment {
            return Ok(None);
        }
        let found = (self.around.client.credentials)(&self.around, &self.around.settings.wanted).await?;
        Ok(found.map(|Found { credential, token, expires_at }| Keys::found(credential, token, expires_at)))
    }

    fn name(&self) -> &str {
        "the environment, the profiles, the container or the instance"
    }
}

#[async_trait]
impl Surroundings for Around {
    fn variable(&self, name: &str) -> Option<String> {
        variable(name).filter(|_| self.settings.environment)
    }

    fn is_windows(&self) -> bool {
        cfg!(windows)
    }

    fn file(&self, path: &str) -> Result<Option<Zeroizing<String>>> {
        let config = |why: &str| Kind::Config.because(format!("the file {path} {why}"));
        match std::fs::metadata(path) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
            Err(error) => return Err(config(&format!("cannot be read: {}", error.kind()))),
            // Others may have a reader wait for ever.
            Ok(metadata) if !metadata.is_file() => return Err(config("is no file")),
            Ok(_) => {}
        }
        let mut bytes = Zeroizing::new(Vec::new());
        let read = File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes));
        let read = read.map_err(|error| config(&format!("cannot be read: {}", error.kind())))?;
        if read as u64 > LONGEST {
            return Err(config("is longer than 1 MiB"));
        }
        text(bytes).map(Some).ok_or_else(|| config("is no text"))
    }

    fn place(&self, service: &Service, usual: Target) -> Result<Place> {
        let (url, region) = self.settings.reached(self.client, service, usual)?;
        Ok(Place { origin: url.origin().ascii_serialization(), region })
    }

    async fn ask(&self, origin: &str, request: Request, reach: Reach) -> Result<Response> {
        let none = |_| Kind::Config.because(format!("`{origin}` is no URL"));
        let url: Url = origin.parse().map_err(none)?;
        let limits = self.settings.limits;
        let (client, cap, limit) = match reach {
            Reach::Service => (self.http.clone(), limits.answer, limits.attempt),
            Reach::Near { addresses, tls, connect, answer } => {
                (self.near(&url, addresses, tls, connect).await?, ANSWER, answer)
            }
        };
        let answered = timeout(limit, send(&client, &url, request, cap)).await.unwrap_or(Err(Failure::Slow));
        answered.map_err(|failure| unanswered(&url, failure))
    }

    async fn run(&self, words: &[String]) -> Result<Zeroizing<String>> {
        let [program, arguments @ ..] = words else { return Err(Kind::Config.because("there is no program to run")) };
        if !self.programs {
            return Err(Kind::Config
                .because(format!("the profile wants `{program}` to be run for its credentials"))
                .hinting("allow the client to run programs, if the profile is to be trusted"));
        }
        let failed = |why: &str| Kind::Credentials.because(format!("`{program}`, which tells credentials, {why}"));
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| failed(&format!("does not run: {}", error.kind())))?;
        let mut bytes = Zeroizing::new(Vec::new());
        let ended = timeout(PROGRAM, async {
            if let Some(printed) = child.stdout.take() {
                printed.take(LONGEST).read_to_end(&mut bytes).await?;
            }
            child.wait().await
        });
        match ended.await {
            Err(_) => Err(failed("does not end")),
            Ok(Err(_)) => Err(failed("breaks")),
            Ok(Ok(status)) if !status.success() => Err(failed(&format!("fails: {status}"))),
            Ok(Ok(_)) => text(bytes).ok_or_else(|| failed("prints no text")),
        }
    }

    async fn pause(&self, length: Duration) {
        tokio::time::sleep(length).await;
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn nonce(&self) -> String {
        Uuid::new_v4().to_string()
    }
}

impl Around {
    /// What speaks to somebody near, and to nobody else.
    async fn near(
        &self,
        url: &Url,
        addresses: &'static [IpAddr],
        tls: bool,
        connect: Duration,
    ) -> Result<reqwest::Client> {
        let refused =
            |why: &str| Kind::Config.because(format!("{} must not be asked for credentials: {why}", shown(url)));
        let client = http::near(&self.tls, connect);
        let client = match url.scheme() {
            "https" if tls => client,
            "http" => {
                let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
                let port = url.port_or_known_default().unwrap_or(80);
                let found = match timeout(connect, tokio::net::lookup_host((host, port))).await {
                    Ok(Ok(found)) => found.collect::<Vec<_>>(),
                    Ok(Err(_)) => return Err(unanswered(url, Failure::Unconnected)),
                    Err(_) => return Err(unanswered(url, Failure::Slow)),
                };
                if !are_near(&found, addresses) {
                    return Err(refused("it is neither this machine nor a service beside it, and has no TLS"));
                }
                client.resolve_to_addrs(host, &found)
            }
            _ => return Err(refused("its scheme is another one")),
        };
        client.build().map_err(|_| Kind::Config.because("an HTTP client cannot be made of these settings"))
    }
}

/// Whether all that a name stands for is this machine, or one of these addresses.
fn are_near(found: &[SocketAddr], addresses: &[IpAddr]) -> bool {
    let is_near = |address: &SocketAddr| {
        let ip = address.ip().to_canonical();
        ip.is_loopback() || addresses.contains(&ip)
    };
    !found.is_empty() && found.iter().all(is_near)
}

fn shown(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn unanswered(url: &Url, failure: Failure) -> Error {
    let place = shown(url);
    match failure {
        Failure::Unconnected => Kind::Transport.because(format!("{place} cannot be reached")),
        Failure::Slow => Kind::Timeout.because(format!("{place} did not answer in time")),
        Failure::Broken => Kind::Transport.because(format!("the connection to {place} broke")),
        Failure::TooLong => Kind::Unexpected.because(format!("{place} answers more than is read")),
    }
}

/// Bytes as text; their memory is not left behind.
fn text(mut bytes: Zeroizing<Vec<u8>>) -> Option<Zeroizing<String>> {
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => Some(Zeroizing::new(text)),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            None
        }
    }
}

#[cfg(test)]
mod tests;
