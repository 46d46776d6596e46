//! What is wrong with a request, in the words of AWS.
//!
//! Follows the constraint traits of Smithy and the texts that AWS services answer with. All that is wrong with a request
//! is told at once.

use polykms_core::dialect::message::check::{Broken, Path, Step, Violation, check};
use polykms_core::dialect::message::{
    Found, Items, Kind as ValueKind, Member, Misread, Read, Record, Shape, Text, Use, View,
};
use polykms_core::error::{Error, Flaw, Kind, Result};

/// The longest piece of a value that a message repeats, in characters.
const ECHO: usize = 8192;

/// How a service words violations.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wording {
    /// Whether it repeats the values they are about.
    pub(crate) values: Values,
    /// Whether it lists the values that an enumeration has.
    pub(crate) sets: bool,
    /// Whether it tells of texts on a list as of the whole list.
    pub(crate) whole_lists: bool,
    /// Whether it says itself what is not built; otherwise the error's own words are taken.
    pub(crate) names_unbuilt: bool,
}

/// Whether messages repeat the values they are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Values {
    /// They do.
    Shown,
    /// They do not.
    Hidden,
}

impl Wording {
    /// Refuses what was read for the first reason there is: violations, all of them; then a member that is not built.
    pub(crate) fn admit(&self, read: &Read, message: &dyn Record<'_>) -> Result<()> {
        let mut found = Vec::new();
        check(message.structure(), &mut |violation| {
            let text = self.text(violation);
            if found.last() != Some(&text) {
                found.push(text);
            }
        });
        match (found.len(), read.unbuilt.first()) {
            (0, None) => Ok(()),
            (0, Some(member)) => Err(self.unbuilt(member)),
            (1, _) => Err(refused(format!("1 validation error detected: {}", found.join("; ")))),
            (many, _) => Err(refused(format!("{many} validation errors detected: {}", found.join("; ")))),
        }
    }

    fn unbuilt(&self, member: &Member) -> Error {
        let Use::Unbuilt(why) = member.use_ else {
            return Kind::Unsupported.about(member.name);
        };
        match self.names_unbuilt {
            true => Kind::Unsupported.verbatim(format!("{} is not supported: {why}.", member.name)),
            false => Kind::Unsupported.because(why).naming(member.name),
        }
    }

    fn text(&self, violation: &Violation<'_>) -> String {
        let Violation { path, member, value, shape, list, broken } = violation;
        if let (true, Some(list), Shape::Text(form)) = (self.whole_lists, list, shape) {
            let whole = path.within.unwrap_or(path);
            return worded(self.shown(list), whole, &each(form));
        }
        let shown = if member.sensitive { String::new() } else { self.shown(value) };
        worded(shown, path, &self.constraint(broken))
    }

    /// The value with a space before it, if it is to be seen.
    fn shown(&self, value: &View<'_>) -> String {
        match value {
            _ if self.values == Values::Hidden => String::new(),
            View::Absent => " null".to_owned(),
            View::Text(text) => format!(" '{}'", cut(text)),
            View::Integer(number) => format!(" '{number}'"),
            View::List(items) if self.whole_lists => {
                texts(*items).map_or_else(String::new, |all| format!(" '{}'", cut(&all)))
            }
            View::Flag(_) | View::Time(_) | View::Blob(_) | View::List(_) | View::Map(_) | View::Structure(_) => {
                String::new()
            }
        }
    }

    fn constraint(&self, broken: &Broken) -> String {
        match broken {
            Broken::Missing => "Member must not be null".to_owned(),
            Broken::Short(min) => format!("Member must have length greater than or equal to {min}"),
            Broken::Long(max) => format!("Member must have length less than or equal to {max}"),
            Broken::Low(min) => format!("Member must have value greater than or equal to {min}"),
            Broken::High(max) => format!("Member must have value less than or equal to {max}"),
            Broken::Pattern(pattern) => format!("Member must satisfy regular expression pattern: {pattern}"),
            Broken::OneOf(..) if !self.sets => "Member must satisfy enum value set".to_owned(),
            Broken::OneOf(_, Some(listed)) => format!("Member must satisfy enum value set: [{listed}]"),
            Broken::OneOf(known, None) => format!("Member must satisfy enum value set: [{}]", known.join(", ")),
        }
    }
}

fn worded(shown: String, path: &Path<'_>, constraint: &str) -> String {
    format!("Value{shown} at '{}' failed to satisfy constraint: {constraint}", dotted(path))
}

/// The constraint of each text on a list.
fn each(form: &Text) -> String {
    let Text { min, max, .. } = form;
    format!(
        "Member must satisfy constraint: [Member must have length less than or equal to {max}, Member must have length \
         greater than or equal to {min}]"
    )
}

