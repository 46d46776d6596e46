//! A seed file with the place of everything in it.
//!
//! # Invariants
//! - No message shows a line of the file: there may be secrets in it.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_saphyr::{Location, Spanned};
use zeroize::Zeroizing;

use crate::cli::Failure;
use crate::cli::start::block_on;
use crate::core::policy::Refusal;
use crate::core::seed::{self, SeedAccessKey, SeedGroup, SeedKey, SeedPolicy, SeedRole, SeedUser};
use crate::{Builder, Seed, Settings};

/// The largest file that is read, in bytes.
const MOST: u64 = 64 << 20;

/// A seed file that was read.
pub(crate) struct File {
    place: PathBuf,
    text: Zeroizing<String>,
    form: Result<Seed, (Spot, String)>,
    root: Option<Node>,
}

/// A line and a column of a file, from 1; the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Spot {
    line: u64,
    column: u64,
}

impl From<Location> for Spot {
    fn from(location: Location) -> Self {
        Self { line: location.line(), column: location.column() }
    }
}

/// Something wrong, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    file: PathBuf,
    spot: Spot,
    first: Option<Spot>,
    message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, spot: Spot { line, column }, first, message } = self;
        write!(f, "{}:{line}:{column}: {message}", file.display())?;
        match first {
            Some(Spot { line, column }) => write!(f, " (first at {line}:{column})"),
            None => Ok(()),
        }
    }
}

impl File {
    /// Reads a file.
    ///
    /// # Errors
    /// [`Failure::Failed`] when it cannot be read; what is wrong with it is among its [`faults`](Self::faults).
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let place = path.display();
        let failed = |why: &dyn fmt::Display| Failure::Failed(format!("cannot read the seed `{place}`: {why}"));
        if std::fs::metadata(path).map_err(|error| failed(&error))?.len() > MOST {
            return Err(failed(&format_args!("it has more than {MOST} bytes")));
        }
        let text = std::fs::read_to_string(path).map_err(|error| failed(&error))?;
        Ok(Self::of(path, Zeroizing::new(text)))
    }

    fn of(path: &Path, text: Zeroizing<String>) -> Self {
        let form = serde_saphyr::from_str(&text).map_err(|error: serde_saphyr::Error| {
            let location = error.location().unwrap_or(Location::UNKNOWN);
            (Spot { line: location.line().max(1), column: location.column().max(1) }, words(&error))
        });
        let root = serde_saphyr::from_str::<Spanned<Content>>(&text).ok().map(Node::from);
        Self { place: path.to_owned(), text, form, root }
    }

    /// The seed.
    ///
    /// # Errors
    /// [`Failure::Failed`] with everything that is wrong with it.
    pub(crate) fn seed(self, regions: &[(String, String)]) -> Result<Seed, Failure> {
        let faults = self.faults(regions)?;
        match (self.form, faults.is_empty()) {
            (Ok(seed), true) => Ok(seed),
            _ => {
                let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
                Err(Failure::Failed(format!("the seed is refused:\n{}", lines.join("\n"))))
            }
        }
    }

    /// Everything that is wrong, in the order of the file; regions are those of keys that name none, by dialect.
    ///
    /// # Errors
    /// [`Failure::Failed`] when there is no engine to ask.
    pub(crate) fn faults(&self, regions: &[(String, String)]) -> Result<Vec<Fault>, Failure> {
        let mut faults = match &self.form {
            Err((spot, message)) => self.malformed(*spot, message),
            Ok(seed) => block_on(async {
                let settings = Settings { regions: regions.to_vec(), ..Settings::default() };
                let scratch = Builder::new().settings(settings).build().await?;
                seed.faults(&scratch).await
            })??
            .into_iter()
            .map(|fault| self.placed(fault))
            .collect(),
        };
        faults.sort_by_key(|fault| fault.spot);
        Ok(faults)
    }

    fn fault(&self, spot: Spot, message: String) -> Fault {
        Fault { file: self.place.clone(), spot, first: None, message }
    }

    /// A file that is no seed by its form: the first thing that is wrong, and what is wrong with each other entry.
    fn malformed(&self, spot: Spot, message: &str) -> Vec<Fault> {
        let mut faults = vec![self.fault(spot, message.to_owned())];
        let mut entries = Vec::new();
        let accounts = self.root.iter().flat_map(Node::members).flat_map(|member| member.value.items());
        for (list, entry) in accounts
            .flat_map(Node::members)
            .flat_map(|member| member.value.items().map(move |entry| (member.name.as_str(), entry)))
        {
            entries.push((list, entry));
        }
        for (at, (list, entry)) in entries.iter().enumerate() {
            let end = entries.get(at + 1).map_or(Spot { line: u64::MAX, column: 0 }, |(_, next)| next.spot);
            // The first fault may be this entry's.
            if (entry.spot..end).contains(&spot) {
                continue;
            }
            if let Err(why) = checked(list, entry) {
                let unknown = why.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
                let place = unknown.and_then(|name| entry.member_named(name)).unwrap_or(entry.spot);
                faults.push(self.fault(place, why));
            }
        }
        faults
    }

    fn placed(&self, fault: seed::Fault) -> Fault {
        let seed::Fault { pointer, first, message, refusal } = fault;
        let Some(root) = &self.root else { return self.fault(Spot { line: 1, column: 1 }, message) };
        let node = root.at(&pointer);
        let spot = match &refusal {
            Some(refusal) => node.place_of(refusal, &self.text),
            None => node.spot,
        };
        let first = first.map(|pointer| root.at(&pointer).spot);
        Fault { first, ..self.fault(spot, message) }
    }
}

