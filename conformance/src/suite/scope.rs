//! References: `${…}` in the texts of a case becomes what was saved, named or made up.
//!
//! A text that is nothing but a reference becomes the value itself, whatever its kind; inside a text it becomes text.
//! References may stand in each other: `${args.${op}}`; `$${` is `${` as it stands. Functions: `b64:TEXT`, `flip:BASE64` (its last bit differs),
//! `oaep:TEXT:PUBLIC` (the text under a public key of RSA, base64 of DER, by OAEP with SHA-256), `json:VALUE`, `name:SUFFIX` (a name of this case alone), `repeat:TEXT:COUNT`, `now` and
//! `now:OFFSET` (the time of the target, RFC 3339), `epoch:OFFSET` (the same in seconds since 1970).

use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

/// How deep references may lie in what they refer to.
const DEEPEST: usize = 32;
/// The longest text that is made here.
const LONGEST: usize = 1 << 22;

/// What can be referred to.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// What was written down: its references are followed.
    values: Map<String, Value>,
    /// What came of what was done: it is taken as it stands, and hides what was written down.
    made: Map<String, Value>,
    /// What the names of this case begin with.
    prefix: String,
    /// How far the clock of the target is ahead.
    ahead: SignedDuration,
}

/// Why a reference cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dangling(pub String);

type Result<T> = std::result::Result<T, Dangling>;

impl Scope {
    /// A scope whose made-up names begin like this.
    pub fn new(prefix: String) -> Self {
        Self { prefix, ..Self::default() }
    }

    /// The same, with more values that were written down; later ones hide earlier ones.
    #[must_use]
    pub fn with(mut self, values: impl IntoIterator<Item = (String, Value)>) -> Self {
        self.values.extend(values);
        self
    }

    /// Names a value that was made.
    pub fn set(&mut self, name: &str, value: Value) {
        self.made.insert(name.to_owned(), value);
    }

    /// Names a value that was made within the object of another name.
    pub fn set_in(&mut self, object: &str, name: &str, value: Value) {
        let inner = self.made.entry(object.to_owned()).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(members) = inner {
            members.insert(name.to_owned(), value);
        }
    }

    /// Follows the clock of the target, which is so far ahead.
    pub fn ahead_by(&mut self, ahead: SignedDuration) {
        self.ahead = ahead;
    }

    fn now(&self, moved: SignedDuration) -> Option<String> {
        let now = Timestamp::now().checked_add(self.ahead).and_then(|now| now.checked_add(moved));
        now.ok().map(|now| now.to_string())
    }

    /// A name that nothing else has.
    pub fn name(&self, suffix: &str) -> String {
        format!("{}{suffix}", self.prefix)
    }

    /// The value with all its references followed.
    ///
    /// # Errors
    /// [`Dangling`], which says which one leads nowhere.
    pub fn resolve(&self, value: &Value) -> Result<Value> {
        self.followed(value, 0)
    }

    /// The text with all its references followed.
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve).
    pub fn text(&self, template: &str) -> Result<String> {
        self.template(template, 0).map(|value| text_of(&value))
    }

    fn followed(&self, value: &Value, depth: usize) -> Result<Value> {
        if depth > DEEPEST {
            return Err(Dangling("references go round in circles".to_owned()));
        }
        match value {
            Value::String(text) => self.template(text, depth),
            Value::Array(items) => items.iter().map(|item| self.followed(item, depth)).collect(),
            Value::Object(members) => {
                let pairs = members
                    .iter()
                    .map(|(name, value)| Ok((text_of(&self.template(name, depth)?), self.followed(value, depth)?)));
                pairs.collect::<Result<_>>().map(Value::Object)
            }
            other => Ok(other.clone()),
        }
    }

    fn template(&self, text: &str, depth: usize) -> Result<Value> {
        let mut rest = text;
        let mut out = String::new();
        while let Some((before, after)) = rest.split_once("${") {
            if let Some(before) = before.strip_suffix('$') {
                out.push_str(before);
                out.push_str("${");
                rest = after;
                continue;
            }
            let (body, behind) = closed(after).ok_or_else(|| Dangling(format!("`{text}` has no end")))?;
            let value = self.reference(body, depth + 1)?;
            if before.is_empty() && out.is_empty() && behind.is_empty() {
                return Ok(value);
            }
            out.push_str(before);
            out.push_str(&text_of(&value));
            rest = behind;
        }
        out.push_str(rest);
        Ok(Value::String(out))
    }

    fn reference(&self, body: &str, depth: usize) -> Result<Value> {
        match body.split_once(':') {
            Some((function @ ("b64" | "epoch" | "flip" | "json" | "name" | "oaep" | "repeat" | "now"), argument)) => {
                let argument = self.followed(&Value::String(argument.to_owned()), depth)?;
                self.function(function, &argument)
            }
            None if body == "now" => self.function("now", &Value::from("0s")),
            _ => {
                let path = text_of(&self.template(body, depth)?);
                match (found(&self.made, &path), found(&self.values, &path)) {
                    (Some(made), _) => Ok(made.clone()),
                    (None, Some(written)) => self.followed(written, depth),
                    (None, None) => Err(Dangling(format!("there is no `{path}`"))),
                }
            }
        }
    }

    fn function(&self, name: &str, argument: &Value) -> Result<Value> {
        let text = text_of(argument);
        let wrong = |why: &str| Dangling(format!("`{name}:{}` {why}", text.chars().take(40).collect::<String>()));
        let made = match name {
            "b64" => STANDARD.encode(&text),
            "json" => argument.to_string(),
            "name" => self.name(&text),
            "now" => {
                let now = super::duration(&text).and_then(|by| self.now(by));
                now.ok_or_else(|| wrong("is no offset"))?
            }
            "epoch" => {
                let at =
                    super::duration(&text).and_then(|by| self.now(by)).and_then(|now| now.parse::<Timestamp>().ok());
                return Ok(at.ok_or_else(|| wrong("is no offset"))?.as_second().into());
            }
            "oaep" => {
                let (text, public) = text.rsplit_once(':').ok_or_else(|| wrong("has no public key"))?;
                let public = STANDARD.decode(public).map_err(|_| wrong("is not base64"))?;
                STANDARD.encode(oaep(text.as_bytes(), &public).ok_or_else(|| wrong("does not fit its public key"))?)
            }
            "flip" => {
                let mut bytes = STANDARD.decode(&text).map_err(|_| wrong("is not base64"))?;
                *bytes.last_mut().ok_or_else(|| wrong("has no bit"))? ^= 1;
                STANDARD.encode(bytes)
            }
            _ => {
                let (part, count) = text.rsplit_once(':').ok_or_else(|| wrong("has no count"))?;
                let count: usize = count.parse().map_err(|_| wrong("has no count"))?;
                if part.len().saturating_mul(count) > LONGEST {
                    return Err(wrong("is too long"));
                }
                part.repeat(count)
            }
        };
        Ok(Value::String(made))
    }
}

