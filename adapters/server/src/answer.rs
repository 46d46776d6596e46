//! What the server asks of whoever answers: a response to every request, and a way back to the beginning.

use std::future::Future;

use jiff::SignedDuration;
use polykms_core::dialect::{Request, Response};
use polykms_core::engine::Engine;
use polykms_core::error::{Kind, Result};
use polykms_core::port::Time;
use polykms_core::seed::Secrets;

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

    /// Everything that is there as a seed, in JSON; with the secrets of access keys, if they are asked for.
    ///
    /// # Errors
    /// When there is no such thing, or it cannot be read.
    fn export(&self, secrets: bool) -> impl Future<Output = Result<Vec<u8>>> + Send {
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

    async fn export(&self, secrets: bool) -> Result<Vec<u8>> {
        let exported = Engine::export(self, if secrets { Secrets::Told } else { Secrets::Kept }).await?;
        serde_json::to_vec(&exported).map_err(|_| Kind::Internal.because("a seed cannot be written"))
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