/// What a parser says, without lines of the file.
fn words(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let line = text.lines().next().unwrap_or_default();
    // The place is told by itself.
    let end = [" at line ", ", at line ", " (line "].iter().filter_map(|mark| line.find(mark)).min();
    line.get(..end.unwrap_or(line.len())).unwrap_or_default().to_owned()
}

/// Whether an entry of a list has the form that it must have.
fn checked(list: &str, entry: &Node) -> Result<(), String> {
    fn form<T: DeserializeOwned>(value: Value) -> Result<(), String> {
        serde_json::from_value::<T>(value).map(drop).map_err(|error| error.to_string())
    }
    let value = entry.value();
    match list {
        "owner" => form::<SeedAccessKey>(value),
        "policies" => form::<SeedPolicy>(value),
        "groups" => form::<SeedGroup>(value),
        "users" => form::<SeedUser>(value),
        "roles" => form::<SeedRole>(value),
        "keys" => form::<SeedKey>(value),
        _ => Ok(()),
    }
}

/// A value of a file with its place.
struct Node {
    spot: Spot,
    /// Where it is defined, in bytes.
    bytes: Option<(u64, u64)>,
    content: Content,
}

/// A member of a mapping.
struct Member {
    name: String,
    spot: Spot,
    value: Node,
}

enum Content {
    Plain(Value),
    List(Vec<Node>),
    Map(Vec<Member>),
}

impl From<Spanned<Content>> for Node {
    fn from(spanned: Spanned<Content>) -> Self {
        let Spanned { value, referenced, defined } = spanned;
        let span = defined.span();
        Self { spot: referenced.into(), bytes: span.byte_offset().zip(span.byte_len()), content: value }
    }
}

impl Node {
    fn members(&self) -> std::slice::Iter<'_, Member> {
        match &self.content {
            Content::Map(members) => members.iter(),
            _ => [].iter(),
        }
    }

    fn items(&self) -> std::slice::Iter<'_, Self> {
        match &self.content {
            Content::List(items) => items.iter(),
            _ => [].iter(),
        }
    }

    /// Where a member of this name is, here or below.
    fn member_named(&self, name: &str) -> Option<Spot> {
        let own = self.members().find(|member| member.name == name).map(|member| member.spot);
        own.or_else(|| {
            let below = self.members().map(|member| &member.value).chain(self.items());
            below.filter_map(|node| node.member_named(name)).next()
        })
    }

    /// What a JSON pointer leads to, or the last thing on the way there.
    fn at(&self, pointer: &str) -> &Self {
        let mut node = self;
        for step in pointer.split('/').skip(1) {
            let name = step.replace("~1", "/").replace("~0", "~");
            let member = node.members().find(|member| member.name == name).map(|member| &member.value);
            let item = || step.parse::<usize>().ok().and_then(|index| node.items().nth(index));
            match member.or_else(item) {
                Some(next) => node = next,
                // A single value stands for a list of one.
                None if step == "0" => {}
                None => break,
            }
        }
        node
    }

    fn value(&self) -> Value {
        match &self.content {
            Content::Plain(value) => value.clone(),
            Content::List(items) => items.iter().map(Self::value).collect(),
            Content::Map(members) => {
                Value::Object(members.iter().map(|member| (member.name.clone(), member.value.value())).collect())
            }
        }
    }

    /// Where a document is refused: inside the text that it is, or below the mapping that it is.
    fn place_of(&self, refusal: &Refusal, file: &str) -> Spot {
        let Content::Plain(Value::String(document)) = &self.content else { return self.at(&refusal.pointer).spot };
        self.inside(document, refusal, file).unwrap_or(self.spot)
    }

    /// Where something inside a text stands in the file: as far behind its beginning, in characters other than white space,
    /// which is the same however the text is quoted, folded and indented.
    fn inside(&self, document: &str, refusal: &Refusal, file: &str) -> Option<Spot> {
        let (begin, length) = self.bytes?;
        let (begin, length) = (usize::try_from(begin).ok()?, usize::try_from(length).ok()?);
        let lines = document.lines().take(refusal.line);
        let before: usize = lines
            .enumerate()
            .map(|(at, line)| {
                let whole = at + 1 < refusal.line;
                line.chars()
                    .take(if whole { usize::MAX } else { refusal.column - 1 })
                    .filter(|c| !c.is_whitespace())
                    .count()
            })
            .sum();
        let written = file.get(begin..begin.checked_add(length)?)?;
        let offset = begin + Written::of(written).nth(before)?;
        let before = file.get(..offset)?;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Some(Spot { line: (before.matches('\n').count() + 1) as u64, column: column as u64 })
    }
}

