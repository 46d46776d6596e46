//! The wire of STS: temporary credentials, and who one is.
//!
//! Follows the "AWS Security Token Service API Reference", version 2011-06-15.

pub(crate) mod assume;
pub(crate) mod decode;
pub(crate) mod session;

use polykms_core::dialect::Payload;
use polykms_core::error::Result;
use polykms_core::identity::assume::Issued;
use serde_json::{Value, json};

use super::field::{self, Fields, Shape, Values};

/// Why second factors are refused and not ignored.
const NO_MFA: &str = "multi-factor authentication is not built yet";

/// Reads the arguments of an operation of STS.
fn read<T>(arguments: &Payload, build: impl FnOnce(&mut Fields<'_>) -> Result<T>) -> Result<T> {
    field::read(arguments, Values::Shown, build)
}

/// Temporary credentials of an answer; the only time their secret is told.
fn credentials(issued: &Issued) -> Value {
    let Issued { access_key_id, secret, token, expires_at } = issued;
    json!({
        "AccessKeyId": access_key_id,
        "SecretAccessKey": secret.expose(),
        "SessionToken": token,
        "Expiration": expires_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    })
}