/// RSAES-OAEP with SHA-256 and no label (RFC 8017).
fn oaep(text: &[u8], public: &[u8]) -> Option<Vec<u8>> {
    let key = OaepPublicEncryptingKey::new(PublicEncryptingKey::from_der(public).ok()?).ok()?;
    let mut room = vec![0; key.ciphertext_size()];
    key.encrypt(&OAEP_SHA256_MGF1SHA256, text, &mut room, None).ok().map(|wrapped| wrapped.to_vec())
}

fn found<'v>(values: &'v Map<String, Value>, path: &str) -> Option<&'v Value> {
    match path.split_once('.') {
        Some((name, rest)) => at(values.get(name)?, rest),
        None => values.get(path),
    }
}

/// What stands up to the brace that closes, and what is behind it.
fn closed(text: &str) -> Option<(&str, &str)> {
    let mut open = 1_usize;
    let mut last = ' ';
    for (at, letter) in text.char_indices() {
        match letter {
            '{' if last == '$' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some((text.get(..at)?, text.get(at + 1..)?));
        }
        last = letter;
    }
    None
}

/// A value as it stands within a text.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The value at a path of names and numbers, with dots between them.
pub(super) fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        other => other.get(step),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    fn scope() -> Scope {
        Scope::new("polykms-1-".to_owned()).with([
            ("key".to_owned(), json!({"id": "k-1", "list": [{"a": 7}]})),
            ("op".to_owned(), json!("Encrypt")),
            ("args".to_owned(), json!({"Encrypt": {"KeyId": "${key.id}"}})),
            ("circle".to_owned(), json!("${circle}")),
            ("row".to_owned(), json!("3")),
        ])
    }

    #[test]
    fn references_keep_their_kind_alone_and_are_text_within_text() {
        for (asked, wanted) in [
            (json!("${key.id}"), json!("k-1")),
            (json!("${key.list.0.a}"), json!(7)),
            (json!("alias/${key.list.0.a}-x"), json!("alias/7-x")),
            (json!({"a": ["${args.${op}}"]}), json!({"a": [{"KeyId": "k-1"}]})),
            (json!({"kms:${op}": 1}), json!({"kms:Encrypt": 1})),
            (json!("${json:${args.Encrypt}}"), json!(r#"{"KeyId":"k-1"}"#)),
            (json!("${b64:${repeat:a:${row}}}"), json!("YWFh")),
            (json!("${flip:${b64:a}}"), json!("YA==")),
            (json!("${name:u}"), json!("polykms-1-u")),
            (json!("a$${aws:username}b"), json!("a${aws:username}b")),
            (json!("{\"a\": {}} $ }"), json!("{\"a\": {}} $ }")),
            (json!(true), json!(true)),
        ] {
            assert_eq!(scope().resolve(&asked).unwrap(), wanted, "{asked}");
        }
    }

    #[test]
    fn what_was_made_hides_what_was_written_and_is_taken_as_it_stands() {
        let mut scope = scope();
        scope.set("op", json!("${nothing}"));
        scope.set_in("key", "id", json!("k-2"));
        for (asked, wanted) in
            [("${op}", json!("${nothing}")), ("${key.id}", json!("k-2")), ("${key.list.0.a}", json!(7))]
        {
            assert_eq!(scope.resolve(&json!(asked)).unwrap(), wanted, "{asked}");
        }
    }

    #[test]
    fn what_leads_nowhere_says_so() {
        for (asked, words) in [
            ("${nothing}", "there is no `nothing`"),
            ("${key.id.more}", "there is no `key.id.more`"),
            ("${key", "has no end"),
            ("${circle}", "circles"),
            ("${repeat:a}", "has no count"),
            ("${flip:!}", "is not base64"),
        ] {
            let Dangling(told) = scope().resolve(&json!(asked)).unwrap_err();
            assert!(told.contains(words), "{asked}: {told}");
        }
    }
}
