//! Documents: policies, compiled once for each content, whoever holds them.
//!
//! # Invariants
//! - Contents that differ share nothing: tenants choose them, so they are told apart by a hash that does not collide.

use std::sync::Arc;

use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};

use super::World;
use crate::dialect::Dialect;
use crate::policy::{DocumentKind, Pins, Policy, Refusal};

/// The documents that were compiled lately.
pub(super) struct Documents(Cache<Content, Document>);

/// What a compiled form depends on.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Content {
    dialect: &'static str,
    kind: DocumentKind,
    hash: [u8; 32],
}

/// A policy document, shared by all who hold it.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// The text, as it was written.
    pub(crate) text: Arc<str>,
    /// Its compiled form.
    pub(crate) policy: Arc<Policy>,
}

impl Documents {
    /// Room for about `capacity` documents.
    pub(super) fn new(capacity: usize) -> Self {
        Self(Cache::new(capacity))
    }

    pub(super) fn clear(&self) {
        self.0.clear();
    }
}

impl World {
    /// A document that is kept here, compiled: whatever is wanted of one that is written now, it still counts.
    ///
    /// # Errors
    /// Why it is no such document.
    pub(crate) fn document(
        &self,
        dialect: &'static Dialect,
        kind: DocumentKind,
        text: &str,
    ) -> Result<Document, Refusal> {
        self.pinned_document(dialect, kind, text, &Pins::NONE)
    }

    /// A document that is kept here, compiled, its principals bound to whom they meant.
    ///
    /// # Errors
    /// Why it is no such document.
    pub(crate) fn pinned_document(
        &self,
        dialect: &'static Dialect,
        kind: DocumentKind,
        text: &str,
        pins: &Pins,
    ) -> Result<Document, Refusal> {
        let content = Content { dialect: dialect.name, kind, hash: hash(text, pins) };
        self.documents.0.get_or_insert_with(&content, || {
            let policy = Arc::new(dialect.law.policy.read(kind, text)?.pinned(pins));
            Ok(Document { text: text.into(), policy })
        })
    }
}

/// The hash of a text together with its pins: of the text alone, hashed too, where there are none.
fn hash(text: &str, pins: &Pins) -> [u8; 32] {
    let of_text = Sha256::digest(text);
    if pins.is_empty() {
        return of_text.into();
    }
    // Each part has one length, or a hash of its own that does: no two contents read alike.
    let mut whole = Sha256::new_with_prefix(of_text);
    for (text, id) in pins.iter() {
        whole.update(Sha256::digest(text));
        whole.update([u8::from(id.is_some())]);
        whole.update(Sha256::digest(id.as_deref().unwrap_or_default()));
    }
    whole.finalize().into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn contents_that_differ_in_whom_they_mean_share_nothing() {
        let pins = |pinned: &[(&str, Option<&str>)]| {
            let mut pins = Pins::NONE;
            pinned.iter().for_each(|(text, id)| pins.pin(*text, id.map(str::to_owned)));
            pins
        };
        let contents = [
            pins(&[]),
            pins(&[("ann", Some("1"))]),
            pins(&[("ann", Some("2"))]),
            pins(&[("ann", None)]),
            pins(&[("ann", Some(""))]),
            pins(&[("an", Some("n1"))]),
            pins(&[("ann", Some("1")), ("bob", Some("2"))]),
            pins(&[("ann", Some("2")), ("bob", Some("1"))]),
        ];
        let hashes: std::collections::HashSet<_> = contents.iter().map(|pins| hash("text", pins)).collect();
        assert_eq!(hashes.len(), contents.len());
        assert_eq!(hash("text", &contents[1]), hash("text", &pins(&[("ann", Some("1"))])));
        assert_ne!(hash("text", &contents[1]), hash("other", &contents[1]));
    }
}
