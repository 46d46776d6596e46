//! Text patterns of policy documents: globs, policy variables and segment-wise resource names.
//!
//! # Invariants
//! - A glob never recurses and never allocates while it matches; runs of `*` are one `*`.
//! - The value of a variable is spliced in as literal text, never read as a pattern.

use std::borrow::Cow;

use super::key::Key;
use super::question::{Context, Value};
use super::spec::{NameSyntax, ShortNames};

/// The longest pattern a document may hold, in bytes.
pub(super) const LONGEST_PATTERN: usize = 4096;

/// The most segments a resource name of any dialect has.
const MOST_SEGMENTS: usize = 6;

/// One step of a general pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Byte(u8),
    One,
    Many,
}

/// A pattern without variables, in the cheapest form that can express it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Glob {
    Any,
    Exact(Box<str>),
    Prefix(Box<str>),
    Tokens(Box<[Token]>),
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
            Some(_) => Self::Tokens(tokens(pattern).into()),
        }
    }

    pub(super) fn literal(text: &str) -> Self {
        Self::Exact(text.into())
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(literal) => **literal == *text,
            Self::Prefix(prefix) => text.starts_with(&**prefix),
            Self::Tokens(tokens) => matches_tokens(tokens, text, |a, b| a == b),
        }
    }

    /// Like [`Glob::matches`] but blind to ASCII case.
    pub(super) fn matches_any_case(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(literal) => literal.eq_ignore_ascii_case(text),
            Self::Prefix(prefix) => {
                text.as_bytes().get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()))
            }
            Self::Tokens(tokens) => matches_tokens(tokens, text, |a, b| a.eq_ignore_ascii_case(&b)),
        }
    }
}

/// The tokens of `pattern`, with runs of `*` collapsed.
fn tokens(pattern: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(pattern.len());
    for byte in pattern.bytes() {
        push(
            &mut tokens,
            match byte {
                b'*' => Token::Many,
                b'?' => Token::One,
                other => Token::Byte(other),
            },
        );
    }
    tokens
}

fn push(tokens: &mut Vec<Token>, token: Token) {
    if token != Token::Many || tokens.last() != Some(&Token::Many) {
        tokens.push(token);
    }
}

/// The two-pointer match: on a mismatch only the last `*` is extended, so no state but one position is kept.
pub(super) fn matches_tokens(pattern: &[Token], text: &str, same: impl Fn(u8, u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    let (mut at_pattern, mut at_text) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(&byte) = bytes.get(at_text) {
        match pattern.get(at_pattern) {
            Some(Token::Many) => {
                at_pattern += 1;
                retry = Some((at_pattern, at_text));
                continue;
            }
            Some(Token::One) => {
                at_pattern += 1;
                at_text = next_character(bytes, at_text);
                continue;
            }
            Some(Token::Byte(expected)) if same(*expected, byte) => {
                at_pattern += 1;
                at_text += 1;
                continue;
            }
            _ => {}
        }
        let Some((after_star, from)) = retry else { return false };
        let from = next_character(bytes, from);
        retry = Some((after_star, from));
        at_pattern = after_star;
        at_text = from;
    }
    pattern.get(at_pattern..).is_some_and(|rest| rest.iter().all(|token| *token == Token::Many))
}

/// The offset of the character that follows the one at `at`.
fn next_character(bytes: &[u8], at: usize) -> usize {
    let mut next = at + 1;
    while bytes.get(next).is_some_and(|byte| (0x80..0xC0).contains(byte)) {
        next += 1;
    }
    next
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
    /// The pattern for this request, or `None` when a variable has no single value.
    pub(super) fn tokens(&self, context: &dyn Context) -> Option<Vec<Token>> {
        let mut tokens = Vec::with_capacity(64);
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => tokens.extend(text.bytes().map(Token::Byte)),
                Piece::One => tokens.push(Token::One),
                Piece::Many => push(&mut tokens, Token::Many),
                Piece::Variable { key, fallback } => {
                    tokens.extend(resolve(key, fallback.as_deref(), context)?.bytes().map(Token::Byte));
                }
            }
        }
        Some(tokens)
    }

    /// The literal text for this request; wildcards stand for themselves.
    pub(super) fn text(&self, context: &dyn Context) -> Option<String> {
        let mut text = String::with_capacity(64);
        for piece in &self.0 {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::One => text.push('?'),
                Piece::Many => text.push('*'),
                Piece::Variable { key, fallback } => text.push_str(&resolve(key, fallback.as_deref(), context)?),
            }
        }
        Some(text)
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

    /// The condition keys that its variables name.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        let pieces: &[Piece] = match self {
            Self::Fixed(_) => &[],
            Self::Template(Template(pieces)) => pieces,
        };
        pieces.iter().filter_map(|piece| match piece {
            Piece::Variable { key, .. } => Some(key.text()),
            Piece::Text(_) | Piece::One | Piece::Many => None,
        })
    }

    pub(super) fn matches(&self, text: &str, context: &dyn Context) -> bool {
        match self {
            Self::Fixed(glob) => glob.matches(text),
            Self::Template(template) => {
                template.tokens(context).is_some_and(|tokens| matches_tokens(&tokens, text, |a, b| a == b))
            }
        }
    }
}