/// All texts of a list, if it has nothing else.
fn texts(items: &dyn Items) -> Option<String> {
    let text = |at| match items.item(at) {
        View::Text(text) => Some(text.to_owned()),
        _ => None,
    };
    let all: Option<Vec<String>> = (0..items.count()).map(text).collect();
    all.map(|all| format!("[{}]", all.join(", ")))
}

fn cut(text: &str) -> &str {
    match text.char_indices().nth(ECHO) {
        Some((end, _)) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}

/// A path as messages have it: `tags.1.member.key`.
fn dotted(path: &Path<'_>) -> String {
    let mut text = path.within.map(|within| dotted(within) + ".").unwrap_or_default();
    match path.step {
        Step::Member(name) => {
            let mut characters = name.chars();
            text.extend(characters.next().map(|first| first.to_ascii_lowercase()));
            text.push_str(characters.as_str());
        }
        Step::Item(number) => text.push_str(&format!("{number}.member")),
    }
    text
}

/// An error about parameters, in the vendor's words.
pub(crate) fn refused(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Kind::Invalid(Flaw::Value).verbatim(message)
}

/// The refusal of a request that cannot be read as its message.
pub(crate) fn misread(misread: Misread) -> Error {
    let words = match misread {
        Misread::Format => return Error::from(Kind::Unreadable),
        Misread::Twice(_) => "duplicate member".to_owned(),
        Misread::Base64(_) => "Invalid base64".to_owned(),
        Misread::Position(_) => "A list has a member without a number.".to_owned(),
        Misread::Kind { member: _, wanted, found } => match token(found) {
            Ok(token) => format!("{token} can not be converted to {}", wanted_kind(wanted)),
            Err(words) => words.to_owned(),
        },
    };
    Kind::Unreadable.verbatim(words)
}

/// The token of a value that is something else than it should be, or all that is said about it.
fn token(found: Found) -> std::result::Result<&'static str, &'static str> {
    match found {
        Found::True => Ok("TRUE_VALUE"),
        Found::False => Ok("FALSE_VALUE"),
        Found::Number => Ok("NUMBER_VALUE"),
        Found::Text => Ok("STRING_VALUE"),
        Found::Null => Ok("NULL_VALUE"),
        Found::List => Err("Start of list found where not expected"),
        Found::Object => Err("Start of structure or map found where not expected."),
    }
}

fn wanted_kind(wanted: ValueKind) -> &'static str {
    match wanted {
        ValueKind::Text => "a String",
        ValueKind::Blob => "a Blob",
        ValueKind::Integer => "an Integer",
        ValueKind::Flag => "a Boolean",
        ValueKind::Time => "a Timestamp",
        ValueKind::List => "a List",
        ValueKind::Map => "a Map",
        ValueKind::Structure => "an Object",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::borrow::Cow;

    use polykms_core::dialect::message::{ANY, Blob, List, Pattern};
    use polykms_core::message;

    use super::*;

    const KMS: Wording = Wording { values: Values::Shown, sets: true, whole_lists: true, names_unbuilt: true };

    const WORD: Pattern =
        Pattern { shown: r"[\w+=,.@-]*", fits: |text| text.bytes().all(|byte| byte.is_ascii_alphanumeric()) };

    message! {
        /// A message with a member of each kind that has limits.
        struct Limited = LIMITED;
        0 number_of_bytes: i64;
        1 plaintext: Blob<'a>;
        2 key_agreement_algorithm: Cow<'a, str>;
        3 role_session_name: Cow<'a, str>;
        4 grant_tokens: Vec<Cow<'a, str>>;
        5 hidden: Cow<'a, str>;
    }

    const LIMITED: &[Member] = &[
        Member::new("NumberOfBytes", Shape::Integer(1, 1024)),
        Member::new("Plaintext", Shape::Blob(1, 4096)),
        Member::new("KeyAgreementAlgorithm", Shape::one_of(&["ECDH"])),
        Member::new("RoleSessionName", Shape::like(0, 3, &WORD)),
        Member::new("GrantTokens", Shape::List(&List::new(Shape::text(1, 8), 0, 1))),
        Member::new("Hidden", Shape::text(2, ANY)).sensitive(),
    ];

    message! {
        /// A message whose members have to be there.
        struct Needed = NEEDED;
        0 alias_name: Cow<'a, str>;
        1 target_key_id: Cow<'a, str>;
    }

    const NEEDED: &[Member] = &[
        Member::new("AliasName", Shape::text(1, 256)).required(),
        Member::new("TargetKeyId", Shape::text(1, 2048)).required(),
    ];

    fn text(message: &dyn Record<'_>) -> String {
        KMS.admit(&Read::default(), message).unwrap_err().vendor_message().unwrap().to_owned()
    }

    #[test]
    fn what_fits_is_not_mentioned() {
        let fine = Limited {
            number_of_bytes: Some(7),
            plaintext: Some(b"x".as_slice().into()),
            key_agreement_algorithm: Some("ECDH".into()),
            role_session_name: Some("x".into()),
            grant_tokens: Some(vec!["a".into()]),
            hidden: Some("xx".into()),
        };
        assert!(KMS.admit(&Read::default(), &fine).is_ok());
        assert!(KMS.admit(&Read::default(), &Limited::default()).is_ok());
    }

    #[test]
    fn violations_are_told_in_the_words_recorded_from_the_vendor() {
        let wrong = |number| Limited { number_of_bytes: Some(number), ..Limited::default() };
        assert_eq!(
            text(&wrong(0)),
            "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have \
             value greater than or equal to 1"
        );
        assert_eq!(
            text(&wrong(1025)),
            "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have \
             value less than or equal to 1024"
        );
        assert_eq!(
            text(&Limited { plaintext: Some(vec![0; 4097].into()), ..Limited::default() }),
            "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length \
             less than or equal to 4096"
        );
        assert_eq!(
            text(&Limited { key_agreement_algorithm: Some("INVALID".into()), ..Limited::default() }),
            "1 validation error detected: Value 'INVALID' at 'keyAgreementAlgorithm' failed to satisfy constraint: \
             Member must satisfy enum value set: [ECDH]"
        );
        assert_eq!(
            text(&Limited { role_session_name: Some("1:2".into()), ..Limited::default() }),
            "1 validation error detected: Value '1:2' at 'roleSessionName' failed to satisfy constraint: Member \
             must satisfy regular expression pattern: [\\w+=,.@-]*"
        );
    }

    #[test]
    fn several_violations_are_told_together() {
        assert_eq!(
            text(&Needed::default()),
            "2 validation errors detected: Value null at 'aliasName' failed to satisfy constraint: Member must not be \
             null; Value null at 'targetKeyId' failed to satisfy constraint: Member must not be null"
        );
    }

    #[test]
    fn a_list_is_shown_as_a_whole() {
        let tokens = |tokens: &[&'static str]| Limited {
            grant_tokens: Some(tokens.iter().map(|token| (*token).into()).collect()),
            ..Limited::default()
        };
        assert_eq!(
            text(&tokens(&["a", "b"])),
            "1 validation error detected: Value '[a, b]' at 'grantTokens' failed to satisfy constraint: Member must have \
             length less than or equal to 1"
        );
        assert_eq!(
            text(&tokens(&[""])),
            "1 validation error detected: Value '[]' at 'grantTokens' failed to satisfy constraint: Member must satisfy \
             constraint: [Member must have length less than or equal to 8, Member must have length greater than or equal \
             to 1]"
        );
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        let named = |name: &'static str| Limited { role_session_name: Some(name.into()), ..Limited::default() };
        assert!(!text(&named("ééé")).contains("length"));
        assert!(text(&named("éééé")).contains("length less than or equal to 3"));
    }

    #[test]
    fn what_is_sensitive_is_not_repeated() {
        let hidden = Limited { hidden: Some("x".into()), ..Limited::default() };
        assert_eq!(
            text(&hidden),
            "1 validation error detected: Value at 'hidden' failed to satisfy constraint: Member must have length greater \
             than or equal to 2"
        );
        assert_eq!(format!("{hidden:?}"), "Limited { Hidden: … }");
    }

    message! {
        /// A message of a service of the query protocol.
        struct Named = NAMED;
        0 name: Cow<'a, str>;
        1 gone: Cow<'a, str>;
        2 kind: Cow<'a, str>;
        3 size: i64;
    }

    const WORDS: Pattern =
        Pattern { shown: r"[\w]+", fits: |text| text.bytes().all(|byte| byte.is_ascii_alphanumeric()) };

    const NAMED: &[Member] = &[
        Member::new("Name", Shape::like(2, 4, &WORDS)).required(),
        Member::new("Gone", Shape::like(2, 4, &WORDS)).required(),
        Member::new("Kind", Shape::one_of(&["A"])),
        Member::new("Size", Shape::Integer(1, 9)),
    ];

    #[test]
    fn everything_that_does_not_fit_is_told_at_once_without_values_where_they_are_hidden() {
        const IAM: Wording = Wording { values: Values::Hidden, sets: false, whole_lists: false, names_unbuilt: false };
        let wrong = Named { name: Some("a b c".into()), gone: None, kind: Some("C".into()), size: Some(10) };
        assert_eq!(
            IAM.admit(&Read::default(), &wrong).unwrap_err().vendor_message().unwrap(),
            "5 validation errors detected: Value at 'name' failed to satisfy constraint: Member must have length less \
             than or equal to 4; Value at 'name' failed to satisfy constraint: Member must satisfy regular expression \
             pattern: [\\w]+; Value at 'gone' failed to satisfy constraint: Member must not be null; Value at 'kind' \
             failed to satisfy constraint: Member must satisfy enum value set; Value at 'size' failed to satisfy \
             constraint: Member must have value less than or equal to 9"
        );
    }
}
