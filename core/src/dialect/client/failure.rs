//! Why a call failed, named after what its caller can do.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use super::Refusal;
use crate::error::{self, AuthFlaw};

/// A result of a client.
pub type Result<T> = std::result::Result<T, Error>;

/// What the caller can do about it. Coarser than what a server knows: codes of vendors do not tell more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Get other credentials, or correct the clock.
    Credentials,
    /// Correct the settings of the client.
    Config,
    /// Ask for permission.
    Denied,
    /// Correct the arguments.
    Invalid,
    /// Name something that exists.
    NotFound,
    /// Choose another name.
    Exists,
    /// Change the state of the thing, or of what depends on it, first.
    State,
    /// Give something up first, or ask the vendor for more.
    Limit,
    /// Try again: somebody else changed the same thing meanwhile.
    Conflict,
    /// The ciphertext does not open; it never says why.
    Ciphertext,
    /// The signature or message authentication code does not fit the message; it never says why.
    Mismatch,
    /// This cloud cannot do it, or it is not built here.
    Unsupported,
    /// Ask less often.
    Throttled,
    /// Try again later.
    Unavailable,
    /// Give it more time, or look what has become of it.
    Timeout,
    /// Look at the network between here and there.
    Transport,
    /// Report it: the answer is none that is understood here.
    Unexpected,
}

/// Whether the same call may be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It would fail again.
    Never,
    /// At once.
    Now,
    /// After a while.
    After(Duration),
    /// It was sent and not answered: it may have happened. Look before it is made again.
    Unknown,
}

/// A call that failed.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: Kind,
    again: Again,
    message: Cow<'static, str>,
    operation: &'static str,
    attempts: u32,
    refusal: Option<Refusal>,
    hint: Option<Cow<'static, str>>,
}

impl Kind {
    /// What the status of an answer says alone, where nothing is known of its code (RFC 9110, section 15).
    pub fn of_status(status: u16) -> Self {
        match status {
            401 => Self::Credentials,
            403 => Self::Denied,
            404 => Self::NotFound,
            409 => Self::Conflict,
            429 => Self::Throttled,
            400..500 => Self::Invalid,
            500..600 => Self::Unavailable,
            _ => Self::Unexpected,
        }
    }

    /// An error of this kind, with words for a human.
    pub fn because(self, message: impl Into<Cow<'static, str>>) -> Error {
        let again = match self {
            Self::Conflict => Again::Now,
            Self::Throttled | Self::Unavailable => Again::After(Duration::from_secs(1)),
            _ => Again::Never,
        };
        let (message, operation) = (message.into(), "");
        Error(Box::new(Inner { kind: self, again, message, operation, attempts: 0, refusal: None, hint: None }))
    }

    /// An error of this kind that the other side told.
    pub fn refused(self, refusal: Refusal) -> Error {
        let mut error = self.because(refusal.message.clone());
        if let Some(wait) = refusal.wait {
            error.0.again = Again::After(wait);
        }
        error.0.refusal = Some(refusal);
        error
    }
}

impl Error {
    /// What the caller can do.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Whether the same call may be made again.
    pub fn again(&self) -> Again {
        self.0.again
    }

    /// Words for a human, the vendor's own where there are some.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The vendor's code, where the other side told one.
    pub fn vendor_code(&self) -> Option<&str> {
        self.0.refusal.as_ref().map(|refusal| refusal.code.as_str()).filter(|code| !code.is_empty())
    }

    /// The HTTP status, where there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.0.refusal.as_ref().map(|refusal| refusal.status)
    }

    /// What the other side calls the request, for its support.
    pub fn request_id(&self) -> Option<&str> {
        self.0.refusal.as_ref()?.request_id.as_deref()
    }

    /// The operation that was asked for; empty when it did not come to that.
    pub fn operation(&self) -> &str {
        self.0.operation
    }

    /// How often it was sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// What to do, in one sentence, where that can be said.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The same, and what to do.
    #[must_use]
    pub fn hinting(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// The same, and whether the call may be made again.
    #[must_use]
    pub fn again_is(mut self, again: Again) -> Self {
        self.0.again = again;
        self
    }

    /// The same, of an operation that was sent so often.
    #[must_use]
    pub fn of(mut self, operation: &'static str, attempts: u32) -> Self {
        (self.0.operation, self.0.attempts) = (operation, attempts);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, message, operation, refusal, hint, attempts, again: _ } = self.0.as_ref();
        if !operation.is_empty() {
            write!(f, "{operation}: ")?;
        }
        match (refusal, message.is_empty()) {
            (Some(Refusal { code, .. }), false) if !code.is_empty() => write!(f, "{code}: {message}")?,
            (Some(Refusal { code, .. }), true) if !code.is_empty() => f.write_str(code)?,
            (_, false) => f.write_str(message)?,
            (_, true) => write!(f, "{kind:?}")?,
        }
        if let Some(id) = refusal.as_ref().and_then(|refusal| refusal.request_id.as_ref()) {
            write!(f, " (request {id})")?;
        }
        if *attempts > 1 {
            write!(f, ", after {attempts} attempts")?;
        }
        match hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?}, {self})", self.0.kind)
    }
}

impl std::error::Error for Error {}

impl error::Kind {
    /// What a client is told of it.
    pub fn coarse(self) -> Kind {
        // Exhaustive on purpose: a new kind must choose here.
        match self {
            Self::Unauthenticated(AuthFlaw::Method) => Kind::Unsupported,
            Self::Unauthenticated(_) => Kind::Credentials,
            Self::AccessDenied => Kind::Denied,
            Self::Invalid(_)
            | Self::InvalidArn
            | Self::InvalidAlias
            | Self::InvalidTag
            | Self::InvalidMarker
            | Self::MalformedPolicy
            | Self::MalformedTrial
            | Self::UnreadablePolicy
            | Self::UnknownPrincipal
            | Self::PolicyLockout
            | Self::Unreadable
            | Self::UnknownOperation
            | Self::InvalidUsage
            | Self::InvalidGrantToken
            | Self::InvalidGrantId
            | Self::InvalidImportToken
            | Self::IncorrectMaterial
            | Self::ExpiredImportToken
            | Self::InvalidAuthorizationMessage
            | Self::TooLarge
            | Self::DryRun => Kind::Invalid,
            Self::Absent | Self::Unsupported | Self::NotApplicable => Kind::Unsupported,
            Self::NotFound(_) => Kind::NotFound,
            Self::AlreadyExists(_) => Kind::Exists,
            Self::DeleteConflict(_) | Self::InvalidState(_) => Kind::State,
            Self::LimitExceeded(_) => Kind::Limit,
            Self::InvalidCiphertext | Self::IncorrectKey => Kind::Ciphertext,
            Self::InvalidSignature | Self::InvalidMac => Kind::Mismatch,
            Self::Conflict => Kind::Conflict,
            Self::Internal => Kind::Unavailable,
        }
    }
}
