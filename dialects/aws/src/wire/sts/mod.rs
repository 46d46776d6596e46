//! The wire of STS: temporary credentials, and who one is.
//!
//! Follows the "AWS Security Token Service API Reference", version 2011-06-15.

pub(crate) mod assume;
pub(crate) mod decode;
pub(crate) mod session;

use polykms_core::error::Result;
use polykms_core::identity::assume::Issued;
use polykms_core::secret::AccessSecret;

use super::heard;
use crate::message::sts::Credentials;

/// Temporary credentials of an answer; the only time their secret is told.
fn credentials(issued: &Issued) -> Credentials<'_> {
    let Issued { access_key_id, secret, token, expires_at } = issued;
    Credentials {
        access_key_id: Some(access_key_id.into()),
        secret_access_key: Some(secret.expose().into()),
        session_token: Some(token.into()),
        expiration: Some(*expires_at),
    }
}

/// The temporary credentials that an answer tells.
fn issued(credentials: Option<Credentials<'_>>) -> Result<Issued> {
    let Credentials { access_key_id, secret_access_key, session_token, expiration } = heard::had(credentials)?;
    Ok(Issued {
        access_key_id: heard::text(access_key_id)?,
        secret: AccessSecret::new(heard::text(secret_access_key)?),
        token: heard::text(session_token)?,
        expires_at: heard::had(expiration)?,
    })
}
