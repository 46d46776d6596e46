//! Text patterns of policy documents: globs, policy variables and segment-wise resource names.
//!
//! # Invariants
//! - A glob never recurses while it matches, and takes no more steps than its length and the text's together, runs with a
//!   `?` between two `*` excepted: those take a sixty-fourth of the product. It allocates for those alone, where the text
//!   is long. Whatever it takes is counted.
//! - The value of a variable is spliced in as literal text, never read as a pattern.

use std::borrow::Cow;

use memchr::memmem;
use smallvec::SmallVec;

use super::effort::Effort;
use super::key::Key;
use super::question::{Context, Value};
use super::spec::{NameSyntax, ShortNames};

/// The longest pattern a document may hold, in bytes.
pub(super) const LONGEST_PATTERN: usize = 4096;

/// The most segments a resource name of any dialect has.
const MOST_SEGMENTS: usize = 6;

/// A `?` in a general pattern; no UTF-8 text holds this byte.
const ONE: u8 = 0xFF;

/// A `*` in a general pattern; no UTF-8 text holds this byte either.
const MANY: u8 = 0xFE;

/// Steps that every comparison takes, every search for a run, and every variable that is put in.
const ATTEMPT: usize = 12;
const SEARCH: usize = 64;
const LOOK_UP: usize = 160;

/// Steps for each byte of a text in which a run is searched, at the worst: most searches are far faster.
const SEARCHED: usize = 4;

/// Steps for each byte of a text that is taken apart into characters first.
const DECODED: usize = 6;

/// Room for a text with its variables put in; a longer one is allocated.
pub(super) type Spliced = SmallVec<[u8; 256]>;

/// A pattern without variables, in the cheapest form that can express it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Glob {
    Any,
    Exact(Box<str>),
    Prefix(Box<str>),
    /// Text with [`ONE`] and [`MANY`] in it.
    Wild(Box<[u8]>),
}

impl Glob {
    /// Reads `*` as any run of characters and `?` as exactly one character.
    pub(super) fn new(pattern: &str) -> Self {
        match pattern.find(['*', '?']) {
            None => Self::Exact(pattern.into()),
            Some(_) if pattern == "*" => Self::Any,
            Some(at) if at + 1 == pattern.len() && pattern.ends_with('*') => {
                Self::Prefix(pattern.trim_end_matches('*').into())
            }
            Some(_) => Self::Wild(pattern.bytes().map(wild).collect()),
        }
    }

    pub(super) fn literal(text: &str) -> Self {
        Self::Exact(text.into())
    }

    /// Whether a text matches; for short texts, or where somebody else bounds the work.
    pub(super) fn matches(&self, text: impl AsRef<[u8]>) -> bool {
        self.matches_within(text, &Effort::unbounded())
    }

    /// Whether a text matches; once too much was spent, none does.
    pub(super) fn matches_within(&self, text: impl AsRef<[u8]>, effort: &Effort) -> bool {
        let text = text.as_ref();
        let literal = |literal: &str| effort.spend(ATTEMPT + literal.len().min(text.len()) / 16);
        match self {
            Self::Any => true,
            Self::Exact(exact) => exact.len() == text.len() && literal(exact) && *exact.as_bytes() == *text,
            Self::Prefix(prefix) => literal(prefix) && text.starts_with(prefix.as_bytes()),
            Self::Wild(pattern) => matches(pattern, text, effort),
        }
    }

    /// What every text that matches begins with.
    pub(super) fn beginning(&self) -> &[u8] {
        match self {
            Self::Any => &[],
            Self::Exact(text) | Self::Prefix(text) => text.as_bytes(),
            Self::Wild(pattern) => pattern.split(|byte| *byte >= MANY).next().unwrap_or_default(),
        }
    }
}

const fn wild(byte: u8) -> u8 {
    match byte {
        b'*' => MANY,
        b'?' => ONE,
        other => other,
    }
}

