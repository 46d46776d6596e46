//! What users have who log on to a console: passwords and second factors. Nobody has either here, and who asks for one
//! learns that.

use super::{locate, user};
use crate::engine::{Search, World};
use crate::error::{Kind, Noun, Result};
use crate::operation::{Authorized, Effect, Operation, Role};

/// Operations on something of a user that nobody has.
macro_rules! on_nothing {
    ($($(#[$meta:meta])* $op:ident $name:literal $effect:ident $noun:expr;)*) => {$(
        $(#[$meta])*
        #[derive(Debug)]
        pub struct $op {
            /// The name of the user.
            pub name: String,
        }

        impl Operation for $op {
            type Output = ();
            const NAME: &'static str = $name;
            const EFFECT: Effect = Effect::$effect;
            const ROLES: &'static [Role] = &[Role::Subject];

            async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
                locate::user(search, &self.name).await
            }

            async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
                let name = &allowed.op().name;
                user(world, allowed.place(), name).await?;
                Err(Kind::NotFound($noun).about(name).of(Noun::User))
            }
        }
    )*};
}
on_nothing! {
    /// Tells about a user's password.
    DescribeLogon "GetLoginProfile" Reads Noun::Logon;
    /// Takes a user's password away.
    RemoveLogon "DeleteLoginProfile" Changes Noun::Logon;
    /// Tells about a user's second factor.
    DescribeFactor "GetUserMFAInfo" Reads Noun::Factor;
    /// Takes a user's second factor away.
    RemoveFactor "UnbindMFADevice" Changes Noun::Factor;
}
