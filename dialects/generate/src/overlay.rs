//! What the models do not say: which operations are built, which members are not, which are sensitive, and limits that the
//! vendors document elsewhere. Kept by hand in `vendor/messages.json` of each dialect.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::model::{Field, Form, Service};

/// The overlay of a service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Overlay {
    /// The operations that are built.
    operations: Vec<String>,
    /// What is said of members, by `Structure.Member`; `*.Member` is said of all that have no entry of their own.
    #[serde(default)]
    members: BTreeMap<String, Said>,
    /// Texts that the model lacks, by structure; a structure that it has not is made of them.
    #[serde(default)]
    adds: BTreeMap<String, Vec<String>>,
    /// Structures that are one and the same, by their name in the model; the name they get.
    #[serde(default)]
    same: BTreeMap<String, String>,
    /// Structures that are not whole everywhere, by the name that they get where they are not.
    #[serde(default)]
    narrowed: BTreeMap<String, Narrowed>,
    /// Members that answers do not always have, by `Structure.Member` or `*.Member`; they always have all others.
    #[serde(default)]
    sometimes: BTreeSet<String>,
    /// The names of patterns in the dialect, by the vendor's text.
    #[serde(default)]
    pub(crate) patterns: BTreeMap<String, String>,
}

/// A structure that is not whole.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Narrowed {
    /// The whole one.
    of: String,
    /// The members it stands in, as `Structure.Member`.
    stands_in: Vec<String>,
    /// The members that it does not have.
    #[serde(default)]
    without: Vec<String>,
    /// Why it does not have them.
    #[serde(default)]
    why: String,
}

/// What is said of a member.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Said {
    /// Why it is not built.
    unbuilt: Option<String>,
    /// Why it may be given and changes nothing.
    ignored: Option<String>,
    /// Why operations refuse it in words of their own.
    refused: Option<String>,
    /// The member whose former name it is.
    former: Option<String>,
    /// The value it has where a request does not have it.
    default: Option<serde_json::Value>,
    /// Whether nobody else may see it.
    sensitive: bool,
    /// Why it may be seen, though its name speaks against it.
    open: Option<String>,
    /// Whether it has to be there.
    required: Option<bool>,
    /// Its kind, where the model has another: `blob`, `flag`, `integer`, `text`, `time`, `map`, `texts`, `joined texts` (one
    /// parameter with commas), `list of <Structure>`.
    kind: Option<String>,
    /// Whether a list is a parameter for each item.
    numbered: bool,
    /// The least length or value.
    min: Option<i64>,
    /// The greatest length or value.
    max: Option<i64>,
    /// Whether the limits of the model do not count.
    unlimited: bool,
    /// Whether the pattern of the model does not count.
    free: bool,
    /// What it looks like, where the model does not say.
    pattern: Option<String>,
    /// The texts it may be.
    one_of: Option<Vec<String>>,
    /// The texts that the vendor says it may be.
    listed: Option<String>,
}

/// Parts of names that speak of secrets.
const TELLING: [&str; 9] =
    ["Plaintext", "Secret", "Password", "PrivateKey", "Token", "Passphrase", "Assertion", "Seed", "Code"];

