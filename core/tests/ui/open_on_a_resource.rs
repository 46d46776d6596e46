//! An operation on a key cannot be open to everybody.

use polykms_core::dialect::{Demand, Payload, Row, Former};
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

static ROW: Row = Row::open::<ReEncrypt>("ReEncrypt", "nobody asked");

fn main() {}
