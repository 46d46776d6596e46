//! The wire: how each operation reads its arguments and writes its output, by protocol and service.

pub(crate) mod constraint;
pub(crate) mod field;
pub(crate) mod heard;
pub(crate) mod iam;
pub(crate) mod kms;
pub(crate) mod query;
pub(crate) mod sts;
