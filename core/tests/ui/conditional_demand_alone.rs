//! A demand that applies only sometimes does not cover a role.

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
        Demand::when(Role::Destination, "kms:ReEncryptTo", |_| false),
    ],
    &[],
));

fn main() {}