/// A text as it is written in YAML.
struct Written<'t> {
    text: &'t str,
    at: usize,
    quote: Option<char>,
}

impl<'t> Written<'t> {
    fn of(text: &'t str) -> Self {
        match text.chars().next() {
            Some(quote @ ('"' | '\'')) => Self { text, at: 1, quote: Some(quote) },
            // The line that begins a block says how it is folded.
            Some('|' | '>') => Self { text, at: text.find('\n').unwrap_or(text.len()), quote: None },
            _ => Self { text, at: 0, quote: None },
        }
    }

    /// The offset of the character that follows so many others, white space not counted.
    fn nth(mut self, before: usize) -> Option<usize> {
        let mut seen = 0;
        loop {
            let (begin, blank) = self.next()?;
            match (blank, seen == before) {
                (false, true) => return Some(begin),
                (false, false) => seen += 1,
                (true, _) => {}
            }
        }
    }

    /// Where the next character stands, and whether it is white space.
    fn next(&mut self) -> Option<(usize, bool)> {
        let begin = self.at;
        let rest = self.text.get(begin..)?;
        let character = rest.chars().next()?;
        let (length, blank) = match (self.quote, character) {
            (Some('"'), '\\') => escape(rest),
            (Some('\''), '\'') => (2, false),
            _ => (character.len_utf8(), character.is_whitespace()),
        };
        self.at += length;
        Some((begin, blank))
    }
}

/// The length of an escape, and whether it stands for white space or for nothing.
fn escape(text: &str) -> (usize, bool) {
    let digits = |count: usize| {
        let code = text.get(2..2 + count).and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
        (2 + count, code.is_some_and(char::is_whitespace))
    };
    match text.chars().nth(1) {
        Some('x') => digits(2),
        // A pair of surrogates is one character.
        Some('u')
            if text.get(2..4).is_some_and(|hex| matches!(&*hex.to_ascii_lowercase(), "d8" | "d9" | "da" | "db")) =>
        {
            (12, false)
        }
        Some('u') => digits(4),
        Some('U') => digits(8),
        Some(character) => (
            1 + character.len_utf8(),
            matches!(character, 'n' | 't' | 'r' | ' ' | 'N' | '_' | 'L' | 'P' | 'v' | 'f' | '\n' | '\t'),
        ),
        None => (1, true),
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Content, E> {
        Ok(Content::Plain(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Content, E> {
        Ok(Content::Plain(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Content, E> {
        Ok(Content::Plain(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Content, E> {
        Ok(Content::Plain(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Content, E> {
        Ok(Content::Plain(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Content, E> {
        Ok(Content::Plain(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Content, E> {
        Ok(Content::Plain(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Content, A::Error> {
        let mut nodes = Vec::new();
        while let Some(item) = items.next_element::<Spanned<Content>>()? {
            nodes.push(item.into());
        }
        Ok(Content::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Content, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key::<Spanned<String>>()? {
            let value = map.next_value::<Spanned<Content>>()?.into();
            members.push(Member { name: name.value, spot: name.referenced.into(), value });
        }
        Ok(Content::Map(members))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#[path = "file_tests.rs"]
mod tests;
