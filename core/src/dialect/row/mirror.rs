//! A row held up to itself: a message becomes what it means and a message again. Whether both are the same is for the
//! caller to see.

use super::{Guarded, Row};
use crate::dialect::message::{Message, Record, Structure, complete};
use crate::dialect::wire::Wire;
use crate::error::{Kind, Result};

/// Fills a message, or says why it cannot.
pub(super) type Fill<'f, 'a> = &'f dyn Fn(&mut dyn Record<'a>) -> Result<()>;

/// Sees a message, and the one that its meaning became; or why it became none.
pub(super) type See<'s> = &'s mut dyn FnMut(&dyn Structure, Result<&dyn Structure>);

impl Row {
    /// Shows the request that `expected` fills, beside the one that asks for the operation that `given` asks for.
    ///
    /// # Errors
    /// Those of filling and of the operation; [`Kind::Absent`] for an absent row.
    pub fn mirror_ask<'a>(&self, expected: Fill<'_, 'a>, given: Fill<'_, 'a>, see: See<'_>) -> Result<()> {
        self.mirror()?.ask(expected, given, see)
    }

    /// Shows the answer that `fill` fills, beside the one that tells the output that it tells.
    ///
    /// # Errors
    /// Those of filling and of the output; [`Kind::Absent`] for an absent row.
    pub fn mirror_told<'a>(&self, fill: Fill<'_, 'a>, see: See<'_>) -> Result<()> {
        self.mirror()?.told(fill, see)
    }

    fn mirror(&self) -> Result<&'static dyn Mirror> {
        match self.served {
            Some(served) => Ok(served.mirror()),
            None => Err(Kind::Absent.because("nothing is built").naming(self.wire)),
        }
    }
}

/// The messages of a row, whatever they are.
pub(super) trait Mirror {
    fn ask<'a>(&self, expected: Fill<'_, 'a>, given: Fill<'_, 'a>, see: See<'_>) -> Result<()>;

    fn told<'a>(&self, fill: Fill<'_, 'a>, see: See<'_>) -> Result<()>;
}

impl<W: Wire> Mirror for Guarded<W> {
    fn ask<'a>(&self, expected: Fill<'_, 'a>, given: Fill<'_, 'a>, see: See<'_>) -> Result<()> {
        let op = W::op(filled(given)?)?;
        let expected: W::Ask<'a> = filled(expected)?;
        match W::ask(&op) {
            Ok(asked) => see(&expected, Ok(&asked)),
            Err(error) => see(&expected, Err(error)),
        }
        Ok(())
    }

    fn told<'a>(&self, fill: Fill<'_, 'a>, see: See<'_>) -> Result<()> {
        let output = W::output(filled(fill)?)?;
        let expected: W::Told<'a> = filled(fill)?;
        match W::told(&output) {
            Ok(told) => see(&expected, Ok(&told)),
            Err(error) => see(&expected, Err(error)),
        }
        Ok(())
    }
}

/// A message as an operation gets it.
fn filled<'a, M: Message<'a>>(fill: Fill<'_, 'a>) -> Result<M> {
    let mut message = M::default();
    fill(&mut message)?;
    complete(&mut message);
    Ok(message)
}
