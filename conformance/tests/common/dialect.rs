//! The policy languages under test.

use polykms_core::policy::Spec;

/// The policy language of a dialect.
pub(crate) fn spec(name: &str) -> Option<&'static Spec> {
    match name {
        "aws" => Some(polykms_aws::DIALECT.law.policy),
        "alibaba" => Some(polykms_alibaba::DIALECT.law.policy),
        _ => None,
    }
}
