//! Patterns against regular expressions: actions, resource names, and the values of string and name operators.
//!
//! The first byte chooses what is matched, the second how; the lines that follow are the text, the value of the variable
//! `aws:username`, and the patterns.
//!
//! # Invariants
//! - The regular expression is made from the pattern alone, by the rules of the vendors' pages and not by those of the
//!   evaluator's code.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use polykms_core::policy::{
    DocumentKind, Facts, Layers, Named, Principal, PrincipalKind, Question, Spec, Value as Fact, Verdict,
};
use regex::Regex;
use serde_json::{Value, json};

use super::Language;

/// The most patterns of one document.
const MOST: usize = 8;

/// Statements from which on evaluators may look at a document in another way.
const LONG: usize = 16;

/// What is matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Action,
    /// A resource in a policy of the caller, of a key, and of an organisation.
    Resource(DocumentKind),
    Operator(&'static str),
}

const WHAT: [What; 7] = [
    What::Action,
    What::Resource(DocumentKind::Identity),
    What::Resource(DocumentKind::Key),
    What::Resource(DocumentKind::ResourceControl),
    What::Operator("Like"),
    What::Operator("Equals"),
    What::Operator("Arn"),
];

/// What the bytes ask.
struct Task<'b> {
    what: What,
    alibaba: bool,
    negated: bool,
    variables: bool,
    long: bool,
    text: &'b str,
    user: &'b str,
    patterns: Vec<&'b str>,
}

/// Compares the evaluator with regular expressions.
///
/// # Errors
/// If a pattern matches for one of them only.
pub fn patterns(bytes: &[u8], languages: &[Language]) -> Result<(), String> {
    let Some(task) = Task::read(bytes) else { return Ok(()) };
    let name = if task.alibaba { "alibaba" } else { "aws" };
    let Some(language) = languages.iter().find(|language| language.spec.name == name) else { return Ok(()) };
    let wanted: BTreeSet<usize> =
        task.patterns.iter().enumerate().filter(|(_, pattern)| task.expects(pattern)).map(|(index, _)| index).collect();
    let found = task.found(language.alone, &task.patterns)?;
    if found != wanted {
        return Err(task.told(&format!("matched {found:?}, expected {wanted:?}")));
    }
    for (index, pattern) in task.patterns.iter().enumerate() {
        if task.found(language.alone, &[pattern])?.is_empty() == wanted.contains(&index) {
            return Err(task.told(&format!("pattern {index} alone is another matter")));
        }
    }
    Ok(())
}

impl<'b> Task<'b> {
    fn read(bytes: &'b [u8]) -> Option<Self> {
        let [what, how, rest @ ..] = bytes else { return None };
        let alibaba = how & 4 != 0;
        let what = match WHAT.get(usize::from(*what) % WHAT.len()).copied()? {
            What::Operator("Arn") if alibaba => What::Operator("Like"),
            What::Resource(DocumentKind::ResourceControl) if alibaba => What::Resource(DocumentKind::Key),
            what => what,
        };
        let mut lines = std::str::from_utf8(rest).ok()?.split('\n');
        let (text, user) = (lines.next()?, lines.next()?);
        let patterns: Vec<&str> = lines.take(MOST).collect();
        // Longer patterns are refused.
        let fits = patterns.iter().all(|pattern| pattern.len() <= 1024);
        let negated = how & 1 != 0;
        let variables = how & 2 != 0 && !alibaba;
        fits.then_some(Self { what, alibaba, negated, variables, long: how & 8 != 0, text, user, patterns })
    }

