//! The one error type: a closed kind named after what the caller can do, and words for a human.
//!
//! # Invariants
//! - No message holds key bytes, plaintext or secrets.
//! - A dialect maps every [`Kind`] to its own code, status and text in one exhaustive `match`.

use std::borrow::Cow;
use std::fmt;

use crate::denial::Denial;
use crate::policy::Refusal;

/// A result of the core.
pub type Result<T> = std::result::Result<T, Error>;

/// Declares an enumeration together with the list of its cases, which so cannot fall behind.
macro_rules! closed {
    (@cases $case:ident) => { [Self::$case] };
    (@cases $case:ident $of:ident) => { $of::all().into_iter().map(Self::$case) };
    ($(#[$about:meta])* pub enum $name:ident { $($(#[$what:meta])* $case:ident $(($of:ident))?,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$what])* $case $(($of))?,)* }

        impl $name {
            /// Every case, in the order of the declaration.
            #[must_use]
            pub fn all() -> Vec<Self> {
                let mut all = Vec::new();
                $(all.extend(closed!(@cases $case $($of)?));)*
                all
            }
        }
    };
}

closed! {
    /// What a missing, duplicate or conflicting thing is.
    pub enum Noun {
        /// A key.
        Key,
        /// A version of a key.
        KeyVersion,
        /// A grant on a key.
        Grant,
        /// A name that points at a key.
        Alias,
        /// A user.
        User,
        /// A group of users.
        Group,
        /// A role.
        Role,
        /// A managed policy.
        Policy,
        /// A version of a managed policy.
        PolicyVersion,
        /// A policy that lives inside a user, group or role.
        InlinePolicy,
        /// The attachment of a managed policy to a user, group or role.
        Attachment,
        /// The membership of a user in a group.
        Membership,
        /// An access key.
        AccessKey,
        /// What a user logs on to a console with.
        Logon,
        /// A second factor of a user.
        Factor,
        /// A policy attached to a key.
        KeyPolicy,
        /// The region of a full name, which is not the region that was asked.
        Region,
        /// The tags of a key.
        Tag,
        /// The service, which an account opens before it uses it.
        Service,
        /// An instance of hardware that keeps keys.
        Instance,
        /// Any other resource.
        Resource,
    }
}

closed! {
    /// What is wrong with a parameter.
    pub enum Flaw {
        /// It is required and was not given.
        Missing,
        /// It is too short or too long.
        Length,
        /// It holds characters that are not allowed.
        Characters,
        /// It does not have the form it must have.
        Format,
        /// Its value is out of range or not one of the allowed ones.
        Value,
    }
}

closed! {
    /// Why a signature or its credentials were not accepted.
    pub enum AuthFlaw {
        /// No credentials at all.
        Missing,
        /// The authentication fields are incomplete or contradict each other.
        Incomplete,
        /// No such access key.
        UnknownAccessKey,
        /// The access key was switched off.
        InactiveAccessKey,
        /// The signature is not the one calculated here.
        Mismatch,
        /// The signature's date has passed its window, or lies ahead of it.
        Expired,
        /// The date cannot be read.
        DateFormat,
        /// The nonce was seen before.
        Replayed,
        /// The session token is needed and was not given.
        TokenMissing,
        /// The session token is not one made here, or belongs to another access key.
        TokenInvalid,
        /// The session has ended.
        TokenExpired,
        /// The signature method is unknown or not allowed.
        Method,
    }
}

closed! {
    /// Which state of a key stands in the way.
    pub enum StateFlaw {
        /// The key is disabled.
        Disabled,
        /// The key waits for its deletion.
        PendingDeletion,
        /// The key has no material yet.
        PendingImport,
        /// The key cannot be used now.
        Unavailable,
        /// The key does not wait for deletion, and the operation needs it to.
        NotPendingDeletion,
        /// A change of state was asked for that the present state does not allow.
        Transition,
        /// The key is about to get new material by itself.
        Rotating,
        /// The key has imported material already that waits to be used.
        Awaiting,
        /// The key has no imported material that waits to be used.
        NothingPending,
    }
}

closed! {
    /// Which case of its kind an error is, where a dialect has words of its own for it.
    pub enum Cause {
        /// The owner of an account may not do this.
        ByOwner,
        /// A session may not do this.
        FromSession,
        /// A session is to last longer than its role allows.
        LongerThanRole,
        /// A session that was started from a session is to last longer than such a one may.
        LongerThanChain,
        /// No user is named, and the caller is none.
        NoUser,
        /// What does not exist was to be attached.
        NotAttachable,
        /// A policy of the vendor was to be changed.
        ChangesVendors,
        /// A policy of the vendor was to be removed.
        RemovesVendors,
        /// A version of a policy of the vendor was to be removed.
        RemovesVendorsVersion,
        /// What the vendor keeps to itself was to be changed.
        Reserved,
        /// The version of the interface is not known.
        Version,
        /// The method of the request is not known.
        Method,
        /// The origin of the key does not allow it.
        Origin,
        /// The key has imported material, which does not allow it.
        Imported,
        /// The material of the key cannot be wrapped as it was to be.
        Wrapping,
        /// Imported material was to end when it cannot.
        Lasting,
        /// What was to be imported does not open.
        OfMaterial,
        /// The protection of the key does not allow it.
        Protection,
        /// Where to go on with a list was told too long ago.
        Overdue,
        /// Things are named, and looked for by what they are like too.
        NamedAndSought,
        /// A grant names somebody.
        OfGrant,
        /// A grant would let somebody make grants, and nothing else.
        OnlyGrants,
    }
}

closed! {
    /// What went wrong, named after what the caller can do about it.
    pub enum Kind {
        /// Change the credentials or the signature.
        Unauthenticated(AuthFlaw),
        /// Ask for permission.
        AccessDenied,
        /// Correct the parameter named in [`Error::subject`].
        Invalid(Flaw),
        /// Correct the identifier: its form is wrong.
        InvalidArn,
        /// Correct the alias: its form is wrong or reserved.
        InvalidAlias,
        /// Correct the tags.
        InvalidTag,
        /// Correct the paging marker.
        InvalidMarker,
        /// Correct the policy document.
        MalformedPolicy,
        /// Correct the policy document that was to be tried out, not kept.
        MalformedTrial,
        /// Write the policy named in [`Error::subject`] anew: as it is kept, it cannot be read.
        UnreadablePolicy,
        /// Name principals that exist in the policy document.
        UnknownPrincipal,
        /// Leave yourself the permission to change the policy later.
        PolicyLockout,
        /// The request body cannot be read.
        Unreadable,
        /// Ask for an operation that exists.
        UnknownOperation,
        /// Ask for another operation: the vendor has this one, it is not built here.
        Absent,
        /// Leave out what is not built here: the parameter named in [`Error::subject`].
        Unsupported,
        /// The resource cannot do this, whatever the permissions.
        NotApplicable,
        /// Name something that exists.
        NotFound(Noun),
        /// Choose another name.
        AlreadyExists(Noun),
        /// Remove what still depends on it: the noun named here.
        DeleteConflict(Noun),
        /// Give something up first.
        LimitExceeded(Noun),
        /// Change the state of the key first.
        InvalidState(StateFlaw),
        /// The ciphertext does not open. Always without detail.
        InvalidCiphertext,
        /// The ciphertext belongs to another key than the one named.
        IncorrectKey,
        /// The signature does not fit the message. Always without detail.
        InvalidSignature,
        /// The message authentication code does not fit the message. Always without detail.
        InvalidMac,
        /// The key's usage or spec does not fit the operation.
        InvalidUsage,
        /// A token for an import was not made here for this key. Always without detail.
        InvalidImportToken,
        /// A token for an import is too old.
        ExpiredImportToken,
        /// What was imported is no material of the key.
        IncorrectMaterial,
        /// The operation would have succeeded; it was a dry run.
        DryRun,
        /// Try again: somebody else changed the same thing meanwhile.
        Conflict,
        /// A grant token cannot be read.
        InvalidGrantToken,
        /// Correct the identifier of the grant: its form is wrong.
        InvalidGrantId,
        /// An encoded message about a denial was not made here, or is about another account. Always without detail.
        InvalidAuthorizationMessage,
        /// The request is larger than allowed.
        TooLarge,
        /// Nothing the caller can do.
        Internal,
    }
}

impl Kind {
    /// An error of this kind, with the reason for a human.
    pub fn because(self, why: impl Into<Cow<'static, str>>) -> Error {
        Error(Box::new(Inner {
            kind: self,
            why: why.into(),
            about: None,
            cause: None,
            whose: None,
            resource: None,
            refusal: None,
            denial: None,
            verbatim: false,
        }))
    }

    /// An error of this kind about the thing or parameter named.
    pub fn about(self, about: impl Into<String>) -> Error {
        self.because("").naming(about)
    }

    /// An error of this kind about a policy document, and why it was refused.
    pub fn refused(self, refusal: Refusal) -> Error {
        let mut error = self.because(refusal.to_string());
        error.0.refusal = Some(refusal);
        error
    }

    /// An error of this kind whose text is already the vendor's own; only dialects make these.
    pub fn verbatim(self, message: impl Into<Cow<'static, str>>) -> Error {
        let mut error = self.because(message);
        error.0.verbatim = true;
        error
    }
}

/// A failure, with its kind and words for a human.
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    why: Cow<'static, str>,
    about: Option<String>,
    cause: Option<Cause>,
    whose: Option<Noun>,
    resource: Option<String>,
    refusal: Option<Refusal>,
    denial: Option<Denial>,
    verbatim: bool,
}

