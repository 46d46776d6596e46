//! A row from the other side: operations become requests, answers become outputs, whatever their types.

use std::any::{Any, TypeId};

use bytes::Bytes;
use http::Request;

use super::{BoxFuture, Guarded, Row, elements};
use crate::dialect::message::complete;
use crate::dialect::wire::Wire;
use crate::dialect::{Response, Service};
use crate::engine::{Call, Engine};
use crate::error::{Error, Kind, Result};
use crate::operation::{Operation, Repeat};

/// A value whose type is known to the row that it belongs to.
pub type Anything = Box<dyn Any + Send + Sync>;

impl Row {
    /// The type of the operation; none for an absent row.
    pub fn op_type(&self) -> Option<TypeId> {
        self.served.map(|served| served.asking().op_type())
    }

    /// What becomes of it when it is made twice.
    pub fn repeat(&self) -> Repeat {
        self.served.map_or(Repeat::Once, |served| served.asking().repeat())
    }

    /// The request that asks for an operation, not yet signed.
    ///
    /// # Errors
    /// [`Kind::Unsupported`] when the vendor cannot be asked for it; [`Kind::Internal`] when it is an operation of
    /// another row.
    pub fn request(&self, service: &Service, op: &dyn Any) -> Result<Request<Bytes>> {
        self.asking()?.request(service, self, op)
    }

    /// The output that an answer tells.
    ///
    /// # Errors
    /// [`Kind::Unreadable`] when it is not the answer to such a request.
    pub fn output(&self, service: &Service, response: &Response) -> Result<Anything> {
        self.asking()?.output(service, self, response)
    }

    /// Makes an operation in this process, as if its request had come.
    ///
    /// # Errors
    /// Those of the operation, its request's members included.
    pub async fn perform(&'static self, engine: &Engine, call: Call<'_>, op: Anything) -> Result<Anything> {
        self.asking()?.perform(engine, call, op).await
    }

    fn asking(&self) -> Result<&'static dyn Asking> {
        match self.served {
            Some(served) => Ok(served.asking()),
            None => Err(Kind::Absent.because(self.note.unwrap_or_default()).naming(self.wire)),
        }
    }
}

/// The client half of a row that runs.
pub(super) trait Asking: Sync {
    fn op_type(&self) -> TypeId;

    fn repeat(&self) -> Repeat;

    fn request(&self, service: &Service, row: &Row, op: &dyn Any) -> Result<Request<Bytes>>;

    fn output(&self, service: &Service, row: &Row, response: &Response) -> Result<Anything>;

    fn perform<'a>(&'a self, engine: &'a Engine, call: Call<'a>, op: Anything) -> BoxFuture<'a, Result<Anything>>;
}

impl<W: Wire> Asking for Guarded<W> {
    fn op_type(&self) -> TypeId {
        TypeId::of::<W::Op>()
    }

    fn repeat(&self) -> Repeat {
        <W::Op as Operation>::REPEAT
    }

    fn request(&self, service: &Service, row: &Row, op: &dyn Any) -> Result<Request<Bytes>> {
        let op = op.downcast_ref::<W::Op>().ok_or_else(other)?;
        service.protocol.ask(service, row, &W::ask(op)?)
    }

    fn output(&self, service: &Service, row: &Row, response: &Response) -> Result<Anything> {
        let mut told = W::Told::default();
        service.protocol.hear(row, response, &mut told)?;
        Ok(Box::new(W::output(told)?))
    }

    fn perform<'a>(&'a self, engine: &'a Engine, call: Call<'a>, op: Anything) -> BoxFuture<'a, Result<Anything>> {
        Box::pin(async move {
            let op = op.downcast::<W::Op>().map_err(|_| other())?;
            let (op, parameters) = {
                let mut ask = W::ask(&op)?;
                let checked = call.service.protocol.check(&ask);
                complete(&mut ask);
                let parameters = engine.parameters(call.dialect, &ask);
                (checked.and_then(|()| W::op(ask)), parameters)
            };
            let output = match op {
                Ok(op) => engine.execute(call, op, &self.guard(), parameters, elements::<W>).await?,
                Err(error) => {
                    let effect = call.row.effect();
                    engine.refused(&call, effect, parameters, error).await?
                }
            };
            Ok(Box::new(output) as Anything)
        })
    }
}

fn other() -> Error {
    Kind::Internal.because("the operation is one of another row")
}
