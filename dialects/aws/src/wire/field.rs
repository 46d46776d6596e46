//! The parameters of the query protocol, each checked against its shape in the words of AWS.
//!
//! Follows the shapes of the IAM and STS service models. All that is wrong with a request is told at once.
//!
//! # Invariants
//! - No text leaves [`read`] that does not fit its shape.

use polykms_core::dialect::Payload;
use polykms_core::error::{Kind, Result};
use polykms_core::tag::Tags;

use super::constraint;
use super::query::{Arguments, Structure};

/// Tags that a user, role or policy may have.
const MOST_TAGS: usize = 50;

/// The form of a text.
#[derive(Debug)]
pub(crate) struct Shape {
    /// The fewest characters.
    pub(crate) min: usize,
    /// The most characters.
    pub(crate) max: usize,
    /// The pattern as the vendor shows it.
    pub(crate) pattern: &'static str,
    /// Whether a text has the form of the pattern.
    pub(crate) fits: fn(&str) -> bool,
}

const TAG_KEY: Shape = Shape { min: 1, max: 128, pattern: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+", fits: is_tag };
const TAG_VALUE: Shape = Shape { min: 0, max: 256, pattern: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", fits: is_tag };

fn is_tag(text: &str) -> bool {
    let separator = |character: char| character.is_whitespace() && !character.is_control();
    text.chars().all(|one| one.is_alphanumeric() || separator(one) || "_.:/=+-@".contains(one))
}

/// Whether messages repeat the values they are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Values {
    /// STS repeats them.
    Shown,
    /// IAM does not.
    Hidden,
}

/// Reads arguments; `build` takes them one by one and is heard only when all of them fit.
///
/// # Errors
/// [`Kind::Invalid`] with everything that does not fit, then whatever `build` says.
pub(crate) fn read<T>(
    arguments: &Payload,
    values: Values,
    build: impl FnOnce(&mut Fields<'_>) -> Result<T>,
) -> Result<T> {
    let mut fields = Fields { arguments: Arguments::of(arguments)?, values, violations: Vec::new() };
    let built = build(&mut fields);
    constraint::detect(fields.violations.into_iter().map(Some))?;
    built
}

/// Arguments that are being read.
pub(crate) struct Fields<'a> {
    arguments: Arguments<'a>,
    values: Values,
    violations: Vec<String>,
}

impl<'a> Fields<'a> {
    /// The text of a parameter that must be there.
    pub(crate) fn required(&mut self, name: &str, shape: &Shape) -> String {
        match self.arguments.text(name) {
            Some(text) => self.checked(&path(name), text, shape),
            None => self.missing(&path(name)),
        }
    }

    /// The text of a parameter.
    pub(crate) fn optional(&mut self, name: &str, shape: &Shape) -> Option<String> {
        self.arguments.text(name).map(|text| self.checked(&path(name), text, shape))
    }

    /// One of the known words of a parameter.
    pub(crate) fn choice(&mut self, name: &str, known: &[&'static str]) -> Option<&'static str> {
        let text = self.arguments.text(name)?;
        let found = known.iter().copied().find(|word| *word == text);
        if found.is_none() {
            self.violation(&path(name), text, "Member must satisfy enum value set");
        }
        found
    }

    /// One of the known words of a parameter that must be there.
    pub(crate) fn required_choice(&mut self, name: &str, known: &[&'static str]) -> &'static str {
        if self.arguments.text(name).is_none() {
            self.missing(&path(name));
        }
        self.choice(name, known).unwrap_or_default()
    }

    /// The number of a parameter.
    ///
    /// # Errors
    /// [`Kind::Unreadable`] for a text that is none.
    pub(crate) fn number(&mut self, name: &str, least: u32, most: u32) -> Result<Option<u32>> {
        let Some(number) = self.arguments.number(name)? else { return Ok(None) };
        match u32::try_from(number) {
            Ok(fitting) if (least..=most).contains(&fitting) => return Ok(Some(fitting)),
            _ if number < i64::from(least) => {
                let bound = format!("Member must have value greater than or equal to {least}");
                self.violation(&path(name), &number.to_string(), &bound);
            }
            _ => {
                let bound = format!("Member must have value less than or equal to {most}");
                self.violation(&path(name), &number.to_string(), &bound);
            }
        }
        Ok(None)
    }

    /// The truth of a parameter; false when it is not there.
    ///
    /// # Errors
    /// [`Kind::Unreadable`] for a text other than `true` and `false`.
    pub(crate) fn flag(&self, name: &str) -> Result<bool> {
        Ok(self.arguments.flag(name)?.unwrap_or_default())
    }

    /// The texts of a list that must be there.
    ///
    /// # Errors
    /// [`Kind::Unreadable`] for a list that cannot be read.
    pub(crate) fn required_texts(&mut self, name: &str, shape: &Shape) -> Result<Vec<String>> {
        match self.texts(name, shape)? {
            Some(texts) => Ok(texts),
            None => {
                self.missing(&path(name));
                Ok(Vec::new())
            }
        }
    }

    /// The texts of a list.
    ///
    /// # Errors
    /// [`Kind::Unreadable`] for a list that cannot be read.
    pub(crate) fn texts(&mut self, name: &str, shape: &Shape) -> Result<Option<Vec<String>>> {
        let structures = self.arguments.structures(name)?;
        if structures.is_empty() && self.arguments.text(name).is_none() {
            return Ok(None);
        }
        let mut texts = Vec::with_capacity(structures.len());
        for (at, structure) in structures.iter().enumerate() {
            let path = format!("{}.{}.member", path(name), at + 1);
            texts.push(match structure.text("") {
                Some(text) => self.checked(&path, text, shape),
                None => self.missing(&path),
            });
        }
        Ok(Some(texts))
    }

    /// The structures of a list.
    ///
    /// # Errors
    /// [`Kind::Unreadable`] for a list that cannot be read.
    pub(crate) fn structures(&self, name: &str) -> Result<Vec<Structure<'a>>> {
        self.arguments.structures(name)
    }

    /// The text of the member of a structure on a list.
    pub(crate) fn member(
        &mut self,
        (list, at): (&str, usize),
        structure: &Structure<'a>,
        member: &str,
        shape: &Shape,
    ) -> Option<String> {
        let text = structure.text(member)?;
        Some(self.checked(&member_path(list, at, member), text, shape))
    }

    /// One of the known words of the member of a structure on a list.
    pub(crate) fn member_choice<T: Copy>(
        &mut self,
        (list, at): (&str, usize),
        structure: &Structure<'a>,
        member: &str,
        known: &[(&str, T)],
    ) -> Option<T> {
        let text = structure.text(member)?;
        let found = known.iter().find(|(word, _)| *word == text).map(|(_, meant)| *meant);
        if found.is_none() {
            self.violation(&member_path(list, at, member), text, "Member must satisfy enum value set");
        }
        found
    }

    /// The members called `member` of a list of structures.
    ///
    /// # Errors
    /// [`Kind::Unreadable`] for a list that cannot be read.
    pub(crate) fn members(&mut self, name: &str, member: &str, shape: &Shape, most: usize) -> Result<Vec<String>> {
        let structures = self.arguments.structures(name)?;
        self.no_longer(name, structures.len(), most);
        let mut texts = Vec::new();
        for (at, structure) in structures.iter().enumerate() {
            let path = format!("{}.{}.member.{member}", path(name), at + 1);
            texts.push(match structure.text(member) {
                Some(text) => self.checked(&path, text, shape),
                None => self.missing(&path),
            });
        }
        Ok(texts)
    }

    /// The tags.
    ///
    /// # Errors
    /// [`Kind::InvalidTag`] for a name that stands twice, [`Kind::Unreadable`] for a list that cannot be read.
    pub(crate) fn tags(&mut self) -> Result<Tags> {
        const TWICE: &str = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        let structures = self.arguments.structures("Tags")?;
        self.no_longer("Tags", structures.len(), MOST_TAGS);
        let mut tags = Tags::new();
        let mut twice = false;
        for (at, structure) in structures.iter().enumerate() {
            let path = |member: &str| format!("tags.{}.member.{member}", at + 1);
            let name = match structure.text("Key") {
                Some(text) => self.checked(&path("key"), text, &TAG_KEY),
                None => self.missing(&path("key")),
            };
            let value = match structure.text("Value") {
                Some(text) => self.checked(&path("value"), text, &TAG_VALUE),
                None => self.missing(&path("value")),
            };
            twice |= tags.keys().any(|known| known.to_lowercase() == name.to_lowercase());
            tags.insert(name, value);
        }
        if twice {
            return Err(Kind::InvalidTag.verbatim(TWICE));
        }
        match tags.keys().any(|name| name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"))) {
            true => Err(Kind::InvalidTag.verbatim("Tag keys beginning with aws: are reserved for system use.")),
            false => Ok(tags),
        }
    }

    /// Refuses a parameter that means something the caller must not believe to be in force.
    ///
    /// # Errors
    /// [`Kind::Unsupported`] when it is there.
    pub(crate) fn not_built(&self, name: &str, why: &'static str) -> Result<()> {
        let listed = !self.arguments.structures(name)?.is_empty();
        match listed || self.arguments.text(name).is_some_and(|text| !text.is_empty()) {
            true => Err(Kind::Unsupported.because(why).naming(name)),
            false => Ok(()),
        }
    }

    fn checked(&mut self, path: &str, text: &'a str, shape: &Shape) -> String {
        let Shape { min, max, pattern, fits } = shape;
        let length = text.chars().count();
        if length < *min {
            self.violation(path, text, &format!("Member must have length greater than or equal to {min}"));
        }
        if length > *max {
            self.violation(path, text, &format!("Member must have length less than or equal to {max}"));
        }
        if !fits(text) {
            self.violation(path, text, &format!("Member must satisfy regular expression pattern: {pattern}"));
        }
        text.to_owned()
    }

    fn no_longer(&mut self, name: &str, length: usize, most: usize) {
        if length > most {
            let bound = format!("Member must have length less than or equal to {most}");
            self.violations.push(format!("Value at '{}' failed to satisfy constraint: {bound}", path(name)));
        }
    }

    fn missing(&mut self, path: &str) -> String {
        let value = match self.values {
            Values::Shown => "Value null",
            Values::Hidden => "Value",
        };
        self.violations.push(format!("{value} at '{path}' failed to satisfy constraint: Member must not be null"));
        String::new()
    }

    fn violation(&mut self, path: &str, value: &str, constraint: &str) {
        let text = match self.values {
            Values::Shown => constraint::shown(path, value, constraint),
            Values::Hidden => format!("Value at '{path}' failed to satisfy constraint: {constraint}"),
        };
        self.violations.push(text);
    }
}

/// A parameter as messages name it: with a small first letter.
fn path(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(characters).collect()
}

/// The member of a structure on a list, counted from 0, as messages name it.
fn member_path(list: &str, at: usize, member: &str) -> String {
    format!("{}.{}.member.{}", path(list), at + 1, path(member))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::Error;

    use super::*;

    const WORD: Shape =
        Shape { min: 2, max: 4, pattern: r"[\w]+", fits: |text| text.bytes().all(|byte| byte.is_ascii_alphanumeric()) };

    fn with(parameters: &[(&str, &str)]) -> Payload {
        Payload::Params(parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn text(error: &Error) -> &str {
        error.vendor_message().unwrap()
    }

    #[test]
    fn what_fits_is_read() {
        let arguments = with(&[("Name", "abc"), ("Size", "7"), ("On", "true"), ("Kind", "B")]);
        let read = read(&arguments, Values::Hidden, |fields| {
            let texts = (fields.required("Name", &WORD), fields.optional("Other", &WORD));
            let kind = (fields.choice("Kind", &["A", "B"]), fields.choice("None", &["A"]));
            Ok((texts, kind, fields.number("Size", 1, 9)?, fields.flag("On")?, fields.flag("Off")?))
        });
        assert_eq!(read.unwrap(), (("abc".to_owned(), None), (Some("B"), None), Some(7), true, false));
    }

    #[test]
    fn everything_that_does_not_fit_is_told_at_once_and_before_anything_else() {
        let arguments = with(&[("Name", "a b c"), ("Size", "10"), ("Kind", "C")]);
        let error = read::<()>(&arguments, Values::Hidden, |fields| {
            fields.required("Name", &WORD);
            fields.required("Gone", &WORD);
            fields.choice("Kind", &["A"]);
            fields.number("Size", 1, 9)?;
            Err(Kind::Internal.because("must not be heard"))
        })
        .unwrap_err();
        assert_eq!(
            text(&error),
            "5 validation errors detected: Value at 'name' failed to satisfy constraint: Member must have length less \
             than or equal to 4; Value at 'name' failed to satisfy constraint: Member must satisfy regular expression \
             pattern: [\\w]+; Value at 'gone' failed to satisfy constraint: Member must not be null; Value at 'kind' \
             failed to satisfy constraint: Member must satisfy enum value set; Value at 'size' failed to satisfy \
             constraint: Member must have value less than or equal to 9"
        );
    }

    #[test]
    fn sts_repeats_the_value() {
        let arguments = with(&[("RoleSessionName", "a:b")]);
        let error = read::<String>(&arguments, Values::Shown, |fields| Ok(fields.required("RoleSessionName", &WORD)));
        assert_eq!(
            text(&error.unwrap_err()),
            "1 validation error detected: Value 'a:b' at 'roleSessionName' failed to satisfy constraint: Member must \
             satisfy regular expression pattern: [\\w]+"
        );
        let error = read::<String>(&with(&[]), Values::Shown, |fields| Ok(fields.required("RoleArn", &WORD)));
        assert!(text(&error.unwrap_err()).contains("Value null at 'roleArn'"));
    }

    #[test]
    fn tags_are_checked_one_by_one() {
        let tags = |parameters: &[(&str, &str)]| read(&with(parameters), Values::Hidden, |fields| fields.tags());
        let (key, value) = ("Tags.member.1.Key", "Tags.member.1.Value");
        assert_eq!(tags(&[(key, "Größe 1"), (value, "")]).unwrap(), Tags::from([("Größe 1".into(), String::new())]));
        let twice = tags(&[(key, "a"), (value, ""), ("Tags.member.2.Key", "A"), ("Tags.member.2.Value", "")]);
        assert_eq!(
            text(&twice.unwrap_err()),
            "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        );
        assert_eq!(tags(&[(key, "AWS:a"), (value, "")]).unwrap_err().kind(), Kind::InvalidTag);
        assert!(text(&tags(&[(key, "a")]).unwrap_err()).contains("at 'tags.1.member.value'"));
        assert!(text(&tags(&[(key, "a\n"), (value, "")]).unwrap_err()).contains("at 'tags.1.member.key'"));
        let many: Vec<(String, String)> = (1..=51)
            .flat_map(|at| {
                [(format!("Tags.member.{at}.Key"), at.to_string()), (format!("Tags.member.{at}.Value"), "".into())]
            })
            .collect();
        let error = read(&Payload::Params(many), Values::Hidden, |fields| fields.tags()).unwrap_err();
        assert!(text(&error).contains("Value at 'tags' failed to satisfy constraint: Member must have length less"));
    }

    #[test]
    fn what_is_not_built_is_never_ignored() {
        let refused = |parameters: &[(&str, &str)]| {
            read(&with(parameters), Values::Hidden, |fields| fields.not_built("Tags", "not built yet"))
        };
        assert!(refused(&[("Tags", "")]).is_ok() && refused(&[]).is_ok());
        assert_eq!(refused(&[("Tags.member.1.Key", "a")]).unwrap_err().kind(), Kind::Unsupported);
        assert_eq!(refused(&[("Tags", "a")]).unwrap_err().subject(), Some("Tags"));
    }
}