impl Overlay {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| format!("the overlay: {error}"))
    }

    /// The service as the overlay leaves it: the operations that are built, and all that they are made of.
    pub(crate) fn apply(&self, mut service: Service) -> Result<Service, String> {
        for operation in &self.operations {
            if !service.operations.contains_key(operation) {
                return Err(format!("the model has no operation `{operation}`"));
            }
        }
        service.operations.retain(|operation, _| self.operations.contains(operation));
        unite(&mut service, &self.same)?;
        for (structure, names) in &self.adds {
            let added = names.iter().map(|name| Field::new(name, Form::text()));
            service.shapes.entry(structure.clone()).or_default().fields.extend(added);
        }
        let mut idle: BTreeSet<&String> = self.members.keys().collect();
        // What is said of a member may add structures or take them away.
        let mut done = BTreeSet::new();
        while let Some(name) = service.reached().into_iter().find(|name| !done.contains(name)) {
            let shape = service.shapes.get_mut(&name).ok_or_else(|| format!("the model has no structure `{name}`"))?;
            for field in &mut shape.fields {
                let (own, any) = (format!("{name}.{}", field.name), format!("*.{}", field.name));
                if let Some((key, said)) = self.members.get_key_value(&own).or_else(|| self.members.get_key_value(&any))
                {
                    idle.remove(key);
                    say(field, said).map_err(|why| format!("{own}: {why}"))?;
                }
            }
            done.insert(name);
        }
        if !idle.is_empty() {
            return Err(format!("the overlay speaks of members that are not there: {idle:?}"));
        }
        self.narrowed.iter().try_for_each(|(name, narrowed)| narrow(&mut service, name, narrowed))?;
        let reached = service.reached();
        let whole = |name: &String| self.narrowed.values().any(|narrowed| narrowed.of == *name);
        service.shapes.retain(|name, _| reached.contains(name) || whole(name));
        always(&mut service, &self.sometimes)?;
        service
            .shapes
            .iter()
            .try_for_each(|(name, shape)| shape.fields.iter().try_for_each(|field| told(name, field)))?;
        Ok(service)
    }
}

/// Puts a structure that is not whole in place of the whole one.
fn narrow(service: &mut Service, name: &str, narrowed: &Narrowed) -> Result<(), String> {
    let Narrowed { of, stands_in, without, why } = narrowed;
    let mut shape = service.shapes.get(of).cloned().ok_or(format!("there is no structure `{of}`"))?;
    for member in without {
        let field = shape.fields.iter_mut().find(|field| field.name == *member);
        field.ok_or(format!("{of} has no member `{member}`"))?.unbuilt = Some(why.clone());
    }
    shape.narrows = Some(of.clone());
    service.shapes.insert(name.to_owned(), shape);
    for place in stands_in {
        let form = place_of(service, place).ok_or(format!("there is no `{place}`"))?;
        if form.structure() != Some(of) {
            return Err(format!("`{place}` holds no {of}"));
        }
        rename(form, of, name);
    }
    Ok(())
}

/// The form of the member that is written `Structure.Member`.
fn place_of<'s>(service: &'s mut Service, place: &str) -> Option<&'s mut Form> {
    let (structure, member) = place.split_once('.')?;
    let fields = &mut service.shapes.get_mut(structure)?.fields;
    fields.iter_mut().find(|field| field.name == member).map(|field| &mut field.form)
}

/// Marks the members that answers always have.
fn always(service: &mut Service, sometimes: &BTreeSet<String>) -> Result<(), String> {
    let mut idle: BTreeSet<&String> = sometimes.iter().collect();
    for name in service.answers() {
        for field in service.shapes.get_mut(&name).into_iter().flat_map(|shape| &mut shape.fields) {
            let (own, any) = (format!("{name}.{}", field.name), format!("*.{}", field.name));
            field.required = !sometimes.contains(&own) && !sometimes.contains(&any);
            field.default = None;
            idle.remove(&own);
            idle.remove(&any);
        }
    }
    match idle.is_empty() {
        true => Ok(()),
        false => Err(format!("members of no answer are said to be there sometimes: {idle:?}")),
    }
}

/// Whether a member is sensitive has to be said where its name or kind speaks for it.
fn told(name: &str, field: &Field) -> Result<(), String> {
    let telling = TELLING.iter().any(|part| field.name.contains(part)) || matches!(field.form, Form::Blob { .. });
    match telling && !field.sensitive && field.waived.is_none() && field.is_read() {
        true => Err(format!("{name}.{}: is it sensitive? The overlay does not say", field.name)),
        false => Ok(()),
    }
}

