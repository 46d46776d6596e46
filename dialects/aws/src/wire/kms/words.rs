//! What key specs, usages and algorithms are called, and what is said of a use that does not fit its key.
//!
//! Follows "Key spec reference" of the KMS Developer Guide and recorded answers.

use std::borrow::Cow;

use polykms_core::error::{Error, Flaw, Kind, Result};
use polykms_core::key::{
    Agreement, Algorithm, Authentication, Encryption, MessageForm, Misuse, Origin, Signing, Spec, Usage, Wrapping,
    usages,
};

use super::unsupported;

/// The one encryption algorithm, and the one key spec, of symmetric keys.
pub(crate) const SYMMETRIC_DEFAULT: &str = "SYMMETRIC_DEFAULT";

/// The word for a key spec.
pub(crate) fn spec_word(spec: Spec) -> &'static str {
    match spec {
        Spec::Aes128 | Spec::Aes256 => SYMMETRIC_DEFAULT,
        Spec::Hmac224 => "HMAC_224",
        Spec::Hmac256 => "HMAC_256",
        Spec::Hmac384 => "HMAC_384",
        Spec::Hmac512 => "HMAC_512",
        Spec::Rsa2048 => "RSA_2048",
        Spec::Rsa3072 => "RSA_3072",
        Spec::Rsa4096 => "RSA_4096",
        Spec::EccP256 => "ECC_NIST_P256",
        Spec::EccP384 => "ECC_NIST_P384",
        Spec::EccP521 => "ECC_NIST_P521",
        Spec::EccP256k1 => "ECC_SECG_P256K1",
        Spec::Ed25519 => "ECC_NIST_EDWARDS25519",
    }
}

/// Every key spec that keys are made of.
pub(crate) const SPECS: [Spec; 13] = [
    Spec::Aes256,
    Spec::Hmac224,
    Spec::Hmac256,
    Spec::Hmac384,
    Spec::Hmac512,
    Spec::Rsa2048,
    Spec::Rsa3072,
    Spec::Rsa4096,
    Spec::EccP256,
    Spec::EccP384,
    Spec::EccP521,
    Spec::EccP256k1,
    Spec::Ed25519,
];

/// The word for a key usage.
pub(crate) fn usage_word(usage: Usage) -> &'static str {
    match usage {
        Usage::EncryptDecrypt => "ENCRYPT_DECRYPT",
        Usage::SignVerify => "SIGN_VERIFY",
        Usage::GenerateVerifyMac => "GENERATE_VERIFY_MAC",
        Usage::KeyAgreement => "KEY_AGREEMENT",
    }
}

/// The word for an origin of key material.
pub(crate) fn origin_word(origin: Origin) -> &'static str {
    match origin {
        Origin::Generated => "AWS_KMS",
        Origin::Imported => "EXTERNAL",
    }
}

/// The word for a way to wrap material.
pub(crate) fn wrapping_word(wrapping: Wrapping) -> &'static str {
    match wrapping {
        Wrapping::OaepSha1 => "RSAES_OAEP_SHA_1",
        Wrapping::OaepSha256 => "RSAES_OAEP_SHA_256",
        Wrapping::AesKeyWrapSha1 => "RSA_AES_KEY_WRAP_SHA_1",
        Wrapping::AesKeyWrapSha256 => "RSA_AES_KEY_WRAP_SHA_256",
    }
}

/// The word for a way to encrypt.
pub(crate) fn encryption_word(algorithm: Encryption) -> &'static str {
    match algorithm {
        Encryption::Symmetric => SYMMETRIC_DEFAULT,
        Encryption::OaepSha1 => "RSAES_OAEP_SHA_1",
        Encryption::OaepSha256 => "RSAES_OAEP_SHA_256",
    }
}

/// The word for a way to sign.
pub(crate) fn signing_word(algorithm: Signing) -> &'static str {
    match algorithm {
        Signing::RsaPkcs1Sha256 => "RSASSA_PKCS1_V1_5_SHA_256",
        Signing::RsaPkcs1Sha384 => "RSASSA_PKCS1_V1_5_SHA_384",
        Signing::RsaPkcs1Sha512 => "RSASSA_PKCS1_V1_5_SHA_512",
        Signing::RsaPssSha256 => "RSASSA_PSS_SHA_256",
        Signing::RsaPssSha384 => "RSASSA_PSS_SHA_384",
        Signing::RsaPssSha512 => "RSASSA_PSS_SHA_512",
        Signing::EcdsaSha256 => "ECDSA_SHA_256",
        Signing::EcdsaSha384 => "ECDSA_SHA_384",
        Signing::EcdsaSha512 => "ECDSA_SHA_512",
        Signing::Ed25519 => "ED25519_SHA_512",
    }
}

