//! Random bytes for callers.

use super::Item;
use super::locate;
use crate::engine::{Search, World};
use crate::error::Result;
use crate::operation::{Authorized, Operation, Role};
use crate::secret::Plaintext;

/// Generates random bytes.
#[derive(Debug)]
pub struct GenerateRandom {
    /// How many.
    pub bytes: usize,
}

impl Operation for GenerateRandom {
    type Output = Plaintext;
    const NAME: &'static str = "GenerateRandom";
    const ROLES: &'static [Role] = &[Role::Account];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        locate::named(search, Item::Everything)
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Plaintext> {
        let mut fresh = vec![0; allowed.op().bytes];
        world.ports.random.fill(&mut fresh)?;
        Ok(Plaintext::new(fresh))
    }
}