/// The glob of pieces that hold no variable (only escapes such as `${*}`).
fn fixed(pieces: &[Piece]) -> Glob {
    let mut tokens = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => tokens.extend(text.bytes().map(Token::Byte)),
            Piece::One => tokens.push(Token::One),
            Piece::Many => push(&mut tokens, Token::Many),
            Piece::Variable { .. } => {}
        }
    }
    if let [Piece::Text(text)] = pieces { Glob::literal(text) } else { Glob::Tokens(tokens.into()) }
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
        Self { text, parts, count }
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

    pub(super) fn matches(&self, name: &Name<'_>, context: &dyn Context) -> bool {
        match self {
            Self::Any => true,
            Self::Nothing => false,
            Self::Exact(text) => **text == *name.text,
            Self::Segments { head, tail, bare_star } => {
                // The last segment tells most names apart, so it is compared first.
                name.count == head.len() + 1
                    && name.part(head.len()).is_some_and(|last| tail.matches(last, context))
                    && head.iter().zip(&name.parts).all(|(glob, part)| {
                        glob.matches(part) || (*bare_star && *part == "*" && *glob == Glob::Exact("".into()))
                    })
            }
        }
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
    fn a_hostile_glob_stays_polynomial() {
        let pattern = "*a".repeat(500) + "b";
        assert!(!glob(&pattern, &"a".repeat(4000)));
    }

    #[test]
    fn variables_are_spliced_as_literals() {
        let pattern = Pattern::parse("home/${aws:username}/*", true, true).unwrap();
        let mut facts = Facts::new();
        facts.insert("aws:UserName", Value::from("*"));
        assert!(pattern.matches("home/*/x", &facts));
        assert!(!pattern.matches("home/bob/x", &facts));
    }

    #[test]
    fn escapes_and_defaults_are_read() {
        let facts = Facts::new();
        assert!(Pattern::parse("a${*}b${$}", true, true).unwrap().matches("a*b$", &facts));
        assert!(!Pattern::parse("a${*}b", true, true).unwrap().matches("axb", &facts));
        assert!(Pattern::parse("${team, 'red'}", true, true).unwrap().matches("red", &facts));
        assert!(!Pattern::parse("${team}", true, true).unwrap().matches("", &facts));
        assert!(Pattern::parse("${team", true, true).is_err());
    }

    #[test]
    fn a_star_in_a_resource_never_crosses_a_segment() {
        let facts = Facts::new();
        let name = Name::new("arn:aws:kms:r:1:key/a:b", &SIX);
        let is = |text: &str, short| NamePattern::parse(text, &SIX, true, short).unwrap().matches(&name, &facts);
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
        let is = |text: &str| NamePattern::parse(text, &SIX, true, ShortNames::Padded).unwrap().matches(&name, &facts);
        assert!(is("*") && !is("arn:aws:kms:*:*:*") && !is("arn:*"));
    }
}