/// The word for a way to authenticate messages.
pub(crate) fn authentication_word(algorithm: Authentication) -> &'static str {
    match algorithm {
        Authentication::HmacSha224 => "HMAC_SHA_224",
        Authentication::HmacSha256 => "HMAC_SHA_256",
        Authentication::HmacSha384 => "HMAC_SHA_384",
        Authentication::HmacSha512 => "HMAC_SHA_512",
    }
}

/// The word for a way to agree on secrets.
pub(crate) fn agreement_word(algorithm: Agreement) -> &'static str {
    match algorithm {
        Agreement::Ecdh => "ECDH",
    }
}

/// The word for what is given of a message.
pub(crate) fn form_word(form: MessageForm) -> &'static str {
    match form {
        MessageForm::Whole => "RAW",
        MessageForm::Digest => "DIGEST",
    }
}

/// What a word of a request stands for, among all that is built; the message model has let it pass, so that AWS has it.
pub(super) fn asked<T: Copy>(
    all: &[T],
    word: fn(T) -> &'static str,
    member: &'static str,
    said: Option<Cow<'_, str>>,
) -> Result<T> {
    let said = said.unwrap_or_default();
    let found = all.iter().copied().find(|one| word(*one) == said);
    found.ok_or_else(|| unsupported(format!("{member} {said} is not supported: it is not built.")))
}

/// The algorithms of a key, by what it may be used for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Algorithms<'a> {
    pub(super) encryption: Option<Vec<Cow<'a, str>>>,
    pub(super) signing: Option<Vec<Cow<'a, str>>>,
    pub(super) authentication: Option<Vec<Cow<'a, str>>>,
    pub(super) agreement: Option<Vec<Cow<'a, str>>>,
}

impl Algorithms<'_> {
    pub(super) fn of(spec: Spec, usage: Usage) -> Self {
        fn words<'a, T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Option<Vec<Cow<'a, str>>> {
            Some(all.iter().map(|one| word(*one).into()).collect())
        }
        match usage {
            Usage::EncryptDecrypt => Self { encryption: words(spec.encryption(), encryption_word), ..Self::default() },
            Usage::SignVerify => Self { signing: words(spec.signing(), signing_word), ..Self::default() },
            Usage::GenerateVerifyMac => {
                Self { authentication: words(spec.authentication().as_slice(), authentication_word), ..Self::default() }
            }
            Usage::KeyAgreement => {
                Self { agreement: words(spec.agreement().as_slice(), agreement_word), ..Self::default() }
            }
        }
    }
}

/// Whether keys of a spec, which need not be built, can be made for a usage.
pub(super) fn is_compatible(spec: &str, usage: &str) -> bool {
    match SPECS.into_iter().find(|known| spec_word(*known) == spec) {
        Some(known) => usages(known).iter().any(|known| usage_word(*known) == usage),
        None => match spec {
            "SM2" => ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "KEY_AGREEMENT"].contains(&usage),
            _ => usage == "SIGN_VERIFY",
        },
    }
}

/// The error of a use that does not fit its key.
pub(crate) fn misused(misuse: &Misuse<'_>) -> Error {
    match *misuse {
        Misuse::Usage { arn, usage, operation } => Kind::InvalidUsage
            .verbatim(format!("{arn} key usage is {} which is not valid for {operation}.", usage_word(usage))),
        Misuse::Algorithm { algorithm, spec } => Kind::InvalidUsage.verbatim(format!(
            "Algorithm {} is incompatible with key spec {}.",
            algorithm_word(algorithm),
            spec_word(spec)
        )),
        Misuse::NoDigest { algorithm } => invalid(format!(
            "Message type {} is incompatible with algorithm {}.",
            form_word(MessageForm::Digest),
            signing_word(algorithm)
        )),
        Misuse::Digest { algorithm } => {
            invalid(format!("Digest is invalid length for algorithm {}.", signing_word(algorithm)))
        }
        Misuse::Plaintext { algorithm, spec, most } => invalid(format!(
            "Algorithm {} and key spec {} cannot encrypt data larger than {most} bytes.",
            encryption_word(algorithm),
            spec_word(spec)
        )),
        Misuse::Context { algorithm } => {
            invalid(format!("EncryptionContext is incompatible with algorithm {}.", encryption_word(algorithm)))
        }
        Misuse::NoPublicKey { arn } => Kind::NotApplicable.verbatim(format!("{arn} has no public key.")),
        Misuse::PublicKey => invalid(String::new()),
    }
}

fn invalid(words: String) -> Error {
    Kind::Invalid(Flaw::Value).verbatim(words)
}

fn algorithm_word(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Encryption(algorithm) => encryption_word(algorithm),
        Algorithm::Signing(algorithm) => signing_word(algorithm),
        Algorithm::Authentication(algorithm) => authentication_word(algorithm),
        Algorithm::Agreement(algorithm) => agreement_word(algorithm),
    }
}
