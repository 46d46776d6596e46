//! What the server asks of whoever answers: a response to every request, and a way back to the beginning.

use std::future::Future;
use std::sync::Arc;

use jiff::SignedDuration;
use polykms_core::dialect::{Dialect, Request, Response};
use polykms_core::engine::{Circumstances, Engine, Simulated, Wanted};
use polykms_core::error::{Kind, Result};
use polykms_core::inquire::Inquiry;
use polykms_core::port::Time;
use polykms_core::seed::Secrets;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Answers requests; implemented by [`Engine`] and by doubles in tests.
pub trait Answer: Send + Sync + 'static {
    /// Answers one request; every failure is a response too.
    fn answer(&self, request: &Request) -> impl Future<Output = Response> + Send;

    /// Puts the state back to what it was at the start.
    ///
    /// # Errors
    /// Whatever keeps the state from being rebuilt.
    fn reset(&self) -> impl Future<Output = Result<()>> + Send;

    /// Moves the clock and tells the new time.
    ///
    /// # Errors
    /// When the clock cannot be moved.
    fn advance(&self, step: SignedDuration) -> impl Future<Output = Result<Time>> + Send;

    /// What was decided lately, as a JSON object.
    ///
    /// # Errors
    /// When nothing is remembered.
    fn decisions(&self, wanted: &Wanted) -> Result<String> {
        let _ = wanted;
        Err(Kind::Unsupported.because("nothing is remembered here"))
    }

    /// The circumstances that requests are taken to come from, as a JSON object.
    ///
    /// # Errors
    /// When nothing is simulated here.
    fn circumstances(&self) -> Result<String> {
        Err(Kind::Unsupported.because("nothing is simulated here"))
    }

    /// Takes circumstances for an access key from a JSON object, and tells all.
    ///
    /// # Errors
    /// When nothing is simulated here, or not this.
    fn simulate(&self, body: &[u8]) -> Result<String> {
        let _ = body;
        self.circumstances()
    }

    /// Whether somebody could do something, by a question in JSON and with an answer in it.
    ///
    /// # Errors
    /// When that cannot be asked.
    fn can(&self, body: &[u8]) -> impl Future<Output = Result<String>> + Send {
        let _ = body;
        async { Err(Kind::Unsupported.because("nobody is known here")) }
    }

    /// Who could do something, likewise.
    ///
    /// # Errors
    /// When that cannot be asked.
    fn who_can(&self, body: &[u8]) -> impl Future<Output = Result<String>> + Send {
        self.can(body)
    }

    /// Everything that is there as a seed, in JSON; with the secrets of access keys, if they are asked for.
    ///
    /// # Errors
    /// When there is no such thing, or it cannot be read.
    fn export(&self, secrets: bool) -> impl Future<Output = Result<String>> + Send {
        let _ = secrets;
        async { Err(Kind::Unsupported.because("nothing is told")) }
    }

    /// Whether a host is one that clients of a vendor send requests to.
    fn is_endpoint(&self, host: &str) -> bool {
        let _ = host;
        false
    }

    /// What a response says the request is called, if it says so.
    fn request_id<'r>(&self, response: &'r Response) -> Option<&'r str> {
        let _ = response;
        None
    }

    /// Why requests cannot be answered now, if they cannot.
    fn health(&self) -> impl Future<Output = Option<String>> + Send {
        async { self.failure() }
    }

    /// Why nothing can be done any more, once that is so for good: the server then ends.
    fn failure(&self) -> Option<String> {
        None
    }
}

impl Answer for Engine {
    fn answer(&self, request: &Request) -> impl Future<Output = Response> + Send {
        Engine::answer(self, request)
    }

    fn reset(&self) -> impl Future<Output = Result<()>> + Send {
        Engine::reset(self)
    }

    fn advance(&self, step: SignedDuration) -> impl Future<Output = Result<Time>> + Send {
        Engine::advance(self, step)
    }

    fn decisions(&self, wanted: &Wanted) -> Result<String> {
        let recent = self.recent(wanted).ok_or_else(|| Kind::Unsupported.because("nothing is remembered here"))?;
        Ok(format!(r#"{{"decisions":{recent}}}"#))
    }

    fn circumstances(&self) -> Result<String> {
        let told = |(dialect, simulated): (&str, Arc<Simulated>)| {
            let Simulated { access_key_id, circumstances, .. } = simulated.as_ref();
            json!({ "dialect": dialect, "access_key_id": access_key_id, "circumstances": circumstances })
        };
        let all: Vec<_> = self.simulated().into_iter().map(told).collect();
        Ok(json!({ "circumstances": all }).to_string())
    }

    fn simulate(&self, body: &[u8]) -> Result<String> {
        let Given { access_key_id, dialect, circumstances } = read(body)?;
        let named = |known: &&&Dialect| dialect.as_ref().is_none_or(|name| known.name == *name);
        let dialects: Vec<&'static Dialect> = self.registry().dialects().iter().filter(named).copied().collect();
        if dialects.is_empty() {
            return Err(Kind::Unreadable.because("there is no such dialect").naming(dialect.unwrap_or_default()));
        }
        for dialect in dialects {
            Engine::simulate(self, dialect, &access_key_id, circumstances.clone())?;
        }
        Answer::circumstances(self)
    }

    async fn can(&self, body: &[u8]) -> Result<String> {
        Ok(written(&self.inquire(&read::<Inquiry>(body)?).await?))
    }

    async fn who_can(&self, body: &[u8]) -> Result<String> {
        Ok(written(&self.inquire_who(&read::<Inquiry>(body)?).await?))
    }

    async fn export(&self, secrets: bool) -> Result<String> {
        let exported = Engine::export(self, if secrets { Secrets::Told } else { Secrets::Kept }).await?;
        serde_json::to_string(&exported).map_err(|_| Kind::Internal.because("a seed cannot be written"))
    }

    fn request_id<'r>(&self, response: &'r Response) -> Option<&'r str> {
        let names = self.registry().dialects().iter().map(|dialect| dialect.front.request_id);
        names.filter_map(|name| response.headers().get(name)).find_map(|id| id.to_str().ok())
    }

    fn is_endpoint(&self, host: &str) -> bool {
        self.registry().dialects().iter().any(|dialect| dialect.is_endpoint(host))
    }

    fn health(&self) -> impl Future<Output = Option<String>> + Send {
        Engine::health(self)
    }

    fn failure(&self) -> Option<String> {
        Engine::failure(self)
    }
}

/// Circumstances for an access key: in one dialect, or in every one that has such a key; none, to take them away.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    access_key_id: String,
    #[serde(default)]
    dialect: Option<String>,
    #[serde(default)]
    circumstances: Option<Circumstances>,
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|error| Kind::Unreadable.because(format!("the body cannot be read: {error}")))
}

/// As JSON; what is told of somebody's permissions holds texts, numbers and maps, which cannot fail to be written.
fn written(told: &impl Serialize) -> String {
    serde_json::to_string(told).unwrap_or_default()
}