/// Gives structures that are the same one name; the members of all of them come together.
fn unite(service: &mut Service, same: &BTreeMap<String, String>) -> Result<(), String> {
    for (from, to) in same {
        let shape = service.shapes.remove(from).ok_or(format!("the model has no structure `{from}`"))?;
        let united = service.shapes.entry(to.clone()).or_default();
        for field in shape.fields {
            if !united.fields.iter().any(|known| known.name == field.name) {
                united.fields.push(field);
            }
        }
        united.fields.sort_by(|one, other| one.name.cmp(&other.name));
        for field in service.shapes.values_mut().flat_map(|shape| &mut shape.fields) {
            rename(&mut field.form, from, to);
        }
    }
    Ok(())
}

fn rename(form: &mut Form, from: &str, to: &str) {
    match form {
        Form::Structure(name) if name == from => to.clone_into(name),
        Form::List { of, .. } => rename(of, from, to),
        _ => {}
    }
}

fn say(field: &mut Field, said: &Said) -> Result<(), String> {
    let Said {
        unbuilt,
        ignored,
        refused,
        former,
        default,
        sensitive,
        open,
        required,
        kind,
        numbered,
        min,
        max,
        unlimited,
        free,
        pattern,
        one_of,
        listed,
    } = said.clone();
    if let Some(kind) = kind {
        field.form = form(&kind)?;
    }
    match &mut field.form {
        Form::List { numbered: form, .. } => *form = numbered,
        _ if numbered => return Err("it is no list".to_owned()),
        _ => {}
    }
    field.sensitive |= sensitive;
    field.required = required.unwrap_or(field.required);
    (field.waived, field.unbuilt, field.ignored) = (open, unbuilt, ignored);
    (field.refused, field.former, field.default) = (refused, former, default);
    limit(&mut field.form, min, max, unlimited)?;
    if let Form::Text { pattern: looks, one_of: known, listed: shown, .. } = &mut field.form {
        if free {
            *looks = None;
        }
        *looks = pattern.or(looks.take());
        if let Some(one_of) = one_of {
            *known = one_of;
        }
        *shown = listed.or(shown.take());
    } else if one_of.is_some() || listed.is_some() || pattern.is_some() || free {
        return Err("it is no text".to_owned());
    }
    Ok(())
}

fn limit(form: &mut Form, min: Option<i64>, max: Option<i64>, unlimited: bool) -> Result<(), String> {
    let length = |number: i64| u64::try_from(number).map_err(|_| "a length below zero".to_owned());
    match form {
        Form::Integer { min: least, max: most } => {
            if unlimited {
                (*least, *most) = (None, None);
            }
            (*least, *most) = (min.or(*least), max.or(*most));
        }
        Form::Text { min: least, max: most, .. }
        | Form::Blob { min: least, max: most }
        | Form::List { min: least, max: most, .. }
        | Form::Map { min: least, max: most } => {
            if unlimited {
                (*least, *most) = (None, None);
            }
            *least = min.map(length).transpose()?.or(*least);
            *most = max.map(length).transpose()?.or(*most);
        }
        Form::Flag | Form::Time | Form::Structure(_) if min.is_none() && max.is_none() => {}
        Form::Flag | Form::Time | Form::Structure(_) => return Err("it has no limits".to_owned()),
    }
    Ok(())
}

fn form(kind: &str) -> Result<Form, String> {
    let list = |of| Form::List { of: Box::new(of), min: None, max: None, joined: false, numbered: false };
    Ok(match kind {
        "text" => Form::text(),
        "blob" => Form::Blob { min: None, max: None },
        "flag" => Form::Flag,
        "integer" => Form::Integer { min: None, max: None },
        "time" => Form::Time,
        "texts" => list(Form::text()),
        "joined texts" => {
            Form::List { of: Box::new(Form::text()), min: None, max: None, joined: true, numbered: false }
        }
        "map" => Form::Map { min: None, max: None },
        other => match other.strip_prefix("list of ") {
            Some(name) => list(Form::Structure(name.to_owned())),
            None => return Err(format!("no kind `{other}`")),
        },
    })
}
