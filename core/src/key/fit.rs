//! What a key may be used for, and what is said of a use that does not fit it.

use std::sync::Arc;

use super::{Loaded, Made, Rules, Spec, Usage, Use};
use crate::error::{Error, Kind, Noun, Result};
use crate::operation::{Authorized, Operation, Role};
use crate::port::crypto::{Agreement, Authentication, Encryption, Signing};

impl Usage {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::EncryptDecrypt, Self::SignVerify, Self::GenerateVerifyMac, Self::KeyAgreement];
}

/// What keys of a spec may be used for; a key is made for one of these.
pub fn usages(spec: Spec) -> &'static [Usage] {
    match spec {
        Spec::Aes128 | Spec::Aes256 => &[Usage::EncryptDecrypt],
        Spec::Hmac224 | Spec::Hmac256 | Spec::Hmac384 | Spec::Hmac512 => &[Usage::GenerateVerifyMac],
        Spec::Rsa2048 | Spec::Rsa3072 | Spec::Rsa4096 => &[Usage::EncryptDecrypt, Usage::SignVerify],
        Spec::EccP256 | Spec::EccP384 | Spec::EccP521 => &[Usage::SignVerify, Usage::KeyAgreement],
        Spec::EccP256k1 | Spec::Ed25519 => &[Usage::SignVerify],
    }
}

/// Values that a dialect has words for.
#[derive(Debug, Clone, Copy)]
pub struct Words<T: 'static> {
    /// All of them.
    pub all: &'static [T],
    word: fn(T) -> &'static str,
}

impl<T: Copy> Words<T> {
    /// These values, by the word of each.
    pub const fn new(all: &'static [T], word: fn(T) -> &'static str) -> Self {
        Self { all, word }
    }

    /// The word of a value.
    pub fn word(self, value: T) -> &'static str {
        (self.word)(value)
    }

    /// The value of a word.
    pub fn value(self, word: &str) -> Option<T> {
        self.all.iter().copied().find(|value| self.word(*value) == word)
    }
}

/// An algorithm of any kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// To encrypt.
    Encryption(Encryption),
    /// To sign.
    Signing(Signing),
    /// To authenticate messages.
    Authentication(Authentication),
    /// To agree on secrets.
    Agreement(Agreement),
}

impl Algorithm {
    fn is_of(self, spec: Spec) -> bool {
        match self {
            Self::Encryption(algorithm) => spec.encryption().contains(&algorithm),
            Self::Signing(algorithm) => spec.signing().contains(&algorithm),
            Self::Authentication(algorithm) => spec.authentication() == Some(algorithm),
            Self::Agreement(algorithm) => spec.agreement() == Some(algorithm),
        }
    }
}

/// A use that does not fit the key. A dialect has words for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misuse<'a> {
    /// The key was made for another usage.
    Usage {
        /// Its full name.
        arn: &'a str,
        /// What it was made for.
        usage: Usage,
        /// What it was to do: the name of the operation in the core.
        operation: &'static str,
    },
    /// The key has other algorithms.
    Algorithm {
        /// The one that was asked for.
        algorithm: Algorithm,
        /// What the key is.
        spec: Spec,
    },
    /// The algorithm signs messages, and a digest was given.
    NoDigest {
        /// The algorithm.
        algorithm: Signing,
    },
    /// The digest is not as long as the algorithm's.
    Digest {
        /// The algorithm.
        algorithm: Signing,
    },
    /// The plaintext is too long.
    Plaintext {
        /// The algorithm.
        algorithm: Encryption,
        /// What the key is.
        spec: Spec,
        /// How many bytes it may have.
        most: usize,
    },
    /// The algorithm binds to no context, and one was given.
    Context {
        /// The algorithm.
        algorithm: Encryption,
    },
    /// The key has no public half.
    NoPublicKey {
        /// Its full name.
        arn: &'a str,
    },
    /// The public key is none, or of another curve.
    PublicKey,
}

impl Rules {
    /// Sees to it that keys of a spec have an algorithm.
    pub(super) fn fits(&self, algorithm: Algorithm, spec: Spec) -> Result<()> {
        match algorithm.is_of(spec) {
            true => Ok(()),
            false => Err((self.misused)(&Misuse::Algorithm { algorithm, spec })),
        }
    }
}

/// The key of a role, if its state lets it be used, it was made for this usage, and it has the algorithm.
pub(super) fn usable<O: Operation>(
    allowed: &Authorized<O>,
    role: Role,
    usage: Usage,
    algorithm: Algorithm,
) -> Result<Arc<Loaded>> {
    let key = allowed.key(role)?;
    let rules = allowed.dialect().law.keys()?;
    rules.admit(&key, Use::Cryptography)?;
    if key.key.usage != usage {
        return Err((rules.misused)(&Misuse::Usage { arn: &key.arn, usage: key.key.usage, operation: O::NAME }));
    }
    rules.fits(algorithm, key.key.spec)?;
    Ok(key)
}

impl Loaded {
    /// The version that is wanted; the current one, where none is.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when there is none of this identifier; as [`current`](Self::current).
    pub(super) fn wanted(&self, version: Option<&str>) -> Result<&Made> {
        match version {
            None => self.current(),
            Some(id) => self.made(id).ok_or_else(|| Kind::NotFound(Noun::KeyVersion).about(id)),
        }
    }
}

/// The error of a backend whose key lacks what its spec has.
pub(super) fn incapable() -> Error {
    Kind::Internal.because("the key cannot do what its kind can")
}
