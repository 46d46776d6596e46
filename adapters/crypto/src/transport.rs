//! Material on its way here: RSAES-OAEP (RFC 8017), and AES key wrap with padding (RFC 5649) under a key that OAEP brings.
//!
//! # Invariants
//! - Whatever does not open is one error, and every plaintext on the way is zeroized.

use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrapPadded as _};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use polykms_core::error::Result;
use polykms_core::port::crypto::Wrapping;
use polykms_core::secret::Material;
use zeroize::Zeroizing;

use crate::error::invalid;

/// Opens what was wrapped for the pair whose private half is `private`, PKCS#8 in DER.
///
/// # Errors
/// [`Kind::InvalidCiphertext`](polykms_core::error::Kind::InvalidCiphertext), whatever the reason.
pub(crate) fn open(private: &Material, wrapping: Wrapping, wrapped: &[u8]) -> Result<Material> {
    let key = PrivateDecryptingKey::from_pkcs8(private.expose()).map_err(|_| invalid())?;
    let key = OaepPrivateDecryptingKey::new(key).map_err(|_| invalid())?;
    match wrapping {
        Wrapping::OaepSha1 => oaep(&key, &OAEP_SHA1_MGF1SHA1, wrapped),
        Wrapping::OaepSha256 => oaep(&key, &OAEP_SHA256_MGF1SHA256, wrapped),
        Wrapping::AesKeyWrapSha1 => key_wrap(&key, &OAEP_SHA1_MGF1SHA1, wrapped),
        Wrapping::AesKeyWrapSha256 => key_wrap(&key, &OAEP_SHA256_MGF1SHA256, wrapped),
    }
}

fn oaep(key: &OaepPrivateDecryptingKey, padding: &'static OaepAlgorithm, wrapped: &[u8]) -> Result<Material> {
    let mut room = Zeroizing::new(vec![0; key.min_output_size()]);
    let opened = key.decrypt(padding, wrapped, &mut room, None).map_err(|_| invalid())?;
    Ok(Material::new(opened.to_vec()))
}

/// First the AES key, as long as the modulus, then the material under it.
fn key_wrap(key: &OaepPrivateDecryptingKey, padding: &'static OaepAlgorithm, wrapped: &[u8]) -> Result<Material> {
    let (first, rest) = wrapped.split_at_checked(key.key_size_bytes()).ok_or_else(invalid)?;
    let brought = oaep(key, padding, first)?;
    let brought = AesKek::new(&AES_256, brought.expose()).map_err(|_| invalid())?;
    let mut room = Zeroizing::new(vec![0; rest.len()]);
    let opened = brought.unwrap_with_padding(rest, &mut room).map_err(|_| invalid())?;
    Ok(Material::new(opened.to_vec()))
}