    /// The patterns that match, by the evaluator.
    fn found(&self, alone: &'static Spec, patterns: &[&str]) -> Result<BTreeSet<usize>, String> {
        let mut statements: Vec<Value> = patterns.iter().map(|pattern| self.statement(pattern)).collect();
        if self.long {
            let others = (0..LONG).map(|index| {
                json!({
                    "Effect": "Allow", "Principal": "*", "Action": format!("none:Action{index}"), "Resource": "*",
                })
            });
            statements.extend(others);
        }
        let version = if self.alibaba { "1" } else { "2012-10-17" };
        let version = if self.variables || self.alibaba { version } else { "2008-10-17" };
        let document = json!({ "Version": version, "Statement": statements }).to_string();
        let kind = if let What::Resource(kind) = self.what { kind } else { DocumentKind::Identity };
        let policy = alone.read(kind, &document).map_err(|refusal| self.told(&refusal.message))?;
        let policies = [Named { name: "patterns".into(), policy: Arc::new(policy) }];
        let mut context = Facts::new().with("aws:username", Fact::from(self.user.to_owned()));
        if let What::Operator(_) = self.what {
            context.insert("x:value", Fact::from(self.text.to_owned()));
        }
        let question = Question {
            principal: Principal {
                kind: PrincipalKind::User,
                account: "1",
                arn: "nobody",
                role_arn: None,
                user_arn: None,
                service: None,
                unique_id: None,
            },
            action: if self.what == What::Action { self.text } else { "kms:Decrypt" },
            resource: if let What::Resource(_) = self.what { self.text } else { "*" },
            resource_account: None,
            context: &context,
            assume_role: false,
            grant_id: None,
        };
        let layers = Layers { identity: Some(&policies), ..Layers::default() };
        let decision = alone.explain(&question, &layers);
        let index = |name: &str| name.strip_prefix('#').and_then(|index| index.parse().ok());
        let found: BTreeSet<usize> = decision.allow_by.iter().filter_map(|reason| index(&reason.statement)).collect();
        if (alone.decide(&question, &layers) == Verdict::Allow) == found.is_empty() {
            return Err(self.told("the fast path and the explanation disagree"));
        }
        Ok(found)
    }

    fn statement(&self, pattern: &str) -> Value {
        let mut statement = json!({ "Effect": "Allow" });
        let mut set = |name: &str, value: Value| {
            if let Value::Object(members) = &mut statement {
                members.insert(name.to_owned(), value);
            }
        };
        let not = if self.negated { "Not" } else { "" };
        let (action, resource) = match self.what {
            What::Action => (format!("{not}Action"), "Resource".to_owned()),
            What::Resource(_) => ("Action".to_owned(), format!("{not}Resource")),
            What::Operator(_) => ("Action".to_owned(), "Resource".to_owned()),
        };
        set(&action, json!(if self.what == What::Action { pattern } else { "*" }));
        set(&resource, json!(if let What::Resource(_) = self.what { pattern } else { "*" }));
        if self.what == What::Resource(DocumentKind::Key) || self.what == What::Resource(DocumentKind::ResourceControl)
        {
            set("Principal", json!("*"));
        }
        if let What::Operator(name) = self.what {
            let operator = match name {
                "Arn" => format!("Arn{not}Like"),
                name => format!("String{not}{name}"),
            };
            set("Condition", json!({ operator: { "x:value": pattern } }));
        }
        statement
    }

    /// Whether the statement with this pattern applies, by the vendors' rules.
    fn expects(&self, pattern: &str) -> bool {
        let read = match self.what {
            What::Action => Some(Read::Pieces(lexed(&pattern.to_ascii_lowercase()))),
            What::Resource(_) => self.name(pattern),
            What::Operator(_) => self.pieces(pattern),
        };
        let Some(read) = read else { return false };
        let Read::Pieces(pieces) = read else { return self.negated };
        let expression = match self.what {
            What::Operator("Arn") => match whole_name(pattern, &pieces) {
                Some(expression) => expression,
                None => return self.negated,
            },
            What::Operator("Equals") => pieces.iter().map(|piece| regex::escape(piece.plain())).collect(),
            _ => pieces.iter().map(|piece| piece.expression(false)).collect::<String>(),
        };
        let text = if self.what == What::Action { self.text.to_ascii_lowercase() } else { self.text.to_owned() };
        let whole = Regex::new(&format!(r"(?s)\A(?:{expression})\z"));
        // A pattern too large for a regular expression says nothing.
        whole.is_ok_and(|whole| whole.is_match(&text) != self.negated)
    }

    /// The pattern of a resource name: its segments keep their wildcards to themselves, and only the last, which may
    /// hold colons, has variables.
    fn name(&self, pattern: &str) -> Option<Read> {
        if pattern == "*" {
            return Some(Read::Pieces(vec![Piece::Many]));
        }
        let count = if self.alibaba { 5 } else { 6 };
        let mut segments: Vec<&str> = pattern.splitn(count, ':').collect();
        if segments.len() < count {
            let short = match self.what {
                What::Resource(DocumentKind::Key) if !self.alibaba => pattern.contains(['*', '?']),
                What::Resource(DocumentKind::ResourceControl) => false,
                _ => true,
            };
            if !short {
                return Some(Read::Never);
            }
            segments.resize(count, "*");
        }
        let (last, head) = segments.split_last()?;
        let mut pieces = Vec::new();
        for segment in head {
            pieces.extend(lexed(segment).into_iter().map(Piece::within));
            // RAM names leave out what requests write as `*`.
            let absent = self.alibaba && segment.is_empty();
            pieces.push(if absent { Piece::Absent } else { Piece::Text(String::new()) });
            pieces.push(Piece::Text(":".to_owned()));
        }
        match self.pieces(last)? {
            Read::Pieces(last) => pieces.extend(last),
            Read::Never => return Some(Read::Never),
        }
        Some(Read::Pieces(pieces))
    }

