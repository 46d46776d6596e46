//! Protection of keys against deletion.

use super::life::{on_one_key, update};
use super::{Reference, Use};
use crate::engine::World;
use crate::error::Result;
use crate::operation::{Authorized, Effect, Operation, Repeat, Role};

/// Forbids or allows the deletion of a key.
#[derive(Debug)]
pub struct SetDeletionProtection {
    /// The key.
    pub key: Reference,
    /// Whether it must not be deleted.
    pub on: bool,
    /// Why.
    pub reason: Option<String>,
}

impl Operation for SetDeletionProtection {
    type Output = ();
    const NAME: &'static str = "SetDeletionProtection";
    const EFFECT: Effect = Effect::Restricts;
    const REPEAT: Repeat = Repeat::Harmless;
    on_one_key!();

    fn restricts(allowed: &Authorized<Self>, _: &World) -> bool {
        allowed.op().on
    }

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<()> {
        let key = allowed.key(Role::Subject)?;
        allowed.dialect().law.keys()?.admit(&key, Use::Annotate)?;
        let Self { key: _, on, reason } = allowed.op();
        let protection = on.then(|| reason.clone().unwrap_or_default());
        update(allowed, &key, |key| key.deletion_protection = protection).map(drop)
    }
}