impl Error {
    /// What the caller can do.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The reason: lower case, no full stop, user input in backticks. Empty when the kind says it all.
    pub fn why(&self) -> &str {
        &self.0.why
    }

    /// The thing or parameter the error is about.
    pub fn subject(&self) -> Option<&str> {
        self.0.about.as_deref()
    }

    /// Which case of its kind it is, where that matters.
    pub fn cause(&self) -> Option<Cause> {
        self.0.cause
    }

    /// What kind of thing the missing, duplicate or conflicting one belongs to, or keeps from being removed.
    pub fn whose(&self) -> Option<Noun> {
        self.0.whose
    }

    /// The full name of the resource that the failed operation was about, once it is known.
    pub fn resource(&self) -> Option<&str> {
        self.0.resource.as_deref()
    }

    /// Why a policy document was refused, for [`Kind::MalformedPolicy`] and [`Kind::MalformedTrial`].
    pub fn refusal(&self) -> Option<&Refusal> {
        self.0.refusal.as_ref()
    }

    /// The vendor's own words, where a dialect chose them already.
    pub fn vendor_message(&self) -> Option<&str> {
        self.0.verbatim.then_some(self.0.why.as_ref())
    }

    /// The refused question, for [`Kind::AccessDenied`].
    pub fn denial(&self) -> Option<&Denial> {
        self.0.denial.as_ref()
    }

