//! A running emulator, asked for what it tells of itself.

use serde_json::Value;

use super::ready::Ready;
use super::{Failure, start};
use crate::core::dialect::client::Kind;

/// Where a running emulator is.
pub(crate) struct Reached {
    endpoint: String,
    roots: Vec<u8>,
}

/// Why it tells nothing.
pub(crate) enum Silent {
    /// Nothing answers there.
    Nobody(String),
    /// Whatever answers has no such page: it is no emulator.
    NoEmulator(String),
    /// It refuses what was asked, with these words.
    Refused(String),
    /// Something else went wrong.
    Failed(Failure),
}

impl From<Silent> for Failure {
    fn from(silent: Silent) -> Self {
        match silent {
            Silent::Nobody(why) | Silent::NoEmulator(why) | Silent::Refused(why) => Self::Failed(why),
            Silent::Failed(failure) => failure,
        }
    }
}

impl Reached {
    /// The server of a ready file, or the one that would have written it; by HTTPS where that is wanted.
    ///
    /// # Errors
    /// [`Failure::Usage`] where there is no HTTPS, [`Failure::Failed`] when its certificate cannot be read.
    pub(crate) fn of(ready: &Ready, tls: bool) -> Result<Self, Failure> {
        let endpoint = match tls {
            false => ready.endpoint.clone(),
            true => ready.tls_endpoint.clone().ok_or_else(|| Failure::Usage("the server has no HTTPS".to_owned()))?,
        };
        let roots = match ready.ca_file.as_ref().filter(|_| endpoint.starts_with("https")) {
            None => Vec::new(),
            Some(file) => std::fs::read(file)
                .map_err(|error| Failure::Failed(format!("cannot read `{}`: {error}", file.display())))?,
        };
        Ok(Self { endpoint, roots })
    }

    /// The server at a URL of HTTP.
    pub(crate) fn at(endpoint: &str) -> Self {
        Self { endpoint: endpoint.trim_end_matches('/').to_owned(), roots: Vec::new() }
    }

    /// What a page says: `decisions?limit=1`. With a body, the body is posted.
    ///
    /// # Errors
    /// A [`Silent`].
    pub(crate) fn page(&self, name: &str, body: Option<&Value>) -> Result<Value, Silent> {
        let Self { endpoint, roots } = self;
        let url = format!("{endpoint}/_polykms/{name}");
        let body = body.map(|body| body.to_string().into_bytes());
        let answer = start::block_on(polykms_remote::page(&url, body, roots)).map_err(Silent::Failed)?;
        let (status, text) = answer.map_err(|error| match error.kind() {
            Kind::Transport | Kind::Timeout => {
                Silent::Nobody(format!("nothing answers at {endpoint}; is `polykms dev` running?"))
            }
            _ => Silent::Failed(Failure::Failed(format!("{endpoint}: {error}"))),
        })?;
        let read: Option<Value> = serde_json::from_slice(&text).ok();
        let said = read.as_ref().and_then(|read| read.pointer("/error/message")).and_then(Value::as_str);
        match (status.as_u16(), said) {
            (200, _) => read.ok_or_else(|| Silent::NoEmulator(format!("{endpoint} is not PolyKMS"))),
            (404, Some("there is nothing here")) => {
                Err(Silent::NoEmulator(format!("the server at {endpoint} tells this only under `polykms dev`")))
            }
            (_, Some(why)) => Err(Silent::Refused(why.to_owned())),
            (status, None) => Err(Silent::NoEmulator(format!("{endpoint} answers {status} and is not PolyKMS"))),
        }
    }
}
