//! A demand for a role that the operation does not have.

use polykms_core::dialect::{Demand, Guarded, Payload, Row, Former};
use polykms_core::error::Result;
use polykms_core::key;
use polykms_core::operation::Role;

struct ReEncrypt;
impl Former for ReEncrypt {
    type Op = key::ReEncrypt;
    fn decode(_: &Payload) -> Result<key::ReEncrypt> {
        unreachable!()
    }
    fn encode(_: key::ReEncrypted) -> Result<Payload> {
        unreachable!()
    }
}

static ROW: Row = Row::of(&Guarded::<ReEncrypt>(
    "ReEncrypt",
    &[
        Demand::of(Role::Source, "kms:ReEncryptFrom"),
        Demand::of(Role::Destination, "kms:ReEncryptTo"),
        Demand::of(Role::Alias, "kms:UpdateAlias"),
    ],
    &[],
));

fn main() {}