/// Whether the UTF-8 `text` matches the general `pattern`; once too much was spent, nothing does.
///
/// What stands before the first `*` and behind the last is compared in its place, every run between at the first place
/// where it fits: no later one could do better.
pub(super) fn matches(pattern: &[u8], text: &[u8], effort: &Effort) -> bool {
    if !effort.spend(ATTEMPT + 3 * pattern.len().min(text.len())) {
        return false;
    }
    let mut runs = pattern.split(|byte| *byte == MANY);
    let Some(rest) = runs.next().and_then(|first| after(first, text)) else { return false };
    let Some(last) = runs.next_back() else { return rest.is_empty() };
    let Some(mut between) = before(last, rest) else { return false };
    runs.all(|run| match after_first(run, between, effort) {
        Some(rest) => {
            between = rest;
            true
        }
        None => false,
    })
}

/// What follows `run` at the start of `text`.
fn after<'t>(run: &[u8], text: &'t [u8]) -> Option<&'t [u8]> {
    if !run.contains(&ONE) {
        return text.strip_prefix(run);
    }
    run.iter().try_fold(text, |text, byte| {
        let (first, rest) = text.split_first()?;
        match *byte {
            ONE => rest.get(rest.iter().take_while(|byte| is_inner(**byte)).count()..),
            byte => (byte == *first).then_some(rest),
        }
    })
}

/// What precedes `run` at the end of `text`.
fn before<'t>(run: &[u8], text: &'t [u8]) -> Option<&'t [u8]> {
    if !run.contains(&ONE) {
        return text.strip_suffix(run);
    }
    run.iter().rev().try_fold(text, |text, byte| {
        let (last, rest) = text.split_last()?;
        match *byte {
            ONE => text.get(..text.iter().rposition(|byte| !is_inner(*byte))?),
            byte => (byte == *last).then_some(rest),
        }
    })
}

/// What follows the first occurrence of `run` in `text`.
fn after_first<'t>(run: &[u8], text: &'t [u8], effort: &Effort) -> Option<&'t [u8]> {
    if !run.contains(&ONE) {
        // No further than there are steps left, so that the last search is bounded too.
        let searched = text.len().min(run.len() + effort.left() / SEARCHED);
        let found = text.get(..searched).and_then(|text| memmem::find(text, run));
        let within = effort.spend(SEARCH + run.len() + SEARCHED * found.unwrap_or(text.len()));
        return found.filter(|_| within).and_then(|at| text.get(at + run.len()..));
    }
    if text.is_ascii() {
        return first_fit(run, text, ONE, effort).and_then(|at| text.get(at + run.len()..));
    }
    if !effort.spend(DECODED * text.len()) {
        return None;
    }
    let run = characters(run);
    let at = first_fit(&run, &characters(text), u32::from(ONE), effort)?;
    let mut starts = text.iter().enumerate().filter(|(_, byte)| !is_inner(**byte));
    let end = starts.nth(at + run.len()).map_or(text.len(), |(at, _)| at);
    text.get(end..)
}

/// Sets of places in a text, a bit for each.
type Places = SmallVec<[u64; 64]>;

/// Where a run fits a text first, unit by unit: wherever each of its units stands where it has to.
fn first_fit<T: Copy + Ord>(run: &[T], text: &[T], one: T, effort: &Effort) -> Option<usize> {
    let count = text.len().checked_sub(run.len())? + 1;
    let literal = || run.iter().enumerate().filter(|(_, unit)| **unit != one);
    let mut units: SmallVec<[T; 16]> = literal().map(|(_, unit)| *unit).collect();
    units.sort_unstable();
    units.dedup();
    let (words, width) = (count.div_ceil(64), text.len() / 64 + 2);
    let steps = SEARCH + 3 * size_of::<T>() * text.len() + 2 * units.len() * width + literal().count() * (words + 4);
    if !effort.spend(steps) {
        return None;
    }
    let sets = places(&units, text, width);
    let mut fits = Places::from_elem(u64::MAX, words);
    if let (Some(last), used @ 1..) = (fits.last_mut(), count % 64) {
        *last = (1 << used) - 1;
    }
    for (at, unit) in literal() {
        let set = units.binary_search(unit).ok().and_then(|set| sets.get(set * width + at / 64..(set + 1) * width))?;
        let (shift, mut left) = (at % 64, 0);
        for (fit, pair) in fits.iter_mut().zip(set.windows(2)) {
            let &[low, high] = pair else { continue };
            *fit &= (low >> shift) | (high << 1 << (63 - shift));
            left |= *fit;
        }
        if left == 0 {
            return None;
        }
    }
    fits.iter().enumerate().find_map(|(word, fit)| (*fit != 0).then(|| word * 64 + fit.trailing_zeros() as usize))
}

