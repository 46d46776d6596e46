//! HMAC on AWS-LC.

use aws_lc_rs::hmac::{self, HMAC_SHA224, HMAC_SHA256, HMAC_SHA384, HMAC_SHA512};
use polykms_core::error::Result;
use polykms_core::port::crypto::{Authenticate, Authentication};

/// A key of HMAC.
pub(crate) struct Hmac(hmac::Key);

impl Hmac {
    /// The key of these bytes.
    pub(crate) fn new(algorithm: Authentication, key: &[u8]) -> Self {
        let algorithm = match algorithm {
            Authentication::HmacSha224 => HMAC_SHA224,
            Authentication::HmacSha256 => HMAC_SHA256,
            Authentication::HmacSha384 => HMAC_SHA384,
            Authentication::HmacSha512 => HMAC_SHA512,
        };
        Self(hmac::Key::new(algorithm, key))
    }
}

impl Authenticate for Hmac {
    fn code(&self, message: &[u8]) -> Result<Vec<u8>> {
        Ok(hmac::sign(&self.0, message).as_ref().to_vec())
    }

    fn verify(&self, message: &[u8], code: &[u8]) -> Result<bool> {
        Ok(hmac::verify(&self.0, message, code).is_ok())
    }
}