    /// Names the thing or parameter the error is about.
    #[must_use]
    pub fn naming(mut self, about: impl Into<String>) -> Self {
        self.0.about = Some(about.into());
        self
    }

    /// Adds the full name of the resource that the operation was about.
    #[must_use]
    pub fn on(mut self, resource: Option<String>) -> Self {
        self.0.resource = resource;
        self
    }

    /// Tells which case of its kind it is.
    #[must_use]
    pub fn with_cause(mut self, cause: Cause) -> Self {
        self.0.cause = Some(cause);
        self
    }

    /// Tells what kind of thing the missing, duplicate or conflicting one belongs to, or keeps from being removed.
    #[must_use]
    pub fn of(mut self, whose: Noun) -> Self {
        self.0.whose = Some(whose);
        self
    }

    /// Adds the refused question.
    #[must_use]
    pub fn with_denial(mut self, denial: Denial) -> Self {
        self.0.denial = Some(denial);
        self
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({self})")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, why, about, cause: _, whose: _, resource: _, refusal: _, denial: _, verbatim } = &*self.0;
        write!(f, "{kind:?}")?;
        // A vendor's words about a signature may repeat the request's arguments.
        if *verbatim && matches!(kind, Kind::Unauthenticated(_)) {
            return Ok(());
        }
        if let Some(about) = about {
            write!(f, " `{about}`")?;
        }
        if !why.is_empty() {
            write!(f, ": {why}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
