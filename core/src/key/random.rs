//! Random bytes for callers.

use crate::dialect::Item;
use crate::engine::World;
use crate::error::Result;
use crate::operation::{Authorized, Operation, Role, Target};
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

    fn target(&self, _: Role) -> Target<'_> {
        Target::Item(Item::Everything)
    }

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Plaintext> {
        let mut fresh = vec![0; allowed.op().bytes];
        world.ports.random.fill(&mut fresh)?;
        Ok(Plaintext::new(fresh))
    }
}
