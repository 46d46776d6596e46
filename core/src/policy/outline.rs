//! The outline of a document: where its statements stand, and which condition keys it looks at.

use std::collections::HashSet;
use std::ops::Range;

use super::condition::Predicate;
use super::document::{Node, Refusal};
use super::pattern::Pattern;
use super::spec::Spec;

/// A place in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// Where a statement stands, as somebody sees it who reads from left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Extent {
    /// Behind what was read before it: the bracket of the list, or the statement before. Behind its own brace, where it
    /// is on no list.
    pub start: Position,
    /// Behind its last brace.
    pub end: Position,
}

/// What a document is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Its statements, in order.
    pub statements: Vec<Extent>,
    /// The condition keys it names, in conditions and as variables; each once, in the spelling that comes first.
    pub keys: Vec<String>,
}

impl Spec {
    /// The outline of a document that its grammar accepts.
    ///
    /// # Errors
    /// A [`Refusal`] if the text cannot be read.
    pub fn outline(&self, text: &str) -> Result<Outline, Refusal> {
        let root = Node::open(text)?;
        let mut members = root.object()?;
        let version = members.iter().find(|(name, _)| name == "Version").map(|(_, node)| node.string()).transpose()?;
        let variables = self.versions.iter().any(|known| known.variables && version.as_deref() == Some(known.text));
        let at = members.iter().position(|(name, _)| name == "Statement");
        let Some((_, list)) = at.map(|at| members.swap_remove(at)) else {
            return Ok(Outline { statements: Vec::new(), keys: Vec::new() });
        };
        let mut keys = Keys { spec: self, variables, names: Vec::new(), seen: HashSet::new() };
        let items = list.list()?;
        items.iter().try_for_each(|item| keys.statement(item))?;
        Ok(Outline { statements: extents(text, &list, &items), keys: keys.names })
    }
}

fn extents(text: &str, list: &Node<'_>, items: &[Node<'_>]) -> Vec<Extent> {
    let mut reader = Reader { text, offset: 0, at: Position { line: 1, column: 1 } };
    // A list and a statement that stands alone both begin with a character of their own.
    let mut start = reader.go(list.span().start + 1);
    let mut extents = Vec::with_capacity(items.len());
    for Range { end, .. } in items.iter().map(Node::span) {
        let end = reader.go(end);
        extents.push(Extent { start, end });
        start = end;
    }
    extents
}

/// Somebody who reads a text once, from left to right.
struct Reader<'t> {
    text: &'t str,
    offset: usize,
    at: Position,
}

impl Reader<'_> {
    fn go(&mut self, offset: usize) -> Position {
        for character in self.text.get(self.offset..offset).unwrap_or_default().chars() {
            let Position { line, column } = self.at;
            self.at = match character {
                '\n' => Position { line: line + 1, column: 1 },
                _ => Position { line, column: column + 1 },
            };
        }
        self.offset = offset;
        self.at
    }
}

/// The condition keys found so far.
struct Keys<'s> {
    spec: &'s Spec,
    variables: bool,
    names: Vec<String>,
    /// The names in lower case.
    seen: HashSet<String>,
}

impl Keys<'_> {
    fn statement(&mut self, statement: &Node<'_>) -> Result<(), Refusal> {
        for (name, node) in statement.object()? {
            match name.as_str() {
                "Resource" | "NotResource" => node.list()?.iter().try_for_each(|text| self.text(text))?,
                "Condition" => self.conditions(&node)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn conditions(&mut self, block: &Node<'_>) -> Result<(), Refusal> {
        for (operator, keys) in block.object()? {
            let predicate = self.spec.operator(&operator).map(|parsed| parsed.operator.predicate);
            let texts =
                matches!(predicate, Some(Predicate::Text | Predicate::TextAnyCase | Predicate::Like | Predicate::Name));
            for (key, values) in keys.object()? {
                self.add(&key);
                if texts {
                    values.list()?.iter().try_for_each(|text| self.text(text))?;
                }
            }
        }
        Ok(())
    }

    /// The variables of a text.
    fn text(&mut self, node: &Node<'_>) -> Result<(), Refusal> {
        if self.variables {
            // Whatever is no pattern here has no variables when it is evaluated either.
            let pattern = Pattern::parse(&node.scalar(true)?, true, true).ok();
            pattern.iter().flat_map(Pattern::keys).for_each(|key| self.add(key.text()));
        }
        Ok(())
    }

    fn add(&mut self, key: &str) {
        if self.seen.insert(key.to_ascii_lowercase()) {
            self.names.push(key.to_owned());
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::super::example_tests::SPEC;
    use super::*;

    fn extents(text: &str) -> Vec<((usize, usize), (usize, usize))> {
        let place = |position: Position| (position.line, position.column);
        let outline = SPEC.outline(text).unwrap();
        outline.statements.into_iter().map(|extent| (place(extent.start), place(extent.end))).collect()
    }

    #[test]
    fn a_statement_reaches_from_what_was_read_before_it_to_its_own_end() {
        assert_eq!(extents("{\n  \"Statement\":{\n    \"Effect\":\"Allow\"\n  }\n}"), [((2, 16), (4, 4))]);
        assert_eq!(
            extents("{\n  \"Statement\": [\n    { \"Sid\": \"é\" },\n    {}\n  ]\n}"),
            [((2, 17), (3, 19)), ((3, 19), (4, 7))]
        );
        assert_eq!(extents(r#"{"Statement":[]}"#), []);
        assert_eq!(extents("{}"), []);
    }

    #[test]
    fn keys_are_those_of_conditions_and_of_variables() {
        let text = r#"{"Version":"2","Statement":[
            {"Resource":["a:b:${x:User}/${*}"],"Condition":{"StringLike":{"x:Team":["${x:Team, 'none'}","${X:USER}"]}}},
            {"NotResource":"a:b:${x:Own}","Condition":{"Bool":{"x:tls":"${x:No}"}}}]}"#;
        assert_eq!(SPEC.outline(text).unwrap().keys, ["x:User", "x:Team", "x:Own", "x:tls"]);
        let plain = text.replace(r#""2""#, r#""1""#);
        assert_eq!(SPEC.outline(&plain).unwrap().keys, ["x:Team", "x:tls"]);
    }
}