/// Where each unit stands in a text: one set after the other, in so many words each.
fn places<T: Ord>(units: &[T], text: &[T], width: usize) -> Places {
    let mut sets = Places::from_elem(0, units.len() * width);
    for (at, unit) in text.iter().enumerate() {
        if let Some(word) = units.binary_search(unit).ok().and_then(|set| sets.get_mut(set * width + at / 64)) {
            *word |= 1 << (at % 64);
        }
    }
    sets
}

/// The characters of UTF-8, each as the number that its bytes make.
fn characters(text: &[u8]) -> SmallVec<[u32; 256]> {
    let mut characters = SmallVec::new();
    for byte in text {
        match characters.last_mut() {
            Some(last) if is_inner(*byte) => *last = *last << 8 | u32::from(*byte),
            _ => characters.push(u32::from(*byte)),
        }
    }
    characters
}

/// Whether a byte of UTF-8 continues a character.
fn is_inner(byte: u8) -> bool {
    (0x80..0xC0).contains(&byte)
}

/// One piece of a text with variables.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(Box<str>),
    One,
    Many,
    Variable { key: Key, fallback: Option<Box<str>> },
}

/// A text that has to look into the request before it can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Box<[Piece]>);

impl Template {
    /// The general pattern for this request, or `None` when a variable has no single value.
    pub(super) fn pattern(&self, context: &dyn Context, effort: &Effort) -> Option<Spliced> {
        self.splice(context, (ONE, MANY), effort)
    }

    /// The literal text for this request; wildcards stand for themselves.
    pub(super) fn text(&self, context: &dyn Context, effort: &Effort) -> Option<Spliced> {
        self.splice(context, (b'?', b'*'), effort)
    }

    fn splice(&self, context: &dyn Context, (one, many): (u8, u8), effort: &Effort) -> Option<Spliced> {
        let mut spliced = Spliced::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => spliced.extend_from_slice(text.as_bytes()),
                Piece::One => spliced.push(one),
                Piece::Many => spliced.push(many),
                Piece::Variable { key, fallback } => {
                    let value = resolve(key, fallback.as_deref(), context)?;
                    if !effort.spend(LOOK_UP + value.len() / 4) {
                        return None;
                    }
                    spliced.extend_from_slice(value.as_bytes());
                }
            }
        }
        Some(spliced)
    }

    /// The condition keys that it looks up.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Variable { key, .. } => Some(key),
            Piece::Text(_) | Piece::One | Piece::Many => None,
        })
    }

    /// What every text that matches begins with, whatever the variables are.
    pub(super) fn beginning(&self) -> &[u8] {
        match self.0.first() {
            Some(Piece::Text(text)) => text.as_bytes(),
            Some(Piece::One | Piece::Many | Piece::Variable { .. }) | None => &[],
        }
    }
}

fn resolve<'c>(key: &Key, fallback: Option<&'c str>, context: &'c dyn Context) -> Option<Cow<'c, str>> {
    match context.named(key.name()) {
        Some(Value::One(text)) => Some(text),
        Some(Value::Many(_)) => None,
        None => fallback.map(Cow::Borrowed),
    }
}

/// A text that may hold wildcards and variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    Fixed(Glob),
    Template(Template),
}

impl Pattern {
    /// Reads `text`; `variables` turns `${…}` on, `wildcards` turns `*` and `?` on.
    pub(super) fn parse(text: &str, variables: bool, wildcards: bool) -> Result<Self, &'static str> {
        if text.len() > LONGEST_PATTERN {
            return Err("the pattern is too long");
        }
        if !variables || !text.contains("${") {
            return Ok(Self::Fixed(if wildcards { Glob::new(text) } else { Glob::literal(text) }));
        }
        let pieces = pieces(text, wildcards)?;
        if pieces.iter().any(|piece| matches!(piece, Piece::Variable { .. })) {
            return Ok(Self::Template(Template(pieces.into())));
        }
        Ok(Self::Fixed(fixed(&pieces)))
    }

    pub(super) fn matches(&self, text: impl AsRef<[u8]>, context: &dyn Context, effort: &Effort) -> bool {
        match self {
            Self::Fixed(glob) => glob.matches_within(text, effort),
            Self::Template(template) => {
                template.pattern(context, effort).is_some_and(|pattern| matches(&pattern, text.as_ref(), effort))
            }
        }
    }

    /// The condition keys that it looks up.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        let template = match self {
            Self::Fixed(_) => None,
            Self::Template(template) => Some(template),
        };
        template.into_iter().flat_map(Template::keys)
    }

    /// What every text that matches begins with.
    pub(super) fn beginning(&self) -> &[u8] {
        match self {
            Self::Fixed(glob) => glob.beginning(),
            Self::Template(template) => template.beginning(),
        }
    }
}

