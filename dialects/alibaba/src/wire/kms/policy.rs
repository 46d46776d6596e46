//! Key policies: GetKeyPolicy and SetKeyPolicy.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::Result;
use polykms_core::key::{self, PolicyOf};

use crate::wire::{Arguments, done, missing, tree};

/// The one name a key policy has, and the one it has when nobody says.
const DEFAULT: &str = "default";

pub(crate) struct GetKeyPolicy;

impl Former for GetKeyPolicy {
    type Op = key::ReadPolicy;

    fn decode(arguments: &Payload) -> Result<key::ReadPolicy> {
        let arguments = Arguments::of(arguments)?;
        Ok(key::ReadPolicy { key: arguments.key("KeyId")?, name: name(arguments) })
    }

    fn encode(output: PolicyOf) -> Result<Payload> {
        let PolicyOf { name: _, document } = output;
        Ok(tree([("Policy", document.into())]))
    }
}

pub(crate) struct SetKeyPolicy;

impl Former for SetKeyPolicy {
    type Op = key::PutPolicy;

    fn decode(arguments: &Payload) -> Result<key::PutPolicy> {
        let arguments = Arguments::of(arguments)?;
        Ok(key::PutPolicy {
            key: arguments.key("KeyId")?,
            name: name(arguments),
            document: arguments.policy()?.ok_or_else(|| missing("Policy"))?.to_owned(),
            bypass_lockout_check: None,
        })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

fn name(arguments: Arguments<'_>) -> String {
    arguments.text("PolicyName").unwrap_or(DEFAULT).to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::{Flaw, Kind};

    use super::*;
    use crate::wire::tests::params;

    #[test]
    fn a_policy_is_required_and_bounded() {
        let decode = |policy: &str| SetKeyPolicy::decode(&params(&[("KeyId", "k"), ("Policy", policy)]));
        assert_eq!(decode("{}").unwrap().name, "default");
        assert_eq!(decode("").unwrap_err().kind(), Kind::Invalid(Flaw::Missing));
        assert!(decode(&"x".repeat(32_768)).is_ok());
        assert_eq!(decode(&"x".repeat(32_769)).unwrap_err().kind(), Kind::Invalid(Flaw::Length));
    }
}