    /// The pieces of a text with variables; `None` if it is not well formed.
    fn pieces(&self, text: &str) -> Option<Read> {
        if !self.variables {
            return Some(Read::Pieces(lexed(text)));
        }
        static VARIABLE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?s)\$\{([^}]*)\}").ok());
        static INSIDE: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"(?s)\A\s*([^,]*?)\s*(?:(,)\s*'(.*)'\s*)?\z").ok());
        let (variable, inside) = (VARIABLE.as_ref()?, INSIDE.as_ref()?);
        let (mut pieces, mut from) = (Vec::new(), 0);
        for found in variable.captures_iter(text) {
            let (whole, name) = (found.get(0)?, found.get(1)?.as_str());
            pieces.extend(lexed(text.get(from..whole.start())?));
            from = whole.end();
            if ["*", "?", "$"].contains(&name) {
                pieces.push(Piece::Text(name.to_owned()));
                continue;
            }
            let parts = inside.captures(name)?;
            let key = parts.get(1)?.as_str();
            if key.is_empty() && parts.get(2).is_none() {
                return None;
            }
            let value = if key.eq_ignore_ascii_case("aws:username") {
                Some(self.user)
            } else if key.eq_ignore_ascii_case("x:value") && matches!(self.what, What::Operator(_)) {
                Some(self.text)
            } else {
                parts.get(3).map(|default| default.as_str())
            };
            pieces.push(value.map_or(Piece::Unknown, |value| Piece::Text(value.to_owned())));
        }
        let rest = text.get(from..)?;
        if rest.contains("${") {
            return None;
        }
        pieces.extend(lexed(rest));
        Some(if pieces.contains(&Piece::Unknown) { Read::Never } else { Read::Pieces(pieces) })
    }

    fn told(&self, fault: &str) -> String {
        let Self { what, alibaba, negated, variables, long, text, user, patterns } = self;
        format!(
            "{what:?}, alibaba {alibaba}, negated {negated}, variables {variables}, long {long}: {fault}: \
             text {text:?}, user {user:?}, patterns {patterns:?}"
        )
    }
}

/// What a pattern is.
enum Read {
    Pieces(Vec<Piece>),
    /// One that matches nothing.
    Never,
}

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Many,
    One,
    ManyWithin,
    OneWithin,
    /// Nothing, or `*`.
    Absent,
    /// A variable without a value.
    Unknown,
}

impl Piece {
    /// The same, but not beyond a colon.
    fn within(self) -> Self {
        match self {
            Self::Many => Self::ManyWithin,
            Self::One => Self::OneWithin,
            other => other,
        }
    }

    fn expression(&self, within: bool) -> String {
        match self {
            Self::Text(text) => regex::escape(text),
            Self::Many if !within => ".*".to_owned(),
            Self::One if !within => ".".to_owned(),
            Self::Many | Self::ManyWithin => "[^:]*".to_owned(),
            Self::One | Self::OneWithin => "[^:]".to_owned(),
            Self::Absent => r"\*?".to_owned(),
            Self::Unknown => r"[^\s\S]".to_owned(),
        }
    }

    /// The piece where wildcards mean themselves.
    fn plain(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Many | Self::ManyWithin => "*",
            Self::One | Self::OneWithin => "?",
            Self::Absent | Self::Unknown => "",
        }
    }
}

/// Texts and wildcards.
fn lexed(text: &str) -> Vec<Piece> {
    static TOKEN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?s)\*|\?|[^*?]+").ok());
    let tokens = TOKEN.iter().flat_map(|token| token.find_iter(text));
    let piece = |token: &str| match token {
        "*" => Piece::Many,
        "?" => Piece::One,
        other => Piece::Text(other.to_owned()),
    };
    tokens.map(|token| piece(token.as_str())).collect()
}

/// A full name for the name operators: wildcards before the fifth colon stay in their segment. `*` alone is every name.
fn whole_name(pattern: &str, pieces: &[Piece]) -> Option<String> {
    if pattern == "*" {
        return Some("(?:[^:]*:){5}.*".to_owned());
    }
    let (mut expression, mut colons) = (String::new(), 0);
    for piece in pieces {
        expression.push_str(&piece.expression(colons < 5));
        if let Piece::Text(text) = piece {
            colons += text.matches(':').count();
        }
    }
    (colons >= 5).then_some(expression)
}
