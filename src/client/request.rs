//! A call that is about to be made.

use std::future::IntoFuture;
use std::time::Duration;

use polykms_core::dialect::client::{Error, Options, Result};
use polykms_core::dialect::row::BoxFuture;
use polykms_core::key::{Decrypt, Encrypt, EncryptionContext, GenerateDataKey, GenerateDataKeyWithoutPlaintext};
use polykms_core::operation::Operation;

use super::Client;

/// What becomes of an output before the caller has it.
type Finish<O> = Box<dyn FnOnce(<O as Operation>::Output) -> Result<<O as Operation>::Output> + Send>;

/// A call that is made when it is awaited.
#[must_use = "nothing is asked before it is awaited"]
pub struct Request<O: Operation> {
    client: Client,
    op: Result<O>,
    options: Options,
    own: Option<Own<O>>,
    finish: Option<Finish<O>>,
}

/// What an operation is told of the account that asks.
pub(super) type Own<O> = fn(&mut O, &str);

impl<O: Operation> std::fmt::Debug for Request<O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Request({} of {:?})", O::NAME, self.client)
    }
}

impl<O: Operation> Request<O> {
    pub(super) fn new(client: Client, op: Result<O>) -> Self {
        Self { client, op, options: Options::default(), own: None, finish: None }
    }

    /// The same, told the account that asks, where the cloud wants it in a name.
    pub(super) fn of_own_account(self, own: Own<O>) -> Self {
        Self { own: Some(own), ..self }
    }

    /// Whether the cloud can be asked for it, once it is told the account that asks.
    pub(super) fn can_be_asked(&mut self) -> bool {
        let (Ok(op), client) = (&mut self.op, &self.client) else { return true };
        if !client.can_ask(op)
            && let Some(own) = self.own
        {
            own(op, client.dialect().front.default_account);
        }
        client.can_ask(op)
    }

    /// The same, whose output is looked at, or changed, before the caller has it.
    pub(super) fn finished(self, finish: impl FnOnce(O::Output) -> Result<O::Output> + Send + 'static) -> Self {
        Self { finish: Some(Box::new(finish)), ..self }
    }

    /// The same, for as long as this: all attempts and waits included. The runtime needs its timer.
    pub fn timeout(mut self, whole: Duration) -> Self {
        self.options.timeout = Some(whole);
        self
    }

    /// The same, sent at most so often; an engine in this process is asked once.
    pub fn attempts(mut self, most: u32) -> Self {
        self.options.attempts = Some(most);
        self
    }

    /// The same, with something about the operation changed.
    pub fn with(mut self, change: impl FnOnce(&mut O)) -> Self {
        if let Ok(op) = &mut self.op {
            change(op);
        }
        self
    }
}

impl<O: Operation> IntoFuture for Request<O> {
    type Output = Result<O::Output>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { client, op, options, own, finish } = self;
        Box::pin(async move {
            let mut op = op.map_err(|error: Error| error.of(O::NAME, 0))?;
            if let Some(own) = own
                && !client.can_ask(&op)
            {
                own(&mut op, client.account().await?);
            }
            let output = client.call(op, options).await?;
            match finish {
                Some(finish) => finish(output).map_err(|error| error.of(O::NAME, 1)),
                None => Ok(output),
            }
        })
    }
}

/// The pairs of an encryption context.
fn pairs<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> EncryptionContext {
    pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
}

macro_rules! bound_to_a_context {
    ($($operation:ty => |$op:ident| $place:expr),* $(,)?) => {
        $(impl Request<$operation> {
            /// The same, bound to these pairs: the ciphertext opens with them and with no others. They are not secret.
            pub fn context<N: Into<String>, V: Into<String>>(self, bound: impl IntoIterator<Item = (N, V)>) -> Self {
                self.with(|$op| $place = pairs(bound))
            }
        })*
    };
}
bound_to_a_context!(
    Encrypt => |op| op.context,
    Decrypt => |op| op.context,
    GenerateDataKey => |op| op.context,
    GenerateDataKeyWithoutPlaintext => |op| op.0.context,
);