/// The glob of pieces that hold no variable (only escapes such as `${*}`).
fn fixed(pieces: &[Piece]) -> Glob {
    if let [Piece::Text(text)] = pieces {
        return Glob::literal(text);
    }
    let bytes = pieces.iter().flat_map(|piece| match piece {
        Piece::Text(text) => text.as_bytes(),
        Piece::One => &[ONE],
        Piece::Many => &[MANY],
        Piece::Variable { .. } => &[],
    });
    Glob::Wild(bytes.copied().collect())
}

fn pieces(text: &str, wildcards: bool) -> Result<Vec<Piece>, &'static str> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if let Some(inside) = rest.strip_prefix("${") {
            let (name, after) = inside.split_once('}').ok_or("a variable is not closed")?;
            match name {
                "*" | "?" | "$" => literal.push_str(name),
                _ => {
                    flush(&mut pieces, &mut literal);
                    pieces.push(variable(name)?);
                }
            }
            rest = after;
            continue;
        }
        match character {
            '*' | '?' if wildcards => {
                flush(&mut pieces, &mut literal);
                pieces.push(if character == '*' { Piece::Many } else { Piece::One });
            }
            other => literal.push(other),
        }
        rest = rest.get(character.len_utf8()..).unwrap_or_default();
    }
    flush(&mut pieces, &mut literal);
    Ok(pieces)
}

fn flush(pieces: &mut Vec<Piece>, literal: &mut String) {
    if !literal.is_empty() {
        pieces.push(Piece::Text(std::mem::take(literal).into()));
    }
}

/// `key` or `key, 'default'`.
fn variable(inside: &str) -> Result<Piece, &'static str> {
    let Some((key, fallback)) = inside.split_once(',') else {
        return match inside.trim() {
            "" => Err("a variable has no name"),
            key => Ok(Piece::Variable { key: Key::new(key), fallback: None }),
        };
    };
    let quoted = fallback.trim();
    let plain = quoted.strip_prefix('\'').and_then(|open| open.strip_suffix('\''));
    let plain = plain.ok_or("the default of a variable is not in single quotes")?;
    Ok(Piece::Variable { key: Key::new(key.trim()), fallback: Some(plain.into()) })
}

/// A resource name of a request, split once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name<'a> {
    text: &'a str,
    parts: [&'a str; MOST_SEGMENTS],
    count: usize,
    segments: usize,
}

impl<'a> Name<'a> {
    pub(super) fn new(text: &'a str, syntax: &NameSyntax) -> Self {
        let mut parts = [""; MOST_SEGMENTS];
        let (mut count, mut rest) = (0, text);
        for slot in parts.iter_mut().take(syntax.segments) {
            count += 1;
            let colon = if count == syntax.segments { None } else { rest.bytes().position(|byte| byte == b':') };
            let Some((part, after)) = colon.and_then(|at| rest.split_at_checked(at)) else {
                *slot = rest;
                break;
            };
            *slot = part;
            rest = after.get(1..).unwrap_or_default();
        }
        Self { text, parts, count, segments: syntax.segments }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The last segment, if it has all segments.
    pub(super) fn last(&self) -> Option<&'a str> {
        self.segments.checked_sub(1).and_then(|last| self.part(last))
    }

    pub(super) fn part(&self, index: usize) -> Option<&'a str> {
        self.parts.get(..self.count).and_then(|parts| parts.get(index)).copied()
    }
}

/// What a `Resource` element says, matched segment by segment.
#[derive(Debug, Clone)]
pub(super) enum NamePattern {
    Any,
    Exact(Box<str>),
    Segments { head: Box<[Glob]>, tail: Pattern, bare_star: bool },
    Nothing,
}

