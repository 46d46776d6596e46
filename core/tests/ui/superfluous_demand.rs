//! A demand for a role that the operation does not have.

use polykms_core::dialect::message::Nothing;
use polykms_core::dialect::{Demand, Guarded, Row, Wire};
use polykms_core::error::Result;
use polykms_core::key;
use polykms_core::operation::Role;

struct ReEncrypt;
impl Wire for ReEncrypt {
    type Op = key::ReEncrypt;
    type Ask<'a> = Nothing<'a>;
    type Told<'a> = Nothing<'a>;
    fn op(_: Nothing<'_>) -> Result<key::ReEncrypt> {
        unreachable!()
    }
    fn told(_: &key::ReEncrypted) -> Result<Nothing<'_>> {
        unreachable!()
    }
    fn ask(_: &key::ReEncrypt) -> Result<Nothing<'_>> {
        unreachable!()
    }
    fn output(_: Nothing<'_>) -> Result<key::ReEncrypted> {
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
