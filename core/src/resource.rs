//! Resources: what operations work on and policies protect, as it was found.

use std::any::Any;
use std::fmt::Debug;

use crate::policy::{Grants, Named, Principal};
use crate::tag::Tags;

/// A thing that exists: what policies may ask about it whatever it is. Each noun implements it in its own folder.
pub trait Resource: Any + Debug + Send + Sync {
    /// Its tags.
    fn tags(&self) -> &Tags {
        &UNTAGGED
    }

    /// Its own policy, if it has one.
    fn policy(&self) -> Option<&Named> {
        None
    }

    /// The grants on it that reach somebody, where there are any.
    fn grants(&self, principal: &Principal<'_>) -> Option<Grants<'_>> {
        let _ = principal;
        None
    }

    /// The text of its own policy, where that is told to those whom it denies.
    fn document(&self) -> Option<&str> {
        None
    }

    /// Whether it is closed to everybody: it has a policy that cannot be read, and nobody knows whom that denies.
    fn is_closed(&self) -> bool {
        false
    }
}

/// No tags.
pub(crate) static UNTAGGED: Tags = Tags::new();
