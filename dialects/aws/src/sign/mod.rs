//! AWS Signature Version 4: reading claims, proving them, sealing and presigning requests.
//!
//! Follows "Signature Version 4 for API requests" of the IAM User Guide; only `AWS4-HMAC-SHA256`, only whole bodies.
//!
//! # Invariants
//! - Sealing and proving share [`canonical_request`], [`string_to_sign`], [`signing_key`] and [`signature`]; a vector
//!   that covers one covers both.
//! - `host` and every `x-amz-*` header that is present must be signed. There are no exceptions: no SDK leaves an
//!   `x-amz-*` header out, and AWS itself refuses one that a proxy added (`x-amz-cf-id`). What SDKs do leave out,
//!   listed in [`left_unsigned`], lies outside that prefix; `x-amzn-trace-id` does too.
//! - The body is always hashed: a hash that the request states must be the body's, so `UNSIGNED-PAYLOAD` and
//!   `STREAMING-*` are refused by the same rule.
//! - A `+` in a query is a space, as in a form; whoever reads the arguments from the query must decode it so as well.

mod canonical;
mod key;
mod prove;
mod read;
mod refusal;
mod seal;

use http::header::HeaderName;

pub use canonical::{canonical_path, canonical_query, canonical_request, payload_hash, string_to_sign};
pub use key::{SigningKey, signature, signing_key};
pub use read::{Claimed, claim};
pub(crate) use read::{is_access_key_id, is_region};
pub use seal::{left_unsigned, presign, seal};

/// The only algorithm.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// What closes every scope.
const TERMINATOR: &str = "aws4_request";
/// The one form of a date: ISO 8601, basic, in UTC.
const DATE_FORMAT: &str = "%Y%m%dT%H%M%SZ";
/// The longest life of a presigned request, in seconds: one week.
const LONGEST_EXPIRY: i64 = 604_800;
/// How many seconds a presigned request to STS lives after its date, whatever `X-Amz-Expires` says: clients of EKS send
/// 60 there and use the URL for a quarter of an hour.
const STS_URL_SECONDS: i64 = 15 * 60;

const DATE_HEADER: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-amz-security-token");
const CONTENT_HEADER: HeaderName = HeaderName::from_static("x-amz-content-sha256");
