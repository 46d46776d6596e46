//! The protocols of AWS: JSON 1.1 and query, each written once, both ways.

pub(crate) mod json11;
pub(crate) mod query;
mod words;

pub(crate) use json11::Json11;
pub(crate) use query::{IAM, Query, STS, error as query_error};
pub(crate) use words::{Values, Wording, refused};