impl NamePattern {
    /// Splits `text` at its first colons; variables are read only in the last segment.
    pub(super) fn parse(
        text: &str,
        syntax: &NameSyntax,
        variables: bool,
        short: ShortNames,
    ) -> Result<Self, &'static str> {
        if text == "*" {
            return Ok(Self::Any);
        }
        if text.len() > LONGEST_PATTERN {
            return Err("the pattern is too long");
        }
        let mut parts: Vec<&str> = text.splitn(syntax.segments, ':').collect();
        let wild = text.contains(['*', '?']);
        let literal = !(wild || syntax.star_fills_empty || variables && text.contains("${"));
        if parts.len() < syntax.segments {
            let padded = match short {
                ShortNames::Padded => true,
                ShortNames::PaddedIfWild => wild,
                ShortNames::Refused => false,
            };
            if !padded {
                return Ok(Self::Nothing);
            }
            parts.resize(syntax.segments, "*");
        } else if literal {
            return Ok(Self::Exact(text.into()));
        }
        let (tail, head) = parts.split_last().ok_or("the name is empty")?;
        Ok(Self::Segments {
            head: head.iter().map(|part| Glob::new(part)).collect(),
            tail: Pattern::parse(tail, variables, true)?,
            bare_star: syntax.star_fills_empty,
        })
    }

    pub(super) fn matches(&self, name: &Name<'_>, context: &dyn Context, effort: &Effort) -> bool {
        match self {
            Self::Any => true,
            Self::Nothing => false,
            Self::Exact(text) => **text == *name.text,
            // The last segment tells most names apart, so it is compared first.
            Self::Segments { tail, .. } => {
                name.last().is_some_and(|last| tail.matches(last, context, effort)) && self.heads_match(name, effort)
            }
        }
    }

    /// Whether some values of the variables make it match.
    pub(super) fn could_match(&self, name: &Name<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::Nothing => false,
            Self::Exact(text) => **text == *name.text,
            Self::Segments { tail, .. } => {
                name.last().is_some_and(|last| last.as_bytes().starts_with(tail.beginning()))
                    && self.heads_match(name, &Effort::unbounded())
            }
        }
    }

    /// Whether all segments but the last match.
    fn heads_match(&self, name: &Name<'_>, effort: &Effort) -> bool {
        let Self::Segments { head, bare_star, .. } = self else { return false };
        name.count == head.len() + 1
            && head.iter().zip(&name.parts).all(|(glob, part)| {
                glob.matches_within(part, effort)
                    || (*bare_star && *part == "*" && matches!(glob, Glob::Exact(text) if text.is_empty()))
            })
    }

    /// The condition keys that it looks up.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        let tail = match self {
            Self::Segments { tail, .. } => Some(tail),
            Self::Any | Self::Exact(_) | Self::Nothing => None,
        };
        tail.into_iter().flat_map(Pattern::keys)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::super::question::Facts;
    use super::*;

    const SIX: NameSyntax = NameSyntax { scheme: "arn", segments: 6, service: 2, account: 4, star_fills_empty: false };

    fn glob(pattern: &str, text: &str) -> bool {
        Glob::new(pattern).matches(text)
    }

    #[test]
    fn globs_are_anchored_and_count_characters_not_bytes() {
        assert!(glob("a*c", "abbbc") && glob("a*c", "ac") && !glob("a*c", "abcd"));
        assert!(glob("?", "é") && !glob("?", "ab") && glob("**", "") && glob("*b*b", "abab"));
        assert!(!glob("a?", "a") && glob("", "") && !glob("", "a"));
    }

    #[test]
    fn a_hostile_glob_takes_few_steps() {
        let text = "a".repeat(4096);
        for run in ["*a".repeat(2000), format!("*{}", "a".repeat(2000)), format!("*{}", "a?".repeat(1000))] {
            for end in ["b", "b*", "*b"] {
                assert!(!glob(&format!("{run}{end}"), &text), "{end}");
                assert!(!glob(&format!("{run}{end}"), &format!("é{text}")), "{end}");
            }
        }
    }

    /// What a pattern means, in the plainest words.
    fn means(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|at| means(rest, &text[at..])),
            Some(('?', rest)) => !text.is_empty() && means(rest, &text[1..]),
            Some((character, rest)) => text.first() == Some(character) && means(rest, &text[1..]),
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { cases: 4096, failure_persistence: None, ..Default::default() })]

        #[test]
        fn a_glob_matches_what_it_means(pattern in "[abé*?]{0,9}", text in "[abéê]{0,9}") {
            let chars = |text: &str| text.chars().collect::<Vec<char>>();
            let expected = means(&chars(&pattern), &chars(&text));
            proptest::prop_assert_eq!(glob(&pattern, &text), expected);
            let spliced = pattern.replacen('a', "${team, 'a'}", 1);
            let template = Pattern::parse(&spliced, true, true).unwrap();
            proptest::prop_assert_eq!(template.matches(&text, &Facts::new(), &Effort::unbounded()), expected);
            proptest::prop_assert!(!expected || text.as_bytes().starts_with(template.beginning()));
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { cases: 2048, failure_persistence: None, ..Default::default() })]

        #[test]
        fn a_run_is_found_where_it_fits_first(text in "a{0,99}[ab]{0,9}a{0,99}[abé]?a{0,99}", run in "[a?]{0,70}[ab?é]?[a?]{0,70}") {
            let characters = |text: &str| text.chars().map(|c| if c == '?' { u32::from(ONE) } else { u32::from(c) }).collect::<Vec<_>>();
            let (run, text) = (characters(&run), characters(&text));
            let fits = |window: &[u32]| run.iter().zip(window).all(|(wanted, unit)| *wanted == u32::from(ONE) || wanted == unit);
            let expected = match run.is_empty() {
                true => Some(0),
                false => text.windows(run.len()).position(fits),
            };
            proptest::prop_assert_eq!(first_fit(&run, &text, u32::from(ONE), &Effort::unbounded()), expected);
        }
    }

    #[test]
    fn variables_are_spliced_as_literals() {
        let pattern = Pattern::parse("home/${aws:username}/*", true, true).unwrap();
        let mut facts = Facts::new();
        facts.insert("aws:UserName", Value::from("*"));
        assert!(pattern.matches("home/*/x", &facts, &Effort::unbounded()));
        assert!(!pattern.matches("home/bob/x", &facts, &Effort::unbounded()));
    }

    #[test]
    fn escapes_and_defaults_are_read() {
        let facts = Facts::new();
        assert!(Pattern::parse("a${*}b${$}", true, true).unwrap().matches("a*b$", &facts, &Effort::unbounded()));
        assert!(!Pattern::parse("a${*}b", true, true).unwrap().matches("axb", &facts, &Effort::unbounded()));
        assert!(Pattern::parse("${team, 'red'}", true, true).unwrap().matches("red", &facts, &Effort::unbounded()));
        assert!(!Pattern::parse("${team}", true, true).unwrap().matches("", &facts, &Effort::unbounded()));
        assert!(Pattern::parse("${team", true, true).is_err());
    }

    #[test]
    fn a_star_in_a_resource_never_crosses_a_segment() {
        let facts = Facts::new();
        let name = Name::new("arn:aws:kms:r:1:key/a:b", &SIX);
        let is = |text: &str, short| {
            NamePattern::parse(text, &SIX, true, short).unwrap().matches(&name, &facts, &Effort::unbounded())
        };
        assert!(is("arn:aws:kms:*:1:key/*", ShortNames::Refused));
        assert!(is("arn:aws:kms:r:1:key/a:b", ShortNames::Refused));
        assert!(!is("arn:aws:*:1:key/a:b", ShortNames::Refused));
        assert!(is("arn:aws:kms", ShortNames::Padded) && !is("arn:aws:kms", ShortNames::PaddedIfWild));
        assert!(is("arn:*", ShortNames::PaddedIfWild) && !is("arn:*", ShortNames::Refused));
    }

    #[test]
    fn only_a_whole_star_names_the_absent_resource() {
        let facts = Facts::new();
        let name = Name::new("*", &SIX);
        let is = |text: &str| {
            NamePattern::parse(text, &SIX, true, ShortNames::Padded).unwrap().matches(
                &name,
                &facts,
                &Effort::unbounded(),
            )
        };
        assert!(is("*") && !is("arn:aws:kms:*:*:*") && !is("arn:*"));
    }
}
