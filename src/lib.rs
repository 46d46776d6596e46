//! PolyKMS: one key management system that speaks several clouds.
//!
//! A program uses it through a [`Client`]: keys, policies and identities in this process, in an emulator, at AWS or at
//! Alibaba Cloud, by one API. An engine of its own is put together by a [`Builder`], the only place where that is done. The
//! command line is `cli`.
//!
//! | feature | what is in it |
//! |---|---|
//! | `aws`, `alibaba` | the dialects |
//! | `embedded` | an engine in this process |
//! | `remote` | clients of other servers and of the clouds |
//! | `envelope` | data of any size under keys of several clouds |
//! | `moves` | keys, policies and identities taken from one place to another |
//! | `cli` | the program, with all of the above; the default |

#[cfg(feature = "cli")]
pub mod cli;
pub mod client;
#[cfg(feature = "cli")]
mod config;
#[cfg(feature = "embedded")]
mod engine;
#[cfg(feature = "embedded")]
mod purpose;
#[cfg(feature = "embedded")]
mod root;
#[cfg(feature = "cli")]
mod settings;
#[cfg(feature = "embedded")]
mod trail;

#[cfg(feature = "alibaba")]
use polykms_alibaba as _;
#[cfg(feature = "aws")]
use polykms_aws as _;
use polykms_core::dialect::Registry;
use polykms_core::error::Result;

pub use client::Client;
#[cfg(feature = "embedded")]
pub use engine::{Builder, Storage};
pub use polykms_core as core;
pub use polykms_core::engine::{Authorization, Caches, Settings, Signatures, Traced};
pub use polykms_core::holder::Removed;
pub use polykms_core::seed::Seed;
#[cfg(feature = "embedded")]
pub use purpose::{Purpose, adopt};
#[cfg(feature = "embedded")]
pub use root::{RootKey, rotate_root_key};

/// The dialects linked into this program.
///
/// # Errors
/// [`Kind::Internal`](crate::core::error::Kind::Internal) when none is linked, or two contradict each other.
pub fn registry() -> Result<Registry> {
    Registry::load()
}
