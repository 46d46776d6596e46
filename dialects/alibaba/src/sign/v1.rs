//! The parameter signature: canonical form, sealing and proving.
//!
//! Follows "Request syntax and signature method V2", `SignatureMethod=HMAC-SHA1`, `SignatureVersion=1.0`: base64 of the
//! HMAC-SHA1, keyed with the secret and `&`, over the method, the path and all parameters but `Signature`.
//!
//! # Invariants
//! - Sealing and proving share [`string_to_sign`].
//! - Parameters are decoded as a form and encoded anew, so that `+`, `%20`, `*` and `%2A` sign alike.
//! - The string to sign has exactly two raw `&`, so no other split of it into method, path and parameters exists.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit};
use http::Uri;
use http::uri::PathAndQuery;
use polykms_core::dialect::{Claim, Credential, Proof, Request};
use polykms_core::error::{Kind, Result};
use polykms_core::port::Time;
use polykms_core::secret::AccessSecret;
use sha1::Sha1;

use super::{
    Method, Stamp, access_key_id, authenticate, encode, encode_twice, fresh, given, instant, is_given, mandatory,
    mismatch, nonce, unsupported,
};
use crate::params::Params;

const METHOD: &str = "HMAC-SHA1";
const VERSION: &str = "1.0";

/// The one version whose pages do not ask for a nonce: that of the key management service.
const WITHOUT_NONCE: &str = "2016-01-20";

/// Checks that the method the parameters name is the one built here.
pub(super) fn supported(params: &Params<'_>) -> Result<Method> {
    match (required(params, "SignatureMethod")?, required(params, "SignatureVersion")?) {
        (METHOD, VERSION) => Ok(Method::V1HmacSha1),
        (METHOD, _) => Err(unsupported("the signature version is not supported")),
        _ => Err(unsupported("the signature method is not supported")),
    }
}

/// Reads the signature parameters.
pub(super) fn claim<'r>(request: &Request, params: &Params<'r>) -> Result<Claim<'r>> {
    let id = given(params.kept("AccessKeyId")).ok_or_else(|| mandatory("AccessKeyId"))?;
    // Headers are not signed here: the operation must stand where the signature covers it.
    required(params, "Action")?;
    let once = given(params.kept("SignatureNonce"));
    if required(params, "Version")? != WITHOUT_NONCE && once.is_none() {
        return Err(mandatory("SignatureNonce"));
    }
    let signature = required(params, "Signature")?;
    let proof = ParameterSignature {
        date: instant(required(params, "Timestamp")?),
        signature: code(signature),
        string_to_sign: string_to_sign(request, params),
    };
    Ok(Claim {
        access_key_id: access_key_id(id)?,
        token: given(params.kept("SecurityToken")),
        nonce: once.map(nonce).transpose()?,
        legacy: true,
        proof: Box::new(proof),
    })
}

/// Adds the signature parameters to the query.
pub(super) fn seal(request: &mut Request, credential: &Credential, stamp: &Stamp<'_>) -> Result<()> {
    let Stamp { access_key_id, token, nonce, date } = stamp;
    let mut added = vec![
        ("AccessKeyId", *access_key_id),
        ("SignatureMethod", METHOD),
        ("SignatureNonce", *nonce),
        ("SignatureVersion", VERSION),
        ("Timestamp", date.as_str()),
    ];
    added.extend(token.map(|token| ("SecurityToken", token)));
    extend_query(request, &added)?;
    let params = Params::of(request)?;
    required(&params, "Action")?;
    required(&params, "Version")?;
    let signature = STANDARD.encode(sign(credential, &string_to_sign(request, &params))?);
    extend_query(request, &[("Signature", &signature)])
}

struct ParameterSignature {
    date: Option<Time>,
    /// What is not base64 of as many bytes is no signature at all, and matches none.
    signature: Option<[u8; 20]>,
    string_to_sign: String,
}

impl Proof for ParameterSignature {
    fn prove(&self, credential: &Credential, now: Time, skew: Duration) -> Result<Time> {
        let date = fresh(self.date, now, skew)?;
        let calculated = sign(credential, &self.string_to_sign)?;
        if is_given(calculated, self.signature) { Ok(date) } else { Err(mismatch(&self.string_to_sign)) }
    }
}

/// The method, the path and the ordered parameters, the last two encoded once more.
fn string_to_sign(request: &Request, params: &Params<'_>) -> String {
    let encoded = request.head.uri.query().unwrap_or_default().len() + request.body.len();
    let mut text = String::with_capacity(encoded + encoded / 2 + 64);
    text.push_str(request.head.method.as_str());
    text.push('&');
    // Clients sign `/` whatever they ask for; any other path then does not match.
    encode(request.head.uri.path(), &mut text);
    text.push('&');
    for (at, (name, value)) in params.iter().filter(|(name, _)| *name != "Signature").enumerate() {
        if at > 0 {
            encode("&", &mut text);
        }
        encode_twice(name, &mut text);
        encode("=", &mut text);
        encode_twice(value, &mut text);
    }
    text
}

fn sign(credential: &Credential, string_to_sign: &str) -> Result<[u8; 20]> {
    let key = |secret: &str| {
        let key = AccessSecret::new([secret, "&"].concat());
        Hmac::<Sha1>::new_from_slice(key.expose().as_bytes())
    };
    authenticate(credential, METHOD, key, string_to_sign).map(Into::into)
}

/// The code that stands in a signature.
fn code(signature: &str) -> Option<[u8; 20]> {
    let mut room = [0; 24];
    let read = STANDARD.decode_slice(signature, &mut room).ok()?;
    room.get(..read)?.try_into().ok()
}

fn required<'a>(params: &'a Params<'_>, name: &'static str) -> Result<&'a str> {
    given(params.text(name)).ok_or_else(|| mandatory(name))
}

fn extend_query(request: &mut Request, added: &[(&str, &str)]) -> Result<()> {
    let uri = &request.head.uri;
    let mut target = format!("{}?{}", uri.path(), uri.query().unwrap_or_default());
    for (name, value) in added {
        if !target.ends_with('?') {
            target.push('&');
        }
        encode(name, &mut target);
        target.push('=');
        encode(value, &mut target);
    }
    let unfit = || Kind::Unreadable.because("the request cannot carry the signature");
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).map_err(|_| unfit())?);
    request.head.uri = Uri::from_parts(parts).map_err(|_| unfit())?;
    Ok(())
}
