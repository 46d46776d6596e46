//! A condition key reads the arguments of one operation, and this is another one.

use polykms_core::dialect::{ContextKey, Demand, Guarded, Payload, Row, Wire};
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

const WINDOW: ContextKey<key::ScheduleDeletion> =
    ContextKey::asked("kms:Window", |op, _| Some(op.window_days.to_string().into()));

static ROW: Row = Row::of(&Guarded::<ReEncrypt>(
    "ReEncrypt",
    &[Demand::of(Role::Source, "kms:ReEncryptFrom"), Demand::of(Role::Destination, "kms:ReEncryptTo")],
    &[WINDOW],
));

fn main() {}
