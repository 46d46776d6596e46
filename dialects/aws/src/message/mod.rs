//! The messages of the services, generated from the vendor's models by `just generate`.
//!
//! What the models do not say (members that are not built, sensitive ones, limits that are documented elsewhere) is kept
//! by hand in `vendor/messages/`.

#[rustfmt::skip]
pub(crate) mod iam;
#[rustfmt::skip]
pub(crate) mod kms;
pub(crate) mod pattern;
#[rustfmt::skip]
pub(crate) mod sts;
#[rustfmt::skip]
pub(crate) mod tagging;
