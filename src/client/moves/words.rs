//! Documents as they are said at the other place: translated between clouds, with other names within one.

use polykms_core::dialect::Dialect;
use polykms_core::dialect::twins::side;
use polykms_core::policy::DocumentKind;
use polykms_core::policy::translate::{self, Map, Side, Status as Became};
use serde_json::Value;

use super::{Place, Status};

/// What stands for the identifier that a key will have, in a document of a plan.
pub(super) fn placeholder(id: &str) -> String {
    format!("moved-from-{id}")
}

/// How documents of one place are said at another.
pub(super) struct Words<'p> {
    sides: [Side; 2],
    from: &'p Place,
    to: &'p Place,
    pub(super) map: Map,
}

/// A document at the other place, how well it means the same, and why not.
pub(super) struct Said {
    pub(super) document: Value,
    pub(super) status: Status,
    pub(super) why: Vec<String>,
}

impl<'p> Words<'p> {
    pub(super) fn new(dialects: [&'static Dialect; 2], [from, to]: [&'p Place; 2]) -> Self {
        let one = |from: &str, to: &str| [(from.to_owned(), to.to_owned())].into();
        let map = Map {
            accounts: one(&from.account, &to.account),
            regions: one(&from.region, &to.region),
            keys: Default::default(),
            networks: Default::default(),
            home: Some(from.account.clone()),
        };
        Self { sides: dialects.map(side), from, to, map }
    }

    /// The same, in which these keys have names.
    pub(super) fn knowing<'k>(mut self, keys: impl Iterator<Item = &'k str>) -> Self {
        self.map.keys = keys.map(|id| (id.to_owned(), placeholder(id))).collect();
        self
    }

    /// A document in the words of the other place.
    ///
    /// # Errors
    /// Why it cannot be said there.
    pub(super) fn said(&self, kind: DocumentKind, text: &str) -> Result<Said, Vec<String>> {
        match self.from.dialect == self.to.dialect {
            true => self.renamed(text),
            false => self.translated(kind, text),
        }
    }

    fn translated(&self, kind: DocumentKind, text: &str) -> Result<Said, Vec<String>> {
        let [from, to] = &self.sides;
        let told = translate::translate(from, to, &self.map, kind, text);
        let told = told.map_err(|refusal| vec![format!("the document is refused: {refusal}")])?;
        let mut why = Vec::new();
        for entry in &told.report {
            let place = if entry.source.is_empty() { "added" } else { entry.source.as_str() };
            why.extend(entry.why.iter().map(|why| format!("{place}: {why}")));
        }
        if !told.unannounced.is_empty() {
            why.push("the translation differs without saying so, which is a mistake of polykms".to_owned());
            return Err(why);
        }
        let status = match told.status() {
            Became::Exact => Status::Maps,
            Became::Assumed | Became::WiderDeny | Became::Narrowed | Became::Dropped => Status::Narrows,
        };
        match told.document {
            Some(document) => Ok(Said { document, status, why }),
            None => Err(why),
        }
    }

    /// The same document with the other place's account, region and keys in its names.
    fn renamed(&self, text: &str) -> Result<Said, Vec<String>> {
        let refused = |error: serde_json::Error| vec![format!("the document is no JSON: {error}")];
        let mut document: Value = serde_json::from_str(text).map_err(refused)?;
        let mut left = Vec::new();
        self.rename(&mut document, &mut left);
        left.sort();
        left.dedup();
        match left.is_empty() {
            true => Ok(Said { document, status: Status::Maps, why: Vec::new() }),
            false => Err(left),
        }
    }

    fn rename(&self, value: &mut Value, left: &mut Vec<String>) {
        match value {
            Value::String(text) => *text = self.name(text, left),
            Value::Array(items) => items.iter_mut().for_each(|item| self.rename(item, left)),
            Value::Object(members) => members.values_mut().for_each(|member| self.rename(member, left)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// A text with its segments put into the words of the other place; what names this one otherwise is left.
    fn name(&self, text: &str, left: &mut Vec<String>) -> String {
        let keys = self.map.keys.iter().map(|(from, to)| (from.as_str(), to.as_str()));
        let places = [(&*self.from.account, &*self.to.account), (&*self.from.region, &*self.to.region)];
        let pairs: Vec<_> = places.into_iter().chain(keys).filter(|(from, to)| from != to).collect();
        let segment = |segment: &str| pairs.iter().find(|(from, _)| *from == segment).map(|(_, to)| (*to).to_owned());
        let whole = |part: &str| {
            let (kind, id) = part.rsplit_once('/').map_or(("", part), |(kind, id)| (kind, id));
            match segment(id) {
                Some(id) if kind.is_empty() => id,
                Some(id) => format!("{kind}/{id}"),
                None => part.to_owned(),
            }
        };
        let named: Vec<String> = text.split(':').map(whole).collect();
        let named = named.join(":");
        // A placeholder has the name that it stands for in it.
        let rest = pairs.iter().fold(named.clone(), |rest, (_, to)| rest.replace(to, ""));
        if let Some((from, _)) = pairs.iter().find(|(from, _)| rest.contains(from)) {
            left.push(format!("`{text}` names `{from}`, which is another one there"));
        }
        named
    }
}
