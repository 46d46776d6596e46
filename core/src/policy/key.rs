//! Names of condition keys, taken apart once so that nobody compares texts when a request is judged.
//!
//! # Invariants
//! - Names that differ in ASCII case alone are of one family.
//! - A family that is equal is not yet a name that is: whoever looks one up compares the text as well.

/// What a condition key is called but for its variable part, as a number: `aws:SourceIp`, `aws:ResourceTag/`.
///
/// It is made at compile time for the tables of a dialect, and for a policy when its document is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyFamily(u64);

impl KeyFamily {
    /// The family of a fixed name, or of a prefix with its separator.
    #[must_use]
    #[allow(clippy::indexing_slicing, reason = "the index is below the length")]
    pub const fn of(name: &str) -> Self {
        // FNV-1a over the lower-case name: good enough to tell some dozens of names apart.
        let bytes = name.as_bytes();
        let (mut hash, mut at) = (0xcbf2_9ce4_8422_2325_u64, 0);
        while at < bytes.len() {
            hash = (hash ^ bytes[at].to_ascii_lowercase() as u64).wrapping_mul(0x0100_0000_01b3);
            at += 1;
        }
        Self(hash)
    }
}

/// Where the variable part of a name begins: behind the first slash or the second colon, else at the end.
#[must_use]
#[allow(clippy::indexing_slicing, reason = "the index is below the length")]
pub(crate) const fn variable_part(name: &str) -> usize {
    let bytes = name.as_bytes();
    let (mut at, mut colons) = (0, 0);
    while at < bytes.len() {
        colons += (bytes[at] == b':') as usize;
        if bytes[at] == b'/' || colons == 2 {
            return at + 1;
        }
        at += 1;
    }
    bytes.len()
}

/// The name of a condition key with its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyName<'a> {
    prefix: &'a str,
    variable: &'a str,
    family: KeyFamily,
}

impl<'a> KeyName<'a> {
    /// Takes a name apart.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let (prefix, variable) = text.split_at_checked(variable_part(text)).unwrap_or((text, ""));
        Self::of(prefix, variable)
    }

    /// Puts a name together from the prefix of its family, with the separator, and its variable part.
    #[must_use]
    pub const fn of(prefix: &'a str, variable: &'a str) -> Self {
        Self { prefix, variable, family: KeyFamily::of(prefix) }
    }

    /// Whether this is a name as it was written, but for ASCII case.
    #[must_use]
    pub fn is(self, name: &str) -> bool {
        let parts = name.split_at_checked(self.prefix.len());
        parts.is_some_and(|(prefix, variable)| {
            prefix.eq_ignore_ascii_case(self.prefix) && variable.eq_ignore_ascii_case(self.variable)
        })
    }

    /// Whether this is a name as it was written, case for case.
    #[must_use]
    pub fn is_exactly(self, name: &str) -> bool {
        name.strip_prefix(self.prefix) == Some(self.variable)
    }

    /// What does not vary, separator included: `aws:SourceIp`, `aws:ResourceTag/`.
    #[must_use]
    pub const fn prefix(self) -> &'a str {
        self.prefix
    }

    /// What follows the separator, such as the name of a tag; else empty.
    #[must_use]
    pub const fn variable(self) -> &'a str {
        self.variable
    }

    /// The family of the prefix.
    #[must_use]
    pub const fn family(self) -> KeyFamily {
        self.family
    }
}

/// The name of a condition key in a compiled policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    text: Box<str>,
    variable: usize,
    family: KeyFamily,
}

impl Key {
    pub(super) fn new(text: &str) -> Self {
        let KeyName { prefix, family, .. } = KeyName::new(text);
        Self { text: text.into(), variable: prefix.len(), family }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn name(&self) -> KeyName<'_> {
        let (prefix, variable) = self.text.split_at_checked(self.variable).unwrap_or((&self.text, ""));
        KeyName { prefix, variable, family: self.family }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_variable_part_begins_behind_a_slash_or_the_second_colon() {
        let parts = |text| {
            let name = KeyName::new(text);
            (name.prefix(), name.variable())
        };
        assert_eq!(parts("aws:SourceIp"), ("aws:SourceIp", ""));
        assert_eq!(parts("aws:ResourceTag/a:b/c"), ("aws:ResourceTag/", "a:b/c"));
        assert_eq!(parts("kms:EncryptionContext:a/b:c"), ("kms:EncryptionContext:", "a/b:c"));
        assert_eq!(parts("kms:EncryptionContext:"), ("kms:EncryptionContext:", ""));
        assert_eq!(parts(""), ("", ""));
        assert_eq!(Key::new("aws:ResourceTag/\u{e9}").name(), KeyName::new("aws:ResourceTag/\u{e9}"));
    }

    #[test]
    fn families_do_not_tell_case_apart() {
        let family = |text| KeyName::new(text).family();
        assert_eq!(family("AWS:resourcetag/A"), KeyFamily::of("aws:ResourceTag/"));
        assert_ne!(family("aws:ResourceTag"), KeyFamily::of("aws:ResourceTag/"));
        assert_ne!(family("aws:SourceIp"), family("aws:SourceVpc"));
    }
}
